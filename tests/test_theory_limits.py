"""Limits, and laws that hold on every path; ladders, staffing, work, seeds are drawn at random."""

from __future__ import annotations

import heapq
from dataclasses import replace
from typing import Any, NamedTuple

from caseload import chance, conduct, constant, exponential, ladder, response, staffed
from caseload import workload as busy_workload
from hypothesis import given, settings
from hypothesis import strategies as st
from theory_parts import NEVER, STAYS, answers, few, some, stages

from model.graph import StateGraph
from simulations.draws import TICKS_A_DAY as DAY
from simulations.draws import (
    Purpose,
    name_of,
    named_key,
    numbered_key,
    place_key,
    quantiles,
    run_key,
    uniform,
)
from simulations.figures import ReplicationResult
from simulations.run import run_replication
from simulations.streams import arrivals, streams
from simulations.workload import Conduct, Distribution, Response

DAYS = 60
several = settings(max_examples=25, deadline=None, derandomize=True)

works = st.one_of(
    st.floats(0.01, 3).map(exponential),
    st.floats(0.01, 3).map(constant),
    st.builds(lambda a, s: some("gamma", a=a, scale=s), st.floats(0.3, 4), st.floats(0.05, 1)),
)


class Drawn(NamedTuple):
    rate: float
    officers: int
    rungs: int
    work: Distribution
    satisfied: float
    seed: int


drawn = st.builds(
    Drawn, st.floats(0.2, 4), st.integers(1, 4), st.integers(1, 4), works, st.floats(0, 1),
    st.integers(0, 1 << 40),
)  # fmt: skip


def run(
    graphs: tuple[StateGraph, ...], of: Drawn, endless: bool = False, **more: Any
) -> ReplicationResult:
    given_ = {"responses": (answers(of.work, satisfied=chance(of.satisfied)),)} | more
    load = few(DAYS, of.rate, stages(*[of.officers] * of.rungs), **given_)
    return run_replication(
        graphs, load, load.authorities[0], seed=of.seed, number=0, endless=endless, rows=True,
        replayed=0.2,
    )  # fmt: skip


def path(result: ReplicationResult) -> ReplicationResult:
    """The result but for what says how it was asked for."""
    return replace(result, ladder="", posts={}, events=0)


@several
@given(drawn)
def test_a_window_longer_than_the_run_is_no_window(of: Drawn) -> None:
    long = run(ladder(of.rungs, "250 working days"), of)
    none = run(ladder(of.rungs, "no limit"), of)
    assert long == replace(none, standing_still=long.standing_still)
    assert long.overdue == long.never_answered == 0


@several
@given(drawn, st.integers(0, 3))
def test_staff_without_end_is_an_officer_for_each_dispute(of: Drawn, window: int) -> None:
    graphs = ladder(of.rungs, f"{window} working days".replace("1 working days", "1 working day"))
    without = run(graphs, of, endless=True)
    enough = run(graphs, of._replace(officers=without.raised + without.brought_back + 1))
    assert path(without) == path(enough)
    for name, post in without.posts.items():
        assert post.waited == enough.posts[name].waited == 0
        assert post.worked == enough.posts[name].worked
    at_work = sum(post.worked for post in without.posts.values())
    assert at_work == without.open_area  # nothing else takes time


@several
@given(drawn)
def test_where_everybody_is_satisfied_the_first_rung_is_the_last(of: Drawn) -> None:
    result = run(ladder(of.rungs, "no limit"), of._replace(satisfied=1))
    assert set(result.highest) <= {"stage 1"} and set(result.outcomes) <= {"resolved"}
    assert set(result.rung_visits) <= {"stage 1", "between rungs"}
    assert all(post.passed == 0 for name, post in result.posts.items() if name != "stage 1")


@several
@given(drawn)
def test_where_nobody_is_satisfied_all_rungs_are_gone_through(of: Drawn) -> None:
    result = run(ladder(of.rungs, "no limit"), of._replace(satisfied=0))
    assert set(result.highest) <= {f"stage {of.rungs}"}
    assert set(result.outcomes) <= {"the ladder is exhausted"}
    visits = [result.rung_visits.get(f"stage {i}", 0) for i in range(1, of.rungs + 1)]
    assert visits == sorted(visits, reverse=True) and visits[-1] == result.ended


