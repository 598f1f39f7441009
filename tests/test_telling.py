"""How stories are told: names of people, and no names of states or of moves that only we know."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from assembled import graph, world
from test_verdicts import STEMS, verdicts

from model.graph import Move, StateGraph
from model.load import load
from model.terms import evaluator
from proofs import telling
from proofs.telling import UNNAMED, deed, standing

OURS = re.compile(
    r"\bunknown officer|\bunstated|\banswerer\b|takes meeting|\(\d\)|awaiting an answer|"
    r": answered|silence:|ladder:|  "
)


@pytest.mark.parametrize("stem", STEMS)
def test_no_story_has_words_that_only_we_know(stem: str) -> None:
    said = 0
    for v in verdicts(stem).values():
        for told in (*v.trace, *v.other):
            text = f"{told.actor}: {told.says}"
            assert not OURS.search(text), text
            said += 1
        for ending in (v.ending, v.other_ending):
            assert not OURS.search(ending), ending
    assert said > 50


@pytest.mark.parametrize("stem", STEMS)
def test_every_step_of_a_story_is_made_by_people_of_the_file(stem: str) -> None:
    known = {*map(str, load(stem).people), *UNNAMED.values(), "time", ""}
    for v in verdicts(stem).values():
        for told in (*v.trace, *v.other):
            parts = re.split(r" and | or ", told.actor)
            assert told.actor in known or known.issuperset(parts), told.actor


def one(of: StateGraph, source: str, name: str) -> Move:
    return next(m for m in of.moves if m.source == source and m.name == name)


GATE = "to leave: {who: IRO Manager, how: %s, waits: yes, source: 2 ¶7}"


@pytest.mark.parametrize(
    ("how", "asks", "agrees", "stands"),
    [
        ("approves", "to agree, before", "agrees; it goes up", "to agree"),
        ("takes over", "to agree and to take it over, before",
         "agrees and takes it over; it goes up", "to agree and take over"),
        ("consulted before", "for a view, before", "gives a view; it goes up", "to give a view"),
    ],
)  # fmt: skip
def test_asking_and_agreeing(how: str, asks: str, agrees: str, stands: str) -> None:
    part = GATE % how if how == "consulted before" else GATE.replace("waits: yes, ", "") % how
    of = graph(part, "ladders › dispute › rungs › team manager")
    (asked,) = [m for m in of.leaving["team manager: answered"] if m.kind == "ask"]
    assert deed(of, asked) == f"asks IRO Manager {asks} it goes up to head of service"
    (given,) = [m for m in of.leaving[asked.target] if m.kind == "escalate"]
    assert deed(of, given) == f"{agrees} to head of service"
    case = evaluator(world(of))
    assert standing(of, of.states[asked.target], case) == f"it waits for IRO Manager {stands}"


def test_what_happens_by_itself() -> None:
    rule = "{to: next rung, strength: automatic, after: 5 working days}"
    of = graph(f"if not satisfied: {rule}", "ladders › dispute › rungs › team manager")
    (passes,) = [m for m in of.leaving["team manager: not settled"] if m.actor == "time"]
    assert deed(of, passes) == "it goes up to head of service by itself"
    of = graph(
        "if silent: {to: resolved, strength: automatic}",
        "ladders › dispute › rungs › team manager",
    )
    passes = one(of, "team manager: awaiting an answer", "no answer in time: it counts as settled")
    assert deed(of, passes) == "no answer in time: it counts as settled"


def test_a_request_names_whom_it_is_put_to() -> None:
    part = "{who: IRO Manager, how: approves, source: 2 ¶6}"
    of = graph(f"skip: {{to: director, from: any rung, involves: {part}, source: 2 ¶6}}")
    asks = one(of, "leave to skip: not asked", "asks for leave to skip")
    assert deed(of, asks) == "asks for leave to skip, to which IRO Manager must agree"


def test_a_meeting_is_not_taken() -> None:
    of = graph(
        "extension: {kind: meeting, asked by: answerer, granted by: nobody, each: unstated, "
        "times: 1, at rung: team manager, source: 2 ¶11}"
    )
    takes = one(of, "team manager: awaiting an answer", "takes meeting")
    assert deed(of, takes) == "lets the answer wait for the meeting"


def test_those_who_answer_together_are_all_named() -> None:
    of = graph(
        "answers: {all of: [Head of Service, Panel]}\nif divided: {to: top rung, "
        "strength: automatic, after: 5 working days}",
        "ladders › dispute › rungs › head of service",
    )
    case = evaluator(world(of))
    here = "head of service: awaiting an answer"
    answers = one(of, here, "answers")
    assert telling.actor(of, answers, here, case, "IRO") == "Head of Service and Panel"
    assert deed(of, answers, together=True) == "answer together"
    assert standing(of, of.states[here], case) == (
        "the answer of Head of Service and Panel at “head of service” is awaited"
    )
    waits = of.states["head of service: divided, and it waits"]
    assert standing(of, waits, case) == "it waits at “head of service” until it goes on by itself"
    up = one(of, waits.name, "goes up to director")
    assert deed(of, up) == "it goes up to director by itself"


def test_what_others_do_with_a_dispute() -> None:
    closed = "{to: closed, by: IRO Manager, strength: may}"
    back = "{to: informal talk, by: Team Manager, strength: must}"
    of = graph(f"if not satisfied: [{closed}, {back}]", "ladders › dispute › rungs › team manager")
    here = "team manager: answered"
    assert deed(of, one(of, here, "it is closed")) == "closes it"
    down = one(of, here, "goes back down to informal talk")
    assert deed(of, down) == "sends it back down to informal talk"
    up = one(graph("sends: IRO Manager", "ladders › dispute › rungs › head of service"),
             here, "goes up to head of service")  # fmt: skip
    assert deed(of, up) == "takes it up to head of service"


def test_a_referral_beside_the_ladder_is_with_the_body() -> None:
    of = graph("refer: {to: CAFCASS, by: IRO, from: any state, effect: beside, source: x}")
    case = evaluator(world(of))
    assert standing(of, of.states["referral: with CAFCASS"], case) == "it is with CAFCASS"


def test_a_clock_that_has_not_started() -> None:
    of = graph("rungs: {team manager: {clock: {starts: receipt, source: 2 ¶1}}}")
    said = "it has been sent to Team Manager, and the clock of “team manager” has not started"
    assert standing(of, of.states["team manager: sent"], evaluator(world(of))) == said


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("withdrawn", "it is withdrawn"),
        ("withdrawn by IRO Manager", "it is withdrawn by IRO Manager"),
        ("lapsed", "it has lapsed"),
        ("closed", "it is closed"),
        ("put right", "it is put right"),
        ("the ladder is exhausted", "the ladder is exhausted"),
        ("goes on in ladder complaint", "it goes on in ladder complaint"),
        ("with CAFCASS", "it is with CAFCASS, and the ladder has ended"),
    ],
)
def test_how_it_is_over(name: str, told: str) -> None:
    of = graph()
    end = replace(of.states["the ladder is exhausted"], name=name)
    assert standing(of, end, evaluator(world(of))) == told


def test_what_waits_outside_and_comes_back() -> None:
    of = graph("refer: {to: CAFCASS, by: IRO, from: any state, effect: suspends, source: x}")
    held = of.states["suspended by the referral to CAFCASS"]
    case = evaluator(world(of))
    assert standing(of, held, case) == "it is with CAFCASS, and the ladder waits"
    assert (
        deed(of, one(of, held.name, "CAFCASS gives it back: director"))
        == "gives it back to director"
    )


def test_an_officer_who_is_not_named() -> None:
    of = graph("answers: unknown", "ladders › dispute › rungs › team manager")
    here = "team manager: awaiting an answer"
    who = telling.actor(of, one(of, here, "answers"), here, evaluator(world(of)), "IRO")
    assert who == "an officer named in a part that is not there"
