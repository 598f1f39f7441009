"""What the raiser can force by a request that others may hold until the dispute has gone on.

It is granted some days after it was asked for, at the latest, and the others can grant it sooner.
For each state of the ladder this is in how many days it may be granted so that the raiser, who
comes there with the request made, can still force what is wanted: the raiser stays or goes on as
late as may be, the others go on at once.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from model.terms import (
    FALSE,
    NO_LIMIT,
    TRUE,
    ZERO,
    Term,
    all_,
    any_,
    at_most,
    choose,
    days,
    longest,
    plus,
    shortest,
)
from proofs.paths import Edge, by_source, components, is_plain

if TYPE_CHECKING:
    from proofs.games import Game


def held(
    game: Game, names: Sequence[str], edges: Sequence[Edge], goal: Mapping[str, Term],
    simply: Mapping[str, Term],
) -> Mapping[str, Term] | None:  # fmt: skip
    """For each state, the formula under which a goal can be forced, also by such a request.

    `simply` is that without one that is held. None where that is not exact: where several things
    are asked for, or what was asked for is no last step, or is for some states only; where others
    may have asked for a referral; where totals end the time in a state, clocks go on from state to
    state, or the others have to wait.
    """
    edges = [e for e in edges if _may_come(game, e)]
    wanted = [e for e in edges if e.move.needs is not None]
    tracks = {str(e.move.needs) for e in wanted}
    if len(tracks) != 1 or not _simple(game, edges, goal, track := tracks.pop()):
        return None
    free = [replace(e, move=replace(e.move, needs=None)) for e in wanted]
    others = [e for e in edges if e.move.needs is None]
    left = _left(game, names, others, simply, game.won(names, [*others, *free], goal))
    if left is None:
        return None
    soon = plus(game.asked(track, surely=False), days(1))
    asks = game.side_force(track)
    by_asking = {n: all_([asks, at_most(soon, left[n])]) for n in names}
    return game.won(names, edges, {n: any_([goal.get(n, FALSE), by_asking[n]]) for n in names})


def _may_come(game: Game, e: Edge) -> bool:
    """Whether what an edge needs can be forced at all."""
    return e.move.needs is None or game.side_force(e.move.needs) is not FALSE


def _simple(game: Game, edges: Sequence[Edge], goal: Mapping[str, Term], track: str) -> bool:
    moves = game.a.moves_of[track]
    first = [m for m in moves if m.source == game.a.graph.tracks[track]]
    return (
        all(m.side == "raiser" and m.earliest is ZERO for m in first)
        and all(m.while_in is None and m.also is None and m.needs is None for m in moves)
        and all(game.by_raiser(m.track) for m in game.a.graph.moves if m.also is not None)
        and not any(game.a.is_cut(name) for name in game.a.main)
        and all(_is_simple(game, e, goal) for e in edges)
    )


def _is_simple(game: Game, e: Edge, goal: Mapping[str, Term]) -> bool:
    last = goal.get(e.target) is TRUE
    if e.move.needs is not None or e.move.also is not None:
        return last and e.move.side == "raiser" and e.move.earliest is ZERO
    goes_on = e.move.keeps and game.a.states[e.target].limit is not NO_LIMIT
    at_once = e.move.earliest is ZERO
    return not goes_on and (e.move.side == "raiser" or e.move.at_limit or at_once)


def _left(
    game: Game, names: Sequence[str], edges: Sequence[Edge], simply: Mapping[str, Term],
    granted: Mapping[str, Term],
) -> Mapping[str, Term] | None:  # fmt: skip
    """For each state, in how many days a request may be granted, and one; 0 if at once is too late.

    `granted` is the formula under which the goal can be forced once it is. None where no end of
    rounds is found on a cycle.
    """
    left = dict.fromkeys(names, ZERO)
    outgoing = by_source(edges)

    def days_left(name: str) -> Term:
        if simply[name] is TRUE or name not in game.a.states:
            return NO_LIMIT
        if granted[name] is FALSE:
            return ZERO
        limit = game.a.states[name].limit
        at_once, waits, theirs, late, due = [ZERO], [ZERO], [NO_LIMIT], [NO_LIMIT], []
        for e in outgoing.get(name, ()):
            there = left[e.target]
            if e.move.side == "raiser":
                waits.append(choose(e.guard, plus(limit, there), ZERO))
                if e.move.earliest is ZERO:
                    at_once.append(choose(e.guard, there, ZERO))
                continue
            if e.move.side == "time" or e.move.kind in ("kept", "not kept"):  # on the last day
                due.append(e.guard)
                late.append(choose(e.guard, there, NO_LIMIT))
            if not e.move.at_limit:
                theirs.append(choose(e.guard, there, NO_LIMIT))
        stays = plus(limit, choose(any_(due), shortest(late), days(1)))
        later = shortest([*theirs, longest([stays, *waits])])
        found = choose(granted[name], longest([*at_once, later]), ZERO)
        return choose(simply[name], NO_LIMIT, found)

    for component in reversed(components(names, edges)):
        rounds = 1 if is_plain(component, outgoing) else len(component) + 1
        for _ in range(rounds):
            before = [left[name] for name in component]
            left |= {name: days_left(name) for name in component}
            if all(left[n] is was for n, was in zip(component, before, strict=True)):
                break
        else:
            if rounds > 1:
                return None
    return left
