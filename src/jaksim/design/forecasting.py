"""A running trial as it goes on: enrolment, analyses and decisions from the day after its log, in replicates."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from jaksim.arrays import Booleans, Floats, Integers
from jaksim.design.conduct.calendar import CalendarDesign
from jaksim.design.conduct.sequential import GroupSequential
from jaksim.design.conduct.timeline import numbers_on
from jaksim.design.engine.known_courses import known_courses
from jaksim.design.engine.running import RunningCohorts
from jaksim.design.prepared import Prepared
from jaksim.errors import InputError
from jaksim.operations.observing.observed import named
from jaksim.operations.running.in_screening import InScreening, ScreeningShares
from jaksim.operations.running.log import RunningLog
from jaksim.operations.running.recruiter import RunningRecruiter, check_day
from jaksim.operations.running.site_rates import SiteRates, site_rates
from jaksim.simulate.enrolment import Cohort, enrolled_by
from jaksim.trial import Trial
from jaksim.trial.operations.operations import Operations


@dataclass(frozen=True, eq=False)
class Beliefs:
    """What is believed of recruitment after a log: rates of the sites, shares of those who fail screening."""

    rates: SiteRates
    shares: ScreeningShares

    @classmethod
    def of(cls, log: RunningLog, operations: Operations, rate_cv: float, screening_weight: float) -> Beliefs:
        """By the plan and the log; a factor of the rates of each group of sites has so large a coefficient of
        variation, the planned shares of screening have so many patients' weight."""
        waiting = InScreening.of(log, operations.screening)
        shares = ScreeningShares.of(log, operations.screening, screening_weight, waiting)
        return cls(site_rates(log, operations.recruitment, rate_cv), shares)


@dataclass(frozen=True, eq=False)
class Ahead:
    """How B replicates go on: numbers (B,) by name, NaN where there is none, curves (B, D) by day, which keep their
    last value, and whether each analysis (T, B) rejects in favour of the active arm; nothing where arms are unknown.

    `stopped` (B,) is the analysis at which the trial ends, from 0, where arms are known.
    """

    numbers: Mapping[str, Floats]
    curves: Mapping[str, Floats]
    favourable: Booleans | None = None
    stopped: Integers | None = None
    reason: Integers | None = None

    @classmethod
    def joined(cls, parts: list[Ahead]) -> Ahead:
        """The replicates of several blocks, in order."""
        numbers = {name: np.concatenate([one.numbers[name] for one in parts]) for name in parts[0].numbers}
        curves = {}
        for name in parts[0].curves:
            each = [one.curves[name] for one in parts]
            days = max(one.shape[1] for one in each)
            padded = [np.pad(one, ((0, 0), (0, days - one.shape[1])), mode="edge") for one in each]
            curves[name] = np.concatenate(padded)
        if parts[0].favourable is None:
            return cls(numbers, curves)
        decided = [np.concatenate([getattr(one, name) for one in parts], axis=-1) for name in _DECIDED]
        return cls(numbers, curves, *decided)


_DECIDED = ("favourable", "stopped", "reason")


