"""Formulas and day counts over what a text leaves open: the guards and limits of a state graph.

A term is built once and shared (equal terms are one object), so a graph of a thousand moves
stays small, and every engine (`replay`, the proofs, the words of a report) reads the same one.

Two sorts. A *formula* is true or false in a world. A *day count* is a whole number of working
days, 0 or more, or `NO_LIMIT`: a text that states no limit allows any number of days, and also
for ever. A *world* gives each symbol its value.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, NoReturn

from model.work import make, step

Value = str | bool | int | None
World = Mapping["Symbol", Value]


@dataclass(frozen=True, slots=True)
class Symbol:
    """Something a world must settle.

    `kind` is `question` (a reading), `silence` (a choice on which the text is silent; its first
    value is the plain one), `fact` (of the case), `raiser`, `child`, `number` (an unstated number
    of working days; its value None means that there is no limit at all) or `calendar` (a number
    of working days between `low` and `high`, settled by the start date). `scope` names the
    ladder and file it belongs to, so that no ladder's terms depend on what was read before it.
    """

    kind: str
    name: str
    values: tuple[str, ...] = ()
    low: int = 0
    high: int | None = None
    words: str = field(default="", compare=False)
    scope: str = field(default="", repr=False)
    _hash: int = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        made = hash((self.kind, self.name, self.values, self.low, self.high, self.scope))
        object.__setattr__(self, "_hash", made)

    def __hash__(self) -> int:
        return self._hash


class Term:
    """One node of a shared formula or day count; compare with `is` or `==`, both mean the same."""

    __slots__ = ("args", "op", "rank", "serial")

    op: str
    args: tuple[Any, ...]
    rank: int  # of a node of a decision diagram: the place of its variable in the order
    serial: int

    def __reduce__(self) -> NoReturn:
        raise TypeError("a term is shared within one process, and a copy would be another term")

    def __repr__(self) -> str:
        from model.words import words

        return words(self)


_shared: dict[tuple[Any, ...], Term] = {}


def _new(op: str, args: tuple[Any, ...]) -> Term:
    made = Term()
    made.op, made.args, made.serial = op, args, make()
    return made


def _term(op: str, *args: Any) -> Term:
    key = (op, *(id(a) if isinstance(a, Term) else a for a in args))
    found = _shared.get(key)
    if found is None:
        found = _shared[key] = _new(op, args)
    return found


TRUE = _term("true")
FALSE = _term("false")
NO_LIMIT = _term("no limit")


# --- formulas -------------------------------------------------------------------------------
#
# A formula is a decision diagram (Bryant 1986, with as many branches as a symbol has values): a
# node asks for one variable and has a branch for each of its values. Equal formulas are one
# object, whatever way they were built, so "always true" is seen without a solver. A comparison
# of day counts is a variable of its own, of which the diagram knows nothing more; arithmetic is
# for the solver.

Variable = Symbol | Term

_ranks: dict[Symbol | int, int] = {}
_negated: dict[int, Term] = {}


def _rank(variable: Variable) -> int:
    key = variable.serial if isinstance(variable, Term) else variable
    return _ranks.setdefault(key, len(_ranks))


def _node(variable: Variable, branches: tuple[Term, ...]) -> Term:
    return _case(_rank(variable), variable, branches)


def _case(rank: int, variable: Variable, branches: tuple[Term, ...]) -> Term:
    first = branches[0]
    for branch in branches:
        if branch is not first:
            break
    else:
        return first
    key = (rank, *map(id, branches))
    found = _shared.get(key)
    if found is None:
        found = _shared[key] = _new("case", (variable, *branches))
        found.rank = rank
    return found


def values_of(variable: Variable) -> tuple[Any, ...]:
    """The values of a variable, in the order of a node's branches."""
    if isinstance(variable, Symbol) and variable.values:
        return variable.values
    return (True, False)


def constant(value: bool) -> Term:
    return TRUE if value else FALSE


def is_(symbol: Symbol, value: str) -> Term:
    """`symbol` has this one of its values."""
    if value not in symbol.values:
        raise ValueError(f"{symbol.name} has no answer {value!r}; it has {symbol.values}")
    return _node(symbol, tuple(constant(v == value) for v in symbol.values))


def holds(variable: Variable) -> Term:
    """A fact of the case is so; or, of a comparison of day counts, that it is true."""
    return _node(variable, (TRUE, FALSE))


def not_(a: Term) -> Term:
    if a is TRUE:
        return FALSE
    if a is FALSE:
        return TRUE
    if a.serial not in _negated:
        result = _node(a.args[0], tuple(not_(b) for b in a.args[1:]))
        _negated[a.serial] = result
        _negated[result.serial] = a
    return _negated[a.serial]


