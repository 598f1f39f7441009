"""The JSON Schema for editors: sound itself, right about the policy files, and useful."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yaml
from assembled import BASE, LADDER, RUNG, assembled
from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError

from model import language
from model.load import authorities
from model.schema import schema
from model.shapes import Field, Record

SCHEMA = schema()
VALIDATOR = Draft202012Validator(SCHEMA)
FILES = [*authorities(), BASE]


def faults(tree: Any) -> list[ValidationError]:
    return list(VALIDATOR.iter_errors(tree))


def as_text(text: str) -> Any:
    return yaml.load(text, Loader=yaml.BaseLoader)


def test_the_schema_is_a_schema() -> None:
    Draft202012Validator.check_schema(SCHEMA)
    assert SCHEMA["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert SCHEMA["$id"] and SCHEMA["title"]
    assert json.loads(json.dumps(SCHEMA)) == SCHEMA == schema()


def test_it_says_each_thing_once_and_points_nowhere_else() -> None:
    text = json.dumps(SCHEMA)
    assert len(text) < 100_000
    pointed = {part.split('"')[0] for part in text.split('"#/$defs/')[1:]}
    assert pointed == set(SCHEMA["$defs"])
    bodies = [json.dumps(body, sort_keys=True) for body in SCHEMA["$defs"].values()]
    assert len(set(bodies)) == len(bodies)


@pytest.mark.parametrize("path", FILES, ids=lambda p: p.stem)
def test_policy_files_are_valid_with_every_value_as_text(path: Path) -> None:
    assert faults(as_text(path.read_text(encoding="utf-8"))) == []


@pytest.mark.parametrize("path", FILES, ids=lambda p: p.stem)
def test_policy_files_are_valid_as_an_editor_reads_them(path: Path) -> None:
    assert faults(yaml.safe_load(path.read_text(encoding="utf-8"))) == []


@pytest.mark.parametrize(
    ("fragment", "place"),
    [
        ("within: 5 days", RUNG),
        ("within: five working days", RUNG),
        ("within: 05 working days", RUNG),
        ("within: {at most: soon, source: 1 ¶1}", RUNG),
        ("within: {at most: 5 working days}", RUNG),  # no source
        ("withing: 5 working days", RUNG),
        ("counts: sometimes", RUNG),
        ("if partly satisfied: {strength: may}", RUNG),  # leads nowhere
        ("if silent: {to: next rung, strength: perhaps}", RUNG),
        ("if silent: []", RUNG),
        ("answers: {any of: []}", RUNG),
        ("meeting: ''", RUNG),
        ("kind: quarrel", LADDER),
        ("skip: always", LADDER),
        ("skip: [{to: any later rung, source: 1 ¶1}]", LADDER),
        ("totals: {all: {at most: 20 working days, covers: every rung, source: 1 ¶1}}", LADDER),
        ("extension: [{asked by: raiser, granted by: nobody, each: unstated, times: 21,"
         " at rung: any rung, source: 1 ¶1}]", LADDER),
        ("rungs: {director and chief: {answers: Director}}", LADDER),
        ("people: {IRO: {side: left}}", ""),
        ("people: {A: {role: IRO}}", ""),
        ("children: {child in care: {looked after: maybe}}", ""),
        ("missing: everything", ""),
        ("questions: {q: {asks: Why, answers: [a, b], plain: a, because: b, source: 1}}", ""),
        ("colour: blue", ""),
    ],
)  # fmt: skip
def test_broken_files_are_invalid(fragment: str, place: str) -> None:
    assert faults(as_text(assembled("", place))) == []
    assert faults(as_text(assembled(fragment, place))) != []


@pytest.mark.parametrize("key", ["authority", "people", "ladders", "missing"])
def test_a_missing_part_is_invalid(key: str) -> None:
    tree = as_text(assembled("", ""))
    del tree[key]
    assert any(key in fault.message for fault in faults(tree))


@pytest.mark.parametrize("key", ["answers", "within", "if silent", "source"])
def test_a_rung_needs_its_keys_unless_every_rung_may_give_them(key: str) -> None:
    tree = as_text(assembled("", ""))
    ladder = tree["ladders"]["dispute"]
    value = ladder["rungs"]["director"].pop(key)
    assert faults(tree) != []
    ladder["every rung"] = {key: value}
    assert faults(tree) == []


@pytest.mark.parametrize(
    ("fragment", "place"),
    [
        ("within: {typical = limit: 5 working days, otherwise: unstated}", RUNG),
        ("within: {urgent: 1 working day, otherwise: {at most: 3 weeks, source: 2 ¶2}}", RUNG),
        ("if silent: [{to: next rung, strength: {silence = refusal: must, otherwise: may}}]", RUNG),
        ("if silent: [unstated, {to: ladder complaint}]", RUNG),
        ("closes: {typical = limit: raiser, otherwise: answerer}", RUNG),
        ("missing: [{what: the flowchart, source: 1 ¶1}]", ""),
        ("dated: 2024", ""),
        ("dated: 2024-03-01", ""),
    ],
)
def test_what_the_language_can_say_is_valid(fragment: str, place: str) -> None:
    text = assembled(fragment, place)
    assert faults(as_text(text)) == []


@pytest.mark.parametrize("value", [True, False, "yes", "no"])
def test_yes_and_no_may_have_been_read_as_true_and_false(value: object) -> None:
    tree = as_text(assembled("", ""))
    tree["children"]["child in care"]["looked after"] = value
    assert faults(tree) == []


@pytest.mark.parametrize(
    ("times", "good"), [(2, True), ("2", True), (0, False), ("no limit", True)]
)
def test_a_count_may_be_a_number_or_its_text(times: object, good: bool) -> None:
    power = "{asked by: raiser, granted by: nobody, each: unstated, at rung: any rung, source: 1}"
    tree = as_text(assembled(f"extension: [{power}]"))
    tree["ladders"]["dispute"]["extension"][0]["times"] = times
    assert (faults(tree) == []) is good


def test_every_key_has_a_description_for_the_editor() -> None:
    for name, body in SCHEMA["$defs"].items():
        for key, about in body["properties"].items():
            assert about.get("description"), f"{name}: {key}"


def test_the_words_that_may_stand_somewhere_are_offered() -> None:
    kind = SCHEMA["$defs"]["ladder"]["properties"]["kind"]
    words = {choice["const"]: choice["description"] for choice in kind["anyOf"]}
    assert words["complaint"] == "a complaint about an IRO or a review"


def test_two_tables_of_one_name_stay_apart() -> None:
    one = Record(dict, {"a": Field(language.STRENGTH, "one")}, "a thing", cited=False)
    two = Record(dict, {"b": Field(language.STRENGTH, "two")}, "a thing", cited=False)
    defs: dict[str, Any] = {}
    assert one.schema(defs) == one.schema(defs) == {"$ref": "#/$defs/thing"}
    assert two.schema(defs) == {"$ref": "#/$defs/thing-2"}
    assert set(defs) == {"thing", "thing-2"}
