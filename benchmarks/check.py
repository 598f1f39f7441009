"""How fast and how large `drp check` is, as ratios measured in one run.

    python benchmarks/check.py            the whole table, some minutes
    python benchmarks/check.py --quick    every part once, on a small ladder

Each figure is CPU time, user and system, with the children of a process, and the median of
several turns in which the things compared take turns. Storm is compared where `stormpy` can be
imported. Nothing here is part of the tests but that it runs.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import os
import resource
import signal
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

Row = tuple[str, str, str, str, str]

EXTENDED = 2  # working days of one extension
GATE = 2  # working days for the agreement at a gate
PLAIN = 10  # what a window is under the other answer, where it is stated


def window(rung: int) -> int:
    """The working days for an answer at a rung."""
    return 1 + rung * 7 % 5


# --- the ladder, for us and for the others ------------------------------------------------------


def ladder_text(rungs: int, questions: int = 20, unstated: int = 20) -> str:
    """A policy file: skips from each rung to every later one, one extension and one gate a rung.

    The first `questions` windows (of answers and gates, in turn) depend on a question each; the
    first `unstated` windows have no figure under an answer, or none at all without a question.
    """
    places = [(kind, i) for i in range(rungs) for kind in ("answer", "gate")]
    asked = {place: n for n, place in enumerate(places[:questions])}
    silent = set(places[:unstated])

    def length(kind: str, i: int) -> str:
        stated = f"{window(i) if kind == 'answer' else GATE} working days"
        if (kind, i) not in asked:
            return "unstated" if (kind, i) in silent else stated
        other = "unstated" if (kind, i) in silent else f"{PLAIN} working days"
        name = f"question {asked[kind, i]}"
        return f"{{{name} = limit: {stated}, {name} = norm: {other}}}"

    lines = [
        "authority: Ladder",
        "title: a generated ladder",
        "dated: March 2023",
        "missing: nothing",
        "people:",
        "  IRO: {side: raiser, role: IRO}",
        "  IRO Manager: {side: reviewing service, supervises: IRO}",
        "  CAFCASS: {side: outside, role: CAFCASS}",
        *(f"  Officer {i}: {{side: management}}" for i in range(rungs)),
        "children:",
        '  child in care: {looked after: yes, source: "1"}',
    ]
    if asked:
        lines.append("questions:")
    for (kind, i), n in asked.items():
        lines += [
            f"  question {n}:",
            f"    asks: Is the time for the {kind} at rung {i} a limit?",
            "    answers: {limit: it binds, norm: it is usual only}",
            "    plain: limit",
            "    because: it is written as a number of days",
            '    source: "1"',
        ]
    lines += [
        "ladders:",
        "  dispute:",
        "    kind: dispute",
        "    about: a problem with the care of a child",
        '    source: "1"',
        '    raised by: {who: IRO, for: child in care, up to: top, source: "1"}',
        '    start: {strength: may, source: "1"}',
        "    decide: {within: 2 working days, if missed: unstated, source: 1}",
        "    totals:",
        "      whole: {at most: 20 working days, covers: formal rungs, effect: stated, source: 1}",
        "    rungs:",
    ]
    for i in range(rungs):
        last = i == rungs - 1
        lines += [
            f"      rung {i}:",
            f"        answers: Officer {i}",
            "        counts: formal",
            f"        within: {length('answer', i)}",
            f"        if not satisfied: {'unstated' if last else '{to: next rung}'}",
            f"        if silent: {'unstated' if last else '{to: next rung, strength: may}'}",
            "        to leave:",
            "          who: IRO Manager",
            "          how: approves",
            f"          within: {length('gate', i)}",
            "          if refused: unstated",
            "          if silent: unstated",
            '          source: "1"',
            '        source: "1"',
        ]
    lines += [
        '    skip: {to: any later rung, from: any rung, source: "1"}',
        "    extension:",
        "      asked by: answerer",
        "      granted by: raiser",
        f"      each: {EXTENDED} working days",
        "      times: 1",
        "      at rung: any formal rung",
        '      source: "1"',
        "    withdraw: unstated",
        '    refer: {to: CAFCASS, by: IRO, from: any state, effect: beside, source: "1"}',
        '    advice: {from: outside solicitor, by: IRO, independent: yes, source: "1"}',
        "    resolution: unstated",
    ]
    return "\n".join(lines) + "\n"


def prism_text(rungs: int) -> str:
    """The same ladder with the numbers of its plain readings, day by day, for Storm and PRISM.

    `s` is the rung, `k` whether its extension was taken, `x` the day on its clock, `g` whether
    the agreement to leave it is awaited.
    """
    longest = max(window(i) for i in range(rungs)) + EXTENDED
    lines = [
        "mdp",
        "module ladder",
        f"  s : [0..{rungs}] init 0;",
        "  k : [0..1] init 0;",
        "  g : [0..1] init 0;",
        f"  x : [0..{max(longest, GATE)}] init 0;",
    ]
    for i in range(rungs):
        for k in (0, 1):
            limit = window(i) + EXTENDED * k
            lines.append(f"  [day] s={i}&k={k}&g=0&x<{limit} -> (x'=x+1);")
            lines.append(f"  [] s={i}&k={k}&g=0&x={limit} -> (g'=1)&(x'=0);")
    lines.append(f"  [] s<{rungs}&k=0&g=0 -> (k'=1);")
    lines.append(f"  [] s<{rungs}&g=0 -> (g'=1)&(x'=0);")
    lines.append(f"  [day] g=1&x<{GATE} -> (x'=x+1);")
    for target in range(1, rungs + 1):
        lines.append(f"  [] s<{target}&g=1 -> (s'={target})&(k'=0)&(g'=0)&(x'=0);")
    lines += ["endmodule", f'label "done" = s={rungs};']
    lines += ["rewards", "  [day] true : 1;", "endrewards"]
    return "\n".join(lines) + "\n"


# --- workers: each in a process of its own, prints its CPU seconds as JSON ----------------------


def cpu() -> float:
    """CPU seconds of this process and of the children it has waited for."""
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(u.ru_utime + u.ru_stime for u in used)


def timed(work: Callable[[], object]) -> float:
    before = cpu()
    work()
    return cpu() - before


def worker_ours(rungs: int, turns: int) -> dict[str, object]:
    """All claims on a generated ladder, from its text, with what the parts take."""
    from model.expand import graphs
    from model.load import loads
    from proofs.claims import ALL
    from proofs.decide import Decider

    text = ladder_text(rungs)
    before = cpu()
    graph = graphs(loads(text))[0]
    read = cpu()
    decider = Decider(graph)
    words = [decider.decide(claim).word for claim in ALL]
    done = cpu()
    assert "undecided" not in words
    return {"s": done - before, "read": read - before, "decide": done - read,
            "moves": len(graph.moves)}  # fmt: skip


def worker_worst(rungs: int, turns: int) -> dict[str, object]:
    """The one question that is put to the others: the longest way there is, with its proof."""
    from model.expand import graphs
    from model.load import loads
    from proofs.claims import BY_ID
    from proofs.decide import Decider

    graph = graphs(loads(ladder_text(rungs)))[0]
    decider = Decider(graph)
    before = cpu()
    answer = decider.decide(BY_ID["total-permitted"])
    assert answer.word != "undecided"
    return {"s": cpu() - before}


def worker_storm(rungs: int, turns: int) -> dict[str, object]:
    import stormpy

    with tempfile.NamedTemporaryFile("w", suffix=".prism") as file:
        file.write(prism_text(rungs))
        file.flush()
        before = cpu()
        program = stormpy.parse_prism_program(file.name)
        properties = stormpy.parse_properties('Rmax=? [F "done"]', program)
        model = stormpy.build_model(program, properties)
        result = stormpy.model_checking(model, properties[0])
        worst = result.get_value(model.initial_states[0])
        done = cpu()
    assert round(worst) == sum(window(i) + EXTENDED + GATE for i in range(rungs)), worst
    return {"s": done - before}


def worker_unrolled(rungs: int, turns: int) -> dict[str, object]:
    """Plain unrolling in Z3, a step for each rung, of the one question at its true bound."""
    import z3

    before = cpu()
    at = z3.Ints(" ".join(f"s{t}" for t in range(rungs + 1)))
    day = z3.Ints(" ".join(f"T{t}" for t in range(rungs + 1)))
    solver = z3.Solver()
    solver.add(at[0] == 0, day[0] == 0)
    for t in range(rungs):
        limit = z3.IntVal(0)
        for i in range(rungs):
            limit = z3.If(at[t] == i, z3.IntVal(window(i)), limit)
        extended, stayed, agreed = z3.Ints(f"k{t} d{t} g{t}")
        solver.add(extended >= 0, extended <= 1, stayed >= 0, agreed >= 0, agreed <= GATE)
        goes = z3.And(at[t] < rungs, at[t + 1] > at[t], at[t + 1] <= rungs,
                      stayed <= limit + EXTENDED * extended)  # fmt: skip
        ended = z3.And(at[t] == rungs, at[t + 1] == rungs, stayed == 0, agreed == 0)
        solver.add(day[t + 1] == day[t] + stayed + agreed, z3.Or(goes, ended))
    worst = sum(window(i) + EXTENDED + GATE for i in range(rungs))
    solver.add(at[rungs] == rungs)
    answers = []
    for bound in (worst, worst - 1):
        solver.push()
        solver.add(day[rungs] > bound)
        answers.append(str(solver.check()))
        solver.pop()
    assert answers == ["unsat", "sat"], answers
    return {"s": cpu() - before}


def worker_ticks(rungs: int, turns: int) -> dict[str, object]:
    """Plain unrolling in Z3, a step for each day, of the same question; it may be stopped."""
    import z3

    resource.setrlimit(resource.RLIMIT_CPU, (MOST_SECONDS, MOST_SECONDS + 5))
    before = cpu()
    worst = sum(window(i) + EXTENDED + GATE for i in range(rungs))
    solver = z3.Solver()

    def state(t: int) -> list[object]:
        return [z3.Int(f"{name}{t}") for name in ("rung", "waits", "more", "clock", "day")]

    def table(at: object, values: Sequence[int]) -> object:
        found = z3.IntVal(0)
        for i in range(rungs):
            found = z3.If(at == i, values[i], found)
        return found

    windows = [window(i) for i in range(rungs)]
    solver.add(*(part == 0 for part in state(0)))
    for t in range(worst + 3 * rungs):
        at, waits, more, clock, day = state(t)
        at2, waits2, more2, clock2, day2 = state(t + 1)
        limit = z3.If(waits == 1, GATE, table(at, windows) + EXTENDED * more)
        solver.add(
            z3.Or(
                z3.And(at < rungs, clock < limit, at2 == at, waits2 == waits, more2 == more,
                       clock2 == clock + 1, day2 == day + 1),
                z3.And(at < rungs, waits == 0, more == 0, at2 == at, waits2 == 0, more2 == 1,
                       clock2 == clock, day2 == day),
                z3.And(at < rungs, waits == 0, at2 == at, waits2 == 1, more2 == 0, clock2 == 0,
                       day2 == day),
                z3.And(at < rungs, waits == 1, at2 > at, at2 <= rungs, waits2 == 0, more2 == 0,
                       clock2 == 0, day2 == day),
                z3.And(at == rungs, at2 == rungs, waits2 == 0, more2 == 0, clock2 == 0,
                       day2 == day),
            )
        )  # fmt: skip
    ended, day = state(worst + 3 * rungs)[0], state(worst + 3 * rungs)[-1]
    answers = [str(solver.check(ended == rungs, day > bound)) for bound in (worst, worst - 1)]
    assert answers == ["unsat", "sat"], answers
    return {"s": cpu() - before}


MOST_SECONDS = 60


def worker_warm(rungs: int, turns: int) -> dict[str, object]:
    """One protocol again in a process that has checked it before: a fresh parse of its text."""
    from model.expand import expand, graphs
    from model.load import authorities, loads
    from proofs.claims import ALL
    from proofs.decide import Decider

    found: dict[str, float] = {}
    for path in authorities():
        text = path.read_text(encoding="utf-8")

        def once(text: str = text, name: str = path.name) -> None:
            expand.cache_clear()
            for graph in graphs(loads(text, name)):
                decider = Decider(graph)
                for claim in ALL:
                    decider.decide(claim)

        once()
        found[path.stem] = statistics.median(timed(once) for _ in range(turns))
    return {"s": statistics.median(found.values()), "each": found}


WORKERS = {
    "ours": worker_ours,
    "worst": worker_worst,
    "storm": worker_storm,
    "unrolled": worker_unrolled,
    "ticks": worker_ticks,
    "warm": worker_warm,
}


def work(name: str, rungs: int = 0, turns: int = 1) -> dict[str, float]:
    """Run a worker in a process of its own."""
    command = [sys.executable, __file__, "--worker", name, str(rungs), str(turns)]
    done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT)
    if done.returncode in (-signal.SIGXCPU, -signal.SIGKILL):  # it did not end within its limit
        return {"s": float(MOST_SECONDS), "stopped": 1.0}
    done.check_returncode()
    result: dict[str, float] = json.loads(done.stdout)
    return result


# --- whole processes ----------------------------------------------------------------------------


def process(arguments: Sequence[str]) -> float:
    """The CPU seconds of a whole cold process."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "NO_COLOR": "1"}
    environment.pop("PYTHONDONTWRITEBYTECODE", None)  # as on a user's machine, from the second run
    before = cpu()
    done = subprocess.run(
        [sys.executable, *arguments], capture_output=True, cwd=ROOT, env=environment
    )
    assert done.returncode in (0, 1), done.stderr.decode()
    return cpu() - before


