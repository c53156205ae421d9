"""What is known of a group-sequential trial without simulation: its expected course, by numerical integration."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Final

import numpy as np

from jaksim.design.conduct.course import Course
from jaksim.design.conduct.data_cut import DataCut
from jaksim.design.conduct.expected_cut import ExpectedTrial
from jaksim.design.conduct.stopping import Stopping
from jaksim.design.twin.analytic import AnalysisInput, LargeSample, analysis_input, large_sample
from jaksim.design.twin.doubt import doubt
from jaksim.design.twin.planned_power import Known, KnownSize, searched_size
from jaksim.endpoint.kinds import kind_of
from jaksim.trial.interim import Monitoring
from jaksim.trial.trigger import grown

FARTHEST: Final = 40.0
FARTHEST_SIZE: Final = 200


@dataclass(frozen=True, eq=False)
class SequentialTwin:
    """The large-sample twin of the monitored analysis; `planned` are the numbers that shares in triggers are of."""

    cut: DataCut
    monitoring: Monitoring
    planned: Mapping[str, float]

    @cached_property
    def stopping(self) -> Stopping:
        """The stopping rule."""
        return Stopping(self.monitoring.boundaries)

    @property
    def patients(self) -> int:
        """Number of patients planned."""
        return self.cut.engine.cells.trial.population.patients

    @cached_property
    def complete(self) -> tuple[AnalysisInput, LargeSample]:
        """What the analysis sees when all data are complete, with its large-sample law."""
        cells = self.cut.engine.cells
        given = analysis_input(cells, self.cut.planned.plan, self.cut.planned.method)
        return given, large_sample(given, cells.trial.population.patients)

    @property
    def drift(self) -> float:
        """Expected z of the analysis when all data are complete, positive where the active arm does better; NaN where
        the method has no analytic twin."""
        return self.cut.planned.favourable_sign * self.complete[1].mean_z

    @cached_property
    def expected(self) -> ExpectedTrial:
        return ExpectedTrial(self.cut.engine, self.cut.planned, self.patients, self.planned, self.cut.cells)

    @cached_property
    def at_looks(self) -> tuple[tuple[AnalysisInput, LargeSample], ...]:
        """What the analyses see where that is less than complete data, with their large-sample laws; nothing where
        information tells it."""
        if self._told_by_information or self.monitoring.others:
            return ()
        return self.expected.twins(self.monitoring.triggers)

    @property
    def _told_by_information(self) -> bool:
        return self.monitoring.last is None and not kind_of(self.cut.planned.endpoint).timed

    def course(self, ratio: float = 1.0) -> float | Course:
        """What the analyses of a trial of so many times the patients are expected to find; NaN without a twin.

        Where all outcomes are complete at the last analysis that follows from the drift. Times to an event, whose
        hazards need not be proportional, and trials that end earlier are expected to find what their data cuts show.
        """
        monitoring = self.monitoring
        if monitoring.others:
            return math.nan
        if self._told_by_information:
            return self._course_of_drift(ratio)
        triggers = [None if trigger is None else grown(trigger, ratio) for trigger in monitoring.triggers]
        bias = np.array([twin.bias for _, twin in self.at_looks]) / math.sqrt(ratio)
        sds = np.array([twin.sd_z for _, twin in self.at_looks])
        found = self.expected.scaled(ratio).course(triggers, bias=bias, sds=sds)
        informative = (np.diff(found.information, prepend=0.0) > 0.0).all() and np.isfinite(found.means).all()
        return found if informative and (sds > 0.0).all() else math.nan

    def _course_of_drift(self, ratio: float) -> float | Course:
        twin = self.complete[1]
        if self._has_inner_bounds or not math.isfinite(twin.mean_z):
            return self.drift * math.sqrt(ratio)
        information = self.monitoring.boundaries.information
        means = np.array([twin.scaled(ratio * one).mean_z for one in information.tolist()])
        return Course(self.cut.planned.favourable_sign * means, information, np.full(len(means), twin.sd_z))

    @property
    def doubt(self) -> str:
        """Why the probabilities by integration are not to be relied on, nothing where they are."""
        return self._doubt(1.0)

    def _doubt(self, ratio: float) -> str:
        """The same in a trial of so many times the patients."""
        patients, seen = ratio * self.patients, self.at_looks or (self.complete,)
        return next((found for given, twin in seen if (found := doubt(given, patients, twin.scaled(ratio)))), "")

    def probabilities(self) -> tuple[Mapping[str, float], ...]:
        """Probability of stopping at each analysis as planned, by numerical integration; nothing without a twin."""
        course = self.course()
        return self.stopping.probabilities(course) if self._has_twin(course) else ()

    def power(self) -> float:
        """Probability of rejecting the null hypothesis as planned, by numerical integration."""
        course = self.course()
        return self.stopping.rejection(course) if self._has_twin(course) else math.nan

    def _has_twin(self, course: float | Course) -> bool:
        if isinstance(course, Course):
            return not self._has_inner_bounds
        return math.isfinite(course)

    @property
    def _has_inner_bounds(self) -> bool:
        return self.stopping.two_sided and self.stopping.boundaries.plan.futility is not None

    def size(self, target: float) -> KnownSize:
        """Patients with which the trial, monitored in the same way, rejects with a probability."""
        if self.monitoring.others or self.stopping.rejection(FARTHEST) < target:
            return KnownSize(None)
        patients, multiple = self.patients, sum(self.cut.engine.cells.allocation)

        def power(n: int) -> Known:
            course = self.course(n / patients)
            return Known(self.stopping.rejection(course) if self._has_twin(course) else math.nan)

        found = searched_size(power, target, multiple, patients, FARTHEST_SIZE * patients)
        reason = "" if found is None else self._doubt(found / patients)
        return KnownSize(None, reason) if reason else KnownSize(found)
