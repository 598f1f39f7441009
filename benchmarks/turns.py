"""CPU time of work and of whole processes, of things that take turns."""

from __future__ import annotations

import json
import os
import resource
import signal
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
MOST_SECONDS = 20  # of CPU, after which a worker is stopped


def cpu() -> float:
    """CPU seconds of this process and of its children.

    Only a child that has ended is counted, so the solver's process is ended here, and its start is
    part of what comes next.
    """
    solver = sys.modules.get("proofs.process")
    if solver is not None:
        solver.end()
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(u.ru_utime + u.ru_stime for u in used)


def timed(work: Callable[[], object]) -> float:
    before = cpu()
    work()
    return cpu() - before


def limited() -> None:
    """Stop this process after `MOST_SECONDS` of CPU time."""
    resource.setrlimit(resource.RLIMIT_CPU, (MOST_SECONDS, MOST_SECONDS + 5))


def work(file: str, name: str, *arguments: object) -> dict[str, float]:
    """Run a worker of a benchmark in a process of its own; `stopped` if it did not end in time."""
    command = [sys.executable, file, "--worker", name, *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT)
    if done.returncode in (-signal.SIGXCPU, -signal.SIGKILL):  # it did not end within its limit
        return {"s": float(MOST_SECONDS), "stopped": 1.0}
    done.check_returncode()
    result: dict[str, float] = json.loads(done.stdout)
    return result


def storm_longest(prism: str) -> tuple[float, float]:
    """The most reward until `done` that Storm finds for a model in PRISM, and its CPU seconds."""
    import stormpy

    with tempfile.NamedTemporaryFile("w", suffix=".prism") as file:
        file.write(prism)
        file.flush()
        before = cpu()
        program = stormpy.parse_prism_program(file.name)
        properties = stormpy.parse_properties('Rmax=? [F "done"]', program)
        model = stormpy.build_model(program, properties)
        result = stormpy.model_checking(model, properties[0])
        return result.get_value(model.initial_states[0]), cpu() - before


def process(arguments: Sequence[str], codes: Sequence[int] = (0, 1)) -> float:
    """The CPU seconds of a whole cold process, which must end with one of some exit codes."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "NO_COLOR": "1"}
    environment.pop("PYTHONDONTWRITEBYTECODE", None)  # as on a user's machine, from the second run
    before = cpu()
    done = subprocess.run(
        [sys.executable, *arguments], capture_output=True, cwd=ROOT, env=environment
    )
    assert done.returncode in codes, done.stderr.decode()
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


def seconds(count: float) -> str:
    return f"{count * 1000:.0f} ms" if count < 10 else f"{count:.1f} s"
