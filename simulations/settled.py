"""A state graph in one world: every guard and limit worked out once.

The same states and moves as `replay` walks, as tables that are quick to read. A `Way` is a move
whose guard holds; what remains to be seen when it is made is the day, where the other tokens
stand, and whether the time has run out.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from model.graph import AFTER, LADDER, Move, State, StateGraph
from model.terms import FALSE, INFINITE, World, evaluator
from simulations.draws import name_of
from simulations.workload import INFORMAL, TOP

DECISIONS = frozenset({"answered", "overdue", "divided", "refused", "unanswered", "late"})

# Moves by which the raiser goes on, those first that the text puts first.
_ONWARD = {
    "escalate": 0, "not satisfied": 1, "ask": 2, "skip": 3, "return": 4, "refer": 5, "exhaust": 6,
    "accept": 7, "close": 8,
}  # fmt: skip


OFF = "between rungs"  # the label of places at no rung: somebody is asked, or it is handed over

# What a move means for the counting.
REFERRED, KEPT, NOT_KEPT, ANSWERED, OVERDUE, AWAITED = 1, 2, 4, 8, 16, 32
_NOTED = {
    "refer": REFERRED, "kept": KEPT, "not kept": NOT_KEPT, "answer": ANSWERED,
    "late answer": ANSWERED, "divided": ANSWERED,
}  # fmt: skip


class Way:
    """A move that is open in a world, with the places it leads from and to."""

    __slots__ = (
        "alone", "also", "at_limit", "earliest", "free", "index", "keeps", "kind", "move",
        "needs", "notes", "renews", "shifts", "source", "target", "track", "up", "while_in",
    )  # fmt: skip

    def __init__(self, move: Move, index: int, earliest: int) -> None:
        self.move = move
        self.index = index  # among the moves of the graph
        self.kind = move.kind
        self.track = 0  # 0 is the ladder
        self.source: Place
        self.target: Place
        self.also: Place | None = None
        self.earliest = earliest
        self.at_limit = move.at_limit
        self.keeps = move.keeps
        self.needs = 0
        self.while_in = move.while_in
        # whether it may be taken at any time, wherever the other tokens stand
        self.free = not earliest and not move.needs and move.while_in is None
        self.renews: tuple[int, ...] = ()  # the budgets that begin anew
        self.notes = 0  # what it means for the counting; see REFERRED and what follows
        self.alone = False  # whether it moves the ladder's token and no other
        self.shifts = True  # whether the ladder's token then stands elsewhere for the counting
        self.up = -1  # the rung to which it leads in the end, through any gates


class Place:
    """A state in a world. `limit` is in working days; `cuts` and `counts` are of budgets."""

    __slots__ = (
        "after", "agree", "answers", "closes", "counts", "cuts", "divided", "due", "endless",
        "extend", "index", "kind", "kinds", "label", "limit", "name", "onward", "partly", "receive",
        "refused",
        "rung", "rung_index", "rung_name", "satisfied", "state", "together", "track", "ways",
        "withdraw",
    )  # fmt: skip

    def __init__(self, state: State, index: int, limit: int, prefix: str) -> None:
        self.state = state
        self.label = f"{prefix}{state.rung}" if state.rung is not None else OFF
        self.name = state.name
        self.kind = state.kind
        self.kinds: tuple[str, ...] = ()  # `TOP`, `INFORMAL`: what its rung is in this world
        self.index = index
        self.limit = limit
        self.endless = False  # nothing ends a stay here
        self.track = 0
        self.rung = state.rung
        self.rung_index = -1
        self.rung_name = 0  # the hash of the rung's name, or of the state's where it has no rung
        self.after = state.kind in AFTER and state.track == LADDER
        self.counts: tuple[int, ...] = ()
        self.cuts: tuple[tuple[int, int], ...] = ()
        self.ways: tuple[Way, ...] = ()
        self.due: tuple[Way, ...] = ()
        self.answers: tuple[Way, ...] = ()
        self.together: tuple[str, ...] = ()  # who must answer with the one who speaks for them
        self.divided: tuple[Way, ...] = ()
        self.extend: tuple[Way, ...] = ()
        self.satisfied: tuple[Way, ...] = ()
        self.closes: tuple[Way, ...] = ()  # satisfied, by somebody other than the raiser
        self.partly: tuple[Way, ...] = ()
        self.onward: tuple[Way, ...] = ()
        self.withdraw: tuple[Way, ...] = ()
        self.agree: tuple[Way, ...] = ()
        self.refused: tuple[Way, ...] = ()
        self.receive: tuple[Way, ...] = ()


class Settled:
    """A graph in a world. `tracks` are the ladder and the side tracks, in the graph's order."""

    def __init__(self, graph: StateGraph, world: World, prefix: str = "") -> None:
        of = evaluator(world)
        self.graph, self.world = graph, world
        self.tracks = (LADDER, *graph.tracks)
        self.rungs = tuple(str(name) for name in graph.ladder.rungs)
        self.budgets = tuple(budget.name for budget in graph.budgets)
        track_of = {name: i for i, name in enumerate(self.tracks)}
        rung_of = {name: i for i, name in enumerate(self.rungs)}
        self.places = _places(graph, of, track_of, rung_of, prefix)
        _join(graph, of, self.places, track_of)
        for place in self.places.values():
            _sort(place)
        for place in self.places.values():
            for way in place.ways:
                way.up = _leads_to(way, set())
        for place in self.places.values():
            place.onward = tuple(sorted(place.onward, key=lambda w: (_ONWARD[w.kind], w.up)))
        self.start = self.places[graph.start]
        self.entries = _entries(self.start)
        self.firsts = (self.start, *(self.places[first] for first in graph.tracks.values()))
        self.lapsing = tuple(track_of[track] for track in graph.lapsing)
        self.referrals = _tracks_named(self.tracks, "referral")
        self.advice = _tracks_named(self.tracks, "legal advice")
        self.hand_overs = _tracks_named(self.tracks, "hand-over")
        self.step_of = {consent.state: consent.step for consent in graph.consents}
        together = _together(graph, of, self.places)
        for place in self.places.values():
            place.together = together.get(place.rung or "", ())


