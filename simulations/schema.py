"""The JSON Schema of workload files, for editors; made from the same shapes as the reader."""

from __future__ import annotations

from typing import Any

from model.shapes import document
from simulations.language import WORKLOAD


def schema() -> dict[str, Any]:
    """The schema of a workload file, in the terms of JSON Schema 2020-12."""
    title = "Workload: children, disputes and the people who deal with them"
    return document(WORKLOAD, "workload", title, "simulations/workloads/README.md")


__all__ = ["schema"]
