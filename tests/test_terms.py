"""Terms mean what they were built from, however much they were simplified.

Every test builds an expression twice: with the functions of `terms`, which simplify, and as a
plain tree, which `meaning` below evaluates as it stands.
"""

from __future__ import annotations

import copy
import itertools
import pickle
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from model import terms as t
from model.terms import FALSE, INFINITE, NO_LIMIT, TRUE, ZERO, Symbol, Term, evaluate
from model.words import answer_words, words

READING = Symbol("question", "reading", ("strict", "loose", "none"))
WAY = Symbol("silence", "way", ("yes", "no"))
ONLY = Symbol("raiser", "raiser", ("IRO",))
CHILD = Symbol("child", "child", ("child in care", "child on a plan"))
URGENT, GRAVE = Symbol("fact", "urgent"), Symbol("fact", "grave")
TIME, OTHER = Symbol("number", "the time"), Symbol("number", "the other time")
WEEK = Symbol("calendar", "the week", (), 3, 5, "the week (1 week)", "test_terms")

CHOICES = (READING, WAY, ONLY, CHILD)
FACTS = (URGENT, GRAVE)
VALUES: dict[Symbol, tuple[Any, ...]] = {
    **{s: s.values for s in CHOICES},
    **{s: (True, False) for s in FACTS},
    **{s: (None, 0, 1, 4) for s in (TIME, OTHER)},
    WEEK: (3, 4, 5),
}
World = dict[Symbol, Any]
WORLDS = st.fixed_dictionaries({s: st.sampled_from(v) for s, v in VALUES.items()})
SMALL = [  # every world of the symbols that are no numbers
    {**dict(zip((*CHOICES, *FACTS), values, strict=True)), TIME: None, OTHER: 0, WEEK: 4}
    for values in itertools.product(*(VALUES[s] for s in (*CHOICES, *FACTS)))
]
Tree = tuple[Any, ...]


def meaning(tree: Tree, world: World) -> Any:
    """What an expression means in a world."""
    match tree:
        case ("constant", value):
            return value
        case ("is", symbol, value):
            return world[symbol] == value
        case ("one of", symbol, values):
            return world[symbol] in values
        case ("fact", symbol):
            return world[symbol]
        case ("not", a):
            return not meaning(a, world)
        case ("all", parts):
            return all([meaning(p, world) for p in parts])
        case ("any", parts):
            return any([meaning(p, world) for p in parts])
        case ("implies", a, b):
            return not meaning(a, world) or meaning(b, world)
        case ("at most", a, b):
            return meaning(a, world) <= meaning(b, world)
        case ("limited", a):
            return meaning(a, world) < INFINITE
        case ("days", count):
            return count
        case ("no limit",):
            return INFINITE
        case ("number", symbol):
            return INFINITE if world[symbol] is None else world[symbol]
        case ("plus", a, b):
            return min(INFINITE, meaning(a, world) + meaning(b, world))
        case ("longest", parts):
            return max([0, *(meaning(p, world) for p in parts)])
        case ("shortest", parts):
            return min([INFINITE, *(meaning(p, world) for p in parts)])
        case ("choose", a, b, c):
            return meaning(b if meaning(a, world) else c, world)
    raise AssertionError(tree)


def built(tree: Tree) -> Term:
    """The same expression as a term."""
    match tree:
        case ("constant", value):
            return t.constant(value)
        case ("is", symbol, value):
            return t.is_(symbol, value)
        case ("one of", symbol, values):
            return t.one_of(symbol, values)
        case ("fact", symbol):
            return t.holds(symbol)
        case ("not", a):
            return t.not_(built(a))
        case ("all", parts):
            return t.all_(built(p) for p in parts)
        case ("any", parts):
            return t.any_(built(p) for p in parts)
        case ("implies", a, b):
            return t.implies(built(a), built(b))
        case ("at most", a, b):
            return t.at_most(built(a), built(b))
        case ("limited", a):
            return t.limited(built(a))
        case ("days", count):
            return t.days(count)
        case ("no limit",):
            return NO_LIMIT
        case ("number", symbol):
            return t.unknown(symbol)
        case ("plus", a, b):
            return t.plus(built(a), built(b))
        case ("longest", parts):
            return t.longest(built(p) for p in parts)
        case ("shortest", parts):
            return t.shortest(built(p) for p in parts)
        case ("choose", a, b, c):
            return t.choose(built(a), built(b), built(c))
    raise AssertionError(tree)


