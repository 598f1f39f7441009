"""Verdicts as a notebook shows them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from model.cells import paragraph, table
from model.protocol import Protocol
from proofs.claim import Claim
from proofs.claims import ALL, BY_ID
from proofs.verdict import Times, Told, Verdict, check, length


@dataclass(frozen=True, slots=True)
class Verdicts:
    """The verdicts on a protocol, in the order of the claims; shows itself as a table."""

    verdicts: tuple[Verdict, ...]

    def __iter__(self) -> Iterator[Verdict]:
        return iter(self.verdicts)

    def __len__(self) -> int:
        return len(self.verdicts)

    def __getitem__(self, claim: str) -> Verdict:
        """The verdict of a claim, by its id, on the first ladder that it speaks of."""
        of = [v for v in self.verdicts if v.claim.id == claim]
        if not of:
            raise KeyError(claim)
        return next((v for v in of if v.verdict != "not-applicable"), of[0])

    def _repr_html_(self) -> str:
        rows = [
            (v.ladder, v.claim.id, v.claim.duty, _word(v), v.claim.sentence)
            for v in self.verdicts
            if v.verdict != "not-applicable"
        ]
        title = ", ".join(dict.fromkeys(v.protocol for v in self.verdicts))
        return table(title, ("ladder", "claim", "duty", "verdict", "what is claimed"), rows)


def verdicts(
    protocol: Protocol, *claims: str, mends: bool = False, rlimit: int | None = None
) -> Verdicts:
    """The verdicts of some claims, by their ids, or of all; `mends` also looks for mends.

    Raises KeyError for a claim that is not there.
    """
    chosen: Iterable[Claim] = [BY_ID[c] for c in claims] if claims else ALL
    return Verdicts(tuple(check(protocol, chosen, mends=mends, rlimit=rlimit)))


def _word(v: Verdict) -> str:
    return f"{v.verdict}, plainly {v.plain}" if v.verdict == "depends" and v.plain else v.verdict


def verdict_html(v: Verdict) -> str:
    """A verdict: the claim, what was found, on what it depends, and the story."""
    parts = [
        paragraph(
            f"{v.protocol}, {v.ladder}: {v.claim.id} ({v.claim.duty}): {_word(v)}", strong=True
        ),
        paragraph(v.claim.sentence),
        paragraph(f"{v.why}{f' ({v.citation}; {v.location})' if v.citation else ''}"),
    ]
    if v.condition:
        parts.append(
            table("Holds exactly when all of these are so", ("",), [(c,) for c in v.condition])
        )
    if v.trace:
        parts.append(_story("How it fails", v.trace))
    if v.other:
        parts.append(_story("How it is kept", v.other))
    if v.mend is not None:
        parts.append(paragraph(f"What would mend it: {v.mend.words}"))
    return "".join(parts)


def _story(title: str, told: tuple[Told, ...]) -> str:
    rows = [(s.day, s.date, s.actor, s.move, s.state, s.source) for s in told]
    return table(title, ("working day", "date", "who", "what", "then", "paragraph"), rows)


def times_html(t: Times) -> str:
    """The three times of a ladder."""
    rows = [
        (name, length(days))
        for name, days in (
            ("the fastest", t.fastest),
            ("every answer at the end of its window", t.windows),
            ("the raiser acts at once", t.diligent),
            ("whatever is permitted", t.permitted),
        )
    ]  # fmt: skip
    rests = f"; rests on {', '.join(t.open_numbers)}" if t.open_numbers else ""
    return table(f"Formal time, in the plain readings{rests}", ("way", "longest"), rows)


__all__ = ["Verdicts", "times_html", "verdict_html", "verdicts"]
