"""The catalogue held against its second transcription, figure by figure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import MISSING, fields
from typing import Any

from jaksim.evidence.catalogue import load_study, study_ids
from jaksim.evidence.check import Fault, check_study
from jaksim.evidence.figures import Figure
from jaksim.evidence.records import Record, Study
from jaksim.evidence.second_file import (
    SIZE,
    SecondReading,
    SecondRecord,
    Values,
    has_second_reading,
    load_second_reading,
)


def faults_of(name_or_path: str) -> list[Fault]:
    """Every fault of a study: its own checks and, for a study of the catalogue, the comparison with the second reading.

    A study file outside the catalogue has no second reading and is checked without.
    """
    study = load_study(name_or_path)
    faults = check_study(study)
    if name_or_path not in study_ids():
        return faults
    if not has_second_reading(study.id):
        return [*faults, Fault(study.id, "", "the study has no second reading")]
    return [*faults, *compare(study, load_second_reading(study.id))]


def compare(study: Study, second: SecondReading) -> list[Fault]:
    """Where the two transcriptions disagree, each fault naming the record and the key.

    A record that was not read again and is not listed in `not_checked` is a fault, and so is a second reading of a
    record that the study does not have.
    """
    faults = [Fault(study.id, "", message) for message in _sizes(study, second)]
    for record in study:
        if record.id in second.records:
            found = _differences(record, second.records[record.id])
            faults += [Fault(study.id, record.id, message) for message in found]
        elif record.id not in second.not_checked:
            faults.append(Fault(study.id, record.id, "no second reading, and no reason for that in `not_checked`"))
    known = {*study.records, *(SIZE + arm for arm in study.arms)}
    unknown = [name for name in (*second.records, *second.not_checked) if name not in known]
    return faults + [Fault(study.id, name, "known to the second reading only") for name in unknown]


def _sizes(study: Study, second: SecondReading) -> Iterator[str]:
    for arm in study.arms.values():
        size = second.sizes.get(arm.id)
        if SIZE + arm.id not in second.not_checked and size != arm.n:
            yield _disagreement(f"the number randomised to '{arm.id}'", size, arm.n)


def _differences(record: Record, second: SecondRecord) -> Iterator[str]:
    if record.measure != second.measure and "measure" not in second.not_read:
        yield _disagreement("measure", second.measure, record.measure)
        return
    first = _placed(record) | _printed(record.figure)
    silent = _silent(record.figure)
    for key in (*first, *(key for key in second.values if key not in first)):
        ours, theirs = (values.get(key, silent.get(key)) for values in (first, second.values))
        agree = _within_rounding(ours, theirs) if key in second.rounded else ours == theirs
        if not agree and key not in second.not_read:
            yield _disagreement(key, theirs, ours)
        if key in second.not_read and ours == silent.get(key):
            yield f"the second reading did not find {key}, which the catalogue does not state either"
    if "versions" not in second.not_read:
        yield from _version_differences(record, second)


def _placed(record: Record) -> dict[str, Any]:
    """What a record says of its figure: arms, scores, day, and the direction in words."""
    null = 0 if record.measure.endswith("difference") else 1
    return {
        "arms": record.arms,
        "baseline_scores": record.baseline_scores,
        "day": record.day,
        "direction": record.favours_first and f"{record.favours_first} {null} favours {record.arms[0]}",
    }


def _printed(figure: Figure) -> dict[str, Any]:
    """The values of a figure by key, without `interval_kind`, which the checks find out and no source prints."""
    return {item.name: getattr(figure, item.name) for item in fields(figure) if item.name != "interval_kind"}


def _silent(figure: Figure) -> dict[str, Any]:
    """What holds for the keys of a figure, its arms, scores, day and direction when a transcription says nothing."""
    given = {item.name: item.default for item in fields(figure) if item.default is not MISSING}
    return {"arms": (), "baseline_scores": (), "day": None, "direction": None, **given}


def _version_differences(record: Record, second: SecondRecord) -> Iterator[str]:
    first = [_printed(version.figure) for version in record.versions]
    again = [_printed(version) for version in second.versions]
    for version in again:
        if version not in first:
            yield f"another version, {_in_words(version)}, is known to the second reading only"
    for version in first:
        if version not in again:
            yield f"another version, {_in_words(version)}, is not known to the second reading"


def _within_rounding(first: Any, second: Any) -> bool:
    """Whether `second` may be `first` printed with the fewer digits that it has."""
    if first is None or second is None:
        return first is second
    return bool(abs(first - second) <= 0.5 * 10.0 ** -getattr(second, "decimals", 0) + 1e-9)


def _disagreement(what: str, second: object, first: object) -> str:
    return f"{what} is {_shown(first)}, read as {_shown(second)} the second time"


def _in_words(values: Values) -> str:
    stated = {key: value for key, value in values.items() if value is not None and key != "measure"}
    return ", ".join(f"{key} {_shown(value)}" for key, value in stated.items())


def _shown(value: object) -> str:
    if isinstance(value, tuple):
        return f"[{', '.join(_shown(item) for item in value)}]"
    if isinstance(value, float):
        return f"{value:g}"
    return "not stated" if value is None else str(value)
