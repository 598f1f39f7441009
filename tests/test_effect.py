"""What stands in a file comes to something in the state graph, or is a fault with its place."""

from __future__ import annotations

import pytest
from assembled import LADDER, follow, gates, graph, moves, value

from model.effect import without_effect
from model.graph import StateGraph
from model.terms import TRUE

UP: list[tuple[int, str]] = [
    (0, "raises it at informal talk"),
    (0, "answers"),
    (0, "goes up to team manager"),
]


def asking(key: str, more: str, rules: str) -> StateGraph:
    part = f"{{who: IRO Manager, how: approves, within: 2 working days, {rules}, source: 2 ¶6}}"
    return graph(f"{key}: {{{more}, involves: {part}, source: 2 ¶6}}")


SKIP = "to: any later rung, from: team manager"
REFER = "to: CAFCASS, by: IRO, from: any rung, effect: beside"
ADVICE = "from: a solicitor, by: IRO, independent: yes"
EXTENSION = (
    "asked by: raiser, granted by: nobody, each: 3 working days, times: 1, at rung: any rung"
)


@pytest.mark.parametrize(
    ("key", "more", "asks", "then", "track"),
    [
        ("skip", SKIP, "asks for leave to skip", "skips to director", "leave to skip"),
        ("extension", EXTENSION, "asks for more time", "takes more time", "more time"),
        ("refer", REFER, "asks about a referral to CAFCASS", "refers it to CAFCASS", "referral"),
    ],
)
@pytest.mark.parametrize(
    ("rules", "day", "unmet"),
    [
        ("if refused: {to: raiser decides}", 0, "does not agree"),
        ("if silent: {to: raiser decides, strength: should}", 2, "does not answer"),
    ],
)
def test_the_raiser_may_go_on_though_leave_was_not_given(
    key: str, more: str, asks: str, then: str, track: str, rules: str, day: int, unmet: str
) -> None:
    anyway = [*UP, (0, asks), (day, f"{unmet}: the raiser decides"), (day, then)]
    run = follow(asking(key, more, rules), anyway)
    assert run.refused is None, run.why
    without = asking(key, more, "if refused: nothing")
    assert not moves(without, name=f"{unmet}: the raiser decides")
    (back,) = moves(without, source=f"{track}: IRO Manager to agree", name=unmet)
    assert without.states[back.target].kind == "idle", "it may be asked for again"


def test_a_refusal_of_advice_that_leaves_the_raiser_free() -> None:
    of = asking("advice", ADVICE, "if refused: {to: raiser decides, when: urgent}")
    (anyway,) = moves(of, name="does not agree: the raiser decides")
    assert of.states[anyway.target].kind == "done"
    assert value(of, anyway.guard, {"urgent": True})
    assert not value(of, anyway.guard, {"urgent": False})
    (refused,) = moves(of, name="does not agree")
    assert value(of, refused.guard, {"urgent": False})
    assert not value(of, refused.guard, {"urgent": True})


def test_a_way_back_has_parts_of_its_own() -> None:
    part = (
        "{who: IRO Manager, how: approves, source: 4 ¶3}, {who: Child, how: copied, source: 4 ¶3}"
    )
    back = f"{{to: director, by: IRO, strength: should, involves: [{part}], source: 4 ¶4}}"
    of = graph(f"resolution: {{within: unstated, if not kept: {back}, source: 4 ¶3}}")
    (asks,) = moves(of, source="agreement not kept")
    assert asks.name == "asks IRO Manager: brings it back at director"
    (agrees,) = moves(of, source=asks.target, kind="reopen")
    assert agrees.target == "director: awaiting an answer"
    assert {mark.how for mark in agrees.marks} == {"approves", "copied"}
    assert [c.step for c in of.consents] == ["reopen"]


