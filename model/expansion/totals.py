"""Totals over several rungs, missed decisions, and the duties that steps bring."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from model.expansion.build import LAPSED, RESOLVED, START, Build, Limits
from model.graph import LADDER, RAISERS_TURN, Budget, Mark, Move, State
from model.protocol import OPEN
from model.terms import (
    FALSE,
    NO_LIMIT,
    TRUE,
    ZERO,
    Symbol,
    Term,
    all_,
    any_,
    at_most,
    choose,
    constant,
    implies,
    is_,
    longest,
    not_,
    plus,
    restrict,
    shortest,
    stated,
    symbols,
    variables,
)


def missed(b: Build) -> None:
    """What follows when the raiser's own time to decide, where it is stated, has passed."""
    limited, decide = stated(b.decide.limit), b.ladder.decide
    if limited is FALSE:
        return
    lapses, settles = (constant(decide.if_missed == word) for word in ("lapses", "resolved"))
    if decide.if_missed in OPEN:
        values = ("the raiser may still decide", "the dispute lapses")
        lapses = is_(b.silence("a missed time to decide", values), values[1])
    kinds = ("answered", "overdue", "divided", "refused", "unanswered")
    leaving = _by(b.moves, lambda move: move.source)
    late_of: dict[str, str] = {}
    for state in [s for s in b.states.values() if s.track == LADDER and s.kind in kinds]:
        own = leaving.get(state.name, [])
        late = f"{state.name}, and the time to decide has passed"
        ways = {LAPSED: lapses, RESOLVED: settles, late: not_(any_([lapses, settles]))}
        for target, guard in ways.items():
            if guard is FALSE:
                continue
            at, cite, to_late = decide.place("if missed"), decide.citation, target == late
            if target == LAPSED:
                b.end(LAPSED, at, cite)
            elif to_late:
                b.state(target, "late", ("raiser",), at, cite, Limits(NO_LIMIT, ZERO, ZERO),
                        state.rung, formal=state.formal)  # fmt: skip
            b.move("the time to decide passes", "missed", "time", state.name, target,
                      guard=all_([limited, guard]), at_limit=True, keeps=to_late,
                      strength="automatic", citation=cite, at=at)  # fmt: skip
            if to_late:  # nothing is lost: all that was open stays open
                b.moves += [replace(m, source=target) for m in own]
                late_of[state.name] = target
    for place, move in enumerate(b.moves):
        added = {late_of[name] for name in move.while_in or () if name in late_of}
        if LAPSED in b.states and START in (move.while_in or ()):
            added.add(LAPSED)  # what is open in any state is open after the end, too
        if move.while_in is not None and added:
            b.moves[place] = replace(move, while_in=move.while_in | added)


def add_totals(b: Build) -> None:
    ladder_states = [s for s in b.states.values() if s.track == LADDER]
    counts: dict[str, Term]
    done: list[Budget] = []
    for budget in b.budgets:  # counted from an earlier event: rung names become states
        after_answer = budget.name.endswith("counted from previous rung")
        raising = budget.name.endswith("counted from raising")
        counts = {
            s.name: budget.counts[s.rung]
            for s in ladder_states
            if s.rung is not None
            and s.rung in budget.counts
            and (not after_answer or s.name in budget.cuts or s.kind not in ("sent", "waiting"))
        }
        if raising:  # with somebody else it goes on counting
            counts |= {s.name: TRUE for s in ladder_states if s.kind == "handed over"}
        begins = {  # where the rung below is answered, or its time runs out
            name for name in counts if after_answer and name not in budget.cuts
            and b.states[name].rung != b.states[next(iter(budget.cuts))].rung
        }  # fmt: skip
        done.append(replace(budget, counts=counts, begins=frozenset(begins)))
    b.budgets = done
    for name, total in b.ladder.totals.items():
        counts = {}
        for cover in total.covers:
            for s in ladder_states:
                if s.rung is None:
                    continue
                part = TRUE if cover in ("every rung", s.rung) else FALSE
                part = s.formal if cover == "formal rungs" else part
                counts[s.name] = any_([counts.get(s.name, FALSE), part])
        at_most = NO_LIMIT
        for guard, length in reversed(list(b.branches(total.at_most))):
            at_most = choose(guard, b.length(length, f"the total {name}"), at_most)
        when = b.condition(total.when)
        at_most = choose(when, at_most, NO_LIMIT)
        cap = all_([when, any_(g for g, v in b.branches(total.effect) if v == "cap")])
        kept = {n: t for n, t in counts.items() if t is not FALSE}
        b.budgets.append(
            Budget(str(name), at_most, kept, frozenset(kept), cap, True, total.citation, total.at)
        )


def without_a_step(b: Build) -> None:
    """Where it is the raiser's turn and there is no step to take, time goes on without a limit.

    Leave to take one is as good as a step if nobody can withhold it: for a raiser who acts at
    once it takes the time of those who are asked; no text says how long the others may wait.
    """
    leaving = _by(b.moves, lambda move: move.source)
    for name, state in b.states.items():
        if state.kind not in RAISERS_TURN:
            continue
        free: list[Term] = []
        asked: list[tuple[Term, Term]] = []
        over: list[Term] = []
        for move in leaving.get(name, ()):
            if move.side == "time":
                (over if move.at_limit else free).append(move.guard)
            elif move.side != "raiser" or move.delays:
                continue
            elif move.needs is None:
                free.append(move.guard)
            else:
                sure, wait = _leave(b, leaving, b.tracks[move.needs], name)
                asked.append((all_([move.guard, sure]), longest([move.earliest, wait])))
        alone = not_(any_(free))
        stuck = all_([alone, not_(any_(g for g, _ in asked))])
        if alone is FALSE:
            continue
        wait = shortest([choose(g, wait, NO_LIMIT) for g, wait in asked])
        endless = any_([stuck, all_([alone, not_(any_(over))])])
        b.states[name] = replace(
            state,
            limit=choose(endless, NO_LIMIT, state.limit),
            prompt=choose(alone, longest([state.prompt, wait]), state.prompt),
            stuck=stuck,
        )


