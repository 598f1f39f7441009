"""A workload as a model of its assumed numbers: the figure of each replication at a point."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from model.graph import StateGraph
from model.shapes import nearest
from simulations.assumptions import varied
from simulations.figures import MEASURES, measures
from simulations.results import SHARED
from simulations.run import run_replication
from simulations.sensitivity import Model
from simulations.workload import Workload


def simulated(
    policies: Sequence[Sequence[StateGraph]],
    workload: Workload,
    measure: str,
    of: str = "",
    *,
    place: int = 0,
    seed: int = 1,
    replications: int = 2,
    warm_up: int = 0,
) -> Model:
    """A measure of one policy, or of the first of two less that of the second.

    `policies` are the graphs of each (`fit` gives them), `place` is that of the authority in the
    workload. Every point has the same seed and replications, so that what is drawn is the same
    wherever the numbers are. The model raises ValueError where the measure has no cases.
    """
    if measure not in MEASURES:
        raise ValueError(f"there is no measure “{measure}”; {nearest(measure, MEASURES)}")
    if replications < 1:
        raise ValueError("give at least 1 replication")

    def figure(graphs: Sequence[StateGraph], load: Workload, number: int) -> float:
        authority = load.authorities[place]
        result = run_replication(
            graphs, load, authority, seed=seed, number=number, warm_up=warm_up, replayed=0
        )
        found = {m.of: m.value for m in measures(result) if m.name == measure}
        if of in found:
            return found[of]
        if measure in SHARED and found:
            return 0.0
        what = f"“{measure}”" + (f" of “{of}”" if of else "")
        known = f"; {nearest(of, sorted(found))}" if found and of not in found else ""
        raise ValueError(
            f"{what} has no cases in replication {number}{known or '; take a longer horizon'}"
        )

    def model(point: Mapping[str, float]) -> list[float]:
        load = varied(workload, possible(workload, point))
        found = []
        for number in range(replications):
            values = [figure(graphs, load, number) for graphs in policies]
            found.append(values[0] - values[1] if len(values) > 1 else values[0])
        return found

    return model


def possible(workload: Workload, point: Mapping[str, float]) -> dict[str, float]:
    """A point, with the chance of being partly satisfied cut to what being satisfied leaves."""
    found = dict(point)
    for authority in workload.authorities:
        for response in authority.responses:
            whole, part = response.satisfied, response.partly
            if part.path and (whole.path in found or part.path in found):
                left = 1 - found.get(whole.path, whole.value)
                if found.get(part.path, part.value) > left:
                    found[part.path] = max(0.0, left)
    return found


__all__ = ["possible", "simulated"]
