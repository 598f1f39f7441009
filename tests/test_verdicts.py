"""The five protocols: the record, the stories, and what a careful reader expects to be found."""

from __future__ import annotations

from functools import cache

import pytest

from model.expand import expand
from model.load import authorities, load
from model.replay import replay
from proofs import record
from proofs.claims import ALL, BY_ID
from proofs.verdict import Verdict, check, times

STEMS = [path.stem for path in authorities()]


@cache
def verdicts(stem: str) -> dict[str, Verdict]:
    return {f"{v.ladder}/{v.claim.id}": v for v in check(load(stem), mends=False)}


def verdict(stem: str, claim: str) -> Verdict:
    return verdicts(stem)[f"dispute/{claim}"]


@pytest.mark.parametrize("stem", STEMS)
def test_verdicts_are_as_recorded(stem: str) -> None:
    found = list(verdicts(stem).values())
    assert record.changes(record.read(), load(stem), found) == []
    assert len(found) == len(ALL) * len(load(stem).ladders)


def test_the_table_is_that_of_the_record() -> None:
    assert record.TABLE.read_text("utf-8") == record.table(record.read())


@pytest.mark.parametrize("stem", STEMS)
def test_every_story_is_a_run_of_the_graph(stem: str) -> None:
    told = 0
    for v in verdicts(stem).values():
        if v.story is None:
            continue
        graph = expand(load(stem), v.ladder)
        # another expansion of the same file: match the moves by what they are
        moves = {(m.track, m.source, m.target, m.name, m.actor, m.guard): m for m in graph.moves}
        steps = [
            s._replace(
                move=moves[
                    s.move.track, s.move.source, s.move.target, s.move.name, s.move.actor,
                    s.move.guard,
                ]
            )
            for s in v.story.trace
        ]  # fmt: skip
        run = replay(graph, steps, v.story.world, v.story.until)
        assert run.refused is None, f"{v.claim.id}: {run.why}"
        told += 1
    assert told >= 3


@pytest.mark.parametrize("stem", STEMS)
def test_no_text_has_a_way_back(stem: str) -> None:
    v = verdict(stem, "return")
    assert v.verdict == "broken"
    assert v.trace[-1].state == "agreement not kept"


def test_islington() -> None:
    late = verdict("islington", "total-diligent")
    assert late.plain == "broken"
    assert late.trace[-1].day == 21
    assert [t.day for t in late.trace if t.move == "answers"] == [5, 10, 15, 20]
    assert verdict("islington", "total-permitted").plain == "broken"
    assert verdict("islington", "skip-any").verdict == "holds"
    assert verdict("islington", "escalate-alone").verdict == "holds"
    forever = verdict("islington", "ends")
    assert forever.ending == "Chief Executive need only stay silent", "the IRO could go on below"


def test_managers_whose_agreement_is_needed() -> None:
    assert verdict("manchester", "escalate-alone").plain == "broken"
    assert "IRO Team Manager" in verdict("manchester", "escalate-alone").why
    assert verdict("northamptonshire", "start-alone").plain == "broken"
    assert "IRO Manager" in verdict("northamptonshire", "start-alone").why


def test_the_unnamed_protocol() -> None:
    assert verdict("reviewing-and-insights", "advice").verdict == "broken"
    assert "Head of Adolescents" in verdict("reviewing-and-insights", "advice").why
    assert verdict("reviewing-and-insights", "skip-any").plain == "broken"
    assert verdict("reviewing-and-insights", "nothing-missing").verdict == "broken"


def test_manchester_wants_complaints_and_court_first() -> None:
    assert verdict("manchester", "cafcass-unconditional").verdict == "broken"
    assert verdict("manchester", "cafcass-any-point").verdict == "broken"
    assert verdict("manchester", "rungs-timed").verdict == "broken"


def test_of_merton_next_to_nothing_can_be_shown() -> None:
    assert verdict("merton", "rungs-timed").plain == "broken"
    assert verdict("merton", "nothing-missing").verdict == "broken"
    assert verdict("merton", "total-permitted").plain != "holds"


def test_times() -> None:
    t = times(expand(load("islington"), "dispute"))
    assert (t.fastest, t.windows, t.diligent, t.permitted) == (0, 25, 25, None)
    t = times(expand(load("northamptonshire"), "dispute"))
    assert (t.windows, t.diligent) == (20, None)  # no answer, and the text has no step for it


@pytest.mark.parametrize("claim", ["total-permitted", "cafcass-forced"])
def test_an_answer_does_not_depend_on_what_else_was_asked(claim: str) -> None:
    (alone,) = (
        v for v in check(load("merton"), [BY_ID[claim]], mends=False) if v.ladder == "dispute"
    )
    assert alone.condition == verdict("merton", claim).condition
