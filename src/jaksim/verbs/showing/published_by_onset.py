"""Published odds ratios of death by days since onset, of the studies that a treatment's effects come from."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from jaksim.evidence import Proportion, Ratio, Record, Study, load_study, study_ids

LAST: Final = 99
_CLASSES: Final = {"JAK inhibitor": "jaki-ipdma"}
"""By class of drugs, the study that pools its trials."""
_UP_TO: Final = re.compile(r"(?:up to|at most) (\d+) days")
_BETWEEN: Final = re.compile(r"(\d+) to (\d+) days")
_OVER: Final = re.compile(r"more than (\d+) days")


@dataclass(frozen=True)
class PublishedRatio:
    """An odds ratio of death of patients who came on days `low` to `high` since onset, with its standard error."""

    study: str
    record: str
    low: int
    high: int
    log_ratio: float
    standard_error: float


def published_by_onset(study: str, drug_class: str) -> Iterator[PublishedRatio]:
    """Those of the study itself and of the one that pools the trials of its class, if they have any."""
    for name in dict.fromkeys((_CLASSES.get(drug_class, ""), study)):
        if name in study_ids():
            yield from sorted(_of_study(load_study(name)), key=lambda one: one.low)


def _of_study(study: Study) -> Iterator[PublishedRatio]:
    counts: dict[tuple[int, int], list[Record]] = {}
    printed = set()
    for record in study:
        days = _days(record.subgroup)
        if days is None or record.event != "death":
            continue
        figure = record.figure
        if isinstance(figure, Ratio) and figure.measure == "odds_ratio" and figure.log_standard_error:
            printed.add(days)
            yield PublishedRatio(study.id, record.id, *days, math.log(figure.estimate), figure.log_standard_error)
        if isinstance(figure, Proportion) and figure.count is not None and figure.n:
            counts.setdefault(days, []).append(record)
    for days, records in counts.items():
        if days not in printed and len(records) == 2:
            yield from _of_counts(study, days, records)


def _of_counts(study: Study, days: tuple[int, int], records: list[Record]) -> Iterator[PublishedRatio]:
    """The odds ratio of two arms, the first of the study's arms before the other."""
    order = list(study.arms)
    first, second = sorted(records, key=lambda record: order.index(record.arms[0]))
    cells = [(_count(one), _size(one) - _count(one)) for one in (first, second)]
    if all(count > 0 for cell in cells for count in cell):
        (a, b), (c, d) = cells
        error = math.sqrt(1 / a + 1 / b + 1 / c + 1 / d)
        yield PublishedRatio(study.id, first.id, *days, math.log(a * d / (b * c)), error)


def _count(record: Record) -> int:
    assert isinstance(record.figure, Proportion)
    assert record.figure.count is not None
    return record.figure.count


def _size(record: Record) -> int:
    assert isinstance(record.figure, Proportion)
    assert record.figure.n is not None
    return record.figure.n


def _days(subgroup: str) -> tuple[int, int] | None:
    if "onset" not in subgroup:
        return None
    if found := _UP_TO.search(subgroup):
        return 0, int(found[1])
    if found := _BETWEEN.search(subgroup):
        return int(found[1]) + 1, int(found[2])
    if found := _OVER.search(subgroup):
        return int(found[1]) + 1, LAST
    return None
