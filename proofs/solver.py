"""Z3: the one place where terms become formulas of the solver, and the only import of it.

Plain integers and booleans. A question or raiser is an integer below the number of its values; an
unstated number is an integer of at least 0, where a million working days or more (four thousand
years) stands for no limit at all; no claim compares with a number near that. Work is budgeted in
`rlimit` (the solver's own count, the same on every machine), never in seconds.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

import z3

from model.terms import FALSE, TRUE, Symbol, Term, Value

RLIMIT = 20_000_000  # for one question; the five protocols stay below a thousandth of it

SAT, UNSAT, UNKNOWN = "sat", "unsat", "unknown"


NO_END = 1_000_000  # a number of days from here on stands for no limit at all


def version() -> str:
    """The solver's version."""
    return str(z3.get_version_string())


class Solver:
    """Decides formulas over terms; `spent` counts what that took."""

    def __init__(self, rlimit: int = RLIMIT) -> None:
        self.context = z3.Context()
        self.solver = z3.SolverFor("QF_LIA", ctx=self.context)
        self.solver.set("rlimit", rlimit)
        self.solver.set("random_seed", 0)
        self.solver.set("arith.solver", 2)  # the older of its engines is the faster one here
        self.known: dict[int, Any] = {}
        self.variables: dict[Symbol, Any] = {}
        self.declared: dict[Symbol, Any] = {}
        self.chosen: dict[tuple[Symbol, int], Any] = {}
        self.asked: dict[int, Any] = {}
        self.ranges: list[Any] = []
        self.core: list[Term] = []
        self.depth = 0
        self.questions = 0
        self.model: Any = None
        self.true = z3.BoolVal(True, self.context)
        self.false = z3.BoolVal(False, self.context)

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

    @contextmanager
    def apart(self) -> Iterator[None]:
        """A scope for many questions about the same formulas, each asked with `ask`."""
        self.solver.push()
        self.depth += 1
        try:
            yield
        finally:
            self.depth -= 1
            self.solver.pop()
            self.asked.clear()
            self.solver.add(*self.ranges)
            self.ranges.clear()

    def ask(self, *terms: Term) -> str:
        """Like `check`, inside `apart`: what was learned is kept for the next question.

        After `unsat`, `core` has those of the formulas that contradict each other.
        """
        self.questions += 1
        stands = [self.stand_for(t) for t in terms]
        try:
            answer = str(self.solver.check(*stands))
        except z3.Z3Exception:
            return UNKNOWN
        if answer == SAT:
            self.model = self.solver.model()
        if answer == UNSAT:
            ids = {a.get_id() for a in self.solver.unsat_core()}
            self.core = [t for t, a in zip(terms, stands, strict=True) if a.get_id() in ids]
        return answer

    def stand_for(self, term: Term) -> Any:
        """A boolean of the solver that implies a formula, for as long as the scope lasts."""
        if term.serial not in self.asked:
            formula = self.formula(term)
            stand = z3.Bool(f"stands for {term.serial}", self.context)
            self.solver.add(self._two(z3.Z3_mk_or, self._not(stand), formula))
            self.asked[term.serial] = stand
        return self.asked[term.serial]

    def works(self) -> bool:
        """Whether the solver answers two questions right, one of each kind."""
        return self.check(TRUE) == SAT and self.check(FALSE) == UNSAT

    def world(self, *terms: Term, symbols: Iterable[Symbol]) -> dict[Symbol, Value] | str | None:
        """A world in which some formulas hold; None if there is none, `unknown` if undecided.

        A symbol that the formulas leave open gets the value that `Symbol` lists first, and an
        open number gets no limit.
        """
        answer = self.ask(*terms) if self.depth else self.check(*terms)
        if answer == UNKNOWN:
            return UNKNOWN
        if answer == UNSAT:
            return None
        return {symbol: self.value(symbol) for symbol in symbols}

    def value(self, symbol: Symbol) -> Value:
        """What the last model says of a symbol."""
        known = symbol in self.variables
        found = self.interpreted(symbol) if known else None
        if symbol.kind in ("number", "calendar"):
            count = symbol.low if found is None else int(found)
            return symbol.high if not known else count if count < NO_END else None
        if symbol.kind == "fact":
            return found == "true"
        return symbol.values[0 if found is None else int(found)]

    def interpreted(self, symbol: Symbol) -> str | None:
        """The value of a variable in the last model, None where it leaves that open.

        By the solver's own functions: its Python face is six times as slow here.
        """
        if symbol not in self.declared:
            self.declared[symbol] = self.variables[symbol].decl()
        context, name = self.context.ref(), self.declared[symbol].ast
        found = z3.Z3_model_get_const_interp(context, self.model.model, name)
        if not found:
            return None
        if symbol.kind == "fact":
            return str(z3.Z3_ast_to_string(context, found))
        return str(z3.Z3_get_numeral_string(context, found))

    # --- translation ------------------------------------------------------------------------

    def variable(self, symbol: Symbol) -> Any:
        if symbol in self.variables:
            return self.variables[symbol]
        name = f"{symbol.kind} {symbol.name}"
        if symbol.kind == "fact":
            made: Any = z3.Bool(name, self.context)
        elif symbol.kind in ("number", "calendar"):
            made = z3.Int(name, self.context)
            self.within(made, symbol.low, symbol.high)
        else:
            made = z3.Int(name, self.context)
            self.within(made, 0, len(symbol.values) - 1)
        self.variables[symbol] = made
        return made

    def within(self, made: Any, low: int, high: int | None) -> None:
        """The range of a variable, which holds also when the scope it was made in has ended."""
        self.always(made >= low, *([] if high is None else [made <= high]))

    def always(self, *facts: Any) -> None:
        """Facts about variables that hold also when the scope they were made in has ended."""
        self.solver.add(*facts)
        if self.depth:
            self.ranges += facts

    def choice(self, term: Term, when: Any, a: Any, b: Any) -> Any:
        """A choice of two counts as a variable of its own, which is never below 0.

        With that the solver bounds a sum of choices without trying them all.
        """
        made = z3.Int(f"choice {term.serial}", self.context)
        self.always(made >= 0, z3.Or(z3.Not(when), made == a), z3.Or(when, made == b))
        return made

    def formula(self, term: Term) -> Any:
        """The solver's form of a term: a boolean for a formula, an integer for a day count."""
        parts = self._new(term)
        for symbol in [a for t in parts for a in t.args if isinstance(a, Symbol)]:
            self.variable(symbol)
        for part in parts:
            self.known[part.serial] = (part, self._translate(part))
        return self.known[term.serial][1]

    def _new(self, term: Term) -> list[Term]:
        """The parts of a term that have no form yet, parts before the whole."""
        found: list[Term] = []
        seen: set[int] = set()
        stack: list[tuple[Term, bool]] = [(term, False)]
        while stack:
            part, ready = stack.pop()
            if ready:
                found.append(part)
            elif part.serial not in seen and part.serial not in self.known:
                seen.add(part.serial)
                stack.append((part, True))
                stack.extend((a, False) for a in part.args if isinstance(a, Term))
        return found

    def _translate(self, term: Term) -> Any:
        args = [self.known[a.serial][1] if isinstance(a, Term) else a for a in term.args]
        match term.op:
            case "true":
                return self.true
            case "false":
                return self.false
            case "case":
                return self._case(args[0], args[1:])
            case "at most":
                a, b = args
                bounded = term.args[1].op == "days"
                return a <= b if bounded else z3.Or(a <= b, b >= NO_END)
            case "limited":
                return args[0] < NO_END
            case "no limit":
                return z3.IntVal(NO_END, self.context)
            case "days":
                return z3.IntVal(args[0], self.context)
            case "number":
                return self.variables[args[0]]
            case "plus":
                return z3.Sum(args)
            case "max" | "min" as op:
                result = args[0]
                for other in args[1:]:
                    ahead = result >= other if op == "max" else result <= other
                    result = z3.If(ahead, result, other)
                return result
            case "choose":
                return self.choice(term, *args)
        raise AssertionError(term.op)

    def _case(self, variable: Any, branches: list[Any]) -> Any:
        """A node of a decision diagram, as a nest of conditionals."""
        if not isinstance(variable, Symbol) or not variable.values:
            condition = self.variables[variable] if isinstance(variable, Symbol) else variable
            return self._if_formula(condition, branches[0], branches[1])
        result = branches[-1]
        for place in range(len(branches) - 2, -1, -1):
            if branches[place] is not result:
                result = self._if_formula(self._is(variable, place), branches[place], result)
        return result

    def _is(self, variable: Symbol, place: int) -> Any:
        """The formula that a symbol has the value at a place of its list."""
        if (variable, place) not in self.chosen:
            self.chosen[variable, place] = self.variables[variable] == place
        return self.chosen[variable, place]

    def _if_formula(self, condition: Any, a: Any, b: Any) -> Any:
        if a is self.true:
            return condition if b is self.false else self._two(z3.Z3_mk_or, condition, b)
        if a is self.false:
            otherwise = self._not(condition)
            return otherwise if b is self.true else self._two(z3.Z3_mk_and, otherwise, b)
        if b is self.true:
            return self._two(z3.Z3_mk_or, self._not(condition), a)
        if b is self.false:
            return self._two(z3.Z3_mk_and, condition, a)
        made = z3.Z3_mk_ite(self.context.ref(), condition.ast, a.ast, b.ast)
        return z3.BoolRef(made, self.context)

    # The solver's own constructors: its Python face checks the sort of each part each time.

    def _not(self, a: Any) -> Any:
        return z3.BoolRef(z3.Z3_mk_not(self.context.ref(), a.ast), self.context)

    def _two(self, make: Any, a: Any, b: Any) -> Any:
        return z3.BoolRef(make(self.context.ref(), 2, _Pair(a.ast, b.ast)), self.context)


_Pair = z3.Ast * 2
