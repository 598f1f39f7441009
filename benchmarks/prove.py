"""How fast a question about time is answered and proved, beside other model checkers, in one run.

    python benchmarks/prove.py            all the sizes and goals, some ten minutes of one core
    python benchmarks/prove.py --quick    every part once, on a tiny ladder

One ladder for all (`generated.py`): can a diligent raiser's dispute take more than so many working
days, asked at the longest time (no) and a day below (yes). Each engine gets the ladder as it likes
it best, by hand and small; a policy file of it has eleven times the moves, and has rows of its own.
Every figure is CPU time with children, the median of turns taken in rotation, each in a process of
its own. What takes more than 3 seconds is taken once; what takes more than the budget is stopped,
and not run at larger sizes. Storm needs `stormpy`, TChecker a `tck-reach` on the path (or
$TCK_REACH); what is not there is not measured, and the rows that another engine wins stay in the
table. The workers are in `engines.py`.
"""

from __future__ import annotations

import argparse
import json
import platform
import re
import resource
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from benchmarks.engines import STORM, TCK_REACH, WORKERS, Found  # noqa: E402
from benchmarks.turns import (  # noqa: E402
    MOST_SECONDS,
    interleaved,
    limited,
    process,
    seconds,
    work,
)  # fmt: skip

MOST_RUNGS = 200  # of a policy file here; the reader refuses one of more than 500, or 20,000 values
SAID = {
    "answer": "ours: the longest way", "proved": "ours: every reading, with Z3",
    "certified": "ours: with certificates, checked without a solver",
    "file": "ours: the longest way, from a policy file", "storm": "Storm",
    "tchecker": "TChecker", "networkx": "networkx, the longest path",
    "unrolled": "Z3, unrolled by rung", "by day": "Z3, unrolled by day",
}  # fmt: skip
NESTED = (3, 5, 8)  # rungs of the game as nested quantifiers
SLOW = 3  # seconds; what takes more is taken once

# --- the table ----------------------------------------------------------------------------------


