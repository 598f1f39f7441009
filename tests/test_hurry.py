"""What a dispute can come to where a total can end a wait: told where the wait surely fits in."""

from __future__ import annotations

import pytest
from kept import kept_graph

from model.graph import StateGraph
from model.terms import TRUE
from proofs.analysis import Analysis
from proofs.claims import BY_ID
from proofs.decide import Decider

TOTAL = "totals: {formal process: {at most: 10 working days, effect: cap}}"
TOP = "director: awaiting an answer"


def ladder(head: str, *more: str) -> StateGraph:
    """Up from the head of service only, in one way, which takes a wait."""
    once = ("skip: none", "resolution: {if not kept: nothing}")
    return kept_graph(*once, f"rungs: {{head: {{{head}}}}}", TOTAL, *more)


def waits(days: int) -> str:
    return f"if not satisfied: {{to: next rung, after: {days} working days}}, if silent: nothing"


def silence(days: int) -> str:
    """Six days after it is sent up, and then a wait."""
    up = f"{{to: next rung, after: {days} working days}}"
    return f"within: 6 working days, if not satisfied: nothing, if silent: {up}"


FITS = {
    "a wait": ladder(waits(4)),
    "a wait of the whole total": ladder(waits(10)),
    "a wait after a silence": ladder(silence(4)),
}
FITS_NOT = {
    "a wait after a silence that comes too late": ladder(silence(5)),
    "a wait in two totals": ladder(
        waits(4),
        "totals: {whole: {at most: 9 working days, covers: [head], effect: cap, source: x}}",
    ),
}


@pytest.mark.parametrize("name", FITS)
def test_a_wait_that_fits_in_is_told(name: str) -> None:
    a = Analysis(FITS[name])
    assert a.hurried == "formal process" and a.in_time(TOP, None)
    words = {c: Decider(FITS[name]).decide(BY_ID[c]).word for c in ("no-dead-end", "rungs-timed")}
    assert "undecided" not in words.values()


@pytest.mark.parametrize("name", FITS_NOT)
def test_a_wait_that_may_not_fit_in_is_not_told(name: str) -> None:
    a = Analysis(FITS_NOT[name])
    assert a.hurried == "formal process" and not a.in_time(TOP, None)
    assert a.hurry.soon[TOP] is not TRUE
