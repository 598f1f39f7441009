"""Everything the policy language must be able to say, from its YAML to the state graph.

The list is section 5 of the design: time, people, involvement, outcomes, moves, strength,
referral. Each item is followed to the states, moves, guards, limits and marks, and, where it is
about behaviour, through `replay` with traces that it must accept and refuse.
"""

from __future__ import annotations

from typing import Any

import pytest
from assembled import (
    LADDER,
    RUNG,
    Case,
    Steps,
    assembled,
    follow,
    gates,
    graph,
    limit,
    moves,
    policy,
    value,
    world,
)

from model.calendar import span
from model.expand import expand
from model.graph import LADDER as MAIN
from model.graph import StateGraph
from model.load import PolicyError, loads
from model.replay import world_of
from model.shapes import Length
from model.terms import FALSE, NO_LIMIT, TRUE, ZERO, Symbol, evaluate, symbols
from model.words import words

WAITING = "team manager: awaiting an answer"
ANSWERED = "team manager: answered"
SILENT = "team manager: no answer in time"
NEXT = "head of service: awaiting an answer"

# On day 0 the social worker answers and it goes up to the team manager.
UP: list[tuple[int, str]] = [
    (0, "raises it at informal talk"),
    (0, "answers"),
    (0, "goes up to team manager"),
]


def top(fragment: str) -> StateGraph:
    """The dispute of a policy with a fragment at its top level."""
    return graph(fragment, "")


def on_rung(fragment: str) -> StateGraph:
    """The dispute with more keys for the rung of the team manager."""
    return graph(fragment, RUNG)


def accepted(
    of: StateGraph, steps: Steps, case: Case | None = None, until: int | None = None
) -> str:
    """The state in which a trace that must be accepted ends."""
    run = follow(of, steps, case, until)
    assert run.refused is None, run.why
    return run.state


def refused(
    of: StateGraph, steps: Steps, case: Case | None = None, until: int | None = None
) -> str:
    """Why a trace is refused, at its last step or in the wait after it."""
    steps = list(steps)
    run = follow(of, steps, case, until)
    assert run.refused == len(steps) + (until is not None), run
    return run.why


def calendar(of: StateGraph, state: str) -> tuple[int, int | None]:
    """The span of working days of a limit in another unit."""
    (symbol,) = symbols(of.states[state].limit)
    assert symbol.kind == "calendar"
    return symbol.low, symbol.high


# --- time: units --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "days"), [("5 working days", 5), ("1 working day", 1), ("immediately", 0)]
)
def test_working_days_are_a_limit_as_they_stand(text: str, days: int) -> None:
    of = on_rung(f"within: {text}")
    assert limit(of, WAITING) == days
    assert accepted(of, UP, until=days) == WAITING
    assert f"day {days} at the latest" in refused(of, UP, until=days + 1)
    assert accepted(of, [*UP, (days, "answers")]) == ANSWERED
    assert accepted(of, [*UP, (days, "no answer in time")]) == SILENT


@pytest.mark.parametrize(
    ("text", "amount", "unit"),
    [
        ("7 calendar days", 7, "calendar days"),
        ("1 week", 7, "calendar days"),
        ("3 weeks", 21, "calendar days"),
        ("48 hours", 48, "hours"),
    ],
)
def test_other_units_become_a_span_of_working_days(text: str, amount: int, unit: str) -> None:
    of = on_rung(f"within: {text}")
    low, high = span(amount, unit)
    assert low < high
    assert calendar(of, WAITING) == (low, high)
    for days in (low, high):
        case = {"the window of team manager": days}
        assert accepted(of, [*UP, (days, "no answer in time")], case) == SILENT
        refused(of, UP, case, until=days + 1)


@pytest.mark.parametrize(
    "text", ["5 days", "five working days", "5", "1 month", "5-10 working days"]
)
def test_a_length_that_does_not_say_which_days_is_refused(text: str) -> None:
    with pytest.raises(PolicyError):
        on_rung(f"within: {text}")


def test_each_rung_has_a_window_of_its_own() -> None:
    of = graph(
        """
        rungs:
          team manager: {within: 3 working days}
          head of service: {within: 10 working days}
        """
    )
    assert (limit(of, WAITING), limit(of, NEXT)) == (3, 10)
    assert words(of.windows["head of service"]) == "10 working days"
    late = [*UP, (3, "answers"), (3, "goes up to head of service")]
    assert accepted(of, late, until=13) == NEXT
    refused(of, late, until=14)


@pytest.mark.parametrize("word", ["unstated", "unknown"])
def test_an_open_window_is_a_number_that_each_world_settles(word: str) -> None:
    of = on_rung(f"within: {word}")
    (symbol,) = symbols(of.states[WAITING].limit)
    assert (symbol.kind, symbol.name) == ("number", "the window of team manager")
    assert accepted(of, UP, until=1000) == WAITING  # plainly: no limit at all
    assert accepted(of, [*UP, (4, "no answer in time")], {symbol.name: 4}) == SILENT
    refused(of, UP, {symbol.name: 4}, until=5)


def test_no_limit_is_not_an_open_number() -> None:
    of = on_rung("within: no limit")
    assert of.states[WAITING].limit is NO_LIMIT
    assert accepted(of, UP, until=1000) == WAITING
    assert "time has run out" in refused(of, [*UP, (1000, "no answer in time")])


# --- time: totals -------------------------------------------------------------------------------

BUDGET = """
totals:
  both managers:
    at most: 7 working days
    covers: [team manager, head of service]
    effect: {effect}
    source: 2 ¶9
"""


def test_one_budget_over_several_rungs_cuts_their_windows_short() -> None:
    of = graph(BUDGET.replace("{effect}", "cap"))
    (budget,) = of.budgets
    assert (budget.name, budget.is_total, budget.cap) == ("both managers", True, TRUE)
    assert value(of, budget.at_most) == 7
    assert {of.states[s].rung for s in budget.cuts} == {"team manager", "head of service"}
    used = [*UP, (5, "no answer in time"), (5, "goes up to head of service")]
    assert accepted(of, [*used, (7, "no answer in time")]) == "head of service: no answer in time"
    assert "day 7 at the latest" in refused(of, used, until=8)
    early = [*UP, (1, "answers"), (1, "goes up to head of service")]
    assert accepted(of, early, until=6) == NEXT  # its own window of five days ends first
    refused(of, early, until=7)


def test_a_total_below_the_sum_can_be_only_a_statement() -> None:
    of = graph(BUDGET.replace("{effect}", "stated"))
    (budget,) = of.budgets
    assert budget.cap is FALSE and value(of, budget.at_most) == 7
    used = [*UP, (5, "no answer in time"), (5, "goes up to head of service")]
    assert accepted(of, used, until=10) == NEXT


def test_the_effect_of_a_total_can_depend_on_a_reading() -> None:
    of = graph(BUDGET.replace("{effect}", "{typical = limit: cap, typical = norm: stated}"))
    used = [*UP, (5, "no answer in time"), (5, "goes up to head of service")]
    refused(of, used, {"typical": "limit"}, until=8)
    assert accepted(of, used, {"typical": "norm"}, until=8) == NEXT


def test_a_total_covers_formal_rungs_every_rung_or_some() -> None:
    def covered(cover: str) -> set[str | None]:
        fragment = f"""
        totals:
          all: {{at most: 9 working days, covers: {cover}, effect: cap, source: 2 ¶9}}
        """
        of = graph(fragment)
        return {of.states[s].rung for s in of.budgets[0].counts}

    formal = {"team manager", "head of service", "director"}
    assert covered("formal rungs") == formal
    assert covered("every rung") == {"informal talk", *formal}
    assert covered("director") == {"director"}


def test_informal_time_is_not_formal_time() -> None:
    of = graph()
    run = follow(
        of,
        [(0, "raises it at informal talk"), (9, "answers"), (9, "goes up to team manager")],
        until=12,
    )
    assert (run.day, run.formal) == (12, 3)
    assert of.states["informal talk: awaiting an answer"].formal is FALSE


# --- time: at least, or less, agreed, set, by severity ------------------------------------------


def test_at_least_is_a_minimum_wait_before_going_up() -> None:
    of = on_rung("within: {at most: 10 working days, at least: 5 working days, source: 2 ¶2}")
    (move,) = moves(of, ANSWERED, "escalate")
    assert value(of, move.earliest) == 5
    answered = [*UP, (2, "answers")]
    assert "from day 5 on" in refused(of, [*answered, (4, "goes up to head of service")])
    assert accepted(of, [*answered, (5, "goes up to head of service")]) == NEXT
    assert accepted(of, [*answered, (2, "is satisfied")]) == "resolved"  # a minimum only for that


def test_a_minimum_above_the_maximum_is_refused() -> None:
    with pytest.raises(PolicyError):
        on_rung("within: {at most: 2 working days, at least: 5 working days, source: 2 ¶2}")


def test_a_rule_can_wait_after_the_rung_began() -> None:
    of = on_rung("if not satisfied: {to: next rung, after: 5 working days}")
    answered = [*UP, (1, "answers")]
    refused(of, [*answered, (4, "goes up to head of service")])
    assert accepted(of, [*answered, (5, "goes up to head of service")]) == NEXT


def test_an_automatic_rule_can_wait_too() -> None:
    of = on_rung("if not satisfied: {to: next rung, after: 5 working days, strength: automatic}")
    (passing,) = [s for s in of.states.values() if s.kind == "passing"]
    assert passing.owner == ()
    waits = [*UP, (1, "answers"), (2, "is not satisfied")]
    assert accepted(of, waits) == passing.name
    refused(of, [*waits, (4, "goes up to head of service")])
    assert accepted(of, [*waits, (5, "goes up to head of service")]) == NEXT
    (move,) = moves(of, passing.name)
    assert (move.actor, move.strength) == ("time", "automatic")


