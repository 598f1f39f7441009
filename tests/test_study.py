"""Running studies: intervals, common random numbers, stopping and going on, and the records."""

from __future__ import annotations

import json
import math
import random
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from scipy import stats

from drp.cli import main
from model.load import authorities
from simulations import kept as keeping
from simulations.conclusions import change, conclusion, hangs_on, number, still_open
from simulations.faults import Overloaded
from simulations.kept import Kept, as_plain, as_result, key_of
from simulations.named import FOLDERS
from simulations.paired import differences, interval, variance, variance_ratio
from simulations.study import CONFIDENCE, Study, Wanted
from simulations.study_reading import load_study, loads_study
from simulations.study_record import as_record, differs, inputs_differ, read, record_of
from simulations.study_tables import COLUMNS, REPLICATION_COLUMNS, replication_rows, rows, save
from simulations.studying import StudyResult, run_study, together, value_of, widest
from simulations.trials import Trial, assumed_paths, prepared

HERE = Path(__file__).parent
STUDIES = sorted(FOLDERS["study"].glob("*.yaml"))
FIRST = 2  # replications of each recorded study that are run again


def small(**other: Any) -> Study:
    """Merton's text under a small workload, as it is and with another share of good answers."""
    text = (HERE / "studies" / "good.yaml").read_text("utf-8")
    text = re.sub(r"factors:\n.*?(?=replications)", "", text, flags=re.DOTALL)
    study = loads_study(text, HERE / "studies" / "small.yaml")
    arms = tuple(
        replace(a, values=(("responses › lowest › satisfied", 0.45 + 0.2 * i),))
        for i, a in enumerate(study.arms)
    )
    return replace(study, arms=arms, **other)


@pytest.fixture(scope="module")
def result() -> StudyResult:
    study = small()
    return run_study(study, prepared(study))


# --- intervals --------------------------------------------------------------------------------


def test_the_interval_is_that_of_a_paired_t_test() -> None:
    draw = random.Random(3)
    one = [draw.gauss(5, 2) for _ in range(14)]
    two = [a + draw.gauss(0.4, 0.5) for a in one]
    found = interval(differences(two, one), 0.9)
    assert found is not None and found.low is not None and found.high is not None
    expected = stats.ttest_rel(two, one).confidence_interval(0.9)
    assert found.low == pytest.approx(expected.low) and found.high == pytest.approx(expected.high)
    assert found.half_width == pytest.approx((expected.high - expected.low) / 2)
    assert found.replications == 14


def test_the_variance_ratio_is_what_pairing_saves() -> None:
    draw = random.Random(4)
    one = [draw.gauss(0, 1) for _ in range(4000)]
    alike = [a + draw.gauss(0, 0.5) for a in one]
    apart = [draw.gauss(0, 1) for _ in range(4000)]
    # var(alike) + var(one) over the variance of the noise: (1.25 + 1) / 0.25.
    assert variance_ratio(alike, one) == pytest.approx(9, rel=0.1)
    assert variance_ratio(apart, one) == pytest.approx(1, rel=0.1)
    assert variance_ratio(one, one) is None, "there is no difference that varies"


def test_replications_without_a_value_are_left_out() -> None:
    assert differences([1, None, 3], [0.5, 1, None]) == [0.5, None, None]
    assert interval([None, None], 0.95) is None
    one = interval([2.0, None], 0.95)
    assert one is not None and (one.mean, one.low, one.half_width) == (2.0, None, math.inf)
    assert variance([1.0, 3.0]) == 2.0


def test_several_intervals_hold_together() -> None:
    study = small()
    assert together(study) == pytest.approx(0.95), "one comparison"
    three = replace(study, arms=(study.arms[0], *(
        replace(study.arms[1], name=str(i)) for i in range(3)
    )))  # fmt: skip
    assert together(three) == pytest.approx(1 - 0.05 / 3)


# --- when a study ends ------------------------------------------------------------------------


def test_it_ends_when_the_half_width_is_reached_and_not_before() -> None:
    study = small(measures=(Wanted("within 20 working days", "", 0.02),), most=60)
    seen: list[tuple[int, float]] = []
    result = run_study(study, prepared(study), told=lambda n, wide: seen.append((n, wide)))
    assert result.reached and study.least < result.replications < 60
    (difference,) = result.differences
    assert difference.interval is not None
    assert difference.interval.half_width <= 0.02
    assert difference.interval.replications == result.replications
    assert [n for n, _ in seen] == list(range(1, result.replications + 1))
    assert all(wide > 1 for n, wide in seen[:-1] if n >= study.least) and seen[-1][1] <= 1
    assert "not reached" not in conclusion(result)


