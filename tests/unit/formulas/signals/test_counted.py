"""Events against a rate or a control arm: the exact laws of scipy, and posteriors by integration."""

import math

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.stats import binomtest, chi2, gamma, poisson

from jaksim.formulas.signals.counted import against_control, against_expected
from jaksim.formulas.signals.maximised import binomial_critical, binomial_log_ratio, binomial_performance


@pytest.mark.parametrize(("events", "expected"), [(12, 4.2), (0, 3.0), (1, 0.05), (40, 55.0)])
def test_events_against_a_known_rate(events, expected) -> None:
    found = against_expected(events, expected, 2.0, 0.95)
    low = chi2.ppf(0.025, 2 * events) / 2 if events else 0.0
    high = chi2.ppf(0.975, 2 * events + 2) / 2
    assert found.interval == pytest.approx((low / expected, high / expected), rel=1e-10)
    assert found.p_value == pytest.approx(poisson.sf(events - 1, expected), rel=1e-10)
    posterior = gamma(events + 0.5, scale=1.0 / expected)
    assert (found.median, found.beyond) == pytest.approx((posterior.median(), posterior.sf(2.0)), rel=1e-9)


@pytest.mark.parametrize(
    ("events", "exposure", "others", "other"), [(9, 500.0, 4, 500.0), (0, 10.0, 3, 20.0), (5, 300.0, 0, 100.0)]
)
def test_events_against_a_control_arm(events, exposure, others, other) -> None:
    found = against_control(events, exposure, others, other, 1.5, 0.95)
    share = exposure / (exposure + other)
    exact = binomtest(events, events + others, share, alternative="greater")
    assert found.p_value == pytest.approx(exact.pvalue, rel=1e-10)
    both = binomtest(events, events + others, share).proportion_ci(0.95, "exact")
    with np.errstate(divide="ignore"):
        expected = [np.divide(p, 1.0 - p) * other / exposure for p in both]
    assert found.interval == pytest.approx(expected, rel=1e-9)

    # P(rate here > r times the rate there), over the posterior of the rate there.
    mine, theirs = gamma(events + 0.5, scale=1.0 / exposure), gamma(others + 0.5, scale=1.0 / other)
    for ratio, value in ((1.0, found.greater), (1.5, found.beyond)):
        expected = quad(lambda u, ratio=ratio: mine.sf(ratio * theirs.ppf(u)), 0.0, 1.0, epsabs=1e-10)[0]
        assert value == pytest.approx(expected, abs=1e-7)


def test_watching_ends_as_often_as_all_sequences_of_events_say() -> None:
    """Every sequence of ten events by arm, where the arm has a third of the exposure."""
    odds, ratio, critical = 0.5, 3.0, 1.7
    share = ratio * odds / (1.0 + ratio * odds)
    power = at_signal = at_end = 0.0
    for code in range(2**10):
        arms = [code >> k & 1 for k in range(10)]
        chance = math.prod(share if one else 1.0 - share for one in arms)
        counts = np.cumsum(arms)
        ends = [
            k for k in range(1, 11) if binomial_log_ratio(int(counts[k - 1]), k - int(counts[k - 1]), odds) >= critical
        ]
        power += chance * bool(ends)
        at_signal += chance * (ends[0] if ends else 0)
        at_end += chance * (ends[0] if ends else 10)
    found = binomial_performance(critical, 10, odds, ratio)
    assert found == pytest.approx((power, at_signal / power, at_end), rel=1e-12)


@pytest.mark.parametrize(("alpha", "most", "odds"), [(0.05, 20, 1.0), (0.01, 30, 2.0), (0.05, 3, 1.0)])
def test_the_critical_value_is_the_smallest_that_keeps_the_level(alpha, most, odds) -> None:
    critical = binomial_critical(alpha, most, odds)
    if math.isinf(critical):
        assert binomial_log_ratio(most, 0, odds) > 0.0
        assert (odds / (1.0 + odds)) ** most > alpha
        return
    assert binomial_performance(critical - 1e-9, most, odds, 1.0).power <= alpha
    values = {binomial_log_ratio(x, n - x, odds) for n in range(1, most + 1) for x in range(n + 1)}
    below = max(value for value in values if value < critical - 1e-9)
    assert binomial_performance(below - 1e-9, most, odds, 1.0).power > alpha
