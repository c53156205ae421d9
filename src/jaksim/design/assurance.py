"""Assurance: power averaged over what is not known of the disease and the treatments."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import Any, NamedTuple

import numpy as np

from jaksim.arrays import Floats
from jaksim.design.analyses.evaluation import Test
from jaksim.design.between_trials import InducedSpread
from jaksim.design.conduct.course import Course
from jaksim.design.conduct.stopping import Stopping
from jaksim.design.parameter_draws import draws_error, draws_gain
from jaksim.design.prepared import Prepared
from jaksim.design.twin.analytic import AnalysisInput, LargeSample, analysis_input
from jaksim.design.twin.doubt import doubt, doubted_law
from jaksim.design.twin.enumeration import Enumerated, exact_power
from jaksim.design.twin.planned_power import PlannedPower
from jaksim.design.twin.very_large import by_site
from jaksim.errors import InputError
from jaksim.result import Result
from jaksim.trial import Trial
from jaksim.trial.assumption import Assumption
from jaksim.trial.interim import Monitoring

LARGEST_TRIAL = 10_000_000
_FACTORS = tuple(2.0 ** (step / 2.0) for step in range(-4, 5))
"""Numbers of patients of a curve, in parts of the one that is asked for: a quarter to four times."""


@dataclass(frozen=True)
class Assurance:
    """The power of an analysis averaged over parameter draws, with its Monte Carlo standard error over draws.

    The power of each draw is exact in a small trial and the large-sample twin beyond, so draws are the only thing
    simulated; `variance_reduction` is how many times smaller their even spread made the variance than independent draws
    would have it, NaN where all powers are equal. It counts rejections in favour of the active arm. `limit` is what no
    number of patients can pass: the share of draws in which the truth favours the active arm. In `doubted` draws the
    power is not to be relied on; `caution` is the reason in most of them.
    """

    analysis: str
    assurance: float
    mc_se: float
    variance_reduction: float
    limit: float
    draws: int
    doubted: int = 0
    caution: str = ""


@dataclass(frozen=True, repr=False)
class AssuranceResult(Result):
    """Assurance of the analyses of a scenario, and the patients that give a wanted one.

    `n_patients` is None when no number of patients gives `target`, or none was asked for. `by_patients` has the
    assurance by the large-sample law at other numbers of patients, of analyses at complete data.
    """

    scenario: str
    title: str
    analyses: tuple[Assurance, ...]
    n_in_scenario: int
    target: float | None
    n_patients: int | None
    draws: int
    seed: int
    between_trial_sd: Mapping[str, Mapping[str, float]]
    between_trial_source: str
    between_trial_correlation: float
    between_trial_induced: tuple[InducedSpread, ...]
    provenance: Mapping[str, Any] = field(default_factory=dict)
    assumptions: tuple[Assumption, ...] = ()
    exactly_known: tuple[str, ...] = ()
    certain: bool = False
    by_patients: Mapping[str, tuple[tuple[int, float], ...]] = field(default_factory=dict)

    def headline(self) -> str:
        """The trial, and the patients where they were sought."""
        sought = "" if self.n_patients is None else f", {self.n_patients} patients for {100 * (self.target or 0.0):g} %"
        return f"assurance of {self.title!r}: {self.draws} draws{sought}"

    def short_rows(self) -> list[dict[str, Any]]:
        """Name and assurance of each analysis."""
        return [{"analysis": one.analysis, "assurance": one.assurance, "mc_se": one.mc_se} for one in self.analyses]

    def rows(self) -> list[dict[str, Any]]:
        """One row per analysis."""
        return [asdict(analysis) for analysis in self.analyses]


@dataclass(frozen=True, eq=False)
class DrawnTwins:
    """The large-sample twins of one analysis over the parameter draws with these numbers, in a trial with `patients`
    patients.

    `courses` are what the analyses of a monitored trial are expected to find in each draw, where that is more than a
    drift: times to an event, and trials that end before all outcomes are complete. `inputs_of_draws` are what the
    analysis sees in each.
    """

    test: Test
    monitoring: Monitoring | None
    patients: int
    twins: tuple[LargeSample, ...]
    numbers: tuple[int, ...]
    inputs_of_draws: tuple[AnalysisInput, ...]
    courses: tuple[Course, ...] = ()

    def powers(self, patients: float) -> Floats:
        """Power in favour of the active arm of each draw (D,) in a trial with so many patients."""
        scaled = [twin.scaled(patients / self.patients) for twin in self.twins]
        sign, plan = self.test.favourable_sign, self.test.plan
        if self.monitoring is not None and self.courses:
            stopping, root = Stopping(self.monitoring.boundaries), math.sqrt(patients / self.patients)
            ends = [
                stopping.probabilities(Course(root * course.means, course.information, course.sds))
                for course in self.courses
            ]
            return np.array([sum(look["efficacy"] for look in looks) for looks in ends])
        if self.monitoring is not None:
            crossing = self.monitoring.boundaries.crossing([sign * twin.mean_z for twin in scaled])
            return np.asarray(crossing.upper.sum(axis=1))
        if scaled[0].upper is not None:
            return np.array([twin.power(self.test.critical, plan.sides, sign) for twin in scaled])
        return np.array([twin.power(self.test.critical, 1, sign) for twin in scaled])

    def assurance(self, patients: float | None = None) -> Assurance:
        """The average of the powers; `patients` are those of the trial when left out."""
        patients = float(self.patients) if patients is None else patients
        exact = self._enumerated(patients)
        if exact is None:
            powers, reasons = self.powers(patients), Counter(self._doubts(patients))
        else:
            powers = np.array([one.power for one in exact])
            reasons = Counter(one.caution for one in exact if one.caution)
        return Assurance(
            analysis=self.test.plan.name,
            assurance=float(powers.mean()),
            mc_se=draws_error(powers, self.numbers),
            variance_reduction=draws_gain(powers, self.numbers),
            limit=float(self.powers(1e12).mean()),
            draws=len(powers),
            doubted=reasons.total(),
            caution=reasons.most_common(1)[0][0] if reasons else "",
        )

    def curve(self, patients: int, multiple: int) -> tuple[tuple[int, float], ...]:
        """The average of the large-sample powers at sizes around a number of patients, in whole multiples; nothing for
        a monitored trial, whose powers take an integration each."""
        if self.monitoring is not None:
            return ()
        sizes = {max(round(patients * factor / multiple), 1) * multiple for factor in _FACTORS}
        return tuple((n, float(self.powers(n).mean())) for n in sorted(sizes))

    def _enumerated(self, patients: float) -> list[Enumerated] | None:
        """The exact power of each draw in a trial analysed once; None where too many tables can happen in one."""
        if self.monitoring is not None or patients != round(patients):
            return None
        found: dict[bytes, Enumerated] = {}
        drawn = []
        for inputs in self.inputs_of_draws:
            key = inputs.laws.tobytes()
            if key not in found:
                power = exact_power(inputs, self.test, round(patients), favourable=True)
                if power is None:
                    return None
                found[key] = power
            drawn.append(found[key])
        return drawn

    def _doubts(self, patients: float) -> Iterator[str]:
        """Why the laws of draws are not to be relied on in a trial with so many patients, of those that are not."""
        for inputs, twin in zip(self.inputs_of_draws, self.twins, strict=True):
            reason = doubt(inputs, patients, twin.scaled(patients / self.patients))
            if reason:
                yield reason

    def patients_needed(self, target: float, multiple: int) -> int | None:
        """Fewest patients, in whole multiples, with this assurance; None when no number gives it."""

        def reaches(units: int) -> bool:
            return float(self.powers(units * multiple).mean()) >= target

        low, high = 0, 1
        while not reaches(high):
            low, high = high, 2 * high
            if low * multiple > LARGEST_TRIAL:
                return None
        while high - low > 1:
            middle = (low + high) // 2
            low, high = (low, middle) if reaches(middle) else (middle, high)
        return high * multiple


def drawn_twins(
    trials: Iterable[Trial], *, names: Sequence[str] | None = None, advance: Callable[[int], None] | None = None
) -> tuple[DrawnTwins, ...]:
    """The twins of the analyses of trials that differ in their disease alone; all analyses unless `names` are given.

    Analyses without a large-sample twin are left out. Raises InputError for an adaptive trial.
    """
    tests: list[Test] = []
    found: list[list[_Drawn]] = []
    trial: Trial | None = None
    for drawn in trials:
        if drawn.adaptation is not None:
            raise InputError(
                "an adaptive design has no large-sample power to average",
                where="assurance",
                allowed="a trial analysed once or with [monitoring]",
                got=drawn.adaptation.kind,
            )
        if drawn.site_sd > 0.0:
            raise InputError(
                "sites differ in the course of the disease, so that no large-sample power is known to average",
                where="assurance",
                allowed="operations.site_sd = 0",
                got=drawn.site_sd,
            )
        trial, prepared = drawn, Prepared(drawn, 0)
        tests = [candidate for candidate in prepared.tests if names is None or candidate.plan.name in names]
        for test in tests:
            if by_site(test):
                raise InputError(
                    "an analysis with sites as strata has no large-sample power to average",
                    where=f"assurance, analysis {test.plan.name!r}",
                    allowed='sites = "pooled"',
                    got=test.plan.sites,
                )
        found = found or [[] for _ in tests]
        for test, twins in zip(tests, found, strict=True):
            twins.append(_drawn(prepared, test))
        if advance is not None:
            advance(1)
    assert trial is not None
    return tuple(
        DrawnTwins(
            test,
            _monitoring(trial, test),
            trial.population.patients,
            tuple(twins[number].twin for number in usable),
            usable,
            tuple(twins[number].inputs for number in usable),
            tuple(twin.course for twin in (twins[number] for number in usable) if twin.course is not None),
        )
        for test, twins, usable in zip(tests, found, map(_usable, found), strict=True)
        if len(usable) >= 2 and not _judged_by_others(_monitoring(trial, test))
    )


class _Drawn(NamedTuple):
    """One analysis in one draw: what it sees, its twin, and the course of a monitored trial."""

    inputs: AnalysisInput
    twin: LargeSample
    course: Course | None = None


def _usable(drawn: Sequence[_Drawn]) -> tuple[int, ...]:
    """Numbers of the draws that have a twin."""
    return tuple(n for n, draw in enumerate(drawn) if math.isfinite(draw.twin.mean_z) and draw.twin.sd_z > 0.0)


def _drawn(prepared: Prepared, test: Test) -> _Drawn:
    """One draw, its twin that of complete data, without a mean where there is none."""
    inputs = analysis_input(prepared.cells, test.plan, test.method)
    twin = doubted_law(inputs, prepared.trial.population.patients)[0]
    monitoring = _monitoring(prepared.trial, test)
    if monitoring is None or _judged_by_others(monitoring) or not math.isfinite(twin.mean_z):
        return _Drawn(inputs, twin)
    course = prepared.design.course()
    if not isinstance(course, Course):
        return _Drawn(inputs, twin)
    usable = math.isfinite(prepared.foreseen(test, PlannedPower.of(prepared.cells, test)).power)
    return _Drawn(inputs, twin, course) if usable else _Drawn(inputs, replace(twin, mean_z=math.nan))


def _judged_by_others(monitoring: Monitoring | None) -> bool:
    """Whether analyses of more than one kind end the trial, so that it has no twin."""
    return monitoring is not None and bool(monitoring.others)


def _monitoring(trial: Trial, test: Test) -> Monitoring | None:
    monitoring = trial.monitoring
    return monitoring if monitoring is not None and monitoring.analysis == test.plan.name else None
