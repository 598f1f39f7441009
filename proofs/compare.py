"""Whether two answers to one claim say the same.

Two conditions are seen to differ where one of them stops holding; else the solver is asked. Where
it does not know, the claim is asked anew of one answer after the other to what is read in several
ways: with fewer ways open through a ladder, more of them can be told apart.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from math import prod
from typing import Any

from model.terms import (
    TRUE,
    Symbol,
    Term,
    Value,
    World,
    all_,
    any_,
    evaluator,
    is_,
    not_,
    restrict,
    symbols,
    values_of,
)
from model.work import TooLarge, within_limits
from proofs.analysis import Analysis
from proofs.bounds import Bound
from proofs.claim import Claim
from proofs.decide import TOO_LARGE, Answer, in_every_case
from proofs.latest import Latest
from proofs.solver import SAT, UNKNOWN, UNSAT, Solver

MOST_DAYS = 64  # where the brink of a condition is looked for; totals are about 20 days
MOST_READINGS = 1000  # that two conditions are compared in, one by one
MOST_DRAWN = 50  # readings that are drawn
MANY_WAYS = 150  # that are told apart into one state, in some readings

Conditions = Callable[[Mapping[Symbol, str]], tuple[Term, Term]]  # what they are in some readings


def changed(solver: Solver, before: Answer, after: Answer, conditions: Conditions) -> str:
    """How an answer differs from another; empty if it does not, or `unknown`."""
    other = "depends on something else"
    if "undecided" in (before.word, after.word):
        if after.why != TOO_LARGE or before.word != "depends":
            return UNKNOWN
        answer = _in_readings(solver, conditions, _questions(before.condition), {})
        return {UNSAT: "", SAT: other}.get(answer, UNKNOWN)
    if (before.word, before.plain) != (after.word, after.plain):
        return "another verdict"
    if before.condition is after.condition:
        return ""
    if _seen_apart(before, after):
        return other
    answer = _any_world(solver, _apart(before, after))
    if answer == UNKNOWN and _found_apart(before.condition, after.condition):
        return other
    if answer == UNKNOWN:
        asked = _questions(before.condition, after.condition)
        answer = _in_readings(solver, conditions, asked, {})
    return {UNSAT: "", SAT: other}.get(answer, UNKNOWN)


def _questions(*conditions: Term) -> list[Symbol]:
    """What is read in several ways in some conditions; not more than can be gone through."""
    asked = [s for s in symbols(*conditions) if s.values]
    while prod(len(s.values) for s in asked) > MOST_READINGS:
        asked.pop()
    return asked


def condition_in(a: Analysis, claim: Claim, given: Mapping[Symbol, str]) -> Term:
    """The formula under which a claim holds in some readings."""
    seen: Any = _InReadings(a, all_(is_(s, v) for s, v in given.items()))
    wrong = (all_((o.premise, not_(o.holds))) for o in claim.body(seen))
    return in_every_case(not_(restrict(all_((a.domain, any_(wrong))), given)))


class _InReadings:
    """An analysis of which bounds on time are asked in some readings only."""

    def __init__(self, a: Analysis, where: Term) -> None:
        self.a, self.where = a, where

    def __getattr__(self, name: str) -> Any:
        return getattr(self.a, name)

    def end_by(
        self, conduct: str, start: Term = TRUE, total: str = "", over: int | None = None,
        given: World | None = None,
    ) -> Bound:  # fmt: skip
        start = all_((start, self.where))
        return Latest(self.a, conduct, start, total, over, given, MANY_WAYS).end_by


def _in_readings(
    solver: Solver, conditions: Conditions, asked: Sequence[Symbol], given: Mapping[Symbol, str]
) -> str:
    """Whether two conditions differ in some world of these readings."""
    answer = UNKNOWN
    with suppress(TooLarge), within_limits():
        one, other = conditions(given)
        both_ways = [(one, not_(other)), (other, not_(one))]
        answer = UNSAT if one is other else _any_world(solver, both_ways)
    if answer != UNKNOWN or not asked:
        return answer
    first, *rest = asked
    answer = UNSAT
    for value in first.values:
        found = _in_readings(solver, conditions, rest, {**given, first: value})
        if found != UNSAT:
            answer = found
        if found == SAT:
            break
    return answer


def _any_world(solver: Solver, questions: Iterable[tuple[Term, ...]]) -> str:
    """Whether some question has a world: the first answer that is not *unsat*."""
    answers = (solver.check(*parts) for parts in questions)
    return next((answer for answer in answers if answer != UNSAT), UNSAT)


def _apart(before: Answer, after: Answer) -> Iterator[tuple[Term, ...]]:
    """Questions of which one has a world exactly if two conditions differ; small ones first."""
    one, other = before.clauses or (before.condition,), after.clauses or (after.condition,)
    if not (before.complete and after.complete):
        one, other = (before.condition,), (after.condition,)
    for holding, rest in ((one, other), (other, one)):
        for clause in rest:
            if clause not in holding:
                yield (*holding, not_(clause))


# --- seen to differ -----------------------------------------------------------------------------


def _seen_apart(before: Answer, after: Answer) -> bool:
    """Whether two conditions are seen to differ where one of them stops holding.

    From a world in which it holds, each open number goes up as far as it can.
    """
    conditions = before.condition, after.condition
    asked = symbols(*conditions)
    for holding, condition in zip((before.holds_in, after.holds_in), conditions, strict=True):
        base = {s: (holding or {}).get(s, _first(s)) for s in asked}
        near = ({**base, s: v} for s in asked for v in _near(condition, base, s))
        if any(_differ(*conditions, world) for world in near):
            return True
    return False


def _found_apart(one: Term, other: Term) -> bool:
    """Whether two conditions are found to differ by raising numbers one after the other.

    In readings drawn at random, the same ones each time; each number goes to the brink, or not.
    """
    draw, asked = random.Random(0), symbols(one, other)
    numbers = [s for s in asked if s.kind in ("number", "calendar")]
    for turn in range(MOST_DRAWN):
        world = {s: s.low if s in numbers else draw.choice(values_of(s)) for s in asked}
        if _differ(one, other, world):
            return True
        condition = (one, other)[turn % 2]
        if not evaluator(world)(condition):
            continue
        for number in draw.sample(numbers, len(numbers)):
            brink = _brink(condition, world, number)
            for days in brink:
                world[number] = days
                if _differ(one, other, world):
                    return True
            world[number] = draw.choice((number.low, brink[0]))
    return False


def _differ(one: Term, other: Term, world: World) -> bool:
    of = evaluator(world)
    return bool(of(one)) != bool(of(other))


def _near(condition: Term, base: World, symbol: Symbol) -> Sequence[Value]:
    """The values of a symbol that can tell conditions apart; of a number, those at the brink."""
    if symbol.kind in ("number", "calendar"):
        return (symbol.low, *_brink(condition, base, symbol))
    return values_of(symbol)


def _first(symbol: Symbol) -> Value:
    return symbol.values[0] if symbol.values else False if symbol.kind == "fact" else symbol.low


def _brink(condition: Term, base: World, symbol: Symbol) -> tuple[int, int]:
    """Two days beside each other: a condition holds with the first, and not with the second."""
    low, high = symbol.low, symbol.high or MOST_DAYS
    while high - low > 1:
        middle = (low + high) // 2
        if evaluator({**base, symbol: middle})(condition):
            low = middle
        else:
            high = middle
    return low, high
