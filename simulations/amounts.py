"""Shapes of the numbers in a workload: amounts with their unit and range.

An amount is written as `0.15 per child-year (0.03 to 1)`: the number, its unit, and the range that
it may lie in. What is read here still lacks its citation and its path; `reading.py` adds them.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from types import SimpleNamespace
from typing import Any

from model.shapes import (
    Context,
    Defs,
    Field,
    Record,
    Shape,
)
from model.yamltree import Node, Position, Table, Text, excerpt
from simulations.workload import DAYS_A_WEEK, DAYS_A_YEAR


class Part(SimpleNamespace):
    """A table of a workload file as it was read: `at`, `places`, and its values."""

    def __init__(self, *, at: Position, places: Mapping[str, Position], **values: Any) -> None:
        super().__init__(at=at, places=places, **values)

    def get(self, name: str, default: Any = None) -> Any:
        return getattr(self, name, default)


@dataclass(frozen=True, slots=True)
class Written:
    """An amount as it stands in a file, in its own unit; `own` is the table around it, if any."""

    value: float
    low: float | None
    high: float | None
    unit: str
    at: Position
    text: str
    own: Part | None = None


# How each unit may be written, and how many of the unit that is; the first is how it is shown.
SPELT: dict[str, dict[str, float]] = {
    "children": {"children": 1, "child": 1},
    "people": {"people": 1, "person": 1},
    "disputes": {"disputes": 1, "dispute": 1},
    "a year": {"a year": 1},
    "per child-year": {"per child-year": 1, "per 100 child-years": 1 / 100},
    "hours": {"hours": 1, "hour": 1, "minutes": 1 / 60},
    "hours a week": {"hours a week": 1, "hour a week": 1},
    "hours per child-year": {"hours per child-year": 1, "hour per child-year": 1},
    "working days": {
        "working days": 1, "working day": 1, "weeks": DAYS_A_WEEK, "week": DAYS_A_WEEK,
        "years": DAYS_A_YEAR, "year": DAYS_A_YEAR,
    },
    "days a year": {"days a year": 1, "day a year": 1},
    "chance": {"": 1, "%": 1 / 100},
    "weight": {"": 1},
    "number": {"": 1},
}  # fmt: skip
EXAMPLES = {
    "children": "282 children",
    "people": "5 people",
    "disputes": "12 disputes",
    "a year": "126 a year",
    "per child-year": "0.15 per child-year",
    "hours": "1.5 hours",
    "hours a week": "36 hours a week",
    "hours per child-year": "12 hours per child-year",
    "working days": "5 working days",
    "days a year": "30 days a year",
    "chance": "0.12 or 12 %",
    "weight": "3",
    "number": "1.5",
}
MOST = {
    "hours a week": 60.0,
    "days a year": float(DAYS_A_YEAR),
    "chance": 1.0,
    "people": 100_000.0,
    "children": 10_000_000.0,
    "per child-year": 100.0,
    "working days": 100.0 * DAYS_A_YEAR,
}
_WHOLE = frozenset({"people", "disputes"})
_NUMBER = r"[-+]?(?:[0-9]+(?:\.[0-9]+)?|\.[0-9]+)"
_AMOUNT = re.compile(
    rf"({_NUMBER}) ?([^()0-9]*?)(?: ?\(({_NUMBER}) ?([^()]*?) to ({_NUMBER}) ?([^()]*?)\))?"
)


@dataclass(frozen=True, slots=True)
class Amount(Shape):
    """An amount of a unit: as text, or as a table with `value` and a citation of its own.

    Where `signed`, it may be less than nothing; where `positive`, it may not be nothing.
    """

    unit: str
    positive: bool = False
    signed: bool = False

    @property
    def wants(self) -> str:  # type: ignore[override]
        return f"{_ABOUT[self.unit]} such as “{EXAMPLES[self.unit]}”"

    def read(self, node: Node, path: tuple[str, ...], into: Context) -> Written | None:
        if isinstance(node, Table) and node.entries:
            whole = own_table(self)
            part = whole.read(node, path, into)
            if part is None:
                return None
            v: Written = part.value
            return Written(v.value, v.low, v.high, v.unit, v.at, v.text, part)
        if not isinstance(node, Text) or not node.value:
            self.refuse(node, path, into)
            return None
        return self.parse(node, path, into)

    def parse(self, node: Text, path: tuple[str, ...], into: Context) -> Written | None:
        parts = _AMOUNT.fullmatch(node.value)
        if parts is None:
            self.complain(node, path, into)
            return None
        units = SPELT[self.unit]
        given = parts[2].strip()
        for written in (given, *(p.strip() for p in (parts[4], parts[6]) if p)):
            if written not in units:
                self.wrong_unit(node, written, parts[1], path, into)
                return None
        value = float(parts[1]) * units[given]
        low = high = None
        if parts[3] is not None:
            ends = [(parts[3], parts[4].strip() or given), (parts[5], parts[6].strip() or given)]
            if parts[6].strip() and not parts[4].strip():
                ends[0] = (parts[3], parts[6].strip())
            low, high = (float(number) * units[unit] for number, unit in ends)
        if not self.sound(node, (value, low, high), path, into):
            return None
        return Written(value, low, high, self.unit, node.at, node.value)

    def complain(self, node: Text, path: tuple[str, ...], into: Context) -> None:
        text = node.value
        if re.fullmatch(r"[0-9]{1,3}(,[0-9]{3})+.*", text):
            right = f"write “{excerpt(text.replace(',', ''))}”"
            into.fault(node.at, path, f"“{excerpt(text)}” has commas in a number", right)
        elif re.fullmatch(rf"{_NUMBER} ?(?:-|–|to) ?{_NUMBER}.*", text):
            into.fault(
                node.at, path, f"“{excerpt(text)}” is a range only",
                "write the likeliest number, and the range behind it in brackets, such as "
                "“3 (1 to 5)”",
            )  # fmt: skip
        elif re.search(r"\([^)]*$|\(.*(-|–).*\)", text):
            right = "write the range as in “3 (1 to 5)”"
            into.fault(node.at, path, f"the range of “{excerpt(text)}” cannot be read", right)
        else:
            self.refuse(node, path, into)

    def wrong_unit(
        self, node: Text, unit: str, number: str, path: tuple[str, ...], into: Context
    ) -> None:
        first = next(iter(SPELT[self.unit]))
        if self.unit in ("chance", "weight", "number"):
            wrong = f"“{excerpt(node.value)}” has a unit, “{excerpt(unit)}”"
            right = f"write {_ABOUT[self.unit]}, such as “{EXAMPLES[self.unit]}”"
        elif not unit:
            wrong = f"“{excerpt(node.value)}” has no unit"
            right = f"write “{number} {first}”"
        else:
            wrong = f"“{excerpt(unit)}” is not the unit here"
            near = difflib.get_close_matches(unit, SPELT[self.unit], n=1, cutoff=0.85)
            units = ", ".join(f"“{u}”" for u in list(SPELT[self.unit])[::2])
            right = f"write “{number} {near[0]}”" if near else f"give it in {units}"
        into.fault(node.at, path, wrong, right)

    def sound(
        self,
        node: Text,
        numbers: tuple[float, float | None, float | None],
        path: tuple[str, ...],
        into: Context,
    ) -> bool:
        """Whether the numbers can be: not negative, not too large, and in order."""
        value, low, high = numbers
        text = excerpt(node.value)
        there = [n for n in numbers if n is not None]
        wrong = right = ""
        if min(there) < 0 and not self.signed:
            wrong, right = f"“{text}” is less than nothing", "write 0 or more"
        elif self.unit == "chance" and max(there) > 1:
            wrong, right = (
                f"“{text}” is more than certain",
                "write a chance from 0 to 1, or a per cent",
            )
        elif max(there) > MOST.get(self.unit, 1e9):
            most = f"{MOST.get(self.unit, 1e9):.0f} {next(iter(SPELT[self.unit]))}".strip()
            wrong, right = f"“{text}” is too much", f"write at most {most}"
        elif self.positive and min(there) <= 0:
            wrong = f"“{text}” {'is' if value <= 0 else 'may be'} nothing"
            right = "write more than 0"
        elif self.unit in _WHOLE and any(n != int(n) for n in there):
            wrong = f"“{text}” is not whole"
            right = "write whole numbers, and say part-time work in hours a week"
        elif low is not None and high is not None and not low < high:
            wrong = f"the range of “{text}” {'has no width' if low == high else 'runs downwards'}"
            right = "write the lower number first, and then the higher"
        elif low is not None and high is not None and not low <= value <= high:
            wrong, right = f"“{text}” lies outside its own range", "let the range hold the number"
        if wrong:
            into.fault(node.at, path, wrong, right)
        return not wrong

    def schema(self, defs: Defs) -> Defs:
        return {"anyOf": [Plain(self).schema(defs), own_table(self).schema(defs)]}


_ABOUT = {
    "children": "a number of children",
    "people": "a number of people",
    "disputes": "a number of disputes",
    "a year": "how many in a year",
    "per child-year": "how many in a year for each child",
    "hours": "hours",
    "hours a week": "hours in a week",
    "hours per child-year": "hours in a year for each child",
    "working days": "a time in working days, weeks or years",
    "days a year": "working days in a year",
    "chance": "a chance from 0 to 1",
    "weight": "a weight of 0 or more",
    "number": "a plain number",
}


@dataclass(frozen=True, slots=True)
class Plain(Shape):
    """The same amount, written as text only."""

    amount: Amount

    @property
    def wants(self) -> str:  # type: ignore[override]
        return self.amount.wants

    def read(self, node: Node, path: tuple[str, ...], into: Context) -> Written | None:
        if not isinstance(node, Text) or not node.value:
            self.amount.refuse(node, path, into)
            return None
        return self.amount.parse(node, path, into)

    def schema(self, defs: Defs) -> Defs:
        text: Defs = {"type": "string", "pattern": r"^[-+]?[0-9.]"}
        if self.amount.unit in ("chance", "weight", "number"):
            return {"anyOf": [{"type": "number"}, text]}
        return text


@cache
def own_table(amount: Amount) -> Record:
    """An amount with a citation of its own."""
    fields = {"value": Field(Plain(amount), "the amount, with its unit and range", True)}
    return Record(Part, fields, "an amount")


__all__ = ["EXAMPLES", "MOST", "SPELT", "Amount", "Part", "Plain", "Written", "own_table"]
