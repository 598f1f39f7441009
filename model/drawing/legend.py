"""The words below a ladder: its powers and totals, the marks, and the open questions."""

from __future__ import annotations

from collections.abc import Iterator

from model.drawing.powers import OTHER
from model.drawing.rungbox import short
from model.drawing.scene import (
    Block,
    Box,
    Dot,
    Group,
    Hatch,
    Line,
    Shape,
    Span,
    flow,
    place,
    stack,
)
from model.drawing.sheet import Panel, Sheet
from model.drawing.twin import said_words

GUTTER = 28.0


def below(sheet: Sheet, x: float, y: float, room: float) -> tuple[float, list[Group]]:
    """The panels in two columns; returns where they end."""
    wide = (room - GUTTER) / 2
    blocks = [*_blocks(sheet, wide)]
    cut = _cut([block.height for _, block in blocks])
    groups: list[Group] = []
    ends = [y]
    for column, part in enumerate((blocks[:cut], blocks[cut:])):
        at = y
        for title, block in part:
            shapes = place(block.shapes, x + column * (wide + GUTTER), at)
            groups.append(Group(title, tuple(shapes)))
            at += block.height
        ends.append(at)
    return max(ends), groups


def _cut(heights: list[float]) -> int:
    """After how many blocks the second column begins, so that the longer one is shortest."""
    total = sum(heights)
    left = [sum(heights[:k]) for k in range(len(heights) + 1)]
    return min(range(len(left)), key=lambda k: (max(left[k], total - left[k]), k))


def _blocks(sheet: Sheet, room: float) -> Iterator[tuple[str, Block]]:
    for panel in sheet.panels:
        yield _words(sheet, panel), _panel(sheet, panel, room)
    yield "What the marks mean", _key(sheet, room)
    for number, question in enumerate(sheet.questions, 1):
        says = f"{question.asks} Plainly: {question.answer}"
        line = _item(f"Q{number}", [Span(short(says))], room)
        head = "Open questions, each with its plain answer"
        block = stack([_head(head, room), line]) if number == 1 else line
        yield f"Q{number} {says}", block


def _words(sheet: Sheet, panel: Panel) -> str:
    lines = (f"{i.mark} {said_words(sheet, i.says)}".strip() for i in panel.items)
    return f"{panel.title}: {'; '.join(lines)}"


def _head(title: str, room: float) -> Block:
    block = flow([Span(title, True)], room, 14)
    rule = Line(((0, 6), (room, 6)), 1)
    return Block((rule, *place(block.shapes, 0, 10)), block.height + 14)


def _panel(sheet: Sheet, panel: Panel, room: float) -> Block:
    lines = []
    for item in panel.items:
        tags = [Span(f"[{tag}]", True) for tag in sheet.tags(item.says)]
        other = [] if item.drawn else [Span(f"{OTHER[:1].upper()}{OTHER[1:]}:", True)]
        lines.append(_item(item.mark, [*other, Span(short(item.says.text)), *tags], room))
    return stack([_head(panel.title, room), *lines])


def _item(mark: str, spans: list[Span], room: float) -> Block:
    if not mark:
        text = flow(spans, room)
        return Block(text.shapes, text.height + 4)
    label = flow([Span(mark, True)], 60)
    text = flow(spans, room - 38)
    return Block((*label.shapes, *place(text.shapes, 38, 0)), text.height + 4)


# --- the marks ------------------------------------------------------------------------------


def _key(sheet: Sheet, room: float) -> Block:
    lines = [_head("What the marks mean", room)]
    for mark, text in _marks(sheet):
        block = flow([Span(text)], room - 62)
        high = max(block.height, 20.0)
        lines.append(Block((*mark, *place(block.shapes, 62, 0)), high + 4))
    return stack(lines)


def _marks(sheet: Sheet) -> Iterator[tuple[tuple[Shape, ...], str]]:
    """The marks that this drawing has, each with its meaning."""
    rows, arrows = sheet.rows, sheet.arrows
    kinds = {row.formal for row in rows if row.drawn}
    limits = {row.limit for row in rows}
    gates = [gate for arrow in arrows for gate in arrow.gates]
    if "formal" in kinds:
        yield (Box(2, 3, 44, 14, 2.6),), "thick solid border: the time here is formal time"
    if "informal" in kinds:
        yield (Box(2, 3, 44, 14, 1.6, "9 5"),), "dashed border: the time here is informal time"
    if "depends" in kinds:
        both = (Box(2, 2, 44, 16, 1.6, "9 5"), Box(6, 6, 36, 8, 1))
        yield both, "double border: whether its time is formal depends on the case"
    if not all(row.drawn for row in rows):
        yield (Box(2, 3, 44, 14, 1.2, "2 4"),), "dotted border: a rung of another reading only"
    if "stated" in limits:
        text = "bar: the longest time for an answer; its length shows the days"
        yield (Box(2, 5, 44, 9, 1, "", "#3a3a3a"),), text
    if "unstated" in limits:
        open_ = Line(((46, 5), (2, 5), (2, 14), (46, 14)), 1.4, "5 4")
        yield (open_,), "open dashed bar: no time stated"
    if "no limit" in limits:
        yield (Line(((46, 5), (2, 5), (2, 14), (46, 14)), 1.4),), "open bar: no limit"
    if "unknown" in limits:
        yield (Hatch(2, 5, 44, 9), Box(2, 5, 44, 9, 1)), "hatched bar: not in the text we have"
    yield (Line(((24, 20), (24, 0)), 2, "", True),), "arrow up: a step to the next rung"
    if any(arrow.alone for arrow in arrows):
        yield (Line(((24, 20), (24, 0)), 4, "", True),), "thick arrow: it goes up by itself"
    if not all(arrow.drawn for arrow in arrows):
        text = "dotted arrow: a step of another reading only"
        yield (Line(((24, 20), (24, 0)), 2, "2 4", True),), text
    if any(gate.awaited for gate in gates):
        lock = (Line(((20, 10), (20, 2), (28, 2), (28, 10)), 2),
                Box(17, 9, 14, 10, 1, "", "#1a1a1a", 1))  # fmt: skip
        yield lock, "padlock: the step waits for this person"
    if not all(gate.awaited for gate in gates):
        yield (Box(2, 3, 44, 14, 1.2, "3 3", "none", 6),), "dashed box: asked or told; no wait"
    if any(row.loops for row in rows):
        loop = Line(((16, 4), (32, 4), (32, 15), (17, 15)), 1.5, "", True)
        yield (loop,), "loop: more time, a meeting or a hand-over at this rung"
    if sheet.brackets:
        mark = (Line(((28, 18), (28, 4)), 1.5), Line(((28, 4), (17, 4)), 1.5, "", True),
                Dot(28, 18, 4, False))  # fmt: skip
        yield mark, "upright line: a way from a circle to any arrowhead further on"
    if sheet.body:
        text = f"full dot: a referral to {sheet.body} is open; open dot: it is not"
        yield (Dot(16, 10, 4), Dot(32, 10, 4, False)), text
    yield (Dot(14, 10, 5), Line(((14, 10), (40, 10)), 1.5, "", True)), "dot and arrow: a start"
