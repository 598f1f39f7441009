"""Each formula of `simulations/theory.py` against the same law, computed in another way."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from chains import Chain, phases_of_work, queue, two_classes, two_phases

from simulations import theory
from simulations.theory import Array, Steady


def close(found: Steady, chain: Chain, officers: int, rate: float, work: float) -> None:
    """Against a chain whose states are the number there."""
    law = chain.steady()
    waiting = chain.mean(law, lambda n: max(0, n - officers))
    busy = chain.mean(law, lambda n: min(n, officers))
    full = chain.mean(law, lambda n: n >= officers)
    expected = Steady(waiting, busy, full, 1 - busy / work / rate)
    assert found == pytest.approx(expected, rel=1e-8, abs=1e-10)


@pytest.mark.parametrize(("officers", "load"), [(1, 0.3), (4, 3.2), (30, 45.0)])
def test_erlang_b_is_the_chain_that_turns_away(officers: int, load: float) -> None:
    chain = queue(load, 1, officers, officers)
    assert theory.erlang_b(officers, load) == pytest.approx(chain.steady()[chain.states[officers]])
    direct = load**officers / math.factorial(officers)
    whole = sum(load**n / math.factorial(n) for n in range(officers + 1))
    assert theory.erlang_b(officers, load) == pytest.approx(direct / whole)


@pytest.mark.parametrize(("rate", "work", "officers"), [(2.8, 0.25, 1), (3.2, 1, 4), (9, 2, 20)])
def test_erlang_c_is_the_chain_that_lets_all_wait(rate: float, work: float, officers: int) -> None:
    chain = queue(rate, work, officers, 900)
    close(theory.erlang_c(rate, work, officers), chain, officers, rate, work)


@pytest.mark.parametrize(("rate", "officers", "patience"), [(0.9, 1, 5), (4, 3, 2), (12, 5, 0.1)])
def test_erlang_a_is_the_chain_of_those_who_leave(
    rate: float, officers: int, patience: float
) -> None:
    chain = queue(rate, 1, officers, 200, 1 / patience)
    close(theory.erlang_a(rate, 1, officers, patience), chain, officers, rate, 1)


@pytest.mark.parametrize(("rate", "officers", "patience"), [(0.9, 1, 5), (4, 3, 2), (6, 5, 0.5)])
def test_until_answer_is_the_chain_where_anyone_leaves(
    rate: float, officers: int, patience: float
) -> None:
    chain = queue(rate, 1, officers, 200, 1 / patience, anyone=True)
    found = theory.until_answer(rate, 1, officers, lambda t: np.exp(-t / patience), 40 * patience)
    close(found, chain, officers, rate, 1)


@pytest.mark.parametrize(("rate", "officers"), [(0.7, 1), (1.1, 2), (1.5, 3)])
def test_until_answer_is_the_chain_of_two_phases_of_patience(rate: float, officers: int) -> None:
    """Patience that is not exponential, and more officers than one: all orders of all phases."""
    phase, most = 0.6, 11
    found = theory.until_answer(
        rate, 1, officers, lambda t: (1 + t / phase) * np.exp(-t / phase), 40 * phase
    )
    chain = two_phases(rate, 1, officers, phase, most)
    law = chain.steady()
    assert chain.mean(law, lambda s: len(s) == most) < 1e-6
    busy = chain.mean(law, lambda s: min(len(s), officers))
    expected = Steady(
        chain.mean(law, lambda s: max(0, len(s) - officers)), busy,
        chain.mean(law, lambda s: len(s) >= officers), 1 - busy / rate,
    )  # fmt: skip
    assert found == pytest.approx(expected, rel=1e-5, abs=1e-6)


@pytest.mark.parametrize("rate", [0.8, 1.0001, 3.0])
def test_a_fixed_window_with_one_officer_is_a_dam(rate: float) -> None:
    """Work to do, cut off at the window, has an atom at 0 and a density on (0, w).

    Unanswered are those who find more than the window less their own work.
    """
    window = 1.7
    growth = rate - 1
    idle = 1 / (1 + rate * math.expm1(growth * window) / growth)
    missed = idle * (
        math.exp(-window) + rate * math.exp(-window) * math.expm1(rate * window) / rate
    )
    found = theory.until_answer(rate, 1, 1, np.ones_like, window)
    assert found.all_busy == pytest.approx(1 - idle, rel=1e-8)
    assert found.unanswered == pytest.approx(missed, rel=1e-8)


def test_a_fixed_window_is_the_end_of_a_row_of_phases() -> None:
    """Windows made of ever more phases, which the formula takes as any other, come up to it."""
    from scipy.stats import gamma

    fixed = theory.until_answer(4, 1, 3, np.ones_like, 1)
    apart = []
    for phases in (50, 200, 800):
        some = gamma(phases, scale=1 / phases)
        near = theory.until_answer(4, 1, 3, lambda t, law=some: law.sf(t), 4)  # type: ignore[misc]
        apart.append(abs(near.unanswered - fixed.unanswered))
    assert apart[2] < apart[1] < apart[0] < 0.01 and apart[2] < 0.001


def test_a_long_window_is_no_window() -> None:
    found = theory.until_answer(3.2, 1, 4, np.ones_like, 120)
    assert found == pytest.approx(theory.erlang_c(3.2, 1, 4), abs=1e-6)


def test_pollaczek_and_khinchine_is_the_chain_of_mixed_work() -> None:
    means = {0.1: 0.8, 1.5: 0.2}
    work = sum(m * p for m, p in means.items())
    square = sum(2 * m * m * p for m, p in means.items())
    found = theory.pollaczek_khinchine(1.6, work, square)
    chain = phases_of_work(1.6, means, 400)
    law = chain.steady()
    assert found.waiting == pytest.approx(chain.mean(law, lambda s: max(0, s[0] - 1)), rel=1e-8)
    assert found.all_busy == pytest.approx(chain.mean(law, lambda s: s[0] > 0), rel=1e-8)
    same = theory.erlang_c(1.6, 0.5, 1)
    assert theory.pollaczek_khinchine(1.6, 0.5, 0.5) == pytest.approx(same)


def test_cobham_is_the_chain_of_two_classes() -> None:
    rates, works = (0.5, 0.6), (0.4, 0.8)
    waits = theory.cobham(rates, works, [2 * w * w for w in works])
    chain = two_classes(rates, works, 60)
    law = chain.steady()
    for i, wait in enumerate(waits):
        found = chain.mean(law, lambda s, i=i: s[1 + i])  # type: ignore[misc]
        assert rates[i] * wait == pytest.approx(found, rel=1e-6)


def test_jackson_is_the_chain_of_two_stages_with_a_way_back() -> None:
    coming, onward, officers, work = (0.5, 0.2), [[0, 0.7], [0.3, 0]], (1, 2), (0.9, 1.3)
    rates = theory.traffic(coming, onward)

    def moves(s: tuple[int, int]) -> Any:
        for i in (0, 1):
            if s[i] < 60:
                yield coming[i], (s[0] + (i == 0), s[1] + (i == 1))
            if s[i]:
                gone = (s[0] - (i == 0), s[1] - (i == 1))
                served = min(s[i], officers[i]) / work[i]
                yield served * (1 - onward[i][1 - i]), gone
                back = (gone[0] + (i == 1), gone[1] + (i == 0))
                yield served * onward[i][1 - i], back if max(back) <= 60 else s

    chain = Chain((0, 0), moves)
    law = chain.steady()
    alone = [theory.erlang_c(rates[i], work[i], officers[i]) for i in (0, 1)]
    for i, stage in enumerate(alone):
        found = chain.mean(law, lambda s, i=i: max(0, s[i] - officers[i]))  # type: ignore[misc]
        assert stage.waiting == pytest.approx(found, rel=1e-4)
    both = chain.mean(law, lambda s: s[0] >= officers[0] and s[1] >= officers[1])
    assert both == pytest.approx(alone[0].all_busy * alone[1].all_busy, rel=1e-4)


def test_absorbing_is_the_sum_over_all_numbers_of_steps() -> None:
    onward = np.array([[0, 0.4, 0.1], [0, 0, 0.5], [0.2, 0, 0]])
    ends = np.array([[0.5, 0], [0.3, 0.2], [0.1, 0.7]])
    found = theory.absorbing((1, 0, 0), onward, ends, (5, 4, 3))
    here, visits = np.array([1.0, 0, 0]), np.zeros(3)
    for _ in range(200):
        visits += here
        here = here @ onward
    assert found.visits == pytest.approx(visits)
    assert found.outcomes == pytest.approx(visits @ ends) and found.outcomes.sum() == pytest.approx(
        1
    )
    assert found.days == pytest.approx(visits @ [5, 4, 3])


def test_endless_staff_with_a_steady_rate_is_little() -> None:
    def stays(t: Array) -> Array:
        return np.asarray(np.exp(-t / 3))

    assert theory.endless(lambda u: np.full_like(u, 2.0), stays, 200) == pytest.approx(6)
    early = theory.endless(lambda u: 0.5 * u, stays, 4)
    assert early == pytest.approx(0.5 * (3 * 4 - 9 * (1 - math.exp(-4 / 3))))


@pytest.mark.parametrize(
    "call",
    [
        lambda: theory.erlang_b(0, 1),
        lambda: theory.erlang_b(1, -1),
        lambda: theory.erlang_c(1, 1, 1),
        lambda: theory.erlang_c(-1, 1, 1),
        lambda: theory.erlang_a(1, 1, 1, 0),
        lambda: theory.until_answer(1, 1, 1, np.ones_like, 0),
        lambda: theory.pollaczek_khinchine(2, 0.5, 0.3),
        lambda: theory.cobham((1, 1), (0.5, 0.5), (1, 1)),
        lambda: theory.traffic((1, 0), [[0.5, 0.6], [0, 0]]),
        lambda: theory.absorbing((1,), [[0.5]], [[0.4]], (1,)),
        lambda: theory.birth_death(2, lambda n: 1.0),
    ],
)
def test_outside_its_range_a_formula_refuses(call: Any) -> None:
    with pytest.raises(ValueError):
        call()


@pytest.mark.parametrize(
    ("rate", "work", "officers", "warm_up"),
    [(3.2, 1.0, 4, 120), (0.84, 0.8, 1, 160), (2.8, 0.25, 1, 120)],
)
def test_after_the_warm_up_of_a_setting_nothing_is_left_of_its_empty_start(
    rate: float, work: float, officers: int, warm_up: int
) -> None:
    """The slowest queues of the settings in `theory_posts.py` and `theory_rungs.py`."""
    chain = queue(rate, work, officers, 150)
    empty = np.zeros(len(chain.states))
    empty[0] = 1.0
    law, _ = chain.passed(empty, warm_up)
    assert law.sum() == pytest.approx(1)
    found = chain.mean(law, lambda n: max(0, n - officers))
    assert found == pytest.approx(theory.erlang_c(rate, work, officers).waiting, rel=1e-3)
