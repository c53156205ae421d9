"""Published evidence: cited figures of each study, checked.

`studies()`, `show(study, record)`, `show_facts(topic)`, `check_figures(file)`, `synthesise(outcome)`, `outcomes()`,
`pathway(name)`, `subgroups(question)`, `subgroup_questions()`, `balance(question)` and `balance_questions()` answer
what the commands `jaksim evidence list`, `show`, `facts`, `check`, `synthesise`, `synthesise --list`, `pathway`,
`subgroups`, `subgroups --list`, `balance` and `balance --list` do.
"""

from jaksim.evidence.answers import (
    EvidenceCheck,
    FactPages,
    StudyList,
    StudyPage,
    SynthesisList,
    SynthesisResult,
    check_figures,
    outcomes,
    show,
    show_facts,
    studies,
    synthesise,
)
from jaksim.evidence.balance.answers import Balance, BalanceQuestions, balance, balance_questions
from jaksim.evidence.catalogue import load_study, study_ids
from jaksim.evidence.facts import Fact, Topic, load_topic, topic_ids
from jaksim.evidence.figures import Difference, EventCount, Figure, Mean, Median, Proportion, PValue, Ratio, ScoreCounts
from jaksim.evidence.records import Citation, Dispute, Event, Record, Study, StudyArm, Version
from jaksim.evidence.signalling.answers import Pathway, pathway
from jaksim.evidence.subgroups.answers import SubgroupQuestions, Subgroups, subgroup_questions, subgroups

__all__ = [
    "Balance",
    "BalanceQuestions",
    "Citation",
    "Difference",
    "Dispute",
    "Event",
    "EventCount",
    "EvidenceCheck",
    "Fact",
    "FactPages",
    "Figure",
    "Mean",
    "Median",
    "PValue",
    "Pathway",
    "Proportion",
    "Ratio",
    "Record",
    "ScoreCounts",
    "Study",
    "StudyArm",
    "StudyList",
    "StudyPage",
    "SubgroupQuestions",
    "Subgroups",
    "SynthesisList",
    "SynthesisResult",
    "Topic",
    "Version",
    "balance",
    "balance_questions",
    "check_figures",
    "load_study",
    "load_topic",
    "outcomes",
    "pathway",
    "show",
    "show_facts",
    "studies",
    "study_ids",
    "subgroup_questions",
    "subgroups",
    "synthesise",
    "topic_ids",
]
