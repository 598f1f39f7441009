"""Every simulated dispute of every protocol is a run of its state graph."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from typing import Any

import pytest
from caseload import chance, conduct, constant, number, response, workload
from kept import kept

import model
from model.graph import StateGraph
from model.replay import replay
from simulations.run import run_replication, traces
from simulations.workload import ANY, Disputes, Outcome, Severity, Workload

PROTOCOLS = [path.stem for path in model.authorities()]


@cache
def ladders(stem: str) -> tuple[StateGraph, ...]:
    path = next(path for path in model.authorities() if path.stem == stem)
    return model.graphs(model.load(path))


def busy(stem: str, **more: Any) -> Workload:
    """Several hundred disputes, over every ladder of the protocol, with all facts at times."""
    graphs = ladders(stem)
    people = {str(raiser) for graph in graphs for raiser in graph.raisers}
    streams = [
        Disputes(severity=s, theme="any", rate=number(0.4, "per child-year"), ladder=g.ladder.name,
                 raiser=raiser)
        for g in graphs
        for s in ("usual", "urgent")
        for raiser in sorted(g.raisers)
    ]  # fmt: skip
    given: dict[str, Any] = {
        "disputes": tuple(streams),
        "severities": (
            Severity(name="usual", facts=((ANY, chance(0.5)),)),
            Severity(name="urgent", urgency=1, facts=((ANY, chance(0.85)),)),
        ),
    } | more
    load = workload(raisers=tuple(sorted(people)), days=400, **given)
    return load


def seen(stem: str, load: Workload, seed: int) -> list[str]:
    """Simulate, replay every trace, and give the kinds of moves that were made."""
    found = traces(ladders(stem), load, load.authorities[0], seed=seed, number=0)
    kinds = []
    for dispute in found:
        run = replay(dispute.graph, dispute.trace, dispute.world, dispute.until)
        assert run.refused is None, f"dispute {dispute.number}, step {run.refused}: {run.why}"
        kinds += [step.move.kind for step in dispute.trace]
    assert len(found) > 150
    return kinds


@pytest.mark.parametrize("stem", PROTOCOLS)
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_replay_accepts_every_trace(stem: str, seed: int) -> None:
    assert {"raise", "answer", "satisfied", "escalate"} <= set(seen(stem, busy(stem), seed))


def hasty(stem: str) -> Workload:
    """Raisers who lose no time, skip and refer; officers who are late, silent and ask for more."""
    raiser = conduct(
        delay=constant(0), work=constant(0, "hours"), preparing=constant(0, "hours"),
        patience=constant(0), skips=chance(0.6), refers=chance(0.5), grants=chance(1),
        advised=chance(0.5), hands_over=chance(0.5), gives_up=chance(0), asks=chance(1),
        first=tuple((str(r), number(1, "weight")) for r in ladders(stem)[0].ladder.rungs),
    )  # fmt: skip
    slow = response(late=chance(0.5), silent=chance(0.3), extension=chance(0.9))
    return busy(stem, conducts=(raiser,), responses=(slow,))


def otherwise(stem: str, load: Workload) -> Workload:
    """The same with each question read in its last answer instead of the plain one."""
    asked = {str(s.name): s.values[-1] for s in ladders(stem)[0].symbols if s.kind == "question"}
    return replace(load, readings=tuple(asked.items()))


@pytest.mark.parametrize("stem", PROTOCOLS)
def test_replay_accepts_hasty_raisers_and_slow_officers(stem: str) -> None:
    assert {"refer", "skip", "hand over"} & set(seen(stem, hasty(stem), 4))


@pytest.mark.parametrize("stem", PROTOCOLS)
def test_replay_accepts_other_readings(stem: str) -> None:
    seen(stem, otherwise(stem, busy(stem)), 5)
    seen(stem, otherwise(stem, hasty(stem)), 5)


# No protocol says by when somebody who is asked for leave must answer.
NEVER_MADE = {"unanswered"}


def test_the_five_protocols_make_moves_of_every_kind() -> None:
    made: set[str] = set()
    there: set[str] = set()
    for stem in PROTOCOLS:
        for load in (busy(stem), hasty(stem), otherwise(stem, hasty(stem))):
            made |= set(seen(stem, load, 6))
        there |= {move.kind for graph in ladders(stem) for move in graph.moves}
    assert there - made <= NEVER_MADE


def test_a_sample_is_replayed_in_every_run_and_all_if_asked() -> None:
    load = busy("merton")
    authority = load.authorities[0]
    usual = run_replication(ladders("merton"), load, authority, seed=1, number=0)
    whole = run_replication(ladders("merton"), load, authority, seed=1, number=0, replayed=1)
    assert 0 < usual.replayed < whole.replayed
    assert whole.replayed == whole.raised


def test_replay_accepts_disputes_whose_budgets_begin_anew() -> None:
    """A window counted from the rung below, a total that caps, and agreements brought back."""
    found = kept(
        "totals: {formal process: {effect: cap, at most: 12 working days}}\n"
        "resolution: {within: 3 working days, if not kept: {to: raiser decides}}\n"
        "rungs:\n"
        "  head: {if partly satisfied: {to: same rung}}\n"
        "  director: {clock: {starts: previous rung, source: 2 ¶3}}"
    )
    streams = Disputes(severity="usual", theme="any", rate=number(3, "per child-year"))
    severity = Severity(name="usual", facts=((ANY, chance(0.5)),))
    load = workload(
        days=400, disputes=(streams,), severities=(severity,),
        outcomes=(Outcome(kept=chance(0.3), carrying_out=constant(2)),),
        responses=(response(satisfied=chance(0.5), partly=chance(0.4)),),
    )  # fmt: skip
    graphs = model.graphs(found)
    assert all(budget.cap.op == "true" for budget in graphs[0].budgets)
    reopened = 0
    for dispute in traces(graphs, load, load.authorities[0], seed=3, number=0):
        run = replay(dispute.graph, dispute.trace, dispute.world, dispute.until)
        assert run.refused is None, f"dispute {dispute.number}, step {run.refused}: {run.why}"
        reopened += any(step.move.kind == "reopen" for step in dispute.trace)
    assert reopened > 20
