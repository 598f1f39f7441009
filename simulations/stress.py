"""The STRESS-DES form, filled from what was run.

STRESS-DES is a reporting guideline for discrete-event simulation of twenty items in six sections
(Monks, Currie, Onggo, Robinson, Kunc and Taylor 2019, Journal of Simulation 13). What the files
say is filled in; what they cannot say is left open, and counted.
"""

from __future__ import annotations

import platform
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from model.cells import table
from model.load import shown
from simulations.assumptions import sources
from simulations.conclusions import noun
from simulations.figures import MEASURES
from simulations.reading import SETTING
from simulations.results import versions
from simulations.study_tables import assumed
from simulations.studying import StudyResult
from simulations.trials import Trial
from simulations.workload import DAYS_A_YEAR, DISCIPLINES, HOURS_A_DAY, Distribution, quantities

OPEN = "To be filled in by whoever reports it."


class Item(NamedTuple):
    """One item of the form; `text` is empty where the files do not say."""

    number: str
    name: str
    text: str


@dataclass(frozen=True)
class Form:
    """A filled form; shows itself as a table."""

    items: tuple[Item, ...]

    @property
    def left(self) -> tuple[str, ...]:
        """The numbers of the items that nothing in the files answers."""
        return tuple(item.number for item in self.items if not item.text)

    def __str__(self) -> str:
        return "\n\n".join(f"{i.number} {i.name}\n{i.text or OPEN}" for i in self.items)

    def _repr_html_(self) -> str:
        rows = [(i.number, i.name, i.text or OPEN) for i in self.items]
        return table("STRESS-DES", ("item", "what", "answer"), rows)


def stress_form(
    result: StudyResult, purpose: str = "", machine: str = "", access: str = ""
) -> Form:
    """The form for a study and its result.

    `purpose` is why the model was built, `machine` where it ran and how long it took, and `access`
    where the files can be had: the files of a study do not say these.
    """
    return Form(tuple(_items(result, purpose, machine, access)))


def _items(result: StudyResult, purpose: str, machine: str, access: str) -> Iterator[Item]:
    study, trials = result.study, result.trials
    yield Item("1.1", "Purpose of the model", purpose)
    yield Item("1.2", "Model outputs", _outputs(result))
    yield Item("1.3", "Aims of experimentation", f"{study.question} {study.notes}".strip())
    yield Item("2.1", "Base model overview diagram", "; ".join(
        dict.fromkeys(f"drp draw {t.protocol.stem.partition('+')[0]}" for t in trials)
    ) + ": the ladder as a picture, with the paragraph of each step.")  # fmt: skip
    yield Item("2.2", "Base model logic", (
        "The state graph that the claims are proved on, walked move by move: "
        + "; ".join(dict.fromkeys(
            f"{t.protocol.stem}, ladder “{g.ladder.name}”, {len(g.states)} states and "
            f"{len(g.moves)} moves" for t in trials for g in t.graphs
        ))
        + ". A sample of the simulated disputes is replayed on it in every run."
    ))  # fmt: skip
    yield Item("2.3", "Scenario logic", " ".join(_scenario(t) for t in trials))
    yield Item("2.4", "Algorithms", (
        "Disputes come as a Poisson process at a rate for each child, whose number follows entries "
        "and exits. Officers serve in the order that their post keeps; a time that runs out takes "
        "an entry out of the queue. Shares by Kaplan and Meier, intervals of Student's t, "
        "differences by paired replications."
    ))  # fmt: skip
    yield Item("2.5.1", "Entities", _entities(trials))
    yield Item("2.5.2", "Activities", _activities(trials))
    yield Item("2.5.3", "Resources", _resources(trials))
    yield Item("2.5.4", "Queues", "; ".join(dict.fromkeys(
        f"{p.discipline}: {DISCIPLINES[p.discipline]}" for t in trials for p in t.authority.posts
    )) + ".")  # fmt: skip
    yield Item("2.5.5", "Entry and exit points", _entries(trials))
    yield Item("3.1", "Data sources", _sources(trials))
    yield Item("3.2", "Pre-processing", "None by the tool: a workload's numbers are used as its "
               "file gives them; how each was worked out stands beside it.")  # fmt: skip
    yield Item("3.3", "Input parameters", "; ".join(dict.fromkeys(
        f"{t.workload.name} (sha-256 {t.workload.digest[:12]}), "
        f"{len({q.path for q in quantities(t.workload) if q.path})} numbers, in "
        f"{shown(t.arm.workload)}" for t in trials
    )) + ".")  # fmt: skip
    yield Item("3.4", "Assumptions", _assumed(result))
    yield Item("4.1", "Initialisation", "; ".join(dict.fromkeys(
        f"{t.arm.name}: {t.warm_up.days} working days of warm-up ({t.warm_up.why})" for t in trials
    )) + ".")  # fmt: skip
    yield Item("4.2", "Run length", "; ".join(dict.fromkeys(
        f"{t.workload.horizon.value:,.0f} working days from {t.workload.start.isoformat()}, the "
        f"warm-up included (a year has {DAYS_A_YEAR}, a day {HOURS_A_DAY:g} hours)" for t in trials
    )) + ".")  # fmt: skip
    yield Item("4.3", "Estimation approach", _estimation(result))
    found = versions()
    yield Item("5.1", "Software or programming language", ", ".join(
        f"{name} {version}" for name, version in found.items()
    ) + ".")  # fmt: skip
    yield Item("5.2", "Random sampling", (
        f"Seed {study.seed}. Every draw is a pure function of seed, replication, authority, "
        "dispute, step and purpose, so all arms go through the same disputes; distributions by "
        "their quantiles, from scipy.stats."
    ))  # fmt: skip
    yield Item("5.3", "Model execution", (
        "Next event first, by whole ticks; events at one tick in one total order. Conservation, "
        "busy and free officers, Little's law and the sums of stays are checked in every run."
    ))  # fmt: skip
    yield Item("5.4", "System specification", machine or (
        f"{platform.system()} {platform.machine()}; the result does not depend on it."
    ))  # fmt: skip
    yield Item("6.1", "Computer model sharing statement", access)


