import math
from dataclasses import replace

import numpy as np
import pytest

from jaksim.formulas.followed_arm import followed_arm
from jaksim.formulas.hazards import times_ratio
from jaksim.formulas.nph_size import LogRankWeight, large_sample_power, log_rank_law, rmst_law
from jaksim.formulas.survival_draws import drawn_trials
from jaksim.formulas.survival_test import SurvivalTest, average_hazard_ratio
from jaksim.piecewise import PiecewiseConstant

ACCRUAL = PiecewiseConstant((6.0,), (20.0, 0.0))
LOSS = PiecewiseConstant.constant(math.log(2.0) / 60.0)
TIME = 24.0
REPLICATES = 1500


def arm(patients, *hazards, cuts=()):
    return followed_arm(patients, PiecewiseConstant(cuts, hazards), accrual=ACCRUAL, dropout=LOSS)


PAIR = (arm(80.0, 0.06), arm(160.0, 0.06, 0.03, cuts=(4.0,)))
TESTS = (
    SurvivalTest("log_rank"),
    SurvivalTest("gehan", (LogRankWeight(gehan=True),)),
    SurvivalTest("fleming_harrington", (LogRankWeight(gamma=1.0),)),
    SurvivalTest("modestly_weighted", (LogRankWeight(modest=6.0),)),
    SurvivalTest("rmst", at=18.0),
    SurvivalTest("rmst_ratio", at=18.0),
    SurvivalTest("milestone", at=14.0),
)


@pytest.mark.parametrize("null", [1.0, 1.3])
@pytest.mark.parametrize("test", TESTS, ids=lambda test: test.name)
def test_the_law_of_z_is_that_of_drawn_trials(test, null):
    law = test.law([PAIR], TIME, null=null)
    shift = 0.0
    if test.of_curves and null != 1.0:
        shift = test.difference(PAIR[0], replace(PAIR[1], hazard=times_ratio(PAIR[0].hazard, null)), TIME)
    blocks = drawn_trials([PAIR], TIME, replicates=REPLICATES, seed=5)
    z = np.concatenate([test.z(drawn, null=null, shift=shift) for drawn in blocks])[:, 0]
    # Standardised in one trial of 240 patients, z is off its large-sample mean by a hundredth or two.
    assert z.mean() == pytest.approx(law.mean[0], abs=0.04 + 4.0 * z.std() / math.sqrt(REPLICATES))
    assert 0.85 < z.std() < 1.2


def test_the_law_without_a_margin_is_that_of_the_statistics():
    assert TESTS[0].law([PAIR], TIME).mean[0] == pytest.approx(-log_rank_law([PAIR], TIME).z[0], rel=1e-14)
    assert TESTS[4].law([PAIR], TIME).mean[0] == pytest.approx(-rmst_law(*PAIR, TIME, tau=18.0).z[0], rel=1e-14)
    assert large_sample_power(log_rank_law([PAIR], TIME), alpha=0.025) > 0.5


def test_at_the_margin_z_is_centred():
    at_null = (PAIR[0], replace(PAIR[1], hazard=times_ratio(PAIR[0].hazard, 1.3)))
    for test in TESTS:
        assert test.law([at_null], TIME, null=1.3).mean[0] == pytest.approx(0.0, abs=1e-10)


def test_the_average_hazard_ratio_is_the_ratio_where_that_never_changes():
    proportional = (PAIR[0], replace(PAIR[1], hazard=times_ratio(PAIR[0].hazard, 0.6)))
    assert average_hazard_ratio([proportional], TIME) == pytest.approx(0.6, rel=1e-9)
    assert 0.5 < average_hazard_ratio([PAIR], TIME) < 1.0


def test_a_modest_weight_grows_to_its_time_and_stays():
    """With the time at 0 it is the log-rank test, and far out it is 1 / S."""
    even, first = (SurvivalTest("m", (LogRankWeight(modest=at),)).law([PAIR], TIME).mean[0] for at in (1e-9, 6.0))
    assert even == pytest.approx(TESTS[0].law([PAIR], TIME).mean[0], rel=1e-8)
    assert first > even


def test_drawn_trials_stop_at_their_events():
    for drawn in drawn_trials([PAIR], 500.0, events=50, replicates=200, seed=1):
        assert (drawn[0].event.sum(axis=1) == 50).all()


def test_the_same_seed_gives_the_same_trials():
    one, other = (list(drawn_trials([PAIR], TIME, replicates=50, seed=9)) for _ in range(2))
    assert (one[0][0].time == other[0][0].time).all()
