"""Permutation distribution of linear rank statistics: z with the skewness and kurtosis that randomisation gives it.

A statistic is U = sum over strata of w_h * (sum of scores of the active arm - its expectation). Given the pooled data
and the sizes of the arms, every choice of n_1h of the n_h patients of a stratum as the active arm is equally likely
without an effect. So the cumulants of U are those of sums of samples without replacement, which are exact functions of
the scores; U is brought to a normal z by the expansion of Cornish and Fisher (1938), Revue de l'Institut International
de Statistique 5:307, to the fourth cumulant.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from jaksim.analysis.counts import Tables, Z
from jaksim.analysis.ordering import add_by_group
from jaksim.kernel.jit import inner, kernel
from jaksim.key import Key

NORMAL: Final = "normal"
PERMUTATION: Final = "permutation"
DISTRIBUTION: Final = Key(
    "distribution",
    "text",
    "what z is held against: normal, or permutation (skewness and kurtosis under randomisation)",
    NORMAL,
    (NORMAL, PERMUTATION),
)
ALIKE, BY_SIZE, VAN_ELTEREN = range(3)
"""Weight w_h of a stratum: 1, n_h^2 / (n_1h n_0h), 1 / (n_h + 1)."""


def permutation_moments(
    tables: Tables, scores: ArrayLike, *, ranked: bool = False, weighting: int = ALIKE
) -> NDArray[np.float64]:
    """U and its second, third and fourth cumulant (B, 4) of tables (B, 2, S, K).

    `scores` (K,) are one per category, NaN for one left out. With `ranked` they only order the categories, and the
    score of a patient is the number of patients of the stratum, both arms, with a higher one, plus half the ties.
    """
    given = np.asarray(scores, dtype=np.float64)
    known = np.isfinite(given)
    values, groups = np.unique(given[known], return_inverse=True)
    of_category = np.full(given.shape, -1, dtype=np.int64)
    of_category[known] = groups
    moments = np.zeros((len(tables), 4))
    permutation_kernel(tables, of_category, values, ranked, weighting, moments)
    return moments


def fill_normal_values(moments: NDArray[np.float64], out: NDArray[np.float64]) -> None:
    """Put the normal z whose tail is that of U into out (B, 3), with an estimate or without; NaN without variance.

    `moments` (B, 4) are U and its second, third and fourth cumulant. z = U / sd where the data are so few that the
    expansion does not grow with U.
    """
    u, variance, third, fourth = moments.T
    with np.errstate(divide="ignore", invalid="ignore"):
        sd = np.where(variance > 0.0, np.sqrt(variance), np.nan)
        z, skewness, kurtosis = u / sd, third / sd**3, fourth / sd**4
    square = z * z
    slope = 1.0 - skewness * z / 3.0 - kurtosis * (square - 1.0) / 8.0 + skewness**2 * (12.0 * square - 7.0) / 36.0
    change = (4.0 * square - 7.0) * skewness**2 / 36.0 - (square - 3.0) * kurtosis / 24.0
    out[:, Z] = np.where(slope > 0.0, z * (1.0 + change) - skewness * (square - 1.0) / 6.0, z)


@kernel
def permutation_kernel(tables: Any, groups: Any, values: Any, ranked: Any, weighting: Any, moments: Any) -> None:
    counts = np.empty((2, values.shape[0]))
    scores = values.copy()
    for b in range(tables.shape[0]):
        for s in range(tables.shape[2]):
            counts[:] = 0.0
            add_by_group(tables[b, :, s], groups, counts)
            if ranked:
                higher = 0.0
                for j in range(values.shape[0] - 1, -1, -1):
                    here = counts[0, j] + counts[1, j]
                    scores[j] = higher + 0.5 * here
                    higher += here
            add_stratum(counts[0], counts[1], scores, weighting, moments[b])


@inner
def add_stratum(reference: Any, active: Any, scores: Any, weighting: Any, moments: Any) -> None:
    """Add U and its second to fourth cumulant to moments (4,), from counts (K,) of both arms and scores (K,)."""
    n_0 = n_1 = mean = 0.0
    for k in range(scores.shape[0]):
        n_0 += reference[k]
        n_1 += active[k]
        mean += (reference[k] + active[k]) * scores[k]
    n = n_0 + n_1
    if n_0 <= 0.0 or n_1 <= 0.0 or n <= 1.0:
        return
    mean /= n
    u = second = third = fourth = 0.0
    for k in range(scores.shape[0]):
        distance = scores[k] - mean
        square = distance * distance
        u += active[k] * distance
        second += (reference[k] + active[k]) * square
        third += (reference[k] + active[k]) * square * distance
        fourth += (reference[k] + active[k]) * square * square
    # Chances that one, two, three or four given patients are all in the active arm.
    one = n_1 / n
    two = one * (n_1 - 1.0) / (n - 1.0)
    three = two * (n_1 - 2.0) / (n - 2.0) if n > 2.0 else 0.0
    four = three * (n_1 - 3.0) / (n - 3.0) if n > 3.0 else 0.0
    variance = second * (one - two)
    about_fourth = fourth * (one - 7.0 * two + 12.0 * three - 6.0 * four)
    about_fourth += 3.0 * second * second * (two - 2.0 * three + four)
    weight = 1.0
    if weighting == BY_SIZE:
        weight = n * n / (n_1 * n_0)
    elif weighting == VAN_ELTEREN:
        weight = 1.0 / (n + 1.0)
    moments[0] += weight * u
    moments[1] += weight**2 * variance
    moments[2] += weight**3 * third * (one - 3.0 * two + 2.0 * three)
    moments[3] += weight**4 * (about_fourth - 3.0 * variance * variance)
