"""A platform: arms that enter and leave while the control goes on."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import ClassVar, Final

from jaksim.analysis import METHODS, get_method
from jaksim.checks import known
from jaksim.errors import InputError
from jaksim.piecewise import PiecewiseConstant
from jaksim.trial.adaptive.adaptation import Adaptation
from jaksim.trial.adaptive.comparisons import one_analysis_per_arm
from jaksim.trial.parts import TrialParts

CONTROLS: Final = {
    "concurrent": "controls randomised while the arm was open, by period where the method has strata",
    "pooled": "all controls until the arm left, whenever they came",
    "adjusted": "all patients until the arm left, in a linear model with effects of arms and periods",
}
ALWAYS: Final = (0.0, math.inf)


@dataclass(frozen=True, kw_only=True)
class Platform(Adaptation):
    """Arms open from a day up to, not including, another (calendar days); an arm without a window is always open.

    A period is a time in which the same arms and strata are open. `controls` says with whom an arm is compared.
    `strata` are windows in which strata recruit, by name: a way to let the patients change over time.

    Nothing is decided before the end, where each arm is tested by itself: on one side or two, for any hypothesis.
    """

    kind: ClassVar[str] = "platform"
    allocates_anew: ClassVar[bool] = True
    analyses: tuple[str, ...]
    arms: Mapping[str, tuple[float, float]]
    controls: str = "concurrent"
    strata: Mapping[str, tuple[float, float]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.controls not in CONTROLS:
            raise InputError("unknown controls", where="controls", allowed=CONTROLS, got=self.controls)
        for name, (first, last) in (*self.arms.items(), *self.strata.items()):
            if not 0.0 <= first < last:
                raise InputError(
                    f"{name!r} leaves before it enters", where="adaptation", allowed="a later day", got=(first, last)
                )

    @property
    def changes(self) -> tuple[int, ...]:
        """First day of every period."""
        days = {0.0, *(day for window in (*self.arms.values(), *self.strata.values()) for day in window)}
        return tuple(sorted(int(day) for day in days if math.isfinite(day)))

    def is_open(self, name: str, day: int) -> bool:
        """Whether an arm or a stratum recruits on that day."""
        first, last = self.arms.get(name, self.strata.get(name, ALWAYS))
        return first <= day < last

    def intake(self, weights: Mapping[str, float]) -> PiecewiseConstant | None:
        """Share of the patients who come whose stratum recruits, by day; None where all strata always do."""
        return self._recruiting(weights) if self.strata else None

    def _recruiting(self, weights: Mapping[str, float]) -> PiecewiseConstant:
        total = sum(weights.values())
        shares = [sum(w for name, w in weights.items() if self.is_open(name, day)) / total for day in self.changes]
        return PiecewiseConstant(tuple(float(day) for day in self.changes[1:]), tuple(shares))

    def check(self, trial: TrialParts) -> None:
        """Raise InputError where arms, strata and analyses do not fit."""
        plans = one_analysis_per_arm(trial, self.analyses, self.demands)
        active = [arm.name for arm in trial.arms if not arm.reference]
        names = [stratum.name for stratum in trial.population.strata]
        for name in self.arms:
            known(name, active, "active arm", "adaptation")
        for name in self.strata:
            known(name, names, "stratum", "adaptation")
        self._check_windows(trial)
        for day in self.changes:
            if not any(self.is_open(name, day) for name in names):
                raise InputError(f"no stratum recruits on day {day}", where="adaptation.strata", allowed="one at least")
        if self.controls == "adjusted" and not get_method(plans[0].method).mean_model:
            raise InputError(
                "the linear model estimates a difference of means",
                where="adaptation.controls",
                allowed="analyses by " + ", ".join(name for name, method in METHODS.items() if method.mean_model),
                got=plans[0].method,
            )
        if self.controls == "adjusted" and plans[0].margin is not None:
            raise InputError("the linear model has no margin", where="adaptation.controls", allowed="superiority")

    def _check_windows(self, trial: TrialParts) -> None:
        """Raise InputError for an arm that enters when the trial is expected to be full."""
        if trial.accrual is None:
            return
        intake = self._recruiting({stratum.name: stratum.weight for stratum in trial.population.strata})
        if not all(intake.values):
            return
        full = replace(trial.accrual, rate=trial.accrual.rate * intake).day_of(trial.population.patients)
        for name, (first, _) in self.arms.items():
            if first >= full:
                raise InputError(
                    f"{name!r} enters when the trial is expected to be full",
                    where="adaptation.enters",
                    allowed=f"before day {full:.0f}",
                    got=first,
                )

    def describe(self) -> tuple[str, ...]:
        """The rules in sentences for a protocol."""
        rows = [f"A platform; each arm is compared with {CONTROLS[self.controls]}, at its own level."]
        rows.extend(f"{name}: open {_days(window)}." for name, window in self.arms.items())
        rows.extend(f"Assumed drift of the population: {name} {_days(window)}." for name, window in self.strata.items())
        return tuple(rows)


def _days(window: tuple[float, float]) -> str:
    first, last = window
    return f"from day {first:g}" + (f" to day {last - 1:g}" if math.isfinite(last) else " on")
