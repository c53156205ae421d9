"""One replicate of a trial, patient by patient: who was enrolled until it ended, and what ended it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from jaksim.analysis.counts import ESTIMATE, STANDARD_ERROR, Z
from jaksim.design.analyses.evaluation import Test
from jaksim.design.conduct.replicates import Followed
from jaksim.design.engine.memory import check_patients
from jaksim.design.patients.simulated import SimulatedPatients, patients_of
from jaksim.design.prepared import Prepared
from jaksim.design.sums.conducted import Conducted, Reason
from jaksim.endpoint.history import history_of
from jaksim.errors import InputError
from jaksim.operations.doors import FAST
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


def one_replicate(
    trial: Trial, *, seed: int, replicate: int, as_known: bool = False, door: str = FAST
) -> tuple[SimulatedPatients, Ending | None]:
    """The patients of replicate number `replicate` of the path engine, in calendar time those enrolled until it ended,
    with its ending.

    Their scores and endpoints are complete, or `as_known` on the day of the analysis that ended it. InputError for that
    of a trial in which nothing is decided early, and for an endpoint that cannot be known in part.
    """
    (found,) = replicates_of(trial, seed=seed, replicates=[replicate], as_known=as_known, door=door)
    if found is None:
        raise InputError(
            "nobody is randomised in this replicate of the trial",
            where=f"replicate {replicate}",
            allowed="a plan that brings patients, or another replicate",
        )
    return found


def replicates_of(
    trial: Trial, *, seed: int, replicates: Iterable[int], as_known: bool = False, door: str = FAST
) -> Iterator[tuple[SimulatedPatients, Ending | None] | None]:
    """The same of several replicates, one by one; None for one in which nobody is randomised."""
    if as_known and not trial.in_calendar_time:
        raise InputError(
            "no analysis ended this trial early",
            where="‹as_known›",
            allowed="a trial with interim or adaptive analyses",
        )
    check_patients(trial, trial.population.patients)
    prepared = Prepared(trial, seed, "path", door=door)
    for replicate in replicates:
        followed = prepared.design.follow(replicate)
        yield _patients(prepared, followed, as_known) if len(followed.states) else None


def _patients(prepared: Prepared, followed: Followed, as_known: bool) -> tuple[SimulatedPatients, Ending | None]:
    design, trial = prepared.design, prepared.trial
    patients = patients_of(prepared.cells, followed, trial)
    if followed.conducted is None or followed.entry_day is None or followed.late is None:
        return patients, None
    ending = _ending(followed.conducted, design.decides, design.looks)
    days = np.clip(ending.day - followed.late - followed.entry_day, 0, trial.horizon)
    patients = replace(patients, days_known=days)
    return _known_after(patients, followed.states, days) if as_known else patients, ending


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
        supplied={},
        seen=patients.seen & (np.arange(trial.horizon + 1) <= days[:, None]),
        withdrawal_day=np.where(patients.withdrawal_day <= days, patients.withdrawal_day, 0),
        treatment_stop_day=np.where(patients.treatment_stop_day <= days, patients.treatment_stop_day, 0),
        changed={name: np.where(day <= days, day, 0) for name, day in patients.changed.items()},
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
