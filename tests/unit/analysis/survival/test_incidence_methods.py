"""Probabilities by a day, restricted means, Gray's test and the Fine-Gray model: what must hold of them anyway."""

import numpy as np
import pytest

from jaksim.analysis.survival.kaplan_meier import cumulative_incidence, kaplan_meier
from jaksim.errors import InputError
from jaksim.methods import (
    cox,
    cumulative_incidence_difference,
    fine_gray,
    gray,
    kaplan_meier_difference,
    risk_difference,
    rmst_difference,
    rmst_ratio,
)

ANALYSES = [
    kaplan_meier_difference,
    cumulative_incidence_difference,
    rmst_difference,
    rmst_ratio,
    gray,
    fine_gray,
]
DAYS = np.arange(1.0, 6)


def with_competing(seed, n_strata=1):
    """Counts (2, S, 11) of events and competing events on days 1 to 5 and of censoring on the last."""
    table = np.random.default_rng(seed).integers(1, 15, size=(2, n_strata, 11))
    return table, np.concatenate([DAYS, DAYS, [5.0]]), np.repeat([1, 2, 0], [5, 5, 1])


@pytest.mark.parametrize("analysis", ANALYSES)
def test_one_arm_says_nothing(analysis):
    result = analysis([[0, 0, 0], [3, 2, 4]], [1, 2, 2], [1, 1, 0])
    assert np.isnan([result.estimate, result.se, result.statistic]).all()


@pytest.mark.parametrize("analysis", ANALYSES)
def test_without_events_nothing_is_tested(analysis):
    result = analysis([[0, 0, 9], [0, 0, 7]], [1, 2, 2], [1, 1, 0])
    assert np.isnan(result.statistic)


@pytest.mark.parametrize("analysis", ANALYSES)
def test_a_stratum_with_one_arm_says_nothing(analysis):
    table, time, status = with_competing(1)
    alone = np.zeros_like(table)
    alone[1] = 5
    result, without = analysis(np.concatenate([table, alone], axis=1), time, status), analysis(table, time, status)
    assert (result.estimate, result.se) == pytest.approx((without.estimate, without.se), rel=1e-12)


def test_complete_follow_up_gives_proportions():
    """Without earlier censoring both are numbers of events over patients, with binomial variance."""
    table, time, status = with_competing(2)
    result = cumulative_incidence_difference(table, time, status)
    events = table[:, 0, :5].sum(axis=1)
    share = events / table.sum(axis=(1, 2))
    assert result.estimate == pytest.approx(share[1] - share[0], rel=1e-12)
    assert result.se**2 == pytest.approx((share * (1 - share) / table.sum(axis=(1, 2))).sum(), rel=1e-12)
    alone = np.where(status == 2, 0, table)
    unpooled = risk_difference(alone, status == 1, test="unpooled")
    kaplan_meier_too = kaplan_meier_difference(alone, time, status)
    assert (kaplan_meier_too.estimate, kaplan_meier_too.statistic) == pytest.approx(
        (unpooled.estimate, unpooled.statistic), rel=1e-10
    )


def test_rivals_raise_kaplan_meier_above_the_incidence():
    data = with_competing(3)
    counts, time, status = data[0][0, 0], *data[1:]
    with_rivals, without = cumulative_incidence(counts, time, status), kaplan_meier(counts, time, status)
    difference = 1 - without.probability - with_rivals.probability
    assert (difference > -1e-12).all()
    assert difference[-1] > 0.01
    other = cumulative_incidence(counts, time, np.array([0, 2, 1])[status])
    left = counts[status == 0].sum() / counts.sum()
    assert with_rivals.probability[-1] + other.probability[-1] + left == pytest.approx(1.0, rel=1e-12)


def test_the_restricted_mean_is_the_mean_of_times_cut_at_tau():
    table, time, status = with_competing(4)
    table = np.where(status == 2, 0, table)
    means = [np.average(np.minimum(time, 3.5), weights=arm[0]) for arm in table]
    difference, ratio = rmst_difference(table, time, status, tau=3.5), rmst_ratio(table, time, status, tau=3.5)
    assert difference.estimate == pytest.approx(means[1] - means[0], rel=1e-12)
    assert ratio.ratio == pytest.approx(means[1] / means[0], rel=1e-12)
    spread = [np.average((np.minimum(time, 3.5) - m) ** 2, weights=arm[0]) for arm, m in zip(table, means, strict=True)]
    assert difference.se**2 == pytest.approx((spread / table.sum(axis=(1, 2))).sum(), rel=1e-12)


def test_a_longer_time_without_a_good_event_does_not_favour_the_active_arm(meanings):
    from jaksim.analysis import get_method

    for better, sign in (("event", -1), ("no event", 1)):
        endpoint = meanings("time_to_event", better, time=np.ones(2), status=np.array([1, 0]))
        assert get_method("rmst_difference").benefit_sign(endpoint) == sign
        assert get_method("kaplan_meier_difference").benefit_sign(endpoint) == -sign


