"""Ways over the moves of one track: edges, strongly connected components, what can be reached."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from model.graph import Move
from model.terms import FALSE, TRUE, Term, all_, any_


@dataclass(frozen=True, slots=True, eq=False)
class Edge:
    """A move as the analysis sees it: from one state of a track to another, under a guard."""

    source: str
    target: str
    guard: Term
    move: Move


def by_source(edges: Iterable[Edge]) -> dict[str, list[Edge]]:
    found: dict[str, list[Edge]] = {}
    for edge in edges:
        found.setdefault(edge.source, []).append(edge)
    return found


def is_plain(component: Sequence[str], outgoing: Mapping[str, Sequence[Edge]]) -> bool:
    """A single state without a loop of its own."""
    return len(component) == 1 and all(
        e.target != component[0] for e in outgoing.get(component[0], ())
    )


def reachable(names: Sequence[str], edges: Sequence[Edge], start: str) -> Mapping[str, Term]:
    found = dict.fromkeys(names, FALSE)
    found[start] = TRUE
    outgoing = by_source(edges)
    for component in components(names, edges):
        inside = set(component)
        rounds = 1 if is_plain(component, outgoing) else len(component)
        ways: dict[str, list[Term]] = {}
        for turn in range(rounds):
            before = [found[n] for n in component]
            for name in component:
                if found[name] is FALSE:
                    continue
                for e in outgoing.get(name, ()):
                    if e.target in inside and found[e.target] is not TRUE:
                        found[e.target] = any_([found[e.target], all_([found[name], e.guard])])
            if turn and before == [found[n] for n in component]:
                break
        for name in component:
            if found[name] is FALSE:
                continue
            for e in outgoing.get(name, ()):
                if e.target not in inside and found[e.target] is not TRUE:
                    if e.guard is TRUE and found[name] is TRUE:
                        found[e.target] = TRUE
                    else:
                        ways.setdefault(e.target, []).append(all_([found[name], e.guard]))
        for target, terms in ways.items():
            found[target] = any_([found[target], *terms])
    return found


def closed(names: Iterable[str], steps: Iterable[tuple[str, str]]) -> set[str]:
    """Some names, and all to which steps lead from them."""
    found, steps = set(names), list(steps)
    while more := {after for before, after in steps if before in found} - found:
        found |= more
    return found


def components(names: Sequence[str], edges: Iterable[Edge]) -> list[list[str]]:
    """The strongly connected components, each before those it leads to (Tarjan 1972)."""
    outgoing: dict[str, list[str]] = {n: [] for n in names}
    for e in edges:
        outgoing[e.source].append(e.target)
    index: dict[str, int] = {}
    low: dict[str, int] = {}
    stack: list[str] = []
    waiting: set[str] = set()
    found: list[list[str]] = []
    for root in names:
        if root in index:
            continue
        work = [(root, iter(outgoing[root]))]
        index[root] = low[root] = len(index)
        stack.append(root)
        waiting.add(root)
        while work:
            name, targets = work[-1]
            for target in targets:
                if target not in index:
                    index[target] = low[target] = len(index)
                    stack.append(target)
                    waiting.add(target)
                    work.append((target, iter(outgoing[target])))
                    break
                if target in waiting:
                    low[name] = min(low[name], index[target])
            else:
                work.pop()
                if work:
                    low[work[-1][0]] = min(low[work[-1][0]], low[name])
                if low[name] == index[name]:
                    component = []
                    while True:
                        member = stack.pop()
                        waiting.discard(member)
                        component.append(member)
                        if member == name:
                            break
                    found.append(component[::-1])
    return found[::-1]
