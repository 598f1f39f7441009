"""What `drp check` prints: text, JSON or Markdown."""

from __future__ import annotations

import argparse
import os
import platform
import sys
import textwrap
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from typing import Any, TextIO

from drp import __version__, listing
from model import harmless
from model.calendar import FROZEN_FROM, FROZEN_TO, words
from model.expand import expand, graphs
from model.protocol import Protocol
from proofs.limits import limits
from proofs.verdict import Told, Verdict

WIDTH = 100
COLOURS = {"holds": "32", "broken": "31", "depends": "33", "undecided": "35"}
Checked = list[tuple[Protocol, list[Verdict]]]


class Progress:
    """One line on a terminal that says how far a long run is; silent elsewhere."""

    def __init__(self, total: int, stream: TextIO) -> None:
        self.total, self.stream, self.count = total, stream, 0
        self.shown = stream.isatty()

    def step(self, name: str) -> None:
        self.count += 1
        if self.shown:
            self.stream.write(
                f"\r\x1b[Kchecking {self.count} of {self.total}: {harmless.line(name)}"
            )
            self.stream.flush()

    def done(self) -> None:
        if self.shown:
            self.stream.write("\r\x1b[K")
            self.stream.flush()


def wrap(text: str, indent: str, hang: str = "") -> Iterator[str]:
    """A text in lines of at most `WIDTH` columns."""
    lines = textwrap.wrap(harmless.line(text), WIDTH - len(indent) - len(hang)) or [""]
    for i, line in enumerate(lines):
        yield indent + (hang if i else "") + line


def painted(word: str, colour: bool, width: int = 0) -> str:
    said = word.ljust(width)
    return f"\x1b[{COLOURS[word]}m{said}\x1b[0m" if colour and word in COLOURS else said


def text(
    checked: Checked, changed: Mapping[str, list[str]], code: int, given: argparse.Namespace
) -> str:
    """The report for people: what is wrong comes first, then why, then how it happens."""
    colour = sys.stdout.isatty() and not os.environ.get("NO_COLOR")
    lines: list[str] = []
    for protocol, verdicts in checked:
        lines += _protocol(protocol, verdicts, colour, given.brief)
        if protocol.stem in changed:
            for line in changed[protocol.stem]:
                lines += wrap(line, "  differs from the record: ", "    ")
        lines.append("")
    lines += map(harmless.line, _closing(checked, changed, code))
    return "\n".join(lines)


def _protocol(
    protocol: Protocol, verdicts: list[Verdict], colour: bool, brief: bool
) -> Iterator[str]:
    title = f"{protocol.authority}: {protocol.title}"
    yield from wrap(title, "")
    yield "=" * min(WIDTH, len(title))
    if protocol.amended:
        yield from (*amendments(protocol), "")
    ladders = dict.fromkeys(v.ladder for v in verdicts)
    for ladder in ladders:
        mine = [v for v in verdicts if v.ladder == ladder]
        counts = Counter(v.verdict for v in mine)
        said = ", ".join(f"{counts[w]} {w}" for w in COLOURS if counts[w])
        yield from wrap(f"{ladder}: {said or 'nothing applies'}", "")
        yield ""
        for v in mine:
            if v.verdict != "not-applicable":
                yield from _verdict(v, colour, brief)
        apart = [v.claim.id for v in mine if v.verdict == "not-applicable"]
        if apart:
            yield from wrap(f"not applicable: {', '.join(apart)}", "  ", "  ")
        for limit in limits(expand(protocol, ladder)):
            yield from wrap(f"mind: {limit}", "  ", "  ")
        yield ""
    assumed = listing.assumed(protocol)
    if assumed:
        lines = ", ".join(str(line) for _, _, line in assumed)
        yield from wrap(
            "assumed, and not in the text (see drp show): line"
            f"{'s' if len(assumed) > 1 else ''} {lines}", "", "  ",
        )  # fmt: skip


def amendments(protocol: Protocol) -> Iterator[str]:
    """What was changed in a protocol, and on what ground; nothing where nothing was."""
    for done in protocol.amended:
        ground = done.source or f"assumed: {done.assumed}"
        yield from wrap(f"amended by “{done.title}” ({done.at.file}) [{ground}]", "  ", "  ")
        for change in done.changes:
            yield from wrap(f"- {change}", "    ", "  ")


def amended_object(protocol: Protocol) -> list[dict[str, Any]]:
    return [
        {
            "title": str(done.title), "path": done.at.file, "digest": f"sha256:{done.digest}",
            "source": str(done.source or ""), "assumed": str(done.assumed or ""),
            "changes": list(done.changes),
        }
        for done in protocol.amended
    ]  # fmt: skip


