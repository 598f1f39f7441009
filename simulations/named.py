"""Files by name: the stem of one of the repository's, or a path."""

from __future__ import annotations

from pathlib import Path

from model.load import AUTHORITIES, shown
from model.shapes import closest, nearest
from model.yamltree import Fault, PolicyError, Position
from simulations.reading import WORKLOADS

HERE = Path(__file__).parent
FOLDERS = {
    "policy file": AUTHORITIES,
    "amendment": HERE / "amendments",
    "workload": WORKLOADS,
    "study": HERE / "studies",
}


def stems(kind: str) -> list[str]:
    """The names of the repository's files of a kind."""
    return sorted(path.stem for path in FOLDERS[kind].glob("*.yaml"))


def found(kind: str, name: str, beside: Path | None = None) -> Path | None:
    """The file of a kind that a name means, or None.

    A stem means the repository's file; anything else is a path, from the folder `beside` or the
    current one.
    """
    if name in stems(kind):
        return FOLDERS[kind] / f"{name}.yaml"
    path = (beside or Path()) / name
    try:
        return path if path.is_file() else None
    except (OSError, ValueError):
        return None


def needed(kind: str, name: str) -> Path:
    """The file that a command's argument means; PolicyError if there is none."""
    path = found(kind, name)
    if path is not None:
        return path
    close = closest(name, stems(kind))
    right = f"did you mean “{close}”?" if close else "check the name"
    wrong = f"there is no such file, and no {kind} of this name here"
    raise PolicyError([Fault(Position(shown(Path(name)), 1, 1), "", wrong, right)])


def suggested(kind: str, name: str) -> str:
    """What would be right instead of a name that no file has."""
    return nearest(name, stems(kind))


def usual_workload(policy: Path) -> Path:
    """The workload of a policy file's name, or that of an authority of average size."""
    name = policy.stem if policy.stem in stems("workload") else "national"
    return FOLDERS["workload"] / f"{name}.yaml"


__all__ = ["FOLDERS", "found", "needed", "stems", "suggested", "usual_workload"]
