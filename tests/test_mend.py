"""Mends: each is a single change, and the same change written into the file mends the claim."""

from __future__ import annotations

from typing import NamedTuple

import pytest
from test_claims import LIMIT, TEMPLATE

from model.expand import graphs
from model.load import load, loads
from proofs import mend, record
from proofs.claims import BY_ID
from proofs.decide import Decider
from proofs.verdict import Verdict, check

REFER = 'refer: {to: CAFCASS, by: IRO, from: any state, effect: beside, source: "4"}'
SKIP = 'skip: {to: any later rung, from: any rung, source: "3"}'
PART = (
    "{who: Director, how: approves, within: unstated, if refused: unstated, if silent: unstated, "
    'source: "1"}'
)
START = 'start: {strength: may, source: "1"}'
SILENT = "if silent: {to: CAFCASS, strength: should}"
SERVICE = f'within: {LIMIT}\n        source: "3.2"'
CLOSES = f'within: {LIMIT}\n        closes: answerer\n        source: "3.2"'


class Mended(NamedTuple):
    """A change of the template that breaks a claim, and one of the result that mends it."""

    kind: str
    claim: str
    broken: tuple[tuple[str, str], ...]
    words: str
    mended: tuple[tuple[str, str], ...]
    line: str  # what stands on the line that the mend names


CASES = [
    Mended(
        "window", "total-own",
        (("within: 10 working days", "within: 25 working days"), (LIMIT, "5 working days"),
         ("five days = limit", "five days = limit")),
        "the window of director: at most 10 working days",
        (("within: 25 working days", "within: 10 working days"),), "within: 25 working days",
    ),
    Mended(
        "window from sending", "rungs-timed",
        (("within: 10 working days",
          'within: unstated\n        clock: {starts: receipt, source: "3.3"}'),
         (LIMIT, "5 working days")),
        "the window of director: at most 4 working days from sending",
        (("within: unstated", "within: 4 working days"),
         ('\n        clock: {starts: receipt, source: "3.3"}', "")), "within: unstated",
    ),
    Mended(
        "every window", "total-diligent",
        (("within: 10 working days", "within: 30 working days"), (LIMIT, "30 working days")),
        "each window of the 3 formal rungs: at most 6 working days",
        (("within: 30 working days", "within: 6 working days"),), "informal talk:",
    ),
    Mended(
        "window, in a total of its own", "total-own",
        (("at most: 20 working days, covers", "at most: 13 working days, covers"),
         (LIMIT, "5 working days")),
        "the window of director: at most 3 working days",
        (("within: 10 working days", "within: 3 working days"),), "within: 10 working days",
    ),
    Mended(
        "cap", "total-permitted",
        (("within: 10 working days", "within: 25 working days"),),
        "let the total “formal process” cut the windows short",
        (("effect: stated", "effect: cap"),), "formal process:",
    ),
    Mended(
        "rule", "no-dead-end", ((SILENT, "if silent: unstated"),),
        "a rule for director: “if silent: {to: next rung, strength: may}”, since the ladder ends "
        "there",
        (("if silent: unstated", "if silent: {to: next rung}"),), "if silent: unstated",
    ),
    Mended(
        "skip", "skip-any", ((SKIP, "skip: none"),),
        "a power to skip from any rung to any later rung", (("skip: none", SKIP),), "skip: none",
    ),
    Mended(
        "return", "return", (("if not kept: {to: raiser decides}", "if not kept: unstated"),),
        "a way back: the raiser may bring it back where they think right",
        (("if not kept: unstated", "if not kept: {to: raiser decides}"),), "if not kept: unstated",
    ),
    Mended(
        "refer", "cafcass-any-point", ((REFER, REFER.replace("any state", "the top rung")),),
        "a power to refer from every state, without any condition",
        (("from: the top rung", "from: any state"),), "refer:",
    ),
    Mended(
        "beside", "cafcass-beside", (("effect: beside", "effect: ends"),),
        "let the ladder go on beside a referral",
        (("effect: ends", "effect: beside"),), "refer:",
    ),
    Mended(
        "drop", "start-alone", ((START, START.replace("source", f"involves: {PART}, source")),),
        "take out the part of Director (approves)", ((f"involves: {PART}, ", ""),), "involves:",
    ),
    Mended(
        "duty", "child-told",
        (("does: tells the child, at step: each stage", "does: tells the child, at step: end"),),
        "a duty to tell the child at each stage", (("at step: end", "at step: each stage"),),
        "does: records",
    ),
    Mended(
        "advice", "advice", (("independent: yes", "independent: no"),),
        "independent legal advice on request", (("independent: no", "independent: yes"),),
        "advice:",
    ),
    Mended(
        "closes", "raiser-closes", ((SERVICE, CLOSES),),
        "the raiser decides whether service manager has settled it",
        (("\n        closes: answerer", ""),), "",
    ),
    Mended(
        "clock", "every-raiser-served",
        (("within: 10 working days",
          'within: 10 working days\n        clock: {starts: never, source: "3.3"}'),),
        "the window of director runs from sending",
        (('\n        clock: {starts: never, source: "3.3"}', ""),), "clock: {starts: never",
    ),
]  # fmt: skip