def test_several_rules_that_wait_have_a_state_each() -> None:
    of = on_rung(
        """
        answers: {all of: [Team Manager, Panel]}
        if not satisfied:
          - {to: next rung, after: 5 working days, strength: automatic, when: not urgent}
          - {to: top rung, after: 3 working days, strength: automatic, when: urgent}
        if divided: {to: director, after: 4 working days, strength: automatic}
        """
    )
    assert len([s for s in of.states.values() if s.kind == "passing"]) == 3
    waits = [*UP, (1, "answers"), (1, "is not satisfied")]
    assert accepted(of, [*waits, (5, "goes up to head of service")]) == NEXT
    urgent = {"urgent": True}
    assert accepted(of, [*waits, (3, "goes up to director")], urgent).startswith("director")
    refused(of, [*waits, (2, "goes up to director")], urgent)
    apart = [*UP, (1, "do not agree with each other")]
    assert accepted(of, [*apart, (4, "goes up to director")]).startswith("director")
    refused(of, [*apart, (3, "goes up to director")])


@pytest.mark.parametrize(
    "more",
    [
        "or less: what the child needs",
        "agreed by: [raiser, Team Manager]",
        "set by: IRO",
        "set by: raiser",
        "set by: Team Manager",
    ],
)
def test_the_smaller_of_a_number_and_what_is_set_in_the_case(more: str) -> None:
    of = on_rung(f"within: {{at most: 5 working days, {more}, source: 2 ¶2}}")
    name = "the window of team manager as set in the case"
    for chosen, days in ((None, 5), (8, 5), (3, 3)):
        assert limit(of, WAITING, {name: chosen}) == days
    assert accepted(of, [*UP, (3, "no answer in time")], {name: 3}) == SILENT
    refused(of, UP, {name: 3}, until=4)


@pytest.mark.parametrize(("who", "at_once"), [("IRO", True), ("Team Manager", False)])
def test_a_raiser_who_acts_at_once_also_sets_short_times(who: str, at_once: bool) -> None:
    of = on_rung(f"within: {{at most: 5 working days, set by: {who}, source: 2 ¶2}}")
    assert (of.states[WAITING].prompt is ZERO) is at_once
    assert value(of, of.states[WAITING].prompt) == (0 if at_once else 5)


def test_an_agreed_time_without_a_number() -> None:
    of = on_rung("within: {at most: unstated, agreed by: [raiser, Team Manager], source: 2 ¶2}")
    assert limit(of, WAITING) is None
    refused(of, UP, {"the window of team manager": 4}, until=5)


def test_a_window_can_depend_on_severity() -> None:
    of = on_rung("within: {urgent: 1 working day, otherwise: 5 working days}")
    assert limit(of, WAITING, {"urgent": True}) == 1
    assert limit(of, WAITING, {"urgent": False}) == 5
    refused(of, UP, {"urgent": True}, until=2)
    assert accepted(of, UP, {"urgent": False}, until=2) == WAITING


def test_several_levels_of_priority_are_cases_from_top_to_bottom() -> None:
    of = on_rung(
        """
        within:
          at risk of harm: immediately
          urgent: 48 hours
          otherwise: 5 working days
        """
    )
    both = {"at risk of harm": True, "urgent": True}
    assert limit(of, WAITING, both) == 0
    assert limit(of, WAITING, {"urgent": True}) == span(48, "hours")[1]
    assert limit(of, WAITING) == 5


# --- time: clocks -------------------------------------------------------------------------------


def clock(starts: str, more: str = "") -> StateGraph:
    return on_rung(f"clock: {{starts: {starts}{more}, source: 2 ¶2}}")


def test_a_clock_starts_with_sending_unless_it_says_otherwise() -> None:
    assert limit(graph(), WAITING) == limit(clock("sending"), WAITING) == 5
    assert "team manager: sent" not in clock("sending").states


@pytest.mark.parametrize("event", ["receipt", "acknowledgement", "review", "conference"])
def test_a_clock_can_wait_for_an_event(event: str) -> None:
    of = clock(event, ", within: 2 working days")
    sent = of.states["team manager: sent"]
    assert (sent.kind, sent.owner, limit(of, sent.name)) == ("sent", ("Team Manager",), 2)
    assert accepted(of, UP) == sent.name
    refused(of, UP, until=3)
    started = [*UP, (2, "the clock of team manager starts")]
    assert accepted(of, started, until=7) == WAITING
    refused(of, started, until=8)


def test_an_event_without_a_time_of_its_own_may_take_any_time() -> None:
    of = clock("receipt")
    assert accepted(of, UP, until=500) == "team manager: sent"
    refused(of, UP, {"the time until the clock of team manager starts": 1}, until=2)


def test_a_clock_from_raising_counts_what_the_rungs_below_took() -> None:
    of = clock("raising")
    (budget,) = of.budgets
    assert not budget.is_total and budget.cuts == {WAITING}
    begun = [(0, "raises it at informal talk"), (3, "answers"), (4, "goes up to team manager")]
    assert accepted(of, [*begun, (5, "no answer in time")]) == SILENT
    assert "day 5 at the latest" in refused(of, begun, until=6)
    late = [(0, "raises it at informal talk"), (9, "answers"), (9, "goes up to team manager")]
    assert accepted(of, [*late, (9, "no answer in time")]) == SILENT


def test_a_clock_from_the_formal_start_leaves_informal_time_out() -> None:
    place = "ladders › dispute › rungs › head of service"
    of = graph("clock: {starts: formal start, source: 2 ¶3}", place)
    begun = [
        (0, "raises it at informal talk"),
        (9, "answers"),
        (9, "goes up to team manager"),
        (12, "answers"),
        (12, "goes up to head of service"),
    ]
    assert accepted(of, begun, until=14) == NEXT
    refused(of, begun, until=15)


def test_a_clock_from_the_previous_rung_counts_the_time_to_decide() -> None:
    place = "ladders › dispute › rungs › head of service"
    of = graph("clock: {starts: previous rung, source: 2 ¶3}", place)
    (budget,) = of.budgets
    assert set(budget.counts) == {ANSWERED, SILENT} | {
        s.name for s in of.rung_states("head of service")
    }
    begun = [*UP, (4, "answers"), (6, "goes up to head of service")]
    assert accepted(of, [*begun, (9, "no answer in time")]) == "head of service: no answer in time"
    assert "day 9 at the latest" in refused(of, begun, until=10)
    silent = [*UP, (5, "no answer in time"), (6, "goes up to head of service")]
    refused(of, silent, until=11)
    assert accepted(of, silent, until=10) == NEXT


def test_a_clock_from_the_previous_rung_begins_anew_when_that_is_answered_again() -> None:
    of = graph(
        "rungs:\n"
        "  team manager: {if partly satisfied: {to: same rung}}\n"
        "  head of service: {clock: {starts: previous rung, source: 2 ¶3}}"
    )
    (budget,) = of.budgets
    assert budget.begins == {ANSWERED, SILENT}
    again = [
        *UP, (1, "answers"), (4, "partly satisfied, stays at team manager"), (6, "answers"),
        (7, "goes up to head of service"),
    ]  # fmt: skip
    assert accepted(of, again, until=11) == NEXT, "five days from the second answer, on day 6"
    assert "day 11 at the latest" in refused(of, again, until=12)


def test_what_is_brought_back_has_totals_of_its_own() -> None:
    of = graph(
        "totals: {all: {at most: 6 working days, covers: formal rungs, effect: cap, source: x}}\n"
        "resolution: {within: unstated, if not kept: {to: team manager}, source: 4 ¶3}"
    )
    back = [
        *UP, (4, "answers"), (4, "is satisfied"), (9, "does not carry out what was agreed"),
        (9, "brings it back at team manager"),
    ]  # fmt: skip
    assert accepted(of, back, until=14) == WAITING
    assert "day 14 at the latest" in refused(of, back, until=15)


@pytest.mark.parametrize(("counts", "days"), [("the day after", 5), ("the same day", 4)])
def test_the_starting_day_can_count(counts: str, days: int) -> None:
    of = clock("sending", f", counts from: {counts}")
    assert limit(of, WAITING) == days
    refused(of, UP, until=days + 1)


def test_a_clock_that_never_starts_leaves_no_limit() -> None:
    of = clock("never")
    assert limit(of, WAITING) is None
    assert of.clocks["team manager"] is FALSE
    assert "time has run out" in refused(of, [*UP, (99, "no answer in time")])


@pytest.mark.parametrize("word", ["unstated", "unknown"])
def test_an_open_start_of_a_clock_is_noted(word: str) -> None:
    assert clock(word).clocks["team manager"] is FALSE
    assert clock("sending").clocks["team manager"] is TRUE
    by_case = clock("{typical = limit: sending, typical = norm: " + word + "}")
    assert value(by_case, by_case.clocks["team manager"], {"typical": "limit"}) is True
    assert value(by_case, by_case.clocks["team manager"], {"typical": "norm"}) is False


def test_the_start_of_a_clock_can_depend_on_a_reading() -> None:
    of = clock("{typical = limit: sending, typical = norm: receipt}", ", within: 1 working day")
    assert accepted(of, UP, {"typical": "limit"}) == WAITING
    assert accepted(of, UP, {"typical": "norm"}) == "team manager: sent"


# --- time: the raiser's own deadlines, and duties after it is settled ----------------------------


