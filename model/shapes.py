"""Shapes: what may stand in a file, read into frozen values with their places.

A shape does three things from one definition: it reads a node of `yamltree` into a value,
noting every fault and going on; it says what it wants in words; and it gives its JSON Schema.
The policy language (`language.py`) and the cases (`cases.py`) are made of these and of nothing
else.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from model.yamltree import Fault, Items, Node, PolicyError, Position, Table, Text


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
    """A name that must be declared elsewhere in the file."""

    kind: str
    word: Word
    path: tuple[str, ...]


@dataclass(slots=True)
class Context:
    """What a reading collects: the faults, and the names to be looked up afterwards."""

    faults: list[Fault] = field(default_factory=list)
    references: list[Reference] = field(default_factory=list)

    def fault(self, at: Position, path: tuple[str, ...], wrong: str, right: str) -> None:
        self.faults.append(Fault(at, where(path), wrong, right))


def where(path: tuple[str, ...]) -> str:
    return " › ".join(path)


def nearest(word: str, known: Iterable[str]) -> str:
    """A suggestion such as "did you mean “within”?", or the list of what is known."""
    names = list(known)
    close = difflib.get_close_matches(word, names, n=1, cutoff=0.6)
    if close:
        return f"did you mean “{close[0]}”?"
    if not names:
        return "none is declared"
    shown = ", ".join(f"“{n}”" for n in names[:12])
    return f"use one of {shown}" + (" …" if len(names) > 12 else "")


def excerpt(text: str) -> str:
    return text if len(text) <= 60 else text[:57] + "…"


class Shape:
    """The face of every shape."""

    wants = ""

    def read(self, node: Node, path: tuple[str, ...], into: Context) -> Any:
        """The value, or None after a fault."""
        raise NotImplementedError(type(self).__name__)

    def schema(self) -> dict[str, Any]:
        raise NotImplementedError(type(self).__name__)

    def refuse(self, node: Node, path: tuple[str, ...], into: Context) -> None:
        found = f"“{excerpt(node.value)}”" if isinstance(node, Text) else _kind(node)
        into.fault(node.at, path, f"{found} is not {self.wants}", f"write {self.wants}")


def _kind(node: Node) -> str:
    return "a list" if isinstance(node, Items) else "a table"


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

    def schema(self) -> dict[str, Any]:
        return {"type": ["string", "number", "boolean"], "maxLength": self.longest}


_JOINING = re.compile(r"(?:^|\s)(and|or|not|otherwise)(?:\s|$)|[=(){}\[\],:;|<>`\"]")


@dataclass(frozen=True, slots=True)
class Name(Shape):
    """A name that the file declares; conditions are built from names, so some words are kept."""

    wants = "a name of at most 80 characters"

    def read(self, node: Node, path: tuple[str, ...], into: Context) -> Word | None:
        if not isinstance(node, Text) or not 0 < len(node.value) <= 80:
            self.refuse(node, path, into)
            return None
        clash = _JOINING.search(node.value)
        if clash:
            found = clash.group(0).strip()
            right = "name it without and, or, not, otherwise, =, brackets, quotes and commas"
            into.fault(node.at, path, f"the name “{excerpt(node.value)}” has “{found}” in it", right)
            return None
        return Word(node.value, node.at)

    def schema(self) -> dict[str, Any]:
        return {"type": "string", "minLength": 1, "maxLength": 80}


@dataclass(frozen=True, slots=True)
class Ref(Shape):
    """The name of something that the file declares elsewhere."""

    kind: str
    besides: tuple[str, ...] = ()  # words that may stand here though nothing declares them

    @property
    def wants(self) -> str:  # type: ignore[override]
        extra = "".join(f", or “{w}”" for w in self.besides)
        return f"the name of a {self.kind}{extra}"

    def read(self, node: Node, path: tuple[str, ...], into: Context) -> Word | None:
        if not isinstance(node, Text) or not node.value:
            self.refuse(node, path, into)
            return None
        word = Word(node.value, node.at)
        if word not in self.besides:
            into.references.append(Reference(self.kind, word, path))
        return word

    def schema(self) -> dict[str, Any]:
        return {"type": "string", "minLength": 1}


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

    def schema(self) -> dict[str, Any]:
        return {"type": "string", "minLength": 1}


@dataclass(frozen=True, slots=True)
class OneOf(Shape):
    """One of some fixed words, each with its meaning."""

    choices: Mapping[str, str]

    @property
    def wants(self) -> str:  # type: ignore[override]
        return "one of " + ", ".join(f"“{c}”" for c in self.choices)

    def read(self, node: Node, path: tuple[str, ...], into: Context) -> Word | None:
        if not isinstance(node, Text) or node.value not in self.choices:
            if isinstance(node, Text):
                wrong = f"“{excerpt(node.value)}” is not known here"
                into.fault(node.at, path, wrong, nearest(node.value, self.choices))
            else:
                self.refuse(node, path, into)
            return None
        return Word(node.value, node.at)

    def schema(self) -> dict[str, Any]:
        return {"enum": list(self.choices)}


@dataclass(frozen=True, slots=True)
class Count(Shape):
    """A whole number, in plain digits."""

    wants = "a whole number from 0 to 9999"

    def read(self, node: Node, path: tuple[str, ...], into: Context) -> int | None:
        if not isinstance(node, Text) or not re.fullmatch(r"0|[1-9][0-9]{0,3}", node.value):
            self.refuse(node, path, into)
            return None
        return int(node.value)

    def schema(self) -> dict[str, Any]:
        return {"type": "integer", "minimum": 0, "maximum": 9999}


@dataclass(frozen=True, slots=True)
class Length:
    """An amount of time: `amount` of `unit` (`working days`, `calendar days` or `hours`)."""

    amount: int
    unit: str
    at: Position
    text: str


_LENGTH = re.compile(r"([0-9]+) (working day|calendar day|week|hour)s?")
_WRONG_UNIT = re.compile(r"([0-9]+) ?(days?|months?|years?|minutes?|business days?)?")


@dataclass(frozen=True, slots=True)
class Duration(Shape):
    """`5 working days`, `28 calendar days`, `3 weeks`, `48 hours` or `immediately`."""

    wants = "a length of time such as “5 working days”, “28 calendar days”, “3 weeks”, “48 hours”"

    def read(self, node: Node, path: tuple[str, ...], into: Context) -> Length | None:
        if isinstance(node, Text):
            if node.value == "immediately":
                return Length(0, "working days", node.at, node.value)
            found = _LENGTH.fullmatch(node.value)
            if found and len(found[1]) <= 4 and not (found[1][0] == "0" and found[1] != "0"):
                amount, unit = int(found[1]), found[2] + "s"
                if unit == "weeks":
                    amount, unit = amount * 7, "calendar days"
                if amount <= 3660 and not (unit == "hours" and amount > 2000):
                    return Length(amount, unit, node.at, node.value)
                into.fault(node.at, path, f"{node.value} is too long", "use at most ten years")
                return None
            if _WRONG_UNIT.fullmatch(node.value) or found:
                wrong = f"“{excerpt(node.value)}” does not say which days it counts"
                right = "write “working days” or “calendar days”; where the text leaves it open,"
                right += " ask a question and give a case for each answer"
                into.fault(node.at, path, wrong, right)
                return None
        self.refuse(node, path, into)
        return None

    def schema(self) -> dict[str, Any]:
        pattern = f"^(immediately|{_LENGTH.pattern})$"
        return {"type": "string", "pattern": pattern}


@dataclass(frozen=True, slots=True)
class ListOf(Shape):
    """A list; where one value is allowed to stand alone it is a list of one."""

    item: Shape
    alone: bool = True

    @property
    def wants(self) -> str:  # type: ignore[override]
        return f"a list, each {self.item.wants}"

    def read(self, node: Node, path: tuple[str, ...], into: Context) -> tuple[Any, ...] | None:
        if isinstance(node, Items):
            if not node.values:
                into.fault(node.at, path, "the list is empty", "leave the key out, or fill it")
                return None
            found = [
                self.item.read(n, (*path, f"[{i}]") if len(node.values) > 1 else path, into)
                for i, n in enumerate(node.values, 1)
            ]
            return tuple(f for f in found if f is not None)
        if self.alone:
            value = self.item.read(node, path, into)
            return None if value is None else (value,)
        self.refuse(node, path, into)
        return None

    def schema(self) -> dict[str, Any]:
        item = self.item.schema()
        array = {"type": "array", "items": item, "minItems": 1}
        return {"anyOf": [item, array]} if self.alone else array


@dataclass(frozen=True, slots=True)
class MapOf(Shape):
    """Names of the writer's choice, each with a value of the same shape, in their order."""

    item: Shape
    wants = "a table of names"

    def read(self, node: Node, path: tuple[str, ...], into: Context) -> dict[Word, Any] | None:
        if not isinstance(node, Table) or not node.entries:
            self.refuse(node, path, into)
            return None
        result: dict[Word, Any] = {}
        for key, value in node.entries:
            name = Name().read(key, path, into)
            read = self.item.read(value, (*path, key.value), into)
            if name is not None and read is not None:
                result[name] = read
        return result

    def schema(self) -> dict[str, Any]:
        return {
            "type": "object",
            "minProperties": 1,
            "propertyNames": {"maxLength": 80},
            "additionalProperties": self.item.schema(),
        }


