import math

import pytest

from jaksim.errors import InputError
from jaksim.evidence.figures import (
    Difference,
    Mean,
    Median,
    Proportion,
    PValue,
    Ratio,
    ScoreCounts,
    normal_quantile,
)


def test_the_standard_error_of_a_ratio_comes_from_its_interval():
    ratio = Ratio("rate_ratio", 1.16, (1.01, 1.32))
    assert ratio.log_standard_error == pytest.approx(math.log(1.32 / 1.01) / (2 * 1.959963984540054), rel=1e-12)
    assert ratio.log_estimate == math.log(1.16)
    assert Ratio("rate_ratio", 1.16).log_standard_error is None


def test_the_standard_error_of_a_difference_comes_from_its_interval():
    assert Difference("risk_difference", -5.0, (-9.8, -0.3)).standard_error == pytest.approx(9.5 / (2 * 1.9599639845))
    assert normal_quantile(0.95) == pytest.approx(1.959963984540054, rel=1e-12)


def test_the_standard_error_of_a_mean_comes_from_its_interval_else_from_its_patients():
    """CoDEX: 6.6 days (5.0 to 8.2) with dexamethasone."""
    assert Mean(6.6, interval=(5.0, 8.2)).standard_error == pytest.approx(3.2 / (2 * 1.9599639845))
    assert Mean(6.6, 10.0, n=100).standard_error == 1.0
    assert Mean(6.6, 10.0, interval=(5.0, 8.2), n=100).standard_error == pytest.approx(3.2 / (2 * 1.9599639845))
    assert Mean(6.6, 10.0).standard_error is None


def test_a_probability_is_the_count_where_it_is_known():
    assert Proportion(count=289, n=1000, percent=28.9).probability == 0.289
    assert Proportion(percent=5.1, estimator="kaplan_meier").probability == pytest.approx(0.051)
    assert Proportion(count=24, n=494, percent=5.1, estimator="kaplan_meier").probability == pytest.approx(0.051)


def test_a_median_may_have_no_upper_limit():
    assert Median(29, (24, math.inf)).interval == (24, math.inf)


def test_counts_have_a_total_without_the_missing():
    assert ScoreCounts((4, 5), (3, 4), missing=2).n == 7


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: Ratio("rate_ration", 1.2), "did you mean 'rate_ratio'"),
        (lambda: Ratio("rate_ratio", -1.2), "a ratio is positive"),
        (lambda: Ratio("rate_ratio", 1.2, (0.0, 2.0)), "the interval of a ratio is positive"),
        (lambda: Ratio("rate_ratio", 1.2, (0.5, -2.0)), "the interval of a ratio is positive"),
        (lambda: Ratio("rate_ratio", 1.2, (0.5, math.nan)), "the interval of a ratio is positive"),
        (lambda: Ratio("rate_ratio", 1.2, (1.3, 2.0)), "the interval holds the estimate"),
        (lambda: Ratio("rate_ratio", 1.2, (1.0, 2.0), level=95), "a level lies between"),
        (lambda: Ratio("rate_ratio", 1.2, (1.0, 2.0), interval_kind="walt"), "did you mean 'wald'"),
        (lambda: Ratio("rate_ratio", math.inf), "a finite number"),
        (lambda: Difference("risk_difference", 3.0, (-1.0, 2.0)), "the interval holds the estimate"),
        (lambda: Proportion(), "needs `percent`, or `count` and `n`"),
        (lambda: Proportion(count=5), "needs `percent`, or `count` and `n`"),
        (lambda: Proportion(count=5, n=4), "between 0 and n"),
        (lambda: Proportion(count=0, n=0), "needs patients"),
        (lambda: Proportion(count=1, n=4, estimator="kaplan_meier"), "Kaplan-Meier proportion needs `percent`"),
        (lambda: Proportion(percent=101.0), "between 0 and 100"),
        (lambda: Proportion(percent=5.0, estimator="kaplan-meier"), "did you mean 'kaplan_meier'"),
        (lambda: ScoreCounts((1, 2), (3,)), "2 scores need 2 counts"),
        (lambda: ScoreCounts((1, 1), (3, 4)), "each score once"),
        (lambda: ScoreCounts((1, 2), (3, -4)), "not negative"),
        (lambda: Median(-1), "not negative"),
        (lambda: Mean(1.0, -2.0), "not negative"),
        (lambda: Mean(1.0, interval=(1.5, 2.0)), "the interval holds the estimate"),
        (lambda: PValue(1.2), "p value"),
    ],
)
def test_an_impossible_figure_is_refused_with_a_reason(make, words):
    with pytest.raises(InputError) as refused:
        make()
    assert words in str(refused.value)
