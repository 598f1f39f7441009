"""Where everything on a drawing of a ladder stands: from a sheet to shapes on a page."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from model.drawing.legend import below
from model.drawing.plain import Gate, Said
from model.drawing.rungbox import (
    EDGE,
    GAP,
    LEFT,
    RIGHT,
    WIDTH,
    Columns,
    Placed,
    outside,
    rung,
    shares,
    spans,
)
from model.drawing.scene import (
    Box,
    Dot,
    Group,
    Line,
    Scene,
    Shape,
    Span,
    Text,
    flow,
    place,
    stack,
    width,
)
from model.drawing.sheet import Bracket, Sheet
from model.drawing.steps import Arrow
from model.drawing.twin import arrow_words, gate_words, said_words

LANE = 27.0  # one bracket
LANES = 6  # brackets beyond these share the last lane
PALE = "#f1f1f1"


def layout(sheet: Sheet) -> Scene:
    """Everything on the page."""
    lanes = _lanes(sheet.brackets)
    loops = any(row.loops for row in sheet.rows)
    rail = WIDTH - EDGE - RIGHT
    brackets = rail - 10 - LANE * len(lanes)
    columns = Columns(EDGE + LEFT + GAP, brackets - (22 if loops else 6), brackets, rail)
    y, groups = _heading(sheet)
    first = y
    y += _captions(sheet, columns, bool(lanes), y, groups)
    end = _end(sheet, columns, y)
    groups.append(end.group)
    y = end.bottom
    rows: dict[int, Placed] = {}
    arrows = {a.upper: a for a in sheet.arrows}
    scale = max([5.0, *(r.days for r in sheet.rows if r.days is not None)])
    y = _last(sheet, columns, y, groups)
    for i in range(len(sheet.rows) - 1, -1, -1):
        rows[i] = rung(sheet, sheet.rows[i], columns, y, scale)
        groups.append(rows[i].group)
        y = _band(sheet, columns, arrows.get(i), i, rows[i].bottom, groups)
    start = _start(sheet, columns, y)
    groups.append(start.group)
    y = start.bottom + 8
    groups[1:1] = [_rails(columns, first, y)]
    groups += [_bracket(b, k, columns, rows) for k, b in enumerate(lanes)]
    y = _totals(sheet, y + 12, groups)
    height, more = below(sheet, EDGE, y + 14, WIDTH - 2 * EDGE)
    return Scene(WIDTH, height + EDGE, tuple([*groups, *more]))


# --- words ----------------------------------------------------------------------------------


def _heading(sheet: Sheet) -> tuple[float, list[Group]]:
    room = WIDTH - 2 * EDGE
    reading = (
        "Drawn in the plain reading of the text: every open question has its plain answer."
        if sheet.questions
        else "The text leaves no question open that changes this drawing."
    )
    tags = " A tag such as [Q1] stands where another answer changes what is drawn."
    days = " All days are working days unless it says otherwise."
    text = reading + (tags if sheet.questions else "") + days
    block = stack(
        [
            flow([Span(sheet.title, True)], room, 20),
            flow([Span(sheet.subtitle)], room, 13),
            flow([Span(text)], room, 12),
        ],
        2,
    )
    shapes = place(block.shapes, EDGE, 10)
    return block.height + 22, [Group(sheet.title, tuple(shapes))]


def _captions(sheet: Sheet, columns: Columns, skips: bool, y: float, groups: list[Group]) -> float:
    """The heads of the columns; returns their height."""
    parts = shares(columns)
    heads = [
        (EDGE + 6, LEFT - 12, "Resolved"),
        (columns.rung + 10, parts[0] - 10, "Rung"),
        (columns.rung + 10 + parts[0], parts[1] - 10, "Who answers"),
        (columns.rung + 10 + sum(parts[:2]), parts[2] - 4, "Answer within"),
        (columns.rail + 6, RIGHT - 12, sheet.body or "Referral"),
    ]
    if skips:
        heads.append((columns.brackets - 22, columns.rail - columns.brackets + 14, "Ways"))
    blocks = [(x, flow([Span(text, True)], room, 13)) for x, room, text in heads]
    shapes: list[Shape] = []
    for x, block in blocks:
        shapes += place(block.shapes, x, y + 4)
    groups.append(Group("Columns", tuple(shapes)))
    return max(b.height for _, b in blocks) + 12


def _rails(columns: Columns, top: float, bottom: float) -> Group:
    return Group(
        "Rails",
        (
            Box(EDGE, top, LEFT, bottom - top, 1, "", PALE, 6),
            Box(columns.rail, top, RIGHT, bottom - top, 1, "", PALE, 6),
        ),
    )


# --- between the rungs ----------------------------------------------------------------------


def _band(
    sheet: Sheet, columns: Columns, arrow: Arrow | None, i: int, top: float, groups: list[Group]
) -> float:
    """What stands between a rung and the one below it; returns where that one begins."""
    line = columns.rung + 34
    if arrow is None:
        text = "no step up from the rung below is stated" if i else "it does not begin here"
        block = flow([Span(text)], columns.rung_end - line - 20)
        groups.append(Group(text, tuple(place(block.shapes, line + 14, top + 6))))
        return top + block.height + 12
    label = flow(spans(sheet, arrow.says), columns.rung_end - line - 20)
    shapes: list[Shape] = place(label.shapes, line + 14, top + 9)
    heavy = 4.0 if arrow.alone else 2.0
    dash = "" if arrow.drawn else "2 4"
    y = top + label.height + 16
    head = top
    for gate in reversed(arrow.gates):
        box = _gate(sheet, gate, columns, y)
        shapes += [*box.group.shapes, Line(((line, y), (line, head)), heavy, dash, True)]
        head = box.bottom
        y = box.bottom + 16
    bottom = y + (4 if arrow.gates else 0)
    shapes.append(Line(((line, bottom), (line, head)), heavy, dash, True))
    groups.append(Group(arrow_words(sheet, arrow), tuple(shapes)))
    return bottom


def _gate(sheet: Sheet, gate: Gate, columns: Columns, top: float) -> Placed:
    """A box on an arrow; a padlock if the step has to wait."""
    left, right = columns.rung + 16, columns.rung_end - 16
    block = flow(spans(sheet, gate.says, f"{gate.who}:"), right - left - 44)
    bottom = top + block.height + 10
    shapes: list[Shape] = [
        Box(left, top, right - left, bottom - top, 1.6 if gate.awaited else 1.2,
            "" if gate.awaited else "3 3", "#ffffff", 8),
    ]  # fmt: skip
    if gate.awaited:
        middle = (top + bottom) / 2
        shackle = ((left + 14.0, middle), (left + 14.0, middle - 9), (left + 22.0, middle - 9),
                   (left + 22.0, middle))  # fmt: skip
        shapes += [Line(shackle, 2), Box(left + 11, middle - 1, 14, 10, 1, "", "#1a1a1a", 1)]
    shapes += place(block.shapes, left + 36, top + 5)
    return Placed(top, bottom, Group(gate_words(sheet, gate), tuple(shapes)))


def _capsule(
    sheet: Sheet, columns: Columns, top: float, text: list[Span], open_: Sequence[tuple[str, Said]]
) -> Placed:
    """The start or the end of the ladder."""
    wide = columns.rung_end - columns.rung
    block = flow(text, wide - 40, 13)
    rail = outside(sheet, open_)
    high = max(block.height + 14, rail.height + 4)
    shapes = [
        Box(columns.rung, top, wide, high, 1.6, "", PALE, 14),
        *place(block.shapes, columns.rung + 20, top + 7),
        *place(rail.shapes, columns.rail + 8, top + 6),
    ]
    title = " ".join(s.text for s in text)
    title += "".join(f"; {mark} {said_words(sheet, said)}" for mark, said in open_)
    return Placed(top, top + high, Group(title, tuple(shapes)))


def _end(sheet: Sheet, columns: Columns, top: float) -> Placed:
    text = [Span("The ladder is exhausted:", True), Span("the top rung has not put it right")]
    placed = _capsule(sheet, columns, top, text, sheet.outside_end)
    carried = flow(spans(sheet, sheet.settled), LEFT - 12)
    title = f"{placed.group.title}; resolved: {said_words(sheet, sheet.settled)}"
    shapes = (*placed.group.shapes, *place(carried.shapes, EDGE + 6, top))
    bottom = max(placed.bottom, top + carried.height - 14)
    return Placed(top, bottom, Group(title, shapes))


def _start(sheet: Sheet, columns: Columns, top: float) -> Placed:
    text = spans(sheet, sheet.raised, "Raised by:")
    return _capsule(sheet, columns, top, text, sheet.outside_start)


def _last(sheet: Sheet, columns: Columns, top: float, groups: list[Group]) -> float:
    """The arrow from the top rung to the end; returns where the top rung begins."""
    line = columns.rung + 34
    dash = "" if sheet.rows[-1].drawn else "2 4"
    groups.append(Group("to the end", (Line(((line, top + 22), (line, top)), 1.5, dash, True),)))
    return top + 22


def _totals(sheet: Sheet, top: float, groups: list[Group]) -> float:
    """The time of the whole ladder, at its foot."""
    lines = [flow(spans(sheet, i.says), WIDTH - 2 * EDGE - 24, 13) for i in sheet.totals]
    block = stack(lines, 2)
    shapes = [
        Box(EDGE, top, WIDTH - 2 * EDGE, block.height + 14, 2),
        *place(block.shapes, EDGE + 12, top + 7),
    ]
    title = "; ".join(said_words(sheet, i.says) for i in sheet.totals)
    groups.append(Group(title, tuple(shapes)))
    return top + block.height + 14


# --- brackets -------------------------------------------------------------------------------


def _lanes(brackets: Sequence[Bracket]) -> list[Bracket]:
    """One bracket for each lane; those for which there is no lane share the last."""
    if len(brackets) <= LANES:
        return list(brackets)
    rest = brackets[LANES - 1 :]
    lower = sorted({i for b in rest for i in b.lower})
    upper = sorted({i for b in rest for i in b.upper})
    return [*brackets[: LANES - 1], Bracket(f"+{len(rest)}", tuple(lower), tuple(upper))]


def _bracket(bracket: Bracket, lane: int, columns: Columns, rows: Mapping[int, Placed]) -> Group:
    """A vertical line with a circle at each rung it leaves and an arrowhead where it may end."""
    x = columns.brackets + LANE * lane + LANE / 2
    starts = [(rows[i].top + rows[i].bottom) / 2 + 12 for i in bracket.lower]
    ends = [(rows[i].top + rows[i].bottom) / 2 - 8 for i in bracket.upper]
    top, bottom = min([*starts, *ends]), max([*starts, *ends])
    shapes: list[Shape] = [Line(((x, bottom), (x, top)), 1.5)]
    shapes += [Line(((x, y), (x - 11, y)), 1.5, "", True) for y in ends]
    shapes += [Dot(x, y, 4, False) for y in starts]
    half = width(bracket.mark, 12, True) / 2
    shapes.append(Text(x - half, top - 8, (Span(bracket.mark, True),)))
    return Group(f"{bracket.mark}: see below", tuple(shapes))


def texts(scene: Scene) -> Iterator[Text]:
    """Every run of text on the page."""
    for group in scene.groups:
        yield from (shape for shape in group.shapes if isinstance(shape, Text))