@dataclass(frozen=True, slots=True)
class Case:
    """One branch of a value that depends on a reading or a fact; `when` is None for otherwise."""

    when: Word | None
    value: Any


@dataclass(frozen=True, slots=True)
class Cases:
    """A value by cases; `plain` values are one case without a condition."""

    cases: tuple[Case, ...]
    at: Position


@dataclass(frozen=True, slots=True)
class ByCase(Shape):
    """Either one value, or a table from conditions to values, tried from top to bottom.

    A table is taken for cases when one of its keys is `otherwise` or has an `=` in it, or when
    the plain value cannot be a table at all.
    """

    item: Shape
    table_item: bool = False  # whether the plain value may be a table itself

    @property
    def wants(self) -> str:  # type: ignore[override]
        return self.item.wants

    def read(self, node: Node, path: tuple[str, ...], into: Context) -> Cases | None:
        if isinstance(node, Table) and node.entries and self._by_case(node):
            cases: list[Case] = []
            for key, value in node.entries:
                read = self.item.read(value, (*path, key.value), into)
                when = Word(key.value, key.at)
                if when != "otherwise":
                    into.references.append(Reference("condition", when, path))
                elif key is not node.entries[-1][0]:
                    into.fault(key.at, path, "“otherwise” is not the last case", "move it down")
                if read is not None:
                    cases.append(Case(None if when == "otherwise" else when, read))
            conditions = "\n".join(key.value for key, _ in node.entries)
            into.references.append(Reference("cases", Word(conditions, node.at), path))
            return Cases(tuple(cases), node.at)
        plain = self.item.read(node, path, into)
        return None if plain is None else Cases((Case(None, plain),), node.at)

    def _by_case(self, node: Table) -> bool:
        names = [key.value for key, _ in node.entries]
        return not self.table_item or any("=" in n or n == "otherwise" for n in names)

    def schema(self) -> dict[str, Any]:
        item = self.item.schema()
        return {"anyOf": [item, {"type": "object", "additionalProperties": item}]}


