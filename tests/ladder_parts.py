"""The parts of random policies: conditions, windows, involvements, rules, rungs and powers.

Each function draws one part as the tree that a file would have there; `ladders.py` puts parts
together. A `Cast` is what they can name.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from hypothesis import strategies as st

Draw = Callable[[st.SearchStrategy[Any]], Any]
Table = dict[str, Any]

SAID = "1 ¶1"
TALL = ("talk", "head", "director", "chief")
POSTS = ("Team Manager", "Head of Service", "Director", "Chief")
MANAGERS = ("IRO Manager", "Panel", "Child", *POSTS)
SIDES = {
    "IRO": "raiser",
    "Conference Chair": "raiser",
    **dict.fromkeys(POSTS, "management"),
    "IRO Manager": "reviewing service",
    "Panel": "other",
    "Child": "child",
    "CAFCASS": "outside",
    "Ombudsman": "outside",
}
QUESTIONS = {"typical": ("limit", "norm"), "silence": ("refusal", "delay")}
ABOUT = ("urgency", "harm", "rights", "child's wish", "obstacle", "other")
EVENTS = ("receipt", "acknowledgement", "review", "conference")
WORKING = ("1 working day", "3 working days", "5 working days", "12 working days")
LENGTHS = (*WORKING, *WORKING, "immediately", "24 hours", "4 calendar days", "1 week")
TIMES = (*LENGTHS, *LENGTHS, "unstated", "unstated", "unknown", "no limit")
OPEN = ("unstated", "unknown")
ANYWHERE = ("any state", "any rung", "any formal rung", "any informal rung", "any silent rung",
            "the top rung")  # fmt: skip


class Cast(NamedTuple):
    """What the parts of one policy can name."""

    rungs: tuple[str, ...]
    raisers: tuple[str, ...]
    children: tuple[str, ...]
    atoms: tuple[str, ...]  # conditions of one name
    open: tuple[str, ...]  # those of them on which it can depend whether a dispute is raised


def one(draw: Draw, values: Sequence[Any]) -> Any:
    return draw(st.sampled_from(values))


def some(draw: Draw, values: Sequence[Any], most: int = 2) -> Any:
    """One value, or a list of several."""
    found = draw(st.lists(st.sampled_from(values), min_size=1, max_size=most, unique=True))
    return found[0] if len(found) == 1 else found


def rarely(draw: Draw, times: int = 5) -> bool:
    return bool(draw(st.integers(0, times)) == times)


# --- conditions, cases and times ----------------------------------------------------------------


def condition(draw: Draw, cast: Cast) -> str:
    """A condition that is neither always so nor never."""
    first = one(draw, cast.atoms)
    others = [a for a in cast.atoms if a.split(" =")[0] != first.split(" =")[0]]
    shape = one(draw, ("{}", "{}", "not {}", "{} and {}", "{} or {}", "not ({} or {})"))
    second = one(draw, others) if others else ""
    return str(shape.format(first, second)) if second else first


def by_case(draw: Draw, cast: Cast, value: Callable[[], Any]) -> Any:
    """A value, or two by a condition."""
    if not cast.atoms or not rarely(draw):
        return value()
    atom = one(draw, cast.atoms)
    name, _, answer = atom.partition(" = ")
    if name in QUESTIONS and draw(st.booleans()):
        (other,) = (a for a in QUESTIONS[name] if a != answer)
        return {atom: value(), f"{name} = {other}": value()}
    return {condition(draw, cast): value(), "otherwise": value()}


def sometimes(draw: Draw, cast: Cast, table: Table, **values: Callable[[], Any]) -> Table:
    """A table with some more keys, each now and then."""
    more = {k.replace("_", " "): v() for k, v in values.items() if rarely(draw, 1)}
    return {**table, **more}


def when(draw: Draw, cast: Cast, table: Table, times: int = 3) -> Table:
    if cast.atoms and rarely(draw, times):
        return {**table, "when": condition(draw, cast)}
    return table


def window(draw: Draw, cast: Cast, waits: bool = False) -> Any:
    """A window; with `waits`, one that may have a minimum wait."""

    def plain() -> Any:
        if not rarely(draw, 7):
            return one(draw, TIMES if waits else (*WORKING, *TIMES[-4:]))
        more = [
            {"set by": one(draw, ("raiser", *cast.raisers, "IRO Manager"))},
            {"agreed by": some(draw, ("raiser", "IRO Manager", *cast.raisers))},
            {"or less": "the child's needs"},
        ]
        if not waits or draw(st.booleans()):
            return {"at most": one(draw, TIMES), **one(draw, [{}, *more]), "source": SAID}
        least, most = one(draw, (("2 working days", "6 working days"), ("1 week", "unstated"),
                                 ("1 working day", "4 calendar days")))  # fmt: skip
        return {"at most": most, "at least": least, **one(draw, [{}, *more]), "source": SAID}

    return by_case(draw, cast, plain)


# --- parts of steps -----------------------------------------------------------------------------

KINDS = ("approves", "consulted before", "decides jointly", "takes over", "told before",
         "told after", "copied")  # fmt: skip
BESIDE = ("skip", "extension", "refer", "advice")


def involvement(draw: Draw, cast: Cast, place: str = "", kinds: Sequence[str] = KINDS) -> Table:
    """Somebody's part in a step; `place` is what it is a part of."""
    how = by_case(draw, cast, lambda: one(draw, kinds))
    found = {*how.values()} if isinstance(how, dict) else {how}
    table: Table = {"who": some(draw, (*MANAGERS, "unknown", "unstated")), "how": how}
    asked, agrees = "consulted before" in found, found & {*KINDS} - {*KINDS[4:], KINDS[1]}
    if asked and draw(st.booleans()):
        table["waits"] = by_case(
            draw, cast, lambda: one(draw, ("yes", "unstated", "no", "unknown"))
        )
    if (asked or agrees) and draw(st.booleans()):
        table["within"] = window(draw, cast)
    if agrees and draw(st.booleans()):
        table["if refused"] = refusal(draw, cast, place)
    if (asked or agrees) and draw(st.booleans()):
        table["if silent"] = refusal(draw, cast, place)
    table = when(draw, cast, table)
    table = sometimes(draw, cast, table, strength=lambda: strength(draw))
    return {**table, "source": SAID}


