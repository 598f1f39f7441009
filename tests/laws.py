"""Changes of a policy's text whose effect on every claim is known beforehand.

Each law takes the tree of a policy to another tree, or to None where it does not apply. `EFFECTS`
says what becomes of each claim, and `WRONG` has for each law a change that looks like it and is
not, so that a test can see that the law would be missed.
"""

from __future__ import annotations

import copy
import re
from collections.abc import Callable, Iterator
from typing import Any

from proofs.claims import ALL

Tree = dict[str, Any]
Law = Callable[[Tree], Tree | None]

NEW_FACT = "a new fact"
NEW_QUESTION = "a new question"
NEW_PERSON = "Somebody New"
ORDERED = ("rungs", "ladders", "totals")  # their order is part of what they say
WINDOW = re.compile(r"([1-9][0-9]?) working days?")


def rungs(tree: Tree) -> Iterator[tuple[str, Tree]]:
    for ladder in tree["ladders"].values():
        yield from ladder["rungs"].items()


def outcomes(tree: Tree) -> Iterator[tuple[Tree, str]]:
    """The rungs' tables that have rules, each with a key at which they stand."""
    for _, rung in rungs(tree):
        for key in ("if not satisfied", "if silent", "if partly satisfied"):
            if isinstance(rung.get(key), dict | list):
                yield rung, key


def renamed(tree: Any, names: dict[str, str]) -> Any:
    """A tree in which people have other names, in conditions and places too."""
    if isinstance(tree, dict):
        return {renamed(k, names): v if k == "role" else renamed(v, names) for k, v in tree.items()}
    if isinstance(tree, list):
        return [renamed(v, names) for v in tree]
    if not isinstance(tree, str):
        return tree
    if tree in names:
        return names[tree]
    found = re.sub("raiser = ([^()]+?)(?= and | or |[)]|$)",
                   lambda m: f"raiser = {names.get(m[1], m[1])}", tree)  # fmt: skip
    return found


def other_names(tree: Tree) -> dict[str, str]:
    return {name: f"Person {number}" for number, name in enumerate(tree["people"], 1)}


def people_renamed(tree: Tree) -> Tree | None:
    return renamed(tree, other_names(tree))  # type: ignore[no-any-return]


def reordered(tree: Any, place: str = "") -> Any:
    """The keys of every table from last to first, but where their order says something."""
    if isinstance(tree, dict):
        cases = any("=" in k or k == "otherwise" for k in tree)
        names = list(tree) if cases or place in ORDERED else list(reversed(tree))
        return {k: reordered(tree[k], k) for k in names}
    return [reordered(v) for v in tree] if isinstance(tree, list) else tree


def a_move_split(tree: Tree) -> Tree | None:
    """Each rule of a rung as two, for a fact that is so and for one that is not."""
    return halves(tree, (NEW_FACT, f"not {NEW_FACT}"))


def halves(tree: Tree, conditions: tuple[str, ...]) -> Tree | None:
    tree = copy.deepcopy(tree)
    found = False
    for rung, key in outcomes(tree):
        rules = rung[key] if isinstance(rung[key], list) else [rung[key]]
        new: list[Any] = []
        for rule in rules:
            if not isinstance(rule, dict):
                new.append(rule)
                continue
            found = True
            for half in conditions:
                when = f"({rule['when']}) and {half}" if "when" in rule else half
                new.append({**copy.deepcopy(rule), "when": when})
        rung[key] = new
    return with_fact(tree) if found else None


def with_fact(tree: Tree) -> Tree:
    fact = {"says": "It is so.", "about": "other", "source": "1"}
    return {**tree, "facts": {**tree.get("facts", {}), NEW_FACT: fact}}


def with_question(tree: Tree) -> Tree:
    question = {"asks": "Which?", "answers": {"one": "This.", "two": "That."}, "plain": "one",
                "because": "It is first.", "source": "1"}  # fmt: skip
    return {**tree, "questions": {**tree.get("questions", {}), NEW_QUESTION: question}}


def by_two(tree: Tree, first: str, second: str, other: str | None = None) -> Tree | None:
    """The highest plain window by two cases, of which the second has `other` or the same."""
    tree = copy.deepcopy(tree)
    for rung in reversed(next(iter(tree["ladders"].values()))["rungs"].values()):
        if isinstance(rung.get("within"), str):
            rung["within"] = {first: rung["within"], second: other or rung["within"]}
            return tree
    return None


def fact_without_use(tree: Tree) -> Tree | None:
    found = by_two(tree, NEW_FACT, "otherwise")
    return found and with_fact(found)


