"""Holm's procedure on one-sided z statistics."""

from __future__ import annotations

from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


def holm(z: Floats, level: float) -> NDArray[np.bool_]:
    """Rejections (H, B) of H null hypotheses from z (H, B), positive against them, with familywise error `level`.

    The largest z is compared with the critical value at level / H, the next at level / (H - 1), and so on until one
    fails; NaN is never rejected. Source: Holm, Scandinavian Journal of Statistics 1979;6:65.
    """
    count = len(z)
    critical = np.array([NormalDist().inv_cdf(1.0 - level / (count - j)) for j in range(count)])
    given = np.where(np.isnan(z), -np.inf, z)
    order = np.argsort(-given, axis=0, kind="stable")
    passed = np.logical_and.accumulate(np.take_along_axis(given, order, axis=0) > critical[:, None], axis=0)
    rejected = np.zeros(given.shape, dtype=np.bool_)
    np.put_along_axis(rejected, order, passed, axis=0)
    return rejected
