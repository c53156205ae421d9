"""Replicates of a trial that are conducted event by event, judged by its design."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from jaksim.arrays import Integers
from jaksim.design.analyses.evaluation import Test
from jaksim.design.conduct.calendar import CalendarDesign
from jaksim.design.conduct.course import Course
from jaksim.design.conduct.design import Design, Foreseen
from jaksim.design.conduct.designs import make_design
from jaksim.design.conduct.replicates import Followed, Replicates
from jaksim.design.engine.cells import Cells
from jaksim.design.engine.cohorts import CohortEngine, PathCohorts
from jaksim.design.engine.memory import check_patients
from jaksim.design.sums.characteristics import Truth
from jaksim.design.sums.conducted import Conducted
from jaksim.design.twin.planned_power import PlannedPower
from jaksim.errors import InputError
from jaksim.operations.data_delays import board_delays
from jaksim.operations.events import Conductor, TrialLog
from jaksim.operations.events.data.looks import Cut
from jaksim.operations.events.log import Patients
from jaksim.operations.events.patient import Patient, column, states_of
from jaksim.simulate.enrolment import Cohort, empty_cohort
from jaksim.trial.operations.operations import Operations

FAR: Final = 1_000_000
"""A day by which everything is known."""
EVENTS_AT_ONCE: Final = 20
"""Replicates of a block that is conducted event by event."""


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


@dataclass(frozen=True, eq=False)
class EventTrials:
    """A block of trials as they were conducted: the log of each, the cohort of their patients, and how they went."""

    logs: list[TrialLog]
    cohort: Cohort
    conducted: Conducted


@dataclass(frozen=True, eq=False)
class EventDesign(Design):
    """A design whose trials are conducted event by event: the board stops a trial where `judge` does.

    What is known without simulation is what `judge` knows, which has neither shared stock nor wards.
    """

    decides: tuple[Test, ...]
    judge: CalendarDesign
    engine: PathCohorts
    conductor: Conductor

    @property
    def interpreted(self) -> bool:
        return True

    @property
    def engine_name(self) -> str:
        return self.engine.name

    @property
    def looks(self) -> int:
        return self.judge.looks

    def block(self, most: int) -> int:
        return min(self.judge.block(most), EVENTS_AT_ONCE)

    def conduct(self, first: int, n: int) -> EventTrials:
        """Replicates `first` to `first + n - 1`."""
        judge, operations = self.judge, self.conductor.plan.operations
        replicates = first + np.arange(n)
        decision = board_delays(operations.board, self.conductor.plan.seed, replicates)
        logs = [self._conducted(int(r)) for r in replicates]
        cohort = cohort_of(self.engine, first, [_row(log) for log in logs], decision, judge.patients)
        # Who was not wanted any more is not missing.
        ended = [log.reason.startswith(("stopped", "the last analysis")) for log in logs]
        cohort.wanted[ended] = cohort.n[ended]
        days = np.full((n, judge.looks), FAR, dtype=np.int64)
        for b, log in enumerate(logs):
            days[b, : len(log.analyses)] = [one.day for one in log.analyses]
        return EventTrials(logs, cohort, judge.judged(cohort, days))

    def _conducted(self, replicate: int) -> TrialLog:
        """The log of a replicate."""
        if self.judge.looks == 1:
            return self.conductor.run(replicate)
        return self.conductor.run(replicate, _Board(self.judge, replicate).goes_on)

    def replicates(self, tests: tuple[Test, ...], first: int, n: int) -> Replicates:
        return self.as_replicates(tests, self.conduct(first, n))

    def as_replicates(self, tests: tuple[Test, ...], found: EventTrials) -> Replicates:
        """The results of all tests of the trial in trials that were conducted."""
        return self.judge.as_replicates(tests, found.conducted, found.cohort)

    def follow(self, replicate: int) -> Followed:
        found = self.conduct(replicate, 1)
        patients, cells = found.logs[0].patients, self.engine.cells
        check_patients(cells.trial, len(patients.site))
        return Followed(
            patients.arm * cells.n_strata + patients.stratum,
            patients.states,
            entry_day=patients.day,
            conducted=found.conducted,
            late=patients.late,
            site=patients.site,
            screened_day=np.floor(patients.screened).astype(np.int64),
            supplied=_supplied(self.conductor.plan.operations, patients),
        )

    def foreseen(self, test: Test, complete: PlannedPower) -> Foreseen:
        return self.judge.foreseen(test, complete)

    def truth(self) -> Truth | None:
        return self.judge.truth()

    def course(self) -> float | Course:
        return self.judge.course()

    def analytic(self) -> tuple[Mapping[str, float], ...]:
        return self.judge.analytic()

    def level_caution(self, test: Test) -> str:
        return self.judge.level_caution(test)


def event_design(cells: Cells, tests: tuple[Test, ...], seed: int, engine: str) -> EventDesign:
    """The design of a trial with operations that is conducted event by event; InputError for what events do not
    cover, and for an engine without patients."""
    conductor = Conductor(cells.trial, seed)
    if engine == "law":
        raise InputError(
            "events need patients who are simulated one by one", where="‹engine›", allowed="path or auto", got=engine
        )
    judge = make_design(cells, tests, seed, "path")
    assert isinstance(judge, CalendarDesign)
    assert isinstance(judge.engine, PathCohorts)
    return EventDesign(judge.decides, judge, judge.engine, conductor)


def _supplied(operations: Operations, patients: Patients) -> dict[str, NDArray[Any]]:
    """What each patient was given of the stock and in the wards that patients share, by name of a column."""
    found: dict[str, NDArray[Any]] = {}
    if operations.supply is not None:
        found |= {"kits_used": patients.kits, "doses_missed": patients.missed}
    for w, ward in enumerate(operations.wards):
        name = "_".join(ward.name.split())
        found[f"days_in_{name}"] = patients.stayed[:, w]
        found[f"refused_{name}"] = patients.turned_away[:, w].astype(np.int64)
    return found


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
