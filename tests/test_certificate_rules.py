"""The rules of a ladder by which the checker of certificates goes, one by one."""

from __future__ import annotations

import copy
import itertools
from typing import Any
from unittest.mock import patch

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from kept import kept_graph
from test_certificates import certified, read, small, why_refused

from certificates import check
from certificates.bounds import AT_ONCE, Bound, Kind, Point
from certificates.checker import Checker, Edge
from certificates.formulas import NO, YES, Formulas


def reader() -> Checker:
    """A checker of its own for each test, with the tables of the small certificate."""
    return read(copy.deepcopy(small()))


def test_a_request_is_granted_in_time_only_while_the_dispute_may_stay() -> None:
    """Three days, in a state that has to be left on the day, unless what time does wins, too."""
    checker = reader()
    place, asks = "director: awaiting an answer", "not asked"
    state, checker.first["leave"] = checker.states[place], asks
    checker.took["leave"] = {checker.f.day([3]): YES}
    checker.rows[f"granted {asks}"] = YES
    own = {"side": "raiser", "needs": "leave", "earliest": AT_ONCE, "at limit": False}
    time = {"side": "time", "needs": None, "earliest": AT_ONCE, "at limit": True}
    leave, end = Edge(place, "goal", YES, own), Edge(place, "end", YES, time)

    def forced(limit: int, edges: list[Edge], **win: int) -> bool:
        state["limit"] = [[1, [limit]]]
        checker.lasting.clear()
        return checker.forced(edges, {"goal": YES, "end": NO, **win}) == YES

    assert not forced(0, [leave]) and not forced(2, [leave]) and forced(3, [leave])
    assert not forced(2, [leave, end]) and forced(3, [leave, end])
    assert forced(0, [leave, end], end=YES)


def test_a_request_takes_the_time_of_each_that_has_to_agree() -> None:
    checker, others = reader(), {"side": "others"}
    states = {n: {"track": "view", "kind": "asked", "limit": [[1, [3]]]} for n in "ab"}
    states["c"] = {"track": "view", "kind": "granted"}
    checker.first["view"] = "a"
    edges = [Edge("a", "b", YES, others), Edge("b", "c", YES, others)]
    with patch.object(checker, "states", states), patch.object(checker, "own", lambda _: edges):
        f, found, days = (
            checker.f,
            checker.asked("view"),
            {checker.f.day([7]): YES},
        )  # and one more
        assert f.at_most(found, days) == f.at_most(days, found) == YES


def test_a_clock_goes_on_only_over_moves_that_can_be_made() -> None:
    checker, move = reader(), {"source": "x", "target": "y", "also": None, "keeps": True}
    into = {"source": "w", "target": "x", "also": None, "keeps": False, "guard": 1}
    for guard, kept in ((0, {"y": YES}), (1, {"y": YES, "x": YES})):
        with patch.object(checker, "moves", [into, {**move, "guard": guard}]):
            assert checker.kept_from("y") == kept


def test_a_wait_that_a_total_always_ends_is_never_over() -> None:
    """A total of three days and a wait of five, where the total counts the whole of the stay."""
    checker, place = reader(), "director: awaiting an answer"
    total = {"cuts": [place, "more"], "cap": 1, "at most": [[1, [3]]]}
    wait = {
        **{"guard": 1, "at limit": False, "needs": None, "track": "ladder", "source": place},
        **{"earliest": [[1, [5]]], "also": None, "while in": None},
    }
    state = {**checker.states[place], "limit": [[1, [9]]]}
    for counts, over in (
        ({place: 1, "more": 1}, NO),
        ({place: 1}, NO),
        ({place: 0}, YES),
        ({}, YES),
    ):
        with (
            patch.object(checker, "totals", [{**total, "counts": counts}]),
            patch.object(checker, "states", {**checker.states, place: state}),
        ):
            assert checker.possible(wait, False) == over


