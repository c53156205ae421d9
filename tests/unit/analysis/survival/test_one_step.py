"""One-step estimates are named so, and beside them stands what further steps lead to where the two part."""

import math

import numpy as np
import pytest
from scipy.optimize import brentq

import jaksim
from jaksim.analysis.single_table import survival_table
from jaksim.analysis.survival.iterated import iterated_log_ratio
from jaksim.analysis.survival.weighted_scores import FLEMING_HARRINGTON, GEHAN, MODEST_DAY, MODEST_SURVIVAL
from jaksim.methods import cox

TIME, STATUS = np.repeat(np.arange(1.0, 9.0), 2), np.tile([0, 1], 8)
METHODS = ("log_rank", "weighted_log_rank", "modestly_weighted_log_rank", "max_combo", "gray")


@pytest.mark.parametrize("seed", range(5))
def test_without_weights_it_is_the_cox_model(seed):
    """Also over strata, with many ties, and for counts that are not whole."""
    rng = np.random.default_rng(seed)
    table = rng.poisson(rng.uniform(0.3, 20.0), size=(2, 3, 16)) + (0.4 * rng.random((2, 3, 16)) if seed > 2 else 0.0)
    found = iterated_log_ratio(*survival_table(table, TIME, STATUS))
    assert found[0] == pytest.approx(cox(table, TIME, STATUS).estimate, abs=1e-10)


def _score(table, weight, beta):
    """Weighted sum of observed less expected events without ties in one stratum, time by time; `weight` of S and n."""
    total, free = 0.0, 1.0
    for time in np.unique(TIME):
        at_risk = table[:, time <= TIME].sum(axis=1)
        events = table[:, (time == TIME) & (STATUS == 1)].sum(axis=1)
        if events.sum() > 0:
            ratio = math.exp(beta)
            expected = events.sum() * at_risk[1] * ratio / (at_risk[0] + at_risk[1] * ratio)
            total += weight(free, at_risk.sum(), time, table) * (events[1] - expected)
            free *= 1.0 - events.sum() / at_risk.sum()
    return total


@pytest.mark.parametrize(
    ("family", "weight"),
    [
        ((FLEMING_HARRINGTON, 0.0, 1.0), lambda free, *_: 1.0 - free),
        ((FLEMING_HARRINGTON, 1.0, 0.5), lambda free, *_: free * (1.0 - free) ** 0.5),
        ((GEHAN, 0.0, 0.0), lambda free, n, *_: n),
        ((MODEST_SURVIVAL, 0.7), lambda free, *_: 1.0 / max(free, 0.7)),
        ((MODEST_DAY, 3.0), lambda free, n, time, table: 1.0 / max(free, _free_on_day_3(table))),
    ],
)
def test_with_weights_it_is_where_the_weighted_score_is_zero(family, weight):
    table = np.zeros((2, 16))
    table[0, [1, 5, 7, 11]] = table[1, [3, 9, 13]] = 1.0  # one event at a time
    table[0, [2, 14]] = table[1, [4, 14]] = 3.0
    found = iterated_log_ratio(*survival_table(table, TIME, STATUS), family)[0]
    assert found == pytest.approx(brentq(lambda beta: _score(table, weight, beta), -9.0, 9.0, xtol=1e-13), abs=1e-9)


def _free_on_day_3(table):
    free = 1.0
    for time in (1.0, 2.0, 3.0):
        at_risk = table[:, time <= TIME].sum()
        free *= 1.0 - table[:, (time == TIME) & (STATUS == 1)].sum() / at_risk
    return free


def test_no_end_without_events_of_both_arms():
    events = np.zeros((2, 16))
    events[:, 14] = 5.0
    assert math.isnan(iterated_log_ratio(*survival_table(events, TIME, STATUS))[0])
    for arm, end in ((0, -math.inf), (1, math.inf)):
        table = events.copy()
        table[arm, [1, 3]] = 2.0
        assert iterated_log_ratio(*survival_table(table, TIME, STATUS))[0] == end


