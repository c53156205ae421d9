"""Posterior and predictive probabilities against conjugate formulas and quadrature by scipy."""

import numpy as np
import pytest
from scipy import integrate, stats

from jaksim.design.conduct.adaptive.posterior import NormalPrior, Posterior
from jaksim.trial.monitoring.bounds import boundaries_of
from jaksim.trial.monitoring.conditional import predictive_power
from jaksim.trial.monitoring.plan import MonitoringPlan

RESULTS = np.array([[0.3, 0.2, 1.5], [-0.1, 0.25, -0.4], [np.nan, np.nan, np.nan]])


def test_a_flat_prior_leaves_z_as_it_is():
    posterior = Posterior.of(RESULTS, 1, NormalPrior())
    assert posterior.z.tobytes() == RESULTS[:, 2].tobytes()
    assert Posterior.of(RESULTS, -1, NormalPrior()).z[0] == -1.5


def test_a_normal_prior_is_conjugate():
    prior = NormalPrior(0.1, 0.3)
    posterior = Posterior.of(RESULTS, 1, prior)
    precision = 1 / 0.2**2 + 1 / 0.3**2
    mean = (0.3 / 0.2**2 + 0.1 / 0.3**2) / precision
    assert posterior.sd[0] == pytest.approx(precision**-0.5)
    assert posterior.above()[0] == pytest.approx(stats.norm(mean, precision**-0.5).sf(0))
    assert posterior.above(0.2)[0] == pytest.approx(stats.norm(mean, precision**-0.5).sf(0.2))
    inside = stats.norm(mean, precision**-0.5).cdf([-0.2, 0.2])
    assert posterior.inside(0.2)[0] == pytest.approx(inside[1] - inside[0])
    assert np.isnan(posterior.above()[2])


@pytest.mark.parametrize("prior", [NormalPrior(), NormalPrior(0.1, 0.3)])
def test_predictive_probability_averages_over_posterior_and_data(prior):
    share, final = 0.4, 1.8
    posterior = Posterior.of(RESULTS, 1, prior)
    error = RESULTS[0, 1]
    to_come = (1 / error**2) * (1 / share - 1)
    mean, sd = posterior.z[0] * posterior.sd[0], posterior.sd[0]

    def success(effect):
        # The estimate from the rest of the patients that brings the final posterior z to the threshold.
        total = 1 / sd**2 + to_come
        needed = (final * np.sqrt(total) - mean / sd**2) / to_come
        return stats.norm(effect, to_come**-0.5).sf(needed)

    exact, _ = integrate.quad(
        lambda effect: success(effect) * stats.norm(mean, sd).pdf(effect), mean - 9 * sd, mean + 9 * sd, limit=200
    )
    assert posterior.success(final, share)[0] == pytest.approx(exact, abs=1e-9)


def test_predictive_probability_is_predictive_power_with_a_flat_prior():
    boundaries = boundaries_of(MonitoringPlan(information=(0.4, 1.0)))
    expected = predictive_power(boundaries, 1, 1.5, final_only=True)
    found = Posterior.of(RESULTS, 1, NormalPrior()).success(float(boundaries.upper_z[-1]), 0.4)[0]
    assert found == pytest.approx(expected, abs=1e-6)