@several
@given(drawn, st.booleans())
def test_a_window_of_no_days_ends_every_visit_on_its_day(of: Drawn, never: bool) -> None:
    given_ = {"responses": (Response(delay=constant(1), work=of.work),)} if never else {}
    result = run(ladder(of.rungs, "0 working days"), of, **given_)
    assert set(result.days) <= {0} and result.open == 0
    if never:
        assert set(result.highest) <= {f"stage {of.rungs}"}
        assert set(result.outcomes) <= {"the ladder is exhausted"}
        assert result.overdue == result.awaited == of.rungs * result.raised


@several
@given(drawn, st.integers(0, 6))
def test_the_open_of_all_evenings_are_the_days_of_all_disputes(of: Drawn, window: int) -> None:
    """Little's law in days: on the evening of day d are open those who began by d and end later."""
    stated = "1 working day" if window == 1 else f"{window} working days"
    load = busy_workload(
        rate=of.rate / 5, days=DAYS, conducts=(conduct(),),
        responses=(response(work=of.work, satisfied=chance(of.satisfied)),),
        **staffed(of.rungs, of.officers),
    )  # fmt: skip
    result = run_replication(
        ladder(of.rungs, stated), load, load.authorities[0], seed=of.seed, number=0, rows=True
    )
    spans = [(_day(r["began"]), _day(r["ended"])) for r in result.rows]
    assert sum(result.open_by_day) == sum(end - start for start, end in spans)
    for day in (0, DAYS // 3, DAYS - 1):
        assert result.open_by_day[day] == sum(start <= day < end for start, end in spans)


@several
@given(drawn)
def test_one_rung_is_the_recursion_of_kiefer_and_wolfowitz(of: Drawn) -> None:
    """Who comes next begins as the first officer is free, whatever the law of the work."""
    of = of._replace(rungs=1, satisfied=1)
    graphs = ladder(1, "no limit")
    result = run(graphs, of)
    authority = few(DAYS, of.rate, stages(of.officers)).authorities[0]
    (stream,) = streams(graphs, authority, named_key(run_key(of.seed, 0), authority.name))
    free, table, stage = [0] * of.officers, quantiles(of.work), name_of("stage 1")
    expected, waited = [], 0
    for number, (comes, key) in enumerate(arrivals(stream, DAYS * DAY)):
        assert key == numbered_key(stream.key, number)
        mine = place_key(key, stage, 0)
        begins = max(comes, heapq.heappop(free))
        ends = begins + table.ticks(uniform(mine, Purpose.WORK))
        heapq.heappush(free, ends)
        waited += min(begins, DAYS * DAY) - comes
        expected.append((number, comes // DAY, ends // DAY if ends < DAYS * DAY else None))
    assert {(r["dispute"], r["began"], r["ended"]) for r in result.rows} == set(expected)
    assert result.posts["stage 1"].waited == waited


@several
@given(drawn)
def test_an_officer_more_never_makes_a_dispute_end_later(of: Drawn) -> None:
    of = of._replace(rungs=1, satisfied=1)
    few_, more = (
        {r["dispute"]: _day(r["ended"]) for r in run(ladder(1, "no limit"), o).rows}
        for o in (of, of._replace(officers=of.officers + 1))
    )
    assert few_.keys() == more.keys()
    assert all(more[dispute] <= ended for dispute, ended in few_.items())


def _day(ended: object) -> int:
    """The day on which something ended, those open at the horizon last."""
    return DAYS if ended is None else int(str(ended))


def test_a_raiser_who_never_waits_is_the_window_of_nothing() -> None:
    """Patience of 0, where no time is stated: only what takes no time at all is answered."""
    gives_up = Conduct(waits=constant(0), gives_up=chance(1))
    of = Drawn(2.0, 2, 1, exponential(0.5), 1.0, 3)
    result = run(ladder(1, "no limit"), of, conducts=(gives_up,))
    assert set(result.outcomes) == {"given up"} and result.open_area == 0
    at_once = run(ladder(1, "no limit"), of, conducts=(gives_up,), responses=(Response(),))
    assert set(at_once.outcomes) == {"resolved"}
    patient = run(ladder(1, "no limit"), of, conducts=(replace(gives_up, waits=NEVER),))
    assert path(patient) == path(run(ladder(1, "no limit"), of, conducts=(STAYS,)))
