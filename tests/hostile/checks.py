"""Whether text that others wrote has become anything but text, format by format.

Each check parses what was written, by other means than it was written by, and raises
`AssertionError` where something is there that is not ours.
"""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Callable
from contextlib import redirect_stdout
from functools import cache, partial
from html.parser import HTMLParser
from pathlib import Path
from xml.etree import ElementTree

from markdown_it import MarkdownIt

from drp.cli import main
from model.harmless import is_hidden

SHOWN = "\n"  # the one control character that a line of ours ends with
FORMULA = ("=", "+", "-", "@", "＝", "＋", "－", "＠", "\t", "\r")


def log(text: str) -> None:
    """For a terminal, and for the log of a build."""
    for line in text.split(SHOWN):
        seen = [c for c in line if is_hidden(c) or not c.isprintable()]
        assert not seen, f"{seen!a} in {line!a}"
        assert not line.lstrip().startswith("::"), f"a workflow command: {line}"
        assert "##" not in line, f"a command of a runner: {line}"


def json_(text: str) -> None:
    """JSON that a log may show."""
    log(text)
    json.loads(text)


OURS_IN_HTML = {
    "p": set(), "strong": set(), "table": set(), "caption": {"style"}, "thead": set(),
    "tbody": set(), "tr": set(), "th": {"style", "scope"}, "td": {"style"},
}  # fmt: skip
STYLES = {
    "padding:2px 10px 2px 0;vertical-align:top;text-align:left", "text-align:left;font-weight:bold",
}  # fmt: skip


