"""`drp sensitivity`: which assumption a figure, or the difference of two policies, hangs on."""

from __future__ import annotations

import argparse
import math
import sys
import time
from collections.abc import Iterator
from dataclasses import asdict, is_dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from drp.cli import OK, usage
from drp.report import wrap
from model import harmless
from model.files import refuse_elsewhere, save
from model.protocol import Protocol
from model.yamltree import Table, read_file

if TYPE_CHECKING:
    from simulations.sensitivity import Sensitivity

FIGURES = (".svg", ".png", ".pdf")
SCREENING = 1  # replications at a point of the screening, which speaks of no interval


def run(given: argparse.Namespace) -> int:
    """Screen, weigh and scan; print what it comes to."""
    from model.amend import amended
    from simulations import named
    from simulations.assumptions import assumptions
    from simulations.fit import fit
    from simulations.points import simulated
    from simulations.reading import load_workload
    from simulations.run import warm_up
    from simulations.sensitivity import Conclusion, sensitivity

    out = None if given.out is None else Path(given.out)
    if out is not None and out.suffix not in FIGURES:
        return usage(f"--out ends in {', '.join(FIGURES)}, not in “{out.suffix}”")
    if out is not None:
        refuse_elsewhere(out)
        if not out.parent.is_dir():
            return usage(f"{out} cannot be written: name a file in a folder that is there")
    if given.trajectories < 2:
        return usage("give at least 2 trajectories, so that there is an interval")
    if given.samples and given.samples & (given.samples - 1):
        return usage("--samples is a power of 2, such as 16, or 0 for none")
    if given.against and given.replications < 2:
        return usage("give at least 2 replications, so that noise can be told from a difference")
    policy = named.needed("policy file", given.protocol)
    amendments = [named.needed("amendment", name) for name in given.amend]
    protocol = amended(policy, *amendments)
    other = _other(given.against, policy, amendments) if given.against else None
    file = named.needed("workload", given.workload) if given.workload else None
    workload = load_workload(file or named.usual_workload(policy))
    policies = [fit(workload, p) for p in (protocol, other) if p is not None]
    authority = workload.authorities[0]
    warm = max(warm_up(g, workload, authority, seed=given.seed).days for g in policies)
    from simulations.figures import MEASURES

    try:
        model, screen = (
            simulated(
                policies, workload, given.measure, given.of,
                seed=given.seed, replications=count, warm_up=warm,
            )
            for count in (given.replications, SCREENING)
        )  # fmt: skip
        conclusion = Conclusion(
            given.measure, MEASURES[given.measure][0], protocol.stem,
            other.stem if other is not None else "", given.of,
        )  # fmt: skip
        found = sensitivity(
            model, assumptions(workload), conclusion,
            seed=given.seed, trajectories=given.trajectories, samples=given.samples,
            screen=screen, top=given.top, scanned=given.scan, progress=Progress(),
        )  # fmt: skip
    except ValueError as error:
        return usage(str(error))
    if given.format == "json":
        print(harmless.as_json(as_json(found)))
    else:
        print("\n".join(text(found)))
    if out is not None:
        from simulations import plots

        about = plots.Caption.of(workload, found.replications, found.seed)
        drawn = plots.tornado(found, about)
        save(out, plots.content(drawn, out.suffix, str(conclusion)))
    return OK


def _other(name: str, base: Path, amendments: list[Path]) -> Protocol:
    """The second policy: a policy file, or the first one with one amendment more."""
    from model.amend import amended
    from simulations import named

    path = named.found("amendment", name)
    if path is None or name in named.stems("policy file"):
        return amended(named.needed("policy file", name))
    node, _ = read_file(path, None, [], "policy file or amendment")
    if isinstance(node, Table) and node.get("amends") is None:
        return amended(path)
    return amended(base, *amendments, path)


class Progress:
    """How far it is, with the time left of this part; on a terminal only."""

    def __init__(self) -> None:
        self.shown = sys.stderr.isatty()
        self.what, self.began = "", time.monotonic()

    def __call__(self, what: str, done: int, of: int) -> None:
        if not self.shown:
            return
        if what != self.what:
            self.what, self.began = what, time.monotonic()
        left = ""
        if done:
            seconds = (time.monotonic() - self.began) / done * (of - done)
            left = f", about {math.ceil(seconds)} s left"
        end = "\r\x1b[K" if done == of else ""
        sys.stderr.write(f"\r\x1b[K{what}: {done} of {of} points{left}{end}")
        sys.stderr.flush()


def text(found: Sensitivity) -> Iterator[str]:
    """What is printed: the sentence first, then what it rests on."""
    from simulations.sensitivity import said

    yield from wrap(found.sentence, "")
    yield ""
    yield from wrap(
        f"{found.assumed} assumed numbers, {found.points} points; "
        f"{found.replications} replications as stated and in the scan, {SCREENING} elsewhere; "
        f"seed {found.seed}.", "",
    )  # fmt: skip
    unit = found.conclusion.unit
    for title, effects in (("groups of numbers", found.groups), ("numbers", found.numbers)):
        if not any(e.size != 0 for e in effects):
            continue
        yield from ("", f"Morris: mean absolute effect of a whole range, {title} ({unit})")
        for e in effects[:12]:
            of = f"  ({e.numbers})" if e.numbers > 1 else ""
            size = "not compared" if math.isnan(e.size) else f"{e.size:8.3g} ± {e.half:.2g}"
            yield f"  {size:22}{harmless.line(e.name)}{of}"
    if found.shares:
        yield from ("", "Sobol: share of the variance, alone and in total")
        for s in found.shares:
            alone = f"{s.first:6.2f} ± {s.first_half:.2f}"
            yield f"  {alone:18}{s.total:6.2f} ± {s.total_half:.2f}    {harmless.line(s.path)}"
    if found.swings:
        yield from ("", f"One number at each end of its range, the others as stated ({unit})")
    for swing in found.swings:
        a = swing.assumption
        ends = f"{swing.at_low.mean:8.3g} {swing.at_high.mean:8.3g}"
        yield f"  {ends:22}{harmless.line(a.path)}: {a.low:.3g} to {said(a.high, a.unit)}"


def as_json(found: Sensitivity) -> dict[str, Any]:
    """The whole of it, with null for what is not finite."""
    plain = {"schema_version": 1, "sentence": found.sentence, **_plain(asdict(found))}
    return plain


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {k: _plain(v) for k, v in value.items() if k != "at"}
    if is_dataclass(value) and not isinstance(value, type):
        return _plain(asdict(value))
    if isinstance(value, tuple) and hasattr(value, "_asdict"):
        return _plain(value._asdict())
    if isinstance(value, tuple | list):
        return [_plain(v) for v in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value
