"""Certificates: every verdict is shown by one, and one that is not true is refused."""

from __future__ import annotations

import copy
import itertools
import json
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from kept import kept_graph
from test_claims import BREAKS, TEMPLATE
from test_decide import LADDERS
from test_replay import GRAPHS, walks

from certificates import Refused, check
from certificates.checker import Checker
from certificates.formulas import NO, YES, ZERO
from drp.cli import main
from model.encoding import Nodes, encoded
from model.expand import expand, graphs
from model.graph import StateGraph
from model.load import authorities, load, loads
from model.replay import Step, replay, world_of
from proofs.certificate import certificate
from proofs.claims import ALL
from proofs.decide import Decider

ROOT = Path(__file__).parent.parent
Certificate = dict[str, Any]


def certified(graph: StateGraph) -> tuple[Certificate, Mapping[str, str]]:
    """The certificate of a ladder as it is read from a file, and the verdicts it should show."""
    decider = Decider(graph)
    answers = {claim.id: decider.decide(claim) for claim in ALL}
    written = certificate(decider, answers.values())
    return json.loads(json.dumps(written)), {id: a.word for id, a in answers.items()}


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


# --- what is not so is refused -------------------------------------------------------------------


def changed(**what: Any) -> Certificate:
    return {**copy.deepcopy(small()), **what}


def constant(c: Certificate, op: str) -> int:
    """The place of a formula that is always, or never, true."""
    c["nodes"].append([op])
    return len(c["nodes"]) - 1


def meaning(c: Certificate, place: int) -> int:
    """A formula as the checker reads it: equal formulas are equal numbers, of one checker."""
    return Checker(small()).f.formula(place)


def rows() -> list[tuple[int, str]]:
    return [(i, name) for i, t in enumerate(small()["tables"]) for name in t["rows"]]


@pytest.mark.parametrize("op", ["true", "false"])
def test_a_table_with_another_row_is_refused(op: str) -> None:
    """Each row is exact: neither more nor less can be reached, or forced."""
    checker, tried = Checker(small()), 0
    for i, name in rows():
        formula = checker.f.formula(small()["tables"][i]["rows"][name])
        there = checker.f.both(checker.domain, formula)
        if there == (checker.domain if op == "true" else NO):
            continue  # it says the same
        c = changed()
        c["tables"][i]["rows"][name] = constant(c, op)
        with pytest.raises(Refused, match=r"forced|reached|derived"):
            check(c)
        tried += 1
    assert tried > 10


def test_a_table_without_its_order_is_refused() -> None:
    for i, table in enumerate(small()["tables"]):
        if not any(Checker(small()).f.formula(r) != NO for r in table["rows"].values()):
            continue
        c = changed()
        c["tables"][i]["order"] = []
        if table["name"] == "reach" and len(table["rows"]) == 1:
            continue
        with pytest.raises(Refused, match="not derived"):
            check(c)


def test_a_bound_without_one_of_its_ways_is_refused() -> None:
    tried = 0
    for i, bound in enumerate(small()["bounds"]):
        for name, ways in bound["parts"][0]["entered"].items():
            for place in range(len(ways)):
                c = changed()
                del c["bounds"][i]["parts"][0]["entered"][name][place]
                with pytest.raises(Refused, match=bound["name"]):
                    check(c)
                tried += 1
    assert tried > 10


def test_a_bound_that_is_a_day_shorter_is_refused() -> None:
    tried = 0
    for i, bound in enumerate(small()["bounds"]):
        for name, ways in bound["parts"][0]["entered"].items():
            for place, (_, count) in enumerate(ways):
                op, *args = small()["nodes"][count]
                if op != "days" or not args[0]:
                    continue
                c = changed()
                c["nodes"].append(["days", args[0] - 1])
                c["bounds"][i]["parts"][0]["entered"][name][place][1] = len(c["nodes"]) - 1
                with pytest.raises(Refused, match=bound["name"]):
                    check(c)
                tried += 1
    assert tried > 5