def peak(arguments: Sequence[str]) -> float:
    """The peak memory of a whole process, in MiB."""
    program = (
        "import resource, subprocess, sys; subprocess.run(sys.argv[1:], stdout=subprocess.DEVNULL);"
        "print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)"
    )
    command = [sys.executable, "-c", program, sys.executable, *arguments]
    found = subprocess.run(command, capture_output=True, text=True, check=True, cwd=ROOT)
    unit = 1 << 20 if sys.platform == "darwin" else 1 << 10
    return int(found.stdout) / unit


def interleaved(turns: int, **works: Callable[[], float]) -> dict[str, float]:
    """The median of each work, where all take turns."""
    found: dict[str, list[float]] = {name: [] for name in works}
    for _ in range(turns):
        for name, do in works.items():
            found[name].append(do())
    return {name: statistics.median(times) for name, times in found.items()}


# --- the table ----------------------------------------------------------------------------------


def ratio(what: str, ours: float, against: str, theirs: float, bar: float) -> Row:
    value = ours / theirs
    said = "met" if value <= bar else "not met"
    return (what, seconds(ours), f"{seconds(theirs)} ({against})", f"{value:.2f}",
            f"at most {bar:.3g}: {said}")  # fmt: skip


def seconds(count: float) -> str:
    return f"{count * 1000:.0f} ms" if count < 10 else f"{count:.1f} s"


