"""What each person does in a dispute, and when.

The functions here say, for each kind of place, who plans what; `engine.py` carries it out in the
order of `clock.py`. Which moves are open is the graph's business: nothing here knows a rung, an
officer or a rule of any authority.
"""

from __future__ import annotations

from collections.abc import Callable

from simulations.clock import NEVER
from simulations.dispute import (
    PARTLY,
    SATISFIED,
    UNSATISFIED,
    Action,
    Dispute,
    Life,
    begin_visit,
    drawn_ticks,
    happens,
    is_open,
    limit_of,
    plan_limit,
    stands,
    take,
    visit,
)
from simulations.draws import TICKS_A_DAY as DAY
from simulations.draws import Purpose, name_of, place_key, uniform
from simulations.raiser import at_the_end, chase, consider, decide, go_on, raise_it, refer
from simulations.settled import DECISIONS, Place, Way
from simulations.staff import Pool

# --- the ladder's token -----------------------------------------------------------------------


def arrive(life: Life, d: Dispute, way: Way, tick: int) -> None:
    """The ladder's token has come to a place by a way: plan what follows there."""
    place = d.places[0]
    kind = place.kind
    if kind == "waiting":
        if way.kind not in ("extend", "receive"):
            begin_visit(d, place)
        _wait(life, d, place, way, tick)
        return
    drawn = kind != "end" and (kind != "resolved" or d.ending.draws)
    if kind == "sent" or (place.rung is None and drawn):
        begin_visit(d, place)
    if kind in DECISIONS:
        plan_limit(d, tick)
        consider(life, d, place, way, tick)
    elif kind == "end":
        d.limit = d.limit_key = NEVER
        at_the_end(life, d, way, tick)
    elif kind == "gate":
        plan_limit(d, tick)
        _ask(life, d, 0, tick)
    else:
        plan_limit(d, tick)
        time, purpose, action = _WAITS[kind]
        wait = d.ending.times[time] if time >= 0 else d.conduct.delay
        length = drawn_ticks(wait, d.base, purpose) if kind != "passing" else 0
        if kind == "resolved" and not length:
            _carry_out(life, d, 0, tick)
        elif kind == "passing":
            if d.limit == NEVER:
                life.plan(d, Action.PASS, 0, tick)
        else:
            life.plan(d, action, 0, tick + length)


_WAITS = {
    "resolved": (0, Purpose.CARRYING_OUT, Action.CARRY_OUT),
    "sent": (1, Purpose.RECEIPT, Action.RECEIVE),
    "handed over": (2, Purpose.HANDED_OVER, Action.GIVE_BACK),
    "suspended": (3, Purpose.OUTSIDE, Action.RESUME),
    "not kept": (-1, Purpose.RAISER_DELAY, Action.BRING_BACK),
    "passing": (-1, Purpose.RAISER_DELAY, Action.PASS),
}


