"""Patients one by one, for analyses that a table of counts cannot hold: covariates, and errors robust by cluster."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from jaksim.analysis.counts import CategoryMeanings
from jaksim.arrays import Floats, Integers


@dataclass(frozen=True, eq=False)
class Patients:
    """Patients (n,) of two arms: `arm` 1 if active, the category of an endpoint, the number of the stratum.

    `covariates` (n, p) are called `names`; `arm_name` is the name of the coefficient of the active arm; `entry` (n,)
    are times from which they are at risk; `cluster` (n,) tells whose errors may go together; `weight` (n,) is what each
    patient counts.
    """

    endpoint: CategoryMeanings
    arm: Integers
    category: Integers
    stratum: Integers
    strata: tuple[str, ...]
    arm_name: str
    covariates: Floats
    names: tuple[str, ...]
    entry: Floats | None = None
    cluster: NDArray[Any] | None = None
    weight: Floats | None = None

    def design(self) -> tuple[Floats, tuple[str, ...]]:
        """The columns (n, 1 + p) of a model, the arm first, and their names."""
        return np.column_stack([self.arm, self.covariates]), (self.arm_name, *self.names)
