"""Verdicts on random ladders are those of brute force: ladders with parts of powers and times."""

from __future__ import annotations

from collections import Counter

import pytest
from agreement import agree
from ladders import POWERS, WAITS

MINE = (*POWERS, WAITS)
EACH = 20  # policies drawn for each part; Hypothesis draws some of them again
seen: set[str] = set()
words: Counter[str] = Counter()


@pytest.mark.parametrize("part", MINE)
def test_all_engines_give_the_same_verdict(part: str) -> None:
    words.update(agree(part, EACH, seen))


def test_enough_ladders_were_seen() -> None:
    """Some verdicts of each kind, and few that are left undecided."""
    assert len(seen) >= 150
    assert min(words[word] for word in ("holds", "broken", "depends")) >= 50
    assert words["undecided"] < sum(words.values()) / 50
    assert words["certified"] >= 150
