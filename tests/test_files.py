"""What a user asks to be written is there whole, or what was there before still is."""

from __future__ import annotations

import errno
import os
import resource
import stat
import subprocess
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path
from types import SimpleNamespace

import pytest

from drp import mutating
from drp.cli import main, parser
from model.files import create, folder, save, save_all
from tests.hostile.outputs import faces

ROOT = Path(__file__).parent.parent
OLD, NEW = "the old one\n", "the new one\n"


def tree(top: Path) -> dict[str, bytes]:
    """Everything below a folder, by name, also what is hidden."""
    return {
        path.relative_to(top).as_posix(): path.read_bytes()
        for path in sorted(top.rglob("*"))
        if path.is_file() and not path.is_symlink()
    }


# --- one file, or several ---------------------------------------------------------------------


def test_a_file_is_written_and_written_over(tmp_path: Path) -> None:
    path = tmp_path / ("x" * 250)
    save(path, OLD)
    save(path, NEW.encode())
    assert tree(tmp_path) == {path.name: NEW.encode()}


def test_whoever_may_read_a_file_may_read_the_one_in_its_place(tmp_path: Path) -> None:
    path = tmp_path / "x"
    before = os.umask(0o027)
    try:
        save(path, OLD)
    finally:
        os.umask(before)
    assert stat.S_IMODE(path.stat().st_mode) == 0o640
    path.chmod(0o600)
    save(path, NEW)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def fails(call: str, error: BaseException, patch: pytest.MonkeyPatch, after: int = 0) -> None:
    """Let a call of the system fail, the first time or after some that go well."""
    real, made = getattr(os, call), [0]

    def refused(*given: object, **more: object) -> object:
        made[0] += 1
        if made[0] > after and given[0] not in (1, 2):
            raise error
        return real(*given, **more)

    patch.setattr(os, call, refused)


FAULTS = [
    *((call, OSError(code, os.strerror(code)))
      for call in ("open", "write", "fsync", "replace")
      for code in (errno.ENOSPC, errno.EROFS, errno.EACCES, errno.EIO)),
    *((call, KeyboardInterrupt()) for call in ("open", "write", "fsync", "replace")),
]  # fmt: skip


@pytest.mark.parametrize(("call", "error"), FAULTS, ids=lambda v: repr(v)[:50])
@pytest.mark.parametrize("after", [0, 1])
def test_whatever_fails_leaves_the_old_file_and_nothing_beside_it(
    call: str, error: BaseException, after: int, tmp_path: Path
) -> None:
    paths = [tmp_path / "a", tmp_path / "b"]
    save_all(dict.fromkeys(paths, OLD))
    with pytest.MonkeyPatch.context() as patch:
        fails(call, error, patch, after)
        with pytest.raises(type(error)) as caught:
            save_all(dict.fromkeys(paths, NEW))
    if isinstance(error, OSError):
        assert caught.value.filename == str(paths[after]), "what was asked for is named"
    left = tree(tmp_path)
    assert set(left) == {"a", "b"}
    assert left["b"] == OLD.encode()
    if call != "replace" or not after:  # each name changes by itself; see `save_all`
        assert left["a"] == OLD.encode()


