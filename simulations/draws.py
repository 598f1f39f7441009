"""Random numbers: each a pure function of what it is about.

No draw has a place in a stream, so a change of policy changes no draw: two policies meet the same
disputes, the same officers on leave and the same tempers. This file and `clock.py` are the whole
contract for another engine that is to give the same traces, bit for bit.

**The hash.** `mix` is the finaliser of SplitMix64 (Steele, Lea and Flood 2014, Stafford's variant
13), over 64-bit words. A key is a chain of it; adding is modulo 2^64, `name(x)` is the first 8
bytes, little-endian, of BLAKE2b with an 8-byte digest over the UTF-8 of x:

    run      = mix(mix(seed * C1 + 0x1234567) + replication * C2)
    authority= mix(run + name(authority))
    stream   = mix(authority + name("ladder/severity/theme/kind of child"))
    dispute  = mix(stream + (number + 1) * C1)          number: 0, 1, … in order of arrival
    officer  = mix(mix(authority + name(post)) + (number + 1) * C1)
    cycle    = mix(officer + (number + 2) * C2)           of leave or vacancy: -1, 0, 1, …
    place    = mix(dispute + name(rung, track or step) + visit * C2)   visit: 0, 1, … for each place
    uniform  = (mix(key + (purpose + 1) * C3) >> 11) * 2^-53           in [0, 1)

where `key` is any of these. A purpose has its number for ever: a new purpose gets a new number.

**Durations.** A distribution is a table of its quantiles: 1,024 cells of equal chance, of which
the last is again cut into 1,024. In a cell the quantile is a straight line, worked out as
`a + (b - a) * f` in double precision without a fused multiply-add, and cut down to whole ticks.
The end of the last cell is the quantile of 1 - 2^-20 * exp(-2), which keeps the mean of an
exponential tail; so does the beginning of the first, where the distribution has no smallest value.
An empirical table gives the first value whose share of the weight, added up, is
more than the uniform.
"""

from __future__ import annotations

import math
from bisect import bisect_right
from enum import IntEnum
from functools import cache
from hashlib import blake2b
from itertools import accumulate

from simulations.workload import Distribution

C1, C2, C3 = 0x9E3779B97F4A7C15, 0xD1B54A32D192ED03, 0x8CB92BA72F3D8DD7
M64 = (1 << 64) - 1
CELLS = 1024

TICKS_A_DAY = 27_000  # one tick is a second of a working day of 7.5 hours
TICKS_AN_HOUR = 3_600


class Purpose(IntEnum):
    """What a draw is for. Numbers are never changed and never used again."""

    GAP = 0
    CHILD = 1
    FACT = 2
    RAISER = 3
    FIRST_RUNG = 4
    PREPARING = 5
    OFFICER = 8
    DELAY = 9
    WORK = 10
    LATE = 11
    LATE_BY = 12
    SILENT = 13
    SATISFIED = 14
    EXTENSION = 15
    DIVIDED = 16
    RAISER_DELAY = 20
    RAISER_WORK = 21
    PATIENCE = 22
    GIVES_UP = 23
    REFERS = 24
    SKIPS = 25
    ADVISED = 26
    HANDS_OVER = 27
    ASKS = 28
    WAITS = 29
    REFERS_AT_THE_END = 30
    BRINGS_BACK = 31
    APPROVER_DELAY = 32
    APPROVER_WORK = 33
    REFUSES = 34
    APPROVER_SILENT = 35
    KEPT = 40
    CARRYING_OUT = 41
    RECEIPT = 42
    HANDED_OVER = 43
    OUTSIDE = 44
    BACKLOG = 45
    LEAVE = 50
    VACANCY = 51
    REPLAY = 60


_STEPS = tuple((purpose + 1) * C3 for purpose in range(256))


def mix(word: int) -> int:
    """The finaliser of SplitMix64."""
    word = ((word ^ (word >> 30)) * 0xBF58476D1CE4E5B9) & M64
    word = ((word ^ (word >> 27)) * 0x94D049BB133111EB) & M64
    return word ^ (word >> 31)


@cache
def name_of(text: str) -> int:
    return int.from_bytes(blake2b(text.encode(), digest_size=8).digest(), "little")


def run_key(seed: int, replication: int) -> int:
    first = mix((seed * C1 + 0x1234567) & M64)
    return mix((first + replication * C2) & M64)


def named_key(key: int, text: str) -> int:
    """The key of an authority in a run, or of a stream or a post in an authority."""
    return mix((key + name_of(text)) & M64)


def numbered_key(key: int, number: int) -> int:
    """The key of a dispute in its stream, or of an officer in their post."""
    return mix((key + (number + 1) * C1) & M64)


def place_key(key: int, name: int, visit: int) -> int:
    word = (key + name + visit * C2) & M64
    word = ((word ^ (word >> 30)) * 0xBF58476D1CE4E5B9) & M64
    word = ((word ^ (word >> 27)) * 0x94D049BB133111EB) & M64
    return word ^ (word >> 31)


