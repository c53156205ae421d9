"""Quantiles of the normal distribution in kernels."""

from __future__ import annotations

import math
from typing import Any

from jaksim.kernel.jit import inner


@inner
def upper_quantile(tail: Any) -> Any:
    """The z with a normal tail of this size (at most 0.5) beyond it, by Newton's method on the log tail."""
    z = math.sqrt(max(-2.0 * math.log(2.0 * tail), 0.0))
    for _ in range(30):
        beyond = 0.5 * math.erfc(z / math.sqrt(2.0))
        hazard = math.exp(-0.5 * z * z) / math.sqrt(2.0 * math.pi) / beyond
        step = math.log(beyond / tail) / hazard
        z += step
        if abs(step) < 1e-14:
            break
    return max(z, 0.0)