def all_(terms: Iterable[Term]) -> Term:
    """The conjunction; true where there are no terms."""
    result = TRUE
    for term in terms:
        result = _and(result, term)
        if result is FALSE:
            break
    return result


def any_(terms: Iterable[Term]) -> Term:
    """The disjunction; false where there are no terms."""
    result = FALSE
    for term in terms:
        result = _or(result, term)
        if result is TRUE:
            break
    return result


def implies(a: Term, b: Term) -> Term:
    return _or(not_(a), b)


def entails(a: Term, b: Term) -> bool:
    """Whether `b` holds wherever `a` does, by their diagrams alone; makes no new formula."""
    if a is b or a is FALSE or b is TRUE:
        return True
    if a is TRUE or b is FALSE:
        return False
    key = a.serial << 40 | b.serial
    found = _entailed.get(key)
    if found is None:
        if a.rank < b.rank:
            found = all(entails(x, b) for x in a.args[1:])
        elif b.rank < a.rank:
            found = all(entails(a, y) for y in b.args[1:])
        else:
            found = all(entails(x, y) for x, y in zip(a.args[1:], b.args[1:], strict=True))
        if len(_entailed) > 1_000_000:
            _entailed.clear()
        _entailed[key] = found
    return found


_entailed: dict[int, bool] = {}


def _joiner(zero: Term, unit: Term) -> Callable[[Term, Term], Term]:
    """A connective of two formulas by its zero and unit, with all that it has worked out."""
    known: dict[int, Term] = {}

    def join(a: Term, b: Term) -> Term:
        if a is unit or a is b:
            return b
        if b is unit:
            return a
        if a is zero or b is zero:
            return zero
        if a.serial > b.serial:
            a, b = b, a
        key = a.serial << 40 | b.serial
        found = known.get(key)
        if found is None:
            one, other = a.rank, b.rank
            if one == other:
                branches = tuple([join(x, y) for x, y in zip(a.args[1:], b.args[1:], strict=True)])
            elif one < other:
                branches = tuple([join(x, b) for x in a.args[1:]])
            else:
                a, branches, one = b, tuple([join(a, y) for y in b.args[1:]]), other
            found = _case(one, a.args[0], branches)
            if len(known) > 1_000_000:
                known.clear()
            known[key] = found
        return found

    return join


_and = _joiner(FALSE, TRUE)
_or = _joiner(TRUE, FALSE)


def restrict(term: Term, values: Mapping[Any, Any], known: dict[int, Term] | None = None) -> Term:
    """A formula or day count where some variables have the values given.

    `known` keeps the work, for several terms under the same values.
    """
    known = {} if known is None else known
    found = known.get(term.serial)
    if found is None:
        found = known[term.serial] = _restricted(term, values, known)
    return found


def _restricted(term: Term, values: Mapping[Any, Any], known: dict[int, Term]) -> Term:
    if term.op == "case":
        variable, branches = term.args[0], term.args[1:]
        if variable in values:
            place = values_of(variable).index(values[variable])
            return restrict(branches[place], values, known)
        then = tuple([restrict(b, values, known) for b in branches])
        if isinstance(variable, Symbol):
            if all(t.op != "case" or t.rank > term.rank for t in then):
                return _case(term.rank, variable, then)  # the order is as it was
            literals = [one_of(variable, (v,)) for v in values_of(variable)]
        else:
            when = restrict(variable, values, known)
            literals = [when, not_(when)]
        return any_(all_(pair) for pair in zip(literals, then, strict=True))
    if term.op == "number":
        if term.args[0] not in values:
            return term
        count: Any = values[term.args[0]]
        return NO_LIMIT if count is None else days(count)
    make = _MAKERS.get(term.op)
    if make is None:
        return term
    return make([restrict(a, values, known) for a in term.args])


def simplified(a: Term, care: Term) -> Term:
    """A formula, often smaller, that equals `a` wherever `care` holds (Coudert and Madre 1990)."""
    if care is FALSE or a is care:
        return TRUE
    if a.op != "case" or care is TRUE:
        return a
    one, other = a.rank, care.rank
    if other < one:
        return simplified(a, any_(care.args[1:]))
    cares = care.args[1:] if one == other else (care,) * len(a.args[1:])
    found = [
        simplified(b, c) if c is not FALSE else None for b, c in zip(a.args[1:], cares, strict=True)
    ]
    filler = next(f for f in found if f is not None)
    return _node(a.args[0], tuple(filler if f is None else f for f in found))


