"""A small reader of timed automata as TChecker and UPPAAL write them, and all their whole days.

It stands in for the tools where they are not installed: it reads the exported text, not the value
that the text was made from. Every guard of these files is closed but that of `late`, so whole days
are enough (Henzinger, Manna and Pnueli 1992).
"""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from collections import deque
from dataclasses import dataclass, field

Test = tuple[str, str, int]  # clock, sign, days


@dataclass
class Timed:
    """What a text says: clocks, invariants, labels and edges, each location by its name."""

    clocks: list[str] = field(default_factory=list)
    first: str = ""
    invariants: dict[str, list[Test]] = field(default_factory=dict)
    urgent: set[str] = field(default_factory=set)
    labels: dict[str, set[str]] = field(default_factory=dict)
    edges: dict[str, list[tuple[str, list[Test], list[str]]]] = field(default_factory=dict)
    queries: list[str] = field(default_factory=list)


def tests_of(text: str) -> list[Test]:
    found = [part.strip() for part in text.split("&&") if part.strip()]
    result = []
    for part in found:
        match = re.fullmatch(r"(\w+) ?(<=|>=|>) ?(\d+)", part)
        assert match, part
        result.append((match[1], match[2], int(match[3])))
    return result


def read_tchecker(text: str) -> Timed:
    found = Timed()
    for line in text.splitlines():
        if not line or line.startswith("#") or line.startswith(("system:", "event:", "process:")):
            continue
        head, _, tail = line.partition("{")
        parts = head.split(":")
        given = dict(p.strip().split(":", 1) for p in tail.rstrip("}").split(" : ") if p.strip())
        given = {key.strip(): value.strip() for key, value in given.items()}
        if parts[0] == "clock":
            found.clocks.append(parts[2])
        elif parts[0] == "location":
            name = parts[2]
            found.first = name if "initial" in given else found.first
            found.invariants[name] = tests_of(given.get("invariant", ""))
            found.labels[name] = set(given.get("labels", "").split(","))
            found.urgent |= {name} if "urgent" in given else set()
        else:
            assert parts[0] == "edge", line
            sets = [s.removesuffix("=0") for s in given.get("do", "").split(";") if s]
            leading = found.edges.setdefault(parts[2], [])
            leading.append((parts[3], tests_of(given.get("provided", "")), sets))
    return found


def read_uppaal(text: str) -> Timed:
    root = ET.fromstring(text)
    assert root.tag == "nta"
    order = [child.tag for child in root]
    assert order == ["declaration", "template", "system", "queries"]
    found = Timed()
    declared = root.findtext("declaration") or ""
    lines = [x for x in declared.splitlines() if x and not x.startswith("//")]
    for line in lines:
        match = re.fullmatch(r"clock ([\w, ]+);", line)
        assert match, line
        found.clocks += match[1].split(", ")
    template = root.find("template")
    assert template is not None
    kinds = [child.tag for child in template]
    assert kinds == sorted(
        kinds, key=["name", "declaration", "location", "init", "transition"].index
    )
    names = {}
    for location in template.iter("location"):
        name = names[location.attrib["id"]] = location.findtext("name") or ""
        found.invariants[name] = tests_of(_label(location, "invariant"))
        found.urgent |= {name} if location.find("urgent") is not None else set()
    init = template.find("init")
    assert init is not None
    found.first = names[init.attrib["ref"]]
    for edge in template.iter("transition"):
        ends = [edge.find(part) for part in ("source", "target")]
        source, target = (names[end.attrib["ref"]] for end in ends if end is not None)
        assigned = _label(edge, "assignment")
        sets = [s.strip().removesuffix(" = 0") for s in assigned.split(",") if s.strip()]
        leading = found.edges.setdefault(source, [])
        leading.append((target, tests_of(_label(edge, "guard")), sets))
    found.queries = [q.findtext("formula") or "" for q in root.iter("query")]
    return found


def _label(element: ET.Element, kind: str) -> str:
    return "".join(x.text or "" for x in element.findall("label") if x.attrib["kind"] == kind)


def positions(system: Timed, far: int) -> set[tuple[str, tuple[int, ...]]]:
    """Every location with whole-day clocks (cut off at `far`) that can be reached."""
    place = {name: number for number, name in enumerate(system.clocks)}

    def holds(clocks: tuple[int, ...], tests: list[Test]) -> bool:
        signs = {"<=": int.__le__, ">=": int.__ge__, ">": int.__gt__}
        return all(signs[sign](clocks[place[name]], days) for name, sign, days in tests)

    first = (system.first, (0,) * len(system.clocks))
    assert holds(first[1], system.invariants[system.first])
    found = {first}
    queue = deque([first])
    while queue:
        name, clocks = queue.popleft()
        after = []
        if name not in system.urgent:
            later = tuple(min(far, clock + 1) for clock in clocks)
            after += [(name, later)] if holds(later, system.invariants[name]) else []
        for target, guards, sets in system.edges.get(name, ()):
            if holds(clocks, guards):
                then = tuple(0 if c in sets else clocks[place[c]] for c in system.clocks)
                after += [(target, then)] if holds(then, system.invariants[target]) else []
        for position in after:
            if position not in found:
                found.add(position)
                queue.append(position)
    return found
