"""Who enters the trial: randomisation strata and the kinds of patients inside them."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from jaksim.errors import InputError
from jaksim.model.disease import DiseaseModel, PatientType
from jaksim.trial.arm import Arm
from jaksim.trial.characteristics.characteristics import Characteristics

StratumSizes = Literal["drawn", "fixed"]
STRATUM_SIZES = ("drawn", "fixed")
_WEIGHT_TOLERANCE = 1e-6


def check_weights(weights: Iterable[float], where: str) -> None:
    """Refuse weights that are negative, not finite or do not sum to one (within 1e-6)."""
    values = list(weights)
    for weight in values:
        if not (math.isfinite(weight) and weight >= 0.0):
            raise InputError("a weight is negative or not a number", where=where, allowed="0 to 1", got=weight)
    total = math.fsum(values)
    if abs(total - 1.0) > _WEIGHT_TOLERANCE:
        raise InputError(f"the weights sum to {total:.6g}", where=where, allowed="weights that sum to 1")


@dataclass(frozen=True, slots=True)
class Stratum:
    """A randomisation stratum: its share of the population and the mixture of patient types in it.

    `patients` holds (weight, patient type) pairs whose weights sum to one; most strata hold one type, a single
    baseline score.
    """

    name: str
    weight: float
    patients: tuple[tuple[float, PatientType], ...]

    def __post_init__(self) -> None:
        if not self.patients:
            raise InputError("a stratum needs at least one type of patient", where=f"stratum {self.name!r}")
        check_weights((weight for weight, _ in self.patients), f"stratum {self.name!r}")

    @property
    def mixed(self) -> bool:
        """True when the stratum holds more than one type of patient."""
        return len(self.patients) > 1


@dataclass(frozen=True, slots=True)
class Quadrature:
    """How exactly the kinds of patients in the strata stand for the joint law of their characteristics.

    `nodes` are the kinds, of all strata; `error` the largest change of a probability of any endpoint, in any arm and
    stratum, under a finer rule; `orders` the nodes of each latent by its number.
    """

    nodes: int
    error: float
    orders: tuple[tuple[int, int], ...] = ()


@dataclass(frozen=True, slots=True)
class Population:
    """The number of patients randomised and the strata they fall into.

    `stratum_sizes` is "drawn" (multinomial, as in a trial that recruits whoever comes) or "fixed" (each stratum has its
    expected size, rounded). `characteristics` is the joint law of what else patients bring along, for which
    the strata hold kinds of patients where there is a `quadrature`.
    """

    patients: int
    strata: tuple[Stratum, ...]
    stratum_sizes: StratumSizes = "drawn"
    characteristics: Characteristics | None = None
    quadrature: Quadrature | None = None

    def __post_init__(self) -> None:
        if self.patients < 1:
            raise InputError(
                "the number of patients is not positive", where="population", allowed="1 or more", got=self.patients
            )
        if not self.strata:
            raise InputError("the population has no stratum", where="population", allowed="at least one stratum")
        if self.stratum_sizes not in STRATUM_SIZES:
            raise InputError(
                "unknown way of sizing the strata", where="population", allowed=STRATUM_SIZES, got=self.stratum_sizes
            )
        names = [stratum.name for stratum in self.strata]
        for name in names:
            if names.count(name) > 1:
                raise InputError("two strata have one name", where="population", allowed="different names", got=name)
        check_weights(self.weights, "population strata")

    @property
    def weights(self) -> tuple[float, ...]:
        """The share of each stratum, in order."""
        return tuple(stratum.weight for stratum in self.strata)

    def typical(self, kind: PatientType, stratum: int) -> PatientType:
        """A kind of patients of a stratum, in the middle of the laws of what they bring along where that is open."""
        law = None if self.quadrature is not None else self.characteristics
        return kind if law is None else law.typical(kind, stratum)

    def check(self, disease: DiseaseModel, arms: Sequence[Arm]) -> None:
        """InputError for a patient who cannot enter, or of whom the disease model does not know how to go on."""
        scale = disease.natural_history.scale
        for number, stratum in enumerate(self.strata):
            if self.quadrature is not None:
                self._prepare(disease, arms, stratum)
            for _, kind in stratum.patients:
                patient = self.typical(kind, number)
                scale.index(patient.baseline_score)
                if patient.baseline_score in scale.absorbing:
                    raise InputError(
                        "patients cannot enter in an absorbing score",
                        where=f"stratum {stratum.name!r}",
                        allowed=", ".join(str(s) for s in scale.scores if s not in scale.absorbing),
                        got=patient.baseline_score,
                    )
                for arm in arms:
                    try:
                        disease.intensities(arm.regimen, patient)
                    except InputError as error:
                        raise error.at(f"arm {arm.name!r}, stratum {stratum.name!r}") from None

    def _prepare(self, disease: DiseaseModel, arms: Sequence[Arm], stratum: Stratum) -> None:
        for arm in arms:
            try:
                disease.prepare(arm.regimen, [patient for _, patient in stratum.patients])
            except InputError as error:
                raise error.at(f"arm {arm.name!r}, stratum {stratum.name!r}") from None
