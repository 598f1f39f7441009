"""Formulas and day counts over what a text leaves open: the guards and limits of a state graph.

A term is built once and shared (equal terms are one object), so a graph of a thousand moves
stays small, and every engine (`replay`, the proofs, the words of a report) reads the same one.

Two sorts. A *formula* is true or false in a world. A *day count* is a whole number of working
days, 0 or more, or `NO_LIMIT`: a text that states no limit allows any number of days, and also
for ever. A *world* gives each symbol its value.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any
from weakref import WeakValueDictionary

Value = str | bool | int | None
World = Mapping["Symbol", Value]


@dataclass(frozen=True, slots=True)
class Symbol:
    """Something a world must settle.

    `kind` is `question` (a reading), `silence` (a choice on which the text is silent; its first
    value is the plain one), `fact` (of the case), `raiser`, `child`, `number` (an unstated number
    of working days; its value None means that there is no limit at all) or `calendar` (a number
    of working days between `low` and `high`, settled by the start date).
    """

    kind: str
    name: str
    values: tuple[str, ...] = ()
    low: int = 0
    high: int | None = None
    words: str = field(default="", compare=False)


class Term:
    """One node of a shared formula or day count; compare with `is` or `==`, both mean the same."""

    __slots__ = ("__weakref__", "args", "op", "serial")

    op: str
    args: tuple[Any, ...]
    serial: int

    def __repr__(self) -> str:
        return words(self)


_shared: WeakValueDictionary[tuple[Any, ...], Term] = WeakValueDictionary()
_made = 0


def _term(op: str, *args: Any) -> Term:
    global _made
    key = (op, *(id(a) if isinstance(a, Term) else a for a in args))
    found = _shared.get(key)
    if found is None:
        found = Term()
        found.op, found.args, found.serial = op, args, _made
        _made += 1
        _shared[key] = found
    return found


TRUE = _term("true")
FALSE = _term("false")
NO_LIMIT = _term("no limit")


# --- formulas -------------------------------------------------------------------------------


def constant(value: bool) -> Term:
    return TRUE if value else FALSE


def is_(symbol: Symbol, value: str) -> Term:
    """`symbol` has this one of its values."""
    if value not in symbol.values:
        raise ValueError(f"{symbol.name} has no answer {value!r}; it has {symbol.values}")
    return TRUE if len(symbol.values) == 1 else _term("is", symbol, value)


def holds(symbol: Symbol) -> Term:
    """A fact of the case is so."""
    return _term("fact", symbol)


def not_(a: Term) -> Term:
    if a is TRUE:
        return FALSE
    if a is FALSE:
        return TRUE
    if a.op == "not":
        inner: Term = a.args[0]
        return inner
    if a.op == "is":
        symbol, value = a.args
        return any_(is_(symbol, v) for v in symbol.values if v != value)
    return _term("not", a)


def all_(terms: Iterable[Term]) -> Term:
    return _join("and", terms, unit=TRUE, zero=FALSE)


def any_(terms: Iterable[Term]) -> Term:
    return _join("or", terms, unit=FALSE, zero=TRUE)


def _join(op: str, terms: Iterable[Term], unit: Term, zero: Term) -> Term:
    kept: dict[int, Term] = {}
    for term in terms:
        for part in term.args if term.op == op else (term,):
            if part is zero:
                return zero
            if part is not unit:
                kept[part.serial] = part
    dual = "or" if op == "and" else "and"
    for part in list(kept.values()):
        if part.op == "not" and part.args[0].serial in kept:
            return zero
        if part.op == dual and any(p.serial in kept for p in part.args):  # absorption
            del kept[part.serial]
    parts = _join_answers(op, kept.values())
    if parts is None:
        return zero
    if not parts:
        return unit
    return parts[0] if len(parts) == 1 else _term(op, *sorted(parts, key=lambda t: t.serial))


def _join_answers(op: str, parts: Iterable[Term]) -> list[Term] | None:
    """Two answers to one question never hold together; all its answers together always do."""
    rest: list[Term] = []
    answers: dict[Symbol, list[Term]] = {}
    for part in parts:
        (answers.setdefault(part.args[0], []) if part.op == "is" else rest).append(part)
    for symbol, given in answers.items():
        if (op == "and" and len(given) > 1) or (op == "or" and len(given) == len(symbol.values)):
            return None
        rest += given
    return rest


def implies(a: Term, b: Term) -> Term:
    return any_((not_(a), b))


# --- day counts -----------------------------------------------------------------------------


def days(count: int) -> Term:
    return _term("days", count)


ZERO = days(0)


def unknown(symbol: Symbol) -> Term:
    """The number of working days that a number or calendar symbol stands for."""
    return _term("number", symbol)


def plus(a: Term, b: Term) -> Term:
    if a is NO_LIMIT or b is NO_LIMIT:
        return NO_LIMIT
    if a is ZERO or b is ZERO:
        return b if a is ZERO else a
    if a.op == b.op == "days":
        return days(a.args[0] + b.args[0])
    return _term("plus", *sorted((a, b), key=lambda t: t.serial))


def longest(terms: Iterable[Term]) -> Term:
    """The largest of some day counts; 0 where there are none."""
    return _extreme("max", terms)


def shortest(terms: Iterable[Term]) -> Term:
    """The smallest of some day counts; no limit where there are none."""
    return _extreme("min", terms)


def _extreme(op: str, terms: Iterable[Term]) -> Term:
    zero, unit = (NO_LIMIT, ZERO) if op == "max" else (ZERO, NO_LIMIT)
    pick = max if op == "max" else min
    number: int | None = None
    kept: dict[int, Term] = {}
    for term in terms:
        for part in term.args if term.op == op else (term,):
            if part is zero:
                return zero
            if part.op == "days":
                number = part.args[0] if number is None else pick(number, part.args[0])
            elif part is not unit:
                kept[part.serial] = part
    if number is not None and not (op == "max" and number == 0 and kept):
        part = days(number)
        kept[part.serial] = part
    parts = sorted(kept.values(), key=lambda t: t.serial)
    if not parts:
        return unit
    return parts[0] if len(parts) == 1 else _term(op, *parts)


def choose(condition: Term, a: Term, b: Term) -> Term:
    """`a` where the condition holds, else `b` (both day counts)."""
    if condition is TRUE or a is b:
        return a
    if condition is FALSE:
        return b
    return _term("choose", condition, a, b)


def at_most(a: Term, b: Term) -> Term:
    """The formula a <= b over day counts; nothing but `NO_LIMIT` is at least `NO_LIMIT`."""
    if b is NO_LIMIT or a is ZERO or a is b:
        return TRUE
    if a.op == b.op == "days":
        return constant(a.args[0] <= b.args[0])
    if a is NO_LIMIT and b.op == "days":
        return FALSE
    return _term("at most", a, b)


def limited(a: Term) -> Term:
    """The formula that a day count is not `NO_LIMIT`."""
    if a is NO_LIMIT:
        return FALSE
    if a.op == "days":
        return TRUE
    return _term("limited", a)


def stated(a: Term) -> Term:
    """The formula that a day count rests on figures that the text gives."""
    match a.op, a.args:
        case "days", _:
            return TRUE
        case "number", (symbol,):
            return constant(symbol.kind == "calendar")
        case "min", parts:
            return any_(stated(p) for p in parts)
        case "max" | "plus", parts:
            return all_(stated(p) for p in parts)
        case "choose", (condition, b, c):
            return any_([all_([condition, stated(b)]), all_([not_(condition), stated(c)])])
    return FALSE


# --- meaning --------------------------------------------------------------------------------

INFINITE = 1 << 60  # stands for NO_LIMIT inside `evaluate`; no count of days comes near it


def walk(roots: Iterable[Term]) -> Iterator[Term]:
    """Every term below the roots, each once, parts before the whole."""
    seen: set[int] = set()
    stack: list[tuple[Term, bool]] = [(root, False) for root in roots]
    while stack:
        term, ready = stack.pop()
        if ready:
            yield term
        elif term.serial not in seen:
            seen.add(term.serial)
            stack.append((term, True))
            stack.extend((a, False) for a in term.args if isinstance(a, Term))


def symbols(*roots: Term) -> list[Symbol]:
    """The symbols that some terms mention, in the order in which the terms were made."""
    found: dict[Symbol, None] = {}
    for term in walk(roots):
        for arg in term.args:
            if isinstance(arg, Symbol):
                found[arg] = None
    return list(found)


_MEANING: dict[str, Callable[[tuple[Any, ...], Any], Any]] = {
    "true": lambda args, of: True,
    "false": lambda args, of: False,
    "and": lambda args, of: all(of(a) for a in args),
    "or": lambda args, of: any(of(a) for a in args),
    "not": lambda args, of: not of(args[0]),
    "at most": lambda args, of: of(args[0]) <= of(args[1]),
    "limited": lambda args, of: of(args[0]) < INFINITE,
    "no limit": lambda args, of: INFINITE,
    "days": lambda args, of: args[0],
    "plus": lambda args, of: min(INFINITE, of(args[0]) + of(args[1])),
    "max": lambda args, of: max(of(a) for a in args),
    "min": lambda args, of: min(of(a) for a in args),
    "choose": lambda args, of: of(args[1]) if of(args[0]) else of(args[2]),
}


def evaluator(world: World) -> Callable[[Term], Any]:
    """A function from terms to their values in one world; what it has worked out it keeps.

    A formula gives a bool, a day count an int, `INFINITE` for no limit. A symbol that the
    world does not settle raises KeyError.
    """
    known: dict[int, Any] = {}

    def value(term: Term) -> Any:
        if term.op == "is":
            return world[term.args[0]] == term.args[1]
        if term.op == "fact":
            return world[term.args[0]]
        if term.op == "number":
            given = world[term.args[0]]
            return INFINITE if given is None else given
        return _MEANING[term.op](term.args, known_or_new)

    def known_or_new(term: Term) -> Any:
        if term.serial not in known:
            for part in walk((term,)) if term.args else (term,):
                if part.serial not in known:
                    known[part.serial] = value(part)
        return known[term.serial]

    return known_or_new


def evaluate(term: Term, world: World) -> Any:
    """The value of one term in a world; see `evaluator`."""
    return evaluator(world)(term)


# --- words ----------------------------------------------------------------------------------


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
            return symbol.words or symbol.name
        case ("fact", (symbol,)):
            return str(symbol.name)
        case ("is", (symbol, value)):
            return answer_words(symbol, value)
        case ("not", (inner,)):
            return f"not ({words(inner)})" if inner.args[1:] else f"not {words(inner)}"
        case ("and" | "or" as op, parts):
            return f" {op} ".join(
                f"({words(p)})" if p.op in ("and", "or") else words(p) for p in parts
            )
        case ("plus", (a, b)):
            return f"{words(a)} + {words(b)}"
        case ("max" | "min" as op, parts):
            name = "longest" if op == "max" else "shortest"
            return f"the {name} of ({', '.join(words(p) for p in parts)})"
        case ("choose", (condition, a, b)):
            return f"({words(a)} if {words(condition)}, otherwise {words(b)})"
        case ("at most", (a, b)):
            return f"{words(a)} is at most {words(b)}"
        case ("limited", (a,)):
            return f"{words(a)} is limited"
    raise AssertionError(term.op)


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
