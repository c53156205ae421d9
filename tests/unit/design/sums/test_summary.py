import math
from fractions import Fraction

import numpy as np
import pytest

from jaksim.design.settings import LARGEST_BLOCK
from jaksim.design.sums.fixed_point import fixed_point_sum, from_fixed_point
from jaksim.design.sums.summary import Summary, Tally, decisions, summarise, tally

RESULTS = np.array(
    [
        [0.3, 0.1, 3.0],
        [-0.3, 0.1, -3.0],
        [0.1, 0.1, 1.0],
        [math.nan, math.nan, math.nan],
        [0.2, 0.1, 1.9],
        [0.2, 0.1, math.inf],
    ]
)


def tallied(results, *rule):
    rejected, favourable = decisions(results, *rule)
    return tally(results, rejected, favourable), rejected


def test_sum_is_exact_in_multiples_of_the_smallest_step():
    values = np.array([0.1, -2.75, 1e-7, 1500.0, 3e6])
    expected = sum(round(Fraction(v) * 2**40) for v in values)
    assert fixed_point_sum(values) == expected


def test_sum_does_not_depend_on_how_values_are_split():
    values = np.random.default_rng(1).normal(scale=50.0, size=3001)
    whole = fixed_point_sum(values)
    for length in (1, 7, 512, 3000):
        assert sum(fixed_point_sum(values[i : i + length]) for i in range(0, len(values), length)) == whole
    assert from_fixed_point(whole) == pytest.approx(math.fsum(values), abs=1e-8)


def test_the_largest_block_of_the_largest_values_does_not_overflow():
    values = np.full(LARGEST_BLOCK, np.nextafter(2.0**11, 0.0))
    assert from_fixed_point(fixed_point_sum(values)) == pytest.approx(LARGEST_BLOCK * 2.0**11)


def test_two_sided_test_rejects_in_both_directions_and_never_without_a_statistic():
    sums, rejected = tallied(RESULTS, 1.96, 2, 1)
    assert rejected.tolist() == [True, True, False, False, False, True]
    assert (sums.estimable, sums.tested, sums.rejections, sums.favourable) == (5, 5, 3, 2)


@pytest.mark.parametrize("estimate", [-math.inf, math.inf, math.nan])
def test_the_statistic_decides_whatever_the_estimate_is(estimate):
    results = np.array([[estimate, math.nan, -2.5], [estimate, math.nan, math.nan], [-0.5, 0.2, -2.5]])
    sums, rejected = tallied(results, 1.96, 2, -1)
    assert rejected.tolist() == [True, False, True]
    assert (sums.estimable, sums.tested, sums.favourable) == (1, 2, 2)
    assert sums.mean_estimate() == -0.5


@pytest.mark.parametrize(("sign", "expected"), [(1, [0, 5]), (-1, [1])])
def test_one_sided_test_rejects_only_in_favour_of_the_active_arm(sign, expected):
    sums, rejected = tallied(RESULTS, 1.96, 1, sign)
    assert np.flatnonzero(rejected).tolist() == expected
    assert sums.rejections == sums.favourable == len(expected)


def test_moments_are_those_of_the_estimable_replicates():
    estimates = np.random.default_rng(2).normal(0.2, 0.01, size=1000)
    results = np.column_stack([estimates, np.full(1000, 0.5), estimates])
    results[::10] = np.nan
    sums, _ = tallied(results, 1.96, 2, 1)
    kept = results[np.isfinite(results[:, 0]), 0]
    assert sums.mean_estimate() == pytest.approx(kept.mean(), abs=1e-12)
    assert sums.sd_estimate() == pytest.approx(kept.std(ddof=1), rel=1e-6)
    assert sums.mean_standard_error() == pytest.approx(0.5)


def test_nothing_estimable_has_no_mean():
    assert math.isnan(Tally().mean_estimate())
    assert math.isnan(Tally(estimable=1).sd_estimate())


def test_blocks_add_up_to_the_whole():
    rng = np.random.default_rng(3)
    results = [rng.normal(scale=2.0, size=(500, 3)) for _ in range(2)]

    def summary(rows: slice) -> Summary:
        pairs = [tallied(one[rows], 1.96, 2, 1) for one in results]
        return summarise([sums for sums, _ in pairs], np.array([rejected for _, rejected in pairs]))

    whole, total = summary(slice(None)), Summary.empty(2)
    for start in range(0, 500, 37):
        total.add(summary(slice(start, start + 37)))
    assert total.tallies == whole.tallies
    assert np.array_equal(total.joint, whole.joint)
    assert (total.replicates, total.any_rejection) == (whole.replicates, whole.any_rejection)
    rejected = np.abs(np.array([one[:, 2] for one in results])) > 1.96
    assert total.joint[0, 1] == (rejected[0] & rejected[1]).sum()
    assert total.any_rejection == rejected.any(axis=0).sum()
