"""Certificates: every verdict is shown by one, and one that is not true is refused."""

from __future__ import annotations

import copy
import itertools
import json
from collections.abc import Iterator, Mapping
from functools import cache
from operator import mul
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from kept import kept_graph
from ladders import graph_of
from test_agreement_kept import KEPT
from test_claims import BREAKS, TEMPLATE
from test_decide import LADDERS
from test_replay import GRAPHS, walks

from certificates import Refused, check
from certificates.bounds import Bound
from certificates.checker import Checker
from certificates.formulas import NO, YES, Formulas
from certificates.formulas import least as f_least
from drp.cli import main
from model.encoding import Nodes, encoded
from model.expand import expand, graphs
from model.graph import StateGraph
from model.load import authorities, load, loads
from model.replay import Step, replay, world_of
from model.terms import Symbol, at_most, unknown
from proofs.analysis import Analysis
from proofs.certificate import certificate
from proofs.claims import ALL
from proofs.decide import Decider

ROOT = Path(__file__).parent.parent
Certificate = dict[str, Any]


def certified(graph: StateGraph) -> tuple[Certificate, Mapping[str, str]]:
    """The certificate of a ladder as it is read from a file, and the verdicts it should show.

    None that was found by way of another ladder.
    """
    decider = Decider(graph)
    answers = {claim.id: decider.decide(claim) for claim in ALL}
    written = certificate(decider, answers.values())
    words = {id: a.word if a.by is None else "not shown" for id, a in answers.items()}
    return json.loads(json.dumps(written)), words


@cache
def small() -> Certificate:
    """A certificate with verdicts that hold, break and depend, and with bounds both ways."""
    window = "{five = limit: 6 working days, five = norm: unstated}"
    question = (
        "",
        """
questions:
  five:
    asks: Is it a limit?
    answers: {limit: it binds, norm: it is only usual}
    plain: limit
    because: It stands in a table of times.
    source: 2 ¶2
""",
    )
    found, _ = certified(
        kept_graph(question, f"rungs: {{head: {{within: {window}}}}}", "skip: none")
    )
    return found


# --- every verdict is shown ----------------------------------------------------------------------


@pytest.mark.parametrize("path", authorities(), ids=lambda p: p.stem)
def test_the_verdicts_on_the_protocols_are_shown(path: Path) -> None:
    for graph in graphs(load(path)):
        found, answers = certified(graph)
        unshown = {"total-permitted"} if graph.name == "islington/dispute" else set()
        assert check(found) == {c: "not shown" if c in unshown else w for c, w in answers.items()}


@pytest.mark.parametrize("name", LADDERS)
def test_the_verdicts_on_small_ladders_are_shown(name: str) -> None:
    found, answers = certified(kept_graph(*LADDERS[name]))
    assert check(found) == answers


@pytest.mark.parametrize("claim", BREAKS)
def test_a_broken_claim_is_shown(claim: str) -> None:
    text = TEMPLATE
    for old, new in BREAKS[claim]:
        text = text.replace(old, new)
    found, answers = certified(next(iter(graphs(loads(text, "exampleton.yaml")))))
    assert answers[claim] == "broken"
    assert check(found) == answers


@pytest.mark.parametrize("path", KEPT, ids=lambda p: p.stem)
def test_the_verdicts_on_ladders_that_were_hard_are_shown(path: Path) -> None:
    """Windows from an earlier event, spans of the calendar, totals that cut.

    What the raiser can force is not always shown where a total can end a minimum wait.
    """
    graph = graph_of(path.read_text("utf-8"))
    found, answers = certified(graph)
    unshown = {
        "late-twice-on-one-clock": {"total-own"},
        "a-clock-that-went-on-while-nobody-answered": {"total-permitted"},
        "a-leave-that-takes-longer-than-the-raiser-has": {"total-permitted"},
        "round-through-a-wait-on-a-clock-that-went-on": {"total-diligent"},
    }.get(path.stem, set())
    shown = check(found)
    if Analysis(graph).hurried is not None:
        forced = {"ends", "top-forced", "cafcass-forced"}
        unshown |= {c for c in forced if shown[c] == "not shown"}
    assert shown == {c: "not shown" if c in unshown else w for c, w in answers.items()}


