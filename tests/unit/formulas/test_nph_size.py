import math
from functools import partial

import numpy as np
import pytest

from jaksim.errors import InputError
from jaksim.formulas.event_times import event_probability, expected_events
from jaksim.formulas.followed_arm import events_of, followed_arm
from jaksim.formulas.hazards import cumulative
from jaksim.formulas.nph_monitoring import analysis_times, rejection_by_analysis
from jaksim.formulas.nph_size import (
    LogRankWeight,
    large_sample_power,
    log_rank_law,
    rmst_law,
    size_factor,
    survival_difference_law,
)
from jaksim.piecewise import PiecewiseConstant

ACCRUAL = PiecewiseConstant((6.0,), (20.0, 0.0))
LOSS = PiecewiseConstant.constant(math.log(2.0) / 120.0)


def arm(patients, *hazards, cuts=()):
    return followed_arm(patients, PiecewiseConstant(cuts, hazards), accrual=ACCRUAL, dropout=LOSS)


REFERENCE, ACTIVE = arm(120.0, math.log(2.0) / 12.0), arm(120.0, math.log(2.0) / 15.0)
DELAYED = arm(120.0, 0.06, 0.03, cuts=(4.0,))


def test_cumulative_rates():
    rate = PiecewiseConstant((2.0, 5.0), (1.0, 0.0, 3.0))
    t = np.array([0.0, 1.0, 2.0, 4.0, 7.0])
    assert cumulative(rate, t).tolist() == [rate.integral(0.0, one) for one in t]


def test_events_are_those_of_the_integral_over_entry_times():
    hazard = DELAYED.hazard
    expected = expected_events(ACCRUAL, partial(event_probability, hazard, LOSS), 11.0, bends=(4.0,))
    assert events_of([DELAYED], 11.0) == pytest.approx(expected, rel=1e-10)
    assert analysis_times([(DELAYED, DELAYED)], 2.0 * expected) == pytest.approx([11.0], abs=1e-8)


def test_power_and_size_as_r_integrates():
    """The integrals of cran/npsurvSS e651f69, basic_functionalities.html, by R 4.2 integrate(rel.tol = 1e-10)."""
    law = log_rank_law([(REFERENCE, ACTIVE)], 18.0)
    assert large_sample_power(law, alpha=0.025) == pytest.approx(0.23665361337, abs=1e-10)
    law = log_rank_law([(REFERENCE, ACTIVE.scaled(2.0))], 18.0)
    assert 120.0 * size_factor(law, power=0.8, alpha=0.025) == pytest.approx(445.991598975, rel=1e-10)


def test_scaling_the_arms_scales_the_information():
    law = log_rank_law([(REFERENCE, DELAYED)], 18.0)
    factor = size_factor(law, power=0.9, alpha=0.025)
    larger = log_rank_law([(REFERENCE.scaled(factor), DELAYED.scaled(factor))], 18.0)
    assert large_sample_power(larger, alpha=0.025) == pytest.approx(0.9, abs=1e-12)


def test_equal_strata_are_one_population():
    whole = log_rank_law([(REFERENCE, DELAYED)], 15.0)
    parts = [(REFERENCE.scaled(part), DELAYED.scaled(part)) for part in (0.3, 0.7)]
    split = log_rank_law(parts, 15.0)
    assert split.mean == pytest.approx(whole.mean, rel=1e-12)
    assert split.covariance == pytest.approx(whole.covariance, rel=1e-12)


def test_without_effect_the_variance_of_the_log_rank_test_is_a_quarter_of_the_events():
    law = log_rank_law([(REFERENCE, REFERENCE)], 18.0)
    assert law.mean[0] == 0.0
    assert law.covariance[0, 0] == pytest.approx(events_of([REFERENCE] * 2, 18.0) / 4.0, rel=1e-12)


def test_scores_of_prior():
    """cran/lrstat 4d64219, inst/doc/maxcombo.html: times of 50 and 99.9 events, log-rank and FH(0, 1)."""
    accrual, none = PiecewiseConstant((4.0,), (25.0, 0.0)), PiecewiseConstant.constant(0.0)
    pair = tuple(
        followed_arm(50.0, hazard, accrual=accrual, dropout=none)
        for hazard in (PiecewiseConstant.constant(0.25), PiecewiseConstant((1.5,), (0.25, 0.125)))
    )
    times = analysis_times([pair], [50.0, 99.9])
    assert times == pytest.approx([5.362939, 50.323682], abs=2e-6)
    laws = [log_rank_law([pair], time, [LogRankWeight(), LogRankWeight(gamma=1.0)]) for time in times]
    for law, mean, variance in zip(
        laws, ([-3.178997, -1.385269], [-10.544683, -6.608297]), ([12.4638, 1.164021], [22.26989, 6.16101]), strict=True
    ):
        assert law.mean == pytest.approx(mean, abs=1e-4)
        assert law.covariance.diagonal() == pytest.approx(variance, abs=2e-4)
    final = laws[1].covariance
    correlations = (
        math.sqrt(laws[0].covariance[0, 0] / final[0, 0]),
        laws[0].covariance[0, 1] / math.sqrt(laws[0].covariance[0, 0] * final[1, 1]),
        final[0, 1] / math.sqrt(final[0, 0] * final[1, 1]),
    )
    assert correlations == pytest.approx((0.748, 0.370, 0.861), abs=5e-4)


def test_milestone_and_restricted_mean_without_losses_are_those_of_complete_data():
    """All followed: binomial variance, and the variance of the time up to the milestone."""
    early, none = PiecewiseConstant((1e-9,), (1e9, 0.0)), PiecewiseConstant.constant(0.0)
    h, n, at = 0.1, 50.0, 5.0
    one, other = (
        followed_arm(n, PiecewiseConstant.constant(value), accrual=early, dropout=none) for value in (h, 2.0 * h)
    )
    law = survival_difference_law(one, other, 20.0, at=at)
    shares = np.exp([-h * at, -2.0 * h * at])
    assert law.mean[0] == pytest.approx(shares[0] - shares[1], rel=1e-9)
    assert law.covariance[0, 0] == pytest.approx((shares * (1.0 - shares)).sum() / n, rel=1e-7)
    law = rmst_law(one, other, 20.0, tau=at)
    rates = np.array([h, 2.0 * h])
    means = (1.0 - np.exp(-rates * at)) / rates
    squares = 2.0 / rates**2 * (1.0 - np.exp(-rates * at) * (1.0 + rates * at))
    assert law.mean[0] == pytest.approx(means[0] - means[1], rel=1e-9)
    assert law.covariance[0, 0] == pytest.approx((squares - means**2).sum() / n, rel=1e-7)


def test_rejection_with_one_analysis_is_the_power():
    law = log_rank_law([(REFERENCE, DELAYED)], 18.0)
    found = rejection_by_analysis([(REFERENCE, DELAYED)], [18.0], [1.959963984540054])
    assert found[0] == pytest.approx(large_sample_power(law, alpha=0.025), abs=1e-9)


def test_bad_input_is_refused():
    with pytest.raises(InputError, match="no number of patients"):
        size_factor(log_rank_law([(ACTIVE, REFERENCE)], 18.0), power=0.9, alpha=0.025)
    with pytest.raises(InputError, match="one bound per analysis"):
        rejection_by_analysis([(REFERENCE, ACTIVE)], [10.0, 18.0], [2.0])
    with pytest.raises(InputError, match="never expected"):
        analysis_times([(REFERENCE, ACTIVE)], 1000.0)
