"""Amendments: small policy files that name what they change in a protocol.

An amendment works on the tree of the policy file, before anything of it is read. The amended tree
then goes through the ordinary reader, so that what an amendment breaks is told in the same words,
with the place in the amendment that breaks it.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from model.edits import Change, applied, at_steps
from model.load import AUTHORITIES, authorities, load, located, protocol_of, shown
from model.protocol import Amended, Cited, Protocol
from model.shapes import (
    Context,
    Defs,
    Field,
    ListOf,
    Record,
    Shape,
    Words,
    closest,
    document,
    finish,
    nearest,
)
from model.shapes import Word as WordAt
from model.yamltree import (
    Fault,
    Node,
    PolicyError,
    Table,
    Text,
    excerpt,
    read_file,
)

REMOVE = "remove"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Amendment(Cited):
    """What an amendment says: the policy files it is for, its title, and its changes."""

    amends: tuple[WordAt, ...]
    title: WordAt
    changes: tuple[Change, ...]
    stem: str = ""
    digest: str = ""


def _is_remove(node: Node) -> bool:
    return isinstance(node, Text) and node.value == REMOVE


class _Changes(Shape):
    """A table from paths to new values."""

    wants = "a table from paths, such as “ladders.dispute.skip”, to new values"

    def read(self, node: Node, path: tuple[str, ...], into: Context) -> Any:
        if not isinstance(node, Table) or not node.entries:
            self.refuse(node, path, into)
            return None
        return tuple(
            Change(WordAt(key.value, key.at), None if _is_remove(value) else value)
            for key, value in node.entries
        )

    def schema(self, defs: Defs) -> Defs:
        return {"type": "object", "minProperties": 1}


AMENDMENT = Record(
    Amendment,
    {
        "amends": Field(
            ListOf(Words(200)), "the policy files it is for: an authority's name, or a path", True
        ),
        "title": Field(Words(80), "what it changes, in a few words", True),
        "changes": Field(
            _Changes(), "each path with its new value, or “remove” to take it out", True
        ),
    },
    "an amendment",
)


def schema() -> dict[str, Any]:
    """The schema of an amendment, in the terms of JSON Schema 2020-12."""
    title = "Amendment: what is changed in a policy file"
    return document(AMENDMENT, "amendment", title, "model/authorities/README.md")


def load_amendment(path: str | Path) -> Amendment:
    """Read an amendment; raises PolicyError for what is wrong with it by itself."""
    path = Path(path)
    faults: list[Fault] = []
    node, text = read_file(path, shown(path), faults, "amendment")
    context = Context(faults)
    amendment = AMENDMENT.read(node, (), context)
    finish(context)
    assert isinstance(amendment, Amendment)
    digest = hashlib.sha256(text.encode()).hexdigest()
    return replace(amendment, stem=path.stem, digest=digest)


def bases(path: str | Path) -> list[Path]:
    """The policy files that an amendment says it is for."""
    amendment, found = load_amendment(path), []
    for name in amendment.amends:
        base = _named(name, Path(path))
        if base is None:
            right = nearest(name, [p.stem for p in authorities()])
            wrong = f"there is no policy file “{excerpt(name)}”"
            raise PolicyError([Fault(name.at, "amends", wrong, right)])
        found.append(base)
    return found


def amended(path: str | Path, *amendments: str | Path) -> Protocol:
    """The protocol of a policy file (as `load` takes it) with amendments, one after the other.

    Its `stem` is made of all their stems and has no record; `amended` says what was changed.
    Raises `PolicyError` with what is wrong with the amendments, or with the policy file.
    """
    base = located(path)
    faults: list[Fault] = []
    node, text = read_file(base, shown(base), faults)
    if faults:
        raise PolicyError(faults)
    stem, seen, done = base.stem, frozenset({shown(base)}), list[Amended]()
    for number, file in enumerate(amendments, 1):
        amendment = load_amendment(file)
        _refuse_other(amendment, Path(file), base)
        try:
            node, words = applied(node, amendment.changes, _grounds(amendment), amendment.at)
        except PolicyError:
            load(base)  # a fault of the policy file comes first
            raise
        stem, text = f"{stem}+{amendment.stem}", f"{text}\0{amendment.digest}"
        done.append(
            Amended(
                at=amendment.at, title=amendment.title, stem=amendment.stem,
                digest=amendment.digest, changes=words, places=amendment.places,
                source=amendment.source, assumed=amendment.assumed,
            )
        )  # fmt: skip
        if number == len(amendments):
            protocol = _read(node, text, stem, seen, amendment, base)
            title = f"{protocol.title}; amended: {'; '.join(a.title for a in done)}"
            return replace(protocol, title=WordAt(title, protocol.title.at), amended=tuple(done))
        seen |= {amendment.at.file}
    return load(base)


def _grounds(amendment: Amendment) -> dict[str, str]:
    """What the citation of a changed table gets besides."""
    grounds = {"source": amendment.source or f"amended: {amendment.title}"}
    if amendment.assumed is not None:
        grounds["assumed"] = f"{amendment.title}: {amendment.assumed}"
    return grounds


def _read(
    node: Node, text: str, stem: str, seen: frozenset[str], amendment: Amendment, base: Path
) -> Protocol:
    """The amended protocol; a fault in text that was there before is the amendment's."""
    try:
        return protocol_of(node, text, stem, Context(spared=seen))
    except PolicyError as error:
        load(base)
        faults = [
            _blamed(f, amendment) if f.at.file in seen else _meant(f, node) for f in error.faults
        ]
        raise PolicyError(faults) from None


