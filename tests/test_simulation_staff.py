"""Officers: who is served next, what a limit does to the queue, and the sums that must be right."""

from __future__ import annotations

from itertools import pairwise
from types import SimpleNamespace
from typing import Any

import pytest
from caseload import (
    chance,
    exponential,
    ladder,
    number,
    post,
    staffed,
    workload,
)
from hypothesis import given, settings
from hypothesis import strategies as st

from simulations.clock import TICK_BITS, Spells, absences, away_at, finish
from simulations.draws import TICKS_A_DAY as DAY
from simulations.engine import Run
from simulations.faults import Broken
from simulations.run import run_replication
from simulations.staff import NEVER, QUEUED, WORKING, Pool, Task
from simulations.workload import Approval, Conduct, Outcome, Response, Severity


def pool(discipline: str = "first come", people: int = 1, **more: Any) -> Pool:
    made = post("desk", ("Manager",), people, discipline=discipline, **more)
    return Pool(made, 1, 100, 0, lambda task: None)


def task(name: int, work: int = 100) -> Task:
    return Task(SimpleNamespace(number=name), 2, 0, 0, (), work)  # type: ignore[arg-type]


def served(discipline: str) -> list[int]:
    """The order in which four tasks are served that came while somebody else was."""
    desk, first = pool(discipline), task(0)
    desk.ask(first, 0, 0, 0, NEVER)
    waiting = {}
    for name, urgency, limit in ((1, 0, 900), (2, 2, 800), (3, 1, 700), (4, 2, 700)):
        waiting[name] = task(name)
        desk.ask(waiting[name], name, name << TICK_BITS, urgency, limit)
    order, tick = [], 100
    now = first
    while desk.in_hand:
        desk.leave(now, tick)
        tick += 100
        taken = [t for t in desk.in_hand]
        now = taken[0] if taken else now
        order += [t.dispute.number for t in taken]
    return order


@pytest.mark.parametrize(
    ("discipline", "order"),
    [
        ("first come", [1, 2, 3, 4]),
        ("most urgent", [2, 4, 3, 1]),
        ("nearest deadline", [3, 4, 2, 1]),
    ],
)
def test_the_next_is_served_by_the_discipline(discipline: str, order: list[int]) -> None:
    assert served(discipline) == order


def test_who_is_withdrawn_from_the_queue_is_never_served() -> None:
    desk = pool()
    tasks = [task(i) for i in range(4)]
    for i, one in enumerate(tasks):
        desk.ask(one, i, i << TICK_BITS, 0, NEVER)
    desk.leave(tasks[1], 50)
    assert desk.waiting == 2
    desk.leave(tasks[0], 100)
    assert tasks[2].stage == WORKING and tasks[3].stage == QUEUED
    assert tasks[1].key == NEVER and tasks[1] not in desk.in_hand
    desk.leave(tasks[2], 200)
    desk.leave(tasks[3], 300)
    desk.settle(400)
    assert desk.passed == 4 and desk.waited == 49 + 98 + 197


def test_who_is_withdrawn_while_served_makes_way_at_once() -> None:
    desk = pool()
    tasks = [task(0, 1000), task(1)]
    for one in tasks:
        desk.ask(one, 0, 0, 0, NEVER)
    desk.leave(tasks[0], 10)
    assert tasks[1].stage == WORKING and tasks[1].key >> TICK_BITS == 110
    desk.leave(tasks[1], 110)
    desk.settle(110)
    assert desk.worked == 110


def test_a_pool_that_is_miscounted_says_so() -> None:
    desk = pool()
    desk.waiting = 1
    with pytest.raises(Broken, match="1 wait while 1 are free"):
        desk.check()
    two = pool(people=2, leave=number(10, "days a year"))
    two.free.append(7)
    with pytest.raises(Broken, match="0 busy, 3 free and 0 away are not 2"):
        two.check()
    three = pool()
    three.ask(task(1), 5, 0, 0, NEVER)
    three.worked = 3
    with pytest.raises(Broken, match="the integral of those at work is not the time worked"):
        three.settle(50)