def test_a_bound_that_says_too_much_or_too_little_is_refused() -> None:
    seen = set()
    for i, bound in enumerate(small()["bounds"]):
        kept = Checker(small()).f.formula(bound["kept"])
        for op, same, says in (("true", YES, "ends in time"), ("false", NO, "takes longer")):
            if kept != same:
                c = changed()
                c["bounds"][i]["kept"] = constant(c, op)
                with pytest.raises(Refused, match=says):
                    check(c)
                seen.add(op)
    assert seen == {"true", "false"}


def test_without_its_ways_that_take_longer_a_bound_is_refused() -> None:
    for i, bound in enumerate(small()["bounds"]):
        if bound["paths"]:
            c = changed()
            c["bounds"][i]["paths"] = []
            with pytest.raises(Refused, match="takes longer"):
                check(c)
            c["bounds"][i]["paths"] = [bound["paths"][0][1:]]
            with pytest.raises(Refused, match="goes on from"):
                check(c)


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
    c["claims"][i]["condition"] = constant(c, op)
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


def test_a_stronger_obligation_is_refused() -> None:
    """A claim that holds stops holding where what it asks for is never so."""
    i = by_word()["holds"]
    for place in range(len(small()["claims"][i]["obligations"])):
        c = changed()
        c["claims"][i]["obligations"][place]["holds"] = constant(c, "false")
        if Checker(small()).f.formula(small()["claims"][i]["obligations"][place]["premise"]) == NO:
            continue
        with pytest.raises(Refused, match="fails where"):
            check(c)


def broken_json() -> Iterator[tuple[str, Any]]:
    yield "a list", []
    yield "a number", 3
    yield "nothing in it", {}
    for key in ("graph", "nodes", "symbols", "tables", "bounds", "claims", "domain", "plain"):
        for value in (None, 3, "x", [], {}):
            if value != small()[key] and (key, value) != ("bounds", {}):
                yield f"{key} is {value!r}", changed(**{key: value})
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
    return graph, Checker(found), found


@pytest.mark.parametrize("name", sorted(GRAPHS))
@settings(deadline=None, max_examples=15, derandomize=True)
@given(data=st.data())
def test_what_replay_allows_the_tables_and_bounds_allow(name: str, data: st.DataObject) -> None:
    graph, checker, found = walked(name)
    world, steps = data.draw(walks(graph))
    nodes = Nodes()
    encoded(graph, nodes)
    rest = {s: s.values[0] for s in nodes.symbols if s.kind == "silence"}
    values = {str(i): {**rest, **world}.get(s, "different") for i, s in enumerate(nodes.symbols)}
    unused = {"number": None, "fact": False}
    for i, symbol in enumerate(found["symbols"]):
        values.setdefault(str(i), unused.get(symbol["kind"], (symbol["values"] or [None])[0]))
    number = {id(m): i for i, m in enumerate(graph.moves)}
    f = checker.f
    for count, (_, move) in enumerate(steps, 1):
        assert f.true_in(checker.possible(found["graph"]["moves"][number[id(move)]]), values)
        run = replay(graph, steps[:count], world)
        for track, token in run.tokens.items():
            if track != "ladder" or not any(m.kind == "reopen" for _, m in steps[:count]):
                assert f.true_in(checker.reach(token.state), values), token
    run = replay(graph, steps, world)
    if any(move.kind == "reopen" for _, move in steps):
        return
    for bound in found["bounds"]:
        start = f.formula(bound["start"])
        if bound["conduct"] == "permitted" and f.true_in(f.both(checker.domain, start), values):
            ways = checker.read(bound["parts"][0]["entered"][run.state])
            late = checker.read(bound["parts"][0]["late"].get(run.state, []))
            since = run.formal - (run.day - run.tokens["ladder"].since)
            days = [least(x, values) for g, x in [*ways, *late] if f.true_in(g, values)]
            assert since <= max(days)


def least(sums: Any, values: Mapping[str, Any]) -> float:
    counts = [[n, *(values[str(i)] for i in some)] for n, some in sums]
    return min([float("inf"), *(sum(c) for c in counts if None not in c)])


