"""Z3: terms as the text that it is asked with, and its answers.

Plain integers and booleans. A question or raiser is an integer below the number of its values; an
unstated number is an integer of at least 0, where a million working days or more (four thousand
years) stands for no limit at all; no claim compares with a number near that. Work is budgeted in
`rlimit` (the solver's own count, the same on every machine), never in seconds. No name from a
policy file is in the text.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from model.terms import FALSE, TRUE, Symbol, Term, Value
from proofs import process

RLIMIT = 20_000_000  # for one question; the five protocols stay below a thousandth of it

SAT, UNSAT, UNKNOWN = "sat", "unsat", "unknown"

NO_END = 1_000_000  # a number of days from here on stands for no limit at all
INLINE = 60  # characters of a part that is not worth a name

# Its older engine of arithmetic is the faster one here.
_OPTIONS = """\
(reset)
(set-option :global-declarations true)
(set-option :produce-unsat-assumptions true)
(set-option :rlimit {rlimit})
(set-option :smt.arith.solver 2)
(set-option :smt.random_seed 0)
(set-logic QF_LIA)"""
_SPENT = ("canceled", "max. resource limit exceeded")  # errors of a budget that runs out early
_VALUE = re.compile(r"\((\w+) (\w+)\)")


def version() -> str:
    """The solver's version."""
    return process.running().ask("(get-info :version)").split('"')[1]


