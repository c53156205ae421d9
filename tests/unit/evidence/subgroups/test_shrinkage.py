"""Shrunken levels against the hierarchy that is computed by another way, and against plain integration."""

import numpy as np
import pytest
from scipy.stats import halfnorm, nchypergeom_fisher, norm

from jaksim.evidence.subgroups.shrinkage import log_likelihood, log_normal_likelihood, shrink
from jaksim.evidence.synthesis import HalfNormal, NormalPrior
from jaksim.evidence.synthesis.estimates import Estimates
from jaksim.evidence.synthesis.inference import wald
from jaksim.evidence.synthesis.regression import hierarchy
from jaksim.evidence.two_arms import Arms


def test_normal_levels_are_those_of_the_hierarchy():
    y, s = [-0.9, -0.2, 0.6], [0.25, 0.12, 0.5]
    found = shrink([log_normal_likelihood(wald(a, b)) for a, b in zip(y, s, strict=True)], HalfNormal(0.4))
    known = hierarchy(
        Estimates(("a", "b", "c"), np.array(y), np.array(s)),
        tau_prior=HalfNormal(0.4),
        mean_prior=NormalPrior(0.0, 1.0),
    )
    for level, name in zip(found.levels, "abc", strict=True):
        assert level.mean == pytest.approx(known.studies[name].mean, abs=2e-4)
        assert level.standard_deviation == pytest.approx(known.studies[name].standard_deviation, abs=2e-4)
        assert level.interval() == pytest.approx(known.studies[name].interval(), abs=2e-3)
        assert level.above(0.0) == pytest.approx(1 - known.studies[name].below(0.0), abs=2e-4)
    assert found.tau.mean == pytest.approx(known.tau.mean, abs=2e-3)


@pytest.mark.parametrize("arms", [Arms((10, 48), (6, 45)), Arms((3, 16), (0, 13)), Arms((0, 8), (2, 8))])
def test_counts_enter_by_their_own_likelihood(arms):
    (a, n1), (c, n0) = arms.treated, arms.control
    at = np.array([-1.5, 0.0, 0.7])
    logs = np.interp(at, np.round(np.arange(1201) * 0.01 - 6, 2), log_likelihood(arms))
    expected = [nchypergeom_fisher.logpmf(a, n1 + n0, n1, a + c, np.exp(value)) for value in at]
    assert logs == pytest.approx(expected, abs=1e-9)


@pytest.mark.parametrize("arms", [Arms((10, 48), (6, 45)), Arms((3, 16), (0, 13))])
def test_a_level_of_few_patients_against_plain_integration(arms):
    """Beside a level whose odds ratio is known well, the mean is normal given tau, and tau is integrated out."""
    y, s = -0.15, 0.02
    found = shrink([log_likelihood(arms), log_normal_likelihood(wald(y, s))], HalfNormal(0.25))
    (a, n1), (c, n0) = arms.treated, arms.control
    theta = np.linspace(-4, 6, 2001)
    own = nchypergeom_fisher.pmf(a, n1 + n0, n1, a + c, np.exp(theta))
    nodes, weights = np.polynomial.legendre.leggauss(200)
    tau = nodes + 1
    variance = tau**2 + s**2
    weight = weights * halfnorm.pdf(tau, scale=0.25) * norm.pdf(y, 0, np.sqrt(1 + variance))
    spread = np.sqrt(variance / (1 + variance) + tau**2)
    density = own * (norm.pdf(theta[:, None], y / (1 + variance), spread) @ weight)
    mass = density / density.sum()
    level = found.levels[0]
    assert level.mean == pytest.approx(float(mass @ theta), abs=1e-4)
    assert level.above(0.0) == pytest.approx(
        float(mass[theta > 1e-9].sum() + mass[np.abs(theta) < 1e-9].sum() / 2), abs=2e-4
    )
    assert level.quantile(0.975) == pytest.approx(float(np.interp(0.975, np.cumsum(mass), theta)), abs=0.01)


def test_one_effect_is_preferred_where_levels_agree_and_not_where_they_differ():
    agree = shrink([log_normal_likelihood(wald(-0.3, 0.1)) for _ in range(4)], HalfNormal(0.25))
    differ = shrink([log_normal_likelihood(wald(y, 0.1)) for y in (-0.9, -0.3, 0.1, 0.5)], HalfNormal(0.25))
    assert agree.bayes_factor_common > 1.5
    assert differ.bayes_factor_common < 1e-6
    assert abs(agree.levels[0].mean + 0.3) < 0.01
