"""What the stages of a trial are, so that the second says nothing of the first."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from jaksim.errors import InputError

if TYPE_CHECKING:
    from jaksim.trial.protocol import Trial

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


def check_analysis(trial: Trial, analysis: str, alpha: float, stages: str, events: float | None) -> None:
    """InputError unless the analysis exists, is one-sided at this level, and can be split into stages."""
    names = [plan.name for plan in trial.analyses]
    if analysis not in names:
        raise InputError("unknown analysis", where="adaptation.analysis", allowed=names, got=analysis)
    plan = trial.analyses[names.index(analysis)]
    if plan.sides != 1 or abs(plan.alpha - alpha) > 1e-12:
        raise InputError(
            f"the analysis is {plan.sides}-sided at {plan.alpha:g}, the adaptation one-sided at {alpha:g}",
            where="adaptation.analysis",
            allowed="sides = 1 in the analysis",
        )
    if plan.hypothesis == "equivalence":
        raise InputError("equivalence has two tests", where="adaptation.analysis", allowed="a one-sided hypothesis")
    if stages == "increments" and trial.endpoint(plan.endpoint).kind != "time_to_event":
        raise InputError("increments are of events over time", where="adaptation.stages", allowed="cohorts", got=stages)
    if stages == "increments" and (events is None or not events >= 1.0):
        raise InputError(
            "increments need the events of the last analysis as planned",
            where="adaptation.events",
            allowed="a number of events",
            got=events,
        )
    if stages == "increments":
        trial.check_watched(plan.endpoint)
