"""Exported ladders, asked by other engines, against the explorer and against our own analysis.

`explorer.py` goes by the graph and knows nothing of the exports; the engines of `engines.py` read
the exported text (Storm, TChecker, Spacer) or the automaton (unrolling, Optimize, the game).
"""

from __future__ import annotations

import importlib.util
from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from engines import (
    TCK_REACH,
    Storm,
    Undecided,
    Unrolled,
    forced,
    spacer_exceeds,
    spacer_reaches,
    tchecker_exceeds,
)
from explorer import FAR, Explorer
from kept import kept_graph
from ladders import graph_of as random_graph
from test_decide import LADDERS, holds_in, worlds_of
from timed_text import positions, read_tchecker, read_uppaal

from model.expand import graphs
from model.exporting import DILIGENT, PERMITTED, Automaton, automaton, tchecker, uppaal
from model.exporting.automaton import live
from model.exporting.head import labels
from model.exporting.timed import timed
from model.graph import AFTER, LADDER, StateGraph
from model.load import authorities, load
from model.replay import world_of
from model.terms import INFINITE, evaluator, is_case
from proofs.claims import BY_ID
from proofs.decide import Decider

NAMES = list(LADDERS)
CONDUCTS = (PERMITTED, DILIGENT)
World = dict[Any, Any]

no_storm = pytest.mark.skipif(
    importlib.util.find_spec("stormpy") is None,
    reason="stormpy is not installed: it is asked for on Linux on x86-64 only",
)
no_tchecker = pytest.mark.skipif(
    TCK_REACH is None,
    reason="no tck-reach on the path: TChecker's wheel does not load on Debian 12, build it",
)


def each(step: int, first: int = 0) -> list[Any]:
    """All small ladders, of which every so manieth is for each run of the tests."""
    often = NAMES[first::step]
    return [n if n in often else pytest.param(n, marks=pytest.mark.slow) for n in NAMES]


@cache
def graph_of(name: str) -> StateGraph:
    return kept_graph(*LADDERS[name])


@cache
def worlds(name: str) -> tuple[World, ...]:
    return tuple(worlds_of(graph_of(name)))


def some(name: str, count: int) -> list[World]:
    """A few worlds of a ladder, the first and the last among them."""
    there = worlds(name)
    places = {round(k * (len(there) - 1) / max(1, count - 1)) for k in range(count)}
    return [there[place] for place in sorted(places)]


def worst(graph: StateGraph, world: World, conduct: str) -> int:
    return Explorer(graph, world, conduct, once=True).worst()


def reached(graph: StateGraph, world: World, conduct: str) -> set[str]:
    return Explorer(graph, world, conduct).states


def on_ladder(graph: StateGraph, states: set[str]) -> set[str]:
    return {name for name in states if graph.states[name].track == LADDER}


def questions(days: int) -> Iterator[tuple[int, bool]]:
    """Bounds to ask for, and whether the formal days can be more: one question of each kind."""
    if days >= FAR:
        yield 20, True
    else:
        yield days, False
        if days:
            yield days - 1, True


# --- Storm --------------------------------------------------------------------------------------


def storm_agrees(name: str, world: World, conduct: str) -> None:
    graph = graph_of(name)
    asked = Storm(automaton(graph, world, conduct))
    assert asked.days() == worst(graph, world, conduct)
    assert on_ladder(graph, asked.states()) == reached(graph, world, conduct)


@no_storm
@pytest.mark.parametrize("name", NAMES)
def test_storm_finds_the_days_and_the_states_of_the_explorer(name: str) -> None:
    world = some(name, 2)[-1]
    for conduct in CONDUCTS:
        storm_agrees(name, world, conduct)


@no_storm
@pytest.mark.slow
@pytest.mark.parametrize("name", NAMES)
def test_storm_agrees_in_every_world(name: str) -> None:
    for world in worlds(name):
        for conduct in CONDUCTS:
            storm_agrees(name, world, conduct)


@no_storm
@pytest.mark.parametrize("name", each(6))
def test_our_verdicts_on_time_are_those_of_storm(name: str) -> None:
    """A verdict on a reading is about every case: it holds if Storm finds none that is slow."""
    graph = graph_of(name)
    decider = Decider(graph)
    first = some(name, 1)[0]
    alike = [w for w in worlds(name) if all(is_case(s) or w[s] == v for s, v in first.items())]
    for conduct, claim in ((PERMITTED, "total-permitted"), (DILIGENT, "total-diligent")):
        answer = decider.decide(BY_ID[claim])
        if answer.word != "undecided":
            slow = any(Storm(automaton(graph, w, conduct)).days() > 20 for w in alike)
            assert holds_in(answer, first) is not slow


