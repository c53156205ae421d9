"""Stopping on posterior and predictive probabilities."""

from __future__ import annotations

import math
from dataclasses import dataclass
from statistics import NormalDist
from typing import ClassVar

from jaksim.analysis import get_method
from jaksim.errors import InputError
from jaksim.trial.adaptive.adaptation import Adaptation, Demands
from jaksim.trial.adaptive.calibrated import Calibrated
from jaksim.trial.adaptive.comparisons import one_analysis_per_arm
from jaksim.trial.parts import TrialParts
from jaksim.trial.trigger import Trigger

_PROBABILITIES = ("futility", "predicted_futility", "predicted_success", "equivalence", "drop_below")


@dataclass(frozen=True, kw_only=True)
class BayesianStopping(Adaptation):
    """Looks at the posterior probability that an active arm is better than the reference.

    The trial ends for efficacy when it exceeds `superiority` for some arm: one threshold for each analysis, the last
    included, or one for all. It ends without it when for every arm the probability is below `futility`, the predictive
    probability of success at the end is below `predicted_futility`, or that of an effect within `margin` (a ratio or a
    difference) of none exceeds `equivalence`. When the predictive probability of success with the patients enrolled
    exceeds `predicted_success` for some arm, accrual ends and the last analysis is made on their complete outcomes. An
    active arm is dropped when its probability of being the best arm is below `drop_below`.

    The prior of each effect is normal on the scale of the estimate, positive for a benefit, flat if `prior_sd` is
    infinite. `calibrate` replaces the thresholds of superiority by one common value that `calibration` trials without
    any effect exceed as often as the level of the analyses allows; a value `calibrated` before is taken as it is, and
    `stamp` is the hash of all that such a value depends on.
    """

    kind: ClassVar[str] = "bayesian-stopping"
    demands: ClassVar[Demands] = Demands(
        superiority="the posterior probabilities are of a benefit, not of a margin being kept"
    )
    analyses: tuple[str, ...]
    interims: tuple[Trigger, ...]
    superiority: tuple[float, ...] = (0.975,)
    futility: float | None = None
    predicted_futility: float | None = None
    predicted_success: float | None = None
    equivalence: float | None = None
    margin: float | None = None
    drop_below: float | None = None
    prior_mean: float = 0.0
    prior_sd: float = math.inf
    calibrate: bool = False
    calibration: int = 20_000
    calibrated: Calibrated | None = None
    stamp: str = ""

    @property
    def looks(self) -> int:
        """Number of analyses, the last one included."""
        return len(self.interims) + 1

    @property
    def critical(self) -> tuple[float, ...]:
        """The posterior z of each analysis that stands for the threshold of superiority."""
        thresholds = self.superiority * (self.looks if len(self.superiority) == 1 else 1)
        return tuple(NormalDist().inv_cdf(threshold) for threshold in thresholds)

    def __post_init__(self) -> None:
        if len(self.superiority) not in (1, self.looks):
            raise InputError(
                f"{len(self.superiority)} thresholds do not fit {self.looks} analyses",
                where="superiority",
                allowed=f"one, or {self.looks}",
            )
        for threshold in self.superiority:
            if not 0.5 <= threshold < 1.0:
                raise InputError("not a threshold", where="superiority", allowed="0.5 to below 1", got=threshold)
        for name in _PROBABILITIES:
            value = getattr(self, name)
            if value is not None and not 0.0 < value < 1.0:
                raise InputError("not a probability", where=name, allowed="between 0 and 1", got=value)
        if self.futility is not None and self.futility >= min(self.superiority):
            raise InputError(
                "futility begins where superiority is reached",
                where="futility",
                allowed=f"below {min(self.superiority):g}",
                got=self.futility,
            )
        if (self.equivalence is None) != (self.margin is None):
            raise InputError("equivalence needs both a probability and a margin", where="equivalence, margin")
        if not self.prior_sd > 0.0:
            raise InputError("the prior has no width", where="prior_sd", allowed="above 0", got=self.prior_sd)
        if self.calibration < 1000:
            raise InputError("too few trials", where="calibration", allowed="1000 or more", got=self.calibration)

    def check(self, trial: TrialParts) -> None:
        """Raise InputError where the rules do not fit the trial."""
        plan = one_analysis_per_arm(trial, self.analyses, self.demands)[0]
        if get_method(plan.method).own_prior and not math.isinf(self.prior_sd):
            raise InputError(
                f"the method {plan.method!r} has a prior of its own",
                where="adaptation, prior_sd",
                allowed="prior_sd among the options of the analyses",
            )
        if self.drop_below is not None and len(trial.arms) < 3:
            raise InputError(
                "there is one active arm only", where="adaptation, drop_below", allowed="three arms or more"
            )
        if self.drop_below is not None and self.drop_below >= 1.0 / len(trial.arms):
            raise InputError(
                "an arm as good as the others would be dropped",
                where="adaptation, drop_below",
                allowed=f"below {1.0 / len(trial.arms):.3g}",
                got=self.drop_below,
            )
        for trigger in self.interims:
            trigger.check(trial, plan.endpoint, "adaptation.interims")

    def data_cuts(self, trial: TrialParts) -> tuple[Trigger | str, ...]:
        return self.interims

    def describe(self) -> tuple[str, ...]:
        """The rules in sentences for a protocol."""
        when = "; ".join(str(interim) for interim in self.interims) or "none"
        percent = [f"{100.0 * one:.6g} %" for one in self.superiority]
        kept = "" if self.calibrated is None else f" ({self.calibrated})"
        threshold = (
            f"one threshold, calibrated on {self.calibration} simulated trials without any effect{kept}"
            if self.calibrate
            else ", ".join(percent)
        )
        prior = (
            "flat prior"
            if math.isinf(self.prior_sd)
            else f"normal prior, mean {self.prior_mean:g}, SD {self.prior_sd:g}"
        )
        rules = [f"Looks when {when}. Efficacy: posterior probability of a benefit above {threshold} ({prior})"]
        if self.futility is not None:
            rules.append(f"Futility: that probability below {100.0 * self.futility:g} % for every arm")
        if self.predicted_futility is not None:
            rules.append(f"Futility: predictive probability of success below {100.0 * self.predicted_futility:g} %")
        if self.predicted_success is not None:
            rules.append(
                "Accrual ends when success with the patients enrolled has a predictive probability above "
                f"{100.0 * self.predicted_success:g} %"
            )
        if self.equivalence is not None:
            rules.append(
                f"Equivalence: an effect within {self.margin:g} has probability {100.0 * self.equivalence:g} %"
            )
        if self.drop_below is not None:
            rules.append(f"Arms whose probability of being the best is below {100.0 * self.drop_below:g} % are dropped")
        return tuple(rules)
