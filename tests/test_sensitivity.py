"""Which assumption a conclusion hangs on: on functions whose answer is known, and on a real run."""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy
import pytest

from model.load import load
from simulations.assumptions import Assumption, assumptions, varied
from simulations.fit import fit
from simulations.points import possible, simulated
from simulations.reading import load_workload
from simulations.sensitivity import (
    Conclusion,
    Figure,
    Model,
    Sensitivity,
    group_of,
    mean_of,
    scan,
    sensitivity,
)

DIFFERENCE = Conclusion("days", "working days", "one", "two")
ALONE = Conclusion("days", "working days", "one")


def number(path: str, value: float, low: float, high: float) -> Assumption:
    return Assumption(path, value, low, high, "number", "made up")


def unit(*paths: str) -> list[Assumption]:
    return [number(path, 0.5, 0.0, 1.0) for path in paths]


def additive(weights: Mapping[str, float], noise: float = 0.0, base: float = 0.0) -> Model:
    """Σ weight × value over replications that differ by a noise common to all points."""

    def model(point: Mapping[str, float]) -> list[float]:
        value = base + sum(w * point.get(path, 0.5) for path, w in weights.items())
        return [value + noise * k for k in (-1.0, 0.0, 1.0)]

    return model


WEIGHTS = {"a › x": 4.0, "a › y": 0.0, "b › x": 2.0, "b › y": 1.0, "c › x": 0.0, "c › y": 0.0}


def test_an_additive_function_has_its_weights_as_effects_and_their_squares_as_shares() -> None:
    """Var Σ w·u = Σ w²/12 for independent uniform u; nothing is shared."""
    found = sensitivity(
        additive(WEIGHTS), unit(*WEIGHTS), ALONE, samples=512, top=2, trajectories=6
    )
    assert [g.name for g in found.groups] == ["a", "b", "c"]
    assert [g.numbers for g in found.groups] == [2, 2, 2]
    assert [n.name for n in found.numbers] == ["a › x", "b › x", "b › y", "a › y"]
    assert [n.size for n in found.numbers] == pytest.approx([4, 2, 1, 0])
    assert [s.path for s in found.shares] == ["a › x", "b › x"]
    for share, expected in zip(found.shares, (16 / 20, 4 / 20), strict=True):
        assert share.first == pytest.approx(expected, abs=0.05)
        assert share.total == pytest.approx(expected, abs=0.05)
        assert abs(share.total - expected) < 2 * share.total_half


def test_ishigami() -> None:
    """Ishigami and Homma 1990, a = 7, b = 0.1: S = 0.314, 0.442, 0; total 0.558, 0.442, 0.244."""

    def model(point: Mapping[str, float]) -> list[float]:
        x, y, z = (point.get(f"i › {n}", 0.0) for n in "xyz")
        return [math.sin(x) + 7 * math.sin(y) ** 2 + 0.1 * z**4 * math.sin(x)]

    given = [number(f"i › {n}", 0.0, -math.pi, math.pi) for n in "xyz"]
    given += [number("j › n", 0.0, 0.0, 1.0)]
    found = sensitivity(model, given, ALONE, samples=1024, top=3, trajectories=8)
    exact = {"i › x": (0.3139, 0.5576), "i › y": (0.4424, 0.4424), "i › z": (0.0, 0.2437)}
    assert {s.path for s in found.shares} == set(exact)
    for share in found.shares:
        first, total = exact[share.path]
        assert share.first == pytest.approx(first, abs=0.06)
        assert share.total == pytest.approx(total, abs=0.06)


def test_the_same_arguments_give_the_same_answer_whatever_else_draws() -> None:
    def once() -> Sensitivity:
        return sensitivity(additive(WEIGHTS, 0.1), unit(*WEIGHTS), ALONE, samples=8, seed=3)

    numpy.random.seed(1)
    first = once()
    numpy.random.seed(2)
    assert once() == first
    other = sensitivity(additive(WEIGHTS, 0.1), unit(*WEIGHTS), ALONE, samples=8, seed=4)
    assert other != first


def test_a_change_of_order_is_found_where_it_is() -> None:
    """0.2 + x - y changes its sign at x = 0.3 and y = 0.7."""
    model = additive({"a › x": 1.0, "b › y": -1.0, "c › z": 0.01}, 0.001, base=0.2)
    found = sensitivity(
        model, unit("a › x", "b › y", "c › z"), DIFFERENCE, samples=0, trajectories=2
    )
    turns = {t.assumption.path: t for t in found.turns}
    assert set(turns) == {"a › x", "b › y"}
    assert turns["a › x"].side == "below" and turns["b › y"].side == "above"
    assert turns["a › x"].value == pytest.approx(0.295, abs=0.01)
    assert turns["b › y"].value == pytest.approx(0.705, abs=0.01)
    assert all(t.certain for t in turns.values())
    said = found.sentence
    assert "changes when “b › y” is above 0.705 (stated 0.5, assumed 0 to 1); or when" in said
    assert "or when “a › x” is below 0.295 (stated 0.5, assumed 0 to 1)." in said


def test_an_order_that_does_not_change_is_said_to_stay() -> None:
    model = additive({"a › x": 1.0, "b › y": -1.0}, 0.001, base=5)
    found = sensitivity(model, unit("a › x", "b › y"), DIFFERENCE, samples=0)
    assert not found.turns
    assert "does not change as any single assumed number goes" in found.sentence
    some = sensitivity(model, unit("a › x", "b › y"), DIFFERENCE, samples=0, scanned=1)
    assert "any one of the 1 numbers looked at (of 2 assumed)" in some.sentence


