"""What becomes of the mutants of a policy: which verdicts each changes, and why if none.

A mutant is *killed* by the claims whose verdict it changes (the word, that under the plain
readings, or the condition), *refused* by the reader, *equivalent* where the state graphs of all
ladders mean the same, *undecided* where whether a verdict stays is; or it *survives*.
"""

from __future__ import annotations

import gc
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from multiprocessing import get_context
from typing import Any, NamedTuple

from model.expand import expand
from model.graph import StateGraph
from model.load import loads
from model.mutants import mutants, read
from model.terms import Symbol, Term
from model.work import TooLarge, within_limits
from model.yamltree import PolicyError
from proofs.alike import difference
from proofs.claim import Claim
from proofs.claims import ALL
from proofs.compare import changed, condition_in
from proofs.decide import Answer, Decider
from proofs.exact import happens, inexact, obligations_of
from proofs.solver import UNKNOWN, Solver

FATES = ("killed", "survived", "equivalent", "refused", "undecided")
RLIMIT = 2_000_000  # for whether two conditions are the same
BATCH = 40  # mutants that one process judges before another takes its place: terms are kept


class Changed(NamedTuple):
    """A verdict that a mutant changes: what it was, and what it is then, in words."""

    ladder: str
    claim: str
    before: str
    after: str


class Fate(NamedTuple):
    """What became of a mutant.

    `ladder` and `process` are the ladder that it changes and its kind, both empty where it changes
    what all of them share; `holding` are the claims that hold there without it. `noticed` are the
    claims that ask something else of the state graph with it, though their verdict may stay;
    `undecided` are those of which it could not be decided whether it stays. `why` is the reason of
    a refusal, or in what the graph of a survivor differs.
    """

    kind: str
    file: str
    line: int
    what: str
    ladder: str
    process: str
    holding: tuple[str, ...]
    fate: str
    changes: tuple[Changed, ...] = ()
    noticed: tuple[str, ...] = ()
    undecided: tuple[str, ...] = ()
    why: str = ""

    @property
    def killers(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(change.claim for change in self.changes))


class Asked(NamedTuple):
    """All that a claim asks of a graph; the same questions have the same answer."""

    domain: Term
    obligations: frozenset[tuple[Term, ...]]
    inexact: tuple[str | None, ...]


class Examined:
    """One ladder: what each claim asks of it, and the answers."""

    def __init__(self, graph: StateGraph) -> None:
        self.graph = graph
        self.decider = Decider(graph)
        self.answers: dict[str, Answer] = {}
        self.conditions = dict[tuple[str, frozenset[tuple[Symbol, str]]], Term]()

    @cached_property
    def asked(self) -> dict[str, object]:
        """What each claim asks; None where it does not speak of such a ladder.

        What grows too large to be said is like nothing else.
        """
        found = dict[str, object]()
        for claim in ALL:
            if str(self.graph.ladder.kind) not in claim.kinds:
                found[claim.id] = None
                continue
            try:
                with within_limits():
                    found[claim.id] = self.asks(claim)
            except TooLarge:
                found[claim.id] = object()
        return found

    def asks(self, claim: Claim) -> Asked:
        analysis = self.decider.analysis
        parts = obligations_of(analysis, claim)
        pairs = frozenset((o.premise, happens(o), o.holds) for o in parts)
        exact = tuple(
            inexact(analysis, self.decider.solver, parts, holds) for holds in (True, False)
        )
        return Asked(analysis.domain, pairs, exact)

    def answer(self, claim: Any) -> Answer:
        if claim.id not in self.answers:
            self.answers[claim.id] = self.decider.decide(claim)
        return self.answers[claim.id]

    def condition_in(self, claim: Claim, given: Mapping[Symbol, str]) -> Term:
        key = claim.id, frozenset(given.items())
        if key not in self.conditions:
            self.conditions[key] = condition_in(self.decider.analysis, claim, given)
        return self.conditions[key]


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
        self.solver = Solver(RLIMIT)

    def fate(self, number: int) -> Fate:
        """What becomes of the mutant with a number."""
        m = self.mutants[number]
        process = str(self.protocol.ladders[m.ladder].kind) if m.ladder else ""
        told = (m.kind, m.at.file, m.at.line, m.what, m.ladder, process, self.holding(m.ladder))
        try:
            protocol = read(m, self.protocol.stem, self.text)
        except PolicyError as error:
            first = error.faults[0]
            return Fate(*told, "refused", why=f"{first.wrong} (line {first.at.line})")
        found = {
            str(n): Examined(expand(protocol, n))
            for n in protocol.ladders
            # a ladder speaks of no other, but for the first, which says who is served at all
            if m.ladder in ("", n) or m.kind in ("raiser removed",)
        }
        changes, noticed, undecided = list[Changed](), dict[str, None](), dict[str, None]()
        for name, after in found.items():
            before = self.base[name]
            for claim in ALL:
                if after.asked[claim.id] == before.asked[claim.id]:
                    continue
                noticed[claim.id] = None
                word = self.changed(claim, before, after)
                if word == UNKNOWN:
                    undecided[claim.id] = None
                elif word:
                    old, new = (said(x.answer(claim)) for x in (before, after))
                    changes.append(Changed(name, claim.id, old, new if new != old else word))
        why = "" if changes else self.different(found)
        fate = "killed" if changes else "equivalent" if not why else "survived"
        fate = "undecided" if fate == "survived" and undecided else fate
        return Fate(*told, fate, tuple(changes), tuple(noticed), tuple(undecided), why)

    def holding(self, ladder: str) -> tuple[str, ...]:
        """The claims that hold on a ladder of the policy, or on all of them."""
        asked = [self.base[ladder]] if ladder else list(self.base.values())
        return tuple(
            claim.id
            for claim in ALL
            if {x.answer(claim).word for x in asked} - {"not-applicable"} == {"holds"}
        )

    def changed(self, claim: Claim, before: Examined, after: Examined) -> str:
        """How the answer to a claim differs from another; empty if it does not, or `unknown`."""

        def conditions(given: Mapping[Symbol, str]) -> tuple[Term, Term]:
            return before.condition_in(claim, given), after.condition_in(claim, given)

        return changed(self.solver, before.answer(claim), after.answer(claim), conditions)

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
    gc.freeze()  # what is shared stays where it is
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
