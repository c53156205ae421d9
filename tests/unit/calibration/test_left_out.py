"""Predictions of left-out trials against a fine grid of the standard deviations, one trial at a time."""

import itertools
import math

import numpy as np
import pytest

from jaksim.calibration.left_out import Spread, each_from_earlier, each_from_others, predictive
from jaksim.evidence.synthesis.trial_evidence import TrialEvidence
from tests.unit.calibration.test_backtest import trial

SPREAD = Spread(mean=1.0, classes=0.25, agents=0.25, trials=0.25)
# Large trials that agree, so that standard deviations near zero carry the weight.
AGREEING = [
    trial("one", 0.10, 0.03, "a", "c"),
    trial("two", 0.12, 0.04, "a", "c"),
    trial("three", 0.09, 0.05, "b", "c"),
    trial("four", 0.11, 0.06, "b", "c"),
    trial("five", 0.10, 0.20, "d", "e"),
]


def on_a_grid(others: list[TrialEvidence], new: TrialEvidence) -> tuple[float, float]:
    """Mean and standard deviation of the prediction by the trapezoidal rule on 40 values of each standard deviation."""
    grid = 1.2 * np.linspace(0, 1, 40) ** 2
    width = np.gradient(grid)
    everyone = [*others, new]
    y = np.array([one.log_ratio for one in others])
    errors = np.array([one.standard_error for one in everyone])
    same_class = np.array([[a.treatment_class == b.treatment_class for a in everyone] for b in everyone], float)
    same_agent = np.array([[a.agent == b.agent for a in everyone] for b in everyone], float)
    log_weights, means, variances = [], [], []
    for (i, t1), (j, t2), (k, t3) in itertools.product(enumerate(grid), repeat=3):
        covariance = 1 + t1**2 * same_class + t2**2 * same_agent + np.diag(t3**2 + errors**2)
        known, towards = covariance[:-1, :-1], covariance[:-1, -1]
        solved = np.linalg.solve(known, np.stack([y, towards], axis=1))
        prior = -8.0 * (t1**2 + t2**2 + t3**2)  # half-normal of scale 0.25
        log_weights.append(
            prior + math.log(width[i] * width[j] * width[k]) - 0.5 * (y @ solved[:, 0] + np.linalg.slogdet(known)[1])
        )
        means.append(towards @ solved[:, 0])
        variances.append(covariance[-1, -1] - towards @ solved[:, 1])
    weights = np.exp(np.array(log_weights) - max(log_weights))
    weights /= weights.sum()
    mean = float(weights @ means)
    return mean, math.sqrt(weights @ (np.array(variances) + (np.array(means) - mean) ** 2))


@pytest.mark.parametrize("place", [0, 4])
def test_small_standard_deviations_are_integrated_over(place):
    others = [one for number, one in enumerate(AGREEING) if number != place]
    mean, sd = on_a_grid(others, AGREEING[place])
    found = each_from_others(AGREEING, SPREAD)[place]
    assert found.mean == pytest.approx(mean, abs=0.002)
    assert found.standard_deviation == pytest.approx(sd, rel=0.01)


def test_all_at_once_is_one_by_one():
    together, earlier = each_from_others(AGREEING, SPREAD), each_from_earlier(AGREEING, SPREAD)
    for place, new in enumerate(AGREEING):
        for found, others in (
            (together[place], [*AGREEING[:place], *AGREEING[place + 1 :]]),
            (earlier[place], AGREEING[:place]),
        ):
            alone = predictive(others, new.agent, new.treatment_class, new.standard_error, SPREAD)
            assert found.mean == pytest.approx(alone.mean, abs=1e-10)
            assert found.interval(0.8) == pytest.approx(alone.interval(0.8), abs=1e-9)


def test_without_earlier_trials_it_is_the_prior():
    found = each_from_earlier(AGREEING, SPREAD)[0]
    assert found.mean == pytest.approx(0.0, abs=1e-15)
    assert found.standard_deviation == pytest.approx(math.sqrt(1 + 3 * 0.25**2 + 0.03**2), rel=1e-6)
