import math
from decimal import Decimal, getcontext

import numpy as np
import pytest
from scipy import stats

from jaksim.kernel.binomial import (
    CLOSE,
    FAR,
    accepted,
    candidate,
    inversion,
    log_density_ratio,
    margin,
    near_ratio,
    series,
    stirling_error,
)

LARGE = [(20, 0.5), (25, 0.4), (100, 0.1), (125, 0.25), (1000, 0.01), (12_500, 0.3), (10**6, 1e-4), (10**7, 0.5)]


@pytest.mark.parametrize(("n", "p"), [(1, 0.5), (5, 0.01), (19, 0.5), (200, 0.04), (10**6, 5e-6), (2**32, 1e-10)])
def test_inversion_is_the_quantile_function(n, p):
    law = stats.binom(n, p)
    for u in np.random.default_rng(1).uniform(size=400):
        assert inversion(float(n), p, math.log1p(-p), u) == law.ppf(u)


def spread_of(n, p):
    return math.sqrt(n * p * (1 - p))


def ratio_to_mode(k, n, p):
    mode = math.floor((n + 1) * p)
    errors = sum(sign * stirling_error(float(x)) for sign, x in ((1, mode), (1, n - mode), (-1, k), (-1, n - k)))
    return log_density_ratio(float(k), float(n), p, float(mode), errors)


@pytest.mark.parametrize(("n", "p"), LARGE)
def test_density_ratio_is_that_of_the_binomial(n, p):
    law = stats.binom(n, p)
    mode = math.floor((n + 1) * p)
    reach = 6 * spread_of(n, p)
    for k in {round(x) for x in np.linspace(mode - reach, mode + reach, 61) if 0 <= round(x) <= n}:
        assert ratio_to_mode(k, n, p) == pytest.approx(law.logpmf(k) - law.logpmf(mode), abs=2e-7)


def test_stirling_errors_are_exact():
    getcontext().prec = 50
    half_log_two_pi = Decimal("0.91893853320467274178032973640561763986139747363778")
    for k in [*range(13), 20, 50, 200]:
        x = Decimal(k + 1)
        stirling = (Decimal(k) + Decimal("0.5")) * x.ln() - x + half_log_two_pi
        exact = Decimal(math.factorial(k)).ln() - stirling
        assert stirling_error(float(k)) == pytest.approx(float(exact), abs=4e-11)
        if k >= FAR:
            assert series(float(k)) == pytest.approx(float(exact), abs=4e-11)


@pytest.mark.parametrize(("n", "p"), LARGE)
def test_a_candidate_is_accepted_when_it_lies_under_the_density(n, p):
    """Against the acceptance rule of the paper, with SciPy's density."""
    random = np.random.default_rng(7)
    law, spread, mode = stats.binom(n, p), spread_of(n, p), math.floor((n + 1) * p)
    b = 1.15 + 2.53 * spread
    a = -0.0873 + 0.0248 * b + 0.01 * p
    alpha = (2.83 + 5.1 / b) * spread
    outcomes = set()
    for u, v in zip(random.uniform(-0.5, 0.5, 1500), random.uniform(size=1500), strict=True):
        us = 0.5 - abs(u)
        k = math.floor((2 * a / us + b) * u + n * p + 0.5)
        density = law.pmf(k) / law.pmf(mode)
        excess = v * alpha / (a / us**2 + b) - density
        if abs(excess) > 1e-6 * density:
            assert accepted.py_func(float(k), float(n), p, u, v) == (excess < 0)
            outcomes.add(excess < 0)
    assert outcomes == {False, True}


@pytest.mark.parametrize(("n", "p"), LARGE)
def test_accepting_at_once_stays_under_the_density(n, p):
    for u in np.linspace(-0.4299, 0.4299, 301):
        v = 0.92 - 4.2 / (1.15 + 2.53 * spread_of(n, p))
        k, at_once = candidate(float(n), p, u, v)
        assert at_once
        assert 0 <= k <= n
        assert accepted.py_func(k, float(n), p, u, v)


EXTREME = [(21, 0.48), (2**32, 0.5), (2**32, 3e-9), (2**31, 0.01), (40, 0.26), (10**9, 1.1e-8)]


@pytest.mark.parametrize(("n", "p"), [*LARGE, *EXTREME])
def test_the_near_ratio_is_the_ratio(n, p):
    mode = math.floor((n + 1) * p)
    reach = 12 * spread_of(n, p)
    for k in {round(x) for x in np.linspace(max(mode - reach, FAR), min(mode + reach, n - FAR), 61)}:
        assert abs(near_ratio(float(k), float(n), p) - ratio_to_mode(k, n, p)) < CLOSE / 4


@pytest.mark.parametrize(("n", "p"), [*LARGE, *EXTREME])
def test_the_margin_decides_as_the_density_does(n, p):
    random = np.random.default_rng(8)
    close = 0
    for u, v in zip(random.uniform(-0.5, 0.5, 1000), random.uniform(size=1000), strict=True):
        k, _ = candidate(float(n), p, u, v)
        found = margin(k, float(n), p, u, v)
        if abs(found) > CLOSE:
            assert accepted.py_func(k, float(n), p, u, v) == (found > 0)
        else:
            close += 1
    assert close < (1000 if n * p < 15 else 100)
