"""Who or what else can hold a dispute or end it: who alone may send it on, a fact of the case."""

from __future__ import annotations

import pytest
from kept import kept, kept_graph

from proofs.analysis import Analysis
from proofs.claims import BY_ID
from proofs.verdict import Verdict, check

Fragment = str | tuple[str, str]

PEOPLE = ("people", "IRO Manager: {side: reviewing service, supervises: IRO, source: 1 ¶3}")
SENDS = "rungs: {director: {sends: IRO Manager}}"


GOES_ON = "{to: raiser decides}"


def agrees(refused: str = GOES_ON, silent: str = "unstated") -> str:
    return (
        f"{{who: Director, how: approves, if refused: {refused}, if silent: {silent}, source: x}}"
    )


def view(silent: str) -> str:
    who = "who: Head of Service, how: consulted before, waits: yes"
    return f"{{{who}, within: 3 working days, if silent: {silent}, source: x}}"


def advice(asked: str) -> str:
    return f"advice: [{{from: X, by: IRO, independent: no, involves: [{asked}], source: y}}]"


def answer(claim: str, *fragments: Fragment) -> Verdict:
    (found,) = check(kept(*fragments), [BY_ID[claim]])
    return found


def test_a_manager_who_alone_may_send_it_on_has_to_agree() -> None:
    found = answer("escalate-alone", PEOPLE, SENDS, "skip: none")
    assert found.verdict == "broken"
    assert found.why.startswith("only IRO Manager can take it higher from “head: answered”")


def test_a_manager_who_alone_may_raise_it_has_to_agree() -> None:
    found = answer("start-alone", PEOPLE, "rungs: {talk: {sends: IRO Manager}}")
    assert (found.verdict, found.why) == ("broken", "only IRO Manager can raise it")
    assert found.trace[-1].actor == "IRO Manager"
    found = answer("start-alone", PEOPLE, "rungs: {head: {sends: IRO Manager}}", "skip: none")
    assert found.why.startswith("only IRO Manager can take it higher from “talk: answered”")


@pytest.mark.parametrize(
    "fragments",
    [
        (PEOPLE, SENDS),  # the raiser may skip to it instead
        ("rungs: {director: {sends: unstated}}", "skip: none"),  # a passive sentence
        (
            PEOPLE,
            "rungs: {head: {if not satisfied: "
            "[{to: next rung, by: IRO Manager}, {to: next rung}]}}",
            "skip: none",
        ),
    ],
)
def test_it_is_no_matter_who_else_may_send_it_on(fragments: tuple[Fragment, ...]) -> None:
    assert answer("escalate-alone", *fragments).verdict == "holds"


def test_where_it_goes_up_only_if_a_manager_sends_it_the_verdict_names_the_manager() -> None:
    found = answer("no-dead-end", PEOPLE, SENDS, "skip: none")
    assert found.verdict == "broken"
    assert "it goes up only if IRO Manager sends it, by no date" in found.why


def test_a_withdrawal_by_somebody_else_closes_it_over_the_raiser() -> None:
    found = answer("raiser-closes", PEOPLE, "withdraw: {by: [raiser, IRO Manager], source: x}")
    assert found.verdict == "broken"
    assert found.why.startswith("IRO Manager can withdraw it at ")
    assert answer("raiser-closes", "withdraw: {by: raiser, source: x}").verdict == "holds"


def test_a_withdrawal_by_somebody_else_is_an_end_from_which_the_raiser_may_still_refer() -> None:
    theirs = "withdraw: {by: [raiser, IRO Manager], source: x}"
    assert answer("ends", PEOPLE, theirs).verdict == "holds"
    said = BY_ID["cafcass-any-point"].body(Analysis(kept_graph(PEOPLE, theirs)))
    asked = {o.story.to for o in said}
    assert "withdrawn by IRO Manager" in asked and "withdrawn" not in asked


def test_a_raiser_s_silence_that_is_taken_for_agreement_is_told() -> None:
    for missed, word in (("resolved", "broken"), ("lapses", "holds"), ("nothing", "holds")):
        decide = f"decide: {{within: 2 working days, if missed: {missed}, source: x}}"
        found = answer("raiser-closes", decide)
        assert found.verdict == word
        assert (word == "broken") == found.why.startswith("the raiser's silence can close it at ")


def test_a_story_does_not_say_that_there_is_no_move_where_a_referral_is_open() -> None:
    top = "rungs: {director: {if silent: nothing}}"
    found = answer("ends", top, "refer: {effect: ends, from: after the top rung}")
    assert found.ending.endswith("the raiser can only refer it outside")
    found = answer("ends", top, "refer: {from: head}")
    assert found.ending.endswith("the raiser has no move")


@pytest.mark.parametrize("effect", ["beside", "ends", "unstated"])
def test_a_ladder_whose_last_step_leads_outside_ends_there_whatever_a_referral_does(
    effect: str,
) -> None:
    out = "{if silent: {to: CAFCASS}, if not satisfied: {to: CAFCASS}}"
    refer = f"refer: {{effect: {effect}, from: any state}}"
    assert answer("ends", f"rungs: {{director: {out}}}", refer).verdict == "holds"
    # and a referral is no such end
    silent = "{if silent: nothing, if not satisfied: {to: CAFCASS}}"
    found = answer("ends", f"rungs: {{director: {silent}}}", refer)
    assert (found.verdict, found.trace[-1].state) == ("broken", "director: no answer in time")


