"""What the stages of a trial are, so that the second says nothing of the first."""

from __future__ import annotations

from typing import Final

from jaksim.endpoint.kinds import kind_of
from jaksim.errors import InputError
from jaksim.trial.adaptive.adaptation import Demands
from jaksim.trial.parts import TrialParts, plan_named, watched_endpoint
from jaksim.trial.plan import AnalysisPlan

STAGES: Final = {
    "cohorts": "patients in order of entry: those complete at the interim analysis, and all others",
    "increments": "what the statistic of all patients has gained since the interim analysis",
}
_WORDS: Final = {
    "cohorts": (
        "stages: the first is the patients in order of entry whose outcomes are complete at the interim analysis; "
        "those still in follow-up belong to the second, and nothing of them is used before"
    ),
    "increments": (
        "stages: the second is the gain of the score statistic since the interim analysis, from new patients and from "
        "those under observation"
    ),
}


def stage_words(stages: str) -> str:
    """The stages in a sentence."""
    return _WORDS[stages]


def analysis_at_level(trial: TrialParts, name: str, alpha: float, demands: Demands) -> AnalysisPlan:
    """The analysis of that name; InputError unless it is at this level and as the design demands it."""
    plan = plan_named(trial, name, "adaptation.analysis")
    demands.check([plan], "adaptation.analysis")
    if abs(plan.alpha - alpha) > 1e-12:
        raise InputError(
            f"the analysis is at {plan.alpha:g}, the adaptation at {alpha:g}",
            where="adaptation.analysis",
            allowed=f"alpha = {alpha:g} in the analysis",
        )
    return plan


def check_increments(trial: TrialParts, plan: AnalysisPlan, events: float | None) -> None:
    """InputError unless the statistic of an analysis gains independent increments that can be planned in events."""
    if not kind_of(trial.endpoint(plan.endpoint)).timed:
        raise InputError("increments are of events over time", where="adaptation.stages", allowed="cohorts")
    if events is None or not events >= 1.0:
        raise InputError(
            "increments need the events of the last analysis as planned",
            where="adaptation.events",
            allowed="a number of events",
            got=events,
        )
    watched_endpoint(trial, plan.endpoint)
