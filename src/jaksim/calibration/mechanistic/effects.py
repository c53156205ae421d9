"""Draws of a trial's effects from other trials, and from the simpler predictions that they are compared with."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np

from jaksim.arrays import Floats
from jaksim.calibration.mechanistic.trial import Effects
from jaksim.pooling.hierarchy import fit, predictive
from jaksim.pooling.priors import PooledPriors
from jaksim.pooling.summaries import TrialEffects, kind_of_cell
from jaksim.rng import Purpose, generator

HIERARCHY: Final = "jaksim"
NO_EFFECT: Final = "no effect"
LAST_EFFECT: Final = "last effect"

# A trial's own effects where they serve as a prediction by themselves: as wide as no trial of a drug would surprise.
_WIDE = 1.0
# Information below which a trial says nothing of a cell: a standard error of more than 3 on the log scale.
_LEAST_INFORMATION = 0.1


def predicted_effects(
    trial: TrialEffects,
    others: Sequence[TrialEffects],
    parameters: Sequence[str],
    *,
    priors: PooledPriors | None = None,
    draws: int = 200,
    seed: int = 1,
) -> Effects:
    """Effects of a trial by the hierarchy of the others, by none, and by the trial published before it.

    `parameters` name the model's parameters of the trial's cells, in their order. Of the trial itself only drug, class,
    share, cells and month are read. The first trial has no one before it: its last effect is none.
    """
    posterior = fit(others, priors, draws=draws, seed=seed)
    none = np.zeros((draws, len(trial.cells)))
    last = last_before(trial, others)
    return Effects(
        tuple(parameters),
        {
            HIERARCHY: predictive(posterior, trial, seed=seed),
            NO_EFFECT: none,
            LAST_EFFECT: none if last is None else own_effects(last, trial.cells, draws, seed),
        },
    )


def last_before(trial: TrialEffects, others: Sequence[TrialEffects]) -> TrialEffects | None:
    """The trial whose results appeared last before those of this one; of one month, the last by name."""
    earlier = [other for other in others if other.published < trial.published]
    return max(earlier, key=lambda other: (other.published, other.study), default=None)


def own_effects(trial: TrialEffects, cells: Sequence[str], draws: int, seed: int) -> Floats:
    """Draws (draws, cells) of what one trial found, cells matched by name, else by kind; none where it says nothing."""
    mean, covariance = trial.under(_WIDE)
    stream = generator(seed, Purpose.POSTERIOR, replicate=2)
    root = np.linalg.cholesky(covariance)
    drawn = mean + stream.standard_normal((draws, len(mean))) @ root.T
    told = np.diag(trial.information) > _LEAST_INFORMATION
    found = np.zeros((draws, len(cells)))
    for column, cell in enumerate(cells):
        kind = kind_of_cell(cell)
        same = [i for i, own in enumerate(trial.cells) if own == cell and told[i]]
        alike = [i for i, own in enumerate(trial.kinds) if own == kind and told[i]]
        for chosen in (same, alike):
            if chosen:
                found[:, column] = drawn[:, chosen].mean(axis=1)
                break
    return found
