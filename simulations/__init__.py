"""What a protocol does under a caseload.

    from model import graphs, load
    from simulations import Totals, run_replication

    ladders = graphs(load("islington"))
    totals = Totals()
    for number in range(20):
        totals.add(run_replication(ladders, workload, authority, seed=1, number=number))
    totals.estimates()

A `Workload` says who raises disputes and who answers them; `run_replication` walks the state graph
that the proofs walk, and `replay` accepts every trace. Nothing is loaded until it is used.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from simulations.conclusions import conclusion
    from simulations.engine import SimulatedDispute
    from simulations.faults import Broken, Overloaded
    from simulations.figures import MEASURES, Measure, ReplicationResult, measures
    from simulations.results import Estimate, Means, Provenance, Totals, table, write
    from simulations.run import WarmUp, check, loads, run_replication, traces, warm_up
    from simulations.study import Study
    from simulations.study_reading import load_study
    from simulations.study_tables import save
    from simulations.studying import StudyResult, run_study
    from simulations.trials import prepared
    from simulations.workload import Authority, Distribution, Quantity, Workload

__all__ = [
    "MEASURES",
    "Authority",
    "Broken",
    "Distribution",
    "Estimate",
    "Means",
    "Measure",
    "Overloaded",
    "Provenance",
    "Quantity",
    "ReplicationResult",
    "SimulatedDispute",
    "Study",
    "StudyResult",
    "Totals",
    "WarmUp",
    "Workload",
    "check",
    "conclusion",
    "load_study",
    "loads",
    "measures",
    "prepared",
    "run_replication",
    "run_study",
    "save",
    "table",
    "traces",
    "warm_up",
    "write",
]

_HOMES = {
    "conclusions": ("conclusion",),
    "engine": ("SimulatedDispute",),
    "faults": ("Broken", "Overloaded"),
    "figures": ("MEASURES", "Measure", "ReplicationResult", "measures"),
    "results": ("Estimate", "Means", "Provenance", "Totals", "table", "write"),
    "run": ("WarmUp", "check", "loads", "run_replication", "traces", "warm_up"),
    "study": ("Study",),
    "study_reading": ("load_study",),
    "study_tables": ("save",),
    "studying": ("StudyResult", "run_study"),
    "trials": ("prepared",),
    "workload": ("Authority", "Distribution", "Quantity", "Workload"),
}
_HOME_OF = {name: home for home, names in _HOMES.items() for name in names}


def __getattr__(name: str) -> Any:
    if name not in _HOME_OF:
        raise AttributeError(f"module “{__name__}” has no “{name}”")
    value = globals()[name] = getattr(import_module(f"{__name__}.{_HOME_OF[name]}"), name)
    return value
