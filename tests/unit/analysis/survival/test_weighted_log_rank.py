import numpy as np
import pytest

from jaksim.analysis.survival.methods.weighted_log_rank import WEIGHTS
from jaksim.errors import InputError
from jaksim.methods import log_rank, max_combo, modestly_weighted_log_rank, weighted_log_rank

TIME = [18.06, 9.89, 16.07, 28.07, 13.69, 25.22, 24.66, 8.5, 4.37, 7.64]
STATUS = [1, 1, 1, 0, 1, 0, 0, 1, 1, 1]
TEN_PATIENTS = np.kron(np.eye(2), np.ones(5)) * np.ones((2, 10))
"""Five control and five experimental patients of cran/nphRCT 8766aac, weighted_log_rank_tests.html."""


@pytest.fixture
def trial():
    rng = np.random.default_rng(5)
    return rng.integers(1, 12, size=(2, 3, 8)), np.tile(np.arange(1.0, 5), 2), np.repeat([1, 0], 4)


def test_modest_weights_of_ten_patients():
    """cran/nphRCT 8766aac, inst/doc/weighted_log_rank_tests.html: u -0.8651849, v 3.91482, z -0.4372734."""
    result = modestly_weighted_log_rank(TEN_PATIENTS, TIME, STATUS, s_star=0.5)
    assert result.statistic == pytest.approx(-0.8651849 / np.sqrt(3.91482), abs=1e-7)
    assert result.statistic == pytest.approx(-0.4372734, abs=5e-8)


def test_fleming_harrington_weights_of_ten_patients():
    """cran/nphRCT 8766aac, same page: gamma = 1 weighs the seven events 0, 0.1 ... 0.6 (10 ... 4 at risk)."""
    order = np.argsort(TIME)[:7]
    active, weight = order >= 5, np.arange(7) / 10
    at_risk_active = np.array([5, 4, 3, 2, 2, 2, 2])
    share = at_risk_active / np.arange(10, 3, -1)
    score, variance = (weight * (active - share)).sum(), (weight**2 * share * (1 - share)).sum()
    result = weighted_log_rank(TEN_PATIENTS, TIME, STATUS, gamma=1)
    assert result.statistic == pytest.approx(score / np.sqrt(variance), rel=1e-12)


def test_equal_weights_are_the_log_rank_test(trial):
    plain = log_rank(*trial)
    for result in (weighted_log_rank(*trial), modestly_weighted_log_rank(*trial, s_star=1.0)):
        assert (result.estimate, result.se, result.statistic) == pytest.approx(
            (plain.estimate, plain.se, plain.statistic), rel=1e-12
        )


def test_the_modest_weight_of_a_day_or_of_the_survival_on_it_is_the_same():
    by_day = modestly_weighted_log_rank(TEN_PATIENTS, TIME, STATUS, t_star=13.0)
    assert by_day == modestly_weighted_log_rank(TEN_PATIENTS, TIME, STATUS, s_star=0.6)


def test_one_weight_makes_max_combo_a_weighted_log_rank_test(trial):
    for pair in ([0, 0], [0, 1]):
        for alternative in ("two_sided", "benefit"):
            combined = max_combo(*trial, weights=[pair], alternative=alternative)
            alone = weighted_log_rank(*trial, rho=pair[0], gamma=pair[1])
            assert combined.statistic == pytest.approx(alone.statistic, rel=1e-9)


def test_max_combo_lies_between_its_best_weight_and_bonferroni(trial):
    pairs = [[0, 0], [0, 1], [1, 0]]
    p = min(weighted_log_rank(*trial, rho=rho, gamma=gamma).p_value for rho, gamma in pairs)
    assert p < max_combo(*trial, weights=pairs).p_value < 3 * p


def test_benefit_is_counted_on_the_side_that_is_better(trial):
    good, bad = (max_combo(*trial, alternative="benefit", better=better).statistic for better in ("event", "no event"))
    table, time, status = trial
    exchanged = max_combo(table[::-1], time, status, alternative="benefit", better="event").statistic
    assert exchanged == pytest.approx(-bad, rel=1e-9)
    assert good != pytest.approx(bad)


@pytest.mark.parametrize("weights", [[], [[0, 1, 2]], [[0, -1]], [["a", "b"]], [[0, 1]] * 7])
def test_weights_have_to_be_pairs(trial, weights):
    with pytest.raises(InputError, match="not weights of Fleming and Harrington"):
        max_combo(*trial, weights=weights)


@pytest.mark.parametrize("options", [{"rho": -1}, {"gamma": "late"}, {"rho": True}])
def test_powers_have_to_be_numbers(trial, options):
    with pytest.raises(InputError, match=r"option (rho|gamma): (wrong kind of value|the value is out of range)"):
        weighted_log_rank(*trial, **options)


@pytest.mark.parametrize("analysis", [modestly_weighted_log_rank, max_combo, *WEIGHTS])
@pytest.mark.parametrize("table", [[[0, 0, 9], [0, 0, 7]], [[0, 0, 0], [3, 2, 1]], [[4, 0, 0], [6, 0, 0]]])
def test_nothing_to_estimate(analysis, table):
    data = (table, [1, 2, 2], [1, 1, 0])
    result = weighted_log_rank(*data, weight=analysis) if isinstance(analysis, str) else analysis(*data)
    assert np.isnan([result.estimate, result.se, result.statistic]).all()
