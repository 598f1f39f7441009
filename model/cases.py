"""Cases: short stories about a protocol that a reviewer writes and its graph has to confirm.

`load_cases` reads a file of them. `run_case` follows the steps of one with `replay`, so that a case
means what the graph means, and says with its place what does not come out as expected.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from model.casefile import (
    NO_LIMIT,
    Case,
    CaseStep,
    case_files,
    cases_schema,
    load_cases,
    step_path,
)
from model.expand import expand
from model.graph import Move, StateGraph
from model.protocol import Protocol
from model.replay import Run, Step, replay, world_of
from model.shapes import Length, Word, closest, nearest
from model.terms import Symbol, Term, Value, World, evaluator, symbols, values_of
from model.yamltree import Fault, PolicyError, excerpt, where

LISTED = 12  # names that a message lists at most
CHANGED = ("question", "silence", "fact", "raiser", "child")  # what a message proposes to change


@dataclass(frozen=True, slots=True)
class Result:
    """Whether a case came out as expected; if not, `message` has a line for each thing wrong."""

    passed: bool
    message: str = ""


def run_case(protocol: Protocol, case: Case) -> Result:
    """Whether what the case expects comes out. Never raises for a case that was read."""
    try:
        faults = list(_faults(setting_of(protocol, case)))
    except PolicyError as error:
        faults = list(error.faults)
    return Result(not faults, "\n".join(str(f) for f in sorted(faults)))


@dataclass(frozen=True, slots=True)
class Setting:
    """A case in its graph, and the world that it describes."""

    graph: StateGraph
    case: Case
    world: World
    of: Callable[[Term], Any]


@dataclass(frozen=True, slots=True)
class _Stop:
    """Why a step cannot be made, and what can; `refused` is false if no move can be meant by it."""

    why: str
    right: str
    refused: bool = True


def _faults(setting: Setting) -> Iterator[Fault]:
    """What does not come out as the case expects."""
    case = setting.case
    trace: list[Step] = []
    for number, step in enumerate(case.steps, 1):
        made = _make(setting, trace, step)
        if isinstance(made, Move):
            trace.append(Step(step.day, made))
            continue
        if not made.refused or number != case.refused_at:
            yield Fault(step.move.at, where(step_path(case, number)), made.why, made.right)
        elif case.because is not None and case.because not in made.why:
            wrong = f"step {number} is refused for another reason ({made.why})"
            right = "take words of this reason, if it is right"
            yield Fault(case.because.at, where((case.case, "because")), wrong, right)
        return
    yield from _outcome(setting, replay(setting.graph, trace, setting.world))


def _outcome(setting: Setting, run: Run) -> Iterator[Fault]:
    """What the end of a run has against the expectation."""
    case = setting.case
    if case.refused_at is not None:
        wrong = f"step {case.refused_at} can be made, and then it is at “{run.state}”"
        right = f"expect “ends at: {run.state}”, or say what else is so"
        yield Fault(case.places["refused at"], where((case.case, "refused at")), wrong, right)
    there = [token.state for token in run.tokens.values()]
    for state in case.ends_at:
        if state not in there:
            track = setting.graph.states[state].track
            wrong = f"it ends at “{run.tokens[track].state}” and not at “{state}”"
            right = "check the steps, or expect the other state"
            yield Fault(state.at, where((case.case, "ends at")), wrong, right)
    if case.formal_days is not None and case.formal_days != run.formal:
        wrong = f"the formal time is {run.formal} working days and not {case.formal_days}"
        right = "check the days of the steps, or expect the other number"
        yield Fault(case.places["formal days"], where((case.case, "formal days")), wrong, right)


def _make(setting: Setting, trace: Sequence[Step], step: CaseStep) -> Move | _Stop:
    """The move that a step means, or why there is none that can be made."""
    graph, world = setting.graph, setting.world
    before = replay(graph, trace, world)
    leaving = [m for t in before.tokens.values() for m in graph.leaving[t.state]]
    known = any(m.name == step.move for m in graph.moves)
    later = replay(graph, trace, world, until=step.day)
    if known and later.refused is not None:
        may = setting.of(graph.domain)
        right = _open_words(setting, trace, step, before) if may else _allowed_words(setting)
        return _Stop(later.why, right)
    named = [m for m in leaving if m.name == step.move]
    if not named:
        wrong = f"“{excerpt(step.move)}” is no move from “{before.state}”"
        return _Stop(wrong, _open_words(setting, trace, step, before), refused=known)
    meant = [m for m in named if step.to in (None, m.target, m.also)]
    if not meant:
        wrong = f"“{step.move}” does not lead from “{named[0].source}” to “{step.to}”"
        return _Stop(wrong, f"it leads to {_ends(named)}")
    mine = [m for m in meant if step.by is None or step.by in _actors(setting, m, before)]
    if not mine:
        wrong = f"“{step.move}” is not for {step.by} to do at “{before.state}”"
        names = dict.fromkeys(n for m in meant for n in _actors(setting, m, before)[:-1])
        return _Stop(wrong, f"it is for {', '.join(names)}")
    mine.sort(key=lambda m: m.actor != step.by)
    runs = [(m, replay(graph, [*trace, Step(step.day, m)], world)) for m in mine]
    made = [(m, run.tokens) for m, run in runs if run.refused is None]
    if not made:
        shut = [m for m in mine if not setting.of(m.guard)]
        telling = [run.why for m, run in runs if m not in shut]
        right = "" if telling else _opening_words(setting, shut)
        why = (telling or [run.why for _, run in runs])[0]
        return _Stop(why, right or _open_words(setting, trace, step, before))
    if any(tokens != made[0][1] for _, tokens in made):
        wrong = f"several moves that can be made are named “{step.move}”"
        ends = _ends(m for m, _ in made)
        return _Stop(wrong, f"say which is meant with “to:” and one of {ends}", refused=False)
    return made[0][0]


def _ends(moves: Iterable[Move]) -> str:
    return _quoted(dict.fromkeys(move.target for move in moves))


def _actors(setting: Setting, move: Move, run: Run) -> tuple[str, ...]:
    """The names by which a case may call whoever makes a move; the last is the graph's own word."""
    graph = setting.graph
    if move.actor == "raiser" or move.actor in graph.raisers:
        return (str(setting.world[graph.raiser]), "raiser")
    source = graph.states[move.source]
    rung = source.rung or graph.states[run.state].rung
    if rung is None or source.kind == "gate":
        return (move.actor, move.actor)
    officers = [(when, [_officer(n) for n in names]) for when, names in graph.officers[rung]]
    if move.actor != "answerer" and not any(move.actor in names for _, names in officers):
        return (move.actor, move.actor)
    here = [name for when, names in officers if setting.of(when) for name in names]
    substitute = graph.ladder.rungs[rung].substitute
    return (*here, *([] if substitute is None else [str(substitute)]), "answerer")


