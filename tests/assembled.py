"""Policies put together for tests: a small complete policy, and a fragment set into it."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import yaml

from model.expand import expand
from model.graph import Move, State, StateGraph
from model.load import loads
from model.protocol import Protocol
from model.replay import Run, Step, replay, world_of
from model.terms import INFINITE, Symbol, Term, Value, evaluate

BASE = Path(__file__).parent / "policies" / "dictionary-base.yaml"
LADDER = "ladders › dispute"
RUNG = "ladders › dispute › rungs › team manager"

Steps = Iterable[tuple[int, str]]
Case = Mapping[str, Value]


def tree(text: str) -> Any:
    """The text as YAML with every scalar kept as text."""
    return yaml.load(text, Loader=yaml.BaseLoader)


def merged(base: Any, fragment: Any, replaced: Iterable[str] = ()) -> Any:
    """`base` with what `fragment` says besides or instead; tables go into tables.

    The keys in `replaced` lose what `base` has for them.
    """
    if not isinstance(base, dict) or not isinstance(fragment, dict):
        return fragment
    kept = {k: v for k, v in base.items() if k not in replaced}
    return {**kept, **{k: merged(kept.get(k), v) for k, v in fragment.items()}}


def assembled(fragment: str, place: str = LADDER, replaced: Iterable[str] = ()) -> str:
    """The text of the base with a fragment at a place such as `ladders › dispute`."""
    base = tree(BASE.read_text(encoding="utf-8"))
    keys = place.split(" › ") if place else []
    inner = base
    for key in keys:
        inner = inner[key]
    whole = merged(inner, tree(fragment) or {}, replaced)
    for number in range(len(keys) - 1, -1, -1):
        outer = base
        for key in keys[:number]:
            outer = outer[key]
        whole = {**outer, keys[number]: whole}
    return json.dumps(whole, ensure_ascii=False, indent=1)  # JSON is YAML


def policy(fragment: str = "", place: str = LADDER, replaced: Iterable[str] = ()) -> Protocol:
    return loads(assembled(fragment, place, replaced), "assembled.yaml")


def graph(fragment: str = "", place: str = LADDER, replaced: Iterable[str] = ()) -> StateGraph:
    """The state graph of the dispute, with a fragment in it."""
    return expand(policy(fragment, place, replaced), "dispute")


def world(of: StateGraph, case: Case | None = None) -> dict[Symbol, Value]:
    """The plain world but for some symbols, given by their names."""
    by_name = {s.name: s for s in of.symbols}
    return world_of(of, {by_name[name]: value for name, value in (case or {}).items()})


def value(of: StateGraph, term: Term, case: Case | None = None) -> Any:
    """A guard or a limit in a world; None for no limit."""
    found = evaluate(term, world(of, case))
    return None if found >= INFINITE else found


def limit(of: StateGraph, state: str, case: Case | None = None) -> Any:
    return value(of, of.states[state].limit, case)


def trace(of: StateGraph, steps: Steps, case: Case | None = None) -> list[Step]:
    """A trace from days and names of moves; of several of one name, the first that is open."""
    chosen, found = world(of, case), list[Step]()
    for day, name in steps:
        run = replay(of, found, chosen)
        assert run.refused is None, f"{run.why} before {name!r}"
        here = [m for m in of.moves if m.source == run.tokens[m.track].state]
        ways = [Step(day, m) for m in here if m.name == name]
        assert ways, f"no {name!r} at {run.state!r}, but {sorted({m.name for m in here})}"
        good = [w for w in ways if replay(of, [*found, w], chosen).refused is None]
        found.append((good or ways)[0])
    return found


def follow(of: StateGraph, steps: Steps, case: Case | None = None, until: int | None = None) -> Run:
    """What `replay` says to a trace of days and names of moves."""
    return replay(of, trace(of, steps, case), world(of, case), until)


def moves(of: StateGraph, source: str = "", kind: str = "", name: str = "") -> list[Move]:
    """The moves out of a state, of a kind, or of a name."""
    return [
        m
        for m in of.moves
        if source in ("", m.source) and kind in ("", m.kind) and name in ("", m.name)
    ]


def gates(of: StateGraph) -> list[State]:
    """The states in which somebody's agreement or view is awaited."""
    return [s for s in of.states.values() if s.kind == "gate"]
