"""The law engine's counts against the probabilities they are drawn from; a z beyond 4 fails."""

import numpy as np
import pytest
from scipy import stats

from jaksim.kernel.law import POISSON_COST, SPLIT_COST
from jaksim.simulate import compile_laws, draw_tables

REPLICATES = 40_000
LAW = np.array([0.3, 0.002, 0.08, 0.2, 0.0, 0.05, 0.118, 0.25])
LONG_LAW = np.array([0.3, 0.002, 0.08, 0.2, 0.0, 0.05, 0.018, 0.1, 0.1, 0.11, 0.04])
ALIAS_SIZE, SPLIT_SIZE, POISSON_SIZE = 60, 12_500, 1000


def z_of_chi_square(observed, expected):
    """z with the tail probability of Pearson's statistic, sparse categories pooled."""
    order = np.argsort(expected)
    observed, expected = observed[order], expected[order]
    sparse = int(np.searchsorted(np.cumsum(expected), 10)) + 1
    observed = np.concatenate([[observed[:sparse].sum()], observed[sparse:]])
    expected = np.concatenate([[expected[:sparse].sum()], expected[sparse:]])
    assert observed.sum() == pytest.approx(expected.sum())
    statistic = ((observed - expected) ** 2 / expected).sum()
    return stats.norm.isf(max(stats.chi2.sf(statistic, len(expected) - 1), 1e-300))


def draw(laws, sizes, seed=2024):
    sizes = np.asarray(sizes)
    k = len(laws[0])
    out = np.empty(sizes.size * k)
    draw_tables(compile_laws(laws), np.arange(k)[None], [k], sizes, seed, 0, out)
    return out.reshape(*sizes.shape, k)


@pytest.mark.parametrize(
    ("n", "p"),
    [
        (SPLIT_COST * 2 + 1, 0.5),
        (SPLIT_COST * 2 + 1, 0.02),
        (100, 0.099),
        (100, 0.101),
        (100, 0.9),
        (1000, 0.0005),
        (1000, 0.35),
        (12_500, 0.3),
        (12_500, 0.97),
        (10**6, 9e-6),
        (10**6, 2e-5),
        (10**9, 0.2),
        (2**32 - 1, 0.5),
    ],
)
def test_splits_draw_binomials(n, p):
    counts = draw([[p, 1 - p]], np.full((REPLICATES, 1), n))[:, 0, 0]
    law = stats.binom(n, p)
    edges = np.unique(law.ppf(np.linspace(0, 1, 60)[1:-1]))
    cells = np.searchsorted(edges, counts, side="left")
    below = np.concatenate([[0.0], law.cdf(edges), [1.0]])
    observed = np.bincount(cells, minlength=len(edges) + 1)
    kept = np.diff(below) > 0
    assert observed[~kept].sum() == 0
    assert z_of_chi_square(observed[kept], REPLICATES * np.diff(below)[kept]) < 4


@pytest.mark.parametrize("n", [POISSON_COST * 10 + 1, POISSON_SIZE, 1600])
def test_counts_of_categories_are_binomial(n):
    """Each category, and some together, when a cell is drawn by Poissons."""
    counts = draw([LONG_LAW], np.full((REPLICATES, 1), n))[:, 0]
    for kept in ([0], [1], [3], [5], [0, 3], [1, 2, 6], [0, 1, 2, 3, 5]):
        law = stats.binom(n, LONG_LAW[kept].sum())
        edges = np.unique(law.ppf(np.linspace(0, 1, 60)[1:-1]))
        observed = np.bincount(np.searchsorted(edges, counts[:, kept].sum(axis=1)), minlength=len(edges) + 1)
        assert z_of_chi_square(observed, REPLICATES * np.diff([0.0, *law.cdf(edges), 1.0])) < 4, kept


