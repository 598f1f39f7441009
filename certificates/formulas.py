"""The formulas and day counts of one certificate, and whether a formula can be true at all.

A formula is a reduced ordered decision diagram (Bryant 1986), written as a number: 0 is false, 1
is true. A day count is a list of *ways*: a formula, and the sums of which the count is the smallest
where that formula is true; the count is the largest over all ways. A sum is its plain number of
days and the places of the open numbers in it; a smallest of no sums means that there is no limit.
"""

from __future__ import annotations

from functools import reduce
from typing import Any

NO, YES = 0, 1
Sum = tuple[int, tuple[int, ...]]
Way = tuple[int, tuple[Sum, ...]]
ZERO: list[Way] = [(YES, ((0, ()),))]


class Formulas:
    """What a certificate's table of nodes means; `tables` has the formula of each named row."""

    def __init__(self, symbols: list[Any], nodes: list[Any], tables: dict[str, int]) -> None:
        self.symbols, self.nodes, self.tables = symbols, nodes, tables
        self.kids: list[tuple[int, ...]] = [(), ()]
        self.level = [1 << 60, 1 << 60]  # a variable's place in the order: symbols, then atoms
        self.atoms: list[Any] = []
        self.made: dict[Any, int] = {}
        self.known: dict[Any, Any] = {}

    # --- diagrams ---------------------------------------------------------------------------

    def node(self, level: int, kids: tuple[int, ...]) -> int:
        if kids.count(kids[0]) == len(kids):
            return kids[0]
        if (level, kids) not in self.made:
            self.made[level, kids] = len(self.kids)
            self.kids.append(kids)
            self.level.append(level)
        return self.made[level, kids]

    def join(self, zero: int, a: int, b: int) -> int:
        """The conjunction (`zero` is false) or disjunction (`zero` is true) of two formulas."""
        if a in (b, zero) or b == 1 - zero:
            return a
        if b == zero or a == 1 - zero:
            return b
        key = (zero, a, b) if a < b else (zero, b, a)
        found: int | None = self.known.get(key)
        if found is None:
            one, other, kids = self.level[a], self.level[b], self.kids
            if one == other:
                pairs = zip(kids[a], kids[b], strict=True)
                made = tuple([self.join(zero, x, y) for x, y in pairs])
            elif one < other:
                made = tuple([self.join(zero, x, b) for x in kids[a]])
            else:
                made = tuple([self.join(zero, a, y) for y in kids[b]])
            found = self.known[key] = self.node(min(one, other), made)
        return found

    def both(self, a: int, b: int) -> int:
        return self.join(NO, a, b)

    def all(self, *some: int) -> int:
        return reduce(self.both, some, YES)

    def either(self, *some: int) -> int:
        result = NO
        for a in some:
            result = self.join(YES, result, a)
        return result

    def negation(self, a: int) -> int:
        if a <= YES:
            return 1 - a
        if ("not", a) not in self.known:
            other = self.node(self.level[a], tuple([self.negation(k) for k in self.kids[a]]))
            self.known["not", a], self.known["not", other] = other, a
        found: int = self.known["not", a]
        return found

    def choice(self, when: int, a: int, b: int) -> int:
        return self.either(self.both(when, a), self.both(self.negation(when), b))

    def atom(self, *what: Any) -> int:
        """The variable that a comparison is true, or that a number has a limit."""
        if what not in self.made:
            self.made[what] = self.node(len(self.symbols) + len(self.atoms), (YES, NO))
            self.atoms.append(what)
        return self.made[what]

    def some(self, a: int, chosen: frozenset[int]) -> int:
        """The formula that `a` is true for some value of the symbols at some places."""
        if self.level[a] >= len(self.symbols):
            return a
        key = (a, chosen)
        if key not in self.known:
            kids = tuple(self.some(k, chosen) for k in self.kids[a])
            here = self.level[a] in chosen
            self.known[key] = self.either(*kids) if here else self.node(self.level[a], kids)
        found: int = self.known[key]
        return found

    # --- reading the table of nodes ---------------------------------------------------------

    def formula(self, place: int) -> int:
        key = ("formula", place)
        if key not in self.known:
            op, *args = self.nodes[place]
            if op in ("true", "false"):
                found = int(op == "true")
            elif op == "symbol":  # one branch for each value; a fact has two, true first
                kids = [self.formula(b) for b in args[1:]]
                options = self.symbols[args[0]]["values"] or (True, False)
                pairs = zip(options, kids, strict=True)
                found = self.either(*(self.both(self.says(args[0], v), k) for v, k in pairs))
            else:  # "table", or a comparison
                when = self.formula(self.tables[args[0]]) if op == "table" else self.test(args[0])
                found = self.choice(when, self.formula(args[1]), self.formula(args[2]))
            self.known[key] = found
        return int(self.known[key])

    def test(self, place: int) -> int:
        op, *args = self.nodes[place]
        if op == "at most":
            return self.at_most(self.ways(args[0]), self.ways(args[1]))
        return self.limited(self.ways(args[0]))

    def ways(self, place: int) -> list[Way]:
        """The ways of a day count; where it is a `max`, several may be open in one world."""
        key = ("ways", place)
        if key not in self.known:
            op, *args = self.nodes[place]
            match op:
                case "no limit":
                    found: list[Way] = [(YES, ())]
                case "days":
                    found = [(YES, ((args[0], ()),))]
                case "number":
                    found = [(YES, ((0, (args[0],)),))]
                case "choose":
                    when = self.formula(args[0])
                    yes = [(self.both(when, g), x) for g, x in self.ways(args[1])]
                    no = [(self.both(self.negation(when), g), x) for g, x in self.ways(args[2])]
                    found = [*yes, *no]
                case "max":
                    found = [way for a in args for way in self.ways(a)]
                case _:  # plus, min
                    join = plus if op == "plus" else least
                    found = self.ways(args[0])
                    for a in args[1:]:
                        found = self.joined(found, self.ways(a), join)
            self.known[key] = [way for way in found if way[0] != NO]
        ways: list[Way] = self.known[key]
        return ways

    def joined(self, a: list[Way], b: list[Way], join: Any) -> list[Way]:
        made = [(self.both(g, h), join(x, y)) for g, x in a for h, y in b]
        return [way for way in made if way[0] != NO]

    # --- comparing day counts ---------------------------------------------------------------

    def at_most(self, a: list[Way], b: list[Way]) -> int:
        """The formula that a day count is at most another."""
        result = YES
        for g, x in a:
            fits = self.either(*(self.both(h, self.fits(x, y)) for h, y in b))
            result = self.both(result, self.either(self.negation(g), fits))
        return result

    def fits(self, x: tuple[Sum, ...], y: tuple[Sum, ...]) -> int:
        result = YES
        for f in y:
            endless = [self.negation(self.finite(i)) for i in f[1]]
            result = self.both(result, self.either(*endless, *(self.compare(e, f) for e in x)))
        return result

    def compare(self, e: Sum, f: Sum) -> int:
        if covers(f, e):
            return YES
        return self.atom("at most", e, f) if f[1] else NO if not e[1] or e[0] > f[0] else self.atom(
            "at most", e, f
        )  # fmt: skip

    def finite(self, i: int) -> int:
        return YES if self.symbols[i]["kind"] == "calendar" else self.atom("limited", i)

    def limited(self, a: list[Way]) -> int:
        result = YES
        for g, x in a:
            ends = self.either(*(self.all(*map(self.finite, e[1])) for e in x))
            result = self.both(result, self.either(self.negation(g), ends))
        return result

    # --- worlds -----------------------------------------------------------------------------

    def says(self, i: int, value: Any) -> int:
        """The formula that a symbol has a value; of a number, only that it has no limit."""
        s = self.symbols[i]
        if s["kind"] in ("number", "calendar"):
            return self.negation(self.finite(i)) if value is None else YES
        options = s["values"] or [True, False]
        return self.node(i, tuple(int(v == value) for v in options))

    def true_in(self, a: int, world: dict[str, Any]) -> bool:
        """Whether a formula is true in a world: the value of each symbol by its place."""
        while a > YES:
            level = self.level[a]
            if level < len(self.symbols):
                options = self.symbols[level]["values"] or [True, False]
                place = options.index(world[str(level)])
            else:
                kind, *sums = self.atoms[level - len(self.symbols)]
                if kind == "limited":
                    so = world[str(sums[0])] is not None
                else:
                    left, right = ([n, *(world[str(i)] for i in some)] for n, some in sums)
                    so = None in right or (None not in left and sum(left) <= sum(right))
                place = int(not so)
            a = self.kids[a][place]
        return a == YES

    def spans(self, a: int) -> list[int]:
        """A formula with each span of the calendar at its shortest and at its longest."""
        found = [a]
        for i, s in enumerate(self.symbols):
            if s["kind"] == "calendar":
                found = [self.settled(b, i, s[end]) for b in found for end in ("low", "high")]
        return found

    def settled(self, a: int, i: int, count: int) -> int:
        """A formula with the number of days of one symbol put into its comparisons."""
        if a <= YES:
            return a
        kids = [self.settled(k, i, count) for k in self.kids[a]]
        if self.level[a] < len(self.symbols):
            return self.node(self.level[a], tuple(kids))
        kind, *sums = self.atoms[self.level[a] - len(self.symbols)]
        when = self.atom(kind, *sums)
        if kind == "at most":
            e, f = (without(s, i, count) for s in sums)
            when = self.compare(e, f)
        return self.choice(when, *kids)

    # --- whether a formula can be true ------------------------------------------------------

    def impossible(self, a: int) -> bool:
        """Whether no world makes a formula true. May be wrong only in saying that some does."""
        if a <= YES:
            return a == NO
        key = ("impossible", a)
        if key not in self.known:
            if self.level[a] < len(self.symbols):
                found = all(self.impossible(k) for k in self.kids[a])
            else:
                found = self.no_numbers(a, [])
            self.known[key] = found
        return bool(self.known[key])

    def no_numbers(self, a: int, said: list[Any]) -> bool:
        if a <= YES:
            return a == NO or contradictory(said, self.symbols)
        atom = self.atoms[self.level[a] - len(self.symbols)]
        pairs = zip(self.kids[a], (True, False), strict=True)
        return all(self.no_numbers(k, [*said, (atom, so)]) for k, so in pairs)


