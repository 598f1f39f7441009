"""A change of policy or of one number changes what it is about, and nothing else."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from caseload import chance, exponential, ladder, staffed, workload

from model.graph import StateGraph
from simulations.engine import SimulatedDispute
from simulations.run import run_replication, traces
from simulations.workload import Conduct, Outcome, Response, Workload

MANY: dict[str, Any] = {
    "responses": (Response(delay=exponential(3), satisfied=chance(0.6), silent=chance(0.1)),),
    "conducts": (Conduct(delay=exponential(1)),),
    "outcomes": (Outcome(),),
}


def of(**more: Any) -> Workload:
    return workload(**(MANY | staffed(3, 5) | {"days": 400, "rate": 1.0} | more))


def told(graphs: tuple[StateGraph, ...], load: Workload, seed: int = 1) -> dict[int, Any]:
    """Each dispute as its first day and the days and names of its moves, by number."""
    found = traces(graphs, load, load.authorities[0], seed=seed, number=0)
    return {d.number: _said(d) for d in found}


def _said(dispute: SimulatedDispute) -> Any:
    return dispute.first, [(step.day, step.move.name) for step in dispute.trace]


def rungs(said: Any) -> int:
    return sum("goes up" in name or name.startswith("raises") for _, name in said[1])


def test_the_same_run_twice_is_the_same() -> None:
    load = of()
    first, second = (
        run_replication(ladder(), load, load.authorities[0], seed=3, number=1) for _ in range(2)
    )
    assert first == second
    other = run_replication(ladder(), load, load.authorities[0], seed=3, number=2)
    assert other.digest != first.digest


def test_a_longer_window_changes_only_disputes_that_a_window_ended() -> None:
    short, long = (
        told(ladder(window="5 working days"), of()),
        told(ladder(window="8 working days"), of()),
    )
    assert short.keys() == long.keys()
    same = changed = 0
    for number_of, said in short.items():
        if any(name == "no answer in time" for _, name in said[1]):
            changed += said != long[number_of]
        else:
            same += 1
            assert said == long[number_of]
    assert same > 100 and changed > 50


def test_a_rung_more_changes_only_disputes_that_get_there() -> None:
    three, four = told(ladder(3), of()), told(ladder(4), of(**staffed(4, 5)))
    lower = [n for n, said in three.items() if said[1][-1][1] != "the ladder is exhausted"]
    alike = [n for n in lower if rungs(three[n]) < 3]
    assert len(alike) > 100
    assert all(three[n] == four[n] for n in alike)


def test_the_habits_of_one_rung_change_nothing_below_it() -> None:
    mild = of(responses=(*MANY["responses"], replace(MANY["responses"][0], rung="stage 3")))
    harsh = of(
        responses=(*MANY["responses"], Response(rung="stage 3", silent=chance(1))),
    )
    one, two = told(ladder(), mild), told(ladder(), harsh)
    for number_of, said in one.items():
        below = [s for s in said[1] if "stage 3" not in s[1]][: 2 * 2]
        assert two[number_of][0] == said[0] and two[number_of][1][: len(below)] == below
    reached = [n for n, said in one.items() if rungs(said) == 3]
    assert any(one[n] != two[n] for n in reached)


def test_a_rate_lays_the_same_disputes_out_anew() -> None:
    """Twice the rate: the disputes of the first half of the time, twice as close."""
    usual, twice = told(ladder(), of()), told(ladder(), of(rate=2))
    assert len(twice) == pytest.approx(2 * len(usual), rel=0.25)
    paths = [[name for _, name in said[1]] for said in (usual[0], twice[0])]
    assert paths[0] == paths[1]


def test_common_draws_make_a_difference_less_noisy() -> None:
    """The variance of a difference is well below that between runs of different seeds."""
    graphs = ladder(window="5 working days"), ladder(window="7 working days")
    load = of()

    def mean(which: int, number_of: int) -> float:
        found = run_replication(
            graphs[which], load, load.authorities[0], seed=9, number=number_of, replayed=0
        )
        return sum(d * n for d, n in found.days.items()) / sum(found.days.values())

    ours = [mean(0, n) - mean(1, n) for n in range(12)]
    apart = [mean(0, n) - mean(1, n + 100) for n in range(12)]

    def variance(values: list[float]) -> float:
        middle = sum(values) / len(values)
        return sum((v - middle) ** 2 for v in values) / (len(values) - 1)

    assert variance(ours) < variance(apart) / 2


def test_more_staff_at_one_rung_leave_who_comes_and_what_they_want_alone() -> None:
    work = (replace(MANY["responses"][0], work=exponential(20, "hours")),)
    few, many = (
        traces(ladder(), load, load.authorities[0], seed=1, number=0)
        for load in (of(responses=work, **staffed(3, 1)), of(responses=work, **staffed(3, 9)))
    )
    assert [(d.number, d.severity, d.first) for d in few] == [
        (d.number, d.severity, d.first) for d in many
    ]
