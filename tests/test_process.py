"""The solver's process: what it dies of, and that nothing else is lost with it."""

from __future__ import annotations

import itertools
import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from drp.cli import main
from model.expand import graphs
from model.load import load
from model.terms import TRUE, Symbol, Term, any_, days, exceeds, is_, not_, plus, unknown
from proofs import process
from proofs.analysis import Analysis
from proofs.claims import ALL
from proofs.decide import Decider
from proofs.process import Process
from proofs.solver import SAT, UNKNOWN, UNSAT, Solver

ROOT = Path(__file__).parent.parent
LINUX = pytest.mark.skipif(sys.platform != "linux", reason="limits of another process")
NO_BUDGET = 4_000_000_000


@pytest.fixture(autouse=True)
def anew() -> Iterator[None]:
    """A process of each test's own, whose limits it may change."""
    process.end()
    yield
    process.end()


def pigeons(holes: int) -> list[Term]:
    """A question that takes for ever: one pigeon more than holes, and none shares a hole."""
    names = tuple(map(str, range(holes)))
    all_of = [Symbol("question", f"pigeon {i}", names) for i in range(holes + 1)]
    return [
        any_([not_(is_(a, hole)), not_(is_(b, hole))])
        for a, b in itertools.combinations(all_of, 2)
        for hole in names
    ]


def sums(count: int) -> list[Term]:
    """A question that takes much memory and little work."""
    numbers = [unknown(Symbol("number", f"number {i}")) for i in range(count)]
    return [
        exceeds(plus(a, plus(b, c)), days(i))
        for i, (a, b, c) in enumerate(itertools.combinations(numbers, 3))
    ]


