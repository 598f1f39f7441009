"""Every output of the command, found from its own parser."""

from __future__ import annotations

import argparse
from collections.abc import Iterator

WRITES = {"PATH", "DIR"}


def faces(top: argparse.ArgumentParser) -> Iterator[tuple[str, str]]:
    """Every output of a parser: each command with each of its formats, and what it writes."""
    [commands] = [a for a in top._actions if isinstance(a, argparse._SubParsersAction)]
    for name, command in commands.choices.items():
        formats = ["text"]
        for action in command._actions:
            if not action.option_strings:
                continue
            if {"--format", "--to"} & set(action.option_strings):
                formats = list(action.choices or ())
            elif action.metavar in WRITES or action.dest in ("record", "out"):
                yield name, action.option_strings[0]
        yield from ((name, format) for format in formats)