def test_it_ends_at_the_most_and_says_so() -> None:
    study = small(measures=(Wanted("within 20 working days", "", 1e-6),), least=2, most=4)
    result = run_study(study, prepared(study))
    assert (result.replications, result.reached) == (4, False)
    assert "the precision asked for was not reached in 4 replications" in conclusion(result)


def test_a_part_of_the_mean_is_of_the_arm_compared_with() -> None:
    study = small(measures=(Wanted("days", "", 0.1, True),))
    values = [[[10.0, 12.0, 11.0]], [[10.5, 12.9, 11.1]]]
    found = interval(differences(values[1][0], values[0][0]), CONFIDENCE)
    assert found is not None
    assert widest(study, values) == pytest.approx(found.half_width / (0.1 * 11))
    nothing = [[[0.0, 0.0]], [[0.0, 0.0]]]
    assert widest(study, nothing) == 0, "no width is narrow enough for any mean"
    assert widest(study, [[[None, None]], [[None, None]]]) == math.inf


def test_without_a_precision_all_are_run() -> None:
    study = small(measures=(Wanted("days"),), least=2, most=3)
    assert run_study(study, prepared(study)).replications == 3


# --- common random numbers --------------------------------------------------------------------


def test_common_random_numbers_narrow_the_difference() -> None:
    text = """
question: What does a shorter window change?
measures: {within 20 working days: shown, days: shown, raised: shown}
arms:
  as it is: {protocol: islington}
  four days: {amendments: windows-islington-four-days, against: as it is}
replications: {at least: 12, at most: 12}
"""
    study = loads_study(text)
    result = run_study(study, prepared(study))
    within, days, raised = result.differences
    assert within.variance_ratio is not None and within.variance_ratio > 1.5
    assert days.variance_ratio is not None and days.variance_ratio > 1.5
    assert raised.interval is not None and raised.variance_ratio is None
    assert raised.interval.mean == raised.interval.half_width == 0
    assert "in none of 12 replications" in change(raised, study)
    # Pairs of different replications are independent runs: nothing is gained.
    one, two = result.values[0][0], result.values[1][0]
    shifted = [variance_ratio(two[i:] + two[:i], one) for i in range(1, 12)]
    mean = sum(s for s in shifted if s is not None) / len(shifted)
    assert mean < within.variance_ratio


def test_both_arms_go_through_the_same_disputes(result: StudyResult) -> None:
    one, two = (t.run(result.study.seed, 1) for t in result.trials)
    assert one.arrived == two.arrived and one.digest != two.digest


def test_the_values_are_those_of_the_replications(result: StudyResult) -> None:
    trial = result.trials[1]
    for which in (0, result.replications - 1):
        run = trial.run(result.study.seed, which)
        for j, wanted in enumerate(result.study.measures):
            assert result.values[1][j][which] == value_of(run, wanted)
    rung = Wanted("highest rung", "a rung that no dispute reaches")
    assert value_of(trial.run(7, 0), rung) == 0.0, "a share of what ended"


# --- stopping and going on --------------------------------------------------------------------


class Interrupted:
    """A trial that is interrupted at one replication."""

    def __init__(self, trial: Trial, at: int) -> None:
        self.trial, self.at = trial, at

    def __getattr__(self, name: str) -> Any:
        return getattr(self.trial, name)

    def run(self, seed: int, number: int) -> Any:
        if number == self.at:
            raise KeyboardInterrupt
        return self.trial.run(seed, number)


def everything(result: StudyResult, folder: Path) -> dict[str, bytes]:
    folder.mkdir()
    files = {path.name: path.read_bytes() for path in save(result, folder)}
    states = json.dumps([totals.state() for totals in result.totals]).encode()
    return {**files, "totals": states, "record": json.dumps(as_record(result)).encode()}


@pytest.mark.parametrize("at", [1, 4])
def test_a_study_that_was_stopped_gives_the_same_bytes(at: int, tmp_path: Path) -> None:
    study = small(least=7, most=7)
    trials = prepared(study)
    whole = everything(run_study(study, trials), tmp_path / "whole")
    path = tmp_path / "kept.jsonl"
    stopped: Any = (trials[0], Interrupted(trials[1], at))
    kept = Kept(path)
    with pytest.raises(KeyboardInterrupt):
        run_study(study, stopped, kept=kept)
    kept.close()
    with path.open("ab") as file:  # killed in the middle of a line
        file.write(path.read_bytes()[:500])
    again = Kept(path)
    assert len(again.done) == at
    begun: list[int] = []
    counting: Any = tuple(_Counting(t, begun) for t in trials)
    result = run_study(study, counting, kept=again)
    assert sorted(set(begun)) == list(range(at, 7)), "what was done is not run again"
    assert everything(replace(result, trials=trials), tmp_path / "resumed") == whole
    again.forget()
    assert not path.exists()


