"""What follows from a state graph, as shared terms over its readings, facts and open numbers.

One pass over the graph for each question, in the order of its strongly connected components:

* `reach`: the formula under which a state can be entered at all;
* `latest`: the latest formal day on which a state's clock can have been set to 0 (the bound
  P of the invariant T - x <= P), for a conduct;
* `earliest`: the earliest formal day on which a state can be entered;
* `force`: the formula under which the raiser can bring a goal about, whatever others do.

Cycles are decided, not cut off: formulas reach their fixpoint after as many rounds as a
component has states, and a cycle on which time can pass makes a bound `NO_LIMIT`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property

from model.graph import LADDER, Budget, Move, StateGraph
from model.protocol import Referral
from model.terms import (
    FALSE,
    TRUE,
    ZERO,
    Symbol,
    Term,
    Value,
    all_,
    any_,
    at_most,
    evaluator,
    implies,
    limited,
    not_,
    simplified,
)
from model.yamltree import Position
from proofs.bounds import Bound
from proofs.games import Game
from proofs.hurry import InTime
from proofs.latest import DILIGENT, PERMITTED, UNHURRIED, Latest, used
from proofs.paths import Edge, by_source, closed, components, is_plain, reachable

__all__ = ["DILIGENT", "PERMITTED", "UNHURRIED", "Analysis"]


class Analysis:
    """The questions above for one graph; every answer is worked out once."""

    def __init__(self, graph: StateGraph) -> None:
        self.graph = graph
        self.states = graph.states

    # --- edges ------------------------------------------------------------------------------

    @cached_property
    def moves_of(self) -> Mapping[str, Sequence[Move]]:
        found: dict[str, list[Move]] = {}
        for move in self.graph.moves:
            found.setdefault(move.track, []).append(move)
        return found

    @cached_property
    def names_of(self) -> Mapping[str, Sequence[str]]:
        found: dict[str, list[str]] = {}
        for state in self.states.values():
            found.setdefault(state.track, []).append(state.name)
        return found

    @cached_property
    def _into(self) -> Mapping[str, Sequence[Move]]:
        found: dict[str, list[Move]] = {name: [] for name in self.states}
        for move in self.graph.moves:
            found[move.target].append(move)
            if move.also is not None:
                found[move.also].append(move)
        return found

    @cached_property
    def base(self) -> Term:
        """What every start of a dispute needs; claims speak of the disputes that are raised."""
        return any_(m.guard for m in self.graph.leaving[self.graph.start])

    @cached_property
    def domain(self) -> Term:
        """The worlds that claims speak of."""
        return all_([self.graph.domain, self.base])

    def edges_of(self, track: str, prompt: bool = False) -> Sequence[Edge]:
        """The moves of one track, with what each takes to be possible at all in its guard.

        With `prompt`, the raiser sets the windows that the text leaves to the raiser, shortly.
        """
        if (track, prompt) not in self._edges_of:
            self._edges_of[track, prompt] = list(self._drawn(track, prompt))
        return self._edges_of[track, prompt]

    @cached_property
    def _edges_of(self) -> dict[tuple[str, bool], Sequence[Edge]]:
        return {}

    def _drawn(self, track: str, prompt: bool) -> Iterator[Edge]:
        for move in self.moves_of.get(track, ()):
            guard = move.guard
            if move.source == self.graph.start:  # what every start needs is part of the domain
                guard = simplified(guard, self.base)
            if move.earliest is not ZERO or move.at_limit or move.needs is not None:
                guard = all_([guard, *self.needed(move, prompt)])
            if track in self.moving and move.source == self.graph.tracks[track]:
                guard = all_([guard, self.asked_before(move)])
            if guard is not FALSE:
                yield Edge(move.source, move.target, guard, move)

    def needed(self, move: Move, prompt: bool = False) -> Iterator[Term]:
        """What a move takes to be possible at all, besides its guard."""
        if move.earliest is not ZERO:
            kept = self.kept_from(move)
            ways = []
            for name, goes_on in kept.items():
                state = self.states[name]
                wait = state.prompt if prompt else state.limit
                ways.append(all_([goes_on, at_most(move.earliest, wait)]))
            yield any_(ways)
            for budget in self.graph.budgets:
                if budget.cuts.issuperset(kept):
                    counted = (any_([budget.counts.get(n, FALSE), not_(kept[n])]) for n in kept)
                    fits = at_most(move.earliest, budget.at_most)
                    yield any_([not_(all_([budget.cap, *counted])), fits])
        if move.at_limit:
            yield self.runs_out(move.source, prompt)
        if move.needs is not None:
            yield self.obtainable(move.needs)

    def kept_from(self, move: Move) -> Mapping[str, Term]:
        """The state that a move leaves, and those before it: when the clock can go on from there.

        The formula takes the moves on the way, and some move into the state, to be open. It does
        not ask for more of the way there, so that it may be true where no case comes.
        """
        back = [m for m in self.moves_of[move.track] if m.keeps]
        names = sorted(closed([move.source], ((m.target, m.source) for m in back)))
        edges = []
        for m in back:
            if m.target in names:
                into = any_(b.guard for b in self._into[m.source])
                edges.append(Edge(m.target, m.source, all_([m.guard, into]), m))
        found = reachable(names, edges, move.source)
        return {n: goes_on for n, goes_on in found.items() if goes_on is not FALSE}

    def cutting(self, name: str) -> list[tuple[Budget, Term]]:
        """The budgets that can cut the stay in a state short, each with its formula."""
        found = [
            (b, all_([b.cap, b.counts.get(name, FALSE)]))
            for b in self.graph.budgets
            if name in b.cuts
        ]
        return [(b, under) for b, under in found if under is not FALSE]

    def runs_out(self, name: str, prompt: bool = False) -> Term:
        """The formula under which the time in a state ends, by its limit or by a budget."""
        cut = [all_([under, limited(b.at_most)]) for b, under in self.cutting(name)]
        state = self.states[name]
        limit = state.prompt if prompt and state.side != "raiser" else state.limit
        return any_([limited(limit), *cut])

    @cached_property
    def edges(self) -> tuple[Edge, ...]:
        """The edges of the ladder, with the referrals that move it."""
        return self.with_referrals(self.edges_of(LADDER))

    @cached_property
    def prompt_edges(self) -> tuple[Edge, ...]:
        """The same, where the raiser sets shortly what the text leaves to the raiser."""
        return self.with_referrals(self.edges_of(LADDER, prompt=True))

    @cached_property
    def _own_steps(self) -> list[tuple[str, str]]:
        """Where the ladder can go on without a referral, from where."""
        return list(dict.fromkeys((e.source, e.target) for e in self.edges_of(LADDER)))

    def with_referrals(self, own: Sequence[Edge]) -> tuple[Edge, ...]:
        result = list(own)
        for e in (e for track in self.graph.tracks for e in self.edges_of(track)):
            move = e.move
            if move.also is not None:
                guard = all_([e.guard, self.side_reach(move.track)[e.source]])
                for source in sorted((move.while_in or frozenset()) & self.pending(move)):
                    result.append(Edge(source, move.also, guard, move))
        return tuple(result)

    @cached_property
    def moving(self) -> frozenset[str]:
        """The side tracks that can move the ladder: referrals which end or suspend it."""
        return frozenset(m.track for m in self.graph.moves if m.also is not None)

    @cached_property
    def unmoved(self) -> Mapping[str, Term]:
        """The formula under which each state is reached where no referral moves the ladder."""
        return reachable(self.main, self.edges_of(LADDER), self.graph.start)

    def asked_before(self, move: Move) -> Term:
        """The formula under which a dispute comes to where a referral is first asked for.

        This one has not moved the ladder then, but perhaps another one, which had to be asked for.
        """
        return self._comes(move.while_in, frozenset({move.track}))

    def _comes(self, where: frozenset[str] | None, unused: frozenset[str]) -> Term:
        """The formula under which a dispute comes to one of some states, or may.

        No referral of `unused` has moved the ladder.
        """
        if where is None:
            return TRUE
        found = [self.unmoved[name] for name in self.main if name in where]
        for track in sorted(self.moving - unused):
            moves = [m for m in self.graph.moves if m.track == track]
            after = {m.also for m in moves if m.also}
            if not where.isdisjoint(closed(after, self._own_steps)):
                asks = [m.while_in for m in moves if m.source == self.graph.tracks[track]]
                found += [self._comes(states, unused | {track}) for states in asks]
        return any_(found)

    def pending(self, move: Move) -> frozenset[str]:
        """The states of the ladder at which a side track can stand where a move of it starts.

        What is asked for where that is open can still be awaited in every state after it.
        """
        idle = self.graph.tracks[move.track]
        asks = [m for m in self.graph.moves if m.track == move.track and m.source == idle]
        everywhere = frozenset(self.main)
        if move.source == idle or any(m.while_in is None for m in asks):
            return everywhere
        found = {s for m in asks for s in m.while_in or ()} | self.left_by_referral
        return frozenset(closed(found, self._own_steps))

    def obtainable(self, track: str) -> Term:
        """The formula under which a request can be granted, if everybody agrees."""
        return any_(self.side_reach(track)[name] for name in self.granting(track))

    def granting(self, track: str) -> list[str]:
        """The states of a request in which what was asked for may be done."""
        names = self.names_of.get(track, ())
        return [n for n in names if self.states[n].kind in ("granted", "done")]

    def side_reach(self, track: str) -> Mapping[str, Term]:
        if track not in self._side_reach:
            edges = self.edges_of(track)
            names = self.names_of.get(track, ())
            self._side_reach[track] = reachable(names, edges, self.graph.tracks[track])
        return self._side_reach[track]

    @cached_property
    def _side_reach(self) -> dict[str, Mapping[str, Term]]:
        return {}

    @cached_property
    def outgoing(self) -> Mapping[str, Sequence[Edge]]:
        """The edges of the ladder out of each state."""
        return by_source(self.edges)

    # --- referrals --------------------------------------------------------------------------

    @cached_property
    def referrals(self) -> tuple[Referral, ...]:
        refer = self.graph.ladder.refer
        return () if isinstance(refer, str) else refer

    @cached_property
    def first_referrals(self) -> tuple[Move, ...]:
        """The moves by which the raiser refers, or first asks about a referral."""
        tracks = set(self.graph.tracks.values())
        return tuple(
            m
            for m in self.graph.moves
            if (m.track.startswith("referral") and m.source in tracks)
            or (m.track == LADDER and m.kind == "refer")
        )

    @cached_property
    def left_by_referral(self) -> frozenset[str]:
        """The states in which a referral leaves the ladder."""
        return frozenset(m.also for m in self.graph.moves if m.also is not None)

    def open_at(self, move: Move, name: str) -> bool:
        """Whether a move of `first_referrals` can be made while the dispute is at a state."""
        if move.track == LADDER:
            return move.source == name
        return move.while_in is None or name in move.while_in

    @property
    def refer_place(self) -> Position:
        return self.referrals[0].at if self.referrals else self.graph.ladder.place("refer")

    @property
    def refer_citation(self) -> str:
        return self.referrals[0].citation if self.referrals else self.graph.ladder.citation

    @cached_property
    def main(self) -> list[str]:
        return [s.name for s in self.graph.main]

    # --- reach ------------------------------------------------------------------------------

    @cached_property
    def reach(self) -> Mapping[str, Term]:
        """For each state of the ladder, the formula under which a dispute can come there."""
        return reachable(self.main, self.edges, self.graph.start)

    def reach_by(self, edges: Sequence[Edge]) -> Mapping[str, Term]:
        """The same by some of the edges."""
        return reachable(self.main, edges, self.graph.start)

    # --- time -------------------------------------------------------------------------------

    def end_by(
        self,
        conduct: str,
        start: Term = TRUE,
        total: str = "",
        over: int | None = None,
        given: Mapping[Symbol, Value] | None = None,
    ) -> Bound:
        """The latest formal day on which the formal process can still go on; see `Latest`."""
        if given is not None:
            return Latest(self, conduct, start, total, over, given).end_by
        return self.latest(conduct, start, total, over).end_by

    def latest(self, conduct: str, start: Term, total: str, over: int | None) -> Latest:
        """The latest days of entry in all worlds; a certificate asks for them once more."""
        key = (conduct, start.serial, total, over)
        if key not in self._latest:
            self._latest[key] = Latest(self, conduct, start, total, over)
        return self._latest[key]

    @cached_property
    def _latest(self) -> dict[tuple[str, int, str, int | None], Latest]:
        return {}

    def takes(self, conduct: str, world: Mapping[Symbol, Value], total: str = "") -> int:
        """The most formal days that a dispute can take in one world; `INFINITE` for no limit."""
        of = evaluator(world)
        ways = self.end_by(conduct, total=total, given=world)
        return max((of(count) for guard, count in ways if of(guard)), default=0)

    def counts(self, name: str, total: str = "") -> Term:
        """The formula under which time in a state counts."""
        if not total:
            return self.states[name].formal
        budget = next(b for b in self.graph.budgets if b.name == total)
        return budget.counts.get(name, FALSE)

    def conduct_edges(self, conduct: str) -> list[Edge]:
        """The edges that a conduct leaves: a diligent raiser grants no delay and goes on.

        What is brought back after an agreement was not kept is a new process with its own time.
        """
        if conduct not in self._conduct_edges:
            edges = self.edges if conduct == PERMITTED else self.prompt_edges
            self._conduct_edges[conduct] = [
                e
                for e in edges
                if e.move.kind != "reopen" and (conduct == PERMITTED or not e.move.delays)
            ]
        return self._conduct_edges[conduct]

    @cached_property
    def _conduct_edges(self) -> dict[str, list[Edge]]:
        return {}

    @cached_property
    def _conduct_reach(self) -> dict[str, Mapping[str, Term]]:
        return {}

    def conduct_reach(self, conduct: str) -> Mapping[str, Term]:
        """Like `reach`, by the edges that a conduct leaves."""
        if conduct not in self._conduct_reach:
            edges = self.conduct_edges(conduct)
            self._conduct_reach[conduct] = reachable(self.main, edges, self.graph.start)
        return self._conduct_reach[conduct]

    def coupled(self, conduct: str = PERMITTED, total: str = "") -> str | None:
        """A budget that a bound on time cannot treat exactly, by name; None if there is none.

        A budget that cuts windows short is exact here when it counts just what the bound counts,
        up to the states it cuts, and besides only states through which one can pass in no time,
        to wherever one can pass at all.
        """
        for budget in self.graph.budgets:
            if budget.cap is FALSE or (conduct == UNHURRIED and budget.is_total):
                continue
            before = self.before(budget.cuts)
            if budget.begins:
                edges = self.conduct_edges(conduct)
                before &= used(budget, edges)
                outgoing, here = by_source(edges), before | budget.cuts
                for cycle in components(self.main, edges):
                    if here.intersection(cycle) and not is_plain(cycle, outgoing):
                        return budget.name
            other = set()
            for name in before:
                counted = budget.counts.get(name, FALSE)
                if counted is not self.counts(name, total):
                    paused = budget.begins and counted is FALSE and not self.cutting(name)
                    if counted is not TRUE and not paused:
                        return budget.name
                    if not paused:
                        other.add(name)
            if other and not self._passed_at_once(other, before | set(budget.cuts), total):
                return budget.name
        return None

    def _passed_at_once(self, names: set[str], then: set[str], total: str) -> bool:
        """Whether some states can be passed in no time to all that they lead to and that counts."""
        once = self.conduct_edges(PERMITTED)
        instant = [e for e in once if e.move.earliest is ZERO and not e.move.at_limit]
        soon = reachable(self.main, instant, self.graph.start)
        ever: dict[str, list[Term]] = {}
        for e in once:
            if e.source in names and e.target in then:
                begins = all_([self.counts(e.target, total), not_(self.counts(e.source, total))])
                way = all_([self.reach[e.source], e.guard, begins])
                ever.setdefault(e.target, []).append(way)
        return all(implies(any_(ways), soon[target]) is TRUE for target, ways in ever.items())

    @cached_property
    def hurried(self) -> str | None:
        """A budget that can end a minimum wait early, by name; None if there is none.

        Whether others can use up its time before is more than a game on states can say.
        """
        for e in self.edges:
            if self.waits_in_total(e.move) and self.reach[e.source] is not FALSE:
                return self.cutting(e.source)[0][0].name
        return None

    def waits_in_total(self, move: Move) -> bool:
        """Whether a budget can end the wait before a move, if its time is used up before."""
        return move.earliest is not ZERO and self.is_cut(move.source)

    def is_cut(self, name: str) -> bool:
        """Whether some budget can cut the stay in a state short."""
        return bool(self.cutting(name))

    def waited(self, move: Move, guard: Term) -> Term:
        """The formula under which a move is open, and a dispute surely comes to it in time."""
        if not self.waits_in_total(move):
            return guard
        return all_([guard, self.hurry.waited.get(id(move), FALSE)])

    def may_be_made(self, move: Move) -> Term:
        """The formula under which a move is open where a dispute comes to it."""
        return move.guard

    @cached_property
    def hurry(self) -> InTime:
        """What can be reached whatever time is used up before."""
        return InTime(self)

    @cached_property
    def once_only(self) -> tuple[Move, ...]:
        """The referrals after which a dispute comes back; the bounds on time let them be made again
        and again."""
        back = [e for e in self.edges if e.move.also not in (None, e.source)]
        cycles = components(self.main, self.edges) if back else ()
        again = (e.move for c in cycles for e in back if e.source in c and e.target in c)
        return tuple({id(m): m for m in again}.values())

    def before(self, goals: Iterable[str]) -> set[str]:
        """Some states, and all from which the ladder can come to one, but for its start."""
        return closed(goals, ((e.target, e.source) for e in self.edges)) - {self.graph.start}

    # --- games ------------------------------------------------------------------------------

    @cached_property
    def game(self) -> Game:
        return Game(self)

    def force(self, goal: Mapping[str, Term], asks: Sequence[Edge] = ()) -> Mapping[str, Term]:
        """For each state, the formula under which the raiser can force a goal; see `Game`."""
        return self.game.force(goal, asks)

    def side_force(self, track: str, start: str = "") -> Term:
        """The formula under which the raiser can force a request to be granted; see `Game`."""
        return self.game.side_force(track, start)
