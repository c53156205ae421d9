"""Scores put together into levels: the same law, fewer ranks."""

import numpy as np
import pytest

from jaksim.calibration.levels import by_level, scores_by_rank, with_levels
from jaksim.calibration.predict import STATISTICS, StudyLaws
from jaksim.calibration.statistic import Statistic
from jaksim.endpoint.registry import build_endpoint
from jaksim.errors import InputError
from jaksim.methods import proportional_odds
from jaksim.scale import load_scale

SIX = [[1, 2], [3, 4], [5], [6], [7], [8]]
SCORE = {"name": "status", "kind": "score_on_day", "day": 28}


def score_on_day():
    return build_endpoint(SCORE, load_scale("niaid-8"), 28)


def test_scores_of_a_level_share_its_rank():
    endpoint = with_levels(score_on_day(), SIX, "levels")
    assert scores_by_rank(endpoint) == [(1, 2), (3, 4), (5,), (6,), (7,), (8,)]
    assert endpoint.rank.tolist() == [0, 0, 1, 1, 2, 3, 4, 5]
    law = np.array([[0.1, 0.2, 0.05, 0.05, 0.1, 0.2, 0.1, 0.2]])
    np.testing.assert_allclose(by_level(law, endpoint.rank.tolist()), [[0.3, 0.1, 0.1, 0.2, 0.1, 0.2]])
    np.testing.assert_array_equal(by_level(law, score_on_day().rank.tolist()), law)


@pytest.mark.parametrize(
    ("levels", "words"),
    [
        ([[1, 2], [3, 4], [5], [6], [7]], "every score once"),
        ([[1, 2], [2, 3, 4], [5], [6], [7], [8]], "every score once"),
        ([[8], [7], [6], [5], [3, 4], [1, 2]], "best to the worst"),
        ([1, 2, 3], "list"),
        ("all", "list"),
        ([[1, 2], [3.5, 4], [5], [6], [7], [8]], "whole number"),
    ],
)
def test_levels_that_are_no_partition_are_refused(levels, words):
    with pytest.raises(InputError, match=words):
        with_levels(score_on_day(), levels, "endpoint status, levels")


def test_only_scores_have_levels():
    death = build_endpoint({"name": "death", "kind": "event_by_day", "set": "dead"}, load_scale("niaid-8"), 28)
    with pytest.raises(InputError, match="only an ordinal endpoint has levels"):
        with_levels(death, SIX, "levels")


def test_tables_and_odds_ratios_are_those_of_the_levels(study_of, scattered):
    """ACTT-2's status on day 28 in six levels, against the merged tables of the eight scores."""
    study = study_of("actt-2")
    laws = StudyLaws(study, scattered(study, 3)[:1])
    endpoint = study.endpoints["status_day28"]
    strata = tuple(study.strata)
    merged = []
    for arm in ("placebo", "baricitinib"):
        eight = laws.expected_table("status_day28", arm, strata)[0]
        merged.append(np.stack([eight[:, [s - 1 for s in level]].sum(axis=1) for level in SIX], axis=1))
        table = STATISTICS["score_table"](laws, Statistic("score_table", "status_day28", arm, "", strata))
        np.testing.assert_allclose(table[0], merged[-1].sum(axis=0) / merged[-1].sum(), atol=1e-12)
    assert endpoint.value.tolist() == list(range(1, 9))
    statistic = Statistic("proportional_odds", "status_day28", "baricitinib", "placebo", strata)
    expected = proportional_odds(np.array(merged), np.arange(6)).estimate
    assert STATISTICS["proportional_odds"](laws, statistic)[0, 0] == pytest.approx(expected, abs=1e-8)
