"""Changes of powers, of who has a part in a step, of conditions, and of the text as such."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from model import protocol as p
from model.expansion.build import WAITS
from model.language import INVOLVEMENT
from model.mutants.change import (
    FACT,
    SOMEBODY,
    WHY,
    WISH,
    Change,
    each_removed,
    gate,
    keyed,
    one_more,
)
from model.mutants.rungs import and_also
from model.mutants.sites import Site, items, texts
from model.shapes import Condition, ListOf, Record
from model.yamltree import Node, Table, Text

# --- powers -----------------------------------------------------------------------------------


def of_powers(site: Site, root: Table) -> Iterator[Change]:
    """Each power of a ladder taken out, and put in where there is none."""
    assert isinstance(site.node, Table)
    raisers = [who for r in items(site.node.get("raised by")) for who in texts(_at(r, "who"))]
    for key, power in _added(root, raisers).items():
        old = site.node.get(key)
        if old is not None and not isinstance(old, Text):
            yield from each_removed("power removed", site, key, "none")
        elif power is not None:
            yield keyed("power added", site, key, power)
    yield from each_removed("entry removed", site, "entry")
    if site.node.get("entry") is None:
        anywhere = {"at rung": "any rung", "assumed": WHY}
        yield keyed("power added", site, "entry", anywhere)
    yield from each_removed("duty removed", site, "duties")
    yield from each_removed("raiser removed", site, "raised by")
    old = site.node.get("resolution")
    if isinstance(old, Text):
        yield keyed("way back added", site, "resolution", {
            "within": "unstated", "if not kept": {"to": "raiser decides"}, "assumed": WHY,
        })  # fmt: skip
    totals = site.node.get("totals")
    if isinstance(totals, Table):
        for name, stated in totals.entries:
            rest = Table(tuple(e for e in totals.entries if e[0] is not name), totals.at)
            what = f"{name.value}: taken out"
            made = keyed("total removed", site, "totals", rest if rest.entries else None, what)
            yield made._replace(at=stated.at)
    else:
        total = {"at most": "20 working days", "covers": "every rung", "effect": "cap"}
        yield keyed("total added", site, "totals", {"a total": {**total, "assumed": WHY}})


def _added(root: Table, raisers: list[str]) -> dict[str, Any]:
    """Each power as a mutant puts it in."""
    iros, bodies = with_role(root, "IRO"), with_role(root, "CAFCASS")
    refer = {"to": bodies[0], "by": iros, "from": "any state", "effect": "beside", "assumed": WHY}
    return {
        "skip": {"to": "any later rung", "from": "any rung", "assumed": WHY},
        "extension": {
            "asked by": "answerer", "granted by": "nobody", "each": "5 working days",
            "times": "1", "at rung": "any rung", "assumed": WHY,
        },
        "hand over": {
            "to": SOMEBODY, "agreed by": "raiser", "from": "any rung", "within": "5 working days",
            "closes": "raiser", "back": "nothing", "assumed": WHY,
        },
        "withdraw": {"by": "raiser", "assumed": WHY},
        "refer": refer if iros and bodies != [""] else None,
        "advice": {
            "from": "an outside solicitor", "by": list(dict.fromkeys(raisers)),
            "independent": "yes", "assumed": WHY,
        },
    }  # fmt: skip


def with_role(root: Table, role: str) -> list[str]:
    people = root.get("people")
    entries = people.entries if isinstance(people, Table) else ()
    return [name.value for name, person in entries if role in texts(_at(person, "role"))] or (
        [""] if role == "CAFCASS" else []
    )


def _at(node: Node, key: str) -> Node | None:
    return node.get(key) if isinstance(node, Table) else None


def of_referral(site: Site) -> Iterator[Change]:
    """A referral restricted in each way: to the top, by a condition, consent, a wait, by whom."""
    assert isinstance(site.node, Table)
    when = site.node.get("when")
    if "the top rung" not in texts(site.node.get("from")):
        yield keyed("referral from the top only", site, "from", "the top rung")
    if "after the top rung" not in texts(site.node.get("from")):
        yield keyed("referral after the top only", site, "from", "after the top rung")
    if "any state" not in texts(site.node.get("from")):
        yield keyed("referral from any state", site, "from", "any state")
    yield keyed("referral on a condition", site, "when", and_also(when, FACT))
    yield one_more("referral by consent", site, "involves", gate(within="2 working days"))
    yield one_more("referral by consent, without a limit", site, "involves", gate())
    view = gate(how="consulted before", waits="yes", within="5 working days")
    yield one_more("referral after a view", site, "involves",
                   {k: v for k, v in view.items() if k[:3] != "if "})  # fmt: skip
    if "yes" not in texts(site.node.get("needs advice")):
        yield keyed("referral after advice", site, "needs advice", "yes")
    yield keyed("referral by somebody else", site, "by", SOMEBODY)
    yield one_more("referral by somebody too", site, "by", SOMEBODY)
    if site.node.get("for") is not None:
        yield keyed("referral for every child", site, "for", None)


def of_withdrawal(site: Site) -> Iterator[Change]:
    yield one_more("withdrawal by somebody too", site, "by", SOMEBODY)


def of_extension(site: Site) -> Iterator[Change]:
    """More time without end, or without anybody's leave."""
    assert isinstance(site.node, Table)
    times, granted = _at(site.node, "times"), _at(site.node, "granted by")
    if not (isinstance(times, Text) and times.value == "no limit"):
        yield keyed("more time without end", site, "times", "no limit")
    if not (isinstance(granted, Text) and granted.value == "nobody"):
        yield keyed("more time as of right", site, "granted by", "nobody")


