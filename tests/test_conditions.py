"""Conditions: what they mean, and what is said of those that mean nothing."""

from __future__ import annotations

import itertools
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from model.conditions import (
    DEEPEST,
    LONGEST,
    WIDEST,
    SymbolTable,
    meant,
    mentioned,
    parse,
    table,
    try_parse,
)
from model.terms import FALSE, TRUE, Symbol, evaluate
from model.yamltree import read_text

FACTS = {name: Symbol("fact", name) for name in ("urgent", "at risk", "Not Known", "order")}
CHOICES = {
    "typical": Symbol("question", "typical", ("limit", "norm", "a norm (loose")),
    "twenty days": Symbol("question", "twenty days", ("cap", "stated")),
    "raiser": Symbol("raiser", "raiser", ("IRO", "CP Chair")),
    "child": Symbol("child", "child", ("child in care",)),
}
SYMBOLS = SymbolTable(FACTS, CHOICES, frozenset({"half asked"}))
ANSWERS = [(n, v) for n, s in CHOICES.items() for v in s.values if "(" not in v]
WORLDS = st.fixed_dictionaries(
    {
        **{s: st.booleans() for s in FACTS.values()},
        **{s: st.sampled_from(s.values) for s in CHOICES.values()},
    }
)


def value(text: str, **facts: bool) -> Any:
    world: dict[Symbol, Any] = {s: facts.get(n, False) for n, s in FACTS.items()}
    world |= {s: s.values[0] for s in CHOICES.values()}
    return evaluate(parse(text, SYMBOLS), world)


def wrong(text: str, symbols: SymbolTable = SYMBOLS) -> str:
    term, what, right = try_parse(text, symbols)
    assert term is None
    return f"{what}; {right}"


# --- what they mean -------------------------------------------------------------------------


def test_precedence() -> None:
    assert value("urgent or at risk and order", urgent=True)
    assert not value("(urgent or at risk) and order", urgent=True)
    assert value("not urgent and not at risk")
    assert not value("not (urgent or order)", order=True)
    assert value("not not urgent", urgent=True)
    assert value("not not not urgent")
    assert value("typical = limit and raiser = IRO")
    assert value("Not Known or order", order=True), "small letters join, capitals are names"


def test_one_value_is_no_choice() -> None:
    assert parse("child = child in care", SYMBOLS) is TRUE
    assert parse("not child = child in care", SYMBOLS) is FALSE


def test_what_was_parsed_is_kept() -> None:
    symbols = SymbolTable(FACTS, CHOICES)
    assert parse("urgent", symbols) is parse("urgent", symbols)
    assert list(symbols.parsed) == ["urgent"]
    assert symbols == SymbolTable(FACTS, CHOICES), "and makes no difference"


Tree = tuple[Any, ...]
TREES: st.SearchStrategy[Tree] = st.recursive(
    st.sampled_from([("fact", n) for n in FACTS] + [("is", *a) for a in ANSWERS]),
    lambda t: st.one_of(
        st.tuples(st.just("not"), t),
        st.tuples(st.sampled_from(["and", "or"]), st.lists(t, min_size=2, max_size=3).map(tuple)),
    ),
    max_leaves=8,
)


def meaning(tree: Tree, world: dict[Symbol, Any]) -> bool:
    match tree:
        case ("fact", name):
            return bool(world[FACTS[name]])
        case ("is", name, answer):
            return bool(world[CHOICES[name]] == answer)
        case ("not", inner):
            return not meaning(inner, world)
        case ("and", parts):
            return all(meaning(p, world) for p in parts)
        case ("or", parts):
            return any(meaning(p, world) for p in parts)
    raise AssertionError(tree)


def written(tree: Tree, brackets: bool) -> str:
    """An expression as a file has it, with all brackets or only those that it needs."""
    match tree:
        case ("fact", name):
            text = str(name)
        case ("is", name, answer):
            text = f"{name} = {answer}" if brackets else f"{name}={answer}"
        case ("not", inner):
            text = f"not {_bracketed(inner, brackets, 'and', 'or')}"
        case ("and", parts):
            text = " and ".join(_bracketed(p, brackets, "or") for p in parts)
        case (_, parts):
            text = " or ".join(_bracketed(p, brackets) for p in parts)
    return f"({text})" if brackets else text


