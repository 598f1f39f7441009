"""An explicit-state explorer: every day and every move of one small ladder in one world.

It goes by the rules of `model.replay` and by nothing of `proofs`: no shared terms, no components,
no bounds. A position is where every track stands, with its clock, and what the budgets have used.
"""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Iterable, Mapping
from functools import cached_property
from typing import NamedTuple

from model.graph import LADDER, Move, StateGraph
from model.terms import FALSE, INFINITE, World, evaluator

FAR = 70  # days of a clock or of formal time beyond which nothing changes in these ladders


class Position(NamedTuple):
    """Where the tracks stand, each with its clock, and what is spent of each budget."""

    tokens: tuple[tuple[str, int], ...]
    spent: tuple[int, ...]


class Explorer:
    """All that can happen in one world.

    `diligent` keeps the raiser from wasting time; `once` leaves out what is brought back after an
    agreement was not kept, since that is a process with a time of its own.
    """

    def __init__(
        self, graph: StateGraph, world: World, diligent: bool = False, once: bool = False
    ) -> None:
        self.of = evaluator(world)
        self.graph = graph
        self.tracks = [LADDER, *self.mattering()]
        self.moves: dict[str, list[Move]] = defaultdict(list)
        for move in graph.moves:
            if (diligent and self.delays(move)) or (once and move.kind == "reopen"):
                continue
            if self.of(move.guard):
                self.moves[move.source].append(move)
        self.limit = {n: self.of(s.limit) for n, s in graph.states.items()}
        self.stay = {
            n: self.of(s.prompt) if diligent else self.limit[n] for n, s in graph.states.items()
        }
        self.formal = {n: bool(self.of(s.formal)) for n, s in graph.states.items()}
        self.capping = [b for b in graph.budgets if self.of(b.cap)]
        self.counts = {
            n: [bool(self.of(b.counts.get(n, FALSE))) for b in self.capping] for n in graph.states
        }
        self.enough = {track: self.longest(track) for track in self.tracks}
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

    def longest(self, track: str) -> int:
        """A number of days on a track's clock after which nothing new comes of its going on."""
        names = {n for n, s in self.graph.states.items() if s.track == track}
        waits = [self.of(m.earliest) for n in names for m in self.moves[n]]
        limits = [self.limit[n] for n in names] + [self.stay[n] for n in names]
        return 1 + max([0, *waits, *(x for x in limits if x < INFINITE)])

    @staticmethod
    def delays(move: Move) -> bool:
        """What a raiser who grants no delay does not do."""
        return move.side == "raiser" and move.kind in ("extend", "withdraw", "hand over")

    # --- the rules --------------------------------------------------------------------------

    def left(self, position: Position) -> int:
        """The days that the budgets which cut this state short still leave."""
        here, left = position.tokens[0][0], INFINITE
        counted = self.counts[here]
        for budget, used, counts in zip(self.capping, position.spent, counted, strict=True):
            if here in budget.cuts and counts:
                left = min(left, max(0, self.of(budget.at_most) - used))
        return left

    def tomorrow(self, position: Position) -> Position | None:
        """The position a day later, if a day may pass."""
        if self.left(position) < 1:
            return None
        for name, clock in position.tokens:
            if clock + 1 > self.stay[name]:
                return None
        here = position.tokens[0][0]
        spent = tuple(
            min(FAR, used + counts)
            for used, counts in zip(position.spent, self.counts[here], strict=True)
        )
        tokens = zip(self.tracks, position.tokens, strict=True)
        return Position(tuple((n, min(self.enough[t], c + 1)) for t, (n, c) in tokens), spent)

    def open(self, position: Position) -> Iterable[tuple[Move, Position]]:
        """The moves that may be made now, and where each leads."""
        at = dict(zip(self.tracks, position.tokens, strict=True))
        for track, (name, clock) in at.items():
            for move in self.moves[name]:
                if clock < self.of(move.earliest):
                    continue
                ended = clock >= self.limit[name] or (track == LADDER and self.left(position) == 0)
                if move.at_limit and not ended:
                    continue
                if move.while_in is not None and at[LADDER][0] not in move.while_in:
                    continue
                after = {**at, track: (move.target, clock if move.keeps else 0)}
                if move.needs is not None:
                    asked = self.graph.states[at[move.needs][0]].kind
                    if asked not in ("granted", "done"):
                        continue
                    if asked == "granted":
                        after[move.needs] = (self.graph.tracks[move.needs], 0)
                if move.also is not None:
                    after[LADDER] = (move.also, 0)
                if self.rung(at) != self.rung(after):
                    lapsed = self.graph.lapsing.intersection(self.tracks)
                    after |= {t: (self.graph.tracks[t], 0) for t in lapsed}
                spent = tuple(
                    0 if budget.renewed(move) else used
                    for budget, used in zip(self.capping, position.spent, strict=True)
                )
                yield move, Position(tuple(after[t] for t in self.tracks), spent)

    def rung(self, tokens: Mapping[str, tuple[str, int]]) -> str | None:
        return self.graph.states[tokens[LADDER][0]].rung

    # --- what can be reached, and when --------------------------------------------------------

    @cached_property
    def steps(self) -> Mapping[Position, list[tuple[Position, int]]]:
        """Every position that can be reached, with the next ones and the formal days to them."""
        found: dict[Position, list[tuple[Position, int]]] = {}
        queue = deque([self.first])
        while queue:
            position = queue.popleft()
            if position in found:
                continue
            found[position] = [(after, 0) for _, after in self.open(position)]
            later = self.tomorrow(position)
            if later is not None:
                found[position].append((later, int(self.formal[position.tokens[0][0]])))
            queue.extend(p for p, _ in found[position] if p not in found)
        return found

    @property
    def states(self) -> set[str]:
        """The states of the ladder that can be reached."""
        return {position.tokens[0][0] for position in self.steps}

    def worst(self) -> int:
        """The most formal days that can pass; INFINITE where they do not end."""
        best = {self.first: 0}
        queue = deque([self.first])
        while queue:
            position = queue.popleft()
            for after, passed in self.steps[position]:
                days = best[position] + passed
                if days > best.get(after, -1):
                    if days >= FAR:
                        return INFINITE
                    best[after] = days
                    queue.append(after)
        return max(best.values())

    # --- the game ---------------------------------------------------------------------------

    def wins(self, goals: set[str], at: Iterable[str]) -> dict[str, bool]:
        """Whether the raiser can force a goal from the entry to each of some states.

        Where the raiser has a move that leads on to it, the raiser makes it before anybody else
        moves. Otherwise all that the others, or time, can do must lead on to it, and one of these
        must happen: a day that cannot pass brings about what time does, and nothing else.
        """
        starts = {
            name: Position(((name, 0), *self.first.tokens[1:]), self.first.spent) for name in at
        }
        mine: dict[Position, list[Position]] = {}
        theirs: dict[Position, list[Position]] = {}
        bound: dict[Position, bool] = {}
        queue = deque(starts.values())
        while queue:
            position = queue.popleft()
            if position in mine:
                continue
            moves = list(self.open(position))
            mine[position] = [after for m, after in moves if m.side == "raiser"]
            theirs[position] = [after for m, after in moves if m.side != "raiser"]
            later = self.tomorrow(position)
            bound[position] = later is not None or any(m.side == "time" for m, _ in moves)
            if later is not None:
                theirs[position].append(later)
            queue.extend([*mine[position], *theirs[position]])
        won = {p for p in mine if p.tokens[0][0] in goals}
        while True:
            more = {
                p
                for p in mine
                if p not in won
                and (
                    any(q in won for q in mine[p])
                    or (bound[p] and all(q in won for q in theirs[p]))
                )
            }
            if not more:
                return {name: p in won for name, p in starts.items()}
            won |= more
