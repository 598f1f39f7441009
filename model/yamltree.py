"""YAML as a tree of positioned nodes, read strictly.

Nothing is guessed: every scalar stays text, a repeated key is a fault, anchors, aliases, tags
and second documents are faults, and size, depth and counts are capped. PyYAML is used for its
events only; its constructors read `010` as 8 and `no` as False (see docs/dependencies.md).
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import yaml

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
    """A file cannot be used. `faults` holds all that is wrong with it, in file order."""

    def __init__(self, faults: list[Fault]) -> None:
        self.faults = tuple(sorted(set(faults))[:MAX_FAULTS])
        super().__init__("\n".join(str(f) for f in self.faults))


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
    entries: tuple[tuple[Text, Node], ...]
    at: Position

    def get(self, key: str) -> Node | None:
        return next((node for name, node in self.entries if name.value == key), None)


Node = Text | Items | Table


def read_file(path: Path, name: str | None = None) -> tuple[Node, str]:
    """The tree of a file and its text; raises PolicyError for anything that is not one."""
    label = name or path.as_posix()
    start = Position(label, 1, 1)

    def refuse(wrong: str, right: str) -> PolicyError:
        return PolicyError([Fault(start, "", wrong, right)])

    if path.is_dir():
        raise refuse("this is a folder", "name the policy file in it")
    try:
        with path.open("rb") as handle:
            data = handle.read(MAX_BYTES + 1)
    except FileNotFoundError:
        raise refuse("there is no such file", "check the name") from None
    except OSError as error:
        reason = (error.strerror or "unknown reason").lower()
        raise refuse(f"the file cannot be read ({reason})", "check that it can be opened") from None
    if len(data) > MAX_BYTES:
        limit = f"at most {MAX_BYTES // 1024} KiB"
        raise refuse("the file is too large", f"a policy file has {limit}")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        column = error.start - data.rfind(b"\n", 0, error.start)
        at = Position(label, line, column)
        raise PolicyError(
            [Fault(at, "", "the file is not UTF-8 text", "save it with the encoding UTF-8")]
        ) from None
    return read_text(text, label), text


def read_text(text: str, name: str) -> Node:
    """The tree of a YAML text."""
    _refuse_controls(text, name)
    faults: list[Fault] = []
    reader = _Reader(name, faults)
    events = _events(text, name)
    node = reader.document(events)
    if faults:
        raise PolicyError(faults)
    return node


def _refuse_controls(text: str, name: str) -> None:
    faults = []
    for number, line in enumerate(text.split("\n"), 1):
        if line.isascii() and line.isprintable():
            continue
        for column, char in enumerate(line, 1):
            if char != "\r" and char != "\t" and unicodedata.category(char) in ("Cc", "Cf"):
                wrong = f"a control or invisible character (U+{ord(char):04X}) stands here"
                faults.append(Fault(Position(name, number, column), "", wrong, "take it out"))
                break
        if len(faults) >= MAX_FAULTS:
            break
    if faults:
        raise PolicyError(faults)


def _events(text: str, name: str) -> Iterator[Any]:
    loader = getattr(yaml, "CLoader", yaml.Loader)
    try:
        yield from yaml.parse(text, Loader=loader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        at = Position(name, mark.line + 1, mark.column + 1) if mark else Position(name, 1, 1)
        wrong = "this is not YAML"
        right = "check the indentation, the colons, the quotes and the brackets here and just above"
        raise PolicyError([Fault(at, "", wrong, right)]) from None
    except (yaml.YAMLError, RecursionError):
        at = Position(name, 1, 1)
        raise PolicyError([Fault(at, "", "this is not YAML", "start from `drp new`")]) from None


class _Reader:
    """Composes events into nodes; stops at the caps before anything grows."""

    def __init__(self, name: str, faults: list[Fault]) -> None:
        self.name = name
        self.faults = faults
        self.count = 0

    def at(self, event: Any) -> Position:
        return Position(self.name, event.start_mark.line + 1, event.start_mark.column + 1)

    def fault(self, at: Position, wrong: str, right: str) -> None:
        self.faults.append(Fault(at, "", wrong, right))

    def stop(self, at: Position, wrong: str, right: str) -> PolicyError:
        self.fault(at, wrong, right)
        return PolicyError(self.faults)

    def document(self, events: Iterator[Any]) -> Node:
        node: Node | None = None
        for event in events:
            if isinstance(event, yaml.DocumentStartEvent) and node is not None:
                raise self.stop(
                    self.at(event), "a second document starts here", "keep one document in a file"
                )
            if isinstance(event, yaml.NodeEvent):
                node = self.node(event, events, 1)
        if node is None:
            at = Position(self.name, 1, 1)
            raise self.stop(at, "the file is empty", "start from `drp new NAME`")
        return node

    def node(self, event: Any, events: Iterator[Any], depth: int) -> Node:
        at = self.at(event)
        self.count += 1
        if self.count > MAX_NODES:
            raise self.stop(at, f"more than {MAX_NODES} values", "split the protocol into files")
        if depth > MAX_DEPTH:
            raise self.stop(at, f"nested more than {MAX_DEPTH} deep", "a policy file is shallow")
        if isinstance(event, yaml.AliasEvent):
            raise self.stop(at, f"an alias (*{event.anchor})", "write the value out again")
        if getattr(event, "anchor", None):
            self.fault(at, f"an anchor (&{event.anchor})", "take it out; values are written out")
        if getattr(event, "tag", None):
            self.fault(at, "a tag (!)", "take it out; the field says what kind of value it takes")
        if isinstance(event, yaml.ScalarEvent):
            value = " ".join(event.value.split())
            if len(value) > MAX_TEXT:
                self.fault(at, "this text is too long", f"use at most {MAX_TEXT} characters")
                value = value[:80]
            return Text(value, at)
        if isinstance(event, yaml.SequenceStartEvent):
            values = []
            for inner in events:
                if isinstance(inner, yaml.SequenceEndEvent):
                    break
                values.append(self.node(inner, events, depth + 1))
            return Items(tuple(values), at)
        return self.table(at, events, depth)

    def table(self, at: Position, events: Iterator[Any], depth: int) -> Table:
        entries: dict[str, tuple[Text, Node]] = {}
        for inner in events:
            if isinstance(inner, yaml.MappingEndEvent):
                break
            key = self.node(inner, events, depth + 1)
            value = self.node(next(events), events, depth + 1)
            if not isinstance(key, Text):
                self.fault(key.at, "a list or table stands where a key belongs", "write a name")
            elif key.value in entries:
                line = entries[key.value][0].at.line
                wrong = f"the key “{key.value}” stands here again (first on line {line})"
                self.fault(key.at, wrong, "keep one of the two")
            else:
                entries[key.value] = (key, value)
        return Table(tuple(entries.values()), at)
