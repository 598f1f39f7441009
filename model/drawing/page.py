"""A ladder as an SVG picture."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence

from model import harmless
from model.drawing.layout import layout
from model.drawing.scene import Box, Dot, Group, Hatch, Line, Point, Scene, Shape, Span, Text
from model.drawing.sheet import sheet
from model.drawing.twin import twin
from model.graph import StateGraph

INK = "#1a1a1a"
FONT = "Arial, Helvetica, 'Liberation Sans', sans-serif"


def svg(graph: StateGraph) -> str:
    """One ladder as SVG: no script, no link, nothing from elsewhere; the same bytes every time.

    It can stand alone or inside a page. All words of the file are escaped.
    """
    page = sheet(graph)
    scene = layout(page)
    label = "ladder-" + hashlib.sha256(graph.name.encode()).hexdigest()[:10]
    return "\n".join(_document(scene, label, page.title, twin(page))) + "\n"


def _document(scene: Scene, label: str, title: str, words: str) -> Iterator[str]:
    wide, high = number(scene.width), number(scene.height)
    yield (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{wide}" height="{high}" '
        f'viewBox="0 0 {wide} {high}" role="img" '
        f'aria-labelledby="{label}-title {label}-desc" font-family="{harmless.markup(FONT)}" '
        f'fill="{INK}" stroke="none">'
    )
    yield f'<title id="{label}-title">{harmless.markup(title)}</title>'
    yield f'<desc id="{label}-desc">{harmless.markup(words)}</desc>'
    yield f'<rect width="{wide}" height="{high}" fill="#ffffff"/>'
    for group in scene.groups:
        yield from _group(group)
    yield "</svg>"


def _group(group: Group) -> Iterator[str]:
    yield f"<g><title>{harmless.markup(group.title)}</title>"
    for shape in group.shapes:
        yield _shape(shape)
    yield "</g>"


def _shape(shape: Shape) -> str:
    match shape:
        case Text(x, y, spans, size):
            at = f'x="{number(x)}" y="{number(y)}" font-size="{number(size)}"'
            return f"<text {at}>{' '.join(_span(span) for span in spans)}</text>"
        case Box(x, y, w, h, stroke, dash, fill, radius):
            at = f'x="{number(x)}" y="{number(y)}" width="{number(w)}" height="{number(h)}"'
            round_ = f' rx="{number(radius)}"' if radius else ""
            return f'<rect {at}{round_} fill="{fill}" {_stroke(stroke, dash)}/>'
        case Dot(x, y, r, filled):
            fill = INK if filled else "#ffffff"
            at = f'cx="{number(x)}" cy="{number(y)}" r="{number(r)}"'
            return f'<circle {at} fill="{fill}" {_stroke(1.5, "")}/>'
        case Hatch(x, y, w, h):
            return f'<path d="{_hatching(x, y, w, h)}" fill="none" {_stroke(1, "")}/>'
    return _line(shape)


def _span(span: Span) -> str:
    text = harmless.markup(span.text)
    return f'<tspan font-weight="bold">{text}</tspan>' if span.bold else text


def _hatching(x: float, y: float, w: float, h: float) -> str:
    """Lines that rise to the right, cut off at the sides of a rectangle."""
    parts = []
    for k in range(7, int(w + h), 7):
        left, right = max(0.0, k - h), min(w, float(k))
        parts.append(_path(((x + left, y + k - left), (x + right, y + k - right))))
    return "".join(parts)


def _line(line: Line) -> str:
    body = f'<path d="{_path(line.points)}" fill="none" {_stroke(line.stroke, line.dash)}/>'
    return body + (_head(line) if line.head else "")


def _head(line: Line) -> str:
    """An arrowhead at the last point of a line; lines run straight up, down, left or right."""
    (fx, fy), (x, y) = line.points[-2:]
    long = abs(x - fx) + abs(y - fy)
    dx, dy = (x - fx) / long, (y - fy) / long
    size = 6 + line.stroke
    back, side = size, size * 0.55
    corners = (
        (x, y),
        (x - dx * back - dy * side, y - dy * back + dx * side),
        (x - dx * back + dy * side, y - dy * back - dx * side),
    )
    return f'<path d="{_path(corners)}Z" fill="{INK}"/>'


def _path(points: Sequence[Point]) -> str:
    return "".join(f"{'L' if i else 'M'}{number(x)} {number(y)}" for i, (x, y) in enumerate(points))


def _stroke(stroke: float, dash: str) -> str:
    pattern = f' stroke-dasharray="{dash}"' if dash else ""
    return f'stroke="{INK}" stroke-width="{number(stroke)}"{pattern}'


def number(value: float) -> str:
    """A length with at most one decimal place."""
    return f"{value:.1f}".removesuffix(".0")
