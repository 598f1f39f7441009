"""What a workload says, as frozen values: children, raisers, officers, times and chances.

Nothing here reads a file. Every number is a `Quantity` that knows where it comes from; what a
workload does not name falls to its entry for `ANY` ("any other"), and what has no such entry to
the default of the field, so one workload runs any ladder. Rungs, people, kinds of child and facts
are matched by the names of the policy file.

Hours are hours of work on disputes; a working day has `HOURS_A_DAY` of them. A chance is between
0 and 1. Rates are per year of `DAYS_A_YEAR` working days.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, fields, is_dataclass, replace
from datetime import date
from typing import Any, TypeVar

from model.yamltree import Position

T = TypeVar("T")
D = TypeVar("D")

ANY = "any other"
TOP = "the top rung"  # of this raiser
INFORMAL = "any informal rung"
LOOKED_AFTER = "any looked after child"
OTHER_CHILD = "any child not looked after"
ABOUT = "any fact about "  # and then what it is about, as the policy file has it
HOURS_A_DAY = 7.5
DAYS_A_WEEK = 5
DAYS_A_YEAR = 253  # 365 or 366 days less weekends and eight bank holidays, rounded

UNITS = {
    "children": "a number of children",
    "people": "a number of posts",
    "a year": "how many in a year",
    "per child-year": "how many in a year for each child",
    "hours": "hours of work",
    "hours a week": "hours of work in each week",
    "hours per child-year": "hours of work in a year for each child",
    "working days": "working days",
    "days a year": "working days in each year",
    "chance": "between 0 and 1",
    "weight": "0 or more; only its share of the sum counts",
    "number": "a plain number, such as a parameter of a distribution",
}

DISCIPLINES = {
    "first come": "who has waited longest",
    "most urgent": "the gravest severity, then who has waited longest",
    "nearest deadline": "the window that ends first, then who has waited longest",
}


@dataclass(frozen=True, slots=True)
class Quantity:
    """A number with its unit, and its source or the reason for which it is assumed.

    `low` and `high` bound what is assumed; a quantity with a source may have them too. `path` is
    its place in the workload in words (`posts › Team Manager › hours`), unique in it.
    """

    value: float
    unit: str
    source: str = ""
    assumed: str = ""
    low: float | None = None
    high: float | None = None
    path: str = ""
    at: Position | None = field(default=None, compare=False)

    @property
    def is_assumed(self) -> bool:
        return not self.source


def assume(value: float, unit: str, reason: str = "a default of the tool") -> Quantity:
    """A quantity that nothing supports, without a range."""
    return Quantity(value, unit, assumed=reason)


@dataclass(frozen=True, slots=True)
class Distribution:
    """How long something takes.

    `name` is `constant` (parameter `value`), `table` (an empirical table), or the name of a
    continuous distribution of scipy.stats with its own parameters by name (`s`, `a`, `loc`,
    `scale` …). `unit` is `working days` or `hours`. A table is (value, weight) pairs, from the
    smallest value up; a value is drawn with its share of the weight. Draws below 0 count as 0.
    """

    name: str
    parameters: tuple[tuple[str, Quantity], ...] = ()
    unit: str = "working days"
    table: tuple[tuple[float, float], ...] = ()
    source: str = ""
    assumed: str = ""
    at: Position | None = field(default=None, compare=False)

    @property
    def numbers(self) -> dict[str, float]:
        return {name: quantity.value for name, quantity in self.parameters}


def constant(value: float, unit: str = "working days", reason: str = "") -> Distribution:
    """Always the same time."""
    given = (("value", assume(value, "number", reason or "a default of the tool")),)
    return Distribution("constant", given, unit, assumed=reason or "a default of the tool")


AT_ONCE = constant(0, "working days")
NO_WORK = constant(0, "hours")
TWENTY_DAYS = constant(20)
NEVER = assume(0, "chance")
ALWAYS = assume(1, "chance")


@dataclass(frozen=True, slots=True, kw_only=True)
class Children:
    """Children of one kind: how many at the start, and how many come and go in a year."""

    kind: str  # the name of the policy file, or ANY: it then stands for each kind not named
    stock: Quantity
    entries: Quantity = field(default_factory=lambda: assume(0, "a year"))
    exits: Quantity = field(default_factory=lambda: assume(0, "a year"))
    at: Position | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Severity:
    """How grave a dispute is.

    The gravest has the highest `urgency`. `facts` are the chances that a fact of the case is so, by
    the policy file's name, by what it is about (`ABOUT`), or of `ANY` fact.
    """

    name: str
    urgency: int = 0
    facts: tuple[tuple[str, Quantity], ...] = ()
    at: Position | None = field(default=None, compare=False)

    def chance(self, fact: str, about: str) -> float:
        """The chance that a fact is so: by its name, else by what it is about, else of `ANY`."""
        said = dict(self.facts)
        named = (said[name].value for name in (fact, f"{ABOUT}{about}", ANY) if name in said)
        return next(named, 0.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Disputes:
    """Disputes of one severity and theme about one kind of child: how often they are raised."""

    severity: str
    theme: str
    rate: Quantity  # per child-year
    child: str = ANY  # a kind of child, or ANY kind that the ladder takes
    ladder: str = ""  # a ladder of the protocol; empty for its first
    raiser: str = ANY  # who raises it; ANY for whoever may raise it for such a child
    at: Position | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Post:
    """Officers, or raisers, who do the same work: how many, and the time that they have for it.

    `holds` are people of the policy file, or `ANY`; one post may answer at several rungs and in
    several ladders, and hold a raiser's part too. `hours` a week are those of one person, `duties`
    are taken from them, and so are `per_child` hours for each child per year, shared by all who
    hold the post. A person is away on leave `leave` days a year, in spells of `spell` days; a post
    is vacant for the share `vacancy` of the time, `filling` days each time.
    """

    name: str
    holds: tuple[str, ...]
    number: Quantity
    hours: Quantity
    duties: Quantity = field(default_factory=lambda: assume(0, "hours a week"))
    per_child: Quantity = field(default_factory=lambda: assume(0, "hours per child-year"))
    leave: Quantity = field(default_factory=lambda: assume(0, "days a year"))
    spell: Quantity = field(default_factory=lambda: assume(5, "working days"))
    vacancy: Quantity = field(default_factory=lambda: assume(0, "chance"))
    filling: Quantity = field(default_factory=lambda: assume(60, "working days"))
    discipline: str = "first come"
    at: Position | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Response:
    """How the officer at a rung answers a dispute of a severity.

    The matter lies for `delay`, waits for an officer, and takes `work`. With the chance `silent`
    nobody ever answers there; with the chance `late` it lies for the window and for `late_by`
    more. More time is asked for with the chance `extension`, each time that it may be. Those who
    answer together do not agree with the chance `divided`.
    """

    rung: str = ANY
    severity: str = ANY
    delay: Distribution = AT_ONCE
    work: Distribution = NO_WORK
    late: Quantity = NEVER
    late_by: Distribution = AT_ONCE
    silent: Quantity = NEVER
    satisfied: Quantity = ALWAYS
    partly: Quantity = NEVER
    extension: Quantity = NEVER
    divided: Quantity = NEVER
    at: Position | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Conduct:
    """What a raiser does, by severity: diligence, patience, and choice.

    Each step lies for `delay` and takes `work` of the raiser's own time; raising takes `preparing`
    of it. Where nobody has answered in time, the raiser first waits `patience` more for a late
    answer. Where no time is stated at all, the raiser waits `waits` before doing what else may be
    done. Instead of going on, the raiser gives up (or withdraws, where the ladder says so) with
    the chance `gives_up`, and refers it with the chance `refers`; a way that asks somebody's leave
    is tried with the chance `asks`. With the chance `skips` a rung is passed over where it may be.
    `first` are the weights of the rungs at which the raiser may begin; without a weight for any of
    them the lowest is taken. More time is granted with the chance `grants`, legal advice taken with
    the chance `advised`, and a dispute handed over with the chance `hands_over`.
    """

    raiser: str = ANY
    severity: str = ANY
    delay: Distribution = AT_ONCE
    work: Distribution = NO_WORK
    preparing: Distribution = NO_WORK
    patience: Distribution = AT_ONCE
    gives_up: Quantity = NEVER
    refers: Quantity = NEVER  # at each decision after a rung that did not satisfy
    refers_at_the_end: Quantity = NEVER  # where the top rung, too, has failed
    asks: Quantity = ALWAYS
    skips: Quantity = NEVER
    first: tuple[tuple[str, Quantity], ...] = ()
    grants: Quantity = ALWAYS
    advised: Quantity = NEVER
    hands_over: Quantity = NEVER
    brings_back: Quantity = ALWAYS
    waits: Distribution = TWENTY_DAYS
    at: Position | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Approval:
    """How somebody answers who is asked for leave or for a view.

    `step` is one of start, entry, escalate, skip, extension, refer, advice, hand-over, or `ANY`.
    """

    who: str = ANY
    step: str = ANY
    delay: Distribution = AT_ONCE
    work: Distribution = NO_WORK
    refuses: Quantity = NEVER
    silent: Quantity = NEVER
    at: Position | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What becomes of what was agreed, and how long other waits take, by severity."""

    severity: str = ANY
    kept: Quantity = ALWAYS
    carrying_out: Distribution = AT_ONCE  # until it is done, or is seen not to have been done
    receipt: Distribution = AT_ONCE  # until the event that starts a rung's clock
    handed_over: Distribution = AT_ONCE  # with somebody to whom it was handed over
    outside: Distribution = AT_ONCE  # while a referral outside suspends the ladder
    at: Position | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Backlog:
    """Disputes already open at the start: so many, raised in the first `spread` working days."""

    number: Quantity
    spread: Quantity = field(default_factory=lambda: assume(1, "working days"))
    at: Position | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Authority:
    """One authority under a workload; `protocol` is the stem of its policy file, or empty."""

    name: str
    children: tuple[Children, ...]
    severities: tuple[Severity, ...]
    disputes: tuple[Disputes, ...]
    posts: tuple[Post, ...]
    responses: tuple[Response, ...] = (Response(),)
    conducts: tuple[Conduct, ...] = (Conduct(),)
    approvals: tuple[Approval, ...] = (Approval(),)
    outcomes: tuple[Outcome, ...] = (Outcome(),)
    backlog: Backlog | None = None
    protocol: str = ""
    at: Position | None = field(default=None, compare=False)

    def response(self, rung: str, severity: str, *kinds: str) -> Response:
        """How a rung is answered: as its name says, else its kinds (`TOP`, `INFORMAL`), in turn."""
        for name in (rung, *kinds):
            mine = tuple(r for r in self.responses if r.rung == name)
            if (found := nearest(mine, None, severity=severity)) is not None:
                return found
        return nearest(self.responses, Response(), rung=ANY, severity=severity)

    def conduct(self, raiser: str, severity: str) -> Conduct:
        return nearest(self.conducts, Conduct(), raiser=raiser, severity=severity)

    def approval(self, who: str, step: str) -> Approval:
        return nearest(self.approvals, Approval(), who=who, step=step)

    def outcome(self, severity: str) -> Outcome:
        return nearest(self.outcomes, Outcome(), severity=severity)


