"""A ladder as a timed automaton in UPPAAL's XML, with its questions as queries."""

from __future__ import annotations

import math
from collections.abc import Iterator

from model import harmless
from model.exporting.automaton import Automaton, Days
from model.exporting.head import head, labels, moved, over, quoted
from model.exporting.timed import Edge, Timed, all_left_out, timed

TYPE = (
    "<!DOCTYPE nta PUBLIC '-//Uppaal Team//DTD Flat System 1.1//EN' "
    "'http://www.it.uu.se/research/group/darts/uppaal/flat-1_1.dtd'>"
)
SPACING = 160


def uppaal(made: Automaton, bound: int = 20) -> str:
    """The ladder for UPPAAL 4 and 5; its queries ask about `bound` days of formal time."""
    return "\n".join(_lines(timed(made), bound)) + "\n"


def _lines(system: Timed, bound: int) -> Iterator[str]:
    made = all_left_out(system)
    names = [f"x{number}" for number in range(len(made.clocks))]
    clocks = [*names, *(["T"] if system.formal else [])]
    yield '<?xml version="1.0" encoding="utf-8"?>'
    yield TYPE
    yield "<nta>"
    yield "<declaration>"
    asks = ["The queries of this file, each with a comment."]
    yield from (f"// {harmless.markup(line)}".rstrip() for line in head(made, names, asks))
    if clocks:
        yield f"clock {', '.join(clocks)};"
    yield "</declaration>"
    yield "<template><name>Ladder</name><declaration></declaration>"
    across = math.isqrt(len(system.locations)) + 1
    for number, location in enumerate(system.locations):
        x, y = number % across * SPACING, number // across * SPACING
        said = ", ".join(quoted(state) for state in made.places[location.place].at)
        yield f'<location id="id{number}" x="{x}" y="{y}"><name>l{number}</name>'
        if location.invariant:
            text = harmless.markup(_all("<=", location.invariant, system))
            yield f'<label kind="invariant">{text}</label>'
        yield f'<label kind="comments">{harmless.markup(said)}</label>'
        yield "<urgent/></location>" if location.urgent else "</location>"
    yield '<init ref="id0"/>'
    for edge in system.edges:
        yield from _transition(edge, system)
    yield "</template>"
    yield "<system>P = Ladder();\nsystem P;</system>"
    yield "<queries>"
    for formula, comment in _queries(system, bound):
        yield f"<query><formula>{harmless.markup(formula)}</formula>"
        yield f"<comment>{harmless.markup(comment)}</comment></query>"
    yield "</queries>"
    yield "</nta>"


def _transition(edge: Edge, system: Timed) -> Iterator[str]:
    yield f'<transition><source ref="id{edge.source}"/><target ref="id{edge.target}"/>'
    guards = [_all(">=", edge.least, system), _all("<=", edge.most, system)]
    shown = " && ".join(filter(None, guards))
    if shown:
        yield f'<label kind="guard">{harmless.markup(shown)}</label>'
    sets = ", ".join(f"{_clock(clock, system)} = 0" for clock in sorted(edge.resets))
    if sets:
        yield f'<label kind="assignment">{sets}</label>'
    said = harmless.markup(moved(system.made, edge.step))
    yield f'<label kind="comments">{said}</label></transition>'


def _queries(system: Timed, bound: int) -> Iterator[tuple[str, str]]:
    made = system.made
    formal = {number for number, place in enumerate(made.places) if place.formal}
    if system.formal:
        yield (
            f"A[] ({_among(system, formal)} imply T <= {bound})",
            f"The formal process takes at most {bound} working days.",
        )
        yield (
            f"sup{{{_among(system, formal)}}}: T",
            "How long the formal process can take, in working days.",
        )
    ended = _among(system, set(over(made)))
    yield f"E<> deadlock && !({ended})", "It can stand still before it is over, with no step ahead."
    for state in labels(made):
        there = _among(system, set(made.standing(state)))
        yield f"E<> {there}", f"This state can be reached: {quoted(state)}"


def _among(system: Timed, places: set[int]) -> str:
    """That the automaton is at one of some places."""
    there = [f"P.l{n}" for n, location in enumerate(system.locations) if location.place in places]
    return f"({' || '.join(there)})" if there else "false"


def _clock(clock: int, system: Timed) -> str:
    return "T" if clock == len(system.made.clocks) else f"x{clock}"


def _all(sign: str, bounds: tuple[Days, ...], system: Timed) -> str:
    return " && ".join(f"{_clock(clock, system)} {sign} {days}" for clock, days in bounds)
