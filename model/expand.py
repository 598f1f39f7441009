"""From a ladder to its state graph.

Each rung becomes a few states (an answer awaited, answered, no answer in time …), each power a
set of moves; `Build` below adds them in the order of the file. Nothing here knows an authority.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from functools import lru_cache
from typing import Any, NamedTuple

from model.calendar import span
from model.conditions import SymbolTable, parse
from model.graph import AFTER, LADDER, Budget, Consent, Mark, Move, State, StateGraph
from model.protocol import (
    Extension,
    HandOver,
    Involvement,
    Ladder,
    Officers,
    Outcome,
    Protocol,
    Raiser,
    Referral,
    Rule,
    Rung,
    Window,
)
from model.shapes import Cases, Length, Word
from model.terms import (
    FALSE,
    NO_LIMIT,
    TRUE,
    ZERO,
    Symbol,
    Term,
    all_,
    any_,
    choose,
    constant,
    days,
    is_,
    longest,
    not_,
    plus,
    restrict,
    shortest,
    stated,
    unknown,
)
from model.yamltree import Fault, PolicyError, Position

EARLIER = ("raising", "formal start", "previous rung")
WAITS = ("approves", "decides jointly", "takes over", "consulted before")
OPEN = ("unstated", "unknown")
START = "not raised"
RESOLVED = "resolved"
NOT_KEPT = "agreement not kept"
EXHAUSTED = "the ladder is exhausted"


@lru_cache(maxsize=64)
def expand(protocol: Protocol, ladder: str | None = None) -> StateGraph:
    """The state graph of one ladder of a protocol (default: its first).

    Raises KeyError for a ladder that is not there, PolicyError for a rung that nothing reaches.
    """
    name = next(iter(protocol.ladders)) if ladder is None else ladder
    return _Build(protocol, protocol.ladders[name]).graph()


def graphs(protocol: Protocol) -> tuple[StateGraph, ...]:
    """The state graphs of all ladders of a protocol, in the order of the file."""
    return tuple(expand(protocol, name) for name in protocol.ladders)


class _Limits(NamedTuple):
    """A window: the longest, the longest with a raiser who acts at once, the minimum wait."""

    limit: Term
    prompt: Term
    least: Term


class _Gate(NamedTuple):
    """One involvement that a step waits for, under a guard."""

    who: str
    how: str
    guard: Term
    about: Involvement
    step: str = ""


class _Exit(NamedTuple):
    """The way out of a chain of gates: its last state, the approving move, and its guard."""

    state: str
    verb: str
    guard: Term
    gate: _Gate


def _awaited(about: str, gate: _Gate) -> str:
    """The name of the state in which somebody's agreement or view is awaited."""
    verb = {"consulted before": "to give a view", "takes over": "to agree and take over"}
    return f"{about}: {gate.who} {verb.get(gate.how, 'to agree')}"


