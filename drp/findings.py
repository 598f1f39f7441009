"""What the commands of simulation print: the answer first, then the figures, then the doubts."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from drp.report import wrap
from model import harmless
from simulations.assumptions import Assumption
from simulations.conclusions import (
    PERCENT,
    bounds,
    change,
    conclusion,
    left_out,
    number,
    passed_on,
    still_open,
)
from simulations.figures import MEASURES
from simulations.paired import Interval
from simulations.results import Estimate, content
from simulations.study_tables import about, assumed, rows
from simulations.studying import Difference, StudyResult

ROWS = ("outcome", "highest rung", "days at rung", "utilisation")  # of several, told in the text


def text(result: StudyResult, brief: bool = False, every_assumption: bool = False) -> str:
    """The report for people; where it is brief, without the tables and the changes."""
    study = result.study
    lines = [*wrap(study.question, ""), "", *wrap(conclusion(result), ""), *_gain(result)]
    if not brief:
        if len(result.differences) > 1:
            lines += ["", *_comparisons(result)]
        lines += ["", *_figures(result)]
        if any(line.endswith("]") for line in lines):
            said = "[n]: in only n replications; in the others too few disputes ended"
            lines += wrap(said, "")
    if len(result.trials) < 3 or not brief:
        lines += ["", *_left(result)]
    lines += _loads(result)
    for sentence in dict.fromkeys([*passed_on(result), *left_out(result)]):
        lines += wrap(sentence, "", "  ")
    if study.notes:
        lines += ["", *wrap(study.notes, "")]
    lines += ["", *([] if brief else _changes(result)), *_assumed(result, every_assumption)]
    return "\n".join(lines)


def _gain(result: StudyResult) -> Iterator[str]:
    """What common random numbers gave to a single comparison."""
    if len(result.study.pairs) == 1 and result.differences[0].variance_ratio is not None:
        ratio = result.differences[0].variance_ratio
        yield from wrap(
            "Common random numbers: with independent runs the variance of the difference would be "
            f"{ratio:,.1f} times as large.",
            "",
        )


def _comparisons(result: StudyResult) -> Iterator[str]:
    """Every difference with its interval, and what common random numbers gave."""
    if len(result.study.pairs) == 1:
        for d in result.differences[1:]:
            yield from wrap(f"{change(d, result.study)}.", "", "  ")
        return
    yield from wrap(
        f"Differences with their {PERCENT} interval (of all of a measure together) and variance "
        "ratio: how many times as large the variance would be with independent runs.", ""
    )  # fmt: skip
    last = None
    for d in result.differences:
        if d.wanted != last:
            unit = "points" if d.unit == "share" else d.unit
            yield f"{d.wanted}, {unit}"
            last = d.wanted
        yield f"  {_short(_pair(d.arm, d.against), 56):56}{_changed(d)}"


def _pair(arm: str, base: str) -> str:
    """Both names; what they begin with alike is not said again."""
    words, others = arm.split(", "), base.split(", ")
    while len(others) > 1 and words[:1] == others[:1]:
        words, others = words[1:], others[1:]
    return f"{arm}, against {', '.join(others)}"


def _changed(d: Difference) -> str:
    found, ratio = d.interval, d.variance_ratio
    if found is None:
        return "   in no pair"
    if found.mean == found.half_width == 0:
        return "   the same in every replication"
    unit = "points" if d.unit == "share" else d.unit
    mean = number(found.mean, d.unit, found.half_width, change=True).removesuffix(unit).strip()
    return f"{mean:>11}  {f'({bounds(found, d.unit)})':20}{ratio or 0:>9,.1f}"


def _figures(result: StudyResult) -> Iterator[str]:
    """The arms side by side, or one arm with its intervals."""
    if len(result.trials) == 1:
        yield from _one(result)
    elif len(result.trials) == 2:
        yield from _two(result)
    else:
        yield from _many(result)


def _said(e: Estimate) -> str:
    return number(e.mean, e.unit, e.half_width if e.half_width > 0 else 0)


def _name(e: Estimate) -> str:
    return f"{e.measure} › {e.of}" if e.of else e.measure


def _chosen(estimates: Sequence[Estimate], result: StudyResult) -> list[Estimate]:
    """What the text tells, rungs in the order of the ladder."""
    rungs = [str(r) for t in result.trials for g in t.graphs for r in g.ladder.rungs]
    place = {rung: i for i, rung in enumerate(dict.fromkeys(rungs))}
    order = {name: i for i, name in enumerate(MEASURES)}
    told = [e for e in estimates if (not e.of or e.measure in ROWS) and e.of != "between rungs"]
    return sorted(told, key=lambda e: (order[e.measure], place.get(e.of, 99), e.of))


def _one(result: StudyResult) -> Iterator[str]:
    yield f"{'':52}{'mean':>26}  {PERCENT} interval"
    for e in _chosen(result.estimates[0], result):
        ends = "" if e.low is None else bounds(_interval(e), e.unit)
        yield f"{_short(_name(e), 52):52}{_said(e):>26}  {ends}{_few(e, result)}"


def _two(result: StudyResult) -> Iterator[str]:
    one, two = ({(e.measure, e.of): e for e in _chosen(arm, result)} for arm in result.estimates)
    names = [_short(arm.name, 22) for arm in result.study.arms]
    yield f"{'':48}{names[0]:>25} {names[1]:>25}"
    for key in dict.fromkeys([*one, *two]):
        cells = [
            f"{_said(arm[key])}{_few(arm[key], result)}" if key in arm else "–"
            for arm in (one, two)
        ]
        label = f"{key[0]} › {key[1]}" if key[1] else key[0]
        yield f"{_short(label, 48):48}{_short(cells[0], 25):>25} {_short(cells[1], 25):>25}"


def _many(result: StudyResult) -> Iterator[str]:
    """Each measure of the study in each arm."""
    for j, wanted in enumerate(result.study.measures):
        unit = MEASURES[wanted.measure][0]
        said = "" if unit == "share" else f", {unit}"
        yield f"{wanted}{said}"
        for i, arm in enumerate(result.study.arms):
            found = result.interval(i, j)
            if found is None:
                yield f"  {_short(arm.name, 50):50} none in any replication"
                continue
            mean = number(found.mean, unit, found.half_width)
            if unit != "share":
                mean = mean.removesuffix(unit).strip()
            ends = bounds(found, unit)
            few = f" [{found.replications}]" if found.replications < result.replications else ""
            line = f"  {_short(arm.name, 50):50}{mean:>14}  {f'({ends})' if ends else ''}{few}"
            yield line.rstrip()


def _left(result: StudyResult) -> Iterator[str]:
    """What is still open at the end, which a time to the end cannot tell."""
    if len(result.trials) < 3:
        for sentence in still_open(result):
            yield from wrap(sentence, "", "  ")
        return
    yield "open at the end of the run, and of these standing still (nobody would or may do more)"
    for trial, estimates in zip(result.trials, result.estimates, strict=True):
        means = {e.measure: e.mean for e in estimates if not e.of}
        left, still = means["open at the end"], means["standing still"]
        yield f"  {_short(trial.arm.name, 50):50}{left:>14.1f}  {still:.1f}"


def _few(e: Estimate, result: StudyResult) -> str:
    """How many replications have the figure, where not all do."""
    return "" if e.replications == result.replications else f" [{e.replications}]"


def _interval(e: Estimate) -> Interval:
    return Interval(e.mean, e.low, e.high, e.replications)


def _short(text: str, width: int) -> str:
    text = harmless.line(text)
    return text if len(text) <= width else text[: width - 1] + "…"


def _loads(result: StudyResult) -> Iterator[str]:
    """Posts to which more work comes than they have hours for."""
    for trial in result.trials:
        over = {post: share for post, share in trial.load.items() if share > 1}
        if over:
            yield from wrap(f"With “{trial.arm.name}”, {overload(over)}.", "", "  ")


def overload(load: dict[str, float]) -> str:
    """Which posts have too few hours, and by how much."""
    said = [
        f"{post} have no hours left for disputes"
        if share == float("inf")
        else f"{100 * share:.0f} % of the hours of {post} would be needed"
        for post, share in load.items()
        if share > 1
    ]
    return f"more work comes than there are hours for: {'; '.join(said)}"


def _changes(result: StudyResult) -> Iterator[str]:
    """What the arms change in a protocol, and set in a workload."""
    told: set[str] = set()
    for trial in result.trials:
        for done in trial.protocol.amended:
            if done.at.file not in told:
                told.add(done.at.file)
                ground = done.source or f"assumed: {done.assumed}"
                yield from wrap(f"amended: “{done.title}” ({done.at.file}) [{ground}]", "", "  ")
                for said in done.changes:
                    yield from wrap(f"- {said}", "  ", "  ")


def _assumed(result: StudyResult, every: bool) -> Iterator[str]:
    found = assumed(result)
    names = list(dict.fromkeys(name for name, _ in found))
    runs = f"{result.replications} replication{'' if result.replications == 1 else 's'}"
    yield from wrap(
        f"{runs}, seed {result.study.seed}; {len(found)} assumed numbers in "
        f"{', '.join(f'“{n}”' for n in names) or 'no workload'}: nothing published supports them, "
        "and no figure here is a finding about an authority"
        + ("." if every else " (all of them: --assumptions)."),
        "",
    )
    if every:
        for name, assumption in found:
            yield from _told(name if len(names) > 1 else "", assumption)


def _told(workload: str, assumption: Assumption) -> Iterator[str]:
    lead = f"{workload} › " if workload else ""
    yield from wrap(f"{lead}{assumption}", "  ", "  ")


def as_json(result: StudyResult) -> str:
    """One object: what `--out` writes as JSON, and the rows of the table."""
    said = {
        "still_open": list(still_open(result)),
        "passed_on": list(passed_on(result)),
        "left_out": list(left_out(result)),
    }
    return harmless.as_json({**about(result), **said, "rows": rows(result)})


def as_csv(result: StudyResult) -> str:
    """The table that `--out` writes as CSV."""
    return content(Path("table.csv"), rows(result)).decode().rstrip("\n")
