"""The powers: to skip, to have more time, to hand over, to withdraw, to refer, to be advised."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Sequence

from model.expansion.build import (
    EXHAUSTED,
    FOREVER,
    RESOLVED,
    SILENT,
    WAITS,
    Build,
    Gate,
    Limits,
    always,
    awaited,
    awaiting,
)
from model.expansion.rules import arrivals, enter
from model.expansion.rungs import answers, keeps_clock, officers_of, speakers, way_back
from model.graph import AFTER, LADDER, State
from model.protocol import (
    OPEN,
    Extension,
    HandOver,
    Involvement,
    Referral,
    Rule,
)
from model.shapes import Word
from model.terms import (
    FALSE,
    NO_LIMIT,
    TRUE,
    ZERO,
    Term,
    all_,
    any_,
    is_,
    not_,
)
from model.yamltree import Position

AFTER_AN_ANSWER = ("answered", "overdue", "divided", "passing")  # or after none


def places_named(b: Build, names: Iterable[str]) -> list[tuple[Term, list[str]]]:
    """The states that some place words name, grouped by the formula under which they do."""
    found: dict[str, Term] = {}
    ladder = [s for s in b.states.values() if s.track == LADDER]

    def add(state: State, guard: Term) -> None:
        found[state.name] = any_([found.get(state.name, FALSE), guard])

    for name in names:
        for s in ladder:
            rung = s.rung
            if name == "any state" or name == rung or (name == "any rung" and rung):
                add(s, TRUE)
            elif name == "any formal rung" and rung:
                add(s, s.formal)
            elif name == "any informal rung" and rung:
                add(s, not_(s.formal))
            elif name == "any silent rung" and s.name.startswith(f"{rung}: {SILENT}"):
                add(s, TRUE)
            elif name in ("the top rung", "after the top rung") and rung:
                if name == "the top rung" or s.kind in AFTER_AN_ANSWER:
                    add(s, all_([b.there[b.index[rung]], b.is_top(b.index[rung])]))
            elif name == "after the top rung" and s.name == EXHAUSTED:
                add(s, TRUE)
    groups: dict[Term, list[str]] = {}
    for name, guard in found.items():
        if guard is not FALSE:
            groups.setdefault(guard, []).append(name)
    return list(groups.items())


def request(b: Build, track: str, gates: Sequence[Gate], step: str,
            askers: Sequence[tuple[str, Term]], said: str, at: Position, citation: str,
            strength: Word | None, while_in: frozenset[str] | None = None) -> None:  # fmt: skip
    """A side track on which leave is asked for; it ends in a state of kind `granted`."""
    idle = b.state(f"{track}: not asked", "idle", (), at, citation, FOREVER, track=track)
    granted = b.state(f"{track}: agreed", "granted", (), at, citation, FOREVER, track=track)
    b.tracks[track] = idle
    entry, exits = b.chain(gates, step, track, None, FALSE, track)
    for under, first in entry:
        for asker, guard in askers if first else ():
            b.move(said, "ask", asker, idle, first, guard=all_([guard, under]),
                      strength=strength, while_in=while_in)  # fmt: skip
    for state, verb, under, gate in exits:
        b.move(f"{verb} to it", "agree", gate.who, state, granted, guard=under)
    request_refused(b, track, gates, idle, granted)


def leave_needed(b: Build, track: str, gates: Sequence[Gate]) -> list[tuple[Term, str | None]]:
    """The track on which a step has to be asked for, by guard; None where nobody is asked."""
    asked = any_(gate.guard for gate in gates)
    return [(g, t) for g, t in ((asked, track), (not_(asked), None)) if g is not FALSE]


def request_refused(
    b: Build, track: str, gates: Sequence[Gate], idle: str, granted: str = ""
) -> list[str]:
    """What a refusal and a silence come to; the states in which the raiser may go on anyway.

    Without a rule a request that is not granted can be made again. Where the raiser decides, it
    is as good as granted; without `granted`, each such refusal becomes a state of its own.
    """
    found = []
    for gate in gates:
        name, about = awaited(track, gate), gate.about
        ways = [("does not answer", "unanswered", "time", about.if_silent)]
        if gate.how != "consulted before":
            ways.insert(0, ("does not agree", "refused", gate.who, about.if_refused))
        for said, kind, actor, rule in ways:
            anyway = b.condition(rule.when) if isinstance(rule, Rule) else FALSE
            b.move(said, kind, actor, name, idle, guard=not_(anyway), at_limit=actor == "time")
            if anyway is FALSE:
                continue
            assert isinstance(rule, Rule)
            after = granted or b.state(
                f"{track}: {gate.who} {said}", kind, ("raiser",), about.at, about.citation,
                Limits(NO_LIMIT, ZERO, ZERO), track=track,
            )  # fmt: skip
            b.move(f"{said}: the raiser decides", kind, actor, name, after, guard=anyway,
                   at_limit=actor == "time", strength=rule.strength, at=rule.at,
                   citation=rule.citation or about.citation)  # fmt: skip
            found.append(after)
    return found


def skips(b: Build) -> None:
    entries = b.ladder.skip if not isinstance(b.ladder.skip, Word) else ()
    parts = [  # whoever must agree to a skip is named there; what nothing waits for holds here too
        (tuple(m for m in b.marks(rung.involves) if m.how not in WAITS), enter(b, j))
        for j, (_, rung) in enumerate(b.rungs if entries else ())
    ]
    for number, skip in enumerate(entries, 1):
        track = "leave to skip" if len(entries) == 1 else f"leave to skip ({number})"
        own = b.condition(skip.when)
        actors = [(a, all_([own, g])) for a, g in b.actors(skip.by)]
        actors = [(a, g) for a, g in actors if g is not FALSE]
        gates = b.gates(skip.involves, "skip")
        if not actors:
            continue
        sources = places_named(b, skip.from_)
        if gates:
            everywhere = frozenset(n for _, names in sources for n in names)
            b.lapsing.add(track)
            request(b, track, gates, "skip", actors, "asks for leave to skip",
                         skip.at, skip.citation, skip.strength, everywhere)  # fmt: skip
        marks = b.marks(skip.involves)
        for guard, names in sources:
            for name in names:
                state = b.states[name]
                if state.kind in AFTER or state.rung is None:
                    continue
                for j, there in skip_targets(b, skip.to, b.index[state.rung]).items():
                    coming, targets = parts[j]
                    ways = itertools.product(actors, targets, leave_needed(b, track, gates))
                    for (actor, mine), (under, target), (free, needs) in ways:
                        b.move(
                            f"skips to {b.rungs[j][0]}", "skip", actor, name, target,
                            guard=all_([mine, guard, under, free, there]),
                            strength=skip.strength, needs=needs,
                            citation=skip.citation, at=skip.at, marks=(*marks, *coming),
                        )  # fmt: skip


def skip_targets(b: Build, to: Iterable[str], i: int) -> dict[int, Term]:
    """The later rungs that are meant, each with the formula under which it is."""
    later = range(i + 1, len(b.rungs))
    found: dict[int, Term] = {}
    for name in to:
        if name == "top rung":
            for j in later:
                found[j] = any_([found.get(j, FALSE), all_([b.there[j], b.is_top(j)])])
            continue
        meant = {
            "any later rung": later,
            "any later rung but the next": later[1:],
            "next rung": later[:1],
            "next but one": later[1:2],
        }.get(name) or [j for j in later if j == b.index.get(name)]
        found |= {j: b.there[j] for j in meant}
    return found


def extensions(b: Build) -> None:
    entries = b.ladder.extension if not isinstance(b.ladder.extension, Word) else ()
    for number, extension in enumerate(entries, 1):
        kind = str(extension.kind or "more time")
        for guard, granter in b.branches(extension.granted_by):
            one_extension(b, extension, kind, number, guard, str(granter))


def one_extension(
    b: Build, extension: Extension, kind: str, number: int, guard: Term, granter: str
) -> None:
    track = f"{kind} ({number})" if number > 1 else kind
    asker = str(extension.asked_by)
    under = all_([guard, b.condition(extension.when)])
    rungs: dict[str, Term] = {}
    for g, names in places_named(b, extension.at_rung):
        for name in names:
            if b.states[name].kind == "waiting":
                rungs[str(b.states[name].rung)] = g
    if not rungs or under is FALSE or extension.times == 0:
        return
    gates = b.gates(extension.involves, "extension")
    if granter != "nobody":
        item = Involvement(
            at=extension.at, who=(Word(granter, extension.at),), source=extension.source,
            how=always("approves", extension.at), assumed=extension.assumed,
        )  # fmt: skip
        gates.insert(0, Gate(granter, "approves", TRUE, item))
    mine = "raiser" in (b.side(asker), *(b.side(g.who) for g in gates))
    suffix = "" if len(list(b.branches(extension.granted_by))) == 1 else f" by {granter}"
    track += suffix
    times = extension.times if isinstance(extension.times, int) else 0
    turns = range(1, max(1, times) + 1)
    labels = {
        f"{name}: {track}" + (f" ({turn})" if times > 1 else "") for name in rungs for turn in turns
    }
    if gates:
        b.lapsing.add(track)
        request(b, track, gates, "extension", [(asker, under)], f"asks for {kind}",
                     extension.at, extension.citation, extension.strength,
                     frozenset([*map(awaiting, rungs), *labels]))  # fmt: skip
    length = b.window(extension.each, f"the length of {kind}")
    length = length if not mine else Limits(length.limit, ZERO, ZERO)
    for name, g in rungs.items():
        rung = b.rungs[b.index[name]][1]
        takers = speakers(b, rung) if asker == "answerer" else [(TRUE, asker)]
        leave = leave_needed(b, track, gates)
        keeps = keeps_clock(b, rung, b.window(rung.within, f"the window of {name}"))
        turned = [f"{name}: {track}" + (f" ({turn})" if times > 1 else "") for turn in turns]
        hops = list(itertools.pairwise([awaiting(name), *turned]))
        if not isinstance(extension.times, int):
            hops.append((turned[-1], turned[-1]))
        for here, there in hops:
            if there != here:
                b.state(there, "waiting", officers_of(b, rung), extension.at,
                           extension.citation, length, name, formal=b.formal[name])  # fmt: skip
            for (theirs, who), (free, needs) in itertools.product(takers, leave):
                b.move(
                    f"takes {kind}", "extend", who, here, there,
                    side="raiser" if mine else "others", guard=all_([g, under, theirs, free]),
                    needs=needs, strength=extension.strength,
                    citation=extension.citation, at=extension.at,
                    marks=b.marks(extension.involves),
                )  # fmt: skip
            if there != here:
                answers(b, b.index[name], name, rung, there, keeps)


def hand_overs(b: Build) -> None:
    entries = b.ladder.hand_over if not isinstance(b.ladder.hand_over, Word) else ()
    for number, item in enumerate(entries, 1):
        one_hand_over(b, item, "hand-over" if number == 1 else f"hand-over ({number})")


def one_hand_over(b: Build, item: HandOver, track: str) -> None:
    places = [
        (all_([b.condition(item.when), guard]), b.states[name])
        for guard, names in places_named(b, item.from_)
        for name in names
        if b.states[name].kind in ("start", "waiting", "answered", "overdue")
    ]
    # where the way back depends on where it came from, each rung has a state of its own
    apart = isinstance(item.back, Rule) and item.back.to in ("same rung", "next rung")
    held = {
        rung: b.state(
            f"with {item.to} ({track})" + (f", from {rung}" if rung else ""),
            "handed over", (str(item.to),), item.at, item.citation,
            b.window(item.within, f"the time of {item.to} after a {track}"),
        )
        for rung in dict.fromkeys(s.rung if apart else None for _, s in places)
    }  # fmt: skip
    others = [str(w) for w in item.agreed_by if b.side(w) != "raiser"]
    actor = "raiser" if len(others) < len(item.agreed_by) else others.pop(0)
    gates = []
    for who in others:
        part = Involvement(
            at=item.at, who=(Word(who, item.at),), source=item.source, assumed=item.assumed,
            how=always("decides jointly", item.at),
        )  # fmt: skip
        gates.append(Gate(who, "decides jointly", TRUE, part))
    own = b.condition(item.when)
    if gates:
        request(b, track, gates, "hand-over", [(actor, own)], "proposes a hand-over",
                     item.at, item.citation, item.strength)  # fmt: skip
    for guard, state in places:
        b.move(f"hands it over to {item.to}", "hand over", actor, state.name,
               held[state.rung if apart else None], guard=guard, needs=track if gates else None,
               strength=item.strength, citation=item.citation, at=item.at)  # fmt: skip
    for rung, with_whom in held.items():
        after_hand_over(b, item, rung, with_whom)


def after_hand_over(b: Build, item: HandOver, rung: str | None, with_whom: str) -> None:
    """What follows where somebody else has it; from which rung, where that matters."""
    for guard, who in b.branches(item.closes):
        if who == "unstated":
            symbol = b.silence("who must be satisfied after a hand-over", ("raiser", "answerer"))
            pairs = [("raiser", is_(symbol, "raiser")), (str(item.to), is_(symbol, "answerer"))]
        else:
            pairs = [(str(who), TRUE)]
        for actor, under in pairs:
            said = "is satisfied" if b.side(actor) == "raiser" else "treats it as settled"
            b.move(said, "satisfied", "raiser" if b.side(actor) == "raiser" else actor,
                      with_whom, RESOLVED, guard=all_([guard, under]))  # fmt: skip
    if isinstance(item.back, Rule):
        citation = item.back.citation or item.citation
        place = -1 if rung is None else b.index[rung]
        way_back(b, item.back, with_whom, "take back", "takes it back to", citation, place)


def withdrawals(b: Build) -> None:
    on = [s for s in b.states.values() if s.track == LADDER and s.rung is not None]
    for entry in b.ladder.withdraw if not isinstance(b.ladder.withdraw, Word) else ():
        when = b.condition(entry.when)
        for actor, guard in b.actors(entry.by):
            end = "withdrawn" if actor == "raiser" else f"withdrawn by {actor}"  # over the raiser
            b.end(end, entry.at, entry.citation)
            for state in on:
                b.move("withdraws it", "withdraw", actor, state.name, end,
                          guard=all_([guard, when]), strength=entry.strength,
                          citation=entry.citation, at=entry.at)  # fmt: skip


def advices(b: Build) -> None:
    entries = b.ladder.advice if not isinstance(b.ladder.advice, Word) else ()
    for number, advice in enumerate(entries, 1):
        track = "legal advice" if number == 1 else f"legal advice ({number})"
        guard = all_([b.raised_by(advice.by), b.condition(advice.when)])
        idle = b.state(f"{track}: not asked", "idle", (), advice.at, advice.citation,
                          FOREVER, track=track)  # fmt: skip
        done = b.state(f"{track}: given", "done", (), advice.at, advice.citation,
                          FOREVER, track=track)  # fmt: skip
        b.tracks[track] = idle
        b.independent[track] = b.holding(
            advice.independent, "yes", f"the independence of {advice.from_}", "no"
        )
        gates = b.gates(advice.involves, "advice")
        entry, exits = b.chain(gates, "advice", track, None, FALSE, track)
        for under, first in entry:
            b.move("asks for legal advice" if first else "takes legal advice",
                      "ask" if first else "advise", "raiser", idle, first or done,
                      guard=all_([guard, under]), strength=advice.strength,
                      marks=b.marks(advice.involves))  # fmt: skip
        for state, verb, under, gate in exits:
            b.move(f"{verb} to legal advice", "advise", gate.who, state, done, guard=under)
        request_refused(b, track, gates, idle, done)


def referrals(b: Build) -> None:
    entries = b.ladder.refer if not isinstance(b.ladder.refer, Word) else ()
    own = frozenset(b.states)  # where a rule of the ladder leads outside, that is its own end
    for number, referral in enumerate(entries, 1):
        track = "referral" if number == 1 else f"referral ({number})"
        end = f"with {referral.to}"
        one_referral(b, referral, track, f"{end} by referral" if end in own else end)


def one_referral(b: Build, item: Referral, track: str, end: str) -> None:
    body = str(item.to)
    idle = b.state(f"{track}: none", "idle", (), item.at, item.citation, FOREVER, track=track)
    done = b.state(f"{track}: with {body}", "done", (), item.at, item.citation, FOREVER,
                      track=track)  # fmt: skip
    b.tracks[track] = idle
    own = all_([b.concerning(item.for_), b.condition(item.when)])
    gates = b.gates(item.involves, "refer")
    entry, exits = b.chain(gates, "refer", track, None, FALSE, track)
    advised = b.holding(item.needs_advice, "yes")
    advice = list(b.independent)  # the tracks of legal advice
    beside, ends, suspends = (
        b.holding(item.effect, effect) for effect in ("beside", "ends", "suspends")
    )
    silent = any_(g for g, v in b.branches(item.effect) if v in OPEN)
    if silent is not FALSE:
        symbol = b.silence("the effect of a referral", ("beside", "ends"))
        beside = any_([beside, all_([silent, is_(symbol, "beside")])])
        ends = any_([ends, all_([silent, is_(symbol, "ends")])])
    effects = [(beside, None), (ends, end), (suspends, suspensions(b, item, suspends, body))]
    places = places_named(b, item.from_)
    for where, names in places:
        inside = frozenset(n for n in names if b.states[n].kind != "suspended")
        ways = [(way, actor) for way in entry for actor in b.actors(item.by)]
        for (under, first), (actor, mine) in ways:
            guard = all_([own, mine, where, under])
            if first:
                for needed, needs in with_advice(advised, advice):
                    b.move(f"asks about a referral to {body}", "ask", actor, idle, first,
                              guard=all_([guard, needed]), strength=item.strength,
                              while_in=inside, needs=needs)  # fmt: skip
                continue
            refer_moves(b, item, idle, done, actor, guard, inside, effects, advised, advice, "")
    everywhere = frozenset(s.name for s in b.states.values() if s.track == LADDER)
    for state, verb, under, gate in exits:
        refer_moves(
            b, item, state, done, gate.who, under, everywhere, effects, FALSE, [], f"{verb}: "
        )
    for state, (actor, mine) in itertools.product(
        request_refused(b, track, gates, idle), b.actors(item.by)
    ):
        refer_moves(b, item, state, done, actor, mine, everywhere, effects, FALSE, [], "")


def with_advice(advised: Term, advice: Sequence[str]) -> list[tuple[Term, str | None]]:
    """The tracks of advice of which one must have been gone through, by guard."""
    return [(not_(advised), None), *((advised, track) for track in advice)]


def refer_moves(b: Build, item: Referral, source: str, done: str, actor: str, guard: Term,
                inside: frozenset[str], effects: list[tuple[Term, str | None]], advised: Term,
                advice: Sequence[str], prefix: str) -> None:  # fmt: skip
    body = str(item.to)
    for under, also in effects:
        if under is FALSE:
            continue
        if also is not None:  # a state that suspends the ladder is there already
            b.end(also, item.at, item.citation)
        for needed, needs in with_advice(advised, advice):
            b.move(f"{prefix}refers it to {body}", "refer", actor, source, done,
                      guard=all_([guard, under, needed]), strength=item.strength,
                      while_in=inside, also=also, needs=needs, citation=item.citation,
                      at=item.at, marks=b.marks(item.involves))  # fmt: skip


def suspensions(b: Build, item: Referral, guard: Term, body: str) -> str:
    """The state in which a referral suspends the ladder, with the ways out of it."""
    name = f"suspended by the referral to {body}"
    if guard is FALSE:
        return name
    time = b.number(f"the time of {body}")
    b.state(name, "suspended", (body,), item.at, item.citation, Limits(time, time, ZERO))
    for i, (_, _rung) in enumerate(b.rungs):
        for under, target, label in arrivals(b, i, b.there[i], ""):
            b.move(f"{body} gives it back{label}: {b.rungs[i][0]}", "resume", body, name,
                      target, guard=under)  # fmt: skip
    return name
