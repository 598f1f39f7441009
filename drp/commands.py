"""What each subcommand does."""

from __future__ import annotations

import argparse
import platform
import sys
from pathlib import Path
from typing import Any

from drp import __version__
from drp.cli import BAD_INPUT, DIFFERENT, OK, OUR_FAULT, UNDECIDED, complain, usage
from model import harmless
from model.files import create, save
from model.protocol import Protocol
from model.yamltree import Fault, PolicyError

# Packages that do not come with the base, and the extra that brings each.
_EXTRA = {
    "SALib": "sensitivity",
    "cvc5": "test",
    "matplotlib": "notebook",
    "numpy": "simulate",
    "pyarrow": "simulate",
    "scipy": "simulate",
    "simpy": "simulate",
}


def run(given: argparse.Namespace) -> int:
    """Dispatch, and tell the faults of a policy, or of ours, as what they are."""
    try:
        code: int = _COMMANDS[given.command](given)
        return code
    except PolicyError as error:
        for fault in error.faults:
            complain(str(fault))
        count = len(error.faults)
        done = "run" if given.command in ("simulate", "compare", "study") else "checked"
        complain(f"drp: {count} fault{'' if count == 1 else 's'}; nothing was {done}")
        return BAD_INPUT
    except (BrokenPipeError, KeyboardInterrupt):
        raise
    except OSError as error:
        place = f": {error.filename}" if error.filename else ""
        return usage(f"{error.strerror or error}{place}")
    except Exception as error:
        extra = _EXTRA.get(error.name or "") if isinstance(error, ModuleNotFoundError) else None
        if extra is not None:
            said = f"this needs a package that is not there ({error}); "
            return usage(f"{said}run: pip install 'drp-ladders[{extra}]'")
        complain(f"drp: a fault of ours: {type(error).__name__}: {error}")
        complain("drp: please report it, with the policy file")
        return OUR_FAULT


def check(given: argparse.Namespace) -> int:
    """`drp check`: verdicts, compared with the record where there is one."""
    from drp import report
    from model.amend import bases
    from model.load import AUTHORITIES, authorities
    from proofs import record
    from proofs.claims import ALL, BY_ID
    from proofs.verdict import check as verdicts_of

    unknown = [c for c in given.claim or () if c not in BY_ID]
    if unknown:
        from model.shapes import nearest

        return usage(f"there is no claim “{unknown[0]}”; {nearest(unknown[0], BY_ID)}")
    claims = [BY_ID[c] for c in given.claim] if given.claim else list(ALL)
    paths = [Path(f) for f in given.files]
    paths = paths or (bases(given.amend[0]) if given.amend else authorities())
    if not paths:
        return usage(f"there is nothing to check in {AUTHORITIES.name}")
    if given.record and given.claim:
        return usage("--record writes all claims; leave --claim out")
    if given.record and given.amend:
        return usage("an amended protocol has no record; leave --record or --amend out")
    faults: list[Fault] = []
    protocols = []
    for path in paths:
        try:
            protocols.append(_loaded(path, given.amend))
        except PolicyError as error:
            faults += error.faults
    if faults:
        raise PolicyError(faults)
    recorded = record.read()
    progress = report.Progress(len(protocols), sys.stderr)
    keep = _certifier(given.certificates)
    checked = []
    mends = given.record or not given.brief  # a record always holds them
    for protocol in protocols:
        progress.step(protocol.stem)
        known = record.recalled({} if given.record else recorded, protocol)
        found = list(verdicts_of(protocol, claims, given.start, mends, known, given.rlimit, keep))
        checked.append((protocol, found))
    progress.done()
    if given.record:
        record.write(checked)
        recorded = record.read()
    changed = {
        protocol.stem: record.changes(recorded, protocol, found)
        for protocol, found in checked
        if (
            protocol.stem in recorded
            and protocol.at.file == f"model/authorities/{protocol.stem}.yaml"
        )
        or (protocol.stem in recorded and recorded[protocol.stem]["digest"] == protocol.digest)
    }
    code = outcome(checked, changed)
    if given.smtlib or given.second_solver:
        from drp import questions

        code = max(code, questions.run([v for _, found in checked for v in found], given))
    text = {
        "text": report.text, "json": report.as_json, "markdown": report.markdown
    }[given.format](checked, changed, code, given)  # fmt: skip
    print(text)
    return code


def _certifier(folder: str | None) -> Any:
    """What writes the certificates of each ladder into a folder, if there is one."""
    if folder is None:
        return lambda decider, answers: None
    import re

    from model.files import folder as made
    from proofs.certificate import certificate

    written: dict[str, int] = {}

    def keep(decider: Any, answers: Any) -> None:
        stem = re.sub("[^a-z0-9]+", "-", decider.graph.protocol.stem.lower()).strip("-") or "policy"
        written[stem] = written.get(stem, 0) + 1
        text = harmless.as_lines(certificate(decider, answers.values()))
        save(Path(folder) / f"{stem}-{written[stem]}.json", text + "\n")

    made(Path(folder))
    return keep


def verify(given: argparse.Namespace) -> int:
    """`drp verify`: certificates, checked anew."""
    from drp import verifying

    return verifying.run(given)


def _loaded(path: Path | str, amendments: list[str]) -> Protocol:
    from model.amend import amended
    from model.load import load

    return amended(path, *amendments) if amendments else load(path)


