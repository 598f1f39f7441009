"""The powers of a ladder in words: starting, passing over, more time, referring, advice, totals."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from model.drawing import plain
from model.drawing.plain import Reader, Said, asked, by_case, condition, if_words, join, plainly
from model.graph import STATE_KINDS, Move
from model.protocol import Extension, HandOver, Involvement, Raiser, Referral, Rule
from model.shapes import Word
from model.terms import FALSE, TRUE, Term, any_

START = "not raised"
EXHAUSTED = "the ladder is exhausted"
OTHER = "in another reading only"


@dataclass(frozen=True, slots=True)
class Item:
    """One power: its mark in the drawing, its words, and the rungs where it begins and ends.

    `short` is what stands at a rung; `drawn` is False where the plain reading leaves it out.
    """

    mark: str
    says: Said
    drawn: bool = True
    places: tuple[str, ...] = ()
    to: tuple[str, ...] = ()
    short: Said = plain.NOTHING


def silent(value: Any, about: str = "") -> Item:
    """The item of a power of which the text says nothing, or which it excludes."""
    text = plain.GAPS.get(str(value), "not stated")
    return Item("", Said(f"{about}: {text}" if about else text[:1].upper() + text[1:]))


def _listed(value: Any) -> tuple[Any, ...]:
    return () if isinstance(value, Word) or value is None else tuple(value)


def _when(read: Reader, when: Word | None) -> tuple[Said, bool]:
    """A condition in words, and whether the plain reading leaves it possible."""
    guard = condition(read, when)
    left = plainly(read, guard)
    if left is FALSE:
        return Said("", asked(guard)), False
    return Said(if_words(left).strip(), asked(guard)), True


def _parts(read: Reader, parts: Iterable[Involvement]) -> list[Said]:
    return list(dict.fromkeys(plain.gate_words(g) for g in plain.gates(read, parts)))


def _marked(items: Sequence[Any], letter: str) -> Iterator[tuple[str, Any]]:
    yield from ((f"{letter}{k}", item) for k, item in enumerate(items, 1))


# --- start ----------------------------------------------------------------------------------


def raised(read: Reader) -> Said:
    """Who may raise it, for whom, and how far up."""
    return join(_raiser(read, r) for r in read.graph.ladder.raised_by)


def _raiser(read: Reader, raiser: Raiser) -> Said:
    up = "" if raiser.up_to == "top" else f", up to {raiser.up_to}"
    when, possible = _when(read, raiser.when)
    who = f"{raiser.who} (for {plain.names(raiser.for_)}{up})"
    return join([who, when if possible else Said(f"({OTHER})", when.tags)], " ")


def start(read: Reader) -> tuple[Item, ...]:
    """What raising a dispute takes."""
    begin = read.graph.ladder.start
    when, possible = _when(read, begin.when)
    when = when if possible else Said(OTHER, when.tags)
    says = join([f"Raising it: {begin.strength or 'may'}", when], " ")
    return (Item("", join([says, *_parts(read, begin.involves)])),)


def entries(read: Reader) -> tuple[Item, ...]:
    """At which rungs a dispute may begin."""
    rungs = [str(n) for n in read.graph.ladder.rungs]
    given = _listed(read.graph.ladder.entry)
    if not given:
        says = Said("begins at the lowest rung; no other entry is stated")
        return (Item("E1", says, True, (rungs[0],)),)
    items = []
    for mark, entry in _marked(given, "E"):
        when, drawn = _when(read, entry.when)
        where = [str(n) for n in entry.at_rung]
        places = rungs if "any rung" in where else where
        places = [rungs[0] if n == "lowest rung" else n for n in places]
        by = f"for {plain.names(entry.by)}" if entry.by else ""
        says = join([f"{entry.strength or 'may'} begin at {plain.places(where)}", by, when], " ")
        parts = [p for n in places for p in read.graph.ladder.rungs[n].involves if n != rungs[0]]
        own = {id(p): p for p in (*entry.involves, *parts)}
        items.append(Item(mark, join([says, *_parts(read, own.values())]), drawn, tuple(places)))
    return tuple(items)


# --- on the way -----------------------------------------------------------------------------


def _rung_of(read: Reader, state: str) -> str | None:
    return read.graph.states[state].rung


def skips(read: Reader) -> tuple[Item, ...]:
    """The powers to pass rungs over."""
    items = []
    for mark, skip in _marked(_listed(read.graph.ladder.skip), "S"):
        when, drawn = _when(read, skip.when)
        moves = [m for m in read.graph.moves if m.kind == "skip" and m.at == skip.at]
        lower = {_rung_of(read, m.source) for m in moves}
        upper = {_rung_of(read, m.target) for m in moves}
        by = f"by {plain.names(skip.by)}" if skip.by else ""
        ends = plain.places(skip.from_), plain.places(skip.to)
        words = f"{skip.strength or 'may'} go from {ends[0]} to {ends[1]}"
        says = join([join([words, by, when], " "), *_parts(read, skip.involves)])
        rungs = [str(n) for n in read.graph.ladder.rungs]
        places, to = (tuple(n for n in rungs if n in found) for found in (lower, upper))
        items.append(Item(mark, says, drawn and bool(places), places, to))
    return tuple(items)


def loops(read: Reader) -> tuple[Item, ...]:
    """More time, meetings that make a rung wait, and hand-overs, with the rungs that have them."""
    items = [
        _extension(read, mark, x) for mark, x in _marked(_listed(read.graph.ladder.extension), "X")
    ]
    items += [_hand_over(read, m, x) for m, x in _marked(_listed(read.graph.ladder.hand_over), "H")]
    return tuple(items)


def _places(read: Reader, kind: str, at: Any) -> tuple[str, ...]:
    moves = (m for m in read.graph.moves if m.kind == kind and m.at == at)
    found = {_rung_of(read, m.source) for m in moves}
    return tuple(str(n) for n in read.graph.ladder.rungs if n in found)


def _extension(read: Reader, mark: str, item: Extension) -> Item:
    when, drawn = _when(read, item.when)
    kind = str(item.kind or "more time")
    granted = by_case(read, item.granted_by, plain.name)
    nobody = granted.text == plain.name("nobody")
    grants = granted if nobody else Said(f"{granted.text} grants it", granted.tags)
    length = plain.full_time(read, item.each)
    each = Said("each: " + length.text, length.tags)
    times = f"how often: {plain.GAPS.get(str(item.times), str(item.times))}"
    also = _parts(read, item.involves)
    asks = f"{item.strength} ask" if item.strength else "asks"
    says = join([f"{kind}: {plain.name(item.asked_by)} {asks}", grants, *also, each, times,
                 f"at {plain.places(item.at_rung)}", when])  # fmt: skip
    others = "and others agree" if also else ""
    short = join([Said(f"{kind}: {grants.text}", grants.tags), others, each])
    return Item(mark, says, drawn, _places(read, "extend", item.at), (), short)


def _hand_over(read: Reader, mark: str, item: HandOver) -> Item:
    when, drawn = _when(read, item.when)
    within = plain.full_time(read, item.within)
    closes = by_case(read, item.closes, lambda v: f"settled if {plain.name(v)} is satisfied")
    back = "no way back stated"
    if isinstance(item.back, Rule):
        left, possible = _when(read, item.back.when)
        to = plain.goes_back(str(item.back.to), "handed over")
        back = f"way back: {to}" if possible else "no way back"
        closes = join([closes, Said("", left.tags)])
    strength = f"{item.strength} be made" if item.strength else ""
    says = join([f"hand-over to {item.to}", strength, f"agreed by {plain.names(item.agreed_by)}",
                 f"from {plain.places(item.from_)}", within, closes, back, when])  # fmt: skip
    agree = "agree" if len(item.agreed_by) > 1 else "agrees"
    short = Said(f"hand-over to {item.to}, if {plain.names(item.agreed_by, ' & ')} {agree}")
    return Item(mark, says, drawn, _places(read, "hand over", item.at), (), short)


# --- outside --------------------------------------------------------------------------------


def body(read: Reader) -> str:
    """The bodies to which a dispute may be referred; empty if there is none."""
    given = _listed(read.graph.ladder.refer)
    return plain.names(dict.fromkeys(str(r.to) for r in given), " / ")


def referrals(read: Reader) -> tuple[Item, ...]:
    """The powers to refer outside, each with all that stands before it."""
    return tuple(
        _referral(read, mark, r) for mark, r in _marked(_listed(read.graph.ladder.refer), "R")
    )


def _referral(read: Reader, mark: str, item: Referral) -> Item:
    when, drawn = _when(read, item.when)
    effects = {
        "beside": "the ladder goes on beside it",
        "ends": "it ends the ladder",
        "suspends": "the ladder waits for it",
        "unstated": "what becomes of the ladder: not stated",
    }
    advice = None
    if item.needs_advice is not None:
        texts = {"yes": "legal advice must come first", "no": ""}
        advice = by_case(read, item.needs_advice, lambda v: texts[v])
    for_ = f"for {plain.names(item.for_)}" if item.for_ else ""
    words = f"{plain.names(item.by)} {item.strength or 'may'} refer to {item.to}"
    becomes = by_case(read, item.effect, lambda v: effects[v])
    after = item.from_ == ("after the top rung",)
    where = "" if after else "at "
    says = join([join([words, where + plain.places(item.from_), for_, when], " "), advice,
                 *_parts(read, item.involves), becomes])  # fmt: skip
    return Item(mark, says, drawn)


def no_referral(read: Reader) -> tuple[tuple[str, Said], ...]:
    """What to say at the end of a ladder that knows no referral."""
    return () if body(read) else (("", silent(read.graph.ladder.refer).says),)


def outside(read: Reader, place: str) -> tuple[tuple[str, Said], ...]:
    """The referrals that are open at a rung, or at the start or the end of the ladder."""
    found = []
    for mark, item in _marked(_listed(read.graph.ladder.refer), "R"):
        moves = [m for m in read.graph.moves if m.at == item.at and m.kind in ("refer", "ask")]
        said = _open(read, place, moves, item)
        if said is not None:
            asks = any(m.kind == "ask" for m in moves)
            terms = "on conditions" if asks or _when(read, item.when)[0].text else ""
            found.append((mark, join([said, terms], ", ")))
    return tuple(found)


def _open(read: Reader, place: str, moves: Sequence[Move], item: Referral) -> Said | None:
    first = set(read.graph.tracks.values())
    open_: dict[str, Term] = {}
    for move in moves:
        left = plainly(read, move.guard) if move.source in first else FALSE
        for name in move.while_in or () if left is not FALSE else ():
            open_[name] = any_([open_.get(name, FALSE), left])
    if place not in read.graph.ladder.rungs:
        return Said("open") if place in open_ else None
    states = [s for s in read.graph.rung_states(place) if s.kind != "suspended"]
    widest = any_(open_.values())
    always = dict.fromkeys(s.kind for s in states if open_.get(s.name) is widest)
    narrow = dict.fromkeys(s.kind for s in states if s.name in open_ and s.kind not in always)
    if not always and not narrow:
        return None
    if len(always) == len({s.kind for s in states}):
        return Said("open at any time")
    top = read.graph.top_of[place]
    sure = plainly(read, top) is TRUE
    texts = [_kinds({**always, **narrow} if sure else always)]
    if narrow and not sure:
        texts.append(f"{_kinds(narrow)}, where it is the top rung")
    tags = asked(top) if "after the top rung" in item.from_ else ()
    return Said("open " + "; ".join(text for text in texts if text), tags)


def _kinds(kinds: Iterable[str]) -> str:
    """When something is open at a rung, from the kinds of the states in which it is."""
    after = {"answered", "overdue", "divided"}
    if {"answered", "overdue"} <= set(kinds) <= after:
        return "after an answer or none"
    return ", ".join(f"when {STATE_KINDS[k]}" for k in kinds)


def advice(read: Reader) -> tuple[Item, ...]:
    """Legal advice for the raiser."""
    given = _listed(read.graph.ladder.advice)
    if not given:
        return (silent(read.graph.ladder.advice),)
    texts = {"yes": "independent", "no": "not independent"}
    items = []
    for mark, item in _marked(given, "L"):
        when, drawn = _when(read, item.when)
        free = by_case(
            read, item.independent,
            lambda v: texts.get(v, f"whether it is independent: {plain.GAPS.get(v, v)}"),
        )  # fmt: skip
        words = f"{plain.names(item.by)} {item.strength or 'may'} take advice from: {item.from_}"
        says = join([join([words, when], " "), free, *_parts(read, item.involves)])
        items.append(Item(mark, says, drawn))
    return tuple(items)


# --- the whole ------------------------------------------------------------------------------


def totals(read: Reader) -> tuple[Item, ...]:
    """The time of the whole ladder, and the raiser's own."""
    effects = {
        "cap": "a cap: time stops there, whatever a window says",
        "stated": "a statement: it cuts no window short",
    }
    items = []
    for name, total in read.graph.ladder.totals.items():
        when, drawn = _when(read, total.when)
        most = by_case(read, total.at_most, plain.time)
        says = join([join([f"Total ({name}): at most {most.text} for {plain.names(total.covers)}",
                           Said("", most.tags), when], " "),
                     by_case(read, total.effect, lambda v: effects[v])])  # fmt: skip
        items.append(Item("", says, drawn))
    if not items:
        items.append(Item("", Said("Total: none is stated")))
    decide = read.graph.ladder.decide
    within = plain.full_time(read, decide.within)
    missed = {"lapses": "the dispute lapses", "resolved": "it counts as settled",
              "unstated": "nothing stated"}  # fmt: skip
    lost = missed.get(decide.if_missed, plain.GAPS.get(decide.if_missed, str(decide.if_missed)))
    own = join([f"The raiser's own time to decide: {within.text}", Said("", within.tags),
                f"if it is missed: {lost}"])  # fmt: skip
    return (*items, Item("", own))


