"""Of each claim, one mutant of a small policy that this claim notices and no other does."""

from __future__ import annotations

from functools import cache
from typing import NamedTuple

import pytest
from kept import kept_text

from proofs.claims import ALL
from proofs.mutation import Judge

# What is laid over the policy of which every claim holds: some claims hold or fail together with
# others, and are alone only where these are broken already, or do not apply.
NO_TOTAL = ("totals: gone",)
SILENT_TOP = ("totals: gone", "rungs: {director: {if silent: unstated}}")
ONE_WAY_UP = (*SILENT_TOP, "skip: none")
ROUND = (
    "totals: gone",
    "rungs: {director: {counts: informal}, "
    "head: {if silent: {to: lowest rung, strength: automatic}}}",
)
FORMAL_REFERRAL = ("refer: {from: any formal rung}",)


class Alone(NamedTuple):
    """A mutant: its kind, how what it changes begins, and what is laid over the policy first."""

    kind: str
    what: str
    laid: tuple[str, ...] = ()


NOTICED = {
    "total-diligent": Alone("window longer", "rungs › head › within", NO_TOTAL),
    "total-permitted": Alone("cap removed, undone", "totals › formal process › effect"),
    "total-own": Alone("window shorter", "totals › formal process › at most"),
    "rungs-timed": Alone("window unstated", "rungs › head › within", SILENT_TOP),
    "no-dead-end": Alone("power added", "hand over"),
    "climbs": Alone("step goes down", "rungs › talk › if not satisfied"),
    "stays-formal": Alone("formal rung made informal", "rungs › director › counts"),
    "ends": Alone("silence rule changed", "rungs › director › if silent: to: closed → to: lowest",
                  ROUND),
    "top-forced": Alone("silence rule dropped", "rungs › talk › if silent", ONE_WAY_UP),
    "return": Alone("way back removed", "resolution › if not kept"),
    "cafcass-any-point": Alone("referral from any state", "refer › from", FORMAL_REFERRAL),
    "cafcass-unconditional": Alone("referral after advice", "refer › needs advice"),
    "cafcass-forced": Alone("referral after a view", "refer › involves"),
    "cafcass-beside": Alone("referral ends the ladder", "refer › effect"),
    "cafcass-iro-only": Alone("referral by somebody too", "refer › by"),
    "skip-any": Alone("condition added", "skip › when"),
    "start-alone": Alone("gate added", "rungs › talk › to leave"),
    "escalate-alone": Alone("gate added", "rungs › head › to leave", SILENT_TOP),
    "child-no-veto": Alone("the child can stop it", "start › when"),
    "obstacles": Alone("an obstacle closes it", "rungs › head › if not satisfied"),
    "advice": Alone("gate added", "advice › involves"),
    "informal-first": Alone("rung dropped", "rungs › talk"),
    "raiser-closes": Alone("somebody else closes", "rungs › talk › closes"),
    "nobody-twice": Alone("officer at two rungs", "rungs › director › answers"),
    "child-told": Alone("duty removed", "duties: who: raiser, does: tells the child"),
    "consider-referral": Alone("duty removed", "duties: who: raiser, does: considers referral"),
    "every-raiser-served": Alone("clock stopped", "rungs › talk › clock"),
    "nothing-missing": Alone("part missing", "missing"),
}  # fmt: skip


@cache
def judge(laid: tuple[str, ...]) -> Judge:
    return Judge(kept_text(*laid), "kept.yaml")


def test_every_claim_has_one() -> None:
    assert list(NOTICED) == [claim.id for claim in ALL]


@pytest.mark.parametrize("claim", NOTICED)
def test_it_notices_alone(claim: str) -> None:
    kind, what, laid = NOTICED[claim]
    of = judge(laid)
    begins = (what, f"ladders › dispute › {what}")
    (number,) = (
        i for i, m in enumerate(of.mutants) if m.kind == kind and m.what.startswith(begins)
    )
    fate = of.fate(number)
    assert fate.killers == (claim,)
    assert fate.undecided == ()
