"""Which part may import which, and what no file may hold.

The arrows are those of ARCHITECTURE.md. All files are parsed, none is run, so that an import which
is reached once in a hundred runs counts like any other.
"""

from __future__ import annotations

import ast
import os
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from graphlib import CycleError, TopologicalSorter
from importlib import import_module
from pathlib import Path

import pytest

import drp
import model

ROOT = Path(__file__).parent.parent
PARTS = ("model", "proofs", "simulations", "certificates", "drp")

# Which of the other parts a part may import.
MAY_IMPORT = {
    "model": set(),
    "proofs": {"model"},
    "simulations": {"model"},
    "certificates": set(),
    "drp": {"model", "proofs", "simulations", "certificates"},
}

# Where a third-party package may be imported: a file, or a folder and all below it.
HOMES = {
    "SALib": ("simulations/sensitivity.py",),
    "cvc5": (
        "proofs/cvc5_process.py",
        "proofs/second.py",
    ),  # imported in the one, found in the other
    "holidays": ("model/calendar.py",),
    "matplotlib": ("model/drawing/figure.py", "simulations/plots.py"),
    "networkx": ("model/drawing/exports.py", "model/graph.py"),
    "numpy": ("simulations/",),
    "pyarrow": ("simulations/results.py",),
    "scipy": ("simulations/",),
    "simpy": ("simulations/",),
    "yaml": ("model/yamltree.py",),
    "z3": ("proofs/process.py",),  # found there, and loaded nowhere
}

# Imported inside a function only, when something is asked of them: they are slow to load.
LAZY = {"SALib", "cvc5", "holidays", "matplotlib", "networkx", "pyarrow", "scipy", "z3"}

# What `import model` leaves unloaded, and so does everything in it until it is called.
HEAVY = {
    "SALib",
    "cvc5",
    "holidays",
    "matplotlib",
    "networkx",
    "numpy",
    "pyarrow",
    "scipy",
    "simpy",
    "z3",
}

MOST_LINES = 500

# Files that are longer, each with the number of lines it may have and why.
LONGER = {
    "model/language.py": (800, "the whole language is one table, read from top to bottom"),
    "model/terms.py": (720, "one algebra: formulas, day counts and their meaning"),
}

# Paths of a developer's machine, and hosts of package registries.
PRIVATE = {
    "a path of one machine": re.compile(r"(?<![\w.])/(?:work|root|home|Users)/\w"),
    "the host of a registry": re.compile(
        r"python[h]osted|py[p]i[.]org|registry[.]npm[j]s|deb[.]debian[.]org"
    ),
}

TYPE_CHECKING = {"TYPE_CHECKING", "typing.TYPE_CHECKING"}

# Folders that hold nothing of the project's own.
IGNORED = {"__pycache__", "build", "dist", "htmlcov"}
SHOWN = {".ci", ".github"}


@dataclass(frozen=True)
class Import:
    """One imported module: where it is written, and when it is carried out.

    `when` is `at once` (as its file is loaded), `later` (inside a function), or `for types`.
    """

    file: str
    line: int
    module: str
    when: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line} imports {self.module} {self.when}"

    @property
    def package(self) -> str:
        return self.module.partition(".")[0]


@cache
def sources() -> dict[str, Path]:
    """Every module of the parts, by its dotted name."""
    files = (file for part in PARTS for file in sorted((ROOT / part).rglob("*.py")))
    return {".".join(parts_of(file)): file for file in files}


def parts_of(file: Path) -> tuple[str, ...]:
    parts = file.relative_to(ROOT).with_suffix("").parts
    return parts[:-1] if parts[-1] == "__init__" else parts


@cache
def imports() -> tuple[Import, ...]:
    return tuple(found for name in sources() for found in imports_of(name))


def imports_of(name: str) -> Iterator[Import]:
    file = sources()[name]
    package = parts_of(file) if file.name == "__init__.py" else parts_of(file)[:-1]
    shown = file.relative_to(ROOT).as_posix()
    tree = ast.parse(file.read_text(encoding="utf-8"), shown)
    for node, when in walk(tree, "at once"):
        for module in modules(node, package):
            yield Import(shown, node.lineno, module, when)


def walk(node: ast.AST, when: str) -> Iterator[tuple[ast.stmt | ast.expr, str]]:
    """Every statement and expression, with when it is carried out."""
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
        when = "later"
    if isinstance(node, ast.stmt | ast.expr):
        yield node, when
    if isinstance(node, ast.If) and ast.unparse(node.test) in TYPE_CHECKING:
        for child in node.body:
            yield from walk(child, "for types")
        for child in node.orelse:
            yield from walk(child, when)
        return
    for child in ast.iter_child_nodes(node):
        yield from walk(child, when)