class _Counting(Interrupted):
    def __init__(self, trial: Trial, begun: list[int]) -> None:
        super().__init__(trial, -1)
        self.begun = begun

    def run(self, seed: int, number: int) -> Any:
        self.begun.append(number)
        return self.trial.run(seed, number)


def test_a_replication_is_kept_to_the_last_bit(result: StudyResult) -> None:
    run = result.trials[0].run(7, 3)
    assert as_result(json.loads(json.dumps(as_plain(run)))) == run


def test_the_key_is_of_all_that_a_replication_depends_on(monkeypatch: pytest.MonkeyPatch) -> None:
    study = small()
    trials = prepared(study)
    key = key_of(study, trials)
    assert key == key_of(replace(study, most=99, least=2), trials), "not of how many there are"
    assert key != key_of(replace(study, seed=8), trials)
    assert key != key_of(study, trials[:1])
    other = replace(trials[0], arm=replace(trials[0].arm, values=()))
    assert key != key_of(study, (other, trials[1]))
    monkeypatch.setattr(keeping, "code_digest", lambda: "another program")
    assert key != key_of(study, trials)


def test_two_processes_give_the_same(result: StudyResult, tmp_path: Path) -> None:
    spread = run_study(result.study, result.trials, processes=2)
    assert everything(spread, tmp_path / "two") == everything(result, tmp_path / "one")


# --- what is told and written -----------------------------------------------------------------


def test_the_tables_are_tidy(result: StudyResult, tmp_path: Path) -> None:
    from pyarrow import parquet

    table = rows(result)
    assert all(list(row) == list(COLUMNS) for row in table)
    compared = [row for row in table if row["against"]]
    assert len(compared) == len(result.differences) == 3
    assert all(row["variance_ratio"] for row in compared)
    assert all(list(row) == list(REPLICATION_COLUMNS) for row in replication_rows(result))
    files = save(result, tmp_path)
    assert [p.name for p in sorted(files)] == [
        "small-replications.csv", "small-replications.parquet", "small.csv", "small.json",
        "small.parquet",
    ]  # fmt: skip
    assert parquet.read_table(tmp_path / "small.parquet").num_rows == len(table)
    about = json.loads((tmp_path / "small.json").read_text("utf-8"))
    assert about["conclusion"] == conclusion(result) and about["study"]["seed"] == 7
    assert len(about["assumed"]) == len(assumed_paths(result.trials)) > 10
    assert {a["why"] for a in about["assumed"]} == {"a guess"}
    assert about["arms"][1]["amendments"][0]["title"] == "No answer in time goes up by itself"
    assert all(a["policy_digest"] and a["workload_digest"] for a in about["arms"])


def test_what_is_set_is_not_assumed_any_more(result: StudyResult) -> None:
    paths = {path for _, path in assumed_paths(result.trials)}
    assert "responses › lowest › satisfied" not in paths
    assert "responses › lowest › partly" in paths


@pytest.mark.parametrize(
    ("value", "unit", "width", "is_change", "said"),
    [
        (0.7312, "share", 0.012, False, "73.1 %"),
        (-0.0312, "share", 0.004, True, "−3.12 points"),
        (7666.3, "working days a year", 812.0, True, "7,666 working days a year"),
        (0.00004, "disputes", 0.2, False, "0.00 disputes"),
        (12.3456, "working days", math.inf, False, "12.3 working days"),
    ],
)
def test_numbers_have_the_digits_that_make_sense(
    value: float, unit: str, width: float, is_change: bool, said: str
) -> None:
    assert number(value, unit, width, change=is_change) == said


def test_the_conclusion_is_a_sentence_with_an_interval_and_what_it_hangs_on(
    result: StudyResult,
) -> None:
    said = conclusion(result)
    count = len(assumed_paths(result.trials))
    assert said.endswith(".") and "95 % interval" in said
    assert f"it hangs on {count} assumed numbers and on what is set" in said
    assert hangs_on(result) in said
    (difference,) = [d for d in result.differences if d.wanted == result.study.measures[0]]
    assert difference.interval is not None
    verb = "raises" if difference.interval.mean > 0 else "lowers"
    if not difference.interval.excludes_none:
        verb = "is not seen to change"
    assert f"“by itself” {verb} the share" in said


