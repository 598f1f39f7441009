"""The cases of the authorities, and what is said of cases that are wrong.

`GOOD` is a file of one case about `policies/good.yaml`. Each fault is made by replacing a text in
it, or by a file of its own.
"""

from __future__ import annotations

import json
import re
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml
from assembled import RUNG, policy
from jsonschema import Draft202012Validator

from model.cases import Case, case_files, cases_schema, load_cases, run_case
from model.load import authorities, load
from model.protocol import Protocol
from model.shapes import MAX_ITEMS
from model.yamltree import PolicyError

HERE = Path(__file__).parent
GOOD_POLICY = str(HERE / "policies" / "good.yaml")
README = HERE.parent / "model" / "authorities" / "cases" / "README.md"
STORIES = [(path.stem, case) for path in case_files() for case in load_cases(path)]

# Cases of which the graph is known to say something else than the text, and why. Whoever mends one
# takes its line out.
DISAGREE: dict[str, str] = {}

GOOD = """\
- case: It goes up.
  raised by: IRO
  child: child in care
  reading: {typical: limit}
  facts: [urgent]
  numbers: {the window of informal: 3 working days}
  starts: 2026-01-05
  steps:
    - {on: 2026-01-05, move: raises it at informal}
    - {on: 2026-01-08, move: answers, by: Social Worker}
    - {day: 3, move: goes up to Team Manager, to: "Team Manager: awaiting an answer"}
    - {day: 5, move: skips to Director, by: IRO}
  ends at: "Director: awaiting an answer"
  formal days: 2
  source: 2.2
"""


@cache
def protocol(name: str) -> Protocol:
    return load(name)


# --- the authorities --------------------------------------------------------------------------


def marked(stem: str, case: Case) -> Any:
    why = DISAGREE.get(case.case)
    marks = () if why is None else (pytest.mark.xfail(reason=why),)
    return pytest.param(stem, case, marks=marks, id=f"{stem} line {case.at.line}")


@pytest.mark.parametrize(("stem", "case"), [marked(*story) for story in STORIES])
def test_what_the_text_says_is_what_the_graph_does(stem: str, case: Case) -> None:
    result = run_case(protocol(stem), case)
    assert result.passed, result.message
    assert result.message == ""


def test_known_disagreements_are_cases() -> None:
    assert set(DISAGREE) <= {case.case for _, case in STORIES}


@pytest.mark.parametrize("path", authorities(), ids=lambda path: path.stem)
def test_each_authority_has_cases_of_each_kind(path: Path) -> None:
    cases = [case for stem, case in STORIES if stem == path.stem]
    ladders = list(protocol(path.stem).ladders)
    assert len(cases) >= 8
    assert {str(case.ladder or ladders[0]) for case in cases} == set(ladders)
    refused = [case for case in cases if case.refused_at is not None]
    assert 3 <= len(refused) <= len(cases) - 3
    assert any(case.reading for case in cases)
    assert any("agreement not kept" in (case.because or "") for case in cases)


def test_each_case_is_a_sentence_with_a_source() -> None:
    for _, case in STORIES:
        assert re.fullmatch(r"[A-Z].{20,110}\.", case.case), case.case
        assert re.search(r"¶|table|heading|bullet|item", case.source), case.source


# --- what is said of a case that does not come out --------------------------------------------


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def written(folder: Path, text: str, name: str = "c.yaml") -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def changed(*edits: tuple[str, str]) -> str:
    """The good file with some of its texts replaced; each must be there once."""
    text = GOOD
    for old, new in edits:
        assert text.count(old) == 1, old
        text = text.replace(old, new)
    return text


def said(folder: Path, text: str, of: Protocol | None = None) -> list[str]:
    """What running the only case of a file says, without the sentence of the case."""
    (case,) = load_cases(written(folder, text))
    result = run_case(of or protocol(GOOD_POLICY), case)
    assert result.passed is not bool(result.message)
    return result.message.replace("It goes up.", "…").splitlines()


