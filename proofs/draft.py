"""A trace in the making, from the steps of a way."""

from __future__ import annotations

import heapq
import itertools
from collections.abc import Mapping, Sequence
from copy import copy
from typing import TYPE_CHECKING

from model.graph import LADDER, Move
from model.replay import Step
from model.terms import FALSE, INFINITE
from proofs.paths import Edge, by_source

if TYPE_CHECKING:
    from proofs.stories import Teller

_STEPS = {
    "hand over": 5,
    "withdraw": 5,
    "extend": 5,
    "refer": 3,
    "resume": 30,
    "take back": 30,
}  # how many an unusual one is


class Draft:
    """A trace in the making: it keeps the clocks, and inserts what side tracks need."""

    def __init__(self, teller: Teller) -> None:
        self.teller = teller
        self.steps: list[Step] = []
        self.day = 0
        self.since = 0
        self.spent = {b.name: 0 for b in teller.graph.budgets}

    def after(self, e: Edge) -> Draft:
        """The same with one more step, as early as may be."""
        more = copy(self)
        more.steps = [*self.steps]
        more.step(e.move, self.teller.wait(e), e.source)
        return more

    def step(self, move: Move, wait: int, state: str = "") -> None:
        """Make a move when the ladder's clock shows `wait` (or now, if it shows more).

        Where a total cuts windows short, the wait in `state` is no longer than what is left.
        """
        if move.track == LADDER:
            day = max(self.day, self.since + (wait if wait < INFINITE else 10_000))
            day = min(day, self.day + self.left(state))
            self.spend(state, day - self.day)
            self.day = day
        self.ask(move)
        self.steps.append(Step(self.day, move))
        again = {b.name: 0 for b in self.teller.graph.budgets if b.renewed(move)}
        self.spent = self.spent | again
        if (move.track == LADDER and not move.keeps) or move.also is not None:
            self.since = self.day

    def ask(self, move: Move) -> None:
        """Take the steps on side tracks that a move waits for, and those that they wait for."""
        for asked in self.asked(move):
            self.ask(asked)
            self.steps.append(Step(self.day, asked))

    def barred(self, move: Move, state: str) -> bool:
        """Whether a budget ends the time in a state before a move's minimum wait is over."""
        return self.since + int(self.teller.of(move.earliest)) > self.day + self.left(state)

    def left(self, state: str) -> int:
        of, left = self.teller.of, INFINITE
        for budget in self.teller.graph.budgets:
            counted = of(budget.counts.get(state, FALSE))
            if state in budget.cuts and counted and of(budget.cap):
                left = min(left, max(0, of(budget.at_most) - self.spent[budget.name]))
        return left

    def spend(self, state: str, count: int) -> None:
        self.spent = {
            b.name: self.spent[b.name] + count * bool(self.teller.of(b.counts.get(state, FALSE)))
            for b in self.teller.graph.budgets
        }

    def asked(self, move: Move) -> list[Move]:
        """The moves on a side track that must come before: everybody agrees at once."""
        a, t = self.teller.a, self.teller
        if move.needs is not None:
            goals = {
                s.name
                for s in a.states.values()
                if s.track == move.needs and s.kind in ("granted", "done")
            }
            track = move.needs
        elif (
            move.track != LADDER and move.also is not None and self.place(move.track) != move.source
        ):
            goals, track = {move.source}, move.track
        else:
            return []
        edges = t.open_at(track, self.place(LADDER))
        at_once = [e for e in edges if not e.move.at_limit]
        here = self.place(track)
        return [e.move for e in t.way(at_once, here, goals) or t.way(edges, here, goals) or []]

    def place(self, track: str) -> str:
        """Where a side track stands after the steps so far."""
        state = self.teller.graph.start if track == LADDER else self.teller.graph.tracks[track]
        for _, move in self.steps:
            if track == LADDER and move.also is not None:
                state = move.also
            elif move.track == track:
                state = move.target
            elif move.needs == track and self.teller.a.states[state].kind == "granted":
                state = self.teller.graph.tracks[track]
        return state


def weight(e: Edge) -> int:
    """How many steps one counts as, when a way with few is looked for."""
    return _STEPS.get(e.move.kind, 1)


def in_time(
    teller: Teller,
    edges: Sequence[Edge],
    goals: set[str],
    last: Mapping[str, Edge],
    begun: Sequence[Edge] = (),
) -> list[Edge] | None:
    """A way from the start with the fewest steps, each as early as may be, that no budget bars.

    Nor the `last` edge from a goal, where there is one. It goes on from where one has `begun`. None
    if there is no such way.
    """
    outgoing, seen, number, of = by_source(edges), set[object](), itertools.count(), teller.of
    caps = [(b.name, int(of(b.at_most))) for b in teller.graph.budgets if of(b.cap)]
    caps = [(budget, most) for budget, most in caps if most < INFINITE]
    so_far = Draft(teller)
    for e in begun:
        so_far = so_far.after(e)
    here = begun[-1].target if begun else teller.graph.start
    queue = [(0, next(number), here, so_far, [*begun])]
    while queue:
        steps, _, name, draft, path = heapq.heappop(queue)
        if name in goals and not (name in last and draft.barred(last[name].move, name)):
            return path
        used = tuple(min(draft.spent[budget], most) for budget, most in caps)
        place = name, draft.day - draft.since, used
        for e in outgoing.get(name, ()) if place not in seen else ():
            if not draft.barred(e.move, name):
                more = (steps + weight(e), next(number), e.target, draft.after(e), [*path, e])
                heapq.heappush(queue, more)
        seen.add(place)
    return None
