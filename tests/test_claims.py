"""Each claim is kept by the template that `drp new` writes, and broken by one change of it."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pytest

from model.expand import expand
from model.load import loads
from model.replay import replay
from proofs.claims import ALL, BY_ID
from proofs.limits import limits
from proofs.verdict import Verdict, check, times

TEMPLATE = (Path(__file__).parent.parent / "drp" / "template.yaml").read_text("utf-8")
LIMIT = "{five days = limit: 5 working days, five days = custom: unstated}"

# What is written in place of what, so that the claim fails under every reading.
BREAKS: dict[str, tuple[tuple[str, str], ...]] = {
    "total-diligent": (("within: 10 working days", "within: 25 working days"),),
    "total-permitted": (("within: 10 working days", "within: 25 working days"),),
    "total-own": (("at most: 20 working days", "at most: 9 working days"),),
    "rungs-timed": (("within: 10 working days", "within: unstated"),),
    "no-dead-end": (
        ("if silent: {to: CAFCASS, strength: should}", "if silent: unstated"),
    ),
    "climbs": (("if not satisfied: nothing ", "if not satisfied: {to: team manager} "),),
    "stays-formal": (
        (
            "        answers: Director\n        counts: formal",
            "        answers: Director\n        counts: informal",
        ),
    ),
    "ends": (
        ("within: 10 working days", "within: unstated"),
        ("if silent: {to: CAFCASS, strength: should}", "if silent: unstated"),
    ),
    "top-forced": (
        ("skip: {to: any later rung, from: any rung, source: \"3\"}", "skip: none"),
        (
            "      if silent: {to: next rung, strength: may}",
            "      if silent: nothing",
        ),
    ),
    "return": (("if not kept: {to: raiser decides}", "if not kept: unstated"),),
    "cafcass-any-point": (("from: any state, effect: beside", "from: the top rung, effect: beside"),),
    "cafcass-unconditional": (
        ("from: any state, effect: beside", "from: any state, when: urgent, effect: beside"),
    ),
    "cafcass-forced": (
        (
            "refer: {to: CAFCASS, by: IRO, from: any state, effect: beside, source: \"4\"}",
            "refer: {to: CAFCASS, by: IRO, from: any state, effect: beside, source: \"4\", involves: "
            "{who: Director, how: approves, within: unstated, if refused: unstated, "
            "if silent: unstated, source: \"4\"}}",
        ),
        ("if silent: {to: CAFCASS, strength: should}", "if silent: unstated"),
    ),
    "cafcass-beside": (("effect: beside", "effect: ends"),),
    "cafcass-iro-only": (("{side: raiser, role: IRO}", "{side: raiser}"),),
    "skip-any": (("skip: {to: any later rung, from: any rung, source: \"3\"}", "skip: none"),),
    "start-alone": (
        (
            "start: {strength: may, source: \"1\"}",
            "start: {strength: may, source: \"1\", involves: {who: Director, how: approves, "
            "within: unstated, if refused: unstated, if silent: unstated, source: \"1\"}}",
        ),
    ),
    "escalate-alone": (
        (
            f"within: {LIMIT}\n        source: \"3.1\"",
            f"within: {LIMIT}\n        source: \"3.1\"\n        to leave: {{who: Director, "
            "how: approves, within: unstated, if refused: unstated, if silent: unstated, "
            "source: \"3.1\"}",
        ),
    ),
    "child-no-veto": (
        ("about: urgency, source", "about: child's wish, source"),
        ("start: {strength: may, source", "start: {strength: may, when: urgent, source"),
    ),
    "obstacles": (
        ("about: urgency, source", "about: obstacle, source"),
        (
            "if silent: {to: CAFCASS, strength: should}",
            "if silent: {to: closed, when: urgent, strength: automatic}",
        ),
    ),
    "advice": (("independent: yes", "independent: no"),),
    "informal-first": (("[informal stage, each stage]", "[escalation]"),),
    "raiser-closes": (
        ("      if silent: {to: next rung, strength: may}", "      if silent: {to: resolved, strength: automatic}"),
    ),
    "nobody-twice": (("answers: Service Manager", "answers: Team Manager"),
                     ("  Service Manager: {side: management}\n", "")),
    "child-told": (("does: tells the child, at step: each stage", "does: tells the child, at step: end"),),
    "consider-referral": (("does: considers referral, at step: top", "does: supports, at step: start"),),
    "every-raiser-served": (
        (
            "within: 10 working days",
            "within: 10 working days\n        clock: {starts: never, source: \"3.3\"}",
        ),
    ),
    "nothing-missing": (("missing: nothing  ", "missing: {what: a flowchart, source: \"3\"}  "),),
}  # fmt: skip


@cache
def verdict(claim: str, changed: bool) -> Verdict:
    text = TEMPLATE
    for old, new in BREAKS[claim] if changed else ():
        assert old in text, old
        text = text.replace(old, new)
    (found,) = check(loads(text, "exampleton.yaml"), [BY_ID[claim]])
    return found


def test_every_claim_has_a_change_that_breaks_it() -> None:
    assert set(BREAKS) == {claim.id for claim in ALL}


@pytest.mark.parametrize("claim", BREAKS)
def test_the_template_keeps_it(claim: str) -> None:
    found = verdict(claim, False)
    assert (found.verdict, found.plain) in (
        ("holds", "holds"),
        ("depends", "holds"),
        ("depends", "broken"),
    )
    assert found.verdict == "holds" or claim in DEPENDING
    assert found.evidence["non_vacuous"]


# With windows that one reading leaves open, these cannot hold outright.
DEPENDING = ("total-diligent", "total-permitted", "total-own", "rungs-timed")


@pytest.mark.parametrize("claim", BREAKS)
def test_the_change_breaks_it(claim: str) -> None:
    found = verdict(claim, True)
    assert found.verdict == "broken", found.why
    assert found.reasons
    if found.story is not None:
        graph = expand(loads(TEMPLATE, "exampleton.yaml"))
        assert graph.states
        assert found.trace[0].move.startswith(("raises it", "asks", "refers it"))


def test_the_condition_is_exact_and_minimal() -> None:
    found = verdict("rungs-timed", False)
    assert found.condition == ("“five days” is read as “limit”",)
    late = verdict("total-own", False)
    assert late.condition == (
        "“five days” is read as “limit”, or the windows of team manager and service manager "
        "add up to at most 10 working days",
    )


def test_a_story_is_a_run() -> None:
    text = TEMPLATE.replace("within: 10 working days", "within: 25 working days")
    protocol = loads(text, "exampleton.yaml")
    graph = expand(protocol)
    (found,) = check(protocol, [BY_ID["total-diligent"]])
    assert found.story is not None
    run = replay(graph, found.story.trace, found.story.world, found.story.until)
    assert run.refused is None
    assert run.formal == 21


def test_silence_without_a_step_has_no_end() -> None:
    """Who waits for an answer that never comes, and may do nothing, waits without limit."""
    silent = ("if silent: {to: next rung, strength: may}", "if silent: nothing")
    no_skip = ('skip: {to: any later rung, from: any rung, source: "3"}', "skip: none")
    found = {}
    for name, changes in (("step", ()), ("skip", (silent,)), ("none", (silent, no_skip))):
        text = TEMPLATE
        for old, new in changes:
            assert old in text
            text = text.replace(old, new)
        protocol = loads(text, "exampleton.yaml")
        (diligent,) = check(protocol, [BY_ID["total-diligent"]], mends=False)
        found[name] = (
            diligent.plain,
            times(expand(protocol)).windows,
            times(expand(protocol)).diligent,
        )
    assert found["step"] == found["skip"] == ("holds", 20, 20)
    assert found["none"] == ("broken", 20, None)


ASKED = "involves: {who: Service Manager, how: approves, within: 2 working days, source: 1"


@pytest.mark.parametrize(
    ("rest", "found"),
    [
        ("if refused: {to: raiser decides}, if silent: {to: raiser decides}", 20 + 2 * 2),
        ("if refused: {to: raiser decides}", None),  # silence withholds it
        ("if silent: {to: raiser decides}", None),
    ],
)
def test_leave_that_nobody_can_withhold_is_a_step(rest: str, found: int | None) -> None:
    """Where the one step needs leave, it takes the time of who is asked, or has no end."""
    skip = 'skip: {to: any later rung, from: any rung, source: "3"'
    silent = "if silent: {to: next rung, strength: may}"
    assert skip in TEMPLATE and silent in TEMPLATE
    text = TEMPLATE.replace(silent, "if silent: nothing")
    protocol = loads(text.replace(skip, f"{skip}, {ASKED}, {rest}}}"), "exampleton.yaml")
    assert times(expand(protocol)).diligent == found


@pytest.mark.parametrize(
    ("within", "rest", "found"),
    [
        ("2 working days", "if refused: X, if silent: X", "holds"),
        ("2 working days", "if refused: X", "broken"),
        ("2 working days", "if silent: X", "broken"),
        ("no limit", "if refused: X, if silent: X", "broken"),
        ("2 working days", "if refused: Y, if silent: X", "broken"),
    ],
)
def test_an_agreement_that_cannot_be_withheld_is_not_needed(
    within: str, rest: str, found: str
) -> None:
    """Who may go on at a refusal, and at silence that has an end, needs nobody's agreement."""
    rest = rest.replace("X", "{to: raiser decides}").replace("Y", "{to: closed}")
    gate = f"to leave: {{who: Director, how: approves, within: {within}, {rest}, source: 3}}"
    formal = TEMPLATE.replace('source: "3.1"', f'source: "3.1"\n        {gate}')
    informal = TEMPLATE.replace(
        'source: "2"\n      team', f'source: "2"\n        {gate}\n      team'
    )
    said = {}
    for text in (formal, informal):
        assert gate in text
        for verdict in check(loads(text, "exampleton.yaml"), mends=False):
            if verdict.claim.id in ("start-alone", "escalate-alone"):
                said[text, verdict.claim.id] = verdict.plain
    assert said == {
        (formal, "start-alone"): "holds",
        (formal, "escalate-alone"): found,
        (informal, "start-alone"): found,
        (informal, "escalate-alone"): "holds",
    }


