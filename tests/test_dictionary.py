"""The data dictionary against the language: nothing left out, nothing out of date."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import pytest
import yaml
from assembled import BASE, assembled, tree
from jsonschema import Draft202012Validator

from model.amend import AMENDMENT, amended
from model.amend import schema as amendment_schema
from model.expand import graphs
from model.language import PROTOCOL
from model.load import authorities, load, loads
from model.schema import schema
from model.shapes import ByCase, Either, ListOf, MapOf, OneOf, Record, Ref, Shape

README = Path(load.__code__.co_filename).parent / "authorities" / "README.md"
TEXT = README.read_text(encoding="utf-8")
PLACED = re.compile(
    r"<!-- (in: ?[^\n]*|a whole file|an amendment[^\n]*) -->\n```yaml\n(.*?)```", re.DOTALL
)


class Example(NamedTuple):
    line: int
    place: str | None  # None for a whole file
    text: str


def examples() -> Iterator[Example]:
    for found in PLACED.finditer(TEXT):
        line = TEXT[: found.start()].count("\n") + 1
        said = found[1]
        if said.startswith("an amendment"):
            continue
        place = said.removeprefix("in:").strip() if said.startswith("in:") else None
        yield Example(line, place, found[2])


def amendments() -> Iterator[tuple[int, bool, str]]:
    """The line of each example of an amendment, whether it follows another, and its text."""
    for found in PLACED.finditer(TEXT):
        if found[1].startswith("an amendment"):
            line = TEXT[: found.start()].count("\n") + 1
            yield line, found[1].endswith("above"), found[2]


EXAMPLES = list(examples())
AMENDMENTS = list(amendments())


def shapes(shape: Any) -> Iterator[Shape]:
    """A shape and every shape in it."""
    yield shape
    if isinstance(shape, Record):
        for entry in shape.keys().values():
            yield from shapes(entry.shape)
        return
    for name in ("item", "other", "table", "text"):
        inner = getattr(shape, name, None)
        if isinstance(inner, Shape):
            yield from shapes(inner)
    if type(shape).__name__ == "Answerers":
        from model import language

        yield from shapes(language._officers)


ALL = [*shapes(PROTOCOL), *shapes(AMENDMENT)]
RECORDS: dict[str, list[Record]] = {}
for found in ALL:
    if isinstance(found, Record) and found not in RECORDS.get(found.noun, []):
        RECORDS.setdefault(found.noun, []).append(found)


def section(noun: str) -> str:
    """The part of the dictionary about one table, up to the next heading."""
    start = TEXT.index(f"<!-- keys of: {noun} -->")
    return re.split(r"\n##+ ", TEXT[start:], maxsplit=1)[0]


def code(text: str) -> set[str]:
    """What stands between backticks in a text, outside its examples."""
    prose = re.sub(r"```yaml\n.*?```", "", text, flags=re.DOTALL)
    return set(re.findall(r"`([^`\n]+)`", prose)) | {
        " ".join(words.split()) for words in re.findall(r"`([^`]+)`", prose)
    }


def keys_in(value: Any) -> Iterator[str]:
    if isinstance(value, Mapping):
        for key, inner in value.items():
            yield str(key)
            yield from keys_in(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from keys_in(inner)


def test_every_table_of_the_language_has_a_section() -> None:
    told = set(re.findall(r"<!-- keys of: (.+?) -->", TEXT))
    assert told == set(RECORDS)


@pytest.mark.parametrize("noun", sorted(RECORDS))
def test_every_key_of_a_table_is_explained_and_shown(noun: str) -> None:
    part = section(noun)
    explained = code(part)
    shown = {k for e in PLACED.finditer(part) for k in keys_in(tree(e[2]))}
    if noun == "what every rung has":  # the keys of a rung once more
        shown |= {k for e in PLACED.finditer(section("a rung")) for k in keys_in(tree(e[2]))}
    for record in RECORDS[noun]:
        for key, entry in record.keys().items():
            cited = key in ("source", "assumed") and record.cited
            assert key in explained or (cited and "Cited" in part), f"{noun}: `{key}` is not told"
            if not cited:
                assert key in shown, f"{noun}: `{key}` is in no example"
            if entry.required and key in explained:
                assert f"`{key}` (needed)" in part, f"{noun}: `{key}` is needed"


def words() -> set[str]:
    """Every fixed word that may stand somewhere in a file."""
    result: set[str] = set()
    for shape in ALL:
        if isinstance(shape, OneOf):
            result |= set(shape.choices)
        elif isinstance(shape, Either):
            result |= set(shape.words)
        elif isinstance(shape, Ref):
            result |= set(shape.besides)
    return result


def test_every_word_of_the_language_is_explained() -> None:
    told = code(TEXT)
    assert {w for w in words() if w not in told} == set()


def test_nothing_is_shown_as_a_key_that_is_none() -> None:
    keys = {key for records in RECORDS.values() for r in records for key in [*r.keys()]}
    for noun in RECORDS:
        lead = re.findall(
            r"^`([^`]+)`(?:, `([^`]+)`)*(?: \(needed\))?:", section(noun), re.MULTILINE
        )
        assert {name for names in lead for name in names if name} <= keys


def test_every_fenced_example_says_where_it_belongs() -> None:
    assert TEXT.count("```yaml") == len(EXAMPLES) + len(AMENDMENTS)
    assert len(EXAMPLES) > 100 and len(AMENDMENTS) >= 10


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda e: f"line {e.line}")
def test_every_example_is_a_policy_with_state_graphs(example: Example) -> None:
    place = example.place
    text = example.text if place is None else assembled(example.text, place)
    found = graphs(loads(text, "README.yaml"))
    assert all(g.states and g.moves for g in found)
    errors = Draft202012Validator(schema()).iter_errors(tree(text))
    assert [e.message for e in errors] == []


@pytest.mark.parametrize("number", range(len(AMENDMENTS)), ids=lambda n: f"line {AMENDMENTS[n][0]}")
def test_every_amendment_shown_can_be_applied(number: int, tmp_path: Path) -> None:
    (tmp_path / "exampleton.yaml").write_bytes(BASE.read_bytes())
    before = number - AMENDMENTS[number][1]
    files = []
    for n in range(before, number + 1):
        text = AMENDMENTS[n][2]
        assert not list(Draft202012Validator(amendment_schema()).iter_errors(tree(text)))
        text = text.replace("amends: exampleton\n", "amends: exampleton.yaml\n")
        files.append(tmp_path / f"a{n}.yaml")
        files[-1].write_text(text, encoding="utf-8")
    done = amended(tmp_path / "exampleton.yaml", *files)
    assert len(done.amended) == len(files) and graphs(done)


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda e: f"line {e.line}")
def test_every_example_is_short(example: Example) -> None:
    lines = example.text.splitlines()
    assert all(len(line) <= 120 for line in lines)
    assert len(lines) <= (60 if example.place is None else 35)


@pytest.mark.parametrize("path", authorities(), ids=lambda p: p.stem)
def test_every_policy_file_fits_the_schema(path: Path) -> None:
    text = yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.BaseLoader)
    assert [e.message for e in Draft202012Validator(schema()).iter_errors(text)] == []


def test_links_inside_the_page_lead_somewhere() -> None:
    def anchor(heading: str) -> str:
        kept = re.sub(r"[^\w\- ]", "", heading.lower())
        return kept.strip().replace(" ", "-")

    anchors = {anchor(h) for h in re.findall(r"^#+ (.+)$", TEXT, re.MULTILINE)}
    assert {link for link in re.findall(r"\]\(#([^)]+)\)", TEXT)} <= anchors
    for target in re.findall(r"\]\(([^)#]+)\)", TEXT):
        assert (README.parent / target).resolve().exists(), target


def test_the_shapes_that_are_walked_are_all_there_are() -> None:
    known = (ByCase, Either, ListOf, MapOf, OneOf, Record, Ref)
    others = {type(s).__name__ for s in ALL if not isinstance(s, known)}
    assert others == {
        "Words",
        "Condition",
        "Count",
        "Duration",
        "TimeOr",
        "Answerers",
        "_Changes",
    }
