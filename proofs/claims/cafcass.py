"""Claims about the referral to CAFCASS."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from model.graph import LADDER, Move, State
from model.terms import FALSE, TRUE, Term, all_, any_, not_
from proofs.analysis import Analysis
from proofs.claim import (
    ACT_25B,
    ACT_25B3,
    HANDBOOK_63,
    REG_45_DUTY,
    REG_45_SATISFIED,
    Edit,
    Obligation,
    Story,
    claim,
    in_care,
    iro,
    kept,
)
from proofs.games import FREE
from proofs.paths import Edge

CLOSED_FOR_GOOD = ("put right", "withdrawn")
ANYWHERE = Edit("refer", "a power to refer from every state, without any condition")


def _concerned(a: Analysis) -> Term:
    return all_([iro(a.graph), in_care(a.graph)])


def _open_states(a: Analysis) -> Iterator[State]:
    """The states of a dispute that is not settled."""
    for state in a.graph.main:
        settled = state.kind in ("start", "resolved") or state.name in CLOSED_FOR_GOOD
        if not settled and a.reach[state.name] is not FALSE:
            yield state


def _bodies(a: Analysis) -> frozenset[str]:
    """The people of the file whose role is CAFCASS."""
    people = a.graph.protocol.people
    return frozenset(str(name) for name, person in people.items() if person.role == "CAFCASS")


def outside(name: str, a: Analysis) -> bool:
    """Whether the dispute is with CAFCASS in a state."""
    ends = ("with {}", "with {} by referral", "suspended by the referral to {}")
    return any(name == end.format(body) for body in _bodies(a) for end in ends)


def _referrals(a: Analysis) -> list[Move]:
    """The moves that refer to CAFCASS or first ask about it; other bodies are left aside."""
    bodies = _bodies(a)
    to = {r.at: str(r.to) for r in a.referrals}
    return [
        m for m in a.first_referrals
        if (m.target.removeprefix("with ") if m.track == LADDER
            else to[a.states[a.graph.tracks[m.track]].at]) in bodies
    ]  # fmt: skip


def _own_referrals(a: Analysis) -> list[Move]:
    """Those which the raiser makes; what others may do gives the raiser no power."""
    return [m for m in _referrals(a) if m.side == "raiser"]


def _says(a: Analysis, hindered: str) -> str:
    """What is wrong with the referral: that there is none, or what hinders the one there is."""
    if _own_referrals(a):
        return hindered
    unnamed = a.referrals and not _bodies(a)
    who = ": nobody in the file has the role CAFCASS" if unnamed else ""
    return f"the text gives the IRO no referral to CAFCASS{who}"


def _happens(a: Analysis, move: Move) -> Term:
    """The formula under which a referral is made in some dispute."""
    if move.track == LADDER:
        there = a.reach[move.source]
    else:
        there = any_(a.reach[name] for name in a.main if a.open_at(move, name))
        there = all_([a.side_reach(move.track)[move.source], there])
    return all_([there, a.may_be_made(move), *a.needed(move)])


def _before(a: Analysis) -> Mapping[str, Term]:
    """For each state, the formula under which a dispute comes there before CAFCASS has it."""
    tracks = {m.track for m in _referrals(a)}
    edges = [e for e in a.edges if e.move.also is None or e.move.track not in tracks]
    return a.reach_by(edges) if len(edges) < len(a.edges) else a.reach


def _referable(a: Analysis, state: str, perhaps: bool = False) -> Term:
    """The formula under which a referral can be set going while the dispute is at a state."""
    return any_(_open(a, m, perhaps) for m in _own_referrals(a) if a.open_at(m, state))


def _open(a: Analysis, move: Move, perhaps: bool = False) -> Term:
    """The formula under which a referral can be made, with the advice that it may need.

    Before a total ends the wait for it; `perhaps` none does.
    """
    made = move.guard if perhaps else a.waited(move, move.guard)
    return all_([made, TRUE if move.needs is None else a.obtainable(move.needs)])


@claim(
    "cafcass-any-point",
    "may",
    [ACT_25B3, HANDBOOK_63],
    why="CAFCASS is the child's only way to a court when nobody else will act for them.",
    breaks="A referral only at the end, only when urgent, or only while the ladder is open.",
    mends="Say that an IRO may refer a child in care from any state, whenever appropriate.",
)
def cafcass_any_point(a: Analysis) -> Iterator[Obligation]:
    """The IRO may refer a child in care to CAFCASS in every state."""
    before = _before(a)
    for state in _open_states(a):
        if outside(state.name, a):
            continue
        yield Obligation(
            all_([_concerned(a), before[state.name]]),
            _referable(a, state.name),
            a.refer_place,
            a.refer_citation,
            _says(a, f"at “{state.name}” a referral is not open in every case"),
            Story("reach", state.name),
            (ANYWHERE,),
            unsure=_referable(a, state.name, perhaps=True),
        )


@claim(
    "cafcass-unconditional",
    "may",
    [ACT_25B3],
    why="A condition on the referral hands the child's way to court to the body complained of.",
    breaks="Consent of a manager, stages or complaints to be exhausted first, advice first.",
    mends="Let others be told or consulted without waiting; drop every other condition.",
)
def cafcass_unconditional(a: Analysis) -> Iterator[Obligation]:
    """Nobody's consent, and no exhausting of stages, stands before the referral."""
    free, before = [], _before(a)
    for move in _own_referrals(a):
        asked = [
            c.guard
            for c in a.graph.consents
            if c.is_consent
            and a.states[c.state].track == move.track
            and a.states[c.state].side != "raiser"
        ]
        needs = FALSE if move.needs is not None else TRUE
        free.append((move, all_([move.guard, needs, not_(any_(asked))])))
    for name, rung in a.graph.ladder.rungs.items():
        state = a.states[f"{name}: awaiting an answer"]
        if state.formal is FALSE:
            continue
        here = [t for m, t in free if a.open_at(m, state.name)]
        edits = tuple(
            Edit("drop", f"take out the part of {c.who} ({c.how})", c.at)
            for c in a.graph.consents
            if c.step == "refer"
        )
        yield Obligation(
            all_([_concerned(a), before[state.name], state.formal]),
            any_(here),
            a.refer_place,
            a.refer_citation or rung.citation,
            _says(
                a, f"at {name}, a referral has to wait for a condition or for somebody's consent"
            ),
            Story("reach", state.name),
            (*edits, ANYWHERE),
        )


