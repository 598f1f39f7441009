"""What is counted in a run, and what is worked out from it.

A *process* is a dispute from its first step until it is settled or over; what is brought back
after a broken agreement is a new process. All sums are whole numbers of ticks, days or disputes,
so they do not depend on the order in which they were added.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from simulations.draws import TICKS_A_DAY, TICKS_AN_HOUR
from simulations.workload import DAYS_A_YEAR

WITHIN = 20  # working days, IRO Handbook 6.2


class Measure(NamedTuple):
    """One figure of one replication: what, of what, in which unit."""

    name: str
    of: str
    unit: str
    value: float


MEASURES = {
    "raised": ("a year", "processes that began, by the year of 253 working days"),
    "open": ("disputes", "processes open at one time, on average over time"),
    "open at the end": ("disputes", "processes open at the horizon"),
    "could not be raised": ("share", "of the disputes that came up: the text has no way to begin"),
    "standing still": ("disputes", "open at the horizon, with nobody who would or may do anything"),
    "days": ("working days", "from the first step to the end, mean of those that ended"),
    "days, median": ("working days", "by Kaplan and Meier: the open count as lasting longer"),
    "days, 90 %": ("working days", "by Kaplan and Meier: the open count as lasting longer"),
    "calendar days": ("calendar days", "from the first step to the end, mean of those that ended"),
    "calendar days, median": ("calendar days", "by Kaplan and Meier"),
    "calendar days, 90 %": ("calendar days", "by Kaplan and Meier"),
    "within 20 working days": ("share", "ended within 20 working days, by Kaplan and Meier"),
    "highest rung": ("share", "of the processes that ended, by the highest rung that they reached"),
    "outcome": ("share", "of the processes that ended, by where they ended"),
    "days at rung": ("working days", "mean stay of a visit that ended"),
    "overdue": ("share", "of the answers awaited, those that did not come in time"),
    "never answered": ("share", "of the answers awaited, those that never came"),
    "referrals": ("a year", "referrals outside the authority"),
    "agreements not kept": ("share", "of the agreements whose outcome was seen"),
    "child-days in dispute": ("working days a year", "days on which a child had an open process"),
    "utilisation": ("share", "of the time that the holders of a post have for disputes"),
    "hours": ("hours a year", "hours of work by a post"),
    "wait for a post": ("working days", "mean wait in the queue of those that began or left it"),
    "work that came": ("share", "work asked of a post, of the time that its holders have"),
}

# What a measure is of, where it is of one of several.
OF = {
    "highest rung": "rung",
    "outcome": "outcome",
    "days at rung": "rung",
    "utilisation": "post",
    "hours": "post",
    "wait for a post": "post",
    "work that came": "post",
}


@dataclass(frozen=True)
class PostTimes:
    """A post after the warm-up, in ticks; `hours_a_week` are those of one holder."""

    hours_a_week: float
    worked: int
    present: int
    waited: int
    begun: int
    asked: int  # of effort, in ticks of work and not of elapsed time


@dataclass(frozen=True)
class ReplicationResult:
    """One authority, one replication: a plain value that can be kept, sent and added up.

    Days are working days; histograms give how many processes by whole days. Only processes that
    began after the warm-up count, and time only after it, except in `open_by_day`, which has every
    day from the first, and in what conservation speaks of. `events` are disputes that came up,
    answers, and times that passed without one. `digest` is a hash of the keys of all that was
    done, in order: two runs with one digest took the same way.
    """

    authority: str
    ladder: str
    seed: int
    number: int
    horizon: int
    warm_up: int
    arrived: int
    raised: int
    brought_back: int
    ended: int
    open: int
    standing_still: int
    dead_ends: int
    barred: int
    preparing: int
    counted: int
    days: Mapping[int, int]
    calendar_days: Mapping[int, int]
    open_days: Mapping[int, int]
    open_calendar_days: Mapping[int, int]
    highest: Mapping[str, int]
    outcomes: Mapping[str, int]
    awaited: int
    overdue: int
    never_answered: int
    referrals: int
    kept: int
    not_kept: int
    open_area: int
    child_area: int
    rung_visits: Mapping[str, int]
    rung_time: Mapping[str, int]
    posts: Mapping[str, PostTimes]
    open_by_day: tuple[int, ...]
    events: int
    replayed: int
    digest: str
    rows: tuple[Mapping[str, object], ...] = ()

    @property
    def years(self) -> float:
        return (self.horizon - self.warm_up) / DAYS_A_YEAR


def measures(result: ReplicationResult) -> list[Measure]:
    """The figures of one replication, in the order of `MEASURES`; what has no cases is left out."""
    years = result.years
    span = (result.horizon - result.warm_up) * TICKS_A_DAY
    found = [
        _m("raised", "", result.counted / years),
        _m("open", "", result.open_area / span),
        _m("open at the end", "", result.open),
        _m("standing still", "", result.standing_still),
    ]
    if result.arrived > result.preparing:
        share = result.barred / (result.arrived - result.preparing)
        found.append(_m("could not be raised", "", share))
    ended = sum(result.days.values())
    if ended:
        found.append(_m("days", "", _mean(result.days)))
        found.append(_m("calendar days", "", _mean(result.calendar_days)))
    if result.counted:
        survival = kaplan_meier(result.days, result.open_days)
        found += [
            _m("within 20 working days", "", 1 - _after(survival, WITHIN)),
            *_quantile("days", survival),
            *_quantile(
                "calendar days", kaplan_meier(result.calendar_days, result.open_calendar_days)
            ),
        ]
    found += [_m("highest rung", rung, n / ended) for rung, n in result.highest.items() if ended]
    found += [_m("outcome", end, n / ended) for end, n in result.outcomes.items() if ended]
    for rung, visits in result.rung_visits.items():
        if visits:
            found.append(_m("days at rung", rung, result.rung_time[rung] / visits / TICKS_A_DAY))
    if result.awaited:
        found.append(_m("overdue", "", result.overdue / result.awaited))
        found.append(_m("never answered", "", result.never_answered / result.awaited))
    found.append(_m("referrals", "", result.referrals / years))
    if result.kept + result.not_kept:
        found.append(
            _m("agreements not kept", "", result.not_kept / (result.kept + result.not_kept))
        )
    found.append(_m("child-days in dispute", "", result.child_area / TICKS_A_DAY / years))
    for name, post in result.posts.items():
        found += post_measures(name, post, years)
    return found


def post_measures(name: str, post: PostTimes, years: float) -> list[Measure]:
    share = post.hours_a_week / 37.5  # of an hour there, what is for disputes
    found = [_m("hours", name, post.worked * share / TICKS_AN_HOUR / years)]
    if post.present:
        found.append(_m("utilisation", name, post.worked / post.present))
        found.append(_m("work that came", name, post.asked / (post.present * share)))
    if post.begun:
        found.append(_m("wait for a post", name, post.waited / post.begun / TICKS_A_DAY))
    return found


def _m(name: str, of: str, value: float) -> Measure:
    return Measure(name, of, MEASURES[name][0], value)


def _mean(histogram: Mapping[int, int]) -> float:
    return sum(day * n for day, n in histogram.items()) / sum(histogram.values())


def _quantile(name: str, survival: list[tuple[int, float]]) -> list[Measure]:
    found = []
    for label, share in (("median", 0.5), ("90 %", 0.9)):
        day = next((d for d, left in survival if left <= 1 - share + 1e-12), None)
        if day is not None:
            found.append(_m(f"{name}, {label}", "", day))
    return found


def kaplan_meier(
    ended: Mapping[int, int], still_open: Mapping[int, int]
) -> list[tuple[int, float]]:
    """The share that lasts longer than each day on which some ended (Kaplan and Meier 1958).

    An open process counts as at risk up to its age and, on the day of its age, after those that
    ended on that day.
    """
    at_risk = sum(ended.values()) + sum(still_open.values())
    left, found = 1.0, []
    for day in sorted({*ended, *still_open}):
        here = ended.get(day, 0)
        if here:
            left *= 1 - here / at_risk
            found.append((day, left))
        at_risk -= here + still_open.get(day, 0)
    return found


def _after(survival: Iterable[tuple[int, float]], day: int) -> float:
    left = 1.0
    for when, share in survival:
        if when > day:
            break
        left = share
    return left


def mser5(series: Iterable[float]) -> int:
    """How many observations to leave out at the start, by the rule MSER-5 (White 1997).

    The series is cut into batches of five; of the cuts in its first half, the one with the smallest
    estimated standard error of the mean of what is left is taken.
    """
    values = list(series)
    batches = [sum(values[i : i + 5]) / 5 for i in range(0, len(values) - 4, 5)]
    count = len(batches)
    best, cut = float("inf"), 0
    total = sum(batches)
    squares = sum(b * b for b in batches)
    for start in range(count // 2 + 1):
        left = count - start
        if left < 2:
            break
        error = (squares - total * total / left) / left / left
        if error < best - 1e-15:
            best, cut = error, start
        total -= batches[start]
        squares -= batches[start] ** 2
    return cut * 5


def added(histograms: Iterable[Mapping[int, int]]) -> Counter[int]:
    """Histograms of several replications as one."""
    whole: Counter[int] = Counter()
    for histogram in histograms:
        whole.update(histogram)
    return whole