def covers(f: Sum, e: Sum) -> bool:
    """Whether one sum is at least another, whatever the open numbers are."""
    return f[0] >= e[0] and all(f[1].count(i) >= e[1].count(i) for i in set(e[1]))


def without(e: Sum, i: int, count: int) -> Sum:
    return e[0] + count * e[1].count(i), tuple(j for j in e[1] if j != i)


def above(y: tuple[Sum, ...], x: tuple[Sum, ...]) -> bool:
    """Whether one smallest of sums is at least another, whatever the open numbers are."""
    return all(any(covers(f, e) for e in x) for f in y)


def plus(x: tuple[Sum, ...], y: tuple[Sum, ...]) -> tuple[Sum, ...]:
    sums = [(e[0] + f[0], tuple(sorted(e[1] + f[1]))) for e in x for f in y]
    return least(tuple(sums), ())


def least(x: tuple[Sum, ...], y: tuple[Sum, ...]) -> tuple[Sum, ...]:
    """The smallest of some sums, without those that others are never above."""
    kept: list[Sum] = []
    for e in sorted({*x, *y}, key=lambda s: (len(s[1]), s)):
        if not any(covers(e, k) for k in kept):
            kept.append(e)
    return tuple(kept)


def contradictory(said: list[Any], symbols: list[Any]) -> bool:
    """Whether no numbers fit what is said: atoms, each with whether it is true."""
    compared = [(left, right, so) for (kind, left, *rest), so in said for right in rest]
    inside = {i for left, right, _ in compared for i in (*left[1], *right[1])}
    finite = {i: True for i in inside if symbols[i]["kind"] == "calendar"}
    finite |= {what[1]: so for what, so in said if what[0] == "limited"}
    before = None
    while before != finite:  # a number that an ending one is below, or not below, has an end
        before = dict(finite)
        for left, right, so in compared:
            ends = all(finite.get(i, False) for i in right[1])
            for i in left[1] if so and ends else () if so else right[1]:
                if not finite.setdefault(i, True):
                    return True
    for i in inside - finite.keys():  # whether it has a limit is not said: try both
        return all(contradictory([*said, (("limited", i), so)], symbols) for so in (True, False))
    rows = [({i: -1}, -symbols[i]["low"]) for i in inside]
    rows += [({i: 1}, symbols[i]["high"]) for i in inside if symbols[i]["high"] is not None]
    for (m, left), (n, right), so in compared:
        if not all(finite[i] for i in (*left, *right)):
            if so != (not all(finite[i] for i in right)):  # endless on the right, or left alone
                return True
            continue
        row = {i: left.count(i) - right.count(i) for i in {*left, *right}}
        row = {i: c for i, c in row.items() if c}
        rows.append((row, n - m) if so else ({i: -c for i, c in row.items()}, m - n - 1))
    return infeasible(rows)


def infeasible(rows: list[tuple[dict[int, int], int]]) -> bool:
    """Whether no rational numbers satisfy sums of multiples <= bounds (Fourier and Motzkin)."""
    while True:
        up, down = dict[int, int](), dict[int, int]()
        for row, bound in rows:
            if not row and bound < 0:
                return True
            for j, c in row.items():
                (up if c > 0 else down)[j] = (up if c > 0 else down).get(j, 0) + 1
        if not up or not down:
            return False  # large, or small, numbers satisfy what is left
        i = min({*up, *down}, key=lambda j: up.get(j, 0) * down.get(j, 0))
        above = [(row, bound) for row, bound in rows if row.get(i, 0) > 0]
        below = [(row, bound) for row, bound in rows if row.get(i, 0) < 0]
        rows = [(row, bound) for row, bound in rows if i not in row]
        for p, b in above:
            for n, d in below:
                sums = {k: p.get(k, 0) * -n[i] + n.get(k, 0) * p[i] for k in {*p, *n}}
                rows.append(({k: c for k, c in sums.items() if c}, b * -n[i] + d * p[i]))
