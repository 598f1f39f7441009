"""The solver's form of terms means what the terms mean, and its budget is kept."""

from __future__ import annotations

import itertools
import json
from pathlib import Path

import pytest

from drp.cli import main
from model import work
from model.load import load
from model.terms import (
    FALSE,
    NO_LIMIT,
    Symbol,
    all_,
    any_,
    at_most,
    choose,
    days,
    evaluate,
    exceeds,
    holds,
    is_,
    limited,
    longest,
    not_,
    plus,
    shortest,
    unknown,
)
from proofs.claims import BY_ID
from proofs.solver import NO_END, SAT, UNKNOWN, UNSAT, Solver, _value, version
from proofs.verdict import check

READING = Symbol("question", "reading", ("strict", "loose", "none"))
URGENT = Symbol("fact", "urgent")
TIME, OTHER = Symbol("number", "the time"), Symbol("number", "the other time")
WEEK = Symbol("calendar", "the week", (), 3, 5)
VALUES = {
    READING: READING.values,
    URGENT: (True, False),
    TIME: (None, 0, 4, 21),
    OTHER: (None, 0, 3),
    WEEK: (3, 4, 5),
}
WORLDS = [dict(zip(VALUES, v, strict=True)) for v in itertools.product(*VALUES.values())]
SUM = plus(unknown(TIME), plus(unknown(OTHER), days(2)))
FORMULAS = {
    "a reading": any_([is_(READING, "strict"), holds(URGENT)]),
    "a sum": at_most(SUM, days(20)),
    "a longest": at_most(longest([unknown(TIME), unknown(WEEK)]), unknown(OTHER)),
    "a shortest": at_most(shortest([unknown(TIME), days(4)]), unknown(WEEK)),
    "a choice": at_most(choose(is_(READING, "none"), SUM, days(21)), days(20)),
    "no limit": all_([limited(unknown(TIME)), not_(limited(unknown(OTHER)))]),
    "no limit by a reading": at_most(choose(holds(URGENT), NO_LIMIT, unknown(TIME)), days(5)),
    "one variable": exceeds(SUM, unknown(WEEK)),
    "one variable, of a part": exceeds(SUM, unknown(TIME)),
    "one variable, of a shortest": exceeds(shortest([unknown(TIME), unknown(OTHER)]), days(3)),
    "one variable, of a longest": exceeds(longest([unknown(TIME), unknown(OTHER)]), days(3)),
    "a comparison with what may have no limit": at_most(
        unknown(TIME), plus(unknown(OTHER), days(1))
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", FORMULAS)
def test_a_formula_is_true_in_the_same_worlds(name: str) -> None:
    term, solver = FORMULAS[name], Solver()
    for world in WORLDS:
        here = []
        for symbol, value in world.items():
            if symbol.kind in ("question", "fact"):
                literal = is_(symbol, str(value)) if symbol.values else holds(symbol)
                here.append(not_(literal) if value is False else literal)
            elif value is None:
                here.append(not_(limited(unknown(symbol))))
            else:
                exactly = (
                    at_most(unknown(symbol), days(value)),
                    at_most(days(value), unknown(symbol)),
                )
                here += exactly  # fmt: skip
        told = solver.check(term, *here)
        assert told == (SAT if evaluate(term, world) else UNSAT), world


@pytest.mark.parametrize("name", FORMULAS)
def test_a_world_that_is_found_makes_the_formula_true(name: str) -> None:
    solver = Solver()
    for term in (FORMULAS[name], not_(FORMULAS[name])):
        world = solver.world(term, symbols=VALUES)
        assert isinstance(world, dict) and evaluate(term, world)


def test_no_world_is_told_from_no_answer() -> None:
    solver = Solver()
    assert solver.world(FALSE, symbols=VALUES) is None
    assert (
        solver.check(all_([at_most(unknown(TIME), days(3)), exceeds(unknown(TIME), days(4))]))
        == UNSAT
    )
    assert version().count(".") >= 2


@pytest.mark.parametrize("said", [SAT, UNSAT, UNKNOWN])
def test_a_solver_that_always_says_the_same_does_not_work(
    said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert Solver().works()
    monkeypatch.setattr(Solver, "check", lambda *_: said)
    assert not Solver().works()


def test_a_reading_of_many_answers_is_one_of_them() -> None:
    reading, solver = Symbol("question", "many", tuple("abcde")), Solver()
    for value in reading.values:
        others = [is_(reading, v) for v in reading.values if v != value]
        assert solver.world(is_(reading, value), symbols=[reading]) == {reading: value}
        assert solver.check(is_(reading, value), any_(others)) == UNSAT
        assert solver.check(any_(others), not_(any_(others[1:]))) == SAT
    urgent = all_([is_(reading, "b"), holds(URGENT)])
    for value in reading.values:
        here = any_([urgent, is_(reading, "d")]), is_(reading, value), not_(holds(URGENT))
        assert solver.check(*here) == (SAT if value == "d" else UNSAT)
    assert Solver().world(holds(URGENT), symbols=[reading, URGENT]) == {reading: "a", URGENT: True}


def test_what_is_beyond_all_numbers_is_no_limit() -> None:
    world = Solver().world(at_most(days(NO_END - 1), unknown(TIME)), symbols=[TIME])
    assert isinstance(world, dict)
    assert world[TIME] is None or world[TIME] >= NO_END - 1
    said = {n: _value(TIME, str(NO_END + n)) for n in (-1, 0, 1)}  # whichever Z3 chooses
    assert said == {-1: NO_END - 1, 0: None, 1: None}


def test_a_question_leaves_nothing_behind() -> None:
    solver = Solver()
    assert solver.check(at_most(unknown(TIME), days(1))) == SAT
    assert solver.check(at_most(days(2), unknown(TIME))) == SAT  # not both at once


def test_what_contradicts_each_other_is_named() -> None:
    solver = Solver()
    soon, late = at_most(unknown(TIME), days(3)), exceeds(unknown(TIME), days(4))
    with solver.apart():
        assert solver.ask(soon, holds(URGENT), late) == UNSAT
        assert solver.core == [soon, late]
        assert solver.ask(holds(URGENT), late) == SAT
    assert solver.check(soon, holds(URGENT)) == SAT


def test_solvers_that_take_turns_do_not_mix() -> None:
    one, other = Solver(), Solver()
    for _ in range(2):
        assert one.check(at_most(unknown(TIME), days(1)), is_(READING, "none")) == SAT
        assert other.check(holds(URGENT)) == SAT
        assert one.check(at_most(days(2), unknown(TIME)), at_most(unknown(TIME), days(1))) == UNSAT
        assert other.check(is_(READING, "loose"), not_(holds(URGENT))) == SAT


def test_no_limit_stands_inside_a_comparison() -> None:
    late, time = holds(Symbol("fact", "it is late")), unknown(Symbol("number", "the time"))
    longer = exceeds(choose(late, NO_LIMIT, days(3)), time)
    assert Solver().check(all_([longer, at_most(days(3), time), limited(time)])) == SAT
    assert Solver().check(all_([longer, at_most(days(3), time), not_(late)])) == UNSAT


def test_a_budget_that_runs_out_is_no_answer() -> None:
    numbers = [unknown(Symbol("number", f"the time {i}")) for i in range(12)]
    parts = [
        at_most(plus(a, b), plus(c, days(1))) for a, b, c in itertools.permutations(numbers, 3)
    ]
    assert Solver(rlimit=1).check(all_(parts[:200])) == UNKNOWN
    assert Solver(rlimit=1).world(all_(parts[:200]), symbols=[]) == UNKNOWN


@pytest.mark.parametrize("limit", ["MOST_TERMS", "MOST_STEPS"])
def test_formulas_that_grow_too_large_leave_a_claim_undecided(
    limit: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    path = tmp_path / f"another {limit}.yaml"  # nobody has made its terms before
    path.write_text(Path("model/authorities/islington.yaml").read_text("utf-8"), "utf-8")
    monkeypatch.setattr(work, limit, 300)
    assert main(["check", str(path), "--format", "json"]) == 3
    found = json.loads(capsys.readouterr().out)["verdicts"]
    said = {v["claim"]: v for v in found if v["ladder"] == "dispute"}
    assert said["total-permitted"]["verdict"] == "undecided"
    assert "grow too large" in said["total-permitted"]["why"]
    assert sum(v["verdict"] != "undecided" for v in said.values()) > 10


# --- undecided is never a pass ------------------------------------------------------------------


@pytest.mark.parametrize("stem", ["islington", "manchester", "northamptonshire"])
def test_a_tiny_budget_never_changes_a_verdict_but_to_undecided(stem: str) -> None:
    protocol = load(stem)
    claims = [
        BY_ID[c] for c in ("total-diligent", "total-permitted", "top-forced", "cafcass-forced")
    ]
    whole = {(v.ladder, v.claim.id): v for v in check(protocol, claims, mends=False)}
    tiny = list(check(protocol, claims, mends=False, rlimit=1))
    assert any(v.verdict == "undecided" for v in tiny)
    for v in tiny:
        if v.verdict == "undecided":
            assert (v.plain, v.condition, v.trace, v.mend) == ("", (), (), None)
            assert "budget ran out" in v.why and not v.evidence["proved_by"]
        else:
            assert v.recorded == whole[v.ladder, v.claim.id].recorded


@pytest.mark.parametrize("format", ["text", "json", "markdown"])
def test_undecided_has_an_exit_code_of_its_own(
    format: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(Path(__file__).parent.parent)
    arguments = ["check", "islington", "--claim", "total-diligent", "--rlimit", "1"]
    assert main([*arguments, "--format", format]) == 3
    assert "undecided" in capsys.readouterr().out
