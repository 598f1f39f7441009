"""Z3: the one place where terms become formulas of the solver, and the only import of it.

Plain integers and booleans. A question or raiser is an integer below the number of its values; an
unstated number is an integer of at least 0 and a boolean that says that there is no limit. Work
is budgeted in `rlimit` (the solver's own count, the same on every machine), never in seconds.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NamedTuple

import z3

from model.terms import FALSE, Symbol, Term, Value, walk

RLIMIT = 20_000_000  # for one question; the five protocols stay below a thousandth of it

SAT, UNSAT, UNKNOWN = "sat", "unsat", "unknown"


class Time(NamedTuple):
    """A day count: whether it is limited, and its value where it is."""

    limited: Any
    value: Any


class Solver:
    """Decides formulas over terms; `spent` counts what that took."""

    def __init__(self, rlimit: int = RLIMIT) -> None:
        self.context = z3.Context()
        self.solver = z3.SolverFor("QF_LIA", ctx=self.context)
        self.solver.set("rlimit", rlimit)
        self.solver.set("random_seed", 0)
        self.known: dict[int, Any] = {}
        self.variables: dict[Symbol, Any] = {}
        self.questions = 0
        self.model: Any = None
        self.true = z3.BoolVal(True, self.context)
        self.false = z3.BoolVal(False, self.context)
        self.zero = z3.IntVal(0, self.context)

    def check(self, *terms: Term) -> str:
        """`sat`, `unsat` or `unknown` for the conjunction of some formulas."""
        self.questions += 1
        if any(t is FALSE for t in terms):
            terms = (FALSE,)
        formulas = [self.formula(t) for t in terms]
        self.solver.push()
        try:
            self.solver.add(*formulas)
            answer = str(self.solver.check())
            self.model = self.solver.model() if answer == SAT else None
        except z3.Z3Exception:
            answer = UNKNOWN
        self.solver.pop()
        return answer

    def world(self, *terms: Term, symbols: Iterable[Symbol]) -> dict[Symbol, Value] | None | str:
        """A world in which some formulas hold; None if there is none, `unknown` if undecided.

        A symbol that the formulas leave open gets the value that `Symbol` lists first, and an
        open number gets no limit.
        """
        answer = self.check(*terms)
        if answer == UNKNOWN:
            return UNKNOWN
        if answer == UNSAT:
            return None
        return {symbol: self.value(symbol) for symbol in symbols}

    def value(self, symbol: Symbol) -> Value:
        """What the last model says of a symbol."""
        variable = self.variables.get(symbol)
        if symbol.kind == "number":
            if variable is None:
                return None
            none = self.model.eval(variable.limited, model_completion=True)
            if z3.is_false(none):
                return None
            return int(self.model.eval(variable.value, model_completion=True).as_long())
        if symbol.kind == "calendar":
            if variable is None:
                return symbol.high
            return int(self.model.eval(variable.value, model_completion=True).as_long())
        if symbol.kind == "fact":
            if variable is None:
                return False
            return bool(z3.is_true(self.model.eval(variable, model_completion=True)))
        if variable is None:
            return symbol.values[0]
        return symbol.values[self.model.eval(variable, model_completion=True).as_long()]

    # --- translation ------------------------------------------------------------------------

    def variable(self, symbol: Symbol) -> Any:
        if symbol in self.variables:
            return self.variables[symbol]
        name = f"{symbol.kind} {symbol.name}"
        if symbol.kind == "fact":
            made: Any = z3.Bool(name, self.context)
        elif symbol.kind in ("number", "calendar"):
            count = z3.Int(name, self.context)
            self.solver.add(count >= symbol.low)
            if symbol.high is not None:
                self.solver.add(count <= symbol.high)
            limited = self.true if symbol.kind == "calendar" else z3.Bool(f"{name} limited", self.context)
            made = Time(limited, count)
        else:
            made = z3.Int(name, self.context)
            self.solver.add(made >= 0, made < len(symbol.values))
        self.variables[symbol] = made
        return made

    def formula(self, term: Term) -> Any:
        """The solver's form of a term: a boolean for a formula, a `Time` for a day count."""
        for symbol in [a for t in walk((term,)) for a in t.args if isinstance(a, Symbol)]:
            self.variable(symbol)
        for part in walk((term,)):
            if part.serial not in self.known:
                self.known[part.serial] = (part, self._translate(part))
        return self.known[term.serial][1]

    def _translate(self, term: Term) -> Any:
        args = [self.known[a.serial][1] if isinstance(a, Term) else a for a in term.args]
        match term.op:
            case "true":
                return self.true
            case "false":
                return self.false
            case "is":
                return self.variables[args[0]] == args[0].values.index(args[1])
            case "fact":
                return self.variables[args[0]]
            case "and":
                return z3.And(args)
            case "or":
                return z3.Or(args)
            case "not":
                return z3.Not(args[0])
            case "at most":
                a, b = args
                return z3.Or(z3.Not(b.limited), z3.And(a.limited, a.value <= b.value))
            case "limited":
                return args[0].limited
            case "no limit":
                return Time(self.false, self.zero)
            case "days":
                return Time(self.true, z3.IntVal(args[0], self.context))
            case "number":
                return self.variables[args[0]]
            case "plus":
                a, b = args
                return Time(self._both(a.limited, b.limited), a.value + b.value)
            case "max":
                return self._longest(args)
            case "min":
                return self._shortest(args)
            case "choose":
                when, a, b = args
                return Time(
                    self._if(when, a.limited, b.limited), z3.If(when, a.value, b.value)
                )
        raise AssertionError(term.op)

    def _both(self, a: Any, b: Any) -> Any:
        if a is self.true:
            return b
        return a if b is self.true else z3.And(a, b)

    def _if(self, when: Any, a: Any, b: Any) -> Any:
        return a if a is b else z3.If(when, a, b)

    def _longest(self, args: list[Time]) -> Time:
        limited, value = args[0]
        for other in args[1:]:
            limited = self._both(limited, other.limited)
            value = z3.If(value >= other.value, value, other.value)
        return Time(limited, value)

    def _shortest(self, args: list[Time]) -> Time:
        limited, value = args[0]
        for other in args[1:]:
            first = z3.And(limited, z3.Or(z3.Not(other.limited), value <= other.value))
            value = z3.If(first, value, other.value)
            limited = z3.Or(limited, other.limited)
        return Time(limited, value)
