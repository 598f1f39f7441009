"""Claims about time."""

from __future__ import annotations

import functools
from collections.abc import Iterator

from model.graph import Budget, StateGraph
from model.terms import FALSE, Term, World, all_, any_, at_most, days, not_, stated
from proofs.analysis import DILIGENT, PERMITTED, UNHURRIED, Analysis
from proofs.bounds import within
from proofs.claim import EVERY_KIND, HANDBOOK_62, OWN_SENSE, Edit, Obligation, Story, claim

TWENTY = days(20)


def _formal(graph: StateGraph) -> Term:
    return any_(s.formal for s in graph.main if s.rung is not None)


def _windows(graph: StateGraph) -> tuple[Edit, ...]:
    rungs = [
        Edit("window", f"the window of {name}", rung.place("within"), str(name))
        for name, rung in graph.ladder.rungs.items()
    ]
    total = [
        Edit("cap", f"let the total “{name}” cut the windows short", t.place("effect"), str(name))
        for name, t in graph.ladder.totals.items()
    ]
    return (*rungs, Edit("every window", "every window of a formal rung"), *total)


def _total(a: Analysis, conduct: str, who: str) -> Iterator[Obligation]:
    ladder = a.graph.ladder
    total = next(iter(ladder.totals.values()), None)
    place = total.at if total is not None else ladder.at
    citation = total.citation if total is not None else ladder.citation
    formal = _formal(a.graph)
    start = all_((a.domain, formal))

    def keeps(given: World | None = None) -> Term:
        return within(a.end_by(conduct, start, over=20, given=given), TWENTY)

    yield Obligation(
        formal,
        keeps(),
        place,
        citation,
        f"{who}, the formal process can take more than 20 working days",
        Story("worst", conduct),
        _windows(a.graph),
        in_case=keeps,
    )


@claim(
    "total-diligent",
    "should",
    [HANDBOOK_62],
    why="A child waits for a decision that others put off; the law gives them four weeks.",
    breaks="Windows that add up to more than 20 working days, a stage without a window, an "
    "agreement that has to be awaited without a time limit, extensions as of right.",
    mends="Shorten a window, give the open ones a limit, or let the total cut them short.",
)
def total_diligent(a: Analysis) -> Iterator[Obligation]:
    """With a raiser who acts at once, the formal process takes at most 20 working days."""
    yield from _total(a, DILIGENT, "even with a raiser who acts at once")


@claim(
    "total-permitted",
    "should",
    [HANDBOOK_62],
    why="Whoever may take more time will, one day, take it; the child waits all the same.",
    breaks="Extensions without end, time to decide that nobody limits, waiting for agreement.",
    mends="A limit for every wait that the text allows, the raiser's own included.",
)
def total_permitted(a: Analysis) -> Iterator[Obligation]:
    """The formal process takes at most 20 working days, whatever anybody permitted does."""
    yield from _total(a, PERMITTED, "by steps that the text permits")


@claim(
    "total-own",
    "consistency",
    [OWN_SENSE],
    why="Officers plan by the windows and families by the total; both cannot be right.",
    breaks="Windows that add up to more than the total that the same text states.",
    mends="Shorten the windows, or say that the total cuts them short.",
    kinds=EVERY_KIND,
)
def total_own(a: Analysis) -> Iterator[Obligation]:
    """The windows fit the total that the protocol itself states."""
    for budget in a.graph.budgets:
        if not budget.is_total:
            continue
        states = all_((any_(budget.counts.values()), at_most(budget.at_most, days(100_000))))
        keeps = functools.partial(_fits, a, budget, all_((a.domain, states, not_(budget.cap))))
        yield Obligation(
            states,
            keeps(),
            budget.at,
            budget.citation,
            f"the windows together can pass the protocol's own total “{budget.name}”",
            Story("worst", UNHURRIED, budget.name),
            _windows(a.graph),
            in_case=keeps,
        )


def _fits(a: Analysis, budget: Budget, start: Term, given: World | None = None) -> Term:
    ends = a.end_by(UNHURRIED, start, budget.name, given=given)
    return within(ends, budget.at_most)


@claim(
    "rungs-timed",
    "should",
    [HANDBOOK_62],
    why="Without a time for response nobody is late, and the raiser cannot know when to go on.",
    breaks="A stage without a window, or with one that is agreed or set case by case.",
    mends="State a time for response at each formal stage.",
)
def rungs_timed(a: Analysis) -> Iterator[Obligation]:
    """Every formal rung has a stated time for response."""
    for name, rung in a.graph.ladder.rungs.items():
        waiting = f"{name}: awaiting an answer"
        state = a.states[waiting]
        timed = stated(a.graph.windows[str(name)])
        if state.formal is FALSE:
            continue
        yield Obligation(
            all_([a.reach[waiting], state.formal]),
            timed,
            rung.place("within"),
            rung.citation,
            f"{name} has no stated time for response",
            Story("reach", waiting),
            (Edit("window", f"the window of {name}", rung.place("within"), str(name)),),
        )
