"""The groups of states in which patients of a trial are counted by day."""

from __future__ import annotations

import numpy as np

from jaksim.arrays import Booleans
from jaksim.trial import Trial


def groups_of_states(trial: Trial) -> dict[str, Booleans]:
    """By name, whether a state (S,) belongs to a group: the named sets of the scale in which patients are alive, and
    under no name all in which a patient is alive and in the trial; who has left it is in none."""
    scale, states = trial.scale, trial.states
    here = ~(np.isin(np.arange(states.size), states.absorbing) | states.withdrawn)
    found = {"": here}
    for name, members in scale.sets.items():
        if not set(members) & set(scale.absorbing):
            found[name] = here & np.isin(np.array(states.score), [scale.index(score) for score in members])
    return found
