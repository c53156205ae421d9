"""The disease model: natural history, treatments and patients in, intensities per day out."""

from __future__ import annotations

import math
from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from jaksim.arrays import Floats
from jaksim.checks import not_negative, number
from jaksim.errors import InputError
from jaksim.model.effect import CovariateEffect, TreatmentEffect, Window
from jaksim.model.intensity import IntensityTable
from jaksim.model.moves import KINDS, Move
from jaksim.model.natural_history import NaturalHistory
from jaksim.model.phase import Course, acting
from jaksim.model.regimen import Interaction, Regimen, Treatment
from jaksim.scale import OrdinalScale

__all__ = ["DiseaseModel", "IntensityTable", "PatientType"]

_TOGETHER = 4096  # patients whose intensities are worked out at once


@dataclass(frozen=True)
class PatientType:
    """What the intensities of a patient depend on: baseline score, covariates, days from onset to randomisation."""

    baseline_score: int
    covariates: Mapping[str, float] = field(default_factory=dict, hash=False)
    days_since_onset: float | None = None

    def __post_init__(self) -> None:
        covariates = {name: number(value, f"covariate '{name}'") for name, value in self.covariates.items()}
        object.__setattr__(self, "covariates", covariates)
        if self.days_since_onset is not None:
            object.__setattr__(self, "days_since_onset", not_negative(self.days_since_onset, "days_since_onset"))

    @cached_property
    def key(self) -> Hashable:
        """What tells it from others, with a hash of all of it: the one of the type leaves the covariates out."""
        return self.baseline_score, self.days_since_onset, tuple(sorted(self.covariates.items()))


