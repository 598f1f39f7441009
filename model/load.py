"""From a policy file to a `Protocol`: read, look up every name, check what can be checked."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

from model import conditions, sense
from model.conditions import SymbolTable
from model.language import (
    ANY_LATER,
    DESTINATIONS,
    LADDER_FIELDS,
    OPEN,
    PLACES_FROM,
    PROTOCOL,
    TOP_FIELDS,
)
from model.protocol import Protocol
from model.shapes import (
    Context,
    Field,
    MapOf,
    Record,
    Reference,
    Word,
    closest,
    finish,
    found,
    nearest,
)
from model.terms import FALSE, TRUE, Term, all_, not_, restrict, symbols, values_of
from model.yamltree import (
    Fault,
    Node,
    PolicyError,
    Position,
    Table,
    Text,
    excerpt,
    read_file,
    read_text,
    where,
)

AUTHORITIES = Path(__file__).parent / "authorities"


MAX_SYMBOLS = 16  # on which the cases of one value may depend

_PERSON_WORDS = frozenset(
    {*OPEN, "raiser", "answerer", "nobody", "nothing", "none", "time", "management"}
)
_RUNG_WORDS = frozenset(
    {*OPEN, *DESTINATIONS, *PLACES_FROM, *ANY_LATER, "top", "formal rungs", "every rung",
     "nothing", "none", "not raised"}
)  # fmt: skip
_TAKEN = frozenset({"raiser", "child"})


def load(path: str | Path) -> Protocol:
    """Read a policy file.

    `path` is a file, or the stem of one in `model/authorities` (`load("islington")`). Raises
    `PolicyError`, whose `faults` are everything that is wrong with the file, in file order; only
    rungs that nothing leads to are looked for last, when all else is right.
    """
    path = located(path)
    faults: list[Fault] = []
    node, text = read_file(path, shown(path), faults)
    return protocol_of(node, text, path.stem, Context(faults))


def located(path: str | Path) -> Path:
    """The file that `load` reads for a path or a stem; PolicyError if there is none."""
    given, path = str(path), Path(path)
    if path.suffix != "" or _exists(path):
        return path
    stems = [p.stem for p in authorities()]
    if given in stems:
        return AUTHORITIES / f"{given}.yaml"
    wrong = "there is no such file, and no authority of this name here"
    right = closest(given, stems)
    right = f"did you mean “{right}”?" if right else "check the name"
    raise PolicyError([Fault(Position(shown(path), 1, 1), "", wrong, right)])


def loads(text: str, name: str = "policy.yaml") -> Protocol:
    """Read a policy from a text, as `load` does from a file."""
    faults: list[Fault] = []
    node = read_text(text, name, faults)
    return protocol_of(node, text, Path(name).stem, Context(faults))


def authorities() -> list[Path]:
    """The policy files of the repository, in the order of their names."""
    return sorted(AUTHORITIES.glob("*.yaml"))


def shown(path: Path) -> str:
    """A path as messages show it: from the current folder where it lies below it."""
    try:
        label = path.resolve().relative_to(Path.cwd()).as_posix()
    except (ValueError, OSError, RuntimeError):
        label = path.name if path.is_absolute() else path.as_posix()
    return label if label.isprintable() else label.encode("unicode_escape").decode()


def _exists(path: Path) -> bool:
    try:
        return path.exists()
    except (OSError, ValueError):
        return False


def protocol_of(node: Node, text: str, stem: str, context: Context) -> Protocol:
    """The protocol of a file's tree; raises PolicyError, with the faults of `context` too."""
    context.partial = bool(context.faults)
    node = _spread(node, context)
    protocol = PROTOCOL.read(node, (), context)
    _Names(node, context).look_up()
    sense.check(context)
    finish(context)
    assert isinstance(protocol, Protocol)
    ladders = {name: replace(ladder, name=str(name)) for name, ladder in protocol.ladders.items()}
    questions = {
        name: replace(q, plain=q.settled) if q.settled else q
        for name, q in protocol.questions.items()
    }
    digest = hashlib.sha256(text.encode()).hexdigest()
    protocol = replace(protocol, ladders=ladders, questions=questions, stem=stem, digest=digest)
    _refuse_without_effect(protocol, context.spared)
    return protocol


