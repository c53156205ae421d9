"""What adjustment is worth, from sums that are written down by hand."""

import math

import numpy as np
import pytest

from jaksim.design.sums.gains import gains, without_adjustment
from jaksim.design.sums.summary import Summary, summarise, tally
from jaksim.trial import AnalysisPlan
from jaksim.trial.adjustment import Adjustment


def plans(method):
    plain = AnalysisPlan("plain", "death", method, "drug", "placebo")
    adjusted = AnalysisPlan("adjusted", "death", method, "drug", "placebo", adjustment=Adjustment(("age",)))
    return [adjusted, plain]


def summary(estimates, rejected) -> Summary:
    results = [np.stack([one, np.full(len(one), 1.0), one], axis=1) for one in estimates]
    rejected = np.array(rejected, dtype=bool)
    return summarise([tally(found, r, r) for found, r in zip(results, rejected, strict=True)], rejected)


def test_the_error_of_the_difference_is_that_of_pairs():
    rejected = [[1, 1, 1, 0, 0, 1, 0, 0], [1, 1, 0, 0, 0, 0, 0, 1]]
    values = np.arange(8.0)
    (gain,) = gains(plans("risk_difference"), summary([values, values * 1.5], rejected))
    assert gain.difference == pytest.approx(1 / 8)
    pairs = np.array(rejected[0]) - np.array(rejected[1])
    assert gain.mc_se == pytest.approx(pairs.std() / math.sqrt(8))
    assert gain.marginal
    assert gain.relative_efficiency == pytest.approx(2.25)


def test_a_conditional_effect_is_weighed_by_its_signal():
    rng = np.random.default_rng(1)
    noise = rng.standard_normal(400)
    estimates = [0.6 + 0.2 * noise, 0.4 + 0.2 * noise]
    (gain,) = gains(plans("odds_ratio"), summary(estimates, np.zeros((2, 400))))
    expected = (estimates[0].mean() / estimates[1].mean()) ** 2
    assert gain.relative_efficiency == pytest.approx(expected, rel=1e-6)
    (none,) = gains(plans("odds_ratio"), summary([0.2 * noise, 0.1 * noise], np.zeros((2, 400))))
    assert math.isnan(none.relative_efficiency)


def test_its_twin_is_the_same_in_all_but_name_role_and_covariates():
    adjusted, plain = plans("cox")
    other = AnalysisPlan("other", "death", "cox", "drug", "placebo", alpha=0.01)
    assert without_adjustment(adjusted, [adjusted, other]) is None
    assert without_adjustment(adjusted, [other, plain]) == 1
