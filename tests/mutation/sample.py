"""Keep a random sample of the mutants of a cosmic-ray session that are still to be tested.

python tests/mutation/sample.py SESSION.sqlite COUNT SEED
"""

from __future__ import annotations

import random
import sqlite3
import sys

PENDING = "SELECT job_id FROM work_items WHERE job_id NOT IN (SELECT job_id FROM work_results)"


def keep(session: str, count: int, seed: int) -> int:
    """Take all but `count` of the pending mutants out of a session; how many were pending."""
    with sqlite3.connect(session) as base:
        pending = sorted(job for (job,) in base.execute(PENDING))
        order = base.execute(
            "SELECT job_id FROM mutation_specs ORDER BY operator_name, occurrence, module_path"
        )
        ranked = [job for (job,) in order if job in set(pending)]
        random.Random(seed).shuffle(ranked)
        for job in ranked[count:]:
            for table in ("mutation_specs", "work_items"):
                base.execute(f"DELETE FROM {table} WHERE job_id = ?", (job,))
    return len(pending)


if __name__ == "__main__":
    name, count, seed = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    print(f"{keep(name, count, seed)} pending, {count} kept")
