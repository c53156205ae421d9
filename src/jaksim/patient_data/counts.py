"""Counts of patients by arm, stratum and category, laid out as small as the method that reads them allows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np

from jaksim.analysis.method import Method
from jaksim.analysis.registry import METHODS
from jaksim.arrays import Floats, Integers
from jaksim.endpoint.endpoint import Endpoint
from jaksim.endpoint.kinds import kind_of
from jaksim.errors import InputError
from jaksim.patient_data.data_endpoint import DataEndpoint

LARGEST_TABLE = 40_000_000
LARGE = 1_000_000
"""Cells from which a table is laid out anew for the methods that allow it."""
N_STATUSES = 3


@dataclass(frozen=True, eq=False)
class Counts:
    """Patients, or changes of their number by `weight`, by arm, stratum and category of an endpoint.

    `arm`, `stratum` and `category` are (n,), or `category` (n, H) with -1 where there is none.
    """

    endpoint: DataEndpoint | Endpoint
    arm: Integers
    stratum: Integers
    category: Integers
    n_strata: int
    where: str
    weight: Floats | None = None

    @cached_property
    def table(self) -> Floats:
        """The table (2, S, K), the reference arm first; InputError where it would be too large."""
        self._check(len(self.endpoint.labels))
        return self._counted(self.stratum, self.n_strata, self.category, len(self.endpoint.labels))

    @cached_property
    def by_arm(self) -> Floats:
        """Counts (2, K) of both arms, their strata together."""
        k = len(self.endpoint.labels)
        return self._counted(np.zeros_like(self.stratum), 1, self.category, k)[:, 0]

    @cached_property
    def sizes(self) -> Floats:
        """Patients (2, S) of each arm and stratum that have a category."""
        return self._counted(self.stratum, self.n_strata, np.where(self.category >= 0, 0, -1), 1)[..., 0]

    def of_method(self, method: Method, options: Mapping[str, Any]) -> tuple[Floats, DataEndpoint | Endpoint]:
        """A table that is not too large and the meaning of its categories, with the same result of a method."""
        if self.n_strata < 2 or 2 * self.n_strata * len(self.endpoint.labels) <= LARGE:
            return self.table, self.endpoint
        if method.without_strata(options):
            return self.by_arm[:, np.newaxis], self.endpoint
        if method.within_strata(options) and isinstance(self.endpoint, DataEndpoint):
            return self._within_strata(self.endpoint)
        return self.table, self.endpoint

    def _within_strata(self, endpoint: DataEndpoint) -> tuple[Floats, DataEndpoint]:
        """Values numbered anew in each stratum, so that strata share categories and the table is narrow."""
        of_time = kind_of(endpoint).timed
        order = np.unique(endpoint.time, return_inverse=True)[1] if of_time else endpoint.rank
        value = order[self.category]
        pairs, which = np.unique(self.stratum * (int(value.max()) + 2) + value + 1, return_inverse=True)
        of_stratum = pairs // (int(value.max()) + 2)
        number = np.arange(len(pairs)) - np.searchsorted(of_stratum, of_stratum)
        category = number[which] * N_STATUSES + (np.maximum(endpoint.status[self.category], 0) if of_time else 0)
        known = value >= 0
        found, category = np.unique(np.where(known, category, -1), return_inverse=True)
        numbers = found // N_STATUSES
        narrow = replace(
            endpoint,
            labels=tuple(map(str, found.tolist())),
            time=numbers.astype(np.float64) if of_time else np.full(len(found), np.nan),
            status=np.where(found < 0, -1, found % N_STATUSES) if of_time else np.full(len(found), -1),
            rank=np.full(len(found), -1) if of_time else np.where(found < 0, -1, numbers),
            value=np.full(len(found), np.nan),
        )
        self._check(len(found))
        return self._counted(self.stratum, self.n_strata, category, len(found)), narrow

    def _check(self, n_categories: int) -> None:
        if 2 * self.n_strata * n_categories > LARGEST_TABLE:
            within = [name for name, method in METHODS.items() if method.within_strata(method.defaults)]
            raise InputError(
                f"{self.n_strata} strata of {n_categories} distinct values are too many for one table",
                where=self.where,
                allowed=f"at most {LARGEST_TABLE:,} cells; ‹unstratified›; or {', '.join(within)}",
            )

    def _counted(self, stratum: Integers, n_strata: int, category: Integers, n_categories: int) -> Floats:
        cell, weight = self.arm * n_strata + stratum, self.weight
        if category.ndim > 1:
            cell = np.broadcast_to(cell[:, None], category.shape)
        has = category >= 0
        if weight is not None:
            weight = weight[has]
        cell = cell[has] * n_categories + category[has]
        counts = np.bincount(cell, weights=weight, minlength=2 * n_strata * n_categories).astype(np.float64)
        return np.asarray(counts.reshape(2, n_strata, n_categories))
