"""Where in a policy file something can be changed: each node with the shape it is read as."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from model.edits import Step
from model.language import TimeOr
from model.lengths import Duration
from model.shapes import ByCase, Either, ListOf, MapOf, Record, Shape
from model.yamltree import Items, Node, Position, Table, Text

BESIDE = 100_000  # columns: what is put in stands in the line it changes, right of all else


class Site(NamedTuple):
    """A node of the tree, the steps that lead to it, and the shape that reads it.

    The steps of a list of one that stands without its brackets are those of the list.
    """

    steps: tuple[Step, ...]
    node: Node
    shape: Shape

    @property
    def kind(self) -> type:
        """The class that a table is read into; that of the shape for anything else."""
        return self.shape.into if isinstance(self.shape, Record) else type(self.shape)


def sites(node: Node, shape: Shape, steps: tuple[Step, ...] = ()) -> Iterator[Site]:
    """Every record, and every value that has no parts, below a node; outer ones first."""
    if isinstance(shape, ByCase):
        if isinstance(node, Table) and shape.by_case(node):
            for key, value in node.entries:
                yield from sites(value, shape.item, (*steps, key.value))
        else:
            yield from sites(node, shape.item, steps)
    elif isinstance(shape, Either) and not _word_or_length(node, shape):
        yield from sites(node, shape.other, steps)
    elif isinstance(shape, TimeOr):
        yield from sites(node, shape.table if isinstance(node, Table) else shape.text, steps)
    elif isinstance(shape, ListOf):
        lone = not isinstance(node, Items)
        for number, item in enumerate(items(node), 1):
            yield from sites(item, shape.item, steps if lone else (*steps, number))
    elif isinstance(shape, MapOf) and isinstance(node, Table):
        for key, value in node.entries:
            yield from sites(value, shape.item, (*steps, key.value))
    else:
        yield Site(steps, node, shape)
        if isinstance(shape, Record) and isinstance(node, Table):
            for key, value in node.entries:
                yield from sites(value, shape.keys()[key.value].shape, (*steps, key.value))


def _word_or_length(node: Node, shape: Either) -> bool:
    """Whether a node is a word of a shape, or a length for which one of them can stand."""
    length = isinstance(shape.other, Duration)
    return isinstance(node, Text) and (length or node.value in shape.words)


def items(node: Node | None) -> tuple[Node, ...]:
    """The items of a list; a value that stands alone is a list of one."""
    if node is None:
        return ()
    return node.values if isinstance(node, Items) else (node,)


def made(value: Any, at: Position) -> Node:
    """A node of plain texts, lists and tables, in the line of `at`; each table has its own place.

    A node among them stays as it is.
    """
    return _made(value, at, iter(range(BESIDE, 2 * BESIDE)))


def _made(value: Any, at: Position, columns: Iterator[int]) -> Node:
    if isinstance(value, Text | Items | Table):
        return value
    here = at._replace(column=next(columns))
    if isinstance(value, str):
        return Text(value, here)
    if isinstance(value, dict):
        return Table(tuple((Text(k, here), _made(v, at, columns)) for k, v in value.items()), here)
    return Items(tuple(_made(v, at, columns) for v in value), here)


def moved(node: Node) -> Node:
    """A copy of a node that stands right of it, so that the places of the two differ."""
    at = node.at._replace(column=node.at.column + BESIDE)
    if isinstance(node, Text):
        return Text(node.value, at)
    if isinstance(node, Items):
        return Items(tuple(moved(value) for value in node.values), at)
    return Table(tuple((Text(k.value, k.at), moved(v)) for k, v in node.entries), at)


def texts(node: Node | None) -> Iterator[str]:
    """Every text below a node, keys too."""
    if isinstance(node, Text):
        yield node.value
    elif isinstance(node, Items):
        for value in node.values:
            yield from texts(value)
    elif node is not None:
        for key, value in node.entries:
            yield key.value
            yield from texts(value)


def with_keys(table: Table, **new: Any) -> Table:
    """A table with other values of some keys; None takes a key out. `_` in a name is a space."""
    named = {name.rstrip("_").replace("_", " "): value for name, value in new.items()}
    entries = []
    for key, old in table.entries:
        value = named.pop(key.value, old)
        if value is not None:
            entries.append((key, value if value is old else made(value, old.at)))
    for name, value in named.items():
        if value is not None:
            entries.append((Text(name, table.at), made(value, table.at)))
    return Table(tuple(entries), table.at, table.odd)
