"""Claims on time beside a window that a bound cannot treat exactly: decided from both sides.

Where such a window only limits each stay by itself, every dispute can take as long as it can, or
longer; where nobody stays in the states that it cuts, no dispute takes longer than it can, and each
is a dispute of the ladder, too. What holds of the first holds, and what fails in the second fails
(an over- and an under-approximation, Clarke, Grumberg and Long 1994); a condition that both have is
exact.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

from model.graph import Budget, Move, State, StateGraph
from model.terms import FALSE, ZERO, Term, all_, choose, not_, shortest
from model.work import TooLarge, within_limits
from proofs.analysis import Analysis
from proofs.claim import Claim
from proofs.solver import UNSAT

if TYPE_CHECKING:
    from proofs.decide import Answer, Decider


def from_both_sides(
    graph: StateGraph, claim: Claim, alike: Callable[[StateGraph], Decider]
) -> Answer | None:
    """The answer that a longer and a shorter ladder give alike; None where they do not.

    What fails is shown by a dispute of the shorter one.
    """
    try:
        with within_limits():
            above, below = alike(longer(graph, claim)), alike(shorter(graph, claim))
            most, least = above.answer(claim, again=True), below.answer(claim)
    except TooLarge:
        return None
    if not {most.word, least.word} <= {"holds", "broken", "depends"}:
        return None
    if most.word == "holds":
        return replace(most, by=above)
    apart = all_((least.condition, not_(most.condition)))
    exact = most.word == "depends" and most.complete and least.complete
    if least.word == "broken" or (exact and below.solver.check(apart) == UNSAT):
        return replace(least, by=below)
    return None


def longer(graph: StateGraph, claim: Claim) -> StateGraph:
    """A ladder in which disputes take as long as they can, or longer."""
    return _without(graph, claim, _each_in_full)


def shorter(graph: StateGraph, claim: Claim) -> StateGraph:
    """A ladder of some of the disputes; its moves are those of the graph, in the same order."""
    return without_return(_without(graph, claim, _left_at_once))


def without_return(graph: StateGraph) -> StateGraph:
    """The graph without the referrals after which a dispute comes back."""
    back = {id(m) for m in Analysis(graph).once_only}
    moves = (replace(m, guard=FALSE) if id(m) in back else m for m in graph.moves)
    return replace(graph, moves=tuple(moves)) if back else graph


def _without(
    graph: StateGraph, claim: Claim, change: Callable[[StateGraph, Budget], StateGraph]
) -> StateGraph:
    """The graph changed for each budget in the way, which then cuts nothing."""
    while True:
        a = Analysis(graph)
        stories = dict.fromkeys(o.story for o in claim.body(a) if o.story.kind == "worst")
        names = (a.coupled(story.to, story.total) for story in stories)
        name = next((n for n in names if n is not None), None)
        if name is None:
            return graph
        (budget,) = (b for b in graph.budgets if b.name == name)
        budgets = (replace(b, cap=FALSE) if b is budget else b for b in graph.budgets)
        graph = replace(change(graph, budget), budgets=tuple(budgets))


def _each_in_full(graph: StateGraph, budget: Budget) -> StateGraph:
    """No single stay is longer than all the days of a budget."""

    def most(state: State, limit: Term) -> Term:
        cut = all_((budget.cap, budget.counts.get(state.name, FALSE)))
        return choose(cut, shortest([limit, budget.at_most]), limit)

    return _limited(graph, budget, most)


def _left_at_once(graph: StateGraph, budget: Budget) -> StateGraph:
    """Nobody stays in the states that a budget cuts, and no time runs out there."""

    def barred(m: Move) -> Move:
        runs_out = m.source in budget.cuts and m.at_limit
        return replace(m, guard=all_((m.guard, not_(budget.cap)))) if runs_out else m

    found = _limited(graph, budget, lambda state, limit: choose(budget.cap, ZERO, limit))
    return replace(found, moves=tuple(map(barred, graph.moves)))


def _limited(graph: StateGraph, budget: Budget, most: Callable[[State, Term], Term]) -> StateGraph:
    """The graph with other limits on the states that a budget cuts."""
    cut = {
        s.name: replace(s, limit=most(s, s.limit), prompt=most(s, s.prompt))
        for s in graph.states.values()
        if s.name in budget.cuts
    }
    return replace(graph, states={**graph.states, **cut})
