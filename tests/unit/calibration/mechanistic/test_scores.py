"""What many scored numbers say together."""

from __future__ import annotations

import pytest

from jaksim.calibration.mechanistic.figure_kinds import CONTROL_CHECK
from jaksim.calibration.mechanistic.predictive import Placed
from jaksim.calibration.mechanistic.scores import by_kind, by_study, missed, scored, summary
from jaksim.calibration.mechanistic.trial import PredictedStudy, ScoredNumber


def number(study: str, record: str, kind: str, below: float, through: float, score: float = -1.0) -> ScoredNumber:
    placed = Placed(below, through, 0.5, {})
    return ScoredNumber(
        study=study,
        record=record,
        id=record,
        statistic="proportion of death",
        kind=kind,
        reported=0.1,
        placed=placed,
        pit=placed.transform(0.5),
        log_scores={"jaksim": score, "no effect": score - 1.0},
    )


NUMBERS = (
    number("one", "a", "deaths", 0.30, 0.50),
    number("one", "b", "deaths", 0.05, 0.15, -3.0),
    number("one", "c", "medians and means", 0.99, 1.0),
    number("one", "d", CONTROL_CHECK, 0.4, 0.6),
)
STUDIES = (
    PredictedStudy("one", "One", NUMBERS, ("x",), {}),
    PredictedStudy("two", "Two", (number("two", "a", "deaths", 0.97, 0.99),), ("x",), {}),
)


def test_coverage_is_the_mean_share_inside():
    found = summary("all", NUMBERS[:3])
    assert found.coverage["80"] == pytest.approx((1.0 + 0.5 + 0.0) / 3)
    assert found.coverage["50"] == pytest.approx(1.0 / 3)
    assert found.log_scores == {"jaksim": pytest.approx(-5 / 3), "no effect": pytest.approx(-8 / 3)}
    assert found.transforms == (1, 0, 1, 0, 1)
    assert sum(found.transforms) == found.numbers == found.figures == 3


def test_checks_of_the_control_arm_stand_apart():
    assert [n.record for n in scored(STUDIES)] == ["a", "b", "c", "a"]
    assert [(s.name, s.numbers) for s in by_study(STUDIES)] == [("one", 3), ("two", 1)]
    kinds = {s.name: (s.figures, s.numbers) for s in by_kind(STUDIES)}
    assert kinds == {"deaths": (3, 3), "medians and means": (1, 1), CONTROL_CHECK: (1, 1)}


def test_missed_numbers_are_named_worst_first():
    assert [(n.study, n.record) for n in missed(STUDIES)] == [("one", "c"), ("two", "a")]
    assert [(n.study, n.record) for n in missed(STUDIES, 0.8)] == [("one", "c"), ("two", "a")]
    assert missed(STUDIES, 0.999) == []
