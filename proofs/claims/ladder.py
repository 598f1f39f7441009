"""Claims about the ladder itself: that it goes up, ends, and leaves nobody stuck."""

from __future__ import annotations

from collections.abc import Iterator

from model.graph import AFTER, LADDER, State
from model.terms import FALSE, TRUE, Term, all_, any_, holds, not_
from proofs.analysis import Analysis
from proofs.claim import (
    EVERY_KIND,
    GIVES_UP,
    HANDBOOK_61,
    HANDBOOK_62,
    HANDBOOK_64,
    REG_45_SATISFIED,
    Edit,
    Obligation,
    Story,
    claim,
    facts_about,
    iro,
    kept,
)

OVER = ("the ladder is exhausted", "closed", "lapsed")  # ends from which nothing leads back
AHEAD = ("start", "gate", "refused", "unanswered")  # of the states before the first rung


def _way_on(a: Analysis, state: State, perhaps: bool = False) -> Term:
    """The formula under which somebody has a move on from a state, even if officers are silent.

    A referral outside does not count: it is no substitute for a rule of the ladder. Nor does a move
    after a wait that a total always ends; `perhaps` it never does.
    """
    ways = []
    for e in a.outgoing.get(state.name, ()):
        if e.move.kind == "refer" and e.move.track != LADDER:
            continue
        over = e.guard if perhaps else a.waited(e.move, e.guard)
        if e.move.side == "raiser" and e.move.kind not in GIVES_UP:
            ways.append(over)
        elif e.move.side == "time":
            ways.append(all_([over, a.runs_out(state.name)]))
    return any_(ways)


def _silence_edits(a: Analysis, state: State) -> tuple[Edit, ...]:
    if state.rung is None:
        return ()
    rung = a.graph.ladder.rungs[state.rung]
    key = "if silent" if state.kind in ("waiting", "overdue") else "if not satisfied"
    top = state.rung == list(a.graph.ladder.rungs)[-1]
    then = ", since the ladder ends there" if top else ""
    words = f"a rule for {state.rung}: “{key}: {{to: next rung, strength: may}}”{then}"
    if state.kind in ("gate", "refused", "unanswered"):
        return (Edit("drop", f"take out what is awaited at “{state.name}”", state.at),)
    return (Edit("rule", words, rung.place(key), state.rung, key),)


@claim(
    "no-dead-end",
    "should",
    [HANDBOOK_61, HANDBOOK_62],
    why="Where the text falls silent the dispute stops, and the child's problem stays as it is.",
    breaks="No rule for silence, for a refusal, or for officers who do not agree with each other.",
    mends="Say what the raiser may do when no answer comes, and when somebody does not agree.",
    kinds=EVERY_KIND,
)
def no_dead_end(a: Analysis) -> Iterator[Obligation]:
    """In every state that can be reached, somebody has a move, silence and mixed answers
    included."""
    for state in a.graph.main:
        if state.kind in AFTER or a.reach[state.name] is FALSE:
            continue
        on = _way_on(a, state)
        yield Obligation(
            a.reach[state.name],
            on,
            state.at,
            state.citation,
            _nothing_happens(a, state),
            Story("reach", state.name),
            _silence_edits(a, state),
            unsure=all_([_way_on(a, state, perhaps=True), not_(on)]),
        )


def _nothing_happens(a: Analysis, state: State) -> str:
    """What is wrong at a dead end: nobody has a move, or only people who need not make it."""
    others = [
        e.move.actor
        for e in a.outgoing.get(state.name, ())
        if e.move.side == "others" and e.move.kind in ("escalate", "skip")
    ]
    if state.kind in ("answered", "overdue", "divided", "late") and others:
        who = " or ".join(dict.fromkeys(others))
        return f"at “{state.name}” it goes up only if {who} sends it, by no date"
    return f"at “{state.name}” nothing need ever happen"


