"""How fast a question about time is answered and proved, beside other model checkers, in one run.

    python benchmarks/prove.py            small ladders, some minutes
    python benchmarks/prove.py --all      up to 1,000 rungs, and all the goals
    python benchmarks/prove.py --quick    every part once, on a tiny ladder

One ladder for all (`generated.py`): can a diligent raiser's dispute take more than so many working
days, asked at the longest time (no) and a day below (yes). Each engine gets the ladder as it likes
it best, by hand and small; ours gets the policy file, whose reading is told apart. Every figure is
CPU time with children, the median of turns taken in rotation, each in a process of its own that is
stopped after a minute. Storm needs `stormpy`, TChecker a `tck-reach` on the path (or $TCK_REACH);
what is not there is not measured, and the rows that another engine wins stay in the table.
"""

from __future__ import annotations

import argparse
import dataclasses
import importlib.util
import itertools
import json
import os
import platform
import resource
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from benchmarks.generated import (  # noqa: E402
    GATE,
    diligent_days,
    diligent_prism,
    ladder_text,
    later,
    tchecker_text,
    window,
)  # fmt: skip
from benchmarks.turns import (  # noqa: E402
    MOST_SECONDS,
    cpu,
    interleaved,
    limited,
    process,
    seconds,
    work,
)  # fmt: skip

TCK_REACH = os.environ.get("TCK_REACH") or shutil.which("tck-reach")
STORM = importlib.util.find_spec("stormpy") is not None
Found = dict[str, Any]
MOST_RUNGS = 500  # of a policy file: the reader refuses more

# --- workers ------------------------------------------------------------------------------------


def graph_of(rungs: int, skips: bool, questions: int = 0, unstated: int = 0) -> Any:
    """The ladder from its text; what the reader allows is raised, which no user can do."""
    from model import yamltree
    from model.expand import graphs
    from model.load import loads

    yamltree.MAX_NODES = 1_000_000
    return graphs(loads(ladder_text(rungs, questions, unstated, skips, ends=True)))[0]


def worker_answer(rungs: int, skips: bool) -> Found:
    """Ours: the longest way, in plain integers; it answers both questions."""
    from model.replay import world_of
    from proofs.analysis import DILIGENT, Analysis

    start = cpu()
    graph = graph_of(rungs, skips)
    before = cpu()
    assert Analysis(graph).takes(DILIGENT, world_of(graph)) == diligent_days(rungs)
    return {"s": cpu() - before, "read": before - start, "moves": len(graph.moves)}


def worker_proved(rungs: int, skips: bool) -> Found:
    """Ours, in every reading, with Z3 for what is left over the terms."""
    from model.terms import all_, at_most, days, not_
    from proofs.analysis import DILIGENT, Analysis
    from proofs.solver import SAT, UNSAT, Solver

    graph = graph_of(rungs, skips)
    before = cpu()
    analysis, solver = Analysis(graph), Solver()
    ways = analysis.end_by(DILIGENT, analysis.domain)
    for bound, expected in ((diligent_days(rungs), UNSAT), (diligent_days(rungs) - 1, SAT)):
        late = [all_([guard, not_(at_most(count, days(bound)))]) for guard, count in ways]
        answers = {solver.check(each) for each in late}
        assert (SAT if SAT in answers else UNSAT) == expected and answers <= {SAT, UNSAT}
    return {"s": cpu() - before}


def worker_storm(rungs: int, skips: bool) -> Found:
    import stormpy

    with tempfile.NamedTemporaryFile("w", suffix=".prism") as file:
        file.write(diligent_prism(rungs, skips))
        file.flush()
        before = cpu()
        program = stormpy.parse_prism_program(file.name)
        properties = stormpy.parse_properties('Rmax=? [F "done"]', program)
        model = stormpy.build_model(program, properties)
        result = stormpy.model_checking(model, properties[0])
        longest = result.get_value(model.initial_states[0])
        done = cpu()
    assert round(longest) == diligent_days(rungs), longest
    return {"s": done - before}


def worker_tchecker(rungs: int, skips: bool) -> Found:
    assert TCK_REACH is not None
    days = diligent_days(rungs)
    texts = [(tchecker_text(rungs, bound, skips), bound < days) for bound in (days, days - 1)]
    before = cpu()
    for text, late in texts:
        command = [TCK_REACH, "-a", "covreach", "-l", "late"]
        done = subprocess.run(command, input=text, capture_output=True, text=True)
        assert f"REACHABLE {str(late).lower()}" in done.stdout, (done.stderr, done.returncode)
    return {"s": cpu() - before}


