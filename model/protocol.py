"""What a protocol says, as frozen values in the words and the order of its policy file.

`language.py` says which key becomes which attribute. `Cases[...]` in a comment means a value by
cases (`shapes.Cases`), one case per reading or fact. Names are `shapes.Word`s with their place.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from model.shapes import Cases, Length, Word
from model.yamltree import Position

Places = Mapping[str, Position]
OPEN = ("unstated", "unknown")  # where the text is silent, or points to what is not there


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Cited:
    """Anything that stands in a file: its place, and where the protocol says it."""

    at: Position
    places: Places = field(default_factory=dict, repr=False)
    source: Word | None = None
    assumed: Word | None = None

    def place(self, key: str) -> Position:
        """Where a key's value stands; the table itself where the key is absent."""
        return self.places.get(key, self.at)

    @property
    def citation(self) -> str:
        if self.source is not None:
            return str(self.source)
        return f"assumed: {self.assumed}" if self.assumed else ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Person(Cited):
    side: Word
    role: Word | None = None
    supervises: tuple[Word, ...] = ()
    same_person_as: Cases | None = None  # Cases[name or "nobody"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ChildKind(Cited):
    looked_after: Word


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact(Cited):
    says: Word
    about: Word


@dataclass(frozen=True, slots=True, kw_only=True)
class Question(Cited):
    """What the text leaves open; where it is `settled`, that is its one and its plain answer."""

    asks: Word
    answers: Mapping[str, Word]
    plain: Word
    because: Word
    settled: Word | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding(Cited):
    says: Word
    kind: Word
    readings: tuple[Word, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Missing(Cited):
    what: Word


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed(Cited):
    about: Word
    items: tuple[Word, ...]
    for_: tuple[Word, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Window(Cited):
    """A time limit; `at_most` is a Length, or the word unstated, unknown or no limit."""

    at_most: Length | Word
    at_least: Length | None = None
    set_by: Word | None = None
    agreed_by: tuple[Word, ...] = ()
    or_less: Word | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule(Cited):
    """What follows in a case: where the dispute goes, who takes it there, how strongly."""

    to: Word
    by: Word | None = None
    strength: Word | None = None
    after: Length | None = None
    when: Word | None = None
    involves: tuple[Involvement, ...] = ()


Outcome = tuple["Rule | Word", ...]  # a Word is unstated, unknown or nothing


@dataclass(frozen=True, slots=True, kw_only=True)
class Involvement(Cited):
    """Somebody besides sender and answerer who has a part in a step."""

    who: tuple[Word, ...]
    how: Cases  # Cases[involvement kind]
    when: Word | None = None
    strength: Word | None = None
    waits: Cases | None = None  # Cases[yes | no]
    within: Cases | None = None  # Cases[Window or Word]
    if_refused: Rule | Word | None = None
    if_silent: Rule | Word | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Officers(Cited):
    """Several officers at one rung: any of them may answer, or all of them must."""

    any_of: tuple[Word, ...] = ()
    all_of: tuple[Word, ...] = ()


def officer(name: object) -> str:
    """An officer's name; of one whom the text does not name, words that stand for it."""
    return f"{name} officer" if name in OPEN else str(name)


@dataclass(frozen=True, slots=True, kw_only=True)
class Clock(Cited):
    """What starts a window, and whether the day itself counts."""

    starts: Cases  # Cases[event]
    counts_from: Word | None = None
    within: Cases | None = None  # how long the starting event may take to come


@dataclass(frozen=True, slots=True, kw_only=True)
class Rung(Cited):
    """One rung: who answers, how long they have, and what follows in each case."""

    answers: Cases  # Cases[Officers or name or unknown or unstated]
    counts: Cases  # Cases[formal | informal]
    within: Cases  # Cases[Window or Word]
    substitute: Word | None = None
    sends: Word | None = None
    clock: Clock | None = None
    when: Word | None = None
    involves: tuple[Involvement, ...] = ()
    to_leave: tuple[Involvement, ...] = ()
    closes: Cases | None = None  # Cases[raiser | answerer | name]
    if_satisfied: Outcome | None = None
    if_partly_satisfied: Outcome | None = None
    if_not_satisfied: Outcome | None = None
    if_silent: Outcome | None = None
    if_divided: Outcome | None = None
    meeting: Word | None = None
    strength: Word | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Raiser(Cited):
    who: Word
    for_: tuple[Word, ...]
    up_to: Word
    when: Word | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Start(Cited):
    when: Word | None = None
    strength: Word | None = None
    involves: tuple[Involvement, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision(Cited):
    """The raiser's own time to decide after an answer or a silence."""

    within: Cases
    if_missed: Word


@dataclass(frozen=True, slots=True, kw_only=True)
class Total(Cited):
    at_most: Cases
    covers: tuple[Word, ...]
    effect: Cases  # Cases[cap | stated]
    when: Word | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry(Cited):
    at_rung: tuple[Word, ...]
    by: tuple[Word, ...] = ()
    when: Word | None = None
    strength: Word | None = None
    involves: tuple[Involvement, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Skip(Cited):
    to: tuple[Word, ...]
    from_: tuple[Word, ...]
    by: tuple[Word, ...] = ()
    when: Word | None = None
    strength: Word | None = None
    involves: tuple[Involvement, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Extension(Cited):
    asked_by: Word
    granted_by: Cases  # Cases[name | raiser | nobody]
    each: Cases
    times: int | Word
    at_rung: tuple[Word, ...]
    when: Word | None = None
    kind: Word | None = None
    strength: Word | None = None
    involves: tuple[Involvement, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class HandOver(Cited):
    to: Word
    agreed_by: tuple[Word, ...]
    from_: tuple[Word, ...]
    within: Cases
    closes: Cases
    back: Rule | Word
    when: Word | None = None
    strength: Word | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Withdrawal(Cited):
    by: tuple[Word, ...]
    when: Word | None = None
    strength: Word | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Referral(Cited):
    to: Word
    by: tuple[Word, ...]
    from_: tuple[Word, ...]
    effect: Cases  # Cases[beside | ends | suspends]
    for_: tuple[Word, ...] = ()
    when: Word | None = None
    strength: Word | None = None
    needs_advice: Cases | None = None
    involves: tuple[Involvement, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Advice(Cited):
    from_: Word
    by: tuple[Word, ...]
    independent: Cases
    when: Word | None = None
    strength: Word | None = None
    involves: tuple[Involvement, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Resolution(Cited):
    if_not_kept: Rule | Word
    within: Cases
    watched_by: Word | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Duty(Cited):
    who: tuple[Word, ...]
    does: Word
    at_step: tuple[Word, ...]
    whom: tuple[Word, ...] = ()
    within: Cases | None = None
    strength: Word | None = None
    when: Word | None = None
    how: Word | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Ladder(Cited):
    """One process of a protocol: its rungs, lowest first, and the powers around them."""

    kind: Word
    about: Word
    raised_by: tuple[Raiser, ...]
    start: Start
    decide: Decision
    rungs: Mapping[str, Rung]
    totals: Mapping[str, Total] = field(default_factory=dict)
    entry: tuple[Entry, ...] | Word = ()
    skip: tuple[Skip, ...] | Word = ()
    extension: tuple[Extension, ...] | Word = ()
    hand_over: tuple[HandOver, ...] | Word = ()
    withdraw: tuple[Withdrawal, ...] | Word = ()
    refer: tuple[Referral, ...] | Word = ()
    advice: tuple[Advice, ...] | Word = ()
    resolution: Resolution | Word | None = None
    duties: tuple[Duty, ...] = ()
    beside: tuple[Word, ...] = ()
    name: str = ""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Amended(Cited):
    """An amendment that was applied: its file's stem and digest, and each change in words."""

    title: Word
    stem: str
    digest: str
    changes: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Protocol(Cited):
    """One policy file: the people, the open questions, and one or more ladders."""

    authority: Word
    title: Word
    dated: Word
    people: Mapping[str, Person]
    children: Mapping[str, ChildKind]
    ladders: Mapping[str, Ladder]
    questions: Mapping[str, Question] = field(default_factory=dict)
    facts: Mapping[str, Fact] = field(default_factory=dict)
    findings: Mapping[str, Finding] = field(default_factory=dict)
    missing: tuple[Missing, ...] | Word = ()
    lists: Mapping[str, Listed] = field(default_factory=dict)
    notes: tuple[Word, ...] = ()
    amended: tuple[Amended, ...] = ()
    stem: str = ""
    digest: str = ""
