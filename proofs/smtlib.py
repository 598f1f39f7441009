"""Questions as SMT-LIB 2.6 in QF_LIA, for any solver: the second translation of our terms.

It shares nothing with that of `solver.py`. A number without a figure is a boolean (whether it has
no limit) beside an integer, where `solver.py` takes a large number for no limit; and what is asked
is put together from the parts of a claim by the solver that reads it, not by our diagrams. Names
from a policy file stand in string literals only.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from model.terms import Symbol, Term, Value, World, walk

Formula = Term | tuple[str, *tuple["Formula", ...]]
"""A formula of ours, or `and`, `or` or `not` of some."""


@dataclass(frozen=True, slots=True)
class Question:
    """Some formulas of which a verdict needs to know whether they can be true together.

    `asks` is a key of `ASKS`; `needs` is `sat` or `unsat`, whichever the verdict rests on. For
    `sat` there is a world in which they are; the script asks in that world, which is to check it.
    """

    asks: str
    formulas: tuple[Formula, ...]
    needs: str
    world: World | None = None


ASKS = {
    "can-happen": "Can that of which the claim speaks happen at all?",
    "can-fail": "Can the claim fail?",
    "can-fail-plainly": "Can the claim fail under the plain readings, with no limit where none is "
    "stated?",
    "can-hold": "Can the claim hold, of something that can happen?",
    "suffices": "Can the claim fail although its condition holds?",
    "needed": "Can the condition not hold although there is no case in which the claim fails?",
}


def script(question: Question, about: Mapping[str, str]) -> str:
    """A question as a script of its own; `about` is what its header says, by keyword."""
    roots = list(_terms(question.formulas))
    lines = [
        "(set-info :smt-lib-version 2.6)",
        "(set-logic QF_LIA)",
        *(f"(set-info :{key} {quoted(text)})" for key, text in about.items()),
        f"(set-info :asks {quoted(ASKS[question.asks])})",
        f'(set-info :the-verdict-needs "{question.needs}")',
    ]
    names: dict[int, str] = {}
    symbols: dict[Symbol, str] = {}
    unlimited: dict[int, str] = {}  # of a day count: whether it is no limit at all
    for term in walk(roots):
        for symbol in term.args:
            if isinstance(symbol, Symbol) and symbol not in symbols:
                symbols[symbol] = f"{symbol.kind}-{len(symbols) + 1}"
                lines += _declared(symbol, symbols[symbol])
        if term.op in ("true", "false"):
            names[term.serial] = term.op
        elif term.op in _FORMULAS:
            names[term.serial] = f"formula-{len(names) + 1}"
            text = _formula(term, names, unlimited, symbols)
            lines.append(f"(define-fun {names[term.serial]} () Bool {text})")
        else:
            of = f"days-{len(names) + 1}"
            endless, text = _days(term, names, unlimited, symbols)
            names[term.serial], unlimited[term.serial] = of, f"{of}-unlimited"
            lines.append(f"(define-fun {of} () Int {text})")
            lines.append(f"(define-fun {of}-unlimited () Bool {endless})")
    lines += [f"(assert {_put(formula, names)})" for formula in question.formulas]
    if question.world is not None:
        lines.append("; the world in which it is so: without what follows, any other will do")
        for symbol, name in symbols.items():
            if symbol in question.world:
                lines.append(f"(assert {_settled(symbol, name, question.world[symbol])})")
    return "\n".join([*lines, "(check-sat)", ""])


_FORMULAS = ("case", "at most", "limited")


def quoted(text: str) -> str:
    """A string literal: only a quotation mark ends one, and it is doubled inside.

    All but printable ASCII is written as an escape, and so is a backslash.
    """
    safe = (
        c if " " <= c <= "~" and c != "\\" else "\\u{" + format(ord(c), "x") + "}" for c in text
    )
    return '"' + "".join(safe).replace('"', '""') + '"'


def _terms(formulas: Iterable[Formula]) -> Iterator[Term]:
    for formula in formulas:
        if isinstance(formula, Term):
            yield formula
        else:
            yield from _terms(part for part in formula[1:] if not isinstance(part, str))


def _put(formula: Formula, names: Mapping[int, str]) -> str:
    if isinstance(formula, Term):
        return names[formula.serial]
    parts = [_put(part, names) for part in formula[1:] if not isinstance(part, str)]
    return f"(not {parts[0]})" if formula[0] == "not" else joined(formula[0], parts)


def joined(connective: str, parts: list[str]) -> str:
    """`and` or `or` of any number of parts."""
    if len(parts) > 1:
        return f"({connective} {' '.join(parts)})"
    return parts[0] if parts else str(connective == "and").lower()


def _declared(symbol: Symbol, name: str) -> Iterator[str]:
    yield f"(set-info :{name} {quoted(': '.join((symbol.name, *symbol.values)))})"
    if symbol.kind == "fact":
        yield f"(declare-const {name} Bool)"
        return
    yield f"(declare-const {name} Int)"
    low, high = (0, len(symbol.values) - 1) if symbol.values else (symbol.low, symbol.high)
    yield f"(assert (<= {low} {name}))" if high is None else f"(assert (<= {low} {name} {high}))"
    if symbol.kind == "number":
        yield f"(declare-const {name}-unlimited Bool)"


def _settled(symbol: Symbol, name: str, value: Value) -> str:
    if symbol.kind == "fact":
        return name if value else f"(not {name})"
    if symbol.values:
        return f"(= {name} {symbol.values.index(str(value))})"
    if symbol.kind == "number":
        endless = f"{name}-unlimited"
        return endless if value is None else f"(and (not {endless}) (= {name} {value}))"
    return f"(= {name} {value})"


def _formula(
    term: Term,
    names: Mapping[int, str],
    unlimited: Mapping[int, str],
    symbols: Mapping[Symbol, str],
) -> str:
    if term.op == "limited":
        return f"(not {unlimited[term.args[0].serial]})"
    if term.op == "at most":
        a, b = (part.serial for part in term.args)
        within = f"(and (not {unlimited[a]}) (<= {names[a]} {names[b]}))"
        return f"(or {unlimited[b]} {within})"
    variable, branches = term.args[0], [names[branch.serial] for branch in term.args[1:]]
    name = symbols[variable] if isinstance(variable, Symbol) else names[variable.serial]
    if not isinstance(variable, Symbol) or not variable.values:
        return f"(ite {name} {branches[0]} {branches[1]})"
    result = branches[-1]
    for place, branch in reversed(list(enumerate(branches[:-1]))):
        result = f"(ite (= {name} {place}) {branch} {result})"
    return result


def _days(
    term: Term,
    names: Mapping[int, str],
    unlimited: Mapping[int, str],
    symbols: Mapping[Symbol, str],
) -> tuple[str, str]:
    """Whether a day count is no limit, and the count; it means nothing where there is no limit."""
    match term.op, term.args:
        case "days", (count,):
            return "false", str(count)
        case "no limit", _:
            return "true", "0"
        case "number", (symbol,):
            endless = f"{symbols[symbol]}-unlimited" if symbol.kind == "number" else "false"
            return endless, symbols[symbol]
        case "choose", (when, a, b):
            condition, a, b = names[when.serial], a.serial, b.serial
            endless = f"(ite {condition} {unlimited[a]} {unlimited[b]})"
            return endless, f"(ite {condition} {names[a]} {names[b]})"
        case "plus", parts:
            endless = joined("or", [unlimited[part.serial] for part in parts])
            return endless, f"(+ {' '.join(names[part.serial] for part in parts)})"
        case "max" | "min" as op, parts:
            counts = [(unlimited[part.serial], names[part.serial]) for part in parts]
            return joined("or" if op == "max" else "and", [u for u, _ in counts]), _extreme(
                op, counts
            )
    raise AssertionError(term.op)


def _extreme(op: str, counts: list[tuple[str, str]]) -> str:
    """The largest or smallest of some counts; those without limit do not make one smaller."""
    endless, result = counts[0]
    before = ""
    for number, (other_endless, other) in enumerate(counts[1:]):
        if op == "max":
            chosen, all_endless = f"(ite (>= {result} {other}) {result} {other})", "false"
        else:
            least = f"(ite (<= {result} {other}) {result} {other})"
            chosen = f"(ite {endless} {other} (ite {other_endless} {result} {least}))"
            all_endless = f"(and {endless} {other_endless})"
        before += f"(let ((r{number} {chosen}) (u{number} {all_endless})) "
        result, endless = f"r{number}", f"u{number}"
    return before + result + ")" * (len(counts) - 1)
