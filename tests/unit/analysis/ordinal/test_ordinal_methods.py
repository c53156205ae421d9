import numpy as np
import pytest
from scipy.optimize import minimize
from scipy.special import expit, xlogy

from jaksim.methods import proportional_odds, van_elteren, wilcoxon

ANALYSES = [proportional_odds, wilcoxon, van_elteren]


def test_two_categories_give_the_log_odds_ratio_with_woolfs_standard_error():
    result = proportional_odds([[30, 20], [42, 11]], [0, 1])
    assert result.estimate == pytest.approx(np.log(42 * 20 / (11 * 30)), rel=1e-12)
    assert result.se == pytest.approx(np.sqrt(1 / 30 + 1 / 20 + 1 / 42 + 1 / 11), rel=1e-12)
    assert result.ratio == pytest.approx(42 * 20 / (11 * 30), rel=1e-12)


@pytest.mark.parametrize("analysis", ANALYSES)
def test_more_good_statuses_in_the_active_arm_favour_it(analysis):
    result = analysis([[10, 20, 30], [30, 20, 10]], [0, 1, 2])
    assert result.statistic > 3
    assert analysis([[10, 20, 30], [30, 20, 10]], [2, 1, 0]).statistic == pytest.approx(-result.statistic, rel=1e-9)


@pytest.mark.parametrize("analysis", ANALYSES)
def test_empty_split_unranked_and_shuffled_categories_do_not_matter(analysis):
    rng = np.random.default_rng(4)
    table = rng.integers(1, 15, size=(2, 3, 4)).astype(float)
    plain = analysis(table, [0, 1, 2, 3])
    parts = np.concatenate([0.4 * table, 0.6 * table, np.zeros((2, 3, 2)), np.full((2, 3, 1), 8.0)], axis=2)
    rank = np.array([1, 3, 5, 9, 1, 3, 5, 9, 2, 12, -1])
    order = rng.permutation(11)
    other = analysis(parts[..., order], rank[order])
    assert (other.estimate, other.se, other.n) == pytest.approx((plain.estimate, plain.se, plain.n), rel=1e-9)


@pytest.mark.parametrize("analysis", ANALYSES)
@pytest.mark.parametrize(
    "table",
    [
        pytest.param(np.zeros((2, 2, 3)), id="nobody"),
        pytest.param([[0, 0, 0], [4, 5, 6]], id="one arm"),
        pytest.param([[0, 7, 0], [0, 9, 0]], id="one status"),
    ],
)
def test_nothing_to_test(analysis, table):
    assert np.isnan(analysis(table, [0, 1, 2]).statistic)


def test_nothing_can_be_said_where_arm_and_stratum_coincide():
    table = [[[3, 4, 2], [0, 0, 0]], [[0, 0, 0], [5, 1, 4]]]
    for test in ("wald", "score", "lrt"):
        result = proportional_odds(table, [0, 1, 2], test=test)
        assert np.isnan([result.estimate, result.se, result.statistic]).all()


SEPARATED = {
    "complete": [[0, 0, 9], [4, 5, 0]],
    "quasi-complete": [[0, 5, 9], [4, 5, 0]],
    "one arm at one end": [[6, 0, 14], [0, 0, 20]],
    "in both strata": [[[0, 2, 7], [0, 0, 9]], [[4, 5, 0], [0, 1, 2]]],
}


@pytest.mark.parametrize("table", SEPARATED.values(), ids=SEPARATED.keys())
def test_under_separation_the_odds_ratio_is_infinite_and_has_no_wald_test(table):
    result = proportional_odds(table, [0, 1, 2])
    better = np.array(table).reshape(2, -1, 3)[1, 0, 0]
    assert result.estimate == (np.inf if better > 0 else -np.inf)
    assert np.isnan([result.se, result.statistic]).all()


@pytest.mark.parametrize("table", SEPARATED.values(), ids=SEPARATED.keys())
def test_under_separation_the_likelihood_ratio_is_that_of_the_supremum(table):
    """By a general optimiser: the likelihood without effect, and with ever larger odds ratios."""
    counts = np.array(table, dtype=float).reshape(2, -1, 3)

    def deviance(parameters, log_odds_ratio):
        first, gap, *strata = parameters
        value = 0.0
        for arm in range(2):
            for s, row in enumerate(counts[arm]):
                shift = log_odds_ratio * arm + (strata[s - 1] if s else 0.0)
                below = expit([first + shift, first + np.exp(gap) + shift])
                p = [below[0], below[1] - below[0], expit(-(first + np.exp(gap) + shift))]
                value -= 2.0 * float(xlogy(row, np.maximum(p, 1e-300)).sum())
        return value

    def least(log_odds_ratio):
        start = [-0.5 * log_odds_ratio, 0.0, *[0.0] * (counts.shape[1] - 1)]
        options = {"xatol": 1e-9, "fatol": 1e-12, "maxiter": 20_000, "maxfev": 20_000}
        found = minimize(deviance, start, args=(log_odds_ratio,), method="Nelder-Mead", options=options)
        again = minimize(deviance, found.x, args=(log_odds_ratio,), method="Nelder-Mead", options=options)
        return float(again.fun)

    result = proportional_odds(table, [0, 1, 2], test="lrt")
    sign = np.sign(result.estimate)
    assert result.statistic == pytest.approx(sign * np.sqrt(least(0.0) - least(sign * 24.0)), abs=2e-3)
    assert result.estimate == sign * np.inf


