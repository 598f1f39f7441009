"""The policy language: every key, its shape and what it is for.

The data dictionary for people is `model/authorities/README.md`; a test holds it to this file.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from model import protocol as p
from model.shapes import (
    CITATION,
    ByCase,
    Cases,
    Condition,
    Count,
    Defs,
    Duration,
    Either,
    Field,
    ListOf,
    MapOf,
    OneOf,
    Record,
    Ref,
    Shape,
    Word,
    Words,
)

SIDES = {
    "raiser": "raises disputes",
    "management": "manages the child's case, at any level",
    "reviewing service": "manages or supports those who raise",
    "outside": "outside the authority",
    "child": "the child, or somebody who speaks for the child",
    "other": "anybody else",
}
ROLES = {
    "IRO": "an Independent Reviewing Officer (Children Act 1989 s25A)",
    "CAFCASS": "the body to which an IRO may refer (s25B(3))",
}
INVOLVEMENTS = {
    "copied": "gets a copy; nothing waits",
    "told after": "is told afterwards; nothing waits",
    "told before": "must have been told; nothing waits for an answer",
    "consulted before": "is asked for a view first; `waits` says whether the answer is awaited",
    "decides jointly": "must agree, together with the one who acts",
    "approves": "must agree",
    "takes over": "must agree, and acts from here on in the raiser's place",
}
STRENGTHS = {
    "may": "a power",
    "should": "expected",
    "must": "a duty",
    "automatic": "happens by itself",
}
CLOCK_STARTS = {
    "sending": "when the dispute is sent to this rung",
    "receipt": "when the officer receives it",
    "acknowledgement": "when the officer acknowledges it",
    "raising": "when the dispute was first raised",
    "formal start": "when the formal process began",
    "previous rung": "when the rung below was answered, or its time ran out",
    "review": "at the next review",
    "conference": "at the next conference",
    "unstated": "the text does not say",
    "unknown": "the text points to something that is not there",
    "never": "nothing that the text names ever starts it",
}
OPEN = {
    "unstated": "the text is silent",
    "unknown": "the text points to something that is not there",
}
NO_RULE = {**OPEN, "nothing": "the text says that nothing follows"}
FACTS = {
    "urgency": "how urgent or serious it is",
    "harm": "risk of harm",
    "rights": "human rights",
    "child's wish": "what the child wants",
    "obstacle": "an obstacle outside the authority's control",
    "other": "anything else",
}
DUTIES = {
    "tells the child": "the child is told",
    "consults the child": "the child is asked",
    "tells": "tells the people in `whom`",
    "records": "writes it down",
    "acknowledges": "confirms receipt",
    "monitors": "watches that what was agreed is done",
    "reports": "reports on disputes in general",
    "considers referral": "considers a referral to CAFCASS",
    "supports": "gives advice, time or help",
    "acts": "does what was asked or directed",
}
STEPS = {
    "start": "when the dispute is raised",
    "informal stage": "at the informal rungs",
    "formal start": "when the formal process begins",
    "each stage": "at each rung",
    "escalation": "when it goes up",
    "silence": "when no answer came in time",
    "referral": "at a referral",
    "top": "when the top rung has not put it right",
    "resolution": "when it is settled",
    "end": "when it is over, in whatever way",
    "any time": "whenever the need arises",
}
DESTINATIONS = (
    "next rung",
    "resolved",
    "closed",
    "same rung",
    "top rung",
    "lowest rung",
    "raiser decides",
    "lapsed",
)
YES_NO = {"yes": "yes", "no": "no"}


def _window() -> Shape:
    time = Either({**OPEN, "no limit": "the text says that there is no limit"}, Duration())
    structured = Record(
        p.Window,
        {
            "at most": Field(time, "the longest it may take", True),
            "at least": Field(Duration(), "the shortest it may take: a minimum wait"),
            "set by": Field(
                Ref("person", ("raiser",)), "who chooses the time, case by case, up to `at most`"
            ),
            "agreed by": Field(ListOf(Ref("person", ("raiser",))), "who must agree on the time"),
            "or less": Field(Words(), "what may shorten it, such as the child's needs"),
        },
        "a window",
    )
    return ByCase(TimeOr(structured, time), table_item=True)


class TimeOr(Shape):
    """A length of time or an open word as text; a structured window as a table."""

    def __init__(self, table: Record, text: Shape) -> None:
        self.table, self.text = table, text
        self.wants = f"{text.wants}, or a table with “at most:”"

    def read(self, node: Any, path: tuple[str, ...], into: Any) -> Any:
        shape = self.table if hasattr(node, "entries") else self.text
        return shape.read(node, path, into)

    def schema(self, defs: Defs) -> Defs:
        return {"anyOf": [self.text.schema(defs), self.table.schema(defs)]}


WINDOW = _window()
STRENGTH = OneOf(STRENGTHS)
DUTY = OneOf({word: says for word, says in STRENGTHS.items() if word != "automatic"})  # somebody's


def _rule_shape(involvements: Shape | None) -> Record:
    fields = {
        "to": Field(Ref("destination", DESTINATIONS), "the rung, end or ladder it goes to", True),
        "by": Field(
            Ref("person", ("raiser", "unstated")), "who takes it there (default: the raiser)"
        ),
        "strength": Field(STRENGTH, "may, should, must or automatic (default: may)"),
        "after": Field(Duration(), "a minimum wait, counted on the rung's clock"),
        "when": Field(Condition(), "only under this condition"),
    }
    if involvements is not None:
        fields["involves"] = Field(ListOf(involvements), "who else has a part in this step")
    return Record(p.Rule, fields, "a rule", cited=False)


_refusal_fields = {key: f for key, f in _rule_shape(None).fields.items() if key != "after"}
_refusal_rule = Record(
    p.Rule,
    {**_refusal_fields, "source": Field(Words(200), "the paragraph")},
    "a rule for a refusal or a silence",
    cited=False,
)

INVOLVEMENT = Record(
    p.Involvement,
    {
        "who": Field(ListOf(Ref("person", ("unknown", "unstated"))), "who is involved", True),
        "how": Field(ByCase(OneOf(INVOLVEMENTS)), "the kind of involvement", True),
        "when": Field(Condition(), "only under this condition"),
        "strength": Field(DUTY, "may, should or must"),
        "waits": Field(
            ByCase(OneOf({**YES_NO, **OPEN})), "whether the step waits for a consulted person"
        ),
        "within": Field(WINDOW, "how long they may take"),
        "if refused": Field(Either(NO_RULE, _refusal_rule), "what follows a refusal"),
        "if silent": Field(Either(NO_RULE, _refusal_rule), "what follows if they do not answer"),
    },
    "an involvement",
)
INVOLVES = Field(ListOf(INVOLVEMENT), "who else has a part in this step, and how")

_rule_fields = {
    **_rule_shape(INVOLVEMENT).fields,
    "source": Field(Words(200), "the paragraph; default: the rung's"),
    "assumed": Field(Words(), "why it is assumed"),
}
_back_fields = {key: f for key, f in _rule_fields.items() if key != "after"}
WAY_BACK = Record(p.Rule, _back_fields, "a way back", cited=False)
_strengths = Field(ByCase(STRENGTH), _rule_fields["strength"].about)
_branch = Record(p.Rule, {**_rule_fields, "strength": _strengths}, "a rule", cited=False)


class _Outcome(ListOf):
    """Rules and words in a list; a rule whose strength goes by cases becomes one for each case."""

    def read(self, node: Any, path: tuple[str, ...], into: Any) -> tuple[Any, ...] | None:
        found = super().read(node, path, into)
        if found is None:
            return None
        return tuple(branch for rule in found for branch in _by_strength(rule))


def _by_strength(rule: Any) -> Iterator[Any]:
    if not isinstance(rule, p.Rule) or not isinstance(rule.strength, Cases):
        yield rule
        return
    earlier: list[str] = []
    for case in rule.strength.cases:
        parts = [*([rule.when] if rule.when else []), *([case.when] if case.when else [])]
        joined = " and ".join([*(f"({part})" for part in parts), *(f"not ({e})" for e in earlier)])
        place = parts[-1].at if parts else rule.at
        when = Word(joined, place) if len(parts) + len(earlier) > 1 else (*parts, None)[0]
        earlier += [case.when] if case.when else []
        yield replace(rule, strength=case.value, when=when)


OUTCOME = _Outcome(Either(NO_RULE, _branch))

_officers = Record(
    p.Officers,
    {
        "any of": Field(ListOf(Ref("person")), "one of them answers"),
        "all of": Field(ListOf(Ref("person")), "all of them answer together"),
    },
    "the officers of a rung",
    cited=False,
)


class Answerers(Shape):
    """One person's name, or a table with `any of` or `all of`."""

    wants = "the name of a person, “unknown”, “unstated”, or a table with “any of” or “all of”"

    def read(self, node: Any, path: tuple[str, ...], into: Any) -> Any:
        if hasattr(node, "entries"):
            value = _officers.read(node, path, into)
            if value is not None and bool(value.any_of) == bool(value.all_of):
                into.fault(node.at, path, "“any of” and “all of” stand here", "keep one of the two")
            return value
        return Ref("person", tuple(OPEN)).read(node, path, into)

    def schema(self, defs: Defs) -> Defs:
        name = Ref("person", tuple(OPEN)).schema(defs)
        return {"anyOf": [name, _officers.schema(defs)]}


