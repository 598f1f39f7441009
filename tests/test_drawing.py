"""Drawings and exports: complete, legible, the same every time, and safe with hostile words."""

from __future__ import annotations

import io
import json
import os
import re
import subprocess
import sys
import warnings
from collections.abc import Iterable
from itertools import combinations
from pathlib import Path
from xml.etree import ElementTree

import pytest
from kept import kept_graph

from model.drawing import svg
from model.drawing.exports import dot, encoded, graphml, mermaid, quoted
from model.drawing.figure import figure
from model.drawing.layout import layout, texts
from model.drawing.plain import goes_back, officers, plainly, reader, when_words
from model.drawing.powers import outside
from model.drawing.scene import Box, Line, Span, Text, flow
from model.drawing.sheet import Sheet, sheet
from model.drawing.twin import twin
from model.expand import graphs
from model.graph import StateGraph
from model.harmless import markup
from model.load import authorities, load, loads
from model.protocol import Officers
from model.replay import world_of
from model.shapes import Word
from model.terms import FALSE, TRUE, Symbol, all_, any_, evaluate, holds, is_, not_

BAND = 40  # pixels
ROOT = Path(__file__).parent.parent
LADDERS = [graph for path in authorities() for graph in graphs(load(path))]
SPACE = "{http://www.w3.org/2000/svg}"
TAGS = {"svg", "title", "desc", "g", "rect", "circle", "path", "text", "tspan"}
ATTRIBUTES = {
    "width", "height", "viewBox", "role", "aria-labelledby", "font-family", "fill", "stroke",
    "id", "x", "y", "rx", "cx", "cy", "r", "d", "font-size", "font-weight", "stroke-width",
    "stroke-dasharray",
}  # fmt: skip
HOSTILE = (
    '<script>alert(1)</script> & &amp; &#x27; ]]> <!-- --> <?x?> "quoted" \'single\' \\N \\" '
    '"]; click A "javascript:alert(1)"; end; subgraph X; style n0 fill:#f00; %%{init: {}}%% '
    '`code` {{x}} [label=<b>x</b>, URL="http://x.example"] -->|x| n1; $\\frac{1}{0}$ ~~~ 1. #35;'
)
NAMES = (
    "a & b",
    "it's <",
    "$x^2$ & $y",
    "--> n0",
    "100% #35;",
    "\\N \\L",
    "Ämter für 子ども",
    "W" * 80,
)


def tame(name: str) -> str:
    """A name without the characters that the policy reader refuses in names."""
    return re.sub(r'[=(){}\[\],:;|<>`"]', "", name).strip()