def changed(text: str, edits: tuple[tuple[str, str], ...]) -> str:
    for old, new in edits:
        assert old in text, old
        text = text.replace(old, new)
    return text


def found(text: str, claim: str) -> Verdict:
    if "five days =" not in text:  # nothing may be declared in vain
        text = text.replace("when: urgent,", "when: urgent or five days = custom,", 1)
    (v,) = check(loads(text, "exampleton.yaml"), [BY_ID[claim]])
    return v


@pytest.mark.parametrize("case", CASES, ids=lambda c: c.kind)
def test_a_mend_written_into_the_file_mends_the_claim(case: Mended) -> None:
    edits = tuple(e for e in case.broken if e[0] != e[1])
    broken = changed(TEMPLATE, edits)
    before = found(broken, case.claim)
    assert "broken" in (before.verdict, before.plain)
    assert before.mend is not None
    assert before.mend.words == case.words
    lines = broken.splitlines()
    assert case.line in lines[before.mend.line - 1]
    after = found(changed(broken, case.mended), case.claim)
    if before.mend.whole:
        assert after.verdict == "holds", after.why
        assert after.mend is None
    else:
        assert after.plain == "holds", after.why


def test_each_kind_of_change_has_its_case() -> None:
    tried = {case.kind for case in CASES}
    assert set(mend._EDITS) <= tried
    assert {"window", "every window"} <= tried


def test_what_one_rung_cannot_mend_is_tried_at_every_rung() -> None:
    text = TEMPLATE.replace("    every rung:", "    every rung:\n      closes: answerer", 1)
    v = found(text, "raiser-closes")
    assert v.mend is not None
    assert v.mend.words == "at every rung the raiser decides whether it is settled"
    text = TEMPLATE.replace(
        "    every rung:", '    every rung:\n      clock: {starts: never, source: "3"}', 1
    )
    v = found(text, "every-raiser-served")
    assert v.mend is not None
    assert v.mend.words == "every window runs from sending"


def test_a_change_that_breaks_nothing_else_but_does_not_mend_is_not_told() -> None:
    """Two managers must agree to start; taking one out is not enough."""
    other = PART.replace("Director", "Team Manager")
    text = TEMPLATE.replace(START, START.replace("source", f"involves: [{PART}, {other}], source"))
    v = found(text, "start-alone")
    assert v.verdict == "broken"
    assert v.mend is None


def test_a_question_whose_answer_settles_it_is_a_mend() -> None:
    v = found(TEMPLATE, "rungs-timed")
    assert v.verdict == "depends" and v.mend is None, "plainly it holds: nothing is to mend"
    text = TEMPLATE.replace("plain: limit", "plain: custom")
    v = found(text, "rungs-timed")
    assert v.mend is not None and v.mend.whole
    assert v.mend.words == "say in the text that “five days” means “limit”"
    assert "asks: Is “normally five" in text.splitlines()[v.mend.line - 1]


@pytest.mark.parametrize("stem", ["islington", "merton"])
def test_recorded_mends_are_found_again(stem: str) -> None:
    protocol = load(stem)
    entries = record.read()[stem]["verdicts"]
    told = {key: entry["mend"] for key, entry in entries.items() if "mend" in entry}
    assert told
    for graph in graphs(protocol):
        decider = Decider(graph)
        for key in [k for k in told if k.startswith(f"{graph.ladder.name}/")][:4]:
            answer = decider.decide(BY_ID[key.rsplit("/", 1)[1]])
            again = mend.mend(graph, answer)
            assert again is not None
            assert again.words == told[key]["words"]
            assert again.line == told[key]["line"]
