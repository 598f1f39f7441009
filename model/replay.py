"""What a ladder means: `replay` says whether a trace is a run of the graph, and if not, why.

Everything else (the proofs, the simulation, the cases that reviewers write) is held to this.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from model.graph import LADDER, Move, StateGraph
from model.terms import FALSE, INFINITE, Symbol, Term, Value, World, evaluator


class Step(NamedTuple):
    """One step of a dispute: on which working day (0 is the first), which move."""

    day: int
    move: Move


Trace = tuple[Step, ...]


@dataclass(frozen=True, slots=True)
class Token:
    """Where one track stands, the day on which its clock was 0, and the day of its arrival."""

    state: str
    since: int
    entered: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class Run:
    """What became of a trace.

    `refused` is the number of the first step that the graph does not allow (counted from 1), or
    None; `why` says why not. `tokens` are where the tracks stand at the end; `formal` is the
    number of working days of formal time until the last step; `history` is the state of the
    ladder before each step.
    """

    tokens: Mapping[str, Token]
    day: int
    formal: int
    history: tuple[str, ...]
    refused: int | None = None
    why: str = ""

    @property
    def state(self) -> str:
        return self.tokens[LADDER].state


def replay(graph: StateGraph, trace: Iterable[Step], world: World, until: int | None = None) -> Run:
    """Follow a trace in a world (one reading of the text, one case), and then wait `until` a day.

    A world settles every symbol of the graph; `world_of` completes one. KeyError if it does not.
    """
    of = evaluator(world)
    tokens = {LADDER: Token(graph.start, 0, 0)}
    tokens |= {track: Token(first, 0, 0) for track, first in graph.tracks.items()}
    spent = {budget.name: 0 for budget in graph.budgets}
    day = formal = 0
    history: list[str] = []

    def stop(number: int, why: str) -> Run:
        return Run(tokens, day, formal, tuple(history), number, why)

    if not of(graph.domain):
        return stop(1, "this person may not raise this dispute for this child")
    number = 0
    for number, (when, move) in enumerate(trace, 1):
        wait = _wait(graph, tokens, spent, day, when, of)
        if wait is not None:
            return stop(number, wait)
        here = graph.states[tokens[LADDER].state]
        for budget in graph.budgets:
            if of(budget.counts.get(here.name, FALSE)):
                spent[budget.name] += when - day
        formal += (when - day) if of(here.formal) else 0
        day = when
        why = _refusal(graph, tokens, spent, day, move, of)
        if why is not None:
            return stop(number, why)
        history.append(tokens[LADDER].state)
        tokens = _moved(graph, tokens, day, move)
        spent |= {b.name: 0 for b in graph.budgets if b.renewed(move)}
    if until is not None:
        wait = _wait(graph, tokens, spent, day, until, of)
        if wait is not None:
            return stop(number + 1, wait)
        formal += (until - day) if of(graph.states[tokens[LADDER].state].formal) else 0
        day = until
    return Run(tokens, day, formal, tuple(history))


def _left(
    graph: StateGraph, spent: Mapping[str, int], state: str, of: Callable[[Term], Any]
) -> int:
    """How many days the totals that cut windows short still leave in a state."""
    left = INFINITE
    for budget in graph.budgets:
        counted = budget.counts.get(state, FALSE)
        if state in budget.cuts and of(counted) and of(budget.cap):
            left = min(left, max(0, of(budget.at_most) - spent[budget.name]))
    return left


def _wait(
    graph: StateGraph,
    tokens: Mapping[str, Token],
    spent: Mapping[str, int],
    now: int,
    day: int,
    of: Callable[[Term], Any],
) -> str | None:
    """Why time cannot pass from `now` to `day`; None if it can."""
    if day < now:
        return f"day {day} is before day {now}"
    for token in tokens.values():
        state = graph.states[token.state]
        end = max(token.entered, min(INFINITE, token.since + of(state.limit)))
        if state.track == LADDER:
            end = min(end, now + _left(graph, spent, state.name, of))
        if day > end:
            return f"“{state.name}” ends on day {end} at the latest, and this is day {day}"
    return None


def _refusal(
    graph: StateGraph,
    tokens: Mapping[str, Token],
    spent: Mapping[str, int],
    day: int,
    move: Move,
    of: Callable[[Term], Any],
) -> str | None:
    """Why a move cannot be made now; None if it can."""
    token = tokens[move.track]
    if token.state != move.source:
        return f"the dispute is at “{token.state}”, not at “{move.source}”"
    if not of(move.guard):
        return f"“{move.name}” is not open in this reading or case"
    clock = day - token.since
    if clock < of(move.earliest):
        return f"“{move.name}” is possible from day {token.since + of(move.earliest)} on"
    if move.at_limit:
        ended = clock >= of(graph.states[token.state].limit)
        if not ended and not (move.track == LADDER and _left(graph, spent, token.state, of) == 0):
            return f"“{move.name}” happens only when the time has run out"
    if move.while_in is not None and tokens[LADDER].state not in move.while_in:
        return f"“{move.name}” is not open while the dispute is at “{tokens[LADDER].state}”"
    if move.needs is not None:
        waiting = graph.states[tokens[move.needs].state]
        if waiting.kind not in ("granted", "done"):
            return f"“{move.name}” has to wait: {waiting.name}"
    return None


def _moved(
    graph: StateGraph, tokens: Mapping[str, Token], day: int, move: Move
) -> dict[str, Token]:
    since = tokens[move.track].since if move.keeps else day
    after = {**tokens, move.track: Token(move.target, since, day)}
    if move.needs is not None and graph.states[tokens[move.needs].state].kind == "granted":
        after[move.needs] = Token(graph.tracks[move.needs], day, day)
    if move.also is not None:
        after[LADDER] = Token(move.also, day, day)
    here, there = graph.states[tokens[LADDER].state], graph.states[after[LADDER].state]
    if here.rung != there.rung:
        after |= {track: Token(graph.tracks[track], day, day) for track in graph.lapsing}
    return after


def world_of(graph: StateGraph, given: Mapping[Symbol, Value] | None = None) -> dict[Symbol, Value]:
    """A world from some values: plain answers, no limits, no facts, the first raiser and child.

    Raises ValueError if the raiser given may not raise the dispute for the child given.
    """
    world: dict[Symbol, Value] = {}
    for symbol in graph.symbols:
        if symbol.kind == "question":
            world[symbol] = str(graph.protocol.questions[symbol.name].plain)
        elif symbol.kind == "fact":
            world[symbol] = False
        elif symbol.kind == "calendar":
            world[symbol] = symbol.high
        elif symbol.kind == "number":
            world[symbol] = None
        else:  # silences, and who raises it for whom
            world[symbol] = symbol.values[0]
    world |= given or {}
    for raiser in graph.raiser.values:
        for child in graph.child.values:
            pair: dict[Symbol, Value] = {graph.raiser: raiser, graph.child: child}
            wanted = all((given or {}).get(s, v) == v for s, v in pair.items())
            if wanted and evaluator({**world, **pair})(graph.domain):
                return {**world, **pair}
    raise ValueError("this person may not raise this dispute for this child")
