"""Seamless phase 2/3: the best of several arms by an early outcome goes on with the control."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import ClassVar

from jaksim.errors import InputError
from jaksim.trial.adaptive.adaptation import Adaptation, Demands
from jaksim.trial.adaptive.comparisons import one_analysis_per_arm
from jaksim.trial.parts import TrialParts, plan_named, watched_endpoint
from jaksim.trial.trigger import Trigger, grown


@dataclass(frozen=True, kw_only=True)
class DoseSelection(Adaptation):
    """One interim analysis after which only the arm with the highest z of `select_by` and the reference recruit.

    `select_by` names one analysis for each of `analyses`, of an outcome that is known early. At the end the hypothesis
    of the arm chosen is tested by `analyses`, closed over all arms: the patients before the interim analysis, followed
    up to the end in every arm, by Dunnett's test, those after it by their own, joined by the inverse normal method with
    `weight` for the former. The trial ends at the interim analysis when no z is above `futility_z`.
    """

    kind: ClassVar[str] = "dose-selection"
    demands: ClassVar[Demands] = Demands(
        one_sided="two-sided p-values of the stages could be small in opposite directions and still combine"
    )
    allocates_anew: ClassVar[bool] = True
    analyses: tuple[str, ...]
    select_by: tuple[str, ...]
    interim: Trigger
    weight: float
    alpha: float
    futility_z: float | None = None

    def __post_init__(self) -> None:
        if not 0.0 < self.weight < 1.0:
            raise InputError("the weight is out of range", where="weight", allowed="between 0 and 1", got=self.weight)
        if len(self.select_by) != len(self.analyses):
            raise InputError(
                "the early analyses do not match the late ones",
                where="select_by",
                allowed=f"{len(self.analyses)} analyses, one for each active arm",
                got=len(self.select_by),
            )

    def check(self, trial: TrialParts) -> None:
        """Raise InputError where the analyses do not fit."""
        plans = one_analysis_per_arm(trial, self.analyses, self.demands)
        early = [plan_named(trial, name, "adaptation.select_by") for name in self.select_by]
        self.interim.check(trial, early[0].endpoint, "adaptation.interim")
        for plan, name, selection in zip(plans, self.select_by, early, strict=True):
            if selection.pairs != plan.pairs:
                raise InputError(
                    f"{name!r} does not compare the arms of {plan.name!r}", where="adaptation.select_by", got=name
                )
            watched_endpoint(trial, selection.endpoint)

    def scaled(self, ratio: float) -> DoseSelection:
        """The same rules for so many times the patients."""
        return replace(self, interim=grown(self.interim, ratio))

    def data_cuts(self, trial: TrialParts) -> tuple[Trigger | str, ...]:
        return (self.interim,)

    def describe(self) -> tuple[str, ...]:
        """The rules in sentences for a protocol."""
        rows = [
            f"Once {self.interim}, the best of {len(self.analyses)} arms by {self.select_by[0].rpartition(', ')[0]} "
            "goes on with the reference; the places of the others go to the two."
        ]
        if self.futility_z is not None:
            rows.append(f"The trial ends there when no early z is above {self.futility_z:g}.")
        rows.append(
            "Final test: patients before the choice by Dunnett's test, those after it by themselves, inverse normal "
            f"with squared weights {self.weight:.3f} and {1.0 - self.weight:.3f}, closed over all arms, at a one-sided "
            f"{100 * self.alpha:g} %."
        )
        return tuple(rows)