CLOCK = Record(
    p.Clock,
    {
        "starts": Field(ByCase(OneOf(CLOCK_STARTS)), "what starts the window", True),
        "counts from": Field(
            OneOf({"the day after": "day 0 is the day itself", "the same day": "it is day 1"}),
            "whether the starting day counts (default: the day after)",
        ),
        "within": Field(WINDOW, "how long the starting event may take to come"),
    },
    "a clock",
)

RUNG = {
    "answers": Field(ByCase(Answerers(), table_item=True), "who must answer", True),
    "counts": Field(
        ByCase(OneOf({"formal": "formal time", "informal": "informal time"})),
        "whether its time is formal",
        True,
    ),
    "within": Field(WINDOW, "how long an answer may take", True),
    "substitute": Field(Ref("person"), "who answers where the post does not exist"),
    "sends": Field(
        Ref("person", ("raiser", "unstated")), "who sends it here (default: the raiser)"
    ),
    "clock": Field(CLOCK, "what starts the window (default: sending)"),
    "when": Field(Condition(), "the rung exists only under this condition"),
    "involves": Field(ListOf(INVOLVEMENT), "who has a part in coming to this rung"),
    "to leave": Field(ListOf(INVOLVEMENT), "who has a part in going up from this rung"),
    "closes": Field(
        ByCase(Ref("person", ("raiser", "answerer", "unstated"))),
        "who must be satisfied before it counts as settled (default: the raiser)",
    ),
    "if satisfied": Field(OUTCOME, "default: resolved"),
    "if partly satisfied": Field(OUTCOME, "default: as if not satisfied"),
    "if not satisfied": Field(OUTCOME, "what follows an answer that does not satisfy", True),
    "if silent": Field(OUTCOME, "what follows no answer in time", True),
    "if divided": Field(OUTCOME, "what follows when `all of` do not agree"),
    "meeting": Field(Words(), "a meeting or panel inside the rung"),
    "strength": Field(DUTY, "how strongly an answer is due (default: should)"),
}

