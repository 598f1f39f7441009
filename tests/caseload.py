"""A small workload for any ladder, put together in the tests."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from model.expand import graphs
from model.graph import StateGraph
from model.load import loads
from simulations.workload import (
    ANY,
    Approval,
    Authority,
    Children,
    Conduct,
    Disputes,
    Distribution,
    Outcome,
    Post,
    Quantity,
    Response,
    Severity,
    Workload,
    assume,
    constant,
)

WHY = "made up for a test"


def number(value: float, unit: str = "number") -> Quantity:
    return Quantity(value, unit, assumed=WHY)


def chance(value: float) -> Quantity:
    return number(value, "chance")


def exponential(mean: float, unit: str = "working days") -> Distribution:
    return Distribution("expon", (("scale", number(mean)),), unit, assumed=WHY)


def response(**more: Any) -> Response:
    given: dict[str, Any] = {
        "delay": exponential(2), "work": exponential(3, "hours"), "late": chance(0.15),
        "late_by": exponential(3), "silent": chance(0.1), "satisfied": chance(0.45),
        "partly": chance(0.15), "extension": chance(0.3), "divided": chance(0.2),
    }  # fmt: skip
    return Response(**(given | more))


def conduct(**more: Any) -> Conduct:
    given: dict[str, Any] = {
        "delay": exponential(1), "work": exponential(2, "hours"),
        "preparing": exponential(3, "hours"), "patience": exponential(1), "waits": constant(15),
        "gives_up": chance(0.05), "refers": chance(0.1), "refers_at_the_end": chance(0.5),
        "asks": chance(0.9), "skips": chance(0.2), "grants": chance(0.8), "advised": chance(0.1),
        "hands_over": chance(0.1), "brings_back": chance(0.8),
    }  # fmt: skip
    return Conduct(**(given | more))


def workload(rate: float = 0.3, days: int = 500, **more: Any) -> Workload:
    """All people in two posts: raisers by the names given, everybody else by `ANY`."""
    raisers = more.pop("raisers", ("IRO",))
    given: dict[str, Any] = {
        "children": (
            Children(
                kind=ANY,
                stock=number(300, "children"),
                entries=number(120, "a year"),
                exits=number(120, "a year"),
            ),
        ),
        "severities": (
            Severity(name="usual", urgency=0),
            Severity(name="urgent", urgency=1, facts=((ANY, chance(0.3)),)),
        ),
        "disputes": (
            Disputes(severity="usual", theme="plan", rate=number(rate, "per child-year")),
            Disputes(severity="urgent", theme="safety", rate=number(rate / 4, "per child-year")),
        ),
        "posts": (
            Post(
                name="IROs",
                holds=raisers,
                number=number(4, "people"),
                hours=number(6, "hours a week"),
                leave=number(28, "days a year"),
            ),
            Post(
                name="managers",
                holds=(ANY,),
                number=number(6, "people"),
                hours=number(5, "hours a week"),
                leave=number(28, "days a year"),
                vacancy=chance(0.1),
            ),
        ),
        "responses": (response(),),
        "conducts": (conduct(),),
        "approvals": (
            Approval(
                delay=exponential(2),
                work=exponential(1, "hours"),
                refuses=chance(0.2),
                silent=chance(0.1),
            ),
        ),
        "outcomes": (
            Outcome(
                kept=chance(0.8),
                carrying_out=exponential(10),
                receipt=exponential(0.5),
                handed_over=exponential(5),
                outside=exponential(10),
            ),
        ),
        "name": "Testshire",
    } | more
    return Workload(
        name="test",
        title="a workload for a test",
        start=date(2024, 1, 2),
        horizon=assume(days, "working days"),
        authorities=(Authority(**given),),
    )


def ladder(
    rungs: int = 3,
    window: str | Sequence[str] = "5 working days",
    silence: str = "{to: next rung, strength: may}",
    more: str = "",
) -> tuple[StateGraph, ...]:
    """A plain ladder of rungs `stage 1`, `stage 2` …, each with a manager of its own.

    One window is that of every rung.

    `more` are lines of the ladder that replace the silence of the text on extensions, skips and
    referrals; `silence` is what follows where nobody answers.
    """
    powers = {
        "skip": "unstated",
        "extension": "unstated",
        "withdraw": "unstated",
        "refer": "unstated",
        "advice": "unstated",
        "resolution": "unstated",
    }
    given = [line for line in more.splitlines() if line.strip()]
    powers |= dict(line.strip().split(": ", 1) for line in given)
    lines = [
        "authority: Ladder",
        "title: a plain ladder",
        "dated: March 2023",
        "missing: nothing",
        "people:",
        "  IRO: {side: raiser, role: IRO}",
        *(f"  {who}: {{{said}}}" for who, said in _BESIDE.items() if who in more),
        *(f"  Manager {i}: {{side: management}}" for i in range(1, rungs + 1)),
        "children:",
        '  child in care: {looked after: yes, source: "1"}',
        "ladders:",
        "  dispute:",
        "    kind: dispute",
        "    about: a problem with the care of a child",
        '    source: "1"',
        '    raised by: {who: IRO, for: child in care, up to: top, source: "1"}',
        '    start: {strength: may, source: "1"}',
        "    decide: {within: unstated, if missed: unstated, source: 1}",
        '    entry: {at rung: any rung, strength: may, source: "1"}',
        "    rungs:",
    ]
    for i in range(1, rungs + 1):
        lines += [
            f"      stage {i}:",
            f"        answers: Manager {i}",
            "        counts: formal",
            f"        within: {window if isinstance(window, str) else window[i - 1]}",
            "        if not satisfied: {to: next rung}",
            f"        if silent: {silence}",
            '        source: "1"',
        ]
    lines += [f"    {key}: {value}" for key, value in powers.items()]
    return graphs(loads("\n".join(lines) + "\n", "ladder.yaml"))


_BESIDE = {
    "CAFCASS": "side: outside, role: CAFCASS",
    "IRO Manager": "side: reviewing service, supervises: IRO",
}


def staffed(rungs: int, number_of: int = 1, **more: Any) -> dict[str, Any]:
    """Posts for `ladder`: so many managers at each stage, who have all their time for it."""
    posts = [post(f"stage {i}", (f"Manager {i}",), number_of, **more) for i in range(1, rungs + 1)]
    return {"posts": (post("IROs", ("IRO",), 50), *posts)}


def post(name: str, holds: tuple[str, ...], people: int, **more: Any) -> Post:
    given: dict[str, Any] = {
        "number": number(people, "people"),
        "hours": number(37.5, "hours a week"),
    } | more
    return Post(name=name, holds=holds, **given)
