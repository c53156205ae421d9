"""Differences of mean days against t.test and lm in R."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy.stats import norm, t

from jaksim.analysis.means.methods.mean_difference import METHOD
from jaksim.methods import mean_difference
from jaksim.patient_data.data_endpoint import value_endpoint

HERE = Path(__file__).parent
EXPECTED = pd.read_csv(HERE / "analysis_means_expected.csv")


@pytest.mark.parametrize("case", EXPECTED["case"].unique())
def test_r(case):
    """Written by make_analysis_means.R beside this file."""
    data = pd.read_csv(HERE / "analysis_means_data.csv").query("case == @case")
    table = np.zeros((2, data["stratum"].max(), 30))
    np.add.at(table, (data["arm"], data["stratum"] - 1, data["days"] + 1), data["count"])
    for row in EXPECTED[EXPECTED["case"] == case].to_dict("records"):
        result = mean_difference(table, np.arange(-1, 29), strata=row["strata"], variance=row["variance"])
        assert result.estimate == pytest.approx(row["estimate"], rel=1e-9)
        assert result.se == pytest.approx(row["se"], rel=1e-9)
        assert result.statistic == pytest.approx(row["estimate"] / row["se"], rel=1e-9)
        assert (result.df, *result.ci) == pytest.approx((row["df"], row["low"], row["high"]), rel=1e-9)
        assert result.p_value == pytest.approx(row["p"], rel=1e-7)
        against = _against(table, row["strata"], row["variance"], row["estimate"] - 2.0 * row["se"])
        assert against == pytest.approx(-norm.ppf(t.sf(2.0, row["df"])), rel=1e-8)


def _against(table, strata, variance, value):
    """z for the test of a margin."""
    endpoint, out = value_endpoint("days", "day_count", np.arange(-1.0, 29.0), None)[0], np.empty((1, 3))
    options = {"strata": strata, "variance": variance}
    METHOD.test_at_margin(table[np.newaxis], endpoint, METHOD.settings(options), value, out)
    return out[0, 2]
