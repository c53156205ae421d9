"""Which way parameters move the primary estimate most, so that even numbers are spread along it.

The first of the even numbers are the most even ones. They go where they tell: posterior draws are put in order of what
they make of the primary estimate, and normal numbers are turned so that the first is along its steepest direction
(Acworth, Broadie, Glasserman, in Monte Carlo and Quasi-Monte Carlo Methods 1996, 1998:1). A rotation of
independent normal numbers leaves them independent and normal, so that the draws have the distribution that they had.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from jaksim.arrays import Floats
from jaksim.design.expected_estimates import expected_estimates
from jaksim.design.parameter_draws import ROUNDING
from jaksim.model.disease import DiseaseModel
from jaksim.trial import Trial

Steps = tuple[DiseaseModel, DiseaseModel]


@dataclass(frozen=True)
class Leading:
    """Of each parameter set a score (rows,) of each posterior draw, its linear part of the primary estimate; and the
    slopes (N,) of the estimate along the normal numbers."""

    scores: Mapping[str, Floats]
    normals: Floats

    def rotated(self, point: Floats) -> Floats:
        """Independent normal numbers (N,) from numbers between 0 and 1, the first along the slopes."""
        from scipy.special import ndtri

        normal: Floats = ndtri(point)
        norm = float(np.linalg.norm(self.normals))
        if norm == 0.0:
            return normal
        mirror = self.normals / norm
        mirror = mirror - np.eye(len(mirror))[0]
        square = float(mirror @ mirror)
        return normal if square < 1e-24 else normal - (2.0 * float(mirror @ normal) / square) * mirror


def leading_directions(
    trial: Trial, normals: Sequence[Steps], sets: Mapping[str, tuple[Floats, Mapping[int, Steps]]]
) -> Leading:
    """The directions of the primary analysis of a trial: for each parameter set, and for the normal numbers, of the
    first that they change, the primary ones before others.

    `normals` are disease models one standard deviation to either side, for each normal number; `sets` are, for each
    parameter set, its draws (rows, columns) and such models for the columns that the trial uses.
    """
    pairs = [*normals, *(pair for _, of_set in sets.values() for pair in of_set.values())]
    if not pairs:
        return Leading({name: np.zeros(len(draws)) for name, (draws, _) in sets.items()}, np.zeros(0))
    estimates = expected_estimates(trial, [model for pair in pairs for model in pair])
    with np.errstate(invalid="ignore"):  # an estimate that is infinite to either side leads nowhere
        differences = estimates[::2] - estimates[1::2]
    slopes = np.nan_to_num(differences, nan=0.0, posinf=0.0, neginf=0.0).T / 2.0
    order = sorted(range(len(slopes)), key=lambda number: trial.analyses[number].role != "primary")
    first, scores = len(normals), {}
    for name, (draws, of_set) in sets.items():
        chosen = _first_changed(slopes[order, first : first + len(of_set)])
        first += len(of_set)
        values = draws[:, list(of_set)]
        sds = values.std(axis=0)
        scores[name] = values @ np.divide(chosen, sds, out=np.zeros(len(sds)), where=sds > 0.0)
    return Leading(scores, _first_changed(slopes[order, : len(normals)]))


def _first_changed(slopes: Floats) -> Floats:
    """The slopes (N,) of the first of the analyses (analyses, N) that changes at all."""
    return next((one for one in slopes if (np.abs(one) > ROUNDING).any()), slopes[0])
