"""Checks one certificate: that its tables are what the rules of its graph make them, and that each
verdict follows from them.

A certificate is refused unless everything in it is shown. docs/certificates.md says what its parts
mean, and why the rules used here are those of a ladder.
"""

from __future__ import annotations

from typing import Any

from certificates.formulas import NO, YES, ZERO, Formulas, Way, above, least, plus

CASE = ("fact", "raiser", "child")  # what a verdict speaks of in every case
RAISERS_TURN = ("answered", "overdue", "divided", "refused", "unanswered", "late")
PARAMETERS = ("question", "silence", "number")  # what a condition is about


# What Python raises where a part of a certificate is missing, or is of another kind.
UNFIT = (LookupError, TypeError, ValueError, AttributeError, ArithmeticError, RecursionError,
         StopIteration)  # fmt: skip


class Refused(Exception):
    """What a certificate says does not follow; the message says what, and where."""


def check(certificate: dict[str, Any]) -> dict[str, str]:
    """The verdicts that a certificate shows, by claim. Raises Refused if any is not shown."""
    try:
        checker = Checker(certificate)
        checker.tables()
        for bound in certificate["bounds"]:
            checker.bound(bound)
        said = {claim["id"]: checker.claim(claim) for claim in certificate["claims"]}
    except UNFIT as error:
        raise Refused(f"this is no certificate: {type(error).__name__}: {error}") from None
    if not said:
        raise Refused("it says nothing")
    return said


