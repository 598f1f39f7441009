"""Outside engines on exported ladders: Storm, TChecker, and three ways of asking Z3.

None of them shares code with `proofs`. Each answers two questions of one ladder in one world: the
most formal days, and which states can be reached; or says that it cannot.
"""

from __future__ import annotations

import math
import os
import shutil
import subprocess
import tempfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import z3

from model.exporting import Automaton, prism, smtlib, tchecker
from model.exporting.automaton import Step
from model.exporting.head import labels
from model.graph import LADDER
from model.terms import INFINITE

TCK_REACH = os.environ.get("TCK_REACH") or shutil.which("tck-reach")
LIMIT = 60_000_000  # Z3's own count of its work for one question, not seconds


class Undecided(Exception):
    """An engine gave up; that is never agreement."""


# --- Storm --------------------------------------------------------------------------------------


class Storm:
    """One ladder as Storm reads it from PRISM text."""

    def __init__(self, made: Automaton) -> None:
        import stormpy

        self.made = made
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "ladder.prism"
            path.write_text(prism(made), "utf-8")
            program = stormpy.parse_prism_program(str(path))
        formula = 'R{"formal"}max=? [ C ]'
        self.properties = stormpy.parse_properties(formula, program)
        self.model = stormpy.build_model(program)  # with all labels and rewards

    def days(self) -> int:
        """The most formal days; INFINITE where they do not end."""
        import stormpy

        result = stormpy.model_checking(self.model, self.properties[0])
        found = result.get_value(self.model.initial_states[0])
        if math.isinf(found):
            return INFINITE
        assert abs(found - round(found)) < 1e-4, found
        return round(found)

    def states(self) -> set[str]:
        """The states that some token can come to."""
        there = self.model.labeling.get_states
        return {
            n for n, label in labels(self.made).items() if there(label).get_number_of_set_bits()
        }


# --- TChecker -----------------------------------------------------------------------------------


def tck_reach(text: str, label: str) -> bool:
    """Whether TChecker reaches a label."""
    assert TCK_REACH is not None
    command = [TCK_REACH, "-a", "covreach", "-l", label]
    done = subprocess.run(command, input=text, capture_output=True, text=True, timeout=120)
    assert "REACHABLE" in done.stdout, done.stderr
    return "REACHABLE true" in done.stdout


def tchecker_exceeds(made: Automaton, bound: int) -> bool:
    return tck_reach(tchecker(made, bound), "late")


# --- Z3: Spacer on the exported text ------------------------------------------------------------


def _asked(text: str, rlimit: int = LIMIT) -> bool:
    """Whether what a file of Horn clauses asks for can be."""
    solver = z3.SolverFor("HORN")
    solver.set("rlimit", rlimit)
    solver.from_string(text)
    answer = solver.check()
    if answer == z3.unknown:
        raise Undecided(solver.reason_unknown())
    return bool(answer == z3.unsat)


def spacer_exceeds(made: Automaton, bound: int, rlimit: int = LIMIT) -> bool:
    """Whether formal time can be more than `bound` days."""
    return _asked(smtlib(made, bound), rlimit)


def spacer_reaches(made: Automaton, state: str) -> bool:
    return _asked(smtlib(made, reach=state))


# --- Z3: what the raiser can force ---------------------------------------------------------------


Position = tuple[int, tuple[int, ...], int]  # a place, its clocks, and the requests made that day


def forced(made: Automaton, goals: set[str], endless: bool = False) -> bool:
    """Whether the raiser can bring the ladder to a goal from its start, whatever others do.

    Nobody holds up a day by requests without end: if it is not forced where requests can be made
    for ever, it is asked where so many can be made in a day as there are different positions
    for them. If they are to be `endless`, that is not asked.
    """
    found = _forced(made, goals, None)
    if found or endless:
        return found
    together = Counter(made.places[s.source].at[0] for s in made.steps if _asks(s))
    most = max(together.values(), default=0) * (len(made.clocks) + 1)
    return most > 0 and _forced(made, goals, most)


def _asks(step: Step) -> bool:
    """Whether all that others do by a step is to move a request."""
    others = [m for m in step.moves if m.side != "raiser"]
    return bool(others) and all(m.track != LADDER and m.also is None for m in others)


def _forced(made: Automaton, goals: set[str], most: int | None) -> bool:
    """The same with so many requests a day.

    Every position of every day is a Boolean "won from here", closed under what wins: a raiser's
    step to a won position, or that all that others and time can do leads to won ones and some of
    it must happen. It is forced if the first cannot but be won.
    """
    clauses: list[list[int]] = []
    numbers: dict[Position, int] = {}
    queue: list[Position] = []

    def won(position: Position) -> int:
        if position not in numbers:
            numbers[position] = len(numbers) + 1
            queue.append(position)
        return numbers[position]

    leading: dict[int, list[Step]] = {}
    for step in made.steps:
        leading.setdefault(step.source, []).append(step)
    clauses.append([-won((0, (0,) * len(made.clocks), 0))])
    for number, clocks, asked in queue:  # it grows as it is gone through
        here = won((number, clocks, asked))
        mine, theirs, must = [], [], False
        for step in leading.get(number, ()):
            if not _open(step, clocks):
                continue
            there = tuple(0 if c in step.resets else days for c, days in enumerate(clocks))
            sides = {move.side for move in step.moves}
            if "raiser" in sides:
                mine.append(won((step.target, there, 0)))
            if sides - {"raiser"}:
                more = asked + 1 if most is not None and _asks(step) else 0
                if most is None or more <= most:
                    theirs.append(won((step.target, there, more)))
            must |= "time" in sides
        place = made.places[number]
        if all(clocks[c] < days for c, days in place.stays):
            ticked = enumerate(clocks)
            later = tuple(min(made.most[c] + 1, d + 1) if c in place.runs else d for c, d in ticked)
            theirs.append(won((number, later, 0)))
            must = True
        if place.at[0] in goals:
            clauses.append([here])
        clauses += [[-way, here] for way in mine]
        if must:
            clauses.append([*(-way for way in theirs), here])
    solver = z3.Solver()
    lines = [" ".join(map(str, [*clause, 0])) for clause in clauses]
    head = f"p cnf {len(numbers)} {len(clauses)}"  # DIMACS: the bindings are slow for so many
    solver.from_string("\n".join([head, *lines]))
    answer = solver.check()
    assert answer != z3.unknown, solver.reason_unknown()
    return bool(answer == z3.unsat)


