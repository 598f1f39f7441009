"""Settings of several rungs, and of none that queue, whose laws are known; see `docs/theory.md`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from caseload import chance, exponential, ladder, number, post
from chains import Chain
from scipy.stats import gamma
from theory_parts import (
    EXHAUSTED,
    GIVEN_UP,
    NEVER,
    RESOLVED,
    SKIP,
    all_busy,
    answers,
    at_post,
    busy,
    days,
    few,
    outcome,
    some,
    stages,
    there,
    waiting,
    within,
)
from theory_runs import Comparison, Seen, Setting

from simulations import theory
from simulations.theory import Array
from simulations.workload import (
    ANY,
    DAYS_A_YEAR,
    Children,
    Conduct,
    Distribution,
    Response,
)

# --- several rungs ----------------------------------------------------------------------------


def tandem() -> Setting:
    rate, officers, works, sure = 2.0, (2, 1, 1), (0.7, 0.5, 0.8), (0.3, 0.4, 0.5)
    onward = [[0, 1 - sure[0], 0], [0, 0, 1 - sure[1]], [0, 0, 0]]
    rates = theory.traffic((rate, 0, 0), onward)
    exact = [theory.erlang_c(r, w, c) for r, w, c in zip(rates, works, officers, strict=True)]
    load = few(
        520, rate, stages(*officers),
        responses=tuple(
            answers(exponential(w), i, satisfied=chance(p))
            for i, (w, p) in enumerate(zip(works, sure, strict=True), 1)
        ),
    )  # fmt: skip
    unsettled = float(np.prod([1 - p for p in sure]))
    here = sum(s.waiting + s.busy for s in exact)
    idle = [1 - s.busy for s in exact[1:]]
    return Setting(
        "Jackson, three rungs in a row", ladder(3, "no limit"), load, 160,
        (
            *(waiting(s.waiting, f"stage {i}") for i, s in enumerate(exact, 1)),
            *(busy(s.busy, f"stage {i}") for i, s in enumerate(exact, 1)),
            all_busy(float(np.prod([s.all_busy for s in exact])), *officers),
            Comparison(
                "stages 2 and 3 idle at once", idle[0] * idle[1],
                lambda s: s.share(lambda a, b, c: b == c == 0),
            ),
            outcome(unsettled, EXHAUSTED),
            there(here),
            days(here / rate),
        ),
        close=130,
    )  # fmt: skip


def shared() -> Setting:
    """One post answers at both rungs: Jackson's network of one station, to which some come back."""
    rate, work, officers, sure = 1.0, 0.9, 2, 0.4
    exact = theory.erlang_c(rate * (2 - sure), work, officers)
    posts = (post("stage 1", ("Manager 1", "Manager 2"), officers),)
    load = few(
        720, rate, posts, responses=(answers(exponential(work), satisfied=chance(sure)),)
    )  # fmt: skip
    here = exact.waiting + exact.busy
    return Setting(
        "Jackson, one post at two rungs", ladder(2, "no limit"), load, 120,
        (*at_post(exact, officers), there(here), days(here / rate)), close=100,
    )  # fmt: skip


def raisers() -> Setting:
    """The raisers prepare and decide, all in turn: from their desks to each rung and back.

    The ways depend on what has been done, and the work at one post is of one law: Kelly's network.
    """
    rate, officers, works, sure = 1.0, (2, 1, 1), (0.5, 0.6, 1.1), 0.5
    rates = (rate * (3 - sure), rate, rate * (1 - sure))
    iros, *exact = (
        theory.erlang_c(r, w, c) for r, w, c in zip(rates, works, officers, strict=True)
    )
    desk = works[0] + iros.waiting / rates[0]
    first, second = (w + s.waiting / r for w, s, r in zip(works[1:], exact, rates[1:], strict=True))
    conduct = Conduct(waits=NEVER, preparing=exponential(works[0]), work=exponential(works[0]))
    load = few(
        720, rate, stages(*officers[1:]), iros=post("IROs", ("IRO",), officers[0]),
        conducts=(conduct,),
        responses=tuple(
            answers(exponential(w), i, satisfied=chance(sure)) for i, w in enumerate(works[1:], 1)
        ),
    )  # fmt: skip
    time = first + desk + (1 - sure) * (second + desk)
    return Setting(
        "Kelly, raisers and two rungs", ladder(2, "no limit"), load, 120,
        (
            waiting(iros.waiting, "IROs"),
            busy(iros.busy, "IROs"),
            waiting(exact[0].waiting, "stage 1"),
            waiting(exact[1].waiting, "stage 2"),
            all_busy(exact[0].all_busy * exact[1].all_busy, *officers[1:]),
            there(rate * time),
            days(time),
        ),
        close=110,
    )  # fmt: skip


