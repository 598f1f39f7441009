"""Figures over replications, and tables of them on disk.

`Totals` adds replications up one by one, in the order of their numbers, and never grows with
them. A table on disk is a CSV or a Parquet file with a JSON file of the same name beside it, which
holds what is needed to run it again. Each file appears whole or not at all.
"""

from __future__ import annotations

import csv
import io
import math
import platform
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib import metadata
from pathlib import Path
from typing import Any, NamedTuple

from model import harmless
from model.files import save_all
from simulations.figures import MEASURES, Measure, ReplicationResult, measures
from simulations.workload import Workload, quantities

SCHEMA_VERSION = 1
SHARED = ("highest rung", "outcome")  # shares of a whole: what a replication does not name is 0


class Estimate(NamedTuple):
    """A figure over replications: mean and interval, which is of Student's t.

    `low` and `high` are None for fewer than two replications.
    """

    measure: str
    of: str
    unit: str
    mean: float
    low: float | None
    high: float | None
    replications: int

    @property
    def half_width(self) -> float:
        return math.inf if self.high is None else self.high - self.mean


class Means:
    """Running sums of figures, by name and what they are of."""

    def __init__(self) -> None:
        self._sums: dict[tuple[str, str, str], list[float]] = {}  # n, sum, sum of squares
        self._seen: Counter[str] = Counter()

    def add(self, figures: Iterable[Measure]) -> None:
        names = set()
        for name, of, unit, value in figures:
            sums = self._sums.setdefault((name, of, unit), [0, 0.0, 0.0])
            sums[0] += 1
            sums[1] += value
            sums[2] += value * value
            names.add(name)
        self._seen.update(names)

    def estimates(self, confidence: float = 0.95) -> tuple[Estimate, ...]:
        order = {name: i for i, name in enumerate(MEASURES)}
        found = []
        for (name, of, unit), (count, total, squares) in self._sums.items():
            n = self._seen[name] if name in SHARED else int(count)
            mean = total / n
            half: float | None = None
            if n > 1:
                variance = max(0.0, squares - total * total / n) / (n - 1)
                half = student(confidence, n - 1) * math.sqrt(variance / n)
            low, high = (None, None) if half is None else (mean - half, mean + half)
            found.append(Estimate(name, of, unit, mean, low, high, n))
        return tuple(sorted(found, key=lambda e: (order.get(e.measure, 99), e.of)))

    def state(self) -> dict[str, Any]:
        """Everything, for JSON; `Means.of` is the way back, to the last bit."""
        sums = [[*key, *(float(v).hex() for v in value)] for key, value in self._sums.items()]
        return {"sums": sums, "seen": dict(self._seen)}

    @classmethod
    def of(cls, state: Mapping[str, Any]) -> Means:
        made = cls()
        for name, of, unit, *sums in state["sums"]:
            made._sums[name, of, unit] = [float.fromhex(v) for v in sums]
        made._seen.update(state["seen"])
        return made


class Totals:
    """Replications of one authority, added up: figures, distributions, and the backlog by day."""

    def __init__(self) -> None:
        self.means = Means()
        self.replications = self.events = self.replayed = 0
        self.raised = self.ended = self.open = 0
        self.days: Counter[int] = Counter()
        self.calendar_days: Counter[int] = Counter()
        self.open_days: Counter[int] = Counter()
        self.open_sums: list[int] = []
        self.open_squares: list[int] = []

    def add(self, result: ReplicationResult) -> None:
        self.means.add(measures(result))
        self.replications += 1
        self.events += result.events
        self.replayed += result.replayed
        self.raised += result.raised + result.brought_back
        self.ended += result.ended
        self.open += result.open
        self.days.update(result.days)
        self.calendar_days.update(result.calendar_days)
        self.open_days.update(result.open_days)
        series = result.open_by_day
        if not self.open_sums:
            self.open_sums = [0] * len(series)
            self.open_squares = [0] * len(series)
        for day, value in enumerate(series):
            self.open_sums[day] += value
            self.open_squares[day] += value * value

    def estimates(self, confidence: float = 0.95) -> tuple[Estimate, ...]:
        return self.means.estimates(confidence)

    def backlog(self, confidence: float = 0.95) -> tuple[tuple[float, float, float], ...]:
        """Open processes at the end of each day: mean, and the interval of the mean."""
        n = self.replications
        found = []
        for total, squares in zip(self.open_sums, self.open_squares, strict=True):
            mean, half = total / n, math.inf
            if n > 1:
                variance = max(0, n * squares - total * total) / n / (n - 1)
                half = student(confidence, n - 1) * math.sqrt(variance / n)
            found.append((mean, mean - half, mean + half))
        return tuple(found)

    def state(self) -> dict[str, Any]:
        """Everything, for JSON; `Totals.of` is the way back, to the last bit."""
        plain = {name: value for name, value in vars(self).items() if name != "means"}
        plain |= {k: sorted(v.items()) for k, v in plain.items() if isinstance(v, Counter)}
        return {"means": self.means.state(), **plain}

    @classmethod
    def of(cls, state: Mapping[str, Any]) -> Totals:
        made = cls()
        for name, value in state.items():
            if name == "means":
                made.means = Means.of(value)
            elif isinstance(getattr(made, name), Counter):
                setattr(made, name, Counter({int(day): n for day, n in value}))
            else:
                setattr(made, name, value)
        return made


