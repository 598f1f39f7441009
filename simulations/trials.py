"""From the arm of a study to what can be run: the protocol, its graphs, and the workload set."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path

from model.amend import amended
from model.graph import StateGraph
from model.protocol import Protocol
from simulations.assumptions import assumptions, varied
from simulations.faults import Overloaded
from simulations.figures import ReplicationResult
from simulations.fit import fit
from simulations.reading import load_workload
from simulations.run import WarmUp, loads, run_replication, warm_up
from simulations.study import Arm, Study
from simulations.workload import Authority, Workload


@dataclass(frozen=True, eq=False)
class Trial:
    """An arm that can be run; `load` is the work that comes, as a share of the hours, by post."""

    arm: Arm
    protocol: Protocol
    graphs: tuple[StateGraph, ...]
    workload: Workload
    authority: Authority
    warm_up: WarmUp
    load: dict[str, float]

    def run(self, seed: int, number: int) -> ReplicationResult:
        """One replication; Broken if the run contradicts itself."""
        return run_replication(
            self.graphs, self.workload, self.authority,
            seed=seed, number=number, warm_up=self.warm_up.days,
        )  # fmt: skip


@lru_cache(maxsize=64)
def _workload(path: Path, _changed: int) -> Workload:
    return load_workload(path)


def workload_of(path: Path) -> Workload:
    """A workload file, read once while it stays as it is."""
    return _workload(path, path.stat().st_mtime_ns)


def joined(arm: Arm) -> tuple[Protocol, Workload, tuple[StateGraph, ...]]:
    """The protocol and the workload of an arm, with the ladders that are run.

    PolicyError if one of the files is wrong, or if they do not go together.
    """
    protocol = amended(arm.protocol, *arm.amendments)
    workload = varied(workload_of(arm.workload), dict(arm.values))
    chosen = tuple(a for a in workload.authorities if a.name == arm.authority)
    workload = replace(workload, authorities=chosen)
    graphs = fit(workload, protocol)
    first = next(iter(protocol.ladders))  # to which disputes go that name no ladder
    return protocol, workload, tuple(sorted(graphs, key=lambda g: g.ladder.name != first))


def prepared(study: Study) -> tuple[Trial, ...]:
    """The arms of a study, ready to run; those of one horizon have the longest of their warm-ups.

    PolicyError if a file is wrong; Overloaded if one has too few hours, unless the study runs it.
    """
    trials: list[Trial] = []
    longest: dict[float, WarmUp] = {}
    for arm in study.arms:
        protocol, workload, graphs = joined(arm)
        authority = workload.authorities[0]
        load = loads(graphs, workload, authority, seed=study.seed)
        if not study.overload and any(share > 1 for share in load.values()):
            raise Overloaded(arm.name, load)
        start = warm_up(graphs, workload, authority, seed=study.seed)
        trials.append(Trial(arm, protocol, graphs, workload, authority, start, load))
        days = workload.horizon.value
        longest[days] = max(longest.get(days, start), start, key=lambda s: s.days)
    return tuple(replace(t, warm_up=longest[t.workload.horizon.value]) for t in trials)


def assumed_paths(trials: Iterable[Trial]) -> tuple[tuple[str, str], ...]:
    """The assumed numbers that the arms rest on: workload and path, each once.

    What an arm sets to a value of its own is not assumed any more, but chosen.
    """
    found: dict[tuple[str, str], None] = {}
    for trial in trials:
        chosen = dict(trial.arm.values)
        for assumption in assumptions(trial.workload):
            if assumption.path not in chosen:
                found[trial.workload.name, assumption.path] = None
    return tuple(found)


__all__ = ["Trial", "assumed_paths", "joined", "prepared", "workload_of"]
