"""Which tests are left out where coverage is measured, and which random ladders are drawn."""

from __future__ import annotations

import signal

import pytest

# They take long, and what they run is run by others, too; they compare it with other engines.
LONG = {
    "test_agreement_kept",
    "test_agreement_powers",
    "test_agreement_rungs",
    "test_amend",
    "test_canonical",
    "test_decide",
    "test_dictionary",
    "test_docs",
    "test_drawing",
    "test_every_key",
    "test_exports",
    "test_exports_random",
    "test_fuzz",
    "test_ladders",
    "test_language",
    "test_laws",
    "test_noticed_alone",
    "test_notebooks",
    "test_rich",
    "test_same_bytes",
    "test_the_first_replications_are_as_recorded",
    "test_theory",
    "test_verdicts",
}


def pytest_addoption(parser: pytest.Parser) -> None:
    says = "another number draws other ladders in tests/test_agreement_many.py"
    parser.addoption("--draws", type=int, default=0, help=says)


def pytest_configure() -> None:
    """A shell starts what runs behind it deaf to Ctrl-C, and so would be all that tests start."""
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if not LONG.isdisjoint((item.path.stem, item.name.partition("[")[0])):
            item.add_marker(pytest.mark.no_cover)
