"""How fast a run is, as a ratio to SimPy written by hand, measured in one run.

    python benchmarks/simulate.py            some minutes
    python benchmarks/simulate.py --quick    every part once, small

One ladder: five stages with 3, 2, 2, 1 and 1 managers, a window of five working days, one extension
of five more, bypass of a stage, and a referral that ends it. The contender is that ladder as one
would write it in SimPy for this purpose and no other: floating-point time, `random`, SimPy's own
resources, no calendar, no trace, no check. Ours reads the ladder from a policy file, keeps a trace
of every dispute, replays a share of them, and holds itself to its invariants.

An event is a dispute that comes up, an answer, or a time that passes without one. The two take
turns; each figure is the median of events per second of CPU time.
"""

from __future__ import annotations

import argparse
import random
import resource
import statistics
import sys
import time
from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path

import simpy

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from model.expand import graphs  # noqa: E402
from model.load import loads  # noqa: E402
from simulations.results import Totals  # noqa: E402
from simulations.run import run_replication  # noqa: E402
from simulations.workload import (  # noqa: E402
    ANY,
    Authority,
    Children,
    Conduct,
    Disputes,
    Distribution,
    Post,
    Quantity,
    Response,
    Severity,
    Workload,
)

MANAGERS = (3, 2, 2, 1, 1)
EFFORT = (3.0, 3.0, 2.5, 2.0, 2.0)  # working days of an answer, on average
SATISFIED = (0.60, 0.65, 0.70, 0.75, 0.80)
ENTRY = (0.86, 0.08, 0.04, 0.02, 0.0)
EXTENSION, BYPASS, REFERRAL = 0.30, 0.05, 0.02
WINDOW, LONGER = 5, 5
RATE = 0.6  # disputes a working day


# --- the contender ------------------------------------------------------------------------------


def by_hand(disputes: int, seed: int) -> int:
    """The ladder in plain SimPy; gives the number of events."""
    rng = random.Random(seed)
    env = simpy.Environment()
    desks = [simpy.Resource(env, count) for count in MANAGERS]
    count = 0
    ended = {"settled": 0, "referred": 0, "exhausted": 0}
    days = 0.0

    def dispute(env: simpy.Environment):  # type: ignore[no-untyped-def]
        nonlocal count, days
        begun = env.now
        stage = rng.choices(range(5), ENTRY)[0]
        outcome = ""
        while not outcome:
            limit = env.now + WINDOW + (LONGER if rng.random() < EXTENSION else 0)
            answered = False
            with desks[stage].request() as turn:
                if turn.triggered:
                    yield turn
                else:
                    yield turn | env.timeout(limit - env.now)
                if turn.triggered:
                    effort = rng.expovariate(1 / EFFORT[stage])
                    left = max(0.0, limit - env.now)
                    answered = effort <= left
                    yield env.timeout(effort if answered else left)
            count += 1
            if answered and rng.random() < SATISFIED[stage]:
                outcome = "settled"
            elif rng.random() < REFERRAL:
                outcome = "referred"
            elif stage == 4:
                outcome = "exhausted"
            else:
                stage += 2 if stage < 3 and rng.random() < BYPASS else 1
        ended[outcome] += 1
        days += env.now - begun

    def source(env: simpy.Environment):  # type: ignore[no-untyped-def]
        nonlocal count
        for _ in range(disputes):
            yield env.timeout(rng.expovariate(RATE))
            count += 1
            env.process(dispute(env))

    env.process(source(env))
    env.run()
    assert sum(ended.values()) == disputes
    return count


# --- ours ---------------------------------------------------------------------------------------


def policy() -> str:
    """The same ladder as a policy file."""
    lines = [
        "authority: Ladder",
        "title: five stages",
        "dated: March 2023",
        "missing: nothing",
        "people:",
        "  IRO: {side: raiser, role: IRO}",
        "  CAFCASS: {side: outside, role: CAFCASS}",
        *(f"  Manager {i}: {{side: management}}" for i in range(1, 6)),
        "children:",
        '  child in care: {looked after: yes, source: "1"}',
        "ladders:",
        "  dispute:",
        "    kind: dispute",
        "    about: a problem with the care of a child",
        '    source: "1"',
        '    raised by: {who: IRO, for: child in care, up to: top, source: "1"}',
        '    start: {strength: may, source: "1"}',
        "    decide: {within: unstated, if missed: unstated, source: 1}",
        '    entry: {at rung: any rung, strength: may, source: "1"}',
        "    rungs:",
    ]
    for i in range(1, 6):
        last = i == 5
        lines += [
            f"      stage {i}:",
            f"        answers: Manager {i}",
            "        counts: formal",
            f"        within: {WINDOW} working days",
            f"        if not satisfied: {'unstated' if last else '{to: next rung}'}",
            "        if silent: {to: next rung, strength: may}",
            '        source: "1"',
        ]
    lines += [
        '    skip: {to: any later rung, from: any rung, source: "1"}',
        "    extension:",
        "      asked by: answerer",
        "      granted by: nobody",
        f"      each: {LONGER} working days",
        "      times: 1",
        "      at rung: any rung",
        '      source: "1"',
        "    withdraw: unstated",
        '    refer: {to: CAFCASS, by: IRO, from: any state, effect: ends, source: "1"}',
        "    advice: unstated",
        "    resolution: unstated",
    ]
    return "\n".join(lines) + "\n"


