"""A ladder as a matplotlib figure, for notebooks: simpler than `drawing.svg`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from model.drawing.scene import Span, Text, flow
from model.drawing.sheet import Row, Sheet, sheet
from model.drawing.steps import Arrow
from model.graph import StateGraph

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

# Inches.
WIDTH = 8.4
LINE = 0.155  # from one line to the next
LEFT, RUNG, RAIL = 0.1, 1.35, 6.95  # where the columns begin
RUNG_WIDTH, RAIL_WIDTH = 5.4, 1.35
SIZE = 8  # points
INSIDE = RUNG_WIDTH - 0.2


def figure(graph: StateGraph) -> Figure:
    """One ladder in the plain reading, lowest rung at the bottom; needs matplotlib."""
    from matplotlib.figure import Figure

    page = sheet(graph)
    boxes = [_rung_lines(row) for row in page.rows]
    arrows = {a.upper: _arrow_lines(a) for a in page.arrows}
    gaps = [LINE * max(1, len(arrows.get(i, []))) + 0.22 for i in range(len(page.rows))]
    foot = [line for text in _foot(page) for line in wrap(text, WIDTH - 0.3)]
    below = LINE * len(foot) + 0.25
    start = wrap(f"Raised by: {page.raised.text}", INSIDE)
    first = LINE * len(start) + 0.16
    title = wrap(page.title, WIDTH - 0.3, 13)
    head = 0.35 + 1.6 * LINE * len(title)
    high = below + first + head + sum(gaps) + sum(map(_height, page.rows, boxes))
    made = Figure(figsize=(WIDTH, high))
    axes = made.add_axes((0.0, 0.0, 1.0, 1.0))
    axes.set_xlim(0, WIDTH)
    axes.set_ylim(0, high)
    axes.set_axis_off()
    _words(axes, LEFT, high - 0.1, title, bold=True, size=12)
    _words(axes, LEFT, below - 0.1, foot)
    _box(axes, RUNG, below, RUNG_WIDTH, first, "-", 1.0)
    _words(axes, RUNG + 0.1, below + first - 0.07, start)
    _rails(axes, page, below, high - head + 0.3)
    y = below + first
    steps = {a.upper: a for a in page.arrows}
    for i, (row, lines) in enumerate(zip(page.rows, boxes, strict=True)):
        if i in steps:
            _arrow(axes, y, gaps[i], steps[i], arrows[i])
        y += gaps[i]
        _rung(axes, row, lines, y, bool(page.body))
        y += _height(row, lines)
    return made


def _height(row: Row, lines: list[str]) -> float:
    beside = max(len(_settled(row)) + 2, len(_outside(row)))
    return LINE * max(len(_name(row)) + len(lines), beside) + 0.16


def _name(row: Row) -> list[str]:
    return wrap(f"{row.name} ({row.counts.text})", INSIDE / 1.15)


def _settled(row: Row) -> list[str]:
    return wrap(row.settled.text, 0.9)


def _outside(row: Row) -> list[str]:
    said = [f"{mark} {words.text}" for mark, words in row.outside] or ["not open"]
    return [line for text in said for line in wrap(text, RAIL_WIDTH - 0.1)]


def wrap(text: str, room: float, size: int = SIZE) -> list[str]:
    """Lines of at most `room` inches in letters of `size` points."""
    block = flow([Span(text)], room * 72 * 0.95, size)
    return [shape.text for shape in block.shapes if isinstance(shape, Text)]


def _rung_lines(row: Row) -> list[str]:
    """The words in a rung below its name."""
    texts = [row.exists.text, f"who answers: {row.who.text}"]
    clock = f"; {row.clock.text}" if row.clock.text else ""
    texts.append(f"answer within: {row.window.text}{clock}")
    for key, said in row.lines:
        if key in ("Not satisfied", "No answer"):
            texts.append(f"{key.lower()}: {said.text}")
    texts += [f"{mark} {said.text}" for mark, said in row.loops]
    return [line for text in texts for line in wrap(text, INSIDE)]


def _arrow_lines(arrow: Arrow) -> list[str]:
    lines = wrap(arrow.says.text, INSIDE - 0.5)
    for gate in arrow.gates:
        kind = "gate" if gate.awaited else "no wait"
        lines += wrap(f"[{kind}] {gate.who}: {gate.says.text}", INSIDE - 0.5)
    return lines


def _foot(page: Sheet) -> Iterator[str]:
    """The totals, and the marks that the figure shows, in words."""
    yield from (item.says.text for item in page.totals)
    shown = {mark for row in page.rows for mark, _ in (*row.outside, *row.loops)}
    shown |= {mark for mark, _ in (*page.outside_start, *page.outside_end)}
    shown |= {mark for row in page.rows for mark in row.entries}
    shown |= {bracket.mark for bracket in page.brackets}
    for panel in page.panels:
        for item in panel.items:
            if item.mark == "E1" or (item.mark and item.mark in shown):
                yield f"{item.mark} {item.says.text}"


# --- drawing --------------------------------------------------------------------------------


def _words(
    axes: Axes, x: float, y: float, lines: list[str], bold: bool = False, size: int = SIZE
) -> None:
    """Lines of text below (x, y); nothing in them is taken for mathematics."""
    for number, line in enumerate(lines):
        axes.text(
            x, y - number * LINE * size / SIZE, line, fontsize=size, va="top", ha="left",
            weight="bold" if bold else "normal", parse_math=False,
        )  # fmt: skip


def _box(axes: Axes, x: float, y: float, w: float, h: float, style: str, line: float) -> None:
    from matplotlib.patches import Rectangle

    axes.add_patch(Rectangle((x, y), w, h, fill=False, linestyle=style, linewidth=line))


def _rails(axes: Axes, page: Sheet, bottom: float, top: float) -> None:
    _box(axes, LEFT, bottom, 1.0, top - bottom, "-", 0.6)
    _box(axes, RAIL, bottom, RAIL_WIDTH, top - bottom, "-", 0.6)
    _words(axes, LEFT + 0.07, top - 0.06, ["Resolved"], bold=True)
    heads = wrap(page.body or "No referral", RAIL_WIDTH - 0.2)
    _words(axes, RAIL + 0.07, top - 0.06, heads[:2], bold=True)


def _rung(axes: Axes, row: Row, lines: list[str], y: float, refers: bool) -> None:
    high = _height(row, lines)
    style, line = {"formal": ("-", 2.0), "informal": ("--", 1.2)}.get(row.formal, ("-.", 1.2))
    if not row.drawn:
        style, line = ":", 1.0
    _box(axes, RUNG, y, RUNG_WIDTH, high, style, line)
    _words(axes, RUNG + 0.1, y + high - 0.07, _name(row), bold=True)
    _words(axes, RUNG + 0.1, y + high - 0.07 - LINE * len(_name(row)), lines)
    _words(axes, LEFT + 0.07, y + high - 0.07, _settled(row))
    ends = (LEFT + 1.0, y + 0.12), (RUNG, y + 0.12)
    axes.annotate("", xy=ends[0], xytext=ends[1], arrowprops={"arrowstyle": "->"})
    _words(axes, RAIL + 0.07, y + high - 0.07, _outside(row) if refers else [])


def _arrow(axes: Axes, y: float, gap: float, arrow: Arrow, lines: list[str]) -> None:
    style = {"arrowstyle": "->", "linewidth": 2.5 if arrow.alone else 1.2}
    style["linestyle"] = "-" if arrow.drawn else ":"
    axes.annotate("", xy=(RUNG + 0.4, y + gap), xytext=(RUNG + 0.4, y), arrowprops=style)
    _words(axes, RUNG + 0.6, y + gap - 0.1, lines)