@pytest.mark.parametrize(
    ("fragments", "actor", "move"),
    [
        (("refer: {by: Director}",), "Director", "refers it to CAFCASS"),
        ((f"refer: {{by: Director, involves: [{agrees()}]}}",), "Director",
         "asks about a referral to CAFCASS"),
        (("rungs: {director: {if silent: {to: CAFCASS, by: Director}}}",), "Director",
         "goes to CAFCASS"),
        (("rungs: {director: {if silent: {to: CAFCASS, strength: automatic}}}",), "time",
         "no answer in time: goes to CAFCASS"),
    ],
)  # fmt: skip
def test_a_story_shows_who_else_refers(
    fragments: tuple[Fragment, ...], actor: str, move: str
) -> None:
    found = answer("cafcass-iro-only", *fragments)
    assert found.verdict == "broken"
    assert (found.trace[-1].actor, found.trace[-1].move) == (actor, move)


@pytest.mark.parametrize(
    ("asked", "steps", "ending"),
    [
        (agrees("unstated"), ["asks", "does not agree"], "Director need only not agree"),
        (agrees(), ["asks"], "Director need only stay silent"),
        (f"{view('nothing')}, {agrees()}", ["asks"], "Head of Service need only stay silent"),
        (
            f"{view(GOES_ON)}, {agrees()}",
            ["asks", "gives a view"],
            "Director need only stay silent",
        ),
    ],
)
def test_a_story_says_who_withholds_what_the_raiser_asks_for(
    asked: str, steps: list[str], ending: str
) -> None:
    found = answer("cafcass-forced", f"refer: {{involves: [{asked}]}}")
    said = [step.move.replace("asks about a referral to CAFCASS", "asks") for step in found.trace]
    assert (found.verdict, said[1:], found.ending) == ("broken", steps, ending)


def test_a_story_says_who_withholds_what_a_referral_needs() -> None:
    found = answer("cafcass-forced", advice(agrees("unstated")), "refer: {needs advice: yes}")
    said = [step.says for step in found.trace[-2:]]
    assert said == ["asks for legal advice, to which Director must agree", "does not agree"]
    assert found.ending == "Director need only not agree"
    # advice that nobody can withhold is not asked for where the way up is what is held
    found = answer("cafcass-forced", advice(agrees(silent=GOES_ON)), "skip: none",
                   "refer: {needs advice: yes, from: director}",
                   "rungs: {head: {if silent: nothing}}")  # fmt: skip
    assert found.verdict == "broken"
    assert found.ending == "at “head: no answer in time” the raiser has no move"


@pytest.mark.parametrize(
    ("about", "step", "verdict"),
    [
        ("obstacle", "{to: next rung, when: beyond us}", "holds"),  # it opens a way
        ("obstacle", "{to: next rung, when: not beyond us}", "broken"),
        ("child's wish", "{to: next rung, when: beyond us}", "broken"),  # or who does not wish it
        ("child's wish", "{to: next rung, when: not beyond us}", "broken"),
        ("obstacle", "[{to: next rung}, {to: closed, when: beyond us}]", "broken"),
        ("obstacle", "[{to: next rung}, {to: closed, when: not beyond us}]", "holds"),
        ("obstacle", "{to: next rung, when: urgent and beyond us}", "holds"),
        ("child's wish", "{to: next rung, when: urgent and beyond us}", "broken"),
        *(
            # where it is not urgent there is no way on, whatever the fact is
            (about, "[{to: next rung, when: urgent and beyond us}, "
             "{to: next rung, when: urgent and not beyond us}]", "holds")
            for about in ("obstacle", "child's wish")
        ),
    ],
)  # fmt: skip
def test_what_a_fact_neither_opens_nor_shuts_is_not_stopped_by_it(
    about: str, step: str, verdict: str
) -> None:
    facts = f"beyond us: {{says: It is beyond our control., about: {about}, source: 5 ¶1}}"
    if "urgent" in step:
        facts += "\nurgent: {says: It is urgent., about: urgency, source: 5 ¶2}"
    claim = "obstacles" if about == "obstacle" else "child-no-veto"
    fragment = f"rungs: {{head: {{if not satisfied: {step}}}}}"
    found = answer(claim, ("facts", facts), fragment, "skip: none")
    assert found.verdict == verdict, found.why


def test_a_story_says_when_the_raiser_could_have_set_a_time() -> None:
    window = "within: {at most: unstated, set by: raiser, source: x}"
    found = answer("top-forced", f"rungs: {{head: {{{window}}}}}", "skip: none")
    assert found.verdict == "depends"
    assert found.condition == ("the window of head that the raiser sets is limited",)
    assert found.ending == "Head of Service need only stay silent, if the raiser sets no time"
    # where a time that is set does not help, it is set
    found = answer("top-forced", f"rungs: {{head: {{{window}, if silent: nothing}}}}", "skip: none")
    assert (found.verdict, found.trace[-1].state) == ("broken", "head: no answer in time")
    assert found.ending == "at “head: no answer in time” the raiser has no move"
