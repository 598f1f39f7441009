"""Whether the verdicts on a ladder are those of brute force, in every world that is tried.

`compared(text)` decides every claim with `proofs`, and from its own sentence with `sentences.py`,
and says where the two differ. A verdict is about all readings and numbers; what is tried are all
readings, all cases, and some numbers. So a condition is compared at each world that is tried, and
at the worlds that the verdict itself names; *holds* and *broken* have to be so in all of them.
"""

from __future__ import annotations

import itertools
import json
import math
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple
from unittest.mock import patch

from brute import Ladder
from explorer import TooMany
from hypothesis import HealthCheck, Phase, given, seed, settings
from ladders import graph_of, policies
from sentences import SENTENCES

from certificates import Refused, check, formulas
from model.graph import StateGraph
from model.replay import world_of
from model.terms import PARAMETERS, Symbol, evaluator, symbols
from proofs.certificate import certificate
from proofs.claims import ALL
from proofs.claims.people import not_named
from proofs.decide import Answer, Decider

World = dict[Symbol, Any]
NUMBERS = ((0, 4, 12, None), (0, 4, 12, None), (0, 12, None), (0, None))  # by how many there are
MOST_POSITIONS = 1500  # after so many no further readings are begun
MOST_WORK = 400_000  # steps of the checker for one certificate; most take a tenth of it
MOST_CASES = 64  # a ladder with more cases than this is left out


class Compared(NamedTuple):
    """What became of one ladder: the verdicts, how many worlds were tried, and what differs.

    `certified` says whether the certificate was checked.
    """

    words: dict[str, str]
    worlds: int
    differences: list[str]
    certified: bool


def open_symbols(graph: StateGraph) -> list[Symbol]:
    """What differs between worlds; a number of which no time speaks stays unlimited."""
    limits = [t for s in graph.states.values() for t in (s.limit, s.prompt) if s.kind != "resolved"]
    limits += [m.earliest for m in graph.moves]
    mentioned = symbols(*limits, *(b.at_most for b in graph.budgets))
    found = [s for s in graph.symbols if s.kind != "number" or s in mentioned]
    return [*found, not_named(graph)] if unnamed(graph) else found


def unnamed(graph: StateGraph) -> bool:
    """Whether some officer is not named, so that two of them may be one person."""
    officers = {o for ways in graph.officers.values() for _, names in ways for o in names}
    return not officers.isdisjoint(("unknown", "unstated"))


def is_parameter(symbol: Symbol) -> bool:
    return symbol.kind in PARAMETERS


def readings(graph: StateGraph) -> Iterator[World]:
    """All readings with the numbers that are tried, those that follow each other far apart."""
    chosen = [s for s in open_symbols(graph) if is_parameter(s)]
    numbers = NUMBERS[min(sum(s.kind == "number" for s in chosen), len(NUMBERS)) - 1]
    values = [numbers if s.kind == "number" else s.values for s in chosen]
    many = math.prod(map(len, values))
    step = next(n for n in itertools.count(max(1, int(many * 0.618))) if math.gcd(n, many) == 1)
    for turn in range(many):
        place, given = turn * step % many, {}
        for symbol, options in zip(chosen, values, strict=True):
            place, number = divmod(place, len(options))
            given[symbol] = options[number]
        yield given


def cases(graph: StateGraph, given: World) -> Iterator[World]:
    """Every world of some readings and numbers in which a dispute can be raised."""
    chosen = [s for s in open_symbols(graph) if not is_parameter(s)]
    values: list[Sequence[Any]] = [
        range(s.low, (s.high or 0) + 1) if s.kind == "calendar" else s.values or (False, True)
        for s in chosen
    ]
    if math.prod(map(len, values)) > MOST_CASES:
        raise TooMany
    for picked in itertools.product(*values):
        world = {**given, **dict(zip(chosen, picked, strict=True))}
        try:
            world = {not_named(graph): "different", **world_of(graph, world)}
        except ValueError:  # this person may not raise this dispute for this child
            continue
        of = evaluator(world)
        if of(graph.domain) and any(of(m.guard) for m in graph.leaving[graph.start]):
            yield world


def parameters(world: World) -> tuple[Any, ...]:
    return tuple((s, v) for s, v in world.items() if is_parameter(s))


def shown(world: World) -> str:
    return ", ".join(f"{s.name} = {v}" for s, v in world.items() if len(s.values) != 1)


