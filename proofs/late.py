"""Ways through a ladder that take longer than a bound allows, found without a solver.

A *point* is a state, a counted day on which a dispute can come to it with its clock at 0, and the
counted days that the clock may then already show. Points follow one another by *steps*. The points
that matter are those on the longest ways, which `Latest` has found, and on cycles on which time
passes.
"""

from __future__ import annotations

from collections.abc import Iterator
from heapq import heappop, heappush
from itertools import count
from typing import Any, NamedTuple

from model.encoding import Nodes
from model.terms import (
    FALSE,
    NO_LIMIT,
    TRUE,
    ZERO,
    Term,
    all_,
    any_,
    at_most,
    days,
    for_some,
    implies,
    is_case,
    not_,
    plus,
    walk,
)
from proofs.bounds import Bound, add, clip, saturated
from proofs.latest import UNHURRIED, Latest
from proofs.paths import is_plain

MOST_POINTS = 3000


class Point(NamedTuple):
    """A state ("" after the last), the two counts, and the day on which each window began."""

    state: str
    day: Term
    since: Term = ZERO
    begun: tuple[Term, ...] = ()


class Way(NamedTuple):
    """Moves that lead from one state to another alike."""

    target: str
    keeps: bool
    at_limit: bool
    at_once: bool
    when: Term


END = Way("", False, True, False, TRUE)


