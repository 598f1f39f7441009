"""What settings are put together from: workloads with a known law, and what is compared.

Work and patience are in working days; every officer has all hours for disputes unless it is said.
"""

from __future__ import annotations

from typing import Any

from caseload import constant, number, post, workload
from theory_runs import Comparison, Seen

from simulations.draws import TICKS_A_DAY as DAY
from simulations.draws import quantiles
from simulations.theory import Steady
from simulations.workload import (
    ANY,
    DAYS_A_YEAR,
    Approval,
    Children,
    Conduct,
    Disputes,
    Distribution,
    Outcome,
    Post,
    Response,
    Severity,
    Workload,
)

NEVER = constant(1_000_000)
STAYS = Conduct(waits=NEVER)  # a raiser who waits for the answer, however long
SKIP = 'skip: {to: any later rung, from: any rung, source: "1"}'
RESOLVED, GIVEN_UP, EXHAUSTED = "resolved", "given up", "the ladder is exhausted"


def few(days: int, rate: float, posts: tuple[Post, ...], **more: Any) -> Workload:
    """`rate` disputes a working day, raised by `iros` and answered by some posts."""
    given: dict[str, Any] = {
        "children": (Children(kind=ANY, stock=number(DAYS_A_YEAR, "children")),),
        "severities": (Severity(name="usual"),),
        "disputes": (
            Disputes(severity="usual", theme="any", rate=number(rate, "per child-year")),
        ),
        "posts": (more.pop("iros", None) or post("IROs", ("IRO",), 50), *posts),
        "conducts": (STAYS,), "approvals": (Approval(),), "outcomes": (Outcome(),),
    }  # fmt: skip
    return workload(days=days, **(given | more))


def stages(*officers: int) -> tuple[Post, ...]:
    return tuple(post(f"stage {i}", (f"Manager {i}",), n) for i, n in enumerate(officers, 1))


def answers(work: Distribution, stage: int = 0, **more: Any) -> Response:
    return Response(rung=f"stage {stage}" if stage else ANY, work=work, **more)


def some(name: str, **parameters: float) -> Distribution:
    given = tuple((k, number(v)) for k, v in parameters.items())
    return Distribution(name, given, "working days", assumed="made up for a test")


def moments(of: Distribution) -> tuple[float, float]:
    """The mean and the mean square of a distribution as it is drawn from, in working days.

    In a cell of its table a quantile is a straight line, so that Simpson's rule is exact.
    """
    table = quantiles(of)
    if table.always is not None:
        return table.always / DAY, (table.always / DAY) ** 2
    cells = [(i / 1024, 1 / 1024) for i in range(1023)]
    cells += [((1023 + j / 1024) / 1024, 1 / 1024**2) for j in range(1024)]
    mean = square = 0.0
    for low, width in cells:
        a, b = table.at(low) / DAY, table.at(low + width / 2) / DAY
        mean += b * width
        square += (a * a + 4 * b * b + (2 * b - a) ** 2) / 6 * width
    return mean, square


# --- what is compared -------------------------------------------------------------------------


def waiting(exact: float, of: str = "stage 1") -> Comparison:
    what = f"waiting, {of}"
    return Comparison(what, exact, lambda s: (s.result.posts[of].waited / DAY, s.span))


def busy(exact: float, of: str = "stage 1") -> Comparison:
    what = f"officers at work, {of}"
    return Comparison(what, exact, lambda s: (s.result.posts[of].worked / DAY, s.span))


def all_busy(exact: float, *officers: int) -> Comparison:
    what = "all officers busy" + (", at all stages at once" if len(officers) > 1 else "")

    def full(*here: int) -> bool:
        return all(n >= c for n, c in zip(here, officers, strict=True))

    return Comparison(what, exact, lambda s: s.share(full))


def outcome(exact: float, name: str) -> Comparison:
    return Comparison(f"share: {name}", exact, lambda s: s.of_rows(lambda r: r["outcome"] == name))


def there(exact: float) -> Comparison:
    return Comparison("open disputes", exact, lambda s: (s.result.open_area / DAY, s.span))


def days(exact: float, severity: str = "") -> Comparison:
    """Days from that of the beginning to that of the end, as the tool tells them.

    Their mean is that of the time, if the time does not depend on the moment of the day.
    """

    def of(seen: Seen) -> tuple[float, float]:
        rows = [r for r in seen.rows if severity in ("", r["severity"])]
        return sum(r["working_days"] for r in rows), len(rows)

    return Comparison("days to the end" + (severity and f", {severity}"), exact, of)


def within(exact: float, most: int) -> Comparison:
    what = "ended the same day" if most == 0 else f"ended within {most} working days"
    return Comparison(what, exact, lambda s: s.of_rows(lambda r: r["working_days"] <= most))


def at_post(steady: Steady, officers: int) -> tuple[Comparison, ...]:
    return waiting(steady.waiting), busy(steady.busy), all_busy(steady.all_busy, officers)