def test_a_comparison_with_a_span_is_one_for_each_of_its_lengths() -> None:
    week, time = Symbol("calendar", "the week", (), 3, 5), Symbol("number", "the time")
    nodes = Nodes()
    place = nodes.place(at_most(unknown(week), unknown(time)))
    assert [s["values"] for s in nodes.listed()] == [[3, 4, 5], ["limited", "endless"]]
    first, *kids = nodes.nodes[place]
    assert first == 0  # the place of the week
    assert [nodes.nodes[k] for k in kids] == [[[[n], [0, 1]], 1, 0] for n in (3, 4, 5)]


def test_a_window_that_begins_anew_cuts_no_bound() -> None:
    """It counts from an earlier event, so what it has used is not what the bound has counted."""
    for begins, many in (([], 1), (["head: answered"], 0)):
        found = copy.deepcopy(small())
        total = {**found["graph"]["totals"][0], "begins": begins}
        found["graph"]["totals"] = [{**total, "total": False, "cap": 1}]
        bound = next(b for b in found["bounds"] if b["conduct"] == "permitted")
        assert len(list(Bound(read(found), bound).cuts({}, {}))) == many


# --- what is not so is refused -------------------------------------------------------------------


def changed(**what: Any) -> Certificate:
    return {**copy.deepcopy(small()), **what}


def read(c: Certificate) -> Checker:
    """A checker that has derived the tables of a certificate."""
    checker = Checker(c)
    for table in c["tables"]:
        checker.table(table)
    return checker


def test_a_table_whose_order_leaves_out_a_state_is_refused() -> None:
    for i, table in enumerate(small()["tables"]):
        c = changed()
        del c["tables"][i]["order"][-1]
        with pytest.raises(Refused, match="is no certificate"):
            check(c)
        assert table["order"]


def test_a_table_in_another_order_is_the_same() -> None:
    """The order is a help; what is derived is the least that the rules allow."""
    c = changed()
    for table in c["tables"]:
        table["order"].reverse()
    assert check(c) == check(small())


def test_a_table_speaks_of_its_own_track_only() -> None:
    """Else a last one could say of another track's states that none of them can be reached."""
    found, answers = certified(kept_graph(*LADDERS["leave to skip"]))
    tables = [t for t in found["tables"] if t["name"] == "reach"]
    names = [name for table in tables for name in table["order"]]
    assert len({table["track"] for table in tables}) > 1
    for table in tables:
        more = {**table, "order": [*table["order"], *names]}
        assert check({**found, "tables": [*found["tables"], more]}) == answers


@pytest.mark.parametrize("days", [-1, 1 << 62, 1 << 63])
def test_no_window_is_shorter_than_nothing_or_beyond_all_bounds(days: int) -> None:
    c = changed()
    c["graph"]["states"]["director: awaiting an answer"]["limit"] = [[1, [days]]]
    with pytest.raises(Refused, match="this is no certificate: ValueError"):
        check(c)


def test_another_goal_changes_what_is_forced() -> None:
    tried = 0
    for i, table in enumerate(small()["tables"]):
        if "goal" in table:
            c = changed()
            c["tables"][i]["goal"] = {}
            with pytest.raises(Refused):
                check(c)
            tried += 1
    assert tried


def test_without_what_is_asked_for_a_goal_is_not_forced() -> None:
    (path,) = (p for p in KEPT if p.stem == "advice-at-once-before-a-referral")
    found, answers = certified(graph_of(path.read_text("utf-8")))
    assert answers["cafcass-forced"] == "holds"
    asks = [table.pop("asks") for table in found["tables"] if "asks" in table]
    assert any(asks)
    for table in found["tables"]:
        if "goal" in table:
            table["asks"] = []
    with pytest.raises(Refused, match="cafcass-forced"):
        check(found)


