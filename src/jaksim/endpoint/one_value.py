"""What endpoints with one value for each patient have in common: strategies, and a column in a table of patients."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from jaksim.arrays import Floats
from jaksim.endpoint.kind import CARRY, FAILURE, IGNORE, UNKNOWN, WORST, CategoryMeanings, Measured, Strategies

OF_A_VALUE: Final[Strategies] = {
    "withdrawal": {
        "complete case": UNKNOWN,
        "hypothetical": IGNORE,
        "composite": FAILURE,
        "worst case": WORST,
        "while observed": CARRY,
        "carry forward": CARRY,
    },
    "treatment_stop": {
        "treatment policy": IGNORE,
        "hypothetical": IGNORE,
        "composite": FAILURE,
        "worst case": WORST,
        "while on treatment": CARRY,
    },
    "missed_visit": {
        "complete case": UNKNOWN,
        "hypothetical": IGNORE,
        "composite": FAILURE,
        "worst case": WORST,
        "carry forward": CARRY,
    },
}


def value_column(endpoint: CategoryMeanings, categories: Any) -> NDArray[Any]:
    """The value of each patient from the category (n,), in whole numbers where all are."""
    values: NDArray[Any] = endpoint.value[categories]
    return values.astype(np.int64) if np.isfinite(values).all() else values


def columns_of_values(endpoint: Measured, categories: Any) -> dict[str, NDArray[Any]]:
    """The value of each patient, in a column named after its unit."""
    return {endpoint.unit: value_column(endpoint, categories)}


def mean_words(endpoint: Measured) -> str:
    """What the arms are compared by."""
    return f"mean {endpoint.unit}"


def values_of(endpoint: CategoryMeanings) -> Floats:
    """The value of each category."""
    return endpoint.value