REFER = 'refer: {to: CAFCASS, by: IRO, from: any state, effect: beside, source: "4"}'
SILENT = "if silent: {to: CAFCASS, strength: should}"
OTHERS = "CAFCASS: {side: outside, role: CAFCASS}"


NO_REFERRAL = "the text gives the IRO no referral to CAFCASS"


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        (REFER, "refer: none", NO_REFERRAL),
        (REFER, REFER.replace("by: IRO", "by: Director"), NO_REFERRAL),
        (
            OTHERS,
            OTHERS.replace(", role: CAFCASS", ""),
            f"{NO_REFERRAL}: nobody in the file has the role CAFCASS",
        ),
    ],
)
def test_no_referral_is_said_once(old: str, new: str, says: str) -> None:
    text = TEMPLATE.replace(old, new).replace(SILENT, "if silent: nothing")
    claims = [BY_ID[f"cafcass-{name}"] for name in ("any-point", "unconditional", "forced")]
    text = text if "to: CAFCASS" in text else text.replace(f"  {OTHERS}\n", "")
    for found in check(loads(text, "exampleton.yaml"), claims, mends=False):
        assert (found.verdict, found.reasons) == ("broken", (says,))


def test_claims_that_speak_of_nobody_are_told() -> None:
    """Ten claims are not applicable if a role is forgotten, which every report says."""
    text = TEMPLATE.replace("{side: raiser, role: IRO}", "{side: raiser}")
    (said,) = limits(expand(loads(text, "exampleton.yaml")))
    assert "nobody with the role IRO" in said
    assert not list(limits(expand(loads(TEMPLATE, "exampleton.yaml"))))


