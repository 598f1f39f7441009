"""The data dictionary of workload files against their language, and its examples."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from assembled import merged, tree
from jsonschema import Draft202012Validator

from model.load import load
from model.shapes import Either, ListOf, MapOf, OneOf, Record
from simulations import reading
from simulations.amounts import EXAMPLES, SPELT, Amount, own_table
from simulations.fit import fit
from simulations.language import WORKLOAD, Amounts
from simulations.reading import loads_workload
from simulations.schema import schema
from simulations.times import DISTRIBUTION, TIME_UNITS

README = reading.WORKLOADS / "README.md"
TEXT = README.read_text(encoding="utf-8")
PLACED = re.compile(r"<!-- in: ?([^\n]*?) ?-->\n```yaml\n(.*?)```", re.DOTALL)
BASE = (Path(__file__).parent / "workloads" / "good.yaml").read_text(encoding="utf-8")
SHOWN = [(TEXT[: m.start()].count("\n") + 1, m[1].strip(), m[2]) for m in PLACED.finditer(TEXT)]


def records(shape: Any) -> Iterator[Record]:
    if isinstance(shape, Record):
        yield shape
        for entry in shape.keys().values():
            yield from records(entry.shape)
    for name in ("item", "other"):
        inner = getattr(shape, name, None)
        if inner is not None:
            yield from records(inner)


RECORDS = {r.noun: r for r in [*records(WORKLOAD), DISTRIBUTION, own_table(Amount("people"))]}


def section(noun: str) -> str:
    return re.split(r"\n##+ ", TEXT[TEXT.index(f"<!-- keys of: {noun} -->") :], maxsplit=1)[0]


def keys_in(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        for key, inner in value.items():
            yield key
            yield from keys_in(inner)


def test_every_table_has_a_section() -> None:
    assert set(re.findall(r"<!-- keys of: (.+?) -->", TEXT)) == set(RECORDS)


@pytest.mark.parametrize("noun", sorted(RECORDS))
def test_every_key_is_explained_and_shown(noun: str) -> None:
    part = section(noun)
    shown = {key for m in PLACED.finditer(part) for key in keys_in(tree(m[2]))}
    for key, entry in RECORDS[noun].keys().items():
        assert f"`{key}`" in part or "Cited" in part, f"{noun}: {key} is not told"
        assert (f"`{key}` (needed)" in part) == entry.required, f"{noun}: {key}"
        if key != "source":
            assert key in shown or noun == "a workload", f"{noun}: {key} is in no example"
    if noun == "a workload":
        assert set(RECORDS[noun].keys()) <= shown


def test_every_word_and_unit_is_explained() -> None:
    words: set[str] = set(TIME_UNITS)
    for record in RECORDS.values():
        for entry in record.keys().values():
            shape = entry.shape.item if isinstance(entry.shape, ListOf) else entry.shape
            if isinstance(shape, OneOf):
                words |= set(shape.choices)
            elif isinstance(shape, Either):
                words |= set(shape.words)
            elif isinstance(shape, Amounts | MapOf):
                words.add("any other")
    prose = re.sub(r"```yaml\n.*?```", "", TEXT, flags=re.DOTALL)
    told = {" ".join(w.split()) for w in re.findall(r"`([^`]+)`", prose)}
    assert words <= told
    assert {next(iter(units)) for units in SPELT.values()} - {""} <= told
    assert set(EXAMPLES) == set(SPELT)


@pytest.mark.parametrize(("line", "place", "text"), SHOWN, ids=lambda v: str(v)[:30])
def test_every_example_is_read_and_fits(line: int, place: str, text: str) -> None:
    base = tree(BASE)
    fragment = tree(text)
    for key in reversed(place.split(" › ") if place else []):
        fragment = {key: fragment}
    whole = json.dumps(put(base, fragment, place.split(" › ")), ensure_ascii=False, indent=1)
    workload = loads_workload(whole, "README.yaml")
    assert fit(workload, load("merton"))
    assert not list(Draft202012Validator(schema()).iter_errors(tree(whole)))
    assert len(text.splitlines()) <= 25 and max(map(len, text.splitlines())) <= 100


def put(base: Any, fragment: Any, place: list[str]) -> Any:
    """The base with a fragment; a time or an amount that it gives replaces what was there."""
    result = merged(base, fragment)
    body = result["authorities"]["Merton"]
    if place[-1] == "elsewhere":
        given = fragment["authorities"]["Merton"]["responses"]["elsewhere"]
        body["responses"]["elsewhere"] |= given
    return result


def test_there_are_examples() -> None:
    assert TEXT.count("```yaml") == len(SHOWN) >= 14


def test_links_lead_somewhere() -> None:
    def anchor(heading: str) -> str:
        return re.sub(r"[^\w\- ]", "", heading.lower()).strip().replace(" ", "-")

    anchors = {anchor(h) for h in re.findall(r"^#+ (.+)$", TEXT, re.MULTILINE)}
    assert set(re.findall(r"\]\(#([^)]+)\)", TEXT)) <= anchors
    for target in re.findall(r"\]\(([^)#]+)\)", TEXT):
        assert (README.parent / target).resolve().exists(), target
