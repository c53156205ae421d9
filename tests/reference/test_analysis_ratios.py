"""Risk ratios and odds ratios against metafor, mantelhaen.test and glm in R, and against published tests."""

import math
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from jaksim.analysis.binary.score_statistics import odds_ratio_z, risk_difference_z, risk_ratio_z
from jaksim.methods import odds_ratio, odds_ratio_mh, risk_difference, risk_ratio, risk_ratio_mh

HERE = Path(__file__).parent
EXPECTED = pd.read_csv(HERE / "analysis_ratios_expected.csv")
ANALYSES = {
    "risk_ratio": risk_ratio,
    "odds_ratio": odds_ratio,
    "risk_ratio_mh": risk_ratio_mh,
    "odds_ratio_mh": odds_ratio_mh,
}


@pytest.mark.parametrize("case", EXPECTED["case"].unique())
def test_r(case):
    """Written by make_analysis_ratios.R beside this file; the event is a rank in the best half."""
    data = pd.read_csv(HERE / "analysis_ordinal_tables.csv").query("case == @case")
    event = (data["rank"] <= data["rank"].max() / 2).astype(int)
    table = np.zeros((2, data["stratum"].max(), 2))
    np.add.at(table, (data["arm"], data["stratum"] - 1, event), data["count"])
    for row in EXPECTED[EXPECTED["case"] == case].to_dict("records"):
        test, _, margin = row["option"].partition(" at ")
        options = {"test": test, "margin": float(margin)} if margin else {"test": test}
        result = ANALYSES[row["method"]](table, [0, 1], **options)
        assert result.estimate == pytest.approx(row["estimate"], rel=1e-9, abs=1e-12)
        assert result.se == pytest.approx(row["se"], rel=1e-9)
        assert result.statistic == pytest.approx(row["statistic"], rel=1e-7, abs=1e-9)


def test_miettinen_and_nurminen_examples_4_and_6():
    """keaven/gsDesign 2a568884, tests/testthat/test-base.R, test.testBinomial.numerics; Lachin p. 27."""
    difference = [risk_difference_z(0.0, 10.0, 0.0, 20.0, value, True) for value in (-0.1658, 0.2843608)]
    assert difference == pytest.approx([1.959962, -1.959865], rel=2e-4)
    ratio = [risk_ratio_z(10.0, 10.0, 20.0, 20.0, value, True) for value in (0.715615, 1.198703)]
    assert ratio == pytest.approx([1.96, -1.96], rel=1e-4)
    odds = [odds_ratio_z(53.0, 100.0, 40.0, 100.0, math.exp(value), False) for value in (-0.03463, 1.085673)]
    assert odds == pytest.approx([1.965205, -1.96461], abs=1e-5)


def test_koopman_interval_of_his_example():
    """Koopman (1984), Biometrics 40:513-517: 36 of 40 against 16 of 80 gives 2.94 to 7.15."""
    low, high = risk_ratio([[16, 64], [36, 4]], [1, 0], interval="koopman").ratio_ci
    assert (low, high) == pytest.approx((2.94, 7.15), abs=0.005)


@pytest.mark.parametrize("margin", [-0.1, 0.05])
def test_risk_difference_at_a_margin_has_the_fitted_variance(margin):
    """Against the likelihood of two binomials maximised on a fine grid."""
    x, n = (30, 41), (90, 100)
    p_0 = np.linspace(max(0, -margin) + 1e-7, min(1, 1 - margin) - 1e-7, 2_000_001)
    p_1 = p_0 + margin
    fit = x[0] * np.log(p_0) + (n[0] - x[0]) * np.log1p(-p_0) + x[1] * np.log(p_1) + (n[1] - x[1]) * np.log1p(-p_1)
    best = fit.argmax()
    variance = p_1[best] * (1 - p_1[best]) / n[1] + p_0[best] * (1 - p_0[best]) / n[0]
    expected = (x[1] / n[1] - x[0] / n[0] - margin) / math.sqrt(variance)
    result = risk_difference([[30, 60], [41, 59]], [1, 0], margin=margin)
    assert result.statistic == pytest.approx(expected, rel=1e-6)