def _outputs(result: StudyResult) -> str:
    said = [
        f"{noun(w)} ({MEASURES[w.measure][0]}): {MEASURES[w.measure][1]}"
        for w in result.study.measures
    ]
    return "; ".join(said) + "."


def _scenario(trial: Trial) -> str:
    arm, said = trial.arm, []
    for a in trial.protocol.amended:
        said.append(f"{a.title} ({', '.join(str(c) for c in a.changes)})")
    said += [f"{path} set to {value:g}" for path, value in arm.values]
    return f"“{arm.name}”: {'; '.join(said) or 'the protocol as it is written'}."


def _entities(trials: Sequence[Trial]) -> str:
    found = []
    for t in trials:
        kinds = ", ".join(
            f"{d.theme} ({d.severity}, {d.rate.value:g} {d.rate.unit})"
            for d in t.authority.disputes
        )
        found.append(f"{t.authority.name}: disputes about {kinds}")
    return "; ".join(dict.fromkeys(found)) + "."


def _activities(trials: Sequence[Trial]) -> str:
    found = []
    for t in trials:
        for r in t.authority.responses:
            found.append(f"{r.rung}, {r.severity}: lies for {_time(r.delay)}, work {_time(r.work)}")
    return "Answers, by rung and severity: " + "; ".join(dict.fromkeys(found)) + "."


def _time(d: Distribution) -> str:
    given = ", ".join(f"{name} {value:g}" for name, value in d.numbers.items())
    return f"{d.name} ({given}; {d.unit})" if given else f"{d.name} ({d.unit})"


def _resources(trials: Sequence[Trial]) -> str:
    found = []
    for t in trials:
        for p in t.authority.posts:
            found.append(
                f"{p.name} ({t.authority.name}): {p.number.value:g} at {p.hours.value:g} hours a "
                f"week, {p.leave.value:g} days of leave a year, vacant {p.vacancy.value:.0%}"
            )
    return "; ".join(dict.fromkeys(found)) + "."


def _entries(trials: Sequence[Trial]) -> str:
    raisers = dict.fromkeys(r for t in trials for g in t.graphs for r in g.raiser.values)
    ends = dict.fromkeys(
        s.name for t in trials for g in t.graphs for s in g.main if s.kind == "end"
    )
    return (
        f"Raised by {', '.join(raisers)}. Ended by: resolved, {', '.join(ends)}; or open at the "
        "horizon, and counted as such."
    )


def _sources(trials: Sequence[Trial]) -> str:
    cited = dict.fromkeys(s for t in trials for s in sources(t.workload) if s != SETTING)
    return "; ".join(cited) + "." if cited else "None: every number is assumed."


def _assumed(result: StudyResult) -> str:
    found = assumed(result)
    reasons = dict.fromkeys(a.reason for _, a in found)
    return f"{len(found)} numbers are assumed, each with a range. Reasons: {'; '.join(reasons)}."


def _estimation(result: StudyResult) -> str:
    study = result.study
    wanted = any(w.half_width is not None for w in study.measures)
    goal = (
        ", until the half-widths wanted were reached"
        if wanted and result.reached
        else ", without reaching all half-widths wanted"
        if wanted
        else ""
    )
    pairs = " Differences are paired by replication." if study.pairs else ""
    return (
        f"{result.replications} independent replications{goal} (at least {study.least}, at most "
        f"{study.most}).{pairs}"
    )


__all__ = ["Form", "Item", "stress_form"]
