"""The `[adaptation]` table of kind "bayesian-stopping"."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, Final

from jaksim.key import REQUIRED, Key
from jaksim.scenario.adaptive.calibrated import CALIBRATED, read_calibrated
from jaksim.scenario.adaptive.parts import ANALYSES, Parts
from jaksim.trial.adaptive.bayesian_stopping import BayesianStopping
from jaksim.trial.trigger import parse_trigger

_SAME: Final = ("futility", "predicted_futility", "predicted_success", "equivalence", "margin", "drop_below")


def _probability(name: str, description: str) -> Key:
    return Key(name, "number", description, None, low=0.0, high=1.0)


KEYS: Final[tuple[Key, ...]] = (
    ANALYSES,
    Key("interims", "list of texts", "When to look: triggers such as 'complete >= 50 %'.", REQUIRED),
    Key(
        "superiority",
        "list of numbers",
        "Posterior probability of a benefit that ends the trial: one for each analysis, the last included, or one.",
        (0.975,),
    ),
    _probability("futility", "Posterior probability of a benefit below which the trial ends; never when left out."),
    _probability("predicted_futility", "Predictive probability of success below which the trial ends."),
    _probability("predicted_success", "Predictive probability of success, with those enrolled, that ends accrual."),
    _probability("equivalence", "Posterior probability of an effect within the margin that ends the trial."),
    Key("margin", "number", "Margin of equivalence: a ratio (mirrored at 1) or a difference (mirrored at 0).", None),
    _probability("drop_below", "Probability of being the best arm below which an active arm is dropped."),
    Key(
        "prior_mean",
        "number",
        "Mean of the prior of each effect on the scale of the estimate, positive for a benefit.",
        0.0,
    ),
    Key("prior_sd", "number", "Standard deviation of that prior; flat when left out.", None, low=0.0),
    Key("calibrate", "true or false", "Find one threshold that keeps the level, by simulation without effects.", False),
    Key("calibration", "whole number", "Trials on which it is found.", 20_000, low=1000, high=1e9),
    CALIBRATED,
)


def read(values: Mapping[str, Any], parts: Parts) -> BayesianStopping:
    """The rules from the values of the table."""
    return BayesianStopping(
        analyses=parts.decided(values["analyses"]),
        interims=tuple(parse_trigger(text) for text in values["interims"]),
        superiority=tuple(float(threshold) for threshold in values["superiority"]),
        prior_mean=values["prior_mean"],
        prior_sd=math.inf if values["prior_sd"] is None else values["prior_sd"],
        calibrate=values["calibrate"],
        calibration=values["calibration"],
        calibrated=read_calibrated(values["calibrated"], parts.stamp, values["calibration"]),
        stamp=parts.stamp,
        **{name: values[name] for name in _SAME},
    )
