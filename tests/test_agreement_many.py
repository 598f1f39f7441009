"""Verdicts on 10,000 random ladders are those of brute force: `pytest -m slow -k 10_000`."""

from __future__ import annotations

from collections import Counter

import pytest
from agreement import agree
from ladders import PARTS

EACH = 620  # policies drawn for each part; Hypothesis draws about a quarter of them again
seen: set[str] = set()
words: Counter[str] = Counter()


@pytest.mark.slow
@pytest.mark.parametrize("part", PARTS)
def test_10_000_ladders(part: str) -> None:
    words.update(agree(part, EACH, seen))


@pytest.mark.slow
def test_10_000_ladders_were_seen() -> None:
    assert len(seen) >= 10_000, (len(seen), dict(words))
