"""Claims about the text as such."""

from __future__ import annotations

from collections.abc import Iterator

from model.shapes import Word
from model.terms import FALSE, TRUE, any_
from proofs.analysis import Analysis
from proofs.claim import EVERY_KIND, OWN_SENSE, Obligation, Story, claim, kept


@claim(
    "nothing-missing",
    "consistency",
    [OWN_SENSE],
    why="A chart that is not attached is a rule that nobody can follow or be held to.",
    breaks="A reference to a flowchart, form or protocol that is not there.",
    mends="Attach the part, or say in the text what it would have said.",
    kinds=EVERY_KIND,
)
def nothing_missing(a: Analysis) -> Iterator[Obligation]:
    """The text has no part that it points to and that is not there."""
    graph = a.graph
    first = graph.ladder is next(iter(graph.protocol.ladders.values()))
    missing = graph.protocol.missing
    for part in missing if first and not isinstance(missing, Word) else ():
        yield Obligation(
            TRUE, FALSE, part.at, part.citation, f"missing: {part.what}", Story("text")
        )
    for name, rung in graph.ladder.rungs.items():
        unknown = [
            ("who answers", rung.place("answers"), _unknown_officers(a, str(name))),
            ("the time to answer", rung.place("within"), _word(rung.within)),
        ]
        for what, at, is_unknown in unknown:
            if is_unknown:
                yield Obligation(
                    any_([a.reach[f"{name}: awaiting an answer"]]), FALSE, at, rung.citation,
                    f"{what} at {name} stands in a part that is not there", Story("text"),
                )  # fmt: skip
    yield kept(TRUE, graph.protocol.at, "")


def _unknown_officers(a: Analysis, name: str) -> bool:
    return any("unknown" in officers for _, officers in a.graph.officers[name])


def _word(cases: object) -> bool:
    values = [c.value for c in getattr(cases, "cases", ())]
    return any(v == "unknown" or getattr(v, "at_most", None) == "unknown" for v in values)
