"""Tables with cells of a few patients beside cells of millions have estimates all the same."""

import itertools
import math

import numpy as np
import pytest
from scipy.stats.contingency import odds_ratio

from jaksim.methods import bayesian_proportional_odds, exact_odds_ratio, partial_proportional_odds, proportional_odds

RARE = (
    [[[0, 3840579, 0, 222685, 11857], [0, 1648824, 6, 547219, 143897]],
     [[0, 1929826, 0, 553764, 143350], [0, 1131228, 0, 347238, 119705]]],
    [[[250, 383648, 0, 3123693, 1788470], [90447, 1640384, 0, 5759858, 3428659]],
     [[7420, 1835942, 6, 10965337, 6195802], [4460, 573972, 0, 3967907, 1909665]]],
    [[[415656, 0, 1060857, 9974223, 3974124]], [[179358, 1, 474890, 4608811, 1925371]]],
)  # fmt: skip


@pytest.mark.parametrize("size", [20_000, 1_000_000])
def test_exact_odds_ratio_of_rare_events_is_nearly_the_ratio_of_their_numbers(size):
    """So many patients are without the event that the law given the margins is a binomial one."""
    for active, reference in itertools.product((1, 2, 5, 13, 34), repeat=2):
        result = exact_odds_ratio([[reference, size - reference], [active, size - active]], [1, 0])
        crude = math.log(active * (size - reference) / (reference * (size - active)))
        assert result.estimate == pytest.approx(crude, abs=1e-4)
        assert result.se == pytest.approx(math.sqrt(1 / active + 1 / reference), rel=2e-3)


@pytest.mark.parametrize(("reference", "active"), [(9000, 1), (1, 9000), (19_998, 3)])
def test_exact_odds_ratio_far_from_one_is_that_of_scipy(reference, active):
    """Newton's method from no effect would overshoot."""
    table = [[reference, 20_000 - reference], [active, 20_000 - active]]
    result = exact_odds_ratio(table, [1, 0])
    assert result.ratio == pytest.approx(odds_ratio(table[::-1], kind="conditional").statistic, rel=1e-6)


@pytest.mark.parametrize("table", RARE, ids=["two strata", "three columns", "one stratum"])
@pytest.mark.parametrize("test", ["wald", "score", "lrt"])
def test_a_status_of_a_few_patients_of_millions_hardly_matters(table, test):
    together = np.array(table, dtype=float)
    totals = together.sum(axis=(0, 1))
    rare = int(np.flatnonzero((totals > 0) & (totals < 10))[0])
    together[..., rare + 1] += together[..., rare]
    together[..., rare] = 0.0
    with_rare, without = (proportional_odds(one, range(5), test=test) for one in (table, together))
    assert with_rare.estimate == pytest.approx(without.estimate, abs=0.01 * without.se)
    assert with_rare.statistic == pytest.approx(without.statistic, abs=0.01)
    posterior = bayesian_proportional_odds(table, range(5))
    assert posterior.estimate == pytest.approx(without.estimate, abs=0.01 * without.se)


@pytest.mark.parametrize("table", RARE, ids=["two strata", "three columns", "one stratum"])
def test_cut_points_beside_it_are_those_of_two_by_two_tables(table):
    """In one stratum each free log odds ratio is that of the table cut in two."""
    table = np.array(table, dtype=float).sum(axis=1)
    found = [one.estimate for one in partial_proportional_odds(table, range(5)).cut_points]
    kept = table.sum(axis=0)[:-1] > 0
    better = table.cumsum(axis=1)[:, :-1][:, kept]
    logits = np.log(better) - np.log(table.sum(axis=1, keepdims=True) - better)
    assert found == pytest.approx(logits[1] - logits[0], abs=1e-8)