def _answer(symbol: Symbol) -> st.SearchStrategy[Tree]:
    value = st.sampled_from(VALUES[symbol])
    some = st.tuples(st.just("one of"), st.just(symbol), st.sets(value, max_size=3).map(tuple))
    return some if symbol in FACTS else st.tuples(st.just("is"), st.just(symbol), value) | some


LEAVES = st.one_of(
    st.sampled_from([("constant", True), ("constant", False)]),
    st.sampled_from([("fact", s) for s in FACTS]),
    *(_answer(s) for s in (*CHOICES, *FACTS)),
)


def formulas(leaves: st.SearchStrategy[Tree]) -> st.SearchStrategy[Tree]:
    return st.recursive(
        leaves,
        lambda a: st.one_of(
            st.tuples(st.just("not"), a),
            st.tuples(st.sampled_from(["all", "any"]), st.lists(a, max_size=4).map(tuple)),
            st.tuples(st.just("implies"), a, a),
        ),
        max_leaves=12,
    )


PLAIN = formulas(LEAVES)  # formulas without numbers
DAYS = st.recursive(
    st.one_of(
        st.tuples(st.just("days"), st.integers(0, 6)),
        st.sampled_from([("no limit",), *(("number", s) for s in (TIME, OTHER, WEEK))]),
    ),
    lambda d: st.one_of(
        st.tuples(st.just("plus"), d, d),
        st.tuples(st.sampled_from(["longest", "shortest"]), st.lists(d, max_size=4).map(tuple)),
        st.tuples(st.just("choose"), PLAIN, d, d),
    ),
    max_leaves=8,
)
COMPARISONS = st.tuples(st.just("at most"), DAYS, DAYS) | st.tuples(st.just("limited"), DAYS)
FORMULAS = formulas(LEAVES | COMPARISONS)


@settings(max_examples=200, deadline=None)
@given(FORMULAS, WORLDS)
def test_formulas_keep_their_meaning(tree: Tree, world: World) -> None:
    assert evaluate(built(tree), world) is meaning(tree, world)


@settings(max_examples=200, deadline=None)
@given(DAYS, WORLDS)
def test_day_counts_keep_their_meaning(tree: Tree, world: World) -> None:
    assert evaluate(built(tree), world) == meaning(tree, world)


@settings(max_examples=100, deadline=None)
@given(DAYS, DAYS, WORLDS)
def test_comparisons_keep_their_meaning(a: Tree, b: Tree, world: World) -> None:
    assert evaluate(built(("at most", a, b)), world) is meaning(("at most", a, b), world)


@settings(max_examples=100, deadline=None)
@given(DAYS, DAYS, WORLDS)
def test_excess(a: Tree, b: Tree, world: World) -> None:
    """`exceeds` takes it that what is compared with has a limit."""
    if meaning(b, world) < INFINITE:
        said = evaluate(t.exceeds(built(a), built(b)), world)
        assert said == (meaning(a, world) > meaning(b, world))


@settings(max_examples=50, deadline=None)
@given(st.lists(DAYS, min_size=5, max_size=7), DAYS, WORLDS)
def test_comparisons_of_long_sums(parts: list[Tree], limit: Tree, world: World) -> None:
    tree = parts[0]
    for number, part in enumerate(parts):
        condition = (
            "all",
            (("fact", FACTS[number % 2]), ("is", READING, READING.values[number % 3])),
        )
        tree = ("plus", tree, ("choose", condition, part, ("number", OTHER)))
    for comparison in (("at most", tree, limit), ("at most", limit, tree), ("limited", tree)):
        assert evaluate(built(comparison), world) is meaning(comparison, world)


@settings(max_examples=200, deadline=None)
@given(PLAIN, PLAIN)
def test_formulas_that_mean_the_same_are_one_object(a: Tree, b: Tree) -> None:
    same = all(meaning(a, world) == meaning(b, world) for world in SMALL)
    assert (built(a) is built(b)) == same