class Table:
    """What was measured, by engine, rungs and whether there are skips; printed as it comes."""

    def __init__(self, turns: int, files: Sequence[str] = ()) -> None:
        self.turns, self.files = turns, files  # no files: all five protocols
        self.found: dict[tuple[str, int, bool], Found] = {}
        self.other: dict[str, float] = {}
        self.ended: dict[str, bool] = {}  # whether it was done within the budget

    def row(self, *cells: str) -> None:
        print(f"| {' | '.join(cells)} |", flush=True)

    def sizes(self, sizes: Sequence[int], skips: bool, least: int) -> None:
        """One question, all engines; who has been stopped once is not asked of a longer ladder."""
        stopped: set[str] = set()
        for rungs in sizes:
            names = [n for n in SAID if n not in stopped and self.there(n)]
            names = [n for n in names if n != "by day" or rungs <= least]
            if rungs > MOST_RUNGS:
                names.remove("file")
                self.row(f"{rungs} rungs", SAID["file"], "not run", "", "",
                         "the reader has its limits")  # fmt: skip
            kept: dict[str, list[Found]] = {n: [] for n in names}

            def take(name: str, rungs: int = rungs, kept: Any = kept) -> float:
                if any(f["s"] > SLOW for f in kept[name]):  # once is enough
                    return float(kept[name][0]["s"])
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
                    read = ", ".join(filter(None, [read, f"{last['moves']:,} moves"]))
                memory = f"{last['memory']:.0f} MiB" if "memory" in last else ""
                shape = "skips to all" if skips else "a chain"
                times_ours = "" if ours is None else f"{medians[name] / ours:.2f}"
                self.row(f"{rungs} rungs, {shape}", SAID[name], said, times_ours, memory, read)

    def there(self, name: str) -> bool:
        return {"storm": STORM, "tchecker": TCK_REACH is not None}.get(name, True)

    def once(self, what: str, engine: str, name: str, *arguments: object) -> None:
        found = [work(__file__, name, *arguments)]
        while len(found) < self.turns and found[-1]["s"] <= SLOW:
            found.append(work(__file__, name, *arguments))
        middle = sorted(f["s"] for f in found)[len(found) // 2]
        self.ended[what if engine == "ours" else f"{what}: {engine}"] = "stopped" not in found[-1]
        self.other[what if engine == "ours" else f"{what}: {engine}"] = middle
        said = f"over {MOST_SECONDS} s" if "stopped" in found[-1] else seconds(middle)
        memory = f"{found[-1]['memory']:.0f} MiB" if "memory" in found[-1] else ""
        self.row(what, engine, said, "", memory, "")


# --- the goals ----------------------------------------------------------------------------------


def judged(met: bool, figure: str) -> str:
    return f"{'met' if met else 'NOT met'}: {figure}"


def below(value: float | None, bar: float) -> str:
    return "not measured" if value is None else judged(value < bar, seconds(value))


def times(table: Table, mine: str, theirs: str, rungs: int, least: float) -> str:
    """Whether we are so many times as fast as another engine at one size."""
    one, other = table.found.get((mine, rungs, True)), table.found.get((theirs, rungs, True))
    for name, found in ((mine, one), (theirs, other)):
        if found is None:
            return f"not measured: {SAID[name]}"
    assert one is not None and other is not None
    return compared(one["s"], other["s"], "stopped" in one, "stopped" in other, SAID[theirs], least)


def compared(
    one: float, other: float, stopped: bool, other_stopped: bool, who: str, least: float
) -> str:
    """Whether one work is so many times as fast as another, of which either may not have ended."""
    ratio = other / one
    if stopped:
        over = f"over {MOST_SECONDS} s"
        return (
            f"not measured: both {over}"
            if other_stopped
            else judged(False, f"{over}, {who} is not")
        )
    more = " or more" if other_stopped else ""
    figure = f"{ratio:.3g}{more} times as fast as {who}, wanted {least:.3g}"
    if other_stopped and ratio < least:
        return f"not measured: {figure}"
    return judged(ratio >= least, figure)


def goals(table: Table, forced: int) -> Iterator[tuple[str, str]]:
    """G1 to G9; each part met, NOT met or not measured, with its figure."""

    def row(goal: str, mine: str, theirs: str, rungs: int, least: float) -> tuple[str, str]:
        how = {"answer": "the answer", "proved": "with Z3", "certified": "with certificates",
               "file": "the answer, from a policy file"}[mine]  # fmt: skip
        return f"{goal}, {rungs:,} rungs, {how}", times(table, mine, theirs, rungs, least)

    yield row("G1", "answer", "tchecker", 8, 100)
    yield row("G1", "file", "tchecker", 8, 100)
    yield row("G1", "proved", "tchecker", 8, 1 / 1.5)
    yield "G1, 8 rungs, against tcheckerpy", "not measured: its wheel does not load on Debian 12"
    yield row("G1", "proved", "by day", 8, 1000)
    yield row("G2", "proved", "tchecker", 200, 10)
    yield row("G2", "proved", "storm", 200, 1)
    yield row("G2", "certified", "tchecker", 200, 300)
    yield row("G2", "certified", "storm", 200, 40)
    yield row("G2", "answer", "tchecker", 200, 300)
    yield row("G2", "answer", "storm", 200, 40)
    yield row("G3", "certified", "storm", 1000, 50)
    yield row("G3", "answer", "storm", 1000, 50)
    yield row("G3", "answer", "networkx", 1000, 10)
    yield row("G3", "answer", "tchecker", 1000, 400)
    yield row("G3", "proved", "storm", 1000, 5)
    for what, bar in (("20 rungs, 20 unstated windows", 0.2), ("20 rungs, 18 forks", 1.0)):
        said = below(table.other.get(what), bar)
        yield f"G4, {what}, below {seconds(bar)}", said
    yield "G4, against qe2 at one unstated window", against(
        table, "20 rungs, 20 unstated windows", "20 rungs, 1 unstated window: Z3, qe2", "qe2", 300
    )  # fmt: skip
    game = f"{forced} rungs, forced"
    yield f"G5, {game}, below 150 ms", below(table.other.get(game), 0.15)
    yield (
        f"G5, {game}, against nested quantifiers",
        against(table, game, "50 rungs, nested quantifiers: Z3", "Z3 at 50 rungs", 200),
    )
    five = None if table.files else table.other.get("five")
    yield "G6, all five, cold, below 500 ms", below(five, 0.5)
    yield "G6, --help, below 80 ms", below(table.other.get("help"), 0.08)
    yield "G6, --version, below 80 ms", below(table.other.get("version"), 0.08)
    for who in ("Z3", "cvc5"):
        yield (
            f"G7, the bound alone, checked again, against {who}",
            against(table, "checked again", f"checked again: {who}", who, 20),
        )
    yield "G8, 10,000 random ladders", agreement(table)
    for who in ("answer", "storm", "tchecker"):
        memory = table.found.get((who, 1000, True), {}).get("memory")
        said = "not measured" if memory is None else f"{memory:.0f} MiB"
        if who == "answer" and memory is not None:
            said = judged(memory < 200, said)
        yield f"G9, 1,000 rungs, memory below 200 MB: {SAID[who]}", said
    yield from certificates(table)


def against(table: Table, mine: str, theirs: str, who: str, least: float) -> str:
    one, other = table.other.get(mine), table.other.get(theirs)
    if one is None or other is None:
        return "not measured"
    return compared(one, other, not table.ended[mine], not table.ended[theirs], who, least)


def agreement(table: Table) -> str:
    """What the random ladders of one run of the tests say, which is not yet 10,000."""
    if table.files:
        return "not measured"
    test = "tests/test_exports_random.py"
    command = [sys.executable, "-m", "pytest", "-n", "0", "-q", "-s", test]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    if done.returncode:
        return judged(False, f"{test} fails")
    seen = dict(re.findall(r"'([^':]+)': (\d+)", done.stdout))
    many = seen.pop("ladders")
    who = ", ".join(f"{name} {count}" for name, count in seen.items())
    return f"not measured: that is pytest -m slow; no disagreement on {many} ({who})"


def certificates(table: Table) -> Iterator[tuple[str, str]]:
    """What certificates of the protocols cost; few of them say nothing of all five."""
    if table.files:
        yield "certificates of all five", "not measured"
        return
    with tempfile.TemporaryDirectory() as folder:
        check = ["-m", "drp.cli", "check", "--brief"]
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
           judged(ratio > 1, f"{ratio:.2f} times as fast"))  # fmt: skip
    asked = table.other.get("the protocols: asked of Z3")
    for name, what in (("checked", "the whole"), ("obligations", "the obligations alone")):
        mine = table.other.get(f"the protocols: {name}")
        if mine is not None and asked is not None:
            yield (f"certificates: 20 times faster than Z3 on what the verdicts rest on, {what}",
                   judged(asked / mine >= 20, f"{asked / mine:.2f} times as fast"))  # fmt: skip


