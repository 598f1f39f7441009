"""The result of a study as tidy tables, and all that is needed to run it again."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from model.files import save_all
from model.load import shown
from simulations.assumptions import Assumption, assumptions
from simulations.conclusions import conclusion
from simulations.figures import MEASURES
from simulations.results import SCHEMA_VERSION, content, json_bytes, versions
from simulations.study import CONFIDENCE, Study
from simulations.studying import StudyResult
from simulations.trials import Trial, assumed_paths

COLUMNS = {
    "arm": "the arm of the study",
    "against": "the arm that it is compared with; empty where the figure is the arm's own",
    "protocol": "the policy file, with the amendments of it",
    "workload": "the workload",
    "authority": "the authority of the workload",
    "measure": "what is measured; see `measures`",
    "of": "of which rung, outcome or post; empty where it is of all",
    "unit": "the unit of mean, low and high",
    "mean": "mean over replications, or mean difference",
    "low": "lower end of the interval of the mean; empty for one replication",
    "high": "upper end of the interval of the mean; empty for one replication",
    "replications": "how many replications, or pairs of them, have the figure",
    "confidence": "of this interval by itself; the differences of a measure hold together",
    "variance_ratio": "variance of the difference with independent runs, over that of the pairs; "
    "empty where it is no difference or is always the same",
}

REPLICATION_COLUMNS = {
    "arm": "the arm of the study",
    "replication": "its number, from 0",
    "measure": "what is measured",
    "of": "of which rung, outcome or post",
    "unit": "the unit of the value",
    "value": "its value; empty where the replication had no cases",
}


def rows(result: StudyResult) -> list[dict[str, Any]]:
    """Every figure of every arm, and then every difference, with the columns of `COLUMNS`."""
    found: list[dict[str, Any]] = []
    about: dict[str, dict[str, Any]] = {}
    for trial, estimates in zip(result.trials, result.estimates, strict=True):
        about[trial.arm.name] = {
            "protocol": trial.protocol.stem,
            "workload": trial.workload.name,
            "authority": trial.authority.name,
        }
        for e in estimates:
            found.append({
                "arm": trial.arm.name, "against": "", **about[trial.arm.name],
                "measure": e.measure, "of": e.of, "unit": e.unit,
                "mean": e.mean, "low": e.low, "high": e.high, "replications": e.replications,
                "confidence": CONFIDENCE, "variance_ratio": None,
            })  # fmt: skip
    for d in result.differences:
        if d.interval is None:
            continue
        i = d.interval
        found.append({
            "arm": d.arm, "against": d.against, **about[d.arm],
            "measure": d.wanted.measure, "of": d.wanted.of, "unit": d.unit,
            "mean": i.mean, "low": i.low, "high": i.high, "replications": i.replications,
            "confidence": d.confidence, "variance_ratio": d.variance_ratio,
        })  # fmt: skip
    return found


def replication_rows(result: StudyResult) -> list[dict[str, Any]]:
    """The measures of the study, replication by replication, with `REPLICATION_COLUMNS`."""
    return [
        {
            "arm": trial.arm.name, "replication": number, "measure": wanted.measure,
            "of": wanted.of, "unit": MEASURES[wanted.measure][0], "value": value,
        }
        for trial, arm in zip(result.trials, result.values, strict=True)
        for wanted, series in zip(result.study.measures, arm, strict=True)
        for number, value in enumerate(series)
    ]  # fmt: skip


def arm_about(trial: Trial) -> dict[str, Any]:
    """An arm: its files with their digests, and what is set in them."""
    load = trial.workload
    return {
        "name": trial.arm.name,
        "protocol": trial.protocol.stem,
        "policy_file": shown(trial.arm.protocol),
        "policy_digest": trial.protocol.digest,
        "amendments": [
            {"title": str(a.title), "file": shown(path), "digest": a.digest,
             "changes": list(a.changes)}
            for a, path in zip(trial.protocol.amended, trial.arm.amendments, strict=True)
        ],
        "workload": load.name,
        "workload_file": shown(trial.arm.workload),
        "workload_digest": load.digest,
        "authority": trial.authority.name,
        "set": dict(trial.arm.values),
        "varied": list(trial.arm.touched),
        "against": list(trial.arm.against),
        "start": load.start.isoformat(),
        "horizon_working_days": load.horizon.value,
        "readings": dict(load.readings),
        "warm_up_working_days": trial.warm_up.days,
        "warm_up_rule": trial.warm_up.why,
        "load": {name: share for name, share in trial.load.items() if share != float("inf")},
        "no_hours": [name for name, share in trial.load.items() if share == float("inf")],
    }  # fmt: skip


def study_about(study: Study) -> dict[str, Any]:
    return {
        "name": study.name,
        "question": study.question,
        "notes": study.notes,
        "digest": study.digest,
        "measures": [
            {"measure": w.measure, "of": w.of, "half_width": w.half_width, "relative": w.relative}
            for w in study.measures
        ],
        "seed": study.seed,
        "at_least": study.least,
        "at_most": study.most,
        "overload": study.overload,
    }


def assumed(result: StudyResult) -> list[tuple[str, Assumption]]:
    """What the result hangs on: the workload's name, and the assumed number."""
    kept = set(assumed_paths(result.trials))
    found: dict[tuple[str, str], Assumption] = {}
    for trial in result.trials:
        for assumption in assumptions(trial.workload):
            key = (trial.workload.name, assumption.path)
            if key in kept and assumption.path not in dict(trial.arm.values):
                found.setdefault(key, assumption)
    return [(name, assumption) for (name, _), assumption in found.items()]


def about(result: StudyResult) -> dict[str, Any]:
    """Everything that is needed to run a study again, and what its result rests on."""
    return {
        "schema_version": SCHEMA_VERSION,
        "study": study_about(result.study),
        "conclusion": conclusion(result),
        "replications": result.replications,
        "reached": result.reached,
        "confidence": CONFIDENCE,
        "arms": [arm_about(trial) for trial in result.trials],
        "versions": versions(),
        "assumed": [
            {"workload": name, "path": a.path, "value": a.value, "unit": a.unit, "low": a.low,
             "high": a.high, "why": a.reason}
            for name, a in assumed(result)
        ],
        "columns": COLUMNS,
        "replication_columns": REPLICATION_COLUMNS,
        "measures": {name: {"unit": u, "means": m} for name, (u, m) in MEASURES.items()},
    }  # fmt: skip


def save(result: StudyResult, folder: Path) -> tuple[Path, ...]:
    """Write the tables, as CSV and Parquet, and their JSON; all of them or none.

    OSError if they cannot be written.
    """
    name = result.study.name
    tables: Mapping[str, list[dict[str, Any]]] = {
        name: rows(result),
        f"{name}-replications": replication_rows(result),
    }
    files: dict[Path, bytes] = {}
    for stem, table in tables.items():
        for ending in (".csv", ".parquet"):
            path = folder / f"{stem}{ending}"
            files[path] = content(path, table)
    files[folder / f"{name}.json"] = json_bytes(about(result))
    save_all(files)
    return tuple(files)


__all__ = ["COLUMNS", "REPLICATION_COLUMNS", "about", "arm_about", "assumed", "replication_rows",
           "rows", "save", "study_about"]  # fmt: skip
