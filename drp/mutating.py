"""`drp mutate`: every single change of a policy, and which verdicts notice it."""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from drp.cli import DIFFERENT, OK, UNDECIDED, complain, usage
from drp.report import Progress, wrap
from model import harmless
from model.load import located, shown
from model.shapes import nearest
from model.yamltree import read_file
from proofs.mutation import FATES, Fate, Judge, judged, matrix
from proofs.survivors import explained, write

STOPPED = 130
SAID = {
    "killed": "change a verdict",
    "survived": "change none, though the state graph differs",
    "equivalent": "mean the same",
    "refused": "are refused by the reader",
    "undecided": "change none that could be decided",
}


def mutate(given: argparse.Namespace) -> int:
    """The command; an exit code. What was found is printed also where it is stopped."""
    if given.record and (given.ladder is not None or given.kind):
        return usage("--record is for all changes; leave --ladder and --kind out")
    path = located(given.file)
    _, text = read_file(path, shown(path))
    judge = Judge(text, shown(path))
    if given.ladder is not None and given.ladder not in judge.base:
        return usage(f"there is no ladder “{given.ladder}”; {nearest(given.ladder, judge.base)}")
    kinds = list(dict.fromkeys(m.kind for m in judge.mutants))
    unknown = [kind for kind in given.kind if kind not in kinds]
    if unknown:
        wrong = f"no mutant of this file is of the kind “{unknown[0]}”"
        return usage(f"{wrong}; {nearest(unknown[0], sorted(kinds))}")
    asked = [
        number
        for number, m in enumerate(judge.mutants)
        if (not given.kind or m.kind in given.kind) and given.ladder in (None, m.ladder)
    ]
    if not asked:
        return usage("no mutant of this file is asked for")
    found, stopped = list[Fate](), False
    progress = Progress(len(asked), sys.stderr)
    try:
        for fate in judged(judge, asked, given.processes):
            found.append(fate)
            progress.step(fate.kind)
    except KeyboardInterrupt:
        stopped = True
    progress.done()
    left = [f for f in found if f.fate == "survived" and not explained(f)]
    if given.record and not stopped:
        write(judge.protocol.stem, found, judge.protocol.digest)
    make = _json if given.format == "json" else _text
    print(make(Path(path).stem, found, left, len(asked)))
    if stopped:
        complain(f"drp: stopped after {len(found)} of {len(asked)} mutants")
        return STOPPED
    if left:
        return DIFFERENT
    return UNDECIDED if any(f.fate == "undecided" for f in found) else OK


def _json(stem: str, found: Sequence[Fate], left: Sequence[Fate], asked: int) -> str:
    mutants = [
        {
            "kind": f.kind, "location": {"file": f.file, "line": f.line}, "what": f.what,
            "ladder": f.ladder, "fate": f.fate, "changes": [c._asdict() for c in f.changes],
            "noticed": list(f.noticed), "undecided": list(f.undecided), "why": f.why,
            "explained": explained(f) if f.fate == "survived" else "",
        }
        for f in found
    ]  # fmt: skip
    whole: dict[str, Any] = {
        "schema_version": 1, "protocol": stem, "asked": asked, "judged": len(found),
        "unexplained": len(left), "mutants": mutants,
        "claims": {
            claim: {kind: {"kills": a, "alone": b} for kind, (a, b) in row.items()}
            for claim, row in matrix(found).items()
        },
    }  # fmt: skip
    return harmless.as_json(whole, 2)


def _text(stem: str, found: Sequence[Fate], left: Sequence[Fate], asked: int) -> str:
    return "\n".join(_lines(stem, found, left, asked))


def _lines(stem: str, found: Sequence[Fate], left: Sequence[Fate], asked: int) -> Iterator[str]:
    fates = Counter(f.fate for f in found)
    of = f"{len(found)} of {asked}" if len(found) < asked else str(asked)
    yield from wrap(f"{stem}: {of} single changes", "")
    for fate in FATES:
        more = f" ({len(left)} of them not explained)" if fate == "survived" else ""
        yield f"  {fates[fate]:5} {SAID[fate]}{more}"
    if left:
        yield "\nNot explained"
        for f in left:
            yield from wrap(f"{f.file}:{f.line}: {f.kind}: {f.what}", "  ", "  ")
            asks = ", ".join(f.noticed) or "no claim"
            yield from wrap(f"differs in {f.why}; asked about by {asks}", "    ")
    undecided = [f for f in found if f.fate == "undecided"]
    if undecided:
        yield "\nNot decided"
        for f in undecided:
            yield from wrap(f"{f.file}:{f.line}: {f.kind}: {f.what}", "  ", "  ")
            yield from wrap(f"whether these change: {', '.join(f.undecided)}", "    ")
    yield "\nClaims, with how many changes each notices, and how many it alone notices"
    for claim, row in matrix(found).items():
        kills, alone = (sum(counts[i] for counts in row.values()) for i in (0, 1))
        yield f"  {claim:22} {kills:5} {alone:5}"
    reasons = Counter((f.kind, explained(f)) for f in found if f.fate == "survived")
    if any(reason for _, reason in reasons):
        yield "\nExplained"
        for (kind, reason), count in sorted(reasons.items()):
            if reason:
                yield from wrap(f"{count} {kind}: {reason}", "  ", "  ")
    refused = Counter((f.kind, f.why) for f in found if f.fate == "refused")
    if refused:
        yield "\nRefused by the reader"
        for (kind, why), count in sorted(refused.items()):
            yield from wrap(f"{count} {kind}: {why}", "  ", "  ")
