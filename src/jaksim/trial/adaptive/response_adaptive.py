"""Response-adaptive randomisation: later patients go more often to the arms that are probably the best."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import ClassVar, Final, Literal

from jaksim.errors import InputError
from jaksim.trial.adaptive.adaptation import Adaptation, Demands
from jaksim.trial.adaptive.calibrated import Calibrated
from jaksim.trial.adaptive.comparisons import one_analysis_per_arm
from jaksim.trial.parts import TrialParts
from jaksim.trial.trigger import Trigger

Control = Literal["as the others", "largest", "fixed"]
CONTROLS: Final = ("as the others", "largest", "fixed")
UNITS: Final = ("patients", "days")
CRITICAL_VALUES: Final = ("calibrated", "holm")
MOST_LOOKS: Final = 200


@dataclass(frozen=True, kw_only=True)
class ResponseAdaptive(Adaptation):
    """Thompson sampling at regular looks.

    After `burn_in` patients under the planned allocation and every `every` `unit` from then on, the share of an arm is
    set in proportion to the posterior probability that it is the best, raised to `power` (None for n / 2N, the patients
    enrolled over twice those planned; Thall and Wathen 2007), and kept between `lowest` and `highest`. The reference is
    treated "as the others", gets as many as the "largest" active arm, or a "fixed" `control_share`. Binary endpoints
    have beta posteriors with the shapes `prior_events`, others normal ones of the effects of the `analyses`, one per
    active arm, with prior standard deviation `prior_sd` (flat when infinite).

    At the end the `analyses`, stratified `by_period` of constant allocation or not, are compared with one critical
    value, "calibrated" on `calibration` trials without any effect, or share their level by "holm". A value `calibrated`
    before is taken as it is; `stamp` is the hash of all that such a value depends on.
    """

    kind: ClassVar[str] = "response-adaptive"
    demands: ClassVar[Demands] = Demands(
        superiority="arms get patients by their probability of being the best, which no margin shifts"
    )
    allocates_anew: ClassVar[bool] = True
    analyses: tuple[str, ...]
    burn_in: int
    every: int
    unit: Literal["patients", "days"] = "patients"
    power: float | None = None
    lowest: float = 0.0
    highest: float = 1.0
    control: Control = "as the others"
    control_share: float | None = None
    by_period: bool = True
    critical_value: Literal["calibrated", "holm"] = "calibrated"
    calibration: int = 20_000
    prior_sd: float = math.inf
    prior_events: tuple[float, ...] = (1.0, 1.0)
    calibrated: Calibrated | None = None
    stamp: str = ""

    def __post_init__(self) -> None:
        for name, allowed in (("unit", UNITS), ("control", CONTROLS), ("critical_value", CRITICAL_VALUES)):
            if getattr(self, name) not in allowed:
                raise InputError("unknown word", where=name, allowed=allowed, got=getattr(self, name))
        for name, least in (("burn_in", 1), ("every", 1), ("calibration", 1000)):
            if getattr(self, name) < least:
                raise InputError("too few", where=name, allowed=f"{least} or more", got=getattr(self, name))
        if self.power is not None and not 0.0 <= self.power <= 10.0:
            raise InputError("the power is out of range", where="power", allowed="0 to 10, or 'n/2N'", got=self.power)
        if not 0.0 <= self.lowest < self.highest <= 1.0:
            raise InputError(
                "the caps leave no room", where="lowest, highest", allowed="0 <= lowest < highest <= 1", got=self.lowest
            )
        if (self.control == "fixed") != (self.control_share is not None):
            raise InputError(
                "a share for the reference goes with a fixed one", where="control_share", allowed="control = 'fixed'"
            )
        if self.control_share is not None and not 0.0 < self.control_share < 1.0:
            raise InputError("not a share", where="control_share", allowed="between 0 and 1", got=self.control_share)
        if not self.prior_sd > 0.0:
            raise InputError("the prior has no width", where="prior_sd", allowed="above 0", got=self.prior_sd)
        if len(self.prior_events) != 2 or not min(self.prior_events) >= 0.5:
            raise InputError(
                "not the shapes of a beta prior", where="prior_events", allowed="two numbers of 0.5 or more"
            )

    def check(self, trial: TrialParts) -> None:
        """Raise InputError where the rules do not fit the trial."""
        one_analysis_per_arm(trial, self.analyses, self.demands)
        where = "adaptation"
        if trial.randomisation.scheme != "simple":
            raise InputError(
                "shares that change need simple randomisation",
                where="randomisation, scheme",
                allowed="simple",
                got=trial.randomisation.scheme,
            )
        if self.burn_in >= trial.population.patients:
            raise InputError(
                "the burn-in leaves no patients to adapt",
                where=f"{where}, burn_in",
                allowed=f"below {trial.population.patients}",
                got=self.burn_in,
            )
        if self.looks(trial) > MOST_LOOKS:
            raise InputError(
                "too many looks", where=f"{where}, every", allowed=f"at most {MOST_LOOKS}", got=self.looks(trial)
            )
        free = 1.0 - (self.control_share or 0.0)
        capped = len(trial.arms) - (self.control == "fixed")
        if not capped * self.lowest <= free <= capped * self.highest:
            raise InputError(
                f"{capped} arms cannot share {free:g} within the caps",
                where=f"{where}, lowest, highest",
                allowed=f"lowest at most and highest at least {free / capped:.3g}",
            )

    def looks(self, trial: TrialParts) -> int:
        """Number of times that the allocation is set anew; by days, those before the last patient is expected."""
        patients = trial.population.patients
        if self.unit == "patients" or trial.accrual is None:
            return 1 + (patients - 1 - self.burn_in) // self.every
        days = trial.accrual.day_of(patients) - trial.accrual.day_of(self.burn_in)
        return 1 + int(max(days - 1e-9, 0.0) // self.every)

    def data_cuts(self, trial: TrialParts) -> tuple[Trigger | str, ...]:
        return tuple(
            f"{self.burn_in + k * self.every:,} patients"
            if self.unit == "patients"
            else f"{k * self.every:,} days after patient {self.burn_in:,}"
            for k in range(self.looks(trial))
        )

    def describe(self) -> tuple[str, ...]:
        """The rules in sentences for a protocol."""
        power = "n / 2N" if self.power is None else f"{self.power:g}"
        control = {
            "as the others": "the reference is treated as the other arms",
            "largest": "the reference gets as many patients as the largest active arm",
            "fixed": f"the reference keeps {100.0 * (self.control_share or 0.0):g} %",
        }[self.control]
        strata = "stratified by periods of constant allocation" if self.by_period else "not stratified by period"
        kept = "" if self.calibrated is None else f" ({self.calibrated})"
        level = (
            f"one critical value, calibrated on {self.calibration} simulated trials without any effect{kept}"
            if self.critical_value == "calibrated"
            else "they share their level by Holm's procedure"
        )
        return (
            f"Response-adaptive randomisation: after {self.burn_in} patients under the planned allocation, and every "
            f"{self.every} {self.unit} from then on, shares in proportion to the posterior probability of being the "
            f"best arm, to the power {power}; {control}; shares between {100.0 * self.lowest:g} % and "
            f"{100.0 * self.highest:g} %",
            f"Final analyses {strata}; {level}",
        )