@cache
def reader() -> Checker:
    return read(small())


def why_refused(bound: Certificate, checker: Checker | None = None) -> str:
    """Why a bound is refused, of the small certificate or another; empty if it is not."""
    try:
        (checker or reader()).bound(bound)
    except Refused as refused:
        return str(refused)
    return ""


@pytest.mark.parametrize("key", ["entered", "left"])
def test_a_bound_without_one_of_its_ways_is_refused(key: str) -> None:
    tried = 0
    for bound in small()["bounds"]:
        for name, ways in bound[key].items() if bound["kept"] != 0 else ():
            for place in range(len(ways)):
                lie = copy.deepcopy(bound)
                del lie[key][name][place]
                assert f"bound {bound['name']}" in why_refused(lie)
                tried += 1
    assert tried > 10


@pytest.mark.parametrize("key", ["entered", "left"])
def test_a_bound_that_is_a_day_shorter_is_refused(key: str) -> None:
    tried = 0
    for bound in small()["bounds"]:
        for name, ways in bound[key].items() if bound["kept"] != 0 else ():
            for place, (_, *sums) in enumerate(ways):
                if len(sums) == 1 and len(sums[0]) == 1 and sums[0][0]:
                    lie = copy.deepcopy(bound)
                    lie[key][name][place][1][0] -= 1
                    assert f"bound {bound['name']}" in why_refused(lie)
                    tried += 1
    assert tried > 5


def test_a_bound_that_says_too_much_or_too_little_is_refused() -> None:
    seen = set()
    for i, bound in enumerate(small()["bounds"]):
        kept = Checker(small()).formula(bound["kept"])
        for place, says in ((1, "bound"), (0, "takes longer")):
            if kept != place:
                c = changed()
                c["bounds"][i]["kept"] = place
                with pytest.raises(Refused, match=says):
                    check(c)
                seen.add(place)
    assert seen == {0, 1}


@pytest.mark.parametrize("key", ["steps", "late"])
def test_without_its_ways_that_take_longer_a_bound_is_refused(key: str) -> None:
    tried = 0
    for bound in small()["bounds"]:
        for place in range(len(bound[key])):
            lie = copy.deepcopy(bound)
            del lie[key][place]
            why = why_refused(lie)
            assert not why or "takes longer" in why
            tried += bool(why)
    assert tried > 2


def test_a_point_that_is_never_is_refused() -> None:
    """Each way that takes longer is one that can be taken: no point is later than that."""
    tried = 0
    for bound in small()["bounds"]:
        for place in range(len(bound["points"])):
            for which in (1, 2):
                lie = copy.deepcopy(bound)
                lie["points"][place][which] = []
                why = why_refused(lie)
                assert not why or "takes longer" in why or "begin at" in why
                tried += bool(why)
    assert tried > 5


def test_ways_begin_at_the_start() -> None:
    for bound in small()["bounds"]:
        lies = [(0, "put right"), (0, "agreement not kept"), (1, [[1]]), (2, [[1]])]
        for place, state in lies:
            lie = copy.deepcopy(bound)
            lie["points"][0][place] = state
            assert "do not begin at the start" in why_refused(lie)


def by_word() -> dict[str, int]:
    return {claim["verdict"]: i for i, claim in enumerate(small()["claims"])}


def test_the_small_ladder_has_every_verdict() -> None:
    assert {"holds", "broken", "depends", "not-applicable"} <= {*by_word(), "not-applicable"}


@pytest.mark.parametrize("word", ["holds", "broken", "depends", "not-applicable"])
def test_another_verdict_is_refused(word: str) -> None:
    for other, i in by_word().items():
        if other != word:
            c = changed()
            c["claims"][i]["verdict"] = word
            with pytest.raises(Refused, match=c["claims"][i]["id"]):
                check(c)


