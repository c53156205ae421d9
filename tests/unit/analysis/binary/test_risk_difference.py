import numpy as np
import pytest

from jaksim.analysis.binary.risk_intervals import miettinen_nurminen, miettinen_nurminen_z
from jaksim.errors import InputError
from jaksim.methods import risk_difference, risk_difference_mh


def test_difference_of_active_minus_reference():
    result = risk_difference([[20, 80], [30, 70]], [1, 0])
    assert result.estimate == pytest.approx(0.1)
    assert result.se == pytest.approx(np.sqrt(0.2 * 0.8 / 100 + 0.3 * 0.7 / 100))
    assert result.statistic == pytest.approx(0.1 / np.sqrt(0.25 * 0.75 * 2 / 100))


def test_unknown_categories_leave_both_counts():
    assert risk_difference([[20, 9, 80], [30, 5, 70]], [1, -1, 0]) == risk_difference([[20, 80], [30, 70]], [1, 0])


def test_nobody_or_no_event():
    assert np.isnan(risk_difference([[0, 0], [3, 4]], [1, 0]).estimate)
    none = risk_difference([[0, 9], [0, 8]], [1, 0])
    assert none.estimate == 0.0
    assert np.isnan(none.statistic)
    assert none.ci[0] < 0.0 < none.ci[1]


def test_strata_are_pooled():
    table = np.random.default_rng(1).integers(1, 30, size=(2, 4, 2))
    assert risk_difference(table, [1, 0]) == risk_difference(table.sum(axis=1), [1, 0])


@pytest.mark.parametrize("interval", ["newcombe", "miettinen_nurminen", "wald"])
def test_intervals_are_reflected_with_the_arms_and_with_the_event(interval):
    table = np.array([[3, 40], [11, 22]])
    low, high = risk_difference(table, [1, 0], interval=interval).ci
    assert risk_difference(table[::-1], [1, 0], interval=interval).ci == pytest.approx((-high, -low), abs=1e-11)
    assert risk_difference(table, [0, 1], interval=interval).ci == pytest.approx((-high, -low), abs=1e-11)


@pytest.mark.parametrize("counts", [(0, 10, 0, 20), (10, 10, 0, 20), (3, 7, 400, 1000), (1, 5, 4, 5), (50, 50, 49, 49)])
def test_miettinen_nurminen_bounds_are_where_the_score_test_turns(counts):
    low, high = miettinen_nurminen(*counts, 1.96)
    for bound, sign in ((low, 1.0), (high, -1.0)):
        if abs(bound) < 1.0 - 1e-9:
            assert miettinen_nurminen_z(*counts, bound) == pytest.approx(sign * 1.96, abs=1e-6)
        else:
            assert bound == pytest.approx(counts[0] / counts[1] - counts[2] / counts[3])


def test_one_balanced_stratum_has_satos_variance_equal_to_the_unpooled_one():
    table = [[20, 60], [31, 49]]
    assert risk_difference_mh(table, [1, 0]).se == pytest.approx(risk_difference(table, [1, 0]).se, rel=1e-12)


def test_mantel_haenszel_weighs_strata_by_their_sizes():
    table = np.array([[[5, 5], [10, 30]], [[8, 2], [30, 30]]])
    weights = np.array([10 * 10 / 20, 40 * 60 / 100])
    expected = (weights * [0.3, 0.25]).sum() / weights.sum()
    for variance in ("sato", "greenland_robins"):
        assert risk_difference_mh(table, [1, 0], variance=variance).estimate == pytest.approx(expected, rel=1e-12)


def test_many_small_strata_have_satos_variance_right():
    """Matched pairs, where few large strata and many small ones part ways; z beyond 4 fails."""
    rng = np.random.default_rng(3)
    events = rng.random((400, 2, 150)) < np.array([[0.3], [0.45]])
    estimates, variances = [], []
    for trial in events:
        result = risk_difference_mh(np.stack([trial, ~trial], axis=-1).astype(float), [1, 0])
        estimates.append(result.estimate)
        variances.append(result.se**2)
    observed = np.var(estimates, ddof=1)
    assert abs(observed / np.mean(variances) - 1) / np.sqrt(2 / 399) < 4


def test_no_stratum_with_both_arms():
    table = np.array([[[5, 5], [0, 0]], [[0, 0], [3, 3]]])
    assert np.isnan(risk_difference_mh(table, [1, 0]).estimate)


def test_unknown_interval():
    with pytest.raises(InputError, match="did you mean 'newcombe'"):
        risk_difference([[1, 2], [3, 4]], [1, 0], interval="newcomb")
