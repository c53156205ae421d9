"""How probably a patient is alive and in the trial, and in groups of states, by day since randomisation."""

from __future__ import annotations

import numpy as np

from jaksim.arrays import Floats
from jaksim.design.engine.cells import Cells
from jaksim.exact.law import mixture
from jaksim.exact.occupation import state_occupation
from jaksim.operations.state_groups import groups_of_states


def occupation_by_group(cells: Cells) -> dict[str, Floats]:
    """Exact probabilities (C, H + 1) of being in each group of states on days 0 to H, in each cell."""
    groups, laws, first = groups_of_states(cells.trial), [], 0
    for of_cell in cells.law_groups:
        each = [state_occupation(cells.transitions[first + g], one.start_index) for g, one in enumerate(of_cell)]
        first += len(of_cell)
        mixed = mixture(np.array([one.ravel() for one in each]), [group.share for group in of_cell])
        laws.append(mixed.reshape(each[0].shape))
    found = np.array(laws)
    return {name: found[..., members].sum(axis=-1) for name, members in groups.items()}
