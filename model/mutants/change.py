"""What every operator works with: the change that it makes, and the names that it may bring in."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from model.edits import Step, put, said, short
from model.mutants.sites import Site, items, made, texts, with_keys
from model.yamltree import Items, Node, Position, Table

SOMEBODY = "Another Manager"  # who gets a part in what a mutant adds
FACT = "a further condition"
WISH = "the child agrees"
OBSTACLE = "an outside obstacle"
WHY = "put in to see which claim notices it"

_PEOPLE = {SOMEBODY: {"side": "management"}}
_FACTS = {
    FACT: {"says": "Something else is so.", "about": "other", "assumed": WHY},
    WISH: {"says": "The child agrees.", "about": "child's wish", "assumed": WHY},
    OBSTACLE: {"says": "It lies with others.", "about": "obstacle", "assumed": WHY},
}


class Change(NamedTuple):
    """One change: its kind, where, what stands there then (None: nothing), and it in words."""

    kind: str
    steps: tuple[Step, ...]
    value: Node | None
    at: Position
    what: str


def changed(kind: str, site: Site, value: Any, what: str = "") -> Change:
    """A node given another value, or taken out."""
    new = None if value is None else made(value, site.node.at)
    to = "taken out" if new is None else f"{short(site.node)} → {short(new)}"
    return Change(kind, site.steps, new, site.node.at, f"{said(site.steps)}: {what or to}")


def keyed(kind: str, site: Site, key: str, value: Any, what: str = "") -> Change:
    """A key of a table given another value, put in, or taken out."""
    assert isinstance(site.node, Table)
    old = site.node.get(key)
    where = (*site.steps, key)
    at = site.node.at if old is None else old.at
    if not what:
        new = None if value is None else short(made(value, at))
        what = "taken out" if new is None else f"{short(old)} → {new}" if old else f"{new} (new)"
    table = with_keys(site.node, **{key: value})
    return Change(kind, site.steps, table, at, f"{said(where)}: {what}")


def each_removed(kind: str, site: Site, key: str, without: Any = None) -> Iterator[Change]:
    """Each item of a list taken out; `without` is what stands there when none is left."""
    assert isinstance(site.node, Table)
    whole = items(site.node.get(key))
    for number, item in enumerate(whole):
        rest = whole[:number] + whole[number + 1 :]
        value = Items(rest, rest[0].at) if rest else without
        what = f"{short(item)}: taken out"
        yield keyed(kind, site, key, value, what)._replace(at=item.at)


def one_more(kind: str, site: Site, key: str, item: Any) -> Change:
    """One more item in a list, or the first."""
    assert isinstance(site.node, Table)
    what = f"{short(made(item, site.node.at))} (new)"
    return keyed(kind, site, key, [*items(site.node.get(key)), item], what)


def declared(root: Table, value: Node | None) -> Table:
    """The file with what a change has brought in declared: a person, facts."""
    found = list(texts(value))
    for key, names in (("people", _PEOPLE), ("facts", _FACTS)):
        new = {name: about for name, about in names.items() if any(name in t for t in found)}
        old = root.get(key)
        table = old if isinstance(old, Table) else Table((), root.at)
        fresh = {name: about for name, about in new.items() if table.get(name) is None}
        if fresh:
            more = made(fresh, table.at)
            assert isinstance(more, Table)
            both = Table((*table.entries, *more.entries), table.at, table.odd)
            root = with_keys(root, **{key: both})
    return root


def applied(root: Table, change: Change) -> Node:
    """The tree with a change and with what it needs declared."""
    if not change.steps:
        assert isinstance(change.value, Table)
        return declared(change.value, change.value)
    return put(declared(root, change.value), change.steps, change.value)


def gate(who: str = SOMEBODY, how: str = "approves", **more: Any) -> dict[str, Any]:
    """Somebody's part in a step, as a file would say it."""
    waits = {"within": "unstated", "if refused": "nothing", "if silent": "nothing"}
    told = how in ("told before", "told after", "copied")
    return {"who": who, "how": how, **({} if told else waits), **more, "assumed": WHY}
