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
import statistics
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from benchmarks.generated import EXTENDED, GATE, ladder_text, prism_text, window  # noqa: E402
from benchmarks.turns import (  # noqa: E402
    cpu,
    interleaved,
    limited,
    peak,
    process,
    seconds,
    storm_longest,
    timed,
    work,
)

Row = tuple[str, str, str, str, str]


# --- workers: each in a process of its own, prints its CPU seconds as JSON ----------------------


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
    longest, used = storm_longest(prism_text(rungs))
    assert round(longest) == sum(window(i) + EXTENDED + GATE for i in range(rungs)), longest
    return {"s": used}


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

    limited()
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


# --- the table ----------------------------------------------------------------------------------


def ratio(what: str, ours: float, against: str, theirs: float, bar: float) -> Row:
    value = ours / theirs
    said = "met" if value <= bar else "not met"
    return (what, seconds(ours), f"{seconds(theirs)} ({against})", f"{value:.2f}",
            f"at most {bar:.3g}: {said}")  # fmt: skip


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
        result = work(__file__, "warm", 0, 1)
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
            runs.append(work(__file__, "ours", rungs, 1))
            return runs[-1]["s"]

        def one(name: str, rungs: int = rungs) -> Callable[[], float]:
            return lambda: work(__file__, name, rungs, 1)["s"]

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
            ticks = work(__file__, "ticks", 10 if rungs == 10 else 2, 1)
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
