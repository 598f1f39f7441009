"""Figures over replications, the rule for the warm-up, and tables on disk."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest
from caseload import ladder, staffed, workload
from scipy import stats

from simulations.figures import MEASURES, Measure, kaplan_meier, measures, mser5
from simulations.results import COLUMNS, Means, Provenance, Totals, student, table, write
from simulations.run import run_replication
from simulations.workload import Workload


def load() -> Workload:
    return workload(days=250, rate=0.5, **staffed(3, 2))


def some(count: int) -> Totals:
    totals, of = Totals(), load()
    for number in range(count):
        totals.add(run_replication(ladder(), of, of.authorities[0], seed=1, number=number))
    return totals


def test_kaplan_and_meier_count_the_open_until_they_are_seen_no_more() -> None:
    """The example of Kaplan and Meier (1958): ends at 0.8, 3.1, 5.4, 9.2; losses at 1, 2.7, 7, 12.1
    months."""
    found = kaplan_meier({8: 1, 31: 1, 54: 1, 92: 1}, {10: 1, 27: 1, 70: 1, 121: 1})
    assert [day for day, _ in found] == [8, 31, 54, 92]
    assert [left for _, left in found] == pytest.approx([7 / 8, 7 / 10, 21 / 40, 21 / 80])


def test_without_open_ones_it_is_the_plain_share() -> None:
    found = dict(kaplan_meier({1: 3, 5: 5, 9: 2}, {}))
    assert found == pytest.approx({1: 0.7, 5: 0.2, 9: 0.0})


def test_the_rule_leaves_out_a_rise_and_nothing_of_what_is_level() -> None:
    level = [10.0 + (i * 7919 % 13) / 13 for i in range(1000)]
    assert mser5(level) < 300
    rising = [i / 10 for i in range(100)] + level
    assert 90 <= mser5(rising) <= 300
    assert mser5([]) == 0 and mser5([1.0] * 40) == 0


def test_means_have_the_interval_of_student() -> None:
    means = Means()
    values = [3.0, 4.5, 2.5, 6.0]
    for value in values:
        means.add([Measure("days", "", "working days", value)])
    (found,) = means.estimates(0.9)
    low, high = stats.t.interval(0.9, 3, loc=4.0, scale=stats.sem(values))
    assert (found.mean, found.low, found.high) == pytest.approx((4.0, low, high))
    assert student(0.95, 9) == pytest.approx(2.2621571628)


def test_an_outcome_that_a_replication_did_not_have_counts_as_none() -> None:
    means = Means()
    means.add([Measure("outcome", "resolved", "share", 1.0)])
    means.add(
        [Measure("outcome", "resolved", "share", 0.5), Measure("outcome", "lost", "share", 0.5)]
    )
    found = {e.of: e.mean for e in means.estimates()}
    assert found == {"resolved": 0.75, "lost": 0.25}


def test_every_figure_has_its_unit_and_meaning() -> None:
    of = load()
    result = run_replication(ladder(), of, of.authorities[0], seed=1, number=0)
    found = measures(result)
    assert {m.name for m in found} <= set(MEASURES)
    assert len({(m.name, m.of) for m in found}) == len(found)
    for m in found:
        assert m.unit == MEASURES[m.name][0]
        if m.unit == "share" and m.name != "work that came":
            assert 0 <= m.value <= 1
    for family in ("highest rung", "outcome"):
        assert sum(m.value for m in found if m.name == family) == pytest.approx(1)


def test_what_is_kept_goes_on_to_the_same_figures() -> None:
    whole, half, of = some(4), some(2), load()
    again = Totals.of(json.loads(json.dumps(half.state())))
    for number in (2, 3):
        again.add(run_replication(ladder(), of, of.authorities[0], seed=1, number=number))
    assert again.estimates() == whole.estimates()
    assert again.state() == whole.state()
    assert again.backlog() == whole.backlog()


def about(of: Workload) -> Provenance:
    return Provenance("ladder.yaml", "", "0" * 64, of, "Testshire", 1, 2, 0, "none")


@pytest.mark.parametrize("ending", ["csv", "parquet"])
def test_a_table_is_written_with_what_is_needed_to_run_it_again(
    tmp_path: Path, ending: str
) -> None:
    totals, of = some(2), load()
    rows = table(totals.estimates(), about(of))
    write(tmp_path / f"figures.{ending}", rows, about(of).as_json())
    if ending == "csv":
        with (tmp_path / "figures.csv").open(newline="", encoding="utf-8") as file:
            read = list(csv.DictReader(file))
        assert list(read[0]) == list(COLUMNS)
        assert [float(r["mean"]) for r in read] == [r["mean"] for r in rows]
    else:
        from pyarrow import parquet

        assert parquet.read_table(tmp_path / "figures.parquet").to_pylist() == rows
    said = json.loads((tmp_path / "figures.json").read_text(encoding="utf-8"))
    assert said["seed"] == 1 and said["versions"]["simpy"] and said["columns"] == COLUMNS
    assert any(a["why"] == "made up for a test" for a in said["assumed"])
    assert sorted(p.name for p in tmp_path.iterdir()) == sorted(
        [f"figures.{ending}", "figures.json"]
    )


def test_what_cannot_be_written_leaves_what_was_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "figures.csv"
    path.write_text("before")

    def full(handle: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(OSError, match="No space left"):
        write(path, table(some(1).estimates(), about(load())), {})
    assert path.read_text() == "before"
    assert [p.name for p in tmp_path.iterdir()] == ["figures.csv"]


def test_a_cell_is_never_a_formula(tmp_path: Path) -> None:
    write(tmp_path / "x.csv", [{"of": "=cmd()", "mean": -1.0}], {})
    assert (tmp_path / "x.csv").read_text() == "of,mean\n'=cmd(),-1.0\n"
