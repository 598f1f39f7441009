"""Text from files is hostile: in no output does it become anything but text.

`tests/hostile` has a policy, an amendment, a workload and a study in which every text of the
writer's choice is written for some format: markup, formulas, commands, links, escapes. They get
names of the same kind and go through every output that the command has, which are found from its
own parser: one that is not probed here fails the first test.
"""

from __future__ import annotations

import argparse
import json
import re
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from xml.etree import ElementTree

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import simulations.reading
from drp import mutating
from drp import sensitivity as telling
from drp.cli import main, parser
from model import expand, harmless, load
from model.amend import amended
from model.casefile import load_cases
from model.cases import run_case
from model.load import authorities
from model.yamltree import PolicyError
from proofs import times, verdicts
from simulations.stress import stress_form
from simulations.study_reading import load_study
from simulations.studying import run_study
from simulations.trials import prepared
from tests.hostile.checks import CHECKS, figure, html, json_, log
from tests.hostile.outputs import faces

HERE = Path(__file__).parent / "hostile"
ENDING = "::error:: ##[x] $x$ <b>|*i*.yaml"
POLICY, AMENDMENT, WORKLOAD, STUDY = (f"{lead}{ENDING}" for lead in ("=p ", "@a ", "-w ", "+s "))
RUN = ["--overload", "--replications", "2", f"--workload={WORKLOAD}"]
QUICK = [
    "--replications",
    "2",
    "--trajectories",
    "2",
    "--samples",
    "0",
    "--top",
    "1",
    "--scan",
    "1",
]

# What each output is asked for with, and what it is: a command with each format, and with each
# option that writes. What a command writes is in `out`. An output without a probe fails a test.
Probe = tuple[list[str], str]
CHECK, SHOW = ([name, "--amend", AMENDMENT, f"./{POLICY}"] for name in ("check", "show"))
CERTIFY = ["check", f"./{POLICY}", "--brief", "--certificates", "out/evidence"]
MUTATE = ["mutate", "--kind", "rung dropped", "--kind", "part missing"]
SIMULATE = ["simulate", *RUN, "--amend", AMENDMENT, f"./{POLICY}"]
COMPARE, ASK = ["compare", *RUN, f"./{POLICY}", f"./{AMENDMENT}"], ["study", f"./{STUDY}"]
SCREEN = ["sensitivity", *QUICK, f"--workload={WORKLOAD}", f"./{POLICY}", "--out", "out/s.svg"]
FACES: dict[tuple[str, str], Probe] = {
    ("check", "text"): (CHECK, "text"),
    ("check", "json"): ([*CHECK, "--format", "json"], "json"),
    ("check", "markdown"): ([*CHECK, "--format", "markdown"], "markdown"),
    ("check", "--record"): (["check", "--record", f"./{POLICY}"], "text"),
    ("check", "--smtlib"): (["check", f"./{POLICY}", "--brief", "--smtlib", "out/asked"], "text"),
    ("check", "--certificates"): (CERTIFY, "text"),
    ("verify", "text"): (["verify", "out/evidence", f"./{POLICY}"], "text"),
    ("verify", "json"): (["verify", "out/evidence", f"./{POLICY}", "--format", "json"], "json"),
    ("show", "text"): (SHOW, "text"),
    ("show", "json"): ([*SHOW, "--format", "json"], "json"),
    ("show", "markdown"): ([*SHOW, "--format", "markdown"], "markdown"),
    **{
        ("draw", kind): (["draw", "--format", kind, f"./{POLICY}"], kind)
        for kind in ("svg", "dot", "mermaid", "graphml")
    },
    ("draw", "--out"): (["draw", "--out", "out/x.svg", f"./{POLICY}"], "text"),
    **{
        ("export", kind): (["export", "--to", kind, f"./{POLICY}"], kind)
        for kind in ("prism", "smtlib", "tchecker", "uppaal")
    },
    ("export", "--out"): (
        ["export", "--to", "prism", f"./{POLICY}", "--out", "out/x.prism"],
        "text",
    ),
    ("mutate", "text"): ([*MUTATE, f"./{POLICY}"], "text"),
    ("mutate", "json"): ([*MUTATE, "--format", "json", f"./{POLICY}"], "json"),
    ("mutate", "--record"): (["mutate", "--record", f"./{POLICY}"], "text"),
    ("explain", "text"): (["explain", "return"], "text"),
    ("simulate", "text"): ([*SIMULATE, "--assumptions"], "text"),
    ("compare", "text"): (COMPARE, "text"),
    ("study", "text"): ([*ASK, "--assumptions"], "text"),
    **{
        (command[0], kind): ([*command, "--format", kind], kind)
        for command in (SIMULATE, COMPARE, ASK)
        for kind in ("json", "csv")
    },
    **{
        (command[0], "--out"): ([*command, "--out", f"out/{command[0]}"], "text")
        for command in (SIMULATE, COMPARE, ASK)
    },
    ("study", "--record"): ([*ASK, "--record"], "text"),
    ("sensitivity", "text"): (SCREEN, "text"),
    ("sensitivity", "json"): ([], "json"),  # told of the same run: it takes some seconds
    ("sensitivity", "--out"): ([], "figure"),
    ("schema", "text"): (["schema"], "json"),
    ("new", "text"): (["new", "::error::"], "text"),
    ("doctor", "text"): (["doctor"], "text"),
}


