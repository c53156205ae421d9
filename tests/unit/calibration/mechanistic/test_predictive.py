"""Places of published numbers against enumeration and simulation."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import stats

from jaksim.calibration.mechanistic.predictive import (
    Placed,
    count_score,
    median_score,
    normal_score,
    place_count,
    place_median,
    place_simulated,
    sampling_deviation,
)
from jaksim.ratio import ratio_of

DRAWS = np.array([0.1, 0.3, 0.35])


@pytest.mark.parametrize(("count", "patients"), [(0, 5), (2, 5), (5, 5), (40, 120)])
def test_a_count_is_placed_in_the_mixture_of_binomials(count, patients):
    pmf = np.mean([stats.binom.pmf(np.arange(patients + 1), patients, p) for p in DRAWS], axis=0)
    found = place_count(count, patients, DRAWS)
    assert found.below == pytest.approx(pmf[:count].sum(), abs=1e-12)
    assert found.through == pytest.approx(pmf[: count + 1].sum(), abs=1e-12)
    assert count_score(count, patients, DRAWS) == pytest.approx(math.log(pmf[count]))
    low, high = found.intervals["80"]
    inside = pmf[round(low * patients) : round(high * patients) + 1].sum()
    assert inside >= 0.8
    assert inside - pmf[round(low * patients)] <= 0.9


def test_the_coverage_of_counts_is_the_level_whatever_their_steps():
    """Averaged over what may happen, the share inside a central interval is its level: also for counts of few."""
    for patients in (1, 3, 17):
        for p in (0.02, 0.5):
            law = stats.binom.pmf(np.arange(patients + 1), patients, p)
            placed = [place_count(k, patients, np.array([p])) for k in range(patients + 1)]
            for level in (0.5, 0.8, 0.95):
                assert sum(w * one.inside(level) for w, one in zip(law, placed, strict=True)) == pytest.approx(level)


@pytest.mark.parametrize("patients", [9, 10])
def test_a_median_is_placed_where_simulated_medians_fall(patients):
    """Days of events drawn one by one; the median is the day by which at least half have had theirs."""
    incidence = np.array([[0.0, 0.2, 0.45, 0.6], [0.0, 0.1, 0.2, 0.3]])
    rng = np.random.default_rng(1)
    medians = []
    for row in incidence:
        days = (rng.random((40_000, patients, 1)) > row).sum(axis=2)
        medians.append(np.sort(days, axis=1)[:, math.ceil(patients / 2) - 1])
    simulated = np.concatenate(medians)
    for day in range(1, 5):
        found = place_median(day, patients, incidence)
        assert found.below == pytest.approx(np.mean(simulated < day), abs=0.008)
        assert found.through == pytest.approx(np.mean(simulated <= day), abs=0.008)
        if day < 4:
            assert math.exp(median_score(day, patients, incidence)) == pytest.approx(
                np.mean(simulated == day), abs=0.01
            )


def test_a_ratio_is_placed_among_simulated_ones_without_those_that_do_not_exist():
    simulated = np.array([-math.inf, -1.0, 0.0, 0.0, 1.0, math.nan, math.inf, 2.0])
    found = place_simulated(0.0, simulated, ratio_of)
    assert (found.below, found.through) == (pytest.approx(1 / 5), pytest.approx(3 / 5))
    assert found.median == 1.0
    assert found.intervals["95"] == (pytest.approx(math.exp(-1.0)), pytest.approx(math.exp(2.0)))


def test_the_score_of_a_simulated_number_is_the_mixture_density():
    expected = np.array([-0.2, 0.1])
    density = 0.5 * (stats.norm.pdf(0.3, -0.2, 0.2) + stats.norm.pdf(0.3, 0.1, 0.2))
    assert normal_score(0.3, expected, 0.2) == pytest.approx(math.log(density))


def test_the_sampling_deviation_is_about_each_draws_own_value_and_bears_infinite_ratios():
    rng = np.random.default_rng(2)
    expected = np.array([-3.0, 0.0, 3.0])
    simulated = expected[:, None] + 0.4 * rng.standard_normal((3, 4000))
    simulated[0, :40], simulated[1, :3] = math.inf, math.nan
    assert sampling_deviation(simulated, expected) == pytest.approx(0.4, rel=0.03)


def test_shares_inside_and_transforms_follow_the_interval_of_a_number():
    one = Placed(0.05, 0.25, 0.5, {})
    assert one.inside(0.8) == pytest.approx(0.75)
    assert one.inside(0.5) == pytest.approx(0.0)
    assert one.transform(0.5) == pytest.approx(0.15)
    assert one.tail == pytest.approx(0.3)
    assert Placed(0.95, 0.95, 0.5, {}).inside(0.8) == 0.0
    assert Placed(0.9, 0.9, 0.5, {}).inside(0.8) == 1.0
