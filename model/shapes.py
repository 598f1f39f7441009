"""Shapes: what may stand in a file, read into frozen values with their places.

A shape does three things from one definition: it reads a node of `yamltree` into a value,
noting every fault and going on; it says what it wants in words; and it gives its JSON Schema.
The policy language (`language.py`) and the cases (`cases.py`) are made of these and of nothing
else. Single values are in `values.py` and `lengths.py`, and known here too.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from model.lengths import Duration, Length
from model.values import (
    OF_NAMES,
    Condition,
    Context,
    Count,
    Defs,
    Name,
    OneOf,
    Reading,
    Ref,
    Reference,
    Shape,
    Word,
    Words,
    begun,
    choice,
    closest,
    either_of,
    finish,
    found,
    nearest,
)
from model.yamltree import Items, Node, Position, Table, Text, excerpt

__all__ = [
    "CITATION",
    "MAX_ITEMS",
    "ByCase",
    "Case",
    "Cases",
    "Condition",
    "Context",
    "Count",
    "Defs",
    "Duration",
    "Either",
    "Field",
    "Length",
    "ListOf",
    "MapOf",
    "Name",
    "OneOf",
    "Reading",
    "Record",
    "Ref",
    "Reference",
    "Shape",
    "Word",
    "Words",
    "attribute",
    "begun",
    "closest",
    "document",
    "finish",
    "found",
    "nearest",
]

MAX_ITEMS = 100


def document(
    shape: Shape,
    kind: str,
    title: str,
    dictionary: str,
    ready: Callable[[Defs], None] = lambda defs: None,
) -> dict[str, Any]:
    """The JSON Schema 2020-12 of a kind of file; `ready` may change what it refers to."""
    defs: Defs = {}
    root = shape.schema(defs)
    ready(defs)
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": f"urn:drp-ladders:{kind}",
        "title": title,
        "description": f"The keys are explained in {dictionary}.",
        **root,
        "$defs": {name: defs[name] for name in sorted(defs)},
    }


@dataclass(frozen=True, slots=True)
class ListOf(Shape):
    """A list; where one value is allowed to stand alone it is a list of one."""

    item: Shape
    alone: bool = True

    @property
    def wants(self) -> str:  # type: ignore[override]
        return self.item.wants if self.alone else f"a list, each item {self.item.wants}"

    def read(self, node: Node, path: tuple[str, ...], into: Context) -> tuple[Any, ...] | None:
        if isinstance(node, Items) and len(node.values) > MAX_ITEMS:
            wrong = f"the list has {len(node.values)} items"
            into.fault(node.at, path, wrong, f"use at most {MAX_ITEMS}")
            return None
        if isinstance(node, Items) and node.values:
            into.wants = ""
            values = [
                self.item.read(n, (*path, f"[{i}]") if len(node.values) > 1 else path, into)
                for i, n in enumerate(node.values, 1)
            ]
            return tuple(v for v in values if v is not None)
        if self.alone and not isinstance(node, Items):
            value = self.item.read(node, path, into)
            return None if value is None else (value,)
        self.refuse(node, path, into)
        return None

    def schema(self, defs: Defs) -> Defs:
        item = self.item.schema(defs)
        array = {"type": "array", "items": item, "minItems": 1, "maxItems": MAX_ITEMS}
        return {"anyOf": [item, array]} if self.alone else array


A_NAME = Name()


@dataclass(frozen=True, slots=True)
class MapOf(Shape):
    """Names of the writer's choice, each with a value of the same shape, in their order."""

    item: Shape
    key: Name | Words = A_NAME

    @property
    def wants(self) -> str:  # type: ignore[override]
        return f"a table of names, and below each of them {self.item.wants}"

    def read(self, node: Node, path: tuple[str, ...], into: Context) -> dict[Word, Any] | None:
        if not isinstance(node, Table) or not node.entries:
            self.refuse(node, path, into)
            return None
        if isinstance(self.item, Record) and self.nameless(node):
            into.unread.append(node)
            into.partial = True
            wrong = f"keys of {self.item.noun} stand where its name belongs"
            into.fault(node.at, path, wrong, "write the name first, and the keys indented below it")
            return None
        result: dict[Word, Any] = {}
        for key, value in node.entries:
            name = self.key.read(key, path, into)
            read = self.item.read(value, (*path, key.value), into)
            if name is not None and read is not None:
                result[name] = read
        return result

    def nameless(self, node: Table) -> bool:
        """Whether the keys of the item stand here, without the name that belongs above them."""
        known = self.item.keys() if isinstance(self.item, Record) else {}
        values = [value for key, value in node.entries if key.value in known]
        return len(values) > 1 and not all(isinstance(value, Table) for value in values)

    def schema(self, defs: Defs) -> Defs:
        return {
            "type": "object",
            "minProperties": 1,
            "propertyNames": {k: v for k, v in self.key.schema(defs).items() if k in OF_NAMES},
            "additionalProperties": self.item.schema(defs),
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


_CASE_KEY = re.compile(r"=|^not |\S (and|or) |^otherwise$")


@dataclass(frozen=True, slots=True)
class ByCase(Shape):
    """Either one value, or a table from conditions to values, tried from top to bottom.

    A table is taken for cases when one of its keys is `otherwise`, has an `=` in it or is built
    with `and`, `or` and `not`, or when the plain value cannot be a table at all.
    """

    item: Shape
    table_item: bool = False  # whether the plain value may be a table itself

    @property
    def wants(self) -> str:  # type: ignore[override]
        return self.item.wants

    def read(self, node: Node, path: tuple[str, ...], into: Context) -> Cases | None:
        if isinstance(node, Table) and node.entries and self.by_case(node):
            cases: list[Case] = []
            words: list[Word] = []
            for key, value in node.entries:
                read = self.item.read(value, (*path, key.value), into)
                when = Word(key.value, key.at)
                words.append(when)
                if when != "otherwise":
                    into.references.append(Reference("condition", when, path))
                elif key is not node.entries[-1][0]:
                    wrong = "“otherwise” is not the last case"
                    into.fault(key.at, path, wrong, "move it to the end")
                if read is not None:
                    cases.append(Case(None if when == "otherwise" else when, read))
            whole = Word("", node.at)
            into.references.append(Reference("cases", whole, path, tuple(words)))
            return Cases(tuple(cases), node.at)
        plain = self.item.read(node, path, into)
        return None if plain is None else Cases((Case(None, plain),), node.at)

    def by_case(self, node: Table) -> bool:
        return not self.table_item or any(_CASE_KEY.search(key.value) for key, _ in node.entries)

    def schema(self, defs: Defs) -> Defs:
        item = self.item.schema(defs)
        cases: Defs = {"type": "object", "minProperties": 1, "additionalProperties": item}
        if self.table_item:  # one key at least is a condition
            cases["not"] = {"propertyNames": {"not": {"pattern": _CASE_KEY.pattern}}}
        return {"anyOf": [item, cases]}


@dataclass(frozen=True, slots=True)
class Either(Shape):
    """A fixed word, or a value of another shape."""

    words: Mapping[str, str]
    other: Shape

    @property
    def wants(self) -> str:  # type: ignore[override]
        words = either_of([f"“{w}”" for w in self.words])
        return f"{words}, or {self.other.wants}"

    def read(self, node: Node, path: tuple[str, ...], into: Context) -> Any:
        if isinstance(node, Text) and node.value:
            if node.value in self.words:
                return Word(node.value, node.at)
            close = closest(node.value, self.words)
            if close is not None and not isinstance(self.other, Words):
                into.fault(node.at, path, found(node), f"did you mean “{close}”?")
                return None
        into.wants = self.wants
        value = self.other.read(node, path, into)
        into.wants = ""
        return value

    def schema(self, defs: Defs) -> Defs:
        return {"anyOf": [choice(self.words), self.other.schema(defs)]}


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
    _keys: dict[str, Field] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        known = {**self.fields, **(CITATION if self.cited else {})}
        object.__setattr__(self, "_keys", known)

    @property
    def wants(self) -> str:  # type: ignore[override]
        needed = [f"“{k}”" for k, f in self.fields.items() if f.required]
        return f"a table that describes {self.noun}" + (
            f", with {', '.join(needed)}" if needed else ""
        )

    def keys(self) -> dict[str, Field]:
        return self._keys

    def knows(self, node: Table) -> bool:
        """Whether any key of the table can stand in this record."""
        return any(key.value in self._keys for key, _ in node.entries)

    def read(self, node: Node, path: tuple[str, ...], into: Context) -> Any:
        before = len(into.faults)
        if not isinstance(node, Table) or not node.entries:
            self.refuse(node, path, into)
            return None
        into.wants = ""
        known = self._keys
        if not all(key.value in known for key, _ in node.entries):
            node = self.mend(node, path, into)
            if not node.entries:
                return None
        values: dict[str, Any] = {}
        places: dict[str, Position] = {}
        for key, value in node.entries:
            name = key.value
            places[name] = value.at
            read = known[name].shape.read(value, (*path, name), into)
            if read is not None:
                values[attribute(name)] = read
        for name, entry in self.fields.items():
            if entry.required and name not in places:
                into.partial = True
                wrong = f"“{name}” is missing"
                into.fault(node.at, path, wrong, f"add “{name}:” ({entry.about})")
        if self.cited and "source" not in places and "assumed" not in places:
            right = "add “source:” with the paragraph, or “assumed:” with the reason"
            into.fault(node.at, path, "no source is given", right)
        into.readings.append(Reading(self.into, values, node.at, places, path))
        if len(into.faults) > before:
            return None
        return self.into(at=node.at, places=places, **values)

    def mend(self, node: Table, path: tuple[str, ...], into: Context) -> Table:
        """The table without its wrong keys; what a misspelt key has goes to the key it is for.

        Each wrong key is a fault, or all together are one if there is no right key beside them.
        """
        known = self._keys
        free = [name for name in known if node.get(name) is None]
        entries: list[tuple[Text, Node]] = []
        strange: list[Text] = []
        wrong = f"{self.noun} has no key “%s”"
        for key, value in node.entries:
            if key.value in known:
                entries.append((key, value))
                continue
            meant = closest(key.value, known)
            if meant is None:
                strange.append(key)
            else:
                right = f"did you mean “{meant}”?"
                into.fault(key.at, path, wrong % excerpt(key.value), right)
            if meant in free:
                free.remove(meant)
                entries.append((Text(meant, key.at), value))
            else:
                into.unread.append(value)
                into.partial = True
        if not entries:
            into.fault(node.at, path, f"no key here belongs to {self.noun}", f"write {self.wants}")
            return Table((), node.at)
        for key in strange:
            left = node.get(key.value)
            if isinstance(left, Text) and not (left.value or key.value.isalnum()):
                said = f"“{excerpt(key.value)}” after a comma begins a new key"
                into.fault(key.at, path, said, "put a value with a comma in quotes")
                continue
            into.fault(key.at, path, wrong % excerpt(key.value), nearest(key.value, free))
        return Table(tuple(entries), node.at, node.odd)

    def schema(self, defs: Defs) -> Defs:
        own: Defs = {
            "type": "object",
            "additionalProperties": False,
            "properties": {
                key: {"description": entry.about, **entry.shape.schema(defs)}
                for key, entry in self._keys.items()
            },
            "required": [key for key, entry in self._keys.items() if entry.required],
        }
        if self.cited:
            own["anyOf"] = [{"required": ["source"]}, {"required": ["assumed"]}]
        noun = re.sub(r"^(a|an|the) ", "", self.noun)
        name = base = re.sub(r"[^a-z]+", "-", noun.replace("’s", "").replace("'s", ""))
        number = 1
        while defs.setdefault(name, own) != own:  # two tables with one name
            number += 1
            name = f"{base}-{number}"
        return {"$ref": f"#/$defs/{name}"}


CITATION = {
    "source": Field(Words(200), "the document and paragraph, such as “1.2 ¶2”"),
    "assumed": Field(Words(), "why this stands here though the text does not say it"),
}


def attribute(key: str) -> str:
    """The Python name of a key: `if silent` becomes `if_silent`, `for` becomes `for_`."""
    name = key.replace(" ", "_")
    return f"{name}_" if name in ("for", "from", "is") else name
