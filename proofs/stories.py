"""Stories: the trace that shows a verdict, replayed before anybody sees it.

A story is worked out in one world, on the graph and not from the solver's model: a shortest way
to a state, the way that takes longest, or what others do so that a goal is never reached.
"""

from __future__ import annotations

import heapq
import itertools
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from model.graph import LADDER, Move, StateGraph
from model.replay import Step, Trace, replay
from model.terms import INFINITE, Symbol, Term, Value, evaluator
from proofs import telling
from proofs.analysis import PERMITTED, UNHURRIED, Analysis
from proofs.claim import Obligation
from proofs.draft import Draft, in_time, weight
from proofs.paths import Edge, components
from proofs.stalled import stall

_Place = tuple[str, bool]
_Link = tuple["_Link", Edge, bool] | None


class Disagreement(Exception):
    """Two engines disagree: replay refuses a story. A fault of ours, never of a policy."""


@dataclass(frozen=True, slots=True)
class Story:
    """A trace in a world, and then the wait until a day; `ending` says what it comes to.

    `counted` are the days that count, of one about time.
    """

    world: Mapping[Symbol, Value]
    trace: Trace
    until: int
    ending: str
    counted: int = 0


def tell(
    a: Analysis, obligation: Obligation, world: Mapping[Symbol, Value], fails: bool = False
) -> Story | None:
    """The story of an obligation in a world, or None where the fault stands in the text alone.

    Raises Disagreement if it is no run of the graph; with `fails`, also if it does not take longer
    than it may.
    """
    teller = Teller(a, world)
    plan = obligation.story
    if plan.kind == "text":
        return None
    if plan.kind == "worst":
        story = teller.worst(plan.to, plan.total, plan.more)
    elif plan.kind == "stall":
        win = obligation.goal if isinstance(obligation.goal, Mapping) else {}
        game = a.game.played(win) if a.hurried is not None else None
        in_days = game is not None and teller.of(game.most()[plan.to])
        if game is not None and not in_days:  # whatever time is used up
            win = game.most()
        stalled = stall(teller, plan, win, in_days)
        story = stalled and teller.story(*stalled)
    elif plan.kind == "side" or a.states[plan.to].track != LADDER:
        story = teller.side(plan.to, plan.via)
    else:
        story = teller.reach(plan.to, plan.via, plan.after)
    if story is None:
        return None
    run = replay(a.graph, story.trace, world, story.until)
    if run.refused is not None:
        raise Disagreement(f"{a.graph.name}: step {run.refused} of a story: {run.why}")
    if plan.kind == "worst" and fails:
        if not plan.total and run.formal <= plan.more:
            raise Disagreement(f"{a.graph.name}: a story takes {run.formal} days, and no more")
        if plan.total and story.counted <= teller.most(plan.total):
            return None  # another total cuts it short: the windows are longer, and no run is
    return story


