"""What a study found, in sentences: each with its interval and with what it hangs on.

Every sentence is made from the result; none is written beforehand.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence

from simulations import fit
from simulations.figures import MEASURES
from simulations.paired import Interval
from simulations.study import CONFIDENCE, Study, Wanted
from simulations.studying import Difference, StudyResult
from simulations.trials import assumed_paths
from simulations.workload import ANY

_NOUNS = {
    "raised": "the number of disputes raised",
    "within 20 working days": "the share of disputes that end within 20 working days",
    "child-days in dispute": "the days that children spend in disputes",
    "open": "the number of disputes open at one time",
    "open at the end": "the number of disputes open at the end",
    "standing still": "the number of disputes that stand still at the end",
    "could not be raised": "the share of disputes that the text gives no way to raise",
    "days": "the mean time of the disputes that end",
    "calendar days": "the mean time of the disputes that end",
    "days, median": "the median time to the end",
    "days, 90 %": "the time in which nine in ten end",
    "highest rung": "the share of ended disputes whose highest rung is “{of}”",
    "outcome": "the share of ended disputes with the end “{of}”",
    "days at rung": "the mean stay at “{of}”",
    "overdue": "the share of answers that do not come in time",
    "never answered": "the share of answers that never come",
    "referrals": "the number of referrals outside",
    "utilisation": "the share of the time of {of} that goes into disputes",
    "hours": "the work of {of}",
    "wait for a post": "the mean wait for {of}",
}


def noun(wanted: Wanted) -> str:
    """A measure as a sentence calls it."""
    return _NOUNS.get(wanted.measure, "“{said}”").format(of=wanted.of, said=wanted)


def number(value: float, unit: str, width: float = math.inf, *, change: bool = False) -> str:
    """A number with its unit, with as many digits as its interval leaves any sense."""
    if unit == "share":
        value, width = 100 * value, 100 * width
        unit = "points" if change else "%"
    decimals = 1
    if 0 < width < math.inf:
        decimals = min(4, max(0, 1 - math.floor(math.log10(width))))
    elif width and abs(value) >= 100:
        decimals = 0
    text = f"{value:,.{decimals}f}"
    text = text.removeprefix("-") if float(text.replace(",", "")) == 0 else text
    return f"{text.replace('-', '−')} {unit}".strip()


def bounds(interval: Interval, unit: str) -> str:
    """The two ends of an interval, without the unit; empty for one replication."""
    if interval.low is None or interval.high is None:
        return ""
    width = interval.half_width
    low, high = (_bare(end, unit, width) for end in (interval.low, interval.high))
    return f"{low} to {high}"


def _bare(value: float, unit: str, width: float) -> str:
    said = number(value, unit, width)
    return said.removesuffix("%" if unit == "share" else unit).strip()


def _count(count: int, one: str) -> str:
    return f"{count} {one}{'' if count == 1 else 's'}"


PERCENT = f"{100 * CONFIDENCE:.0f} %"


def _level(study: Study) -> str:
    """What the interval of a difference is called."""
    return f"{PERCENT} interval" + (" of all together" if len(study.pairs) > 1 else "")


def change(difference: Difference, study: Study) -> str:
    """What one comparison says, without its end stop."""
    arm, base = f"“{difference.arm}”", f"against “{difference.against}”"
    what, found = noun(difference.wanted), difference.interval
    if found is None:
        return f"{arm} {base}: no pair of replications has {what}"
    if found.low is None or found.high is None:
        said = number(found.mean, difference.unit, change=True)
        return f"{arm} changes {what} by {said} {base} (one replication, so without an interval)"
    if found.mean == found.half_width == 0:
        pairs = _count(found.replications, "replication")
        return f"{arm} changes {what} in none of {pairs} {base}"
    level = _level(study)
    pairs = _count(found.replications, "paired replication")
    width = found.half_width
    if found.excludes_none:
        verb = "raises" if found.mean > 0 else "lowers"
        low, high = sorted((abs(found.low), abs(found.high)))
        said = number(abs(found.mean), difference.unit, width, change=True)
        ends = f"{_bare(low, difference.unit, width)} to {_bare(high, difference.unit, width)}"
        return f"{arm} {verb} {what} by {said} {base} ({level} {ends}; {pairs})"
    ends = bounds(found, difference.unit)
    unit = "points" if difference.unit == "share" else difference.unit
    return f"{arm} is not seen to change {what} {base} ({level} {ends} {unit}; {pairs})"


def level(result: StudyResult, arm: int, measure: int = 0) -> str:
    """What one arm says by itself, without its end stop."""
    study = result.study
    wanted, name = study.measures[measure], study.arms[arm].name
    unit = MEASURES[wanted.measure][0]
    found = result.interval(arm, measure)
    if found is None:
        return f"no replication of “{name}” has {noun(wanted)}"
    said = number(found.mean, unit, found.half_width)
    if found.low is None:
        return f"with “{name}”, {noun(wanted)} is {said} (one replication, so without an interval)"
    ends, runs = bounds(found, unit), _count(found.replications, "replication")
    return f"with “{name}”, {noun(wanted)} is {said} ({PERCENT} interval {ends}; {runs})"


def conclusion(result: StudyResult) -> str:
    """The sentence that answers the question: its interval, and the assumptions it hangs on."""
    return f"{_upper(_answer(result))}; {hangs_on(result)}."


def _answer(result: StudyResult) -> str:
    study = result.study
    first = [d for d in result.differences if d.wanted == study.measures[0]]
    if not first:
        arms = range(len(study.arms))
        if len(study.arms) == 1:
            return level(result, 0)
        means = {i: found.mean for i in arms if (found := result.interval(i, 0)) is not None}
        if not means:
            return f"no replication has {noun(study.measures[0])}"
        low, high = min(means, key=means.__getitem__), max(means, key=means.__getitem__)
        return f"lowest {level(result, low)}; highest {level(result, high)}"
    if len(first) == 1:
        return change(first[0], study)
    return _several(first, study)


def _several(found: Sequence[Difference], study: Study) -> str:
    seen = [d for d in found if d.interval is not None and d.interval.excludes_none]
    up = sum(1 for d in seen if d.interval is not None and d.interval.mean > 0)
    alike = len(found) - len(seen)
    counts = {"raise": up, "lower": len(seen) - up}
    verbs = " and ".join(f"{n} {v}{'s' if n == 1 else ''}" for v, n in counts.items() if n)
    what = noun(found[0].wanted)
    rest = f"for {alike} no difference is seen" if alike else ""
    if not seen:
        return f"of {len(found)} comparisons none is seen to change {what} ({_widest(found)})"
    most = max(seen, key=_size)
    first = f"of {len(found)} comparisons {verbs} {what}"
    if max(counts.values()) == len(found):
        first = f"all {len(found)} comparisons {max(counts, key=counts.__getitem__)} {what}"
    parts = [first, rest]
    return f"{', and '.join(p for p in parts if p)}; the most: {change(most, study)}"


def _size(difference: Difference) -> float:
    return 0.0 if difference.interval is None else abs(difference.interval.mean)


def _widest(found: Sequence[Difference]) -> str:
    widths = [d.interval.half_width for d in found if d.interval is not None]
    if not widths or max(widths) == 0:
        return "in no replication"
    most = max(widths)
    return f"each to within {number(most, found[0].unit, most, change=True)}"


def hangs_on(result: StudyResult) -> str:
    """What a conclusion hangs on, and whether it is as sure as was asked for."""
    study = result.study
    count = len(assumed_paths(result.trials))
    said = f"it hangs on {_count(count, 'assumed number')}"
    touched = {path for arm in study.arms for path in arm.touched}
    chosen = {path for arm in study.arms for path, _ in arm.values} - touched
    if touched:
        said += f" and on what is varied ({_some(sorted(touched))})"
    if chosen:
        said += f" and on what is set ({_some(sorted(chosen))})"
    if not result.reached and any(w.half_width is not None for w in study.measures):
        said += f"; the precision asked for was not reached in {result.replications} replications"
    return said


def _some(paths: Sequence[str]) -> str:
    more = f" and {len(paths) - 3} more" if len(paths) > 3 else ""
    return ", ".join(paths[:3]) + more


def still_open(result: StudyResult) -> Iterator[str]:
    """For each arm, how much is still open at the end, and what stands still."""
    for i, (trial, totals) in enumerate(zip(result.trials, result.totals, strict=True)):
        means = {(e.measure, e.of): e.mean for e in totals.estimates(CONFIDENCE)}
        left, still = means.get(("open at the end", ""), 0.0), means.get(("standing still", ""), 0)
        years = trial.workload.horizon.value / 253
        if left < 0.05:
            continue
        counted = totals.raised / result.replications
        share = f"{100 * left / counted:.0f} %" if counted else "none"
        said = (
            f"With “{result.study.arms[i].name}”, {left:.1f} disputes are still open after "
            f"{years:.1f} years on average, {share} of those raised"
        )
        if still >= 0.05:
            said += f"; {still:.1f} of them stand still: nobody would or may do anything more"
        yield f"{said}."


def passed_on(result: StudyResult) -> Iterator[str]:
    """For each arm, whose work falls to the workload's post for anybody it does not name."""
    for i, trial in enumerate(result.trials):
        names = fit.passed_on(trial.authority, trial.protocol, trial.graphs)
        post = next((p.name for p in trial.authority.posts if ANY in p.holds), "")
        if names:
            yield (
                f"With “{result.study.arms[i].name}”, the work of {', '.join(names)} falls to "
                f"“{post}”: the workload names no post for them."
            )


def left_out(result: StudyResult) -> Iterator[str]:
    """For each arm, the children and the facts of its protocol that its workload does not have."""
    for arm, trial in zip(result.study.arms, result.trials, strict=True):
        kinds, facts = fit.left_out(trial.authority, trial.protocol, trial.graphs)
        if kinds:
            yield (
                f"With “{arm.name}”, no dispute is about {_listed(kinds)}: the workload has none."
            )
        if facts:
            yield (
                f"With “{arm.name}”, {_listed(facts)} is never so: the workload gives it no chance."
            )


def _listed(names: Iterable[str]) -> str:
    return ", ".join(f"“{name}”" for name in names)


def _upper(text: str) -> str:
    return text[:1].upper() + text[1:]


__all__ = [
    "PERCENT",
    "bounds",
    "change",
    "conclusion",
    "hangs_on",
    "left_out",
    "level",
    "noun",
    "number",
    "passed_on",
    "still_open",
]
