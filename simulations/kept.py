"""What a study has run so far, on disk, so that it can be stopped and gone on with.

One line of JSON for each replication, written through to the disk before the next one begins. A
line that was cut off is dropped. The file's name has the key of the study in it: a digest of all
that a replication depends on, so that what was run of another study is never taken for it.
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
import os
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from model.load import AUTHORITIES
from simulations.figures import PostTimes, ReplicationResult
from simulations.results import versions
from simulations.study import Study
from simulations.trials import Trial

_HISTOGRAMS = ("days", "calendar_days", "open_days", "open_calendar_days")
_SOURCES = (AUTHORITIES.parent, Path(__file__).parent)


def as_plain(result: ReplicationResult) -> dict[str, Any]:
    """A replication as JSON takes it."""
    plain = {f.name: getattr(result, f.name) for f in dataclasses.fields(result)}
    plain |= {name: sorted(plain[name].items()) for name in _HISTOGRAMS}
    plain["posts"] = {name: dataclasses.astuple(post) for name, post in result.posts.items()}
    return plain


def as_result(plain: Mapping[str, Any]) -> ReplicationResult:
    """The replication again, to the last bit."""
    values = dict(plain)
    values |= {name: dict(map(tuple, values[name])) for name in _HISTOGRAMS}
    values["posts"] = {name: PostTimes(*post) for name, post in values["posts"].items()}
    values["open_by_day"] = tuple(values["open_by_day"])
    values["rows"] = tuple(values["rows"])
    return ReplicationResult(**values)


def code_digest() -> str:
    """A digest of the program itself: the sources that a replication goes through."""
    digest = hashlib.sha256()
    for folder in _SOURCES:
        for path in sorted(folder.rglob("*.py")):
            digest.update(path.relative_to(folder.parent).as_posix().encode() + b"\0")
            digest.update(path.read_bytes() + b"\0")
    return digest.hexdigest()


def key_of(study: Study, trials: Sequence[Trial]) -> str:
    """A digest of all that the replications depend on; how many there will be is not part of it."""
    about = {
        "seed": study.seed,
        "arms": [
            [t.protocol.digest, t.workload.digest, t.authority.name, list(t.arm.values),
             t.warm_up.days]
            for t in trials
        ],
        "versions": versions(),
        "code": code_digest(),
    }  # fmt: skip
    return hashlib.sha256(json.dumps(about, sort_keys=True).encode()).hexdigest()


class Kept:
    """The replications of a study that are done, in the order of their numbers.

    OSError where the file cannot be written.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.done: list[tuple[ReplicationResult, ...]] = []
        length = 0
        flags = os.O_RDWR | os.O_CREAT | getattr(os, "O_NOFOLLOW", 0)
        self._file = os.open(path, flags, 0o666)
        for line in path.read_bytes().splitlines(keepends=True):
            if not line.endswith(b"\n"):
                break
            try:
                self.done.append(tuple(as_result(plain) for plain in json.loads(line)))
            except (ValueError, TypeError, KeyError):
                break
            length += len(line)
        os.ftruncate(self._file, length)  # what was cut off
        self._length = length

    def add(self, results: Iterable[ReplicationResult]) -> None:
        """Keep the arms of one more replication; afterwards it is on the disk."""
        text = json.dumps([as_plain(result) for result in results], separators=(",", ":"))
        line = text.encode() + b"\n"
        try:
            written = 0
            while written < len(line):
                written += os.pwrite(self._file, line[written:], self._length + written)
            os.fsync(self._file)
        except OSError as error:
            os.ftruncate(self._file, self._length)
            raise OSError(error.errno, error.strerror, str(self.path)) from None
        self._length += len(line)

    def close(self) -> None:
        if self._file >= 0:
            os.close(self._file)
            self._file = -1

    def forget(self) -> None:
        """Take the file away: what it kept is in the results now."""
        self.close()
        self.path.unlink(missing_ok=True)


__all__ = ["Kept", "as_plain", "as_result", "code_digest", "key_of"]
