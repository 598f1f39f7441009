"""What a raiser decides: whether to be satisfied, to give up, to refer, to skip, to go on.

Which moves are open is the graph's business; the workload says what this raiser is minded to do.
"""

from __future__ import annotations

from simulations.clock import NEVER
from simulations.dispute import (
    PARTLY,
    SATISFIED,
    Action,
    Dispute,
    Life,
    drawn_ticks,
    happens,
    stands,
    take,
)
from simulations.draws import TICKS_A_DAY as DAY
from simulations.draws import Purpose, name_of, place_key, uniform
from simulations.settled import DECISIONS, Place, Way


def consider(life: Life, d: Dispute, place: Place, way: Way, tick: int) -> None:
    """The raiser has the word: the matter lies, and then takes some of the raiser's time."""
    settled = place.kind == "answered" and d.answer == SATISFIED
    if settled and take(life, d, place.closes, tick):
        return
    if way.kind == "missed" and any(t.action == Action.DECIDE for t in d.tasks):
        return
    conduct = d.conduct
    if conduct.at_once:
        decide(life, d, tick)
        return
    base = place_key(d.base, name_of(place.kind), 0)
    lies = drawn_ticks(conduct.delay, base, Purpose.RAISER_DELAY)
    if place.kind == "overdue":
        lies += drawn_ticks(conduct.patience, base, Purpose.PATIENCE)
    work = drawn_ticks(conduct.work, base, Purpose.RAISER_WORK)
    if lies or work:
        life.plan(d, Action.DECIDE, 0, tick + lies, conduct.pools if work else (), work)
    else:
        decide(life, d, tick)


def decide(life: Life, d: Dispute, tick: int) -> None:
    place, conduct = d.places[0], d.conduct
    if d.answer == SATISFIED and take(life, d, place.satisfied, tick):
        return
    if d.answer == PARTLY and take(life, d, place.partly, tick):
        return
    base = place_key(d.base, name_of(place.kind), 0)
    if happens(conduct.gives_up, base, Purpose.GIVES_UP):
        give_up(life, d, tick)
        return
    if happens(conduct.advised, base, Purpose.ADVISED):
        advise(life, d, tick)
    if happens(conduct.refers, base, Purpose.REFERS):
        refer(life, d, tick)
        if d.places[0] is not place:
            return
    if happens(conduct.hands_over, base, Purpose.HANDS_OVER) and _hand_over(life, d, tick):
        return
    go_on(life, d, tick, base, happens(conduct.skips, base, Purpose.SKIPS))


def go_on(life: Life, d: Dispute, tick: int, base: int, skips: bool, pressed: bool = False) -> None:
    """Take the dispute further, as the text allows it and the raiser is minded.

    A raiser who is pressed by a limit asks for leave where nothing else is left.
    """
    place, day = d.places[0], tick // DAY
    ways = place.onward
    ahead = [way.up for way in ways if way.up > place.rung_index]
    following = min(ahead, default=-1)
    if skips:
        beyond = [way for way in ways if way.kind == "skip" and way.up > following]
        aim = min((way.up for way in beyond), default=-1)
        if _skip(life, d, [way for way in beyond if way.up == aim], tick, base):
            return
    asks = pressed or happens(d.conduct.asks, base, Purpose.ASKS)
    soonest = NEVER
    leave: list[Way] = []
    for way in ways:
        if way.kind == "ask" and not asks:
            continue
        if not stands(d, way):
            leave.append(way)
        elif day - d.since[0] < way.earliest:
            soonest = min(soonest, (d.since[0] + way.earliest) * DAY)
        else:
            life.make(d, way, tick)
            return
    if soonest != NEVER:
        life.plan(d, Action.DECIDE, 0, soonest)
    elif leave:
        _skip(life, d, [way for way in leave if way.kind == "skip"], tick, base)
    elif not asks and any(way.kind == "ask" for way in ways):  # would rather not ask
        give_up(life, d, tick)


def give_up(life: Life, d: Dispute, tick: int) -> None:
    """Withdraw it, or let it lie where the ladder has no way to withdraw it."""
    if not take(life, d, d.places[0].withdraw, tick):
        life.given_up(d, tick)