def test_the_good_case_is_good(folder: Path) -> None:
    assert said(folder, GOOD) == []


OPEN = "“skips to Director”, “takes legal advice”, “refers it to CAFCASS”"


@pytest.mark.parametrize(
    ("edits", "expected"),
    [
        pytest.param(
            [("raises it at informal}", "raises it at infromal}")],
            "9:30: … › steps › [1]: “raises it at infromal” is no move from “not raised”; "
            "did you mean “raises it at informal”? On day 0 “raises it at informal”, “takes legal "
            "advice”, “refers it to CAFCASS” are open",
            id="a move misspelt",
        ),
        pytest.param(
            [("skips to Director, by: IRO", "complains")],
            "12:22: … › steps › [4]: “complains” is no move from “Team Manager: awaiting an "
            f"answer”; on day 5 “answers”, {OPEN} are open",
            id="a move that is nowhere",
        ),
        pytest.param(
            [("skips to Director, by: IRO", "is satisfied")],
            "12:22: … › steps › [4]: “is satisfied” is no move from “Team Manager: awaiting an "
            f"answer”; on day 5 “answers”, {OPEN} are open",
            id="a move of another state",
        ),
        pytest.param(
            [("  facts: [urgent]\n", "")],
            "11:22: … › steps › [4]: “skips to Director” is not open in this reading or case; "
            "it would be open if “urgent” were among the facts",
            id="a fact that is not so",
        ),
        pytest.param(
            [("{day: 5, move: skips to Director, by: IRO}", "{day: 9, move: skips to Director}")],
            "12:22: … › steps › [4]: “Team Manager: awaiting an answer” ends on day 8 at the "
            f"latest, and this is day 9; on day 8 “answers”, “no answer in time”, {OPEN} are open",
            id="too late",
        ),
        pytest.param(
            [("{day: 5, move: skips to Director, by: IRO}", "{day: 5, move: no answer in time}")],
            "12:22: … › steps › [4]: “no answer in time” happens only when the time has run out; "
            "on day 5 “answers”, "
            f"{OPEN} are open",
            id="too early",
        ),
        pytest.param(
            [("by: Social Worker", "by: Team Manager")],
            "10:30: … › steps › [2]: “answers” is not for Team Manager to do at “informal: "
            "awaiting an answer”; it is for Social Worker",
            id="by somebody else",
        ),
        pytest.param(
            [("by: Social Worker", "by: Social Wroker")],
            "10:43: … › steps › [2] › by: there is no person “Social Wroker”; "
            "did you mean “Social Worker”?",
            id="a person misspelt",
        ),
        pytest.param(
            [('to: "Team Manager: awaiting an answer"', 'to: "Team Manager: answered"')],
            "11:22: … › steps › [3]: “goes up to Team Manager” does not lead from “informal: "
            "answered” to “Team Manager: answered”; it leads to “Team Manager: awaiting an answer”",
            id="to another state",
        ),
        pytest.param(
            [('to: "Team Manager: awaiting an answer"', 'to: "Team Manager: awaiting answer"')],
            "11:51: … › steps › [3] › to: there is no state “Team Manager: awaiting answer”; "
            "did you mean “Team Manager: awaiting an answer”?",
            id="to a state that is nowhere",
        ),
        pytest.param(
            [('ends at: "Director: awaiting an answer"', "ends at: Director")],
            "13:12: … › ends at: there is no state “Director”; use one of “Director: awaiting an "
            "answer”, “Director: answered”, “Director: no answer in time”",
            id="a state misspelt",
        ),
        pytest.param(
            [('ends at: "Director: awaiting an answer"', "ends at: resolved")],
            "13:12: … › ends at: it ends at “Director: awaiting an answer” and not at “resolved”; "
            "check the steps, or expect the other state",
            id="another end",
        ),
        pytest.param(
            [
                (
                    'ends at: "Director: awaiting an answer"',
                    'ends at: ["Director: awaiting an answer", "referral: with CAFCASS"]',
                )
            ],
            "13:45: … › ends at: it ends at “referral: none” and not at “referral: with CAFCASS”; "
            "check the steps, or expect the other state",
            id="another end of a side track",
        ),
        pytest.param(
            [("formal days: 2", "formal days: 5")],
            "14:16: … › formal days: the formal time is 2 working days and not 5; "
            "check the days of the steps, or expect the other number",
            id="other formal days",
        ),
        pytest.param(
            [
                ('ends at: "Director: awaiting an answer"', "refused at: 4"),
                ("formal days: 2", "because: not open"),
            ],
            "13:15: … › refused at: step 4 can be made, and then it is at “Director: awaiting an "
            "answer”; expect “ends at: Director: awaiting an answer”, or say what else is so",
            id="not refused",
        ),
        pytest.param(
            [
                ("by: IRO}", "by: Director}"),
                ('ends at: "Director: awaiting an answer"', "refused at: 4"),
                ("formal days: 2", "because: not open"),
            ],
            "14:12: … › because: step 4 is refused for another reason (“skips to Director” is not "
            "for Director to do at “Team Manager: awaiting an answer”); "
            "take words of this reason, if it is right",
            id="refused for another reason",
        ),
        pytest.param(
            [
                ("skips to Director, by: IRO", "skips to Directors"),
                ('ends at: "Director: awaiting an answer"', "refused at: 4"),
                ("formal days: 2", "because: no move"),
            ],
            "12:22: … › steps › [4]: “skips to Directors” is no move from “Team Manager: awaiting "
            "an answer”; did you mean “skips to Director”? On day 5 “answers”, "
            f"{OPEN} are open",
            id="a slip is no refusal",
        ),
        pytest.param(
            [
                ("raises it at informal}", "goes up to Director}"),
                ('ends at: "Director: awaiting an answer"', "refused at: 4"),
                ("formal days: 2", "because: not open"),
            ],
            "9:30: … › steps › [1]: “goes up to Director” is no move from “not raised”; "
            "on day 0 “raises it at informal”, “takes legal advice”, “refers it to CAFCASS” are "
            "open",
            id="refused before the step",
        ),
    ],
)
def test_a_case_that_does_not_come_out(
    folder: Path, edits: list[tuple[str, str]], expected: str
) -> None:
    assert said(folder, changed(*edits)) == [f"c.yaml:{expected}"]


