"""Checks the bounds on time of a certificate: latest days, and ways that take longer.

docs/certificates.md says what their parts mean.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any, NamedTuple

from certificates.formulas import NO, YES, Count, Day, Refused

if TYPE_CHECKING:
    from certificates.checker import Checker

AT_ONCE = [[1, [0]]]  # how a certificate writes no days


class Kind(NamedTuple):
    """Edges of a bound that are alike."""

    source: str
    target: str
    keeps: bool
    at_limit: bool
    at_once: bool


class Point(NamedTuple):
    """A state ("" after the last), two counts of days, and the day on which each window began."""

    state: str
    day: Day
    since: Day
    begun: list[Day]


class Bound:
    """One bound, by the rules of a ladder that a checker has read."""

    def __init__(self, checker: Checker, b: dict[str, Any]) -> None:
        self.c, self.b, self.f = checker, b, checker.f
        self.name, self.conduct = f"bound {b['name']}", b["conduct"]
        self.most = checker.count(b["most"])

    def kept(self) -> int:
        """The formula that no counted day is after `most`, where that is so; elsewhere some is."""
        f, c, permitted = self.f, self.c, self.conduct == "permitted"
        kinds = defaultdict[Kind, int](int)
        for source, target, when, m in c.edges(not permitted):
            if m["kind"] != "reopen" and (permitted or not m["delays"]):
                at_once = m["earliest"] == AT_ONCE
                kind = Kind(source, target, m["keeps"], m["at limit"], at_once)
                kinds[kind] = f.any((kinds[kind], when))
        start, kept = f.all(c.domain, c.formula(self.b["start"])), c.formula(self.b["kept"])
        if kept != NO:
            self.latest(kinds, f.all(start, kept))
        self.late(kinds, start, kept)
        return kept

    def need(self, premise: int, then: int, what: str) -> None:
        self.c.need(premise, then, f"{self.name}: {what}")

    def counts(self, name: str) -> int:
        """The formula that time in a state counts."""
        if self.b["total"] is None:
            return self.c.formula(self.c.states[name]["formal"])
        (counts,) = (t["counts"] for t in self.c.totals if t["name"] == self.b["total"])
        return self.c.formula(counts.get(name, 0))

    def stay(self, name: str) -> Count:
        """The longest counted stay in a state."""
        f, state, counts = self.f, self.c.states[name], self.counts(name)
        if self.conduct == "windows":
            counts = f.all(counts, f.no(self.c.formula(state["stuck"])))
        limit = self.c.count(state["limit" if self.conduct == "permitted" else "prompt"])
        return f.largest(f.within(counts, limit), f.within(f.no(counts), self.c.zero))

    def capping(self) -> list[dict[str, Any]]:
        """The totals that a bound heeds; it asks about windows without those of the whole."""
        return [t for t in self.c.totals if self.conduct != "windows" or not t["total"]]

    # --- where it is kept: the latest day on which a state can be entered, or left ----------

    def latest(self, kinds: dict[Kind, int], at: int) -> None:
        """Refuses unless the latest days given are so, wherever `at` is true, and not over `most`.

        `entered` is the latest day on which the clock of a state can have shown 0, and `left` the
        latest on which one can be there, also if one came too late.
        """
        f, c, b = self.f, self.c, self.b
        entered, left = ({n: c.count(w) for n, w in b[k].items()} for k in ("entered", "left"))
        there = {k: f.all(at, c.reach(k.source), when) for k, when in kinds.items()}
        begun = {t: {n: c.count(w) for n, w in of.items()} for t, of in b["begun"].items()}
        cuts = [*self.windows(there, begun), *self.cuts(there, left)]

        def cut(n: str, days: Count) -> Count:
            for states, under, limit, late in cuts:
                if n in states:
                    short = f.shortest(f.within(under, days), limit)
                    came = f.within(f.all(under, late), entered[n])
                    days = f.largest(f.largest(short, came), f.within(f.no(under), days))
            return days

        self.need(at, f.at_most(c.zero, entered[c.first["ladder"]], at), "the start")
        for n in entered:
            where = f.all(at, c.reach(n))
            until = f.plus(f.within(where, entered[n]), self.stay(n))
            until = f.largest(cut(n, until), entered[n])
            self.need(where, f.at_most(until, left[n], where), f"“{n}” is left")
            where, last = f.all(where, self.counts(n)), cut(n, left[n])
            self.need(where, f.at_most(last, self.most, where), f"“{n}” ends in time")
        for k, where in there.items():
            what, to = f"“{k.source}” to “{k.target}”", left if k.keeps else entered
            last = cut(k.source, f.within(where, left[k.source]))
            self.need(where, f.at_most(last, to[k.target], where), what)
            if k.keeps:
                self.need(where, f.at_most(entered[k.source], entered[k.target], where), what)
            for t in (t for t in c.totals if k.target in begun.get(t["name"], ())):
                since, day = begun[t["name"]], last
                # it began when it did, and is later by the days on which it stands still
                if k.source in since and not anew(t, k):
                    still = f.no(c.formula(t["counts"].get(k.source, 0)))
                    more = f.largest(f.within(still, self.stay(k.source)), c.zero)
                    day = f.plus(f.within(where, since[k.source]), more)
                self.need(where, f.at_most(day, since[k.target], where), what)

    def cuts(self, there: dict[Kind, int], left: dict[str, Count]) -> Iterator[Any]:
        """The totals that cut this bound short: where, when, at how many days, and whether one
        can come there later than that.

        A total does where until there it counts all the days that the bound counts.
        """
        f = self.f
        for t in self.capping():
            if not t["begins"]:
                under, late, limit = self.c.formula(t["cap"]), NO, self.c.count(t["at most"])
                for n in closed(t["cuts"], [(k.target, k.source) for k in there]):
                    mine = f.all(self.c.domain, self.c.reach(n), self.counts(n))
                    under = f.all(under, f.ite(mine, self.c.formula(t["counts"].get(n, 0)), YES))
                for k, where in there.items():
                    if k.target in t["cuts"] and k.source not in t["cuts"]:
                        fits = f.at_most(left[k.source], limit, where)
                        late = f.any((late, f.all(where, f.no(fits))))
                yield t["cuts"], under, limit, late

    def windows(self, there: dict[Kind, int], begun: Any) -> Iterator[Any]:
        """As `cuts`, of windows that begin anew: `begun` has the latest day on which each did.

        None does where the clock of another state goes on into one that it cuts.
        """
        f = self.f
        for t in (t for t in self.capping() if t["name"] in begun):
            into = (k for k in there if k.target in t["cuts"] and k.source not in t["cuts"])
            under = f.all(self.c.formula(t["cap"]), f.no(f.any(there[k] for k in into if k.keeps)))
            for n, since in begun[t["name"]].items():
                if n in t["cuts"]:
                    end = f.plus(since, self.c.count(t["at most"]))
                    yield [n], f.all(under, self.c.formula(t["counts"][n])), end, YES

    # --- where it is not: ways that take longer ---------------------------------------------

    def late(self, kinds: dict[Kind, int], start: int, kept: int) -> None:
        """Refuses unless, where `kept` is false, some way is open in some case, and takes longer.

        A point says that a dispute can come to a state, with its clock at 0, on some counted day or
        later, and stay some counted days on that clock; but no longer than a total that cuts it
        short there. For each window from an earlier event it has a day by which that began. Each
        step derives one point from another.
        """
        f, c, b = self.f, self.c, self.b
        points = [
            Point(n, f.day(*day), f.day(*since), [f.day(*d) for d in begun])
            for n, day, since, begun in b["points"]
        ]
        none, first = f.day([0]), points[0]
        if first[:3] != (c.first["ladder"], none, none) or not {none}.issuperset(first.begun):
            raise Refused(f"{self.name}: its ways do not begin at the start")
        at = [f.all(start, c.formula(b["begin"]))] + [NO] * (len(points) - 1)
        steps = [(s, t, self.step(points[s], points[t], kinds, *of)) for s, t, *of in b["steps"]]
        before: list[int] = []
        while at != before:
            before = at[:]
            for source, target, when in steps:
                at[target] = f.any((at[target], f.all(at[source], when)))
        rest = f.all(f.some(start), f.no(kept))
        for p, here in ((points[i], at[i]) for i in b["late"]):
            longer = f.all(here, f.no(f.at_most({p.day: YES}, self.most)))
            for t in self.capping():
                if p.state in t["cuts"] and t["name"] not in b["begun"]:
                    short = f.all(c.formula(t["cap"]), f.at_most(c.count(t["at most"]), self.most))
                    longer = f.all(longer, f.no(short))
            rest = f.all(rest, f.no(f.some(longer)))
        self.need(rest, NO, "a way that takes longer")

    def step(self, p: Point, q: Point, kinds: dict[Kind, int], *of: bool) -> int:
        """The formula under which one point can lead to another, by edges of one kind."""
        f, c, k = self.f, self.c, Kind(p.state, q.state, *of)
        counts, spent, now = self.counts(p.state), Count({p.since: YES}), Count({p.day: YES})
        until = f.largest(spent, self.stay(p.state)) if k.at_limit or not k.keeps else spent
        when = kinds.get(k, NO) if k.target else YES
        if k.keeps:  # the clock goes on, so time here has to count where the next does
            when = f.all(when, f.ite(self.counts(k.target), counts, YES), f.compare(q.day, p.day))
            when = f.all(when, f.at_most({q.since: YES}, until))
        else:
            when = f.all(when, f.at_most({q.day: YES}, f.plus(now, until)))
            when = f.all(when, f.compare(q.since, f.day([0])))
        came, last = f.plus(now, spent), f.plus({q.day: YES}, {q.since: YES})
        begun = dict(zip(self.b["begun"], zip(p.begun, q.begun, strict=True), strict=True))
        for t in self.capping():
            cap, own = c.formula(t["cap"]), c.formula(t["counts"].get(k.source, 0))
            if k.at_limit or not k.at_once:  # no time but what the bound counts
                when = f.all(when, f.ite(f.all(cap, own), counts, YES))
            end, out, fits = c.count(t["at most"]), k.target not in t["cuts"], NO
            if t["name"] in begun:
                since, then = begun[t["name"]]
                when = f.all(when, f.at_most({then: YES}, last if anew(t, k) else {since: YES}))
                end, out = f.plus({since: YES}, end), True
                fits = f.at_most(last, came)  # on the day on which it came
            if k.source in t["cuts"] and out:
                when = f.all(when, f.ite(cap, f.any((fits, f.at_most(last, end))), YES))
        return when


def anew(t: dict[str, Any], k: Kind) -> bool:
    """Whether a window begins anew with a move."""
    return k.target in t["begins"] and k.source not in t["begins"]


def closed(names: Iterable[str], steps: list[tuple[str, str]]) -> set[str]:
    """Some names, and all to which steps lead from them."""
    found = set(names)
    while more := {t for s, t in steps if s in found} - found:
        found |= more
    return found
