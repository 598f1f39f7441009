"""Shapes of the times in a workload: always the same, a distribution of scipy.stats, or a table."""

from __future__ import annotations

import math
import re
import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from model.shapes import (
    CITATION,
    Context,
    Defs,
    Field,
    OneOf,
    Record,
    Shape,
    Words,
    closest,
    nearest,
)
from model.yamltree import Node, Table, Text, excerpt
from simulations.amounts import Amount, Part, Plain, Written

TIME_UNITS = {
    "working days": "working days of 7.5 hours",
    "hours": "hours of a working day",
}


class _DistributionName(Shape):
    """The name of a continuous distribution of scipy.stats."""

    wants = "the name of a distribution of scipy.stats, such as “lognorm” or “gamma”"

    def read(self, node: Node, path: tuple[str, ...], into: Context) -> Any:
        if not isinstance(node, Text) or not node.value:
            self.refuse(node, path, into)
            return None
        name = node.value
        if name not in continuous():
            wrong = f"scipy.stats has no continuous distribution “{excerpt(name)}”"
            common = ("expon", "gamma", "lognorm", "norm", "triang", "uniform", "weibull_min")
            near = closest(_OTHER_NAMES.get(name.casefold(), name), continuous())
            right = f"did you mean “{near}”?" if near else nearest("", common)
            into.fault(node.at, path, wrong, right)
            return None
        return name

    def schema(self, defs: Defs) -> Defs:
        return {"enum": list(continuous())}


_OTHER_NAMES = {
    "exponential": "expon", "normal": "norm", "gaussian": "norm", "lognormal": "lognorm",
    "log-normal": "lognorm", "weibull": "weibull_min", "triangular": "triang",
    "erlang": "erlang",
}  # fmt: skip


@cache
def continuous() -> dict[str, tuple[str, ...]]:
    """The continuous distributions of scipy.stats, each with the names of its parameters."""
    from scipy import stats

    names = {}
    for name in sorted(dir(stats)):
        item = getattr(stats, name)
        if isinstance(item, stats.rv_continuous):
            shapes = tuple(s.strip() for s in (item.shapes or "").split(",") if s.strip())
            names[name] = (*shapes, "loc", "scale")
    return names


class _Table(Shape):
    """An empirical table: how often each value was seen."""

    wants = "a table of values and how often each was seen, such as “{1: 12, 5: 30, 10: 4}”"

    def read(self, node: Node, path: tuple[str, ...], into: Context) -> Any:
        if not isinstance(node, Table) or not node.entries:
            self.refuse(node, path, into)
            return None
        pairs: list[tuple[float, float]] = []
        before = len(into.faults)
        for key, value in node.entries:
            number = Amount("number", signed=True).parse(key, path, into)
            weight = Plain(Amount("weight")).read(value, (*path, key.value), into)
            if number is None or weight is None:
                continue
            if number.value < 0:
                into.fault(key.at, path, f"“{key.value}” is less than nothing", "write 0 or more")
            elif pairs and number.value <= pairs[-1][0]:
                right = "write the values from the smallest up"
                into.fault(key.at, path, f"“{key.value}” does not come after the one before", right)
            pairs.append((number.value, weight.value))
        if len(into.faults) == before and not sum(weight for _, weight in pairs):
            into.fault(node.at, path, "no value was ever seen", "give one of them a weight")
        return tuple(pairs) if len(into.faults) == before else None

    def schema(self, defs: Defs) -> Defs:
        return {
            "type": "object",
            "minProperties": 1,
            "propertyNames": {"pattern": r"^[0-9.]+$"},
            "additionalProperties": {"anyOf": [{"type": "number"}, {"type": "string"}]},
        }


class _Parameters(Shape):
    """The parameters of a distribution, by their names in scipy.stats."""

    wants = "a table of parameters, such as “{s: 0.8 (0.5 to 1.2), scale: 4 (2 to 8)}”"

    def read(self, node: Node, path: tuple[str, ...], into: Context) -> Any:
        if not isinstance(node, Table) or not node.entries:
            self.refuse(node, path, into)
            return None
        read: dict[str, Written] = {}
        for key, value in node.entries:
            name = Words(80).read(key, path, into)
            amount = Amount("number", signed=True).read(value, (*path, key.value), into)
            if name is not None and amount is not None:
                read[name] = amount
        return read if len(read) == len(node.entries) else None

    def schema(self, defs: Defs) -> Defs:
        item = Amount("number").schema(defs)
        return {"type": "object", "minProperties": 1, "additionalProperties": item}


