"""The plain reading of a ladder in words, and which open questions would change them.

In the plain reading every open question has its plain answer and every silence its plain
filling. What then still depends on the case (a fact, the raiser, the child) stays a condition.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from typing import Any

from model.conditions import SymbolTable, parse
from model.graph import StateGraph
from model.protocol import Involvement, Officers, Rule, Window
from model.replay import world_of
from model.shapes import Cases, Length, Word
from model.terms import (
    FALSE,
    TRUE,
    Symbol,
    Term,
    Variable,
    all_,
    any_,
    implies,
    is_,
    one_of,
    restrict,
    symbols,
    values_of,
    variables,
)
from model.words import value_words

MOST = 12  # regions of a condition that are put into words
GAPS = {
    "unstated": "not stated",
    "unknown": "not in the text we have",
    "none": "the text excludes it",
    "nothing": "the text says that nothing follows",
    "no limit": "no limit, the text says",
}


@dataclass(frozen=True, slots=True)
class Said:
    """Words of the plain reading; another answer to a question in `tags` would change them."""

    text: str
    tags: tuple[str, ...] = ()


NOTHING = Said("")


@dataclass(frozen=True, slots=True, eq=False)
class Reader:
    """A graph with the names that conditions in its policy file may use."""

    graph: StateGraph
    table: SymbolTable
    answers: Mapping[Variable, Any]


def reader(graph: StateGraph) -> Reader:
    known = {s.name: s for s in graph.symbols if s.kind == "question"}
    facts = {str(n): Symbol("fact", str(n), scope=graph.raiser.scope) for n in graph.protocol.facts}
    kinds = tuple(str(c) for c in graph.protocol.children)
    everybody = Symbol("child", "child", kinds, scope=graph.raiser.scope)
    readings = ("question", "silence")
    answers: dict[Variable, Any] = {s: v for s, v in world_of(graph).items() if s.kind in readings}
    names = {**known, "raiser": graph.raiser, "child": everybody}
    return Reader(graph, SymbolTable(facts, names), answers)


def condition(read: Reader, when: Word | None) -> Term:
    """A condition of the file as a formula; it is true where there is none."""
    if when is None:
        return TRUE
    term = parse(when, read.table)
    child, everybody = read.graph.child, read.table.choices["child"]
    if child == everybody:
        return term
    return any_(all_([is_(child, v), restrict(term, {everybody: v})]) for v in child.values)


def plainly(read: Reader, formula: Term) -> Term:
    """What is left of a formula in the plain reading."""
    return restrict(formula, read.answers)


def asked(*terms: Term) -> tuple[str, ...]:
    """The open questions that some formulas mention."""
    return tuple(s.name for s in symbols(*terms) if s.kind == "question")


def when_words(formula: Term) -> str:
    """A condition in few words, with the names of facts in quotation marks."""
    regions: dict[int, tuple[Term, list[str]]] = {}
    for cube in islice(_cubes(formula), MOST):
        kept = dict(cube)
        for variable in cube:  # take out what the formula does not need
            rest = {v: chosen for v, chosen in kept.items() if v is not variable}
            if implies(_region(rest), formula) is TRUE:
                kept = rest
        term = _region(kept)
        said = [_said(*part) for part in kept.items()]
        regions[term.serial] = (
            term,
            [f"({text})" if " or " in text and len(said) > 1 else text for text in said],
        )
    for serial, (term, _) in list(regions.items()):
        others = any_(other for key, (other, _) in regions.items() if key != serial)
        if implies(term, others) is TRUE:
            del regions[serial]
    texts = [parts for _, parts in regions.values()]
    shared = [part for part in (texts or [["never"]])[0] if all(part in parts for parts in texts)]
    rest_of = [" and ".join(p for p in parts if p not in shared) for parts in texts]
    either = " or ".join(text for text in rest_of if text)
    if shared and len(texts) > 1:
        either = f"({either})"
    return " and ".join([*shared, *([either] if either else [])])


def _cubes(formula: Term) -> Iterator[dict[Variable, frozenset[Any]]]:
    """Regions that together make up a formula; their order does not hang on what was loaded."""
    if formula is TRUE:
        yield {}
    found = sorted(variables(formula), key=lambda v: value_words(v, frozenset([True])))
    branches: dict[int, tuple[Term, set[Any]]] = {}
    for value in values_of(found[0]) if found else ():
        branch = restrict(formula, {found[0]: value})
        branches.setdefault(branch.serial, (branch, set()))[1].add(value)
    for branch, chosen in branches.values():
        for cube in _cubes(branch):
            yield {found[0]: frozenset(chosen), **cube}


def _region(cube: Mapping[Variable, frozenset[Any]]) -> Term:
    return all_(one_of(variable, chosen) for variable, chosen in cube.items())


def _said(variable: Variable, chosen: frozenset[Any]) -> str:
    if isinstance(variable, Symbol) and variable.kind == "fact":
        return f"{'' if True in chosen else 'not '}“{variable.name}”"
    return value_words(variable, chosen)


def if_words(formula: Term) -> str:
    return "" if formula is TRUE else f" if {when_words(formula)}"


def by_case(read: Reader, cases: Cases, describe: Callable[[Any], str]) -> Said:
    """A value by cases in the plain reading; the first case that holds applies."""
    guards = [condition(read, case.when) for case in cases.cases]
    found: list[tuple[Term, str]] = []
    for guard, case in zip(guards, cases.cases, strict=True):
        plain = plainly(read, guard)
        if plain is not FALSE:
            found.append((plain, describe(case.value)))
        if plain is TRUE:
            break
    every = {describe(case.value) for case in cases.cases}
    tags = asked(*guards) if len(every) > 1 else ()
    if len({text for _, text in found}) == 1:
        return Said(found[0][1], tags)
    last = len(found) - 1
    parts = [
        f"otherwise {text}" if i == last else f"{text}{if_words(guard)}"
        for i, (guard, text) in enumerate(found)
        if text
    ]
    return Said("; ".join(parts), tags)


def join(parts: Iterable[Said | str | None], by: str = "; ") -> Said:
    """Several sayings in one; empty ones and repeated tags are left out."""
    given = [Said(p) if isinstance(p, str) else p for p in parts if p is not None]
    kept = [p for p in given if p.text or p.tags]
    tags = dict.fromkeys(t for p in kept for t in p.tags)
    return Said(by.join(p.text for p in kept if p.text), tuple(tags))


def places(words: Iterable[str]) -> str:
    """Places on a ladder, such as "the lowest rung, stage 2"."""
    texts = {
        "lowest rung": "the lowest rung",
        "next rung": "the next rung",
        "next but one": "the next rung but one",
        "top rung": "the top rung",
    }
    return ", ".join(texts.get(word, word) for word in words)


def goes_back(to: str, happened: str) -> str:
    """Where a dispute goes by a way back, after something that happened at a rung."""
    texts = {
        "same rung": f"goes back to the rung where it was {happened}",
        "next rung": f"goes to the rung above the one where it was {happened}",
    }
    return texts.get(to, goes(to))


def goes(to: str) -> str:
    """Where a dispute goes by a rule."""
    texts = {
        "next rung": "goes up",
        "raiser decides": "goes where the raiser decides",
        "top rung": "goes to the top rung",
        "lowest rung": "goes back to the lowest rung",
        "same rung": "stays here",
        "resolved": "counts as settled",
        "closed": "is closed",
        "lapsed": "lapses",
    }
    return texts.get(to, f"goes to {to}")


def names(people: Iterable[str], by: str = ", ") -> str:
    return by.join(name(p) for p in people)


def listed(people: Iterable[str]) -> str:
    """Names as in a sentence: `A, B and C`."""
    *first, last = map(name, people)
    return f"{', '.join(first)} and {last}" if first else last


def name(who: str) -> str:
    """A person's name, or words for nobody that the text names."""
    return {
        "unstated": "somebody not named",
        "unknown": "somebody not in the text we have",
        "nobody": "nobody has to agree",
        "answerer": "the answerer",
        "raiser": "the raiser",
    }.get(who, who)


