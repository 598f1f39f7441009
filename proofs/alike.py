"""Whether two state graphs mean the same, up to names that carry no meaning.

The names of states, moves, rungs, tracks and totals carry none; those of people, facts, readings
and open numbers do. What no dispute can come to does not count. States are paired by walking both
graphs at once from their starts; whatever the walk says is then compared under that pairing, so
that a wrong pairing can make two graphs look different, and never alike.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable
from typing import Any

from model.graph import LADDER, Move, State, StateGraph
from model.shapes import Cases
from model.terms import FALSE, Term, all_, symbols
from proofs.analysis import Analysis


def difference(one: Analysis, other: Analysis) -> str:
    """In what two graphs differ, in a few words; empty if they mean the same."""
    if one.graph.ladder.kind != other.graph.ladder.kind:
        return "the kind of the ladder"
    if one.domain is not other.domain:
        return "who may raise it, and when"
    pairs = _paired(one, other)
    if isinstance(pairs, str):
        return pairs
    names, tracks = pairs
    first, second = _Said(one, names, tracks), _Said(other, None, None)
    for what, says in _PARTS.items():
        if says(first) != says(second):
            return what
    return ""


# --- pairing ------------------------------------------------------------------------------------

Names = dict[str, str]


def _paired(one: Analysis, other: Analysis) -> tuple[Names, Names] | str:
    """The names of the states and tracks of one graph, each with that of its like in the other."""
    names: Names = {}
    tracks: Names = {LADDER: LADDER}
    stack = [(one.graph.start, other.graph.start)]
    if len(one.graph.tracks) != len(other.graph.tracks):
        return "how many requests can be made beside the ladder"
    for mine, theirs in zip(one.graph.tracks, other.graph.tracks, strict=True):
        tracks[mine] = theirs
        stack.append((one.graph.tracks[mine], other.graph.tracks[theirs]))
    while stack:
        mine, theirs = stack.pop()
        if mine in names:
            if names[mine] != theirs:
                return f"where a step leads: {mine}"
            continue
        names[mine] = theirs
        here, there = _leaving(one, mine), _leaving(other, theirs)
        if len(here) != len(there):
            return f"the steps at “{mine}”"
        left = list(there)
        for says, move in here:
            like = next((pair for pair in left if pair[0] == says), None)
            if like is None:
                return f"the step “{move.name}” at “{mine}”"
            left.remove(like)
            stack.append((move.target, like[1].target))
            if move.also is not None and like[1].also is not None:
                stack.append((move.also, like[1].also))
    if len(set(names.values())) != len(names):
        return "two places that are one"
    return names, tracks


def _leaving(a: Analysis, name: str) -> list[tuple[Hashable, Move]]:
    """The steps that can be made at a state, each with all that it is but for names."""
    care = _care(a, a.states[name])
    return [
        ((move.kind, move.actor, move.side, move.strength, all_([care, move.guard]), move.earliest,
          move.at_limit, move.keeps, move.needs is None, move.also is None,
          move.while_in is None, _counted((m.who, m.how, m.guard, m.strength) for m in move.marks)),
         move)
        for move in a.graph.leaving[name]
        if all_([care, move.guard]) is not FALSE
    ]  # fmt: skip


def _care(a: Analysis, state: State) -> Term:
    """The worlds in which a dispute can be at a state."""
    return all_([a.domain, a.reach[state.name]]) if state.track == LADDER else a.domain


def _counted(values: Iterable[Hashable]) -> frozenset[tuple[Hashable, int]]:
    """Values as a bag: their order means nothing, how often each is there does."""
    found: dict[Hashable, int] = {}
    for value in values:
        found[value] = found.get(value, 0) + 1
    return frozenset(found.items())


# --- what a graph says, part by part ---------------------------------------------------------


class _Said:
    """A graph in the names of another."""

    def __init__(self, a: Analysis, names: Names | None, tracks: Names | None) -> None:
        self.a, self.graph = a, a.graph
        self.names = names if names is not None else {name: name for name in a.states}
        self.tracks = tracks or {LADDER: LADDER, **{track: track for track in a.graph.tracks}}
        live = [s for s in a.states.values() if s.name in self.names and _lives(a, s)]
        self.live = live
        order = list(dict.fromkeys(str(name) for name in a.graph.ladder.rungs))
        present = {s.rung for s in live}
        self.rungs = {name: i for i, name in enumerate(r for r in order if r in present)}

    def state(self, name: str) -> str:
        return self.names.get(name, "")

    def worlds(self, term: Term) -> Term:
        return all_([self.a.domain, term])


def _lives(a: Analysis, state: State) -> bool:
    return state.track != LADDER or a.reach[state.name] is not FALSE


def _states(s: _Said) -> Any:
    return {
        s.state(q.name): (
            q.kind, s.tracks[q.track], s.rungs.get(q.rung or ""), frozenset(q.owner), q.side,
            q.limit, q.prompt, all_([_care(s.a, q), q.formal]), all_([_care(s.a, q), q.stuck]),
        )
        for q in s.live
    }  # fmt: skip


def _steps(s: _Said) -> Any:
    """Each step with where it comes from and leads to, and what it waits for."""
    live = {q.name for q in s.live}
    return _counted(
        (
            s.state(q.name), says, s.state(move.target), s.tracks.get(move.needs or ""),
            s.state(move.also or ""),
            frozenset(s.state(n) for n in move.while_in & live) if move.while_in else None,
        )
        for q in s.live
        for says, move in _leaving(s.a, q.name)
    )  # fmt: skip


def _budgets(s: _Said) -> Any:
    live = {q.name for q in s.live}
    return _counted(
        (
            b.at_most, s.worlds(b.cap), b.is_total,
            frozenset((s.state(n), all_([_care(s.a, s.a.states[n]), under]))
                      for n, under in b.counts.items() if n in live),
            frozenset(s.state(n) for n in b.cuts & live),
            frozenset(s.state(n) for n in b.begins & live),
        )
        for b in s.graph.budgets
    )  # fmt: skip


def _consents(s: _Said) -> Any:
    live = {q.name for q in s.live}
    return _counted(
        (c.who, c.how, c.step, s.state(c.state), s.worlds(c.guard))
        for c in s.graph.consents
        if c.state in live
    )


def _duties(s: _Said) -> Any:
    return _counted(
        (str(d.does), frozenset(d.who), frozenset(d.whom), frozenset(d.at_step),
         str(d.strength or ""), s.worlds(owed))
        for d, owed in s.graph.duties
    )  # fmt: skip


def _rungs(s: _Said) -> Any:
    g = s.graph
    return {
        place: (
            s.worlds(g.reach_of[name]), s.worlds(g.top_of[name]), g.windows[name],
            s.worlds(g.clocks[name]),
            _counted((s.worlds(guard), frozenset(who)) for guard, who in g.officers[name]),
        )
        for name, place in s.rungs.items()
    }  # fmt: skip


def _people(s: _Said) -> Any:
    """Of everybody who has a part: whose side they are on, whom they supervise, who they are."""
    found = _involved(s.graph)
    same = s.graph.same_person
    return {
        str(name): (
            str(person.side), str(person.role or ""), frozenset(person.supervises) & found,
            frozenset(same.get(str(name), ())),
        )
        for name, person in s.graph.protocol.people.items()
        if str(name) in found or isinstance(person.same_person_as, Cases)
    }  # fmt: skip


def _involved(graph: StateGraph) -> frozenset[str]:
    owners = {who for state in graph.states.values() for who in state.owner}
    actors = {move.actor for move in graph.moves} | {c.who for c in graph.consents}
    marked = {mark.who for move in graph.moves for mark in move.marks}
    owing = {str(n) for duty, _ in graph.duties for n in (*duty.who, *duty.whom)}
    return frozenset({*owners, *actors, *marked, *owing, *graph.raisers})


def _scope(s: _Said) -> Any:
    """Who may raise it for whom; each kind of child; what the facts are about; what is missing."""
    protocol = s.graph.protocol
    missing = protocol.missing if isinstance(protocol.missing, tuple) else ()
    return (
        _counted((str(r.who), frozenset(map(str, r.for_))) for r in s.graph.ladder.raised_by),
        {str(n): str(c.looked_after) for n, c in protocol.children.items()
         if str(n) in s.graph.child.values},
        {x.name: str(protocol.facts[x.name].about) for x in _facts(s.graph)},
        len(missing),
    )  # fmt: skip


def _facts(graph: StateGraph) -> list[Any]:

    used = set(symbols(*(move.guard for move in graph.moves)))
    return [x for x in graph.symbols if x.kind == "fact" and x in used]


def _beside(s: _Said) -> Any:
    g = s.graph
    return (
        {s.tracks[t]: s.worlds(term) for t, term in g.independent.items()},
        frozenset(s.tracks[t] for t in g.lapsing),
        frozenset(g.own),
    )


_PARTS: dict[str, Callable[[_Said], Any]] = {
    "the states: who must act, and by when": _states,
    "the steps: where they lead, and what they wait for": _steps,
    "the totals": _budgets,
    "who must agree": _consents,
    "the duties": _duties,
    "the rungs: who answers, by when": _rungs,
    "the people": _people,
    "who may raise it for whom": _scope,
    "what can be asked for beside the ladder": _beside,
}
