"""Verdicts: the answer to each claim on each ladder, with its evidence, in plain values and words.

`check` is the whole way from a protocol to its verdicts. Nothing here prints.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from model.calendar import add_working_days
from model.expand import expand, graphs
from model.graph import LADDER, StateGraph
from model.protocol import Protocol
from model.replay import replay, world_of
from model.terms import (
    INFINITE,
    Symbol,
    Term,
    Value,
    cubes,
    evaluator,
    not_,
    symbols,
    values_of,
    walk,
)
from model.words import value_words, words
from model.yamltree import Position
from proofs import dates
from proofs.analysis import DILIGENT, PERMITTED, UNHURRIED, Analysis
from proofs.bracket import without_return
from proofs.claim import Claim, Obligation
from proofs.claims import ALL
from proofs.decide import Answer, Decider
from proofs.mend import Mend, mend
from proofs.smtlib import Question
from proofs.stories import Disagreement, Story, Teller, tell
from proofs.telling import actor, deed

MOST_SAID = 120  # parts of a condition that is put in words
LONGEST = 400  # characters of a part of a condition; a longer one is cut, and given as a formula


@dataclass(frozen=True, slots=True)
class Told:
    """One step of a story: `move` is its name in the graph, `says` its words for readers."""

    day: int
    date: str
    actor: str
    move: str
    state: str
    source: str
    location: str
    says: str


UNTOLD = "undecided"


@dataclass(frozen=True, slots=True)
class Times:
    """Working days of formal time from its start to its end; None is unbounded.

    `UNTOLD` where a total, or a referral after which it comes back, keeps it from being told.
    `windows` is the time when every answer comes at the end of its window, no total cuts any
    short, and the raiser acts at once.
    """

    fastest: int | None
    windows: int | str | None
    diligent: int | str | None
    permitted: int | str | None
    open_numbers: tuple[str, ...] = ()
    ways: Mapping[str, tuple[Told, ...]] = field(default_factory=dict)

    def _repr_html_(self) -> str:
        from proofs import cells

        return cells.times_html(self)


def length(count: int | str | None) -> str:
    """One of the times of a ladder, as it is told."""
    if isinstance(count, str):
        return count
    return "unbounded" if count is None else f"{count} working days"


@dataclass(frozen=True, slots=True)
class Verdict:
    """The answer to one claim on one ladder of one protocol.

    `verdict` is a word of `Answer`; `plain` is holds or broken under the plain readings, or empty.
    `clauses` say, for a verdict that depends, exactly when the claim holds: of each, one part must
    be so. `formula` is the same as a formula in SMT-LIB's words. `reasons` are all the faults found
    in the world of the story. `trace` shows the broken side, `other` the side on which it holds;
    `note` says so where the dates of the trace do not fit the calendar.
    """

    protocol: str
    ladder: str
    claim: Claim
    verdict: str
    plain: str
    why: str
    clauses: tuple[tuple[str, ...], ...]
    formula: str
    reasons: tuple[str, ...]
    citation: str
    location: Position
    reading: tuple[str, ...]
    trace: tuple[Told, ...]
    ending: str
    note: str
    other: tuple[Told, ...]
    other_ending: str
    mend: Mend | None
    evidence: Mapping[str, Any]
    story: Story | None = field(default=None, repr=False)
    questions: tuple[Question, ...] = field(default=(), repr=False)

    @property
    def condition(self) -> tuple[str, ...]:
        """The condition as sentence parts that must all be so."""
        return tuple(", or ".join(clause) for clause in self.clauses)

    @property
    def enough(self) -> tuple[str, ...]:
        """What alone is enough for the condition: the parts that all its clauses share."""
        if len(self.clauses) < 2:
            return ()
        shared = set(self.clauses[0]).intersection(*self.clauses[1:])
        return tuple(part for part in self.clauses[0] if part in shared)

    @property
    def recorded(self) -> dict[str, Any]:
        """What the record keeps of it."""
        return {
            "verdict": self.verdict,
            "plain": self.plain,
            "condition": list(self.condition),
        }

    def _repr_html_(self) -> str:
        from proofs import cells

        return cells.verdict_html(self)


def check(
    protocol: Protocol,
    claims: Iterable[Claim] = ALL,
    start: date | None = None,
    mends: bool = True,
    known: Callable[[str, str], Mend | bool | None] = lambda ladder, claim: False,
    rlimit: int | None = None,
    keep: Callable[[Decider, Mapping[str, Answer]], None] = lambda decider, answers: None,
) -> Iterator[Verdict]:
    """The verdicts of some claims on all ladders of a protocol, one by one.

    `start` is the day on which stories begin (moved to the next working day); without it, each
    begins on the first day from 6 January 2026 on from which its dates are true. `mends` asks for
    the smallest change that would mend a broken claim; `known(ladder, claim)` may give one that
    was found before (or None for none), False where it has to be looked for. `keep` is handed the
    answers to each ladder.
    """
    asked = list(claims)
    for graph in graphs(protocol):
        decider = Decider(graph, rlimit)
        # all of ours, so that an answer's words do not depend on which were asked for
        answers = {claim.id: decider.decide(claim) for claim in ALL}
        keep(decider, answers)
        for claim in asked:
            answer = answers.get(claim.id) or decider.decide(claim)
            found: Mend | None = None
            if mends and "broken" in (answer.word, answer.plain):
                recalled = known(str(graph.ladder.name), claim.id)
                found = mend(graph, answer) if isinstance(recalled, bool) else recalled
            said = verdict(decider, answer, start, found)
            yield _plainly(decider, said, start) if answer.word == "undecided" else said


def _plainly(decider: Decider, undecided: Verdict, start: date | None) -> Verdict:
    """A verdict that is undecided, with what the claim is under the plain readings alone.

    That can often be told where not all readings can. Nothing is asked again of a solver that did
    not answer.
    """
    protocol = decider.graph.protocol
    if decider.solver.unanswered or not protocol.questions:
        return undecided
    settled = {name: replace(q, settled=q.plain) for name, q in protocol.questions.items()}
    graph = expand(replace(protocol, questions=settled), str(decider.graph.ladder.name))
    alone = Decider(graph, decider.solver.rlimit)
    answer = alone.decide(undecided.claim)
    if not answer.plain:
        return undecided
    said = verdict(alone, answer, start)
    so = f"is broken: {said.why}" if answer.plain == "broken" else "holds"
    why = f"{undecided.why}; under the plain readings it {so}"
    return replace(
        said, verdict=undecided.verdict, plain=answer.plain, why=why, clauses=(), formula="",
        evidence=undecided.evidence, questions=(),
    )  # fmt: skip


def verdict(
    decider: Decider, answer: Answer, start: date | None = None, found: Mend | None = None
) -> Verdict:
    """An answer in words, with its stories replayed."""
    graph, a = decider.graph, decider.analysis
    told: tuple[Told, ...] = ()
    other: tuple[Told, ...] = ()
    story = ending = other_ending = None
    note = ""
    failing, shown = answer.failing, answer.shown
    if failing is not None and answer.broken_in is not None:
        story = story_of(answer.by or decider, failing, answer.broken_in)
        if story is not None and answer.by is not None:
            story = _of_graph(story, answer.by.graph, graph)
        if story is not None:
            begin = dates.start(graph, story, start)
            told, ending, note = tuple(_told(graph, story, begin.day)), story.ending, begin.note
    if shown is not None and answer.holds_in is not None:
        kept = tell(a, shown, answer.holds_in)
        if kept is not None:
            first = dates.start(graph, kept, start).day
            other, other_ending = tuple(_told(graph, kept, first)), kept.ending
    at = failing.at if failing is not None else graph.ladder.at
    says = _summary(answer)
    return Verdict(
        protocol=graph.protocol.stem,
        ladder=str(graph.ladder.name),
        claim=answer.claim,
        verdict=answer.word,
        plain=answer.plain,
        why=says,
        clauses=tuple(condition_words(c) for c in answer.clauses),
        formula=formula(answer.condition) if answer.word == "depends" else "",
        reasons=tuple(dict.fromkeys(o.says for o in answer.all_failing)),
        citation=failing.citation if failing is not None else "",
        location=at,
        reading=_reading(graph, answer, story),
        trace=told,
        ending=ending or "",
        note=note,
        other=other,
        other_ending=other_ending or "",
        mend=found,
        evidence=_evidence(answer),
        story=story,
        questions=answer.questions,
    )


def _of_graph(story: Story, other: StateGraph, graph: StateGraph) -> Story:
    """A story of another ladder, whose moves are those of a graph in the same order, as its own."""
    place = {id(move): i for i, move in enumerate(other.moves)}
    trace = tuple(step._replace(move=graph.moves[place[id(step.move)]]) for step in story.trace)
    run = replay(graph, trace, story.world, story.until)
    if run.refused is not None:
        raise Disagreement(f"{graph.name}: step {run.refused} of a story: {run.why}")
    return replace(story, trace=trace)


def story_of(decider: Decider, failing: Obligation, world: Mapping[Symbol, Value]) -> Story | None:
    """The story of an obligation, if need be in a case with more facts, in which it fails too.

    If it fails also where the raiser sets the windows that the raiser may set, then there.
    """
    a = decider.analysis

    def told(case: Mapping[Symbol, Value]) -> Story | None:
        of = evaluator(case)
        fails = of(a.domain) and of(failing.premise) and not of(failing.holds)
        return tell(a, failing, case, fails=True) if fails else None

    story = None
    if failing.story.kind == "stall" and a.graph.own:
        story = told({**world, **dict.fromkeys(a.graph.own, 1)})
    story = story or tell(a, failing, world, fails=True)
    if story is not None or failing.story.kind == "text":
        return story
    facts = [s for s in a.graph.symbols if s.kind == "fact"]
    more = itertools.chain.from_iterable(itertools.combinations(facts, n) for n in (1, 2))
    cases = ({**world, **dict.fromkeys(some, True)} for some in more)
    return next(filter(None, map(told, cases)), None)


def _summary(answer: Answer) -> str:
    if answer.word in ("undecided", "not-applicable"):
        return answer.why
    if answer.failing is None:
        places = len(answer.obligations)
        return f"proved for every dispute, in {places} place{'' if places == 1 else 's'}"
    more = len({o.says for o in answer.all_failing}) - 1
    also = f" (and {more} more)" if more > 0 else ""
    return f"{answer.failing.says}{also}"


def _evidence(answer: Answer) -> dict[str, Any]:
    return {
        "obligations": len(answer.obligations),
        "complete": answer.complete,
        "non_vacuous": answer.word not in ("not-applicable", "undecided"),
        "proved_by": "z3" if answer.word in ("holds", "depends") else "",
        "shown_by": "replay" if answer.failing is not None else "",
    }


def _reading(graph: StateGraph, answer: Answer, story: Story | None) -> tuple[str, ...]:
    """The readings of a story's world that are not the plain ones, and the case it tells of."""
    world = answer.broken_in
    if world is None or answer.failing is None:
        return ()
    world = story.world if story is not None else world
    guards = [step.move.guard for step in story.trace] if story is not None else []
    needed = {
        s for s in symbols(*guards)
        if s.kind == "fact" and not all(map(evaluator({**world, s: False}), guards))
    }  # fmt: skip
    plain = world_of(graph)
    found = []
    said = symbols(answer.failing.premise, answer.failing.holds)
    for symbol in [*said, *(s for s in graph.symbols if s in needed and s not in said)]:
        value = world.get(symbol)
        if symbol.kind in ("question", "silence"):
            if value != plain.get(symbol, symbol.values[0]):
                found.append(f"{symbol.name} = {value}")
        elif symbol.kind == "fact" and value:
            found.append(symbol.name)
        elif symbol.kind in ("raiser", "child") and len(symbol.values) > 1:
            found.append(str(value))
    return tuple(found)


