"""Every key of the language is used: another value of it changes what the tool makes of a file.

`policies/every-key.yaml` has each key at least once. Each of its values is exchanged for others
that may stand there, and what comes of the file is compared: the state graph first, then the
verdicts, then the page of `drp show`. The keys of which only the page speaks are listed in
`leaves.py`, and in the data dictionary, with the reason.
"""

from __future__ import annotations

import copy
import json
import re
import zlib
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from assembled import tree
from leaves import RECORDED, WHERE, Key, Place, leaves, records

from drp import table
from model.expand import graphs
from model.graph import StateGraph
from model.language import PROTOCOL, Answerers, TimeOr
from model.load import loads
from model.protocol import Protocol
from model.shapes import (
    Condition,
    Count,
    Duration,
    Either,
    ListOf,
    OneOf,
    Record,
    Ref,
    Words,
)
from model.terms import Symbol, Term, evaluator
from model.yamltree import PolicyError
from proofs.verdict import check

HERE = Path(__file__).parent
TREE = tree((HERE / "policies" / "every-key.yaml").read_text("utf-8"))
README = HERE.parent / "model" / "authorities" / "README.md"


def others(shape: Any, value: str, place: Place) -> Iterator[str]:
    """Other values that may stand in the place of one."""
    if isinstance(shape, Words):
        answers = {"limit": "norm", "refusal": "delay"}  # of a question, which are texts too
        yield answers.get(value, f"{value} indeed")
    elif isinstance(shape, OneOf):
        yield from (w for w in shape.choices if w != value)
    elif isinstance(shape, Either):
        yield from others(shape.other, value, place)
        yield from (w for w in shape.words if w != value)
    elif isinstance(shape, Duration):
        yield from ("1 working day", "9 working days")
    elif isinstance(shape, Count):
        yield from ("1", "3")
    elif isinstance(shape, Condition):
        yield from ("urgent", "not urgent", "typical = norm", "against it")
    elif isinstance(shape, TimeOr):
        yield from others(shape.text, value, place)
    elif isinstance(shape, Answerers):
        yield from others(Ref("person"), value, place)
    elif isinstance(shape, Ref):
        names = {"person": "people", "child": "children", "ladder": "ladders"}.get(shape.kind)
        known = TREE[names] if names else TREE[place[0]][place[1]]["rungs"]
        yield from (n for n in [*known, *shape.besides] if n != value)
    else:
        assert isinstance(shape, ListOf | Record), type(shape)


def exchanged(place: Place, value: str) -> str:
    whole = copy.deepcopy(TREE)
    inner = whole
    for step in place[:-1]:
        inner = inner[step]
    inner[place[-1]] = value
    return json.dumps(whole, ensure_ascii=False, indent=1)  # JSON is YAML


def tried(symbol: Symbol, turn: int) -> Any:
    """A value of a symbol in one of the worlds in which terms are compared."""
    chance = zlib.crc32(f"{symbol.kind} {symbol.name} {turn}".encode())
    if symbol.kind == "number":
        return (None, 0, 1, 2, 3, 4, 6, 8, 11, 30)[chance % 10]
    if symbol.kind == "calendar":
        return symbol.low + chance % (symbol.high - symbol.low + 1)  # type: ignore[operator]
    return symbol.values[chance % len(symbol.values)] if symbol.values else bool(chance % 2)


