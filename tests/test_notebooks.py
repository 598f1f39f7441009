"""The notebooks run from top to bottom, hold no output and no logic, and show what they say."""

from __future__ import annotations

import ast
import os
from pathlib import Path
from typing import Any

import jupytext
import nbformat
import pytest
from nbclient import NotebookClient

ROOT = Path(__file__).parent.parent
FOLDER = ROOT / "notebooks"
NAMES = [
    "compare-a-change", "five-authorities", "prove-a-claim", "read-a-ladder", "run-a-workload",
]  # fmt: skip

# What the outputs of a notebook hold: a kind of output, and words in it.
SHOWN = {
    "read-a-ladder": [("image/svg+xml", "Practice Manager"), ("image/png", "")],
    "prove-a-claim": [("text/html", "How it fails"), ("text/html", "Holds exactly when")],
    "run-a-workload": [("text/html", "assumed numbers"), ("image/png", "")],
    "compare-a-change": [
        ("text/html", "What changes"), ("text/html", "STRESS-DES"), ("image/png", ""),
        ("text/html", "Morris"),
    ],
    "five-authorities": [("text/html", "manchester"), ("image/png", "")],
}  # fmt: skip


def test_every_notebook_is_here() -> None:
    assert sorted(path.stem for path in FOLDER.glob("*.py")) == NAMES
    assert not list(FOLDER.glob("*.ipynb")), "notebooks are kept as text; see notebooks/README.md"


def read(name: str) -> Any:
    return jupytext.read(FOLDER / f"{name}.py")


@pytest.mark.parametrize("name", NAMES)
def test_a_notebook_is_calls_and_prose(name: str) -> None:
    """No definition, branch or loop; each picture and table has prose before it."""
    notebook = read(name)
    assert notebook.metadata["kernelspec"]["name"] == "python3"
    logic = (
        ast.FunctionDef | ast.ClassDef | ast.If | ast.For | ast.While | ast.Try | ast.With
        | ast.Lambda | ast.Assert
    )  # fmt: skip
    cells = notebook.cells
    assert cells[0].cell_type == "markdown" and cells[0].source.startswith("# ")
    for cell in cells:
        if cell.cell_type == "code":
            lines = [line for line in cell.source.splitlines() if not line.startswith("%")]
            tree = ast.parse("\n".join(lines))
            assert not [node for node in ast.walk(tree) if isinstance(node, logic)], cell.source
            assert len(lines) <= 14
    assert sum(c.cell_type == "markdown" for c in cells) * 2 >= len(cells) - 2


@pytest.mark.parametrize("name", NAMES)
def test_a_notebook_runs_and_shows_what_it_says(
    name: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    there = os.environ.get("PYTHONPATH")
    monkeypatch.setenv("PYTHONPATH", f"{ROOT}{os.pathsep}{there}" if there else str(ROOT))
    for name_of in ("IPYTHONDIR", "MPLCONFIGDIR", "JUPYTER_RUNTIME_DIR", "JUPYTER_CONFIG_DIR"):
        monkeypatch.setenv(name_of, str(tmp_path / name_of.lower()))
    notebook = read(name)
    assert not [c for c in notebook.cells if c.get("outputs")]
    resources = {"metadata": {"path": str(FOLDER)}}
    NotebookClient(notebook, timeout=600, kernel_name="python3", resources=resources).execute()
    nbformat.validate(notebook)
    outputs = [o for c in notebook.cells for o in c.get("outputs", [])]
    assert not [o for o in outputs if o.output_type in ("stream", "error")]
    shown = [(kind, str(text)) for o in outputs for kind, text in o.get("data", {}).items()]
    for kind, words in SHOWN[name]:
        assert any(kind == k and words in text for k, text in shown), (kind, words)
    last = [c for c in notebook.cells if c.cell_type == "code"][-1]
    assert last.outputs, "the last cell shows nothing"
