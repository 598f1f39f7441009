"""Claims about who may act alone: nobody may stop the raiser."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from model.graph import LADDER, Consent
from model.terms import (
    FALSE,
    TRUE,
    ZERO,
    Symbol,
    Term,
    all_,
    any_,
    for_all,
    for_some,
    limited,
    not_,
    restrict,
    symbols,
)
from proofs.analysis import Analysis
from proofs.claim import (
    HANDBOOK_62,
    HANDBOOK_64,
    HANDBOOK_65,
    HANDBOOK_613,
    REG_45_SATISFIED,
    Edit,
    Obligation,
    Story,
    claim,
    facts_about,
    iro,
    kept,
)
from proofs.claims.cafcass import outside
from proofs.telling import names


def _drop(consent: Consent) -> Edit:
    return Edit("drop", f"take out the part of {consent.who} ({consent.how})", consent.at)


@claim(
    "skip-any",
    "may",
    [HANDBOOK_62],
    why="When it is urgent, going rung by rung costs days that the child does not have.",
    breaks="A bar on skipping, a condition on it, or somebody's leave.",
    mends="Say that the IRO may go to any later stage at once.",
)
def skip_any(a: Analysis) -> Iterator[Obligation]:
    """From every formal state the IRO may go to every higher rung at once, without consent."""
    graph = a.graph
    ways: dict[tuple[str, str], list[Term]] = {}
    for e in a.edges:
        move = e.move
        free = move.side == "raiser" and move.needs is None and move.earliest is ZERO
        target = a.states[e.target].rung
        if free and target is not None and move.kind in ("escalate", "skip"):
            ways.setdefault((e.source, target), []).append(e.guard)
    order = [str(name) for name in graph.ladder.rungs]
    for state in graph.main:
        if state.rung is None or state.formal is FALSE or a.reach[state.name] is FALSE:
            continue
        higher = order[order.index(state.rung) + 1 :]
        missing = [
            (rung, any_([not_(graph.reach_of[rung]), *ways.get((state.name, rung), ())]))
            for rung in higher
        ]
        barred = [rung for rung, term in missing if term is not TRUE]
        yield Obligation(
            all_([iro(graph), a.reach[state.name], state.formal]),
            all_(term for _, term in missing),
            state.at,
            state.citation,
            f"at “{state.name}” the IRO may not always go straight to {names(barred, ' or ')}",
            Story("reach", state.name),
            (Edit("skip", "a power to skip from any rung to any later rung"),),
        )


def _withheld(a: Analysis, consent: Consent) -> Term:
    """The formula under which a refusal, or silence, stops who has to ask for an agreement.

    It does not where the text lets them go on all the same.
    """
    stopped = [not_(limited(a.states[consent.state].limit))]
    for e in a.graph.leaving[consent.state]:
        if e.kind in ("refused", "unanswered"):
            anyway = (
                m.guard
                for m in a.graph.leaving[e.target]
                if m.side != "others" and m.kind in ("raise", "escalate")
            )
            granted = a.states[e.target].kind in ("granted", "done")
            stopped.append(all_([e.guard, not_(TRUE if granted else any_(anyway))]))
    return any_(stopped)


def _consents(
    a: Analysis, consents: Iterable[tuple[Consent, Term]], what: str
) -> Iterator[Obligation]:
    for consent, guard in consents:
        yield Obligation(
            all_([iro(a.graph), guard, _withheld(a, consent)]),
            FALSE,
            consent.at,
            consent.citation,
            f"{consent.who} must agree before the IRO can {what}",
            Story("reach", consent.state),
            (_drop(consent),),
        )


@claim(
    "start-alone",
    "must",
    [HANDBOOK_64],
    why="The IRO answers personally for raising it; whoever can say no can make it not happen.",
    breaks="A manager's agreement before the dispute, or its formal part, may begin, where a "
    "refusal or silence stops it; a manager who alone may send it.",
    mends="Let the manager be told or consulted instead of agreeing, and the raiser send it.",
)
def start_alone(a: Analysis) -> Iterator[Obligation]:
    """Nobody's agreement is needed to start."""
    found = []
    for c in a.graph.consents:
        formal = a.states[c.state].formal
        if not c.is_consent or c.who in a.graph.raisers or a.states[c.state].track != LADDER:
            continue
        if c.step in ("start", "entry"):
            found.append((c, all_([c.guard, a.reach[c.state]])))
        elif c.step == "escalate" and formal is not TRUE:
            found.append((c, all_([c.guard, a.reach[c.state], not_(formal)])))
    yield from _consents(a, found, "start the formal process")
    yield from _only_others(a, formal=False)
    yield kept(iro(a.graph), a.graph.ladder.start.at, a.graph.ladder.start.citation)


