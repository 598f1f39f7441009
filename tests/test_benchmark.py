"""The benchmark's ladder can be loaded, and each part of the benchmark runs; nothing is timed."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from types import ModuleType

import pytest

from model.expand import graphs
from model.load import loads

ROOT = Path(__file__).resolve().parent.parent


def module_of(name: str) -> ModuleType:
    path = ROOT / "benchmarks" / f"{name}.py"
    spec = importlib.util.spec_from_file_location(f"bench_{name}", path)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def bench() -> ModuleType:
    return module_of("check")


@pytest.mark.parametrize("rungs", [1, 2, 5, 30])
def test_the_ladder_loads(bench: ModuleType, rungs: int) -> None:
    graph = graphs(loads(bench.ladder_text(rungs)))[0]
    skips = {(m.source, m.target) for m in graph.moves if m.kind == "skip"}
    assert len(graph.ladder.rungs) == rungs
    assert len(skips) >= rungs * (rungs - 1) // 2


@pytest.mark.parametrize(("questions", "unstated"), [(20, 20), (20, 0), (0, 20), (3, 7), (0, 0)])
def test_it_has_the_questions_and_numbers_asked_for(
    bench: ModuleType, questions: int, unstated: int
) -> None:
    protocol = loads(bench.ladder_text(12, questions, unstated))
    graph = graphs(protocol)[0]
    windows = [s for s in graph.symbols if s.kind == "number" and "window" in (s.words or s.name)]
    assert len(protocol.questions) == questions
    assert len(windows) >= unstated // 2


def test_every_part_runs(bench: ModuleType, capsys: pytest.CaptureFixture[str]) -> None:
    assert bench.main(["--quick"]) == 0
    table = capsys.readouterr().out.splitlines()
    assert table[0].startswith("| what |")
    assert all(line.startswith("|") and line.endswith("|") for line in table)
    assert len(table) >= 12


def test_the_benchmark_of_runs_runs(capsys: pytest.CaptureFixture[str]) -> None:
    assert module_of("simulate").main(["--quick"]) == 0
    said = capsys.readouterr().out
    assert "by hand" in said and "ours" in said and "10 replications" in said


def test_both_sides_of_the_benchmark_of_runs_have_the_same_ladder() -> None:
    """Events for each dispute agree, by hand and from the policy file, as far as chance allows."""
    simulate = module_of("simulate")
    load = simulate.caseload(3000)
    ladders = graphs(loads(simulate.policy(), "benchmark.yaml"))
    from simulations.run import run_replication

    ours = run_replication(ladders, load, load.authorities[0], seed=1, number=0, replayed=0)
    by_hand = simulate.by_hand(3000, 1) / 3000
    assert abs(ours.events / ours.arrived - by_hand) < 0.15


def test_the_benchmark_of_proofs_runs(capsys: pytest.CaptureFixture[str]) -> None:
    """Every engine that is there answers both questions of a tiny ladder as it should."""
    prove = module_of("prove")
    assert prove.main(["--quick"]) == 0
    said = capsys.readouterr().out
    goals = [line for line in said.splitlines() if line.startswith(("G", "certificates"))]
    assert {line[:2] for line in goals} >= {f"G{n}" for n in range(1, 10)}
    verdicts = ("met: ", "NOT met: ", "not measured")
    assert all(any(v in line for v in verdicts) or "not measured" in line for line in goals)
    assert "ours: every reading, with Z3" in said and "Z3, unrolled by day" in said


@pytest.mark.parametrize("skips", [True, False])
def test_the_ladder_that_ends_takes_the_days_that_the_others_have(skips: bool) -> None:
    """The policy file, and the small models by hand for Storm and TChecker, have one worst time."""
    from timed_text import positions, read_tchecker

    from model.replay import world_of
    from proofs.analysis import DILIGENT, Analysis

    generated = module_of("generated")
    for rungs in (2, 4):
        graph = graphs(loads(generated.ladder_text(rungs, 0, 0, skips, ends=True)))[0]
        days = generated.diligent_days(rungs)
        assert Analysis(graph).takes(DILIGENT, world_of(graph)) == days
        for bound, late in ((days, False), (days - 1, True)):
            system = read_tchecker(generated.tchecker_text(rungs, bound, skips))
            assert ("late" in {name for name, _ in positions(system, days + 2)}) is late
