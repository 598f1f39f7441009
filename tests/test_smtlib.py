"""The second translation: it means what the terms mean, and nothing gets out of its strings."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest
from test_solver import FORMULAS, WORLDS

from drp.cli import main
from model.load import load
from model.terms import FALSE, TRUE, Symbol, evaluate, holds, is_, not_, plus, unknown
from proofs import process, second
from proofs.claims import ALL
from proofs.cvc5_process import answer
from proofs.smtlib import Question, quoted, script
from proofs.solver import SAT, UNKNOWN, UNSAT
from proofs.verdict import check

ROOT = Path(__file__).parent.parent
ALL_OF_THEM = ["islington", "manchester", "merton", "northamptonshire", "reviewing-and-insights"]
HOSTILE = [
    'x"',
    'x")(check-sat)(assert false)("',
    "x\n(assert false)",
    "|x| ; y",
    "\\u{22})(exit)",
    "\\",
    "\x1b[31m\x00\u202e",
    "naïve “quotes” 🂡",
]


def asked(*formulas: object, needs: str = SAT, world: object = None) -> str:
    return script(Question("can-fail", formulas, needs, world), {"claim": "x"})  # type: ignore[arg-type]


# --- meaning -------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", FORMULAS)
def test_a_formula_is_true_in_the_same_worlds(name: str) -> None:
    """Asked of Z3 in every fifth world, among which are all values; and of cvc5 in some of them."""
    term = FORMULAS[name]
    for number, world in enumerate(WORLDS[::5]):
        expected = SAT if evaluate(term, world) else UNSAT
        text = asked(term, world=world)
        assert second.by_z3(text) == expected, world
        opposite = asked(("not", term), world=world)
        assert second.by_z3(opposite) == (UNSAT if expected == SAT else SAT), world
        if number % 4 == 0:
            assert answer(text) == expected, world


def test_what_is_asked_is_put_together_by_the_solver() -> None:
    a, b = (holds(Symbol("fact", name)) for name in "ab")
    either = ("or", ("and", a, ("not", b)), ("and", ("not", a), b))
    for text, expected in [
        (asked(either, a), SAT),
        (asked(either, a, b), UNSAT),
        (asked(("or",)), UNSAT),
        (asked(("and",), ("not", ("or",))), SAT),
        (asked(TRUE, not_(FALSE)), SAT),
        (asked(FALSE), UNSAT),
    ]:
        assert second.by_z3(text) == answer(text) == expected


def test_what_a_world_does_not_settle_is_left_open() -> None:
    a, b = (Symbol("fact", name) for name in "ab")
    both = ("and", holds(a), holds(b))
    assert second.by_z3(asked(both, world={a: True})) == SAT
    assert second.by_z3(asked(both, world={a: False})) == UNSAT


def test_its_size_grows_with_what_is_shared_and_not_with_what_is_written_out() -> None:
    def doubled(times: int) -> int:
        count = unknown(Symbol("number", "n"))
        for i in range(times):
            other = unknown(Symbol("number", f"n{i}"))
            count = plus(count, other) if i % 2 else second_way(count, other)
        from model.terms import exceeds

        return len(asked(exceeds(count, unknown(Symbol("number", "m")))))

    def second_way(count: object, other: object) -> object:
        from model.terms import longest, shortest

        return shortest([longest([count, other]), plus(count, other)])  # type: ignore[list-item]

    assert doubled(80) < 3 * doubled(40)


# --- names ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", HOSTILE)
def test_no_name_gets_out_of_its_string(name: str) -> None:
    reading = Symbol("question", name, ("yes", name))
    question = Question("can-fail", (is_(reading, name), holds(Symbol("fact", name))), SAT)
    text = script(question, {"protocol": name, "ladder": name, "claim": "x"})
    assert set(text) - {chr(c) for c in range(32, 127)} == {"\n"}
    plain = re.sub(r'"(?:[^"]|"")*"', '""', text)
    assert plain == re.sub(r'"(?:[^"]|"")*"', '""', script(
        Question("can-fail", (is_(Symbol("question", "r", ("yes", "no")), "no"),
                              holds(Symbol("fact", "f"))), SAT),
        {"protocol": "p", "ladder": "l", "claim": "x"},
    ))  # fmt: skip
    assert second.by_z3(text) == answer(text) == SAT


def test_a_string_is_quoted_as_the_standard_says() -> None:
    assert quoted('a "b" \\ é') == '"a ""b"" \\u{5c} \\u{e9}"'


# --- the five protocols --------------------------------------------------------------------------


@pytest.mark.parametrize("stem", ALL_OF_THEM)
def test_three_ways_to_the_same_answers(stem: str) -> None:
    """Of each question: what the verdict needs, what Z3 says of the file, and what cvc5 says."""
    questions = list(second.asked(check(load(stem), mends=False)))
    assert len(questions) > 100
    assert {q.question.needs for q in questions} == {SAT, UNSAT}
    for number, (each, said, why) in enumerate(second.answers(questions)):
        assert (said, why) == (each.question.needs, ""), str(each)
        if number % 10 == 0:
            assert second.by_z3(each.text) == said, str(each)


def test_every_verdict_rests_on_questions_that_fit_it() -> None:
    asks = {
        "holds": {("can-happen", SAT), ("can-fail", UNSAT)},
        "broken": {("can-fail", SAT), ("can-hold", UNSAT)},
        "depends": {("can-fail", SAT), ("can-hold", SAT), ("suffices", UNSAT), ("needed", UNSAT)},
    }
    seen = set()
    for v in check(load("manchester"), ALL, mends=False):
        found = {(q.asks, q.needs) for q in v.questions}
        assert asks.get(v.verdict, set()) <= found, v
        plainly = {needs for asked, needs in found if asked == "can-fail-plainly"}
        if v.verdict in ("broken", "depends"):
            assert plainly == {SAT if v.plain == "broken" else UNSAT}
        assert v.verdict != "undecided"
        seen.add(v.verdict)
        for q in v.questions:
            assert (q.world is not None) == (q.needs == SAT)
    assert seen >= set(asks)


def test_a_file_has_the_same_bytes_whatever_was_read_before(tmp_path: Path) -> None:
    for folder, before, seed in (("a", "", "0"), ("b", "main(['check', 'merton'])", "1")):
        script_ = (
            f"from drp.cli import main\n{before}\n"
            f"main(['check', 'manchester', '--brief', '--smtlib', r'{tmp_path / folder}'])"
        )
        subprocess.run(
            [sys.executable, "-c", script_], cwd=ROOT, check=True, capture_output=True,
            env={"PYTHONHASHSEED": seed, "PYTHONPATH": str(ROOT)},
        )  # fmt: skip
    one, other = ({p.name: p.read_bytes() for p in (tmp_path / f).iterdir()} for f in "ab")
    assert len(one) > 100 and one == other


# --- the command ---------------------------------------------------------------------------------


@pytest.fixture
def merton(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    monkeypatch.chdir(ROOT)
    return ["check", "merton", "--brief", "--claim", "total-permitted", "--claim", "raiser-closes"]


def test_the_index_says_what_each_file_asks(
    merton: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "new" / "folder"
    assert main([*merton, "--smtlib", str(folder)]) == 0
    index = json.loads((folder / "index.json").read_text(encoding="utf-8"))
    assert index["schema_version"] == 1 and len(index["questions"]) > 5
    assert {p.name for p in folder.iterdir()} == {
        "index.json", *(q["file"] for q in index["questions"])
    }  # fmt: skip
    for q in index["questions"]:
        text = (folder / q["file"]).read_text(encoding="utf-8")
        for key in ("protocol", "ladder", "claim", "asks"):
            assert f"(set-info :{key} {quoted(q[key])})" in text
        assert f'(set-info :the-verdict-needs "{q["needs"]}")' in text
        done = subprocess.run([process.program(), folder / q["file"]], capture_output=True)
        assert done.stdout.decode().strip() == q["needs"]
    assert str(folder) in capsys.readouterr().err


def test_the_second_solver_confirms(merton: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    main(merton)
    alone = capsys.readouterr()
    assert main([*merton, "--second-solver", "cvc5"]) == 0
    both = capsys.readouterr()
    assert both.out == alone.out
    assert re.fullmatch(r"drp: cvc5 confirms (\d+) of \1 questions\n", both.err)


def test_a_wrong_answer_is_a_disagreement_and_both_are_kept(
    merton: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    """The third question is turned round, so that cvc5 cannot but disagree with the verdict."""
    made = second.script

    def wrong(question: Question, about: dict[str, str]) -> str:
        count[0] += 1
        text = made(question, about)
        if count[0] != 3:
            return text
        return text.replace("(check-sat)", f"(assert {str(question.needs != SAT).lower()})\n"
                            "(check-sat)") if question.needs == SAT else asked(TRUE)  # fmt: skip

    count = [0]
    monkeypatch.setattr(second, "script", wrong)
    assert main([*merton, "--second-solver", "cvc5", "--smtlib", str(tmp_path)]) == 4
    said = capsys.readouterr().err
    kept = tmp_path / "disagreements"
    assert "cvc5 disagrees: merton" in said and str(kept) in said and "confirms" not in said
    (answers,) = kept.glob("*.json")
    found = json.loads(answers.read_text(encoding="utf-8"))
    assert {found["cvc5"], found["z3"]} == {SAT, UNSAT}
    assert found["needs"] == found["z3"]
    assert found["z3 of this file"] == found["cvc5"]  # so the translation is to blame
    assert answer((kept / found["file"]).read_text(encoding="utf-8")) == found["cvc5"]


def test_a_wrong_verdict_is_found(
    merton: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    """A solver of ours that lies: it says that nothing can fail."""
    from proofs.decide import Decider

    monkeypatch.setattr(Decider, "sat", lambda self, term: UNSAT)
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    assert main([*merton, "--second-solver", "cvc5"]) == 4
    said = capsys.readouterr().err
    folder = Path(said.split("with the files in ")[1].strip())
    assert folder.parent == tmp_path and list(folder.glob("*.smt2"))


def test_no_answer_is_no_agreement(
    merton: list[str], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    ask, left = process.Process.ask, [4]

    def harmed(self: process.Process, text: str) -> str:
        if "(set-info" in text:
            left[0] -= 1
            if left[0] == 2:
                self.running.kill()
            if not left[0]:
                return UNKNOWN
        return ask(self, text)

    monkeypatch.setattr(process.Process, "ask", harmed)
    assert main([*merton, "--second-solver", "cvc5"]) == 3
    said = capsys.readouterr().err
    assert "not confirmed by cvc5: merton" in said
    assert "(the solver was killed (SIGKILL))" in said and "(the solver's budget ran out)" in said
    open_, whole = map(int, re.findall(r"confirms (\d+) of (\d+)", said)[0])
    assert open_ == whole - 2


def test_the_extra_that_is_missing_is_named(
    merton: list[str], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(second, "find_spec", lambda name: None)
    assert main([*merton, "--second-solver", "cvc5"]) == 2
    assert "pip install 'drp-ladders[test]'" in capsys.readouterr().err


def test_what_cvc5_refuses_is_an_error_and_no_answer() -> None:
    assert answer("(assert nothing)").startswith("(error ")
    each = second.Asked("x", "p", "l", "c", "holds", Question("can-fail", (), SAT), "(assert no)\n")
    ((_, said, why),) = second.answers([each])
    assert said == UNKNOWN and why.startswith("(error ")
