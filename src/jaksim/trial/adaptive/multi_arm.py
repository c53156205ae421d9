"""Several arms against one control over several analyses: arms that do badly are dropped, good ones stop early."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import ClassVar, Final

from jaksim.errors import InputError
from jaksim.trial.adaptive.adaptation import Adaptation, Demands
from jaksim.trial.adaptive.comparisons import one_analysis_per_arm
from jaksim.trial.parts import TrialParts
from jaksim.trial.trigger import Trigger, grown

STOPS: Final = ("first success", "every arm")
PATIENTS: Final = ("per arm", "total")
STATISTICS: Final = ("cumulative", "combination")


@dataclass(frozen=True, kw_only=True)
class MultiArm(Adaptation):
    """Comparisons of all active arms with the reference at `looks` analyses, against common bounds.

    An arm is rejected for benefit above `upper_z` (J,), dropped below `lower_z` (J - 1,), -inf for never, and after
    interim analysis j at most `keep[j]` arms go on, the best ones (all when empty). `stop` tells whether the trial ends
    at the first success. `patients` "per arm" leaves each arm its planned number, so that dropping saves patients;
    "total" gives the places of dropped arms to the others. `statistic` is "cumulative", or "combination": the
    independent increments of the score statistic, joined with the planned weights, so that the level holds whatever
    information the re-allocation gives.
    """

    kind: ClassVar[str] = "multi-arm-multi-stage"
    demands: ClassVar[Demands] = Demands(
        one_sided="arms stop for a benefit and are dropped without one, at bounds for a one-sided familywise error"
    )
    analyses: tuple[str, ...]
    interims: tuple[Trigger, ...]
    information: tuple[float, ...]
    upper_z: tuple[float, ...]
    lower_z: tuple[float, ...]
    alpha: float
    efficacy: str
    futility: str = ""
    binding: bool = False
    keep: tuple[int, ...] = ()
    stop: str = "first success"
    patients: str = "per arm"
    statistic: str = "cumulative"

    @property
    def looks(self) -> int:
        """Number of analyses, the last one included."""
        return len(self.information)

    def __post_init__(self) -> None:
        for value, allowed, where in (
            (self.stop, STOPS, "stop"),
            (self.patients, PATIENTS, "patients"),
            (self.statistic, STATISTICS, "test"),
        ):
            if value not in allowed:
                raise InputError("unknown word", where=where, allowed=allowed, got=value)
        if self.keep and (len(self.keep) != self.looks - 1 or min(self.keep) < 1):
            raise InputError(
                "how many arms go on is not told for every interim analysis",
                where="keep",
                allowed=f"{self.looks - 1} numbers of 1 or more",
                got=list(self.keep),
            )
        if any(low > high for low, high in zip(self.lower_z, self.upper_z, strict=False)):
            raise InputError("a bound for futility lies above that for benefit", where="futility", got=self.futility)

    def check(self, trial: TrialParts) -> None:
        """Raise InputError where the arms and analyses do not fit."""
        plans = one_analysis_per_arm(trial, self.analyses, self.demands)
        for trigger in self.interims:
            trigger.check(trial, plans[0].endpoint, "adaptation.interims")
        if abs(plans[0].alpha - self.alpha) > 1e-12:
            raise InputError("the analyses have another level", where="adaptation.analyses", got=plans[0].alpha)
        if len({arm.allocation for arm in trial.arms if not arm.reference}) > 1:
            raise InputError(
                "the active arms have different allocations",
                where="adaptation",
                allowed="the same one; that of the reference may differ",
            )

    def scaled(self, ratio: float) -> MultiArm:
        """The same rules for so many times the patients."""
        return replace(self, interims=tuple(grown(interim, ratio) for interim in self.interims))

    def data_cuts(self, trial: TrialParts) -> tuple[Trigger | str, ...]:
        return self.interims

    def describe(self) -> tuple[str, ...]:
        """The rules in sentences for a protocol."""
        level = f"{100 * self.alpha:g} %"
        times = ", ".join(str(interim) for interim in self.interims)
        bounds = ", ".join(f"{z:.3f}" for z in self.upper_z)
        rows = [
            f"{len(self.analyses)} arms against the reference, analysed at {times} of the reference arm and at the "
            f"end; {self.efficacy} bounds z = {bounds} for a familywise one-sided {level}, over arms and analyses."
        ]
        if any(math.isfinite(z) for z in self.lower_z):
            low = ", ".join(f"{z:.3f}" if math.isfinite(z) else "none" for z in self.lower_z)
            counts = "binding" if self.binding else "not binding"
            rows.append(f"An arm is dropped for futility below z = {low}, {counts}.")
        if self.keep:
            rows.append(f"At most {', then '.join(str(k) for k in self.keep)} of the arms go on, the best.")
        rows.append(
            "The trial ends at the first success." if self.stop == "first success" else "Each arm goes to its end."
        )
        rows.append(
            "Arms keep their planned numbers of patients."
            if self.patients == "per arm"
            else "The places of dropped arms go to the others."
        )
        if self.statistic == "combination":
            rows.append("Increments of the statistic are joined with the planned weights (inverse normal).")
        return tuple(rows)
