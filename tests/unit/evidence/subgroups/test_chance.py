"""Exact laws of subgroup tables against enumeration of all tables with the same margins."""

from itertools import product
from math import comb, log

import numpy as np
import pytest

from jaksim.evidence.subgroups import simulated
from jaksim.evidence.subgroups.chance import Family, Homogeneous, within_trials
from jaksim.evidence.subgroups.levels import Characteristic, Level, TrialLevels
from jaksim.evidence.two_arms import Arms

TABLES = {
    "two levels": [[4, 9, 2, 8], [7, 20, 11, 22]],
    "three levels": [[3, 7, 0, 6], [2, 5, 3, 9], [6, 12, 7, 11]],
    "an empty level": [[0, 5, 0, 6], [4, 8, 1, 9], [2, 6, 5, 7]],
}


def enumerated(table):
    """All treated events (n, K) with these margins and this sum, and their probabilities."""
    ranges = [range(max(0, a + c - n0), min(n1, a + c) + 1) for a, n1, c, n0 in table]
    total = sum(row[0] for row in table)
    found = [events for events in product(*ranges) if sum(events) == total]
    weights = [
        float(np.prod([comb(n1, e) * comb(n0, a + c - e) for e, (a, n1, c, n0) in zip(events, table, strict=True)]))
        for events in found
    ]
    return np.array(found), np.array(weights) / sum(weights)


def two_sided(events, weights, k):
    """Of each enumerated outcome the p value of its own level k."""
    own = {a: weights[events[:, k] == a].sum() for a in set(events[:, k].tolist())}
    return np.array([sum(p for p in own.values() if p <= own[a] * (1 + 1e-9)) for a in events[:, k]])


@pytest.mark.parametrize("name", TABLES)
def test_each_level_has_the_law_of_all_tables(name):
    table = np.array(TABLES[name])
    exact, (events, weights) = Homogeneous.of(table), enumerated(table.tolist())
    for k, row in enumerate(table):
        seen = events[:, k] == row[0]
        assert exact.p_value(k) == pytest.approx(two_sided(events, weights, k)[seen][0], abs=1e-12)
        assert exact.greater(k) == pytest.approx(weights[events[:, k] >= row[0]].sum(), abs=1e-12)
        assert exact.fewer(k) == pytest.approx(weights[events[:, k] <= row[0]].sum(), abs=1e-12)


@pytest.mark.parametrize("name", TABLES)
def test_any_level_has_the_chance_of_all_tables(name):
    table = np.array(TABLES[name])
    exact, (events, weights) = Homogeneous.of(table), enumerated(table.tolist())
    values = np.array([two_sided(events, weights, k) for k in range(len(table))])
    for p in (0.05, 0.3, 0.7):
        expected = weights[(values <= p * (1 + 1e-9)).any(axis=0)].sum()
        assert exact.any_p_below(p) == pytest.approx(expected, abs=1e-12)


def log_ratio_to_others(events, table, k):
    a, (_, n1, _, n0) = events[k], table[k]
    m = table[k][0] + table[k][2]
    others = [sum(row[i] for i_row, row in enumerate(table) if i_row != k) for i in range(4)]
    b, total = sum(events) - a, others[0] + others[2]
    with np.errstate(divide="ignore", invalid="ignore"):
        inside = np.log(np.float64(a * (n0 - (m - a))) / ((m - a) * (n1 - a)))
        outside = np.log(np.float64(b * (others[3] - (total - b))) / ((total - b) * (others[1] - b)))
    return inside - outside


@pytest.mark.parametrize("log_ratio", [log(2), log(4), -log(3)])
@pytest.mark.parametrize("name", TABLES)
def test_a_ratio_so_large_has_the_chance_of_all_tables(name, log_ratio):
    table = TABLES[name]
    exact, (events, weights) = Homogeneous.of(np.array(table)), enumerated(table)
    among = range(len(table) - 1)
    side = np.sign(log_ratio)
    beyond = [
        any(side * log_ratio_to_others(event, table, k) >= abs(log_ratio) - 1e-9 for k in among)
        for event in events.tolist()
    ]
    assert exact.any_ratio_beyond(log_ratio, among) == pytest.approx(weights[beyond].sum(), abs=1e-12)


def test_the_law_does_not_depend_on_the_effect():
    """Deaths of both arms moved between levels of the same margins keep the law, whatever odds ratio they suggest."""
    one, other = np.array([[4, 9, 2, 8], [7, 20, 11, 22]]), np.array([[5, 9, 1, 8], [6, 20, 12, 22]])
    assert Homogeneous.of(one).own[0] == pytest.approx(Homogeneous.of(other).own[0], abs=1e-12)


def test_trials_are_strata():
    trials = [
        TrialLevels("one", Arms((3, 6), (0, 5)), Arms((4, 12), (6, 13))),
        TrialLevels("two", Arms((2, 4), (1, 6)), Arms((1, 9), (3, 8))),
    ]
    laws = [
        enumerated([[*trial.inside.treated, *trial.inside.control], [*trial.outside.treated, *trial.outside.control]])
        for trial in trials
    ]
    summed = {}
    for (one, p), (other, q) in product(*(list(zip(*law, strict=True)) for law in laws)):
        summed[one[0] + other[0]] = summed.get(one[0] + other[0], 0.0) + p * q
    expected = sum(p for p in summed.values() if p <= summed[5] * (1 + 1e-9))
    assert within_trials(trials) == pytest.approx(expected, abs=1e-12)


def test_several_characteristics_are_bounded_by_the_largest_and_the_sum():
    family = Family((0.1, 0.2, 0.05))
    assert family.independent == pytest.approx(1 - 0.9 * 0.8 * 0.95)
    assert family.bounds == pytest.approx((0.2, 0.35))


def test_simulated_trials_without_a_difference_agree_with_large_tables():
    """With many events, conditioning on their numbers changes little: two characteristics of 4,000 patients."""
    sex = Characteristic("sex", (Level("f", Arms((150, 800), (200, 900))), Level("m", Arms((250, 1200), (240, 1100)))))
    age = Characteristic("age", (Level("old", Arms((90, 300), (70, 250))), Level("y", Arms((310, 1700), (370, 1750)))))
    overall = Arms((400, 2000), (440, 2000))
    shown = simulated.extremes((sex, age), overall, replicates=20_000, seed=4)
    for log_ratio in (log(1.3), -log(1.4)):
        exact = [Homogeneous.of(one.table).any_ratio_beyond(log_ratio, one.reported) for one in (sex, age)]
        share = shown.beyond(log_ratio)
        assert abs(share.value - Family(tuple(exact)).independent) < 4 * share.mc_se + 0.01
