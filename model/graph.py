"""The state graph: what can happen in a ladder, and by when.

Rule 1: a dispute's place is one *token* on the track `ladder`, and one on each *side track* (a
request that waits while the ladder goes on: a referral, leave to skip, more time, legal advice).
Rule 2: each token has a clock, in whole working days, which is 0 on entering a state by a move
that does not `keep` it.
A request made at a rung (more time, leave to skip) lapses when the ladder's token leaves it.
Rule 3: no token may stay in a state after its clock has reached the state's limit (it
leaves at once if it comes too late); the move that is due then is a move like any other
(`at_limit`).
Rule 4: guards and limits are terms (`terms.py`), so one graph holds all readings.

`replay.py` gives these rules their meaning; nothing else about a ladder is decided elsewhere.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from model.protocol import Duty, Ladder, Protocol
from model.terms import FALSE, NO_LIMIT, TRUE, ZERO, Symbol, Term
from model.yamltree import Position

if TYPE_CHECKING:
    import networkx

LADDER = "ladder"  # the name of the main track


@dataclass(frozen=True, slots=True)
class Mark:
    """Somebody's part in a move that nothing waits for: copied, told, recorded …

    `at` is where the file says so; `strength` is may, should or must, or empty where it is silent.
    """

    who: str
    how: str
    citation: str
    at: Position
    guard: Term = TRUE
    strength: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class State:
    """A place where a token can be, and who must act there.

    `kind` is one of `STATE_KINDS`. `limit` is the longest stay in working days on the token's
    clock; `prompt` is the same when the raiser acts at once. `formal` is the formula under which
    time here is formal time, `stuck` the one under which it is the raiser's turn and the text
    gives no step to take, so that nothing ends the stay unless somebody else happens to act.
    """

    name: str
    kind: str
    track: str
    rung: str | None
    owner: tuple[str, ...]
    side: str
    limit: Term
    prompt: Term
    formal: Term
    citation: str
    at: Position
    stuck: Term = FALSE


STATE_KINDS = {
    "start": "nothing has been raised yet",
    "sent": "on its way to the officer who must answer",
    "waiting": "an answer is awaited",
    "answered": "an answer has come",
    "passing": "it goes on by itself when the time comes",
    "divided": "those who must answer together do not agree",
    "overdue": "no answer came in time",
    "late": "the time to decide has passed",
    "gate": "somebody else's agreement or view is awaited",
    "refused": "somebody refused",
    "unanswered": "somebody who was asked did not answer in time",
    "handed over": "somebody else has taken it over",
    "suspended": "it waits for somebody outside",
    "resolved": "it is settled, and is to be carried out",
    "not kept": "what was agreed was not done",
    "end": "it is over",
    "idle": "nothing has been asked for",
    "granted": "what was asked for may be done",
    "done": "it has been done",
}
RAISERS_TURN = frozenset({"answered", "overdue", "divided", "refused", "unanswered", "late"})
AFTER = frozenset({"resolved", "not kept", "end"})  # the ladder's formal process is over here


@dataclass(frozen=True, slots=True, eq=False)
class Move:
    """A step from `source` to `target` on one track.

    `side` says who decides on it: `raiser`, `others` or `time`. It may be made when `guard`
    holds, the clock of the track shows at least `earliest` (exactly the limit if `at_limit`),
    the ladder's token stands in `while_in` (if given), and the side track named by `needs`
    stands in a state of kind `granted` (which this move then uses up) or `done`. `also` is where
    the ladder's token goes if the move is made on a side track.
    """

    name: str
    kind: str
    track: str
    actor: str
    side: str
    source: str
    target: str
    strength: str
    guard: Term
    citation: str
    at: Position
    earliest: Term = ZERO
    at_limit: bool = False
    keeps: bool = False
    needs: str | None = None
    while_in: frozenset[str] | None = None
    also: str | None = None
    marks: tuple[Mark, ...] = ()

    @property
    def delays(self) -> bool:
        """Whether no raiser makes it who acts at once, grants no delay and goes on."""
        return self.side == "raiser" and self.kind in ("extend", "withdraw", "hand over")


@dataclass(frozen=True, slots=True, eq=False)
class Budget:
    """A total over several states.

    Time counts in a state of `counts` under its formula; where `cap` holds, no time that counts
    passes in a state of `cuts` once `at_most` working days are spent. A window that is counted
    from an earlier event is such a budget, which cuts at its own rung only; it begins anew where
    the ladder comes into `begins` from elsewhere, which is when that event happens again.
    """

    name: str
    at_most: Term
    counts: Mapping[str, Term]
    cuts: frozenset[str]
    cap: Term
    is_total: bool
    citation: str
    at: Position
    begins: frozenset[str] = frozenset()

    def renewed(self, move: Move) -> bool:
        """Whether a move makes it begin anew; what is brought back is a process of its own."""
        again = move.target in self.begins and move.source not in self.begins
        return again or move.kind == "reopen"


@dataclass(frozen=True, slots=True, eq=False)
class Consent:
    """Somebody's part in a step which the step has to wait for, as the file states it."""

    who: str
    how: str
    step: str  # "start", "entry", "escalate", "skip", "extension", "refer", "advice"
    state: str
    guard: Term
    citation: str
    at: Position

    @property
    def is_consent(self) -> bool:
        """Whether a refusal stops the step (else it is only consulted)."""
        return self.how != "consulted before"


