"""Registry numbers: which study of the catalogue each belongs to, and trials that were registered."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from jaksim.errors import InputError
from jaksim.evidence.catalogue import load_study, study_ids
from jaksim.evidence.facts import Topic, load_topic

TOPIC = "registered-trials"
"""The topic with the trials that a review lists by registry number."""
LINKS = "catalogue"
"""The key of such a fact that says which of its numbers are studies of the catalogue."""
_NUMBER = re.compile(
    r"(NCT|ISRCTN|CRD|DRKS|JRCTS?|JPRN-|PACTR|RPCEC|ACTRN|SLCTR/|TCTR|LBCTR|KCT|NTR|NL)\d[-/\d]*"
    r"|CHICTR[-\w]*\d|IRCT\d+N\d+|RBR-\w+|CTRI/[/\d]+|\d{4}-\d{6}-\d{2}"
)
"""The primary registries of the WHO, in capitals and without spaces; EudraCT and PROSPERO without their names."""


@dataclass(frozen=True)
class RegisteredTrial:
    """A registry number that a fact lists, with its drug, its phase in words and the study of the catalogue, if any."""

    number: str
    drug: str
    phase: str
    study: str = ""


def is_registry_number(text: str) -> bool:
    """Whether the text has the form of a registry number, such as NCT04401579; letter case and spaces don't matter."""
    return _NUMBER.fullmatch(_plain(text)) is not None


def studies_registered_as(number: str) -> tuple[str, ...]:
    """Ids of the studies with this registry number; InputError where the catalogue has none, saying what is known."""
    found = tuple(study for study, numbers in _numbers().items() if _plain(number) in map(_plain, numbers))
    if found:
        return found
    known = [number for numbers in _numbers().values() for number in numbers]
    for trial in registered_trials():
        if _plain(trial.number) == _plain(number):
            what = f"registered as a trial of {trial.drug} ({trial.phase}), but the catalogue has no study of it"
            raise InputError(what, where="registry number", got=number)
    what = "no study of the catalogue has this registry number"
    raise InputError(what, where="registry number", allowed=_distinct(known), got=number)


def study_named(text: str) -> str:
    """The text itself, or for a registry number the id of its study; InputError where several studies share it."""
    if not is_registry_number(text):
        return text
    found = studies_registered_as(text)
    if len(found) > 1:
        raise InputError("several studies share this registry number", where="evidence", allowed=found, got=text)
    return found[0]


def registered_trials(topic: Topic | None = None) -> tuple[RegisteredTrial, ...]:
    """The trials that the facts list by registry number."""
    return tuple(
        RegisteredTrial(number, str(fact.values["drug"]), phase, fact.values.get(LINKS, {}).get(number, ""))
        for fact in topic or load_topic(TOPIC)
        for phase, numbers in _phases(fact.values)
        for number in numbers
    )


def link_faults(topic: Topic | None = None) -> Iterator[str]:
    """Where the listed trials and the catalogue don't fit: counts, numbers, links that are wrong or missing."""
    topic = topic or load_topic(TOPIC)
    for fact in topic:
        place = f"{topic.id}, fact {fact.id}"
        listed = [number for _, numbers in _phases(fact.values) for number in numbers]
        if len(set(listed)) != fact.values["trials"]:
            yield f"{place}: {len(set(listed))} numbers are listed, trials is {fact.values['trials']}"
        for number, study in fact.values.get(LINKS, {}).items():
            if number not in listed:
                yield f"{place}: {number} is linked but not among the numbers listed"
            if study not in study_ids():
                yield f"{place}: {number} is linked to '{study}', which is not in the catalogue"
            elif _plain(number) not in map(_plain, _numbers()[study]):
                yield f"{place}: {number} is linked to {study}, whose registry numbers are {_listed(_numbers()[study])}"
        for number in listed:
            for study, numbers in _numbers().items():
                if _plain(number) in map(_plain, numbers) and fact.values.get(LINKS, {}).get(number) is None:
                    yield f"{place}: {number} is the registry number of {study} but not linked to it"


def _phases(values: Mapping[str, Any]) -> Iterator[tuple[str, list[str]]]:
    for key, numbers in values.items():
        if key.startswith("phase"):
            yield f"phase {key.removeprefix('phase').replace('_', ' ').strip()}", numbers


def _numbers() -> dict[str, tuple[str, ...]]:
    return {study: load_study(study).registry for study in study_ids()}


def _plain(number: str) -> str:
    return "".join(number.split()).upper().removeprefix("PROSPERO").removeprefix("EUDRACT")


def _distinct(numbers: list[str]) -> tuple[str, ...]:
    return tuple(sorted(set(numbers)))


def _listed(numbers: tuple[str, ...]) -> str:
    return ", ".join(numbers) or "none"
