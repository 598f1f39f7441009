"""Why no claim should notice a change: for each kind of change and place, the reason of law.

A mutant that changes no verdict, though its state graph differs, is explained by the first of
these reasons that fits it; one that none fits is a survivor that somebody has to look at.
`survivors.json` and `SURVIVORS.md` record what `drp mutate --record` found.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from model.files import save
from model.harmless import as_json, markdown
from proofs.claims import ALL
from proofs.mutation import FATES, Fate, matrix

FOLDER = Path(__file__).parent
JSON, TABLE = FOLDER / "survivors.json", FOLDER / "SURVIVORS.md"


class Reason(NamedTuple):
    """A reason, and what it is for.

    `kinds` are the kinds of change; with `within`, one of these keys stands on the way to it.
    One of `asked` must ask about the change, or one of `broken` must not hold without it; all of
    `holds` must hold without it; with `unasked`, no claim at all asks about it.
    """

    kinds: frozenset[str]
    because: str
    within: tuple[str, ...] = ()
    asked: tuple[str, ...] = ()
    broken: tuple[str, ...] = ()
    holds: tuple[str, ...] = ()
    unasked: bool = False

    def fits(self, fate: Fate) -> bool:
        path = fate.what.partition(": ")[0].split(" › ")
        return (
            fate.kind in self.kinds
            and (not self.within or any(key in path for key in self.within))
            and (not self.asked or any(claim in fate.noticed for claim in self.asked))
            and (not self.broken or any(claim not in fate.holding for claim in self.broken))
            and all(claim in fate.holding for claim in self.holds)
            and not (self.unasked and fate.noticed)
        )


def _kinds(text: str) -> frozenset[str]:
    return frozenset(part.strip() for part in text.split(","))


TIME = ("total-diligent", "total-permitted", "total-own", "rungs-timed", "every-raiser-served")
REFERRAL = (
    "cafcass-any-point", "cafcass-unconditional", "cafcass-forced", "cafcass-beside",
    "cafcass-iro-only", "consider-referral",
)  # fmt: skip
ALONE = ("start-alone", "escalate-alone", "skip-any", "advice", "child-no-veto")
WAY = ("no-dead-end", "climbs", "ends", "top-forced", "skip-any")

OTHERS = (
    "chapter 6 of the Handbook, and with it every claim of law, speaks of an IRO's dispute about "
    "one child; of other processes only consistency is asked"
)
_TIMES = _kinds(
    "window longer, window shorter, window unstated, window stated, wait added, wait longer, "
    "wait shorter, wait removed, clock stopped, clock taken out, clock from sending, "
    "total added, total removed, cap removed, more time without end, more time as of right"
) | {"cap removed, undone"}
_ORDER = _kinds(
    "ladder cut in two, rule dropped, rule added, "
    "silence rule dropped, silence rule added, silence rule changed, step by somebody else, "
    "step goes down, sender changed, raiser kept low, "
    "raiser removed, entry removed, power added, power removed, reading removed, "
    "dispute lapses, an obstacle closes it, the child can stop it"
) | {"dispute lapses, undone"}
_REFERRALS = _kinds(
    "referral from the top only, referral after the top only, referral from any state, "
    "referral on a condition, referral by consent, referral after a view, "
    "referral after advice, referral by somebody else, referral by somebody too, "
    "referral for every child, referral ends the ladder, referral suspends the ladder"
) | {"referral by consent, without a limit", "referral ends the ladder, undone",
     "referral suspends the ladder, undone"}  # fmt: skip
_CONSENTS = _kinds(
    "gate added, gate removed, refusal rule added, refusal rule dropped, "
    "rule for their silence added, rule for their silence dropped, view awaited, view not awaited"
)
_NOTICES = _kinds("notice added, notice removed")
_CONDITIONS = _kinds("condition added, condition removed")
_WHOLE = _TIMES | _ORDER | _REFERRALS | _CONSENTS | _CONDITIONS

REASONS: tuple[Reason, ...] = (
    Reason(
        _NOTICES,
        "nothing waits for a notice, so it stops nobody; the law forbids no manager to be told, "
        "and asks of none that they are",
    ),
    Reason(
        _CONDITIONS | {"duty removed"} | _TIMES,
        "the law asks for three duties: to record the informal attempt (6.1), to tell the child "
        "at each stage (ch. 6), to consider a referral (reg 45(3)); this is none of them, or "
        "another duty says the same, or what stands there does not come up to them anyway",
        within=("duties",),
    ),
    Reason(
        _REFERRALS | _CONDITIONS | _CONSENTS | _TIMES,
        "the referral is barred or open by the same steps with it as without: the claims of "
        "s25B(3) ask about it, and are broken by something else, or kept by another referral",
        asked=REFERRAL,
        within=("refer",),
    ),
    Reason(
        _REFERRALS,
        "the referral has to wait for something else already, which breaks s25B(3) by itself",
        broken=("cafcass-unconditional",),
    ),
    Reason(
        _CONDITIONS | _CONSENTS | {"power added", "power removed"},
        "what has to be easy to reach is independent advice (6.13); this advice is not "
        "independent, or there is other advice that is",
        within=("advice",),
    ),
    Reason(
        _TIMES,
        "the claims of time ask about it: the whole stays within 20 working days, or passes them, "
        "in the same readings and open windows with it as without",
        asked=TIME,
    ),
    Reason(
        _TIMES,
        "no formal time passes here, and 6.2 limits the formal process only",
        within=("resolution", "hand over", "decide", "refer", "advice"),
    ),
    Reason(
        _TIMES,
        "the whole passes 20 working days by other windows already, whatever this one is",
        broken=("total-permitted",),
    ),
    Reason(
        _CONSENTS | _CONDITIONS,
        "whose agreement is asked for, and when, is looked at: the same step needs somebody's "
        "agreement already, or the raiser has another way to the same place",
        asked=(*ALONE, "total-permitted"),
    ),
    Reason(
        _ORDER | _CONDITIONS | {"step goes down"},
        "the claims about the way up ask about it: there is a dead end, a way round or a bar at "
        "another place already, or another way up is left",
        asked=(*WAY, *TIME, *REFERRAL, *ALONE, "informal-first", "raiser-closes"),
    ),
    Reason(
        _kinds("rung dropped, rung doubled"),
        "how many levels there are is left to the authority: 6.2 asks for several",
    ),
    Reason(
        _kinds(
            "rule dropped, rule added, silence rule dropped, silence rule added, silence rule "
            "changed, ladder cut in two, step by somebody else, sender changed, wait added, "
            "the child can stop it, condition added, gate added"
        ),
        "the raiser may go to any higher stage at once (6.2), so that no rule is needed for it, "
        "and none can bar it",
        holds=("skip-any",),
    ),
    Reason(
        _kinds("the raiser closes, somebody else closes"),
        "who must be satisfied is looked at; at another rung somebody else closes it already",
        broken=("raiser-closes",),
    ),
    Reason(
        _kinds("child in care, child not in care"),
        "the claims about referral ask about it; the raiser for these children is no IRO, or they "
        "are broken already",
        asked=REFERRAL,
    ),
    Reason(
        _kinds("supervision added, supervision removed"),
        "who manages whom matters where somebody decides at a formal stage (reg 46); this one "
        "decides at none",
    ),
    Reason(
        _kinds("officer at two rungs"),
        "an informal talk decides nothing (6.1), so that nobody decides twice",
        holds=("nobody-twice",),
    ),
    Reason(
        _kinds("officer at two rungs"),
        "somebody decides twice already (reg 46)",
        broken=("nobody-twice",),
    ),
    Reason(
        _kinds("rungs swapped"),
        "who of two officers is the senior one the file does not say, so nothing tells that it "
        "would go down",
    ),
    Reason(
        _kinds("power added"),
        "to withdraw is the raiser's own choice, which takes nothing from anybody",
        within=("withdraw",),
    ),
    Reason(
        _kinds("part missing, missing part found"),
        "another part of the text is missing anyway",
        broken=("nothing-missing",),
    ),
    Reason(
        _kinds("rule added"),
        "above the highest stage there is none, so that the rule leads where the silence of the "
        "text does: to the end of the ladder",
        within=("if not satisfied",),
    ),
    Reason(
        _CONSENTS | _CONDITIONS,
        "to pass over a stage is barred, or needs somebody's leave, already (6.2)",
        within=("skip",),
        broken=("skip-any",),
    ),
    Reason(
        _CONSENTS | _CONDITIONS,
        "more time is for those who answer; whoever agrees to it takes nothing from the raiser, "
        "and how long it lasts is looked at",
        within=("extension",),
    ),
    Reason(
        _CONSENTS,
        "an IRO may need nobody's agreement at all (6.4), which is broken already, whatever "
        "follows a refusal, and whoever else has to agree",
        within=("start", "entry", "involves", "to leave"),
        broken=("start-alone", "escalate-alone"),
    ),
    Reason(
        _kinds("condition removed, condition added, silence rule changed"),
        "in the cases that are left out, another rule or power leads to the same stage",
        within=("if not satisfied", "if silent", "if divided"),
    ),
    Reason(
        _CONDITIONS,
        "whether a notice is given in each case or in some, nothing waits for it",
        within=("involves", "to leave"),
    ),
    Reason(
        _kinds("gate removed"),
        "nothing waits for this view, so that it stops nobody, and no claim asks about it",
        within=("involves",),
        unasked=True,
    ),
    Reason(
        _kinds("reading removed"),
        "whether the raiser may go up, should, or is taken up without a word is not what the law "
        "asks; the way up is there in each reading",
        within=("escalation",),
    ),
    Reason(
        _kinds("reading removed"),
        "whether two titles are one person matters where both decide (reg 46); here neither does",
        within=("service manager",),
        unasked=True,
    ),
)


def explained(fate: Fate) -> str:
    """Why no claim should notice what a survivor changes; empty where nothing says so."""
    if fate.process not in ("", "dispute"):
        return OTHERS
    return next((reason.because for reason in REASONS if reason.fits(fate)), "")


# --- the record -------------------------------------------------------------------------------

LETTERS = {fate: fate[0] for fate in FATES}  # k s e r u


def recorded(fates: Sequence[Fate], digest: str) -> dict[str, Any]:
    """What is recorded of a protocol: the fate of each mutant as a letter, and the survivors."""
    survivors = Counter(
        (f.kind, explained(f), " ".join(f.noticed)) for f in fates if f.fate == "survived"
    )
    return {
        "digest": digest,
        "fates": "".join(LETTERS[f.fate] for f in fates),
        "survivors": [
            {"kind": kind, "count": n, "because": because, "asked": asked.split()}
            for (kind, because, asked), n in sorted(survivors.items())
        ],
        "claims": {
            claim: [sum(kills for kills, _ in row.values()), sum(a for _, a in row.values())]
            for claim, row in matrix(fates).items()
        },
    }


def read(path: Path = JSON) -> dict[str, Any]:
    """The record by protocol; empty where there is none."""
    if not path.is_file():
        return {}
    found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))["protocols"]
    return found


def write(stem: str, fates: Sequence[Fate], digest: str, folder: Path = FOLDER) -> None:
    """Record the mutants of one protocol, and keep those of the others."""
    record = {**read(folder / JSON.name), stem: recorded(fates, digest)}
    ordered = {name: record[name] for name in sorted(record)}
    text = as_json({"schema_version": 1, "protocols": ordered})
    save(folder / JSON.name, text + "\n")
    save(folder / TABLE.name, table(ordered))


def table(record: Mapping[str, Any]) -> str:
    """The record as Markdown: how many of each fate, why the survivors are none, the claims."""
    lines = [
        "# Single changes of the protocols",
        "",
        "Written by `drp mutate --record`. Each file is changed in every single way; what changes",
        "no verdict means the same as a state graph, or is explained here; of some it could not be",
        "decided, within the solver's budget, whether a condition is another.",
        "",
        "| protocol | all | change a verdict | the same | refused | undecided | survive | why? |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for stem, entry in record.items():
        count = Counter(entry["fates"])
        bare = sum(s["count"] for s in entry["survivors"] if not s["because"])
        row = [markdown(stem), len(entry["fates"]), *(count[letter] for letter in "kerus"), bare]
        lines.append(f"| {' | '.join(map(str, row))} |")
    lines += ["", "## Why no claim should notice them", "", "| change | how many | because |",
              "|---|---|---|"]  # fmt: skip
    reasons: Counter[tuple[str, str]] = Counter()
    for entry in record.values():
        for s in entry["survivors"]:
            reasons[s["because"] or "**not explained**", s["kind"]] += s["count"]
    for (because, kind), number in sorted(reasons.items()):
        lines.append(f"| {kind} | {number} | {because if '**' in because else markdown(because)} |")
    names = " | ".join(map(markdown, record))
    lines += ["", "## What each claim notices", "",
              "How many changes alter its verdict, and how many no other verdict.", "",
              f"| claim | {names} |", f"|---|{'---|' * len(record)}"]  # fmt: skip
    for claim in ALL:
        cells = (entry["claims"].get(claim.id, [0, 0]) for entry in record.values())
        lines.append(f"| `{claim.id}` | {' | '.join(f'{k}, {a}' for k, a in cells)} |")
    return "\n".join(lines) + "\n"


def never_alone(fates: Iterable[Fate]) -> list[str]:
    """The claims whose verdict no change alters alone."""
    rows = matrix(fates)
    return [claim for claim, row in rows.items() if not any(alone for _, alone in row.values())]
