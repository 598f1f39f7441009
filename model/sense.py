"""What is wrong in a policy file though each value can stand where it stands.

These checks look at one table at a time, before any state graph is built: a key that could
change nothing beside what stands in the same table is a fault, never a silent loss.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from model import protocol as p
from model.calendar import span
from model.shapes import Cases, Context, Length, Reading, Word, nearest
from model.yamltree import excerpt

MAX_RUNGS = 500

AGREEING = ("approves", "decides jointly", "takes over")
EVENTS = ("receipt", "acknowledgement", "review", "conference")
ASKED_BESIDE = {"skip": "leave to skip", "extension": "more time", "refer": "a referral",
                "advice": "legal advice"}  # fmt: skip


def check(context: Context) -> None:
    """Note every fault of sense among the readings of a file."""
    raisers: dict[tuple[str, ...], list[Reading]] = {}
    sides = {r.path[1]: r.values.get("side") for r in context.readings if r.kind is p.Person}
    for reading in context.readings:
        if reading.kind is p.Raiser:
            raisers.setdefault(reading.path[:2], []).append(reading)
        elif reading.kind is p.Referral:
            _referral(reading, sides, context)
        elif reading.kind in _CHECKS:
            _CHECKS[reading.kind](reading, context)
    for path, group in raisers.items():
        _raisers(group, (*path, "raised by"), context)
    if not context.partial:
        for reading in context.readings:
            if reading.kind in (p.Entry, p.Advice):
                names = [r.values.get("who") for r in raisers.get(reading.path[:2], ())]
                _for_raisers(reading, names, sides, context)


def _for_raisers(
    reading: Reading, raisers: Iterable[Any], people: Mapping[str, Any], context: Context
) -> None:
    """An entry and legal advice are for those who raise disputes on this ladder."""
    known = list(dict.fromkeys(str(r) for r in raisers if r is not None))
    for name in reading.values.get("by") or ():
        if known and name in people and name not in known:
            wrong = f"“{name}” raises nothing on this ladder"
            context.fault(name.at, (*reading.path, "by"), wrong, nearest(name, known))


def _question(reading: Reading, context: Context) -> None:
    answers, plain = reading.values.get("answers"), reading.values.get("plain")
    if answers is None:
        return
    if len(answers) < 2:
        right = "give at least two, or state the finding under “findings”"
        at = reading.places["answers"]
        context.fault(at, reading.path, "a question has one answer only", right)
    for key, answer in (("plain", plain), ("settled", reading.values.get("settled"))):
        if answer is not None and answer not in answers:
            wrong = f"“{excerpt(answer)}” is not one of the answers"
            context.fault(answer.at, (*reading.path, key), wrong, nearest(answer, answers))


def _window(reading: Reading, context: Context) -> None:
    most, least = reading.values.get("at_most"), reading.values.get("at_least")
    if least is None:
        return
    if isinstance(most, Length) and _fewest(least) > _greatest(most):
        wrong = f"at least {least.text} and at most {most.text} contradict each other"
        context.fault(least.at, reading.path, wrong, "make the first at most the second")
    if not (reading.path[2:3] == ("rungs",) and reading.path[4:5] == ("within",)):
        wrong = "only the window of a rung has a minimum wait"
        right = "take “at least” out, or write “after:” in the rule that has to wait"
        context.fault(least.at, (*reading.path, "at least"), wrong, right)


def _fewest(length: Length) -> int:
    return span(length.amount, length.unit)[0]


def _greatest(length: Length) -> int:
    return span(length.amount, length.unit)[1]


def _clock(reading: Reading, context: Context) -> None:
    starts = reading.values.get("starts")
    if starts is None or "within" not in reading.places:
        return
    if not any(case.value in EVENTS for case in starts.cases):
        wrong = "nothing is waited for here, so nothing has to come within a time"
        right = "take “within” out, or name the event under “starts”, such as “receipt”"
        context.fault(reading.places["within"], (*reading.path, "within"), wrong, right)


def _rung(reading: Reading, context: Context) -> None:
    for rule in reading.values.get("if_satisfied") or ():
        if isinstance(rule, p.Rule):
            _settling(rule, (*reading.path, "if satisfied"), context)
    answers = reading.values.get("answers")
    if answers is None:
        return
    divides = any(isinstance(c.value, p.Officers) and c.value.all_of for c in answers.cases)
    if divides and "if divided" not in reading.places:
        right = "add “if divided:” with a rule, or with “unstated”"
        wrong = "several people must answer together, and may not agree"
        context.fault(reading.at, reading.path, wrong, right)
    if "if divided" in reading.places and not divides:
        path = (*reading.path, "if divided")
        right = "take it out, or name the answerers with “all of:”"
        at = reading.places["if divided"]
        context.fault(at, path, "no case has several people who answer together", right)


def _settling(rule: p.Rule, path: tuple[str, ...], context: Context) -> None:
    if rule.by is not None:
        wrong = "who is satisfied takes this step"
        context.fault(rule.by.at, (*path, "by"), wrong, "name them under “closes” of the rung")
    if rule.after is not None:
        wrong = "whoever is satisfied need not wait"
        context.fault(rule.after.at, (*path, "after"), wrong, "take “after” out")
    for part in rule.involves:
        if any(case.value in AGREEING for case in part.how.cases) or part.waits is not None:
            wrong = "whoever is satisfied asks nobody"
            right = "name who must be satisfied under “closes”, or write “told before”"
            context.fault(part.place("how"), (*path, "involves", "how"), wrong, right)


def _rule(reading: Reading, context: Context) -> None:
    """A rule that stands directly under a rung's `if …` must not lead to that rung."""
    path, to = reading.path, reading.values.get("to")
    if path[2:3] == ("rungs",) and path[4:5][0].startswith("if ") and to == path[3]:
        wrong = f"the rung “{to}” goes to itself"
        right = "write “same rung” if it is meant to stay, or name another"
        context.fault(to.at, (*path, "to"), wrong, right)
    by, strength = reading.values.get("by"), reading.values.get("strength")
    cases = strength.cases if isinstance(strength, Cases) else ()
    if by is not None and (
        strength == "automatic" or {str(c.value) for c in cases} == {"automatic"}
    ):
        wrong = "what happens by itself is done by nobody"
        right = "take “by” out, or write “must” instead of “automatic”"
        context.fault(by.at, (*path, "by"), wrong, right)