class _Build:
    """Collects states and moves; used once."""

    def __init__(self, protocol: Protocol, ladder: Ladder) -> None:
        self.protocol, self.ladder = protocol, ladder
        raisers = tuple(dict.fromkeys(str(r.who) for r in ladder.raised_by))
        children = tuple(dict.fromkeys(str(c) for r in ladder.raised_by for c in r.for_))
        self.raiser = self.symbol("raiser", "raiser", raisers)
        self.child = self.symbol("child", "child", children)
        questions = {
            str(n): self.symbol("question", str(n), tuple(str(a) for a in q.answers))
            for n, q in protocol.questions.items()
        }
        facts = {str(n): self.symbol("fact", str(n)) for n in protocol.facts}
        self.everybody = self.symbol("child", "child", tuple(str(c) for c in protocol.children))
        self.table = SymbolTable(facts, {**questions, "raiser": self.raiser, "child": self.child})
        self.symbols: dict[Symbol, None] = dict.fromkeys([self.raiser, self.child])
        self.symbols |= dict.fromkeys([*questions.values(), *facts.values()])
        self.states: dict[str, State] = {}
        self.moves: list[Move] = []
        self.tracks: dict[str, str] = {}
        self.budgets: list[Budget] = []
        self.consents: dict[tuple[str, str, str, str], Consent] = {}
        self.independent: dict[str, Term] = {}
        self.lapsing: set[str] = set()
        self.chained: dict[tuple[Any, ...], list[tuple[Term, str]]] = {}
        self.rungs: list[tuple[str, Rung]] = [(str(n), r) for n, r in ladder.rungs.items()]
        self.index = {name: i for i, (name, _) in enumerate(self.rungs)}
        self.decide = self.window(ladder.decide.within, "the time to decide after an answer")
        self.formal = {n: self.formally(r) for n, r in self.rungs}
        self.there = [self.reach(i, rung) for i, (_, rung) in enumerate(self.rungs)]

    def symbol(self, kind: str, name: str, values: tuple[str, ...] = (), *more: Any) -> Symbol:
        scope = f"{self.protocol.stem}/{self.ladder.name}/{self.protocol.digest}"
        return replace(Symbol(kind, name, values, *more), scope=scope)

    # --- small readings ---------------------------------------------------------------------

    def condition(self, when: Word | None) -> Term:
        if when is None:
            return TRUE
        try:
            return parse(when, self.table)
        except Exception as error:  # the condition speaks of a raiser or child of other ladders
            return self.elsewhere(when, error)

    def elsewhere(self, when: Word, error: Exception) -> Term:
        """A condition on a kind of child or raiser that this ladder never has is false."""
        table = SymbolTable(
            self.table.facts, {**self.table.choices, "child": self.everybody}
        )
        term = parse(when, table)
        return any_(
            all_([is_(self.child, v), restrict(term, {self.everybody: v})])
            for v in self.child.values
        )

    def branches(self, cases: Cases) -> Iterator[tuple[Term, Any]]:
        """Each case with the formula under which it is the one that applies."""
        earlier: list[Term] = []
        for case in cases.cases:
            guard = self.condition(case.when)
            mine = all_([guard, *(not_(e) for e in earlier)])
            earlier.append(guard)
            if mine is not FALSE:
                yield mine, case.value

    def holding(self, cases: Cases | None, value: str, silence: str = "", other: str = "") -> Term:
        """The formula under which a choice by cases is `value`.

        Where the text is silent, a symbol stands for the choice between `value` and `other`;
        of the two, the one named first in `silence` is the plain one.
        """
        if cases is None:
            return FALSE
        found = []
        for guard, chosen in self.branches(cases):
            if chosen == value:
                found.append(guard)
            elif chosen in OPEN and silence:
                found.append(all_([guard, is_(self.silence(silence, (other, value)), value)]))
        return any_(found)

    def silence(self, name: str, values: tuple[str, str]) -> Symbol:
        symbol = self.symbol("silence", name, values)
        self.symbols[symbol] = None
        return symbol

    def number(self, label: str) -> Term:
        symbol = self.symbol("number", label)
        self.symbols[symbol] = None
        return unknown(symbol)

    def length(self, length: Length, label: str, same_day: bool = False) -> Term:
        if length.unit == "working days":
            return days(max(0, length.amount - same_day))
        low, high = span(length.amount, length.unit)
        if low == high:
            return days(low)
        said = f"{label} ({length.text})"
        symbol = self.symbol("calendar", label, (), low, high, said)
        self.symbols[symbol] = None
        return unknown(symbol)

    def window(self, cases: Cases, label: str, same_day: bool = False) -> _Limits:
        branches = [(g, self.one_window(v, label, same_day)) for g, v in self.branches(cases)]
        limit, prompt, least = branches[-1][1]  # the cases are exhaustive
        for guard, mine in reversed(branches[:-1]):
            limit = choose(guard, mine.limit, limit)
            prompt = choose(guard, mine.prompt, prompt)
            least = choose(guard, mine.least, least)
        return _Limits(limit, prompt, least)

    def one_window(self, value: Any, label: str, same_day: bool) -> _Limits:
        if isinstance(value, Length):
            fixed = self.length(value, label, same_day)
            return _Limits(fixed, fixed, ZERO)
        if isinstance(value, Word):
            time = NO_LIMIT if value == "no limit" else self.number(label)
            return _Limits(time, time, ZERO)
        assert isinstance(value, Window)
        most = self.one_window(value.at_most, label, same_day).limit
        if (value.set_by or value.agreed_by or value.or_less) and isinstance(value.at_most, Length):
            most = shortest([most, self.number(f"{label} as set in the case")])
        mine = value.set_by is not None and self.side(value.set_by) == "raiser"
        least = ZERO if value.at_least is None else self.length(value.at_least, f"{label}, at least")
        return _Limits(most, least if mine else most, least)

    def formally(self, rung: Rung) -> Term:
        return any_(g for g, v in self.branches(rung.counts) if v == "formal")

    def side(self, who: str) -> str:
        """Whether the raiser decides on what this person does, or others do."""
        if who == "raiser" or any(who == str(r.who) for r in self.ladder.raised_by):
            return "raiser"
        return "others"

    def raised_by(self, people: Iterable[str]) -> Term:
        """The formula that one of these people raised the dispute; everybody if none is named."""
        names = [str(p) for p in people]
        if not names or "raiser" in names:
            return TRUE
        return any_(is_(self.raiser, n) for n in names if n in self.raiser.values)

    def actors(self, people: Iterable[str]) -> list[tuple[str, Term]]:
        """Who makes a move that some people may make, each with the formula under which they do.

        Those who raise disputes act as `raiser`, others under their own name.
        """
        names = [str(p) for p in people]
        mine = [n for n in names if self.side(n) == "raiser"]
        found = [("raiser", self.raised_by(mine))] if mine or not names else []
        return [*found, *((n, TRUE) for n in names if n not in mine)]

    def concerning(self, kinds: Iterable[str]) -> Term:
        names = [str(k) for k in kinds]
        return any_(is_(self.child, n) for n in names if n in self.child.values) if names else TRUE

    def reach(self, index: int, rung: Rung) -> Term:
        """The formula under which a rung exists for this raiser."""
        allowed = []
        for raiser in self.ladder.raised_by:
            top = len(self.rungs) - 1 if raiser.up_to == "top" else self.index[str(raiser.up_to)]
            if index <= top:
                allowed.append(self.pair(raiser))
        everybody = len(allowed) == len(self.ladder.raised_by)  # the graph's domain says who that is
        return all_([TRUE if everybody else any_(allowed), self.condition(rung.when)])

    def pair(self, raiser: Raiser) -> Term:
        """The formula that this raiser raised it, for a child for whom they may."""
        return all_([self.raised_by([raiser.who]), self.concerning(raiser.for_)])

    def after(self, index: int) -> list[tuple[Term, int | None]]:
        """The next rung above `index` by guard; None where there is none."""
        result: list[tuple[Term, int | None]] = []
        passed: list[Term] = []
        for j in range(index + 1, len(self.rungs)):
            guard = all_([self.there[j], *passed])
            if guard is not FALSE:
                result.append((guard, j))
            if self.there[j] is TRUE:
                return result
            passed.append(not_(self.there[j]))
        result.append((all_(passed), None))
        return result

    def is_top(self, index: int) -> Term:
        return any_(guard for guard, j in self.after(index) if j is None)

    # --- making -----------------------------------------------------------------------------

    def state(
        self,
        name: str,
        kind: str,
        owner: Sequence[str],
        at: Position,
        citation: str,
        limit: _Limits,
        rung: str | None = None,
        track: str = LADDER,
        formal: Term = FALSE,
    ) -> str:
        if name not in self.states:
            side = "raiser" if all(self.side(o) == "raiser" for o in owner) and owner else "others"
            self.states[name] = State(
                name, kind, track, rung, tuple(owner), side, limit.limit, limit.prompt,
                formal, citation, at,
            )  # fmt: skip
        return name

    def move(self, name: str, kind: str, actor: str, source: str, target: str, **more: Any) -> None:
        guard = more.pop("guard", TRUE)
        if guard is FALSE:
            return
        side = more.pop("side", "") or ("time" if actor == "time" else self.side(actor))
        known = self.states[source]
        self.moves.append(
            Move(
                name=name, kind=kind, track=known.track, actor=actor, side=side, source=source,
                target=target, strength=str(more.pop("strength", None) or "may"), guard=guard,
                citation=more.pop("citation", known.citation), at=more.pop("at", known.at), **more,
            )
        )  # fmt: skip

    def end(self, name: str, at: Position, citation: str) -> str:
        return self.state(name, "end", (), at, citation, FOREVER)

    def marks(self, involved: Iterable[Involvement]) -> tuple[Mark, ...]:
        found = []
        for item in involved:
            for guard, how in self.branches(item.how):
                for who in item.who:
                    under = all_([guard, self.condition(item.when)])
                    if under is not FALSE:
                        found.append(Mark(str(who), str(how), item.citation, under))
        return tuple(found)

    def gates(self, involved: Iterable[Involvement], step: str) -> list[_Gate]:
        """The involvements that a step waits for; each is also noted as a consent."""
        found: list[_Gate] = []
        for item in involved:
            for guard, how in self.branches(item.how):
                if how not in WAITS:
                    continue
                under = all_([guard, self.condition(item.when)])
                if how == "consulted before":
                    who = ", ".join(item.who)
                    waits = self.holding(item.waits, "yes", f"waiting for {who}", "no")
                    under = all_([under, waits])
                if under is not FALSE:
                    found += [_Gate(str(who), str(how), under, item, step) for who in item.who]
        return found

    def chain(
        self,
        gates: Sequence[_Gate],
        step: str,
        about: str,
        rung: str | None,
        formal: Term,
        track: str = LADDER,
    ) -> tuple[list[tuple[Term, str]], list[_Exit]]:
        """Make a waiting state for each gate, in order.

        Returns how one enters the chain (guards and states; the entry without a state is the
        way past all gates), and the exits, which the caller must connect.
        """
        names = []
        for gate in gates:
            name = _awaited(about, gate)
            limits = self.gate_window(gate, name)
            self.state(
                name, "gate", (gate.who,), gate.about.at, gate.about.citation, limits,
                rung, track, formal,
            )  # fmt: skip
            key = (gate.who, gate.how, gate.step or step, name)
            old = self.consents.get(key)
            guard = gate.guard if old is None else any_([old.guard, gate.guard])
            self.consents[key] = Consent(
                gate.who, gate.how, key[2], name, guard, gate.about.citation, gate.about.at
            )
            names.append(name)
        entry = self.onward(gates, names, 0)
        exits: list[_Exit] = []
        for i, gate in enumerate(gates):
            verb = "gives a view" if gate.how == "consulted before" else "agrees"
            if gate.how == "takes over":
                verb = "agrees and takes it over"
            for guard, target in self.onward(gates, names, i + 1):
                if target:
                    self.move(verb, "agree", gate.who, names[i], target, guard=guard)
                else:
                    exits.append(_Exit(names[i], verb, guard, gate))
        return entry, exits

    def onward(self, gates: Sequence[_Gate], names: Sequence[str], place: int) -> list[tuple[Term, str]]:
        result: list[tuple[Term, str]] = []
        passed: list[Term] = []
        for j in range(place, len(gates)):
            guard = all_([gates[j].guard, *passed])
            if guard is not FALSE:
                result.append((guard, names[j]))
            passed.append(not_(gates[j].guard))
        past = all_(passed)
        return result if past is FALSE else [*result, (past, "")]

    def gate_window(self, gate: _Gate, name: str) -> _Limits:
        label = f"the time of {gate.who} ({name.split(':')[0]})"
        if gate.about.within is None:
            time = self.number(label)
            return _Limits(time, time, ZERO)
        return self.window(gate.about.within, label)

    # --- the rungs --------------------------------------------------------------------------

    def graph(self) -> StateGraph:
        ladder = self.ladder
        self.state(START, "start", ("raiser",), ladder.at, ladder.citation, _Limits(NO_LIMIT, ZERO, ZERO))
        for name, rung in self.rungs:
            self.rung_states(name, rung)
        self.resolution()
        self.starts()
        for i, (name, rung) in enumerate(self.rungs):
            self.rung_moves(i, name, rung)
        self.extensions()
        self.hand_overs()
        self.skips()
        self.withdrawals()
        self.advices()
        self.referrals()
        self.missed()
        self.totals()
        allowed = [self.pair(raiser) for raiser in ladder.raised_by]
        graph = StateGraph(
            self.protocol, ladder, self.states, tuple(self.with_duties()), START, self.tracks,
            any_(allowed), self.raiser, self.child, tuple(self.symbols), tuple(self.budgets),
            tuple(self.consents.values()),
            tuple((d, self.condition(d.when)) for d in ladder.duties),
            {name: self.there[i] for i, (name, _) in enumerate(self.rungs)},
            {name: all_([self.there[i], self.is_top(i)]) for i, (name, _) in enumerate(self.rungs)},
            {name: tuple(self.answerers(rung)) for name, rung in self.rungs},
            {name: self.window(r.within, f"the window of {name}").limit for name, r in self.rungs},
            {name: self.clock_stated(rung) for name, rung in self.rungs},
            {
                str(name): tuple((g, str(v)) for g, v in self.branches(person.same_person_as))
                for name, person in self.protocol.people.items()
                if person.same_person_as is not None
            },
            self.independent,
            frozenset(self.lapsing),
        )  # fmt: skip
        _refuse_unreachable(graph)
        return graph

    def officers(self, rung: Rung) -> tuple[str, ...]:
        names: dict[str, None] = {}
        for _, value in self.branches(rung.answers):
            if isinstance(value, Officers):
                names |= dict.fromkeys(str(n) for n in (*value.any_of, *value.all_of))
            else:
                names[f"{value} officer" if value in OPEN else str(value)] = None
        if rung.substitute is not None:
            names[str(rung.substitute)] = None
        return tuple(names)

    def answerers(self, rung: Rung) -> Iterator[tuple[Term, tuple[str, ...]]]:
        """Who answers at a rung, by case; the word unknown or unstated where nobody is named."""
        for guard, value in self.branches(rung.answers):
            if isinstance(value, Officers):
                yield guard, tuple(str(n) for n in (*value.any_of, *value.all_of))
            else:
                yield guard, (str(value),)

    def speakers(self, rung: Rung) -> list[tuple[Term, str]]:
        """Whose answer it can be, by guard; of those who answer together, the first."""
        found = []
        for guard, value in self.branches(rung.answers):
            names = [value]
            if isinstance(value, Officers):
                names = [*value.any_of, *value.all_of[:1]]
            found += [(guard, f"{n} officer" if n in OPEN else str(n)) for n in names]
        return found

    def clock_stated(self, rung: Rung) -> Term:
        if rung.clock is None:
            return TRUE
        starts = self.branches(rung.clock.starts)
        return not_(any_(g for g, event in starts if event in (*OPEN, "never")))

    def rung_states(self, name: str, rung: Rung) -> None:
        formal, cite, owner = self.formal[name], rung.citation, self.officers(rung)
        same_day = rung.clock is not None and rung.clock.counts_from == "the same day"
        window = self.window(rung.within, f"the window of {name}", same_day)
        starts = list(self.branches(rung.clock.starts)) if rung.clock else []
        never = any_(g for g, event in starts if event == "never")
        if never is not FALSE:
            none = _Limits(choose(never, NO_LIMIT, window.limit), choose(never, NO_LIMIT, window.prompt), window.least)
            window = none
        first = self.index[name] == 0  # nothing comes before it: both clocks are the same
        earlier = FALSE if first else any_(g for g, event in starts if event in EARLIER)
        counted = window
        if earlier is not FALSE:
            counted = _Limits(
                choose(earlier, NO_LIMIT, window.limit), choose(earlier, NO_LIMIT, window.prompt), window.least
            )  # fmt: skip
        place = rung.place("within")
        waiting = self.state(
            _waiting(name), "waiting", owner, place, cite, counted, name, formal=formal
        )
        for event in EARLIER:
            guard = any_(g for g, e in starts if e == event)
            if guard is not FALSE and not first:
                self.earlier_event(name, event, guard, window.limit, waiting)
        events = ("receipt", "acknowledgement", "review", "conference")
        if any(event in events for _, event in starts):
            assert rung.clock is not None
            label = f"the time until the clock of {name} starts"
            limit = self.window(rung.clock.within, label) if rung.clock.within else None
            limit = limit or _Limits(self.number(label), self.number(label), ZERO)
            self.state(
                f"{name}: sent", "sent", owner, rung.clock.at, rung.clock.citation, limit, name,
                formal=formal,
            )  # fmt: skip
        self.state(
            f"{name}: answered", "answered", ("raiser",), rung.place("if not satisfied"), cite,
            self.deciding(rung, window), name, formal=formal,
        )  # fmt: skip

    def deciding(self, rung: Rung, window: _Limits) -> _Limits:
        """The time in which the raiser decides; on a clock that goes on where a rule waits."""
        if not self.keeps(rung, window):
            return _Limits(self.decide.limit, ZERO, ZERO)
        most = longest([window.limit, self.waiting_time(rung, window)])
        return _Limits(plus(most, self.decide.limit), window.prompt, ZERO)

    def keeps(self, rung: Rung, window: _Limits) -> bool:
        return self.waiting_time(rung, window) is not ZERO

    def waiting_time(self, rung: Rung, window: _Limits) -> Term:
        """The longest minimum wait before the dispute may leave the rung upwards."""
        waits = [window.least]
        name = next(n for n, r in self.rungs if r is rung)
        for outcome in (rung.if_not_satisfied, rung.if_partly_satisfied, rung.if_silent, rung.if_divided):
            for rule in outcome or ():
                if isinstance(rule, Rule) and rule.after is not None:
                    waits.append(self.length(rule.after, f"the wait before leaving {name}"))
        return longest(waits)

    def earlier_event(self, name: str, event: str, guard: Term, limit: Term, waiting: str) -> None:
        """A window counted from an earlier event: a budget that cuts at this rung only."""
        counts = {}
        place = self.index[name]
        for i, (other, _) in enumerate(self.rungs):
            counts[other] = TRUE if event == "raising" else self.formal[other]
            if event == "previous rung" and i > place:
                counts[other] = FALSE
            elif event == "previous rung":  # the nearest rung below that exists
                between = [not_(self.there[j]) for j in range(i + 1, place)]
                counts[other] = all_([self.there[i], *between]) if i < place else TRUE
        counts = {other: term for other, term in counts.items() if term is not FALSE}
        rung = self.ladder.rungs[name]
        self.budgets.append(
            Budget(f"the window of {name}, counted from {event}", limit, counts,
                   frozenset({waiting}), guard, False, rung.citation, rung.place("within"))
        )  # fmt: skip

    def enter(self, j: int) -> list[tuple[Term, str]]:
        """The states in which one arrives at a rung, by guard."""
        name, rung = self.rungs[j]
        if f"{name}: sent" not in self.states:
            return [(TRUE, _waiting(name))]
        assert rung.clock is not None
        events = ("receipt", "acknowledgement", "review", "conference")
        later = any_(g for g, event in self.branches(rung.clock.starts) if event in events)
        ways = [(later, f"{name}: sent"), (not_(later), _waiting(name))]
        return [(guard, state) for guard, state in ways if guard is not FALSE]

    def starts(self) -> None:
        ladder = self.ladder
        start = ladder.start
        entries = ladder.entry if not isinstance(ladder.entry, Word) else ()
        guard = self.condition(start.when)
        begun = TRUE
        if any(r.when is not None for r in ladder.raised_by):
            begun = any_(all_([self.pair(r), self.condition(r.when)]) for r in ladder.raised_by)
        ways: list[tuple[str, Term, Sequence[Involvement], Any]] = []
        for entry in entries:
            names = [str(n) for n in entry.at_rung]
            if "any rung" in names:
                names = [n for n, _ in self.rungs]
            names = [self.rungs[0][0] if n == "lowest rung" else n for n in names]
            under = all_([self.raised_by(entry.by), self.condition(entry.when)])
            ways += [(n, under, entry.involves, entry) for n in names]
        if not entries:
            ways.append((self.rungs[0][0], TRUE, (), start))
        for name, under, involved, cited in ways:
            j = self.index[name]
            rung = self.rungs[j][1]
            gates = self.gates([*start.involves], "start")
            gates += self.gates([*involved, *rung.involves], "entry" if j else "start")
            marks = self.marks([*start.involves, *involved, *rung.involves])
            self.steps(
                START, gates, "start", f"start at {name}", None, FALSE,
                [(all_([g, self.there[j]]), s) for g, s in self.enter(j)],
                name=f"raises it at {name}", kind="raise", actor=self.sender(rung.sends),
                guard=all_([guard, begun, under, self.there[j]]),
                strength=cited.strength or start.strength, citation=cited.citation, at=cited.at,
                marks=marks,
            )  # fmt: skip

    def steps(
        self,
        source: str,
        gates: Sequence[_Gate],
        step: str,
        about: str,
        rung: str | None,
        formal: Term,
        targets: Sequence[tuple[Term, str]],
        **move: Any,
    ) -> None:
        """A move from `source` to the targets, through the waiting states of its gates.

        Sources that share their gates share the waiting states, and connect to them only once.
        """
        key = (about, *((g.who, g.how, g.guard.serial, id(g.about)) for g in gates))
        fresh = bool(gates) and key not in self.chained
        exits: list[_Exit] = []
        if fresh:
            others = sum(1 for k in self.chained if k[0] == about)
            about += f" ({others + 1})" if others else ""
            self.chained[key], exits = self.chain(gates, step, about, rung, formal)
        entry = self.chained[key] if gates else [(TRUE, "")]
        own = move.pop("guard", TRUE)
        marks = move.pop("marks", ())
        said = move.pop("said", move["name"])  # without what only this source brings to it
        for guard, gate in entry:
            if gate:
                asks = {**move, "name": f"asks {self.states[gate].owner[0]}: {move['name']}", "kind": "ask"}
                there = any_(under for under, _ in targets)
                self.move(source=source, target=gate, guard=all_([own, guard, there]), **asks)
                continue
            for under, target in targets:
                self.move(source=source, target=target, guard=all_([own, guard, under]), marks=marks, **move)
        for out in exits:
            for under, target in targets:
                self.move(
                    f"{out.verb}: {said}", move["kind"], out.gate.who, out.state, target,
                    guard=all_([out.guard, under]), strength=out.gate.about.strength,
                    citation=out.gate.about.citation, at=out.gate.about.at, marks=marks,
                )  # fmt: skip
        if fresh:
            self.refusals(gates, about, rung, formal, targets, move)

    def refusals(
        self,
        gates: Sequence[_Gate],
        about: str,
        rung: str | None,
        formal: Term,
        targets: Sequence[tuple[Term, str]],
        move: dict[str, Any],
    ) -> None:
        """What follows when somebody whose agreement or view is awaited refuses, or is silent."""
        for gate in gates:
            name = _awaited(about, gate)
            happenings: list[tuple[str, str, Rule | Word | None, str]]
            happenings = [("does not answer", "unanswered", gate.about.if_silent, "time")]
            if gate.how != "consulted before":
                happenings.insert(0, ("does not agree", "refused", gate.about.if_refused, gate.who))
            for said, kind, rule, actor in happenings:
                after = self.state(
                    f"{about}: {gate.who} {said}", kind, ("raiser",), gate.about.at,
                    gate.about.citation, _Limits(self.decide.limit, ZERO, ZERO), rung, formal=formal,
                )  # fmt: skip
                self.move(said, kind, actor, name, after, at_limit=actor == "time")
                if isinstance(rule, Rule):
                    where = self.rule_targets(rule, self.index[rung] if rung else -1)
                    if rule.to in ("next rung", "raiser decides"):
                        where = [(under, target, move["name"]) for under, target in targets]
                    for under, target, label in where:
                        kind = move["kind"] if self.states[target].rung else self.kind_of(target, rung)
                        self.move(
                            label, kind, self.sender(rule.by), after, target,
                            guard=all_([under, self.condition(rule.when)]), strength=rule.strength,
                            citation=rule.citation or gate.about.citation, at=rule.at,
                        )  # fmt: skip

    def rung_moves(self, i: int, name: str, rung: Rung) -> None:
        waiting, answered = _waiting(name), f"{name}: answered"
        same_day = rung.clock is not None and rung.clock.counts_from == "the same day"
        window = self.window(rung.within, f"the window of {name}", same_day)
        keeps = self.keeps(rung, window)
        if f"{name}: sent" in self.states:
            self.move(f"the clock of {name} starts", "receive", "time", f"{name}: sent", waiting)
        self.answers(i, name, rung, waiting, keeps)
        for guard, closer in self.closers(rung):
            actor = "raiser" if closer == "raiser" else closer
            said = "is satisfied" if closer == "raiser" else "treats it as settled"
            for rule in rung.if_satisfied or (None,):
                if rule is None:
                    self.move(said, "satisfied", actor, answered, RESOLVED, guard=guard)
                elif isinstance(rule, Rule):
                    for under, target, label in self.rule_targets(rule, i):
                        kind = "satisfied" if target == RESOLVED else "close"
                        text = said if target == RESOLVED else f"{said}: {label}"
                        self.move(text, kind, actor, answered, target, guard=all_([guard, under, self.condition(rule.when)]))
        self.outcome(i, name, rung, rung.if_not_satisfied, answered, "is not satisfied", window, keeps)
        if rung.if_partly_satisfied is not None:
            self.outcome(
                i, name, rung, rung.if_partly_satisfied, answered, "is partly satisfied", window,
                keeps, prefix="partly satisfied, ",
            )  # fmt: skip
        self.move(
            EXHAUSTED, "exhaust", "raiser", answered,
            self.end(EXHAUSTED, rung.at, rung.citation), guard=self.is_top(i), strength="automatic",
        )  # fmt: skip
        if f"{name}: divided" in self.states:
            self.outcome(
                i, name, rung, rung.if_divided, f"{name}: divided", "cannot agree", window, keeps
            )

    def answers(self, i: int, name: str, rung: Rung, waiting: str, keeps: bool) -> None:
        """An answer, or none in time, from a state in which an answer is awaited."""
        answered = f"{name}: answered"
        same_day = rung.clock is not None and rung.clock.counts_from == "the same day"
        window = self.window(rung.within, f"the window of {name}", same_day)
        for guard, officer in self.speakers(rung):
            self.move("answers", "answer", officer, waiting, answered, guard=guard,
                      strength=rung.strength or "should", keeps=keeps)  # fmt: skip
        for guard, value in self.branches(rung.answers):
            if isinstance(value, Officers) and value.all_of:
                divided = self.state(
                    f"{name}: divided", "divided", ("raiser",), rung.place("if divided"),
                    rung.citation, self.deciding(rung, window), name, formal=self.formal[name],
                )  # fmt: skip
                self.move("do not agree with each other", "divided", str(value.all_of[0]),
                          waiting, divided, guard=guard, keeps=keeps)  # fmt: skip
        left: list[Term] = []
        for rule in rung.if_silent or ():
            if isinstance(rule, Rule) and rule.strength == "automatic" and rule.after is None:
                guard = self.condition(rule.when)
                left.append(not_(guard))
                self.rule_steps(i, name, rung, rule, waiting, "no answer in time: ", actor="time",
                                guard=guard, at_limit=True)  # fmt: skip
        remaining = all_(left)
        if remaining is FALSE:
            return
        overdue = self.state(
            f"{name}: no answer in time", "overdue", ("raiser",), rung.place("if silent"),
            rung.citation, self.deciding(rung, window), name, formal=self.formal[name],
        )  # fmt: skip
        self.move("no answer in time", "silence", "time", waiting, overdue, guard=remaining,
                  at_limit=True, keeps=keeps, strength="automatic")  # fmt: skip
        if any(m.source == overdue for m in self.moves):
            return
        for guard, officer in self.speakers(rung):
            self.move("answers late", "late answer", officer, overdue, answered, guard=guard,
                      strength="must", keeps=keeps)  # fmt: skip
        later = tuple(
            r for r in rung.if_silent or ()
            if isinstance(r, Rule) and not (r.strength == "automatic" and r.after is None)
        )  # fmt: skip
        self.outcome(i, name, rung, later, overdue, "no answer came", window, keeps)

    def closers(self, rung: Rung) -> list[tuple[Term, str]]:
        if rung.closes is None:
            return [(TRUE, "raiser")]
        found: list[tuple[Term, str]] = []
        for guard, who in self.branches(rung.closes):
            theirs = guard
            if who == "unstated":
                symbol = self.silence("who must be satisfied", ("raiser", "answerer"))
                found.append((all_([guard, is_(symbol, "raiser")]), "raiser"))
                theirs = all_([guard, is_(symbol, "answerer")])
            if who in ("unstated", "answerer"):
                found += [(all_([theirs, under]), name) for under, name in self.speakers(rung)]
            else:
                found.append((guard, str(who)))
        return [(g, "raiser" if self.side(name) == "raiser" else name) for g, name in found]

    def outcome(
        self,
        i: int,
        name: str,
        rung: Rung,
        outcome: Outcome | None,
        source: str,
        said: str,
        window: _Limits,
        keeps: bool,
        prefix: str = "",
    ) -> None:
        """The rules that follow from a state in which the raiser has the word."""
        for rule in outcome or ():
            if not isinstance(rule, Rule):
                continue
            wait = window.least if rule.after is None else longest(
                [window.least, self.length(rule.after, f"the wait before leaving {name}")]
            )  # fmt: skip
            if rule.strength == "automatic" and wait is not ZERO:
                until = longest([wait, self.states[source].limit])
                prompt = longest([wait, self.states[source].prompt])
                others = sum(s.startswith(f"{name}: not settled") for s in self.states)
                passing = self.state(
                    f"{name}: not settled" + (f" ({others + 1})" if others else ""), "passing", (),
                    rule.at, rule.citation or rung.citation, _Limits(until, prompt, ZERO), name,
                    formal=self.formal[name],
                )  # fmt: skip
                self.move(said, "not satisfied", "raiser", source, passing, keeps=True,
                          guard=self.condition(rule.when))  # fmt: skip
                self.rule_steps(i, name, rung, rule, passing, "", actor="time", earliest=wait)
                continue
            label = prefix if rule.strength != "automatic" else f"{said}: "
            self.rule_steps(i, name, rung, rule, source, label, earliest=wait)

    def rule_steps(
        self, i: int, name: str, rung: Rung, rule: Rule, source: str, prefix: str, **move: Any
    ) -> None:
        """The moves of one rule, through the gates of leaving this rung and of entering the next."""
        guard = all_([move.pop("guard", TRUE), self.condition(rule.when)])
        ways: dict[str, list[tuple[Term, str]]] = {}
        for under, target, label in self.rule_targets(rule, i):
            ways.setdefault(label, []).append((under, target))
        for label, targets in ways.items():
            target = targets[0][1]
            above = self.states[target].rung
            to_rung = self.rungs[self.index[above]][1] if above else None
            involved = [] if target == EXHAUSTED else [*rule.involves]
            if above is not None and above != name:
                involved = [*rung.to_leave, *involved, *(to_rung.involves if to_rung else ())]
            sender = self.sender(rule.by or (to_rung.sends if to_rung else None))
            self.steps(
                source, self.gates(involved, "escalate"), "escalate", f"{name} to {above or target}",
                name, self.formal[name], targets, name=prefix + label, said=label,
                kind=self.kind_of(target, name), actor=move.get("actor", sender), guard=guard,
                strength=rule.strength, citation=rule.citation or rung.citation, at=rule.at,
                marks=self.marks(involved), earliest=move.get("earliest", ZERO),
                at_limit=move.get("at_limit", False),
            )  # fmt: skip

    def kind_of(self, target: str, rung: str | None) -> str:
        """The kind of a move that a rule makes from a rung to a state."""
        above = self.states[target].rung
        if above is not None:
            return "escalate" if above != rung else "return"
        if target in (RESOLVED, EXHAUSTED):
            return "accept" if target == RESOLVED else "exhaust"
        return "refer" if target.startswith("with ") else "close"

    def sender(self, who: Word | None) -> str:
        return "somebody not named" if who == "unstated" else str(who or "raiser")

    def rule_targets(self, rule: Rule, i: int) -> list[tuple[Term, str, str]]:
        """Where a rule leads from rung `i`: (guard, state, words)."""
        to = str(rule.to)
        if to == "raiser decides" and i < 0:  # a way back in, wherever the raiser thinks right
            ways = [self.arrivals(j, self.there[j], f"goes up to {n}") for n, j in self.index.items()]
            return [way for found in ways for way in found]
        if to in ("next rung", "raiser decides"):
            found = []
            for guard, j in self.after(i):
                if j is None:
                    end = self.end(EXHAUSTED, rule.at, rule.citation)
                    found.append((guard, end, EXHAUSTED))
                else:
                    found += self.arrivals(j, guard, f"goes up to {self.rungs[j][0]}")
            return found
        if to == "top rung":
            found = []
            for j, (name, _) in enumerate(self.rungs):
                guard = all_([self.there[j], self.is_top(j)])
                if guard is not FALSE:
                    found += self.arrivals(j, guard, f"goes up to {name}")
            return found
        if to in ("lowest rung", "same rung") or to in self.index:
            j = 0 if to == "lowest rung" else i if to == "same rung" else self.index[to]
            verb = "goes up to" if j > i else "stays at" if j == i else "goes back down to"
            return self.arrivals(j, self.there[j], f"{verb} {self.rungs[j][0]}")
        if to == "resolved":
            return [(TRUE, RESOLVED, "it counts as settled")]
        if to in ("closed", "lapsed"):
            return [(TRUE, self.end(to, rule.at, rule.citation), f"it is {to}")]
        if to.startswith("ladder "):
            return [(TRUE, self.end(f"goes on in {to}", rule.at, rule.citation), f"goes on in {to}")]
        return [(TRUE, self.end(f"with {to}", rule.at, rule.citation), f"goes to {to}")]

    def arrivals(self, j: int, guard: Term, label: str) -> list[tuple[Term, str, str]]:
        return [
            (all_([guard, under]), state, label)
            for under, state in self.enter(j)
            if all_([guard, under]) is not FALSE
        ]

    def resolution(self) -> None:
        plan = self.ladder.resolution
        at, cite = self.ladder.at, self.ladder.citation
        keep = self.number("the time to carry out what was agreed")
        limit, rule, watcher = _Limits(keep, keep, ZERO), None, "raiser"
        if plan is not None and not isinstance(plan, Word):
            at, cite, rule = plan.at, plan.citation, plan.if_not_kept
            limit = self.window(plan.within, "the time to carry out what was agreed")
            watcher = str(plan.watched_by or "raiser")
        self.state(RESOLVED, "resolved", ("management",), at, cite, limit)
        self.state(NOT_KEPT, "not kept", (watcher,), at, cite, _Limits(NO_LIMIT, ZERO, ZERO))
        self.move("carries out what was agreed", "kept", "management", RESOLVED,
                  self.end("put right", at, cite), strength="must")  # fmt: skip
        self.move("does not carry out what was agreed", "not kept", "management", RESOLVED, NOT_KEPT)
        if isinstance(rule, Rule):
            for under, target, label in self.rule_targets(rule, -1):
                label = label.replace("goes up to", "brings it back at")
                self.move(label, "reopen", self.sender(rule.by), NOT_KEPT, target,
                          guard=all_([under, self.condition(rule.when)]), strength=rule.strength,
                          citation=rule.citation or cite, at=rule.at)  # fmt: skip

    # --- powers -----------------------------------------------------------------------------

    def places(self, names: Iterable[str]) -> list[tuple[Term, list[str]]]:
        """The states that some place words name, grouped by the formula under which they do."""
        found: dict[str, Term] = {}
        ladder = [s for s in self.states.values() if s.track == LADDER]

        def add(state: State, guard: Term) -> None:
            found[state.name] = any_([found.get(state.name, FALSE), guard])

        for name in names:
            for s in ladder:
                rung = s.rung
                if name == "any state" or name == rung or (name == "any rung" and rung):
                    add(s, TRUE)
                elif name == "any formal rung" and rung:
                    add(s, s.formal)
                elif name == "any informal rung" and rung:
                    add(s, not_(s.formal))
                elif name == "any silent rung" and s.kind == "overdue":
                    add(s, TRUE)
                elif name in ("the top rung", "after the top rung") and rung:
                    if name == "the top rung" or s.kind in ("answered", "overdue", "divided"):
                        add(s, all_([self.there[self.index[rung]], self.is_top(self.index[rung])]))
                elif name == "after the top rung" and s.name == EXHAUSTED:
                    add(s, TRUE)
        groups: dict[Term, list[str]] = {}
        for name, guard in found.items():
            if guard is not FALSE:
                groups.setdefault(guard, []).append(name)
        return list(groups.items())

    def request(self, track: str, gates: Sequence[_Gate], step: str,
                askers: Sequence[tuple[str, Term]], said: str, at: Position, citation: str,
                strength: Word | None, while_in: frozenset[str] | None = None) -> None:  # fmt: skip
        """A side track on which leave is asked for; it ends in a state of kind `granted`."""
        idle = self.state(f"{track}: not asked", "idle", (), at, citation, FOREVER, track=track)
        granted = self.state(f"{track}: agreed", "granted", (), at, citation, FOREVER, track=track)
        self.tracks[track] = idle
        entry, exits = self.chain(gates, step, track, None, FALSE, track)
        for under, first in entry:
            for asker, guard in askers if first else ():
                self.move(said, "ask", asker, idle, first, guard=all_([guard, under]),
                          strength=strength, while_in=while_in)  # fmt: skip
        for state, verb, under, gate in exits:
            self.move(f"{verb} to it", "agree", gate.who, state, granted, guard=under)
        self.request_refused(track, gates, idle)

    def leave(self, track: str, gates: Sequence[_Gate]) -> list[tuple[Term, str | None]]:
        """The track on which a step has to be asked for, by guard; None where nobody is asked."""
        asked = any_(gate.guard for gate in gates)
        return [(g, t) for g, t in ((asked, track), (not_(asked), None)) if g is not FALSE]

    def request_refused(self, track: str, gates: Sequence[_Gate], idle: str) -> None:
        for gate in gates:
            name = _awaited(track, gate)
            if gate.how != "consulted before":
                self.move("does not agree", "refused", gate.who, name, idle)
            self.move("does not answer", "unanswered", "time", name, idle, at_limit=True)

    def skips(self) -> None:
        entries = self.ladder.skip if not isinstance(self.ladder.skip, Word) else ()
        for number, skip in enumerate(entries, 1):
            track = "leave to skip" if len(entries) == 1 else f"leave to skip ({number})"
            own = self.condition(skip.when)
            actors = [(a, all_([own, g])) for a, g in self.actors(skip.by)]
            actors = [(a, g) for a, g in actors if g is not FALSE]
            gates = self.gates(skip.involves, "skip")
            if not actors:
                continue
            sources = self.places(skip.from_)
            if gates:
                everywhere = frozenset(n for _, names in sources for n in names)
                self.lapsing.add(track)
                self.request(track, gates, "skip", actors, "asks for leave to skip",
                             skip.at, skip.citation, skip.strength, everywhere)  # fmt: skip
            marks = self.marks(skip.involves)
            for guard, names in sources:
                for name in names:
                    state = self.states[name]
                    if state.kind in AFTER or state.rung is None:
                        continue
                    for j in self.skip_targets(skip.to, self.index[state.rung]):
                        ways = itertools.product(actors, self.enter(j), self.leave(track, gates))
                        for (actor, mine), (under, target), (free, needs) in ways:
                            self.move(
                                f"skips to {self.rungs[j][0]}", "skip", actor, name, target,
                                guard=all_([mine, guard, under, free, self.there[j]]),
                                strength=skip.strength, needs=needs,
                                citation=skip.citation, at=skip.at, marks=marks,
                            )  # fmt: skip

    def skip_targets(self, to: Iterable[str], i: int) -> list[int]:
        later = range(i + 1, len(self.rungs))
        found: dict[int, None] = {}
        for name in to:
            if name == "any later rung":
                found |= dict.fromkeys(later)
            elif name == "any later rung but the next":
                found |= dict.fromkeys(later[1:])
            elif name == "next rung":
                found |= dict.fromkeys(later[:1])
            elif name == "next but one":
                found |= dict.fromkeys(later[1:2])
            elif self.index[str(name)] > i:
                found[self.index[str(name)]] = None
        return list(found)

    def extensions(self) -> None:
        entries = self.ladder.extension if not isinstance(self.ladder.extension, Word) else ()
        for number, extension in enumerate(entries, 1):
            kind = str(extension.kind or "more time")
            for guard, granter in self.branches(extension.granted_by):
                self.one_extension(extension, kind, number, guard, str(granter))

    def one_extension(
        self, extension: Extension, kind: str, number: int, guard: Term, granter: str
    ) -> None:
        track = f"{kind} ({number})" if number > 1 else kind
        asker = str(extension.asked_by)
        under = all_([guard, self.condition(extension.when)])
        rungs: dict[str, Term] = {}
        for g, names in self.places(extension.at_rung):
            for name in names:
                if self.states[name].kind == "waiting":
                    rungs[str(self.states[name].rung)] = g
        if not rungs or under is FALSE or extension.times == 0:
            return
        gates = self.gates(extension.involves, "extension")
        if granter != "nobody":
            item = Involvement(
                at=extension.at, who=(Word(granter, extension.at),), source=extension.source,
                how=_always("approves", extension.at), assumed=extension.assumed,
            )  # fmt: skip
            gates.insert(0, _Gate(granter, "approves", TRUE, item))
        mine = "raiser" in (self.side(asker), *(self.side(g.who) for g in gates))
        suffix = "" if len(list(self.branches(extension.granted_by))) == 1 else f" by {granter}"
        track += suffix
        times = extension.times if isinstance(extension.times, int) else 0
        turns = range(1, max(1, times) + 1)
        labels = {
            f"{name}: {track}" + (f" ({turn})" if times > 1 else "") for name in rungs for turn in turns
        }
        if gates:
            self.lapsing.add(track)
            self.request(track, gates, "extension", [(asker, under)], f"asks for {kind}",
                         extension.at, extension.citation, extension.strength,
                         frozenset([*map(_waiting, rungs), *labels]))  # fmt: skip
        length = self.window(extension.each, f"the length of {kind}")
        length = length if not mine else _Limits(length.limit, ZERO, ZERO)
        for name, g in rungs.items():
            rung = self.rungs[self.index[name]][1]
            takers = self.speakers(rung) if asker == "answerer" else [(TRUE, asker)]
            leave = self.leave(track, gates)
            here = _waiting(name)
            keeps = self.keeps(rung, self.window(rung.within, f"the window of {name}"))
            for turn in turns:
                label = f"{name}: {track}" + (f" ({turn})" if times > 1 else "")
                self.state(label, "waiting", self.officers(rung), extension.at,
                           extension.citation, length, name, formal=self.formal[name])  # fmt: skip
                for (theirs, who), (free, needs) in itertools.product(takers, leave):
                    self.move(
                        f"takes {kind}", "extend", who, here, label,
                        side="raiser" if mine else "others", guard=all_([g, under, theirs, free]),
                        needs=needs, strength=extension.strength,
                        citation=extension.citation, at=extension.at,
                        marks=self.marks(extension.involves),
                    )  # fmt: skip
                self.answers(self.index[name], name, rung, label, keeps)
                here = label
            if not isinstance(extension.times, int):
                for (theirs, who), (free, needs) in itertools.product(takers, leave):
                    self.move(
                        f"takes {kind}", "extend", who, here, here,
                        side="raiser" if mine else "others", guard=all_([g, under, theirs, free]),
                        needs=needs, strength=extension.strength,
                        citation=extension.citation, at=extension.at,
                    )  # fmt: skip

    def hand_overs(self) -> None:
        entries = self.ladder.hand_over if not isinstance(self.ladder.hand_over, Word) else ()
        for number, item in enumerate(entries, 1):
            self.one_hand_over(item, "hand-over" if number == 1 else f"hand-over ({number})")

    def one_hand_over(self, item: HandOver, track: str) -> None:
        with_whom = self.state(
            f"with {item.to} ({track})", "handed over", (str(item.to),), item.at, item.citation,
            self.window(item.within, f"the time of {item.to} after a {track}"),
        )  # fmt: skip
        others = [str(w) for w in item.agreed_by if self.side(w) != "raiser"]
        actor = "raiser" if len(others) < len(item.agreed_by) else others.pop(0)
        gates = []
        for who in others:
            part = Involvement(
                at=item.at, who=(Word(who, item.at),), source=item.source, assumed=item.assumed,
                how=_always("decides jointly", item.at),
            )  # fmt: skip
            gates.append(_Gate(who, "decides jointly", TRUE, part))
        own = self.condition(item.when)
        if gates:
            self.request(track, gates, "hand-over", [(actor, own)], "proposes a hand-over",
                         item.at, item.citation, item.strength)  # fmt: skip
        for guard, names in self.places(item.from_):
            for name in names:
                if self.states[name].kind in ("start", "waiting", "answered", "overdue"):
                    self.move(f"hands it over to {item.to}", "hand over", actor, name, with_whom,
                              guard=all_([own, guard]), needs=track if gates else None,
                              strength=item.strength, citation=item.citation,
                              at=item.at)  # fmt: skip
        for guard, who in self.branches(item.closes):
            if who == "unstated":
                symbol = self.silence("who must be satisfied after a hand-over", ("raiser", "answerer"))
                pairs = [("raiser", is_(symbol, "raiser")), (str(item.to), is_(symbol, "answerer"))]
            else:
                pairs = [(str(who), TRUE)]
            for actor, under in pairs:
                said = "is satisfied" if self.side(actor) == "raiser" else "treats it as settled"
                self.move(said, "satisfied", "raiser" if self.side(actor) == "raiser" else actor,
                          with_whom, RESOLVED, guard=all_([guard, under]))  # fmt: skip
        if isinstance(item.back, Rule):
            for under, target, label in self.rule_targets(item.back, -1):
                label = label.replace("goes up to", "takes it back to")
                self.move(label, "take back", "raiser", with_whom, target,
                          guard=all_([under, self.condition(item.back.when)]),
                          strength=item.back.strength, at=item.back.at)  # fmt: skip

    def withdrawals(self) -> None:
        withdrawal = self.ladder.withdraw
        if withdrawal is None or isinstance(withdrawal, Word):
            return
        end = self.end("withdrawn", withdrawal.at, withdrawal.citation)
        when = self.condition(withdrawal.when)
        for state in list(self.states.values()):
            if state.track == LADDER and state.rung is not None:
                for actor, guard in self.actors(withdrawal.by):
                    self.move("withdraws it", "withdraw", actor, state.name, end,
                              guard=all_([guard, when]), strength=withdrawal.strength,
                              citation=withdrawal.citation, at=withdrawal.at)  # fmt: skip

    def advices(self) -> None:
        entries = self.ladder.advice if not isinstance(self.ladder.advice, Word) else ()
        for number, advice in enumerate(entries, 1):
            track = "legal advice" if number == 1 else f"legal advice ({number})"
            guard = all_([self.raised_by(advice.by), self.condition(advice.when)])
            idle = self.state(f"{track}: not asked", "idle", (), advice.at, advice.citation,
                              FOREVER, track=track)  # fmt: skip
            done = self.state(f"{track}: given", "done", (), advice.at, advice.citation,
                              FOREVER, track=track)  # fmt: skip
            self.tracks[track] = idle
            self.independent[track] = self.holding(
                advice.independent, "yes", f"the independence of {advice.from_}", "no"
            )
            gates = self.gates(advice.involves, "advice")
            entry, exits = self.chain(gates, "advice", track, None, FALSE, track)
            for under, first in entry:
                self.move("asks for legal advice" if first else "takes legal advice",
                          "ask" if first else "advise", "raiser", idle, first or done,
                          guard=all_([guard, under]), strength=advice.strength,
                          marks=() if first else self.marks(advice.involves))  # fmt: skip
            for state, verb, under, gate in exits:
                self.move(f"{verb} to legal advice", "advise", gate.who, state, done, guard=under)
            self.request_refused(track, gates, idle)

    def referrals(self) -> None:
        entries = self.ladder.refer if not isinstance(self.ladder.refer, Word) else ()
        for number, referral in enumerate(entries, 1):
            track = "referral" if number == 1 else f"referral ({number})"
            self.one_referral(referral, track)

    def one_referral(self, item: Referral, track: str) -> None:
        body = str(item.to)
        idle = self.state(f"{track}: none", "idle", (), item.at, item.citation, FOREVER, track=track)
        done = self.state(f"{track}: with {body}", "done", (), item.at, item.citation, FOREVER,
                          track=track)  # fmt: skip
        self.tracks[track] = idle
        own = all_([self.concerning(item.for_), self.condition(item.when)])
        gates = self.gates(item.involves, "refer")
        entry, exits = self.chain(gates, "refer", track, None, FALSE, track)
        advised = self.holding(item.needs_advice, "yes")
        has_advice = not isinstance(self.ladder.advice, Word) and self.ladder.advice
        effects = [
            ("beside", self.holding(item.effect, "beside")),
            ("ends", self.holding(item.effect, "ends")),
            ("suspends", self.holding(item.effect, "suspends")),
        ]
        silent = any_(g for g, v in self.branches(item.effect) if v in OPEN)
        if silent is not FALSE:
            symbol = self.silence("the effect of a referral", ("beside", "ends"))
            effects = [
                ("beside", any_([self.holding(item.effect, "beside"), all_([silent, is_(symbol, "beside")])])),
                ("ends", any_([effects[1][1], all_([silent, is_(symbol, "ends")])])),
                effects[2],
            ]  # fmt: skip
        self.suspensions(item, effects[2][1], body)
        places = self.places(item.from_)
        for where, names in places:
            inside = frozenset(n for n in names if self.states[n].kind != "suspended")
            ways = [(way, actor) for way in entry for actor in self.actors(item.by)]
            for (under, first), (actor, mine) in ways:
                guard = all_([own, mine, where, under])
                if first:
                    for needed, needs in self.with_advice(advised, bool(has_advice)):
                        self.move(f"asks about a referral to {body}", "ask", actor, idle, first,
                                  guard=all_([guard, needed]), strength=item.strength,
                                  while_in=inside, needs=needs)  # fmt: skip
                    continue
                self.refer_moves(item, idle, done, actor, guard, inside, effects, advised, bool(has_advice), "")
        everywhere = frozenset(s.name for s in self.states.values() if s.track == LADDER)
        for state, verb, under, gate in exits:
            self.refer_moves(item, state, done, gate.who, under, everywhere, effects, FALSE, False, f"{verb}: ")
        self.request_refused(track, gates, idle)

    def with_advice(self, advised: Term, has: bool) -> list[tuple[Term, str | None]]:
        ways: list[tuple[Term, str | None]] = [(not_(advised), None)]
        return [*ways, (advised, "legal advice")] if has else ways

    def refer_moves(self, item: Referral, source: str, done: str, actor: str, guard: Term,
                    inside: frozenset[str], effects: list[tuple[str, Term]], advised: Term,
                    has_advice: bool, prefix: str) -> None:  # fmt: skip
        body = str(item.to)
        for effect, under in effects:
            also = {"ends": f"with {body}", "suspends": f"suspended by the referral to {body}"}.get(effect)
            if under is FALSE:
                continue
            if effect == "ends":
                self.end(f"with {body}", item.at, item.citation)
            for needed, needs in self.with_advice(advised, has_advice):
                self.move(f"{prefix}refers it to {body}", "refer", actor, source, done,
                          guard=all_([guard, under, needed]), strength=item.strength,
                          while_in=inside, also=also, needs=needs, citation=item.citation,
                          at=item.at, marks=self.marks(item.involves))  # fmt: skip

    def suspensions(self, item: Referral, guard: Term, body: str) -> None:
        if guard is FALSE:
            return
        name = f"suspended by the referral to {body}"
        time = self.number(f"the time of {body}")
        self.state(name, "suspended", (body,), item.at, item.citation, _Limits(time, time, ZERO))
        for i, (_, _rung) in enumerate(self.rungs):
            for under, target, label in self.arrivals(i, self.there[i], ""):
                self.move(f"{body} gives it back{label}: {self.rungs[i][0]}", "resume", body, name,
                          target, guard=under)  # fmt: skip

    def missed(self) -> None:
        """What follows when the raiser's own time to decide, where it is stated, has passed."""
        limited, decide = stated(self.decide.limit), self.ladder.decide
        if limited is FALSE:
            return
        lapses = constant(decide.if_missed == "lapses")
        if decide.if_missed in OPEN:
            values = ("the raiser may still decide", "the dispute lapses")
            lapses = is_(self.silence("a missed time to decide", values), values[1])
        kinds = ("answered", "overdue", "divided", "refused", "unanswered")
        for state in [s for s in self.states.values() if s.track == LADDER and s.kind in kinds]:
            own = [m for m in self.moves if m.source == state.name]
            ways = [(g, late) for g, late in ((lapses, False), (not_(lapses), True)) if g is not FALSE]
            for guard, to_late in ways:
                at, cite = decide.place("if missed"), decide.citation
                target = self.state(
                    f"{state.name}, and the time to decide has passed", "late", ("raiser",), at,
                    cite, _Limits(NO_LIMIT, ZERO, ZERO), state.rung, formal=state.formal,
                ) if to_late else self.end("lapsed", at, cite)  # fmt: skip
                self.move("the time to decide passes", "missed", "time", state.name, target,
                          guard=all_([limited, guard]), at_limit=True, keeps=to_late,
                          strength="automatic", citation=cite, at=at)  # fmt: skip
                if to_late:  # nothing is lost: all that was open stays open
                    self.moves += [replace(m, source=target) for m in own]
                    self.moves = [
                        replace(m, while_in=m.while_in | {target})
                        if m.while_in is not None and state.name in m.while_in else m
                        for m in self.moves
                    ]  # fmt: skip

    # --- totals and duties ------------------------------------------------------------------

    def totals(self) -> None:
        ladder_states = [s for s in self.states.values() if s.track == LADDER]
        counts: dict[str, Term]
        done: list[Budget] = []
        for budget in self.budgets:  # counted from an earlier event: rung names become states
            after_answer = budget.name.endswith("counted from previous rung")
            raising = budget.name.endswith("counted from raising")
            counts = {
                s.name: budget.counts[s.rung]
                for s in ladder_states
                if s.rung is not None and s.rung in budget.counts
                and (not after_answer or s.name in budget.cuts or s.kind not in ("sent", "waiting"))
            }
            if raising:  # with somebody else it goes on counting
                counts |= {s.name: TRUE for s in ladder_states if s.kind == "handed over"}
            done.append(replace(budget, counts=counts))
        self.budgets = done
        for name, total in self.ladder.totals.items():
            counts = {}
            for cover in total.covers:
                for s in ladder_states:
                    if s.rung is None:
                        continue
                    part = TRUE if cover in ("every rung", s.rung) else FALSE
                    part = s.formal if cover == "formal rungs" else part
                    counts[s.name] = any_([counts.get(s.name, FALSE), part])
            at_most = NO_LIMIT
            for guard, length in reversed(list(self.branches(total.at_most))):
                at_most = choose(guard, self.length(length, f"the total {name}"), at_most)
            when = self.condition(total.when)
            at_most = choose(when, at_most, NO_LIMIT)
            cap = all_([when, any_(g for g, v in self.branches(total.effect) if v == "cap")])
            kept = {n: t for n, t in counts.items() if t is not FALSE}
            self.budgets.append(
                Budget(str(name), at_most, kept, frozenset(kept), cap, True, total.citation, total.at)
            )

    def with_duties(self) -> Iterator[Move]:
        """The moves, each with the duties that its step brings."""
        duties = [(d, self.condition(d.when)) for d in self.ladder.duties]
        for move in self.moves:
            steps = _steps_of(move, self.states)
            more = [
                Mark(", ".join(d.who), _duty_words(d.does, d.whom), d.citation, guard)
                for d, guard in duties
                if steps & set(d.at_step) and guard is not FALSE
            ]
            yield replace(move, marks=(*move.marks, *more)) if more else move