@claim(
    "climbs",
    "should",
    [HANDBOOK_62],
    why="A dispute that goes back down starts again with the people who did not put it right.",
    breaks="A rule that sends it back to a lower rung, or round in a circle.",
    mends="Let each step lead to a higher rung; declare a re-opening as what it is.",
    kinds=EVERY_KIND,
)
def climbs(a: Analysis) -> Iterator[Obligation]:
    """Escalation never goes down, and never round, unless re-opening is declared."""
    order = {str(name): i for i, name in enumerate(a.graph.ladder.rungs)}
    up: dict[str, list[Term]] = {}
    for e in a.edges:
        if e.move.kind not in ("escalate", "skip", "return"):
            continue
        here, there = a.states[e.source].rung, a.states[e.target].rung
        if here is None or there is None:
            continue
        if order[there] > order[here]:
            up.setdefault(e.source, []).append(e.guard)
            continue
        yield Obligation(
            all_([a.reach[e.source], e.guard]),
            FALSE,
            e.move.at,
            e.move.citation,
            f"“{e.move.name}” leads from {here} to {there}",
            Story("reach", e.target, via=e.move),
        )
    for name, ways in up.items():
        goes_up = all_([a.reach[name], any_(ways)])
        yield kept(goes_up, a.graph.ladder.at, a.graph.ladder.citation)


@claim(
    "stays-formal",
    "should",
    [HANDBOOK_61, HANDBOOK_62],
    why="Where a higher stage is outside the formal process, neither a time for response nor the "
    "20 working days hold for what is hardest to settle.",
    breaks="A stage above a formal one that is informal, or that no longer counts.",
    mends="Say that the higher stage is part of the formal process, with its own time.",
)
def stays_formal(a: Analysis) -> Iterator[Obligation]:
    """Every stage to which a dispute goes up from a formal one is formal too."""
    order = {str(name): i for i, name in enumerate(a.graph.ladder.rungs)}
    for e in a.edges:
        source, target = a.states[e.source], a.states[e.target]
        if e.move.kind not in ("escalate", "skip") or source.rung is None or target.rung is None:
            continue
        premise = all_([a.reach[e.source], e.guard, source.formal])
        if order[target.rung] > order[source.rung] and target.formal is not TRUE:
            yield Obligation(
                premise,
                target.formal,
                a.graph.ladder.rungs[target.rung].place("counts"),
                target.citation,
                f"{target.rung}, above {source.rung}, is outside the formal process",
                Story("reach", e.target, via=e.move),
            )
    begun = any_(all_([a.reach[s.name], s.formal]) for s in _waits(a))
    yield kept(begun, a.graph.ladder.at, a.graph.ladder.citation)


def _waits(a: Analysis) -> Iterator[State]:
    """The states in which a rung has the dispute and an answer is awaited."""
    for name in a.graph.ladder.rungs:
        yield a.states[f"{name}: awaiting an answer"]


@claim(
    "ends",
    "should",
    [HANDBOOK_62],
    why="A dispute that others can keep open for ever is a way not to decide.",
    breaks="A stage without a limit or without a rule for silence, most often the last one.",
    mends="Limit each stage, and say what follows when the top does not answer.",
    kinds=EVERY_KIND,
)
def ends(a: Analysis) -> Iterator[Obligation]:
    """A dispute pursued with diligence does not go on for ever."""
    over = {
        s.name: TRUE
        for s in a.graph.main
        if s.kind in AFTER and s.kind != "not kept" and s.name != "withdrawn"
    }
    for name in a.left_by_referral:  # a referral outside is no end of the dispute inside
        over.pop(name, None)
    win = a.force(over)
    for state in _waits(a):
        yield Obligation(
            a.reach[state.name],
            win[state.name],
            state.at,
            state.citation,
            f"others can keep it at or above {state.rung} for ever",
            Story("stall", state.name),
            _silence_edits(a, state),
            goal=win,
        )


