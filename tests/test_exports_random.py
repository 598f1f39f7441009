"""Random ladders in random worlds: the engines of `engines.py` against the explorer."""

from __future__ import annotations

import importlib.util
import random
from collections import Counter
from typing import Any

import pytest
from engines import (
    TCK_REACH,
    Storm,
    Undecided,
    Unrolled,
    forced,
    spacer_exceeds,
    tchecker_exceeds,
)
from explorer import FAR, Explorer
from hypothesis import HealthCheck, Phase, assume, given, settings
from hypothesis import strategies as st
from ladders import graph_of, policies
from test_exports import on_ladder, questions, texts_agree

from model.exporting import DILIGENT, PERMITTED, automaton
from model.exporting.timed import timed
from model.graph import AFTER, StateGraph
from model.replay import world_of
from model.terms import Symbol, evaluator
from proofs.analysis import Analysis

QUICK = 40  # ladders in each run of the tests; the rest on request
MANY = 400
STEPS = 8
NUMBERS = (0, 3, 8, None)
STORM = importlib.util.find_spec("stormpy") is not None


def a_world(graph: StateGraph, seed: int) -> dict[Symbol, Any] | None:
    """A world in which a dispute can begin; None if none was found."""
    draw = random.Random(seed)
    base = Analysis(graph).domain
    for _ in range(20):
        chosen: dict[Symbol, Any] = {}
        for symbol in graph.symbols:
            if symbol.kind == "fact":
                chosen[symbol] = draw.random() < 0.5
            elif symbol.kind == "number":
                chosen[symbol] = draw.choice(NUMBERS)
            elif symbol.kind == "calendar":
                chosen[symbol] = draw.randint(symbol.low, symbol.high or symbol.low)
            else:
                chosen[symbol] = draw.choice(symbol.values)
        try:
            world = world_of(graph, chosen)
        except ValueError:  # this person may not raise this dispute for this child
            continue
        if evaluator(world)(base):
            return world
    return None


def agree(text: str, seed: int, seen: Counter[str], thorough: bool) -> None:
    """That all engines say of one ladder in one world what the explorer says."""
    graph = graph_of(text)
    world = a_world(graph, seed)
    assume(world is not None)
    assert world is not None
    seen["ladders"] += 1
    for conduct in (PERMITTED, DILIGENT) if thorough else ((PERMITTED, DILIGENT)[seed % 2],):
        days = Explorer(graph, world, conduct, once=True).worst()
        there = Explorer(graph, world, conduct).states
        made = automaton(graph, world, conduct)
        if STORM:
            asked = Storm(made)
            assert asked.days() == days, (conduct, asked.days(), days)
            assert on_ladder(graph, asked.states()) == there, conduct
            seen["Storm"] += 1
        for name, exceeds in engines(made, thorough):
            try:
                for bound, more in questions(days):
                    found = exceeds(bound)
                    if name == "unrolled" and days >= FAR and not found:
                        continue  # so many steps are not enough to go round often
                    assert found is more, (name, conduct, bound, days)
                seen[name] += 1
            except Undecided:
                seen[f"{name} undecided"] += 1
        if len(made.places) < 300:
            texts_agree(made, days, there)
            seen["texts"] += 1
    made = automaton(graph, world)
    over = {s.name for s in graph.main if s.kind in AFTER and s.name != "withdrawn"}
    expected = Explorer(graph, world).wins(lambda p: p.tokens[0][0] in over, [graph.start])
    assert forced(made, over) is expected[graph.start]
    seen["game"] += 1


def engines(made: Any, thorough: bool) -> list[tuple[str, Any]]:
    found: list[tuple[str, Any]] = [("Spacer", lambda bound: spacer_exceeds(made, bound))]
    if thorough or len(made.places) < 20:  # unrolling is what takes the time
        found.append(("unrolled", Unrolled(made, STEPS).exceeds))
    if TCK_REACH is not None and not timed(made).paused:
        found.append(("TChecker", lambda bound: tchecker_exceeds(made, bound)))
    return found


def run(many: int, thorough: bool) -> Counter[str]:
    seen: Counter[str] = Counter()

    @settings(
        max_examples=many, derandomize=True, deadline=None, database=None,
        suppress_health_check=list(HealthCheck), phases=[Phase.generate, Phase.shrink],
    )  # fmt: skip
    @given(policies(), st.integers(0, 1_000_000))
    def check(text: str, seed: int) -> None:
        agree(text, seed, seen, thorough)

    check()
    return seen


def test_all_engines_agree_on_random_ladders() -> None:
    seen = run(QUICK, thorough=False)
    told(seen, QUICK // 2)


@pytest.mark.slow
def test_all_engines_agree_on_many_random_ladders() -> None:
    told(run(MANY, thorough=True), MANY // 2)


def told(seen: Counter[str], least: int) -> None:
    """That each engine had its part: most questions were decided by it."""
    print(dict(seen))
    assert seen["ladders"] >= least
    assert seen["unrolled"] >= least / 5
    for name in ("Spacer", "unrolled", "texts", "game", *(["Storm"] if STORM else [])):
        assert seen[name] > 4 * seen[f"{name} undecided"], name