FOREVER = _Limits(NO_LIMIT, NO_LIMIT, ZERO)


def _duty_words(does: str, whom: Sequence[str]) -> str:
    return f"{does} {', '.join(whom)}" if whom else str(does)


def _steps_of(move: Move, states: dict[str, State]) -> set[str]:
    target = states[move.target]
    steps = {"raise": {"start"}, "escalate": {"escalation"}, "skip": {"escalation"},
             "silence": {"silence"}, "refer": {"referral"}, "exhaust": {"top"}}.get(move.kind, set())  # fmt: skip
    steps = set(steps)
    if target.kind == "waiting" and move.kind in ("raise", "escalate", "skip"):
        steps.add("each stage")
        if target.formal is FALSE:
            steps.add("informal stage")
        elif states[move.source].formal is not TRUE:
            steps.add("formal start")
    if target.kind == "resolved":
        steps.add("resolution")
    if target.kind in ("end", "resolved"):
        steps.add("end")
    return steps


def _waiting(rung: str) -> str:
    return f"{rung}: awaiting an answer"


def _always(value: str, at: Position) -> Cases:
    from model.shapes import Case

    return Cases((Case(None, Word(value, at)),), at)


def _refuse_unreachable(graph: StateGraph) -> None:
    seen = {graph.start}
    stack = [graph.start]
    also = {m.also for m in graph.moves if m.also}
    while stack:
        for move in graph.leaving[stack.pop()]:
            if move.target not in seen:
                seen.add(move.target)
                stack.append(move.target)
        if not stack and not also <= seen:
            stack = sorted(also - seen)
            seen |= also
    faults = []
    for name, rung in graph.ladder.rungs.items():
        reached = any(s.name in seen for s in graph.rung_states(str(name)))
        if not reached:
            where = f"ladders › {graph.ladder.name} › rungs › {name}"
            right = "let a rung below lead to it, or an entry or a skip"
            faults.append(Fault(rung.at, where, "nothing leads to this rung", right))
    if faults:
        raise PolicyError(faults)
