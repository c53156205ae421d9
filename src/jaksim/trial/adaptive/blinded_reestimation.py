"""Blinded re-estimation of the size of a trial from what pooled patients show."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from jaksim.analysis import get_method
from jaksim.analysis.nuisance import Nuisance
from jaksim.arrays import Floats
from jaksim.errors import InputError
from jaksim.trial.adaptive.adaptation import Adaptation
from jaksim.trial.adaptive.nuisance import SMALLEST, nuisance_of
from jaksim.trial.parts import TrialParts, plan_named
from jaksim.trial.trigger import Trigger


@dataclass(frozen=True, kw_only=True)
class BlindedReestimation(Adaptation):
    """The size is set anew once the share `interim` of `planned` patients is complete, from all arms pooled.

    `assumed` is the value of the nuisance parameter that the planned size is for; `effect` the difference of means that
    it is for, taken off the pooled variance (Kieser and Friede), 0 for nothing. The trial has `minimum` to `maximum`
    patients. The last analysis is that of a trial of fixed size, of any hypothesis: the arms are not compared before.
    """

    kind: ClassVar[str] = "blinded-reestimation"
    analysis: str
    planned: int
    minimum: int
    maximum: int
    interim: float = 0.5
    assumed: float
    effect: float = 0.0

    def __post_init__(self) -> None:
        if not 1 <= self.minimum <= self.maximum:
            raise InputError(
                "no sizes to choose from", where="minimum", allowed=f"1 to {self.maximum}", got=self.minimum
            )
        if not self.first <= self.minimum:
            raise InputError(
                "the interim analysis comes after the smallest trial has ended",
                where="minimum",
                allowed=f"{self.first} or more",
                got=self.minimum,
            )

    @property
    def first(self) -> int:
        """Patients whose outcomes are complete at the interim analysis."""
        return max(2, round(self.interim * self.planned))

    @property
    def most(self) -> int:
        """Patients that a trial can come to."""
        return max(self.maximum, self.planned)

    def nuisance(self, trial: TrialParts) -> Nuisance:
        """What is estimated."""
        plan = plan_named(trial, self.analysis, "adaptation.analysis")
        return nuisance_of(get_method(plan.method), trial.endpoint(plan.endpoint))

    def patients(self, nuisance: Nuisance, q: Floats, shares: tuple[float, float]) -> NDArray[np.int64]:
        """Size of the trial (B,) for estimates q (B,); `shares` are the parts of the two arms."""
        estimate = np.clip(q, SMALLEST, nuisance.upper - SMALLEST)
        if self.effect:
            taken = shares[0] * shares[1] * self.effect**2 * self.first / (self.first - 1.0)
            estimate = np.sqrt(np.maximum(estimate**2 - taken, SMALLEST))
        wanted = np.ceil(self.planned * nuisance.size(estimate) / nuisance.size(np.array(self.assumed)) - 1e-9)
        return np.asarray(np.clip(wanted, self.minimum, self.maximum), dtype=np.int64)

    def check(self, trial: TrialParts) -> None:
        """InputError unless the analysis compares one pair and has a nuisance parameter of the assumed size."""
        plan = plan_named(trial, self.analysis, "adaptation.analysis")
        nuisance = self.nuisance(trial)
        if len(plan.pairs) != 1 or len(trial.arms) != 2:
            raise InputError("blinded re-estimation is for two arms", where="adaptation", got=len(trial.arms))
        if not 0.0 < self.assumed < nuisance.upper:
            raise InputError(
                f"not a {nuisance.name}",
                where="adaptation.assumed",
                allowed=f"above 0 and below {nuisance.upper:g}",
                got=self.assumed,
            )
        if self.effect and nuisance.upper < np.inf:
            raise InputError(
                "an effect is taken off the variance of means only", where="adaptation.effect", allowed="no effect"
            )
        if trial.population.patients != self.planned:
            raise InputError("the plan is for another number of patients", where="adaptation", got=self.planned)

    def scaled(self, ratio: float) -> BlindedReestimation:
        """The same rules for so many times the patients."""
        minimum, maximum = round(self.minimum * ratio), round(self.maximum * ratio)
        return replace(self, planned=round(self.planned * ratio), minimum=minimum, maximum=max(minimum, maximum))

    def data_cuts(self, trial: TrialParts) -> tuple[Trigger | str, ...]:
        return (f"{self.first:,} patients complete",)

    def describe(self) -> tuple[str, ...]:
        """The rules in sentences."""
        taken = f", less what a difference of means of {self.effect:g} adds to it" if self.effect else ""
        return (
            f"blinded re-estimation: when the outcomes of the first {self.first} patients are complete, the nuisance "
            f"parameter of {self.analysis!r} is estimated from both arms pooled{taken}; the size becomes that which "
            f"the estimate asks for where {self.assumed:g} asked for {self.planned}, between {self.minimum} and "
            f"{self.maximum}",
            "the arms are not compared before the last analysis, which is that of a trial of fixed size",
        )
