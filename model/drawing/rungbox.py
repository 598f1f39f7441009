"""One rung of a drawing: its frame, its three columns, its lines, and its place in the rails."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from model.drawing.plain import Said
from model.drawing.scene import Block, Box, Dot, Group, Hatch, Line, Shape, Span, flow, place, stack
from model.drawing.sheet import Row, Sheet
from model.drawing.twin import row_words

WIDTH = 1000.0
EDGE = 12.0  # left and right margin
LEFT = 100.0  # the rail on the left
GAP = 92.0  # between that rail and the rungs
RIGHT = 150.0  # the rail on the right
LONGEST = 420  # characters of one saying; the whole stands in the <title> of its group


@dataclass(frozen=True, slots=True)
class Columns:
    """The left and right ends of the rungs, of the brackets and of the rail on the right."""

    rung: float
    rung_end: float
    brackets: float
    rail: float


@dataclass(frozen=True, slots=True)
class Placed:
    """A finished part of the ladder: its shapes from `top` to `bottom`."""

    top: float
    bottom: float
    group: Group


def short(text: str) -> str:
    return text if len(text) <= LONGEST else text[: LONGEST - 1].rstrip() + "…"


def spans(sheet: Sheet, said: Said, bold: str = "") -> list[Span]:
    """A saying as spans: a bold beginning, its words, and the tags of its open questions."""
    found = [Span(short(bold), True)] if bold else []
    if said.text:
        found.append(Span(short(said.text)))
    return [*found, *(Span(f"[{tag}]", True) for tag in sheet.tags(said))]


def shares(columns: Columns) -> tuple[float, float, float]:
    """The widths of the three columns inside a rung."""
    room = columns.rung_end - columns.rung - 20
    return room * 0.35, room * 0.33, room * 0.32


def outside(sheet: Sheet, marked: Sequence[tuple[str, Said]]) -> Block:
    """The referrals that are open at one place, for the rail on the right."""
    lines = []
    for mark, said in marked:
        text = flow(spans(sheet, said, mark), RIGHT - 30)
        dot = (Dot(4, 8, 4),) if mark else ()
        lines.append(Block((*dot, *place(text.shapes, 14 if mark else 0, 0)), text.height))
    if not marked and sheet.body:
        text = flow([Span("not open")], RIGHT - 30)
        lines.append(Block((Dot(4, 8, 4, False), *place(text.shapes, 14, 0)), text.height))
    return stack(lines, 2)


def rung(sheet: Sheet, row: Row, columns: Columns, top: float, scale: float) -> Placed:
    parts = shares(columns)
    inner = columns.rung + 10
    title = [flow([Span(row.name, True)], parts[0] - 10, 15)]
    title.append(flow(spans(sheet, Said("", row.counts.tags), row.counts.text), parts[0] - 10))
    title.append(flow(spans(sheet, row.exists), parts[0] - 10))
    who = flow(spans(sheet, row.who), parts[1] - 10, 13)
    bar = _bar(row, parts[2] - 4, scale)
    room = parts[2] - 4
    time = Said("", row.window.tags)
    limit = flow(spans(sheet, time, row.window.text), room, 13)
    window = stack([bar, limit, flow(spans(sheet, row.clock), room)])
    heads = [stack([b for b in title if b.height], 1), who, window]
    head = max(b.height for b in heads)
    shapes: list[Shape] = []
    x = inner
    for block, share in zip(heads, parts, strict=True):
        shapes += place(block.shapes, x, top + 8)
        x += share
    y = top + 8 + head + 4
    for key, said in row.lines:
        block = flow(spans(sheet, said, f"{key}:"), columns.rung_end - columns.rung - 20)
        shapes += place(block.shapes, inner, y)
        y += block.height
    for mark, said in row.loops:
        block = flow(spans(sheet, said, mark), columns.rung_end - columns.rung - 20)
        shapes += place(block.shapes, inner, y)
        shapes.append(_loop(columns.rung_end, y + 3))
        y += block.height
    settled = flow(spans(sheet, row.settled), LEFT - 12)
    rail = outside(sheet, row.outside)
    entry = f"start {', '.join(row.entries)}" if row.entries else ""
    starts = flow([Span(entry, True)], GAP - 26)
    needs = (settled.height + 14, rail.height + 14, (46 + starts.height) if entry else 40)
    bottom = max(y + 6, *(top + n for n in needs))
    shapes += place(settled.shapes, EDGE + 6, top + 8)
    shapes += place(rail.shapes, columns.rail + 8, top + 8)
    shapes.append(Line(((columns.rung, top + 16), (EDGE + LEFT, top + 16)), 1.5, "", True))
    if entry:
        shapes += place(starts.shapes, EDGE + LEFT + 10, top + 28)
        low = top + 28 + starts.height + 8
        shapes += [Dot(EDGE + LEFT + 14, low, 5),
                   Line(((EDGE + LEFT + 14, low), (columns.rung, low)), 1.5, "", True)]  # fmt: skip
    border = _border(row, columns, top, bottom)
    return Placed(top, bottom, Group(row_words(sheet, row), (*border, *shapes)))


def _border(row: Row, columns: Columns, top: float, bottom: float) -> list[Shape]:
    """Thick and solid for formal time, dashed for informal, dotted where not in the reading."""
    wide, high = columns.rung_end - columns.rung, bottom - top
    if not row.drawn:
        return [Box(columns.rung, top, wide, high, 1.2, "2 4", "#ffffff")]
    if row.formal == "formal":
        return [Box(columns.rung, top, wide, high, 2.6, "", "#ffffff")]
    inner = Box(columns.rung + 4, top + 4, wide - 8, high - 8, 1, "")
    dashed = Box(columns.rung, top, wide, high, 1.6, "9 5", "#ffffff")
    return [dashed] if row.formal == "informal" else [dashed, inner]


def _bar(row: Row, room: float, scale: float) -> Block:
    """The window as a bar: solid for days, open and dashed for none stated, hatched for unknown."""
    high = 9.0
    if row.days is not None:
        bar: list[Shape] = [Box(0, 2, max(2.0, room * row.days / scale), high, 1, "", "#3a3a3a")]
    elif row.limit == "unknown":
        bar = [Hatch(0, 2, room, high), Box(0, 2, room, high, 1)]
    else:
        dash = "5 4" if row.limit == "unstated" else ""
        ends = ((room, 2.0), (0.0, 2.0), (0.0, 2 + high), (room, 2 + high))
        bar = [Line(ends, 1.4, dash)]
    return Block(tuple(bar), high + 5)


def _loop(x: float, y: float) -> Line:
    return Line(((x, y), (x + 13, y), (x + 13, y + 9), (x + 1, y + 9)), 1.2, "", True)
