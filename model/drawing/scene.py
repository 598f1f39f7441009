"""Shapes on a page, the width of text, and its wrapping. Lengths are pixels at natural size.

A character is taken to be as wide as in the wider of Arial and DejaVu Sans, so that text fits
in either.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

BOLD = 1.14  # how much wider bold text is
LEADING = 1.35  # from one line to the next, in font sizes

# The widths of the characters from space to ~, in thousandths of the font size.
_ASCII = (
    318, 401, 460, 838, 636, 950, 780, 275, 390, 390, 500, 838, 318, 361, 318, 337,
    636, 636, 636, 636, 636, 636, 636, 636, 636, 636, 337, 337, 838, 838, 838, 556,
    1015, 684, 686, 722, 770, 667, 611, 778, 752, 295, 500, 667, 557, 863, 748, 787,
    667, 787, 722, 667, 611, 732, 684, 989, 685, 667, 685, 390, 337, 390, 838, 556,
    500, 613, 635, 550, 635, 615, 352, 635, 634, 278, 278, 579, 278, 974, 634, 612,
    635, 635, 411, 521, 392, 634, 592, 818, 592, 592, 525, 636, 337, 636, 838,
)  # fmt: skip

Point = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Span:
    """Words of one style."""

    text: str
    bold: bool = False


@dataclass(frozen=True, slots=True)
class Text:
    """One line of text, its spans parted by spaces; `x` is its left end and `y` its baseline."""

    x: float
    y: float
    spans: tuple[Span, ...]
    size: float = 12

    @property
    def text(self) -> str:
        return " ".join(span.text for span in self.spans)

    @property
    def box(self) -> tuple[float, float, float, float]:
        """Left, top, right and bottom."""
        right = self.x + wide(self.spans, self.size)
        return self.x, self.y - 0.8 * self.size, right, self.y + 0.25 * self.size


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle; `dash` is an SVG dash pattern, empty for a solid border."""

    x: float
    y: float
    w: float
    h: float
    stroke: float = 1
    dash: str = ""
    fill: str = "none"
    radius: float = 0


@dataclass(frozen=True, slots=True)
class Line:
    """Straight lines from point to point; with `head`, an arrowhead at the last one."""

    points: tuple[Point, ...]
    stroke: float = 1.5
    dash: str = ""
    head: bool = False


@dataclass(frozen=True, slots=True)
class Dot:
    x: float
    y: float
    r: float
    filled: bool = True


@dataclass(frozen=True, slots=True)
class Hatch:
    """Slanting lines that fill a rectangle."""

    x: float
    y: float
    w: float
    h: float


Shape = Text | Box | Line | Dot | Hatch


@dataclass(frozen=True, slots=True)
class Group:
    """Shapes that belong together, with words that say what they are."""

    title: str
    shapes: tuple[Shape, ...]


@dataclass(frozen=True, slots=True)
class Scene:
    width: float
    height: float
    groups: tuple[Group, ...]


# --- text -----------------------------------------------------------------------------------


def width(text: str, size: float, bold: bool = False) -> float:
    """About how wide a text is, in pixels; rather too wide than too narrow."""
    em = sum(_em(char) for char in text) / 1000
    return em * size * (BOLD if bold else 1)


def _em(char: str) -> int:
    code = ord(char)
    if 32 <= code < 127:
        return _ASCII[code - 32]
    if unicodedata.category(char) in ("Mn", "Me"):
        return 0
    if 0x2010 <= code < 0x2014 or 0x2018 <= code < 0x2020:  # short dashes and quotation marks
        return 560
    return 850 if code < 0x250 else 1000


def wide(spans: Iterable[Span], size: float) -> float:
    """About how wide some spans on one line are, in pixels."""
    widths = [width(s.text, size, s.bold) for s in spans]
    return sum(widths) + width(" ", size, True) * max(0, len(widths) - 1)


@dataclass(frozen=True, slots=True)
class Block:
    """Wrapped text, laid out from (0, 0) at its upper left corner."""

    shapes: tuple[Shape, ...]
    height: float


def _words(spans: Iterable[Span], room: float, size: float) -> Iterator[Span]:
    """The words of some spans, with those that are wider than the room cut in pieces."""
    for span in spans:
        for word in span.text.split():
            piece = ""
            for char in word:
                if piece and width(piece + char, size, span.bold) > room:
                    yield Span(piece, span.bold)
                    piece = ""
                piece += char
            yield Span(piece, span.bold)


def flow(spans: Iterable[Span], room: float, size: float = 12) -> Block:
    """Wrap some spans to a width of `room` pixels."""
    lines: list[list[Span]] = []
    for word in _words(spans, room, size):
        if not lines or wide([*lines[-1], word], size) > room:
            lines.append([word])
        elif lines[-1][-1].bold == word.bold:
            lines[-1][-1] = Span(f"{lines[-1][-1].text} {word.text}", word.bold)
        else:
            lines[-1].append(word)
    step = size * LEADING
    shapes = (Text(0, k * step + size, tuple(line), size) for k, line in enumerate(lines))
    return Block(tuple(shapes), len(lines) * step)


def stack(blocks: Iterable[Block], gap: float = 0) -> Block:
    """Blocks below each other."""
    shapes: list[Shape] = []
    y = 0.0
    for block in blocks:
        if block.height:
            y += gap if y else 0
            shapes += place(block.shapes, 0, y)
            y += block.height
    return Block(tuple(shapes), y)


def place(shapes: Iterable[Shape], x: float, y: float) -> list[Shape]:
    """Shapes moved right by `x` and down by `y`."""
    moved: list[Shape] = []
    for shape in shapes:
        match shape:
            case Text(sx, sy, spans, size):
                moved.append(Text(sx + x, sy + y, spans, size))
            case Box(sx, sy, w, h, stroke, dash, fill, radius):
                moved.append(Box(sx + x, sy + y, w, h, stroke, dash, fill, radius))
            case Line(points, stroke, dash, head):
                there = tuple((px + x, py + y) for px, py in points)
                moved.append(Line(there, stroke, dash, head))
            case Dot(sx, sy, r, filled):
                moved.append(Dot(sx + x, sy + y, r, filled))
            case Hatch(sx, sy, w, h):
                moved.append(Hatch(sx + x, sy + y, w, h))
    return moved