@dataclass(frozen=True, slots=True)
class Either(Shape):
    """A fixed word, or a value of another shape."""

    words: Mapping[str, str]
    other: Shape

    @property
    def wants(self) -> str:  # type: ignore[override]
        return f"{self.other.wants}, or " + " or ".join(f"“{w}”" for w in self.words)

    def read(self, node: Node, path: tuple[str, ...], into: Context) -> Any:
        if isinstance(node, Text) and node.value in self.words:
            return Word(node.value, node.at)
        if isinstance(node, Text) and isinstance(self.other, Record):
            wrong = f"“{excerpt(node.value)}” is not known here"
            into.fault(node.at, path, wrong, f"write {self.wants}")
            return None
        return self.other.read(node, path, into)

    def schema(self) -> dict[str, Any]:
        return {"anyOf": [{"enum": list(self.words)}, self.other.schema()]}


@dataclass(frozen=True, slots=True)
class Field:
    """One key of a record."""

    shape: Shape
    about: str
    required: bool = False


@dataclass(frozen=True, slots=True)
class Record(Shape):
    """A table with fixed keys, read into the frozen dataclass `into`.

    Every such dataclass has `at`, the place of the table, and `places`, the place of each value.
    With `cited`, `source` (or `assumed` with the reason) must be among the keys.
    """

    into: type
    fields: Mapping[str, Field]
    noun: str
    cited: bool = True

    @property
    def wants(self) -> str:  # type: ignore[override]
        needed = [k for k, f in self.fields.items() if f.required]
        return f"a table that describes {self.noun}" + (
            f" (with {', '.join(needed)})" if needed else ""
        )

    def keys(self) -> dict[str, Field]:
        return {**self.fields, **(CITATION if self.cited else {})}

    def read(self, node: Node, path: tuple[str, ...], into: Context) -> Any:
        if not isinstance(node, Table):
            self.refuse(node, path, into)
            return None
        known = self.keys()
        values: dict[str, Any] = {}
        places: dict[str, Position] = {}
        before = len(into.faults)
        for key, value in node.entries:
            if key.value not in known:
                wrong = f"{self.noun} has no key “{excerpt(key.value)}”"
                into.fault(key.at, path, wrong, nearest(key.value, known))
                continue
            places[key.value] = value.at
            read = known[key.value].shape.read(value, (*path, key.value), into)
            if read is not None:
                values[attribute(key.value)] = read
        for name, entry in known.items():
            if entry.required and name not in places:
                wrong = f"“{name}” is missing"
                into.fault(node.at, path, wrong, f"add “{name}:” ({entry.about})")
        if self.cited and "source" not in places and "assumed" not in places:
            right = "add “source:” with the paragraph, or “assumed:” with the reason"
            into.fault(node.at, path, "no source is given", right)
        if len(into.faults) > before:
            return None
        return self.into(at=node.at, places=places, **values)

    def schema(self) -> dict[str, Any]:
        known = self.keys()
        result: dict[str, Any] = {
            "type": "object",
            "additionalProperties": False,
            "properties": {k: {"description": f.about, **f.shape.schema()} for k, f in known.items()},
            "required": [k for k, f in known.items() if f.required],
        }
        if self.cited:
            result["anyOf"] = [{"required": ["source"]}, {"required": ["assumed"]}]
        return result


CITATION = {
    "source": Field(Words(200), "the document and paragraph, such as “1.2 ¶2”"),
    "assumed": Field(Words(), "why this stands here though the text does not say it"),
}


def attribute(key: str) -> str:
    """The Python name of a key: `if silent` becomes `if_silent`, `for` becomes `for_`."""
    name = key.replace(" ", "_")
    return f"{name}_" if name in ("for", "from", "is") else name


def finish(context: Context) -> None:
    """Raise PolicyError if a reading found anything wrong."""
    if context.faults:
        raise PolicyError(context.faults)
