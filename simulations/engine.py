"""Runs: disputes as SimPy processes over the state graph.

One generator for each dispute, one for each stream of disputes, one for each officer who is
sometimes away. SimPy's clock is the key of `clock.py`, so its order is the total order there.
"""

from __future__ import annotations

from collections.abc import Generator, Sequence
from dataclasses import dataclass
from operator import attrgetter

import simpy

from model.graph import StateGraph
from model.replay import Step, Trace, replay
from model.terms import World
from simulations import clock
from simulations.clock import ARRIVAL, CALENDAR, LIMIT, NEVER, TICK_BITS, dates, key_of
from simulations.conduct import act, arrive, arrive_beside
from simulations.dispute import Action, Dispute
from simulations.draws import M64, Purpose, named_key, run_key, uniform
from simulations.draws import TICKS_A_DAY as DAY
from simulations.faults import Broken
from simulations.figures import ReplicationResult
from simulations.habits import Habits, worlds
from simulations.raiser import raise_it
from simulations.settled import ANSWERED, OVERDUE, Place, Way
from simulations.staff import LYING, QUEUED, WORKING, Pool, Task
from simulations.streams import Stream, arrivals, backlog, first_ladder, streams
from simulations.tally import Tally
from simulations.workload import Authority, Workload

_key = attrgetter("key")
_GOES_ON = ("extend", "silence", "missed")  # an answer may still come


@dataclass(frozen=True)
class SimulatedDispute:
    """A dispute as `replay` takes it: `replay(graph, trace, world, until)`.

    `first` is the working day of the run on which day 0 of the trace fell. `until` is the last day
    of the run on the trace's days, or None where nothing more was planned for the dispute.
    """

    number: int
    graph: StateGraph
    severity: str
    first: int
    trace: Trace
    world: World
    until: int | None


