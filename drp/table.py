"""What `drp show` and `drp explain` print."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from drp import listing
from drp.report import amended_object, amendments, wrap
from model import harmless
from model.expand import graphs
from model.graph import StateGraph
from model.protocol import Officers, Protocol, Rung, officer
from model.shapes import Cases, Word
from model.terms import FALSE, TRUE, Term
from model.words import words
from proofs.claim import CHECKED, DUTIES, Claim
from proofs.limits import limits
from proofs.telling import names
from proofs.verdict import Times, length, times


def show(protocol: Protocol, format: str) -> str:
    """A protocol's ladders, with their times and open questions."""
    tables = [(graph, list(_rungs(graph)), times(graph)) for graph in graphs(protocol)]
    if format == "json":
        return harmless.as_json(_object(protocol, tables))
    if format == "markdown":
        return "\n".join(_markdown(protocol, tables))
    return "\n".join(_text(protocol, tables))


COLUMNS = ("rung", "counts as", "answers", "time to answer", "if silent", "source")


def _rungs(graph: StateGraph) -> Iterator[dict[str, str]]:
    for name, rung in graph.ladder.rungs.items():
        state = graph.states[f"{name}: awaiting an answer"]
        counts = {TRUE: "formal", FALSE: "informal"}.get(state.formal, "depends on the reading")
        gates = [c.who for c in graph.consents if graph.states[c.state].rung == name]
        yield {
            "rung": str(name),
            "counts as": counts,
            "answers": _answerers(rung),
            "time to answer": _window(graph.windows[str(name)], "unknown" in _words(rung.within)),
            "if silent": _silence(graph, str(name)),
            "waits for": ", ".join(dict.fromkeys(gates)),
            "source": rung.citation,
            "line": str(rung.at.line),
        }


def _answerers(rung: Rung) -> str:
    """Who answers, in whatever case: those who do so together as one."""
    found: dict[str, None] = {}
    for case in rung.answers.cases:
        if isinstance(case.value, Officers):
            together = names(case.value.all_of)
            found |= dict.fromkeys((*map(str, case.value.any_of), *filter(None, [together])))
        else:
            found[officer(case.value)] = None
    return (", or " if any(" and " in who for who in found) else " or ").join(found)


def _listed(items: Iterable[listing.Item], indent: str) -> Iterator[str]:
    for name, says in items:
        yield from wrap(f"{name}: {says}" if name else f"- {says}", indent, "  ")


def _words(cases: Cases) -> set[str]:
    """The words unstated, unknown … among the values of a window."""
    return {str(getattr(c.value, "at_most", c.value)) for c in cases.cases}


def _window(count: Term, unknown: bool) -> str:
    """A window as a reader of the protocol would say it."""
    if count.op == "number" and count.args[0].kind == "number":
        if count.args[0].name.endswith("as set in the case"):
            return "set in each case"
        return "in a part that is not there" if unknown else "not stated"
    if count.op == "choose":
        when, a, b = count.args
        return f"{_window(a, unknown)} if {words(when)}, otherwise {_window(b, unknown)}"
    if count.op == "min":
        return ", or less: ".join(_window(part, unknown) for part in count.args)
    return words(count)


def _silence(graph: StateGraph, rung: str) -> str:
    outcome = graph.ladder.rungs[rung].if_silent or ()
    said = [
        str(rule) if isinstance(rule, Word) else f"{rule.to} ({rule.strength or 'may'})"
        for rule in outcome
    ]
    return "; ".join(said) or "unstated"


def _times(t: Times) -> str:
    line = f"fastest {length(t.fastest)}; with every answer on its last day {length(t.windows)}; "
    line += f"worst with a diligent raiser {length(t.diligent)}; "
    line += f"worst permitted {length(t.permitted)}"
    if t.open_numbers:
        names = ", ".join(t.open_numbers[:3])
        more = len(t.open_numbers) - 3
        line += f" (no limit is stated for {names}" + (f" and {more} more)" if more > 0 else ")")
    return line


