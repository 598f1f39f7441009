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

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from model.graph import LADDER, Move, State, StateGraph
from model.terms import (
    FALSE,
    NO_LIMIT,
    TRUE,
    ZERO,
    Term,
    all_,
    any_,
    at_most,
    choose,
    limited,
    longest,
    not_,
    plus,
    shortest,
)

PERMITTED = "permitted"
DILIGENT = "diligent"
UNHURRIED = "windows"  # every window in full, a raiser who acts at once, no cap on the total


@dataclass(frozen=True, slots=True, eq=False)
class Edge:
    """A move as the analysis sees it: from one state of a track to another, under a guard."""

    source: str
    target: str
    guard: Term
    move: Move


class Analysis:
    """The questions above for one graph; every answer is worked out once."""

    def __init__(self, graph: StateGraph) -> None:
        self.graph = graph
        self.states = graph.states

    # --- edges ------------------------------------------------------------------------------

    @cached_property
    def base(self) -> Term:
        """What every start of a dispute needs; claims speak of the disputes that are raised."""
        guards = [m.guard for m in self.graph.leaving[self.graph.start]]
        parts = [set(g.args if g.op == "and" else (g,)) for g in guards]
        if not parts:
            return TRUE
        return all_(sorted(set.intersection(*parts), key=lambda t: t.serial))

    @cached_property
    def domain(self) -> Term:
        """The worlds that claims speak of."""
        return all_([self.graph.domain, self.base])

    def edges_of(self, track: str) -> list[Edge]:
        """The moves of one track, with what each takes to be possible at all in its guard."""
        result = []
        known = set(self.base.args if self.base.op == "and" else (self.base,))
        for move in self.graph.moves:
            if move.track != track:
                continue
            limit = self.states[move.source].limit
            parts = [move.guard]
            if move.source == self.graph.start:  # what every start needs is part of the domain
                own = move.guard.args if move.guard.op == "and" else (move.guard,)
                parts = [p for p in own if p not in known]
            if move.earliest is not ZERO:
                parts.append(at_most(move.earliest, limit))
            if move.at_limit or (move.side == "time" and limit is NO_LIMIT):
                parts.append(limited(limit))
            if move.needs is not None:
                parts.append(self.obtainable(move.needs))
            guard = all_(parts)
            if guard is not FALSE:
                result.append(Edge(move.source, move.target, guard, move))
        return result

    @cached_property
    def edges(self) -> tuple[Edge, ...]:
        """The edges of the ladder, with the referrals that move it."""
        result = self.edges_of(LADDER)
        for move in self.graph.moves:
            if move.also is not None:
                asked = self.side_reach(move.track)[move.source]
                for source in sorted(move.while_in or ()):
                    guard = all_([move.guard, asked])
                    result.append(Edge(source, move.also, guard, move))
        return tuple(result)

    def obtainable(self, track: str) -> Term:
        """The formula under which a request can be granted, if everybody agrees."""
        reach = self.side_reach(track)
        goals = [s for s in reach if self.states[s].kind in ("granted", "done")]
        return any_(reach[s] for s in goals)

    def side_reach(self, track: str) -> Mapping[str, Term]:
        if track not in self._side_reach:
            edges = self.edges_of(track)
            names = [s.name for s in self.states.values() if s.track == track]
            self._side_reach[track] = _reach(names, edges, self.graph.tracks[track])
        return self._side_reach[track]

    @cached_property
    def _side_reach(self) -> dict[str, Mapping[str, Term]]:
        return {}

    @cached_property
    def main(self) -> list[str]:
        return [s.name for s in self.graph.main]

    # --- reach ------------------------------------------------------------------------------

    @cached_property
    def reach(self) -> Mapping[str, Term]:
        """For each state of the ladder, the formula under which a dispute can come there."""
        return _reach(self.main, self.edges, self.graph.start)

    # --- time -------------------------------------------------------------------------------

    @cached_property
    def _latest(self) -> dict[tuple[str, str], Mapping[str, Term]]:
        return {}

    def latest(self, conduct: str, total: str = "") -> Mapping[str, Term]:
        """For each state, the latest formal day on which its clock can have been at 0.

        With `total`, the name of a budget, the days are those which that budget counts.
        """
        if (conduct, total) not in self._latest:
            self._latest[conduct, total] = _Latest(self, conduct, total).solve()
        return self._latest[conduct, total]

    def counts(self, name: str, total: str = "") -> Term:
        """The formula under which time in a state counts."""
        if not total:
            return self.states[name].formal
        budget = next(b for b in self.graph.budgets if b.name == total)
        return budget.counts.get(name, FALSE)

    def stay(self, state: State, conduct: str) -> Term:
        return state.limit if conduct == PERMITTED else state.prompt

    def leave_by(self, name: str, conduct: str, total: str = "") -> Term:
        """The latest formal day on which a token can still be in a state."""
        entered = self.latest(conduct, total)[name]
        time = choose(self.counts(name, total), self.stay(self.states[name], conduct), ZERO)
        until = plus(entered, time)
        if conduct == UNHURRIED:
            return until
        for budget in self.graph.budgets:
            if name in budget.cuts:
                cut = shortest([until, longest([entered, budget.at_most])])
                until = choose(budget.cap, cut, until)
        return until

    def end_by(self, conduct: str, total: str = "") -> Term:
        """The latest formal day on which the formal process can still go on."""
        reach = self.conduct_reach(conduct)
        return longest(
            choose(reach[s], self.leave_by(s, conduct, total), ZERO)
            for s in self.ends(conduct, total)
        )

    def ends(self, conduct: str, total: str = "") -> list[str]:
        """The states in which the process can be last: no counted state surely outlasts them."""
        counted = [s for s in self.main if self.counts(s, total) is not FALSE]
        below = self.dominated(conduct, total)
        outlasted = frozenset().union(*(below.get(t, frozenset()) for t in counted))
        return [s for s in counted if s not in outlasted]

    def dominated(self, conduct: str, total: str = "") -> Mapping[str, frozenset[str]]:
        """For each state, some states whose latest exit is at most its own latest entry."""
        self.latest(conduct, total)
        return self._dominated[conduct, total]

    @cached_property
    def _dominated(self) -> dict[tuple[str, str], Mapping[str, frozenset[str]]]:
        return {}

    def conduct_edges(self, conduct: str) -> list[Edge]:
        """The edges that a conduct leaves: a diligent raiser grants no delay and goes on."""
        if conduct == PERMITTED:
            return list(self.edges)
        return [e for e in self.edges if not _delays(e.move)]

    @cached_property
    def _conduct_reach(self) -> dict[str, Mapping[str, Term]]:
        return {PERMITTED: self.reach}

    def conduct_reach(self, conduct: str) -> Mapping[str, Term]:
        if conduct not in self._conduct_reach:
            edges = self.conduct_edges(conduct)
            self._conduct_reach[conduct] = _reach(self.main, edges, self.graph.start)
        return self._conduct_reach[conduct]

    @cached_property
    def earliest(self) -> Mapping[str, Term]:
        """For each state, the earliest formal day on which it can be entered."""
        found = dict.fromkeys(self.main, NO_LIMIT)
        found[self.graph.start] = ZERO
        outgoing = _by_source(self.edges)
        for component in components(self.main, self.edges):
            rounds = 1 if _is_plain(component, outgoing) else len(component)
            for _ in range(rounds):
                for name in component:
                    formal = self.states[name].formal
                    for e in outgoing.get(name, ()):
                        wait = choose(formal, e.move.earliest, ZERO)
                        if e.move.at_limit:
                            wait = choose(formal, self.states[name].limit, ZERO)
                        if e.move.keeps:
                            wait = ZERO  # the wait is counted when the clock's state is left
                        way = choose(e.guard, plus(found[name], wait), NO_LIMIT)
                        found[e.target] = shortest([found[e.target], way])
        return found

    def coupled(self) -> str | None:
        """A total that this analysis cannot treat exactly, by name; None if there is none.

        A total that cuts windows short is exact here when it counts just what formal time
        counts, up to the states it cuts, and besides only states in which no time need pass.
        """
        for budget in self.graph.budgets:
            if budget.cap is FALSE:
                continue
            before = self._before(budget.cuts)
            for name in before:
                counted = budget.counts.get(name, FALSE)
                formal = self.states[name].formal
                if counted is formal:
                    continue
                passes = any(
                    e.move.earliest is not ZERO or e.move.at_limit
                    for e in self.edges
                    if e.source == name
                )
                if counted is not TRUE or (formal is not FALSE) or passes:
                    return budget.name
        return None

    def _before(self, goals: Iterable[str]) -> set[str]:
        found = set(goals)
        changed = True
        while changed:
            more = {e.source for e in self.edges if e.target in found} - found
            found |= more
            changed = bool(more)
        return found - {self.graph.start}

    # --- games ------------------------------------------------------------------------------

    def force(self, goal: Mapping[str, Term]) -> Mapping[str, Term]:
        """For each state, the formula under which the raiser can force a goal from there.

        `goal` gives the formula under which a state is one. The raiser acts at once wherever
        the raiser has a move; the others may do anything open to them, or stay silent until a
        limit runs out, if there is one.
        """
        return self._attract(self.main, list(self.edges), goal)

    def side_force(self, track: str) -> Term:
        """The formula under which the raiser can force a request to be granted."""
        names = [s.name for s in self.states.values() if s.track == track]
        goal = {s: TRUE for s in names if self.states[s].kind in ("granted", "done")}
        return self._attract(names, self.edges_of(track), goal)[self.graph.tracks[track]]

    def _attract(
        self, names: Sequence[str], edges: Sequence[Edge], goal: Mapping[str, Term]
    ) -> Mapping[str, Term]:
        win = {name: goal.get(name, FALSE) for name in names}
        outgoing = _by_source(edges)
        needed = dict.fromkeys(e.move.needs for e in edges if e.move.needs is not None)
        forceable = {track: self.side_force(track) for track in needed}
        for component in reversed(components(names, edges)):
            rounds = 1 if _is_plain(component, outgoing) else len(component)
            for _ in range(rounds):
                changed = False
                for name in component:
                    if win[name] is TRUE:
                        continue
                    now = any_(
                        [goal.get(name, FALSE), self._wins(name, outgoing.get(name, ()), win, forceable)]
                    )
                    changed |= now is not win[name]
                    win[name] = now
                if not changed:
                    break
        return win

    def _wins(
        self,
        name: str,
        edges: Sequence[Edge],
        win: Mapping[str, Term],
        forceable: Mapping[str, Term],
    ) -> Term:
        """One step of the game in one state."""
        limit = self.states[name].limit
        at_once, waits, spoils, clock = [], [], [], []
        for e in edges:
            move = e.move
            if move.side == "raiser":
                needs = TRUE if move.needs is None else forceable[move.needs]
                if win[e.target] is FALSE:
                    continue
                own = all_([e.guard, needs, win[e.target]])
                (at_once if move.earliest is ZERO else waits).append(own)
            else:
                spoils.append(any_([not_(e.guard), win[e.target]]))
                if move.side == "time":
                    clock.append(all_([e.guard, limited(limit)]))
        progress = any_([*waits, *clock])
        return any_([*at_once, all_([progress, *spoils]) if progress is not FALSE else FALSE])


