"""Where the data that a test decides on are so few that a normal z need not keep its level, and which test does."""

from __future__ import annotations

from typing import Final

from jaksim.analysis import METHODS
from jaksim.analysis.margin import SUPERIORITY
from jaksim.analysis.permutation import DISTRIBUTION, PERMUTATION
from jaksim.design.analyses.evaluation import Test
from jaksim.design.engine.cells import Cells
from jaksim.design.twin.analytic import analysis_input
from jaksim.errors import InputError

FEWEST_PATIENTS: Final = 50
"""Patients of an arm."""
FEWEST_OUTCOMES: Final = 10
"""Patients of an arm with, and without, the event."""


def few_patients(cells: Cells, test: Test, share: float) -> str:
    """What a reader has to know of the level of a test that decides on this share of the planned patients; nothing
    where they are many, and for a test that takes its level from randomisation or from all tables that can happen."""
    if test.options.get(DISTRIBUTION.name) == PERMUTATION or test.method.follows is not None:
        return ""
    given = analysis_input(cells, test.plan, test.method)
    sizes = share * given.cell_sizes(cells.trial.population.patients)
    patients = float(sizes.sum(axis=1).min())
    found = f"{patients:.0f} patients" if patients < FEWEST_PATIENTS else ""
    if not found and given.endpoint.kind in ("time_to_event", "binary") and given.endpoint.transitions is None:
        counts = (sizes[:, :, None] * given.laws).sum(axis=1)
        for status, words in ((1, "with"), (0, "without")):
            here = float(counts[:, given.endpoint.status == status].sum(axis=1).min())
            if here < FEWEST_OUTCOMES:
                found = f"{here:.1f} patients {words} an event"
    if not found:
        return ""
    return (
        f"in the smallest data that decide, {found} are expected in an arm, where a normal z can reject too often or "
        f"too seldom{_instead(test)}"
    )


def _instead(test: Test) -> str:
    """The test that keeps its level, in words: randomisation tells the distribution of no difference alone."""
    if test.plan.hypothesis != SUPERIORITY or test.targets:
        return ""
    options = f'options = {{ {DISTRIBUTION.name} = "{PERMUTATION}" }}'
    if DISTRIBUTION.name in test.method.keys:
        return f"; {options} keeps the level"
    for name, method in METHODS.items():
        if DISTRIBUTION.name in method.keys and test.endpoint.kind in method.main:
            try:
                method.check(test.endpoint)
            except InputError:
                continue
            return f'; method = "{name}" with {options} keeps the level'
    return ""