@claim(
    "escalate-alone",
    "must",
    [HANDBOOK_64],
    why="A dispute that needs leave to go up stays where leave is not given.",
    breaks="A manager who must agree between two stages, where a refusal or silence stops it, who "
    "takes the dispute over, or who alone may send it on.",
    mends="Let the manager be told or consulted instead of agreeing, and the raiser send it.",
)
def escalate_alone(a: Analysis) -> Iterator[Obligation]:
    """Nobody's agreement is needed to escalate."""
    found = [
        (c, all_([c.guard, a.reach[c.state], a.states[c.state].formal]))
        for c in a.graph.consents
        if c.is_consent
        and c.step == "escalate"
        and c.who not in a.graph.raisers
        and a.states[c.state].formal is not FALSE
    ]
    yield from _consents(a, found, "take it higher")
    yield from _only_others(a, formal=True)
    ups = [e for e in a.edges if e.move.kind == "escalate"]
    going_up = any_(all_([a.reach[e.source], e.guard]) for e in ups)
    yield kept(all_([iro(a.graph), going_up]), a.graph.ladder.at, a.graph.ladder.citation)


DECIDING = ("start", "answered", "overdue", "divided", "late")  # where the raiser has the word
NOT_NAMED = "somebody not named"  # a passive sentence does not say that it is not the raiser


def _only_others(a: Analysis, formal: bool) -> Iterator[Obligation]:
    """Wherever somebody else may take it on, the IRO may, or it goes up by itself.

    Either from the formal rungs, or from what comes before them.
    """
    for state in a.graph.main:
        here = state.formal if formal else not_(state.formal)
        if state.kind not in DECIDING or here is FALSE:
            continue
        ups = [e for e in a.outgoing.get(state.name, ()) if e.move.kind in UPWARDS]
        others = [e for e in ups if e.move.side == "others" and e.move.actor != NOT_NAMED]
        mine = [e.guard for e in ups if e not in others]
        if others:
            who = " or ".join(dict.fromkeys(e.move.actor for e in others))
            does = "raise it" if state.kind == "start" else f"take it higher from “{state.name}”"
            yield Obligation(
                all_([iro(a.graph), a.reach[state.name], here, any_(e.guard for e in others)]),
                any_(mine), others[0].move.at, others[0].move.citation,
                f"only {who} can {does}", Story("reach", others[0].target),
            )  # fmt: skip


@claim(
    "child-no-veto",
    "may",
    [HANDBOOK_64],
    why="A frightened or loyal child may say no; the adult's duty to act stays.",
    breaks="The child's agreement as a condition to start or to go on.",
    mends="Let the child be told and asked; let nothing wait for the answer.",
)
def child_no_veto(a: Analysis) -> Iterator[Obligation]:
    """The child's disagreement does not stop the process."""
    people = a.graph.protocol.people
    for consent in a.graph.consents:
        if consent.is_consent and consent.who in people and people[consent.who].side == "child":
            yield Obligation(
                all_([consent.guard, _withheld(a, consent)]), FALSE, consent.at, consent.citation,
                f"{consent.who} must agree first", Story("text"), (_drop(consent),),
            )  # fmt: skip
    yield from _not_stopped(a, "child's wish", "what the child wants")
    yield kept(TRUE, a.graph.ladder.start.at, a.graph.ladder.start.citation)


UPWARDS = ("raise", "escalate", "skip", "ask")


def _not_stopped(a: Analysis, about: str, what: str) -> Iterator[Obligation]:
    """Wherever such a fact opens or shuts the only ways on, one is open whatever the fact is.

    What the child wants may open or shut it; an obstacle may open what is else shut.
    """
    facts = facts_about(a.graph, about)
    if not set(symbols(a.base)).isdisjoint(facts):
        start = a.graph.ladder.start
        says = f"whether it can be raised at all depends on {what}"
        either = for_all(a.base, lambda variable: variable in facts)
        could = _open_else(a.base, facts, about)
        yield Obligation(could, either, start.at, start.citation, says, Story("text"))
    for name in a.main if facts else ():
        ups = [e for e in a.outgoing.get(name, ()) if e.move.kind in UPWARDS]
        depending = [e for e in ups if not set(symbols(e.move.guard)).isdisjoint(facts)]
        if depending:
            move = depending[0].move
            ways = any_(e.guard for e in ups)
            could = _open_else(ways, facts, about)
            yield Obligation(
                all_([a.reach[name], could]), ways, move.at, move.citation,
                f"at “{name}” whether it goes on depends on {what}", Story("reach", name),
            )  # fmt: skip


