"""Claims about the people: who decides, who is told, who is served."""

from __future__ import annotations

from collections.abc import Iterator

from model.graph import StateGraph
from model.protocol import OPEN
from model.shapes import Cases
from model.terms import FALSE, TRUE, Symbol, Term, all_, any_, is_
from proofs.analysis import Analysis
from proofs.claim import (
    EVERY_KIND,
    HANDBOOK_CHILD,
    OWN_SENSE,
    REG_46,
    Edit,
    Obligation,
    Story,
    claim,
    kept,
)
from proofs.telling import name as named

PLAINLY = "different"  # who is not named is taken to be somebody else


def not_named(graph: StateGraph) -> Symbol:
    """Whether officers whom the text does not name are different people."""
    words = "whether officers who are not named are different people"
    return Symbol("silence", words, (PLAINLY, "the same"), scope=graph.raiser.scope)


def _same(graph: StateGraph, one: str, other: str) -> Term:
    """The formula that two names mean one person."""
    if one == other and one not in OPEN:
        return TRUE
    if one in OPEN or other in OPEN:
        return is_(not_named(graph), "the same")
    return any_([_holds_both(graph, one, other), _holds_both(graph, other, one)])


def _holds_both(graph: StateGraph, one: str, other: str) -> Term:
    person = graph.protocol.people.get(one)
    if person is None or not isinstance(person.same_person_as, Cases):
        return FALSE
    return any_(guard for guard, name in graph.same_person[one] if name == other)


_AGREED = {
    "extension": "more time",
    "refer": "a referral",
    "advice": "legal advice",
    "hand-over": "a hand-over",
    "skip": "a skip",
}


@claim(
    "nobody-twice",
    "must",
    [REG_46],
    why="Somebody who has decided once, or who manages the one who asks, is no fresh pair of eyes.",
    breaks="One officer at two stages, or one who both consents to a step and decides on it.",
    mends="Name a different officer, or a substitute, at one of the two.",
    kinds=EVERY_KIND,
)
def nobody_twice(a: Analysis) -> Iterator[Obligation]:
    """Nobody decides twice, or on their own decision, or on whom they supervise."""
    graph = a.graph
    rungs = [(str(name), rung) for name, rung in graph.ladder.rungs.items()]
    deciding = []
    for name, rung in rungs:
        waiting = f"{name}: awaiting an answer"
        here = all_([a.reach[waiting], a.states[waiting].formal])
        for guard, officers in graph.officers[name]:
            deciding += [(name, rung, officer, all_([here, guard])) for officer in officers]
    for i, (name, rung, officer, under) in enumerate(deciding):
        for earlier, _, other, when in deciding[:i]:
            if earlier == name:
                continue
            same = _same(graph, officer, other)
            if same is not FALSE:
                yield Obligation(
                    all_([under, when, same]), FALSE, rung.place("answers"), rung.citation,
                    f"{named(officer)} decides at “{name}” after "
                    + ("deciding" if officer == other else f"{named(other)} decided")
                    + f" at “{earlier}”",
                    Story("reach", f"{name}: awaiting an answer", after=f"{earlier}: answered"),
                )  # fmt: skip
        for c in graph.consents:
            same = _same(graph, officer, c.who) if c.is_consent else FALSE
            if same is not FALSE:
                step = _AGREED.get(c.step, "a step of the raiser")
                yield Obligation(
                    all_([under, c.guard, same]), FALSE, c.at, c.citation,
                    f"{named(officer)} decides at “{name}” and must also agree to {step}",
                    Story("reach", f"{name}: awaiting an answer"),
                    (Edit("drop", f"take out the part of {c.who} ({c.how})", c.at),),
                )  # fmt: skip
        person = graph.protocol.people.get(officer)
        for raiser in person.supervises if person is not None else ():
            if raiser in graph.raisers:
                yield Obligation(
                    all_([under, is_(graph.raiser, str(raiser))]), FALSE, rung.place("answers"),
                    rung.citation, f"{officer} decides at “{name}” and supervises the {raiser}",
                    Story("reach", f"{name}: awaiting an answer"),
                )  # fmt: skip
    if deciding:
        yield kept(any_(d[3] for d in deciding), graph.ladder.at, graph.ladder.citation)