def _verdict(v: Verdict, colour: bool, brief: bool) -> Iterator[str]:
    told = v.verdict == "depends" or (v.verdict == "undecided" and v.plain)
    plainly = f", plainly {v.plain}" if told else ""
    yield f"  {painted(v.verdict, colour, 9)} {v.claim.id} ({v.claim.duty}{plainly})"
    yield from wrap(v.claim.sentence, "            ")
    if v.verdict == "holds":
        return
    yield from wrap(v.why, "            ", "  ")
    if v.citation:
        place = f"{v.citation} · {v.location}"
        yield from wrap(place, "            ", "  ")
    if v.verdict == "depends":
        yield from _condition(v)
    if v.mend is not None:
        where = "" if v.mend.whole else " (under the plain readings)"
        yield from wrap(f"would mend it{where}: {v.mend.words}", "            ", "  ")
    if not brief and v.trace:
        reading = f" ({'; '.join(v.reading)})" if v.reading else ""
        yield from wrap(f"how it happens{reading}:", "            ", "  ")
        yield from _story(v.trace, v.ending)
        if v.note:
            yield from wrap(f"mind: {v.note}", "              ", "  ")


def _condition(v: Verdict) -> Iterator[str]:
    """When a verdict that depends holds; what alone is enough comes first."""
    enough = "".join(f" {part}, or" for part in v.enough)
    clauses = [[part for part in clause if part not in v.enough] for clause in v.clauses]
    many = "all of these are so:" if len(clauses) > 1 else ""
    yield from wrap(f"holds exactly when{enough} {many}".strip() + ("" if many else ":"),
                    "            ", "  ")  # fmt: skip
    for clause in clauses[:MOST_CLAUSES]:
        yield from wrap(f"- {', or '.join(clause)}", "              ", "  ")
    if len(clauses) > MOST_CLAUSES:
        yield f"              - and {len(clauses) - MOST_CLAUSES} more (see --format json)"


MOST_CLAUSES = 8


def _story(trace: tuple[Told, ...], ending: str) -> Iterator[str]:
    for told in trace:
        day = words(date.fromisoformat(told.date))
        head = f"day {told.day}, {day}: "
        who = f"{told.actor}: " if told.actor not in ("", "time") else ""
        body = f"{head}{who}{told.says} [{told.source}; {told.location.rsplit('/', 1)[-1]}]"
        yield from wrap(body, "              ", "  ")
    if ending and trace[-1].move != ending:
        yield from wrap(f"so: {ending}", "              ", "  ")


def _number(count: int, what: str) -> str:
    return f"{count} {what}{'' if count == 1 else 's'}"


def _closing(checked: Checked, changed: Mapping[str, list[str]], code: int) -> Iterator[str]:
    verdicts = [v for _, found in checked for v in found]
    applied = [v for v in verdicts if v.verdict != "not-applicable"]
    counts = Counter(v.verdict for v in applied)
    said = ", ".join(f"{counts[w]} {w}" for w in COLOURS if counts[w])
    ladders = len({(v.protocol, v.ladder) for v in verdicts})
    files = "1 policy" if len(checked) == 1 else f"{len(checked)} policies"
    them = f"{files}, {_number(ladders, 'ladder')}, {_number(len(applied), 'verdict')}"
    yield f"{them}: {said}"
    unrecorded = [p.stem for p, _ in checked if p.stem not in changed]
    differing = sum(map(len, changed.values()))
    if differing:
        yield f"{differing} differ from the record; if that is right, run: drp check --record"
    elif changed:
        yield "every recorded verdict is as recorded" + (
            f"; without a record: {', '.join(unrecorded)}" if unrecorded else ""
        )
    elif unrecorded:
        yield "there is no record of " + ", ".join(unrecorded)
    if code == 3:
        yield "some claims are undecided"


# --- JSON -----------------------------------------------------------------------------------


