"""The meaning of a ladder: unit tests of `replay`, and random walks against a second reading.

`Machine` says the rules of the state graph once more, a day at a time and with its own reading
of terms; it shares no code with `replay`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import pytest
from assembled import LADDER as DISPUTE
from assembled import RUNG, follow, graph, policy, trace, world
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from model.expand import expand, graphs
from model.graph import LADDER, Move, StateGraph
from model.load import authorities, load
from model.replay import Step, Token, replay, world_of
from model.terms import Symbol, Term, Value

START = "not raised"
RAISED = "informal talk: awaiting an answer"
WAITING = "team manager: awaiting an answer"
ANSWERED = "team manager: answered"
NEXT = "head of service: awaiting an answer"
UP: list[tuple[int, str]] = [
    (0, "raises it at informal talk"),
    (0, "answers"),
    (0, "goes up to team manager"),
]
TO_NEXT = "goes up to head of service"


# --- what a run tells ---------------------------------------------------------------------------


def test_an_empty_trace_stays_at_the_start() -> None:
    of = graph()
    run = replay(of, [], world(of))
    assert (run.state, run.day, run.formal, run.history, run.refused) == (START, 0, 0, (), None)
    later = replay(of, [], world(of), until=40)
    assert (later.day, later.formal) == (40, 0)


def test_a_run_tells_day_formal_time_places_and_history() -> None:
    of = graph()
    run = follow(
        of, [*UP[:2], (2, "goes up to team manager"), (6, "answers"), (7, TO_NEXT)], until=9
    )
    assert (run.refused, run.why) == (None, "")
    assert (run.day, run.formal) == (9, 7)  # from day 2 on it is formal
    assert run.tokens == {LADDER: Token(NEXT, 7)}
    assert run.history == (START, RAISED, "informal talk: answered", WAITING, ANSWERED)


def test_a_refused_run_stops_before_the_wrong_step() -> None:
    of = graph()
    run = follow(of, [*UP, (9, "answers")])
    assert run.refused == 4
    assert (run.state, run.day) == (WAITING, 0)
    assert len(run.history) == 3


def test_days_never_go_back() -> None:
    of = graph()
    run = follow(of, [(3, "raises it at informal talk"), (2, "answers")])
    assert (run.refused, run.why) == (2, "day 2 is before day 3")
    assert replay(of, [], world(of), until=-1).refused == 1


def test_a_move_starts_where_the_dispute_is() -> None:
    of = graph()
    first, *_, last = trace(of, UP)
    run = replay(of, [first, last], world(of))
    assert run.refused == 2 and RAISED in run.why and "informal talk: answered" in run.why


def test_nobody_moves_after_the_end() -> None:
    of = graph()
    steps = trace(
        of, [*UP, (0, "answers"), (0, "is satisfied"), (0, "carries out what was agreed")]
    )
    run = replay(of, [*steps, steps[-1]], world(of))
    assert run.refused == len(steps) + 1


# --- limits, waits, clocks ----------------------------------------------------------------------


@pytest.mark.parametrize(("until", "why"), [(5, None), (6, "ends on day 5 at the latest")])
def test_no_time_passes_beyond_a_limit(until: int, why: str | None) -> None:
    run = follow(graph(), UP, until=until)
    assert run.refused == (None if why is None else 4)
    assert (why or "") in run.why


def test_a_move_at_the_limit_is_made_on_that_day_only() -> None:
    of = graph()
    assert "time has run out" in follow(of, [*UP, (4, "no answer in time")]).why
    assert follow(of, [*UP, (5, "no answer in time")]).refused is None
    assert follow(of, [*UP, (6, "no answer in time")]).refused == 4


def test_others_may_still_move_on_the_last_day() -> None:
    assert follow(graph(), [*UP, (5, "answers")]).state == ANSWERED


@pytest.mark.parametrize("key", ["rule", "window"])
def test_a_minimum_wait_counts_from_the_start_of_the_rung(key: str) -> None:
    of = graph(
        "if not satisfied: {to: next rung, after: 3 working days}"
        if key == "rule"
        else "within: {at most: 5 working days, at least: 3 working days, source: 2 ¶2}",
        RUNG,
    )
    (answers,) = [m for m in of.moves if m.source == WAITING and m.kind == "answer"]
    assert answers.keeps
    answered = [*UP, (2, "answers")]
    kept = follow(of, answered)
    assert kept.tokens[LADDER] == Token(ANSWERED, 0)  # the clock goes on
    assert follow(of, [*answered, (2, TO_NEXT)]).why == f"“{TO_NEXT}” is possible from day 3 on"
    assert follow(of, [*answered, (3, TO_NEXT)]).refused is None


def test_without_a_minimum_wait_the_clock_starts_again() -> None:
    assert follow(graph(), [*UP, (2, "answers")]).tokens[LADDER] == Token(ANSWERED, 2)


def test_a_wait_without_end_is_refused() -> None:
    of = graph(
        "if not satisfied: {to: next rung, after: 3 weeks}\nwithin: unstated",
        RUNG,
    )
    assert "from day" in follow(of, [*UP, (2, "answers"), (3, TO_NEXT)]).why


# --- totals and earlier events ------------------------------------------------------------------

TOTAL = """
totals:
  all:
    at most: 6 working days
    covers: formal rungs
    effect: {typical = limit: cap, typical = norm: stated}
    source: 2 ¶9
