"""No simulated dispute outlasts a bound that the proofs hold."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
from caseload import chance, conduct, constant, exponential, ladder, response, staffed, workload
from test_simulation_replay import PROTOCOLS, busy, ladders, otherwise

from model.graph import AFTER, LADDER, StateGraph
from model.replay import Step, replay
from model.terms import INFINITE, World, evaluator, is_case
from proofs.analysis import DILIGENT, PERMITTED, UNHURRIED
from proofs.bounds import Bound
from proofs.decide import Decider
from simulations.engine import SimulatedDispute
from simulations.run import traces
from simulations.workload import Conduct, Response, Workload

AT_ONCE: Mapping[str, Any] = {
    "delay": constant(0), "work": constant(0, "hours"), "preparing": constant(0, "hours"),
    "patience": constant(0), "grants": chance(0), "gives_up": chance(0), "waits": constant(0),
    "skips": chance(0), "hands_over": chance(0),  # both may have to wait for somebody's leave
}  # fmt: skip


Bounds = dict[tuple[str, str, tuple[Any, ...]], Bound]


def bound(decider: Decider, conduct_of: str, world: World, known: Bounds) -> int:
    given = {s: v for s, v in world.items() if not is_case(s)}
    key = (decider.graph.name, conduct_of, tuple(given.values()))
    if key not in known:
        known[key] = decider.analysis.end_by(conduct_of, given=given)
    of = evaluator(world)
    return max((of(count) for guard, count in known[key] if of(guard)), default=0)


def first_process(dispute: SimulatedDispute) -> list[Step]:
    """The steps until the ladder's formal process is over for the first time."""
    steps = []
    for step in dispute.trace:
        steps.append(step)
        state = dispute.graph.states[step.move.also or step.move.target]
        if state.track == LADDER and state.kind in AFTER:
            break
    return steps


def is_prompt(dispute: SimulatedDispute, steps: list[Step]) -> bool:
    """Whether no state was stayed in longer than with a raiser who acts at once.

    It rules out who waits for a late answer or for leave, and windows which the raiser could have
    set shorter.
    """
    of = evaluator(dispute.world)
    since = 0
    state = dispute.graph.states[dispute.graph.start]
    for step in steps:
        if step.move.track != LADDER and step.move.also is None:
            continue
        if step.move.delays or step.day - since > of(state.prompt):
            return False
        state = dispute.graph.states[step.move.also or step.move.target]
        since = since if step.move.keeps else step.day
    return True


def longest(
    graphs: tuple[StateGraph, ...], load: Workload, conduct_of: str, seed: int
) -> tuple[int, int]:
    """The longest formal time of a dispute's first process, and how many bounds were finite."""
    deciders = {graph.name: Decider(graph) for graph in graphs}
    known: Bounds = {}
    worst = finite = 0
    for dispute in traces(graphs, load, load.authorities[0], seed=seed, number=0):
        steps = first_process(dispute)
        if not steps or (conduct_of != PERMITTED and not is_prompt(dispute, steps)):
            continue
        if conduct_of == UNHURRIED and any(step.move.kind == "late answer" for step in steps):
            continue
        formal = replay(dispute.graph, steps, dispute.world).formal
        most = bound(deciders[dispute.graph.name], conduct_of, dispute.world, known)
        assert formal <= most, f"dispute {dispute.number} takes {formal} days of {most}"
        finite += most < INFINITE
        worst = max(worst, formal)
    return worst, finite


@pytest.mark.parametrize("stem", PROTOCOLS)
def test_nobody_outlasts_what_is_permitted(stem: str) -> None:
    """Whatever everybody does, late, silent or slow, is within the bound on what is permitted."""
    load = busy(stem)
    longest(ladders(stem), load, PERMITTED, 1)
    longest(ladders(stem), otherwise(stem, load), PERMITTED, 1)


COMPLY = response(
    delay=exponential(3), work=constant(0, "hours"), late=chance(0), silent=chance(0),
    extension=chance(0), satisfied=chance(0.3), partly=chance(0.1),
)  # fmt: skip


@pytest.mark.parametrize("stem", PROTOCOLS)
def test_a_raiser_who_acts_at_once_is_within_the_bound_of_the_diligent(stem: str) -> None:
    """Officers answer within their windows, or are silent where an answer would come later."""
    load = busy(stem, conducts=(conduct(**AT_ONCE),), responses=(COMPLY,))
    loads = (load, otherwise(stem, load))
    diligent = [longest(ladders(stem), x, DILIGENT, 2) for x in loads]
    in_time = [longest(ladders(stem), x, UNHURRIED, 2) for x in loads]
    assert max(worst for worst, _ in diligent) >= 3
    assert sum(finite for _, finite in in_time) >= 200  # where no time is stated there is no bound


def test_the_bound_of_a_plain_ladder_is_reached_and_not_passed() -> None:
    slow = (Response(silent=chance(0.7), satisfied=chance(0), delay=exponential(2)),)
    load = workload(rate=1, days=400, conducts=(Conduct(),), responses=slow, **staffed(3, 50))
    worst, finite = longest(ladder(3), load, DILIGENT, 1)
    assert worst == 15 and finite > 300
