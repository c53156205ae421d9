"""Keys that adaptations after one interim analysis share."""

from __future__ import annotations

from typing import Final

from jaksim.key import Key
from jaksim.trial.adaptive.stages import STAGES
from jaksim.trial.monitoring.boundaries import Boundaries

ANALYSIS: Final = Key("analysis", "text", "Name of the analysis that is adapted; the primary one by default.", "")
INTERIM: Final = Key(
    "interim", "number", "When the interim analysis is, in parts of the planned information.", 0.5, low=0.05, high=0.95
)
SPENDING: Final = Key(
    "spending",
    "text",
    "How alpha is spent at the interim analysis, as in [monitoring]; nothing there by default.",
    "",
)
STAGES_KEY: Final = Key(
    "stages",
    "text",
    "What the second stage is: the patients not complete at the interim analysis ('cohorts', the default but for "
    "times), or what the statistic gains after it ('increments', for times).",
    "",
    allowed=("", *STAGES),
)


def two_stage_boundaries(interim: float, spending: str, alpha: float) -> Boundaries:
    """One-sided bounds of an interim analysis and the last one; without spending the interim has none."""
    import numpy as np

    from jaksim.trial.monitoring.bounds import boundaries_of
    from jaksim.trial.monitoring.plan import MonitoringPlan
    from jaksim.trial.monitoring.words import efficacy_of

    times = np.array([interim, 1.0])
    return boundaries_of(
        MonitoringPlan(
            information=(interim, 1.0),
            efficacy=efficacy_of(spending or "obrien-fleming", times, alpha),
            alpha=alpha,
            efficacy_off=() if spending else (1,),
        )
    )