def decide(missed: str) -> StateGraph:
    return graph(f"decide: {{within: 2 working days, if missed: {missed}, source: 2 ¶8}}")


def test_a_missed_deadline_of_the_raiser_can_end_the_dispute() -> None:
    of = decide("lapses")
    answered = [*UP, (1, "answers")]
    assert limit(of, ANSWERED) == 2
    assert accepted(of, [*answered, (3, "goes up to head of service")]) == NEXT
    refused(of, answered, until=4)
    assert accepted(of, [*answered, (3, "the time to decide passes")]) == "lapsed"
    assert "time has run out" in refused(of, [*answered, (2, "the time to decide passes")])
    silent = [*UP, (5, "no answer in time"), (7, "the time to decide passes")]
    assert accepted(of, silent) == "lapsed"


def test_a_missed_deadline_of_the_raiser_can_be_taken_for_agreement() -> None:
    of = decide("resolved")
    passed = [*UP, (1, "answers"), (3, "the time to decide passes")]
    assert accepted(of, passed) == "resolved"
    assert accepted(of, [*passed, (9, "carries out what was agreed")]) == "put right"
    assert (
        accepted(of, [*UP, (5, "no answer in time"), (7, "the time to decide passes")])
        == "resolved"
    )
    refused(of, passed[:-1], until=4)
    assert not moves(decide("lapses"), "resolved", "missed") and "lapsed" not in of.states


def test_a_missed_deadline_of_the_raiser_can_cost_nothing() -> None:
    of = decide("nothing")
    late = f"{ANSWERED}, and the time to decide has passed"
    assert (of.states[late].kind, of.states[late].limit) == ("late", NO_LIMIT)
    passed = [*UP, (1, "answers"), (3, "the time to decide passes")]
    assert accepted(of, passed, until=30) == late
    assert accepted(of, [*passed, (30, "goes up to head of service")]) == NEXT
    assert accepted(of, [*passed, (30, "is satisfied")]) == "resolved"
    assert {m.name for m in moves(of, late)} | {"the time to decide passes"} == {
        m.name for m in moves(of, ANSWERED)
    }


@pytest.mark.parametrize("word", ["unstated", "unknown"])
def test_where_the_text_does_not_say_what_a_missed_deadline_costs_both_are_kept(word: str) -> None:
    of = decide(word)
    passed = [*UP, (1, "answers"), (3, "the time to decide passes")]
    name = "a missed time to decide"
    plain, other = "the raiser may still decide", "the dispute lapses"
    assert accepted(of, passed).endswith("has passed")
    assert accepted(of, passed, {name: plain}).endswith("has passed")
    assert accepted(of, passed, {name: other}) == "lapsed"


def test_an_unstated_time_to_decide_lapses_never() -> None:
    of = graph("decide: {within: unstated, if missed: lapses, source: 2 ¶8}")
    assert not moves(of, kind="missed")
    assert accepted(of, [*UP, (0, "answers")], until=99) == ANSWERED


def test_carrying_out_what_was_agreed_has_a_clock() -> None:
    of = graph("resolution: {within: 10 working days, if not kept: unstated, source: 4 ¶3}")
    settled = [*UP, (1, "answers"), (1, "is satisfied")]
    assert limit(of, "resolved") == 10
    assert accepted(of, settled, until=11) == "resolved"
    refused(of, settled, until=12)
    assert accepted(of, [*settled, (11, "carries out what was agreed")]) == "put right"


def test_duties_after_it_is_settled_have_clocks_of_their_own() -> None:
    of = graph(
        """
        duties:
          - who: IRO
            does: tells the child
            whom: Child
            at step: resolution
            within: 3 working days
            strength: must
            when: at risk of harm
            source: 4 ¶2
        """
    )
    ((duty, owed),) = of.duties
    assert words(owed) == "at risk of harm"
    assert duty.within is not None
    (case,) = duty.within.cases
    assert isinstance(case.value, Length) and (case.value.amount, case.value.unit) == (
        3,
        "working days",
    )
    for move in moves(of, kind="satisfied"):
        (mark,) = move.marks
        assert (mark.who, mark.how, mark.citation) == ("IRO", "tells the child Child", "4 ¶2")
        assert words(mark.guard) == "at risk of harm"
    assert not any(m.marks for m in moves(of, kind="escalate"))


@pytest.mark.parametrize(
    ("step", "kinds"),
    [
        ("start", {"raise"}),
        ("informal stage", {"raise"}),
        ("formal start", {"escalate"}),
        ("each stage", {"raise", "escalate"}),
        ("escalation", {"escalate"}),
        ("silence", {"silence"}),
        ("top", {"exhaust"}),
        ("resolution", {"satisfied"}),
        ("end", {"satisfied", "exhaust", "kept"}),
        ("any time", set()),
    ],
)
def test_the_steps_of_duties_are_moves(step: str, kinds: set[str]) -> None:
    of = graph(f"duties: [{{who: raiser, does: records, at step: {step}, source: 4 ¶1}}]")
    marked = [m for m in of.moves if any(k.how == "records" for k in m.marks)]
    assert {m.kind for m in marked} == kinds
    if step == "formal start":  # from the informal part into the formal one, and only there
        assert {m.source for m in marked} == {
            "informal talk: answered",
            "informal talk: no answer in time",
        }


# --- people -------------------------------------------------------------------------------------


def test_any_of_several_officers_can_answer() -> None:
    of = on_rung("answers: {any of: [Team Manager, Panel]}")
    assert of.states[WAITING].owner == ("Team Manager", "Panel")
    assert of.officers["team manager"] == ((TRUE, ("Team Manager", "Panel")),)
    assert [m.actor for m in moves(of, WAITING, "answer")] == ["Team Manager", "Panel"]
    assert [m.actor for m in moves(of, SILENT, "late answer")] == ["Team Manager", "Panel"]
    assert "team manager: divided" not in of.states


ALL_OF = "answers: {all of: [Team Manager, Panel]}\nif divided: "


def test_all_of_several_officers_answer_together_or_are_divided() -> None:
    of = on_rung(ALL_OF + "{to: top rung, strength: must}")
    divided = of.states["team manager: divided"]
    assert divided.kind == "divided" and of.states[WAITING].owner == ("Team Manager", "Panel")
    apart = [*UP, (2, "do not agree with each other")]
    up = [*apart, (2, "goes up to director")]
    assert accepted(of, up) == "director: awaiting an answer"
    assert {m.strength for m in moves(of, divided.name, "escalate")} == {"must"}


@pytest.mark.parametrize("word", ["unstated", "unknown", "nothing"])
def test_where_nothing_is_said_of_a_divided_verdict_no_move_follows(word: str) -> None:
    of = on_rung(ALL_OF + word)
    assert moves(of, "team manager: divided") == []


def test_all_of_needs_a_word_about_a_divided_verdict() -> None:
    with pytest.raises(PolicyError):
        on_rung("answers: {all of: [Team Manager, Panel]}")


def test_who_answers_can_depend_on_a_reading() -> None:
    of = on_rung("answers: {typical = limit: Team Manager, typical = norm: unknown}")
    (first, second) = of.officers["team manager"]
    assert (first[1], second[1]) == (("Team Manager",), ("unknown",))
    answers = {m.actor: m.guard for m in moves(of, WAITING, "answer")}
    assert answers == {"Team Manager": first[0], "unknown officer": second[0]}
    assert value(of, first[0], {"typical": "limit"}) is True
    assert value(of, second[0], {"typical": "limit"}) is False


def test_sender_answerer_and_closer_can_be_three_people() -> None:
    of = on_rung("sends: IRO Manager\ncloses: Panel")
    (up,) = moves(of, "informal talk: answered", "escalate")
    assert (up.actor, up.side) == ("IRO Manager", "others")
    assert moves(of, WAITING, "answer")[0].actor == "Team Manager"
    (settled,) = moves(of, ANSWERED, "satisfied")
    assert (settled.actor, settled.side, settled.target) == ("Panel", "others", "resolved")
    assert not [m for m in moves(of, ANSWERED) if m.name == "is satisfied"]


def test_the_sender_also_sends_it_to_the_first_rung() -> None:
    of = graph("sends: IRO Manager", "ladders › dispute › rungs › informal talk")
    (move,) = moves(of, of.start, "raise")
    assert (move.actor, move.side) == ("IRO Manager", "others")


def test_an_unstated_sender_is_somebody_not_named() -> None:
    (up,) = moves(on_rung("sends: unstated"), "informal talk: answered", "escalate")
    assert (up.actor, up.side) == ("somebody not named", "others")


def test_a_rule_can_name_who_takes_it_on() -> None:
    of = on_rung("if not satisfied: {to: next rung, by: IRO Manager}")
    (up,) = moves(of, ANSWERED, "escalate")
    assert up.actor == "IRO Manager"


def test_the_answerer_can_settle_it() -> None:
    of = on_rung("closes: answerer")
    (settled,) = moves(of, ANSWERED, "satisfied")
    assert settled.actor == "Team Manager"


def test_where_it_is_not_said_who_must_be_satisfied_both_are_kept() -> None:
    of = on_rung("closes: unstated")
    actors = {m.actor: m for m in moves(of, ANSWERED, "satisfied")}
    assert set(actors) == {"raiser", "Team Manager"}
    name = "who must be satisfied"
    assert value(of, actors["Team Manager"].guard) is False  # the plain filling is the raiser
    assert value(of, actors["Team Manager"].guard, {name: "answerer"}) is True
    assert value(of, actors["raiser"].guard, {name: "answerer"}) is False


def test_a_substitute_answers_where_the_post_does_not_exist() -> None:
    of = on_rung("substitute: Panel")
    assert of.states[WAITING].owner == ("Team Manager", "Panel")


