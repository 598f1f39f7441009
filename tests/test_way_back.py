"""Rungs that only some cases have, and agreements that go back to the rung where they were made."""

from __future__ import annotations

from assembled import follow, graph, moves
from kept import kept

from model.graph import StateGraph
from proofs.claims import BY_ID
from proofs.verdict import check

TALK = "informal talk: awaiting an answer"
WAITING = "team manager: awaiting an answer"
BACK = "resolution: {within: 10 working days, if not kept: {to: %s, strength: must}, source: 4 ¶3}"


def ends_at(of: StateGraph, *names: str, urgent: bool = False) -> str:
    run = follow(of, [(0, name) for name in names], {"urgent": urgent})
    assert run.refused is None, run.why
    return run.state


def agreed_at_team_manager(to: str) -> StateGraph:
    return graph(BACK % to)


UP = ("raises it at informal talk", "answers", "goes up to team manager", "answers")
KEPT_BY_NOBODY = ("is satisfied", "does not carry out what was agreed")


def test_a_dispute_begins_at_the_lowest_rung_that_its_case_has() -> None:
    for entry in ("", "entry: {at rung: lowest rung, source: 1 ¶4}\n"):
        of = graph(f"{entry}rungs: {{informal talk: {{when: not urgent}}}}")
        assert ends_at(of, "raises it at informal talk") == TALK
        assert ends_at(of, "raises it at team manager", urgent=True) == WAITING
        for move in moves(of, of.start):  # one way in for each case, never two
            other = "informal talk" if "manager" in move.name else "team manager"
            assert follow(of, [(0, move.name)], {"urgent": "talk" in move.name}).refused == 1, other


def test_the_lowest_rung_to_go_back_to_is_the_lowest_of_the_case() -> None:
    of = graph(
        "rungs: {informal talk: {when: not urgent}, "
        "head of service: {if not satisfied: {to: lowest rung}}}"
    )
    up = ("raises it at team manager", "answers", "goes up to head of service", "answers")
    assert ends_at(of, *up, "goes back down to team manager", urgent=True) == WAITING


def test_an_agreement_not_kept_goes_back_to_the_rung_where_it_was_made() -> None:
    of = agreed_at_team_manager("same rung")
    assert ends_at(of, *UP, *KEPT_BY_NOBODY, "brings it back at team manager") == WAITING
    talk = ("raises it at informal talk", "answers", *KEPT_BY_NOBODY)
    assert ends_at(of, *talk, "brings it back at informal talk") == TALK
    ways = {m.name for m in moves(of, "agreement not kept, of team manager")}
    assert ways == {"brings it back at team manager"}


def test_an_agreement_not_kept_goes_up_to_the_rung_above_it() -> None:
    of = agreed_at_team_manager("next rung")
    ways = {m.name for m in moves(of, "agreement not kept, of team manager")}
    assert ways == {"brings it back at head of service"}


def test_a_power_that_is_open_at_the_settlement_is_open_at_each_of_them() -> None:
    of = graph(
        BACK % "same rung" + "\n"
        "refer: {to: CAFCASS, by: IRO, from: any state, effect: beside, source: 3 ¶1}"
    )
    (refer,) = moves(of, kind="refer")
    assert refer.while_in is not None
    assert {"resolved at team manager", "agreement not kept, of director"} <= refer.while_in


def test_a_referral_in_any_state_is_open_when_the_dispute_has_lapsed() -> None:
    lapsing = "decide: {within: 3 working days, if missed: lapses, source: 2 ¶8}\n"
    refer = "refer: {to: CAFCASS, by: IRO, from: %s, effect: beside, source: 3 ¶1}"
    (anywhere,) = moves(graph(lapsing + refer % "any state"), kind="refer")
    (at_rungs,) = moves(graph(lapsing + refer % "any rung"), kind="refer")
    assert "lapsed" in (anywhere.while_in or ()) and "lapsed" not in (at_rungs.while_in or ())


def test_no_move_leads_from_a_rung_to_one_that_its_cases_do_not_have() -> None:
    of = graph(
        "rungs: {informal talk: {when: not urgent}, team manager: {when: not urgent}, "
        "head of service: {when: urgent}}"
    )
    up = {m.target for m in moves(of, "team manager: answered", kind="escalate")}
    assert up == {"director: awaiting an answer"}
    assert {m.target for m in moves(of, "informal talk: answered", kind="escalate")} == {WAITING}


def test_above_the_top_there_is_no_way_back() -> None:
    next_rung = "resolution: {within: 10 working days, if not kept: {to: next rung}, source: 4 ¶1}"
    (found,) = check(kept(next_rung), [BY_ID["return"]])
    assert found.verdict == "broken"
    assert found.why == "when an agreement made at director is not kept, the text has no way back"
    (found,) = check(kept(next_rung.replace("next", "same")), [BY_ID["return"]])
    assert found.verdict == "holds"
    (found,) = check(kept(next_rung.replace("next rung", "closed")), [BY_ID["return"]])
    assert found.verdict == "broken"