def worker_networkx(rungs: int, skips: bool) -> Found:
    """The longest path of the same ladder as networkx finds it; it proves nothing."""
    import networkx

    before = cpu()
    graph: networkx.DiGraph[int] = networkx.DiGraph()
    for i in range(rungs):
        graph.add_edge(2 * i, 2 * i + 1, weight=window(i))
        graph.add_weighted_edges_from((2 * i + 1, 2 * j, GATE) for j in later(i, rungs, skips))
    assert networkx.dag_longest_path_length(graph) == diligent_days(rungs)
    return {"s": cpu() - before}


def _macro(z3: Any, rungs: int, skips: bool, windows: Sequence[Any]) -> tuple[list[Any], Any]:
    """Every run of the ladder as one formula, a step for each rung, and its days."""
    at = [z3.Int(f"s{t}") for t in range(rungs + 1)]
    day = [z3.Int(f"T{t}") for t in range(rungs + 1)]
    formula = [at[0] == 0, day[0] == 0]
    for t in range(rungs):
        limit = z3.IntVal(0)
        for i in range(rungs):
            limit = z3.If(at[t] == i, windows[i], limit)
        stayed, agreed = z3.Ints(f"d{t} g{t}")
        next_ = z3.And(at[t + 1] > at[t], at[t + 1] <= rungs)
        goes = z3.And(at[t] < rungs, next_ if skips else at[t + 1] == at[t] + 1,
                      agreed <= z3.If(at[t + 1] == rungs, 0, GATE))  # fmt: skip
        ended = z3.And(at[t] == rungs, at[t + 1] == rungs, stayed == 0, agreed == 0)
        formula += [stayed >= 0, stayed <= limit, agreed >= 0,
                    day[t + 1] == day[t] + stayed + agreed, z3.Or(goes, ended)]  # fmt: skip
    return formula, day[rungs]


def worker_unrolled(rungs: int, skips: bool) -> Found:
    """Plain unrolling in Z3, a step for each rung."""
    import z3

    before = cpu()
    formula, day = _macro(z3, rungs, skips, [z3.IntVal(window(i)) for i in range(rungs)])
    solver = z3.Solver()
    solver.add(formula)
    days = diligent_days(rungs)
    answers = [str(solver.check(day > bound)) for bound in (days, days - 1)]
    assert answers == ["unsat", "sat"], answers
    return {"s": cpu() - before}


def worker_by_day(rungs: int, skips: bool) -> Found:
    """Plain unrolling in Z3, a step for each day."""
    import z3

    before = cpu()
    days = diligent_days(rungs)
    solver = z3.Solver()
    last = days + 2 * rungs
    state = [z3.Ints(f"at{t} x{t} T{t}") for t in range(last + 1)]
    solver.add(*(part == 0 for part in state[0]))
    for (at, clock, day), (at2, clock2, day2) in itertools.pairwise(state):
        limit = z3.IntVal(0)
        for i in range(rungs):
            limit = z3.If(at == 2 * i, window(i), z3.If(at == 2 * i + 1, GATE, limit))
        ends = z3.And(at2 == 2 * rungs, clock2 == 0, day2 == day)
        up = [z3.And(at == 2 * i + 1, z3.Or([at2 == 2 * j for j in later(i, rungs, skips)]),
                     clock2 == 0, day2 == day) for i in range(rungs - 1)]  # fmt: skip
        gate = z3.And(at % 2 == 0, at < 2 * rungs - 2, at2 == at + 1, clock2 == 0, day2 == day)
        passes = z3.And(at < 2 * rungs, clock < limit, at2 == at, clock2 == clock + 1,
                        day2 == day + 1)  # fmt: skip
        solver.add(z3.Or(passes, gate, ends, *up))
    answers = [str(solver.check(state[-1][2] > bound)) for bound in (days, days - 1)]
    assert answers == ["unsat", "sat"], answers
    return {"s": cpu() - before}


def worker_parametric(rungs: int, unstated: int, questions: int) -> Found:
    """Ours: for which windows and answers the dispute takes at most so many days, with its proof.

    The bound lies midway: some windows keep it and some do not, so that there is a condition.
    """
    from model.terms import all_, days
    from proofs.analysis import DILIGENT
    from proofs.bounds import within
    from proofs.claim import Obligation, Story
    from proofs.claims import BY_ID
    from proofs.decide import Decider

    graph = graph_of(rungs, True, questions, unstated)
    bound = diligent_days(rungs) + 5 if unstated else diligent_days(rungs)

    def body(a: Any) -> Iterator[Obligation]:
        kept = within(a.end_by(DILIGENT, all_([a.domain]), over=bound), days(bound))
        at, said = graph.ladder.at, graph.ladder.citation
        yield Obligation(a.domain, kept, at, said, "it takes longer", Story("worst", DILIGENT))

    before = cpu()
    claim = dataclasses.replace(BY_ID["total-diligent"], id="midway", body=body)
    answer = Decider(graph).decide(claim)
    assert answer.word == ("depends" if unstated else "holds"), (answer.word, answer.why)
    return {"s": cpu() - before}


