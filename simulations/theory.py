"""What queueing theory says exactly, for settings simple enough to have a formula.

A researcher holds a run against these, or reads off what staffing would do where a formula applies.
Rates are per working day, times in working days, and the mean work is that of one matter as time
elapsed (work of 1.5 hours by somebody who has 15 hours a week for it is 0.5 days). Disputes come
as a Poisson process throughout. `docs/theory.md` holds the simulation to every function here.

Each raises ValueError outside its range: a rate or a mean that is not positive, fewer than one
officer, and, where nobody ever leaves the queue, as much work as the officers can do or more.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from itertools import accumulate, pairwise
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


class Steady(NamedTuple):
    """Means over a long time at one post."""

    waiting: float  # matters in the queue, those being worked on left out
    busy: float  # officers at work
    all_busy: float  # share of the time in which no officer is free
    unanswered: float = 0.0  # share of the matters that leave without an answer


def erlang_b(officers: int, load: float) -> float:
    """The share of time in which all officers are busy where whatever finds them so is turned away.

    `load` is the rate times the mean work, any value from 0 up; the law of the work does not
    matter. Erlang (1917), by the recursion over the number of officers (Jagerman 1974). It is also
    the chance that all are busy, given that nobody waits, in M/M/c without a limit.
    """
    _positive(officers=officers)
    if not load >= 0:
        raise ValueError(f"a load is 0 or more, and not {load}")
    blocked = 1.0
    for number in range(1, officers + 1):
        blocked = load * blocked / (number + load * blocked)
    return blocked


def erlang_c(rate: float, work: float, officers: int) -> Steady:
    """M/M/c, first come first served, nobody leaves: Erlang (1917).

    All are busy for the share C = B / (1 - r (1 - B)) of the time, with r the load of one officer,
    and C r / (1 - r) wait. Exponential work; r below 1.
    """
    _positive(rate=rate, work=work, officers=officers)
    load = rate * work
    each = _below_one(load / officers)
    blocked = erlang_b(officers, load)
    waits = blocked / (1 - each * (1 - blocked))
    return Steady(waits * each / (1 - each), load, waits)


def erlang_a(rate: float, work: float, officers: int, patience: float) -> Steady:
    """M/M/c+M: who waits leaves after an exponential time, unless work on it has begun.

    Palm (1957), as the birth-death chain of Mandelbaum and Zeltyn (2007). Any load. For patience
    that ends with the answer and not with the beginning of work, see `until_answer`.
    """
    _positive(rate=rate, work=work, officers=officers, patience=patience)
    shares = birth_death(rate, lambda n: min(n, officers) / work + max(0, n - officers) / patience)
    number = np.arange(len(shares))
    waiting = float(shares @ np.maximum(0, number - officers))
    busy = float(shares @ np.minimum(officers, number))
    return Steady(waiting, busy, float(shares[officers:].sum()), waiting / patience / rate)


def birth_death(rate: float, leaving: Callable[[int], float], rest: float = 1e-14) -> Array:
    """The share of time with n = 0, 1, … matters there, of which one leaves at `leaving(n)`.

    Cut off where it has fallen below `rest` of the largest; `leaving` must outgrow `rate`.
    """
    weights, most = [1.0], 1.0
    while weights[-1] > rest * most or leaving(len(weights)) <= rate:
        if len(weights) > 1_000_000:
            raise ValueError("more comes than leaves, however many are there")
        weights.append(weights[-1] * rate / leaving(len(weights)))
        most = max(most, weights[-1])
    found = np.array(weights)
    return np.asarray(found / found.sum(), dtype=np.float64)


def until_answer(
    rate: float, work: float, officers: int, stays: Callable[[Array], Array], end: float
) -> Steady:
    """M/M/c first come first served, where a matter leaves when its time is up, even in hand.

    `stays(t)` is the chance that a matter may stay longer than t, and nothing may longer than
    `end`; a fixed window w is `end=w` and a chance of 1 up to it. Any load. Smooth up to `end`.

    With m = 1 / work, and a_1 > … > a_n the times since the n matters there came, the density

        p(a_1, …, a_n) = K rate^n exp(-m (a_1 + … + a_min(n, c))) stays(a_1) … stays(a_n)

    solves the balance equations (`docs/theory.md` does the sum). Barrer (1957) asked about a
    limited time in the system; with one officer and a fixed window the law is that of a finite dam
    (Gnedenko and Kovalenko 1968), and Boxma, Perry and Stadje (2011) treat one officer and any
    window. Where patience ends as work begins, the like is due to Baccelli and Hebuterne (1981) and
    to Brandt and Brandt (1999).
    """
    _positive(rate=rate, work=work, officers=officers, end=end)
    at, h = np.linspace(0.0, end, 40_001, retstep=True)
    stay = np.asarray(stays(at), dtype=np.float64)
    unserved = stay * np.exp(-at / work)  # still there, and not served if worked on at once
    beyond = np.maximum(0.0, _sums(unserved[::-1], float(h))[::-1])
    younger = rate * _sums(stay, float(h))  # how many of those who came after are still there
    oldest = math.lgamma(officers)  # (c - 1)!
    with np.errstate(divide="ignore"):
        logs = officers * math.log(rate) - oldest + younger + np.log(unserved)
        logs += (officers - 1) * np.log(beyond) if officers > 1 else 0.0
        full = np.exp(logs)
    load = rate * float(beyond[0])
    some = np.array(list(accumulate(range(1, officers), lambda w, n: w * load / n, initial=1.0)))
    queue = float(_sums(full, float(h))[-1])
    whole = some.sum() + queue
    busy = float((some @ np.arange(officers) + officers * queue) / whole)
    waiting = float(_sums(full * younger, float(h))[-1] / whole)
    return Steady(waiting, busy, queue / whole, 1 - busy / work / rate)


def pollaczek_khinchine(rate: float, work: float, square: float) -> Steady:
    """M/G/1, nobody leaves: rate^2 E[S^2] / 2 (1 - r) wait. Pollaczek (1930), Khinchine (1932).

    `work` and `square` are the first two moments of the work, r = rate * work is below 1.
    """
    _positive(rate=rate, work=work, square=square)
    load = _below_one(rate * work)
    return Steady(rate * rate * square / 2 / (1 - load), load, load)


def cobham(rates: Sequence[float], works: Sequence[float], squares: Sequence[float]) -> list[float]:
    """M/G/1 with classes, the first the most urgent; work in hand is finished: the mean waits.

    Cobham (1954): R / (1 - s_(k-1)) (1 - s_k), with R half the sum of rate * E[S^2] and s_k the
    load of the first k classes. The load of all is below 1.
    """
    for rate, work, square in zip(rates, works, squares, strict=True):
        _positive(rate=rate, work=work, square=square)
    loads = [0.0, *accumulate(r * w for r, w in zip(rates, works, strict=True))]
    _below_one(loads[-1])
    residual = sum(r * s for r, s in zip(rates, squares, strict=True)) / 2
    return [residual / (1 - a) / (1 - b) for a, b in pairwise(loads)]


def traffic(coming: Sequence[float], onward: Any) -> Array:
    """The rate at each stage of an open network, where what flows in flows out: Jackson (1957).

    `coming` are the rates from outside, `onward[i][j]` the chance to go from stage i to stage j.
    By Jackson's theorem the stages are then independent, each as `erlang_c` has it at its rate.
    Also the mean number of visits of a dispute to each stage, `coming` being where it starts.
    """
    moves = np.asarray(onward, dtype=np.float64)
    if np.any(moves < 0) or np.any(moves.sum(axis=1) > 1 + 1e-12):
        raise ValueError("chances are 0 or more, and at most 1 together")
    found = np.linalg.solve(np.eye(len(moves)) - moves.T, np.asarray(coming, dtype=np.float64))
    return np.asarray(found, dtype=np.float64)


class Absorbed(NamedTuple):
    """Where disputes go if none ever waits for an officer."""

    visits: Array  # mean visits to each stage
    outcomes: Array  # share of each outcome
    days: float  # mean time to the end


def absorbing(coming: Sequence[float], onward: Any, ends: Any, stay: Sequence[float]) -> Absorbed:
    """The absorbing semi-Markov chain: visits are coming (I - Q)^-1 (Kemeny and Snell 1960).

    `onward[i][j]` are the chances to go from stage i to stage j, `ends[i][k]` those to end there
    with outcome k, and `stay[i]` the mean stay in working days of a visit, however it ends.
    """
    out = np.asarray(ends, dtype=np.float64)
    whole = np.asarray(onward, dtype=np.float64).sum(axis=1) + out.sum(axis=1)
    if not np.allclose(whole, 1, atol=1e-9):
        raise ValueError("from each stage a dispute goes on or ends, with chances that make 1")
    visits = traffic(coming, onward)
    return Absorbed(visits, visits @ out, float(visits @ np.asarray(stay, dtype=np.float64)))


def endless(rates: Callable[[Array], Array], stays: Callable[[Array], Array], day: float) -> float:
    """The mean number there on a day if nobody waits and nobody was there on day 0: M_t/G/∞.

    The integral of rates(u) stays(day - u), with `stays(t)` the chance of a stay longer than t.
    The number is Poisson (Eick, Massey and Whitt 1993). Exact where both are smooth; a jump costs
    up to day / 20,000.
    """
    at, h = np.linspace(0.0, day, 20_001, retstep=True)
    return float(_sums(np.asarray(rates(at) * stays(day - at)), float(h))[-1])


def _sums(values: Array, h: float) -> Array:
    """Integrals up to each point of an even grid, by trapezia with the ends set right."""
    slopes = np.gradient(values, h, edge_order=2)
    steps = (values[1:] + values[:-1]) * (h / 2) - (slopes[1:] - slopes[:-1]) * (h * h / 12)
    return np.concatenate([[0.0], np.cumsum(steps)])


def _positive(**values: float) -> None:
    for name, value in values.items():
        if not value > 0 or (name == "officers" and value != int(value)):
            raise ValueError(f"{name} is above 0, and not {value}")


def _below_one(load: float) -> float:
    if not load < 1:
        raise ValueError(f"a load of {load:g} for each officer: the queue would grow for ever")
    return load
