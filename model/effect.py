"""What a ladder says that its state graph never shows: each is a fault, never a silent loss."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from typing import Any

from model.graph import StateGraph
from model.protocol import (
    Advice,
    Cited,
    Duty,
    Entry,
    Extension,
    HandOver,
    Involvement,
    Referral,
    Rule,
    Skip,
    Withdrawal,
)
from model.shapes import Case, Cases
from model.yamltree import Fault, Position, where

_NOUNS: dict[type, str] = {
    Advice: "advice",
    Duty: "duty",
    Entry: "entry",
    Extension: "extension",
    HandOver: "hand-over",
    Involvement: "part of somebody",
    Referral: "referral",
    Rule: "rule",
    Skip: "skip",
    Withdrawal: "withdrawal",
}


def without_effect(graph: StateGraph) -> Iterator[Fault]:
    """The powers, rules, parts and duties of which no state, move or mark has come.

    What several rungs have in common is looked for at any of them. A duty at any time is on no
    step, nothing leads up from the highest rung, and there is nothing to skip to on a single one:
    these are left out.
    """
    *below, top = graph.ladder.rungs.values()
    left_out = {part.at for part in top.to_leave}
    if not below:
        left_out |= {skip.at for skip in graph.ladder.skip if isinstance(skip, Skip)}
    shown: set[Position] = {consent.at for consent in graph.consents}
    met: set[str] = set()
    for move in graph.moves:
        shown.add(move.at)
        shown.update(mark.at for mark in move.marks)
        met.update((move.source, move.target))
    shown |= {graph.states[name].at for name in met}
    for path, item in _items(graph.ladder, ("ladders", graph.ladder.name)):
        if (
            item.at in shown
            or item.at in left_out
            or (isinstance(item, Duty) and "any time" in item.at_step)
        ):
            continue
        wrong = f"this {_NOUNS[type(item)]} has no effect: nothing in the ladder ever comes to it"
        right = "check its condition, its people and its rungs, or take it out"
        yield Fault(item.at, where(path), wrong, right)


def _items(value: Any, path: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], Cited]]:
    if type(value) in _NOUNS:
        yield path, value
    if isinstance(value, dict):
        for name, inner in value.items():
            yield from _items(inner, (*path, str(name)))
    elif isinstance(value, tuple) and not isinstance(value, Position):
        for number, inner in enumerate(value, 1):
            yield from _items(inner, (*path, f"[{number}]") if len(value) > 1 else path)
    elif is_dataclass(value) and not isinstance(value, Case | Cases):
        for field in fields(value):
            if field.name not in ("at", "places"):
                key = field.name.rstrip("_").replace("_", " ")
                yield from _items(getattr(value, field.name), (*path, key))
