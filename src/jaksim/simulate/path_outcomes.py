"""The outcomes of enrolled patients, each walked through the disease process in continuous time."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from jaksim import rng
from jaksim.simulate.arguments import key_words
from jaksim.simulate.enrolment import Cohort
from jaksim.simulate.paths import PURPOSES, PathPlan


def path_outcomes(cohort: Cohort, plan: PathPlan, n_strata: int, seed: int, first: ArrayLike) -> None:
    """Simulate every patient from first[b] on and write the category that each automaton of the plan makes of it.

    A patient depends on (seed, replicate, number among the candidates, cell) alone, cell being
    arm * n_strata + stratum.
    """
    rng.check_address(cell=plan.n_cells - 1)
    low, high = key_words(seed)

    from jaksim.kernel.path_outcomes import path_outcomes as draw

    draw(
        plan.processes,
        plan.memories,
        np.cumsum([0, *plan.n_categories[:-1]], dtype=np.int64),
        n_strata,
        np.array(PURPOSES, dtype=np.uint64),
        cohort.first_replicate,
        low,
        high,
        np.ascontiguousarray(first, dtype=np.int64),
        cohort.n,
        cohort.stratum,
        cohort.arm,
        cohort.number,
        cohort.category,
    )


def cohort_states(cohort: Cohort, plan: PathPlan, n_strata: int, seed: int, row: int, n: int) -> NDArray[np.int8]:
    """Daily state indices (n, horizon + 1) of the first n patients of a row, day of entry first: the paths whose
    categories `path_outcomes` writes."""
    rng.check_address(cell=plan.n_cells - 1)
    low, high = key_words(seed)

    from jaksim.kernel.path_outcomes import cohort_states as draw

    states = np.empty((n, plan.horizon + 1), dtype=np.int8)
    draw(
        plan.processes,
        np.uint64(plan.horizon),
        n_strata,
        np.array(PURPOSES, dtype=np.uint64),
        np.uint64(cohort.first_replicate + row),
        low,
        high,
        cohort.stratum[row],
        cohort.arm[row],
        cohort.number[row],
        states,
    )
    return states
