"""The calendar days of the analyses of a block of trials."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from jaksim.arrays import Integers
from jaksim.design.engine.cohorts import CohortEngine
from jaksim.simulate.enrolment import Cohort
from jaksim.trial.trigger import Condition, Trigger

NEVER = np.iinfo(np.int64).max


def trigger_days(
    engine: CohortEngine,
    cohort: Cohort,
    trigger: Trigger | None,
    endpoint: int,
    *,
    planned: dict[str, float],
    counts: NDArray[np.bool_] | None = None,
) -> Integers:
    """Day (B,) of an analysis, never later than the day on which all data are complete, which None stands for.

    `endpoint` is the position of the endpoint meant where a condition names none; `planned` the number of "events",
    "complete" outcomes and "patients" that shares are of; counts bool (A, S) the cells whose events and outcomes count.
    """
    complete = engine.complete_day(cohort)
    if trigger is None:
        return complete
    days = [
        np.max([_condition_day(engine, cohort, condition, endpoint, planned, counts) for condition in group], axis=0)
        for group in trigger.groups
    ]
    return np.asarray(np.minimum(np.min(days, axis=0), complete))


def look_days(
    engine: CohortEngine,
    cohort: Cohort,
    triggers: Sequence[Trigger | None],
    endpoint: int,
    *,
    planned: dict[str, float],
    counts: NDArray[np.bool_] | None = None,
) -> Integers:
    """Days (B, K) of all analyses; one that is due before the analysis in front of it waits for that one."""
    days = [trigger_days(engine, cohort, trigger, endpoint, planned=planned, counts=counts) for trigger in triggers]
    return np.maximum.accumulate(np.stack(days, axis=1), axis=1)


def _condition_day(
    engine: CohortEngine,
    cohort: Cohort,
    condition: Condition,
    endpoint: int,
    planned: dict[str, float],
    counts: NDArray[np.bool_] | None,
) -> Integers:
    if condition.quantity == "day":
        return np.full(cohort.replicates, int(condition.value), dtype=np.int64)
    value = (
        int(np.ceil(condition.value * planned[condition.quantity] - 1e-9)) if condition.share else int(condition.value)
    )
    if condition.quantity == "patients":
        position = np.clip(value - 1, 0, cohort.most - 1)
        return np.where(cohort.n >= value, cohort.day[:, position], NEVER).astype(np.int64)
    names = [one.name for one in engine.cells.trial.endpoints]
    which = names.index(condition.endpoint) if condition.endpoint else endpoint
    reached = engine.day_with(cohort, which, condition.quantity, value, counts=counts)
    return np.where(reached < 0, NEVER, reached)
