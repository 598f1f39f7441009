"""What can go wrong with a run: a fault of ours, or more work than there are hours for."""

from __future__ import annotations

from collections.abc import Mapping


class Broken(Exception):
    """The simulation contradicts itself: a fault of ours, never of the workload (exit code 4)."""


class Overloaded(Exception):
    """More work comes to some posts than they have hours for (exit code 2, unless asked for).

    `load` is the work that comes, as a share of the hours that there are, by post; it is above 1
    for the posts named in the message.
    """

    def __init__(self, authority: str, load: Mapping[str, float]) -> None:
        self.authority = authority
        self.load = dict(load)
        over = ", ".join(f"{post} {share:.0%}" for post, share in load.items() if share > 1)
        super().__init__(f"{authority}: more work comes than there are hours for: {over}")