def test_what_can_come_only_of_what_the_raiser_asked() -> None:
    """A referral that moves the ladder, unless it is made at once or others can ask for it."""

    def asked_for(asks: str, side: str, **what: Any) -> bool:
        checker = reader()
        first = checker.first["ladder"]
        side = "".join(side)  # the same word, read at another place
        move = {"track": "ladder", "source": "with others", "also": "closed", "side": side, **what}
        with patch.object(checker, "moves", [{"track": "ladder", "source": first, "side": asks}]):
            return checker.asked_for(move)

    sides = ("raiser", "others", "time")
    found = {(asks, side): asked_for(asks, side) for asks in sides for side in sides}
    assert found == {(asks, side): "raiser" in (asks, side) for asks in sides for side in sides}
    assert not asked_for("raiser", "others", also=None)
    elsewhere = "".join(reader().first["ladder"])  # the same name, read at another place
    assert not asked_for("raiser", "raiser", source=elsewhere)


def test_a_clock_begins_anew_with_a_move_that_does_not_keep_it() -> None:
    """A point on a clock that shows a day already could stay a day longer than there is time."""
    checker, (bound, *_) = reader(), small()["bounds"]
    day, of = checker.f.day, Bound(checker, bound)
    p = Point("director: awaiting an answer", day([0]), day([0]), [])
    for since, can in ((day([0]), True), (day([1]), False), (day(), False)):
        q = Point("director: answered", day([0]), since, [])
        kinds = {Kind(p.state, q.state, False, False, True): YES}
        assert (of.step(p, q, kinds, False, False, True) != NO) is can


def test_a_total_cuts_no_days_that_it_does_not_count() -> None:
    """Where the formal process goes on in a state before, a later total says nothing of it."""
    checker = reader()
    (bound, *_), (total,) = small()["bounds"], checker.totals
    first, *rest = total["cuts"]
    there = {Kind(first, name, False, False, True): YES for name in rest}
    later = {**total, "cuts": rest, "cap": 1}
    for counts, cuts in ((total["counts"], True), ({n: total["counts"][n] for n in rest}, False)):
        with patch.object(checker, "totals", [{**later, "counts": counts}]):
            ((_, under, _, _),) = Bound(checker, {**bound, "total": None}).cuts(there, {first: {}})
        assert (under != NO) is cuts


def test_one_can_come_to_what_a_total_cuts_when_it_has_ended() -> None:
    """Then it cuts that stay to nothing, and the days before it stay what they were."""
    checker, (bound, *_) = reader(), small()["bounds"]
    inside, outside = "director: awaiting an answer", "head: answered"
    total = {"cuts": [inside], "counts": {inside: 1, outside: 1}, "cap": 1, "at most": [[1, [3]]]}
    there = {Kind(outside, inside, False, False, True): YES}
    for left, late in ((2, NO), (3, NO), (4, YES)):
        days = {outside: {checker.f.day([left]): YES}}
        with patch.object(checker, "totals", [{**total, "begins": [], "total": True}]):
            ((*_, found),) = Bound(checker, {**bound, "total": None}).cuts(there, days)
        assert found == late


def test_a_point_at_which_a_total_has_ended_is_not_late() -> None:
    found, _ = certified(
        kept_graph("rungs: {head: {within: 9 working days}, director: {within: 15 working days}}")
    )
    checker, tried = read(found), 0
    total = {"name": "x", "cap": 1, "at most": [[1, [0]]], "begins": [], "total": True}
    (bound,) = (b for b in found["bounds"] if b["conduct"] == "permitted")
    for place, (state, *_) in enumerate(bound["points"]):
        lie = {**bound, "most": [[1, [0]]], "kept": 0, "late": [place]}
        if state and not why_refused(lie, checker):
            ended = {**total, "cuts": [state], "counts": {state: 1}}
            with patch.object(checker, "totals", [*checker.totals, ended]):
                assert "takes longer" in why_refused(lie, checker)
            tried += 1
    assert tried


