"""Workload files: what is read of them, and what is said of those that are wrong.

`workloads/good.yaml` is right for Merton. Every file in `workloads/bad` is that one with a fault
or two; beside it, a file `.expect` has the messages, of the reader or of `fit`.
"""

from __future__ import annotations

import itertools
import json
import re
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import yaml
from assembled import graph, world
from caseload import chance, number, response, workload
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from drp.cli import main
from model.amend import amended
from model.load import authorities, load
from model.yamltree import MAX_BYTES, PolicyError
from simulations.assumptions import assumptions, sources, varied
from simulations.fit import fit, left_out
from simulations.reading import load_workload, loads_workload, workload_files
from simulations.schema import schema
from simulations.settled import Settled
from simulations.streams import streams
from simulations.times import continuous
from simulations.workload import (
    ABOUT,
    ANY,
    DAYS_A_YEAR,
    INFORMAL,
    LOOKED_AFTER,
    OTHER_CHILD,
    TOP,
    Children,
    Disputes,
    Severity,
    Workload,
    quantities,
)

HERE = Path(__file__).parent
GOOD = (HERE / "workloads" / "good.yaml").read_text(encoding="utf-8")
BAD = sorted((HERE / "workloads" / "bad").glob("*.yaml"))
MESSAGE = re.compile(r"[^:]+:[1-9]\d*:[1-9]\d*: (?P<where>[^;“]+: )?(?P<wrong>.+?); (?P<right>.+)")
NAMES = [path.stem for path in workload_files()]


def said(text: str) -> list[str]:
    with pytest.raises(PolicyError) as caught:
        loads_workload(text, "w.yaml")
    return [str(fault) for fault in caught.value.faults]


def changed(*edits: tuple[str, str]) -> str:
    text = GOOD
    for old, new in edits:
        assert text.count(old) == 1, old
        text = text.replace(old, new)
    return text


# --- what is wrong ----------------------------------------------------------------------------


def test_every_bad_workload_has_its_messages() -> None:
    expected = sorted((HERE / "workloads" / "bad").glob("*.expect"))
    assert [path.with_suffix(".yaml") for path in expected] == BAD
    assert len(BAD) >= 75


