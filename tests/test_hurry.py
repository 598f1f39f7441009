"""What a dispute can come to where a total can end a wait: told where the wait surely fits in."""

from __future__ import annotations

import json

import pytest
from kept import kept_graph

from certificates import Refused, check
from model.graph import StateGraph
from model.replay import world_of
from model.terms import FALSE, TRUE, implies, restrict, symbols
from proofs.analysis import Analysis
from proofs.certificate import certificate
from proofs.claims import BY_ID
from proofs.decide import Decider
from proofs.stories import tell

TOTAL = "totals: {formal process: {at most: 10 working days, effect: cap}}"
EVERY = "totals: {formal process: {covers: every rung}}"
TOP = "director: awaiting an answer"


def ladder(head: str, *more: str) -> StateGraph:
    """Up from the head of service only, in one way, which takes a wait."""
    once = ("skip: none", "resolution: {if not kept: nothing}")
    return kept_graph(*once, f"rungs: {{head: {{{head}}}}}", TOTAL, *more)


def waits(days: int) -> str:
    return f"if not satisfied: {{to: next rung, after: {days} working days}}, if silent: nothing"


def silence(days: int) -> str:
    """Some days after it is sent up, and not before the sixth."""
    up = f"{{to: next rung, after: {days} working days}}"
    return f"within: 6 working days, if not satisfied: nothing, if silent: {up}"


FITS = {
    "a wait": ladder(waits(4)),
    "a wait of the whole total": ladder(waits(10)),
    "a wait that is over when the silence is there": ladder(silence(5)),
    "a wait that began with the window": ladder(silence(10)),
}
FITS_NOT = {
    "a wait after a silence that may come too late": ladder(
        silence(8), EVERY, "rungs: {talk: {within: unstated, if not satisfied: nothing}}"
    ),
    "a wait in two totals": ladder(
        waits(4),
        "totals: {whole: {at most: 9 working days, covers: [head], effect: cap, source: x}}",
    ),
}


@pytest.mark.parametrize("name", FITS)
def test_a_wait_that_fits_in_is_told(name: str) -> None:
    a = Analysis(FITS[name])
    assert a.hurried == "formal process" and implies(a.reach[TOP], a.hurry.soon[TOP]) is TRUE
    words = {c: Decider(FITS[name]).decide(BY_ID[c]).word for c in ("no-dead-end", "rungs-timed")}
    assert "undecided" not in words.values()


@pytest.mark.parametrize("name", FITS_NOT)
def test_a_wait_that_may_not_fit_in_is_not_told(name: str) -> None:
    a = Analysis(FITS_NOT[name])
    assert a.hurried == "formal process"
    assert implies(a.reach[TOP], a.hurry.soon[TOP]) is not TRUE


# --- what the raiser can force --------------------------------------------------------------------


def up_after(days: int, talk: str = "3 working days") -> StateGraph:
    """Up from the head of service after some days, answered or not."""
    up = f"{{to: next rung, after: {days} working days}}"
    talk_too = f"rungs: {{talk: {{within: {talk}}}}}"
    return ladder(f"if not satisfied: {up}, if silent: {up}", EVERY, talk_too)


FORCED = {
    # name: the ladder, and whether the raiser can bring it to the top
    "a wait that fits in": (up_after(7), True),
    "a wait after a rung that takes too long": (up_after(8), False),
    "a wait after a rung that takes longer": (up_after(7, "4 working days"), False),
    "a wait after a rung that takes less": (up_after(8, "2 working days"), True),
}


@pytest.mark.parametrize("name", FORCED)
def test_what_can_be_forced_over_a_wait_is_told(name: str) -> None:
    graph, forced = FORCED[name]
    assert Analysis(graph).hurried is not None
    decider = Decider(graph)
    answer = decider.decide(BY_ID["top-forced"])
    assert answer.word == ("holds" if forced else "broken")
    shown = check(json.loads(json.dumps(certificate(decider, [answer]))))
    assert shown == {"top-forced": "not shown"}  # a table knows nothing of the days used up


def test_what_comes_back_begins_anew() -> None:
    """Though every stage comes after a wait where an agreement not kept goes back to its own."""
    up = "{to: next rung, after: 8 working days}"
    both = f"rungs: {{head: {{if not satisfied: {up}, if silent: {up}}}}}"
    again = kept_graph("skip: none", both, TOTAL, EVERY)
    a = Analysis(again)
    assert any(e.move.kind == "reopen" for e in a.edges) and a.hurried is not None
    words = {c: Decider(again).decide(BY_ID[c]).word for c in ("top-forced", "ends")}
    assert words == {"top-forced": "broken", "ends": "broken"}


@pytest.mark.parametrize("name", FORCED)
def test_a_table_that_knows_nothing_of_the_days_shows_nothing(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """For the checker each wait of the raiser can end too early, and so can time."""
    graph, forced = FORCED[name]
    decider = Decider(graph)
    answer = decider.decide(BY_ID["top-forced"])
    monkeypatch.setattr("proofs.certificate._on_states", lambda *_: True)
    made = json.loads(json.dumps(certificate(decider, [answer])))
    if forced:
        with pytest.raises(Refused, match="top-forced"):
            check(made)
    else:
        assert check(made) == {"top-forced": "broken"}


def test_it_depends_on_a_window_that_is_not_stated() -> None:
    """The wait of four days fits into ten if the rung before takes no more than six."""
    answer = Decider(up_after(4, "unstated")).decide(BY_ID["top-forced"])
    assert answer.word == "depends"
    (window,) = symbols(answer.condition)
    assert restrict(answer.condition, {window: 6}) is TRUE
    assert restrict(answer.condition, {window: 7}) is FALSE


def test_the_story_uses_up_the_total() -> None:
    graph, _ = FORCED["a wait after a rung that takes too long"]
    decider = Decider(graph)
    answer = decider.decide(BY_ID["top-forced"])
    assert answer.failing is not None and answer.broken_in is not None
    world = {**world_of(graph, answer.broken_in), **answer.broken_in}
    story = tell(decider.analysis, answer.failing, world, fails=True)
    assert story is not None and "can end before the raiser may go on" in story.ending
    assert [day for day, move in story.trace if move.target == "head: awaiting an answer"] == [3]


def test_two_totals_leave_it_open() -> None:
    whole = "totals: {whole: {at most: 9 working days, covers: every rung, effect: cap, source: x}}"
    up = "{to: next rung, after: 4 working days}"
    answer = Decider(ladder(f"if not satisfied: {up}, if silent: {up}", whole)).decide(
        BY_ID["top-forced"]
    )
    assert answer.word == "undecided" and "can end a minimum wait" in answer.why