"""


def test_a_cap_ends_a_window_early_and_silence_follows_then() -> None:
    of = graph(TOTAL)
    used = [*UP, (4, "answers"), (4, TO_NEXT)]
    assert follow(of, used, until=6).refused is None
    assert "day 6 at the latest" in follow(of, used, until=7).why
    assert follow(of, [*used, (6, "no answer in time")]).refused is None
    assert follow(of, [*used, (5, "no answer in time")]).refused == 6
    assert follow(of, used, {"typical": "norm"}, until=9).refused is None


def test_a_cap_counts_deciding_too() -> None:
    of = graph(TOTAL)
    assert follow(of, [*UP, (4, "answers")], until=6).refused is None
    assert follow(of, [*UP, (4, "answers")], until=7).refused == 5


def test_a_cap_leaves_time_alone_that_does_not_count() -> None:
    of = graph(
        TOTAL.replace("{typical = limit: cap, typical = norm: stated}", "cap")
        + "rungs: {informal talk: {counts: {silence = delay: formal, otherwise: informal}}}"
    )
    begun = [(0, "raises it at informal talk")]
    assert follow(of, begun, {"silence": "refusal"}, until=30).refused is None
    assert follow(of, begun, {"silence": "delay"}, until=7).refused == 2
    late = [*begun, (30, "answers"), (30, "goes up to team manager")]
    assert follow(of, late, {"silence": "refusal"}, until=35).refused is None


def test_what_is_brought_back_has_the_whole_total_again() -> None:
    back = "resolution: {within: 4 working days, if not kept: {to: same rung}, source: 4 ¶3}"
    of = graph(TOTAL + back)
    broken = [(4, "answers"), (4, "is satisfied"), (8, "does not carry out what was agreed")]
    again = [*UP, *broken, (8, "brings it back at team manager"), (12, "answers")]
    assert follow(of, again, until=14).refused is None
    assert follow(of, again, until=15).refused == len(again) + 1


def test_a_window_from_an_earlier_event_can_be_over_on_arrival() -> None:
    of = graph("clock: {starts: raising, source: 2 ¶2}", RUNG)
    late = [(0, "raises it at informal talk"), (8, "answers"), (8, "goes up to team manager")]
    assert follow(of, late, until=8).refused is None
    assert follow(of, late, until=9).refused == 4
    assert follow(of, [*late, (8, "no answer in time")]).refused is None


# --- worlds -------------------------------------------------------------------------------------


def test_a_guard_is_read_in_the_world() -> None:
    of = graph("skip: [{to: director, from: any rung, when: urgent, source: 2 ¶6}]")
    up = [*UP, (0, "skips to director")]
    assert follow(of, up, {"urgent": True}).refused is None
    run = follow(of, up)
    assert (run.refused, run.why) == (4, "“skips to director” is not open in this reading or case")


def test_only_raisers_in_the_domain_raise_anything() -> None:
    of = graph()
    impossible: dict[Symbol, Value] = {**world_of(of), of.raiser: "Conference Chair"}
    run = replay(of, trace(of, UP), impossible)
    assert (run.refused, run.history) == (1, ())
    assert run.why == "this person may not raise this dispute for this child"
    assert replay(of, [], impossible).refused == 1


def test_a_world_takes_plain_answers_and_finds_the_child() -> None:
    of = graph("entry: [{at rung: any rung, when: typical = norm and urgent, source: 1 ¶4},"
               " {at rung: lowest rung, source: 1 ¶4}]")  # fmt: skip
    plain = {s.name: v for s, v in world_of(of).items()}
    assert plain["typical"] == "limit" and plain["urgent"] is False
    assert plain["the window of informal talk"] is None
    chair = {s.name: v for s, v in world(of, {"raiser": "Conference Chair"}).items()}
    assert chair["child"] == "child on a protection plan"
    with pytest.raises(ValueError, match="may not raise"):
        world(of, {"raiser": "IRO", "child": "child on a protection plan"})


def test_a_world_fills_a_silence_as_reports_begin_from() -> None:
    of = graph("closes: unstated", RUNG)
    (silence,) = (
        s for s in of.symbols if s.kind == "silence" and s.name == "who must be satisfied"
    )
    assert silence.values == ("raiser", "answerer") and world_of(of)[silence] == "raiser"


def test_a_world_that_settles_too_little_is_an_error() -> None:
    of = graph()
    with pytest.raises(KeyError):
        replay(of, trace(of, UP), {})


# --- side tracks --------------------------------------------------------------------------------

LEAVE = """
skip:
  - to: director
    from: [informal talk, team manager]
    source: 2 ¶6
    involves: [{who: IRO Manager, how: approves, within: 2 working days, source: 2 ¶6}]
