"""From a policy file to a `Protocol`: read, look up every name, check what can be checked."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from model import sense
from model.language import (
    LADDER_FIELDS,
    PROTOCOL,
    TOP_FIELDS,
)
from model.names import Names
from model.protocol import Protocol
from model.shapes import (
    Context,
    Field,
    MapOf,
    Record,
    closest,
    finish,
    found,
)
from model.yamltree import (
    Fault,
    Node,
    PolicyError,
    Position,
    Table,
    Text,
    read_file,
    read_text,
    where,
)

AUTHORITIES = Path(__file__).parent / "authorities"


def load(path: str | Path) -> Protocol:
    """Read a policy file.

    `path` is a file, or the stem of one in `model/authorities` (`load("islington")`). Raises
    `PolicyError`, whose `faults` are everything that is wrong with the file, in file order; only
    rungs that nothing leads to are looked for last, when all else is right.
    """
    path = located(path)
    faults: list[Fault] = []
    node, text = read_file(path, shown(path), faults)
    return protocol_of(node, text, path.stem, Context(faults))


def located(path: str | Path) -> Path:
    """The file that `load` reads for a path or a stem; PolicyError if there is none."""
    given, path = str(path), Path(path)
    if path.suffix != "" or _exists(path):
        return path
    stems = [p.stem for p in authorities()]
    if given in stems:
        return AUTHORITIES / f"{given}.yaml"
    wrong = "there is no such file, and no authority of this name here"
    right = closest(given, stems)
    right = f"did you mean “{right}”?" if right else "check the name"
    raise PolicyError([Fault(Position(shown(path), 1, 1), "", wrong, right)])


def loads(text: str, name: str = "policy.yaml") -> Protocol:
    """Read a policy from a text, as `load` does from a file."""
    faults: list[Fault] = []
    node = read_text(text, name, faults)
    return protocol_of(node, text, Path(name).stem, Context(faults))


def authorities() -> list[Path]:
    """The policy files of the repository, in the order of their names."""
    return sorted(AUTHORITIES.glob("*.yaml"))


def shown(path: Path) -> str:
    """A path as messages show it: from the current folder where it lies below it."""
    try:
        label = path.resolve().relative_to(Path.cwd()).as_posix()
    except (ValueError, OSError, RuntimeError):
        label = path.name if path.is_absolute() else path.as_posix()
    return label if label.isprintable() else label.encode("unicode_escape").decode()


def _exists(path: Path) -> bool:
    try:
        return path.exists()
    except (OSError, ValueError):
        return False


def protocol_of(node: Node, text: str, stem: str, context: Context) -> Protocol:
    """The protocol of a file's tree; raises PolicyError, with the faults of `context` too."""
    context.partial = bool(context.faults)
    node = spread(node, context)
    protocol = PROTOCOL.read(node, (), context)
    Names(node, context).look_up()
    sense.check(context)
    finish(context)
    assert isinstance(protocol, Protocol)
    ladders = {name: replace(ladder, name=str(name)) for name, ladder in protocol.ladders.items()}
    questions = {
        name: replace(q, plain=q.settled) if q.settled else q
        for name, q in protocol.questions.items()
    }
    digest = hashlib.sha256(text.encode()).hexdigest()
    protocol = replace(protocol, ladders=ladders, questions=questions, stem=stem, digest=digest)
    _refuse_without_effect(protocol, context.spared)
    return protocol


def _refuse_without_effect(protocol: Protocol, spared: frozenset[str]) -> None:
    """Build every state graph, and keep it for later; only they show what comes to something.

    What a settled question leaves over is no fault, nor is what an amendment has left over.
    """
    from model.effect import without_effect
    from model.expand import expand

    faults: list[Fault] = []
    asked = {name: replace(q, settled=None) for name, q in protocol.questions.items()}
    settled = any(q.settled for q in protocol.questions.values())
    open_ = replace(protocol, questions=asked) if settled else protocol
    for name in protocol.ladders:
        try:
            expand(protocol, name)
            found = without_effect(expand(open_, name))
            faults += (fault for fault in found if fault.at.file not in spared)
        except PolicyError as error:
            faults += error.faults
    if faults:
        raise PolicyError(faults)


# --- keys that every rung has -----------------------------------------------------------------


def _map(fields: Mapping[str, Field], key: str) -> tuple[MapOf, Record]:
    shape = fields[key].shape
    assert isinstance(shape, MapOf) and isinstance(shape.item, Record)
    return shape, shape.item


LADDERS, LADDER = _map(TOP_FIELDS, "ladders")
RUNGS, RUNG = _map(LADDER_FIELDS, "rungs")


def spread(node: Node, context: Context) -> Node:
    """Give each rung the keys of its ladder's `every rung` that it does not have itself.

    Misspelt keys of the file and of its ladders are put right here, and noted as faults.
    """
    if not isinstance(node, Table) or not node.entries:
        return node
    node = PROTOCOL.mend(node, (), context)
    ladders = node.get("ladders")
    if not isinstance(ladders, Table) or LADDERS.nameless(ladders):
        return node
    spread = tuple(
        (key, _spread_ladder(ladder, ("ladders", key.value), context))
        for key, ladder in ladders.entries
    )
    return _with(node, "ladders", Table(spread, ladders.at, ladders.odd))


def _spread_ladder(ladder: Node, path: tuple[str, ...], context: Context) -> Node:
    if not isinstance(ladder, Table) or not LADDER.knows(ladder):
        return ladder
    ladder = LADDER.mend(ladder, path, context)
    common, rungs = ladder.get("every rung"), ladder.get("rungs")
    if common is None:
        return ladder
    own = tuple(e for e in ladder.entries if e[0].value != "every rung")
    rest = Table(own, ladder.at, ladder.odd)
    there = (*path, "every rung")
    if not isinstance(common, Table) or not common.entries:
        context.partial = True
        context.fault(common.at, there, found(common), "write keys of a rung below it")
        return rest
    common = RUNG.mend(common, there, context)
    if not isinstance(rungs, Table) or RUNGS.nameless(rungs):
        return rest
    return _with(rest, "rungs", _filled(rungs, common, path, context))


def _filled(rungs: Table, common: Table, path: tuple[str, ...], context: Context) -> Table:
    """The rungs with the keys that they have in common, as far as they do not have their own."""
    unused = {key.value: key for key, _ in common.entries}
    filled: list[tuple[Text, Node]] = []
    for name, rung in rungs.entries:
        if isinstance(rung, Table) and rung.entries:
            own = {key.value for key, _ in rung.entries}
            more = [entry for entry in common.entries if entry[0].value not in own]
            rung = Table((*rung.entries, *more), rung.at, rung.odd)
            for key, _ in more:
                unused.pop(key.value, None)
                there = (*path, "rungs", name.value, key.value)
                context.moved[there] = (*path, "every rung", key.value)
        filled.append((name, rung))
    for key in unused.values():
        if key.at.file not in context.spared and all(isinstance(rung, Table) for _, rung in filled):
            wrong = f"“{key.value}” has no effect, since every rung has its own"
            context.fault(key.at, (*path, "every rung"), wrong, "take it out")
    return Table(tuple(filled), rungs.at, rungs.odd)


def _with(table: Table, name: str, value: Node) -> Table:
    entries = tuple((k, value if k.value == name else v) for k, v in table.entries)
    return Table(entries, table.at, table.odd)


__all__ = ["Fault", "PolicyError", "authorities", "load", "loads", "where"]
