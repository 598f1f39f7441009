"""Means of replications and of differences between them, with their intervals.

Two arms that are run on common random numbers go through the same disputes, so what chance does to
one it mostly does to the other. The interval of their difference is that of the differences by
replication (a paired t interval), and the variance ratio says what it gained: the variance that the
difference would have with independent runs, over the one that it has (Law, *Simulation Modeling and
Analysis*, chapter 11).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

from simulations.results import student

Values = Sequence[float | None]


class Interval(NamedTuple):
    """A mean with Student's interval; `low` and `high` are None for fewer than two values."""

    mean: float
    low: float | None
    high: float | None
    replications: int

    @property
    def half_width(self) -> float:
        return math.inf if self.high is None else self.high - self.mean

    @property
    def excludes_none(self) -> bool:
        """Whether the interval lies on one side of 0."""
        return self.low is not None and self.high is not None and (self.low > 0 or self.high < 0)


def interval(values: Values, confidence: float) -> Interval | None:
    """The interval of the mean; values that are None are left out, and None is for no value."""
    there = [v for v in values if v is not None]
    if not there:
        return None
    count = len(there)
    mean = math.fsum(there) / count
    if count < 2:
        return Interval(mean, None, None, count)
    half = student(confidence, count - 1) * math.sqrt(variance(there) / count)
    return Interval(mean, mean - half, mean + half, count)


def differences(values: Values, base: Values) -> list[float | None]:
    """By replication; None where one of the two has no value."""
    return [
        None if a is None or b is None else a - b for a, b in zip(values, base, strict=True)
    ]  # fmt: skip


def variance_ratio(values: Values, base: Values) -> float | None:
    """How many times fewer replications the common random numbers asked for.

    None for fewer than two pairs, and where the differences are all alike.
    """
    pairs = [(a, b) for a, b in zip(values, base, strict=True) if a is not None and b is not None]
    if len(pairs) < 2:
        return None
    paired = variance([a - b for a, b in pairs])
    if paired == 0:
        return None
    return (variance([a for a, _ in pairs]) + variance([b for _, b in pairs])) / paired


def variance(values: Sequence[float]) -> float:
    """The sample variance of two or more values."""
    mean = math.fsum(values) / len(values)
    return math.fsum((v - mean) ** 2 for v in values) / (len(values) - 1)


__all__ = ["Interval", "differences", "interval", "variance", "variance_ratio"]
