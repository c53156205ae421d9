"""The disease part of a scenario: natural history, treatments, interactions."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from jaksim.errors import InputError
from jaksim.model.disease import DiseaseModel
from jaksim.model.effect import CovariateEffect
from jaksim.model.moves import Move, kind_of, parse, parse_selection
from jaksim.model.natural_history import NaturalHistory
from jaksim.model.parameter_set import ParameterSet, load_parameter_set
from jaksim.model.regimen import Interaction, Treatment
from jaksim.named_file import beside
from jaksim.piecewise import PiecewiseConstant
from jaksim.scale import OrdinalScale, load_scale, scale_in
from jaksim.scenario.patients.shapes import read_shape
from jaksim.scenario.section import elements, join, located, read_section
from jaksim.scenario.treatments.acts_through import ActsThrough
from jaksim.scenario.treatments.change import TreatmentChange
from jaksim.scenario.treatments.effect_table import Statement, read_window
from jaksim.scenario.treatments.reading import Treatments, read_treatments
from jaksim.scenario.treatments.solved import StatedEffect
from jaksim.trial.arm import Arm
from jaksim.trial.assumption import Assumption

_Z = 1.959963984540054


@dataclass(frozen=True)
class DiseaseSection:
    """The disease model of a scenario, the parameter sets it came from and what has to be said about it.

    `set_of` names the parameter set of each treatment that has one, and of the natural history under the empty name;
    `interaction_sets` that of each interaction, empty for one without. `changes` are those made to a set's effects;
    `statements` what is stated of effects, by treatment and position, and `stated` what it was solved for, once the
    trial is known; `through` the phase of each treatment that acts through one.
    """

    model: DiseaseModel
    parameter_sets: Mapping[str, ParameterSet]
    natural_history: Assumption
    interaction_notes: tuple[str, ...]
    set_of: Mapping[str, str]
    interaction_sets: tuple[str, ...] = ()
    changes: Mapping[str, TreatmentChange] = field(default_factory=dict)
    statements: Mapping[tuple[str, int], Statement] = field(default_factory=dict)
    stated: Mapping[tuple[str, int], StatedEffect] = field(default_factory=dict)
    through: Mapping[str, ActsThrough] = field(default_factory=dict)

    def of_set(self, treatment: str, effect: int) -> bool:
        """Whether the size of an effect is that of a parameter set, not given in the scenario."""
        change = self.changes.get(treatment)
        return treatment in self.set_of and (change is None or effect not in change.own)

    def from_set(self, treatment: str, drawn: Treatment) -> Treatment:
        """A treatment as a draw of its parameter set has it, with the changes that the scenario makes."""
        change = self.changes.get(treatment)
        return drawn if change is None else change.of(drawn)


def read_disease(table: Mapping[str, Any], folder: Path) -> DiseaseSection:
    """The `[disease]` table; files that it names are looked for from `folder`."""
    values = read_section(table, "disease", "disease")
    sets = _ParameterSets(folder)
    history, background, assumption = _natural_history(values, sets, folder)
    if values["background"] is not None:
        background = tuple(values["background"])
    treatments = read_treatments(values["treatments"], sets.get, history.scale, background)
    interactions, notes, interaction_sets = _interactions(values["interaction"], sets, history.scale)
    with located("disease"):
        model = DiseaseModel(
            natural_history=history,
            treatments=treatments.by_name,
            interactions=interactions,
            covariate_effects=_covariates(values["covariate"]),
            background=background,
        )
    _check_written_effects(model, treatments)
    given = values["natural_history"]
    section = DiseaseSection(
        model=model,
        parameter_sets=sets.loaded,
        natural_history=assumption,
        interaction_notes=notes,
        set_of={**({"": given} if isinstance(given, str) else {}), **treatments.set_of},
        interaction_sets=interaction_sets,
        changes=treatments.changes,
        statements=treatments.statements,
    )
    return _through_phases(section, values, treatments)


def _through_phases(section: DiseaseSection, values: Mapping[str, Any], treatments: Treatments) -> DiseaseSection:
    """The section with effects that act through phases; scenarios without any start without the modules of that."""
    tables = {name: table for name, table in values["treatments"].items() if isinstance(table, Mapping)}
    if not values["phase"] and not any({"phase", "reference_onset"} & set(table) for table in tables.values()):
        return section
    from jaksim.scenario.treatments.phases import through_phases

    model, acting = through_phases(section.model, treatments, tables, values["phase"])
    return replace(section, model=model, changes=treatments.changes, through=acting)


def check_pooled_interactions(section: DiseaseSection, arms: Iterable[Arm]) -> None:
    """Refuse an interaction of a parameter set that some arm switches on beside effects that are not of this set.

    The effects of the set are those of nobody on the other drug, and the interaction is counted from there. Effects
    from elsewhere may hold part of it, which would then be counted twice.
    """
    model = section.model
    for arm in arms:
        active = model.active_interactions(arm.regimen)
        for number, (one, name) in enumerate(zip(model.interactions, section.interaction_sets, strict=True)):
            pooling = section.parameter_sets[name].pooling if name else None
            if pooling is None or one not in active:
                continue
            members = set(one.pair) - {pooling.interacts_with}
            for drug in arm.regimen.treatments:
                given = model.treatments[drug]
                if drug in model.background or not given.effects or not members & {drug, given.drug_class}:
                    continue
                own = section.changes[drug].own if drug in section.changes else ()
                if section.set_of.get(drug) != name or own:
                    raise InputError(
                        f"the interaction is counted from {drug} with nobody on {pooling.interacts_with}, as in "
                        f"the parameter set {name}; the effects of {drug} are others and may hold part of it already",
                        where=f"disease.interaction.{number}.parameter_set",
                        allowed=f'with disease.treatments.{drug} = "{name}", or log_hazard_ratio and prior_sd instead',
                        got=name,
                    )


class _ParameterSets:
    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.loaded: dict[str, ParameterSet] = {}

    def get(self, name: str, where: str) -> ParameterSet:
        if name not in self.loaded:
            with located(where):
                self.loaded[name] = load_parameter_set(beside(name, self.folder))
        return self.loaded[name]


def _natural_history(
    values: Mapping[str, Any], sets: _ParameterSets, folder: Path
) -> tuple[NaturalHistory, tuple[str, ...], Assumption]:
    given, where = values["natural_history"], "disease.natural_history"
    scale = _scale(values["scale"], folder)
    if isinstance(given, str):
        found = sets.get(given, where)
        if scale is not None and scale != found.scale:
            raise InputError("the parameter set has another scale", where="disease.scale", got=values["scale"])
        assumption = Assumption(
            about="natural history",
            statement=f"{found.title}, parameter set {found.name}",
            source=found.natural_history_source,
        )
        return found.natural_history, found.background, assumption
    table = read_section(given, "disease.natural_history", where)
    if scale is None:
        raise InputError("moves written in the scenario need a scale", where="disease.scale", allowed="such as niaid-8")
    intensities: dict[Move, PiecewiseConstant] = {}
    for place, entry in elements(table["move"], f"{where}.move"):
        move = read_section(entry, "disease.natural_history.move", place)
        with located(place):
            parsed = parse(move["move"])
            if parsed in intensities:
                raise InputError("the move is given twice", got=move["move"])
            intensities[parsed] = PiecewiseConstant(tuple(move["cuts"]), tuple(move["values"]))
    with located(where):
        history = NaturalHistory(scale, intensities)
    assumption = Assumption(
        about="natural history",
        statement=f"{len(intensities)} moves on the scale {scale.name}, intensities given in the scenario"
        + _intensity_words(intensities),
        source=table["source"],
        published=bool(table["source"]) and not table["assumption"],
        note=table["assumption"],
    )
    return history, (), assumption


def _intensity_words(intensities: Mapping[Move, PiecewiseConstant]) -> str:
    """The intensities per day of every move."""
    words = []
    for move, found in intensities.items():
        until = [f"{value:g} to day {cut:g}" for value, cut in zip(found.values, found.cuts, strict=False)]
        words.append(f"{move} {', '.join([*until, f'{found.values[-1]:g}'])}")
    return f" (per day: {'; '.join(words)})"


def _scale(given: str | Mapping[str, Any], folder: Path) -> OrdinalScale | None:
    if not given:
        return None
    if not isinstance(given, str):
        return scale_in(given, where="disease.scale")
    with located("disease.scale"):
        return load_scale(beside(given, folder))


def _check_written_effects(model: DiseaseModel, treatments: Treatments) -> None:
    """Refuse an effect, written in the scenario, of groups of moves that this natural history does not have: it would
    change nothing."""
    history = model.natural_history
    groups = sorted(set(history.groups.values()))
    for name, treatment in treatments.by_name.items():
        changed = treatments.changes.get(name)
        if changed is None and name in treatments.set_of:
            continue
        for number, effect in enumerate(treatment.effects):
            if changed is not None and number not in changed.effects:
                continue
            if not model.moves_of(effect):
                moves = ", ".join(map(str, history.moves))
                raise InputError(
                    "the effect changes no move of the natural history",
                    where=f"{join('disease.treatments', name)}.effect.{number}",
                    allowed=f"moves of the groups {', '.join(groups)}; single moves {moves}",
                    got=", ".join(map(str, effect.moves)),
                )


def _interactions(
    tables: Iterable[Mapping[str, Any]], sets: _ParameterSets, scale: OrdinalScale
) -> tuple[tuple[Interaction, ...], tuple[str, ...], tuple[str, ...]]:
    interactions, notes, chosen = [], [], []
    for place, entry in elements(list(tables), "disease.interaction"):
        values = read_section(entry, "disease.interaction", place)
        pooled = _pooled_interaction(entry, values, sets, scale, place) if values["parameter_set"] else {}
        size = {key: values[key] for key in ("log_hazard_ratio", "prior_sd", "source")}
        with located(place):
            interactions.append(
                Interaction(
                    pair=tuple(values["pair"]),
                    moves=_moves(values["moves"]),
                    window=read_window(values["window"]),
                    current_scores=_scores(values["current_scores"]),
                    **{**size, **pooled},
                )
            )
        notes.append(values["assumption"])
        chosen.append(values["parameter_set"])
    return tuple(interactions), tuple(notes), tuple(chosen)


def _pooled_interaction(
    entry: Mapping[str, Any], values: Mapping[str, Any], sets: _ParameterSets, scale: OrdinalScale, place: str
) -> dict[str, Any]:
    """Size and uncertainty of an interaction that a parameter set has estimated, of moves of one kind."""
    for key in ("log_hazard_ratio", "prior_sd"):
        if key in entry:
            raise InputError("the parameter set says it", where=join(place, key), allowed="one of the two")
    where = join(place, "parameter_set")
    pooling = sets.get(values["parameter_set"], where).pooling
    if pooling is None or not pooling.interactions:
        raise InputError(
            "the parameter set has no interaction",
            where=where,
            allowed="sets that pool many trials with one, such as pooled, or log_hazard_ratio and prior_sd",
            got=values["parameter_set"],
        )
    other = pooling.interacts_with
    if not any(sorted(values["pair"]) == sorted((name, other)) for name in pooling.interactions):
        allowed = f"{other} with {' or '.join(pooling.interactions)}"
        raise InputError("the parameter set has no such pair", where=join(place, "pair"), allowed=allowed)
    with located(place):
        kinds = {kind_of(parse_selection(move), scale) for move in _moves(values["moves"])}
    if len(kinds) != 1:
        allowed = "moves of one of " + ", ".join(pooling.kinds)
        raise InputError(
            "the parameter set has one for each kind of moves", where=join(place, "moves"), allowed=allowed
        )
    asked = kinds.pop()
    kind = pooling.kinds.index(asked)
    interaction = pooling.interaction_of(values["pair"])
    if not interaction.sd[kind]:
        there = [one for one, sd in zip(pooling.kinds, interaction.sd, strict=True) if sd]
        raise InputError(
            f"the parameter set has no interaction on {asked}",
            where=join(place, "moves"),
            allowed=f"moves of {' or '.join(there)}" if there else "log_hazard_ratio and prior_sd",
        )
    return {
        "log_hazard_ratio": float(interaction.estimate[kind]),
        "prior_sd": float(interaction.sd[kind]),
        "source": values["source"] or f"{pooling.source} (parameter set {values['parameter_set']})",
    }


def _covariates(tables: Iterable[Mapping[str, Any]]) -> tuple[CovariateEffect, ...]:
    effects = []
    for place, entry in elements(list(tables), "disease.covariate"):
        values = read_section(entry, "disease.covariate", place)
        shape, size = read_shape(entry, values, place), values["log_hazard_ratio"]
        if (size is None) != (shape.kind != "linear"):
            raise InputError(
                "the size of the effect is not given once",
                where=place,
                allowed="log_hazard_ratio, or values of a category or spline",
            )
        with located(place):
            effects.append(
                CovariateEffect(
                    values["covariate"],
                    _moves(values["moves"]),
                    1.0 if size is None else size,
                    source=values["source"],
                    shape=shape,
                )
            )
    return tuple(effects)


def _moves(given: str | list[str]) -> tuple[str, ...]:
    return (given,) if isinstance(given, str) else tuple(given)


def _scores(given: list[int] | None) -> tuple[int, ...] | None:
    return None if given is None else tuple(given)