def _meant(fault: Fault, node: Node) -> Fault:
    """A new key that is none may be meant for one that is there already."""
    new = re.search("has no key “(.+)”$", fault.wrong)
    table = at_steps(node, fault.where.split(" › "))
    if new is None or not isinstance(table, Table):
        return fault
    close = closest(new[1], [k.value for k, _ in table.entries if k.value != new[1]])
    return replace(fault, right=f"did you mean “{close}”?") if close else fault


def _blamed(fault: Fault, amendment: Amendment) -> Fault:
    """A fault at the change that brought it about: what it took out, or what is nearest to it."""
    changes = amendment.changes
    for change in changes:
        above, _, name = change.path.rpartition(".")
        right = ""
        if change.value is None and f"“{name}”" in fault.wrong:
            right = "change that place too, or do not remove this"
            right = "give it a new value instead" if "is missing" in fault.wrong else right
        elif change.value is None and fault.where == above.replace(".", " › "):
            right = f"change “{excerpt(above)}” as a whole instead"
        if right:
            return Fault(change.path.at, fault.where, _then(fault), right)
    there = fault.where.split(" › ")

    def shared(change: Change) -> int:
        steps = change.path.split(".")
        return next((i for i, s in enumerate(steps) if there[i : i + 1] != [s]), len(steps))

    best = max(changes, key=shared)
    return Fault(best.path.at, fault.where, _then(fault), fault.right)


def _then(fault: Fault) -> str:
    return f"after this change, {fault.wrong} ({fault.at})"


def _named(name: str, amendment: Path) -> Path | None:
    if name in (p.stem for p in authorities()):
        return AUTHORITIES / f"{name}.yaml"
    path = amendment.parent / name
    try:
        return path if path.is_file() else None
    except (OSError, ValueError):
        return None


def _refuse_other(amendment: Amendment, file: Path, base: Path) -> None:
    for name in amendment.amends:
        path = _named(name, file)
        if path is not None and path.resolve() == base.resolve():
            return
    name = amendment.amends[0]
    wrong = f"this amendment is not for “{base.stem}”"
    right = f"apply it to “{excerpt(name)}”, or name “{base.stem}” here"
    raise PolicyError([Fault(name.at, "amends", wrong, right)])


__all__ = ["AMENDMENT", "Amendment", "amended", "bases", "load_amendment", "schema"]
