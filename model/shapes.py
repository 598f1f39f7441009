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

from model.yamltree import Fault, Items, Node, PolicyError, Position, Table, Text, excerpt, where

MAX_ITEMS = 100
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
    close = swapped[:1] or difflib.get_close_matches(word, names, n=1, cutoff=0.7)
    return names[close[0]] if close else None


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


def _choice(words: Mapping[str, str]) -> Defs:
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
_OF_NAMES = ("maxLength", "pattern")
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
        return _or([f"the name of a {kind}", *(f"“{w}”" for w in self.besides)])

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


def _or(parts: list[str]) -> str:
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
        return _or([f"“{c}”" for c in self.choices])

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
        return _choice(self.choices)


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


@dataclass(frozen=True, slots=True)
class Length:
    """An amount of time: `amount` of `unit` (`working days`, `calendar days` or `hours`)."""

    amount: int
    unit: str
    at: Position
    text: str


_LENGTH = re.compile(r"(0|[1-9][0-9]{0,3}) (working day|calendar day|week|hour)s?")
_NO_DAYS = re.compile(r"[0-9]+ ?(days?)?")
_RANGE = re.compile(r"[0-9]+ ?(-|–|to|or) ?[0-9]+( .*)?")
_OTHER_UNIT = re.compile(r"[0-9]+ (months?|years?|minutes?)")
_NUMBERS = (
    *("one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven"),
    *("twelve", "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen"),
    *("nineteen", "twenty"),
)
_IN_DIGITS = {word: str(number) for number, word in enumerate(_NUMBERS, 1)}
_NEARLY = re.compile(r"(?:within |up to |at most |no more than )?0*([0-9]{1,4})[ -]?([a-z].*)")
_UNITS = ("working day", "calendar day", "week", "hour")


def _mended(text: str) -> str | None:
    """A length of time as it has to be written, if the text is nearly one."""
    words = text.casefold().replace("-", " ").split()
    nearly = _NEARLY.fullmatch(" ".join(_IN_DIGITS.get(word, word) for word in words))
    if nearly is None:
        return None
    ending = "" if nearly[1] == "1" else "s"
    meant = re.sub("^(business|work|school) ", "working ", nearly[2])
    unit = closest(meant, [unit + ending for unit in _UNITS])
    return unit and f"{nearly[1]} {unit}"


@dataclass(frozen=True, slots=True)
class Duration(Shape):
    """`5 working days`, `28 calendar days`, `3 weeks`, `48 hours` or `immediately`."""

    wants = (
        "a length of time such as “5 working days”, “28 calendar days”, “3 weeks”, “48 hours” "
        "or “immediately”"
    )

    def read(self, node: Node, path: tuple[str, ...], into: Context) -> Length | None:
        if not isinstance(node, Text) or not node.value:
            self.refuse(node, path, into)
            return None
        text = node.value
        if text == "immediately":
            return Length(0, "working days", node.at, text)
        parts = _LENGTH.fullmatch(text)
        if parts is None:
            self.complain(node, path, into)
            return None
        amount, unit = int(parts[1]), parts[2] + "s"
        if unit == "weeks":
            amount, unit = amount * 7, "calendar days"
        most = 2000 if unit == "hours" else 3660
        if amount > most:
            right = "use at most 2000 hours" if unit == "hours" else "use at most ten years"
            into.fault(node.at, path, f"“{text}” is too long", right)
            return None
        return Length(amount, unit, node.at, text)

    def complain(self, node: Text, path: tuple[str, ...], into: Context) -> None:
        text = excerpt(node.value)
        digits = " ".join(_IN_DIGITS.get(word, word) for word in node.value.casefold().split())
        wrong, right = found(node), ""
        if _NO_DAYS.fullmatch(digits):
            wrong = f"“{text}” does not say which days it counts"
            right = "write “working days” or “calendar days”, or ask a question where the text"
            right += " leaves it open"
        elif _RANGE.fullmatch(digits):
            wrong = f"“{text}” is a range"
            right = "write a table with “at least:” and “at most:”"
        elif _OTHER_UNIT.fullmatch(digits):
            wrong = f"“{text}” has a unit that is not used here"
            right = "write it in working days, calendar days, weeks or hours"
        elif text.startswith("-"):
            wrong = f"“{text}” is less than nothing"
            right = f"write {into.wants or self.wants}"
        elif (mended := _mended(node.value)) is not None:
            right = f"write “{mended}”"
        if right:
            into.fault(node.at, path, wrong, right)
        else:
            self.refuse(node, path, into)

    def schema(self, defs: Defs) -> Defs:
        pattern = f"^(immediately|{_LENGTH.pattern})$"
        return {"type": "string", "pattern": pattern}


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


@dataclass(frozen=True, slots=True)
class MapOf(Shape):
    """Names of the writer's choice, each with a value of the same shape, in their order."""

    item: Shape
    key: Name | Words = Name()

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
            "propertyNames": {k: v for k, v in self.key.schema(defs).items() if k in _OF_NAMES},
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
        if isinstance(node, Table) and node.entries and self._by_case(node):
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

    def _by_case(self, node: Table) -> bool:
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
        words = _or([f"“{w}”" for w in self.words])
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
        return {"anyOf": [_choice(self.words), self.other.schema(defs)]}


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
            meant = closest(key.value, free)
            if meant is None:
                strange.append(key)
                into.unread.append(value)
                into.partial = True
                continue
            free.remove(meant)
            entries.append((Text(meant, key.at), value))
            right = f"did you mean “{meant}”?"
            into.fault(key.at, path, wrong % excerpt(key.value), right)
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


def finish(context: Context) -> None:
    """Raise PolicyError if a reading found anything wrong."""
    if context.faults:
        raise PolicyError(context.faults)