@pytest.mark.parametrize(
    ("old", "new", "expected", "says"),
    [
        (REFER, REFER.replace("by: IRO", "by: Director"), "broken", "by Director, and not by"),
        (REFER, REFER.replace("by: IRO", "by: [IRO, Director]"), "broken", "by Director"),
        (SILENT, "if silent: {to: CAFCASS, by: Director}", "broken", "by Director"),
        (SILENT, "if silent: {to: CAFCASS, by: IRO, strength: must}", "holds", ""),
        (SILENT, "if silent: {to: CAFCASS, by: unstated}", "broken", "somebody not named"),
        (SILENT, "if silent: {to: CAFCASS, strength: automatic}", "broken", "by itself"),
        (
            REFER,
            REFER.replace(
                "source",
                "involves: {who: Director, how: approves, within: 1 working day, "
                'if refused: {to: raiser decides}, if silent: nothing, source: "4"}, source',
            ),
            "holds",
            "",
        ),
        (
            OTHERS,
            f"{OTHERS}\n  Ombudsman: {{side: outside}}",
            "holds",
            "",
        ),
    ],
    ids=[
        *("a manager by a power", "a manager beside the IRO", "a manager by a rule"),
        *("the IRO by a rule", "nobody named", "by itself", "after a manager agrees"),
        "another body",
    ],
)
def test_who_refers_to_cafcass(old: str, new: str, expected: str, says: str) -> None:
    text = TEMPLATE.replace(old, new)
    assert text != TEMPLATE
    if "Ombudsman" in new:  # a referral elsewhere is nobody's but theirs
        other = 'refer:\n      - {to: Ombudsman, by: Director, from: any rung, effect: beside, source: "4"}'
        text = text.replace(REFER, f"{other}\n      - {REFER.removeprefix('refer: ')}")
    (found,) = check(loads(text, "exampleton.yaml"), [BY_ID["cafcass-iro-only"]], mends=False)
    assert found.verdict == expected, found.why
    assert says in found.why


