"""A drawing of a ladder in words, for those who hear it."""

from __future__ import annotations

from collections.abc import Iterator

from model.drawing.plain import Gate, Said
from model.drawing.powers import OTHER
from model.drawing.sheet import Row, Sheet
from model.drawing.steps import Arrow


def twin(sheet: Sheet) -> str:
    """Everything that the drawing says, from the lowest rung up, one thing a line."""
    return "\n".join(_lines(sheet))


def _lines(sheet: Sheet) -> Iterator[str]:
    count = len(sheet.rows)
    yield f"A ladder of {count} rung{'' if count == 1 else 's'}, from the lowest to the highest."
    yield f"Raised by: {said_words(sheet, sheet.raised)}."
    yield f"Before it is raised, referral: {_outside(sheet, sheet.outside_start)}."
    arrows = {a.upper: a for a in sheet.arrows}
    for i, row in enumerate(sheet.rows):
        if i in arrows:
            yield arrow_words(sheet, arrows[i])
        yield f"{i + 1}. {row_words(sheet, row)}"
    yield _ended(f"When the ladder is exhausted, referral: {_outside(sheet, sheet.outside_end)}")
    yield f"Resolved: {said_words(sheet, sheet.settled)}."
    yield from (f"{said_words(sheet, item.says)}." for item in sheet.totals)
    for panel in sheet.panels:
        yield f"{panel.title}:"
        for item in panel.items:
            other = "" if item.drawn else f"({OTHER}) "
            yield _ended(f"{item.mark} {other}{said_words(sheet, item.says)}".strip())
    if sheet.questions:
        yield "Open questions, each with its plain answer:"
    for number, question in enumerate(sheet.questions, 1):
        yield f"Q{number} {question.asks} Plainly: {question.answer}"


def _ended(text: str) -> str:
    return text if text.endswith((".", "?", "!")) else f"{text}."


def said_words(sheet: Sheet, said: Said) -> str:
    tags = ", ".join(sheet.tags(said))
    return f"{said.text} [{tags}]".strip() if tags else said.text


def gate_words(sheet: Sheet, gate: Gate) -> str:
    return f"{gate.who}: {said_words(sheet, gate.says)}"


def arrow_words(sheet: Sheet, arrow: Arrow) -> str:
    lower = sheet.rows[arrow.lower].name if arrow.lower >= 0 else "the start"
    parts = [said_words(sheet, arrow.says), *(gate_words(sheet, g) for g in arrow.gates)]
    return f"From {lower} to {sheet.rows[arrow.upper].name}: {'; '.join(parts)}."


def row_words(sheet: Sheet, row: Row) -> str:
    """One rung in words."""
    parts = [
        f"{row.name}: {said_words(sheet, row.counts)}",
        said_words(sheet, row.exists),
        f"who answers: {said_words(sheet, row.who)}",
        f"answer within: {said_words(sheet, row.window)}",
        said_words(sheet, row.clock),
        *(f"{key}: {said_words(sheet, said)}" for key, said in row.lines),
        *(f"{mark} {said_words(sheet, said)}" for mark, said in row.loops),
        f"resolved {said_words(sheet, row.settled)}",
        f"start: {', '.join(row.entries)}" if row.entries else "",
        f"referral: {_outside(sheet, row.outside)}",
    ]
    return ". ".join(p.removesuffix(".") for p in parts if p) + "."


def _outside(sheet: Sheet, marked: tuple[tuple[str, Said], ...]) -> str:
    return "; ".join(f"{m} {said_words(sheet, s)}".strip() for m, s in marked) or "not open"
