"""Random ladders in random worlds: the outside engines, our proofs and the explorer agree.

Each ladder is put to every engine that is there, with questions that are cheap for it; on how many
ladders each of them agreed is counted.
"""

from __future__ import annotations

import importlib.util
import random
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

import pytest
from engines import TCK_REACH, Storm, Undecided, Unrolled, forced, spacer_exceeds, tchecker_exceeds
from explorer import Explorer, TooMany
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from ladders import PARTS, graph_of, policies
from test_exports import on_ladder, questions, texts_agree

from model.exporting import DILIGENT, PERMITTED, Automaton, automaton
from model.exporting.timed import timed
from model.graph import AFTER, StateGraph
from model.replay import world_of
from model.terms import Symbol, evaluator
from proofs.analysis import Analysis
from proofs.claims import BY_ID
from proofs.cvc5_process import answer
from proofs.decide import Decider
from proofs.smtlib import script

EACH, LEAST = 20, 300  # ladders drawn with each part in each run of the tests; some are drawn twice
LEAST_OF_MANY = -(-10_000 // len(PARTS))  # with each part
MOST_PLACES, MOST_POSITIONS = 100, 2500  # a ladder with more is left out
FEW, SOME = 20, 40  # places of an automaton that is small, and of one that is not yet large
SPACER = 2_000_000  # Z3's count of its work for one question
STEPS, FEW_STEPS = 5, 3  # that are unrolled of a small automaton, and of others
NUMBERS = (0, 3, 8, None)
STORM = importlib.util.find_spec("stormpy") is not None


def a_world(graph: StateGraph, seed: int) -> dict[Symbol, Any] | None:
    """A world in which a dispute can begin; None if none was found."""
    draw = random.Random(seed)
    base = Analysis(graph).domain
    for _ in range(20):
        chosen: dict[Symbol, Any] = {}
        for symbol in graph.symbols:
            if symbol.kind == "fact":
                chosen[symbol] = draw.random() < 0.5
            elif symbol.kind == "number":
                chosen[symbol] = draw.choice(NUMBERS)
            elif symbol.kind == "calendar":
                chosen[symbol] = draw.randint(symbol.low, symbol.high or symbol.low)
            else:
                chosen[symbol] = draw.choice(symbol.values)
        try:
            world = world_of(graph, chosen)
        except ValueError:  # this person may not raise this dispute for this child
            continue
        if evaluator(world)(base):
            return world
    return None


class Drawn(NamedTuple):
    """A random ladder in a random world, as each engine needs it, and what the explorer says."""

    graph: StateGraph
    world: Mapping[Symbol, Any]
    conduct: str
    number: int
    made: Automaton
    all: Explorer
    once: Explorer
    days: int

    @property
    def places(self) -> int:
        return len(self.made.places)

    def exceeding(self, exceeds: Callable[[int], bool]) -> bool:
        """Whether an engine says rightly of a bound whether there can be more days."""
        asked = list(questions(self.days))
        bound, more = asked[self.number % len(asked)]
        return exceeds(bound) is more


class NotAsked(Exception):
    """An engine cannot be asked of this ladder, or is not, to save time."""


def drawn(text: str, number: int) -> Drawn | None:
    """A ladder in a world; None where no dispute can begin, or too much can happen."""
    graph = graph_of(text)
    world = a_world(graph, number)
    if world is None:
        return None
    conduct = (PERMITTED, DILIGENT)[number % 2]
    every = once = Explorer(graph, world, conduct, most=MOST_POSITIONS)
    made = automaton(graph, world, conduct)
    if len(made.places) > MOST_PLACES or many(every):
        return None
    if any(m.kind == "reopen" for moves in every.moves.values() for m in moves):
        once = Explorer(graph, world, conduct, once=True)
    return Drawn(graph, world, conduct, number // 2, made, every, once, once.worst())


def many(explorer: Explorer) -> bool:
    """Whether there are too many positions."""
    try:
        return not explorer.steps
    except TooMany:
        return True


def storm(ladder: Drawn) -> bool:
    asked = Storm(ladder.made)
    found = on_ladder(ladder.graph, asked.states())
    return asked.days() == ladder.days and found == ladder.all.states


def proofs(ladder: Drawn) -> bool:
    """Ours: the longest way and what can be reached, in this world."""
    analysis = Analysis(ladder.graph)
    if analysis.coupled(ladder.conduct) or analysis.once_only or analysis.hurried:
        raise Undecided  # the claims that rest on it are
    of = evaluator(ladder.world)
    found = {name for name, term in analysis.reach.items() if of(term)}
    if ladder.conduct == PERMITTED and found != ladder.all.states:
        return False
    most = analysis.takes(ladder.conduct, ladder.world)
    earlier = any(of(b.cap) and not b.is_total for b in ladder.graph.budgets)
    return most >= ladder.days if earlier else most == ladder.days  # see docs/engines.md


def second(ladder: Drawn) -> bool:
    """cvc5, on every question on which our verdict on this ladder's time rests."""
    found = Decider(ladder.graph).decide(BY_ID[f"total-{ladder.conduct}"])
    if found.word == "undecided":
        raise Undecided
    return all(answer(script(asked, {})) == asked.needs for asked in found.questions)


def spacer(ladder: Drawn) -> bool:
    if ladder.places >= SOME:
        raise NotAsked
    return ladder.exceeding(lambda bound: spacer_exceeds(ladder.made, bound, SPACER))


def unrolled(ladder: Drawn) -> bool:
    """The first steps only, and `Optimize` on them: what is right is the most in so many moves."""
    steps = STEPS if ladder.places < FEW else FEW_STEPS
    asked, days = Unrolled(ladder.made, steps), ladder.once.within(steps)
    bound, more = list(questions(days))[-1]
    return asked.exceeds(bound) is more and asked.most() == days


def checker(ladder: Drawn) -> bool:
    """TChecker, where it is there and a clock of it can measure formal time."""
    if TCK_REACH is None or timed(ladder.made).paused:
        raise NotAsked
    return ladder.exceeding(lambda bound: tchecker_exceeds(ladder.made, bound))


def texts(ladder: Drawn) -> bool:
    """The timed automata as text, read again, and gone through day by day."""
    if ladder.places >= FEW or ladder.number % 3:
        raise NotAsked
    texts_agree(ladder.made, ladder.days, ladder.all.states)
    return True


def game(ladder: Drawn) -> bool:
    """Whether the raiser can force the dispute to be over."""
    made = ladder.made if ladder.conduct == PERMITTED else automaton(ladder.graph, ladder.world)
    over = {s.name for s in ladder.graph.main if s.kind in AFTER and s.name != "withdrawn"}
    explorer = ladder.all
    if ladder.conduct != PERMITTED:
        explorer = Explorer(ladder.graph, ladder.world, most=MOST_POSITIONS)
        if many(explorer):
            raise NotAsked
    start = ladder.graph.start
    expected = explorer.wins(lambda p: p.tokens[0][0] in over, [start])[start]
    return forced(made, over) is expected


ENGINES: dict[str, Callable[[Drawn], bool]] = {
    "proofs": proofs, "cvc5": second, "Spacer": spacer, "unrolled, Optimize": unrolled,
    "game": game, "texts": texts,
    **({"Storm": storm} if STORM else {}), **({"TChecker": checker} if TCK_REACH else {}),
}  # fmt: skip


def run(parts: Sequence[str], each: int, enough: int | None = None) -> Counter[str]:
    """Draw so many ladders with each part; how often each engine agreed with the explorer.

    Once `enough` are seen, no others are put to them.
    """
    seen: Counter[str] = Counter()
    known: set[str] = set()

    def agree(text: str, number: int) -> None:
        ladder = None if text in known or len(known) == enough else drawn(text, number)
        if ladder is None:
            return
        for name, agrees in ENGINES.items():
            try:
                right = agrees(ladder)
            except (NotAsked, Undecided) as why:
                seen[f"{name}: {type(why).__name__}"] += 1
                continue
            assert right, f"{name} does not agree on this ladder, {ladder.conduct}: {text}"
            seen[name] += 1
        known.add(text)

    for part in parts:

        @settings(
            max_examples=each, derandomize=True, deadline=None, database=None,
            suppress_health_check=list(HealthCheck), phases=[Phase.generate, Phase.shrink],
        )  # fmt: skip
        @given(policies((part,)), st.integers(0, 1_000_000))
        def check(text: str, number: int) -> None:
            agree(text, number)

        check()
    seen["ladders"] = len(known)
    return seen


def told(seen: Counter[str], least: int) -> None:
    """That each engine agreed on so many ladders; there are fewer on which `texts` is asked."""
    print(dict(sorted(seen.items())))
    assert seen["ladders"] >= least
    for name in ENGINES:
        assert seen[name] >= (least / 4 if name == "texts" else least), name


def test_all_engines_agree_on_random_ladders() -> None:
    told(run(PARTS, EACH), LEAST)


@pytest.mark.slow
@pytest.mark.parametrize("part", PARTS)
def test_all_engines_agree_on_many_random_ladders(part: str) -> None:
    """Some are drawn again, or too large; with some parts an engine can be asked of few."""
    seen = run([part], 4 * LEAST_OF_MANY, LEAST_OF_MANY)
    print(dict(sorted(seen.items())))
    assert seen["ladders"] == LEAST_OF_MANY
    assert all(seen[name] for name in ENGINES)