def _officer(name: str) -> str:
    return f"{name} officer" if name in ("unknown", "unstated") else name


def _open_words(setting: Setting, trace: Sequence[Step], step: CaseStep, before: Run) -> str:
    """The moves that can be made instead, and the one that the writer may have meant."""
    graph, world = setting.graph, setting.world
    last, high = before.day, step.day
    while last < high:  # look for the last day until which time can pass
        middle = (last + high + 1) // 2
        if replay(graph, trace, world, until=middle).refused is None:
            last = middle
        else:
            high = middle - 1
    leaving = [m for t in before.tokens.values() for m in graph.leaving[t.state]]
    can = [m for m in leaving if replay(graph, [*trace, Step(last, m)], world).refused is None]
    names = dict.fromkeys(m.name for m in can if m.name != step.move or last < step.day)
    if not names:
        return f"on day {last} nothing else can be done"
    close = None if step.move in names else closest(step.move, names)
    meant = "" if close is None else f"did you mean “{close}”? "
    verb = "is" if len(names) == 1 else "are"
    return f"{meant}{'On' if meant else 'on'} day {last} {_quoted(names)} {verb} open"


def _opening_words(setting: Setting, moves: Iterable[Move]) -> str:
    """What single change of the case would open one of some moves; nothing if none would."""
    graph, world = setting.graph, setting.world
    found: dict[Symbol, dict[Value, None]] = {}
    for move in moves:
        for symbol in symbols(move.guard):
            for value in values_of(symbol) if symbol.kind in CHANGED else ():
                changed = evaluator({**world, symbol: value})
                if value != world[symbol] and changed(graph.domain) and changed(move.guard):
                    found.setdefault(symbol, {})[value] = None
    said = " or if ".join(_value_words(symbol, tuple(chosen)) for symbol, chosen in found.items())
    return f"it would be open if {said}" if said else ""


def _value_words(symbol: Symbol, values: Sequence[Value]) -> str:
    if symbol.kind == "fact":
        return f"“{symbol.name}” were {'among' if values[0] else 'not among'} the facts"
    said = " or ".join(f"“{value}”" for value in values)
    if symbol.kind == "raiser":
        return f"{said} had raised it"
    if symbol.kind == "child":
        return f"it were about {said}"
    return f"“{symbol.name}” were read as {said}"


def _allowed_words(setting: Setting) -> str:
    """For which children the raiser of the case may raise it."""
    graph, world = setting.graph, setting.world
    kinds = graph.child.values
    may = [k for k in kinds if evaluator({**world, graph.child: k})(graph.domain)]
    return f"{world[graph.raiser]} may raise it for {_quoted(may)}"