@no_storm
@pytest.mark.parametrize("name", each(6, 1))
def test_where_nothing_can_follow_no_dead_end_does_not_hold(name: str) -> None:
    graph = graph_of(name)
    answer = Decider(graph).decide(BY_ID["no-dead-end"])
    for world in some(name, 2):
        made = automaton(graph, world)
        leaving = {made.places[s.source].at[0] for s in made.steps if s.moves[0].track == LADDER}
        over = {s.name for s in graph.main if s.kind in AFTER}
        still = on_ladder(graph, Storm(made).states()) - leaving - over
        assert not still or not holds_in(answer, world)


# --- Z3, three ways -----------------------------------------------------------------------------


def spacer_agrees(name: str, world: World, conduct: str) -> None:
    graph = graph_of(name)
    made = automaton(graph, world, conduct)
    for bound, more in questions(worst(graph, world, conduct)):
        assert spacer_exceeds(made, bound) is more


@pytest.mark.parametrize("name", each(4))
def test_spacer_finds_the_days_of_the_explorer(name: str) -> None:
    spacer_agrees(name, some(name, 1)[0], DILIGENT)


@pytest.mark.slow
@pytest.mark.parametrize("name", NAMES)
def test_spacer_agrees_in_more_worlds(name: str) -> None:
    for world in some(name, 4):
        for conduct in CONDUCTS:
            spacer_agrees(name, world, conduct)


