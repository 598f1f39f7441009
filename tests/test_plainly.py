"""What is told of a claim that is undecided on all readings: what it is under the plain ones."""

from __future__ import annotations

import pytest
from kept import kept

from proofs.claims import BY_ID
from proofs.verdict import Verdict, check

CLOCK = (
    '{"clock": {"asks": "From when?", "answers": {"sent": "a", "raised": "b"}, "plain": "%s", '
    '"because": "x", "source": "y"}}'
)
BELOW = (
    "rungs: {talk: {within: {at most: 4 working days, at least: 3 working days, source: x}}, "
    "head: {within: 3 working days}}"
)
SINCE = (
    "rungs: {director: {within: %s, clock: {starts: {clock = sent: sending, clock = raised: "
    "raising}, source: x}}}"
)


def asked(plain: str, within: str, claim: str = "total-diligent") -> Verdict:
    """The director's window may count from the day of raising, and so days of informal talk."""
    policy = kept(("questions", CLOCK % plain), BELOW, SINCE % within, "skip: none")
    (found,) = check(policy, [BY_ID[claim]])
    return found


def test_what_is_undecided_on_all_readings_is_told_of_the_plain_ones() -> None:
    kept_ = asked("sent", "17 working days")
    assert (kept_.verdict, kept_.plain) == ("undecided", "holds")
    assert "counted from raising” can cut it short" in kept_.why
    assert kept_.why.endswith("under the plain readings it holds") and not kept_.trace


def test_a_plainly_broken_one_has_its_story_and_no_mend() -> None:
    found = asked("sent", "18 working days")
    assert (found.verdict, found.plain, found.mend) == ("undecided", "broken", None)
    assert found.condition == () and not found.evidence["non_vacuous"]
    assert found.story is not None and found.trace[-1].day > 20
    assert found.why.endswith("can take more than 20 working days")


@pytest.mark.parametrize("within", ["17 working days", "18 working days"])
def test_where_the_plain_reading_is_the_hard_one_nothing_is_told(within: str) -> None:
    found = asked("raised", within)
    assert (found.verdict, found.plain, found.trace) == ("undecided", "", ())


def test_what_is_decided_stays_so() -> None:
    for plain in ("sent", "raised"):
        assert asked(plain, "17 working days", "rungs-timed").verdict == "holds"
