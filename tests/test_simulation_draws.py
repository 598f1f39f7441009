"""Draws are functions of what they are about, and distributions are what they are called."""

from __future__ import annotations

import math
import os
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from simulations.draws import (
    M64,
    TICKS_A_DAY,
    Purpose,
    mix,
    name_of,
    named_key,
    numbered_key,
    place_key,
    quantiles,
    run_key,
    uniform,
)
from simulations.workload import Distribution, assume, constant

ROOT = Path(__file__).parent.parent

# Purposes have their numbers for ever: a number here never changes, and none is used twice.
NUMBERS = {
    "GAP": 0, "CHILD": 1, "FACT": 2, "RAISER": 3, "FIRST_RUNG": 4, "PREPARING": 5, "OFFICER": 8,
    "DELAY": 9, "WORK": 10, "LATE": 11, "LATE_BY": 12, "SILENT": 13, "SATISFIED": 14,
    "EXTENSION": 15, "DIVIDED": 16, "RAISER_DELAY": 20, "RAISER_WORK": 21, "PATIENCE": 22,
    "GIVES_UP": 23, "REFERS": 24, "SKIPS": 25, "ADVISED": 26, "HANDS_OVER": 27, "ASKS": 28,
    "WAITS": 29, "REFERS_AT_THE_END": 30, "BRINGS_BACK": 31, "APPROVER_DELAY": 32,
    "APPROVER_WORK": 33, "REFUSES": 34, "APPROVER_SILENT": 35, "KEPT": 40, "CARRYING_OUT": 41,
    "RECEIPT": 42, "HANDED_OVER": 43, "OUTSIDE": 44, "BACKLOG": 45, "LEAVE": 50, "VACANCY": 51,
    "REPLAY": 60,
}  # fmt: skip


def scaled(name: str, **numbers: float) -> Distribution:
    return Distribution(name, tuple((k, assume(v, "number")) for k, v in numbers.items()))


def test_purposes_keep_their_numbers() -> None:
    assert {p.name: p.value for p in Purpose} == NUMBERS


def test_the_hash_is_that_of_splitmix64() -> None:
    """The first outputs of SplitMix64 from state 0, as published with its reference code."""
    state, found = 0, []
    for _ in range(3):
        state = (state + 0x9E3779B97F4A7C15) & M64
        found.append(mix(state))
    assert found == [0xE220A8397B1DCDAF, 0x6E789E6AA1B965F4, 0x06C45D188009454F]


def test_keys_and_draws_stay_what_they_are() -> None:
    """Recorded: another engine, or a later version, must give these very numbers."""
    authority = named_key(run_key(1, 0), "Testshire")
    dispute = numbered_key(named_key(authority, "dispute/usual/plan/any other"), 7)
    place = place_key(dispute, name_of("stage 1"), 0)
    assert [authority, dispute, place] == KEYS
    assert [uniform(place, p).hex() for p in (Purpose.DELAY, Purpose.WORK)] == DRAWS


KEYS = [456870018571656701, 9851313267193248642, 16495179797285376317]
DRAWS = ["0x1.4e239915e9b48p-1", "0x1.31b52606d836ap-1"]


@given(st.integers(0, M64), st.sampled_from(list(Purpose)))
def test_draws_are_at_least_0_and_below_1(key: int, purpose: Purpose) -> None:
    drawn = uniform(key, purpose)
    assert 0 <= drawn < 1 and drawn * 2**53 == int(drawn * 2**53)


def test_draws_are_even_and_those_of_two_purposes_have_nothing_to_do_with_each_other() -> None:
    count = 20_000
    keys = [numbered_key(17, i) for i in range(count)]
    first = [uniform(k, Purpose.DELAY) for k in keys]
    second = [uniform(k, Purpose.WORK) for k in keys]
    assert stats.kstest(first, "uniform").pvalue > 1e-4
    assert abs(stats.pearsonr(first, second).statistic) < 4 / math.sqrt(count)
    assert abs(stats.pearsonr(first[1:], first[:-1]).statistic) < 4 / math.sqrt(count)


@pytest.mark.parametrize(
    "distribution",
    [
        scaled("expon", scale=3),
        scaled("gamma", a=2.5, scale=2),
        scaled("lognorm", s=0.8, scale=4),
        scaled("weibull_min", c=1.5, scale=5),
        scaled("uniform", loc=1, scale=4),
        scaled("norm", loc=10, scale=1),
        scaled("triang", c=0.3, scale=6),
    ],
    ids=lambda d: d.name,
)
def test_a_table_is_close_to_its_distribution(distribution: Distribution) -> None:
    table = quantiles(distribution)
    exact = getattr(stats, distribution.name)(**distribution.numbers)
    assert table.mean() == pytest.approx(exact.mean() * TICKS_A_DAY, rel=2e-4)
    for u in (0.001, 0.1, 0.5, 0.77, 0.95, 0.999, 0.99999):
        assert table.ticks(u) == pytest.approx(exact.ppf(u) * TICKS_A_DAY, rel=5e-3)
    points = [i / 999_983 for i in range(0, 999_983, 331)]
    drawn = [table.ticks(u) for u in points]
    assert drawn == sorted(drawn)


def test_a_constant_and_a_table_are_drawn_exactly() -> None:
    assert quantiles(constant(2)).ticks(0.3) == 2 * TICKS_A_DAY
    assert quantiles(constant(1.5, "hours")).ticks(0.9) == 5400
    table = Distribution("table", table=((1, 2), (3, 1), (9, 1), (12, 0)))
    drawn = [quantiles(table).ticks(u) / TICKS_A_DAY for u in (0, 0.49, 0.5, 0.74, 0.75, 0.9999)]
    assert drawn == [1, 1, 3, 3, 9, 9]
    assert quantiles(table).mean() == pytest.approx(3.5 * TICKS_A_DAY)


def test_times_below_0_count_as_0() -> None:
    assert quantiles(scaled("norm", loc=0, scale=1)).ticks(0.1) == 0


@pytest.mark.parametrize(
    ("distribution", "wrong"),
    [
        (scaled("gauss", scale=1), "no continuous distribution “gauss”"),
        (scaled("poisson", mu=1), "no continuous distribution “poisson”"),
        (scaled("expon", wide=1), "expon: .*wide"),
        (scaled("gamma", scale=1), "gamma: "),
        (scaled("gamma", a=-1), "no quantiles"),
        (Distribution("expon", unit="weeks"), "not in “weeks”"),
        (Distribution("table", table=((1, 0),)), "some weight"),
    ],
)
def test_what_is_no_distribution_is_told(distribution: Distribution, wrong: str) -> None:
    with pytest.raises(ValueError, match=wrong):
        quantiles(distribution)


def test_a_run_is_the_same_in_every_process_whatever_the_hash_seed() -> None:
    program = (
        "import sys; sys.path[:0] = ['tests', '.']\n"
        "from caseload import ladder, staffed, workload\n"
        "from simulations.run import run_replication\n"
        "load = workload(days=300, rate=1, **staffed(3, 2))\n"
        "r = run_replication(ladder(), load, load.authorities[0], seed=5, number=2, replayed=1)\n"
        "print(r)\n"
    )
    said = [
        subprocess.run(
            [sys.executable, "-c", program], cwd=ROOT, check=True, capture_output=True, text=True,
            env={**os.environ, "PYTHONHASHSEED": seed},
        ).stdout
        for seed in ("0", "1", "4242")
    ]  # fmt: skip
    assert said[0] == said[1] == said[2] and "digest=" in said[0]
