"""Verdicts and bounds against brute force: every world, every move and every day of small ladders.

The explorer of `explorer.py` shares nothing with `proofs` but the state graph itself.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import Any, NamedTuple

import pytest
from explorer import Explorer
from kept import kept_graph

from model.graph import AFTER, StateGraph
from model.replay import world_of
from model.terms import PARAMETERS, Symbol, evaluator, is_case, symbols
from proofs.analysis import DILIGENT, PERMITTED
from proofs.claim import Claim
from proofs.claims import ALL, BY_ID
from proofs.claims.people import not_named
from proofs.decide import Answer, Decider

PEOPLE = ("people", "IRO Manager: {side: reviewing service, supervises: IRO, source: 1 ¶3}")
CHAIR = (
    "",
    """
people: {Conference Chair: {side: raiser, source: 1 ¶2}}
children: {child on a plan: {looked after: no, source: 1 ¶2}}
""",
)
URGENT = ("", "facts: {urgent: {says: It cannot wait., about: urgency, source: 2 ¶6}}")
TYPICAL = (
    "",
    """
questions:
  typical:
    asks: Is “typically five working days” a limit?
    answers: {limit: five days bind, norm: five days are only usual}
    plain: limit
    because: It stands in a table of times.
    source: 2 ¶2
""",
)

# Every ladder is that of keeps-all.yaml with these fragments.
LADDERS: dict[str, tuple[Any, ...]] = {
    "plain": (),
    "a window that is unstated": ("rungs: {head: {within: unstated}}",),
    "two windows that are unstated": (
        "rungs: {head: {within: unstated}, director: {within: unstated}}",
    ),
    "a reading of a window": (
        TYPICAL,
        "rungs: {head: {within: {typical = limit: 5 working days, typical = norm: unstated}}}",
    ),
    "a window by urgency": (
        URGENT,
        "rungs: {head: {within: {urgent: 2 working days, otherwise: unstated}}}",
        "refer: {when: urgent}",
    ),
    "time to decide": ("decide: {within: unstated, if missed: unstated}", "withdraw: unstated"),
    "time to decide, with what lapses open": (
        "decide: {within: 3 working days, if missed: unstated}",
    ),
    "time to decide that lapses, after a minimum wait": (
        "decide: {within: 4 working days, if missed: lapses}",
        "rungs: {head: {within: {at most: 6 working days, at least: 3 working days, source: x}}}",
    ),
    "a gate that may be refused": (
        PEOPLE,
        "rungs: {head: {to leave: {who: IRO Manager, how: approves, within: unstated, source: x}}}",
        "skip: none",
    ),
    "a gate past which the raiser may go": (
        PEOPLE,
        TYPICAL,
        """
rungs:
  head:
    to leave:
      who: IRO Manager
      how: {typical = limit: consulted before, typical = norm: approves}
      waits: unstated
      within: 3 working days
      if silent: {to: raiser decides}
      source: x
