"""The game unrolled from one state, where a total can end a wait that has to be kept.

A game on states does not know how many days of a total have been used up. From one state it is
unrolled here, move by move, with these days: at first as many as a diligent raiser can find used
up (`Latest`), then as many more as others can take. The fewer they are, the more the raiser can
force: so what can be forced with the most is surely forced; and as it is one thing that others can
do to take all the time they have, no more can be. It is unrolled as far as the next rung, of which
the claims speak too, or for `MOST_MOVES`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from model.graph import Budget, Move
from model.terms import FALSE, TRUE, ZERO, Term, all_, any_, at_most, choose, implies, longest, not_
from proofs.bounds import Bound, add, cases, later, trim, within
from proofs.latest import DILIGENT, Latest
from proofs.paths import Edge, closed, components

if TYPE_CHECKING:
    from proofs.analysis import Analysis
    from proofs.games import Game

MOST_MOVES = 5
NONE: Bound = [(TRUE, ZERO)]


class Days:
    """Where the waits are that a total can end, and the one total that does, if it is one alone."""

    def __init__(self, a: Analysis) -> None:
        waits = [e for e in a.edges if a.waits_in_total(e.move)]
        found = {b.name: b for e in waits for b, _ in a.cutting(e.source)}
        one = next(iter(found.values())) if len(found) == 1 else None
        self.total: Budget | None = one if one is not None and one.is_total else None
        # the latest days on which states are entered, as the total counts; none if untold
        self.latest: Latest | None = None
        if self.total is not None and a.coupled(DILIGENT, self.total.name) is None:
            self.latest = Latest(a, DILIGENT, total=self.total.name, whole=True)
        # states from which the ladder can come to such a wait, and to which it may come by one only
        self.ahead = closed((e.source for e in waits), [(e.target, e.source) for e in a.edges])
        once = a.conduct_edges(DILIGENT)  # what is brought back has a time of its own
        self.after = closed((e.target for e in waits), [(e.source, e.target) for e in once])


class Unrolled:
    """What the raiser can force of one goal: `surely`, or else at most.

    `edges` lead out of each state, and `win` has what is known without the days; the bounds are
    of the one total that can end waits. Where there are two, no more is told than in `win`.
    """

    def __init__(
        self,
        game: Game,
        edges: Mapping[str, list[Edge]],
        goal: Mapping[str, Term],
        win: Mapping[str, Term],
        surely: bool,
    ) -> None:
        self.game, self.a, self.edges, self.goal = game, game.a, edges, goal
        self.days = game.days
        self.win, self.surely = dict(win), surely
        self.simply = dict(win)
        self.found: dict[tuple[str, tuple[int, ...], int, int], Term] = {}

    def all(self) -> Mapping[str, Term]:
        """For each state, the formula under which the goal is surely forced from there."""
        for component in reversed(components(self.a.main, self.a.edges)):
            for name in component:
                if name in self.days.ahead and self.waiting(name):
                    self.win[name] = any_([self.win[name], self.at(name)])
        return self.win

    def at(self, name: str) -> Term:
        """The formula for a dispute that a diligent raiser has brought to a state, however late."""
        before = [] if self.days.latest is None else self.days.latest.entered[name]
        if self.surely:
            told = any_(guard for guard, _ in before)
            return all_([told, self.step(name, before, before, ZERO, MOST_MOVES)])
        if name in self.days.after or self.a.once_only:
            before = []
        return self.step(name, before, before, ZERO, MOST_MOVES)

    def step(self, name: str, before: Bound, came: Bound, waited: Term, moves: int) -> Term:
        """One move from a state.

        The bounds are of the days used up when its clock showed 0, and when one came to it; the
        clock may have gone on, and then shows how long one has `waited` at least.
        """

        def fits(there: str, wait: Term) -> Term:
            found = []
            for budget, under in self.a.cutting(there):
                used = before if budget is self.days.total else NONE
                over = within([(g, add(c, wait)) for g, c in used], budget.at_most)
                if self.surely and budget is not self.days.total:
                    over = at_most(wait, ZERO)
                found.append(any_([not_(under), over]))
            return all_(found)

        until, win, edges = self.until(name, before, came), dict(self.win), list[Edge]()
        for number, e in enumerate(self.edges.get(name, ())):
            there = f"{number}: {e.target}"
            ahead = e.target in self.days.ahead and e.move.kind != "reopen"
            if not ahead or e.move.needs is not None:
                win[there] = self.simply[e.target]
            elif e.move.side == "raiser":  # at once, or when the wait is over
                then = trim([*later(before, cases(e.move.earliest)), *came])
                win[there] = self.entered(e.target, then, then, ZERO, moves - 1)
            elif e.move.keeps:
                win[there] = all_(
                    self.entered(e.target, before, till, clock, moves - 1)
                    for till, clock in self.going_on(name, e.move, came, until, waited)
                )
            else:
                win[there] = self.entered(e.target, until, until, ZERO, moves - 1)
            over = all_([at_most(e.move.earliest, waited), fits(name, e.move.earliest)])
            edges.append(Edge(name, there, all_([e.guard, not_(over)]), e.move))
            edges.append(Edge(name, there, all_([e.guard, over]), replace(e.move, earliest=ZERO)))
        edges = [e for e in edges if e.guard is not FALSE]
        return self.game.step(edges, win, fits, self.surely)

    def going_on(
        self, name: str, move: Move, came: Bound, until: Bound, waited: Term
    ) -> list[tuple[Bound, Term]]:
        """The days used up, and what the clock shows, when a move is made that keeps it.

        At once or on the last day, of what can be forced at most; else the worst of both.
        """
        last = longest([waited, self.a.states[name].limit])
        if self.surely:  # another budget may end it sooner
            last = choose(all_(self.uncut(name)), last, waited)
        if move.at_limit:
            return [(until, last)]
        return [(until, waited)] if self.surely else [(came, waited), (until, last)]

    def entered(self, name: str, before: Bound, came: Bound, waited: Term, moves: int) -> Term:
        """The formula for a state that is entered with so many days used up."""
        goal, known = self.goal.get(name, FALSE), self.win[name]
        asked = self.waiting(name)  # and if it can fail there, that is seen there
        if self.surely:
            surely = covers(self.days.latest.entered[name], came) if self.days.latest else FALSE
            known = any_([self.simply[name], all_([known, surely])])
            asked = asked and surely is TRUE
        if asked or not moves or known is (TRUE if self.surely else FALSE) or goal is TRUE:
            return any_([goal, known])
        serials = (x.serial for bound in (before, came) for way in bound for x in way)
        key = name, (len(before), *serials), waited.serial, moves
        if key not in self.found:
            step = any_([goal, self.step(name, before, came, waited, moves)])
            self.found[key] = any_([known, step]) if self.surely else all_([known, step])
        return self.found[key]

    def waiting(self, name: str) -> bool:
        """Whether a dispute awaits the answer of a rung: of these states the claims speak."""
        return name == f"{self.a.states[name].rung}: awaiting an answer"

    def until(self, name: str, before: Bound, came: Bound) -> Bound:
        """How many days can have been used up when a state is left, where that is known.

        Of what the raiser can force at most nothing is known where other budgets cut it short.
        """
        if self.days.latest is None:
            return []
        limit = choose(self.a.counts(name, self.days.latest.total), self.a.states[name].limit, ZERO)
        until = later(before, cases(limit))
        if self.surely:
            return trim([*until, *came])
        uncut = self.uncut(name)
        return trim((all_([g, *uncut]), c) for g, c in until)

    def uncut(self, name: str) -> list[Term]:
        """The formulas that no budget but the total can cut a stay short."""
        budgets = (b for b in self.a.graph.budgets if b is not self.days.total)
        return [not_(b.cap) for b in budgets if name in b.cuts]


def covers(most: Bound, days: Bound) -> Term:
    """The formula under which some days are at most others."""
    return all_(implies(g, any_(all_([h, at_most(c, x)]) for h, x in most)) for g, c in days)