def modules(node: ast.AST, package: tuple[str, ...]) -> Iterator[str]:
    """The modules that a statement or a call imports; `package` is where it stands."""
    match node:
        case ast.Import(names=names):
            yield from (alias.name for alias in names)
        case ast.ImportFrom(module=module, names=names, level=level):
            above = package[: len(package) - level + 1] if level else ()
            whole = ".".join((*above, *((module,) if module else ())))
            # A name that is not a module of its own is found in the module itself.
            found = {f"{whole}.{alias.name}" for alias in names}
            yield from sorted({n if n in sources() else whole for n in found})
        case ast.Call(
            func=ast.Name(id="__import__" | "import_module" | "find_spec")
            | ast.Attribute(attr="import_module" | "find_spec"),
            args=[ast.Constant(value=str(module)), *_],
        ):
            yield module


def listed(found: list[Import]) -> str:
    return "\n".join(map(str, found))


# --- who imports whom -------------------------------------------------------------------------


def test_the_imports_are_found() -> None:
    seen = {(i.file, i.module, i.when) for i in imports()}
    assert ("proofs/process.py", "z3", "later") in seen
    assert ("model/calendar.py", "holidays", "later") in seen
    assert ("model/drawing/figure.py", "matplotlib.figure", "for types") in seen
    assert {"model", "model.load", "proofs", "simulations", "drp"} <= set(sources())


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("import z3.z3util as z", [("z3.z3util", "at once")]),
        ("from . import load", [("model.load", "at once")]),
        ("from .load import shown", [("model.load", "at once")]),
        ("from model import load, svg", [("model", "at once"), ("model.load", "at once")]),
        ("def f():\n import z3", [("z3", "later")]),
        ("class C:\n import z3", [("z3", "at once")]),
        ("try:\n import z3\nexcept ImportError: pass", [("z3", "at once")]),
        ("f = lambda: __import__('z3')", [("z3", "later")]),
        ("importlib.import_module('z3')", [("z3", "at once")]),
        ("if TYPE_CHECKING:\n import z3", [("z3", "for types")]),
        ("if typing.TYPE_CHECKING: pass\nelse:\n import z3", [("z3", "at once")]),
    ],
)
def test_each_way_of_importing_is_seen(text: str, expected: list[tuple[str, str]]) -> None:
    tree = ast.parse(text)
    found = [(m, when) for node, when in walk(tree, "at once") for m in modules(node, ("model",))]
    assert found == expected


def test_parts_keep_to_their_arrows() -> None:
    wrong = [
        i
        for i in imports()
        if i.package in PARTS
        and i.package != (part := i.file.partition("/")[0])
        and i.package not in MAY_IMPORT[part]
    ]
    assert not wrong, listed(wrong)


def test_third_party_packages_stay_at_home() -> None:
    foreign = [i for i in imports() if i.package not in {*PARTS, *sys.stdlib_module_names}]
    wrong = [i for i in foreign if not i.file.startswith(HOMES.get(i.package, ()))]
    assert not wrong, listed(wrong)
    eager = [i for i in foreign if i.package in LAZY and i.when == "at once"]
    assert not eager, listed(eager)


def test_no_module_needs_itself_to_load() -> None:
    needs: dict[str, set[str]] = {name: set() for name in sources()}
    for i in imports():
        name = ".".join(parts_of(ROOT / i.file))
        if i.when == "at once" and i.module in needs and i.module != name:
            needs[name].add(i.module)
    try:
        TopologicalSorter(needs).prepare()
    except CycleError as error:
        pytest.fail("these import each other: " + " → ".join(reversed(error.args[1])))


# --- the face of the model --------------------------------------------------------------------


def loaded_after(statements: str) -> set[str]:
    """The packages that a new interpreter has loaded after some statements."""
    script = f"{statements}\nimport sys\nprint(*sys.modules, sep='\\n')"
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True
    )
    return set(done.stdout.split())


def test_importing_the_model_loads_none_of_it() -> None:
    loaded = loaded_after("import model")
    assert "model" in loaded
    assert not [name for name in loaded if name.startswith(("model.", "yaml"))]


def test_the_whole_model_loads_nothing_heavy() -> None:
    names = [name for name in sources() if name.startswith("model")]
    loaded = loaded_after(f"import model, {', '.join(names)}\nfrom model import *")
    assert set(names) <= loaded
    assert not loaded & HEAVY


def test_the_version_is_had_for_nothing() -> None:
    assert not loaded_after("import drp") & {*HEAVY, "yaml", "model", "proofs", "simulations"}


@pytest.mark.parametrize("name", model.__all__)
def test_each_name_of_the_face_is_what_its_module_holds(name: str) -> None:
    home = import_module(f"model.{model._HOME_OF[name]}")
    assert getattr(model, name) is getattr(home, name)