def _refuse_without_effect(protocol: Protocol, spared: frozenset[str]) -> None:
    """Build every state graph, and keep it for later; only they show what comes to something.

    What a settled question leaves over is no fault, nor is what an amendment has left over.
    """
    from model.effect import without_effect
    from model.expand import expand

    faults: list[Fault] = []
    asked = {name: replace(q, settled=None) for name, q in protocol.questions.items()}
    settled = any(q.settled for q in protocol.questions.values())
    open_ = replace(protocol, questions=asked) if settled else protocol
    for name in protocol.ladders:
        try:
            expand(protocol, name)
            found = without_effect(expand(open_, name))
            faults += (fault for fault in found if fault.at.file not in spared)
        except PolicyError as error:
            faults += error.faults
    if faults:
        raise PolicyError(faults)


# --- keys that every rung has -----------------------------------------------------------------


def _map(fields: Mapping[str, Field], key: str) -> tuple[MapOf, Record]:
    shape = fields[key].shape
    assert isinstance(shape, MapOf) and isinstance(shape.item, Record)
    return shape, shape.item


LADDERS, LADDER = _map(TOP_FIELDS, "ladders")
RUNGS, RUNG = _map(LADDER_FIELDS, "rungs")


def _spread(node: Node, context: Context) -> Node:
    """Give each rung the keys of its ladder's `every rung` that it does not have itself.

    Misspelt keys of the file and of its ladders are put right here, and noted as faults.
    """
    if not isinstance(node, Table) or not node.entries:
        return node
    node = PROTOCOL.mend(node, (), context)
    ladders = node.get("ladders")
    if not isinstance(ladders, Table) or LADDERS.nameless(ladders):
        return node
    spread = tuple(
        (key, _spread_ladder(ladder, ("ladders", key.value), context))
        for key, ladder in ladders.entries
    )
    return _with(node, "ladders", Table(spread, ladders.at, ladders.odd))


def _spread_ladder(ladder: Node, path: tuple[str, ...], context: Context) -> Node:
    if not isinstance(ladder, Table) or not LADDER.knows(ladder):
        return ladder
    ladder = LADDER.mend(ladder, path, context)
    common, rungs = ladder.get("every rung"), ladder.get("rungs")
    if common is None:
        return ladder
    own = tuple(e for e in ladder.entries if e[0].value != "every rung")
    rest = Table(own, ladder.at, ladder.odd)
    there = (*path, "every rung")
    if not isinstance(common, Table) or not common.entries:
        context.partial = True
        context.fault(common.at, there, found(common), "write keys of a rung below it")
        return rest
    common = RUNG.mend(common, there, context)
    if not isinstance(rungs, Table) or RUNGS.nameless(rungs):
        return rest
    return _with(rest, "rungs", _filled(rungs, common, path, context))


def _filled(rungs: Table, common: Table, path: tuple[str, ...], context: Context) -> Table:
    """The rungs with the keys that they have in common, as far as they do not have their own."""
    unused = {key.value: key for key, _ in common.entries}
    filled: list[tuple[Text, Node]] = []
    for name, rung in rungs.entries:
        if isinstance(rung, Table) and rung.entries:
            own = {key.value for key, _ in rung.entries}
            more = [entry for entry in common.entries if entry[0].value not in own]
            rung = Table((*rung.entries, *more), rung.at, rung.odd)
            for key, _ in more:
                unused.pop(key.value, None)
                there = (*path, "rungs", name.value, key.value)
                context.moved[there] = (*path, "every rung", key.value)
        filled.append((name, rung))
    for key in unused.values():
        if key.at.file not in context.spared and all(isinstance(rung, Table) for _, rung in filled):
            wrong = f"“{key.value}” has no effect, since every rung has its own"
            context.fault(key.at, (*path, "every rung"), wrong, "take it out")
    return Table(tuple(filled), rungs.at, rungs.odd)


def _with(table: Table, name: str, value: Node) -> Table:
    entries = tuple((k, value if k.value == name else v) for k, v in table.entries)
    return Table(entries, table.at, table.odd)


# --- names ----------------------------------------------------------------------------------

Declared = Mapping[str, Text]
_SECTIONS = {"person": "people", "child": "children", "ladder": "ladders"}


class _Lack(NamedTuple):
    """A name that is not declared, with the names that are; for a condition, what is right."""

    kind: str
    word: str
    wrong: str
    choice: tuple[str, ...]


class _Names:
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
        for lack, places in self.unknown.items():
            if lack.kind == "condition":
                self.refuse_at(places, lack.wrong, lack.choice[0])
                continue
            right = nearest(lack.word, lack.choice)
            close = closest(lack.word, lack.choice)
            if close is not None:
                self.people.add(close)
            if lack.kind in ("person", "child"):
                section = _SECTIONS[lack.kind]
                right += f"{' If not,' if close else ', or'} declare it under “{section}”"
            self.refuse_at(places, lack.wrong, right)

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


__all__ = ["Fault", "PolicyError", "authorities", "load", "loads", "where"]
