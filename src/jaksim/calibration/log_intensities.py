"""Many models of a template at once: log intensities are linear in the parameters.

The linear map is read off the disease model itself, one model for each parameter, so that there is one definition of
what a parameter does.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from jaksim.arrays import Floats
from jaksim.model.disease import DiseaseModel, PatientType
from jaksim.model.intensity import IntensityTable
from jaksim.model.regimen import Regimen
from jaksim.model.template import ModelTemplate


class LogIntensities:
    """Intensity tables of each regimen of a template for many sets of parameter values."""

    def __init__(
        self, template: ModelTemplate, regimens: Mapping[str, tuple[str, ...]], background: tuple[str, ...]
    ) -> None:
        self.template = template
        self.regimens = regimens
        self.background = background
        self._maps: dict[Hashable, tuple[Floats, NDArray[np.bool_], Floats, Floats]] = {}

    def key(self, regimen: str, patient: PatientType) -> Hashable:
        """What the intensities depend on: the regimen, and of the patient only what an effect asks for."""
        by_baseline, covariates = self._asked[regimen]
        score = patient.baseline_score if by_baseline else None
        return regimen, score, tuple(patient.covariates[name] for name in covariates)

    def tables(self, regimen: str, patient: PatientType, values: Floats) -> list[IntensityTable]:
        """One intensity table for each row of `values` (N, parameters)."""
        key = self.key(regimen, patient)
        if key not in self._maps:
            self._maps[key] = self._linear_map(regimen, patient)
        breaks, moves, constant, slopes = self._maps[key]
        generators = np.zeros((len(values), *moves.shape))
        generators[:, moves] = np.exp(constant + values @ slopes)
        states = np.arange(moves.shape[-1])
        generators[:, :, states, states] = -generators.sum(axis=-1)
        return [IntensityTable(breaks, generator) for generator in generators]

    def _linear_map(self, regimen: str, patient: PatientType) -> tuple[Floats, NDArray[np.bool_], Floats, Floats]:
        """Breaks, mask of possible moves (J, S, S), log intensities at zero (M,) and their slopes (parameters, M)."""
        base, *shifted = (model.intensities(Regimen(self.regimens[regimen]), patient) for model in self._unit_models)
        moves = base.generators > 0
        constant = np.log(base.generators[moves])
        slopes = np.array([np.log(table.generators[moves]) - constant for table in shifted])
        return base.breaks, moves, constant, slopes

    @cached_property
    def _asked(self) -> dict[str, tuple[bool, tuple[str, ...]]]:
        """By regimen, whether its effects ask for the baseline score, and for which covariates."""
        acting = {
            regimen: [e for e in self.template.effects if e.treatment in names and e.treatment not in self.background]
            for regimen, names in self.regimens.items()
        }
        return {
            regimen: (
                any(e.baseline_scores is not None for e in effects),
                tuple(sorted({e.covariate for e in effects if e.covariate})),
            )
            for regimen, effects in acting.items()
        }

    @cached_property
    def _unit_models(self) -> list[DiseaseModel]:
        count = len(self.template.parameters)
        return [self._model(row) for row in np.vstack([np.zeros(count), np.eye(count)])]

    def _model(self, values: Floats) -> DiseaseModel:
        return DiseaseModel(
            natural_history=self.template.natural_history(values),
            treatments=self.template.treatments(values),
            background=self.background,
        )