def carried_out(read: Reader) -> Said:
    """How long carrying out what was agreed may take."""
    plan = read.graph.ladder.resolution
    if plan is None or isinstance(plan, Word):
        return Said("to be carried out: " + plain.GAPS.get(str(plan), "not stated"))
    within = plain.full_time(read, plan.within)
    return join(["to be carried out: " + within.text, Said("", within.tags)])


def closing(read: Reader) -> tuple[Item, ...]:
    """Withdrawal, and the way back if what was agreed is not done."""
    ladder = read.graph.ladder
    entries = _listed(ladder.withdraw)
    gap = "" if entries else plain.GAPS.get(str(ladder.withdraw), "not stated")
    who = (
        join(
            [f"{plain.names(x.by)} {x.strength or 'may'} withdraw it", _when(read, x.when)[0]], " "
        )
        for x in entries
    )
    said = join(["Withdrawal:", join([gap, *who])], " ")
    plan = ladder.resolution
    kept = Said("What was agreed: " + plain.GAPS.get(str(plan), "not stated"))
    if plan is not None and not isinstance(plan, Word):
        back = "nothing stated"
        tags: tuple[str, ...] = ()
        if isinstance(plan.if_not_kept, Rule):
            when, possible = _when(read, plan.if_not_kept.when)
            to, tags = str(plan.if_not_kept.to), when.tags
            back = plain.goes_back(to, "agreed")
            back = f"{back} {when.text}".strip() if possible else OTHER
        elif plan.if_not_kept != "unstated":
            back = plain.GAPS[plan.if_not_kept]
        watch = f"watched by {plain.name(plan.watched_by)}" if plan.watched_by else ""
        kept = join(["What was agreed " + carried_out(read).text.replace("to be ", "is to be ", 1),
                     watch, Said(f"if it is not done: {back}", tags)])  # fmt: skip
    return (Item("", said), Item("", kept))