def uniform(key: int, purpose: int) -> float:
    """A number in [0, 1), a multiple of 2^-53."""
    word = (key + _STEPS[purpose]) & M64
    word = ((word ^ (word >> 30)) * 0xBF58476D1CE4E5B9) & M64
    word = ((word ^ (word >> 27)) * 0x94D049BB133111EB) & M64
    return ((word ^ (word >> 31)) >> 11) * 1.1102230246251565e-16


class Quantiles:
    """A distribution as a table, in ticks; see the top of the file."""

    __slots__ = ("_knots", "_shares", "_tail", "_values", "always")

    def __init__(
        self,
        always: int | None = None,
        knots: tuple[float, ...] = (),
        tail: tuple[float, ...] = (),
        values: tuple[int, ...] = (),
        shares: tuple[float, ...] = (),
    ) -> None:
        self.always = always
        self._knots, self._tail = knots, tail
        self._values, self._shares = values, shares

    def at(self, u: float) -> float:
        """The quantile, not cut down."""
        x = u * 1024.0
        i = int(x)
        if i < 1023:
            low = self._knots[i]
            return low + (self._knots[i + 1] - low) * (x - i)
        y = (x - 1023.0) * 1024.0
        j = int(y)
        low = self._tail[j]
        return low + (self._tail[j + 1] - low) * (y - j)

    def ticks(self, u: float) -> int:
        if self.always is not None:
            return self.always
        if self._values:
            return self._values[bisect_right(self._shares, u)]
        return int(self.at(u))

    def mean(self) -> float:
        """The mean of the table itself, in ticks and not cut down."""
        if self.always is not None:
            return float(self.always)
        if self._values:
            before = (0.0, *self._shares[:-1])
            spans = zip(self._values, before, self._shares, strict=True)
            return math.fsum(v * (b - a) for v, a, b in spans)
        cells = zip(self._knots[:-1], self._knots[1:], strict=True)
        ends = zip(self._tail[:-1], self._tail[1:], strict=True)
        inner = math.fsum(a + b for a, b in cells)
        return (inner + math.fsum(a + b for a, b in ends) / CELLS) / 2 / CELLS


def quantiles(distribution: Distribution) -> Quantiles:
    """The table of a distribution.

    ValueError if scipy.stats has no such continuous distribution, or not with such parameters.
    """
    numbers = tuple(sorted(distribution.numbers.items()))
    return _quantiles(distribution.name, numbers, distribution.unit, distribution.table)


@cache
def _quantiles(
    name: str,
    numbers: tuple[tuple[str, float], ...],
    unit: str,
    table: tuple[tuple[float, float], ...],
) -> Quantiles:
    scale = {"working days": TICKS_A_DAY, "hours": TICKS_AN_HOUR}.get(unit)
    if scale is None:
        raise ValueError(f"a time is in working days or in hours, not in “{unit}”")
    if name == "constant":
        return Quantiles(always=round(dict(numbers)["value"] * scale))
    if name == "table":
        whole = math.fsum(weight for _, weight in table)
        if not whole > 0:
            raise ValueError("an empirical table has some weight")
        shares = [weight / whole for weight in accumulate(w for _, w in table)]
        last = max(i for i, (_, weight) in enumerate(table) if weight > 0)
        values = tuple(max(0, round(value * scale)) for value, _ in table[: last + 1])
        return Quantiles(values=values, shares=(*shares[:last], 1.0))
    knots, tail = _knots(name, numbers, scale)
    return Quantiles(knots=knots, tail=tail)


def _knots(
    name: str, numbers: tuple[tuple[str, float], ...], scale: int
) -> tuple[tuple[float, ...], tuple[float, ...]]:
    import numpy as np
    from scipy import stats

    family = getattr(stats, name, None)
    if not isinstance(family, stats.rv_continuous):
        raise ValueError(f"scipy.stats has no continuous distribution “{name}”")
    try:
        frozen = family(**dict(numbers))
        cells = np.arange(CELLS) / CELLS
        if np.isneginf(frozen.ppf(0.0)):
            cells[0] = math.exp(-2) / CELLS
        ends = 1 - (1 - np.arange(CELLS) / CELLS) / CELLS
        inner, outer = frozen.ppf(cells), frozen.ppf(ends)
        last = frozen.isf(math.exp(-2) / CELLS / CELLS)
    except TypeError as error:
        raise ValueError(f"{name}: {error}") from error
    knots = np.maximum(inner * scale, 0.0)
    tail = np.maximum(np.append(outer, last) * scale, 0.0)
    if not (np.all(np.isfinite(knots)) and np.all(np.isfinite(tail))):
        raise ValueError(f"{name} has no quantiles with the parameters {dict(numbers)}")
    return tuple(knots.tolist()), tuple(tail.tolist())


UNIT_EXPONENTIAL = Distribution("expon", (), "hours")  # its table, divided, has mean 1


@cache
def exponential() -> Quantiles:
    """The exponential distribution of mean `TICKS_AN_HOUR`."""
    return quantiles(UNIT_EXPONENTIAL)