def _entries(start: Place) -> tuple[tuple[int, tuple[Way, ...]], ...]:
    """The rungs at which a dispute may be raised, from the lowest, with the ways there."""
    ways = [w for w in start.ways if w.kind in ("raise", "ask") and w.track == 0 and w.up >= 0]
    return tuple((up, tuple(w for w in ways if w.up == up)) for up in sorted({w.up for w in ways}))


def _tracks_named(tracks: tuple[str, ...], name: str) -> tuple[int, ...]:
    return tuple(
        i for i, track in enumerate(tracks) if track == name or track.startswith(f"{name} (")
    )


def _places(
    graph: StateGraph,
    of: Callable[[Any], Any],
    track_of: dict[str, int],
    rung_of: dict[str, int],
    prefix: str,
) -> dict[str, Place]:
    places = {}
    for index, state in enumerate(graph.states.values()):
        place = Place(state, index, min(INFINITE, of(state.limit)), prefix)
        place.track = track_of[state.track]
        place.rung_index = rung_of.get(str(state.rung), -1)
        place.rung_name = name_of(str(state.rung or state.name))
        if state.rung is not None:
            kinds = {TOP: of(graph.top_of[state.rung]), INFORMAL: not of(state.formal)}
            place.kinds = tuple(kind for kind, so in kinds.items() if so)
        if place.track == 0:
            counted = [
                i
                for i, budget in enumerate(graph.budgets)
                if of(budget.counts.get(state.name, FALSE))
            ]
            place.counts = tuple(counted)
            place.cuts = tuple(
                (i, of(graph.budgets[i].at_most))
                for i in counted
                if state.name in graph.budgets[i].cuts and of(graph.budgets[i].cap)
            )
        place.endless = place.limit >= INFINITE and not place.cuts
        places[state.name] = place
    return places