@lru_cache(maxsize=256)
def student(confidence: float, freedom: int) -> float:
    """The quantile of Student's t for an interval on both sides."""
    from scipy.stats import t

    return float(t.ppf(0.5 + confidence / 2, freedom))


# --- tables -----------------------------------------------------------------------------------

COLUMNS = {
    "authority": "the authority of the workload",
    "protocol": "the policy file and the ladder",
    "policy": "the policy, or the amendment of it",
    "workload": "the workload",
    "measure": "what is measured; see `measures`",
    "of": "of which rung, outcome or post; empty where it is of all",
    "unit": "the unit of mean, low and high",
    "mean": "mean over replications",
    "low": "lower end of the interval of the mean; empty for one replication",
    "high": "upper end of the interval of the mean; empty for one replication",
    "replications": "how many replications have the figure",
}

ROW_COLUMNS = {
    "dispute": "number in the replication, in the order in which disputes came up",
    "process": "1 for the first, and more where an agreement that was not kept was brought back",
    "severity": "severity, as the workload names it",
    "raiser": "who raised it",
    "began": "working day of the run on which it began",
    "ended": "working day of the run on which it ended; empty if it is open at the horizon",
    "outcome": "where it ended, or open",
    "highest": "the highest rung that it reached",
    "working_days": "working days from beginning to end",
    "calendar_days": "calendar days from beginning to end",
}


@dataclass(frozen=True)
class Provenance:
    """What a table came from: enough to run it again."""

    protocol: str
    policy: str
    policy_digest: str
    workload: Workload
    authority: str
    seed: int
    replications: int
    warm_up: int
    warm_up_rule: str
    confidence: float = 0.95

    def as_json(self) -> dict[str, Any]:
        load = self.workload
        assumed = [q for q in quantities(load) if q.is_assumed]
        return {
            "schema_version": SCHEMA_VERSION,
            "protocol": self.protocol,
            "policy": self.policy,
            "policy_digest": self.policy_digest,
            "workload": load.name,
            "workload_digest": load.digest,
            "authority": self.authority,
            "start": load.start.isoformat(),
            "horizon_working_days": load.horizon.value,
            "readings": dict(load.readings),
            "seed": self.seed,
            "replications": self.replications,
            "warm_up_working_days": self.warm_up,
            "warm_up_rule": self.warm_up_rule,
            "confidence": self.confidence,
            "versions": versions(),
            "assumed": [
                {"path": q.path, "value": q.value, "unit": q.unit, "low": q.low, "high": q.high,
                 "why": q.assumed}
                for q in assumed
            ],
            "columns": COLUMNS,
            "measures": {name: {"unit": u, "means": m} for name, (u, m) in MEASURES.items()},
        }  # fmt: skip


def versions() -> dict[str, str]:
    """What could change a result: Python and the packages that a run uses."""
    found = {"python": platform.python_version()}
    for package in ("drp-ladders", "simpy", "numpy", "scipy"):
        try:
            found[package] = metadata.version(package)
        except metadata.PackageNotFoundError:
            found[package] = "not installed"
    return found


def table(estimates: Sequence[Estimate], about: Provenance) -> list[dict[str, Any]]:
    """A tidy table, one figure in each row, with the columns of `COLUMNS`."""
    same = {
        "authority": about.authority,
        "protocol": about.protocol,
        "policy": about.policy,
        "workload": about.workload.name,
    }
    return [
        {
            **same,
            "measure": e.measure, "of": e.of, "unit": e.unit, "mean": e.mean, "low": e.low,
            "high": e.high, "replications": e.replications,
        }
        for e in estimates
    ]  # fmt: skip


def write(path: Path, rows: Sequence[Mapping[str, Any]], about: Mapping[str, Any]) -> None:
    """Write a table as CSV or Parquet, by the ending of `path`, and its JSON beside it.

    OSError if it cannot be written; what was there before is then still there.
    """
    save_all({path: content(path, rows), path.with_suffix(".json"): json_bytes(about)})


def json_bytes(value: Mapping[str, Any]) -> bytes:
    """A value as the bytes of a JSON file."""
    return f"{harmless.as_json(value)}\n".encode()


def content(path: Path, rows: Sequence[Mapping[str, Any]]) -> bytes:
    """The bytes of a table, as CSV or Parquet by the ending of `path`."""
    columns = list(rows[0]) if rows else list(COLUMNS)
    if path.suffix == ".csv":
        text = io.StringIO()
        writer = csv.DictWriter(text, columns, lineterminator="\n")
        writer.writeheader()
        writer.writerows({k: harmless.cell(v) for k, v in row.items()} for row in rows)
        return text.getvalue().encode()
    if path.suffix == ".parquet":
        return _parquet(rows, columns)
    raise ValueError(f"a table ends in .csv or .parquet, not in “{path.suffix}”")


def _parquet(rows: Sequence[Mapping[str, Any]], columns: Sequence[str]) -> bytes:
    import pyarrow
    from pyarrow import parquet

    made = pyarrow.table({name: [row.get(name) for row in rows] for name in columns})
    sink = pyarrow.BufferOutputStream()
    parquet.write_table(made, sink)
    return bytes(sink.getvalue())
