"""A state graph, and terms, as plain JSON values: what a certificate is made of.

Terms become places in one list of nodes, each an operator and the places of its parts; symbols
become places in a list of their own, in the order in which diagrams ask for them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from hashlib import sha256
from typing import Any

from model.graph import StateGraph
from model.terms import Symbol, Term, Value, variables

TABLE = "table"  # the kind of a symbol that stands for a row of a table


class Nodes:
    """The nodes of some terms, each after its parts; equal terms get equal nodes in every run."""

    def __init__(self) -> None:
        self.nodes: list[list[Any]] = []
        self.symbols: list[Symbol] = []
        self.places: dict[int, int] = {}
        self.symbol_places: dict[Symbol, int] = {}
        self.keys: dict[int, bytes] = {}

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
        if term.serial not in self.places:
            parts = self.parts(term)
            placed = [self.place(a) if isinstance(a, Term) else self.leaf(a) for a in parts]
            op = term.op
            if op == "case":
                variable = term.args[0]
                table = isinstance(variable, Symbol) and variable.kind == TABLE
                op = "table" if table else "symbol" if isinstance(variable, Symbol) else "compare"
            self.places[term.serial] = len(self.nodes)
            self.nodes.append([op, *placed])
        return self.places[term.serial]

    def leaf(self, a: Any) -> Any:
        if isinstance(a, Symbol):
            return a.name if a.kind == TABLE else self.symbol(a)
        return a

    def parts(self, term: Term) -> Iterable[Any]:
        """The parts of a term, those whose order has no meaning in the order of what they say."""
        if term.op in ("plus", "max", "min"):
            return sorted(term.args, key=self.key)
        return term.args

    def key(self, term: Term) -> bytes:
        """A digest of what a term says."""
        if term.serial not in self.keys:
            parts = [self.key(a) if isinstance(a, Term) else repr(a).encode() for a in term.args]
            if term.op in ("plus", "max", "min"):
                parts.sort()
            self.keys[term.serial] = sha256(b" ".join([term.op.encode(), *parts])).digest()
        return self.keys[term.serial]

    def listed(self) -> list[dict[str, Any]]:
        """The symbols as JSON values."""
        return [
            {"kind": s.kind, "name": s.name, "values": list(s.values), "low": s.low, "high": s.high}
            for s in self.symbols
        ]

    def world(self, world: Mapping[Symbol, Value]) -> dict[str, Value]:
        """The values of the symbols listed, by their places."""
        return {str(i): world[s] for i, s in enumerate(self.symbols) if s in world}


def encoded(graph: StateGraph, nodes: Nodes) -> dict[str, Any]:
    """A state graph as JSON values; its terms go into the nodes."""
    nodes.ordered([graph.domain, *(m.guard for m in graph.moves)])
    at = nodes.place
    return {
        "start": graph.start,
        "tracks": dict(graph.tracks),
        "domain": at(graph.domain),
        "states": {
            s.name: {
                "kind": s.kind, "track": s.track, "rung": s.rung, "side": s.side,
                "limit": at(s.limit), "prompt": at(s.prompt), "formal": at(s.formal),
                "stuck": at(s.stuck), "source": s.citation,
            }
            for s in graph.states.values()
        },
        "moves": [
            {
                "name": m.name, "kind": m.kind, "track": m.track, "actor": m.actor, "side": m.side,
                "source": m.source, "target": m.target, "guard": at(m.guard),
                "earliest": at(m.earliest), "at limit": m.at_limit, "keeps": m.keeps,
                "needs": m.needs, "also": m.also, "delays": m.delays,
                "while in": None if m.while_in is None else sorted(m.while_in),
                "cites": m.citation,
            }
            for m in graph.moves
        ],
        "totals": [
            {
                "name": b.name, "at most": at(b.at_most), "cap": at(b.cap), "total": b.is_total,
                "counts": {name: at(c) for name, c in b.counts.items()},
                "cuts": sorted(b.cuts), "begins": sorted(b.begins),
            }
            for b in graph.budgets
        ],
    }  # fmt: skip
