"""Forecasts of simulated running trials hold what happened as often as they say.

Trials are drawn from their own plan, cut on days spread over the first half of the trial, and forecast from their logs.
Where what happened stands among the continuations (ties broken at random) is uniform if the forecast is right.
"""

import numpy as np
import pytest

from tests.running_trials import LEVELS, BackCheck, coverage_z

MOST_Z = 4.0
TRIALS, REPLICATES = 100, 99


@pytest.fixture(scope="module")
def checked():
    return BackCheck(replicates=REPLICATES).positions(TRIALS)


@pytest.mark.parametrize("name", BackCheck().names)
def test_bands_of_a_hundred_trials_hold_their_share(checked, name):
    at, held = checked[0][name], checked[1][name]
    assert len(at) > 0.9 * TRIALS
    assert abs(at.mean() - 0.5) * np.sqrt(12 * len(at)) < MOST_Z
    for i, level in enumerate(LEVELS):
        assert abs(coverage_z(at, level)[1]) < MOST_Z
        # Bands of whole numbers hold more than their share, never less.
        assert held[:, i].mean() > level - MOST_Z * np.sqrt(level * (1.0 - level) / len(at))


def test_a_forecast_that_does_not_look_at_the_log_would_be_found_out():
    """The same continuations held against the trials of other logs do not have their share of what happens."""
    check = BackCheck(replicates=REPLICATES)
    outside = []
    for number in range(12):
        (log, _), (_, truth) = check.log(number), check.log((number + 5) % 12)
        values = check.running(log, number).block(0, REPLICATES).numbers["full_day"]
        low, high = np.quantile(values, [0.1, 0.9])
        outside.append(not low <= truth["full_day"] <= high)
    assert np.mean(outside) > 0.2 + MOST_Z * np.sqrt(0.2 * 0.8 / 12) * 0.5
