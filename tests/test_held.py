"""What can be forced by a request that is granted while the dispute goes on, against brute force.

Each ladder refers only once something has been asked for, which others may hold for some days.
"""

from __future__ import annotations

import json
import random
from itertools import product
from typing import Any

import pytest
from agreement import compared
from kept import kept
from test_alone import answer

from model.expand import graphs
from model.load import loads
from proofs import held as module
from proofs.claims import BY_ID
from proofs.decide import Decider
from proofs.exact import HELD, obligations_of

WINDOWS = ("1 working day", "2 working days", "3 working days", "unstated", "no limit")
OUTCOMES: tuple[Any, ...] = (
    "unstated", "nothing", {"to": "next rung"}, {"to": "next rung", "strength": "automatic"},
    {"to": "closed", "strength": "automatic"}, {"to": "CAFCASS"}, {"to": "same rung"},
)  # fmt: skip
FROM = ("any rung", "any state", "the top rung", "after the top rung", "any silent rung", ["head"])
DECIDE = ("unstated", "immediately", "1 working day", "3 working days")


def person(side: str, **more: str) -> dict[str, str]:
    return {"side": side, "source": "1", **more}


def ladder(choose: random.Random) -> str:
    """A policy whose referral to CAFCASS needs legal advice, on which others are asked first."""
    asked = {"who": "Manager", "how": "consulted before", "waits": "yes",
             "within": choose.choice(WINDOWS[:4]), "if silent": {"to": "raiser decides"},
             "source": "4"}  # fmt: skip
    rungs = {}
    for name in ("head", "director")[: choose.choice((1, 2, 2))]:
        rungs[name] = {
            "answers": "Manager" if name == "head" else "Director", "counts": "formal",
            "within": choose.choice(WINDOWS), "source": "2",
            "if not satisfied": choose.choice(OUTCOMES), "if silent": choose.choice(OUTCOMES),
        }  # fmt: skip
        if choose.random() < 0.3:
            rungs[name]["clock"] = {"starts": "receipt", "source": "2"}
    people = {"IRO": person("raiser", role="IRO"), "Manager": person("management"),
              "CAFCASS": person("outside", role="CAFCASS")}  # fmt: skip
    if "director" in rungs:
        people["Director"] = person("management")
    refer = {"to": "CAFCASS", "by": "IRO", "from": choose.choice(FROM), "for": "child",
             "effect": choose.choice(("beside", "ends")), "strength": "may",
             "needs advice": "yes", "source": "4"}  # fmt: skip
    back = {"within": "2 working days", "if not kept": {"to": "raiser decides"}, "source": "5"}
    return json.dumps({
        "authority": "A", "title": "T", "dated": "2020", "missing": "nothing", "people": people,
        "children": {"child": {"looked after": "yes", "source": "1"}},
        "ladders": {"dispute": {
            "kind": "dispute", "about": "a plan", "source": "1",
            "raised by": {"who": "IRO", "for": "child", "up to": "top", "source": "1"},
            "start": {"strength": "may", "source": "1"},
            "decide": {"within": choose.choice(DECIDE), "source": "1",
                       "if missed": choose.choice(("unstated", "lapses"))},
            "rungs": rungs, "skip": "unstated", "extension": "unstated", "hand over": "unstated",
            "withdraw": "unstated", "refer": refer,
            "advice": {"from": "X", "by": "IRO", "independent": "no", "involves": [asked],
                       "source": "4"},
            "resolution": choose.choice(("unstated", back)),
        }},
    })  # fmt: skip


def readable(start: int, many: int) -> list[str]:
    """So many such policies that the reader does not refuse."""
    found: list[str] = []
    choose = random.Random(start)
    while len(found) < many:
        text = ladder(choose)
        try:
            tuple(graphs(loads(text, "held.yaml")))
        except Exception as fault:
            assert type(fault).__name__ == "PolicyError", fault
            continue
        found.append(text)
    return found


@pytest.mark.parametrize("start", range(8))
def test_brute_force_says_the_same(start: int) -> None:
    words = []
    for text in readable(start, 12):
        found = compared(text)
        assert not found.differences, "\n".join([*found.differences, text])
        words.append(found.words["cafcass-forced"])
    assert len(set(words)) > 1


