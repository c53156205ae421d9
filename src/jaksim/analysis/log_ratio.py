"""The logarithm of a ratio that may be zero or infinite."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from jaksim.kernel.jit import inner


@inner
def log_ratio(above: Any, below: Any) -> Any:
    """Log of a ratio of numbers of at least 0: infinite where one of them is 0, NaN where both are."""
    if above > 0.0 and below > 0.0:
        return math.log(above / below)
    if above > 0.0 or below > 0.0:
        return np.inf if above > 0.0 else -np.inf
    return np.nan
