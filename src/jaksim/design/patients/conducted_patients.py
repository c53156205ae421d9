"""One replicate of a trial in calendar time, patient by patient: who was enrolled until it ended, and what ended it."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from jaksim.analysis.counts import ESTIMATE, STANDARD_ERROR, Z
from jaksim.design.analyses.evaluation import Test, settle
from jaksim.design.conduct.designs import make_design
from jaksim.design.engine.cells import Cells
from jaksim.design.engine.cohorts import PathCohorts
from jaksim.design.patients.simulated import SimulatedPatients, check_patients, patients_of
from jaksim.design.sums.conducted import Conducted, Reason
from jaksim.endpoint.history import history_of
from jaksim.trial import Trial


@dataclass(frozen=True)
class Decided:
    """What the trial decided about the null hypothesis of an analysis, with the result that it decided by."""

    analysis: str
    rejected: bool
    estimate: float
    standard_error: float
    z: float


@dataclass(frozen=True)
class Ending:
    """The analysis, of `looks` counted from 1, after which the trial ended, its calendar day and why.

    `reason` is "efficacy", "futility", "harm" or "end".
    """

    look: int
    looks: int
    day: int
    reason: str
    decided: tuple[Decided, ...]


def conduct_replicate(
    trial: Trial, *, seed: int, replicate: int, as_known: bool = False
) -> tuple[SimulatedPatients, Ending]:
    """The patients enrolled in replicate number `replicate` of the path engine until it ended, and its ending.

    Their scores and endpoints are complete, or `as_known` on the day of the analysis that ended it. InputError for an
    endpoint that cannot be known in part.
    """
    check_patients(trial, trial.population.patients)
    cells = Cells(trial)
    design = make_design(cells, settle(cells), seed, "path")
    engine = design.engine
    if not isinstance(engine, PathCohorts):
        raise TypeError(type(engine))
    conducted, cohort = design.conduct(replicate, 1)
    n = int(conducted.enrolled.sum())
    check_patients(trial, n)
    ending = _ending(conducted, design.decides, design.looks)
    entry_day = cohort.day[0, :n].astype(np.int64)
    cell = cohort.arm[0, :n].astype(np.int64) * cells.n_strata + cohort.stratum[0, :n]
    states, days = engine.states(cohort, 0, n), np.clip(ending.day - engine.accrual.lag - entry_day, 0, trial.horizon)
    patients = replace(patients_of(cells, cell, states), entry_day=entry_day, days_known=days)
    return _known_after(patients, states, days) if as_known else patients, ending


def _known_after(patients: SimulatedPatients, states: NDArray[np.int8], days: NDArray[np.int64]) -> SimulatedPatients:
    """The same patients as they are known after so many days (n,) of follow-up."""
    trial = patients.trial
    endpoints, categories = [], []
    for endpoint, complete in zip(trial.endpoints, patients.categories, strict=True):
        cut = history_of(endpoint) if endpoint.transitions is None else None
        endpoints.append(endpoint if cut is None else cut.endpoint)
        categories.append(complete if cut is None else cut.known[days, cut.automaton.run(states)])
    return replace(
        patients,
        trial=replace(trial, endpoints=tuple(endpoints)),
        categories=np.stack(categories),
        seen=patients.seen & (np.arange(trial.horizon + 1) <= days[:, None]),
        withdrawal_day=np.where(patients.withdrawal_day <= days, patients.withdrawal_day, 0),
        treatment_stop_day=np.where(patients.treatment_stop_day <= days, patients.treatment_stop_day, 0),
    )


def _ending(conducted: Conducted, decides: tuple[Test, ...], looks: int) -> Ending:
    return Ending(
        look=int(conducted.look[0]) + 1,
        looks=looks,
        day=int(conducted.day[0]),
        reason=Reason(conducted.reason[0]).word,
        decided=tuple(
            Decided(
                test.plan.name,
                bool(rejected[0]),
                float(result[0, ESTIMATE]),
                float(result[0, STANDARD_ERROR]),
                float(result[0, Z]),
            )
            for test, rejected, result in zip(decides, conducted.rejected, conducted.results, strict=True)
        ),
    )
