"""A table of counts whose categories have a time and a status, as given by hand to an analysis."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from jaksim.analysis.method import Tables
from jaksim.analysis.result import one_table, per_category


@dataclass(frozen=True)
class TimesAndStates:
    """Categories (K,) with `time` and `status` and nothing else known of them."""

    time: NDArray[np.float64]
    status: NDArray[np.int64]
    name: str = "given times"
    kind: str = "time_to_event"
    better: str = "no event"

    @property
    def rank(self) -> NDArray[np.int64]:
        """No category has a rank."""
        return np.full(self.status.shape, -1, dtype=np.int64)

    def patients(self, tables: Tables) -> float:
        """Patients of the tables whose category has a time and a status."""
        return float(tables[..., np.isfinite(self.time) & (self.status >= 0)].sum())


def survival_table(
    table: ArrayLike, time: ArrayLike, status: ArrayLike, *, better: str = "no event"
) -> tuple[Tables, TimesAndStates]:
    """The table as a block (1, 2, S, K) and the meaning of its categories; InputError if they do not fit."""
    tables = one_table(table)
    k = tables.shape[-1]
    return tables, TimesAndStates(
        per_category(time, np.float64, k, "time"), per_category(status, np.int64, k, "status"), better=better
    )