def _told(graph: StateGraph, story: Story, first: date) -> Iterator[Told]:
    state, of = graph.start, evaluator(story.world)
    for day, move in story.trace:
        who = actor(graph, move, state, of, str(story.world[graph.raiser]))
        says = deed(graph, move, " and " in who and move.kind in ("answer", "late answer"))
        if move.track == LADDER:
            state = move.target
        here = move.target if move.track != LADDER else state
        state = move.also or state
        yield Told(
            day, add_working_days(first, day).isoformat(), who or "time", move.name, here,
            move.citation, str(move.at), says,
        )  # fmt: skip
    if story.until > (story.trace[-1].day if story.trace else 0):
        place = graph.states[state]
        yield Told(
            story.until, add_working_days(first, story.until).isoformat(), "", story.ending,
            state, place.citation, str(place.at), story.ending,
        )  # fmt: skip


# --- conditions -----------------------------------------------------------------------------


def condition_words(clause: Term) -> tuple[str, ...]:
    """One clause of a condition: what may be so, of which one must."""
    if _size(clause) > MOST_SAID:
        names = _numbers(clause)
        listed = ", ".join(names[:4]) + (f" and {len(names) - 4} more" if len(names) > 4 else "")
        way = "the longest way that the text permits stays within the total"
        return (f"{way}, which rests on {listed}",)
    regions = list(itertools.islice(cubes(not_(clause)), 2))
    parts = [words(clause)]
    if len(regions) == 1:  # a clause is a region turned round: one of its parts is otherwise
        parts = [
            value_words(variable, frozenset(values_of(variable)) - chosen)
            for variable, chosen in regions[0].items()
        ]
    said = [part if len(part) <= LONGEST else part[: LONGEST - 1] + "…" for part in parts]
    return tuple(sorted(said, key=len))


