import numpy as np
import pytest
from scipy.special import expit
from scipy.stats import norm

from jaksim.errors import InputError
from jaksim.methods import bayesian_proportional_odds, proportional_odds
from jaksim.trial import AnalysisPlan

TABLE = np.array([[60, 50, 40], [75, 45, 30]])


def brute_force(table, prior_sd):
    """Mean, standard deviation and P(log odds ratio > 0) on a grid of odds ratio, first threshold and gap."""
    effect = (0.025 * (np.arange(121) - 47.5))[:, None, None]
    first = np.linspace(-1.6, 0.8, 97)[None, :, None]
    log_gap = np.linspace(-1.2, 1.2, 81)[None, None, :]
    second = first + np.exp(log_gap)
    log_density = log_gap + norm.logpdf(effect, 0.0, prior_sd)
    lower, upper = expit(first + effect / 2), expit(second + effect / 2)  # of the mean patient: the arms are as large
    log_density = log_density + sum(np.log(f * (1.0 - f)) for f in (lower, upper))
    log_density = log_density + sum((1 / 3 - 1) * np.log(p) for p in (lower, upper - lower, 1.0 - upper))
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


def by_sampling(order, prior_sd):
    """Mean and standard deviation where every patient has an own value: category probabilities of the mean patient
    drawn from their Dirichlet posterior without an effect, weighted by what each effect does to the likelihood."""
    n = len(order)
    draws = np.random.default_rng(8).dirichlet(np.full(n, 1.0 + 1.0 / n), size=60_000)
    below = np.clip(np.cumsum(draws, axis=1), 0.0, 1.0)
    above = np.cumsum(draws[:, ::-1], axis=1)[:, ::-1]
    x = np.linspace(-2.2, 2.2, 61)
    log_weight = np.empty((len(x), len(draws)))
    for i, effect in enumerate(x):
        total = np.zeros(len(draws))
        for k, arm in enumerate(order):
            # With odds multiplied by t, a cell between F and G of the mean patient has (G - F) t / ((1-F+tF)(1-G+tG)).
            t = np.exp((arm - 0.5) * effect)
            under = below[:, k - 1] if k else 0.0
            total += (
                np.log(t)
                - np.log(1.0 + (t - 1.0) * under)
                - np.log(above[:, k + 1] + t * below[:, k] if k + 1 < n else t)
            )
        log_weight[i] = total
    weight = np.exp(log_weight - log_weight.max()).mean(axis=1) * norm.pdf(x, 0.0, prior_sd)
    weight /= weight.sum()
    mean = weight @ x
    return mean, np.sqrt(weight @ (x - mean) ** 2)


def test_an_own_value_for_every_patient_follows_sampling():
    order = np.array([1, 1, 0, 1, 0, 1, 1, 0, 1, 0, 1, 0, 0, 1, 0, 0, 1, 0, 1, 0])
    table = np.stack([order == 0, order == 1]).astype(float)
    mean, sd = by_sampling(order, 0.7)
    result = bayesian_proportional_odds(table, range(len(order)), prior_sd=0.7)
    assert result.estimate == pytest.approx(mean, abs=0.02)
    assert result.se == pytest.approx(sd, rel=0.03)


@pytest.mark.parametrize("n", [2_000, 100_000])
def test_very_many_values_give_the_maximum_likelihood_fit(n):
    random = np.random.default_rng(1)
    order = np.argsort(np.concatenate([random.logistic(size=n // 2), random.logistic(size=n // 2) + 0.2])) >= n // 2
    table = np.stack([~order, order]).astype(float)
    posterior, fit = bayesian_proportional_odds(table, range(n), prior_sd=100.0), proportional_odds(table, range(n))
    assert posterior.estimate == pytest.approx(fit.estimate, abs=0.005 * fit.se)
    assert posterior.se == pytest.approx(fit.se, rel=1e-3)


def test_exchanging_the_arms_changes_the_sign():
    table = np.random.default_rng(5).integers(0, 4, size=(2, 2, 12))
    one, other = (bayesian_proportional_odds(t, range(12), prior_sd=0.5) for t in (table, table[::-1]))
    assert one.estimate == pytest.approx(-other.estimate, abs=1e-6)
    assert one.se == pytest.approx(other.se, rel=1e-6)


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
