"""What the others do, or leave undone, so that a goal is never reached."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from model.graph import LADDER, Move
from model.terms import FALSE, INFINITE, ZERO, Term, symbols
from proofs import telling
from proofs.claim import GIVES_UP, Story
from proofs.draft import Draft
from proofs.paths import Edge

if TYPE_CHECKING:
    from proofs.stories import Teller

MOST_STEPS = 14
_RANK = {"escalate": 0, "ask": 1, "skip": 2, "refused": 3, "silence": 4}


def stall(
    t: Teller, plan: Story, win: Mapping[str, Term], in_days: bool
) -> tuple[Draft, str] | None:
    """A way to a state, what others do then, and what that comes to; None if there is no way.

    If it hangs on days, the others take all they can.
    """
    here = plan.to
    path = t.first_way(t.plain_edges(), {here})
    if path is None:
        return None
    draft = t.trace(path)
    if in_days:
        slow = {i for i, e in enumerate(path) if e.move.side != "raiser"}
        late = t.trace(path, lambda name: _last_day(t, name), slow)
        draft = late if len(late.steps) == len(draft.steps) else draft
    seen = {here}
    ending = f"nothing need happen at “{here}”"
    while len(draft.steps) < MOST_STEPS:
        asked = list(_asked(t, draft, here, plan.asks))
        withheld = _withheld(t, draft, here, asked)
        if withheld:
            return draft, withheld
        out = t.open(t.a.outgoing.get(here, ()))
        edges = [e for e in out if e.target not in seen]
        lost = [
            e
            for e in edges
            if not t.of(win.get(e.target, FALSE)) and not draft.barred(e.move, here)
        ]
        own = [e for e in lost if e.move.side == "raiser"]
        own = [e for e in own if e.move.kind not in (*GIVES_UP, "refer")]
        mine = [e for e in own if e.move.needs is None]
        ours = [e for e in mine if e.move.kind != "ask" and e.move.earliest is ZERO]
        ours = [e for e in ours if _height(t, e.target) > _height(t, here)]
        if t.a.states[here].side == "raiser":
            ours += [e for e in mine if e not in ours]
        refusals = [e for e in lost if e.move.kind in ("refused", "divided")]
        ends = t.of(t.a.runs_out(here))
        in_time = any(_takes(t, e) < t.full(here) for e in asked)
        passing = [e for e in lost if e.move.side == "time" and ends and not in_time]
        silent = in_time or (ends and any(e.move.side == "time" and e not in lost for e in edges))
        theirs = [e for e in lost if e.move.side == "others" and e.move.track == LADDER]
        chosen = ours or refusals or passing or (theirs if silent else [])
        if not chosen and t.a.states[here].side == "raiser":
            chosen = [e for e in own if e.move.needs and t.of(t.a.side_force(e.move.needs))]
            again = [e for e in out if e.target in seen and e.move.kind in ("escalate", "return")]
            again = [e for e in again if e.move.side == "raiser" and e.move.needs is None]
            if again and not chosen:
                draft.step(again[0].move, t.wait(again[0]), here)
                return draft, f"it is at “{t.a.states[again[0].target].rung}” again, and so on"
        if not chosen:
            return draft, _stuck(t, here)
        e = min(chosen, key=lambda e: (_RANK.get(e.move.kind, 9), -_height(t, e.target)))
        wait = t.wait(e)
        if in_days and e.move.side != "raiser":
            wait = max(wait, _last_day(t, here))
        draft.step(e.move, wait, here)
        here = e.target
        seen.add(here)
        ending = _stuck(t, here)
    return draft, ending


# --- what the raiser asks for -------------------------------------------------------------------


def _asked(t: Teller, draft: Draft, here: str, asks: Sequence[Move]) -> Iterator[Edge]:
    """The requests that the raiser can make at a state, of those that lead to what is wanted."""
    for wanted in asks:
        track = wanted.needs or wanted.track
        if track == LADDER or not (t.of(wanted.guard) and t.a.open_at(wanted, here)):
            continue
        now = [e for e in t.open_at(track, here) if e.source == draft.place(track)]
        now = [e for e in now if e.move.side == "raiser" and e.move.earliest is ZERO]
        yield from now if wanted.needs else [e for e in now if e.move is wanted]


def _withheld(t: Teller, draft: Draft, here: str, asked: Sequence[Edge]) -> str:
    """How others withhold what the raiser can ask for here, once it is asked; or ""."""
    for e in asked:
        if not _forced(t, e):
            return _kept_back(t, draft, here, e)
        if t.a.states[here].side == "raiser" and _takes(t, e) > t.full(here):
            draft.step(e.move, 0)
            return f"at “{here}” the time can end before {e.move.track} is there"
    return ""


def _takes(t: Teller, e: Edge) -> int:
    """In how many days a request is granted, at most."""
    count: int = t.of(t.a.game.asked(e.move.track, surely=False))
    return count


def _kept_back(t: Teller, draft: Draft, here: str, ask: Edge) -> str:
    """Ask for something, and take the steps by which others keep it back; what they need do."""
    e, seen = ask, set[str]()
    while e.target not in seen:
        draft.step(e.move, 0)
        seen.add(e.target)
        out = [x for x in t.open_at(e.move.track, here) if x.source == e.target]
        lost = [x for x in out if x.move.earliest is ZERO and not _forced(t, x)]
        theirs = [x for x in lost if x.move.kind == "refused"]
        if t.of(t.a.runs_out(e.target)) and not any(x.move.at_limit for x in lost):
            theirs += [x for x in lost if x.move.side == "others" and not x.move.at_limit]
        e = (theirs or [e])[0]
    if e.move.kind == "refused":
        return f"{telling.names(t.a.states[e.source].owner)} need only not agree"
    return _stuck(t, e.target)


def _forced(t: Teller, e: Edge) -> bool:
    """Whether the raiser can force that something is granted, when an edge of it is gone."""
    return bool(t.of(t.a.side_force(e.move.track, e.target)))


# --- words --------------------------------------------------------------------------------------


def _last_day(t: Teller, name: str) -> int:
    """The days in a state on its last day; none where it has no end."""
    full = t.full(name)
    return full if full < INFINITE or t.cuts(name) else 0


def _height(t: Teller, name: str) -> int:
    """How high on the ladder a state stands; -1 beside it."""
    rungs = [str(n) for n in t.graph.ladder.rungs]
    rung = t.a.states[name].rung
    return rungs.index(rung) if rung in rungs else -1


def _stuck(t: Teller, here: str) -> str:
    """What keeps the raiser from what is wanted, at a state."""
    state = t.a.states[here]
    if state.kind == "sent":
        return f"the clock of “{state.rung}” need never start"
    who = telling.names(state.owner) if state.side != "raiser" else ""
    if state.kind == "waiting":
        who = telling.names(telling.answerers(t.graph, state, t.of)[0])
    if state.kind in ("waiting", "gate", "handed over") and who:
        endless = t.full(here) >= INFINITE and t.graph.own.intersection(symbols(state.limit))
        unset = ", if the raiser sets no time" if endless else ""
        return f"{who} need only stay silent{unset}"
    if state.kind == "refused":
        return f"{here.rsplit(': ', 1)[-1].replace(' does not agree', '')} need only not agree"
    ours = [e.move for e in t.open(t.a.outgoing.get(here, ())) if e.move.side == "raiser"]
    if any(t.a.waits_in_total(m) for m in ours):
        return f"at “{here}” the total “{t.a.hurried}” can end before the raiser may go on"
    over = telling.standing(t.graph, state, t.of) + ", and" if state.kind == "end" else ""
    where = over or f"at “{here}”"
    if {m.kind for m in ours} - set(GIVES_UP) == {"refer"}:
        return f"{where} the raiser can only refer it outside"
    return f"{where} the raiser has no move"