def impatient_rungs() -> Setting:
    """Held out: who waits too long at the first rung skips to the second. No product form."""
    rate, works, officers, patience, sure = 1.8, (1.0, 0.5), (2, 1), 2.0, 0.5

    def moves(state: tuple[int, int]) -> Iterator[tuple[float, tuple[int, int]]]:
        n, m = state
        served = min(n, officers[0]) / works[0]
        if n < 30:
            yield rate, (n + 1, m)
        if n:
            yield served * sure, (n - 1, m)
            yield served * (1 - sure) + n / patience, (n - 1, min(m + 1, 110))
        if m:
            yield min(m, officers[1]) / works[1], (n, m - 1)

    chain = Chain((0, 0), moves)
    law = chain.steady()
    first, second = (chain.mean(law, lambda s, i=i: min(s[i], officers[i])) for i in (0, 1))  # type: ignore[misc]
    load = few(
        470, rate, stages(*officers), conducts=(Conduct(waits=exponential(patience)),),
        responses=tuple(
            answers(exponential(w), i, satisfied=chance(sure)) for i, w in enumerate(works, 1)
        ),
    )  # fmt: skip
    return Setting(
        "two rungs, impatience at the first", ladder(2, "no limit", more=SKIP), load, 120,
        (
            waiting(chain.mean(law, lambda s: max(0, s[0] - officers[0])), "stage 1"),
            waiting(chain.mean(law, lambda s: max(0, s[1] - officers[1])), "stage 2"),
            busy(first, "stage 1"),
            busy(second, "stage 2"),
            all_busy(chain.mean(law, lambda s: s[0] >= 2 and s[1] >= 1), *officers),
            outcome(1 - sure * (first / works[0] + second / works[1]) / rate, EXHAUSTED),
        ),
        close=90,
    )  # fmt: skip


def window_rungs() -> Setting:
    """Held out: windows of 0 and 1 day, few officers. A state: (at the first, at the second since
    the day before, at the second since today)."""
    rate, works, officers, sure = 3.0, (0.5, 0.6), (1, 1), (0.6, 0.5)

    def moves(state: tuple[int, int, int]) -> Iterator[tuple[float, tuple[int, int, int]]]:
        first, old, new = state
        served = min(first, officers[0]) / works[0]
        if first < 16:
            yield rate, (first + 1, old, new)
        if first:
            yield served * sure[0], (first - 1, old, new)
            yield served * (1 - sure[0]), (first - 1, old, new + 1)
        hands = min(old, officers[1])
        if hands:
            yield hands / works[1], (first, old - 1, new)
        others = min(new, officers[1] - hands)
        if others:
            yield others / works[1], (first, old, new - 1)

    chain = Chain((0, 0, 0), _held(moves, 20), lambda s: (0, min(20, s[0] + s[2]), 0))
    _, law, evening = chain.daily()
    at_first = chain.mean(law, lambda s: min(s[0], officers[0]))
    at_second = chain.mean(law, lambda s: min(s[1] + s[2], officers[1]))
    load = few(
        420, rate, stages(*officers),
        responses=tuple(
            answers(exponential(w), i, satisfied=chance(p))
            for i, (w, p) in enumerate(zip(works, sure, strict=True), 1)
        ),
    )  # fmt: skip
    resolved = (sure[0] * at_first / works[0] + sure[1] * at_second / works[1]) / rate
    late = (chain.mean(evening, lambda s: s[0]), chain.mean(evening, lambda s: s[1]))
    return Setting(
        "two rungs, windows of 0 and 1 day", _windows("0 working days", "1 working day"), load, 20,
        (
            waiting(chain.mean(law, lambda s: max(0, s[0] - officers[0])), "stage 1"),
            waiting(chain.mean(law, lambda s: max(0, s[1] + s[2] - officers[1])), "stage 2"),
            busy(at_first, "stage 1"),
            busy(at_second, "stage 2"),
            all_busy(chain.mean(law, lambda s: s[0] >= 1 and s[1] + s[2] >= 1), *officers),
            outcome(resolved, RESOLVED),
            *(_overdue(n / rate, i) for i, n in enumerate(late, 1)),
            there(chain.mean(law, sum)),
        ),
        close=5, every=0.37, traces=True,
    )  # fmt: skip


