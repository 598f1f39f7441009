"""Whether a workload and a protocol go together: every rung has officers, every name is known.

A workload that is made for one protocol (`protocol: merton`) must name its rungs, people, kinds of
child and facts as that protocol does. One for any protocol, or for another than it is used with
(an amended one, too), may name what is not there; it is passed over. In both, whoever must answer
at a rung, raise a dispute or give leave must be among the posts.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence

from model.expand import expand
from model.graph import StateGraph
from model.protocol import Protocol
from model.shapes import Word, nearest
from model.yamltree import Fault, PolicyError, Position, excerpt, where
from simulations.streams import streams
from simulations.workload import (
    ABOUT,
    ANY,
    INFORMAL,
    LOOKED_AFTER,
    OTHER_CHILD,
    TOP,
    Authority,
    Workload,
)

OUTSIDE = ("suspended", "handed over")  # how long they take is drawn, and is nobody's work
_NOBODY = frozenset({"raiser", "answerer", "management", "time", "unstated"})


def fit(workload: Workload, protocol: Protocol) -> tuple[StateGraph, ...]:
    """The state graphs of the ladders in which a workload has disputes.

    Raises `PolicyError`, whose faults stand in the workload file, if the two do not go together.
    """
    faults: list[Fault] = []
    graphs: dict[str, StateGraph] = {}
    for authority in workload.authorities:
        mine = authority.protocol == protocol.stem
        used = dict.fromkeys(d.ladder for d in authority.disputes)
        for dispute in authority.disputes:
            if dispute.ladder and dispute.ladder not in protocol.ladders:
                there = _place(authority, "disputes", dispute.theme, "ladder")
                wrong = f"there is no ladder “{excerpt(dispute.ladder)}”"
                faults.append(
                    _fault(
                        dispute.ladder,
                        dispute.at,
                        there,
                        wrong,
                        nearest(dispute.ladder, protocol.ladders),
                    )
                )
                used.pop(dispute.ladder, None)
        for name in used:
            graph = expand(protocol, name or None)
            graphs.setdefault(str(graph.ladder.name), graph)
        faults += _unserved(authority, graphs.values())
        if mine:
            faults += _unknown(authority, protocol)
    faults += _misread(workload, protocol)
    if faults:
        raise PolicyError(faults)
    return tuple(graphs.values())


def _fault(name: str, at: Position | None, there: str, wrong: str, right: str) -> Fault:
    """A fault at a name, if it comes from a file, or else at the part that it stands in."""
    place = name.at if isinstance(name, Word) else at or Position("workload", 1, 1)
    return Fault(place, there, wrong, right)


def _place(authority: Authority, *steps: str) -> str:
    return where(("authorities", authority.name, *steps))


def _owners(graph: StateGraph, without: Collection[str] = ()) -> Iterator[str]:
    """Who must act somewhere in a ladder, but for states of some kinds."""
    for state in graph.states.values():
        if state.kind not in without:
            yield from (str(o) for o in state.owner)
    yield from graph.raiser.values


def _unserved(authority: Authority, graphs: Iterable[StateGraph]) -> Iterator[Fault]:
    """Rungs, raisers and people asked for leave that no post holds."""
    held = {person for post in authority.posts for person in post.holds}
    if ANY in held:
        return
    told: set[str] = set()
    there = _place(authority, "posts")
    at = authority.posts[0].at if authority.posts else authority.at
    for graph in graphs:
        for state in graph.states.values():
            for owner in map(str, state.owner):
                if owner in held | _NOBODY | told:
                    continue
                told.add(owner)
                if state.rung is not None and state.kind != "gate":
                    wrong = f"nobody answers at the rung “{state.rung}”: no post holds “{owner}”"
                else:
                    wrong = f"nobody can act in “{state.name}”: no post holds “{owner}”"
                right = f"let a post hold “{owner}”, or “{ANY}”"
                yield _fault("", at, there, wrong, right)
        for raiser in graph.raiser.values:
            if raiser not in held | told:
                told.add(raiser)
                right = f"let a post hold “{raiser}”, or “{ANY}”"
                yield _fault("", at, there, f"nobody raises disputes as “{raiser}”", right)


def passed_on(authority: Authority, protocol: Protocol, graphs: Iterable[StateGraph]) -> list[str]:
    """The people of a protocol whose work falls to the post for `ANY`: no post holds them."""
    held = {person for post in authority.posts for person in post.holds}
    acting = {owner for graph in graphs for owner in _owners(graph, OUTSIDE)} - held
    return [str(person) for person in protocol.people if person in acting]


def left_out(
    authority: Authority, protocol: Protocol, graphs: Sequence[StateGraph]
) -> tuple[list[str], list[str]]:
    """The kinds of child about whom no dispute comes, and the facts that are never so."""
    kinds = dict.fromkeys(kind for graph in graphs for kind in graph.child.values)
    heard = {stream.child for stream in streams(graphs, authority, 0)}
    facts = dict.fromkeys(s.name for g in graphs for s in g.symbols if s.kind == "fact")
    severities = {d.severity for d in authority.disputes}
    never = [
        name
        for name in facts
        if not any(
            severity.chance(name, str(protocol.facts[name].about))
            for severity in authority.severities
            if severity.name in severities
        )
    ]
    return [kind for kind in kinds if kind not in heard], never


def _unknown(authority: Authority, protocol: Protocol) -> Iterator[Fault]:
    """Names of rungs, people, children and facts that the protocol does not have."""
    everything = [expand(protocol, name) for name in protocol.ladders]
    acting = {o for graph in everything for o in _owners(graph)} - _NOBODY
    rungs = {str(r) for ladder in protocol.ladders.values() for r in ladder.rungs}
    raisers = {r for graph in everything for r in graph.raiser.values}
    for post in authority.posts:
        there = _place(authority, "posts", post.name, "holds")
        for person in post.holds:
            if person in acting or person == ANY:
                continue
            wrong = f"no rung, raiser or gate has the officer “{excerpt(person)}”"
            if person not in protocol.people:
                yield _fault(person, post.at, there, wrong, nearest(person, sorted(acting)))
            else:
                yield _fault(person, post.at, there, wrong, "take the name out")
    named: list[tuple[Position | None, str, str, str, Iterable[str]]] = []
    kinds = {*map(str, protocol.children), LOOKED_AFTER, OTHER_CHILD}
    facts = {*map(str, protocol.facts), *(f"{ABOUT}{f.about}" for f in protocol.facts.values())}
    for child in authority.children:
        named.append((child.at, "children", "kind of child", child.kind, kinds))
    for grave in authority.severities:
        for fact, _ in grave.facts:
            named.append((grave.at, "severities", "fact", fact, facts))
    for dispute in authority.disputes:
        named.append((dispute.at, "disputes", "kind of child", dispute.child, kinds))
        named.append((dispute.at, "disputes", "raiser", dispute.raiser, raisers))
    for response in authority.responses:
        kinds = {INFORMAL, TOP}
        named.append((response.at, "responses", "rung", response.rung, rungs | kinds))
    for conduct in authority.conducts:
        named.append((conduct.at, "conduct", "raiser", conduct.raiser, raisers))
        named += [(conduct.at, "conduct", "rung", rung, rungs) for rung, _ in conduct.first]
    for approval in authority.approvals:
        named.append((approval.at, "approvals", "person", approval.who, acting))
    for at, section, kind, name, known in named:
        if name not in (ANY, "") and name not in known:
            wrong = f"there is no {kind} “{excerpt(name)}” in {protocol.stem}"
            yield _fault(
                name, at, _place(authority, section), wrong, nearest(name, sorted(map(str, known)))
            )


def _misread(workload: Workload, protocol: Protocol) -> Iterator[Fault]:
    """Answers to questions that the protocol has, but with other answers."""
    for name, answer in workload.readings:
        question = protocol.questions.get(name)
        if question is not None and answer not in question.answers:
            wrong = f"“{excerpt(answer)}” is no answer to “{excerpt(name)}”"
            yield _fault(answer, workload.at, "readings", wrong, nearest(answer, question.answers))
        elif question is None and any(a.protocol == protocol.stem for a in workload.authorities):
            wrong = f"there is no question “{excerpt(name)}” in {protocol.stem}"
            yield _fault(name, workload.at, "readings", wrong, nearest(name, protocol.questions))


__all__ = ["fit"]