@pytest.mark.parametrize("path", BAD, ids=lambda p: p.stem)
def test_bad_workload(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(path.parent)
    with pytest.raises(PolicyError) as caught:
        fit(load_workload(path.name), load("merton"))
    expected = path.with_suffix(".expect").read_text(encoding="utf-8").splitlines()
    assert [str(fault) for fault in caught.value.faults] == expected


@pytest.mark.parametrize("path", BAD, ids=lambda p: p.stem)
def test_messages_say_where_what_and_what_would_be_right(path: Path) -> None:
    lines = path.read_text(encoding="utf-8").split("\n")
    for message in path.with_suffix(".expect").read_text(encoding="utf-8").splitlines():
        parts = MESSAGE.fullmatch(message)
        assert parts is not None, message
        file, line, column = message.split(":")[:3]
        assert file == path.name
        assert int(line) <= len(lines) and int(column) <= len(lines[int(line) - 1]) + 1
        assert not re.search(r"None|“”|Traceback|<|\bdict\b|\bstr\b|\bnan\b|  ", message)


def test_files_that_are_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("folder.yaml").mkdir()
    Path("large.yaml").write_bytes(b"a: " + b"x" * MAX_BYTES)
    Path("latin.yaml").write_bytes("title: §".encode("latin-1"))
    for name, wanted in {
        "none.yaml": "there is no such file; check the name",
        "mertn": "there is no such file, and no workload of this name here; did you mean “merton”?",
        "folder.yaml": "this is a folder; name a workload file in it",
        "large.yaml": "the file is too large; a workload file has at most 256 KiB",
        "latin.yaml": "the file is not UTF-8 text; save it with the encoding UTF-8",
    }.items():
        with pytest.raises(PolicyError) as caught:
            load_workload(name)
        (fault,) = caught.value.faults
        assert str(fault).split(": ", 1)[1] == wanted


@settings(max_examples=150, deadline=None)
@given(
    st.sampled_from([t for t in yaml.scan(GOOD) if isinstance(t, yaml.ScalarToken)]),
    st.one_of(
        st.text(max_size=12),
        st.from_regex(r"-?[0-9]{1,4}(\.[0-9])? ?(%|hours|a year)? ?\(?[0-9.]* to [0-9.]*\)?"),
    ),
)
def test_any_value_anywhere_is_read_or_refused(token: Any, value: str) -> None:
    start, end = token.start_mark.index, token.end_mark.index
    text = GOOD[:start] + json.dumps(value, ensure_ascii=False) + GOOD[end:]
    try:
        fit(loads_workload(text, "w.yaml"), load("merton"))
    except PolicyError as error:
        assert error.faults
        assert all(fault.wrong and fault.right for fault in error.faults)


# --- what is read -----------------------------------------------------------------------------


def test_the_values_of_a_small_workload() -> None:
    w = loads_workload(GOOD, "small.yaml")
    assert (w.name, w.title, w.start) == ("small", "A small authority", date(2026, 1, 6))
    assert (w.horizon.value, w.warm_up and w.warm_up.value) == (3 * DAYS_A_YEAR, 130)
    assert w.readings == (("deadline", "one per stage"),)
    (a,) = w.authorities
    assert a.protocol == "merton"
    (children,) = a.children
    numbers = (children.stock.value, children.entries.value, children.exits.value)
    assert numbers == (145, 61, 62)
    assert children.stock.source == "a table" and not children.stock.is_assumed
    assert [(s.name, s.urgency) for s in a.severities] == [("ordinary", 0), ("grave", 3)]
    ((fact, chance),) = a.severities[1].facts
    assert (fact, chance.value, chance.low, chance.high) == ("higher start needed", 0.5, 0.2, 0.8)
    assert [(d.theme, d.severity, d.child) for d in a.disputes] == [
        ("drift", "ordinary", "any other"),
        ("harm", "grave", "any other"),
    ]
    post = a.posts[0]
    assert post.holds == ("IRO", "CP Chair") and post.discipline == "most urgent"
    assert (post.number.low, post.number.value, post.number.high) == (4, 5, 6)
    assert post.leave.value == 0 and post.leave.path == "", "a default has no path"
    lowest, elsewhere = a.responses
    assert (lowest.rung, lowest.severity) == ("Social Worker & Team Manager", "ordinary")
    assert (lowest.delay.name, lowest.delay.unit) == ("lognorm", "working days")
    assert lowest.delay.numbers == {"s": 0.9, "scale": 3}
    assert elsewhere.delay.table == ((1, 12), (5, 30), (10, 4))
    assert elsewhere.delay.source == "a log"
    assert elsewhere.work.unit == "hours" and elsewhere.work.numbers == {"value": 2}
    (conduct,) = a.conducts
    assert [(rung, weight.value) for rung, weight in conduct.first] == [("Head of Service", 1)]
    assert [(v.who, v.step) for v in a.approvals] == [("any other", "start"), ("any other", "skip")]
    assert a.backlog is not None and a.backlog.number.value == 12
    assert w.digest and w.digest != loads_workload(GOOD + "\n", "small.yaml").digest


@pytest.mark.parametrize(
    ("text", "value", "low", "high"),
    [
        ("0.1", 0.1, None, None),
        ("10 %", 0.1, None, None),
        ("10%", 0.1, None, None),
        (".1", 0.1, None, None),
        ("10 % (2 to 30)", 0.1, 0.02, 0.3),
        ("10 % (2 % to 30 %)", 0.1, 0.02, 0.3),
        ("10 % (2 to 30 %)", 0.1, 0.02, 0.3),
        ("1 (0.5 to 1)", 1, 0.5, 1),
    ],
)
def test_chances(text: str, value: float, low: float | None, high: float | None) -> None:
    text = changed(("0.1 (0.02 to 0.3)", f"{{value: {text}, source: x}}"))
    q = loads_workload(text).authorities[0].responses[1].silent
    assert (q.value, q.low, q.high) == pytest.approx((value, low, high))


@pytest.mark.parametrize(
    ("text", "days"),
    [("1 working day", 1), ("2 weeks", 10), ("1 year", 253), ("0.5 weeks", 2.5)],
)
def test_units_of_time(text: str, days: float) -> None:
    text = changed(("3 working days (0 to 10)", f"{{value: {text}, source: x}}"))
    patience = loads_workload(text).authorities[0].conducts[0].patience
    assert patience.numbers == {"value": days} and patience.unit == "working days"


def test_a_citation_comes_from_the_nearest_table() -> None:
    """With both, `assumed` is for the numbers with a range and `source` for those without."""
    text = changed(
        ("number: 5 people (4 to 6)", "number: 5 people"),
        ("discipline: most urgent\n        assumed", "source: a table\n        assumed"),
    )
    post = loads_workload(text).authorities[0].posts[0]
    assert (post.number.source, post.number.assumed) == ("a table", "")
    assert (post.hours.source, post.hours.assumed) == ("", "a guess")
    managers = loads_workload(GOOD).authorities[0].posts[1]
    assert (managers.number.source, managers.hours.assumed) == ("a table", "a guess")


def test_one_entry_for_several_rungs_has_its_numbers_once() -> None:
    rungs = "[Head of Service, highest level]"
    w = loads_workload(changed(("rung: Social Worker & Team Manager", f"rung: {rungs}")))
    assert [r.rung for r in w.authorities[0].responses[:2]] == ["Head of Service", "highest level"]
    path = "responses › lowest › satisfied"
    assert [a.path for a in assumptions(w)].count(path) == 1
    after = varied(w, {path: 0.3}).authorities[0].responses
    assert [r.satisfied.value for r in after[:2]] == [0.3, 0.3]


def test_a_rung_is_answered_as_its_name_says_else_its_kind() -> None:
    top, informal = response(rung=TOP, silent=chance(0.1)), response(rung=INFORMAL)
    named = response(rung="director", severity="grave", silent=chance(0.2))
    for order in itertools.permutations((top, informal, named, response(silent=chance(0.3)))):
        (a,) = workload(responses=order).authorities
        assert a.response("director", "grave", TOP) is named
        assert a.response("director", "ordinary", TOP) is top, "it is named for grave ones only"
        assert a.response("director", "ordinary", TOP, INFORMAL) is top
        assert a.response("talk", "ordinary", INFORMAL) is informal
        assert a.response("manager", "grave").silent.value == 0.3


def test_the_kinds_of_a_rung_are_those_of_the_world() -> None:
    of = graph()
    for raiser, top in (("IRO", "director"), ("Conference Chair", "head of service")):
        places = Settled(of, world(of, {"raiser": raiser})).places
        kinds = {p.rung: p.kinds for p in places.values() if p.kind == "waiting"}
        assert {rung for rung, which in kinds.items() if TOP in which} == {top}
        assert {rung for rung, which in kinds.items() if INFORMAL in which} == {"informal talk"}


@pytest.mark.parametrize(
    ("groups", "wanted", "heard"),
    [
        ([LOOKED_AFTER], ANY, ["child in care"]),
        ([OTHER_CHILD], ANY, ["child on a protection plan"]),
        ([OTHER_CHILD, LOOKED_AFTER], ANY, ["child on a protection plan", "child in care"]),
        ([ANY, LOOKED_AFTER], ANY, ["child on a protection plan", "child in care"]),
        (["child in care", LOOKED_AFTER], ANY, ["child in care"]),
        ([LOOKED_AFTER, OTHER_CHILD], LOOKED_AFTER, ["child in care"]),
        ([LOOKED_AFTER, OTHER_CHILD], "child in care", ["child in care"]),
        ([OTHER_CHILD], "child in care", []),
        (["child in need"], ANY, []),
    ],
)
def test_children_of_a_kind_are_those_that_the_policy_file_says(
    groups: list[str], wanted: str, heard: list[str]
) -> None:
    of = graph()
    (a,) = workload(
        children=tuple(Children(kind=k, stock=number(100, "children")) for k in groups),
        severities=(Severity(name="usual"),),
        disputes=(Disputes(severity="usual", theme="x", rate=number(1, "a year"), child=wanted),),
    ).authorities
    assert [s.child for s in streams([of], a, 1)] == heard
    kinds, facts = left_out(a, of.protocol, [of])
    assert kinds == [k for k in of.child.values if k not in heard]
    assert set(facts) == {s.name for s in of.symbols if s.kind == "fact"}, "it has no chances"


def test_a_fact_is_as_likely_as_its_name_says_else_what_it_is_about() -> None:
    said = {"urgent": 0.1, f"{ABOUT}urgency": 0.2, ABOUT + "harm": 0.3, ANY: 0.4}
    grave = Severity(name="grave", facts=tuple((n, chance(c)) for n, c in said.items()))
    asked = [("urgent", "harm"), ("too urgent", "urgency"), ("at risk", "harm"), ("red", "other")]
    assert [grave.chance(*fact) for fact in asked] == [0.1, 0.2, 0.3, 0.4]
    assert Severity(name="usual").chance("urgent", "urgency") == 0


def test_two_authorities_keep_their_numbers_apart() -> None:
    body = GOOD[GOOD.index("  Merton:") :]
    w = loads_workload(GOOD + body.replace("  Merton:", "  Sutton:", 1))
    paths = [q.path for q in quantities(w) if q.path]
    assert "Merton › posts › managers › hours" in paths
    assert "Sutton › posts › managers › hours" in paths


def test_distributions_are_those_of_scipy() -> None:
    from scipy import stats

    names = continuous()
    assert len(names) > 90 and names["lognorm"] == ("s", "loc", "scale")
    assert names["beta"] == ("a", "b", "loc", "scale") and "poisson" not in names
    for name in names:
        assert getattr(stats, name).numargs == len(names[name]) - 2


def test_a_name_knows_its_place() -> None:
    post = loads_workload(GOOD, "w.yaml").authorities[0].posts[0]
    assert str(post.holds[1].at) == "w.yaml:20:22"  # type: ignore[attr-defined]


# --- what is assumed --------------------------------------------------------------------------


def test_what_is_assumed_is_listed() -> None:
    w = loads_workload(GOOD)
    found = {a.path: a for a in assumptions(w)}
    rate = found["disputes › drift › rate"]
    assert (rate.value, rate.low, rate.high, rate.unit) == (0.12, 0.03, 1, "per child-year")
    assert str(rate) == (
        "disputes › drift › rate: 0.12 per child-year (0.03 to 1), assumed: a guess"
    )
    assert "responses › lowest › delay › scale" in found
    assert "conduct › all › first › Head of Service" in found
    assert "severities › grave › facts › higher start needed" in found
    assert not any(p.startswith(("children", "horizon", "warm up")) for p in found)
    told = sources(w)
    assert "children › child in care › stock" in told["a table"]
    assert "disputes › harm › rate" in told["a report"]


def test_other_values() -> None:
    w = loads_workload(GOOD)
    path = "responses › lowest › delay › scale"
    after = varied(w, {path: 6, "posts › managers › hours": 2.5})
    assert after.authorities[0].responses[0].delay.numbers == {"s": 0.9, "scale": 6}
    assert after.authorities[0].posts[1].hours.value == 2.5
    assert w.authorities[0].posts[1].hours.value == 4
    assert replace(after, authorities=w.authorities) == w
    assert varied(w, {}) == w


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"posts › manager › hours": 1}, "no number .* did you mean “posts › managers › hours”"),
        ({"posts › managers › hours": -1}, "cannot be -1; give a number of 0 or more"),
        ({"posts › managers › hours": float("nan")}, "cannot be nan"),
        ({"outcomes › all › kept": 1.5}, "cannot be 1.5; give at most 1"),
        ({"responses › lowest › satisfied": 0.9}, "more than certain"),
    ],
)
def test_other_values_that_cannot_be(values: Mapping[str, float], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        varied(loads_workload(GOOD), values)


# --- the workloads of the repository ----------------------------------------------------------


def test_there_is_one_for_each_authority_and_one_for_all() -> None:
    assert set(NAMES) == {path.stem for path in authorities()} | {"national"}


@pytest.mark.parametrize("name", NAMES)
def test_every_workload_fits_its_protocol(name: str) -> None:
    w = load_workload(name)
    stems = [p.stem for p in authorities()] if name == "national" else [name]
    assert w.authorities[0].protocol == ("" if name == "national" else name)
    for stem in stems:
        assert fit(w, load(stem))


@pytest.mark.parametrize("name", NAMES)
def test_every_number_is_cited(name: str) -> None:
    """A number has a source and no range, or a reason and a range that holds it."""
    w = load_workload(name)
    numbers = [q for q in quantities(w) if q.path]
    assert len(numbers) > 100
    for q in numbers:
        assert bool(q.source) != bool(q.assumed), q.path
        if q.assumed:
            assert q.low is not None and q.high is not None
            assert q.low <= q.value <= q.high and q.low < q.high
    assert len({a.path for a in assumptions(w)}) == len(assumptions(w))


@pytest.mark.parametrize("name", NAMES)
def test_any_assumed_number_can_be_at_either_end_of_its_range(name: str) -> None:
    w = load_workload(name)
    for a in assumptions(w):
        for end in (a.low, a.high):
            assert varied(w, {a.path: end}) != w or end == a.value
    assert varied(w, {a.path: a.low for a in assumptions(w)})
    assert varied(w, {a.path: a.high for a in assumptions(w)})


# Official figures, year to 31 March 2025: in care, came, left; on plans, begun, ended.
FIGURES = {
    "islington": (282, 126, 144),
    "manchester": (1280, 497, 523, 660, 816, 727),
    "merton": (145, 61, 62, 157, 171, 152),
    "northamptonshire": (568 + 602, 229 + 187, 199 + 242, 413 + 387, 544 + 504, 935),
    "national": (534, 211, 225, 323, 404, 407),
    "reviewing-and-insights": (534, 211, 225, 323, 404, 407),
}


@pytest.mark.parametrize("name", NAMES)
def test_the_official_figures(name: str) -> None:
    (a,) = load_workload(name).authorities
    found = [q.value for c in a.children for q in (c.stock, c.entries, c.exits)]
    assert tuple(found) == FIGURES[name]
    assert all(c.stock.is_assumed == (name == "reviewing-and-insights") for c in a.children)


@pytest.mark.parametrize("name", [n for n in NAMES if n != "reviewing-and-insights"])
def test_reviewing_officers_have_time_left_even_at_the_worst(name: str) -> None:
    """Where all staff are fewest and all their other work is most; what is left is for disputes."""
    (a,) = load_workload(name).authorities
    post = next(p for p in a.posts if p.name == "reviewing officers")
    children = sum(c.stock.value for c in a.children)
    fewest, least = post.number.low, post.hours.low
    most, per_child = post.duties.high, post.per_child.high
    assert None not in (fewest, least, most, per_child)
    weekly = per_child * children / (DAYS_A_YEAR / 5) / fewest  # type: ignore[operator]
    assert least - most - weekly > 0  # type: ignore[operator]


def test_a_workload_for_another_protocol_passes_over_what_is_not_there(tmp_path: Path) -> None:
    path = tmp_path / "no-meeting.yaml"
    path.write_text(
        "amends: islington\ntitle: Without the informal Director\nassumed: A try.\nchanges:\n"
        "  ladders.dispute.rungs.Director informally: remove\n"
        "  ladders.dispute.entry.2.at rung.3: remove\n"
        "  ladders.dispute.refer.3.from.1: remove\n",
        encoding="utf-8",
    )
    after = amended("islington", path)
    w = load_workload("islington")
    assert any(r.rung == "Director informally" for r in w.authorities[0].responses)
    assert fit(w, after)
    with pytest.raises(PolicyError, match="nobody answers at the rung"):
        fit(w, load("manchester"))


def test_officers_that_only_other_ladders_need_are_not_asked_for() -> None:
    w = load_workload("islington")
    (a,) = w.authorities
    few = tuple(
        replace(p, holds=tuple(h for h in p.holds if "Corporate Parenting" not in h))
        for p in a.posts
    )
    (graph,) = fit(replace(w, authorities=(replace(a, posts=few),)), load("islington"))
    assert graph.ladder.name == "dispute"
    disputes = tuple(replace(d, ladder="collective dispute") for d in a.disputes)
    collective: Workload = replace(w, authorities=(replace(a, posts=few, disputes=disputes),))
    with pytest.raises(PolicyError, match="“Assistant Director for Corporate Parenting”"):
        fit(collective, load("islington"))


# --- the schema -------------------------------------------------------------------------------


def as_text(text: str) -> Any:
    return yaml.load(text, Loader=yaml.BaseLoader)


def test_the_schema_holds_for_every_workload(capsys: pytest.CaptureFixture[str]) -> None:
    found = schema()
    Draft202012Validator.check_schema(found)
    validator = Draft202012Validator(found)
    for path in [*workload_files(), HERE / "workloads" / "good.yaml"]:
        text = path.read_text(encoding="utf-8")
        for tree in (as_text(text), yaml.load(text, Loader=yaml.SafeLoader)):
            if not isinstance(tree["start"], str):
                tree["start"] = tree["start"].isoformat()
            assert [e.message for e in validator.iter_errors(tree)] == [], path.name
    assert main(["schema", "--for", "workload"]) == 0
    assert json.loads(capsys.readouterr().out) == found


def test_without_scipy_the_command_says_what_to_install() -> None:
    block = "import sys; sys.modules['scipy'] = None; from drp.cli import main; "
    done = subprocess.run(
        [sys.executable, "-c", f"{block}sys.exit(main(['schema', '--for', 'workload']))"],
        capture_output=True, text=True, check=False, cwd=HERE.parent,
    )  # fmt: skip
    assert done.returncode == 2
    assert done.stderr.startswith("drp: this needs a package that is not there (")
    assert done.stderr.endswith("); run: pip install 'drp-ladders[simulate]'\n")
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    "name",
    ["key-misspelt", "key-unknown", "no-disputes", "discipline-unknown", "urgency-too-high",
     "step-unknown", "distribution-unknown", "unit-of-time-unknown", "a-list", "start-in-words"],
)  # fmt: skip
def test_the_schema_sees_what_an_editor_can_see(name: str) -> None:
    tree = as_text((HERE / "workloads" / "bad" / f"{name}.yaml").read_text(encoding="utf-8"))
    assert list(Draft202012Validator(schema()).iter_errors(tree))
