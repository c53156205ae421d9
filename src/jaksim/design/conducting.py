"""A trial conducted at its sites: what is observed of it, and its power, in the same replicates."""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Final

import numpy as np

from jaksim.arrays import Floats, Integers
from jaksim.budget import check_memory
from jaksim.design.conduct.calendar import CalendarDesign
from jaksim.design.conduct.timeline import analyses_observed, decision_days
from jaksim.design.engine.executor import check_workers, run_blocks
from jaksim.design.engine.present import occupation_by_group
from jaksim.design.power import power_of, prepare
from jaksim.design.prepared import Prepared
from jaksim.design.settings import Advance, Settings
from jaksim.design.sums.conducted import Conducted
from jaksim.design.sums.result import PowerResult
from jaksim.design.sums.trial_sums import TrialSums
from jaksim.errors import InputError
from jaksim.operations.doors import EVENTS, FAST
from jaksim.operations.observing.fast import AsConducted, People, observe
from jaksim.operations.observing.observed import Observed
from jaksim.operations.pool import Pool
from jaksim.simulate.enrolment import Cohort, enrolled_by
from jaksim.trial import Trial
from jaksim.trial.operations.operations import Operations

if TYPE_CHECKING:
    from jaksim.operations.events import TrialLog

_CURVES: Final = 5
_OF_OUTCOMES: Final = ("complete_at_cut", "events_at_cut")
PASSES: Final = -1
"""The outcome in a pool of who passes screening."""


@dataclass(frozen=True, eq=False)
class ConductedTrials:
    """The replicates of a trial as they went, and the answer of its power calculation on them."""

    observed: Observed
    power: PowerResult


def conduct_trials(
    trial: Trial,
    operations: Operations,
    settings: Settings,
    *,
    door: str = FAST,
    unstopped: bool = False,
    advance: Advance | None = None,
) -> ConductedTrials:
    """So many replicates of a trial with operations, by the fast door or that of events.

    With `unstopped` events tell when a trial would be full that nothing stops, which the fast door always does. The
    answer depends on trial, replicates, seed, engine and door alone.
    """
    started = time.perf_counter()
    check_memory(
        4 * _CURVES * settings.replicates * min(operations.recruitment.until + 400, 1500),
        f"the days of {settings.replicates:,} replicates",
        where="conduct",
        instead="fewer replicates",
    )
    workers = check_workers(settings.workers)
    settings = replace(settings, door=door)
    prepared = prepare(trial, settings)
    total, parts = prepared.empty(), []
    block = (_EventByEvent(prepared, unstopped) if door == EVENTS else _Conducting(prepared, operations)).block
    length = prepared.length(settings.length)
    with prepared.spread(block, workers, settings.replicates) as work:
        for sums, observed in run_blocks(work, 0, settings.replicates, length, workers, advance):
            total.add(sums)
            parts.append(observed)
    observed = Observed.joined(parts)
    return ConductedTrials(observed, power_of(prepared, total, settings, seconds=time.perf_counter() - started))


class _EventByEvent:
    """Conducts blocks of replicates of a trial that is ready, event by event.

    With `unstopped` the trials that are stopped are conducted once more to their end, which tells when they would be
    full.
    """

    def __init__(self, prepared: Prepared, unstopped: bool) -> None:
        from jaksim.design.event_trials import EventDesign

        design = prepared.design
        assert isinstance(design, EventDesign)
        self.prepared, self.design, self.unstopped = prepared, design, unstopped

    def block(self, first: int, n: int) -> tuple[TrialSums, Observed]:
        """The sums over a block of replicates, and what is observed of them."""
        from jaksim.operations.observing.logs import observe_logs

        prepared, design = self.prepared, self.design
        found = design.conduct(first, n)
        sums = prepared.sums_of(design.as_replicates(prepared.tests, found))
        observed = observe_logs(prepared.trial, design.conductor.plan.operations, found.logs, design.looks)
        if prepared.trial.monitoring is None:
            # Events watch no endpoint that no board looks at; what the only analysis holds follows from the paths.
            held = analyses_observed(design.judge, found.conducted, found.cohort)
            observed = observed.with_numbers({name: held[name] for name in held if name.startswith(_OF_OUTCOMES)})
        return sums, self._with_unstopped(observed, found.logs)

    def _with_unstopped(self, observed: Observed, logs: list[TrialLog]) -> Observed:
        """With the day on which the trials are full, as far as it is asked for or known anyway."""
        from jaksim.operations.observing.logs import full_days, recruited

        stoppable = self.design.looks > 1
        if stoppable and not self.unstopped:
            return observed
        whole = logs
        if stoppable:
            run = self.design.conductor.run
            whole = [run(log.replicate) if log.reason.startswith("stopped") else log for log in logs]
        numbers = {"full_day": full_days(self.prepared.trial, whole), **observed.numbers}
        return Observed(numbers, {"recruited": recruited(whole), **observed.curves})


