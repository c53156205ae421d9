"""Published evidence: cited figures of each study, checked."""

from jaksim.evidence.catalogue import load_study, study_ids
from jaksim.evidence.figures import Difference, Figure, Mean, Median, Proportion, PValue, Ratio, ScoreCounts
from jaksim.evidence.records import Citation, Dispute, Event, Record, Study, StudyArm, Version

__all__ = [
    "Citation",
    "Difference",
    "Dispute",
    "Event",
    "Figure",
    "Mean",
    "Median",
    "PValue",
    "Proportion",
    "Ratio",
    "Record",
    "ScoreCounts",
    "Study",
    "StudyArm",
    "Version",
    "load_study",
    "study_ids",
]
