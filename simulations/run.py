"""One replication after another: what a study asks of the engine.

    graphs = model.graphs(model.load("islington"))
    authority = workload.authorities[0]
    check(graphs, workload, authority)  # Overloaded
    start = warm_up(graphs, workload, authority, seed=1)
    result = run_replication(graphs, workload, authority, seed=1, number=0, warm_up=start.days)

A replication depends on its arguments alone, so replications may be run in any order, on any
machine, and again.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from model.graph import StateGraph
from simulations.draws import TICKS_AN_HOUR
from simulations.engine import Run, SimulatedDispute
from simulations.faults import Overloaded
from simulations.figures import ReplicationResult, mser5
from simulations.staff import hours_of
from simulations.workload import DAYS_A_YEAR, Authority, Post, Workload

PILOTS = 5  # replications from which the warm-up is read
REPLAYED = 0.02  # the share of disputes whose trace is replayed in every run


def run_replication(
    graphs: Sequence[StateGraph],
    workload: Workload,
    authority: Authority,
    *,
    seed: int,
    number: int,
    warm_up: int = 0,
    replayed: float = REPLAYED,
    endless: bool = False,
    rows: bool = False,
) -> ReplicationResult:
    """One replication of one authority under the ladders of one protocol.

    `graphs` are those of `model.graphs`; disputes that name no ladder go to the protocol's first.
    `warm_up` is in working days. `replayed` is the share of traces that are replayed, `endless`
    gives every post staff without end, and `rows` keeps a row for each process.

    Broken if the run contradicts itself or `replay` refuses a trace.
    """
    if not 0 <= warm_up < workload.horizon.value:
        raise ValueError(f"a warm-up of {warm_up} working days leaves nothing of the horizon")
    run = Run(graphs, workload, authority, seed, number, warm_up, replayed, endless, rows)
    return run.run()


def traces(
    graphs: Sequence[StateGraph],
    workload: Workload,
    authority: Authority,
    *,
    seed: int,
    number: int,
) -> tuple[SimulatedDispute, ...]:
    """The disputes of one replication, as traces, in the order in which they came up."""
    run = Run(graphs, workload, authority, seed, number, 0, 0.0, False, False, keep_traces=True)
    run.run()
    return tuple(sorted(run.traces, key=lambda dispute: dispute.number))


@dataclass(frozen=True)
class WarmUp:
    """How many working days are left out at the start, and why.

    `series` is the number of open processes at the end of each day, on average over the pilots.
    """

    days: int
    why: str
    series: tuple[float, ...]


def warm_up(
    graphs: Sequence[StateGraph], workload: Workload, authority: Authority, *, seed: int
) -> WarmUp:
    """The warm-up: as the workload gives it, none with a backlog given, else by the rule MSER-5."""
    if workload.warm_up is not None:
        return WarmUp(round(workload.warm_up.value), "given by the workload", ())
    if authority.backlog is not None:
        return WarmUp(0, "the workload gives the backlog at the start", ())
    series: list[int] = []
    for number in range(PILOTS):
        found = run_replication(
            graphs, workload, authority, seed=seed, number=number, replayed=0
        ).open_by_day
        series = [a + b for a, b in zip(series or [0] * len(found), found, strict=True)]
    mean = tuple(value / PILOTS for value in series)
    days = mser5(mean)
    return WarmUp(days, f"MSER-5 on the open processes of {PILOTS} pilot replications", mean)


def capacity(post: Post, children: float) -> float:
    """The hours a week that a post has for disputes, leave and vacancies taken off."""
    there = (1 - min(1.0, post.leave.value / DAYS_A_YEAR)) * (1 - min(1.0, post.vacancy.value))
    return round(post.number.value) * max(0.0, hours_of(post, children)) * there


def loads(
    graphs: Sequence[StateGraph], workload: Workload, authority: Authority, *, seed: int
) -> dict[str, float]:
    """The work that would come to each post if nobody waited, as a share of its hours.

    From one replication with staff without end. Above 1, a queue without limits would grow for
    ever; with limits, more and more answers come late.
    """
    result = run_replication(
        graphs, workload, authority, seed=seed, number=0, replayed=0, endless=True
    )
    children = sum(group.stock.value for group in authority.children)
    weeks = result.horizon / 5
    found = {}
    for post in authority.posts:
        asked = result.posts[post.name].asked / TICKS_AN_HOUR
        hours = capacity(post, children) * weeks
        found[post.name] = asked / hours if hours > 0 else float("inf") if asked else 0.0
    return found


def check(
    graphs: Sequence[StateGraph], workload: Workload, authority: Authority, *, seed: int = 1
) -> Mapping[str, float]:
    """The load of each post, as `loads` gives it; Overloaded if one has too few hours for it.

    Whether the names of the workload and of the protocol agree is for `fit.py` to say.
    """
    load = loads(graphs, workload, authority, seed=seed)
    if any(share > 1 for share in load.values()):
        raise Overloaded(authority.name, load)
    return load
