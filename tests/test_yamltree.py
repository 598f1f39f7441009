"""YAML read strictly: texts stay texts, every value has its place, and nothing grows."""

from __future__ import annotations

import pickle
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from model import yamltree
from model.yamltree import (
    MAX_DEPTH,
    MAX_FAULTS,
    Fault,
    Items,
    Node,
    PolicyError,
    Position,
    Table,
    Text,
    excerpt,
    read_file,
    read_text,
    where,
)

AT = Position("f", 1, 1)


@pytest.fixture(params=[True, False], ids=["libyaml", "python"])
def _parser(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Both parsers of PyYAML; libyaml may be missing where this runs."""
    if not request.param:
        monkeypatch.delattr(yaml, "CLoader")


def said(text: str) -> list[str]:
    with pytest.raises(PolicyError) as caught:
        read_text(text, "f")
    return [str(fault) for fault in caught.value.faults]


def plain(node: Node) -> Any:
    """A tree without its places."""
    if isinstance(node, Text):
        return node.value
    if isinstance(node, Items):
        return [plain(value) for value in node.values]
    return {key.value: plain(value) for key, value in node.entries}


# --- what is read ---------------------------------------------------------------------------


@pytest.mark.usefixtures("_parser")
@pytest.mark.parametrize(
    ("text", "tree"),
    [
        ("a: 010", {"a": "010"}),
        ("[no, 1.20, 2020-01-01, ~, null, 1_0]", ["no", "1.20", "2020-01-01", "~", "null", "1_0"]),
        ("a: 5:30", {"a": "5:30"}),
        ("no: yes", {"no": "yes"}),
        ("a:\nb: ''\n", {"a": "", "b": ""}),
        ("- a\n- [b, c]\n- {d: e}\n- - f\n", ["a", ["b", "c"], {"d": "e"}, ["f"]]),
        ("a: >\n  one\n  two\n\n  three\n", {"a": "one two three"}),
        ("a: |\n  one\n  two\n", {"a": "one two"}),
        ("a: one\n   two\n", {"a": "one two"}),
        ("a: '  one\u00a0 two '", {"a": "one two"}),
        ("a: Cafe\u0301", {"a": "Caf\u00e9"}),
        ("Cafe\u0301: a", {"Caf\u00e9": "a"}),
        ("a: ¶1 — “x” 😀", {"a": "¶1 — “x” 😀"}),
        ("'a': \"b\"", {"a": "b"}),
        ("? a\n: b\n", {"a": "b"}),
        ("just a text", "just a text"),
        ("--- # comment\na: b # comment\n...\n", {"a": "b"}),
        ("%YAML 1.1\n---\na: b\n", {"a": "b"}),
        ("[]", []),
        ("{}", {}),
        ("a: b\r\nc: d\r\n", {"a": "b", "c": "d"}),
        ("a: b\rc: d\r", {"a": "b", "c": "d"}),
    ],
)  # fmt: skip
def test_texts_stay_texts(text: str, tree: Any) -> None:
    assert plain(read_text(text, "f")) == tree


@pytest.mark.usefixtures("_parser")
def test_places_count_from_one() -> None:
    tree = read_text("# é\na:\n  é😀: [x, {y: z}]\n", "f")
    assert isinstance(tree, Table) and tree.at == Position("f", 2, 1)
    inner = tree.get("a")
    assert isinstance(inner, Table) and inner.at == Position("f", 3, 3)
    items = inner.get("é😀")
    assert isinstance(items, Items) and items.at == Position("f", 3, 7)
    assert [value.at.column for value in items.values] == [8, 11]
    assert inner.get("x") is None
    assert [key.at for key, _ in tree.entries] == [Position("f", 2, 1)]


SCALARS = st.text(st.characters(codec="ascii", categories=["L", "N", "P", "S", "Zs"]), min_size=1)
DATA = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(SCALARS, inner, max_size=4),
    max_leaves=20,
).filter(lambda data: data != "")


def spaced(data: Any) -> Any:
    """The data as they are read: every text on one line."""
    if isinstance(data, str):
        return " ".join(data.split())
    if isinstance(data, list):
        return [spaced(item) for item in data]
    return {spaced(key): spaced(value) for key, value in data.items()}


def nameable(data: Any) -> bool:
    """Whether the keys are still all there, and all different, once they are on one line."""
    if isinstance(data, str):
        return True
    if isinstance(data, list):
        return all(nameable(item) for item in data)
    keys = {spaced(key) for key in data}
    return "" not in keys and len(keys) == len(data) and all(nameable(v) for v in data.values())


@settings(max_examples=200, deadline=None)
@given(DATA.filter(nameable), st.booleans())
def test_what_is_written_is_read(data: Any, flow: bool) -> None:
    text = yaml.safe_dump(data, default_flow_style=flow, default_style="'", allow_unicode=True)
    if spaced(data) == "":
        assert said(text) == ["f:1:1: the file is empty; start from `drp new NAME`"]
    else:
        assert plain(read_text(text, "f")) == spaced(data)


# --- what is not ----------------------------------------------------------------------------

INDENT = "let keys that belong together start in the same column"
QUOTE = "put the whole text in double quotes"
BRACKET = "a comma or a closing bracket is missing here or just above"
SLASH = "a backslash in double quotes has a meaning of its own; use single quotes"
TWICE = "“%s” stands here again (first on line 1); keep one of the two"
ANCHOR = "an anchor (“&x”) stands here; take it out, since every value is written out"
BACKSLASH = "a backslash writes a control or invisible character"
TAG = "stands here; take it out, since the key says what kind of value it takes"
QUOTES = "check the quotation marks and the brackets here and just above"


@pytest.mark.usefixtures("_parser")
@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a:\n  b: 1\n c: 2\n", f"3:2: this line does not fit the lines before it; {INDENT}"),
        ("a:\n  - x\n - y\n", f"3:2: this line does not fit the lines before it; {INDENT}"),
        ("a: 1\n- b\n", f"2:1: this line does not fit the lines before it; {INDENT}"),
        (": a\n", f"1:1: this line does not fit the lines before it; {INDENT}"),
        ("a:\n  b: 1\n    c: 2\n", f"3:5: this line is too far to the right; {INDENT}"),
        ("a: b\n...\nc: d\n", f"3:1: this stands after the end of the content; {INDENT}"),
        ("a: b: c\n", f"1:5: a second colon stands in this line; {QUOTE}"),
        ("a: see 1: b\n", f"1:9: a second colon stands in this line; {QUOTE}"),
        ("a:\n\tb: 1\n", "2:1: a tab stands here; use spaces"),
        ('a: "b\nc: d\n', "1:4: a quotation mark opens here and is never closed; close it"),
        ("a: 'b\n---\nc'\n", "1:4: a quotation mark opens here and is never closed; close it"),
        ("a: 'child's wish'\n", f"1:11: this stands after the end of the value; {QUOTES}"),
        ('a: "b\nc: "d"\n', f"2:5: this stands after the end of the value; {QUOTES}"),
        ("a: {b: c}}\n", f"1:10: this stands after the end of the value; {QUOTES}"),
        ("a: [b, c\nd: e\n", f"2:2: {BRACKET} (the bracket opens on line 1); add it"),
        ("a: {b: c d: e}", f"1:11: {BRACKET}; add it"),
        ("a: [,b]\n", f"1:5: a sign stands where a value belongs; take it out, or {QUOTE}"),
        ("a: ]\n", f"1:4: a sign stands where a value belongs; take it out, or {QUOTE}"),
        ("a: 1\nb\nc: 2\n", "2:1: a colon is missing after this; write “key: value”"),
        ("a: - b\n", "1:4: a list item cannot stand here; begin the list on a line of its own"),
        ("a: @b\n", f"1:4: a text cannot start with this character; {QUOTE}"),
        ("a: 50%\nb: %c\n", f"2:4: a text cannot start with this character; {QUOTE}"),
        ("a: * b\n", f"1:5: a text cannot start with “&”, “*” or “!”; {QUOTE}"),
        ("a: & b\n", f"1:5: a text cannot start with “&”, “*” or “!”; {QUOTE}"),
        ("a: !b!c d\n", f"1:4: a text cannot start with “&”, “*” or “!”; {QUOTE}"),
        ('a: "C:\\dir"\n', f"1:7: {SLASH}"),
        ('a: "\\xzz"\n', f"1:5: {SLASH}"),
        ("a: |b\n", f"1:5: nothing can follow “|” or “>” here; {QUOTE}"),
        (
            "%YAML 3.0\n---\na: b\n",
            "1:1: this is not YAML; "
            "check the indentation, the colons, the quotes and the brackets here and just above",
        ),
    ],
)  # fmt: skip
def test_what_is_no_yaml_is_said_in_plain_words(text: str, message: str) -> None:
    assert said(text) == [f"f:{message}"]


@pytest.mark.parametrize("mark", [None, yaml.Mark("f", 0, 9, 4, None, 0)])
def test_parsers_may_not_know_the_place(mark: yaml.Mark | None) -> None:
    error = yaml.MarkedYAMLError(problem="something new", problem_mark=mark)
    fault = yamltree._unreadable(error, "a: b", "f")
    assert fault.wrong == "this is not YAML"
    assert fault.at == (Position("f", 10, 5) if mark else AT)


@pytest.mark.usefixtures("_parser")
@pytest.mark.parametrize(
    ("text", "messages"),
    [
        ("a: 1\nb: 2\na: 3\n", [f"3:1: {TWICE % 'a'}"]),
        ("x: [{a: 1, 'a': 2}]", [f"1:12: x › [1]: {TWICE % 'a'}"]),
        ("a b: 1\n'a  b': 2\n", [f"2:1: {TWICE % 'a b'}"]),
        ("x: {[a]: 1, {b: c}: 2}", [
            "1:5: x: a list or table stands where a name belongs; write a name",
            "1:13: x: a list or table stands where a name belongs; write a name",
        ]),
        ("x: {'': 1}", ["1:5: x: nothing stands before the colon; write a name before it"]),
        ("a: &x b", [f"1:4: a: {ANCHOR}"]),
        ("&x a: b", [f"1:1: {ANCHOR}"]),
        ("a: &x b\nc: *x", [
            f"1:4: a: {ANCHOR}",
            "2:4: c: an alias (“*x”) stands here; write the value out again",
        ]),
        ("a: *x", ["1:4: a: an alias (“*x”) stands here; write the value out again"]),
        ("a: !!int 5", [f"1:4: a: a tag (“!!int”) {TAG}"]),
        ("a: !x 5", [f"1:4: a: a tag (“!x”) {TAG}"]),
        ("a: ! 5", [f"1:4: a: a tag (“!”) {TAG}"]),
        ("--- !!map {a: b}", [f"1:5: a tag (“!!map”) {TAG}"]),
        ("a: b\n---\nc: d\n", ["2:1: a second document starts here; keep one document in a file"]),
        ("a: &x b\n---\n", [
            f"1:4: a: {ANCHOR}",
            "2:1: a second document starts here; keep one document in a file",
        ]),
        ("a: &x b\nc: [\n", [
            f"1:4: a: {ANCHOR}",
            f"3:1: a sign stands where a value belongs; take it out, or {QUOTE}",
        ]),
        ("", ["1:1: the file is empty; start from `drp new NAME`"]),
        ("# nothing\n", ["1:1: the file is empty; start from `drp new NAME`"]),
        ("''", ["1:1: the file is empty; start from `drp new NAME`"]),
        ("a: x\x07y", ["1:5: a control or invisible character (U+0007) stands here; take it out"]),
        ("a: x\u00ady\nb: \u202e", [
            "1:5: a control or invisible character (U+00AD) stands here; take it out",
            "2:4: a control or invisible character (U+202E) stands here; take it out",
        ]),
        ("\ufeffa: x", ["1:1: a control or invisible character (U+FEFF) stands here; take it out"]),
        ("a: \ud800", ["1:4: a control or invisible character (U+D800) stands here; take it out"]),
        ("a: \uffff", ["1:4: a control or invisible character (U+FFFF) stands here; take it out"]),
        ("a\x85: b", ["1:2: a control or invisible character (U+0085) stands here; take it out"]),
        ('a: "\\e[31m"\n"b\\u202ec": d', [
            f"1:4: a: {BACKSLASH} (U+001B) here; take it out",
            f"2:1: {BACKSLASH} (U+202E) here; take it out",
        ]),
        ("a: !%1b x", [f"1:4: a: a tag (“!�”) {TAG}"]),
        ("a: \u3164", ["1:4: a control or invisible character (U+3164) stands here; take it out"]),
        ("a: \ue000", ["1:4: a control or invisible character (U+E000) stands here; take it out"]),
        ("a: 1\rb: \x00\r\nc: \t", [
            "2:4: a control or invisible character (U+0000) stands here; take it out",
            "3:4: a tab stands here; use spaces",
        ]),
    ],
)  # fmt: skip
def test_what_is_yaml_but_not_for_us(text: str, messages: list[str]) -> None:
    assert said(text) == [f"f:{message}" for message in messages]


@pytest.mark.usefixtures("_parser")
def test_depth() -> None:
    deepest = "[" * MAX_DEPTH + "x" + "]" * MAX_DEPTH
    assert plain(read_text(deepest, "f"))
    assert said(f"[{deepest}]")[0].endswith("nested more than 20 deep; a policy file is shallow")
    assert said("{a: " * 21)[0].startswith("f:1:81: a › a › a: nested")


@pytest.mark.parametrize("name", ["CLoader", "Loader"])
def test_every_character_is_read_or_refused(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """No character gets past the reader and makes a parser fail."""
    monkeypatch.setattr(yaml, "CLoader", getattr(yaml, name))
    kept = 0
    for block in range(0, 0x110000, 0x100):
        if 0x20000 <= block < 0xE0000:
            continue
        for step in (0x100, 1):  # all characters of a block, or each alone where one is refused
            starts = range(block, block + 0x100, step)
            texts = ["".join(map(chr, range(start, start + step))) for start in starts]
            if step == 0x100 and not _clean(texts[0]):
                continue
            for text in filter(_clean, texts):
                read_text(f"a: 'x{text.replace(chr(39), '')}'", "f")
                kept += len(text)
            break
    assert kept > 120_000


def _clean(text: str) -> bool:
    try:
        yamltree._refuse_invisible(text, "f")
    except PolicyError:
        return False
    return True


# --- files and faults -----------------------------------------------------------------------


def test_files(tmp_path: Path) -> None:
    path = tmp_path / "p.yaml"
    path.write_bytes(b"\xef\xbb\xbfa: b\n")
    node, text = read_file(path)
    assert (plain(node), text) == ({"a": "b"}, "a: b\n")
    assert node.at.file == path.as_posix()
    assert read_file(path, "q")[0].at.file == "q"
    path.write_bytes(b"a: b\nb: \xff")
    with pytest.raises(PolicyError, match="q:2:4: the file is not UTF-8 text"):
        read_file(path, "q")


def test_faults_that_leave_a_tree_can_be_kept() -> None:
    faults: list[Fault] = []
    tree = read_text("a: 1\na: &x 2\n[c]: d\n", "f", faults)
    assert plain(tree) == {"a": "1"}
    assert isinstance(tree, Table)
    assert [(plain(k), plain(v)) for k, v in tree.odd] == [("a", "2"), (["c"], "d")]
    assert len(faults) == 3
    with pytest.raises(PolicyError) as caught:
        read_text("a: 1\na: 2\n[c", "f", faults)
    assert [f.at.line for f in caught.value.faults] == [2, 3]
    assert len(faults) == 3, "nothing is added twice"


def test_faults_are_sorted_and_not_repeated() -> None:
    faults = [Fault(Position("f", n, 1), "", f"wrong {n}", "right") for n in (3, 1, 2, 1)]
    error = PolicyError(faults)
    assert [f.at.line for f in error.faults] == [1, 2, 3]
    assert not error.more
    assert str(error) == "\n".join(f"f:{n}:1: wrong {n}; right" for n in (1, 2, 3))
    many = PolicyError(Fault(Position("f", n, 1), "", "w", "r") for n in range(MAX_FAULTS + 1))
    assert len(many.faults) == MAX_FAULTS and many.more
    assert str(many).endswith("\n… and more")


def test_words_of_a_fault() -> None:
    fault = Fault(Position("p.yaml", 3, 7), "people › IRO", "this is wrong", "do that")
    assert str(fault) == "p.yaml:3:7: people › IRO: this is wrong; do that"
    assert where(("people", "x" * 70)) == f"people › {'x' * 57}…"
    assert excerpt("x" * 60) == "x" * 60
    assert pickle.loads(pickle.dumps(fault)) == fault
