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

import functools
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from model.graph import LADDER, Budget, Move, StateGraph
from model.protocol import Referral
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
    days,
    entails,
    exceeds,
    implies,
    limited,
    longest,
    not_,
    plus,
    shortest,
    simplified,
    walk,
)
from model.yamltree import Position

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
    def _moves_of(self) -> Mapping[str, Sequence[Move]]:
        found: dict[str, list[Move]] = {}
        for move in self.graph.moves:
            found.setdefault(move.track, []).append(move)
        return found

    @cached_property
    def _names_of(self) -> Mapping[str, Sequence[str]]:
        found: dict[str, list[str]] = {}
        for state in self.states.values():
            found.setdefault(state.track, []).append(state.name)
        return found

    @cached_property
    def base(self) -> Term:
        """What every start of a dispute needs; claims speak of the disputes that are raised."""
        return any_(m.guard for m in self.graph.leaving[self.graph.start])

    @cached_property
    def domain(self) -> Term:
        """The worlds that claims speak of."""
        return all_([self.graph.domain, self.base])

    def edges_of(self, track: str) -> list[Edge]:
        """The moves of one track, with what each takes to be possible at all in its guard."""
        result = []
        for move in self._moves_of.get(track, ()):
            limit = self.states[move.source].limit
            parts = [move.guard]
            if move.source == self.graph.start:  # what every start needs is part of the domain
                parts = [simplified(move.guard, self.base)]
            if move.earliest is not ZERO:
                parts.append(at_most(move.earliest, limit))
                parts += [
                    any_([not_(under), at_most(move.earliest, budget.at_most)])
                    for budget, under in self.cutting(move.source)
                ]
            if move.at_limit:
                parts.append(self.runs_out(move.source))
            if move.needs is not None:
                parts.append(self.obtainable(move.needs))
            guard = all_(parts)
            if guard is not FALSE:
                result.append(Edge(move.source, move.target, guard, move))
        return result

    def cutting(self, name: str) -> list[tuple[Budget, Term]]:
        """The budgets that can cut the stay in a state short, each with its formula."""
        found = [
            (b, all_([b.cap, b.counts.get(name, FALSE)]))
            for b in self.graph.budgets
            if name in b.cuts
        ]
        return [(b, under) for b, under in found if under is not FALSE]

    def runs_out(self, name: str) -> Term:
        """The formula under which the time in a state ends, by its limit or by a budget."""
        cut = [all_([under, limited(b.at_most)]) for b, under in self.cutting(name)]
        return any_([limited(self.states[name].limit), *cut])

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
            names = self._names_of.get(track, ())
            self._side_reach[track] = _reach(names, edges, self.graph.tracks[track])
        return self._side_reach[track]

    @cached_property
    def _side_reach(self) -> dict[str, Mapping[str, Term]]:
        return {}

    @cached_property
    def outgoing(self) -> Mapping[str, Sequence[Edge]]:
        """The edges of the ladder out of each state."""
        return _by_source(self.edges)

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

    def referable(self, name: str) -> list[Term]:
        """The formulas under which a referral can be set going while the dispute is at a state."""
        ways = []
        for move in self.first_referrals:
            if self.open_at(move, name):
                needs = TRUE if move.needs is None else self.obtainable(move.needs)
                ways.append(all_([move.guard, needs]))
        return ways

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
        return _reach(self.main, self.edges, self.graph.start)

    # --- time -------------------------------------------------------------------------------

    @cached_property
    def _latest(self) -> dict[tuple[str, str], Mapping[str, Bound]]:
        return {}

    def latest(self, conduct: str, total: str = "") -> Mapping[str, Bound]:
        """For each state, the latest formal day on which its clock can have been at 0.

        With `total`, the name of a budget, the days are those which that budget counts.
        """
        if (conduct, total) not in self._latest:
            self._latest[conduct, total] = _Latest(self, conduct, total).solve()
        return self._latest[conduct, total]

    @cached_property
    def _late(self) -> dict[tuple[str, str], dict[str, Bound]]:
        return {}

    def counts(self, name: str, total: str = "") -> Term:
        """The formula under which time in a state counts."""
        if not total:
            return self.states[name].formal
        budget = next(b for b in self.graph.budgets if b.name == total)
        return budget.counts.get(name, FALSE)

    def stay(self, name: str, conduct: str, total: str = "") -> Bound:
        """The longest counted stay in a state, on its clock."""
        state = self.states[name]
        limit = state.limit if conduct == PERMITTED else state.prompt
        return bound(choose(self.counts(name, total), limit, ZERO))

    def leave_by(self, name: str, entered: Bound, conduct: str, total: str = "") -> Bound:
        """The latest formal day on which a token can still be in a state, from its entry."""
        until = later(entered, self.stay(name, conduct, total))
        late = self._late.get((conduct, total), {}).get(name)
        if late:  # a token that arrives after the limit has run out leaves at once
            until = trim([*until, *late])
        for budget in self.graph.budgets:
            if name in budget.cuts and not budget.is_total:
                # the window ends when it does, or has ended before
                kept = [(all_([g, not_(budget.cap)]), way) for g, way in until]
                ended = [(all_([g, budget.cap]), way) for g, way in entered]
                window = [(budget.cap, budget.at_most)]
                until = trim([*kept, *ended, *window])
        return until

    def cut(self, until: Bound, name: str, conduct: str, target: str = "") -> Bound:
        """A bound on leaving a state, where the totals that cut windows short are left behind.

        Inside the states that a total covers it is enough to remember the uncut bound, since
        cutting it once at the end comes to the same.
        """
        if conduct == UNHURRIED:
            return until
        for budget in self.graph.budgets:
            if budget.is_total and name in budget.cuts and target not in budget.cuts:
                until = clip(until, budget.cap, budget.at_most)
        return until

    def end_by(self, conduct: str, total: str = "") -> Bound:
        """The latest formal day on which the formal process can still go on."""
        reach = self.conduct_reach(conduct)
        entered = self.latest(conduct, total)
        found: list[Way] = []
        for name in self.main:
            if self.counts(name, total) is not FALSE and reach[name] is not FALSE:
                until = self.leave_by(name, entered[name], conduct, total)
                until = self.cut(until, name, conduct)
                found += [(all_([reach[name], g]), way) for g, way in until]
        return trim(found)

    def conduct_edges(self, conduct: str) -> list[Edge]:
        """The edges that a conduct leaves: a diligent raiser grants no delay and goes on.

        What is brought back after an agreement was not kept is a new process with its own time.
        """
        once = [e for e in self.edges if e.move.kind != "reopen"]
        return once if conduct == PERMITTED else [e for e in once if not _delays(e.move)]

    @cached_property
    def _conduct_reach(self) -> dict[str, Mapping[str, Term]]:
        return {PERMITTED: self.reach}

    def conduct_reach(self, conduct: str) -> Mapping[str, Term]:
        if conduct not in self._conduct_reach:
            edges = self.conduct_edges(conduct)
            self._conduct_reach[conduct] = _reach(self.main, edges, self.graph.start)
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
            before = self._before(budget.cuts)
            other = set()
            for name in before:
                counted = budget.counts.get(name, FALSE)
                if counted is not self.counts(name, total):
                    other.add(name)
                    if counted is not TRUE:
                        return budget.name
            if other and not self._passed_at_once(other, before | set(budget.cuts), total):
                return budget.name
        return None

    def _passed_at_once(self, names: set[str], then: set[str], total: str) -> bool:
        """Whether some states can be passed in no time to all that they lead to and that counts."""
        once = self.conduct_edges(PERMITTED)
        instant = [e for e in once if e.move.earliest is ZERO and not e.move.at_limit]
        soon = _reach(self.main, instant, self.graph.start)
        ever: dict[str, list[Term]] = {}
        for e in once:
            if e.source in names and e.target in then and self.counts(e.target, total) is not FALSE:
                ever.setdefault(e.target, []).append(all_([self.reach[e.source], e.guard]))
        return all(implies(any_(ways), soon[target]) is TRUE for target, ways in ever.items())

    @cached_property
    def hurried(self) -> str | None:
        """A budget that can end a minimum wait early, by name; None if there is none.

        Whether others can use up its time before is more than a game on states can say.
        """
        for e in self.edges:
            if e.move.earliest is not ZERO and self.reach[e.source] is not FALSE:
                for budget, _ in self.cutting(e.source):
                    return budget.name
        return None

    @cached_property
    def once_only(self) -> str | None:
        """A referral after which the dispute comes back, by name; the bounds on time let it be
        made again and again."""
        back = [e for e in self.edges if e.move.also not in (None, e.source)]
        for component in components(self.main, self.edges) if back else ():
            for e in back:
                if e.source in component and e.target in component:
                    return e.move.name
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

    def side_force(self, track: str, start: str = "") -> Term:
        """The formula under which the raiser can force a request to be granted.

        `start` is the state of the track to begin from; default, its first.
        """
        if track == LADDER:
            return TRUE
        if track not in self._side_force:
            names = self._names_of.get(track, ())
            goal = {s: TRUE for s in names if self.states[s].kind in ("granted", "done")}
            self._side_force[track] = self._attract(names, self.edges_of(track), goal)
        return self._side_force[track][start or self.graph.tracks[track]]

    @cached_property
    def _side_force(self) -> dict[str, Mapping[str, Term]]:
        return {}

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
                        [
                            goal.get(name, FALSE),
                            self._wins(name, outgoing.get(name, ()), win, forceable),
                        ]
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
        runs_out = self.runs_out(name)
        at_once: list[Term] = []
        waits: list[Term] = []
        spoils: list[Term] = []
        late: list[Term] = []
        clock: list[Term] = []
        for e in edges:
            move = e.move
            if move.side == "raiser":
                needs = TRUE if move.needs is None else forceable[move.needs]
                if win[e.target] is FALSE:
                    continue
                own = all_([e.guard, needs, win[e.target]])
                (at_once if move.earliest is ZERO else waits).append(own)
            elif move.at_limit:  # it comes last: the raiser's own waits are over before
                late.append(any_([not_(e.guard), win[e.target]]))
                clock.append(all_([e.guard, runs_out]))
            else:
                spoils.append(any_([not_(e.guard), win[e.target]]))
                if move.side == "time":
                    clock.append(all_([e.guard, runs_out]))
        progress = any_([*waits, all_([any_(clock), *late])])
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


