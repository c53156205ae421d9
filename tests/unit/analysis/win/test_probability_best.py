"""Probabilities of being the best arm against closed forms and numerical integration by scipy."""

import math

import numpy as np
import pytest
from scipy import integrate, stats
from scipy.special import betaln

from jaksim.analysis.win.probability_best import best_of_betas, best_of_normals


def second_is_larger(a, b, c, d):
    """P(Beta(c, d) > Beta(a, b)) for a whole c as a finite sum (Cook, report UTMDABTR-005-05, 2005)."""
    return sum(math.exp(betaln(a + i, b + d) - math.log(d + i) - betaln(1 + i, d) - betaln(a, b)) for i in range(c))


@pytest.mark.parametrize("shapes", [(3, 5, 2, 4), (1, 1, 1, 1), (40, 60, 55, 45), (300, 700, 5, 9), (1, 30, 500, 3000)])
def test_two_betas_follow_the_closed_form(shapes):
    a, b, c, d = shapes
    assert best_of_betas([[a, c]], [[b, d]])[0, 1] == pytest.approx(second_is_larger(*shapes), abs=1e-8)


@pytest.mark.parametrize(
    ("first", "second"), [([3, 12, 1], [9, 20, 2]), ([300, 5, 8, 1], [700, 5, 9, 1]), ([0.5, 40, 2.5], [0.5, 60, 3])]
)
def test_several_betas_follow_integration(first, second):
    laws = [stats.beta(a, b) for a, b in zip(first, second, strict=True)]
    found = best_of_betas([first], [second])[0]
    for arm, law in enumerate(laws):
        others = [other for k, other in enumerate(laws) if k != arm]
        exact, _ = integrate.quad(lambda u, f=law, o=others: math.prod(g.cdf(f.ppf(u)) for g in o), 0, 1, limit=400)
        assert found[arm] == pytest.approx(exact, abs=1e-7)


def exact_normals(estimate, variance, shared, prior_mean, prior_sd):
    """By scipy's multivariate normal distribution of all differences from one arm."""
    size = len(estimate)
    covariance = np.sqrt(np.outer(variance * shared, variance * shared))
    covariance[np.diag_indices(size)] = variance
    if math.isfinite(prior_sd):
        precision = np.linalg.inv(covariance)
        covariance = np.linalg.inv(precision + np.eye(size) / prior_sd**2)
        estimate = covariance @ (precision @ estimate + prior_mean / prior_sd**2)
    mean, full = np.concatenate([[0.0], estimate]), np.zeros((size + 1, size + 1))
    full[1:, 1:] = covariance
    found = []
    for arm in range(size + 1):
        contrast = np.delete(np.eye(size + 1)[arm] - np.eye(size + 1), arm, axis=0)
        law = stats.multivariate_normal(
            cov=contrast @ full @ contrast.T, abseps=1e-8, releps=1e-8, maxpts=10**6, seed=1
        )
        found.append(law.cdf(contrast @ mean))
    return np.array(found)


@pytest.mark.parametrize("size", [1, 2, 3])
@pytest.mark.parametrize(("prior_mean", "prior_sd"), [(0.0, math.inf), (0.05, 0.3)])
def test_normals_follow_the_multivariate_normal(size, prior_mean, prior_sd):
    random = np.random.default_rng(3)
    estimate, variance = random.normal(0.0, 0.3, size), random.uniform(0.02, 0.1, size)
    shared = random.uniform(0.2, 0.8, size)
    found = best_of_normals(estimate[None], variance[None], shared[None], prior_mean=prior_mean, prior_sd=prior_sd)[0]
    exact = exact_normals(estimate, variance, shared, prior_mean, prior_sd)
    np.testing.assert_allclose(found, exact, atol=2e-6)


def test_one_comparison_is_the_normal_distribution():
    found = best_of_normals([[0.3]], [[0.04]], [[0.5]])[0]
    assert found[1] == pytest.approx(stats.norm.cdf(1.5), abs=1e-12)
    shrunk = best_of_normals([[0.3]], [[0.04]], [[0.5]], prior_sd=0.2)[0]
    assert shrunk[1] == pytest.approx(stats.norm.cdf(0.15 / math.sqrt(0.02)), abs=1e-12)


def test_what_is_not_estimable_says_nothing():
    found = best_of_normals([[math.nan, 0.1]], [[math.nan, 0.05]], [[0.5, 0.0]], prior_sd=1.0)[0]
    exact = exact_normals(np.array([0.0, 0.1]), np.array([1e8, 0.05]), np.zeros(2), 0.0, 1.0)
    np.testing.assert_allclose(found, exact, atol=2e-6)
