"""Coverage-guided fuzzing of a reader with Atheris: `python tests/fuzz/guided.py policy`.

Begins with our own files, keeps nothing but what breaks a reader (in `tests/fuzz/found`), and ends
after `--runs` inputs. An input that raises anything but `PolicyError`, that takes longer than 60
seconds, or for which a gigabyte of memory is not enough, ends the run with the input's file.
"""

from __future__ import annotations

import argparse
import os
import random
import resource
import sys
import tempfile
import time
from pathlib import Path

os.environ["OPENBLAS_NUM_THREADS"] = "1"  # whose threads each reserve memory
sys.path.insert(0, str(Path(__file__).parent.parent.parent))

import atheris

with atheris.instrument_imports(include=["model", "simulations", "certificates", "drp"]):
    from tests.fuzz import damage, readers

GIGABYTE = 1 << 30


def main() -> None:
    """Fuzz one reader."""
    command = argparse.ArgumentParser(description=__doc__)
    command.add_argument("reader", choices=readers.READERS)
    command.add_argument("--runs", type=int, default=100_000)
    command.add_argument("--seed", type=int, default=1)
    given = command.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        seeds = folder / "seeds"
        seeds.mkdir()
        for number, data in enumerate(readers.READERS[given.reader].begin()):
            (seeds / str(number)).write_bytes(data)
        words = folder / "words"
        words.write_text("".join(map(_entry, readers.words(given.reader))), "ascii")
        _fuzz(given, folder, seeds, words)


def _entry(word: str) -> str:
    """A line of a dictionary of libFuzzer."""
    return '"{}"\n'.format("".join(f"\\x{byte:02x}" for byte in word.encode()))


def _fuzz(given: argparse.Namespace, folder: Path, seeds: Path, words: Path) -> None:
    target = folder / "hostile.yaml"
    counts = {"read": 0, "inputs": 0}
    began = time.monotonic()

    def one(data: bytes) -> None:
        target.write_bytes(data)
        counts["inputs"] += 1
        counts["read"] += readers.survives(given.reader, target)
        if counts["inputs"] == given.runs:
            spent = time.monotonic() - began
            most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
            print(
                f"{given.reader}: {given.runs:,} inputs, {counts['read']:,} of them read, "
                f"{given.runs / spent:,.0f} a second, {most} MiB at most", flush=True,
            )  # fmt: skip

    vocabulary = readers.words(given.reader)

    def mutate(data: bytes, longest: int, seed: int) -> bytes:
        """Bytes changed at random, or two times in three the tree that they stand for."""
        chance = random.Random(seed)
        tree = damage.read(data) if chance.random() < 2 / 3 else None
        if tree is None:
            changed: bytes = atheris.Mutate(data, longest)
            return changed
        return damage.written(damage.damaged(tree, chance, vocabulary))[:longest]

    for path in sorted(seeds.iterdir()):
        one(path.read_bytes())  # what is loaded once is loaded before memory is counted
    counts.update(read=0, inputs=0)
    used = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
    resource.setrlimit(resource.RLIMIT_AS, (used + GIGABYTE, used + GIGABYTE))
    readers.FOUND.mkdir(exist_ok=True)
    atheris.Setup(
        [
            sys.argv[0], str(seeds), f"-runs={given.runs}", f"-seed={given.seed}", "-timeout=60",
            "-max_len=65536", "-len_control=0", "-rss_limit_mb=0", f"-dict={words}",
            f"-artifact_prefix={readers.FOUND}/{given.reader}-",
        ],
        one,
        custom_mutator=mutate,
    )  # fmt: skip
    atheris.Fuzz()


if __name__ == "__main__":
    main()