HAND_OVER = """
hand over:
  - to: Panel
    agreed by: [raiser, IRO Manager]
    from: any formal rung
    within: 10 working days
    closes: {closes}
    back: {back}
    source: 5 ¶4
"""


def test_a_change_of_owner_on_the_way() -> None:
    of = graph(HAND_OVER.replace("{closes}", "raiser").replace("{back}", "{to: raiser decides}"))
    held = of.states["with Panel (hand-over)"]
    assert (held.kind, held.owner, limit(of, held.name)) == ("handed over", ("Panel",), 10)
    sources = {of.states[m.source].rung for m in moves(of, kind="hand over")}
    assert sources == {"team manager", "head of service", "director"}
    asked = [*UP, (1, "proposes a hand-over"), (2, "agrees to it")]
    handed = [*asked, (2, "hands it over to Panel")]
    assert accepted(of, handed, until=12) == held.name
    refused(of, handed, until=13)
    assert accepted(of, [*handed, (5, "is satisfied")]) == "resolved"
    assert accepted(of, [*handed, (5, "takes it back to director")]).startswith("director")
    why = refused(of, [*UP, (1, "proposes a hand-over"), (1, "hands it over to Panel")])
    assert "has to wait" in why and "IRO Manager" in why


def test_what_was_handed_over_comes_back_to_where_it_came_from() -> None:
    closes = HAND_OVER.replace("{closes}", "raiser")
    handed = [*UP, (1, "proposes a hand-over"), (2, "agrees to it"), (2, "hands it over to Panel")]
    for word, rung in (("same rung", "team manager"), ("next rung", "head of service")):
        of = graph(closes.replace("{back}", f"{{to: {word}, by: raiser}}"))
        assert accepted(of, handed, until=12) == "with Panel (hand-over), from team manager"
        refused(of, handed, until=13)
        assert accepted(of, [*handed, (5, f"takes it back to {rung}")]).startswith(rung)
        here = moves(of, "with Panel (hand-over), from team manager", "take back")
        assert {of.states[m.target].rung for m in here} == {rung}
    assert "with Panel (hand-over)" not in of.states, "it is open from the rungs only"


def test_a_hand_over_that_others_agree_on_without_the_raiser() -> None:
    fragment = HAND_OVER.replace("{closes}", "Panel").replace("{back}", "unstated")
    of = graph(fragment.replace("[raiser, IRO Manager]", "[IRO Manager, Director]"))
    assert {m.actor for m in moves(of, kind="hand over")} == {"IRO Manager"}
    assert [g.owner for g in gates(of)] == [("Director",)]


def test_a_hand_over_without_a_way_back() -> None:
    of = graph(HAND_OVER.replace("{closes}", "Panel").replace("{back}", "unstated"))
    (only,) = moves(of, "with Panel (hand-over)")
    assert (only.actor, only.target) == ("Panel", "resolved")


def test_raisers_differ_in_scope_highest_rung_and_gates() -> None:
    of = on_rung(
        """
        to leave:
          - {who: IRO Manager, how: approves, when: raiser = Conference Chair, source: 2 ¶7}
        """
    )
    chair = {"raiser": "Conference Chair", "child": "child on a protection plan"}
    up = [*UP, (1, "answers"), (1, "goes up to head of service")]
    assert accepted(of, up) == NEXT
    assert "not open" in refused(of, up, chair)
    asked = [*UP, (1, "answers"), (1, "asks IRO Manager: goes up to head of service")]
    agreed = [*asked, (2, "agrees: goes up to head of service")]
    assert accepted(of, agreed, chair) == NEXT
    # the highest rung: the director for an IRO, the head of service for a chair
    answered = [(2, "answers"), (2, "goes up to director")]
    assert accepted(of, [*up, *answered]) == "director: awaiting an answer"
    refused(of, [*agreed, *answered], chair)
    assert value(of, of.reach_of["director"]) is True
    assert value(of, of.reach_of["director"], chair) is False
    assert value(of, of.top_of["head of service"], chair) is True
    # the scope
    with pytest.raises(ValueError, match="may not raise"):
        world(of, {"raiser": "Conference Chair", "child": "child in care"})
    wrong: dict[Symbol, Any] = {**world_of(of), of.raiser: "Conference Chair"}
    assert evaluate(of.domain, wrong) is False


def test_a_raiser_can_have_a_condition() -> None:
    of = graph(
        """
        raised by:
          - {who: IRO, for: child in care, up to: top, source: 1 ¶1}
          - who: Conference Chair
            for: child on a protection plan
            up to: top
            when: typical = norm
            source: 1 ¶2
        """
    )
    chair = {"raiser": "Conference Chair", "child": "child on a protection plan"}
    assert accepted(of, UP, {**chair, "typical": "norm"}) == WAITING
    refused(of, UP[:1], {**chair, "typical": "limit"})


def test_one_person_can_hold_two_posts() -> None:
    of = top(
        """
        people:
          Director:
            same person as: {typical = limit: Head of Service, typical = norm: nobody}
        """
    )
    held = dict((name, guard) for guard, name in of.same_person["Director"])
    assert value(of, held["Head of Service"], {"typical": "limit"}) is True
    assert value(of, held["nobody"], {"typical": "norm"}) is True


# --- involvement --------------------------------------------------------------------------------


def involving(how: str, more: str = "", key: str = "to leave") -> StateGraph:
    extra = f", {more}" if more else ""
    return on_rung(f"{key}: [{{who: IRO Manager, how: {how}, source: 2 ¶7{extra}}}]")


@pytest.mark.parametrize(
    ("how", "more"),
    [
        ("copied", ""),
        ("told after", ""),
        ("told before", ""),
        ("consulted before", "waits: no"),
        ("consulted before", ""),
    ],
)
def test_some_involvements_are_marks_and_nothing_waits(how: str, more: str) -> None:
    of = involving(how, more)
    assert gates(of) == [] and of.consents == ()
    for move in moves(of, kind="escalate"):
        from_here = move.source in (ANSWERED, SILENT)
        assert [(m.who, m.how) for m in move.marks] == ([("IRO Manager", how)] if from_here else [])


@pytest.mark.parametrize(
    ("how", "more", "agrees", "is_consent"),
    [
        ("approves", "", "agrees", True),
        ("decides jointly", "", "agrees", True),
        ("takes over", "", "agrees and takes it over", True),
        ("consulted before", "waits: yes", "gives a view", False),
    ],
)
def test_the_others_are_states_with_an_owner_and_a_limit(
    how: str, more: str, agrees: str, is_consent: bool
) -> None:
    of = involving(how, more + (", " if more else "") + "within: 3 working days")
    (gate,) = gates(of)
    assert gate.owner == ("IRO Manager",) and limit(of, gate.name) == 3
    (consent,) = of.consents
    assert (consent.how, consent.step, consent.is_consent) == (how, "escalate", is_consent)
    assert not moves(of, ANSWERED, "escalate")
    asked = [*UP, (1, "answers"), (1, "asks IRO Manager: goes up to head of service")]
    assert accepted(of, asked, until=4) == gate.name
    refused(of, asked, until=5)
    agreed = [*asked, (4, f"{agrees}: goes up to head of service")]
    assert accepted(of, agreed) == NEXT
    run = follow(of, agreed)
    assert run.refused is None
    (last,) = moves(of, gate.name, "escalate")
    assert [(m.who, m.how) for m in last.marks] == [("IRO Manager", how)]
    assert bool(moves(of, gate.name, "refused")) is is_consent


def test_the_time_of_a_gate_is_open_unless_it_is_stated() -> None:
    of = involving("approves")
    asked = [*UP, (0, "answers"), (0, "asks IRO Manager: goes up to head of service")]
    assert accepted(of, asked, until=999) == gates(of)[0].name
    name = "the time of IRO Manager (team manager to head of service)"
    assert [s.name for s in symbols(gates(of)[0].limit)] == [name]
    refused(of, asked, {name: 2}, until=3)


def test_whether_a_consultation_waits_can_be_open() -> None:
    of = involving("consulted before", "waits: unstated")
    name = "waiting for IRO Manager"
    at_once = [*UP, (0, "answers"), (0, "goes up to head of service")]
    assert accepted(of, at_once, {name: "no"}) == NEXT
    refused(of, at_once, {name: "yes"})
    asks = [*UP, (0, "answers"), (0, "asks IRO Manager: goes up to head of service")]
    assert accepted(of, asks, {name: "yes"}) == gates(of)[0].name
    assert accepted(of, at_once) == NEXT  # plainly it does not wait


def test_the_kind_of_involvement_can_depend_on_a_reading() -> None:
    of = involving("{typical = limit: approves, typical = norm: told after}")
    up = [*UP, (0, "answers"), (0, "goes up to head of service")]
    assert accepted(of, up, {"typical": "norm"}) == NEXT
    refused(of, up, {"typical": "limit"})


@pytest.mark.parametrize("word", ["unstated", "unknown", "nothing"])
def test_a_refusal_of_which_nothing_is_said_leads_nowhere(word: str) -> None:
    of = involving("approves", f"if refused: {word}, if silent: {word}")
    refusal = "team manager to head of service: IRO Manager does not agree"
    assert of.states[refusal].kind == "refused" and moves(of, refusal) == []


def test_a_refusal_and_a_silence_can_have_rules() -> None:
    of = involving(
        "approves",
        "within: 2 working days, if refused: {to: closed}, if silent: {to: raiser decides}",
    )
    asked = [*UP, (0, "answers"), (0, "asks IRO Manager: goes up to head of service")]
    refusal = [*asked, (1, "does not agree")]
    assert accepted(of, [*refusal, (1, "it is closed")]) == "closed"
    silence = [*asked, (2, "does not answer")]
    assert accepted(of, [*silence, (2, "goes up to head of service")]) == NEXT
    assert "time has run out" in refused(of, [*asked, (1, "does not answer")])