def _leave(
    b: Build,
    leaving: Mapping[str, Sequence[Move]],
    name: str,
    at: str,
    before: frozenset[str] = frozenset(),
) -> tuple[Term, Term]:
    """When leave is surely had from a state of its track, and the longest time that it takes."""
    state = b.states[name]
    if state.kind in ("granted", "done"):
        return TRUE, ZERO
    if name in before:  # it goes round
        return FALSE, ZERO
    ways = [
        (m.guard, *_leave(b, leaving, m.target, at, before | {name}))
        for m in leaving.get(name, ())
        if state.kind != "idle" or (m.side == "raiser" and (m.while_in is None or at in m.while_in))
    ]
    then = longest([choose(all_([guard, sure]), wait, ZERO) for guard, sure, wait in ways])
    if state.kind == "idle":
        return any_(all_([guard, sure]) for guard, sure, _ in ways), then
    # whoever is asked takes all the time there is, and answers as they like
    return all_(implies(guard, sure) for guard, sure, _ in ways), plus(state.limit, then)


def waited_before(b: Build) -> None:
    """A wait that is over whenever its state is entered is no wait.

    Such a state is entered when the time of another ends, and with the clock of that one.
    """
    totals = any(v == "cap" for t in b.ladder.totals.values() for _, v in b.branches(t.effect))
    cut = {name for budget in b.budgets for name in budget.cuts}
    entered = _by(b.moves, lambda move: move.also or move.target)
    for place, move in enumerate(b.moves):
        if move.earliest is ZERO or move.track != LADDER or totals:
            continue
        ways = entered.get(move.source, ())
        if all(m.keeps and m.at_limit and m.track == LADDER and m.source not in cut for m in ways):
            over = all_(surely_at_most(move.earliest, b.states[m.source].prompt) for m in ways)
            if all(isinstance(v, Symbol) for v in variables(over)):
                b.moves[place] = replace(move, earliest=choose(over, ZERO, move.earliest))


def surely_at_most(a: Term, b: Term) -> Term:
    """The formula that a time is at most another, whatever the calendar makes of their spans."""
    spans = [s for s in symbols(a, b) if s.kind == "calendar"]
    most = restrict(a, {s: s.high for s in spans})
    return at_most(most, restrict(b, {s: s.low for s in spans}))


def after_the_wait(b: Build) -> None:
    """A raiser who acts at once, but has to wait before any step on, leaves when the wait is over.

    To be satisfied is no step on: whoever is not has to wait.
    """
    for name, moves in _by(b.moves, lambda move: move.source).items():
        state = b.states[name]
        on = [
            m for m in moves
            if m.side == "raiser" and not m.delays and m.needs is None
            and m.kind not in ("satisfied", "accept")
        ]  # fmt: skip
        if state.kind not in RAISERS_TURN or all(m.earliest is ZERO for m in on):
            continue
        soonest = shortest([choose(m.guard, m.earliest, NO_LIMIT) for m in on])
        waited = choose(any_(m.guard for m in on), longest([state.prompt, soonest]), state.prompt)
        b.states[name] = replace(state, prompt=waited)


def _by(moves: Iterable[Move], place: Callable[[Move], str]) -> dict[str, list[Move]]:
    found: dict[str, list[Move]] = {}
    for move in moves:
        found.setdefault(place(move), []).append(move)
    return found


def with_duties(b: Build) -> Iterator[Move]:
    """The moves, each with the duties that its step brings."""
    duties = [(d, b.condition(d.when)) for d in b.ladder.duties]
    for move in b.moves:
        steps = steps_of(move, b.states) if duties else {}
        more = []
        for d, when in duties:
            guard = all_([when, any_(steps[s] for s in d.at_step if s in steps)])
            if guard is not FALSE:
                more.append(
                    Mark(
                        ", ".join(d.who), duty_words(d.does, d.whom), d.citation, d.at, guard,
                        str(d.strength or ""),
                    )
                )  # fmt: skip
        yield replace(move, marks=(*move.marks, *more)) if more else move


def duty_words(does: str, whom: Sequence[str]) -> str:
    return f"{does} {', '.join(whom)}" if whom else str(does)


def steps_of(move: Move, states: dict[str, State]) -> dict[str, Term]:
    """The steps that a move is, in the words of a duty, each with the formula under which."""
    here, target = states[move.source].formal, states[move.target]
    steps = {_STEP_OF[move.kind]: TRUE} if move.kind in _STEP_OF else {}
    if target.kind in ("sent", "waiting") and move.kind in _ARRIVING:
        steps["each stage"] = TRUE
        steps["informal stage"] = not_(target.formal)
        steps["formal start"] = all_([target.formal, not_(here)])
    if target.kind == "resolved":
        steps["resolution"] = TRUE
    if target.kind in ("end", "resolved"):
        steps["end"] = TRUE
    return steps


_ARRIVING = ("raise", "escalate", "skip", "reopen", "take back")
_STEP_OF = {
    "raise": "start",
    "escalate": "escalation",
    "skip": "escalation",
    "silence": "silence",
    "refer": "referral",
    "exhaust": "top",
}
