"""How the patients of a trial come and are given to arms, laid out for the enrolment kernel."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from jaksim.arrays import Integers
from jaksim.design.engine.cells import Cells
from jaksim.piecewise import PiecewiseConstant
from jaksim.simulate.enrolment import compile_entry, empty_cohort, enrol_patients
from jaksim.simulate.sizes import largest_remainder
from jaksim.trial import Trial
from jaksim.trial.accrual import Accrual
from jaksim.trial.population import Population

if TYPE_CHECKING:
    from jaksim.kernel.entering.enrolment import Entry

PATIENTS_AT_ONCE: Final = 300_000


def entry_of(trial: Trial, accrual: Accrual) -> Entry:
    """Arrivals, strata and randomisation of a trial."""
    population, randomisation = trial.population, trial.randomisation
    return compile_entry(
        accrual.starts,
        accrual.expected_before,
        accrual.rate.values,
        even=accrual.arrivals == "even",
        stratum_weights=population.weights,
        scheme=randomisation.scheme,
        coin=randomisation.coin,
        groups=randomisation.groups(population),
        levels=randomisation.levels(population),
        quotas=stratum_quotas(population),
    )


def stratum_quotas(population: Population) -> Integers:
    """Patients (S,) of each stratum where their numbers are fixed, empty where strata are drawn."""
    if population.stratum_sizes == "drawn":
        return np.empty(0, dtype=np.int64)
    return largest_remainder(population.patients, np.array(population.weights))


def enrolled_sizes(cells: Cells, seed: int, first_replicate: int, n: int) -> Integers:
    """Numbers of patients (n, C) in the cells when all are randomised one by one by the scheme of the trial."""
    trial = cells.trial
    patients, size = trial.population.patients, len(cells)
    entry = entry_of(trial, Accrual(PiecewiseConstant((), (1.0,)), "even"))
    share = np.array(cells.allocation, dtype=np.float64)
    places = np.array(cells.allocation) * (trial.randomisation.block_size // int(share.sum()))
    found = np.empty((n, size), dtype=np.int64)
    step = max(1, PATIENTS_AT_ONCE // patients)
    for start in range(0, n, step):
        m = min(step, n - start)
        cohort = empty_cohort(first_replicate + start, m, patients, 0, reuse=True)
        enrol_patients(
            cohort,
            entry,
            seed,
            first=np.zeros(m),
            last=np.full(m, patients),
            weights=np.tile(share, (m, 1)),
            block_sizes=np.tile(places, (m, 1)),
            recruiting=np.ones((m, cells.n_strata), dtype=np.bool_),
        )
        cell = cohort.arm.astype(np.int64) * cells.n_strata + cohort.stratum + size * np.arange(m)[:, None]
        found[start : start + m] = np.bincount(cell.ravel(), minlength=m * size).reshape(m, size)
    return found
