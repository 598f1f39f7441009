"""Every single change of a policy file: what a claim ought to notice, or ought not to.

A mutant is a change of the tree, like an amendment, so that it goes through the same reader as
any file. Places are found by the shapes of the language itself: what the language gains is
changed, too.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import NamedTuple

from model import protocol as p
from model.edits import at_steps
from model.language import PROTOCOL
from model.load import protocol_of, spread
from model.mutants import powers, rungs
from model.mutants.change import Change, applied
from model.mutants.sites import Site, sites
from model.protocol import Protocol
from model.shapes import Context, Record
from model.yamltree import Node, Position, Table, read_text

__all__ = ["Mutant", "mutants", "read"]


class Mutant(NamedTuple):
    """A policy file with one change: its kind, its place in the file, and the change in words."""

    kind: str
    at: Position
    what: str
    tree: Node
    ladder: str = ""  # whose ladder it changes, if that of one alone


def mutants(text: str, name: str) -> Iterator[Mutant]:
    """Every single mutant of a policy, in the order of its file; PolicyError if it is none."""
    root = spread(read_text(text, name), Context())
    assert isinstance(root, Table)
    found = [change for site in sites(root, PROTOCOL) for change in _changes(site, root)]
    for change in sorted(found, key=lambda c: (c.at.line, c.at.column)):
        ladder = str(change.steps[1]) if change.steps[:1] == ("ladders",) else ""
        yield Mutant(change.kind, change.at, change.what, applied(root, change), ladder)


def read(mutant: Mutant, stem: str, text: str) -> Protocol:
    """The protocol of a mutant. PolicyError if the reader refuses it.

    It has the stem and the text of the file that it is a mutant of, so that their state graphs
    speak of the same symbols. What the change leaves without a use is no fault.
    """
    return protocol_of(mutant.tree, text, stem, Context(spared=frozenset({mutant.at.file})))


def _changes(site: Site, root: Table) -> Iterator[Change]:
    """Every change of one node; those of a ladder's rungs come with the ladder."""
    if not isinstance(site.shape, Record):
        yield from rungs.of_value(site)
        return
    assert isinstance(site.node, Table)
    yield from powers.of_condition(site)
    yield from powers.of_parts(site)
    simple = _OF.get(site.kind)
    if simple is not None:
        yield from simple(site)
    if site.kind is p.Ladder:
        yield from rungs.of_ladder(site)
        yield from powers.of_powers(site, root)
    elif site.kind is p.Raiser:
        yield from powers.of_raiser(site, _lowest(root, site))
    elif site.kind is p.Person:
        yield from powers.of_person(site, powers.with_role(root, "IRO"))


def _lowest(root: Table, site: Site) -> str:
    ladder = at_steps(root, site.steps[:2])
    rungs = ladder.get("rungs") if isinstance(ladder, Table) else None
    assert isinstance(rungs, Table)
    return rungs.entries[0][0].value


_OF: dict[type, Callable[[Site], Iterator[Change]]] = {
    p.Rung: rungs.of_rung,
    p.Rule: rungs.of_rule,
    p.Involvement: powers.of_part,
    p.Referral: powers.of_referral,
    p.Withdrawal: powers.of_withdrawal,
    p.Extension: powers.of_extension,
    p.Resolution: powers.of_resolution,
    p.Question: powers.of_question,
    p.ChildKind: powers.of_child,
    p.Protocol: powers.of_file,
}