class _Conducting:
    """Conducts blocks of replicates of a trial that is ready."""

    def __init__(self, prepared: Prepared, operations: Operations) -> None:
        design = prepared.design
        if not isinstance(design, CalendarDesign) or design.engine.sites is None:
            raise InputError("the patients of the trial do not come through sites", where="operations")
        self.prepared, self.design, self.operations = prepared, design, operations
        self.sites = design.engine.sites

    def block(self, first: int, n: int) -> tuple[TrialSums, Observed]:
        """The sums over a block of replicates, and what is observed of them."""
        prepared, design = self.prepared, self.design
        conducted, cohort = design.conduct(first, n)
        sums = prepared.sums_of(design.as_replicates(prepared.tests, conducted, cohort))
        pool = self.sites.pool_of(cohort)
        people = People(pool, self.sites.recruiter.second_screenings(pool, first))
        observed = observe(self.operations, people, self._as_conducted(conducted, cohort, pool))
        return sums, observed.with_numbers(analyses_observed(design, conducted, cohort))

    def _as_conducted(self, conducted: Conducted, cohort: Cohort, pool: Pool) -> AsConducted:
        n = conducted.enrolled.sum(axis=1).astype(np.int64)
        trial = self.prepared.trial
        return AsConducted(
            n=n,
            unstopped=cohort.n if conducted.final is None else enrolled_by(cohort, conducted.final),
            day=cohort.day,
            ready=self._ready(cohort, pool),
            site=cohort.site,
            late=cohort.late,
            closed=self._closed(conducted, cohort, pool, n),
            planned=trial.population.patients,
            follow_up=trial.horizon,
            occupied={name: _mixed(conducted.enrolled, law) for name, law in self._occupation.items()},
        )

    @cached_property
    def _occupation(self) -> dict[str, Floats]:
        return occupation_by_group(self.prepared.cells)

    def _ready(self, cohort: Cohort, pool: Pool) -> Floats:
        """When each patient (B, N) was randomised."""
        place = np.take_along_axis(pool.order.astype(np.int64), cohort.exposure.astype(np.int64), axis=1)
        return np.take_along_axis(pool.ready, place, axis=1)

    def _closed(self, conducted: Conducted, cohort: Cohort, pool: Pool, n: Integers) -> Floats:
        """When enrolment ended (B,): with the last patient, with the decision that stopped it, or since nobody came."""
        rows = np.arange(len(n))
        place = cohort.exposure[rows, np.maximum(n - 1, 0)].astype(np.int64)
        last = pool.ready[rows, pool.order[rows, place]]
        decided = conducted.closed
        if decided is None:
            decided = decision_days(conducted.day, conducted.look, cohort, self.design.looks)
        stopped = decided + 1.0
        # Who is in screening on the last day is waited for.
        waiting = (pool.outcome == PASSES) & (np.arange(pool.time.shape[1]) < pool.n[:, None])
        ready = np.where(waiting, pool.ready, 0.0).max(axis=1, initial=0.0)
        nobody = np.maximum(ready, self.operations.recruitment.until + 1.0)
        dried = (n == cohort.n) & (cohort.n < cohort.wanted)
        return np.where(n < cohort.n, stopped, np.where(dried, nobody, last))


def _mixed(enrolled: Integers, law: Floats) -> Floats:
    """Laws (B, H + 1) of the patients of trials from the numbers (B, C) in the cells, cell by cell, so that no other
    trial of a block changes a digit."""
    found = np.zeros((len(enrolled), law.shape[1]))
    for cell, one in enumerate(law):
        found += enrolled[:, cell, None] * one
    return np.asarray(found / np.maximum(enrolled.sum(axis=1), 1)[:, None])