def _text(protocol: Protocol, tables: list[Any]) -> Iterator[str]:
    yield from wrap(f"{protocol.authority}: {protocol.title} ({protocol.dated})", "")
    yield from amendments(protocol)
    for graph, rungs, t in tables:
        yield ""
        yield from wrap(
            f"Ladder “{graph.ladder.name}” ({graph.ladder.kind}): {graph.ladder.about} "
            f"[{graph.ladder.citation}; line {graph.ladder.at.line}]",
            "",
        )
        yield ""
        for number, row in enumerate(rungs, 1):
            yield from wrap(f"{number}. {row['rung']} ({row['counts as']})", "  ", "   ")
            yield from wrap(f"answers: {row['answers']}", "     ", "  ")
            yield from wrap(f"time to answer: {row['time to answer']}", "     ", "  ")
            yield from _listed(listing.of_rung(graph.ladder.rungs[row["rung"]]), "     ")
            yield from wrap(f"[{row['source']}; line {row['line']}]", "     ", "  ")
        yield from wrap(f"Times, under the plain readings: {_times(t)}.", "  ", "  ")
        yield ""
        yield from _listed(listing.of_ladder(graph.ladder), "  ")
        for limit in limits(graph):
            yield from wrap(f"Mind: {limit}", "  ", "  ")
    if protocol.questions:
        yield ""
        yield "Open questions (the plain answer first):"
        for name, q in protocol.questions.items():
            answers = [q.plain, *(a for a in q.answers if a != q.plain)]
            yield from wrap(f"{name}: {q.asks} [{q.citation}; line {q.at.line}]", "  ", "  ")
            for answer in answers:
                yield from wrap(f"- {answer}: {q.answers[answer]}", "     ", "  ")
            if q.settled:
                yield from wrap(f"settled as “{q.settled}”", "       ", "  ")
            yield from wrap(f"plain answer: {q.plain}, because: {q.because}", "       ", "  ")
    if not isinstance(protocol.missing, Word):
        yield ""
        yield "Not there, though the text points to it:"
        for part in protocol.missing:
            yield from wrap(f"- {part.what} [{part.citation}]", "  ", "  ")
    if protocol.findings:
        yield ""
        yield "Findings that change no move:"
        for name, finding in protocol.findings.items():
            yield from wrap(
                f"- {name} ({finding.kind}): {finding.says} [{finding.citation}]", "  ", "  "
            )
            for reading in finding.readings:
                yield from wrap(f"or: {reading}", "    ", "  ")
    for title, items in listing.of_protocol(protocol):
        if items:
            yield from ("", f"{title}:")
            yield from _listed(items, "  ")
    assumed = listing.assumed(protocol)
    if assumed:
        yield from ("", "Assumed, and not in the text:")
        for where, why, line in assumed:
            yield from wrap(f"- {where}: {why} [line {line}]", "  ", "  ")


def _markdown(protocol: Protocol, tables: list[Any]) -> Iterator[str]:
    yield f"## {harmless.markdown(f'{protocol.authority}: {protocol.title}')}"
    if protocol.amended:
        yield from ("", *(harmless.markdown(line) for line in amendments(protocol)))
    for graph, rungs, t in tables:
        yield from ("", f"### {harmless.markdown(str(graph.ladder.name))}", "")
        yield f"| {' | '.join(COLUMNS)} |"
        yield "|---" * len(COLUMNS) + "|"
        for row in rungs:
            yield f"| {' | '.join(harmless.markdown(row[c]) for c in COLUMNS)} |"
        yield ""
        yield harmless.markdown(_times(t))
    if protocol.questions:
        yield from ("", "### Open questions", "")
        for name, q in protocol.questions.items():
            said = (
                f"{'Settled' if q.settled else 'Plain answer'}: {harmless.markdown(str(q.plain))}."
            )
            yield f"- **{harmless.markdown(str(name))}**: {harmless.markdown(str(q.asks))} {said}"


def _object(protocol: Protocol, tables: list[Any]) -> dict[str, Any]:
    return {
        "schema_version": 1,
        "authority": str(protocol.authority),
        "title": str(protocol.title),
        "amended": amended_object(protocol),
        "ladders": [
            {
                "ladder": str(graph.ladder.name),
                "kind": str(graph.ladder.kind),
                "rungs": [
                    {**row, "says": dict(listing.of_rung(graph.ladder.rungs[row["rung"]]))}
                    for row in rungs
                ],
                "says": [{"key": k, "says": s} for k, s in listing.of_ladder(graph.ladder)],
                "limits": list(limits(graph)),
                "times": {
                    "fastest": t.fastest,
                    "windows": t.windows,
                    "diligent": t.diligent,
                    "permitted": t.permitted,
                },
            }
            for graph, rungs, t in tables
        ],
        "assumed": [
            {"where": where, "because": why, "line": line}
            for where, why, line in listing.assumed(protocol)
        ],
        "questions": [
            {
                "question": str(name),
                "asks": str(q.asks),
                "answers": {str(a): str(m) for a, m in q.answers.items()},
                "plain": str(q.plain),
                "settled": str(q.settled or ""),
                "because": str(q.because),
                "source": q.citation,
                "line": q.at.line,
            }
            for name, q in protocol.questions.items()
        ],
    }


def explained(claim: Claim) -> str:
    """A claim with its law, why it matters, what breaks and what mends it."""
    lines = [f"{claim.id} ({claim.duty}: {DUTIES[claim.duty]})", ""]
    lines += wrap(claim.sentence, "")
    lines.append("")
    for law in claim.law:
        lines += wrap(f"Law: {law.source}: {law.says}", "", "  ")
        lines += wrap(f"Source: {CHECKED[law.checked]}.", "  ", "  ")
    lines.append("")
    lines += wrap(f"Why it matters: {claim.why}", "", "  ")
    lines += wrap(f"What typically breaks it: {claim.breaks}", "", "  ")
    lines += wrap(f"What mends it: {claim.mends}", "", "  ")
    lines += ["", f"It speaks of: {', '.join(sorted(claim.kinds))}."]
    return "\n".join(lines)
