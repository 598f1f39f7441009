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
from model.graph import LADDER, StateGraph
from model.replay import world_of
from model.terms import (
    FALSE,
    NO_LIMIT,
    TRUE,
    Symbol,
    Term,
    Value,
    World,
    all_,
    any_,
    days,
    for_some,
    holds,
    is_case,
    not_,
    shortest,
    symbols,
)
from model.work import TooLarge, within_limits
from proofs.analysis import UNHURRIED, Analysis
from proofs.bounds import Bound, within
from proofs.claim import Obligation
from proofs.decide import Answer, Decider
from proofs.late import Late
from proofs.latest import Latest
from proofs.paths import Edge, components
from proofs.solver import UNSAT
from proofs.stories import tell

FORMAT = "drp certificate 4"
Asked = tuple[str, Term, str, Term, int | None]  # of a bound: see `Analysis.latest`, and the most


class Stated:
    """An analysis whose tables stand for themselves, so that obligations are said in their words.

    It notes what is asked of it: `forces` and `bounds`. All else is the analysis's own.
    """

    def __init__(self, a: Analysis) -> None:
        self.a = a
        self.forces: dict[str, tuple[Mapping[str, Term], Sequence[Edge]]] = {}
        self.bounds: dict[str, Asked] = {}
        self.reach = {name: self.row(f"reach {name}") for name in a.main}

    def __getattr__(self, name: str) -> Any:
        return getattr(self.a, name)

    def row(self, name: str) -> Term:
        return holds(Symbol(TABLE, name, scope=self.a.graph.raiser.scope))

    def side_reach(self, track: str) -> Mapping[str, Term]:
        return {name: self.row(f"reach {name}") for name in self.a.side_reach(track)}

    def obtainable(self, track: str) -> Term:
        return any_(self.row(f"reach {name}") for name in self.a.granting(track))

    def force(self, goal: Mapping[str, Term], asks: Sequence[Edge] = ()) -> Mapping[str, Term]:
        what = goal, asks
        name = next((n for n, w in self.forces.items() if w == what), str(len(self.forces)))
        self.forces[name] = what
        return {state: self.row(f"force {name} {state}") for state in self.a.main}

    def side_force(self, track: str, start: str = "") -> Term:
        if track == LADDER:
            return TRUE
        return self.row(f"granted {start or self.a.graph.tracks[track]}")

    def end_by(
        self, conduct: str, start: Term = TRUE, total: str = "", over: int | None = None,
        given: World | None = None,
    ) -> Bound:  # fmt: skip
        name = str(len(self.bounds))
        most = days(over) if over is not None else next(
            b.at_most for b in self.a.graph.budgets if b.name == total
        )  # fmt: skip
        self.bounds[name] = (conduct, start, total, most, over)
        return [(not_(self.row(f"bound {name}")), NO_LIMIT)]


def certificate(decider: Decider, answers: Iterable[Answer]) -> dict[str, Any]:
    """The certificate of the verdicts on one ladder, as JSON values."""
    a, graph, nodes = decider.analysis, decider.graph, Nodes()
    drawn = encoded(graph, nodes)
    stated, listed = Stated(a), []
    for answer in answers:
        told = answer.obligations and answer.by is None
        body = list(answer.claim.body(stated)) if told else []  # type: ignore[arg-type]
        listed.append((answer, body))
    number = {id(m): i for i, m in enumerate(graph.moves)}
    said = [t for x, _ in listed for o in x.obligations for t in (o.premise, o.holds)]
    nodes.ordered([*said, *(x.condition for x, _ in listed)])
    needed = _needed_first(graph)
    still = [track for track in needed if track not in a.moving]
    tables = [_table(a, "reach", track) for track in still]
    tables += [_table(a, "unmoved", LADDER)] if a.moving else []
    tables += [_table(a, "reach", track) for track in (*needed, LADDER) if track not in still]
    tables += [_table(a, "granted", track) for track in needed]
    tables += [
        {**_table(a, name, LADDER), "goal": {n: nodes.place(g) for n, g in goal.items()},
         "asks": [[e.source, nodes.place(e.guard), number[id(e.move)]] for e in asks]}
        for name, (goal, asks) in stated.forces.items()
    ]  # fmt: skip
    bounds = [
        b for name, what in stated.bounds.items() if (b := _bound(decider, nodes, name, what))
    ]
    shown = {f"bound {b['name']}" for b in bounds}
    claims = [_claim(decider, nodes, answer, body, shown) for answer, body in listed]
    for claim in claims:  # now that all symbols are known
        claim["worlds"] = [nodes.world(w) for w in claim.get("worlds", ())]
        for run in claim.get("runs", ()):
            run["world"] = nodes.world(run["world"])
    return {
        "format": FORMAT,
        "protocol": graph.protocol.stem,
        "ladder": str(graph.ladder.name),
        "digest": graph.protocol.digest,
        "symbols": nodes.listed(),
        "nodes": nodes.nodes,
        "graph": drawn,
        "tables": tables,
        "bounds": bounds,
        "plain": nodes.world(_plain(decider)),
        "claims": claims,
    }


# --- tables -------------------------------------------------------------------------------------


def _needed_first(graph: StateGraph) -> list[str]:
    """The side tracks, each after those that its moves need."""
    found: dict[str, None] = {}

    def add(track: str) -> None:
        for move in graph.moves:
            if move.track == track and move.needs not in (None, track, *found):
                add(str(move.needs))
        found[track] = None

    for track in graph.tracks:
        add(track)
    return list(found)