def _bracketed(tree: Tree, brackets: bool, *looser: str) -> str:
    text = written(tree, brackets)
    return f"( {text} )" if tree[0] in looser and not brackets else text


@settings(max_examples=300, deadline=None)
@given(TREES, WORLDS, st.booleans())
def test_what_is_written_is_meant(tree: Tree, world: dict[Symbol, Any], brackets: bool) -> None:
    assert evaluate(parse(written(tree, brackets), SYMBOLS), world) == meaning(tree, world)


@settings(max_examples=100, deadline=None)
@given(TREES)
def test_every_name_is_mentioned(tree: Tree) -> None:
    def names(part: Any) -> set[str]:
        if part[0] in ("fact", "is"):
            return {part[1]}
        inner = [part[1]] if part[0] == "not" else part[1]
        return {name for p in inner for name in names(p)}

    assert mentioned(written(tree, True), SYMBOLS) == names(tree)


def test_names_that_cancel_out_are_mentioned() -> None:
    assert mentioned("urgent or not urgent and typical = limit", SYMBOLS) == {"urgent", "typical"}


# --- what is wrong --------------------------------------------------------------------------

WRITE = "write a fact, or QUESTION = ANSWER"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", f"something is missing here; {WRITE}"),
        ("and", f"something is missing before “and”; {WRITE}"),
        ("or urgent", f"something is missing before “or”; {WRITE}"),
        ("urgent and", f"something is missing after “and”; {WRITE}"),
        ("urgent or and order", f"something is missing between “or” and “and”; {WRITE}"),
        ("not", f"something is missing after “not”; {WRITE}"),
        ("()", f"something is missing between “(” and “)”; {WRITE}"),
        ("= limit", f"something is missing before “=”; {WRITE}"),
        ("typical =", "an answer is missing after “typical =”; write QUESTION = ANSWER"),
        ("typical = and urgent", "an answer is missing after “typical =”; write QUESTION = ANSWER"),
        ("typical = (limit)", "an answer is missing after “typical =”; write QUESTION = ANSWER"),
        ("typical = not limit", "an answer is missing after “typical =”; write QUESTION = ANSWER"),
        ("(urgent", "a bracket is not closed; add “)”"),
        ("(urgent and (order)", "a bracket is not closed; add “)”"),
        ("urgent)", "a bracket is closed that was not opened; take “)” out, or add “(”"),
        ("(urgent) order", "“order” cannot follow “)”; join the parts by “and” or “or”"),
        ("(urgent not order)", "“not” cannot follow “urgent”; join the parts by “and” or “or”"),
        ("urgent (order)", "“(” cannot follow “urgent”; join the parts by “and” or “or”"),
        ("typical = limit = norm", "“=” cannot follow “limit”; join the parts by “and” or “or”"),
        ("urgnt", "there is no fact “urgnt”; did you mean “urgent”?"),
        ("URGENT", "there is no fact “URGENT”; did you mean “urgent”?"),
        ("grave", "there is no fact “grave”; use one of “urgent”, “at risk”, “Not Known”, “order”, "
                  "“typical”, “twenty days”, “raiser”, “child”"),
        ("typcial = limit", "there is no question “typcial”; did you mean “typical”?"),
        ("typical",
         "“typical” needs an answer; write “typical = limit”, or another of its answers"),
        ("urgent = yes", "“urgent” is a fact and has no answers; write “urgent” alone"),
        ("typical = limits", "“typical” has no answer “limits”; did you mean “limit”?"),
        ("typical = x", "“typical” has no answer “x”; "
                        "use one of “limit”, “norm”, “a norm (loose”"),
        ("raiser = Director", "the raiser is never “Director”; use one of “IRO”, “CP Chair”"),
        ("child = any", "the child is never “any”; use “child in care”"),
        ("urgent AND order", "“AND” is not used in conditions; write “and”"),
        ("urgent && order", "“&&” is not used in conditions; write “and”"),
        ("urgent || order", "“||” is not used in conditions; write “or”"),
        ("typical == limit", "“==” is not used in conditions; write “=”"),
        ("typical != limit", "“!=” is not used in conditions; write “not QUESTION = ANSWER”"),
        ("x" * 70, f"there is no fact “{'x' * 57}…”; use one of “urgent”, “at risk”, “Not Known”, "
                   "“order”, “typical”, “twenty days”, “raiser”, “child”"),
        ("half asked = x", "; "),
        ("half asked", "; "),
    ],
)  # fmt: skip
def test_what_is_wrong(text: str, message: str) -> None:
    assert wrong(text) == message