def outcome(checked: list[tuple[Any, list[Any]]], changed: dict[str, list[str]]) -> int:
    """The exit code of a check."""
    verdicts = [v for _, found in checked for v in found]
    if not any(v.verdict != "not-applicable" for v in verdicts):
        return BAD_INPUT
    if any(v.verdict == "undecided" for v in verdicts):
        return UNDECIDED
    if any(changed.values()):
        return DIFFERENT
    for protocol, found in checked:
        if protocol.stem not in changed and any(
            v.verdict == "broken" and v.claim.duty in ("must", "should") for v in found
        ):
            return DIFFERENT
    return OK


def show(given: argparse.Namespace) -> int:
    """`drp show`: a ladder as a table."""
    from drp import table

    print(table.show(_loaded(given.file, given.amend), given.format))
    return OK


def draw(given: argparse.Namespace) -> int:
    """`drp draw`: a picture, or a graph for another tool."""
    from model.expand import expand
    from model.shapes import nearest

    protocol = _loaded(given.file, given.amend)
    if given.ladder is not None and given.ladder not in protocol.ladders:
        right = nearest(given.ladder, protocol.ladders)
        return usage(f"there is no ladder “{given.ladder}”; {right}")
    graph = expand(protocol, given.ladder)
    if given.format == "svg":
        from model.drawing import svg

        text = svg(graph)
    else:
        from model.drawing import exports

        text = getattr(exports, given.format)(graph)
    if given.out is None:
        print(text)
        return OK
    save(Path(given.out), text)
    return OK


def export(given: argparse.Namespace) -> int:
    """`drp export`: a ladder in one world, for another model checker."""
    from drp import exporting

    try:
        return exporting.run(given, _loaded(given.file, given.amend))
    except exporting.Misused as error:
        return usage(str(error))


def explain(given: argparse.Namespace) -> int:
    """`drp explain`: a claim, or the list of them."""
    from drp import table
    from model.shapes import nearest
    from proofs.claims import ALL, BY_ID

    if given.claim is None:
        print("\n".join(f"{c.id:22} {c.duty:12} {c.sentence}" for c in ALL))
        return OK
    if given.claim not in BY_ID:
        return usage(f"there is no claim “{given.claim}”; {nearest(given.claim, BY_ID)}")
    print(table.explained(BY_ID[given.claim]))
    return OK


def schema(given: argparse.Namespace) -> int:
    """`drp schema`: the JSON Schema of policy files, amendments, workloads or studies."""
    from importlib import import_module

    homes = {
        "policy": "model.schema", "amendment": "model.amend", "workload": "simulations.schema",
        "study": "simulations.study_language",
    }  # fmt: skip
    of = import_module(homes[given.kind]).schema
    print(harmless.as_json(of(), 2))
    return OK


def new(given: argparse.Namespace) -> int:
    """`drp new`: a commented template that checks."""
    import re

    if not re.fullmatch(r"[a-z0-9][a-z0-9-]{0,60}", given.name):
        return usage("name the file in small letters, digits and hyphens, such as “exampleton”")
    path = Path(f"{given.name}.yaml")
    template = (Path(__file__).parent / "template.yaml").read_text(encoding="utf-8")
    try:
        create(path, template.replace("Exampleton", given.name.capitalize()))
    except FileExistsError:
        return usage(f"{path} is there already; choose another name")
    print(f"wrote {path}; next: drp show {path}, drp check {path}")
    return OK


def doctor(given: argparse.Namespace) -> int:
    """`drp doctor`: versions, and whether solver and calendar work."""
    import datetime

    from model.calendar import FROZEN_FROM, FROZEN_TO, add_working_days
    from model.load import authorities
    from proofs.solver import Solver, version

    works = Solver().works()
    counted = add_working_days(datetime.date(2025, 12, 12), 20) == datetime.date(2026, 1, 14)
    lines = [
        f"drp {__version__}",
        f"Python {platform.python_version()}",
        f"Z3 {version()}: {'works' if works else 'DOES NOT WORK'}",
        f"calendar: England and Wales, {FROZEN_FROM} to {FROZEN_TO} "
        f"({'counts right' if counted else 'COUNTS WRONG'}); beyond, by the holidays package",
        f"policy files: {len(authorities())}",
    ]
    print("\n".join(lines))
    return OK if works and counted else OUR_FAULT


def sensitivity(given: argparse.Namespace) -> int:
    """`drp sensitivity`: which assumption a conclusion hangs on."""
    from drp import sensitivity

    return sensitivity.run(given)


def simulation(given: argparse.Namespace) -> int:
    """`drp simulate`, `drp compare`, `drp study`."""
    from drp import simulating

    of = {"simulate": simulating.simulate, "compare": simulating.compare, "study": simulating.study}
    try:
        return of[given.command](given)
    except simulating.Misused as error:
        return usage(str(error))


def mutate(given: argparse.Namespace) -> int:
    """`drp mutate`: which verdicts notice each single change."""
    from drp import mutating

    return mutating.mutate(given)


_COMMANDS = {
    "mutate": mutate,
    "simulate": simulation,
    "compare": simulation,
    "study": simulation,
    "check": check,
    "verify": verify,
    "show": show,
    "draw": draw,
    "export": export,
    "explain": explain,
    "schema": schema,
    "sensitivity": sensitivity,
    "new": new,
    "doctor": doctor,
}