def test_all_names_that_are_not_there_are_told_at_once(folder: Path) -> None:
    text = changed(
        ("raised by: IRO", "raised by: IROs"),
        ("child: child in care", "child: child in need of help"),
        ("{typical: limit}", "{typical: limits, silence: refusal}"),
        ("[urgent]", "[urgnet]"),
        ("the window of informal", "the window of infromal"),
        ("ends at: ", "ends at: not "),
    )
    text = text.replace('not "Director: awaiting an answer"', "nowhere")
    assert said(folder, text) == [
        "c.yaml:2:14: … › raised by: there is no raiser “IROs”; did you mean “IRO”?",
        "c.yaml:3:10: … › child: there is no kind of child “child in need of help”; "
        "use “child in care”",
        "c.yaml:4:22: … › reading › typical: there is no answer “limits”; did you mean “limit”?",
        "c.yaml:4:30: … › reading: there is no question “silence”; use “typical”",
        "c.yaml:5:11: … › facts: there is no fact “urgnet”; did you mean “urgent”?",
        "c.yaml:6:13: … › numbers: there is no open number “the window of infromal”; "
        "did you mean “the window of informal”?",
        "c.yaml:13:12: … › ends at: there is no state “nowhere”; use one of “not raised”, "
        "“informal: awaiting an answer”, “informal: answered”, “Team Manager: awaiting an answer”, "
        "“Team Manager: answered”, “Director: awaiting an answer”, “Director: answered”, "
        "“resolved”, “agreement not kept”, “put right”, “informal: no answer in time”, "
        "“the ladder is exhausted” …",
    ]


