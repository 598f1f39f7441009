"""Checks one certificate: that each verdict follows from the rules of its graph.

docs/certificates.md says what its parts mean, and why the rules used here are those of a ladder.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

from certificates.bounds import AT_ONCE, Bound, closed
from certificates.formulas import CASE, NO, YES, Count, Formulas, Refused

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

    def possible(self, m: dict[str, Any], prompt: bool) -> int:
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
            steps = [(e.source, e.target) for e in self.own("ladder")]
            parts.append(self.comes(m["while in"], [m["track"]], steps))
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
            when = self.f.all(self.possible(m, False), self.reach(m["source"]))
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
            cut = f.any(under for under, _ in self.cutting(source) if m["earliest"] != AT_ONCE)
            if m["side"] == "raiser":
                own = f.all(when, win[target])
                if m["needs"] is not None:
                    own = f.all(own, self.rows[f"granted {self.first[m['needs']]}"])
                if own != NO:
                    waits.append((own, source, m, f.no(cut)))
                continue
            if m["at limit"]:
                last = f.any((last, f.all(when, f.no(cut))))
                late = f.all(late, f.ite(when, win[target], YES))
            else:
                others.append((f.ite(when, win[target], YES), m["earliest"]))
            if m["at limit"] or m["side"] == "time":
                clock = f.any((clock, f.all(when, f.no(cut), self.runs_out(source))))
        ways = [f.all(clock, late, *(wins for wins, _ in others))]
        stays = f.all(last, late)
        safe = f.all(stays, *(ok for ok, _ in others))
        for own, source, m, fits in sorted(waits, key=lambda way: way[2]["needs"] is not None):
            wait = self.zero if m["earliest"] == AT_ONCE else self.count(m["earliest"])
            own = f.all(own, f.any((stays, fits)))
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

    def bound(self, b: dict[str, Any]) -> None:
        """A bound on time, of which the obligations speak by its name."""
        self.rows[f"bound {b['name']}"] = Bound(self, b).kept()

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