def _delays(move: Move) -> bool:
    """Moves that a raiser who acts at once and grants no delay does not make."""
    return move.side == "raiser" and move.kind in ("extend", "withdraw", "hand over")


def _by_source(edges: Iterable[Edge]) -> dict[str, list[Edge]]:
    found: dict[str, list[Edge]] = {}
    for edge in edges:
        found.setdefault(edge.source, []).append(edge)
    return found


def _is_plain(component: Sequence[str], outgoing: Mapping[str, Sequence[Edge]]) -> bool:
    """A single state without a loop of its own."""
    return len(component) == 1 and all(
        e.target != component[0] for e in outgoing.get(component[0], ())
    )


def _reach(names: Sequence[str], edges: Sequence[Edge], start: str) -> Mapping[str, Term]:
    found = dict.fromkeys(names, FALSE)
    found[start] = TRUE
    outgoing = _by_source(edges)
    for component in components(names, edges):
        inside = set(component)
        rounds = 1 if _is_plain(component, outgoing) else len(component)
        ways: dict[str, list[Term]] = {}
        for turn in range(rounds):
            before = [found[n] for n in component]
            for name in component:
                if found[name] is FALSE:
                    continue
                for e in outgoing.get(name, ()):
                    if e.target in inside and found[e.target] is not TRUE:
                        found[e.target] = any_([found[e.target], all_([found[name], e.guard])])
            if turn and before == [found[n] for n in component]:
                break
        for name in component:
            if found[name] is FALSE:
                continue
            for e in outgoing.get(name, ()):
                if e.target not in inside and found[e.target] is not TRUE:
                    if e.guard is TRUE and found[name] is TRUE:
                        found[e.target] = TRUE
                    else:
                        ways.setdefault(e.target, []).append(all_([found[name], e.guard]))
        for target, terms in ways.items():
            found[target] = any_([found[target], *terms])
    return found


