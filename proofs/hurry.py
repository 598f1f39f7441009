"""What a dispute can surely come to, though a total can end a wait that has to be kept.

Others can always answer at once, so that few days of the total are used up before the wait. With
how many at most a dispute can come to each state is worked out day by day; what takes a time that
the text does not state is taken to use up all of it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from model.graph import LADDER, Budget, Move
from model.terms import FALSE, TRUE, ZERO, Term, all_, any_, not_
from proofs.bounds import cases
from proofs.paths import Edge, by_source, reachable

if TYPE_CHECKING:
    from proofs.analysis import Analysis

MOST_DAYS = 60  # of a total; one of more days is left out


class InTime:
    """The formulas under which a dispute surely comes to each state, and to the end of each wait.

    Moves that have no wait inside a total are `soon` enough; of waits only those inside one and the
    same total are told.
    """

    def __init__(self, a: Analysis) -> None:
        self.a = a
        self.waited: dict[int, Term] = {}  # by the `id` of a move: where its wait is over in time
        budgets = {b.name: b for e in a.edges if a.waits_in_total(e.move)
                   for b, _ in a.cutting(e.source)}  # fmt: skip
        self.budget: Budget | None = None
        self.most = 0
        if len(budgets) == 1:
            (budget,) = budgets.values()
            if budget.at_most.op == "days" and budget.at_most.args[0] <= MOST_DAYS:
                self.budget, self.most = budget, budget.at_most.args[0]
        self.soon = self.by_days() if self.budget is not None else self.without_waits()

    def without_waits(self) -> Mapping[str, Term]:
        edges = [e for e in self.a.edges if not self.a.waits_in_total(e.move)]
        return reachable(self.a.main, edges, self.a.graph.start)

    def by_days(self) -> Mapping[str, Term]:
        assert self.budget is not None
        found = dict.fromkeys(self.a.main, FALSE)
        seen: dict[tuple[str, int, int], Term] = defaultdict(lambda: FALSE)
        # on a day of the total: by state, and the day on which its clock showed 0
        coming = [defaultdict[tuple[str, int], Term](lambda: FALSE) for _ in range(self.most + 1)]
        coming[0][self.a.graph.start, 0] = TRUE
        outgoing = by_source(self.a.edges)
        for day in range(self.most + 1):
            while coming[day]:
                (name, since), when = coming[day].popitem()
                here = any_([seen[name, since, day], when])
                if here is seen[name, since, day]:
                    continue
                seen[name, since, day] = here
                found[name] = any_([found[name], here])
                for e in outgoing.get(name, ()):
                    then, begun, guard = self.later(e, day, since)
                    if self.a.waits_in_total(e.move):
                        over = self.waited.get(id(e.move), FALSE)
                        self.waited[id(e.move)] = any_([over, all_([here, guard])])
                    way = all_([here, e.guard, guard])
                    if way is not FALSE:
                        place = e.target, begun
                        coming[then][place] = any_([coming[then][place], way])
        return found

    def later(self, e: Edge, day: int, since: int) -> tuple[int, int, Term]:
        """How many days of the total are used up after a move, and when its clock then began.

        With the formula under which the move is possible by then.
        """
        assert self.budget is not None
        move, counted = e.move, self.budget.counts.get(e.source, FALSE) is not FALSE
        wait = number(self.a.states[e.source].limit if move.at_limit else move.earliest)
        fits = wait is not None and since + wait <= self.most
        when = TRUE
        if self.a.waits_in_total(move) and not fits:
            when = not_(self.budget.cap)
        if self.waits_beside(move):
            wait = None
        if not counted and wait is not None:
            return day, day, when
        then = self.most if wait is None else min(max(day, since + wait), self.most)
        return then, since if move.keeps and counted else then, when

    def waits_beside(self, move: Move) -> bool:
        """Whether what a move needs, or follows, may take some days."""
        tracks = {move.track, move.needs} - {LADDER, None}
        asked: Iterable[Move] = (m for t in tracks for m in self.a.moves_of[str(t)])
        return any(m.earliest is not ZERO for m in asked)


def number(count: Term) -> int | None:
    """The most days of a count that says how many in each reading; None of any other."""
    found = [c for _, c in cases(count)]
    return max(c.args[0] for c in found) if all(c.op == "days" for c in found) else None
