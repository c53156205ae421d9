"""Kinds of published figures by what they are about."""

from __future__ import annotations

import pytest

from jaksim.calibration.mechanistic.figure_kinds import KINDS, is_death, kind_of_figure
from jaksim.endpoint.registry import build_endpoint


@pytest.mark.parametrize(
    ("study", "record", "kind"),
    [
        ("actt-2", "day15_table.score4.baricitinib", "tables of scores"),
        ("actt-2", "day15_odds_ratio.all", "odds ratios of scores"),
        ("actt-2", "median_recovery.all.baricitinib", "medians and means"),
        ("actt-2", "deaths_day28.score5.baricitinib", "deaths"),
        ("actt-2", "ventilation_or_death_day28.score456.baricitinib", "other events"),
        ("recovery-dexamethasone", "mortality_rate_ratio_day28.all", "contrasts of deaths"),
        ("recovery-dexamethasone", "discharge_rate_ratio_day28.all", "contrasts of other events"),
    ],
)
def test_a_figure_is_of_the_kind_of_its_event(study_of, study, record, kind):
    loaded = study_of(study)
    number = [target.id for target in loaded.targets].index(record)
    statistic = loaded.statistics[number]
    assert kind_of_figure(statistic, loaded.endpoints[statistic.endpoint]) == kind
    assert kind in KINDS


@pytest.mark.parametrize(
    ("spec", "expected"),
    [
        ({"kind": "event_by_day", "set": "dead", "day": 14}, True),
        ({"kind": "time_to_event", "set": "dead"}, True),
        ({"kind": "event_by_day", "scores": [7, 8], "day": 28}, False),
        ({"kind": "event_by_day", "scores": [7], "day": 28}, False),
        ({"kind": "event_by_day", "scores": [6, 7, 8], "day": 28, "worse_than_baseline": True}, False),
        ({"kind": "time_to_event", "set": "recovered"}, False),
    ],
)
def test_death_is_the_event_that_no_living_patient_has(study_of, spec, expected):
    endpoint = build_endpoint({"name": "e", **spec}, study_of("actt-2").template.scale, 28)
    assert is_death(endpoint) is expected
