"""The states and moves of the rungs: answers, silence, what follows, and the gates between."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from model.expansion.build import (
    EXHAUSTED,
    RESOLVED,
    Build,
    Exit,
    Gate,
    Limits,
    awaited,
    awaiting,
)
from model.protocol import (
    Outcome,
    Rule,
    Rung,
)
from model.shapes import Word
from model.terms import (
    FALSE,
    TRUE,
    ZERO,
    Term,
    all_,
    any_,
    longest,
    not_,
)

_AFTER = {"overdue": "without an answer", "divided": "without agreement"}


def enter(b: Build, j: int) -> list[tuple[Term, str]]:
    """The states in which one arrives at a rung, by guard."""
    name, rung = b.rungs[j]
    if f"{name}: sent" not in b.states:
        return [(TRUE, awaiting(name))]
    assert rung.clock is not None
    events = ("receipt", "acknowledgement", "review", "conference")
    later = any_(g for g, event in b.branches(rung.clock.starts) if event in events)
    ways = [(later, f"{name}: sent"), (not_(later), awaiting(name))]
    return [(guard, state) for guard, state in ways if guard is not FALSE]


def steps(
    b: Build,
    source: str,
    gates: Sequence[Gate],
    step: str,
    about: str,
    rung: str | None,
    formal: Term,
    targets: Sequence[tuple[Term, str]],
    **move: Any,
) -> None:
    """A move from `source` to the targets, through the waiting states of its gates.

    Sources that share their gates share the waiting states, and connect to them only once.
    """
    key = (about, *((g.who, g.how, g.guard.serial, id(g.about)) for g in gates))
    fresh = bool(gates) and key not in b.chained
    exits: list[Exit] = []
    if fresh:
        others = sum(1 for k in b.chained if k[0] == about)
        if others:  # other people have a part here than in the same step from elsewhere
            after = _AFTER.get(b.states[source].kind, "")
            told = after and f"{about}, {after}: " not in "".join(b.states)
            about += f", {after}" if told else f" ({others + 1})"
        b.chained[key], exits = b.chain(gates, step, about, rung, formal)
    entry = b.chained[key] if gates else [(TRUE, "")]
    own = move.pop("guard", TRUE)
    marks = move.pop("marks", ())
    said = move.pop("said", move["name"])  # without what only this source brings to it
    for guard, gate in entry:
        if gate:
            asks = {
                **move,
                "name": f"asks {b.states[gate].owner[0]}: {move['name']}",
                "kind": "ask",
            }
            there = any_(under for under, _ in targets)
            b.move(source=source, target=gate, guard=all_([own, guard, there]), **asks)
            continue
        for under, target in targets:
            b.move(
                source=source, target=target, guard=all_([own, guard, under]), marks=marks, **move
            )
    for out in exits:
        for under, target in targets:
            b.move(
                f"{out.verb}: {said}", move["kind"], out.gate.who, out.state, target,
                guard=all_([out.guard, under]), strength=out.gate.about.strength,
                citation=out.gate.about.citation, at=out.gate.about.at, marks=marks,
            )  # fmt: skip
    if fresh:
        refusals(b, gates, about, rung, formal, targets, move)


def refusals(
    b: Build,
    gates: Sequence[Gate],
    about: str,
    rung: str | None,
    formal: Term,
    targets: Sequence[tuple[Term, str]],
    move: dict[str, Any],
) -> None:
    """What follows when somebody whose agreement or view is awaited refuses, or is silent."""
    for gate in gates:
        name = awaited(about, gate)
        happenings: list[tuple[str, str, Rule | Word | None, str]]
        happenings = [("does not answer", "unanswered", gate.about.if_silent, "time")]
        if gate.how != "consulted before":
            happenings.insert(0, ("does not agree", "refused", gate.about.if_refused, gate.who))
        for said, kind, rule, actor in happenings:
            after = b.state(
                f"{about}: {gate.who} {said}", kind, ("raiser",), gate.about.at,
                gate.about.citation, Limits(b.decide.limit, ZERO, ZERO), rung, formal=formal,
            )  # fmt: skip
            b.move(said, kind, actor, name, after, at_limit=actor == "time")
            if isinstance(rule, Rule):
                where = rule_targets(b, rule, b.index[rung] if rung else -1)
                if rule.to in ("next rung", "raiser decides"):
                    where = [(under, target, move["name"]) for under, target in targets]
                for under, target, label in where:
                    kind = move["kind"] if b.states[target].rung else kind_of(b, target, rung)
                    b.move(
                        label, kind, sender_of(b, rule.by), after, target,
                        guard=all_([under, b.condition(rule.when)]), strength=rule.strength,
                        citation=rule.citation or gate.about.citation, at=rule.at,
                    )  # fmt: skip


def outcome(
    b: Build,
    i: int,
    name: str,
    rung: Rung,
    outcome: Outcome | None,
    source: str,
    said: str,
    window: Limits,
    keeps: bool,
    prefix: str = "",
) -> None:
    """The rules that follow from a state in which the raiser has the word."""
    for rule in outcome or ():
        if not isinstance(rule, Rule):
            continue
        wait = window.least if rule.after is None else longest(
            [window.least, b.length(rule.after, f"the wait before leaving {name}")]
        )  # fmt: skip
        if rule.strength == "automatic" and wait is not ZERO:
            others = sum(s.startswith(f"{name}: not settled") for s in b.states)
            passing = b.state(
                f"{name}: not settled" + (f" ({others + 1})" if others else ""), "passing", (),
                rule.at, rule.citation or rung.citation, Limits(wait, wait, ZERO), name,
                formal=b.formal[name],
            )  # fmt: skip
            b.move(said, "not satisfied", "raiser", source, passing, keeps=True,
                      guard=b.condition(rule.when))  # fmt: skip
            rule_steps(b, i, name, rung, rule, passing, "", actor="time", earliest=wait)
            continue
        label = prefix if rule.strength != "automatic" else f"{said}: "
        rule_steps(b, i, name, rung, rule, source, label, earliest=wait)


def rule_steps(
    b: Build, i: int, name: str, rung: Rung, rule: Rule, source: str, prefix: str, **move: Any
) -> None:
    """The moves of one rule, through the gates of leaving this rung and of entering the next."""
    guard = all_([move.pop("guard", TRUE), b.condition(rule.when)])
    ways: dict[str, list[tuple[Term, str]]] = {}
    for under, target, label in rule_targets(b, rule, i):
        ways.setdefault(label, []).append((under, target))
    for label, targets in ways.items():
        target = targets[0][1]
        above = b.states[target].rung
        to_rung = b.rungs[b.index[above]][1] if above else None
        involved = [] if target == EXHAUSTED else [*rule.involves]
        if above is not None and above != name:
            involved = [*rung.to_leave, *involved, *(to_rung.involves if to_rung else ())]
        sender = sender_of(b, rule.by or (to_rung.sends if to_rung else None))
        steps(b, source, b.gates(involved, "escalate"), "escalate", f"{name} to {above or target}",
            name, b.formal[name], targets, name=prefix + label, said=label,
            kind=kind_of(b, target, name), actor=move.get("actor", sender), guard=guard,
            strength=rule.strength, citation=rule.citation or rung.citation, at=rule.at,
            marks=b.marks(involved), earliest=move.get("earliest", ZERO),
            at_limit=move.get("at_limit", False),
        )  # fmt: skip


def kind_of(b: Build, target: str, rung: str | None) -> str:
    """The kind of a move that a rule makes from a rung to a state."""
    above = b.states[target].rung
    if above is not None:
        return "escalate" if above != rung else "return"
    if target in (RESOLVED, EXHAUSTED):
        return "accept" if target == RESOLVED else "exhaust"
    return "refer" if target.startswith("with ") else "close"


def sender_of(b: Build, who: Word | None) -> str:
    return "somebody not named" if who == "unstated" else str(who or "raiser")


def rule_targets(b: Build, rule: Rule, i: int) -> list[tuple[Term, str, str]]:
    """Where a rule leads from rung `i`: (guard, state, words)."""
    to = str(rule.to)
    if i < 0 and to in ("raiser decides", "same rung"):  # a way back in from beside the rungs
        ways = [arrivals(b, j, b.there[j], f"goes up to {n}") for n, j in b.index.items()]
        return [way for found in ways for way in found]
    if to in ("next rung", "raiser decides"):
        found = []
        for guard, j in b.after(i):
            if j is None:
                end = b.end(EXHAUSTED, rule.at, rule.citation)
                found.append((guard, end, EXHAUSTED))
            else:
                found += arrivals(b, j, guard, f"goes up to {b.rungs[j][0]}")
        return found
    if to == "top rung":
        found = []
        for j, (name, _) in enumerate(b.rungs):
            guard = all_([b.there[j], b.is_top(j)])
            if guard is not FALSE:
                found += arrivals(b, j, guard, f"goes up to {name}")
        return found
    if to in ("lowest rung", "same rung") or to in b.index:
        where = b.after(-1) if to == "lowest rung" else []
        if to != "lowest rung":
            j = i if to == "same rung" else b.index[to]
            where = [(b.there[j], j)]
        found = []
        for guard, j in where:
            if j is not None:
                verb = "goes up to" if j > i else "stays at" if j == i else "goes back down to"
                found += arrivals(b, j, guard, f"{verb} {b.rungs[j][0]}")
        return found
    if to == "resolved":
        return [(TRUE, RESOLVED, "it counts as settled")]
    if to in ("closed", "lapsed"):
        return [(TRUE, b.end(to, rule.at, rule.citation), f"it is {to}")]
    if to.startswith("ladder "):
        return [(TRUE, b.end(f"goes on in {to}", rule.at, rule.citation), f"goes on in {to}")]
    return [(TRUE, b.end(f"with {to}", rule.at, rule.citation), f"goes to {to}")]


def arrivals(b: Build, j: int, guard: Term, label: str) -> list[tuple[Term, str, str]]:
    return [
        (all_([guard, under]), state, label)
        for under, state in enter(b, j)
        if all_([guard, under]) is not FALSE
    ]
