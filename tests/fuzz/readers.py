"""The readers of files that others wrote, each with what it must do with any bytes at all.

A file is read, or refused with faults that each say where, what is wrong and what would be right.
Nothing else may come of it: no other exception, no endless run, no gigabyte.
"""

from __future__ import annotations

import re
import tempfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import redirect_stdout
from dataclasses import dataclass
from functools import cache
from io import StringIO
from pathlib import Path
from unittest import mock

import yaml

from drp.cli import main
from drp.verifying import verify
from model.amend import amended, load_amendment
from model.casefile import load_cases
from model.cases import run_case
from model.harmless import is_hidden, shown
from model.load import load
from model.protocol import Protocol
from model.yamltree import Fault, PolicyError, Position
from simulations import trials
from simulations.fit import fit
from simulations.reading import load_workload
from simulations.study_reading import load_study

ROOT = Path(__file__).parent.parent.parent
SMALL = ROOT / "tests" / "policies" / "good.yaml"
SMALLEST = Path(__file__).parent / "one-rung.yaml"
FOUND = Path(__file__).parent / "found"


@dataclass(frozen=True)
class Reader:
    """How files of a kind are read, and files of that kind to begin with."""

    read: Callable[[Path], object]
    seeds: tuple[str, ...]
    made: Callable[[], Iterable[bytes]] = tuple

    def begin(self) -> Iterator[bytes]:
        yield from self.made()
        for pattern in self.seeds:
            for path in sorted(ROOT.glob(pattern)):
                yield path.read_bytes().replace(b"../../policies/good.yaml", b"good.yaml")


@cache
def _protocol(name: str) -> Protocol:
    return load(name)


def _amendment(path: Path) -> None:
    """An amendment of the small policy, which stands beside it."""
    base = path.parent / "good.yaml"
    if not base.exists():
        base.write_bytes(SMALL.read_bytes())
    load_amendment(path)
    amended(base, path)


def _cases(path: Path) -> None:
    for case in load_cases(path):
        run_case(_protocol("merton"), case)


def _workload(path: Path) -> None:
    fit(load_workload(path), _protocol("merton"))


def _study(path: Path) -> None:
    """A study; the policies that it names are read once, since they are no part of it."""
    with mock.patch.object(trials, "amended", _amended):
        load_study(path)


_amended = cache(amended)


def _certificate(path: Path) -> None:
    """A certificate of the smallest policy; refusing it is what it is for."""
    found = verify(path, [_protocol(str(SMALLEST))])
    if found.why:
        place = Position(path.name, 1, 1)
        raise PolicyError([Fault(place, "", shown(found.why), "have it written anew")])


@cache
def _certificates() -> tuple[bytes, ...]:
    with tempfile.TemporaryDirectory() as folder, redirect_stdout(StringIO()):
        main(["check", str(SMALLEST), "--brief", "--certificates", folder])
        return tuple(path.read_bytes() for path in sorted(Path(folder).iterdir()))


READERS = {
    "policy": Reader(load, ("tests/policies/good.yaml", "tests/policies/bad/*.yaml")),
    "amendment": Reader(
        _amendment, ("tests/fuzz/amendment.yaml", "tests/amendments/bad/*.yaml")
    ),
    "cases": Reader(_cases, ("tests/fuzz/cases.yaml",)),
    "workload": Reader(_workload, ("tests/workloads/good.yaml", "tests/workloads/bad/*.yaml")),
    "study": Reader(_study, ("tests/fuzz/study.yaml",)),
    "certificate": Reader(_certificate, (), _certificates),
}  # fmt: skip


def survives(name: str, path: Path) -> bool:
    """Whether a file is read; where it is refused, the faults must be of use."""
    try:
        READERS[name].read(path)
    except PolicyError as error:
        assert error.faults, "a file is refused, and nothing says why"
        for fault in error.faults:
            assert fault.at.file and fault.at.line >= 1 and fault.at.column >= 1, fault
            assert fault.wrong and fault.right, fault
            assert not any(map(is_hidden, str(fault))), ascii(str(fault))
        mine = [fault for fault in error.faults if fault.at.file.endswith(path.name)]
        lines = len(re.split(rb"\r\n|\r|\n", path.read_bytes())) + 1
        assert all(fault.at.line <= lines for fault in mine), error
        return False
    return True


def words(name: str) -> list[str]:
    """The words that files of a kind are made of."""
    found: set[str] = set()
    for data in READERS[name].begin():
        try:
            tokens = [t for t in yaml.scan(data.decode()) if hasattr(t, "value")]
        except (yaml.YAMLError, UnicodeDecodeError):
            continue
        found |= {str(t.value) for t in tokens if 0 < len(str(t.value).encode()) < 40}
    return sorted(found)
