"""Damage to a file that leaves it YAML, so that it gets past the parser and into the reader."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator, Sequence
from typing import Any

import yaml

# Texts that mean something to a shell, a browser, a spreadsheet, a terminal, a log or a parser.
HOSTILE = (
    "", " ", "~", "null", "yes", "0", "-1", "1e9", "010", "NaN", "9" * 30, "1 working day",
    "unstated", "unknown", "any", "raiser", "next rung", "same rung", "remove", "a = b", "not",
    "a and (b or c)", "(" * 40, "=1+1", "@x", "::error::x", "##[error]x", "<b>", "$x$", "..",
    "../../x", "/dev/null", "\x1b[31m", "\u202e", "\ud800", "\uffff", "é" * 200, "x" * 12_000,
    "%s{0}", "a.b.c", "a › b", "1 (2 to 3)", "50 %", "2026-02-30", "10 % (20 to 5)",
    0, 1, -1, 3, 10**30, 0.5, 1e308, True, None,
)  # fmt: skip


def places(tree: Any, found: list[tuple[Any, Any]] | None = None) -> list[tuple[Any, Any]]:
    """Every place in a tree: the list or table that holds it, and the key or number."""
    found = [] if found is None else found
    inside = tree.items() if isinstance(tree, dict) else enumerate(tree)
    for key, value in list(inside):
        found.append((tree, key))
        if isinstance(value, dict | list):
            places(value, found)
    return found


def damaged(tree: Any, chance: random.Random, words: Sequence[str]) -> Any:
    """A tree with one to four of its values or keys changed, dropped, doubled or exchanged."""
    whole = [json.loads(json.dumps(tree))]
    for _ in range(chance.randint(1, 4)):
        there = places(whole)
        inside, key = chance.choice(there)
        if isinstance(inside, list) and not -len(inside) <= key < len(inside):
            continue
        other = chance.choice(there)
        match chance.randrange(8):
            case 0:
                inside[key] = chance.choice(HOSTILE)
            case 1:
                inside[key] = chance.choice(words) if words else ""
            case 2:
                inside[key] = json.loads(json.dumps(other[0][other[1]]))
            case 3 if isinstance(inside, dict):
                inside[str(chance.choice((*HOSTILE, *words)))] = inside.pop(key)
            case 4 if isinstance(inside, dict):
                del inside[key]
            case 5 if isinstance(inside, list) and inside is not whole:
                inside.insert(key, json.loads(json.dumps(inside[key])))
            case 6:
                inside[key] = [inside[key]] if chance.random() < 0.5 else {"a": inside[key]}
            case _:
                inside[key] = chance.choice(({}, [], "", [[]], {"": ""}))
    return whole[0]


def written(tree: Any) -> bytes:
    """A tree as a file; JSON is YAML."""
    text = json.dumps(tree, ensure_ascii=False, indent=1)
    return text.encode("utf-8", "surrogatepass")


def read(data: bytes) -> Any:
    """The tree of a file, every value a text; None where it is not one."""
    try:
        tree = json.loads(data)
        return tree if isinstance(tree, dict | list) and tree else None
    except (ValueError, RecursionError):
        pass
    try:
        tree = yaml.load(data.decode("utf-8", "surrogatepass"), yaml.CBaseLoader)
    except (yaml.YAMLError, ValueError, TypeError, RecursionError):
        return None
    return tree if isinstance(tree, dict | list) and tree else None


def some(trees: Sequence[Any], seed: int, words: Sequence[str]) -> Iterator[bytes]:
    """Damaged files without end, the same ones for a seed."""
    chance = random.Random(seed)
    while True:
        yield written(damaged(chance.choice(trees), chance, words))
