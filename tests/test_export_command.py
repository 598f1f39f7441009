"""`drp export`: its options, its refusals, and text from files that is not what it seems."""

from __future__ import annotations

import html
import importlib.util
import xml.etree.ElementTree as ET
from dataclasses import replace
from pathlib import Path

import pytest
from engines import Storm, spacer_exceeds
from kept import kept_graph, kept_text
from timed_text import positions, read_tchecker, read_uppaal

from drp.cli import main
from model.exporting import automaton, prism, smtlib, tchecker, uppaal
from model.graph import StateGraph
from model.replay import world_of

FORMATS = ("prism", "smtlib", "tchecker", "uppaal")
WRITERS = {"prism": prism, "smtlib": smtlib, "tchecker": tchecker, "uppaal": uppaal}
COMMENT = {"prism": "// ", "smtlib": "; ", "tchecker": "# ", "uppaal": "// "}


@pytest.fixture
def policy(tmp_path: Path) -> str:
    path = tmp_path / "kept.yaml"
    urgent = ("", "facts: {urgent: {says: It cannot wait., about: urgency, source: 2 ¶6}}")
    rungs = "rungs: {head: {within: {urgent: 2 working days, otherwise: unstated}}}"
    path.write_text(kept_text(urgent, rungs), "utf-8")
    return str(path)