def worker_eliminated(rungs: int, unstated: int) -> Found:
    """Z3's quantifier elimination: for which windows no run takes more than the midway bound."""
    import z3

    windows = [z3.Int(f"w{i}") if i < unstated else z3.IntVal(window(i)) for i in range(rungs)]
    before = cpu()
    formula, day = _macro(z3, rungs, True, windows)
    goal = z3.Goal()
    run = z3.And(*formula, day > diligent_days(rungs))
    kept = {str(w) for w in windows[:unstated]}
    inner = [v for v in z3.z3util.get_vars(run) if str(v) not in kept]
    goal.add(z3.Exists(inner, run))
    z3.Tactic("qe2")(goal)
    return {"s": cpu() - before}


def worker_forced(rungs: int) -> Found:
    """Ours: what the raiser can force, with a strategy, from every state."""
    from model.terms import TRUE
    from proofs.analysis import Analysis

    graph = graph_of(rungs, True)
    goal = {s.name: TRUE for s in graph.main if s.rung == f"rung {rungs - 1}"}
    before = cpu()
    won = Analysis(graph).force(goal)
    done = cpu()
    assert won[f"rung {rungs // 2}: answered"] is TRUE
    return {"s": done - before}


WORKERS: dict[str, Callable[..., Found]] = {
    "answer": worker_answer, "proved": worker_proved, "storm": worker_storm,
    "tchecker": worker_tchecker, "networkx": worker_networkx, "unrolled": worker_unrolled,
    "by day": worker_by_day, "parametric": worker_parametric, "eliminated": worker_eliminated,
    "forced": worker_forced,
}  # fmt: skip
SAID = {
    "answer": "ours: the longest way", "proved": "ours: every reading, with Z3", "storm": "Storm",
    "tchecker": "TChecker", "networkx": "networkx, the longest path",
    "unrolled": "Z3, unrolled by rung", "by day": "Z3, unrolled by day",
}  # fmt: skip

OURS = ("answer", "proved")

# --- the table ----------------------------------------------------------------------------------