class RunningTrial:
    """A trial with operations, made ready for the path engine, and its log, under one seed; the days of `by` are asked
    for."""

    def __init__(
        self,
        prepared: Prepared,
        log: RunningLog,
        beliefs: Beliefs,
        seed: int,
        by: tuple[int, ...] = (),
    ) -> None:
        trial = prepared.trial
        operations = check_covered(trial)
        check_day(log.on, operations.recruitment)
        self.prepared, self.trial, self.log, self.seed, self.by = prepared, trial, log, seed, by
        self.courses = known_courses(self.prepared.cells, log, operations.recruitment)
        self.beliefs = beliefs
        self.recruiter = RunningRecruiter(operations, log, beliefs.rates, beliefs.shares, seed)

    def under(self, prepared: Prepared) -> RunningTrial:
        """The same trial and log with other parameters of the disease, whose patients come as they do here."""
        return RunningTrial(prepared, self.log, self.beliefs, self.seed, self.by)

    @property
    def is_up_to_date(self) -> bool:
        """Whether the log has arm and scores of every patient up to its end."""
        people, known = self.log.randomised, self.courses.known
        elapsed = np.minimum(self.log.on - people.day, self.trial.horizon)
        return people.n > 0 and people.arms_known and bool((known.settled & (known.last >= elapsed)).all())

    @cached_property
    def design(self) -> CalendarDesign:
        """The design of the trial, whose patients are those of the log and those who come."""
        planned = self.prepared.design
        assert isinstance(planned, CalendarDesign)
        given = zip(self.trial.endpoints, planned.engine.histories, strict=True)
        interim = [endpoint.name for endpoint, history in given if history is not None]
        engine = RunningCohorts(self.prepared.cells, self.seed, interim, self.log, self.recruiter, self.courses)
        return replace(planned, engine=engine)

    @property
    def length(self) -> int:
        """Replicates of a block."""
        return self.design.block(256)

    def block(self, first: int, n: int) -> Ahead:
        """Replicates `first` to `first + n - 1` of what is to come; the same whichever block they are in."""
        cohort = self.design.enrolled(first, n, max(self.design.patients, self.log.randomised.n))
        days = self._days(cohort)
        numbers = {**self._enrolment(cohort), **numbers_on(self.design, cohort, days, cohort.n)}
        curves = {"recruited": _by_day(cohort, self.log.on), "sites_opened": self._sites_open(first, n)}
        if not self.log.randomised.arms_known:
            return Ahead(numbers, curves)
        conducted = self.design.judged(cohort, days, len(self.log.analyses))
        found = self.design.as_replicates(self.prepared.tests, conducted, cohort)
        return Ahead(numbers, curves, np.array(found.favourable), conducted.look, conducted.reason)

    def _days(self, cohort: Cohort) -> Integers:
        """Days (B, K) of the analyses: those of the log, and for the others none before the day after it."""
        design = self.design
        if isinstance(design, GroupSequential):
            days = design.days(cohort).copy()
        else:
            days = design.engine.complete_day(cohort)[:, None].copy()
        made = len(self.log.analyses)
        days[:, :made] = self.log.analyses
        days[:, made:] = np.maximum(days[:, made:], self.log.on + 1)
        return np.maximum.accumulate(days, axis=1)

    def _enrolment(self, cohort: Cohort) -> dict[str, Floats]:
        patients = self.design.patients
        place = min(patients, cohort.most) - 1
        full = np.where(cohort.n >= patients, cohort.day[:, place], np.nan)
        found = {"full_day": full, "complete_day": self.design.engine.complete_day(cohort).astype(np.float64)}
        for day in self.by:
            found[named("randomised_by", str(day))] = enrolled_by(cohort, day).astype(np.float64)
        return found

    def _sites_open(self, first: int, n: int) -> Floats:
        """Sites (B, D) that have opened by the end of each day."""
        opened, _ = self.recruiter.openings(first, n)
        until = self.trial.operations.recruitment.until if self.trial.operations else 0
        days = min(int(opened[opened <= until].max(initial=self.log.on)), until) + 1
        return np.stack([(opened <= day).sum(axis=1) for day in range(days)], axis=1).astype(np.float64)


def check_covered(trial: Trial) -> Operations:
    """The operations of a trial; `InputError` for a plan that a forecast does not cover."""
    operations = trial.operations
    if operations is None:
        raise InputError(
            "nothing says how the trial is run", where="operations", allowed="a scenario with an [operations] table"
        )
    if trial.adaptation is not None:
        raise InputError(
            "a forecast does not know what an adaptation has decided so far",
            where="adaptation", allowed="[monitoring], or none",
        )  # fmt: skip
    if operations.board.pause:
        raise InputError(
            "a forecast does not know for how long enrolment has paused so far",
            where="operations.board.pause", allowed="false",
        )  # fmt: skip
    if operations.site_sd > 0.0 or any(math.isfinite(one.concentration) for one in operations.recruitment.groups):
        raise InputError(
            "a forecast does not learn how sites differ in their patients",
            where="operations", allowed="no site_sd, and strata in the planned shares at every site",
        )  # fmt: skip
    return operations


def _by_day(cohort: Cohort, on: int) -> Floats:
    """Patients randomised (B, D) by the end of each day."""
    among = np.arange(cohort.most) < cohort.n[:, None]
    day = cohort.day.astype(np.int64)
    days = max(int(np.where(among, day, 0).max(initial=0)), on) + 2
    flat = day + days * np.arange(cohort.replicates)[:, None]
    each = np.bincount(flat[among], minlength=cohort.replicates * days).reshape(-1, days)
    return np.cumsum(each, axis=1).astype(np.float64)
