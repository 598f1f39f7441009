"""A small workload for any ladder, put together in the tests."""

from __future__ import annotations

from datetime import date
from typing import Any

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
