"""What a workload assumes: each number with its range and its reason, and other values for them."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

from model.shapes import nearest as nearest_name
from model.yamltree import Position
from simulations.amounts import MOST
from simulations.workload import Quantity, Workload, quantities, with_values


@dataclass(frozen=True, slots=True)
class Assumption:
    """A number that nothing published supports: its place in the workload, range and reason."""

    path: str
    value: float
    low: float
    high: float
    unit: str
    reason: str
    at: Position | None = None

    def __str__(self) -> str:
        unit = "" if self.unit in ("number", "weight", "chance") else f" {self.unit}"
        return (
            f"{self.path}: {self.value:g}{unit} ({self.low:g} to {self.high:g}), "
            f"assumed: {self.reason}"
        )


def assumptions(workload: Workload) -> tuple[Assumption, ...]:
    """The assumed numbers of a workload, in the order of its parts, each path once.

    Numbers that the file leaves out have the defaults of `workload.py` and are not among them.
    """
    found: dict[str, Assumption] = {}
    for q in quantities(workload):
        if q.path and q.is_assumed and q.low is not None and q.high is not None:
            found.setdefault(
                q.path, Assumption(q.path, q.value, q.low, q.high, q.unit, q.assumed, q.at)
            )
    return tuple(found.values())


def sources(workload: Workload) -> dict[str, tuple[str, ...]]:
    """The sources that a workload cites, each with the paths of what it is cited for."""
    found: dict[str, dict[str, None]] = {}
    for q in quantities(workload):
        if q.path and q.source:
            found.setdefault(q.source, {})[q.path] = None
    return {source: tuple(paths) for source, paths in found.items()}


def varied(workload: Workload, values: Mapping[str, float]) -> Workload:
    """The same workload with other values for the numbers at some paths.

    Ranges stay as they are, and so does the digest, which is that of the file. Raises ValueError
    for a path that is not there, and for a value that such a number cannot have.
    """
    known: dict[str, Quantity] = {q.path: q for q in quantities(workload) if q.path}
    for path, value in values.items():
        if path not in known:
            raise ValueError(f"there is no number “{path}”; {nearest_name(path, known)}")
        q = known[path]
        signed = q.unit == "number" and (q.value < 0 or (q.low or 0) < 0)
        if not math.isfinite(value) or (value < 0 and not signed):
            raise ValueError(f"{path} cannot be {value:g}; give a number of 0 or more")
        if value > MOST.get(q.unit, math.inf):
            raise ValueError(f"{path} cannot be {value:g}; give at most {MOST[q.unit]:g}")
    changed = with_values(workload, dict(values))
    for authority in changed.authorities:
        for response in authority.responses:
            if response.satisfied.value + response.partly.value > 1 and response.partly.path:
                raise ValueError(
                    f"{response.partly.path} and “satisfied” come to more than certain; "
                    "give values that come to at most 1 together"
                )
    return changed


__all__ = ["Assumption", "assumptions", "sources", "varied"]
