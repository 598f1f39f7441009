"""The questions on which verdicts rest, as files for any solver, and as asked of a second one."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from model import files, harmless
from proofs import cvc5_process, process
from proofs.smtlib import ASKS, Question, script
from proofs.solver import RLIMIT, SAT, UNKNOWN, UNSAT

if TYPE_CHECKING:
    from proofs.verdict import Verdict


@dataclass(frozen=True, slots=True)
class Asked:
    """A question of one verdict: `name` is that of its file, `text` what the file holds."""

    name: str
    protocol: str
    ladder: str
    claim: str
    verdict: str
    question: Question
    text: str

    def __str__(self) -> str:
        return f"{self.protocol}: {self.ladder}: {self.claim}: {ASKS[self.question.asks]}"

    @property
    def listed(self) -> dict[str, str]:
        """Its entry in the index."""
        return {
            "file": self.name,
            "protocol": self.protocol,
            "ladder": self.ladder,
            "claim": self.claim,
            "verdict": self.verdict,
            "asks": ASKS[self.question.asks],
            "needs": self.question.needs,
        }


def asked(verdicts: Iterable[Verdict]) -> Iterator[Asked]:
    """All the questions of some verdicts. No name from a policy file is in the name of a file."""
    number = 0
    for v in verdicts:
        about = {"protocol": v.protocol, "ladder": v.ladder, "claim": v.claim.id}
        for question in v.questions:
            number += 1
            name = f"{number:04}-{v.claim.id}-{question.asks}.smt2"
            text = script(question, about)
            yield Asked(name, v.protocol, v.ladder, v.claim.id, v.verdict, question, text)


def write(questions: Iterable[Asked], folder: Path) -> int:
    """Write questions to a folder, which is made, with an index; how many there were."""
    files.folder(folder)
    listed = []
    for each in questions:
        files.save(folder / each.name, each.text)
        listed.append(each.listed)
    _save_json(folder / "index.json", {"schema_version": 1, "questions": listed})
    return len(listed)


def _save_json(path: Path, value: object) -> None:
    files.save(path, harmless.as_json(value) + "\n")


# --- the second solver --------------------------------------------------------------------------


def answers(questions: Iterable[Asked]) -> Iterator[tuple[Asked, str, str]]:
    """What cvc5 says of each question (`unknown` where it has no answer), and why it has none.

    ModuleNotFoundError where there is no cvc5. One process answers all; one that died is followed
    by another.
    """
    if find_spec("cvc5") is None:
        raise ModuleNotFoundError("No module named 'cvc5'", name="cvc5")
    command = [sys.executable, "-P", str(Path(cvc5_process.__file__))]
    running = None
    try:
        for each in questions:
            running = running or process.Process(command)
            try:
                said = running.ask(each.text).strip()
            except process.Stopped as stopped:
                running = None
                yield each, UNKNOWN, str(stopped)
                continue
            if said in (SAT, UNSAT):
                yield each, said, ""
            else:
                why = "the solver's budget ran out" if said == UNKNOWN else said
                yield each, UNKNOWN, why
    finally:
        if running is not None:
            running.end()


def keep(each: Asked, said: str, folder: Path) -> Path:
    """Keep a question on which two solvers disagree, and what each said; the file of the answers.

    Z3 is asked again, and this time the very file: so it shows whether it is the solvers that
    disagree, or the two translations of the question.
    """
    files.folder(folder)
    files.save(folder / each.name, each.text)
    found = {
        **each.listed,
        "cvc5": said,
        "z3": each.question.needs,
        "z3 of this file": by_z3(each.text),
    }
    path = folder / f"{each.name}.json"
    _save_json(path, found)
    return path


def by_z3(text: str) -> str:
    """What Z3 says of a script."""
    running = process.running()
    running.owner = None  # whoever asked before has to tell it all again
    try:
        # a reset leaves the limit of whoever asked before
        return running.ask(f"(reset)\n(set-option :rlimit {RLIMIT})\n{text}").strip()
    except process.Stopped as stopped:
        return f"{UNKNOWN}: {stopped}"