def test_a_way_back_after_a_hand_over_is_taken_by_whom_the_text_names() -> None:
    back = "{to: director, by: IRO Manager, involves: {who: Child, how: told before, source: 5 ¶5}}"
    of = graph(
        "hand over: {to: Panel, agreed by: raiser, from: any rung, within: 5 working days, "
        f"closes: raiser, back: {back}, source: 5 ¶4}}"
    )
    (taken,) = moves(of, kind="take back")
    assert taken.actor == "IRO Manager"
    assert [(m.who, m.how) for m in taken.marks] == [("Child", "told before")]


def test_what_follows_satisfaction_keeps_its_strength_and_its_parts() -> None:
    part = "{who: Child, how: told after, source: 2 ¶3}"
    rule = f"{{to: closed, strength: must, source: 2 ¶3, involves: {part}}}"
    of = graph(f"if satisfied: {rule}", f"{LADDER} › rungs › director")
    (closes,) = moves(of, source="director: answered", kind="close")
    assert (closes.strength, closes.citation) == ("must", "2 ¶3")
    assert [m.who for m in closes.marks] == ["Child"]


def test_copies_go_with_a_skip_and_whoever_agrees_is_named_there() -> None:
    parts = (
        "[{who: Panel, how: copied, source: 2 ¶4}, {who: IRO Manager, how: approves, source: 2 ¶4}]"
    )
    of = graph(
        "skip: {to: director, from: team manager, source: 2 ¶6}\n"
        f"rungs: {{director: {{involves: {parts}}}}}"
    )
    for skip in moves(of, kind="skip"):
        assert [m.who for m in skip.marks] == ["Panel"]
        assert skip.target == "director: awaiting an answer"
    assert [s.owner for s in gates(of)] == [("IRO Manager",)], "by a rule it has to be asked for"


def test_duties_of_the_informal_stage_where_a_reading_says_what_is_informal() -> None:
    of = graph(
        "rungs: {informal talk: {counts: {typical = limit: informal, typical = norm: formal}}}\n"
        "duties:\n"
        "  - {who: raiser, does: records, at step: informal stage, source: 4 ¶1}\n"
        "  - {who: Director, does: acts, at step: formal start, source: 4 ¶1}"
    )
    (begun,) = moves(of, name="raises it at informal talk")
    informal = next(m for m in begun.marks if m.who == "raiser")
    formal = next(m for m in begun.marks if m.who == "Director")
    for typical in ("limit", "norm"):
        assert value(of, informal.guard, {"typical": typical}) is (typical == "limit")
        assert value(of, formal.guard, {"typical": typical}) is (typical == "norm")


def test_duties_of_a_stage_are_due_where_it_is_sent_too() -> None:
    of = graph(
        "every rung: {clock: {starts: receipt, source: 2 ¶1}}\n"
        "duties: [{who: raiser, does: records, at step: each stage, source: 4 ¶1}]"
    )
    ups = moves(of, kind="escalate")
    assert ups and all(any(m.how == "records" for m in up.marks) for up in ups)


def test_any_of_several_sorts_of_advice_comes_first() -> None:
    of = graph(
        "refer: {to: CAFCASS, by: IRO, from: any rung, effect: beside, needs advice: yes, "
        "source: 3 ¶1}\n"
        "advice:\n"
        "  - {from: a solicitor, by: IRO, independent: yes, when: urgent, source: 3 ¶3}\n"
        "  - {from: another, by: IRO, independent: yes, source: 3 ¶4}"
    )
    assert {m.needs for m in moves(of, kind="refer")} == {"legal advice", "legal advice (2)"}


def test_nothing_at_any_time_or_above_the_top_is_a_fault() -> None:
    of = graph(
        "rungs: {director: {to leave: {who: Panel, how: approves, source: 2 ¶4}}}\n"
        "duties: [{who: raiser, does: records, at step: any time, source: 4 ¶1}]"
    )
    assert list(without_effect(of)) == []
    assert all(m.guard is TRUE for m in moves(of, kind="raise"))