def quote(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


def policy(names: Iterable[str], free: str = "words", skips: int = 1) -> str:
    """A policy with a rung for each name, and `free` wherever free text may stand."""
    given = list(names)
    windows = ("5 working days", "unstated", "unknown", "3 weeks", "no limit")
    strengths = ("may", "should", "must", "automatic")
    people = "".join(f"  {quote(n)}: {{side: management, source: x}}\n" for n in given)
    rungs = "".join(
        f"""\
      {quote(n)}:
        answers: {quote(n)}
        counts: {"informal" if i % 3 == 0 else "formal"}
        within: {{at most: {windows[i % 5]}, or less: {quote(free)}, source: x}}
        meeting: {quote(free)}
        involves:
          - {{who: OUT, how: approves, when: fact, if refused: unstated, source: x}}
        if not satisfied: {{to: next rung, strength: {strengths[i % 4]}}}
        if silent: unstated
        source: x
"""
        for i, n in enumerate(given)
    )
    skip = "      - {to: any later rung, from: any rung, when: fact, source: x}\n" * skips
    skip = skip if len(given) > 1 else "      none\n"
    return f"""\
authority: {quote(free[:100])}
title: {quote(free[:190])}
dated: unstated
missing: nothing
people:
  IRO: {{side: raiser, role: IRO, source: x}}
{people}  OUT: {{side: outside, role: CAFCASS, source: x}}
children:
  child: {{looked after: yes, source: x}}
facts:
  fact: {{says: {quote(free)}, about: other, source: x}}
questions:
  question:
    asks: {quote(free)}
    answers: {{yes it is: {quote(free)}, no: {quote(free)}}}
    plain: yes it is
    because: {quote(free)}
    source: x
ladders:
  dispute:
    kind: dispute
    about: {quote(free)}
    raised by:
      - {{who: IRO, for: child, up to: top, source: x}}
    start: {{strength: may, source: x}}
    decide: {{within: unstated, if missed: unstated, source: x}}
    rungs:
{rungs}    entry:
      - {{at rung: any rung, when: fact and question = yes it is, source: x}}
      - {{at rung: lowest rung, source: x}}
    skip:
{skip}    extension:
      - asked by: answerer
        granted by: raiser
        each: unstated
        times: unstated
        at rung: any rung
        kind: {quote(free[:70])}
        source: x
    hand over: unstated
    withdraw: unstated
    refer:
      - {{to: OUT, by: IRO, from: any state, effect: unstated, when: fact, source: x}}
    advice:
      - {{from: {quote(free[:190])}, by: IRO, independent: unstated, source: x}}
    resolution: unstated
    duties:
      - {{who: IRO, does: records, at step: start, source: x}}
    source: x
"""


RICH = """\
authority: Somewhere
title: A protocol with everything in it
dated: 2024
missing: nothing
people:
  IRO: {side: raiser, role: IRO, source: x}
  Chair: {side: raiser, source: x}
  Low: {side: management, source: x}
  High: {side: management, source: x}
  Deputy: {side: management, source: x}
  Boss: {side: reviewing service, source: x}
  Ombudsman: {side: outside, source: x}
  CAFCASS: {side: outside, role: CAFCASS, source: x}
children:
  child in care: {looked after: yes, source: x}
  child at home: {looked after: no, source: x}
  young adult: {looked after: no, source: x}
facts:
  urgent: {says: It cannot wait., about: urgency, source: x}
questions:
  reading:
    asks: Which one?
    answers: {one: The first., two: The second.}
    plain: one
    because: It stands first.
    source: x
ladders:
  other:
    kind: complaint
    about: something else
    raised by: [{who: IRO, for: young adult, up to: top, source: x}]
    start: {strength: may, source: x}
    decide: {within: 2 working days, if missed: lapses, source: x}
    rungs:
      only:
        answers: unstated
        counts: formal
        within: immediately
        if not satisfied: {to: closed, strength: automatic}
        if silent: unknown
        source: x
    skip: none
    extension: unknown
    hand over: none
    withdraw: none
    refer: none
    advice: none
    resolution: unstated
    source: x
  dispute:
    kind: dispute
    about: everything
    raised by:
      - {who: IRO, for: [child in care, child at home], up to: top, source: x}
      - {who: Chair, for: child at home, up to: second, when: reading = two, source: x}
    start: {strength: must, when: urgent, source: x}
    decide: {within: 3 working days, if missed: lapses, source: x}
    totals:
      all of it:
        at most: {reading = one: 30 working days, reading = two: 6 weeks}
        covers: every rung
        effect: cap
        when: urgent
        source: x
    rungs:
      first:
        answers: Low
        counts: {urgent: formal, otherwise: informal}
        within:
          child = child in care: {at most: 10 working days, at least: 2 working days, source: x}
          otherwise: no limit
        substitute: Deputy
        strength: must
        when: not child = young adult
        clock: {starts: receipt, counts from: the same day, source: x}
        closes: {urgent: Boss, otherwise: raiser}
        if satisfied: {to: closed, strength: must}
        if partly satisfied: {to: same rung, strength: may}
        if not satisfied:
          - {to: third, strength: may, when: urgent}
          - {to: Ombudsman, strength: should}
          - {to: ladder other, strength: may, when: reading = two}
        if silent: nothing
        source: x
      second:
        answers: {all of: [Low, High]}
        counts: formal
        within: {at most: unstated, set by: Boss, agreed by: [raiser, Low], source: x}
        sends: Boss
        clock: {starts: previous rung, source: x}
        closes: answerer
        if divided: {to: top rung, strength: automatic}
        if not satisfied: {to: next rung, strength: must, after: 4 working days}
        if silent: {to: lowest rung, by: Boss, strength: should}
        to leave:
          - who: Boss
            how: {reading = one: consulted before, reading = two: approves}
            waits: unstated
            if refused: {to: resolved, source: x}
            source: x
          - who: Deputy
            how: takes over
            within: 3 working days
            if refused: {to: next rung, strength: automatic, source: x}
            if silent: nothing
            source: x
          - {who: Deputy, how: told before, source: x}
          - {who: unknown, how: consulted before, source: x}
        source: x
      third:
        answers: High
        counts: formal
        within: {at most: 48 hours, source: x}
        if not satisfied: {to: lapsed, strength: may}
        if silent: {to: resolved, strength: must}
        source: x
    entry:
      - {at rung: second, by: IRO, when: urgent, strength: may, source: x}
      - {at rung: second, by: Chair, when: reading = two, source: x}
    skip:
      - {to: next but one, from: first, by: IRO, when: reading = two, source: x}
    extension:
      - asked by: answerer
        granted by: nobody
        each: 5 working days
        times: 2
        at rung: any formal rung
        source: x
      - asked by: raiser
        granted by: {reading = one: Boss, reading = two: raiser}
        each: 5 working days
        times: 1
        at rung: second
        kind: meeting
        source: x
    hand over:
      - to: Deputy
        agreed by: [raiser, Boss]
        from: second
        within: 5 working days
        closes: raiser
        back: {to: raiser decides, when: urgent}
        strength: should
        source: x
    withdraw: {by: raiser, when: urgent, strength: may, source: x}
    refer:
      - to: CAFCASS
        by: IRO
        from: [any silent rung, after the top rung]
        effect: suspends
        needs advice: {reading = one: yes, reading = two: no}
        source: x
      - {to: Ombudsman, by: [IRO, Chair], from: first, effect: ends, strength: must, source: x}
    advice:
      - {from: a lawyer, by: IRO, independent: unstated, source: x}
    resolution:
      within: 10 working days
      watched by: Boss
      if not kept: {to: lowest rung, by: raiser, strength: must}
      source: x
    source: x
"""


def made(names: Iterable[str], free: str = "words", skips: int = 1) -> StateGraph:
    return graphs(loads(policy(names, free, skips)))[0]


def hostile() -> StateGraph:
    return made(map(tame, NAMES), HOSTILE)


def rungs(count: int) -> list[str]:
    return [f"rung {i} {'of a very long name ' * (i % 4)}".strip() for i in range(count)]


SIZES = [
    made(rungs(count), HOSTILE if count == 13 else "words", skips)
    for count, skips in ((1, 1), (2, 9), (13, 7), (20, 3))
]
RICHES = graphs(loads(RICH, "rich.yaml"))
ALL = [*LADDERS, *SIZES, *RICHES, hostile()]


def ids(graphs: Iterable[StateGraph]) -> list[str]:
    return [f"{g.name} {len(g.ladder.rungs)}" for g in graphs]


each_ladder = pytest.mark.parametrize("graph", LADDERS, ids=ids(LADDERS))
each_graph = pytest.mark.parametrize("graph", ALL, ids=ids(ALL))


def squeezed(text: str) -> str:
    return re.sub(r"\s+", "", text)


def shown(picture: str) -> str:
    """Everything that stands in the picture as visible text, without spaces."""
    root = ElementTree.fromstring(picture)
    return squeezed("".join("".join(t.itertext()) for t in root.iter(f"{SPACE}text")))


# --- the picture ----------------------------------------------------------------------------


@each_graph
def test_svg_is_sound_and_safe(graph: StateGraph) -> None:
    root = ElementTree.fromstring(svg(graph))
    assert root.tag == f"{SPACE}svg" and root.get("role") == "img"
    assert float(root.get("width", "")) <= 1000
    for element in root.iter():
        assert element.tag.removeprefix(SPACE) in TAGS
        assert set(element.attrib) <= ATTRIBUTES, element.attrib
        if element.tag == f"{SPACE}text":
            assert float(element.get("font-size", "")) >= 12
        for value in element.attrib.values():
            assert "url(" not in value and "javascript" not in value


@each_graph
def test_svg_has_a_title_and_a_twin(graph: StateGraph) -> None:
    root = ElementTree.fromstring(svg(graph))
    title, desc = root[0], root[1]
    assert title.tag == f"{SPACE}title" and desc.tag == f"{SPACE}desc"
    assert root.get("aria-labelledby") == f"{title.get('id')} {desc.get('id')}"
    words = squeezed("".join(desc.itertext()))
    assert ".." not in words
    for row in sheet(graph).rows:
        assert squeezed(f"{row.name}: {row.counts.text}") in words
        assert squeezed(f"who answers: {row.who.text}") in words


@each_graph
def test_every_rung_and_window_is_shown(graph: StateGraph) -> None:
    words = shown(svg(graph))
    page = sheet(graph)
    assert [row.name for row in page.rows] == [str(n) for n in graph.ladder.rungs]
    for row in page.rows:
        for text in (row.name, row.counts.text, row.who.text, row.window.text):
            assert squeezed(text) in words
        assert any(key == "No answer" for key, _ in row.lines)
    for item in page.totals:
        assert squeezed(item.says.text) in words
    for number, question in enumerate(page.questions, 1):
        assert f"Q{number}" in words and squeezed(question.asks[:300]) in words


@each_graph
def test_the_same_bytes_every_time(graph: StateGraph) -> None:
    assert svg(graph) == svg(graph)
    assert dot(graph) == dot(graph)
    assert mermaid(graph) == mermaid(graph)


def test_the_same_bytes_in_another_process() -> None:
    script = (
        "import hashlib, sys; from model.load import load; from model.expand import graphs;"
        "from model.drawing import svg; from model.drawing.exports import dot, mermaid;"
        "[sys.stdout.write(hashlib.sha256((svg(g) + dot(g) + mermaid(g)).encode()).hexdigest())"
        " for s in sys.argv[1:] for g in graphs(load(s))[:1]]"
    )
    stems = ["manchester", "reviewing-and-insights"]
    found = []
    for order, seed in ((stems, "1"), (stems[::-1], "2")):
        env = {**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": str(ROOT)}
        run = [sys.executable, "-c", script, *order]
        out = subprocess.run(run, env=env, capture_output=True, text=True, check=True).stdout
        found.append({out[:64], out[64:]})
    assert found[0] == found[1] and len(found[0]) == 2


def overlaps(a: tuple[float, ...], b: tuple[float, ...]) -> bool:
    return a[0] < b[2] and b[0] < a[2] and a[1] < b[3] and b[1] < a[3]


@each_graph
def test_no_text_overlaps_or_is_cut_off(graph: StateGraph) -> None:
    scene = layout(sheet(graph))
    found = list(texts(scene))
    for text in found:
        left, top, right, bottom = text.box
        assert left >= 0 and top >= 0 and right <= scene.width and bottom <= scene.height, text
    ordered = sorted(found, key=lambda t: t.box[1])
    for i, one in enumerate(ordered):
        for other in ordered[i + 1 :]:
            if other.box[1] >= one.box[3]:
                break
            assert not overlaps(one.box, other.box), (one.text, other.text)


@each_graph
def test_no_line_runs_through_text(graph: StateGraph) -> None:
    scene = layout(sheet(graph))
    bands: dict[int, list[Text]] = {}
    for text in texts(scene):
        for band in range(int(text.box[1]) // BAND, int(text.box[3]) // BAND + 1):
            bands.setdefault(band, []).append(text)
    for edge in (e for group in scene.groups for shape in group.shapes for e in edges(shape)):
        for band in range(int(edge[1]) // BAND, int(edge[3]) // BAND + 1):
            for text in bands.get(band, []):
                assert not overlaps(edge, text.box), (edge, text.text)


def edges(shape: object) -> list[tuple[float, ...]]:
    """The lines of a shape as thin rectangles."""
    if isinstance(shape, Line):
        pairs = zip(shape.points, shape.points[1:], strict=False)
        return [(min(a, c), min(b, d), max(a, c), max(b, d)) for (a, b), (c, d) in pairs]
    if isinstance(shape, Box):
        left, top, right, bottom = shape.x, shape.y, shape.x + shape.w, shape.y + shape.h
        return [(left, top, right, top), (left, bottom, right, bottom),
                (left, top, left, bottom), (right, top, right, bottom)]  # fmt: skip
    return []


def test_lines_wrap_within_their_room() -> None:
    for word in ("short words only", "W" * 80, "子" * 50, "x " * 90):
        block = flow([Span(word), Span("bold", True)], 100)
        assert squeezed("".join(t.text for t in block.shapes if isinstance(t, Text))) == squeezed(
            word + "bold"
        )
        assert all(t.box[2] <= 100 for t in block.shapes if isinstance(t, Text))
    assert flow([], 100).height == 0


def test_escape_leaves_nothing_that_means_something() -> None:
    assert markup("<a b='c'>&\"") == "&lt;a b=&#39;c&#39;&gt;&amp;&quot;"
    assert markup("a\x00b\x0bc\ufffed\ud800e\x7f") == "a\ufffdb\ufffdc\ufffdd\ufffde\ufffd"


# --- what the picture says ------------------------------------------------------------------


@each_graph
def test_arrows_are_those_of_the_state_graph(graph: StateGraph) -> None:
    """Every way from rung to rung by a rule, and no other, is an arrow or a bracket."""
    read, page = reader(graph), sheet(graph)
    names = [str(n) for n in graph.ladder.rungs]
    found = set()
    for move in graph.moves:
        lower, upper = graph.states[move.source].rung, graph.states[move.target].rung
        rule = move.kind in ("escalate", "return") and plainly(read, move.guard) is not FALSE
        if rule and lower and upper and lower != upper:
            found.add((names.index(lower), names.index(upper)))
    drawn = {(a.lower, a.upper) for a in page.arrows if a.drawn and a.lower >= 0}
    leaps = [b for b in page.brackets if b.mark.startswith("G")]
    drawn |= {(i, j) for b in leaps for i in b.lower for j in b.upper}
    dead = {i for i, row in enumerate(page.rows) if not row.drawn}
    assert {pair for pair in found if not dead & set(pair)} == {
        pair for pair in drawn if not dead & set(pair)
    }


@each_graph
def test_windows_are_those_of_the_state_graph(graph: StateGraph) -> None:
    world = world_of(graph)
    for row in sheet(graph).rows:
        if row.days is not None and row.days == int(row.days) and " if " not in row.window.text:
            days = evaluate(graph.windows[row.name], world)
            assert abs(days - row.days) <= 1  # weeks have a working day more or less


@each_ladder
def test_everybody_who_is_awaited_on_the_way_up_has_a_gate(graph: StateGraph) -> None:
    read, page = reader(graph), sheet(graph)
    drawn = [g for a in page.arrows if a.drawn for g in a.gates if g.awaited]
    lowest = next(iter(graph.ladder.rungs))
    for consent in graph.consents:
        mine = consent.step == "escalate" or consent.state.startswith(f"start at {lowest}:")
        if mine and plainly(read, consent.guard) is not FALSE:
            assert any(consent.who in gate.who for gate in drawn), consent.state


def by_name(name: str) -> StateGraph:
    return next(g for g in LADDERS if g.name == name)


def page_of(name: str) -> Sheet:
    return sheet(by_name(name))


def test_islington() -> None:
    page = page_of("islington/dispute")
    rows = {row.name: row for row in page.rows}
    assert rows["Team Manager"].formal == "formal"
    assert rows["Team Manager informally"].formal == "informal"
    assert rows["Chief Executive"].window.text == "no time stated"
    assert rows["Team Manager"].window.text == "5 working days"
    assert [b.mark for b in page.brackets] == ["S1", "G1"]
    assert len(page.brackets[0].lower) == len(page.brackets[0].upper) == len(page.rows) - 1
    assert any("20 working days" in item.says.text for item in page.totals)
    assert [mark for mark, _ in rows["Director"].loops] == ["X1", "X2"]
    assert "the raiser grants it" in rows["Director"].loops[0][1].text
    assert page.body == "CAFCASS"
    words = twin(page)
    assert "No answer: nothing stated" in words and "told beforehand" in words


def test_northamptonshire() -> None:
    page = page_of("northamptonshire/dispute")
    gate = next(a for a in page.arrows if a.upper == 1).gates[0]
    assert gate.who == "IRO Manager" and gate.awaited
    assert "must agree" in gate.says.text and "no time stated" in gate.says.text
    director = page.rows[-1]
    assert not director.drawn and "not in the plain reading" in director.exists.text
    assert page.rows[-2].exists.text == "the top rung"


def test_manchester_goes_up_by_itself() -> None:
    page = page_of("manchester/dispute")
    arrow = next(a for a in page.arrows if a.lower == 2)
    assert arrow.alone and "by itself after 5 working days" in arrow.says.text
    stage = next(row for row in page.rows if row.name == "stage 2")
    assert dict(stage.lines)["No answer"].text == "raiser may go up"


def test_what_is_not_in_the_text_is_hatched_and_said() -> None:
    page = page_of("reviewing-and-insights/dispute")
    row = next(r for r in page.rows if r.name == "stage 3")
    assert row.limit == "unknown" and row.window.text == row.who.text == "not in the text we have"
    hatched = [g for g in layout(page).groups if any(type(s).__name__ == "Hatch" for s in g.shapes)]
    assert any(g.title.startswith("stage 3") for g in hatched)


def test_a_ladder_without_a_referral_says_so() -> None:
    page = page_of("islington/collective dispute")
    assert page.body == "" and page.outside_end[0][1].text == "Not stated"
    assert "Referral" in shown(svg(by_name("islington/collective dispute")))


def test_conditions_in_few_words() -> None:
    a, b, c = (holds(Symbol("fact", name)) for name in "abc")
    question = Symbol("question", "q", ("x", "y", "z"))
    assert when_words(all_([a, any_([b, c])])) == "“a” and (“b” or “c”)"
    assert when_words(any_([a, b])) == "“a” or “b”"
    assert when_words(not_(any_([a, b]))) == "not “a” and not “b”"
    assert when_words(not_(is_(question, "x"))) == "“q” is read as “y” or “z”"
    assert when_words(FALSE) == "never" and when_words(TRUE) == ""


# --- hostile words --------------------------------------------------------------------------


def test_hostile_words_stay_words_in_svg() -> None:
    picture = svg(hostile())
    assert "<script" not in picture and "]]>" not in picture and "<!--" not in picture
    assert squeezed("<script>alert(1)</script> & &amp;") in shown(picture)
    tags = {e.tag for e in ElementTree.fromstring(picture).iter()}
    assert tags == {e.tag for e in ElementTree.fromstring(svg(made(["a", "b"]))).iter()}


DOT_STRING = r'"(?:[^"\\\n]|\\["\\n])*"'
DOT_LINES = re.compile(
    rf"""digraph\ ladder\ \{{ | \s*\}}
    | \s*(?:graph|node|edge)\ \[[^"<>]*(?:label={DOT_STRING})?[^"<>]*\];
    | \s*subgraph\ cluster_\d+\ \{{
    | \s*(?:n\d+|note\d+)\ \[label={DOT_STRING},\ shape=[a-z]+\];
    | \s*n\d+\ ->\ n\d+\ \[label={DOT_STRING}(?:,\ ltail=cluster_\d+)?\];
    """,
    re.VERBOSE,
)
MERMAID_STRING = r'"(?:[^\W_]|[ ]|\#\d+;|<br/>)*"'
MERMAID_LINES = re.compile(
    rf"""flowchart\ BT | \s*end
    | \s*subgraph\ r\d+\[{MERMAID_STRING}\]
    | \s*(?:n|note)\d+(?:\[|\(\[|\{{\{{){MERMAID_STRING}(?:\]|\]\)|\}}\}})
    | \s*[nr]\d+\ -->\|{MERMAID_STRING}\|\ n\d+
    """,
    re.VERBOSE,
)


@each_graph
def test_dot_is_made_of_plain_lines_only(graph: StateGraph) -> None:
    text = dot(graph)
    for line in text.splitlines():
        assert DOT_LINES.fullmatch(line), line
    defined = set(re.findall(r"^\s*(n\d+) \[", text, re.MULTILINE))
    assert set(re.findall(r"\b(n\d+)\b", re.sub(DOT_STRING, "", text))) == defined
    assert len(re.findall(r"^\s*n\d+ -> n\d+", text, re.MULTILINE)) == len(
        re.findall(r"->", re.sub(DOT_STRING, "", text))
    )


@each_graph
def test_mermaid_is_made_of_plain_lines_only(graph: StateGraph) -> None:
    text = mermaid(graph)
    assert len(text) < 50_000 and text.count("-->|") < 500  # what Mermaid draws by default
    for line in text.splitlines():
        assert MERMAID_LINES.fullmatch(line), line


def test_strings_of_dot_and_mermaid() -> None:
    assert quoted(['a"b', "c\\N&amp;"]) == '"a\\"b\\nc\\\\N&amp;amp;"'
    assert encoded(["a:b#c", "<é>"]) == '"a#58;b#35;c<br/>#60;é#62;"'


@each_ladder
def test_one_edge_between_two_states(graph: StateGraph) -> None:
    pairs = re.findall(r"^\s*(n\d+ -> n\d+) \[label=[^\n]*\"\];$", dot(graph), re.MULTILINE)
    assert len(pairs) == len(set(pairs))


@each_graph
def test_gates_and_limits_are_in_the_exports(graph: StateGraph) -> None:
    read = reader(graph)
    gates = [c for c in graph.consents if graph.states[c.state].track == "ladder"]
    if any(plainly(read, gate.guard) is not FALSE for gate in gates):
        assert "shape=hexagon" in dot(graph) and "{{" in mermaid(graph)
    assert "no time stated" in dot(graph) and "no time stated" in mermaid(graph)


@each_graph
def test_graphml_has_every_state_and_move(graph: StateGraph) -> None:
    networkx = pytest.importorskip("networkx")
    again = networkx.read_graphml(io.BytesIO(graphml(graph).encode()), force_multigraph=True)
    assert set(again.nodes) == set(graph.states)
    assert again.number_of_edges() == len(graph.moves)
    moves = sorted((m.source, m.target, m.name) for m in graph.moves)
    assert sorted((a, b, data["name"]) for a, b, data in again.edges(data=True)) == moves


# --- matplotlib -----------------------------------------------------------------------------


@each_graph
def test_figure_renders(graph: StateGraph) -> None:
    pytest.importorskip("matplotlib")
    buffer = io.BytesIO()
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "Glyph .* missing")  # of the font, not of the figure
        figure(graph).savefig(buffer, format="png", dpi=40)
    assert buffer.getvalue().startswith(b"\x89PNG")


def test_figure_words_do_not_overlap() -> None:
    pytest.importorskip("matplotlib")
    for stem in ("merton", "manchester", "northamptonshire"):
        made_ = figure(by_name(f"{stem}/dispute"))
        boxes = [t.get_window_extent() for t in made_.axes[0].texts if t.get_text()]
        for one, other in combinations(boxes, 2):
            wide = min(one.x1, other.x1) - max(one.x0, other.x0)
            high = min(one.y1, other.y1) - max(one.y0, other.y0)
            assert wide <= 1 or high <= 1.5


def test_a_picture_grows_with_its_ladder() -> None:
    heights = [layout(sheet(made(rungs(count)))).height for count in (1, 5, 10, 20)]
    assert heights == sorted(heights)


@pytest.mark.parametrize(
    ("people", "said"),
    [("A B", "A and B together"), ("A B C", "A, B and C together")],
)
def test_those_who_answer_together_are_listed(people: str, said: str) -> None:
    at = LADDERS[0].ladder.at
    together = tuple(Word(name, at) for name in people.split())
    assert officers(Officers(at=at, all_of=together)) == said
    assert officers(Officers(at=at, any_of=together)) == " or ".join(people.split())


def test_a_way_back_says_to_which_rung() -> None:
    assert goes_back("same rung", "agreed") == "goes back to the rung where it was agreed"
    above = "goes to the rung above the one where it was handed over"
    assert goes_back("next rung", "handed over") == above
    assert goes_back("closed", "agreed") == "is closed"


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ("", "open at any time"),
        (", when: urgent", "open at any time, on conditions"),
        (
            ", involves: {who: Director, how: approves, source: y}",
            "open at any time, on conditions",
        ),
        (", involves: {who: Director, how: told before, source: y}", "open at any time"),
    ],
)
def test_a_referral_on_conditions_is_not_simply_open(more: str, said: str) -> None:
    fact = ("facts", "{urgent: {says: x, about: urgency, source: y}}") if "urgent" in more else ()
    refer = f"refer: {{to: CAFCASS, by: IRO, from: any state, effect: beside, source: x{more}}}"
    graph = kept_graph(refer, *([fact] if fact else []))
    assert [words.text for _, words in outside(reader(graph), "head")] == [said]


@pytest.mark.parametrize(
    ("who", "said"),
    [
        ("Director", "if Director agrees"),
        ("[Head of Service, Director]", "if Head of Service & Director agree"),
    ],
)
def test_who_agrees_to_a_hand_over(who: str, said: str) -> None:
    item = (
        f"hand over: {{to: Team Manager, agreed by: {who}, from: any rung, within: 5 working days, "
        "closes: raiser, back: nothing, source: x}"
    )
    assert squeezed(f"hand-over to Team Manager, {said}") in shown(svg(kept_graph(item)))


def test_who_may_withdraw_in_which_case_is_listed() -> None:
    fact = ("facts", "{urgent: {says: x, about: urgency, source: y}}")
    both = "withdraw: [{by: raiser, source: x}, {by: Director, when: urgent, source: y}]"
    said = "Withdrawal: the raiser may withdraw it; Director may withdraw it if “urgent”"
    assert squeezed(said) in shown(svg(kept_graph(both, fact)))


SIGNED = (
    "questions",
    "{signed: {asks: When signed, answers: {seldom: A., always: B.}, plain: seldom, because: x, "
    "source: y}}",
)


@pytest.mark.parametrize(
    ("part", "said"),
    [
        ("when: signed = always, ", "Director: no part in it [Q1]"),
        ("if refused: {to: raiser decides, when: signed = always}, ",
         "refusal: nothing follows; no answer: nothing stated [Q1]"),
        ("if silent: {to: raiser decides, when: signed = seldom}, ",
         "refusal: nothing stated; no answer: goes where the raiser decides (may) [Q1]"),
    ],
)  # fmt: skip
def test_a_question_about_somebodys_part_only_is_listed(part: str, said: str) -> None:
    skip = (
        f"skip: {{to: any later rung, from: any rung, source: x, involves: {{who: Director, "
        f"how: approves, within: 2 working days, {part}source: y}}}}"
    )
    picture = shown(svg(kept_graph(skip, SIGNED)))
    assert squeezed(said) in picture
    assert squeezed("When signed Plainly: seldom: A.") in picture
