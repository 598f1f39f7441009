"""The recorded verdicts: what continuous integration compares a new check with.

`verdicts.json` holds, per protocol, the digest of its file and the verdict of each claim; it is
written beside and renamed. `VERDICTS.md` is the same as a table for people.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from model import harmless
from model.files import save
from model.protocol import Protocol
from model.yamltree import Fault, PolicyError, Position
from proofs.claims import ALL
from proofs.mend import Mend
from proofs.verdict import Verdict

FOLDER = Path(__file__).resolve().parent
JSON, TABLE = FOLDER / "verdicts.json", FOLDER / "VERDICTS.md"
SIGNS = {
    "holds": "holds",
    "broken": "**broken**",
    "depends": "depends",
    "undecided": "undecided",
    "not-applicable": "–",
}


def read(path: Path | None = None) -> dict[str, Any]:
    """The record; empty where there is none. PolicyError where a file is there but is no record."""
    path = path or JSON
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
        protocols: dict[str, Any] = found["protocols"]
        sound = all(_is_entry(entry) for entry in protocols.values())
    except FileNotFoundError:
        return {}
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        sound = False
    if not sound:
        wrong = "this file is no record of verdicts"
        right = "take it back from the repository, or delete it and run “drp check --record”"
        raise PolicyError([Fault(Position(path.name, 1, 1), "", wrong, right)])
    return protocols


def _is_entry(entry: Any) -> bool:
    """Whether what is recorded of a protocol has the form that `write` gives it."""
    verdicts = entry["verdicts"]
    return isinstance(entry["digest"], str) and all(
        v["verdict"] in SIGNS
        and v["plain"] in ("", *SIGNS)
        and isinstance(v["condition"], list)
        and ("mend" not in v or Mend(**v["mend"]) is not None)
        for v in verdicts.values()
    )


def changes(
    record: Mapping[str, Any], protocol: Protocol, verdicts: Iterable[Verdict]
) -> list[str]:
    """How verdicts differ from the record of their protocol, in words."""
    old = record[protocol.stem]["verdicts"]
    found, seen = [], set()
    for v in verdicts:
        key = f"{v.ladder}/{v.claim.id}"
        seen.add(key)
        before = old.get(key)
        if before is None:
            found.append(f"{key}: {v.verdict} (not recorded)")
        elif before["verdict"] != v.verdict:
            found.append(f"{key}: recorded as {before['verdict']}, now {v.verdict}")
        elif before["plain"] != v.plain:
            found.append(f"{key}: plainly {before['plain']} as recorded, now {v.plain}")
        elif before["condition"] != list(v.condition):
            found.append(f"{key}: depends on something else than recorded")
    claims = {v.claim.id for v in verdicts}
    gone = [k for k in old if k not in seen and k.rsplit("/", 1)[1] in claims]
    return [*found, *(f"{key}: recorded, but no longer there" for key in gone)]


def recalled(record: Mapping[str, Any], protocol: Protocol) -> Any:
    """What the record knows of mends for this very file: see `proofs.verdict.check`."""
    known = record.get(protocol.stem)
    if known is None or known["digest"] != protocol.digest:
        return lambda ladder, claim: False

    def mend(ladder: str, claim: str) -> Mend | bool | None:
        entry = known["verdicts"].get(f"{ladder}/{claim}")
        if entry is None:
            return False
        return Mend(**entry["mend"]) if entry.get("mend") else None

    return mend


def write(checked: Iterable[tuple[Protocol, list[Verdict]]], folder: Path = FOLDER) -> None:
    """Record verdicts, keeping those of protocols that were not checked."""
    record = read(folder / JSON.name)
    for protocol, verdicts in checked:
        entries = {}
        for v in verdicts:
            entry = v.recorded
            if v.mend is not None:
                m = v.mend
                entry["mend"] = {"words": m.words, "whole": m.whole, "file": m.file, "line": m.line}
            entries[f"{v.ladder}/{v.claim.id}"] = entry
        record[protocol.stem] = {"digest": protocol.digest, "verdicts": entries}
    ordered = {stem: record[stem] for stem in sorted(record)}
    text = harmless.as_json({"schema_version": 1, "protocols": ordered})
    save(folder / JSON.name, text + "\n")
    save(folder / TABLE.name, table(ordered))


def table(record: Mapping[str, Any]) -> str:
    """The record as a Markdown table: a row per claim, a column per ladder."""
    ladders = [
        (stem, ladder)
        for stem, entry in record.items()
        for ladder in dict.fromkeys(k.rsplit("/", 1)[0] for k in entry["verdicts"])
    ]
    head = ["claim", "duty", *(f"{stem}: {ladder}" for stem, ladder in ladders)]
    lines = [
        "# Verdicts",
        "",
        "Written by `drp check --record`. A verdict that depends on how the text is read is",
        "followed by what it is under the plain readings.",
        "",
        f"| {' | '.join(harmless.markdown(h) for h in head)} |",
        f"|{'---|' * len(head)}",
    ]
    for claim in ALL:
        row = [f"`{claim.id}`", claim.duty]
        for stem, ladder in ladders:
            entry = record[stem]["verdicts"].get(f"{ladder}/{claim.id}")
            said = SIGNS[entry["verdict"]] if entry else "?"
            if entry and entry["verdict"] == "depends":
                said += f" ({entry['plain']})"
            row.append(said)
        lines.append(f"| {' | '.join(row)} |")
    return "\n".join(lines) + "\n"