def test_a_name_of_the_face_is_never_a_module() -> None:
    """Also after the module of the same name was loaded, first or last."""
    both = sorted(set(model.__all__) & {n.removeprefix("model.") for n in sources()})
    assert "load" in both
    for order in ("model.{0}; import model.{0}", "import model.{0}; model.{0}"):
        script = "import model\n" + "\n".join(
            f"{order.format(name)}; from model import {name}; assert callable({name})"
            for name in both
        )
        assert {f"model.{name}" for name in both} <= loaded_after(script)


def test_the_face_says_what_it_has() -> None:
    assert sorted(model._HOME_OF) == model.__all__
    assert set(model.__all__) <= set(dir(model))
    file = sources()["model"]
    typed = {
        alias.name
        for node, when in walk(ast.parse(file.read_text(encoding="utf-8")), "at once")
        if isinstance(node, ast.ImportFrom) and when == "for types"
        for alias in node.names
    }
    assert typed == set(model.__all__)
    with pytest.raises(AttributeError, match="has no “ladder”"):
        _ = model.ladder


# --- what no file may hold --------------------------------------------------------------------


def files() -> Iterator[Path]:
    """The files of the repository, with none of what tools leave behind."""
    for folder, folders, names in os.walk(ROOT):
        here = Path(folder)
        folders[:] = [
            name
            for name in folders
            if (name in SHOWN or not name.startswith("."))
            and name not in IGNORED
            and not name.endswith(".egg-info")
            and not (here / name / "pyvenv.cfg").exists()
        ]
        yield from (here / name for name in names if name not in (".coverage", ".git"))


def test_no_file_names_a_machine_or_a_registry() -> None:
    wrong: list[str] = []
    count = 0
    for file in files():
        count += 1
        text = file.read_bytes().decode("utf-8", "replace")
        for what, pattern in PRIVATE.items():
            for hit in pattern.finditer(text):
                line = text.count("\n", 0, hit.start()) + 1
                wrong.append(f"{file.relative_to(ROOT)}:{line}: {what}: {hit[0]}")
    assert count > 50
    assert not wrong, "\n".join(wrong)


def test_what_may_not_be_held_is_recognised() -> None:
    for text in ("see /" + "home/ann/x", "(/" + "work/x)", "https://py" + "pi.org/simple"):
        assert any(pattern.search(text) for pattern in PRIVATE.values()), text
    for text in ("https://example.org/" + "home/x", "home/work/root", "a pypi package"):
        assert not any(pattern.search(text) for pattern in PRIVATE.values()), text


def test_no_file_grew_past_one_purpose() -> None:
    lines = {
        file.relative_to(ROOT).as_posix(): len(file.read_text(encoding="utf-8").splitlines())
        for file in sources().values()
    }
    wrong = [
        f"{name} has {count} lines, and may have {most}"
        for name, count in lines.items()
        if count > (most := LONGER.get(name, (MOST_LINES, ""))[0])
    ]
    wrong += [
        f"{name} needs no exception any more: take it out of LONGER"
        for name in LONGER
        if lines.get(name, 0) <= MOST_LINES
    ]
    assert not wrong, "\n".join(wrong)


# --- what is said in more than one place ------------------------------------------------------


def requirements() -> dict[str, list[str]]:
    """What pyproject.toml asks for, by extra; the project's own needs stand under the empty name.

    Names are in lower case, without versions.
    """
    with (ROOT / "pyproject.toml").open("rb") as file:
        settings = tomllib.load(file)
    project = settings["project"]
    asked = {"": project["dependencies"], **project["optional-dependencies"]}
    asked |= settings["dependency-groups"]
    return {extra: [bare(text) for text in texts] for extra, texts in asked.items()}


def bare(requirement: str) -> str:
    match = re.match(r"[\w-]+", requirement)
    assert match, requirement
    return match[0].lower()


def test_every_dependency_is_pinned_and_explained() -> None:
    pinned = (ROOT / "constraints.txt").read_text(encoding="utf-8")
    reasons = (ROOT / "docs" / "dependencies.md").read_text(encoding="utf-8").lower()
    for name in {name for names in requirements().values() for name in names} - {"drp-ladders"}:
        assert re.search(rf"^{name}==\d\S* .*\\\n +--hash=sha256:", pinned, re.M), name
        assert f"\n| {name} |" in reasons, name


def test_the_command_needs_what_the_base_installs() -> None:
    """Whatever the model, the proofs and the command import comes without an extra."""
    names = {"yaml": "pyyaml", "z3": "z3-solver"}
    apart = {p for p, homes in HOMES.items() if all(h.startswith("simulations/") for h in homes)}
    used = HOMES.keys() - apart
    needed = {names.get(package, package) for package in used - {"cvc5", "matplotlib"}}
    assert needed == set(requirements()[""])


def test_the_version_is_the_same_everywhere() -> None:
    citation = (ROOT / "CITATION.cff").read_text(encoding="utf-8")
    changes = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    assert f"\nversion: {drp.__version__}\n" in citation
    assert f"\n## [{drp.__version__}]" in changes