Way = tuple[Term, Term]  # a guard, and the day count that it brings
Bound = list[Way]  # the largest of the day counts whose guards hold; 0 where none does


def bound(count: Term) -> Bound:
    """A day count as a bound; a choice that decides on 0 or not becomes a guard."""
    if count.op == "choose" and ZERO in count.args[1:]:
        when, a, b = count.args
        guard, rest = (when, a) if b is ZERO else (not_(when), b)
        return [(all_([guard, g]), c) for g, c in bound(rest)]
    count = at_its_longest(count)  # a bound speaks of every start date
    return [] if count is ZERO else [(TRUE, count)]


def at_its_longest(count: Term) -> Term:
    """A day count, with every span of the calendar at its longest."""
    match count.op, count.args:
        case "number", (symbol,):
            return days(symbol.high) if symbol.kind == "calendar" else count
        case "plus", parts:
            return functools.reduce(plus, map(at_its_longest, parts))
        case "max" | "min", parts:
            return (longest if count.op == "max" else shortest)(map(at_its_longest, parts))
        case "choose", (when, a, b):
            return choose(when, at_its_longest(a), at_its_longest(b))
    return count


def within(ways: Bound, most: Term) -> Term:
    """The formula that a bound is at most a day count.

    Few ways are compared one by one, so that an answer can name the windows that matter; many
    are compared as one, which leaves them to the solver.
    """
    if sum(_sums(count) for _, count in ways) > MOST_SUMS:
        return not_(exceeds(longest(choose(g, c, ZERO) for g, c in ways), most))
    return all_(implies(guard, at_most(count, most)) for guard, count in ways)