def _size(term: Term) -> int:
    """How many parts a term has when it is written out."""
    known: dict[int, int] = {}
    for part in walk((term,)):
        known[part.serial] = 1 + sum(known[a.serial] for a in part.args if isinstance(a, Term))
    return known[term.serial]


def _numbers(clause: Term) -> list[str]:
    return [s.words or s.name for s in symbols(clause) if s.kind == "number"]


def formula(term: Term) -> str:
    """A formula as an SMT-LIB term; shared parts are bound by `let`, so it grows with its size."""
    names: dict[int, str] = {}
    lines: list[str] = []
    for part in walk((term,)):
        text = _smt(part, names)
        if part.op in ("true", "false", "days", "number", "no limit"):
            names[part.serial] = text
        else:
            names[part.serial] = f"?{len(lines)}"
            lines.append(text)
    result = names[term.serial]
    for number in reversed(range(len(lines))):
        result = f"(let ((?{number} {lines[number]})) {result})"
    return result


def _smt(term: Term, names: Mapping[int, str]) -> str:
    args = [names[p.serial] if isinstance(p, Term) else p for p in term.args]
    match term.op:
        case "true" | "false":
            return term.op
        case "days":
            return str(args[0])
        case "no limit":
            return "no-limit"
        case "number":
            return f"|{term.args[0].name}|"
        case "at most":
            return f"(<= {args[0]} {args[1]})"
        case "limited":
            return f"(< {args[0]} no-limit)"
        case "plus":
            return f"(+ {' '.join(args)})"
        case "choose":
            return f"(ite {args[0]} {args[1]} {args[2]})"
        case "max" | "min":
            return f"({term.op} {' '.join(args)})"
    variable, branches = args[0], args[1:]
    if isinstance(variable, Symbol) and variable.values:
        result = branches[-1]
        for value, branch in list(zip(variable.values, branches, strict=True))[-2::-1]:
            result = f"(ite (= |{variable.name}| |{value}|) {branch} {result})"
        return str(result)
    name = f"|{variable.name}|" if isinstance(variable, Symbol) else variable
    return f"(ite {name} {branches[0]} {branches[1]})"


