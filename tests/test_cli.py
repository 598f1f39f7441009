"""The command: output, exit codes, and that no fault of a policy shows a traceback."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import sysconfig
from pathlib import Path

import pytest

from drp.cli import main

ROOT = Path(__file__).parent.parent
GOOD = ROOT / "tests" / "policies" / "good.yaml"


@pytest.fixture(autouse=True)
def _in_the_repository(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)


def drp(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "drp.cli", *arguments]
    env = {**os.environ, "PYTHONPATH": str(ROOT), **environment}
    return subprocess.run(command, capture_output=True, text=True, cwd=ROOT, env=env, check=False)


def test_all_recorded_verdicts_are_as_recorded(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", "--brief"]) == 0
    out = capsys.readouterr().out
    assert "every recorded verdict is as recorded" in out
    assert "5 policies, 9 ladders" in out
    assert max(map(len, out.splitlines())) <= 100


def test_stories_fit_a_hundred_columns(capsys: pytest.CaptureFixture[str]) -> None:
    main(["check", "merton", "manchester"])
    out = capsys.readouterr().out
    assert "how it happens" in out and "Tuesday 6 January 2026" in out
    assert max(map(len, out.splitlines())) <= 100
    assert "\x1b" not in out


@pytest.mark.parametrize("format", ["text", "json", "markdown"])
def test_exit_codes_are_the_same_in_every_format(
    format: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["check", "merton", "--format", format, "--claim", "climbs"]) == 0
    broken = tmp_path / "other.yaml"
    broken.write_text((ROOT / "model/authorities/merton.yaml").read_text("utf-8"), "utf-8")
    assert main(["check", str(broken), "--format", format, "--claim", "return"]) == 1
    assert (
        main(["check", "manchester", "--format", format, "--rlimit", "1", "--claim", "top-forced"])
        == 3
    )
    assert main(["check", str(tmp_path / "none.yaml"), "--format", format]) == 2
    capsys.readouterr()


def test_a_table_for_a_pull_request_says_where_a_claim_holds(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(["check", "islington", "--format", "markdown", "--claim", "total-diligent"]) == 0
    row, *_ = (x for x in capsys.readouterr().out.splitlines() if x.startswith("| `total-dil"))
    assert "; holds exactly when “" in row
    assert main(["check", "islington", "--format", "markdown", "--claim", "return"]) == 0
    assert "holds exactly when" not in capsys.readouterr().out


def test_a_long_answer_of_a_question_has_one_bullet(capsys: pytest.CaptureFixture[str]) -> None:
    for path in sorted((ROOT / "model/authorities").glob("*.yaml")):
        assert main(["show", path.stem]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert "     - " in {x[:7] for x in lines} and not any(x[:8] == "     -  " for x in lines)


def test_the_json_has_the_keys_that_are_promised(capsys: pytest.CaptureFixture[str]) -> None:
    main(["check", "merton", "--format", "json", "--from", "2026-03-02"])
    found = json.loads(capsys.readouterr().out)
    assert found["schema_version"] == 1
    assert set(found["versions"]) == {"tool", "z3", "python", "calendar"}
    assert found["files"][0]["path"] == "model/authorities/merton.yaml"
    assert found["files"][0]["digest"].startswith("sha256:")
    for v in found["verdicts"]:
        assert {
            "protocol", "ladder", "claim", "verdict", "condition", "times", "trace", "location",
            "mend", "evidence",
        } <= set(v)  # fmt: skip
        assert v["verdict"] in ("holds", "broken", "depends", "undecided", "not-applicable")
        assert set(v["condition"]) == {"text", "formula"}
        assert bool(v["condition"]["formula"]) == (v["verdict"] == "depends")
        assert set(v["location"]) == {"file", "line", "column"}
        for step in v["trace"]:
            assert set(step) == {
                "day",
                "date",
                "actor",
                "move",
                "says",
                "state",
                "source",
                "location",
            }
            assert step["date"] >= "2026-03-02"
    assert {v["claim"] for v in found["verdicts"] if v["ladder"] == "dispute"} >= {"ends", "return"}


def test_a_verdict_that_differs_from_the_record_is_told(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    from proofs import record

    known = record.read()
    known["merton"]["verdicts"]["dispute/return"]["verdict"] = "holds"
    monkeypatch.setattr(record, "read", lambda path=record.JSON: known)
    assert main(["check", "merton", "--claim", "return", "--brief"]) == 1
    assert "recorded as holds, now broken" in capsys.readouterr().out


def test_a_new_file_checks_and_is_not_overwritten(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(["new", "exampleton"]) == 0
    assert (tmp_path / "exampleton.yaml").read_text("utf-8").count("#") > 10
    assert main(["check", "exampleton.yaml", "--brief"]) == 0
    assert main(["show", "exampleton.yaml"]) == 0
    assert main(["new", "exampleton"]) == 2
    assert main(["new", "../elsewhere"]) == 2
    capsys.readouterr()


@pytest.mark.parametrize("format", ["svg", "dot", "mermaid", "graphml"])
def test_drawings(format: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "picture"
    assert main(["draw", "merton", "--format", format, "--out", str(out)]) == 0
    assert "Head of Service" in out.read_text("utf-8")
    link = tmp_path / "link"
    link.symlink_to(out)
    assert main(["draw", "merton", "--out", str(link)]) == 2
    assert main(["draw", "merton", "--ladder", "disput"]) == 2
    assert "did you mean “dispute”?" in capsys.readouterr().err


@pytest.mark.parametrize("format", ["text", "json", "markdown"])
def test_show(format: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["show", "northamptonshire", "--format", format]) == 0
    assert "Strategic Manager" in capsys.readouterr().out


def test_explain_schema_doctor(capsys: pytest.CaptureFixture[str]) -> None:
    from proofs.claims import ALL

    for claim in ALL:
        assert main(["explain", claim.id]) == 0
        out = capsys.readouterr().out
        assert claim.why.split()[0] in out and "Law:" in out
        assert max(map(len, out.splitlines())) <= 100
    assert main(["explain"]) == 0
    assert main(["explain", "cafcas-forced"]) == 2
    assert "did you mean “cafcass-forced”?" in capsys.readouterr().err
    assert main(["schema"]) == 0
    assert json.loads(capsys.readouterr().out)["$schema"].endswith("2020-12/schema")
    assert main(["doctor"]) == 0
    assert "2028-12-31" in capsys.readouterr().out


def test_bad_input_shows_no_traceback(tmp_path: Path) -> None:
    bad = tmp_path / "bad.yaml"
    bad.write_text(GOOD.read_text("utf-8").replace("within:", "withn:", 1), "utf-8")
    for arguments in (["check", str(bad)], ["show", str(bad)], ["draw", str(bad)], ["check", "/"]):
        done = drp(*arguments)
        assert done.returncode == 2
        assert "Traceback" not in done.stderr
        assert done.stdout == ""
    assert "did you mean “within”?" in drp("check", str(bad)).stderr
    assert drp("check", "--claim", "nonsense").returncode == 2
    assert drp("nonsense").returncode == 2


def test_the_installed_command_prints_utf_8_whatever_the_system_would() -> None:
    name = "drp.exe" if os.name == "nt" else "drp"
    command = [str(Path(sysconfig.get_path("scripts"), name)), "check", str(GOOD), "--brief"]
    env = {**os.environ, "PYTHONIOENCODING": "latin-1", "PYTHONUTF8": "0"}
    done = subprocess.run(command, capture_output=True, cwd=ROOT, env=env, check=False)
    assert done.returncode == 1 and b"a fault of ours" not in done.stderr
    assert "“" in done.stdout.decode("utf-8")


def test_verdicts_do_not_depend_on_what_was_checked_before() -> None:
    alone = json.loads(drp("check", "northamptonshire", "--format", "json").stdout)["verdicts"]
    both = json.loads(drp("check", "merton", "northamptonshire", "--format", "json").stdout)
    assert [v for v in both["verdicts"] if v["protocol"] == "northamptonshire"] == alone


def test_nothing_heavy_is_loaded_for_help() -> None:
    code = "import sys; from drp.cli import parser; parser(); print(*sorted(sys.modules))"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT, check=True
    )
    assert not {"z3", "yaml", "networkx", "model.load"} & set(done.stdout.split())
