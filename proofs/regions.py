"""Regions of readings and numbers: for some variables, the values that they may have."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from model.terms import FALSE, Term, Variable, all_, one_of, values_of

Cube = Mapping[Variable, frozenset[Any]]


def outside(cube: Cube, bad: Term) -> str:
    """Where a region lies outside a formula, by the formula's diagram alone.

    `nowhere`; `somewhere`, on a way that compares no days; or `by arithmetic`, where each such way
    does, so that the diagram cannot tell whether there is one.
    """
    compares = any(isinstance(v, Term) for v in cube)
    seen: set[tuple[int, bool]] = set()
    stack = [(bad, compares)]
    found = "nowhere"
    while stack:
        term, so_far = stack.pop()
        if term.op != "case":
            if term is FALSE:
                if not so_far:
                    return "somewhere"
                found = "by arithmetic"
            continue
        if (term.serial, so_far) in seen:
            continue
        seen.add((term.serial, so_far))
        variable = term.args[0]
        here = so_far or isinstance(variable, Term)
        chosen = cube.get(variable)
        if chosen is None:
            stack.extend((branch, here) for branch in term.args[1:])
        else:
            stack.extend(
                (branch, here)
                for value, branch in zip(values_of(variable), term.args[1:], strict=True)
                if value in chosen
            )
    return found


def conjunction(cube: Cube) -> Term:
    """The formula of a region."""
    return all_(one_of(variable, values) for variable, values in cube.items())
