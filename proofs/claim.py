"""What a claim is: a sentence, its duty, its law, and the obligations it puts on a graph.

A claim's body yields `Obligation`s and never their negation; `decide.py` negates, in one place.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

from model.graph import Move, StateGraph
from model.terms import FALSE, TRUE, Symbol, Term, World, any_, is_
from model.yamltree import Position
from proofs.analysis import Analysis

DUTIES = {
    "must": "a duty of an Act or regulations",
    "should": "statutory guidance; a departure needs a good reason",
    "may": "a power that nothing may take away",
    "consistency": "the protocol against itself",
}
CHECKED = {
    "primary": "read in the text of the Act or regulations itself",
    "quoted": "quoted or stated by other published pages; the text itself was not seen",
    "unseen": "from general knowledge of the document; its text was not seen",
    "own": "no law: what any protocol owes its readers",
}


class Law(NamedTuple):
    """A source of a claim, and how far it was verified (a key of `CHECKED`)."""

    source: str
    says: str
    checked: str


# What the raiser may do that leads on to nothing: it gives up, or gives away time.
GIVES_UP = ("satisfied", "withdraw", "accept", "extend", "hand over")


class Story(NamedTuple):
    """Which trace shows an obligation kept or broken.

    `reach`: a shortest way to the state `to`; `worst`: the way that takes longest under the
    conduct `to`, counted by the budget `total`; `stall`: a way to the state `to`, and then
    what the others do, or leave undone, so that the goal is never reached, also if the raiser
    asks for one of `asks`; `text`: none, the fault stands in the text itself (or in that the
    state `to` is not reached).
    """

    kind: str
    to: str = ""
    total: str = ""
    more: int = 20  # `worst`: the days that must be passed
    via: Move | None = None  # `reach`: the move by which it must come there
    after: str = ""  # `reach`: a state that it should have passed, if it can
    asks: tuple[Move, ...] = ()  # `stall`: moves of the raiser that lead to the goal, if granted


@dataclass(frozen=True, slots=True)
class Obligation:
    """`holds` must be true wherever `premise` is; `says` tells what is wrong where it is not.

    Where `holds` speaks of every case at once, `in_case(world)` is the formula over the case that
    it is kept under the readings and numbers of a world. `unsure` is the formula under which it is
    open whether `holds` is true, though it is not known to be; `surely` is that under which the
    premise surely is true, if that is another.
    """

    premise: Term
    holds: Term
    at: Position
    citation: str
    says: str
    story: Story
    edits: tuple[Edit, ...] = ()
    goal: object = None
    in_case: Callable[[World], Term] | None = None
    unsure: Term = FALSE
    surely: Term | None = None


@dataclass(frozen=True, slots=True)
class Edit:
    """A change of the policy that might mend a claim: `kind` and what it changes."""

    kind: str
    words: str
    at: Position | None = None
    key: str = ""
    value: str = ""


@dataclass(frozen=True, slots=True)
class Claim:
    """One claim. `kinds` are the kinds of ladder of which it speaks."""

    id: str
    duty: str
    law: tuple[Law, ...]
    sentence: str
    why: str
    breaks: str
    mends: str
    body: Callable[[Analysis], Iterator[Obligation]] = field(repr=False)
    kinds: frozenset[str] = frozenset({"dispute"})


EVERY_KIND = frozenset({"dispute", "collective dispute", "complaint", "inter-agency dispute"})


def claim(
    id: str,
    duty: str,
    law: Iterable[Law],
    *,
    why: str,
    breaks: str,
    mends: str,
    kinds: frozenset[str] = frozenset({"dispute"}),
) -> Callable[[Callable[[Analysis], Iterator[Obligation]]], Claim]:
    """Make a claim of a function; its docstring is the claim's sentence."""

    def make(body: Callable[[Analysis], Iterator[Obligation]]) -> Claim:
        sentence = " ".join(inspect.getdoc(body).split()) if body.__doc__ else ""  # type: ignore[union-attr]
        return Claim(id, duty, tuple(law), sentence, why, breaks, mends, body, kinds)

    return make


# --- the law that claims cite -----------------------------------------------------------------

HANDBOOK_61 = Law(
    "IRO Handbook 6.1", "problems are raised informally first, and recorded", "quoted"
)
HANDBOOK_62 = Law(
    "IRO Handbook 6.2",
    "several levels of seniority, each with a stated time for response, at most 20 working days "
    "in all; the IRO may bypass any stage",
    "quoted",
)
HANDBOOK_63 = Law(
    "IRO Handbook 6.3",
    "the IRO may refer to CAFCASS at any point, also beside the process",
    "quoted",
)
HANDBOOK_64 = Law(
    "IRO Handbook 6.4",
    "the individual IRO is personally responsible for starting the process, also against the "
    "child's wishes",
    "quoted",
)
HANDBOOK_65 = Law(
    "IRO Handbook 6.5", "an obstacle outside the authority's control does not stop it", "unseen"
)
HANDBOOK_613 = Law(
    "IRO Handbook 6.13–6.14", "access to independent legal advice that is easy to reach", "quoted"
)
HANDBOOK_CHILD = Law(
    "IRO Handbook ch. 6", "the child is consulted and kept informed at each stage", "unseen"
)
ACT_25B3 = Law(
    "Children Act 1989 s25B(3)",
    "the IRO may refer the case to CAFCASS if the IRO considers it appropriate; no other "
    "condition is attached",
    "primary",
)
ACT_25B = Law(
    "Children Act 1989 s25B", "the functions of the IRO of a looked-after child", "primary"
)
REG_45_DUTY = Law(
    "Care Planning Regulations 2010 reg 45(3)(a)",
    "the IRO considers a referral where a significant failure is found",
    "quoted",
)
REG_45_SATISFIED = Law(
    "Care Planning Regulations 2010 reg 45(3)(b)",
    "… and it has not been put right to the IRO's satisfaction in a reasonable time",
    "unseen",
)
REG_46 = Law(
    "Care Planning Regulations 2010 reg 46",
    "the IRO is independent of those who manage the case or its resources",
    "quoted",
)
OWN_SENSE = Law(
    "consistency", "a protocol does not contradict itself or leave its readers stuck", "own"
)


# --- words that many claims use -----------------------------------------------------------------


def iro(graph: StateGraph) -> Term:
    """The formula that an Independent Reviewing Officer raises the dispute."""
    people = graph.protocol.people
    return any_(
        is_(graph.raiser, name) for name in graph.raiser.values if people[name].role == "IRO"
    )


def in_care(graph: StateGraph) -> Term:
    """The formula that the child is looked after."""
    children = graph.protocol.children
    return any_(
        is_(graph.child, name)
        for name in graph.child.values
        if children[name].looked_after == "yes"
    )


def facts_about(graph: StateGraph, *about: str) -> list[Symbol]:
    """The facts of the case that are about one of some matters."""
    facts = {str(name): fact for name, fact in graph.protocol.facts.items()}
    return [s for s in graph.symbols if s.kind == "fact" and str(facts[s.name].about) in about]


def kept(premise: Term, at: Position, citation: str, story: Story | None = None) -> Obligation:
    """An obligation that nothing in the ladder breaks; its premise must still be possible."""
    return Obligation(premise, TRUE, at, citation, "", story or Story("text"))
