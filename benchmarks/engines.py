"""What each engine does in one process of `prove.py`: it answers, checks that it is right, and says
how many CPU seconds it took.

All have one generated ladder (`generated.py`), by hand and small as each likes it best; `file` is
the same from a policy file.
"""

from __future__ import annotations

import dataclasses
import importlib.util
import itertools
import json
import os
import shutil
import subprocess
import sys
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
    small_graph,
    tchecker_text,
    window,
)  # fmt: skip
from benchmarks.turns import cpu, storm_longest  # noqa: E402

TCK_REACH = os.environ.get("TCK_REACH") or shutil.which("tck-reach")
STORM = importlib.util.find_spec("stormpy") is not None
Found = dict[str, Any]


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

    graph = small_graph(rungs, skips)
    before = cpu()
    assert Analysis(graph).takes(DILIGENT, world_of(graph)) == diligent_days(rungs)
    return {"s": cpu() - before, "moves": len(graph.moves)}


def worker_file(rungs: int, skips: bool) -> Found:
    """The same from a policy file, whose reading is told apart."""
    from model.replay import world_of
    from proofs.analysis import DILIGENT, Analysis

    start = cpu()
    graph = graph_of(rungs, skips)
    before = cpu()
    assert Analysis(graph).takes(DILIGENT, world_of(graph)) == diligent_days(rungs)
    return {"s": cpu() - before, "read": before - start, "moves": len(graph.moves)}


def worker_proved(rungs: int, skips: bool) -> Found:
    """Ours, in every reading, with Z3 for both questions."""
    from model.terms import all_, at_most, days, not_
    from proofs.analysis import DILIGENT, Analysis
    from proofs.solver import SAT, UNSAT, Solver

    graph = small_graph(rungs, skips)
    before = cpu()
    analysis, solver = Analysis(graph), Solver()
    ways = analysis.end_by(DILIGENT, analysis.domain)
    for bound, expected in ((diligent_days(rungs), UNSAT), (diligent_days(rungs) - 1, SAT)):
        late = [all_([guard, not_(at_most(count, days(bound)))]) for guard, count in ways]
        answers = {solver.check(each) for each in late}
        assert (SAT if SAT in answers else UNSAT) == expected and answers <= {SAT, UNSAT}
    return {"s": cpu() - before}


def bounded(graph: Any, bound: int) -> Any:
    """A claim that a diligent raiser's dispute takes at most so many days."""
    from model.terms import all_, days
    from proofs.analysis import DILIGENT
    from proofs.bounds import within
    from proofs.claim import Obligation, Story
    from proofs.claims import BY_ID

    def body(a: Any) -> Iterator[Obligation]:
        kept = within(a.end_by(DILIGENT, all_([a.domain]), over=bound), days(bound))
        at, said = graph.ladder.at, graph.ladder.citation
        yield Obligation(a.domain, kept, at, said, "it takes longer", Story("worst", DILIGENT))

    return dataclasses.replace(BY_ID["total-diligent"], id=f"within {bound}", body=body)


def certified(rungs: int, skips: bool) -> Iterator[tuple[str, str, str]]:
    """Certificates as text, each with its claim and verdict: of what holds, and of total-diligent.

    That says that the dispute is over in 20 working days, and breaks on a long ladder.
    """
    from proofs.certificate import certificate
    from proofs.claims import BY_ID
    from proofs.decide import Decider

    decider = Decider(small_graph(rungs, skips))
    days = diligent_days(rungs)
    late = "holds" if days <= 20 else "broken"
    for claim, expected in (
        (bounded(decider.graph, days), "holds"),
        (BY_ID["total-diligent"], late),
    ):
        answer = decider.decide(claim)
        assert answer.word == expected, (answer.word, answer.why)
        yield json.dumps(certificate(decider, [answer])), answer.claim.id, answer.word


def checked(text: str, claim: str, verdict: str) -> None:
    from certificates import check

    said = check(json.loads(text))
    assert said == {claim: verdict}, said


def worker_certified(rungs: int, skips: bool) -> Found:
    """Ours: both answers, their certificates as text, and the checker, which needs no solver."""
    before = cpu()
    for each in certified(rungs, skips):
        checked(*each)
    return {"s": cpu() - before}


def worker_rechecked(rungs: int) -> Found:
    """Ours: the certificate of what holds, from its text to the verdict; without its making."""
    holds = next(certified(rungs, True))
    before = cpu()
    checked(*holds)
    return {"s": cpu() - before}


def inductive(rungs: int) -> str:
    """The bound as one question in SMT-LIB: can T - x <= P be broken by a step, or be too large?

    `P` is the latest day on which each place can be entered. It is what a certificate says of
    time; a certificate holds the graph and what can be reached too, so its checker does more.
    """
    latest = {}
    for i in range(rungs):
        latest["a", i] = sum(window(k) + GATE for k in range(i))
        latest["g", i] = latest["a", i] + window(i)
    stays = {place: window(place[1]) if place[0] == "a" else GATE for place in latest}
    wrong = []
    for (kind, i), bound in latest.items():
        if kind == "g" and i == rungs - 1:
            continue
        here = f"(<= x {stays[kind, i]}) (<= (- T x) {bound})"
        targets = [("a", j) for j in later(i, rungs, True)] if kind == "g" else [("g", i)]
        kept = " ".join(f"(<= T {latest[t]})" for t in targets)
        ends = f"(<= T {diligent_days(rungs)})"
        wrong.append(f"(and {here} (not (and {kept} {ends})))")
    lines = ["(set-logic QF_LIA)", "(declare-const T Int)", "(declare-const x Int)"]
    lines += ["(assert (>= x 0))", f"(assert (or {' '.join(wrong)}))", "(check-sat)"]
    return "\n".join(lines)