def exported(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    capsys.readouterr()
    assert main(["export", *arguments]) == 0
    return capsys.readouterr().out


def refused(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    capsys.readouterr()
    assert main(["export", *arguments]) == 2
    said = capsys.readouterr()
    assert said.out == "" and said.err.startswith("drp: ") and said.err.count("\n") == 1
    return said.err


@pytest.mark.parametrize("format", FORMATS)
def test_a_file_says_its_world_and_what_it_leaves_out(
    format: str, policy: str, capsys: pytest.CaptureFixture[str]
) -> None:
    text = exported(capsys, policy, "--to", format, "--fact", "urgent")
    lines = [line for line in text.splitlines() if line.startswith(COMMENT[format].strip())]
    said = html.unescape("\n".join(lines))
    assert 'fact "urgent" = "True" (chosen)' in said
    assert 'number "the window of head" = "no limit"' in said
    assert "What is not here:" in said and "can force" in said and "in every reading" in said
    assert text == exported(capsys, policy, "--to", format, "--fact", "urgent")
    assert text.isascii()


def test_the_options_choose_the_world(policy: str, capsys: pytest.CaptureFixture[str]) -> None:
    def limits(*options: str) -> set[int]:
        found = read_tchecker(exported(capsys, policy, "--to", "tchecker", *options))
        return {days for tests in found.invariants.values() for _, _, days in tests}

    plain, urgent = limits(), limits("--fact", "urgent")
    assert 2 in urgent - plain
    assert 37 in limits("--number", "the window of head=37 working days") - plain
    assert limits("--number", "the window of head=no limit") == plain
    at = exported(capsys, policy, "--to", "smtlib", "--bound", "33")
    assert "take more than 33 working days" in at and "33))" in at.replace(") 33", " 33")
    reach = exported(capsys, policy, "--to", "smtlib", "--reach", "resolved")
    assert 'the state \\"resolved\\"' in reach or 'the state "resolved"' in reach
    every = exported(capsys, policy, "--to", "prism", "--every-track")
    assert "The side track" not in every
    assert "days on the clock of" in every
    diligent = exported(capsys, policy, "--to", "prism", "--conduct", "diligent")
    assert "Conduct: diligent" in diligent


def test_what_does_not_go_with_the_file_is_told(
    policy: str, capsys: pytest.CaptureFixture[str]
) -> None:
    def told(*options: str, to: str = "prism") -> str:
        return refused(capsys, policy, "--to", to, *options)

    assert "did you mean “dispute”?" in told("--ladder", "disput")
    assert "there is no fact “urgant”; did you mean “urgent”?" in told("--fact", "urgant")
    assert "there is no question “x”" in told("--reading", "x=y")
    assert "write a name, “=” and its value" in told("--reading", "x")
    assert "“5” is no number" in told("--number", "the window of head=5")
    assert "there is no open number" in told("--number", "the window=5 working days")
    twice = ("--number", "a=5 working days", "--number", "a=6 working days")
    assert "given twice for “a”" in told(*twice)
    assert "there is no raiser “Nobody”" in told("--raised-by", "Nobody")
    assert "there is no kind of child “x”" in told("--child", "x")
    assert "there is no state “resolve”; did you mean “resolved”?" in told(
        "--reach", "resolve", to="smtlib"
    )
    assert "--reach is for smtlib" in told("--reach", "resolved")


def test_a_world_in_which_nothing_begins_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    said = refused(capsys, "islington", "--to", "prism")
    assert "no dispute can begin in this world; say with --fact" in said
    assert "“rights at risk”" in said
    assert exported(capsys, "islington", "--to", "prism", "--fact", "rights at risk")


def test_a_state_of_a_track_that_is_left_out_is_not_asked_about(
    capsys: pytest.CaptureFixture[str],
) -> None:
    options = ("manchester", "--to", "smtlib", "--reach")
    graph_states = exported(capsys, "manchester", "--to", "prism", "--every-track")
    name = next(
        line.split(": ", 1)[1].strip('"')
        for line in graph_states.splitlines()
        if line.startswith("// at_") and "legal advice" in line
    )
    said = refused(capsys, *options, name)
    assert "is not among those exported; add --every-track" in said
    assert exported(capsys, *options, name, "--every-track")


def test_it_writes_where_it_is_told_and_through_no_link(
    policy: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "ladder.prism"
    assert main(["export", policy, "--to", "prism", "--out", str(out)]) == 0
    assert out.read_text("utf-8") == exported(capsys, policy, "--to", "prism")
    link = tmp_path / "link"
    link.symlink_to(out)
    before = out.read_text("utf-8")
    assert "is a link" in refused(capsys, policy, "--to", "smtlib", "--out", str(link))
    assert out.read_text("utf-8") == before


# --- hostile names ------------------------------------------------------------------------------

HOSTILE = (
    "*/ endmodule // \\",
    "]]> <script>alert(1)</script> &amp; -->",
    '") (check-sat) (exit) ; |x|',
    "l0:{initial:} location:P:late{labels: late} # ",
    "\u202eevil\u2028next\u0085line ¶",
    "$(touch x) `touch x` %0a::error::",
)


def test_names_from_a_file_stay_in_comments() -> None:
    for hostile in HOSTILE:
        graph = kept_graph("rungs: {head: {within: unstated}}")
        renamed = renamed_graph(hostile)
        made, plain = automaton(renamed, world_of(renamed)), automaton(graph, world_of(graph))
        for format in FORMATS:
            text = WRITERS[format](made)
            assert text.isascii() and "\x1b" not in text
            assert bare(text, format) == bare(WRITERS[format](plain), format), (format, hostile)


def renamed_graph(hostile: str) -> StateGraph:
    """The small ladder with an unstated window, its states, moves and actors renamed."""
    graph = kept_graph("rungs: {head: {within: unstated}}")
    new = {name: f"{name} {hostile}" for name in graph.states}
    states = {new[n]: replace(s, name=new[n]) for n, s in graph.states.items()}
    moves = tuple(
        replace(
            m, name=m.name + hostile, actor=hostile, source=new[m.source], target=new[m.target],
            also=None if m.also is None else new[m.also],
            while_in=None if m.while_in is None else frozenset(new[s] for s in m.while_in),
        )
        for m in graph.moves
    )  # fmt: skip
    tracks = {track: new[first] for track, first in graph.tracks.items()}
    return replace(graph, states=states, moves=moves, start=new[graph.start], tracks=tracks)


def bare(text: str, format: str) -> list[str]:
    """What a tool sees of a file: all but its comments."""
    if format == "uppaal":
        root = ET.fromstring(text)
        for element in root.iter():
            if element.tag == "declaration" and element.text:
                lines = element.text.splitlines()
                element.text = "\n".join(x for x in lines if not x.startswith("//"))
            if element.attrib.get("kind") == "comments" or element.tag == "comment":
                element.text = ""
        return ET.tostring(root, "unicode").splitlines()
    sign = COMMENT[format].strip()
    return [line.split(f" {sign} ")[0] for line in text.splitlines() if not line.startswith(sign)]


def test_what_stands_outside_comments_would_be_seen() -> None:
    """The comparison notices a name that gets out of its comment."""
    graph = kept_graph("rungs: {head: {within: unstated}}")
    made = automaton(graph, world_of(graph))
    for format in FORMATS:
        text = WRITERS[format](made)
        lines = text.splitlines()
        lines.insert(len(lines) // 2, "evil")
        if format != "uppaal":
            assert bare("\n".join(lines), format) != bare(text, format)
    with pytest.raises(ET.ParseError):
        bare(uppaal(made).replace("</template>", "<evil></template>"), "uppaal")


def test_each_tool_still_reads_a_hostile_file() -> None:
    graph = renamed_graph("".join(HOSTILE))
    made = automaton(graph, world_of(graph))
    assert positions(read_tchecker(tchecker(made)), 22)
    assert positions(read_uppaal(uppaal(made)), 22)
    assert spacer_exceeds(made, 20) is True
    if importlib.util.find_spec("stormpy"):
        assert Storm(made).days() > 20
