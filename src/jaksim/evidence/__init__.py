"""Published evidence: cited figures of each study, checked."""

from jaksim.evidence.catalogue import load_study, study_ids
from jaksim.evidence.facts import Fact, Topic, load_topic, topic_ids
from jaksim.evidence.figures import Difference, Figure, Mean, Median, Proportion, PValue, Ratio, ScoreCounts
from jaksim.evidence.records import Citation, Dispute, Event, Record, Study, StudyArm, Version

__all__ = [
    "Citation",
    "Difference",
    "Dispute",
    "Event",
    "Fact",
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
    "Topic",
    "Version",
    "load_study",
    "load_topic",
    "study_ids",
    "topic_ids",
]