def caseload(disputes: int) -> Workload:
    """The contender's numbers as a workload, over as many days as give so many disputes."""

    def of(value: float, unit: str) -> Quantity:
        return Quantity(value, unit, assumed="the benchmark's")

    def answer(place: int) -> Response:
        mean = of(EFFORT[place] * 7.5, "number")
        return Response(
            rung=f"stage {place + 1}",
            work=Distribution("expon", (("scale", mean),), "hours", assumed="the benchmark's"),
            satisfied=of(SATISFIED[place], "chance"),
            extension=of(EXTENSION, "chance"),
        )

    posts = [
        Post(
            name=f"stage {i}",
            holds=(f"Manager {i}",),
            number=of(count, "people"),
            hours=of(37.5, "hours a week"),
        )
        for i, count in enumerate(MANAGERS, 1)
    ]
    iros = Post(name="IROs", holds=("IRO",), number=of(1, "people"), hours=of(37.5, "hours a week"))
    authority = Authority(
        name="Ladder",
        children=(Children(kind=ANY, stock=of(1000, "children")),),
        severities=(Severity(name="usual"),),
        disputes=(
            Disputes(severity="usual", theme="any", rate=of(RATE * 253 / 1000, "per child-year")),
        ),
        posts=(iros, *posts),
        responses=tuple(answer(i) for i in range(5)),
        conducts=(
            Conduct(
                refers=of(REFERRAL, "chance"),
                skips=of(BYPASS, "chance"),
                first=tuple((f"stage {i}", of(w, "weight")) for i, w in enumerate(ENTRY, 1)),
            ),
        ),
    )
    return Workload(
        name="benchmark",
        title="the benchmark",
        start=date(2010, 1, 4),
        horizon=of(max(20, round(disputes / RATE)), "working days"),
        authorities=(authority,),
    )


def clocked(work: Callable[[], int]) -> tuple[int, float]:
    begun = time.process_time()
    events = work()
    return events, time.process_time() - begun


def speed(disputes: int, turns: int) -> None:
    ladders = graphs(loads(policy(), "benchmark.yaml"))
    load = caseload(disputes)
    authority = load.authorities[0]

    def ours(number: int) -> int:
        return run_replication(ladders, load, authority, seed=1, number=number).events

    def unchecked(number: int) -> int:
        found = run_replication(ladders, load, authority, seed=1, number=number, replayed=0)
        return found.events

    ours(0)  # the tables of the graph and of the distributions are made once
    rates: dict[str, list[float]] = {"by hand": [], "ours": [], "ours, nothing replayed": []}
    for turn in range(turns):
        for name, work in (
            ("by hand", lambda t=turn: by_hand(disputes, t)),
            ("ours", lambda t=turn: ours(t)),
            ("ours, nothing replayed", lambda t=turn: unchecked(t)),
        ):
            events, seconds = clocked(work)
            rates[name].append(events / seconds)
    base = statistics.median(rates["by hand"])
    print(f"{disputes:,} disputes a turn, {turns} turns")
    for name, found in rates.items():
        middle = statistics.median(found)
        print(
            f"  {name:24} {middle:10,.0f} events/s, best {max(found):10,.0f}, {middle / base:.2f}"
        )


def scale(most: int) -> None:
    """Cost and memory from one replication to many."""
    ladders = graphs(loads(policy(), "benchmark.yaml"))
    load = caseload(150)
    authority = load.authorities[0]
    run_replication(ladders, load, authority, seed=1, number=0)
    totals = Totals()
    begun = time.process_time()
    due = 1
    for number in range(most):
        totals.add(run_replication(ladders, load, authority, seed=1, number=number))
        if number + 1 == due:
            used = time.process_time() - begun
            memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
            print(
                f"  {due:5} replications: {totals.events:9,} events, "
                f"{used / totals.events * 1e6:6.1f} µs an event, {memory:6.1f} MiB at most"
            )
            due *= 10


def main(given: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--quick", action="store_true", help="every part once, small")
    quick = parser.parse_args(given).quick
    speed(*((300, 1) if quick else (4000, 5)))
    scale(10 if quick else 1000)
    return 0


if __name__ == "__main__":
    sys.exit(main())
