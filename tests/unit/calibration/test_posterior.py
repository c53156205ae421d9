import math

import numpy as np
import pytest
from scipy.special import digamma, polygamma
from scipy.stats import norm

from jaksim.calibration.posterior import Sampling, effective_sample_size, grouped_r_hat, sample_posterior
from jaksim.errors import InputError

ALL = Sampling().chains * Sampling().steps
Z_LIMIT = 4.0


def autoregressive(rng, phi, steps, chains, parameters=1):
    """Stationary AR(1) chains with unit variance, shape (steps, chains, parameters)."""
    path = np.empty((steps, chains, parameters))
    path[0] = rng.standard_normal((chains, parameters))
    for step in range(1, steps):
        path[step] = phi * path[step - 1] + np.sqrt(1 - phi**2) * rng.standard_normal((chains, parameters))
    return path


def test_correlated_normal_density():
    rng = np.random.default_rng(1)
    root = rng.standard_normal((5, 5)) + 2 * np.eye(5)
    covariance, mode = root @ root.T, np.array([0.0, 1.0, -2.0, 30.0, 5.0])
    precision = np.linalg.inv(covariance)

    def log_density(rows):
        return -0.5 * np.einsum("ni,ij,nj->n", rows - mode, precision, rows - mode)

    posterior = sample_posterior(log_density, mode, covariance, ALL, rng)
    assert posterior.draws.shape == (ALL, 5)
    assert posterior.acceptance > 0.9
    assert posterior.laplace_pareto_k < 0.3
    assert posterior.r_hat < 1.1
    n = posterior.effective_sample_size
    z_mean = (posterior.draws.mean(axis=0) - mode) / np.sqrt(np.diag(covariance) / n)
    assert np.all(np.abs(z_mean) < Z_LIMIT)
    found = np.cov(posterior.draws.T)
    variances = np.diag(covariance)
    z = (found - covariance) / np.sqrt((covariance**2 + np.outer(variances, variances)) / n)
    assert np.all(np.abs(z) < Z_LIMIT)


def test_skewed_density():
    """Logarithms of gamma variables: mean digamma(a), variance trigamma(a), skewed to the left."""
    shape = np.array([2.0, 3.0, 6.0])

    def log_density(rows):
        return np.sum(shape * rows - np.exp(rows), axis=1)

    rng = np.random.default_rng(2)
    posterior = sample_posterior(log_density, np.log(shape), np.diag(1 / shape), ALL, rng)
    n = posterior.effective_sample_size
    variance = polygamma(1, shape)
    z_mean = (posterior.draws.mean(axis=0) - digamma(shape)) / np.sqrt(variance / n)
    excess_kurtosis = polygamma(3, shape) / variance**2
    z_variance = (posterior.draws.var(axis=0) / variance - 1) / np.sqrt((2 + excess_kurtosis) / n)
    assert np.all(np.abs(z_mean) < Z_LIMIT)
    assert np.all(np.abs(z_variance) < Z_LIMIT)
    mode_z = (np.log(shape[0]) - digamma(shape[0])) / np.sqrt(variance[0] / n)
    assert mode_z > 5.0, "the draws must be able to tell the mean from the mode"


def test_same_stream_same_draws():
    def log_density(rows):
        return -np.sum(np.abs(rows) ** 3, axis=1)

    first, second = (
        sample_posterior(log_density, np.zeros(2), 0.5 * np.eye(2), 50, np.random.default_rng(4)) for _ in range(2)
    )
    np.testing.assert_array_equal(first.draws, second.draws)
    assert (first.acceptance, first.r_hat) == (second.acceptance, second.r_hat)


def test_effective_sample_size_of_independent_draws():
    chains = np.random.default_rng(5).standard_normal((200, 64, 3))
    assert effective_sample_size(chains) == 200 * 64


@pytest.mark.parametrize("phi", [0.3, 0.6, 0.85])
def test_effective_sample_size_of_autoregressive_chains(phi):
    correlation = phi ** np.arange(1, 200)
    expected = 1000 * 64 / (1 + 2 * correlation[correlation > 0.05].sum())
    found = [effective_sample_size(autoregressive(np.random.default_rng(6 + k), phi, 1000, 64)) for k in range(8)]
    error = np.std(found, ddof=1) / math.sqrt(len(found))
    assert error < 0.02 * expected
    assert abs(np.mean(found) - expected) < 4 * error
    assert expected == pytest.approx(1000 * 64 * (1 - phi) / (1 + phi), rel=0.1)


def test_effective_sample_size_is_the_worst_parameter_and_sees_chains_that_have_not_met():
    rng = np.random.default_rng(7)
    chains = np.concatenate([rng.standard_normal((200, 64, 1)), autoregressive(rng, 0.9, 200, 64)], axis=2)
    assert effective_sample_size(chains) < 200 * 64 / 10
    apart = rng.standard_normal((200, 64, 1)) + np.repeat([0.0, 20.0], 32)[:, None]
    assert effective_sample_size(apart) < 200


def test_r_hat_is_near_one_for_chains_of_one_distribution():
    assert grouped_r_hat(np.random.default_rng(8).standard_normal((200, 64, 4))) < 1.01


def test_r_hat_sees_a_group_of_chains_elsewhere():
    rng = np.random.default_rng(9)
    chains = rng.standard_normal((100, 64, 3))
    chains[:, :8, 2] += 3.0
    assert grouped_r_hat(chains) > 1.3


def test_r_hat_sees_chains_that_still_drift_together():
    chains = np.random.default_rng(10).standard_normal((100, 64, 1)) + np.linspace(0, 4, 100)[:, None, None]
    assert grouped_r_hat(chains) > 1.3


def test_one_parameter_and_regions_without_density():
    """A standard normal cut off below -0.5: its mean is a ratio of normal density and probability."""

    def log_density(rows):
        return np.where(rows[:, 0] > -0.5, -0.5 * rows[:, 0] ** 2, -np.inf)

    posterior = sample_posterior(log_density, np.zeros(1), np.eye(1), ALL, np.random.default_rng(11))
    assert posterior.draws.min() > -0.5
    expected = norm.pdf(-0.5) / norm.sf(-0.5)
    z = (posterior.draws.mean() - expected) / (posterior.draws.std() / np.sqrt(posterior.effective_sample_size))
    assert abs(z) < Z_LIMIT


@pytest.mark.parametrize(
    "wrong", [{"chains": 8}, {"chains": 20}, {"burn_in": 1}, {"steps": 3}, {"step_size": 0.0}, {"step_size": 1.1}]
)
def test_chains_that_cannot_be_judged_are_refused(wrong):
    with pytest.raises(InputError, match=next(iter(wrong))):
        Sampling(**wrong)
