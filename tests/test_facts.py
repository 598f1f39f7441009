"""Each numbered finding of the fact sheets is in the policy file, where docs/facts says it is."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from model.yamltree import Items, Node, Table, Text, read_file

ROOT = Path(__file__).parent.parent
NUMBERED = {
    "islington": 19,
    "reviewing-and-insights": 15,
    "merton": 10,
    "manchester": 16,
    "northamptonshire": 11,
}


def rows(stem: str) -> list[tuple[int, list[str]]]:
    """The numbers of a table with the key paths that each gives."""
    found = []
    for line in (ROOT / "docs" / "facts" / f"{stem}.md").read_text("utf-8").splitlines():
        cells = [c.strip() for c in line.split("|")[1:-1]]
        if len(cells) >= 4 and re.fullmatch(r"\d+", cells[0]):
            found.append((int(cells[0]), re.findall(r"`([^`]+)`", cells[2])))
    return found


def resolve(node: Node, path: str) -> Node:
    """The node at a path of keys joined by dots; a number picks from a list, counting from 1."""
    rest = path
    while rest:
        if isinstance(node, Items):
            number, _, rest = rest.partition(".")
            node = node.values[int(number) - 1]
            continue
        assert isinstance(node, Table), f"{path}: {rest} is below a text"
        keys = [
            k.value for k, _ in node.entries if rest == k.value or rest.startswith(f"{k.value}.")
        ]
        if not keys and rest.partition(".")[0] == "1":  # a list of one may stand without dashes
            rest = rest.partition(".")[2]
            continue
        assert keys, f"{path}: nothing is called {rest!r}"
        key = max(keys, key=len)
        found = node.get(key)
        assert found is not None
        node, rest = found, rest[len(key) + 1 :]
    return node


@pytest.mark.parametrize("stem", NUMBERED)
def test_every_number_is_in_the_table_once(stem: str) -> None:
    assert sorted(number for number, _ in rows(stem)) == list(range(1, NUMBERED[stem] + 1))


@pytest.mark.parametrize("stem", NUMBERED)
def test_every_path_leads_to_something_in_the_file(stem: str) -> None:
    tree, _ = read_file(ROOT / "model" / "authorities" / f"{stem}.yaml")
    for number, paths in rows(stem):
        assert paths, f"number {number} names no place"
        for path in paths:
            node = resolve(tree, path)
            assert not isinstance(node, Text) or node.value, f"{number}: {path} is empty"