"""


def test_a_request_waits_on_its_own_track() -> None:
    of = graph(LEAVE)
    asked = [*UP, (1, "asks for leave to skip")]
    run = follow(of, [*asked, (2, "answers")])
    assert run.tokens[LADDER].state == ANSWERED
    assert run.tokens["leave to skip"] == Token("leave to skip: IRO Manager to agree", 1)
    assert "day 3 at the latest" in follow(of, asked, until=4).why  # though the ladder could wait
    assert follow(of, [*asked, (3, "does not answer")], until=5).refused is None


def test_leave_is_used_up_by_the_step_it_is_for() -> None:
    of = graph(LEAVE)
    granted = [(0, "asks for leave to skip"), (1, "agrees to it")]
    before = [UP[0], *granted]
    assert follow(of, before).tokens["leave to skip"].state == "leave to skip: agreed"
    run = follow(of, [*before, (2, "skips to director")])
    assert run.refused is None
    assert run.tokens["leave to skip"] == Token("leave to skip: not asked", 2)


def test_a_request_is_open_only_where_the_power_is() -> None:
    of = graph(LEAVE)
    up = [*UP, (0, "answers"), (0, TO_NEXT)]
    run = follow(of, [*up, (0, "asks for leave to skip")])
    assert run.refused == 6 and "while the dispute is at" in run.why
    assert follow(of, [(0, "asks for leave to skip")]).refused == 1  # nor before it is raised


def test_what_was_asked_for_at_a_rung_lapses_with_it() -> None:
    of = graph(LEAVE)
    granted = [UP[0], (0, "asks for leave to skip"), (1, "agrees to it")]
    up = [*granted, (1, "answers"), (1, "goes up to team manager")]
    assert of.lapsing == {"leave to skip"}
    assert follow(of, up).tokens["leave to skip"] == Token("leave to skip: not asked", 1)
    assert "has to wait" in follow(of, [*up, (1, "skips to director")]).why


def refer(effect: str) -> StateGraph:
    power = f"to: CAFCASS, by: IRO, from: any state, effect: {effect}, source: 3 ¶1"
    return graph(f"refer: [{{{power}}}]")


REFERS = (1, "refers it to CAFCASS")


def test_a_referral_beside_the_ladder_leaves_it_alone() -> None:
    run = follow(refer("beside"), [*UP, REFERS], until=5)
    assert run.tokens[LADDER] == Token(WAITING, 0)
    assert follow(refer("beside"), [*UP, REFERS], until=6).refused == 5


def test_a_referral_that_ends_the_ladder_moves_it() -> None:
    of = refer("ends")
    run = follow(of, [*UP, REFERS], until=50)
    assert run.tokens[LADDER] == Token("with CAFCASS", 1)
    answers = Step(2, next(m for m in of.moves if m.source == WAITING and m.kind == "answer"))
    steps = [*trace(of, [*UP, REFERS]), answers]
    assert replay(of, steps, world(of)).refused == 5


def test_a_referral_that_suspends_the_ladder_gives_it_back_with_a_new_clock() -> None:
    of = refer("suspends")
    held = follow(of, [*UP, REFERS], until=30)
    assert held.tokens[LADDER] == Token("suspended by the referral to CAFCASS", 1)
    back = follow(of, [*UP, REFERS, (30, "CAFCASS gives it back: team manager")], until=35)
    assert back.refused is None and back.tokens[LADDER] == Token(WAITING, 30)


def test_a_dispute_is_referred_once() -> None:
    of = refer("beside")
    first = trace(of, [REFERS])
    assert replay(of, [*first, *first], world(of)).refused == 2


def test_advice_stays_given() -> None:
    of = graph(
        """
        refer:
          - {to: CAFCASS, by: IRO, from: any rung, effect: ends, needs advice: yes, source: 3 ¶1}
        advice: [{from: a lawyer, by: IRO, independent: yes, source: 3 ¶3}]
        """
    )
    assert (
        follow(of, [*UP, REFERS]).why
        == "“refers it to CAFCASS” has to wait: legal advice: not asked"
    )
    run = follow(of, [*UP, (0, "takes legal advice"), REFERS])
    assert run.refused is None and run.tokens["legal advice"].state == "legal advice: given"


# --- the rules once more ------------------------------------------------------------------------


@dataclass
class Machine:
    """A dispute that is walked a day at a time: rules 1 to 4 of `model/graph.py`, as written."""

    graph: StateGraph
    world: dict[Symbol, Value]
    day: int = 0
    formal: int = 0
    place: dict[str, str] = field(default_factory=dict)
    age: dict[str, int] = field(default_factory=dict)
    spent: dict[str, int] = field(default_factory=dict)
    known: dict[int, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.place = {LADDER: self.graph.start, **self.graph.tracks}
        self.age = dict.fromkeys(self.place, 0)
        self.spent = {b.name: 0 for b in self.graph.budgets}

    def of(self, term: Term) -> Any:
        """A formula as true or false; a day count as a number, None for no limit."""
        if term.serial not in self.known:
            self.known[term.serial] = self.worked_out(term)
        return self.known[term.serial]

    def worked_out(self, term: Term) -> Any:
        op, args = term.op, term.args
        if op in ("true", "false"):
            return op == "true"
        if op == "case":
            variable, *branches = args
            if isinstance(variable, Term):
                return self.of(branches[0] if self.of(variable) else branches[1])
            values = variable.values or (True, False)
            return self.of(branches[values.index(self.world[variable])])
        if op in ("days", "number"):
            return args[0] if op == "days" else self.world[args[0]]
        if op == "no limit":
            return None
        if op == "choose":
            return self.of(args[1] if self.of(args[0]) else args[2])
        parts = [self.of(a) for a in args]
        if op == "limited":
            return parts[0] is not None
        if op == "at most":
            return parts[1] is None or (parts[0] is not None and parts[0] <= parts[1])
        finite = [p for p in parts if p is not None]
        if op == "min":
            return min(finite, default=None)
        assert op in ("plus", "max"), op
        if len(finite) < len(parts):
            return None
        return sum(parts) if op == "plus" else max(parts)

    def exhausted(self) -> bool:
        """Whether a total that cuts windows short is used up where the ladder stands."""
        here = self.place[LADDER]
        for budget in self.graph.budgets:
            counts = here in budget.counts and self.of(budget.counts[here])
            if here in budget.cuts and counts and self.of(budget.cap):
                most = self.of(budget.at_most)
                if most is not None and self.spent[budget.name] >= most:
                    return True
        return False

    def out_of_time(self, track: str) -> bool:
        limit = self.of(self.graph.states[self.place[track]].limit)
        return limit is not None and self.age[track] >= limit

    def sleep(self) -> bool:
        """One working day passes, if it can."""
        if self.exhausted() or any(self.out_of_time(track) for track in self.place):
            return False
        here = self.graph.states[self.place[LADDER]]
        self.day += 1
        self.formal += bool(self.of(here.formal))
        for budget in self.graph.budgets:
            counted = here.name in budget.counts and self.of(budget.counts[here.name])
            self.spent[budget.name] += bool(counted)
        for track in self.age:
            self.age[track] += 1
        return True

    def may(self, move: Move) -> bool:
        track = move.track
        if self.place[track] != move.source or not self.of(move.guard):
            return False
        earliest = self.of(move.earliest)
        if earliest is None or self.age[track] < earliest:
            return False
        if move.at_limit and not (
            self.out_of_time(track) or (track == LADDER and self.exhausted())
        ):
            return False
        if move.while_in is not None and self.place[LADDER] not in move.while_in:
            return False
        if move.needs is None:
            return True
        return self.graph.states[self.place[move.needs]].kind in ("granted", "done")

    def make(self, move: Move) -> None:
        for budget in self.graph.budgets:
            again = move.target in budget.begins and move.source not in budget.begins
            if again or move.kind == "reopen":
                self.spent[budget.name] = 0
        rung = self.graph.states[self.place[LADDER]].rung
        self.place[move.track] = move.target
        if not move.keeps:
            self.age[move.track] = 0
        if move.needs is not None and self.graph.states[self.place[move.needs]].kind == "granted":
            self.place[move.needs] = self.graph.tracks[move.needs]
            self.age[move.needs] = 0
        if move.also is not None:
            self.place[LADDER], self.age[LADDER] = move.also, 0
        if self.graph.states[self.place[LADDER]].rung != rung:  # what was asked for there lapses
            for track in self.graph.lapsing:
                self.place[track], self.age[track] = self.graph.tracks[track], 0

    def open_moves(self) -> list[Move]:
        return [
            m for state in self.place.values() for m in self.graph.leaving[state] if self.may(m)
        ]

    def step(self, step: Step) -> bool:
        while self.day < step.day:
            if not self.sleep():
                return False
        if self.day > step.day or not self.may(step.move):
            return False
        self.make(step.move)
        return True


def first_refused(of: StateGraph, steps: list[Step], chosen: dict[Symbol, Value]) -> int | None:
    machine = Machine(of, chosen)
    if not machine.of(of.domain):
        return 1
    return next((n for n, step in enumerate(steps, 1) if not machine.step(step)), None)


# A dispute that uses as much of the language as fits into one.
RICH = """
decide: {within: 3 working days, if missed: unstated, source: 2 ¶8}
totals:
  all:
    at most: 15 working days
    covers: formal rungs
    effect: {urgent: cap, otherwise: stated}
    source: 2 ¶9
