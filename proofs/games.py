"""The game of the raiser against everybody else, and time, over the moves of one track."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from model.terms import FALSE, TRUE, ZERO, Term, all_, any_, not_
from proofs.paths import Edge, by_source, components, is_plain


def attract(
    names: Sequence[str],
    edges: Sequence[Edge],
    goal: Mapping[str, Term],
    forceable: Mapping[str, Term],
    runs_out: Callable[[str], Term],
) -> Mapping[str, Term]:
    """For each state, the formula under which the raiser can force a goal from there.

    `forceable` gives for each request that a move needs the formula under which it can be
    forced; `runs_out(name)` the one under which the time in a state ends.
    """
    win = {name: goal.get(name, FALSE) for name in names}
    outgoing = by_source(edges)
    for component in reversed(components(names, edges)):
        rounds = 1 if is_plain(component, outgoing) else len(component)
        for _ in range(rounds):
            changed = False
            for name in component:
                if win[name] is TRUE:
                    continue
                step = _wins(outgoing.get(name, ()), win, forceable, runs_out(name))
                now = any_((goal.get(name, FALSE), step))
                changed |= now is not win[name]
                win[name] = now
            if not changed:
                break
    return win


def _wins(
    edges: Sequence[Edge],
    win: Mapping[str, Term],
    forceable: Mapping[str, Term],
    runs_out: Term,
) -> Term:
    """One step of the game in one state, in which the time ends where `runs_out` holds."""
    at_once: list[Term] = []
    waits: list[Term] = []
    spoils: list[Term] = []
    late: list[Term] = []
    clock: list[Term] = []
    for e in edges:
        move = e.move
        if move.side == "raiser":
            needs = TRUE if move.needs is None else forceable[move.needs]
            if win[e.target] is FALSE:
                continue
            own = all_((e.guard, needs, win[e.target]))
            (at_once if move.earliest is ZERO else waits).append(own)
        elif move.at_limit:  # it comes last: the raiser's own waits are over before
            late.append(any_((not_(e.guard), win[e.target])))
            clock.append(all_((e.guard, runs_out)))
        else:
            spoils.append(any_((not_(e.guard), win[e.target])))
            if move.side == "time":
                clock.append(all_((e.guard, runs_out)))
    progress = any_((*waits, all_((any_(clock), *late))))
    return any_((*at_once, all_((progress, *spoils)) if progress is not FALSE else FALSE))
