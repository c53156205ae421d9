"""Stratified score intervals and tests of Miettinen and Nurminen against ratesci, and by their definition."""

import math
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from jaksim.analysis.binary.methods.risk_difference_mn import METHOD
from jaksim.errors import InputError
from jaksim.methods import risk_difference, risk_difference_mh, risk_difference_mn, risk_ratio, risk_ratio_mn

HERE = Path(__file__).parent
EXPECTED = pd.read_csv(HERE / "analysis_stratified_risks_expected.csv")
WEIGHTS = {"MN": "miettinen_nurminen", "MH": "cmh"}
ROWS = EXPECTED.to_dict("records")
EVENT = [0, 1]


def table_of(case):
    data = pd.read_csv(HERE / "analysis_ordinal_tables.csv").query("case == @case")
    event = (data["rank"] <= data["rank"].max() / 2).astype(int)
    table = np.zeros((2, data["stratum"].max(), 2))
    np.add.at(table, (data["arm"], data["stratum"] - 1, event), data["count"])
    return table


@pytest.mark.parametrize("row", ROWS, ids=[f"{r['case']}-{r['contrast']}-{r['weights']}" for r in ROWS])
def test_ratesci(row):
    """Written by make_analysis_stratified_risks.R beside this file."""
    method = {"RD": risk_difference_mn, "RR": risk_ratio_mn}[row["contrast"]]
    table = table_of(row["case"])
    result = method(table, EVENT, weights=WEIGHTS[row["weights"]], margin=row["margin"])
    pooled = method(table, EVENT, weights=WEIGHTS[row["weights"]], margin=row["margin"], test="pooled")
    ratio = row["contrast"] == "RR"
    assert (result.ratio if ratio else result.estimate) == pytest.approx(row["estimate"], rel=1e-7, abs=1e-9)
    assert (result.ratio_ci if ratio else result.ci) == pytest.approx((row["lower"], row["upper"]), rel=1e-7, abs=1e-9)
    assert result.statistic == pytest.approx(row["score"], rel=1e-7)
    assert pooled.statistic == pytest.approx(row["pooled"], rel=1e-7)


@pytest.mark.parametrize("weights", list(WEIGHTS.values()))
def test_at_no_difference_the_score_test_is_that_of_cochran_mantel_haenszel(weights):
    table = table_of("actt_like")
    cmh = risk_difference_mh(table, EVENT, test="cmh").statistic
    assert risk_difference_mn(table, EVENT, weights=weights).statistic == pytest.approx(cmh, rel=1e-12)


@pytest.mark.parametrize("weights", list(WEIGHTS.values()))
def test_one_stratum_is_the_test_of_one_table(weights):
    table = [[12, 40], [25, 38]]
    options = {"interval": "miettinen_nurminen", "test": "score", "margin": 0.1}
    alone, pooled = risk_difference(table, EVENT, **options), risk_difference_mn(table, EVENT, margin=0.1)
    assert pooled.estimate == pytest.approx(alone.estimate, rel=1e-12)
    assert pooled.se == pytest.approx(alone.se, rel=1e-12)
    assert pooled.ci == pytest.approx(alone.ci, abs=1e-11)
    assert pooled.statistic == pytest.approx(alone.statistic, rel=1e-12)
    alone = risk_ratio(table, EVENT, interval="miettinen_nurminen", test="score", margin=0.7)
    pooled = risk_ratio_mn(table, EVENT, weights=weights, margin=0.7)
    assert pooled.se == pytest.approx(alone.se, rel=1e-12)
    assert pooled.ratio_ci == pytest.approx(alone.ratio_ci, rel=1e-11)
    assert pooled.statistic == pytest.approx(alone.statistic, rel=1e-12)


def test_one_stratum_of_the_stratified_newcombe_interval_is_newcombes():
    table = [[12, 40], [25, 38]]
    alone = risk_difference(table, EVENT, interval="wald")
    stratified = risk_difference_mn(table, EVENT, interval="newcombe")
    assert stratified.ci != pytest.approx(alone.ci, abs=1e-3)
    # Yan and Su put the Wilson limits into the variances; with one stratum each limit solves (p - l)^2 = z^2 l(1-l)/n.
    assert stratified.ci == pytest.approx(risk_difference(table, EVENT, interval="newcombe").ci, abs=1e-12)


def test_the_limits_are_where_the_test_rejects():
    table = table_of("small")
    low, high = risk_difference_mn(table, EVENT).ci
    z = [risk_difference_mn(table, EVENT, margin=at).statistic for at in (low, high)]
    assert z == pytest.approx([1.959963984540054, -1.959963984540054], abs=1e-9)


def test_strata_without_both_arms_do_not_count():
    table = np.array([[[9, 21], [5, 10], [0, 0]], [[14, 20], [0, 0], [3, 8]]], dtype=float)
    full, part = risk_difference_mn(table, EVENT), risk_difference_mn(table[:, :1], EVENT)
    assert (full.estimate, full.se, full.statistic, full.ci) == (part.estimate, part.se, part.statistic, part.ci)
    none = risk_difference_mn(table[:, 1:], EVENT)
    assert math.isnan(none.estimate)
    assert math.isnan(none.statistic)
    assert math.isnan(none.ci[0])


def test_no_events_in_an_arm():
    table = np.array([[[30, 0], [20, 0]], [[25, 5], [18, 2]]], dtype=float)
    ratio = risk_ratio_mn(table, EVENT)
    assert ratio.estimate == math.inf
    assert ratio.ratio_ci[0] > 1.0
    assert ratio.ratio_ci[1] == math.inf
    assert risk_difference_mn(table, EVENT).ci[0] > 0.0


def test_bad_margins_and_weights_are_refused():
    with pytest.raises(InputError, match="above 0"):
        risk_ratio_mn([[1, 2], [2, 1]], EVENT, margin=0.0)
    with pytest.raises(InputError, match="cmh"):
        METHOD.settings({"weights": "cmhh"})
