"""`drp verify`: certificates checked anew, by a checker that shares nothing with the search.

Besides, the graph of each certificate is compared with the policy file, where that is there, and
each of its runs replayed.
"""

from __future__ import annotations

import argparse
import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from certificates import UNFIT, Refused, check
from drp.cli import DIFFERENT, OK, UNDECIDED, usage
from model import harmless
from model.encoding import Nodes, encoded
from model.expand import expand
from model.graph import StateGraph
from model.load import authorities, load
from model.protocol import Protocol
from model.replay import Step, replay, world_of
from model.terms import is_case

LARGEST = 8 << 20  # bytes of a file that is read; as Python values they are some 200 MiB


@dataclass(frozen=True, slots=True)
class Found:
    """What became of one certificate; `why` says why it was refused, or is empty."""

    file: str
    ladder: str
    verdicts: Mapping[str, str]
    runs: int
    policy: str
    why: str = ""

    @property
    def unshown(self) -> list[str]:
        return [c for c, word in self.verdicts.items() if word in ("not shown", "undecided")]


def run(given: argparse.Namespace) -> int:
    folder = Path(given.folder)
    files = sorted(folder.glob("*.json")) if folder.is_dir() else [folder]
    if not files or not files[0].is_file():
        return usage(
            f"{folder}: there is no certificate; “drp check --certificates DIR” writes them"
        )
    policies = [load(Path(f)) for f in given.files or authorities()]
    found = [verify(path, policies) for path in files]
    print(as_json(found) if given.format == "json" else text(found))
    if any(f.why for f in found):
        return DIFFERENT
    return UNDECIDED if any(f.unshown or not f.policy for f in found) else OK


def verify(path: Path, policies: list[Protocol]) -> Found:
    """Check one certificate, and compare it with its policy, if that is among those given."""
    try:
        if not path.is_file():
            raise Refused("this is no file")
        if path.stat().st_size > LARGEST:
            raise Refused(f"the file has more than {LARGEST >> 20} MiB")
        given = json.loads(path.read_text(encoding="utf-8"))
        verdicts = check(given)
        name = f"{given['protocol']}/{given['ladder']}"
        protocol = policy(given, policies)
        runs = 0
        if protocol is not None:
            if given["ladder"] not in protocol.ladders:
                raise Refused(f"{protocol.at.file} has no ladder “{given['ladder']}”")
            runs = compared(given, expand(protocol, given["ladder"]))
    except Refused as refused:
        return Found(path.name, "", {}, 0, "", str(refused))
    except UNFIT as error:
        return Found(path.name, "", {}, 0, "", f"this is no certificate: {type(error).__name__}")
    file = "" if protocol is None else protocol.at.file
    return Found(path.name, name, verdicts, runs, file)


def policy(given: Mapping[str, Any], policies: list[Protocol]) -> Protocol | None:
    """The policy that a certificate speaks of, by its digest; None where it is not at hand.

    Raises Refused where the file of that name says something else now.
    """
    for protocol in policies:
        if protocol.digest == given["digest"]:
            return protocol
    for protocol in policies:
        if protocol.stem == given["protocol"]:
            raise Refused(f"it is of another version of {protocol.at.file}")
    return None


def compared(given: Mapping[str, Any], graph: StateGraph) -> int:
    """How many runs were replayed; Refused where graph or run are not those of the policy."""
    nodes = Nodes()
    drawn = json.loads(json.dumps(encoded(graph, nodes)))
    here, listed = nodes.nodes, nodes.listed()
    if (drawn, here, listed) != (
        given["graph"], given["nodes"][: len(here)], given["symbols"][: len(listed)]
    ):  # fmt: skip
        raise Refused(f"its graph is not that of {graph.protocol.at.file}")
    plain = nodes.world({s: v for s, v in world_of(graph).items() if not is_case(s)})
    asked = [i for i, s in enumerate(nodes.symbols) if not is_case(s)]
    if any(given["plain"][i] != plain[i] for i in asked):
        raise Refused(f"its plain readings are not those of {graph.protocol.at.file}")
    runs = [(c["id"], run) for c in given["claims"] for run in c.get("runs", ())]
    for claim, run in runs:
        known = nodes.read(run["world"])
        steps = [Step(day, graph.moves[number]) for day, number in run["steps"]]
        what = replay(graph, steps, world_of(graph, known), run["until"])
        if what.refused is not None:
            raise Refused(f"{claim}: step {what.refused} of its run is not allowed: {what.why}")
    return len(runs)


def text(found: list[Found]) -> str:
    lines = []
    for f in found:
        if f.why:
            lines.append(f"{harmless.line(f.file)}: REFUSED: {harmless.line(f.why)}")
            continue
        words = Counter(f.verdicts.values())
        counted = ", ".join(f"{n} {w}" for w, n in sorted(words.items()))
        absent = "not compared with its policy file: name that after the folder"
        graph = f"graph as in {f.policy}" if f.policy else absent
        lines.append(
            f"{harmless.line(f.ladder)}: {counted}; {harmless.line(graph)}; {f.runs} runs replayed"
        )
        if f.unshown:
            lines.append("  not shown by a certificate: " + harmless.line(", ".join(f.unshown)))
    shown = sum(len(f.verdicts) - len(f.unshown) for f in found)
    unshown = sum(len(f.unshown) for f in found)
    refused = sum(bool(f.why) for f in found)
    lines.append("")
    several = "certificate" if len(found) == 1 else "certificates"
    lines.append(f"{len(found)} {several}: {shown} verdicts shown, {unshown} not shown; "
                 f"{refused} certificates refused")  # fmt: skip
    return "\n".join(lines)


def as_json(found: list[Found]) -> str:
    return harmless.as_json(
        [
            {"file": f.file, "ladder": f.ladder, "verdicts": dict(f.verdicts), "runs": f.runs,
             "policy": f.policy, "refused": f.why}
            for f in found
        ],
        indent=2,
    )  # fmt: skip
