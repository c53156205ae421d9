"""Priors of the hierarchy."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from jaksim.arrays import Floats
from jaksim.errors import InputError

KINDS = ("improvement", "deterioration", "death")


@dataclass(frozen=True)
class PooledPriors:
    """Standard deviations (log scale) of the priors, each with its reason.

    `class_sd`: normal, of the effect of a class of drugs around none. `between_drugs` and `between_trials`: scales of
    half-normals, of how much drugs of a class, and trials of a drug, differ; one standard deviation each for each kind
    of effect. `interaction_sd`: normal, of how much everybody on glucocorticoids changes the effects of a class, and
    `interaction_shared` the correlation of that between two classes. `reasons` says why.
    """

    class_sd: float = 1.0
    between_drugs: float = 0.2
    between_trials: float = 0.2
    interaction_sd: float = 0.5
    interaction_shared: float = 0.5
    reasons: Mapping[str, str] = field(default_factory=dict, hash=False)

    def __post_init__(self) -> None:
        for name in ("class_sd", "between_drugs", "between_trials", "interaction_sd"):
            value = getattr(self, name)
            if not 0.0 <= value <= 10.0:
                raise InputError("a standard deviation of a prior", where=name, allowed="0 to 10", got=value)
        if not 0.0 <= self.interaction_shared < 1.0:
            allowed = "0 to below 1"
            raise InputError(
                "a correlation of a prior", where="interaction_shared", allowed=allowed, got=self.interaction_shared
            )

    def deviations(self, places: Floats) -> tuple[Floats, Floats]:
        """Standard deviations between drugs and between trials, (N, kinds) each.

        `places` (N, 2 kinds) are standard normal under the prior.
        """
        from scipy.special import ndtr, ndtri

        # The upper tail, where a rank next to one would lose its digits.
        half_normal = -ndtri(ndtr(-places) / 2.0)
        drugs, trials = np.split(half_normal, 2, axis=1)
        return np.asarray(self.between_drugs * drugs), np.asarray(self.between_trials * trials)

    def root_of_interactions(self, classes: int) -> Floats:
        """Root (classes, classes) of the covariance of the interactions of so many classes, of one kind."""
        alike = np.full((classes, classes), self.interaction_shared)
        np.fill_diagonal(alike, 1.0)
        return np.asarray(self.interaction_sd * np.linalg.cholesky(alike))
