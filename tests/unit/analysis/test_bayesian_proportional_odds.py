import numpy as np
import pytest
from scipy.special import expit
from scipy.stats import norm

from jaksim.analysis.bayesian_proportional_odds import bayesian_proportional_odds
from jaksim.analysis.proportional_odds import proportional_odds
from jaksim.errors import InputError
from jaksim.trial import AnalysisPlan

TABLE = np.array([[60, 50, 40], [75, 45, 30]])


def brute_force(table, prior_sd):
    """Mean, standard deviation and P(log odds ratio > 0) on a grid of odds ratio, first threshold and gap."""
    effect = (0.025 * (np.arange(121) - 47.5))[:, None, None]
    first = np.linspace(-1.6, 0.8, 97)[None, :, None]
    log_gap = np.linspace(-1.2, 1.2, 81)[None, None, :]
    second = first + np.exp(log_gap)
    log_density = log_gap + norm.logpdf(effect, 0.0, prior_sd)
    for arm in range(2):
        lower, upper = expit(first + arm * effect), expit(second + arm * effect)
        for count, p in zip(table[arm], (lower, upper - lower, 1.0 - upper), strict=True):
            log_density = log_density + count * np.log(p)
    weight = np.exp(log_density - log_density.max()).sum(axis=(1, 2))
    x, weight = effect.ravel(), weight / weight.sum()
    mean = weight @ x
    sd = np.sqrt(weight @ (x - mean) ** 2)
    return mean, sd, weight[x > 0].sum()


@pytest.mark.parametrize("prior_sd", [0.2, 1.0])
def test_brute_force_quadrature(prior_sd):
    mean, sd, benefit = brute_force(TABLE, prior_sd)
    result = bayesian_proportional_odds(TABLE, range(3), prior_sd=prior_sd)
    assert result.estimate == pytest.approx(mean, abs=2e-4)
    assert result.se == pytest.approx(sd, rel=2e-3)
    assert 1 - result.p_value / 2 == pytest.approx(benefit, abs=1e-3)


def test_a_wide_prior_and_many_patients_give_the_maximum_likelihood_fit():
    table = np.random.default_rng(4).integers(300, 900, size=(2, 3, 5))
    posterior, fit = bayesian_proportional_odds(table, range(5), prior_sd=100.0), proportional_odds(table, range(5))
    assert posterior.estimate == pytest.approx(fit.estimate, abs=1e-4)
    assert posterior.se == pytest.approx(fit.se, rel=1e-3)
    assert posterior.statistic == pytest.approx(fit.statistic, rel=1e-2, abs=1e-3)


def test_a_narrow_prior_stays_where_it_is():
    result = bayesian_proportional_odds(TABLE, range(3), prior_mean=0.5, prior_sd=1e-3)
    assert (result.estimate, result.se) == pytest.approx((0.5, 1e-3), rel=1e-3)


def test_separation_has_a_posterior():
    result = bayesian_proportional_odds([[0, 0, 9], [4, 5, 0]], range(3))
    assert 1.0 < result.estimate < 4.0
    assert result.statistic > 3.0


def test_priors_and_thresholds_that_cannot_be():
    with pytest.raises(InputError, match="prior_sd"):
        bayesian_proportional_odds(TABLE, range(3), prior_sd=0.0)
    with pytest.raises(InputError, match="prior_mean"):
        bayesian_proportional_odds(TABLE, range(3), prior_mean="none")
    with pytest.raises(InputError, match="posterior probability"):
        AnalysisPlan("a", "score", "bayesian_proportional_odds", "drug", "control", options={"threshold": 0.2})


def test_a_threshold_is_a_one_sided_level():
    plan = AnalysisPlan("a", "score", "bayesian_proportional_odds", "drug", "control", options={"threshold": 0.975})
    assert (plan.alpha, plan.sides) == (pytest.approx(0.025), 1)