def test_a_way_leaves_a_total_before_its_end() -> None:
    """And takes no time that a total counts which the bound does not."""
    checker, (bound, *_) = reader(), small()["bounds"]
    day, here, there = checker.f.day, "director: awaiting an answer", "director: answered"
    total = {"name": "x", "total": True, "begins": [], "cuts": [here], "counts": {here: 1}}
    stays = {**checker.states[here], "limit": [[1, [9]]], "prompt": [[1, [9]]]}

    def taken(until: int, formal: int, at_limit: bool, at_once: bool, **what: Any) -> bool:
        state = {**stays, "formal": formal}
        capped = {**total, "cap": 1, "at most": [[1, [3]]], **what}
        with (
            patch.object(checker, "totals", [capped]),
            patch.object(checker, "states", {**checker.states, here: state}),
        ):
            of = Bound(checker, {**bound, "total": None})
            p, q = (Point(n, day([d]), day([0]), []) for n, d in ((here, 0), (there, until)))
            kinds = {Kind(here, there, False, at_limit, at_once): YES}
            return of.step(p, q, kinds, False, at_limit, at_once) != NO

    for at_limit, at_once in ((False, True), (True, True), (False, False)):
        assert taken(3, 1, at_limit, at_once) and not taken(4, 1, at_limit, at_once)
        assert taken(9, 1, at_limit, at_once, cap=0)  # a total that the text only states
        assert taken(9, 1, at_limit, at_once, cuts=[here, there])  # and is not left with it
        timed = at_limit or not at_once
        assert taken(0, 0, at_limit, at_once) is not timed
        assert taken(0, 0, at_limit, at_once, cap=0)
        assert taken(0, 0, at_limit, at_once, counts={there: 1}, cuts=[there])


def test_only_others_answer_sooner_than_they_must() -> None:
    """The raiser's own time never runs out on a raiser who acts at once."""
    checker = reader()
    for side, ends in (("raiser", NO), ("others", YES)):
        state = {"side": "".join(side), "limit": [[1]], "prompt": [[1, [0]]]}
        with patch.object(checker, "states", {"x": state}), patch.object(checker, "totals", []):
            assert (checker.runs_out("x", True), checker.runs_out("x")) == (ends, NO)


def test_a_table_takes_the_time_that_is_permitted() -> None:
    """And not the shorter one that the raiser sets who acts at once."""
    checker = reader()
    state = {"side": "others", "limit": [[1, [9]]], "prompt": [[1, [3]]]}
    wait = {
        **{"guard": 1, "at limit": False, "needs": None, "track": "ladder", "source": "x"},
        **{"earliest": [[1, [5]]], "also": None, "while in": None, "target": "y", "keeps": False},
    }
    with (
        patch.object(checker, "states", {"x": state}),
        patch.object(checker, "moves", [wait]),
        patch.object(checker, "totals", []),
    ):
        checker.drawn.clear()
        assert [e.when for e in checker.own("ladder")] == [YES]
        assert not checker.own("ladder", prompt=True)


def test_what_grants_a_request_is_on_its_own_track() -> None:
    checker = reader()
    kinds = {"b": "granted", "c": "done", "d": "asked"}
    states = {f"{t} {k}": {"track": t, "kind": kind} for t in "xyz" for k, kind in kinds.items()}
    with patch.object(checker, "states", states):
        assert checker.granting("y") == ["y b", "y c"]


def test_a_referral_that_may_be_asked_for_anywhere_ends_the_ladder() -> None:
    """It is asked for in no state that is named, and moves the ladder when others have said so."""
    refer = (
        "refer: {to: CAFCASS, by: IRO, from: any state, effect: ends, source: 3 ¶1, involves:"
        " {who: Director, how: consulted before, waits: yes, within: 3 working days, source: 3 ¶1}}"
    )
    found, answers = certified(kept_graph(refer))
    assert check(found) == answers


