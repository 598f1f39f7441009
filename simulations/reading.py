"""From a workload file to a `Workload`: read, cite every number, check what can be checked."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import fields, replace
from itertools import product
from pathlib import Path
from typing import Any, TypeVar

from model.language import FACTS
from model.load import authorities, shown
from model.shapes import Context, Word, closest, finish, nearest
from model.yamltree import (
    Fault,
    Node,
    PolicyError,
    Position,
    excerpt,
    read_file,
    read_text,
)
from simulations import workload as w
from simulations.amounts import Part, Written
from simulations.language import WORKLOAD
from simulations.workload import ANY, Distribution, Quantity, Workload

WORKLOADS = Path(__file__).parent / "workloads"
KIND = "workload file"
SETTING = "a setting of the run"

T = TypeVar("T")
PathTo = tuple[str, ...]


def load_workload(path: str | Path) -> Workload:
    """Read a workload file.

    `path` is a file, or the stem of one in `simulations/workloads` (`load_workload("merton")`).
    Raises `PolicyError`, whose `faults` are everything that is wrong with the file.
    """
    given, path = str(path), Path(path)
    if path.suffix == "" and not _is_file(path):
        stems = [p.stem for p in workload_files()]
        if given not in stems:
            right = closest(given, stems)
            right = f"did you mean “{right}”?" if right else nearest("", stems)
            wrong = "there is no such file, and no workload of this name here"
            raise PolicyError([Fault(Position(shown(path), 1, 1), "", wrong, right)])
        path = WORKLOADS / f"{given}.yaml"
    faults: list[Fault] = []
    node, text = read_file(path, shown(path), faults, KIND)
    return _workload(node, text, path.stem, faults)


def loads_workload(text: str, name: str = "workload.yaml") -> Workload:
    """Read a workload from a text, as `load_workload` does from a file."""
    faults: list[Fault] = []
    node = read_text(text, name, faults, KIND)
    return _workload(node, text, Path(name).stem, faults)


def workload_files() -> list[Path]:
    """The workload files of the repository, in the order of their names."""
    return sorted(WORKLOADS.glob("*.yaml"))


def _is_file(path: Path) -> bool:
    try:
        return path.exists()
    except (OSError, ValueError):
        return False


def _workload(node: Node, text: str, stem: str, faults: list[Fault]) -> Workload:
    context = Context(faults, partial=bool(faults))
    part = WORKLOAD.read(node, (), context)
    finish(context)
    made = _Making(context, len(part.authorities) > 1).workload(part, stem)
    finish(context)
    return replace(made, digest=hashlib.sha256(text.encode()).hexdigest())


class _Making:
    """Makes the frozen values of a workload; each number gets its citation and its path.

    An amount without a table of its own is cited by the table it stands in, or else by the
    nearest one around that: by `assumed` where it has a range, by `source` where it has none.
    """

    def __init__(self, context: Context, several: bool) -> None:
        self.context, self.several = context, several

    def fault(self, at: Position, path: PathTo, wrong: str, right: str) -> None:
        self.context.fault(at, path, wrong, right)

    # --- numbers ------------------------------------------------------------------------------

    def quantity(self, amount: Written, cites: tuple[Part, ...], path: PathTo) -> Quantity:
        if amount.own is not None:
            cites = (*cites, amount.own)
        ranged = amount.low is not None
        source, assumed = self.citation(cites, ranged)
        if not source and not assumed:
            right = "add “source:” with where it stands, or “assumed:” with the reason, "
            self.fault(amount.at, path, "no source is given", right + "to it or to its table")
        elif assumed and not ranged:
            wrong = "an assumed number needs the range that it may lie in"
            self.fault(amount.at, path, wrong, f"write “{amount.text} (LOW to HIGH)”")
        return Quantity(
            amount.value, amount.unit, source, assumed, amount.low, amount.high,
            self.words(path), amount.at,
        )  # fmt: skip

    @staticmethod
    def citation(cites: tuple[Part, ...], ranged: bool) -> tuple[str, str]:
        """The source, or else the reason why it is assumed, from the nearest table with one."""
        for part in reversed(cites):
            source, assumed = part.get("source"), part.get("assumed")
            if source and assumed:
                return ("", str(assumed)) if ranged else (str(source), "")
            if source or assumed:
                return str(source or ""), str(assumed or "")
        return "", ""

    def words(self, path: PathTo) -> str:
        """The path of a quantity; the authority is left out where there is only one."""
        return " › ".join(path[1:] if self.several or path[:1] != ("authorities",) else path[2:])

    def time(self, value: Any, cites: tuple[Part, ...], path: PathTo) -> Distribution:
        if isinstance(value, Written):
            found = self.quantity(value, cites, path)
            number = replace(found, unit="number")
            return Distribution(
                "constant", (("value", number),), value.unit,
                source=found.source, assumed=found.assumed, at=value.at,
            )  # fmt: skip
        cites = (*cites, value)
        if value.get("table") is not None:
            source, assumed = self.citation(cites, False)
            if not source:
                wrong = "an empirical table must come from somewhere"
                right = "add “source:”, or assume a distribution with ranges"
                self.fault(value.at, path, wrong, right)
            return Distribution(
                "table", (), str(value.unit), value.table, source=source, at=value.at
            )
        parameters = tuple(
            (str(name), self.quantity(amount, cites, (*path, str(name))))
            for name, amount in (value.get("parameters") or {}).items()
        )
        if not parameters:
            source, assumed = self.citation(cites, False)
        else:
            source, assumed = parameters[0][1].source, parameters[0][1].assumed
        return Distribution(
            value.distribution, parameters, str(value.unit), (), source, assumed, value.at
        )

    # --- parts --------------------------------------------------------------------------------

    def values(
        self, part: Part, made: type, cites: tuple[Part, ...], path: PathTo
    ) -> dict[str, Any]:
        """The numbers and times among the values of a table, by the names of the fields."""
        cites = (*cites, part)
        found: dict[str, Any] = {}
        for f in fields(made):
            value = part.get(f.name)
            there = (*path, f.name.replace("_", " "))
            if isinstance(value, Written):
                timed = str(f.type) == "Distribution"
                found[f.name] = (self.time if timed else self.quantity)(value, cites, there)
            elif isinstance(value, Part):
                found[f.name] = self.time(value, cites, there)
        return found

    def weights(
        self, part: Part, name: str, cites: tuple[Part, ...], path: PathTo
    ) -> tuple[tuple[str, Quantity], ...]:
        return tuple(
            (key, self.quantity(amount, (*cites, part), (*path, name, str(key))))
            for key, amount in (part.get(name) or {}).items()
        )

    def workload(self, part: Part, stem: str) -> Workload:
        horizon = self.setting(part.horizon, "horizon")
        warm_up = part.get("warm_up")
        counted = None if isinstance(warm_up, Word | None) else self.setting(warm_up, "warm up")
        if counted is not None and counted.value >= horizon.value:
            right = "make the run longer, or count from an earlier day"
            wrong = "the warm-up is as long as the run"
            self.fault(warm_up.at, ("warm up",), wrong, right)
        readings = part.get("readings") or {}
        return Workload(
            name=stem,
            title=str(part.title),
            start=part.start,
            horizon=horizon,
            warm_up=counted,
            readings=tuple(readings.items()),
            authorities=tuple(
                self.authority(name, body, ("authorities", str(name)))
                for name, body in part.authorities.items()
            ),
            at=part.at,
        )

    def setting(self, amount: Written, name: str) -> Quantity:
        """A number that is chosen for the run, and is neither measured nor assumed."""
        if amount.value != int(amount.value):
            self.fault(amount.at, (name,), "this is no whole number of days", "write whole days")
        return Quantity(amount.value, amount.unit, SETTING, path=name, at=amount.at)

    def authority(self, name: Word, part: Part, path: PathTo) -> w.Authority:
        if part.get("protocol") is not None:
            stems = [p.stem for p in authorities()]
            if part.protocol not in stems:
                wrong = f"there is no policy file “{excerpt(part.protocol)}”"
                where = (*path, "protocol")
                self.fault(part.protocol.at, where, wrong, nearest(part.protocol, stems))
        severities = [str(s) for s in part.severities]
        self.check_kinds(part, path)
        children = tuple(
            w.Children(kind=kind, at=body.at, **self.values(body, w.Children, (part,), here))
            for kind, body, here in _entries(part, "children", path)
        )
        graves = tuple(
            w.Severity(
                name=str(grave), urgency=body.urgency, at=body.at,
                facts=self.weights(body, "facts", (part,), here),
            )
            for grave, body, here in _entries(part, "severities", path)
        )  # fmt: skip
        disputes = tuple(
            self.disputes(label, body, (part,), here, severities)
            for label, body, here in _entries(part, "disputes", path)
        )
        posts = tuple(
            self.post(label, body, (part,), here)
            for label, body, here in _entries(part, "posts", path)
        )
        self.refuse_shared(part, path)
        responses = self.each(part, "responses", w.Response, ("rung", "severity"), path, severities)
        for response in responses:
            self.check_response(response)
        backlog = None
        if part.get("backlog") is not None:
            here = (*path, "backlog")
            said = self.values(part.backlog, w.Backlog, (part,), here)
            backlog = w.Backlog(at=part.backlog.at, **said)
        return w.Authority(
            name=str(name),
            children=children,
            severities=graves,
            disputes=disputes,
            posts=posts,
            responses=responses,
            conducts=self.each(
                part, "conduct", w.Conduct, ("raiser", "severity"), path, severities
            ),
            approvals=self.each(part, "approvals", w.Approval, ("who", "step"), path, severities)
            or (w.Approval(),),
            outcomes=self.each(part, "outcomes", w.Outcome, ("severity",), path, severities)
            or (w.Outcome(),),
            backlog=backlog,
            protocol=str(part.get("protocol") or ""),
            at=part.at,
        )

    def check_kinds(self, part: Part, path: PathTo) -> None:
        """What begins like a word for a kind is one of them, and no slip of the pen."""
        children = (w.ANY, w.LOOKED_AFTER, w.OTHER_CHILD)
        facts = (w.ANY, *(f"{w.ABOUT}{about}" for about in FACTS))
        found: list[tuple[Word, tuple[str, ...], PathTo]] = []
        found += [(kind, children, (*path, "children")) for kind in part.children]
        for _, body, here in _entries(part, "severities", path):
            found += [(fact, facts, (*here, "facts")) for fact in body.get("facts") or ()]
        for _, body, here in _entries(part, "responses", path):
            rungs = (w.ANY, w.INFORMAL, w.TOP)
            found += [(rung, rungs, (*here, "rung")) for rung in body.get("rung") or ()]
        for name, words, where in found:
            if name.startswith("any ") and name not in words:
                wrong = f"“{excerpt(name)}” names no kind"
                self.fault(name.at, where, wrong, nearest(name, words))

    def disputes(
        self, label: Word, part: Part, cites: tuple[Part, ...], path: PathTo, known: list[str]
    ) -> w.Disputes:
        self.known(part.severity, known, (*path, "severity"))
        return w.Disputes(
            severity=part.severity,
            theme=part.get("theme") or label,
            child=part.get("child") or ANY,
            ladder=part.get("ladder") or "",
            raiser=part.get("raiser") or ANY,
            at=part.at,
            **self.values(part, w.Disputes, cites, path),
        )

    def post(self, label: Word, part: Part, cites: tuple[Part, ...], path: PathTo) -> w.Post:
        found = self.values(part, w.Post, cites, path)
        duties = found.get("duties")
        if duties is not None and (duties.high or duties.value) >= (
            found["hours"].low or found["hours"].value
        ):
            wrong = "other duties can take all the hours"
            right = "let the most of the duties be less than the least of the hours"
            self.fault(duties.at, (*path, "duties"), wrong, right)
        away = sum(
            (found[key].high or found[key].value) / most
            for key, most in (("leave", w.DAYS_A_YEAR), ("vacancy", 1))
            if key in found
        )
        if away >= 1:
            wrong = "leave and vacancy can take all the time"
            right = "let the most of both leave somebody at work"
            self.fault(part.at, path, wrong, right)
        return w.Post(
            name=str(label),
            holds=tuple(part.holds),
            discipline=str(part.get("discipline") or "first come"),
            at=part.at,
            **found,
        )

    def each(
        self,
        part: Part,
        key: str,
        made: type[T],
        names: tuple[str, ...],
        path: PathTo,
        severities: list[str],
    ) -> tuple[T, ...]:
        """The entries of a section, one for each rung, severity and so on that it is for."""
        result: list[T] = []
        seen: dict[tuple[str, ...], Word] = {}
        for label, body, here in _entries(part, key, path):
            for severity in body.get("severity") or ():
                if severity != ANY:
                    self.known(severity, severities, (*here, "severity"))
            values = self.values(body, made, (part,), here)
            if made is w.Conduct:
                values["first"] = self.weights(body, "first", (part,), here)
                if values["first"] and not any(q.value for _, q in values["first"]):
                    right = "give one of the rungs a weight"
                    at = body.places["first"]
                    self.fault(at, (*here, "first"), "no rung has any weight", right)
            for choice in product(*(body.get(name) or (ANY,) for name in names)):
                chosen = tuple(choice)
                if chosen in seen:
                    said = ", ".join(
                        f"{n} “{excerpt(c)}”" for n, c in zip(names, chosen, strict=True)
                    )
                    wrong = f"“{excerpt(seen[chosen])}” is for {said} already"
                    self.fault(label.at, here[:-1], wrong, "keep one of the two")
                    continue
                seen[chosen] = label
                which = dict(zip(names, chosen, strict=True))
                result.append(made(**{"at": body.at, **which, **values}))
        return tuple(result)

    # --- checks -------------------------------------------------------------------------------

    def known(self, word: Word, names: list[str], path: PathTo) -> None:
        if word not in names:
            wrong = f"there is no severity “{excerpt(word)}”"
            self.fault(word.at, path, wrong, nearest(word, names))

    def refuse_shared(self, part: Part, path: PathTo) -> None:
        """Nobody holds two posts."""
        held: dict[str, Word] = {}
        for label, body in part.posts.items():
            for person in body.holds:
                if person in held:
                    wrong = f"“{excerpt(person)}” is held by “{excerpt(held[person])}” already"
                    where = (*path, "posts", str(label), "holds")
                    self.fault(person.at, where, wrong, "name each person under one post")
                held.setdefault(str(person), label)

    def check_response(self, response: w.Response) -> None:
        """An answer cannot satisfy and satisfy in part more often than always."""
        satisfied, partly = response.satisfied, response.partly
        most = sum(q.value if q.high is None else q.high for q in (satisfied, partly) if q.path)
        if partly.path and most > 1:
            at = partly.at or response.at
            assert at is not None
            wrong = f"“satisfied” and “partly” can come to {most:.0%}"
            there = tuple(partly.path.split(" › "))
            self.fault(at, there, wrong, "let their most be at most 100 % together")


def _entries(part: Part, key: str, path: PathTo) -> Iterator[tuple[Word, Part, PathTo]]:
    section: Mapping[Word, Part] = part.get(key) or {}
    for label, body in section.items():
        yield label, body, (*path, key, str(label))


__all__ = ["load_workload", "loads_workload", "workload_files"]
