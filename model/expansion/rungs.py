"""The states and moves of the rungs: entry, answers, silence, and what was agreed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from model.expansion.build import (
    DIVIDED,
    EARLIER,
    EXHAUSTED,
    NOT_KEPT,
    RESOLVED,
    SILENT,
    START,
    Build,
    Limits,
    awaiting,
)
from model.expansion.rules import enter, outcome, rule_steps, rule_targets, sender_of, steps
from model.graph import Budget
from model.protocol import (
    OPEN,
    Involvement,
    Officers,
    Outcome,
    Rule,
    Rung,
    officer,
)
from model.shapes import Word
from model.terms import (
    FALSE,
    NO_LIMIT,
    TRUE,
    ZERO,
    Term,
    all_,
    any_,
    choose,
    is_,
    longest,
    not_,
    plus,
)


def officers_of(b: Build, rung: Rung) -> tuple[str, ...]:
    names: dict[str, None] = {}
    for _, value in b.branches(rung.answers):
        if isinstance(value, Officers):
            names |= dict.fromkeys(str(n) for n in (*value.any_of, *value.all_of))
        else:
            names[officer(value)] = None
    if rung.substitute is not None:
        names[str(rung.substitute)] = None
    return tuple(names)


def answerers(b: Build, rung: Rung) -> Iterator[tuple[Term, tuple[str, ...]]]:
    """Who answers at a rung, by case; the word unknown or unstated where nobody is named."""
    for guard, value in b.branches(rung.answers):
        if isinstance(value, Officers):
            yield guard, tuple(str(n) for n in (*value.any_of, *value.all_of))
        else:
            yield guard, (str(value),)


def speakers(b: Build, rung: Rung) -> list[tuple[Term, str]]:
    """Whose answer it can be, by guard; of those who answer together, the first."""
    found = []
    for guard, value in b.branches(rung.answers):
        names = [value]
        if isinstance(value, Officers):
            names = [*value.any_of, *value.all_of[:1]]
        found += [(guard, officer(n)) for n in names]
    return found


def clock_stated(b: Build, rung: Rung) -> Term:
    if rung.clock is None:
        return TRUE
    starts = b.branches(rung.clock.starts)
    return not_(any_(g for g, event in starts if event in (*OPEN, "never")))


def rung_states(b: Build, name: str, rung: Rung) -> None:
    formal, cite, owner = b.formal[name], rung.citation, officers_of(b, rung)
    same_day = rung.clock is not None and rung.clock.counts_from == "the same day"
    window = b.window(rung.within, f"the window of {name}", same_day)
    starts = list(b.branches(rung.clock.starts)) if rung.clock else []
    never = any_(g for g, event in starts if event == "never")
    if never is not FALSE:
        none = Limits(
            choose(never, NO_LIMIT, window.limit),
            choose(never, NO_LIMIT, window.prompt),
            window.least,
        )
        window = none
    first = b.index[name] == 0  # nothing comes before it: both clocks are the same
    earlier = FALSE if first else any_(g for g, event in starts if event in EARLIER)
    counted = window
    if earlier is not FALSE:
        counted = Limits(
            choose(earlier, NO_LIMIT, window.limit),
            choose(earlier, NO_LIMIT, window.prompt),
            window.least,
        )  # fmt: skip
    place = rung.place("within")
    waiting = b.state(awaiting(name), "waiting", owner, place, cite, counted, name, formal=formal)
    for event in EARLIER:
        guard = any_(g for g, e in starts if e == event)
        if guard is not FALSE and not first:
            earlier_event(b, name, event, guard, window.limit, waiting)
    events = ("receipt", "acknowledgement", "review", "conference")
    if any(event in events for _, event in starts):
        assert rung.clock is not None
        label = f"the time until the clock of {name} starts"
        limit = b.window(rung.clock.within, label) if rung.clock.within else None
        limit = limit or Limits(b.number(label), b.number(label), ZERO)
        b.state(
            f"{name}: sent", "sent", owner, rung.clock.at, rung.clock.citation, limit, name,
            formal=formal,
        )  # fmt: skip
    b.state(
        f"{name}: answered", "answered", ("raiser",), rung.place("if not satisfied"), cite,
        deciding(b, rung, window), name, formal=formal,
    )  # fmt: skip


def deciding(b: Build, rung: Rung, window: Limits) -> Limits:
    """The time in which the raiser decides; on a clock that goes on where a rule waits."""
    if not keeps_clock(b, rung, window):
        return Limits(b.decide.limit, ZERO, ZERO)
    most = longest([window.limit, waiting_time(b, rung, window)])
    return Limits(plus(most, b.decide.limit), window.prompt, ZERO)


def keeps_clock(b: Build, rung: Rung, window: Limits) -> bool:
    return waiting_time(b, rung, window) is not ZERO


def waiting_time(b: Build, rung: Rung, window: Limits) -> Term:
    """The longest minimum wait before the dispute may leave the rung upwards."""
    waits = [window.least]
    name = next(n for n, r in b.rungs if r is rung)
    for follows in (
        rung.if_not_satisfied,
        rung.if_partly_satisfied,
        rung.if_silent,
        rung.if_divided,
    ):
        for rule in follows or ():
            if isinstance(rule, Rule) and rule.after is not None:
                waits.append(b.length(rule.after, f"the wait before leaving {name}"))
    return longest(waits)


def earlier_event(b: Build, name: str, event: str, guard: Term, limit: Term, waiting: str) -> None:
    """A window counted from an earlier event: a budget that cuts at this rung only."""
    counts = {}
    place = b.index[name]
    for i, (other, _) in enumerate(b.rungs):
        counts[other] = TRUE if event == "raising" else b.formal[other]
        if event == "previous rung" and i > place:
            counts[other] = FALSE
        elif event == "previous rung":  # the nearest rung below that exists
            between = [not_(b.there[j]) for j in range(i + 1, place)]
            counts[other] = all_([b.there[i], *between]) if i < place else TRUE
    counts = {other: term for other, term in counts.items() if term is not FALSE}
    rung = b.ladder.rungs[name]
    b.budgets.append(
        Budget(f"the window of {name}, counted from {event}", limit, counts,
               frozenset({waiting}), guard, False, rung.citation, rung.place("within"))
    )  # fmt: skip


def starts(b: Build) -> None:
    ladder = b.ladder
    start = ladder.start
    entries = ladder.entry if not isinstance(ladder.entry, Word) else ()
    guard = b.condition(start.when)
    begun = TRUE
    if any(r.when is not None for r in ladder.raised_by):
        begun = any_(all_([b.pair(r), b.condition(r.when)]) for r in ladder.raised_by)
    lowest = {b.rungs[j][0]: g for g, j in b.after(-1) if j is not None}
    ways: list[tuple[str, Term, Sequence[Involvement], Any]] = []
    for entry in entries:
        names = [str(n) for n in entry.at_rung]
        if "any rung" in names:
            names = [n for n, _ in b.rungs]
        under = all_([b.raised_by(entry.by), b.condition(entry.when)])
        places = {n: TRUE for n in names if n != "lowest rung"}
        if "lowest rung" in names:
            places = {**lowest, **places}
        ways += [(n, all_([under, g]), entry.involves, entry) for n, g in places.items()]
    if not entries:
        ways += [(n, g, (), start) for n, g in lowest.items()]
    for name, under, involved, cited in ways:
        j = b.index[name]
        rung = b.rungs[j][1]
        gates = b.gates([*start.involves], "start")
        gates += b.gates([*involved, *rung.involves], "entry" if j else "start")
        marks = b.marks([*start.involves, *involved, *rung.involves])
        steps(b, START, gates, "start", f"start at {name}", None, FALSE,
            [(all_([g, b.there[j]]), s) for g, s in enter(b, j)],
            name=f"raises it at {name}", kind="raise", actor=sender_of(b, rung.sends),
            guard=all_([guard, begun, under, b.there[j]]),
            strength=cited.strength or start.strength, citation=cited.citation, at=cited.at,
            marks=marks,
        )  # fmt: skip


def rung_moves(b: Build, i: int, name: str, rung: Rung) -> None:
    waiting, answered = awaiting(name), f"{name}: answered"
    same_day = rung.clock is not None and rung.clock.counts_from == "the same day"
    window = b.window(rung.within, f"the window of {name}", same_day)
    keeps = keeps_clock(b, rung, window)
    if f"{name}: sent" in b.states:
        b.move(f"the clock of {name} starts", "receive", "time", f"{name}: sent", waiting)
    answers(b, i, name, rung, waiting, keeps)
    for guard, closer in closers(b, rung):
        settles(b, i, rung, answered, guard, closer)
    outcome(b, i, name, rung, rung.if_not_satisfied, answered, "is not satisfied", window, keeps)
    if rung.if_partly_satisfied is not None:
        outcome(b, i, name, rung, rung.if_partly_satisfied, answered, "is partly satisfied", window,
            keeps, prefix="partly satisfied, ",
        )  # fmt: skip
    b.move(
        EXHAUSTED, "exhaust", "raiser", answered,
        b.end(EXHAUSTED, rung.at, rung.citation), guard=b.is_top(i), strength="automatic",
    )  # fmt: skip
    if f"{name}: {DIVIDED}" in b.states:
        outcome(
            b,
            i,
            name,
            rung,
            by_raiser(rung.if_divided),
            f"{name}: {DIVIDED}",
            "cannot agree",
            window,
            keeps,
        )


def settles(b: Build, i: int, rung: Rung, answered: str, guard: Term, closer: str) -> None:
    """What follows when whoever must be satisfied is."""
    said = "is satisfied" if closer == "raiser" else "treats it as settled"
    if rung.if_satisfied is None:
        b.move(said, "satisfied", closer, answered, RESOLVED, guard=guard)
    for rule in rung.if_satisfied or ():
        if not isinstance(rule, Rule):
            continue
        for under, target, label in rule_targets(b, rule, i):
            settled = target == RESOLVED
            b.move(
                said if settled else f"{said}: {label}", "satisfied" if settled else "close",
                closer, answered, target, guard=all_([guard, under, b.condition(rule.when)]),
                strength=rule.strength, citation=rule.citation or rung.citation, at=rule.at,
                marks=b.marks(rule.involves),
            )  # fmt: skip


def answers(b: Build, i: int, name: str, rung: Rung, waiting: str, keeps: bool) -> None:
    """An answer, or none in time, from a state in which an answer is awaited."""
    answered = f"{name}: answered"
    same_day = rung.clock is not None and rung.clock.counts_from == "the same day"
    window = b.window(rung.within, f"the window of {name}", same_day)
    for guard, who in speakers(b, rung):
        b.move("answers", "answer", who, waiting, answered, guard=guard,
                  strength=rung.strength or "should", keeps=keeps)  # fmt: skip
    for guard, value in b.branches(rung.answers):
        if isinstance(value, Officers) and value.all_of:
            ways = alone(b, i, name, rung, rung.if_divided, DIVIDED, window)
            rest = not_(any_(under for under, _ in ways))
            if rest is not FALSE:
                here = b.state(
                    f"{name}: {DIVIDED}", "divided", ("raiser",), rung.place("if divided"),
                    rung.citation, deciding(b, rung, window), name, formal=b.formal[name],
                )  # fmt: skip
                ways.append((rest, here))
            for under, there in ways:
                b.move("do not agree with each other", "divided", str(value.all_of[0]), waiting,
                          there, guard=all_([guard, under]), keeps=keeps)  # fmt: skip
    at_once = [r for r in automatic(rung.if_silent) if r.after is None]
    for rule in at_once:
        rule_steps(b, i, name, rung, rule, waiting, "no answer in time: ", actor="time",
                        guard=b.condition(rule.when), at_limit=True)  # fmt: skip
    left = not_(any_(b.condition(rule.when) for rule in at_once))
    later = tuple(r for r in rung.if_silent or () if r not in at_once)
    ways = alone(b, i, name, rung, later, SILENT, window)
    left = all_([left, not_(any_(under for under, _ in ways))])
    if left is not FALSE:
        here = b.state(
            f"{name}: {SILENT}", "overdue", ("raiser",), rung.place("if silent"),
            rung.citation, deciding(b, rung, window), name, formal=b.formal[name],
        )  # fmt: skip
        ways.append((left, here))
    for under, silent in ways:
        b.move("no answer in time", "silence", "time", waiting, silent, guard=under,
                  at_limit=True, keeps=keeps, strength="automatic")  # fmt: skip
        if any(m.source == silent and m.kind == "late answer" for m in b.moves):
            continue
        for guard, who in speakers(b, rung):
            b.move("answers late", "late answer", who, silent, answered, guard=guard,
                      strength="must", keeps=keeps)  # fmt: skip
        if b.states[silent].kind == "overdue":
            outcome(b, i, name, rung, by_raiser(later), silent, "no answer came", window, keeps)


def automatic(follows: Outcome | None) -> list[Rule]:
    """What happens by itself, of what follows."""
    return [r for r in follows or () if isinstance(r, Rule) and r.strength == "automatic"]


def by_raiser(follows: Outcome | None) -> tuple[Rule, ...]:
    """What somebody has to do, of what follows."""
    return tuple(r for r in follows or () if isinstance(r, Rule) and r.strength != "automatic")


def alone(b: Build, i: int, name: str, rung: Rung, follows: Outcome | None, after: str,
          window: Limits) -> list[tuple[Term, str]]:  # fmt: skip
    """The states from which it goes on by itself, nobody having an answer to decide on, by guard.

    It does so once a minimum wait is over, if there is one.
    """
    found = []
    for number, rule in enumerate(automatic(follows), 1):
        wait = window.least
        if rule.after is not None:
            wait = longest([wait, b.length(rule.after, f"the wait before leaving {name}")])
        here = f"{name}: {after}, and it waits" + (f" ({number})" if number > 1 else "")
        found.append((b.condition(rule.when), here))
        if here in b.states:
            continue
        b.state(here, "passing", (), rule.at, rule.citation or rung.citation,
                Limits(wait, wait, ZERO), name, formal=b.formal[name])  # fmt: skip
        rule_steps(b, i, name, rung, rule, here, "", actor="time", earliest=wait)
        outcome(b, i, name, rung, by_raiser(follows), here, "", window, False)
    return found


def closers(b: Build, rung: Rung) -> list[tuple[Term, str]]:
    if rung.closes is None:
        return [(TRUE, "raiser")]
    found: list[tuple[Term, str]] = []
    for guard, who in b.branches(rung.closes):
        theirs = guard
        if who == "unstated":
            symbol = b.silence("who must be satisfied", ("raiser", "answerer"))
            found.append((all_([guard, is_(symbol, "raiser")]), "raiser"))
            theirs = all_([guard, is_(symbol, "answerer")])
        if who in ("unstated", "answerer"):
            found += [(all_([theirs, under]), name) for under, name in speakers(b, rung)]
        else:
            found.append((guard, str(who)))
    return [(g, "raiser" if b.side(name) == "raiser" else name) for g, name in found]


def resolution(b: Build) -> None:
    plan = b.ladder.resolution
    at, cite = b.ladder.at, b.ladder.citation
    keep = b.number("the time to carry out what was agreed")
    limit, rule, watcher = Limits(keep, keep, ZERO), None, "raiser"
    if plan is not None and not isinstance(plan, Word):
        at, cite, rule = plan.at, plan.citation, plan.if_not_kept
        limit = b.window(plan.within, "the time to carry out what was agreed")
        watcher = str(plan.watched_by or "raiser")
    b.state(RESOLVED, "resolved", ("management",), at, cite, limit)
    b.state(NOT_KEPT, "not kept", (watcher,), at, cite, Limits(NO_LIMIT, ZERO, ZERO))
    b.move("carries out what was agreed", "kept", "management", RESOLVED,
              b.end("put right", at, cite), strength="must")  # fmt: skip
    b.move("does not carry out what was agreed", "not kept", "management", RESOLVED, NOT_KEPT)
    if isinstance(rule, Rule):
        way_back(b, rule, NOT_KEPT, "reopen", "brings it back at", rule.citation or cite)


def way_back(
    b: Build, rule: Rule, source: str, kind: str, verb: str, citation: str, place: int = -1
) -> None:
    """The moves of a way back into the ladder, through those who must agree to it.

    `place` is that of the rung from which it goes back, where that is known.
    """
    about = {"reopen": "bringing it back", "take back": "taking it back"}[kind]
    gates, marks = b.gates(rule.involves, kind), b.marks(rule.involves)
    ways: dict[str, list[tuple[Term, str]]] = {}
    for under, target, label in rule_targets(b, rule, place):
        rung = b.states[target].rung
        ways.setdefault(f"{verb} {rung}" if rung else label, []).append((under, target))
    for label, targets in ways.items():
        steps(b, source, gates, kind, f"{about} to {b.states[targets[0][1]].rung or 'its end'}",
              None, FALSE, targets, name=label, kind=kind, actor=sender_of(b, rule.by),
              guard=b.condition(rule.when), strength=rule.strength, citation=citation,
              at=rule.at, marks=marks)  # fmt: skip