def _skip(life: Life, d: Dispute, ways: list[Way], tick: int, base: int) -> bool:
    """Pass over rungs, or ask for leave to; False if neither can be done now."""
    if take(life, d, ways, tick):
        return True
    for way in ways:
        track = way.needs
        if not track or track in d.asked or d.places[track].kind != "idle":
            continue
        if not happens(d.conduct.asks, base, Purpose.ASKS):
            continue
        d.asked.add(track)
        d.wants = way.up
        life.plan(d, Action.CHASE, 0, tick + drawn_ticks(d.conduct.waits, base, Purpose.WAITS))
        if take(life, d, [w for w in d.places[track].ways if w.kind == "ask"], tick):
            return True
        life.drop(d, 0, Action.CHASE)
        d.wants = -1
    return False


def refer(life: Life, d: Dispute, tick: int) -> None:
    """Refer it outside, or ask what the text wants asked first."""
    settled = d.settled
    if any(d.places[track].kind == "done" for track in settled.referrals):
        return
    advice = False
    for track in settled.referrals:
        if d.places[track].kind != "idle":
            continue
        ways = [w for w in d.places[track].ways if w.kind in ("refer", "ask")]
        if take(life, d, ways, tick):
            return
        advice = advice or any(w.needs in settled.advice for w in ways)
    if advice and not d.refer_after:
        d.refer_after = True
        advise(life, d, tick)


def advise(life: Life, d: Dispute, tick: int) -> None:
    for track in d.settled.advice:
        place = d.places[track]
        if place.kind == "idle":
            take(life, d, [w for w in place.ways if w.kind in ("advise", "ask")], tick)
            return


def _hand_over(life: Life, d: Dispute, tick: int) -> bool:
    ways = [w for w in d.places[0].ways if w.kind == "hand over"]
    if take(life, d, ways, tick):
        return True
    for way in ways:
        place = d.places[way.needs]
        if way.needs not in d.asked and place.kind == "idle":
            d.asked.add(way.needs)
            wait = drawn_ticks(d.conduct.waits, d.base, Purpose.WAITS)
            life.plan(d, Action.CHASE, 0, tick + wait)
            if take(life, d, [w for w in place.ways if w.kind == "ask"], tick):
                return True
            life.drop(d, 0, Action.CHASE)
    return False


def chase(life: Life, d: Dispute, tick: int) -> None:
    """Nothing has come for a long time: the raiser does what else may be done."""
    place = d.places[0]
    base = place_key(d.base, name_of("chase"), d.turns)
    if place.kind in DECISIONS:
        d.wants = -1
        go_on(life, d, tick, base, False)
    elif happens(d.conduct.gives_up, base, Purpose.GIVES_UP):
        give_up(life, d, tick)
    else:
        if happens(d.conduct.refers, base, Purpose.REFERS):
            refer(life, d, tick)
        if d.places[0] is place:
            go_on(life, d, tick, base, False)


def raise_it(life: Life, d: Dispute, tick: int) -> None:
    """Raise it at the lowest rung where it may be, or at one drawn by the raiser's weights."""
    entries = [e for e in d.settled.entries if any(w.free or stands(d, w) for w in e[1])]
    if not entries:
        life.barred(d)
        return
    chosen = entries[0][1]
    first = d.conduct.first
    if first and len(entries) > 1:
        rungs = d.settled.rungs
        weights = [first.get(rungs[up], 0.0) for up, _ in entries]
        whole = sum(weights)
        left = uniform(d.key, Purpose.FIRST_RUNG) * whole
        for (_, ways), weight in zip(entries, weights, strict=True):
            if weight > 0:
                chosen = ways
                left -= weight
                if left < 0:
                    break
    take(life, d, chosen, tick)


def at_the_end(life: Life, d: Dispute, way: Way, tick: int) -> None:
    if way.kind == "exhaust" and happens(
        d.conduct.refers_at_the_end, d.base, Purpose.REFERS_AT_THE_END
    ):
        refer(life, d, tick)
