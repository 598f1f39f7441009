"""What an expansion works with: values by case, windows, people, and the making of states and
moves. `Build` is used once, for one ladder.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import Any, NamedTuple

from model.calendar import span
from model.conditions import SymbolTable, parse
from model.graph import LADDER, Budget, Consent, Mark, Move, State
from model.protocol import (
    OPEN,
    Involvement,
    Ladder,
    Protocol,
    Raiser,
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
    days,
    is_,
    longest,
    not_,
    restrict,
    shortest,
    symbols,
    unknown,
)
from model.yamltree import Position

EARLIER = ("raising", "formal start", "previous rung")
WAITS = ("approves", "decides jointly", "takes over", "consulted before")
START = "not raised"
SILENT = "no answer in time"
DIVIDED = "divided"
RESOLVED = "resolved"
LAPSED = "lapsed"
NOT_KEPT = "agreement not kept"
EXHAUSTED = "the ladder is exhausted"


class Limits(NamedTuple):
    """A window: the longest, the longest with a raiser who acts at once, the minimum wait."""

    limit: Term
    prompt: Term
    least: Term


class Gate(NamedTuple):
    """One involvement that a step waits for, under a guard."""

    who: str
    how: str
    guard: Term
    about: Involvement
    step: str = ""


class Exit(NamedTuple):
    """The way out of a chain of gates: its last state, the approving move, and its guard."""

    state: str
    verb: str
    guard: Term
    gate: Gate


def awaited(about: str, gate: Gate) -> str:
    """The name of the state in which somebody's agreement or view is awaited."""
    verb = {"consulted before": "to give a view", "takes over": "to agree and take over"}
    return f"{about}: {gate.who} {verb.get(gate.how, 'to agree')}"


class Build:
    """Collects states and moves; used once."""

    def __init__(self, protocol: Protocol, ladder: Ladder) -> None:
        self.protocol, self.ladder = protocol, ladder
        raisers = tuple(dict.fromkeys(str(r.who) for r in ladder.raised_by))
        children = tuple(dict.fromkeys(str(c) for r in ladder.raised_by for c in r.for_))
        self.raiser = self.symbol("raiser", "raiser", raisers)
        self.child = self.symbol("child", "child", children)
        questions = {
            str(n): self.symbol(
                "question", str(n), tuple(str(a) for a in ([q.settled] if q.settled else q.answers))
            )
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
        self.own: set[Symbol] = set()
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
        table = SymbolTable(self.table.facts, {**self.table.choices, "child": self.everybody})
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

    def window(self, cases: Cases, label: str, same_day: bool = False) -> Limits:
        branches = [(g, self.one_window(v, label, same_day)) for g, v in self.branches(cases)]
        limit, prompt, least = branches[-1][1]  # the cases are exhaustive
        for guard, mine in reversed(branches[:-1]):
            limit = choose(guard, mine.limit, limit)
            prompt = choose(guard, mine.prompt, prompt)
            least = choose(guard, mine.least, least)
        return Limits(limit, prompt, least)

    def one_window(self, value: Any, label: str, same_day: bool) -> Limits:
        if isinstance(value, Length):
            fixed = self.length(value, label, same_day)
            return Limits(fixed, fixed, ZERO)
        if isinstance(value, Word):
            time = NO_LIMIT if value == "no limit" else self.number(label)
            return Limits(time, time, ZERO)
        assert isinstance(value, Window)
        mine = value.set_by is not None and self.side(value.set_by) == "raiser"
        named = f"{label} that the raiser sets" if mine else label
        most = self.one_window(value.at_most, named, same_day).limit
        least = (
            ZERO if value.at_least is None else self.length(value.at_least, f"{label}, at least")
        )
        shortly = shortest([most, least])
        chosen_later = value.set_by or value.agreed_by or value.or_less
        if mine and most is NO_LIMIT:  # what is set is some number of days
            most = longest([least, self.number(named)])
        elif chosen_later and isinstance(value.at_most, Length):
            chosen = self.number(f"{label} as set in the case")
            most = shortest([most, longest([least, chosen])])
        if mine:
            self.own |= {s for s in symbols(most) if s.kind == "number"}
        return Limits(most, shortly if mine else most, least)

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
        everybody = len(allowed) == len(
            self.ladder.raised_by
        )  # the graph's domain says who that is
        return all_([TRUE if everybody else any_(allowed), self.condition(rung.when)])

    def pair(self, raiser: Raiser) -> Term:
        """The formula that this raiser raised it, for a child for whom they may."""
        return all_([self.raised_by([raiser.who]), self.concerning(raiser.for_)])

    def after(self, index: int) -> list[tuple[Term, int | None]]:
        """The next rung above `index` by guard; None where there is none."""
        result: list[tuple[Term, int | None]] = []
        passed: list[Term] = []
        here = self.there[index] if index >= 0 else TRUE
        for j in range(index + 1, len(self.rungs)):
            guard = all_([self.there[j], *passed])
            if all_([here, guard]) is not FALSE:
                result.append((guard, j))
            if self.there[j] is TRUE:
                return result
            passed.append(not_(self.there[j]))
        if all_([here, *passed]) is not FALSE:
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
        limit: Limits,
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
                        strength = str(item.strength or "")
                        found.append(
                            Mark(str(who), str(how), item.citation, item.at, under, strength)
                        )
        return tuple(found)

    def gates(self, involved: Iterable[Involvement], step: str) -> list[Gate]:
        """The involvements that a step waits for; each is also noted as a consent."""
        found: list[Gate] = []
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
                    found += [Gate(str(who), str(how), under, item, step) for who in item.who]
        return found

    def chain(
        self,
        gates: Sequence[Gate],
        step: str,
        about: str,
        rung: str | None,
        formal: Term,
        track: str = LADDER,
    ) -> tuple[list[tuple[Term, str]], list[Exit]]:
        """Make a waiting state for each gate, in order.

        Returns how one enters the chain (guards and states; the entry without a state is the
        way past all gates), and the exits, which the caller must connect.
        """
        names = []
        for gate in gates:
            name = awaited(about, gate)
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
        exits: list[Exit] = []
        for i, gate in enumerate(gates):
            verb = "gives a view" if gate.how == "consulted before" else "agrees"
            if gate.how == "takes over":
                verb = "agrees and takes it over"
            for guard, target in self.onward(gates, names, i + 1):
                if target:
                    self.move(verb, "agree", gate.who, names[i], target, guard=guard)
                else:
                    exits.append(Exit(names[i], verb, guard, gate))
        return entry, exits

    def onward(
        self, gates: Sequence[Gate], names: Sequence[str], place: int
    ) -> list[tuple[Term, str]]:
        result: list[tuple[Term, str]] = []
        passed: list[Term] = []
        for j in range(place, len(gates)):
            guard = all_([gates[j].guard, *passed])
            if guard is not FALSE:
                result.append((guard, names[j]))
            passed.append(not_(gates[j].guard))
        past = all_(passed)
        return result if past is FALSE else [*result, (past, "")]

    def gate_window(self, gate: Gate, name: str) -> Limits:
        label = f"the time of {gate.who} ({name.split(':')[0]})"
        if gate.about.within is None:
            time = self.number(label)
            return Limits(time, time, ZERO)
        return self.window(gate.about.within, label)


FOREVER = Limits(NO_LIMIT, NO_LIMIT, ZERO)


def awaiting(rung: str) -> str:
    return f"{rung}: awaiting an answer"


def always(value: str, at: Position) -> Cases:
    from model.shapes import Case

    return Cases((Case(None, Word(value, at)),), at)
