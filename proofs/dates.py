"""On which start dates a story's dates are true.

A window of so many calendar days, weeks or hours is a span of working days, and a story takes one
value of that span. Told in dates, it has to begin on a day from which every such window that it
passes through really has the working days that it takes.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from datetime import date, timedelta
from functools import cache
from typing import Any, NamedTuple

from model.calendar import (
    FROZEN_FROM,
    FROZEN_TO,
    add_working_days,
    is_working_day,
    next_working_day,
    words,
    working_days_between,
)
from model.graph import LADDER, StateGraph
from model.terms import FALSE, INFINITE, Symbol, Term, evaluator, symbols
from proofs.stories import Story

FIRST = date(2026, 1, 6)  # a Tuesday
_LENGTH = re.compile(r"\((\d+) (calendar day|week|hour)s?\)$")
_DAYS = {"calendar day": 1.0, "week": 7.0, "hour": 1 / 24}


class Start(NamedTuple):
    """The first day of a story, and what to say where its dates do not fit."""

    day: date
    note: str = ""


class _Stay(NamedTuple):
    """One thing that a story says of a time: it counts from a day, and lasts so long.

    `time` is at most (`<=`), just (`==`) or at least (`>=`) so many working days.
    """

    since: int
    lasts: int
    how: str
    time: Term


def start(graph: StateGraph, story: Story, given: date | None) -> Start:
    """The day to tell a story from: the one given, or the first that fits from `FIRST` on."""
    stays = [s for s in _stays(graph, story) if _spans(s.time)]
    first = next_working_day(given or FIRST)
    if not stays or _fits(stays, story, first):
        return Start(first)
    found = next((day for day in _days(first, story.until) if _fits(stays, story, day)), None)
    if found is None:
        return Start(first, "no start date in the table of bank holidays gives every window that "
                            "is not in working days the length it has here")  # fmt: skip
    if given is None:
        return Start(found)
    return Start(first, "from this start date, a window that is not in working days has another "
                        f"length than here; it happens so from {words(found)}")  # fmt: skip


def _days(first: date, length: int) -> Iterator[date]:
    """The working days of the table from `first` on, and then those before it, backwards."""
    last = FROZEN_TO - timedelta(days=2 * length + 40)
    after = (first + timedelta(days=n) for n in range(1, max(1, (last - first).days)))
    before = (first - timedelta(days=n) for n in range(1, max(1, (first - FROZEN_FROM).days)))
    yield from (day for day in after if is_working_day(day))
    yield from (day for day in before if is_working_day(day))


def _spans(time: Term) -> list[Symbol]:
    return [s for s in symbols(time) if s.kind == "calendar"]


def _fits(stays: list[_Stay], story: Story, first: date) -> bool:
    for stay in stays:
        begun = add_working_days(first, stay.since)
        actual = {s: passing(str(s.words), begun) for s in _spans(stay.time)}
        most = _value(stay.time, story.world, actual)
        if not _HOW[stay.how](stay.lasts, most):
            return False
    return True


_HOW: dict[str, Callable[[int, int], bool]] = {
    "<=": lambda lasts, most: lasts <= most,
    "==": lambda lasts, most: lasts == most,
    ">=": lambda lasts, most: lasts >= most,
}


def _value(time: Term, world: Mapping[Symbol, Any], actual: Mapping[Symbol, int]) -> int:
    found: int = evaluator({**world, **actual})(time)
    return found


@cache
def passing(said: str, begun: date) -> int:
    """The working days that pass in a window such as `… (28 calendar days)` from a day on."""
    found = _LENGTH.search(said)
    if found is None:
        raise ValueError(f"{said!r} names no length of time")
    whole = -(-int(found[1]) * _DAYS[found[2]] // 1)  # hours are whole days, rounded up
    return working_days_between(begun, begun + timedelta(days=int(whole)))


def _stays(graph: StateGraph, story: Story) -> Iterator[_Stay]:
    """What a story says of every limit, minimum wait and budget that it meets."""
    of = evaluator(story.world)
    place = {LADDER: graph.start, **graph.tracks}
    since = dict.fromkeys(place, 0)
    begun: dict[str, int] = {}  # budget -> the day on which its counting began
    spent = dict.fromkeys((b.name for b in graph.budgets), 0)
    day = 0
    for when, move in [*story.trace, (story.until, None)]:
        here = place[LADDER]
        for budget in graph.budgets:
            if of(budget.counts.get(here, FALSE)) and when > day:
                begun.setdefault(budget.name, day)
                spent[budget.name] += when - day
                if here in budget.cuts and of(budget.cap):
                    # a budget counts some days and not others: it is held to its first day on
                    yield _Stay(begun[budget.name], spent[budget.name], "<=", budget.at_most)
        day = when
        for track, name in place.items():
            limit = graph.states[name].limit
            if of(limit) < INFINITE:
                yield _Stay(since[track], day - since[track], "<=", limit)
        if move is None:
            return
        stay = day - since[move.track]
        limit = graph.states[move.source].limit
        if move.at_limit and stay == of(limit):
            yield _Stay(since[move.track], stay, "==", limit)
        if of(move.earliest):
            yield _Stay(since[move.track], stay, ">=", move.earliest)
        place[move.track] = move.target
        if not move.keeps:
            since[move.track] = day
        if move.needs is not None and graph.states[place[move.needs]].kind == "granted":
            place[move.needs], since[move.needs] = graph.tracks[move.needs], day
        if move.also is not None:
            place[LADDER], since[LADDER] = move.also, day
        if graph.states[here].rung != graph.states[place[LADDER]].rung:
            for track in graph.lapsing:
                place[track], since[track] = graph.tracks[track], day
        for budget in graph.budgets:
            if budget.renewed(move):
                spent[budget.name] = 0
                begun.pop(budget.name, None)