def _involvement(reading: Reading, context: Context) -> None:
    """Each key of an involvement must have a kind of involvement that it can belong to."""
    how = reading.values.get("how")
    if how is None:
        return
    kinds = {str(case.value) for case in how.cases}
    path = reading.path
    agreeing, asked = kinds & set(AGREEING), "consulted before" in kinds
    if "waits" in reading.places and not asked:
        wrong = "only a view (“consulted before”) can be awaited or not"
        right = "take “waits” out, since " + (
            "an agreement is always awaited" if agreeing else "nothing waits for this"
        )
        context.fault(reading.places["waits"], (*path, "waits"), wrong, right)
    if "if refused" in reading.places and not agreeing:
        wrong = "nobody is asked to agree here, so nobody can refuse"
        right = "take “if refused” out, or write “approves” if they must agree"
        context.fault(reading.places["if refused"], (*path, "if refused"), wrong, right)
    if "if silent" in reading.places and not agreeing and not asked:
        wrong = "nobody's answer is awaited here"
        right = "take “if silent” out, or write “consulted before” or “approves”"
        context.fault(reading.places["if silent"], (*path, "if silent"), wrong, right)
    if path[2:3] and path[2] in ASKED_BESIDE:
        for key in ("if_refused", "if_silent"):
            _beside(reading.values.get(key), path, key.replace("_", " "), context)


def _beside(rule: Any, path: tuple[str, ...], key: str, context: Context) -> None:
    """What is asked for beside the ladder leaves the ladder where it is when it is not given."""
    if isinstance(rule, p.Rule) and rule.to != "raiser decides":
        what = ASKED_BESIDE[path[2]]
        wrong = f"{what} is asked for while the ladder goes on, which this cannot move"
        right = "write “unstated” or “nothing”, or “{to: raiser decides}” if it may be done anyway"
        context.fault(rule.to.at, (*path, key, "to"), wrong, right)


def _ladder(reading: Reading, context: Context) -> None:
    rungs = reading.values.get("rungs")
    if rungs is not None and len(rungs) > MAX_RUNGS:
        right = f"a ladder has at most {MAX_RUNGS}"
        at = reading.places["rungs"]
        context.fault(at, (*reading.path, "rungs"), f"there are {len(rungs)} rungs", right)
    order = {name: place for place, name in enumerate(rungs or ())}
    for skip in reading.values.get("skip") or ():
        if isinstance(skip, p.Skip) and all(name in order for name in skip.from_):
            lowest = min(order[name] for name in skip.from_)
            for name in skip.to:
                if name in order and order[name] <= lowest:
                    wrong = f"“{name}” is not above any rung that this skip starts from"
                    context.fault(name.at, (*reading.path, "skip"), wrong, "name a later rung")
    if isinstance(reading.values.get("advice"), Word):
        for referral in reading.values.get("refer") or ():
            needs = referral.needs_advice if isinstance(referral, p.Referral) else None
            if needs is not None and any(case.value == "yes" for case in needs.cases):
                wrong = "legal advice must come first, but this ladder knows no legal advice"
                right = "say under “advice” who gives it and who may have it"
                context.fault(
                    referral.place("needs advice"),
                    (*reading.path, "refer", "needs advice"), wrong, right,
                )  # fmt: skip


def _referral(reading: Reading, sides: Mapping[str, Any], context: Context) -> None:
    to = reading.values.get("to")
    if to is not None and sides.get(to) not in (None, "outside"):
        wrong = f"“{to}” is not outside the authority"
        right = "refer to a person whose side is “outside”"
        context.fault(to.at, (*reading.path, "to"), wrong, right)


def _raisers(group: list[Reading], path: tuple[str, ...], context: Context) -> None:
    for index, raiser in enumerate(group):
        who, kinds = raiser.values.get("who"), raiser.values.get("for_") or ()
        for other in group[:index]:
            if who is not None and who == other.values.get("who"):
                again = set(kinds) & set(other.values.get("for_") or ())
                for kind in sorted(again):
                    wrong = f"“{who}” stands here twice for “{kind}”"
                    context.fault(raiser.at, path, wrong, "keep one of the two")


_CHECKS = {
    p.Question: _question,
    p.Window: _window,
    p.Clock: _clock,
    p.Rung: _rung,
    p.Rule: _rule,
    p.Involvement: _involvement,
    p.Ladder: _ladder,
}