class _Elements(HTMLParser):
    """Refuses elements, attributes, comments and instructions that are not ours."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.open: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert tag in OURS_IN_HTML, f"<{tag}>"
        assert {name for name, _ in attrs} <= OURS_IN_HTML[tag], (tag, attrs)
        given = dict(attrs)
        assert (
            given.get("style", next(iter(STYLES))) in STYLES and given.get("scope", "col") == "col"
        )
        self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open and self.open.pop() == tag, f"</{tag}>"

    def handle_comment(self, data: str) -> None:
        raise AssertionError(f"a comment: {data}")

    def handle_decl(self, decl: str) -> None:
        raise AssertionError(f"a declaration: {decl}")

    def handle_pi(self, data: str) -> None:
        raise AssertionError(f"an instruction: {data}")


def html(text: str) -> None:
    """What a notebook shows."""
    parser = _Elements()
    parser.feed(text)
    parser.close()
    assert not parser.open, parser.open
    ElementTree.fromstring(f"<div>{text}</div>")


_OF_SVG = "{http://www.w3.org/2000/svg}"
OURS_IN_SVG = {
    f"{_OF_SVG}{tag}"
    for tag in ["svg", "title", "desc", "rect", "g", "text", "tspan", "path", "circle"]
}
ATTRIBUTES = set(
    [
        "width",
        "height",
        "viewBox",
        "role",
        "aria-labelledby",
        "font-family",
        "fill",
        "stroke",
        "id",
        "x",
        "y",
        "rx",
        "cx",
        "cy",
        "r",
        "d",
        "font-size",
        "font-weight",
        "stroke-width",
        "stroke-dasharray",
    ]
)


def svg(text: str) -> None:
    """The picture of a ladder."""
    log(text)
    for element in ElementTree.fromstring(text).iter():
        assert element.tag in OURS_IN_SVG, element.tag
        assert set(element.attrib) <= ATTRIBUTES, element.attrib
        for value in element.attrib.values():
            assert re.fullmatch(r"[\w .,#'-]*", value), value


def figure(text: str) -> None:
    """A picture that matplotlib has drawn."""
    for element in ElementTree.fromstring(text).iter():
        name = element.tag.rpartition("}")[2]
        assert name not in ("script", "a", "foreignObject", "iframe", "image"), name
        for key, value in element.attrib.items():
            assert not key.lower().startswith("on"), key
            assert not key.endswith("href") or value.startswith("#"), value


def graphml(text: str) -> None:
    log(text)
    names = {e.tag.rpartition("}")[2] for e in ElementTree.fromstring(text).iter()}
    assert names == {"graphml", "key", "graph", "node", "edge", "data"}, names


_DOT = re.compile(
    r'"((?:[^"\\\n]|\\.)*)"|(->|[{}\[\];=,])|([A-Za-z_][\w.]*|[0-9.]+)|(\s+)|(.)', re.S
)
_DOT_WORDS = re.compile(
    r"digraph|subgraph|graph|node|edge|ladder|rankdir|BT|compound|true|fontname|Arial|fontsize|12|"
    r"label|shape|style|solid|dashed|ltail|box|oval|hexagon|note\d*|cluster_\d+|n\d+"
)


def dot(text: str) -> None:
    """Graphviz: strings, and words of ours; in a string only what we write can be an escape."""
    log(text)
    for string, _, word, _, other in _DOT.findall(text):
        assert not other, f"{other!r} stands outside a string"
        assert not word or _DOT_WORDS.fullmatch(word), word
        rest = re.sub(r'\\\\|\\"|\\n', "", string)
        assert "\\" not in rest, f"an escape of Graphviz in {string!r}"
        assert not re.search(r"&(?!amp;|#35;|#58;)", string), f"an entity in {string!r}"


_MERMAID_TEXT = r'"(?:[^\W_]|[ ]|#\d+;|<br/>)*"'
_MERMAID_LINE = re.compile(
    rf"flowchart BT|  subgraph r\d+\[{_MERMAID_TEXT}\]|  end|"
    rf"    n\d+(?:\[|\(\[|\{{\{{){_MERMAID_TEXT}(?:\]|\]\)|\}}\}})|"
    rf"  [rn]\d+ -->\|{_MERMAID_TEXT}\| n\d+|  note\d+\[{_MERMAID_TEXT}\]"
)


def mermaid(text: str) -> None:
    log(text)
    for line in text.rstrip("\n").split("\n"):
        assert _MERMAID_LINE.fullmatch(line), line


_INLINE = {"text", "code_inline", "strong_open", "strong_close", "softbreak"}
_BLOCKS = {
    "inline", "heading_open", "heading_close", "paragraph_open", "paragraph_close", "table_open",
    "table_close", "thead_open", "thead_close", "tbody_open", "tbody_close", "tr_open", "tr_close",
    "th_open", "th_close", "td_open", "td_close", "bullet_list_open", "bullet_list_close",
    "list_item_open", "list_item_close",
}  # fmt: skip
_LINKED = re.compile(r"(?:https?|ftp)://|\bwww\.|(?<!\w)@\w|(?<![\w&])#\d|\bGH-\d")


def markdown(text: str) -> None:
    """Markdown as GitHub takes it: CommonMark with tables, links, mentions and mathematics."""
    log(re.sub(r"(?m)^#{1,3} ", "", text))
    for token in MarkdownIt("commonmark").enable(["table", "strikethrough"]).parse(text):
        assert token.type in _BLOCKS, f"{token.type}: {token.content}"
        for inner in token.children or ():
            assert inner.type in _INLINE, f"{inner.type} in {token.content}"
            if inner.type == "code_inline":
                assert re.fullmatch(r"[a-z][a-z0-9 -]*", inner.content), inner.content
            assert not _LINKED.search(inner.content), f"GitHub links {inner.content!r}"
    assert not re.search(r"\$\S", text), "GitHub takes this for mathematics"
    columns = 0
    for line in text.split("\n"):
        bars = len(re.findall(r"(?<!\\)\|", line.replace("\\\\", "")))
        columns = bars if not columns or not bars else columns
        assert bars in (0, columns) or line.startswith("|---"), f"another cell in {line}"
        columns = bars


def csv_(text: str) -> None:
    """A table that a spreadsheet opens, whatever sign it takes to part the cells."""
    log(text)
    rows = list(csv.reader(io.StringIO(text)))
    assert len(rows) > 1 and all(len(row) == len(rows[0]) for row in rows)
    number = re.compile(r"-?\d+(\.\d+)?(e-?\d+)?")
    for row in rows:
        for cell in row:
            parts = [cell, *re.split(r"[;|]", cell)[1:], *cell.split(",")[1:]]
            assert number.fullmatch(cell) or not any(p.startswith(FORMULA) for p in parts), cell


PLAIN = Path(__file__).parent.parent / "policies" / "every-key.yaml"
COMMENT = {"prism": "//", "smtlib": ";", "tchecker": "#"}


@cache
def _plain(kind: str) -> str:
    """What is exported of the policy that the hostile one was made of, which has other names."""
    with redirect_stdout(io.StringIO()) as out:
        assert main(["export", "--to", kind, str(PLAIN)]) == 0
    return out.getvalue()


def export(kind: str, text: str) -> None:
    """A model for a checker: names stand in comments only, so that other names change no more."""
    log(text)
    assert text.isascii()
    assert _bare(kind, text) == _bare(kind, _plain(kind))


def _bare(kind: str, text: str) -> str:
    """A model without its comments."""
    if kind == "uppaal":
        root = ElementTree.fromstring(text)
        for element in root.iter():
            if element.get("kind") == "comments" or element.tag == "comment":
                element.text = ""
            element.text = re.sub("//.*", "", element.text or "")
        return ElementTree.tostring(root, encoding="unicode").strip()
    return re.sub(f" *{COMMENT[kind]}.*", "", text).strip()


_SMT = re.compile(r'"((?:[^"]|"")*)"|;[^\n]*|([()])|([^\s()";|]+)|\s+|(.)')
_SMT_WORDS = re.compile(
    r":?[a-z]+(-[a-z]+|-[0-9]+)*|[0-9]+(\.[0-9]+)?|=|=>|<=|>=|<|>|\+|-|\*|ALL|QF_LIA|LIA|"
    r"Bool|Int|SMT-LIB|[A-Z]+"
)


def smt2(text: str) -> None:
    """Questions for a solver, in files: names stand in strings, and every symbol is ours."""
    assert text.isascii() and all(c.isprintable() or c == SHOWN for c in text)
    depth = 0
    for _, bracket, word, other in _SMT.findall(text):
        assert not other, f"{other!r} in {text}"
        assert not word or _SMT_WORDS.fullmatch(word), word
        depth += {"(": 1, ")": -1}.get(bracket, 0)
        assert depth >= 0
    assert depth == 0


CHECKS: dict[str, Callable[[str], None]] = {
    "text": log, "json": json_, "html": html, "svg": svg, "figure": figure, "graphml": graphml,
    "dot": dot, "mermaid": mermaid, "markdown": markdown, "csv": csv_,
    "smt2": smt2,
    **{kind: partial(export, kind) for kind in ("prism", "smtlib", "tchecker", "uppaal")},
}  # fmt: skip