class Late:
    """The points and steps of one bound, in the worlds of `wanted`.

    Of each state on a cycle at most `rounds` points are tried that are on no longest way.
    """

    def __init__(self, latest: Latest, most: Term, wanted: Term, rounds: int) -> None:
        self.latest, self.a, self.most, self.wanted = latest, latest.a, most, wanted
        unhurried = latest.conduct == UNHURRIED
        self.heeded = [b for b in self.a.graph.budgets if not (unhurried and b.is_total)]
        self.matters = latest.windows()
        self.windows = [b for b in self.heeded if b.name in self.matters]
        self.first = Point(self.a.graph.start, ZERO, ZERO, tuple(ZERO for _ in self.windows))
        self.known: dict[Term, Term] = {}
        self.out = self.ways()
        self.sums = {n: {self.seen(c) for _, c in ways} for n, ways in latest.entered.items()}
        self.steps: dict[tuple[Point, Point, tuple[bool, bool, bool]], None] = {}
        self.fitting: dict[Term, Term] = {}
        self.cut = {n: self.caps(n) for n in ("", *self.a.main)}
        self.rounds, self.lapped = rounds, dict[str, int]()
        self.explore()

    def ways(self) -> dict[str, list[Way]]:
        alike: dict[tuple[str, str, bool, bool, bool], Term] = {}
        for e in self.a.conduct_edges(self.latest.conduct):
            m = e.move
            key = e.source, e.target, m.keeps, m.at_limit, m.earliest is ZERO
            alike[key] = any_((alike.get(key, FALSE), e.guard))
        found: dict[str, list[Way]] = {n: [END] for n in self.a.main}
        for (source, target, keeps, at_limit, at_once), when in alike.items():
            found[source].append(Way(target, keeps, at_limit, at_once, when))
        return {n: [self.counted(n, way) for way in ways] for n, ways in found.items()}

    def counted(self, name: str, way: Way) -> Way:
        """A way out of a state, open only where no total and no clock counts what it should not."""
        when, counts = way.when, self.counts(name)
        if way.at_limit or not way.at_once:
            own = (all_((b.cap, b.counts.get(name, FALSE))) for b in self.heeded)
            when = all_((when, implies(any_(own), counts)))
        if way.keeps:
            when = all_((when, implies(self.counts(way.target), counts)))
        return way._replace(when=when)

    def counts(self, name: str) -> Term:
        return self.a.counts(name, self.latest.total)

    # --- one step ---------------------------------------------------------------------------

    def onward(self, p: Point) -> Iterator[tuple[Way, Term, Point]]:
        """By which ways a point leads on, to which points that matter, and when if it is open."""
        if self.over(p) is TRUE:
            return
        own = (TRUE, p.since)
        stays = [own, *(s for s in self.latest.stay(p.state) if s[1] is not p.since)]
        until = [(g, add(p.day, c)) for g, c in stays]
        ends = self.ends(p)
        for cap, most in ends:  # it may go on on the day on which it came
            until = [until[0], *clip(until[1:], cap, most)]
        here = self.cut[p.state]
        left: dict[tuple[tuple[Term, Term], ...], Bound] = {}
        for way in self.out.get(p.state, ()):
            there = self.cut[way.target] if here else ()
            caps = tuple(c for c in here if c not in there)
            if way.keeps:
                for g, c in stays if way.at_limit else (own,):  # no longer than those totals
                    if self.matter(p, way.target, p.day):
                        over = (*caps, *(ends if c is not p.since else ()))
                        fits = (
                            any_((not_(cap), at_most(add(p.day, c), most))) for cap, most in over
                        )
                        yield way, all_((g, *fits)), self.begin(p, Point(way.target, p.day, c))
                continue
            if caps not in left:
                cut = until
                for cap, most in caps:
                    cut = clip(cut, cap, most)
                left[caps] = [(g, self.saturated(day)) for g, day in cut]
            for g, day in left[caps]:
                if self.matter(p, way.target, day):
                    yield way, g, self.begin(p, Point(way.target, day))

    def matter(self, p: Point, target: str, day: Term) -> bool:
        """Whether a step is part of a longest way, or the last of one, or may be of a cycle."""
        if not target:
            return self.fits(day) is not TRUE and day is not p.day
        return self.seen(day) in self.sums[target] or target in self.rounded

    def begin(self, p: Point, q: Point) -> Point:
        """The next point, with the days on which those windows began that matter there."""
        if not self.windows:
            return q
        begun = []
        for budget, day in zip(self.windows, p.begun, strict=True):
            if q.state in budget.begins and p.state not in budget.begins:
                day = add(q.day, q.since)
            begun.append(day if q.state in self.matters[budget.name] else ZERO)
        return q._replace(begun=tuple(begun))

    def ends(self, p: Point) -> list[tuple[Term, Term]]:
        """The windows that cut a state short: when, and at how many days from the start."""
        return [
            (b.cap, plus(day, b.at_most))
            for b, day in zip(self.windows, p.begun, strict=True)
            if p.state in b.cuts
        ]

    def caps(self, name: str) -> list[tuple[Term, Term]]:
        """The totals that cut a state short: when, and at how many days."""
        return [
            (b.cap, b.at_most)
            for b in self.heeded
            if name in b.cuts and b.cap is not FALSE and b not in self.windows
        ]

    def fits(self, day: Term) -> Term:
        """The formula that a day is no later than the bound allows."""
        if day not in self.fitting:
            self.fitting[day] = at_most(day, self.most)
        return self.fitting[day]

    def saturated(self, day: Term) -> Term:
        """A day that is surely too late counts as the first that is."""
        over = self.latest.over
        return day if over is None or self.fits(day) is not FALSE else days(over + 1)

    def seen(self, day: Term) -> Term:
        """A day as the bounds of `Latest` have it."""
        over = self.latest.over
        if over is None:
            return day
        if day not in self.known:
            self.known[day] = saturated(day, over)
        return self.known[day]

    def over(self, p: Point) -> Term:
        """The formula that a point is later than the bound allows."""
        cut = (not_(all_((cap, self.fits(limit)))) for cap, limit in self.cut[p.state])
        return all_((not_(self.fits(p.day)), *cut))

    # --- all of them ------------------------------------------------------------------------

    def explore(self) -> None:
        """Follow the longest ways; a step that opens no more than those before is left out."""
        order = self.latest.order
        self.place = {name: i for i, component in enumerate(order) for name in component}
        cycles = (c for c in order if not is_plain(c, self.latest.outgoing))
        cyclic = (name for component in cycles for name in component)
        self.rounded = {name for name in cyclic if NO_LIMIT in self.sums[name]}
        self.open: dict[Point, Term] = {self.first: self.wanted}
        turn, queued = count(), {self.first}
        queue = [(self.place[self.first.state], next(turn), self.first)]
        while queue and len(self.open) < MOST_POINTS:
            p = heappop(queue)[-1]
            queued.remove(p)
            for way, when, q in self.onward(p):
                if q.state in self.rounded and not self.followed(q):
                    continue
                now = any_((self.open.get(q, FALSE), all_((self.open[p], way.when, when))))
                if now is not self.open.get(q, FALSE):
                    self.open[q] = now
                    self.steps[p, q, (way.keeps, way.at_limit, way.at_once)] = None
                    if q.state and q not in queued:
                        queued.add(q)
                        heappush(queue, (self.place[q.state], next(turn), q))

    def followed(self, q: Point) -> bool:
        """Whether a point of a cycle on which time passes is tried, if it is on no longest way."""
        if self.seen(q.day) in self.sums[q.state]:
            return True
        if q not in self.open:
            self.lapped[q.state] = self.lapped.get(q.state, 0) + 1
        return q in self.open or self.lapped[q.state] <= self.rounds

    # --- what is written --------------------------------------------------------------------

    def listed(self, nodes: Nodes, rest: Term) -> tuple[dict[str, Any], Term]:
        """Points and steps as JSON values, with the points that show it where `rest` is true.

        Besides, the formula where it is not shown.
        """
        at = self.open
        into: dict[Point, list[Point]] = {}
        for p, q, _ in self.steps:
            into.setdefault(q, []).append(p)
        last = {self.seen(c) for _, c in self.latest.end_by}
        late = []
        surely = [p for p in self.open if self.over(p) is TRUE]
        size = {p: sum(1 for _ in walk((at[p],))) for p in surely}
        order = dict.fromkeys([*sorted(surely, key=lambda p: size[p]), *self.open])
        for p in sorted(order, key=lambda p: (p not in size, self.seen(p.day) not in last)):
            if rest is FALSE:
                break
            left = all_((rest, not_(for_some(all_((at[p], self.over(p))), is_case))))
            if left is not rest:
                late.append(p)
                rest = left
        seen = dict.fromkeys([self.first, *late])
        waiting = [*late]
        while waiting:
            for p in into.get(waiting.pop(), ()):
                if p not in seen:
                    seen[p] = None
                    waiting.append(p)
        place = {p: i for i, p in enumerate(p for p in self.open if p in seen)}
        listed = [
            [place[p], place[q], *flags] for p, q, flags in self.steps if p in place and q in place
        ]
        return {
            "points": [
                [p.state, nodes.day(p.day), nodes.day(p.since), [nodes.day(d) for d in p.begun]]
                for p in place
            ],
            "steps": listed,
            "late": [place[p] for p in late],
        }, rest