@pytest.mark.parametrize("op", ["true", "false"])
def test_another_condition_is_refused(op: str) -> None:
    c = changed()
    i = by_word()["depends"]
    c["claims"][i]["condition"] = int(op == "true")
    c["claims"][i]["verdict"] = {"true": "holds", "false": "broken"}[op]
    with pytest.raises(Refused, match="condition is"):
        check(c)


def test_other_plain_verdicts_and_worlds_are_refused() -> None:
    for i in by_word().values():
        claim = small()["claims"][i]
        if claim["verdict"] in ("holds", "broken", "depends"):
            c = changed()
            c["claims"][i]["plain"] = {"holds": "broken", "broken": "holds"}[claim["plain"]]
            with pytest.raises(Refused, match="plain"):
                check(c)
            c = changed()
            c["claims"][i]["worlds"] = []
            with pytest.raises(Refused, match="worlds"):
                check(c)


def test_what_depends_is_not_broken_though_all_its_worlds_show_that() -> None:
    i, tried = by_word()["depends"], 0
    for world in small()["claims"][i]["worlds"]:
        c = changed()
        c["claims"][i] |= {"verdict": "broken", "worlds": [world]}
        with pytest.raises(Refused, match="its condition is not that of broken"):
            check(c)
        tried += 1
    assert tried > 1


def test_no_world_shows_the_other_side() -> None:
    """A claim can be broken in every reading and hold in some case: that case shows nothing."""
    skip = "skip: {to: any later rung, from: any rung, when: urgent, source: 2 ¶6}"
    fact = ("", "facts: {urgent: {says: It cannot wait., about: urgency, source: 2 ¶6}}")
    found, answers = certified(kept_graph(fact, skip))
    (urgent,) = (i for i, s in enumerate(found["symbols"]) if s["name"] == "urgent")
    claim = next(c for c in found["claims"] if c["id"] == "skip-any")
    assert answers["skip-any"] == "broken" and not claim["worlds"][0][urgent]
    other = [*claim["worlds"][0]]
    other[urgent] = True
    claim["worlds"].append(other)
    with pytest.raises(Refused, match="skip-any: its worlds do not show it"):
        check(found)


def test_a_stronger_obligation_is_refused() -> None:
    """A claim that holds stops holding where what it asks for is never so."""
    i = by_word()["holds"]
    for place in range(len(small()["claims"][i]["obligations"])):
        c = changed()
        c["claims"][i]["obligations"][place]["holds"] = 0
        if read(small()).formula(small()["claims"][i]["obligations"][place]["premise"]) == NO:
            continue
        with pytest.raises(Refused, match="fails where"):
            check(c)


def broken_json() -> Iterator[tuple[str, Any]]:
    yield "a list", []
    yield "a number", 3
    yield "nothing in it", {}
    for key in ("graph", "nodes", "symbols", "tables", "bounds", "claims", "plain"):
        for value in (None, 3, "x", [], {}):
            if value != small()[key] and (key, value) not in (("bounds", {}), ("tables", {})):
                yield f"{key} is {value!r}", changed(**{key: value})
    for days in (-1, 2.5, True, 1 << 62, "1"):
        bounds = [{**b, "most": [[1, [days]]]} for b in small()["bounds"]]
        yield f"a bound at {days!r} days", changed(bounds=bounds)
    for i, (what, *kids) in enumerate(small()["nodes"]):
        if isinstance(what, int) and kids:
            nodes = [*small()["nodes"]]
            nodes[i] = [what, *kids[:-1]]
            yield f"node {i} without its last value", changed(nodes=nodes)
    yield "a node of itself", changed(nodes=[["compare", 0, 0, 0]] * len(small()["nodes"]))


@pytest.mark.parametrize(
    ("what", "given_"), list(broken_json()), ids=lambda w: w if type(w) is str else ""
)
def test_what_is_no_certificate_is_refused(what: str, given_: Any) -> None:
    with pytest.raises(Refused):
        check(given_)


# --- the rules are those of a ladder -------------------------------------------------------------


@cache
def walked(name: str) -> tuple[StateGraph, Checker, Certificate]:
    graph = GRAPHS[name]
    found, _ = certified(graph)
    return graph, read(found), found


