"""From a study file to a `Study`: read, look up what it names, and check that it can be run."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import product
from pathlib import Path

from model.amend import bases
from model.load import shown
from model.shapes import Context, Word, finish, nearest
from model.yamltree import Fault, Node, PolicyError, Text, excerpt, read_file, read_text
from simulations.amounts import Amount, Part
from simulations.assumptions import varied
from simulations.figures import MEASURES, OF
from simulations.named import found, needed, suggested, usual_workload
from simulations.study import LEAST, MOST, Arm, Study, Wanted
from simulations.study_language import RELATIVE, STUDY, Width
from simulations.trials import joined, workload_of
from simulations.workload import Quantity, Workload, quantities

KIND = "study file"
MOST_ARMS = 100


def load_study(path: str | Path) -> Study:
    """Read a study: a file, or the stem of one in `simulations/studies`.

    Raises `PolicyError`, whose `faults` are what is wrong with it or with a file that it names.
    """
    given = Path(path)
    file = given if given.suffix else needed("study", str(path))
    faults: list[Fault] = []
    node, text = read_file(file, shown(file), faults, KIND)
    return _study(node, text, file, faults)


def loads_study(text: str, path: str | Path = "study.yaml") -> Study:
    """Read a study from a text; files that it names are looked for beside `path`."""
    path = Path(path)
    faults: list[Fault] = []
    node = read_text(text, shown(path), faults, KIND)
    return _study(node, text, path, faults)


def _study(node: Node, text: str, path: Path, faults: list[Fault]) -> Study:
    context = Context(faults, partial=bool(faults))
    part = STUDY.read(node, (), context)
    finish(context)
    making = _Making(context, path.parent)
    measures = making.measures(part)
    arms = making.arms(part)
    least, most = making.replications(part)
    finish(context)
    making.run_through(arms)
    making.named(measures, arms, part)
    finish(context)
    seed = part.get("seed")
    return Study(
        name=path.stem,
        question=str(part.question),
        notes=str(part.get("notes") or ""),
        measures=measures,
        arms=arms,
        seed=1 if seed is None else seed,
        least=least,
        most=most,
        overload=part.get("overload") == "run",
        digest=hashlib.sha256(text.encode()).hexdigest(),
        at=part.at,
    )


@dataclass(frozen=True)
class _Level:
    """One value of one factor."""

    factor: Word
    name: Word
    paths: tuple[Word, ...]
    value: Word


class _Making:
    """Makes the frozen values of a study, and notes what is wrong."""

    def __init__(self, context: Context, folder: Path) -> None:
        self.context, self.folder = context, folder
        self.levels: dict[tuple[Path, Word, Word, str], float | None] = {}

    def fault(self, at: Word | Text | Part, path: Sequence[str], wrong: str, right: str) -> None:
        self.context.fault(at.at, tuple(path), wrong, right)

    # --- measures -----------------------------------------------------------------------------

    def measures(self, part: Part) -> tuple[Wanted, ...]:
        wanted = []
        for word, width in part.measures.items():
            name, _, of = (piece.strip() for piece in word.partition("›"))
            here = ("measures", str(word))
            if name not in MEASURES:
                wrong = f"there is no measure “{excerpt(name)}”"
                self.fault(word, here, wrong, nearest(name, MEASURES))
                continue
            if bool(of) != (name in OF):
                wrong = f"“{name}” is {'of a ' + OF[name] if name in OF else 'of nothing else'}"
                right = f"write “{name} › ” and the {OF[name]}" if name in OF else f"write “{name}”"
                self.fault(word, here, wrong, right)
                continue
            half = self.width(width, name, here) if isinstance(width, Width) else None
            relative = isinstance(width, Width) and width.unit == RELATIVE
            wanted.append(Wanted(name, of, half, relative))
        return tuple(wanted)

    def width(self, width: Width, measure: str, path: Sequence[str]) -> float | None:
        unit = MEASURES[measure][0]
        factor = {unit: 1.0}
        if unit == "share":
            factor = {"%": 0.01, "": 1.0}
        factor[RELATIVE] = 0.01
        if width.unit not in factor:
            shown = "%" if unit == "share" else unit
            wrong = (
                f"“{excerpt(width.text)}” {'is in another unit' if width.unit else 'has no unit'}"
            )
            right = f"write “{width.value:g} {shown}”, since “{measure}” is a number of {unit}"
            right = f"write “{width.value:g} %”" if unit == "share" else right
            self.fault(Text("", width.at), path, wrong, right)
            return None
        value = width.value * factor[width.unit]
        if value >= 1 and (unit == "share" or width.unit == RELATIVE):
            wrong = f"“{width.text}” is as wide as can be"
            self.fault(Text("", width.at), path, wrong, "write less than 100 %")
        return value

    def replications(self, part: Part) -> tuple[int, int]:
        said = part.get("replications")
        least = (said and said.get("at_least")) or LEAST
        most = (said and said.get("at_most")) or max(MOST, least)
        if most < least:
            wrong = f"at most {most} are fewer than at least {least}"
            self.fault(said, ("replications",), wrong, "let the most be no less than the least")
        return least, most

    # --- arms ---------------------------------------------------------------------------------

    def arms(self, part: Part) -> tuple[Arm, ...]:
        factors = list(self.factors(part))
        plain: dict[str, tuple[Arm, Part]] = {}
        for name, body in part.arms.items():
            arm = self.arm(name, body)
            if arm is not None:
                plain[str(name)] = (arm, body)
        for name, (_, body) in plain.items():
            for base in body.get("against") or ():
                here = ("arms", name, "against")
                if base == name:
                    wrong = "an arm is not compared with itself"
                    self.fault(base, here, wrong, "name another arm")
                elif base not in part.arms:
                    wrong = f"there is no arm “{excerpt(base)}”"
                    others = [str(n) for n in part.arms if n != name]
                    self.fault(base, here, wrong, nearest(base, others))
        if not factors:
            return tuple(arm for arm, _ in plain.values())
        count = len(plain)
        for levels in factors:
            count *= len(levels)
        if count > MOST_ARMS:
            wrong = f"arms and factors make {count} runs"
            self.fault(part, ("factors",), wrong, f"let them make at most {MOST_ARMS}")
            return ()
        made = []
        for levels in product(*factors):
            for arm, _ in plain.values():
                first = tuple(factor[0] for factor in factors)
                made.append(self.varied(arm, levels, first, len(plain)))
        return tuple(made)

    def factors(self, part: Part) -> Iterator[tuple[_Level, ...]]:
        for name, body in (part.get("factors") or {}).items():
            if len(body.values) < 2:
                wrong = f"“{excerpt(name)}” has one value only"
                right = "give it two or more, or set it in the arms"
                self.fault(body, ("factors", str(name), "values"), wrong, right)
            yield tuple(_Level(name, label, body.paths, v) for label, v in body.values.items())

    def file(self, kind: str, word: Word, path: Sequence[str]) -> Path | None:
        file = found(kind, str(word), self.folder)
        if file is None:
            wrong = f"there is no {kind} “{excerpt(word)}”"
            self.fault(word, path, wrong, suggested(kind, str(word)))
        return file

    def arm(self, name: Word, body: Part) -> Arm | None:
        here = ("arms", str(name))
        amendments = [
            self.file("amendment", word, (*here, "amendments"))
            for word in body.get("amendments") or ()
        ]
        policy: Path | None
        if body.get("protocol") is not None:
            policy = self.file("policy file", body.protocol, (*here, "protocol"))
        elif amendments and amendments[0] is not None:
            policy = self.base(amendments[0])
        else:
            if not amendments:
                right = "add “protocol:” with a policy file, or “amendments:”"
                self.fault(body, here, "nothing says which protocol is run", right)
            policy = None
        if policy is None:
            return None
        load: Path | None = usual_workload(policy)
        if body.get("workload") is not None:
            load = self.file("workload", body.workload, (*here, "workload"))
        if load is None or None in amendments:
            return None
        workload = self.workload(load)
        if workload is None:
            return None
        authority = self.authority(workload, body, here)
        values = [
            (str(path), self.value(workload, path, word, (*here, "set", str(path))))
            for path, word in (body.get("set") or {}).items()
        ]
        return Arm(
            name=str(name), protocol=policy, workload=load, authority=authority,
            amendments=tuple(a for a in amendments if a is not None),
            values=tuple((p, v) for p, v in values if v is not None),
            against=tuple(map(str, body.get("against") or ())), at=body.at,
        )  # fmt: skip

    def base(self, amendment: Path) -> Path | None:
        """The first policy file that an amendment is for."""
        try:
            return bases(amendment)[0]
        except PolicyError as error:
            self.context.faults.extend(error.faults)
            return None

    def workload(self, path: Path) -> Workload | None:
        try:
            return workload_of(path)
        except PolicyError as error:
            self.context.faults.extend(f for f in error.faults if f not in self.context.faults)
            return None

    def authority(self, workload: Workload, body: Part, path: Sequence[str]) -> str:
        names = [a.name for a in workload.authorities]
        said = body.get("authority")
        if said is not None and said not in names:
            wrong = f"there is no authority “{excerpt(said)}” in “{workload.name}”"
            self.fault(said, (*path, "authority"), wrong, nearest(said, names))
        elif said is None and len(names) > 1:
            wrong = f"the workload “{workload.name}” has {len(names)} authorities"
            self.fault(body, path, wrong, f"add “authority:”; {nearest('', names)}")
        return str(said or names[0])

    def value(
        self, workload: Workload, path: Word, word: Word, there: Sequence[str]
    ) -> float | None:
        """A value for a number of a workload, in that number's unit."""
        known: dict[str, Quantity] = {q.path: q for q in quantities(workload) if q.path}
        quantity = known.get(str(path))
        if quantity is None:
            wrong = f"the workload “{workload.name}” has no number “{excerpt(path)}”"
            self.fault(path, there, wrong, nearest(path, known))
            return None
        if "(" in word:
            wrong = f"“{excerpt(word)}” is a value with a range"
            self.fault(word, there, wrong, "write the value alone, since it is chosen")
            return None
        signed = quantity.unit == "number" and quantity.value < 0
        amount = Amount(quantity.unit, signed=signed)
        written = amount.parse(Text(str(word), word.at), tuple(there), self.context)
        return None if written is None else written.value

    def varied(
        self,
        arm: Arm,
        levels: tuple[_Level, ...],
        first: tuple[_Level, ...],
        plain: int,
    ) -> Arm:
        """An arm with one value of each factor."""
        values = dict(arm.values)
        touched: list[str] = []
        for level in levels:
            for path in level.paths:
                if str(path) in touched:
                    wrong = f"“{excerpt(path)}” is varied twice"
                    self.once(path, ("factors", str(level.factor), "paths"), wrong,
                              "let one factor vary it, once")  # fmt: skip
                value = self.level(arm.workload, level, path)
                if value is not None:
                    values[str(path)] = value
                touched.append(str(path))

        def named(base: str, which: tuple[_Level, ...]) -> str:
            label = ", ".join(str(level.name) for level in which)
            return label if plain == 1 else f"{base}, {label}"

        against = tuple(named(base, levels) for base in arm.against)
        if not against and levels != first:
            against = (named(arm.name, first),)
        return Arm(
            name=named(arm.name, levels), protocol=arm.protocol, workload=arm.workload,
            authority=arm.authority, amendments=arm.amendments, values=tuple(values.items()),
            touched=tuple(touched), against=against, at=arm.at,
        )  # fmt: skip

    def level(self, load: Path, level: _Level, path: Word) -> float | None:
        """The value of a factor for one of its paths; what is wrong with it is told once."""
        key = (load, level.factor, level.name, str(path))
        if key not in self.levels:
            workload = workload_of(load)
            if any(q.path == path for q in quantities(workload)):
                there = ("factors", str(level.factor), "values", str(level.name))
                self.levels[key] = self.value(workload, path, level.value, there)
            else:
                wrong = f"the workload “{workload.name}” has no number “{excerpt(path)}”"
                right = nearest(path, [q.path for q in quantities(workload) if q.path])
                self.once(path, ("factors", str(level.factor), "paths"), wrong, right)
                self.levels[key] = None
        return self.levels[key]

    def once(self, at: Word, path: Sequence[str], wrong: str, right: str) -> None:
        if not any(f.at == at.at and f.wrong == wrong for f in self.context.faults):
            self.fault(at, path, wrong, right)

    # --- whether it can be run ----------------------------------------------------------------

    def run_through(self, arms: tuple[Arm, ...]) -> None:
        """What is wrong with the files that the arms name, and with the values together."""
        told: set[str] = set()
        for arm in arms:
            try:
                varied(workload_of(arm.workload), dict(arm.values))
            except ValueError as error:
                wrong, _, right = str(error).partition("; ")
                assert arm.at is not None
                self.context.fault(arm.at, ("arms", arm.name), wrong, right)
                continue
            try:
                joined(arm)
            except PolicyError as error:
                for fault in error.faults:
                    if str(fault) not in told:
                        told.add(str(fault))
                        self.context.faults.append(fault)

    def named(self, measures: tuple[Wanted, ...], arms: tuple[Arm, ...], part: Part) -> None:
        """Posts and rungs whose measure is wanted must be in one of the arms."""
        if self.context.faults or not any(OF.get(w.measure) in ("post", "rung") for w in measures):
            return
        known: dict[str, dict[str, None]] = {"post": {}, "rung": {}}
        for arm in arms:
            _, workload, graphs = joined(arm)
            known["post"].update((p.name, None) for p in workload.authorities[0].posts)
            known["rung"].update((str(r), None) for g in graphs for r in g.ladder.rungs)
        words = list(part.measures)
        for wanted in measures:
            kind = OF.get(wanted.measure, "")
            if kind in known and wanted.of not in known[kind]:
                word = next(w for w in words if w.partition("›")[2].strip() == wanted.of)
                wrong = f"there is no {kind} “{excerpt(wanted.of)}” in any arm"
                self.fault(word, ("measures", str(word)), wrong, nearest(wanted.of, known[kind]))


__all__ = ["load_study", "loads_study"]
