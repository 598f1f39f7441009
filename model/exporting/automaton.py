"""One ladder in one world as an automaton whose clocks count whole working days.

A *place* says where every track stands at once; a *step* is a move that may be made there. This
is `replay` written out for tools that know nothing of tracks: what a move needs, uses up, moves
along and lets lapse is worked out here, and what is left is a graph with guards and resets.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from model.graph import LADDER, Budget, Move, StateGraph
from model.terms import FALSE, INFINITE, Symbol, Term, Value, evaluator

PERMITTED = "permitted"  # whatever anybody permitted does
DILIGENT = "diligent"  # a raiser who acts at once, grants no delay and goes on
MOST_PLACES = 100_000


class TooLarge(ValueError):
    """The tracks can stand in more places together than are written out."""


class Days(NamedTuple):
    """A clock, by its number, and a number of working days that it is compared with."""

    clock: int
    days: int


class Place(NamedTuple):
    """Where all tracks stand together, in the order of `Automaton.tracks`.

    A day can pass while each clock of `stays` is below its days. `runs` are the clocks that count
    that day; `formal` says whether it is a day of formal time. `again` is true once an agreement
    was not kept and the dispute was brought back, which is a process with a time of its own.
    """

    at: tuple[str, ...]
    again: bool
    stays: tuple[Days, ...]
    runs: frozenset[int]
    formal: bool

    @property
    def takes_time(self) -> bool:
        return all(bound.days > 0 for bound in self.stays)


class Step(NamedTuple):
    """A step from one place to another, by their numbers.

    It may be made when the clock of `after` shows at least its days and, unless `ended` is empty,
    a clock of `ended` does. It sets the clocks of `resets` to 0. `moves` are the moves of the
    ladder that do just this.
    """

    source: int
    target: int
    after: Days | None
    ended: tuple[Days, ...]
    resets: frozenset[int]
    moves: tuple[Move, ...]


@dataclass(frozen=True, slots=True)
class Automaton:
    """A ladder in one world; the first place is where it starts.

    `clocks` says in words what each clock measures, `most` is the largest number of days that
    it is compared with. `left_out` says in sentences what of the ladder is not here.
    """

    graph: StateGraph
    world: Mapping[Symbol, Value]
    conduct: str
    tracks: tuple[str, ...]
    clocks: tuple[str, ...]
    most: tuple[int, ...]
    places: tuple[Place, ...]
    steps: tuple[Step, ...]
    left_out: tuple[str, ...]

    def standing(self, state: str) -> list[int]:
        """The places in which some track stands in a state."""
        return [number for number, place in enumerate(self.places) if state in place.at]

    def states(self) -> list[str]:
        """The states in which some track can stand, as far as the clocks allow it."""
        found = {state for place in self.places for state in place.at}
        return [name for name in self.graph.states if name in found]


def automaton(
    graph: StateGraph,
    world: Mapping[Symbol, Value],
    conduct: str = PERMITTED,
    every_track: bool = False,
) -> Automaton:
    """The automaton of a ladder in a world that settles all its symbols.

    Side tracks on which nothing of the ladder depends are left out unless `every_track`. Raises
    ValueError if nobody may raise the dispute in this world, TooLarge if there are too many places.
    """
    made = _Product(graph, world, conduct, every_track)
    if not made.of(graph.domain):
        raise ValueError("this person may not raise this dispute for this child")
    return made.automaton()


class _Product:
    """The tracks of one ladder in one world, and how they go together."""

    def __init__(
        self, graph: StateGraph, world: Mapping[Symbol, Value], conduct: str, every: bool
    ) -> None:
        self.graph, self.world, self.conduct = graph, world, conduct
        self.of: Callable[[Term], Any] = evaluator(world)
        self.moves: dict[str, list[Move]] = {name: [] for name in graph.states}
        for move in graph.moves:
            wasted = conduct == DILIGENT and move.delays
            if not wasted and self.of(move.guard) and self.of(move.earliest) < INFINITE:
                self.moves[move.source].append(move)
        self.stay = {n: self.of(s.limit) for n, s in graph.states.items()}
        self.ended = self.stay  # after how many days what waits for the end of a stay can happen
        if conduct == DILIGENT:  # and whoever sets a window but the raiser has set it shortly
            self.stay = {n: self.of(s.prompt) for n, s in graph.states.items()}
            shortly = (s.prompt if s.side != "raiser" else s.limit for s in graph.states.values())
            self.ended = dict(zip(graph.states, map(self.of, shortly), strict=True))
        wanted = set(graph.tracks) if every else self.needed()
        self.tracks = (LADDER, *(t for t in graph.tracks if t in wanted))
        self.budgets = [
            b for b in graph.budgets if self.of(b.cap) and self.of(b.at_most) < INFINITE
        ]
        self.own = {track: number for number, track in enumerate(self.tracks)}

    # --- which tracks -----------------------------------------------------------------------

    def needed(self) -> set[str]:
        """The side tracks without which the ladder itself could do something else."""
        found = {m.track for ms in self.moves.values() for m in ms if m.also is not None}
        found |= {track for track in self.graph.tracks if not self.lets_time_pass(track)}
        found |= {LADDER}
        while True:
            there = [m for ms in self.moves.values() for m in ms if m.track in found]
            more = {m.needs for m in there if m.needs is not None} - found
            if not more:
                return found
            found |= more

    def lets_time_pass(self, track: str) -> bool:
        """Whether a token of a side track is never held where its time has run out."""
        names = [n for n, s in self.graph.states.items() if s.track == track]
        onward: dict[str, str] = {}
        for name in names:
            stay = self.stay[name]
            for move in self.moves[name]:
                alone = move.needs is None and move.while_in is None and move.also is None
                ready = stay >= (self.ended[name] if move.at_limit else self.of(move.earliest))
                if alone and ready and stay < INFINITE:
                    onward.setdefault(name, move.target)
        for name in names:
            here, seen = name, 0
            while self.stay[here] == 0 and here in onward and seen <= len(names):
                here, seen = onward[here], seen + 1
            if self.stay[here] < INFINITE and (here not in onward or seen > len(names)):
                return False
        return True

    # --- places and steps -------------------------------------------------------------------

    def place(self, at: tuple[str, ...], again: bool) -> Place:
        bounds = [
            Days(number, self.stay[state])
            for number, state in enumerate(at)
            if self.stay[state] < INFINITE
        ]
        bounds += self.cuts(at[0])
        runs = {number for number, b in self.numbered() if self.counted(b, at[0])}
        formal = bool(self.of(self.graph.states[at[0]].formal)) and not again
        return Place(at, again, tuple(bounds), frozenset({*range(len(at)), *runs}), formal)

    def numbered(self) -> Iterator[tuple[int, Budget]]:
        return enumerate(self.budgets, len(self.tracks))

    def counted(self, budget: Budget, state: str) -> bool:
        return bool(self.of(budget.counts.get(state, FALSE)))

    def cuts(self, state: str) -> list[Days]:
        """When the budgets end the stay in a state of the ladder."""
        return [
            Days(number, self.of(b.at_most))
            for number, b in self.numbered()
            if state in b.cuts and self.counted(b, state)
        ]

    def steps_from(self, number: int, place: Place) -> Iterator[tuple[Step, tuple[str, ...], bool]]:
        """The steps out of a place, each with where it leads."""
        at = dict(zip(self.tracks, place.at, strict=True))
        for track in self.tracks:
            for move in self.moves[at[track]]:
                if move.while_in is not None and at[LADDER] not in move.while_in:
                    continue
                ended: tuple[Days, ...] = ()
                if move.at_limit:
                    ended = self.ends(track, move.source)
                    if not ended:
                        continue
                led = self.led(at, move)
                if led is None:
                    continue
                there, resets = led
                earliest = self.of(move.earliest)
                after = Days(self.own[track], earliest) if earliest > 0 else None
                step = Step(number, -1, after, ended, resets, (move,))
                again = place.again or move.kind == "reopen"
                yield step, tuple(there[t] for t in self.tracks), again

    def ends(self, track: str, state: str) -> tuple[Days, ...]:
        """What brings about the moves that wait for the end of the time in a state."""
        limit = self.ended[state]
        own = [Days(self.own[track], limit)] if limit < INFINITE else []
        return tuple(own + (self.cuts(state) if track == LADDER else []))

    def led(
        self, at: Mapping[str, str], move: Move
    ) -> tuple[dict[str, str], frozenset[int]] | None:
        """Where a move leads every track, and the clocks it sets to 0; None if it has to wait."""
        there = {**at, move.track: move.target}
        resets = set() if move.keeps else {self.own[move.track]}
        if move.needs is not None:
            kind = self.graph.states[at[move.needs]].kind
            if kind not in ("granted", "done"):
                return None
            if kind == "granted":
                there[move.needs] = self.graph.tracks[move.needs]
                resets.add(self.own[move.needs])
        if move.also is not None:
            there[LADDER] = move.also
            resets.add(self.own[LADDER])
        here, then = (self.graph.states[t[LADDER]].rung for t in (at, there))
        if here != then:
            for track in self.graph.lapsing.intersection(self.tracks):
                there[track] = self.graph.tracks[track]
                resets.add(self.own[track])
        resets |= {number for number, budget in self.numbered() if budget.renewed(move)}
        return there, frozenset(resets)

    def explored(self) -> tuple[list[Place], list[Step]]:
        first = (self.graph.start, *(self.graph.tracks[t] for t in self.tracks[1:]))
        places = [self.place(first, False)]
        numbers = {(first, False): 0}
        steps: list[Step] = []
        for number, place in enumerate(places):  # it grows as it is gone through
            alike: dict[Step, list[Move]] = {}
            for step, at, again in self.steps_from(number, place):
                key = (at, again)
                if key not in numbers:
                    numbers[key] = len(places)
                    places.append(self.place(at, again))
                bare = step._replace(target=numbers[key], moves=())
                alike.setdefault(bare, []).extend(step.moves)
            steps += [step._replace(moves=tuple(moves)) for step, moves in alike.items()]
            if len(places) > MOST_PLACES:
                raise TooLarge(f"its tracks stand in more than {MOST_PLACES:,} places together")
        return places, steps

    # --- the whole --------------------------------------------------------------------------

    def automaton(self) -> Automaton:
        places, steps = self.explored()
        most: dict[int, int] = {}
        for place in places:
            for clock, days in place.stays:
                most[clock] = max(days, most.get(clock, 0))
        for step in steps:
            for clock, days in (*step.ended, *([step.after] if step.after else [])):
                most[clock] = max(days, most.get(clock, 0))
        kept = {clock: number for number, clock in enumerate(sorted(most))}
        words = [f"days on the clock of {track}" for track in self.tracks]
        words += [f"days spent of: {budget.name}" for budget in self.budgets]
        return Automaton(
            self.graph, self.world, self.conduct, self.tracks,
            tuple(words[clock] for clock in kept), tuple(most[clock] for clock in kept),
            tuple(_renumbered_place(place, kept) for place in places),
            tuple(_renumbered_step(step, kept) for step in steps),
            tuple(self.left_out()),
        )  # fmt: skip

    def left_out(self) -> Iterator[str]:
        graph = self.graph
        for track in graph.tracks:
            if track not in self.tracks:
                yield (
                    f"The side track {track} is left out: nothing on the ladder depends on it, and "
                    "it never holds time up. Its own states cannot be asked about."
                )
        if self.conduct == DILIGENT:
            yield (
                "Steps by which the raiser only delays are left out, and the raiser stays nowhere "
                "longer than it must be: ask about time, not about what can be reached."
            )
        if any(not self.of(budget.cap) for budget in graph.budgets):
            yield "Totals that the text only states, and that cut nothing short, are left out."
        yield (
            "Who makes a step stands in a comment only. What the raiser can force whatever the "
            "others do, duties, and what is copied or recorded cannot be asked."
        )
        yield "Only this world is here; that a claim holds in every reading cannot be asked."


def _renumbered(bounds: Sequence[Days], kept: Mapping[int, int]) -> tuple[Days, ...]:
    return tuple(Days(kept[clock], days) for clock, days in bounds)


def _renumbered_place(place: Place, kept: Mapping[int, int]) -> Place:
    runs = frozenset(kept[clock] for clock in place.runs if clock in kept)
    return place._replace(stays=_renumbered(place.stays, kept), runs=runs)


def _renumbered_step(step: Step, kept: Mapping[int, int]) -> Step:
    return step._replace(
        after=None if step.after is None else _renumbered([step.after], kept)[0],
        ended=_renumbered(step.ended, kept),
        resets=frozenset(kept[clock] for clock in step.resets if clock in kept),
    )


def live(made: Automaton) -> list[frozenset[int]]:
    """For each place the clocks that are still asked for before they are set to 0 again.

    The others may show anything there, so a format may leave them out or hold them at 0.
    """
    asked: list[set[int]] = [{clock for clock, _ in place.stays} for place in made.places]
    before: dict[int, list[Step]] = {}
    for step in made.steps:
        asked[step.source] |= {clock for clock, _ in step.ended}
        if step.after is not None:
            asked[step.source].add(step.after.clock)
        before.setdefault(step.target, []).append(step)
    waiting = list(range(len(asked)))
    while waiting:
        target = waiting.pop()
        for step in before.get(target, ()):
            more = asked[target] - step.resets - asked[step.source]
            if more:
                asked[step.source] |= more
                waiting.append(step.source)
    return [frozenset(clocks) for clocks in asked]
