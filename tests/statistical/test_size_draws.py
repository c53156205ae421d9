"""Drawn stratum sizes and permuted blocks against their exact laws; a z beyond 4 fails."""

from itertools import product
from math import comb, prod

import numpy as np
import pytest
from scipy import stats

from jaksim.simulate import draw_sizes

REPLICATES = 60_000
WEIGHTS = np.array([0.1, 0.25, 0.65])


@pytest.mark.parametrize("n", [20, 1500])
def test_strata_are_multinomial(n):
    sizes = draw_sizes(n, WEIGHTS, [1], 1, "drawn", 31, 0, REPLICATES)
    for s, weight in enumerate(WEIGHTS):
        law = stats.binom(n, weight)
        edges = np.unique(law.ppf(np.linspace(0, 1, 20)[1:-1]))
        observed = np.bincount(np.searchsorted(edges, sizes[:, s]), minlength=len(edges) + 1)
        expected = REPLICATES * np.diff(np.concatenate([[0.0], law.cdf(edges), [1.0]]))
        assert stats.norm.isf(stats.chisquare(observed, expected).pvalue) < 4


@pytest.mark.parametrize(("allocation", "block_size"), [((1, 1), 6), ((2, 1), 6), ((1, 2, 1), 8)])
def test_the_block_cut_short_is_hypergeometric(allocation, block_size):
    per_block = np.array(allocation) * (block_size // sum(allocation))
    for rest in range(1, block_size):
        n = 3 * block_size + rest
        sizes = draw_sizes(n, [1.0], allocation, block_size, "drawn", 8, 0, 20_000)
        outcomes = [x for x in product(*(range(m + 1) for m in per_block)) if sum(x) == rest]
        chance = [prod(comb(int(m), x) for m, x in zip(per_block, xs, strict=True)) for xs in outcomes]
        expected = 20_000 * np.array(chance) / comb(block_size, rest)
        observed = [np.all(sizes - 3 * per_block == xs, axis=1).sum() for xs in outcomes]
        assert sum(observed) == 20_000
        if len(outcomes) > 1:
            assert stats.norm.isf(stats.chisquare(observed, expected).pvalue) < 4


def test_arms_of_neighbouring_strata_are_cut_independently():
    sizes = draw_sizes(4 * 501, np.full(4, 0.25), [1, 1], 2, "drawn", 3, 0, REPLICATES).reshape(-1, 2, 4)
    imbalance = (sizes[:, 0] - sizes[:, 1]).astype(float)
    odd = sizes.sum(axis=1) % 2 == 1
    assert np.all(np.abs(imbalance[odd]) == 1)
    for left, right in ((0, 1), (1, 2), (0, 3)):
        both = odd[:, left] & odd[:, right]
        assert abs((imbalance[both, left] * imbalance[both, right]).sum()) / np.sqrt(both.sum()) < 4
    following = odd[:-1, 0] & odd[1:, 0]
    assert abs((imbalance[:-1, 0] * imbalance[1:, 0])[following].sum()) / np.sqrt(following.sum()) < 4
