"""All settings in which the simulation is held to theory."""

from __future__ import annotations

from functools import cache

import theory_posts as posts
import theory_rungs as rungs
from caseload import constant
from theory_parts import some
from theory_runs import Setting


@cache
def settings() -> dict[str, Setting]:
    """All settings by name, in the order of the page."""
    found = (
        posts.erlang_c_one(),
        posts.erlang_c_four(),
        posts.part_time(),
        posts.erlang_a(),
        posts.window_one(),
        posts.window_three(),
        posts.window_drawn(),
        posts.window_of_the_work(),
        posts.window_of_days(0, 5.0, 2, 40),
        posts.window_of_days(1, 2.4, 1, 25),
        posts.khinchine("work always the same", constant(0.25), 2.8),
        posts.khinchine("work more even than exponential", some("gamma", a=3.0, scale=0.1), 2.4),
        posts.khinchine("work of a long tail", some("lognorm", s=1.0, scale=0.2), 2.0),
        posts.cobham(),
        rungs.tandem(),
        rungs.shared(),
        rungs.raisers(),
        rungs.whole_days(),
        rungs.drawn_answers(),
        rungs.growing(),
        rungs.impatient_rungs(),
        rungs.window_rungs(),
    )
    return {setting.name: setting for setting in found}


def total() -> int:
    """How many comparisons there are in all, which share one chance of going wrong."""
    return sum(len(setting.comparisons) for setting in settings().values())