def _wait(life: Life, d: Dispute, place: Place, way: Way, tick: int) -> None:
    """An answer is awaited: the officers' plan, and the raiser's where nothing limits the wait."""
    plan_limit(d, tick)
    base = d.base
    if way.kind == "extend":
        d.turns += 1
        d.asked.clear()
    else:
        answering = d.answering = life.habits.answering(place.rung or "", d.severity, *place.kinds)
        if not happens(answering.silent, base, Purpose.SILENT):
            at = tick + drawn_ticks(answering.delay, base, Purpose.DELAY)
            if happens(answering.late, base, Purpose.LATE):
                passed = d.limit + 1 if d.limit != NEVER else at
                at = max(at, passed) + drawn_ticks(answering.late_by, base, Purpose.LATE_BY)
            pools, work = _officers(life, d, place, base)
            life.plan(d, Action.ANSWER, 0, at, pools, work)
    if d.limit == NEVER:
        life.plan(d, Action.CHASE, 0, tick + drawn_ticks(d.conduct.waits, base, Purpose.WAITS))
    elif place.extend and place.extend[0].needs and _wants_more(d):
        life.plan(d, Action.ASK_MORE, 0, tick + (d.limit - tick) // 2)


def _wants_more(d: Dispute) -> bool:
    chance = d.answering.extension
    return chance > 0 and happens(chance, place_key(d.base, 0, d.turns), Purpose.EXTENSION)


def _officers(life: Life, d: Dispute, place: Place, base: int) -> tuple[tuple[Pool, ...], int]:
    """Who answers, one after another, and how much work it is for each."""
    desks = life.desks(place)
    who = 0
    if len(desks) > 1:
        who = int(uniform(base, Purpose.OFFICER) * len(desks))
    d.speaker, pools = desks[who] if desks else ("", ())
    work = drawn_ticks(d.answering.work, base, Purpose.WORK)
    return (pools, work) if d.answering.work.always != 0 else ((), 0)


def _answer(life: Life, d: Dispute, tick: int) -> None:
    place = d.places[0]
    answering = d.answering
    if place.divided and happens(answering.divided, d.base, Purpose.DIVIDED):
        take(life, d, place.divided, tick)
        return
    drawn = uniform(d.base, Purpose.SATISFIED)
    d.answer = (
        SATISFIED
        if drawn < answering.satisfied
        else PARTLY
        if drawn < answering.partly
        else UNSATISFIED
    )
    spoken = [way for way in place.answers if way.move.actor == d.speaker]
    take(life, d, spoken or place.answers, tick)


# --- what is asked of others ------------------------------------------------------------------


def arrive_beside(life: Life, d: Dispute, track: int, tick: int) -> None:
    """A side track's token has come to a place."""
    place = d.places[track]
    if place.kind == "gate":
        limit = limit_of(d, track)
        if limit != NEVER:
            life.plan(d, Action.LIMIT, track, max(limit, tick))
        _ask(life, d, track, tick)
    elif place.kind == "granted":
        here = d.places[0]
        given = [w for w in here.ways if w.needs == track]
        skips = [w for w in given if w.kind == "skip" and w.up == d.wants]
        take(life, d, [*skips, *(w for w in given if w.kind == "hand over")], tick)
    elif place.kind == "done":
        if d.refer_after and track in d.settled.advice:
            d.refer_after = False
            refer(life, d, tick)
    elif place.kind == "idle" and track in d.asked and d.places[0].kind in DECISIONS:
        life.drop(d, 0, Action.CHASE)
        d.wants = -1
        go_on(life, d, tick, place_key(d.base, name_of("refused"), 0), False)


def _ask(life: Life, d: Dispute, track: int, tick: int) -> None:
    """Somebody is asked for leave or for a view: plan their answer."""
    place = d.places[track]
    who = place.state.owner[0]
    step = d.settled.step_of.get(place.name, "")
    base = d.bases[track] = visit(d, name_of(f"{who}/{step}"))
    if place.state.side == "raiser":
        conduct = d.conduct
        at = tick + drawn_ticks(conduct.delay, base, Purpose.APPROVER_DELAY)
        work = drawn_ticks(conduct.work, base, Purpose.APPROVER_WORK)
        life.plan(d, Action.APPROVE, track, at, conduct.pools if work else (), work)
        return
    habit = life.habits.approving(who, step)
    if not happens(habit.silent, base, Purpose.APPROVER_SILENT):
        at = tick + drawn_ticks(habit.delay, base, Purpose.APPROVER_DELAY)
        work = drawn_ticks(habit.work, base, Purpose.APPROVER_WORK)
        life.plan(d, Action.APPROVE, track, at, habit.pools if work else (), work)
    if track == 0 and d.limit == NEVER:
        life.plan(d, Action.CHASE, 0, tick + drawn_ticks(d.conduct.waits, base, Purpose.WAITS))


def _approve(life: Life, d: Dispute, track: int, tick: int) -> None:
    place, base = d.places[track], d.bases[track]
    if place.state.side == "raiser":
        refused = not happens(d.conduct.grants, base, Purpose.REFUSES)
    else:
        step = d.settled.step_of.get(place.name, "")
        refuses = life.habits.approving(place.state.owner[0], step).refuses
        refused = happens(refuses, base, Purpose.REFUSES)
    if not (refused and take(life, d, place.refused, tick)):
        take(life, d, place.agree, tick)


# --- the rest ---------------------------------------------------------------------------------


def act(life: Life, d: Dispute, action: int, track: int, tick: int) -> None:
    """Carry out what was planned."""
    _ACTS[action](life, d, track, tick)


def _ask_more(life: Life, d: Dispute, track: int, tick: int) -> None:
    needs = d.places[track].extend[0].needs
    take(life, d, [w for w in d.places[needs].ways if w.kind == "ask"], tick)


def _receive(life: Life, d: Dispute, track: int, tick: int) -> None:
    take(life, d, d.places[track].receive, tick)


def _pass(life: Life, d: Dispute, track: int, tick: int) -> None:
    take(life, d, [w for w in d.places[track].ways if w.move.side == "time"], tick)


def _give_back(life: Life, d: Dispute, track: int, tick: int) -> None:
    place = d.places[track]
    satisfied = life.habits.answering(place.state.owner[0], d.severity).satisfied
    if happens(satisfied, d.base, Purpose.SATISFIED) and take(
        life, d, (*place.satisfied, *place.closes), tick
    ):
        return
    take(life, d, [w for w in place.ways if w.kind == "take back"], tick)


def _resume(life: Life, d: Dispute, track: int, tick: int) -> None:
    ways = [w for w in d.places[track].ways if w.kind == "resume"]
    take(life, d, sorted(ways, key=lambda w: abs(w.up - d.highest)), tick)


def _carry_out(life: Life, d: Dispute, track: int, tick: int) -> None:
    kind = "kept" if happens(d.ending.kept, d.base, Purpose.KEPT) else "not kept"
    take(life, d, [w for w in d.places[track].ways if w.kind == kind], tick)


def _bring_back(life: Life, d: Dispute, track: int, tick: int) -> None:
    if happens(d.conduct.brings_back, d.base, Purpose.BRINGS_BACK):
        ways = [w for w in d.places[track].ways if w.kind == "reopen"]
        take(life, d, sorted(ways, key=lambda w: w.up), tick)


_DUE_NOW = {
    "resolved": Action.CARRY_OUT,
    "sent": Action.RECEIVE,
    "handed over": Action.GIVE_BACK,
    "suspended": Action.RESUME,
    "passing": Action.PASS,
    "gate": Action.APPROVE,
}


def _run_out(life: Life, d: Dispute, track: int, tick: int) -> None:
    """The time has run out. What has no move of its own for that is done at the last moment."""
    place = d.places[track]
    if place.kind == "waiting" and place.extend and _wants_more(d):
        day = tick // DAY
        for way in place.extend:
            if is_open(d, way, day) and _gives_time(d, way, day):
                life.make(d, way, tick)
                return
    for way in place.due:
        if stands(d, way):
            life.make(d, way, tick)
            return
    made = d.made[track]
    if place.kind in DECISIONS:
        decide(life, d, tick)
        if d.made[track] == made and not d.over:
            go_on(life, d, tick, d.base, False, True)
    elif place.kind in _DUE_NOW:
        act(life, d, _DUE_NOW[place.kind], track, tick)
    if d.made[track] == made and not d.over:
        life.dead_end(d)


def _gives_time(d: Dispute, way: Way, day: int) -> bool:
    """Whether an extension ends later than what it extends, for all the totals."""
    for budget, most in way.target.cuts:
        passed = day - d.day if budget in d.places[0].counts else 0
        if most - d.spent[budget] - passed <= 0:
            return False
    return way.target.limit > 0


_ACTS: dict[int, Callable[[Life, Dispute, int, int], None]] = {
    Action.LIMIT: _run_out,
    Action.RAISE: lambda life, d, track, tick: raise_it(life, d, tick),
    Action.ANSWER: lambda life, d, track, tick: _answer(life, d, tick),
    Action.DECIDE: lambda life, d, track, tick: decide(life, d, tick),
    Action.APPROVE: _approve,
    Action.ASK_MORE: _ask_more,
    Action.CHASE: lambda life, d, track, tick: chase(life, d, tick),
    Action.RECEIVE: _receive,
    Action.PASS: _pass,
    Action.GIVE_BACK: _give_back,
    Action.RESUME: _resume,
    Action.CARRY_OUT: _carry_out,
    Action.BRING_BACK: _bring_back,
}
