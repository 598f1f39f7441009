"""The record: what it keeps, how a check differs from it, and what becomes of a bad one."""

from __future__ import annotations

import json
import os
import stat
from collections.abc import Callable
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from drp.cli import main
from model.load import loads
from model.protocol import Protocol
from model.yamltree import PolicyError
from proofs import record
from proofs.claims import BY_ID
from proofs.verdict import Verdict, check

TEMPLATE = (Path(__file__).parent.parent / "drp" / "template.yaml").read_text("utf-8")
CLAIMS = [BY_ID[c] for c in ("rungs-timed", "return", "climbs")]


@cache
def checked() -> tuple[Protocol, tuple[Verdict, ...]]:
    text = TEMPLATE.replace("if not kept: {to: raiser decides}", "if not kept: unstated")
    protocol = loads(text, "exampleton.yaml")
    return protocol, tuple(check(protocol, CLAIMS))


def written(folder: Path) -> dict[str, Any]:
    protocol, verdicts = checked()
    record.write([(protocol, list(verdicts))], folder)
    return record.read(folder / "verdicts.json")


def differences(folder: Path, change: Callable[[dict[str, Any]], object]) -> list[str]:
    """What is said of the same verdicts when the record has been changed."""
    kept = written(folder)
    change(kept["exampleton"]["verdicts"])
    protocol, verdicts = checked()
    return record.changes(kept, protocol, verdicts)


def test_what_was_recorded_is_as_recorded(tmp_path: Path) -> None:
    assert differences(tmp_path, lambda v: None) == []
    kept = written(tmp_path)["exampleton"]
    assert kept["digest"] == checked()[0].digest
    assert kept["verdicts"]["dispute/return"]["verdict"] == "broken"
    assert kept["verdicts"]["dispute/return"]["mend"]["whole"] is True
    assert kept["verdicts"]["dispute/rungs-timed"]["condition"]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (
            lambda v: v["dispute/return"].update(verdict="holds"),
            "dispute/return: recorded as holds, now broken",
        ),
        (
            lambda v: v["dispute/rungs-timed"].update(plain="broken"),
            "dispute/rungs-timed: plainly broken as recorded, now holds",
        ),
        (
            lambda v: v["dispute/rungs-timed"].update(condition=["something else"]),
            "dispute/rungs-timed: depends on something else than recorded",
        ),
        (lambda v: v.pop("dispute/climbs"), "dispute/climbs: holds (not recorded)"),
        (
            lambda v: v.update({"complaint/climbs": v["dispute/climbs"]}),
            "complaint/climbs: recorded, but no longer there",
        ),
    ],
    ids=["verdict", "plain", "condition", "missing", "extra"],
)
def test_what_differs_is_said(tmp_path: Path, change: Any, said: str) -> None:
    assert differences(tmp_path, change) == [said]


def test_claims_that_were_not_checked_do_not_differ(tmp_path: Path) -> None:
    kept = written(tmp_path)
    protocol, verdicts = checked()
    assert record.changes(kept, protocol, [v for v in verdicts if v.claim.id == "return"]) == []


def test_a_change_of_the_mend_alone_is_no_difference(tmp_path: Path) -> None:
    assert differences(tmp_path, lambda v: v["dispute/return"].pop("mend")) == []


def test_other_protocols_are_kept(tmp_path: Path) -> None:
    before = written(tmp_path)["exampleton"]
    protocol, verdicts = checked()
    record.write([(replace(protocol, stem="another"), list(verdicts))], tmp_path)
    after = record.read(tmp_path / "verdicts.json")
    assert list(after) == ["another", "exampleton"]
    assert after["exampleton"] == before
    table = (tmp_path / "VERDICTS.md").read_text("utf-8")
    assert table == record.table(after)
    assert "| `return` | must | **broken** | **broken** |" in table
    assert "| `rungs-timed` | should | depends (holds) | depends (holds) |" in table
    assert "| `ends` | should | ? | ? |" in table


def test_mends_are_recalled_for_the_very_file_only(tmp_path: Path) -> None:
    kept = written(tmp_path)
    protocol, verdicts = checked()
    known = record.recalled(kept, protocol)
    (broken,) = [v for v in verdicts if v.claim.id == "return"]
    assert known("dispute", "return") == broken.mend
    assert known("dispute", "climbs") is None, "none was found"
    assert known("dispute", "ends") is False, "it has not been looked for"
    assert record.recalled(kept, replace(protocol, digest="x"))("dispute", "return") is False
    assert record.recalled({}, protocol)("dispute", "return") is False


def test_no_record_is_an_empty_one(tmp_path: Path) -> None:
    assert record.read(tmp_path / "verdicts.json") == {}


@pytest.mark.parametrize(
    "data",
    [b"", b"{", b"[]", b"{}", b'{"protocols": []}', b'{"protocols": {"x": 1}}', b"\xff\xfe",
     b'{"protocols": {"x": {"digest": "1"}}}',
     b'{"protocols": {"x": {"digest": 1, "verdicts": 2}}}',
     b'{"protocols": {"x": {"digest": "1", "verdicts": {"d/c": {"verdict": "fine"}}}}}',
     b'{"protocols": {"x": {"digest": "1", "verdicts": {"d/c": {"verdict": "holds", "plain": '
     b'"holds", "condition": [], "mend": {"words": "x"}}}}}}',
     b"[" * 100_000],
)  # fmt: skip
def test_a_record_that_is_no_record_is_told_as_such(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "verdicts.json"
    path.write_bytes(data)
    with pytest.raises(PolicyError) as caught:
        record.read(path)
    (fault,) = caught.value.faults
    assert "verdicts.json" in str(fault)
    assert "drp check --record" in fault.right


def test_a_bad_record_ends_a_check_with_exit_code_2(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    bad = tmp_path / "verdicts.json"
    bad.write_text('{"protocols": 1}', encoding="utf-8")
    monkeypatch.setattr(record, "JSON", bad)
    assert main(["check", "merton", "--claim", "climbs", "--brief"]) == 2
    said = capsys.readouterr()
    assert "is no record" in said.err
    assert "Traceback" not in said.err + said.out


def test_a_file_is_written_whole_or_not_at_all(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "verdicts.json"
    record.save(path, "one\n")
    assert stat.S_IMODE(path.stat().st_mode) == 0o644

    def fails(*_: object) -> None:
        raise OSError("no room")

    monkeypatch.setattr(os, "replace", fails)
    with pytest.raises(OSError, match="no room"):
        record.save(path, "two\n")
    assert path.read_text("utf-8") == "one\n"
    assert [p.name for p in tmp_path.iterdir()] == ["verdicts.json"], "nothing is left behind"


def test_a_folder_that_cannot_be_written_to(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Permissions bind no superuser, so the refusal is the operating system's own for a file."""
    blocked = tmp_path / "file"
    blocked.write_text("", encoding="utf-8")
    with pytest.raises(NotADirectoryError):
        record.save(blocked / "verdicts.json", "x")

    def refuses(*_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied", "proofs/verdicts.json")

    monkeypatch.setattr("os.open", refuses)
    assert main(["check", "merton", "--record", "--brief"]) == 2
    assert capsys.readouterr().err == f"drp: Permission denied: {record.FOLDER}/verdicts.json\n"


def test_the_record_of_the_repository_has_every_authority() -> None:
    from model.load import authorities

    kept = json.loads(record.JSON.read_text("utf-8"))
    assert kept["schema_version"] == 1
    assert list(kept["protocols"]) == [path.stem for path in authorities()]