def test_noise_is_not_taken_for_a_change() -> None:
    """Beyond the change the other sign is never certain, so it is not claimed."""
    model = additive({"a › x": 0.4, "b › y": 0.0}, 0.1, base=0.0)
    found = sensitivity(model, unit("a › x", "b › y"), DIFFERENCE, samples=0)
    assert found.stated.sign == 0 and not found.turns
    assert "cannot be told from noise" in found.sentence
    near = additive({"a › x": 0.6, "b › y": 0.0}, 0.1, base=0.0)
    found = sensitivity(near, unit("a › x", "b › y"), DIFFERENCE, samples=0)
    assert [(t.assumption.path, t.side, t.certain) for t in found.turns] == [
        ("a › x", "below", False)
    ]
    assert "does not change for certain" in found.sentence


def test_policies_that_are_alike_do_not_differ() -> None:
    found = sensitivity(lambda point: [0.0, 0.0], unit("a › x", "b › y"), DIFFERENCE, samples=4)
    assert not found.numbers and not found.shares and not found.turns and not found.swings
    assert f"differ at none of the {found.points} points" in found.sentence


def test_a_single_policy_is_told_between_its_ends() -> None:
    found = sensitivity(additive(WEIGHTS), unit(*WEIGHTS), ALONE, samples=0)
    assert found.swings[0].assumption.path == "a › x"
    assert found.swings[0].at_low == Figure(1.5, 1.5, 1.5)
    assert "between 1.5 working days and 5.5 working days" in found.sentence


def test_nothing_to_vary_is_told() -> None:
    with pytest.raises(ValueError, match="nothing is assumed"):
        sensitivity(additive(WEIGHTS), [number("a › x", 1, 1, 1)], ALONE)
    with pytest.raises(ValueError, match="at least 2 trajectories"):
        sensitivity(additive(WEIGHTS), unit("a › x", "b › x"), ALONE, trajectories=1)


def test_a_mean_has_an_interval_from_two_replications_on() -> None:
    assert mean_of([2.0]) == Figure(2.0, -math.inf, math.inf)
    found = mean_of([1.0, 3.0])  # t(0.975, 1) = 12.706, standard error 1
    assert found.mean == 2 and found.high == pytest.approx(2 + 12.706, abs=1e-3)


def test_a_scan_takes_the_nearest_change_on_each_side() -> None:
    """cos changes its sign at ±π/2 and again at ±3π/2."""

    def at(point: Mapping[str, float]) -> Figure:
        value = math.cos(point.get("x", 0.0))
        return Figure(value, value, value)

    found = scan(at, number("x", 0.0, -4.0, 4.0), at({}))
    assert [(t.side, t.certain) for t in found] == [("below", True), ("above", True)]
    assert [t.value for t in found] == pytest.approx([-math.pi / 2, math.pi / 2], abs=0.05)


@pytest.mark.parametrize(
    ("path", "group"),
    [
        ("posts › Team Manager › hours", "posts › Team Manager"),
        ("severities › grave › facts › too urgent", "severities › grave"),
        ("horizon", "horizon"),
        ("backlog › number", "backlog"),
    ],
)
def test_numbers_of_one_part_are_one_group(path: str, group: str) -> None:
    assert group_of(path) == group


def test_every_workload_can_be_varied_to_the_ends_of_all_its_ranges() -> None:
    for stem in ("islington", "manchester", "merton", "national", "northamptonshire"):
        workload = load_workload(stem)
        for end in ("low", "high"):
            point = {a.path: getattr(a, end) for a in assumptions(workload)}
            varied(workload, possible(workload, point))


def test_chances_of_an_answer_stay_within_one() -> None:
    workload = load_workload("merton")
    found = possible(workload, {"responses › elsewhere › satisfied": 0.95})
    assert found["responses › elsewhere › partly"] == pytest.approx(0.05)


def test_a_real_run_is_screened_with_common_numbers() -> None:
    workload = load_workload("merton")
    graphs = fit(workload, load("merton"))
    model = simulated([graphs], workload, "days", replications=1, warm_up=200)
    path = "responses › elsewhere › delay › scale"
    slow, fast = model({path: 8.0}), model({path: 1.0})
    assert slow[0] > fast[0]
    same = simulated([graphs, graphs], workload, "days", replications=2, warm_up=200)
    assert same({path: 4.0}) == [0.0, 0.0]
    few = [a for a in assumptions(workload) if a.path.startswith("responses › elsewhere")]
    few += [a for a in assumptions(workload) if a.path.startswith("approvals")]
    found = sensitivity(model, few, ALONE, samples=0, trajectories=2, top=1, scanned=2)
    assert found.groups[0].name == "responses › elsewhere" and found.groups[0].size > 0
    assert found.points >= 2 * 3


def test_a_measure_that_is_not_there_is_told() -> None:
    workload = load_workload("merton")
    graphs = fit(workload, load("merton"))
    with pytest.raises(ValueError, match="there is no measure “dayz”"):
        simulated([graphs], workload, "dayz")
    with pytest.raises(ValueError, match="“utilisation” of “nobody” has no cases"):
        simulated([graphs], workload, "utilisation", "nobody", replications=1)({})


def test_a_share_is_claimed_only_where_its_interval_is_apart() -> None:
    many = sensitivity(additive(WEIGHTS), unit(*WEIGHTS), ALONE, samples=256, top=2)
    assert "“a › x” matters most" in many.sentence
    alike = additive({"a › x": 1.0, "b › x": 1.02})
    few = sensitivity(alike, unit("a › x", "b › x"), ALONE, samples=16, top=2)
    assert "comes first, but it takes more samples" in few.sentence
