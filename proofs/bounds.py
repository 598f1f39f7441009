"""Bounds on time: the largest of some guarded sums of days.

A *way* is a guard and the day count that it brings; a *bound* is a list of ways, and means the
largest of the counts whose guards hold; where none does, there is no way at all. A count in a
bound is `NO_LIMIT`, a plain sum, or the smallest of some plain sums: choices become guards, and
the largest of several counts becomes several ways, so that a way which another outdoes is seen
from the sums alone. Where that would be too many ways, choices stay parts of sums (`lumped`), and
ways are `gathered` into one.

With `over`, all that is surely more than that many days counts as `NO_LIMIT`. Every later step
keeps the order of counts, so this changes no answer to "at most `over` days".
"""

from __future__ import annotations

import functools
from collections.abc import Iterable, Sequence

from model.terms import (
    FALSE,
    NO_LIMIT,
    TRUE,
    ZERO,
    Term,
    all_,
    any_,
    at_most,
    choose,
    days,
    entails,
    exceeds,
    implies,
    longest,
    not_,
    plus,
    restrict,
    shortest,
    sums,
    symbols,
)

Way = tuple[Term, Term]
Bound = list[Way]


def cases(count: Term) -> Bound:
    """A day count as a bound that leaves nothing out; spans of the calendar at their longest."""
    match count.op, count.args:
        case "number", (symbol,) if symbol.kind == "calendar":
            return [(TRUE, days(symbol.high))]
        case "choose", (when, a, b):
            yes = [(all_((when, g)), c) for g, c in cases(a)]
            no = [(all_((not_(when), g)), c) for g, c in cases(b)]
            return [way for way in (*yes, *no) if way[0] is not FALSE]
        case "max", parts:
            return [way for part in parts for way in cases(part)]
        case "plus", parts:
            return functools.reduce(lambda a, b: _product(a, b, add), map(cases, parts))
        case "min", parts:
            return functools.reduce(lambda a, b: _product(a, b, least), map(cases, parts))
    return [(TRUE, count)]


def lumped(count: Term) -> Bound:
    """A day count as a bound of as few ways as can be: a choice stays one part of a sum.

    But for a choice that decides on 0 or not, which is what time that counts comes down to.
    """
    if count.op == "choose" and ZERO in count.args[1:]:
        when, a, b = count.args
        guard, rest = (when, a) if b is ZERO else (not_(when), b)
        ways = [(all_((guard, g)), c) for g, c in lumped(rest)]
        return [way for way in (*ways, (not_(guard), ZERO)) if way[0] is not FALSE]
    spans = {s: s.high for s in symbols(count) if s.kind == "calendar"}
    return [(TRUE, restrict(count, spans) if spans else count)]


def _product(a: Bound, b: Bound, join: object) -> Bound:
    made = [(all_((g, h)), join(x, y)) for g, x in a for h, y in b]  # type: ignore[operator]
    return [way for way in made if way[0] is not FALSE]


def add(a: Term, b: Term) -> Term:
    """The sum of two counts of a bound; adding goes inside the smallest of several."""
    if a.op != "min" and b.op != "min":
        return plus(a, b)
    return least(*(plus(x, y) for x in sums(a) for y in sums(b)))


def least(*counts: Term) -> Term:
    """The smallest of some counts, without the sums that are never the smallest."""
    kept: list[Term] = []
    for part in (part for count in counts for part in sums(count)):
        if not any(_covers(_forms(part), _forms(other)) for other in kept):
            kept = [other for other in kept if not _covers(_forms(other), _forms(part))]
            kept.append(part)
    return shortest(kept)


def later(a: Bound, b: Bound, over: int | None = None) -> Bound:
    """The bound of two stretches of time one after the other."""
    if len(b) == 1 and b[0] == (TRUE, ZERO):
        return a
    return trim([(all_((g, h)), add(x, y)) for g, x in a for h, y in b], over)


