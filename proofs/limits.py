"""What the verdicts on a ladder leave aside, in words, which stand in every report on it.

Most are limits of the model, not of the text.
"""

from __future__ import annotations

from collections.abc import Iterator

from model.graph import StateGraph
from model.terms import FALSE, all_
from proofs.claim import in_care, iro


def limits(graph: StateGraph) -> Iterator[str]:
    """A sentence for each limit that this ladder meets, with the lines of its file."""
    served = all_([graph.domain, iro(graph), in_care(graph)])
    if graph.ladder.kind == "dispute" and served is FALSE:
        yield (
            "As the file has it, nobody with the role IRO raises this for a child who is looked "
            "after: no claim on what an IRO may do, or on CAFCASS, speaks of it."
        )
    taken = sorted({c.at.line for c in graph.consents if c.how == "takes over"})
    if taken:
        yield (
            f"Once somebody “takes over” ({_lines(taken)}), the steps that follow are still told "
            "as the raiser's; what the one who took over may leave undone is not examined."
        )
    timed = [d.at.line for d in graph.ladder.duties if d.within is not None]
    if timed:
        yield (
            f"The time of a duty is recorded and not enforced ({_lines(timed)}); no verdict rests "
            "on it."
        )


def _lines(numbers: list[int]) -> str:
    return f"line{'s' if len(numbers) > 1 else ''} {', '.join(map(str, numbers))}"
