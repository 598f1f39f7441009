"""The JSON Schema of policy files, for editors: completion, hints and first warnings.

It is made from the same shapes as the reader (`language.PROTOCOL`) but is not the validator: it
knows nothing of names that must be declared or of conditions that must make sense.
"""

from __future__ import annotations

from typing import Any

from model.language import PROTOCOL
from model.shapes import Defs, document


def schema() -> dict[str, Any]:
    """The schema of a policy file, in the terms of JSON Schema 2020-12."""
    title = "Policy file: an IRO dispute resolution protocol"
    return document(
        PROTOCOL, "policy-file", title, "model/authorities/README.md", _let_every_rung_fill
    )


def _let_every_rung_fill(defs: Defs) -> None:
    """A rung may leave out what `every rung` gives, so only a ladder without it asks for all."""
    rung, ladder = defs["rung"], defs["ladder"]
    whole = {key: rung.pop(key) for key in ("required", "anyOf")}
    ladder["if"] = {"not": {"required": ["every rung"]}}
    ladder["then"] = {"properties": {"rungs": {"additionalProperties": whole}}}


__all__ = ["schema"]
