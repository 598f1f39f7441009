"""Formulas and day counts, and whether a formula can be true at all.

A formula is a reduced ordered decision diagram (Bryant 1986), written as a number; 0 is false, 1 is
true. A *sum* is a number of days and then, for each unstated number, how often it is added; None
stands for no limit. A *count* is the largest of some sums, each with the formula where it is one.
"""

from __future__ import annotations

from collections.abc import Iterable
from operator import add, ge, mul, sub
from typing import Any

NO, YES = 0, 1
Sum = tuple[int, ...]
Count = dict[Sum | None, int]
CASE = ("fact", "raiser", "child", "calendar")  # kinds of symbols; a verdict speaks of every case
MOST_WORK = 20_000_000  # see docs/certificates.md; the largest of the protocols needs a tenth
MOST_DAYS = 1 << 62


class Refused(Exception):
    """What a certificate says does not follow; the message says what, and where."""


class Formulas:
    """The diagrams over some symbols, and below these, over comparisons of sums."""

    def __init__(self, symbols: list[Any]) -> None:
        self.symbols, self.work = symbols, MOST_WORK
        self.numbers = [i for i, s in enumerate(symbols) if s["kind"] == "number"]
        self.level, self.kids = [1 << 60] * 2, [(), ()]  # of false and true
        self.gaps: dict[int, Sum] = {}  # of some levels: the sum that is at most 0, or is not
        self.made: dict[tuple[int, tuple[int, ...]], int] = {}
        self.known: dict[Any, int] = {}

    def spend(self, work: int) -> None:
        """Refuses after a fixed amount of work, so that no certificate keeps a checker busy."""
        self.work -= work
        if self.work < 0:
            raise Refused("it takes more work to check than is allowed")

    # --- diagrams ---------------------------------------------------------------------------

    def node(self, level: int, kids: tuple[int, ...]) -> int:
        if kids.count(kids[0]) == len(kids):
            return kids[0]
        if (level, kids) not in self.made:
            self.made[level, kids] = len(self.kids)
            self.level.append(level)
            self.kids.append(kids)
        return self.made[level, kids]

    def ite(self, a: int, b: int, c: int) -> int:
        """The formula that is `b` where `a` is true, and `c` where it is not."""
        if a <= YES or b == c:
            return b if a else c
        if b == YES and c == NO:
            return a
        if (a, b, c) not in self.known:
            self.spend(10)
            level, kids = self.level, self.kids
            top = min(level[a], level[b], level[c])
            width = max(len(kids[x]) for x in (a, b, c) if level[x] == top)
            parts = [kids[x] if level[x] == top else (x,) * width for x in (a, b, c)]
            found = tuple([self.ite(x, y, z) for x, y, z in zip(*parts, strict=True)])
            self.known[a, b, c] = self.node(top, found)
        return self.known[a, b, c]

    def no(self, a: int) -> int:
        return self.ite(a, NO, YES)

    def all(self, *some: int) -> int:
        result = YES
        for a in some:
            result = self.ite(a, result, NO) if a < result else self.ite(result, a, NO)
        return result

    def any(self, some: Iterable[int]) -> int:
        result = NO
        for a in some:
            result = self.ite(a, YES, result) if a < result else self.ite(result, YES, a)
        return result

    def choice(self, i: int, parts: list[int]) -> int:
        """The formula that is the part in the place of the value that a symbol has."""
        found = NO
        for place, part in zip(range(len(self.symbols[i]["values"])), parts, strict=True):
            found = self.ite(self.literal(i, place), part, found)
        return found

    def literal(self, i: int, place: int) -> int:
        """The formula that a symbol has its value in one place."""
        return self.node(i, tuple(int(k == place) for k in range(len(self.symbols[i]["values"]))))

    def branch(self, i: int, value: Any) -> int:
        """The place of a value among those of a symbol; a number is `limited` or `endless`."""
        if self.symbols[i]["kind"] == "number":
            return int(value is None or not self.sum(value))
        return int(self.symbols[i]["values"].index(value))

    def some(self, a: int) -> int:
        """The formula that `a` is true in some case."""
        if self.level[a] >= len(self.symbols):
            return a
        if a not in self.known:
            kids = tuple([self.some(k) for k in self.kids[a]])
            case = self.symbols[self.level[a]]["kind"] in CASE
            self.known[a] = self.any(kids) if case else self.node(self.level[a], kids)
        return self.known[a]

    def true_in(self, a: int, world: list[Any]) -> bool:
        """Whether a formula is true in a world, which gives each symbol a value."""
        while a > YES:
            if self.level[a] < len(self.symbols):
                place = self.branch(self.level[a], world[self.level[a]])
            else:
                days, *times = self.gaps[self.level[a]]
                counts = [world[i] or 0 for i in self.numbers]  # one without end is asked before
                place = int(days + sum(map(mul, times, counts)) > 0)
            a = self.kids[a][place]
        return a == YES

    # --- day counts -------------------------------------------------------------------------

    def sum(self, days: int, *numbers: int) -> Sum:
        if type(days) is not int or not 0 <= days < MOST_DAYS:
            raise ValueError(f"{days!r} is no number of days")
        self.spend(len(self.numbers) * (1 + len(numbers)))
        return days, *(numbers.count(i) for i in self.numbers)

    def plus(self, a: Count, b: Count) -> Count:
        found: Count = {}
        for e, g in a.items():
            for f, h in b.items():
                self.spend(len(self.numbers))
                both = None if e is None or f is None else tuple(map(add, e, f))
                found[both] = self.any((found.get(both, NO), self.all(g, h)))
        return found

    def within(self, at: int, count: Count) -> Count:
        return {e: here for e, g in count.items() if (here := self.all(at, g)) != NO}

    def largest(self, a: Count, b: Count) -> Count:
        return {e: self.any((a.get(e, NO), b.get(e, NO))) for e in {**a, **b}}

    def at_most(self, a: Count, b: Count, where: int = YES) -> int:
        """The formula that a count is at most another; outside `where` it may be false."""
        result = YES
        for e, g in a.items():
            self.spend(len(b) * len(self.numbers))
            fits = self.any(h for f, h in b.items() if covers(f, e))
            left = self.all(where, g, self.no(fits))
            for f, h in b.items() if left != NO else ():
                if self.all(left, h) != NO:
                    fits = self.any((fits, self.all(h, self.compare(e, f))))
            result = self.all(result, self.ite(g, fits, YES))
        return result

    def compare(self, e: Sum | None, f: Sum | None) -> int:
        """The formula that a sum is at most another; without end it is so only of one without."""
        if covers(f, e):
            return YES
        when = NO
        if e is not None and f is not None:
            gap = tuple(map(sub, e, f))
            if gap[0] <= 0 or min(gap) < 0:
                last = len(self.symbols) + len(self.gaps)
                level = self.known.setdefault(("gap", gap), last)
                self.gaps[level] = gap
                when = self.node(level, (YES, NO))
        return self.ite(self.endless(f), YES, self.ite(self.endless(e), NO, when))

    def endless(self, e: Sum | None) -> int:
        if e is None:
            return YES
        return self.any(self.literal(i, 1) for i, n in zip(self.numbers, e[1:], strict=True) if n)

    def limited(self, count: Count) -> int:
        return self.no(self.any(self.all(g, self.endless(e)) for e, g in count.items()))

    # --- whether a formula can be true ------------------------------------------------------

    def impossible(self, a: int, *rows: Sum) -> bool:
        """Whether no world makes a formula true in which some sums are at most 0.

        Where it says that some world does, it may be wrong.
        """
        if a <= YES:
            return a == NO or self.contradictory(list(rows))
        key = ("impossible", a, *rows)
        if key not in self.known:
            gap = self.gaps.get(self.level[a])
            more: list[list[Sum]] = [[] for _ in self.kids[a]]
            if gap is not None:  # it is at most 0, or at least 1
                more = [[gap], [(1 - gap[0], *(-n for n in gap[1:]))]]
            pairs = zip(self.kids[a], more, strict=True)
            self.known[key] = all(self.impossible(k, *rows, *said) for k, said in pairs)
        return bool(self.known[key])

    def contradictory(self, rows: list[Sum]) -> bool:
        """Whether no numbers from 0 up make some sums at most 0 (Fourier and Motzkin)."""
        for i, column in enumerate(zip(*rows, strict=True)):
            if i and any(column):
                rows.append(tuple(-int(i == j) for j in range(len(rows[0]))))
                up, down = ([r for r in rows if sign * r[i] > 0] for sign in (1, -1))
                self.spend((len(up) * len(down) + 1) * len(self.numbers))
                rows = [r for r in rows if not r[i]]
                rows += [tuple([p[i] * b - n[i] * a for a, b in zip(p, n, strict=True)])
                         for p in up for n in down]  # fmt: skip
                rows = [r for r in rows if max(map(abs, r)) < MOST_DAYS]
        return any(row[0] > 0 for row in rows)


def covers(f: Sum | None, e: Sum | None) -> bool:
    """Whether a sum is at least another, whatever the unstated numbers are."""
    return f is None or (e is not None and all(map(ge, f, e)))
