"""What a ladder is and means: no solver, no simulator.

    from model import expand, load

    graph = expand(load("islington"))

`load` reads a policy file, `amended` reads one and changes it, `expand` turns a ladder of it into
a state graph, `replay` says whether a dispute is a run of the graph; `svg`, `figure`, `dot`,
`mermaid` and `graphml` draw it.

Importing this package loads none of its modules: each name is fetched when it is first used. Some
names are those of the modules they live in; `model.load` is always the function, and what else is
in such a module is imported as in `from model.load import shown`.
"""

from __future__ import annotations

import sys
from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from model.amend import amended
    from model.drawing import svg
    from model.drawing.exports import dot, graphml, mermaid
    from model.drawing.figure import figure
    from model.expand import expand, graphs
    from model.graph import Move, State, StateGraph
    from model.load import authorities, load, loads
    from model.protocol import Ladder, Protocol, Rung
    from model.replay import Run, Step, Trace, replay, world_of
    from model.schema import schema
    from model.yamltree import Fault, PolicyError, Position

__all__ = [
    "Fault",
    "Ladder",
    "Move",
    "PolicyError",
    "Position",
    "Protocol",
    "Run",
    "Rung",
    "State",
    "StateGraph",
    "Step",
    "Trace",
    "amended",
    "authorities",
    "dot",
    "expand",
    "figure",
    "graphml",
    "graphs",
    "load",
    "loads",
    "mermaid",
    "replay",
    "schema",
    "svg",
    "world_of",
]

_HOMES = {
    "amend": ("amended",),
    "drawing": ("svg",),
    "expand": ("expand", "graphs"),
    "drawing.exports": ("dot", "graphml", "mermaid"),
    "drawing.figure": ("figure",),
    "graph": ("Move", "State", "StateGraph"),
    "load": ("authorities", "load", "loads"),
    "protocol": ("Ladder", "Protocol", "Rung"),
    "replay": ("Run", "Step", "Trace", "replay", "world_of"),
    "schema": ("schema",),
    "yamltree": ("Fault", "PolicyError", "Position"),
}
_HOME_OF = {name: home for home, names in _HOMES.items() for name in names}


class _Face(ModuleType):
    """A package in which a name of the face is never hidden by the module of the same name."""

    def __setattr__(self, name: str, value: Any) -> None:
        if not (name in _HOME_OF and isinstance(value, ModuleType)):
            super().__setattr__(name, value)


sys.modules[__name__].__class__ = _Face


def __getattr__(name: str) -> Any:
    if name not in _HOME_OF:
        raise AttributeError(f"module “{__name__}” has no “{name}”")
    value = globals()[name] = getattr(import_module(f"{__name__}.{_HOME_OF[name]}"), name)
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
