"""`drp sensitivity`: what it prints, what it refuses, and what it draws."""

from __future__ import annotations

import json
from pathlib import Path
from xml.etree import ElementTree

import pytest

from drp.cli import main

QUICK = [
    "--replications", "2", "--trajectories", "2", "--samples", "0", "--top", "1", "--scan", "1",
]  # fmt: skip
SMALL = """\
title: a small one
start: 2026-01-06
horizon: 300 working days
warm up: 20 working days
authorities:
  Anywhere:
    children:
      any other: {stock: 200 children, entries: 50 a year, exits: 50 a year, source: made up}
    severities: {ordinary: {urgency: 1}}
    disputes:
      any:
        severity: ordinary
        rate: 0.5 per child-year (0.2 to 0.9)
        assumed: made up
    posts:
      everybody: {holds: any other, number: 9 people, hours: 20 hours a week, source: made up}
    responses:
      any:
        delay: {distribution: expon, parameters: {scale: 3 (1 to 9)}, unit: working days}
        satisfied: 60 % (40 to 80)
        assumed: made up
    conduct:
      any: {gives up: 0 %, source: made up}
"""


@pytest.fixture
def small(tmp_path: Path) -> str:
    path = tmp_path / "small.yaml"
    path.write_text(SMALL, encoding="utf-8")
    return str(path)


def test_one_policy(small: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["sensitivity", "merton", "--workload", small, *QUICK]) == 0
    said = capsys.readouterr().out
    assert " ".join(said.split()).startswith(
        "With the stated values, the mean time of the disputes that end, “merton”, is "
    )
    assert "Morris: mean absolute effect" in said and "delay › scale" in said
    assert max(map(len, said.splitlines())) <= 100


def test_a_difference_as_json_with_a_figure(
    small: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "tornado.svg"
    code = main([
        "sensitivity", "manchester", "--against", "gate-manchester-stage-two", "--workload", small,
        "--format", "json", "--out", str(out), *QUICK,
    ])  # fmt: skip
    assert code == 0
    found = json.loads(capsys.readouterr().out)
    assert found["conclusion"]["against"] == "manchester+gate-manchester-stage-two"
    assert found["assumed"] == 3 and found["replications"] == 2
    assert found["sentence"].startswith("With the stated values")
    assert ElementTree.parse(out).getroot().tag.endswith("svg")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--measure", "dayz"], "there is no measure “dayz”; did you mean “days”"),
        (["--measure", "utilisation", "--of", "evrybody"], "did you mean “everybody”"),
        (["--trajectories", "1"], "at least 2 trajectories"),
        (["--samples", "12"], "a power of 2"),
        (["--against", "islington", "--replications", "1"], "at least 2 replications"),
        (["--out", "figure.docx"], "--out ends in .svg"),
        (["--out", "no/such/folder/figure.svg"], "a folder that is there"),
        (["--against", "islingtn"], "did you mean “islington”"),
    ],
)
def test_what_is_wrong_is_told(
    small: str, arguments: list[str], words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    given = ["sensitivity", "merton", "--workload", small]
    for i in range(0, len(QUICK), 2):
        given += QUICK[i : i + 2] if QUICK[i] not in arguments else []
    assert main([*given, *arguments]) == 2
    said = capsys.readouterr().err
    assert words in said and "Traceback" not in said


def test_numbers_that_are_none_are_refused(capsys: pytest.CaptureFixture[str]) -> None:
    for option in ("--seed", "--replications", "--top"):
        with pytest.raises(SystemExit) as stopped:
            main(["sensitivity", "merton", option, "-3"])
        assert stopped.value.code == 2
        assert "whole number" in capsys.readouterr().err