rungs:
  informal talk:
    within: {at most: 7 calendar days, or less: what the child needs, source: 2 ¶1}
    counts: {typical = limit: informal, typical = norm: formal}
  team manager:
    clock:
      starts: {typical = limit: receipt, typical = norm: sending}
      within: 2 working days
      source: 2 ¶2
    to leave:
      - who: IRO Manager
        how: approves
        within: 2 working days
        if silent: {to: raiser decides}
        source: 2 ¶2
    if not satisfied:
      to: next rung
      strength: {silence = refusal: automatic, otherwise: may}
      after: 4 working days
    if partly satisfied: {to: same rung}
  head of service:
    answers: {all of: [Head of Service, Panel]}
    if divided: {to: top rung}
    clock: {starts: {typical = limit: previous rung, typical = norm: raising}, source: 2 ¶3}
    if silent: {to: next rung, strength: {silence = refusal: automatic, otherwise: must}}
  director:
    within: {at most: 48 hours, source: 2 ¶4}
    closes: unstated
entry: [{at rung: any rung, when: urgent, source: 1 ¶4}, {at rung: lowest rung, source: 1 ¶4}]
skip:
  - to: any later rung
    from: any rung
    source: 2 ¶6
    involves: [{who: [IRO Manager, Panel], how: approves, within: 1 working day, source: 2 ¶6}]
