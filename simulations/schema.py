"""The JSON Schema of workload files, for editors; made from the same shapes as the reader."""

from __future__ import annotations

from typing import Any

from model.shapes import Defs
from simulations.language import WORKLOAD


def schema() -> dict[str, Any]:
    """The schema of a workload file, in the terms of JSON Schema 2020-12."""
    defs: Defs = {}
    root = WORKLOAD.schema(defs)
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": "urn:drp-ladders:workload",
        "title": "Workload: children, disputes and the people who deal with them",
        "description": "The keys are explained in simulations/workloads/README.md.",
        **root,
        "$defs": {name: defs[name] for name in sorted(defs)},
    }


__all__ = ["schema"]
