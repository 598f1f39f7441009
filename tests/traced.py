"""Which tests run nearly all branches in little time, so that these can be traced in every run.

Tracing all tests takes about half an hour. It is needed when the branches of the chosen ones fall
below what `.ci/run` asks for:

    pytest --cov --cov-context=test --junitxml=times.xml
    python tests/traced.py times.xml > tests/traced.txt
"""

from __future__ import annotations

import re
import sys
import xml.etree.ElementTree as ET
from collections import defaultdict
from collections.abc import Iterable, Mapping, Set
from fnmatch import fnmatch
from pathlib import Path

from coverage import CoverageData

ROOT = Path(__file__).resolve().parent.parent
NEARLY_ALL = 0.99  # of the branches that all tests run
LEAST_TIME = 0.1  # seconds; what a test takes besides

Branch = tuple[str, int, int]


def chosen(
    branches: Mapping[str, Set[Branch]], seconds: Mapping[str, float], all_of: Iterable[str]
) -> list[str]:
    """Tests that run every branch of some files, and nearly all of the others; greedily."""
    every = set().union(*branches.values())
    needed = {b for b in every if any(fnmatch(b[0], pattern) for pattern in all_of)}
    found: dict[str, None] = {}
    seen = set(branches.get("", ()))  # what is run when the modules are imported

    def gain(test: str) -> float:
        return len((branches[test] & missing) - seen) / (seconds.get(test, 0) + LEAST_TIME)

    for missing, enough in ((needed, 1.0), (every, NEARLY_ALL)):
        while len(seen & missing) < enough * len(missing):
            best = max(sorted(branches), key=gain)
            seen |= branches[best]
            found[best] = None
    return sorted(found)


def function(test: str) -> str:
    """The function of a test, without what it is given."""
    return re.sub(r"(\[.*)?(\|\w+)?$", "", test, flags=re.DOTALL)


def traced() -> dict[str, set[Branch]]:
    """The branches that each test function runs, from what `pytest --cov` has left."""
    data = CoverageData(str(ROOT / ".coverage"))
    data.read()
    found: dict[str, set[Branch]] = defaultdict(set)
    for context in data.measured_contexts():
        data.set_query_context(context)
        for file in data.measured_files():
            name = str(Path(file).relative_to(ROOT))
            found[function(context)] |= {(name, *arc) for arc in data.arcs(file) or ()}
    return found


def took(report: Path) -> dict[str, float]:
    """The seconds that each test function took, by the report of pytest."""
    found: dict[str, float] = defaultdict(float)
    for case in ET.parse(report).iter("testcase"):
        file = case.attrib["classname"].replace(".", "/") + ".py"
        found[function(f"{file}::{case.attrib['name']}")] += float(case.attrib["time"])
    return found


if __name__ == "__main__":
    asked = re.search(r"--include='([^']+)'", (ROOT / ".ci" / "run").read_text("utf-8"))
    assert asked is not None
    print(*chosen(traced(), took(Path(sys.argv[1])), asked[1].split(",")), sep="\n")