@dataclass(frozen=True, slots=True, kw_only=True)
class Workload:
    """A workload: one or more authorities, from a first day, over a horizon.

    `warm_up` is in working days, which are not counted; None leaves it to the rule MSER-5.
    `readings` settle questions of the policy file by name; the others have their plain answers.
    `digest` is that of the file's bytes, or empty.
    """

    name: str
    title: str
    start: date
    horizon: Quantity  # working days, the warm-up included
    authorities: tuple[Authority, ...]
    warm_up: Quantity | None = None
    readings: tuple[tuple[str, str], ...] = ()
    digest: str = ""
    at: Position | None = field(default=None, compare=False)


def nearest(items: tuple[T, ...], default: D, **wanted: str) -> T | D:
    """The first item that agrees with what is wanted in most fields, and has `ANY` in the others.

    Fields given first weigh more than all that follow them together.
    """
    best: T | D = default
    score = -1
    for item in items:
        mine = 0
        for name, value in wanted.items():
            said = getattr(item, name)
            if said not in (value, ANY):
                break
            mine = 2 * mine + (said == value)
        else:
            if mine > score:
                best, score = item, mine
    return best


def quantities(value: Any) -> Iterator[Quantity]:
    """Every quantity of a workload, or of a part of one, in the order of its fields."""
    if isinstance(value, Quantity):
        yield value
    elif isinstance(value, tuple):
        for part in value:
            yield from quantities(part)
    elif is_dataclass(value) and not isinstance(value, type):
        for part in fields(value):
            yield from quantities(getattr(value, part.name))


def with_values(value: T, values: dict[str, float]) -> T:
    """The same workload, or part, with new values for the quantities at some paths."""
    if isinstance(value, Quantity):
        new = replace(value, value=values[value.path]) if value.path in values else value
        return new
    if isinstance(value, tuple) and not isinstance(value, Position):
        return tuple(with_values(part, values) for part in value)  # type: ignore[return-value]
    if is_dataclass(value) and not isinstance(value, type):
        new_fields = {f.name: with_values(getattr(value, f.name), values) for f in fields(value)}
        return replace(value, **new_fields)
    return value
