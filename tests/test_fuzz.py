"""Every reader of files, with damaged files: read, or refused with faults that are of use.

`tests/fuzz/guided.py` does the same with many more, guided by what of the code they reach. What
either has found stands in `tests/fuzz/found`, named after its reader.
"""

from __future__ import annotations

import random
import resource
import signal
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from model.yamltree import Fault, PolicyError, Position
from tests.fuzz.damage import damaged, read, written
from tests.fuzz.readers import FOUND, READERS, Reader, survives, words

GIGABYTE = 1 << 30
STATM = Path("/proc/self/statm")


@pytest.fixture(autouse=True)
def _bounded() -> Iterator[None]:
    """A gigabyte of memory more than now, and a minute for an input: many times what is needed."""

    def stop(*_: object) -> None:
        raise TimeoutError("this takes too long")

    before = signal.signal(signal.SIGALRM, stop)
    limits = resource.getrlimit(resource.RLIMIT_AS)
    if STATM.exists():
        used = int(STATM.read_text().split()[0]) * resource.getpagesize()
        resource.setrlimit(resource.RLIMIT_AS, (used + GIGABYTE, limits[1]))
    yield
    resource.setrlimit(resource.RLIMIT_AS, limits)
    signal.alarm(0)
    signal.signal(signal.SIGALRM, before)


@cache
def trees(name: str) -> tuple[Any, ...]:
    """The trees of our own files of a kind."""
    return tuple(tree for data in READERS[name].begin() if (tree := read(data)) is not None)


@cache
def vocabulary(name: str) -> list[str]:
    return words(name)


EACH = pytest.mark.parametrize("name", READERS)


@EACH
def test_the_files_that_fuzzing_begins_with_are_good(name: str, tmp_path: Path) -> None:
    """What is damaged must be whole at first, or only its first fault would ever be seen."""
    path = tmp_path / "hostile.yaml"
    assert any(survives(name, path) for data in READERS[name].begin() if path.write_bytes(data))
    path.write_bytes(written(trees(name)[0]))
    assert survives(name, path), "written as JSON it is the same file"


@EACH
@settings(max_examples=120, deadline=None)
@given(seed=st.integers(0, 1 << 30))
def test_damaged_trees(name: str, seed: int, tmp_path_factory: pytest.TempPathFactory) -> None:
    """A seed shrinks to nothing simpler, but is a hundred times as fast as draws one by one."""
    chance, of = random.Random(seed), trees(name)
    path = tmp_path_factory.getbasetemp() / "hostile.yaml"
    signal.alarm(60)
    path.write_bytes(written(damaged(chance.choice(of), chance, vocabulary(name))))
    survives(name, path)


SCRAPS = st.one_of(
    st.binary(max_size=3), st.sampled_from(b"\t|\r\n|: |- |{|}|\"|'|#|&a |*a|!x ".split(b"|"))
)
CUTS = st.lists(
    st.tuples(st.integers(0, 10_000), st.integers(0, 40), SCRAPS), min_size=1, max_size=4
)


@EACH
@settings(max_examples=80, deadline=None)
@given(cuts=CUTS)
def test_damaged_bytes(
    name: str, cuts: list[tuple[int, int, bytes]], tmp_path_factory: pytest.TempPathFactory
) -> None:
    signal.alarm(60)
    data = next(READERS[name].begin())
    for at, length, scrap in cuts:
        at %= len(data) + 1
        data = data[:at] + scrap + data[at + length :]
    path = tmp_path_factory.getbasetemp() / "hostile.yaml"
    path.write_bytes(data)
    survives(name, path)


def test_what_was_found_stays_mended() -> None:
    for path in sorted(FOUND.glob("*-*")):
        survives(path.name.partition("-")[0], path)


@pytest.mark.parametrize(
    "error",
    [
        ValueError("not of a policy"),
        RecursionError(),
        PolicyError([]),
        PolicyError([Fault(Position("x.yaml", 1, 1), "", "wrong", "")]),
        PolicyError([Fault(Position("x.yaml", 0, 1), "", "wrong", "right")]),
        PolicyError([Fault(Position("x.yaml", 9, 1), "", "wrong", "right")]),
        PolicyError([Fault(Position("x.yaml", 1, 1), "", "\x1b[31m", "right")]),
    ],
    ids=["other", "depth", "no fault", "no remedy", "no line", "line past the end", "control"],
)
def test_a_reader_that_does_anything_else_is_noticed(
    error: Exception, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(path: Path) -> None:
        raise error

    monkeypatch.setitem(READERS, "policy", Reader(fails, ()))
    path = tmp_path / "x.yaml"
    path.write_text("a: b\n", encoding="utf-8")
    with pytest.raises((ValueError, RecursionError, AssertionError)):
        survives("policy", path)
