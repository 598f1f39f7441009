"""Single values of a file, each with its place: texts, names, choices, counts and conditions.

`Context` collects what a reading finds; `shapes.py` puts single values together to tables.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from model.yamltree import Fault, Items, Node, PolicyError, Position, Text, excerpt, where

ENOUGH = 100  # a reading ends after so many faults; what is left of the file may make no sense


class Word(str):
    """Text from a file that knows its place there."""

    __slots__ = ("at",)
    at: Position

    def __new__(cls, value: str, at: Position) -> Word:
        word = super().__new__(cls, value)
        word.at = at
        return word

    def __getnewargs__(self) -> tuple[str, Position]:  # type: ignore[override]
        return str(self), self.at


class Reference(NamedTuple):
    """A name that must be declared elsewhere in the file, or a condition made of such names.

    `words` are what may stand here besides; for the kind `cases`, the conditions of the cases.
    """

    kind: str
    word: Word
    path: tuple[str, ...]
    words: tuple[str, ...] = ()


class Reading(NamedTuple):
    """A table as far as it could be read: the class it is for, and its sound values."""

    kind: type
    values: Mapping[str, Any]
    at: Position
    places: Mapping[str, Position]
    path: tuple[str, ...]


@dataclass(slots=True)
class Context:
    """What a reading collects.

    `faults`; the `references` to be looked up and the `readings` to be checked afterwards; the
    nodes that were `unread` because they stand in the wrong place, and whether a reading is
    `partial` because of that or of a missing key; `moved`, the true places of values that were
    copied; `wants`, what may stand here in wider words than the shape's; and `spared`, the files
    whose declarations may be used nowhere, since an amendment took out what used them.
    """

    faults: list[Fault] = field(default_factory=list)
    references: list[Reference] = field(default_factory=list)
    readings: list[Reading] = field(default_factory=list)
    unread: list[Node] = field(default_factory=list)
    partial: bool = False
    moved: dict[tuple[str, ...], tuple[str, ...]] = field(default_factory=dict)
    wants: str = ""
    spared: frozenset[str] = frozenset()

    def fault(self, at: Position, path: tuple[str, ...], wrong: str, right: str) -> None:
        path = self.moved.get(path[:5], path[:5]) + path[5:]
        self.faults.append(Fault(at, where(path), wrong, right))
        if len(self.faults) >= ENOUGH:
            finish(self)


def closest(word: str, known: Iterable[str]) -> str | None:
    """The known name that the writer of `word` may have meant."""
    names: dict[str, str] = {}
    for name in known:
        names.setdefault(name.casefold(), name)
        if len(names) > 500:
            return None
    word = word.casefold()[:80]
    swapped = [name for name in names if sorted(name) == sorted(word)]
    longer = [name for name in names if name.startswith(f"{word} ")]
    close = swapped[:1] or (longer if len(longer) == 1 else [])
    close = close or difflib.get_close_matches(word, names, n=1, cutoff=0.7)
    return names[close[0]] if close else None


def begun(word: str, known: Iterable[str]) -> set[str]:
    """The known names with which a word begins, as “Director of Services” does with “Director”."""
    return {name for name in known if word.startswith(f"{name} ")}


def nearest(word: str, known: Iterable[str]) -> str:
    """A suggestion such as "did you mean “within”?", or the list of what is known."""
    names = list(known)
    close = closest(word, names)
    if close is not None:
        return f"did you mean “{close}”?"
    if not names:
        return "none is declared"
    shown = ", ".join(f"“{excerpt(n)}”" for n in names[:12])
    return f"use {'one of ' if len(names) > 1 else ''}{shown}{' …' if len(names) > 12 else ''}"


Defs = dict[str, Any]  # JSON Schema: a schema, or the shared ones by name
SCALAR: Defs = {"type": ["string", "number", "boolean"], "minLength": 1}


def choice(words: Mapping[str, str]) -> Defs:
    """One of some words; an editor may have read yes and no as true and false."""
    read = {"yes": True, "no": False}
    found = []
    for word, about in words.items():
        values = {"enum": [word, read[word]]} if word in read else {"const": word}
        found.append({**values, "description": about})
    return {"anyOf": found}


class Shape:
    """The face of every shape."""

    wants = ""

    def read(self, node: Node, path: tuple[str, ...], into: Context) -> Any:
        """The value, or None after a fault."""
        raise NotImplementedError(type(self).__name__)

    def schema(self, defs: Defs) -> Defs:
        """What JSON Schema calls it; a table with fixed keys goes to `defs` and is pointed at.

        Where a text may stand, a number or yes and no may stand too: an editor's YAML reads
        `1.2` and `yes` as values of other types.
        """
        raise NotImplementedError(type(self).__name__)

    def refuse(self, node: Node, path: tuple[str, ...], into: Context) -> None:
        into.unread.append(node)
        into.partial = True
        into.fault(node.at, path, found(node), f"write {into.wants or self.wants}")


def found(node: Node) -> str:
    """What stands somewhere, to say that it does not fit."""
    if isinstance(node, Text):
        return f"“{excerpt(node.value)}” does not fit here" if node.value else "nothing stands here"
    if isinstance(node, Items):
        return "a list stands here" if node.values else "the list is empty"
    return "a table stands here" if node.entries else "the table is empty"


@dataclass(frozen=True, slots=True)
class Words(Shape):
    """One line of free text."""

    wants = "a text"
    longest: int = 600

    def read(self, node: Node, path: tuple[str, ...], into: Context) -> Word | None:
        if not isinstance(node, Text) or not node.value:
            self.refuse(node, path, into)
            return None
        if len(node.value) > self.longest:
            wrong = f"this text has {len(node.value)} characters"
            into.fault(node.at, path, wrong, f"use at most {self.longest}")
            return None
        return Word(node.value, node.at)

    def schema(self, defs: Defs) -> Defs:
        return {**SCALAR, "maxLength": self.longest}


_JOINING = re.compile(r"(?:^|\s)(?:and|or|not|otherwise)(?:\s|$)|[=(){}\[\],:;|<>`\"]")

# The same for JSON Schema, and what of it is said of a key.
OF_NAMES = ("maxLength", "pattern")
_NAME = r"^(?!(.*\s)?(and|or|not|otherwise)(\s|$))[^=(){}\[\],:;|<>`\"]+$"


@dataclass(frozen=True, slots=True)
class Name(Shape):
    """A name that the file declares; conditions are built from names, so some words are kept."""

    wants = "a name"

    def read(self, node: Node, path: tuple[str, ...], into: Context) -> Word | None:
        if not isinstance(node, Text) or not node.value:
            self.refuse(node, path, into)
            return None
        if len(node.value) > 80:
            wrong = f"this name has {len(node.value)} characters"
            into.fault(node.at, path, wrong, "use at most 80")
            return None
        clash = _JOINING.search(node.value)
        if clash:
            part = clash.group(0).strip()
            kind = "the word" if part.isalpha() else "the sign"
            into.partial = True
            right = "leave it out, since conditions are written with it"
            if part.lower() == "and":
                right = "write “&” for it, since conditions are written with it"
            wrong = f"the name “{node.value}” has {kind} “{part}” in it"
            into.fault(node.at, path, wrong, right)
            return None
        return Word(node.value, node.at)

    def schema(self, defs: Defs) -> Defs:
        return {**SCALAR, "maxLength": 80, "pattern": _NAME}


@dataclass(frozen=True, slots=True)
class Ref(Shape):
    """The name of something that the file declares elsewhere."""

    kind: str
    besides: tuple[str, ...] = ()  # words that may stand here though nothing declares them

    @property
    def wants(self) -> str:  # type: ignore[override]
        kind = "kind of child" if self.kind == "child" else self.kind
        return either_of([f"the name of a {kind}", *(f"“{w}”" for w in self.besides)])

    def read(self, node: Node, path: tuple[str, ...], into: Context) -> Word | None:
        if not isinstance(node, Text) or not node.value:
            self.refuse(node, path, into)
            return None
        word = Word(node.value, node.at)
        if word not in self.besides:
            into.references.append(Reference(self.kind, word, path, self.besides))
        return word

    def schema(self, defs: Defs) -> Defs:
        words = [{"enum": list(self.besides)}] if self.besides else []
        return {"anyOf": [*words, dict(SCALAR)]} if words else dict(SCALAR)


def either_of(parts: list[str]) -> str:
    return " or ".join([", ".join(parts[:-1]), parts[-1]]) if len(parts) > 1 else parts[0]


@dataclass(frozen=True, slots=True)
class Condition(Shape):
    """A formula such as `urgent and typical = limit`; its names are looked up afterwards."""

    wants = "a condition such as “urgent and not typical = norm”"

    def read(self, node: Node, path: tuple[str, ...], into: Context) -> Word | None:
        if not isinstance(node, Text) or not node.value:
            self.refuse(node, path, into)
            return None
        word = Word(node.value, node.at)
        into.references.append(Reference("condition", word, path))
        return word

    def schema(self, defs: Defs) -> Defs:
        return dict(SCALAR)


@dataclass(frozen=True, slots=True)
class OneOf(Shape):
    """One of some fixed words, each with its meaning."""

    choices: Mapping[str, str]

    @property
    def wants(self) -> str:  # type: ignore[override]
        return either_of([f"“{c}”" for c in self.choices])

    def read(self, node: Node, path: tuple[str, ...], into: Context) -> Word | None:
        if not isinstance(node, Text) or not node.value:
            self.refuse(node, path, into)
            return None
        if node.value not in self.choices:
            right = nearest(node.value, self.choices)
            into.fault(node.at, path, found(node), right)
            return None
        return Word(node.value, node.at)

    def schema(self, defs: Defs) -> Defs:
        return choice(self.choices)


@dataclass(frozen=True, slots=True)
class Count(Shape):
    """How often something may happen, in plain digits."""

    wants = "a whole number from 1 to 20"

    def read(self, node: Node, path: tuple[str, ...], into: Context) -> int | None:
        if not isinstance(node, Text) or not re.fullmatch(r"[1-9]|1[0-9]|20", node.value):
            self.refuse(node, path, into)
            return None
        return int(node.value)

    def schema(self, defs: Defs) -> Defs:
        number = {"type": "integer", "minimum": 1, "maximum": 20}
        return {"anyOf": [number, {"type": "string", "pattern": "^([1-9]|1[0-9]|20)$"}]}


def finish(context: Context) -> None:
    """Raise PolicyError if a reading found anything wrong."""
    if context.faults:
        raise PolicyError(context.faults)
