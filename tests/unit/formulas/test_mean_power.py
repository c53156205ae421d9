import numpy as np
import pytest
from scipy.special import nctdtr, stdtrit
from scipy.stats import t as student

from jaksim.errors import InputError
from jaksim.formulas.mean_power import equivalence_power, t_power, t_quantile, welch_df, welch_power

DEGREES = (1.0, 1.3, 2.0, 5.5, 18.0, 79.0, 81.0, 126.0, 1e5)


@pytest.mark.parametrize("df", DEGREES)
def test_the_integral_is_the_noncentral_t(df):
    for alpha in (0.05, 0.025, 0.005):
        critical = stdtrit(df, 1.0 - alpha)
        assert t_quantile(1.0 - alpha, df) == pytest.approx(critical, rel=1e-11)
        assert t_quantile(alpha, df) == pytest.approx(-critical, rel=1e-11)
        for mean in (-1.0, 0.0, 0.7, 2.8, 6.0):
            assert t_power(mean, df, alpha) == pytest.approx(1.0 - nctdtr(df, mean, critical), abs=2e-11)


def test_power_t_test_of_r():
    # power.t.test(n = 20, delta = 1, sd = 1), (power = .90, delta = 1), (n = 15, delta = 1, sd = 1, sig.level = 0.05,
    # alternative = "one.sided")
    assert t_power(np.sqrt(10.0), 38.0, 0.025) == pytest.approx(0.8689528, abs=5e-8)
    assert t_power(np.sqrt(22.02110 / 2.0), 2.0 * 22.02110 - 2.0, 0.025) == pytest.approx(0.9, abs=1e-7)


@pytest.mark.parametrize(("df", "low", "high"), [(8.0, 4.0, 4.0), (30.0, 2.5, 4.5), (200.0, 3.0, 3.2), (3.0, 9.0, 7.0)])
def test_equivalence_is_both_one_sided_tests_together(df, low, high):
    rng = np.random.default_rng(5)
    n = 400_000
    z, s = rng.standard_normal(n), np.sqrt(rng.chisquare(df, n) / df)
    critical = student.ppf(0.95, df)
    share = ((z + low > critical * s) & (z - high < -critical * s)).mean()
    assert equivalence_power(low, high, df, 0.05) == pytest.approx(share, abs=4.0 * np.sqrt(0.25 / n))


def test_equivalence_that_no_estimate_can_show_has_no_power():
    assert equivalence_power(1e-3, 1e-3, 1e10, 0.05) == 0.0
    assert equivalence_power(0.5, 0.5, 20.0, 0.05) < 0.01


@pytest.mark.parametrize(("sds", "counts"), [((1.0, 3.0), (5, 10)), ((2.0, 1.0), (4, 4)), ((1.0, 1.0), (20, 8))])
def test_welchs_power_with_estimated_degrees_of_freedom(sds, counts):
    rng = np.random.default_rng(8)
    n = 200_000
    mean, alpha = 2.5, 0.025
    parts = [sd**2 / count for sd, count in zip(sds, counts, strict=True)]
    found = [part * rng.chisquare(count - 1, n) / (count - 1) for part, count in zip(parts, counts, strict=True)]
    total = found[0] + found[1]
    df = total**2 / (found[0] ** 2 / (counts[0] - 1) + found[1] ** 2 / (counts[1] - 1))
    difference = mean * np.sqrt(sum(parts)) + np.sqrt(sum(parts)) * rng.standard_normal(n)
    share = (difference > student.ppf(1.0 - alpha, df) * np.sqrt(total)).mean()
    assert welch_power(mean, sds, counts, alpha) == pytest.approx(share, abs=4.0 * np.sqrt(0.25 / n))


def test_degrees_of_freedom():
    assert welch_df((2.0, 2.0), (10.0, 10.0)) == pytest.approx(18.0)
    assert welch_df((2.0, 1.0), (1.0, 10.0)) == 0.0
    with pytest.raises(InputError, match="two or more in each arm"):
        t_quantile(0.95, 0.5)