def test_a_ladder_that_is_not_there(folder: Path) -> None:
    text = changed(("  raised by: IRO\n", "  ladder: disputes\n"))
    assert said(folder, text) == [
        "c.yaml:2:11: … › ladder: there is no ladder “disputes”; did you mean “dispute”?"
    ]


def test_several_moves_of_one_name_are_told_apart_by_where_they_lead(folder: Path) -> None:
    two = "advice: [{from: A, by: IRO, independent: yes, source: 1},"
    two += " {from: B, by: IRO, independent: no, source: 1}]"
    text = "- case: Advice.\n  steps: [{day: 0, move: takes legal advice%s}]\n  source: 1\n"
    text += '  ends at: "legal advice (2): given"\n'
    assert said(folder, text % "", policy(two)) == [
        "c.yaml:2:26: Advice. › steps: several moves that can be made are named “takes legal "
        "advice”; say which is meant with “to:” and one of “legal advice: given”, "
        "“legal advice (2): given”"
    ]
    assert said(folder, text % ', to: "legal advice (2): given"', policy(two)) == []


def test_officers_of_a_rung_speak_for_it(folder: Path) -> None:
    """Whichever officer of the rung is named, and `answerer` for whoever it is."""
    text = "- case: Either may answer.\n  raised by: IRO\n  facts: higher start needed\n"
    text += "  steps:\n    - {day: 0, move: raises it at Social Worker & Team Manager}\n"
    text += "    - {day: 1, move: answers, by: %s}\n  source: 1\n"
    text += '  ends at: "Social Worker & Team Manager: answered"\n'
    for who in ("Social Worker", "Team Manager", "answerer"):
        assert said(folder, text % who, protocol("merton")) == []
    assert said(folder, text % "CAFCASS", protocol("merton")) != []


def test_a_raiser_who_may_not(folder: Path) -> None:
    text = "- case: A chair and a child in care.\n  raised by: Child Protection Conference Chair\n"
    text += "  child: child in care\n  steps: [{day: 0, move: raises it at Informal}]\n"
    text += "  source: 1\n  ends at: resolved\n"
    assert said(folder, text, protocol("northamptonshire")) == [
        "c.yaml:4:26: A chair and a child in care. › steps: this person may not raise this dispute "
        "for this child; Child Protection Conference Chair may raise it for “child on a "
        "protection plan”"
    ]


@pytest.mark.parametrize(("amount", "wrong"), [(16, True), (15, False)])
def test_weeks_lie_in_a_range(folder: Path, amount: int, wrong: bool) -> None:
    weeks = policy("within: 3 weeks", RUNG)
    text = f"- case: Weeks.\n  numbers: {{the window of team manager: {amount} working days}}\n"
    text += "  steps: [{day: 0, move: raises it at informal talk}]\n  source: 1\n"
    text += '  ends at: "informal talk: awaiting an answer"\n'
    expected = [
        "c.yaml:2:41: Weeks. › numbers › the window of team manager: “16 working days” cannot be "
        "on any date; give from 11 to 15 working days"
    ]
    assert said(folder, text, weeks) == (expected if wrong else [])


# --- what is said of a file that is wrong -----------------------------------------------------


def refused(folder: Path, text: str) -> list[str]:
    """The messages for a file that must be refused, without the sentence of the good case."""
    with pytest.raises(PolicyError) as caught:
        load_cases(written(folder, text))
    return [str(fault).replace("It goes up.", "…") for fault in caught.value.faults]