@settings(max_examples=100, deadline=None)
@given(FORMULAS, st.sampled_from([*CHOICES, *FACTS]), st.data(), WORLDS)
def test_restricted(tree: Tree, symbol: Symbol, data: st.DataObject, world: World) -> None:
    value = data.draw(st.sampled_from(VALUES[symbol]))
    term = t.restrict(built(tree), {symbol: value})
    assert symbol not in t.variables(term)
    assert evaluate(term, world) == meaning(tree, {**world, symbol: value})


@settings(max_examples=100, deadline=None)
@given(PLAIN, st.sets(st.sampled_from([*CHOICES, *FACTS])), WORLDS)
def test_for_all(tree: Tree, chosen: set[Symbol], world: World) -> None:
    term = t.for_all(built(tree), lambda variable: variable in chosen)
    ways = itertools.product(*(VALUES[s] for s in chosen))
    worlds = [{**world, **dict(zip(chosen, way, strict=True))} for way in ways]
    assert evaluate(term, world) == all(meaning(tree, w) for w in worlds)
    assert not chosen & set(t.variables(term))


@settings(max_examples=150, deadline=None)
@given(st.lists(FORMULAS, min_size=2, max_size=2), PLAIN, LEAVES, WORLDS)
def test_simplified_where_it_matters(
    parts: list[Tree], more: Tree, leaf: Tree, world: World
) -> None:
    a, care = ("any", (parts[0], more)), ("all", (("any", (parts[1], leaf)), ("not", more)))
    for one, other in ((a, care), (care, a), (a, leaf), (more, leaf)):
        term = t.simplified(built(one), built(other))
        if meaning(other, world):
            assert evaluate(term, world) == meaning(one, world)


@settings(max_examples=100, deadline=None)
@given(PLAIN)
def test_regions_make_up_the_formula(tree: Tree) -> None:
    regions = list(t.cubes(built(tree)))
    for world in SMALL:
        inside = [all(world[s] in chosen for s, chosen in r.items()) for r in regions]  # type: ignore[index]
        assert sum(inside) == meaning(tree, world), "the regions do not overlap"


@settings(max_examples=100, deadline=None)
@given(PLAIN, st.sampled_from(SMALL))
def test_the_region_of_a_world(tree: Tree, world: World) -> None:
    region = t.cube_at(built(tree), t.evaluator(world), world)
    for other in SMALL:
        if all(other[s] in chosen for s, chosen in region.items()):  # type: ignore[index]
            assert meaning(tree, other) == meaning(tree, world)
    assert all(world[s] in chosen for s, chosen in region.items())  # type: ignore[index]


@settings(max_examples=50, deadline=None)
@given(FORMULAS, WORLDS)
def test_the_region_of_a_world_with_numbers(tree: Tree, world: World) -> None:
    of = t.evaluator(world)
    for variable, chosen in t.cube_at(built(tree), of, world).items():
        value = of(variable) if isinstance(variable, Term) else world[variable]
        assert value in chosen


@settings(max_examples=100, deadline=None)
@given(DAYS, WORLDS)
def test_stated_and_limited(tree: Tree, world: World) -> None:
    """What is stated in a world does not depend on numbers that the text leaves open."""
    term = built(tree)
    if evaluate(t.stated(term), world):
        others = [{**world, TIME: a, OTHER: b} for a in VALUES[TIME] for b in VALUES[OTHER]]
        most = max(meaning(tree, w) for w in others)
        assert most < INFINITE, "a stated figure bounds it, whatever the rest is"
    assert evaluate(t.limited(term), world) == (meaning(tree, world) < INFINITE)


@settings(max_examples=200, deadline=None)
@given(DAYS, WORLDS)
def test_no_world_is_out_of_bounds(tree: Tree, world: World) -> None:
    low, high = t.bounds(built(tree))
    assert low <= meaning(tree, world) <= high


@settings(max_examples=200, deadline=None)
@given(FORMULAS | DAYS, WORLDS)
def test_only_what_is_mentioned_matters(tree: Tree, world: World) -> None:
    term = built(tree)
    mentioned = {s: v for s, v in world.items() if s in t.symbols(term)}
    assert evaluate(term, mentioned) == meaning(tree, world)
    order = list(t.walk([term]))
    assert order[-1] is term
    assert len(order) == len(set(order))
    for place, part in enumerate(order):
        assert all(a in order[:place] for a in part.args if isinstance(a, Term))