class Run:
    """One replication of one authority; used once."""

    def __init__(
        self,
        graphs: Sequence[StateGraph],
        workload: Workload,
        authority: Authority,
        seed: int,
        number: int,
        warm_up: int,
        replayed: float = 0.02,
        endless: bool = False,
        rows: bool = False,
        keep_traces: bool = False,
    ) -> None:
        self.graphs, self.workload, self.authority = graphs, workload, authority
        self.seed, self.number = seed, number
        self.days = round(workload.horizon.value)
        self.horizon = self.days * DAY
        self.warm_up, self.warm_tick = warm_up, warm_up * DAY
        self.dates = dates(workload.start, self.days)
        self.replay_share = replayed
        self.keep_rows, self.keep_traces = rows, keep_traces
        self.traces: list[SimulatedDispute] = []
        self.env = simpy.Environment()
        self.now = 0
        self.key = named_key(run_key(seed, number), authority.name)
        children = sum(group.stock.value for group in authority.children)
        self.pools = {
            post.name: Pool(post, self.key, self.days, children, self.wake, endless)
            for post in authority.posts
        }
        self.habits = Habits(authority, self.pools)
        first = first_ladder(graphs)
        self.worlds = {
            g.ladder.name: worlds(g, workload.readings, g.ladder.name == first) for g in graphs
        }
        self.severities = {s.name: s for s in authority.severities}
        self.tally = Tally(self)
        self.disputes: dict[int, Dispute] = {}
        self.arrived = 0
        self.events = 0
        self.replayed = 0
        self._desks: dict[Place, list[tuple[str, tuple[Pool, ...]]]] = {}
        self.order = 0xCBF29CE484222325

    # --- SimPy's processes --------------------------------------------------------------------

    def run(self) -> ReplicationResult:
        env = self.env
        number = 0
        for pool in self.pools.values():
            for officer, spells in enumerate(pool.spells):
                if spells:
                    env.process(self._absences(pool, officer, number))
                number += 1
        for i, stream in enumerate(streams(self.graphs, self.authority, self.key)):
            env.process(self._stream(stream, i))
        if self.authority.backlog is not None:
            env.process(self._backlog())
        if self.warm_up:
            env.process(self._warmed())
        env.run(until=key_of(self.horizon, CALENDAR, 0))
        return self._result()

    def _absences(self, pool: Pool, officer: int, number: int) -> Generator[simpy.Event]:
        env = self.env
        for first, last in pool.spells[officer]:
            yield env.timeout(key_of(first, CALENDAR, number) - env.now)
            pool.goes(officer, first)
            yield env.timeout(key_of(last, CALENDAR, number) - env.now)
            pool.returns(officer, last)

    def _stream(self, stream: Stream, place: int) -> Generator[simpy.Event]:
        env = self.env
        for tick, key in arrivals(stream, self.horizon):
            yield env.timeout(key_of(tick, ARRIVAL, place) - env.now)
            self._arrive(stream, key, tick)

    def _backlog(self) -> Generator[simpy.Event]:
        env = self.env
        assert self.authority.backlog is not None
        for stream, key, tick in backlog(self.graphs, self.authority, self.key):
            wait = key_of(tick, ARRIVAL, (1 << 36) - 1) - env.now
            yield env.timeout(max(0, wait))
            self._arrive(stream, key, tick)

    def _warmed(self) -> Generator[simpy.Event]:
        yield self.env.timeout(key_of(self.warm_tick, CALENDAR, (1 << 36) - 1))
        self.tally.begin(self.warm_tick)

    def _arrive(self, stream: Stream, key: int, tick: int) -> None:
        severity = self.severities[stream.severity]
        settled = self.worlds[stream.ladder].of(stream.raiser, stream.child, severity, key)
        d = Dispute(
            self.arrived, key, settled, severity.name, severity.urgency, stream.raiser, self.habits
        )
        self.arrived += 1
        self.events += 1
        self.order = ((self.order ^ int(self.env.now)) * 0x100000001B3) & M64
        d.child = stream.child_number(tick, uniform(key, Purpose.CHILD))
        self.disputes[d.number] = d
        preparing = d.conduct.preparing
        always = preparing.always
        work = always if always is not None else preparing.ticks(uniform(key, Purpose.PREPARING))
        if work:
            self.plan(d, Action.RAISE, 0, tick, d.conduct.pools, work)
        else:
            raise_it(self, d, tick)
        self.env.process(self._life(d))

    def _life(self, d: Dispute) -> Generator[simpy.Event]:
        """A dispute's process: what falls due, one thing after another."""
        env, tasks = self.env, d.tasks
        now = int(env.now)
        while tasks or d.limit_key != NEVER:
            task = min(tasks, key=_key) if len(tasks) > 1 else tasks[0] if tasks else None
            key = d.limit_key
            if task is not None and task.key < key:
                key = task.key
            else:
                task = None
            if key > now:
                d.alarm_key = key
                d.alarm = env.timeout(key - now) if key != NEVER else env.event()
                yield d.alarm
                now = int(env.now)
            elif task is None:
                d.limit_key = NEVER
                self.order = ((self.order ^ key) * 0x100000001B3) & M64
                act(self, d, Action.LIMIT, 0, now >> TICK_BITS)
            else:
                self._do(d, task, now)
        del self.disputes[d.number]
        self._finished(d)

    def wake(self, task: Task) -> None:
        """A task that waited has begun: its dispute must not sleep past its end."""
        d = task.dispute
        alarm = d.alarm
        if alarm is not None and alarm.callbacks is not None and task.key < d.alarm_key:
            waiting = alarm.callbacks
            alarm.callbacks = []
            d.alarm_key = task.key
            d.alarm = self.env.timeout(max(0, task.key - self.env.now))
            d.alarm.callbacks = waiting

    def _do(self, d: Dispute, task: Task, now: int) -> None:
        pools, tick = task.pools, now >> TICK_BITS
        if pools:
            if task.stage == WORKING:
                pools[0].leave(task, tick)
                pools = task.pools = pools[1:]
            if pools:
                pools[0].ask(task, tick, now, d.urgency, d.limit)
                return
        d.tasks.remove(task)
        action = task.action
        self.order = ((self.order ^ task.key) * 0x100000001B3) & M64
        act(self, d, action, task.track, tick)

    # --- what conduct asks for ----------------------------------------------------------------

    def plan(
        self, d: Dispute, action: int, track: int, tick: int,
        pools: tuple[Pool, ...] = (), work: int = 0,
    ) -> None:  # fmt: skip
        kind = LIMIT if action == Action.LIMIT else clock.LYING
        key = tick << 40 | kind << 36 | d.number
        task = Task(d, action, track, key, pools, work)
        for pool in pools:
            pool.asked += work
        d.tasks.append(task)

    def desks(self, place: Place) -> list[tuple[str, tuple[Pool, ...]]]:
        """Who may answer at a place: each speaker, and with whom they must answer together."""
        found = self._desks.get(place)
        if found is None:
            found = self._desks[place] = self.habits.desks(place)
        return found

    def drop(self, d: Dispute, track: int, action: int) -> None:
        for task in [t for t in d.tasks if t.track == track and t.action == action]:
            self._withdraw(d, task)

    def _withdraw(self, d: Dispute, task: Task) -> None:
        """Take a task out of whatever it is in: the plan, a queue, or somebody's hands."""
        d.tasks.remove(task)
        if task.stage == QUEUED or task.stage == WORKING:
            task.pools[0].leave(task, int(self.env.now) >> TICK_BITS)

    def given_up(self, d: Dispute, tick: int) -> None:
        """The raiser lets it lie, where the ladder has no way to withdraw it."""
        self.tally.given_up(d, tick)
        d.limit_key = NEVER
        for task in list(d.tasks):
            self._withdraw(d, task)

    def barred(self, d: Dispute) -> None:
        """The text does not let this raiser raise it, the case being what it is."""
        self.tally.barred += 1

    def dead_end(self, d: Dispute) -> None:
        """The time has run out, and nobody has a move: the text goes no further."""
        self.tally.dead_ends += 1
        d.limit_key = NEVER
        for task in list(d.tasks):
            self._withdraw(d, task)

    def make(self, d: Dispute, way: Way, tick: int) -> None:
        """Make a move, as `replay` does, and plan what follows."""
        day = tick // DAY
        here = d.places[0]
        if day != d.day:
            if d.day < 0:
                d.first = day
                d.since = [day] * len(d.since)
                d.entered = [day] * len(d.entered)
                self.tally.begins(d, tick, here)
            else:
                for budget in here.counts:
                    d.spent[budget] += day - d.day
            d.day = day
        for budget in way.renews:
            d.spent[budget] = 0
        d.steps.append((day - d.first, way))
        if way.alone:
            if d.tasks:
                self._clear(d, way)
            d.places[0] = way.target
            d.made[0] += 1
            if not way.keeps:
                d.since[0] = day
            d.entered[0] = day
            if way.shifts:
                self._shift(d, here, way.target, day, tick)
            if way.notes:
                self.events += way.notes & (ANSWERED | OVERDUE) > 0
                self.tally.step(d, way)
            arrive(self, d, way, tick)
        else:
            self._make_beside(d, way, day, tick)

    def _shift(self, d: Dispute, here: Place, there: Place, day: int, tick: int) -> None:
        """The ladder's token has left a rung, or the ladder: what was asked for there lapses."""
        if here.rung != there.rung:
            for lapsed in d.settled.lapsing:
                self._reset(d, lapsed, day)
        self.tally.moves(d, here, there, tick)

    def _make_beside(self, d: Dispute, way: Way, day: int, tick: int) -> None:
        """A move of a side track, or one that touches a side track."""
        here = d.places[0]
        track, target = way.track, way.target
        if d.tasks and (track == 0 or way.also is not None):
            self._clear(d, way)
        if track:
            self._clear_side(d, track)
        d.places[track] = target
        d.made[track] += 1
        if not way.keeps:
            d.since[track] = day
        d.entered[track] = day
        needs = way.needs
        if needs and d.places[needs].kind == "granted":
            self._reset(d, needs, day)
        if way.also is not None:
            d.places[0] = way.also
            d.made[0] += 1
            d.since[0] = d.entered[0] = day
        there = d.places[0]
        if there is not here:
            self._shift(d, here, there, day, tick)
        if way.notes:
            self.events += way.notes & (ANSWERED | OVERDUE) > 0
            self.tally.step(d, way)
        if track:
            arrive_beside(self, d, track, tick)
            if way.also is not None and d.places[0] is there:
                arrive(self, d, way, tick)
        else:
            arrive(self, d, way, tick)

    def _clear(self, d: Dispute, way: Way) -> None:
        """What was planned at the place that the ladder's token leaves, but for what goes on."""
        kept: Sequence[int] = ()
        if way.also is None and way.kind in _GOES_ON and way.target.rung == way.source.rung:
            kept = (Action.ANSWER,) if way.target.answers else ()
            if way.kind == "missed" and way.target.kind == "late":
                kept = (*kept, Action.DECIDE)
        for task in d.tasks[:]:
            if task.track == 0 and task.action not in kept:
                if task.stage == LYING:
                    d.tasks.remove(task)
                else:
                    self._withdraw(d, task)

    def _clear_side(self, d: Dispute, track: int) -> None:
        for task in [t for t in d.tasks if t.track == track]:
            self._withdraw(d, task)

    def _reset(self, d: Dispute, track: int, day: int) -> None:
        self._clear_side(d, track)
        d.places[track] = d.settled.firsts[track]
        d.since[track] = d.entered[track] = day

    # --- at the end ---------------------------------------------------------------------------

    def _finished(self, d: Dispute) -> None:
        """Nothing more is planned for a dispute."""
        if d.begun >= 0 and not d.over:
            self.tally.still.append(d)
        if d.steps:
            self._seen(d, None)

    def _sampled(self, d: Dispute) -> bool:
        return self.replay_share >= 1 or uniform(d.key, Purpose.REPLAY) < self.replay_share

    def _seen(self, d: Dispute, until: int | None) -> None:
        """A dispute has gone as far as it goes here: keep its trace, or replay it."""
        sampled = self._sampled(d)
        if not (sampled or self.keep_traces):
            return
        trace = tuple(Step(day, way.move) for day, way in d.steps)
        if self.keep_traces:
            world, graph = d.settled.world, d.settled.graph
            self.traces.append(
                SimulatedDispute(d.number, graph, d.severity, d.first, trace, world, until)
            )
        if sampled:
            self._replay(d, trace, until)

    def _replay(self, d: Dispute, trace: Trace, until: int | None) -> None:
        self.replayed += 1
        seen = replay(d.settled.graph, trace, d.settled.world, until)
        if seen.refused is not None:
            raise Broken(
                f"{self.authority.name}, seed {self.seed}, replication {self.number}, dispute "
                f"{d.number}: replay refuses step {seen.refused}: {seen.why}"
            )
        if seen.state != d.places[0].name:
            raise Broken(f"dispute {d.number}: “{seen.state}” is not “{d.places[0].name}”")

    def _result(self) -> ReplicationResult:
        for pool in self.pools.values():
            pool.settle(self.horizon)
        for d in self.disputes.values():
            limits = any(task.action == Action.LIMIT for task in d.tasks)
            planned = limits or d.limit_key != NEVER
            if d.steps:
                self._seen(d, self.days - 1 - d.first if planned else None)
        return self.tally.result()