CHECK = ["-m", "drp.cli", "check"]


def whole(turns: int, paths: Sequence[str] = ()) -> list[Row]:
    """Whole processes against Python and its imports."""
    found = interleaved(
        turns,
        brief=lambda: process([*CHECK, "--brief", *paths]),
        full=lambda: process([*CHECK, *paths]),
        imports=lambda: process(["-c", "import z3, networkx"]),
        z3=lambda: process(["-c", "import z3"]),
        help=lambda: process(["-m", "drp.cli", "--help"]),
        version=lambda: process(["-m", "drp.cli", "--version"]),
        bare=lambda: process(["-c", "pass"]),
    )
    against = "`import z3, networkx`"
    return [
        ratio("`drp check --brief`, cold", found["brief"], against, found["imports"], 4),
        ratio("`drp check`, cold", found["full"], against, found["imports"], 4),
        ratio("`drp --help`", found["help"], "`pass`", found["bare"], 6),
        ratio("`drp --version`", found["version"], "`pass`", found["bare"], 6),
    ]


def warm(turns: int) -> list[Row]:
    """One protocol again, warm, against the import of Z3."""
    runs: list[dict[str, float]] = []

    def again() -> float:
        result = work("warm")
        runs.append(result["each"])  # type: ignore[arg-type]
        return result["s"]

    found = interleaved(turns, warm=again, z3=lambda: process(["-c", "import z3"]))
    return [
        ratio(
            f"{name} again, warm",
            statistics.median(run[name] for run in runs),
            "`import z3`",
            found["z3"],
            1 / 3,
        )
        for name in runs[0]
    ]