def _table(a: Analysis, name: str, track: str) -> dict[str, Any]:
    """A table, with the order in which it is soonest derived."""
    edges = a.edges if track == LADDER else a.edges_of(track)
    names = [s.name for s in a.states.values() if s.track == track]
    order = [state for component in components(names, edges) for state in component]
    on = name in ("reach", "unmoved")
    return {"name": name, "track": track, "order": order if on else order[::-1]}


# --- bounds -------------------------------------------------------------------------------------


def _bound(decider: Decider, nodes: Nodes, name: str, what: Asked) -> dict[str, Any] | None:
    """A bound as a certificate shows it; none where there are too many ways to tell apart."""
    try:
        with within_limits():
            return _told_apart(decider, nodes, name, *what)
    except TooLarge:
        return None


def _told_apart(
    decider: Decider, nodes: Nodes, name: str, conduct: str, start: Term, total: str,
    most: Term, over: int | None,
) -> dict[str, Any] | None:  # fmt: skip
    a = decider.analysis
    latest = a.latest(conduct, start, total, over)
    if latest.compact:
        return None
    kept = within(latest.end_by, most)
    # where it can be late: in which readings, by whatever numbers
    wanted = for_some(all_((a.domain, start, not_(kept))), is_case)
    begin = for_some(wanted, lambda v: isinstance(v, Term))
    for rounds in (0, 20, 80):
        late = Late(latest, most, all_((a.domain, start, begin)), rounds)
        ways, rest = late.listed(nodes, wanted)
        if rest is FALSE or decider.solver.check(rest) == UNSAT:
            break
    else:
        return None
    return {
        "name": name, "conduct": conduct, "total": total or None, "start": nodes.place(start),
        "most": nodes.count(most), "kept": nodes.place(kept),
        "entered": {
            n: nodes.largest(_came_back(latest, n, w)) for n, w in latest.entered.items()
        },
        "left": {n: nodes.largest(_came_back(latest, n, latest.last_in(n))) for n in a.main},
        "begun": {
            t: {n: nodes.largest(latest.begun[t][n]) for n in names}
            for t, names in late.matters.items()
        },
        "begin": nodes.place(begin), **ways,
    }  # fmt: skip


def _came_back(latest: Latest, name: str, days: Bound) -> Bound:
    """The days of a state; of one without counted time that leads back to a total, cut by it."""
    a = latest.a
    for budget, cap, _ in latest.budgets:
        back = (
            budget.is_total
            and latest.conduct != UNHURRIED
            and name not in budget.cuts
            and a.counts(name, latest.total) is FALSE
            and name in latest.spent[budget.name] & a.before(budget.cuts)
        )
        if back:
            free = [(all_((g, not_(cap))), count) for g, count in days]
            cut = [(all_((g, cap)), shortest([count, budget.at_most])) for g, count in days]
            days = [(g, count) for g, count in (*free, *cut) if g is not FALSE]
    return days


# --- claims -------------------------------------------------------------------------------------


def _claim(
    decider: Decider,
    nodes: Nodes,
    answer: Answer,
    body: Sequence[Obligation],
    bounds: set[str],
) -> dict[str, Any]:
    graph = decider.graph
    rows = {s.name for o in body for s in symbols(o.premise, o.holds) if s.kind == TABLE}
    untold = any(row.startswith("bound ") and row not in bounds for row in rows)
    untold |= answer.by is not None
    if untold or not all(_on_states(decider, o, answer.word) for o in answer.obligations):
        return {"id": answer.claim.id, "says": answer.claim.sentence, "verdict": "not shown"}
    condition = {"holds": TRUE, "broken": FALSE}.get(answer.word, answer.condition)
    sides = [(answer.broken_in, answer.failing, True), (answer.holds_in, answer.shown, False)]
    shown = [(_whole(decider, w), o, f) for w, o, f in sides if w is not None and o is not None]
    told = (tell(decider.analysis, o, w, fails) for w, o, fails in shown)
    stories = [s for s in told if s is not None]
    number = {id(m): i for i, m in enumerate(graph.moves)}
    worlds = [w for w, _, _ in shown]
    if answer.plain == "broken":
        worlds.append({**worlds[0], **_plain(decider)})
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
        "worlds": worlds,
        "runs": [
            {"world": s.world, "until": s.until,
             "steps": [[day, number[id(m)]] for day, m in s.trace]}
            for s in stories
        ],
    }  # fmt: skip


def _on_states(decider: Decider, o: Obligation, word: str) -> bool:
    """Whether a table shows what the raiser can force.

    It knows neither the days used up, nor of a request that is held until the dispute has gone on.
    """
    game = decider.analysis.game.played(o.goal)
    if game is None:
        return True
    same = game.won[o.story.to] is game.simply[o.story.to]
    return same and (word == "holds" or decider.analysis.hurried is None)


def _whole(decider: Decider, world: World) -> dict[Symbol, Value]:
    """A world that settles every symbol of the graph."""
    return {**world_of(decider.graph, world), **world}


def _plain(decider: Decider) -> dict[Symbol, Value]:
    """The plain answers; no number has a limit."""
    plain = world_of(decider.graph)
    return {s: v for s, v in plain.items() if not is_case(s)}