def test_an_approval_by_a_manager_is_not_a_referral_by_the_manager() -> None:
    """Whoever agrees to a referral takes the last step, but the IRO has asked for it."""
    part = 'involves: {who: Director, how: approves, source: "4"}, source'
    text = TEMPLATE.replace(REFER, REFER.replace("source", part))
    claims = [BY_ID["cafcass-iro-only"], BY_ID["cafcass-unconditional"]]
    only, free = check(loads(text, "exampleton.yaml"), claims, mends=False)
    assert only.verdict == "holds"
    assert free.verdict == "broken"


DUTY = '      - {who: IRO, does: considers referral, at step: top, source: "4"}\n'
ANSWERED = "if not satisfied: nothing       # the last rung: the ladder ends here"


@pytest.mark.parametrize(
    ("silent", "satisfied", "reasons"),
    [
        (SILENT, ANSWERED, ["after director"]),
        ("if silent: nothing", "if not satisfied: {to: CAFCASS, strength: should}",
         ["after silence at director"]),
        (SILENT, "if not satisfied: {to: CAFCASS, strength: should}", []),
        (SILENT.replace("should", "may"), "if not satisfied: {to: CAFCASS, strength: may}",
         ["after director", "after silence at director"]),
    ],
)  # fmt: skip
def test_a_referral_is_considered_after_silence_too(
    silent: str, satisfied: str, reasons: list[str]
) -> None:
    text = TEMPLATE
    for old, new in ((DUTY, ""), (SILENT, silent), (ANSWERED, satisfied)):
        assert old in text
        text = text.replace(old, new)
    (found,) = check(loads(text, "exampleton.yaml"), [BY_ID["consider-referral"]], mends=False)
    assert found.verdict == ("broken" if reasons else "holds")
    assert list(found.reasons) == [f"{r} nobody has to consider a referral" for r in reasons]
