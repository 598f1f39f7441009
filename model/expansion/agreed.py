"""What was agreed at which rung, where the way back of a broken agreement depends on it."""

from __future__ import annotations

from dataclasses import replace

from model.expansion.build import NOT_KEPT, RESOLVED, Build
from model.expansion.rungs import way_back
from model.graph import Move
from model.protocol import Rule
from model.shapes import Word


def agreed_apart(b: Build) -> None:
    """Give each rung its own settlement, if a broken one goes back to the same or the next rung.

    What is settled elsewhere, such as after a hand-over, may go back to any rung.
    """
    plan = b.ladder.resolution
    if plan is None or isinstance(plan, Word):
        return
    rule = plan.if_not_kept
    if not isinstance(rule, Rule) or rule.to not in ("same rung", "next rung"):
        return
    own = {str(s.rung) for s in b.states.values() if s.rung and _settles(b, s.name)}
    for name in [n for n, _ in b.rungs if n in own]:
        _apart(b, name, rule)
    b.moves = [_settled_apart(b, move, own) for move in b.moves]


def _settles(b: Build, source: str) -> bool:
    return any(m.source == source and m.target == RESOLVED for m in b.moves)


def _apart(b: Build, name: str, rule: Rule) -> None:
    for old, new in _names(name):
        b.states[new] = replace(b.states[old], name=new)
    names = dict(_names(name))
    for move in [m for m in b.moves if m.source in names and m.kind != "reopen"]:
        target = names.get(move.target, move.target)
        b.moves.append(replace(move, source=names[move.source], target=target))
    plan = b.ladder.resolution
    assert plan is not None and not isinstance(plan, Word)
    citation = rule.citation or plan.citation
    way_back(b, rule, names[NOT_KEPT], "reopen", "brings it back at", citation, b.index[name])


def _names(rung: str) -> tuple[tuple[str, str], tuple[str, str]]:
    return (RESOLVED, f"{RESOLVED} at {rung}"), (NOT_KEPT, f"{NOT_KEPT}, of {rung}")


def _settled_apart(b: Build, move: Move, own: set[str]) -> Move:
    """The move to the settlement of its own rung, and open at all settlements if at one."""
    inside = move.while_in
    if inside is not None:
        also = {new for rung in own for old, new in _names(rung) if old in inside}
        move = replace(move, while_in=inside | also)
    rung = b.states[move.source].rung
    if move.target == RESOLVED and rung in own:
        move = replace(move, target=_names(str(rung))[0][1])
    return move