MOST_SUMS = 256


def _sums(count: Term) -> int:
    """How many plain sums a day count is the longest of."""
    known: dict[int, int] = {}
    for term in walk((count,)):
        inner = [known[a.serial] for a in term.args if isinstance(a, Term)]
        if term.op in ("max", "min"):
            known[term.serial] = sum(inner)
        elif term.op == "plus":
            known[term.serial] = math.prod(inner)
        elif term.op == "choose":
            known[term.serial] = max(inner[1], inner[2])
        else:
            known[term.serial] = 1
    return known[count.serial]


def later(a: Bound, b: Bound) -> Bound:
    """The bound of two stretches of time one after the other."""
    both = [(all_([g, h]), plus(x, y)) for g, x in a for h, y in b]
    return trim([*both, *a, *b])


def trim(ways: Iterable[Way], most: int = 128) -> Bound:
    """The ways that no other outdoes wherever they are open."""
    merged: dict[int, Way] = {}
    for guard, count in ways:
        if guard is not FALSE and count is not ZERO:
            old = merged.get(count.serial)
            merged[count.serial] = (guard if old is None else any_([old[0], guard]), count)
    if len(merged) < 2:
        return list(merged.values())
    found = [(g, c, *_form(c)) for g, c in merged.values()]
    found.sort(key=lambda f: (f[1] is not NO_LIMIT, -f[3].bit_count(), -f[2], f[1].serial))
    kept: list[_Weighed] = []
    for way in found:
        if not any(_outdoes(other, way) for other in kept):
            kept = [other for other in kept if not _outdoes(way, other)]
            kept.append(way)
    if len(kept) > most:
        return _gathered(kept)
    return [(g, c) for g, c, _, _ in kept]


