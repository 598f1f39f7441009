"""The latest day on which each state of a ladder can be entered, for one conduct.

For each state, `Latest` has a bound on the formal days that can have passed when its clock was at
0: the bound P of the invariant T - x <= P, T the formal time and x the clock.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING

from model.graph import Budget
from model.terms import (
    FALSE,
    NO_LIMIT,
    TRUE,
    ZERO,
    Symbol,
    Term,
    Value,
    Variable,
    all_,
    any_,
    at_most,
    choose,
    for_some,
    is_case,
    not_,
    restrict,
    symbols,
    variables,
)
from proofs.bounds import Bound, Way, cases, clip, gathered, later, lumped, trim
from proofs.paths import Edge, by_source, closed, components, is_plain, reachable

if TYPE_CHECKING:
    from proofs.analysis import Analysis

PERMITTED = "permitted"
DILIGENT = "diligent"
UNHURRIED = "windows"  # every window in full, a raiser who acts at once, no cap on the total


MOST_WAYS = 40  # a state with more has all bounds worked out anew, each gathered into one count
FEW_WAYS = 6

Exit = tuple[str, tuple[str, ...]]  # a state, and the totals that are left behind with it


class _TooMany(Exception):
    """A state can be entered in more ways than are told apart."""


class Latest:
    """The longest ways of one conduct through one ladder, in the worlds of `start`.

    `entered` gives for each state the latest formal day on which its clock can have been at 0.
    With `total`, the name of a budget, the days are those which that budget counts. With `over`,
    all that is surely more days is the same to it; see `bounds`. Where `given` gives the readings
    and numbers, guards speak of the case; where it does not, what is of the case (facts, raiser,
    child) leaves a guard as soon as nothing further on asks for it (Dechter 1999), and in the end
    a guard says in which readings *some* case takes that way; unless it is asked of the `whole`.
    With more than `most_ways` into one state the bound is `compact`.
    """

    def __init__(
        self,
        analysis: Analysis,
        conduct: str,
        start: Term = TRUE,
        total: str = "",
        over: int | None = None,
        given: Mapping[Symbol, Value] | None = None,
        most_ways: int = MOST_WAYS,
        whole: bool = False,
    ) -> None:
        self.a, self.conduct, self.total, self.over = analysis, conduct, total, over
        self.given, self.known = given, dict[int, Term]()
        self.whole = whole or given is not None
        self.start = self.see(start)
        most = next((b.at_most for b in analysis.graph.budgets if total and b.name == total), ZERO)
        self.compared = frozenset(symbols(most))  # in the end with these, which may be of the case
        self.edges = self.joined(analysis.conduct_edges(conduct))
        self.outgoing = by_source(self.edges)
        self.entered: dict[str, Bound] = {name: [] for name in analysis.main}
        self.late: dict[str, Bound] = {}
        self.stays: dict[str, Bound] = {}
        self.dropped: dict[frozenset[Symbol], dict[int, Term]] = {}
        self.inner_reach: dict[tuple[str, str], Mapping[str, Term]] = {}
        self.begun: dict[str, dict[str, Bound]] = {}
        self.most, self.compact = most_ways, False
        try:
            self.solve()
        except _TooMany:
            self.most, self.compact = FEW_WAYS, True
            self.entered = {name: [] for name in analysis.main}
            self.late.clear()
            self.stays.clear()
            self.solve()
        self.last: dict[str, Bound] = {}

    def reach(self, name: str) -> Term:
        """The formula under which a dispute can come to a state."""
        return self.see(self.a.conduct_reach(self.conduct)[name])

    def joined(self, edges: Iterable[Edge]) -> list[Edge]:
        """The edges as they are seen, those that lead the same way with the same clock as one."""
        found: dict[tuple[str, str, bool], tuple[Edge, Term]] = {}
        for e in edges:
            way, guard = (e.source, e.target, e.move.keeps), self.see(e.guard)
            if way in found:
                first, other = found[way]
                found[way] = (first, any_((other, guard)))
            else:
                found[way] = (e, guard)
        return [
            e if guard is e.guard else replace(e, guard=guard)
            for e, guard in found.values()
            if guard is not FALSE
        ]

    def ways_of(self, count: Term) -> Bound:
        """A day count as a bound."""
        return lumped(count) if self.compact else cases(count)

    def few(self, ways: Bound) -> Bound:
        """A bound of not too many ways, at the price of what can be said about it."""
        if len(ways) <= self.most:
            return ways
        if not self.compact:
            raise _TooMany
        return gathered(ways)

    def see(self, term: Term) -> Term:
        """A term as the readings and numbers given leave it."""
        if self.given is None or term is TRUE:
            return term
        return restrict(term, self.given, self.known)

    # --- one state --------------------------------------------------------------------------

    def stay(self, name: str) -> Bound:
        """The longest counted stay in a state, on its clock."""
        if name not in self.stays:
            self.stays[name] = self.ways_of(self.counted(name))
        return self.stays[name]

    def counted(self, name: str) -> Term:
        """The longest counted stay in a state, whatever the calendar makes of its spans."""
        state = self.a.states[name]
        limit = state.limit if self.conduct == PERMITTED else state.prompt
        if self.conduct == UNHURRIED:  # it asks about windows, and this is none
            limit = choose(state.stuck, ZERO, limit)
        return self.see(choose(self.a.counts(name, self.total), limit, ZERO))

    @cached_property
    def budgets(self) -> tuple[tuple[Budget, Term, Term], ...]:
        """The budgets that cut something short, with the formula under which they do."""
        seen = ((b, self.see(b.cap), self.see(b.at_most)) for b in self.a.graph.budgets)
        return tuple((b, cap, most) for b, cap, most in seen if cap is not FALSE)

    def leave_by(self, name: str) -> Bound:
        """The latest formal day on which a token can still be in a state."""
        entered = self.entered[name]
        until = later(entered, self.stay(name), self.over)
        late = self.late.get(name)
        if late:  # a token that arrives after the limit has run out leaves at once
            until = trim([*until, *late], self.over)
        for budget, cap, most in self.budgets:
            if name in budget.cuts and not budget.is_total:
                # the window ends when it does, or has ended before
                kept = [(all_((g, not_(cap))), way) for g, way in until]
                ended = [(all_((g, cap)), way) for g, way in entered]
                here = all_((cap, self.see(self.a.counts(name, self.total))))
                begun = [(any_(g for g, _ in entered), ZERO)]
                if budget.begins:
                    begun = self.begun.get(budget.name, {}).get(name, entered)
                window = [(all_((g, here)), way) for g, way in later(begun, self.ways_of(most))]
                until = trim([*kept, *ended, *window], self.over)
        return until

    @cached_property
    def spent(self) -> dict[str, set[str]]:
        return {b.name: used(b, self.edges) for b, _, _ in self.budgets}

    def begin(self, budget: Budget, name: str, incoming: Mapping[str, Sequence[Edge]]) -> Bound:
        """The latest formal day from which a window that begins anew counts, in a state.

        Each day on which it stands still is a day later. In a cycle it cannot be told; see
        `Analysis.coupled`.
        """
        spent = self.spent[budget.name]
        if name not in spent or name not in self.plain:
            return self.entered[name]
        found: Bound = []
        for e in incoming.get(name, ()):
            counts = self.see(budget.counts.get(e.source, FALSE))
            if e.source not in spent or budget.renewed(e.move):
                ways = self.cut(self.leave_by(e.source), self.left(e.source, name))
            else:
                before = self.begun[budget.name][e.source]
                ways = [(all_((counts, g)), c) for g, c in before]
                paused = later(before, self.stay(e.source), self.over)
                ways += [(all_((not_(counts), g)), c) for g, c in paused]
            found += [(all_((e.guard, g)), c) for g, c in ways]
        return found

    def windows(self) -> dict[str, list[str]]:
        """The windows from an earlier event, by name, with the states in which each can matter.

        None are named of one that begins once.
        """
        found = dict[str, list[str]]()
        for budget in (b for b, _, _ in self.budgets if not b.is_total):
            names = self.spent[budget.name] & self.a.before(budget.cuts) & self.plain
            found[budget.name] = [n for n in self.a.main if budget.begins and n in names]
        return found

    def left(self, name: str, target: str = "") -> tuple[str, ...]:
        """The totals that can cut windows short and that a move leaves behind.

        Inside the states that a total covers it is enough to remember the uncut bound, since
        cutting it once at the end comes to the same.
        """
        if self.conduct == UNHURRIED:
            return ()
        return tuple(
            b.name
            for b, _, _ in self.budgets
            if b.is_total and name in b.cuts and target not in b.cuts
        )

    def cut(self, until: Bound, left: tuple[str, ...]) -> Bound:
        """A bound on leaving a state, cut by the totals that are left behind."""
        for budget, cap, most in self.budgets:
            if budget.name in left:
                until = clip(until, cap, most, self.over)
        return until

    @cached_property
    def end_by(self) -> Bound:
        """The latest formal day on which the formal process can still go on."""
        found: list[Way] = []
        for name in self.a.main:
            if self.a.counts(name, self.total) is not FALSE:
                found += self.cut(self.last_in(name), self.left(name))
        return self.without(found, self.compared)

    def last_in(self, name: str) -> Bound:
        """`leave_by`, when all is known."""
        if name not in self.last:
            self.last[name] = self.leave_by(name)
        return self.last[name]

    # --- all of them ------------------------------------------------------------------------

    @cached_property
    def order(self) -> list[list[str]]:
        """The strongly connected components of the ladder, the first ones first."""
        return components(self.a.main, self.edges)

    @cached_property
    def plain(self) -> frozenset[str]:
        """The states that are on no cycle."""
        return frozenset(c[0] for c in self.order if is_plain(c, self.outgoing))

    def solve(self) -> None:
        order = self.order
        first: Bound = [(self.start, ZERO)]
        asked = self.asked_later(order)
        place = {name: i for i, component in enumerate(order) for name in component}
        incoming: dict[str, list[Edge]] = {}
        for edge in self.edges:
            incoming.setdefault(edge.target, []).append(edge)
        below: dict[str, int] = {}  # bit i: the exit of component i is at most this bound
        known: dict[Exit, Bound] = {}
        for number, component in enumerate(order):
            for name in component:
                outside = [e for e in incoming.get(name, ()) if place[e.source] != number]
                outside.sort(key=lambda e: (-place[e.source], e.guard is not TRUE))
                ways: list[Way] = [*first] if name == self.a.graph.start else []
                covered = 0
                for e in outside:
                    if covered >> place[e.source] & 1:
                        continue
                    ways += self.way(e, known)
                    if e.guard is TRUE and self.reach(e.source) is TRUE:
                        covered |= below[e.source]
                        if not e.move.keeps and len(order[place[e.source]]) == 1:
                            covered |= 1 << place[e.source]
                below[name] = covered
                self.entered[name] = self.few(self.without(ways, asked[name]))
            if not is_plain(component, self.outgoing):
                self.cycle(component)
                for name in component:
                    self.entered[name] = self.few(self.without(self.entered[name], asked[name]))
            for budget in (b for b, _, _ in self.budgets if b.begins):
                for name in component:
                    begun = self.without(self.begin(budget, name, incoming), asked[name])
                    self.begun.setdefault(budget.name, {})[name] = self.few(begun)

    def asked_later(self, order: Sequence[Sequence[str]]) -> Mapping[str, frozenset[Symbol]]:
        """For each state, what is of the case and still matters there or further on."""
        found: dict[str, frozenset[Symbol]] = {}
        for component in reversed(order):
            terms = [c for name in component for c, _ in self.stay(name)]
            terms += [e.guard for name in component for e in self.outgoing.get(name, ())]
            for budget, cap, most in self.budgets:
                if budget.cuts & set(component):
                    terms += [cap, *(g for g, _ in self.ways_of(most))]
            here = self.compared.union(v for v in variables(*terms) if isinstance(v, Symbol))
            for name in component:
                for e in self.outgoing.get(name, ()):
                    here |= found.get(e.target, frozenset())
            found |= dict.fromkeys(component, here)
        return found

    def without(self, ways: Bound, asked: frozenset[Symbol]) -> Bound:
        """A bound whose guards do not speak of the case, but for what is still asked."""
        if self.whole:
            return trim(ways, self.over)

        def drop(variable: Variable) -> bool:
            return is_case(variable) and variable not in asked

        known = self.dropped.setdefault(asked, {})
        return trim([(for_some(g, drop, known), c) for g, c in ways], self.over)

    def way(self, e: Edge, known: dict[Exit, Bound] | None = None) -> Bound:
        """The bound that one edge hands on; `known` keeps what is final."""
        if e.move.keeps:
            source = self.entered[e.source]
            # it may come after the target's limit
            if self.late.get(e.source) or self.longer(e.source, e.target):
                arrival = [(all_((e.guard, g)), count) for g, count in self.leave_by(e.source)]
                self.late[e.target] = trim([*self.late.get(e.target, ()), *arrival], self.over)
        else:
            known = {} if known is None else known
            left = self.left(e.source, e.target)
            key = (e.source, left)
            if key not in known:
                known[key] = self.cut(self.leave_by(e.source), left)
            source = known[key]
        if e.guard is TRUE:
            return source
        return [(all_((e.guard, g)), count) for g, count in source]

    def longer(self, name: str, other: str) -> bool:
        """Whether one may stay longer in one state than in another, on the same clock."""
        return at_most(self.counted(name), self.counted(other)) is not TRUE

    def cycle(self, component: Sequence[str]) -> None:
        """Bounds inside a component: no limit where a cycle takes time, else the longest ways."""
        inside = set(component)
        edges = [e for n in component for e in self.outgoing.get(n, ()) if e.target in inside]
        endless = self.endless(component, edges)
        for name in component:
            self.entered[name] = trim([*self.entered[name], (endless, NO_LIMIT)], self.over)
        if endless is not self.start:
            self.settle(component, edges)

    def endless(self, component: Sequence[str], edges: Sequence[Edge]) -> Term:
        """The formula under which some cycle of the component lets counted time pass.

        It is stated for the component as a whole; the trace that shows a broken claim is
        replayed before it is shown.
        """
        found = []
        kept = [Edge(e.target, e.source, e.guard, e.move) for e in edges if e.move.keeps]
        for e in edges:
            if e.move.keeps:
                continue
            clock = reachable(component, kept, e.source)  # from where it can have gone on
            for name in (n for n in component if clock[n] is not FALSE):
                round_ = all_([clock[name], e.guard, self.inner(e.target, component, edges)[name]])
                round_ = all_([round_, not_(self.used_up(name))])
                for guard, stay in self.stay(name):
                    takes = not_(at_most(stay, ZERO))
                    found.append(all_([self.start, self.reach(name), round_, guard, takes]))
                    if found[-1] is self.start:
                        return self.start
        return any_(found)

    def used_up(self, name: str) -> Term:
        """The formula under which a window from an earlier event leaves no time again in a state.

        However often the dispute comes round, no more days than that window has pass there.
        """
        return any_(
            all_([cap, not_(at_most(NO_LIMIT, most))])
            for budget, cap, most in self.budgets
            if name in budget.cuts and not (budget.is_total or budget.begins)
        )

    def settle(self, component: Sequence[str], edges: Sequence[Edge]) -> None:
        """The longest ways inside a component, where no cycle takes time.

        There a move from which one can come back takes none, but for a window from an earlier
        event, which ends when it does: so no way grows by going round. All is settled after as
        many rounds as the component has states; a state is looked at again only when its bound,
        or that of its late arrivals, has changed.
        """
        order = sorted(component, key=self.a.main.index)
        place = {name: i for i, name in enumerate(order)}
        outgoing = by_source(
            e for e in edges if e.source != e.target or self.used_up(e.source) is not FALSE
        )
        changed = set(order)
        for _ in order:
            now, changed = changed, set()
            for name in order:
                if name not in now:
                    continue
                known: dict[Exit, Bound] = {}
                for e in outgoing.get(name, ()):
                    late = self.late.get(e.target)
                    found = trim(
                        [*self.entered[e.target], *self.step(e, component, edges, known)], self.over
                    )
                    found = self.few(found)
                    if found != self.entered[e.target] or late != self.late.get(e.target):
                        self.entered[e.target] = found
                        (now if place[e.target] > place[name] else changed).add(e.target)
            if not changed:
                break

    def step(
        self, e: Edge, component: Sequence[str], edges: Sequence[Edge], known: dict[Exit, Bound]
    ) -> Bound:
        """The bound that one edge of a component hands on, where no cycle takes time."""
        if e.move.keeps:
            return self.way(e, known)
        back = self.back(e, component, edges)
        arrived = [*self.entered[e.source], *self.late.get(e.source, ())]
        if self.used_up(e.source) is not FALSE:
            arrived = self.way(e, known)
        again = all_((e.guard, back))
        once = [] if back is TRUE else [(all_((g, not_(back))), c) for g, c in self.way(e, known)]
        return [*once, *((all_((g, again)), c) for g, c in arrived)]

    def back(self, e: Edge, component: Sequence[str], edges: Sequence[Edge]) -> Term:
        """The formula under which one can come back, inside a component, to where a move starts."""
        return TRUE if e.source == e.target else self.inner(e.target, component, edges)[e.source]

    def inner(
        self, start: str, component: Sequence[str], edges: Sequence[Edge]
    ) -> Mapping[str, Term]:
        key = (component[0], start)
        if key not in self.inner_reach:
            self.inner_reach[key] = reachable(component, edges, start)
        return self.inner_reach[key]


def used(budget: Budget, edges: Iterable[Edge]) -> set[str]:
    """The states in which some of a budget may have been used up."""
    return closed(budget.counts, ((e.source, e.target) for e in edges))
