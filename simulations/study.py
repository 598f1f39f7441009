"""A study: a question, the runs that answer it, and what is measured in them.

A study is a frozen value; `study_reading.py` makes it from a file, and the commands make it from
their arguments. Its arms are run on common random numbers, replication by replication, by
`studying.py`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from model.yamltree import Position

CONFIDENCE = 0.95
LEAST, MOST = 10, 100  # replications, where a study says nothing


@dataclass(frozen=True, slots=True, kw_only=True)
class Arm:
    """One of the runs of a study: a protocol, or an amendment of it, under a workload.

    `values` are set in the workload, by the paths of its numbers, before the run; `touched` are
    those of them that a factor sets. `against` are the names of the arms that this one is compared
    with. `authority` is one of the workload's.
    """

    name: str
    protocol: Path
    workload: Path
    authority: str
    amendments: tuple[Path, ...] = ()
    values: tuple[tuple[str, float], ...] = ()
    touched: tuple[str, ...] = ()
    against: tuple[str, ...] = ()
    at: Position | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class Wanted:
    """A measure that answers the question, with the half-width of its interval that is wanted.

    `of` is a rung, an outcome or a post where the measure is of one, and else empty. A measure
    without a half-width is told and not waited for. Where it is `relative`, the half-width is a
    share of the mean (of the arm that is compared with, in a comparison).
    """

    measure: str
    of: str = ""
    half_width: float | None = None
    relative: bool = False

    def __str__(self) -> str:
        return f"{self.measure} › {self.of}" if self.of else self.measure


@dataclass(frozen=True, slots=True, kw_only=True)
class Study:
    """A question and how it is answered; the first of `measures` answers it.

    Replications go on from `least` until each half-width is reached, and no further than `most`.
    With `overload`, arms are run in which more work comes than there are hours for. `digest` is
    that of the file's bytes, or empty.
    """

    name: str
    question: str
    measures: tuple[Wanted, ...]
    arms: tuple[Arm, ...]
    seed: int = 1
    least: int = LEAST
    most: int = MOST
    overload: bool = False
    notes: str = ""
    digest: str = ""
    at: Position | None = field(default=None, compare=False)

    @property
    def pairs(self) -> tuple[tuple[int, int], ...]:
        """The comparisons: the number of an arm, and of the one that it is compared with."""
        place = {arm.name: i for i, arm in enumerate(self.arms)}
        return tuple((i, place[base]) for i, arm in enumerate(self.arms) for base in arm.against)


__all__ = ["CONFIDENCE", "LEAST", "MOST", "Arm", "Study", "Wanted"]
