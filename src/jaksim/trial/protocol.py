"""The whole trial as one immutable value."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING, Protocol, TypeVar

from jaksim.checks import distinct, known
from jaksim.endpoint.endpoint import Endpoint
from jaksim.errors import InputError
from jaksim.model.disease import DiseaseModel, PatientType
from jaksim.model.intensity import IntensityTable
from jaksim.model.patient_states import PatientStates
from jaksim.model.regimen import Regimen
from jaksim.scale import OrdinalScale
from jaksim.trial.accrual import Accrual
from jaksim.trial.adaptive.adaptation import Adaptation
from jaksim.trial.arm import Arm, check_arms
from jaksim.trial.interim import Monitoring
from jaksim.trial.multiplicity.plan import Multiplicity
from jaksim.trial.plan import AnalysisPlan
from jaksim.trial.population import Population
from jaksim.trial.randomisation import Randomisation
from jaksim.trial.site_strata import POOLED

if TYPE_CHECKING:
    from jaksim.trial.operations.operations import Operations


class _Named(Protocol):
    @property
    def name(self) -> str: ...


_N = TypeVar("_N", bound=_Named)


@dataclass(frozen=True)
class Trial:
    """A disease model, a population, the arms, how they are randomised, the endpoints and the planned analyses.

    `horizon` counts days since randomisation; a study day is that number plus `day_of_randomisation`. `states` are the
    states of a patient, those of the scale unless there are intercurrent events. `accrual` tells when patients come;
    `monitoring` and `adaptation` what is decided while they do; `multiplicity` how analyses are tested together;
    `operations` how it is run, whose expected accrual is then that of the trial. Raises `InputError` when the parts do
    not fit together.
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
    operations: Operations | None = None

    def __post_init__(self) -> None:
        if not getattr(self.states, "events", None):
            object.__setattr__(self, "states", PatientStates(self.scale, tuple(arm.name for arm in self.arms)))
        check_arms(self.arms, self.disease.background)
        self.randomisation.check([arm.allocation for arm in self.arms])
        self.population.check(self.disease, self.arms)
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

    @property
    def site_sd(self) -> float:
        """Standard deviation between its sites of the log intensities of getting better; 0 where all are alike."""
        return 0.0 if self.operations is None else self.operations.site_sd

    @cached_property
    def stratum_shares(self) -> tuple[float, ...]:
        """Shares of the strata among its patients, as expected: of the population, or where its sites have shares of
        their own, of who comes to them."""
        if self.operations is None:
            return self.population.weights
        from jaksim.trial.operations.accrual import expected_shares

        return expected_shares(self.operations, self.population.weights, self.population.patients)

    @property
    def monitored(self) -> bool:
        """Whether there are interim analyses of one of the planned analyses."""
        return self.monitoring is not None

    @property
    def in_calendar_time(self) -> bool:
        """Whether patients come one by one, since something is decided while they do or their sites matter."""
        return self.monitoring is not None or self.adaptation is not None or self.operations is not None

    def at_complete_data(self) -> Trial:
        """The same trial with nothing decided before all data are complete: without interim analyses and adaptation."""
        procedure = None if self.multiplicity is None else replace(self.multiplicity, spending=None)
        return replace(self, monitoring=None, adaptation=None, multiplicity=procedure)

    def with_analyses(self, analyses: Iterable[AnalysisPlan], endpoints: Iterable[Endpoint] | None = None) -> Trial:
        """The same trial with other analyses, each by itself, and other endpoints where they are given.

        A procedure for several hypotheses is left out, since it is of the analyses that were planned.
        """
        kept = self.endpoints if endpoints is None else tuple(endpoints)
        return replace(self, analyses=tuple(analyses), endpoints=kept, multiplicity=None)

    def arm(self, name: str) -> Arm:
        """The arm of that name."""
        return _named(self.arms, name, "arm")

    def endpoint(self, name: str) -> Endpoint:
        """The endpoint of that name."""
        return _named(self.endpoints, name, "endpoint")

    @property
    def treatments_in_kits(self) -> tuple[str, ...]:
        """The treatments that patients take from the kits: those named in the supply, else those that not all arms
        have."""
        supply = None if self.operations is None else self.operations.supply
        if supply is None or supply.treatments:
            return () if supply is None else supply.treatments
        given = dict.fromkeys(name for arm in self.arms for name in arm.regimen.treatments)
        return tuple(name for name in given if any(name not in arm.regimen.treatments for arm in self.arms))

    def intensities(
        self, arm: Arm, patient: PatientType, *, without: Collection[str] = (), disease: DiseaseModel | None = None
    ) -> IntensityTable:
        """Intensities between the states of a patient in one arm, who may be `without` some of her treatments, or of
        another `disease` with the same moves."""
        model = self.disease if disease is None else disease
        regimen = arm.regimen
        if without:
            regimen = Regimen(tuple(name for name in regimen.treatments if name not in without))
        if not self.states.events:
            return model.intensities(regimen, patient)
        regimens = self.states.regimens(arm.name, regimen, model.background)
        return self.states.intensities(arm.name, [model.intensities(one, patient) for one in regimens])

    def prepare(self, arm: Arm, patients: Sequence[PatientType], *, disease: DiseaseModel | None = None) -> None:
        """Work out together what `intensities` of many patients in one arm need."""
        model = self.disease if disease is None else disease
        regimens = self.states.regimens(arm.name, arm.regimen, model.background) if self.states.events else ()
        for regimen in regimens or (arm.regimen,):
            model.prepare(regimen, patients)

    def stratum_indices(self, plan: AnalysisPlan) -> tuple[int, ...]:
        """Positions of the strata that an analysis uses, all when it names none."""
        names = [stratum.name for stratum in self.population.strata]
        return tuple(names.index(name) for name in plan.strata) if plan.strata else tuple(range(len(names)))

    def under_null(self, arms: Collection[str] | None = None) -> Trial:
        """The same trial with every arm, or those named, given the regimen of the reference arm, with its rules of
        rescue, switch and missed doses."""
        reference, names = self.reference, [arm.name for arm in self.arms]
        nulled = names if arms is None else [name for name in names if name in arms]
        given = [replace(arm, regimen=reference.regimen) if arm.name in nulled else arm for arm in self.arms]
        events = self.states.events.under_null(reference.name, reference.regimen, nulled, names)
        return replace(self, arms=tuple(given), states=self.states.under(events))

    def in_world_of(self, arm: Arm) -> Trial:
        """The same trial with every patient treated as those of one arm are, whatever she is randomised to."""
        given = tuple(replace(member, regimen=arm.regimen) for member in self.arms)
        events = self.states.events.in_world_of(arm.name, [member.name for member in self.arms])
        return replace(self, arms=given, states=self.states.under(events))

    def regimens_of(self, arm: Arm) -> tuple[Regimen, ...]:
        """All that patients of an arm may receive, first its regimen: after a rescue or a switch too."""
        return tuple(dict.fromkeys(self.states.regimens(arm.name, arm.regimen, self.disease.background)))

    @cached_property
    def regimens_given(self) -> tuple[Regimen, ...]:
        """All that patients may receive in any arm."""
        return tuple(dict.fromkeys(regimen for arm in self.arms for regimen in self.regimens_of(arm)))

    @property
    def treatments_given(self) -> tuple[str, ...]:
        """The treatments that a patient may receive."""
        return tuple(dict.fromkeys(name for regimen in self.regimens_given for name in regimen.treatments))

    def with_patients(self, patients: int) -> Trial:
        """The same trial with another number of patients."""
        return replace(self, population=replace(self.population, patients=patients))

    def scaled_to(self, patients: int) -> Trial:
        """The trial with so many patients; numbers of events, outcomes and patients in what is decided while they come
        grow alike.

        Calendar days stay, and so does the rate of accrual. InputError for an adaptation that cannot be scaled.
        """
        ratio = patients / self.population.patients
        return replace(
            self,
            population=replace(self.population, patients=patients),
            monitoring=None if self.monitoring is None else self.monitoring.scaled(ratio),
            adaptation=None if self.adaptation is None else self.adaptation.scaled(ratio),
        )

    def _check_conduct(self) -> None:
        if self.operations is not None:
            self._check_operations(self.operations)
        if not self.in_calendar_time:
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
            self.monitoring.check(self)
        if self.adaptation is not None:
            self.adaptation.check(self)

    def _check_operations(self, operations: Operations) -> None:
        arms = [arm.name for arm in self.arms]
        strata = len(self.population.strata)
        operations.check(self.population.patients, arms, self.scale, strata, self.horizon)
        given = {name: None for arm in self.arms for name in arm.regimen.treatments}
        for name in () if operations.supply is None else operations.supply.treatments:
            known(name, given, "treatment of an arm", "operations.supply.treatments")
        if operations.supply is not None and self.states.events.switch:
            raise InputError(
                "the kits of patients who go over to another regimen are not counted",
                where="switch, operations.supply",
                allowed="one of the two",
            )
        if operations.board.pause and self.adaptation is not None:
            raise InputError(
                "a trial with an adaptation goes on recruiting until its board has decided",
                where="operations.board.pause",
                allowed="false, or interim analyses of [monitoring]",
            )
        if self.population.stratum_sizes != "drawn":
            raise InputError(
                "the sizes of the strata follow from who comes to the sites",
                where="population.stratum_sizes",
                allowed="drawn, where there are operations",
                got=self.population.stratum_sizes,
            )

    def _check_analyses(self) -> None:
        distinct((endpoint.name for endpoint in self.endpoints), "endpoint")
        distinct((plan.name for plan in self.analyses), "analysis")
        arms, strata = [arm.name for arm in self.arms], [stratum.name for stratum in self.population.strata]
        for plan in self.analyses:
            plan.check(arms, strata, {endpoint.name: endpoint for endpoint in self.endpoints})
            self._check_adjustment(plan)
            if plan.sites != POOLED and (self.operations is None or self.adaptation is not None):
                raise InputError(
                    "the patients come through no sites that could be strata"
                    if self.operations is None
                    else "a trial with an adaptation tests in its own strata",
                    where=f"analysis {plan.name!r}, sites",
                    allowed='"pooled", or an [operations] table' if self.operations is None else '"pooled"',
                    got=plan.sites,
                )

    def _check_adjustment(self, plan: AnalysisPlan) -> None:
        """InputError for an analysis that adjusts for what its patients do not have, or where none can."""
        if plan.adjustment is None:
            return
        where, drawn = f"analysis {plan.name!r}", self.population.characteristics
        patients = [(stratum.name, one) for stratum in self.population.strata for _, one in stratum.patients]
        unmeasured = [effect.covariate for effect in self.disease.covariate_effects if effect.label == "frailty"]
        try:
            plan.adjustment.check(plan.method, plan.options, patients, () if drawn is None else drawn.names, unmeasured)
        except InputError as error:
            raise error.at(where) from None
        if self.in_calendar_time:
            raise InputError(
                "patients who come one by one are analysed by tables of counts, which adjust for strata alone",
                where=f"{where}, covariates",
                allowed="trials without interim analyses, adaptation and operations",
            )

    def _check_states(self) -> None:
        if self.states.scale != self.scale or set(self.states.arms) != {arm.name for arm in self.arms}:
            raise InputError("the states of the patients are those of another trial", where="states")
        self.states.events.check(self.scale, self.states.arms)
        self._check_treatments()
        for endpoint in self.endpoints:
            if endpoint.automaton.n_states != self.states.size:
                raise InputError(
                    "the endpoint does not know the intercurrent events of the trial",
                    where=f"endpoint {endpoint.name!r}",
                )

    def _check_treatments(self) -> None:
        """InputError for a rule of treatment that changes nothing, or that gives what the disease does not know."""
        turns, model = self.states.events.turns, self.disease
        if not turns:
            return
        for turn in turns:
            for name in turn.treatments:
                known(name, model.treatments, "treatment", turn.event)
            turn.check(model.background, self.treatments_given)
        for number, stratum in enumerate(self.population.strata):
            patient = self.population.typical(stratum.patients[0][1], number)
            for regimen in self.regimens_given:
                try:
                    model.intensities(regimen, patient)
                except InputError as error:
                    raise error.at(f"stratum {stratum.name!r}, given {regimen}") from None


def _named(items: tuple[_N, ...], name: str, what: str) -> _N:
    for item in items:
        if item.name == name:
            return item
    raise InputError(f"unknown {what}", allowed=[item.name for item in items], got=name)
