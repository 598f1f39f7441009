"""The same automaton where clocks cannot be stopped: what timed automata can say of it.

A clock of a timed automaton runs everywhere. What is counted only here and there (formal time, a
total) is such a clock exactly if it is set to 0 where the counting begins and no day passes
uncounted before the last place that asks for it. Else it is `paused`, and left out.

An invariant forbids to come too late, where the ladder lets a token come and leave at once. Such an
arrival goes to an urgent copy of the place, in which no time passes.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

from model.exporting.automaton import Automaton, Days, Step, live


class Location(NamedTuple):
    """A place, or with `urgent` the copy of it for those who come too late."""

    place: int
    urgent: bool
    invariant: tuple[Days, ...]


class Edge(NamedTuple):
    """A step between two locations: clocks that must show at least so much, and at most so much."""

    source: int
    target: int
    least: tuple[Days, ...]
    most: tuple[Days, ...]
    resets: frozenset[int]
    step: int


@dataclass(frozen=True, slots=True)
class Timed:
    """Locations and edges; the clock after those of the automaton is formal time, if `formal`.

    `paused` says in words what cannot be measured by a clock that never stops.
    """

    made: Automaton
    locations: tuple[Location, ...]
    edges: tuple[Edge, ...]
    formal: bool
    paused: tuple[str, ...]

    @property
    def clocks(self) -> int:
        return len(self.made.clocks) + self.formal


def timed(made: Automaton) -> Timed:
    """A timed automaton that does what the ladder does, as far as its clocks can say it."""
    count = len(made.clocks)
    steps = list(made.steps)
    asked = live(made)
    paused, dropped = [], set()
    for clock in range(count):
        runs = [clock in place.runs for place in made.places]
        begun = _begun(made, runs, clock)
        if _pauses(made, runs, begun, [clock in a for a in asked]):
            paused.append(
                f"{made.clocks[clock]}: it stops and goes on, which no clock can; what it cuts "
                "short is not cut short here, so that more can happen here than in the ladder"
            )
            dropped.add(clock)
        else:
            steps = _resetting(steps, runs, begun, clock)
    runs = [place.formal for place in made.places]
    begun = _begun(made, runs, count)
    formal = not _pauses(made, runs, begun, _wanted(made, runs))
    if formal:
        steps = _resetting(steps, runs, begun, count)
    else:
        paused.append("formal days: they stop and go on, which no clock can; do not ask for them")
    return _located(made, steps, dropped, formal, tuple(paused))


def _begun(made: Automaton, runs: list[bool], clock: int) -> set[int]:
    """The places at which a stopwatch can show more than 0."""
    found = {n for n, p in enumerate(made.places) if runs[n] and p.takes_time}
    leading: dict[int, list[Step]] = {}
    for step in made.steps:
        leading.setdefault(step.source, []).append(step)
    waiting = list(found)
    while waiting:
        for step in leading.get(waiting.pop(), ()):
            if clock not in step.resets and step.target not in found:
                found.add(step.target)
                waiting.append(step.target)
    return found


def _wanted(made: Automaton, runs: list[bool]) -> list[bool]:
    """Whether formal time is still asked for at each place: it can go on there or later."""
    found = {number for number, on in enumerate(runs) if on}
    before: dict[int, list[int]] = {}
    for step in made.steps:
        before.setdefault(step.target, []).append(step.source)
    waiting = list(found)
    while waiting:
        more = set(before.get(waiting.pop(), ())) - found
        found |= more
        waiting += more
    return [number in found for number in range(len(runs))]


def _pauses(made: Automaton, runs: list[bool], begun: set[int], wanted: list[bool]) -> bool:
    return any(not runs[n] and wanted[n] and made.places[n].takes_time for n in begun)


def _resetting(steps: list[Step], runs: list[bool], begun: set[int], clock: int) -> list[Step]:
    """The steps, each setting a stopwatch to 0 where it surely shows 0 and a clock would not."""
    return [
        s._replace(resets=s.resets | {clock}) if s.source not in begun and not runs[s.source] else s
        for s in steps
    ]


def _located(
    made: Automaton, steps: list[Step], dropped: set[int], formal: bool, paused: tuple[str, ...]
) -> Timed:
    leading: dict[int, list[tuple[int, Step]]] = {}
    for number, step in enumerate(steps):
        leading.setdefault(step.source, []).append((number, step))
    stays = [tuple(b for b in p.stays if b.clock not in dropped) for p in made.places]
    locations = [Location(0, False, stays[0])]
    numbers = {(0, False): 0}
    edges: list[Edge] = []

    def number_of(place: int, urgent: bool) -> int:
        if (place, urgent) not in numbers:
            numbers[place, urgent] = len(locations)
            locations.append(Location(place, urgent, () if urgent else stays[place]))
        return numbers[place, urgent]

    for source, location in enumerate(locations):  # it grows as it is gone through
        upper = dict(location.invariant)
        for number, step in leading.get(location.place, ()):
            for least in _conditions(step, dropped):
                shown = dict(least)
                # Limits of the target that a clock may have passed on arrival.
                late = [
                    b
                    for b in stays[step.target]
                    if b.clock not in step.resets and upper.get(b.clock, b.days + 1) > b.days
                ]
                if not any(shown.get(b.clock, 0) > b.days for b in late):
                    there = number_of(step.target, False)
                    edges.append(Edge(source, there, least, tuple(late), step.resets, number))
                for b in late:
                    there = number_of(step.target, True)
                    edges.append(Edge(source, there, (*least, b), (), step.resets, number))
    return Timed(made, tuple(locations), tuple(edges), formal, paused)


def _conditions(step: Step, dropped: set[int]) -> Iterator[tuple[Days, ...]]:
    """The ways in which a step can be open, each with what clocks must show."""
    after = () if step.after is None else (step.after,)
    if not step.ended:
        yield after
    for bound in step.ended:
        if bound.clock not in dropped:
            yield (*after, bound)


def all_left_out(system: Timed) -> Automaton:
    """The automaton, which also says what its timed form leaves out."""
    from dataclasses import replace

    return replace(system.made, left_out=(*system.made.left_out, *system.paused))
