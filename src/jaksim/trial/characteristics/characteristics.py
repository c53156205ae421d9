"""The joint law of all characteristics of a population."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

import numpy as np

from jaksim.arrays import Floats
from jaksim.checks import distinct, is_text
from jaksim.errors import InputError
from jaksim.model.disease import PatientType
from jaksim.trial.characteristics.criterion import Criterion
from jaksim.trial.characteristics.marginal import Marginal

ONSET: Final = "days_since_onset"
"""The characteristic that windows count from; whole days."""

Interval = tuple[float, float]
EVERYBODY: Final[tuple[Interval, ...]] = ((-math.inf, math.inf),)


@dataclass(frozen=True)
class Characteristic:
    """One property of a patient: a function of her latent number `latent`, by stratum, or one for all of them.

    Where it is `shared` by the patients of a site there are so many sites, and a patient comes from each as likely.
    """

    name: str
    latent: int
    marginals: tuple[Marginal, ...]
    unit: str = ""
    source: str = ""
    assumption: str = ""
    shared: int = 0

    def __post_init__(self) -> None:
        if not is_text(self.name):
            raise InputError("a characteristic needs a name", where="characteristic", got=self.name)
        if not self.marginals or self.latent < 0:
            raise InputError("a characteristic needs a law and a latent", where=f"characteristic {self.name!r}")

    def marginal(self, stratum: int) -> Marginal:
        """Its law in a stratum, before anybody is excluded."""
        return self.marginals[stratum if len(self.marginals) > 1 else 0]


@dataclass(frozen=True)
class Characteristics:
    """Characteristics that are functions of latents, which are normal with a correlation matrix (d, d).

    `allowed` gives, by stratum and latent, the intervals in which patients are eligible; all of them where it is empty.
    It follows from the `criteria`.
    """

    items: tuple[Characteristic, ...]
    correlation: tuple[tuple[float, ...], ...]
    allowed: tuple[tuple[tuple[Interval, ...], ...], ...] = field(default=())
    criteria: tuple[Criterion, ...] = ()

    def __post_init__(self) -> None:
        distinct(self.names, "characteristic")
        matrix = np.array(self.correlation, dtype=np.float64).reshape(len(self.correlation), -1)
        used = {item.latent for item in self.items}
        if used != set(range(len(matrix))):
            raise InputError("latents and characteristics do not fit", where="characteristics", got=sorted(used))
        if not np.array_equal(matrix, matrix.T) or np.any(np.diag(matrix) != 1.0):
            raise InputError("correlations must be symmetric, with 1 on the diagonal", where="correlation")
        if len({item.shared for item in self.shared}) > 1:
            raise InputError("there is one number of sites", where="sites", got=[item.shared for item in self.shared])
        for item in self.items:
            if item.shared and (
                np.count_nonzero(matrix[item.latent]) > 1 or sum(one.latent == item.latent for one in self.items) > 1
            ):
                raise InputError(
                    "what a site has does not go with what its patients have",
                    where="correlation",
                    allowed="none of a frailty of sites",
                    got=item.name,
                )
        if np.linalg.eigvalsh(matrix).min() < 1e-9:
            raise InputError(
                "no patients can be correlated like this", where="correlation", allowed="a positive definite matrix"
            )

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the characteristics, in order."""
        return tuple(item.name for item in self.items)

    @property
    def shared(self) -> tuple[Characteristic, ...]:
        """Those that the patients of a site share."""
        return tuple(item for item in self.items if item.shared)

    @property
    def n_latents(self) -> int:
        """Number of latents."""
        return len(self.correlation)

    @property
    def matrix(self) -> Floats:
        """Correlations (d, d) of the latents."""
        return np.array(self.correlation, dtype=np.float64)

    @property
    def cholesky(self) -> Floats:
        """Lower triangle (d, d) that makes the latents of independent ones."""
        found: Floats = np.linalg.cholesky(self.matrix).astype(np.float64)
        return found

    def allowed_in(self, stratum: int) -> tuple[tuple[Interval, ...], ...]:
        """The intervals of every latent in which patients of a stratum are eligible."""
        return self.allowed[stratum] if self.allowed else (EVERYBODY,) * self.n_latents

    def values(self, z: Floats, stratum: int) -> Floats:
        """Characteristics (n, P) of patients of a stratum with latents z (n, d), correlated already."""
        columns = [item.marginal(stratum).of_latent(z[:, item.latent]) for item in self.items]
        return np.stack(columns, axis=1) if columns else np.zeros((len(z), 0))

    def of_patient(self, base: PatientType, values: Sequence[float]) -> PatientType:
        """A patient who is as `base`, with values of the characteristics."""
        named = dict(zip(self.names, values, strict=True))
        onset = named.pop(ONSET, base.days_since_onset)
        return PatientType(base.baseline_score, {**base.covariates, **named}, onset)

    def typical(self, base: PatientType, stratum: int) -> PatientType:
        """A patient of a stratum in the middle of every law."""
        return self.of_patient(base, self.values(np.zeros((1, self.n_latents)), stratum)[0].tolist())
