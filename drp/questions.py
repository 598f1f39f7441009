"""`drp check --smtlib` and `--second-solver`: the questions on which verdicts rest."""

from __future__ import annotations

import argparse
from collections.abc import Iterable
from pathlib import Path
from tempfile import mkdtemp

from drp.cli import OK, OUR_FAULT, UNDECIDED, complain
from proofs import second
from proofs.verdict import Verdict


def run(verdicts: Iterable[Verdict], given: argparse.Namespace) -> int:
    """Write the questions, or ask the second solver, or both; the exit code that follows."""
    questions = list(second.asked(verdicts))
    folder = Path(given.smtlib) if given.smtlib else None
    if folder is not None:
        count = second.write(questions, folder)
        complain(f"drp: {count} questions in {folder}, listed in index.json")
    if not given.second_solver:
        return OK
    open_, kept = 0, None
    for each, said, why in second.answers(questions):
        if said == each.question.needs:
            continue
        if why:
            open_ += 1
            complain(f"drp: not confirmed by cvc5: {each} ({why})")
            continue
        kept = kept or (folder / "disagreements" if folder else Path(mkdtemp(prefix="drp-")))
        path = second.keep(each, said, kept)
        needs = each.question.needs
        wanted = f"It says {said}, the verdict needs {needs}; see {path}"
        complain(f"drp: cvc5 disagrees: {each} {wanted}")
    if kept is None:
        complain(f"drp: cvc5 confirms {len(questions) - open_} of {len(questions)} questions")
    else:
        complain(f"drp: please report it, with the files in {kept}")
    return OUR_FAULT if kept is not None else UNDECIDED if open_ else OK