def test_what_is_open_at_the_end_is_told(result: StudyResult) -> None:
    means = {e.measure: e.mean for e in result.estimates[0] if not e.of}
    told = " ".join(still_open(result))
    assert f"{means['open at the end']:.1f} disputes are still open after 3.0 years" in told
    if means["standing still"] >= 0.05:
        assert "stand still: nobody would or may do anything more" in told


def test_more_work_than_hours_is_refused_unless_asked_for() -> None:
    study = small()
    busy = tuple(
        replace(a, values=(("posts › managers › hours", 0.02), *a.values)) for a in study.arms
    )
    with pytest.raises(Overloaded) as caught:
        prepared(replace(study, arms=busy))
    assert caught.value.authority == "as it is" and max(caught.value.load.values()) > 1
    trials = prepared(replace(study, arms=busy, overload=True))
    assert max(trials[0].load.values()) > 1


# --- the records ------------------------------------------------------------------------------


@pytest.mark.parametrize("path", STUDIES, ids=lambda p: p.stem)
def test_the_first_replications_are_as_recorded(path: Path) -> None:
    """Run again, value for value; if one differs and is right, run: drp study NAME --record."""
    recorded = read(record_of(path))
    assert recorded is not None, f"run: drp study {path.stem} --record"
    study = load_study(path)
    trials = prepared(study)
    assert [arm["name"] for arm in recorded["arms"]] == [arm.name for arm in study.arms]
    for trial, arm in zip(trials, recorded["arms"], strict=True):
        for which in range(FIRST if len(trials) < 9 else 1):
            run = trial.run(study.seed, which)
            for wanted in study.measures:
                assert value_of(run, wanted) == arm["values"][str(wanted)][which]


@pytest.mark.parametrize("path", STUDIES, ids=lambda p: p.stem)
def test_the_record_says_what_its_values_say(path: Path) -> None:
    """The intervals are worked out again from the recorded values."""
    recorded = read(record_of(path))
    assert recorded is not None
    study = load_study(path)
    assert recorded["replications"] <= study.most
    assert recorded["reached"] or "not reached" in recorded["conclusion"]
    values = {a["name"]: a["values"] for a in recorded["arms"]}
    assert all(len(v) == recorded["replications"] for a in values.values() for v in a.values())
    for said in recorded["comparisons"]:
        one, base = (values[said[k]][said["measure"]] for k in ("arm", "against"))
        found = interval(differences(one, base), said["confidence"])
        assert found is not None
        assert (found.mean, found.low, found.high) == (said["mean"], said["low"], said["high"])
        assert variance_ratio(one, base) == said["variance_ratio"]
    assert recorded["conclusion"].count(" interval") >= 1
    assert f"it hangs on {recorded['assumed']} assumed numbers" in recorded["conclusion"]


@pytest.mark.slow
@pytest.mark.parametrize("path", STUDIES, ids=lambda p: p.stem)
def test_each_study_is_as_recorded(
    path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    assert main(["study", path.stem]) == 0
    assert capsys.readouterr().out.endswith("as recorded\n")


def test_a_record_that_differs_is_told(result: StudyResult) -> None:
    recorded = json.loads(json.dumps(as_record(result)))
    assert differs(recorded, result) == []
    recorded["arms"][1]["values"]["days"][2] += 1e-12
    (said,) = differs(recorded, result)
    assert said.startswith("“by itself”, days, replication 2: ")
    assert list(inputs_differ(recorded, result.study, result.trials)) == []
    recorded["arms"][0].update(workload_digest="0", set={})
    recorded["study"].update(digest="0")
    assert differs(recorded, result)[1:] == [
        "the study file was changed since",
        "“as it is” is run with another workload now",
        "“as it is” is run with other values now",
    ]
    edits: list[Callable[[dict[str, Any]], Any]] = [
        lambda r: r["arms"][1]["values"].pop("days"),
        lambda r: r.update(replications=3),
        lambda r: r.update(conclusion="Otherwise."),
        lambda r: r["arms"].pop(),
    ]
    for edit in edits:
        recorded = json.loads(json.dumps(as_record(result)))
        edit(recorded)
        assert differs(recorded, result)


def test_silence_is_asked_in_each_authority_and_every_gate_is_taken_out() -> None:
    stems = {p.stem for p in authorities() if (FOLDERS["workload"] / p.name).exists()}
    for name, start in (("silence", "silence-"), ("gates", "gate-")):
        study = load_study(name)
        asked = {a.stem for arm in study.arms for a in arm.amendments}
        assert asked == {p.stem for p in FOLDERS["amendment"].glob(f"{start}*.yaml")}
    assert {a.protocol.stem for a in load_study("silence").arms} == stems