def reading_without_use(tree: Tree) -> Tree | None:
    found = by_two(tree, f"{NEW_QUESTION} = one", f"{NEW_QUESTION} = two")
    return found and with_question(found)


def with_officer(tree: Tree, how: str) -> Tree:
    """A person more, who has a part in raising a dispute."""
    tree = copy.deepcopy(tree)
    tree["people"][NEW_PERSON] = {"side": "other", "source": "1"}
    for ladder in tree["ladders"].values():
        old = ladder["start"].get("involves", [])
        part = {"who": NEW_PERSON, "how": how, "source": "1"}
        ladder["start"]["involves"] = [*(old if isinstance(old, list) else [old]), part]
    return tree


def officer_without_part(tree: Tree) -> Tree | None:
    return with_officer(tree, "told after")


def windows_set(tree: Tree, to: Callable[[int], str]) -> Tree | None:
    """The fixed windows of rungs in working days set anew; nothing where a wait is counted, too.

    A minimum wait that is longer than the window closes a way, which is another law.
    """
    if any(key in str(tree) for key in ("'after'", "'at least'")):
        return None
    tree = copy.deepcopy(tree)
    found = False
    for _, rung in rungs(tree):
        fixed = WINDOW.fullmatch(str(rung.get("within")))
        if fixed and int(fixed[1]) > 1:
            rung["within"], found = to(int(fixed[1])), True
    return tree if found else None


def windows_tightened(tree: Tree) -> Tree | None:
    return windows_set(tree, lambda most: f"{most // 2} working days")


def sources_doubled(tree: Any) -> Any:
    if isinstance(tree, dict):
        return {
            k: f"{v}; {v}" if k == "source" and len(v) < 90 else sources_doubled(v)
            for k, v in tree.items()
        }
    return [sources_doubled(v) for v in tree] if isinstance(tree, list) else tree


LAWS: dict[str, Law] = {
    "people renamed": people_renamed,
    "tables in another order": reordered,
    "a move split in two": a_move_split,
    "a reading that nothing uses": reading_without_use,
    "a fact that nothing uses": fact_without_use,
    "an officer without a part": officer_without_part,
    "sources doubled": sources_doubled,
    "windows tightened": windows_tightened,
}

SAME = "unchanged"
NO_WORSE = "may only get better"
EFFECTS: dict[str, dict[str, str]] = {law: {claim.id: SAME for claim in ALL} for law in LAWS}
EFFECTS["windows tightened"] |= dict.fromkeys(
    ("total-diligent", "total-permitted", "total-own"), NO_WORSE
)


# --- what is not the law, though it looks like it -------------------------------------------------


def one_name_forgotten(tree: Tree) -> Tree | None:
    """The last officer to answer is renamed as the one before: one person decides twice."""
    tree = copy.deepcopy(tree)
    first, second = [rung for _, rung in rungs(tree)][-2:]
    second["answers"] = first["answers"]
    return unneeded(tree)


def unneeded(tree: Tree) -> Tree:
    said = str(tree["ladders"])
    tree["people"] = {n: p for n, p in tree["people"].items() if f"'{n}'" in said}
    return tree


def rungs_reordered(tree: Tree) -> Tree | None:
    tree = copy.deepcopy(tree)
    for ladder in tree["ladders"].values():
        ladder["rungs"] = dict(reversed(ladder["rungs"].items()))
    return tree


def half_a_move(tree: Tree) -> Tree | None:
    return halves(tree, (NEW_FACT,))


def reading_with_use(tree: Tree) -> Tree | None:
    found = by_two(tree, f"{NEW_QUESTION} = one", f"{NEW_QUESTION} = two", "99 working days")
    return found and with_question(found)


def fact_with_use(tree: Tree) -> Tree | None:
    found = by_two(tree, NEW_FACT, "otherwise", "99 working days")
    return found and with_fact(found)


def officer_with_part(tree: Tree) -> Tree | None:
    return with_officer(tree, "approves")


def source_unknown(tree: Tree) -> Tree | None:
    tree = copy.deepcopy(tree)
    for ladder in tree["ladders"].values():
        ladder["source"] = "unknown"
    return tree


def windows_loosened(tree: Tree) -> Tree | None:
    return windows_set(tree, lambda most: f"{most * 3} working days")


WRONG: dict[str, Law] = {
    "people renamed": one_name_forgotten,
    "tables in another order": rungs_reordered,
    "a move split in two": half_a_move,
    "a reading that nothing uses": reading_with_use,
    "a fact that nothing uses": fact_with_use,
    "an officer without a part": officer_with_part,
    "sources doubled": source_unknown,
    "windows tightened": windows_loosened,
}
