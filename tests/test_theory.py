"""The simulation does what queueing theory says exactly, and the page shows by how much.

python -m pytest tests/test_theory.py                 as ever
python -m pytest tests/test_theory.py -m slow         five times as many replications
python tests/test_theory.py --refresh                 write the tables of docs/theory.md anew
    python tests/test_theory.py --refresh NAME …          those of some settings
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PAGE = ROOT / "docs" / "theory.md"
if __name__ == "__main__":
    sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

from theory_runs import FEW, MANY, SEED, WRONG, compared, judged, shown, threshold  # noqa: E402
from theory_settings import settings, total  # noqa: E402

from simulations import theory  # noqa: E402

NAMES = list(settings())
TABLE = re.compile(r"(<!-- compared: ([^\n]*) -->\n\n)(.*?)(?=\n\n|\Z)", re.DOTALL)
HEAD = (
    "| | exact | " + f"{FEW} runs | errors | {MANY} runs | standard error | errors |\n"
    "|---|--:|--:|--:|--:|--:|--:|"
)


def cells(name: str, replications: int) -> list[list[str]]:
    """The rows of a table, as far as so many replications fill them."""
    found = []
    for one in compared(settings()[name], replications):
        row = [one.what, f"{one.exact:.4f}", f"{one.estimate:.4f}", f"{one.errors:+.2f}"]
        found.append(row if replications == FEW else [*row, f"{one.error:.4f}"])
    return found


def on_the_page() -> dict[str, list[list[str]]]:
    tables = {m[2]: m[3].splitlines()[2:] for m in TABLE.finditer(PAGE.read_text("utf-8"))}
    return {
        name: [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]
        for name, lines in tables.items()
    }


def within_threshold(name: str, replications: int) -> None:
    most = threshold(total(), replications)
    found = compared(settings()[name], replications)
    beyond = [f"{c.what}: {c.errors:+.1f}" for c in found if not abs(c.errors) <= most]
    assert not beyond, f"more than {most:.2f} standard errors from theory: {', '.join(beyond)}"


@pytest.mark.parametrize("name", NAMES)
def test_a_setting_is_what_theory_says(name: str) -> None:
    within_threshold(name, FEW)


@pytest.mark.parametrize("name", NAMES)
def test_the_page_shows_what_was_found(name: str) -> None:
    assert [row[:4] for row in on_the_page()[name]] == cells(name, FEW)


@pytest.mark.slow
@pytest.mark.parametrize("name", NAMES)
def test_a_setting_is_what_theory_says_in_many_replications(name: str) -> None:
    within_threshold(name, MANY)
    shown_there = [[row[0], row[1], row[4], row[6], row[5]] for row in on_the_page()[name]]
    assert shown_there == cells(name, MANY)


def test_the_page_has_each_setting_once_and_says_how_many_there_are() -> None:
    text = PAGE.read_text("utf-8")
    assert [m[2] for m in TABLE.finditer(text)] == NAMES
    assert f"<!-- summary -->\n\n{summary(on_the_page())}\n" in text


def summary(tables: dict[str, list[list[str]]]) -> str:
    """What the tables come to in all."""
    rows = [row for table in tables.values() for row in table]
    few, many = (max(abs(float(row[place])) for row in rows) for place in (3, 6))
    return (
        f"{len(rows)} comparisons in {len(tables)} settings, seed {SEED}. The chance that one or "
        f"more of them is beyond the\nthreshold although theory is right is at most 1 in "
        f"{round(1 / WRONG):,}: {threshold(len(rows), FEW):.2f} standard errors for\n{FEW} "
        f"replications, {threshold(len(rows), MANY):.2f} for {MANY}. The largest found is "
        f"{few:.2f} and {many:.2f}."
    )


WRONGS: list[tuple[str, str, Callable[[], float]]] = [
    (
        "Erlang A, three officers",
        "officers at work, stage 1",
        lambda: theory.erlang_a(4.0, 1.0, 3, 2.0).busy,  # as if work in hand were always finished
    ),
    (
        "a window of 1 working day, as text has it",
        "share: the ladder is exhausted",
        lambda: theory.until_answer(2.4, 0.5, 1, lambda t: t * 0 + 1, 1.0).unanswered,
    ),
    (
        "a window of 0 working days, as text has it",
        "share: the ladder is exhausted",
        lambda: theory.until_answer(5.0, 0.5, 2, lambda t: 1 - t, 1.0).unanswered,
    ),
    (
        "Pollaczek–Khinchine, work always the same",
        "waiting, stage 1",
        lambda: theory.erlang_c(2.8, 0.25, 1).waiting,
    ),
    (
        "Erlang C, four officers",
        "waiting, stage 1",
        lambda: theory.erlang_c(3.2 / 4, 1.0, 1).waiting * 4,  # a queue for each officer
    ),
    (
        "no queues, exponential work and windows of days",
        "days to the end",
        lambda: (
            theory.absorbing(  # windows that end at the same moment of a day
                (1, 0, 0),
                [[0, 0.6 + 0.4 * _late(1.5, 2), 0], [0, 0, 0.5 + 0.5 * _late(2, 1)], [0, 0, 0]],
                [[0.4 * (1 - _late(1.5, 2))], [0.5 * (1 - _late(2, 1))], [1]],
                [w * (1 - _late(w, d)) for w, d in ((1.5, 2), (2, 1), (1, 3))],
            ).days
        ),
    ),
]


def _late(work: float, window: float) -> float:
    return 2.718281828459045 ** (-window / work)


@pytest.mark.parametrize(("name", "what", "wrong"), WRONGS, ids=[w[0] for w in WRONGS])
def test_theory_of_another_queue_is_told_apart(
    name: str, what: str, wrong: Callable[[], float]
) -> None:
    setting = settings()[name]
    place = [c.what for c in setting.comparisons].index(what)
    pairs = [found[place] for found in shown(setting, FEW)]
    assert abs(judged(what, wrong(), pairs).errors) > threshold(total(), FEW)


def test_errors_are_counted_as_they_are_said_to_be() -> None:
    """Half of three tails among four tosses, by hand: x - y / 2 is 1, -1, 1."""
    found = judged("heads", 0.5, [(3.0, 4.0), (1.0, 4.0), (3.0, 4.0)])
    assert found.estimate == pytest.approx(7 / 12)
    assert found.errors == pytest.approx((1 / 3) / ((8 / 3 / 2) ** 0.5 / 3**0.5))
    with pytest.raises(ValueError, match="never varies"):
        judged("heads", 0.5, [(1.0, 4.0), (1.0, 4.0)])


def refresh(names: list[str]) -> None:
    text = PAGE.read_text("utf-8")

    def table(found: re.Match[str]) -> str:
        if found[2] not in names:
            return found[0]
        print(found[2], flush=True)
        rows = [
            f"| {' | '.join([*few, many[2], many[4], many[3]])} |"
            for few, many in zip(cells(found[2], FEW), cells(found[2], MANY), strict=True)
        ]
        return found[1] + "\n".join([HEAD, *rows])

    text = TABLE.sub(table, text)
    PAGE.write_text(text, "utf-8")
    said = "<!-- summary -->\n\n" + summary(on_the_page()) + "\n"
    PAGE.write_text(
        re.sub(r"<!-- summary -->\n\n.*?\n(?=\n)", said, text, flags=re.DOTALL), "utf-8"
    )


if __name__ == "__main__" and "--refresh" in sys.argv:
    refresh(sys.argv[2:] or NAMES)
