"""One world of one ladder, as brute force sees it; `sentences.py` asks it what claims say.

Nothing of `proofs` is used: what can happen is what the explorer makes happen, and what the text
says is read from the protocol.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import cached_property
from typing import Any

from explorer import DILIGENT, PERMITTED, Explorer, Position

from model.expansion.build import Build
from model.graph import LADDER, Budget, Consent, Move, StateGraph
from model.shapes import Cases
from model.terms import Symbol, Term, evaluator

World = Mapping[Symbol, Any]


class Ladder:
    """One ladder; worlds in which all guards and limits are alike share what was explored."""

    def __init__(self, graph: StateGraph, tree: Any, not_named: Symbol, largest: int) -> None:
        self.graph, self.tree, self.not_named = graph, tree, not_named
        self.largest = largest
        self.build = Build(graph.protocol, graph.ladder)
        self.explored: dict[Any, dict[Any, Any]] = {}
        self.terms = [t for m in graph.moves for t in (m.guard, m.earliest)]
        self.terms += [
            t for s in graph.states.values() for t in (s.limit, s.prompt, s.formal, s.stuck)
        ]
        for budget in graph.budgets:
            self.terms += [budget.at_most, budget.cap, *budget.counts.values()]

    @property
    def positions(self) -> int:
        """How many positions have been explored so far."""
        found = (e for known in self.explored.values() for e in known.values())
        return sum(len(e.known) for e in found if isinstance(e, Explorer))

    def seen(self, world: World) -> Seen:
        of = evaluator(world)
        alike = tuple(of(t) for t in self.terms)
        return Seen(self, world, of, self.explored.setdefault(alike, {}))


class Seen:
    """One world of a ladder."""

    def __init__(
        self, ladder: Ladder, world: World, of: Callable[[Term], Any], known: dict[Any, Any]
    ) -> None:
        self.ladder, self.graph, self.world, self.of = ladder, ladder.graph, world, of
        self.known = known
        self.people = self.graph.protocol.people
        self.raiser = str(world[self.graph.raiser])
        self.iro = self.people[self.raiser].role == "IRO"
        kind = self.graph.protocol.children[str(world[self.graph.child])]
        self.concerned = self.iro and kind.looked_after == "yes"
        self.bodies = {str(n) for n, person in self.people.items() if person.role == "CAFCASS"}
        self.rungs = [str(name) for name in self.graph.ladder.rungs]

    def worst(self, conduct: str, total: Budget | None = None) -> int:
        """The most days that the formal process takes, or that a total counts."""
        how = ("worst", conduct, total and total.name)
        if how not in self.known:
            self.known[how] = self.explorer(conduct, True).worst(total)
        return self.known[how]

    def explorer(self, conduct: str, once: bool = False, whole: bool = False) -> Explorer:
        how = (conduct, once, whole)
        if how not in self.known:
            self.known[how] = Explorer(self.graph, self.world, *how, most=self.ladder.largest)
        found = self.known[how]
        assert isinstance(found, Explorer)
        return found

    def forces(self, name: str, goal: Callable[[Position], Any], whole: bool = False) -> list[bool]:
        """Whether the raiser can force a goal, called by a name, from each of `waits`.

        However much of the totals a diligent raiser may find used up there.
        """
        how = ("force", name)
        if how not in self.known:
            explorer = self.whole if whole else self.dispute
            spent = self.explorer(DILIGENT, True).spent if explorer.capping else {}
            self.known[how] = explorer.wins(goal, [state for _, state in self.waits], spent)
        return [self.known[how][state] for _, state in self.waits]

    @property
    def dispute(self) -> Explorer:
        return self.explorer(PERMITTED)

    @property
    def whole(self) -> Explorer:
        """The dispute with all that can be asked for beside it."""
        if len(self.dispute.tracks) > len(self.graph.tracks):
            return self.dispute  # all of it matters to the ladder
        return self.explorer(PERMITTED, False, True)

    def formal(self, state: str) -> bool:
        return bool(self.of(self.graph.states[state].formal))

    def reached(self, state: str) -> bool:
        return state in self.dispute.states

    @cached_property
    def waits(self) -> list[tuple[str, str]]:
        """The rungs that the dispute can come to, each with the state in which it waits there."""
        found = [(rung, f"{rung}: awaiting an answer") for rung in self.rungs]
        return [(rung, state) for rung, state in found if self.reached(state)]

    def made(self, state: str) -> list[Move]:
        """What can happen on the ladder in a state of it."""
        return [m for m in self.dispute.made.get(state, ()) if m.track == LADDER]

    def pressed(self, state: str) -> bool:
        """Whether nobody can leave it in a state for ever: a day comes that cannot pass there.

        What was asked for beside it may hold up a day, too, and ends nothing but itself.
        """
        dispute = self.dispute
        return any(
            position.tokens[0][1] >= dispute.stay[state] or dispute.left(position) < 1
            for position in dispute.steps
            if position.tokens[0][0] == state
        )

    @cached_property
    def happens(self) -> list[Move]:
        return [m for state in self.dispute.states for m in self.made(state)]

    def there(self, rung: str) -> bool:
        return bool(self.of(self.graph.reach_of[rung]))

    def case(self, cases: Cases) -> Any:
        """The value that applies of a value by cases."""
        return next(v for guard, v in self.ladder.build.branches(cases) if self.of(guard))

    def consents(self, *steps: str) -> list[Consent]:
        """Whose agreement some steps wait for here."""
        found = [c for c in self.graph.consents if c.is_consent and self.of(c.guard)]
        return [c for c in found if not steps or c.step in steps]

    def same(self, one: str, other: str) -> bool:
        """Whether two names mean one person."""
        if {one, other} & {"unknown", "unstated"}:
            return bool(self.world[self.ladder.not_named] == "the same")
        held = [(a, b) for a, b in ((one, other), (other, one)) if a in self.graph.same_person]
        posts = ((b, *post) for a, b in held for post in self.graph.same_person[a])
        return one == other or any(self.of(guard) and name == b for b, guard, name in posts)

    # --- referrals --------------------------------------------------------------------------

    def outside(self, state: str) -> bool:
        """Whether the dispute is with CAFCASS."""
        ends = ("with %s", "with %s by referral", "suspended by the referral to %s")
        return state in {end % body for end in ends for body in self.bodies}

    def to_cafcass(self, track: str) -> bool:
        if not track.startswith("referral"):
            return False
        number = int(track.removeprefix("referral").strip(" ()") or 1)
        return str(self.graph.ladder.refer[number - 1].to) in self.bodies

    def refers(self, move: Move) -> bool:
        """Whether a move refers to CAFCASS, or first asks about it."""
        if move.track == LADDER:
            return move.kind == "refer" and self.outside(move.target)
        return self.to_cafcass(move.track) and move.source == self.graph.tracks[move.track]

    def referrals(self, state: str) -> list[Move]:
        """The referrals to CAFCASS that somebody can make, or ask about, in a state."""
        return [m for m in self.whole.made.get(state, ()) if self.refers(m)]

    def referred(self, state: str) -> bool:
        """Whether the dispute comes to a state only when CAFCASS has it already."""
        return all(
            any(
                self.to_cafcass(track) and self.graph.states[name].kind == "done"
                for track, (name, _) in zip(self.whole.tracks, position.tokens, strict=True)
            )
            for position in self.whole.steps
            if position.tokens[0][0] == state
        )

    def owed(self, does: Iterable[str], steps: Iterable[str]) -> bool:
        """Whether somebody has such a duty at one of the steps."""
        return any(
            self.of(owed) and d.does in does and set(steps) & set(d.at_step)
            for d, owed in self.graph.duties
        )
