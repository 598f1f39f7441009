"""Mutants of a policy: that there are all kinds, that each is single, and what becomes of them."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cache
from itertools import product
from pathlib import Path

import pytest

from drp import mutating
from drp.cli import main
from model.expand import expand
from model.load import authorities, load, loads
from model.mutants import mutants, read
from model.terms import (
    Symbol,
    Term,
    all_,
    any_,
    at_most,
    days,
    is_,
    not_,
    restrict,
    symbols,
    unknown,
)
from model.yamltree import PolicyError
from proofs import compare, survivors
from proofs.alike import difference
from proofs.analysis import Analysis
from proofs.claims import ALL, BY_ID
from proofs.compare import changed, condition_in
from proofs.decide import TOO_LARGE, Answer, Decider
from proofs.mutation import Fate, Judge, judged
from proofs.solver import UNKNOWN, UNSAT

KEEPS = Path(__file__).parent / "policies" / "keeps-all.yaml"
TEXT = KEEPS.read_text("utf-8")
RECORDED = [path for path in authorities() if path.stem in survivors.read()]
EVERY = 70  # of the mutants of the five protocols, which of them each run judges

# The changes that were asked for, each with the kinds of mutant that make it.
ASKED = {
    "a rung": ("rung dropped", "rung doubled", "rungs swapped"),
    "a window": ("window longer", "window shorter", "window unstated"),
    "a power": ("power added", "power removed"),
    "a gate": ("gate added", "gate removed"),
    "a notice": ("notice added", "notice removed"),
    "a cap": ("cap removed", "cap removed, undone", "total added", "total removed"),
    "a condition": ("condition added", "condition removed"),
    "silence": ("silence rule changed", "silence rule dropped"),
    "an officer": ("officer at two rungs",),
    "a reading": ("reading removed",),
    "a referral": (
        "referral from the top only",
        "referral on a condition",
        "referral by consent",
        "referral after a view",
        "referral by somebody else",
    ),
    "the ladder": ("ladder cut in two",),
}


def shown(path: Path) -> str:
    return f"model/authorities/{path.name}"


# --- the mutants ------------------------------------------------------------------------------


def test_every_kind_of_change_is_made_somewhere() -> None:
    files = [*authorities(), KEEPS]
    kinds = {m.kind for f in files for m in mutants(f.read_text("utf-8"), f.name)}
    assert {kind for of in ASKED.values() for kind in of} <= kinds


def test_a_mutant_says_where_and_what() -> None:
    (found,) = (
        m
        for m in mutants(TEXT, "keeps-all.yaml")
        if m.kind == "window longer" and "rungs › head › within" in m.what
    )
    assert TEXT.splitlines()[found.at.line - 1].strip() == "within: 10 working days"
    assert found.what.endswith("head › within: 10 working days → 11 working days")
    assert found.ladder == "dispute"
    protocol = read(found, "keeps-all", TEXT)
    assert protocol.ladders["dispute"].rungs["head"].within.cases[0].value.amount == 11
    assert protocol.ladders["dispute"].rungs["director"].within.cases[0].value.amount == 10


def test_a_stated_window_becomes_longer_shorter_and_unstated() -> None:
    kinds = [m.kind for m in mutants(TEXT, "keeps-all.yaml") if "rungs › head › within" in m.what]
    assert kinds == ["window longer", "window shorter", "window unstated"]


def test_mutants_are_in_the_order_of_the_file_and_the_same_each_time() -> None:
    once, again = (
        [(m.kind, m.at, m.what) for m in mutants(TEXT, "keeps-all.yaml")] for _ in range(2)
    )
    assert once == again
    lines = [at.line for _, at, _ in once]
    assert lines == sorted(lines)
    assert len(once) == len({(kind, what) for kind, _, what in once})


def test_what_stands_under_every_rung_is_changed_rung_by_rung() -> None:
    found = [m.what for m in mutants(MERTON.read_text("utf-8"), "merton.yaml")]
    rungs = [what.split(" › ")[3] for what in found if what.endswith("closes: unstated → raiser")]
    assert not any("› every rung ›" in what for what in found)
    assert rungs[:2] == ["Social Worker & Team Manager", "Head of Service"]
    assert len(rungs) == 5


MERTON = next(path for path in authorities() if path.stem == "merton")


def test_a_rung_that_is_dropped_is_named_nowhere() -> None:
    text = TEXT.replace("up to: top", "up to: head")
    (found,) = (
        m
        for m in mutants(text, "keeps-all.yaml")
        if m.kind == "rung dropped" and "rungs › head:" in m.what
    )
    ladder = read(found, "keeps-all", text).ladders["dispute"]
    assert list(ladder.rungs) == ["talk", "director"]
    assert ladder.raised_by[0].up_to == "director"


# --- alike --------------------------------------------------------------------------------------


def unlike(text: str) -> str:
    """In what the graph of a text differs from that of the policy that keeps all."""
    one, other = (loads(t, "keeps-all.yaml") for t in (TEXT, text))
    other = replace(other, digest=one.digest)  # so that both speak of the same symbols
    return difference(Analysis(expand(one)), Analysis(expand(other)))


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("", ""),
        ("head:", "the second rung:"),
        ("formal process:", "four weeks:"),
        ("source: 2 ¶2}", "source: another paragraph}"),
        ("from: any rung, source", "from: any state, source"),
        ("if silent: {to: closed}", "if silent: {to: closed, strength: may}"),
    ],
    ids=["itself", "a rung's name", "a total's name", "a source", "other words", "a default"],
)
def test_names_and_words_carry_no_meaning(old: str, new: str) -> None:
    text = TEXT.replace(old, new)
    assert bool(old) == (text != TEXT)
    assert unlike(text) == ""


@pytest.mark.parametrize(
    ("old", "new", "where"),
    [
        ("within: 3 working days", "within: 4 working days", "the states"),
        ("answers: Head of Service", "answers: {any of: [Head of Service, Director]}", "the steps"),
        ("effect: stated", "effect: cap", ""),
        ("at most: 20 working days", "at most: 19 working days", "the totals"),
        ("at step: top", "at step: any time", ""),
        ("{who: raiser, does: records", "{who: IRO, does: records", ""),
        ("if not satisfied: nothing", "if not satisfied: {to: lowest rung}", "the steps"),
        ("Director: {side: management", "Director: {side: management, supervises: IRO", "people"),
        ("independent: yes", "independent: no", "beside the ladder"),
        ("looked after: yes", "looked after: no", "for whom"),
        ("missing: nothing", "missing: {what: a chart, source: 1}", "for whom"),
        ("kind: dispute", "kind: collective dispute", "the kind"),
        ("advice: {from: an outside solicitor, by: IRO, independent: yes, source: 3 ¶2}",
         "advice: none", "how many requests"),
        ("start: {strength: may", "start: {strength: may, involves: {who: Director, how: approves, "
         "source: 1}", ""),
        ("start: {strength: may", "start: {strength: must", ""),
    ],
)  # fmt: skip
def test_what_carries_meaning_is_seen(old: str, new: str, where: str) -> None:
    assert old in TEXT
    why = unlike(TEXT.replace(old, new))
    assert why
    assert where in why


# --- what becomes of them -----------------------------------------------------------------------


@cache
def judge() -> Judge:
    return Judge(TEXT, "keeps-all.yaml")


def fates(kind: str) -> list[Fate]:
    numbers = [i for i, m in enumerate(judge().mutants) if m.kind == kind]
    return [judge().fate(number) for number in numbers]


def test_a_window_that_is_longer_changes_the_verdicts_of_time() -> None:
    head = next(f for f in fates("window longer") if "rungs › head › within" in f.what)
    assert head.fate == "killed"
    assert {(c.claim, c.before, c.after) for c in head.changes} == {
        ("total-diligent", "holds", "broken"), ("total-own", "holds", "broken"),
    }  # fmt: skip


def test_what_means_the_same_is_not_killed() -> None:
    (found,) = (f for f in fates("gate added") if "director › to leave" in f.what)
    assert (found.fate, found.changes, found.why) == ("equivalent", (), "")


def test_a_refused_mutant_is_counted_apart() -> None:
    found = judge().fate(next(i for i in range(len(judge().mutants)) if is_refused(i)))
    assert (found.fate, found.changes) == ("refused", ())
    assert found.why.endswith(")")  # the line at which the reader stops


def is_refused(number: int) -> bool:
    try:
        read(judge().mutants[number], "keeps-all", TEXT)
    except PolicyError:
        return True
    return False


@pytest.mark.parametrize(("most", "word"), [((5, 9), ""), ((4, 9), "depends on something else")])
def test_conditions_too_large_to_compare_are_compared_reading_by_reading(
    most: tuple[int, int], word: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """“a is at most 5 in the one reading, b is at most 9 in the other”, said in two ways."""
    monkeypatch.setattr(compare, "_seen_apart", lambda *_: False)
    limit = Symbol("question", "limit", ("yes", "no"))
    a, b = (unknown(Symbol("number", name)) for name in "ab")

    def condition(*some: tuple[str, Term, int]) -> Answer:
        parts = [all_([is_(limit, v), at_most(n, days(m))]) for v, n, m in some]
        return Answer(BY_ID["total-diligent"], "depends", "holds", any_(parts))

    one = condition(("yes", a, 5), ("no", b, 9))
    other = condition(("yes", a, most[0]), ("yes", a, 3), ("no", b, most[1]), ("no", b, 2))
    assert one.condition is not other.condition

    def conditions(given: Mapping[Symbol, str]) -> tuple[Term, Term]:
        return restrict(one.condition, given), restrict(other.condition, given)

    solver, own = judge().solver, judge().solver.check
    whole = {one.condition, other.condition}
    monkeypatch.setattr(
        solver, "check", lambda *parts: UNKNOWN if whole & {*parts} else own(*parts)
    )
    with monkeypatch.context() as only:
        only.setattr(compare, "MOST_DRAWN", 0)
        assert changed(solver, one, other, conditions) == word
    too_large = Answer(one.claim, "undecided", why=TOO_LARGE)
    assert changed(solver, one, too_large, conditions) == word
    assert changed(solver, one, replace(too_large, why="it is"), conditions) == UNKNOWN
    assert changed(solver, replace(one, word="holds"), too_large, conditions) == UNKNOWN
    monkeypatch.setattr(solver, "check", lambda *_: UNKNOWN)
    assert changed(solver, one, other, conditions) == (word or UNKNOWN)  # by drawn readings
    monkeypatch.setattr(compare, "MOST_DRAWN", 0)
    assert changed(solver, one, other, conditions) == UNKNOWN


@pytest.mark.parametrize("claim", ["total-permitted", "total-diligent"])
def test_a_condition_asked_anew_in_some_readings_is_the_same_one(claim: str) -> None:
    (path,) = (p for p in authorities() if p.stem == "reviewing-and-insights")
    decider = Decider(expand(load(path), "dispute"))
    whole = decider.decide(BY_ID[claim]).condition
    asked = [s for s in symbols(whole) if s.values]
    assert asked
    for picked in product(*(s.values for s in asked)):
        given = dict(zip(asked, picked, strict=True))
        part, found = restrict(whole, given), condition_in(decider.analysis, BY_ID[claim], given)
        for pair in ((part, not_(found)), (found, not_(part))):
            assert decider.solver.check(*pair) == UNSAT


def test_processes_give_the_same_fates() -> None:
    numbers = range(0, len(judge().mutants), 12)
    alone = [judge().fate(n) for n in numbers]
    assert list(judged(judge(), numbers, 2)) == alone
    assert Counter(f.fate for f in alone)["killed"] > 3


def test_a_reason_fits_only_what_it_is_for() -> None:
    survivor = Fate("rung doubled", "f", 1, "ladders › d › rungs › a: doubled", "d", "dispute",
                    (), "survived")  # fmt: skip
    assert "several" in survivors.explained(survivor)
    assert survivors.explained(survivor._replace(kind="rule dropped")) == ""
    bypassed = survivor._replace(kind="rule dropped", holding=("skip-any",))
    assert "higher stage at once" in survivors.explained(bypassed)
    assert survivors.explained(survivor._replace(process="complaint")) == survivors.OTHERS


def test_every_reason_is_needed() -> None:
    """A reason that explains no survivor is taken out."""
    kinds = ("rule dropped", "officer at two rungs")
    used = {survivors.explained(fate) for kind in kinds for fate in fates(kind)}
    for entry in survivors.read().values():
        used |= {survivor["because"] for survivor in entry["survivors"]}
    assert {reason.because for reason in survivors.REASONS} <= used


# --- the record ---------------------------------------------------------------------------------


def compared(path: Path, numbers: Sequence[int] | None = None) -> Iterator[str]:
    """How the fates of some mutants differ from the record."""
    text = path.read_text("utf-8")
    of = Judge(text, shown(path))
    entry = survivors.read()[path.stem]
    assert entry["digest"] == of.protocol.digest, f"run: drp mutate {path.stem} --record"
    assert len(entry["fates"]) == len(of.mutants)
    asked = numbers or range(len(of.mutants))
    found = judged(of, asked, 2) if numbers is None else map(of.fate, asked)
    for number, fate in zip(asked, found, strict=True):
        if survivors.LETTERS[fate.fate] != entry["fates"][number]:
            yield f"{fate.file}:{fate.line}: {fate.kind}: {fate.fate}"
        if fate.fate == "survived" and not survivors.explained(fate):
            yield f"{fate.file}:{fate.line}: {fate.kind}: not explained: {fate.what}"


@pytest.mark.parametrize("path", RECORDED, ids=lambda path: path.stem)
def test_a_sample_is_as_recorded(path: Path) -> None:
    count = len(survivors.read()[path.stem]["fates"])
    assert list(compared(path, range(EVERY // 2, count, EVERY))) == []


@pytest.mark.slow
@pytest.mark.parametrize("path", RECORDED, ids=lambda path: path.stem)
def test_all_is_as_recorded(path: Path) -> None:
    assert list(compared(path)) == []


def test_no_survivor_is_without_a_reason() -> None:
    record = survivors.read()
    assert record
    for stem, entry in record.items():
        bare = [s["kind"] for s in entry["survivors"] if not s["because"]]
        assert bare == [], stem
    assert survivors.TABLE.read_text("utf-8") == survivors.table(record)


def test_every_claim_notices_something() -> None:
    record = survivors.read()
    for claim in ALL:
        kills = sum(entry["claims"][claim.id][0] for entry in record.values())
        assert kills, claim.id


# --- the command --------------------------------------------------------------------------------


def test_the_command_tells_what_is_not_explained(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = ["mutate", str(KEEPS), "--kind", "rung doubled", "--kind", "rung dropped"]
    assert main(asked) == 0
    assert "0 of them not explained" in capsys.readouterr().out
    monkeypatch.setattr(survivors, "REASONS", ())
    assert main(asked) == 1
    out = capsys.readouterr().out
    assert "keeps-all.yaml:27: rung doubled: ladders › dispute › rungs › talk: doubled" in out
    assert max(map(len, out.splitlines())) <= 100
    assert main([*asked, "--format", "json"]) == 1
    found = json.loads(capsys.readouterr().out)
    assert found["unexplained"] == sum(
        m["fate"] == "survived" and not m["explained"] for m in found["mutants"]
    ) > 0  # fmt: skip
    assert found["asked"] == found["judged"] == len(found["mutants"]) == 6


def test_bad_usage(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    assert main(["mutate", str(KEEPS), "--kind", "window larger"]) == 2
    assert "did you mean “window longer”?" in capsys.readouterr().err
    assert main(["mutate", str(KEEPS), "--ladder", "disput"]) == 2
    assert main(["mutate", str(KEEPS), "--record", "--kind", "rung dropped"]) == 2
    assert main(["mutate", str(tmp_path / "none.yaml")]) == 2
    bad = tmp_path / "bad.yaml"
    bad.write_text(TEXT.replace("within: 3", "withn: 3"), "utf-8")
    assert main(["mutate", str(bad)]) == 2
    assert "did you mean “within”?" in capsys.readouterr().err


def test_what_was_found_is_printed_when_it_is_stopped(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def stopped(judge: Judge, numbers: Sequence[int], processes: int) -> Iterator[Fate]:
        yield from map(judge.fate, numbers[:2])
        raise KeyboardInterrupt

    monkeypatch.setattr(mutating, "judged", stopped)
    assert main(["mutate", str(KEEPS), "--kind", "rung dropped"]) == 130
    said = capsys.readouterr()
    assert "keeps-all: 2 of 3 single changes" in said.out
    assert "stopped after 2 of 3" in said.err


def test_the_record_is_written_beside(tmp_path: Path) -> None:
    found = fates("rung doubled")
    survivors.write("one", found, "digest", tmp_path)
    survivors.write("other", found, "digest", tmp_path)
    record = survivors.read(tmp_path / "survivors.json")
    assert list(record) == ["one", "other"]
    assert len(record["one"]["fates"]) == 3
    assert "| one | 3 |" in (tmp_path / "SURVIVORS.md").read_text("utf-8")
