"""A ladder as constrained Horn clauses in SMT-LIB 2.6, which Spacer (in Z3) and others read.

There is one predicate for each place, over the clocks that still matter there and the formal days
T so far; one clause for each step, with the days that pass before it; and one question, which is
that something cannot be. `sat` means that it never can, `unsat` that it can.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from model.exporting.automaton import Automaton, Days, Place, Step, live
from model.exporting.head import head, moved, quoted


def smtlib(made: Automaton, bound: int = 20, reach: str | None = None) -> str:
    """The ladder, and whether formal time can be more than `bound` days.

    With `reach`, the name of a state, the question is whether that state can be reached.
    ValueError if the ladder has no such state on the tracks that are here.
    """
    return "\n".join(_lines(made, bound, reach)) + "\n"


def _lines(made: Automaton, bound: int, reach: str | None) -> Iterator[str]:
    if reach is not None and made.graph.states[reach].track not in made.tracks:
        raise ValueError(f"the side track of “{reach}” is not among those exported")
    asked = live(made)
    names = [f"x{number}" for number in range(len(made.clocks))]
    if reach is None:
        question = f"Can the formal process take more than {bound} working days"
    else:
        question = f"Can the state {quoted(reach)} be reached"
    asks = (
        f"{question}: sat means never, unsat means that it can.",
        "Give the file to Z3, whose engine for Horn clauses is Spacer: z3 FILE",
    )
    yield from (f"; {line}".rstrip() for line in head(made, names, asks))
    yield from ("", "(set-info :smt-lib-version 2.6)", "(set-logic HORN)")
    for number, clocks in enumerate(asked):
        yield f"(declare-fun l{number} ({' '.join(['Int'] * (len(clocks) + 1))}) Bool)"
    yield f"(assert {_at(0, ['0'] * len(asked[0]), '0')})"
    for number, step in enumerate(made.steps):
        yield f"; {moved(made, number)}"
        yield _clause(step, made.places[step.source], asked)
    if reach is None:
        for number, place in enumerate(made.places):
            if place.formal:
                yield _late(number, place, asked[number], bound)
    else:
        for number in made.standing(reach):
            shown = _variables(asked[number])
            yield _always(shown, [_at(number, shown[:-1], "T")], "false")
    yield "(check-sat)"


def _variables(clocks: frozenset[int]) -> list[str]:
    return [*(f"x{clock}" for clock in sorted(clocks)), "T"]


def _at(place: int, clocks: Sequence[str], formal: str) -> str:
    return f"(l{place} {' '.join([*clocks, formal])})"


def _always(shown: Sequence[str], when: Sequence[str], then: str) -> str:
    bound = " ".join(f"({name} Int)" for name in shown)
    return f"(assert (forall ({bound}) (=> (and {' '.join(when)}) {then})))"


def _later(clock: int, place: Place) -> str:
    """What a clock shows after d days in a place."""
    return f"(+ x{clock} d)" if clock in place.runs else f"x{clock}"


def _pass(place: Place) -> list[str]:
    """That d days pass: none, or as many as each limit allows."""
    limits = [f"(<= {_later(clock, place)} {days})" for clock, days in place.stays]
    if not limits:
        return ["(>= d 0)"]
    return ["(>= d 0)", f"(or (= d 0) (and {' '.join(limits)}))"]


def _formal(place: Place) -> str:
    return "(+ T d)" if place.formal else "T"


def _clause(step: Step, place: Place, asked: Sequence[frozenset[int]]) -> str:
    shown = _variables(asked[step.source])

    def shows(bound: Days) -> str:
        return f"(>= {_later(bound.clock, place)} {bound.days})"

    when = [_at(step.source, shown[:-1], "T"), *_pass(place)]
    if step.after is not None:
        when.append(shows(step.after))
    if step.ended:
        when.append(f"(or {' '.join(map(shows, step.ended))})")
    then = [
        "0" if clock in step.resets else _later(clock, place)
        for clock in sorted(asked[step.target])
    ]
    return _always([*shown, "d"], when, _at(step.target, then, _formal(place)))


def _late(number: int, place: Place, clocks: frozenset[int], bound: int) -> str:
    shown = _variables(clocks)
    when = [_at(number, shown[:-1], "T"), *_pass(place), f"(> {_formal(place)} {bound})"]
    return _always([*shown, "d"], when, "false")
