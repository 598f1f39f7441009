"""The recorded result of a study, beside it: what it found, value by value.

The record of `studies/NAME.yaml` is `studies/results/NAME.json`. It holds the measures of the study
for each replication, so that a few replications, run again, already show whether it still holds.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from model.files import folder, save
from simulations.conclusions import change, conclusion, level, still_open
from simulations.results import json_bytes, versions
from simulations.study import Study
from simulations.study_tables import study_about
from simulations.studying import StudyResult
from simulations.trials import Trial, assumed_paths


def record_of(study_file: Path) -> Path:
    """Where the result of a study file is recorded."""
    return study_file.parent / "results" / f"{study_file.stem}.json"


def as_record(result: StudyResult) -> dict[str, Any]:
    """A result as it is recorded."""
    study = result.study
    return {
        "schema_version": 1,
        "study": study_about(study),
        "conclusion": conclusion(result),
        "comparisons": [
            {
                "arm": d.arm,
                "against": d.against,
                "measure": str(d.wanted),
                "says": change(d, study),
                "mean": d.interval and d.interval.mean,
                "low": d.interval and d.interval.low,
                "high": d.interval and d.interval.high,
                "confidence": d.confidence,
                "variance_ratio": d.variance_ratio,
            }
            for d in result.differences
        ],
        "levels": [
            level(result, arm, measure)
            for measure in range(len(study.measures))
            for arm in range(len(study.arms))
        ],
        "still_open": list(still_open(result)),
        "replications": result.replications,
        "reached": result.reached,
        "assumed": len(assumed_paths(result.trials)),
        "versions": versions(),
        "arms": [
            {**arm_record(trial), "values": {
                str(wanted): list(series)
                for wanted, series in zip(study.measures, arm, strict=True)
            }}
            for trial, arm in zip(result.trials, result.values, strict=True)
        ],
    }  # fmt: skip


def arm_record(trial: Trial) -> dict[str, Any]:
    """What an arm was run with."""
    return {
        "name": trial.arm.name,
        "protocol": trial.protocol.stem,
        "policy_digest": trial.protocol.digest,
        "workload": trial.workload.name,
        "workload_digest": trial.workload.digest,
        "authority": trial.authority.name,
        "set": dict(trial.arm.values),
        "warm_up_working_days": trial.warm_up.days,
        "load": {name: share for name, share in trial.load.items() if share != float("inf")},
    }


def read(path: Path) -> dict[str, Any] | None:
    """A record, or None if there is none that can be read."""
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return found if isinstance(found, dict) and "arms" in found else None


def write(path: Path, result: StudyResult) -> None:
    """Record a result; OSError if it cannot be written."""
    folder(path.parent)
    text = json_bytes(as_record(result)).decode()
    text = re.sub(r"\[[^\[\]{}\"]*\]", lambda m: " ".join(m[0].split()), text)  # numbers in a row
    save(path, text)


def differs(recorded: dict[str, Any], result: StudyResult) -> list[str]:
    """What a result has otherwise than the record, in words; empty if nothing.

    What was found decides; that a file was changed since is told only where it was found otherwise,
    as what may be behind it (`inputs_differ`).
    """
    if [arm["name"] for arm in recorded["arms"]] != [arm.name for arm in result.study.arms]:
        return ["its arms are others now"]
    said = []
    if recorded["replications"] != result.replications:
        said.append(
            f"recorded with {recorded['replications']} replications, now {result.replications}"
        )
    said += values_differ(recorded, result)
    if not said and recorded["conclusion"] != conclusion(result):
        said.append(f"its conclusion was: {recorded['conclusion']}")
    return said + list(inputs_differ(recorded, result.study, result.trials)) if said else []


def inputs_differ(recorded: dict[str, Any], study: Study, trials: Sequence[Trial]) -> Iterator[str]:
    """Files, values and warm-ups that are others than when the record was made."""
    if recorded["study"]["digest"] != study.digest:
        yield "the study file was changed since"
    words = {
        "policy_digest": "another policy text",
        "workload_digest": "another workload",
        "set": "other values",
        "warm_up_working_days": "another warm-up",
    }
    for trial, then in zip(trials, recorded["arms"], strict=True):
        now = arm_record(trial)
        for key, what in words.items():
            if now[key] != then.get(key):
                yield f"“{trial.arm.name}” is run with {what} now"


def values_differ(recorded: dict[str, Any], result: StudyResult) -> Iterator[str]:
    """Replications whose values are not those recorded; those that only one has are passed over."""
    for arm, values in zip(recorded["arms"], result.values, strict=True):
        for wanted, series in zip(result.study.measures, values, strict=True):
            then = arm["values"].get(str(wanted), [])
            if not then:
                yield f"“{arm['name']}”, {wanted}: not recorded"
            for number, (a, b) in enumerate(zip(then, series, strict=False)):
                if a != b:
                    yield f"“{arm['name']}”, {wanted}, replication {number}: {a}, now {b}"
                    break


__all__ = ["as_record", "differs", "inputs_differ", "read", "record_of", "values_differ", "write"]