def _join(
    graph: StateGraph, of: Callable[[Any], Any], places: dict[str, Place], track_of: dict[str, int]
) -> None:
    open_from: dict[str, list[Way]] = {name: [] for name in places}
    for index, move in enumerate(graph.moves):
        if not of(move.guard):
            continue
        way = Way(move, index, of(move.earliest))
        way.track = track_of[move.track]
        way.source, way.target = places[move.source], places[move.target]
        way.also = places[move.also] if move.also else None
        way.needs = track_of[move.needs] if move.needs else 0
        way.alone = way.track == 0 and not way.needs and way.also is None
        here, there = way.source, way.target
        way.shifts = (
            here.rung != there.rung or here.label != there.label or here.after != there.after
        )
        way.renews = tuple(i for i, budget in enumerate(graph.budgets) if budget.renewed(move))
        way.notes = _NOTED.get(move.kind, 0)
        if way.source.kind == "waiting" and move.at_limit:
            way.notes |= OVERDUE
        arrives = way.target.kind == "waiting" and way.source.kind != "sent"
        if (arrives and move.kind != "extend") or way.target.kind == "sent":
            way.notes |= AWAITED
        open_from[move.source].append(way)
    for name, ways in open_from.items():
        places[name].ways = tuple(ways)


def _sort(place: Place) -> None:
    def of_kind(*kinds: str) -> tuple[Way, ...]:
        return tuple(w for w in place.ways if w.kind in kinds and not w.at_limit)

    place.due = tuple(w for w in place.ways if w.at_limit)
    place.answers = of_kind("answer", "late answer")
    place.divided = of_kind("divided")
    place.extend = of_kind("extend")
    place.receive = of_kind("receive")
    place.withdraw = of_kind("withdraw")
    place.refused = of_kind("refused")
    satisfied = of_kind("satisfied")
    partly = [w for w in place.ways if _is_partly(w)]
    ended = tuple(w for w in of_kind("close") if w.move.name.startswith(_SETTLED))
    settled = (*satisfied, *ended)
    place.satisfied = tuple(w for w in settled if w.move.side == "raiser")
    place.closes = tuple(w for w in settled if w.move.side != "raiser")
    place.partly = tuple(sorted(partly, key=lambda w: _ONWARD.get(w.kind, 9)))
    if place.kind == "gate":
        place.agree = tuple(
            w for w in place.ways if w.kind not in ("refused", "unanswered", "withdraw", "skip")
        )
        place.agree = tuple(w for w in place.agree if w.move.side != "time")
    taken = {id(w) for w in (*partly, *settled, *place.agree)}
    onward = [w for w in place.ways if w.kind in _ONWARD and id(w) not in taken and not w.at_limit]
    if place.track == 0:
        place.onward = tuple(sorted(onward, key=lambda w: _ONWARD[w.kind]))


_SETTLED = ("is satisfied", "treats it as settled")


def _is_partly(way: Way) -> bool:
    return way.move.name.startswith(("partly satisfied, ", "is partly satisfied"))


def _leads_to(way: Way, seen: set[int]) -> int:
    target = way.target
    if target.kind != "gate" or target.index in seen:
        return target.rung_index
    seen.add(target.index)
    found = [_leads_to(w, seen) for w in target.ways if w.kind not in ("refused", "unanswered")]
    return max(found, default=-1)


def _together(
    graph: StateGraph, of: Callable[[Any], Any], places: dict[str, Place]
) -> dict[str, tuple[str, ...]]:
    """Those of a rung who must answer together with the one who speaks for them."""
    found: dict[str, tuple[str, ...]] = {}
    for rung, by_case in graph.officers.items():
        named: Iterable[str] = next((names for guard, names in by_case if of(guard)), ())
        speaking = {w.move.actor for p in places.values() if p.rung == rung for w in p.answers}
        found[str(rung)] = tuple(
            n for n in named if n not in speaking and f"{n} officer" not in speaking
        )
    return found
