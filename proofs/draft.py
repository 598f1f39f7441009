"""A trace in the making, from the steps of a way."""

from __future__ import annotations

from typing import TYPE_CHECKING

from model.graph import LADDER, Move
from model.replay import Step
from model.terms import FALSE, INFINITE

if TYPE_CHECKING:
    from proofs.stories import Teller


class Draft:
    """A trace in the making: it keeps the clocks, and inserts what side tracks need."""

    def __init__(self, teller: Teller) -> None:
        self.teller = teller
        self.steps: list[Step] = []
        self.day = 0
        self.since = 0
        self.spent = {b.name: 0 for b in teller.graph.budgets}

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
        self.spent |= {b.name: 0 for b in self.teller.graph.budgets if b.renewed(move)}
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
        for budget in self.teller.graph.budgets:
            if self.teller.of(budget.counts.get(state, FALSE)):
                self.spent[budget.name] += count

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