def of_raiser(site: Site, lowest: str) -> Iterator[Change]:
    """A raiser who may go no higher than the lowest rung."""
    assert isinstance(site.node, Table)
    if lowest not in texts(site.node.get("up to")):
        yield keyed("raiser kept low", site, "up to", lowest)


# --- who has a part in a step -----------------------------------------------------------------


def of_parts(site: Site) -> Iterator[Change]:
    """Gates and notices taken out and put in."""
    assert isinstance(site.node, Table) and isinstance(site.shape, Record)
    for key, field in site.shape.fields.items():
        shape = field.shape
        if not (isinstance(shape, ListOf) and shape.item is INVOLVEMENT):
            continue
        for part, gone in zip(items(site.node.get(key)), each_removed("", site, key), strict=True):
            waited = set(WAITS) & set(texts(_at(part, "how")))
            yield gone._replace(kind="gate removed" if waited else "notice removed")
        if site.kind is not p.Referral:
            yield one_more("gate added", site, key, gate())
        yield one_more("notice added", site, key, gate(how="told before"))


def of_part(site: Site) -> Iterator[Change]:
    """Somebody's part made weaker or stronger, and what follows their refusal or silence."""
    assert isinstance(site.node, Table)
    how = site.node.get("how")
    waited = set(WAITS) & set(texts(how))
    for key, what in (("if refused", "refusal rule"), ("if silent", "rule for their silence")):
        old = site.node.get(key)
        if isinstance(old, Table):
            yield keyed(f"{what} dropped", site, key, "nothing")
        elif waited:
            yield keyed(f"{what} added", site, key, {"to": "raiser decides"})
    if isinstance(how, Text) and how.value == "consulted before":
        view = site.node.get("waits")
        waits = isinstance(view, Text) and view.value == "yes"
        yield keyed("view not awaited" if waits else "view awaited", site, "waits",
                    "no" if waits else "yes")  # fmt: skip


def of_condition(site: Site) -> Iterator[Change]:
    """A condition taken out, or one more put in."""
    assert isinstance(site.node, Table) and isinstance(site.shape, Record)
    key = "when"
    if key not in site.shape.fields or not isinstance(site.shape.fields[key].shape, Condition):
        return
    when = site.node.get(key)
    if when is not None:
        yield keyed("condition removed", site, key, None)
    if site.kind is not p.Referral:
        yield keyed("condition added", site, key, and_also(when, FACT))
    if site.kind is p.Start:
        yield keyed("the child can stop it", site, key, and_also(when, WISH))


# --- the text as such -------------------------------------------------------------------------


def of_resolution(site: Site) -> Iterator[Change]:
    assert isinstance(site.node, Table)
    back = site.node.get("if not kept")
    if isinstance(back, Text):
        yield keyed("way back added", site, "if not kept", {"to": "raiser decides"})
    else:
        yield keyed("way back removed", site, "if not kept", "nothing")


def of_question(site: Site) -> Iterator[Change]:
    """The readings of a question taken out, but one."""
    assert isinstance(site.node, Table)
    answers = site.node.get("answers")
    if isinstance(answers, Table) and site.node.get("settled") is None:
        for answer, at in answers.entries:
            what = f"no answer is left but “{answer.value}”"
            yield keyed("reading removed", site, "settled", answer.value, what)._replace(at=at.at)


def of_person(site: Site, raisers: list[str]) -> Iterator[Change]:
    """A role of the law, or whom somebody supervises, taken out or put in."""
    assert isinstance(site.node, Table)
    if site.node.get("role") is not None:
        yield keyed("role removed", site, "role", None)
    if site.node.get("supervises") is not None:
        yield keyed("supervision removed", site, "supervises", None)
    if "management" in texts(site.node.get("side")):
        for raiser in raisers:
            if raiser not in texts(site.node.get("supervises")):
                yield one_more("supervision added", site, "supervises", raiser)


def of_file(site: Site) -> Iterator[Change]:
    """A part of the text that is missing, taken out or put in."""
    assert isinstance(site.node, Table)
    missing = site.node.get("missing")
    parts = () if isinstance(missing, Text) else items(missing)
    if parts:
        yield from each_removed("missing part found", site, "missing", "nothing")
    yield keyed("part missing", site, "missing", [*parts, {"what": "A chart.", "assumed": WHY}])


def of_child(site: Site) -> Iterator[Change]:
    assert isinstance(site.node, Table)
    cared = "yes" in texts(site.node.get("looked after"))
    yield keyed("child not in care" if cared else "child in care", site, "looked after",
                "no" if cared else "yes")  # fmt: skip
