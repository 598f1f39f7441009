"""From a policy file to a `Protocol`: read, look up every name, check what can be checked."""

from __future__ import annotations

import hashlib
import itertools
from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass, replace
from pathlib import Path
from typing import Any

from model import conditions
from model.language import PROTOCOL
from model.protocol import Ladder, Protocol, Window
from model.shapes import Case, Cases, Context, Length, Reference, Word, finish, nearest, where
from model.terms import TRUE, Symbol, any_, evaluate, symbols
from model.yamltree import Fault, Node, PolicyError, Table, Text, read_file, read_text

AUTHORITIES = Path(__file__).parent / "authorities"


def load(path: str | Path) -> Protocol:
    """Read a policy file.

    `path` is a file, or the stem of one in `model/authorities` (`load("islington")`). Raises
    `PolicyError`, whose `faults` are everything that is wrong with the file, in file order.
    """
    path = Path(path)
    if path.suffix == "" and not path.exists() and (AUTHORITIES / f"{path}.yaml").exists():
        path = AUTHORITIES / f"{path}.yaml"
    node, text = read_file(path, shown(path))
    return _protocol(node, path.stem, hashlib.sha256(text.encode()).hexdigest())


def loads(text: str, name: str = "policy.yaml") -> Protocol:
    """Read a policy from a text, as `load` does from a file."""
    digest = hashlib.sha256(text.encode()).hexdigest()
    return _protocol(read_text(text, name), Path(name).stem, digest)


def authorities() -> list[Path]:
    """The policy files of the repository, in the order of their names."""
    return sorted(AUTHORITIES.glob("*.yaml"))


def shown(path: Path) -> str:
    """A path as messages show it: from the current folder where it lies below it."""
    try:
        return path.resolve().relative_to(Path.cwd()).as_posix()
    except ValueError:
        return path.name if path.is_absolute() else path.as_posix()


def _protocol(node: Node, stem: str, digest: str) -> Protocol:
    context = Context()
    node = _spread(node, context)
    protocol = PROTOCOL.read(node, (), context)
    _look_up(node, context)
    finish(context)
    assert isinstance(protocol, Protocol)
    ladders = {name: replace(ladder, name=str(name)) for name, ladder in protocol.ladders.items()}
    protocol = replace(protocol, ladders=ladders, stem=stem, digest=digest)
    _check(protocol, context)
    finish(context)
    return protocol


def _spread(node: Node, context: Context) -> Node:
    """Give each rung the keys of its ladder's `every rung` that it does not have itself."""
    if not isinstance(node, Table):
        return node
    ladders = node.get("ladders")
    if not isinstance(ladders, Table):
        return node
    spread = tuple((key, _spread_ladder(ladder, context)) for key, ladder in ladders.entries)
    return _with(node, "ladders", Table(spread, ladders.at))


def _spread_ladder(ladder: Node, context: Context) -> Node:
    if not isinstance(ladder, Table):
        return ladder
    common, rungs = ladder.get("every rung"), ladder.get("rungs")
    if common is None:
        return ladder
    rest = Table(tuple(e for e in ladder.entries if e[0].value != "every rung"), ladder.at)
    if not isinstance(common, Table):
        context.fault(common.at, ("every rung",), "this is not a table", "give keys of a rung")
        return rest
    if not isinstance(rungs, Table):
        return rest
    filled = []
    for key, rung in rungs.entries:
        if isinstance(rung, Table):
            own = {k.value for k, _ in rung.entries}
            more = tuple(e for e in common.entries if e[0].value not in own)
            rung = Table(rung.entries + more, rung.at)
        filled.append((key, rung))
    return _with(rest, "rungs", Table(tuple(filled), rungs.at))


def _with(table: Table, name: str, value: Node) -> Table:
    entries = tuple((k, value if k.value == name else v) for k, v in table.entries)
    return Table(entries, table.at)


# --- names ----------------------------------------------------------------------------------


def _names(node: Node | None) -> dict[str, Text]:
    return {k.value: k for k, _ in node.entries} if isinstance(node, Table) else {}


def _look_up(node: Node, context: Context) -> None:
    """Every reference must have been declared; every question and fact must be used."""
    if not isinstance(node, Table):
        return
    declared = {
        kind: _names(node.get(key))
        for kind, key in (("person", "people"), ("child", "children"), ("ladder", "ladders"))
    }
    facts, questions = _names(node.get("facts")), node.get("questions")
    for name, place in facts.items():
        if name in ("raiser", "child") or name in _names(questions):
            context.fault(place.at, ("facts",), f"“{name}” is taken", "choose another name")
    used: set[str] = set()
    people: set[str] = set()
    for reference in context.references:
        kind, word, path = reference
        if kind in ("condition", "cases"):
            table = conditions.table(node, path[1] if path[:1] == ("ladders",) else None)
            used |= _condition(reference, table, context)
            continue
        known: Mapping[str, Any] = declared.get(kind, {})
        if kind in ("rung", "destination"):
            ladder = _get(node, "ladders", path[1])
            known = _names(_get(ladder, "rungs"))
            if kind == "destination":
                known = {**known, **_outside(declared)}
        people |= {word} if kind == "person" else set()
        if word not in known:
            noun = {"destination": "rung, end, person outside or ladder"}.get(kind, kind)
            right = nearest(word, known)
            if kind in ("person", "child"):
                right += f", or declare it under “{'people' if kind == 'person' else 'children'}”"
            context.fault(word.at, path, f"there is no {noun} “{word}”", right)
    for kind, names in (("question", _names(questions)), ("fact", facts)):
        for name, place in names.items():
            if name not in used:
                right = "use it in a condition, or write it under “findings”"
                context.fault(place.at, (f"{kind}s", name), f"no rule uses this {kind}", right)
    for name, place in declared["person"].items():
        if name not in people:
            right = "name the person in a ladder, or take the entry out"
            context.fault(place.at, ("people", name), "nothing names this person", right)