def for_all(
    a: Term, chosen: Callable[[Variable], bool], known: dict[int, Term] | None = None
) -> Term:
    """The formula that `a` holds for all values of the chosen variables.

    `known` keeps the work, for several formulas and the same choice.
    """
    return _quantified(a, chosen, all_, {} if known is None else known)


def for_some(
    a: Term, chosen: Callable[[Variable], bool], known: dict[int, Term] | None = None
) -> Term:
    """The formula that `a` holds for some values of the chosen variables; else like `for_all`."""
    return _quantified(a, chosen, any_, {} if known is None else known)


def _quantified(
    a: Term,
    chosen: Callable[[Variable], bool],
    join: Callable[[Iterable[Term]], Term],
    known: dict[int, Term],
) -> Term:
    if a.op != "case":
        return a
    found = known.get(a.serial)
    if found is None:
        variable = a.args[0]
        branches = tuple([_quantified(b, chosen, join, known) for b in a.args[1:]])
        found = join(branches) if chosen(variable) else _case(a.rank, variable, branches)
        known[a.serial] = found
    return found


def one_of(variable: Variable, values: Iterable[Any]) -> Term:
    """The formula that a variable has one of some of its values."""
    chosen = set(values)
    return _node(variable, tuple(constant(v in chosen) for v in values_of(variable)))


def variables(*roots: Term) -> list[Variable]:
    """The variables of some formulas, in the order of the diagrams."""
    found = {t.args[0] for t in walk(roots) if t.op == "case"}
    return sorted(found, key=_rank)


def is_case(variable: Variable) -> bool:
    """Whether a variable is of the case (every value counts): a fact, the raiser, the child or
    the start date; and not a parameter of an answer, which readings and open numbers are."""
    return isinstance(variable, Symbol) and variable.kind not in PARAMETERS


PARAMETERS = ("question", "silence", "number")


def cubes(a: Term) -> Iterator[dict[Variable, frozenset[Any]]]:
    """Regions (for some variables, the values they may have) that together make up a formula."""
    if a is TRUE:
        yield {}
    if a.op != "case":
        return
    variable, branches = a.args[0], a.args[1:]
    by_branch: dict[int, tuple[Term, set[Any]]] = {}
    for value, branch in zip(values_of(variable), branches, strict=True):
        by_branch.setdefault(branch.serial, (branch, set()))[1].add(value)
    for branch, chosen in by_branch.values():
        for cube in cubes(branch):
            yield {variable: frozenset(chosen), **cube}


def cube_at(a: Term, of: Callable[[Term], Any], world: World) -> dict[Variable, frozenset[Any]]:
    """The region of a formula's diagram in which a world lies (`of` is its `evaluator`)."""
    cube: dict[Variable, frozenset[Any]] = {}
    while a.op == "case":
        variable = a.args[0]
        value = world[variable] if isinstance(variable, Symbol) else of(variable)
        branches = dict(zip(values_of(variable), a.args[1:], strict=True))
        a = branches[value]
        cube[variable] = frozenset(v for v, branch in branches.items() if branch is a)
    return cube


# --- day counts -----------------------------------------------------------------------------


def days(count: int) -> Term:
    return _term("days", count)


ZERO = days(0)


def unknown(symbol: Symbol) -> Term:
    """The number of working days that a number or calendar symbol stands for."""
    return _term("number", symbol)


def plus(a: Term, b: Term) -> Term:
    """The sum; sums are flat, with their plain number of days first."""
    if a is NO_LIMIT or b is NO_LIMIT:
        return NO_LIMIT
    if a is ZERO or b is ZERO:
        return b if a is ZERO else a
    number, parts = 0, []
    for part in (*_parts(a), *_parts(b)):
        if part.op == "days":
            number += part.args[0]
        else:
            parts.append(part)
    parts.sort(key=lambda t: t.serial)
    if not parts:
        return days(number)
    if number == 0 and len(parts) == 1:
        return parts[0]
    return _term("plus", *([days(number)] if number else []), *parts)


def _parts(a: Term) -> tuple[Term, ...]:
    return a.args if a.op == "plus" else (a,)


def longest(terms: Iterable[Term]) -> Term:
    """The largest of some day counts; 0 where there are none."""
    return _extreme("max", terms)


def shortest(terms: Iterable[Term]) -> Term:
    """The smallest of some day counts; no limit where there are none."""
    return _extreme("min", terms)


def sums(count: Term) -> tuple[Term, ...]:
    """The counts of which this one is the smallest; itself alone, if it is none of that kind."""
    return count.args if count.op == "min" else (count,)