def ladders(turns: int, sizes: Sequence[int]) -> Iterator[Row]:
    """Generated ladders: the time for a move, and the longest way against other engines."""
    storm = importlib.util.find_spec("stormpy") is not None
    before = 0.0
    for rungs in sizes:
        runs: list[dict[str, float]] = []

        def ours(rungs: int = rungs, runs: list[dict[str, float]] = runs) -> float:
            runs.append(work("ours", rungs))
            return runs[-1]["s"]

        def one(name: str, rungs: int = rungs) -> Callable[[], float]:
            return lambda: work(name, rungs)["s"]

        works = {"ours": ours, "worst": one("worst")}
        if storm:
            works["storm"] = one("storm")
        if rungs == sizes[0]:
            works["unrolled"] = one("unrolled")
        found = interleaved(turns, **works)
        moves = int(runs[0]["moves"])
        each = found["ours"] / moves
        grows = "" if not before else f"{each / before:.2f} of the size before"
        read = statistics.median(r["read"] for r in runs)
        yield (
            f"{rungs} rungs, {moves:,} moves, all claims", seconds(found["ours"]),
            f"{seconds(read)} of it reading and expanding", f"{each * 1e6:.0f} µs a move",
            grows and f"must not grow: {grows}",
        )  # fmt: skip
        if storm:
            bar, theirs = 1.0, found["storm"]
            only = "Storm, the longest way only"
            yield ratio(f"{rungs} rungs, all claims", found["ours"], only, theirs, bar)
            yield ratio(f"{rungs} rungs, the longest way", found["worst"], "Storm", theirs, bar)
        if rungs == sizes[0]:
            against = f"Z3, unrolled by step, {rungs} rungs"
            yield ratio(
                f"{rungs} rungs, the longest way", found["worst"], against, found["unrolled"], 0.1
            )
            ticks = work("ticks", 10 if rungs == 10 else 2)
            against = f"Z3, unrolled by day{', stopped' if 'stopped' in ticks else ''}"
            yield ratio(f"{rungs} rungs, the longest way", found["worst"], against, ticks["s"], 0.1)
        before = each
    if not storm:
        yield ("Storm", "", "stormpy cannot be imported here", "", "not measured")


def memory() -> list[Row]:
    most = peak(CHECK)
    said = "met" if most < 250 else "not met"
    return [("`drp check`, peak memory", f"{most:.0f} MiB", "", "", f"below 250 MiB: {said}")]


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--quick", action="store_true", help="every part once, on a small ladder")
    parser.add_argument("--turns", type=int, default=7, help="turns of which the median is taken")
    parser.add_argument("--worker", nargs=3, metavar=("NAME", "RUNGS", "TURNS"),
                        help=argparse.SUPPRESS)  # fmt: skip
    given = parser.parse_args(arguments)
    if given.worker:
        name, rungs, turns = given.worker
        print(json.dumps(WORKERS[name](int(rungs), int(turns))))
        return 0
    turns = 1 if given.quick else max(5, given.turns)
    header: Row = ("what", "time", "against", "ratio", "bar")
    print(f"| {' | '.join(header)} |\n|{'---|' * len(header)}", flush=True)
    parts: list[Callable[[], Iterable[Row]]] = [
        lambda: whole(turns),
        lambda: warm(turns),
        lambda: ladders(turns, (5,) if given.quick else (10, 50, 200)),
        memory,
    ]
    for part in parts:
        for row in part():
            print(f"| {' | '.join(row)} |", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
