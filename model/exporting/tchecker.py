"""A ladder as a timed automaton in TChecker's text format, for `tck-reach` and its kin."""

from __future__ import annotations

from collections.abc import Iterator

from model.exporting.automaton import Automaton, Days
from model.exporting.head import head, labels, moved
from model.exporting.timed import Edge, Timed, all_left_out, timed


def asks(system: Timed, bound: int) -> Iterator[str]:
    if system.formal:
        yield (
            f"Can the formal process take more than {bound} working days: tck-reach -a covreach "
            "-l late FILE (REACHABLE false: never)"
        )
    yield "Can a state be reached: tck-reach -a covreach -l at_0 FILE"


def tchecker(made: Automaton, bound: int = 20) -> str:
    """The ladder for TChecker; the label `late` marks more than `bound` days of formal time."""
    return "\n".join(_lines(timed(made), bound)) + "\n"


def _lines(system: Timed, bound: int) -> Iterator[str]:
    made = all_left_out(system)
    names = [f"x{number}" for number in range(len(made.clocks))]
    yield from (f"# {line}".rstrip() for line in head(made, names, list(asks(system, bound))))
    yield "system:ladder"
    yield from (f"clock:1:{name}" for name in names)
    if system.formal:
        yield "clock:1:T"
    yield "event:step"
    yield "process:P"
    by_state = labels(made)
    for number, location in enumerate(system.locations):
        marks = ",".join(by_state[state] for state in dict.fromkeys(made.places[location.place].at))
        parts = ["initial:"] if number == 0 else []
        parts += ["urgent:"] if location.urgent else []
        parts += [f"labels: {marks}"]
        if location.invariant:
            parts.append(f"invariant: {_all('<=', location.invariant, system)}")
        yield f"location:P:l{number}{{{' : '.join(parts)}}}"
    for edge in system.edges:
        yield f"# {moved(made, edge.step)}"
        yield f"edge:P:l{edge.source}:l{edge.target}:step{_attributes(edge, system)}"
    if system.formal:
        yield "location:P:late{labels: late}"
        for number, location in enumerate(system.locations):
            if made.places[location.place].formal and not location.urgent:
                yield f"edge:P:l{number}:late:step{{provided: T>{bound}}}"


def _clock(clock: int, system: Timed) -> str:
    return "T" if clock == len(system.made.clocks) else f"x{clock}"


def _all(sign: str, bounds: tuple[Days, ...], system: Timed) -> str:
    return " && ".join(f"{_clock(clock, system)}{sign}{days}" for clock, days in bounds)


def _attributes(edge: Edge, system: Timed) -> str:
    guards = [_all(">=", edge.least, system), _all("<=", edge.most, system)]
    shown = " && ".join(filter(None, guards))
    sets = ";".join(f"{_clock(clock, system)}=0" for clock in sorted(edge.resets))
    parts = [f"provided: {shown}"] if shown else []
    parts += [f"do: {sets}"] if sets else []
    return f"{{{' : '.join(parts)}}}" if parts else ""
