"""Checks one certificate: that each verdict follows from the rules of its graph.

docs/certificates.md says what its parts mean, and why the rules used here are those of a ladder.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

from certificates.formulas import CASE, NO, YES, Count, Formulas, Refused

AT_ONCE = [[1, [0]]]  # how a certificate writes no days

# What Python raises where a part of a certificate is missing, or is of another kind.
UNFIT = (LookupError, TypeError, ValueError, AttributeError, ArithmeticError, RecursionError)


def check(certificate: dict[str, Any]) -> dict[str, str]:
    """The verdicts that a certificate shows, by claim. Raises Refused if any is not shown."""
    try:
        checker = Checker(certificate)
        for table in certificate["tables"]:
            checker.table(table)
        for bound in certificate["bounds"]:
            checker.bound(bound)
        said = {claim["id"]: checker.claim(claim) for claim in certificate["claims"]}
    except UNFIT as error:
        raise Refused(f"this is no certificate: {type(error).__name__}: {error}") from None
    if not said:
        raise Refused("it says nothing")
    return said


class Edge(NamedTuple):
    source: str
    target: str
    when: int
    move: dict[str, Any]


class Kind(NamedTuple):
    """Edges of a bound that are alike."""

    source: str
    target: str
    keeps: bool
    at_limit: bool
    at_once: bool


class Checker:
    def __init__(self, given: dict[str, Any]) -> None:
        self.given, graph, self.f = given, given["graph"], Formulas(given["symbols"])
        self.states, self.moves, self.totals = graph["states"], graph["moves"], graph["totals"]
        self.moving = [m for m in self.moves if m["also"] is not None]
        self.first = {"ladder": graph["start"], **graph["tracks"]}
        self.meaning, self.rows, self.took = {0: NO, 1: YES}, dict[str, int](), dict[str, Count]()
        self.lasting, self.zero = dict[tuple[str, str], int](), {self.f.day([0]): YES}
        self.drawn = dict[tuple[str, bool], list[Edge]]()
        starts = [self.formula(m["guard"]) for m in self.moves if m["source"] == graph["start"]]
        self.domain = self.f.all(self.formula(graph["domain"]), self.f.any(starts))

    def formula(self, place: int) -> int:
        """The formula at a place: a symbol, a row, or a comparison decides which part it is."""
        if place not in self.meaning:
            what, *kids = self.given["nodes"][place]
            parts = [self.formula(k) for k in kids]
            if isinstance(what, int):
                found = self.f.choice(what, parts)
            elif isinstance(what, str):
                found = self.f.ite(self.rows[what], *parts)
            else:
                found = self.f.ite(self.f.compare(*map(self.f.day, what)), *parts)
            self.meaning[place] = found
        return self.meaning[place]

    def count(self, ways: Iterable[Any]) -> Count:
        """A day count: each way is the place of a formula, and the sums of a day."""
        found: Count = {}
        for place, *sums in ways:
            day = self.f.day(*sums)
            found[day] = self.f.any((found.get(day, NO), self.formula(place)))
        return found

    def need(self, premise: int, then: int, what: str) -> None:
        """Refuses unless, in the worlds that exist, the premise brings the conclusion."""
        if not self.f.impossible(self.f.all(premise, self.domain, self.f.no(then))):
            raise Refused(what)

    def reach(self, name: str) -> int:
        return self.rows[f"reach {name}"]

    # --- the rules of a ladder --------------------------------------------------------------

    def cutting(self, name: str) -> Iterator[tuple[int, Count]]:
        """The totals that can cut the stay in a state short: when, and at how many days."""
        for t in self.totals:
            if name in t["cuts"] and name in t["counts"]:
                under = self.f.all(self.formula(t["cap"]), self.formula(t["counts"][name]))
                yield under, self.count(t["at most"])

    def runs_out(self, name: str, prompt: bool = False) -> int:
        """The formula that the time in a state ends, by its limit or by a total."""
        f, state = self.f, self.states[name]
        limit = self.count(state["prompt" if prompt and state["side"] != "raiser" else "limit"])
        cut = [f.all(under, f.limited(most)) for under, most in self.cutting(name)]
        return f.any((f.limited(limit), *cut))

    def possible(self, m: dict[str, Any], prompt: bool = False) -> int:
        """The formula that a move can be made at all."""
        f, parts = self.f, [self.formula(m["guard"])]
        if m["earliest"] != AT_ONCE:  # the clock can have gone on from states before
            earliest, wait = self.count(m["earliest"]), "prompt" if prompt else "limit"
            kept = self.kept_from(m["source"])
            ends = ((on, self.count(self.states[n][wait])) for n, on in kept.items())
            parts.append(f.any(f.all(on, f.at_most(earliest, end)) for on, end in ends))
            for t in self.totals:
                if set(kept) <= set(t["cuts"]) & set(t["counts"]):
                    counts = ((on, self.formula(t["counts"][n])) for n, on in kept.items())
                    under = f.all(self.formula(t["cap"]), *(f.ite(on, c, YES) for on, c in counts))
                    parts.append(f.ite(under, f.at_most(earliest, self.count(t["at most"])), YES))
        if m["at limit"]:
            parts.append(self.runs_out(m["source"], prompt))
        if m["needs"] is not None:
            parts.append(f.any(map(self.reach, self.granting(m["needs"]))))
        if any(x["track"] == m["track"] for x in self.moving) and m in self.asks(m["track"]):
            parts.append(self.asked_before(m))
        return f.all(*parts)

    def kept_from(self, name: str) -> dict[str, int]:
        """A state, and those before it that a case can enter and go on from with its clock."""
        f, on, before = self.f, {name: YES}, dict[str, int]()
        while on != before:
            before = dict(on)
            for k in (k for k in self.moves if k["keeps"] and k["target"] in before):
                into = [m for m in self.moves if k["source"] in (m["target"], m["also"])]
                enters = f.any(self.formula(m["guard"]) for m in into)
                way = f.all(on[k["target"]], self.formula(k["guard"]), enters)
                on[k["source"]] = f.any((on.get(k["source"], NO), way))
        return {n: formula for n, formula in on.items() if formula != NO}

    def granting(self, track: str) -> list[str]:
        """The states of a request in which what was asked for may be done."""
        states = [n for n, s in self.states.items() if s["track"] == track]
        return [n for n in states if self.states[n]["kind"] in ("granted", "done")]

    def asks(self, track: str) -> list[dict[str, Any]]:
        """The moves by which something is first asked for."""
        return [m for m in self.moves if m["track"] == track and m["source"] == self.first[track]]

    def own(self, track: str, prompt: bool = False) -> list[Edge]:
        """The moves of a track that can be made."""
        if (track, prompt) not in self.drawn:
            own = [m for m in self.moves if m["track"] == track]
            found = [Edge(m["source"], m["target"], self.possible(m, prompt), m) for m in own]
            self.drawn[track, prompt] = [e for e in found if e.when != NO]
        return self.drawn[track, prompt]

    def asked_before(self, m: dict[str, Any]) -> int:
        """The formula that a dispute comes to where something is asked for, without a referral."""
        return self.comes(
            m["while in"], [m["track"]], [(e.source, e.target) for e in self.own("ladder")]
        )

    def comes(self, where: Any, unused: list[str], steps: list[tuple[str, str]]) -> int:
        """The formula that it comes to one of some states, without a referral or after others."""
        where = [self.first["ladder"]] if where is None else where
        found = [self.rows[f"unmoved {n}"] for n in where]
        for track in sorted({x["track"] for x in self.moving}.difference(unused)):
            after = closed((x["also"] for x in self.moving if x["track"] == track), steps)
            for m in self.asks(track) if after.intersection(where) else ():
                found.append(self.comes(m["while in"], [*unused, track], steps))
        return self.f.any(found)

    def edges(self, prompt: bool = False) -> list[Edge]:
        """The moves of the ladder that can be made, also the referrals that move it."""
        found = self.own("ladder", prompt)
        steps = [(e.source, e.target) for e in found]
        for m in self.moving:
            asks = self.asks(m["track"])
            where = set(m["while in"])
            if m not in asks and all(a["while in"] is not None for a in asks):
                begun = [n for a in asks for n in a["while in"]] + [x["also"] for x in self.moving]
                where &= closed(begun, steps)  # there it can still be awaited
            when = self.f.all(self.possible(m), self.reach(m["source"]))
            found = found + [Edge(n, m["also"], when, m) for n in sorted(where) if when != NO]
        return found

    # --- tables: what can be reached, or forced ---------------------------------------------

    def table(self, t: dict[str, Any]) -> None:
        """Derives the rows of a table, in its order, until no more follows by its rule."""
        track, name, edges = t["track"], t["name"], self.own(t["track"])
        if track == "ladder" and name != "unmoved":
            edges = self.edges()
        if name in ("reach", "unmoved"):
            goal = {self.first[track]: YES}
        elif name == "granted":
            goal = dict.fromkeys(self.granting(track), YES)
        else:
            name, goal = f"force {name}", {n: self.formula(g) for n, g in t["goal"].items()}
            edges = [e for e in edges if not self.asked_for(e.move)]
            asks = ((n, self.formula(when), self.moves[i]) for n, when, i in t["asks"])
            edges += [Edge(n, "", when, m) for n, when, m in asks]
        step = self.reached if name in ("reach", "unmoved") else self.forced
        near: dict[str, list[Edge]] = {
            n: [] for n in t["order"] if self.states[n]["track"] == track
        }
        for e in edges:
            near[e.source if step == self.forced else e.target].append(e)
        row, before = {**dict.fromkeys(near, NO), "": YES}, dict[str, int]()
        while row != before:
            before = dict(row)
            for n in near:
                row[n] = self.f.any((goal.get(n, NO), step(near[n], row)))
        self.rows |= {f"{name} {n}": formula for n, formula in row.items()}

    def reached(self, edges: list[Edge], row: dict[str, int]) -> int:
        return self.f.any(self.f.all(row[e.source], e.when) for e in edges)

    def forced(self, edges: list[Edge], win: dict[str, int]) -> int:
        """The formula that the raiser can force it from a state in one step (a game of turns).

        The raiser moves at once where that wins; or after a wait, or when what was asked for is
        granted, if all that others or time can do before wins; else something must happen, and
        all that others or time can do must win.
        """
        f, waits, others, late, last, clock = self.f, [], [], YES, NO, NO
        for source, target, when, m in edges:
            if m["side"] == "raiser":
                own = f.all(when, win[target])
                if m["needs"] is not None:
                    own = f.all(own, self.rows[f"granted {self.first[m['needs']]}"])
                if own != NO:
                    waits.append((own, source, m))
                continue
            if m["at limit"]:
                last = f.any((last, when))
                late = f.all(late, f.ite(when, win[target], YES))
            else:
                others.append((f.ite(when, win[target], YES), m["earliest"]))
            if m["at limit"] or m["side"] == "time":
                clock = f.any((clock, f.all(when, self.runs_out(source))))
        ways = [f.all(clock, late, *(wins for wins, _ in others))]
        stays = f.all(last, late)
        safe = f.all(stays, *(ok for ok, _ in others))
        for own, source, m in sorted(waits, key=lambda way: way[2]["needs"] is not None):
            wait = self.zero if m["earliest"] == AT_ONCE else self.count(m["earliest"])
            if m["needs"] is not None and f.all(own, f.no(f.any((safe, *ways)))) != NO:
                wait = f.largest(wait, self.asked(m["needs"]))
                own = f.all(own, f.any((stays, self.lasts(source, m["needs"]))))
            for ok, least in others:
                if wait != self.zero and f.all(own, f.no(ok)) != NO:
                    own = f.all(own, f.any((ok, f.at_most(wait, self.count(least)))))
            ways.append(own)
        return f.any(ways)

    def lasts(self, name: str, track: str) -> int:
        """The formula that a request is granted before a limit or a total ends a state's time."""
        f, days, zero = self.f, self.asked(track), self.zero
        if (name, track) not in self.lasting:
            uncut = f.all(*(f.no(under) for under, _ in self.cutting(name)))
            long = f.at_most(days, self.count(self.states[name]["limit"]))
            self.lasting[name, track] = f.all(long, f.any((uncut, f.at_most(days, zero))))
        return self.lasting[name, track]

    def asked(self, track: str) -> Count:
        """In how many days a request is granted, at most, where the raiser can force that.

        The raiser takes the shortest way, the others as long as they can, and on the last day
        they can do something else before: so it is surely there a day later.
        """
        f, endless, zero = self.f, {self.f.day(): YES}, self.zero
        if track not in self.took:
            names = [n for n, s in self.states.items() if s["track"] == track]
            took = dict.fromkeys(names, endless) | dict.fromkeys(self.granting(track), zero)
            for n in (n for _ in names for n in names if n not in self.granting(track)):
                own, rest = endless, {f.day([1]): YES}
                for _, target, when, m in (e for e in self.own(track) if e.source == n):
                    days = f.within(when, took[target])
                    if m["side"] != "raiser":
                        rest = f.largest(rest, days)
                    else:
                        days = f.plus(self.count(m["earliest"]), days)
                        days = f.largest(days, f.within(f.no(when), endless))
                        own = f.shortest(own, days)
                took[n] = f.shortest(own, f.plus(self.count(self.states[n]["limit"]), rest))
            self.took[track] = took[self.first[track]]
        return self.took[track]

    def asked_for(self, m: dict[str, Any]) -> bool:
        """Whether the ladder can be moved so only if the raiser has asked, and others answered."""
        if m["also"] is None or m["source"] == self.first[m["track"]]:
            return False
        return m["side"] == "raiser" or all(a["side"] == "raiser" for a in self.asks(m["track"]))

    # --- bounds: the latest day on which a state can be entered, or left --------------------

    def bound(self, b: dict[str, Any]) -> None:
        """Wherever `kept` is true, no counted day is after `most`; elsewhere some is."""
        f, permitted, name = self.f, b["conduct"] == "permitted", f"bound {b['name']}"
        kinds = defaultdict[Kind, int](int)
        for source, target, when, m in self.edges(not permitted):
            if m["kind"] != "reopen" and (permitted or not m["delays"]):
                at_once = m["earliest"] == AT_ONCE
                kind = Kind(source, target, m["keeps"], m["at limit"], at_once)
                kinds[kind] = f.any((kinds[kind], when))
        start, kept = f.all(self.domain, self.formula(b["start"])), self.formula(b["kept"])
        most = self.count(b["most"])
        if kept != NO:
            self.latest(b, kinds, f.all(start, kept), most, f"{name}: ")
        self.late(b, kinds, start, most)
        self.rows[name] = kept

    def latest(self, b: Any, kinds: dict[Kind, int], at: int, most: Count, here: str) -> None:
        """Refuses unless the latest days given are so, wherever `at` is true, and not over `most`.

        `entered` is the latest day on which the clock of a state can have shown 0, and `left` the
        latest on which one can be there, also if one came too late.
        """
        f, zero = self.f, self.zero
        entered, left = ({n: self.count(w) for n, w in b[k].items()} for k in ("entered", "left"))
        there = {k: f.all(at, self.reach(k.source), when) for k, when in kinds.items()}
        cuts = list(self.cuts(b, there, left))

        def cut(n: str, days: Count) -> Count:
            for states, under, limit, late in cuts:
                if n in states:
                    short = f.shortest(f.within(under, days), limit)
                    came = f.within(f.all(under, late), entered[n])
                    days = f.largest(f.largest(short, came), f.within(f.no(under), days))
            return days

        self.need(at, f.at_most(zero, entered[self.first["ladder"]], at), here + "the start")
        for n in entered:
            where = f.all(at, self.reach(n))
            until = f.plus(f.within(where, entered[n]), self.stay(b, n))
            until = f.largest(cut(n, until), entered[n])
            self.need(where, f.at_most(until, left[n], where), f"{here}“{n}” is left")
            where, last = f.all(where, self.counts(b, n)), cut(n, left[n])
            self.need(where, f.at_most(last, most, where), f"{here}“{n}” ends in time")
        for k, where in there.items():
            what, to = f"{here}“{k.source}” to “{k.target}”", left if k.keeps else entered
            last = cut(k.source, f.within(where, left[k.source]))
            self.need(where, f.at_most(last, to[k.target], where), what)
            if k.keeps:
                self.need(where, f.at_most(entered[k.source], entered[k.target], where), what)

    def counts(self, b: dict[str, Any], name: str) -> int:
        """The formula that time in a state counts."""
        if b["total"] is None:
            return self.formula(self.states[name]["formal"])
        (counts,) = (t["counts"] for t in self.totals if t["name"] == b["total"])
        return self.formula(counts.get(name, 0))

    def stay(self, b: dict[str, Any], name: str) -> Count:
        """The longest counted stay in a state."""
        f, state, counts = self.f, self.states[name], self.counts(b, name)
        if b["conduct"] == "windows":
            counts = f.all(counts, f.no(self.formula(state["stuck"])))
        limit = self.count(state["limit" if b["conduct"] == "permitted" else "prompt"])
        return f.largest(f.within(counts, limit), f.within(f.no(counts), self.zero))

    def capping(self, b: dict[str, Any]) -> list[dict[str, Any]]:
        """The totals that a bound heeds; it asks about windows without those of the whole."""
        return [t for t in self.totals if b["conduct"] != "windows" or not t["total"]]

    def cuts(self, b: Any, there: dict[Kind, int], left: dict[str, Count]) -> Iterator[Any]:
        """The totals that cut this bound short: where, when, at how many days, and whether one
        can come there later than that.

        A total does where until there it counts all the days that the bound counts.
        """
        f = self.f
        for t in self.capping(b):
            if not t["begins"]:
                under, late, limit = self.formula(t["cap"]), NO, self.count(t["at most"])
                for n in closed(t["cuts"], [(k.target, k.source) for k in there]):
                    mine = f.all(self.domain, self.reach(n), self.counts(b, n))
                    under = f.all(under, f.ite(mine, self.formula(t["counts"].get(n, 0)), YES))
                for k, where in there.items():
                    if k.target in t["cuts"] and k.source not in t["cuts"]:
                        fits = f.at_most(left[k.source], limit, where)
                        late = f.any((late, f.all(where, f.no(fits))))
                yield t["cuts"], under, limit, late

    def late(self, b: Any, kinds: dict[Kind, int], start: int, most: Count) -> None:
        """Refuses unless, where `kept` is false, some way is open in some case, and takes longer.

        A point says that a dispute can come to a state, with its clock at 0, on some counted day or
        later, and stay some counted days on that clock; but no longer than a total that cuts it
        short there. Each step derives one from another.
        """
        f, steps = self.f, list[tuple[int, int, int]]()
        points = [(n, f.day(*day), f.day(*since)) for n, day, since in b["points"]]
        stay = {n: (self.counts(b, n), self.stay(b, n)) for n, *_ in points if n}
        at = [f.all(start, self.formula(b["begin"]))] + [NO] * (len(points) - 1)
        if points[0] != (self.first["ladder"], f.day([0]), f.day([0])):
            raise Refused(f"bound {b['name']}: its ways do not begin at the start")
        for source, target, *flags in b["steps"]:
            (n, day, since), (to, then, after) = points[source], points[target]
            k = Kind(n, to, *flags)
            when = kinds.get(k, NO) if k.target else YES
            (counts, until), spent = stay[n], Count({since: YES})
            until = f.largest(spent, until) if k.at_limit or not k.keeps else spent
            if k.keeps:  # the clock goes on, so time here has to count where the next does
                when = f.all(when, f.ite(stay[to][0], counts, YES), f.compare(then, day))
                when = f.all(when, f.at_most({after: YES}, until))
            else:
                when = f.all(when, f.at_most({then: YES}, f.plus({day: YES}, until)))
                when = f.all(when, f.compare(after, f.day([0])))
            for t in self.capping(b):
                cap, own = self.formula(t["cap"]), self.formula(t["counts"].get(n, 0))
                if k.at_limit or not k.at_once:  # no time but what the bound counts
                    when = f.all(when, f.ite(f.all(cap, own), counts, YES))
                if n in t["cuts"] and to not in t["cuts"]:
                    fits = f.at_most(f.plus({then: YES}, {after: YES}), self.count(t["at most"]))
                    when = f.all(when, f.ite(cap, fits, YES))
            steps.append((source, target, when))
        before: list[int] = []
        while at != before:
            before = at[:]
            for source, target, when in steps:
                at[target] = f.any((at[target], f.all(at[source], when)))
        rest = f.all(f.some(start), f.no(self.formula(b["kept"])))
        for n, day, here in [(*points[i][:2], at[i]) for i in b["late"]]:
            longer = f.all(here, f.no(f.at_most({day: YES}, most)))
            for t in self.capping(b):
                if n in t["cuts"]:
                    short = f.all(self.formula(t["cap"]), f.at_most(self.count(t["at most"]), most))
                    longer = f.all(longer, f.no(short))
            rest = f.all(rest, f.no(f.some(longer)))
        self.need(rest, NO, f"bound {b['name']}: a way that takes longer")

    # --- claims -----------------------------------------------------------------------------

    def claim(self, c: dict[str, Any]) -> str:
        """The word of a claim's verdict, where its obligations bring it about."""
        f, word, here = self.f, str(c["verdict"]), f"{c['id']}: "
        if word in ("undecided", "not shown"):
            return word
        pairs = [(self.formula(o["premise"]), self.formula(o["holds"])) for o in c["obligations"]]
        live = f.all(self.domain, f.any(p for p, _ in pairs))
        fails = f.all(self.domain, f.any(f.all(p, f.no(h)) for p, h in pairs))
        if word == "not-applicable":
            self.need(live, NO, here + "it can happen")
            return word
        condition = self.formula(c["condition"])
        self.need(condition, f.no(fails), here + "it fails where its condition is true")
        alive = f.all(f.some(live), f.no(condition))
        self.need(alive, f.some(fails), here + "it may hold where its condition is false")
        if word != {YES: "holds", NO: "broken"}.get(condition, "depends"):
            raise Refused(here + f"its condition is not that of {word}")
        shown = {f.true_in(fails, w) for w in c["worlds"] if f.true_in(live, w)}
        if shown != {"holds": {False}, "broken": {True}}.get(word, {False, True}):
            raise Refused(here + "its worlds do not show it")
        asked = [i for i, s in enumerate(f.symbols) if s["kind"] not in CASE]
        plainly = f.all(fails, *(f.literal(i, f.branch(i, self.given["plain"][i])) for i in asked))
        broken = any(f.true_in(plainly, w) for w in c["worlds"])
        if c["plain"] != ("broken" if broken else "holds" if f.impossible(plainly) else ""):
            raise Refused(here + "it is otherwise under the plain readings")
        return word


def closed(names: Iterable[str], steps: list[tuple[str, str]]) -> set[str]:
    """Some names, and all to which steps lead from them."""
    found = set(names)
    while more := {t for s, t in steps if s in found} - found:
        found |= more
    return found
