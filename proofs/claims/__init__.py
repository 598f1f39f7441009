"""The claims, in the order in which reports give them."""

from __future__ import annotations

from proofs.claim import Claim
from proofs.claims import autonomy, cafcass, ladder, people, text, time

ALL: tuple[Claim, ...] = (
    time.total_diligent,
    time.total_permitted,
    time.total_own,
    time.rungs_timed,
    ladder.no_dead_end,
    ladder.climbs,
    ladder.stays_formal,
    ladder.ends,
    ladder.top_forced,
    ladder.agreement_return,
    cafcass.cafcass_any_point,
    cafcass.cafcass_unconditional,
    cafcass.cafcass_forced,
    cafcass.cafcass_beside,
    cafcass.cafcass_iro_only,
    autonomy.skip_any,
    autonomy.start_alone,
    autonomy.escalate_alone,
    autonomy.child_no_veto,
    autonomy.obstacles,
    autonomy.advice,
    ladder.informal_first,
    autonomy.raiser_closes,
    people.nobody_twice,
    people.child_told,
    cafcass.consider_referral,
    people.every_raiser_served,
    text.nothing_missing,
)

BY_ID = {claim.id: claim for claim in ALL}