def test_several_people_are_asked_one_after_the_other() -> None:
    of = on_rung("to leave: [{who: [IRO Manager, Panel], how: approves, source: 2 ¶7}]")
    assert [g.owner for g in gates(of)] == [("IRO Manager",), ("Panel",)]
    asked = [*UP, (0, "answers"), (0, "asks IRO Manager: goes up to head of service")]
    both = [*asked, (1, "agrees"), (2, "agrees: goes up to head of service")]
    assert accepted(of, both) == NEXT


def test_an_involvement_in_coming_to_a_rung() -> None:
    of = involving("approves", key="involves")
    asked = [UP[0], (0, "answers"), (0, "asks IRO Manager: goes up to team manager")]
    assert accepted(of, [*asked, (0, "agrees: goes up to team manager")]) == WAITING


def test_a_gate_leads_to_the_state_that_the_reading_asks_for() -> None:
    of = on_rung(
        """
        clock: {starts: {typical = limit: sending, typical = norm: receipt}, source: 2 ¶2}
        involves: [{who: IRO Manager, how: approves, source: 2 ¶7}]
        """
    )
    agreed = [
        UP[0],
        (0, "answers"),
        (0, "asks IRO Manager: goes up to team manager"),
        (0, "agrees: goes up to team manager"),
    ]
    assert accepted(of, agreed, {"typical": "limit"}) == WAITING
    assert accepted(of, agreed, {"typical": "norm"}) == "team manager: sent"


@pytest.mark.parametrize(
    ("fragment", "step", "move"),
    [
        ("start: {involves: [ONE], source: 1 ¶1}", "start", "raises it at informal talk"),
        (
            "entry: [{at rung: lowest rung, source: 1 ¶4},"
            " {at rung: director, involves: [ONE], source: 1 ¶4}]",
            "entry",
            "raises it at director",
        ),
    ],
)
def test_an_involvement_before_it_is_raised(fragment: str, step: str, move: str) -> None:
    of = graph(fragment.replace("ONE", "{who: IRO Manager, how: approves, source: 1 ¶3}"))
    (consent,) = of.consents
    assert (consent.who, consent.step) == ("IRO Manager", step)
    assert not moves(of, of.start, name=move)
    asked = [(0, f"asks IRO Manager: {move}"), (3, f"agrees: {move}")]
    assert "awaiting an answer" in accepted(of, asked)


# --- outcomes -----------------------------------------------------------------------------------


def test_a_satisfied_raiser_settles_it() -> None:
    of = graph()
    (move,) = moves(of, ANSWERED, "satisfied")
    assert (move.actor, move.target) == ("raiser", "resolved")


def test_satisfaction_can_have_a_rule() -> None:
    of = on_rung("if satisfied: {to: closed}")
    assert accepted(of, [*UP, (0, "answers"), (0, "is satisfied: it is closed")]) == "closed"


def test_partly_is_as_not_unless_it_has_a_rule() -> None:
    assert not [m for m in moves(graph(), ANSWERED) if "partly" in m.name]
    of = on_rung("if partly satisfied: {to: same rung}")
    back = [*UP, (2, "answers"), (2, "partly satisfied, stays at team manager")]
    assert accepted(of, back, until=7) == WAITING
    assert moves(of, ANSWERED, "return")[0].target == WAITING


@pytest.mark.parametrize("word", ["unstated", "unknown", "nothing"])
def test_no_step_follows_an_answer_where_none_is_given(word: str) -> None:
    of = on_rung(f"if not satisfied: {word}")
    assert {m.kind for m in moves(of, ANSWERED)} == {"satisfied"}


def test_silence_can_mean_acceptance() -> None:
    of = on_rung("if silent: {to: resolved, strength: automatic}")
    (move,) = moves(of, WAITING, "accept")
    assert (move.actor, move.at_limit, move.target) == ("time", True, "resolved")
    assert SILENT not in of.states
    name = "no answer in time: it counts as settled"
    assert accepted(of, [*UP, (5, name)]) == "resolved"
    assert "time has run out" in refused(of, [*UP, (4, name)])


def test_silence_can_mean_that_it_goes_up_by_itself() -> None:
    of = on_rung("if silent: {to: next rung, strength: automatic}")
    (move,) = moves(of, WAITING, "escalate")
    assert (move.actor, move.side, move.strength) == ("time", "time", "automatic")
    assert accepted(of, [*UP, (5, "no answer in time: goes up to head of service")]) == NEXT


def test_silence_can_leave_the_choice_to_the_raiser() -> None:
    of = graph()
    silent = [*UP, (5, "no answer in time")]
    assert of.states[SILENT].side == "raiser"
    assert accepted(of, [*silent, (5, "goes up to head of service")]) == NEXT
    assert accepted(of, [*silent, (8, "answers late"), (8, "is satisfied")]) == "resolved"


@pytest.mark.parametrize("word", ["unstated", "unknown", "nothing"])
def test_silence_can_mean_nothing(word: str) -> None:
    of = on_rung(f"if silent: {word}")
    assert [m.kind for m in moves(of, SILENT)] == ["late answer"]


def test_what_silence_means_can_depend_on_a_reading() -> None:
    of = on_rung(
        """
        if silent:
          - {to: next rung, strength: automatic, when: silence = refusal}
          - {to: next rung, strength: may, when: silence = delay}
        """
    )
    by_itself = [*UP, (5, "no answer in time: goes up to head of service")]
    assert accepted(of, by_itself, {"silence": "refusal"}) == NEXT
    refused(of, by_itself, {"silence": "delay"})
    chosen = [*UP, (5, "no answer in time"), (5, "goes up to head of service")]
    assert accepted(of, chosen, {"silence": "delay"}) == NEXT
    refused(of, chosen[:-1], {"silence": "refusal"})


# --- moves --------------------------------------------------------------------------------------


def test_a_dispute_begins_at_the_lowest_rung_unless_an_entry_says_otherwise() -> None:
    assert [m.name for m in moves(graph(), kind="raise")] == ["raises it at informal talk"]


@pytest.mark.parametrize(
    ("entry", "rungs"),
    [
        ("{at rung: any rung, source: 1 ¶4}", 4),
        ("{at rung: [lowest rung, director], source: 1 ¶4}", 2),
        ("[{at rung: lowest rung, source: 1 ¶4}, {at rung: director, source: 1 ¶5}]", 2),
    ],
)
def test_entry_at_other_rungs(entry: str, rungs: int) -> None:
    assert len(moves(graph(f"entry: {entry}"), kind="raise")) == rungs


def test_entry_by_severity_and_by_subject() -> None:
    of = graph(
        """
        entry:
          - {at rung: lowest rung, source: 1 ¶4}
          - {at rung: director, when: at risk of harm, strength: must, source: 1 ¶5}
          - {at rung: team manager, when: child = child on a protection plan, source: 1 ¶6}
        """
    )
    director = [(0, "raises it at director")]
    assert accepted(of, director, {"at risk of harm": True}) == "director: awaiting an answer"
    refused(of, director)
    assert moves(of, name="raises it at director")[0].strength == "must"
    manager = [(0, "raises it at team manager")]
    assert accepted(of, manager, {"raiser": "Conference Chair"}) == WAITING
    refused(of, manager)


def test_an_entry_can_be_for_some_raisers() -> None:
    lowest = "{at rung: lowest rung, by: Conference Chair, source: 1 ¶4}"
    of = graph(f"entry: [{{at rung: any rung, by: IRO, source: 1 ¶4}}, {lowest}]")
    assert accepted(of, [(0, "raises it at director")]) == "director: awaiting an answer"
    refused(of, [(0, "raises it at team manager")], {"raiser": "Conference Chair"})


def test_a_start_can_have_a_condition() -> None:
    of = graph("start: {when: at risk of harm, source: 1 ¶1}")
    assert accepted(of, UP[:1], {"at risk of harm": True}).startswith("informal")
    refused(of, UP[:1])


def skip(to: str, more: str = "", from_: str = "any rung") -> StateGraph:
    extra = f", {more}" if more else ""
    return graph(f"skip: [{{to: {to}, from: {from_}, source: 2 ¶6{extra}}}]")


@pytest.mark.parametrize(
    ("to", "targets"),
    [
        ("any later rung", {"team manager", "head of service", "director"}),
        ("any later rung but the next", {"head of service", "director"}),
        ("next rung", {"team manager"}),
        ("next but one", {"head of service"}),
        ("director", {"director"}),
    ],
)
def test_where_a_skip_can_lead(to: str, targets: set[str]) -> None:
    of = skip(to, from_="informal talk")
    skips = moves(of, "informal talk: awaiting an answer", "skip")
    assert {of.states[m.target].rung for m in skips} == targets
    here = [UP[0], (0, f"skips to {max(targets)}")]
    assert accepted(of, here) == f"{max(targets)}: awaiting an answer"


@pytest.mark.parametrize(
    ("place", "sources"),
    [
        ("any rung", {"informal talk", "team manager", "head of service"}),
        ("any state", {"informal talk", "team manager", "head of service"}),
        ("any formal rung", {"team manager", "head of service"}),
        ("any informal rung", {"informal talk"}),
        ("team manager", {"team manager"}),
    ],
)
def test_where_a_skip_can_begin(place: str, sources: set[str]) -> None:
    of = skip("any later rung", from_=place)
    assert {of.states[m.source].rung for m in moves(of, kind="skip")} == sources