def test_a_solver_killed_in_the_middle_of_a_question_gives_no_answer_and_the_next_one_does(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    solver, ask = Solver(NO_BUDGET), Process.ask
    assert solver.works()

    def harmed(self: Process, text: str) -> str:
        killer = threading.Timer(0.5, os.kill, (self.running.pid, signal.SIGKILL))
        killer.start()
        try:
            return ask(self, text)
        finally:
            killer.join()

    with monkeypatch.context() as patched:
        patched.setattr(Process, "ask", harmed)
        assert solver.check(*pigeons(12)) == UNKNOWN
    assert solver.why == "the solver was killed (SIGKILL)"
    assert solver.works()


def test_a_scope_outlives_the_process() -> None:
    solver, reading = Solver(), Symbol("question", "reading", ("strict", "loose"))
    strict, loose = is_(reading, "strict"), is_(reading, "loose")
    with solver.apart():
        assert solver.ask(strict) == SAT
        first = process.running(solver)
        first.running.kill()
        first.running.wait()
        assert solver.ask(strict) == SAT
        assert process.running(solver) is not first
        assert solver.ask(strict, loose) == UNSAT
        assert set(solver.core) == {strict, loose}
    assert solver.check(loose) == SAT


def test_a_death_before_it_is_said_what_contradicts_each_other_is_no_answer(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    solver, ask = Solver(), Process.ask
    reading = Symbol("question", "reading", ("strict", "loose"))

    def harmed(self: Process, text: str) -> str:
        if "get-unsat-assumptions" in text:
            self.running.kill()
            self.running.wait()
        return ask(self, text)

    monkeypatch.setattr(Process, "ask", harmed)
    with solver.apart():
        assert solver.ask(is_(reading, "strict"), is_(reading, "loose")) == UNKNOWN
        assert (solver.core, solver.unanswered) == ([], 1)


def test_two_solvers_take_turns_at_one_process() -> None:
    one, other = Solver(), Solver()
    reading = Symbol("question", "reading", ("strict", "loose"))
    with one.apart():
        assert one.ask(is_(reading, "strict")) == SAT
        assert other.check(is_(reading, "loose")) == SAT
        assert one.world(is_(reading, "loose"), symbols=[reading]) == {reading: "loose"}
        assert other.check(is_(reading, "loose"), is_(reading, "strict")) == UNSAT
    assert one.check(TRUE) == SAT


def test_memory_that_runs_out_is_no_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(process, "MEMORY", 24)
    solver = Solver()
    assert solver.check(*sums(30)) == UNKNOWN
    assert solver.why == "the solver's memory ran out"
    assert solver.works() and solver.check(sums(3)[0]) == SAT
    monkeypatch.undo()
    process.end()
    assert solver.check(*sums(30)) == SAT  # it was the limit that stopped it


@LINUX
def test_addresses_that_run_out_are_no_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(process, "ADDRESSES", 64)
    solver = Solver()
    assert solver.works()
    assert solver.check(*sums(40)) == UNKNOWN
    assert solver.why == "the solver's memory ran out"


@LINUX
def test_processor_time_that_runs_out_is_no_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(process, "SECONDS", 1)
    solver = Solver(NO_BUDGET)
    assert solver.check(*pigeons(12)) == UNKNOWN
    assert solver.why == "the solver's processor time ran out"
    assert solver.works()


@LINUX
def test_a_limit_that_is_lower_already_stays() -> None:
    script = (
        "from resource import *\nsetrlimit(RLIMIT_CPU, (50, 60))\n"
        "from proofs import process\nfrom proofs.solver import Solver\n"
        "print(Solver().works(), prlimit(process.running().running.pid, RLIMIT_CPU))"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.stdout == "True (60, 60)\n"


def test_one_that_has_worked_long_is_not_handed_on() -> None:
    one, other = Solver(), Solver()
    assert one.works()
    first = process.running(one)
    first.waited = process.SECONDS
    assert one.works() and process.running(one) is first
    assert other.works() and process.running(other) is not first


def test_a_budget_is_for_one_question() -> None:
    term = sums(4)[0]
    enough = next(2**i for i in range(30) if Solver(2**i).check(term) == SAT)
    solver = Solver(enough)
    assert [solver.check(term) for _ in range(50)] == [SAT] * 50
    assert Solver(1).check(term) == UNKNOWN


# --- the command ---------------------------------------------------------------------------------


def killed(running: Process) -> str:
    os.kill(running.running.pid, signal.SIGKILL)
    return ""


def starved(running: Process) -> str:
    from resource import RLIMIT_AS, prlimit

    prlimit(running.running.pid, RLIMIT_AS, (1 << 20, 1 << 20))
    return "".join(f"(declare-const much{i} Int)" for i in range(20_000))


def checked(capsys: pytest.CaptureFixture[str], *more: str) -> tuple[int, dict[str, str]]:
    code = main(["check", "manchester", "--format", "json", "--brief", *more])
    found = json.loads(capsys.readouterr().out)
    assert found["exit_code"] == code
    return code, {
        f"{v['protocol']}/{v['ladder']}/{v['claim']}": v["verdict"] + " " + v["why"]
        for v in found["verdicts"]
    }


@pytest.mark.parametrize(
    ("harm", "why"),
    [
        (killed, "the solver was killed (SIGKILL)"),
        pytest.param(starved, "the solver's memory ran out", marks=LINUX),
    ],
)
def test_what_its_death_leaves_undecided_is_one_claim(
    harm: Callable[[Process], str],
    why: str,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(ROOT)
    code, whole = checked(capsys)
    assert code == 0
    ask, left = Process.ask, [20]

    def harmed(self: Process, text: str) -> str:
        left[0] -= "check-sat" in text
        if not left[0]:
            left[0] = 10**9
            text = harm(self) + text
        return ask(self, text)

    monkeypatch.setattr(Process, "ask", harmed)
    code, found = checked(capsys)
    other = {claim for claim, said in found.items() if said != whole[claim]}
    assert code == 3 and len(other) == 1
    assert found[other.pop()].startswith(f"undecided {why}: ")


def test_a_death_at_any_question_changes_one_answer_to_undecided(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    graph = graphs(load("manchester"))[0]
    analysis = Analysis(graph)

    def answers() -> dict[str, tuple[str, str, Term]]:
        decider = Decider(graph)
        decider.analysis = analysis  # which takes longer than the questions, and asks none
        found = {claim.id: decider.decide(claim) for claim in ALL}
        return {claim: (a.word, a.plain, a.condition) for claim, a in found.items()}

    ask, asked, fatal = Process.ask, [0], [-1]

    def harmed(self: Process, text: str) -> str:
        asked[0] += 1
        if asked[0] == fatal[0]:
            killed(self)
        return ask(self, text)

    monkeypatch.setattr(Process, "ask", harmed)
    whole = answers()
    told = asked[0]
    assert told > 100
    for number in range(1, told + 1, 9):
        asked[0], fatal[0] = 0, number
        found = answers()
        different = [claim for claim, said in found.items() if said != whole[claim]]
        assert len(different) == 1 and found[different[0]][0] == "undecided", number


def test_a_budget_that_some_questions_pass_leaves_their_claims_decided(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(ROOT)
    _, whole = checked(capsys)
    for budget in (2000, 1000, 500, 250, 125):
        code, found = checked(capsys, "--rlimit", str(budget))
        if code == 3:
            break
    open_ = {claim for claim, said in found.items() if said.startswith("undecided")}
    assert code == 3 and open_
    assert all("the solver's budget ran out: " in found[claim] for claim in open_)
    assert {c: s for c, s in found.items() if c not in open_}.items() <= whole.items()
    _, none = checked(capsys, "--rlimit", "1")
    assert len([s for s in none.values() if s.startswith("undecided")]) > len(open_)


# --- the end -------------------------------------------------------------------------------------

ENDLESS = """
import sys
sys.path.insert(0, {tests!r})
from test_process import NO_BUDGET, pigeons
from proofs import process
from proofs.solver import Solver
solver = Solver({rlimit})
solver.works()
try:
    print(process.running(solver).running.pid, flush=True)
    solver.check(*pigeons(12))
except KeyboardInterrupt:
    print(solver.works(), process.running(solver).running.pid, flush=True)
"""


def asking(rlimit: int) -> tuple[subprocess.Popen[str], int]:
    """Another process, which asks what takes for ever, and the number of its solver's process."""
    script = ENDLESS.format(tests=str(ROOT / "tests"), rlimit=rlimit)
    started = subprocess.Popen(
        [sys.executable, "-c", script], cwd=ROOT, start_new_session=True, text=True,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip
    assert started.stdout is not None
    solver = int(started.stdout.readline())
    time.sleep(0.5)
    return started, solver


def runs(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    state = Path(f"/proc/{pid}/stat")  # one whose parent is gone may have nobody to take note
    return not state.exists() or state.read_text().rpartition(")")[2].split()[0] != "Z"


@pytest.mark.parametrize("to", ["all", "one"])
def test_an_interrupt_ends_the_question_and_the_process(to: str) -> None:
    started, solver = asking(NO_BUDGET)
    (os.killpg if to == "all" else os.kill)(started.pid, signal.SIGINT)
    out, err = started.communicate(timeout=60)
    works, after = out.split()
    assert (started.returncode, works) == (0, "True"), err
    assert not Path(f"/proc/{solver}").exists() and not Path(f"/proc/{after}").exists()


def test_the_solver_of_a_process_that_died_ends_with_its_question() -> None:
    started, solver = asking(3_000_000)
    assert runs(solver)
    started.kill()
    started.communicate()
    for _ in range(1200):
        if not runs(solver):
            break
        time.sleep(0.1)
    assert not runs(solver)


def test_a_copy_of_this_process_has_a_solver_of_its_own() -> None:
    solver = Solver()
    assert solver.works()
    read, write = os.pipe()
    copy = os.fork()
    if not copy:
        os.write(write, b"works" if solver.works() else b"fails")
        process.end()
        os._exit(0)
    os.close(write)
    with os.fdopen(read, "rb") as said:
        assert said.read() == b"works"
    os.waitpid(copy, 0)
    assert solver.works()


def test_nothing_of_the_solver_is_loaded_here() -> None:
    script = (
        "import sys\nfrom drp.cli import main\nmain(['check', 'merton'])\n"
        "print('z3' in sys.modules, file=sys.stderr)"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.stderr.split() == ["False"]


def test_a_solver_that_is_not_there_is_named(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(ROOT)
    process.program.cache_clear()
    monkeypatch.setattr(process.Path, "is_file", lambda self: self.name != "z3")
    try:
        assert main(["check", "merton"]) == 2
    finally:
        process.program.cache_clear()
    assert "pip install --force-reinstall z3-solver" in capsys.readouterr().err
