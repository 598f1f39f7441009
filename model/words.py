"""Terms as a reader of the policy file would say them."""

from __future__ import annotations

import itertools
from typing import Any

from model.terms import Symbol, Term, Variable, cubes

AT_MOST = (" is at most ", " add up to at most ", " is at least ", " add up to at least ")
MORE_THAN = (" is more than ", " add up to more than ", " is less than ", " add up to less than ")


def words(term: Term) -> str:
    """The term as a reader of the policy file would say it."""
    match term.op, term.args:
        case ("true", _):
            return "always"
        case ("false", _):
            return "never"
        case ("no limit", _):
            return "no limit"
        case ("days", (count,)):
            return f"{count} working day{'' if count == 1 else 's'}"
        case ("number", (symbol,)):
            return str(symbol.words or symbol.name)
        case ("case", _):
            return _cube_words(term)
        case ("plus", parts):
            return _sum_words(parts)
        case ("max" | "min" as op, parts):
            name = "longest" if op == "max" else "shortest"
            return f"the {name} of ({', '.join(words(p) for p in parts)})"
        case ("choose", (condition, a, b)):
            return f"({words(a)} if {words(condition)}, otherwise {words(b)})"
        case ("at most", (a, b)) if a.op == "days":
            return f"{words(b)}{AT_MOST[2 + (b.op == 'plus')]}{words(a)}"
        case ("at most", (a, b)):
            return f"{words(a)}{AT_MOST[a.op == 'plus']}{words(b)}"
        case ("limited", (a,)):
            return f"{words(a)} is limited"
    raise AssertionError(term.op)


# What stands in a sum for one rung after another, and how it is said of several at once.
TOGETHER = (
    ("the window of ", "", "the windows of ", ""),
    ("the time until the clock of ", " starts", "the times until the clocks of ", " start"),
    ("the time of ", "", "the times of ", ""),
)


def _sum_words(parts: tuple[Term, ...]) -> str:
    """A sum, with what stands in it several times named once, and what is alike named together."""
    said: dict[str, int] = {}
    for part in parts:
        said[words(part)] = said.get(words(part), 0) + 1
    terms = [name if times == 1 else f"{times} times {name}" for name, times in said.items()]
    for before, after, start, end in TOGETHER:
        alike = [t for t in terms if t.startswith(before) and t.endswith(after)]
        if len(alike) > 1:
            names = [t[len(before) : len(t) - len(after)] for t in alike]
            place = terms.index(alike[0])
            terms = [t for t in terms if t not in alike]
            terms.insert(place, f"{start}{', '.join(names[:-1])} and {names[-1]}{end}")
    return " + ".join(terms)


def _cube_words(term: Term) -> str:
    regions = sorted(
        (
            " and ".join(value_words(v, chosen) for v, chosen in cube.items())
            for cube in itertools.islice(cubes(term), 50)
        ),
        key=len,
    )
    return " or ".join(regions)


def value_words(variable: Variable, chosen: frozenset[Any]) -> str:
    """The words for one variable having one of some values."""
    if isinstance(variable, Symbol) and variable.values:
        ordered = [v for v in variable.values if v in chosen]
        if variable.kind == "question":
            answers = " or ".join(f"“{v}”" for v in ordered)
            return f"“{variable.name}” is read as {answers}"
        return " or ".join(answer_words(variable, v) for v in ordered)
    said = words(variable) if isinstance(variable, Term) else variable.name
    if True in chosen:
        return said
    if isinstance(variable, Term):
        for at_most, more_than in zip(AT_MOST, MORE_THAN, strict=True):
            said = said.replace(at_most, more_than)
        return said.replace(" is limited", " has no limit")
    return f"not {said}"


def answer_words(symbol: Symbol, value: str) -> str:
    if symbol.kind == "question":
        return f"“{symbol.name}” is read as “{value}”"
    if symbol.kind == "silence":
        return f"the silence on {symbol.name} is read as “{value}”"
    if symbol.kind == "raiser":
        return f"{value} raises the dispute"
    if symbol.kind == "child":
        return f"it concerns a {value}"
    return f"{symbol.name} is {value}"
