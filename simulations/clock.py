"""The clock, the total order of events, and who is at work when.

**Time** is a whole number of ticks: a tick is one second of a working day of 7.5 hours, so day
`d` of a run has the ticks 27,000 d to 27,000 d + 26,999. Nights, weekends and bank holidays have
no ticks; day 0 is the first working day from the workload's start on. `replay` is told the day.
A limit that ends on a day ends at that day's last tick, and what happens at that tick is in time.

**Order.** The key of an event is `tick << 40 | kind << 36 | number`, and SimPy's clock is that
key. Of events at one tick first come officers who leave or come back, then work that is done,
then matters that have lain long enough, then limits, then new disputes; of one kind the lower
number first, where the number is that of the dispute in the run (0, 1, … as they arrive), of the
officer (over all posts, in the order of the workload), or of the stream of disputes.
A dispute does what is due for it in the order of these keys; of equal keys the limit of the
ladder's token comes first, and then what was planned first. What comes to be due at a key that is
already past is done before the dispute waits for anything else; for a dispute that slept (its
matter was taken up by an officer who became free, and takes no time) right after the event that
woke it, in the order of waking. A step that takes no time (to raise, to decide, to carry out at
once) belongs to the step that led to it. An officer who becomes free takes up the next matter at
once, before anything else.

**Officers** spread their hours evenly: work of w ticks takes w * 37.5 / hours a week (cut down to
a whole tick) of the time at which they are there. Leave and vacancies come in cycles of whole
days; the spell of each cycle begins on a day drawn for the officer and the cycle. Work in hand
waits for its officer to come back; new work is given only to who is there.
"""

from __future__ import annotations

from bisect import bisect_right
from datetime import date
from functools import cache

from model.calendar import add_working_days, next_working_day
from simulations.draws import C2, M64, Purpose, mix, uniform
from simulations.draws import TICKS_A_DAY as DAY
from simulations.workload import DAYS_A_YEAR, HOURS_A_DAY, Post

HOURS_A_WEEK = 5 * HOURS_A_DAY

CALENDAR, WORK, LYING, LIMIT, ARRIVAL = range(5)  # the kinds of events, in their order
TICK_BITS, KIND_BITS = 40, 36
NEVER = 1 << 100  # a key after all others
MOST_DISPUTES = 1 << KIND_BITS

Spells = tuple[tuple[int, int], ...]  # (from, to) in ticks, in order, apart, the end not included


def key_of(tick: int, kind: int, number: int) -> int:
    return tick << TICK_BITS | kind << KIND_BITS | number


def last_tick(day: int) -> int:
    return day * DAY + DAY - 1


@cache
def dates(start: date, days: int) -> tuple[int, ...]:
    """The dates of working days 0 to `days` of a run, as ordinals."""
    first = next_working_day(start)
    found = [first.toordinal()]
    day = first
    for _ in range(days):
        day = add_working_days(day, 1)
        found.append(day.toordinal())
    return tuple(found)


def absences(post: Post, key: int, days: int) -> Spells:
    """When an officer (or the post, being vacant) is away in the first `days` days."""
    spells: list[tuple[int, int]] = []
    share = post.leave.value / DAYS_A_YEAR
    for purpose, away, part in (
        (Purpose.LEAVE, round(post.spell.value), share),
        (Purpose.VACANCY, round(post.filling.value), post.vacancy.value),
    ):
        if part <= 0 or away <= 0:
            continue
        if part >= 1:
            spells.append((0, days * DAY))
            continue
        cycle = max(away, round(min(away / part, 1e9)))
        for number in range(-1, days // cycle + 1):
            drawn = uniform(mix((key + (number + 2) * C2) & M64), purpose)
            first = number * cycle + cycle // 2 + int(drawn * (cycle - away + 1))
            if first + away > 0 and first < days:
                spells.append((max(0, first) * DAY, min(days, first + away) * DAY))
    return _joined(spells)


def _joined(spells: list[tuple[int, int]]) -> Spells:
    joined: list[tuple[int, int]] = []
    for first, last in sorted(spells):
        if joined and first <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(last, joined[-1][1]))
        else:
            joined.append((first, last))
    return tuple(joined)


def finish(spells: Spells, start: int, length: int) -> int:
    """When work that begins at `start` and takes `length` ticks of presence is done."""
    place = bisect_right(spells, (start, NEVER))
    if place and spells[place - 1][1] > start:
        start = spells[place - 1][1]
    for first, last in spells[place:]:
        if start + length <= first:
            break
        length -= first - start
        start = last
    return start + length


def away_at(spells: Spells, tick: int) -> bool:
    place = bisect_right(spells, (tick, NEVER))
    return bool(place) and spells[place - 1][1] > tick
