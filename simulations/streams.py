"""Where disputes come from: one stream for each kind of dispute and of child.

Disputes come at random (a Poisson process) at a rate for each child, and the number of children
follows its entries and exits: in each week of five working days it is what it was a week before,
with a week's entries more, and fewer by a week's exits for each child of the starting stock. The
waits are drawn as unit exponentials and laid out over that rate, so a rate changes no other draw.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from model.graph import StateGraph
from model.replay import world_of
from simulations.draws import TICKS_A_DAY as DAY
from simulations.draws import (
    TICKS_AN_HOUR,
    Purpose,
    exponential,
    named_key,
    numbered_key,
    place_key,
    uniform,
)
from simulations.workload import (
    ANY,
    DAYS_A_YEAR,
    LOOKED_AFTER,
    OTHER_CHILD,
    Authority,
    Children,
    Disputes,
)

_WORD = {"yes": LOOKED_AFTER, "no": OTHER_CHILD}
_LOOKED_AFTER = frozenset(_WORD.values())
_SEVERAL = _LOOKED_AFTER | {ANY}

WEEK = 5 * DAY
WEEKS_A_YEAR = DAYS_A_YEAR / 5


@dataclass(frozen=True)
class Stream:
    """Disputes of one severity and theme about one kind of child in one ladder."""

    key: int
    ladder: str
    severity: str
    child: str  # as the policy file names it
    raiser: str
    rate: float  # per child-year
    stock: float
    entries: float
    exits: float
    group: int

    def stocks(self) -> Iterator[float]:
        """The number of children in each week."""
        now = self.stock
        leaving = self.exits / self.stock / WEEKS_A_YEAR if self.stock > 0 else 0.0
        while True:
            yield now
            now = max(0.0, now + self.entries / WEEKS_A_YEAR - leaving * now)

    def child_number(self, tick: int, drawn: float) -> tuple[int, int]:
        """Which child a dispute is about: one of those in care, or on a plan, at the start."""
        return self.group, int(drawn * max(1.0, self.stock))


def streams(graphs: Sequence[StateGraph], authority: Authority, key: int) -> tuple[Stream, ...]:
    """The streams of an authority, in the order of the workload."""
    found = []
    for disputes in authority.disputes:
        name = disputes.ladder or first_ladder(graphs)
        for graph in graphs:
            if graph.ladder.name == name:
                found += list(_of(graph, authority, disputes, key))
    return tuple(found)


def first_ladder(graphs: Sequence[StateGraph]) -> str:
    """The ladder of disputes that name none: the first of the protocol."""
    return str(next(iter(graphs[0].protocol.ladders)))


def _of(graph: StateGraph, authority: Authority, disputes: Disputes, key: int) -> Iterator[Stream]:
    named = {group.kind for group in authority.children}
    for place, group in enumerate(authority.children):
        if disputes.child not in (ANY, group.kind) and group.kind not in _SEVERAL:
            continue
        child = _kind(graph, group, disputes, named)
        raiser = "" if child is None else _raiser(graph, child, disputes.raiser)
        if child is None or not raiser:
            continue
        kind = child if group.kind in _LOOKED_AFTER else group.kind
        path = f"{graph.ladder.name}/{disputes.severity}/{disputes.theme}/{kind}"
        yield Stream(
            named_key(key, path), graph.ladder.name, disputes.severity, child, raiser,
            disputes.rate.value, group.stock.value, group.entries.value, group.exits.value, place,
        )  # fmt: skip


def _kind(graph: StateGraph, group: Children, disputes: Disputes, named: set[str]) -> str | None:
    """The policy file's kind of child that a group stands for in a ladder."""
    if group.kind in graph.child.values:
        return group.kind
    if group.kind not in _SEVERAL:
        return None
    free = []
    for kind in graph.child.values:
        word = _WORD[str(graph.protocol.children[kind].looked_after)]
        if kind not in named and (group.kind == word or (group.kind == ANY and word not in named)):
            free.append(kind)
    if disputes.child in (ANY, group.kind):
        return free[0] if free else None
    return disputes.child if disputes.child in free else None


def _raiser(graph: StateGraph, child: str, wanted: str) -> str:
    """Who raises it: the one wanted, or the first who may for such a child; empty for nobody."""
    for raiser in graph.raiser.values:
        if wanted in (ANY, raiser):
            try:
                world_of(graph, {graph.raiser: raiser, graph.child: child})
            except ValueError:
                continue
            return raiser
    return ""


def arrivals(stream: Stream, horizon: int) -> Iterator[tuple[int, int]]:
    """The ticks at which the disputes of a stream come, before the horizon, and their keys."""
    stocks = stream.stocks()
    a_tick = stream.rate / DAYS_A_YEAR / DAY
    at, end = 0.0, float(WEEK)
    rate = next(stocks) * a_tick
    number = 0
    gaps = exponential()
    while True:
        key = numbered_key(stream.key, number)
        need = gaps.at(uniform(key, Purpose.GAP)) / TICKS_AN_HOUR
        while (end - at) * rate < need:
            need -= (end - at) * rate
            at, end = end, end + WEEK
            rate = next(stocks) * a_tick
            if at >= horizon:
                return
        at += need / rate
        if at >= horizon:
            return
        yield int(at), key
        number += 1


def backlog(
    graphs: Sequence[StateGraph], authority: Authority, key: int
) -> list[tuple[Stream, int, int]]:
    """The disputes open at the start: their streams by rate, keys and ticks, in order of time."""
    plan = authority.backlog
    sources = streams(graphs, authority, key)
    weights = [s.rate * s.stock for s in sources]
    whole = sum(weights)
    if plan is None or whole <= 0:
        return []
    found = []
    for number in range(round(plan.number.value)):
        mine = numbered_key(named_key(key, "backlog"), number)
        left = uniform(mine, Purpose.BACKLOG) * whole
        chosen = sources[-1]
        for source, weight in zip(sources, weights, strict=True):
            left -= weight
            if left < 0:
                chosen = source
                break
        spread = plan.spread.value * DAY
        tick = int(uniform(place_key(mine, 0, 0), Purpose.BACKLOG) * spread)
        found.append((chosen, mine, tick))
    return sorted(found, key=lambda item: (item[2], item[1]))
