"""What tests of adaptive designs share."""

import math
from pathlib import Path

import numpy as np
import pytest

from jaksim.design.analyses.evaluation import settle
from jaksim.design.conduct.designs import make_design
from jaksim.design.engine.cells import Cells
from jaksim.design.power import trial_power
from jaksim.design.settings import Settings
from jaksim.scenario import load_scenario

SCENARIO = Path(__file__).parents[1] / "scenarios" / "adaptable.toml"


def _level_z(changes, replicates, *, seed=11, alpha=0.025, scenario=SCENARIO):
    """Standard errors by which the familywise error is above its nominal level when no drug does anything."""
    trial = load_scenario(scenario, changes=changes).trial
    found = trial_power(trial, Settings(replicates=replicates, seed=seed), null=True)
    share = found.characteristics.any_rejection.share
    assert share > 0.0
    return (share - alpha) / math.sqrt(alpha * (1.0 - alpha) / replicates)


def _same_trials(changes, n=40):
    """Assert that replicates are the same in one block as in several."""
    cells = Cells(load_scenario(SCENARIO, changes=changes).trial)
    design = make_design(cells, settle(cells), 17)
    whole, _ = design.conduct(0, n)
    for first, size in ((0, 7), (7, 1), (8, n - 8)):
        part, _ = design.conduct(first, size)
        rows = slice(first, first + size)
        for name in ("look", "reason", "day", "enrolled", "information"):
            np.testing.assert_array_equal(getattr(part, name), getattr(whole, name)[rows])
        np.testing.assert_array_equal(part.rejected, whole.rejected[:, rows])
        np.testing.assert_array_equal(part.results, whole.results[:, rows])


@pytest.fixture
def without_sizes(monkeypatch):
    """Powers without the patients needed for 80 and 90 %, whose search among all tables takes ten times as long."""
    monkeypatch.setattr("jaksim.design.planned_result.TARGETS", ())


@pytest.fixture
def level_z():
    return _level_z


@pytest.fixture
def same_trials():
    return _same_trials
