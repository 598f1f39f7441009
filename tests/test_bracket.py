"""Claims on time where a window from an earlier event counts other days than they ask about."""

from __future__ import annotations

import pytest
from kept import kept, kept_graph

from model.graph import StateGraph
from model.replay import replay
from model.terms import evaluator
from proofs.bracket import longer, shorter
from proofs.certificate import certificate
from proofs.claims import ALL, BY_ID
from proofs.decide import Decider
from proofs.verdict import Verdict, check, times

CLOCK = (
    '{"clock": {"asks": "From when?", "answers": {"sent": "a", "raised": "b"}, "plain": "%s", '
    '"because": "x", "source": "y"}}'
)
BELOW = (
    "rungs: {talk: {within: {at most: 4 working days, at least: 3 working days, source: x}}, "
    "head: {within: 3 working days}}"
)
SINCE = (
    "rungs: {director: {within: {clock = sent: %d working days, clock = raised: %d working days}, "
    "clock: {starts: {clock = sent: sending, clock = raised: raising}, source: x}}}"
)
ROUND = "rungs: {head: {if partly satisfied: {to: same rung}}}"


def asked(
    sent: int, raised: int, *more: str, plain: str = "sent", claim: str = "total-diligent"
) -> Verdict:
    """The director's days count from the day of raising, by one reading, and so three of talk."""
    since = SINCE % (sent, raised)
    policy = kept(("questions", CLOCK % plain), BELOW, since, "skip: none", *more)
    (found,) = check(policy, [BY_ID[claim]])
    return found


def test_what_holds_though_each_stay_is_in_full_holds() -> None:
    found = asked(17, 17)
    assert (found.verdict, found.plain) == ("holds", "holds")


def test_what_fails_though_nobody_stays_is_broken_and_its_story_is_one_of_the_ladder() -> None:
    found = asked(1, 1, ROUND)
    assert (found.verdict, found.plain) == ("broken", "broken")
    assert found.story is not None
    run = replay(_graph(1, 1, ROUND), found.story.trace, found.story.world, found.story.until)
    assert run.refused is None and run.formal > 20


def test_where_both_sides_have_one_condition_that_is_it() -> None:
    found = asked(18, 17)
    assert (found.verdict, found.plain) == ("depends", "broken")
    assert found.condition == ("“clock” is read as “raised”",)
    assert found.trace[-1].day > 20 and found.other_ending


def test_between_the_two_sides_it_is_undecided_and_told_of_the_plain_readings() -> None:
    holds = asked(17, 22)
    assert (holds.verdict, holds.plain) == ("undecided", "holds")
    assert "counted from raising” can cut it short" in holds.why
    assert holds.why.endswith("under the plain readings it holds") and not holds.trace
    broken = asked(18, 22)
    assert (broken.verdict, broken.plain, broken.mend) == ("undecided", "broken", None)
    assert broken.condition == () and not broken.evidence["non_vacuous"]
    assert broken.trace[-1].day > 20 and broken.why.endswith("can take more than 20 working days")
    neither = asked(17, 22, plain="raised")
    assert (neither.verdict, neither.plain, neither.trace) == ("undecided", "", ())


def _graph(sent: int, raised: int, *more: str) -> StateGraph:
    question = ("questions", CLOCK % "sent")
    return kept_graph(question, BELOW, SINCE % (sent, raised), "skip: none", *more)


def test_the_two_ladders_limit_what_the_window_cuts() -> None:
    graph, claim = _graph(17, 22), BY_ID["total-diligent"]
    there, answer = "director: awaiting an answer", "answers"
    decider = Decider(graph)
    for reading, stays in (("sent", (17, 17, 17)), ("raised", (None, 22, 0))):
        (question,) = (s for s in graph.symbols if s.kind == "question")
        of = evaluator(decider.completed({question: reading}))
        ladders = (graph, longer(graph, claim), shorter(graph, claim))
        found = [of(g.states[there].limit) for g in ladders]
        assert tuple(None if n > 1000 else n for n in found) == stays
    less = shorter(graph, claim)
    assert [m.name for m in less.moves] == [m.name for m in graph.moves]
    for mine, theirs in zip(less.moves, graph.moves, strict=True):
        same = mine.guard is theirs.guard
        assert same is not (mine.source == there and mine.at_limit)
    assert any(m.source == there and m.name == answer for m in less.moves)


@pytest.mark.parametrize(("sent", "raised", "more"), [(17, 17, ()), (1, 1, (ROUND,)), (18, 17, ())])
def test_its_certificate_does_not_show_it(sent: int, raised: int, more: tuple[str, ...]) -> None:
    decider = Decider(_graph(sent, raised, *more))
    told = certificate(decider, [decider.decide(c) for c in ALL])
    verdicts = {c["id"]: c["verdict"] for c in told["claims"]}
    assert verdicts["total-diligent"] == "not shown" and verdicts["climbs"] != "not shown"


# --- a referral after which the dispute comes back ----------------------------------------------

SUSPENDS = "refer: {to: CAFCASS, by: IRO, from: any state, effect: suspends, source: x}"


BACK_DOWN = "is counted as if it could be done again and again"


@pytest.mark.parametrize(
    ("sent", "word", "condition"),
    [
        (10, "undecided", ()),  # CAFCASS may give it back at a rung below
        (11, "depends", ("“clock” is read as “raised”",)),
    ],
)
def test_a_referral_that_can_be_made_once(sent: int, word: str, condition: tuple[str, ...]) -> None:
    """By as many referrals as may be, and by none: where both give one condition, that is it."""
    within = f"{{clock = sent: {sent} working days, clock = raised: 10 working days}}"
    texts = (
        ("questions", CLOCK % "sent"),
        f"rungs: {{director: {{within: {within}}}}}",
        SUSPENDS.replace("source", "when: clock = sent, source"),
        "skip: none",
    )
    (found,) = check(kept(*texts), [BY_ID["total-diligent"]])
    assert (found.verdict, found.condition) == (word, condition)
    assert found.why.endswith(BACK_DOWN) is (word == "undecided")
    if word == "depends":
        assert found.story is not None
        story = found.story
        run = replay(kept_graph(*texts), story.trace, story.world, story.until)
        assert run.refused is None and run.formal > 20


def test_times_are_told_beside_a_referral_that_makes_no_difference() -> None:
    assert times(kept_graph(SUSPENDS, "skip: none")).diligent == "undecided"
    endless = "rungs: {director: {within: no limit}}"
    assert times(kept_graph(SUSPENDS, "skip: none", endless)).diligent is None
