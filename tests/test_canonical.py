"""The clauses of a condition: the same whichever worlds the solver finds, in whatever order."""

from __future__ import annotations

import itertools
import random
from pathlib import Path
from typing import Any

import pytest

from model.expand import expand
from model.load import authorities, loads
from model.terms import Term, one_of
from proofs.claims import ALL
from proofs.decide import Decider
from proofs.solver import SAT, UNSAT, Solver
from proofs.verdict import condition_words

COUNT = itertools.count()
SAID = dict[str, tuple[str, list[tuple[str, ...]]]]


def said(path: Path, order: int = 1) -> SAID:
    """The verdict and the clauses of every claim on every ladder of a protocol.

    A comment makes it another file, whose terms are made anew, so that nothing is left of before.
    """
    text = f"{path.read_text('utf-8')}# {next(COUNT)}\n"
    protocol, found = loads(text, path.name), SAID()
    for name in protocol.ladders:
        decider = Decider(expand(protocol, name))
        for claim in ALL[::order]:
            answer = decider.decide(claim)
            clauses = [condition_words(clause) for clause in answer.clauses]
            found[f"{name}/{claim.id}"] = (answer.word, clauses)
    return found


class Contrary:
    """A solver that gives other worlds, drawn by chance, and cores that spare nothing."""

    def __init__(self, seed: int) -> None:
        self.chance, self.others = random.Random(seed), 0
        self.world, self.ask = Solver.world, Solver.ask

    def other_world(self, solver: Solver, *terms: Term, symbols: Any) -> Any:
        found, fixed = self.world(solver, *terms, symbols=symbols), list(terms)
        if not isinstance(found, dict):
            return found
        chosen = [s for s in symbols if s.kind not in ("number", "calendar")]
        for symbol in self.chance.sample(chosen, min(4, len(chosen))):
            value = self.chance.choice(symbol.values or (True, False))
            other = self.world(solver, *fixed, one_of(symbol, (value,)), symbols=symbols)
            if isinstance(other, dict):
                self.others += other != found
                found, fixed = other, [*fixed, one_of(symbol, (value,))]
        return found

    def whole_core(self, solver: Solver, *terms: Term) -> str:
        answer = self.ask(solver, *terms)
        if answer == UNSAT:
            solver.core = list(terms)
        assert answer in (SAT, UNSAT)
        return answer


@pytest.mark.parametrize("path", authorities(), ids=lambda path: path.stem)
def test_other_worlds_give_the_same_clauses(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    expected = said(path)
    contrary = Contrary(7)
    monkeypatch.setattr(
        Solver, "world", lambda of, *t, symbols: contrary.other_world(of, *t, symbols=symbols)
    )
    monkeypatch.setattr(Solver, "ask", lambda of, *t: contrary.whole_core(of, *t))
    assert said(path) == expected
    assert said(path, -1) == expected
    assert contrary.others or path.stem == "merton"