class _Latest:
    """The longest paths of one conduct, with pruning of what is plainly dominated."""

    def __init__(self, analysis: Analysis, conduct: str, total: str) -> None:
        self.a, self.conduct, self.total = analysis, conduct, total
        self.edges = analysis.conduct_edges(conduct)
        self.reach = analysis.conduct_reach(conduct)
        self.outgoing = _by_source(self.edges)
        self.found: dict[str, Term] = dict.fromkeys(analysis.main, ZERO)
        analysis._latest[conduct, total] = self.found

    def solve(self) -> Mapping[str, Term]:
        order = components(self.a.main, self.edges)
        place = {name: i for i, component in enumerate(order) for name in component}
        incoming: dict[str, list[Edge]] = {}
        for edge in self.edges:
            incoming.setdefault(edge.target, []).append(edge)
        below: dict[str, int] = {}  # bit i: the exit of component i is at most this bound
        for number, component in enumerate(order):
            for name in component:
                outside = [e for e in incoming.get(name, ()) if place[e.source] != number]
                outside.sort(key=lambda e: (-place[e.source], e.guard is not TRUE))
                kept: list[Edge] = []
                covered = 0
                for e in outside:
                    if covered >> place[e.source] & 1:
                        continue
                    kept.append(e)
                    if e.guard is TRUE and self.reach[e.source] is TRUE:
                        covered |= below[e.source]
                        if not e.move.keeps and len(order[place[e.source]]) == 1:
                            covered |= 1 << place[e.source]
                below[name] = covered
                self.found[name] = longest(self.way(e) for e in kept)
            if not _is_plain(component, self.outgoing):
                self.cycle(component)
        single = [c[0] if len(c) == 1 else "" for c in order]
        self.a._dominated[self.conduct, self.total] = {
            name: frozenset(single[i] for i in _bits(bits) if single[i])
            for name, bits in below.items()
            if bits
        }
        return self.found

    def way(self, e: Edge) -> Term:
        """The bound that one edge hands on."""
        if e.move.keeps:
            bound = self.found[e.source]
        else:
            bound = self.a.leave_by(e.source, self.conduct, self.total)
        return choose(all_([self.reach[e.source], e.guard]), bound, ZERO)

    def cycle(self, component: Sequence[str]) -> None:
        """Bounds inside a component: longest simple ways, and no limit where a cycle takes time."""
        inside = set(component)
        edges = [e for n in component for e in self.outgoing.get(n, ()) if e.target in inside]
        endless = self.endless(component, edges)
        if endless is not TRUE:
            for _ in range(len(component)):
                before = [self.found[n] for n in component]
                for e in edges:
                    if e.source != e.target:
                        self.found[e.target] = longest([self.found[e.target], self.way(e)])
                if before == [self.found[n] for n in component]:
                    break
        for name in component:
            self.found[name] = choose(endless, NO_LIMIT, self.found[name])

    def endless(self, component: Sequence[str], edges: Sequence[Edge]) -> Term:
        """The formula under which some cycle of the component lets formal time pass.

        It is exact for a component whose states can all reach each other where the cycle can
        happen; for the others it is stated for the whole component, and the trace that shows
        it is replayed before it is shown.
        """
        found = []
        for e in edges:
            if e.move.keeps:
                continue
            state = self.a.states[e.source]
            counts = self.a.counts(e.source, self.total)
            stay = choose(counts, self.a.stay(state, self.conduct), ZERO)
            if stay is ZERO:
                continue
            back = TRUE if e.source == e.target else self.inner(e.target, component, edges)[e.source]
            here = self.reach[e.source]
            found.append(all_([here, e.guard, back, not_(at_most(stay, ZERO))]))
            if found[-1] is TRUE:
                return TRUE
        capped = any_(
            b.cap for b in self.a.graph.budgets if b.is_total and set(component) <= b.cuts
        )
        if self.conduct == UNHURRIED:
            capped = FALSE
        return all_([any_(found), not_(capped)])

    def inner(
        self, start: str, component: Sequence[str], edges: Sequence[Edge]
    ) -> Mapping[str, Term]:
        key = (start, len(edges))
        if key not in self._inner:
            self._inner[key] = _reach(component, edges, start)
        return self._inner[key]

    @cached_property
    def _inner(self) -> dict[tuple[str, int], Mapping[str, Term]]:
        return {}