class Teller:
    """Finds ways through the graph of one world."""

    def __init__(self, a: Analysis, world: Mapping[Symbol, Value]) -> None:
        self.a, self.world = a, world
        self.graph: StateGraph = a.graph
        self.of: Callable[[Term], Any] = evaluator(world)

    def open(self, edges: Iterable[Edge]) -> list[Edge]:
        return [e for e in edges if self.of(e.guard) and self.of(e.move.guard)]

    def way(self, edges: Sequence[Edge], start: str, goals: set[str]) -> list[Edge] | None:
        """A way with the fewest steps, where an unusual step counts as several (Dijkstra 1959).

        Among equal ways it is the first in the order of the file.
        """
        outgoing: dict[str, list[Edge]] = {}
        for e in edges:
            outgoing.setdefault(e.source, []).append(e)
        before: dict[str, Edge] = {}
        far = {start: 0}
        done: set[str] = set()
        queue = [(0, 0, start)]
        for number in itertools.count(1):
            if not queue:
                return None
            steps, _, name = heapq.heappop(queue)
            if name in goals:
                break
            if name in done:
                continue
            done.add(name)
            for place, e in enumerate(outgoing.get(name, ())):
                more = steps + weight(e)
                if more < far.get(e.target, INFINITE):
                    far[e.target], before[e.target] = more, e
                    heapq.heappush(queue, (more, number + place, e.target))
        path: list[Edge] = []
        while name != start:
            path.append(before[name])
            name = path[-1].source
        return path[::-1]

    def first_way(
        self, edges: Sequence[Edge], goals: set[str], last: Mapping[str, Edge] | None = None
    ) -> list[Edge] | None:
        """A way from the start; where a total can end a wait, one on which it does not.

        Nor that before the edge which is to be taken at last.
        """
        path = None
        if self.a.hurried is not None:
            path = in_time(self, edges, goals, last or {})
        return self.way(edges, self.graph.start, goals) if path is None else path

    def plain_edges(self) -> list[Edge]:
        """The open edges, ordinary steps before referrals and withdrawals."""
        found = [e for e in self.open(self.a.edges) if self.asked_at(e.move, e.source) is not None]
        return sorted(
            found, key=lambda e: e.move.kind in ("refer", "withdraw", "hand over", "extend")
        )

    def asked_at(self, move: Move, state: str) -> list[Edge] | None:
        """The steps of a side track before a move that are open while the dispute is at a state."""
        if move.track == LADDER:
            return []
        here = self.open_at(move.track, state)
        return self.way(here, self.graph.tracks[move.track], {move.source})

    def open_at(self, track: str, state: str) -> list[Edge]:
        """The open edges of a side track while the dispute is at a state."""
        edges = self.open(self.a.edges_of(track))
        return [e for e in edges if e.move.while_in is None or state in e.move.while_in]

    # --- a trace from a way -----------------------------------------------------------------

    def trace(
        self,
        path: Sequence[Edge],
        full: Callable[[str], int] | None = None,
        waits: Collection[int] = (),
    ) -> Draft:
        """The steps of a way, each as early as may be; those in `waits` come after the stay that
        `full` gives."""
        draft = Draft(self)
        for i, e in enumerate(path):
            wait = self.wait(e)
            if full is not None and i in waits:
                wait = max(wait, full(e.source))
            if full is not None and draft.barred(e.move, e.source):
                break
            draft.step(e.move, wait, e.source)
        return draft

    def wait(self, e: Edge) -> int:
        """What the clock shows at least when a move is made."""
        earliest = int(self.of(e.move.earliest))
        return max(earliest, self.full(e.source)) if e.move.at_limit else earliest

    def reach(self, state: str, via: Move | None = None, after: str = "") -> Story | None:
        """A shortest way to a state: by a certain move, or past another state if it can be."""
        edges = self.plain_edges()
        if via is not None:
            last = {e.source: e for e in edges if e.move is via}
            path = self.first_way(edges, set(last), last)
            if path is not None:
                path = [*path, last[path[-1].target if path else self.graph.start]]
        else:
            path = alone = self.first_way(edges, {state})
            first = self.first_way(edges, {after}) if after else None
            then = self.way(edges, after, {state}) if first is not None else None
            if first is not None and then is not None:
                path = [*first, *then]
                if self.a.hurried is not None:
                    path = in_time(self, edges, {state}, {}, first) or alone
        if path is None:
            return None
        draft = self.trace(path)
        return self.story(draft, telling.standing(self.graph, self.a.states[state], self.of))

    def side(self, state: str, via: Move | None = None) -> Story | None:
        """A way to a state of a side track, from the first state of the ladder that allows it.

        The last move is `via`, where it is given.
        """
        track = self.a.states[state].track
        edges = self.open(self.a.edges_of(track))
        last = [e for e in edges if e.move is via]
        path = self.way(edges, self.graph.tracks[track], {e.source for e in last} or {state})
        if path is None:
            return None
        path += last[:1]
        allowed = path[0].move.while_in if path else None
        goals = set(allowed or [s.name for s in self.graph.main if s.kind == "waiting"])
        first = self.way(self.plain_edges(), self.graph.start, goals - {self.graph.start})
        if first is None and self.graph.start not in goals:
            return None
        draft = self.trace(first or [])
        for e in path:
            draft.step(e.move, 0)
        return self.story(draft, telling.standing(self.graph, self.a.states[state], self.of))

    def story(self, draft: Draft, ending: str, until: int | None = None) -> Story:
        return Story(self.world, tuple(draft.steps), draft.day if until is None else until, ending)

    # --- the way that takes longest ---------------------------------------------------------

    def worst(self, conduct: str, total: str, more: int) -> Story | None:
        edges = self.open(self.a.conduct_edges(conduct))
        edges = [e for e in edges if e.move.also is None]  # a referral is made once, not in a cycle
        stays = {s: self.stay(s, conduct) for s in self.a.main}
        counted = {s: bool(self.of(self.a.counts(s, total))) for s in self.a.main}
        most = self.most(total) if total else more
        late = {e for e in edges if e.move.at_limit and stays[e.source] < self.full(e.source)}
        edges = [e for e in edges if e not in late]  # the time never runs out in this conduct
        path = self.endless_stay(edges, stays, counted) or self.endless_cycle(
            edges, stays, counted, most
        )
        waits = {i for i, e in enumerate(path or ()) if not e.move.keeps}
        if path is None:
            found = self.longest(edges, stays, counted, total)
            if found is None:
                return None
            path, waits = found
        draft = self.trace(path, lambda s: min(stays[s], most + 1) if counted[s] else 0, waits)
        return self.cut(draft, counted, stays, most)

    def most(self, total: str) -> int:
        return next(int(self.of(b.at_most)) for b in self.graph.budgets if b.name == total)

    def full(self, name: str) -> int:
        count: int = self.of(self.a.states[name].limit)
        return count

    def cuts(self, name: str) -> bool:
        """Whether some budget ends the time in a state."""
        return any(self.of(under) for _, under in self.a.cutting(name))

    def stay(self, name: str, conduct: str) -> int:
        state = self.a.states[name]
        if conduct == UNHURRIED and self.of(state.stuck):
            return 0
        count: int = self.of(state.limit if conduct == PERMITTED else state.prompt)
        return count

    def endless_stay(
        self, edges: Sequence[Edge], stays: Mapping[str, int], counted: Mapping[str, bool]
    ) -> list[Edge] | None:
        """A way to a counted state with time without limit, others' rather than ours."""
        for own in (False, True):
            goals = {
                s
                for s in self.a.main
                if counted[s]
                and stays[s] >= INFINITE
                and not self.cuts(s)
                and (self.a.states[s].side == "raiser") is own
            }
            path = self.way(edges, self.graph.start, goals) if goals else None
            if path is not None:
                return path
        return None

    def endless_cycle(
        self,
        edges: Sequence[Edge],
        stays: Mapping[str, int],
        counted: Mapping[str, bool],
        most: int,
    ) -> list[Edge] | None:
        """A way round a cycle on which counted time passes, often enough to pass `most` days."""
        cycles = enumerate(components(self.a.main, edges))
        of = {name: number for number, cycle in cycles for name in cycle}
        for e in edges:
            stay = 0 if e.move.keeps else stays[e.source]
            turns = of[e.source] == of[e.target] and counted[e.source]
            if not turns or not 0 < stay < INFINITE or self.cuts(e.source):
                continue
            back = self.way(edges, e.target, {e.source}) if e.target != e.source else []
            there = self.way(edges, self.graph.start, {e.source})
            if back is not None and there is not None:
                return [*there, *([e, *back] * (most // stay + 2))]
        return None

    def longest(
        self,
        edges: Sequence[Edge],
        stays: Mapping[str, int],
        counted: Mapping[str, bool],
        total: str,
    ) -> tuple[list[Edge], set[int]] | None:
        """The way with the most counted days, where there is no cycle on which time passes.

        With it, the numbers of the steps before which the whole stay passes. A place is a state
        and whether its clock ran out before it was entered; its value is the latest counted day
        on which the clock was at 0 or, if it ran out, on which the state is entered.
        """
        best: dict[_Place, tuple[int, int]] = {(self.graph.start, False): (0, 0)}
        ways_to: dict[_Place, _Link] = {(self.graph.start, False): None}
        order = {name: i for i, name in enumerate(self.a.main)}
        outgoing: dict[str, list[Edge]] = {}
        for e in edges:
            outgoing.setdefault(e.source, []).append(e)
        changed = set(best)
        for _ in range(2 * len(self.a.main)):
            found, links = dict(best), dict(ways_to)
            for place in sorted(changed, key=lambda p: (order[p[0]], p[1])):
                value, skips = found[place]
                waits = counted[place[0]] and not place[1] and stays[place[0]] > 0
                until = self.leave(place, value, stays, total) if waits else value
                for e in outgoing.get(place[0], ()):
                    ways = [((e.target, place[1] and e.move.keeps), until, waits)]
                    if e.move.keeps and waits:
                        ways = [((e.target, False), value, False), ((e.target, True), until, True)]
                    fewer = skips - (e.move.kind == "skip")  # of equal ways, the ordinary one
                    for then, days, waited in ways:
                        if (days, fewer) > best.get(then, (-1, 0)):
                            best[then], ways_to[then] = (days, fewer), (links[place], e, waited)
            changed = {place for place, value in best.items() if found.get(place) != value}
            if not changed:
                break
        ends = [place for place in best if counted[place[0]]]
        if not ends:
            return None
        last = max(ends, key=lambda p: (self.leave(p, best[p][0], stays, total), -order[p[0]]))
        path: list[tuple[Edge, bool]] = []
        link = ways_to[last]
        while link is not None:
            link, e, waited = link
            path.append((e, waited))
        path.reverse()
        return [e for e, _ in path], {i for i, (_, waited) in enumerate(path) if waited}

    def leave(self, place: _Place, value: int, stays: Mapping[str, int], total: str) -> int:
        """The latest counted day in a place, by its limit and by the budgets that cut it."""
        name, late = place
        until = value if late else min(INFINITE, value + stays[name])
        for budget, under in self.a.cutting(name):
            if self.of(under) and not (total and budget.is_total):
                begun = value if budget.begins else 0  # or some days before; the trace is exact
                until = max(value, min(until, begun + self.of(budget.at_most)))
        return until

    def cut(
        self, draft: Draft, counted: Mapping[str, bool], stays: Mapping[str, int], most: int
    ) -> Story:
        """Stop a long way on the first counted day beyond `most`."""
        spent, day, state = 0, 0, self.graph.start
        kept: list[Step] = []
        for step in draft.steps:
            passed = (step.day - day) if counted[state] else 0
            if spent + passed > most:
                break
            spent, day = spent + passed, step.day
            kept.append(step)
            state = step.move.target if step.move.track == LADDER else step.move.also or state
        last = Draft(self)
        for step in kept:
            last.step(step.move, step.day - last.since, last.place(LADDER))
        room = stays[state] if counted[state] else 0
        if room < INFINITE:  # some of it has passed where the clock goes on
            room += last.since - day
        room = min(room, last.left(state))
        until = day + min(most + 1 - spent, max(0, room))
        endless = ", and the text sets no end to it" if room >= INFINITE else ""
        days = spent + until - day
        ending = f"working day {days} of the time that counts{endless}"
        return replace(self.story(last, ending, until), counted=days)