@claim(
    "top-forced",
    "should",
    [HANDBOOK_62, HANDBOOK_64],
    why="If the raiser cannot reach the people who can decide, the ladder ends where it hurts.",
    breaks="A manager's agreement before the next stage; no move on silence.",
    mends="Give the raiser a move of their own from every stage.",
)
def top_forced(a: Analysis) -> Iterator[Obligation]:
    """The raiser can bring the dispute to the top rung whatever the managers do."""
    goal: dict[str, Term] = {}
    for name, top in a.graph.top_of.items():
        for kind in ("awaiting an answer", "sent"):
            if f"{name}: {kind}" in a.states:
                goal[f"{name}: {kind}"] = top
    win = a.force(goal)
    for state in _waits(a):
        edits = tuple(
            Edit("drop", f"take out the part of {c.who} ({c.how})", c.at)
            for c in a.graph.consents
            if c.step == "escalate"
        )
        yield Obligation(
            a.reach[state.name],
            any_([win[state.name], _above_top(a, str(state.rung))]),
            state.at,
            state.citation,
            f"from {state.rung}, others can keep it from the top rung",
            Story("stall", state.name),
            (*edits, *_silence_edits(a, state)[:1], Edit("skip", "a power to skip from any rung")),
            goal=win,
        )


def _above_top(a: Analysis, rung: str) -> Term:
    """The formula under which no rung above this one exists for the raiser."""
    order = [str(name) for name in a.graph.ladder.rungs]
    return all_(not_(a.graph.reach_of[r]) for r in order[order.index(rung) + 1 :])


@claim(
    "return",
    "must",
    [REG_45_SATISFIED],
    why="An agreement that is not kept has put nothing right; the child is where they were.",
    breaks="A text that ends when something is agreed, and says nothing of what comes after.",
    mends="Say that the raiser may bring it back, and to which rung, if it is not done.",
)
def agreement_return(a: Analysis) -> Iterator[Obligation]:
    """An agreement that is not kept can be brought back."""
    for state in a.graph.main:
        if state.kind != "not kept":
            continue
        back = (
            e.guard
            for e in a.outgoing.get(state.name, ())
            if e.move.kind == "reopen" and e.target not in OVER
        )
        _, at, rung = state.name.partition(", of ")
        yield Obligation(
            a.reach[state.name],
            any_(back),
            state.at,
            state.citation,
            f"when an agreement{at and f' made at {rung}'} is not kept, the text has no way back",
            Story("reach", state.name),
            (Edit("return", "a way back: the raiser may bring it back where they think right"),),
        )


@claim(
    "informal-first",
    "should",
    [HANDBOOK_61],
    why="Most problems are settled fastest by talking; a record shows that it was tried.",
    breaks="A formal start without a condition, or an informal stage that nobody records.",
    mends="Put an informal rung first, with a duty to record it, or ask for the urgency.",
)
def informal_first(a: Analysis) -> Iterator[Obligation]:
    """The informal attempt comes first and is recorded, or urgency is recorded."""
    graph = a.graph
    pressing = any_(map(holds, facts_about(graph, "urgency", "harm", "rights")))
    recorded = [
        owed
        for d, owed in graph.duties
        if d.does == "records" and {"informal stage", "any time", "each stage"} & set(d.at_step)
    ]
    story = Story("text")
    informal = [s for s in _waits(a) if s.formal is not TRUE]
    ahead = {s.name for s in graph.main if s.rung is None and s.kind in AHEAD}
    edges = [e for name in a.main if name in ahead for e in a.outgoing.get(name, ())]
    reach = a.reach_by(edges)
    for e in edges:
        target = a.states[e.target]
        begins = target.formal if target.rung is not None else FALSE
        if begins is FALSE:
            continue
        yield Obligation(
            all_([iro(graph), reach[e.source], e.guard, begins]),
            pressing,
            e.move.at,
            e.move.citation,
            f"it may begin formally at {target.rung} without an informal attempt and without "
            "any urgency",
            Story("reach", e.target),
        )
    if not informal:
        yield Obligation(iro(graph), pressing, graph.ladder.at, graph.ladder.citation,
                         "no informal stage comes first", story)  # fmt: skip
    for state in informal:
        yield Obligation(
            all_([iro(graph), a.reach[state.name], not_(state.formal)]),
            any_(recorded),
            state.at,
            state.citation,
            f"nobody has to record the informal attempt at {state.rung}",
            Story("reach", state.name),
            (
                Edit(
                    "duty",
                    "a duty to record the informal attempt",
                    None,
                    "informal stage",
                    "records",
                ),
            ),
        )