def _open_else(guard: Term, facts: Sequence[Symbol], about: str) -> Term:
    """The formula that a guard is open for other values of some facts: without any obstacle."""
    if about == "obstacle":
        return restrict(guard, dict.fromkeys(facts, False))
    return for_some(guard, lambda variable: variable in facts)


@claim(
    "obstacles",
    "should",
    [HANDBOOK_65],
    why="“We have no staff” explains a failure; it does not mend it.",
    breaks="A rule that closes or holds a dispute because the obstacle lies elsewhere.",
    mends="Take the rule out, or say that escalation goes on.",
)
def obstacles(a: Analysis) -> Iterator[Obligation]:
    """An obstacle outside the authority's control does not close a dispute."""
    facts = facts_about(a.graph, "obstacle")
    yield from _not_stopped(a, "obstacle", "an obstacle outside the authority's control")
    for e in a.edges if facts else ():
        # with CAFCASS it has gone on, and is not closed
        closes = a.states[e.target].kind == "end" and not outside(e.target, a)
        if closes and not set(symbols(e.move.guard)).isdisjoint(facts):
            yield Obligation(
                all_([a.reach[e.source], e.guard]), _open_else(e.move.guard, facts, "obstacle"),
                e.move.at, e.move.citation,
                f"“{e.move.name}” closes it because of an obstacle outside the authority's control",
                Story("reach", e.target, via=e.move),
            )  # fmt: skip
    yield kept(TRUE, a.graph.ladder.at, a.graph.ladder.citation)


@claim(
    "advice",
    "should",
    [HANDBOOK_613],
    why="An IRO who must ask those complained of for a lawyer will often have none.",
    breaks="Approval or a test of need first; the authority's own solicitor; no word of advice.",
    mends="Name an independent adviser whom the IRO may ask directly.",
)
def advice(a: Analysis) -> Iterator[Obligation]:
    """Independent legal advice needs nobody's approval."""
    ways = []
    asked: list[Consent] = []
    for track, independent in a.graph.independent.items():
        consents = [
            c for c in a.graph.consents if c.is_consent and a.states[c.state].track == track
        ]
        asked += consents
        first = [m.guard for m in a.graph.moves if m.source == a.graph.tracks[track]]
        blocked = any_(
            all_([c.guard, _withheld(a, c)]) for c in consents if c.who not in a.graph.raisers
        )
        ways.append(all_([independent, any_(first), not_(blocked)]))
    place = asked[0].at if asked else a.graph.ladder.place("advice")
    who = ", ".join(dict.fromkeys(c.who for c in asked))
    sometimes = any(s.kind == "fact" for s in symbols(*ways))
    says = f"{who} must agree to independent legal advice" if who else (
        "the text gives the IRO independent legal advice in some cases only" if sometimes
        else "the text gives the IRO no independent legal advice"
    )  # fmt: skip
    yield Obligation(
        iro(a.graph), any_(ways), place, asked[0].citation if asked else a.graph.ladder.citation,
        says, Story("side", asked[0].state) if asked else Story("text"),
        (*(_drop(c) for c in asked), Edit("advice", "independent legal advice on request")),
    )  # fmt: skip


@claim(
    "raiser-closes",
    "must",
    [REG_45_SATISFIED],
    why="Those who caused the problem are the last to say whether it is solved.",
    breaks="Managers who direct and close, or withdraw it; silence that counts as acceptance.",
    mends="Say that it is settled when the raiser is satisfied, and not before.",
)
def raiser_closes(a: Analysis) -> Iterator[Obligation]:
    """A dispute is resolved only to the raiser's satisfaction."""
    seen = []
    for e in a.edges:
        target = a.states[e.target]
        withdraws = e.move.kind == "withdraw"
        if target.kind != "resolved" and target.name != "closed" and not withdraws:
            continue
        happens = all_([a.reach[e.source], e.guard])
        if e.move.side == "raiser":
            if not withdraws:
                seen.append(happens)
            continue
        verb = "withdraw" if withdraws else "close"
        by = "silence" if e.move.side == "time" else e.move.actor
        by = "the raiser's silence" if e.move.kind == "missed" else by
        yield Obligation(
            happens,
            FALSE,
            e.move.at,
            e.move.citation,
            f"{by} can {verb} it at “{e.source}” without the raiser's agreement",
            Story("reach", e.target, via=e.move),
            () if withdraws else
            (Edit("closes", f"the raiser decides whether {a.states[e.source].rung} has settled it",
                  e.move.at, str(a.states[e.source].rung or "")),
             Edit("closes", "at every rung the raiser decides whether it is settled")),
        )  # fmt: skip
    yield kept(any_(seen), a.graph.ladder.at, a.graph.ladder.citation)
