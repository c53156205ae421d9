"""What can be asked of the evidence: the list of studies, a study or a record, facts by topic, whether all agrees."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from os import PathLike
from typing import Any

from jaksim.checks import named, text
from jaksim.errors import InputError
from jaksim.evidence.catalogue import load_study, study_ids
from jaksim.evidence.facts import Topic, load_topic, topic_ids
from jaksim.evidence.records import Record, Study
from jaksim.evidence.registry import link_faults, studies_registered_as, study_named
from jaksim.evidence.second_file import load_second_reading
from jaksim.evidence.second_reading import faults_of
from jaksim.result import Result, plain
from jaksim.version import __version__

VERSION: Mapping[str, Any] = {"version": __version__}


@dataclass(frozen=True, repr=False)
class StudyList(Result):
    """Studies of the catalogue."""

    studies: tuple[Study, ...]
    provenance: Mapping[str, Any] = field(default_factory=lambda: VERSION)

    def headline(self) -> str:
        """How many."""
        return f"{len(self.studies)} studies"

    def rows(self) -> list[dict[str, Any]]:
        """One row per study."""
        return [
            {
                "id": study.id,
                "title": study.title,
                "registry": study.registry,
                "n_randomised": study.n_randomised,
                "records": len(study),
                "disputed": [record.id for record in study if record.disputed],
            }
            for study in self.studies
        ]

    def short_rows(self) -> list[dict[str, Any]]:
        """Id and number of records."""
        return [{"id": study.id, "records": len(study)} for study in self.studies]

    def contents(self) -> dict[str, Any]:
        """Everything by name."""
        return {"studies": self.rows(), "provenance": dict(self.provenance)}


@dataclass(frozen=True, repr=False)
class StudyPage(Result):
    """A study, or one `record` of it, with all that is known."""

    study: Study
    record: Record | None = None
    provenance: Mapping[str, Any] = field(default_factory=lambda: VERSION)

    @property
    def shown(self) -> tuple[Record, ...]:
        """The records that are shown."""
        return tuple(self.study) if self.record is None else (self.record,)

    def headline(self) -> str:
        """The study, and the record where one was asked for."""
        return self.study.title if self.record is None else f"{self.record.id} [{self.study.id}]"

    def rows(self) -> list[dict[str, Any]]:
        """One row per record, with the values of its figure."""
        return [
            {
                "id": record.id,
                "measure": type(record.figure).__name__,
                **plain(asdict(record.figure)),
                "disputed": record.disputed,
            }
            for record in self.shown
        ]

    def short_rows(self) -> list[dict[str, Any]]:
        """Id of each record."""
        return [{"id": record.id} for record in self.shown]

    def contents(self) -> dict[str, Any]:
        """Everything by name."""
        if self.record is None:
            return {**asdict(self.study), "provenance": dict(self.provenance)}
        return {"study": self.study.id, **asdict(self.record), "provenance": dict(self.provenance)}


@dataclass(frozen=True, repr=False)
class FactPages(Result):
    """Facts by topic; `complete` when all topics are listed rather than one shown."""

    topics: tuple[Topic, ...]
    complete: bool
    provenance: Mapping[str, Any] = field(default_factory=lambda: VERSION)

    def headline(self) -> str:
        """Topics and facts."""
        return f"{sum(len(topic) for topic in self.topics)} facts on {', '.join(topic.id for topic in self.topics)}"

    def rows(self) -> list[dict[str, Any]]:
        """One row per fact."""
        return [{"topic": topic.id, **plain(asdict(fact))} for topic in self.topics for fact in topic]

    def short_rows(self) -> list[dict[str, Any]]:
        """Topic and number of facts."""
        return [{"topic": topic.id, "facts": len(topic)} for topic in self.topics]

    def contents(self) -> dict[str, Any]:
        """Everything by name: the topic, or the list of topics."""
        if not self.complete:
            return {**asdict(self.topics[0]), "provenance": dict(self.provenance)}
        listed = [{"id": topic.id, "title": topic.title, "facts": len(topic)} for topic in self.topics]
        return {"topics": listed, "provenance": dict(self.provenance)}


@dataclass(frozen=True, repr=False)
class EvidenceCheck(Result):
    """How much was checked, with nothing found: a figure that does not fit raises InputError."""

    studies: tuple[Study, ...]
    read_twice: int
    facts: int
    recorded_misfits: tuple[str, ...]
    provenance: Mapping[str, Any] = field(default_factory=lambda: VERSION)

    @property
    def records(self) -> int:
        """Records of all studies that were checked."""
        return sum(len(study) for study in self.studies)

    def headline(self) -> str:
        """What was counted."""
        return f"{self.records} records in {len(self.studies)} studies agree"

    def rows(self) -> list[dict[str, Any]]:
        """One row per study."""
        return [{"study": study.id, "records": len(study)} for study in self.studies]

    def contents(self) -> dict[str, Any]:
        """Everything by name."""
        return {
            "studies": [study.id for study in self.studies],
            "records": self.records,
            "read_twice": self.read_twice,
            "facts": self.facts,
            "faults": [],
            "recorded_misfits": list(self.recorded_misfits),
            "provenance": dict(self.provenance),
        }


@dataclass(frozen=True, repr=False)
class SynthesisResult(Result):
    """What the catalogue says when its records are put together, as plain values."""

    document: Mapping[str, Any]
    provenance: Mapping[str, Any] = field(default_factory=lambda: VERSION)

    def headline(self) -> str:
        """The synthesis and its trials."""
        return f"synthesis {self.document['outcome']!r}: {len(self.document['trials'])} trials"

    def rows(self) -> list[dict[str, Any]]:
        """One row per trial."""
        return [
            {key: value for key, value in trial.items() if not isinstance(value, Mapping | list)}
            for trial in self.document["trials"]
        ]

    def short_rows(self) -> list[dict[str, Any]]:
        """The classes."""
        return [{"class": name} for name in self.document["classes"]]

    def contents(self) -> dict[str, Any]:
        """Every answer, with the records behind it and the studies left out."""
        return {**self.document, "provenance": dict(self.provenance)}


@dataclass(frozen=True, repr=False)
class SynthesisList(Result):
    """The outcomes that can be synthesised, with how far trials differ in each."""

    outcomes: tuple[Mapping[str, Any], ...]
    provenance: Mapping[str, Any] = field(default_factory=lambda: VERSION)

    def headline(self) -> str:
        """How many."""
        return f"{len(self.outcomes)} outcomes"

    def rows(self) -> list[dict[str, Any]]:
        """One row per outcome."""
        return [
            {key: value for key, value in outcome.items() if not isinstance(value, Mapping)}
            for outcome in self.outcomes
        ]

    def short_rows(self) -> list[dict[str, Any]]:
        """Outcome and number of trials."""
        return [{"outcome": row["outcome"], "trials": row["trials"]} for row in self.outcomes]

    def contents(self) -> dict[str, Any]:
        """Everything by name."""
        return {"outcomes": [dict(row) for row in self.outcomes], "provenance": dict(self.provenance)}


def outcomes() -> SynthesisList:
    """The outcomes that `synthesise` knows by name, each with its trials and the standard deviation between them."""
    from jaksim.evidence.synthesis.plain import outline_of
    from jaksim.evidence.synthesis.selection_file import selection_ids

    return SynthesisList(tuple(outline_of(name) for name in selection_ids()))


def synthesise(outcome: str | PathLike[str] = "mortality") -> SynthesisResult:
    """Pool the catalogue: classes, agents, interaction. `outcome` is one that `outcomes` lists, or a file."""
    from jaksim.evidence.synthesis.answers import synthesise as pooled
    from jaksim.evidence.synthesis.plain import as_dict

    return SynthesisResult(as_dict(pooled(named(outcome, "outcome"))))


def studies(registry: str | None = None) -> StudyList:
    """The studies of the catalogue, or those with this registry number; InputError where there is none."""
    chosen = study_ids() if registry is None else studies_registered_as(text(registry, "registry"))
    return StudyList(tuple(load_study(name) for name in chosen))


def show(study: Study | str | PathLike[str], record: str | None = None) -> StudyPage:
    """Everything about a study (its id, registry number, file or itself), or about one of its records."""
    found = study if isinstance(study, Study) else load_study(_chosen(study, "study"))
    return StudyPage(found, None if record is None else found[record])


def show_facts(topic: str | None = None) -> FactPages:
    """Facts with their sources, of one topic or of all."""
    names = topic_ids() if topic is None else (text(topic, "topic"),)
    return FactPages(tuple(load_topic(name) for name in names), complete=topic is None)


def check_figures(file: str | PathLike[str] | None = None) -> EvidenceCheck:
    """Check that figures agree with each other and with the second reading: of a study, or of the whole catalogue.

    For the whole catalogue, the registry numbers that the facts list are held against those of the studies as well.

    Raises InputError that lists the figures that do not fit.
    """
    chosen = study_ids() if file is None else (_chosen(file, "file"),)
    checked = tuple(load_study(name) for name in chosen)
    faults = [str(fault) for name in chosen for fault in faults_of(name)]
    faults += link_faults() if file is None else ()
    if faults:
        several = "s do" if len(faults) > 1 else " does"
        raise InputError(f"{len(faults)} figure{several} not fit", details=faults)
    return EvidenceCheck(
        studies=checked,
        read_twice=sum(len(load_second_reading(name).records) for name in chosen if name in study_ids()),
        facts=sum(len(load_topic(name)) for name in topic_ids()) if file is None else 0,
        recorded_misfits=tuple(f"{one.id}, record {record.id}" for one in checked for record in one if record.misfits),
    )


def _chosen(study: str | PathLike[str], parameter: str) -> str:
    name = named(study, parameter)
    return study_named(name) if isinstance(study, str) else name