@pytest.mark.parametrize(
    ("edits", "expected"),
    [
        pytest.param(
            [("facts:", "fact:")],
            ["5:3: …: a case has no key “fact”; did you mean “facts”?"],
            id="a key misspelt",
        ),
        pytest.param(
            [("by: IRO}", "who: IRO}")],
            ["12:41: … › steps › [4]: a step has no key “who”; use one of “on”, “by”, “to”"],
            id="a key of a step",
        ),
        pytest.param(
            [("  source: 2.2\n", "")],
            ["1:3: …: “source” is missing; add “source:” (the paragraph that decides it)"],
            id="no source",
        ),
        pytest.param(
            [("case: It goes up.", "source: 2"),
             ("  source: 2.2\n", "")],
            ["1:3: case 1: “case” is missing; add “case:” (what happens, in a sentence of your "
             "own)"],
            id="no sentence",
        ),
        pytest.param(
            [("{day: 5, move: skips to Director", "{move: skips to Director")],
            ["12:7: … › steps › [4]: it is not said when this is; "
             "add “day:” with a working day, or “on:” with a date"],
            id="no day",
        ),
        pytest.param(
            [("{day: 5,", "{day: 5, on: 2026-01-12,")],
            ["12:7: … › steps › [4]: both “day” and “on” are given; keep one of the two"],
            id="two days",
        ),
        pytest.param(
            [("day: 5", "day: five")],
            ["12:13: … › steps › [4] › day: “five” does not fit here; "
             "write a whole number from 0 to 3660"],
            id="a day in words",
        ),
        pytest.param(
            [("day: 5", "day: -1")],
            ["12:13: … › steps › [4] › day: “-1” does not fit here; "
             "write a whole number from 0 to 3660"],
            id="a day before the first",
        ),
        pytest.param(
            [("day: 5", "day: 2")],
            ["12:13: … › steps › [4]: day 2 comes after day 3; "
             "put the steps in the order of their days"],
            id="days that go back",
        ),
        pytest.param(
            [("on: 2026-01-08", "on: 08/01/2026")],
            ["10:12: … › steps › [2] › on: “08/01/2026” does not fit here; "
             "write a date such as 2026-01-09"],
            id="a date in another order",
        ),
        pytest.param(
            [("on: 2026-01-08", "on: 2026-02-30")],
            ["10:12: … › steps › [2] › on: there is no day “2026-02-30”; "
             "write a date such as 2026-01-09"],
            id="a day that does not exist",
        ),
        pytest.param(
            [("on: 2026-01-08", "on: 2126-01-08")],
            ["10:12: … › steps › [2] › on: “2126-01-08” is outside the calendar; "
             "use a year from 2000 to 2099"],
            id="a far date",
        ),
        pytest.param(
            [("on: 2026-01-08", "on: 2026-01-10")],
            ["10:12: … › steps › [2] › on: Saturday 10 January 2026 is no working day; "
             "use a working day, such as 2026-01-12"],
            id="a Saturday",
        ),
        pytest.param(
            [("on: 2026-01-08", "on: 2026-01-02")],
            ["10:12: … › steps › [2] › on: Friday 2 January 2026 is before Monday 5 January 2026, "
             "when the case starts; use a later date, or let the case start earlier"],
            id="a date before the start",
        ),
        pytest.param(
            [("  starts: 2026-01-05\n", "")],
            ["8:12: … › steps › [1] › on: no date is given for day 0; "
             "add “starts:” to the case, or write “day:”",
             "9:12: … › steps › [2] › on: no date is given for day 0; "
             "add “starts:” to the case, or write “day:”"],
            id="no start",
        ),
        pytest.param(
            [("3 working days", "3")],
            ["6:37: … › numbers › the window of informal: “3” does not fit here; "
             "write “no limit”, or a length of time such as “5 working days”"],
            id="a number without a unit",
        ),
        pytest.param(
            [("3 working days", "2 weeks")],
            ["6:37: … › numbers › the window of informal: “2 weeks” does not fit here; "
             "write “no limit”, or a length of time such as “5 working days”"],
            id="weeks",
        ),
        pytest.param(
            [("{typical: limit}", "typical = limit")],
            ["4:12: … › reading: “typical = limit” does not fit here; "
             "write a table of names, and beside each of them a text"],
            id="a reading as a condition",
        ),
        pytest.param(
            [('  ends at: "Director: awaiting an answer"\n', ""), ("  formal days: 2\n", "")],
            ["1:3: …: it is not said what must come of it; "
             "add “ends at:” with a state, or “refused at:” with the number of the last step"],
            id="no expectation",
        ),
        pytest.param(
            [("formal days: 2", "refused at: 4"), ("source: 2.2", "source: 2\n  because: x")],
            ["14:15: …: both “ends at” and “refused at” are given; keep one of the two"],
            id="two expectations",
        ),
        pytest.param(
            [('ends at: "Director: awaiting an answer"', "refused at: 4")],
            ["13:15: …: “because” is missing; add “because:” with words of the reason",
             "14:16: … › formal days: “formal days” does not go with “refused at”; take it out"],
            id="no reason",
        ),
        pytest.param(
            [('ends at: "Director: awaiting an answer"', "refused at: 5"),
             ("formal days: 2", "because: x")],
            ["13:15: … › refused at: there are 4 steps only; give the number of the last step"],
            id="a step that is not there",
        ),
        pytest.param(
            [('ends at: "Director: awaiting an answer"', "refused at: 3"),
             ("formal days: 2", "because: x")],
            ["13:15: … › refused at: after step 3 nothing can follow, if it is refused; "
             "take the later steps out"],
            id="steps after the end",
        ),
        pytest.param(
            [("steps:\n", "steps: {}\n  x:\n")],
            ["8:10: … › steps: the table is empty; write a list, each item a table that describes "
             "a step, with “move”",
             "9:3: …: a case has no key “x”; use one of “ladder”, “refused at”, “because”"],
            id="steps as a table",
        ),
    ],
)  # fmt: skip
def test_a_file_that_is_wrong(
    folder: Path, edits: list[tuple[str, str]], expected: list[str]
) -> None:
    assert refused(folder, changed(*edits)) == [f"c.yaml:{line}" for line in expected]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("case: A table.\n", "1:1: a table stands here; write a list of cases, each begun with "
         "“- case:”"),
        ("[]\n", "1:1: the list is empty; write a list of cases, each begun with “- case:”"),
        ("cases\n", "1:1: “cases” does not fit here; write a list of cases, each begun with "
         "“- case:”"),
        ("- a text\n", "1:3: case 1: “a text” does not fit here; write a table that describes a "
         "case, with “case”, “source”, “steps”"),
        ("- &a {case: b}\n- *a\n", "2:3: [2]: an alias (“*a”) stands here; write the value out "
         "again"),
        ("- case: b\n  case: c\n", "2:3: [1]: “case” stands here again (first on line 1); keep "
         "one of the two"),
    ],
)  # fmt: skip
def test_a_file_of_another_form(folder: Path, text: str, expected: str) -> None:
    assert f"c.yaml:{expected}" in refused(folder, text)


