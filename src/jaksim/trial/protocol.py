"""The whole trial as one immutable value."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field, replace
from typing import Protocol, TypeVar

from jaksim.analysis import get_method
from jaksim.analysis.margin import targets
from jaksim.endpoint.endpoint import Endpoint
from jaksim.endpoint.history import check_cut
from jaksim.errors import InputError
from jaksim.model.disease import DiseaseModel, PatientType
from jaksim.model.intensity import IntensityTable
from jaksim.model.patient_states import PatientStates
from jaksim.model.regimen import Regimen
from jaksim.scale import OrdinalScale
from jaksim.trial.accrual import Accrual
from jaksim.trial.adaptive.adaptation import Adaptation
from jaksim.trial.arm import Arm
from jaksim.trial.interim import Monitoring
from jaksim.trial.multiplicity.plan import Multiplicity
from jaksim.trial.plan import AnalysisPlan
from jaksim.trial.population import Population
from jaksim.trial.randomisation import Randomisation


class _Named(Protocol):
    @property
    def name(self) -> str: ...


_N = TypeVar("_N", bound=_Named)


@dataclass(frozen=True)
class Trial:
    """A disease model, a population, the arms, how they are randomised, the endpoints and the planned analyses.

    `horizon` counts days since randomisation; a study day is that number plus `day_of_randomisation`. `states` are the
    states of a patient, those of the scale unless there are intercurrent events. `accrual` tells when patients come;
    `monitoring` and `adaptation` what is decided while they do; `multiplicity` how analyses are tested together. Raises
    `InputError` when the parts do not fit together.
    """

    title: str
    disease: DiseaseModel
    population: Population
    arms: tuple[Arm, ...]
    endpoints: tuple[Endpoint, ...]
    analyses: tuple[AnalysisPlan, ...]
    horizon: int
    randomisation: Randomisation
    day_of_randomisation: int = 1
    states: PatientStates = field(default=None)  # type: ignore[assignment]
    accrual: Accrual | None = None
    monitoring: Monitoring | None = None
    adaptation: Adaptation | None = None
    multiplicity: Multiplicity | None = None

    def __post_init__(self) -> None:
        if not getattr(self.states, "events", None):
            object.__setattr__(self, "states", PatientStates(self.scale, tuple(arm.name for arm in self.arms)))
        self._check_arms()
        self._check_background()
        self._check_block()
        self._check_coin()
        self._check_patients()
        self._check_analyses()
        self._check_states()
        self._check_conduct()
        if self.multiplicity is not None:
            self.multiplicity.check(self)

    @property
    def scale(self) -> OrdinalScale:
        """The ordinal scale of the disease."""
        return self.disease.natural_history.scale

    @property
    def reference(self) -> Arm:
        """The arm the others are compared with."""
        return next(arm for arm in self.arms if arm.reference)

    def arm(self, name: str) -> Arm:
        """The arm of that name."""
        return _named(self.arms, name, "arm")

    def endpoint(self, name: str) -> Endpoint:
        """The endpoint of that name."""
        return _named(self.endpoints, name, "endpoint")

    def intensities(self, arm: Arm, patient: PatientType) -> IntensityTable:
        """Intensities between the states of a patient in one arm."""
        treated = self.disease.intensities(arm.regimen, patient)
        if not self.states.events:
            return treated
        untreated = self.disease.intensities(Regimen(self.disease.background), patient)
        return self.states.intensities(arm.name, treated, untreated)

    def stratum_indices(self, plan: AnalysisPlan) -> tuple[int, ...]:
        """Positions of the strata that an analysis uses, all when it names none."""
        names = [stratum.name for stratum in self.population.strata]
        return tuple(names.index(name) for name in plan.strata) if plan.strata else tuple(range(len(names)))

    def under_null(self, arms: Collection[str] | None = None) -> Trial:
        """The same trial with every arm, or those named, given the regimen of the reference arm."""
        regimen = self.reference.regimen
        given = [replace(one, regimen=regimen) if arms is None or one.name in arms else one for one in self.arms]
        return replace(self, arms=tuple(given))

    def with_patients(self, patients: int) -> Trial:
        """The same trial with another number of patients."""
        return replace(self, population=replace(self.population, patients=patients))

    def _check_arms(self) -> None:
        if len(self.arms) < 2:
            raise InputError("a trial compares arms", where="arm", allowed="two arms or more", got=len(self.arms))
        _check_distinct((arm.name for arm in self.arms), "arm")
        references = [arm.name for arm in self.arms if arm.reference]
        if len(references) != 1:
            raise InputError(
                f"{len(references)} arms are marked as the reference",
                where="arm",
                allowed="reference = true on exactly one",
            )

    def _check_background(self) -> None:
        for arm in self.arms:
            for name in self.disease.background:
                if name not in arm.regimen.treatments:
                    raise InputError(
                        f"the regimen lacks {name!r}, which everyone behind the natural history received",
                        where=f"arm {arm.name!r}",
                        allowed="regimens that hold every background treatment",
                    )

    def _check_block(self) -> None:
        total = sum(arm.allocation for arm in self.arms)
        size = self.randomisation.block_size
        if self.randomisation.scheme == "permuted blocks" and (size < 1 or size % total):
            raise InputError(
                "the block size does not hold the allocation a whole number of times",
                where="randomisation.block_size",
                allowed=f"a multiple of {total}",
                got=size,
            )

    def _check_coin(self) -> None:
        shares = [arm.allocation / sum(other.allocation for other in self.arms) for arm in self.arms]
        scheme, coin = self.randomisation.scheme, self.randomisation.coin
        if scheme in ("biased coin", "minimisation") and len(set(shares)) > 1 and coin <= max(shares):
            raise InputError(
                "an arm that lags behind would get fewer patients than its allocation, and never catch up",
                where="randomisation.coin",
                allowed=f"above {max(shares):.4g}",
                got=coin,
            )

    def _check_patients(self) -> None:
        for stratum in self.population.strata:
            for _, patient in stratum.patients:
                self.scale.index(patient.baseline_score)
                if patient.baseline_score in self.scale.absorbing:
                    raise InputError(
                        "patients cannot enter in an absorbing score",
                        where=f"stratum {stratum.name!r}",
                        allowed=", ".join(str(s) for s in self.scale.scores if s not in self.scale.absorbing),
                        got=patient.baseline_score,
                    )
                for arm in self.arms:
                    try:
                        self.disease.intensities(arm.regimen, patient)
                    except InputError as error:
                        raise error.at(f"arm {arm.name!r}, stratum {stratum.name!r}") from None

    def _check_conduct(self) -> None:
        if self.monitoring is None and self.adaptation is None:
            return
        if self.accrual is None:
            raise InputError(
                "interim analyses need to know when patients come", where="accrual", allowed="an [accrual] table"
            )
        self.accrual.check_patients(self.population.patients)
        for endpoint in self.endpoints:
            if endpoint.transitions is not None:
                raise InputError(
                    "all daily scores together cannot be cut at a calendar date",
                    where=f"endpoint {endpoint.name!r}",
                    allowed="trials without interim analyses and adaptations",
                )
        if self.monitoring is not None and self.adaptation is not None:
            raise InputError(
                "a trial has group-sequential monitoring or an adaptation, which has boundaries of its own",
                where="monitoring, adaptation",
                allowed="one of the two",
            )
        if self.monitoring is not None:
            self._check_monitoring(self.monitoring)
        if self.adaptation is not None:
            self.adaptation.check(self)

    def _check_monitoring(self, monitoring: Monitoring) -> None:
        where = "monitoring"
        _known(monitoring.analysis, [plan.name for plan in self.analyses], "analysis", where)
        plan = next(plan for plan in self.analyses if plan.name == monitoring.analysis)
        alpha, sides = monitoring.boundaries.plan.alpha, monitoring.boundaries.plan.sides
        if sides != plan.sides or abs(alpha - plan.alpha) > 1e-12:
            raise InputError(
                f"the boundaries are {sides}-sided at {alpha:g}, the analysis {plan.sides}-sided at {plan.alpha:g}",
                where=where,
                allowed="the level and sides of the analysis",
            )
        monitoring.check_size(self.population.patients)
        self.check_watched(plan.endpoint)
        for name in dict.fromkeys(monitoring.efficacy):
            self._check_same_hypothesis(name, plan)
        for judge in monitoring.futility:
            if judge is not None:
                self._check_judge(judge.analysis, plan)
        for trigger in (*monitoring.interims, monitoring.last):
            for one in trigger.conditions if trigger is not None else ():
                if one.endpoint:
                    _known(one.endpoint, [e.name for e in self.endpoints], "endpoint", f"{where}, trigger")
                endpoint = self.check_watched(one.endpoint or plan.endpoint)
                if one.quantity == "events" and endpoint.kind not in ("time_to_event", "binary"):
                    raise InputError(
                        f"endpoint {endpoint.name!r} is of kind {endpoint.kind!r} and has no events to count",
                        where=f"{where}, trigger",
                        allowed="'complete' outcomes",
                    )

    def check_watched(self, name: str) -> Endpoint:
        """The endpoint of that name; InputError where it cannot be read before its follow-up is complete."""
        endpoint = self.endpoint(name)
        check_cut(endpoint)
        return endpoint

    def _check_same_hypothesis(self, name: str, monitored: AnalysisPlan) -> None:
        """An analysis that is tested for efficacy in place of the monitored one differs in its method alone."""
        where = "monitoring.interim, analysis"
        _known(name, [plan.name for plan in self.analyses], "analysis", where)
        plan = next(plan for plan in self.analyses if plan.name == name)
        for what in ("endpoint", "pairs", "strata", "hypothesis"):
            if getattr(plan, what) != getattr(monitored, what):
                raise InputError(
                    f"{name!r} and {monitored.name!r} differ in their {what}, so they test different hypotheses",
                    where=where,
                    allowed=f"another method for the same {what}",
                )
        if name != monitored.name and (plan.margin, monitored.margin) != (None, None):
            raise InputError(
                "margins of different methods are not the same hypothesis",
                where=where,
                allowed="superiority without a margin",
            )

    def _check_judge(self, name: str, monitored: AnalysisPlan) -> None:
        """The analysis that judges futility in place of the monitored one compares the same arms, at a data cut."""
        where = "monitoring.interim, futility_analysis"
        _known(name, [plan.name for plan in self.analyses], "analysis", where)
        judge = next(plan for plan in self.analyses if plan.name == name)
        if judge.pairs != monitored.pairs:
            raise InputError(
                f"the analysis does not compare the arms of {monitored.name!r}",
                where=where,
                allowed=f"{monitored.active} against {monitored.reference}",
                got=f"{judge.active} against {judge.reference}",
            )
        self.check_watched(judge.endpoint)

    def _check_analyses(self) -> None:
        _check_distinct((endpoint.name for endpoint in self.endpoints), "endpoint")
        _check_distinct((plan.name for plan in self.analyses), "analysis")
        strata = [stratum.name for stratum in self.population.strata]
        for plan in self.analyses:
            where = f"analysis {plan.name!r}"
            for arm in (arm for pair in plan.pairs for arm in pair):
                _known(arm, [a.name for a in self.arms], "arm", where)
            _known(plan.endpoint, [e.name for e in self.endpoints], "endpoint", where)
            for name in plan.strata:
                _known(name, strata, "stratum", where)
            _check_distinct(plan.strata, f"{where}: strata")
            method, endpoint = get_method(plan.method), self.endpoint(plan.endpoint)
            kind = endpoint.kind
            if kind not in method.kinds:
                raise InputError(
                    f"method {plan.method!r} does not analyse {plan.endpoint!r}, an endpoint of kind {kind!r}",
                    where=where,
                    allowed=f"kinds {', '.join(method.kinds)}",
                )
            try:
                targets(method, endpoint, plan.hypothesis, plan.margin)
            except InputError as error:
                raise error.at(where) from None

    def _check_states(self) -> None:
        if self.states.scale != self.scale or set(self.states.arms) != {arm.name for arm in self.arms}:
            raise InputError("the states of the patients are those of another trial", where="states")
        self.states.events.check(self.scale, self.states.arms)
        for endpoint in self.endpoints:
            if endpoint.automaton.n_states != self.states.size:
                raise InputError(
                    "the endpoint does not know the intercurrent events of the trial",
                    where=f"endpoint {endpoint.name!r}",
                )


def _named(items: tuple[_N, ...], name: str, what: str) -> _N:
    for item in items:
        if item.name == name:
            return item
    raise InputError(f"unknown {what}", allowed=[item.name for item in items], got=name)


def _known(name: str, allowed: list[str], what: str, where: str) -> None:
    if name not in allowed:
        raise InputError(f"unknown {what}", where=where, allowed=allowed, got=name)


def _check_distinct(names: Iterable[str], where: str) -> None:
    seen: set[str] = set()
    for name in names:
        if name in seen:
            raise InputError("a name is used twice", where=where, allowed="different names", got=name)
        seen.add(name)
