"""Runs asked for in a line, as in a notebook.

    simulate("islington")
    compare("islington", "silence-islington")
    compare("islington", "merton", workload="national")

Protocols, amendments and workloads are named as in the command: the stem of one of the
repository's files, or a path. What is wrong with them raises `PolicyError`, as reading a study
does.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from model.amend import bases
from model.yamltree import Table, read_file
from simulations import named
from simulations.assumptions import assumptions
from simulations.figures import MEASURES as FIGURES
from simulations.points import simulated
from simulations.sensitivity import Conclusion, Sensitivity, sensitivity
from simulations.study import Study
from simulations.study_reading import loads_study
from simulations.studying import StudyResult, run_study
from simulations.trials import prepared

MEASURES = ("within 20 working days", "days", "overdue", "child-days in dispute")


def simulate(
    protocol: str, *amendments: str, workload: str = "", replications: int = 20, seed: int = 1
) -> StudyResult:
    """Run a protocol, amended or not, under a workload (default: its own, or the national one)."""
    name = " + ".join([protocol, *amendments])
    return _run({name: _arm(protocol, amendments, workload)}, name, replications, seed)


def compare(
    base: str, *others: str, workload: str = "", replications: int = 20, seed: int = 1,
    measures: Sequence[str] = MEASURES,
) -> StudyResult:  # fmt: skip
    """What protocols or amendments change against a first one, on common random numbers.

    An amendment stands for the protocol that it amends, changed. Without a workload, each runs
    under that of its protocol if all are of one, and else all under the national one.
    """
    sides = {name: _side(name) for name in (base, *others)}
    if len({policy for policy, _ in sides.values()}) > 1:
        workload = workload or "national"
    arms = {name: _arm(policy, given, workload) for name, (policy, given) in sides.items()}
    for name in others:
        arms[name]["against"] = base
    return _run(arms, f"{', '.join(others)} against {base}", replications, seed, measures)


def examine(
    base: str, other: str, *, workload: str = "", measure: str = "days", of: str = "",
    among: str = "", replications: int = 8, screening: int = 1, seed: int = 1,
    trajectories: int = 4, samples: int = 16, top: int = 4, scanned: int = 8,
) -> Sensitivity:  # fmt: skip
    """What the difference of two policies hangs on: a measure of `other` less that of `base`.

    The screening has `screening` replications at each point; the rest is as in `sensitivity`.
    """
    sides = {name: _side(name) for name in (base, other)}
    if len({policy for policy, _ in sides.values()}) > 1:
        workload = workload or "national"
    arms = {name: _arm(policy, given, workload) for name, (policy, given) in sides.items()}
    trials = prepared(_study(arms, f"{other} against {base}", 2, seed, (measure,)))
    first, second = trials
    model, rough = (
        simulated(
            [second.graphs, first.graphs], first.workload, measure, of,
            seed=seed, replications=count, warm_up=first.warm_up.days,
        )
        for count in (replications, screening)
    )  # fmt: skip
    conclusion = Conclusion(measure, FIGURES[measure][0], other, base, of)
    return sensitivity(
        model, assumptions(first.workload), conclusion, screen=rough, seed=seed,
        among=among, trajectories=trajectories, samples=samples, top=top, scanned=scanned,
    )  # fmt: skip


def _side(name: str) -> tuple[str, tuple[str, ...]]:
    path = named.found("amendment", name)
    if name in named.stems("policy file") or path is None:
        return str(named.needed("policy file", name)), ()
    node, _ = read_file(path, None, [], "policy file or amendment")
    if isinstance(node, Table) and node.get("amends") is not None:
        return str(bases(path)[0]), (str(path),)
    return str(path), ()


def _arm(protocol: str, amendments: Sequence[str], workload: str) -> dict[str, Any]:
    policy = named.needed("policy file", protocol)
    load = named.needed("workload", workload) if workload else named.usual_workload(policy)
    arm: dict[str, Any] = {"protocol": str(policy.resolve()), "workload": str(load.resolve())}
    if amendments:
        arm["amendments"] = [str(named.needed("amendment", a).resolve()) for a in amendments]
    return arm


def _run(
    arms: dict[str, dict[str, Any]],
    name: str,
    replications: int,
    seed: int,
    measures: Sequence[str] = MEASURES,
) -> StudyResult:
    asked = _study(arms, name, replications, seed, measures)
    return run_study(asked, prepared(asked))


def _study(
    arms: dict[str, dict[str, Any]], name: str, replications: int, seed: int,
    measures: Sequence[str],
) -> Study:  # fmt: skip
    changes = len(arms) > 1
    body = {
        "question": f"What does {name} change?" if changes else f"What does {name} do?",
        "measures": {measure: "shown" for measure in measures},
        "arms": arms,
        "replications": {"at least": min(10, replications), "at most": replications},
        "seed": seed,
    }
    return loads_study(json.dumps(body, ensure_ascii=False), Path("notebook.yaml"))


__all__ = ["MEASURES", "compare", "examine", "simulate"]