@pytest.mark.parametrize("name", sorted(GRAPHS))
@settings(deadline=None, max_examples=15, derandomize=True)
@given(data=st.data())
def test_what_replay_allows_the_tables_and_bounds_allow(name: str, data: st.DataObject) -> None:
    graph, checker, found = walked(name)
    world, steps = data.draw(walks(graph))
    nodes = Nodes()
    encoded(graph, nodes)
    rest = {s: s.values[0] for s in nodes.symbols if s.kind == "silence"}
    values = nodes.world({**rest, **world})
    for symbol in found["symbols"][len(values) :]:
        values.append(None if symbol["kind"] == "number" else symbol["values"][-1])
    number = {id(m): i for i, m in enumerate(graph.moves)}
    f = checker.f
    for count, (_, move) in enumerate(steps, 1):
        made = found["graph"]["moves"][number[id(move)]]
        assert f.true_in(checker.possible(made, False), values)
        run = replay(graph, steps[:count], world)
        for track, token in run.tokens.items():
            if track != "ladder" or not any(m.kind == "reopen" for _, m in steps[:count]):
                assert f.true_in(checker.reach(token.state), values), token
    run = replay(graph, steps, world)
    if any(move.kind == "reopen" for _, move in steps):
        return
    for bound in found["bounds"]:
        start = f.all(checker.domain, checker.formula(bound["start"]))
        kept = f.all(checker.formula(bound["kept"]), start)
        formal = bound["conduct"] == "permitted" and bound["total"] is None
        if formal and f.true_in(kept, values):
            ways = checker.count(bound["left"][run.state])
            days = [least(x, checker, values) for x, g in ways.items() if f.true_in(g, values)]
            assert run.formal <= max(days)


def least(day: Any, checker: Checker, values: list[Any]) -> float:
    counts = [
        (
            e[0],
            *(values[i] for i, n in zip(checker.f.numbers, e[1:], strict=True) for _ in range(n)),
        )
        for e in day
    ]
    return min([float("inf"), *(sum(c) for c in counts if None not in c)])


# --- numbers -------------------------------------------------------------------------------------


@settings(deadline=None, max_examples=400, derandomize=True)
@given(
    st.lists(st.tuples(*(st.integers(-9, 9), *[st.integers(-2, 2)] * 3)), min_size=1, max_size=5)
)
def test_what_is_called_contradictory_is_so(rows: Any) -> None:
    """Sums that are at most 0: no numbers make them so, or some of those tried do not tell."""
    number = {"kind": "number", "values": ["limited", "endless"]}
    found = Formulas([number] * 3).contradictory(list(rows))
    true = any(
        all(days + sum(map(mul, times, values)) <= 0 for days, *times in rows)
        for values in itertools.product(range(12), repeat=3)
    )
    assert not (found and true)
    if all(sum(map(bool, times)) < 2 for _, *times in rows):
        assert found != true  # one number in each: nothing is left open


def test_numbers_are_whole() -> None:
    """2x - 2y = 1 has an answer in fractions only, and so has 3x - 3y = 1."""
    f = Formulas([{"kind": "number", "values": ["limited", "endless"]}] * 2)
    for n in (2, 3):
        assert f.contradictory([(-1, n, -n), (1, -n, n)])
        assert not f.contradictory([(-n, n, -n), (n, -n, n)])


@pytest.mark.parametrize("order", list(itertools.permutations(range(3))))
def test_what_is_added_once_goes_first_so_that_nothing_is_lost(order: tuple[int, ...]) -> None:
    """With b = 0, five times a is at most 18, and six times a at least 19: a is 3 and 4."""
    f = Formulas([{"kind": "number", "name": str(i), "values": ["", ""]} for i in range(3)])
    rows = [(0, (0, 1, 0)), (-18, (5, 1, 0)), (19, (-6, -1, 0))]
    laid = [(days, *(times[i] for i in order)) for days, times in rows]
    assert f.contradictory(laid)
    assert not f.contradictory(laid[1:]), "b is 1, a is 3"


