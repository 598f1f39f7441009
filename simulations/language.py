"""The language of workload files: every key, its shape and what it is for.

The data dictionary for people is `workloads/README.md`; a test holds it to this file. Numbers are
the shapes of `amounts.py`; what is read becomes the frozen values of `workload.py` in
`reading.py`.
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Mapping
from typing import Any

from model.shapes import (
    CITATION,
    Context,
    Defs,
    Either,
    Field,
    ListOf,
    MapOf,
    Record,
    Shape,
    Word,
    Words,
)
from model.shapes import OneOf as Choice
from model.yamltree import Node, Text
from simulations.amounts import Amount, Part
from simulations.times import Times
from simulations.workload import ANY, DISCIPLINES, INFORMAL, TOP

STEPS = {
    "start": "before the dispute begins",
    "entry": "before it begins at a certain rung",
    "escalate": "before it goes up",
    "skip": "before rungs are passed over",
    "extension": "before more time is given",
    "refer": "before a referral outside",
    "advice": "before legal advice is taken",
    "hand-over": "before somebody takes it over",
    ANY: "any step that is not named elsewhere",
}
LABEL = Words(80)  # a name of the policy file, or one that only this file uses
_CHANCE = Amount("chance")


class _Date(Shape):
    """A date such as 2026-01-06."""

    wants = "a date such as “2026-01-06”"

    def read(self, node: Node, path: tuple[str, ...], into: Context) -> datetime.date | None:
        if not isinstance(node, Text) or not re.fullmatch(r"\d{4}-\d\d?-\d\d?", node.value):
            self.refuse(node, path, into)
            return None
        try:
            day = datetime.date(*map(int, node.value.split("-")))
        except ValueError:
            wrong = f"there is no day “{node.value}”"
            into.fault(node.at, path, wrong, "write year, month and day, such as “2026-01-06”")
            return None
        if not 2000 <= day.year <= 2090:
            wrong = f"no working days are known for {day.year}"
            into.fault(node.at, path, wrong, "write a day from 2000 to 2090")
            return None
        return day

    def schema(self, defs: Defs) -> Defs:
        return {"type": "string", "pattern": r"^\d{4}-\d\d?-\d\d?$"}


class _Urgency(Shape):
    """A whole number from 0, the least grave, to 9."""

    wants = "a whole number from 0 (the least grave) to 9"

    def read(self, node: Node, path: tuple[str, ...], into: Context) -> int | None:
        if not isinstance(node, Text) or not re.fullmatch("[0-9]", node.value):
            self.refuse(node, path, into)
            return None
        return int(node.value)

    def schema(self, defs: Defs) -> Defs:
        return {"anyOf": [{"type": "integer", "minimum": 0, "maximum": 9},
                          {"type": "string", "pattern": "^[0-9]$"}]}  # fmt: skip


class Amounts(Shape):
    """A table from names of the policy file, or `any other`, to amounts."""

    def __init__(self, unit: str, about: str) -> None:
        self.item = Amount(unit)
        self.wants = f"a table from {about} to {self.item.wants}"

    def read(self, node: Node, path: tuple[str, ...], into: Context) -> Any:
        if isinstance(node, Text) and node.value:  # one for all
            into.wants = self.wants
            self.refuse(node, path, into)
            into.wants = ""
            return None
        return MapOf(self.item, LABEL).read(node, path, into)

    def schema(self, defs: Defs) -> Defs:
        return MapOf(self.item, LABEL).schema(defs)


def _table(fields: Mapping[str, Field], noun: str) -> Record:
    return Record(Part, {**fields, **CITATION}, noun, cited=False)


_NAMES = ListOf(Words(80))
_SEVERITY = Field(_NAMES, f"for which severities (default: “{ANY}”)")

CHILDREN = _table(
    {
        "stock": Field(Amount("children"), "how many there are at the start", True),
        "entries": Field(Amount("a year"), "how many come in a year (default: none)"),
        "exits": Field(Amount("a year"), "how many leave in a year (default: none)"),
    },
    "children of one kind",
)
SEVERITY = _table(
    {
        "urgency": Field(_Urgency(), "0 for the least grave, up to 9; who is served first", True),
        "facts": Field(
            Amounts("chance", "facts of the policy file"),
            "the chance that each fact of the case is so (default: none is)",
        ),
    },
    "a severity",
)
DISPUTES = _table(
    {
        "rate": Field(Amount("per child-year"), "how many are raised", True),
        "severity": Field(Words(80), "how grave they are", True),
        "theme": Field(Words(80), "what they are about (default: their name)"),
        "child": Field(Words(80), f"about which kind of child (default: “{ANY}”)"),
        "raiser": Field(Words(80), f"who raises them (default: “{ANY}”)"),
        "ladder": Field(Words(80), "in which ladder (default: the first)"),
    },
    "disputes of one kind",
)
POST = _table(
    {
        "holds": Field(_NAMES, f"the people of the policy file whose part it is, or “{ANY}”", True),
        "number": Field(Amount("people", positive=True), "how many people there are", True),
        "hours": Field(Amount("hours a week", positive=True), "the hours of each of them", True),
        "duties": Field(Amount("hours a week"), "hours that other duties take (default: none)"),
        "per child": Field(
            Amount("hours per child-year"),
            "hours that each child takes, shared by all of them (default: none)",
        ),
        "leave": Field(Amount("days a year"), "days away in a year (default: none)"),
        "spell": Field(Amount("working days", positive=True), "days away at a time (default: 5)"),
        "vacancy": Field(_CHANCE, "the share of the time that a post is vacant (default: never)"),
        "filling": Field(
            Amount("working days", positive=True), "how long filling it takes (default: 60)"
        ),
        "discipline": Field(Choice(DISCIPLINES), "who is served first (default: first come)"),
    },
    "a post",
)
RESPONSE = _table(
    {
        "rung": Field(_NAMES, f"at which rungs, “{TOP}”, “{INFORMAL}” (default: “{ANY}”)"),
        "severity": _SEVERITY,
        "delay": Field(Times(), "how long it lies before it is taken up (default: not at all)"),
        "work": Field(Times(), "how much work an answer is (default: none)"),
        "late": Field(_CHANCE, "the chance that it lies beyond its time (default: never)"),
        "late by": Field(Times(), "and for how long (default: not at all)"),
        "silent": Field(_CHANCE, "the chance that no answer ever comes (default: never)"),
        "satisfied": Field(_CHANCE, "the chance that the answer satisfies (default: always)"),
        "partly": Field(_CHANCE, "the chance that it satisfies in part (default: never)"),
        "extension": Field(_CHANCE, "the chance that more time is asked for (default: never)"),
        "divided": Field(
            _CHANCE, "the chance that those who answer together disagree (default: never)"
        ),
    },
    "responses",
)
CONDUCT = _table(
    {
        "raiser": Field(_NAMES, f"of which raisers (default: “{ANY}”)"),
        "severity": _SEVERITY,
        "delay": Field(Times(), "how long each step lies with the raiser (default: not at all)"),
        "work": Field(Times(), "how much work a step is (default: none)"),
        "preparing": Field(Times(), "how much work raising it is (default: none)"),
        "patience": Field(
            Times(), "how long a late answer is still waited for (default: not at all)"
        ),
        "waits": Field(Times(), "how long where no time is stated (default: 20 working days)"),
        "gives up": Field(_CHANCE, "the chance of giving up, at each step (default: never)"),
        "refers": Field(
            _CHANCE,
            "the chance of a referral after an answer that does not satisfy (default: never)",
        ),
        "refers at the end": Field(
            _CHANCE, "the chance of a referral when the top has failed (default: never)"
        ),
        "asks": Field(
            _CHANCE, "the chance that leave is asked for where it is needed (default: always)"
        ),
        "skips": Field(_CHANCE, "the chance that a rung is passed over (default: never)"),
        "first": Field(
            Amounts("weight", "rungs"), "the weight of each rung to begin at (default: the lowest)"
        ),
        "grants": Field(_CHANCE, "the chance that more time is granted (default: always)"),
        "advised": Field(_CHANCE, "the chance that legal advice is taken (default: never)"),
        "hands over": Field(_CHANCE, "the chance that it is handed over (default: never)"),
        "brings back": Field(
            _CHANCE, "the chance that a broken agreement is brought back (default: always)"
        ),
    },
    "the conduct of raisers",
)
APPROVAL = _table(
    {
        "who": Field(_NAMES, f"who is asked (default: “{ANY}”)"),
        "step": Field(ListOf(Choice(STEPS)), f"before which steps (default: “{ANY}”)"),
        "delay": Field(Times(), "how long it lies with them (default: not at all)"),
        "work": Field(Times(), "how much work it is (default: none)"),
        "refuses": Field(_CHANCE, "the chance of a refusal (default: never)"),
        "silent": Field(_CHANCE, "the chance that they never answer (default: never)"),
    },
    "approvals",
)
OUTCOME = _table(
    {
        "severity": _SEVERITY,
        "kept": Field(_CHANCE, "the chance that what was agreed is done (default: always)"),
        "carrying out": Field(
            Times(), "how long until it is done, or seen not to be (default: not at all)"
        ),
        "receipt": Field(
            Times(), "how long until the event that starts a clock comes (default: not at all)"
        ),
        "handed over": Field(Times(), "how long it stays with who took it over (default: no time)"),
        "outside": Field(Times(), "how long a referral suspends the ladder (default: no time)"),
    },
    "outcomes",
)
BACKLOG = _table(
    {
        "number": Field(Amount("disputes"), "how many are open at the start", True),
        "spread": Field(
            Amount("working days", positive=True), "over how many first days they come (default: 1)"
        ),
    },
    "a backlog",
)
AUTHORITY = _table(
    {
        "protocol": Field(Words(80), "the policy file it is for (default: any)"),
        "children": Field(MapOf(CHILDREN, LABEL), "the children, by their kinds", True),
        "severities": Field(MapOf(SEVERITY, LABEL), "how grave disputes can be", True),
        "disputes": Field(MapOf(DISPUTES, LABEL), "what is disputed, and how often", True),
        "posts": Field(MapOf(POST, LABEL), "who does the work", True),
        "responses": Field(MapOf(RESPONSE, LABEL), "how officers answer", True),
        "conduct": Field(MapOf(CONDUCT, LABEL), "what raisers do", True),
        "approvals": Field(MapOf(APPROVAL, LABEL), "how those answer who are asked for leave"),
        "outcomes": Field(MapOf(OUTCOME, LABEL), "what becomes of what was agreed"),
        "backlog": Field(BACKLOG, "disputes that are open at the start"),
    },
    "an authority",
)
WORKLOAD = Record(
    Part,
    {
        "title": Field(Words(200), "what it is, in a line", True),
        "start": Field(_Date(), "the first day of the run", True),
        "horizon": Field(Amount("working days", positive=True), "how long the run is", True),
        "warm up": Field(
            Either({"by rule": "found by the rule MSER-5"}, Amount("working days")),
            "the time at its beginning that is not counted (default: by rule)",
        ),
        "readings": Field(
            MapOf(Words(80), LABEL),
            "answers to questions of the policy file (default: the plain ones)",
        ),
        "authorities": Field(MapOf(AUTHORITY, LABEL), "the authorities, each with its name", True),
    },
    "a workload",
    cited=False,
)

__all__ = ["WORKLOAD", "Word"]
