"""Stories: replay accepts them, and they come to what they are told for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from kept import kept, kept_graph
from ladders import graph_of
from test_agreement_kept import KEPT
from test_decide import NAMES, Small, small

from model.graph import LADDER
from model.replay import replay, world_of
from model.terms import FALSE, evaluator
from proofs.claim import Obligation
from proofs.claims import ALL, BY_ID
from proofs.decide import Decider
from proofs.stories import Disagreement, Story, Teller, tell
from proofs.verdict import check, story_of

TUESDAY = date(2026, 1, 6)


def told(some: Small, obligation: Obligation, broken: bool) -> Story | None:
    answer = next(a for a in some.answers.values() if obligation in (a.failing, a.shown))
    world = answer.broken_in if broken else answer.holds_in
    assert world is not None
    if broken:
        return story_of(some.decider, obligation, world)
    return tell(some.decider.analysis, obligation, world)


def counted(some: Small, story: Story, total: str) -> int:
    """The days of a story that a total counts, or the formal ones."""
    of = evaluator(story.world)
    budget = next((b for b in some.graph.budgets if b.name == total), None)
    spent, day, state = 0, 0, some.graph.start
    for step in [*story.trace, None]:
        until = story.until if step is None else step.day
        formal = some.graph.states[state].formal
        counts = of(formal if budget is None else budget.counts.get(state, FALSE))
        spent += (until - day) if counts else 0
        day = until
        if step is not None:
            state = step.move.target if step.move.track == LADDER else step.move.also or state
    return spent


def comes_to_it(some: Small, obligation: Obligation, story: Story, broken: bool) -> None:
    graph = some.graph
    run = replay(graph, story.trace, story.world, story.until)
    assert run.refused is None, run.why
    plan = obligation.story
    if plan.kind == "reach" and graph.states[plan.to].track == LADDER:
        assert run.state == plan.to
        if broken and plan.via is not None:
            assert story.trace[-1].move is plan.via
    elif plan.kind in ("reach", "side"):
        track = graph.states[plan.to].track
        assert run.tokens[track].state == plan.to
    elif plan.kind == "stall":
        assert plan.to in (*run.history, run.state)
    elif plan.kind == "worst" and broken:
        budget = next((b for b in graph.budgets if b.name == plan.total), None)
        most = 20 if budget is None else evaluator(story.world)(budget.at_most)
        assert counted(some, story, plan.total) == most + 1
        if not plan.total:
            assert run.formal == 21
    elif plan.kind == "worst" and not plan.total:
        assert run.formal <= 20


def all_come_to_their_end(some: Small, untold: Sequence[str] = (), cut: bool = False) -> None:
    """Every story of a ladder; those of the claims `untold` have no day to tell of, or are cut."""
    for claim in ALL:
        answer = some.answers[claim.id]
        for obligation, broken in ((answer.failing, True), (answer.shown, False)):
            if obligation is None:
                continue
            story = told(some, obligation, broken)
            without = obligation.story.kind == "text" or (claim.id in untold and broken is cut)
            assert (story is None) == without, claim.id
            if story is not None:
                comes_to_it(some, obligation, story, broken)


ANOTHER = "windows that pass one total, and another that cuts them"


@pytest.mark.parametrize("name", NAMES)
def test_every_story_of_a_small_ladder_comes_to_its_end(name: str) -> None:
    without = ("total-own",) if name == ANOTHER else ()
    all_come_to_their_end(small(name), without, cut=True)
    if without:
        assert small(name).answers["total-own"].word == "broken"


# Where a claim holds because no day counts, which is no story.
NEVER_COUNTED = {
    "a-window-that-may-be-as-long-as-you-like": ("total-own",),
    "days-only-after-an-agreement-was-not-kept": ("total-diligent", "total-permitted", "total-own"),
    "a-rung-reached-only-after-a-referral": ("total-diligent", "total-permitted", "total-own"),
}


@pytest.mark.parametrize("path", KEPT, ids=lambda p: p.stem)
def test_every_story_of_a_ladder_that_was_hard_comes_to_its_end(path: Path) -> None:
    decider = Decider(graph_of(path.read_text("utf-8")))
    some = Small(decider.graph, decider, [], {c.id: decider.decide(c) for c in ALL})
    all_come_to_their_end(some, NEVER_COUNTED.get(path.stem, ()))


def test_a_story_that_shows_nothing_is_a_disagreement(monkeypatch: pytest.MonkeyPatch) -> None:
    """One that takes no longer than it may, and one that is no run of the graph."""
    some = small("a window from the rung below")
    failing = some.answers["total-diligent"].failing
    assert failing is not None
    story = told(some, failing, True)
    assert story is not None
    never = (story.trace[0]._replace(day=-1), *story.trace[1:])
    for lie, why in (
        (replace(story, until=20), "20 days"),
        (replace(story, trace=never), "step 1"),
    ):
        monkeypatch.setattr(Teller, "worst", lambda *_, lie=lie: lie)
        with pytest.raises(Disagreement, match=why):
            tell(some.decider.analysis, failing, story.world, fails=True)


ROUND = "rungs: {director: {if not satisfied: {to: head}, if silent: {to: head, strength: must}}}"
NO_POWERS = "skip: none"


def test_what_goes_round_is_told_once_round() -> None:
    (found,) = check(kept(ROUND, NO_POWERS), [BY_ID["ends"]])
    assert found.verdict == "broken" and found.ending == "it is at “head” again, and so on"
    assert found.trace[-1].says == "goes back down to head"


def test_leave_that_can_be_had_is_asked_for() -> None:
    """A raiser who may ask for leave to skip, whatever is answered, is not at the end there."""
    leave = (
        "{who: Team Manager, how: approves, within: 2 working days, source: x, "
        "if refused: {to: raiser decides}, if silent: {to: raiser decides}}"
    )
    both = (
        "rungs: {head: {answers: {all of: [Head of Service, Team Manager]}, if divided: unstated, "
        "if not satisfied: unstated, if silent: unstated}, director: {if silent: unstated}}"
    )
    skip = f"skip: {{to: any later rung, from: any rung, source: x, involves: {leave}}}"
    (found,) = check(kept(both, skip), [BY_ID["ends"]])
    assert found.verdict == "broken"
    told = [step.says for step in found.trace]
    assert "asks for leave to skip, to which Team Manager must agree" in told
    assert found.ending == "at “director: no answer in time” the raiser has no move"


def test_a_way_that_does_not_exist_is_not_looked_for_without_end() -> None:
    """Though a dispute can go round for ever, and a total counts the days."""
    settles = "resolution: {within: 10 working days, if not kept: {to: same rung}, source: x}"
    asked = '{"kind": {"asks": "a", "answers": {"said": "b", "cuts": "c"}, "plain": "said", '
    asked += '"because": "x", "source": "y"}}'
    cap = "totals: {formal process: {effect: {kind = said: stated, kind = cuts: cap}}}"
    wait = "rungs: {head: {within: {at most: 9 working days, at least: 2 working days, source: x}}}"
    graph = kept_graph(("questions", asked), ROUND, NO_POWERS, settles, cap, wait)
    analysis = Decider(graph).analysis
    assert analysis.hurried is not None
    nowhere = {s.name for s in graph.states.values() if s.name == "resolved"}
    world = world_of(graph)
    teller = Teller(analysis, world)
    assert nowhere and teller.first_way(teller.plain_edges(), nowhere) is None
