"""Which assumption a conclusion hangs on.

A conclusion is one figure: a measure of one policy, or that of a first policy less that of a
second. Morris's elementary effects say which groups of assumed numbers move it, and which numbers
in those groups; Sobol's indices say what share of its variance the first few carry; a scan moves
one number at a time through its range, the others as stated, and looks for the value at which the
order of two policies changes.

Nothing here runs a simulation: a `Model` gives the figure of each replication at a point, and the
same replications at every point, so that the noise that points share cancels. `points.py` makes
such a model of a workload.

Morris 1991 (Technometrics 33); Campolongo, Cariboni and Saltelli 2007 (for groups); Saltelli and
others 2010 (the estimators of Sobol's indices). All three as SALib has them.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

from simulations.assumptions import Assumption
from simulations.conclusions import bounds, noun, number
from simulations.paired import Interval, interval
from simulations.study import Wanted

Point = Mapping[str, float]  # values by the paths of assumed numbers; the others as stated
Model = Callable[[Point], Sequence[float]]  # the figure of each replication, always the same ones
Progress = Callable[[str, int, int], None]  # what is done, how many points of it, of how many

LEVELS = 4  # of Morris's grid, as is usual
GRID = 5  # values of a scan, with the stated one besides
HALVINGS = 6  # of the step in which the order changes
CONFIDENCE = 0.95


class Figure(NamedTuple):
    """A mean over replications with its interval of Student's t; no interval for fewer than two."""

    mean: float
    low: float
    high: float

    @property
    def sign(self) -> int:
        """1 or -1 where the interval says which, else 0."""
        return (self.low > 0) - (self.high < 0)


class Effect(NamedTuple):
    """Morris's mean absolute effect of a group, or of one number, over its whole range.

    In the unit of the measure; the interval is `size` ± `half`, from resampling the trajectories.
    """

    name: str
    numbers: int
    size: float
    half: float


class Share(NamedTuple):
    """Sobol's indices of one number: the share of the variance that it carries.

    `first` alone, `total` with what it does together with the others that were varied; each ± its
    half-width, from resampling. Estimates of small shares can come out below 0.
    """

    path: str
    first: float
    first_half: float
    total: float
    total_half: float


class Swing(NamedTuple):
    """The conclusion with one number at each end of its range, the others as stated."""

    assumption: Assumption
    at_low: Figure
    at_high: Figure

    @property
    def width(self) -> float:
        return abs(self.at_high.mean - self.at_low.mean)


class Turn(NamedTuple):
    """Where the order of two policies changes, coming from the stated value.

    `side` is above or below `value`. `certain` says that beyond it a difference of the other sign
    was seen that is no noise. `value` is None where the difference nowhere changes its sign, but
    at some value can no longer be told from noise.
    """

    assumption: Assumption
    side: str
    value: float | None
    certain: bool


@dataclass(frozen=True, slots=True)
class Conclusion:
    """What is concluded: a measure of `policy`, or that less the same of `against`."""

    measure: str
    unit: str
    policy: str
    against: str = ""
    of: str = ""

    def __str__(self) -> str:
        what = noun(Wanted(self.measure, self.of))
        return f"{what}, “{self.policy}”" + (f" less “{self.against}”" if self.against else "")


@dataclass(frozen=True)
class Sensitivity:
    """What a conclusion hangs on; each table has what matters most first.

    `assumed` is how many assumed numbers there are, `points` at how many points it was simulated.
    """

    conclusion: Conclusion
    stated: Figure
    assumed: int
    groups: tuple[Effect, ...]
    numbers: tuple[Effect, ...]
    shares: tuple[Share, ...]
    swings: tuple[Swing, ...]
    turns: tuple[Turn, ...]
    replications: int
    seed: int
    points: int

    @cached_property
    def sentence(self) -> str:
        """What it comes to, in words."""
        return " ".join(_sentences(self))

    def _repr_html_(self) -> str:
        from simulations import pages

        return pages.sensitivity_html(self)


