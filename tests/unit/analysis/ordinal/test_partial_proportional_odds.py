import numpy as np
import pytest

from jaksim.analysis import get_method
from jaksim.errors import InputError
from jaksim.methods import partial_proportional_odds, proportional_odds

TABLE = np.array([[10, 20, 30, 25, 15], [25, 30, 20, 10, 15]], dtype=float)


def estimates(result):
    return [one.estimate for one in result.cut_points]


def empirical(table):
    below = np.cumsum(table, axis=1)[:, :-1]
    with np.errstate(divide="ignore"):
        logits = np.log(below / (table.sum(axis=1, keepdims=True) - below))
        variances = (1 / below + 1 / (table.sum(axis=1, keepdims=True) - below)).sum(axis=0)
    return logits[1] - logits[0], np.sqrt(variances)


def test_without_strata_every_cut_point_has_its_own_two_by_two_table():
    result = partial_proportional_odds(TABLE, range(5))
    odds, errors = empirical(TABLE)
    assert estimates(result) == pytest.approx(list(odds), rel=1e-10)
    assert [one.se for one in result.cut_points] == pytest.approx(list(errors), rel=1e-10)
    weights = errors**-2
    assert result.estimate == pytest.approx(weights @ odds / weights.sum(), rel=1e-10)


def test_a_category_that_one_arm_lacks_is_no_obstacle():
    table = TABLE.copy()
    table[1, 2] = 0.0
    assert estimates(partial_proportional_odds(table, range(5))) == pytest.approx(list(empirical(table)[0]), rel=1e-9)


def test_a_cut_point_with_nobody_of_an_arm_on_one_side_is_infinite_and_leaves_the_others():
    table = TABLE.copy()
    table[0, 0] = 0.0
    result = partial_proportional_odds(table, range(5))
    assert np.isnan(estimates(result)[0])
    assert np.isnan(result.estimate)
    assert estimates(result)[1:] == pytest.approx(list(empirical(table)[0][1:]), rel=1e-9)
    assert np.isfinite(partial_proportional_odds(table, range(5), cut=2).statistic)


def test_a_category_without_patients_has_no_cut_point_of_its_own():
    table = np.insert(TABLE, 2, 0.0, axis=1)
    plain = partial_proportional_odds(TABLE, range(5))
    result = partial_proportional_odds(table, range(6))
    assert estimates(result) == pytest.approx(estimates(plain), rel=1e-10)
    assert [one.name for one in result.cut_points] == ["cut 1", "cut 2", "cut 4", "cut 5"]
    assert partial_proportional_odds(table, range(6), cut=3).estimate == pytest.approx(estimates(plain)[1], rel=1e-10)


def test_under_proportional_odds_they_are_all_the_common_one():
    alpha = np.array([-1.5, -0.5, 0.3, 1.2])
    table = np.array([np.diff(np.concatenate([[0], 1 / (1 + np.exp(-alpha - shift)), [1]])) for shift in (0, 0.7)])
    for free in ("all", "linear", "2"):
        result = partial_proportional_odds(400 * table, range(5), free=free)
        assert estimates(result) == pytest.approx([0.7] * 4, abs=1e-9)
        assert result.proportionality.likelihood_ratio == pytest.approx(0.0, abs=1e-9)
        assert result.proportionality.score == pytest.approx(0.0, abs=1e-9)


def test_the_common_odds_ratio_is_that_of_proportional_odds():
    table = np.random.default_rng(3).integers(1, 12, size=(2, 3, 6))
    common, plain = partial_proportional_odds(table, range(6)).common, proportional_odds(table, range(6))
    assert (common.estimate, common.se) == pytest.approx((plain.estimate, plain.se), rel=1e-9)


def test_two_statuses_have_one_cut_point_and_nothing_to_test():
    result = partial_proportional_odds(TABLE[:, :2], [0, 1])
    plain = proportional_odds(TABLE[:, :2], [0, 1])
    assert (result.estimate, result.se) == pytest.approx((plain.estimate, plain.se), rel=1e-10)
    assert result.proportionality.df == 0
    assert np.isnan(result.proportionality.score)


def test_tests_of_proportionality_keep_their_level():
    """Score and likelihood ratio chi-squared of proportional statuses have mean and variance of their law."""
    rng = np.random.default_rng(12)
    law = np.array([0.1, 0.25, 0.3, 0.2, 0.15])
    found = [
        partial_proportional_odds(rng.multinomial(300, law, size=(2, 2)), range(5)).proportionality for _ in range(800)
    ]
    for values in ([one.score for one in found], [one.likelihood_ratio for one in found]):
        assert abs(np.mean(values) - 3) / np.sqrt(6 / 800) < 4


def test_labels_name_the_cut_points():
    result = partial_proportional_odds(TABLE, [4, 3, 2, 1, 0], ["dead", "icu", "ward", "home, unwell", "well"])
    assert [one.name for one in result.cut_points] == [
        "cut 1: well or better",
        "cut 2: home, unwell or better",
        "cut 3: ward or better",
        "cut 4: icu or better",
    ]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"cut": 5}, "option cut"),
        ({"cut": 0}, "1 to 4"),
        ({"cut": "middle"}, "mean or a cut-point"),
        ({"free": "most"}, "option free"),
        ({"free": "1,9"}, "all, linear or a cut-point, 1 to 4"),
        ({"free": True}, "option free"),
    ],
)
def test_options_that_cannot_be_read(options, message):
    with pytest.raises(InputError, match=message):
        partial_proportional_odds(TABLE, range(5), **options)


def test_too_many_distinct_values_are_refused(meanings):
    with pytest.raises(InputError, match="at most 100"):
        partial_proportional_odds(np.ones((2, 101)), range(101))
    with pytest.raises(InputError, match="at most 100"):
        get_method("partial_proportional_odds").check(meanings("ordinal", "lower rank", rank=np.arange(101)))
