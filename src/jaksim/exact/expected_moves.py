"""How many moves are expected on each day."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from jaksim.arrays import Floats
from jaksim.model.intensity import IntensityTable


def moves_per_day(table: IntensityTable, start_index: int, chosen: NDArray[np.bool_], horizon: int) -> Floats:
    """Expected number (H,) of the moves chosen (S, S) on each day, of a patient who starts in a state.

    Exact: the moves counted so far are one more coordinate of the linear equations of the occupation.
    """
    from scipy.linalg import expm

    n_states = table.n_states
    times = np.union1d(np.arange(horizon + 1, dtype=np.float64), table.breaks[table.breaks < horizon])
    now = np.zeros(n_states + 1)
    now[start_index] = 1.0
    counted = [0.0]
    solved: dict[tuple[int, float], Floats] = {}
    for start, end in pairwise(times.tolist()):
        piece = int(np.searchsorted(table.breaks, start, side="right")) - 1
        if (piece, end - start) not in solved:
            generator = table.generators[piece]
            equations = np.zeros((n_states + 1, n_states + 1))
            equations[:n_states, :n_states] = generator
            equations[:n_states, n_states] = np.where(chosen, generator, 0.0).sum(axis=1)
            solved[piece, end - start] = expm(equations * (end - start))
        now = now @ solved[piece, end - start]
        if end == int(end):
            counted.append(float(now[n_states]))
    return np.diff(counted)