DISTRIBUTION = Record(
    Part,
    {
        "distribution": Field(_DistributionName(), "its name in scipy.stats"),
        "parameters": Field(_Parameters(), "its parameters, by their names in scipy.stats"),
        "table": Field(_Table(), "instead, how often each time was seen"),
        "unit": Field(OneOf(TIME_UNITS), "what is counted: working days or hours", True),
        **CITATION,
    },
    "a distribution of times",
    cited=False,
)


@dataclass(frozen=True, slots=True)
class Times(Shape):
    """A time that differs from case to case: always the same, a distribution, or a table."""

    wants = "a time such as “2 working days” or “1.5 hours”, or a table with “distribution:”"

    def read(self, node: Node, path: tuple[str, ...], into: Context) -> Any:
        if isinstance(node, Table) and node.entries and node.get("value") is None:
            part = DISTRIBUTION.read(node, path, into)
            return part if part is not None and _fits(part, path, into) else None
        text = node.get("value") if isinstance(node, Table) else node
        unit = "working days"
        if isinstance(text, Text) and re.search(r"\b(hours?|minutes)\b", text.value):
            unit = "hours"
        elif not isinstance(text, Text) or not text.value:
            self.refuse(node, path, into)
            return None
        return Amount(unit).read(node, path, into)

    def schema(self, defs: Defs) -> Defs:
        amount = Amount("working days").schema(defs)
        return {"anyOf": [*amount["anyOf"], DISTRIBUTION.schema(defs)]}


def _fits(part: Part, path: tuple[str, ...], into: Context) -> bool:
    """Whether a distribution is one, with its own parameters, and gives times."""
    name, parameters, table = part.get("distribution"), part.get("parameters"), part.get("table")
    if (name is None) == (table is None):
        wrong = "“distribution” and “table” stand here" if name else "no distribution is named"
        right = "keep one of the two" if name else "add “distribution:” or “table:”"
        into.fault(part.at, path, wrong, right)
        return False
    if table is not None:
        if parameters is not None:
            wrong, at = "an empirical table has no parameters", part.places["parameters"]
            into.fault(at, path, wrong, "take “parameters” out")
        return parameters is None
    return _has_its_parameters(part, name, parameters or {}, path, into) and _gives_times(
        part, name, parameters or {}, path, into
    )


def _has_its_parameters(
    part: Part, name: str, given: dict[str, Written], path: tuple[str, ...], into: Context
) -> bool:
    known = continuous()[name]
    at = part.places.get("parameters", part.at)
    there = (*path, "parameters")
    for key in given:
        if key not in known:
            place = getattr(key, "at", at)
            wrong = f"{name} has no parameter “{excerpt(key)}”"
            into.fault(place, there, wrong, nearest(key, [k for k in known if k not in given]))
            return False
    missing = [key for key in known[:-2] if key not in given]
    if missing:
        listed = ", ".join(f"“{key}”" for key in known[:-2])
        word = "shape" if len(known) == 3 else "shapes"
        wrong = f"{name} has {len(known) - 2} {word} ({listed}), and “{missing[0]}” is missing"
        into.fault(at, there, wrong, f"add “{missing[0]}:”")
    return not missing


def _gives_times(
    part: Part, name: str, given: dict[str, Written], path: tuple[str, ...], into: Context
) -> bool:
    """Whether the numbers suit the distribution, also at the ends of their ranges."""
    plain = {key: amount.value for key, amount in given.items()}
    tries = [(plain, "", part.places.get("parameters", part.at))]
    for key, amount in given.items():
        tries += [
            ({**plain, key: end}, f" with {key} at {end:g}", amount.at)
            for end in (amount.low, amount.high)
            if end is not None
        ]
    there = (*path, "parameters")
    for numbers, said, at in tries:
        below, mean = _below_and_mean(name, numbers)
        shown = ", ".join(f"{key} = {value:g}" for key, value in numbers.items())
        if math.isnan(below):
            wrong = f"{name} cannot have {shown or 'no parameters'}"
            right = f"look up what {name} of scipy.stats allows{said and ', also' + said}"
        elif not math.isfinite(mean):
            wrong = f"{name}{said} has no finite mean"
            right = "choose parameters with one, since the run would not settle"
        elif below > 0.05:
            wrong = f"{below:.0%} of {name}{said} lies below nothing"
            right = "choose parameters that give times, of 0 or more"
        else:
            continue
        into.fault(at, there, wrong, right)
        return False
    return True


def _below_and_mean(name: str, numbers: Mapping[str, float]) -> tuple[float, float]:
    """The chance of a time below 0, and the mean."""
    from scipy import stats

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        law = getattr(stats, name)
        return float(law.cdf(-1e-9, **numbers)), float(law.mean(**numbers))


__all__ = ["DISTRIBUTION", "TIME_UNITS", "Times", "continuous"]
