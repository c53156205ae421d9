import math

import numpy as np
import pytest
from scipy import stats
from statsmodels.stats.proportion import proportion_confint

from jaksim.calibration.target import CountTarget, MedianTarget, NormalTarget, RatioTarget, TableTarget, wilson_interval

COMMON = {"id": "figure", "statistic": "of something", "role": "fit", "weight": 1.0}
COUNTS = [(0, 50), (1, 50), (12, 268), (25, 50), (49, 50), (50, 50)]


@pytest.mark.parametrize(("events", "patients"), COUNTS)
@pytest.mark.parametrize("probability", [0.001, 0.04, 0.5, 0.77, 0.999])
def test_count_residual_squared_is_the_binomial_deviance(events, patients, probability):
    target = CountTarget(**COMMON, events=events, patients=patients)
    (residual,) = target.residuals(np.array([probability]))
    best = stats.binom.logpmf(events, patients, events / patients)
    deviance = 2 * (best - stats.binom.logpmf(events, patients, probability))
    assert residual**2 == pytest.approx(deviance, rel=1e-9, abs=1e-9)
    if deviance > 1e-9:
        assert np.sign(residual) == np.sign(probability - events / patients)


def test_table_residuals_squared_add_up_to_the_multinomial_deviance():
    counts = (101, 115, 1, 7, 27, 0, 19, 5)
    rng = np.random.default_rng(1)
    target = TableTarget(**COMMON, scores=tuple(range(1, 9)), counts=counts)
    for law in rng.dirichlet(np.full(8, 2.0), size=20):
        best = stats.multinomial.logpmf(counts, sum(counts), np.array(counts) / sum(counts))
        deviance = 2 * (best - stats.multinomial.logpmf(counts, sum(counts), law))
        residuals = target.residuals(law)
        assert np.sum(residuals**2) == pytest.approx(deviance, rel=1e-9)
        np.testing.assert_array_equal(np.sign(residuals), np.sign(law - np.array(counts) / sum(counts)))


def test_table_rows_score_every_cell_as_a_proportion():
    target = TableTarget(**COMMON, scores=(1, 5, 8, 9), counts=(30, 10, 0, 0))
    rows = target.rows(np.array([0.5, 0.4, 0.1, 0.0]))
    assert [row.id for row in rows] == ["figure.1", "figure.5", "figure.8"]
    for row, events, p in zip(rows, (30, 10, 0), (0.5, 0.4, 0.1), strict=True):
        (single,) = CountTarget(**COMMON, events=events, patients=40).rows(np.array([p]))
        assert row.interval == single.interval
        assert (row.reported, row.fitted, row.z) == pytest.approx((single.reported, single.fitted, single.z))


def test_what_model_and_data_agree_is_impossible_costs_nothing():
    target = TableTarget(**COMMON, scores=(1, 2), counts=(40, 0))
    np.testing.assert_allclose(target.residuals(np.array([1.0, 0.0])), 0.0, atol=1e-4)


def test_ratio_residual_squared_is_the_normal_deviance_on_the_log_scale():
    target = RatioTarget(**COMMON, ratio=1.51, interval=(1.1, 2.08), log_standard_error=0.1625)
    for ratio in (0.9, 1.51, 2.2):
        (residual,) = target.residuals(np.array([math.log(ratio)]))
        log_density = stats.norm(math.log(ratio), 0.1625).logpdf
        mode = stats.norm(0, 0.1625).logpdf(0)
        assert residual**2 == pytest.approx(2 * (mode - log_density(math.log(1.51))), abs=1e-12)
    (row,) = target.rows(np.array([math.log(1.3)]))
    assert (row.reported, row.fitted) == pytest.approx((1.51, 1.3))
    assert row.z < 0


