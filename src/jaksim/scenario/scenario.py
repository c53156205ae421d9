"""A scenario: the trial that a TOML file describes, with what it assumes and where that comes from."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from os import PathLike
from typing import TYPE_CHECKING, Any

from jaksim.checks import named
from jaksim.endpoint.endpoint import Endpoint
from jaksim.errors import InputError
from jaksim.model.patient_states import PatientStates
from jaksim.scale import OrdinalScale
from jaksim.scenario.adaptation import read_adaptation
from jaksim.scenario.adaptive.calibrated import stamp_of
from jaksim.scenario.adaptive.parts import Parts
from jaksim.scenario.arms_and_analyses import (
    read_analyses,
    read_arms,
    read_endpoints,
    read_follow_up,
    read_randomisation,
    since_randomisation,
)
from jaksim.scenario.assumed import (
    accrual_assumption,
    exactly_known,
    is_certain,
    model_assumptions,
    patient_assumptions,
    quadrature_assumption,
    stated_assumptions,
)
from jaksim.scenario.disease import DiseaseSection, check_pooled_interactions, read_disease
from jaksim.scenario.document import fingerprint, read_document, with_names_in_one_line
from jaksim.scenario.intercurrent.rules import check_known
from jaksim.scenario.intercurrent.states import read_states
from jaksim.scenario.intercurrent.target import ShareTarget
from jaksim.scenario.monitoring import read_accrual, read_monitoring
from jaksim.scenario.multiplicity import read_multiplicity
from jaksim.scenario.population import PopulationSection, read_population
from jaksim.scenario.prediction import PredictionReader
from jaksim.scenario.readings import Readings
from jaksim.scenario.reasons import beside, taken_out
from jaksim.scenario.registered import registered_in
from jaksim.scenario.section import located, read_section
from jaksim.scenario.shipped import scenario_file
from jaksim.scenario.study_days import study_day_assumptions
from jaksim.trial import Arm, Trial
from jaksim.trial.accrual import Accrual
from jaksim.trial.assumption import Assumption
from jaksim.trial.between_trials import BetweenTrials

if TYPE_CHECKING:
    from jaksim.scenario.patients.dose import Dose
    from jaksim.trial.operations.operations import Operations


@dataclass(frozen=True)
class Scenario:
    """A trial read from a file, with its description, its assumptions and its provenance.

    `path` is as given, `changes` the `KEY=VALUE` changes made to it, `hash` the SHA-256 of its content after the
    changes and of the parameter sets, whose own hashes are in `parameter_sets` by name. `registered` are hashes of the
    source of methods and families of endpoints that are not jaksim's own. `disease` keeps where the
    trial's disease model came from; `between_trials` is how much a treatment's benefit differs from trial to trial.
    """

    path: str
    trial: Trial
    description: str
    registry: str
    sources: tuple[str, ...]
    assumptions: tuple[Assumption, ...]
    changes: tuple[str, ...]
    hash: str
    parameter_sets: Mapping[str, str]
    disease: DiseaseSection
    between_trials: BetweenTrials
    registered: Mapping[str, str] = field(default_factory=dict)
    doses: tuple[Dose, ...] = ()

    @property
    def cites_facts(self) -> bool:
        """Whether criteria of eligibility or doses follow facts of the catalogue of evidence."""
        law = self.trial.population.characteristics
        criteria = () if law is None else law.criteria
        return any(one.fact for one in self.doses) or any(one.fact for one in criteria)

    @property
    def exactly_known(self) -> tuple[str, ...]:
        """The parts of the disease model that are taken as exactly known, for want of an uncertainty."""
        return exactly_known(self.disease, self.trial)

    @property
    def is_certain(self) -> bool:
        """Whether nothing of the disease model is uncertain."""
        return is_certain(self.disease, self.trial)

    @property
    def title(self) -> str:
        """Name of the trial."""
        return self.trial.title


def load_scenario(path: str | PathLike[str], *, changes: Iterable[str] = ()) -> Scenario:
    """The scenario in a TOML file, after changes written `KEY=VALUE`; a name is that of one that comes with jaksim.

    Raises `InputError`, naming file and key, for everything that can be wrong with it.
    """
    file = named(path, "path")
    if isinstance(changes, str):
        raise InputError(
            "must be a list", where="‹changes›", allowed='such as ["population.patients=1000"]', got=changes
        )
    changes = tuple(changes)
    with located(file):
        document = read_document(file, changes) if changes else read_document(file)
        return scenario_of(document, file, changes)


def scenario_of(
    document: Mapping[str, Any], path: str, changes: tuple[str, ...] = (), readings: Readings | None = None
) -> Scenario:
    """The scenario in a table that was read from the file at `path`, which other files are looked for beside.

    `readings` remembers the disease and the endpoints of scenarios at the same path that were read before.
    """
    plain, reasons = taken_out(with_names_in_one_line(document))
    top = read_section(plain, "", "")
    kept = readings or Readings()
    disease = kept.of("disease", top["disease"], lambda: read_disease(top["disease"], scenario_file(path).parent))
    section = read_population(top["population"], top["eligibility"], scenario_file(path).parent)
    population, shares = section.population, section.shares
    if section.frailties:
        disease = kept.of("frailty", [top["disease"], top["population"]["frailty"]], lambda: _frail(disease, section))
    doses = _doses(top, disease)
    if doses:
        disease = kept.of("dose", [top["disease"], top["population"], top["dose"]], lambda: _dosed(disease, doses))
    horizon, first_day = read_follow_up(top["follow_up"])
    arms = read_arms(top["arm"], disease.model.treatments)
    of_endpoints = [repr(disease.model.scale), *(value for name, value in top.items() if name not in _NOT_OF_ENDPOINTS)]
    states, events, targets, endpoints = kept.of(
        "endpoints",
        of_endpoints,
        lambda: _endpoints(top, disease.model.scale, arms, horizon, first_day),
    )
    check_known(top, list(disease.model.treatments))
    given = {arm.name: states.regimens(arm.name, arm.regimen, disease.model.background) for arm in arms}
    check_pooled_interactions(disease, [Arm(name, regimen) for name, all_ in given.items() for regimen in all_])
    analyses = read_analyses(top["analysis"], arms, endpoints)
    operations = _operations(top, arms)
    hashes = {name: found.hash for name, found in disease.parameter_sets.items()}
    registered = registered_in(document)
    depends = {**hashes, **registered, **section.files}
    trial = Trial(
        title=top["title"],
        disease=disease.model,
        population=population,
        arms=arms,
        endpoints=endpoints,
        analyses=analyses,
        horizon=horizon,
        randomisation=read_randomisation(top["randomisation"], arms),
        day_of_randomisation=first_day,
        states=states,
        accrual=_accrual(top, operations),
        monitoring=read_monitoring(top["monitoring"], analyses),
        adaptation=read_adaptation(
            top["adaptation"], Parts(arms, population, endpoints, analyses, stamp_of(document, depends))
        ),
        multiplicity=read_multiplicity(top["multiplicity"], analyses),
        operations=operations,
    )
    if population.characteristics is not None:
        trial = _expanded(trial)
    if disease.statements:
        disease = kept.of("stated", _what_stated_effects_depend_on(top), lambda: _solved(disease, trial))
        trial = replace(trial, disease=disease.model)
        if population.characteristics is not None:
            trial = _expanded(replace(trial, population=population))
    if targets:
        trial, events = _with_shares(trial, targets, events, disease)
    harms: tuple[Assumption, ...] = ()
    if top["safety"]:
        states, harms = kept.of("safety", _what_stated_effects_depend_on(top), lambda: _safety(top["safety"], trial))
        trial = replace(trial, states=states)
    reader = PredictionReader(endpoints, disease.model.scale, states, horizon, first_day)
    return Scenario(
        path=path,
        trial=trial,
        description=top["description"],
        registry=top["registry"],
        sources=tuple(top["sources"]),
        assumptions=(
            *beside(
                (
                    *model_assumptions(disease, trial),
                    *patient_assumptions(disease, trial, shares),
                    *section.assumptions,
                    *quadrature_assumption(trial),
                    *_dose_assumptions(top, doses),
                    *(accrual_assumption(top["accrual"], trial) if operations is None else ()),
                    *_operations_assumptions(top, operations),
                    *study_day_assumptions(top["follow_up"], top["endpoint"], horizon, first_day),
                    *events,
                    *harms,
                ),
                reasons,
            ),
            *stated_assumptions(top["assumption"]),
        ),
        changes=changes,
        hash=fingerprint(document, *(f"{name}={value}" for name, value in sorted(depends.items()))),
        parameter_sets=hashes,
        disease=disease,
        between_trials=kept.of("prediction", [top["prediction"], of_endpoints], lambda: reader.read(top["prediction"])),
        registered=registered,
        doses=doses,
    )


_NOT_OF_ENDPOINTS = frozenset(
    (
        "disease", "population", "randomisation", "accrual", "monitoring", "adaptation", "multiplicity", "analysis",
        "operations", "prediction", "eligibility", "dose",
    )
)  # fmt: skip


def _what_stated_effects_depend_on(top: Mapping[str, Any]) -> list[Any]:
    """All of a scenario that decides about the hazard ratios of stated effects: not how many patients there are."""
    population = {key: value for key, value in top["population"].items() if key != "patients"}
    analyses = [{key: one.get(key) for key in ("endpoint", "method", "options")} for one in top["analysis"]]
    others = [value for name, value in top.items() if name not in _NOT_OF_ENDPOINTS]
    return [top["disease"], population, top["eligibility"], top["dose"], analyses, top["operations"], others]


def _frail(disease: DiseaseSection, section: PopulationSection) -> DiseaseSection:
    """The disease with the factors of its patients as covariates."""
    model = disease.model
    effects = (*model.covariate_effects, *section.frailties)
    return replace(disease, model=replace(model, covariate_effects=effects))


def _doses(top: Mapping[str, Any], disease: DiseaseSection) -> tuple[Dose, ...]:
    """Doses by a characteristic; scenarios without one start without the modules of that."""
    if not top["dose"]:
        return ()
    from jaksim.scenario.patients.dose import read_doses

    return tuple(read_doses(top["dose"], disease.model.treatments))


def _dosed(disease: DiseaseSection, doses: tuple[Dose, ...]) -> DiseaseSection:
    from jaksim.scenario.patients.dose import dosed

    return dosed(disease, doses)


def _dose_assumptions(top: Mapping[str, Any], doses: tuple[Dose, ...]) -> Iterable[Assumption]:
    if not doses:
        return ()
    from jaksim.scenario.patients.dose import dose_assumptions

    return dose_assumptions(top["dose"], doses)


def _expanded(trial: Trial) -> Trial:
    """The trial with kinds of patients that stand for the joint law of what they bring along."""
    from jaksim.design.quadrature.expand import expanded

    return expanded(trial)


def _solved(disease: DiseaseSection, trial: Trial) -> DiseaseSection:
    """The disease with its stated effects solved for; scenarios without one start without the modules of that."""
    from jaksim.scenario.treatments.solving import with_stated_effects

    return with_stated_effects(disease, trial)


def _with_shares(
    trial: Trial, targets: Sequence[ShareTarget], lines: Sequence[Assumption], disease: DiseaseSection
) -> tuple[Trial, tuple[Assumption, ...]]:
    """The trial with the rules that give the shares that are known; others start without the modules of that."""
    if disease.statements:
        raise InputError(
            "an effect is solved for too, in patients who are treated by the rule",
            where=f"{targets[0].where}.share",
            allowed="per_day or probability, or effects that are not stated on an endpoint",
        )
    from jaksim.scenario.intercurrent.solved import with_solved_shares

    return with_solved_shares(trial, targets, lines)


def _safety(tables: Sequence[Mapping[str, Any]], trial: Trial) -> tuple[PatientStates, tuple[Assumption, ...]]:
    """The states of a patient with the intensities of the safety events, and what is assumed of them."""
    from jaksim.scenario.safety.assumed import safety_assumptions
    from jaksim.scenario.safety.solving import solved_for, with_intensities

    found = with_intensities(trial) if solved_for(trial) else trial
    return found.states, safety_assumptions(tables, found)


def _operations(top: Mapping[str, Any], arms: tuple[Arm, ...]) -> Operations | None:
    """How the trial is run, None where nothing is said; most scenarios do not, and start without its modules."""
    if not top["operations"]:
        return None
    from jaksim.scenario.operations import read_operations

    return read_operations(top["operations"], arms)


def _operations_assumptions(top: Mapping[str, Any], operations: Operations | None) -> Iterable[Assumption]:
    if operations is None:
        return ()
    from jaksim.scenario.operations import operations_assumptions

    return operations_assumptions(top["operations"], operations)


def _accrual(top: Mapping[str, Any], operations: Operations | None) -> Accrual | None:
    """When patients come: by the table of that name, or as the sites are expected to bring them."""
    if operations is None:
        return read_accrual(top["accrual"])
    if top["accrual"]:
        raise InputError(
            "patients come by their sites or at rates", where="accrual, operations", allowed="one of the two tables"
        )
    from jaksim.trial.operations.accrual import expected_accrual

    return expected_accrual(operations)


def _endpoints(
    top: Mapping[str, Any], scale: OrdinalScale, arms: tuple[Arm, ...], horizon: int, first_day: int
) -> tuple[PatientStates, tuple[Assumption, ...], tuple[ShareTarget, ...], tuple[Endpoint, ...]]:
    """The states of a patient, what is assumed about them, what is known of rules to be solved for, the endpoints."""
    states, events, targets = read_states(
        top, scale, arms, lambda day, where: since_randomisation(day, horizon, first_day, where), horizon
    )
    return states, events, targets, read_endpoints(top["endpoint"], scale, horizon, first_day, states)
