"""A solver in a process of its own, asked over pipes in SMT-LIB, with limits it cannot pass.

Nothing of Z3 is ever loaded into this process. A process that died is started anew when something
is asked again; one that nobody can ask any more reads the end of its input, and ends.
"""

from __future__ import annotations

import atexit
import os
import signal
import subprocess
from collections.abc import Sequence
from contextlib import suppress
from errno import ENOENT
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from time import monotonic

MEMORY = 1024  # MiB, by the solver's own count, which is the same on every machine
ADDRESSES = 4096  # MiB of addresses, where the system can limit them: the last guard
SECONDS = 900  # of processor time of one process, where the system can limit it: the last guard

_END = b"#\n"  # what the solver is told to print after each answer
_OUT_OF_MEMORY = 101  # the exit status by which it says so


class Stopped(Exception):
    """The solver ended in the middle of a question; its text says why."""


@cache
def program() -> Path:
    """The program of the package `z3-solver`, by that package's own list of files.

    ModuleNotFoundError or FileNotFoundError where there is none; never another one on the path.
    """
    spec = find_spec("z3")
    if spec is None or spec.origin is None:
        raise ModuleNotFoundError("Z3 is not there; run: pip install z3-solver", name="z3")
    site = Path(spec.origin).parent.parent
    name = "z3.exe" if os.name == "nt" else "z3"
    for listed in sorted(site.glob("z3_solver-*.dist-info/RECORD")):
        for line in listed.read_text(encoding="utf-8").splitlines():
            path = site / line.partition(",")[0]
            if path.name == name and path.is_file():
                return path
    from sysconfig import get_path  # where a package of another kind puts it

    path = Path(get_path("scripts"), name)
    if path.is_file():
        return path
    again = "Z3's program is not there; run: pip install --force-reinstall z3-solver"
    raise FileNotFoundError(ENOENT, again, str(path))


class Process:
    """One running solver. `owner` is whoever it works for at present."""

    def __init__(self, command: Sequence[str]) -> None:
        self.owner: object = None
        self.waited = 0.0  # seconds for its answers
        self.running = subprocess.Popen(
            command,
            bufsize=0, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        _limit(self.running.pid)

    def ask(self, text: str) -> str:
        """What the solver prints for some commands. Stopped if it ends before it has answered."""
        assert self.running.stdin is not None and self.running.stdout is not None
        began = monotonic()
        question, answer = memoryview(f'{text}(echo "#")\n'.encode()), b""
        try:
            while question:
                question = question[self.running.stdin.write(question) :]
            while not answer.endswith(_END) and (part := self.running.stdout.read(1 << 16)):
                answer += part
        except (BrokenPipeError, ConnectionResetError):
            pass
        except BaseException:  # what is left unread would answer the next question
            self.end()
            raise
        if answer.endswith(_END):
            self.waited += monotonic() - began
            return answer[: -len(_END)].decode()
        raise Stopped(_reason(self.ended(), answer))

    def ended(self) -> int:
        """The exit status of a process that has closed its output."""
        with suppress(subprocess.TimeoutExpired):
            self.running.wait(10)
        return self.end()

    def end(self) -> int:
        """Kill the process if it still runs, and take note of its end; its exit status."""
        assert self.running.stdin is not None and self.running.stdout is not None
        self.running.kill()
        self.running.stdin.close()
        self.running.stdout.close()
        return self.running.wait()


_process: Process | None = None


def running(owner: object = None) -> Process:
    """The solver's process, which is started if it does not run.

    One that has worked long is not handed on to another owner, as its time may run out.
    """
    global _process
    if _process is not None:
        tired = _process.waited > SECONDS / 10 and _process.owner is not owner
        if tired or _process.running.poll() is not None:
            end()
    if _process is None:
        _process = Process([str(program()), "-in", f"-memory:{MEMORY}"])
    return _process


def end() -> None:
    """End the solver's process, if there is one."""
    global _process
    if _process is not None:
        _process.end()
        _process = None


atexit.register(end)
if hasattr(os, "register_at_fork"):  # else the copy would read the answers of the original
    os.register_at_fork(after_in_child=end)


def _limit(process: int) -> None:
    """Set the limits of a process, as far as those of this one let it be."""
    try:
        from resource import RLIM_INFINITY, RLIMIT_AS, RLIMIT_CORE, RLIMIT_CPU, prlimit
    except ImportError:  # no Linux: there is the solver's own limit of memory
        return
    # At the first limit of time it is told, at the second it is killed.
    limits = ((RLIMIT_AS, ADDRESSES << 20, 0), (RLIMIT_CPU, SECONDS, 1), (RLIMIT_CORE, 0, 0))
    with suppress(ProcessLookupError):
        for limit, most, more in limits:
            _, hard = prlimit(process, limit)
            hard = most + more if hard == RLIM_INFINITY else min(most + more, hard)
            prlimit(process, limit, (min(most, hard), hard))


def _reason(status: int, answer: bytes) -> str:
    if status == _OUT_OF_MEMORY or b"out of memory" in answer:
        return "the solver's memory ran out"
    if b"timeout" in answer or status == -getattr(signal, "SIGXCPU", 0):
        return "the solver's processor time ran out"
    if status < 0:
        return f"the solver was killed ({signal.Signals(-status).name})"
    return f"the solver ended with status {status}"
