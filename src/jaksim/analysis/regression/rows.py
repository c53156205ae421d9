"""Patients of many replicates, one by one: what an analysis that adjusts for covariates reads."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from jaksim.arrays import Floats, Integers


@dataclass(frozen=True, eq=False)
class Rows:
    """Patients (n,) of two arms, those of replicate b from `starts[b]` to `starts[b + 1]` (B + 1,).

    `arm` is 1 if active, `stratum` the number of the stratum of the analysis, `category` that of the endpoint. `x`
    (n, p) are covariates. `weight` (n,) is how many patients a row stands for.
    """

    starts: Integers
    arm: Floats
    stratum: Integers
    category: Integers
    x: Floats
    weight: Floats

    def __len__(self) -> int:
        return len(self.starts) - 1

    @property
    def n_strata(self) -> int:
        """Number of strata, with those between that have nobody."""
        return int(self.stratum.max()) + 1 if len(self.stratum) else 1


def rows_of_tables(tables: Floats, values: Floats) -> Rows:
    """The patients of tables (B, 2, S, T, K), reference arm first, with values (T, p) of the covariates by type.

    Patients of one arm, stratum, type and category are one row.
    """
    replicate, arm, stratum, kind, category = (part.astype(np.int64) for part in np.nonzero(tables))
    starts: NDArray[np.int64] = np.searchsorted(replicate, np.arange(len(tables) + 1)).astype(np.int64)
    return Rows(
        starts,
        arm.astype(np.float64),
        stratum,
        category,
        np.ascontiguousarray(values[kind]),
        np.ascontiguousarray(tables[replicate, arm, stratum, kind, category], dtype=np.float64),
    )