@pytest.mark.parametrize(
    ("whole", "n"),
    [
        *((LAW, n) for n in (1, 7, ALIAS_SIZE, SPLIT_COST * 7 + 1, SPLIT_SIZE)),
        *((LONG_LAW, n) for n in (POISSON_COST * 10, POISSON_COST * 10 + 1, POISSON_SIZE, SPLIT_SIZE)),
    ],
)
def test_tables_have_multinomial_means_and_covariances(whole, n):
    counts = draw([whole], np.full((REPLICATES, 1), n))[:, 0]
    kept = whole > 0
    assert counts[:, ~kept].sum() == 0
    law = whole[kept]
    standard = (counts[:, kept] - n * law) / np.sqrt(n * law * (1 - law))
    assert np.abs(standard.mean(axis=0)).max() * np.sqrt(REPLICATES) < 4
    expected = -np.sqrt(np.outer(law / (1 - law), law / (1 - law)))
    np.fill_diagonal(expected, 1.0)
    products = standard[:, :, None] * standard[:, None, :]
    error = products.std(axis=0) / np.sqrt(REPLICATES)
    assert np.abs((products.mean(axis=0) - expected) / np.maximum(error, 1e-12)).max() < 4


def test_each_patient_of_a_small_cell_follows_the_law():
    """Differences between cells of n and n + 1 patients are the draws of patient n."""
    for n in (0, 1, 5, 1027):
        laws = [np.resize([0.4, 0.0, 0.1, 0.5, 0.0, 0.0], 1027)[:1027]] if n == 1027 else [LAW]
        law = laws[0] / np.sum(laws[0])
        drawn = draw([law], np.full((8000, 1), n + 1)) - draw([law], np.full((8000, 1), n))
        observed = drawn.sum(axis=(0, 1))
        assert observed.min() >= 0
        kept = law > 0
        assert z_of_chi_square(observed[kept], 8000 * law[kept]) < 4


@pytest.mark.parametrize(("whole", "n"), [(LAW, 3), (LAW, ALIAS_SIZE), (LAW, SPLIT_SIZE), (LONG_LAW, POISSON_SIZE)])
def test_neighbouring_replicates_cells_and_seeds_are_independent(whole, n):
    law = whole[whole > 0]
    sizes = np.full((REPLICATES, 3), n)
    counts = draw([law] * 3, sizes)
    standard = (counts - n * law) / np.sqrt(n * law * (1 - law))
    other_seed = (draw([law] * 3, sizes, seed=2025) - n * law) / np.sqrt(n * law * (1 - law))
    pairs = {
        "replicate": (standard[:-1, 0], standard[1:, 0]),
        "cell": (standard[:, 0], standard[:, 1]),
        "replicate and cell": (standard[:-1, 1], standard[1:, 2]),
        "seed": (standard[:, 0], other_seed[:, 0]),
    }
    for name, (left, right) in pairs.items():
        correlation = left.T @ right / len(left)
        assert np.abs(correlation).max() * np.sqrt(len(left)) < 4, name
        spread = (left**2 - 1).T @ (right**2 - 1) / len(left)
        scale = np.sqrt(np.outer(((left**2 - 1) ** 2).mean(axis=0), ((right**2 - 1) ** 2).mean(axis=0)) / len(left))
        assert np.abs(spread / scale).max() < 4, name


def test_neighbouring_patients_are_independent():
    """With two patients per cell, the pair of their categories is a product of the law with itself."""
    law = LAW[LAW > 0]
    pairs = draw([law], np.full((REPLICATES, 1), 2))[:, 0]
    k = len(law)
    expected = 2 * np.outer(law, law)
    np.fill_diagonal(expected, law**2)
    upper = np.triu_indices(k)
    first = pairs.argmax(axis=1)
    rest = pairs.copy()
    rest[np.arange(REPLICATES), first] -= 1
    observed = np.zeros((k, k))
    np.add.at(observed, (first, rest.argmax(axis=1)), 1)
    assert z_of_chi_square(observed[upper], REPLICATES * expected[upper]) < 4
