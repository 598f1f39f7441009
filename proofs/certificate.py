"""Certificates: the evidence for the verdicts on one ladder, for a checker that shares no code.

A certificate holds the graph, *tables* (for each state, the formula under which it can be reached,
or a goal be forced from it, and the order in which a checker can derive them), *bounds* (for each
state the latest days on which it can be entered, and ways that take longer), and for each claim
its obligations in words of these, its condition, and worlds and runs that show it.
docs/certificates.md says how it is checked.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from model.encoding import TABLE, Nodes, encoded
from model.graph import LADDER, Move
from model.replay import replay, world_of
from model.terms import (
    FALSE,
    NO_LIMIT,
    TRUE,
    ZERO,
    Symbol,
    Term,
    Value,
    World,
    all_,
    any_,
    at_most,
    choose,
    days,
    evaluator,
    for_some,
    holds,
    is_case,
    not_,
    restrict,
    symbols,
)
from proofs.analysis import PERMITTED, UNHURRIED, Analysis
from proofs.bounds import Bound, cases, clip, later, within
from proofs.claim import Obligation
from proofs.decide import Answer, Decider
from proofs.latest import Latest
from proofs.paths import Edge, components
from proofs.stories import Story, tell

FORMAT = "drp certificate 1"
MOST_WAYS = 60  # that take longer than a bound; with more, a certificate does not show it


class Stated:
    """An analysis whose tables stand for themselves, so that obligations are said in their words.

    It notes what is asked of it: `forces` and `bounds`. All else is the analysis's own.
    """

    def __init__(self, a: Analysis) -> None:
        self.a = a
        self.forces: dict[str, Mapping[str, Term]] = {}
        self.bounds: dict[str, tuple[str, Term, str, Term, int | None]] = {}
        self.reach = {name: self.row(f"reach {name}") for name in a.main}

    def __getattr__(self, name: str) -> Any:
        return getattr(self.a, name)

    def row(self, name: str) -> Term:
        return holds(Symbol(TABLE, name, scope=self.a.graph.raiser.scope))

    def side_reach(self, track: str) -> Mapping[str, Term]:
        return {name: self.row(f"reach {name}") for name in self.a.side_reach(track)}

    def obtainable(self, track: str) -> Term:
        found = self.side_reach(track)
        return any_(
            t for n, t in found.items() if self.a.states[n].kind in ("granted", "done")
        )  # fmt: skip

    def force(self, goal: Mapping[str, Term]) -> Mapping[str, Term]:
        name = next((n for n, g in self.forces.items() if g == goal), f"force {len(self.forces)}")
        self.forces[name] = goal
        return {state: self.row(f"{name} {state}") for state in self.a.main}

    def side_force(self, track: str, start: str = "") -> Term:
        if track == LADDER:
            return TRUE
        return self.row(f"granted {start or self.a.graph.tracks[track]}")

    def end_by(
        self, conduct: str, start: Term = TRUE, total: str = "", over: int | None = None,
        given: World | None = None,
    ) -> Bound:  # fmt: skip
        name = f"bound {len(self.bounds)}"
        most = days(over) if over is not None else next(
            b.at_most for b in self.a.graph.budgets if b.name == total
        )  # fmt: skip
        self.bounds[name] = (conduct, start, total, most, over)
        return [(not_(self.row(name)), NO_LIMIT)]


def certificate(decider: Decider, answers: Iterable[Answer]) -> dict[str, Any]:
    """The certificate of the verdicts on one ladder, as JSON values."""
    a, graph, nodes = decider.analysis, decider.graph, Nodes()
    drawn = encoded(graph, nodes)
    stated, listed, by_bound = Stated(a), [], dict[str, Obligation]()
    for answer in answers:
        before = len(stated.bounds)
        body = list(answer.claim.body(stated)) if answer.obligations else []  # type: ignore[arg-type]
        late = [o for o in answer.obligations if o.story.kind == "worst"]
        by_bound |= dict(zip(list(stated.bounds)[before:], late, strict=True))
        listed.append((answer, body))
    said = [t for x, _ in listed for o in x.obligations for t in (o.premise, o.holds)]
    nodes.ordered([a.domain, *said, *(x.condition for x, _ in listed)])
    tables = [_reach(a, nodes, track) for track in (LADDER, *graph.tracks)]
    tables += [_granted(a, nodes, track) for track in graph.tracks]
    tables += [_forced(a, nodes, name, goal, LADDER) for name, goal in stated.forces.items()]
    bounds = [
        _bound(decider, nodes, name, *what, by_bound[name]) for name, what in stated.bounds.items()
    ]
    unshown = frozenset(b["name"] for b in bounds if not b["parts"])
    claims = [_claim(decider, nodes, answer, body, unshown) for answer, body in listed]
    plain = {**{s: None for s in nodes.symbols if s.kind == "number"}, **_plain(decider, nodes)}
    return {
        "format": FORMAT,
        "protocol": graph.protocol.stem,
        "ladder": str(graph.ladder.name),
        "digest": graph.protocol.digest,
        "symbols": nodes.listed(),
        "nodes": nodes.nodes,
        "graph": drawn,
        "domain": nodes.place(a.domain),
        "tables": tables,
        "bounds": [b for b in bounds if b["parts"]],
        "plain": nodes.world(plain),
        "claims": claims,
    }


# --- tables -------------------------------------------------------------------------------------


def _order(names: Sequence[str], edges: Iterable[Edge]) -> list[str]:
    """An order in which a table can be derived: a component as often as it has states."""
    found: list[str] = []
    for component in components(names, list(edges)):
        found += component * len(component)
    return found


def _table(
    a: Analysis, nodes: Nodes, name: str, track: str, rows: Mapping[str, Term], order: list[str]
) -> dict[str, Any]:
    placed = {f"{name} {state}": nodes.place(rows[state]) for state in rows}
    return {"name": name, "track": track, "rows": placed, "order": order}


def _edges(a: Analysis, track: str) -> Sequence[Edge]:
    return a.edges if track == LADDER else a.edges_of(track)


def _names(a: Analysis, track: str) -> list[str]:
    return [s.name for s in a.states.values() if s.track == track]


def _reach(a: Analysis, nodes: Nodes, track: str) -> dict[str, Any]:
    rows = a.reach if track == LADDER else a.side_reach(track)
    return _table(a, nodes, "reach", track, rows, _order(_names(a, track), _edges(a, track)))


def _granted(a: Analysis, nodes: Nodes, track: str) -> dict[str, Any]:
    names = _names(a, track)
    goal = {n: TRUE for n in names if a.states[n].kind in ("granted", "done")}
    rows = {n: a.side_force(track, n) for n in names}
    order = _order(names, _edges(a, track))[::-1]
    goals = {n: nodes.place(g) for n, g in goal.items()}
    return {**_table(a, nodes, "granted", track, rows, order), "goal": goals}


def _forced(
    a: Analysis, nodes: Nodes, name: str, goal: Mapping[str, Term], track: str
) -> dict[str, Any]:
    rows = a.force({n: _without_tables(a, g) for n, g in goal.items()})
    order = _order(_names(a, track), _edges(a, track))[::-1]
    goals = {n: nodes.place(g) for n, g in goal.items()}
    return {**_table(a, nodes, name, track, rows, order), "goal": goals}


def _without_tables(a: Analysis, term: Term) -> Term:
    """A term with the rows of tables that it names written out."""
    for symbol in symbols(term):
        if symbol.kind == TABLE:
            table, state = symbol.name.split(" ", 1)
            track = a.states[state].track
            of = a.side_force(track, state) if table == "granted" else (
                a.reach[state] if track == LADDER else a.side_reach(track)[state]
            )  # fmt: skip
            term = any_((all_((of, restrict(term, {symbol: True}))),
                         all_((not_(of), restrict(term, {symbol: False})))))  # fmt: skip
    return term


# --- bounds -------------------------------------------------------------------------------------


def _bound(
    decider: Decider, nodes: Nodes, name: str, conduct: str, start: Term, total: str, most: Term,
    over: int | None, obligation: Obligation,
) -> dict[str, Any]:  # fmt: skip
    a = decider.analysis
    latest = Latest(a, conduct, start, total, over)
    if latest.compact:
        return {"name": name, "parts": []}
    kept = within(latest.end_by(), most)
    paths = _longer(decider, conduct, start, total, most, kept, obligation)
    if paths is None:
        return {"name": name, "parts": []}
    part = {
        "start": nodes.place(start),
        **{
            key: {n: [[nodes.place(g), nodes.place(c)] for g, c in w] for n, w in rows.items()}
            for key, rows in (("entered", _cut(latest)), ("late", latest.late))
        },
    }
    return {
        "name": name, "conduct": conduct, "total": total or None, "start": nodes.place(start),
        "most": nodes.place(most), "kept": nodes.place(kept), "parts": [part],
        "paths": paths,
    }  # fmt: skip


def _cut(latest: Latest) -> dict[str, Bound]:
    """The latest days of entry; inside the states that a total covers, cut by it.

    So are those of states in which no time counts and from which the dispute comes back there.
    """
    found, a = dict(latest.entered), latest.a
    for budget, cap, limit in latest.budgets:
        if budget.is_total and latest.conduct != UNHURRIED:
            cut = set(budget.cuts)
            for component in components(a.main, latest.edges):
                if budget.cuts & set(component):
                    cut |= {n for n in component if a.counts(n, latest.total) is FALSE}
            for name in cut & found.keys():
                found[name] = clip(found[name], cap, limit, latest.over)
    return found


def _longer(
    decider: Decider,
    conduct: str,
    start: Term,
    total: str,
    most: Term,
    kept: Term,
    obligation: Obligation,
) -> list[list[_Kind]] | None:
    """Ways through the ladder that take longer, which together fill what a bound leaves out.

    None where it would take too many.
    """
    a = decider.analysis
    alike: dict[_Kind, Term] = {}
    for e in a.conduct_edges(conduct):
        kind = _kind(e.source, e.target, e.move)
        alike[kind] = any_((alike.get(kind, FALSE), e.guard))
    left = [for_some(all_((a.domain, start)), is_case), not_(kept)]
    found: list[list[_Kind]] = []
    while isinstance(world := decider.world(*left), dict) and len(found) < MOST_WAYS:
        in_case = decider.in_case(obligation, world)
        story = None if in_case is None else tell(a, obligation, in_case)
        way = [] if story is None else _ladder(decider, story)
        if not way or any(kind not in alike for kind in way):
            return None
        late = _late(a, conduct, total, start, most, way, alike)
        if not evaluator(world)(late):
            return None
        found.append(way)
        left.append(not_(late))
    return found if world is None else None


_Kind = tuple[str, str, bool, bool, bool]  # from, to, whether the clock goes on, waits for its end,
# and may be made at once


def _kind(source: str, target: str, move: Move) -> _Kind:
    return source, target, move.keeps, move.at_limit, move.earliest is ZERO


def _ladder(decider: Decider, story: Story) -> list[_Kind]:
    """The steps of a story that move the ladder."""
    run = replay(decider.graph, story.trace, story.world)
    steps = zip(run.history, story.trace, strict=True)
    return [
        _kind(s, m.also or m.target, m)
        for s, (_, m) in steps
        if m.track == LADDER or m.also is not None
    ]


def _late(
    a: Analysis,
    conduct: str,
    total: str,
    start: Term,
    most: Term,
    way: Sequence[_Kind],
    alike: Mapping[_Kind, Term],
) -> Term:
    """The formula over readings and numbers that a way is open, in some case, and takes longer."""
    at, here = all_((start, a.domain)), a.graph.start
    took: Bound = [(TRUE, ZERO)]
    held: Bound = []
    for step in (*way, None):
        _, target, keeps, at_limit, at_once = step or (here, here, False, False, False)
        stay = cases(_stay(a, conduct, total, here))
        if keeps:
            held += stay if at_limit else []
        else:
            took, held = later(took, [*held, *stay]), []
        for budget in a.graph.budgets:
            if here not in budget.counts or (conduct == UNHURRIED and budget.is_total):
                continue
            if at_limit or not at_once:
                own = all_((budget.cap, budget.counts[here], not_(a.counts(here, total))))
                at = all_((at, not_(own)))  # no time but what the bound counts
            if here in budget.cuts:
                took = clip(took, budget.cap, budget.at_most)
        at, here = at if step is None else all_((at, alike[step])), target
        took = [(all_((at, g)), count) for g, count in took]
    late = any_(all_((at, g, not_(at_most(count, most)))) for g, count in took)
    spans: dict[Symbol, Value] = {s: s.high for s in symbols(late) if s.kind == "calendar"}
    return for_some(restrict(late, spans) if spans else late, is_case)


def _stay(a: Analysis, conduct: str, total: str, name: str) -> Term:
    state = a.states[name]
    limit = state.limit if conduct == PERMITTED else state.prompt
    if conduct == UNHURRIED:
        limit = choose(state.stuck, ZERO, limit)
    return choose(a.counts(name, total), limit, ZERO)


# --- claims -------------------------------------------------------------------------------------


def _claim(
    decider: Decider,
    nodes: Nodes,
    answer: Answer,
    body: Sequence[Obligation],
    unshown: frozenset[str],
) -> dict[str, Any]:
    graph = decider.graph
    rows = {s.name for o in body for s in symbols(o.premise, o.holds) if s.kind == TABLE}
    if rows & unshown:
        return {"id": answer.claim.id, "says": answer.claim.sentence, "verdict": "not shown"}
    condition = {"holds": TRUE, "broken": FALSE}.get(answer.word, answer.condition)
    sides = [(answer.broken_in, answer.failing), (answer.holds_in, answer.shown)]
    shown = [(_whole(decider, nodes, w), o) for w, o in sides if w is not None and o is not None]
    stories = [s for s in (tell(decider.analysis, o, w) for w, o in shown) if s is not None]
    number = {id(m): i for i, m in enumerate(graph.moves)}
    worlds = [w for w, _ in shown]
    if answer.plain == "broken":
        worlds.append({**worlds[0], **_plain(decider, nodes)})
    return {
        "id": answer.claim.id,
        "says": answer.claim.sentence,
        "verdict": answer.word,
        "plain": answer.plain,
        "condition": nodes.place(condition),
        "obligations": [
            {"premise": nodes.place(o.premise), "holds": nodes.place(o.holds),
             "fault": o.says, "source": o.citation}
            for o in body
        ],
        "worlds": [nodes.world(w) for w in worlds],
        "runs": [
            {"world": nodes.world(s.world), "until": s.until,
             "steps": [[day, number[id(m)]] for day, m in s.trace]}
            for s in stories
        ],
    }  # fmt: skip


def _whole(decider: Decider, nodes: Nodes, world: World) -> dict[Symbol, Value]:
    """A world that settles every symbol of a certificate."""
    rest = {s: s.values[0] for s in nodes.symbols if s.kind == "silence"}
    return {**rest, **world_of(decider.graph, world), **world}


def _plain(decider: Decider, nodes: Nodes) -> dict[Symbol, Value]:
    plain = _whole(decider, nodes, {})
    return {s: v for s, v in plain.items() if s.kind in ("question", "silence", "number")}
