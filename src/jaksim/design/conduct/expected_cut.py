"""The data that a trial in calendar time is expected to have at its analyses, and the statistics there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from jaksim.analysis import STANDARD_ERROR, Z
from jaksim.arrays import Floats
from jaksim.design.analyses.evaluation import Test
from jaksim.design.conduct.course import Course
from jaksim.design.conduct.data_cut import DataCut
from jaksim.design.engine.cohorts import CohortEngine
from jaksim.design.twin.analytic import AnalysisInput, LargeSample, Until, analysis_input, compared, large_sample
from jaksim.endpoint.history import History
from jaksim.trial.trigger import Condition, Trigger


@dataclass(frozen=True, eq=False)
class ExpectedTrial:
    """A trial of so many patients with its expected data on any calendar day.

    `planned` are the numbers that shares in triggers are shares of; `counted` bool (A, S) the cells whose events and
    outcomes count, those that `test` uses.
    """

    engine: CohortEngine
    test: Test
    patients: float
    planned: Mapping[str, float]
    counted: NDArray[np.bool_]
    _laws: dict[int, Floats] = field(default_factory=dict, repr=False)

    def scaled(self, ratio: float) -> ExpectedTrial:
        """The same trial of so many times the patients."""
        planned = {name: ratio * number for name, number in self.planned.items()}
        return replace(self, patients=ratio * self.patients, planned=planned)

    def days(self, triggers: Sequence[Trigger | None]) -> Floats:
        """Expected days (K,) of analyses at triggers, None for the day on which all outcomes are complete."""
        found: Floats = np.maximum.accumulate([self._day(trigger) for trigger in triggers])
        return found

    def course(
        self, triggers: Sequence[Trigger | None], *, bias: Floats | None = None, sds: Floats | None = None
    ) -> Course:
        """What the test is expected to find at the analyses: z of the expected data, or that with its `bias`, and its
        standard deviations, 1 when left out."""
        rows = np.array([self.statistics(float(day)) for day in self.days(triggers)])
        means = self.test.favourable_sign * (rows[:, Z] + (0.0 if bias is None else bias))
        return Course(means, rows[:, STANDARD_ERROR] ** -2.0, np.ones(len(rows)) if sds is None else sds)

    def twins(self, triggers: Sequence[Trigger | None]) -> tuple[tuple[AnalysisInput, LargeSample], ...]:
        """What the test sees at the analyses, with the large-sample law of z there."""
        cuts = [self._cut(float(day), trigger) for day, trigger in zip(self.days(triggers), triggers, strict=True)]
        return tuple((given, large_sample(given, self.patients)) for given in cuts)

    def _cut(self, day: float, trigger: Trigger | None) -> AnalysisInput:
        """What the test sees on a day, which a number of events may have called."""
        cells, plan = self.engine.cells, self.test.plan
        tables = self.tables(day)
        enrolled = tables.sum(axis=1, keepdims=True)
        given = analysis_input(cells, plan, self.test.method)
        until = None
        if trigger is not None and day < self.complete and self._counts_own_events(trigger):
            before = max(day - 0.5, 0.0)
            status = self.engine.watched[self.test.table].endpoint.status
            until = Until(
                compared(cells, plan, self.tables(before + 1.0) - self.tables(before)),
                compared(cells, plan, self.counted.reshape(-1, 1) * (status == 1)),
            )
        return replace(
            given,
            endpoint=self.engine.watched[self.test.table].endpoint,
            laws=compared(cells, plan, tables / enrolled),
            shares=given.shares * float(enrolled.sum()) / self.patients,
            until=until,
        )

    def _counts_own_events(self, trigger: Trigger) -> bool:
        """Whether nothing but a number of events of the test's own endpoint calls an analysis."""
        names = ("", self.test.plan.endpoint)
        return all(condition.quantity == "events" and condition.endpoint in names for condition in trigger.conditions)

    @cached_property
    def last_entry(self) -> int:
        """Day on which the last patient is expected."""
        return int(self.engine.accrual.day_of(self.patients))

    @cached_property
    def complete(self) -> int:
        """Day on which all outcomes are expected to be complete."""
        return self.last_entry + self.engine.cells.trial.horizon + self.engine.accrual.lag

    @cached_property
    def entered(self) -> Floats:
        """Patients expected by the end of each day, 0 to the complete one."""
        accrual, most = self.engine.accrual, self.patients
        found = np.array([min(accrual.expected(day + 1.0), most) for day in range(self.complete + 1)])
        found[self.last_entry :] = most
        return found

    def _law(self, endpoint: int) -> tuple[History, Floats]:
        """The history of an endpoint and its law (C, K) in each cell."""
        history = self.engine.histories[endpoint]
        assert history is not None
        if endpoint not in self._laws:
            self._laws[endpoint] = self.engine.cells.law_of(history.automaton)
        return history, self._laws[endpoint]

    def _follow_up(self, day: int) -> Floats:
        """Patients (H + 1,) by days of follow-up in the data of a day; none have more than the horizon."""
        horizon = self.engine.cells.trial.horizon
        today = min(day, self.complete)
        entries = np.diff(self.entered[: today + 1], prepend=0.0)
        days = np.clip(day - self.engine.accrual.lag - np.arange(today + 1), 0, horizon)
        found: Floats = np.bincount(days, weights=entries, minlength=horizon + 1).astype(np.float64)
        return found

    def tables(self, day: float) -> Floats:
        """Expected counts (C, K) of the categories of a data cut, in between whole days by interpolation."""
        before = int(day)
        if day > before:
            return (before + 1 - day) * self.tables(before) + (day - before) * self.tables(before + 1)
        cells, watched = self.engine.cells, self.engine.watched[self.test.table]
        history, laws = self._law(self.test.table)
        sizes = cells.expected_sizes.ravel() / cells.trial.population.patients
        found = np.zeros((len(laws), watched.endpoint.n_categories))
        for days, patients in enumerate(self._follow_up(before)):
            if patients > 0.0:
                np.add.at(found.T, history.known[days], patients * (laws * sizes[:, None]).T)
        return found

    def statistics(self, day: float) -> Floats:
        """Estimate, standard error and z (3,) of the expected data of a day."""
        found: Floats = DataCut(self.engine, self.test).test.results(self.tables(day)[None])[0]
        return found

    def _day(self, trigger: Trigger | None) -> float:
        if trigger is None:
            return float(self.complete)
        day = min(max(self._condition(condition) for condition in group) for group in trigger.groups)
        return min(day, float(self.complete))

    def _condition(self, condition: Condition) -> float:
        """Expected day of a condition: a number reached within a day is seen at its end, half a day late on average."""
        if condition.quantity == "day":
            return condition.value
        target = condition.value * self.planned[condition.quantity] if condition.share else condition.value
        numbers = self._numbers(condition)
        if numbers[-1] < target - 1e-9:
            return np.inf
        after = int(np.searchsorted(numbers, target - 1e-9))
        if after == 0:
            return 0.0
        part = (target - numbers[after - 1]) / (numbers[after] - numbers[after - 1])
        return float(after - 0.5 + part)

    def _numbers(self, condition: Condition) -> Floats:
        """Expected patients, events or complete outcomes by the end of each day."""
        if condition.quantity == "patients":
            return self.entered
        cells, names = self.engine.cells, [endpoint.name for endpoint in self.engine.cells.trial.endpoints]
        position = names.index(condition.endpoint) if condition.endpoint else self.test.table
        history, laws = self._law(position)
        after = history.event_after if condition.quantity == "events" else history.complete_after
        sizes = np.where(self.counted.ravel(), cells.expected_sizes.ravel(), 0.0) / cells.trial.population.patients
        law = sizes @ laws
        reached = np.array([law[after <= days].sum() for days in range(history.horizon + 1)])
        return np.array([self._follow_up(day) @ reached for day in range(self.complete + 1)])
