import numpy as np
import pytest
from scipy import stats

from jaksim.design.conduct.adaptive.calibration import allowed, calibrated_value
from jaksim.design.sums.precision import MOST_REPLICATES, check_replicates
from jaksim.errors import InputError


def test_the_critical_value_of_a_normal_statistic():
    asked = []

    def largest(first, n):
        asked.append((first, n))
        return np.random.default_rng(first).normal(size=n)

    value = calibrated_value(largest, 20_000, 0.025)
    assert asked[0] == (MOST_REPLICATES, 256)
    assert sum(n for _, n in asked) == 20_000
    check_replicates(min(first for first, _ in asked))
    with pytest.raises(InputError, match="replicates is out of range"):
        check_replicates(min(first for first, _ in asked) + 1)
    error = np.sqrt(0.025 * 0.975 / 20_000)
    assert 0.025 - 6 * error < stats.norm.sf(value) < 0.025


def test_as_many_exceed_the_value_as_are_allowed():
    numbers = np.arange(1000.0)
    value = calibrated_value(lambda first, n: numbers[first - MOST_REPLICATES :][:n], 1000, 0.05)
    assert (numbers > value).sum() == allowed(1000, 0.05)
    assert (
        stats.binom.cdf(allowed(1000, 0.05), 1000, 0.05) <= 0.025 < stats.binom.cdf(allowed(1000, 0.05) + 1, 1000, 0.05)
    )


def test_too_few_trials_for_the_level_never_reject():
    assert calibrated_value(lambda first, n: np.zeros(n), 50, 0.025) == np.inf


def test_what_cannot_be_estimated_is_not_a_rejection():
    assert calibrated_value(lambda first, n: np.full(n, np.nan), 1000, 0.05) == pytest.approx(-np.inf)