def _trial(reference, active, fast):
    """Exponential quantiles as times, all events in the reference arm, half of them in the active one."""
    quantiles = [-np.log1p(-(np.arange(n) + 0.5) / n) / rate for n, rate in ((reference, fast), (active, 1.0))]
    status = np.concatenate([np.ones(reference), np.arange(active) % 2])
    return {
        "arm": np.repeat(["rare", "wild"], [reference, active]),
        "time": np.concatenate(quantiles),
        "status": status.astype(int),
    }


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("sizes", [(4, 150), (150, 4), (40, 20)])
def test_outside_its_range_a_note_gives_the_iterated_ratio(method, sizes):
    data = _trial(*sizes, fast=12.0)
    found = jaksim.analyze(data, methods=[method, "cox", "fine_gray"], reference="rare")
    result, of_cox, of_subdistribution = found.as_dict()["results"]
    assert result["ratio_name"].startswith("one_step_")
    assert abs(result["estimate"] - result["iterated_estimate"]) > 0.05
    assert any(method in note and "outside its range" in note for note in found.notes)
    if method in ("log_rank", "max_combo"):
        assert result["iterated_estimate"] == pytest.approx(of_cox["estimate"], abs=1e-8)
    if method == "gray":
        assert result["iterated_estimate"] == pytest.approx(of_subdistribution["estimate"], abs=1e-8)
    assert f"{result['iterated_ratio']:.4g}" in found.report()


@pytest.mark.parametrize("method", METHODS)
def test_within_its_range_nothing_is_said(method):
    found = jaksim.analyze(_trial(60, 60, fast=0.9), method=method, reference="rare")
    assert not any("one-step" in note for note in found.notes)
    assert "one-step" in found.report()


SCENARIO = """
title = "Exponential survival, unequal allocation"
[disease]
scale = "survival"
[disease.natural_history]
source = "test"
[[disease.natural_history.move]]
move = "0>1"
values = [{rate}]
[disease.treatments.drug]
source = "test"
[[disease.treatments.drug.effect]]
moves = "death"
hazard_ratio = {ratio}
[population]
patients = 201
[[population.stratum]]
name = "all"
baseline_score = 0
[follow_up]
days = 360
day_of_randomisation = 0
[[arm]]
name = "control"
regimen = []
reference = true
allocation = {control}
[[arm]]
name = "drug"
regimen = ["drug"]
allocation = {drug}
[[endpoint]]
name = "time to death"
kind = "time_to_event"
set = "dead"
day = 360
[[analysis]]
endpoint = "time to death"
method = "{method}"
role = "primary"
alpha = 0.025
sides = 1
"""


@pytest.mark.parametrize(
    ("method", "ratio", "control", "drug", "apart"),
    [
        ("log_rank", 0.55, 1, 2, True),
        ("max_combo", 0.5, 1, 4, True),
        ("gray", 0.4, 1, 2, True),
        ("log_rank", 0.9, 1, 2, False),
        ("cox", 0.55, 1, 2, None),
    ],
)
def test_power_gives_the_iterated_ratio_of_a_very_large_trial(tmp_path, method, ratio, control, drug, apart):
    """Intensities are proportional, so it is the hazard ratio of the scenario."""
    path = tmp_path / "trial.toml"
    path.write_text(SCENARIO.format(rate=0.0057762, ratio=ratio, control=control, drug=drug, method=method))
    found = jaksim.power(path, replicates=100)
    (one,) = found.as_dict()["analyses"]
    words = f"{ratio:.2f})"
    if apart is None:
        assert one["iterated_estimate"] is None
    else:
        assert math.exp(one["iterated_estimate"]) == pytest.approx(ratio, rel=0.01)  # days are discrete
        assert (words in found.report()) == apart
        assert "one-step" in found.report()
