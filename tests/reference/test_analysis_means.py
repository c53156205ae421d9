"""Differences of mean days against t.test and lm in R."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from jaksim.analysis.mean_difference import mean_difference

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
