"""Every claim from its own sentence, in one world of one ladder.

`SENTENCES[id](seen)` yields, for each thing of which a claim speaks in that world, whether it is
as the claim says.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from typing import Any

from brute import Seen
from explorer import DILIGENT, PERMITTED, WINDOWS, Position

from model.graph import AFTER, LADDER, Move, State
from model.protocol import Window
from model.shapes import Length
from model.terms import INFINITE, Symbol, symbols

Said = Iterator[bool]

# --- time ---------------------------------------------------------------------------------------


def in_twenty(seen: Seen, conduct: str) -> Said:
    if any(seen.formal(s.name) for s in seen.graph.main if s.rung):
        yield seen.worst(conduct) <= 20


def own_total(seen: Seen) -> Said:
    for budget in seen.graph.budgets:
        counts = any(seen.of(c) for c in budget.counts.values())
        if budget.is_total and counts and seen.of(budget.at_most) < INFINITE:
            most = seen.of(budget.at_most)
            cut = seen.of(budget.cap)
            yield bool(cut) or seen.worst(WINDOWS, budget) <= most


def timed(seen: Seen) -> Said:
    for rung, state in seen.waits:
        if seen.formal(state):
            value = seen.case(seen.graph.ladder.rungs[rung].within)
            yield isinstance(value.at_most if isinstance(value, Window) else value, Length)


# --- the ladder ---------------------------------------------------------------------------------

GIVES_UP = ("satisfied", "withdraw", "accept", "extend", "hand over")


def no_dead_end(seen: Seen) -> Said:
    for name in seen.dispute.states:
        if seen.graph.states[name].kind not in AFTER:
            yield any(
                (m.side == "time" and seen.pressed(name))
                or (m.side == "raiser" and m.kind not in GIVES_UP)
                for m in seen.made(name)
            )


def climbs(seen: Seen) -> Said:
    for move in seen.happens:
        here, there = (seen.graph.states[n].rung for n in (move.source, move.target))
        if move.kind in ("escalate", "skip", "return") and here and there:
            yield seen.rungs.index(there) > seen.rungs.index(here)


def stays_formal(seen: Seen) -> Said:
    yield from (True for _, state in seen.waits if seen.formal(state))
    for move in seen.happens:
        here, there = (seen.graph.states[n].rung for n in (move.source, move.target))
        goes = move.kind in ("escalate", "skip") and here and there
        if goes and seen.formal(move.source):
            higher = seen.rungs.index(str(there)) > seen.rungs.index(str(here))
            yield seen.formal(move.target) or not higher


def ends(seen: Seen) -> Said:
    left = {m.also for m in seen.graph.moves if m.also}
    over = {
        s.name
        for s in seen.graph.main
        if s.kind in ("resolved", "end") and s.name != "withdrawn" and s.name not in left
    }
    yield from seen.forces("end", lambda p: p.tokens[0][0] in over)


def top_forced(seen: Seen) -> Said:
    tops = {rung for rung in seen.rungs if seen.of(seen.graph.top_of[rung])}
    goals = {f"{rung}: {kind}" for rung in tops for kind in ("awaiting an answer", "sent")}
    won = seen.forces(f"top {sorted(tops)}", lambda p: p.tokens[0][0] in goals)
    for (rung, _), wins in zip(seen.waits, won, strict=True):
        above = seen.rungs[seen.rungs.index(rung) + 1 :]
        yield wins or not any(seen.there(r) for r in above)


def comes_back(seen: Seen) -> Said:
    for name in seen.dispute.states:
        if seen.graph.states[name].kind == "not kept":
            back = (m.target for m in seen.made(name) if m.kind == "reopen")
            yield any(t not in ("the ladder is exhausted", "closed", "lapsed") for t in back)


PRESSING = ("urgency", "harm", "rights")


def talked_first(seen: Seen) -> Said:
    if not seen.iro:
        return
    facts = seen.graph.protocol.facts
    pressing = any(
        seen.world[s]
        for s in seen.graph.symbols
        if s.kind == "fact" and str(facts[s.name].about) in PRESSING  # type: ignore[index]
    )
    for name in first_rungs(seen):
        if seen.formal(name):
            yield pressing
    if not any(not seen.formal(f"{rung}: awaiting an answer") for rung in seen.rungs):
        yield pressing
    for _, state in seen.waits:
        if not seen.formal(state):
            yield seen.owed(["records"], ("informal stage", "any time", "each stage"))


def first_rungs(seen: Seen) -> set[str]:
    """The states of a rung to which a dispute comes before any other rung."""
    found, stack, passed = set(), [seen.graph.start], set()
    while stack:
        name = stack.pop()
        state = seen.graph.states[name]
        if state.rung:
            found.add(name)
        elif name not in passed and state.kind in ("start", "gate", "refused", "unanswered"):
            passed.add(name)
            stack += [m.target for m in seen.made(name)]
    return found


# --- referral -----------------------------------------------------------------------------------


def any_point(seen: Seen) -> Said:
    for name in seen.dispute.states if seen.concerned else ():
        settled = seen.graph.states[name].kind in ("start", "resolved")
        if not settled and name not in ("put right", "withdrawn") and not seen.outside(name):
            mine = any(m.side == "raiser" for m in seen.referrals(name))
            if mine or not seen.referred(name):
                yield mine


def unconditional(seen: Seen) -> Said:
    for _, state in seen.waits if seen.concerned else ():
        if seen.formal(state):
            asked = {
                seen.graph.states[c.state].track
                for c in seen.consents()
                if seen.graph.states[c.state].side != "raiser"
            }
            free = any(
                m.side == "raiser" and m.needs is None and m.track not in asked
                for m in seen.referrals(state)
            )
            if free or not seen.referred(state):
                yield free


def forced(seen: Seen) -> Said:
    if not seen.concerned:
        return
    tracks = seen.whole.tracks

    def with_cafcass(position: Position) -> bool:
        there = zip(tracks, position.tokens, strict=True)
        return seen.outside(position.tokens[0][0]) or any(
            seen.to_cafcass(track) and seen.graph.states[name].kind == "done"
            for track, (name, _) in there
        )

    yield from seen.forces("CAFCASS", with_cafcass, whole=True)


def beside(seen: Seen) -> Said:
    made = {id(m): m for moves in seen.whole.made.values() for m in moves}
    for move in made.values() if seen.concerned else ():
        if move.kind != "refer":
            continue
        if move.track == LADDER and seen.outside(move.target):
            rung = seen.graph.states[move.source].rung
            yield bool(rung and seen.of(seen.graph.top_of[rung]))
        elif move.track != LADDER and seen.to_cafcass(move.track):
            yield move.also is None


def iro_only(seen: Seen) -> Said:
    for moves in seen.whole.made.values():
        for move in moves:
            if seen.refers(move):
                who = seen.raiser if move.actor == "raiser" else move.actor
                kind = seen.graph.protocol.children[str(seen.world[seen.graph.child])]
                is_iro = who in seen.people and seen.people[who].role == "IRO"
                yield is_iro and kind.looked_after == "yes"


def considered(seen: Seen) -> Said:
    for state in seen.graph.main if seen.concerned else ():
        if state.rung is None or state.kind not in ("answered", "overdue", "divided"):
            continue
        if seen.reached(state.name) and seen.of(seen.graph.top_of[state.rung]):
            strong = ("should", "must", "automatic")
            due = any(m.strength in strong for m in seen.referrals(state.name))
            due = due or seen.owed(["considers referral"], ("top", "any time", "end"))
            if due or not seen.referred(state.name):
                yield due


# --- acting alone -------------------------------------------------------------------------------

UPWARDS = ("raise", "escalate", "skip", "ask")
DECIDING = ("start", "answered", "overdue", "divided", "late")


def skips(seen: Seen) -> Said:
    for name in seen.dispute.states if seen.iro else ():
        rung = seen.graph.states[name].rung
        if rung is None or not seen.formal(name):
            continue
        at = [steps for p, steps in seen.dispute.steps.items() if p.tokens[0][0] == name]
        higher = [r for r in seen.rungs[seen.rungs.index(rung) + 1 :] if seen.there(r)]
        yield all(
            any(goes_alone(seen, s.move, above) for s in steps) for steps in at for above in higher
        )


def goes_alone(seen: Seen, move: Move | None, rung: str) -> bool:
    return (
        move is not None
        and move.side == "raiser"
        and move.needs is None
        and move.kind in ("escalate", "skip")
        and seen.graph.states[move.target].rung == rung
    )


def others_agree(seen: Seen, *steps: str) -> Iterator[State]:
    """The states of the ladder in which a step waits for the agreement of no raiser."""
    for c in seen.consents(*steps):
        if c.who not in seen.graph.raisers and seen.reached(c.state) and withheld(seen, c.state):
            yield seen.graph.states[c.state]


def withheld(seen: Seen, gate: str) -> bool:
    """Whether who must agree there can stop it, by a refusal or by silence."""

    def goes_on(name: str) -> bool:
        ways = (m for m in seen.graph.leaving[name] if m.kind in ("raise", "escalate"))
        granted = seen.graph.states[name].kind in ("granted", "done")
        return granted or any(m.side != "others" and seen.of(m.guard) for m in ways)

    if seen.of(seen.graph.states[gate].limit) >= INFINITE:
        return True
    moves = [m for m in seen.graph.leaving[gate] if seen.of(m.guard)]
    return any(not goes_on(m.target) for m in moves if m.kind in ("refused", "unanswered"))


def only_others(seen: Seen, formal: bool) -> Said:
    """Wherever somebody else may take it on, the raiser may, or it goes up by itself."""
    for name in seen.dispute.states:
        if seen.graph.states[name].kind in DECIDING and seen.formal(name) == formal:
            ups = [m for m in seen.made(name) if m.kind in UPWARDS]
            others = [m for m in ups if m.side == "others" and m.actor != "somebody not named"]
            if others:
                yield len(ups) > len(others)


def starts_alone(seen: Seen) -> Said:
    if seen.iro:
        yield True
        yield from (False for _ in others_agree(seen, "start", "entry"))
        yield from (False for s in others_agree(seen, "escalate") if not seen.formal(s.name))
        yield from only_others(seen, False)


def goes_up_alone(seen: Seen) -> Said:
    if seen.iro:
        yield from (True for m in seen.happens if m.kind == "escalate")
        yield from (False for s in others_agree(seen, "escalate") if seen.formal(s.name))
        yield from only_others(seen, True)


def facts_about(seen: Seen, about: str) -> set[Symbol]:
    facts = {str(n): f for n, f in seen.graph.protocol.facts.items()}
    return {s for s in seen.graph.symbols if s.kind == "fact" and str(facts[s.name].about) == about}


def not_stopped(seen: Seen, about: str) -> Said:
    """Wherever some way on is open for other values of such facts, one is for these."""
    facts = facts_about(seen, about)
    for state in seen.graph.main if facts else ():
        leaving = [m for m in seen.graph.leaving[state.name] if m.kind in UPWARDS]
        if facts & set(symbols(*(m.guard for m in leaving))):
            if state.kind == "start" or not seen.reached(state.name):
                continue
            others = open_else(seen, facts, about)
            if any(goes_on(other, state.name, leaving) for other in others):
                yield goes_up(seen, state.name)


def goes_up(seen: Seen, state: str) -> bool:
    return any(m.kind in UPWARDS for m in seen.made(state))


def goes_on(seen: Seen, state: str, ways: list[Move]) -> bool:
    """Whether one of some ways is open, and in time, if the dispute comes to where they begin."""
    is_open = any(seen.of(m.guard) for m in ways)
    return is_open and (goes_up(seen, state) or not seen.reached(state))


def whatever(seen: Seen, facts: set[Symbol]) -> Iterator[Seen]:
    """This world, but for each value of some facts, first without them."""
    for values in itertools.product((False, True), repeat=len(facts)):
        yield seen.ladder.seen({**seen.world, **dict(zip(facts, values, strict=True))})


def open_else(seen: Seen, facts: set[Symbol], about: str) -> list[Seen]:
    """With which values of the facts to compare: with no obstacle, or with all of a wish."""
    return list(whatever(seen, facts))[: 1 if about == "obstacle" else None]


def raised_whatever(seen: Seen, about: str) -> Said:
    """Whether it can be raised depends on no such fact; to hand it over is not to raise it."""
    facts = facts_about(seen, about)
    ways = [m.guard for m in seen.graph.leaving[seen.graph.start] if m.kind in UPWARDS]
    could = any(any(map(other.of, ways)) for other in open_else(seen, facts, about))
    yield all(any(map(other.of, ways)) for other in whatever(seen, facts)) or not could


def no_veto(seen: Seen) -> Said:
    yield True
    for consent in seen.consents():
        person = seen.people.get(consent.who)  # type: ignore[call-overload]
        yield person is None or person.side != "child" or not withheld(seen, consent.state)
    yield from not_stopped(seen, "child's wish")
    yield from raised_whatever(seen, "child's wish")


def no_obstacle(seen: Seen) -> Said:
    yield True
    yield from not_stopped(seen, "obstacle")
    yield from raised_whatever(seen, "obstacle")
    without = next(whatever(seen, facts_about(seen, "obstacle")))
    for moves in seen.whole.made.values():
        for move in moves:
            there = move.target if move.track == LADDER else move.also
            if there and seen.graph.states[there].kind == "end" and not seen.outside(there):
                yield bool(without.of(move.guard))


def advised(seen: Seen) -> Said:
    if seen.iro:
        asked = {
            seen.graph.states[c.state].track
            for c in seen.consents()
            if c.who not in seen.graph.raisers and withheld(seen, c.state)
        }
        yield any(
            seen.of(independent)
            and track not in asked
            and any(seen.of(m.guard) for m in seen.graph.leaving[seen.graph.tracks[track]])
            for track, independent in seen.graph.independent.items()
        )


def raiser_closes(seen: Seen) -> Said:
    for move in seen.happens:
        target = seen.graph.states[move.target]
        closes = target.kind == "resolved" or target.name == "closed"
        if closes or (move.kind == "withdraw" and move.side != "raiser"):
            yield move.side == "raiser"


# --- people -------------------------------------------------------------------------------------


def nobody_twice(seen: Seen) -> Said:
    deciding = [
        (rung, officer)
        for rung, state in seen.waits
        if seen.formal(state)
        for guard, officers in seen.graph.officers[rung]
        if seen.of(guard)
        for officer in officers
    ]
    yield from (True for _ in deciding)
    for i, (rung, officer) in enumerate(deciding):
        for earlier, other in deciding[:i]:
            yield earlier == rung or not seen.same(officer, other)
        for consent in seen.consents():
            yield not seen.same(officer, consent.who)
        person = seen.people.get(officer)  # type: ignore[call-overload]
        yield person is None or seen.raiser not in person.supervises


def child_told(seen: Seen) -> Said:
    tells = ("tells the child", "consults the child")
    each = seen.owed(tells, ("each stage", "any time")) or (
        seen.owed(tells, ("start", "formal start")) and seen.owed(tells, ("escalation",))
    )
    for _, state in seen.waits:
        if seen.formal(state):
            yield each
    if any(seen.graph.states[name].kind == "resolved" for name in seen.dispute.states):
        yield seen.owed(tells, ("resolution", "end", "each stage", "any time"))


def served(seen: Seen) -> Said:
    ladders = seen.graph.protocol.ladders
    for raiser in seen.graph.ladder.raised_by:
        if seen.raiser != raiser.who or seen.world[seen.graph.child] not in raiser.for_:
            continue
        yield any(seen.of(seen.graph.top_of[rung]) for rung, _ in seen.waits)
        for rung, _ in seen.waits:
            clock = seen.graph.ladder.rungs[rung].clock
            starts = "sending" if clock is None else str(seen.case(clock.starts))
            yield starts not in ("unstated", "unknown", "never")
    if seen.graph.ladder.name == next(iter(ladders)):
        raised = {str(k) for la in ladders.values() for r in la.raised_by for k in r.for_}
        for child in seen.graph.protocol.children:
            if child not in raised:
                yield False


# --- the text -----------------------------------------------------------------------------------


def nothing_missing(seen: Seen) -> Said:
    yield True
    tree = seen.ladder.tree
    name = seen.graph.ladder.name
    if name == next(iter(tree["ladders"])):
        yield tree["missing"] == "nothing"
    ladder = tree["ladders"][name]
    every = ladder.get("every rung", {})
    for rung, _ in seen.waits:
        yield not says_unknown({**every, **ladder["rungs"][rung]})
    yield not says_unknown({k: v for k, v in ladder.items() if k not in ("rungs", "every rung")})


def says_unknown(value: Any) -> bool:
    if isinstance(value, dict):
        return any(says_unknown(v) for v in value.values())
    if isinstance(value, list):
        return any(says_unknown(v) for v in value)
    return bool(value == "unknown")


SENTENCES: dict[str, Callable[[Seen], Said]] = {
    "total-diligent": lambda seen: in_twenty(seen, DILIGENT),
    "total-permitted": lambda seen: in_twenty(seen, PERMITTED),
    "total-own": own_total,
    "rungs-timed": timed,
    "no-dead-end": no_dead_end,
    "climbs": climbs,
    "stays-formal": stays_formal,
    "ends": ends,
    "top-forced": top_forced,
    "return": comes_back,
    "cafcass-any-point": any_point,
    "cafcass-unconditional": unconditional,
    "cafcass-forced": forced,
    "cafcass-beside": beside,
    "cafcass-iro-only": iro_only,
    "skip-any": skips,
    "start-alone": starts_alone,
    "escalate-alone": goes_up_alone,
    "child-no-veto": no_veto,
    "obstacles": no_obstacle,
    "advice": advised,
    "informal-first": talked_first,
    "raiser-closes": raiser_closes,
    "nobody-twice": nobody_twice,
    "child-told": child_told,
    "consider-referral": considered,
    "every-raiser-served": served,
    "nothing-missing": nothing_missing,
}
