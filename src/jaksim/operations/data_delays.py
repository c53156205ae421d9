"""How late data are, and how long a board takes, by address."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from jaksim.arrays import Integers
from jaksim.operations.addresses import addressed
from jaksim.rng import Purpose
from jaksim.trial.operations.data_flow import Board, DataFlow

_UNIT = 2.0**-32


def entry_delays(
    flow: DataFlow, seed: int, replicates: Integers, site: NDArray[np.integer], number: NDArray[np.integer]
) -> Integers:
    """Days until the data of each patient, with queries, are known after a visit; patients by site and number.

    Every visit of a patient is as late as the others.
    """
    if flow.entry.is_fixed and flow.queried == 0.0:
        return np.full(np.shape(site), flow.entry.longest, dtype=np.int64)
    words = addressed(seed, Purpose.VISIT, replicates, site, number)
    found = flow.entry.days(words[..., 0] * _UNIT)
    questioned = words[..., 1] * _UNIT < flow.queried
    return np.asarray(found + np.where(questioned, flow.query.days(words[..., 2] * _UNIT), 0), dtype=np.int64)


def board_delays(board: Board, seed: int, replicates: Integers) -> Integers:
    """Days from a data cut until the sites know the decision, the same at every analysis of a replicate."""
    words = addressed(seed, Purpose.BOARD, replicates, 0, 0)
    return np.asarray(board.preparation.days(words[..., 0] * _UNIT) + board.decision.days(words[..., 1] * _UNIT))
