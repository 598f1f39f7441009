"""The same input gives the same bytes: in any time zone, locale, folder, and order of hashing."""

from __future__ import annotations

import io
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
HOSTILE = ROOT / "tests" / "hostile" / "policy.yaml"

# Every command with every format, in one process, by the console script's own way in.
DRIVER = """
import sys
from pathlib import Path
from drp.cli import entry

run = ["--workload", "small.yaml", "--replications", "2", "--overload"]
for given in (
    *(["check", *files, "--format", kind] for kind in ("text", "json", "markdown")
      for files in (["merton"], ["policy.yaml"])),
    *(["show", "policy.yaml", "--format", kind] for kind in ("text", "json", "markdown")),
    *(["draw", "policy.yaml", "--format", kind] for kind in ("svg", "dot", "mermaid", "graphml")),
    ["draw", "merton", "--out", "out.svg"],
    ["simulate", "merton", *run], ["simulate", "merton", *run, "--format", "json"],
    ["compare", "merton", "silence-merton", *run, "--format", "csv", "--out", "tables"],
    ["study", "study.yaml", "--out", "found", "--format", "json"],
    *(["export", "policy.yaml", "--to", kind]
      for kind in ("prism", "tchecker", "uppaal", "smtlib")),
    ["check", "merton", "policy.yaml", "--certificates", "shown", "--smtlib", "asked", "--brief"],
    ["verify", "shown", "merton", "policy.yaml"],
    ["mutate", "merton", "--kind", "window longer"],
    *(["schema", "--for", kind] for kind in ("policy", "amendment", "workload", "study")),
    ["explain"], ["show", "nowhere.yaml"], ["new", "fresh"],
):
    sys.argv = ["drp", *given]
    print(given, flush=True)
    try:
        entry()
    except SystemExit as ended:
        print(ended.code, flush=True)

from model import expand, load
from model.drawing.figure import figure
from simulations import plots

drawn = figure(expand(load("merton")))
for ending in (".svg", ".png", ".pdf"):
    Path(f"figure{ending}").write_bytes(plots.content(drawn, ending, "x"))
"""

SMALL = """\
title: a small one
start: 2026-01-06
horizon: 60 working days
warm up: 5 working days
authorities:
  Anywhere:
    children:
      any other: {stock: 20 children, entries: 5 a year, exits: 5 a year, source: made up}
    severities: {ordinary: {urgency: 1}}
    disputes: {any: {severity: ordinary, rate: 0.5 per child-year (0.1 to 1), assumed: made up}}
    posts: {everybody: {holds: any other, number: 9 people, hours: 20 hours a week, source: x}}
    responses:
      any: {delay: {table: {1: 12, 5: 30}, unit: working days, source: x}, source: x}
    conduct: {any: {gives up: 0 %, source: made up}}
"""

STUDY = """\
question: Does silence that goes up by itself change anything?
measures: {within 20 working days: shown}
arms:
  as it is: {protocol: merton, workload: small.yaml}
  by itself: {amendments: silence-merton, workload: small.yaml, against: as it is}
replications: {at least: 2, at most: 3}
overload: run
seed: 7
"""

PLACES = {
    "plain": {"PYTHONHASHSEED": "0", "TZ": "UTC", "LC_ALL": "C.UTF-8"},
    "ascii": {
        "PYTHONHASHSEED": "1", "TZ": "Pacific/Kiritimati", "LC_ALL": "C", "PYTHONUTF8": "0",
        "PYTHONCOERCECLOCALE": "0", "COLUMNS": "40",
    },
    "Turkish": {
        "PYTHONHASHSEED": "random", "TZ": "America/St_Johns", "LC_ALL": "tr_TR.UTF-8",
        "LANG": "tr_TR.UTF-8", "PYTHONIOENCODING": "latin-1", "PYTHONUTF8": "0",
        "SOURCE_DATE_EPOCH": "1", "FORCE_COLOR": "1",
    },
}  # fmt: skip


def made(name: str, folder: Path, masked: int) -> dict[str, bytes]:
    """What all commands print and write in a place."""
    folder.mkdir()
    (folder / "small.yaml").write_text(SMALL, encoding="utf-8")
    (folder / "study.yaml").write_text(STUDY, encoding="utf-8")
    (folder / "policy.yaml").write_bytes(HOSTILE.read_bytes())
    kept = {key: os.environ[key] for key in ("PATH", "HOME") if key in os.environ}
    done = subprocess.run(
        [sys.executable, "-c", DRIVER], capture_output=True, cwd=folder, umask=masked, check=False,
        env={**kept, "PYTHONPATH": str(ROOT), **PLACES[name]},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr.decode()
    assert b"fault of ours" not in done.stderr and b"Traceback" not in done.stderr
    files = {p.relative_to(folder).as_posix(): p for p in folder.rglob("*") if p.is_file()}
    found = {name: path.read_bytes() for name, path in files.items()}
    return {"what is printed": done.stdout, "what is complained of": done.stderr, **found}


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    return made("plain", tmp_path_factory.mktemp("plain") / "here", 0o022)


def first_difference(one: bytes, other: bytes) -> str:
    at = next((i for i, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), len(one))
    return f"{one[max(0, at - 200) : at + 100]!r}\n{other[max(0, at - 200) : at + 100]!r}"


@pytest.mark.parametrize("name", sorted(PLACES.keys() - {"plain"}))
def test_the_same_input_gives_the_same_bytes(
    name: str, plain: dict[str, bytes], tmp_path: Path
) -> None:
    other = made(name, tmp_path / "elsewhere and further", 0o077)
    assert set(plain) == set(other)
    assert {"figure.svg", "figure.pdf", "figure.png", "out.svg", "fresh.yaml"} <= set(other)
    for folder in ("tables/", "found/", "shown/", "asked/"):
        assert any(name.startswith(folder) for name in other), folder
    different = [name for name in plain if plain[name] != other[name]]
    assert not different, first_difference(plain[different[0]], other[different[0]])
    assert b"\r" not in other["what is printed"] and "“".encode() in other["what is printed"]


def test_a_figure_that_is_saved_as_it_comes_differs_each_time() -> None:
    """What `plots.content` is there for: two pictures of one thing have other bytes."""
    from model import expand, load
    from model.drawing.figure import figure
    from simulations import plots

    drawn = figure(expand(load("merton")))
    saved = []
    for _ in range(2):
        sink = io.BytesIO()
        drawn.savefig(sink, format="svg")
        saved.append(sink.getvalue())
    assert saved[0] != saved[1]
    assert plots.content(drawn, ".svg", "x") == plots.content(drawn, ".svg", "x")
