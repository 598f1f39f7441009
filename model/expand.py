"""From a ladder to its state graph.

Each rung becomes a few states (an answer awaited, answered, no answer in time …), each power a
set of moves; `model.expansion` holds the parts. Nothing here knows an authority.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from typing import Any

from model.expansion.agreed import agreed_apart
from model.expansion.build import START, Build, Limits
from model.expansion.powers import advices, extensions, hand_overs, referrals, skips, withdrawals
from model.expansion.rungs import (
    answerers,
    clock_stated,
    resolution,
    rung_moves,
    rung_states,
    starts,
)
from model.expansion.totals import (
    add_totals,
    after_the_wait,
    missed,
    waited_before,
    with_duties,
    without_a_step,
)
from model.graph import StateGraph
from model.protocol import (
    Protocol,
)
from model.terms import (
    FALSE,
    NO_LIMIT,
    ZERO,
    Symbol,
    Variable,
    all_,
    any_,
    cubes,
    not_,
)
from model.yamltree import Fault, PolicyError


@lru_cache(maxsize=64)
def expand(protocol: Protocol, ladder: str | None = None) -> StateGraph:
    """The state graph of one ladder of a protocol (default: its first).

    Raises KeyError for a ladder that is not there, PolicyError for a rung that nothing reaches.
    """
    name = next(iter(protocol.ladders)) if ladder is None else ladder
    return graph(Build(protocol, protocol.ladders[name]))


def graphs(protocol: Protocol) -> tuple[StateGraph, ...]:
    """The state graphs of all ladders of a protocol, in the order of the file."""
    return tuple(expand(protocol, name) for name in protocol.ladders)


def graph(b: Build) -> StateGraph:
    ladder = b.ladder
    b.state(START, "start", ("raiser",), ladder.at, ladder.citation, Limits(NO_LIMIT, ZERO, ZERO))
    for name, rung in b.rungs:
        rung_states(b, name, rung)
    resolution(b)
    starts(b)
    for i, (name, rung) in enumerate(b.rungs):
        rung_moves(b, i, name, rung)
    extensions(b)
    hand_overs(b)
    skips(b)
    withdrawals(b)
    advices(b)
    referrals(b)
    missed(b)
    agreed_apart(b)
    waited_before(b)
    after_the_wait(b)
    without_a_step(b)
    add_totals(b)
    allowed = [b.pair(raiser) for raiser in ladder.raised_by]
    graph = StateGraph(
        b.protocol, ladder, b.states, tuple(with_duties(b)), START, b.tracks,
        any_(allowed), b.raiser, b.child, tuple(b.symbols), tuple(b.budgets),
        tuple(b.consents.values()),
        tuple((d, b.condition(d.when)) for d in ladder.duties),
        {name: b.there[i] for i, (name, _) in enumerate(b.rungs)},
        {name: all_([b.there[i], b.is_top(i)]) for i, (name, _) in enumerate(b.rungs)},
        {name: tuple(answerers(b, rung)) for name, rung in b.rungs},
        {name: b.window(r.within, f"the window of {name}").limit for name, r in b.rungs},
        {name: clock_stated(b, rung) for name, rung in b.rungs},
        {
            str(name): tuple((g, str(v)) for g, v in b.branches(person.same_person_as))
            for name, person in b.protocol.people.items()
            if person.same_person_as is not None
        },
        b.independent,
        frozenset(b.lapsing),
        frozenset(b.own),
    )  # fmt: skip
    refuse_unreachable(graph)
    refuse_without_start(b, graph)
    return graph


def refuse_without_start(b: Build, graph: StateGraph) -> None:
    """Every dispute that may be raised begins somewhere; no claim would speak of the others."""
    ladder = b.ladder
    raised = any_(all_([b.pair(r), b.condition(r.when)]) for r in ladder.raised_by)
    ways = any_(move.guard for move in graph.leaving[graph.start])
    none = all_([graph.domain, raised, b.condition(ladder.start.when), not_(ways)])
    if none is FALSE:
        return
    case = " and ".join(_in_words(v, values) for v, values in next(cubes(none)).items())
    wrong = f"a dispute can begin nowhere when {case}" if case else "a dispute can begin nowhere"
    right = "add an entry for it, or say under “start”, “when:” that it cannot be raised then"
    where = f"ladders › {ladder.name} › entry"
    raise PolicyError([Fault(ladder.place("entry"), where, wrong, right)])


def _in_words(variable: Variable, values: Iterable[Any]) -> str:
    if isinstance(variable, Symbol) and variable.kind == "fact":
        return variable.name if True in values else f"not {variable.name}"
    return " or ".join(f"{getattr(variable, 'name', variable)} = {v}" for v in sorted(values))


def refuse_unreachable(graph: StateGraph) -> None:
    seen = {graph.start}
    stack = [graph.start]
    also = {m.also for m in graph.moves if m.also}
    while stack:
        for move in graph.leaving[stack.pop()]:
            if move.target not in seen:
                seen.add(move.target)
                stack.append(move.target)
        if not stack and not also <= seen:
            stack = sorted(also - seen)
            seen |= also
    faults = []
    for name, rung in graph.ladder.rungs.items():
        reached = any(s.name in seen for s in graph.rung_states(str(name)))
        if not reached and graph.reach_of[str(name)] is not FALSE:
            where = f"ladders › {graph.ladder.name} › rungs › {name}"
            right = "let a rung below lead to it, or an entry or a skip"
            faults.append(Fault(rung.at, where, "nothing leads to this rung", right))
    if faults:
        raise PolicyError(faults)