extension:
  - asked by: answerer
    granted by: raiser
    each: 2 working days
    times: 2
    at rung: any formal rung
    source: 2 ¶7
hand over:
  - to: Panel
    agreed by: [raiser, Director]
    from: any rung
    within: 5 working days
    closes: Panel
    back: {to: raiser decides}
    source: 2 ¶7
withdraw: {by: [raiser, Child], source: 2 ¶7}
refer:
  - to: CAFCASS
    by: IRO
    for: child in care
    from: any state
    effect: {urgent: suspends, at risk of harm: ends, otherwise: beside}
    needs advice: {typical = limit: yes, typical = norm: no}
    involves: [{who: Director, how: consulted before, waits: unstated, source: 3 ¶1}]
    source: 3 ¶1
advice: [{from: lawyers, by: IRO, independent: yes, source: 3 ¶3}]
resolution: {within: 4 working days, if not kept: {to: raiser decides}, source: 4 ¶3}
"""

GRAPHS: dict[str, StateGraph] = {g.name: g for p in authorities() for g in graphs(load(p))}
GRAPHS["rich"] = expand(policy(RICH, DISPUTE), "dispute")

patient = settings(deadline=None, max_examples=60, suppress_health_check=list(HealthCheck))


@st.composite
def worlds(draw: st.DrawFn, of: StateGraph) -> dict[Symbol, Value]:
    """Any reading and any case; the raiser and the child are a pair that the ladder knows."""
    chosen: dict[Symbol, Value] = {}
    for symbol in of.symbols:
        if symbol.kind == "fact":
            chosen[symbol] = draw(st.booleans())
        elif symbol.kind == "number":
            chosen[symbol] = draw(st.one_of(st.none(), st.integers(0, 6)))
        elif symbol.kind == "calendar":
            chosen[symbol] = draw(st.integers(symbol.low, symbol.high))
        else:
            chosen[symbol] = draw(st.sampled_from(symbol.values))
    pairs = [
        (raiser, child)
        for raiser in of.raiser.values
        for child in of.child.values
        if Machine(of, {**chosen, of.raiser: raiser, of.child: child}).of(of.domain)
    ]
    chosen[of.raiser], chosen[of.child] = draw(st.sampled_from(pairs))
    return chosen


@st.composite
def walks(draw: st.DrawFn, of: StateGraph) -> tuple[dict[Symbol, Value], list[Step]]:
    """A world, and legal moves on legal days in it."""
    chosen = draw(worlds(of))
    machine = Machine(of, chosen)
    steps: list[Step] = []
    for _ in range(draw(st.integers(1, 25))):
        wait = draw(st.sampled_from([0, 0, 1, 2, 5, 30]))
        while wait and machine.sleep():
            wait -= 1
        moves = machine.open_moves()
        if not moves:
            break
        onward = [m for m in moves if m.track == LADDER and m.kind not in ("withdraw", "satisfied")]
        upwards = draw(st.booleans())
        move = draw(st.sampled_from(onward if onward and upwards else moves))
        steps.append(Step(machine.day, move))
        machine.make(move)
    return chosen, steps


@pytest.mark.parametrize("name", sorted(GRAPHS))
@patient
@given(data=st.data())
def test_every_legal_walk_is_accepted(name: str, data: st.DataObject) -> None:
    of = GRAPHS[name]
    chosen, steps = data.draw(walks(of))
    machine = Machine(of, chosen)
    assert all(machine.step(step) for step in steps)
    run = replay(of, steps, chosen)
    assert run.refused is None, run.why
    assert {t: token.state for t, token in run.tokens.items()} == machine.place
    assert {t: run.day - token.since for t, token in run.tokens.items()} == machine.age
    assert (run.day, run.formal) == (machine.day, machine.formal)
    later = 0
    while later < 40 and machine.sleep():
        later += 1
    assert replay(of, steps, chosen, until=machine.day).refused is None
    if later < 40:
        assert replay(of, steps, chosen, until=machine.day + 1).refused == len(steps) + 1


@pytest.mark.parametrize("name", sorted(GRAPHS))
@patient
@given(data=st.data())
def test_a_move_that_is_not_open_is_refused(name: str, data: st.DataObject) -> None:
    of = GRAPHS[name]
    chosen, steps = data.draw(walks(of))
    machine = Machine(of, chosen)
    for step in steps:
        assert machine.step(step)
    wait = data.draw(st.integers(0, 6))
    while wait and machine.sleep():
        wait -= 1
    near = [m for state in machine.place.values() for m in of.leaving[state]]
    shut = [m for m in near if not machine.may(m)]
    almost = [m for m in shut if machine.of(m.guard)]  # only a day, a place or a leave is missing
    if shut:
        move = data.draw(st.sampled_from(almost or shut))
        assert replay(of, [*steps, Step(machine.day, move)], chosen).refused == len(steps) + 1


@pytest.mark.parametrize("name", sorted(GRAPHS))
@patient
@given(data=st.data())
def test_a_changed_walk_is_judged_alike(name: str, data: st.DataObject) -> None:
    of = GRAPHS[name]
    chosen, steps = data.draw(walks(of))
    place = data.draw(st.integers(0, max(0, len(steps) - 1)))
    change = data.draw(st.sampled_from(["day", "later", "move", "drop", "repeat", "world"]))
    shift = data.draw(st.integers(-3, 6))
    if change == "world":
        chosen = data.draw(worlds(of))
    elif steps:
        here = steps[place]
        moved = Step(here.day + shift, here.move)
        late = [Step(s.day + shift, s.move) for s in steps[place:]]
        near = [m for m in of.moves if m.source == here.move.source] or list(of.moves)
        steps = {
            "day": lambda: [*steps[:place], moved, *steps[place + 1 :]],
            "later": lambda: [*steps[:place], *late],
            "move": lambda: [
                *steps[:place],
                Step(here.day, data.draw(st.sampled_from(near))),
                *steps[place + 1 :],
            ],
            "drop": lambda: [*steps[:place], *steps[place + 1 :]],
            "repeat": lambda: [*steps[: place + 1], *steps[place:]],
        }[change]()
    assert replay(of, steps, chosen).refused == first_refused(of, steps, chosen)


def test_the_rich_dispute_uses_every_kind_of_state_and_move() -> None:
    of = GRAPHS["rich"]
    assert {s.kind for s in of.states.values()} >= {
        *("sent", "waiting", "answered", "passing", "divided", "overdue", "late", "gate"),
        *("refused", "unanswered", "handed over", "suspended", "resolved", "not kept", "end"),
        *("idle", "granted", "done"),
    }
    assert {m.kind for m in of.moves} >= {"missed", "extend", "reopen", "resume", "take back"}
    assert any(m.needs for m in of.moves) and any(m.also for m in of.moves)
    assert any(not b.is_total for b in of.budgets) and any(m.keeps for m in of.moves)


def test_a_world_takes_the_longest_span_of_the_calendar_unless_told() -> None:
    """Seven calendar days are four or five working days, as the start date has it."""
    of = graph("within: 7 calendar days", RUNG)
    (span,) = (s for s in of.symbols if s.kind == "calendar")
    assert (span.low, span.high) == (3, 5)
    assert world_of(of)[span] == 5
    assert world_of(of, {span: 4})[span] == 4


def test_a_minimum_wait_is_told_from_the_day_on_which_the_clock_began() -> None:
    of = graph("if not satisfied: {to: next rung, after: 3 working days}", RUNG)
    early = [*UP[:2], (1, "goes up to team manager"), (1, "answers"), (3, TO_NEXT)]
    assert follow(of, early).why == f"“{TO_NEXT}” is possible from day 4 on"
    assert follow(of, [*early[:-1], (4, TO_NEXT)]).refused is None
