"""One replicate of a trial, patient by patient: daily scores and what every endpoint makes of them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from jaksim.design.cells import Cells
from jaksim.design.engine import PathEngine
from jaksim.simulate import simulate_scores
from jaksim.trial import Trial


@dataclass(frozen=True, eq=False)
class SimulatedPatients:
    """Patients of one replicate, in order of arm and stratum.

    `arm` and `stratum` (n,) are positions in `arm_names` and `stratum_names`; `scores` (n, H + 1) are the scores at the
    end of each day, column 0 the baseline; `categories` (E, n) are the categories of the endpoints.
    """

    trial: Trial
    arm_names: tuple[str, ...]
    stratum_names: tuple[str, ...]
    arm: NDArray[np.int64]
    stratum: NDArray[np.int64]
    scores: NDArray[np.int64]
    categories: NDArray[np.int32]

    def __len__(self) -> int:
        return len(self.arm)


def simulate_patients(trial: Trial, *, seed: int, replicate: int) -> SimulatedPatients:
    """The patients behind replicate number `replicate` of the path engine with the same seed."""
    cells = Cells(trial)
    engine = PathEngine(cells, seed)
    sizes = engine.sizes(replicate, 1)[0]
    states = simulate_scores(engine.plan, sizes, seed, replicate)
    cell = np.repeat(np.arange(len(cells)), sizes)
    scores = np.array(trial.scale.scores, dtype=np.int64)[states]
    return SimulatedPatients(
        trial=trial,
        arm_names=tuple(arm.name for arm in cells.arms),
        stratum_names=tuple(stratum.name for stratum in trial.population.strata),
        arm=cell // cells.n_strata,
        stratum=cell % cells.n_strata,
        scores=scores,
        categories=np.stack([endpoint.categories_of(scores) for endpoint in trial.endpoints]),
    )
