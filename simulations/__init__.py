"""What a protocol does under a caseload.

    from simulations import compare, simulate

    simulate("islington")
    compare("islington", "silence-islington")

A `Workload` says who raises disputes and who answers them; `run_replication` walks the state graph
that the proofs walk, and `replay` accepts every trace. `simulations.plots` draws what was found,
`stress_form` writes it up, `examine` says what it hangs on. Nothing is loaded until it is used.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from simulations.asking import compare, examine, simulate
    from simulations.assumptions import Assumption, varied
    from simulations.conclusions import conclusion
    from simulations.engine import SimulatedDispute
    from simulations.faults import Broken, Overloaded
    from simulations.figures import MEASURES, Measure, ReplicationResult, measures
    from simulations.reading import load_workload, loads_workload
    from simulations.results import Estimate, Means, Provenance, Totals, table, write
    from simulations.run import WarmUp, check, loads, run_replication, traces, warm_up
    from simulations.sensitivity import Sensitivity
    from simulations.stress import Form, stress_form
    from simulations.study import Study
    from simulations.study_reading import load_study, loads_study
    from simulations.study_tables import save
    from simulations.studying import Difference, StudyResult, run_study
    from simulations.trials import prepared
    from simulations.workload import Authority, Distribution, Quantity, Workload

__all__ = [
    "MEASURES",
    "Assumption",
    "Authority",
    "Broken",
    "Difference",
    "Distribution",
    "Estimate",
    "Form",
    "Means",
    "Measure",
    "Overloaded",
    "Provenance",
    "Quantity",
    "ReplicationResult",
    "Sensitivity",
    "SimulatedDispute",
    "Study",
    "StudyResult",
    "Totals",
    "WarmUp",
    "Workload",
    "check",
    "compare",
    "conclusion",
    "examine",
    "load_study",
    "load_workload",
    "loads",
    "loads_study",
    "loads_workload",
    "measures",
    "prepared",
    "run_replication",
    "run_study",
    "save",
    "simulate",
    "stress_form",
    "table",
    "traces",
    "varied",
    "warm_up",
    "write",
]

_HOMES = {
    "asking": ("compare", "examine", "simulate"),
    "assumptions": ("Assumption", "varied"),
    "conclusions": ("conclusion",),
    "engine": ("SimulatedDispute",),
    "faults": ("Broken", "Overloaded"),
    "figures": ("MEASURES", "Measure", "ReplicationResult", "measures"),
    "reading": ("load_workload", "loads_workload"),
    "results": ("Estimate", "Means", "Provenance", "Totals", "table", "write"),
    "run": ("WarmUp", "check", "loads", "run_replication", "traces", "warm_up"),
    "sensitivity": ("Sensitivity",),
    "stress": ("Form", "stress_form"),
    "study": ("Study",),
    "study_reading": ("load_study", "loads_study"),
    "study_tables": ("save",),
    "studying": ("Difference", "StudyResult", "run_study"),
    "trials": ("prepared",),
    "workload": ("Authority", "Distribution", "Quantity", "Workload"),
}
_HOME_OF = {name: home for home, names in _HOMES.items() for name in names}


def __getattr__(name: str) -> Any:
    if name not in _HOME_OF:
        raise AttributeError(f"module “{__name__}” has no “{name}”")
    value = globals()[name] = getattr(import_module(f"{__name__}.{_HOME_OF[name]}"), name)
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
