"""What the places of many published numbers say together: coverage, transforms, scores, and which were missed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from jaksim.calibration.mechanistic.figure_kinds import CONTROL_CHECK, KINDS
from jaksim.calibration.mechanistic.predictive import LEVELS
from jaksim.calibration.mechanistic.trial import PredictedStudy, ScoredNumber

BINS = 5


@dataclass(frozen=True)
class Summary:
    """Numbers of one group: share inside intervals by level, transforms by fifth, mean log scores by prediction.

    `figures` counts records, of which a table has several numbers. Scores are of the predictions that all numbers have.
    """

    name: str
    figures: int
    numbers: int
    coverage: dict[str, float]
    transforms: tuple[int, ...]
    log_scores: dict[str, float]


def summary(name: str, numbers: Sequence[ScoredNumber]) -> Summary:
    """What a group of at least one number says."""
    names = [name for name in numbers[0].log_scores if all(name in number.log_scores for number in numbers)]
    counts, _ = np.histogram([number.pit for number in numbers], bins=BINS, range=(0.0, 1.0))
    return Summary(
        name=name,
        figures=len({(number.study, number.record) for number in numbers}),
        numbers=len(numbers),
        coverage={f"{100 * level:g}": float(np.mean([n.placed.inside(level) for n in numbers])) for level in LEVELS},
        transforms=tuple(int(count) for count in counts),
        log_scores={key: float(np.mean([number.log_scores[key] for number in numbers])) for key in names},
    )


def scored(studies: Iterable[PredictedStudy]) -> list[ScoredNumber]:
    """Numbers of active arms and contrasts, which the coverage is of: checks of the control arm say less."""
    return [number for study in studies for number in study.numbers if number.kind != CONTROL_CHECK]


def by_study(studies: Iterable[PredictedStudy]) -> tuple[Summary, ...]:
    """One summary for each trial, without the checks of its control arm."""
    found = ((study.study, scored([study])) for study in studies)
    return tuple(summary(name, numbers) for name, numbers in found if numbers)


def by_kind(studies: Sequence[PredictedStudy]) -> tuple[Summary, ...]:
    """One summary for each kind of figure that occurs."""
    numbers = [number for study in studies for number in study.numbers]
    found = ((kind, [number for number in numbers if number.kind == kind]) for kind in KINDS)
    return tuple(summary(kind, own) for kind, own in found if own)


def missed(studies: Sequence[PredictedStudy], level: float = 0.95) -> list[ScoredNumber]:
    """Numbers outside the central interval of this level with more than half of their probability, worst first."""
    numbers = [number for study in studies for number in study.numbers if number.placed.inside(level) < 0.5]
    return sorted(numbers, key=lambda number: (number.placed.tail, number.study, number.id))
