"""The policy of which every claim holds, and what becomes of it with fragments put into it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from assembled import LADDER, merged, tree

from model.expand import expand
from model.graph import StateGraph
from model.load import loads
from model.protocol import Protocol

BASE = Path(__file__).parent / "policies" / "keeps-all.yaml"


def kept_text(*fragments: str | tuple[str, str]) -> str:
    """The text of the policy with fragments, each at the dispute or at a place of its own.

    A fragment is YAML that is laid over what stands there. `KEY: gone` takes a key out.
    """
    whole = tree(BASE.read_text(encoding="utf-8"))
    for fragment in fragments:
        place, text = (LADDER, fragment) if isinstance(fragment, str) else fragment
        laid = tree(text)
        for key in reversed(place.split(" › ") if place else []):
            laid = {key: laid}
        whole = _without_gone(merged(whole, laid))
    return json.dumps(whole, ensure_ascii=False, indent=1)  # JSON is YAML


def _without_gone(value: Any) -> Any:
    if isinstance(value, dict):
        return {k: _without_gone(v) for k, v in value.items() if v != "gone"}
    return value


def kept(*fragments: str | tuple[str, str]) -> Protocol:
    return loads(kept_text(*fragments), "kept.yaml")


def kept_graph(*fragments: str | tuple[str, str]) -> StateGraph:
    return expand(kept(*fragments), "dispute")
