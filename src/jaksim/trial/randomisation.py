"""How patients are given to arms as they come."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from jaksim.errors import InputError
from jaksim.trial.population import Population

Scheme = Literal["simple", "permuted blocks", "biased coin", "minimisation"]
SCHEMES = ("simple", "permuted blocks", "biased coin", "minimisation")


@dataclass(frozen=True, slots=True)
class Randomisation:
    """A scheme of randomisation.

    "simple" draws every patient's arm by the allocation alone. "permuted blocks" fills blocks of `block_size` patients,
    one list per stratum when `stratified`. "biased coin" gives probability `coin` to the arms that lag behind their
    allocation in the patient's stratum (in the whole trial when not stratified; Efron 1971), and "minimisation" to
    those that lag behind over the sum of the patient's factors (Pocock and Simon 1975). `blinded` tells whether the
    arms are hidden from patients and doctors, None where nothing is said; it changes what is printed, not what is
    simulated.
    """

    scheme: Scheme = "permuted blocks"
    block_size: int = 4
    stratified: bool = True
    coin: float = 0.8
    blinded: bool | None = None

    def __post_init__(self) -> None:
        if self.scheme not in SCHEMES:
            raise InputError("unknown scheme", where="randomisation", allowed=SCHEMES, got=self.scheme)
        if not 0.5 <= self.coin <= 1.0:
            raise InputError(
                "the biased coin is out of range", where="randomisation", allowed="0.5 to 1", got=self.coin
            )

    def check(self, allocation: Sequence[int]) -> None:
        """InputError where the scheme cannot keep to an allocation (A,)."""
        total, largest = sum(allocation), max(allocation)
        if self.scheme == "permuted blocks" and (self.block_size < 1 or self.block_size % total):
            raise InputError(
                "the block size does not hold the allocation a whole number of times",
                where="randomisation.block_size",
                allowed=f"a multiple of {total}",
                got=self.block_size,
            )
        coins = self.scheme in ("biased coin", "minimisation")
        if coins and len(set(allocation)) > 1 and self.coin <= largest / total:
            raise InputError(
                "an arm that lags behind would get fewer patients than its allocation, and never catch up",
                where="randomisation.coin",
                allowed=f"above {largest / total:.4g}",
                got=self.coin,
            )

    def blocks_within_strata(self, population: Population) -> bool:
        """Whether the size of a stratum is all that the sizes of its arms depend on, but for its last block."""
        return self.scheme == "permuted blocks" and (self.stratified or len(population.strata) == 1)

    def groups(self, population: Population) -> list[int]:
        """The list of blocks that each stratum (S,) uses."""
        n_strata = len(population.strata)
        return list(range(n_strata)) if self.stratified else [0] * n_strata

    def levels(self, population: Population) -> NDArray[np.int64]:
        """Levels (S, F) of the balanced factors, numbered through: the strata themselves, or by minimisation the
        baseline score and each covariate of the strata."""
        if self.scheme != "minimisation":
            return np.array(self.groups(population), dtype=np.int64)[:, None]
        columns = _factors(population)
        levels, first = [], 0
        for column in columns:
            values = sorted(set(column))
            levels.append([first + values.index(value) for value in column])
            first += len(values)
        return np.array(levels, dtype=np.int64).T


def _factors(population: Population) -> list[list[str]]:
    """The factors of the strata, one list of values (S,) each; the strata themselves where types are mixed in one by
    more than what each patient draws for herself."""
    drawn = () if population.characteristics is None else population.characteristics.names
    patients = [stratum.patients[0][1] for stratum in population.strata]
    names = sorted({name for patient in patients for name in patient.covariates if name not in drawn})
    for stratum, first in zip(population.strata, patients, strict=True):
        given = (first.baseline_score, *(first.covariates.get(name) for name in names))
        for _, patient in stratum.patients:
            if (patient.baseline_score, *(patient.covariates.get(name) for name in names)) != given:
                return [[one.name for one in population.strata]]
    columns = [[str(patient.baseline_score) for patient in patients]]
    columns.extend([repr(patient.covariates.get(name)) for patient in patients] for name in names)
    different = [column for column in columns if len(set(column)) > 1]
    return different or [[stratum.name for stratum in population.strata]]
