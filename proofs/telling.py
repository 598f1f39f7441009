"""How the steps of a story are told: who does what, and where it comes to stand.

Moves keep short names, by which cases and programs know them; here are the words for readers.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from model.graph import LADDER, Move, State, StateGraph
from model.protocol import Officers, officer
from model.terms import Term

Of = Callable[[Term], Any]  # the value of a term in the world of a story
UNNAMED = {
    "raiser": "the raiser",
    "unknown": "somebody named in a part that is not there",
    "unstated": "somebody whom the text does not name",
    "unknown officer": "an officer named in a part that is not there",
    "unstated officer": "an officer whom the text does not name",
    "somebody not named": "somebody whom the text does not name",
    "management": "the authority",
}
_PASSIVE = {  # a step that somebody else's agreement brings about
    "goes up to ": "it goes up to ",
    "goes back down to ": "it goes back down to ",
    "stays at ": "it stays at ",
    "raises it at ": "it is raised at ",
    "refers it to ": "it is referred to ",
    "brings it back at ": "it is brought back at ",
    "takes it back to ": "it is taken back to ",
    "goes to ": "it goes to ",
}


_DONE = {  # an end to which somebody brings it
    "it is closed": "closes it",
    "it is lapsed": "lets it lapse",
    "it counts as settled": "treats it as settled",
}
_TAKEN = {  # a step of the ladder that somebody other than the raiser takes
    "goes up to ": "takes it up to ",
    "goes back down to ": "sends it back down to ",
    "stays at ": "keeps it at ",
}


def name(who: str) -> str:
    return UNNAMED.get(who, who)


def names(people: Sequence[str], by: str = " and ") -> str:
    *first, last = [name(p) for p in people] or [""]
    return f"{', '.join(first)}{by}{last}" if first else last


def answerers(graph: StateGraph, state: State, of: Of) -> tuple[tuple[str, ...], bool]:
    """Who answers at a state of a rung in a world, and whether they do so together."""
    rung = str(state.rung)
    here = next((people for guard, people in graph.officers[rung] if of(guard)), state.owner)
    values = [c.value for c in graph.ladder.rungs[rung].answers.cases]
    together = any(
        isinstance(v, Officers) and v.all_of and tuple(map(str, v.all_of)) == here for v in values
    )
    return tuple(map(officer, here)), together


def actor(graph: StateGraph, move: Move, here: str, of: Of, raiser: str) -> str:
    """Who makes a move while the ladder is at a state; empty where it happens by itself."""
    if move.actor == "time":
        return ""
    if move.actor == "raiser":
        return raiser
    if move.kind in ("divided", "answer", "late answer") or move.actor == "answerer":
        people, together = answerers(graph, graph.states[here], of)
        if together:
            return names(people)
        if move.actor == "answerer":
            return names(people, " or ")
    return name(move.actor)


def deed(graph: StateGraph, move: Move, together: bool = False) -> str:
    """What is done, in words that follow the name of who does it, or stand alone."""
    target = graph.states[move.target]
    if move.kind == "ask" and target.kind == "gate":
        return _asked(move, target)
    if move.kind == "extend" and move.name != "takes more time":
        return f"lets the answer wait for the {move.name.removeprefix('takes ')}"
    if move.kind == "resume":
        return "gives it back" + move.name.partition(" gives it back")[2].replace(": ", " to ")
    if together:
        return move.name.replace("answers", "answer together", 1)
    verb, colon, rest = move.name.partition(": ")
    if colon and verb.startswith(("agrees", "gives a view")):
        return f"{verb}; {_by_itself(rest)}"
    if move.side == "time" and move.kind in ("escalate", "return", "exhaust", "close", "refer"):
        return f"{verb}: {_by_itself(rest)}" if colon else f"{_by_itself(verb)} by itself"
    return _reworded(move.name, _DONE if move.side == "raiser" else {**_DONE, **_TAKEN})


def _asked(move: Move, gate: State) -> str:
    """Words for asking somebody whose agreement or view is awaited."""
    who, label = names(gate.owner), move.name.partition(": ")[2]
    aim = "to agree"
    if gate.name.endswith("to give a view"):
        aim = "for a view"
    elif gate.name.endswith("take over"):
        aim = "to agree and to take it over"
    if gate.track != LADDER:
        part = "on which" if aim == "for a view" else "to which"
        does = "is asked for a view first" if aim == "for a view" else "must agree"
        return f"{move.name}, {part} {who} {does}"
    if move.side == "time":
        return f"it is put to {who} {aim}, before {_by_itself(label)}"
    return f"asks {who} {aim}, before {_by_itself(label)}"


def _by_itself(label: str) -> str:
    return _reworded(label, _PASSIVE)


def _reworded(label: str, beginnings: Mapping[str, str]) -> str:
    begins = next((b for b in beginnings if label.startswith(b)), "")
    return beginnings.get(begins, "") + label.removeprefix(begins)


def standing(graph: StateGraph, state: State, of: Of) -> str:
    """Where a story ends, in a sentence part."""
    who, rung = names(state.owner), state.rung
    match state.kind:
        case "waiting" | "sent" if rung is not None:
            people, together = answerers(graph, state, of)
            who = names(people, " and " if together else " or ")
            if state.kind == "sent":
                return f"it has been sent to {who}, and the clock of “{rung}” has not started"
            place = "" if people == (rung,) else f" at “{rung}”"
            return f"the answer of {who}{place} is awaited"
        case "gate":
            what = state.name.rsplit(f"{state.owner[0]} ", 1)[-1].removeprefix("to ")
            return f"it waits for {who} to {what}"
        case "answered":
            return f"the answer at “{rung}” has come, and the raiser is to decide"
        case "overdue":
            return f"no answer has come in time at “{rung}”"
        case "divided":
            return f"those who answer together at “{rung}” do not agree"
        case "resolved":
            return "it counts as settled"
        case "not kept":
            return "what was agreed is not done"
        case "passing":
            return f"it waits at “{rung}” until it goes on by itself"
        case "done":
            track, _, what = state.name.partition(": ")
            return f"it is {what}" if what.startswith("with ") else f"{track} is {what}"
        case "suspended":
            return f"it is with {who}, and the ladder waits"
        case "end":
            return _over(state.name)
    return f"it stands at “{state.name}”"


def _over(end: str) -> str:
    """How a dispute is over, in a sentence part."""
    match end.partition(" ")[0]:
        case "the":
            return end
        case "goes":
            return f"it {end}"
        case "lapsed":
            return "it has lapsed"
        case "with":
            return f"it is {end}, and the ladder has ended"
    return f"it is {end}"