@settings(deadline=None, max_examples=300, derandomize=True)
@given(st.data())
def test_comparisons_are_those_of_numbers(data: st.DataObject) -> None:
    """A count is at most another just where the numbers say so; endless is at most endless."""
    symbols = [{"kind": "number", "values": ["limited", "endless"]}] * 2
    symbols = [*symbols, {"kind": "fact", "values": [True, False]}]
    f = Formulas(symbols)
    one = st.lists(st.tuples(st.integers(0, 6), st.integers(0, 2), st.integers(0, 2)), max_size=2)
    some = st.dictionaries(one.map(f_least), st.sampled_from([YES, f.literal(2, 0)]), min_size=1)
    a, b = data.draw(some), data.draw(some)
    told = f.at_most(a, b)
    for values in itertools.product([0, 1, 4, None], [0, 2, 7, None], [True, False]):
        world = list(values)

        def largest(count: Any, world: list[Any] = world) -> float:
            days = [
                min([float("inf")] + [
                    e[0] + sum(n * v for n, v in zip(e[1:], world[:2], strict=True) if n)
                    for e in x
                    if all(v is not None for n, v in zip(e[1:], world[:2], strict=True) if n)
                ])
                for x, g in count.items()
                if f.true_in(g, world)
            ]  # fmt: skip
            return max(days, default=-1)

        assert f.true_in(told, world) == (largest(a) <= largest(b))


# --- the command ---------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("certificates")
    assert main(["check", "merton", "--brief", "--certificates", str(folder)]) == 0
    return folder


def test_verify_says_what_is_shown(written: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["verify", str(written)]) == 0
    out = capsys.readouterr().out
    assert "merton/dispute: 10 broken, 8 depends, 9 holds" in out
    assert "graph as in model/authorities/merton.yaml" in out
    assert "0 not shown; 0 certificates refused" in out
    assert main(["verify", str(written), "--format", "json"]) == 0
    first, second = json.loads(capsys.readouterr().out)
    assert first["runs"] > 20 and not first["refused"] and second["ladder"] == "merton/other agency"


