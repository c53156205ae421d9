"""The power of the planned analyses in patients who come on some days since onset, without simulation."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping

import numpy as np

from jaksim.design.analyses.evaluation import Test, settle
from jaksim.design.engine.cells import Cells
from jaksim.design.foreseen import SLOW
from jaksim.design.twin.planned_power import PlannedPower
from jaksim.design.twin.very_large import by_site
from jaksim.kernel.deferred import interpreted
from jaksim.trial import Trial
from jaksim.verbs.showing.phases_result import PowerByOnset


def powers_by_onset(groups: Mapping[str, Trial], constant: Trial) -> Iterator[PowerByOnset]:
    """Of each analysis that is quickly worked out, the power in the trial of each group and with constant effects."""
    found = {name: _powers(trial) for name, trial in groups.items()}
    of_constant = _powers(constant)
    for analysis, power in of_constant.items():
        by_group = tuple(powers[analysis] for powers in found.values())
        yield PowerByOnset(analysis, tuple(groups), by_group, power)


def _powers(trial: Trial) -> dict[str, float]:
    if trial.site_sd > 0.0:
        return {}
    cells = Cells(trial)
    with interpreted(), np.errstate(all="ignore"):
        return {test.plan.name: _power(cells, test) for test in settle(cells) if _is_quick(test)}


def _is_quick(test: Test) -> bool:
    return test.plan.method not in SLOW and test.plan.adjustment is None and not by_site(test)


def _power(cells: Cells, test: Test) -> float:
    known = PlannedPower.of(cells, test).planned
    return math.nan if known.doubt else known.power