# --- times ----------------------------------------------------------------------------------


def times(graph: StateGraph, start: date | None = None) -> Times:
    """The times of a ladder under its plain readings, with the ways there."""
    decider = Decider(graph)
    a = decider.analysis
    worlds = [
        w for w in decider.nearby if all(v is None for s, v in w.items() if s.kind == "number")
    ]
    plain = next((w for w in worlds if evaluator(w)(a.domain)), worlds[0])
    of = evaluator(plain)
    found: dict[str, int | str | None] = {}
    ways: dict[str, tuple[Told, ...]] = {}
    numbers: set[str] = set()
    settled = {s: v for s, v in plain.items() if s.kind != "number"}
    sides = [a, Analysis(without_return(graph))] if a.once_only else [a]
    for conduct in (UNHURRIED, DILIGENT, PERMITTED):
        bound, *less = (side.end_by(conduct, given=settled) for side in sides)
        value, *least = (max([of(n) for g, n in b if of(g)], default=0) for b in (bound, *less))
        if a.coupled(conduct) is not None or least not in ([], [value]):
            found[conduct] = UNTOLD
            continue
        found[conduct] = None if value >= INFINITE else value
        if conduct == UNHURRIED:
            continue
        if value >= INFINITE:
            numbers |= set(_numbers_of(bound, of))
        story = Teller(a, plain).worst(conduct, "", 10**6 if value < INFINITE else 20)
        ways[conduct] = _dated(graph, story, start)
    ends = [Teller(a, plain).reach(s.name) for s in graph.main if s.kind == "resolved"]
    fastest = min(filter(None, ends), key=lambda e: (e.until, len(e.trace)), default=None)
    formal = None if fastest is None else fastest.until
    ways["fastest"] = _dated(graph, fastest, start)
    return Times(
        formal, found[UNHURRIED], found[DILIGENT], found[PERMITTED], tuple(sorted(numbers)), ways
    )


def _dated(graph: StateGraph, story: Story | None, start: date | None) -> tuple[Told, ...]:
    if story is None:
        return ()
    return tuple(_told(graph, story, dates.start(graph, story, start).day))


def _numbers_of(bound: Iterable[tuple[Term, Term]], of: Callable[[Term], Any]) -> Iterator[str]:
    for guard, count in bound:
        if of(guard) and of(count) >= INFINITE:
            yield from (s.words or s.name for s in symbols(count) if s.kind == "number")