def test_a_write_may_take_several_calls(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = os.write
    monkeypatch.setattr(os, "write", lambda file, data: whole(file, data[:3]))
    save(tmp_path / "x", NEW)
    assert (tmp_path / "x").read_text() == NEW


def test_a_new_file_takes_the_place_of_none(tmp_path: Path) -> None:
    path = tmp_path / "x"
    create(path, OLD)
    with pytest.raises(FileExistsError):
        create(path, NEW)
    assert tree(tmp_path) == {"x": OLD.encode()}
    with pytest.MonkeyPatch.context() as patch:
        fails("fsync", OSError(errno.ENOSPC, "full"), patch)
        with pytest.raises(OSError, match="full"):
            create(tmp_path / "y", NEW)
    assert tree(tmp_path) == {"x": OLD.encode()}


# --- places that are not where their names say ------------------------------------------------


@pytest.fixture
def places(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a file, and links of every kind."""
    monkeypatch.chdir(tmp_path)
    Path("real").mkdir()
    Path("real/old.svg").write_text(OLD, encoding="utf-8")
    Path("link.svg").symlink_to("real/old.svg")
    Path("dangling.svg").symlink_to("nowhere.svg")
    Path("linked").symlink_to("real")
    os.mkfifo("pipe.svg")
    return tmp_path


ELSEWHERE = {
    "link.svg": "a link", "dangling.svg": "a link", "linked/new.svg": "“linked” is a link",
    "linked/deep/new.svg": "“linked” is a link", "real/../new.svg": "..", "../new.svg": "..",
    "real": "a folder", "pipe.svg": "a device or a pipe",
}  # fmt: skip


@pytest.mark.parametrize("name", ELSEWHERE)
@pytest.mark.parametrize("write", [save, create])
def test_links_and_steps_upwards_are_refused(
    name: str, write: Callable[[Path, str], None], places: Path
) -> None:
    before = tree(places)
    for path in (Path(name), places / name):
        with pytest.raises(OSError, match=r"link|\.\.|folder|pipe") as caught:
            write(path, NEW)
        assert ELSEWHERE[name].split()[-1] in str(caught.value)
    assert tree(places) == before and not Path("nowhere.svg").exists()


@pytest.mark.parametrize("name", ["linked/new", "../new", "dangling.svg/new"])
def test_folders_are_not_made_elsewhere(name: str, places: Path) -> None:
    with pytest.raises(OSError, match=r"link|\.\."):
        folder(Path(name))
    assert sorted(os.listdir("real")) == ["old.svg"]


# --- each command that writes -----------------------------------------------------------------

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
    disputes: {any: {severity: ordinary, rate: 0.5 per child-year, source: made up}}
    posts: {everybody: {holds: any other, number: 9 people, hours: 20 hours a week, source: x}}
    responses:
      any: {delay: {table: {1: 12, 5: 30}, unit: working days, source: x}, source: x}
    conduct: {any: {gives up: 0 %, source: made up}}
"""
STUDY = """\
question: What does it do?
measures: {within 20 working days: shown}
arms: {it: {protocol: merton, workload: small.yaml}}
replications: {at least: 2, at most: 2}
"""
RUN = ["--workload", "small.yaml", "--replications", "2", "--format", "csv"]
COMMANDS = {
    ("draw", "--out"): (["draw", "merton", "--out", "PLACE/x.svg"], "x.svg"),
    ("export", "--out"): (["export", "merton", "--to", "prism", "--out", "PLACE/x.pm"], "x.pm"),
    ("check", "--record"): (["check", "merton", "--brief", "--record"], "VERDICTS.md"),
    ("mutate", "--record"): (["mutate", "merton", "--record"], "SURVIVORS.md"),
    ("check", "--smtlib"): (
        ["check", "merton", "--brief", "--smtlib", "PLACE"], "index.json",
    ),
    ("check", "--certificates"): (
        ["check", "merton", "--brief", "--certificates", "PLACE"], "merton-1.json",
    ),
    ("simulate", "--out"): (["simulate", "merton", *RUN, "--out", "PLACE"], "merton.csv"),
    ("compare", "--out"): (
        ["compare", "merton", "silence-merton", *RUN, "--out", "PLACE"],
        "silence-merton against merton.csv",
    ),
    ("study", "--out"): (["study", "s.yaml", "--out", "PLACE"], "s.csv"),
    ("study", "--record"): (["study", "s.yaml", "--record"], "s.json"),
    ("sensitivity", "--out"): (["sensitivity", "merton", "--out", "PLACE/x.svg"], "x.svg"),
    ("new", ""): (["new", "fresh"], "fresh.yaml"),
}  # fmt: skip


def test_every_command_that_writes_is_here() -> None:
    writing = {face for face in faces(parser()) if face[1].startswith("--")}
    assert set(COMMANDS) == writing | {("new", "")}


@pytest.fixture
def kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder `results`, in which every command here writes, with something in it."""
    from proofs import record
    from simulations import study_record

    monkeypatch.chdir(tmp_path)
    Path("small.yaml").write_text(SMALL, encoding="utf-8")
    Path("s.yaml").write_text(STUDY, encoding="utf-8")
    there = tmp_path / "results"
    there.mkdir()
    monkeypatch.setattr(record, "write", partial(record.write, folder=there))
    monkeypatch.setattr(mutating, "write", partial(mutating.write, folder=there))
    few = mutating.judged
    monkeypatch.setattr(mutating, "judged", lambda judge, asked, n: few(judge, asked[:2], n))
    monkeypatch.setattr(study_record, "record_of", lambda file: Path("results/s.json"))
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    return there


def _screened(patch: pytest.MonkeyPatch) -> None:
    """A screening takes long, and what is written of it is the point here."""
    from simulations import plots, sensitivity

    found = SimpleNamespace(replications=2, seed=1)
    patch.setattr(sensitivity, "sensitivity", lambda *given, **more: found)
    patch.setattr(plots, "tornado", lambda *given: None)
    patch.setattr(plots, "content", lambda *given: b"<svg/>")
    patch.setattr(plots.Caption, "of", classmethod(lambda *given: None))
    patch.setattr("drp.sensitivity.text", lambda found: [])


@pytest.mark.parametrize(
    ("call", "error", "code", "says"),
    [
        ("fsync", OSError(errno.ENOSPC, "No space left on device"), 2, "No space left on device"),
        ("open", OSError(errno.EROFS, "Read-only file system"), 2, "Read-only file system"),
        ("fsync", KeyboardInterrupt(), 130, "stopped"),
    ],
    ids=["full", "read-only", "stopped"],
)
@pytest.mark.parametrize("face", COMMANDS, ids=lambda face: " ".join(face))
def test_a_command_that_cannot_write_leaves_what_was_there(
    face: tuple[str, str], call: str, error: BaseException, code: int, says: str,
    kept: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    arguments, name = COMMANDS[face]
    arguments = [word.replace("PLACE", "results") for word in arguments]
    _screened(monkeypatch)
    if face != ("new", ""):
        (kept / name).write_text("{}" if name.endswith("json") else OLD, encoding="utf-8")
    (kept / "other").write_text(OLD, encoding="utf-8")
    before = tree(kept)
    fails(call, error, monkeypatch)
    assert main(arguments) == code
    said = capsys.readouterr().err
    assert said.startswith("drp: ") and says in said and "Traceback" not in said
    parts_left = {n for n in tree(kept) if n.endswith(".part.jsonl")}
    assert {n: b for n, b in tree(kept).items() if n not in parts_left} == before
    assert not Path("fresh.yaml").exists()


@pytest.mark.parametrize(
    "face", [f for f in COMMANDS if "PLACE" in "".join(COMMANDS[f][0])], ids=" ".join
)
@pytest.mark.parametrize("place", ["linked", "../up", "kept/../up"])
def test_no_command_writes_elsewhere(
    face: tuple[str, str], place: str, kept: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    Path("linked").symlink_to("results")
    arguments = [word.replace("PLACE", place) for word in COMMANDS[face][0]]
    assert main(arguments) == 2
    out, err = capsys.readouterr()
    assert out == "" and ("link" in err or ".." in err)
    assert not any(kept.iterdir()) and not Path("up").exists() and not Path("../up").exists()


def test_replications_are_not_kept_in_what_a_link_points_to(
    kept: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([*COMMANDS["study", "--out"][0][:2], "--out", "results"]) == 0
    from simulations.kept import Kept

    victim = Path("victim")
    victim.write_text(OLD, encoding="utf-8")
    (kept / "x.part.jsonl").symlink_to(victim.absolute())
    with pytest.raises(OSError):
        Kept(kept / "x.part.jsonl")
    assert victim.read_text("utf-8") == OLD


def drp(*arguments: str, cwd: Path, **more: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "drp.cli", *arguments], cwd=cwd, text=True, stderr=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": str(ROOT)}, check=False, **more,  # type: ignore[call-overload]
    )  # fmt: skip


def test_a_disk_that_is_full_indeed(tmp_path: Path) -> None:
    """The system itself refuses: a file may have no more than a thousand bytes."""
    (tmp_path / "x.svg").write_text(OLD, encoding="utf-8")
    done = drp(
        "draw", "merton", "--out", "x.svg", cwd=tmp_path,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000)),
    )  # fmt: skip
    assert done.returncode == 2 and done.stderr == "drp: File too large: x.svg\n"
    assert tree(tmp_path) == {"x.svg": OLD.encode()}


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="Linux has a device that is full")
@pytest.mark.parametrize("arguments", [["show", "merton"], ["draw", "merton"], ["doctor"]])
def test_output_that_cannot_be_printed(arguments: list[str], tmp_path: Path) -> None:
    with open("/dev/full", "w") as full:
        done = drp(*arguments, cwd=tmp_path, stdout=full)
    assert done.returncode == 2
    assert "No space left on device" in done.stderr and "Traceback" not in done.stderr
    assert "Exception" not in done.stderr
