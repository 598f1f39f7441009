"""The commands of simulation: what they print, their exit codes, and what is left on disk."""

from __future__ import annotations

import csv
import io
import json
import os
import resource
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from drp import simulating
from drp.cli import main
from drp.waiting import Waiting, duration, needed_in_all
from simulations import study_record
from simulations.faults import Broken

ROOT = Path(__file__).parent.parent
GOOD = ROOT / "tests" / "studies" / "good.yaml"
LOAD = str(ROOT / "tests" / "workloads" / "good.yaml")
SMALL = ["simulate", "merton", "--workload", LOAD, "--replications", "3"]


@pytest.fixture(autouse=True)
def _here(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(ROOT)
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))


def drp(*arguments: str, before: Any = None, **environment: str) -> Any:
    command = [sys.executable, "-m", "drp.cli", *arguments]
    env = {**os.environ, "PYTHONPATH": str(ROOT), **environment}
    return subprocess.run(
        command, capture_output=True, text=True, cwd=ROOT, env=env, check=False, preexec_fn=before
    )


def printed(capsys: pytest.CaptureFixture[str], *arguments: str, code: int = 0) -> str:
    assert main(arguments) == code
    return capsys.readouterr().out


def mistaken(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    """What a command says of wrong arguments; it prints nothing else."""
    assert main(arguments) == 2
    out, err = capsys.readouterr()
    assert out == "" and "Traceback" not in err
    return err


# --- what is printed --------------------------------------------------------------------------


def test_the_answer_comes_first(capsys: pytest.CaptureFixture[str]) -> None:
    out = printed(capsys, *SMALL)
    lines = out.splitlines()
    assert lines[0] == "What does “merton” do under the workload “good”?"
    assert lines[2].startswith("With “merton”, the share of disputes that end within 20 working")
    assert "95 % interval" in out and "3 replications" in out
    assert "disputes are still open after 3.0 years" in out
    assert "assumed numbers in “good”: nothing published supports them" in " ".join(out.split())
    assert "assumed: a guess" not in out
    assert max(map(len, lines)) <= 100 and "\x1b" not in out


def test_whose_work_the_workload_gives_to_anybody_is_told(
    capsys: pytest.CaptureFixture[str],
) -> None:
    args = ("simulate", "reviewing-and-insights", "--replications", "2", "--brief")
    out = " ".join(printed(capsys, *args).split())
    assert "names no post" not in out
    out = " ".join(printed(capsys, *args, "--workload", "national").split())
    told = "the work of External Panel falls to “others”: the workload names no post for them."
    assert f"With “reviewing-and-insights”, {told}" in out
    found = json.loads(printed(capsys, *args, "--workload", "national", "--format", "json"))
    assert found["passed_on"] == [f"With “reviewing-and-insights”, {told}"]


def test_what_the_workload_does_not_have_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    args = ("simulate", "manchester", "--workload", "national", "--replications", "2", "--brief")
    told = (
        "With “manchester”, no dispute is about “review of a foster carer”: the workload has none."
    )
    assert told in " ".join(printed(capsys, *args).split())
    args = (*args, "--format", "json")
    assert json.loads(printed(capsys, *args))["left_out"] == [told]
    merton = json.loads(printed(capsys, "simulate", "merton", *args[2:]))
    assert merton["left_out"] == []


def test_every_assumption_is_told_on_request(capsys: pytest.CaptureFixture[str]) -> None:
    out = printed(capsys, *SMALL, "--assumptions")
    assert "posts › reviewing officers › vacancy: 0.05 (0 to 0.2), assumed: a guess" in out
    assert max(map(len, out.splitlines())) <= 100


def test_the_json_and_the_csv(capsys: pytest.CaptureFixture[str]) -> None:
    found = json.loads(printed(capsys, *SMALL, "--format", "json"))
    assert found["schema_version"] == 1
    assert {"study", "conclusion", "replications", "reached", "arms", "versions", "assumed",
            "columns", "measures", "still_open", "rows"} <= set(found)  # fmt: skip
    table = list(csv.DictReader(io.StringIO(printed(capsys, *SMALL, "--format", "csv"))))
    assert [row["measure"] for row in table] == [row["measure"] for row in found["rows"]]
    assert float(table[0]["mean"]) == found["rows"][0]["mean"]


def test_a_comparison(capsys: pytest.CaptureFixture[str]) -> None:
    out = printed(
        capsys, "compare", "merton", "silence-merton", "--workload", LOAD, "--replications", "3",
        "--precision", "days=9 working days",
    )  # fmt: skip
    assert out.startswith("What does “silence-merton” change against “merton” under “good”?")
    assert "amended: “No answer in time goes up by itself”" in out
    assert max(map(len, out.splitlines())) <= 100
    out = printed(
        capsys, "compare", "islington", "merton", "--replications", "2", "--format", "csv"
    )
    (row,) = [r for r in csv.DictReader(io.StringIO(out)) if r["against"]]
    assert (row["arm"], row["against"], row["workload"]) == ("merton", "islington", "national")
    assert float(row["variance_ratio"]) > 0


def test_an_amended_protocol(capsys: pytest.CaptureFixture[str]) -> None:
    out = printed(capsys, *SMALL, "--amend", "silence-merton")
    assert "merton+silence-merton" in out and "amended: “No answer in time" in out


def test_a_study_of_several_arms_fits_a_hundred_columns(
    capsys: pytest.CaptureFixture[str],
) -> None:
    out = printed(capsys, "study", str(GOOD))
    assert "Of 3 comparisons" in " ".join(out.split()) and "variance ratio" in out
    assert out.endswith("there is no record of it\n")
    assert max(map(len, out.splitlines())) <= 100


def test_the_same_command_gives_the_same_bytes() -> None:
    one = drp(*SMALL, "--format", "json", PYTHONHASHSEED="1", TZ="UTC", LC_ALL="C.UTF-8")
    two = drp(*SMALL, "--format", "json", PYTHONHASHSEED="2", TZ="Asia/Tokyo", NO_COLOR="1")
    assert one.returncode == two.returncode == 0 and one.stdout == two.stdout
    assert one.stderr == two.stderr == "", "no progress where there is no terminal"


# --- progress ---------------------------------------------------------------------------------


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_progress_says_what_is_done_and_left() -> None:
    stream = Terminal()
    waiting = Waiting("silence", 10, 40, stream)
    waiting.told(5, 2.0)
    assert "silence: 5 of about 20 replications" in stream.getvalue()
    assert "left; interval at 200% of what is wanted" in stream.getvalue()
    waiting.over()
    assert stream.getvalue().endswith("\r\x1b[K")
    silent = io.StringIO()
    Waiting("silence", 10, 40, silent).told(5, 2.0)
    assert silent.getvalue() == ""


@pytest.mark.parametrize(
    ("done", "wide", "needed"), [(10, 2.0, 40), (30, 0.5, 30), (5, 1.0, 10), (10, 9.0, 100)]
)
def test_how_many_there_will_be(done: int, wide: float, needed: int) -> None:
    assert needed_in_all(done, wide, 10, 100) == needed
    assert needed_in_all(done, 0, 10, 100) == needed_in_all(done, float("inf"), 10, 100) == 100


def test_times_as_people_say_them() -> None:
    assert [duration(s) for s in (2.1, 75, 4000)] == ["3 s", "1 min", "1.1 h"]


# --- mistakes ---------------------------------------------------------------------------------


def test_wrong_arguments_are_told(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    said = {
        ("simulate", "mertn"): "no policy file of this name here; did you mean “merton”?",
        ("simulate", "merton", "--workload", "nationl"): "did you mean “national”?",
        ("simulate", "merton", "--amend", "silence-mertn"): "did you mean “silence-merton”?",
        ("simulate", "merton", "--amend", "silence-islington"): "amendment is not for “merton”",
        (*SMALL, "--precision", "days"): "write it as in “within 20 working days=2 %”",
        (*SMALL, "--precision", "day=1 working days"): "there is no measure “day”; did you mean",
        (*SMALL, "--precision", "days=1"): "“1” has no unit; write “1 working days”",
        (*SMALL, "--authority", "Mertn"): "there is no authority “Mertn”",
        ("simulate", "merton", "--replications", "1"): "ask for 2 or more",
        ("compare", "merton", "merton"): "are the same; name two",
        ("compare", "merton", "mertn"): "there is no protocol and no amendment “mertn”; did you",
        ("study", "caselod"): "no study of this name here; did you mean “caseload”?",
    }  # fmt: skip
    for arguments, wanted in said.items():
        assert wanted in mistaken(capsys, *arguments), arguments
    assert drp(*SMALL, "--seed", "-1").returncode == 2
    assert drp("simulate").returncode == 2


def test_a_horizon_of_zero_is_told_with_its_place(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    bad = tmp_path / "none.yaml"
    bad.write_text(Path(LOAD).read_text("utf-8").replace("horizon: 3 years", "horizon: 0 years"))
    said = mistaken(capsys, "simulate", "merton", "--workload", str(bad))
    assert "none.yaml:" in said and "horizon: “0 years” is nothing; write more than 0" in said
    assert said.endswith("nothing was run\n")


def test_a_workload_that_does_not_go_with_the_protocol(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    bad = tmp_path / "few.yaml"
    text = Path(LOAD).read_text("utf-8").replace("holds: any other", "holds: CAFCASS")
    bad.write_text(text)
    assert "no post holds" in mistaken(capsys, "simulate", "merton", "--workload", str(bad))


def test_more_work_than_hours(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    busy = tmp_path / "busy.yaml"
    text = Path(LOAD).read_text("utf-8")
    hours = "    hours: 4 hours a week (2 to 8)\n        leave"
    assert text.count(hours) == 1
    few = hours.replace("4 hours a week (2", "0.01 hours a week (0.001")
    busy.write_text(text.replace(hours, few))
    arguments = ["simulate", "merton", "--workload", str(busy), "--replications", "2"]
    said = " ".join(mistaken(capsys, *arguments).split())
    assert "more work comes than there are hours for: " in said
    assert "% of the hours of managers would be needed" in said
    assert "to run it all the same, add --overload" in said
    out = " ".join(printed(capsys, *arguments, "--overload").split())
    assert "% of the hours of managers would be needed" in out


def test_a_fault_of_ours_is_told_as_one(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object, **__: object) -> None:
        raise Broken("raised 3, ended 4")

    monkeypatch.setattr(simulating, "run_study", broken)
    assert main(SMALL) == 4
    out, err = capsys.readouterr()
    assert out == "" and "a fault of ours: Broken: raised 3, ended 4" in err
    assert "Traceback" not in err


def test_without_the_extra_it_says_what_to_install() -> None:
    for package in ("scipy", "simpy"):
        code = (
            f"import sys; sys.modules[{package!r}] = None\n"
            f"from drp.cli import main; sys.exit(main({SMALL!r}))"
        )
        done = subprocess.run(
            [sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT, check=False
        )
        assert done.returncode == 2
        assert "pip install 'drp-ladders[simulate]'" in done.stderr
        assert "Traceback" not in done.stderr and done.stdout == ""


# --- files ------------------------------------------------------------------------------------


def test_tables_are_written(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    out = tmp_path / "new" / "folder"
    printed(capsys, *SMALL, "--out", str(out))
    assert sorted(p.name for p in out.iterdir()) == [
        "merton-replications.csv", "merton-replications.parquet", "merton.csv", "merton.json",
        "merton.parquet",
    ]  # fmt: skip


def test_a_folder_that_cannot_be_written(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    file = tmp_path / "file"
    file.write_text("")
    for folder in (file, file / "below", Path("/proc/none")):
        said = mistaken(capsys, *SMALL, "--out", str(folder))
        assert said.startswith("drp: ") and str(folder) in said


@pytest.mark.parametrize("room", [2_000, 7_000])
def test_a_full_disk_leaves_nothing_that_looks_whole(room: int, tmp_path: Path) -> None:
    """With room for no replication at all, and for all of them but not for the tables."""

    def little() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (room, room))

    arguments = ["simulate", "merton", "--workload", LOAD, "--replications", "2", "--out"]
    done = drp(*arguments, str(tmp_path / "out"), "--assumptions", before=little)
    assert done.returncode == 2, done.stderr
    assert "File too large" in done.stderr and "Traceback" not in done.stderr
    left = list((tmp_path / "out").iterdir())
    assert [p.suffix for p in left] == [".jsonl"], "only what is gone on from"
    kept = left[0].read_bytes()
    assert kept == b"" or kept.endswith(b"\n")
    # With room again, the same command goes on from there, and ends as if nothing had been.
    again = drp(*arguments, str(tmp_path / "out"))
    whole = drp(*arguments, str(tmp_path / "other"))
    assert again.returncode == 0 and again.stdout == whole.stdout
    for path in (tmp_path / "other").iterdir():
        assert (tmp_path / "out" / path.name).read_bytes() == path.read_bytes()
    assert not list((tmp_path / "out").glob("*.jsonl"))


def test_ctrl_c_keeps_what_is_done(tmp_path: Path) -> None:
    arguments = ["simulate", "merton", "--workload", LOAD, "--replications", "40", "--out"]
    command = [sys.executable, "-m", "drp.cli", *arguments, str(tmp_path)]
    running = subprocess.Popen(
        command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline:
        kept = list(tmp_path.glob("*.jsonl"))
        if kept and kept[0].read_bytes().count(b"\n") >= 2:
            break
        time.sleep(0.02)
    running.send_signal(signal.SIGINT)
    out, err = running.communicate()
    assert running.returncode == 130 and out == ""
    assert "replications are kept; the same command goes on from there" in err
    (file,) = tmp_path.glob("*.jsonl")
    assert 2 <= file.read_bytes().count(b"\n") < 40
    again = drp(*arguments, str(tmp_path))
    whole = drp(*arguments, str(tmp_path / "other"))
    assert again.returncode == 0 and again.stdout == whole.stdout


def test_where_nothing_can_be_kept_it_runs_all_the_same(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    assert drp(*SMALL, XDG_STATE_HOME=str(tmp_path / "file")).returncode == 0


# --- the record -------------------------------------------------------------------------------


def test_a_study_is_compared_with_its_record(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    text = GOOD.read_text("utf-8").replace("../workloads/good.yaml", LOAD)
    file = tmp_path / "mine.yaml"
    file.write_text(text.replace("at most: 12", "at most: 3"))
    assert "there is no record of it" in printed(capsys, "study", str(file))
    assert "recorded in mine.json" in printed(capsys, "study", str(file), "--record")
    assert printed(capsys, "study", str(file)).endswith("as recorded\n")
    path = study_record.record_of(file)
    assert path == tmp_path / "results" / "mine.json"
    record = json.loads(path.read_text("utf-8"))
    record["arms"][0]["values"]["days"][0] += 1
    path.write_text(json.dumps(record))
    out = printed(capsys, "study", str(file), code=1)
    assert "differs from the record: “as it is, seldom”, days, replication 0:" in out
    for form in ("json", "csv"):
        assert main(["study", str(file), "--format", form]) == 1
        out, err = capsys.readouterr()
        assert "differs from the record" in err and "differs from the record" not in out
    path.write_text("{")
    assert "there is no record of it" in printed(capsys, "study", str(file))