@st.composite
def spells(draw: st.DrawFn) -> Spells:
    at, found = 0, []
    for gap, length in draw(st.lists(st.tuples(st.integers(1, 9), st.integers(1, 9)), max_size=6)):
        found.append((at + gap, at + gap + length))
        at += gap + length
    return tuple(found)


@given(spells(), st.integers(0, 60), st.integers(0, 60))
def test_work_is_done_after_so_much_presence(away: Spells, start: int, length: int) -> None:
    there = 0
    tick = start
    while there < length:
        there += not away_at(away, tick)
        tick += 1
    while length == 0 and away_at(away, tick):  # nothing is handed over before one is back
        tick += 1
    assert finish(away, start, length) == tick


@settings(max_examples=30)
@given(st.integers(1, 60), st.floats(0, 0.6), st.integers(0, 10_000))
def test_absences_lie_in_the_run_apart_and_take_their_share(
    leave: int, vacancy: float, key: int
) -> None:
    made = post("x", ("y",), 1, leave=number(leave, "days a year"), vacancy=chance(vacancy))
    found = absences(made, key, 5000)
    assert all(0 <= a < b <= 5000 * DAY for a, b in found)
    assert all(x[1] < y[0] for x, y in pairwise(found))
    away = sum(b - a for a, b in found) / (5000 * DAY)
    assert away == pytest.approx(1 - (1 - leave / 253) * (1 - vacancy), abs=0.12)


LOAD: dict[str, Any] = {
    "conducts": (Conduct(),), "outcomes": (Outcome(),), "approvals": (Approval(),),
    "responses": (Response(work=exponential(30, "hours"), satisfied=chance(0.3)),),
}  # fmt: skip


def test_a_limit_takes_the_matter_from_queue_and_desk() -> None:
    """One slow manager a stage, windows of five days: most leave unserved, none is served after."""
    load = workload(days=400, rate=1, **(LOAD | staffed(3, 1)))
    run = Run(ladder(), load, load.authorities[0], 1, 0, 0, 1.0)
    result = run.run()
    assert result.overdue > result.awaited / 3
    for desk in run.pools.values():
        assert all(entry.dispute.number in run.disputes for entry in desk.in_hand)
        held = [t for t in desk.in_hand if t not in t.dispute.tasks]
        assert not held
    answered = {n for n, d in run.disputes.items() if d.over}
    assert not answered


def test_stale_limits_never_move_the_clock() -> None:
    """Answers at once, windows of 250 days: nothing is left to happen after the last answer."""
    quick = LOAD | {"responses": (Response(satisfied=chance(1)),)}
    load = workload(days=300, rate=1, **(quick | staffed(3, 5)))
    run = Run(ladder(window="250 working days"), load, load.authorities[0], 1, 0, 0, 1.0)
    result = run.run()
    assert result.overdue == 0 and result.events == 2 * result.raised
    assert result.open_area == 0 and max(result.days) == 0


def test_the_most_urgent_wait_least_where_that_is_the_discipline() -> None:
    grave = (Severity(name="usual", urgency=0), Severity(name="urgent", urgency=1))
    waits = {}
    for discipline in ("first come", "most urgent"):
        posts = staffed(3, 1, discipline=discipline)
        load = workload(days=1500, rate=0.5, severities=grave, **(LOAD | posts | {
            "responses": (Response(work=exponential(7, "hours")),)}))  # fmt: skip
        result = run_replication(
            ladder(window="no limit"), load, load.authorities[0], seed=1, number=0, rows=True
        )
        days = [r["working_days"] for r in result.rows if r["severity"] == "urgent"]
        times = [int(str(d)) for d in days if d is not None]
        waits[discipline] = sum(times) / len(times)
    assert waits["most urgent"] < waits["first come"]


def test_rows_have_one_line_for_each_process() -> None:
    load = workload(days=300, rate=1, **(LOAD | staffed(3, 2)))
    result = run_replication(ladder(), load, load.authorities[0], seed=1, number=0, rows=True)
    assert len(result.rows) == result.ended + result.open
