"""What becomes of the mutants of a policy: which verdicts each changes, and why if none.

A mutant is *killed* by the claims whose verdict it changes (the word, that under the plain
readings, or the condition), *refused* by the reader, *equivalent* where the state graphs of all
ladders mean the same, *undecided* where a verdict is; or it *survives*.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property
from multiprocessing import get_context
from typing import Any, NamedTuple

from model.expand import expand
from model.graph import StateGraph
from model.load import loads
from model.mutants import mutants, read
from model.terms import FALSE, Term, all_, any_, not_
from model.yamltree import PolicyError
from proofs.alike import difference
from proofs.claims import ALL
from proofs.decide import Answer, Decider
from proofs.solver import SAT, UNKNOWN, Solver

FATES = ("killed", "survived", "equivalent", "refused", "undecided")
BATCH = 40  # mutants that one process judges before another takes its place: terms are kept


class Changed(NamedTuple):
    """A verdict that a mutant changes: what it was, and what it is then, in words."""

    ladder: str
    claim: str
    before: str
    after: str


class Fate(NamedTuple):
    """What became of a mutant.

    `noticed` are the claims that look at what was changed, though their verdict stays: what they
    ask of the state graph is another formula. `why` is the reason of a refusal, or in what the
    graph of a survivor differs.
    """

    kind: str
    file: str
    line: int
    what: str
    ladder: str
    fate: str
    changes: tuple[Changed, ...] = ()
    noticed: tuple[str, ...] = ()
    why: str = ""

    @property
    def killers(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(change.claim for change in self.changes))


class Asked(NamedTuple):
    """All that a claim asks of a graph; the same questions have the same answer."""

    domain: Term
    obligations: frozenset[tuple[Term, Term]]
    inexact: tuple[str | None, ...]


class Examined:
    """One ladder: what each claim asks of it, and the answers."""

    def __init__(self, graph: StateGraph) -> None:
        self.graph = graph
        self.decider = Decider(graph)
        self.answers: dict[str, Answer] = {}

    @cached_property
    def asked(self) -> dict[str, Asked | None]:
        """What each claim asks; None where it does not speak of such a ladder."""
        analysis, found = self.decider.analysis, dict[str, Asked | None]()
        for claim in ALL:
            if str(self.graph.ladder.kind) not in claim.kinds:
                found[claim.id] = None
                continue
            parts = [o for o in claim.body(analysis) if o.premise is not FALSE]
            pairs = frozenset((o.premise, o.holds) for o in parts)
            exact = tuple(self.decider.inexact(parts, holds) for holds in (True, False))
            found[claim.id] = Asked(analysis.domain, pairs, exact)
        return found

    def answer(self, claim: Any) -> Answer:
        if claim.id not in self.answers:
            self.answers[claim.id] = self.decider.decide(claim)
        return self.answers[claim.id]


class Judge:
    """Judges the mutants of one policy against it."""

    def __init__(self, text: str, name: str) -> None:
        self.text = text
        self.protocol = loads(text, name)
        self.base = {str(n): Examined(expand(self.protocol, n)) for n in self.protocol.ladders}
        for ladder in self.base.values():
            for claim in ALL:
                ladder.answer(claim)
        self.mutants = list(mutants(text, name))
        self.solver = Solver()

    def fate(self, number: int) -> Fate:
        """What becomes of the mutant with a number."""
        m = self.mutants[number]
        told = (m.kind, m.at.file, m.at.line, m.what, m.ladder)
        try:
            protocol = read(m, self.protocol.stem, self.text)
        except PolicyError as error:
            first = error.faults[0]
            return Fate(*told, "refused", why=f"{first.wrong} (line {first.at.line})")
        found = {str(n): Examined(expand(protocol, n)) for n in protocol.ladders}
        changes, noticed, undecided = list[Changed](), dict[str, None](), False
        for name, after in found.items():
            before = self.base[name]
            for claim in ALL:
                if after.asked[claim.id] == before.asked[claim.id]:
                    continue
                noticed[claim.id] = None
                word = self.changed(before.answer(claim), after.answer(claim))
                if word == UNKNOWN:
                    undecided = True
                elif word:
                    old, new = (said(x.answer(claim)) for x in (before, after))
                    changes.append(Changed(name, claim.id, old, new if new != old else word))
        if changes:
            return Fate(*told, "killed", tuple(changes), tuple(noticed))
        if undecided:
            return Fate(*told, "undecided", (), tuple(noticed))
        why = self.different(found)
        return Fate(*told, "survived" if why else "equivalent", (), tuple(noticed), why)

    def changed(self, before: Answer, after: Answer) -> str:
        """How an answer differs from another; empty if it does not."""
        if "undecided" in (before.word, after.word):
            return UNKNOWN
        if (before.word, before.plain) != (after.word, after.plain):
            return "another verdict"
        if before.condition is after.condition:
            return ""
        one, other = before.condition, after.condition
        apart = any_((all_((one, not_(other))), all_((other, not_(one)))))
        answer = self.solver.check(apart)
        return "depends on something else" if answer == SAT else answer if answer == UNKNOWN else ""

    def different(self, found: dict[str, Examined]) -> str:
        """In what the graphs of a mutant differ from those of the policy; empty if in nothing."""
        for name, after in found.items():
            before = self.base[name].decider.analysis
            why = difference(before, after.decider.analysis)
            if why:
                return why
        return ""


def said(answer: Answer) -> str:
    return f"depends ({answer.plain})" if answer.word == "depends" else answer.word


# --- many -------------------------------------------------------------------------------------

_judge: Judge | None = None  # what the forked processes share; graphs are never pickled


def _fate(number: int) -> Fate:
    assert _judge is not None
    return _judge.fate(number)


def judged(judge: Judge, numbers: Sequence[int], processes: int = 1) -> Iterator[Fate]:
    """What becomes of some mutants, in their order, worked out by so many forked processes."""
    global _judge
    _judge = judge
    with get_context("fork").Pool(processes, _quiet, maxtasksperchild=BATCH) as pool:
        yield from pool.imap(_fate, numbers)


def _quiet() -> None:
    import signal

    signal.signal(signal.SIGINT, signal.SIG_IGN)


def matrix(fates: Iterable[Fate]) -> dict[str, dict[str, tuple[int, int]]]:
    """Of each claim and kind of mutant: how many it kills, and how many it alone kills."""
    found: dict[str, dict[str, tuple[int, int]]] = {claim.id: {} for claim in ALL}
    for fate in fates:
        for claim in fate.killers:
            kills, alone = found[claim].get(fate.kind, (0, 0))
            found[claim][fate.kind] = kills + 1, alone + (len(fate.killers) == 1)
    return found


