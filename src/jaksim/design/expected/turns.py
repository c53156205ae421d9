"""To how many patients of each arm a turn of the treatment happens, by day: rescue, switch, stop, missed doses."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from jaksim.arrays import Floats
from jaksim.design.engine.cells import Cells
from jaksim.exact.occupation import state_occupation


@dataclass(frozen=True)
class TurnShare:
    """The `share` of the patients of an arm to whom a turn has happened by the end of days 0 to H since randomisation.

    Of those who died before it did not happen any more, and withdrawal does not take patients out. Of missed doses it
    is the share of the living who are in a pause. `event` is the table of the scenario, `treatments` what begins or
    ends, everything the arm gives when empty.
    """

    arm: str
    event: str
    treatments: tuple[str, ...]
    share: tuple[float, ...]


def turn_shares(cells: Cells) -> tuple[TurnShare, ...]:
    """The shares of every turn in every arm in which it can happen, the reference first; nothing without turns."""
    trial = cells.trial
    turns = trial.states.events.turns
    if not turns:
        return ()
    occupation = _by_arm(cells)
    dead = np.isin(trial.states.score, trial.scale.indices(trial.scale.absorbing))
    found = []
    for place, arm in enumerate(cells.arms):
        for number, turn in enumerate(turns):
            if not turn.concerns(arm.name):
                continue
            begun, of = trial.states.begun(number), np.ones(len(dead), dtype=bool)
            if turn.pauses:
                begun, of = begun & ~dead, ~dead
            share = occupation[place][:, begun].sum(axis=1) / np.maximum(occupation[place][:, of].sum(axis=1), 1e-300)
            found.append(TurnShare(arm.name, turn.event, turn.treatments, tuple(share.tolist())))
    return tuple(found)


def _by_arm(cells: Cells) -> Floats:
    """Probability (A, H+1, E) of each state of a patient in each arm."""
    trial, shares = cells.trial, np.array(cells.trial.stratum_shares)
    found = np.zeros((len(cells.arms), trial.horizon + 1, trial.states.size))
    groups = ((place, group) for place, cell in enumerate(cells.law_groups) for group in cell)
    for (place, group), daily in zip(groups, cells.transitions, strict=True):
        arm, stratum = divmod(place, len(shares))
        weight = shares[stratum] * group.share / shares.sum()
        found[arm] += weight * state_occupation(daily, group.start_index)
    return found