def worker_by_z3(rungs: int) -> Found:
    import z3

    text = inductive(rungs)
    before = cpu()
    solver = z3.Solver()
    solver.from_string(text)
    assert str(solver.check()) == "unsat"
    return {"s": cpu() - before}


def worker_by_cvc5(rungs: int) -> Found:
    import cvc5

    text = inductive(rungs)
    before = cpu()
    solver = cvc5.Solver(cvc5.TermManager())
    parser = cvc5.InputParser(solver)
    parser.setStringInput(cvc5.InputLanguage.SMT_LIB_2_6, text, "bound")
    said = ""
    while not (command := parser.nextCommand()).isNull():
        said += command.invoke(solver, parser.getSymbolManager())
    assert said.strip() == "unsat", said
    return {"s": cpu() - before}


def worker_storm(rungs: int, skips: bool) -> Found:
    longest, used = storm_longest(diligent_prism(rungs, skips))
    assert round(longest) == diligent_days(rungs), longest
    return {"s": used}


def worker_tchecker(rungs: int, skips: bool) -> Found:
    assert TCK_REACH is not None
    days = diligent_days(rungs)
    texts = [(tchecker_text(rungs, bound, skips), bound < days) for bound in (days, days - 1)]
    before = cpu()
    for text, late in texts:
        command = [TCK_REACH, "-a", "covreach", "-l", "late"]
        done = subprocess.run(command, input=text, capture_output=True, text=True)
        if done.returncode < 0:  # stopped, as this process is to be
            os.kill(os.getpid(), -done.returncode)
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
    from proofs.decide import Decider

    graph = graph_of(rungs, True, questions, unstated)
    bound = diligent_days(rungs) + 5 if unstated else diligent_days(rungs)
    before = cpu()
    answer = Decider(graph).decide(bounded(graph, bound))
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


def worker_alternating(rungs: int) -> Found:
    """Z3, as one would write it down: for all answers and gates there is a step up, and so on.

    Can the raiser come to the top within the most days of the way on which no rung is left out
    (yes), and in no time (no)?
    """
    import z3

    before = cpu()
    answers = []
    for bound in (diligent_days(rungs), -1):
        at, day = z3.Ints("at0 T0")
        names = [(z3.Int(f"at{t}"), z3.Int(f"T{t}"), z3.Int(f"d{t}")) for t in range(rungs + 1)]
        formula = z3.And(names[-1][0] == rungs - 1, names[-1][1] <= bound)
        for t in reversed(range(rungs)):
            (at, day, stay), (then, after, _) = names[t], names[t + 1]
            limit = z3.IntVal(0)
            for i in range(rungs - 1):
                limit = z3.If(at == i, window(i) + GATE, limit)
            up = z3.Or(z3.And(then > at, then < rungs), z3.And(then == at, at == rungs - 1))
            step = z3.Exists([then, after], z3.And(up, after == day + stay, formula))
            formula = z3.ForAll([stay], z3.Implies(z3.And(stay >= 0, stay <= limit), step))
        solver = z3.Solver()
        solver.add(names[0][0] == 0, names[0][1] == 0, formula)
        answers.append(str(solver.check()))
    assert answers == ["sat", "unsat"], answers
    return {"s": cpu() - before}


def worker_protocols(what: int, few: int = 0) -> Found:
    """The protocols' certificates, from text to verdicts (0); their obligations alone, once the
    tables and bounds are there (2); or Z3 on the questions they rest on (1).

    Reading the files and making the certificates are not counted, and so is what cannot be shown.
    """
    from certificates.checker import Checker
    from model.expand import graphs
    from model.load import authorities, load
    from proofs.certificate import certificate
    from proofs.claims import ALL
    from proofs.decide import Decider
    from proofs.smtlib import script

    texts: list[str] = []
    for path in authorities()[: 1 if few else None]:
        for graph in graphs(load(path)):
            decider = Decider(graph)
            answers = [decider.decide(claim) for claim in ALL]
            if what == 1:
                texts += [script(q, {}) for a in answers for q in a.questions]
            else:
                texts.append(json.dumps(certificate(decider, answers)))
    spent = 0.0
    for text in texts:
        before = cpu()
        if what == 1:
            import z3

            solver = z3.Solver()
            solver.from_string(text)
            assert str(solver.check()) in ("sat", "unsat")
        else:
            given = json.loads(text)
            checker = Checker(given)
            for table in given["tables"]:
                checker.table(table)
            for bound in given["bounds"]:
                checker.bound(bound)
            before = cpu() if what == 2 else before
            assert all(checker.claim(claim) for claim in given["claims"])
        spent += cpu() - before
    return {"s": spent}


WORKERS: dict[str, Callable[..., Found]] = {
    "answer": worker_answer, "proved": worker_proved, "certified": worker_certified,
    "file": worker_file, "storm": worker_storm, "tchecker": worker_tchecker,
    "networkx": worker_networkx, "unrolled": worker_unrolled, "by day": worker_by_day,
    "parametric": worker_parametric, "eliminated": worker_eliminated, "forced": worker_forced,
    "alternating": worker_alternating, "rechecked": worker_rechecked,
    "by_z3": worker_by_z3, "by_cvc5": worker_by_cvc5,
    "protocols": worker_protocols,
}  # fmt: skip
