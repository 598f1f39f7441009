"""A workload's times and chances, ready to be drawn from: distributions as tables, chances as
numbers, and what is not named settled once for each rung, severity, person and step.
"""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

from model.graph import StateGraph
from model.replay import world_of
from model.terms import Symbol, Value
from simulations.draws import Purpose, Quantiles, name_of, place_key, quantiles, uniform
from simulations.settled import Place, Settled
from simulations.staff import Pool
from simulations.workload import (
    ANY,
    Approval,
    Authority,
    Conduct,
    Distribution,
    Outcome,
    Response,
    Severity,
)


class Answering(NamedTuple):
    delay: Quantiles
    work: Quantiles
    late: float
    late_by: Quantiles
    silent: float
    satisfied: float
    partly: float  # added to `satisfied`
    extension: float
    divided: float


class Raising(NamedTuple):
    delay: Quantiles
    work: Quantiles
    preparing: Quantiles
    patience: Quantiles
    waits: Quantiles
    gives_up: float
    refers: float
    refers_at_the_end: float
    asks: float
    skips: float
    grants: float
    advised: float
    hands_over: float
    brings_back: float
    first: dict[str, float]
    pools: tuple[Pool, ...]
    at_once: bool  # no step lies, or takes any time


class Approving(NamedTuple):
    delay: Quantiles
    work: Quantiles
    refuses: float
    silent: float
    pools: tuple[Pool, ...]


class Ending(NamedTuple):
    kept: float
    times: tuple[Quantiles, ...]  # carrying out, receipt, handed over, outside
    draws: bool  # whether anything about an agreement is left to chance


class Habits:
    """The habits of one authority's people, by name."""

    def __init__(self, authority: Authority, pools: dict[str, Pool]) -> None:
        self._authority = authority
        self._pool_of: dict[str, Pool] = {}
        for post in authority.posts:
            for person in post.holds:
                self._pool_of.setdefault(person, pools[post.name])
        self._answering: dict[tuple[str, ...], Answering] = {}
        self._raising: dict[tuple[str, str], Raising] = {}
        self._approving: dict[tuple[str, str], Approving] = {}
        self._ending: dict[str, Ending] = {}

    def pool_of(self, person: str) -> Pool | None:
        """Those who do a person's work; None where the workload has nobody for it."""
        return self._pool_of.get(person) or self._pool_of.get(ANY)

    def desks(self, place: Place) -> list[tuple[str, tuple[Pool, ...]]]:
        """Each who may answer at a place, with the posts of those who answer, one after another.

        Those who must answer together follow the last speaker, who speaks for them.
        """
        found = []
        for number, way in enumerate(place.answers, 1):
            speaker = way.move.actor
            names = (speaker, *place.together) if number == len(place.answers) else (speaker,)
            pools = (self.pool_of(name) for name in names)
            found.append((speaker, tuple(pool for pool in pools if pool is not None)))
        return found

    def answering(self, rung: str, severity: str, *kinds: str) -> Answering:
        key = (rung, severity, *kinds)
        found = self._answering.get(key)
        if found is None:
            found = self._answering[key] = _answering(self._authority.response(*key))
        return found

    def raising(self, raiser: str, severity: str) -> Raising:
        found = self._raising.get((raiser, severity))
        if found is None:
            said = self._authority.conduct(raiser, severity)
            found = self._raising[raiser, severity] = _raising(said, self.pool_of(raiser))
        return found

    def approving(self, who: str, step: str) -> Approving:
        found = self._approving.get((who, step))
        if found is None:
            said = self._authority.approval(who, step)
            found = self._approving[who, step] = _approving(said, self.pool_of(who))
        return found

    def ending(self, severity: str) -> Ending:
        found = self._ending.get(severity)
        if found is None:
            found = self._ending[severity] = _ending(self._authority.outcome(severity))
        return found


def _answering(r: Response) -> Answering:
    return Answering(
        quantiles(r.delay), quantiles(r.work), r.late.value, quantiles(r.late_by), r.silent.value,
        r.satisfied.value, r.satisfied.value + r.partly.value, r.extension.value, r.divided.value,
    )  # fmt: skip


def _raising(c: Conduct, pool: Pool | None) -> Raising:
    at_once = all(quantiles(time).always == 0 for time in (c.delay, c.work, c.patience))
    return Raising(
        quantiles(c.delay), quantiles(c.work), quantiles(c.preparing), quantiles(c.patience),
        quantiles(c.waits), c.gives_up.value, c.refers.value, c.refers_at_the_end.value,
        c.asks.value, c.skips.value, c.grants.value, c.advised.value, c.hands_over.value,
        c.brings_back.value, {rung: weight.value for rung, weight in c.first},
        (pool,) if pool else (), at_once,
    )  # fmt: skip


def _approving(a: Approval, pool: Pool | None) -> Approving:
    return Approving(
        quantiles(a.delay), quantiles(a.work), a.refuses.value, a.silent.value,
        (pool,) if pool else (),
    )  # fmt: skip


def _ending(o: Outcome) -> Ending:
    times: tuple[Distribution, ...] = (o.carrying_out, o.receipt, o.handed_over, o.outside)
    found = tuple(quantiles(time) for time in times)
    return Ending(o.kept.value, found, 0 < o.kept.value < 1 or found[0].always is None)


# --- the case ---------------------------------------------------------------------------------


@lru_cache(maxsize=64)
def worlds(graph: StateGraph, readings: tuple[tuple[str, str], ...], first: bool) -> Worlds:
    """The worlds of a ladder, kept from one replication to the next."""
    return Worlds(graph, readings, first)


class Worlds:
    """The worlds of one ladder: readings for all disputes, and the facts of each."""

    def __init__(
        self, graph: StateGraph, readings: tuple[tuple[str, str], ...], first: bool
    ) -> None:
        self.graph = graph
        self._prefix = "" if first else f"{graph.ladder.name}: "  # names of rungs may be the same
        self._known: dict[tuple[str, str, tuple[str, ...]], Settled] = {}
        self._facts = [s for s in graph.symbols if s.kind == "fact"]
        asked = dict(readings)
        self._given: dict[Symbol, Value] = {
            s: asked[s.name]
            for s in graph.symbols
            if s.kind in ("question", "silence") and s.name in asked
        }

    def of(self, raiser: str, child: str, severity: Severity, key: int) -> Settled:
        """The graph in the world of a dispute; its facts are drawn."""
        if not severity.facts:
            return self._settled(raiser, child, ())
        found = []
        for fact in self._facts:
            about = str(self.graph.protocol.facts[fact.name].about)
            chance = severity.chance(fact.name, about)
            if chance and uniform(place_key(key, name_of(fact.name), 0), Purpose.FACT) < chance:
                found.append(fact.name)
        return self._settled(raiser, child, tuple(found))

    def _settled(self, raiser: str, child: str, found: tuple[str, ...]) -> Settled:
        case = (raiser, child, found)
        settled = self._known.get(case)
        if settled is None:
            given = dict(self._given)
            given |= {fact: fact.name in found for fact in self._facts}
            given |= {self.graph.raiser: raiser, self.graph.child: child}
            settled = self._known[case] = Settled(
                self.graph, world_of(self.graph, given), self._prefix
            )
        return settled