def test_a_skip_from_silent_rungs_only() -> None:
    of = skip("any later rung", from_="any silent rung")
    assert {of.states[m.source].kind for m in moves(of, kind="skip")} == {"overdue"}


def test_a_skip_can_have_a_guard_a_strength_and_an_actor() -> None:
    of = skip("any later rung", "when: urgent, strength: must, by: IRO")
    up = [UP[0], (0, "skips to director")]
    assert accepted(of, up, {"urgent": True}) == "director: awaiting an answer"
    refused(of, up)
    chair: Case = {"urgent": True, "raiser": "Conference Chair"}
    refused(of, [UP[0], (0, "skips to team manager")], chair)
    assert {m.strength for m in moves(of, kind="skip")} == {"must"}


def test_a_skip_to_the_top_leads_as_high_as_the_raiser_may_go() -> None:
    of = skip("top rung", "by: raiser", from_="informal talk")
    assert accepted(of, [UP[0], (0, "skips to director")]) == "director: awaiting an answer"
    chair: Case = {"raiser": "Conference Chair"}
    refused(of, [UP[0], (0, "skips to director")], chair)
    top = accepted(of, [UP[0], (0, "skips to head of service")], chair)
    assert top == "head of service: awaiting an answer"
    refused(of, [UP[0], (0, "skips to head of service")])
    both = skip("[top rung, team manager]", from_="informal talk")
    for above in ("team manager", "director"):
        assert accepted(both, [UP[0], (0, f"skips to {above}")]) == f"{above}: awaiting an answer"


@pytest.mark.parametrize(
    ("power", "said"),
    [
        ("refer: {to: CAFCASS, by: %s, from: any state, effect: beside, source: x}",
         "refers it to CAFCASS"),
        ("advice: {from: lawyers, by: %s, independent: yes, source: x}", "takes legal advice"),
    ],
)  # fmt: skip
def test_whoever_raised_it_can_be_named_so(power: str, said: str) -> None:
    chair: Case = {"raiser": "Conference Chair"}
    steps = [*UP[:1], (0, said)]
    for case in (None, chair):
        assert follow(graph(power % "raiser"), steps, case).refused is None
    assert follow(graph(power % "IRO"), steps, chair).refused is not None


def test_a_skip_by_somebody_who_raises_no_disputes_is_theirs() -> None:
    of = skip("director", "by: IRO Manager")
    assert {(m.actor, m.side) for m in moves(of, kind="skip")} == {("IRO Manager", "others")}


def test_leave_to_skip_is_asked_beside_the_ladder_and_used_up() -> None:
    of = skip(
        "director",
        "involves: [{who: IRO Manager, how: approves, within: 2 working days, source: 2 ¶6}]",
    )
    assert set(of.tracks) == {"leave to skip"}
    asked = [*UP, (0, "asks for leave to skip")]
    assert accepted(of, [*asked, (1, "answers")]) == ANSWERED  # meanwhile the ladder goes on
    granted = [*asked, (2, "agrees to it"), (3, "skips to director")]
    assert accepted(of, granted) == "director: awaiting an answer"
    assert follow(of, granted).tokens["leave to skip"].state == "leave to skip: not asked"
    assert "has to wait" in refused(of, [*asked, (1, "skips to director")])
    refused(of, asked, until=3)  # the manager's two days
    again = [*asked, (2, "does not answer"), (3, "asks for leave to skip")]
    assert follow(of, again).refused is None


def test_leave_is_asked_for_only_where_somebody_has_to_give_it() -> None:
    of = skip(
        "director",
        "involves: [{who: IRO Manager, how: approves, when: typical = limit, source: 2 ¶6}]",
    )
    at_once = [*UP, (0, "skips to director")]
    assert accepted(of, at_once, {"typical": "norm"}) == "director: awaiting an answer"
    refused(of, at_once, {"typical": "limit"})
    asked = [*UP, (0, "asks for leave to skip"), (0, "agrees to it"), (0, "skips to director")]
    assert accepted(of, asked, {"typical": "limit"}) == "director: awaiting an answer"
    refused(of, asked[:-2], {"typical": "norm"})


def test_more_time_is_asked_for_only_where_somebody_has_to_grant_it() -> None:
    of = extension(
        granter="nobody",
        more="involves: [{who: Panel, how: approves, when: typical = limit, source: 2 ¶10}]",
    )
    taken = [*UP, (4, "takes more time")]
    assert accepted(of, taken, {"typical": "norm"}) == "team manager: more time"
    refused(of, taken, {"typical": "limit"})
    asked = [*UP, (4, "asks for more time"), (4, "agrees to it"), (4, "takes more time")]
    assert accepted(of, asked, {"typical": "limit"}) == "team manager: more time"


def test_branches_lead_to_different_rungs() -> None:
    of = on_rung(
        """
        if not satisfied:
          - {to: director, when: at risk of harm}
          - {to: head of service, when: not at risk of harm}
          - {to: lowest rung, strength: should}
        """
    )
    answered = [*UP, (0, "answers")]
    harm = {"at risk of harm": True}
    assert accepted(of, [*answered, (0, "goes up to director")], harm).startswith("director")
    refused(of, [*answered, (0, "goes up to director")])
    assert accepted(of, [*answered, (0, "goes up to head of service")]) == NEXT
    back = accepted(of, [*answered, (0, "goes back down to informal talk")])
    assert back == "informal talk: awaiting an answer"
    assert {m.kind for m in moves(of, ANSWERED)} == {"satisfied", "escalate"}


def test_a_panel_can_be_a_rung() -> None:
    of = graph(
        """
        rungs:
          director:
            if not satisfied: {to: next rung}
          panel:
            answers: Panel
            counts: formal
            within: 10 working days
            meeting: The panel meets those concerned.
            if not satisfied: unstated
            if silent: unstated
            source: 2 ¶5
        """
    )
    assert of.states["panel: awaiting an answer"].owner == ("Panel",)
    assert value(of, of.top_of["panel"]) is True
    assert moves(of, "director: answered", "escalate")[0].target == "panel: awaiting an answer"


def test_a_meeting_inside_a_rung_is_kept_and_changes_no_move() -> None:
    of = on_rung("meeting: They meet face to face.")
    assert of.ladder.rungs["team manager"].meeting == "They meet face to face."
    assert [m.name for m in of.moves] == [m.name for m in graph().moves]


EXTENSION = """
extension:
  - asked by: answerer
    granted by: {granter}
    each: 5 working days
    times: {times}
    at rung: any formal rung
    {more}
    source: 2 ¶10
"""


def extension(
    granter: str = "raiser", times: str = "1", more: str = "kind: more time"
) -> StateGraph:
    fragment = EXTENSION.replace("{granter}", granter).replace("{times}", times)
    return graph(fragment.replace("{more}", more))


ASKS: list[tuple[int, str]] = [
    *UP,
    (4, "asks for more time"),
    (5, "agrees to it"),
    (5, "takes more time"),
]


def test_an_extension_is_asked_for_granted_and_a_new_window() -> None:
    of = extension()
    assert accepted(of, ASKS, until=10) == "team manager: more time"
    assert "day 10 at the latest" in refused(of, ASKS, until=11)
    assert accepted(of, [*ASKS, (10, "no answer in time")]) == SILENT
    assert "has to wait" in refused(of, [*UP, (4, "asks for more time"), (5, "takes more time")])
    (move,) = moves(of, WAITING, "extend")
    assert (move.side, move.needs) == ("raiser", "more time")
    assert not moves(of, "informal talk: awaiting an answer", "extend")


@pytest.mark.parametrize("times", [1, 2, 3])
def test_a_bounded_number_of_extensions(times: int) -> None:
    of = extension(times=str(times))
    steps = list(UP)
    for turn in range(times):
        day = 5 * turn + 5
        steps += [(day, "asks for more time"), (day, "agrees to it"), (day, "takes more time")]
    end = 5 * times + 5
    assert accepted(of, steps, until=end).startswith("team manager: more time")
    refused(of, steps, until=end + 1)
    state = accepted(of, steps)
    assert not moves(of, state, "extend")  # and no more


@pytest.mark.parametrize("times", ["unstated", "unknown", "no limit"])
def test_extensions_without_bound(times: str) -> None:
    of = extension(times=times)
    (again,) = moves(of, "team manager: more time", "extend")
    assert again.source == again.target
    steps = list(ASKS)
    for day in (10, 15, 20):
        steps += [(day, "asks for more time"), (day, "agrees to it"), (day, "takes more time")]
    assert accepted(of, steps, until=25) == "team manager: more time"
    refused(of, steps, until=26)


def test_more_time_taken_as_of_right() -> None:
    of = extension(granter="nobody")
    assert of.tracks == {}
    (move,) = moves(of, WAITING, "extend")
    assert (move.actor, move.side, move.needs) == ("Team Manager", "others", None)
    assert accepted(of, [*UP, (5, "takes more time")], until=10) == "team manager: more time"


def test_an_extension_that_others_grant() -> None:
    of = extension(
        granter="IRO Manager", more="involves: [{who: Panel, how: approves, source: 2 ¶10}]"
    )
    assert [g.owner for g in gates(of)] == [("IRO Manager",), ("Panel",)]
    assert moves(of, WAITING, "extend")[0].side == "others"


def test_officers_can_be_divided_in_more_time_too() -> None:
    of = graph(
        EXTENSION.replace("{granter}", "nobody")
        .replace("{times}", "1")
        .replace("{more}", "kind: more time")
        + "rungs:\n  team manager:\n    answers: {all of: [Team Manager, Panel]}\n"
        + "    if divided: {to: top rung}"
    )
    apart = [*UP, (5, "takes more time"), (9, "do not agree with each other")]
    assert accepted(of, [*apart, (9, "goes up to director")]) == "director: awaiting an answer"


