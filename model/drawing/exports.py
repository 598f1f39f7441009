"""A state graph in the formats of other tools: Graphviz DOT, Mermaid and GraphML.

DOT and Mermaid show the main track in the plain reading: one edge for all moves between two
states, and skips, hand-overs and withdrawals from a whole rung at once. GraphML has every state
and every move of every reading.
"""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from model import harmless
from model.drawing.plain import Reader, by_case, plainly, reader, time
from model.graph import LADDER, Move, State, StateGraph
from model.terms import FALSE, NO_LIMIT, Term, choose, longest, plus, shortest, walk
from model.words import words

WHOLE = {"skip": "skips", "hand over": "hands it over", "withdraw": "withdraws it"}
LINE = 32  # characters on one line of a label
MANY = 12  # with more edges than this, a power from whole rungs becomes a note
SHAPES = {  # kind of state: Graphviz shape, Mermaid brackets
    "start": ("oval", "([", "])"),
    "gate": ("hexagon", "{{", "}}"),
    "end": ("oval", "([", "])"),
    "resolved": ("oval", "([", "])"),
}
BOX = ("box", "[", "]")


@dataclass(frozen=True, slots=True)
class Edge:
    """All moves between two places; a place is a state, or with `whole` the rung around it."""

    source: str
    target: str
    labels: tuple[str, ...]
    whole: bool


@dataclass(frozen=True, slots=True)
class Plan:
    """What DOT and Mermaid show: states by rung (None for those outside), edges and notes."""

    ids: Mapping[str, str]
    rungs: Mapping[str | None, tuple[State, ...]]
    edges: tuple[Edge, ...]
    notes: tuple[str, ...]


def dot(graph: StateGraph) -> str:
    """The ladder for Graphviz; every word of the file stands inside a quoted string."""
    read = reader(graph)
    return _text(_dot(read, _plan(read)))


def mermaid(graph: StateGraph) -> str:
    """The ladder as a Mermaid flowchart; every word of the file is quoted and encoded."""
    read = reader(graph)
    return _text(_mermaid(read, _plan(read)))


def graphml(graph: StateGraph) -> str:
    """Every state and every move as GraphML; needs networkx."""
    import networkx

    return _text(map(harmless.markup_apart, networkx.generate_graphml(graph.networkx())))


def _text(lines: Iterable[str]) -> str:
    return "\n".join(lines) + "\n"


# --- what is shown --------------------------------------------------------------------------


def _plan(read: Reader) -> Plan:
    graph = read.graph
    moves = [m for m in graph.moves if plainly(read, m.guard) is not FALSE]
    moves, there = _reached(graph, moves)
    rungs: dict[str | None, list[State]] = {}
    for name in (*graph.ladder.rungs, None):
        inside = [s for s in graph.main if s.name in there and s.rung == name]
        if inside:
            rungs[None if name is None else str(name)] = inside
    single: dict[tuple[str, str], list[Move]] = {}
    whole: dict[tuple[str, str], dict[tuple[str, str], list[Move]]] = {}
    for move in moves:
        rung = graph.states[move.source].rung
        if move.kind in WHOLE and rung is not None:
            power = whole.setdefault((move.kind, str(move.at)), {})
            power.setdefault((rung, move.target), []).append(move)
        else:
            single.setdefault((move.source, move.target), []).append(move)
    edges = [_edge(*ends, found, False) for ends, found in single.items()]
    notes = [f"in another reading only: {n}" for n in graph.ladder.rungs if n not in rungs]
    for (kind, _), pairs in whole.items():
        if len(pairs) > MANY:
            lower, upper = ({ends[k] for ends in pairs} for k in (0, 1))
            notes.append(f"{WHOLE[kind]}: from {len(lower)} rungs to {len(upper)} states")
            continue
        edges += [_edge(rungs[r][0].name, to, found, True) for (r, to), found in pairs.items()]
    ids = {s.name: f"n{k}" for k, s in enumerate(s for part in rungs.values() for s in part)}
    shown = {r: tuple(part) for r, part in rungs.items()}
    return Plan(ids, shown, tuple(edges), tuple(notes))


def _reached(graph: StateGraph, moves: Iterable[Move]) -> tuple[list[Move], set[str]]:
    """The moves on the main track that start somewhere a dispute may come to, and those states."""
    given = list(moves)
    there = {graph.start, *(m.also for m in given if m.also)}
    main = [m for m in given if m.track == LADDER]
    before = 0
    while before < len(there):
        before = len(there)
        there |= {m.target for m in main if m.source in there}
    return [m for m in main if m.source in there], there


def _edge(source: str, target: str, moves: Iterable[Move], whole: bool) -> Edge:
    texts = dict.fromkeys(map(_move_words, moves))
    labels = [part for text in texts for part in textwrap.wrap(text, LINE)]
    return Edge(source, target, tuple(labels), whole)


def _move_words(move: Move) -> str:
    strength = {"must": " (must)", "should": " (should)", "automatic": " (by itself)"}
    return move.name + strength.get(move.strength, "")


