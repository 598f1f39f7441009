"""Conditions as a policy file writes them: `urgent and not typical = norm`.

A name is a fact of the case; `QUESTION = ANSWER` is a reading; `raiser = PERSON` and
`child = KIND` speak of who raises the dispute and for whom. `and` binds tighter than `or`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from model.shapes import begun, closest, nearest
from model.terms import FALSE, Symbol, Term, all_, any_, holds, is_, not_
from model.yamltree import Items, Node, Table, Text, excerpt

LONGEST = 600  # characters
DEEPEST = 20  # brackets in brackets
WIDEST = 12  # facts and questions

_TOKEN = re.compile(r"\(|\)|=|(?<![^\s()=])(?:and|or|not)(?![^\s()=])")
_FOREIGN = re.compile(r"==|!=|&&|\|\||(?<!\S)(?:AND|OR|NOT|And|Or|Not)(?!\S)")
_OWN = {"==": "=", "!=": "not QUESTION = ANSWER", "&&": "and", "||": "or"}


@dataclass(frozen=True, slots=True)
class SymbolTable:
    """The symbols that conditions of one ladder may speak of, by name.

    Of the names in `broken` the file has something, but it is not sound. What has been parsed
    is kept, since a state graph asks for the same conditions again and again.
    """

    facts: Mapping[str, Symbol]
    choices: Mapping[str, Symbol]
    broken: frozenset[str] = frozenset()
    parsed: dict[str, Term] = field(default_factory=dict, repr=False, compare=False)


class _Wrong(Exception):
    def __init__(self, wrong: str, right: str) -> None:
        super().__init__(wrong)
        self.wrong, self.right = wrong, right


def table(node: Node, ladder: str | None) -> SymbolTable:
    """The symbols of a file's tree (before it is known to be sound), for one ladder."""
    facts = {n: Symbol("fact", n) for n in _keys(node, "facts")}
    choices = {}
    broken = set()
    for name, question in _entries(node, "questions"):
        answers = tuple(_keys(question, "answers"))
        if answers:
            choices[name] = Symbol("question", name, answers)
        else:
            broken.add(name)
    for name in [*facts, *choices]:
        if _TOKEN.search(name):  # no condition can name it
            broken.update(part.strip() for part in _TOKEN.split(name))
    if ladder is None:
        return SymbolTable(facts, choices, frozenset(broken))
    children = tuple(_keys(node, "children"))
    raisers: dict[str, None] = {}
    for name, body in _entries(node, "ladders"):
        if name == ladder and isinstance(body, Table):
            raised = body.get("raised by")
            for item in raised.values if isinstance(raised, Items) else (raised,):
                who = item.get("who") if isinstance(item, Table) else None
                if isinstance(who, Text):
                    raisers[who.value] = None
    for name, values in (("raiser", tuple(raisers)), ("child", children)):
        if values:
            choices[name] = Symbol(name, name, values)
        else:
            broken.add(name)
    return SymbolTable(facts, choices, frozenset(broken))


def _entries(node: Node, key: str) -> list[tuple[str, Node]]:
    inner = node.get(key) if isinstance(node, Table) else None
    return [(k.value, v) for k, v in inner.entries] if isinstance(inner, Table) else []


def _keys(node: Node, key: str) -> list[str]:
    return [name for name, _ in _entries(node, key)]


def parse(text: str, symbols: SymbolTable) -> Term:
    """The formula of a condition that is known to be sound."""
    found = symbols.parsed.get(text)
    if found is None:
        found = symbols.parsed[text] = _Parser(text, symbols, len(text)).whole()
    return found


def try_parse(text: str, symbols: SymbolTable) -> tuple[Term | None, str, str]:
    """The formula, or None with what is wrong and what would be right.

    Both are empty where the condition speaks of something broken, which is a fault elsewhere.
    """
    try:
        if len(text) > LONGEST:
            wrong = f"this condition has {len(text)} characters"
            raise _Wrong(wrong, f"use at most {LONGEST}, or ask a question instead")
        if len(mentioned(text, symbols)) > WIDEST:
            wrong = f"this condition speaks of more than {WIDEST} facts and questions"
            raise _Wrong(wrong, "name one fact or ask one question instead")
        return _Parser(text, symbols, DEEPEST).whole(), "", ""
    except _Wrong as error:
        foreign = _FOREIGN.search(text)
        if foreign and error.wrong:
            sign = foreign.group(0)
            right = f"write “{_OWN.get(sign, sign.lower())}”"
            return None, f"“{sign}” is not used in conditions", right
        return None, error.wrong, error.right


def mentioned(text: str, symbols: SymbolTable) -> set[str]:
    """The names that a condition writes, also where they cancel out."""
    parts = {p.strip() for p in _TOKEN.split(text)}
    return parts & (symbols.facts.keys() | symbols.choices.keys())


