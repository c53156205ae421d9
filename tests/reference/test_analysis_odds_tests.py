"""Score and likelihood-ratio tests of the proportional odds model against polr and numDeriv in R."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from jaksim.methods import proportional_odds

HERE = Path(__file__).parent


@pytest.mark.parametrize(
    "row",
    pd.read_csv(HERE / "analysis_odds_tests_expected.csv").to_dict("records"),
    ids=lambda row: f"{row['case']}-{row['test']}",
)
def test_polr(row):
    """Written by make_analysis_odds_tests.R beside this file."""
    data = pd.read_csv(HERE / "analysis_ordinal_tables.csv").query("case == @row['case']")
    table = np.zeros((2, data["stratum"].max(), data["rank"].max()))
    np.add.at(table, (data["arm"], data["stratum"] - 1, data["rank"] - 1), data["count"])
    result = proportional_odds(table, range(table.shape[2]), test=row["test"])
    assert result.estimate == pytest.approx(row["estimate"], rel=1e-6)
    assert result.statistic == pytest.approx(row["statistic"], rel=1e-6)