def limit_words(read: Reader, state: State) -> str:
    """How long a dispute may stay in a state, in the plain reading; empty if for ever."""
    graph = read.graph
    if state.kind == "waiting" and state.rung and state.name.endswith(": awaiting an answer"):
        rung = graph.ladder.rungs[state.rung]
        return by_case(read, rung.within, time).text
    limit = _plain_days(read, state.limit)
    if limit is NO_LIMIT or state.kind == "end":
        return ""
    if limit.op == "number" and limit.args[0].kind == "number":
        return "no time stated"
    return f"at most {words(limit)}" if limit.op in ("days", "number") else "time by case"


def _plain_days(read: Reader, count: Term) -> Term:
    """A day count with its conditions settled as far as the plain reading settles them."""
    done: dict[int, Term] = {}
    for term in walk((count,)):
        parts = [done[a.serial] for a in term.args if isinstance(a, Term)]
        match term.op:
            case "choose":
                new = choose(*parts)
            case "min":
                new = shortest(parts)
            case "max":
                new = longest(parts)
            case "plus":
                new = plus(*parts)
            case "case":
                new = plainly(read, term)
            case _:
                new = term
        done[term.serial] = new
    return done[count.serial]


def _label(read: Reader, state: State) -> list[str]:
    """The lines in a state: its name (without the name of the rung around it) and its limit."""
    name = state.name
    if state.rung is not None:
        name = name.removeprefix(f"{state.rung}: ")
    if state.kind == "gate":
        name = f"gate: {name.partition(': ')[2] or name}"
    also = any(m.also == state.name for m in read.graph.moves)
    lines = [name, limit_words(read, state), "by a referral" if also else ""]
    return [part for line in lines for part in textwrap.wrap(line, LINE)]


def _formal(read: Reader, rung: str) -> str:
    return by_case(read, read.graph.ladder.rungs[rung].counts, lambda v: f"{v} time").text


# --- Graphviz -------------------------------------------------------------------------------


def quoted(lines: Iterable[str]) -> str:
    """A DOT string of some lines."""
    return '"' + "\\n".join(map(harmless.quoted, lines)) + '"'


def _dot(read: Reader, plan: Plan) -> Iterator[str]:
    graph = read.graph
    yield "digraph ladder {"
    yield f"  graph [rankdir=BT, compound=true, fontname=Arial, label={quoted([_title(graph)])}];"
    yield "  node [shape=box, fontname=Arial, fontsize=12];"
    yield "  edge [fontname=Arial, fontsize=12];"
    clusters = {rung: k for k, rung in enumerate(r for r in plan.rungs if r is not None)}
    for rung, states in plan.rungs.items():
        if rung is not None:
            yield f"  subgraph cluster_{clusters[rung]} {{"
            formal = _formal(read, rung)
            style = "solid" if formal == "formal time" else "dashed"
            title = quoted([f"{rung} ({formal})"])
            yield f"    graph [label={title}, style={style}];"
        for state in states:
            shape = SHAPES.get(state.kind, BOX)[0]
            label = quoted(_label(read, state))
            yield f"    {plan.ids[state.name]} [label={label}, shape={shape}];"
        if rung is not None:
            yield "  }"
    for edge in plan.edges:
        extra = ""
        source = graph.states[edge.source].rung
        if edge.whole and source is not None:
            extra = f", ltail=cluster_{clusters[source]}"
        ends = f"{plan.ids[edge.source]} -> {plan.ids[edge.target]}"
        yield f"  {ends} [label={quoted(edge.labels)}{extra}];"
    for k, note in enumerate(plan.notes):
        yield f"  note{k} [label={quoted([note])}, shape=note];"
    yield "}"


def _title(graph: StateGraph) -> str:
    return f"{graph.protocol.authority}: {graph.ladder.name} (main track, plain reading)"


# --- Mermaid --------------------------------------------------------------------------------


def encoded(lines: Iterable[str]) -> str:
    """A Mermaid string of some lines."""
    return '"' + "<br/>".join(map(harmless.mermaid, lines)) + '"'


def _mermaid(read: Reader, plan: Plan) -> Iterator[str]:
    graph = read.graph
    yield "flowchart BT"
    clusters = {rung: k for k, rung in enumerate(r for r in plan.rungs if r is not None)}
    for rung, states in plan.rungs.items():
        if rung is not None:
            title = f"{rung} ({_formal(read, rung)})"
            yield f"  subgraph r{clusters[rung]}[{encoded([title])}]"
        for state in states:
            _, left, right = SHAPES.get(state.kind, BOX)
            yield f"    {plan.ids[state.name]}{left}{encoded(_label(read, state))}{right}"
        if rung is not None:
            yield "  end"
    for edge in plan.edges:
        source = graph.states[edge.source].rung
        start = plan.ids[edge.source]
        if edge.whole and source is not None:
            start = f"r{clusters[source]}"
        yield f"  {start} -->|{encoded(edge.labels)}| {plan.ids[edge.target]}"
    for k, note in enumerate(plan.notes):
        yield f"  note{k}[{encoded([note])}]"
