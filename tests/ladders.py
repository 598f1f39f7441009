"""Random small policies, as texts that the reader reads without a fault.

`policies()` is a Hypothesis strategy of policy texts; `graph_of(text)` is the state graph of the
dispute in one of them. A policy is a plain ladder of two to four rungs with a few parts laid over
it, each drawn from the words of the language, so that what fails shrinks to a plain ladder and
the one part that matters. `tests/test_ladders.py` counts which words are ever drawn.

Every policy is made to be read: only what the reader says has no effect is then taken out again.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Any

import yaml
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from ladder_parts import (
    ABOUT,
    OPEN,
    POSTS,
    QUESTIONS,
    SAID,
    SIDES,
    TALL,
    Cast,
    Draw,
    Table,
    a_rung,
    advice,
    by_case,
    clock,
    condition,
    duty,
    entries,
    extension,
    hand_over,
    involved,
    one,
    outcome,
    power,
    rarely,
    refer,
    resolution,
    settling,
    several,
    skip,
    some,
    strength,
    total,
    total_with_waits,
    when,
    window,
    withdraw,
)

from model.expand import expand
from model.graph import StateGraph
from model.load import loads
from model.protocol import Protocol
from model.yamltree import PolicyError, Position

NAME = "random.yaml"  # under which a text is read


# --- the whole --------------------------------------------------------------------------------

POWERS = ("totals", "entry", "skip", "extension", "hand over", "withdraw", "refer", "advice",
          "resolution", "duties", "decide")  # fmt: skip
RUNGS = ("start", "officers", "closing", "clock", "sender", "gate", "counts", "rung in some cases",
         "every rung", "missing", "posts")  # fmt: skip
PARTS = (*POWERS, *RUNGS)
WAITS = "waits"  # inside a total, which can end them; only where they are asked for


def a_ladder(draw: Draw, cast: Cast, more: set[str]) -> Table:
    leads = {name: one(draw, ("if not satisfied", "if silent")) for name in cast.rungs}
    rungs = {n: a_rung(draw, cast, i, more, leads[n]) for i, n in enumerate(cast.rungs)}
    if "rung in some cases" in more and cast.atoms:
        rungs[one(draw, cast.rungs[:-1])]["when"] = condition(draw, cast)
    always = more.isdisjoint(("every rung", "rung in some cases"))
    free = cast._replace(atoms=cast.open if always else ())  # no two conditions exclude each other
    raised = [raiser(draw, cast, who) for who in cast.raisers]
    start: Table = {"source": SAID}
    if "start" in more:
        start = power(draw, free._replace(atoms=()), start, "start")
        if draw(st.booleans()):
            start = when(draw, free, start, 1)
        else:
            raised[0] = when(draw, free, raised[0], 1)
    ladder: Table = {
        "kind": "dispute" if not rarely(draw, 9) else one(
            draw, ("collective dispute", "complaint", "inter-agency dispute")),
        "about": "A concern.",
        "raised by": raised,
        "start": start,
        "decide": {"within": one(draw, ("immediately", "unstated")), "if missed": "nothing",
                   "source": SAID},
        "rungs": rungs,
        "skip": one(draw, ("none", *OPEN)),
        "extension": one(draw, ("none", *OPEN)),
        "hand over": one(draw, ("none", *OPEN)),
        "withdraw": one(draw, ("none", *OPEN)),
        "refer": one(draw, ("none", *OPEN)),
        "advice": one(draw, ("none", *OPEN)),
        "resolution": one(draw, OPEN),
        "source": SAID,
    }  # fmt: skip
    if draw(st.booleans()):
        ladder["skip"] = {"to": "any later rung", "from": "any rung", "source": SAID}
    if draw(st.booleans()):
        ladder["refer"] = {"to": "CAFCASS", "by": "IRO", "from": "any state", "effect": "beside",
                           "source": SAID}  # fmt: skip
    if "decide" in more:
        missed = one(draw, ("lapses", "resolved", "unstated", "unknown", "nothing"))
        ladder["decide"] = {"within": window(draw, cast), "if missed": missed, "source": SAID}
    if "totals" in more:
        ladder["totals"] = {"whole": total(draw, cast)}
    if WAITS in more:
        ladder["totals"] = {"whole": total_with_waits(draw, rungs)}
    if "every rung" in more:
        common(draw, cast, ladder, rungs, leads)
    if "skip" in more:
        ladder["skip"] = several(draw, lambda: skip(draw, cast))
    if "advice" in more:
        ladder["advice"] = several(draw, lambda: advice(draw, cast))
    advised = not isinstance(ladder["advice"], str)
    makers: dict[str, Callable[[], Any]] = {
        "entry": lambda: entries(draw, cast),
        "extension": lambda: several(draw, lambda: extension(draw, cast)),
        "hand over": lambda: several(draw, lambda: hand_over(draw, cast)),
        "withdraw": lambda: several(draw, lambda: withdraw(draw, cast)),
        "refer": lambda: several(draw, lambda: refer(draw, cast, advised)),
        "resolution": lambda: resolution(draw, cast),
        "duties": lambda: [duty(draw, cast) for _ in range(draw(st.integers(1, 3)))],
    }
    return {**ladder, **{part: make() for part, make in makers.items() if part in more}}


def raiser(draw: Draw, cast: Cast, who: str) -> Table:
    """A raiser; the first is there for every child, so that each can have a dispute."""
    all_of_them = who == cast.raisers[0] or draw(st.booleans())
    table: Table = {
        "who": who,
        "for": list(cast.children) if all_of_them else cast.children[-1],
        "up to": one(draw, ("top", "top", *cast.rungs[1:])),
        "source": SAID,
    }
    free = cast._replace(atoms=cast.open)
    return table if who == cast.raisers[0] else when(draw, free, table)


def common(draw: Draw, cast: Cast, ladder: Table, rungs: dict[str, Table],
           leads: dict[str, str]) -> None:  # fmt: skip
    """Say some keys once for every rung, instead of at each."""
    values: dict[str, Callable[[], Any]] = {
        "within": lambda: window(draw, cast, waits=True),
        "if silent": lambda: outcome(draw, cast, ""),
        "if not satisfied": lambda: outcome(draw, cast, ""),
        "if satisfied": lambda: settling(draw, cast, ""),
        "if partly satisfied": lambda: outcome(draw, cast, ""),
        "closes": lambda: one(draw, ("raiser", "answerer", "unstated")),
        "clock": lambda: clock(draw, cast),
        "sends": lambda: one(draw, ("raiser", "unstated", "IRO Manager")),
        "substitute": lambda: "Panel",
        "strength": lambda: strength(draw),
        "meeting": lambda: "They meet.",
        "involves": lambda: involved(draw, cast),
        "to leave": lambda: involved(draw, cast),
        "counts": lambda: one(draw, ("formal", "informal")),
        "answers": lambda: "Panel",
        "if divided": lambda: outcome(draw, cast, ""),
        "source": lambda: SAID,
        "when": lambda: condition(draw, cast),
    }
    keys = draw(st.lists(st.sampled_from(sorted(values)), min_size=2, max_size=4, unique=True))
    found = {key: values[key]() for key in keys if key != "when" or cast.atoms}
    if "if divided" in found:
        found["answers"] = {"all of": ["Panel", POSTS[0]]}
    gone = {*found, *(["if divided"] if "answers" in found else [])}
    if "when" in found:  # the top is there in every case, and for everybody
        for person in ladder["raised by"]:
            person["up to"] = "top"
        rungs[cast.rungs[-1]]["when"] = f"{cast.atoms[0]} or not {cast.atoms[0]}"
    for name in cast.rungs:
        own = "when" if name == cast.rungs[-1] else leads[name]
        for key in gone - {own}:
            rungs[name].pop(key, None)
    if found:
        ladder["every rung"] = found


COMPLAINT: Table = {
    "kind": "complaint",
    "about": "How an IRO does the work.",
    "raised by": {"who": "Panel", "for": "child in care", "up to": "top", "source": SAID},
    "start": {"source": SAID},
    "decide": {"within": "unstated", "if missed": "unstated", "source": SAID},
    "rungs": {
        "manager": {
            "answers": "IRO Manager", "counts": "formal", "within": "5 working days",
            "if not satisfied": "nothing", "if silent": "nothing", "source": SAID,
        }
    },
    **dict.fromkeys(("skip", "extension", "hand over", "withdraw", "refer", "advice"), "none"),
    "resolution": "unstated",
    "source": SAID,
}  # fmt: skip


@st.composite
def policies(draw: Draw, parts: tuple[str, ...] = ()) -> str:
    """The text of a small policy with a ladder `dispute`, which the reader reads.

    `parts` are those of `PARTS`, or `WAITS`, that it surely has, as far as the reader leaves them.
    """
    more = {*parts, *draw(st.lists(st.sampled_from(PARTS), min_size=1, max_size=4, unique=True))}
    rungs = TALL[: one(draw, (2, 3, 2, 4))] if rarely(draw, 1) else TALL[1:3]
    raisers = ("IRO",) if not rarely(draw, 2) else one(
        draw, (("IRO", "Conference Chair"), ("Conference Chair",)))  # fmt: skip
    children = ("child in care",) if not rarely(draw, 3) else one(
        draw, (("child in care", "child on a plan"), ("child on a plan",)))  # fmt: skip
    facts = draw(st.lists(st.sampled_from(ABOUT), max_size=2, unique=True))
    asked = draw(st.lists(st.sampled_from(sorted(QUESTIONS)), max_size=2, unique=True))
    names = {f"fact of {about}": about for about in facts}
    questions = {q: question(draw, QUESTIONS[q]) for q in asked}
    atoms = [*names, *(f"{q} = {a}" for q in asked for a in QUESTIONS[q])]
    open_ = [*names, *(a for a in atoms if "settled" not in questions.get(a.split(" =")[0], ()))]
    if len(raisers) > 1:
        atoms += [f"raiser = {r}" for r in raisers]
    if len(children) > 1:
        atoms += [f"child = {c}" for c in children]
    cast = Cast(tuple(rungs), raisers, children, tuple(atoms), tuple(dict.fromkeys(open_)))
    ladders = {"dispute": a_ladder(draw, cast, more)}
    said = json.dumps(ladders)
    if "ladder complaint" in said:
        ladders["complaint"] = COMPLAINT
        said = json.dumps(ladders)
    whole: Table = {
        "authority": "Exampleton",
        "title": "Dispute resolution",
        "dated": "March 2024",
        "missing": "nothing",
        "people": {n: {"side": s, "source": SAID} for n, s in SIDES.items() if f'"{n}"' in said},
        "children": {
            c: {"looked after": "yes" if c == "child in care" else "no", "source": SAID}
            for c in dict.fromkeys((*children, *(["child in care"] if len(ladders) > 1 else [])))
        },
        "facts": {n: {"says": "It is so.", "about": about, "source": SAID}
                  for n, about in names.items()},
        "questions": questions,
        "ladders": ladders,
    }  # fmt: skip
    if "missing" in more:
        whole["missing"] = several(draw, lambda: {"what": "The chart.", "source": SAID})
    everywhere = tuple(a for a in atoms if not a.startswith(("raiser", "child")))
    posts(draw, cast._replace(atoms=everywhere), whole["people"], "posts" in more)
    return readable(whole)


def question(draw: Draw, answers: Sequence[str]) -> Table:
    table: Table = {"asks": "What is meant?", "answers": {a: f"It is {a}." for a in answers},
                    "plain": one(draw, answers), "because": "It is said so.",
                    "source": SAID}  # fmt: skip
    return {**table, "settled": one(draw, answers)} if rarely(draw, 9) else table


def posts(draw: Draw, cast: Cast, people: dict[str, Table], more: bool) -> None:
    """Roles, and who supervises whom or holds whose post."""
    for name, role in (("IRO", "IRO"), ("CAFCASS", "CAFCASS")):
        if name in people and not (more and rarely(draw)):
            people[name]["role"] = role
    chosen = [n for n in people if n not in cast.raisers] if more else []
    for name in chosen[:2]:
        if draw(st.booleans()):
            people[name]["supervises"] = some(draw, cast.raisers)
        if draw(st.booleans()):
            others = [n for n in people if n != name and SIDES[n] == "management"]
            people[name]["same person as"] = by_case(
                draw, cast, lambda found=(*others, "nobody"): one(draw, found)
            )


# --- reading ------------------------------------------------------------------------------------


def as_text(whole: Table) -> str:
    return json.dumps(whole, ensure_ascii=False, indent=1)  # JSON is YAML


@lru_cache(maxsize=256)
def read(text: str) -> Protocol:
    return loads(text, NAME)


def graph_of(text: str) -> StateGraph:
    """The state graph of the dispute in a policy text."""
    return expand(read(text), "dispute")


def drawn(parts: tuple[str, ...], many: int) -> set[str]:
    """Some policies with these parts, the same ones every time; equal ones count once."""
    found: set[str] = set()

    @settings(
        max_examples=many, derandomize=True, deadline=None, database=None,
        suppress_health_check=list(HealthCheck), phases=[Phase.generate],
    )  # fmt: skip
    @given(policies(parts))
    def look(text: str) -> None:
        found.add(text)

    look()
    return found


NEEDLESS = ("has no effect", "no rule uses", "nothing names this person", "the rung has",
            "this ladder knows no legal advice")  # fmt: skip
NOWHERE = "nothing leads to this rung"  # the raisers of whom its condition speaks may raise nothing
APART = "several people must answer together, and may not agree"


def readable(whole: Table) -> str:
    """The text of a policy without what the reader says has no effect."""
    whole = {k: v for k, v in whole.items() if v != {}}
    for _ in range(12):
        text = as_text(whole)
        try:
            read(text)
        except PolicyError as error:
            faults = error.faults
            apart = [path_at(text, f.at) for f in faults if f.wrong == APART]
            for path in apart:  # those who may not agree with each other, in some case
                whole["ladders"][path[1]]["rungs"][path[3]]["if divided"] = "unstated"
            if apart:
                continue
            if not all(any(word in f.wrong for word in (*NEEDLESS, NOWHERE)) for f in faults):
                raise AssertionError(f"{error}\n{text}") from error
            paths = {
                (*path_at(text, f.at), *(["when"] if f.wrong == NOWHERE else [])) for f in faults
            }
            inner = {p for p in paths for n in range(1, len(p)) if p[:n] in paths}
            for path in sorted(paths - inner, key=lambda p: [str(x) for x in p], reverse=True):
                take_out(whole, path)
        else:
            return text
    raise AssertionError(f"nothing is left of it:\n{text}")


WITHOUT = {
    **dict.fromkeys(("skip", "extension", "hand over", "withdraw", "refer", "advice"), "none"),
    **dict.fromkeys(("if not satisfied", "if silent", "back", "if not kept"), "nothing"),
}


def take_out(whole: Table, path: tuple[str | int, ...]) -> None:
    """Take a part out of a policy; a key that has to be there says that there is none."""
    inner: Any = whole
    for step in path[:-1]:
        inner = inner[step]
    last = path[-1]
    if isinstance(last, int) and len(inner) > 1:
        del inner[last]
    elif isinstance(last, int):
        take_out(whole, path[:-1])
    elif last in WITHOUT and "who" not in inner:
        inner[last] = WITHOUT[last]
    else:
        del inner[last]
        if not inner:
            take_out(whole, path[:-1])


def path_at(text: str, at: Position) -> tuple[str | int, ...]:
    """The keys that lead to what stands at a place of a text."""
    stack: list[tuple[yaml.Node, tuple[str | int, ...]]] = [(yaml.compose(text), ())]
    while stack:
        node, path = stack.pop()
        if path and (node.start_mark.line + 1, node.start_mark.column + 1) == (at.line, at.column):
            return path
        if isinstance(node, yaml.MappingNode):
            for key, value in node.value:
                if (key.start_mark.line + 1, key.start_mark.column + 1) == (at.line, at.column):
                    return (*path, key.value)
                stack.append((value, (*path, key.value)))
        elif isinstance(node, yaml.SequenceNode):
            stack += [(inner, (*path, i)) for i, inner in enumerate(node.value)]
    raise AssertionError(f"nothing stands at line {at.line}")