@claim(
    "cafcass-forced",
    "may",
    [ACT_25B3],
    why="A power that others can hold up by silence is no power.",
    breaks="A consultation or consent without a time limit before the referral.",
    mends="Limit the consultation, or let the referral go ahead without waiting for it.",
)
def cafcass_forced(a: Analysis) -> Iterator[Obligation]:
    """The IRO can bring about the referral in bounded time whatever the others do."""
    goal: dict[str, Term] = {s.name: TRUE for s in a.graph.main if outside(s.name, a)}
    asks = []
    for move in _own_referrals(a):
        guard = all_([move.guard, a.side_force(move.track, move.target)])
        for name in (n for n in a.main if a.open_at(move, n)):
            if move.needs is None:
                goal[name] = any_([goal.get(name, FALSE), guard])
            else:
                asks.append(Edge(name, FREE, guard, move))
    win = a.force(goal, asks)
    edits = tuple(
        Edit("drop", f"take out the part of {c.who} ({c.how})", c.at)
        for c in a.graph.consents
        if c.step == "refer"
    )
    for name in a.graph.ladder.rungs:
        state = a.states[f"{name}: awaiting an answer"]
        yield Obligation(
            all_([_concerned(a), a.reach[state.name]]),
            win[state.name],
            a.refer_place,
            a.refer_citation,
            _says(a, f"from {name}, others can hold the referral up for ever"),
            Story("stall", state.name, asks=tuple(_own_referrals(a))),
            (*edits, ANYWHERE),
            goal=win,
        )