def involved(draw: Draw, cast: Cast, place: str = "") -> Any:
    return several(draw, lambda: involvement(draw, cast, place))


def several(draw: Draw, make: Callable[[], Any]) -> Any:
    return [make(), make()] if rarely(draw, 2) else make()


def strength(draw: Draw, *more: str) -> str:
    return str(one(draw, ("may", "should", "must", *more)))


def refusal(draw: Draw, cast: Cast, place: str) -> Any:
    if rarely(draw, 3):
        return one(draw, ("unstated", "unknown", "nothing"))
    if place in BESIDE:
        to = "raiser decides"
    else:
        to = one(draw, ("raiser decides", "next rung", "closed", "resolved", "top rung", "lapsed",
                        "same rung", "lowest rung", "CAFCASS",
                        *(() if place == "a rule" else cast.rungs[-1:])))  # fmt: skip
    return follows(draw, cast, {"to": to})


def follows(draw: Draw, cast: Cast, table: Table) -> Table:
    """The rest of a rule: who takes the step, how strongly, and when."""
    force = one(draw, ("", "", "may", "should", "must", "automatic"))
    if force:
        table = {**table, "strength": force}
    if force != "automatic" and rarely(draw, 2):
        table["by"] = one(draw, ("raiser", "unstated", "IRO Manager", "Director", *cast.raisers))
    return when(draw, cast, table)