def _held(moves: Any, most: int) -> Any:
    """The same moves within a box: beyond it there is next to nothing."""
    return lambda state: [(rate, to) for rate, to in moves(state) if max(to) <= most]


def _windows(*windows: str) -> Any:
    """A ladder with a window of its own at each rung."""
    return ladder(len(windows), list(windows))


def _overdue(exact: float, stage: int) -> Comparison:
    def of(moves: list[Any]) -> int:
        return sum(m.kind == "silence" and m.source.startswith(f"stage {stage}: ") for m in moves)

    return Comparison(f"overdue at stage {stage}, for each dispute", exact,
                      lambda s: s.of_traces(of))  # fmt: skip


# --- nobody queues ----------------------------------------------------------------------------


def whole_days() -> Setting:
    """Answers after whole days, from 0 to 7 or never; windows of 3 days, twice with more time."""
    sure, silent, more, each = (0.35, 0.45, 0.5, 0.6), 0.1, 0.4, 2
    gives_up, refers, skips, window = 0.08, 0.07, 0.25, 3
    weights = np.array([3, 2, 2, 2, 1, 1, 1, 1.0])
    takes = weights / weights.sum() * (1 - silent)
    stages_ = len(sure)
    stay = np.zeros(window + each + 1)  # the law of the days at a rung
    answered = np.zeros_like(stay)
    for limit, share in ((window, 1 - more), (window + each, more)):
        for day, part in enumerate(takes[: limit + 1]):
            answered[day] += share * part
        stay[limit] += share * (1 - takes[: limit + 1].sum())
    late = stay.sum()
    stay += answered
    onward, ends = np.zeros((stages_, stages_)), np.zeros((stages_, 4))
    for i, p in enumerate(sure):
        failed = 1 - answered.sum() * p
        goes = failed * (1 - gives_up) * (1 - refers)
        ends[i, :3] = 1 - failed, failed * gives_up, failed * (1 - gives_up) * refers
        if i + 2 < stages_:
            onward[i, i + 2] = goes * skips
        if i + 1 < stages_:
            onward[i, i + 1] = goes - onward[i].sum()
        else:
            ends[i, 3] = goes
    mean = float(stay @ np.arange(len(stay)))
    exact = theory.absorbing((1, 0, 0, 0), onward, ends, (mean,) * stages_)
    lines = [
        SKIP,
        f"extension: {{asked by: answerer, granted by: nobody, each: {each} working days, "
        'times: 1, at rung: any rung, source: "1"}',
        'refer: {to: CAFCASS, by: IRO, from: any state, effect: ends, source: "1"}',
    ]
    delay = Distribution(
        "table", (), "working days", tuple(enumerate(weights.tolist())), assumed="made up"
    )
    conduct = Conduct(
        waits=NEVER, gives_up=chance(gives_up), refers=chance(refers), skips=chance(skips)
    )
    responses = tuple(
        Response(rung=f"stage {i}", delay=delay, silent=chance(silent), extension=chance(more),
                 satisfied=chance(p))
        for i, p in enumerate(sure, 1)
    )  # fmt: skip
    load = few(270, 3.0, stages(1, 1, 1, 1), conducts=(conduct,), responses=responses)
    names = (RESOLVED, GIVEN_UP, "with CAFCASS", EXHAUSTED)
    shares = zip(exact.outcomes.tolist(), names, strict=True)
    return Setting(
        "no queues, answers in whole days",
        ladder(stages_, f"{window} working days", more="\n".join(lines)), load, 0,
        (
            *(outcome(share, name) for share, name in shares),
            *(_visits(v, i) for i, v in enumerate(exact.visits.tolist(), 1) if i > 1),
            _overdue(float(exact.visits[0] * late), 1),
            days(exact.days),
            within(_within(onward, stay, answered, sure, 8), 8),
        ),
        close=30, traces=True,
    )  # fmt: skip


def _visits(exact: float, stage: int) -> Comparison:
    target = f"stage {stage}: awaiting an answer"

    def of(moves: list[Any]) -> int:
        return sum(m.target == target and m.kind != "extend" for m in moves)

    return Comparison(f"visits to stage {stage}", exact, lambda s: s.of_traces(of))


