"""Verdicts on 10,000 random ladders are those of brute force."""

from __future__ import annotations

import pytest
from agreement import agree
from ladders import PARTS, WAITS

MINE = (*PARTS, WAITS)
EACH = -(-10_000 // len(PARTS))  # ladders with each part


@pytest.mark.slow
@pytest.mark.parametrize("part", MINE)
def test_10_000_ladders(part: str, pytestconfig: pytest.Config) -> None:
    """Hypothesis draws some again, and some are too large for brute force: more are drawn."""
    seen: set[str] = set()
    draws = pytestconfig.getoption("--draws")
    print(dict(sorted(agree(part, 3 * EACH, seen, EACH, draws).items())))
    assert len(seen) == EACH