def officers(value: Any) -> str:
    """Who answers at a rung."""
    if isinstance(value, Officers):
        return names(value.any_of, " or ") or f"{listed(value.all_of)} together"
    return GAPS.get(value, str(value))


def time(value: Any) -> str:
    """How long a window is, in words."""
    if isinstance(value, Window):
        return time(value.at_most)
    if isinstance(value, Length):
        return value.text
    return "no time stated" if value == "unstated" else GAPS[value]


def terms_of_time(value: Any) -> str:
    """What else a window says: a minimum, who sets it, what may shorten it; often nothing."""
    if not isinstance(value, Window):
        return ""
    chosen = f"set by {name(value.set_by)}" if value.set_by else ""
    agreed = f"agreed by {names(value.agreed_by)}" if value.agreed_by else ""
    less = f"or less: {value.or_less}" if value.or_less else ""
    return "; ".join(part for part in (least(value), chosen, agreed, less) if part)


def full_time(read: Reader, cases: Cases) -> Said:
    """A window by cases with all that it says."""
    return join([by_case(read, cases, time), by_case(read, cases, terms_of_time)])


def least(value: Any) -> str:
    """A minimum wait in words; empty if there is none."""
    if not isinstance(value, Window) or value.at_least is None:
        return ""
    return f"not before {value.at_least.text}"


