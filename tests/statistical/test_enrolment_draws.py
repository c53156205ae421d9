"""Whom, when and to which arm the enrolment kernel draws, against the laws it claims."""

import math

import numpy as np
import pytest
from scipy.stats import chi2, norm

from jaksim.simulate.enrolment import compile_entry, empty_cohort, enrol_patients

WORST_Z = 4.0


def cohort_of(scheme, replicates, patients, *, weights=(1.0, 1.0), places=(2, 2), strata=(1.0,), levels=None, **more):
    settings = {"even": False, "coin": 2 / 3, "groups": list(range(len(strata))), "starts": [0.0], "before": [0.0]}
    settings |= {"rates": [1.0]} | more
    starts, before, rates = (settings.pop(name) for name in ("starts", "before", "rates"))
    levels = np.arange(len(strata))[:, None] if levels is None else levels
    entry = compile_entry(starts, before, rates, stratum_weights=strata, scheme=scheme, levels=levels, **settings)
    cohort = empty_cohort(0, replicates, patients, 1)
    enrol_patients(
        cohort,
        entry,
        31,
        first=np.zeros(replicates),
        last=np.full(replicates, patients),
        weights=np.tile(weights, (replicates, 1)),
        block_sizes=np.tile(places, (replicates, 1)),
        recruiting=np.ones((replicates, len(strata)), dtype=bool),
    )
    return cohort


def chi_squared_z(counts, probabilities):
    """Wilson and Hilferty's normal deviate of Pearson's statistic."""
    expected = counts.sum() * np.asarray(probabilities)
    statistic, df = float(((counts - expected) ** 2 / expected).sum()), len(expected) - 1
    return float(norm.isf(max(chi2.sf(statistic, df), 1e-300)))


def test_arrivals_are_a_poisson_process_at_the_rate_of_each_piece():
    n = 6000
    cohort = cohort_of("simple", n, 260, starts=[0.0, 10.0, 25.0], before=[0.0, 20.0, 65.0], rates=[2.0, 3.0, 8.0])
    pieces = [(0, 10, 20.0), (10, 25, 45.0), (25, 35, 80.0)]
    assert (cohort.day[:, -1] > 35).mean() > 0.999
    counts = [((cohort.day >= low) & (cohort.day < high)).sum(axis=1) for low, high, _ in pieces]
    for found, (_, _, mean) in zip(counts, pieces, strict=True):
        assert abs(found.mean() - mean) < WORST_Z * math.sqrt(mean / n)
        # The variance of a Poisson count is its mean; that of its sample variance is (mean + 2 mean^2) / n.
        assert abs(found.var(ddof=1) - mean) < WORST_Z * math.sqrt((mean + 2 * mean**2) / n)
    together = np.corrcoef(counts)[np.triu_indices(3, 1)]
    assert (np.abs(together) < WORST_Z / math.sqrt(n)).all()


def test_strata_come_in_their_shares_independently_of_the_arm():
    share = np.array([0.5, 0.2, 0.3])
    cohort = cohort_of("simple", 400, 500, strata=share, weights=(2.0, 1.0))
    counts = np.array([[((cohort.stratum == s) & (cohort.arm == a)).sum() for a in range(2)] for s in range(3)])
    assert chi_squared_z(counts.ravel(), np.outer(share, [2 / 3, 1 / 3]).ravel()) < WORST_Z


def test_every_order_of_a_block_is_as_likely():
    cohort = cohort_of("permuted blocks", 5000, 8)
    blocks = cohort.arm.reshape(-1, 4) @ np.array([8, 4, 2, 1])
    orders = [3, 5, 6, 9, 10, 12]
    counts = np.array([(blocks == order).sum() for order in orders])
    assert counts.sum() == 10_000
    assert chi_squared_z(counts, np.full(6, 1 / 6)) < WORST_Z


@pytest.mark.parametrize("coin", [0.6, 2 / 3, 0.8])
def test_imbalance_of_the_biased_coin_has_efrons_law(coin):
    """Efron (1971), Biometrika 58, 403-417: after many patients, an even number, the difference of the arms is 0 with
    probability 1 - 1/r and 2j in size with (r^2 - 1) / r^(2j + 1), r = p / (1 - p)."""
    n = 20_000
    cohort = cohort_of("biased coin", n, 300, coin=coin)
    difference = np.abs(2 * cohort.arm.astype(int).sum(axis=1) - 300)
    r = coin / (1.0 - coin)
    law = np.array([1.0 - 1.0 / r, *((r**2 - 1.0) / r ** (2 * j + 1) for j in range(1, 4))])
    law = np.append(law, 1.0 - law.sum())
    counts = np.bincount(np.minimum(difference // 2, 4), minlength=5)
    assert chi_squared_z(counts, law) < WORST_Z
    if coin == 2 / 3:
        assert law[:2] == pytest.approx([1 / 2, 3 / 8])


def test_unequal_biased_coins_keep_the_allocation():
    cohort = cohort_of("biased coin", 2000, 300, weights=(2.0, 1.0), coin=0.8)
    on_first = (cohort.arm == 0).sum(axis=1)
    # A coin for the arm that lags can only do better than the law of large numbers.
    assert abs(on_first.mean() - 200.0) < 1.0
    assert on_first.std() < 0.3 * math.sqrt(300 * 2 / 9)


def test_minimisation_balances_the_margins_where_blocks_do_not():
    """With twelve strata of three factors and 100 patients, blocks within strata leave the margins to chance."""
    shares = np.full(12, 1 / 12)
    levels = [[a, 2 + b, 4 + c] for a in range(2) for b in range(2) for c in range(3)]
    spread = {}
    for scheme, coin in (("simple", 0.5), ("permuted blocks", 0.5), ("minimisation", 0.8), ("minimisation", 1.0)):
        cohort = cohort_of(scheme, 3000, 100, strata=shares, levels=np.array(levels), coin=coin)
        margin = np.array(levels)[:, 2][cohort.stratum] == 4
        sign = 2 * cohort.arm.astype(int) - 1
        spread[scheme, coin] = (margin * sign).sum(axis=1).var()
    # A third of 100 patients at random: the difference has variance 100 / 3.
    assert abs(spread["simple", 0.5] - 100 / 3) < WORST_Z * (100 / 3) * math.sqrt(2 / 3000)
    assert spread["minimisation", 1.0] < spread["minimisation", 0.8] < spread["permuted blocks", 0.5]
    assert spread["permuted blocks", 0.5] < 0.5 * spread["simple", 0.5]


def test_a_coin_of_one_half_is_no_coin():
    cohort = cohort_of("biased coin", 4000, 200, coin=0.5)
    on_first = (cohort.arm == 0).sum(axis=1)
    assert abs(on_first.mean() - 100) < WORST_Z * math.sqrt(50 / 4000)
    assert abs(on_first.var(ddof=1) - 50) < WORST_Z * 50 * math.sqrt(2 / 4000)