def test_one_case_cannot_stand_there_twice(folder: Path) -> None:
    assert refused(folder, GOOD + GOOD) == [
        "c.yaml:16:9: …: this case stands here again (first on line 1); "
        "keep one of the two, or say how they differ"
    ]


def test_there_are_not_too_many_cases(folder: Path) -> None:
    count = MAX_ITEMS + 1
    assert refused(folder, "- {case: a}\n" * count) == [
        f"c.yaml:1:1: there are {count} cases; keep at most {MAX_ITEMS} in a file"
    ]


def test_all_faults_of_a_file_come_in_their_order(folder: Path) -> None:
    text = changed(("day: 5", "day: x"), ("facts:", "fact:"), ("formal days: 2", "formal days: x"))
    lines = [int(message.split(":")[1]) for message in refused(folder, text + text)]
    assert lines == [5, 12, 14, 20, 27, 29]


def test_a_file_that_is_not_there(folder: Path) -> None:
    with pytest.raises(PolicyError, match="there is no such file"):
        load_cases(folder / "nothing.yaml")


# --- dates ------------------------------------------------------------------------------------


def test_dates_become_working_days(folder: Path) -> None:
    (case,) = load_cases(written(folder, GOOD))
    assert [step.day for step in case.steps] == [0, 3, 3, 5]


