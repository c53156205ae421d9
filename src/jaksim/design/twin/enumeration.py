"""The exact law of a test in a small trial: every table that can happen, with its probability."""

from __future__ import annotations

import math
from functools import lru_cache
from typing import Final, NamedTuple

import numpy as np

from jaksim.arrays import Floats, Integers
from jaksim.design.analyses.evaluation import Test
from jaksim.design.twin.analytic import AnalysisInput

MOST_TABLES: Final = 5_000
"""Beyond, the counts that vary are so large that the large-sample law holds."""
NEGLIGIBLE: Final = 1e-7
"""Probability in each tail of a count that is left out."""
MATTERS: Final = 0.005
"""Difference in power from which random sizes are told of."""
PLANNED_SIZES: Final = "it is that of arms of their planned sizes, which vary by chance"


class Enumerated(NamedTuple):
    """Probability that a test rejects, and why it need not be that of the trial, nothing where it is."""

    power: float
    caution: str = ""


def exact_power(inputs: AnalysisInput, test: Test, patients: int, *, favourable: bool = False) -> Enumerated | None:
    """Probability that a test rejects, or does so in favour of the active arm; None where too many tables can happen.

    It is averaged over the sizes of arms that permuted blocks, or a coin for each patient, give. Where sizes are random
    in another way they are the planned ones, with a caution where the power on both sides of these is another one.
    """
    if len(test.pairs) > 1:
        return None
    law = inputs.allocations
    divisions = law.divisions(patients)
    if divisions is not None:
        powers = [_power(inputs, test, division.sizes, favourable) for division in divisions]
        known = [power for power in powers if power is not None]
        if len(known) < len(powers):
            return None
        chances = [division.chance for division in divisions]
        return Enumerated(math.fsum(p * chance for p, chance in zip(known, chances, strict=True)) / math.fsum(chances))
    planned = law.planned(patients)
    if planned is None or not planned.sum(axis=1).all():
        return None
    power = _power(inputs, test, planned, favourable)
    if power is None:
        return None
    for either in law.neighbours(patients):
        beside = [found for found in (_power(inputs, test, sizes, favourable) for sizes in either) if found is not None]
        if len(beside) == 2 and abs(sum(beside) / 2.0 - power) > MATTERS:
            return Enumerated(power, PLANNED_SIZES)
    return Enumerated(power)


def _power(inputs: AnalysisInput, test: Test, sizes: Integers, favourable: bool) -> float | None:
    """Probability that the test rejects in cells (2, S) of these sizes; None where too many tables can happen."""
    if not sizes.sum(axis=1).all():
        return 0.0
    counts, chances = np.zeros((1, 0, inputs.laws.shape[2])), np.ones(1)
    for size, law in zip(sizes.ravel().tolist(), inputs.laws.reshape(-1, inputs.laws.shape[2]), strict=True):
        own = cell_tables(size, law, MOST_TABLES // len(chances))
        if own is None:
            return None
        first, second = (index.ravel() for index in np.indices((len(chances), len(own[1]))))
        counts = np.concatenate([counts[first], own[0][second][:, None]], axis=1)
        chances = chances[first] * own[1][second]
    tables = counts.reshape(len(chances), 2, -1, counts.shape[2])
    rejected = test.decisions(test.results_of(tables))[int(favourable)]
    return float(chances[rejected].sum() / chances.sum())


def cell_tables(size: int, law: Floats, most: int) -> tuple[Floats, Floats] | None:
    """Counts (T, K) of the categories of so many patients, with their probabilities; None if there are more than
    `most`. They are kept for those who ask again, and not to be changed."""
    return _tables_of(size, law.tobytes(), most)


@lru_cache(maxsize=64)  # the same for each test of an endpoint, and trials that differ in its level
def _tables_of(size: int, content: bytes, most: int) -> tuple[Floats, Floats] | None:
    from scipy.stats import binom

    law = np.frombuffer(content)
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