# --- all of it ----------------------------------------------------------------------------------


def measure(turns: int, sizes: Sequence[int], unstated: Sequence[int], forced: int,
            width: int = 20, files: Sequence[str] = ()) -> Table:  # fmt: skip
    table = Table(turns, files)
    forks = min(18, 2 * width - 1)
    storm = version("stormpy") if STORM else "not there"
    print(f"Python {platform.python_version()}; Z3 {version('z3-solver')}; Storm: {storm}; "
          f"TChecker: {'there' if TCK_REACH else 'not there'}; "
          f"over means that one process took more than {MOST_SECONDS} s of CPU\n")  # fmt: skip
    table.row("what", "engine", "CPU", "times ours", "memory", "")
    table.row(*["---"] * 6)
    table.sizes(sizes, True, sizes[0])
    table.sizes(sizes, False, sizes[0])
    for many in unstated:
        table.once(f"{width} rungs, {many} unstated windows", "ours", "parametric", width, many, 0)
    table.once(f"{width} rungs, {forks} forks", "ours", "parametric", width, forks, forks)
    table.once(f"{width} rungs, 1 unstated window", "Z3, qe2", "eliminated", width, 1)
    table.once(f"{forced} rungs, forced", "ours", "forced", forced)
    for rungs in NESTED:
        if all(table.ended[f"{n} rungs, nested quantifiers: Z3"] for n in NESTED if n < rungs):
            table.once(f"{rungs} rungs, nested quantifiers", "Z3", "alternating", rungs)
    again = sizes[min(2, len(sizes) - 1)]
    table.once("checked again", "ours", "rechecked", again)
    table.once("checked again", "Z3", "by_z3", again)
    table.once("checked again", "cvc5", "by_cvc5", again)
    table.once("the protocols: checked", "ours", "protocols", 0, int(bool(files)))
    table.once("the protocols: asked of Z3", "ours", "protocols", 1, int(bool(files)))
    table.once("the protocols: obligations", "ours", "protocols", 2, int(bool(files)))
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
    parser.add_argument("--quick", action="store_true", help="every part once, on a tiny ladder")
    parser.add_argument("--turns", type=int, default=5, help="turns of which the median is taken")
    parser.add_argument("--worker", nargs="+", help=argparse.SUPPRESS)
    given = parser.parse_args(arguments)
    if given.worker:
        limited()
        name, *numbers = given.worker
        print(json.dumps(used(WORKERS[name](*map(int, numbers)))))
        return 0
    forced = 5 if given.quick else 200
    if given.quick:
        table = measure(1, (3,), (1,), forced, width=4, files=["merton"])
    else:
        table = measure(given.turns, (8, 50, 200, 1000), (0, 1, 5, 10, 20), forced)
    told = list(goals(table, forced))
    print()
    for name, said in told:
        print(f"{name}: {said}", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