def _gathered(kept: Sequence[_Weighed]) -> Bound:
    """Many ways as one day count; what is endless stays apart."""
    endless = [(g, c) for g, c, _, _ in kept if c is NO_LIMIT]
    return [
        *endless,
        (TRUE, longest(choose(g, c, ZERO) for g, c, _, _ in kept if c is not NO_LIMIT)),
    ]


_Weighed = tuple[Term, Term, int, int]


def _form(count: Term) -> tuple[int, int]:
    """A sum as its number of days and a bit for each time that an open part stands in it."""
    if count.serial not in _forms:
        if len(_forms) > 200_000:
            _forms.clear()
        _forms[count.serial] = _new_form(count)
    return _forms[count.serial]


_forms: dict[int, tuple[int, int]] = {}


def _new_form(count: Term) -> tuple[int, int]:
    number, bits = 0, 0
    for part in count.args if count.op == "plus" else (count,):
        if part.op == "days":
            number += part.args[0]
            continue
        times = 0
        while True:
            bit = 1 << _places.setdefault((part.serial, times), len(_places))
            if not bits & bit:
                break
            times += 1
        bits |= bit
    return number, bits


_places: dict[tuple[int, int], int] = {}


def _outdoes(a: _Weighed, b: _Weighed) -> bool:
    """Whether way `a` is at least as long as way `b` wherever `b` is open."""
    if a[1] is not NO_LIMIT and (b[1] is NO_LIMIT or a[2] < b[2] or a[3] & b[3] != b[3]):
        return False
    return entails(b[0], a[0])


def clip(ways: Bound, cap: Term, most: Term) -> Bound:
    """The bound, but no longer than `most` where the cap holds."""
    if cap is FALSE or not ways:
        return ways
    free = [(all_([g, not_(cap)]), count) for g, count in ways]
    whole = longest(choose(g, count, ZERO) for g, count in ways)
    return trim([*free, (cap, shortest([whole, most]))])