@settings(max_examples=200, deadline=None)
@given(FORMULAS | DAYS)
def test_there_are_words_for_everything(tree: Tree) -> None:
    term = built(tree)
    assert words(term) == repr(term) != ""
    assert "  " not in words(term)


@settings(max_examples=100, deadline=None)
@given(FORMULAS | DAYS)
def test_equal_terms_are_one_object(tree: Tree) -> None:
    assert built(tree) is built(tree)


# --- single points -------------------------------------------------------------------------


def test_laws_at_the_ends() -> None:
    urgent, week = t.holds(URGENT), t.unknown(WEEK)
    assert t.all_([]) is TRUE and t.any_([]) is FALSE
    assert t.all_([urgent, t.not_(urgent)]) is FALSE
    assert t.any_([urgent, t.not_(urgent)]) is TRUE
    assert t.not_(t.not_(urgent)) is urgent
    assert t.implies(FALSE, urgent) is TRUE and t.implies(TRUE, urgent) is urgent
    assert t.is_(ONLY, "IRO") is TRUE
    assert t.any_(t.is_(READING, v) for v in READING.values) is TRUE
    assert t.all_([t.is_(READING, "strict"), t.is_(READING, "loose")]) is FALSE
    assert t.one_of(READING, READING.values) is TRUE and t.one_of(READING, ()) is FALSE
    assert t.longest([]) is ZERO and t.shortest([]) is NO_LIMIT
    assert t.longest([week, NO_LIMIT]) is NO_LIMIT and t.shortest([week, ZERO]) is ZERO
    assert t.longest([week, ZERO]) is week and t.shortest([week, NO_LIMIT]) is week
    assert t.longest([ZERO, ZERO]) is ZERO
    assert t.longest([t.days(2), t.days(3)]) is t.days(3)
    assert t.plus(week, NO_LIMIT) is NO_LIMIT and t.plus(week, ZERO) is week
    assert t.plus(t.days(2), t.days(3)) is t.days(5)
    assert t.choose(TRUE, week, ZERO) is week and t.choose(FALSE, week, ZERO) is ZERO
    assert t.choose(urgent, week, week) is week
    assert t.at_most(week, NO_LIMIT) is TRUE and t.at_most(ZERO, week) is TRUE
    assert t.at_most(NO_LIMIT, t.days(3)) is FALSE and t.at_most(t.days(3), ZERO) is FALSE
    assert t.limited(week) is TRUE, "a number of calendar days is always some number"
    assert t.stated(NO_LIMIT) is FALSE and t.stated(t.days(3)) is TRUE
    assert t.simplified(urgent, FALSE) is TRUE and t.simplified(urgent, TRUE) is urgent


def test_a_formula_is_simplified_where_it_matters() -> None:
    urgent, grave, strict = t.holds(URGENT), t.holds(GRAVE), t.is_(READING, "strict")
    for a, b in ((urgent, grave), (grave, urgent), (urgent, strict), (strict, grave)):
        assert t.simplified(t.all_([a, b]), a) is b
        assert t.simplified(t.all_([a, b]), t.any_([a, b])) is not TRUE
        assert t.simplified(t.any_([a, b]), t.not_(a)) is b
        assert t.simplified(a, b) is a
    either = t.one_of(READING, ["strict", "loose"])
    assert t.simplified(either, t.not_(t.is_(READING, "none"))) is TRUE


def test_an_answer_that_a_question_does_not_have() -> None:
    with pytest.raises(ValueError, match="reading has no answer 'lax'"):
        t.is_(READING, "lax")


def test_a_world_must_settle_what_is_needed() -> None:
    with pytest.raises(KeyError):
        evaluate(t.holds(URGENT), {GRAVE: True})
    with pytest.raises(KeyError):
        evaluate(t.unknown(TIME), {})


def test_words_do_not_tell_symbols_apart() -> None:
    assert Symbol("number", "n", words="so many") == Symbol("number", "n", words="as many")


