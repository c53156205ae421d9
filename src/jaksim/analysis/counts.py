"""Tables of counts, what their categories mean, and the three numbers that an analysis makes of them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeAlias

import numpy as np

from jaksim.arrays import Floats
from jaksim.endpoint.kind import CategoryMeanings as CategoryMeanings
from jaksim.errors import InputError

ESTIMATE, STANDARD_ERROR, Z = 0, 1, 2
REFERENCE_ARM, ACTIVE_ARM = 0, 1

Tables: TypeAlias = Floats
Options: TypeAlias = Mapping[str, Any]


def block(tables: Tables, out: Floats, endpoint: CategoryMeanings) -> Tables:
    """The tables as C-contiguous float64 after their shape is checked against `out` and the endpoint."""
    tables = np.require(tables, np.float64, ["C", "W"])
    n_categories = len(endpoint.status)
    if tables.ndim != 4 or tables.shape[1] != 2 or tables.shape[3] != n_categories:
        raise InputError("tables have the wrong shape", allowed=f"(B, 2, S, {n_categories})", got=tables.shape)
    if out.shape != (tables.shape[0], 3):
        raise InputError("out has the wrong shape", allowed=f"({tables.shape[0]}, 3)", got=out.shape)
    return tables