def compared(text: str, largest: int = 2500) -> Compared:
    """Both verdicts on every claim of the dispute in a policy text, and where they differ.

    A ladder of which one plain world has more than `largest` positions is left out.
    """
    graph = graph_of(text)
    decider = Decider(graph)
    answers = {c.id: decider.decide(c) for c in ALL}
    words = {id: answer.word for id, answer in answers.items()}
    by_certificate = certified(decider, answers)
    differences = by_certificate or []
    ladder = Ladder(graph, json.loads(text), not_named(graph), largest)
    plain = {s: v for s, v in world_of(graph).items() if is_parameter(s)}
    done: dict[tuple[Any, ...], None] = {}
    worlds = 0
    for reading in itertools.chain([plain], named(answers), readings(graph)):
        try:
            group = list(cases(graph, reading))
            if not group or parameters(group[0]) in done:
                continue
            done[parameters(group[0])] = None
            seen = [ladder.seen(world) for world in group]
            for id, answer in answers.items():
                other = answer.why.startswith("it does not speak")
                if answer.word == "undecided" or other:
                    continue
                told = [list(SENTENCES[id](s)) for s in seen]
                wrong = against(answer, told, group, reading is plain)
                differences += [f"{id}: {wrong}"] if wrong else []
            worlds += len(group)
        except TooMany:
            if reading is plain:  # worlds is 0; what was found to differ before is told
                break
        if ladder.positions > MOST_POSITIONS and reading is not plain:
            break
    return Compared(words, worlds, differences, by_certificate is not None)


def certified(decider: Decider, answers: dict[str, Answer]) -> list[str] | None:
    """Where the checker of certificates does not come to the verdicts.

    None for a certificate that takes the checker more work than `MOST_WORK`.
    """
    made = json.loads(json.dumps(certificate(decider, answers.values())))
    try:
        with patch.object(formulas, "MOST_WORK", MOST_WORK):
            said = check(made)
    except Refused as error:
        return None if "more work" in str(error) else [f"certificate: {error}"]
    return [
        f"{id}: {answer.word}; by its certificate {said.get(id)}"
        for id, answer in answers.items()
        if said.get(id) not in (answer.word, "not shown")
    ]


def named(answers: dict[str, Answer]) -> Iterator[World]:
    """The readings and numbers in which the verdicts themselves say that claims hold or fail."""
    for answer in answers.values():
        for world in (answer.broken_in, answer.holds_in):
            if world is not None:
                yield {s: v for s, v in world.items() if is_parameter(s)}


def against(answer: Answer, told: list[list[bool]], group: list[World], plain: bool) -> str:
    """What of a verdict is not so in some readings and numbers; nothing if all is.

    `told` is what brute force says in each case, and `group` are the worlds of the cases.
    """
    kept, speaks = all(all(one) for one in told), any(told)
    bad = next((w for w, one in zip(group, told, strict=True) if not all(one)), group[0])
    found = f"by brute force {'holds' if kept else 'broken'} in {shown(bad)}"
    of = evaluator(group[0])
    if answer.word == "not-applicable":
        return f"not applicable; {found}" if speaks else ""
    if plain and answer.plain != ("holds" if kept else "broken"):
        return f"plainly {answer.plain}; {found}"
    if answer.word == "holds":
        return "" if kept else f"holds; {found}"
    if answer.word == "broken":
        return f"broken; {found}" if kept and speaks else ""
    said = bool(of(answer.condition))
    if said is not kept:
        return f"depends, and its condition is {said}; {found}"
    if answer.complete and all(of(c) for c in answer.clauses) is not kept:
        return f"depends, and its clauses say otherwise; {found}"
    return ""


def agree(
    part: str, most: int, seen: set[str], enough: int | None = None, draws: int = 0
) -> Counter[str]:
    """Draw policies with a part, and compare each, or until `enough` are; the verdicts by word.

    Hypothesis shrinks a policy on which the two differ. `seen` gains the texts that were compared.
    Another number of `draws` draws others; with 0 they rest on this function's text.
    """
    words: Counter[str] = Counter()
    differed = False  # then it is shrunk, however many were seen

    @settings(
        max_examples=most, derandomize=True, deadline=None, database=None,
        suppress_health_check=list(HealthCheck), phases=[Phase.generate, Phase.shrink],
    )  # fmt: skip
    @given(policies((part,)))
    def look(text: str) -> None:
        nonlocal differed
        if text in seen or (len(seen) == enough and not differed):
            return
        try:
            found = compared(text)
            assert not found.differences, "\n".join([*found.differences, text])
        except Exception:  # an engine may also raise an error
            differed = True
            raise
        if found.worlds:
            seen.add(text)
            words["certified"] += found.certified
            words.update(found.words.values())

    (seed(draws)(look) if draws else look)()
    return words