def test_a_wait_that_a_total_can_end_forces_nothing() -> None:
    """A table does not know how many days of the total have been used up."""
    checker, place = reader(), "director: awaiting an answer"
    total = {"cuts": [place], "counts": {place: 1}, "at most": [[1, [20]]]}
    for earliest, cap, forced in (([0], 1, YES), ([2], 1, NO), ([2], 0, YES)):
        own = {"side": "raiser", "needs": None, "earliest": [[1, earliest]], "at limit": False}
        with patch.object(checker, "totals", [{**total, "cap": cap}]):
            assert checker.forced([Edge(place, "goal", YES, own)], {"goal": YES}) == forced


@pytest.mark.parametrize(("one", "other"), [("aa", "xx"), ("xx", "aa")])
def test_it_comes_to_a_state_by_the_referral_that_leads_there(one: str, other: str) -> None:
    """That which may be asked for leads elsewhere, and the other is open nowhere."""
    checker = reader()
    checker.rows |= {f"unmoved {n}": n == "open" for n in ("open", "shut", "there")}
    first = {"side": "raiser", "source": "not asked"}
    moves = [{**first, "track": one, "while in": ["open"]}]
    moves += [{**first, "track": other, "while in": ["shut"]}]
    moving = [{"track": "".join(t), "also": f"{t}{n}"} for t in (one, other) for n in "12"]
    checker.first = {**checker.first, one: "not asked", other: "not asked"}
    for track, comes in ((other, NO), (one, YES)):
        for leads in (f"{track}1", f"{track}2"):
            with patch.object(checker, "moves", moves), patch.object(checker, "moving", moving):
                assert checker.comes(["there"], [], [(leads, "there")]) == comes


def test_a_referral_may_take_the_time_that_is_permitted() -> None:
    checker, asked = reader(), "referral: asked"
    state = {"track": "referral", "limit": [[1, [9]]], "prompt": [[1, [3]]], "side": "others"}
    refer = {
        **{"guard": 1, "at limit": False, "needs": None, "track": "referral", "keeps": False},
        **{
            "source": asked,
            "earliest": [[1, [5]]],
            "also": "closed",
            "while in": ["head: answered"],
        },
    }
    with (
        patch.object(checker, "states", {**checker.states, asked: state}),
        patch.object(checker, "moving", [refer]),
        patch.object(checker, "moves", [refer]),
    ):
        checker.first = {**checker.first, "referral": asked}
        checker.rows |= {f"reach {asked}": YES, "unmoved head: answered": YES}
        for prompt in (False, True):
            checker.drawn[("ladder", prompt)] = []
            assert [(e.source, e.when) for e in checker.edges(prompt)] == [("head: answered", YES)]


NUMBERS: list[Any] = [{"kind": "number", "name": n, "values": ["limited", "endless"]} for n in "ab"]
FEW = [None, *range(6)]  # without end, or so many days


@settings(deadline=None, max_examples=300, derandomize=True)
@given(st.data())
def test_what_is_called_impossible_is_so(data: st.DataObject) -> None:
    f = Formulas(NUMBERS)
    limited = f.all(f.literal(0, 0), f.literal(1, 0))
    found = data.draw(st.sampled_from([YES, limited]))
    for _ in range(data.draw(st.integers(1, 4))):
        some = st.lists(st.integers(0, 3), max_size=2).map(lambda n: [i for i in n if i < 2])
        counts = st.tuples(st.integers(0, 4), some).map(lambda c: f.day([c[0], *c[1]]))
        one = f.compare(data.draw(counts), data.draw(counts))
        one = f.no(one) if data.draw(st.booleans()) else one
        found = f.any((found, one)) if data.draw(st.integers(0, 3)) == 0 else f.all(found, one)
    worlds = [w for w in itertools.product(FEW, FEW) if f.true_in(found, list(w))]
    if f.impossible(found):
        assert not worlds
