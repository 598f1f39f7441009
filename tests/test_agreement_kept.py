"""Policies on which engines once differed, and lies that the comparison would not let pass."""

from __future__ import annotations

from pathlib import Path

import agreement
import pytest
from agreement import compared
from hypothesis import strategies as st
from kept import kept_text
from sentences import SENTENCES

from model.terms import TRUE
from proofs.analysis import Analysis

KEPT = sorted((Path(__file__).parent / "policies" / "agreed").glob("*.yaml"))


@pytest.mark.parametrize("path", KEPT, ids=lambda p: p.stem)
def test_all_engines_agree_where_they_once_did_not(path: Path) -> None:
    found = compared(path.read_text("utf-8"), largest=20_000)
    assert found.worlds and not found.differences


def test_a_raiser_who_has_to_wait_is_counted_as_waiting() -> None:
    (path,) = (p for p in KEPT if p.stem == "a-minimum-wait-longer-than-the-window")
    assert compared(path.read_text("utf-8")).words["total-diligent"] == "broken"


@pytest.mark.parametrize("claim", SENTENCES)
def test_a_wrong_verdict_is_noticed(claim: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A sentence that says the opposite of itself is a difference."""
    own = SENTENCES[claim]
    assert not compared(kept_text()).differences
    monkeypatch.setitem(SENTENCES, claim, lambda seen: iter([not all(own(seen))]))
    found = compared(kept_text())
    assert {d.split(":")[0] for d in found.differences} == {claim}


def test_a_wrong_engine_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    """If every stay were taken to end, what others can hold up for ever would seem to end."""
    policy = kept_text("rungs: {head: {within: no limit}}", "skip: none")
    assert not compared(policy).differences
    monkeypatch.setattr(Analysis, "runs_out", lambda *_: TRUE)
    assert compared(policy).differences


def test_what_differs_is_shrunk_however_many_were_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    """Also where shrinking draws more than are asked for."""

    def differs(text: str) -> agreement.Compared:
        return agreement.Compared({}, 1, ["differs"] if "b" in text else [], True)

    monkeypatch.setattr(agreement, "policies", lambda _: st.text("abcdefgh", min_size=3))
    monkeypatch.setattr(agreement, "compared", differs)
    with pytest.raises(AssertionError, match="differs\naab"):
        agreement.agree("skip", 500, set(), 8)
