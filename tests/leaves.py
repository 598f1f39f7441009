"""The values of a policy's tree, each with its key and its shape, and the words it says."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from model.language import Answerers, TimeOr, _officers
from model.shapes import (
    ByCase,
    Condition,
    Count,
    Duration,
    Either,
    ListOf,
    MapOf,
    OneOf,
    Record,
    Ref,
    Shape,
    Words,
)

SENTENCE = "a sentence for readers"
WHERE = "it says where the text has it, or why it is assumed"
RECORDED = {
    ("a policy file", "authority"): SENTENCE,
    ("a policy file", "title"): SENTENCE,
    ("a policy file", "dated"): SENTENCE,
    ("a policy file", "notes"): SENTENCE,
    ("a fact", "says"): SENTENCE,
    ("a question", "asks"): SENTENCE,
    ("a question", "answers"): "conditions use the names of answers; what they mean is a sentence",
    ("a question", "because"): SENTENCE,
    ("a finding", "says"): SENTENCE,
    ("a finding", "kind"): SENTENCE,
    ("a finding", "readings"): SENTENCE,
    ("a list", "about"): SENTENCE,
    ("a list", "items"): SENTENCE,
    ("a list", "for"): SENTENCE,
    ("a ladder", "about"): SENTENCE,
    ("a ladder", "beside"): "the ladders are graphs apart, and each is checked by itself",
    ("a rung", "meeting"): SENTENCE,
    ("a window", "agreed by"): "that it is agreed counts; with whom is for readers",
    ("a window", "or less"): "that something may shorten it counts; its words are for readers",
    ("a duty", "within"): "no verdict rests on the clock of a duty",
    ("a duty", "how"): SENTENCE,
}

Place = tuple[str | int, ...]
Key = tuple[str, str]  # the noun of a table, and a key of it


def leaves(shape: Any, value: Any, place: Place = (), key: Key = ("", "")) -> Iterator[
    tuple[Key, Place, Shape]
]:  # fmt: skip
    """Every value of a tree with its key, its place, and the shape that it has."""
    if isinstance(shape, ByCase):
        if isinstance(value, dict) and shape.by_case(_Node(value)):  # type: ignore[arg-type]
            for name, inner in value.items():
                yield from leaves(shape.item, inner, (*place, name), key)
            return
        yield from leaves(shape.item, value, place, key)
    elif isinstance(shape, ListOf):
        if isinstance(value, list):
            for number, inner in enumerate(value):
                yield from leaves(shape.item, inner, (*place, number), key)
        else:
            yield from leaves(shape.item, value, place, key)
    elif isinstance(shape, MapOf):
        for name, inner in value.items():
            yield from leaves(shape.item, inner, (*place, name), key)
    elif isinstance(shape, Record):
        for name, inner in value.items():
            entry = shape.keys()[name]
            yield from leaves(entry.shape, inner, (*place, name), (shape.noun, name))
    elif isinstance(shape, Either) and not isinstance(value, str):
        yield from leaves(shape.other, value, place, key)
    elif isinstance(shape, TimeOr):
        inner = shape.table if isinstance(value, dict) else shape.text
        yield from leaves(inner, value, place, key)
    elif isinstance(shape, Answerers) and isinstance(value, dict):
        yield from leaves(_officers, value, place, key)
    else:
        yield key, place, shape


class _Node:
    """What `ByCase` looks at: the keys of a table."""

    def __init__(self, value: dict[str, Any]) -> None:
        self.entries = [(type("K", (), {"value": name}), None) for name in value]


def records(shape: Any) -> Iterator[Record]:
    """Every table that a shape can hold, itself first."""
    if isinstance(shape, Record):
        yield shape
        for entry in shape.keys().values():
            yield from records(entry.shape)
        return
    if isinstance(shape, Answerers):
        yield _officers
    for name in ("item", "other", "table", "text"):
        inner = getattr(shape, name, None)
        if isinstance(inner, Shape):
            yield from records(inner)


# --- the words of the language ------------------------------------------------------------------

BY_CASE, SEVERAL = "by case", "several"
UNITS = ("immediately", "working day", "calendar day", "week", "hour")
CONDITIONS = (" = ", "not ", " and ", " or ", "(", "raiser = ", "child = ", "a fact")


def words(shape: Any) -> Iterator[str]:
    """What may stand for a value of this shape, tables apart."""
    if isinstance(shape, ByCase):
        yield BY_CASE
        yield from words(shape.item)
    elif isinstance(shape, ListOf):
        yield from (SEVERAL, *words(shape.item))
    elif isinstance(shape, OneOf):
        yield from shape.choices
    elif isinstance(shape, Either):
        yield from (*shape.words, *words(shape.other))
    elif isinstance(shape, Ref):
        yield from (*shape.besides, "a name")
    elif isinstance(shape, Answerers):
        yield from words(Ref("person", ("unknown", "unstated")))
    elif isinstance(shape, TimeOr):
        yield from words(shape.text)
    elif isinstance(shape, Duration):
        yield "a length"
    elif isinstance(shape, Condition):
        yield "a condition"
    elif isinstance(shape, Count | Words):
        yield "a value"


def said(shape: Any, value: Any, key: Key = ("", "")) -> Iterator[tuple[str, str, str]]:
    """The words that a tree says, each with the table and the key that it stands at."""
    if isinstance(shape, ByCase):
        if isinstance(value, dict) and shape.by_case(_Node(value)):  # type: ignore[arg-type]
            yield (*key, BY_CASE)
            for inner in value.values():
                yield from said(shape.item, inner, key)
        else:
            yield from said(shape.item, value, key)
    elif isinstance(shape, ListOf):
        if isinstance(value, list) and len(value) > 1:
            yield (*key, SEVERAL)
        for inner in value if isinstance(value, list) else [value]:
            yield from said(shape.item, inner, key)
    elif isinstance(shape, MapOf):
        for inner in value.values():
            yield from said(shape.item, inner, key)
    elif isinstance(shape, Record):
        for name, inner in value.items():
            yield (shape.noun, name, "")
            yield from said(shape.keys()[name].shape, inner, (shape.noun, name))
    elif isinstance(shape, Either):
        if isinstance(value, str) and value in shape.words:
            yield (*key, value)
        else:
            yield from said(shape.other, value, key)
    elif isinstance(shape, TimeOr):
        yield from said(shape.table if isinstance(value, dict) else shape.text, value, key)
    elif isinstance(shape, Answerers) and isinstance(value, dict):
        yield from said(_officers, value, key)
    elif isinstance(shape, Duration):
        yield (*key, "a length")
        yield from (("a length", "", unit) for unit in UNITS if unit in value)
    elif isinstance(shape, Condition):
        yield (*key, "a condition")
        forms = [form for form in CONDITIONS if form in value] or ["a fact"]
        yield from (("a condition", "", form) for form in forms)
    else:
        yield (*key, value if value in [*words(shape)] else [*words(shape)][-1])


def vocabulary(shape: Any) -> set[tuple[str, str, str]]:
    """Every table's keys, and the words that may stand at each of them.

    What every rung has is read at the rungs, so its words are counted there; the forms of a
    condition and the units of a length are the same wherever these stand.
    """
    found = {("a condition", "", form) for form in CONDITIONS}
    found |= {("a length", "", unit) for unit in UNITS}
    for record in records(shape):
        for key, field in record.keys().items():
            found |= {(record.noun, key, "")}
            if record.noun != "what every rung has":
                found |= {(record.noun, key, word) for word in words(field.shape)}
    return found
