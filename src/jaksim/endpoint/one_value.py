"""What endpoints with one value for each patient have in common: strategies, and a column in a table of patients."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from jaksim.endpoint.kind import CARRY, FAILURE, IGNORE, UNKNOWN, WORST, CategoryMeanings, Strategies

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
