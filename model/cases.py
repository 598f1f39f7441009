"""Cases: short stories about a protocol that a reviewer writes and the state graph has to confirm.

A file of cases (`model/authorities/cases/NAME.yaml`, beside the policy of that name) is read as
strictly as a policy. `run_case` follows the steps of one case with `replay`, so a case means what
the graph means, and says with its place what does not come out as expected.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from typing import Any

from model.calendar import add_working_days, is_working_day, working_days_between
from model.calendar import words as day_words
from model.expand import expand
from model.graph import Move, StateGraph
from model.load import AUTHORITIES, shown
from model.protocol import Protocol
from model.replay import Run, Step, replay, world_of
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
    closest,
    finish,
    found,
    nearest,
)
from model.terms import Symbol, Term, Value, World, evaluator
from model.yamltree import (
    Fault,
    Items,
    Node,
    PolicyError,
    Position,
    Table,
    Text,
    excerpt,
    read_file,
    where,
)

CASES = AUTHORITIES / "cases"
LAST_DAY = 3660
NO_LIMIT = "no limit"
LISTED = 12  # names that a message lists at most


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


@dataclass(frozen=True, slots=True)
class Result:
    """Whether a case came out as expected; if not, `message` has a line for each thing wrong."""

    passed: bool
    message: str = ""


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


@dataclass(frozen=True, slots=True)
class WorkingDays(Shape):
    """A number that the text leaves open, as a case settles it: always in working days."""

    wants = "a length of time such as “5 working days”"

    def read(self, node: Node, path: tuple[str, ...], into: Context) -> Length | None:
        parts = _WORKING_DAYS.fullmatch(node.value) if isinstance(node, Text) else None
        if not isinstance(node, Text) or parts is None:
            self.refuse(node, path, into)
            return None
        return Length(int(parts[1]), "working days", node.at, node.value)

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
        {"required": ["ends at"]},
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
    if "refused at" in given and "because" not in given:
        right = "add “because:” with words of the reason"
        context.fault(given["refused at"], path, "“because” is missing", right)
    for key in ("because", "formal days"):
        if key in given and ("refused at" in given) is (key == "formal days"):
            if key == "because" and "ends at" not in given:
                continue  # the fault above says what to add
            wrong = f"“{key}” does not go with “{'ends at' if key == 'because' else 'refused at'}”"
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
        if day is None:
            day = steps[-1].day if steps else 0
        elif steps and day < steps[-1].day:
            wrong = f"day {day} comes after day {steps[-1].day}"
            right = "put the steps in the order of their days"
            context.fault(_place_of_day(step), _step_path(case, number), wrong, right)
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
    at, path = _place_of_day(step), _step_path(case, number, "on")
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


def _step_path(case: Case, number: int, *more: str) -> tuple[str, ...]:
    several = (f"[{number}]",) if len(case.steps) > 1 else ()
    return (case.case, "steps", *several, *more)


def _steps(count: int) -> str:
    return f"{count} step{'' if count == 1 else 's'}"


# --- running --------------------------------------------------------------------------------


def run_case(protocol: Protocol, case: Case) -> Result:
    """Whether what the case expects comes out. Never raises for a case that was read."""
    try:
        faults = list(_faults(_setting(protocol, case)))
    except PolicyError as error:
        faults = list(error.faults)
    return Result(not faults, "\n".join(str(f) for f in sorted(faults)))


@dataclass(frozen=True, slots=True)
class _Setting:
    """A case in its graph, and the world that it describes."""

    graph: StateGraph
    case: Case
    world: World
    of: Callable[[Term], Any]


@dataclass(frozen=True, slots=True)
class _Stop:
    """Why a step cannot be made, and what can; `refused` is false if no move can be meant by it."""

    why: str
    right: str
    refused: bool = True


def _faults(setting: _Setting) -> Iterator[Fault]:
    """What does not come out as the case expects."""
    case = setting.case
    trace: list[Step] = []
    for number, step in enumerate(case.steps, 1):
        made = _make(setting, trace, step)
        if isinstance(made, Move):
            trace.append(Step(step.day, made))
            continue
        if not made.refused or number != case.refused_at:
            yield Fault(step.move.at, where(_step_path(case, number)), made.why, made.right)
        elif case.because is not None and case.because not in made.why:
            wrong = f"step {number} is refused for another reason ({made.why})"
            right = "take words of this reason, if it is right"
            yield Fault(case.because.at, where((case.case, "because")), wrong, right)
        return
    yield from _outcome(setting, replay(setting.graph, trace, setting.world))


def _outcome(setting: _Setting, run: Run) -> Iterator[Fault]:
    """What the end of a run has against the expectation."""
    case = setting.case
    if case.refused_at is not None:
        wrong = f"step {case.refused_at} can be made, and then it is at “{run.state}”"
        right = f"expect “ends at: {run.state}”, or say what else is so"
        yield Fault(case.places["refused at"], where((case.case, "refused at")), wrong, right)
    there = [token.state for token in run.tokens.values()]
    for state in case.ends_at:
        if state not in there:
            track = setting.graph.states[state].track
            wrong = f"it ends at “{run.tokens[track].state}” and not at “{state}”"
            right = "check the steps, or expect the other state"
            yield Fault(state.at, where((case.case, "ends at")), wrong, right)
    if case.formal_days is not None and case.formal_days != run.formal:
        wrong = f"the formal time is {run.formal} working days and not {case.formal_days}"
        right = "check the days of the steps, or expect the other number"
        yield Fault(case.places["formal days"], where((case.case, "formal days")), wrong, right)


def _make(setting: _Setting, trace: Sequence[Step], step: CaseStep) -> Move | _Stop:
    """The move that a step means, or why there is none that can be made."""
    graph, world = setting.graph, setting.world
    before = replay(graph, trace, world)
    leaving = [m for t in before.tokens.values() for m in graph.leaving[t.state]]
    known = any(m.name == step.move for m in graph.moves)
    later = replay(graph, trace, world, until=step.day)
    if known and later.refused is not None:
        return _Stop(later.why, _open_words(setting, trace, step, before))
    named = [m for m in leaving if m.name == step.move]
    if not named:
        wrong = f"“{excerpt(step.move)}” is no move from “{before.state}”"
        return _Stop(wrong, _open_words(setting, trace, step, before), refused=known)
    meant = [m for m in named if step.to in (None, m.target, m.also)]
    if not meant:
        wrong = f"“{step.move}” does not lead from “{named[0].source}” to “{step.to}”"
        return _Stop(wrong, f"it leads to {_ends(named)}")
    mine = [m for m in meant if step.by is None or step.by in _actors(setting, m, before)]
    if not mine:
        wrong = f"“{step.move}” is not for {step.by} to do at “{before.state}”"
        names = dict.fromkeys(n for m in meant for n in _actors(setting, m, before)[:-1])
        return _Stop(wrong, f"it is for {', '.join(names)}")
    runs = [(m, replay(graph, [*trace, Step(step.day, m)], world)) for m in mine]
    made = [(m, run.tokens) for m, run in runs if run.refused is None]
    if not made:
        reasons = [run.why for _, run in runs]
        telling = [why for why in reasons if not why.endswith("in this reading or case")]
        why = (telling or reasons)[0]
        return _Stop(why, _open_words(setting, trace, step, before))
    if any(tokens != made[0][1] for _, tokens in made):
        wrong = f"several moves that can be made are named “{step.move}”"
        ends = _ends(m for m, _ in made)
        return _Stop(wrong, f"say which is meant with “to:” and one of {ends}", refused=False)
    return made[0][0]


def _ends(moves: Iterable[Move]) -> str:
    return _quoted(dict.fromkeys(move.target for move in moves))


def _actors(setting: _Setting, move: Move, run: Run) -> tuple[str, ...]:
    """The names by which a case may call whoever makes a move; the last is the graph's own word."""
    graph = setting.graph
    if move.actor == "raiser" or move.actor in graph.raisers:
        return (str(setting.world[graph.raiser]), "raiser")
    source = graph.states[move.source]
    rung = source.rung or graph.states[run.state].rung
    if rung is None or source.kind == "gate":
        return (move.actor, move.actor)
    officers = [(when, [_officer(n) for n in names]) for when, names in graph.officers[rung]]
    if move.actor != "answerer" and not any(move.actor in names for _, names in officers):
        return (move.actor, move.actor)
    here = [name for when, names in officers if setting.of(when) for name in names]
    substitute = graph.ladder.rungs[rung].substitute
    return (*here, *([] if substitute is None else [str(substitute)]), "answerer")