def _bits(number: int) -> Iterable[int]:
    """The places of the ones in a number."""
    while number:
        low = number & -number
        yield low.bit_length() - 1
        number ^= low


def components(names: Sequence[str], edges: Iterable[Edge]) -> list[list[str]]:
    """The strongly connected components, each before those it leads to (Tarjan 1972)."""
    outgoing: dict[str, list[str]] = {n: [] for n in names}
    for e in edges:
        outgoing[e.source].append(e.target)
    index: dict[str, int] = {}
    low: dict[str, int] = {}
    stack: list[str] = []
    waiting: set[str] = set()
    found: list[list[str]] = []
    for root in names:
        if root in index:
            continue
        work = [(root, iter(outgoing[root]))]
        index[root] = low[root] = len(index)
        stack.append(root)
        waiting.add(root)
        while work:
            name, targets = work[-1]
            for target in targets:
                if target not in index:
                    index[target] = low[target] = len(index)
                    stack.append(target)
                    waiting.add(target)
                    work.append((target, iter(outgoing[target])))
                    break
                if target in waiting:
                    low[name] = min(low[name], index[target])
            else:
                work.pop()
                if work:
                    low[work[-1][0]] = min(low[work[-1][0]], low[name])
                if low[name] == index[name]:
                    component = []
                    while True:
                        member = stack.pop()
                        waiting.discard(member)
                        component.append(member)
                        if member == name:
                            break
                    found.append(component[::-1])
    return found[::-1]