@claim(
    "child-told",
    "should",
    [HANDBOOK_CHILD],
    why="It is the child's life; silence towards the child is a failing of its own.",
    breaks="A child who is told only at the end, or only of their right to complain.",
    mends="Add a duty to tell the child at each stage.",
)
def child_told(a: Analysis) -> Iterator[Obligation]:
    """The child is told at each stage."""
    graph = a.graph

    def told(*steps: str) -> Term:
        return any_(
            owed
            for d, owed in graph.duties
            if d.does in ("tells the child", "consults the child") and set(steps) & set(d.at_step)
        )

    each = any_(
        [told("each stage", "any time"), all_([told("start", "formal start"), told("escalation")])]
    )
    edit = Edit(
        "duty", "a duty to tell the child at each stage", None, "each stage", "tells the child"
    )
    for name, rung in graph.ladder.rungs.items():
        waiting = f"{name}: awaiting an answer"
        if a.states[waiting].formal is FALSE:
            continue
        yield Obligation(
            all_([a.reach[waiting], a.states[waiting].formal]), each, rung.at, rung.citation,
            f"nobody has to tell the child that it has come to {name}",
            Story("reach", waiting), (edit,),
        )  # fmt: skip
    settled = [s.name for s in graph.main if s.kind == "resolved" and a.reach[s.name] is not FALSE]
    yield Obligation(
        any_(a.reach[name] for name in settled),
        told("resolution", "end", "each stage", "any time"), graph.ladder.at, graph.ladder.citation,
        "nobody has to tell the child how it was settled",
        Story("reach", settled[0] if settled else "resolved"), (edit,),
    )  # fmt: skip


@claim(
    "every-raiser-served",
    "consistency",
    [OWN_SENSE],
    why="A right to raise disputes is empty where no stage, or no clock, is meant for you.",
    breaks="Clocks that start on something only IROs issue; raisers who appear in no stage.",
    mends="Say for each kind of raiser and of child which stages there are and what starts them.",
    kinds=EVERY_KIND,
)
def every_raiser_served(a: Analysis) -> Iterator[Obligation]:
    """Each kind of raiser and of child in scope has a complete ladder, with clocks that start."""
    graph = a.graph
    surely = a.reach if a.hurried is None else a.hurry.soon  # whatever time is used up before
    for raiser in graph.ladder.raised_by:
        pair = all_([is_(graph.raiser, str(raiser.who)),
                     any_(is_(graph.child, str(c)) for c in raiser.for_)])  # fmt: skip
        tops = {f"{name}: awaiting an answer": top for name, top in graph.top_of.items()}
        perhaps, told = (
            any_(all_([top, to[name]]) for name, top in tops.items()) for to in (a.reach, surely)
        )
        yield Obligation(
            all_([graph.domain, pair]), told, raiser.place("up to"), raiser.citation,
            f"a dispute of the {raiser.who} never reaches the highest rung meant for it",
            Story("text"), unsure=perhaps,
        )  # fmt: skip
        for name, rung in graph.ladder.rungs.items():
            waiting = f"{name}: awaiting an answer"
            place = rung.clock.at if rung.clock is not None else rung.at
            yield Obligation(
                all_([pair, a.reach[waiting]]), graph.clocks[str(name)], place, rung.citation,
                f"for a dispute of the {raiser.who}, nothing says when the time of {name} starts",
                Story("reach", waiting),
                (Edit("clock", f"the window of {name} runs from sending", place, str(name)),
                 Edit("clock", "every window runs from sending")),
            )  # fmt: skip
    if (
        graph.ladder is next(iter(graph.protocol.ladders.values()))
        or len(graph.protocol.ladders) == 1
    ):
        yield from _children_without(graph)


def _children_without(graph: StateGraph) -> Iterator[Obligation]:
    served = {
        str(kind)
        for ladder in graph.protocol.ladders.values()
        for raiser in ladder.raised_by
        for kind in raiser.for_
    }
    for name, kind in graph.protocol.children.items():
        if str(name) not in served:
            yield Obligation(TRUE, FALSE, kind.at, kind.citation,
                             f"nobody may raise a dispute for a {name}", Story("text"))  # fmt: skip
