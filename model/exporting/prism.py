"""A ladder in the PRISM language, which PRISM and Storm read: a Markov decision process.

Days are digital clocks: `day` is an action that adds 1 to each. That is exact here, because every
time of a ladder is a whole number of days and no comparison is strict. Formal time is a reward and
no clock, so the model does not grow with it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from model.exporting.automaton import Automaton, Place, Step, live
from model.exporting.head import head, labels, moved, over

ASKS = (
    'How long can the formal process take: R{"formal"}max=? [ C ] (days; infinity: no bound)',
    'Can a state be reached: Pmax=? [ F "at_0" ] (0: never; 1: it can)',
    'Can it come to where nothing more can happen, no day and no move: Pmax=? [ F "deadlock" ]',
    'Can it be over: Pmax=? [ F "over" ]; must it be, whatever anybody does: Pmin=? [ F "over" ]',
)


def prism(made: Automaton) -> str:
    """The ladder as a Markov decision process without chance."""
    return "\n".join(_lines(made)) + "\n"


def _lines(made: Automaton) -> Iterator[str]:
    names = [f"x{number}" for number in range(len(made.clocks))]
    yield from (f"// {line}".rstrip() for line in head(made, names, ASKS))
    yield from ("", "mdp", "", "module ladder")
    yield f"  s : [0..{max(1, len(made.places) - 1)}] init 0;"
    for name, most in zip(names, made.most, strict=True):
        yield f"  {name} : [0..{max(1, most)}] init 0;"
    asked = live(made)
    for number, place in enumerate(made.places):
        yield _day(made, number, place, asked[number])
    for number, step in enumerate(made.steps):
        yield f"  {_move(step, asked)} // {moved(made, number)}"
    yield "endmodule"
    yield ""
    for state, label in labels(made).items():
        yield f'label "{label}" = {_among(made.standing(state))};'
    yield f'label "over" = {_among(over(made))};'
    yield ""
    yield 'rewards "formal"'
    formal = [number for number, place in enumerate(made.places) if place.formal]
    yield f"  [day] {_among(formal)} : 1;"
    yield "endrewards"


def _day(made: Automaton, number: int, place: Place, asked: frozenset[int]) -> str:
    guards = [f"s={number}", *(f"x{clock}<{days}" for clock, days in place.stays)]
    runs = sorted(place.runs & asked)
    later = [f"(x{clock}'=min(x{clock}+1,{max(1, made.most[clock])}))" for clock in runs]
    return f"  [day] {' & '.join(guards)} -> {' & '.join(later) or 'true'};"


def _move(step: Step, asked: list[frozenset[int]]) -> str:
    guards = [f"s={step.source}"]
    if step.after is not None:
        guards.append(f"x{step.after.clock}>={step.after.days}")
    if step.ended:
        guards.append(f"({' | '.join(f'x{clock}>={days}' for clock, days in step.ended)})")
    # A clock that nobody asks for any more is held at 0, so that there are fewer states.
    idle = asked[step.source] - asked[step.target]
    resets = sorted((step.resets | idle) & (asked[step.source] | asked[step.target]))
    then = [f"(s'={step.target})", *(f"(x{clock}'=0)" for clock in resets)]
    return f"[] {' & '.join(guards)} -> {' & '.join(then)};"


def _among(numbers: Iterable[int]) -> str:
    """That the place is one of some, in as few comparisons as neighbours allow."""
    runs: list[list[int]] = []
    for number in numbers:
        if runs and runs[-1][1] == number - 1:
            runs[-1][1] = number
        else:
            runs.append([number, number])
    parts = [f"s={a}" if a == b else f"(s>={a}&s<={b})" for a, b in runs]
    return f"({'|'.join(parts)})" if parts else "false"