# Spread over the rungs before a ladder is read (`load`), so no value is ever made of it.
EVERY_RUNG = Record(
    dict,
    {**{key: Field(field.shape, field.about) for key, field in RUNG.items()}, **CITATION},
    "what every rung has",
    cited=False,
)

PLACES_FROM = (
    "any state",
    "any rung",
    "any formal rung",
    "any informal rung",
    "any silent rung",
    "the top rung",
)
ANY_LATER = (
    "any later rung",
    "any later rung but the next",
    "next rung",
    "next but one",
    "top rung",
)


def _many(record: Record, words: dict[str, str] | None = None) -> Shape:
    return Either(words or {**OPEN, "none": "the text excludes it"}, ListOf(record))


LADDER_FIELDS: dict[str, Field] = {
    "kind": Field(
        OneOf(
            {
                "dispute": "an individual dispute about a child",
                "collective dispute": "one about several children",
                "complaint": "a complaint about an IRO or a review",
                "inter-agency dispute": "one with another agency",
            }
        ),
        "which kind of process this is",
        True,
    ),
    "about": Field(Words(), "what it is for, in a sentence", True),
    "raised by": Field(
        ListOf(
            Record(
                p.Raiser,
                {
                    "who": Field(Ref("person"), "who may raise it", True),
                    "for": Field(ListOf(Ref("child")), "for which kinds of children", True),
                    "up to": Field(Ref("rung", ("top",)), "the highest rung for them", True),
                    "when": Field(Condition(), "only under this condition"),
                },
                "a raiser",
            )
        ),
        "who may raise it, for whom, and how far up",
        True,
    ),
    "start": Field(
        Record(
            p.Start,
            {
                "when": Field(Condition(), "only under this condition"),
                "strength": Field(DUTY, "may, should or must"),
                "involves": INVOLVES,
            },
            "the start",
        ),
        "what raising it takes",
        True,
    ),
    "decide": Field(
        Record(
            p.Decision,
            {
                "within": Field(WINDOW, "the raiser's time to decide", True),
                "if missed": Field(
                    OneOf(
                        {
                            **NO_RULE,
                            "lapses": "the dispute lapses",
                            "resolved": "it counts as settled",
                        }
                    ),
                    "what is lost then",
                    True,
                ),
            },
            "the raiser's decision",
        ),
        "the raiser's own time after an answer or a silence",
        True,
    ),
    "totals": Field(
        MapOf(
            Record(
                p.Total,
                {
                    "at most": Field(ByCase(Duration()), "the longest time together", True),
                    "covers": Field(
                        ListOf(Ref("rung", ("formal rungs", "every rung"))), "which rungs", True
                    ),
                    "effect": Field(
                        ByCase(
                            OneOf(
                                {
                                    "cap": "time stops there, whatever a window says",
                                    "stated": "a statement that the windows may break",
                                }
                            )
                        ),
                        "whether it cuts windows short",
                        True,
                    ),
                    "when": Field(Condition(), "only under this condition"),
                },
                "a total",
            )
        ),
        "budgets of time over several rungs",
    ),
    "every rung": Field(EVERY_RUNG, "keys that every rung has unless it says otherwise"),
    "rungs": Field(MapOf(Record(p.Rung, RUNG, "a rung")), "the rungs, lowest first", True),
    "entry": Field(
        _many(
            Record(
                p.Entry,
                {
                    "at rung": Field(
                        ListOf(Ref("rung", ("any rung", "lowest rung"))), "where it begins", True
                    ),
                    "by": Field(ListOf(Ref("person")), "for whom (default: every raiser)"),
                    "when": Field(Condition(), "only under this condition"),
                    "strength": Field(DUTY, "may, should or must"),
                    "involves": INVOLVES,
                },
                "an entry",
            )
        ),
        "at which rungs a dispute may begin (default: the lowest)",
    ),
    "skip": Field(
        _many(
            Record(
                p.Skip,
                {
                    "to": Field(ListOf(Ref("rung", ANY_LATER)), "to which rungs", True),
                    "from": Field(ListOf(Ref("rung", PLACES_FROM[:5])), "from which rungs", True),
                    "by": Field(
                        ListOf(Ref("person", ("raiser",))), "by whom (default: every raiser)"
                    ),
                    "when": Field(Condition(), "only under this condition"),
                    "strength": Field(DUTY, "may, should or must"),
                    "involves": INVOLVES,
                },
                "a skip",
            )
        ),
        "the power to leave a rung early or pass rungs over",
        True,
    ),
    "extension": Field(
        _many(
            Record(
                p.Extension,
                {
                    "asked by": Field(Ref("person", ("answerer", "raiser")), "who asks", True),
                    "granted by": Field(
                        ByCase(Ref("person", ("raiser", "nobody"))), "who decides", True
                    ),
                    "each": Field(WINDOW, "the length of one extension", True),
                    "times": Field(
                        Either({**OPEN, "no limit": "any number"}, Count()), "how many", True
                    ),
                    "at rung": Field(ListOf(Ref("rung", PLACES_FROM[:4])), "at which rungs", True),
                    "kind": Field(Words(80), "what it is called (default: more time)"),
                    "when": Field(Condition(), "only under this condition"),
                    "strength": Field(DUTY, "may, should or must"),
                    "involves": INVOLVES,
                },
                "an extension",
            )
        ),
        "more time at a rung; also a meeting that makes the rung wait",
        True,
    ),
    "hand over": Field(
        _many(
            Record(
                p.HandOver,
                {
                    "to": Field(Ref("person"), "who takes it over", True),
                    "agreed by": Field(ListOf(Ref("person", ("raiser",))), "who agrees", True),
                    "from": Field(ListOf(Ref("rung", PLACES_FROM[:5])), "from where", True),
                    "within": Field(WINDOW, "how long they may take", True),
                    "closes": Field(
                        ByCase(Ref("person", ("raiser", "unstated"))), "who must be satisfied", True
                    ),
                    "back": Field(Either(NO_RULE, WAY_BACK), "the raiser's way back", True),
                    "when": Field(Condition(), "only under this condition"),
                    "strength": Field(DUTY, "may, should or must"),
                },
                "a hand-over",
            )
        ),
        "a change of owner",
    ),
    "withdraw": Field(
        _many(
            Record(
                p.Withdrawal,
                {
                    "by": Field(ListOf(Ref("person", ("raiser",))), "who may", True),
                    "when": Field(Condition(), "only under this condition"),
                    "strength": Field(DUTY, "may, should or must"),
                },
                "a withdrawal",
            )
        ),
        "who may withdraw the dispute",
        True,
    ),
    "refer": Field(
        _many(
            Record(
                p.Referral,
                {
                    "to": Field(Ref("person"), "to which body", True),
                    "by": Field(ListOf(Ref("person", ("raiser",))), "by whom", True),
                    "from": Field(
                        ListOf(Ref("rung", (*PLACES_FROM, "after the top rung"))),
                        "in which states",
                        True,
                    ),
                    "effect": Field(
                        ByCase(
                            OneOf(
                                {
                                    "beside": "the ladder goes on",
                                    "ends": "the ladder ends",
                                    "suspends": "the ladder waits",
                                    "unstated": "the text does not say",
                                }
                            )
                        ),
                        "what becomes of the ladder",
                        True,
                    ),
                    "for": Field(ListOf(Ref("child")), "for which children (default: all)"),
                    "when": Field(Condition(), "only under this condition"),
                    "strength": Field(DUTY, "may, should or must"),
                    "needs advice": Field(
                        ByCase(OneOf(YES_NO)), "whether legal advice must come first"
                    ),
                    "involves": INVOLVES,
                },
                "a referral",
            )
        ),
        "the power to refer outside the authority",
        True,
    ),
    "advice": Field(
        _many(
            Record(
                p.Advice,
                {
                    "from": Field(Words(200), "who gives it", True),
                    "by": Field(ListOf(Ref("person", ("raiser",))), "who may have it", True),
                    "independent": Field(
                        ByCase(OneOf({**YES_NO, **OPEN})), "whether it is independent", True
                    ),
                    "when": Field(Condition(), "only under this condition"),
                    "strength": Field(DUTY, "may, should or must"),
                    "involves": INVOLVES,
                },
                "legal advice",
            )
        ),
        "legal advice for the raiser",
        True,
    ),
    "resolution": Field(
        Either(
            OPEN,
            Record(
                p.Resolution,
                {
                    "within": Field(WINDOW, "how long carrying it out may take", True),
                    "watched by": Field(Ref("person", ("raiser",)), "who watches over it"),
                    "if not kept": Field(Either(NO_RULE, WAY_BACK), "the way back", True),
                },
                "the resolution",
            ),
        ),
        "what happens with what was agreed",
        True,
    ),
    "duties": Field(
        ListOf(
            Record(
                p.Duty,
                {
                    "who": Field(
                        ListOf(Ref("person", ("raiser", "answerer", "unstated"))), "who", True
                    ),
                    "does": Field(OneOf(DUTIES), "what", True),
                    "at step": Field(ListOf(OneOf(STEPS)), "when", True),
                    "whom": Field(
                        ListOf(Ref("person", ("raiser", "answerer"))), "whom it concerns"
                    ),
                    "within": Field(WINDOW, "its own clock, from that step"),
                    "strength": Field(DUTY, "may, should or must"),
                    "when": Field(Condition(), "only under this condition"),
                    "how": Field(Words(), "by which means"),
                },
                "a duty",
            ),
            alone=False,
        ),
        "what else has to be done at each step, and by when",
    ),
    "beside": Field(ListOf(Ref("ladder")), "ladders that may run at the same time"),
}