def test_median_without_rounding_has_the_binomial_standard_error():
    target = MedianTarget(**COMMON, median=8, interval=(7, 9), patients=400)
    assert target.standard_error(np.array(0.0)) == pytest.approx(math.sqrt(0.5 * 0.5 / 400))
    assert target.standard_error(np.array(0.06)) == pytest.approx(math.sqrt(0.25 / 400 + 0.06**2 / 12))
    (row,) = target.rows(np.array([0.45, 0.05, 8.3]))
    assert row.fitted == 9.0
    assert row.z > 0


@pytest.mark.parametrize(("hazard", "patients"), [(0.05, 150), (0.1, 400), (0.25, 60)])
def test_median_residual_is_a_standard_normal_deviate_over_simulated_trials(hazard, patients):
    rng = np.random.default_rng(3)
    times = np.sort(rng.exponential(1 / hazard, size=(20_000, patients)), axis=1)
    medians = np.ceil(times[:, (patients + 1) // 2 - 1])
    middle = medians - 0.5
    incidence, slope = 1 - np.exp(-hazard * middle), hazard * np.exp(-hazard * middle)
    z = np.array(
        [
            MedianTarget(**COMMON, median=m, interval=None, patients=patients).residuals(np.array([i, s]))[0]
            for m, i, s in zip(medians, incidence, slope, strict=True)
        ]
    )
    assert z.mean() == pytest.approx(0.0, abs=0.1)
    assert z.std() == pytest.approx(1.0, abs=0.1)


@pytest.mark.parametrize(("events", "patients"), COUNTS)
@pytest.mark.parametrize("level", [0.8, 0.95])
def test_wilson_interval_against_statsmodels(events, patients, level):
    expected = proportion_confint(events, patients, alpha=1 - level, method="wilson")
    assert wilson_interval(events, patients, level) == pytest.approx(expected, rel=1e-12, abs=1e-15)


def test_wilson_interval_ends_at_zero_and_one():
    assert [wilson_interval(0, n)[0] for n in range(1, 200)] == [0.0] * 199
    assert [wilson_interval(n, n)[1] for n in range(1, 200)] == [1.0] * 199


@pytest.mark.parametrize(
    "target",
    [
        CountTarget(**COMMON, events=30, patients=120),
        TableTarget(**COMMON, scores=(1, 2, 3), counts=(30, 60, 30)),
        RatioTarget(**COMMON, ratio=1.2, interval=(1.0, 1.44), log_standard_error=0.093),
        MedianTarget(**COMMON, median=8, interval=None, patients=120),
    ],
)
def test_deviations_are_the_linear_part_of_the_residuals(target):
    """A trial that came out as `simulated` would have moved the residual by minus the deviation."""
    centre = {
        CountTarget: [0.25],
        TableTarget: [0.25, 0.5, 0.25],
        RatioTarget: [math.log(1.2)],
        MedianTarget: [0.5, 0.05, 7.5],
    }[type(target)]
    centre = np.array(centre)
    step = np.zeros_like(centre)
    step[0] = 1e-5
    if isinstance(target, TableTarget):
        step[1] = -1e-5
    difference = target.residuals(centre + step) - target.residuals(centre - step)
    deviation = (
        target.deviations(centre, (centre + step)[None])[0] - target.deviations(centre, (centre - step)[None])[0]
    )
    np.testing.assert_allclose(difference, deviation, rtol=1e-4, atol=1e-8)


def test_a_difference_or_mean_is_scored_in_its_standard_errors():
    target = NormalTarget(**COMMON, estimate=-0.05, interval=(-0.09, -0.01), standard_error=0.02)
    (row,) = target.rows(np.array([-0.02]))
    assert (row.reported, row.fitted, row.interval) == (-0.05, -0.02, (-0.09, -0.01))
    assert row.z == pytest.approx(1.5)
    assert target.reported_numbers() == [("figure", -0.05)]
    simulated = np.array([[-0.06], [0.0]])
    np.testing.assert_allclose(target.deviations(np.array([-0.02]), simulated), [[-2.0], [1.0]])
    assert target.observed(simulated[0]).estimate == -0.06
