"""Figures say what they show: labels, units, the line of 20 days, what they rest on; no overlaps.

The words of the figures below are long and odd on purpose.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations
from pathlib import Path

import pytest
from caseload import ladder, staffed, workload
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.text import Text

from simulations import plots
from simulations.assumptions import Assumption
from simulations.paired import Interval
from simulations.plots import Caption
from simulations.reading import load_workload
from simulations.results import Estimate, Totals
from simulations.run import run_replication
from simulations.sensitivity import Conclusion, Sensitivity, Swing
from simulations.sensitivity import Figure as Value
from simulations.study import Wanted
from simulations.studying import Difference
from simulations.workload import Workload

ODD = "$x^2$ & <b>half</b> of what the Assistant Director for Safeguarding & Quality is asked"
CAPTION = Caption(
    "Workload “test”: 3 of its 9 numbers are assumed. 2 replications, seed 1. $9 & $8."
)


def load() -> Workload:
    return workload(days=250, rate=0.5, **staffed(3, 2))


@pytest.fixture(scope="module")
def totals() -> dict[str, Totals]:
    found = {}
    for i, name in enumerate(("as written", ODD, "another one")):
        made, of = Totals(), load()
        for number in range(2):
            graphs = ladder(window=f"{5 + i} working days")
            made.add(run_replication(graphs, of, of.authorities[0], seed=1, number=number))
        found[name] = made
    return found


def estimates(names: list[str], measure: str = "utilisation") -> list[Estimate]:
    return [
        Estimate(measure, name, "share", 0.07 * i, 0.06 * i, 0.08 * i, 4)
        for i, name in enumerate(names)
    ]


def differences() -> list[Difference]:
    found = []
    for wanted, unit in (("days", "working days"), ("within 20 working days", "share")):
        for i, arm in enumerate((ODD, "a", "b")):
            interval = None if i == 2 else Interval(1.0 - i, 0.5 - i, 1.5 - i, 9)
            found.append(Difference(arm, "as written", Wanted(wanted), unit, interval, 2.0, 0.95))
    return found


def sensitivities() -> Sensitivity:
    def at(value: float) -> Value:
        return Value(value, value - 1, value + 1)

    swings = tuple(
        Swing(Assumption(f"{ODD} › {i}", 0.5, 0.0, 1.0, "chance", "made up"), at(low), at(high))
        for i, (low, high) in enumerate([(-9, 9), (4, 2), (1.5, 3), (1, 1), (1, 1.01)])
    )
    conclusion = Conclusion("days", "working days", ODD, "as written")
    return Sensitivity(conclusion, at(1), 9, (), (), (), swings, (), 4, 1, 99)


def figures(totals: dict[str, Totals]) -> dict[str, Figure]:
    one = dict(list(totals.items())[:1])
    posts = [ODD, f"{ODD} and more", "IROs", "managers"]
    ends = [
        *estimates(["resolved", ODD, "given up"], "outcome"),
        *estimates([f"stage {i}" for i in range(1, 13)], "highest rung"),
    ]
    return {
        "time": plots.time_to_end(totals, CAPTION),
        "time of one": plots.time_to_end(one, CAPTION),
        "ends": plots.ends({"a": ends, ODD: ends}, CAPTION, {"a": ["stage 2"], ODD: ["stage 2"]}),
        "ends apart": plots.ends({"a": ends, ODD: ends}, CAPTION, {"a": ["stage 2"]}),
        "ends of one": plots.ends({"a": ends}, CAPTION),
        "utilisation": plots.utilisation({"a": estimates(posts), ODD: estimates(posts)}, CAPTION),
        "utilisation of one": plots.utilisation({"a": estimates(posts)}, CAPTION),
        "backlog": plots.backlog(totals, CAPTION, 60),
        "backlog of one": plots.backlog(one, CAPTION),
        "difference": plots.difference(differences(), CAPTION),
        "tornado": plots.tornado(sensitivities(), CAPTION),
    }


NAMES = [
    "time", "time of one", "ends", "ends apart", "ends of one", "utilisation",
    "utilisation of one", "backlog",
    "backlog of one", "difference", "tornado",
]  # fmt: skip


@pytest.fixture(scope="module")
def drawn(totals: dict[str, Totals]) -> dict[str, Figure]:
    made = figures(totals)
    for figure in made.values():
        FigureCanvasAgg(figure).draw()
    return made


def shown(figure: Figure) -> Iterator[Text]:
    """The words that are seen, but for tick labels outside the axes."""
    ticks = {
        id(tick): axis.get_view_interval()
        for ax in figure.axes
        for axis in (ax.xaxis, ax.yaxis)
        for tick, place in zip(axis.get_ticklabels(), axis.get_ticklocs(), strict=False)
        if not min(axis.get_view_interval()) <= place <= max(axis.get_view_interval())
    }
    minor = {id(t) for ax in figure.axes for t in ax.get_xticklabels(minor=True)}
    for text in figure.findobj(Text):
        if text.get_visible() and text.get_text().strip() and id(text) not in {*ticks, *minor}:
            yield text


def words(figure: Figure) -> str:
    return " ".join(" ".join(text.get_text().split()) for text in shown(figure))


@pytest.mark.parametrize("name", NAMES)
def test_no_words_overlap_or_are_cut_off(drawn: dict[str, Figure], name: str) -> None:
    figure = drawn[name]
    renderer = FigureCanvasAgg(figure).get_renderer()
    boxes = [(text.get_text(), text.get_window_extent(renderer)) for text in shown(figure)]
    assert len(boxes) > 5
    for (one, a), (other, b) in combinations(boxes, 2):
        wide = min(a.x1, b.x1) - max(a.x0, b.x0)
        high = min(a.y1, b.y1) - max(a.y0, b.y0)
        assert wide <= 1 or high <= 2, f"“{one}” lies over “{other}”"
    for text, box in boxes:
        assert box.x0 >= 0 and box.y0 >= 0, text
        assert box.x1 <= figure.bbox.x1 + 1 and box.y1 <= figure.bbox.y1 + 1, text


@pytest.mark.parametrize("name", NAMES)
def test_each_figure_has_its_caption_units_and_legible_letters(
    drawn: dict[str, Figure], name: str
) -> None:
    figure = drawn[name]
    assert "3 of its 9 numbers are assumed. 2 replications, seed 1. $9 & $8." in words(figure)
    for ax in figure.axes:
        assert any(unit in ax.get_xlabel() for unit in ("(%)", "day", "percentage")), name
    assert min(text.get_fontsize() for text in shown(figure)) >= 9
    assert not any(text.get_parse_math() for text in shown(figure) if "$" in text.get_text())


def test_the_line_of_twenty_days_and_what_is_still_open(
    drawn: dict[str, Figure], totals: dict[str, Totals]
) -> None:
    axes = drawn["time"].axes[0]
    assert any(list(line.get_xdata()) == [20, 20] for line in axes.get_lines())
    assert "20 working days (IRO Handbook 6.2)" in words(drawn["time"])
    one = totals["as written"]
    still, seen = sum(one.open_days.values()), sum(one.days.values())
    assert still > 0
    assert f"{still:,} of {seen + still:,} still open" in words(drawn["time of one"])
    assert axes.get_ylabel().endswith("(%)")


def test_the_share_at_twenty_days_is_that_of_the_measure(drawn: dict[str, Figure]) -> None:
    """By hand: with nothing open, it is the plain share of the days that are at most 20."""
    made = Totals()
    made.days.update({5: 3, 20: 1, 21: 4})
    figure = plots.time_to_end({"a": made}, CAPTION)
    assert "a: 50% within 20 working days; 0 of 8 still open" in words(figure)


def test_policies_are_told_apart_without_colour(drawn: dict[str, Figure]) -> None:
    steps = [line for line in drawn["time"].axes[0].get_lines() if len(line.get_xdata()) > 2]
    assert len({str(line.get_linestyle()) + str(line._dash_pattern) for line in steps}) == 3
    hatches = {patch.get_hatch() for patch in drawn["ends"].axes[0].patches}
    assert len(hatches) == 2
    faces = {patch.get_facecolor()[:3] for patch in drawn["ends"].axes[0].patches}
    grey = sorted(0.299 * r + 0.587 * g + 0.114 * b for r, g, b in faces)
    assert grey[1] - grey[0] > 0.15


def test_the_tornado_has_the_widest_bar_at_the_top(drawn: dict[str, Figure]) -> None:
    axes = drawn["tornado"].axes[0]
    wide: dict[int, float] = {}
    for bar in axes.patches:
        row = round(bar.get_y() + bar.get_height() / 2)
        wide[row] = wide.get(row, 0) + abs(bar.get_width())
    assert max(wide, key=lambda row: wide[row]) == max(wide)
    assert "dashed line: no difference" in words(drawn["tornado"])


def test_an_open_marker_is_one_that_may_be_noise(drawn: dict[str, Figure]) -> None:
    axes = drawn["difference"].axes[0]
    marks = [
        line for line in axes.get_lines() if line.get_marker() == "o" and len(line.get_xdata())
    ]
    assert [(line.get_xdata()[0], line.get_markerfacecolor()) for line in marks] == [
        (0.0, "white"), (1.0, "black"),
    ]  # fmt: skip


def test_the_caption_counts_what_is_assumed_and_cites_the_rest() -> None:
    said = Caption.of(load_workload("islington"), 20, 3, 253).text
    assert "“islington”: 148 of its 155 numbers are assumed" in said
    assert "Department for Education" in said and "a setting of the run" not in said
    assert "20 replications of 1,518 working days, the first 253 working days left out" in said
    assert "seed 3" in said


@pytest.mark.parametrize("ending", ["svg", "png", "pdf"])
def test_a_figure_is_saved_without_a_screen(
    drawn: dict[str, Figure], tmp_path: Path, ending: str
) -> None:
    path = tmp_path / f"figure.{ending}"
    drawn["tornado"].savefig(path)
    assert path.stat().st_size > 5000


def test_rungs_stand_in_the_order_of_the_ladder_and_alike_ladders_share_a_panel(
    drawn: dict[str, Figure],
) -> None:
    assert len(drawn["ends"].axes) == 2 and len(drawn["ends apart"].axes) == 3
    one = [Estimate("highest rung", n, "share", m, None, None, 1) for n, m in RUNGS]
    figure = plots.ends({"a": one}, CAPTION, {"a": ["first", "second", "third"]})
    labels = [text.get_text() for text in figure.axes[1].get_yticklabels()]
    assert labels == ["first", "second", "third"]


RUNGS = [("third", 0.5), ("first", 0.1), ("second", 0.4)]


def test_a_policy_without_the_lowest_bar_is_named_too() -> None:
    some = estimates(["x", "y"], "outcome")
    figure = plots.ends({"a": some, "b": some[1:]}, CAPTION)
    assert " a " in f" {words(figure)} " and " b " in f" {words(figure)} "
    assert len(figure.legends[0].get_texts()) == 2


def test_a_picture_that_is_not_there_is_told() -> None:
    from simulations import simulate

    result = simulate("merton", replications=2)
    assert "Workload “merton”" in words(plots.picture(result, "utilisation"))
    with pytest.raises(ValueError, match="there is no picture “backlogs”; did you mean “backlog”"):
        plots.picture(result, "backlogs")