LADDER = Record(p.Ladder, LADDER_FIELDS, "a ladder")

TOP_FIELDS: dict[str, Field] = {
    "authority": Field(Words(120), "the authority's name", True),
    "title": Field(Words(200), "the protocol's title", True),
    "dated": Field(Either(OPEN, Words(120)), "its date as the text gives it", True),
    "people": Field(
        MapOf(
            Record(
                p.Person,
                {
                    "side": Field(OneOf(SIDES), "on whose side they stand", True),
                    "role": Field(OneOf(ROLES), "a role that the law names"),
                    "supervises": Field(ListOf(Ref("person")), "whom they manage or supervise"),
                    "same person as": Field(
                        ByCase(Ref("person", ("nobody",))), "whether they hold another post too"
                    ),
                    "source": Field(Words(200), "the paragraph"),
                    "assumed": Field(Words(), "why it is assumed"),
                },
                "a person",
                cited=False,
            )
        ),
        "everybody who has a part",
        True,
    ),
    "children": Field(
        MapOf(
            Record(
                p.ChildKind,
                {"looked after": Field(OneOf(YES_NO), "whether they are in care", True)},
                "a kind of child",
            )
        ),
        "the kinds of children and cases in scope",
        True,
    ),
    "facts": Field(
        MapOf(
            Record(
                p.Fact,
                {
                    "says": Field(Words(), "the fact in a sentence", True),
                    "about": Field(
                        OneOf(FACTS),
                        "what it concerns",
                        True,
                    ),
                },
                "a fact",
            )
        ),
        "facts of the case on which moves depend",
    ),
    "questions": Field(
        MapOf(
            Record(
                p.Question,
                {
                    "asks": Field(Words(), "the question", True),
                    "answers": Field(MapOf(Words()), "each answer with what it means", True),
                    "plain": Field(Words(80), "the answer a careful lawyer would start from", True),
                    "because": Field(Words(), "why that is the plain answer", True),
                    "settled": Field(
                        Words(80), "the one answer that is left, once the authority has given it"
                    ),
                },
                "a question",
            )
        ),
        "what the text leaves open",
    ),
    "findings": Field(
        MapOf(
            Record(
                p.Finding,
                {
                    "says": Field(Words(), "the finding in a sentence", True),
                    "kind": Field(
                        OneOf(
                            {
                                "contradiction": "the text says two things",
                                "gap": "the text is silent",
                                "ambiguity": "the text can be taken in several ways",
                                "slip": "a mistake of wording or numbering",
                            }
                        ),
                        "what kind of finding",
                        True,
                    ),
                    "readings": Field(ListOf(Words()), "ways to take it"),
                },
                "a finding",
            )
        ),
        "contradictions, gaps and slips that change no move",
    ),
    "missing": Field(
        Either(
            {"nothing": "the text is complete"},
            ListOf(Record(p.Missing, {"what": Field(Words(), "what", True)}, "a missing part")),
        ),
        "parts that the text points to and that are not there",
        True,
    ),
    "lists": Field(
        MapOf(
            Record(
                p.Listed,
                {
                    "about": Field(Words(), "what the list is for", True),
                    "items": Field(ListOf(Words(), alone=False), "its items", True),
                    "for": Field(ListOf(Ref("child")), "only for these kinds of children"),
                },
                "a list",
            )
        ),
        "lists of issues or events that the protocol sets out",
    ),
    "notes": Field(ListOf(Words()), "anything else worth telling a reader"),
    "ladders": Field(MapOf(LADDER), "the ladders", True),
}

PROTOCOL = Record(p.Protocol, TOP_FIELDS, "a policy file", cited=False)
