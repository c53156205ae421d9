"""Data of a few patients: strata that go with the arms, one patient in an arm, no test; and absurd margins."""

import math
import re

import numpy as np
import pytest

import jaksim
from jaksim.analysis.registry import METHOD_NAMES, get_method
from jaksim.errors import InputError
from jaksim.methods import partial_proportional_odds

KINDS = {"time_to_event": "time", "ordinal": "score", "binary": "event", "day_count": "days"}


def test_cut_points_where_strata_and_arms_go_together():
    """Stratum s2 has the reference arm alone and every better status of it: its coefficient drifts off."""
    data = {"arm": [1, 1, 1, 0, 0, 0], "score": [8, 3, 5, 4, 5, 2], "stratum": ["s1", "s1", "s1", "s2", "s1", "s2"]}
    (result,) = jaksim.analyze(data, method="partial_proportional_odds").as_dict()["results"]
    assert [one["ratio"] for one in result["cut_points"]] == [None] * 4
    assert "strata and arms" in result["not_estimable"]


@pytest.mark.parametrize("free", ["all", "linear"])
def test_no_odds_ratio_of_astronomical_size(free):
    """Reference patients of stratum 0 and 1 apart in their status, active ones between them in stratum 1."""
    table = np.array([[[6, 5, 0, 0], [0, 0, 7, 3]], [[0, 0, 0, 0], [2, 3, 4, 1]]], dtype=float)
    found = [one.estimate for one in partial_proportional_odds(table, range(4), free=free).cut_points]
    assert all(math.isnan(one) or abs(one) < 12.0 for one in found)


def test_a_stratum_that_drifts_off_leaves_the_others_as_they_are():
    """Stratum 1 has worse statuses only, in both arms: its own cut has the odds ratio of its two by two table."""
    first, second = np.array([[12.0, 9, 4], [20, 7, 3]]), np.array([[8.0, 5], [6, 9]])
    table = np.zeros((2, 2, 5))
    table[:, 0, :3], table[:, 1, 3:] = first, second
    found = [one.estimate for one in partial_proportional_odds(table, range(5)).cut_points]
    alone = [one.estimate for one in partial_proportional_odds(first, range(3)).cut_points]
    assert found[:2] == pytest.approx(alone, abs=1e-6)
    assert found[3] == pytest.approx(math.log(6 * 5 / (9 * 8)), abs=1e-6)


@pytest.mark.parametrize("sizes", [(1, 1), (1, 4), (3, 1)])
@pytest.mark.parametrize("name", [name for name in METHOD_NAMES if set(KINDS) & set(get_method(name).kinds)])
def test_reports_print_no_nan(name, sizes):
    """Every method, with a margin and without one."""
    method = get_method(name)
    margin = {"log_ratio": 1.25, "difference": 0.2, "probability": 0.6}[method.scale]
    rng = np.random.default_rng(sum(sizes))
    for kind in set(KINDS) & set(method.kinds):
        n = sum(sizes)
        data = {"arm": np.repeat([0, 1], sizes), KINDS[kind]: rng.integers(0, 2, n)}
        if kind == "time_to_event":
            # All followed to the end, so that proportions can be compared too.
            data |= {"time": np.append(rng.integers(1, 4, n - 1), 4), "status": np.append(np.ones(n - 1, dtype=int), 0)}
        for given in ({}, {"hypothesis": "equivalence", "margin": margin}):
            text = jaksim.analyze(data, method=name, reference="0", **given).report()
            assert not re.search(r"\bnan\b", text)


def test_an_arm_of_one_patient_has_a_mean_and_no_standard_deviation():
    text = jaksim.analyze({"arm": [0, 1, 1], "days": [3, 5, 8]}, method="mean_difference", reference="0").report()
    assert "mean 3.00\n" in text
    assert "mean 6.50, SD 2.12" in text


@pytest.mark.parametrize(
    ("method", "column", "margin", "allowed"),
    [
        ("mean_difference", "days", 1e308, "a number between -1e+06 and 1e+06"),
        ("mean_difference", "days", -1e9, "a number between -1e+06 and 1e+06"),
        ("net_benefit", "days", 1.5, "a number between -1 and 1"),
        ("proportional_odds", "score", 1e308, "a number above 0, from 0.0001 to 10000"),
        ("win_ratio", "score", 1e-300, "a number above 0, from 0.0001 to 10000"),
        ("wilcoxon", "score", 1e308, "a number between 0 and 1"),
        ("odds_ratio", "event", -1.0, "a number above 0, from 0.0001 to 10000"),
    ],
)
def test_margins_that_nothing_can_be(method, column, margin, allowed):
    data = {"arm": [0, 0, 1, 1], column: [0, 1, 0, 1]}
    with pytest.raises(InputError) as refused:
        jaksim.analyze(data, method=method, margin=margin, hypothesis="non-inferiority")
    assert f"allowed: {allowed}" in str(refused.value)


@pytest.mark.parametrize("margin", [math.nan, math.inf, -math.inf])
def test_margins_that_are_no_number(margin):
    data = {"arm": [0, 0, 1, 1], "score": [0, 1, 0, 1]}
    with pytest.raises(InputError, match="margin: must be a finite number"):
        jaksim.analyze(data, method="wilcoxon", margin=margin, hypothesis="non-inferiority")
