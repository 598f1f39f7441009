"""Changes of rungs: their order, their times, and what follows an answer or a silence."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from model.edits import put
from model.language import NO_RULE
from model.lengths import Duration
from model.mutants.change import OBSTACLE, SOMEBODY, WISH, Change, changed, keyed
from model.mutants.sites import Site, items, moved, sites, with_keys
from model.shapes import Either, OneOf, Record, Ref, Shape
from model.yamltree import Items, Node, Table, Text

UP = "next rung"
OUTCOMES = ("if satisfied", "if partly satisfied", "if not satisfied", "if silent", "if divided")
_TIME = re.compile(r"([0-9]+) (.*?)s?")


# --- the order of the rungs -------------------------------------------------------------------


def of_ladder(site: Site) -> Iterator[Change]:
    """Rungs dropped, doubled, swapped; the ladder cut in two; an officer at two rungs."""
    assert isinstance(site.node, Table)
    rungs = site.node.get("rungs")
    assert isinstance(rungs, Table)
    entries = rungs.entries
    for i, (name, rung) in enumerate(entries):
        assert isinstance(rung, Table)
        if len(entries) > 1:
            rest = Table((*entries[:i], *entries[i + 1 :]), rungs.at)
            other = entries[i + 1 if i + 1 < len(entries) else i - 1][0].value
            ladder = renamed(Site(site.steps, with_keys(site.node, rungs=rest), site.shape),
                             name.value, other)  # fmt: skip
            yield _whole("rung dropped", site, ladder, name, "dropped; what names it names "
                         f"“{other}”")  # fmt: skip
        again = (Text(f"{name.value} once more", name.at), moved(rung))
        twice = Table((*entries[: i + 1], again, *entries[i + 1 :]), rungs.at)
        yield _whole("rung doubled", site, with_keys(site.node, rungs=twice), name, "doubled")
        if i + 1 == len(entries):
            continue
        upper, above = entries[i + 1]
        assert isinstance(above, Table)
        swapped = Table((*entries[:i], (upper, above), (name, rung), *entries[i + 2 :]), rungs.at)
        yield _whole("rungs swapped", site, with_keys(site.node, rungs=swapped), name,
                     f"swapped with “{upper.value}”")  # fmt: skip
        higher = {UP, "top rung", *(key.value for key, _ in entries[i + 1 :])}
        cut = Table((*entries[:i], (name, _cut(rung, higher)), *entries[i + 1 :]), rungs.at)
        yield _whole("ladder cut in two", site, with_keys(site.node, rungs=cut), name,
                     "no rule leads up from it")  # fmt: skip
        here, there = rung.get("answers"), above.get("answers")
        if here is not None and there is not None and _bare(here) != _bare(there):
            where = Site((*site.steps, "rungs", upper.value), above, site.shape)
            yield keyed("officer at two rungs", where, "answers", here)


def _whole(kind: str, site: Site, ladder: Node, name: Text, what: str) -> Change:
    where = f"{' › '.join(map(str, site.steps))} › rungs › {name.value}"
    return Change(kind, site.steps, ladder, name.at, f"{where}: {what}")


def _bare(node: Node) -> Any:
    if isinstance(node, Text):
        return node.value
    if isinstance(node, Items):
        return [_bare(v) for v in node.values]
    return [(k.value, _bare(v)) for k, v in node.entries]


def renamed(ladder: Site, old: str, new: str) -> Node:
    """A ladder in which every place that names one rung names another."""
    root = ladder.node
    for site in sites(ladder.node, ladder.shape):
        of_rung = isinstance(site.shape, Ref) and site.shape.kind in ("rung", "destination")
        if of_rung and isinstance(site.node, Text) and site.node.value == old:
            root = put(root, site.steps, Text(new, site.node.at))
    return root


def _cut(rung: Table, higher: set[str]) -> Table:
    """A rung of which no rule leads to any of some rungs."""
    outcomes: dict[str, Any] = {}
    for key in OUTCOMES:
        rules = items(rung.get(key))
        kept = [r for r in rules if not (isinstance(r, Table) and _to(r) in higher)]
        if len(kept) < len(rules):
            outcomes[key] = kept or "nothing"
    return with_keys(rung, **outcomes)


def _to(rule: Table) -> str:
    to = rule.get("to")
    return to.value if isinstance(to, Text) else ""


# --- one rung ---------------------------------------------------------------------------------


def of_rung(site: Site) -> Iterator[Change]:
    """What follows an answer or a silence; who closes, who sends, and what starts the clock."""
    assert isinstance(site.node, Table)
    for key in OUTCOMES:
        old = site.node.get(key)
        if old is None:
            continue
        word = isinstance(old, Text)
        what = "silence rule" if key == "if silent" else "rule"
        if not word:
            yield keyed(f"{what} dropped", site, key, "nothing")
        elif key != "if satisfied":
            yield keyed(f"{what} added", site, key, {"to": UP})
        if key in ("if not satisfied", "if silent"):
            closing = {"to": "closed", "when": OBSTACLE, "strength": "automatic"}
            rules = () if word else items(old)
            yield keyed("an obstacle closes it", site, key, [*rules, closing])
    for to in ("resolved", "closed", "lowest rung", UP):
        rule = {"to": to, "strength": "automatic"}
        if _ends_at(site.node.get("if silent")) != (to, "automatic"):
            yield keyed("silence rule changed", site, "if silent", rule)
    if _closes(site.node) != "answerer":
        yield keyed("somebody else closes", site, "closes", "answerer")
    if _closes(site.node) != "raiser":
        yield keyed("the raiser closes", site, "closes", "raiser")
    if site.node.get("clock") is None:
        clock = {"starts": "never", "assumed": "put in"}
        yield keyed("clock stopped", site, "clock", clock)
    else:
        yield keyed("clock taken out", site, "clock", None)
    sends = site.node.get("sends")
    yield keyed("sender changed", site, "sends", "raiser" if sends else SOMEBODY)


def _closes(rung: Table) -> str:
    closes = rung.get("closes")
    return "raiser" if closes is None else closes.value if isinstance(closes, Text) else ""


def _ends_at(outcome: Node | None) -> tuple[str, str]:
    if not isinstance(outcome, Table):
        return "", ""
    strength = outcome.get("strength")
    return _to(outcome), strength.value if isinstance(strength, Text) else ""


def of_rule(site: Site) -> Iterator[Change]:
    """Who makes a step, after which wait, and where it leads."""
    assert isinstance(site.node, Table)
    record = site.shape
    assert isinstance(record, Record)
    strength, by = site.node.get("strength"), site.node.get("by")
    itself = isinstance(strength, Text) and strength.value == "automatic"
    if "after" in record.fields and site.node.get("after") is None:
        yield keyed("wait added", site, "after", "2 working days")
    if not itself and (by is None or _bare(by) != SOMEBODY):
        yield keyed("step by somebody else", site, "by", SOMEBODY)
    if _to(site.node) != "lowest rung":
        yield keyed("step goes down", site, "to", "lowest rung")
    if _to(site.node) == UP:
        yield keyed("the child can stop it", site, "when", and_also(site.node.get("when"), WISH))


def and_also(when: Node | None, fact: str) -> str:
    """A condition with one more."""
    return f"({when.value}) and {fact}" if isinstance(when, Text) else fact


def of_value(site: Site) -> Iterator[Change]:
    """A single value: a length of time, or a choice that turns a rung or a total round."""
    if not isinstance(site.node, Text):
        return
    word, shape, key = site.node.value, site.shape, str(site.steps[-1])
    if timed(shape):
        yield from _times(site, word, "wait" if key in ("at least", "after") else "window")
    words = shape.choices if isinstance(shape, OneOf) else {}
    for kind, one, other in TURNED:
        if one in words and other in words and word in (one, other):
            yield changed(kind if word == one else f"{kind}, undone", site,
                          other if word == one else one)  # fmt: skip
    if "never" in words and "sending" in words and word != "never":
        yield changed("clock stopped", site, "never")
        if word != "sending":
            yield changed("clock from sending", site, "sending")


# A choice turned round: a kind of change, what stood there, and what stands there then.
TURNED = (
    ("formal rung made informal", "formal", "informal"),
    ("cap removed", "cap", "stated"),
    ("referral ends the ladder", "beside", "ends"),
    ("referral suspends the ladder", "beside", "suspends"),
    ("dispute lapses", "nothing", "lapses"),
    ("dispute lapses", "unstated", "lapses"),
)


def timed(shape: Shape) -> bool:
    """Whether a shape is a length of time, or a word in its place."""
    return isinstance(shape, Duration) or (
        isinstance(shape, Either) and isinstance(shape.other, Duration)
    )


def _times(site: Site, text: str, what: str) -> Iterator[Change]:
    parts = _TIME.fullmatch(text)
    if parts is not None:
        for kind, amount in (("longer", int(parts[1]) + 1), ("shorter", int(parts[1]) - 1)):
            if amount >= 0:
                new = f"{amount} {parts[2]}{'' if amount == 1 else 's'}"
                yield changed(f"{what} {kind}", site, new)
    elif text == "immediately":
        yield changed(f"{what} longer", site, "1 working day")
    elif text in (*NO_RULE, "no limit"):
        yield changed(f"{what} stated", site, "5 working days")
    if isinstance(site.shape, Either) and "unstated" in site.shape.words and text != "unstated":
        yield changed("window unstated", site, "unstated")
    if what == "wait":
        yield changed("wait removed", site, None)
