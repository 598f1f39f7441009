"""What the documents show is what the tool prints; run this file with --refresh to renew it."""

from __future__ import annotations

import contextlib
import io
import os
import re
import shlex
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
SHOWN = re.compile(
    r"(<!-- run: drp ([^\n]*?)(?: · lines (\d+) to (\d+))? -->\n```\n)(.*?)(```\n)", re.DOTALL
)
PAGES = ["README.md", "docs/exports.md", "docs/guide.md", "docs/reference.md"]


def printed(arguments: str) -> str:
    """What a command prints, run from the repository's folder."""
    from drp.cli import main

    before = Path.cwd()
    os.chdir(ROOT)
    out = io.StringIO()
    try:
        with contextlib.redirect_stdout(out):
            main(shlex.split(arguments))
    finally:
        os.chdir(before)
    return out.getvalue()


def excerpt(found: re.Match[str]) -> str:
    """What a page shows of a command's output: all of it, or some of its lines."""
    lines = printed(found[2]).splitlines(keepends=True)
    if found[3]:
        lines = lines[int(found[3]) - 1 : int(found[4])]
        assert len(lines) == int(found[4]) - int(found[3]) + 1, f"no such lines: {found[2]}"
    return "".join(lines)


def renewed(text: str) -> str:
    return SHOWN.sub(lambda m: m[1] + excerpt(m) + m[6], text)


@pytest.mark.parametrize("page", PAGES)
def test_a_page_shows_real_output(page: str) -> None:
    text = (ROOT / page).read_text("utf-8")
    assert renewed(text) == text


def test_the_readme_shows_output() -> None:
    assert len(SHOWN.findall((ROOT / "README.md").read_text("utf-8"))) >= 3


def test_the_reference_names_every_claim_command_option_and_public_name() -> None:
    import certificates
    import model
    import proofs
    import simulations
    from drp.cli import parser
    from proofs.claims import ALL

    page = (ROOT / "docs" / "reference.md").read_text("utf-8")
    missing = [c.id for c in ALL if f"`{c.id}`" not in page]
    for package in (certificates, model, proofs, simulations):
        names = [f"{package.__name__}.{n}" for n in package.__all__]
        missing += [n for n in names if f"`{n}`" not in page]
    help_text = parser().format_help()
    for command in re.findall(r"^    (\w+)  ", help_text, re.MULTILINE):
        missing += [command] if f"drp {command}" not in page else []
    for command in parser()._subparsers._group_actions[0].choices.values():  # type: ignore
        for action in command._actions:
            longest = max(action.option_strings, key=len, default="")
            missing += [longest] if longest not in ("", "--help") and longest not in page else []
    assert not missing


if __name__ == "__main__" and "--refresh" in sys.argv:
    sys.path.insert(0, str(ROOT))
    for name in PAGES:
        path = ROOT / name
        path.write_text(renewed(path.read_text("utf-8")), "utf-8")
