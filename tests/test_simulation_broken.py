"""A run that contradicts itself stops: each of its checks can fail."""

from __future__ import annotations

from typing import Any

import pytest
from caseload import chance, constant, exponential, ladder, staffed, workload

from simulations import clock, dispute
from simulations.engine import Run
from simulations.faults import Broken
from simulations.figures import ReplicationResult
from simulations.tally import Spot, Tally
from simulations.workload import Conduct, Outcome, Response


def made() -> ReplicationResult:
    given: dict[str, Any] = {
        "responses": (
            Response(delay=exponential(3), work=constant(3, "hours"), satisfied=chance(0.5)),
        ),
        "conducts": (Conduct(),),
        "outcomes": (Outcome(),),
    }
    load = workload(days=200, rate=1, **(given | staffed(3, 1)))
    return Run(ladder(), load, load.authorities[0], 1, 0, 0, 1.0).run()


def test_it_runs_when_nothing_is_wrong() -> None:
    assert made().replayed > 100


def test_a_limit_that_is_a_day_late_is_refused_by_replay(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dispute, "last_tick", lambda day: clock.last_tick(day + 1))
    with pytest.raises(Broken, match=r"replay refuses step \d+: .* ends on day"):
        made()


def test_a_limit_that_is_a_day_early_is_refused_by_replay(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dispute, "last_tick", lambda day: clock.last_tick(day - 1))
    with pytest.raises(Broken, match=r"replay refuses step \d+: “no answer in time” happens only"):
        made()


def test_a_process_that_is_not_counted_as_ended_is_missed(monkeypatch: pytest.MonkeyPatch) -> None:
    over = Tally._over

    def forgetful(self: Tally, d: Any, tick: int, outcome: str) -> None:
        over(self, d, tick, outcome)
        self.ended -= d.number == 7

    monkeypatch.setattr(Tally, "_over", forgetful)
    with pytest.raises(Broken, match=r"\d+ processes began, \d+ ended"):
        made()


def test_a_stay_that_is_not_counted_is_missed(monkeypatch: pytest.MonkeyPatch) -> None:
    leave = Tally._leave

    def short(self: Tally, d: Any, here: Any, tick: int) -> None:
        leave(self, d, here, tick)
        d.stays -= d.number == 7

    monkeypatch.setattr(Tally, "_leave", short)
    with pytest.raises(Broken, match="dispute 7: its stays are not the time from start to end"):
        made()


def test_an_integral_that_forgets_a_change_breaks_the_law_of_little(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    change = Spot.change

    def lossy(self: Spot, by: int, tick: int) -> None:
        change(self, by, tick)
        self.area -= self.number == 3

    monkeypatch.setattr(Spot, "change", lossy)
    with pytest.raises(Broken, match="the integral of the number there is not the sum of stays"):
        made()


def test_a_dispute_that_is_lost_is_missed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Run, "barred", lambda self, d: None)
    load = workload(days=100, rate=1, **staffed(3, 1))
    graphs = ladder()
    run = Run(graphs, load, load.authorities[0], 1, 0, 0, 1.0)
    run.arrived = 1
    with pytest.raises(Broken, match="disputes came up"):
        run.run()
