"""The commands of simulation: `simulate`, `compare` and `study`."""

from __future__ import annotations

import argparse
import json
import os
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

from drp.cli import BAD_INPUT, DIFFERENT, OK, complain
from drp.waiting import Waiting
from model import harmless
from model.files import folder, refuse_elsewhere
from model.yamltree import PolicyError, Table, read_file
from simulations import named
from simulations.faults import Overloaded
from simulations.kept import Kept, key_of
from simulations.study import Study
from simulations.study_reading import load_study, loads_study
from simulations.studying import StudyResult, run_study
from simulations.trials import prepared

STOPPED = 130
ARGUMENTS = "the arguments"  # what stands for a file in the faults of a study made of arguments
FIRST = "within 20 working days"


class Misused(Exception):
    """The arguments of a command are wrong."""


def simulate(given: argparse.Namespace) -> int:
    """`drp simulate`: one protocol under a workload."""
    policy = named.needed("policy file", given.protocol)
    load = _workload(given, policy)
    amendments = [named.needed("amendment", name) for name in given.amend]
    arm = _arm(given, policy, amendments, load)
    name = _name(policy, amendments)
    amended = f", amended by {', '.join(a.stem for a in amendments)}" if amendments else ""
    question = f"What does “{policy.stem}”{amended} do under the workload “{load.stem}”?"
    return _run(_study(given, name, question, {name: arm}), given)


def compare(given: argparse.Namespace) -> int:
    """`drp compare`: what B changes against A, under one workload."""
    sides = [_side(name) for name in (given.a, given.b)]
    bases = {policy for policy, _ in sides}
    if len(bases) == 1:
        load = _workload(given, sides[0][0])
    else:
        load = named.needed("workload", given.workload or "national")
    names = ["+".join(a.stem for a in amendments) or policy.stem for policy, amendments in sides]
    if names[0] == names[1]:
        raise Misused(f"“{given.a}” and “{given.b}” are the same; name two")
    arms = {
        name: _arm(given, policy, amendments, load)
        for name, (policy, amendments) in zip(names, sides, strict=True)
    }
    arms[names[1]]["against"] = names[0]
    question = f"What does “{names[1]}” change against “{names[0]}” under “{load.stem}”?"
    return _run(_study(given, f"{names[1]} against {names[0]}", question, arms), given)


def study(given: argparse.Namespace) -> int:
    """`drp study`: run a study file, and compare it with its record."""
    return _run(load_study(given.file), given)


# --- from arguments to a study ----------------------------------------------------------------


def _workload(given: argparse.Namespace, policy: Path) -> Path:
    if given.workload:
        return named.needed("workload", given.workload)
    return named.usual_workload(policy)


def _side(name: str) -> tuple[Path, list[Path]]:
    """One side of a comparison: a policy file, or an amendment of one."""
    if name in named.stems("policy file"):
        return named.needed("policy file", name), []
    path = named.found("amendment", name)
    if path is None:
        close = named.suggested("policy file", name)
        if "did you mean" not in close:
            close = named.suggested("amendment", name)
        raise Misused(f"there is no protocol and no amendment “{name}”; {close}")
    node, _ = read_file(path, None, [], "policy file or amendment")
    if isinstance(node, Table) and node.get("amends") is not None:
        from model.amend import bases

        return bases(path)[0], [path]
    return path, []


def _name(policy: Path, amendments: list[Path]) -> str:
    return "+".join([policy.stem, *(a.stem for a in amendments)])


def _arm(
    given: argparse.Namespace, policy: Path, amendments: list[Path], load: Path
) -> dict[str, Any]:
    arm: dict[str, Any] = {"protocol": _word(policy), "workload": _word(load)}
    if amendments:
        arm["amendments"] = [_word(a) for a in amendments]
    if given.authority:
        arm["authority"] = given.authority
    return arm


def _word(path: Path) -> str:
    return str(path.resolve())


