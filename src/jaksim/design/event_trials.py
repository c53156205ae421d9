"""Replicates of a trial that are conducted event by event, judged by its design."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from typing import Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from jaksim.arrays import Integers
from jaksim.design.conduct.calendar import CalendarDesign
from jaksim.design.conduct.timeline import analyses_observed
from jaksim.design.engine.cohorts import CohortEngine, PathCohorts
from jaksim.design.prepared import Prepared
from jaksim.design.sums.trial_sums import TrialSums
from jaksim.errors import InputError
from jaksim.operations.data_delays import board_delays
from jaksim.operations.events import Conductor, TrialLog
from jaksim.operations.events.data.looks import Cut
from jaksim.operations.events.patient import Patient, column, states_of
from jaksim.operations.observing.logs import full_days, observe_logs, recruited
from jaksim.operations.observing.observed import Observed
from jaksim.simulate.enrolment import Cohort, empty_cohort
from jaksim.trial.operations.operations import Operations

FAR: Final = 1_000_000
"""A day by which everything is known."""
_OF_OUTCOMES: Final = ("complete_at_cut", "events_at_cut")


@dataclass(frozen=True, eq=False)
class Row:
    """The patients (n,) of one replicate: day of entry, stratum, arm, site, days until their data are known, and daily
    states (n, H + 1)."""

    day: ArrayLike
    stratum: ArrayLike
    arm: ArrayLike
    site: ArrayLike
    late: ArrayLike
    states: NDArray[np.int8]


class EventTrials:
    """Conducts blocks of replicates event by event; the board stops a trial where its design does.

    With `unstopped` the trials that are stopped are conducted once more to their end, which tells when they would be
    full.
    """

    def __init__(self, prepared: Prepared, operations: Operations, *, unstopped: bool) -> None:
        design = prepared.design
        if not isinstance(design, CalendarDesign) or not isinstance(design.engine, PathCohorts):
            raise InputError("events need patients who are simulated one by one", where="‹engine›", allowed="path")
        self.prepared, self.design, self.operations, self.unstopped = prepared, design, operations, unstopped
        self.conductor = Conductor(prepared.trial, prepared.seed)

    def block(self, first: int, n: int) -> tuple[TrialSums, Observed]:
        """The sums over a block of replicates, and what is observed of them."""
        design, prepared = self.design, self.prepared
        replicates = first + np.arange(n)
        decision = board_delays(self.operations.board, prepared.seed, replicates)
        logs = [self._conducted(int(r)) for r in replicates]
        cohort = cohort_of(design.engine, first, [_row(log) for log in logs], decision, design.patients)
        days = np.full((n, design.looks), FAR, dtype=np.int64)
        for b, log in enumerate(logs):
            days[b, : len(log.analyses)] = [one.day for one in log.analyses]
        conducted = design.judged(cohort, days)
        sums = prepared.sums_of(design.as_replicates(prepared.tests, conducted, cohort))
        observed = observe_logs(prepared.trial, self.operations, logs, design.looks)
        if prepared.trial.monitoring is None:
            # Events watch no endpoint that no board looks at; what the only analysis holds follows from the paths.
            held = analyses_observed(design, conducted, cohort)
            observed = observed.with_numbers({name: held[name] for name in held if name.startswith(_OF_OUTCOMES)})
        return sums, self._with_unstopped(observed, logs, replicates)

    def _with_unstopped(self, observed: Observed, logs: list[TrialLog], replicates: Integers) -> Observed:
        """With the day on which the trials are full, as far as it is asked for or known anyway."""
        stoppable = self.design.looks > 1
        if stoppable and not self.unstopped:
            return observed
        whole = logs
        if stoppable:
            whole = [
                self.conductor.run(int(r)) if log.reason.startswith("stopped") else log
                for r, log in zip(replicates, logs, strict=True)
            ]
        numbers = {"full_day": full_days(self.prepared.trial, whole), **observed.numbers}
        return Observed(numbers, {"recruited": recruited(whole), **observed.curves})

    def _conducted(self, replicate: int) -> TrialLog:
        """The log of a replicate."""
        if self.design.looks == 1:
            return self.conductor.run(replicate)
        return self.conductor.run(replicate, _Board(self.design, replicate).goes_on)


@dataclass
class _Board:
    """The board of one replicate: the data of the cut, judged by the design."""

    design: CalendarDesign
    replicate: int
    days: list[int] = field(default_factory=list)

    def goes_on(self, cut: Cut) -> bool:
        """Whether nothing is crossed at an analysis."""
        design = self.design
        self.days.append(cut.day)
        row = _row_of(cut.patients, design.engine.cells.trial.horizon)
        nobody_later = np.zeros(1, dtype=np.int64)
        cohort = cohort_of(design.engine, self.replicate, [row], nobody_later, design.patients, design.judging)
        days = np.full((1, design.looks), FAR, dtype=np.int64)
        days[0, : len(self.days)] = self.days
        return not bool(design.stops(cohort, days, cut.look)[0])


def cohort_of(
    engine: CohortEngine,
    first: int,
    rows: Sequence[Row],
    decision: Integers,
    wanted: int,
    endpoints: Collection[int] | None = None,
) -> Cohort:
    """The cohort of replicates that have these patients, in order of entry, with all endpoints or those at some
    positions."""
    numbers = [len(np.asarray(row.day)) for row in rows]
    found = empty_cohort(first, len(rows), max(*numbers, 1), engine.n_automata)
    site = np.zeros(found.day.shape, dtype=np.int16)
    late = np.zeros(found.day.shape, dtype=np.int16)
    for b, (row, n) in enumerate(zip(rows, numbers, strict=True)):
        found.day[b, :n], found.stratum[b, :n], found.arm[b, :n] = row.day, row.stratum, row.arm
        site[b, :n], late[b, :n] = row.site, row.late
        for e, automaton in enumerate(engine.automata):
            if endpoints is not None and e not in endpoints:
                continue
            found.category[e, b, :n] = automaton.run(row.states)
    found.n[:], found.decision[:], found.wanted[:] = numbers, decision, wanted
    object.__setattr__(found, "site", site)
    object.__setattr__(found, "late", late)
    return found


def _row_of(patients: Sequence[Patient], horizon: int) -> Row:
    """The patients of a trial that runs."""
    day, stratum, arm, site, late = (column(patients, name) for name in ("day", "stratum", "arm", "site", "late"))
    return Row(day, stratum, arm, site, late, states_of(patients, horizon + 1))


def _row(log: TrialLog) -> Row:
    patients = log.patients
    return Row(patients.day, patients.stratum, patients.arm, patients.site, patients.late, patients.states)
