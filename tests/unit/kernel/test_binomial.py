import math

import numpy as np
import pytest
from scipy import stats

from jaksim.kernel import binomial
from jaksim.kernel.binomial import accepted, inversion, log_density_ratio

LARGE = [(20, 0.5), (25, 0.4), (100, 0.1), (125, 0.25), (1000, 0.01), (12_500, 0.3), (10**6, 1e-4), (10**7, 0.5)]


@pytest.mark.parametrize(("n", "p"), [(1, 0.5), (5, 0.01), (19, 0.5), (200, 0.04), (10**6, 5e-6), (2**32, 1e-10)])
def test_inversion_is_the_quantile_function(n, p):
    law = stats.binom(n, p)
    for u in np.random.default_rng(1).uniform(size=400):
        assert inversion(float(n), p, math.log1p(-p), u) == law.ppf(u)


@pytest.mark.parametrize(("n", "p"), LARGE)
def test_density_ratio_is_that_of_the_binomial(n, p):
    law = stats.binom(n, p)
    mode = math.floor((n + 1) * p)
    spread = math.sqrt(n * p * (1 - p))
    for k in {round(x) for x in np.linspace(mode - 6 * spread, mode + 6 * spread, 61) if 0 <= round(x) <= n}:
        expected = law.logpmf(k) - law.logpmf(mode)
        assert log_density_ratio(float(k), float(n), p, float(mode)) == pytest.approx(expected, abs=2e-7)


@pytest.mark.parametrize(("n", "p"), LARGE)
def test_the_squeeze_never_contradicts_the_density(n, p):
    random = np.random.default_rng(7)
    n = float(n)
    spread = math.sqrt(n * p * (1 - p))
    b = 1.15 + 2.53 * spread
    a = -0.0873 + 0.0248 * b + 0.01 * p
    mode = math.floor((n + 1) * p)
    decided = 0
    for u, v in zip(random.uniform(-0.5, 0.5, 4000), random.uniform(size=4000), strict=True):
        us = 0.5 - abs(u)
        k = math.floor((2 * a / us + b) * u + n * p + 0.5)
        if not 0 <= k <= n:
            continue
        height = math.log(v * (2.83 + 5.1 / b) * spread / (a / us**2 + b))
        assert accepted(k, n, p, u, v) == (height <= log_density_ratio(k, n, p, mode))
        decided += 20 < abs(k - mode) < spread**2 / 2 - 1
    assert decided > 100 or spread < 30


@pytest.mark.parametrize(("n", "p"), LARGE)
def test_accepting_at_once_stays_under_the_density(n, p):
    n = float(n)
    for u in np.linspace(-0.4299, 0.4299, 301):
        b = 1.15 + 2.53 * math.sqrt(n * p * (1 - p))
        v = 0.92 - 4.2 / b
        k, at_once = binomial.candidate(n, p, u, v)
        assert at_once
        assert 0 <= k <= n
        assert accepted(k, n, p, u, v)
