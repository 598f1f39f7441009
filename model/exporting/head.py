"""What every exported file says of itself before it begins, as lines without their comment sign.

Names come from policy files and may hold anything: they stand in comments only, as JSON strings
in plain ASCII, so that none can end a line, a comment or a quotation. Identifiers are made here.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from model import harmless
from model.exporting.automaton import Automaton
from model.graph import AFTER
from model.replay import world_of

HOW_READ = {
    "question": "reading of", "silence": "filling of", "fact": "fact", "raiser": "raised by",
    "child": "child", "number": "number", "calendar": "working days of",
}  # fmt: skip


def quoted(text: str) -> str:
    """Text from a file as a JSON string in plain ASCII, on one line."""
    return harmless.ascii_json(text)


def label(made: Automaton, state: str) -> str:
    """The label of a state: `at_7`, its number among all states of the ladder."""
    return f"at_{list(made.graph.states).index(state)}"


def labels(made: Automaton) -> dict[str, str]:
    """The labels of the states in which a track can stand."""
    numbers = {name: number for number, name in enumerate(made.graph.states)}
    return {name: f"at_{numbers[name]}" for name in made.states()}


def over(made: Automaton) -> list[int]:
    """The places in which the formal process of the ladder is over."""
    kinds = [made.graph.states[place.at[0]].kind for place in made.places]
    return [number for number, kind in enumerate(kinds) if kind in AFTER]


def head(made: Automaton, clocks: Sequence[str], asks: Sequence[str]) -> Iterator[str]:
    """What the file holds, in which world, what it leaves out, and how it is asked.

    `clocks` are the names that the format gives to the clocks, `asks` is about its questions.
    """
    graph = made.graph
    yield f"The ladder {quoted(str(graph.ladder.name))} of {quoted(graph.protocol.stem)}"
    yield f"Made from the policy file with the digest {graph.protocol.digest}"
    yield "Time is counted in whole working days."
    yield ""
    yield "In this world:"
    plain = world_of(graph)
    for symbol, value in made.world.items():
        how = HOW_READ.get(symbol.kind, symbol.kind)
        said = "no limit" if value is None else str(value)
        other = "" if plain.get(symbol, value) == value else " (chosen)"
        yield f"  {how} {quoted(symbol.name)} = {quoted(said)}{other}"
    yield f"Conduct: {made.conduct}"
    yield ""
    yield "What is not here:"
    yield from (f"  {_line(sentence)}" for sentence in made.left_out)
    yield ""
    if asks:
        yield "How to ask:"
        yield from (f"  {_line(sentence)}" for sentence in asks)
        yield ""
    for name, words in zip(clocks, made.clocks, strict=True):
        yield f"clock {name}: {quoted(words)}"
    for name, made_label in labels(made).items():
        yield f"{made_label}: {quoted(name)}"


def _line(sentence: str) -> str:
    """A sentence of ours, which may hold names, on one line and in plain ASCII."""
    return quoted(sentence)[1:-1].replace('\\"', '"')


def moved(made: Automaton, number: int) -> str:
    """The names of the moves of a step."""
    step = made.steps[number]
    return ", ".join(dict.fromkeys(f"{quoted(m.name)} by {quoted(m.actor)}" for m in step.moves))