def mean_of(values: Sequence[float], confidence: float = CONFIDENCE) -> Figure:
    """The mean of the replications' figures, with its interval."""
    found = interval(values, confidence)
    assert found is not None
    return Figure(found.mean, found.mean - found.half_width, found.mean + found.half_width)


class _Counted:
    """A model whose points are counted, and each asked for once."""

    def __init__(self, model: Model, progress: Progress) -> None:
        self.model, self.progress = model, progress
        self.known: dict[tuple[tuple[str, float], ...], tuple[float, ...]] = {}

    def at(self, point: Point) -> Figure:
        key = tuple(sorted(point.items()))
        if key not in self.known:
            self.known[key] = tuple(self.model(point))
        return mean_of(self.known[key])

    def means(self, what: str, points: Sequence[Point]) -> list[float]:
        found = []
        for done, point in enumerate(points):
            self.progress(what, done, len(points))
            found.append(self.at(point).mean)
        self.progress(what, len(points), len(points))
        return found


def sensitivity(
    model: Model,
    assumed: Iterable[Assumption],
    conclusion: Conclusion,
    *,
    screen: Model | None = None,
    among: str = "",
    seed: int = 1,
    trajectories: int = 4,
    samples: int = 32,
    top: int = 4,
    scanned: int = 8,
    progress: Progress = lambda what, done, of: None,
) -> Sensitivity:
    """Screen the assumed numbers of a conclusion, weigh the first few, and scan for a change.

    `trajectories` are Morris's: there are that many times the groups, and then the numbers of the
    `top` groups, points; what moves nothing is not looked at again. Sobol's indices of the `top`
    numbers take `samples` (best a power of two) times `top` + 2 points; 0 leaves them out. Of
    `scanned` numbers the ends of the range are looked at, and for two policies what lies between.
    `screen`, of fewer replications, may stand in for the model in all but the scan. Only numbers
    whose path begins with `among` are varied. The same arguments give the same answer.

    Raises ValueError for fewer than two trajectories or no assumed number with a range.
    """
    ranged = [a for a in assumed if a.high > a.low]
    every = [a for a in ranged if a.path.startswith(among)]
    if not every:
        of = f" among “{among}”" if among else ""
        raise ValueError(f"nothing is assumed with a range{of}; there is nothing to vary")
    if trajectories < 2:
        raise ValueError("give at least 2 trajectories, so that there is an interval")
    counted = _Counted(model, progress)
    rough = counted if screen is None else _Counted(screen, progress)
    stated = counted.at({})
    by_name: dict[str, list[Assumption]] = {}
    for a in every:
        by_name.setdefault(group_of(a.path), []).append(a)
    groups = morris(rough, every, group_of, seed, trajectories, "groups")
    moving = [g.name for g in groups if g.size != 0]
    first = [a for name in moving[:top] for a in by_name[name]]
    numbers = morris(rough, first, lambda path: path, seed + 1, trajectories, "numbers")
    by_path = {a.path: a for a in first}
    order = [by_path[e.name] for e in numbers]
    rest = [a for name in moving[top:] for a in by_name[name]]
    shares = sobol(rough, order[:top], seed + 2, samples) if samples else ()
    swings, turns = [], []
    chosen = (order + rest)[:scanned]
    for done, a in enumerate(chosen):
        progress("scan", done, len(chosen))
        swings.append(Swing(a, counted.at({a.path: a.low}), counted.at({a.path: a.high})))
        if conclusion.against:
            turns += scan(counted.at, a, stated)
    progress("scan", len(chosen), len(chosen))
    swings.sort(key=lambda swing: -swing.width)
    points = sum(len(m.known) for m in {id(m): m for m in (counted, rough)}.values())
    return Sensitivity(
        conclusion, stated, len(ranged), groups, numbers, shares, tuple(swings), tuple(turns),
        len(counted.known[()]), seed, points,
    )  # fmt: skip


def group_of(path: str) -> str:
    """The part of a workload in which a number stands: `posts › Team Manager`."""
    return " › ".join(path.split(" › ")[:-1][:2]) or path