def test_strata_whose_statuses_are_apart_leave_the_odds_ratio_of_the_others():
    """The third stratum's coefficient drifts off; the fourth is all at the best status; neither says anything."""
    informative = np.array([[[0, 5, 1, 0], [4, 2, 0, 0]], [[1, 4, 0, 0], [5, 1, 0, 0]]], dtype=float)
    apart = np.array([[[0, 0, 0, 0], [9, 0, 0, 0]], [[0, 0, 1, 5], [7, 0, 0, 0]]], dtype=float)
    alone = proportional_odds(informative, [0, 1, 2, 3])
    together = proportional_odds(np.concatenate([informative, apart], axis=1), [0, 1, 2, 3])
    assert (together.estimate, together.se) == pytest.approx((alone.estimate, alone.se), rel=1e-7)


def test_more_patients_with_the_same_proportions():
    table = np.random.default_rng(6).integers(1, 15, size=(2, 3, 6))
    once, often = proportional_odds(table, range(6)), proportional_odds(2.5 * table, range(6))
    assert often.estimate == pytest.approx(once.estimate, rel=1e-10)
    assert often.se == pytest.approx(once.se / np.sqrt(2.5), rel=1e-10)


def test_a_category_with_hardly_any_expected_patients_is_harmless():
    table = np.array([[30.0, 1e-9, 20.0, 10.0], [42.0, 2e-9, 11.0, 12.0]])
    tiny, without = proportional_odds(table, range(4)), proportional_odds(np.delete(table, 1, axis=1), range(3))
    assert (tiny.estimate, tiny.se) == pytest.approx((without.estimate, without.se), rel=1e-6)


def test_as_many_categories_as_patients():
    rng = np.random.default_rng(8)
    value = np.concatenate([rng.logistic(size=50_000), rng.logistic(size=50_000) - 0.5])
    table = np.zeros((2, 1, 100_000))
    table[np.repeat([0, 1], 50_000), 0, np.argsort(np.argsort(value))] = 1
    result = proportional_odds(table, np.arange(100_000))
    assert result.estimate == pytest.approx(0.5, abs=4 * result.se)
    assert result.se == pytest.approx(np.sqrt(12 / 100_000), rel=0.02)


def test_one_stratum_makes_van_elteren_the_wilcoxon_test():
    table = [[10, 4, 7, 9], [14, 6, 5, 3]]
    one, other = van_elteren(table, range(4)), wilcoxon(table, range(4))
    assert (one.estimate, one.se, one.statistic) == pytest.approx(
        (other.estimate, other.se, other.statistic), rel=1e-12
    )


def test_a_stratum_with_one_arm_has_no_weight():
    table = np.array([[[10, 4, 7], [0, 0, 0]], [[14, 6, 5], [3, 3, 3]]])
    assert van_elteren(table, range(3)).statistic == pytest.approx(van_elteren(table[:, :1], range(3)).statistic)


def test_a_single_patient_lends_the_variance_without_effect():
    table = np.array([[[10, 4, 7], [0, 1, 0]], [[14, 6, 5], [3, 3, 3]]])
    result = van_elteren(table, range(3))
    assert np.isfinite([result.estimate, result.se, result.statistic]).all()
    assert np.isnan(wilcoxon(table[:, 1:], range(3)).se)


def test_win_probability_from_all_pairs():
    rng = np.random.default_rng(9)
    table = rng.integers(0, 9, size=(2, 1, 5))
    reference, active = (np.repeat(np.arange(5), table[arm, 0]) for arm in range(2))
    pairs = (active[:, None] < reference) + 0.5 * (active[:, None] == reference)
    result = wilcoxon(table, range(5))
    assert result.estimate == pytest.approx(pairs.mean(), rel=1e-13)
    placements = pairs.mean(axis=1).var(ddof=1) / len(active) + pairs.mean(axis=0).var(ddof=1) / len(reference)
    assert result.se**2 == pytest.approx(placements, rel=1e-12)


def test_tests_of_the_odds_ratio_agree_near_the_null_and_part_far_from_it():
    near, far = [[100, 200, 301], [101, 200, 300]], [[10, 20, 30], [40, 20, 5]]
    z = [proportional_odds(near, range(3), test=test).statistic for test in ("wald", "score", "lrt")]
    assert z[1:] == pytest.approx([z[0]] * 2, rel=1e-4)
    z = [proportional_odds(far, range(3), test=test).statistic for test in ("wald", "lrt", "score")]
    assert abs(z[0] - z[2]) > 0.05


def test_two_categories_have_the_likelihood_ratio_of_two_binomials():
    x, n = np.array([30, 42]), np.array([50, 53])
    entropy = x * np.log(x / n) + (n - x) * np.log1p(-x / n)
    pooled = x.sum() * np.log(x.sum() / n.sum()) + (n - x).sum() * np.log1p(-x.sum() / n.sum())
    result = proportional_odds([[30, 20], [42, 11]], [0, 1], test="lrt")
    assert result.statistic == pytest.approx(np.sqrt(2 * (entropy.sum() - pooled)), rel=1e-10)


def test_separation_still_has_a_score_test():
    result = proportional_odds([[0, 0, 9], [4, 5, 0]], [0, 1, 2], test="score")
    assert result.estimate == np.inf
    assert result.statistic > 4
