"""A process with a flag that is set once: what it is before, and what it is after."""

from __future__ import annotations

import numpy as np

from jaksim.arrays import Floats


def flagged(before: Floats, after: Floats, rates: Floats) -> Floats:
    """Generators (J, 2n, 2n) of a process under `before` until a flag is set, at `rates` (J, n), then under `after`."""
    n = before.shape[1]
    joined = np.zeros((len(before), 2 * n, 2 * n))
    states = np.arange(n)
    joined[:, :n, :n] = before
    joined[:, states, states] -= rates
    joined[:, states, n + states] = rates
    joined[:, n:, n:] = after
    return joined