def morris(
    model: _Counted,
    assumed: Sequence[Assumption],
    group: Callable[[str], str],
    seed: int,
    trajectories: int,
    what: str,
) -> tuple[Effect, ...]:
    """Elementary effects of groups of numbers, the largest first."""
    from SALib.analyze.morris import analyze
    from SALib.sample.morris import sample

    if not assumed:
        return ()
    problem = _problem(assumed)
    names = [group(a.path) for a in assumed]
    sizes = {name: names.count(name) for name in names}
    if len(sizes) == 1:  # a single group has nothing to be compared with
        return (Effect(names[0], len(names), math.nan, math.nan),)
    problem["groups"] = names
    points = sample(problem, trajectories, LEVELS, seed=seed)
    values = model.means(what, [_point(assumed, row) for row in points])
    found = analyze(problem, points, _array(values), num_levels=LEVELS, seed=seed)
    effects = [
        Effect(name, sizes[name], float(size), float(half))
        for name, size, half in zip(
            found["names"], found["mu_star"], found["mu_star_conf"], strict=True
        )
    ]
    return tuple(sorted(effects, key=lambda e: (-e.size, e.name)))


def sobol(
    model: _Counted, assumed: Sequence[Assumption], seed: int, samples: int
) -> tuple[Share, ...]:
    """First and total indices of a few numbers, those that carry most first.

    The numbers are taken to lie anywhere in their ranges alike; a conclusion that never moves has
    no variance to share, and gives nothing.
    """
    from SALib.analyze.sobol import analyze
    from SALib.sample.sobol import sample

    if len(assumed) < 2:
        return ()
    problem = _problem(assumed)
    points = sample(problem, samples, calc_second_order=False, seed=seed)
    values = model.means("shares", [_point(assumed, row) for row in points])
    if max(values) == min(values):
        return ()
    found = analyze(problem, _array(values), calc_second_order=False, seed=seed)
    shares = [
        Share(a.path, *(float(found[key][i]) for key in ("S1", "S1_conf", "ST", "ST_conf")))
        for i, a in enumerate(assumed)
    ]
    return tuple(sorted(shares, key=lambda s: (-s.total, s.path)))


def _problem(assumed: Sequence[Assumption]) -> dict[str, Any]:
    return {
        "num_vars": len(assumed),
        "names": [a.path for a in assumed],
        "bounds": [[a.low, a.high] for a in assumed],
    }


def _point(assumed: Sequence[Assumption], row: Iterable[float]) -> Point:
    return {
        a.path: min(a.high, max(a.low, float(value))) for a, value in zip(assumed, row, strict=True)
    }


def _array(values: Sequence[float]) -> Any:
    import numpy

    return numpy.array(values, dtype=float)


def scan(at: Callable[[Point], Figure], a: Assumption, stated: Figure) -> list[Turn]:
    """Where the order changes as one number leaves its stated value, to either side.

    The first change on a side counts; one that comes and goes between two values of the grid is
    not seen.
    """
    if stated.sign == 0:
        return []
    found = []
    grid = [a.low + (a.high - a.low) * i / (GRID - 1) for i in range(GRID)]
    below = sorted((x for x in grid if x < a.value), reverse=True)
    above = [x for x in grid if x > a.value]
    for side, values in (("below", below), ("above", above)):
        seen = [(x, at({a.path: x})) for x in values]
        turned = [i for i, (_, f) in enumerate(seen) if f.mean * stated.sign <= 0]
        if turned:
            inner = seen[turned[0] - 1][0] if turned[0] else a.value
            value = _halved(at, a.path, inner, seen[turned[0]][0], stated.sign)
            certain = any(f.sign == -stated.sign for _, f in seen[turned[0] :])
            found.append(Turn(a, side, value, certain))
        elif any(f.sign == 0 for _, f in seen):
            found.append(Turn(a, side, None, False))
    return found


