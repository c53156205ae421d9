"""Checks that catch a wrong transcription: each fault names the record and says what does not fit."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from jaksim.evidence.count_check import count_faults
from jaksim.evidence.figures import Median, Ratio, ScoreCounts
from jaksim.evidence.interval_check import interval_faults
from jaksim.evidence.records import Record, Study
from jaksim.evidence.total_check import total_faults
from jaksim.scale import load_scale


@dataclass(frozen=True)
class Fault:
    """What does not fit in one record (or in the study as a whole, when `record` is empty)."""

    study: str
    record: str
    message: str

    def __str__(self) -> str:
        return f"{self.study}{f', record {self.record}' if self.record else ''}: {self.message}"


def check_study(study: Study) -> list[Fault]:
    """Every fault found in a study; an empty list when all figures agree with each other.

    A fault that a record lists among its misfits, word for word, is not reported; a listed one that is not found is.
    """
    faults = [Fault(study.id, "", message) for message in _size(study)]
    for record in study:
        found = [message for check in _CHECKS for message in check(study, record)]
        listed = [misfit.fault for misfit in record.misfits]
        faults += [Fault(study.id, record.id, message) for message in found if message not in listed]
        stale = (f"the recorded misfit does not occur: {fault}" for fault in listed if fault not in found)
        faults += [Fault(study.id, record.id, message) for message in stale]
    return faults


def _size(study: Study) -> Iterator[str]:
    randomised = [arm for arm in study.arms.values() if not arm.pools]
    sizes = [arm.n for arm in randomised if arm.n is not None]
    if study.n_randomised is not None and sizes and len(sizes) == len(randomised) and sum(sizes) != study.n_randomised:
        yield f"the arms add up to {sum(sizes)} patients, n_randomised is {study.n_randomised}"
    for arm in study.arms.values():
        parts = [study.arms[name].n or 0 for name in arm.pools]
        if parts and arm.n is not None and sum(parts) != arm.n:
            yield f"the arm '{arm.id}' pools {sum(parts)} patients, its n is {arm.n}"


def _figures(study: Study, record: Record) -> Iterator[str]:
    yield from interval_faults(record.figure)
    for version in record.versions:
        yield from (f"version of {version.citation}: {message}" for message in interval_faults(version.figure))


def _direction(study: Study, record: Record) -> Iterator[str]:
    """A contrast says which side of the null is good for its first arm, as the event being wanted or not implies."""
    if not record.is_contrast:
        return
    if record.favours_first is None:
        yield "the direction is not stated: `favours_first` says which side of the null is good for the first arm"
        return
    desirable = study.events[record.event].desirable
    if desirable is None:
        yield f"the event '{record.event}' does not say whether it is desirable, so no direction can hold"
    elif (record.favours_first == "above") != desirable:
        wanted = "desirable" if desirable else "undesirable"
        yield f"favours_first = '{record.favours_first}' is the wrong way round: '{record.event}' is {wanted}"


def _placing(study: Study, record: Record) -> Iterator[str]:
    """Scores exist on the scale, and a derived figure says how it was derived."""
    scale = load_scale(study.scale)
    scores = [*record.baseline_scores, *(record.figure.scores if isinstance(record.figure, ScoreCounts) else ())]
    for score in scores:
        if score not in scale.scores:
            yield f"the scale {study.scale} has no score {score}"
    if record.origin == "derived" and not record.derivation:
        yield "a derived figure needs `derivation`"
    if record.origin == "quoted" and not record.quoted_in and study.citations[record.citation].kind == "primary":
        yield "a quoted figure says in `quoted_in` who quotes it"


def _medians(study: Study, record: Record) -> Iterator[str]:
    """A clear rate ratio and the medians of the same event and patients point the same way."""
    figure = record.figure
    if not isinstance(figure, Ratio) or figure.interval is None or figure.interval[0] <= 1 <= figure.interval[1]:
        return
    if figure.measure not in ("rate_ratio", "hazard_ratio"):
        return
    medians = [_median_of(study, record, arm) for arm in record.arms]
    if None not in medians and (medians[0] - medians[1]) * figure.log_estimate > 0:  # type: ignore[operator]
        yield f"medians of {medians[0]:g} and {medians[1]:g} contradict a {figure.measure} of {figure.estimate:g}"


def _median_of(study: Study, contrast: Record, arm: str) -> float | None:
    for record in study:
        same = record.event == contrast.event and record.baseline_scores == contrast.baseline_scores
        if same and record.arms == (arm,) and isinstance(record.figure, Median):
            return record.figure.estimate
    return None


_CHECKS = (_figures, _direction, _placing, count_faults, total_faults, _medians)
