"""Amendments: what they change, what they leave, and what is said of those that are wrong.

Every file in `amendments/bad` amends a small right policy and is wrong; beside it, a file
`.expect` has the messages.
"""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from drp.cli import main
from model.amend import amended, bases, load_amendment, schema
from model.expand import expand, graphs
from model.load import authorities, load
from model.protocol import Protocol
from model.terms import FALSE, symbols
from model.words import words
from model.yamltree import PolicyError
from proofs.claims import BY_ID
from proofs.verdict import check

HERE = Path(__file__).parent
GOOD = HERE / "policies" / "good.yaml"
BAD = sorted((HERE / "amendments" / "bad").glob("*.yaml"))
MESSAGE = re.compile(r"[^:]+:[1-9]\d*:[1-9]\d*: (?P<where>[^;“]+: )?(?P<wrong>.+?); (?P<right>.+)")


def messages(path: Path) -> list[str]:
    with pytest.raises(PolicyError) as caught:
        base = bases(path.name)[0]
        amended(GOOD if path.stem == "policy-other" else base, path.name)
    return [str(fault) for fault in caught.value.faults]


def test_every_bad_amendment_has_its_messages() -> None:
    expected = sorted((HERE / "amendments" / "bad").glob("*.expect"))
    assert [path.with_suffix(".yaml") for path in expected] == BAD
    assert len(BAD) >= 40


