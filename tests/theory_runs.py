"""Replications of a setting whose law is known, and how far what they show is from that law.

A comparison says that the mean of x is the exact value times the mean of y, where x and y are what
one replication shows (areas and days, disputes with some outcome and disputes). Then x - exact * y
has mean 0 whatever the law of y, and its mean over independent replications, divided by its
standard error, is the number of standard errors that is told. Replications start empty; what comes
before the warm-up counts for nothing, and disputes that came up so late that they may be open at
the horizon are in no share.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Generator
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, NamedTuple

import simpy
from scipy import stats

from model.graph import StateGraph
from simulations.clock import CALENDAR, MOST_DISPUTES, key_of
from simulations.draws import TICKS_A_DAY as DAY
from simulations.engine import Run, SimulatedDispute
from simulations.figures import ReplicationResult
from simulations.workload import Workload

SEED = 1917
FEW, MANY = 24, 120  # replications of a setting: always, and in the tests marked slow
WRONG = 0.001  # the chance that one or more of all comparisons is beyond the threshold by luck

Pair = tuple[float, float]


class Seen:
    """What one replication shows. `samples` are the numbers at the posts, at even distances."""

    def __init__(self, setting: Setting, number: int) -> None:
        self.setting = setting
        load = setting.workload
        authority = replace(load.authorities[0], name=setting.name)  # draws of its own
        run = Run(
            setting.graphs, load, authority, SEED, number, setting.warm_up,
            0.0, setting.endless, True, keep_traces=setting.traces,
        )  # fmt: skip
        self.samples: Counter[tuple[int, ...]] = Counter()
        run.env.process(self._sampling(run))
        self.result: ReplicationResult = run.run()
        self.span = self.result.horizon - setting.warm_up  # days
        self._traces = run.traces

    def _sampling(self, run: Run) -> Generator[simpy.Event]:
        pools = [pool for name, pool in run.pools.items() if name != "IROs"]
        for tick in range(run.warm_tick, run.horizon, int(self.setting.every * DAY)):
            yield run.env.timeout(key_of(tick, CALENDAR, MOST_DISPUTES - 2) - run.env.now)
            self.samples[tuple(len(pool.in_hand) + pool.waiting for pool in pools)] += 1

    def _counts(self, day: Any) -> bool:
        last = self.result.horizon - self.setting.close
        return bool(self.setting.warm_up <= day < last)

    @cached_property
    def rows(self) -> list[Any]:
        """The processes that began in the time that counts; all of them have ended."""
        found = [row for row in self.result.rows if self._counts(row["began"])]
        assert all(row["ended"] is not None for row in found), "the setting closes too late"
        return found

    @cached_property
    def traces(self) -> list[SimulatedDispute]:
        return [dispute for dispute in self._traces if self._counts(dispute.first)]

    def share(self, one: Callable[..., bool], given: Callable[..., bool] | None = None) -> Pair:
        """The samples in which something is so, and those among which it is looked for."""
        among = {n: k for n, k in self.samples.items() if given is None or given(*n)}
        return sum(k for n, k in among.items() if one(*n)), sum(among.values())

    def of_rows(self, one: Callable[[Any], float]) -> Pair:
        return sum(one(row) for row in self.rows), len(self.rows)

    def of_traces(self, one: Callable[[list[Any]], float]) -> Pair:
        """A number for each dispute, worked out from the moves of its trace."""
        moves = ([step.move for step in dispute.trace] for dispute in self.traces)
        return sum(one(made) for made in moves), len(self.traces)


class Comparison(NamedTuple):
    what: str
    exact: float
    of: Callable[[Seen], Pair]


@dataclass(frozen=True)
class Setting:
    """A small policy under a small workload, and what theory says about it."""

    name: str
    graphs: tuple[StateGraph, ...]
    workload: Workload
    warm_up: int
    comparisons: tuple[Comparison, ...] = field(repr=False)
    close: int = 0  # days before the horizon; disputes that come up later are in no share
    every: float = 0.5  # days between samples
    endless: bool = False
    traces: bool = False


class Compared(NamedTuple):
    """One comparison, made: the estimate, its standard error, and the distance in such errors."""

    what: str
    exact: float
    estimate: float
    error: float
    errors: float


_SHOWN: dict[str, list[list[Pair]]] = {}


def shown(setting: Setting, replications: int) -> list[list[Pair]]:
    """What each replication shows for each comparison; kept, so that none is made twice."""
    kept = _SHOWN.setdefault(setting.name, [])
    for number in range(len(kept), replications):
        seen = Seen(setting, number)
        kept.append([comparison.of(seen) for comparison in setting.comparisons])
    return kept[:replications]


def compared(setting: Setting, replications: int) -> list[Compared]:
    pairs = shown(setting, replications)
    return [
        judged(comparison.what, comparison.exact, [pair[i] for pair in pairs])
        for i, comparison in enumerate(setting.comparisons)
    ]


def judged(what: str, exact: float, pairs: list[Pair]) -> Compared:
    """How far pairs (x, y) of independent replications are from a mean of x - exact * y of 0."""
    n = len(pairs)
    weight = math.fsum(y for _, y in pairs) / n
    apart = [x - exact * y for x, y in pairs]
    mean = math.fsum(apart) / n
    spread = math.sqrt(math.fsum((a - mean) ** 2 for a in apart) / (n - 1) / n)
    if not spread > 0:
        raise ValueError(f"“{what}” never varies, so it says nothing")
    estimate = math.fsum(x for x, _ in pairs) / n / weight
    return Compared(what, exact, estimate, spread / weight, mean / spread)


def threshold(comparisons: int, replications: int) -> float:
    """The number of standard errors beyond which a comparison fails: Bonferroni, Student's t."""
    return float(stats.t.isf(WRONG / 2 / comparisons, replications - 1))
