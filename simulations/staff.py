"""Officers and raisers as resources: who is free, who waits, in which order.

A `Pool` is the people of one post. Time is told to it in ticks; `clock.py` says how hours, leave
and vacancies become time. Its integrals over time are whole numbers, and at every change it is
held to `busy + free + away = number`.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable
from typing import TYPE_CHECKING

from simulations.clock import (
    HOURS_A_WEEK,
    NEVER,
    WORK,
    Spells,
    absences,
    away_at,
    finish,
    key_of,
)
from simulations.draws import named_key, numbered_key
from simulations.faults import Broken
from simulations.workload import DAYS_A_YEAR, DISCIPLINES, Post

if TYPE_CHECKING:
    from simulations.dispute import Dispute

LYING, QUEUED, WORKING, DONE = range(4)


class Task:
    """Something that somebody is to do for a dispute: it lies, waits for people, and is worked on.

    `key` is that of the event that comes next; `NEVER` while it waits in a queue. `pools` are
    those who still have to work on it, one after another, each for `work` ticks of effort.
    """

    __slots__ = (
        "action", "began", "dispute", "key", "officer", "pools", "stage", "track", "work",
    )  # fmt: skip

    def __init__(
        self,
        dispute: Dispute,
        action: int,
        track: int,
        key: int,
        pools: tuple[Pool, ...],
        work: int,
    ) -> None:
        self.dispute, self.action, self.track, self.key = dispute, action, track, key
        self.pools, self.work = pools, work
        self.stage, self.officer, self.began = LYING, -1, 0


def hours_of(post: Post, children: float) -> float:
    """The hours a week that each holder of a post has for disputes."""
    shared = 0.0
    if post.per_child.value:
        weeks = DAYS_A_YEAR / 5
        shared = post.per_child.value * children / weeks / max(1.0, post.number.value)
    return post.hours.value - post.duties.value - shared


class Pool:
    """The people of one post."""

    __slots__ = (
        "_asked",
        "_last",
        "asked",
        "away",
        "free",
        "hours",
        "in_hand",
        "name",
        "number",
        "order",
        "passed",
        "paused",
        "present_area",
        "queue",
        "queue_area",
        "spells",
        "stretch",
        "waited",
        "waiting",
        "wake",
        "work_area",
        "worked",
    )  # fmt: skip

    def __init__(
        self,
        post: Post,
        key: int,
        days: int,
        children: float,
        wake: Callable[[Task], None],
        endless: bool = False,
    ) -> None:
        self.name = post.name
        self.number = round(post.number.value)
        self.hours = hours_of(post, children)
        self.stretch = HOURS_A_WEEK / self.hours if self.hours > 0 else 0.0
        self.order = list(DISCIPLINES).index(post.discipline)
        self.wake = wake
        self.spells: tuple[Spells, ...] = ()
        if endless:
            self.number = 1 << 40
        elif post.leave.value > 0 or post.vacancy.value > 0:
            mine, people = named_key(key, post.name), range(self.number)
            self.spells = tuple(absences(post, numbered_key(mine, i), days) for i in people)
        self.free = list(range(self.number)) if self.spells else []
        self.away: set[int] = set()
        self.paused: set[int] = set()
        self.in_hand: dict[Task, None] = {}
        self.queue: list[tuple[int, int, int, Task]] = []
        self.waiting = self.passed = self._asked = self._last = 0
        self.asked = 0  # ticks of work
        self.work_area = self.present_area = self.queue_area = self.waited = self.worked = 0

    # --- time ---------------------------------------------------------------------------------

    def until(self, tick: int) -> None:
        """Carry the integrals on to a tick."""
        passed = tick - self._last
        if passed:
            self.work_area += passed * (len(self.in_hand) - len(self.paused))
            self.present_area += passed * (self.number - len(self.away) - len(self.paused))
            self.queue_area += passed * self.waiting
            self._last = tick

    def check(self) -> None:
        """Hold the pool to its sum: without leave, whoever is not busy is free."""
        busy = len(self.in_hand)
        if self.spells:
            free, away = len(self.free), len(self.away)
            if busy + free + away != self.number:
                raise Broken(
                    f"{self.name}: {busy} busy, {free} free and {away} away are not {self.number}"
                )
        else:
            free = self.number - busy
            if free < 0:
                raise Broken(f"{self.name}: {busy} are busy, of {self.number}")
        if self.waiting and (free or self.waiting < 0):
            raise Broken(f"{self.name}: {self.waiting} wait while {free} are free")

    # --- work ---------------------------------------------------------------------------------

    def ask(self, task: Task, tick: int, key: int, urgency: int, limit: int) -> None:
        """Begin a task if somebody is free; else it waits."""
        if tick != self._last:
            self.until(tick)
        if self.free if self.spells else len(self.in_hand) < self.number:
            self._begin(task, tick)
        else:
            task.stage, task.key, task.began = QUEUED, NEVER, tick
            self._asked += 1
            first = (0, -urgency, limit)[self.order]
            heapq.heappush(self.queue, (first, key, self._asked, task))
            self.waiting += 1
        self.check()

    def _begin(self, task: Task, tick: int) -> None:
        length = int(task.work * self.stretch)
        if self.spells:
            task.officer = heapq.heappop(self.free)
            end = finish(self.spells[task.officer], tick, length)
        else:
            end = tick + length
        self.in_hand[task] = None
        self.passed += 1
        task.stage, task.began = WORKING, tick
        task.key = key_of(end, WORK, task.dispute.number)

    def leave(self, task: Task, tick: int) -> None:
        """A task is over: worked off, or withdrawn from the desk or from the queue."""
        if tick != self._last:
            self.until(tick)
        if task.stage == QUEUED:
            self.waiting -= 1
            self.passed += 1
            self.waited += tick - task.began
            if len(self.queue) > 64 and len(self.queue) > 4 * self.waiting:
                self.queue = [e for e in self.queue if e[3].stage == QUEUED and e[3] is not task]
                heapq.heapify(self.queue)
        elif task.stage == WORKING:
            del self.in_hand[task]
            self.worked += self.presence(task, tick)
            if self.spells:
                officer = task.officer
                self.paused.discard(officer)
                if away_at(self.spells[officer], tick):
                    self.away.add(officer)
                else:
                    heapq.heappush(self.free, officer)
        task.stage = DONE
        if self.waiting:
            self._next(tick)
        self.check()

    def presence(self, task: Task, tick: int) -> int:
        """For how long a task in hand has been worked on."""
        passed = tick - task.began
        if self.spells:
            for first, last in self.spells[task.officer]:
                if first >= tick:
                    break
                passed -= max(0, min(last, tick) - max(first, task.began))
        return passed

    def _next(self, tick: int) -> None:
        while self.waiting and (self.free if self.spells else len(self.in_hand) < self.number):
            task = heapq.heappop(self.queue)[3]
            if task.stage == QUEUED:
                self.waiting -= 1
                self.waited += tick - task.began
                self._begin(task, tick)
                self.wake(task)

    # --- leave and vacancies ------------------------------------------------------------------

    def goes(self, officer: int, tick: int) -> None:
        """An officer goes on leave, or a post falls vacant; work in hand waits."""
        self.until(tick)
        if officer in self.free:
            self.free.remove(officer)
            heapq.heapify(self.free)
            self.away.add(officer)
        elif officer not in self.away:
            self.paused.add(officer)
        self.check()

    def returns(self, officer: int, tick: int) -> None:
        self.until(tick)
        if officer in self.away:
            self.away.remove(officer)
            heapq.heappush(self.free, officer)
            self._next(tick)
        else:
            self.paused.discard(officer)
        self.check()

    def settle(self, tick: int) -> None:
        """At the end: what waits or is in hand counts until now, and the integrals must agree.

        The time spent in the queue is the integral of its length, and the time worked that of the
        number at work: Little's law on this very path.
        """
        self.until(tick)
        waited = sum(tick - e[3].began for e in self.queue if e[3].stage == QUEUED)
        worked = sum(self.presence(task, tick) for task in self.in_hand)
        if self.queue_area != self.waited + waited:
            raise Broken(f"{self.name}: the queue's integral is not the sum of the waits")
        if self.work_area != self.worked + worked:
            raise Broken(f"{self.name}: the integral of those at work is not the time worked")