@claim(
    "cafcass-beside",
    "may",
    [HANDBOOK_63],
    why="If the ladder stops at the referral, asking for help outside costs the child help inside.",
    breaks="A referral that ends or suspends the local process.",
    mends="Say that both go on side by side.",
)
def cafcass_beside(a: Analysis) -> Iterator[Obligation]:
    """The referral neither ends nor suspends the ladder."""
    tracks = {m.track for m in _referrals(a)}
    for move in a.graph.moves:
        if move.kind != "refer" or move.track not in tracks:
            continue
        if move.track == LADDER and not outside(move.target, a):
            continue
        moved = move.also is not None or move.track == "ladder"
        what = "ends" if not (move.also or "").startswith("suspended") else "suspends"
        happens = _happens(a, move)
        last = FALSE  # at the top rung there is no ladder left to end
        if move.track == "ladder":
            last = a.graph.top_of.get(str(a.states[move.source].rung), FALSE)
        if moved:
            yield Obligation(
                all_([_concerned(a), happens]),
                last,
                move.at,
                move.citation,
                f"“{move.name}” {what} the ladder",
                Story("reach", move.also or move.target, via=move),
                (Edit("beside", "let the ladder go on beside a referral"),),
            )
        else:
            yield kept(all_([_concerned(a), happens]), move.at, move.citation)


@claim(
    "cafcass-iro-only",
    "must",
    [ACT_25B],
    why="A referral by somebody without the power is turned away, and the time is lost.",
    breaks="A chair or manager who is told to refer, or a referral for a child not in care.",
    mends="Name the IRO, and looked-after children, in the power.",
)
def cafcass_iro_only(a: Analysis) -> Iterator[Obligation]:
    """Nobody but an IRO, and only for a child in care, refers."""
    people = a.graph.protocol.people
    for move in _referrals(a):
        who = move.actor
        reached = _happens(a, move)
        says = "somebody other than an IRO, or for a child not in care, may refer"
        allowed = _concerned(a)
        if who != "raiser":
            named = people.get(who)
            allowed = in_care(a.graph) if named is not None and named.role == "IRO" else FALSE
            if allowed is FALSE:
                by = "by itself" if move.side == "time" else f"by {who}"
                says = f"“{move.name}” is done {by}, and not by an IRO"
        yield Obligation(
            reached,
            allowed,
            move.at,
            move.citation,
            says,
            Story("reach", move.also or move.target, via=move),
            (Edit("refer", "a power to refer for IROs and children in care"),),
        )


NOT_PUT_RIGHT = {
    "answered": "after",
    "overdue": "after silence at",
    "divided": "after disagreement at",
}


@claim(
    "consider-referral",
    "must",
    [REG_45_DUTY, REG_45_SATISFIED],
    why="At the top the law asks one more question on the child's behalf; somebody must ask it.",
    breaks="A text that ends at the top rung, or that leaves the question to nobody.",
    mends="Add a duty to consider a referral when the top rung has not put it right.",
)
def consider_referral(a: Analysis) -> Iterator[Obligation]:
    """A failure not put right at the top leads to a recorded consideration of referral."""
    considered = [
        when
        for d, when in a.graph.duties
        if d.does == "considers referral" and {"top", "any time", "end"} & set(d.at_step)
    ]
    before = _before(a)
    edit = Edit(
        "duty", "a duty to consider a referral at the top", None, "top", "considers referral"
    )
    for state in a.graph.main:
        if state.rung is None or state.kind not in NOT_PUT_RIGHT:
            continue
        owed = [
            m for m in _referrals(a)
            if m.strength in ("should", "must", "automatic") and a.open_at(m, state.name)
        ]  # fmt: skip
        rung = a.graph.ladder.rungs[state.rung]
        yield Obligation(
            all_([_concerned(a), before[state.name], a.graph.top_of[str(state.rung)]]),
            any_([*considered, *(_open(a, m) for m in owed)]),
            rung.at,
            rung.citation,
            f"{NOT_PUT_RIGHT[state.kind]} {state.rung} nobody has to consider a referral",
            Story("reach", state.name),
            (edit,),
            unsure=any_(_open(a, m, perhaps=True) for m in owed),
        )
