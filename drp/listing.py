"""A policy file's values in words, key by key, so that nothing written in it stays unseen.

What the state graph makes nothing of (sentences for readers, the means and the clock of a duty)
is shown here and nowhere else; `model/authorities/README.md` lists these keys.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import fields, is_dataclass
from typing import Any

from model.protocol import Cited, Ladder, Protocol, Rung
from model.shapes import Case, Cases, Length

Item = tuple[str, str]  # a heading (a key or a name), and what stands there in words

SHOWN_APART = ("at", "places", "source", "assumed")
POWERS = (
    *("raised_by", "start", "decide", "totals", "entry", "skip", "extension", "hand_over"),
    *("withdraw", "refer", "advice", "resolution", "duties", "beside"),
)


def key(attribute: str) -> str:
    """The key of a file that an attribute was read from."""
    return attribute.rstrip("_").replace("_", " ")


def said(value: Any) -> str:
    """A value in the words of the file: `to any later rung; by IRO; when urgent`."""
    if isinstance(value, Length):
        return value.text
    if isinstance(value, Cases):
        return _cases(value.cases)
    if isinstance(value, Mapping):
        return "; ".join(f"{name}: {said(inner)}" for name, inner in value.items())
    if isinstance(value, tuple) and not hasattr(value, "_fields"):
        listed = [said(v) for v in value]
        return " / ".join(listed) if any(map(is_dataclass, value)) else ", ".join(listed)
    if is_dataclass(value):
        parts = [f"{name} {_inner(inner)}" for name, inner in parts_of(value)]
        return "; ".join(parts) + _cited(value)
    return str(value)


def _inner(value: Any) -> str:
    """A table inside another stands in brackets."""
    nested = is_dataclass(value) and not isinstance(value, Length | Cases)
    nested |= isinstance(value, tuple) and any(map(is_dataclass, value))
    return f"({said(value)})" if nested else said(value)


def _cases(cases: Iterable[Case]) -> str:
    texts = [f"{_inner(c.value)}" + (f" if {c.when}" if c.when else "") for c in cases]
    if len(texts) > 1 and " if " not in texts[-1]:
        texts[-1] = f"otherwise {texts[-1]}"
    return ", ".join(texts)


def _cited(value: Any) -> str:
    if not isinstance(value, Cited):
        return ""
    source = f" [{value.source}]" if value.source else ""
    return source + (" [assumed]" if value.assumed else "")


def parts_of(value: Any, apart: Iterable[str] = ()) -> Iterator[tuple[str, Any]]:
    """The keys of a table that its writer gave, with their values, in the order of the language."""
    left_out = (*SHOWN_APART, *apart)
    for field in fields(value):
        inner = getattr(value, field.name)
        if field.name not in left_out and inner is not None and inner != () and inner != {}:
            yield key(field.name), inner


def of_rung(rung: Rung) -> Iterator[Item]:
    """What a rung says; of what a table of rungs has, only what is more than a word."""
    for name, inner in parts_of(rung):
        if name not in ("answers", "counts", "within"):
            yield name, said(inner)
        elif len(inner.cases) > 1 or is_table(inner.cases[0].value):
            yield f"{name}, in full", said(inner)


def is_table(value: Any) -> bool:
    return is_dataclass(value) and not isinstance(value, Length)


def of_ladder(ladder: Ladder) -> Iterator[Item]:
    """The powers and duties of a ladder, one line for each."""
    for name in POWERS:
        value = getattr(ladder, name)
        if isinstance(value, Mapping):
            yield from ((f"{key(name)}, {label}", said(inner)) for label, inner in value.items())
        elif isinstance(value, tuple) and any(map(is_dataclass, value)):
            yield from ((key(name), said(inner)) for inner in value)
        elif value is not None and value != ():
            yield key(name), said(value)


def of_protocol(protocol: Protocol) -> Iterator[tuple[str, list[Item]]]:
    """The people, kinds of children, facts, lists and notes of a file, under headings."""
    for title, values in (
        ("People", protocol.people),
        ("Kinds of children", protocol.children),
        ("Facts of the case", protocol.facts),
        ("Lists", protocol.lists),
    ):
        yield title, [(str(name), said(value)) for name, value in values.items()]
    yield "Notes", [("", str(note)) for note in protocol.notes]


def assumptions(value: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[str, str, int]]:
    """What is assumed and not in the text: where in the file, why, and the line."""
    if isinstance(value, Cited) and value.assumed:
        yield " › ".join(path), str(value.assumed), value.assumed.at.line
    if isinstance(value, Mapping):
        for name, inner in value.items():
            yield from assumptions(inner, (*path, str(name)))
    elif isinstance(value, tuple) and not hasattr(value, "_fields"):
        for inner in value:
            yield from assumptions(inner, path)
    elif isinstance(value, Cases):
        for case in value.cases:
            yield from assumptions(case.value, path)
    elif is_dataclass(value):
        for field in fields(value):
            if field.name not in ("at", "places"):
                yield from assumptions(getattr(value, field.name), (*path, key(field.name)))


def assumed(protocol: Protocol) -> list[tuple[str, str, int]]:
    """Every assumption of a file once, in the order of its lines."""
    found = {line: (where, why, line) for where, why, line in assumptions(protocol)}
    return [found[line] for line in sorted(found)]
