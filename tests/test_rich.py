"""What results show of themselves in a notebook: well-formed, escaped, and saying what they are."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from dataclasses import replace

import pytest

from model import expand, load
from model.cells import paragraph, table
from model.harmless import markup
from proofs import Verdicts, times, verdicts
from simulations import StudyResult, compare, simulate, stress_form
from simulations.assumptions import Assumption, assumptions
from simulations.conclusions import conclusion
from simulations.sensitivity import Conclusion, Effect, Figure, Sensitivity, Share, Swing

HOSTILE = "<script>alert(\"x\")</script> & 'y'"


def read(html: str) -> str:
    """The words of well-formed HTML."""
    return " ".join(" ".join(ET.fromstring(f"<div>{html}</div>").itertext()).split())


@pytest.fixture(scope="module")
def result() -> StudyResult:
    return compare("islington", "silence-islington", replications=2)


@pytest.fixture(scope="module")
def found() -> Verdicts:
    return verdicts(load("islington"), "return", "total-diligent", "start-alone", mends=True)


def test_text_never_becomes_markup() -> None:
    for made in (paragraph(HOSTILE), table(HOSTILE, (HOSTILE,), [(HOSTILE,)])):
        assert "<script" not in made and HOSTILE in read(made)
    assert markup(HOSTILE).count("&quot;") == 2 and "&#39;" in markup(HOSTILE)


def test_verdicts_are_a_table_of_what_applies(found: Verdicts) -> None:
    said = read(found._repr_html_())
    for verdict in found:
        if verdict.verdict != "not-applicable":
            assert verdict.claim.id in said and verdict.claim.sentence in said
    assert len(found) == len(list(found))
    with pytest.raises(KeyError):
        found["no-such-claim"]


def test_a_verdict_shows_its_story_its_condition_and_its_mend(found: Verdicts) -> None:
    broken = found["return"]
    said = read(broken._repr_html_())
    assert broken.verdict == "broken" and broken.why in said and "How it fails" in said
    for step in broken.trace:
        assert step.date in said
    depends = found["total-diligent"]
    assert depends.verdict == "depends"
    said = read(depends._repr_html_())
    assert all(" ".join(clause.split()) in said for clause in depends.condition)
    mended = [v for v in found if v.mend is not None]
    assert mended
    for verdict in mended:
        assert verdict.mend is not None
        assert " ".join(verdict.mend.words.split()) in read(verdict._repr_html_())


def test_words_of_a_file_are_escaped_in_a_verdict(found: Verdicts) -> None:
    hostile = replace(found["return"], why=HOSTILE, ladder=HOSTILE)
    assert "<script" not in hostile._repr_html_() and HOSTILE in read(hostile._repr_html_())


def test_a_ladder_shows_itself_as_its_picture_and_times_as_a_table() -> None:
    graph = expand(load("merton"))
    assert ET.fromstring(graph._repr_svg_()).tag.endswith("svg")
    of = times(expand(load("islington")))
    said = read(of._repr_html_())
    assert f"{of.windows} working days" in said and "unbounded" in said and of.permitted is None


def test_a_result_begins_with_its_sentence_and_ends_with_what_is_assumed(
    result: StudyResult,
) -> None:
    said = read(result._repr_html_())
    assert said.startswith(f"{result.study.question} {conclusion(result)}")
    assert "What changes" in said and "common" not in said
    assert said.endswith("148 assumed numbers; 2 replications, seed 1.")


def test_a_sensitivity_shows_its_tables() -> None:
    a = Assumption(f"{HOSTILE} › x", 0.5, 0.0, 1.0, "chance", "made up")
    at = Figure(1.0, 0.5, 1.5)
    found = Sensitivity(
        Conclusion("days", "working days", "a", "b"), at, 9, (Effect("g", 4, 2.0, 0.5),),
        (Effect(a.path, 1, float("nan"), float("nan")),), (Share(a.path, 0.4, 0.1, 0.6, 0.2),),
        (Swing(a, at, at),), (), 4, 1, 99,
    )  # fmt: skip
    said = read(found._repr_html_())
    assert said.startswith(found.sentence) and "0.60 ± 0.20" in said and "2 ± 0.5" in said
    assert "nan" not in said and "<script" not in found._repr_html_()


# --- the form ---------------------------------------------------------------------------------


def test_the_form_has_the_twenty_items_of_the_guideline(result: StudyResult) -> None:
    """Monks and others 2019: 3 on objectives, 9 on logic, 4 on data, 3, 4 and 1; 2.5 has five."""
    form = stress_form(result)
    numbers = [item.number for item in form.items]
    assert len(numbers) == 24 and len({n[:3] for n in numbers}) == 20
    assert [sum(n.startswith(f"{s}.") for n in numbers) for s in range(1, 7)] == [3, 9, 4, 3, 4, 1]
    assert form.left == ("1.1", "6.1")
    assert "To be filled in" in str(form) and "To be filled in" in read(form._repr_html_())


def test_the_form_is_filled_from_the_files(result: StudyResult) -> None:
    text = {
        item.number: item.text for item in stress_form(result, "why", "a machine", "here").items
    }
    trial = result.trials[1]
    assert text["1.1"] == "why" and text["5.4"] == "a machine" and text["6.1"] == "here"
    assert str(trial.protocol.amended[0].title) in text["2.3"]
    for post in trial.authority.posts:
        assert post.name in text["2.5.3"]
    assert "Department for Education" in text["3.1"]
    assert trial.workload.digest[:12] in text["3.3"]
    every = assumptions(trial.workload)
    assert text["3.4"].startswith(f"{len(every)} numbers are assumed")
    assert all(a.reason in text["3.4"] for a in every)
    assert text["4.3"].startswith("2 independent replications") and "paired" in text["4.3"]
    assert "Seed 1." in text["5.2"] and "simpy" in text["5.1"]


# --- runs asked for in a line -------------------------------------------------------------------


def test_a_line_runs_what_the_command_runs(result: StudyResult) -> None:
    assert [arm.name for arm in result.study.arms] == ["islington", "silence-islington"]
    assert [t.protocol.stem for t in result.trials] == ["islington", "islington+silence-islington"]
    alone = simulate("islington", replications=2)
    assert alone.values[0] == result.values[0]
    assert alone.trials[0].workload.name == "islington"


def test_protocols_of_several_authorities_share_one_workload() -> None:
    found = compare("merton", "islington", replications=2, measures=("days",))
    assert {t.workload.name for t in found.trials} == {"national"}
    assert [str(d.wanted) for d in found.differences] == ["days"]
