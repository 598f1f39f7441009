"""Stories in dates: every window in another unit has, on the dates told, the length it takes."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from model.calendar import add_working_days, is_working_day, span, working_days_between
from model.expand import graphs
from model.graph import StateGraph
from model.load import authorities, load, loads
from model.replay import replay
from model.terms import Symbol, Value, symbols
from proofs import dates
from proofs.claims import ALL, BY_ID
from proofs.decide import Decider
from proofs.stories import Story, tell
from proofs.verdict import Verdict, check, verdict

TEMPLATE = (Path(__file__).parent.parent / "drp" / "template.yaml").read_text("utf-8")
LIMIT = "{five days = limit: 5 working days, five days = custom: unstated}"


def on_the_calendar(graph: StateGraph, story: Story, first: date) -> dict[Symbol, Value]:
    """The story's world with every window that its dates give another length than it says."""
    world = dict(story.world)
    place, since = graph.start, 0
    for step in [*story.trace, None]:
        if step is not None and step.move.track != "ladder":
            continue
        for symbol in symbols(graph.states[place].limit):
            if symbol.kind == "calendar":
                world[symbol] = dates.passing(str(symbol.words), add_working_days(first, since))
        if step is not None:
            since = since if step.move.keeps else step.day
            place = step.move.target
    return world


@pytest.mark.parametrize("stem", [path.stem for path in authorities()])
def test_the_dates_of_every_recorded_story_are_true(stem: str) -> None:
    told = 0
    for graph in graphs(load(stem)):
        decider = Decider(graph)
        for claim in ALL:
            answer = decider.decide(claim)
            for obligation, world, broken in (
                (answer.failing, answer.broken_in, True),
                (answer.shown, answer.holds_in, False),
            ):
                if obligation is None or world is None:
                    continue
                story = tell(decider.analysis, obligation, world)
                if story is None:
                    continue
                found = verdict(decider, answer)
                steps = found.trace if broken else found.other
                first = dates.start(graph, story, None)
                assert not first.note, f"{claim.id}: {first.note}"
                for step in steps:
                    day = date.fromisoformat(step.date)
                    assert is_working_day(day)
                    assert working_days_between(first.day, day) == step.day
                real = on_the_calendar(graph, story, first.day)
                run = replay(graph, story.trace, real, story.until)
                assert run.refused is None, f"{claim.id}: {run.why}"
                told += 1
    assert told >= 3


def one(text: str, claim: str, start: date | None = None) -> Verdict:
    (found,) = check(loads(text, "exampleton.yaml"), [BY_ID[claim]], start, mends=False)
    return found


def windows(*lengths: str) -> str:
    """The template with other windows for its formal rungs."""
    text = TEMPLATE
    for old, new in zip(
        (f'within: {LIMIT}\n        source: "3.1"', "within: 10 working days"),
        lengths,
        strict=False,
    ):
        assert old in text, old
        text = text.replace(old, old.replace(old.split("\n")[0], f"within: {new}"))
    return text


def test_a_story_begins_where_its_window_is_as_long_as_it_says() -> None:
    """Ten calendar days are eight working days from a Tuesday, but not over the New Year."""
    text = windows("5 working days", "40 calendar days")
    low, high = span(40, "calendar days")
    found = one(text, "total-diligent")
    assert found.verdict in ("broken", "depends") and not found.note
    assert found.trace[0].date >= "2026-01-06"
    late = one(text, "total-diligent", date(2026, 3, 23))
    assert low < high and late.trace[0].date == "2026-03-23"


def told(text: str, start: date | None = None) -> tuple[StateGraph, Story, dates.Start]:
    """The way that takes longest, with the day it begins on."""
    from proofs.analysis import DILIGENT
    from proofs.stories import Teller

    (graph,) = graphs(loads(text, "exampleton.yaml"))
    decider = Decider(graph)
    story = Teller(decider.analysis, decider.nearby[0]).worst(DILIGENT, "", 10**6)
    assert story is not None
    return graph, story, dates.start(graph, story, start)


def test_the_start_that_was_asked_for_is_kept_and_its_fault_is_told() -> None:
    text = windows("5 working days", "10 calendar days")
    _, story, first = told(text)
    assert story.until == 5 + 5 + span(10, "calendar days")[1]
    assert first == (date(2026, 1, 6), "")
    _, _, easter = told(text, date(2026, 3, 23))
    assert easter.day == date(2026, 3, 23)
    assert "another length than here; it happens so from " in easter.note


def test_a_story_moves_to_the_first_day_that_fits() -> None:
    text = windows("2 working days", "10 calendar days")  # from a Thursday it would be seven days
    graph, story, first = told(text)
    assert not first.note
    assert first.day > date(2026, 1, 6)
    for day in (date(2026, 1, 6), date(2026, 1, 7)):
        note = dates.start(graph, story, day).note
        assert bool(note) is (day < first.day)
    real = on_the_calendar(graph, story, first.day)
    assert replay(graph, story.trace, real, story.until).refused is None


def test_windows_that_no_calendar_makes_longest_at_once_are_told_as_such() -> None:
    text = windows("3 calendar days", "3 calendar days")  # three days end on a Thursday or Friday
    text = text.replace("limit: 5 working days", "limit: immediately")
    _, _, first = told(text)
    assert first.note.startswith("no start date in the table of bank holidays")


@pytest.mark.parametrize(
    ("said", "begun", "days"),
    [
        ("the window of x (10 calendar days)", date(2026, 1, 6), 8),
        ("the window of x (1 week)", date(2026, 1, 6), 5),
        ("the window of x (48 hours)", date(2026, 1, 9), 0),
        ("the window of x (49 hours)", date(2026, 1, 9), 1),
        ("the window of x (28 calendar days)", date(2025, 12, 12), 17),
    ],
)
def test_what_passes_in_a_window(said: str, begun: date, days: int) -> None:
    assert dates.passing(said, begun) == days


def test_a_window_without_a_length_is_a_fault_of_ours() -> None:
    with pytest.raises(ValueError, match="names no length"):
        dates.passing("the window of x", date(2026, 1, 6))
