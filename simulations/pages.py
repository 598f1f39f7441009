"""Results as a notebook shows them: the sentence first, then tables, then what is assumed."""

from __future__ import annotations

import math
from collections.abc import Iterator

from model.cells import paragraph, table
from simulations.conclusions import PERCENT, bounds, change, conclusion, number
from simulations.figures import MEASURES
from simulations.paired import Interval
from simulations.results import Estimate
from simulations.sensitivity import Sensitivity, said
from simulations.studying import StudyResult
from simulations.trials import assumed_paths


def result_html(result: StudyResult) -> str:
    """What a study found: its sentence, its comparisons, and the figures of each arm."""
    return "".join(_result(result))


def _result(result: StudyResult) -> Iterator[str]:
    yield paragraph(result.study.question)
    yield paragraph(conclusion(result), strong=True)
    if result.differences:
        changes = [(str(d.wanted), change(d, result.study)) for d in result.differences]
        yield table("What changes", ("measure", "finding"), changes)
    arms = [{(e.measure, e.of): e for e in arm} for arm in result.estimates]
    keys = [k for k in dict.fromkeys(k for arm in arms for k in arm) if not k[1]]
    rows = [
        (measure, *(_cell(arm.get((measure, of))) for arm in arms), MEASURES[measure][1])
        for measure, of in keys
    ]
    columns = ("measure", *(arm.name for arm in result.study.arms), "what it is")
    yield table(f"Means, with {PERCENT} intervals", columns, rows)
    workloads = ", ".join(dict.fromkeys(t.workload.name for t in result.trials))
    yield paragraph(
        f"Workload: {workloads}; {len(assumed_paths(result.trials))} assumed numbers; "
        f"{result.replications} replications, seed {result.study.seed}."
    )


def _cell(e: Estimate | None) -> str:
    if e is None:
        return "–"
    value = number(e.mean, e.unit, e.half_width if e.half_width > 0 else 0)
    if e.low is None or e.low == e.high:
        return value
    return f"{value} ({bounds(Interval(e.mean, e.low, e.high, e.replications), e.unit)})"


def sensitivity_html(found: Sensitivity) -> str:
    """What a conclusion hangs on."""
    return "".join(_sensitivity(found))


def _sensitivity(found: Sensitivity) -> Iterator[str]:
    yield paragraph(found.sentence, strong=True)
    unit = found.conclusion.unit
    for title, effects in (("groups of numbers", found.groups), ("numbers", found.numbers)):
        if effects:
            rows = [
                (e.name, e.numbers, "–" if math.isnan(e.size) else f"{e.size:.3g} ± {e.half:.2g}")
                for e in effects[:12]
            ]
            what = f"Morris: {title}, the largest first"
            yield table(what, ("what", "numbers", f"mean absolute effect ({unit})"), rows)
    if found.shares:
        shares = [
            (s.path, f"{s.first:.2f} ± {s.first_half:.2f}", f"{s.total:.2f} ± {s.total_half:.2f}")
            for s in found.shares
        ]
        yield table("Sobol: share of the variance", ("assumption", "alone", "in total"), shares)
    if found.swings:
        swings = [
            (
                s.assumption.path, said(s.assumption.low, "number"),
                said(s.assumption.high, s.assumption.unit),
                f"{s.at_low.mean:.3g}", f"{s.at_high.mean:.3g}",
            )
            for s in found.swings
        ]  # fmt: skip
        columns = ("assumption", "lowest", "highest", "at its lowest", "at its highest")
        yield table(f"One at a time ({unit})", columns, swings)
    yield paragraph(f"{found.assumed} assumed numbers, {found.points} points, seed {found.seed}.")


__all__ = ["result_html", "sensitivity_html"]