def _within(onward: Any, stay: Any, answered: Any, sure: Any, most: int) -> float:
    """The chance that it is over after so many days, day by day and rung by rung.

    How long a visit lasts depends on whether it was answered, and so does where it leads to.
    """
    rungs, over = len(sure), 0.0
    comes = np.zeros((rungs, most + 1))
    comes[0, 0] = 1
    for i in range(rungs):
        failed = stay - answered * sure[i]
        share = onward[i] / failed.sum()
        for day, chance_ in enumerate(comes[i]):
            for length, part in enumerate(stay):
                if day + length > most:
                    continue
                over += chance_ * (part - failed[length] * share.sum())
                for j in range(i + 1, rungs):
                    comes[j, day + length] += chance_ * failed[length] * share[j]
    return float(over)


def drawn_answers() -> Setting:
    """Staff without end, exponential work, windows of 2, 1 and 3 days that end with a day.

    A dispute is a state (rung, days since it came there); it comes at any moment of its first day.
    """
    rate, works, windows, sure = 3.0, (1.5, 2.0, 1.0), (2, 1, 3), (0.4, 0.5, 0.6)

    def moves(state: tuple[int, int]) -> Iterator[tuple[float, tuple[int, int]]]:
        rung, _ = state
        if 0 <= rung < 3:
            yield sure[rung] / works[rung], (-1, 0)
            yield (1 - sure[rung]) / works[rung], (rung + 1, 0)

    def night(state: tuple[int, int]) -> tuple[int, int]:
        rung, day = state
        if not 0 <= rung < 3:
            return state
        return (rung, day + 1) if day < windows[rung] else night((rung + 1, 0))

    chain = Chain((0, 0), moves, night)
    start = np.zeros(len(chain.states))
    start[0] = 1
    nodes, weights = np.polynomial.legendre.leggauss(24)
    parts = [(chain.passed(start, (1 + x) / 2), w / 2) for x, w in zip(nodes, weights, strict=True)]
    law = sum(w * after for (after, _), w in parts)
    area = sum(w * spent for (_, spent), w in parts)
    same_day = chain.mean(law, lambda s: not 0 <= s[0] < 3)
    late = np.zeros(3)
    mornings = 0.0  # days on which it is still open in the evening, added up
    for _ in range(20):
        late += [chain.mean(law, lambda s, i=i: s == (i, windows[i])) for i in range(3)]  # type: ignore[misc]
        morning = chain.over(law)
        mornings += chain.mean(morning, lambda s: 0 <= s[0] < 3)
        law, spent = chain.passed(morning, 1.0)
        area = area + spent
    time = chain.mean(area, lambda s: 0 <= s[0] < 3)
    load = few(
        260, rate, stages(1, 1, 1),
        responses=tuple(
            answers(exponential(w), i, satisfied=chance(p))
            for i, (w, p) in enumerate(zip(works, sure, strict=True), 1)
        ),
    )  # fmt: skip
    return Setting(
        "no queues, exponential work and windows of days",
        _windows(*(f"{w} working day{'s' * (w > 1)}" for w in windows)), load, 20,
        (
            outcome(chain.mean(law, lambda s: s[0] == -1), RESOLVED),
            outcome(chain.mean(law, lambda s: s[0] == 3), EXHAUSTED),
            *(_overdue(float(n), i) for i, n in enumerate(late, 1)),
            there(rate * time),
            days(mornings),
            within(same_day, 0),
        ),
        close=10, endless=True, traces=True,
    )  # fmt: skip


def growing() -> Setting:
    """Staff without end, nobody there on day 0, and children who come and never leave."""
    rate, entries = 6.0, 500.0
    law = gamma(0.7, scale=10)
    children = (
        Children(
            kind=ANY, stock=number(DAYS_A_YEAR, "children"), entries=number(entries, "a year")
        ),
    )
    load = few(
        121, rate, stages(1), children=children,
        responses=(answers(some("gamma", a=0.7, scale=10.0)),),
    )  # fmt: skip

    def rates(at: Array) -> Array:
        return rate * (1 + np.floor(at / 5) * entries / (DAYS_A_YEAR / 5) / DAYS_A_YEAR)

    expected = {day: theory.endless(rates, law.sf, day) for day in (5, 30, 120)}

    def on(day: int) -> Any:
        return lambda s: (s.result.open_by_day[day - 1], 1)

    def square(seen: Seen) -> tuple[float, float]:
        return (seen.result.open_by_day[119] - expected[120]) ** 2, 1

    return Setting(
        "staff without end, more and more children", ladder(1, "no limit"), load, 0,
        (
            *(Comparison(f"open after {d} days", mean, on(d)) for d, mean in expected.items()),
            Comparison("variance of the open after 120 days", expected[120], square),
        ),
        endless=True, every=60,
    )  # fmt: skip
