"""Files of cases: short stories about a protocol that a reviewer writes.

A file (`model/authorities/cases/NAME.yaml`, for the policy of that name) is read as strictly as a
policy, with the same shapes and the same kind of message; `cases.py` runs what is read here.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from typing import Any

from model.calendar import add_working_days, is_working_day, working_days_between
from model.calendar import words as day_words
from model.load import AUTHORITIES, shown
from model.shapes import (
    MAX_ITEMS,
    Context,
    Defs,
    Either,
    Field,
    Length,
    ListOf,
    Reading,
    Record,
    Shape,
    Word,
    Words,
    finish,
    found,
)
from model.yamltree import Fault, Items, Node, Position, Table, Text, read_file

CASES = AUTHORITIES / "cases"
LAST_DAY = 3660
NO_LIMIT = "no limit"


# --- what a case is -------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseStep:
    """One step: on which working day, which move; `by` and `to` tell moves of one name apart."""

    at: Position
    places: Mapping[str, Position] = field(repr=False)
    move: Word
    day: int = 0
    on: date | None = None
    by: Word | None = None
    to: Word | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """What is so, what is done, and what must come of it, in the words of the file.

    Either `ends_at` (states in which the dispute and its side tracks are in the end) is given,
    or `refused_at` (the number of the last step, which must be refused) with `because`.
    """

    at: Position
    places: Mapping[str, Position] = field(repr=False)
    case: Word
    source: Word
    steps: tuple[CaseStep, ...]
    ladder: Word | None = None
    raised_by: Word | None = None
    child: Word | None = None
    reading: Mapping[Word, Word] = field(default_factory=dict)
    facts: tuple[Word, ...] = ()
    numbers: Mapping[Word, Length | Word] = field(default_factory=dict)
    starts: date | None = None
    ends_at: tuple[Word, ...] = ()
    refused_at: int | None = None
    because: Word | None = None
    formal_days: int | None = None


# --- the shapes of a case -------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Whole(Shape):
    """A whole number in plain digits."""

    least: int
    most: int

    @property
    def wants(self) -> str:  # type: ignore[override]
        return f"a whole number from {self.least} to {self.most}"

    def read(self, node: Node, path: tuple[str, ...], into: Context) -> int | None:
        if isinstance(node, Text) and re.fullmatch(r"0|[1-9][0-9]{0,3}", node.value):
            number = int(node.value)
            if self.least <= number <= self.most:
                return number
        self.refuse(node, path, into)
        return None

    def schema(self, defs: Defs) -> Defs:
        number = {"type": "integer", "minimum": self.least, "maximum": self.most}
        return {"anyOf": [number, {"type": "string", "pattern": "^(0|[1-9][0-9]{0,3})$"}]}


@dataclass(frozen=True, slots=True)
class Day(Shape):
    """A day of the calendar, year first."""

    wants = "a date such as 2026-01-09"

    def read(self, node: Node, path: tuple[str, ...], into: Context) -> date | None:
        if not isinstance(node, Text) or not re.fullmatch(r"[0-9]{4}(-[0-9]{2}){2}", node.value):
            self.refuse(node, path, into)
            return None
        try:
            day = date.fromisoformat(node.value)
        except ValueError:
            into.fault(node.at, path, f"there is no day “{node.value}”", f"write {self.wants}")
            return None
        if not 2000 <= day.year <= 2099:
            wrong = f"“{node.value}” is outside the calendar"
            into.fault(node.at, path, wrong, "use a year from 2000 to 2099")
            return None
        return day

    def schema(self, defs: Defs) -> Defs:
        return {"type": "string", "pattern": "^20[0-9]{2}-[0-9]{2}-[0-9]{2}$"}


_WORKING_DAYS = re.compile(r"(0|[1-9][0-9]{0,3}) working days?")


def working_days(text: str, at: Position) -> Length | None:
    """A number of working days as a case writes it; None if it is none."""
    parts = _WORKING_DAYS.fullmatch(text)
    return None if parts is None else Length(int(parts[1]), "working days", at, text)


@dataclass(frozen=True, slots=True)
class WorkingDays(Shape):
    """A number that the text leaves open, as a case settles it: always in working days."""

    wants = "a length of time such as “5 working days”"

    def read(self, node: Node, path: tuple[str, ...], into: Context) -> Length | None:
        length = working_days(node.value, node.at) if isinstance(node, Text) else None
        if length is None:
            self.refuse(node, path, into)
        return length

    def schema(self, defs: Defs) -> Defs:
        return {"type": "string", "pattern": f"^{_WORKING_DAYS.pattern}$"}


@dataclass(frozen=True, slots=True)
class Named(Shape):
    """Names that the protocol or its graph has, each with a value; looked up when the case runs."""

    item: Shape

    @property
    def wants(self) -> str:  # type: ignore[override]
        return f"a table of names, and beside each of them {self.item.wants}"

    def read(self, node: Node, path: tuple[str, ...], into: Context) -> dict[Word, Any] | None:
        if not isinstance(node, Table) or not node.entries:
            self.refuse(node, path, into)
            return None
        into.wants = ""
        result: dict[Word, Any] = {}
        for key, value in node.entries:
            read = self.item.read(value, (*path, key.value), into)
            if read is not None:
                result[Word(key.value, key.at)] = read
        return result

    def schema(self, defs: Defs) -> Defs:
        item = self.item.schema(defs)
        return {"type": "object", "minProperties": 1, "additionalProperties": item}


NAME = Words(200)
STEP = Record(
    CaseStep,
    {
        "day": Field(Whole(0, LAST_DAY), "the working day of the step; day 0 is the first"),
        "on": Field(Day(), "the date of the step, in place of “day”; the case then has “starts”"),
        "move": Field(NAME, "the name of the move", required=True),
        "by": Field(NAME, "who makes it, if moves of this name have different people"),
        "to": Field(NAME, "the state it leads to, if moves of this name lead to different ones"),
    },
    "a step",
    cited=False,
)
CASE = Record(
    Case,
    {
        "case": Field(Words(), "what happens, in a sentence of your own", required=True),
        "source": Field(Words(), "the paragraph that decides it", required=True),
        "ladder": Field(NAME, "which ladder of the protocol; the first, if left out"),
        "raised by": Field(NAME, "who raises it; whoever is named first, if left out"),
        "child": Field(NAME, "for what kind of child"),
        "reading": Field(
            Named(NAME),
            "for a question or a silence of the protocol the answer; else the plain one",
        ),
        "facts": Field(ListOf(NAME), "the facts that are so; all others are not"),
        "numbers": Field(
            Named(Either({NO_LIMIT: "it may take any time"}, WorkingDays())),
            "for a number that the text leaves open how much it is; else there is no limit",
        ),
        "starts": Field(Day(), "the date of day 0, if steps give dates"),
        "steps": Field(ListOf(STEP, alone=False), "what is done, in order", required=True),
        "ends at": Field(ListOf(NAME), "the state in which it is after the last step"),
        "refused at": Field(Whole(1, MAX_ITEMS), "the number of the last step, if it cannot be"),
        "because": Field(Words(), "words that the reason for the refusal has in it"),
        "formal days": Field(Whole(0, LAST_DAY), "working days of formal time until the last step"),
    },
    "a case",
    cited=False,
)


def cases_schema() -> dict[str, Any]:
    """The schema of a file of cases, in the terms of JSON Schema 2020-12."""
    defs: Defs = {}
    item = CASE.schema(defs)
    case, step = defs["case"], defs["step"]
    case["oneOf"] = [
        {"required": ["ends at"], "properties": {"refused at": False, "because": False}},
        {"required": ["refused at", "because"], "properties": {"formal days": False}},
    ]
    step["oneOf"] = [{"required": ["day"]}, {"required": ["on"]}]
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": "urn:drp-ladders:cases",
        "title": "Cases: what must come of a dispute under a protocol",
        "description": "The keys are explained in model/authorities/cases/README.md.",
        "type": "array",
        "minItems": 1,
        "maxItems": MAX_ITEMS,
        "items": item,
        "$defs": {name: defs[name] for name in sorted(defs)},
    }


# --- reading --------------------------------------------------------------------------------


def case_files() -> list[Path]:
    """The files of cases in the repository, in the order of their names."""
    return sorted(CASES.glob("*.yaml"))


def load_cases(path: str | Path) -> tuple[Case, ...]:
    """Read a file of cases.

    Raises `PolicyError` with everything that is wrong with the file itself. Whether the protocol
    has the names that are used shows when a case runs.
    """
    path = Path(path)
    faults: list[Fault] = []
    node, _ = read_file(path, shown(path), faults)
    context = Context(faults)
    nodes = node.values if isinstance(node, Items) else ()
    if not nodes:
        context.fault(node.at, (), found(node), "write a list of cases, each begun with “- case:”")
    elif len(nodes) > MAX_ITEMS:
        wrong = f"there are {len(nodes)} cases"
        context.fault(node.at, (), wrong, f"keep at most {MAX_ITEMS} in a file")
        nodes = ()
    read = [CASE.read(n, (_title(n, i),), context) for i, n in enumerate(nodes, 1)]
    for reading in context.readings:
        if reading.kind is CaseStep:
            _check_step(reading, context)
        elif reading.kind is Case:
            _check_case(reading, context)
    whole = [case for case in read if case is not None]
    _refuse_twice(whole, context)
    dated = [_dated(case, context) for case in whole]
    finish(context)
    return tuple(dated)


def _title(node: Node, number: int) -> str:
    """What messages call a case: its sentence, or its number while it has none."""
    sentence = node.get("case") if isinstance(node, Table) else None
    plain = isinstance(sentence, Text) and sentence.value
    return plain or f"case {number}"


def _check_step(reading: Reading, context: Context) -> None:
    if {"day", "on"} <= reading.places.keys():
        right = "keep one of the two"
        context.fault(reading.at, reading.path, "both “day” and “on” are given", right)
    elif not {"day", "on"} & reading.places.keys():
        right = "add “day:” with a working day, or “on:” with a date"
        context.fault(reading.at, reading.path, "it is not said when this is", right)


def _check_case(reading: Reading, context: Context) -> None:
    """Which keys belong together."""
    given, path = reading.places, reading.path
    if not {"ends at", "refused at"} & given.keys():
        right = "add “ends at:” with a state, or “refused at:” with the number of the last step"
        context.fault(reading.at, path, "it is not said what must come of it", right)
    if {"ends at", "refused at"} <= given.keys():
        wrong = "both “ends at” and “refused at” are given"
        context.fault(given["refused at"], path, wrong, "keep one of the two")
        return
    if "refused at" in given and "because" not in given:
        right = "add “because:” with words of the reason"
        context.fault(given["refused at"], path, "“because” is missing", right)
    for key, other in (("because", "ends at"), ("formal days", "refused at")):
        if {key, other} <= given.keys():
            wrong = f"“{key}” does not go with “{other}”"
            context.fault(given[key], (*path, key), wrong, "take it out")


def _refuse_twice(cases: Iterable[Case], context: Context) -> None:
    seen: dict[str, Word] = {}
    for case in cases:
        first = seen.setdefault(str(case.case), case.case)
        if first is not case.case:
            wrong = f"this case stands here again (first on line {first.at.line})"
            right = "keep one of the two, or say how they differ"
            context.fault(case.case.at, (case.case,), wrong, right)


def _dated(case: Case, context: Context) -> Case:
    """The case with the working day of every step, once its days are seen to make sense."""
    steps: list[CaseStep] = []
    for number, step in enumerate(case.steps, 1):
        day = step.day if step.on is None else _working_day(case, number, step, context)
        if day is None or not {"day", "on"} & step.places.keys():
            day = steps[-1].day if steps else 0
        elif steps and day < steps[-1].day:
            wrong = f"day {day} comes after day {steps[-1].day}"
            right = "put the steps in the order of their days"
            context.fault(_place_of_day(step), step_path(case, number), wrong, right)
        steps.append(replace(step, day=day))
    if case.refused_at is not None and case.refused_at != len(steps):
        at, path = case.places["refused at"], (case.case, "refused at")
        if case.refused_at > len(steps):
            wrong = f"there {'is' if len(steps) == 1 else 'are'} {_steps(len(steps))} only"
            context.fault(at, path, wrong, "give the number of the last step")
        else:
            wrong = f"after step {case.refused_at} nothing can follow, if it is refused"
            context.fault(at, path, wrong, "take the later steps out")
    return replace(case, steps=tuple(steps))


def _working_day(case: Case, number: int, step: CaseStep, context: Context) -> int | None:
    assert step.on is not None
    at, path = _place_of_day(step), step_path(case, number, "on")
    if case.starts is None:
        right = "add “starts:” to the case, or write “day:”"
        context.fault(at, path, "no date is given for day 0", right)
    elif step.on < case.starts:
        wrong = f"{day_words(step.on)} is before {day_words(case.starts)}, when the case starts"
        context.fault(at, path, wrong, "use a later date, or let the case start earlier")
    elif step.on != case.starts and not is_working_day(step.on):
        following = add_working_days(step.on, 1)
        right = f"use a working day, such as {following.isoformat()}"
        context.fault(at, path, f"{day_words(step.on)} is no working day", right)
    else:
        return working_days_between(case.starts, step.on)
    return None


def _place_of_day(step: CaseStep) -> Position:
    return step.places["on"] if step.on is not None else step.places.get("day", step.at)


def step_path(case: Case, number: int, *more: str) -> tuple[str, ...]:
    """The way to a step, or to something in it; a step that is alone has no number."""
    several = (f"[{number}]",) if len(case.steps) > 1 else ()
    return (case.case, "steps", *several, *more)


def _steps(count: int) -> str:
    return f"{count} step{'' if count == 1 else 's'}"
