"""The game of the raiser against everybody else, and time, over the moves of one track."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from model.terms import FALSE, TRUE, ZERO, Term, all_, any_, at_most, not_
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
    """One step of the game in one state, in which the time ends where `runs_out` holds.

    Until the raiser has waited long enough the others may do what needs no longer a wait.
    """
    at_once: list[Term] = []
    waits: list[tuple[Term, Term]] = []  # each with how long it takes
    others: list[tuple[Term, Term]] = []
    late: list[Term] = []
    clock: list[Term] = []
    for e in edges:
        move = e.move
        if move.side == "raiser":
            needs = TRUE if move.needs is None else forceable[move.needs]
            if win[e.target] is FALSE:
                continue
            own = all_((e.guard, needs, win[e.target]))
            if move.earliest is ZERO:
                at_once.append(own)
            else:
                waits.append((own, move.earliest))
        elif move.at_limit:  # it comes last: the raiser's own waits are over before
            late.append(any_((not_(e.guard), win[e.target])))
            clock.append(all_((e.guard, runs_out)))
        else:
            others.append((any_((not_(e.guard), win[e.target])), move.earliest))
            if move.side == "time":
                clock.append(all_((e.guard, runs_out)))
    ways = [*at_once]
    for own, wait in waits:
        if own is not FALSE:
            ways.append(all_((own, *(any_((ok, at_most(wait, least))) for ok, least in others))))
    ends = any_(clock)
    if ends is not FALSE:
        ways.append(all_((ends, *late, *(ok for ok, _ in others))))
    return any_(ways)
