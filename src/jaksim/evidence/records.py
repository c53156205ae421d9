"""Published figures with who they describe, when, and who printed them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from re import fullmatch
from types import MappingProxyType

from jaksim.errors import InputError
from jaksim.evidence.figures import Difference, Figure, Ratio

ORIGINS: Mapping[str, str] = MappingProxyType(
    {
        "published": "read in the study's own publication",
        "quoted": "read in a review that quotes the study's publication",
        "reanalysis": "from the patient-level data, analysed by others",
        "reconstructed": "counts rebuilt from published percentages or tables",
        "derived": "computed from other figures; `derivation` says how",
    }
)
CITATION_KINDS = ("primary", "reanalysis", "review", "registry", "press", "data", "guideline")


@dataclass(frozen=True)
class Citation:
    """A source: full reference, what kind of source it is, and where its figures were read."""

    id: str
    text: str
    kind: str
    doi: str | None = None
    url: str | None = None

    def __post_init__(self) -> None:
        if self.kind not in CITATION_KINDS:
            raise InputError("unknown kind of citation", where="kind", allowed=CITATION_KINDS, got=self.kind)
        if not self.text.strip():
            raise InputError("a citation needs its reference", where="text")


@dataclass(frozen=True)
class Event:
    """What is counted or timed, and whether more of it is good for the patient (None: neither good nor bad)."""

    id: str
    definition: str
    desirable: bool | None = None


@dataclass(frozen=True)
class StudyArm:
    """One arm: treatments by name, the regimen in words, and the number randomised (None when not published).

    An arm that `pools` others stands for them together in the figures that do not tell them apart.
    """

    id: str
    label: str
    treatments: tuple[str, ...]
    regimen: str
    n: int | None = None
    pools: tuple[str, ...] = ()


@dataclass(frozen=True)
class Version:
    """Another printing of a record's figure that disagrees with the one used, and why it is not used."""

    figure: Figure
    citation: str
    reason: str


@dataclass(frozen=True)
class Misfit:
    """A fault that the publication itself carries: the words of the check that finds it, and why it stands."""

    fault: str
    reason: str


@dataclass(frozen=True)
class Record:
    """One published figure.

    `arms` lists the arms the figure is about: one, or numerator (minuend) before denominator (subtrahend); empty when
    all are pooled. `baseline_scores` are the scores at randomisation of the patients it covers, and `subgroup` says in
    words which part of the trial they are when scores do not. `day` is counted from randomisation (day 0), whatever the
    study calls that day; `when` keeps the study's own words. `favours_first` says for which values a contrast speaks
    for the first arm: "above" or "below" the null. `evidence_counts` and `sum_of` name records whose counts must agree
    with this one. `misfits` are the faults of the publication that the checks are expected to find.
    """

    id: str
    event: str
    figure: Figure
    citation: str
    origin: str
    population: str
    subgroup: str = ""
    baseline_scores: tuple[int, ...] = ()
    arms: tuple[str, ...] = ()
    day: int | None = None
    when: str = ""
    favours_first: str | None = None
    adjusted_for: str = ""
    concomitant: str = ""
    quoted_in: tuple[str, ...] = ()
    derivation: str = ""
    note: str = ""
    evidence_counts: tuple[str, ...] = ()
    sum_of: tuple[str, ...] = ()
    disputed: str = ""
    versions: tuple[Version, ...] = ()
    misfits: tuple[Misfit, ...] = ()

    def __post_init__(self) -> None:
        if self.origin not in ORIGINS:
            raise InputError("unknown origin", where="origin", allowed=tuple(ORIGINS), got=self.origin)
        if self.favours_first not in (None, "above", "below"):
            raise InputError(
                "unknown direction", where="favours_first", allowed=("above", "below"), got=self.favours_first
            )
        if len(self.arms) > 2 or (self.is_contrast and len(self.arms) != 2):
            raise InputError("a contrast names two arms, numerator first", where="arms", got=list(self.arms))
        if self.versions and not self.disputed:
            raise InputError("other versions need a word in `disputed` on what they disagree about", where="disputed")

    @property
    def measure(self) -> str:
        return self.figure.measure

    @property
    def is_contrast(self) -> bool:
        return isinstance(self.figure, Ratio | Difference)


@dataclass(frozen=True)
class Dispute:
    """A disagreement between sources that is not one number, and what is followed here."""

    about: str
    versions: tuple[str, ...]
    followed: str
    sources: tuple[str, ...] = ()


@dataclass(frozen=True)
class Study:
    """One trial or series: its arms, events, citations and figures, addressed by record id.

    `published` is the month ("YYYY-MM") in which its results first appeared in a journal: in a report of its own, or
    in a pooled analysis that lists them; empty where that is not known.
    """

    id: str
    title: str
    summary: str
    registry: tuple[str, ...]
    scale: str
    day_of_randomisation: int
    arms: Mapping[str, StudyArm]
    events: Mapping[str, Event]
    citations: Mapping[str, Citation]
    records: Mapping[str, Record]
    n_randomised: int | None = None
    published: str = ""
    design: Mapping[str, str | int] = field(default_factory=dict)
    concomitant: str = ""
    score_mapping: str = ""
    disputes: tuple[Dispute, ...] = ()
    not_found: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if self.published and not fullmatch(r"\d{4}-(0[1-9]|1[0-2])", self.published):
            raise InputError("a month is needed", where="published", allowed="YYYY-MM", got=self.published)
        for record in self.records.values():
            _refers(self, record, "event", [record.event], self.events)
            _refers(self, record, "arms", record.arms, self.arms)
            cited = [record.citation, *record.quoted_in, *(version.citation for version in record.versions)]
            _refers(self, record, "citation", cited, self.citations)
            _refers(self, record, "evidence_counts", record.evidence_counts, self.records)
            _refers(self, record, "sum_of", record.sum_of, self.records)
        for arm in self.arms.values():
            for name in arm.pools:
                if name not in self.arms:
                    where = f"study {self.id}, arms.{arm.id}, key pools"
                    raise InputError("unknown arm", where=where, allowed=tuple(self.arms), got=name)

    def __getitem__(self, record_id: str) -> Record:
        """The record of this id; InputError with the nearest id when there is none."""
        if record_id in self.records:
            return self.records[record_id]
        close = (
            get_close_matches(record_id, self.records, n=4) or f"the ids that `jaksim evidence show {self.id}` lists"
        )
        raise InputError("no such record", where=f"study {self.id}", allowed=close, got=record_id)

    def __iter__(self) -> Iterator[Record]:
        return iter(self.records.values())

    def __len__(self) -> int:
        return len(self.records)


def _refers(
    study: Study, record: Record, key: str, names: tuple[str, ...] | list[str], known: Mapping[str, object]
) -> None:
    for name in names:
        if name not in known:
            where = f"study {study.id}, record {record.id}, key {key}"
            raise InputError(f"unknown {key}", where=where, allowed=tuple(known), got=name)
