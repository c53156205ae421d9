"""A smooth step of a linear statistic of each replicate, less its exact mean."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from jaksim.kernel.jit import inner, kernel

# exp(-40) of the amplitude of a wave is below what sums of replicates keep.
_LOST = -40.0


@inner
def waves(value: float, frequency: float, cosines: Any, sines: Any) -> float:
    """Sum over j of cosines[j] cos((j + 1) frequency value) + sines[j] sin(...), by Clenshaw's recurrence."""
    turn = frequency * value
    twice = 2.0 * math.cos(turn)
    c1 = c2 = s1 = s2 = 0.0
    for j in range(cosines.shape[0] - 1, -1, -1):
        c1, c2 = cosines[j] + twice * c1 - c2, c1
        s1, s2 = sines[j] + twice * s1 - s2, s1
    return 0.5 * twice * c1 - c2 + s1 * math.sin(turn)


@inner
def expected_waves(sizes: Any, cosines: Any, sines: Any, log_length: Any, angle: Any) -> float:
    """The mean of `waves`: each wave has the product over cells of its characteristic function to the cell's size."""
    total = 0.0
    for j in range(cosines.shape[0]):
        length = turn = 0.0
        for c in range(sizes.shape[0]):
            length += sizes[c] * log_length[j, c]
            turn += sizes[c] * angle[j, c]
        if length > _LOST:
            total += math.exp(length) * (cosines[j] * math.cos(turn) + sines[j] * math.sin(turn))
    return total


@kernel
def control_differences(
    tables: Any, weights: Any, frequency: float, cosines: Any, sines: Any, log_length: Any, angle: Any, out: Any
) -> None:
    """Fill out (B,) with the step of each table (B, C, K) less its mean given the sizes of the cells.

    weights (C, K) are those of the linear statistic; log_length and angle (J, C) are the logarithm of the
    characteristic function of one patient's weight at each wave.
    """
    sizes = np.full(weights.shape[0], -1.0)
    expected = 0.0
    for b in range(tables.shape[0]):
        value = 0.0
        same = True
        for c in range(weights.shape[0]):
            n = 0.0
            for k in range(weights.shape[1]):
                n += tables[b, c, k]
                value += weights[c, k] * tables[b, c, k]
            if n != sizes[c]:
                sizes[c] = n
                same = False
        if not same:
            expected = expected_waves(sizes, cosines, sines, log_length, angle)
        out[b] = waves(value, frequency, cosines, sines) - expected