class Solver:
    """Decides formulas over terms.

    `unanswered` counts the questions that had no answer; `why` says why the last had none.

    There is one process for all. A solver that finds it dead, or at work for another solver, tells
    it anew what it has to know.
    """

    def __init__(self, rlimit: int = RLIMIT) -> None:
        self.rlimit = rlimit
        self.depth = 0
        self.unanswered = 0
        self.core: list[Term] = []
        self.why = ""
        self.begin(None)

    def begin(self, running: process.Process | None) -> None:
        """Begin with a process that knows nothing yet."""
        self.process = running
        self.text = [_OPTIONS.format(rlimit=self.rlimit), *["(push 1)"] * self.depth]
        self.known: dict[int, tuple[Term, str]] = {}
        self.variables: dict[Symbol, str] = {}
        self.asked: dict[int, str] = {}
        self.ranges: list[str] = []
        self.named = 0

    def ready(self) -> None:
        """Make sure that the process knows what this solver thinks it knows."""
        running = process.running(self)
        if running is not self.process or running.owner is not self:
            self.begin(running)
            running.owner = self

    def tell(self, command: str) -> str:
        """The solver's answer to a command; `unknown` where it did not live to give one."""
        text = "\n".join([*self.text, command])
        self.text = []
        assert self.process is not None
        try:
            answer = self.process.ask(text).strip()
        except process.Stopped as stopped:
            self.why = str(stopped)
        else:
            if answer != UNKNOWN and not any(words in answer for words in _SPENT):
                assert "(error" not in answer, f"Z3 refuses what it is asked: {answer}"
                return answer
            self.why = "the solver's budget ran out"
        self.unanswered += 1
        self.begin(None)  # what it knows now is not certain
        return UNKNOWN

    def check(self, *terms: Term) -> str:
        """`sat`, `unsat` or `unknown` for the conjunction of some formulas."""
        answer = self.pushed(terms)
        self.text.append("(pop 1)")
        return answer

    def pushed(self, terms: Iterable[Term]) -> str:
        """Like `check`, but the formulas stay asserted, one level up."""
        self.ready()
        formulas = [self.formula(t) for t in terms]
        self.text += ["(push 1)", *(f"(assert {f})" for f in formulas)]
        return self.tell("(check-sat)")

    @contextmanager
    def apart(self) -> Iterator[None]:
        """A scope for many questions about the same formulas, each asked with `ask`."""
        self.ready()
        self.text.append("(push 1)")
        self.depth += 1
        try:
            yield
        finally:
            self.depth -= 1
            self.asked.clear()
            self.text += ["(pop 1)", *self.ranges]
            self.ranges.clear()

    def ask(self, *terms: Term) -> str:
        """Like `check`, inside `apart`: what was learned is kept for the next question.

        After `unsat`, `core` has those of the formulas that contradict each other.
        """
        self.ready()
        stands = [self.stand_for(t) for t in terms]
        answer = self.tell(f"(check-sat-assuming ({' '.join(stands)}))")
        if answer == UNSAT:
            said = self.tell("(get-unsat-assumptions)")
            if said == UNKNOWN:
                return UNKNOWN
            needed = set(said.strip("()").split())
            self.core = [t for t, a in zip(terms, stands, strict=True) if a in needed]
        return answer

    def stand_for(self, term: Term) -> str:
        """A boolean of the solver that implies a formula, for as long as the scope lasts."""
        if term.serial not in self.asked:
            formula = self.formula(term)
            stand = self.name("s")
            self.text.append(f"(declare-const {stand} Bool)")
            self.text.append(f"(assert (or (not {stand}) {formula}))")
            self.asked[term.serial] = stand
        return self.asked[term.serial]

    def works(self) -> bool:
        """Whether the solver answers two questions right, one of each kind."""
        return self.check(TRUE) == SAT and self.check(FALSE) == UNSAT

    def world(self, *terms: Term, symbols: Iterable[Symbol]) -> dict[Symbol, Value] | str | None:
        """A world in which some formulas hold; None if there is none, `unknown` if undecided.

        A symbol of which no formula has yet spoken gets the value that `Symbol` lists first, and
        an open number gets no limit.
        """
        answer = self.ask(*terms) if self.depth else self.pushed(terms)
        asked = [self.variables[s] for s in symbols if s in self.variables]
        said = self.tell(f"(get-value ({' '.join(asked)}))") if answer == SAT and asked else ""
        if not self.depth:
            self.text.append("(pop 1)")
        if UNKNOWN in (answer, said):
            return UNKNOWN
        if answer == UNSAT:
            return None
        found = dict(_VALUE.findall(said))
        return {s: _value(s, found.get(self.variables.get(s, ""))) for s in symbols}

    # --- translation ------------------------------------------------------------------------

    def name(self, letter: str) -> str:
        """A new name, by a count that begins anew with each process."""
        self.named += 1
        return f"{letter}{self.named}"

    def variable(self, symbol: Symbol) -> None:
        made = self.variables[symbol] = self.name("v")
        self.text.append(f"(declare-const {made} {'Bool' if symbol.kind == 'fact' else 'Int'})")
        if symbol.kind in ("number", "calendar"):
            self.within(made, symbol.low, symbol.high)
        elif symbol.kind != "fact":
            self.within(made, 0, len(symbol.values) - 1)

    def within(self, made: str, low: int, high: int | None) -> None:
        """The range of a variable, which holds also when the scope it was made in has ended."""
        self.always(f"(>= {made} {low})", *([] if high is None else [f"(<= {made} {high})"]))

    def always(self, *facts: str) -> None:
        """Facts about variables that hold also when the scope they were made in has ended."""
        asserted = [f"(assert {fact})" for fact in facts]
        self.text += asserted
        if self.depth:
            self.ranges += asserted

    def choice(self, when: str, a: str, b: str) -> str:
        """A choice of two counts as a variable of its own, which is never below 0.

        With that the solver bounds a sum of choices without trying them all.
        """
        made = self.name("c")
        self.text.append(f"(declare-const {made} Int)")
        a, b = f"(or (not {when}) (= {made} {a}))", f"(or {when} (= {made} {b}))"
        self.always(f"(>= {made} 0)", a, b)
        return made

    def formula(self, term: Term) -> str:
        """The solver's form of a term: a boolean for a formula, an integer for a day count."""
        parts = self._new(term)
        for part in parts:
            for symbol in part.args:
                if isinstance(symbol, Symbol) and symbol not in self.variables:
                    self.variable(symbol)
        for part in parts:
            text = self._translate(part)
            if len(text) > INLINE:
                text = self.define("Int" if part.op in _COUNTS else "Bool", text)
            self.known[part.serial] = (part, text)
        return self.known[term.serial][1]

    def define(self, sort: str, text: str) -> str:
        """A name for some text, so that what is shared is written once."""
        made = self.name("f")
        self.text.append(f"(define-fun {made} () {sort} {text})")
        return made

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

    def _translate(self, term: Term) -> str:
        if term.op == "days":
            return str(term.args[0])
        if term.op == "number":
            return self.variables[term.args[0]]
        args = [
            self.known[a.serial][1] if isinstance(a, Term) else self.variables[a] for a in term.args
        ]
        match term.op:
            case "true" | "false":
                return term.op
            case "no limit":
                return str(NO_END)
            case "case":
                return _case(term.args[0], args[0], args[1:])
            case "at most":
                a, b = args
                bounded = term.args[1].op == "days"
                return f"(<= {a} {b})" if bounded else f"(or (<= {a} {b}) (>= {b} {NO_END}))"
            case "limited":
                return f"(< {args[0]} {NO_END})"
            case "plus":
                return f"(+ {' '.join(args)})"
            case "max" | "min":
                ahead = ">=" if term.op == "max" else "<="
                result = args[0]
                for other in args[1:]:  # each step has a name, as it is written twice
                    result = self.define(
                        "Int", f"(ite ({ahead} {result} {other}) {result} {other})"
                    )
                return result
            case "choose":
                return self.choice(*args)
        raise AssertionError(term.op)


_COUNTS = ("days", "number", "no limit", "plus", "max", "min", "choose")


def _value(symbol: Symbol, found: str | None) -> Value:
    """What a model says of a symbol; None where it says nothing."""
    if symbol.kind in ("number", "calendar"):
        return symbol.high if found is None else int(found) if int(found) < NO_END else None
    if symbol.kind == "fact":
        return found == "true"
    return symbol.values[int(found or 0)]


def _case(variable: Symbol | Term, name: str, branches: list[str]) -> str:
    """A node of a decision diagram, as a nest of conditionals."""
    if not isinstance(variable, Symbol) or not variable.values:
        return _if(name, *branches)
    result = branches[-1]
    for place in range(len(branches) - 2, -1, -1):
        if branches[place] != result:
            result = _if(f"(= {name} {place})", branches[place], result)
    return result


def _if(condition: str, a: str, b: str) -> str:
    if a == "true":
        return condition if b == "false" else f"(or {condition} {b})"
    if a == "false":
        return f"(not {condition})" if b == "true" else f"(and (not {condition}) {b})"
    if b == "true":
        return f"(or (not {condition}) {a})"
    if b == "false":
        return f"(and {condition} {a})"
    return f"(ite {condition} {a} {b})"
