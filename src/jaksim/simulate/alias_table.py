"""Alias tables on integer weights: exact, because every column holds a whole number of the 2**32 words."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from jaksim.errors import InputError

WHOLE = 1 << 32
TOLERANCE = 1e-9


def checked_law(law: ArrayLike, *, where: str = "law") -> NDArray[np.float64]:
    """Probabilities (K,); InputError unless they are finite, not negative and sum to one within 1e-9."""
    probability = np.asarray(law, dtype=np.float64)
    if probability.ndim != 1 or not np.all(np.isfinite(probability)) or np.any(probability < 0):
        raise InputError("not a probability vector", where=where, allowed="finite numbers, none negative")
    total = probability.sum()
    if abs(total - 1.0) > TOLERANCE:
        raise InputError("probabilities do not sum to one", where=where, allowed="a sum of 1", got=float(total))
    return probability / float(total)


def quantise(law: ArrayLike, *, where: str = "law") -> NDArray[np.uint64]:
    """Weights (K,) in units of 2**-32, summing to exactly 2**32, by largest remainder; a zero stays zero.

    InputError as for `checked_law`.
    """
    probability = checked_law(law, where=where)
    exact = probability * WHOLE
    weights: NDArray[np.int64] = np.floor(exact).astype(np.int64)
    missing = WHOLE - int(weights.sum())
    order = np.argsort(weights - exact, kind="stable")
    positive = order[probability[order] > 0]
    weights[positive[: max(missing, 0)]] += 1
    weights[np.argmax(weights)] += WHOLE - int(weights.sum())
    whole: NDArray[np.uint64] = weights.astype(np.uint64)
    return whole


def alias_columns(weights: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """Packed alias columns (2**m,), 2**m >= K, for weights (K,) that sum to 2**32; see `jaksim.kernel.alias`.

    Source: Vose (1991), "A linear algorithm for generating random numbers with a given distribution", IEEE TSE 17.
    """
    n_columns = 1 << max(len(weights) - 1, 0).bit_length()
    height = WHOLE // n_columns
    mass = [int(w) for w in weights] + [0] * (n_columns - len(weights))
    threshold, alias = [0] * n_columns, list(range(n_columns))
    short = [i for i, m in enumerate(mass) if m < height]
    tall = [i for i, m in enumerate(mass) if m >= height]
    while short:
        low, high = short.pop(), tall[-1]
        threshold[low], alias[low] = mass[low], high
        mass[high] -= height - mass[low]
        if mass[high] < height:
            short.append(tall.pop())
    return np.array([t << 32 | a for t, a in zip(threshold, alias, strict=True)], dtype=np.uint64)
