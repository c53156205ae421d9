"""z with the tail of Student's t against scipy, and the analyses that use it."""

import numpy as np
import pytest
from scipy.stats import brunnermunzel, norm, t

import jaksim
from jaksim.analysis.student import normal_values
from jaksim.methods import net_benefit, van_elteren, wilcoxon


@pytest.mark.parametrize("freedom", [0.4, 1.0, 2.7, 6.0, 17.3, 29.999, 30.0, 61.5, 4e3, 1e9])
def test_tails_are_those_of_t(freedom):
    values = np.concatenate([np.linspace(-8.5, 8.5, 69), [1e-9, 0.003]])
    found = normal_values(values, np.full(len(values), freedom))
    expected = np.sign(values) * -norm.ppf(t.sf(np.abs(values), freedom))
    assert found == pytest.approx(expected, abs=3e-8)


def test_infinitely_many_degrees_are_normal_and_no_value_is_no_number():
    found = normal_values(np.array([1.25, np.nan, 0.0, -2.0, 3.0]), np.array([np.inf, 4.0, 3.0, np.nan, 0.0]))
    assert found.tolist() == pytest.approx([1.25, np.nan, 0.0, -2.0, 3.0], nan_ok=True)
    assert 30.0 < normal_values(np.array([1e30]), np.array([25.0]))[0] < np.inf


def _table(*arms):
    return np.array([np.bincount(arm, minlength=9)[::-1] for arm in arms], dtype=float)


SAMPLES = (
    ([1, 3, 3, 5], [4, 6, 7, 7, 8]),
    ([0, 2, 2, 2, 5, 6, 8], [3, 3, 1]),
    ([1, 2, 3, 4, 5, 6, 7, 8] * 4, [2, 3, 3, 4, 7, 8, 8, 8] * 3),
)


@pytest.mark.parametrize(("reference", "active"), SAMPLES)
def test_net_benefit_is_the_test_of_brunner_and_munzel(reference, active):
    result = net_benefit(_table(reference, active), range(9))
    expected = brunnermunzel(reference, active)
    assert result.statistic == pytest.approx(expected.statistic, rel=1e-10)
    assert result.p_value == pytest.approx(expected.pvalue, rel=1e-6)
    assert t.sf(abs(result.statistic), result.df) * 2 == pytest.approx(expected.pvalue, rel=1e-9)


@pytest.mark.parametrize(("reference", "active"), SAMPLES)
def test_intervals_of_win_probability_and_net_benefit_agree(reference, active):
    table = _table(reference, active)
    both = net_benefit(table, range(9)), wilcoxon(table, range(9)), van_elteren(table, range(9))
    low, high = both[0].ci
    for result in both[1:]:
        assert result.interval_df == pytest.approx(both[0].df, rel=1e-12)
        assert result.df is None
        assert (2 * result.ci[0] - 1, 2 * result.ci[1] - 1) == pytest.approx((low, high), rel=1e-10)


def test_strata_add_their_variances_and_degrees():
    """By Satterthwaite's formula from the two strata's own tests."""
    tables = [_table(*SAMPLES[0]), _table(*SAMPLES[1])]
    alone = [net_benefit(one, range(9)) for one in tables]
    weights = [4 * 5 / 9, 7 * 3 / 10]
    parts = [(weight * one.se / sum(weights)) ** 2 for weight, one in zip(weights, alone, strict=True)]
    together = net_benefit(np.stack(tables, axis=1), range(9))
    assert together.se**2 == pytest.approx(sum(parts), rel=1e-12)
    degrees = sum(parts) ** 2 / sum(part**2 / one.df for part, one in zip(parts, alone, strict=True))
    assert together.df == pytest.approx(degrees, rel=1e-12)


@pytest.mark.parametrize("method", ["mean_difference", "net_benefit", "wilcoxon"])
def test_a_margin_at_a_limit_of_the_interval_has_its_tail(method):
    """Four patients against four: test and interval have the same degrees of freedom."""
    data = {"arm": [0] * 4 + [1] * 4, "days": [3, 12, 16, 24, 9, 14, 25, 26]}
    low = jaksim.analyze(data, method=method, reference="0").analyses[0].result.ci[0]
    found = jaksim.analyze(data, method=method, reference="0", margin=low, hypothesis="non-inferiority").as_dict()
    assert found["results"][0]["margin_p_value"] == pytest.approx(0.025, rel=1e-6)
    assert found["results"][0]["interval_df"] < 7


def test_four_against_four():
    """R: t.test(c(21, 25, 26, 17), c(3, 9, 12, 20)): t = 2.7505, df = 4.8215, p-value = 0.04189."""
    data = {"arm": ["a"] * 4 + ["b"] * 4, "days": [3, 9, 12, 20, 17, 21, 25, 26]}
    result = jaksim.analyze(data, method="mean_difference", reference="a").as_dict()["results"][0]
    assert result["statistic_is"] == "t"
    assert (result["statistic"], result["df"]) == pytest.approx((2.7505, 4.8215), abs=5e-5)
    assert result["p_value"] == pytest.approx(0.04189, abs=5e-6)
    assert result["ci"] == pytest.approx((0.6178191, 21.8821809), abs=1e-6)
