"""Running a study: replication by replication, until its intervals are as narrow as wanted.

    study = load_study("silence-goes-up")
    result = run_study(study, prepared(study))

All arms of a replication have its seed and number, so they go through the same disputes. Which
replications are run depends on nothing but the study: stopped and gone on with, or spread over
processes, it gives the same result.
"""

from __future__ import annotations

import math
import multiprocessing
import signal
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from typing import NamedTuple

from simulations.figures import MEASURES, ReplicationResult, measures
from simulations.kept import Kept
from simulations.paired import Interval, Values, differences, interval, variance_ratio
from simulations.results import SHARED, Estimate, Totals
from simulations.study import CONFIDENCE, Study, Wanted
from simulations.trials import Trial


class Difference(NamedTuple):
    """What an arm changes in a measure, against another; None where no pair has the measure.

    `confidence` is that of this interval by itself; of all intervals of the measure together it is
    that of the study (Bonferroni). `variance_ratio` is what common random numbers gave.
    """

    arm: str
    against: str
    wanted: Wanted
    unit: str
    interval: Interval | None
    variance_ratio: float | None
    confidence: float


@dataclass(frozen=True, eq=False)
class StudyResult:
    """What a study found.

    `values` are those of its measures, by arm and measure, one for each replication. `reached` says
    whether every half-width that it wanted was reached.
    """

    study: Study
    trials: tuple[Trial, ...]
    replications: int
    reached: bool
    values: tuple[tuple[tuple[float | None, ...], ...], ...]
    totals: tuple[Totals, ...]

    @property
    def estimates(self) -> tuple[tuple[Estimate, ...], ...]:
        """Every measure of every arm."""
        return tuple(totals.estimates(CONFIDENCE) for totals in self.totals)

    def interval(self, arm: int, measure: int) -> Interval | None:
        """One of the study's measures in one arm."""
        return interval(self.values[arm][measure], CONFIDENCE)

    @property
    def differences(self) -> tuple[Difference, ...]:
        """Every measure of the study in every comparison, in their order."""
        return tuple(
            _difference(self.study, self.values, pair, i)
            for i in range(len(self.study.measures))
            for pair in self.study.pairs
        )

    def _repr_html_(self) -> str:
        from simulations import pages

        return pages.result_html(self)


def value_of(result: ReplicationResult, wanted: Wanted) -> float | None:
    """A measure of one replication; None where it has no cases."""
    there = False
    for name, of, _, value in measures(result):
        if name == wanted.measure:
            there = True
            if of == wanted.of:
                return value
    return 0.0 if there and wanted.measure in SHARED else None


def together(study: Study) -> float:
    """The confidence of one interval, so that all of a measure hold together (Bonferroni)."""
    count = len(study.pairs) or len(study.arms)
    return 1 - (1 - CONFIDENCE) / count


def _difference(
    study: Study, values: Sequence[Sequence[Values]], pair: tuple[int, int], measure: int
) -> Difference:
    one, base = (values[i][measure] for i in pair)
    wanted = study.measures[measure]
    confidence = together(study)
    return Difference(
        study.arms[pair[0]].name,
        study.arms[pair[1]].name,
        wanted,
        MEASURES[wanted.measure][0],
        interval(differences(one, base), confidence),
        variance_ratio(one, base),
        confidence,
    )


def widest(study: Study, values: Sequence[Sequence[Values]]) -> float:
    """The widest interval as a share of what is wanted: at most 1 when the study is done.

    Of the differences where arms are compared, and else of the arms. A measure that has had no
    value yet is endlessly wide; nothing wanted is 0.
    """
    most = 0.0
    for i, wanted in enumerate(study.measures):
        if wanted.half_width is None:
            continue
        for one, base in _intervals(study, values, i):
            if one is None:
                return math.inf
            limit = wanted.half_width
            if wanted.relative:
                limit *= abs(base.mean) if base is not None else 0.0
            if one.half_width:
                most = max(most, one.half_width / limit if limit else math.inf)
    return most


def _intervals(
    study: Study, values: Sequence[Sequence[Values]], measure: int
) -> Iterator[tuple[Interval | None, Interval | None]]:
    """Each interval that has to be narrow, with that of the mean it is a share of."""
    for pair in study.pairs:
        base = interval(values[pair[1]][measure], CONFIDENCE)
        yield _difference(study, values, pair, measure).interval, base
    if not study.pairs:
        for arm in values:
            own = interval(arm[measure], together(study))
            yield own, own


Told = Callable[[int, float], None]


def run_study(
    study: Study,
    trials: tuple[Trial, ...],
    *,
    kept: Kept | None = None,
    told: Told | None = None,
    processes: int = 1,
) -> StudyResult:
    """Run a study to its end.

    `kept` are the replications done before, to which new ones are added; `told` is called after
    each replication with their number and with how much wider than wanted the widest interval is.
    Broken if a run contradicts itself; OSError if a replication cannot be kept.
    """
    totals = tuple(Totals() for _ in trials)
    values: list[list[list[float | None]]] = [[[] for _ in study.measures] for _ in trials]
    wide, number = math.inf, 0
    wanted = any(w.half_width is not None for w in study.measures)
    with _runner(trials, study.seed, processes) as run:
        for number in range(study.most):
            if kept is not None and number < len(kept.done):
                results = kept.done[number]
            else:
                results = run(number)
                if kept is not None:
                    kept.add(results)
            for i, result in enumerate(results):
                totals[i].add(result)
                for j, measure in enumerate(study.measures):
                    values[i][j].append(value_of(result, measure))
            wide = widest(study, values)
            if told is not None:
                told(number + 1, wide)
            if number + 1 >= study.least and wanted and wide <= 1:
                break
    frozen = tuple(tuple(tuple(series) for series in arm) for arm in values)
    return StudyResult(study, trials, number + 1, wide <= 1, frozen, totals)


# --- one process, or several ------------------------------------------------------------------

_TRIALS: tuple[Trial, ...] = ()


@contextmanager
def _runner(
    trials: tuple[Trial, ...], seed: int, processes: int
) -> Iterator[Callable[[int], tuple[ReplicationResult, ...]]]:
    """Runs all arms of one replication, spread over processes where more than one is asked for.

    The processes are forked, since a state graph is equal to itself only in its own memory.
    """
    if min(processes, len(trials)) < 2 or "fork" not in multiprocessing.get_all_start_methods():
        yield lambda number: tuple(trial.run(seed, number) for trial in trials)
        return
    global _TRIALS
    _TRIALS = trials
    context = multiprocessing.get_context("fork")
    pool = ProcessPoolExecutor(min(processes, len(trials)), context, initializer=_deaf)
    try:
        yield lambda number: tuple(pool.map(partial(_one, seed, number), range(len(trials))))
    finally:
        pool.shutdown(cancel_futures=True)
        _TRIALS = ()


def _deaf() -> None:
    """Ctrl-C is for the process that shares out the work."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)


def _one(seed: int, number: int, arm: int) -> ReplicationResult:
    return _TRIALS[arm].run(seed, number)


__all__ = ["Difference", "StudyResult", "run_study", "together", "value_of", "widest"]