def test_maintenance_in_acute_myelogenous_leukaemia():
    """SAS PROC LIFETEST, in cran/lrstat 4d64219, tests/testthat/test-rmest.R: 52.64545, se 19.8286 or 21.4173."""
    time = np.array([9, 13, 13, 18, 23, 28, 31, 34, 45, 48, 161])
    status = np.array([1, 1, 0, 1, 1, 0, 1, 1, 0, 1, 0])
    nothing = np.append(np.zeros(11), 1.0)
    table = [nothing, np.append(np.ones(11), 0.0)]
    data = table, np.append(time, 161), np.append(status, 0)
    for variance, se in (("greenwood", 19.8286), ("unbiased", 21.4173)):
        result = rmst_difference(*data, tau=161, variance=variance)
        assert result.estimate + 161 == pytest.approx(52.64545, abs=5e-6)
        assert result.se == pytest.approx(se, abs=5e-5)


@pytest.mark.parametrize("analysis", [kaplan_meier_difference, cumulative_incidence_difference])
def test_a_day_that_nobody_reached_has_no_estimate(analysis):
    data = [[3, 4], [5, 6]], [2, 7], [1, 0]
    assert np.isfinite(analysis(*data, day=7).estimate)
    assert np.isnan(analysis(*data, day=7.1).estimate)
    assert analysis(*data).estimate == analysis(*data, day=7).estimate


def test_by_default_the_day_is_the_last_one_with_both_arms():
    """The reference arm is followed to day 3 only; in the second table its last patient has the event by then."""
    time, status = [1, 3, 5, 5, 3], [1, 0, 1, 0, 1]
    cut = [[4, 6, 0, 0, 0], [2, 1, 3, 4, 0]]
    assert rmst_difference(cut, time, status).estimate == rmst_difference(cut, time, status, tau=3).estimate
    ended = [[4, 0, 0, 0, 6], [2, 1, 3, 4, 0]]
    assert rmst_difference(ended, time, status).estimate == rmst_difference(ended, time, status, tau=5).estimate


@pytest.mark.parametrize("n_strata", [1, 3])
def test_fine_gray_with_censoring_at_the_end_is_a_cox_model(n_strata):
    """Patients with a competing event stay at risk to the last day."""
    table, time, status = with_competing(5, n_strata)
    kept = np.where(status == 2, 5.0, time), np.where(status == 2, 0, status)
    result, expected = fine_gray(table, time, status), cox(table, *kept, ties="breslow", variance="robust")
    assert (result.estimate, result.se) == pytest.approx((expected.estimate, expected.se), rel=1e-9)


def test_fine_gray_weights():
    """cran/survival e4f35ec, tests/finegray.Rout.save: 14 patients, censoring factors 11/12, 8/10, 5/6, 3/4 and 2/3.

    The estimate is the root of the score written out with those weights.
    """
    time = np.array([1, 2, 3, 4, 4, 4, 5, 5, 6, 8, 8, 9, 10, 12], dtype=float)
    status = np.array([1, 2, 0, 1, 0, 0, 2, 1, 0, 0, 2, 0, 1, 0])
    arm = np.array([0, 1, 0, 1, 1, 0, 0, 0, 1, 0, 1, 1, 1, 0])
    table = np.zeros((2, 14))
    table[arm, np.arange(14)] = 1.0
    free = {1: 1.0, 4: 11 / 12, 5: 11 / 12 * 8 / 10, 10: 11 / 12 * 8 / 10 * 5 / 6 * 3 / 4 * 2 / 3}
    left = {2: 1.0, 5: free[5], 8: free[5] * 5 / 6}
    beta = fine_gray(table, time, status).estimate
    scores = [_score_at(day, time, status, arm, free, left, np.exp(beta)) for day in free]
    assert sum(scores) == pytest.approx(0.0, abs=1e-9)


def _score_at(day, time, status, arm, free, left, ratio):
    kept = np.array([free[day] / left[t] if s == 2 and t < day else 0.0 for t, s in zip(time, status, strict=True)])
    weight = np.where(time >= day, 1.0, kept) * ratio**arm
    events = (time == day) & (status == 1)
    return arm[events].sum() - events.sum() * (weight * arm).sum() / weight.sum()


def test_gray_without_rivals_or_censoring_is_close_to_the_log_rank_test():
    from jaksim.methods import log_rank

    rng = np.random.default_rng(6)
    table = rng.multinomial(4000, [0.02] * 10 + [0.8], size=(2, 1)).astype(float)
    time, status = np.append(np.arange(1.0, 11), 10.0), np.append(np.ones(10, dtype=int), 0)
    assert gray(table, time, status).statistic == pytest.approx(log_rank(table, time, status).statistic, rel=5e-3)


@pytest.mark.parametrize("day", [0, -1, float("inf"), "late", True])
def test_days_have_to_be_numbers(day):
    with pytest.raises(InputError, match=r"not a day|a number|out of range|finite"):
        kaplan_meier_difference([[3, 4], [5, 6]], [2, 7], [1, 0], day=day)
    with pytest.raises(InputError, match=r"not a day|a number|out of range|finite"):
        rmst_difference([[3, 4], [5, 6]], [2, 7], [1, 0], tau=day)


def test_unknown_intervals_are_refused():
    with pytest.raises(InputError, match="did you mean 'log_log'"):
        kaplan_meier([1, 2], [1, 2], [1, 0], interval="loglog")