# --- numbers -------------------------------------------------------------------------------------


@settings(deadline=None, max_examples=300, derandomize=True)
@given(
    st.lists(
        st.tuples(
            st.tuples(st.integers(0, 6), st.lists(st.integers(0, 2), max_size=3)),
            st.tuples(st.integers(0, 6), st.lists(st.integers(0, 2), max_size=3)),
            st.booleans(),
        ),
        min_size=1,
        max_size=4,
    )
)
def test_what_is_called_contradictory_is_so(said: Any) -> None:
    from certificates.formulas import contradictory

    number = {"kind": "number", "values": [], "low": 0, "high": None}
    sums = [((m, tuple(sorted(e))), (n, tuple(sorted(f))), so) for (m, e), (n, f), so in said]
    found = contradictory([(("at most", e, f), so) for e, f, so in sums], [number] * 3)
    true = any(
        all((least([e], w) <= least([f], w)) == so for e, f, so in sums)
        for w in (
            {str(i): v for i, v in enumerate(values)}
            for values in itertools.product([0, 1, 2, 5, 20, None], repeat=3)
        )
    )
    assert not (found and true)
    if all(not e[1] and not f[1] for e, f, _ in sums):
        assert found != true  # without numbers nothing is left open


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
    }.items():
        c = copy.deepcopy(found)
        if what == "graph":
            c["graph"]["states"]["not raised"]["source"] = "elsewhere"
        elif what == "digest":
            c["digest"] = "sha256:0"
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
    assert main(["verify", str(tmp_path / "c")]) == 0
    assert "no policy file at hand" in capsys.readouterr().out
    assert main(["verify", str(tmp_path / "c"), str(policy)]) == 0
    assert "graph as in" in capsys.readouterr().out


def test_the_checker_is_small() -> None:
    files = sorted((ROOT / "certificates").glob("*.py"))
    for path in files:
        assert len(path.read_text("utf-8").splitlines()) < 400, path


def test_worlds_are_whole() -> None:
    graph = expand(load(authorities()[0]))
    assert replay(graph, list[Step](), world_of(graph)).refused is None
    assert ZERO == [(YES, ((0, ()),))]


# --- the page ------------------------------------------------------------------------------------


def test_the_page_shows_a_real_certificate() -> None:
    """docs/certificates.md can be followed by hand: its table is that of the template."""
    found, _ = certified(next(iter(graphs(loads(TEMPLATE, "exampleton.yaml")))))
    checker, (bound, *_) = Checker(found), found["bounds"]
    (question,) = [i for i, s in enumerate(found["symbols"]) if s["name"] == "five days"]
    letters = {i: s for s, i in zip("ab", numbered(found), strict=False)}

    def day(ways: Any, reading: str) -> str:
        where: dict[str, Any] = {str(i): 1 for i in range(len(found["symbols"]))}
        where[str(question)] = reading
        where |= {str(i): False for i, s in enumerate(found["symbols"]) if s["kind"] == "fact"}
        sums = {s for g, x in ways for s in x if checker.f.true_in(g, where)}
        ((days, numbers),) = sums
        return " + ".join([letters[i] for i in numbers] + [str(days)] * (days > 0 or not numbers))

    rows = []
    for name, ways in bound["parts"][0]["entered"].items():
        entered, stay = checker.read(ways), checker.stay(bound, name)
        cells = [day(entered, "limit"), day(entered, "custom")]
        stays = dict.fromkeys([day(stay, "limit"), day(stay, "custom")])
        rows.append(f"| {name} | {' | '.join(cells)} | {' or '.join(stays)} |")
    page = (ROOT / "docs" / "certificates.md").read_text("utf-8")
    assert "\n".join(rows) in page


def numbered(found: Certificate) -> list[int]:
    named = {s["name"]: i for i, s in enumerate(found["symbols"])}
    return [named["the window of team manager"], named["the window of service manager"]]
