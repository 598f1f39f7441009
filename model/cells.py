"""How results show themselves in a notebook: tables of HTML in which every text is escaped."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from model import harmless

_CELL = "padding:2px 10px 2px 0;vertical-align:top;text-align:left"


def paragraph(text: object, *, strong: bool = False) -> str:
    """A paragraph of plain text."""
    inner = harmless.markup(text)
    return f"<p>{f'<strong>{inner}</strong>' if strong else inner}</p>"


def table(title: object, columns: Sequence[object], rows: Iterable[Sequence[object]]) -> str:
    """A table with a caption and named columns."""
    head = "".join(f'<th scope="col" style="{_CELL}">{harmless.markup(c)}</th>' for c in columns)
    body = "".join(
        "<tr>" + "".join(f'<td style="{_CELL}">{harmless.markup(c)}</td>' for c in row) + "</tr>"
        for row in rows
    )
    caption = (
        f'<caption style="text-align:left;font-weight:bold">{harmless.markup(title)}</caption>'
    )
    return f"<table>{caption}<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"


__all__ = ["paragraph", "table"]
