"""An explicit-state explorer: every day and every move of one small ladder in one world.

It goes by the rules of `model.replay` and by nothing of `proofs`: no shared terms, no components,
no bounds. A position is where every track stands, with its clock, and what the budgets have used.
"""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Callable, Iterable, Mapping
from functools import cached_property
from typing import Any, NamedTuple

import networkx

from model.graph import LADDER, Budget, Move, StateGraph
from model.terms import FALSE, INFINITE, World, evaluator

FAR = 70  # days of a clock or of formal time beyond which nothing changes in these ladders
PERMITTED, DILIGENT = "permitted", "diligent"
WINDOWS = "windows"  # a diligent raiser, windows in full, and no total that cuts them


class Position(NamedTuple):
    """Where the tracks stand, each with its clock, and what is spent of each budget."""

    tokens: tuple[tuple[str, int], ...]
    spent: tuple[int, ...]


class Step(NamedTuple):
    """A move, or a day without one, and where it leads."""

    move: Move | None
    after: Position


class TooMany(Exception):
    """There are more positions, or cases, than are tried."""


class Explorer:
    """All that can happen in one world.

    A diligent raiser wastes no time; `once` leaves out what is brought back after an agreement
    was not kept, since that is a process with a time of its own; `whole` follows all side tracks,
    and not only those on which something of the ladder depends.
    """

    def __init__(
        self,
        graph: StateGraph,
        world: World,
        conduct: str = PERMITTED,
        once: bool = False,
        whole: bool = False,
        most: int = 100_000,
    ) -> None:
        self.most_positions = most
        self.of = evaluator(world)
        self.graph, self.conduct = graph, conduct
        hurries = conduct != PERMITTED
        self.tracks = [LADDER, *(sorted(graph.tracks) if whole else self.mattering())]
        self.moves: dict[str, list[Move]] = defaultdict(list)
        for move in graph.moves:
            if (hurries and delays(move)) or (once and move.kind == "reopen"):
                continue
            if self.of(move.guard):
                self.moves[move.source].append(move)
        self.earliest = {id(m): self.of(m.earliest) for ms in self.moves.values() for m in ms}
        self.limit = {n: self.of(s.limit) for n, s in graph.states.items()}
        self.stay, self.ends = dict(self.limit), dict(self.limit)
        for n, s in graph.states.items() if hurries else ():
            self.stay[n] = self.of(s.prompt)
            if s.side != "raiser":  # whoever sets a window has set it shortly
                self.ends[n] = self.of(s.prompt)
        self.formal = {n: bool(self.of(s.formal)) for n, s in graph.states.items()}
        self.capping = [
            b for b in graph.budgets if self.of(b.cap) and not (conduct == WINDOWS and b.is_total)
        ]
        self.most = [min(FAR, self.of(b.at_most)) for b in self.capping]
        self.counts = {
            n: [bool(self.of(b.counts.get(n, FALSE))) for b in self.capping] for n in graph.states
        }
        self.enough = self.clocks()
        self.known: dict[Position, list[Step]] = {}
        self.first = Position(
            ((graph.start, 0), *((graph.tracks[t], 0) for t in self.tracks[1:])),
            (0,) * len(self.capping),
        )

    def mattering(self) -> list[str]:
        """The side tracks on which something of the ladder depends."""
        found = {m.track for m in self.graph.moves if m.also is not None} | {LADDER}
        while True:
            more = {m.needs for m in self.graph.moves if m.track in found and m.needs} - found
            if not more:
                return sorted(found - {LADDER})
            found |= more

    def clocks(self) -> Mapping[str, int]:
        """For each state the days on its clock after which nothing new comes of its going on.

        On the ladder a clock can be kept from state to state; beside it each begins anew.
        """
        found = {}
        for name, state in self.graph.states.items():
            waits = [self.earliest[id(m)] for m in self.moves[name]]
            ends = (self.limit[name], self.stay[name], self.ends[name])
            found[name] = max([0, *waits, *(x + 1 for x in ends if x < INFINITE)])
            if state.track != LADDER and not waits and min(ends) == INFINITE:
                found[name] = 0
        most = 1 + max(x for n, x in found.items() if self.graph.states[n].track == LADDER)
        return {n: most if s.track == LADDER else found[n] for n, s in self.graph.states.items()}

    # --- the rules --------------------------------------------------------------------------

    def left(self, position: Position) -> int:
        """The days that the budgets which cut this state short still leave."""
        here, left = position.tokens[0][0], INFINITE
        for i, budget in enumerate(self.capping):
            if self.counts[here][i] and here in budget.cuts and self.of(budget.at_most) < INFINITE:
                left = min(left, max(0, self.most[i] - position.spent[i]))
        return left

    def tomorrow(self, position: Position) -> Position | None:
        """The position a day later, if a day may pass."""
        for name, clock in position.tokens:
            if clock >= self.stay[name]:
                return None
        spent = position.spent
        if spent:
            if self.left(position) < 1:
                return None
            counts = self.counts[position.tokens[0][0]]
            used = zip(spent, self.most, counts, strict=True)
            spent = tuple([min(most, days + count) for days, most, count in used])
        enough = self.enough
        tokens = [
            (name, clock + 1 if clock < enough[name] else clock) for name, clock in position.tokens
        ]
        return Position(tuple(tokens), spent)

    def open(self, position: Position) -> Iterable[Step]:
        """The moves that may be made now, and where each leads."""
        tokens = position.tokens
        here = tokens[0][0]
        for place, (name, clock) in enumerate(tokens):
            for move in self.moves[name]:
                if clock < self.earliest[id(move)]:
                    continue
                ended = clock >= self.ends[name]
                if move.at_limit and not ended and (place > 0 or self.left(position) > 0):
                    continue
                if move.while_in is not None and here not in move.while_in:
                    continue
                after = [*tokens]
                kept = min(self.enough[move.target], clock)
                after[place] = (move.target, kept if move.keeps else 0)
                if move.needs is not None:
                    asked = self.tracks.index(move.needs)
                    kind = self.graph.states[tokens[asked][0]].kind
                    if kind not in ("granted", "done"):
                        continue
                    if kind == "granted":
                        after[asked] = (self.graph.tracks[move.needs], 0)
                if move.also is not None:
                    after[0] = (move.also, 0)
                if self.graph.states[here].rung != self.graph.states[after[0][0]].rung:
                    for i, track in enumerate(self.tracks):
                        if track in self.graph.lapsing:
                            after[i] = (self.graph.tracks[track], 0)
                spent = tuple(
                    0 if budget.renewed(move) else used
                    for budget, used in zip(self.capping, position.spent, strict=True)
                )
                yield Step(move, Position(tuple(after), spent))

    # --- what can be reached, and when --------------------------------------------------------

    @cached_property
    def steps(self) -> Mapping[Position, list[Step]]:
        """Every position that can be reached, with the steps out of it."""
        return self.explored([self.first])

    def explored(self, starts: Iterable[Position]) -> Mapping[Position, list[Step]]:
        found: dict[Position, list[Step]] = {}
        queue = deque(starts)
        while queue:
            position = queue.popleft()
            if position not in found:
                if len(found) >= self.most_positions:
                    raise TooMany
                found[position] = self.ways(position)
                queue.extend(s.after for s in found[position] if s.after not in found)
        return found

    def ways(self, position: Position) -> list[Step]:
        """The steps out of a position, a day among them if one may pass."""
        if position not in self.known:
            self.known[position] = list(self.open(position))
            later = self.tomorrow(position)
            if later is not None:
                self.known[position].append(Step(None, later))
        return self.known[position]

    @cached_property
    def states(self) -> set[str]:
        """The states of the ladder that can be reached."""
        return {position.tokens[0][0] for position in self.steps}

    @cached_property
    def made(self) -> Mapping[str, list[Move]]:
        """For each state of the ladder, the moves that somebody can make while it is there."""
        found: dict[str, dict[int, Move]] = {name: {} for name in self.states}
        for position, steps in self.steps.items():
            found[position.tokens[0][0]] |= {id(s.move): s.move for s in steps if s.move}
        return {name: list(moves.values()) for name, moves in found.items()}

    def worst(self, total: Budget | None = None) -> int:
        """The most formal days, or days that a total counts; INFINITE where they do not end."""
        counts = self.formal
        if total is not None:
            counts = {n: bool(self.of(total.counts.get(n, FALSE))) for n in self.formal}
        if self.conduct == WINDOWS:  # where nobody has a window, no day counts
            counts = {n: c and not self.of(self.graph.states[n].stuck) for n, c in counts.items()}
        reached = networkx.DiGraph((p, s.after) for p, steps in self.steps.items() for s in steps)
        best: dict[Position, int] = {}
        for component in networkx.strongly_connected_components(reached):  # the last ones first
            most = 0
            for position in component:
                for move, after in self.steps[position]:
                    days = move is None and counts[position.tokens[0][0]]
                    if days and after in component:
                        return INFINITE
                    most = max(most, days + best.get(after, 0))
            best |= dict.fromkeys(component, most)
        return best.get(self.first, 0)

    def within(self, moves: int) -> int:
        """The most formal days in which no more than so many moves are made; INFINITE likewise."""
        best: dict[Position, int] = {}
        for _ in range(moves + 1):
            fewer, best = best, {}
            for start in self.steps:
                days, here = [], start  # from day to day, until one is known or no more can pass
                while here not in best and here not in days:
                    days.append(here)
                    here = next((s.after for s in self.steps[here] if s.move is None), here)
                for here in reversed(days):
                    most = 0
                    for move, after in self.steps[here]:
                        if move is not None:
                            most = max(most, fewer.get(after, 0))
                        elif self.formal[here.tokens[0][0]]:
                            most = max(most, INFINITE if after == here else 1 + best[after])
                        elif after != here:
                            most = max(most, best[after])
                    best[here] = min(most, INFINITE)
        return best[self.first]

    # --- the game ---------------------------------------------------------------------------

    @cached_property
    def spent(self) -> Mapping[str, set[tuple[int, ...]]]:
        """For each state, what can be spent of the budgets when a dispute enters it."""
        found: dict[str, set[tuple[int, ...]]] = defaultdict(set)
        for position in self.steps:
            (name, clock), *_ = position.tokens
            if clock == 0:
                found[name].add(position.spent)
        return found

    def wins(
        self,
        goal: Callable[[Position], Any],
        at: Iterable[str],
        spent: Mapping[str, Iterable[tuple[int, ...]]] | None = None,
    ) -> dict[str, bool]:
        """Whether the raiser can force a goal from the entry to each of some states.

        And whatever is `spent` of the budgets when it is entered; nothing of what is not told.

        Where the raiser has a move that leads on to it, the raiser makes it before anybody else
        moves. Otherwise all that the others, or time, can do must lead on to it, and one of these
        must happen: a day that cannot pass brings about what time does, and whether what was agreed
        is done, and nothing else. Nobody holds up the day by requests made and refused on it
        without end.
        """
        starts = {
            n: [
                Position(((n, 0), *self.first.tokens[1:]), days)
                for days in (spent or {}).get(n) or [self.first.spent]
            ]
            for n in at
        }
        steps = self.explored(p for positions in starts.values() for p in positions)
        mine: dict[Position, list[Position]] = defaultdict(list)  # after -> before
        theirs: dict[Position, list[Position]] = defaultdict(list)
        beside: dict[Position, list[Position]] = defaultdict(list)
        spoils: dict[Position, int] = {}  # what others can do that is not yet known to lead on
        asked: dict[Position, int] = {}  # those of them that move a request, and not the ladder
        bound: set[Position] = set()  # where something must happen
        for position, ways in steps.items():
            spoils[position] = asked[position] = 0
            last_day = all(move is not None for move, _ in ways)
            for move, after in ways:
                if move is not None and move.side == "raiser":
                    mine[after].append(position)
                    continue
                theirs[after].append(position)
                spoils[position] += 1
                if move is not None and move.track != LADDER and move.also is None:
                    beside[after].append(position)
                    asked[position] += 1
                done = move is not None and move.kind in ("kept", "not kept")
                if move is None or move.side == "time" or (last_day and done):
                    bound.add(position)
        won: set[Position] = set()
        queue = deque(p for p in steps if goal(p))
        while queue:
            won |= set(queue)
            while queue:
                position = queue.popleft()
                more = list(mine[position])
                for before in beside[position]:
                    asked[before] -= 1
                for before in theirs[position]:
                    spoils[before] -= 1
                    if spoils[before] == 0 and before in bound:
                        more.append(before)
                for before in more:
                    if before not in won:
                        won.add(before)
                        queue.append(before)
            queue.extend(self.held_up(steps, won, {p for p in bound if spoils[p] == asked[p]}))
        return {name: won.issuperset(positions) for name, positions in starts.items()}

    @staticmethod
    def held_up(
        steps: Mapping[Position, list[Step]], won: set[Position], only: set[Position]
    ) -> set[Position]:
        """The positions where, within the day, nothing can come but requests without end.

        `only` are those where all that is not yet known to lead on moves a request.
        """
        held = only - won
        while True:
            out = {
                p
                for p in held
                for move, after in steps[p]
                if (move is None or move.side != "raiser") and after not in held | won
            }
            if not out:
                return held
            held -= out


def delays(move: Move) -> bool:
    """What a raiser who grants no delay does not do."""
    return move.side == "raiser" and move.kind in ("extend", "withdraw", "hand over")