def test_a_meeting_can_make_the_rung_wait() -> None:
    of = extension(more="kind: meeting\n    when: urgent\n    strength: should")
    taken = [*UP, (1, "asks for meeting"), (1, "agrees to it"), (1, "takes meeting")]
    assert accepted(of, taken, {"urgent": True}) == "team manager: meeting"
    refused(of, taken[:-2])
    assert {m.strength for m in moves(of, kind="extend")} == {"should"}


def test_a_total_also_cuts_extensions_short() -> None:
    of = graph(
        BUDGET.replace("{effect}", "cap")
        + EXTENSION.replace("{granter}", "raiser")
        .replace("{times}", "1")
        .replace("{more}", "kind: more time")
    )
    assert accepted(of, ASKS, until=7) == "team manager: more time"
    refused(of, ASKS, until=8)


def test_withdrawal_by_the_raiser() -> None:
    of = graph("withdraw: {by: raiser, when: not urgent, source: 2 ¶11}")
    assert accepted(of, [*UP, (2, "withdraws it")]) == "withdrawn"
    refused(of, [*UP, (2, "withdraws it")], {"urgent": True})
    assert not moves(of, "resolved", "withdraw")


def test_withdrawal_by_some_raisers_only() -> None:
    of = graph("withdraw: {by: IRO, source: 2 ¶11}")
    assert accepted(of, [*UP, (2, "withdraws it")]) == "withdrawn"
    refused(of, [*UP, (2, "withdraws it")], {"raiser": "Conference Chair"})


def test_withdrawal_by_somebody_else_is_no_power_of_the_raiser() -> None:
    of = graph("withdraw: {by: Child, strength: should, source: 2 ¶11}")
    assert {(m.actor, m.side, m.strength) for m in moves(of, kind="withdraw")} == {
        ("Child", "others", "should")
    }


@pytest.mark.parametrize("word", ["unstated", "none"])
def test_without_a_power_to_withdraw_there_is_none(word: str) -> None:
    assert not moves(graph(f"withdraw: {word}"), kind="withdraw")


RESOLUTION = """
resolution:
  {within: 10 working days, watched by: IRO Manager, if not kept: RULE, source: 4 ¶3}
"""


def test_an_agreement_that_is_not_kept_can_be_brought_back() -> None:
    of = graph(RESOLUTION.replace("RULE", "{to: director, strength: must}"))
    broken = [*UP, (1, "answers"), (1, "is satisfied"), (8, "does not carry out what was agreed")]
    assert of.states["agreement not kept"].owner == ("IRO Manager",)
    back = [*broken, (9, "brings it back at director")]
    assert accepted(of, back) == "director: awaiting an answer"
    (move,) = moves(of, kind="reopen")
    assert (move.strength, move.actor) == ("must", "raiser")


def test_it_can_be_brought_back_wherever_the_raiser_likes() -> None:
    of = graph(RESOLUTION.replace("RULE", "{to: raiser decides}"))
    targets = {of.states[m.target].rung for m in moves(of, kind="reopen")}
    assert targets == {"informal talk", "team manager", "head of service", "director"}


@pytest.mark.parametrize("word", ["unstated", "unknown", "nothing"])
def test_without_a_way_back_there_is_none(word: str) -> None:
    of = graph(RESOLUTION.replace("RULE", word))
    assert moves(of, "agreement not kept") == []


def test_a_move_into_another_ladder() -> None:
    of = on_rung("if not satisfied: [{to: next rung}, {to: ladder complaint}]")
    over = [*UP, (0, "answers"), (0, "goes on in ladder complaint")]
    assert accepted(of, over) == "goes on in ladder complaint"
    assert of.states["goes on in ladder complaint"].kind == "end"


def test_a_ladder_that_is_not_there_is_refused() -> None:
    with pytest.raises(PolicyError):
        on_rung("if not satisfied: {to: ladder of nobody}")


def test_ladders_side_by_side_are_two_graphs() -> None:
    protocol = policy("beside: complaint")
    one, two = (expand(protocol, name) for name in ("dispute", "complaint"))
    assert one.ladder.beside == ("complaint",)
    assert (one.name, two.name) == ("assembled/dispute", "assembled/complaint")
    assert one.raisers == {"IRO", "Conference Chair"} and two.raisers == {"Parent"}


@pytest.mark.parametrize(
    ("to", "target"),
    [
        ("next rung", NEXT),
        ("same rung", WAITING),
        ("lowest rung", "informal talk: awaiting an answer"),
        ("top rung", "director: awaiting an answer"),
        ("director", "director: awaiting an answer"),
        ("raiser decides", NEXT),
        ("resolved", "resolved"),
        ("closed", "closed"),
        ("lapsed", "lapsed"),
        ("CAFCASS", "with CAFCASS"),
        ("Partner Agency", "with Partner Agency"),
        ("ladder complaint", "goes on in ladder complaint"),
    ],
)
def test_where_a_rule_can_lead(to: str, target: str) -> None:
    of = on_rung(f"if silent: {{to: {to}}}")
    reached = {
        m.target for m in moves(of, SILENT) if value(of, m.guard) and m.kind != "late answer"
    }
    assert reached == {target}


def test_a_rule_into_nowhere_inside_the_authority_is_refused() -> None:
    with pytest.raises(PolicyError):
        on_rung("if not satisfied: {to: Panel}")  # a person, and not one outside


# --- modal strength -----------------------------------------------------------------------------


@pytest.mark.parametrize("strength", ["may", "should", "must"])
def test_every_move_has_a_strength(strength: str) -> None:
    of = on_rung(f"if not satisfied: {{to: next rung, strength: {strength}}}\nstrength: {strength}")
    assert {m.strength for m in moves(of, ANSWERED, "escalate")} == {strength}
    assert {m.strength for m in moves(of, WAITING, "answer")} == {strength}


def test_strengths_that_are_not_written_are_the_usual_ones() -> None:
    of = graph()
    assert {m.strength for m in moves(of, kind="escalate")} == {"may"}
    assert {m.strength for m in moves(of, kind="answer")} == {"should"}
    assert {m.strength for m in moves(of, kind="late answer")} == {"must"}


@pytest.mark.parametrize(
    "fragment",
    [
        "start: {strength: must, source: 1 ¶1}",
        "entry: {at rung: any rung, strength: must, source: 1 ¶1}",
    ],
)
def test_a_start_has_a_strength(fragment: str) -> None:
    assert {m.strength for m in moves(graph(fragment), kind="raise")} == {"must"}


def test_a_strength_can_depend_on_a_reading() -> None:
    of = on_rung(
        """
        if not satisfied:
          to: next rung
          when: not urgent
          strength: {typical = limit: must, otherwise: may}
        """
    )
    found = {m.strength: m for m in moves(of, ANSWERED, "escalate")}
    assert set(found) == {"must", "may"}
    for typical, strength in (("limit", "must"), ("norm", "may")):
        for name, move in found.items():
            assert value(of, move.guard, {"typical": typical}) is (name == strength)
            assert value(of, move.guard, {"typical": typical, "urgent": True}) is False


def test_what_happens_by_itself_can_depend_on_a_reading() -> None:
    of = on_rung(
        "if silent: {to: next rung, strength: {silence = refusal: automatic, otherwise: may}}"
    )
    by_itself = [*UP, (5, "no answer in time: goes up to head of service")]
    assert accepted(of, by_itself, {"silence": "refusal"}) == NEXT
    refused(of, by_itself, {"silence": "delay"})
    chosen = [*UP, (5, "no answer in time"), (5, "goes up to head of service")]
    assert accepted(of, chosen, {"silence": "delay"}) == NEXT


def test_cases_of_a_strength_must_cover_everything() -> None:
    with pytest.raises(PolicyError, match="no case is given"):
        on_rung("if silent: {to: next rung, strength: {silence = refusal: must}}")


def test_a_strength_by_case_can_join_long_conditions() -> None:
    long = " or ".join(["urgent"] * 55)
    of = on_rung(
        f"if silent: {{to: next rung, when: {long}, strength: {{{long}: must, otherwise: may}}}}"
    )
    (move,) = moves(of, SILENT, "escalate")
    assert (move.strength, words(move.guard)) == ("must", "urgent")


@pytest.mark.parametrize(
    "when",
    [
        "(not urgent)",
        "not(urgent)",
        "(not urgent) and (not at risk of harm)",
        "not (urgent or urgent)",
    ],
)
def test_not_may_stand_at_a_bracket(when: str) -> None:
    of = on_rung(f"if silent: {{to: next rung, when: {when}}}")
    (move,) = moves(of, SILENT, "escalate")
    assert value(of, move.guard) is True and value(of, move.guard, {"urgent": True}) is False


# --- referral outside ---------------------------------------------------------------------------


def refer(effect: str = "beside", from_: str = "any state", more: str = "") -> StateGraph:
    extra = f", {more}" if more else ""
    text = f"[{{to: CAFCASS, by: IRO, from: {from_}, effect: {effect}, source: 3 ¶1{extra}}}]"
    return graph(f"refer: {text}")


REFERRED: list[tuple[int, str]] = [*UP, (1, "refers it to CAFCASS")]


def test_a_referral_runs_beside_the_ladder() -> None:
    of = refer()
    run = follow(of, [*REFERRED, (2, "answers")])
    assert run.refused is None and run.state == ANSWERED
    assert run.tokens["referral"].state == "referral: with CAFCASS"
    refused(of, [*REFERRED, (1, "answers")][:-1], until=6)  # the team manager's clock goes on