@dataclass(frozen=True)
class DiseaseModel:
    """Everything that decides how patients move: natural history, treatments, interactions and covariates.

    `background` names treatments that everyone behind the natural history received: their own effects are inside it and
    are not applied again, but they count as given when an interaction asks for them. InputError when anything names a
    score, move, treatment or drug class that is not there.
    """

    natural_history: NaturalHistory
    treatments: Mapping[str, Treatment] = field(default_factory=dict, hash=False)
    interactions: tuple[Interaction, ...] = ()
    covariate_effects: tuple[CovariateEffect, ...] = ()
    background: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        object.__setattr__(self, "treatments", dict(self.treatments))
        for attribute in ("interactions", "covariate_effects", "background"):
            object.__setattr__(self, attribute, tuple(getattr(self, attribute)))
        self._check_names()
        for treatment in self.treatments.values():
            for effect in treatment.effects:
                where = f"treatment '{treatment.name}'" + (f", effect '{effect.label}'" if effect.label else "")
                self._check_selection(effect, where)
                self._check_scores(effect.baseline_scores, f"{where}, baseline_scores")
        for interaction in self.interactions:
            self._check_selection(interaction, f"interaction {interaction.pair[0]} x {interaction.pair[1]}")
        for covariate_effect in self.covariate_effects:
            self._check_selection(covariate_effect, f"effect of covariate '{covariate_effect.covariate}'")

    @property
    def scale(self) -> OrdinalScale:
        """The scale of the natural history."""
        return self.natural_history.scale

    def moves_of(self, effect: TreatmentEffect | CovariateEffect | Interaction) -> tuple[Move, ...]:
        """The moves of the natural history that an effect multiplies; empty when none of its groups has a move here."""
        mask = self._mask(effect)
        return tuple(move for move, chosen in zip(self.natural_history.moves, mask, strict=True) if chosen)

    def active_interactions(self, regimen: Regimen) -> tuple[Interaction, ...]:
        """The interactions that a regimen switches on: those of two treatments given that the background lacks."""
        self._check_treatments(regimen.treatments, "regimen")
        background = self._members(self.background)
        given = self._members((*self.background, *regimen.treatments))
        return tuple(
            interaction
            for interaction in self.interactions
            if _holds_pair(given, interaction.pair) and not _holds_pair(background, interaction.pair)
        )

    def intensities(self, regimen: Regimen, patient: PatientType) -> IntensityTable:
        """Intensities per day of one type of patient under a regimen.

        The log hazard ratios of every effect that applies add up. InputError for an unknown treatment or baseline score
        and for a covariate or time since onset that the patient lacks.
        """
        key = (regimen, patient.key)
        if key not in self._tables:
            self._tables[key] = self._intensities(regimen, [patient])[0]
        return self._tables[key]

    def prepare(self, regimen: Regimen, patients: Iterable[PatientType]) -> None:
        """Work out the intensities of many patients under a regimen together, the same ones to the last bit."""
        alike: dict[Hashable, dict[Hashable, PatientType]] = {}
        for patient in patients:
            if (regimen, patient.key) not in self._tables:
                same = alike.setdefault((patient.baseline_score, patient.days_since_onset), {})
                same[regimen, patient.key] = patient
        for same in alike.values():
            keys, kinds = list(same), list(same.values())
            for first in range(0, len(kinds), _TOGETHER):
                tables = self._intensities(regimen, kinds[first : first + _TOGETHER])
                self._tables.update(zip(keys[first : first + _TOGETHER], tables, strict=True))

    @cached_property
    def _tables(self) -> dict[Hashable, IntensityTable]:
        return {}

    def _intensities(self, regimen: Regimen, patients: Sequence[PatientType]) -> list[IntensityTable]:
        """Intensities of patients who differ in their covariates only."""
        effects = self._effects(regimen, patients)
        history = self.natural_history
        breaks = np.array(
            sorted({0.0, *history.cuts, *(day for _, _, *days in effects for day in days if day < math.inf)})
        )
        log_ratio = np.zeros((len(patients), len(history.moves), len(breaks)))
        for mask, log_hazard_ratios, start, end in effects:
            acts = (breaks >= start) & (breaks < end)
            log_ratio += mask[:, None] * (log_hazard_ratios[:, None, None] * acts)
        for treatment in self._shifted(regimen):
            log_ratio += self._shift(treatment, regimen, patients[0], breaks)
        with np.errstate(over="ignore", invalid="ignore"):
            values = history.values[:, np.searchsorted(history.cuts, breaks, side="right")] * np.exp(log_ratio)
            origins, destinations = history.positions
            generators = np.zeros((len(patients), len(breaks), self.scale.n_states, self.scale.n_states))
            generators[:, :, origins, destinations] = np.swapaxes(values, 1, 2)
            states = np.arange(self.scale.n_states)
            generators[:, :, states, states] = -generators.sum(axis=3)
        return IntensityTable.of_many(breaks, generators)

    def _effects(
        self, regimen: Regimen, patients: Sequence[PatientType]
    ) -> list[tuple[NDArray[np.bool_], Floats, float, float]]:
        """What acts on patients who differ in their covariates only: on which moves, log hazard ratios (n,), from when
        to when."""
        patient = patients[0]
        self._check_treatments(regimen.treatments, "regimen")
        self.scale.index(patient.baseline_score)
        found: list[tuple[NDArray[np.bool_], Floats, Window, Course | None]] = [
            (self._mask(one), _log_ratios(one, patients), Window(), None) for one in self.covariate_effects
        ]
        # In the order of the model, not of the regimen: the sum has the same last bit however a regimen is written.
        found += [
            (self._mask(effect), _log_ratios(effect, patients), regimen.window_of(name, effect.window), effect.course)
            for name, treatment in self.treatments.items()
            if name in regimen.treatments and name not in self.background
            for effect in treatment.effects
            if effect.baseline_scores is None or patient.baseline_score in effect.baseline_scores
        ]
        for interaction in self.active_interactions(regimen):
            ratios = np.full(len(patients), interaction.log_hazard_ratio)
            found.append((self._mask(interaction), ratios, self._window_of(interaction, regimen), None))
        return [
            (mask, values * factor, first, end)
            for mask, values, window, course in found
            for factor, first, end in _acting(window, course, patient)
        ]

    def _shifted(self, regimen: Regimen) -> list[Treatment]:
        return [
            treatment
            for name, treatment in self.treatments.items()
            if treatment.shift and name in regimen.treatments and name not in self.background
        ]

    def _window_of(self, interaction: Interaction, regimen: Regimen) -> Window:
        """The window of an interaction, which opens with the later of the two treatments."""
        for name in regimen.lasting:
            if {name, self.treatments[name].drug_class} & set(interaction.pair):
                return regimen.window_of(name, interaction.window)
        return interaction.window

    def _shift(
        self, treatment: Treatment, regimen: Regimen, patient: PatientType, breaks: NDArray[np.float64]
    ) -> NDArray[np.float64]:
        """Log hazard ratios (n_moves, len(breaks)) of the shift of a treatment where any of its effects acts."""
        history = self.natural_history
        acts = np.zeros((len(history.moves), len(breaks)))
        for effect in treatment.effects:
            window = regimen.window_of(treatment.name, effect.window)
            concerns = effect.baseline_scores is None or patient.baseline_score in effect.baseline_scores
            if concerns and not effect.of_patients:
                for factor, first, end in _acting(window, effect.course, patient):
                    here = self._mask(effect)[:, None] & (breaks >= first) & (breaks < end)
                    np.maximum(acts, factor * here, out=acts)
        by_kind = np.array([treatment.shift.get(kind, 0.0) for kind in KINDS])
        shift: NDArray[np.float64] = acts * by_kind[history.kinds][:, None]
        return shift

    def _mask(self, effect: TreatmentEffect | CovariateEffect | Interaction) -> NDArray[np.bool_]:
        return self.natural_history.selected(effect.moves, effect.current_scores)

    def _members(self, names: Iterable[str]) -> tuple[tuple[str, str], ...]:
        return tuple((name, self.treatments[name].drug_class) for name in dict.fromkeys(names))

    def _check_treatments(self, names: Iterable[str], where: str) -> None:
        for name in names:
            if name not in self.treatments:
                raise InputError("unknown treatment", where=where, allowed=self.treatments, got=name)

    def _check_names(self) -> None:
        for name, treatment in self.treatments.items():
            if name != treatment.name:
                raise InputError(
                    f"treatment '{treatment.name}' is filed under another name", where="treatments", got=name
                )
        self._check_treatments(self.background, "background")
        known = dict.fromkeys([*self.treatments, *(t.drug_class for t in self.treatments.values() if t.drug_class)])
        for interaction in self.interactions:
            for member in interaction.pair:
                if member not in known:
                    where = f"interaction {interaction.pair[0]} x {interaction.pair[1]}"
                    raise InputError("unknown treatment or drug class", where=where, allowed=known, got=member)

    def _check_selection(self, effect: TreatmentEffect | CovariateEffect | Interaction, where: str) -> None:
        known = self.natural_history.intensities
        for move in effect.moves:
            if isinstance(move, Move) and move not in known:
                allowed = [str(existing) for existing in known]
                raise InputError("no such move in the natural history", where=where, allowed=allowed, got=str(move))
        self._check_scores(effect.current_scores, f"{where}, current_scores")

    def _check_scores(self, scores: tuple[int, ...] | None, where: str) -> None:
        for score in scores or ():
            if score not in self.scale.scores:
                raise InputError("unknown score", where=where, allowed=self.scale.scores, got=score)


def _log_ratios(effect: CovariateEffect | TreatmentEffect, patients: Sequence[PatientType]) -> Floats:
    """Log hazard ratios (n,) of an effect on patients, by their covariate where it names one."""
    name = effect.covariate
    if not name:
        return np.full(len(patients), effect.log_hazard_ratio * effect.shape.of(1.0))
    if any(name not in patient.covariates for patient in patients):
        raise InputError("a covariate is missing", where="patient", allowed=f"every patient needs a value of '{name}'")
    values = np.array([patient.covariates[name] for patient in patients], dtype=np.float64)
    return effect.log_hazard_ratio * effect.shape.of_all(values)


def _acting(window: Window, course: Course | None, patient: PatientType) -> Iterator[tuple[float, float, float]]:
    """When an effect acts on a patient, in days since randomisation, with the factor of its log hazard ratio."""
    days = window.since_randomisation(patient.days_since_onset)
    return acting(days, course, patient.baseline_score, patient.days_since_onset)


def _holds_pair(members: tuple[tuple[str, str], ...], pair: tuple[str, str]) -> bool:
    return any(pair[0] in first and pair[1] in second for first in members for second in members if first is not second)
