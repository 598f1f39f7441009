"""Claims about the text as such."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass, replace
from typing import Any

from model.shapes import Length, Word
from model.terms import FALSE, TRUE
from model.yamltree import Position
from proofs.analysis import Analysis
from proofs.claim import EVERY_KIND, OWN_SENSE, Obligation, Story, claim, kept


@claim(
    "nothing-missing",
    "consistency",
    [OWN_SENSE],
    why="A chart that is not attached is a rule that nobody can follow or be held to.",
    breaks="A reference to a flowchart, form or protocol that is not there.",
    mends="Attach the part, or say in the text what it would have said.",
    kinds=EVERY_KIND,
)
def nothing_missing(a: Analysis) -> Iterator[Obligation]:
    """The text has no part that it points to and that is not there."""
    graph = a.graph
    first = graph.ladder is next(iter(graph.protocol.ladders.values()))
    missing = graph.protocol.missing
    for part in missing if first and not isinstance(missing, Word) else ():
        yield Obligation(
            TRUE, FALSE, part.at, part.citation, f"missing: {part.what}", Story("text")
        )
    ladder = graph.ladder
    for name, rung in ladder.rungs.items():
        for what, at in _unknown(rung):
            yield Obligation(
                a.reach[f"{name}: awaiting an answer"], FALSE, at, rung.citation,
                f"{WHAT.get(what, f'“{what}”')} at {name} stands in a part that is not there",
                Story("text"),
            )  # fmt: skip
    for what, at in _unknown(replace(ladder, rungs={})):
        yield Obligation(
            TRUE, FALSE, at, ladder.citation,
            f"what the ladder says under “{what}” stands in a part that is not there",
            Story("text"),
        )  # fmt: skip
    yield kept(TRUE, graph.protocol.at, "")


WHAT = {"answers": "who answers", "within": "the time to answer"}


def _unknown(value: Any, key: str = "") -> Iterator[tuple[str, Position]]:
    """The keys of a table, also inside others, of which the file says `unknown`."""
    if isinstance(value, Word):
        if value == "unknown":
            yield key, value.at
    elif isinstance(value, Mapping):
        for inner in value.values():
            yield from _unknown(inner, key)
    elif isinstance(value, tuple) and not isinstance(value, Position):
        for inner in value:
            yield from _unknown(inner, key)
    elif is_dataclass(value) and not isinstance(value, Length):
        for field in fields(value):
            if field.name not in ("at", "places", "when"):
                inner = getattr(value, field.name)
                own = key or field.name.rstrip("_").replace("_", " ")
                yield from _unknown(inner, own)
