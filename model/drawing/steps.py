"""The steps from rung to rung: what follows an answer or none, and the arrows of a drawing."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from model.drawing import plain, powers
from model.drawing.plain import (
    Gate,
    Reader,
    Said,
    asked,
    by_case,
    condition,
    if_words,
    join,
    plainly,
)
from model.protocol import Outcome, Rule, Rung
from model.shapes import Word
from model.terms import FALSE, TRUE, Term, all_, any_, not_, simplified

OUTCOMES = ("if_not_satisfied", "if_partly_satisfied", "if_silent", "if_divided")


@dataclass(frozen=True, slots=True)
class Arrow:
    """A step between two rungs by the rules of the lower one; rung -1 is the start.

    `drawn` is False where only another reading has it; `alone` says that it happens by itself.
    """

    lower: int
    upper: int
    drawn: bool
    alone: bool
    says: Said
    gates: tuple[Gate, ...]


def outcome(read: Reader, index: int, rules: Outcome | None) -> Said:
    """What follows, in words: the rules that the plain reading leaves, or what the text omits."""
    said: list[Said] = []
    gaps: list[str] = []
    tags: list[str] = []
    for rule in rules or ():
        if isinstance(rule, Word):
            gaps.append("nothing stated" if rule == "unstated" else plain.GAPS[rule])
            continue
        guard = condition(read, rule.when)
        tags += asked(guard)
        left = plainly(read, guard)
        if left is not FALSE:
            said.append(Said(_rule(read, index, rule) + if_words(left)))
    found = said or [Said(gaps[0] if gaps else "nothing stated")]
    return join([*found, Said("", tuple(tags))])


def _rule(read: Reader, index: int, rule: Rule) -> str:
    rungs = list(read.graph.ladder.rungs.items())
    ends = (j for under, j in _targets(read, index, rule) if plainly(read, under) is not FALSE)
    end = next(ends, None)
    sends = None if end is None else rungs[end][1].sends
    by = plain.name(str(rule.by or sends or "raiser")).removeprefix("the ")
    up = rule.to in ("next rung", "raiser decides")
    goes = "goes up" if up else plain.goes(rule.to)
    acts = {
        "top rung": "take it to the top rung",
        "lowest rung": "take it back to the lowest rung",
        "same rung": "keep it here",
        "resolved": "treat it as settled",
        "closed": "close it",
        "lapsed": "let it lapse",
    }.get(rule.to, f"take it to {rule.to}")
    if up:
        acts = "go up" if by == "raiser" else "take it up"
    if up and plainly(read, read.graph.top_of[rungs[index][0]]) is TRUE:
        return "no rung is left above"
    if rule.strength == "automatic":
        return f"{goes} by itself" + (f" after {rule.after.text}" if rule.after else "")
    wait = f", not before {rule.after.text}" if rule.after else ""
    return f"{by} {rule.strength or 'may'} {acts}{wait}"


# --- arrows ---------------------------------------------------------------------------------


def _targets(read: Reader, index: int, rule: Rule) -> Iterator[tuple[Term, int]]:
    """The rungs to which a rule may lead, each with the formula under which it does."""
    rungs = list(read.graph.ladder.rungs)
    to = str(rule.to)
    if to in ("next rung", "raiser decides"):
        passed: Term = TRUE
        for j in range(index + 1, len(rungs)):
            reach = read.graph.reach_of[rungs[j]]
            yield all_([reach, passed]), j
            passed = all_([passed, not_(reach)])
    elif to == "top rung":
        yield from ((read.graph.top_of[n], j) for j, n in enumerate(rungs))
    elif to == "lowest rung" or to in rungs:
        j = 0 if to == "lowest rung" else rungs.index(to)
        yield read.graph.reach_of[rungs[j]], j
    elif to == "same rung":
        yield TRUE, index


def _here(read: Reader, index: int) -> Term:
    """The formula under which a dispute can be at a rung."""
    name = list(read.graph.ladder.rungs)[index]
    return all_([read.graph.domain, read.graph.reach_of[name]])


def arrows(
    read: Reader, rungs: Sequence[tuple[str, Rung]]
) -> tuple[tuple[Arrow, ...], tuple[Arrow, ...]]:
    """The arrows between neighbours, and the ways of the plain reading between other rungs."""
    found: dict[tuple[int, int], list[tuple[str, Rule, Term]]] = {}
    for i, (_, rung) in enumerate(rungs):
        for key in OUTCOMES:
            for rule in getattr(rung, key) or ():
                for under, j in () if isinstance(rule, Word) else _targets(read, i, rule):
                    guard = all_([under, condition(read, rule.when)])
                    if j != i and all_([guard, _here(read, i)]) is not FALSE:
                        found.setdefault((i, j), []).append((key, rule, guard))
    made = [_arrow(read, rungs, i, j, rules) for (i, j), rules in sorted(found.items(), key=_pair)]
    leaps = tuple(a for a in made if a.upper != a.lower + 1 and a.drawn)
    return (*_first(read, rungs[0][1]), *(a for a in made if a.upper == a.lower + 1)), leaps


def _pair(found: tuple[tuple[int, int], object]) -> tuple[int, int]:
    return found[0]


def first_mark(read: Reader) -> str:
    """The mark of the entry that the arrow from the start to the lowest rung stands for."""
    items = powers.entries(read)
    lowest = next(iter(read.graph.ladder.rungs))
    return next((e.mark for e in items if e.drawn and lowest in e.places), "")


def _first(read: Reader, lowest: Rung) -> Iterator[Arrow]:
    """The arrow from the start to the lowest rung, with what stands before it."""
    ladder = read.graph.ladder
    name = next(iter(ladder.rungs))
    given = () if isinstance(ladder.entry, Word) else ladder.entry
    mine = [e for e in given if {name, "any rung", "lowest rung"} & {str(n) for n in e.at_rung}]
    held = [e for e in mine if plainly(read, condition(read, e.when)) is not FALSE]
    if given and not mine:
        return
    first = (held or mine)[:1]
    parts = [*ladder.start.involves, *(p for e in first for p in e.involves), *lowest.involves]
    tags = Said("", asked(*(condition(read, e.when) for e in first)))
    strength = str((held[0].strength if held else None) or ladder.start.strength or "may")
    drawn = bool(held or not given)
    says = join([f"{first_mark(read)}: {strength}" if drawn else powers.OTHER, tags])
    yield Arrow(-1, 0, drawn, False, says, tuple(plain.gates(read, parts)))


def _arrow(
    read: Reader,
    rungs: Sequence[tuple[str, Rung]],
    i: int,
    j: int,
    rules: Sequence[tuple[str, Rule, Term]],
) -> Arrow:
    lower, upper = rungs[i][1], rungs[j][1]
    left = [(key, rule, plainly(read, guard)) for key, rule, guard in rules]
    held = [(key, rule, guard) for key, rule, guard in left if guard is not FALSE]
    gates = plain.gates(read, [*lower.to_leave, *upper.involves])
    parts = {id(p): (p, rule) for _, rule, _ in held or left for p in rule.involves}
    for part, _ in parts.values():
        keys = {key for key, rule, _ in held or left if part in rule.involves}
        event = "After no answer, " if keys == {"if_silent"} else ""
        gates += [Gate(event + g.who, g.says, g.awaited) for g in plain.gates(read, [part])]
    least = by_case(read, lower.within, plain.least)
    sure = [k for k, r, _ in held if plainly(read, condition(read, r.when)) is TRUE]
    says = dict.fromkeys(
        _strength(key, rule)
        for key, rule, _ in held
        if key not in sure or plainly(read, condition(read, rule.when)) is TRUE
    )
    tags = Said("", asked(*(guard for _, _, guard in rules)))
    when = Said("")
    if j != i + 1 and held:  # no rung between is drawn that would say when this way is open
        cases = any_(guard for _, _, guard in held)
        when = Said(if_words(simplified(cases, plainly(read, _here(read, i)))).strip())
    said = join(["; ".join(says) if held else powers.OTHER, when, least, tags])
    alone = any(rule.strength == "automatic" for _, rule, _ in held)
    return Arrow(i, j, bool(held), alone, said, tuple(gates))


def _strength(key: str, rule: Rule) -> str:
    event = {"if_silent": " (no answer)", "if_divided": " (they do not agree)"}.get(key, "")
    if rule.strength == "automatic":
        return "by itself" + (f" after {rule.after.text}" if rule.after else "") + event
    wait = f", not before {rule.after.text}" if rule.after else ""
    return f"{rule.strength or 'may'}{wait}{event}"