def rule(draw: Draw, cast: Cast, rung: str, settles: bool = False) -> Table:
    """A rule of a rung; with `settles`, what follows when somebody is satisfied."""
    named = [r for r in cast.rungs if r != rung]
    to = one(draw, ("next rung", "next rung", "raiser decides", "top rung", "lowest rung",
                    "same rung", "resolved", "closed", "lapsed", "CAFCASS", "Ombudsman",
                    "ladder complaint", *(named if rung else ())))  # fmt: skip
    if settles:
        table = sometimes(draw, cast, {"to": to}, strength=lambda: strength(draw, "automatic"))
        told = involvement(draw, cast, "a rule", KINDS[4:]) if rarely(draw) else None
        return {**when(draw, cast, table), **({"involves": told} if told else {})}
    table = follows(draw, cast, {"to": to})
    if "by" not in table and cast.atoms and rarely(draw):
        table["strength"] = by_case(draw, cast, lambda: strength(draw, "automatic"))
    if rarely(draw):
        table["after"] = one(draw, LENGTHS)
    return sometimes(draw, cast, table, involves=lambda: involved(draw, cast, "a rule"))


def outcome(draw: Draw, cast: Cast, rung: str, words: Sequence[str] = (*OPEN, "nothing")) -> Any:
    if rarely(draw, 2):
        return one(draw, words)
    return several(draw, lambda: rule(draw, cast, rung))


# --- rungs --------------------------------------------------------------------------------------


def a_rung(draw: Draw, cast: Cast, place: int, more: set[str], leads: str) -> Table:
    """A rung; `leads` is the outcome that surely leads to the next one."""
    name, top = cast.rungs[place], place == len(cast.rungs) - 1
    counts = "informal" if place == 0 and draw(st.booleans()) else "formal"
    table: Table = {
        "answers": POSTS[place],
        "counts": counts,
        "within": window(draw, cast, waits=True),
        "if not satisfied": outcome(draw, cast, name) if draw(st.booleans()) else "unstated",
        "if silent": outcome(draw, cast, name) if draw(st.booleans()) else "unstated",
        "source": SAID,
    }
    if not top and leads:
        table[leads] = {"to": "next rung"}
    if "officers" in more and draw(st.booleans()):
        table["answers"] = by_case(draw, cast, lambda: answerers(draw, place))
        table = sometimes(draw, cast, table, substitute=lambda: "Panel")
        if any(isinstance(v, dict) and "all of" in v for v in (table["answers"], *(
            table["answers"].values() if isinstance(table["answers"], dict) else ()))):  # fmt: skip
            table["if divided"] = outcome(draw, cast, name)
    if "closing" in more and draw(st.booleans()):
        table |= closing(draw, cast, name)
    if "clock" in more and draw(st.booleans()):
        table["clock"] = clock(draw, cast)
    if "sender" in more and draw(st.booleans()):
        table["sends"] = one(draw, ("IRO Manager", "unstated", "raiser", *cast.raisers))
        table = sometimes(draw, cast, table, strength=lambda: strength(draw))
    if "gate" in more and draw(st.booleans()):
        table[one(draw, ("to leave", "involves"))] = involved(draw, cast)
    if "counts" in more and cast.atoms and draw(st.booleans()):
        table["counts"] = by_case(draw, cast, lambda: one(draw, ("formal", "informal")))
    return table


def answerers(draw: Draw, place: int) -> Any:
    pair = [POSTS[place], one(draw, ("Panel", "IRO Manager", *POSTS[:place]))]
    return one(draw, (POSTS[0], "unknown", "unstated", {"any of": pair}, {"all of": pair},
                      {"all of": pair}))  # fmt: skip


def closing(draw: Draw, cast: Cast, name: str) -> Table:
    who = ("raiser", "answerer", "unstated", "Panel", *cast.raisers)
    table: Table = {"closes": by_case(draw, cast, lambda: one(draw, who))}
    if draw(st.booleans()):
        table["if satisfied"] = settling(draw, cast, name)
    if draw(st.booleans()):
        table["if partly satisfied"] = outcome(draw, cast, name)
    return table