def test_limits() -> None:
    assert try_parse("(" * DEEPEST + "urgent" + ")" * DEEPEST, SYMBOLS)[0] is not None
    deep = "(" * (DEEPEST + 1) + "urgent" + ")" * (DEEPEST + 1)
    assert wrong(deep) == "brackets are nested more than 20 deep; take some of them out"
    assert try_parse("not " * ((LONGEST - 6) // 4) + "urgent", SYMBOLS)[0] is not None
    long = " or ".join(["urgent"] * 61)
    assert (
        wrong(long)
        == "this condition has 606 characters; use at most 600, or ask a question instead"
    )
    many = SymbolTable({f"f{n}": Symbol("fact", f"f{n}") for n in range(WIDEST + 1)}, {})
    names = list(many.facts)
    assert try_parse(" or ".join(names[1:]), many)[0] is not None
    assert wrong(" or ".join(names), many) == (
        "this condition speaks of more than 12 facts and questions; "
        "name one fact or ask one question instead"
    )
    assert parse(" or ".join(names), many), "what is put together from sound parts may be longer"


@settings(max_examples=300, deadline=None)
@given(
    st.lists(
        st.sampled_from(["(", ")", "=", "and", "or", "not", "urgent", "typical", "limit", "x", ""])
        | st.text(max_size=5),
        max_size=40,
    ).map(" ".join)
)
def test_any_text_is_parsed_or_refused(text: str) -> None:
    term, what, right = try_parse(text, SYMBOLS)
    assert (term is None) == bool(what and right) or "half asked" in text
    assert "\n" not in what or "\n" in text
    meant(text, SYMBOLS)


def test_names_that_a_faulty_condition_means() -> None:
    assert meant("urgnt and typical = x or nothing AND order", SYMBOLS) == {
        "urgent", "typical", "order"
    }  # fmt: skip
    assert meant("half asked = x", SYMBOLS) == {"half asked"}


# --- the symbols of a file ------------------------------------------------------------------

FILE = """
facts: {urgent: {says: x}, odd and even: {says: x}}
questions:
  typical: {answers: {limit: x, norm: y}}
  half: {asks: x}
  none: text
children: {child in care: {}, child on a plan: {}}
ladders:
  one: {raised by: {who: IRO}}
  two: {raised by: [{who: IRO}, {who: CP Chair}, {for: x}, text, {who: [a]}]}
  three: {raised by: [text]}
  four: text
"""


@pytest.mark.parametrize(
    ("ladder", "raisers", "broken"),
    [
        ("one", ("IRO",), set()),
        ("two", ("IRO", "CP Chair"), set()),
        ("three", None, {"raiser"}),
        ("four", None, {"raiser"}),
        ("five", None, {"raiser"}),
        (None, None, set()),
    ],
)
def test_symbols_of_a_file(
    ladder: str | None, raisers: tuple[str, ...] | None, broken: set[str]
) -> None:
    symbols = table(read_text(FILE, "f"), ladder)
    assert list(symbols.facts) == ["urgent", "odd and even"]
    assert symbols.choices["typical"].values == ("limit", "norm")
    assert symbols.broken == {"half", "none", "odd", "even", *broken}
    assert ("raiser" in symbols.choices) == (raisers is not None)
    if raisers is not None:
        assert symbols.choices["raiser"].values == raisers
    if ladder is not None:
        assert symbols.choices["child"].values == ("child in care", "child on a plan")
    else:
        assert "child" not in symbols.choices


@pytest.mark.parametrize("text", ["text", "[a, b]", "facts: text", "children: {}", "ladders: []"])
def test_symbols_of_a_file_that_is_at_fault(text: str) -> None:
    symbols = table(read_text(text, "f"), "one")
    assert not symbols.facts and not symbols.choices
    assert symbols.broken == {"raiser", "child"}


def test_truth_tables() -> None:
    for a, b, c in itertools.product([True, False], repeat=3):
        world = dict(
            zip((FACTS[n] for n in ("urgent", "at risk", "order")), (a, b, c), strict=True)
        )
        term = parse("urgent and not at risk or (order and urgent)", SYMBOLS)
        assert evaluate(term, world) == ((a and not b) or (c and a))
