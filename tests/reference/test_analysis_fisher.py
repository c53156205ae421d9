"""Fisher's exact test and the conditional odds ratio against fisher.test in R."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from jaksim.methods import exact_odds_ratio, odds_ratio_mh

EXPECTED = pd.read_csv(Path(__file__).parent / "analysis_fisher_expected.csv", skipinitialspace=True)
STRATIFIED = pd.read_csv(Path(__file__).parent / "stratified_fisher_expected.csv", skipinitialspace=True)


@pytest.mark.parametrize("row", EXPECTED.to_dict("records"), ids=range(len(EXPECTED)))
def test_fisher(row):
    """Written by make_analysis_fisher.R beside this file; fisher.test finds limits, above 1 their inverses, to 1e-4."""
    table = [[row["x_0"], row["n_0"] - row["x_0"]], [row["x_1"], row["n_1"] - row["x_1"]]]
    result = exact_odds_ratio(table, [1, 0], test="minlike")
    assert result.p_value == pytest.approx(row["p_value"], rel=1e-9)
    at_an_end = {0.0: 0.0, np.inf: np.inf}  # fisher.test prints these, the script beside this file NA
    odds_ratio = (
        at_an_end[row["low"] if row["low"] == 0.0 else row["high"]]
        if np.isnan(row["odds_ratio"])
        else row["odds_ratio"]
    )
    assert result.ratio == pytest.approx(odds_ratio, rel=1e-8)
    for mine, other in zip(result.ratio_ci, (row["low"], row["high"]), strict=True):
        assert (1 / mine if other > 1 else mine) == pytest.approx(1 / other if other > 1 else other, abs=2e-4)
    central, mid = (exact_odds_ratio(table, [1, 0], test=test).p_value for test in ("central", "mid_p"))
    assert mid < central
    assert central >= row["p_value"] - 1e-12


def test_whole_and_nearly_whole_counts_agree():
    whole, near = (exact_odds_ratio(np.array([[12, 48], [25, 45]]) + d, [1, 0]) for d in (0.0, 1e-7))
    assert (whole.estimate, whole.statistic) == pytest.approx((near.estimate, near.statistic), rel=1e-5)


@pytest.mark.parametrize(("case", "rows"), list(STRATIFIED.groupby("case")), ids=range(1, 11))
def test_exact_odds_ratio_over_strata(case, rows):
    """Written by make_stratified_fisher.R beside this file; mantelhaen.test finds limits to about 1e-4."""
    tables = [[[r[f"x_{arm}"], r[f"n_{arm}"] - r[f"x_{arm}"]] for r in rows.to_dict("records")] for arm in (0, 1)]
    result = exact_odds_ratio(tables, [1, 0], test="minlike", strata="conditional")
    expected = rows.iloc[0]
    precise = expected["printed"] if np.isnan(expected["odds_ratio"]) else expected["odds_ratio"]
    assert result.ratio == pytest.approx(precise, rel=1e-8)
    assert result.p_value == pytest.approx(expected["p_value"], rel=1e-7)
    for mine, other in zip(result.ratio_ci, (expected["low"], expected["high"]), strict=True):
        assert mine == pytest.approx(other, rel=3e-4)


def test_one_stratum_and_strata_of_one_arm_change_nothing():
    table = np.array([[[8, 32], [0, 0], [3, 9]], [[17, 25], [4, 9], [0, 0]]])
    alone = exact_odds_ratio(table[:, :1], [1, 0])
    assert exact_odds_ratio(table[:, :1], [1, 0], strata="conditional") == alone
    beside = exact_odds_ratio(table, [1, 0], strata="conditional")
    assert (beside.estimate, beside.se, *beside.ci) == pytest.approx((alone.estimate, alone.se, *alone.ci), rel=1e-9)
    assert beside.statistic == pytest.approx(alone.statistic, rel=1e-9)


def test_large_strata_agree_with_the_conditional_logistic_limit():
    """In large strata the conditional estimate and error approach those of Mantel-Haenszel's common odds ratio."""
    table = np.array([[[4000, 21000], [9000, 16000]], [[4400, 20600], [9700, 15300]]])
    exact = exact_odds_ratio(table, [1, 0], strata="conditional")
    other = odds_ratio_mh(table, [1, 0])
    assert exact.estimate == pytest.approx(other.estimate, abs=2e-4)
    assert exact.se == pytest.approx(other.se, rel=2e-3)
    assert exact.statistic == pytest.approx(other.statistic, rel=0.01)
    assert exact.ci == pytest.approx(other.ci, abs=1e-3)
