import numpy as np
import pytest

from jaksim.analysis.win.mann_whitney_adjusted import mann_whitney_adjusted
from jaksim.errors import InputError
from jaksim.methods import wilcoxon


@pytest.fixture
def trial():
    rng = np.random.default_rng(11)
    arm, age = rng.integers(0, 2, 300), rng.normal(60.0, 10.0, 300)
    return arm, np.round(0.1 * age + 0.5 * arm + rng.normal(size=300)), age


def test_without_covariates_it_is_the_mann_whitney_probability(trial):
    arm, value, _ = trial
    values, category = np.unique(value, return_inverse=True)
    table = np.zeros((2, len(values)))
    np.add.at(table, (arm, category), 1.0)
    expected = wilcoxon(table, np.arange(len(values))[::-1])
    found = mann_whitney_adjusted(arm, value)
    assert (found.estimate, found.se) == pytest.approx((expected.estimate, expected.se), rel=1e-12)


def test_adjustment_uses_the_covariances_of_pairwise_wins(trial):
    arm, value, age = trial
    wins = (value[arm == 1][:, None] > value[arm == 0]) + 0.5 * (value[arm == 1][:, None] == value[arm == 0])
    gap = age[arm == 1][:, None] - age[arm == 0]
    n_1, n_0 = wins.shape

    def covariance(a, b):
        return np.cov(a.mean(1), b.mean(1))[0, 1] / n_1 + np.cov(a.mean(0), b.mean(0))[0, 1] / n_0

    slope = covariance(wins, gap) / covariance(gap, gap)
    found = mann_whitney_adjusted(arm, value, age)
    assert found.estimate == pytest.approx(wins.mean() - slope * gap.mean(), rel=1e-12)
    assert found.se**2 == pytest.approx(covariance(wins, wins) - slope * covariance(wins, gap), rel=1e-10)
    assert found.se < mann_whitney_adjusted(arm, value).se


def test_what_cannot_be_adjusted_is_refused(trial):
    arm, value, age = trial
    with pytest.raises(InputError, match="constant"):
        mann_whitney_adjusted(arm, value, np.ones(300))
    with pytest.raises(InputError, match="n - 1"):
        mann_whitney_adjusted(arm, value, age, divisor="m")
    with pytest.raises(InputError, match="two patients"):
        mann_whitney_adjusted(np.ones(300), value)