def test_a_long_sum_is_evaluated() -> None:
    total = ZERO
    for number in range(1000):
        total = t.plus(total, t.choose(t.holds(URGENT), t.unknown(TIME), t.days(number)))
    assert evaluate(total, {URGENT: True, TIME: 2}) == 2000
    assert evaluate(total, {URGENT: False}) == sum(range(1000))


@pytest.mark.parametrize(
    ("term", "said"),
    [
        (TRUE, "always"),
        (FALSE, "never"),
        (NO_LIMIT, "no limit"),
        (t.days(1), "1 working day"),
        (t.days(5), "5 working days"),
        (t.unknown(TIME), "the time"),
        (t.unknown(WEEK), "the week (1 week)"),
        (t.holds(URGENT), "urgent"),
        (t.not_(t.holds(URGENT)), "not urgent"),
        (t.is_(READING, "strict"), "“reading” is read as “strict”"),
        (t.not_(t.is_(READING, "strict")), "“reading” is read as “loose” or “none”"),
        (t.is_(WAY, "no"), "the silence on way is read as “no”"),
        (t.is_(CHILD, "child in care"), "it concerns a child in care"),
        (t.is_(Symbol("raiser", "raiser", ("A", "B")), "A"), "A raises the dispute"),
        (t.is_(Symbol("other", "kind", ("a", "b")), "a"), "kind is a"),
        (t.longest([t.unknown(TIME)]), "the time"),
        (t.plus(t.days(2), t.unknown(TIME)), "2 working days + the time"),
        (t.plus(t.unknown(TIME), t.unknown(TIME)), "2 times the time"),
        (t.at_most(t.unknown(TIME), t.days(3)), "the time is at most 3 working days"),
        (t.not_(t.at_most(t.unknown(TIME), t.days(3))), "the time is more than 3 working days"),
        (t.limited(t.unknown(TIME)), "the time is limited"),
        (t.not_(t.limited(t.unknown(TIME))), "the time has no limit"),
        (
            t.longest([t.unknown(WEEK), t.days(4)]),
            {
                "the longest of (the week (1 week), 4 working days)",
                "the longest of (4 working days, the week (1 week))",
            },
        ),
        (
            t.shortest([t.unknown(WEEK), t.days(4)]),
            {
                "the shortest of (the week (1 week), 4 working days)",
                "the shortest of (4 working days, the week (1 week))",
            },
        ),
        (t.longest([t.unknown(WEEK), t.days(3)]), "the week (1 week)"),  # it has 3 days at least
        (t.shortest([t.unknown(WEEK), t.days(5)]), "the week (1 week)"),
        (t.longest([t.unknown(WEEK), t.days(5)]), "5 working days"),
        (t.shortest([t.unknown(WEEK), t.days(3)]), "3 working days"),
        (
            t.choose(t.holds(URGENT), t.days(1), t.days(2)),
            "(1 working day if urgent, otherwise 2 working days)",
        ),
    ],
)
def test_words(term: Term, said: str | set[str]) -> None:
    assert words(term) in ({said} if isinstance(said, str) else said)


def test_words_of_one_answer() -> None:
    assert answer_words(READING, "strict") == "“reading” is read as “strict”"


def test_words_of_regions() -> None:
    both = t.any_([t.all_([t.holds(URGENT), t.holds(GRAVE)]), t.is_(READING, "none")])
    assert {part for region in words(both).split(" or ") for part in region.split(" and ")} >= {
        "grave",
        "urgent",
    }


def test_a_term_is_never_copied() -> None:
    with pytest.raises(TypeError, match="shared within one process"):
        pickle.dumps(t.days(3))
    with pytest.raises(TypeError, match="shared within one process"):
        copy.deepcopy(t.holds(URGENT))


def test_a_deep_term_is_evaluated_too() -> None:
    """Deeper than Python calls may nest, and still only what is needed is asked of the world."""
    fact, number = Symbol("fact", "f"), Symbol("number", "n")
    term = t.unknown(number)
    for _ in range(5_000):
        term = t.choose(t.holds(fact), t.plus(term, t.days(1)), t.longest([term, t.days(2)]))
    assert evaluate(term, {fact: True, number: 3}) == 5_003
    assert evaluate(term, {fact: True, number: None}) == INFINITE
    with pytest.raises(KeyError):
        evaluate(term, {fact: True})
