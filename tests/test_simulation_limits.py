"""Cases at the edge, where what must come out is known without simulating."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from caseload import chance, constant, exponential, ladder, number, post, staffed, workload

from model.graph import StateGraph
from simulations.faults import Overloaded
from simulations.figures import ReplicationResult, measures
from simulations.run import check, loads, run_replication, traces, warm_up
from simulations.workload import Approval, Backlog, Conduct, Outcome, Response, Workload

PLAIN: dict[str, Any] = {
    "conducts": (Conduct(),), "responses": (Response(),), "outcomes": (Outcome(),),
}  # fmt: skip


def made(
    graphs: tuple[StateGraph, ...], seed: int = 1, endless: bool = False, **more: Any
) -> ReplicationResult:
    load = of(**more)
    return run_replication(
        graphs, load, load.authorities[0], seed=seed, number=0, replayed=1, endless=endless
    )


def of(**more: Any) -> Workload:
    given = PLAIN | staffed(3, 5) | {"rate": 0.5, "days": 500} | more
    return workload(**given)


def figure(result: ReplicationResult, name: str, what: str = "") -> float:
    return next(m.value for m in measures(result) if m.name == name and m.of == what)


def test_where_everybody_is_satisfied_one_rung_is_enough() -> None:
    result = made(ladder())
    assert set(result.highest) == {"stage 1"}
    assert set(result.outcomes) == {"resolved"}
    assert result.days == {0: result.raised}
    assert result.overdue == result.never_answered == result.open == 0


def test_where_nobody_answers_each_window_passes_in_full() -> None:
    result = made(ladder(), responses=(Response(silent=chance(1)),))
    assert set(result.outcomes) == {"the ladder is exhausted"}
    assert set(result.days) == {15}
    assert result.overdue >= 3 * result.ended and result.never_answered >= 3 * result.ended
    assert figure(result, "highest rung", "stage 3") == 1
    assert figure(result, "within 20 working days") == 1


def test_where_silence_means_nothing_a_dispute_that_nobody_answers_stands_still() -> None:
    result = made(ladder(silence="unstated"), responses=(Response(silent=chance(1)),))
    assert result.ended == 0
    assert result.standing_still >= result.open - result.raised // 20


def test_where_silence_carries_on_by_itself_the_raiser_need_do_nothing() -> None:
    graphs = ladder(silence="{to: next rung, strength: automatic}")
    idle = Conduct(delay=constant(1000))
    result = made(graphs, responses=(Response(silent=chance(1)),), conducts=(idle,))
    assert set(result.days) == {15}


def test_without_a_limit_nobody_is_late() -> None:
    result = made(ladder(window="no limit"), responses=(Response(delay=exponential(30)),))
    assert result.overdue == 0
    assert figure(result, "days") > 20


def test_a_window_of_no_days_ends_with_the_day() -> None:
    graphs = ladder(window="0 working days")
    slow = made(graphs, responses=(Response(delay=constant(1)),))
    assert set(slow.days) == {0}
    assert set(slow.outcomes) == {"the ladder is exhausted"}
    quick = made(graphs, responses=(Response(),))
    assert set(quick.outcomes) == {"resolved"}


def test_an_answer_on_the_last_day_is_in_time_and_on_the_day_after_is_not() -> None:
    within = made(ladder(window="5 working days"), responses=(Response(delay=constant(5)),))
    assert within.overdue == 0
    beyond = made(ladder(window="5 working days"), responses=(Response(delay=constant(6)),))
    assert beyond.overdue > 0 and set(beyond.highest) == {"stage 3"}


def test_staff_without_end_never_queue() -> None:
    work = (Response(work=exponential(60, "hours"), satisfied=chance(0.5)),)
    few = made(ladder(window="no limit"), responses=work, **staffed(3, 1))
    many = made(ladder(window="no limit"), responses=work, endless=True, **staffed(3, 1))
    assert few.posts["stage 1"].waited > 0
    assert all(times.waited == 0 for times in many.posts.values())
    assert figure(many, "days") < figure(few, "days")


def test_a_late_answer_comes_after_the_window_if_the_raiser_waits() -> None:
    late = (Response(late=chance(1), late_by=constant(2)),)
    impatient = made(ladder(), responses=late)
    assert set(impatient.highest) == {"stage 3"}
    patient = made(ladder(), responses=late, conducts=(Conduct(patience=constant(4)),))
    assert set(patient.highest) == {"stage 1"} and set(patient.outcomes) == {"resolved"}
    assert patient.awaited >= patient.overdue > patient.awaited - 2 * patient.open - 1


def test_an_extension_gives_the_time_that_it_says() -> None:
    more = (
        "extension: {asked by: answerer, granted by: nobody, each: 3 working days, times: 1, "
        'at rung: any rung, source: "1"}'
    )
    asked = (Response(silent=chance(1), extension=chance(1)),)
    result = made(ladder(more=more), responses=asked)
    assert set(result.days) == {24}
    assert set(made(ladder(more=more), responses=(Response(silent=chance(1)),)).days) == {15}


def test_a_referral_that_ends_the_ladder_ends_it_at_the_first_decision() -> None:
    more = 'refer: {to: CAFCASS, by: IRO, from: any state, effect: ends, source: "1"}'
    refers = (Conduct(refers=chance(1)),)
    unsatisfied = (Response(satisfied=chance(0)),)
    result = made(ladder(more=more), responses=unsatisfied, conducts=refers)
    assert set(result.outcomes) == {"with CAFCASS"}
    assert result.referrals == result.ended


def test_a_referral_beside_the_ladder_does_not_end_it() -> None:
    more = 'refer: {to: CAFCASS, by: IRO, from: any state, effect: beside, source: "1"}'
    refers = (Conduct(refers=chance(1)),)
    result = made(ladder(more=more), responses=(Response(satisfied=chance(0)),), conducts=refers)
    assert set(result.outcomes) == {"the ladder is exhausted"}
    assert result.referrals == result.ended


def test_a_broken_agreement_is_brought_back_where_the_text_lets_it() -> None:
    more = (
        "resolution: {within: unstated, if not kept: {to: raiser decides, strength: may}, "
        'source: "1"}'
    )
    broken = (Outcome(kept=chance(0.5), carrying_out=constant(3)),)
    result = made(ladder(more=more), outcomes=broken)
    assert result.brought_back > 0
    assert result.brought_back == result.not_kept
    assert made(ladder(), outcomes=broken).brought_back == 0


def test_skips_pass_over_a_rung() -> None:
    more = 'skip: {to: any later rung, from: any rung, source: "1"}'
    skips = (Conduct(skips=chance(1)),)
    load = of(responses=(Response(satisfied=chance(0)),), conducts=skips)
    found = traces(ladder(more=more), load, load.authorities[0], seed=1, number=0)
    moves = {step.move.name for dispute in found for step in dispute.trace}
    assert "skips to stage 3" in moves and "skips to stage 2" not in moves


LEAVE = """
skip: {to: any later rung, from: any rung, source: "1", involves: {who: IRO Manager, how: approves, within: 2 working days, if refused: unstated, if silent: unstated, source: "1"}}
"""  # noqa: E501


def asked(approval: Approval, **more: Any) -> ReplicationResult:
    """Disputes at stage 1 whose raisers would skip stage 2, and ask their manager for leave."""
    given = PLAIN | staffed(3, 5) | {"rate": 0.5, "days": 500} | more
    given |= {
        "posts": (*given["posts"], post("IRO manager", ("IRO Manager",), 1)),
        "responses": (Response(rung="stage 1", satisfied=chance(0)), Response()),
        "conducts": (Conduct(skips=chance(1)),),
        "approvals": (approval,),
    }
    return made(ladder(more=LEAVE), **given)


def test_leave_that_is_given_is_used() -> None:
    result = asked(Approval(delay=constant(1)))
    assert set(result.highest) == {"stage 3"} and set(result.days) == {1}


def test_who_is_refused_leave_goes_on_without() -> None:
    result = asked(Approval(delay=constant(1), refuses=chance(1)))
    assert set(result.highest) == {"stage 2"} and set(result.days) == {1}


def test_who_gets_no_answer_goes_on_when_the_time_to_answer_has_passed() -> None:
    result = asked(Approval(silent=chance(1)))
    assert set(result.highest) == {"stage 2"} and set(result.days) == {2}


def test_leave_takes_the_time_of_who_gives_it() -> None:
    result = asked(Approval(work=constant(15, "hours")), rate=0.05)
    assert result.posts["IRO manager"].worked > 0
    assert set(result.highest) <= {"stage 2", "stage 3"} and "stage 3" in result.highest


def test_who_gives_up_withdraws_where_the_ladder_says_so() -> None:
    gives_up, failed = (Conduct(gives_up=chance(1)),), (Response(satisfied=chance(0)),)
    withdraw = 'withdraw: {by: IRO, source: "1"}'
    result = made(ladder(more=withdraw), conducts=gives_up, responses=failed)
    assert set(result.outcomes) == {"withdrawn"}
    assert set(made(ladder(), conducts=gives_up, responses=failed).outcomes) == {"given up"}


def test_a_referral_that_suspends_the_ladder_gives_it_back() -> None:
    more = 'refer: {to: CAFCASS, by: IRO, from: any state, effect: suspends, source: "1"}'
    away = (Outcome(outside=constant(30)),)
    result = made(
        ladder(more=more), conducts=(Conduct(refers=chance(1)),), outcomes=away,
        responses=(Response(rung="stage 2"), Response(satisfied=chance(0))),
    )  # fmt: skip
    assert set(result.outcomes) == {"the ladder is exhausted", "resolved"} or result.ended
    assert min(result.days) == 30


def test_the_first_rung_follows_its_weights() -> None:
    first = (("stage 2", number(3, "weight")), ("stage 3", number(1, "weight")))
    result = made(ladder(), conducts=(Conduct(first=first),), rate=2)
    assert "stage 1" not in result.highest
    share = figure(result, "highest rung", "stage 3")
    raised = result.raised
    assert abs(share - 0.25) < 4 * (0.25 * 0.75 / raised) ** 0.5


def test_leave_and_vacancies_take_their_share_of_the_time() -> None:
    away = staffed(3, 4, leave=number(50.6, "days a year"), vacancy=chance(0.25))
    result = made(ladder(), days=2000, **away)
    there = result.posts["stage 1"].present / (4 * result.horizon * 27_000)
    assert there == pytest.approx(0.8 * 0.75, abs=0.05)


def test_work_waits_while_its_only_officer_is_away() -> None:
    away = staffed(3, 1, leave=number(126.5, "days a year"), spell=number(20, "working days"))
    slow = made(ladder(window="no limit"), responses=(Response(work=constant(1, "hours")),), **away)
    there = made(ladder(window="no limit"), responses=(Response(work=constant(1, "hours")),))
    assert figure(slow, "days") > figure(there, "days") + 2
    assert max(slow.days) <= 45


def test_an_overloaded_raiser_goes_on_late() -> None:
    few = (post("IROs", ("IRO",), 1, hours=number(2, "hours a week")), *staffed(3, 5)["posts"][1:])
    steps = (Conduct(work=constant(2, "hours")),)
    silent = (Response(silent=chance(0.5)),)
    slow = made(ladder(), posts=few, conducts=steps, responses=silent)
    usual = made(ladder(), conducts=steps, responses=silent)
    assert figure(slow, "days") > 2 * figure(usual, "days")
    assert figure(slow, "utilisation", "IROs") > 0.9


def test_caseloads_take_the_hours_that_disputes_would_need() -> None:
    light = number(50, "hours per child-year")
    posts = (post("IROs", ("IRO",), 12, per_child=light), *staffed(3, 5)["posts"][1:])
    result = made(ladder(), posts=posts)
    assert result.posts["IROs"].hours_a_week == pytest.approx(37.5 - 50 * 300 / (253 / 5) / 12)


def test_more_work_than_hours_is_told_with_the_load_and_can_still_be_run() -> None:
    work = (Response(work=constant(200, "hours")),)
    load = of(responses=work, **staffed(3, 1))
    graphs, authority = ladder(window="no limit"), load.authorities[0]
    with pytest.raises(Overloaded, match=r"more work comes than there are hours for: stage 1 \d+%"):
        check(graphs, load, authority)
    found = loads(graphs, load, authority, seed=1)
    assert found["stage 1"] == pytest.approx(1.25 * 0.5 * 300 * 200 / (253 / 5 * 37.5), rel=0.2)
    result = run_replication(graphs, load, authority, seed=1, number=0)
    assert result.open > 0.5 * result.raised
    assert loads(graphs, of(), of().authorities[0], seed=1)["stage 1"] < 1
    assert check(graphs, of(), of().authorities[0])


def test_the_warm_up_comes_from_a_rule_or_from_the_workload() -> None:
    slow = of(responses=(Response(delay=constant(60)),), days=600)
    graphs = ladder(window="no limit")
    ruled = warm_up(graphs, slow, slow.authorities[0], seed=1)
    assert 55 <= ruled.days <= 300 and "MSER-5" in ruled.why and len(ruled.series) == 600
    given = replace(slow, warm_up=number(7, "working days"))
    assert warm_up(graphs, given, given.authorities[0], seed=1).days == 7
    result = run_replication(
        graphs, slow, slow.authorities[0], seed=1, number=0, warm_up=ruled.days
    )
    assert result.counted < result.raised
    assert result.open_area / (600 - ruled.days) / 27_000 > 0.5 * 300 / 253 * 60 * 0.7


def test_a_backlog_is_there_at_the_start() -> None:
    load = of(backlog=Backlog(number=number(40, "number")), rate=0.001,
              responses=(Response(delay=constant(5)),))  # fmt: skip
    result = run_replication(ladder(), load, load.authorities[0], seed=1, number=0)
    assert result.open_by_day[0] == 40
    assert warm_up(ladder(), load, load.authorities[0], seed=1).days == 0