def settling(draw: Draw, cast: Cast, name: str) -> Any:
    if rarely(draw, 3):
        return one(draw, (*OPEN, "nothing"))
    return several(draw, lambda: rule(draw, cast, name, settles=True))


def clock(draw: Draw, cast: Cast) -> Table:
    words = ("raising", "formal start", "previous rung", "sending", *EVENTS, *OPEN, "never")
    starts = by_case(draw, cast, lambda: one(draw, words))
    table: Table = {"starts": starts}
    if rarely(draw, 3):
        table["counts from"] = one(draw, ("the same day", "the day after"))
    found = starts.values() if isinstance(starts, dict) else [starts]
    if {*found} & {*EVENTS} and not rarely(draw, 2):
        table["within"] = window(draw, cast)
    return {**table, "source": SAID}


# --- powers and other parts of a ladder ------------------------------------------------------


def total(draw: Draw, cast: Cast) -> Table:
    lengths = ("4 working days", "12 working days", "20 working days", "20 working days", "4 weeks")
    return when(draw, cast, {
        "at most": by_case(draw, cast, lambda: one(draw, lengths)),
        "covers": one(draw, ("formal rungs", "every rung", list(cast.rungs[:2]), cast.rungs[-1])),
        "effect": by_case(draw, cast, lambda: one(draw, ("cap", "stated"))),
        "source": SAID,
    })  # fmt: skip


def total_with_waits(draw: Draw, rungs: dict[str, Table]) -> Table:
    """A cap on the whole, with minimum waits at rungs, and windows so that they can be long."""
    for rung in rungs.values():
        for key in ("if not satisfied", "if silent"):
            if draw(st.booleans()):
                wait = one(draw, ("1 working day", "3 working days", "5 working days"))
                rung[key] = {"to": "next rung", "after": wait}
        if draw(st.booleans()):
            rung["within"] = one(draw, ("1 working day", "3 working days", "5 working days"))
    return {
        "at most": one(draw, ("4 working days", "6 working days", "12 working days")),
        "covers": one(draw, ("every rung", "every rung", "formal rungs")),
        "effect": "cap",
        "source": SAID,
    }


def power(draw: Draw, cast: Cast, table: Table, place: str) -> Table:
    """The keys that all powers have."""
    table = sometimes(draw, cast, when(draw, cast, table), strength=lambda: strength(draw))
    if rarely(draw, 2):
        table["involves"] = involved(draw, cast, place)
    return {**table, "source": SAID}


def skip(draw: Draw, cast: Cast) -> Table:
    later = ("any later rung", "any later rung but the next", "next rung", "next but one",
             cast.rungs[-1], "top rung")  # fmt: skip
    table: Table = {"to": some(draw, later), "from": some(draw, (*ANYWHERE[:5], cast.rungs[0]))}
    by = {"by": some(draw, (*cast.raisers, "raiser"))} if draw(st.booleans()) else {}
    return power(draw, cast, {**table, **by}, "skip")


def extension(draw: Draw, cast: Cast) -> Table:
    table: Table = {
        "asked by": one(draw, ("answerer", "raiser", "IRO Manager", cast.raisers[0])),
        "granted by": by_case(
            draw, cast, lambda: one(draw, ("nobody", "raiser", "IRO Manager", cast.raisers[0]))
        ),
        "each": window(draw, cast),
        "times": one(draw, ("1", "2", "unstated", "unknown", "no limit")),
        "at rung": some(draw, (*ANYWHERE[:4], *cast.rungs)),
    }
    return power(draw, cast, sometimes(draw, cast, table, kind=lambda: "a meeting"), "extension")


