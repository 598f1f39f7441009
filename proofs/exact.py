"""Whether what the analysis knows is enough to decide a claim, in every world.

Some formulas are not exact on every ladder: there the claim is undecided, and it says why.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import cached_property
from typing import Any

from model.graph import Move
from model.terms import FALSE, Term, all_, any_, not_
from proofs.analysis import Analysis
from proofs.claim import Claim, Obligation
from proofs.paths import Edge, by_source
from proofs.solver import UNSAT, Solver


def obligations_of(a: Analysis, claim: Claim, hold: bool = False) -> tuple[Obligation, ...]:
    """The obligations of a claim that can come about.

    With `hold`, a request may be held while the dispute goes on. Where a total can end a wait, each
    has the formula under which its premise surely is true.
    """
    asked: Any = _Holding(a) if hold else a
    found = tuple(o for o in claim.body(asked) if o.premise is not FALSE)
    if a.hurried is None:
        return found
    in_time: Any = _InTime(a)
    told: dict[object, Term] = {}
    for o in claim.body(in_time):
        told[_key(o)] = any_([told.get(_key(o), FALSE), o.premise])
    return tuple(
        o if o.story.kind == "worst"
        else replace(o, surely=all_([o.premise, told.get(_key(o), FALSE)]))
        for o in found
    )  # fmt: skip


def _key(o: Obligation) -> object:
    return o.says, o.story, o.at, o.citation


class _Holding:
    """An analysis in which a request may be held while the dispute goes on."""

    def __init__(self, a: Analysis) -> None:
        self.a = a

    def __getattr__(self, name: str) -> Any:
        return getattr(self.a, name)

    def force(self, goal: Mapping[str, Term], asks: Sequence[Edge] = ()) -> Mapping[str, Term]:
        return self.a.game.force(goal, asks, hold=True)


class _InTime:
    """An analysis in which a dispute comes only where it surely comes in time."""

    def __init__(self, a: Analysis) -> None:
        self.a, self.reach = a, a.hurry.soon

    def __getattr__(self, name: str) -> Any:
        return getattr(self.a, name)

    @cached_property
    def edges(self) -> list[Edge]:
        return [replace(e, guard=self.a.waited(e.move, e.guard)) for e in self.a.edges]

    @cached_property
    def outgoing(self) -> Mapping[str, Sequence[Edge]]:
        return by_source(self.edges)

    def may_be_made(self, move: Move) -> Term:
        return self.a.waited(move, move.guard)

    def reach_by(self, edges: Sequence[Edge]) -> Mapping[str, Term]:
        return self.a.reach_by([e for e in edges if not self.a.waits_in_total(e.move)])

    def force(self, goal: Mapping[str, Term], asks: Sequence[Edge] = ()) -> Mapping[str, Term]:
        return dict.fromkeys(self.a.main, FALSE)  # only premises are asked for


def happens(o: Obligation) -> Term:
    """The formula under which the premise of an obligation surely is true."""
    return o.premise if o.surely is None else o.surely


def inexact(
    a: Analysis, solver: Solver, obligations: Sequence[Obligation], holds: bool, again: bool = False
) -> str | None:
    """Why the formulas of some obligations are not exact; None where they are.

    With `again`, a referral may be made again and again.
    """
    for story in dict.fromkeys(o.story for o in obligations):
        if story.kind == "worst":
            coupled = a.coupled(story.to, story.total)
            if coupled is not None:
                return f"“{coupled}” {COUPLED}"
            if a.once_only and not holds and not again:
                return f"“{a.once_only[0].name}” {ONCE_ONLY}"
    if holds or _one_surely_fails(a, solver, obligations):
        return None
    return in_doubt(a)


COUPLED = "can cut it short, and counts other days than are asked about here"
ONCE_ONLY = "brings it back, and is counted as if it could be done again and again"
BOTH_SIDES = (COUPLED, ONCE_ONLY)  # there it may be decided from above and from below
HELD = "when what has been asked for is granted cannot be told exactly"


def in_doubt(a: Analysis) -> str:
    """Why it is open what a dispute comes to."""
    if a.hurried is not None:
        return f"the total “{a.hurried}” can end a minimum wait"
    return HELD


def _one_surely_fails(a: Analysis, solver: Solver, obligations: Sequence[Obligation]) -> bool:
    """Whether wherever some obligations fail, one of them surely does."""
    sure, open_ = list[Term](), list[Term]()
    for o in obligations:
        fails = all_([a.domain, o.premise, not_(o.holds)])
        late = unsure(a, o) if fails is not FALSE else FALSE
        sure.append(all_([fails, not_(late)]))
        open_.append(all_([fails, late]))
    rest = all_([any_(open_), not_(any_(sure))])
    return rest is FALSE or solver.check(rest) == UNSAT


def unsure(a: Analysis, o: Obligation) -> Term:
    """The formula under which it is open whether an obligation fails that is not kept."""
    doubt = a.game.unsure(o.goal, o.story.to) if o.story.kind == "stall" else o.unsure
    return any_([doubt, not_(happens(o))])