@pytest.mark.slow
def test_brute_force_says_the_same_of_many() -> None:
    for text in readable(1000, 1500):
        found = compared(text)
        assert not found.differences, "\n".join([*found.differences, text])


def test_most_of_them_are_decided_and_were_not_before(monkeypatch: pytest.MonkeyPatch) -> None:
    def undecided() -> int:
        deciders = [Decider(g) for text in texts for g in graphs(loads(text, "held.yaml"))]
        return sum(d.decide(BY_ID["cafcass-forced"]).why == HELD for d in deciders)

    texts = readable(5, 40)
    now = undecided()
    monkeypatch.setattr("proofs.games.held", lambda *_: None)
    assert now <= 2 < 8 <= undecided()


ADVISED = (
    "advice: [{from: X, by: IRO, independent: no, source: y, involves: [{who: Head of Service, "
    "how: consulted before, waits: yes, within: %d working days, "
    "if silent: {to: raiser decides}, source: x}]}]"
)


def test_the_raiser_waits_where_the_others_cannot_move_it_on() -> None:
    refer = "refer: {needs advice: yes, from: director}"
    rungs = "rungs: {director: {within: 5 working days, if silent: {to: closed}}}"
    for most, days in product(range(1, 6), (3, 4)):
        decide = f"decide: {{within: {most} working days, if missed: lapses, source: x}}"
        found = answer("cafcass-forced", ADVISED % days, refer, rungs, decide, "skip: none")
        # the director answers at once; then the raiser has the time to decide, on whose last day
        # it may lapse before the advice is there
        assert found.verdict == ("holds" if days < most else "broken"), (most, days)
    found = answer("cafcass-forced", ADVISED % 4, refer, rungs, "skip: none",
                   "decide: {within: unstated, if missed: lapses, source: x}")  # fmt: skip
    assert found.verdict == "depends"
    assert found.condition == ("the time to decide after an answer is at least 4 working days",)
    assert found.ending == "at “director: answered” the time can end before legal advice is there"
    assert [step.move for step in found.trace[-2:]] == ["answers", "asks for legal advice"]


def test_what_grows_too_large_stays_undecided(monkeypatch: pytest.MonkeyPatch) -> None:
    texts = readable(5, 40)
    monkeypatch.setattr("proofs.decide.SHARE", 0.0)
    deciders = [Decider(g) for text in texts for g in graphs(loads(text, "held.yaml"))]
    answers = [d.decide(BY_ID["cafcass-forced"]) for d in deciders]
    assert sum(a.why == HELD for a in answers) >= 8
    again = [d.decide(BY_ID["cafcass-forced"]) for d in deciders]
    assert [(a.word, a.why) for a in again] == [(a.word, a.why) for a in answers]


def test_it_is_left_alone_where_it_would_not_be_exact() -> None:
    def asked(*fragments: str) -> bool:
        game = Decider(next(iter(graphs(kept(ADVISED % 4, *fragments))))).analysis.game
        found = []
        whole = module.held

        def noted(*arguments: Any) -> Any:
            found.append(whole(*arguments))
            return found[-1]

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr("proofs.games.held", noted)
            obligations_of(game.a, BY_ID["cafcass-forced"], hold=True)
        return any(f is not None for f in found)

    refer = "refer: {needs advice: yes, from: director}"
    total = "totals: {t: {at most: 9 working days, covers: every rung, effect: cap, source: x}}"
    others = (
        "refer: [{to: CAFCASS, by: IRO, from: director, effect: beside, strength: may, "
        "needs advice: yes, source: x}, {to: CAFCASS, by: Director, from: any state, "
        "effect: ends, strength: may, source: x, involves: [{who: Head of Service, "
        "how: approves, if refused: unstated, if silent: unstated, source: x}]}]"
    )
    assert not asked(others, "skip: none")
    assert asked(others.replace("by: Director", "by: IRO"), "skip: none")
    assert asked(refer, "skip: none")
    assert not asked(refer, "skip: none", total)