class Checker:
    def __init__(self, given: dict[str, Any]) -> None:
        self.given, graph = given, given["graph"]
        self.states, self.moves, self.budgets = graph["states"], graph["moves"], graph["totals"]
        self.first = {"ladder": graph["start"], **graph["tracks"]}
        rows = {k: place for table in given["tables"] for k, place in table["rows"].items()}
        rows |= {bound["name"]: bound["kept"] for bound in given["bounds"]}
        self.f = Formulas(given["symbols"], given["nodes"], rows)
        self.rows = rows
        self.seen: dict[int, tuple[list[Way], dict[Any, int]]] = {}
        self.drawn: dict[Any, list[tuple[str, str, int, int]]] = {}
        self.case = frozenset(i for i, s in enumerate(given["symbols"]) if s["kind"] in CASE)
        self.domain = self.f.formula(given["domain"])

    def need(self, premise: int, then: int, what: str) -> None:
        """Refuses unless, in the worlds that exist, the premise brings the conclusion."""
        f = self.f
        if not f.impossible(f.all(premise, self.domain, f.negation(then))):
            raise Refused(what)

    def reach(self, name: str) -> int:
        return self.f.formula(self.rows[f"reach {name}"])

    # --- the rules of a ladder --------------------------------------------------------------

    def cutting(self, name: str) -> list[tuple[int, list[Way]]]:
        """The totals that can cut the stay in a state short: when, and at how many days."""
        found = []
        for b in self.budgets:
            if name in b["cuts"] and name in b["counts"]:
                under = self.f.both(self.f.formula(b["cap"]), self.f.formula(b["counts"][name]))
                found.append((under, self.f.ways(b["at most"])))
        return found

    def runs_out(self, name: str, prompt: bool = False) -> int:
        """The formula that the time in a state ends, by its limit or by a total."""
        state = self.states[name]
        key = "prompt" if prompt and state["side"] != "raiser" else "limit"
        f = self.f
        cut = [f.both(under, f.limited(most)) for under, most in self.cutting(name)]
        return f.either(f.limited(f.ways(state[key])), *cut)

    def possible(self, m: dict[str, Any], prompt: bool = False) -> int:
        """The formula that a move can be made at all."""
        f, earliest = self.f, self.f.ways(m["earliest"])
        parts = [f.formula(m["guard"])]
        state = self.states[m["source"]]
        waits = "prompt" if prompt and state["kind"] in RAISERS_TURN else "limit"
        parts.append(f.at_most(earliest, f.ways(state[waits])))
        for under, most in self.cutting(m["source"]):
            parts.append(f.either(f.negation(under), f.at_most(earliest, most)))
        if m["at limit"]:
            parts.append(self.runs_out(m["source"], prompt))
        if m["needs"] is not None:
            given = [n for n, s in self.states.items()
                     if s["track"] == m["needs"] and s["kind"] in ("granted", "done")]  # fmt: skip
            parts.append(f.either(*(self.reach(n) for n in given)))
        return f.all(*parts)

    def edges(self, track: str, prompt: bool = False) -> list[tuple[str, str, int, int]]:
        """The moves of a track as (source, target, formula, number); `also` moves the ladder."""
        if (track, prompt) in self.drawn:
            return self.drawn[track, prompt]
        found = []
        for number, m in enumerate(self.moves):
            if m["track"] == track:
                found.append((m["source"], m["target"], self.possible(m, prompt), number))
        if track == "ladder":
            for number, m in enumerate(self.moves):
                if m["also"] is not None:
                    when = self.f.both(self.f.formula(m["guard"]), self.reach(m["source"]))
                    awaited = self.pending(m, found)
                    for name in m["while in"]:
                        if name in awaited:
                            found.append((name, m["also"], when, number))
        self.drawn[track, prompt] = [e for e in found if e[2] != NO]
        return self.drawn[track, prompt]

    def pending(self, m: dict[str, Any], ladder: list[Any]) -> set[str]:
        """Where the ladder can stand while a side track stands where this move starts."""
        asks = [a for a in self.moves
                if a["track"] == m["track"] and a["source"] == self.first[m["track"]]]  # fmt: skip
        if m["source"] == self.first[m["track"]] or any(a["while in"] is None for a in asks):
            return {n for n, s in self.states.items() if s["track"] == "ladder"}
        found = {n for a in asks for n in a["while in"]}
        found |= {a["also"] for a in self.moves if a["also"] is not None}
        while more := {e[1] for e in ladder if e[0] in found and e[2] != NO} - found:
            found |= more
        return found

    # --- tables: least fixed points ---------------------------------------------------------

    def tables(self) -> None:
        """Each table is closed under its rule, and derived by it, in the order that it gives."""
        f = self.f
        for table in self.given["tables"]:
            names = {n for n, s in self.states.items() if s["track"] == table["track"]}
            edges = self.edges(table["track"])
            row = {n: f.formula(self.rows[f"{table['name']} {n}"]) for n in names}
            low = dict.fromkeys(names, NO)
            if table["name"] == "reach":
                low[self.first[table["track"]]] = YES
                self.need(YES, row[self.first[table["track"]]], "the first state is not reached")
                for s, t, when, number in edges:
                    self.need(f.both(row[s], when), row[t], f"“{t}” is reached by move {number}")
                by_source = grouped(edges)
                for s in table["order"]:
                    for _, t, when, _ in by_source.get(s, ()):
                        low[t] = f.either(low[t], f.both(low[s], when))
            else:
                goal = {n: f.formula(g) for n, g in table["goal"].items()}
                if table["track"] == "ladder":
                    edges = [e for e in edges if not self.asked_for(self.moves[e[3]])]
                by_source = grouped(edges)
                for s in names:
                    step = f.either(goal.get(s, NO), self.step(s, by_source.get(s, ()), row))
                    self.need(step, row[s], f"{table['name']} can be forced from “{s}”")
                for s in table["order"]:
                    low[s] = f.either(goal.get(s, NO), self.step(s, by_source.get(s, ()), low))
            for s in names:
                self.need(row[s], low[s], f"{table['name']} {s}: it is not derived")

    def asked_for(self, m: dict[str, Any]) -> bool:
        """Whether the ladder can be moved so only if the raiser has asked, and others answered."""
        first = self.first.get(m["track"])
        if m["also"] is None or m["source"] == first:
            return False
        asks = [a for a in self.moves if a["track"] == m["track"] and a["source"] == first]
        return m["side"] == "raiser" or all(a["side"] == "raiser" for a in asks)

    def step(self, name: str, edges: Any, win: dict[str, int]) -> int:
        """The formula that the raiser can force it from a state in one step (a game of turns).

        The raiser moves at once where that wins; else all that others or time can do must win,
        and something must happen.
        """
        f = self.f
        now, waits, clock = list[int](), list[int](), list[int]()
        all_win, late = [YES], [YES]
        for _, target, when, number in edges:
            m = self.moves[number]
            bad = f.either(f.negation(when), win[target])
            if m["side"] == "raiser":
                asked = self.first[m["needs"]] if m["needs"] is not None else None
                needs = YES if asked is None else f.formula(self.rows[f"granted {asked}"])
                own = f.all(when, needs, win[target])
                (now if f.ways(m["earliest"]) == ZERO else waits).append(own)
            else:
                (late if m["at limit"] else all_win).append(bad)
                if m["at limit"] or m["side"] == "time":
                    clock.append(f.both(when, self.runs_out(name)))
        progress = f.either(*waits, f.all(f.either(*clock), *late))
        return f.either(*now, f.all(progress, *all_win))

    # --- bounds: the latest day on which a state can be entered -----------------------------

    def bound(self, b: dict[str, Any]) -> None:
        """Wherever its formula is true, no counted day is after `most`; elsewhere some is."""
        f, here = self.f, b["name"] + ": "
        permitted, start = b["conduct"] == "permitted", f.formula(b["start"])
        kept, most = f.formula(b["kept"]), f.ways(b["most"])
        edges = [e for e in self.edges("ladder", not permitted) if self.made(b, e[3])]
        caps, alike, kinds = self.caps(b, edges), dict[Any, int](), dict[Any, int]()
        for s, t, when, number in edges:
            m = self.moves[number]
            key = s, t, m["keeps"]
            kind = *key, m["at limit"], f.ways(m["earliest"]) == ZERO
            alike[key] = f.either(alike.get(key, NO), when)
            kinds[kind] = f.either(kinds.get(kind, NO), when)
        parts = f.either(*(f.formula(part["start"]) for part in b["parts"]))
        self.need(f.both(start, kept), parts, here + "a part")
        for part in b["parts"]:
            begin = f.formula(part["start"])
            entered, late = (
                {n: self.read(w) for n, w in part[k].items()} for k in ("entered", "late")
            )
            leave = {
                n: self.leave(entered[n], self.stay(b, n), late.get(n, []),
                              [(cap, at_most) for names, cap, at_most in caps if n in names])
                for n in entered
            }  # fmt: skip
            self.covered(begin, ZERO, entered[self.first["ladder"]], here + "the start")
            for (s, t, keeps), when in alike.items():
                at, what = f.all(begin, when, self.reach(s)), f"{here}“{s}” to “{t}”"
                self.covered(at, entered[s] if keeps else leave[s], entered[t], what)
                if keeps:
                    self.covered(at, leave[s], leave[t], what + ", late")
            for n, until in leave.items():
                counted = f.all(begin, kept, self.reach(n), self.counts(b, n))
                self.need(counted, f.at_most(until, most), f"{here}“{n}” ends in time")
        found = [self.path(b, path, kinds, start, most) for path in b["paths"]]
        late_ones = f.either(*(f.some(y, self.case) for x in found for y in f.spans(x)))
        self.need(f.some(f.both(self.domain, start), self.case), f.either(kept, late_ones),
                  here + "a way that takes longer")  # fmt: skip

    def made(self, b: dict[str, Any], number: int) -> bool:
        """Whether a conduct makes a move; what is brought back is a process of its own."""
        m = self.moves[number]
        return m["kind"] != "reopen" and (b["conduct"] == "permitted" or not m["delays"])

    def read(self, ways: Any) -> list[Way]:
        return [(self.f.formula(g), x) for g, count in ways for _, x in self.f.ways(count)]

    def counts(self, b: dict[str, Any], name: str) -> int:
        if b["total"] is None:
            return self.f.formula(self.states[name]["formal"])
        total = next(x for x in self.budgets if x["name"] == b["total"])
        return self.f.formula(total["counts"][name]) if name in total["counts"] else NO

    def stay(self, b: dict[str, Any], name: str) -> list[Way]:
        f, state, counts = self.f, self.states[name], self.counts(b, name)
        limit = f.ways(state["limit" if b["conduct"] == "permitted" else "prompt"])
        if b["conduct"] == "windows":
            counts = f.both(counts, f.negation(f.formula(state["stuck"])))
        found = [(f.both(counts, g), x) for g, x in limit] + [(f.negation(counts), ZERO[0][1])]
        return [way for way in found if way[0] != NO]

    def caps(self, b: dict[str, Any], edges: Any) -> list[tuple[set[str], int, list[Way]]]:
        """The totals that cut this bound short: in which states, when, and at how many days.

        A total does if until there it counts all the days that the bound counts.
        """
        f, found = self.f, []
        for x in self.budgets:
            if x["begins"] or (b["conduct"] == "windows" and x["total"]):
                continue
            before = set(x["cuts"])
            while more := {s for s, t, _, _ in edges if t in before} - before:
                before |= more
            when = f.formula(x["cap"])
            for n in before:
                own = f.formula(x["counts"][n]) if n in x["counts"] else NO
                mine = f.all(self.domain, self.reach(n), self.counts(b, n))
                when = f.both(when, f.negation(f.both(mine, f.negation(own))))
            found.append((set(x["cuts"]), when, f.ways(x["at most"])))
        return found

    def leave(self, entered: list[Way], stay: list[Way], late: list[Way], caps: Any) -> list[Way]:
        """The latest day on which one can be in a state: entered late, it is left at once."""
        f = self.f
        until = f.joined(entered, stay, plus) + late
        for cap, most in caps:
            free, here = [(f.negation(cap), ZERO[0][1])], [(cap, ZERO[0][1])]
            until = [*f.joined(until, free, plus), *f.joined(entered, here, plus),
                     *f.joined(f.joined(until, here, plus), most, least)]  # fmt: skip
        found = dict[Any, int]()
        for g, x in until:
            found[x] = f.either(found.get(x, NO), g)
        return [(g, x) for x, g in found.items()]

    def covered(self, at: int, ways: list[Way], by: list[Way], what: str) -> None:
        """Refuses unless each way, where it is open, is at most one of some others."""
        f, seen = self.f, self.seen.setdefault(id(by), (by, {}))[1]  # `by` is kept: ids stay apart
        for g, x in ways:
            if x not in seen:  # what the sums alone tell
                seen[x] = f.either(*(h for h, y in by if above(y, x)))
            here = f.both(at, g)
            if f.both(here, f.negation(seen[x])) != NO:
                self.need(here, f.at_most([(YES, x)], by), what)

    def path(self, b: dict[str, Any], steps: Any, kinds: Any, start: int, most: list[Way]) -> int:
        """The formula that a way through the ladder is open and takes longer than it may."""
        f = self.f
        here, at, took, held = self.first["ladder"], start, ZERO, list[Way]()
        for source, target, keeps, at_limit, at_once in [*steps, [None] * 5]:
            if keeps:
                held += self.stay(b, here) if at_limit else []
            else:
                took, held = f.joined(took, self.stay(b, here) + held, plus), []
            for x in self.budgets:
                if here in x["counts"] and not (b["conduct"] == "windows" and x["total"]):
                    cap = f.formula(x["cap"])
                    if at_limit or not at_once:
                        own = f.formula(x["counts"][here])  # no time but what the bound counts
                        at = f.both(
                            at, f.negation(f.all(cap, own, f.negation(self.counts(b, here))))
                        )
                    if here in x["cuts"]:
                        free, cut = [(f.negation(cap), ZERO[0][1])], [(cap, ZERO[0][1])]
                        short = f.joined(f.joined(took, cut, plus), f.ways(x["at most"]), least)
                        took = f.joined(took, free, plus) + short
            took = [(f.both(at, g), x) for g, x in took if f.both(at, g) != NO]
            if source is None:
                break
            if source != here:
                raise Refused(f"{b['name']}: a way that is at “{here}” goes on from “{source}”")
            at = f.both(at, kinds[source, target, keeps, at_limit, at_once])
            here = target
        return f.both(at, f.negation(f.at_most(took, most)))

    # --- claims -----------------------------------------------------------------------------

    def claim(self, c: dict[str, Any]) -> str:
        """The word of a claim's verdict, where its obligations bring it about."""
        f, word, here = self.f, c["verdict"], c["id"] + ": "
        if word in ("undecided", "not shown"):
            return str(word)
        pairs = [(f.formula(o["premise"]), f.formula(o["holds"])) for o in c["obligations"]]
        live = f.both(self.domain, f.either(*(p for p, _ in pairs)))
        bad = f.either(*(f.both(p, f.negation(h)) for p, h in pairs))
        fails = f.both(self.domain, bad)
        if word == "not-applicable":
            self.need(live, NO, here + "it can happen")
            return "not-applicable"
        condition = f.formula(c["condition"])
        self.need(f.both(condition, fails), NO, here + "it fails where its condition is true")
        if (condition == YES) != (word == "holds") or (condition == NO) != (word == "broken"):
            raise Refused(here + f"its condition is not that of {word}")
        there = f.some(f.either(*f.spans(fails)), self.case)
        alive = f.both(f.some(live, self.case), f.negation(condition))
        if not f.impossible(f.both(alive, f.negation(there))):
            raise Refused(here + "it may hold where its condition is false")
        shown = {(f.true_in(live, w), f.true_in(fails, w)) for w in c["worlds"]}
        wanted = {"holds": {(True, False)}, "broken": {(True, True)}}
        if shown != wanted.get(word, {(True, False), (True, True)}):
            raise Refused(here + "its worlds do not show it")
        asked = {str(i) for i, s in enumerate(f.symbols) if s["kind"] in PARAMETERS}
        if self.given["plain"].keys() != asked:
            raise Refused("the plain readings are not those of all questions")
        plain = f.all(*(f.says(int(i), v) for i, v in self.given["plain"].items()))
        fine = f.impossible(f.both(plain, fails))
        worlds = [w for w in c["worlds"] if f.true_in(f.both(plain, fails), w)]
        if c["plain"] != ("holds" if fine else "broken") or (not fine and not worlds):
            raise Refused(here + "it is otherwise under the plain readings")
        return str(word)


def grouped(edges: list[tuple[str, str, int, int]]) -> dict[str, list[tuple[str, str, int, int]]]:
    found: dict[str, list[tuple[str, str, int, int]]] = {}
    for e in edges:
        found.setdefault(e[0], []).append(e)
    return found
