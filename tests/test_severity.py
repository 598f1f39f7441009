"""The drawing of a ladder of which a case leaves rungs out, through the command."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from assembled import assembled

from drp.cli import main


def drawn(fragment: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> str:
    """What a drawing says, without its marks and breaks."""
    file = tmp_path / "exampleton.yaml"
    file.write_text(assembled(fragment), encoding="utf-8")
    assert main(["draw", str(file)]) == 0
    return re.sub(r"\s+", " ", re.sub(r"<[^>]*>", " ", capsys.readouterr().out))


def test_no_way_is_drawn_from_a_rung_that_the_case_leaves_out(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    said = drawn(
        "rungs: {informal talk: {when: not urgent}, team manager: {when: not urgent}}",
        tmp_path, capsys,
    )  # fmt: skip
    assert "from informal talk to head of service" not in said
    assert "Other ways between rungs" not in said


def test_a_way_past_a_rung_says_when_it_is_open(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    said = drawn("rungs: {team manager: {when: not urgent}}", tmp_path, capsys)
    assert "from informal talk to head of service: may; may (no answer); if “urgent”" in said


def test_the_top_rung_is_told_by_the_raisers_that_there_are(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    said = drawn("", tmp_path, capsys)
    assert "the top rung if Conference Chair raises the dispute." in said
    assert "only if IRO raises the dispute." in said  # not also: for a child in care


@pytest.mark.parametrize(
    ("to", "says"),
    [
        ("same rung", "goes back to the rung where it was agreed"),
        ("next rung", "goes to the rung above the one where it was agreed"),
    ],
)
def test_the_way_back_of_an_agreement_is_told_from_where_it_was_made(
    to: str, says: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    fragment = f"resolution: {{within: 5 working days, if not kept: {{to: {to}}}, source: x}}"
    assert f"if it is not done: {says}" in drawn(fragment, tmp_path, capsys)
