"""The exact law of a test in a small trial: every table that can happen, with its probability."""

from __future__ import annotations

import math
from typing import Final

import numpy as np

from jaksim.arrays import Floats, Integers
from jaksim.design.analyses.evaluation import Test
from jaksim.design.twin.analytic import AnalysisInput
from jaksim.design.twin.size_spread import STRATA

MOST_TABLES: Final = 5_000
"""Beyond, the counts that vary are so large that the large-sample law holds."""
NEGLIGIBLE: Final = 1e-7
"""Probability in each tail of a count that is left out."""


def exact_power(inputs: AnalysisInput, test: Test, patients: int) -> float | None:
    """Probability that a test rejects with so many patients; None where too many tables can happen.

    Arms and strata have their expected sizes, as full permuted blocks give them; without strata, those of arms are
    rounded to whole patients.
    """
    sizes = _whole_sizes(inputs, patients)
    if sizes is None or len(test.pairs) > 1:
        return None
    counts, chances = np.zeros((1, 0, inputs.laws.shape[2])), np.ones(1)
    for size, law in zip(sizes.ravel().tolist(), inputs.laws.reshape(-1, inputs.laws.shape[2]), strict=True):
        own = cell_tables(size, law, MOST_TABLES // len(chances))
        if own is None:
            return None
        first, second = (index.ravel() for index in np.indices((len(chances), len(own[1]))))
        counts = np.concatenate([counts[first], own[0][second][:, None]], axis=1)
        chances = chances[first] * own[1][second]
    tables = counts.reshape(len(chances), 2, -1, counts.shape[2])
    rejected = test.decisions(test.results_of(tables))[0]
    return float(chances[rejected].sum() / chances.sum())


def _whole_sizes(inputs: AnalysisInput, patients: int) -> Integers | None:
    """Patients (2, S) of the cells; None where chance decides about them, or an arm has none."""
    expected = inputs.cell_sizes(patients)
    if expected.shape[1] == 1:
        both = round(float(expected.sum()))
        active = math.floor(float(expected[1, 0]) + 0.5)
        sizes = np.array([[both - active], [active]])
    else:
        sizes = np.rint(expected).astype(np.int64)
        if inputs.sizes.drawn or inputs.sizes.balance != STRATA or np.abs(sizes - expected).max() > 1e-6:
            return None
    return sizes if (sizes.sum(axis=1) > 0).all() else None


def cell_tables(size: int, law: Floats, most: int) -> tuple[Floats, Floats] | None:
    """Counts (T, K) of the categories of so many patients, with their probabilities; None if there are more than
    `most`."""
    from scipy.stats import binom

    happens = np.flatnonzero(law > 0.0)
    counts, chances, left, rest = np.zeros((1, len(law))), np.ones(1), np.array([size]), 1.0
    for category in happens[:-1]:
        share = min(float(law[category]) / rest, 1.0)
        rest -= float(law[category])
        low, high = (binom.ppf(tail, left, share).astype(np.int64) for tail in (NEGLIGIBLE, 1.0 - NEGLIGIBLE))
        widths = high - low + 1
        if widths.sum() > most:
            return None
        rows = np.repeat(np.arange(len(left)), widths)
        count = np.arange(len(rows)) - np.repeat(np.cumsum(widths) - widths, widths) + low[rows]
        chances = chances[rows] * binom.pmf(count, left[rows], share)
        counts = counts[rows]
        counts[:, category] = count
        left = left[rows] - count
    counts[:, happens[-1]] = left
    return counts, chances
