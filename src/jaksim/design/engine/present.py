"""How probably a patient is still alive and in the trial, by day."""

from __future__ import annotations

import numpy as np

from jaksim.arrays import Floats, Integers
from jaksim.design.engine.cells import Cells
from jaksim.exact.law import mixture
from jaksim.exact.occupation import state_occupation


def present_at(cells: Cells, days: Integers) -> Floats:
    """Exact probabilities (C, V) of being alive and not withdrawn on days since randomisation, in each cell; 0 after
    the follow-up."""
    states = cells.trial.states
    gone = np.isin(np.arange(states.size), states.absorbing) | states.withdrawn
    horizon = cells.trial.horizon
    within = days <= horizon
    found, first = [], 0
    for cell in cells.cells:
        rows = range(first, first + len(cell.groups))
        first += len(cell.groups)
        each = [state_occupation(cells.transitions[g], cells.groups[g].start_index)[:, ~gone].sum(axis=1) for g in rows]
        by_day = mixture(np.array(each), [group.share for group in cell.groups])
        found.append(np.where(within, by_day[np.minimum(days, horizon)], 0.0))
    return np.array(found).reshape(len(cells), len(days))
