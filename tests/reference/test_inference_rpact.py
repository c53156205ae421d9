"""Analyses that rpact prints: cran/rpact (v3.3.0) at 9152d2e, tests/testthat/test-f_analysis_base_survival.R.

Log-rank statistics of so many events in two arms of one size; the log hazard ratio is 2 z / sqrt(events).
"""

import math

import numpy as np
import pytest

import jaksim
from jaksim.trial.monitoring.inference import repeated_interval, repeated_p_value, stopped_trial

TWO = jaksim.boundaries(information=[0.4, 1.0], spending="wang-tsiatis:0.25", futility="z:0", binding=True)
THREE = jaksim.boundaries(information=[0.2, 0.4, 1.0], spending="wang-tsiatis:0.25", futility="z:0")


def hazard_ratio(drift, events):
    return np.exp(2.0 * np.asarray(drift) / math.sqrt(events))


def at_look(design, look, z, events):
    """The repeated interval as hazard ratios, by the events at that analysis."""
    root = math.sqrt(design.information[look - 1])
    return hazard_ratio(np.array(repeated_interval(design, look, z)) * root, events)


@pytest.mark.parametrize(
    ("design", "look", "z", "events", "interval", "p_value"),
    [
        (TWO, 1, 1.92, 8, (0.65051922, 23.22605), 0.074184316),
        (TWO, 2, 2.1, 20, (1.04083, 6.2857086), 0.019962317),
        (THREE, 1, 1.52, 8, (0.34217973, 25.078822), 0.22249182),
        (THREE, 2, 1.38, 15, (0.54553509, 7.6235796), 0.19345822),
        (THREE, 3, 2.9, 38, (1.325822, 4.9517237), 0.0019646115),
    ],
)
def test_repeated_intervals_and_p_values(design, look, z, events, interval, p_value):
    assert at_look(design, look, z, events) == pytest.approx(interval, rel=2e-6)
    assert repeated_p_value(design, look, z) == pytest.approx(p_value, abs=1e-6)


@pytest.mark.parametrize(
    ("design", "look", "z", "events", "p_value", "interval", "median_unbiased"),
    [
        (TWO, 2, 2.1, 20, 0.021122043, (1.0341796, 6.2409205), 2.5476534),
        (THREE, 3, 2.9, 38, 0.0074535505, (1.222663, 4.752454), 2.4764002),
    ],
)
def test_final_results(design, look, z, events, p_value, interval, median_unbiased):
    found = stopped_trial(design, look, z)
    assert found.p_value == pytest.approx(p_value, rel=1e-6)
    assert hazard_ratio(found.interval, events) == pytest.approx(interval, rel=1e-5)
    assert hazard_ratio(found.median_unbiased, events) == pytest.approx(median_unbiased, rel=1e-5)