@pytest.mark.parametrize("path", BAD, ids=lambda p: p.stem)
def test_bad_amendment(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(path.parent)
    assert messages(path) == path.with_suffix(".expect").read_text("utf-8").splitlines()


@pytest.mark.parametrize("path", BAD, ids=lambda p: p.stem)
def test_messages_are_at_a_place_in_the_amendment(path: Path) -> None:
    lines = path.read_text("utf-8").split("\n")
    for message in path.with_suffix(".expect").read_text("utf-8").splitlines():
        parts = MESSAGE.fullmatch(message)
        assert parts is not None, message
        file, line, column = message.split(":")[:3]
        assert file == path.name
        assert int(line) <= len(lines) and int(column) <= len(lines[int(line) - 1]) + 1
        assert not re.search(r"None|“”|Traceback|<|\bdict\b|\bstr\b|  ", message)


# --- what an amendment can say ----------------------------------------------------------------

HEAD = "amends: {base}\ntitle: A try\nassumed: Nobody has proposed it.\nchanges:\n"


def apply(tmp_path: Path, base: str, *changes: str) -> Protocol:
    """A protocol with some changes of its dispute, each `path: value` on a line."""
    path = tmp_path / "try.yaml"
    lines = "".join(f"  {change}\n" for change in changes)
    path.write_text(HEAD.format(base=base) + lines, encoding="utf-8")
    return amended(base, path)


def verdict(protocol: Protocol, claim: str) -> str:
    return next(v.verdict for v in check(protocol, [BY_ID[claim]], mends=False))


def test_a_window_is_changed_and_nothing_else(tmp_path: Path) -> None:
    path = "ladders.dispute.rungs.Team Manager.within"
    after = expand(apply(tmp_path, "islington", f"{path}: 3 working days"))
    before = expand(load("islington"))
    assert str(after.windows["Team Manager"].args[0]) == "3"
    changed = {m.name for m in after.moves} ^ {m.name for m in before.moves}
    assert not changed and set(after.states) == set(before.states)
    assert {k for k, w in after.windows.items() if words(w) != words(before.windows[k])} == {
        "Team Manager"
    }


@pytest.mark.parametrize("stem", [path.stem for path in authorities()])
def test_silence_becomes_automatic(stem: str, tmp_path: Path) -> None:
    """In every authority, by its own words; rungs have it of their own or from every rung."""
    protocol = load(stem)
    name, ladder = next(iter(protocol.ladders.items()))
    below = list(ladder.rungs)[:-1]
    rule = "{to: next rung, strength: automatic}"
    changes = [f"ladders.{name}.rungs.{rung}.if silent: {rule}" for rung in below]
    done = expand(apply(tmp_path, stem, *changes))
    for rung in below:
        late = f"{rung}: no answer in time"
        here = (f"{rung}: awaiting an answer", late)
        ways = [m for m in done.moves if m.source in here and m.strength == "automatic"]
        assert any(m.target != late for m in ways) or done.reach_of[str(rung)] is FALSE, rung


def test_a_rung_is_taken_out(tmp_path: Path) -> None:
    done = apply(
        tmp_path,
        "islington",
        "ladders.dispute.rungs.Practice Manager: remove",
        "ladders.dispute.entry.3.at rung.1: remove",
    )
    assert "Practice Manager" not in done.ladders["dispute"].rungs
    before = list(load("islington").ladders["dispute"].rungs)
    assert list(done.ladders["dispute"].rungs) == [r for r in before if r != "Practice Manager"]
    assert "Practice Manager" in done.people, "people may be left without a part"


@pytest.mark.parametrize(
    ("place", "order"),
    [
        ("above: informal", ["informal", "Panel", "Team Manager", "Director"]),
        ("below: informal", ["Panel", "informal", "Team Manager", "Director"]),
        ("below: Director", ["informal", "Team Manager", "Panel", "Director"]),
        ("above: Director", ["informal", "Team Manager", "Director", "Panel"]),
    ],
)
def test_a_rung_is_put_in(place: str, order: list[str], tmp_path: Path) -> None:
    rung = (
        f"ladders.dispute.rungs.Panel: {{{place}, answers: Director, counts: formal, "
        "within: 2 working days, if not satisfied: {to: next rung}, "
        "if silent: {to: next rung}, assumed: Proposed.}"
    )
    top = "ladders.dispute.rungs.Director.if not satisfied: {to: next rung, strength: may}"
    done = apply(tmp_path, str(GOOD), rung, top)
    assert list(done.ladders["dispute"].rungs) == order
    assert done.ladders["dispute"].rungs["Panel"].citation == "assumed: Proposed."
    assert len(graphs(done)) == 1


def test_a_gate_is_taken_out(tmp_path: Path) -> None:
    protocol = load("manchester")
    ladder = next(iter(protocol.ladders))
    rung = next(n for n, r in protocol.ladders[ladder].rungs.items() if r.to_leave)
    gate = f"ladders.{ladder}.rungs.{rung}.to leave: remove"
    done = apply(tmp_path, "manchester", gate)
    before, after = expand(protocol), expand(done)
    manager = "IRO Team Manager"
    assert any(c.who == manager and c.step == "escalate" for c in before.consents)
    assert not any(c.who == manager and c.step == "escalate" for c in after.consents)
    assert "going to stage two" in done.questions, "a question may be left without a use"


def test_an_extension_is_capped(tmp_path: Path) -> None:
    done = apply(
        tmp_path,
        "islington",
        "ladders.dispute.extension.1.times: 1",
        "ladders.dispute.extension.1.each: 5 working days",
    )
    (first, second) = done.ladders["dispute"].extension
    assert first.times == 1 and second.times == "unstated"
    assert first.source.endswith("; amended: A try")
    assert first.assumed == "A try: Nobody has proposed it."
    assert second.assumed is None


def test_a_reading_is_settled(tmp_path: Path) -> None:
    done = apply(tmp_path, "islington", "questions.typical.settled: norm")
    assert done.questions["typical"].plain == "norm"
    graph = expand(done)
    (symbol,) = [s for s in graph.symbols if s.name == "typical"]
    assert symbol.values == ("norm",)
    assert verdict(load("islington"), "rungs-timed") == "depends"
    assert verdict(done, "rungs-timed") == "broken"
    done = apply(tmp_path, "islington", "questions.chief executive.settled: stage five")
    assert expand(done).reach_of["Chief Executive"] is FALSE


@pytest.mark.parametrize("stem", [path.stem for path in authorities()])
def test_every_answer_of_every_question_can_be_settled(stem: str, tmp_path: Path) -> None:
    """Under it the graph is that of the reading: no formula speaks of the question any more."""
    for question, about in load(stem).questions.items():
        for answer in about.answers:
            done = apply(tmp_path, stem, f"questions.{question}.settled: {answer}")
            for graph in graphs(done):
                (symbol,) = [s for s in graph.symbols if s.name == question]
                used = {s for m in graph.moves for s in symbols(m.guard)}
                assert symbol not in used


def test_a_power_is_changed(tmp_path: Path) -> None:
    done = apply(tmp_path, "islington", "ladders.dispute.refer.1.effect: beside")
    first = done.ladders["dispute"].refer[0]
    assert [case.value for case in first.effect.cases] == ["beside"]
    assert verdict(load("islington"), "cafcass-beside") != "holds"
    more = "{to: CAFCASS, by: IRO, from: any state, effect: beside, assumed: Proposed.}"
    done = apply(tmp_path, "islington", f"ladders.dispute.refer.new: {more}")
    assert len(done.ladders["dispute"].refer) == 4
    done = apply(tmp_path, str(GOOD), f"ladders.dispute.refer.new: {more}")
    assert len(done.ladders["dispute"].refer) == 2


READY = sorted((HERE.parent / "simulations" / "amendments").glob("*.yaml"))


def test_there_are_amendments_to_study() -> None:
    stems = {path.stem for path in READY}
    assert {f"silence-{path.stem}" for path in authorities()} <= stems
    assert len([s for s in stems if s.startswith("gate-")]) >= 9


@pytest.mark.parametrize("path", READY, ids=lambda p: p.stem)
def test_the_amendments_to_study_do_what_they_say(path: Path) -> None:
    (base,) = bases(path)
    before, after = expand(load(base)), expand(amended(base, path))
    asked = [{(c.who, c.step) for c in g.consents if c.is_consent} for g in (before, after)]
    assert asked[1] <= asked[0]
    if path.stem.startswith("gate-"):
        assert asked[1] < asked[0], "a gate is gone"
    elif path.stem.startswith("silence-"):
        for name, rung in [*after.ladder.rungs.items()][:-1]:
            (rule,) = rung.if_silent or ()
            assert (rule.to, rule.strength, rule.when) == ("next rung", "automatic", None), name
    else:
        timed = [w for w in after.windows.values() if words(w) == "4 working days"]
        formal = [r for r in after.ladder.rungs if not r.endswith("informally")]
        assert len(timed) == 10 if "days" in path.stem else formal[0] == "Team Manager"


def test_a_case_goes_before_otherwise(tmp_path: Path) -> None:
    path = "ladders.dispute.rungs.Chief Executive.within.chief executive = beyond"
    done = apply(tmp_path, "islington", f"{path}: 5 working days")
    cases = done.ladders["dispute"].rungs["Chief Executive"].within.cases
    assert [str(case.when) for case in cases][1:] == ["chief executive = beyond", "None"]


def test_items_keep_their_numbers(tmp_path: Path) -> None:
    """Every path speaks of the file as it stands, so the order of changes does not matter."""
    taken = ["ladders.dispute.refer.1: remove", "ladders.dispute.refer.3: remove"]
    kept = str(load("islington").ladders["dispute"].refer[1].when)
    for changes in (taken, taken[::-1]):
        (left,) = apply(tmp_path, "islington", *changes).ladders["dispute"].refer
        assert left.when == kept


# --- what it is then --------------------------------------------------------------------------


def test_amendments_one_after_the_other(tmp_path: Path) -> None:
    window = "ladders.dispute.rungs.Team Manager.within"
    for name, days in (("one", 3), ("two", 2)):
        path = tmp_path / f"{name}.yaml"
        change = f"  {window}: {days} working days\n"
        path.write_text(HEAD.format(base="islington") + change, encoding="utf-8")
    done = amended("islington", tmp_path / "one.yaml", tmp_path / "two.yaml")
    assert done.stem == "islington+one+two"
    assert [a.changes for a in done.amended] == [
        ("ladders › dispute › rungs › Team Manager › within: typical = limit: 5 working days, "
         "typical = norm: unstated → 3 working days",),
        ("ladders › dispute › rungs › Team Manager › within: 3 working days → 2 working days",),
    ]  # fmt: skip
    digests = {
        done.digest,
        load("islington").digest,
        amended("islington", tmp_path / "one.yaml").digest,
        amended("islington", tmp_path / "two.yaml").digest,
        amended("islington", tmp_path / "two.yaml", tmp_path / "one.yaml").digest,
    }
    assert len(digests) == 5
    assert amended("islington").digest == load("islington").digest


def test_the_protocol_itself_is_as_it_was(tmp_path: Path) -> None:
    before = load("islington")
    apply(tmp_path, "islington", "ladders.dispute.skip: none")
    after = load("islington")
    assert (after.digest, after.stem, after.amended) == (before.digest, before.stem, ())
    assert isinstance(after.ladders["dispute"].skip, tuple)


def test_a_fault_of_the_policy_file_comes_first(tmp_path: Path) -> None:
    policy = tmp_path / "policy.yaml"
    policy.write_text(GOOD.read_text("utf-8").replace("IRO dispute", "x\ntitel: y"), "utf-8")
    path = tmp_path / "try.yaml"
    path.write_text(HEAD.format(base="policy.yaml") + "  ladders.dispute.skip: none\n", "utf-8")
    with pytest.raises(PolicyError, match=r"policy.yaml:.*“titel”"):
        amended(policy, path)


def test_an_amendment_for_several_authorities(tmp_path: Path) -> None:
    path = tmp_path / "silence.yaml"
    text = HEAD.format(base="[islington, merton]") + "  title: Another title\n"
    path.write_text(text, encoding="utf-8")
    assert [base.stem for base in bases(path)] == ["islington", "merton"]
    for base in bases(path):
        assert amended(base, path).title == "Another title; amended: A try"


def test_the_command_says_what_was_amended(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(HERE.parent)
    path = tmp_path / "no-skip.yaml"
    path.write_text(HEAD.format(base="merton") + "  ladders.dispute.skip: none\n", "utf-8")
    amend = ("--amend", str(path))
    assert main(["check", *amend, "--claim", "skip-any", "--claim", "climbs"]) in (0, 1)
    out = capsys.readouterr().out
    assert "amended by “A try” (no-skip.yaml) [assumed: Nobody has proposed it.]" in out
    assert "there is no record of merton+no-skip" in out
    assert max(map(len, out.splitlines())) <= 100
    main(["check", "merton", *amend, "--claim", "climbs", "--format", "json"])
    found = json.loads(capsys.readouterr().out)
    assert found["changes"] == {}
    (done,) = found["files"][0]["amended"]
    assert done["title"] == "A try" and done["digest"] == f"sha256:{load_amendment(path).digest}"
    assert done["changes"][0].startswith("ladders › dispute › skip: ")
    for command in (["show"], ["show", "--format", "markdown"], ["draw"]):
        assert main([command[0], "merton", *command[1:], *amend]) == 0
        assert "A try" in capsys.readouterr().out
    assert main(["check", "merton", *amend, "--record"]) == 2
    assert "has no record" in capsys.readouterr().err
    assert main(["check", "islington", *amend]) == 2
    assert "not for “islington”" in capsys.readouterr().err
    assert main(["check", "--amend", str(tmp_path / "none.yaml")]) == 2
    assert "there is no such file" in capsys.readouterr().err


STEPS = st.sampled_from(
    ["ladders", "dispute", "rungs", "Team Manager", "Director", "within", "skip", "refer", "1",
     "2", "new", "to leave", "every rung", "questions", "typical", "people", "IRO", "answers",
     "typical = limit", "otherwise", "x", "", " ", "›"]
)  # fmt: skip
VALUES = st.sampled_from(
    ["remove", "3 working days", "none", "[]", "{}", "[a, b]", "{to: next rung}", "x", '""',
     "{above: informal}", "{typical = limit: 1 week, otherwise: unstated}", "[{who: IRO}]"]
)  # fmt: skip


@settings(max_examples=200, deadline=None)
@given(st.dictionaries(st.lists(STEPS, min_size=1, max_size=7).map(".".join), VALUES, max_size=3))
@example({"ladders.dispute.rungs": "remove"})
@example({"ladders.dispute.rungs.Team Manager.to leave.1": "remove"})
@example({"ladders.dispute.refer.1": "remove", "ladders.dispute.refer.new": "x"})
@example({"ladders.dispute.rungs.Team Manager.within.otherwise": "1 week"})
def test_any_amendment_is_applied_or_refused(
    tmp_path_factory: pytest.TempPathFactory, changes: dict[str, str]
) -> None:
    path = tmp_path_factory.getbasetemp() / "any.yaml"
    lines = "".join(f"  {json.dumps(p, ensure_ascii=False)}: {v}\n" for p, v in changes.items())
    path.write_text(HEAD.format(base=GOOD) + lines, encoding="utf-8")
    try:
        assert graphs(amended(GOOD, path))
    except PolicyError as error:
        assert error.faults
        assert all(f.at.file == "any.yaml" and f.wrong and f.right for f in error.faults)


def test_the_schema_of_amendments() -> None:
    validator = Draft202012Validator(schema())
    Draft202012Validator.check_schema(schema())
    right = {"amends": "islington", "title": "x", "assumed": "y", "changes": {"a.b": "remove"}}
    assert not list(validator.iter_errors(right))
    for wrong in (
        {**right, "changes": {}},
        {**right, "colour": "x"},
        {k: v for k, v in right.items() if k != "assumed"},
        {k: v for k, v in right.items() if k != "amends"},
    ):
        assert list(validator.iter_errors(wrong))
