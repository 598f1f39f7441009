"""Study files: what is read of them, what is said of those that are wrong, and their dictionary."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from assembled import merged, tree
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from drp.cli import main
from model.shapes import Either, OneOf, Record
from model.yamltree import PolicyError
from simulations.named import FOLDERS
from simulations.study import Wanted
from simulations.study_language import STUDY, schema
from simulations.study_reading import load_study, loads_study

HERE = Path(__file__).parent
FILE = HERE / "studies" / "good.yaml"
GOOD = FILE.read_text(encoding="utf-8")
STUDIES = sorted(FOLDERS["study"].glob("*.yaml"))
README = FOLDERS["study"] / "README.md"
TEXT = README.read_text(encoding="utf-8")

NUMBER = "posts › reviewing officers › vacancy: 10 %"
SET = "arms › as it is › set › posts › reviewing officers › vacancy: "
WIDTH = "within 20 working days: 2 %"
OTHER = "responses › lowest › satisfied"

# What stands in the good study, what is written instead, where and what is said of it.
BAD = [
    ("question: Does silence that goes up by itself change anything?\n", "",
     "3:1: “question” is missing; add “question:” (what is asked, in a sentence)"),
    (WIDTH, "within 20 workng days: 2 %",
     "6:3: measures › within 20 workng days: there is no measure “within 20 workng days”; did you "
     "mean “within 20 working days”?"),
    (WIDTH, "within 20 working days: 2 working days",
     "6:27: measures › within 20 working days: “2 working days” is in another unit; write “2 %”"),
    (WIDTH, "within 20 working days: 0",
     "6:27: measures › within 20 working days: no number of replications makes an interval without "
     "width; write more than 0, or “shown”"),
    (WIDTH, "within 20 working days: -2 %",
     "6:27: measures › within 20 working days: “-2 %” is less than nothing; write more than 0"),
    (WIDTH, "within 20 working days: 120 %",
     "6:27: measures › within 20 working days: “120 %” is as wide as can be; write less than 100 %"),
    (WIDTH, "within 20 working days: very narrow",
     "6:27: measures › within 20 working days: “very narrow” does not fit here; write how far the "
     "interval may reach on each side, such as “2 %”, “0.5 working days” or “5 % of the mean”"),
    ("days: 1.5 working days", "days: 1.5",
     "7:9: measures › days: “1.5” has no unit; write “1.5 working days”, since “days” is a number of "
     "working days"),
    ("utilisation › managers: shown", "utilisation: shown",
     "8:3: measures › utilisation: “utilisation” is of a post; write “utilisation › ” and the post"),
    ("utilisation › managers: shown", "open › managers: shown",
     "8:3: measures › open › managers: “open” is of nothing else; write “open”"),
    ("utilisation › managers: shown", "utilisation › manager: shown",
     "8:3: measures › utilisation › manager: there is no post “manager” in any arm; did you mean "
     "“managers”?"),
    ("    protocol: merton\n", "    protocol: mertn\n",
     "11:15: arms › as it is › protocol: there is no policy file “mertn”; did you mean “merton”?"),
    ("    protocol: merton\n", "",
     "11:5: arms › as it is: nothing says which protocol is run; add “protocol:” with a policy file, "
     "or “amendments:”"),
    ("amendments: silence-merton", "amendments: silence-mertn",
     "15:17: arms › by itself › amendments: there is no amendment “silence-mertn”; did you mean "
     "“silence-merton”?"),
    ("    workload: ../workloads/good.yaml\n    against", "    workload: nationl\n    against",
     "16:15: arms › by itself › workload: there is no workload “nationl”; did you mean “national”?"),
    ("against: as it is", "against: as it was",
     "17:14: arms › by itself › against: there is no arm “as it was”; did you mean “as it is”?"),
    ("against: as it is", "against: by itself",
     "17:14: arms › by itself › against: an arm is not compared with itself; name another arm"),
    (NUMBER, "posts › reviewing oficers › vacancy: 10 %",
     "13:11: arms › as it is › set › posts › reviewing oficers › vacancy: the workload “good” has no "
     "number “posts › reviewing oficers › vacancy”; did you mean “posts › reviewing officers › "
     "vacancy”?"),
    (NUMBER, "posts › reviewing officers › vacancy: 110 %",
     f"13:49: {SET}“110 %” is more than certain; write a chance from 0 to 1, or a per cent"),
    (NUMBER, "posts › reviewing officers › vacancy: 3 people",
     f"13:49: {SET}“3 people” has a unit, “people”; write a chance from 0 to 1, such as “0.12 or "
     "12 %”"),
    (NUMBER, "posts › reviewing officers › vacancy: 10 % (5 to 20)",
     f"13:49: {SET}“10 % (5 to 20)” is a value with a range; write the value alone, since it is "
     "chosen"),
    (f"paths: {OTHER}", "paths: responses › lowst › satisfied",
     "20:12: factors › satisfied › paths: the workload “good” has no number “responses › lowst › "
     "satisfied”; did you mean “responses › lowest › satisfied”?"),
    (f"paths: {OTHER}", f"paths: [{OTHER}, {OTHER}]",
     "20:45: factors › satisfied › paths: “responses › lowest › satisfied” is varied twice; let one "
     "factor vary it, once"),
    ("{seldom: 30 %, often: 60 %}", "{seldom: 30 %}",
     "20:5: factors › satisfied › values: “satisfied” has one value only; give it two or more, or "
     "set it in the arms"),
    ("{seldom: 30 %, often: 60 %}", "{seldom: 30 days, often: 60 %}",
     "21:22: factors › satisfied › values › seldom: “30 days” has a unit, “days”; write a chance "
     "from 0 to 1, such as “0.12 or 12 %”"),
    ("{at least: 3, at most: 12}", "{at least: 30, at most: 12}",
     "22:15: replications: at most 12 are fewer than at least 30; let the most be no less than the "
     "least"),
    ("{at least: 3, at most: 12}", "{at least: 1, at most: 12}",
     "22:26: replications › at least: “1” is too small; write a whole number from 2 to 100000"),
    ("overload: refused", "overload: no",
     "23:11: overload: “no” does not fit here; use one of “refused”, “run”"),
    ("seed: 7", "seed: -7",
     "24:7: seed: “-7” does not fit here; write a whole number from 0 to 2147483648"),
    ("seed: 7", "sed: 7", "24:1: a study has no key “sed”; did you mean “seed”?"),
    ("    set: {posts", "    authority: Mertn\n    set: {posts",
     "13:16: arms › as it is › authority: there is no authority “Mertn” in “good”; did you mean "
     "“Merton”?"),
]  # fmt: skip


def read(text: str) -> Any:
    return loads_study(text, HERE / "studies" / "s.yaml")


@pytest.mark.parametrize(("old", "new", "said"), BAD, ids=[b[2][:40] for b in BAD])
def test_a_bad_study_is_told(
    old: str, new: str, said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(HERE / "studies")
    assert GOOD.count(old) == 1
    with pytest.raises(PolicyError) as caught:
        loads_study(GOOD.replace(old, new), "s.yaml")
    assert [str(f) for f in caught.value.faults] == [f"s.yaml:{said}"]


def test_there_are_enough_bad_studies() -> None:
    assert len(BAD) >= 15 and len({said for _, _, said in BAD}) == len(BAD)


def test_values_that_cannot_be_together() -> None:
    with pytest.raises(PolicyError) as caught:
        read(GOOD.replace("often: 60 %", "often: 99 %"))
    assert len(caught.value.faults) == 2, "one for each arm"
    assert "come to more than certain; give values" in str(caught.value.faults[0])


def test_an_amendment_of_another_protocol_is_refused() -> None:
    with pytest.raises(PolicyError) as caught:
        read(GOOD.replace("silence-merton\n", "silence-merton\n    protocol: islington\n"))
    (fault,) = caught.value.faults
    assert fault.wrong == "this amendment is not for “islington”"
    assert fault.at.file.endswith("silence-merton.yaml")


def test_more_runs_than_anybody_waits_for_are_refused() -> None:
    many = ", ".join(f"v{i}: {i} %" for i in range(60))
    with pytest.raises(PolicyError, match="arms and factors make 120 runs; let them make at most"):
        read(GOOD.replace("seldom: 30 %, often: 60 %", many))


@settings(max_examples=40, deadline=None)
@given(st.sampled_from(GOOD.split()), st.text(max_size=12))
def test_any_word_anywhere_is_read_or_refused(old: str, new: str) -> None:
    try:
        read(GOOD.replace(old, json.dumps(new, ensure_ascii=False), 1))
    except PolicyError as error:
        assert error.faults
        assert all(f.wrong and f.right for f in error.faults)


# --- what is read -----------------------------------------------------------------------------


def test_the_values_of_a_small_study() -> None:
    study = load_study(FILE)
    assert (study.name, study.seed, study.least, study.most) == ("good", 7, 3, 12)
    assert study.measures == (
        Wanted("within 20 working days", "", 0.02),
        Wanted("days", "", 1.5),
        Wanted("utilisation", "managers", None),
    )
    names = ["as it is, seldom", "by itself, seldom", "as it is, often", "by itself, often"]
    assert [a.name for a in study.arms] == names
    vacancy = ("posts › reviewing officers › vacancy", 0.1)
    assert study.arms[2].values == (vacancy, (OTHER, 0.6))
    assert study.arms[3].values == ((OTHER, 0.6),)
    assert study.arms[3].touched == (OTHER,)
    assert [a.protocol.stem for a in study.arms] == ["merton"] * 4
    assert study.arms[1].amendments[0].stem == "silence-merton"
    # An arm that is compared with another is so at each value; one that is not, with the first.
    assert study.pairs == ((1, 0), (2, 0), (3, 2))


def test_half_widths_of_each_kind() -> None:
    text = GOOD.replace(WIDTH, "child-days in dispute: 5 % of the mean")
    assert read(text).measures[0] == Wanted("child-days in dispute", "", 0.05, True)
    text = GOOD.replace(WIDTH, "within 20 working days: 0.02")
    assert read(text).measures[0].half_width == 0.02


def test_the_defaults() -> None:
    study = read("question: what?\nmeasures: {days: shown}\narms: {one: {protocol: merton}}\n")
    assert (study.seed, study.least, study.most, study.overload) == (1, 10, 100, False)
    assert study.arms[0].workload.stem == "merton" and study.pairs == ()
    (arm,) = read(
        "question: what?\nmeasures: {days: shown}\narms: {one: {amendments: silence-islington}}\n"
    ).arms
    assert (arm.protocol.stem, arm.workload.stem) == ("islington", "islington")


@pytest.mark.parametrize("path", STUDIES, ids=lambda p: p.stem)
def test_each_study_is_read_and_asks_something(path: Path) -> None:
    study = load_study(path.stem)
    assert study.question.endswith("?")
    assert study.measures[0].half_width is not None
    assert study.pairs, "it compares something"
    assert study.notes, "it says what to bear in mind"


def test_there_are_studies_enough() -> None:
    assert len(STUDIES) >= 6


def test_files_that_are_none(tmp_path: Path) -> None:
    with pytest.raises(PolicyError, match="no study of this name here; did you mean “caseload”"):
        load_study("caselod")
    with pytest.raises(PolicyError, match="there is no such file; check the name"):
        load_study(tmp_path / "none.yaml")


# --- the dictionary and the schema ------------------------------------------------------------


def records(shape: Any) -> list[Record]:
    found = [shape] if isinstance(shape, Record) else []
    inner = [f.shape for f in shape.keys().values()] if found else []
    inner += [getattr(shape, name) for name in ("item", "other") if hasattr(shape, name)]
    return found + [r for s in inner for r in records(s)]


RECORDS = {r.noun: r for r in records(STUDY)}
PLACED = re.compile(r"<!-- in: ?([^\n]*?) ?-->\n```yaml\n(.*?)```", re.DOTALL)
SHOWN = [(m[1].strip(), m[2]) for m in PLACED.finditer(TEXT)]


def section(noun: str) -> str:
    return re.split(r"\n##+ ", TEXT[TEXT.index(f"<!-- keys of: {noun} -->") :], maxsplit=1)[0]


def test_every_table_has_a_section() -> None:
    assert set(re.findall(r"<!-- keys of: (.+?) -->", TEXT)) == set(RECORDS)


@pytest.mark.parametrize("noun", sorted(RECORDS))
def test_every_key_is_explained_and_shown(noun: str) -> None:
    part = section(noun)
    shown = "\n".join(m[2] for m in PLACED.finditer(part))
    for key, entry in RECORDS[noun].keys().items():
        assert f"`{key}`" in part, f"{noun}: {key} is not told"
        assert (f"`{key}` (needed)" in part) == entry.required, f"{noun}: {key}"
        assert re.search(rf"(^|[{{ ]){key}:", shown, re.M), f"{noun}: {key} is in no example"
        for shape in (entry.shape, getattr(entry.shape, "item", None)):
            if isinstance(shape, OneOf):
                assert all(f"`{word}`" in part for word in shape.choices)
            if isinstance(shape, Either):
                assert all(f"`{word}`" in part for word in shape.words)


@pytest.mark.parametrize(("place", "text"), SHOWN, ids=lambda v: str(v)[:30])
def test_every_example_is_read(place: str, text: str) -> None:
    fragment = tree(text)
    for key in reversed(place.split(" › ") if place else []):
        fragment = {key: fragment}
    whole = merged(tree(GOOD), fragment)
    if place == "arms":
        whole["arms"] = fragment["arms"]
    if place == "factors":
        whole["factors"] = fragment["factors"]
    assert read(json.dumps(whole, ensure_ascii=False))
    assert not list(Draft202012Validator(schema()).iter_errors(whole))


@pytest.mark.parametrize("path", [FILE, *STUDIES], ids=lambda p: p.stem)
def test_the_schema_takes_each_study(path: Path) -> None:
    Draft202012Validator.check_schema(schema())
    assert not list(Draft202012Validator(schema()).iter_errors(tree(path.read_text("utf-8"))))


def test_the_schema_refuses_what_it_can(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["schema", "--for", "study"]) == 0
    validator = Draft202012Validator(json.loads(capsys.readouterr().out))
    for old, new in (("seed: 7", "sed: 7"), (WIDTH, "within 20 working days: narrow")):
        assert list(validator.iter_errors(tree(GOOD.replace(old, new))))


def test_every_study_stands_in_the_dictionary() -> None:
    for path in STUDIES:
        assert f"| `{path.stem}` |" in TEXT, path.stem
    for target in re.findall(r"\]\(([^)#]+)\)", TEXT):
        assert (README.parent / target).resolve().exists(), target