def as_json(
    checked: Checked, changed: Mapping[str, list[str]], code: int, given: argparse.Namespace
) -> str:
    """One object; `schema_version` changes when a key changes its meaning."""
    from proofs.solver import version
    from proofs.verdict import times

    of_ladder: dict[tuple[str, str], Any] = {}
    for protocol, _ in checked:
        for graph in graphs(protocol):
            t = times(graph, given.start)
            of_ladder[protocol.stem, str(graph.ladder.name)] = {
                "fastest": t.fastest,
                "windows": "unbounded" if t.windows is None else t.windows,
                "diligent": "unbounded" if t.diligent is None else t.diligent,
                "permitted": "unbounded" if t.permitted is None else t.permitted,
                "rests_on": list(t.open_numbers),
                "ways": {k: [_step(s) for s in way] for k, way in t.ways.items()},
            }
    result = {
        "schema_version": 1,
        "versions": {
            "tool": __version__,
            "z3": version(),
            "python": platform.python_version(),
            "calendar": f"England and Wales {FROZEN_FROM}/{FROZEN_TO}",
        },
        "files": [
            {"path": p.at.file, "digest": f"sha256:{p.digest}", "amended": amended_object(p)}
            for p, _ in checked
        ],
        "assumed": {
            p.stem: [
                {"where": where, "because": why, "line": line}
                for where, why, line in listing.assumed(p)
            ]
            for p, _ in checked
        },
        "limits": {g.name: list(limits(g)) for p, _ in checked for g in graphs(p)},
        "exit_code": code,
        "changes": dict(changed),
        "verdicts": [
            {**_object(v), "times": of_ladder[v.protocol, v.ladder]}
            for _, found in checked
            for v in found
        ],
    }
    return harmless.as_json(result)


def _step(told: Told) -> dict[str, Any]:
    return {
        "day": told.day,
        "date": told.date,
        "actor": told.actor,
        "move": told.move,
        "says": told.says,
        "state": told.state,
        "source": told.source,
        "location": told.location,
    }


def _object(v: Verdict) -> dict[str, Any]:
    return {
        "protocol": v.protocol,
        "ladder": v.ladder,
        "claim": v.claim.id,
        "duty": v.claim.duty,
        "law": [{"source": s.source, "checked": s.checked} for s in v.claim.law],
        "verdict": v.verdict,
        "plain": v.plain,
        "why": v.why,
        "reasons": list(v.reasons),
        "condition": {"text": list(v.condition), "formula": v.formula},
        "reading": list(v.reading),
        "trace": [_step(t) for t in v.trace],
        "ending": v.ending,
        "note": v.note,
        "other_trace": [_step(t) for t in v.other],
        "other_ending": v.other_ending,
        "source": v.citation,
        "location": {
            "file": v.location.file,
            "line": v.location.line,
            "column": v.location.column,
        },
        "mend": None
        if v.mend is None
        else {
            "words": v.mend.words,
            "whole": v.mend.whole,
            "file": v.mend.file,
            "line": v.mend.line,
        },
        "evidence": dict(v.evidence),
    }


# --- Markdown -------------------------------------------------------------------------------


def markdown(
    checked: Checked, changed: Mapping[str, list[str]], code: int, given: argparse.Namespace
) -> str:
    """For a pull request or a job summary: changes first, then a table for each ladder."""
    lines: list[str] = []
    for stem, found in changed.items():
        for line in found:
            name, said = harmless.markdown(stem), harmless.markdown(line)
            lines.append(f"- **{name}** differs from the record: {said}")
    if lines:
        lines.append("")
    for protocol, verdicts in checked:
        lines.append(f"## {harmless.markdown(f'{protocol.authority}: {protocol.title}')}")
        lines += (
            ["", *(harmless.markdown(line) for line in amendments(protocol))]
            if protocol.amended
            else []
        )
        for ladder in dict.fromkeys(v.ladder for v in verdicts):
            lines += [
                "",
                f"### {harmless.markdown(ladder)}",
                "",
                "| claim | duty | verdict | why |",
                "|---|---|---|---|",
            ]
            lines += _rows(v for v in verdicts if v.ladder == ladder)
            lines += [
                "",
                *(harmless.markdown(f"Mind: {x}") for x in limits(expand(protocol, ladder))),
            ]
        lines.append("")
    lines += [harmless.markdown(line) for line in _closing(checked, changed, code)]
    return "\n".join(lines)


def _rows(verdicts: Iterable[Verdict]) -> Iterator[str]:
    for v in verdicts:
        said = v.verdict + (f" (plainly {v.plain})" if v.verdict == "depends" else "")
        why = v.why + (f" ({v.citation}; line {v.location.line})" if v.citation else "")
        if v.clauses:
            several = ", and ".join(v.condition[:MOST_CLAUSES])
            more = len(v.clauses) - MOST_CLAUSES
            why += f"; holds exactly when {several}" + (f", and {more} more" if more > 0 else "")
        yield f"| `{v.claim.id}` | {v.claim.duty} | {said} | {harmless.markdown(why)} |"
