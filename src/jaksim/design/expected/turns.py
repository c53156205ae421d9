"""To how many patients of each arm a turn of the treatment happens, by day: rescue, switch, stop, missed doses; and a
safety event."""

from __future__ import annotations

import numpy as np

from jaksim.arrays import Floats
from jaksim.design.engine.cells import Cells
from jaksim.design.sums.turn_share import TurnShare
from jaksim.exact.occupation import state_occupation
from jaksim.model.courses.turns import Turn
from jaksim.trial import Arm, Trial


def turn_shares(cells: Cells) -> tuple[TurnShare, ...]:
    """The shares of every turn and safety event in every arm in which it can happen, the reference first."""
    trial = cells.trial
    turns, kinds = trial.states.events.turns, trial.states.events.safety
    if not turns and not kinds:
        return ()
    n_strata, weights = cells.n_strata, np.array(trial.stratum_shares)
    by_cell = occupation_by_cell(cells).reshape(len(cells.arms), n_strata, trial.horizon + 1, -1)
    occupation = np.tensordot(weights / weights.sum(), by_cell, (0, 1))
    dead = np.isin(trial.states.score, trial.scale.indices(trial.scale.absorbing))
    found = []
    for place, arm in enumerate(cells.arms):
        for number, turn in enumerate(turns):
            if not turn.concerns(arm.name) or (turn.pauses and not _pauses(trial, arm, turn)):
                continue
            begun, of = trial.states.begun(number), np.ones(len(dead), dtype=bool)
            if turn.pauses:
                begun, of = begun & ~dead, ~dead
            share = occupation[place][:, begun].sum(axis=1) / np.maximum(occupation[place][:, of].sum(axis=1), 1e-300)
            found.append(TurnShare(arm.name, turn.event, turn.treatments, tuple(share.tolist())))
        for kind in kinds:
            happened = trial.states.events_counted(kind.name) > 0
            share = occupation[place][:, happened].sum(axis=1)
            found.append(TurnShare(arm.name, kind.name, (), tuple(share.tolist())))
    return tuple(found)


def _pauses(trial: Trial, arm: Arm, turn: Turn) -> bool:
    """Whether an arm gives anything whose doses can be missed."""
    return any(
        turn.applied(1, given, arm.regimen, trial.disease.background) != given for given in trial.regimens_of(arm)
    )


def occupation_by_cell(cells: Cells) -> Floats:
    """Probability (C, H+1, E) of each state of a patient in each cell."""
    found = np.zeros((len(cells), cells.trial.horizon + 1, cells.trial.states.size))
    groups = ((place, group) for place, cell in enumerate(cells.law_groups) for group in cell)
    for (place, group), daily in zip(groups, cells.transitions, strict=True):
        found[place] += group.share * state_occupation(daily, group.start_index)
    return found