class _Latest:
    """The longest ways of one conduct."""

    def __init__(self, analysis: Analysis, conduct: str, total: str) -> None:
        self.a, self.conduct, self.total = analysis, conduct, total
        self.edges = analysis.conduct_edges(conduct)
        self.reach = analysis.conduct_reach(conduct)
        self.outgoing = _by_source(self.edges)
        self.found: dict[str, Bound] = {name: [] for name in analysis.main}
        self.late: dict[str, Bound] = {}
        analysis._late[conduct, total] = self.late
        self.inner_reach: dict[tuple[str, str], Mapping[str, Term]] = {}

    def solve(self) -> Mapping[str, Bound]:
        order = components(self.a.main, self.edges)
        place = {name: i for i, component in enumerate(order) for name in component}
        incoming: dict[str, list[Edge]] = {}
        for edge in self.edges:
            incoming.setdefault(edge.target, []).append(edge)
        below: dict[str, int] = {}  # bit i: the exit of component i is at most this bound
        leave: dict[str, Bound] = {}
        for number, component in enumerate(order):
            for name in component:
                outside = [e for e in incoming.get(name, ()) if place[e.source] != number]
                outside.sort(key=lambda e: (-place[e.source], e.guard is not TRUE))
                ways: list[Way] = []
                covered = 0
                for e in outside:
                    if covered >> place[e.source] & 1:
                        continue
                    ways += self.way(e, leave)
                    if e.guard is TRUE and self.reach[e.source] is TRUE:
                        covered |= below[e.source]
                        if not e.move.keeps and len(order[place[e.source]]) == 1:
                            covered |= 1 << place[e.source]
                below[name] = covered
                self.found[name] = trim(ways, 6 if self.conduct == PERMITTED else 128)
            if not _is_plain(component, self.outgoing):
                self.cycle(component)
        return self.found

    def way(self, e: Edge, leave: dict[str, Bound] | None = None) -> Bound:
        """The bound that one edge hands on."""
        if e.move.keeps:
            source = self.found[e.source]
            if self.longer(e.source, e.target):  # it may come after the target's limit
                guard = all_([self.reach[e.source], e.guard])
                arrival = [(all_([guard, g]), count) for g, count in self.leave_by(e.source)]
                self.late[e.target] = trim([*self.late.get(e.target, ()), *arrival])
        elif leave is not None:
            if e.source not in leave:
                leave[e.source] = self.leave_by(e.source)
            source = leave[e.source]
        else:
            source = self.leave_by(e.source)
        if not e.move.keeps:
            source = self.a.cut(source, e.source, self.conduct, e.target)
        guard = all_([self.reach[e.source], e.guard])
        return source if guard is TRUE else [(all_([guard, g]), count) for g, count in source]

    def longer(self, name: str, other: str) -> bool:
        """Whether one may stay longer in one state than in another, on the same clock."""
        one, two = (self.a.stay(n, self.conduct, self.total) for n in (name, other))
        return one != two and any(
            not any(implies(g, h) is TRUE and at_most(c, d) is TRUE for h, d in two) for g, c in one
        )

    def leave_by(self, name: str) -> Bound:
        return self.a.leave_by(name, self.found[name], self.conduct, self.total)

    def cycle(self, component: Sequence[str]) -> None:
        """Bounds inside a component: longest simple ways, and no limit where a cycle takes time."""
        inside = set(component)
        edges = [e for n in component for e in self.outgoing.get(n, ()) if e.target in inside]
        endless = self.endless(component, edges)
        if endless is not TRUE:
            for _ in range(len(component)):
                before = [[self.found[n], self.late.get(n)] for n in component]
                for e in edges:
                    if e.source != e.target:
                        way = [(all_([g, not_(endless)]), c) for g, c in self.way(e)]
                        self.found[e.target] = trim([*self.found[e.target], *way])
                if before == [[self.found[n], self.late.get(n)] for n in component]:
                    break
        for name in component:
            self.found[name] = trim([*self.found[name], (endless, NO_LIMIT)])

    def endless(self, component: Sequence[str], edges: Sequence[Edge]) -> Term:
        """The formula under which some cycle of the component lets counted time pass.

        It is stated for the component as a whole; the trace that shows a broken claim is
        replayed before it is shown.
        """
        found = []
        for e in edges:
            if e.move.keeps:
                continue
            for guard, stay in self.a.stay(e.source, self.conduct, self.total):
                back = TRUE
                if e.source != e.target:
                    back = self.inner(e.target, component, edges)[e.source]
                happens = [self.reach[e.source], e.guard, back, guard, not_(at_most(stay, ZERO))]
                found.append(all_(happens))
                if found[-1] is TRUE:
                    break
        capped = any_(
            b.cap for b in self.a.graph.budgets if b.is_total and set(component) <= b.cuts
        )
        return all_([any_(found), not_(FALSE if self.conduct == UNHURRIED else capped)])

    def inner(
        self, start: str, component: Sequence[str], edges: Sequence[Edge]
    ) -> Mapping[str, Term]:
        key = (component[0], start)
        if key not in self.inner_reach:
            self.inner_reach[key] = _reach(component, edges, start)
        return self.inner_reach[key]


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
