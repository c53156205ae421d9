import numpy as np
import pytest
from scipy.special import ndtr

from jaksim.errors import InputError
from jaksim.formulas.followed_arm import followed_arm
from jaksim.formulas.max_combo_power import max_combo_plan, normal_box
from jaksim.formulas.nph_size import LogRankWeight, large_sample_power, log_rank_law
from jaksim.piecewise import PiecewiseConstant

CORRELATION = [[1.0, 0.74810708, 0.36986852], [0.74810708, 1.0, 0.86077088], [0.36986852, 0.86077088, 1.0]]
ACCRUAL, NONE = PiecewiseConstant((4.0,), (25.0, 0.0)), PiecewiseConstant.constant(0.0)
STRATA = [
    tuple(
        followed_arm(50.0, hazard, accrual=ACCRUAL, dropout=NONE)
        for hazard in (PiecewiseConstant.constant(0.25), PiecewiseConstant((1.5,), (0.25, 0.125)))
    )
]
EVEN, LATE = LogRankWeight(), LogRankWeight(gamma=1.0)


def test_boxes_as_mvtnorm_has_them():
    """R 4.2, mvtnorm::pmvnorm(algorithm = Miwa(steps = 4096))."""
    upper = [2.9677379, 2.1371084, 2.1371084]
    assert normal_box(upper, [0.0] * 3, CORRELATION) == pytest.approx(0.9750000007, abs=1e-9)
    found = normal_box(upper, [0.90044073, 2.2344705, 2.6623408], CORRELATION)
    assert 1.0 - found == pytest.approx(0.7244522436, abs=1e-8)


@pytest.mark.parametrize("m", [1, 2, 3, 4])
def test_independent_variables_multiply(m):
    upper, mean = np.array([0.3, 1.2, -0.4, 2.0])[:m], np.array([0.1, -0.2, 0.5, 1.0])[:m]
    assert normal_box(upper, mean, np.eye(m)) == pytest.approx(ndtr(upper - mean).prod(), abs=1e-12)


def test_two_looks_at_the_log_rank_test_keep_the_level_and_nearly_the_power():
    plan = max_combo_plan(STRATA, [5.4, 20.0], [[EVEN], [EVEN]], interim_alpha=[1e-9], alpha=0.025)
    fixed = large_sample_power(log_rank_law(STRATA, 20.0), alpha=0.025)
    assert plan.upper_z[1] == pytest.approx(1.959963984540054, abs=1e-6)
    assert plan.power == pytest.approx(fixed, abs=1e-6)
    assert plan.correlation[0, 1] == pytest.approx(
        np.sqrt(log_rank_law(STRATA, 5.4).covariance[0, 0] / log_rank_law(STRATA, 20.0).covariance[0, 0])
    )


def test_a_late_effect_gains_from_the_late_weight():
    both = max_combo_plan(STRATA, [5.4, 20.0], [[EVEN], [EVEN, LATE]], interim_alpha=[0.001], alpha=0.025)
    alone = max_combo_plan(STRATA, [5.4, 20.0], [[EVEN], [EVEN]], interim_alpha=[0.001], alpha=0.025)
    assert both.upper_z[1] > alone.upper_z[1]
    assert both.power > alone.power + 0.05


@pytest.mark.parametrize(
    ("weights", "interim", "message"),
    [
        ([[EVEN]], [0.001], "its weights"),
        ([[EVEN, LATE], [EVEN]], [0.001], "one weight"),
        ([[EVEN], [LogRankWeight(gehan=True)]], [0.001], "Gehan"),
        ([[EVEN], [EVEN]], [0.03], "less than alpha"),
    ],
)
def test_bad_input_is_refused(weights, interim, message):
    with pytest.raises(InputError, match=message):
        max_combo_plan(STRATA, [5.4, 20.0], weights, interim_alpha=interim, alpha=0.025)