def _extreme(op: str, terms: Iterable[Term]) -> Term:
    zero, unit = (NO_LIMIT, ZERO) if op == "max" else (ZERO, NO_LIMIT)
    kept: dict[int, Term] = {}
    for term in terms:
        parts_of: tuple[Term, ...] = term.args if term.op == op else (term,)
        for part in parts_of:
            if part is zero:
                return zero
            if part is not unit:
                kept[part.serial] = part
    if not kept:
        return unit
    parts = _needed(op, sorted(kept.values(), key=lambda t: t.serial))
    return parts[0] if len(parts) == 1 else _term(op, *parts)


def _needed(op: str, parts: list[Term]) -> list[Term]:
    """The parts of a largest (smallest) count without those that another is never below (above)."""
    if op == "max":
        first = max(parts, key=bounds)
        return [p for p in parts if p is first or bounds(p)[1] > bounds(first)[0]]
    first = min(parts, key=lambda p: bounds(p)[::-1])
    return [p for p in parts if p is first or bounds(p)[0] < bounds(first)[1]]


@functools.cache
def bounds(a: Term) -> tuple[int, int]:
    """The smallest and the largest number of days that a count can be, read part by part."""
    if a.op == "number":
        return a.args[0].low, INFINITE if a.args[0].high is None else a.args[0].high
    if a.op == "choose":
        return bounds(shortest(a.args[1:]))[0], bounds(longest(a.args[1:]))[1]
    low, high = (_MEANING[a.op](a.args, lambda b, end=end: bounds(b)[end]) for end in (0, 1))
    return low, high


def choose(condition: Term, a: Term, b: Term) -> Term:
    """`a` where the condition holds, else `b` (both day counts)."""
    if condition is TRUE or a is b:
        return a
    if condition is FALSE:
        return b
    return _term("choose", condition, a, b)


def at_most(a: Term, b: Term) -> Term:
    """The formula a <= b over day counts; nothing but `NO_LIMIT` is at least `NO_LIMIT`.

    No comparison in it speaks of the case, but for its spans of the calendar.
    """
    if b is NO_LIMIT or a is ZERO or a is b:
        return TRUE
    step()
    if a.op == "choose":
        when, x, y = a.args
        return any_((all_((when, at_most(x, b))), all_((not_(when), at_most(y, b)))))
    if b.op == "choose":
        when, x, y = b.args
        return any_((all_((when, at_most(a, x))), all_((not_(when), at_most(a, y)))))
    if a.op == "max" or b.op == "min":
        pairs = [(x, b) for x in a.args] if a.op == "max" else [(a, y) for y in b.args]
        return all_(at_most(x, y) for x, y in pairs)
    if a.op == "min" or b.op == "max":
        pairs = [(x, b) for x in a.args] if a.op == "min" else [(a, y) for y in b.args]
        return any_(at_most(x, y) for x, y in pairs)
    if a is NO_LIMIT:
        return not_(limited(b))
    conditions = {p.args[0] for p in (*_parts(a), *_parts(b)) if p.op == "choose"}
    if 0 < len(conditions) <= MOST_SPLITS:
        when = min(conditions, key=lambda t: t.serial)
        then = at_most(_taking(a, when, 1), _taking(b, when, 1))
        other = at_most(_taking(a, when, 2), _taking(b, when, 2))
        return any_((all_((when, then)), all_((not_(when), other))))
    case = next((s for s in symbols(a, b) if is_case(s) and s.kind != "calendar"), None)
    if case is None:
        return _compare(_split(a), _split(b))
    given = (({case: value}, one_of(case, (value,))) for value in values_of(case))
    return any_(all_((so, at_most(restrict(a, of), restrict(b, of)))) for of, so in given)


def exceeds(a: Term, b: Term) -> Term:
    """The formula a > b as one variable, whatever a is made of; the solver knows what it means."""
    if a.op == "days" and b.op == "days":
        return constant(a.args[0] > b.args[0])
    return TRUE if a is NO_LIMIT and b is not NO_LIMIT else not_(holds(_term("at most", a, b)))


MOST_SPLITS = 4  # a comparison with more choices in its sums stays one variable


def _taking(a: Term, when: Term, branch: int) -> Term:
    """A sum where its choices on one condition are settled."""
    result = ZERO
    for part in _parts(a):
        chosen = part.op == "choose" and part.args[0] is when
        result = plus(result, part.args[branch] if chosen else part)
    return result


def _split(a: Term) -> tuple[int, Term]:
    """A day count as a plain number and the rest."""
    if a.op == "days":
        return a.args[0], ZERO
    if a.op == "plus" and a.args[0].op == "days":
        rest = a.args[1:]
        return a.args[0].args[0], rest[0] if len(rest) == 1 else _term("plus", *rest)
    return 0, a


