"""A ladder in one world, in the languages of other model checkers; see docs/exports.md.

`automaton.py` makes the value that all four formats are written from: every place that the tokens
can be in together, and every step between two of them.
"""

from __future__ import annotations

from model.exporting.automaton import DILIGENT, PERMITTED, Automaton, TooLarge, automaton
from model.exporting.prism import prism
from model.exporting.smtlib import smtlib
from model.exporting.tchecker import tchecker
from model.exporting.uppaal import uppaal

__all__ = [
    "DILIGENT",
    "PERMITTED",
    "Automaton",
    "TooLarge",
    "automaton",
    "prism",
    "smtlib",
    "tchecker",
    "uppaal",
]