def test_verify_of_a_changed_certificate_fails(
    written: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    found = json.loads((written / "merton-1.json").read_text("utf-8"))
    for what, says in {
        "graph": "its graph is not that of",
        "digest": "another version",
        "run": "is not allowed",
        "verdict": "condition is not",
        "plain": "plain readings are not those of",
    }.items():
        c = copy.deepcopy(found)
        if what == "graph":
            c["graph"]["states"]["not raised"]["source"] = "elsewhere"
        elif what == "digest":
            c["digest"] = "sha256:0"
        elif what == "plain":
            question = next(i for i, s in enumerate(c["symbols"]) if s["kind"] == "question")
            c["plain"][question] = c["symbols"][question]["values"][-1]
            c["claims"] = [x for x in c["claims"] if x["verdict"] == "not-applicable"]
        elif what == "run":
            run = next(r for x in c["claims"] for r in x["runs"] if len(r["steps"]) > 2)
            del run["steps"][0]
        else:
            next(x for x in c["claims"] if x["verdict"] == "broken")["verdict"] = "holds"
        (tmp_path / "merton-1.json").write_text(json.dumps(c), "utf-8")
        assert main(["verify", str(tmp_path)]) == 1
        assert says in capsys.readouterr().out


def test_verify_tells_what_is_not_shown(written: Path, tmp_path: Path, capsys: Any) -> None:
    found = json.loads((written / "merton-1.json").read_text("utf-8"))
    found["claims"][0] = {"id": "total-diligent", "verdict": "not shown"}
    (tmp_path / "one.json").write_text(json.dumps(found), "utf-8")
    assert main(["verify", str(tmp_path)]) == 3
    assert "not shown by a certificate: total-diligent" in capsys.readouterr().out


@pytest.mark.parametrize("text", ["", "{", "[]", "\udcff", "[" * 100_000, '{"graph": {}}'])
def test_verify_of_what_is_no_certificate(text: str, tmp_path: Path, capsys: Any) -> None:
    (tmp_path / "x.json").write_bytes(text.encode("utf-8", "surrogateescape"))
    assert main(["verify", str(tmp_path)]) == 1
    assert "x.json: REFUSED" in capsys.readouterr().out


def test_verify_of_nothing(tmp_path: Path, capsys: Any) -> None:
    assert main(["verify", str(tmp_path)]) == 2
    assert "there is no certificate" in capsys.readouterr().err


def test_a_policy_that_is_not_at_hand_is_said(tmp_path: Path, capsys: Any) -> None:
    policy = tmp_path / "elsewhere.yaml"
    text = (ROOT / "model/authorities/merton.yaml").read_text("utf-8")
    policy.write_text(f"{text}# not the file that is recorded\n", "utf-8")
    main(["check", str(policy), "--brief", "--certificates", str(tmp_path / "c")])
    capsys.readouterr()
    assert main(["verify", str(tmp_path / "c")]) == 3
    assert "not compared with its policy file" in capsys.readouterr().out
    assert main(["verify", str(tmp_path / "c"), str(policy)]) == 0
    assert "graph as in" in capsys.readouterr().out


def test_a_certificate_that_takes_too_much_work_is_refused(monkeypatch: Any) -> None:
    """Work is counted, not timed: a sum of very many numbers, or a diagram that explodes."""
    c = changed()
    number = next(i for i, s in enumerate(c["symbols"]) if s["kind"] == "number")
    most = [[1, [0, *[number] * 400]]] * 100_000
    c["bounds"][0]["most"] = most
    with pytest.raises(Refused, match="more work to check than is allowed"):
        check(c)
    monkeypatch.setattr("certificates.formulas.MOST_WORK", 1000)
    with pytest.raises(Refused, match="more work to check than is allowed"):
        check(small())


def test_the_checker_is_small() -> None:
    files = sorted((ROOT / "certificates").glob("*.py"))
    assert sum(len(path.read_text("utf-8").splitlines()) for path in files) < 820


def test_worlds_are_whole() -> None:
    graph = expand(load(authorities()[0]))
    assert replay(graph, list[Step](), world_of(graph)).refused is None


# --- the page ------------------------------------------------------------------------------------


def test_the_page_shows_a_real_certificate() -> None:
    """docs/certificates.md can be followed by hand: its table is that of the template."""
    found, _ = certified(next(iter(graphs(loads(TEMPLATE, "exampleton.yaml")))))
    checker, (bound, *_) = read(found), found["bounds"]
    (question,) = [i for i, s in enumerate(found["symbols"]) if s["name"] == "five days"]
    letters = dict(zip(numbered(found), "ab", strict=True))

    def day(ways: Any, reading: str) -> str:
        where = [1 if s["kind"] == "number" else s["values"][-1] for s in found["symbols"]]
        where[question] = reading
        ((e,),) = {x for x, g in ways.items() if checker.f.true_in(g, where)}
        days, numbers = e[0], zip(checker.f.numbers, e[1:], strict=True)
        open_ = [letters[i] for i, n in numbers if n]
        return " + ".join(open_ + [str(days)] * (days > 0 or not open_))

    rows = []
    for name, ways in bound["entered"].items():
        entered, stay = checker.count(ways), Bound(checker, bound).stay(name)
        cells = [day(entered, "limit"), day(entered, "custom")]
        stays = dict.fromkeys([day(stay, "limit"), day(stay, "custom")])
        rows.append(f"| {name} | {' | '.join(cells)} | {' or '.join(stays)} |")
    page = (ROOT / "docs" / "certificates.md").read_text("utf-8")
    assert "\n".join(rows) in page


def numbered(found: Certificate) -> list[int]:
    named = {s["name"]: i for i, s in enumerate(found["symbols"])}
    return [named["the window of team manager"], named["the window of service manager"]]