@pytest.mark.parametrize("name", ["silence that means nothing"])
def test_spacer_reaches_what_the_explorer_reaches(name: str) -> None:
    graph, world = graph_of(name), some(name, 1)[0]
    made = automaton(graph, world)
    there = reached(graph, world, PERMITTED)
    states = [s.name for s in graph.main]
    for state in states[:: max(1, len(states) // 6)]:
        assert spacer_reaches(made, state) is (state in there)


STEPS = 14  # as many as any way without a cycle through these ladders has
SHORT = ["time to decide"]


def unrolled_agrees(name: str, world: World, conduct: str, steps: int = STEPS) -> None:
    graph = graph_of(name)
    days = worst(graph, world, conduct)
    unrolled = Unrolled(automaton(graph, world, conduct), steps)
    for bound, more in questions(days):
        assert unrolled.exceeds(bound) is more
    most = unrolled.most()  # on a cycle there is more the more steps there are
    assert most == days if days < FAR else most > 20


@pytest.mark.parametrize("name", SHORT)
def test_unrolling_and_optimize_find_the_days_of_the_explorer(name: str) -> None:
    unrolled_agrees(name, some(name, 1)[0], DILIGENT)


@pytest.mark.slow
@pytest.mark.parametrize("name", NAMES)
def test_unrolling_and_optimize_agree_on_every_ladder(name: str) -> None:
    try:
        for conduct in CONDUCTS:
            unrolled_agrees(name, some(name, 1)[0], conduct)
    except Undecided as why:
        pytest.skip(f"Z3 gives up: {why}")


@pytest.mark.parametrize("name", each(5))
def test_what_the_raiser_can_force_is_the_same_for_z3(name: str) -> None:
    graph = graph_of(name)
    over = {s.name for s in graph.main if s.kind in AFTER and s.name != "withdrawn"}
    tops = {s.name for s in graph.main if s.rung == "director"}
    for world in some(name, 1):
        made = automaton(graph, world)
        for goals in (over, tops):
            expected = Explorer(graph, world).wins(
                lambda p, goals=goals: p.tokens[0][0] in goals, [graph.start]
            )[graph.start]
            assert forced(made, goals) is expected


# --- timed automata -----------------------------------------------------------------------------


@no_tchecker
@pytest.mark.parametrize("name", NAMES)
def test_tchecker_finds_the_days_of_the_explorer(name: str) -> None:
    graph = graph_of(name)
    for world in some(name, 2):
        for conduct in CONDUCTS:
            made = automaton(graph, world, conduct)
            if not timed(made).paused:
                for bound, more in questions(worst(graph, world, conduct)):
                    assert tchecker_exceeds(made, bound) is more


@pytest.mark.parametrize("name", each(3))
def test_the_texts_of_timed_automata_say_what_the_explorer_finds(name: str) -> None:
    graph = graph_of(name)
    world = some(name, 1)[0]
    conduct = CONDUCTS[NAMES.index(name) % 2]
    made = automaton(graph, world, conduct)
    texts_agree(made, worst(graph, world, conduct), reached(graph, world, conduct))


def texts_agree(made: Automaton, days: int, there: set[str]) -> None:
    """That both texts, read again, reach these states and take so many formal days."""
    system = timed(made)
    exact = not system.paused
    far = 1 + max([0, *made.most])
    names = {label: name for name, label in labels(made).items()}
    by_name = {f"l{n}": made.places[loc.place] for n, loc in enumerate(system.locations)}
    for bound, more in questions(days):
        text = read_tchecker(tchecker(made, bound))
        found = {name for name, _ in positions(text, max(far, bound + 2))}
        if exact:
            assert ("late" in found) is more
            states = {names[x] for name in found for x in text.labels[name] if x in names}
            assert on_ladder(made.graph, states) == there
        uppaal_text = read_uppaal(uppaal(made, bound))
        found_there = positions(uppaal_text, max(far, bound + 2))
        assert {name for name, _ in found_there} == found - {"late"}
        if exact:
            total = uppaal_text.clocks.index("T")
            most = [clocks[total] for name, clocks in found_there if by_name[name].formal]
            assert (max(most, default=0) > bound) is more
            assert uppaal_text.queries[0].endswith(f"imply T <= {bound})")


def test_what_no_clock_can_measure_is_said_and_not_asked() -> None:
    graph = graph_of("a referral that suspends")
    made = automaton(graph, world_of(graph))
    assert timed(made).paused and not timed(made).formal
    for text in (tchecker(made), uppaal(made)):
        assert "formal days: they stop and go on, which no clock can" in text
        assert "late" not in text.replace("late:", "") or "-l late" not in text
        assert "sup{" not in text


# --- the five protocols -------------------------------------------------------------------------


def ladders() -> list[StateGraph]:
    return [graph for path in authorities() for graph in graphs(load(path))]


def case_worlds(graph: StateGraph) -> Iterator[World]:
    """The plain world and, if no dispute can begin there, those with one fact that is so."""
    plain = world_of(graph)
    begins = Decider(graph).analysis.base
    facts = [s for s in graph.symbols if s.kind == "fact"]
    numbers = {s: 2 for s in graph.symbols if s.kind == "number"}
    for given in (plain, *({**plain, fact: True} for fact in facts)):
        if evaluator(given)(begins):
            yield given
            yield {**given, **numbers}
            return


@no_storm
@pytest.mark.parametrize("graph", ladders(), ids=lambda g: g.name)
def test_storm_agrees_with_our_analysis_on_the_five_protocols(graph: StateGraph) -> None:
    analysis = Decider(graph).analysis
    seen = 0
    for world in case_worlds(graph):
        of = evaluator(world)
        assert of(analysis.domain)
        for conduct in CONDUCTS:
            asked = Storm(automaton(graph, world, conduct))
            assert asked.days() == analysis.takes(conduct, world), conduct
            seen += 1
        states = Storm(automaton(graph, world)).states()
        assert on_ladder(graph, states) == {s for s, term in analysis.reach.items() if of(term)}
    assert seen >= 2


@pytest.mark.parametrize("graph", ladders(), ids=lambda g: g.name)
def test_spacer_and_timed_texts_agree_on_the_five_protocols(graph: StateGraph) -> None:
    analysis = Decider(graph).analysis
    for world in case_worlds(graph):
        days = analysis.takes(DILIGENT, world)
        made = automaton(graph, world, DILIGENT)
        for bound, more in questions(days):
            assert spacer_exceeds(made, bound) is more
            if TCK_REACH is not None and not timed(made).paused:
                assert tchecker_exceeds(made, bound) is more


# --- the tests notice ---------------------------------------------------------------------------


def broken(made: Automaton) -> Iterator[tuple[str, Automaton]]:
    """An automaton with one thing wrong at a time."""
    places, steps = made.places, made.steps
    slow = next(n for n, p in enumerate(places) if p.formal and p.stays)
    more = tuple(bound._replace(days=bound.days + 1) for bound in places[slow].stays)
    later = [*places[:slow], places[slow]._replace(stays=more), *places[slow + 1 :]]
    yield "a longer window", replace(made, places=tuple(later), most=(max(made.most) + 1,))
    open_ended = [*places[:slow], places[slow]._replace(stays=()), *places[slow + 1 :]]
    yield "no window", replace(made, places=tuple(open_ended))
    informal = [place._replace(formal=False) for place in places]
    yield "nothing formal", replace(made, places=tuple(informal))
    idle = [step._replace(resets=frozenset()) for step in steps]
    yield "no clock begins anew", replace(made, steps=tuple(idle))
    up = [step for step in steps if all(move.kind != "escalate" for move in step.moves)]
    yield "nothing goes up", replace(made, steps=tuple(up))


def test_each_engine_notices_what_is_wrong() -> None:
    graph = graph_of("silence that means nothing")
    made = automaton(graph, world_of(graph), DILIGENT)
    days = worst(graph, world_of(graph), DILIGENT)
    assert 0 < days < FAR and len(made.clocks) == 1
    kinds = list(broken(made))
    assert len(kinds) == 5
    for what, wrong in kinds:
        asked = [(bound, more) for bound, more in questions(days)]
        spacer = [spacer_exceeds(wrong, bound) is more for bound, more in asked]
        assert not all(spacer), what
        unrolled = Unrolled(wrong, STEPS)
        assert not all(unrolled.exceeds(bound) is more for bound, more in asked), what
        if importlib.util.find_spec("stormpy"):
            assert Storm(wrong).days() != days, what
        with pytest.raises(AssertionError):
            texts_agree(wrong, days, reached(graph, world_of(graph), DILIGENT))


def test_the_game_notices_a_step_that_is_lost() -> None:
    graph = graph_of("plain")
    made = automaton(graph, world_of(graph))
    goals = {s.name for s in graph.main if s.rung == "director"}
    assert forced(made, goals)
    mine = [s for s in made.steps if all(m.side != "raiser" for m in s.moves) or s.source == 0]
    assert not forced(replace(made, steps=tuple(mine)), goals)


def test_in_the_game_nobody_holds_up_a_day_by_requests_without_end() -> None:
    """On a ladder that is kept: forced, though it would not be if requests could be without end."""
    kept = (
        Path(__file__).parent / "policies/agreed/more-time-that-others-ask-for-again-and-again.yaml"
    )
    graph = random_graph(kept.read_text("utf-8"))
    over = {s.name for s in graph.main if s.kind in AFTER and s.name != "withdrawn"}
    explorer = Explorer(graph, world_of(graph))
    assert explorer.wins(lambda p: p.tokens[0][0] in over, [graph.start])[graph.start]
    made = automaton(graph, world_of(graph))
    assert forced(made, over)
    assert not forced(made, over, endless=True)


# --- the automaton ------------------------------------------------------------------------------


def test_a_clock_that_nobody_asks_for_any_more_is_not_live() -> None:
    graph = graph_of("a window from raising")
    made = automaton(graph, world_of(graph))
    asked = live(made)
    over = [n for n, p in enumerate(made.places) if graph.states[p.at[0]].kind == "end"]
    assert over and all(not asked[n] for n in over)
    assert any(len(clocks) == len(made.clocks) for clocks in asked)


def test_all_side_tracks_are_there_if_asked_for() -> None:
    graph = graph_of("leave to skip")
    world = world_of(graph)
    needed, every = automaton(graph, world), automaton(graph, world, every_track=True)
    assert set(needed.tracks) < set(every.tracks) == {LADDER, *graph.tracks}
    left_out = set(graph.tracks) - set(needed.tracks)
    assert {f"The side track {track} is left out" for track in left_out} == {
        s.partition(":")[0] for s in needed.left_out if s.startswith("The side track")
    }
    assert not any(s.startswith("The side track") for s in every.left_out)
    assert worst(graph, world, PERMITTED) == INFINITE or Unrolled(every, 4)


@no_storm
def test_side_tracks_on_which_nothing_depends_change_nothing() -> None:
    """What is left out by default could be left out: with it, Storm finds the same."""
    for name in NAMES[::9]:
        graph, world = graph_of(name), some(name, 1)[0]
        for conduct in CONDUCTS:
            one = Storm(automaton(graph, world, conduct))
            every = Storm(automaton(graph, world, conduct, every_track=True))
            assert one.days() == every.days()
            assert on_ladder(graph, one.states()) == on_ladder(graph, every.states())
