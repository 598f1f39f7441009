"""Bounds on time that rest on windows counted from an earlier event: what is not so is refused."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from contextlib import nullcontext
from functools import cache
from typing import Any
from unittest.mock import patch

import pytest
from kept import kept_graph
from test_certificates import Certificate, certified, read, why_refused
from test_decide import LADDERS

from certificates.bounds import Bound, Kind
from certificates.checker import Checker
from certificates.formulas import NO, YES

NAMES = [name for name in LADDERS if name.startswith("a window from the rung below")]


@cache
def shown(name: str) -> tuple[Certificate, Checker]:
    """The certificate of a small ladder, and a checker that has derived its tables."""
    found, _ = certified(kept_graph(*LADDERS[name]))
    return found, read(found)


def bounds() -> Iterator[tuple[Certificate, Checker]]:
    for name in NAMES:
        found, checker = shown(name)
        for bound in found["bounds"]:
            assert bound["begun"]
            checker.bound(bound)
            yield copy.deepcopy(bound), checker


def test_a_window_that_began_a_day_sooner_is_refused() -> None:
    tried = 0
    for bound, checker in bounds():
        for window, states in bound["begun"].items():
            for name, ways in states.items():
                for place, (_, *sums) in enumerate(ways):
                    if bound["kept"] != 0 and sums[0][0]:
                        lie = copy.deepcopy(bound)
                        lie["begun"][window][name][place][1][0] -= 1
                        why = why_refused(lie, checker)
                        assert not why or f"bound {bound['name']}" in why
                        tried += bool(why)
    assert tried > 5


def test_without_the_day_on_which_it_began_a_window_cuts_nothing() -> None:
    tried = 0
    for bound, checker in bounds():
        for window, states in bound["begun"].items() if bound["kept"] != 0 else ():
            for name in states:
                lie = copy.deepcopy(bound)
                del lie["begun"][window][name]
                tried += bool(why_refused(lie, checker))
    assert tried > 2


def test_a_way_in_which_a_window_began_later_is_refused() -> None:
    tried = 0
    for bound, checker in bounds():
        for place, (*_, begun) in enumerate(bound["points"]):
            for window in range(len(begun)):
                lie = copy.deepcopy(bound)
                lie["points"][place][3][window] = []
                why = why_refused(lie, checker)
                assert not why or "takes longer" in why or "begin at" in why
                tried += bool(why)
    assert tried > 5


def test_a_way_in_which_a_window_goes_on_too_long_is_refused() -> None:
    """A dispute stays no day after the end of a window, but for the day on which it came."""
    tried = 0
    for bound, checker in bounds():
        for total in checker.totals:
            if total["name"] in bound["begun"] and bound["late"]:
                shorter = [
                    {**t, "at most": [[1, [0]]]} if t is total else t for t in checker.totals
                ]
                with pytest.MonkeyPatch.context() as patch:
                    patch.setattr(checker, "totals", shorter)
                    tried += bool(why_refused(bound, checker))
    assert tried


def test_a_window_cuts_nothing_where_the_clock_of_another_state_goes_on() -> None:
    (bound, checker), *_ = bounds()
    ((window, states),) = bound["begun"].items()
    (total,) = (t for t in checker.totals if t["name"] == window)
    begun = {window: {n: checker.count(w) for n, w in states.items()}}
    inside = next(n for n in states if n in total["cuts"])
    outside = next(n for n in states if n not in total["cuts"])
    for keeps in (False, True):
        there: dict[Kind, Any] = {Kind(outside, inside, keeps, False, True): YES}
        found = {n: under for (n,), under, _, _ in Bound(checker, bound).windows(there, begun)}
        assert inside in found and (found[inside] == NO) is keeps


def test_a_window_that_stands_still_ends_later() -> None:
    """As long as a dispute can stay where time does not count for it."""
    tried = 0
    for bound, checker in bounds():
        for total in checker.totals if bound["kept"] != 0 else ():
            for name in bound["begun"].get(total["name"], ()):
                if name in total["counts"] and name not in total["cuts"]:
                    counts = {n: c for n, c in total["counts"].items() if n != name}
                    still = [{**t, "counts": counts} if t is total else t for t in checker.totals]
                    with patch.object(checker, "totals", still):
                        tried += bool(why_refused(bound, checker))
    assert tried


def test_each_point_has_a_day_for_each_window() -> None:
    """Without one, the window would be taken for a total, and not cut the last stay."""
    tried = 0
    for bound, checker in bounds():
        for step in bound["steps"]:
            points = [*bound["points"]]
            points[step[1]] = [*points[step[1]][:3], []]
            with pytest.raises(ValueError, match="zip"):
                checker.bound({**bound, "points": points})
            tried += 1
        short = [[*point[:3], []] for point in bound["points"]]
        with pytest.raises(ValueError, match="zip") if bound["steps"] else nullcontext():
            checker.bound({**bound, "points": short})
    assert tried