def _officer(name: str) -> str:
    return f"{name} officer" if name in ("unknown", "unstated") else name


def _open_words(setting: _Setting, trace: Sequence[Step], step: CaseStep, before: Run) -> str:
    """The moves that can be made instead, and the one that the writer may have meant."""
    graph, world = setting.graph, setting.world
    last, high = before.day, step.day
    while last < high:  # look for the last day until which time can pass
        middle = (last + high + 1) // 2
        if replay(graph, trace, world, until=middle).refused is None:
            last = middle
        else:
            high = middle - 1
    leaving = [m for t in before.tokens.values() for m in graph.leaving[t.state]]
    can = [m for m in leaving if replay(graph, [*trace, Step(last, m)], world).refused is None]
    names = dict.fromkeys(m.name for m in can if m.name != step.move)
    if not names:
        return f"on day {last} nothing else can be done"
    close = closest(step.move, names)
    meant = "" if close is None else f"did you mean “{close}”? "
    verb = "is" if len(names) == 1 else "are"
    return f"{meant}{'On' if meant else 'on'} day {last} {_quoted(names)} {verb} open"


def _quoted(names: Iterable[str]) -> str:
    listed = list(names)
    ending = " …" if len(listed) > LISTED else ""
    return ", ".join(f"“{name}”" for name in listed[:LISTED]) + ending


