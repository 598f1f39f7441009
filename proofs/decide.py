"""Deciding a claim: Z3's answer, the condition where it depends, and the trace that shows it.

A claim holds in a graph when each of its obligations does, in every case (facts, raiser, child,
start date). The readings and the numbers that the text leaves open are the parameters of the
answer. This is the only place that negates.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from model.graph import StateGraph
from model.replay import world_of
from model.terms import (
    FALSE,
    TRUE,
    Symbol,
    Term,
    Value,
    Variable,
    World,
    all_,
    any_,
    at_most,
    cube_at,
    days,
    evaluator,
    for_all,
    is_,
    is_case,
    limited,
    not_,
    one_of,
    restrict,
    symbols,
    unknown,
    values_of,
    variables,
)
from model.work import TooLarge, within_limits
from proofs.analysis import DILIGENT, UNHURRIED, Analysis
from proofs.bracket import from_both_sides
from proofs.claim import Claim, Obligation
from proofs.claims.people import PLAINLY, not_named
from proofs.exact import BOTH_SIDES, HELD, happens, in_doubt, inexact, obligations_of, unsure
from proofs.regions import Cube, conjunction, outside
from proofs.smtlib import Formula, Question
from proofs.solver import SAT, UNKNOWN, UNSAT, Solver

FAR = 1000  # days; a story whose numbers are no larger is told, if there is one
MOST_REGIONS = 48  # beyond, a condition is stated as the formula itself
SHARE = 0.02  # of what may be worked out for a claim, where it is asked once more
TOO_LARGE = "its formulas grow too large"


@dataclass(frozen=True, slots=True)
class Answer:
    """What is known of one claim on one graph.

    `word` is holds, broken, depends, undecided or not-applicable. `plain` is holds or broken
    under the plain readings, with no limit where none is stated. `condition` is the formula
    under which a claim that depends holds (its clauses in `clauses`); `broken_in` and
    `holds_in` are worlds for the traces, `failing` and `shown` the obligations that they show.
    """

    claim: Claim
    word: str
    plain: str = ""
    condition: Term = TRUE
    clauses: tuple[Term, ...] = ()
    obligations: tuple[Obligation, ...] = ()
    failing: Obligation | None = None
    all_failing: tuple[Obligation, ...] = ()
    broken_in: Mapping[Symbol, Value] | None = None
    shown: Obligation | None = None
    holds_in: Mapping[Symbol, Value] | None = None
    why: str = ""
    complete: bool = True
    questions: tuple[Question, ...] = ()  # those on whose answers it rests
    by: Decider | None = None  # of another ladder, by which it was found; see `bracket`


class Decider:
    """Decides the claims of one graph with one solver."""

    def __init__(self, graph: StateGraph, rlimit: int | None = None) -> None:
        self.graph = graph
        self.analysis = Analysis(graph)
        self.solver = Solver() if rlimit is None else Solver(rlimit)

    def decide(self, claim: Claim) -> Answer:
        """The answer to one claim. Never raises for a policy; an undecided answer says why."""
        before = self.solver.unanswered
        try:
            with within_limits():
                answer = self.answer(claim)
        except TooLarge:
            return Answer(claim, "undecided", why=TOO_LARGE)
        if answer.why == HELD:
            answer = self.once_more(claim) or answer
        if answer.why.endswith(BOTH_SIDES):
            answer = from_both_sides(self.graph, claim, self.alike) or answer
        unsure = self.solver.unanswered > before and answer.word != "undecided"
        return self.undecided(claim, "how its condition is best said") if unsure else answer

    def once_more(self, claim: Claim) -> Answer | None:
        """The answer where requests may be held while the dispute goes on; None if it is large."""
        try:
            with within_limits(SHARE):
                return self.answer(claim, hold=True)
        except TooLarge:
            return None

    def alike(self, graph: StateGraph) -> Decider:
        """One for another ladder, with the same budget."""
        return Decider(graph, self.solver.rlimit)

    def answer(self, claim: Claim, hold: bool = False, again: bool = False) -> Answer:
        """Like `decide`, but what is said of a condition may be longer than it need be.

        With `hold`, a request may be held while the dispute goes on; with `again`, a referral
        may be made again and again.
        """
        if str(self.graph.ladder.kind) not in claim.kinds:
            kind = self.graph.ladder.kind
            return Answer(claim, "not-applicable", why=f"it does not speak of a {kind}")
        obligations = obligations_of(self.analysis, claim, hold)
        domain = self.analysis.domain
        witness = all_([domain, any_(happens(o) for o in obligations)])
        world = self.world(witness)
        if world == UNKNOWN:
            return self.undecided(claim, "whether it can happen at all")
        begins: tuple[Formula, ...] = (domain, ("or", *(o.premise for o in obligations)))
        perhaps = all_([domain, any_(o.premise for o in obligations)])
        if world is None and self.sat(perhaps) != UNSAT:
            return Answer(claim, "undecided", why=in_doubt(self.analysis))
        if world is None:
            never = (Question("can-happen", begins, UNSAT),)
            return Answer(claim, "not-applicable", why=_nothing(self.graph, claim), questions=never)
        assert not isinstance(world, str)
        fails = all_([domain, any_(all_([o.premise, not_(o.holds)]) for o in obligations)])
        found = self.sat(fails)
        if found == UNKNOWN:
            return self.undecided(claim, "whether it can fail")
        why = inexact(self.analysis, self.solver, obligations, found == UNSAT, again)
        if why is not None:
            return Answer(claim, "undecided", why=why)
        if found == UNSAT:
            shown = self.first(obligations, world)
            questions = (
                Question("can-happen", begins, SAT, world),
                Question("can-fail", _failing(domain, obligations), UNSAT),
            )
            return Answer(claim, "holds", "holds", obligations=obligations, shown=shown,
                          holds_in=world, questions=questions)  # fmt: skip
        return self.divided(claim, obligations, witness, fails)

    def divided(
        self, claim: Claim, obligations: tuple[Obligation, ...], witness: Term, fails: Term
    ) -> Answer:
        """A claim that fails in some world: find in which readings and numbers it does."""
        bad = not_(in_every_case(not_(fails)))
        live = not_(in_every_case(not_(witness)))
        regions, complete = self.regions(bad)
        if regions is None:
            return self.undecided(claim, "on which readings it depends")
        condition = not_(bad)
        clauses = self.minimal([not_(region) for region in regions])
        if complete:
            joined = all_(clauses)
            wrong = [(joined, bad), (not_(joined), condition)]
            answers = [self.solver.check(all_(pair)) for pair in wrong]
            if UNKNOWN in answers:
                return self.undecided(claim, "whether its condition is exact")
            if answers != [UNSAT, UNSAT]:
                raise AssertionError(f"{claim.id}: the condition found is not the claim's")
            condition = joined
        domain, wrongly = self.analysis.domain, _failing(self.analysis.domain, obligations)
        questions = []
        if complete:
            questions = [
                Question("suffices", (condition, *wrongly), UNSAT),
                Question("needed", (("not", condition), ("not", bad)), UNSAT),
            ]
        good = self.world(condition, live)
        good = self.world(condition, witness, not_(fails)) if isinstance(good, dict) else good
        plain, world = self.plainly(fails)
        if isinstance(good, str) or plain == UNKNOWN:
            return self.undecided(claim, "under the plain readings")
        bad_world = world if world is not None else self.world(fails)
        if not isinstance(bad_world, Mapping):
            return self.undecided(claim, "in which world it fails")
        rightly: tuple[Formula, ...] = (
            condition, domain, ("or", *(o.premise for o in obligations)), ("not", wrongly[-1])
        )  # fmt: skip
        questions += [
            Question("can-fail", wrongly, SAT, bad_world),
            Question("can-hold", rightly, UNSAT if good is None else SAT, good),
            Question("can-fail-plainly", (*self.plain_readings(fails), *wrongly),
                     UNSAT if world is None else SAT, world),
        ]  # fmt: skip
        failing = self.failing(obligations, bad_world)
        in_case = self.in_case(failing[0], bad_world)
        if in_case is None:
            return self.undecided(claim, "in which case it fails")
        if good is None:
            return Answer(claim, "broken", plain, FALSE, (), obligations, failing[0],
                          tuple(failing), in_case, questions=tuple(questions))  # fmt: skip
        return Answer(
            claim, "depends", plain, condition, tuple(clauses), obligations, failing[0],
            tuple(failing), in_case, self.first(obligations, good), good, complete=complete,
            questions=tuple(questions),
        )  # fmt: skip

    def regions(self, bad: Term) -> tuple[list[Term] | None, bool]:
        """Regions, as large as can be, that together make up a formula over parameters.

        The flag is false where there are more than `MOST_REGIONS`; None if undecided.
        """
        found: list[Term] = []
        left, parts = bad, [bad]
        compares = _arithmetic(bad)  # else the diagram tells all, and no world is asked for
        good = [of for _, of in self.evaluators if compares and not of(bad)]
        asked = variables(bad)
        with self.solver.apart():
            while True:
                world = None if left is FALSE else self.first_world(asked, parts)
                if isinstance(world, str):
                    return None, False
                if world is None:  # all is found; or what is left is arithmetic that cannot be
                    return found, True
                if len(found) == MOST_REGIONS:
                    return found, False
                found.append(self.widened(asked, world, bad, good))
                parts.append(not_(found[-1]))
                left = all_((left, parts[-1]))

    def first_world(
        self, asked: Iterable[Variable], parts: list[Term]
    ) -> dict[Symbol, Value] | str | None:
        """Like `world`, but the same one whichever world the solver finds.

        As far as these variables tell: each has the first of its values that it can have.
        """
        world = self.guess(tuple(parts))
        if world is not None:
            return world
        found, fixed = self.world(*parts), list(parts)
        if not isinstance(found, dict):
            return found
        of = evaluator(found)
        for variable in asked:
            for value in values_of(variable):
                literal = one_of(variable, (value,))
                if not of(literal):
                    other = self.solver.world(*fixed, literal, symbols=symbols(*fixed, literal))
                    if other is None:
                        continue
                    if isinstance(other, str):
                        return other
                    found, of = other, evaluator(other)
                fixed.append(literal)
                break
        return found

    def widened(
        self, asked: Iterable[Variable], world: World, bad: Term, good: list[Callable[[Term], Any]]
    ) -> Term:
        """The region of a world, without what it does not need, and with all that it can bear.

        It is the same one whatever the solver finds: that only spares questions. `good` has worlds
        outside the formula, and gains those that are found.
        """
        of = evaluator(world)
        cube: Cube = {
            v: frozenset(value for value in values_of(v) if of(one_of(v, (value,)))) for v in asked
        }
        enough: Iterable[Variable] = cube_at(bad, of, world)  # a part of the region that suffices
        for variable in sorted(cube, key=lambda v: isinstance(v, Term)):
            fewer = {v: chosen for v, chosen in cube.items() if v != variable}
            part = self.needed(fewer, bad, good) if variable in enough else enough
            if part is not None:
                cube, enough = fewer, part
        for variable, chosen in list(cube.items()):
            for value in values_of(variable):
                wider = {**cube, variable: cube[variable] | {value}}
                if value not in chosen and self.needed(wider, bad, good) is not None:
                    cube = wider
        return conjunction(cube)

    def needed(self, cube: Cube, bad: Term, good: list[Callable[[Term], Any]]) -> Cube | None:
        """The part of a region that suffices for it to lie in a formula; None if it does not.

        Where neither the diagram nor a world seen before can tell, the solver does.
        """
        where = outside(cube, bad)
        if where != "by arithmetic":
            return cube if where == "nowhere" else None
        literals = {one_of(v, chosen): v for v, chosen in cube.items()}
        if any(all(of(literal) for literal in literals) for of in good):
            return None
        world = self.solver.world(*literals, not_(bad), symbols=symbols(bad))
        if isinstance(world, dict):
            good.append(evaluator(world))
        if world is not None:
            return None
        return {literals[t]: cube[literals[t]] for t in self.solver.core if t in literals}

    def minimal(self, clauses: list[Term]) -> list[Term]:
        """The clauses without those that the others imply."""
        kept = sorted(dict.fromkeys(clauses), key=lambda c: len(symbols(c)))
        for clause in reversed(kept[:]):
            others = [c for c in kept if c is not clause]
            needless = all_([*others, not_(clause)])
            if others and (
                needless is FALSE
                or (_arithmetic(needless) and self.solver.check(needless) == UNSAT)
            ):
                kept = others
        return kept

    def plainly(self, fails: Term) -> tuple[str, Mapping[Symbol, Value] | None]:
        """Whether the claim holds under the plain readings, and one of their worlds if it fails."""
        given = self.plain(fails)
        world = self.world(restrict(fails, given))
        if world == UNKNOWN:
            return UNKNOWN, None
        if world is None:
            return "holds", None
        assert isinstance(world, Mapping)
        return "broken", {**world, **given}

    def plain(self, fails: Term) -> dict[Symbol, Value]:
        """What is read plainly, of what a formula speaks of."""
        plain = world_of(self.graph)
        given: dict[Symbol, Value] = {}
        for s in symbols(fails):
            if s.kind == "number":
                given[s] = None
            elif s.kind == "silence":
                given[s] = s.values[0]
            elif s.kind == "question":
                given[s] = plain[s]
        return given

    def plain_readings(self, fails: Term) -> list[Formula]:
        """The plain readings as formulas."""
        return [
            ("not", limited(unknown(s))) if value is None else is_(s, str(value))
            for s, value in self.plain(fails).items()
        ]

    def in_case(
        self, failing: Obligation, world: Mapping[Symbol, Value]
    ) -> Mapping[Symbol, Value] | None:
        """A world with these readings and numbers, and a case in which an obligation fails.

        None if undecided.
        """
        if failing.in_case is None:
            return world
        tried = [world]
        if failing.story.to in (DILIGENT, UNHURRIED):  # who sets a window sets it shortly
            tried.insert(0, {**world, **dict.fromkeys(self.graph.own & set(world), 0)})
        for world in tried:  # a window from an earlier event counts in full, whoever sets it
            given = {s: v for s, v in world.items() if not is_case(s)}
            known: dict[int, Term] = {}
            bad = not_(failing.in_case(given))
            live = (restrict(t, given, known) for t in (self.analysis.domain, failing.premise))
            found = self.world(*live, bad)
            if found == UNKNOWN:
                return None
            if isinstance(found, dict):
                return {**world, **{s: v for s, v in found.items() if is_case(s)}}
        raise AssertionError(f"no case fails where one must: {failing.says}")

    # --- worlds -----------------------------------------------------------------------------

    def world(self, *terms: Term) -> dict[Symbol, Value] | str | None:
        """A world in which the formulas hold, with the plain value where they leave one open."""
        guessed = self.guess(terms)
        if guessed is not None:
            return guessed
        found = self.solver.world(*terms, symbols=symbols(*terms))
        if not isinstance(found, dict):
            return found
        if any(s.kind == "number" and isinstance(v, int) and v > FAR for s, v in found.items()):
            near = (any_((at_most(unknown(s), days(FAR)), not_(limited(unknown(s))))) for s in found
                    if s.kind == "number")  # fmt: skip
            nearer = self.solver.world(*terms, *near, symbols=symbols(*terms))
            found = nearer if isinstance(nearer, dict) else found
        complete = self.completed(found)
        of = evaluator(complete)
        if not all(of(t) for t in terms):
            raise AssertionError("the solver's model does not satisfy the formulas it was given")
        return complete

    def completed(self, given: Mapping[Symbol, Value]) -> dict[Symbol, Value]:
        """A world from some values, with the plain ones for all that they leave open."""
        return {not_named(self.graph): PLAINLY, **given, **world_of(self.graph, given)}

    def guess(self, terms: tuple[Term, ...]) -> dict[Symbol, Value] | None:
        """A world near the plain ones in which some formulas hold, if there is one."""
        for base, of in self.evaluators:
            if all(of(t) for t in terms):
                return dict(base)
        return None

    @cached_property
    def evaluators(self) -> list[tuple[dict[Symbol, Value], Callable[[Term], Any]]]:
        """The plain worlds, each with what has been worked out in it."""
        return [(base, evaluator(base)) for base in self.nearby]

    @cached_property
    def nearby(self) -> list[dict[Symbol, Value]]:
        """The plain worlds: each raiser and child, no fact or all, no limits or none needed."""
        found = []
        numbers = [s for s in self.graph.symbols if s.kind == "number"]
        facts = [s for s in self.graph.symbols if s.kind == "fact"]
        for raiser in self.graph.raiser.values:
            for child in self.graph.child.values:
                pair: dict[Symbol, Value] = {self.graph.raiser: raiser, self.graph.child: child}
                for limit in (None, 0):
                    for so in (False, True):
                        given = {
                            **pair,
                            **dict.fromkeys(numbers, limit),
                            **dict.fromkeys(facts, so),
                        }
                        try:
                            found.append(self.completed(given))
                        except ValueError:
                            continue
        for symbol in self.graph.symbols:  # and the plain worlds with one other answer
            if symbol.kind in ("question", "silence"):
                for world in found[:4]:
                    found += [{**world, symbol: v} for v in symbol.values if v != world[symbol]]
        return found

    def sat(self, term: Term) -> str:
        """Like the solver's `check`, but tries the plain worlds first."""
        return SAT if self.guess((term,)) is not None else self.solver.check(term)

    def failing(self, obligations: Iterable[Obligation], world: World) -> list[Obligation]:
        of = evaluator(world)
        found = [o for o in obligations if of(o.premise) and not of(o.holds)]
        return sorted(found, key=lambda o: bool(of(unsure(self.analysis, o))))

    def first(self, obligations: Iterable[Obligation], world: World) -> Obligation | None:
        of = evaluator(world)
        return next((o for o in obligations if of(happens(o)) and of(o.holds)), None)

    def undecided(self, claim: Claim, what: str) -> Answer:
        return Answer(claim, "undecided", why=f"{self.solver.why}: {what}")