def drawn(g: StateGraph) -> list[Any]:
    """A state graph without its citations and places; of each term, its value in some worlds."""
    worlds = [evaluator({s: tried(s, turn) for s in g.symbols}) for turn in range(16)]

    def values(*terms: Term) -> tuple[Any, ...]:
        return tuple(of(t) for t in terms for of in worlds)

    return [
        [
            (s.name, s.kind, s.track, s.rung, s.owner, s.side, values(s.limit, s.prompt, s.formal))
            for s in g.states.values()
        ],
        [
            (
                *(m.name, m.kind, m.track, m.actor, m.source, m.target, m.strength, m.at_limit),
                *(m.keeps, m.needs, sorted(m.while_in or ()), m.also),
                values(m.guard, m.earliest),
                [(k.who, k.how, k.strength, values(k.guard)) for k in m.marks],
            )
            for m in g.moves
        ],
        [
            (b.name, values(b.at_most, b.cap), sorted(b.cuts),
             sorted((n, values(t)) for n, t in b.counts.items()))
            for b in g.budgets
        ],
        [(c.who, c.how, c.step, c.state, values(c.guard)) for c in g.consents],
        values(g.domain, *g.independent.values(), *g.reach_of.values()),
    ]  # fmt: skip


def graph_of(p: Protocol) -> list[list[Any]]:
    return [drawn(g) for g in graphs(p)]


def verdicts_of(p: Protocol) -> list[tuple[Any, ...]]:
    found = check(p, mends=False)
    return [(v.ladder, v.claim.id, v.verdict, v.plain, v.why, v.condition) for v in found]


def page_of(p: Protocol) -> str:
    return re.sub(r"\bline \d+|lines? [\d, ]+", "", table.show(p, "text"))


@cache
def base() -> Protocol:
    return loads(json.dumps(TREE, ensure_ascii=False, indent=1), "every.yaml")


BASE = {f: f(base()) for f in (graph_of, verdicts_of, page_of)}
LEAVES = list(leaves(PROTOCOL, TREE))
KEYS = sorted({key for key, _, _ in LEAVES})


def used_by(key: Key) -> str:
    """The first of graph, verdicts and page that another value of a key changes."""
    loaded: list[Protocol] = []
    for mine, place, shape in LEAVES:
        if mine != key:
            continue
        value: Any = TREE
        for step in place:
            value = value[step]
        for other in others(shape, value, place):
            if other == "unknown" and key in RECORDED:
                continue  # that a part is not there is a verdict of its own
            try:
                found = loads(exchanged(place, other), "every.yaml")
            except PolicyError:
                continue
            if graph_of(found) != BASE[graph_of]:
                return "graph"
            loaded.append(found)
    assert loaded, f"no other value of {key} may stand there"
    if any(verdicts_of(p) != BASE[verdicts_of] for p in loaded[:40]):
        return "verdicts"
    return "page" if all(page_of(p) != BASE[page_of] for p in loaded[:40]) else "nothing"


def test_the_policy_has_every_key() -> None:
    """What every rung has is spread over the rungs, and is refused where it is of no use."""
    wanted = {(r.noun, key) for r in records(PROTOCOL) for key in [*r.keys()]}
    wanted = {key for key in wanted if key[0] != "what every rung has"}
    above = {(r.noun, k) for r in records(PROTOCOL) for k, f in r.keys().items() if _nests(f.shape)}
    assert wanted - set(KEYS) - above == set()


def _nests(shape: Any) -> bool:
    """Whether a value of this shape is made of keys of its own."""
    return any(True for _ in records(shape))


@pytest.mark.parametrize("key", KEYS, ids=lambda k: f"{k[0]}: {k[1]}")
def test_a_key_is_used(key: Key) -> None:
    if key[1] in ("source", "assumed"):
        assert used_by(key) in ("verdicts", "page"), WHERE
    elif key in RECORDED or key == ("what every rung has", "meeting"):
        assert used_by(key) == "page", "the list of what is only recorded is wrong"
    else:
        assert used_by(key) in ("graph", "verdicts")


def test_the_dictionary_lists_what_is_only_recorded() -> None:
    text = README.read_text("utf-8")
    part = text[text.index("## What is recorded only") :].split("\n## ", 1)[0]
    listed = set(re.findall(r"^\| ([^|`]+) \| `([^`]+)` \|", part, re.MULTILINE))
    assert listed == set(RECORDED)
