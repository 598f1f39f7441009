"""Formulas and day counts, and whether a formula can be true at all.

A formula is a reduced ordered decision diagram (Bryant 1986), written as a number; 0 is false, 1 is
true. A *sum* is a number of days and then, for each unstated number, how often it is added. A *day*
is the smallest of some sums; of none, there is no limit. A *count* is the largest of some days,
each with the formula where it is one of them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from math import gcd
from operator import add, le, mul, sub
from typing import Any

NO, YES = 0, 1
Sum = tuple[int, ...]
Day = tuple[Sum, ...]
Count = dict[Day, int]
CASE = ("fact", "raiser", "child", "calendar")  # kinds of symbols; a verdict speaks of every case
MOST_WORK = 16_000_000  # some 600 MiB; the largest of the protocols needs half of it
MOST_DAYS = 1 << 62


class Refused(Exception):
    """What a certificate says does not follow; the message says what, and where."""


class Formulas:
    """The diagrams over some symbols, and below these, over comparisons of sums."""

    def __init__(self, symbols: list[Any]) -> None:
        self.symbols, self.work = symbols, MOST_WORK
        self.numbers = [i for i, s in enumerate(symbols) if s["kind"] == "number"]
        self.level = [1 << 60] * 2  # of false and true
        self.kids: list[tuple[int, ...]] = [(), ()]
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
        found = self.made.setdefault((level, kids), len(self.kids))
        if found == len(self.kids):
            self.level.append(level)
            self.kids.append(kids)
        return found

    def ite(self, a: int, b: int, c: int) -> int:
        """The formula that is `b` where `a` is true, and `c` where it is not."""
        if a > YES:  # where a formula is asked of itself, the answer is known
            b, c = YES if b == a else b, NO if c == a else c
        if a <= YES or b == c:
            return b if a else c
        if b == YES and c == NO:
            return a
        if (a, b, c) not in self.known:
            self.spend(10)
            kids, i, j, k = self.kids, self.level[a], self.level[b], self.level[c]
            top = min(i, j, k)
            width = len(kids[a if i == top else b if j == top else c])
            x = kids[a] if i == top else (a,) * width
            y = kids[b] if j == top else (b,) * width
            z = kids[c] if k == top else (c,) * width
            self.known[a, b, c] = self.node(top, tuple(map(self.ite, x, y, z)))
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

    def day(self, *sums: Iterable[int]) -> Day:
        return least(self.sum(*s) for s in sums)

    def sum(self, days: int, *numbers: int) -> Sum:
        if type(days) is not int or not 0 <= days < MOST_DAYS:
            raise ValueError(f"{days!r} is no number of days")
        self.spend(len(self.numbers) * (1 + len(numbers)))
        return days, *(numbers.count(i) for i in self.numbers)

    def joined(self, a: Count, b: Count, join: Callable[[Day, Day], Iterable[Sum]]) -> Count:
        found: Count = {}
        for x, g in a.items():
            for y, h in b.items():
                self.spend((1 + len(x) + len(y)) ** 2 * len(self.numbers))
                if (here := self.all(g, h)) != NO:
                    day = least(join(x, y))
                    found[day] = self.any((found.get(day, NO), here))
        return found

    def plus(self, a: Count, b: Count) -> Count:
        return self.joined(a, b, lambda x, y: (tuple(map(add, e, f)) for e in x for f in y))

    def shortest(self, a: Count, b: Count) -> Count:
        return self.joined(a, b, lambda x, y: x + y)

    def largest(self, a: Count, b: Count) -> Count:
        return {x: self.any((a.get(x, NO), b.get(x, NO))) for x in {**a, **b}}

    def within(self, at: int, count: Count) -> Count:
        return {x: here for x, g in count.items() if (here := self.all(at, g)) != NO}

    def at_most(self, a: Count, b: Count, where: int = YES) -> int:
        """The formula that a count is at most another; outside `where` it may be false."""
        result = YES
        for x, g in a.items():
            fits = b.get(x, NO)
            if (left := self.all(where, g, self.no(fits))) != NO:
                self.spend(len(b) * len(self.numbers))
                fits = self.any(h for y, h in b.items() if covers(y, x))
                left = self.all(left, self.no(fits))
            for y, h in b.items() if left != NO else ():
                if self.all(left, h) != NO:
                    fits = self.any((fits, self.all(h, self.compare(x, y))))
            result = self.all(result, self.ite(g, fits, YES))
        return result

    def compare(self, x: Day, y: Day) -> int:
        """The formula that a day is at most another; only what is endless is at least endless."""
        found = YES
        for f in y:
            under = [self.all(self.no(self.endless((e,))), self.gap(e, f)) for e in x]
            found = self.all(found, self.any((self.endless((f,)), *under)))
        return found

    def gap(self, e: Sum, f: Sum) -> int:
        """The variable that a sum is at most another, of numbers that all have a limit."""
        gap = tuple(map(sub, e, f))
        if max(gap) <= 0 or (gap[0] > 0 and min(gap) >= 0):
            return int(max(gap) <= 0)
        last = len(self.symbols) + len(self.gaps)
        level = self.known.setdefault(("gap", gap), last)
        self.gaps[level] = gap
        return self.node(level, (YES, NO))

    def endless(self, x: Day) -> int:
        """The formula that a day is never; number by number, whether it has no limit."""
        some = [[i for i, n in zip(self.numbers, e[1:], strict=True) if n] for e in x]
        return self.all(*(self.any(self.literal(i, 1) for i in e) for e in some))

    def limited(self, count: Count) -> int:
        return self.no(self.any(self.all(g, self.endless(x)) for x, g in count.items()))

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
        """Whether no whole numbers from 0 up make some sums at most 0 (Fourier and Motzkin).

        Those that are added least often go first: of what is added once nothing is lost.
        """
        rows = [whole(r) for r in rows]
        most = [max(map(abs, times)) for times in zip(*rows, strict=True)]
        added = (i for i in range(1, len(most)) if most[i])
        for i in sorted(added, key=most.__getitem__):
            up, down = ([r for r in rows if sign * r[i] > 0] for sign in (1, -1))
            if up:
                down.append(tuple(-int(i == j) for j in range(len(self.numbers) + 1)))
            self.spend((len(up) * len(down) + 1) * len(self.numbers))
            rows = [r for r in rows if not r[i]]
            rows += [whole(tuple([p[i] * b - n[i] * a for a, b in zip(p, n, strict=True)]))
                     for p in up for n in down]  # fmt: skip
            rows = [r for r in rows if max(map(abs, r)) < MOST_DAYS]
        return any(row[0] > 0 for row in rows)


def whole(row: Sum) -> Sum:
    """A sum that is at most 0 wherever another is, of whole numbers, divided by what they share."""
    share = gcd(*row[1:])
    return row if share < 2 else (-(-row[0] // share), *(n // share for n in row[1:]))


def covers(y: Day, x: Day) -> bool:
    """Whether a day is at least another, whatever the unstated numbers are."""
    return x == y or all(any(all(map(le, e, f)) for e in x) for f in y)


def least(sums: Iterable[Sum]) -> Day:
    """The smallest of some sums, without those that others are never above."""
    some = sorted(set(sums))
    return tuple(f for f in some if not any(e != f and all(map(le, e, f)) for e in some))
