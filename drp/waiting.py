"""A line on a terminal that says how far a study is, and how long it will still take."""

from __future__ import annotations

import math
import time
from typing import TextIO

from model import harmless


class Waiting:
    """Silent where the stream is no terminal.

    Time left is that of the replications that the interval still needs: it narrows with the square
    root of their number.
    """

    def __init__(self, name: str, least: int, most: int, stream: TextIO) -> None:
        self.name, self.least, self.most, self.stream = name, least, most, stream
        self.shown = stream.isatty()
        self.began = time.monotonic()
        self.before = 0  # replications that were kept from an earlier run
        self.done = 0

    def say(self, text: str) -> None:
        if self.shown:
            self.stream.write(f"\r\x1b[K{harmless.line(f'{self.name}: {text}')[:99]}")
            self.stream.flush()

    def told(self, done: int, wide: float) -> None:
        """So many replications are done, and the widest interval is so wide."""
        self.done = done
        if done <= self.before or not self.shown:
            return
        needed = needed_in_all(done, wide, self.least, self.most)
        spent = time.monotonic() - self.began
        left = spent / (done - self.before) * (needed - done)
        goal = "" if math.isinf(wide) or not wide else f"; interval at {wide:.0%} of what is wanted"
        self.say(f"{done} of about {needed} replications, {duration(left)} left{goal}")

    def over(self) -> None:
        if self.shown:
            self.stream.write("\r\x1b[K")
            self.stream.flush()


def needed_in_all(done: int, wide: float, least: int, most: int) -> int:
    """About how many replications there will be, when `done` are and the interval is so wide."""
    if wide == 0 or math.isinf(wide):
        return most
    return max(done, min(most, max(least, math.ceil(done * wide * wide))))


def duration(seconds: float) -> str:
    """A time as people say it."""
    if seconds < 60:
        return f"{math.ceil(seconds)} s"
    if seconds < 3600:
        return f"{seconds / 60:.0f} min"
    return f"{seconds / 3600:.1f} h"


__all__ = ["Waiting", "duration", "needed_in_all"]
