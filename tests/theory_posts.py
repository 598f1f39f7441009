"""Settings of one post whose laws are known; see `docs/theory.md`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from caseload import chance, constant, exponential, ladder, number, post
from chains import Chain
from scipy.stats import gamma, poisson
from theory_parts import (
    EXHAUSTED,
    GIVEN_UP,
    answers,
    at_post,
    days,
    few,
    moments,
    outcome,
    some,
    stages,
    waiting,
    within,
)
from theory_runs import Comparison, Setting

from simulations import theory
from simulations.theory import Steady
from simulations.workload import (
    Conduct,
    Disputes,
    Distribution,
    Response,
    Severity,
)

# --- one post, nobody leaves ------------------------------------------------------------------


def erlang_c_one() -> Setting:
    rate, work = 2.8, 0.25
    load = few(520, rate, stages(1), responses=(answers(exponential(work)),))
    apart = 1 / work - rate  # the time to the end is exponential with this rate
    return Setting(
        "Erlang C, one officer", ladder(1, "no limit"), load, 120,
        (
            *at_post(theory.erlang_c(rate, work, 1), 1),
            days(1 / apart),
            within(1 - (1 - np.exp(-apart)) / apart, 0),
            within(1 - np.exp(-2 * apart) * (1 - np.exp(-apart)) / apart, 2),
        ),
        close=60,
    )  # fmt: skip


def erlang_c_four() -> Setting:
    rate, work, officers = 3.2, 1.0, 4
    load = few(470, rate, stages(officers), responses=(answers(exponential(work)),))
    exact = theory.erlang_c(rate, work, officers)
    none_waits = Comparison(
        "all officers busy, where nobody waits (Erlang B)", theory.erlang_b(officers, rate * work),
        lambda s: s.share(lambda n: n == officers, lambda n: n <= officers),
    )  # fmt: skip
    return Setting(
        "Erlang C, four officers", ladder(1, "no limit"), load, 120,
        (*at_post(exact, officers), none_waits, days(work + exact.waiting / rate)), close=60,
    )  # fmt: skip


def part_time() -> Setting:
    """Two officers with 15 of 37.5 hours a week: an hour and a half of work takes half a day."""
    rate, hours = 2.8, 1.5
    work = hours * 37.5 / 15 / 7.5
    posts = (post("stage 1", ("Manager 1",), 2, hours=number(15, "hours a week")),)
    load = few(420, rate, posts, responses=(answers(exponential(hours, "hours")),))
    return Setting(
        "Erlang C, two officers with 15 hours a week", ladder(1, "no limit"), load, 80,
        at_post(theory.erlang_c(rate, work, 2), 2),
    )  # fmt: skip


def khinchine(name: str, work: Distribution, rate: float) -> Setting:
    load = few(640, rate, stages(1), responses=(answers(work),))
    exact = theory.pollaczek_khinchine(rate, *moments(work))
    return Setting(
        f"Pollaczek–Khinchine, {name}", ladder(1, "no limit"), load, 120, at_post(exact, 1)
    )


def cobham() -> Setting:
    rates, works = (0.9, 1.8), (exponential(0.3), some("gamma", a=2.0, scale=0.125))
    severities = (Severity(name="usual", urgency=0), Severity(name="urgent", urgency=1))
    names = ("urgent", "usual")
    disputes = tuple(
        Disputes(severity=name, theme="any", rate=number(rate, "per child-year"))
        for name, rate in zip(names, rates, strict=True)
    )
    posts = (post("stage 1", ("Manager 1",), 1, discipline="most urgent"),)
    load = few(
        520, 1, posts, severities=severities, disputes=disputes,
        responses=tuple(Response(severity=n, work=w) for n, w in zip(names, works, strict=True)),
    )  # fmt: skip
    means, squares = zip(*(moments(w) for w in works), strict=True)
    waits = theory.cobham(rates, means, squares)
    return Setting(
        "Cobham, the urgent first", ladder(1, "no limit"), load, 120,
        (
            waiting(sum(r * w for r, w in zip(rates, waits, strict=True))),
            *(days(w + m, n) for n, w, m in zip(names, waits, means, strict=True)),
        ),
        close=80,
    )  # fmt: skip


# --- one post, and time that runs out ---------------------------------------------------------


def impatient(
    name: str, rate: float, officers: int, waits: Distribution, exact: Steady, work: Any = 1.0
) -> Setting:
    """Where no time is stated, the raiser waits so long and then gives up, in hand or not."""
    conduct = Conduct(waits=waits, gives_up=chance(1))
    given = work if isinstance(work, Distribution) else exponential(work)
    load = few(360, rate, stages(officers), conducts=(conduct,), responses=(answers(given),))
    return Setting(
        name, ladder(1, "no limit"), load, 60,
        (*at_post(exact, officers), outcome(exact.unanswered, GIVEN_UP)), close=40,
    )  # fmt: skip


def erlang_a() -> Setting:
    """Who leaves even from the desk, leaves at the rate of those who wait: Erlang A with
    1 / work + 1 / patience for the work, and of those at work so many are answered."""
    rate, officers, patience = 4.0, 3, 2.0
    exact = theory.erlang_a(rate, 1 / (1 + 1 / patience), officers, patience)
    exact = exact._replace(unanswered=1 - exact.busy / rate)
    return impatient("Erlang A, three officers", rate, officers, exponential(patience), exact)


def window_one() -> Setting:
    exact = theory.until_answer(0.95, 1.0, 1, np.ones_like, 2.5)
    return impatient("a fixed window, one officer", 0.95, 1, constant(2.5), exact)


def window_three() -> Setting:
    exact = theory.until_answer(4.0, 1.0, 3, np.ones_like, 1.25)
    return impatient("a fixed window, three officers", 4.0, 3, constant(1.25), exact)


def window_drawn() -> Setting:
    law = gamma(3, scale=0.6)
    exact = theory.until_answer(2.4, 1.0, 2, law.sf, 20)
    drawn = some("gamma", a=3.0, scale=0.6)
    return impatient("a window of any law, two officers", 2.4, 2, drawn, exact)


def window_of_the_work() -> Setting:
    """Work that takes all the window: who does not find an officer free is never answered, all
    leave at the end of it, and so the number there is Poisson."""
    rate, officers = 2.5, 3
    law = poisson(rate)
    full = float(law.sf(officers - 1))
    over = float(rate * law.sf(officers - 2) - officers * law.sf(officers - 1))
    exact = Steady(over, rate - over, full, full)
    name, day = "a window of the length of the work", constant(1)
    return impatient(name, rate, officers, day, exact, work=day)


def by_day(rate: float, work: float, officers: int, window: int, most: int) -> Steady:
    """M/M/c where a window of whole days ends with the last day: the chain of days.

    A state has the numbers there by the day on which they came, the oldest first.
    """

    def moves(state: tuple[int, ...]) -> Iterator[tuple[float, tuple[int, ...]]]:
        if sum(state) < most:
            yield rate, (*state[:-1], state[-1] + 1)
        free = officers
        for i, here in enumerate(state):
            hands = min(free, here)
            free -= hands
            if hands:
                yield hands / work, (*state[:i], here - 1, *state[i + 1 :])

    chain = Chain((0,) * (window + 1), moves, lambda s: (*s[1:], 0))
    _, law, evening = chain.daily()
    missed = chain.mean(evening, lambda s: s[0])
    return Steady(
        chain.mean(law, lambda s: max(0, sum(s) - officers)),
        chain.mean(law, lambda s: min(officers, sum(s))),
        chain.mean(law, lambda s: sum(s) >= officers),
        missed / rate,
    )


def window_of_days(window: int, rate: float, officers: int, most: int) -> Setting:
    work = 0.5
    exact = by_day(rate, work, officers, window, most)
    load = few(300, rate, stages(officers), responses=(answers(exponential(work)),))
    stated = f"{window} working day{'' if window == 1 else 's'}"
    return Setting(
        f"a window of {stated}, as text has it", ladder(1, stated), load, 20,
        (*at_post(exact, officers), outcome(exact.unanswered, EXHAUSTED)),
        close=5, every=0.37,
    )  # fmt: skip