def meant(text: str, symbols: SymbolTable) -> set[str]:
    """The names that a faulty condition writes or seems to mean."""
    names = [*symbols.facts, *symbols.choices, *symbols.broken]
    parts = [p.strip() for p in _TOKEN.split(_FOREIGN.sub(" and ", text))]
    close = {name for name in (closest(part, names) for part in parts) if name is not None}
    return close.union(*(begun(part, names) for part in parts))  # “urgent is yes”


class _Parser:
    """Recursive descent over the tokens of one condition."""

    def __init__(self, text: str, symbols: SymbolTable, deepest: int) -> None:
        self.symbols, self.deepest = symbols, deepest
        self.tokens: list[str] = []
        at = 0
        for found in _TOKEN.finditer(text):
            self.tokens += [text[at : found.start()].strip(), found.group(0)]
            at = found.end()
        self.tokens = [t for t in [*self.tokens, text[at:].strip()] if t]
        self.place = 0
        self.depth = 0

    def next(self) -> str:
        return self.tokens[self.place] if self.place < len(self.tokens) else ""

    def take(self) -> str:
        self.place += 1
        return self.tokens[self.place - 1]

    def whole(self) -> Term:
        term = self.either()
        if self.next():
            raise self.stray()
        return term

    def stray(self) -> _Wrong:
        """What to say of a token that cannot stand after what was read."""
        token, before = self.next(), self.tokens[self.place - 1]
        if token == ")":
            return _Wrong("a bracket is closed that was not opened", "take “)” out, or add “(”")
        wrong = f"“{excerpt(token)}” cannot follow “{excerpt(before)}”"
        return _Wrong(wrong, "join the parts by “and” or “or”")

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
        negated = False
        while self.next() == "not":
            self.take()
            negated = not negated
        term = self.bracket() if self.next() == "(" else self.named()
        return not_(term) if negated else term

    def bracket(self) -> Term:
        self.take()
        self.depth += 1
        if self.depth > self.deepest:
            wrong = f"brackets are nested more than {self.deepest} deep"
            raise _Wrong(wrong, "take some of them out")
        term = self.either()
        if not self.next():
            raise _Wrong("a bracket is not closed", "add “)”")
        if self.next() != ")":
            raise self.stray()
        self.take()
        self.depth -= 1
        return term

    def named(self) -> Term:
        token = self.next()
        if token in ("", "and", "or", "=", ")"):
            before = self.tokens[self.place - 1] if self.place else ""
            gap = f"between “{before}” and “{token}”"
            if not before or not token:
                gap = f"after “{before}”" if before else f"before “{token}”" if token else "here"
            raise _Wrong(f"something is missing {gap}", "write a fact, or QUESTION = ANSWER")
        name = self.take()
        return self.choice(name) if self.next() == "=" else self.fact(name)

    def choice(self, name: str) -> Term:
        self.take()
        answer = self.next()
        if answer in ("", "and", "or", "not", "=", "(", ")"):
            wrong = f"an answer is missing after “{excerpt(name)} =”"
            raise _Wrong(wrong, "write QUESTION = ANSWER")
        self.take()
        symbol = self.symbols.choices.get(name)
        if symbol is None:
            if name in self.symbols.facts:
                raise _Wrong(f"“{name}” is a fact and has no answers", f"write “{name}” alone")
            if name in self.symbols.broken:
                raise _Wrong("", "")
            right = nearest(name, self.symbols.choices)
            raise _Wrong(f"there is no question “{excerpt(name)}”", right)
        if answer not in symbol.values:
            if symbol.kind == "question" and len(symbol.values) == 1:  # settled otherwise
                return FALSE
            right = nearest(answer, symbol.values)
            if symbol.kind == "question":
                raise _Wrong(f"“{name}” has no answer “{excerpt(answer)}”", right)
            raise _Wrong(f"the {name} is never “{excerpt(answer)}”", right)
        return is_(symbol, answer)

    def fact(self, name: str) -> Term:
        symbol = self.symbols.facts.get(name)
        if symbol is None:
            if name in self.symbols.choices:
                example = self.symbols.choices[name].values[0]
                wrong = f"“{name}” needs an answer"
                raise _Wrong(wrong, f"write “{name} = {example}”, or another of its answers")
            if name in self.symbols.broken:
                raise _Wrong("", "")
            raise _Wrong(f"there is no fact “{excerpt(name)}”", self.meant(name))
        return holds(symbol)

    def meant(self, name: str) -> str:
        """What may have been meant by what is no fact, such as “urgent is yes”."""
        subject, is_, answer = f"{name} ".partition(" is ")
        answer = answer.strip()
        if is_ and subject in self.symbols.facts:
            no = answer in ("no", "false") or self.next() == "not"
            return f"write “{'not ' if no else ''}{subject}”"
        if is_ and subject in self.symbols.choices:
            values = self.symbols.choices[subject].values
            value = answer if answer in values else values[0]
            return f"write “{subject} = {value}”"
        return nearest(name, [*self.symbols.facts, *self.symbols.choices])
