"""Which states a patient can come to."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from jaksim.simulate.process_tables import Intensities


def states_reached(tables: Sequence[Intensities]) -> NDArray[np.bool_]:
    """Bool (S, S): which states a patient may come to from which, by any number of moves or none."""
    n_states = tables[0].generators.shape[1]
    reached = np.eye(n_states, dtype=bool)
    for table in tables:
        reached |= (table.generators > 0.0).any(axis=0)
    for s in range(n_states):
        reached |= reached[:, [s]] & reached[[s]]
    return reached
