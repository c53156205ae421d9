"""The `[adaptation]` table of kind "response-adaptive"."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, Final

from jaksim.key import REQUIRED, Key
from jaksim.scenario.adaptive.calibrated import CALIBRATED, read_calibrated
from jaksim.scenario.adaptive.parts import ANALYSES, Parts
from jaksim.trial.adaptive.response_adaptive import CONTROLS, CRITICAL_VALUES, UNITS, ResponseAdaptive

KEYS: Final[tuple[Key, ...]] = (
    ANALYSES,
    Key("burn_in", "whole number", "Patients under the planned allocation before the first change.", REQUIRED, low=1),
    Key("every", "whole number", "Patients or days from one change of the allocation to the next.", REQUIRED, low=1),
    Key("unit", "text", "What `every` counts.", "patients", UNITS),
    Key(
        "power",
        "number",
        "Power of the probability of being best; 0 keeps the shares equal. When left out n / 2N, patients enrolled "
        "over twice those planned.",
        None,
        low=0.0,
        high=10.0,
    ),
    Key("lowest", "number", "Smallest share of an arm.", 0.0, low=0.0, high=1.0),
    Key("highest", "number", "Largest share of an arm.", 1.0, low=0.0, high=1.0),
    Key(
        "control",
        "text",
        "Share of the reference: 'as the others', that of the 'largest' active arm, or 'fixed'.",
        "as the others",
        CONTROLS,
    ),
    Key("control_share", "number", "The fixed share of the reference.", None, low=0.0, high=1.0),
    Key("by_period", "true or false", "Stratify the final analyses by periods of constant allocation.", True),
    Key(
        "critical_value",
        "text",
        "Level of the final analyses: one critical value 'calibrated' on trials without effect, or 'holm'.",
        "calibrated",
        CRITICAL_VALUES,
    ),
    Key(
        "calibration", "whole number", "Trials on which the critical value is calibrated.", 20_000, low=1000, high=10**9
    ),
    CALIBRATED,
    Key("prior_sd", "number", "Standard deviation of the prior of each effect; flat when left out.", None, low=0.0),
    Key("prior_events", "list of numbers", "Shapes of the beta prior of a binary endpoint.", (1.0, 1.0)),
)


def read(values: Mapping[str, Any], parts: Parts) -> ResponseAdaptive:
    """The rules from the values of the table."""
    same = ("burn_in", "every", "unit", "power", "lowest", "highest", "control", "control_share", "by_period")
    given = {name: values[name] for name in (*same, "critical_value", "calibration")}
    return ResponseAdaptive(
        analyses=parts.decided(values["analyses"]),
        prior_sd=math.inf if values["prior_sd"] is None else values["prior_sd"],
        prior_events=tuple(values["prior_events"]),
        calibrated=read_calibrated(values["calibrated"], parts.stamp, values["calibration"]),
        stamp=parts.stamp,
        **given,
    )
