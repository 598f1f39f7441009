"""The smallest change that would mend a claim: one change, tried and checked.

The obligations of a claim name the changes that might mend it; the first one after which the
claim is decided anew as holding is the mend. Windows are found by trying numbers of days.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterator
from dataclasses import dataclass, fields, is_dataclass, replace
from typing import Any

from model.expand import expand
from model.graph import StateGraph
from model.protocol import (
    Advice,
    Duty,
    Involvement,
    Ladder,
    Referral,
    Resolution,
    Rule,
    Rung,
    Skip,
    Window,
)
from model.shapes import Case, Cases, Length, Word
from model.terms import evaluate
from model.yamltree import PolicyError, Position
from proofs.analysis import DILIGENT, PERMITTED, UNHURRIED
from proofs.claim import Edit
from proofs.decide import Answer, Decider

MOST_TRIED = 6
MOST_DAYS = 20  # of a window that is tried


@dataclass(frozen=True, slots=True)
class Mend:
    """A change that mends a claim: wholly, or (if not `whole`) under the plain readings."""

    words: str
    whole: bool
    file: str
    line: int


def mend(graph: StateGraph, answer: Answer) -> Mend | None:
    """The first single change after which the claim holds; None where none of those tried does."""
    tried: dict[tuple[str, str, str, Position | None], Edit] = {}
    for obligation in answer.all_failing:
        for edit in obligation.edits:
            tried.setdefault((edit.kind, edit.key, edit.words, edit.at), edit)
    for edit in list(tried.values())[:MOST_TRIED]:
        found = _try(graph, answer, edit)
        if found is not None:
            return found
    return _settled(graph, answer)


def _settled(graph: StateGraph, answer: Answer) -> Mend | None:
    """A question whose answer alone decides the claim, said in the text itself."""
    if answer.word != "depends" or len(answer.clauses) != 1:
        return None
    clause = answer.clauses[0]
    if clause.op == "case" and getattr(clause.args[0], "kind", "") == "question":
        symbol = clause.args[0]
        right = [v for v, b in zip(symbol.values, clause.args[1:], strict=True) if b.op == "true"]
        if right:
            question = graph.protocol.questions[symbol.name]
            words = f"say in the text that “{symbol.name}” means “{right[0]}”"
            return Mend(words, True, question.at.file, question.at.line)
    return None


def _try(graph: StateGraph, answer: Answer, edit: Edit) -> Mend | None:
    at = edit.at or graph.ladder.place(_KEYS.get(edit.kind, ""))
    for ladder, words in _edited(graph, answer, edit):
        holds = _holds(graph, ladder, answer)
        if holds:
            return Mend(words, holds == "holds", at.file, at.line)
    return None


def _holds(graph: StateGraph, ladder: Ladder, answer: Answer) -> str:
    """`holds` or `plain` if the claim holds (under the plain readings) on a changed ladder."""
    ladders = {**graph.protocol.ladders, ladder.name: ladder}
    protocol = replace(graph.protocol, ladders=ladders)
    try:
        changed = expand(protocol, ladder.name)
    except PolicyError:
        return ""
    result = Decider(changed).decide(answer.claim)
    if result.word == "holds":
        return "holds"
    return "plain" if result.plain == "holds" and answer.plain != "holds" else ""


def _edited(graph: StateGraph, answer: Answer, edit: Edit) -> Iterator[tuple[Ladder, str]]:
    ladder = graph.ladder
    make = _EDITS.get(edit.kind)
    if make is not None:
        changed = make(ladder, edit)
        if changed is not None:
            yield changed, edit.words
    elif edit.kind == "window":
        days = 4 if answer.claim.id == "rungs-timed" else _longest(graph, answer, [edit.key])
        if days:
            words = f"{edit.words}: at most {days} working day{'s' if days > 1 else ''}"
            words += " from sending" if ladder.rungs[edit.key].clock is not None else ""
            yield _windows(ladder, [edit.key], days), words
    elif edit.kind == "every window":
        names = [str(n) for n, r in ladder.rungs.items() if _formal(r)]
        days = _longest(graph, answer, names)
        if days:
            words = f"each window of the {len(names)} formal rungs: at most {days} working days"
            timed = any(ladder.rungs[name].clock is not None for name in names)
            words += " from sending" if timed else ""
            yield _windows(ladder, names, days), words


def _formal(rung: Rung) -> bool:
    return any(c.value == "formal" for c in rung.counts.cases)


def _longest(graph: StateGraph, answer: Answer, names: list[str]) -> int:
    """The largest number of days for some windows that keeps the plain bound; 0 for none."""
    story = answer.failing.story if answer.failing is not None else None
    if story is None or story.to not in (DILIGENT, PERMITTED, UNHURRIED):
        return 0

    def too_long(days: int) -> bool:
        ladder = _windows(graph.ladder, names, days)
        protocol = replace(graph.protocol, ladders={**graph.protocol.ladders, ladder.name: ladder})
        decider = Decider(expand(protocol, ladder.name))
        world, totals = decider.nearby[0], decider.graph.budgets
        most = next((b.at_most for b in totals if b.name == story.total), None)
        over = story.more if most is None else evaluate(most, world)
        return decider.analysis.takes(story.to, world, story.total) > over

    return bisect_left(range(1, MOST_DAYS + 1), True, key=too_long)


# --- edits ----------------------------------------------------------------------------------


def _windows(ladder: Ladder, names: list[str], days: int) -> Ladder:
    rungs = dict(ladder.rungs)
    for name in names:
        rung = rungs[name]
        limit = Length(days, "working days", rung.place("within"), f"{days} working days")
        rungs[name] = replace(rung, within=_plain(limit, rung.at), clock=None)
    return replace(ladder, rungs=rungs)


def _plain(value: Any, at: Position) -> Cases:
    return Cases((Case(None, value),), at)


def _drop(ladder: Ladder, edit: Edit) -> Ladder | None:
    changed = _without(ladder, edit.at)
    return changed if changed is not ladder else None


def _without(value: Any, at: Position | None) -> Any:
    """The value without the involvement that stands at a place."""
    if isinstance(value, tuple) and not isinstance(value, Position):
        kept = tuple(
            _without(v, at) for v in value if not (isinstance(v, Involvement) and v.at == at)
        )
        return (
            kept
            if len(kept) != len(value) or any(k is not v for k, v in zip(kept, value, strict=True))
            else value
        )
    if isinstance(value, dict):
        changed = {k: _without(v, at) for k, v in value.items()}
        return changed if any(changed[k] is not value[k] for k in value) else value
    if is_dataclass(value) and not isinstance(value, type | Length | Case | Cases | Window):
        new = {
            f.name: _without(getattr(value, f.name), at)
            for f in fields(value)
            if f.name not in ("at", "places")
        }
        if any(new[name] is not getattr(value, name) for name in new):
            return replace(value, **new)
    return value


def _rule(ladder: Ladder, edit: Edit) -> Ladder | None:
    rung = ladder.rungs.get(edit.key)
    if rung is None:
        return None
    at = rung.at
    rule = Rule(at=at, to=Word("next rung", at), strength=Word("may", at), source=rung.source)
    key = "if_silent" if edit.value == "if silent" else "if_not_satisfied"
    changed: dict[str, Any] = {key: (rule,)}
    return replace(ladder, rungs={**ladder.rungs, edit.key: replace(rung, **changed)})


def _refer(ladder: Ladder, edit: Edit) -> Ladder | None:
    if isinstance(ladder.refer, Word) or not ladder.refer:
        return None
    first = ladder.refer[0]
    free = Referral(
        at=first.at, to=first.to, by=first.by, from_=(Word("any state", first.at),),
        effect=_plain(Word("beside", first.at), first.at), for_=first.for_, source=first.source,
    )  # fmt: skip
    return replace(ladder, refer=(free,))


def _beside(ladder: Ladder, edit: Edit) -> Ladder | None:
    if isinstance(ladder.refer, Word):
        return None
    refer = tuple(replace(r, effect=_plain(Word("beside", r.at), r.at)) for r in ladder.refer)
    return replace(ladder, refer=refer)


def _skip(ladder: Ladder, edit: Edit) -> Ladder | None:
    at = ladder.place("skip")
    power = Skip(at=at, to=(Word("any later rung", at),), from_=(Word("any rung", at),),
                 source=ladder.source)  # fmt: skip
    return replace(ladder, skip=(power,))


def _return(ladder: Ladder, edit: Edit) -> Ladder | None:
    at = ladder.place("resolution")
    rule = Rule(
        at=at, to=Word("raiser decides", at), strength=Word("may", at), source=ladder.source
    )
    if isinstance(ladder.resolution, Resolution):
        return replace(ladder, resolution=replace(ladder.resolution, if_not_kept=rule))
    within = _plain(Word("unstated", at), at)
    return replace(ladder, resolution=Resolution(at=at, if_not_kept=rule, within=within,
                                                 source=ladder.source))  # fmt: skip


def _duty(ladder: Ladder, edit: Edit) -> Ladder | None:
    at = ladder.place("duties")
    duty = Duty(at=at, who=(Word("raiser", at),), does=Word(edit.value, at),
                at_step=(Word(edit.key, at),), source=ladder.source)  # fmt: skip
    return replace(ladder, duties=(*ladder.duties, duty))


def _rungs(ladder: Ladder, key: str, **changed: Any) -> Ladder | None:
    """The ladder with other values at the rung `key`, or at every rung if there is no key."""
    if key and key not in ladder.rungs:
        return None
    rungs = {
        name: replace(rung, **changed) if key in ("", name) else rung
        for name, rung in ladder.rungs.items()
    }
    return replace(ladder, rungs=rungs)


def _closes(ladder: Ladder, edit: Edit) -> Ladder | None:
    return _rungs(ladder, edit.key, closes=None, if_satisfied=None)


def _clock(ladder: Ladder, edit: Edit) -> Ladder | None:
    return _rungs(ladder, edit.key, clock=None)


def _advice(ladder: Ladder, edit: Edit) -> Ladder | None:
    at = ladder.place("advice")
    who = dict.fromkeys(Word(r.who, at) for r in ladder.raised_by)
    free = Advice(at=at, from_=Word("an independent adviser", at), by=tuple(who),
                  independent=_plain(Word("yes", at), at), source=ladder.source)  # fmt: skip
    return replace(ladder, advice=(free,))


def _cap(ladder: Ladder, edit: Edit) -> Ladder | None:
    total = ladder.totals[edit.key]
    cut = replace(total, effect=_plain(Word("cap", total.at), total.at), when=None)
    return replace(ladder, totals={**ladder.totals, edit.key: cut})


_KEYS = {  # of a ladder, where a change without a place of its own belongs
    "refer": "refer",
    "beside": "refer",
    "skip": "skip",
    "return": "resolution",
    "duty": "duties",
    "advice": "advice",
    "clock": "rungs",
    "closes": "rungs",
    "every window": "rungs",
}
_EDITS: dict[str, Callable[[Ladder, Edit], Ladder | None]] = {
    "drop": _drop,
    "rule": _rule,
    "refer": _refer,
    "beside": _beside,
    "skip": _skip,
    "return": _return,
    "duty": _duty,
    "advice": _advice,
    "closes": _closes,
    "clock": _clock,
    "cap": _cap,
}
