"""Counting as a run goes on, and holding the run to what must be so on every path."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from simulations.clock import NEVER
from simulations.draws import TICKS_A_DAY as DAY
from simulations.faults import Broken
from simulations.figures import PostTimes, ReplicationResult
from simulations.settled import ANSWERED, AWAITED, KEPT, NOT_KEPT, OVERDUE, REFERRED, Place, Way
from simulations.staff import QUEUED

if TYPE_CHECKING:
    from simulations.dispute import Dispute
    from simulations.engine import Run


class Spot:
    """A rung, or what lies between rungs: who is there, and for how long."""

    __slots__ = ("area", "last", "number", "stayed", "time", "visits")

    def __init__(self) -> None:
        self.number = self.area = self.last = self.stayed = self.visits = self.time = 0

    def change(self, by: int, tick: int) -> None:
        self.area += self.number * (tick - self.last)
        self.last = tick
        self.number += by


class Tally:
    """What one run counts."""

    def __init__(self, run: Run) -> None:
        self.run = run
        self.spots: dict[str, Spot] = {}
        self.still: list[Dispute] = []
        self.open = self.open_area = self.open_last = 0
        self.children: dict[tuple[int, int], int] = {}
        self.child_area = self.child_last = 0
        self.by_day: list[int] = []
        self.began = self.brought_back = self.ended = self.counted = 0
        self.days: Counter[int] = Counter()
        self.calendar_days: Counter[int] = Counter()
        self.highest: Counter[str] = Counter()
        self.outcomes: Counter[str] = Counter()
        self.referred = self.kept = self.not_kept = self.overdue = self.awaited = 0
        self.never_answered = self.barred = self.dead_ends = 0
        self.before: dict[str, tuple[int, ...]] = {}
        self.rows: list[dict[str, object]] = []

    # --- processes ----------------------------------------------------------------------------

    def begins(self, d: Dispute, tick: int, place: Place) -> None:
        """A process begins: its first step, or what is brought back."""
        d.begun = d.place_since = tick
        d.stays, d.highest, d.heard, d.over = 0, place.rung_index, True, False
        self.began += 1
        if d.process:
            self.brought_back += 1
        d.process += 1
        if tick >= self.run.warm_tick:
            self.counted += 1
        self._open(1, tick)
        others = self.children.get(d.child, 0)
        if not others:
            self._child(tick)
        self.children[d.child] = others + 1
        self._spot(place).change(1, tick)

    def given_up(self, d: Dispute, tick: int) -> None:
        self._leave(d, d.places[0], tick)
        self._over(d, tick, "given up")

    def moves(self, d: Dispute, here: Place, there: Place, tick: int) -> None:
        """The ladder's token goes from one place to another."""
        if here.after:
            if not there.after:
                self.begins(d, tick, there)
            return
        if there.after:
            self._leave(d, here, tick)
            self._over(d, tick, there.name)
        elif here.label != there.label:
            self._leave(d, here, tick)
            d.place_since = tick
            self._spot(there).change(1, tick)
            if there.rung_index > d.highest:
                d.highest = there.rung_index

    def _leave(self, d: Dispute, here: Place, tick: int) -> None:
        spot = self._spot(here)
        stay = tick - d.place_since
        spot.change(-1, tick)
        spot.stayed += stay
        d.stays += stay
        if d.begun >= self.run.warm_tick:
            spot.visits += 1
            spot.time += stay

    def _over(self, d: Dispute, tick: int, outcome: str) -> None:
        if d.stays != tick - d.begun:
            raise Broken(f"dispute {d.number}: its stays are not the time from start to end")
        if not d.heard:
            self._heard(d)
        d.over = True
        self.ended += 1
        self._open(-1, tick)
        others = self.children[d.child] - 1
        if others:
            self.children[d.child] = others
        else:
            self._child(tick)
            del self.children[d.child]
        first, last, dates = d.begun // DAY, tick // DAY, self.run.dates
        if d.begun >= self.run.warm_tick:
            self.days[last - first] += 1
            self.calendar_days[dates[last] - dates[first]] += 1
            self.outcomes[outcome] += 1
            self.highest[_highest(d)] += 1
        if self.run.keep_rows:
            self.rows.append(self._row(d, last, outcome))

    def _row(self, d: Dispute, last: int | None, outcome: str) -> dict[str, object]:
        """One process as a row: see `results.ROW_COLUMNS`."""
        first, dates = d.begun // DAY, self.run.dates
        return {
            "dispute": d.number, "process": d.process, "severity": d.severity, "raiser": d.raiser,
            "began": first, "ended": last, "outcome": outcome, "highest": _highest(d),
            "working_days": None if last is None else last - first,
            "calendar_days": None if last is None else dates[last] - dates[first],
        }  # fmt: skip

    # --- steps --------------------------------------------------------------------------------

    def step(self, d: Dispute, way: Way) -> None:
        notes = way.notes
        counted = d.begun >= self.run.warm_tick
        if notes & ANSWERED:
            d.heard = True
        if notes & AWAITED:
            if not d.heard:
                self._heard(d)
            d.heard = False
            self.awaited += counted
        if counted and notes & _OTHERS:
            self.overdue += notes & OVERDUE > 0
            self.referred += notes & REFERRED > 0
            self.kept += notes & KEPT > 0
            self.not_kept += notes & NOT_KEPT > 0

    def _heard(self, d: Dispute) -> None:
        """Nobody answered at the rung that is left."""
        self.never_answered += d.begun >= self.run.warm_tick
        d.heard = True

    # --- integrals ----------------------------------------------------------------------------

    def _spot(self, place: Place) -> Spot:
        spot = self.spots.get(place.label)
        if spot is None:
            spot = self.spots[place.label] = Spot()
        return spot

    def _open(self, by: int, tick: int) -> None:
        self.open_area += self.open * (tick - self.open_last)
        self.open_last = tick
        day = tick // DAY
        if len(self.by_day) < day:
            self.by_day.extend([self.open] * (day - len(self.by_day)))
        self.open += by

    def _child(self, tick: int) -> None:
        self.child_area += len(self.children) * (tick - self.child_last)
        self.child_last = tick

    def begin(self, tick: int) -> None:
        """The warm-up is over: integrals begin anew."""
        self._open(0, tick)
        self._child(tick)
        self.open_area = self.child_area = 0
        for name, pool in self.run.pools.items():
            pool.until(tick)
            self.before[name] = self._times(name)

    def _times(self, name: str) -> tuple[int, ...]:
        pool = self.run.pools[name]
        return (pool.work_area, pool.present_area, pool.queue_area, pool.taken, pool.asked)

    # --- the end ------------------------------------------------------------------------------

    def result(self) -> ReplicationResult:
        run, horizon = self.run, self.run.horizon
        self._open(0, horizon)
        self._child(horizon)
        if self.open_last != self.run.horizon or len(self.by_day) < run.days:
            self.by_day.extend([self.open] * (run.days - len(self.by_day)))
        alive = [d for d in (*run.disputes.values(), *self.still) if d.begun >= 0 and not d.over]
        preparing = sum(d.begun < 0 for d in run.disputes.values())
        self._conserved(alive, preparing)
        open_days: Counter[int] = Counter()
        open_calendar: Counter[int] = Counter()
        last = run.days - 1
        for d in alive:
            if d.begun >= run.warm_tick:
                first = d.begun // DAY
                open_days[last - first] += 1
                open_calendar[run.dates[last] - run.dates[first]] += 1
            if run.keep_rows:
                self.rows.append(self._row(d, None, "open"))
        standing = sum(
            d.limit_key == NEVER and all(t.key == NEVER and t.stage != QUEUED for t in d.tasks)
            for d in alive
        )
        posts = {}
        for name, pool in run.pools.items():
            passed = zip(self._times(name), self.before.get(name, (0,) * 5), strict=True)
            worked, present, waited, begun, asked = (now - then for now, then in passed)
            posts[name] = PostTimes(pool.hours, worked, present, waited, begun, asked)
        rungs = {label: spot for label, spot in self.spots.items() if spot.visits}
        return ReplicationResult(
            authority=run.authority.name,
            ladder=run.graphs[0].name,
            seed=run.seed,
            number=run.number,
            horizon=run.days,
            warm_up=run.warm_up,
            arrived=run.arrived,
            raised=self.began - self.brought_back,
            brought_back=self.brought_back,
            ended=self.ended,
            open=len(alive),
            standing_still=standing,
            dead_ends=self.dead_ends,
            barred=self.barred,
            preparing=preparing,
            counted=self.counted,
            days=dict(sorted(self.days.items())),
            calendar_days=dict(sorted(self.calendar_days.items())),
            open_days=dict(sorted(open_days.items())),
            open_calendar_days=dict(sorted(open_calendar.items())),
            highest=dict(sorted(self.highest.items())),
            outcomes=dict(sorted(self.outcomes.items())),
            awaited=self.awaited,
            overdue=self.overdue,
            never_answered=self.never_answered,
            referrals=self.referred,
            kept=self.kept,
            not_kept=self.not_kept,
            open_area=self.open_area,
            child_area=self.child_area,
            rung_visits={label: spot.visits for label, spot in sorted(rungs.items())},
            rung_time={label: spot.time for label, spot in sorted(rungs.items())},
            posts=posts,
            open_by_day=tuple(self.by_day),
            events=run.events,
            replayed=run.replayed,
            digest=f"{run.order:016x}",
            rows=tuple(self.rows),
        )

    def _conserved(self, alive: list[Dispute], preparing: int) -> None:
        """What began has ended or is open; and on each rung, Little's law on this very path."""
        if self.began != self.ended + len(alive) or self.open != len(alive):
            raise Broken(
                f"{self.began} processes began, {self.ended} ended, {self.open} are counted as "
                f"open and {len(alive)} are"
            )
        raised = self.began - self.brought_back
        if self.run.arrived != raised + self.barred + preparing:
            raise Broken(
                f"{self.run.arrived} disputes came up, {raised} were raised, {self.barred} could "
                f"not be and {preparing} are being prepared"
            )
        here: Counter[str] = Counter()
        number: Counter[str] = Counter()
        for d in alive:
            here[d.places[0].label] += self.run.horizon - d.place_since
            number[d.places[0].label] += 1
        for label, spot in self.spots.items():
            spot.change(0, self.run.horizon)
            if spot.number != number[label]:
                raise Broken(f"{label}: {spot.number} are counted there, and {number[label]} are")
            if spot.area != spot.stayed + here[label]:
                raise Broken(f"{label}: the integral of the number there is not the sum of stays")


_OTHERS = OVERDUE | REFERRED | KEPT | NOT_KEPT


def _highest(d: Dispute) -> str:
    return d.settled.rungs[d.highest] if d.highest >= 0 else "none"
