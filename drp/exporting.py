"""`drp export`: from the options of the command line to one world, and from there to a file."""

from __future__ import annotations

import argparse
from collections.abc import Iterable
from pathlib import Path

from drp.cli import OK
from model.casefile import NO_LIMIT, Case, working_days
from model.cases import Setting, setting_of
from model.exporting import Automaton, TooLarge, automaton, prism, smtlib, tchecker, uppaal
from model.files import save
from model.protocol import Protocol
from model.shapes import Length, Word, nearest
from model.yamltree import PolicyError, Position

HERE = Position("the command line", 1, 1)


class Misused(Exception):
    """An option that does not go with the file, in words for whoever wrote it."""


def run(given: argparse.Namespace, protocol: Protocol) -> int:
    """Write the file, or print it. Raises Misused, and TooLarge as Misused."""
    if given.reach is not None and given.to != "smtlib":
        raise Misused(
            "--reach is for smtlib, where a file asks one question; the other formats have a label "
            "or a query for every state"
        )
    text = _text(given, _made(given, _setting(given, protocol)))
    if given.out is None:
        print(text, end="")
        return OK
    save(Path(given.out), text)
    return OK


def _setting(given: argparse.Namespace, protocol: Protocol) -> Setting:
    """The world that the options describe, in the terms of a case (`model/casefile.py`)."""
    if given.ladder is not None and given.ladder not in protocol.ladders:
        right = nearest(given.ladder, protocol.ladders)
        raise Misused(f"there is no ladder “{given.ladder}”; {right}")
    case = Case(
        at=HERE,
        places={},
        case=_word("export"),
        source=_word("export"),
        steps=(),
        ladder=None if given.ladder is None else _word(given.ladder),
        raised_by=None if given.raised_by is None else _word(given.raised_by),
        child=None if given.child is None else _word(given.child),
        reading={name: _word(said) for name, said in _pairs("--reading", given.reading)},
        facts=tuple(map(_word, given.fact)),
        numbers={name: _number(name, said) for name, said in _pairs("--number", given.number)},
    )
    try:
        return setting_of(protocol, case)
    except PolicyError as error:
        raise Misused("; ".join(f"{f.wrong}; {f.right}" for f in error.faults)) from None


def _made(given: argparse.Namespace, setting: Setting) -> Automaton:
    graph = setting.graph
    try:
        made = automaton(graph, setting.world, given.conduct, given.every_track)
    except TooLarge as error:
        advice = "leave --every-track out" if given.every_track else "choose another ladder"
        raise Misused(f"{error}; {advice}") from None
    except ValueError as error:
        raise Misused(f"{error}; choose another --raised-by or --child") from None
    if not any(move.track == "ladder" for step in made.steps for move in step.moves):
        facts = [f"“{s.name}”" for s in graph.symbols if s.kind == "fact"]
        right = f"say with --fact what is so, of {', '.join(facts)}" if facts else "check the file"
        raise Misused(f"no dispute can begin in this world; {right}")
    return made


def _text(given: argparse.Namespace, made: Automaton) -> str:
    if given.to == "prism":
        return prism(made)
    if given.to == "tchecker":
        return tchecker(made, given.bound)
    if given.to == "uppaal":
        return uppaal(made, given.bound)
    if given.reach is not None and given.reach not in made.graph.states:
        right = nearest(given.reach, made.graph.states)
        raise Misused(f"there is no state “{given.reach}”; {right}")
    try:
        return smtlib(made, given.bound, given.reach)
    except ValueError as error:
        raise Misused(f"{error}; add --every-track") from None


def _word(text: str) -> Word:
    return Word(text, HERE)


def _pairs(option: str, texts: Iterable[str]) -> Iterable[tuple[Word, str]]:
    """What stands on the two sides of the last “=” of each text."""
    seen: set[str] = set()
    for text in texts:
        name, sign, said = text.rpartition("=")
        if not sign or not name.strip() or not said.strip():
            raise Misused(f"“{text}” does not fit {option}; write a name, “=” and its value")
        if name.strip() in seen:
            raise Misused(f"{option} is given twice for “{name.strip()}”; keep one of the two")
        seen.add(name.strip())
        yield _word(name.strip()), said.strip()


def _number(name: str, said: str) -> Length | Word:
    length = _word(said) if said == NO_LIMIT else working_days(said, HERE)
    if length is None:
        raise Misused(
            f"“{said}” is no number for “{name}”; write such as “5 working days”, or “no limit”"
        )
    return length


__all__ = ["Misused", "run"]