def working_days(value: Any) -> float | None:
    """About how many working days a window is; None if the text gives no figure."""
    if isinstance(value, Window):
        return working_days(value.at_most)
    if not isinstance(value, Length):
        return None
    per_day = {"working days": 1.0, "calendar days": 5 / 7, "hours": 5 / 7 / 24}
    return value.amount * per_day[value.unit]


def first_case(read: Reader, cases: Cases) -> Any:
    """The value of the first case that the plain reading leaves possible."""
    for case in cases.cases:
        if plainly(read, condition(read, case.when)) is not FALSE:
            return case.value
    return cases.cases[-1].value


# --- somebody's part in a step --------------------------------------------------------------

PARTS = {
    "approves": "must agree",
    "decides jointly": "must agree, deciding jointly",
    "takes over": "must agree, and acts from here on",
    "consulted before": "asked for a view first",
    "told before": "told beforehand",
}


NO_PART = "no part in it"


@dataclass(frozen=True, slots=True)
class Gate:
    """Somebody's part in a step; `awaited` if the step cannot be made before they have acted."""

    who: str
    says: Said
    awaited: bool


def gates(read: Reader, parts: Iterable[Involvement]) -> list[Gate]:
    """The parts that come before a step; copies and later news are left out.

    Whoever has none, and would have one in another reading, is named with its question.
    """
    found = list(_gates(read, parts))
    asked_already = {g.who for g in found if g.awaited}
    return [g for g in found if g.says.text != NO_PART or g.who not in asked_already]


def _gates(read: Reader, parts: Iterable[Involvement]) -> Iterator[Gate]:
    for part in parts:
        under = condition(read, part.when)
        left = plainly(read, under)
        how = str(first_case(read, part.how))
        if left is FALSE and asked(under) and how in PARTS:
            yield Gate(names(part.who), Said(NO_PART, asked(under)), False)
        if left is FALSE or how not in PARTS:
            continue
        does = by_case(read, part.how, lambda v: PARTS.get(v, str(v)))
        awaited = how in ("approves", "decides jointly", "takes over")
        waits, within = Said(""), Said("")
        if how == "consulted before":
            waits, awaited = _waits(read, part)
        if awaited:
            within = Said("no time stated")
            if part.within is not None:
                within = full_time(read, part.within)
        says = [
            join([does, Said(if_words(left).strip(), asked(under))], " "),
            waits, within, *(_unmet(read, part) if awaited else ()),
        ]  # fmt: skip
        yield Gate(names(part.who), join(says), awaited)


def _waits(read: Reader, part: Involvement) -> tuple[Said, bool]:
    if part.waits is None:
        return Said("nothing waits for it"), False
    texts = {
        "yes": "the view is awaited",
        "no": "nothing waits for it",
        "unstated": "whether it is awaited: not stated",
        "unknown": "whether it is awaited: not in the text we have",
    }
    return by_case(read, part.waits, lambda v: texts[v]), first_case(read, part.waits) == "yes"


def _unmet(read: Reader, part: Involvement) -> Iterator[Said]:
    """What follows a refusal, and no answer, of somebody who is awaited."""
    refused, silent = _follows(read, part.if_refused), _follows(read, part.if_silent)
    if first_case(read, part.how) == "consulted before":
        yield join(["no answer: ", silent], "")
    elif refused == silent:
        yield join(["refusal or no answer: ", silent], "")
    else:
        yield join(["refusal: ", refused, "; no answer: ", silent], "")


def _follows(read: Reader, rule: Rule | Word | None) -> Said:
    if rule is None or rule == "unstated":
        return Said("nothing stated")
    if not isinstance(rule, Rule):
        return Said(GAPS[rule])
    under = condition(read, rule.when)
    left = plainly(read, under)
    if left is FALSE:
        return Said("nothing follows", asked(under))
    alone = rule.strength == "automatic"
    says = f"{goes(rule.to)} ({'by itself' if alone else rule.strength or 'may'})"
    return Said(says + if_words(left), asked(under))


def gate_words(gate: Gate) -> Said:
    return join([gate.who, gate.says], ": ")