def clip(ways: Bound, cap: Term, most: Term, over: int | None = None) -> Bound:
    """The bound, but no longer than `most` where the cap holds."""
    if cap is FALSE or not ways:
        return ways
    free = [(all_((g, not_(cap))), count) for g, count in ways]
    capped = [
        (all_((cap, g, h)), least(count, limit)) for g, count in ways for h, limit in cases(most)
    ]
    return trim([*free, *capped], over)


def within(ways: Bound, most: Term) -> Term:
    """The formula that a bound is at most a day count.

    With gathered counts among them, all are compared as one, which leaves them to the solver.
    """
    if all(_plain(count) for _, count in ways):
        return all_(implies(guard, at_most(count, most)) for guard, count in ways)
    return not_(exceeds(longest(choose(guard, count, ZERO) for guard, count in ways), most))


def _plain(count: Term) -> bool:
    return all(
        part.op in ("days", "number", "choose", "no limit")
        for total in sums(count)
        for part in (total.args if total.op == "plus" else (total,))
    )


# --- ways that others outdo --------------------------------------------------------------------


def trim(ways: Iterable[Way], over: int | None = None) -> Bound:
    """The ways that no others outdo wherever they are open."""
    merged: dict[int, Way] = {}
    for guard, count in ways:
        if guard is FALSE:
            continue
        if over is not None:
            count = saturated(count, over)
        old = merged.get(count.serial)
        merged[count.serial] = (guard if old is None else any_((old[0], guard)), count)
    if len(merged) < 2:
        return list(merged.values())
    found = sorted(((_size(_forms(c)), c.serial, g, c) for g, c in merged.values()), key=_first)
    kept: list[tuple[Term, Term, Forms]] = []
    for _, _, guard, count in found:
        forms = _forms(count)
        longer = [g for g, _, other in kept if _covers(other, forms)]
        for g in longer:
            if entails(guard, g):
                break
        else:
            if len(longer) < 2 or not entails(guard, any_(longer)):
                kept.append((guard, count, forms))
    return [(g, c) for g, c, _ in kept]


def _first(sized: tuple[tuple[int, int], int, Term, Term]) -> tuple[tuple[int, int], int]:
    return sized[:2]


# The sums of which a count is the smallest, each as its number of days and a bit for each time
# that an open part stands in it; none for `NO_LIMIT`.
Forms = tuple[tuple[int, int], ...]


def _size(forms: Forms) -> tuple[int, int]:
    """A key by which a count comes before those that it may cover."""
    if not forms:
        return -(1 << 30), 0
    return -min(bits.bit_count() for _, bits in forms), -min(number for number, _ in forms)


def _covers(a: Forms, b: Forms) -> bool:
    """Whether one count is at least another, whatever the open numbers are, by their sums."""
    for m, x in a:
        for n, y in b:
            if m >= n and x & y == y:
                break
        else:
            return False
    return True


def saturated(count: Term, over: int) -> Term:
    if all(number <= over for number, _ in _forms(count)):
        return count
    return shortest(part for part in sums(count) if _forms(part)[0][0] <= over)


def gathered(kept: Sequence[Way]) -> Bound:
    """Many ways as one day count, which leaves them to the solver; what is endless stays apart."""
    endless = [(g, c) for g, c in kept if c is NO_LIMIT]
    rest = [(g, c) for g, c in kept if c is not NO_LIMIT]
    return [*endless, (any_(g for g, _ in rest), longest(choose(g, c, ZERO) for g, c in rest))]


def _forms(count: Term) -> Forms:
    found = _known.get(count.serial)
    if found is None:
        if len(_known) > 200_000:
            _known.clear()
        parts = () if count is NO_LIMIT else sums(count)
        found = _known[count.serial] = tuple(_form(part) for part in parts)
    return found


_known: dict[int, Forms] = {}


def _form(count: Term) -> tuple[int, int]:
    number, bits = 0, 0
    for part in count.args if count.op == "plus" else (count,):
        if part.op == "days":
            number += part.args[0]
            continue
        times = 0
        while True:
            bit = 1 << _places.setdefault((part.serial, times), len(_places))
            if not bits & bit:
                break
            times += 1
        bits |= bit
    return number, bits


_places: dict[tuple[int, int], int] = {}