@dataclass(frozen=True, eq=False)
class StateGraph:
    """One ladder as a timed game graph; it holds all readings.

    `domain` is the formula of the worlds that exist: which raiser may raise it for which child.
    `plain` gives every question its plain answer and every unstated number no limit.
    """

    protocol: Protocol
    ladder: Ladder
    states: Mapping[str, State]
    moves: tuple[Move, ...]
    start: str
    tracks: Mapping[str, str]  # side track -> its first state
    domain: Term
    raiser: Symbol
    child: Symbol
    symbols: tuple[Symbol, ...]
    budgets: tuple[Budget, ...]
    consents: tuple[Consent, ...]
    duties: tuple[tuple[Duty, Term], ...]  # each with the formula under which it is owed
    reach_of: Mapping[str, Term]  # rung -> the formula under which it exists for this raiser
    top_of: Mapping[str, Term]  # rung -> the formula under which it is this raiser's top rung
    officers: Mapping[str, tuple[tuple[Term, tuple[str, ...]], ...]]  # rung -> who answers, when
    windows: Mapping[str, Term]  # rung -> its window as the text gives it
    clocks: Mapping[str, Term]  # rung -> the formula under which the start of its window is stated
    same_person: Mapping[str, tuple[tuple[Term, str], ...]]  # person -> whom they also are, when
    independent: Mapping[str, Term]  # track of legal advice -> the formula that it is independent
    lapsing: frozenset[str] = frozenset()  # side tracks that begin anew when the rung is left
    own: frozenset[Symbol] = frozenset()  # numbers that the raiser sets

    @property
    def name(self) -> str:
        return f"{self.protocol.stem}/{self.ladder.name}"

    @cached_property
    def leaving(self) -> Mapping[str, tuple[Move, ...]]:
        """The moves out of each state."""
        found: dict[str, list[Move]] = {name: [] for name in self.states}
        for move in self.moves:
            found[move.source].append(move)
        return {name: tuple(moves) for name, moves in found.items()}

    @cached_property
    def main(self) -> tuple[State, ...]:
        """The states of the ladder's own track."""
        return tuple(s for s in self.states.values() if s.track == LADDER)

    @cached_property
    def raisers(self) -> frozenset[str]:
        return frozenset(str(r.who) for r in self.ladder.raised_by)

    def rung_states(self, rung: str) -> Iterator[State]:
        return (s for s in self.main if s.rung == rung)

    def _repr_svg_(self) -> str:
        from model.drawing import svg

        return svg(self)

    def networkx(self) -> networkx.MultiDiGraph[str]:
        """The graph for networkx: states and moves with their attributes as plain text."""
        import networkx

        from model.words import words

        view: networkx.MultiDiGraph[str] = networkx.MultiDiGraph(name=self.name)
        for s in self.states.values():
            limit = "" if s.limit is NO_LIMIT else words(s.limit)
            view.add_node(
                s.name,
                kind=s.kind,
                track=s.track,
                rung=s.rung or "",
                owner=", ".join(s.owner),
                limit=limit,
                formal="yes"
                if s.formal is TRUE
                else "no"
                if s.formal is FALSE
                else words(s.formal),
                source=s.citation,
            )
        for m in self.moves:
            view.add_edge(
                m.source,
                m.target,
                name=m.name,
                kind=m.kind,
                actor=m.actor,
                strength=m.strength,
                guard="" if m.guard is TRUE else words(m.guard),
                source=m.citation,
            )
        return view