def test_a_case_may_start_on_a_day_off(folder: Path) -> None:
    text = changed(
        ("starts: 2026-01-05", "starts: 2026-01-03"),
        ("on: 2026-01-05", "on: 2026-01-03"),
        ("day: 3", "day: 4"),
    )
    (case,) = load_cases(written(folder, text))
    assert [step.day for step in case.steps] == [0, 4, 4, 5]


@pytest.mark.parametrize("stem", ["merton", "northamptonshire"])
def test_a_case_without_one_of_its_steps_still_has_a_result(stem: str) -> None:
    """Whatever a writer forgets, there is a message and no error."""
    told = 0
    for case in [case for name, case in STORIES if name == stem]:
        for left_out in case.steps:
            steps = tuple(step for step in case.steps if step is not left_out)
            told += not run_case(protocol(stem), replace(case, steps=steps)).passed
    assert told > 20


def test_a_case_is_not_changed_by_running(folder: Path) -> None:
    (case,) = load_cases(written(folder, GOOD))
    again = replace(case)
    first = run_case(protocol(GOOD_POLICY), case)
    assert run_case(protocol(GOOD_POLICY), case) == first
    assert case == again


# --- the schema, and the page for reviewers ---------------------------------------------------

VALIDATOR = Draft202012Validator(cases_schema())


def as_text(text: str) -> Any:
    return yaml.load(text, Loader=yaml.BaseLoader)


def test_the_schema_is_a_schema() -> None:
    Draft202012Validator.check_schema(cases_schema())
    assert json.loads(json.dumps(cases_schema())) == cases_schema()


@pytest.mark.parametrize("path", case_files(), ids=lambda path: path.stem)
def test_files_of_cases_are_valid(path: Path) -> None:
    assert list(VALIDATOR.iter_errors(as_text(path.read_text(encoding="utf-8")))) == []


@pytest.mark.parametrize(
    "edit",
    [
        ("facts:", "fact:"),
        ("  source: 2.2\n", ""),
        ("{day: 5,", "{day: 5, on: 2026-01-12,"),
        ("day: 5", "day: five"),
        ("on: 2026-01-08", "on: 08/01/2026"),
        ("3 working days", "2 weeks"),
        ("formal days: 2", "refused at: 4"),
        ('ends at: "Director: awaiting an answer"', "refused at: 4"),
    ],
)
def test_files_that_are_wrong_are_invalid(edit: tuple[str, str]) -> None:
    assert list(VALIDATOR.iter_errors(as_text(GOOD))) == []
    assert list(VALIDATOR.iter_errors(as_text(changed(edit)))) != []


def test_the_example_for_reviewers_is_one_of_the_cases(folder: Path) -> None:
    text = README.read_text(encoding="utf-8")
    (example,) = re.findall(r"```yaml\n(.*?)```", text, re.DOTALL)
    stem = re.findall(r"`(\S+)\.yaml`[^`]*\n+```yaml", text)[0]
    whole = (README.parent / f"{stem}.yaml").read_text(encoding="utf-8")
    assert example in whole
    (case,) = load_cases(written(folder, example))
    assert run_case(protocol(stem), case).passed


def test_every_key_is_explained_to_reviewers() -> None:
    text = README.read_text(encoding="utf-8")
    defs = cases_schema()["$defs"]
    for key in [*defs["case"]["properties"], *defs["step"]["properties"]]:
        assert f"`{key}`" in text, key