def _compare(left: tuple[int, Term], right: tuple[int, Term]) -> Term:
    (m, a), (n, b) = left, right
    if a is ZERO:
        if m <= n:
            return TRUE
        return holds(_term("at most", days(m - n), b)) if b is not ZERO else FALSE
    if b is ZERO and m > n:
        return FALSE
    if b is ZERO:
        parts = dict.fromkeys(_parts(a))
        if m == n:  # nothing is left, so each part must be nothing
            return all_(holds(_term("at most", part, ZERO)) for part in parts)
        if len(parts) == 1:  # some times the same
            return holds(_term("at most", *parts, days((n - m) // len(_parts(a)))))
    spare = min(m, n)
    return holds(_term("at most", plus(days(m - spare), a), plus(days(n - spare), b)))


def limited(a: Term) -> Term:
    """The formula that a day count is not `NO_LIMIT`."""
    match a.op, a.args:
        case "no limit", _:
            return FALSE
        case "days", _:
            return TRUE
        case "number", (symbol,):
            return TRUE if symbol.kind == "calendar" else holds(_term("limited", a))
        case "plus" | "max", parts:
            return all_(limited(p) for p in parts)
        case "min", parts:
            return any_(limited(p) for p in parts)
        case "choose", (when, x, y):
            return any_((all_((when, limited(x))), all_((not_(when), limited(y)))))
    raise AssertionError(a.op)


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


_MAKERS: dict[str, Callable[[list[Any]], Term]] = {
    "plus": lambda args: functools.reduce(plus, args),
    "max": longest,
    "min": shortest,
    "choose": lambda args: choose(*args),
    "at most": lambda args: at_most(*args),
    "limited": lambda args: limited(args[0]),
}


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
    if len(roots) == 1:
        return list(_symbols(roots[0]))
    return list(dict.fromkeys(s for root in reversed(roots) for s in _symbols(root)))


def _symbols(root: Term) -> tuple[Symbol, ...]:
    if root.serial not in _mentioned:
        if len(_mentioned) > 100_000:
            _mentioned.clear()
        found = (a for term in walk((root,)) for a in term.args if isinstance(a, Symbol))
        _mentioned[root.serial] = tuple(dict.fromkeys(found))
    return _mentioned[root.serial]


_mentioned: dict[int, tuple[Symbol, ...]] = {}


_MEANING: dict[str, Callable[[tuple[Any, ...], Any], Any]] = {
    "true": lambda args, of: True,
    "false": lambda args, of: False,
    "at most": lambda args, of: of(args[0]) <= of(args[1]),
    "limited": lambda args, of: of(args[0]) < INFINITE,
    "no limit": lambda args, of: INFINITE,
    "days": lambda args, of: args[0],
    "plus": lambda args, of: min(INFINITE, sum(of(a) for a in args)),
    "max": lambda args, of: max(of(a) for a in args),
    "min": lambda args, of: min(of(a) for a in args),
    "choose": lambda args, of: of(args[1]) if of(args[0]) else of(args[2]),
}


def evaluator(world: World) -> Callable[[Term], Any]:
    """A function from terms to their values in one world; what it has worked out it keeps.

    A formula gives a bool, a day count an int, `INFINITE` for no limit. A symbol that is needed
    and that the world does not settle raises KeyError.
    """
    known: dict[int, Any] = {}
    unsettled: dict[int, Any] = {}

    def value(term: Term) -> Any:
        if term.op == "case":
            while term.op == "case":
                variable = term.args[0]
                if isinstance(variable, Symbol):
                    chosen = world[variable]
                    place = (
                        variable.values.index(str(chosen)) if variable.values else int(not chosen)
                    )
                else:
                    place = int(not known_or_new(variable))
                term = term.args[1 + place]
            return term is TRUE
        if term.op == "number":
            given = world[term.args[0]]
            return INFINITE if given is None else given
        return _MEANING[term.op](term.args, known_or_new)

    def known_or_new(term: Term) -> Any:
        if term.serial not in known:
            if term.serial in unsettled:
                raise KeyError(unsettled[term.serial])
            step()
            known[term.serial] = value(term)
        return known[term.serial]

    def whole(term: Term) -> Any:
        try:
            return known_or_new(term)
        except RecursionError:  # a deep term: parts first, and those that fail may not be needed
            for part in walk((term,)):
                try:
                    known_or_new(part)
                except KeyError as error:
                    unsettled[part.serial] = error.args[0]
            return known_or_new(term)

    return whole


def evaluate(term: Term, world: World) -> Any:
    """The value of one term in a world; see `evaluator`."""
    return evaluator(world)(term)