def _open(step: Step, clocks: tuple[int, ...]) -> bool:
    ready = step.after is None or clocks[step.after.clock] >= step.after.days
    return ready and (not step.ended or any(clocks[c] >= days for c, days in step.ended))


# --- Z3: plain unrolling, and Optimize ----------------------------------------------------------


class Unrolled:
    """The first steps of a ladder, as one formula: days pass, a step is made, and so on."""

    def __init__(self, made: Automaton, steps: int) -> None:
        self.made, self.count = made, steps
        self.place = [z3.Int(f"place{t}") for t in range(steps + 1)]
        self.day = [z3.Int(f"T{t}") for t in range(steps + 1)]
        self.passed = [z3.Int(f"d{t}") for t in range(steps + 1)]
        clocks = range(len(made.clocks))
        self.clock = [[z3.Int(f"x{c}_{t}") for c in clocks] for t in range(steps + 1)]
        self.formula = list(self._formula())

    def _formula(self) -> Iterator[Any]:
        """Where it begins, then what is said of the first step said of all: quicker than anew."""
        yield self.place[0] == 0
        yield self.day[0] == 0
        yield from (clock == 0 for clock in self.clock[0])
        stays, goes = self._stays(), self._goes()
        first = self._named(0)
        for t in range(self.count + 1):
            now = list(zip(first, self._named(t), strict=True))
            yield z3.substitute(stays, *now)
            if t < self.count:
                then = zip(self._named(1), self._named(t + 1), strict=True)
                yield z3.substitute(goes, *now, *then)

    def _named(self, t: int) -> list[Any]:
        return [self.place[t], self.day[t], self.passed[t], *self.clock[t]]

    def _stays(self) -> Any:
        """That no more days pass before the first step than may."""
        limits = [self.passed[0] >= 0]
        for number, place in enumerate(self.made.places):
            allowed = [self.later(0, number, c) <= days for c, days in place.stays]
            if allowed:
                limited = z3.Or(self.passed[0] == 0, z3.And(allowed))
                limits.append(z3.Implies(self.place[0] == number, limited))
        return z3.And(limits)

    def _goes(self) -> Any:
        """That the first step is one of the automaton's, or none is made any more."""
        rests = z3.And(
            self.place[1] == self.place[0], self.day[1] == self.day[0], self.passed[0] == 0,
            *(a == b for a, b in zip(self.clock[0], self.clock[1], strict=True)),
        )  # fmt: skip
        return z3.Or(rests, *(self.made_at(0, step) for step in self.made.steps))

    def later(self, t: int, number: int, clock: int) -> Any:
        """What a clock shows in a place after the days that pass there."""
        runs = clock in self.made.places[number].runs
        return self.clock[t][clock] + self.passed[t] if runs else self.clock[t][clock]

    def made_at(self, t: int, step: Step) -> Any:
        def shows(clock: int, days: int) -> Any:
            return self.later(t, step.source, clock) >= days

        formal = self.made.places[step.source].formal
        parts = [self.place[t] == step.source, self.place[t + 1] == step.target]
        parts.append(self.day[t + 1] == self.day[t] + (self.passed[t] if formal else 0))
        if step.after is not None:
            parts.append(shows(*step.after))
        if step.ended:
            parts.append(z3.Or([shows(*bound) for bound in step.ended]))
        for clock in range(len(self.made.clocks)):
            kept = self.later(t, step.source, clock)
            parts.append(self.clock[t + 1][clock] == (0 if clock in step.resets else kept))
        return z3.And(parts)

    def end(self) -> Any:
        """The formal days when the last of the steps has been made and days have passed."""
        formal = [n for n, place in enumerate(self.made.places) if place.formal]
        counts = z3.Or([self.place[-1] == n for n in formal])
        return self.day[-1] + z3.If(counts, self.passed[-1], 0)

    def exceeds(self, bound: int) -> bool:
        """Whether so many steps can take more formal days; 'no' says nothing of more steps."""
        solver = z3.SolverFor("QF_LIA")
        solver.set("rlimit", LIMIT)
        solver.add(self.formula)
        answer = solver.check(self.end() > bound)
        if answer == z3.unknown:
            raise Undecided(solver.reason_unknown())
        return bool(answer == z3.sat)

    def most(self) -> int:
        """The most formal days of so many steps, by Optimize; INFINITE where there is no most."""
        solver = z3.Optimize()
        solver.set("rlimit", LIMIT)
        solver.add(self.formula)
        most = solver.maximize(self.end())
        answer = solver.check()
        if answer != z3.sat:
            raise Undecided(str(answer))
        found = solver.upper(most)
        return int(found.as_long()) if z3.is_int_value(found) else INFINITE
