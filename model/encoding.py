"""A state graph, and terms, as plain JSON values: what a certificate is made of.

Formulas become places in one list of nodes, in each of which a symbol, a row of a table or a
comparison of two sums decides between other places; 0 is false, 1 is true. Day counts become
lists of ways: the place of a formula, and a sum (a number of days and the places of unstated
numbers), or none for no limit; the largest way that is open counts. Symbols become places in a list
of their own, in the order in which diagrams ask for them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cache, reduce
from hashlib import sha256
from itertools import product
from typing import Any

from model.graph import StateGraph
from model.terms import (
    FALSE,
    NO_LIMIT,
    TRUE,
    Symbol,
    Term,
    Value,
    all_,
    any_,
    at_most,
    implies,
    is_,
    not_,
    plus,
    restrict,
    shortest,
    sums,
    symbols,
    variables,
)

TABLE = "table"  # the kind of a symbol that stands for a row of a table
Ways = list[tuple[Term, Term]]


class Nodes:
    """The nodes of some terms; equal terms get equal nodes in every run."""

    def __init__(self) -> None:
        self.nodes: list[list[Any]] = [["false"], ["true"]]
        self.symbols: list[Symbol] = []
        self.places: dict[int, int] = {FALSE.serial: 0, TRUE.serial: 1}
        self.counted: dict[int, list[list[Any]]] = {}
        self.days: dict[int, list[list[int]]] = {}
        self.symbol_places: dict[Symbol, int] = {}

    def symbol(self, symbol: Symbol) -> int:
        if symbol not in self.symbol_places:
            self.symbol_places[symbol] = len(self.symbols)
            self.symbols.append(symbol)
        return self.symbol_places[symbol]

    def ordered(self, terms: Iterable[Term]) -> None:
        """Give the symbols of some formulas their places, in the order of their diagrams."""
        for variable in variables(*terms):
            if isinstance(variable, Symbol) and variable.kind != TABLE:
                self.symbol(variable)

    def place(self, term: Term) -> int:
        """The place of a formula."""
        if term.serial not in self.places:
            self.places[term.serial] = self.placed(term)
        return self.places[term.serial]

    def placed(self, term: Term) -> int:
        spans = _spans(term)
        if spans:
            return self.place(any_(all_((when, t)) for when, t in _on_every_span(term, spans)))
        variable, *branches = term.args
        what: Any
        if isinstance(variable, Symbol):
            what = variable.name if variable.kind == TABLE else self.symbol(variable)
        elif variable.op == "limited":
            what = self.symbol(variable.args[0].args[0])
        elif all(ways(a) == [(TRUE, a)] and a.op != "min" for a in variable.args):
            what = [self.sum(a) for a in variable.args]
        else:
            when = compared(*map(ways, variable.args))
            return self.place(any_((all_((when, branches[0])), all_((not_(when), branches[1])))))
        kids = [self.place(b) for b in branches]
        self.nodes.append([what, *kids])
        return len(self.nodes) - 1

    def count(self, term: Term) -> list[list[Any]]:
        """A day count as its ways."""
        if term.serial not in self.counted:
            self.counted[term.serial] = self.largest([(TRUE, term)])
        return self.counted[term.serial]

    def largest(self, counts: Iterable[tuple[Term, Term]]) -> list[list[Any]]:
        """The largest of some guarded day counts as its ways."""
        found = _merged((all_((g, h)), c) for g, count in counts for h, c in ways(count))
        return [[self.place(g), *self.day(c)] for g, c in found]

    def day(self, term: Term) -> list[list[int]]:
        """The sums of which a day is the smallest; none for no limit."""
        if term.serial not in self.days:
            parts = [] if term is NO_LIMIT else sorted(sums(term), key=_key)
            self.days[term.serial] = [self.sum(t) for t in parts]
        return self.days[term.serial]

    def sum(self, term: Term) -> list[int]:
        """A sum: its days, and the places of its numbers."""
        parts = sorted(term.args, key=_key) if term.op == "plus" else (term,)
        days = sum(p.args[0] for p in parts if p.op == "days")
        return [days, *sorted(self.symbol(p.args[0]) for p in parts if p.op == "number")]

    def listed(self) -> list[dict[str, Any]]:
        """The symbols as JSON values; a number is limited or endless, a span one of its lengths."""
        return [{"kind": s.kind, "name": s.name, "values": list(_values(s))} for s in self.symbols]

    def world(self, world: Mapping[Symbol, Value]) -> list[Value]:
        """The value of each symbol listed; of those that a world leaves open, the first."""
        return [
            world.get(_span_of.get(s, s), None if s.kind == "number" else _values(s)[0])
            for s in self.symbols
        ]

    def read(self, values: Iterable[Any]) -> dict[Symbol, Any]:
        """A world from the values of the symbols listed."""
        return {_span_of.get(s, s): v for s, v in zip(self.symbols, values, strict=False)}


def _values(symbol: Symbol) -> tuple[Any, ...]:
    if symbol.kind == "number":
        return "limited", "endless"
    if symbol in _span_of:
        return tuple(map(int, symbol.values))
    return symbol.values or (True, False)


# --- day counts as ways -------------------------------------------------------------------------


def ways(count: Term) -> Ways:
    """A day count as the largest of some guarded sums."""
    match count.op, count.args:
        case "number", (symbol,) if symbol.kind == "calendar":
            return [(when, t) for when, t in _on_every_span(count, [symbol])]
        case "choose", (when, a, b):
            both = [(when, w) for w in ways(a)] + [(not_(when), w) for w in ways(b)]
            return _merged((all_((when, g)), c) for when, (g, c) in both)
        case "max", parts:
            return _merged(way for part in sorted(parts, key=_key) for way in ways(part))
        case "plus", parts if any(map(_several, parts)):
            return reduce(_added, map(ways, sorted(parts, key=_key)))
        case "min", parts:
            return reduce(_lesser, map(ways, sorted(parts, key=_key)))
    return [(TRUE, count)]


def _several(term: Term) -> bool:
    """Whether a day count is more than a number of days, stated or not."""
    return term.op != "days" and (term.op != "number" or term.args[0].kind == "calendar")


@cache
def _key(term: Term) -> bytes:
    """A digest of what a term says, the same in every run."""
    parts = [_key(a) if isinstance(a, Term) else repr(a).encode() for a in term.args]
    if term.op in ("plus", "max", "min"):
        parts.sort()
    return sha256(b" ".join([term.op.encode(), *parts])).digest()


def _merged(some: Iterable[tuple[Term, Term]]) -> Ways:
    found: dict[int, tuple[Term, Term]] = {}
    for guard, count in some:
        if guard is not FALSE:
            old = found.get(count.serial, (FALSE, count))[0]
            found[count.serial] = any_((old, guard)), count
    return list(found.values())


def _added(a: Ways, b: Ways) -> Ways:
    """The sum of two counts; adding goes inside the smallest of several."""
    return _merged(
        (all_((g, h)), shortest(plus(s, t) for s in sums(x) for t in sums(y)))
        for (g, x), (h, y) in product(a, b)
    )


def _lesser(a: Ways, b: Ways) -> Ways:
    return _merged((all_((g, h)), shortest([x, y])) for (g, x), (h, y) in product(a, b))


def compared(a: Ways, b: Ways) -> Term:
    """The formula that a day count is at most another."""
    return all_(
        implies(g, any_(all_((h, at_most(x, y))) for h, y in b)) for g, x in a
    )  # fmt: skip


_span_of: dict[Symbol, Symbol] = {}  # a choice among the lengths of a span -> the span


def _spans(term: Term) -> list[Symbol]:
    return [s for s in symbols(term) if _is_span(s)] if _has_span(term) else []


@cache
def _has_span(term: Term) -> bool:
    return any(_has_span(a) if isinstance(a, Term) else _is_span(a) for a in term.args)


def _is_span(what: object) -> bool:
    return isinstance(what, Symbol) and what.kind == "calendar" and what not in _span_of


def _on_every_span(term: Term, spans: Iterable[Symbol]) -> Ways:
    """A term with the spans of the calendar settled, and the formula of when each is so."""
    found = [(TRUE, term)]
    for s in spans:
        lengths = range(s.low, (s.high or s.low) + 1)
        choice = Symbol("calendar", s.name, tuple(map(str, lengths)), scope=s.scope)
        _span_of[choice] = s
        found = [
            (all_((when, is_(choice, str(n)))), restrict(t, {s: n}))
            for when, t in found
            for n in lengths
        ]
    return found


def encoded(graph: StateGraph, nodes: Nodes) -> dict[str, Any]:
    """A state graph as JSON values; its terms go into the nodes."""
    nodes.ordered([graph.domain, *(m.guard for m in graph.moves)])
    for symbol in graph.symbols:  # the numbers come last, which keeps a checker's diagrams small
        if symbol.kind not in ("number", "calendar"):
            nodes.symbol(symbol)
    at, count = nodes.place, nodes.count
    return {
        "start": graph.start,
        "tracks": dict(graph.tracks),
        "domain": at(graph.domain),
        "states": {
            s.name: {
                "kind": s.kind, "track": s.track, "rung": s.rung, "side": s.side,
                "limit": count(s.limit), "prompt": count(s.prompt), "formal": at(s.formal),
                "stuck": at(s.stuck), "source": s.citation,
            }
            for s in graph.states.values()
        },
        "moves": [
            {
                "name": m.name, "kind": m.kind, "track": m.track, "actor": m.actor, "side": m.side,
                "source": m.source, "target": m.target, "guard": at(m.guard),
                "earliest": count(m.earliest), "at limit": m.at_limit, "keeps": m.keeps,
                "needs": m.needs, "also": m.also, "delays": m.delays,
                "while in": None if m.while_in is None else sorted(m.while_in),
                "cites": m.citation,
            }
            for m in graph.moves
        ],
        "totals": [
            {
                "name": b.name, "at most": count(b.at_most), "cap": at(b.cap), "total": b.is_total,
                "counts": {name: at(c) for name, c in b.counts.items()},
                "cuts": sorted(b.cuts), "begins": sorted(b.begins),
            }
            for b in graph.budgets
        ],
    }  # fmt: skip