def _study(
    given: argparse.Namespace, name: str, question: str, arms: dict[str, dict[str, Any]]
) -> Study:
    """The study that the arguments ask for, read as a study file is."""
    wanted: dict[str, str] = {}
    for said in given.precision:
        measure, equals, width = said.rpartition("=")
        if not equals:
            raise Misused(f"“{said}” is no precision; write it as in “{FIRST}=2 %”")
        wanted[measure.strip()] = width.strip()
    runs = given.replications or (200 if wanted else 20)
    if runs < 2:
        raise Misused("one replication gives no interval; ask for 2 or more")
    if not wanted:
        wanted = {FIRST: "shown"}
    body = {
        "question": question,
        "measures": wanted,
        "arms": arms,
        "replications": {"at least": min(10, runs), "at most": runs},
        "seed": given.seed,
    }
    if given.overload:
        body["overload"] = "run"
    try:
        read = loads_study(json.dumps(body, ensure_ascii=False), Path(ARGUMENTS))
    except PolicyError as error:
        own = [f for f in error.faults if f.at.file == ARGUMENTS]
        if own:
            raise Misused(f"{own[0].wrong}; {own[0].right}") from None
        raise
    return replace(read, name=name, digest="")


# --- running ----------------------------------------------------------------------------------


def _run(asked: Study, given: argparse.Namespace) -> int:
    out = Path(given.out) if given.out else None
    if out is not None:
        folder(out)
    if getattr(given, "overload", False):
        asked = replace(asked, overload=True)
    waiting = Waiting(asked.name, asked.least, asked.most, sys.stderr)
    waiting.say("reading, and working out the load")
    kept: Kept | None = None
    try:
        trials = prepared(asked)
        kept = _kept(asked, key_of(asked, trials), out)
        if kept is not None:
            waiting.before = len(kept.done)
        result = run_study(asked, trials, kept=kept, told=waiting.told, processes=given.processes)
        waiting.over()
        code = _tell(result, given, out)
    except Overloaded as error:
        waiting.over()
        from drp.findings import overload

        complain(f"drp: with “{error.authority}”, {overload(error.load)}")
        complain("drp: nothing was run; to run it all the same, add --overload")
        return BAD_INPUT
    except KeyboardInterrupt:
        waiting.over()
        done = f"{waiting.done} replications are kept; " if kept is not None else ""
        complain(f"drp: stopped; {done}the same command goes on from there")
        return STOPPED
    finally:
        if kept is not None:
            kept.close()
    if kept is not None:
        kept.forget()
    return code


def _kept(asked: Study, key: str, out: Path | None) -> Kept | None:
    """Where the replications are kept until all are done; None where nothing can be kept."""
    name = f"{asked.name}-{key[:12]}.part.jsonl".replace("/", "-")
    if out is not None:
        refuse_elsewhere(out / name)
        return Kept(out / name)
    home = os.environ.get("XDG_STATE_HOME")
    state = Path(home) if home else Path.home() / ".local" / "state"
    try:
        state = state / "drp-ladders"
        state.mkdir(parents=True, exist_ok=True)
        return Kept(state / name)
    except OSError:
        return None


def _tell(result: StudyResult, given: argparse.Namespace, out: Path | None) -> int:
    """Print the result, write what is to be written, and compare it with the record."""
    from drp import findings

    code, said = OK, ""
    if given.command == "study":
        code, said = _against_the_record(result, given)
    if out is not None:
        from simulations.study_tables import save

        save(result, out)
    if given.format == "json":
        print(findings.as_json(result))
    elif given.format == "csv":
        print(findings.as_csv(result))
    else:
        print(findings.text(result, given.brief, given.assumptions))
        if said:
            print(harmless.line(said))
    if said and given.format != "text" and code:
        complain(f"drp: {said}")
    return code


def _against_the_record(result: StudyResult, given: argparse.Namespace) -> tuple[int, str]:
    from simulations import study_record

    file = Path(given.file)
    file = file if file.suffix else named.needed("study", given.file)
    path = study_record.record_of(file)
    if given.record:
        study_record.write(path, result)
        return OK, f"recorded in {path.name}"
    recorded = study_record.read(path)
    if recorded is None:
        return OK, "there is no record of it"
    found = study_record.differs(recorded, result)
    if not found:
        changed = list(study_record.inputs_differ(recorded, result.study, result.trials))
        return OK, "as recorded" + (f", though {changed[0]}" if changed else "")
    more = f", and {len(found) - 3} more" if len(found) > 3 else ""
    said = f"differs from the record: {'; '.join(found[:3])}{more}"
    return DIFFERENT, f"{said}; if that is right, run: drp study {given.file} --record"