def test_a_referral_ends_the_ladder() -> None:
    of = refer("ends")
    assert accepted(of, REFERRED) == "with CAFCASS"
    assert of.states["with CAFCASS"].kind == "end"


def test_a_referral_suspends_the_ladder() -> None:
    of = refer("suspends")
    held = accepted(of, REFERRED, until=50)
    assert of.states[held].kind == "suspended" and of.states[held].owner == ("CAFCASS",)
    assert accepted(of, [*REFERRED, (50, "CAFCASS gives it back: director")]).startswith("director")


def test_what_a_referral_does_to_the_ladder_can_be_open() -> None:
    of = refer("unstated")
    name = "the effect of a referral"
    assert accepted(of, REFERRED) == WAITING  # plainly it runs beside
    assert accepted(of, REFERRED, {name: "beside"}) == WAITING
    assert accepted(of, REFERRED, {name: "ends"}) == "with CAFCASS"


def places(of: StateGraph) -> set[str]:
    found: set[str] = set()
    for move in moves(of, kind="refer"):
        found |= {s for s in move.while_in or () if value(of, move.guard)}
    return found


def test_where_a_referral_is_open() -> None:
    everywhere = places(refer())
    assert everywhere == {s.name for s in graph().states.values() if s.track == MAIN}
    rungs = {s.name for s in graph().main if s.rung}
    assert places(refer(from_="any rung")) == rungs
    informal = {s for s in rungs if s.startswith("informal")}
    assert places(refer(from_="any formal rung")) == rungs - informal
    assert places(refer(from_="any informal rung")) == informal
    top_rung = {s for s in rungs if s.startswith("director")}
    assert places(refer(from_="the top rung")) == top_rung
    assert places(refer(from_="after the top rung")) == (
        top_rung - {"director: awaiting an answer"} | {"the ladder is exhausted"}
    )
    assert places(refer(from_="team manager")) == {WAITING, ANSWERED, SILENT}
    assert places(refer(from_="any silent rung")) == {s for s in rungs if "no answer" in s}


def test_a_referral_for_some_raisers_and_children_only() -> None:
    of = refer(more="for: child in care")
    assert accepted(of, REFERRED) == WAITING
    refused(of, REFERRED, {"raiser": "Conference Chair"})
    (move,) = {m.guard for m in moves(of, kind="refer")}
    assert value(of, move) is True
    assert value(of, move, {"raiser": "Conference Chair"}) is False


def test_a_referral_by_somebody_who_raises_no_disputes_is_theirs() -> None:
    of = graph(
        "refer: [{to: CAFCASS, by: Director, from: any state, effect: beside, source: 3 ¶1}]"
    )
    assert {(m.actor, m.side) for m in moves(of, kind="refer")} == {("Director", "others")}
    both = graph(
        "refer: [{to: CAFCASS, by: [IRO, Director], from: any rung, effect: beside, source: 3 ¶1}]"
    )
    assert {m.actor for m in moves(both, kind="refer")} == {"raiser", "Director"}


def test_a_referral_with_a_condition_and_a_strength() -> None:
    of = refer(more="when: at risk of harm, strength: must")
    assert accepted(of, REFERRED, {"at risk of harm": True}) == WAITING
    refused(of, REFERRED)
    assert {m.strength for m in moves(of, kind="refer")} == {"must"}


def test_others_can_stand_before_a_referral() -> None:
    of = refer(
        more="involves: [{who: Director, how: approves, within: 3 working days, source: 3 ¶2}]"
    )
    asked = [*UP, (1, "asks about a referral to CAFCASS")]
    assert follow(of, [*asked, (1, "answers")]).state == ANSWERED  # the ladder goes on
    agreed = follow(of, [*asked, (2, "agrees: refers it to CAFCASS")])
    assert agreed.refused is None and agreed.tokens["referral"].state == "referral: with CAFCASS"
    refused(of, asked, until=5)
    no = follow(of, [*asked, (2, "does not agree")])
    assert no.tokens["referral"].state == "referral: none"
    (consent,) = of.consents
    assert (consent.step, consent.who) == ("refer", "Director")


def test_people_who_are_told_of_a_referral_do_not_hold_it_up() -> None:
    of = refer(more="involves: [{who: Director, how: told before, source: 3 ¶2}]")
    assert gates(of) == [] and accepted(of, REFERRED) == WAITING
    assert {(k.who, k.how) for m in moves(of, kind="refer") for k in m.marks} == {
        ("Director", "told before")
    }


ADVICE = "\nadvice: [{from: independent lawyers, by: IRO, independent: yes, source: 3 ¶3}]"


def test_advice_can_have_to_come_first() -> None:
    power = "to: CAFCASS, by: IRO, from: any rung, effect: beside, source: 3 ¶1"
    text = f"refer: [{{{power}, needs advice: NEED}}]"
    of = graph(text.replace("NEED", "yes") + ADVICE)
    assert "has to wait" in refused(of, REFERRED)
    advised = [*UP, (0, "takes legal advice"), (1, "refers it to CAFCASS")]
    assert accepted(of, advised) == WAITING
    assert value(of, of.independent["legal advice"]) is True
    free = graph(text.replace("NEED", "no") + ADVICE)
    assert accepted(free, REFERRED) == WAITING
    case = graph(text.replace("NEED", "{typical = limit: yes, typical = norm: no}") + ADVICE)
    refused(case, REFERRED, {"typical": "limit"})
    assert accepted(case, REFERRED, {"typical": "norm"}) == WAITING


def test_advice_can_need_somebodys_approval() -> None:
    of = graph(
        ADVICE.replace(
            "source", "involves: [{who: IRO Manager, how: approves, source: 3 ¶3}], source"
        )
    )
    (consent,) = of.consents
    assert consent.step == "advice"
    given = follow(of, [*UP, (0, "asks for legal advice"), (4, "agrees to legal advice")])
    assert given.tokens["legal advice"].state == "legal advice: given"


@pytest.mark.parametrize("word", ["unstated", "unknown", "none"])
def test_without_a_power_to_refer_there_is_none(word: str) -> None:
    assert not moves(graph(f"refer: {word}"), kind="refer")


# --- readings and the rest ----------------------------------------------------------------------


def test_the_same_text_gives_the_same_graph() -> None:
    one, two = (expand(loads(assembled("", LADDER), "a.yaml"), "dispute") for _ in range(2))
    assert [m.name for m in one.moves] == [m.name for m in two.moves]
    assert list(one.states) == list(two.states)


def test_a_rung_can_exist_in_one_reading_only() -> None:
    of = graph("when: typical = limit", "ladders › dispute › rungs › head of service")
    up = [*UP, (0, "answers"), (0, "goes up to director")]
    assert accepted(of, up, {"typical": "norm"}) == "director: awaiting an answer"
    refused(of, up, {"typical": "limit"})


def test_keys_of_every_rung_stand_for_each_rung_that_has_none() -> None:
    of = graph("every rung: {closes: answerer}\nrungs: {director: {closes: raiser}}")
    actors = {m.source: m.actor for m in moves(of, kind="satisfied")}
    assert actors[ANSWERED] == "Team Manager" and actors["director: answered"] == "raiser"


def test_an_unnamed_officer_is_an_unknown_officer() -> None:
    of = on_rung("answers: unknown")
    assert of.states[WAITING].owner == ("unknown officer",)
    assert of.officers["team manager"] == ((TRUE, ("unknown",)),)


def test_a_silence_after_which_it_goes_up_by_itself_later() -> None:
    of = on_rung(
        """
        within: 5 working days
        if silent:
          - {to: next rung, strength: automatic, after: 8 working days, when: not urgent}
          - {to: director, strength: may}
        """
    )
    silent = [*UP, (5, "no answer in time")]
    waits = "team manager: no answer in time, and it waits"
    assert accepted(of, silent, until=8) == waits
    assert "time" in refused(of, silent, until=9)  # nobody need do anything on day 8
    assert accepted(of, [*silent, (8, "goes up to head of service")]) == NEXT
    refused(of, [*silent, (7, "goes up to head of service")])
    assert accepted(of, [*silent, (6, "answers late")]) == "team manager: answered"
    up = [*silent, (6, "goes up to director")]
    assert accepted(of, up) == "director: awaiting an answer"
    urgent = {"urgent": True}
    assert accepted(of, silent, urgent) == "team manager: no answer in time"
    assert [m.actor for m in moves(of, waits) if m.name == "goes up to head of service"] == ["time"]


def test_silence_that_waits_is_silence() -> None:
    later = "if silent: {to: next rung, strength: automatic, after: 8 working days}"
    text = f"rungs: {{team manager: {{within: 5 working days, {later}}}}}\n"
    of = graph(text + "skip: {to: director, from: any silent rung, source: 2 ¶6}")
    up = [*UP, (5, "no answer in time"), (6, "skips to director")]
    assert accepted(of, up) == "director: awaiting an answer"


def test_two_may_withdraw_in_different_cases() -> None:
    of = graph(
        """
        withdraw:
          - {by: raiser, source: 2 ¶11}
          - {by: Director, when: urgent, source: 2 ¶12}
        """
    )
    ways = moves(of, "team manager: awaiting an answer", kind="withdraw")
    assert [(m.target, m.citation) for m in ways] == [
        ("withdrawn", "2 ¶11"), ("withdrawn by Director", "2 ¶12"),
    ]  # fmt: skip
    assert [value(of, m.guard) for m in ways] == [True, False]
    assert value(of, ways[1].guard, {"urgent": True}) is True
