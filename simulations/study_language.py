"""The language of study files: every key, its shape and what it is for.

The data dictionary for people is `studies/README.md`; a test holds it to this file. What is read
becomes the frozen values of `study.py` in `study_reading.py`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from model.shapes import Context, Defs, Either, Field, ListOf, MapOf, Record, Shape, Words, document
from model.shapes import OneOf as Choice
from model.yamltree import Node, Position, Text, excerpt
from simulations.amounts import Part

SHOWN = "shown"
RELATIVE = "% of the mean"
_NUMBER = r"[0-9]+(?:\.[0-9]+)?|\.[0-9]+"


@dataclass(frozen=True, slots=True)
class Width:
    """A half-width as it stands in a file, with its unit."""

    value: float
    unit: str
    text: str
    at: Position


class HalfWidth(Shape):
    """How far the interval may reach on each side, in the unit of the measure."""

    wants = (
        "how far the interval may reach on each side, such as “2 %”, “0.5 working days” or "
        "“5 % of the mean”"
    )

    def read(self, node: Node, path: tuple[str, ...], into: Context) -> Width | None:
        if not isinstance(node, Text) or not node.value:
            self.refuse(node, path, into)
            return None
        parts = re.fullmatch(rf"({_NUMBER}) ?(.*)", node.value)
        if parts is None:
            wrong, right = f"“{excerpt(node.value)}” does not fit here", f"write {self.wants}"
            if node.value.startswith("-"):
                wrong, right = f"“{excerpt(node.value)}” is less than nothing", "write more than 0"
            into.fault(node.at, path, wrong, right)
            return None
        if float(parts[1]) == 0:
            wrong = "no number of replications makes an interval without width"
            into.fault(node.at, path, wrong, f"write more than 0, or “{SHOWN}”")
            return None
        return Width(float(parts[1]), parts[2], node.value, node.at)

    def schema(self, defs: Defs) -> Defs:
        return {"anyOf": [{"type": "number", "exclusiveMinimum": 0},
                          {"type": "string", "pattern": rf"^({_NUMBER})"}]}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Whole(Shape):
    """A whole number in digits."""

    low: int
    high: int

    @property
    def wants(self) -> str:  # type: ignore[override]
        return f"a whole number from {self.low} to {self.high}"

    def read(self, node: Node, path: tuple[str, ...], into: Context) -> int | None:
        if not isinstance(node, Text) or not re.fullmatch("0|[1-9][0-9]{0,11}", node.value):
            self.refuse(node, path, into)
            return None
        number = int(node.value)
        if not self.low <= number <= self.high:
            wrong = f"“{node.value}” is {'too small' if number < self.low else 'too large'}"
            into.fault(node.at, path, wrong, f"write {self.wants}")
            return None
        return number

    def schema(self, defs: Defs) -> Defs:
        return {"anyOf": [{"type": "integer", "minimum": self.low, "maximum": self.high},
                          {"type": "string", "pattern": "^(0|[1-9][0-9]{0,11})$"}]}  # fmt: skip


def _table(fields: Mapping[str, Field], noun: str) -> Record:
    return Record(Part, fields, noun, cited=False)


LABEL = Words(80)
_FILE = Words(1000)
_PATH = Words(200)  # of a number of a workload, such as `posts › team managers › vacancy`
REPLICATIONS = _table(
    {
        "at least": Field(Whole(2, 100_000), "how many are run in any case (default: 10)"),
        "at most": Field(Whole(2, 100_000), "how many are run and no more (default: 100)"),
    },
    "the number of replications",
)
ARM = _table(
    {
        "protocol": Field(_FILE, "the policy file (default: the first that the amendment is for)"),
        "amendments": Field(ListOf(_FILE), "what is changed in it (default: nothing)"),
        "workload": Field(
            _FILE, "the workload (default: that of the protocol's name, or else `national`)"
        ),
        "authority": Field(LABEL, "which authority of the workload (default: its only one)"),
        "set": Field(
            MapOf(LABEL, _PATH), "other values for numbers of the workload, by their paths"
        ),
        "against": Field(ListOf(LABEL), "the arms that this one is compared with (default: none)"),
    },
    "an arm",
)
FACTOR = _table(
    {
        "paths": Field(ListOf(_PATH), "the numbers of the workload that are varied", True),
        "values": Field(MapOf(LABEL, LABEL), "a name for each value, and the value", True),
    },
    "a factor",
)
STUDY = _table(
    {
        "question": Field(Words(300), "what is asked, in a sentence", True),
        "notes": Field(Words(600), "what a reader has to bear in mind"),
        "measures": Field(
            MapOf(Either({SHOWN: "told, and not waited for"}, HalfWidth()), LABEL),
            "what answers it, each with the half-width wanted",
            True,
        ),
        "arms": Field(MapOf(ARM, LABEL), "what is run, each with a name", True),
        "factors": Field(MapOf(FACTOR, LABEL), "what is varied in every arm (default: nothing)"),
        "replications": Field(REPLICATIONS, "how many are run"),
        "seed": Field(Whole(0, 2**31), "the number that all draws come from (default: 1)"),
        "overload": Field(
            Choice({
                "refused": "an arm with more work than hours ends the study",
                "run": "it is run and told",
            }),
            "what becomes of an arm with more work than there are hours for (default: refused)",
        ),
    },
    "a study",
)  # fmt: skip


def schema() -> dict[str, Any]:
    """The schema of a study file, in the terms of JSON Schema 2020-12."""
    title = "Study: a question about protocols under a caseload, and how it is answered"
    return document(STUDY, "study", title, "simulations/studies/README.md")


__all__ = ["RELATIVE", "SHOWN", "STUDY", "Width", "schema"]
