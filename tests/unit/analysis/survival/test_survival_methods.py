import numpy as np
import pytest

from jaksim.errors import InputError
from jaksim.methods import cox, log_rank, risk_difference_mh

ANALYSES = [log_rank, cox, lambda *data: cox(*data, ties="breslow")]


@pytest.mark.parametrize("analysis", ANALYSES)
@pytest.mark.parametrize(
    "table",
    [
        pytest.param([[0, 0, 9], [0, 0, 7]], id="no events"),
        pytest.param([[0, 0, 0], [3, 2, 1]], id="one arm"),
        pytest.param([[0, 0, 0], [0, 0, 0]], id="nobody"),
    ],
)
def test_nothing_to_estimate(analysis, table):
    result = analysis(table, [1, 2, 2], [1, 1, 0])
    assert np.isnan([result.estimate, result.se, result.statistic, result.p_value, *result.ci, result.ratio]).all()


def test_everybody_has_the_event_on_one_day():
    """The order within the day is unknown: no log-rank variance, and Efron's likelihood is highest without effect."""
    table = [[4, 0, 0], [6, 0, 0]]
    assert np.isnan(log_rank(table, [1, 2, 2], [1, 1, 0]).statistic)
    assert cox(table, [1, 2, 2], [1, 1, 0]).estimate == pytest.approx(0.0, abs=1e-12)


@pytest.mark.parametrize("ties", ["efron", "breslow"])
def test_events_in_one_arm_only_have_no_hazard_ratio(ties):
    assert np.isnan(cox([[0, 0, 12], [4, 3, 5]], [1, 2, 2], [1, 1, 0], ties=ties).estimate)
    assert log_rank([[0, 0, 12], [4, 3, 5]], [1, 2, 2], [1, 1, 0]).statistic > 2.5


@pytest.mark.parametrize("analysis", ANALYSES)
def test_a_stratum_with_one_arm_says_nothing(analysis):
    both = np.array([[[5, 4, 20]], [[9, 6, 14]]], dtype=float)
    alone = np.concatenate([both, [[[0, 0, 0]], [[8, 8, 8]]]], axis=1)
    with_it, without = (analysis(table, [1, 2, 2], [1, 1, 0]) for table in (alone, both))
    assert (with_it.estimate, with_it.se) == pytest.approx((without.estimate, without.se), rel=1e-12)
    assert with_it.n == without.n + 24


@pytest.mark.parametrize("analysis", ANALYSES)
def test_a_competing_event_counts_as_censored_at_its_time(analysis):
    table = np.random.default_rng(1).integers(1, 20, size=(2, 2, 6))
    time = [1, 2, 3, 1, 2, 3]
    competing = analysis(table, time, [1, 1, 1, 2, 2, 2])
    censored = analysis(table, time, [1, 1, 1, 0, 0, 0])
    assert competing == censored


@pytest.mark.parametrize("analysis", ANALYSES)
def test_a_split_category_and_the_order_of_categories_do_not_matter(analysis):
    rng = np.random.default_rng(2)
    table = rng.integers(2, 20, size=(2, 2, 5)).astype(float)
    time, status = np.array([1, 2, 4, 2, 4.0]), np.array([1, 1, 1, 0, 0])
    parts = np.concatenate([table * 0.25, table * 0.75], axis=2)
    order = rng.permutation(10)
    whole = analysis(table, time, status)
    split = analysis(parts[..., order], np.tile(time, 2)[order], np.tile(status, 2)[order])
    assert (split.estimate, split.se) == pytest.approx((whole.estimate, whole.se), rel=1e-10)


def test_one_event_day_is_the_cochran_mantel_haenszel_test():
    table = np.random.default_rng(3).integers(3, 30, size=(2, 4, 2))
    by_days = log_rank(table, [7, 28], [1, 0])
    assert by_days.statistic == pytest.approx(risk_difference_mh(table, [1, 0], test="cmh").statistic, rel=1e-12)


def test_without_ties_efron_and_breslow_agree():
    table = np.zeros((2, 1, 9))
    table[[0, 1, 1, 0, 1, 0, 0, 1], 0, np.arange(8)] = 1
    table[:, 0, 8] = 3, 2
    time, status = np.append(np.arange(1.0, 9.0), 8.0), np.append(np.ones(8, dtype=int), 0)
    efron, breslow = (cox(table, time, status, ties=ties) for ties in ("efron", "breslow"))
    assert (efron.estimate, efron.se) == pytest.approx((breslow.estimate, breslow.se), rel=1e-9)


def test_patients_censored_on_a_day_are_at_risk_of_its_events():
    on_the_day = log_rank([[3, 5, 4], [6, 2, 4]], [5, 5, 9], [1, 0, 0])
    later = log_rank([[3, 9], [6, 6]], [5, 9], [1, 0])
    assert on_the_day.statistic == pytest.approx(later.statistic, rel=1e-12)


def test_results_are_back_transformed():
    result = cox([[5, 4, 20], [9, 6, 14]], [1, 2, 2], [1, 1, 0], level=0.9)
    assert result.ratio == pytest.approx(np.exp(result.estimate))
    half = 1.6448536 * result.se
    assert result.ci == pytest.approx((result.estimate - half, result.estimate + half), rel=1e-6)
    assert result.ratio_ci == pytest.approx(np.exp(result.ci))
    assert result.n == 58


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (([[1, 2], [3, -1]], [1, 2], [1, 0]), "category 2: a count is negative"),
        (([[1, 2], [3, np.nan]], [1, 2], [1, 0]), "category 2: a count is negative"),
        (([[1, 2], [3, 4], [5, 6]], [1, 2], [1, 0]), "wrong shape"),
        (([[1, 2], [3, 4]], [1, 2, 3], [1, 0]), "time: one value per category"),
    ],
)
def test_unusable_tables_are_refused(arguments, message):
    with pytest.raises(InputError, match=message):
        log_rank(*arguments)


def test_confidence_level_out_of_range():
    with pytest.raises(InputError, match="between 0 and 1"):
        log_rank([[1, 2], [3, 4]], [1, 2], [1, 0], level=95)
