"""Every name in a policy file must have been declared, and everything declared must be used."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from model import conditions
from model.conditions import SymbolTable
from model.language import ANY_LATER, DESTINATIONS, OPEN, PLACES_FROM
from model.shapes import Context, Reference, Word, begun, closest, nearest
from model.terms import FALSE, TRUE, Term, all_, not_, restrict, symbols, values_of
from model.yamltree import Node, Position, Table, Text, excerpt

MAX_SYMBOLS = 16  # on which the cases of one value may depend

_PERSON_WORDS = frozenset(
    {*OPEN, "raiser", "answerer", "nobody", "nothing", "none", "time", "management"}
)
_RUNG_WORDS = frozenset(
    {*OPEN, *DESTINATIONS, *PLACES_FROM, *ANY_LATER, "top", "formal rungs", "every rung",
     "nothing", "none", "not raised"}
)  # fmt: skip
_TAKEN = frozenset({"raiser", "child"})

Declared = Mapping[str, Text]
_SECTIONS = {"person": "people", "child": "children", "ladder": "ladders"}


class _Lack(NamedTuple):
    """A name that is not declared, with the names that are; for a condition, what is right."""

    kind: str
    word: str
    wrong: str
    choice: tuple[str, ...]


class Names:
    """Every name must have been declared; every person, question and fact must be used.

    Where the declarations themselves are at fault, nothing is said of what they would declare.
    """

    def __init__(self, node: Node, context: Context) -> None:
        self.node, self.context = node, context
        self.unread = {id(node) for node in context.unread}
        self.declared = {k: self.section(node, key) for k, key in _SECTIONS.items()}
        self.facts, self.questions = self.section(node, "facts"), self.section(node, "questions")
        self.used: set[str] = set()
        self.people: set[str] = set()
        self.tables: dict[str | None, SymbolTable] = {}
        self.parsed: dict[tuple[str | None, str], tuple[Term | None, str, str]] = {}
        self.rungs: dict[str, Declared | None] = {}
        self.ends: dict[str, Declared | None] = {}
        self.unknown: dict[_Lack, dict[Position, tuple[str, ...]]] = {}

    def section(self, node: Node | None, key: str) -> Declared | None:
        """The names that a part of the file declares; None if that part is at fault."""
        inner = node.get(key) if isinstance(node, Table) else None
        if inner is None and key in ("facts", "questions"):
            return {}
        if not isinstance(inner, Table) or id(inner) in self.unread:
            return None
        if any(not isinstance(key, Text) or not key.value for key, _ in inner.odd):
            return None
        return {k.value: k for k, _ in inner.entries}

    def look_up(self) -> None:
        if not isinstance(self.node, Table) or id(self.node) in self.unread:
            return
        self.refuse_taken()
        for reference in self.context.references:
            kind = reference.kind
            if kind == "condition":
                self.condition(reference)
            elif kind == "cases":
                self.cases(reference)
            else:
                self.name(reference)
        self.refuse_unknown()
        self.refuse_unused()

    def refuse_taken(self) -> None:
        """Some names cannot be declared, since they have a meaning of their own."""
        taken: list[tuple[str, Text, str]] = []
        for key, words in (("people", _PERSON_WORDS), ("questions", _TAKEN), ("facts", _TAKEN)):
            found = self.section(self.node, key) or {}
            taken += [(key, place, "") for name, place in found.items() if name in words]
        taken += [
            ("facts", place, "a question has this name")
            for name, place in (self.facts or {}).items()
            if name in (self.questions or {})
        ]
        for key, place, wrong in taken:
            wrong = wrong or f"“{place.value}” has a meaning of its own"
            self.context.fault(place.at, (key,), wrong, "choose another name")
        for ladder in self.ladders():
            path = ("ladders", ladder, "rungs")
            for name, place in (self.ladder_rungs(ladder) or {}).items():
                if name in _RUNG_WORDS or name.startswith("ladder "):
                    wrong = f"“{name}” has a meaning of its own"
                    self.context.fault(place.at, path, wrong, "choose another name")

    def ladders(self) -> Declared:
        return self.declared["ladder"] or {}

    def ladder_rungs(self, ladder: str) -> Declared | None:
        if ladder not in self.rungs:
            self.rungs[ladder] = self.section(_get(self.node, "ladders", ladder), "rungs")
        return self.rungs[ladder]

    def ladder_ends(self, ladder: str) -> Declared | None:
        """What a rule can lead to: rungs, people outside, ladders."""
        if ladder not in self.ends:
            rungs, people = self.ladder_rungs(ladder), self.declared["person"]
            outside = {name: text for name, text in (people or {}).items() if self.is_outside(name)}
            found = {**outside, **{f"ladder {name}": text for name, text in self.ladders().items()}}
            self.ends[ladder] = None if rungs is None or people is None else {**rungs, **found}
        return self.ends[ladder]

    def is_outside(self, person: str) -> bool:
        side = _get(self.node, "people", person, "side")
        return not isinstance(side, Text) or side.value == "outside"

    def name(self, reference: Reference) -> None:
        kind, word, path, besides = reference
        if kind == "rung":
            known = self.ladder_rungs(path[1])
        elif kind == "destination":
            known = self.ladder_ends(path[1])
        else:
            known = self.declared[kind]
        if kind in ("person", "destination"):
            self.people.add(word)
        if known is None or word in known:
            return
        wrong = f"there is no {'kind of child' if kind == 'child' else kind} “{excerpt(word)}”"
        if kind == "destination":
            wrong = f"“{excerpt(word)}” is no rung, end, person outside or ladder"
            if word in (self.declared["person"] or {}):
                wrong = f"“{word}” is neither a rung nor somebody outside the authority"
            elif word.startswith("ladder "):
                wrong = f"there is no ladder “{excerpt(word.removeprefix('ladder '))}”"
                known, besides = {f"ladder {n}": t for n, t in self.ladders().items()}, ()
        lack = _Lack(kind, str(word), wrong, (*known, *besides))
        self.unknown.setdefault(lack, {}).setdefault(word.at, path)

    def refuse_unknown(self) -> None:
        """Note the unknown names, of which each is one fault wherever it stands."""
        told: dict[tuple[str, str], dict[Position, tuple[str, ...]]] = {}
        for lack, places in self.unknown.items():
            right = lack.choice[0] if lack.kind == "condition" else nearest(lack.word, lack.choice)
            close = closest(lack.word, lack.choice)
            if lack.kind != "condition":
                self.people |= begun(lack.word, lack.choice) if close is None else {close}
            if lack.kind in ("person", "child"):
                section = _SECTIONS[lack.kind]
                right += f"{' If not,' if close else ', or'} declare it under “{section}”"
            told.setdefault((lack.wrong, right), {}).update(places)
        for (wrong, right), places in told.items():
            self.refuse_at(places, wrong, right)

    def refuse_at(self, places: dict[Position, tuple[str, ...]], wrong: str, right: str) -> None:
        first, *others = sorted(places)
        if others:
            lines = ", ".join(str(at.line) for at in others[:5])
            ending = " …" if len(others) > 5 else ""
            wrong += f" (also on line{'s' if len(others) > 1 else ''} {lines}{ending})"
        self.context.fault(first, places[first], wrong, right)

    def table(self, path: tuple[str, ...]) -> tuple[str | None, SymbolTable]:
        ladder = path[1] if path[:1] == ("ladders",) else None
        if ladder not in self.tables:
            self.tables[ladder] = conditions.table(self.node, ladder)
        return ladder, self.tables[ladder]

    def parse(self, word: str, path: tuple[str, ...]) -> tuple[Term | None, str, str]:
        ladder, table = self.table(path)
        key = (ladder, str(word))
        if key not in self.parsed:
            self.parsed[key] = conditions.try_parse(word, table)
        return self.parsed[key]

    def condition(self, reference: Reference) -> None:
        if self.facts is None or self.questions is None:
            return
        word, path = reference.word, reference.path
        term, wrong, right = self.parse(word, path)
        table = self.table(path)[1]
        if term is not None:
            self.used |= conditions.mentioned(word, table)
            return
        self.used |= conditions.meant(word, table)
        if wrong.startswith("there is no"):
            lack = _Lack("condition", "", wrong, (right,))
            self.unknown.setdefault(lack, {}).setdefault(word.at, path)
        elif wrong:
            self.context.fault(word.at, path, wrong, right)

    def cases(self, reference: Reference) -> None:
        """The cases of a value must cover everything, and each of them something."""
        if self.facts is None or self.questions is None:
            return
        word, path, words = reference.word, reference.path, reference.words
        terms = [TRUE if w == "otherwise" else self.parse(w, path)[0] for w in words]
        if any(term is None for term in terms) or "otherwise" in words[:-1]:
            return
        if len(symbols(*(term for term in terms if term is not None))) > MAX_SYMBOLS:
            wrong = f"these cases depend on more than {MAX_SYMBOLS} facts and questions"
            self.context.fault(word.at, path, wrong, "ask one question instead")
            return
        left = TRUE  # what the cases so far do not cover
        for when, term in zip(words, terms, strict=True):
            assert term is not None and isinstance(when, Word)
            if all_([left, term]) is FALSE:
                wrong = f"the case “{excerpt(when)}” never applies, since those above cover it"
                self.context.fault(when.at, path, wrong, "take it out, or move it up")
            left = all_([left, not_(term)])
        if left is not FALSE:
            right = "add a case for it, or “otherwise:” as the last one"
            self.context.fault(word.at, path, f"no case is given for {_instance(left)}", right)

    def refuse_unused(self) -> None:
        """Nobody and nothing may be declared in vain."""
        if self.context.partial:
            return  # what is missing may name them
        spared = self.context.spared
        for kind, names in (("question", self.questions), ("fact", self.facts)):
            for name, place in (names or {}).items():
                if name not in self.used | _TAKEN and place.at.file not in spared:
                    right = "use it in a condition, or write it under “findings”"
                    path = (f"{kind}s", name)
                    self.context.fault(place.at, path, f"no rule uses this {kind}", right)
        for name, place in (self.declared["person"] or {}).items():
            if name not in self.people | _PERSON_WORDS and place.at.file not in spared:
                right = "name the person in a ladder, or take the entry out"
                self.context.fault(place.at, ("people", name), "nothing names this person", right)


def _get(node: Node | None, *keys: str) -> Node | None:
    for key in keys:
        node = node.get(key) if isinstance(node, Table) else None
    return node


def _instance(term: Term) -> str:
    """A condition under which a formula holds that is not always false."""
    said = []
    for symbol in sorted(symbols(term), key=lambda s: s.name):
        ways = [(value, restrict(term, {symbol: value})) for value in values_of(symbol)]
        value, rest = next(way for way in ways if way[1] is not FALSE)
        if rest is term:
            continue
        term = rest
        if symbol.kind == "fact":
            said.append(symbol.name if value else f"not {symbol.name}")
        else:
            said.append(f"{symbol.name} = {value}")
    return " and ".join(said)
