"""Which tests are traced where coverage is measured (`pytest --cov`), and which are begun first.

Those that are traced run nearly all of the code in little time; the others run the same code on
more ladders, worlds and numbers, and compare.
"""

from __future__ import annotations

import pytest

TRACED = {
    "test_bad_policies",
    "test_calendar",
    "test_cases",
    "test_certificates",
    "test_claims",
    "test_conditions",
    "test_dates",
    "test_export_command",
    "test_files",
    "test_hostile",
    "test_mutants",
    "test_plots",
    "test_process",
    "test_record",
    "test_replay",
    "test_sensitivity",
    "test_sensitivity_command",
    "test_severity",
    "test_simulate_command",
    "test_simulation_broken",
    "test_simulation_draws",
    "test_simulation_figures",
    "test_simulation_limits",
    "test_simulation_staff",
    "test_smtlib",
    "test_solver",
    "test_study_reading",
    "test_theory_formulas",
    "test_workload_dictionary",
}
LARGEST = "[islington]"  # of the protocols: what is traced of the others is enough

# The files that take longest, the longest first, so that no core waits in the end.
FIRST = (
    "test_study",
    "test_drawing",
    "test_theory",
    "test_agreement_powers",
    "test_agreement_rungs",
    "test_every_key",
    "test_amend",
    "test_laws",
    "test_decide",
    "test_certificates",
    "test_mutants",
    "test_workload",
    "test_exports_random",
    "test_bad_policies",
    "test_dictionary",
)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    place = {stem: i for i, stem in enumerate(FIRST)}
    items.sort(key=lambda item: place.get(item.path.stem, len(FIRST)))
    for item in items:
        if item.path.stem not in TRACED or LARGEST in item.name:
            item.add_marker(pytest.mark.no_cover)
