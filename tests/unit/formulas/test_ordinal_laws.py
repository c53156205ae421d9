"""Distributions of ordered categories against enumeration, statsmodels and the analyses of trials."""

from itertools import product

import numpy as np
import pytest

from jaksim.formulas.ordinal_laws import odds_ratio_law, rank_law, rank_z, shifted, win_probability
from jaksim.methods import van_elteren, wilcoxon

CONTROL = np.array([0.5, 0.2, 0.3])
OTHER = np.array([0.5, 0.1, 0.4])


def enumerated(active, reference, n_1, n_0):
    """Mean and variance of n_1 n_0 (2 W - 1) / (n + 1) over all outcomes of every patient."""
    mean = square = 0.0
    for outcome in product(range(len(active)), repeat=n_1 + n_0):
        one, other = outcome[:n_1], outcome[n_1:]
        chance = np.prod(active[list(one)]) * np.prod(reference[list(other)])
        won = sum((a < b) - (a > b) for a in one for b in other) / (n_1 + n_0 + 1)
        mean, square = mean + chance * won, square + chance * won**2
    return mean, square - mean**2


@pytest.mark.parametrize(("active", "arms"), [(shifted(CONTROL, 2.0), (3, 2)), (OTHER, (2, 3)), (CONTROL, (3, 3))])
def test_mean_and_variance_of_the_rank_sum_are_exact(active, arms):
    law = rank_law(active, CONTROL, *arms)
    assert (law.mean, law.variance) == pytest.approx(enumerated(active, CONTROL, *arms), abs=1e-12)


def test_an_odds_ratio_shifts_every_cut_alike_and_is_found_again():
    active = shifted(CONTROL, 1.7)
    odds = [np.cumsum(one)[:-1] / (1 - np.cumsum(one)[:-1]) for one in (active, CONTROL)]
    assert odds[0] / odds[1] == pytest.approx([1.7, 1.7])
    law = odds_ratio_law(active, CONTROL, 0.3)
    assert law.log_odds_ratio == pytest.approx(np.log(1.7), rel=1e-12)
    assert law.variance == pytest.approx(law.model_variance, rel=1e-9)
    assert win_probability(active, CONTROL) + win_probability(CONTROL, active) == pytest.approx(1.0)


def test_without_proportional_odds_the_fit_is_that_of_a_large_trial():
    from statsmodels.miscmodels.ordinal_model import OrderedModel

    law = odds_ratio_law(OTHER, CONTROL, 0.5)
    counts = np.concatenate([1000 * OTHER, 1000 * CONTROL]).round().astype(int)
    categories = np.repeat(np.tile(np.arange(3), 2), counts)
    arm = np.repeat([1.0, 1.0, 1.0, 0.0, 0.0, 0.0], counts)
    fit = OrderedModel(categories, arm[:, None], distr="logit").fit(method="bfgs", disp=False)
    assert law.log_odds_ratio == pytest.approx(-fit.params[0], abs=1e-4)
    assert np.sqrt(law.model_variance / 2000) == pytest.approx(fit.bse[0], rel=1e-3)


def test_rank_statistics_are_those_of_the_analyses():
    tables = np.random.default_rng(5).integers(1, 30, size=(4, 2, 2, 3)).astype(float)  # (R, arm, S, K)
    pooled = rank_z(tables[:, 1].sum(axis=1)[:, None], tables[:, 0].sum(axis=1)[:, None])
    stratified = rank_z(tables[:, 1], tables[:, 0])
    for table, one, both in zip(tables, pooled, stratified, strict=True):
        assert one == pytest.approx(wilcoxon(table.sum(axis=1), [0, 1, 2]).statistic, rel=1e-9)
        assert both == pytest.approx(van_elteren(table, [0, 1, 2]).statistic, rel=1e-9)
    assert rank_z(np.array([[[5.0, 0.0]]]), np.array([[[4.0, 0.0]]])).tolist() == [0.0]
