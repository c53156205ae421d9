"""How many moves are expected on each day."""

from __future__ import annotations

import math
from itertools import pairwise
from typing import Final

import numpy as np
from numpy.typing import NDArray

from jaksim.arrays import Floats
from jaksim.model.intensity import IntensityTable

_DEGREE: Final = 18
_LARGEST: Final = 0.5


def moves_per_day(table: IntensityTable, chosen: NDArray[np.bool_], horizon: int) -> Floats:
    """Expected number (S, H) of the moves chosen (S, S) on each day, of a patient who starts in each state.

    Exact: the moves counted so far are one more coordinate of the linear equations of the occupation.
    """
    n_states = table.n_states
    times = np.union1d(np.arange(horizon + 1, dtype=np.float64), table.breaks[table.breaks < horizon])
    now = np.eye(n_states, n_states + 1)
    counted = [now[:, n_states].copy()]
    solved: dict[tuple[int, float], Floats] = {}
    for start, end in pairwise(times.tolist()):
        key = int(np.searchsorted(table.breaks, start, side="right")) - 1, end - start
        if key not in solved:
            solved[key] = _counting(table.generators[key[0]], chosen, key[1])
        now = now @ solved[key]
        if end == int(end):
            counted.append(now[:, n_states].copy())
    return np.diff(counted, axis=0).T


def _counting(generator: Floats, chosen: NDArray[np.bool_], duration: float) -> Floats:
    """What the states (S) and the moves counted become over a duration (S + 1, S + 1): the exponential of both."""
    n_states = len(generator)
    equations = np.zeros((n_states + 1, n_states + 1))
    equations[:n_states, :n_states] = generator
    equations[:n_states, n_states] = np.where(chosen, generator, 0.0).sum(axis=1)
    equations *= duration
    norm = float(np.abs(equations).sum(axis=1).max())
    squarings = max(0, math.ceil(math.log2(norm / _LARGEST))) if norm > 0.0 else 0
    equations = np.ldexp(equations, -squarings)
    found = unit = np.eye(n_states + 1)
    for degree in range(_DEGREE, 0, -1):
        found = unit + equations @ found / degree
    for _ in range(squarings):
        found = found @ found
    return found