def _halved(
    at: Callable[[Point], Figure], path: str, inner: float, outer: float, sign: int
) -> float:
    for _ in range(HALVINGS):
        middle = (inner + outer) / 2
        if at({path: middle}).mean * sign > 0:
            inner = middle
        else:
            outer = middle
    return (inner + outer) / 2


# --- in words -----------------------------------------------------------------------------------


def said(value: float, unit: str) -> str:
    """A value with its unit, to three figures."""
    return f"{value:.3g}" + ("" if unit in ("number", "weight", "chance") else f" {unit}")


def _sentences(s: Sensitivity) -> Iterable[str]:
    c, f = s.conclusion, s.stated
    paired = Interval(f.mean, f.low, f.high, s.replications)
    between = f" ({bounds(paired, c.unit)})" if math.isfinite(f.low) else ""
    yield f"With the stated values, {c}, is {in_words(s, f.mean)}{between}."
    if c.against:
        yield _order(s)
    elif s.swings:
        ends = [x.mean for swing in s.swings for x in (swing.at_low, swing.at_high)]
        yield (
            f"As {_scanned(s)} goes through its assumed range, the others as stated, it lies "
            f"between {in_words(s, min(ends))} and {in_words(s, max(ends))}."
        )
    if s.shares:
        most = s.shares[0]
        next_best = max([o.total + o.total_half for o in s.shares[1:]] or [0.0])
        if most.total - most.total_half <= max(0.0, next_best):
            yield (
                f"Of the {len(s.shares)} numbers varied together, “{most.path}” comes first, but "
                "it takes more samples to say what share of the variance each carries."
            )
            return
        yield (
            f"Of the {len(s.shares)} numbers varied together, “{most.path}” matters most: alone "
            f"and with the others it carries {most.total:.0%} (± {most.total_half:.0%}) of the "
            "variance."
        )
    elif s.swings and s.swings[0].width > 0:
        yield f"What matters most of these is “{s.swings[0].assumption.path}”."


def _order(s: Sensitivity) -> str:
    if s.stated.low == s.stated.high == 0:
        if not s.swings:
            return f"The two policies differ at none of the {s.points} points looked at."
        return "The two policies do not differ there."
    if s.stated.sign == 0:
        return "That cannot be told from noise: give more replications, or a longer horizon."
    sure = [_turn(t) for t in s.turns if t.certain]
    doubtful = [_turn(t) for t in s.turns if not t.certain]
    told = []
    if sure:
        told.append(f"The order of the two policies changes when {'; or when '.join(sure)}.")
    else:
        told.append(
            f"The order of the two policies does not change for certain as {_scanned(s)} goes "
            "through its assumed range, the others as stated."
            if doubtful
            else f"The order of the two policies does not change as {_scanned(s)} goes through "
            "its assumed range, the others as stated."
        )
    if doubtful:
        told.append(f"It cannot be told from noise when {'; or when '.join(doubtful)}.")
    return " ".join(told)


def _turn(t: Turn) -> str:
    a = t.assumption
    where = (
        f"far enough {t.side} {said(a.value, a.unit)}"
        if t.value is None
        else f"{t.side} {said(t.value, a.unit)}"
    )
    return (
        f"“{a.path}” is {where} (stated {said(a.value, 'number')}, "
        f"assumed {a.low:.3g} to {a.high:.3g})"
    )


def _scanned(s: Sensitivity) -> str:
    if len(s.swings) == s.assumed:
        return "any single assumed number"
    return f"any one of the {len(s.swings)} numbers looked at (of {s.assumed} assumed)"


def in_words(s: Sensitivity, value: float) -> str:
    """A value of the conclusion with its unit, to as many digits as the interval leaves sense."""
    c, half = s.conclusion, s.stated.high - s.stated.mean
    return number(value, c.unit, half, change=bool(c.against))


__all__ = [
    "Conclusion",
    "Effect",
    "Figure",
    "Model",
    "Progress",
    "Sensitivity",
    "Share",
    "Swing",
    "Turn",
    "mean_of",
    "scan",
    "sensitivity",
]