skip: none
""",
    ),
    "one extension as of right": (
        "extension: {asked by: answerer, granted by: nobody, each: unstated, times: 1, "
        "at rung: any formal rung, source: x}",
    ),
    "extensions without end, granted by the raiser": (
        "extension: {asked by: answerer, granted by: raiser, each: 3 working days, "
        "times: no limit, at rung: head, source: x}",
    ),
    "extensions without end, as of right": (
        TYPICAL,
        "extension: {asked by: answerer, granted by: nobody, each: unstated, times: unstated, "
        "at rung: head, when: typical = norm, source: x}",
        "skip: none",
    ),
    "a cap on windows that are stated": ("totals: {formal process: {effect: cap}}",),
    "a cap on windows that are unstated": (
        "totals: {formal process: {at most: 12 working days, effect: cap}}",
        "rungs: {head: {within: unstated}, director: {within: unstated}}",
    ),
    "a cap in one reading": (
        TYPICAL,
        "totals: {formal process: {at most: 15 working days, "
        "effect: {typical = limit: cap, otherwise: stated}}}",
        "rungs: {director: {within: unstated}}",
    ),
    "a cap that ends before a minimum wait": (
        "totals: {formal process: {at most: 4 working days, effect: cap}}",
        "rungs: {head: {if not satisfied: {to: next rung, after: 7 working days}}}",
        "skip: none",
    ),
    "a cap on the talk, too": (
        "totals: {formal process: {at most: 12 working days, covers: every rung, effect: cap}}",
    ),
    "a time to decide that lapses, after a minimum wait, without a skip": (
        "decide: {within: 4 working days, if missed: lapses}",
        "rungs: {head: {within: {at most: 6 working days, at least: 3 working days, source: x}}}",
        "skip: none",
    ),
    "a clock that may never start": (
        "rungs: {head: {clock: {starts: receipt, within: no limit, source: x}}}",
    ),
    "a time to decide without limit, and up by itself": (
        "decide: {within: no limit, if missed: nothing}",
        "rungs: {head: {if silent: {to: next rung, strength: automatic, after: 12 working days}}}",
    ),
    "a clock that waits for receipt": (
        "rungs: {head: {clock: {starts: receipt, within: unstated, source: x}}}",
    ),
    "a window from the formal start": (
        "rungs: {director: {within: 15 working days, clock: {starts: formal start, source: x}}}",
    ),
    "a window from raising": (
        "rungs: {director: {within: 15 working days, clock: {starts: raising, source: x}}}",
    ),
    "a window from raising, after a talk with a minimum wait": (
        "rungs: {talk: {within: {at most: 4 working days, at least: 3 working days, source: x}}, "
        "head: {within: 3 working days}, "
        "director: {within: 22 working days, clock: {starts: raising, source: x}}}",
        "skip: none",
    ),
    "a window from the rung below": (
        "rungs: {head: {within: 15 working days}, "
        "director: {clock: {starts: previous rung, source: x}}}",
    ),
    "a window from the rung below, after time to decide, in one reading": (
        TYPICAL,
        "rungs: {head: {within: 9 working days}, director: {within: 12 working days, "
        "clock: {starts: {typical = limit: previous rung, typical = norm: receipt}, source: x}}}",
        "decide: {within: 4 working days}",
    ),
    "a window from the rung below, inside a total": (
        "rungs: {head: {within: 9 working days}, director: {within: 12 working days, "
        "clock: {starts: previous rung, source: x}}}",
        "totals: {formal process: {at most: 18 working days, effect: cap}}",
    ),
    "windows that pass one total, and another that cuts them": (
        "rungs: {head: {within: 9 working days}, director: {within: 12 working days}}",
        "totals: {whole: {at most: 18 working days, covers: formal rungs, effect: cap, source: x}}",
    ),
    "a window from raising that goes round": (
        "rungs: {director: {within: 15 working days, clock: {starts: raising, source: x}, "
        "if partly satisfied: {to: same rung}}}",
    ),
    "a rung that goes round": (
        TYPICAL,
        "rungs: {head: {if partly satisfied: {to: same rung, when: typical = norm}}}",
    ),
    "back down": ("rungs: {director: {if not satisfied: {to: head}}}",),
    "silence that takes it up by itself": (
        "rungs: {head: {within: unstated, if silent: {to: next rung, strength: automatic}}, "
        "talk: {if silent: {to: next rung, strength: automatic}}}",
    ),
    "up by itself after some days": (
        "rungs: {head: {if silent: {to: next rung, strength: automatic, after: 12 working days}, "
        "if not satisfied: {to: next rung, strength: automatic, after: 12 working days}}}",
    ),
    "silence that means nothing": (
        TYPICAL,
        "rungs: {head: {if silent: [{to: next rung, when: typical = limit}]}}",
        "skip: none",
    ),
    "officers who must agree": (
        "rungs: {head: {answers: {all of: [Head of Service, Director]}, if divided: unstated}}",
        "skip: none",
    ),
    "leave to skip": (
        PEOPLE,
        "skip: {to: any later rung, from: any rung, source: x, "
        "involves: {who: IRO Manager, how: approves, within: unstated, source: x}}",
        "rungs: {head: {if silent: nothing}}",
    ),
    "a hand-over": (
        "hand over: {to: Director, agreed by: raiser, from: head, within: unstated, "
        "closes: raiser, back: {to: raiser decides}, source: x}",
    ),
    "a hand-over that others make": (
        PEOPLE,
        "hand over: {to: Director, agreed by: IRO Manager, from: any rung, within: 5 working days, "
        "closes: unstated, back: unstated, source: x}",
    ),
    "a short ladder with a referral that suspends": (
        "refer: {effect: suspends}",
        "rungs: {head: {within: 4 working days}, director: {within: 4 working days}}",
    ),
    "a referral that suspends": ("refer: {effect: suspends}",),
    "a referral whose effect is open": (
        PEOPLE,
        "refer: {effect: unstated, from: head, "
        "involves: {who: IRO Manager, how: consulted before, waits: unstated, "
        "within: 2 working days, source: x}}",
    ),
    "withdrawal by others": ("withdraw: {by: Director, source: x}",),
    "two kinds of raiser": (
        CHAIR,
        """