# --- the names of a case --------------------------------------------------------------------


def _setting(protocol: Protocol, case: Case) -> _Setting:
    """The case in its graph; raises PolicyError for names that are not there."""
    faults: list[Fault] = []
    ladder = case.ladder
    if ladder is not None and _is_missing(ladder, "ladder", protocol.ladders, case, faults):
        raise PolicyError(faults)
    graph = expand(protocol, None if ladder is None else str(ladder))
    given = {**_answers(graph, case, faults), **_numbers(graph, case, faults)}
    pair: dict[Symbol, Value] = {}
    if case.raised_by is not None:
        _is_missing(case.raised_by, "raiser", graph.raiser.values, case, faults, "raised by")
        pair[graph.raiser] = str(case.raised_by)
    if case.child is not None:
        _is_missing(case.child, "kind of child", graph.child.values, case, faults, "child")
        pair[graph.child] = str(case.child)
    actors = sorted({"raiser", "answerer", *protocol.people, *(m.actor for m in graph.moves)})
    for number, step in enumerate(case.steps, 1):
        path = _step_path(case, number)[1:]
        if step.by is not None:
            _is_missing(step.by, "person", actors, case, faults, *path, "by")
        if step.to is not None:
            _is_missing(step.to, "state", graph.states, case, faults, *path, "to")
    for state in case.ends_at:
        _is_missing(state, "state", graph.states, case, faults, "ends at")
    if faults:
        raise PolicyError(faults)
    try:
        world = world_of(graph, {**given, **pair})
    except ValueError:  # the graph itself says at the first step that they may not
        world = {**world_of(graph, given), **pair}
    return _Setting(graph, case, world, evaluator(world))


def _is_missing(
    word: Word, what: str, known: Iterable[str], case: Case, faults: list[Fault], *path: str
) -> bool:
    """Whether a name is not among those known; if so, that is noted."""
    names = list(known)
    if word in names:
        return False
    there = where((case.case, *(path or (what,))))
    wrong = f"there is no {what} “{excerpt(word)}”"
    faults.append(Fault(word.at, there, wrong, nearest(word, names)))
    return True


def _answers(graph: StateGraph, case: Case, faults: list[Fault]) -> dict[Symbol, Value]:
    """The questions and silences that the case answers, and the facts that are so in it."""
    given: dict[Symbol, Value] = {}
    open_ = [s for s in graph.symbols if s.kind in ("question", "silence")]
    for name, answer in case.reading.items():
        named = [s for s in open_ if s.name == name]
        if _is_missing(name, "question", [s.name for s in open_], case, faults, "reading"):
            continue
        if not _is_missing(answer, "answer", named[0].values, case, faults, "reading", name):
            given |= dict.fromkeys(named, str(answer))
    facts = {s.name: s for s in graph.symbols if s.kind == "fact"}
    for fact in case.facts:
        if not _is_missing(fact, "fact", facts, case, faults, "facts"):
            given[facts[fact]] = True
    return given


def _numbers(graph: StateGraph, case: Case, faults: list[Fault]) -> dict[Symbol, Value]:
    """The numbers that the case settles; what the text counts in other days lies in a range."""
    given: dict[Symbol, Value] = {}
    open_ = [s for s in graph.symbols if s.kind in ("number", "calendar")]
    for name, length in case.numbers.items():
        if _is_missing(name, "open number", [s.name for s in open_], case, faults, "numbers"):
            continue
        amount = length.amount if isinstance(length, Length) else None
        named = [s for s in open_ if s.name == name]
        fitting = [s for s in named if s.kind == "number" or _in_range(s, amount)]
        if not fitting:
            said = length.text if isinstance(length, Length) else NO_LIMIT
            right = f"give from {named[0].low} to {named[0].high} working days"
            there = where((case.case, "numbers", name))
            faults.append(Fault(length.at, there, f"“{said}” cannot be on any date", right))
        given |= dict.fromkeys(fitting, amount)
    return given


def _in_range(symbol: Symbol, amount: int | None) -> bool:
    return amount is not None and symbol.high is not None and symbol.low <= amount <= symbol.high
