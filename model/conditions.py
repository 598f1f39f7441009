"""Conditions as a policy file writes them: `urgent and not typical = norm`.

A name is a fact of the case; `QUESTION = ANSWER` is a reading; `raiser = PERSON` and
`child = KIND` speak of who raises the dispute and for whom. `and` binds tighter than `or`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import NamedTuple

from model.shapes import Word, nearest
from model.terms import Symbol, Term, all_, any_, holds, is_, not_
from model.yamltree import Items, Node, Table, Text

_TOKEN = re.compile(r"\(|\)|=|(?<!\S)(?:and|or|not)(?!\S)")


class SymbolTable(NamedTuple):
    """The symbols that conditions of one ladder may speak of, by name."""

    facts: Mapping[str, Symbol]
    choices: Mapping[str, Symbol]


class _Wrong(Exception):
    def __init__(self, wrong: str, right: str) -> None:
        super().__init__(wrong)
        self.wrong, self.right = wrong, right


def table(node: Node, ladder: str | None) -> SymbolTable:
    """The symbols of a file's tree (before it is known to be sound), for one ladder."""
    facts = {n: Symbol("fact", n) for n in _keys(node, "facts")}
    choices = {}
    for name, question in _entries(node, "questions"):
        answers = tuple(_keys(question, "answers"))
        if answers:
            choices[name] = Symbol("question", name, answers)
    children = tuple(_keys(node, "children"))
    raisers: dict[str, None] = {}
    for name, body in _entries(node, "ladders"):
        if name == ladder and isinstance(body, Table):
            raised = body.get("raised by")
            for item in raised.values if isinstance(raised, Items) else (raised,):
                who = item.get("who") if isinstance(item, Table) else None
                if isinstance(who, Text):
                    raisers[who.value] = None
    if raisers and children:
        choices["raiser"] = Symbol("raiser", "raiser", tuple(raisers))
        choices["child"] = Symbol("child", "child", children)
    return SymbolTable(facts, choices)


def _entries(node: Node, key: str) -> list[tuple[str, Node]]:
    inner = node.get(key) if isinstance(node, Table) else None
    return [(k.value, v) for k, v in inner.entries] if isinstance(inner, Table) else []


def _keys(node: Node, key: str) -> list[str]:
    return [name for name, _ in _entries(node, key)]


def parse(text: str, symbols: SymbolTable) -> Term:
    """The formula of a condition that is known to be sound."""
    return _Parser(text, symbols).whole()


def try_parse(text: Word, symbols: SymbolTable) -> tuple[Term | None, str, str]:
    """The formula, or None with what is wrong and what would be right."""
    try:
        return parse(text, symbols), "", ""
    except _Wrong as error:
        return None, error.wrong, error.right


def mentioned(text: str, symbols: SymbolTable) -> set[str]:
    """The names that a condition writes, also where they cancel out."""
    parts = {p.strip() for p in _TOKEN.split(text)}
    return parts & (symbols.facts.keys() | symbols.choices.keys())


class _Parser:
    """Recursive descent over the tokens of one condition."""

    def __init__(self, text: str, symbols: SymbolTable) -> None:
        self.symbols = symbols
        self.tokens: list[str] = []
        at = 0
        for found in _TOKEN.finditer(text):
            self.tokens += [text[at : found.start()].strip(), found.group(0)]
            at = found.end()
        self.tokens = [t for t in [*self.tokens, text[at:].strip()] if t]
        if len(self.tokens) > 200:
            raise _Wrong("this condition is too long", "ask a question, or name a fact, instead")
        self.place = 0

    def next(self) -> str:
        return self.tokens[self.place] if self.place < len(self.tokens) else ""

    def take(self) -> str:
        self.place += 1
        return self.tokens[self.place - 1]

    def whole(self) -> Term:
        term = self.either()
        if self.next():
            raise _Wrong(f"“{self.next()}” is not expected here", "join the parts by “and” or “or”")
        return term

    def either(self) -> Term:
        parts = [self.both()]
        while self.next() == "or":
            self.take()
            parts.append(self.both())
        return any_(parts)

    def both(self) -> Term:
        parts = [self.one()]
        while self.next() == "and":
            self.take()
            parts.append(self.one())
        return all_(parts)

    def one(self) -> Term:
        token = self.next()
        if token == "not":
            self.take()
            return not_(self.one())
        if token == "(":
            self.take()
            term = self.either()
            if self.next() != ")":
                raise _Wrong("a bracket is not closed", "add “)”")
            self.take()
            return term
        if token in ("", "and", "or", "=", ")"):
            raise _Wrong("a name is missing in this condition", "write a fact, or QUESTION = ANSWER")
        name = self.take()
        return self.choice(name) if self.next() == "=" else self.fact(name)

    def choice(self, name: str) -> Term:
        self.take()
        symbol = self.symbols.choices.get(name)
        if symbol is None:
            right = nearest(name, self.symbols.choices)
            raise _Wrong(f"there is no question “{name}”", right)
        answer = self.take() if self.next() else ""
        if answer not in symbol.values:
            right = nearest(answer, symbol.values)
            raise _Wrong(f"“{name}” has no answer “{answer}”", right)
        return is_(symbol, answer)

    def fact(self, name: str) -> Term:
        symbol = self.symbols.facts.get(name)
        if symbol is None:
            if name in self.symbols.choices:
                example = self.symbols.choices[name].values[0]
                raise _Wrong(f"“{name}” is a question", f"write “{name} = {example}”")
            right = nearest(name, [*self.symbols.facts, *self.symbols.choices])
            raise _Wrong(f"there is no fact “{name}”", right)
        return holds(symbol)