def test_every_output_of_the_command_is_probed() -> None:
    assert set(faces(parser())) == set(FACES)


def test_an_output_without_a_probe_is_noticed() -> None:
    top = argparse.ArgumentParser()
    new = top.add_subparsers().add_parser("export")
    new.add_argument("--format", choices=("prism", "uppaal"))
    new.add_argument("--certificates", metavar="DIR")
    assert set(faces(top)) == {
        ("export", "prism"), ("export", "uppaal"), ("export", "--certificates")
    }  # fmt: skip


def laid_out(folder: Path) -> None:
    """The hostile files in a folder, under hostile names."""
    names = {"POLICY": POLICY, "AMENDMENT": AMENDMENT, "WORKLOAD": WORKLOAD}
    for kind, name in (*names.items(), ("STUDY", STUDY)):
        text = (HERE / f"{kind.lower()}.yaml").read_text(encoding="utf-8")
        text = text.replace(": PROTOCOL", f": {json.dumps(Path(POLICY).stem)}")
        for word, file in names.items():
            text = re.sub(rf": {word}\b", lambda _, file=file: f": {json.dumps(file)}", text)
        (folder / name).write_text(text, encoding="utf-8")
    (folder / "out").mkdir()


@pytest.fixture
def hostile(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of the hostile files, which is the current one; nothing is recorded elsewhere."""
    from proofs import record

    monkeypatch.chdir(tmp_path)
    laid_out(tmp_path)
    known = [*authorities(), tmp_path / POLICY]
    monkeypatch.setattr(simulations.reading, "authorities", lambda: known)
    out = tmp_path / "out"
    monkeypatch.setattr(record, "write", partial(record.write, folder=out))
    monkeypatch.setattr(mutating, "write", partial(mutating.write, folder=out))
    few = mutating.judged  # all of them take a minute
    monkeypatch.setattr(mutating, "judged", lambda judge, asked, n: few(judge, asked[:4], n))
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    return tmp_path


def said(face: tuple[str, str], capsys: pytest.CaptureFixture[str]) -> str:
    """What a command prints; what it complains of is checked here."""
    if face[0] == "verify":
        main(CERTIFY)
    capsys.readouterr()
    code = main(FACES[face][0])
    out, err = capsys.readouterr()
    assert code in ((2,) if face[0] == "new" else (0, 1, 3)), err
    assert "Traceback" not in out + err and "fault of ours" not in err
    log(err)
    return out.removesuffix("\n")


def written(folder: Path) -> None:
    """Everything that a command has written is of its kind, by its ending."""
    kinds = {
        ".smt2": "smt2",
        ".prism": "prism",
        ".csv": "csv",
        ".json": "json",
        ".md": "markdown",
        ".svg": "svg",
    }
    for path in (p for p in folder.rglob("*") if p.is_file() and p.suffix != ".parquet"):
        CHECKS[kinds[path.suffix]](path.read_text(encoding="utf-8").removesuffix("\n"))


PRINTED = [face for face, (arguments, _) in FACES.items() if arguments and face[0] != "sensitivity"]


@pytest.mark.parametrize("face", PRINTED, ids=" ".join)
def test_text_stays_text(
    face: tuple[str, str], hostile: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = said(face, capsys)
    CHECKS[FACES[face][1]](out)
    written(hostile / "out")
    written(hostile / "results") if (hostile / "results").exists() else None
    if face[1].startswith("--") and face[0] != "study":
        assert any((hostile / "out").iterdir())


def test_a_screening_and_its_picture(hostile: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """One run; what it finds is then told as JSON too, and as a notebook shows it."""
    from simulations import sensitivity as screening

    found: list[screening.Sensitivity] = []
    whole = screening.sensitivity

    def kept(*given: object, **more: object) -> screening.Sensitivity:
        found.append(whole(*given, **more))  # type: ignore[arg-type]
        return found[0]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(screening, "sensitivity", kept)
        log(said(("sensitivity", "text"), capsys))
    figure((hostile / "out" / "s.svg").read_text(encoding="utf-8"))
    json_(harmless.as_json(telling.as_json(found[0])))
    html(found[0]._repr_html_())


def test_what_a_notebook_shows(hostile: Path) -> None:
    protocol = amended(POLICY, AMENDMENT)
    graph = expand(protocol)
    CHECKS["svg"](graph._repr_svg_())
    found = verdicts(protocol)
    html(found._repr_html_())
    assert any(v.trace for v in found)
    conditional = replace(found["return"], clauses=((BAD, f"not {BAD}"),))
    for verdict in (*found, conditional):
        html(verdict._repr_html_())
    html(times(graph)._repr_html_())
    asked = load_study(STUDY)
    result = run_study(asked, prepared(asked))
    html(result._repr_html_())
    html(stress_form(result)._repr_html_())


def test_figures_show_every_name_as_it_is(
    hostile: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """As text and not as outlines, so that it can be read: nothing is mathematics, or left out."""
    import matplotlib

    from model.drawing.figure import figure as drawn
    from simulations import plots

    asked = load_study(STUDY)
    result = run_study(asked, prepared(asked))
    with matplotlib.rc_context({"svg.fonttype": "none"}):
        for name in plots.PICTURES:
            text = plots.content(plots.picture(result, name), ".svg", "::error:: <b> $x$")
            figure(text.decode())
            if name in ("time to end", "backlog"):
                for arm in asked.arms:
                    words = " ".join(ElementTree.fromstring(text).itertext())
                    assert arm.name[:20] in words, (name, arm.name)
        text = plots.content(drawn(expand(load(POLICY))), ".svg", "x")
        figure(text.decode())
        assert "$x$" in text.decode()


def test_json_and_parquet_lose_nothing(hostile: Path, capsys: pytest.CaptureFixture[str]) -> None:
    found = json.loads(said(("show", "json"), capsys))
    protocol = amended(POLICY, AMENDMENT)
    assert found["title"] == protocol.title and "::error::" in protocol.title
    assert [x["ladder"] for x in found["ladders"]] == list(protocol.ladders)
    from pyarrow import parquet

    said(("study", "--out"), capsys)
    [table] = (p for p in (hostile / "out" / "study").glob("*.parquet") if "-repl" not in p.name)
    assert any(
        arm.startswith("=1+1 ::error::") for arm in parquet.read_table(table)["arm"].to_pylist()
    )


# --- what is said of files that are wrong -----------------------------------------------------

BAD = "::error::x ##[error]x <b> $x$ =1+1 @all | `c`"


@pytest.mark.parametrize(
    ("command", "kind", "old", "new"),
    [
        ("check", POLICY, "authority:", f"{BAD!r}: x\nauthority:"),
        ("show", POLICY, "side: management", f"side: {BAD!r}"),
        ("draw", POLICY, "kind: dispute", f"kind: {BAD!r}"),
        ("simulate", WORKLOAD, "urgency: 0", f"urgency: {BAD!r}"),
        ("study", STUDY, "seed: 7", f"seed: {BAD!r}"),
        ("check", AMENDMENT, "changes:", f"changes:\n  {BAD!r}: remove"),
        ("check", POLICY, "title:", f"? [{BAD!r}]\n: x\ntitle:"),
        ("check", POLICY, "title:", "title: !<tag:%1b[31m%23%23[x]> x\nx:"),
        ("check", POLICY, "title:", 'title: "\\e[31m"\nx:'),
        ("check", POLICY, "title:", 'x: "\\u202e\\u2066 ::error::"\ntitle:'),
    ],
)
def test_complaints_stay_text(
    command: str, kind: str, old: str, new: str, hostile: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = hostile / kind
    text = file.read_text(encoding="utf-8")
    assert old in text, old
    file.write_text(text.replace(old, new, 1), encoding="utf-8")
    given = {
        "simulate": [*RUN, "--", POLICY], "study": ["--", STUDY],
        "check": ["--amend", AMENDMENT, "--", POLICY],
    }.get(command, ["--", POLICY])  # fmt: skip
    assert main([command, *given]) == 2
    out, err = capsys.readouterr()
    assert out == "" and "fault" in err and "fault of ours" not in err
    log(err)


@pytest.mark.parametrize(
    "arguments",
    [
        ["check", "no such ::error:: ##[x] \x1b[31m\u202e.yaml"],
        ["check", "--claim", "##[error]\x1b[31m"],
        ["draw", "merton", "--ladder", "##[error]\x9b"],
        ["draw", "merton", "--format", "##[error]"],
        ["##[error]\x1b[31m"],
        ["check", "--from", "##[error]\u202e"],
        ["check", "--##[error]\x1b[31m"],
        ["simulate", "merton", "--workload", "##[x]\x1b"],
        ["simulate", "merton", "--precision", "##[x]\x1b=2 %"],
        ["compare", "merton", "##[x]\x1b[31m"],
        ["study", "##[x]\x1b[31m"],
        ["sensitivity", "merton", "--measure", "##[x]\x1b[31m"],
        ["explain", "##[x]\x1b[31m"],
        ["new", "##[x]\x1b[31m"],
        ["draw", "merton", "--out", "no/##[x]\x1b[31m"],
    ],
    ids=" ".join,
)
def test_arguments_stay_text(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    try:
        assert main(arguments) == 2
    except SystemExit as ended:
        assert ended.code == 2
    out, err = capsys.readouterr()
    assert out == "" and err
    log(err)


def test_a_certificate_that_is_refused_stays_text(
    hostile: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    main(CERTIFY)
    for number, path in enumerate(sorted((hostile / "out" / "evidence").iterdir())):
        given = json.loads(path.read_text(encoding="utf-8"))
        given.update({"ladder": f"{BAD}\x1b\u202e"} if number else {"graph": {BAD: BAD}})
        path.write_text(json.dumps(given), encoding="utf-8")
        path.rename(path.with_name(f"{number}{BAD.replace('/', '')}.json"))
    capsys.readouterr()
    for more in ([], ["--format", "json"]):
        assert main(["verify", "out/evidence", f"./{POLICY}", *more]) == 1
        log(capsys.readouterr().out.removesuffix("\n"))


def test_cases_stay_text(hostile: Path) -> None:
    """What comes of a case is told in a line for a log, whatever its names are."""
    path = hostile / f"cases{ENDING}"
    steps = f"[{{day: 0, move: {BAD!r}}}]"
    case = f"- {{case: {BAD!r}, ladder: {BAD!r}, steps: {steps}, ends at: x, source: x}}"
    path.write_text(case, encoding="utf-8")
    results = [run_case(load(POLICY), case) for case in load_cases(path)]
    assert results and not any(result.passed for result in results)
    path.write_text(case.replace("ends at", BAD.replace(":", "")), encoding="utf-8")
    with pytest.raises(PolicyError) as caught:
        load_cases(path)
    log(harmless.line(str(caught.value.faults[0])))


# --- without an escape it would be seen ---------------------------------------------------------

Identity = Callable[..., object]
NEEDED: dict[str, tuple[tuple[str, str], Identity]] = {
    "line": (("check", "text"), str),
    "markdown": (("check", "markdown"), str),
    "markup": (("draw", "svg"), str),
    "markup_apart": (("draw", "graphml"), str),
    "quoted": (("draw", "dot"), str),
    "mermaid": (("draw", "mermaid"), str),
    "cell": (("compare", "csv"), lambda value: value),
    "ascii_json": (("export", "prism"), partial(json.dumps, ensure_ascii=False)),
    "as_json": (("show", "json"), partial(json.dumps, ensure_ascii=False)),
    "as_lines": (("check", "--certificates"), partial(json.dumps, ensure_ascii=False)),
}


@pytest.mark.parametrize("name", NEEDED)
def test_each_escape_is_needed(
    name: str, hostile: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    face, identity = NEEDED[name]
    monkeypatch.setattr(harmless, name, identity)
    with pytest.raises((AssertionError, SyntaxError)):
        CHECKS[FACES[face][1]](said(face, capsys))
        written(hostile / "out")


LEAF = st.none() | st.booleans() | st.integers() | st.text()
ANY_JSON = st.recursive(LEAF, lambda s: st.lists(s) | st.dictionaries(st.text(), s))


@settings(deadline=None, derandomize=True)
@given(ANY_JSON)
def test_json_in_lines_is_the_same_json(value: object) -> None:
    assert json.loads(harmless.as_lines(value)) == value


def test_each_part_of_a_long_json_has_a_line() -> None:
    value = {"a": [1, 2], "b": [[1], {"c": [3]}], "d": {"e": {"f": [[4]]}, "g": [{"h": [5]}]}}
    assert harmless.as_lines(value).split("\n") == [
        "{", '"a": [1, 2],', '"b": [', "[1],", '{"c": [3]}', "],", '"d": {', '"e": {',
        '"f": [[4]]', "},", '"g": [', '{"h": [5]}', "]", "}", "}",
    ]  # fmt: skip


def test_every_escape_is_tried() -> None:
    assert set(harmless.__all__) == {*NEEDED, "is_hidden", "shown"}


def test_what_is_hidden_must_be_refused_where_it_is_read(
    hostile: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    file = hostile / POLICY
    text = file.read_text(encoding="utf-8")
    file.write_text(
        text.replace("title:", 'title: "\\e[31m"\nx:', 1).replace("x:", "#", 1), "utf-8"
    )
    assert main(["show", "--", POLICY]) == 2
    assert "a backslash writes a control or invisible character (U+001B)" in capsys.readouterr().err
    monkeypatch.setattr(harmless, "is_hidden", lambda char: False)
    assert main(["show", "--", POLICY]) == 0
    with pytest.raises(AssertionError):
        log(capsys.readouterr().out)


@pytest.mark.parametrize("text", ["<b>x</b>", "<p onclick=x>y</p>", "<!-- x -->", "</p>", "<p>"])
def test_markup_of_others_is_noticed(text: str) -> None:
    with pytest.raises((AssertionError, SyntaxError)):
        html(text)


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        ("text", "::error::x"), ("text", " ##[x]"), ("text", "\x9b31m"), ("text", "a\u202eb"),
        ("markdown", "[a](b)"), ("markdown", "<b>"), ("markdown", "`c`; *x*"),
        ("markdown", "- @all"),
        ("markdown", "```\nx"), ("markdown", "    x"), ("markdown", "| a |\n|---|\n| b | c |"),
        ("markdown", "https://x.y"), ("markdown", "a $x$"), ("markdown", "~~x~~"),
        ("dot", 'digraph ladder { n0 [label="a\\N"]; }'), ("dot", "digraph ladder { n0 [URL=x]; }"),
        ("mermaid", 'flowchart BT\n  click n0 "x"'), ("csv", "a,b\n=1,2"), ("csv", "a,b\nx;=1,2"),
        ("svg", '<svg xmlns="http://www.w3.org/2000/svg"><a/></svg>'),
        ("svg", '<svg xmlns="http://www.w3.org/2000/svg" onload="x"/>'),
        ("figure", '<svg xmlns="http://www.w3.org/2000/svg"><script/></svg>'), ("json", '"##[x]"'),
    ],
)  # fmt: skip
def test_what_is_not_ours_is_noticed(kind: str, text: str) -> None:
    with pytest.raises((AssertionError, SyntaxError)):
        CHECKS[kind](text)
