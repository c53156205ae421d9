"""Evaluating a method against its null or against another value of the estimate."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from jaksim.analysis import Method
from jaksim.analysis.method import CategoryMeanings

Floats = NDArray[np.float64]


def evaluate_against(
    method: Method, tables: Floats, endpoint: CategoryMeanings, options: Mapping[str, Any], value: tuple[float, ...]
) -> Floats:
    """Estimate, standard error and z (B, 3) of tables (B, 2, S, K); z against the value, or the null without one."""
    out = np.empty((len(tables), 3))
    if value:
        method.test_against(tables, endpoint, options, value[0], out)
    else:
        method.evaluate(tables, endpoint, options, out)
    return out
