import numpy as np
import pytest

from jaksim.methods import net_benefit, van_elteren, wilcoxon, win_odds, win_ratio

TABLE = np.random.default_rng(2).integers(1, 30, size=(2, 3, 6))
RANK = [0, 2, 1, 3, 5, 4]


def test_win_odds_are_the_odds_of_the_mann_whitney_probability():
    odds, probability = win_odds(TABLE, RANK, weighting="pooled"), wilcoxon(TABLE, RANK)
    p = probability.estimate
    assert odds.ratio == pytest.approx(p / (1 - p), rel=1e-13)
    assert odds.se == pytest.approx(probability.se / (p * (1 - p)), rel=1e-12)


def test_net_benefit_is_twice_the_mann_whitney_probability_less_one():
    net, probability = net_benefit(TABLE, RANK, weighting="pooled"), wilcoxon(TABLE, RANK)
    assert net.estimate == pytest.approx(2 * probability.estimate - 1, rel=1e-12)
    assert net.se == pytest.approx(2 * probability.se, rel=1e-12)


@pytest.mark.parametrize("analysis", [win_ratio, win_odds, net_benefit])
def test_permutation_test_of_pooled_strata_is_the_wilcoxon_test(analysis):
    result = analysis(TABLE, RANK, weighting="pooled", test="permutation")
    assert result.statistic == pytest.approx(wilcoxon(TABLE, RANK).statistic, rel=1e-12)


def test_weights_of_strata_of_one_size_do_not_matter():
    table = np.stack([np.random.default_rng(5).multinomial(50, [0.2, 0.3, 0.5], size=3) for _ in "ab"])
    results = [win_ratio(table, range(3), weighting=name) for name in ("mantel_haenszel", "size", "equal")]
    assert {round(one.statistic, 10) for one in results} == {round(results[0].statistic, 10)}


def test_large_strata_make_the_stratified_net_benefit_follow_van_elteren():
    net, probability = net_benefit(1e6 * TABLE, RANK), van_elteren(1e6 * TABLE, RANK)
    assert net.estimate == pytest.approx(2 * probability.estimate - 1, rel=1e-5)


@pytest.mark.parametrize("table", [[[0, 0, 0], [4, 5, 0]], [[0, 7, 0], [0, 9, 0]]])
def test_no_ratio_without_wins_or_losses(table):
    assert np.isnan(win_ratio(table, range(3)).estimate)


def test_a_ratio_without_losses_is_infinite_and_has_its_permutation_test():
    table = [[0, 0, 9], [4, 5, 0]]
    ratio, net = (method(table, range(3), test="permutation") for method in (win_ratio, net_benefit))
    assert (ratio.estimate, ratio.statistic) == (np.inf, net.statistic)
    assert win_ratio(table[::-1], range(3), test="permutation").statistic == -net.statistic
    assert np.isnan(win_ratio(table, range(3)).statistic)


def test_a_hundred_thousand_different_statuses_of_one_patient_each():
    table = np.zeros((2, 1, 100_000))
    table[np.random.default_rng(1).integers(0, 2, 100_000), 0, np.arange(100_000)] = 1
    result = win_odds(table, np.arange(100_000))
    assert result.se == pytest.approx(2 * np.sqrt(4 / 12 / 100_000) * 2, rel=0.01)
    assert abs(result.statistic) < 4


def test_a_single_patient_in_an_arm_lends_the_spread_of_all():
    assert np.isfinite(win_ratio([[10, 4, 7], [0, 1, 0]], range(3)).se)
