"""One dispute as it goes on: its tokens, what is planned for it, and what every plan needs."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol

import simpy

from model.terms import INFINITE
from simulations.clock import LIMIT, NEVER, key_of, last_tick
from simulations.draws import TICKS_A_DAY as DAY
from simulations.draws import Quantiles, place_key, uniform
from simulations.habits import Answering, Ending, Habits, Raising
from simulations.settled import Place, Settled, Way
from simulations.staff import Pool, Task


class Action:
    """What a task is about; the numbers are part of the order in which equal keys are planned."""

    LIMIT = 0
    RAISE = 1
    ANSWER = 2
    DECIDE = 3
    APPROVE = 4
    ASK_MORE = 5
    CHASE = 6
    RECEIVE = 7
    PASS = 8
    GIVE_BACK = 9
    RESUME = 10
    CARRY_OUT = 11
    BRING_BACK = 12


UNHEARD, SATISFIED, PARTLY, UNSATISFIED = range(4)


class Dispute:
    """One dispute: the case, its tokens, and what is planned for it."""

    __slots__ = (
        "alarm", "alarm_key", "answer", "answering", "asked", "base", "bases", "begun", "child",
        "conduct", "day", "ending", "entered", "first", "heard", "highest", "key", "limit",
        "limit_key", "made", "number", "over", "place_since", "places", "process", "raiser",
        "refer_after", "settled", "severity", "since", "speaker", "spent", "stays", "steps",
        "tasks", "turns", "urgency", "visits", "wants",
    )  # fmt: skip

    def __init__(
        self,
        number: int,
        key: int,
        settled: Settled,
        severity: str,
        urgency: int,
        raiser: str,
        habits: Habits,
    ) -> None:
        self.number, self.key, self.settled = number, key, settled
        self.severity, self.urgency, self.raiser = severity, urgency, raiser
        self.conduct: Raising = habits.raising(raiser, severity)
        self.ending: Ending = habits.ending(severity)
        self.answering: Answering
        self.places: list[Place] = list(settled.firsts)
        self.since = [0] * len(self.places)
        self.made = [0] * len(self.places)  # moves of each token
        self.entered = [0] * len(self.places)
        self.spent = [0] * len(settled.budgets)
        self.day = self.first = -1
        self.steps: list[tuple[int, Way]] = []
        self.tasks: list[Task] = []
        self.alarm: simpy.Event | None = None
        self.alarm_key = 0
        self.visits: dict[int, int] = {}
        self.base = key  # of the draws about this visit
        self.bases = [key] * len(self.places)  # of the draws about what is asked on each track
        self.limit = NEVER  # the tick at which the ladder's place ends
        self.limit_key = NEVER  # the event of it; the limits of side tracks are tasks
        self.answer = UNHEARD
        self.speaker = ""
        self.turns = 0  # extensions taken on this visit
        self.wants = -1  # the rung to which leave to skip was asked for
        self.asked: set[int] = set()  # side tracks on which something was asked on this visit
        self.refer_after = False  # a referral waits for legal advice
        self.child = (0, 0)
        # of the process that began when it was raised, or last brought back:
        self.process = 0
        self.begun = -1  # tick
        self.highest = -1
        self.stays = self.place_since = 0
        self.heard = True
        self.over = False


class Life(Protocol):
    """What carries out, as conduct sees it."""

    habits: Habits

    def desks(self, place: Place) -> list[tuple[str, tuple[Pool, ...]]]: ...

    def make(self, d: Dispute, way: Way, tick: int) -> None: ...

    def plan(
        self,
        d: Dispute,
        action: int,
        track: int,
        tick: int,
        pools: tuple[Pool, ...] = (),
        work: int = 0,
    ) -> None: ...

    def drop(self, d: Dispute, track: int, action: int) -> None: ...

    def given_up(self, d: Dispute, tick: int) -> None: ...

    def dead_end(self, d: Dispute) -> None: ...

    def barred(self, d: Dispute) -> None: ...


# --- limits and visits ------------------------------------------------------------------------


def limit_of(d: Dispute, track: int) -> int:
    """The last tick of a token's stay, as `replay` has it; `NEVER` without a limit."""
    place = d.places[track]
    end = max(d.entered[track], d.since[track] + place.limit)
    if track == 0:
        for budget, most in place.cuts:
            end = min(end, d.day + max(0, most - d.spent[budget]))
    return NEVER if end >= INFINITE else last_tick(end)


def is_open(d: Dispute, way: Way, day: int) -> bool:
    """Whether a way can be taken on a day, the time not having run out."""
    if way.earliest and day - d.since[way.track] < way.earliest:
        return False
    return stands(d, way)


def stands(d: Dispute, way: Way) -> bool:
    """Whether the other tokens stand where a way needs them."""
    if way.while_in is not None and d.places[0].name not in way.while_in:
        return False
    return not way.needs or d.places[way.needs].kind in ("granted", "done")


def take(life: Life, d: Dispute, ways: Iterable[Way], tick: int) -> bool:
    """Take the first of some ways that is open."""
    day = tick // DAY
    for way in ways:
        if way.free or is_open(d, way, day):
            life.make(d, way, tick)
            return True
    return False


def visit(d: Dispute, name: int) -> int:
    """The key of the draws about one more visit to something."""
    visit = d.visits.get(name, 0)
    d.visits[name] = visit + 1
    return place_key(d.key, name, visit)


def drawn_ticks(time: Quantiles, key: int, purpose: int) -> int:
    return time.always if time.always is not None else time.ticks(uniform(key, purpose))


def happens(chance: float, key: int, purpose: int) -> bool:
    return chance > 0 and (chance >= 1 or uniform(key, purpose) < chance)


def begin_visit(d: Dispute, place: Place) -> None:
    d.base = visit(d, place.rung_name)
    d.answer, d.turns, d.wants = UNHEARD, 0, -1
    d.asked.clear()


def plan_limit(d: Dispute, tick: int) -> None:
    if d.places[0].endless:
        d.limit = d.limit_key = NEVER
        return
    d.limit = limit_of(d, 0)
    d.limit_key = NEVER if d.limit == NEVER else key_of(max(d.limit, tick), LIMIT, d.number)
