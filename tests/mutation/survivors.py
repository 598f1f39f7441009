"""What survived of a cosmic-ray session, a line of code with all its changes on each line.

python tests/mutation/survivors.py SESSION.sqlite [SESSION.sqlite …]
"""

from __future__ import annotations

import re
import sqlite3
import sys
from collections.abc import Iterable
from difflib import SequenceMatcher

FOUND = """
SELECT module_path, start_pos_row, start_pos_col, operator_name, occurrence, diff
FROM mutation_specs JOIN work_results USING (job_id)
WHERE worker_outcome != 'SKIPPED' AND test_outcome != 'KILLED' ORDER BY 1, 2, 3, 4, 5
"""


def changed(old: str, new: str) -> tuple[str, str]:
    """What of a line another stands for, by words and signs."""
    one, other = (re.findall(r"\w+|\s+|[^\w\s]+", line) for line in (old, new))
    parts = [o for o in SequenceMatcher(None, one, other, False).get_opcodes() if o[0] != "equal"]
    before = "".join(one[parts[0][1] : parts[-1][2]]).strip()
    after = "".join(other[parts[0][3] : parts[-1][4]]).strip()
    return before or "nothing", after or "nothing"


def survivors(sessions: Iterable[str]) -> dict[tuple[str, str], list[tuple[str, str]]]:
    """By module and line: each change that no test has noticed."""
    found: dict[tuple[str, str], list[tuple[str, str]]] = {}
    for session in sessions:
        with sqlite3.connect(session) as base:
            for module, _, _, _, _, diff in base.execute(FOUND):
                lines = [x for x in (diff or "").splitlines() if not x.startswith(("+++", "---"))]
                old, new = (" ".join(x[1:].strip() for x in lines if x[0] == sign) for sign in "-+")
                found.setdefault((module, old), []).append(changed(old, new))
    return found


if __name__ == "__main__":
    for (module, line), changes in survivors(sys.argv[1:]).items():
        said = "; ".join(f"{old} → {new}" for old, new in changes)
        print(f"{module}: {line}: {said}")