raised by:
  - {who: IRO, for: child in care, up to: top, source: 1 ¶1}
  - {who: Conference Chair, for: child on a plan, up to: head, source: 1 ¶2}
rungs: {head: {within: unstated}}
""",
    ),
    "a rung in one reading only": (
        TYPICAL,
        "rungs: {head: {when: typical = limit, within: unstated}}",
    ),
    "a lowest rung for some cases only": (
        URGENT,
        "rungs: {talk: {when: not urgent}, director: {if not satisfied: {to: lowest rung}}}",
    ),
    "an agreement that goes back to its own rung": (
        "resolution: {within: 10 working days, if not kept: {to: same rung}, source: x}",
        "skip: none",
    ),
    "an agreement that goes back to the next rung": (
        URGENT,
        "rungs: {talk: {when: not urgent}}",
        "resolution: {within: 10 working days, if not kept: {to: next rung}, source: x}",
        "skip: none",
    ),
    "a referral after the top, with advice and a view": (
        PEOPLE,
        "refer: {effect: ends, from: after the top rung, needs advice: yes, "
        "involves: {who: IRO Manager, how: consulted before, waits: yes, within: unstated, "
        "source: x}}",
        "rungs: {head: {if silent: nothing}}",
        "skip: none",
    ),
    "entry anywhere": (
        URGENT,
        "entry: [{at rung: talk, source: x}, {at rung: any rung, when: urgent, source: x}]",
    ),
    "calendar days": ("rungs: {head: {within: 2 weeks}, director: {within: unstated}}",),
    "calendar days by urgency": (
        URGENT,
        "rungs: {head: {within: {urgent: 48 hours, otherwise: 2 weeks}}}",
    ),
    "calendar days in one case only": (
        URGENT,
        "rungs: {head: {within: {urgent: 3 weeks, otherwise: unstated}}, "
        "director: {within: {urgent: 3 working days, otherwise: 10 working days}}}",
    ),
    "calendar days and a number in one reading": (
        TYPICAL,
        "rungs: {head: {within: {typical = limit: 3 weeks, otherwise: unstated}}}",
    ),
    "a minimum wait longer than the window": (
        "rungs: {head: {within: 3 working days, "
        "if not satisfied: {to: next rung, after: 25 working days}}}",
        "skip: none",
    ),
    "a minimum wait that a skip passes over": (
        "rungs: {head: {within: 3 working days, "
        "if not satisfied: {to: next rung, after: 25 working days}}}",
    ),
    "a minimum wait in calendar days": (
        "rungs: {head: {within: unstated, if not satisfied: {to: next rung, after: 1 week}}}",
        "skip: none",
    ),
    "the smaller of calendar days and the need": (
        "rungs: {head: {within: {at most: 3 weeks, or less: the need, source: x}}}",
    ),
    "the smaller of a number and the need": (
        "rungs: {head: {within: {at most: 12 working days, or less: the need, source: x}}}",
    ),
    "a time that the raiser sets": (
        "rungs: {head: {within: {at most: 12 working days, set by: raiser, source: x}}}",
    ),
}

VALUES: dict[str, tuple[Any, ...]] = {"fact": (False, True), "number": (0, 4, 12, None)}
NAMES = list(LADDERS)


class Small(NamedTuple):
    """A small ladder, how it is decided, and all its worlds."""

    graph: StateGraph
    decider: Decider
    worlds: list[dict[Symbol, Any]]
    answers: dict[str, Answer]


def symbols_of(graph: StateGraph) -> list[Symbol]:
    """What differs between worlds; a number of which no time speaks stays unlimited."""
    open_ = [s for s in graph.symbols if s.kind != "number"]
    limits = [t for s in graph.main if s.formal.op != "false" for t in (s.limit, s.prompt)]
    limits += [s.limit for s in graph.states.values() if s.kind != "resolved"]
    mentioned = symbols(*limits, *(b.at_most for b in graph.budgets))
    return [*open_, *(s for s in graph.symbols if s.kind == "number" and s in mentioned)]


def worlds_of(graph: StateGraph) -> Iterator[dict[Symbol, Any]]:
    chosen = symbols_of(graph)
    values = [
        tuple(range(s.low, (s.high or 0) + 1)) if s.kind == "calendar"
        else VALUES.get(s.kind, s.values)
        for s in chosen
    ]  # fmt: skip
    for picked in itertools.product(*values):
        try:
            world = world_of(graph, dict(zip(chosen, picked, strict=True)))
            yield {not_named(graph): "different", **world}
        except ValueError:  # this person may not raise this dispute for this child
            continue


_made: dict[str, Small] = {}


def small(name: str) -> Small:
    if name not in _made:
        graph = kept_graph(*LADDERS[name])
        decider = Decider(graph)
        of_domain = decider.analysis.domain
        worlds = [w for w in worlds_of(graph) if evaluator(w)(of_domain)]
        assert 0 < len(worlds) <= 150, len(worlds)
        _made[name] = Small(graph, decider, worlds, {c.id: decider.decide(c) for c in ALL})
    return _made[name]


def shown(world: dict[Symbol, Any]) -> str:
    return ", ".join(f"{s.name} = {v}" for s, v in world.items() if len(s.values) != 1)


# --- reachability, time and force ------------------------------------------------------------


@pytest.mark.parametrize("name", NAMES)
def test_what_can_be_reached_is_what_the_explorer_reaches(name: str) -> None:
    graph, decider, worlds, _ = small(name)
    for world in worlds:
        of = evaluator(world)
        said = {s for s, term in decider.analysis.reach.items() if of(term)}
        assert said == Explorer(graph, world).states, shown(world)


@pytest.mark.parametrize("name", NAMES)
def test_a_bound_without_the_case_is_the_longest_of_all_cases(name: str) -> None:
    _, decider, worlds, _ = small(name)
    analysis = decider.analysis
    for conduct in (PERMITTED, DILIGENT):
        exact, most = (analysis.end_by(conduct, analysis.domain, over=o) for o in (None, 20))
        longest: dict[tuple[Any, ...], list[int]] = {}
        for world in worlds:
            of = evaluator(world)
            if not of(analysis.domain):
                continue
            at_its_longest = {s: s.high if s.kind == "calendar" else v for s, v in world.items()}
            found = longest.setdefault(
                tuple(v for s, v in world.items() if not is_case(s)),
                [max([of(c) for g, c in ways if of(g)], default=0) for ways in (exact, most)],
            )
            found.append(analysis.takes(conduct, at_its_longest))
        for said, capped, *each in longest.values():
            assert said == max(each)
            assert capped == said or min(capped, said) > 20


@pytest.mark.parametrize("name", NAMES)
def test_worst_times_are_those_of_the_explorer(name: str) -> None:
    graph, decider, worlds, answers = small(name)
    for conduct, claim in ((PERMITTED, "total-permitted"), (DILIGENT, "total-diligent")):
        exact = decider.analysis.coupled(conduct) is None and not decider.analysis.once_only
        for world in worlds:
            said = decider.analysis.takes(conduct, world)
            found = Explorer(graph, world, conduct, once=True).worst()
            if exact and any(s.kind == "calendar" and world[s] != s.high for s in world):
                assert said >= found, (conduct, shown(world))  # a bound is for every start date
            elif exact:
                assert said == found, (conduct, shown(world))
            if answers[claim].word == "holds":
                assert found <= 20, (conduct, shown(world))


@pytest.mark.parametrize("name", NAMES)
def test_what_the_raiser_can_force_is_what_the_explorer_forces(name: str) -> None:
    graph, decider, worlds, _ = small(name)
    if decider.analysis.hurried is not None:
        assert small(name).answers["top-forced"].word == "undecided"
        return
    tops = {
        f"{rung}: {kind}": top
        for rung, top in graph.top_of.items()
        for kind in ("awaiting an answer", "sent")
        if f"{rung}: {kind}" in graph.states
    }
    over = {s.name for s in graph.main if s.kind in AFTER and s.name != "withdrawn"}
    to_top = decider.analysis.force(tops)
    to_end = decider.analysis.force({n: decider.analysis.domain for n in over})
    at = [s.name for s in graph.main if s.name != graph.start]
    for world in worlds:
        of = evaluator(world)
        explorer = Explorer(graph, world)
        reached = [n for n in at if of(decider.analysis.reach[n])]
        goals = {n for n, top in tops.items() if of(top)}
        for said, goal in ((to_top, goals), (to_end, over)):
            found = explorer.wins(lambda p, goal=goal: p.tokens[0][0] in goal, reached)
            assert {n: bool(of(said[n])) for n in reached} == found, shown(world)


# --- conditions ------------------------------------------------------------------------------


def is_parameter(symbol: Symbol) -> bool:
    return symbol.kind in PARAMETERS


def by_parameters(some: Small) -> dict[tuple[Any, ...], list[dict[Symbol, Any]]]:
    """The worlds that differ only in the case: facts, raiser, child and start date."""
    found: dict[tuple[Any, ...], list[dict[Symbol, Any]]] = {}
    for world in some.worlds:
        key = tuple((s, v) for s, v in world.items() if is_parameter(s))
        found.setdefault(key, []).append(world)
    return found


def holds_in(answer: Answer, world: dict[Symbol, Any]) -> bool:
    of = evaluator(world)
    return all(of(o.holds) for o in answer.obligations if of(o.premise))


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("claim", ALL, ids=lambda c: c.id)
def test_a_verdict_says_exactly_where_the_claim_holds(claim: Claim, name: str) -> None:
    some = small(name)
    answer = some.answers[claim.id]
    doubts = ("the total", "can cut it short", "as if it could be done again and again")
    doubted = any(doubt in answer.why for doubt in doubts)
    assert answer.word != "undecided" or doubted, answer.why
    if answer.word in ("undecided", "not-applicable"):
        return
    kept, broken = [], []
    for worlds in by_parameters(some).values():
        good = all(holds_in(answer, w) for w in worlds)
        (kept if good else broken).append(worlds[0])
        if answer.word == "depends":
            assert evaluator(worlds[0])(answer.condition) is good, shown(worlds[0])
            clauses = all(evaluator(worlds[0])(c) for c in answer.clauses)
            assert clauses is good or not answer.complete, shown(worlds[0])
    if answer.word == "holds":
        assert not broken, shown(broken[0])
    if answer.word == "broken":
        assert not kept, shown(kept[0])
    if answer.word == "depends":
        assert kept and broken
        assert all(is_parameter(s) for s in symbols(answer.condition, *answer.clauses))
    plain = [w for w in some.worlds if is_plain(some.graph, w)]
    assert (answer.plain == "holds") is all(holds_in(answer, w) for w in plain)


def is_plain(graph: StateGraph, world: dict[Symbol, Any]) -> bool:
    plain = world_of(graph)
    return all(world[s] == plain[s] for s in plain if is_parameter(s))


@pytest.mark.parametrize("name", NAMES)
def test_time_claims_hold_where_the_explorer_says_so(name: str) -> None:
    some = small(name)
    for claim, conduct in (("total-permitted", PERMITTED), ("total-diligent", DILIGENT)):
        answer = some.answers[claim]
        if answer.word == "undecided":
            continue
        for worlds in by_parameters(some).values():
            slow = [w for w in worlds if Explorer(some.graph, w, conduct, once=True).worst() > 20]
            said = {"holds": True, "broken": False}.get(
                answer.word, bool(evaluator(worlds[0])(answer.condition))
            )
            assert said is not bool(slow), shown(worlds[0])


def test_a_condition_is_minimal() -> None:
    some = small("a reading of a window")
    answer = some.answers["total-diligent"]
    assert answer.word == "depends" and len(answer.clauses) == 1
    assert BY_ID["total-diligent"] is answer.claim
