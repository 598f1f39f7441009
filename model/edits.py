"""Changes of a tree by path: `ladders.dispute.skip`, and what stands there then.

A path names keys as they are spelt in the file and items by their number, all of the tree before
any change. Nothing here knows the policy language, but for two things: rungs stand in an order,
and a rung has what `every rung` has.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from model.shapes import Word, nearest
from model.yamltree import (
    Fault,
    Items,
    Node,
    PolicyError,
    Position,
    Table,
    Text,
    excerpt,
    where,
)

NEW = "new"
_NUMBER = re.compile(r"[1-9][0-9]{0,2}")
_CITED = ("source", "assumed")


class Change(NamedTuple):
    """One change: the path as it is written, and what stands there then; None takes it out."""

    path: Word
    value: Node | None


# --- paths ------------------------------------------------------------------------------------

Step = str | int  # the name of a key, or the number of an item from 1


class _Place(NamedTuple):
    """Where a path leads: its steps, and the node that is there, if any."""

    steps: tuple[Step, ...]
    node: Node | None


class _Wrong(Exception):
    def __init__(self, wrong: str, right: str) -> None:
        super().__init__(wrong)
        self.wrong, self.right = wrong, right


def _resolved(root: Node, change: Change) -> _Place:
    """Follow a path as far as it leads; its last step may be a key that is not there yet."""
    node, rest, steps = root, str(change.path), tuple[Step, ...]()
    if "›" in rest:
        written = re.sub(" ?› ?", ".", rest)
        raise _Wrong("the steps of a path are joined by full stops", f"write “{excerpt(written)}”")
    if not all(part.strip() for part in rest.split(".")):
        raise _Wrong("a step of this path is empty", "write one full stop between two names")
    while rest:
        if isinstance(node, Text):
            wrong = f"“{excerpt(node.value)}” stands in {said(steps)}, and nothing below it"
            raise _Wrong(wrong, "give the whole value there")
        first, _, more = rest.partition(".")
        if isinstance(node, Items):
            count = len(node.values)
            if first == NEW and not more and change.value is not None:
                return _Place((*steps, count + 1), None)
            if not _NUMBER.fullmatch(first) or int(first) > count:
                wrong = f"“{excerpt(first)}” is no item of {said(steps)}, which has {count}"
                numbers = f"a number from 1 to {count}" if count > 1 else "1"
                raise _Wrong(wrong, f"write {numbers}, or “new” for another item")
            node, rest, steps = node.values[int(first) - 1], more, (*steps, int(first))
            continue
        keys = [k.value for k, _ in node.entries if rest == k.value or _under(rest, k.value)]
        key = max(keys, key=len, default=None)
        if key is not None:
            found = node.get(key)
            assert found is not None
            node, rest, steps = found, rest[len(key) + 1 :], (*steps, key)
        elif first in ("1", NEW) and steps:  # a list of one, written without its brackets
            if first == NEW and not more and change.value is not None:
                return _Place((*steps, 2), None)
            rest = more if first == "1" else _refuse_step(root, node, steps, first)
        elif _NUMBER.fullmatch(first):
            wrong = f"{said(steps)} has one item only, and no “{first}”"
            raise _Wrong(wrong, "write 1, or “new” for another item")
        elif more or change.value is None:
            _refuse_step(root, node, steps, first)
        else:
            return _Place((*steps, first), None)
    return _Place(steps, node)


def _under(rest: str, key: str) -> bool:
    return rest.startswith(f"{key}.")


def _refuse_step(root: Node, node: Table, steps: tuple[Step, ...], first: str) -> str:
    common = _every_rung(root, steps)
    if common is not None and common.get(first) is not None:
        wrong = f"“{excerpt(first)}” stands under “every rung” and not in {said(steps)}"
        raise _Wrong(wrong, "change it there, or give this rung one of its own")
    wrong = f"there is no “{excerpt(first)}” in {said(steps)}"
    raise _Wrong(wrong, nearest(first, [k.value for k, _ in node.entries]))


def _every_rung(root: Node, steps: tuple[Step, ...]) -> Table | None:
    """What every rung has in common, if the steps lead to one."""
    if len(steps) != 4 or steps[2] != "rungs":
        return None
    ladder = at_steps(root, steps[:2])
    common = ladder.get("every rung") if isinstance(ladder, Table) else None
    return common if isinstance(common, Table) else None


def at_steps(node: Node | None, steps: Sequence[Step]) -> Node | None:
    """What stands at the end of some steps, if anything."""
    for step in steps:
        if isinstance(node, Table) and isinstance(step, str):
            node = node.get(step)
        elif isinstance(node, Items) and isinstance(step, int):
            node = node.values[step - 1] if step <= len(node.values) else None
        elif not (isinstance(node, Table) and step == 1):
            return None
    return node


def said(steps: Sequence[Step]) -> str:
    return where(f"[{s}]" if isinstance(s, int) else s for s in steps) or "the policy file"


# --- applying ---------------------------------------------------------------------------------


class _Edit(NamedTuple):
    """One change whose path was followed."""

    change: Change
    place: _Place

    @property
    def line(self) -> int:
        return self.change.path.at.line


def applied(
    root: Node, changes: Iterable[Change], grounds: Mapping[str, str], at: Position
) -> tuple[Node, tuple[str, ...]]:
    """The tree with all changes, and the changes in words; every path is of the tree before.

    `grounds` are what the citations of the changed tables get besides, under `source` and
    `assumed`; `at` is the place of their own. Raises PolicyError for changes that cannot be made.
    """
    edits, faults = list[_Edit](), list[Fault]()
    for change in changes:
        try:
            edits.append(_Edit(change, _resolved(root, change)))
            _refuse_idle(root, edits[-1], edits[:-1])
        except _Wrong as error:
            faults.append(Fault(change.path.at, "changes", error.wrong, error.right))
    if faults:
        raise PolicyError(faults)
    words = tuple(_worded(root, edit) for edit in edits)
    result = root
    for edit in edits:
        if edit.change.value is not None:
            result = _with_value(result, edit, faults)
    for steps in dict.fromkeys(_cited_above(root, edit) for edit in edits):
        if steps is not None:
            found = at_steps(result, steps)
            assert isinstance(found, Table)
            result = put(result, steps, _marked(found, grounds, at))
    gone = [edit.place.steps for edit in edits if edit.change.value is None]
    for steps in sorted(gone, key=_last_number, reverse=True):
        result = put(result, steps, None)
    if faults:
        raise PolicyError(faults)
    return result, words


def _last_number(steps: tuple[Step, ...]) -> int:
    return steps[-1] if steps and isinstance(steps[-1], int) else 0


def _refuse_idle(root: Node, edit: _Edit, others: Iterable[_Edit]) -> None:
    """Refuse what is changed twice, and what is so already."""
    steps, value = edit.place.steps, edit.change.value
    for other in others:
        shared = min(len(steps), len(other.place.steps))
        if steps == other.place.steps and edit.place.node is not None:
            raise _Wrong(f"line {other.line} changes this already", "keep one of the two")
        if steps[:shared] == other.place.steps[:shared] and steps != other.place.steps:
            wrong = f"line {other.line} changes {'a part' if shared == len(steps) else 'all'} of it"
            raise _Wrong(wrong, "keep one of the two, or join them")
    before = _before(root, edit)
    if value is not None and before is not None and _bare(before) == _bare(value):
        raise _Wrong("the policy file says this already", "take this change out")


def _before(root: Node, edit: _Edit) -> Node | None:
    """What is said now, at the place itself or of every rung."""
    steps, node = edit.place
    common = _every_rung(root, steps[:-1])
    if node is None and common is not None and isinstance(steps[-1], str):
        return common.get(steps[-1])
    return node


def _bare(node: Node) -> Any:
    """A tree without its positions; one value alone is as good as a list of one."""
    if isinstance(node, Text):
        return node.value
    if isinstance(node, Items):
        bare = [_bare(value) for value in node.values]
        return bare[0] if len(bare) == 1 else bare
    return [(key.value, _bare(value)) for key, value in node.entries]


def _with_value(root: Node, edit: _Edit, faults: list[Fault]) -> Node:
    """The tree with a new value; a rung also takes its place among the others."""
    steps, value = edit.place.steps, edit.change.value
    assert value is not None
    if len(steps) != 4 or steps[2] != "rungs" or not isinstance(value, Table):
        return put(root, steps, value, edit.change.path.at)
    name = str(steps[3])
    beside = [(k, v) for k, v in value.entries if k.value in ("above", "below")]
    own = tuple(e for e in value.entries if e not in beside)
    root = put(root, steps, Table(own, value.at, value.odd), edit.change.path.at)
    rungs = at_steps(root, steps[:3])
    assert isinstance(rungs, Table)
    others = [k.value for k, _ in rungs.entries if k.value != name]
    there = ("changes", str(edit.change.path))
    if len(beside) > 1:
        wrong, right = "“above” and “below” stand here", "keep one of the two"
        faults.append(Fault(beside[1][0].at, where(there), wrong, right))
    elif not beside and edit.place.node is None:
        right = "add “above:” or “below:” with the name of another rung"
        wrong = f"the place of the new rung “{excerpt(name)}” is not said"
        faults.append(Fault(value.at, where(there), wrong, right))
    elif beside:
        side, rung = beside[0]
        if not isinstance(rung, Text) or rung.value not in others:
            wrong = "a list or table stands where the name of a rung belongs"
            right = "write the name of another rung"
            if isinstance(rung, Text):
                wrong = f"there is no other rung “{excerpt(rung.value)}”"
                right = nearest(rung.value, others)
            faults.append(Fault(rung.at, where((*there, side.value)), wrong, right))
            return root
        mine = next(e for e in rungs.entries if e[0].value == name)
        rest = [e for e in rungs.entries if e is not mine]
        spot = others.index(rung.value) + (side.value == "above")  # the lowest comes first
        entries = (*rest[:spot], mine, *rest[spot:])
        return put(root, steps[:3], Table(entries, rungs.at, rungs.odd))
    return root


def put(node: Node, steps: Sequence[Step], value: Node | None, at: Position | None = None) -> Node:
    """The tree with another value at some steps; None takes out what is there."""
    if not steps:
        assert value is not None
        return value
    step, rest = steps[0], steps[1:]
    if isinstance(node, Items) and isinstance(step, int):
        here = node.values[step - 1 : step]  # nothing for another item
        if value is None and not rest:
            new: tuple[Node, ...] = ()
        elif here:
            new = (put(here[0], rest, value, at),)
        else:
            new = (value,) if value is not None else ()
        return Items((*node.values[: step - 1], *new, *node.values[step:]), node.at)
    assert isinstance(node, Table)
    if isinstance(step, int):  # a second item beside a lone one
        return Items((node, *([value] if value else [])), node.at)
    entries = list[tuple[Text, Node]]()
    for key, old in node.entries:
        if key.value != step:
            entries.append((key, old))
        elif rest or value is not None:
            entries.append((key, put(old, rest, value, at)))
    if node.get(step) is None and value is not None:
        last = len(entries) - (bool(entries) and entries[-1][0].value == "otherwise")
        entries.insert(last, (Text(step, at or value.at), value))
    return Table(tuple(entries), node.at, node.odd)


# --- what it leaves behind --------------------------------------------------------------------


def _cited_above(root: Node, edit: _Edit) -> tuple[Step, ...] | None:
    """The innermost table around a change that cites something; None if the value does itself."""
    value, steps = edit.change.value, edit.place.steps
    if isinstance(value, Table) and any(value.get(key) for key in _CITED):
        return None
    for count in range(len(steps) - 1, 0, -1):
        node = at_steps(root, steps[:count])
        if isinstance(node, Table) and any(node.get(key) for key in _CITED):
            return steps[:count]
    return None


def _marked(table: Table, grounds: Mapping[str, str], at: Position) -> Table:
    """A table whose citation says that it was amended, and on what ground."""
    result: Node = table
    for key, ground in grounds.items():
        old = table.get(key)
        if key == "source" and old is None:
            continue
        before = f"{old.value}; " if isinstance(old, Text) else ""
        longest = 200 if key == "source" else 600
        text = f"{before}{ground}"
        text = text if len(text) <= longest else text[: longest - 1] + "…"
        result = put(result, (key,), Text(text, at))
    assert isinstance(result, Table)
    return result


def _worded(root: Node, edit: _Edit) -> str:
    """A change in a line: `ladders › dispute › skip: unstated → none`."""
    steps, before, value = edit.place.steps, _before(root, edit), edit.change.value
    if value is None:
        return f"{said(steps)}: taken out"
    if before is None:
        return f"{said(steps)}: {short(value)} (new)"
    return f"{said(steps)}: {short(before)} → {short(value)}"


def short(node: Node) -> str:
    if isinstance(node, Text):
        return excerpt(node.value)
    return excerpt(", ".join(_parts(node)))


def _parts(node: Node) -> Iterator[str]:
    if isinstance(node, Text):
        yield node.value
    elif isinstance(node, Items):
        for value in node.values:
            yield from _parts(value)
    else:
        for key, value in node.entries:
            yield f"{key.value}: {', '.join(_parts(value))}"