def _failing(domain: Term, obligations: Iterable[Obligation]) -> tuple[Formula, ...]:
    """That some obligation fails, in its parts."""
    failing: list[Formula] = [("and", o.premise, ("not", o.holds)) for o in obligations]
    return domain, ("or", *failing)


def in_every_case(term: Term) -> Term:
    """The formula that another holds whatever the case: each fact, raiser, child and start date.

    What is of the case can also stand inside a comparison, of which the diagram knows nothing.
    """
    for symbol in symbols(*(v for v in variables(term) if isinstance(v, Term))):
        if symbol.kind == "calendar":
            values: Iterable[Value] = range(symbol.low, (symbol.high or 0) + 1)
        elif is_case(symbol):
            values = values_of(symbol)
        else:
            continue
        term = all_([restrict(term, {symbol: value}) for value in values])
    return for_all(term, is_case)


def _arithmetic(term: Term) -> bool:
    return any(isinstance(v, Term) for v in variables(term))


def _nothing(graph: StateGraph, claim: Claim) -> str:
    if claim.id.startswith("cafcass") or claim.id == "consider-referral":
        return "no IRO raises this dispute for a child in care"
    if claim.id == "total-own":
        return "the text states no total of its own"
    return "nothing in this ladder is of the kind that it speaks of"