def hand_over(draw: Draw, cast: Cast) -> Table:
    back: Any = one(draw, (*OPEN, "nothing"))
    if draw(st.booleans()):
        back = way_back(draw, cast)
    closers = ("raiser", "unstated", "Panel", cast.raisers[0])
    table = {
        "to": one(draw, ("Panel", "Director")),
        "agreed by": some(draw, ("raiser", "IRO Manager", *cast.raisers)),
        "from": some(draw, (*ANYWHERE[:5], *cast.rungs)),
        "within": window(draw, cast),
        "closes": by_case(draw, cast, lambda: one(draw, closers)),
        "back": back,
        "source": SAID,
    }
    return sometimes(draw, cast, when(draw, cast, table), strength=lambda: strength(draw))


def way_back(draw: Draw, cast: Cast) -> Table:
    to = one(draw, ("raiser decides", "same rung", "next rung", "top rung", "lowest rung",
                    cast.rungs[0], "closed", "lapsed", "resolved", "CAFCASS",
                    "ladder complaint"))  # fmt: skip
    table = follows(draw, cast, {"to": to})
    return sometimes(draw, cast, table, involves=lambda: involved(draw, cast))


def withdraw(draw: Draw, cast: Cast) -> Table:
    table = {"by": some(draw, ("raiser", "Director", *cast.raisers)), "source": SAID}
    return sometimes(draw, cast, when(draw, cast, table), strength=lambda: strength(draw))


def refer(draw: Draw, cast: Cast, advised: bool) -> Table:
    effects = ("beside", "ends", "suspends", "unstated")
    table: Table = {
        "to": one(draw, ("CAFCASS", "CAFCASS", "Ombudsman")),
        "by": some(draw, (*cast.raisers, "raiser", "Director")),
        "from": some(draw, (*ANYWHERE, "after the top rung", *cast.rungs)),
        "effect": by_case(draw, cast, lambda: one(draw, effects)),
    }
    if rarely(draw, 2):
        table["for"] = some(draw, cast.children)
    if rarely(draw, 2):
        table["needs advice"] = by_case(
            draw, cast, lambda: one(draw, ("no", "yes") if advised else ("no",))
        )
    return power(draw, cast, table, "refer")


def advice(draw: Draw, cast: Cast) -> Table:
    table = {
        "from": "an outside solicitor",
        "by": some(draw, (*cast.raisers, "raiser")),
        "independent": by_case(draw, cast, lambda: one(draw, ("yes", "no", *OPEN))),
    }
    return power(draw, cast, table, "advice")


def resolution(draw: Draw, cast: Cast) -> Table:
    back: Any = one(draw, (*OPEN, "nothing")) if draw(st.booleans()) else way_back(draw, cast)
    table = {"within": window(draw, cast), "if not kept": back, "source": SAID}
    watchers = ("raiser", "IRO Manager", *cast.raisers)
    return sometimes(draw, cast, table, watched_by=lambda: one(draw, watchers))


DOES = ("tells the child", "records", "considers referral", "tells", "consults the child",
        "acknowledges", "monitors", "reports", "supports", "acts")  # fmt: skip
STEPS = ("each stage", "informal stage", "top", "any time", "end", "start", "formal start",
         "escalation", "silence", "referral", "resolution")  # fmt: skip


def duty(draw: Draw, cast: Cast) -> Table:
    who = ("raiser", "answerer", "unstated", "IRO Manager", *cast.raisers)
    table: Table = {"who": some(draw, who), "does": one(draw, DOES), "at step": some(draw, STEPS)}
    if table["does"] == "tells":
        table["whom"] = some(draw, ("raiser", "answerer", "Child"))
    table = sometimes(draw, cast, table, strength=lambda: strength(draw))
    return {**when(draw, cast, table), "source": SAID}


def entries(draw: Draw, cast: Cast) -> Any:
    if rarely(draw):
        return one(draw, (*OPEN, "none"))
    if rarely(draw):
        return {"at rung": "any rung", "source": SAID}
    more = when(draw, cast, {"at rung": some(draw, (*cast.rungs[1:], "any rung"))}, 1)
    if draw(st.booleans()):
        more["by"] = some(draw, cast.raisers)
    return [{"at rung": "lowest rung", "source": SAID}, power(draw, cast, more, "entry")]