def _quoted(names: Iterable[str]) -> str:
    listed = list(names)
    ending = " …" if len(listed) > LISTED else ""
    return ", ".join(f"“{name}”" for name in listed[:LISTED]) + ending


# --- the names of a case --------------------------------------------------------------------


def setting_of(protocol: Protocol, case: Case) -> Setting:
    """The case in its graph; raises PolicyError for names that are not there."""
    faults: list[Fault] = []
    ladder = case.ladder
    if ladder is not None and _is_missing(ladder, "ladder", protocol.ladders, case, faults):
        raise PolicyError(faults)
    graph = expand(protocol, None if ladder is None else str(ladder))
    given = {**_answers(graph, case, faults), **_numbers(graph, case, faults)}
    pair: dict[Symbol, Value] = {}
    if case.raised_by is not None:
        _is_missing(case.raised_by, "raiser", graph.raiser.values, case, faults, "raised by")
        pair[graph.raiser] = str(case.raised_by)
    if case.child is not None:
        _is_missing(case.child, "kind of child", graph.child.values, case, faults, "child")
        pair[graph.child] = str(case.child)
    actors = sorted({"raiser", "answerer", *protocol.people, *(m.actor for m in graph.moves)})
    states: list[tuple[Word, tuple[str, ...]]] = [(s, ("ends at",)) for s in case.ends_at]
    for number, step in enumerate(case.steps, 1):
        path = step_path(case, number)[1:]
        if step.by is not None:
            _is_missing(step.by, "person", actors, case, faults, *path, "by")
        if step.to is not None:
            states.append((step.to, (*path, "to")))
    for state, path in states:
        if state not in graph.states:
            begun = [name for name in graph.states if name.startswith(f"{state}: ")]
            _is_missing(state, "state", begun or graph.states, case, faults, *path)
    if faults:
        raise PolicyError(faults)
    try:
        world = world_of(graph, {**given, **pair})
    except ValueError:  # the graph itself says at the first step that they may not
        world = {**world_of(graph, given), **pair}
    return Setting(graph, case, world, evaluator(world))


def _is_missing(
    word: Word, what: str, known: Iterable[str], case: Case, faults: list[Fault], *path: str
) -> bool:
    """Whether a name is not among those known; if so, that is noted."""
    names = list(known)
    if word in names:
        return False
    there = where((case.case, *(path or (what,))))
    wrong = f"there is no {what} “{excerpt(word)}”"
    faults.append(Fault(word.at, there, wrong, nearest(word, names)))
    return True


def _answers(graph: StateGraph, case: Case, faults: list[Fault]) -> dict[Symbol, Value]:
    """The questions and silences that the case answers, and the facts that are so in it."""
    given: dict[Symbol, Value] = {}
    open_ = [s for s in graph.symbols if s.kind in ("question", "silence")]
    for name, answer in case.reading.items():
        named = [s for s in open_ if s.name == name]
        if _is_missing(name, "question", [s.name for s in open_], case, faults, "reading"):
            continue
        if not _is_missing(answer, "answer", named[0].values, case, faults, "reading", name):
            given |= dict.fromkeys(named, str(answer))
    facts = {s.name: s for s in graph.symbols if s.kind == "fact"}
    for fact in case.facts:
        if not _is_missing(fact, "fact", facts, case, faults, "facts"):
            given[facts[fact]] = True
    return given


def _numbers(graph: StateGraph, case: Case, faults: list[Fault]) -> dict[Symbol, Value]:
    """The numbers that the case settles; what the text counts in other days lies in a range."""
    given: dict[Symbol, Value] = {}
    open_ = [s for s in graph.symbols if s.kind in ("number", "calendar")]
    for name, length in case.numbers.items():
        if _is_missing(name, "open number", [s.name for s in open_], case, faults, "numbers"):
            continue
        amount = length.amount if isinstance(length, Length) else None
        named = [s for s in open_ if s.name == name]
        fitting = [s for s in named if s.kind == "number" or _in_range(s, amount)]
        if not fitting:
            said = length.text if isinstance(length, Length) else NO_LIMIT
            right = f"give from {named[0].low} to {named[0].high} working days"
            there = where((case.case, "numbers", name))
            faults.append(Fault(length.at, there, f"“{said}” cannot be on any date", right))
        given |= dict.fromkeys(fitting, amount)
    return given


def _in_range(symbol: Symbol, amount: int | None) -> bool:
    return amount is not None and symbol.high is not None and symbol.low <= amount <= symbol.high


__all__ = [
    "Case",
    "CaseStep",
    "Result",
    "Setting",
    "case_files",
    "cases_schema",
    "load_cases",
    "run_case",
    "setting_of",
]
