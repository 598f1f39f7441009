"""What a drawing of a ladder says: its rungs, arrows and powers, as words of the plain reading.

`page.py` and `figure.py` draw a sheet; nothing about a ladder is worked out there.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from model.drawing import plain, powers, steps
from model.drawing.plain import Reader, Said, asked, by_case, if_words, join, plainly
from model.drawing.powers import Item
from model.drawing.steps import Arrow, outcome
from model.graph import StateGraph
from model.protocol import Rung, Window
from model.shapes import Word
from model.terms import FALSE, TRUE, all_, simplified

Marked = tuple[tuple[str, Said], ...]


@dataclass(frozen=True, slots=True)
class Row:
    """One rung.

    `drawn` is False for a rung that the plain reading leaves out. `formal` is formal, informal
    or depends. `days` is about the window in working days, None if it has no figure; `limit`
    then says why: unstated, unknown or no limit. `entries` and `loops` are the powers that begin
    here (without the one that the arrow from the start stands for), `outside` the referrals that
    are open here.
    """

    name: str
    drawn: bool
    exists: Said
    formal: str
    counts: Said
    who: Said
    window: Said
    clock: Said
    days: float | None
    limit: str
    lines: Marked
    settled: Said
    entries: tuple[str, ...]
    loops: Marked
    outside: Marked


@dataclass(frozen=True, slots=True)
class Bracket:
    """A way that passes rungs over or leads back: from the rungs `lower` to the rungs `upper`."""

    mark: str
    lower: tuple[int, ...]
    upper: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Panel:
    """Words below the ladder."""

    title: str
    items: tuple[Item, ...]


@dataclass(frozen=True, slots=True)
class Asked:
    """An open question, with its plain answer."""

    name: str
    asks: str
    answer: str


@dataclass(frozen=True, slots=True)
class Sheet:
    """Everything that a drawing shows. Questions are numbered from 1 in this order."""

    title: str
    subtitle: str
    rows: tuple[Row, ...]
    arrows: tuple[Arrow, ...]
    brackets: tuple[Bracket, ...]
    raised: Said
    settled: Said
    body: str
    outside_start: Marked
    outside_end: Marked
    totals: tuple[Item, ...]
    panels: tuple[Panel, ...]
    questions: tuple[Asked, ...]

    def tags(self, said: Said) -> list[str]:
        """The marks of the questions that would change some words, such as "Q2"."""
        return [f"Q{k}" for k, q in enumerate(self.questions, 1) if q.name in said.tags]


def sheet(graph: StateGraph) -> Sheet:
    """The words and figures of a drawing of one ladder."""
    read = plain.reader(graph)
    rungs = [(str(n), r) for n, r in graph.ladder.rungs.items()]
    index = {n: i for i, (n, _) in enumerate(rungs)}
    entries, skips, loops = powers.entries(read), powers.skips(read), powers.loops(read)
    arrows, leaps = steps.arrows(read, rungs)
    rows = tuple(_row(read, i, n, r, entries, loops) for i, (n, r) in enumerate(rungs))
    brackets = [
        Bracket(s.mark, tuple(index[n] for n in s.places), tuple(index[n] for n in s.to))
        for s in skips
        if s.drawn
    ]
    brackets += [Bracket(f"G{k}", (a.lower,), (a.upper,)) for k, a in enumerate(leaps, 1)]
    ways = [_leap(rungs, k, a) for k, a in enumerate(leaps, 1)]
    panels = [*_panels(read, entries, skips, loops, ways)]
    raised, settled = powers.raised(read), powers.carried_out(read)
    totals = powers.totals(read)
    said = [raised, settled, *(i.says for i in totals)]
    said += [i.says for p in panels for i in p.items]
    said += [s for row in rows for s in sayings(row)]
    said += [s for a in arrows for s in (a.says, *(g.says for g in a.gates))]
    protocol = graph.protocol
    used = {tag for s in said for tag in s.tags}
    questions = tuple(
        Asked(str(n), str(q.asks), f"{q.plain}: {q.answers[q.plain]}")
        for n, q in protocol.questions.items()
        if n in used and not q.settled
    )
    after = powers.outside(read, powers.EXHAUSTED) or powers.no_referral(read)
    dated = f"date {plain.GAPS[protocol.dated]}" if protocol.dated in plain.GAPS else protocol.dated
    return Sheet(
        f"{protocol.authority}: {graph.ladder.name}", f"{protocol.title}. Dated: {dated}.",
        rows, arrows, tuple(brackets), raised, settled, powers.body(read),
        powers.outside(read, powers.START), after, totals,
        (*panels, *_facts(read, said)), questions,
    )  # fmt: skip


def sayings(row: Row) -> Iterator[Said]:
    """Everything that a rung says."""
    yield from (row.exists, row.counts, row.who, row.window, row.clock, row.settled)
    yield from (said for _, said in (*row.lines, *row.loops, *row.outside))


def _leap(rungs: Sequence[tuple[str, Rung]], number: int, arrow: Arrow) -> Item:
    where = f"from {rungs[arrow.lower][0]} to {rungs[arrow.upper][0]}:"
    says = join([join([where, arrow.says], " "), *(plain.gate_words(g) for g in arrow.gates)])
    return Item(f"G{number}", says)


def _panels(
    read: Reader,
    entries: Sequence[Item],
    skips: Sequence[Item],
    loops: Sequence[Item],
    leaps: Sequence[Item],
) -> Iterator[Panel]:
    ladder = read.graph.ladder
    more = tuple(loops)
    if not any(x.mark.startswith("X") for x in loops):
        more = (powers.silent(ladder.extension, "More time"), *more)
    if not any(x.mark.startswith("H") for x in loops):
        more = (*more, powers.silent(ladder.hand_over, "Hand-over"))
    refer = powers.referrals(read) or (powers.silent(ladder.refer),)
    yield Panel("Start", (*powers.start(read), *entries))
    yield Panel("Passing rungs over", tuple(skips) or (powers.silent(ladder.skip),))
    if leaps:
        yield Panel("Other ways between rungs", tuple(leaps))
    yield Panel("More time, meetings and hand-over", more)
    yield Panel(f"Referral to {powers.body(read) or 'somebody outside'}", refer)
    yield Panel("Legal advice for the raiser", powers.advice(read))
    yield Panel("Withdrawal, and what was agreed", powers.closing(read))


def _facts(read: Reader, said: Iterable[Said]) -> list[Panel]:
    """The facts of the case that the drawing speaks of, in full."""
    text = "\n".join(s.text for s in said)
    items = tuple(
        Item("", Said(f"“{name}”: {fact.says}"))
        for name, fact in read.graph.protocol.facts.items()
        if f"“{name}”" in text
    )
    return [Panel("Facts of the case that matter", items)] if items else []


# --- one rung -------------------------------------------------------------------------------


def _row(
    read: Reader, index: int, name: str, rung: Rung, entries: Sequence[Item], loops: Sequence[Item]
) -> Row:
    first = plain.first_case(read, rung.within)
    counts = by_case(read, rung.counts, lambda v: f"{v} time")
    who = by_case(read, rung.answers, plain.officers)
    if rung.substitute:
        who = join([who, f"where there is no such post: {rung.substitute}"])
    most = first.at_most if isinstance(first, Window) else first
    return Row(
        name=name,
        drawn=plainly(read, read.graph.reach_of[name]) is not FALSE,
        exists=_exists(read, name),
        formal=counts.text.removesuffix(" time") if " if " not in counts.text else "depends",
        counts=counts,
        who=who,
        window=by_case(read, rung.within, plain.time),
        clock=join([by_case(read, rung.within, plain.terms_of_time), _clock(read, rung)]),
        days=plain.working_days(first),
        limit=str(most) if isinstance(most, Word) else "stated",
        lines=tuple(_lines(read, index, rung)),
        settled=_settled(read, index, rung),
        entries=tuple(
            e.mark
            for e in entries
            if e.drawn and name in e.places and (index or e.mark != steps.first_mark(read))
        ),
        loops=tuple((x.mark, x.short) for x in loops if x.drawn and name in x.places),
        outside=powers.outside(read, name),
    )


def _exists(read: Reader, name: str) -> Said:
    """When a rung exists, and when it is the top one, if not always."""
    reach, top = read.graph.reach_of[name], read.graph.top_of[name]
    left = simplified(plainly(read, reach), read.graph.domain)
    highest = simplified(plainly(read, top), all_([read.graph.domain, left]))
    said = plain.NOTHING
    if left is FALSE:
        return Said(f"not in the plain reading: only if {plain.when_words(reach)}", asked(reach))
    if left is not TRUE:
        said = Said(f"only{if_words(left)}", asked(reach))
    elif simplified(reach, read.graph.domain) is not TRUE:
        said = Said("another reading leaves this rung out", asked(reach))
    if highest is not FALSE and list(read.graph.ladder.rungs)[-1] != name:
        said = join([said, Said(f"the top rung{if_words(highest)}", asked(top))])
    return said


def _clock(read: Reader, rung: Rung) -> Said:
    if rung.clock is None:
        return plain.NOTHING
    starts = {
        "sending": "from sending",
        "receipt": "from receipt",
        "acknowledgement": "from acknowledgement",
        "raising": "counted from raising the dispute",
        "formal start": "counted from the formal start",
        "previous rung": "counted from the end of the rung below",
        "review": "from the next review",
        "conference": "from the next conference",
        "unstated": "its start is not stated",
        "unknown": "its start is not in the text we have",
        "never": "nothing starts the time",
    }
    same = "the first day counts" if rung.clock.counts_from == "the same day" else ""
    return join([by_case(read, rung.clock.starts, lambda v: starts[v]), same])


def _settled(read: Reader, index: int, rung: Rung) -> Said:
    """Who must be satisfied before it counts as settled at a rung."""
    texts = {
        "raiser": "if the raiser is satisfied",
        "answerer": "if the answerer treats it as settled",
        "unstated": "who must be satisfied: not stated",
    }
    said = Said(texts["raiser"])
    if rung.closes is not None:
        said = by_case(read, rung.closes, lambda v: texts.get(v, f"if {v} is satisfied"))
    if rung.if_satisfied is None:
        return said
    return join([said, outcome(read, index, rung.if_satisfied)])


def _lines(read: Reader, index: int, rung: Rung) -> Iterator[tuple[str, Said]]:
    if rung.strength:
        yield "An answer", Said(f"{rung.strength} be given")
    yield "Not satisfied", outcome(read, index, rung.if_not_satisfied)
    if rung.if_partly_satisfied is not None:
        yield "Partly satisfied", outcome(read, index, rung.if_partly_satisfied)
    yield "No answer", outcome(read, index, rung.if_silent)
    if (
        rung.if_divided is not None
        and " together with " in by_case(read, rung.answers, plain.officers).text
    ):
        yield "If they do not agree", outcome(read, index, rung.if_divided)
    if rung.meeting:
        yield "Meeting", Said(str(rung.meeting))
