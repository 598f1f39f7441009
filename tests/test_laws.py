"""Each law of `laws.py` has the effect that it states on each claim, and would be missed."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from agreement import readings
from assembled import tree
from kept import kept_text
from ladders import RUNGS, drawn
from laws import EFFECTS, LAWS, NEW_QUESTION, NO_WORSE, SAME, WRONG, Law, other_names

from model.expand import graphs
from model.load import AUTHORITIES, authorities, loads
from model.terms import evaluator
from model.yamltree import PolicyError
from proofs.claims import ALL
from proofs.claims.people import not_named
from proofs.decide import Answer, Decider

EACH = 3  # random ladders for each law and part of a rung
Reading = frozenset[tuple[str, str, Any]]


class Verdict(NamedTuple):
    """A word, the plain verdict, and in which of the readings that are tried the claim holds."""

    word: str
    plain: str
    good: Mapping[Reading, bool]


def verdicts(policy: Any, names: Mapping[str, str] | None = None) -> dict[tuple[str, str], Verdict]:
    """The verdicts on every ladder of a policy, in the names of another if they are given."""
    protocol = loads(json.dumps(policy, ensure_ascii=False), "law.yaml")
    found = {}
    for graph in graphs(protocol):
        decider = Decider(graph)
        some = [r for r, _ in zip(readings(graph), range(64), strict=False)]
        silent = {not_named(graph): "different"}
        worlds = [(evaluator({**silent, **r}), known(r, names or {})) for r in some]
        for claim in ALL:
            answer = decider.decide(claim)
            good = {key: holds(answer, of) for of, key in worlds}
            found[graph.ladder.name, claim.id] = Verdict(answer.word, answer.plain, good)
    return found


@cache
def unchanged(text: str) -> dict[tuple[str, str], Verdict]:
    """The verdicts on a policy to which many laws are applied."""
    return verdicts(json.loads(text))


def known(reading: Mapping[Any, Any], names: Mapping[str, str]) -> Reading:
    """A reading by the names of its questions, without the question that is new."""
    found = []
    for symbol, value in reading.items():
        said = symbol.name
        for new, old in names.items():
            said = said.replace(new, old)
        if said != NEW_QUESTION:
            found.append((symbol.kind, said, value))
    return frozenset(found)


def holds(answer: Answer, of: Any) -> bool:
    return bool(of(answer.condition)) if answer.word == "depends" else answer.word != "broken"


def broken_laws(policy: Any, law: str, change: Law) -> list[str] | None:
    """The claims on which a change of a policy has not the effect that a law states."""
    changed = change(policy)
    if changed is None:
        return None
    before = unchanged(json.dumps(policy, ensure_ascii=False))
    if not reads(changed):
        return None
    back = {new: old for old, new in other_names(policy).items()}
    after = verdicts(changed, back if law == "people renamed" else None)
    assert before.keys() == after.keys()
    return [
        f"{key}: {old.word} became {after[key].word}"
        for key, old in before.items()
        if not as_stated(EFFECTS[law][key[1]], old, after[key])
    ]


def reads(policy: Any) -> bool:
    """Whether a policy reads; one of two halves may have no effect, and is refused."""
    try:
        loads(json.dumps(policy, ensure_ascii=False), "law.yaml")
    except PolicyError as error:
        assert all("has no effect" in fault.wrong for fault in error.faults), error
        return False
    return True


def as_stated(effect: str, old: Verdict, new: Verdict) -> bool:
    if "undecided" in (old.word, new.word):
        return True
    shared = old.good.keys() & new.good.keys()
    if effect == SAME:
        alike = all(old.good[key] == new.good[key] for key in shared)
        return alike and (old.word, old.plain) == (new.word, new.plain)
    assert effect == NO_WORSE
    worse = old.plain == "holds" and new.plain == "broken"
    return not worse and not any(old.good[key] > new.good[key] for key in shared)


@cache
def ladders() -> list[str]:
    return [text for part in RUNGS for text in sorted(drawn((part,), EACH))]


def test_every_law_states_an_effect_on_every_claim() -> None:
    assert EFFECTS.keys() == LAWS.keys() == WRONG.keys()
    for effects in EFFECTS.values():
        assert effects.keys() == {claim.id for claim in ALL}


@pytest.mark.parametrize("law", LAWS)
def test_a_law_holds_on_random_ladders(law: str) -> None:
    seen = 0
    for text in ladders():
        found = broken_laws(json.loads(text), law, LAWS[law])
        assert not found, (found, text)
        seen += found is not None
    assert seen >= 5


@pytest.mark.parametrize("law", LAWS)
def test_what_only_looks_like_a_law_is_noticed(law: str) -> None:
    policy = json.loads(kept_text())
    assert broken_laws(policy, law, LAWS[law]) == []
    assert broken_laws(policy, law, WRONG[law])


@pytest.mark.parametrize("law", LAWS)
@pytest.mark.parametrize("path", authorities(), ids=lambda p: p.stem)
def test_a_law_holds_on_the_protocols(path: Path, law: str) -> None:
    policy = tree((AUTHORITIES / path.name).read_text("utf-8"))
    found = broken_laws(policy, law, LAWS[law])
    assert not found, found


@pytest.mark.parametrize("key", ["people", "questions", "facts"])
def test_what_nothing_names_at_all_is_refused(key: str) -> None:
    """The reader refuses it, so each law brings it in where it makes no difference."""
    policy = json.loads(kept_text())
    new = {
        "people": {"side": "other", "source": "1"},
        "questions": {"asks": "Which?", "answers": {"one": "This.", "two": "That."},
                      "plain": "one", "because": "It is so.", "source": "1"},
        "facts": {"says": "It is so.", "about": "other", "source": "1"},
    }[key]  # fmt: skip
    policy.setdefault(key, {})["Nothing"] = new
    with pytest.raises(PolicyError):
        loads(json.dumps(policy), "law.yaml")
