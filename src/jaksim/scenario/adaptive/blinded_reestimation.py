"""`[adaptation] kind = "blinded-reestimation"`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from jaksim.key import REQUIRED, Key
from jaksim.scenario.adaptive.one_analysis import ANALYSIS
from jaksim.scenario.adaptive.parts import Parts
from jaksim.scenario.arms_and_analyses import named_or_primary
from jaksim.trial.adaptive.blinded_reestimation import BlindedReestimation

KEYS: Final = (
    ANALYSIS,
    Key(
        "interim",
        "number",
        "Share of the planned patients whose outcomes are complete when the size is set anew.",
        0.5,
        low=0.02,
        high=1.0,
    ),
    Key(
        "assumed",
        "number",
        "Value of the nuisance parameter, both arms pooled, that the planned patients are for: the event rate, the "
        "share with an event by the end of follow-up, the standard deviation of day counts, or 1 minus the sum of "
        "cubed probabilities of ordered categories.",
        REQUIRED,
        low=0.0,
    ),
    Key("effect", "number", "Difference of means to take off the pooled variance.", 0.0),
    Key("minimum", "whole number", "Fewest patients; those planned by default.", low=2),
    Key("maximum", "whole number", "Most patients.", REQUIRED, low=2, high=1e8),
)


def read(values: Mapping[str, Any], parts: Parts) -> BlindedReestimation:
    """The design that the table describes."""
    planned = parts.population.patients
    return BlindedReestimation(
        analysis=named_or_primary(values["analysis"], parts.analyses, "analysis").name,
        planned=planned,
        minimum=planned if values["minimum"] is None else values["minimum"],
        maximum=values["maximum"],
        interim=values["interim"],
        assumed=values["assumed"],
        effect=values["effect"],
    )