class Table:
    """What was measured, by engine, rungs and whether there are skips; printed as it comes."""

    def __init__(self, turns: int, files: Sequence[str] = ()) -> None:
        self.turns, self.files = turns, files  # no files: all five protocols
        self.found: dict[tuple[str, int, bool], Found] = {}
        self.other: dict[str, float] = {}

    def row(self, *cells: str) -> None:
        print(f"| {' | '.join(cells)} |", flush=True)

    def sizes(self, sizes: Sequence[int], skips: bool, least: int) -> None:
        """One question, all engines; who has been stopped once is not asked of a longer ladder."""
        stopped: set[str] = set()
        for rungs in sizes:
            names = [n for n in SAID if n not in stopped and self.there(n)]
            names = [n for n in names if n != "by day" or rungs <= least]
            if rungs > MOST_RUNGS:
                names = [n for n in names if n not in OURS]
                self.row(f"{rungs} rungs", "ours", "refused", "", "",
                         f"a policy file has at most {MOST_RUNGS} rungs")  # fmt: skip
            kept: dict[str, list[Found]] = {n: [] for n in names}

            def take(name: str, rungs: int = rungs, kept: Any = kept) -> float:
                if any("stopped" in f for f in kept[name]):  # once is enough
                    return float(MOST_SECONDS)
                kept[name].append(work(__file__, name, rungs, int(skips)))
                return float(kept[name][-1]["s"])

            works = {n: (lambda n=n: take(n)) for n in names}
            medians = interleaved(self.turns, **works)
            ours = medians.get("answer")
            for name in names:
                last = kept[name][-1]
                self.found[name, rungs, skips] = {**last, "s": medians[name]}
                said = seconds(medians[name])
                if "stopped" in last:
                    said, _ = f"over {MOST_SECONDS} s", stopped.add(name)
                read = f"reading the file: {seconds(last['read'])}" if "read" in last else ""
                if last.get("moves"):
                    read += f", {last['moves']:,} moves"
                memory = f"{last['memory']:.0f} MiB" if "memory" in last else ""
                shape = "skips to all" if skips else "a chain"
                times_ours = "" if ours is None else f"{medians[name] / ours:.2f}"
                self.row(f"{rungs} rungs, {shape}", SAID[name], said, times_ours, memory, read)

    def there(self, name: str) -> bool:
        return {"storm": STORM, "tchecker": TCK_REACH is not None}.get(name, True)

    def once(self, what: str, engine: str, name: str, *arguments: object) -> None:
        found = [work(__file__, name, *arguments) for _ in range(1)]
        while len(found) < self.turns and "stopped" not in found[-1]:
            found.append(work(__file__, name, *arguments))
        middle = sorted(f["s"] for f in found)[len(found) // 2]
        self.other[what if engine == "ours" else f"{what}: {engine}"] = middle
        said = f"over {MOST_SECONDS} s" if "stopped" in found[-1] else seconds(middle)
        memory = f"{found[-1]['memory']:.0f} MiB" if "memory" in found[-1] else ""
        self.row(what, engine, said, "", memory, "")

    def s(self, name: str, rungs: int) -> float | None:
        found = self.found.get((name, rungs, True))
        return None if found is None else float(found["s"])


def certificates(table: Table) -> Iterator[tuple[str, str]]:
    """What certificates cost, as goals; they are measured as soon as `drp verify` exists."""
    from drp.cli import parser

    commands = parser()._subparsers._group_actions[0].choices  # type: ignore[union-attr]
    faster = "certificates: checked 20 times faster than by Z3 on the same obligations"
    if "verify" not in commands:
        yield "certificates add at most 25 % to a check", "not measured: there is no drp verify"
        yield "certificates: all five verified faster than checked", "not measured: the same"
        yield faster, "not measured: the same"
        return
    with tempfile.TemporaryDirectory() as folder:
        check = ["-m", "drp.cli", "check", "--brief", *table.files]
        found = interleaved(
            table.turns,
            plain=lambda: process(check),
            written=lambda: process([*check, "--certificates", folder]),
            verified=lambda: process(["-m", "drp.cli", "verify", folder], (0, 3)),
        )
    for name, value in found.items():
        table.row("the protocols, a whole process", name, seconds(value), "", "", "")
    more = found["written"] / found["plain"] - 1
    yield "certificates add at most 25 % to a check", judged(more <= 0.25, f"{more:.0%} more")
    ratio = found["plain"] / found["verified"]
    yield ("certificates: all five verified faster than checked",
           judged(ratio > 1, f"{ratio:.1f} times as fast"))  # fmt: skip
    yield faster, "not measured: the obligations are not written for Z3 alone"


def judged(met: bool, figure: str) -> str:
    return f"{'met' if met else 'NOT met'}: {figure}"


def times(table: Table, mine: str, theirs: str, rungs: int, least: float) -> str:
    """Whether we are so many times as fast as another engine at one size."""
    one, other = table.s(mine, rungs), table.s(theirs, rungs)
    if rungs > MOST_RUNGS and other is not None:
        return judged(False, f"a policy file has at most {MOST_RUNGS} rungs")
    if one is None or other is None:
        return f"not measured: {SAID[theirs if other is None else mine]}"
    at_least = " or more" if "stopped" in table.found[theirs, rungs, True] else ""
    figure = f"{other / one:.3g} times {SAID[theirs]}{at_least}, wanted {least:g}"
    if at_least and other / one < least:
        return f"not measured: {figure}"
    return judged(other / one >= least, figure)


def goals(table: Table) -> Iterator[tuple[str, str]]:
    """G1 to G9; each part met, NOT met or not measured, with its figure."""
    certificate = "not measured: the certificate of a generated ladder"
    yield "G1, 8 rungs, the answer", times(table, "answer", "tchecker", 8, 100)
    yield (
        "G1, 8 rungs, with Z3, 1.5 times as long at most",
        times(table, "proved", "tchecker", 8, 1 / 1.5),
    )
    yield "G1, 8 rungs, against tcheckerpy", "not measured: its wheel does not load on Debian 12"
    yield "G1, 8 rungs, with Z3, against days", times(table, "proved", "by day", 8, 1000)
    yield "G2, 200 rungs, with Z3", times(table, "proved", "tchecker", 200, 10)
    yield "G2, 200 rungs, with Z3, not slower", times(table, "proved", "storm", 200, 1)
    yield (
        "G2, 200 rungs, the answer without a certificate",
        times(table, "answer", "tchecker", 200, 300),
    )
    yield (
        "G2, 200 rungs, the answer without a certificate",
        times(table, "answer", "storm", 200, 40),
    )
    yield "G2, 200 rungs, certified in plain Python", certificate
    yield "G3, 1,000 rungs, the answer", times(table, "answer", "storm", 1000, 50)
    yield "G3, 1,000 rungs, the answer", times(table, "answer", "networkx", 1000, 10)
    yield "G3, 1,000 rungs, the answer", times(table, "answer", "tchecker", 1000, 400)
    yield "G3, 1,000 rungs, with Z3", times(table, "proved", "storm", 1000, 5)
    for what, bar in (("20 rungs, 20 unstated windows", 0.2), ("20 rungs, 18 forks", 1.0)):
        said = below(table.other.get(what), bar)
        yield f"G4, {what}, below {seconds(bar)}", said
    one, other = (table.other.get(f"20 rungs, {n}") for n in
                  ("20 unstated windows", "1 unstated window: Z3, qe2"))  # fmt: skip
    if one is not None and other is not None:
        yield ("G4, against qe2 at one unstated window",
               judged(other / one >= 300, f"{other / one:.3g} times, wanted 300"))  # fmt: skip
    yield "G5, 200 rungs, forced, below 150 ms", below(table.other.get("200 rungs, forced"), 0.15)
    yield "G6, all five, cold, below 500 ms", below(table.other.get("five"), 0.5)
    yield "G6, --help, below 80 ms", below(table.other.get("help"), 0.08)
    yield "G6, --version, below 80 ms", below(table.other.get("version"), 0.08)
    yield "G7, 200 rungs, checked again 20 times faster than by Z3", certificate
    yield (
        "G8, agreement on random ladders",
        "not measured here: pytest -m slow (test_exports_random)",
    )
    memory = table.found.get(("answer", 1000, True), {}).get("memory")
    said = "not measured" if memory is None else judged(memory < 200, f"{memory:.0f} MiB")
    yield "G9, 1,000 rungs, below 200 MB", said
    yield from certificates(table)


def below(value: float | None, bar: float) -> str:
    return "not measured" if value is None else judged(value < bar, seconds(value))


def measure(turns: int, sizes: Sequence[int], chain: Sequence[int], unstated: Sequence[int],
            forced: int, width: int = 20, files: Sequence[str] = ()) -> Table:  # fmt: skip
    table = Table(turns, files)
    forks = min(18, 2 * width - 1)
    print(f"Python {platform.python_version()}; Storm: {STORM}; TChecker: {TCK_REACH is not None}")
    table.row("what", "engine", "CPU", "times ours", "memory", "")
    table.row(*["---"] * 6)
    table.sizes(sizes, True, sizes[0])
    table.sizes(chain, False, chain[0])
    for many in unstated:
        table.once(f"{width} rungs, {many} unstated windows", "ours", "parametric", width, many, 0)
    table.once(f"{width} rungs, {forks} forks", "ours", "parametric", width, forks, forks)
    table.once(f"{width} rungs, 1 unstated window", "Z3, qe2", "eliminated", width, 1)
    table.once(f"{forced} rungs, forced", "ours", "forced", forced)
    whole = interleaved(
        turns,
        five=lambda: process(["-m", "drp.cli", "check", "--brief", *files]),
        help=lambda: process(["-m", "drp.cli", "--help"]),
        version=lambda: process(["-m", "drp.cli", "--version"]),
    )
    table.other |= whole
    for name, value in whole.items():
        table.row("a whole cold process", f"drp, {name}", seconds(value), "", "", "")
    return table


def used(work_done: Found) -> Found:
    """A worker's figures with the most memory that it or a child of it had."""
    who = (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    unit = 1 << 20 if sys.platform == "darwin" else 1 << 10
    return {**work_done, "memory": max(resource.getrusage(w).ru_maxrss for w in who) / unit}


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--all", action="store_true", help="up to 1,000 rungs")
    parser.add_argument("--quick", action="store_true", help="every part once, on a tiny ladder")
    parser.add_argument("--turns", type=int, default=5, help="turns of which the median is taken")
    parser.add_argument("--worker", nargs="+", help=argparse.SUPPRESS)
    given = parser.parse_args(arguments)
    if given.worker:
        limited()
        name, *numbers = given.worker
        print(json.dumps(used(WORKERS[name](*map(int, numbers)))))
        return 0
    if given.quick:
        table = measure(1, (3,), (3,), (1,), 5, width=4, files=["merton"])
    elif given.all:
        table = measure(
            given.turns, (8, 50, 200, 500, 1000), (8, 50, 200, 500, 1000), (0, 1, 5, 10, 20), 200
        )
    else:
        table = measure(given.turns, (8, 50), (8, 50), (0, 1, 5, 20), 50)
    print()
    for name, said in goals(table):
        print(f"{name}: {said}", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
