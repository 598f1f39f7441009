"""How much may be worked out about terms: what goes beyond is left undecided, not waited for.

Both limits are counted, not timed, so that they are the same on every machine.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from contextlib import contextmanager

MOST_TERMS = 300_000  # for one claim; each of the five protocols makes less than 20,000 in all
MOST_STEPS = 1_000_000  # likewise; each of the five protocols takes less than 100,000 in all

made = 0  # terms so far
_most: float = math.inf
_steps = 0
_most_steps: float = math.inf


class TooLarge(Exception):
    """More terms would be made, or more steps be taken, than `within_limits` allows."""


@contextmanager
def within_limits(share: float = 1) -> Iterator[None]:
    """Lets so many terms be made that were not there, and so many steps be taken; else TooLarge.

    With `share`, only so much of that. A step compares two day counts, or works out what one term
    is in one world.
    """
    global _most, _most_steps
    before = _most, _most_steps
    _most, _most_steps = made + share * MOST_TERMS, _steps + share * MOST_STEPS
    try:
        yield
    finally:
        _most, _most_steps = before


def make() -> int:
    """The number of a new term."""
    global made
    if made >= _most:
        raise TooLarge
    made += 1
    return made - 1


def step() -> None:
    global _steps
    _steps += 1
    if _steps > _most_steps:
        raise TooLarge
