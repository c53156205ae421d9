"""Names of the kinds of arrays that the whole package passes around."""

from __future__ import annotations

from typing import Any, TypeAlias

import numpy as np
from numpy.typing import ArrayLike, DTypeLike, NDArray

Floats: TypeAlias = NDArray[np.float64]
Integers: TypeAlias = NDArray[np.int64]
Booleans: TypeAlias = NDArray[np.bool_]


def for_kernel(values: ArrayLike, dtype: DTypeLike) -> NDArray[Any]:
    """An array in the order of C that may be written to, copied where it must be.

    A kernel is compiled again for arrays that may not be written to, such as those that were broadcast.
    """
    return np.require(values, dtype, ["C", "W"])
