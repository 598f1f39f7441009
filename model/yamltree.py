"""YAML as a tree of positioned nodes, read strictly.

Nothing is guessed: every scalar stays text, a repeated key is a fault, anchors, aliases, tags
and second documents are faults, and size, depth and counts are capped. PyYAML is used for its
events only; its constructors read `010` as 8 and `no` as False (see docs/dependencies.md).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import yaml

from model import harmless

MAX_BYTES = 256 * 1024
MAX_DEPTH = 20
MAX_NODES = 20_000
MAX_TEXT = 10_000
MAX_FAULTS = 50


class Position(NamedTuple):
    """A place in a file; lines and columns count from 1."""

    file: str
    line: int
    column: int

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}"


@dataclass(frozen=True, slots=True, order=True)
class Fault:
    """Something wrong in a file: where, what, and what would be right."""

    at: Position
    where: str
    wrong: str
    right: str

    def __str__(self) -> str:
        where = f"{self.where}: " if self.where else ""
        return f"{self.at}: {where}{self.wrong}; {self.right}"


class PolicyError(Exception):
    """A file cannot be used. `faults` holds what is wrong with it, in file order.

    After `MAX_FAULTS` of them, `more` says that there are others.
    """

    def __init__(self, faults: Iterable[Fault]) -> None:
        found = sorted(set(faults))
        self.faults = tuple(found[:MAX_FAULTS])
        self.more = len(found) > MAX_FAULTS
        lines = [str(f) for f in self.faults] + (["… and more"] if self.more else [])
        super().__init__("\n".join(lines))


@dataclass(frozen=True, slots=True)
class Text:
    value: str
    at: Position


@dataclass(frozen=True, slots=True)
class Items:
    values: tuple[Node, ...]
    at: Position


@dataclass(frozen=True, slots=True)
class Table:
    """Keys and values in their order; `odd` are those whose key is no name, or a name again."""

    entries: tuple[tuple[Text, Node], ...]
    at: Position
    odd: tuple[tuple[Node, Node], ...] = ()

    def get(self, key: str) -> Node | None:
        return next((node for name, node in self.entries if name.value == key), None)


Node = Text | Items | Table


def where(path: Iterable[str]) -> str:
    """The way to a value, from the outermost key to the innermost."""
    return " › ".join(excerpt(part) for part in path)


def excerpt(text: str) -> str:
    """The beginning of a text as messages show it."""
    return harmless.shown(text if len(text) <= 60 else text[:57] + "…")


def read_file(
    path: Path,
    name: str | None = None,
    faults: list[Fault] | None = None,
    kind: str = "policy file",
) -> tuple[Node, str]:
    """The tree of a file and its text; raises PolicyError for anything that is not one.

    Faults that leave a tree (a repeated key, an anchor) go to `faults`, if that is given. `kind`
    is what messages call such a file.
    """
    label = name or path.as_posix()
    start = Position(harmless.shown(label), 1, 1)

    def refuse(wrong: str, right: str) -> PolicyError:
        return PolicyError([Fault(start, "", wrong, right)])

    if any(map(harmless.is_hidden, path.name)):
        raise refuse("the name of this file has a control or invisible character", "rename it")
    try:
        if path.is_dir():
            raise refuse("this is a folder", f"name a {kind} in it")
        if path.exists() and not path.is_file():
            raise refuse("this is no file but a device or a pipe", f"name a {kind}")
        with path.open("rb") as handle:
            data = handle.read(MAX_BYTES + 1)
    except FileNotFoundError:
        raise refuse("there is no such file", "check the name") from None
    except (OSError, ValueError) as error:
        reason = (getattr(error, "strerror", None) or "it has no proper name").lower()
        raise refuse(f"the file cannot be read ({reason})", "check that it can be opened") from None
    if len(data) > MAX_BYTES:
        limit = f"at most {MAX_BYTES // 1024} KiB"
        raise refuse("the file is too large", f"a {kind} has {limit}")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        before = data[data.rfind(b"\n", 0, error.start) + 1 : error.start]
        column = len(before.decode("utf-8-sig")) + 1
        at = Position(label, line, column)
        raise PolicyError(
            [Fault(at, "", "the file is not UTF-8 text", "save it with the encoding UTF-8")]
        ) from None
    return read_text(text, label, faults, kind), text


def read_text(
    text: str, name: str, faults: list[Fault] | None = None, kind: str = "policy file"
) -> Node:
    """The tree of a YAML text; `faults` and `kind` as in `read_file`."""
    _refuse_invisible(text, name)
    loader = getattr(yaml, "CLoader", yaml.Loader)
    reader = _Reader(name, loader(text).get_event, kind)
    try:
        node = reader.document()
    except PolicyError as error:
        raise PolicyError([*reader.faults, *error.faults]) from None
    except yaml.MarkedYAMLError as error:
        raise PolicyError([*reader.faults, _unreadable(error, text, name)]) from None
    if reader.faults and faults is None:
        raise PolicyError(reader.faults)
    if faults is not None:
        faults += reader.faults
    return node


_BREAK = re.compile(r"\r\n|\r|\n")


def _refuse_invisible(text: str, name: str) -> None:
    bad = set(filter(harmless.is_hidden, set(text) - set("\r\n")))
    if not bad:
        return
    faults = []
    for number, line in enumerate(_BREAK.split(text), 1):
        column = next((i for i, char in enumerate(line, 1) if char in bad), None)
        if column is not None:
            at, char = Position(name, number, column), line[column - 1]
            tab = Fault(at, "", "a tab stands here", "use spaces")
            wrong = f"{_hidden(char)} stands here"
            faults.append(tab if char == "\t" else Fault(at, "", wrong, "take it out"))
    raise PolicyError(faults)


def _hidden(char: str) -> str:
    return f"a control or invisible character (U+{ord(char):04X})"


_QUOTE = "put the whole text in double quotes"
_INDENT = "let keys that belong together start in the same column"

# What the two parsers of PyYAML say, and how people would say it.
_TROUBLE = (
    (r"quoted scalar.*(end of stream|document)",
     "a quotation mark opens here and is never closed", "close it"),
    (r"document start", "this stands after the end of the content", _INDENT),
    (r"expected ':'", "a colon is missing after this", "write “key: value”"),
    (r"flow (sequence|mapping).*expected ','",
     "a comma or a closing bracket is missing here or just above", "add it"),
    (r"expected (the )?node content",
     "a sign stands where a value belongs", f"take it out, or {_QUOTE}"),
    (r"sequence entries are not allowed",
     "a list item cannot stand here", "begin the list on a line of its own"),
    (r"cannot start any token", "a text cannot start with this character", _QUOTE),
    (r"scanning an? (anchor|alias)|scanning a tag|tag handle",
     "a text cannot start with “&”, “*” or “!”", _QUOTE),
    (r"unknown escape character|escape sequence|hexdecimal|Unicode character",
     "a backslash in double quotes has a meaning of its own", "use single quotes"),
    (r"scanning a block scalar", "nothing can follow “|” or “>” here", _QUOTE),
    (r"block (mapping|collection)", "this line does not fit the lines before it", _INDENT),
)  # fmt: skip


_UNCLEAR = [
    "this is not YAML",
    "check the indentation, the colons, the quotes and the brackets here and just above",
]


_GLUED = re.compile(r"( *(?:- )?)(\w[\w ]*):([^\s/:][^:#]*)(?:#.*)?")  # “within:5 working days”


def _unreadable(error: yaml.MarkedYAMLError, text: str, name: str) -> Fault:
    """The fault for a text that is not YAML."""
    said = f"{error.context or ''} {error.problem or ''}"
    mark = error.problem_mark or error.context_mark
    wrong, right = next((say for pattern, *say in _TROUBLE if re.search(pattern, said)), _UNCLEAR)
    if "never closed" in wrong or "colon is missing" in wrong:
        mark = error.context_mark or mark
    if mark is None:
        return Fault(Position(name, 1, 1), "", wrong, right)
    if "closing bracket" in wrong and error.context_mark and error.context_mark.line != mark.line:
        wrong += f" (the bracket opens on line {error.context_mark.line + 1})"
    lines = _BREAK.split(text)
    line = lines[mark.line] if mark.line < len(lines) else ""
    if "colon is missing" in wrong or "mapping values" in said or right == _INDENT:
        for number in (mark.line, mark.line - 1):  # the parser may notice it a line too late
            glued = _GLUED.fullmatch(lines[number]) if 0 <= number < len(lines) else None
            if glued:
                right = f"write “{excerpt(f'{glued[2]}: {glued[3].strip()}')}”"
                at = Position(name, number + 1, len(glued[1]) + 1)
                return Fault(at, "", "a space is missing after the colon", right)
    before, column = line[: mark.column], mark.column
    if "backslash" in wrong:
        column = max(line.rfind("\\", 0, column + 1), 0)
    if "mapping values are not allowed" in said:
        wrong, right = "a second colon stands in this line", _QUOTE
        if not re.search(r":\s", before):
            column = len(before) - len(before.lstrip())
            wrong, right = "this line is too far to the right", _INDENT
    elif right == _INDENT and before.strip():
        wrong = "this stands after the end of the value"
        right = "check the quotation marks and the brackets here and just above"
    return Fault(Position(name, mark.line + 1, column + 1), "", wrong, right)


class _Reader:
    """Composes events into nodes; stops at the caps before anything grows.

    `event` gives the next event of the parser, and None after the last.
    """

    def __init__(self, name: str, event: Callable[[], Any], kind: str) -> None:
        self.name, self.event, self.kind = name, event, kind
        self.faults: list[Fault] = []
        self.path: list[str] = []
        self.count = 0

    def at(self, event: Any) -> Position:
        mark = event.start_mark
        return Position(self.name, mark.line + 1, mark.column + 1)

    def fault(self, at: Position, wrong: str, right: str) -> None:
        self.faults.append(Fault(at, where(self.path), wrong, right))

    def stop(self, at: Position, wrong: str, right: str) -> PolicyError:
        return PolicyError([Fault(at, where(self.path), wrong, right)])

    def document(self) -> Node:
        node: Node | None = None
        while (event := self.event()) is not None:
            if isinstance(event, yaml.DocumentStartEvent) and node is not None:
                raise self.stop(
                    self.at(event), "a second document starts here", "keep one document in a file"
                )
            if isinstance(event, yaml.NodeEvent):
                node = self.node(event)
        if node is None or (isinstance(node, Text) and not node.value):
            at = Position(self.name, 1, 1)
            article = "an" if self.kind[0] in "aeiou" else "a"
            right = f"write {article} {self.kind}, as its data dictionary shows"
            right = "start from `drp new NAME`" if self.kind == "policy file" else right
            raise self.stop(at, "the file is empty", right)
        return node

    def node(self, event: Any) -> Node:
        at = self.at(event)
        self.count += 1
        if self.count > MAX_NODES:
            right = f"split the {self.kind.removesuffix(' file').replace('policy', 'protocol')}"
            raise self.stop(at, f"more than {MAX_NODES} values", f"{right} into files")
        kind = type(event)
        if kind is yaml.AliasEvent:
            wrong = f"an alias (“*{excerpt(event.anchor)}”) stands here"
            raise self.stop(at, wrong, "write the value out again")
        if event.anchor or event.tag:
            self.marked(at, event)
        if kind is yaml.ScalarEvent:
            return Text(self.line(at, event.value), at)
        if len(self.path) >= MAX_DEPTH:
            del self.path[3:]
            raise self.stop(at, f"nested more than {MAX_DEPTH} deep", f"a {self.kind} is shallow")
        return self.items(at) if kind is yaml.SequenceStartEvent else self.table(at)

    def marked(self, at: Position, event: Any) -> None:
        if event.anchor:
            wrong = f"an anchor (“&{excerpt(event.anchor)}”) stands here"
            self.fault(at, wrong, "take it out, since every value is written out")
        if event.tag:
            tag = excerpt(event.tag.replace("tag:yaml.org,2002:", "!!"))
            right = "take it out, since the key says what kind of value it takes"
            self.fault(at, f"a tag (“{tag}”) stands here", right)

    def line(self, at: Position, text: str) -> str:
        """A text as one line, its accents joined to their letters as a keyboard types them."""
        value = " ".join(text.split())
        if not (value.isascii() and value.isprintable()):
            value = unicodedata.normalize("NFC", value)
            hidden = next(filter(harmless.is_hidden, value), None)
            if hidden is not None:
                self.fault(at, f"a backslash writes {_hidden(hidden)} here", "take it out")
                value = harmless.shown(value)
        if len(value) > MAX_TEXT:
            self.fault(at, "this text is too long", f"use at most {MAX_TEXT} characters")
            value = value[:80]
        return value

    def items(self, at: Position) -> Items:
        values: list[Node] = []
        while type(event := self.event()) is not yaml.SequenceEndEvent:
            self.path.append(f"[{len(values) + 1}]")
            values.append(self.node(event))
            self.path.pop()
        return Items(tuple(values), at)

    def table(self, at: Position) -> Table:
        entries: dict[str, tuple[Text, Node]] = {}
        odd: list[tuple[Node, Node]] = []
        while type(event := self.event()) is not yaml.MappingEndEvent:
            key = self.node(event)
            self.path.append(key.value if isinstance(key, Text) else "…")
            value = self.node(self.event())
            self.path.pop()
            if not isinstance(key, Text):
                self.fault(key.at, "a list or table stands where a name belongs", "write a name")
            elif not key.value:
                self.fault(key.at, "nothing stands before the colon", "write a name before it")
            elif key.value in entries:
                line = entries[key.value][0].at.line
                wrong = f"“{excerpt(key.value)}” stands here again (first on line {line})"
                self.fault(key.at, wrong, "keep one of the two")
            else:
                entries[key.value] = (key, value)
                continue
            odd.append((key, value))
        return Table(tuple(entries.values()), at, tuple(odd))