def _outside(declared: Mapping[str, Mapping[str, Text]]) -> dict[str, Text]:
    ladders = {f"ladder {name}": text for name, text in declared["ladder"].items()}
    return {**ladders, **declared["person"]}


def _get(node: Node | None, *keys: str) -> Node | None:
    for key in keys:
        node = node.get(key) if isinstance(node, Table) else None
    return node


def _condition(
    reference: Reference, table: conditions.SymbolTable, context: Context
) -> set[str]:
    """Parse a condition, or check that cases cover everything; return the symbols used."""
    kind, word, path = reference
    if kind == "condition":
        term, wrong, right = conditions.try_parse(word, table)
        if term is None:
            context.fault(word.at, path, wrong, right)
            return set()
        return {s.name for s in symbols(term)} | conditions.mentioned(word, table)
    keys = word.split("\n")
    if "otherwise" in keys:
        return set()
    parsed = [conditions.try_parse(Word(k, word.at), table)[0] for k in keys]
    if all(term is not None for term in parsed):
        covered = any_(term for term in parsed if term is not None)
        gap = _uncovered(covered)
        if gap is not None:
            right = "add a case for it, or “otherwise:” as the last one"
            context.fault(word.at, path, f"no case is given for {gap}", right)
    return set()


def _uncovered(covered: Any) -> str | None:
    """A world that no case covers, in words; None if the cases cover every world."""
    if covered is TRUE:
        return None
    open_symbols = symbols(covered)
    choices = [s.values if s.values else (True, False) for s in open_symbols]
    for values in itertools.islice(itertools.product(*choices), 100_000):
        world = dict(zip(open_symbols, values, strict=True))
        if not evaluate(covered, world):
            return " and ".join(_said(s, v) for s, v in world.items())
    return None


def _said(symbol: Symbol, value: object) -> str:
    if symbol.kind == "fact":
        return symbol.name if value else f"not {symbol.name}"
    return f"{symbol.name} = {value}"


# --- sense ----------------------------------------------------------------------------------


def _check(protocol: Protocol, context: Context) -> None:
    for name, question in protocol.questions.items():
        path = ("questions", str(name))
        if len(question.answers) < 2:
            right = "give at least two answers, or state the finding under “findings”"
            context.fault(question.place("answers"), path, "a question has one answer", right)
        if question.plain not in question.answers:
            context.fault(
                question.plain.at,
                (*path, "plain"),
                f"“{question.plain}” is not one of the answers",
                nearest(question.plain, question.answers),
            )
    for name, ladder in protocol.ladders.items():
        _check_ladder(ladder, ("ladders", str(name)), context)


def _check_ladder(ladder: Ladder, path: tuple[str, ...], context: Context) -> None:
    order = list(ladder.rungs)
    for window, at_path in _windows(ladder, path):
        most, least = window.at_most, window.at_least
        if isinstance(most, Length) and least is not None and _days(least) > _days(most):
            wrong = f"at least {least.text} and at most {most.text} contradict each other"
            context.fault(least.at, at_path, wrong, "make the first at most the second")
    for name, rung in ladder.rungs.items():
        for key in ("if_satisfied", "if_partly_satisfied", "if_not_satisfied", "if_silent"):
            for rule in getattr(rung, key) or ():
                if not isinstance(rule, Word) and rule.to == name:
                    right = "write “same rung” if it is meant to stay, or name another"
                    context.fault(rule.to.at, (*path, "rungs", str(name)), "the rung goes to itself", right)
        divides = any(not isinstance(c.value, Word) and c.value.all_of for c in rung.answers.cases)
        if divides and rung.if_divided is None:
            right = "add “if divided:” with a rule, or “unstated”"
            at_path = (*path, "rungs", str(name))
            context.fault(rung.at, at_path, "several must answer together", right)
        if rung.if_divided is not None and not divides:
            at_path = (*path, "rungs", str(name), "if divided")
            context.fault(rung.place("if divided"), at_path, "only one answers here", "take it out")
    for index, raiser in enumerate(ladder.raised_by):
        for other in ladder.raised_by[:index]:
            if raiser.who == other.who and set(raiser.for_) & set(other.for_):
                wrong = f"{raiser.who} is given the same kind of child twice"
                context.fault(raiser.at, (*path, "raised by"), wrong, "keep one of the two")
    if len(order) != len(set(order)):  # pragma: no cover - repeated keys are refused before
        raise AssertionError(order)


def _windows(value: Any, path: tuple[str, ...]) -> Iterator[tuple[Window, tuple[str, ...]]]:
    if isinstance(value, Window):
        yield value, path
    elif isinstance(value, Mapping):
        for key, inner in value.items():
            yield from _windows(inner, (*path, str(key)))
    elif isinstance(value, tuple | list):
        for inner in value:
            yield from _windows(inner, path)
    elif isinstance(value, Cases):
        yield from _windows([c.value for c in value.cases], path)
    elif is_dataclass(value) and not isinstance(value, Length | Case | type):
        for entry in fields(value):
            if entry.name not in ("at", "places"):
                label = entry.name.replace("_", " ").strip()
                yield from _windows(getattr(value, entry.name), (*path, label))


def _days(length: Length) -> float:
    return {"working days": 1.4, "calendar days": 1.0, "hours": 1 / 24}[length.unit] * length.amount


__all__ = ["Fault", "PolicyError", "authorities", "load", "loads", "where"]
