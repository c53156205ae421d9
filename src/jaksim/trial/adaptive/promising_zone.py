"""Promising zone: more patients where the interim result is neither poor nor already good enough.

Source: Mehta and Pocock (2011), Statistics in Medicine 30, 3267-3284.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from functools import cached_property
from typing import ClassVar, Final

from jaksim.errors import InputError
from jaksim.trial.adaptive.adaptation import Adaptation, Demands
from jaksim.trial.adaptive.stages import STAGES, analysis_at_level, check_increments, stage_words
from jaksim.trial.monitoring.boundaries import Boundaries
from jaksim.trial.monitoring.second_stage import SecondStage, least_promising
from jaksim.trial.parts import TrialParts
from jaksim.trial.trigger import Trigger

STATISTICS: Final = {
    "inverse-normal": "z of the two stages with weights fixed at the planned information",
    "original": "z of all data, as in a trial that is not adapted",
}


@dataclass(frozen=True, kw_only=True)
class PromisingZone(Adaptation):
    """One interim analysis, after which up to `maximum` of `planned` patients are recruited.

    `boundaries` of two one-sided analyses; `target` is the conditional power aimed at, `least` that from which patients
    are added (the least that keeps the level of the original statistic if None), `futility` that below which the trial
    stops. `stages` are "cohorts" or "increments", with the `events` planned for the last analysis.
    """

    kind: ClassVar[str] = "promising-zone"
    demands: ClassVar[Demands] = Demands(
        one_sided="patients are added by the conditional power of a benefit, and no level is left for a test of harm",
        one_margin="which of the two has the smaller z may change between the stages",
    )
    analysis: str
    boundaries: Boundaries
    planned: int
    maximum: int
    target: float = 0.9
    least: float | None = None
    futility: float = 0.0
    statistic: str = "inverse-normal"
    stages: str = "cohorts"
    events: float | None = None

    def __post_init__(self) -> None:
        if self.statistic not in STATISTICS:
            raise InputError("unknown statistic", where="statistic", allowed=STATISTICS, got=self.statistic)
        if self.stages not in STAGES:
            raise InputError("unknown stages", where="stages", allowed=STAGES, got=self.stages)
        if self.boundaries.plan.looks != 2 or self.boundaries.plan.sides != 1:
            raise InputError("the boundaries are not for two one-sided analyses", where="boundaries")
        if self.maximum <= self.planned:
            raise InputError(
                "the trial cannot grow", where="maximum", allowed=f"more than {self.planned}", got=self.maximum
            )
        least = self.rule.least
        if not 0.0 <= least < self.target < 1.0:
            raise InputError("the zone is empty", where="zone", allowed=f"0 to below {self.target:g}", got=least)
        if not 0.0 <= self.futility <= least:
            raise InputError(
                "the trial would stop inside the zone", where="futility", allowed=f"0 to {least:.3g}", got=self.futility
            )
        smallest = self._smallest_zone
        if self.statistic == "original" and least < smallest - 1e-6:
            raise InputError(
                "adding patients from so low a conditional power on inflates the level of the original statistic",
                where="zone",
                allowed=f"{smallest:.4f} or more, or statistic = 'inverse-normal'",
                got=least,
            )

    @property
    def first(self) -> float:
        """Information of the first stage in parts of the planned."""
        return float(self.boundaries.information[0])

    @cached_property
    def rule(self) -> SecondStage:
        """How large the second stage becomes."""
        least = self._smallest_zone if self.least is None else self.least
        critical = float(self.boundaries.upper_z[1])
        return SecondStage(self.first, critical, self.target, self._most, least, self.futility)

    @property
    def _most(self) -> float:
        return (self.maximum / self.planned - self.first) / (1.0 - self.first)

    @cached_property
    def _smallest_zone(self) -> float:
        return least_promising(self.first, float(self.boundaries.upper_z[1]), self.target, self._most)

    def check(self, trial: TrialParts) -> None:
        """InputError unless the analysis is one-sided, can be split into stages and the trial has the patients."""
        plan = analysis_at_level(trial, self.analysis, self.boundaries.plan.alpha, self.demands)
        if self.stages == "increments":
            check_increments(trial, plan, self.events)
        if trial.population.patients != self.planned:
            raise InputError(
                "the plan is for another number of patients",
                where="adaptation",
                allowed=str(trial.population.patients),
                got=self.planned,
            )

    def scaled(self, ratio: float) -> PromisingZone:
        """The same rules for so many times the patients."""
        events = None if self.events is None else self.events * ratio
        planned = round(self.planned * ratio)
        return replace(self, planned=planned, maximum=max(planned + 1, round(self.maximum * ratio)), events=events)

    def data_cuts(self, trial: TrialParts) -> tuple[Trigger | str, ...]:
        return (
            (f"{max(1, round(self.first * self.planned)):,} patients complete",)
            if self.stages == "cohorts" or self.events is None
            else (f"{math.ceil(self.first * self.events - 1e-9):,} events",)
        )

    def describe(self) -> tuple[str, ...]:
        """The rules in sentences."""
        rule, upper = self.rule, float(self.boundaries.upper_z[0])
        early = f"stop for efficacy where z is above {upper:.3f}; " if upper < 10.0 else ""
        futile = f"for futility where conditional power is below {rule.futility:g}; " if rule.futility > 0.0 else ""
        return (
            f"promising zone: one interim analysis of {self.analysis!r} at {100.0 * self.first:g} % of the "
            f"information; {early}{'stop ' if futile else ''}{futile}where conditional power under the estimate is "
            f"{rule.least:.3g} to {self.target:g}, patients are added until it is {self.target:g}, up to "
            f"{self.maximum} instead of {self.planned}",
            f"last analysis: {STATISTICS[self.statistic]}, against {rule.critical:.4f}",
            stage_words(self.stages),
        )
