"""Every analysis of counts against R: survdiff, coxph, polr, wilcox.test, mantelhaen.test, prop.test, rank formulas.

The data and the expected numbers are written by make_analysis_survival.R and make_analysis_ordinal.R beside this file.
"""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from jaksim.methods import cox, log_rank, proportional_odds, risk_difference, risk_difference_mh, van_elteren, wilcoxon

HERE = Path(__file__).parent


def expectations(kind):
    rows = pd.read_csv(HERE / f"analysis_{kind}_expected.csv", keep_default_na=False).to_dict("records")
    return [pytest.param(row, id="-".join(filter(None, (row["case"], row["method"], row["option"])))) for row in rows]


def counts(kind, case, by):
    """Counts (2, S, K) of one case and the K distinct values of the columns `by`."""
    data = pd.read_csv(HERE / f"analysis_{kind}_tables.csv").query("case == @case")
    category = data.groupby(by).ngroup()
    stratum = data.groupby("stratum").ngroup()
    table = np.zeros((2, stratum.max() + 1, category.max() + 1))
    np.add.at(table, (data["arm"], stratum, category), data["count"])
    return table, data.groupby(by).first().index.to_frame()


def assert_equal(result, row):
    assert result.estimate == pytest.approx(float(row["estimate"]), rel=1e-7, abs=1e-9)
    assert result.statistic == pytest.approx(float(row["statistic"]), rel=1e-7, abs=1e-9)
    if row["se"] != "":
        assert result.se == pytest.approx(float(row["se"]), rel=1e-7)


@pytest.mark.parametrize("row", expectations("survival"))
def test_survival(row):
    table, category = counts("survival", row["case"], ["time", "status"])
    time, status = category["time"].to_numpy(), category["status"].to_numpy()
    if row["method"] == "log_rank":
        assert_equal(log_rank(table, time, status), row)
    else:
        assert_equal(cox(table, time, status, ties=row["option"]), row)


@pytest.mark.parametrize("row", expectations("ordinal"))
def test_ordinal(row):
    table, category = counts("ordinal", row["case"], ["rank"])
    rank = category["rank"].to_numpy()
    event = rank <= rank.max() / 2
    analyses = {
        "proportional_odds": lambda: proportional_odds(table, rank),
        "wilcoxon": lambda: wilcoxon(table, rank, variance=row["option"]),
        "van_elteren": lambda: van_elteren(table, rank, variance=row["option"]),
        "risk_difference": lambda: risk_difference(table, event, test=row["option"]),
        "risk_difference_mh": lambda: risk_difference_mh(table, event, test=row["option"]),
    }
    assert_equal(analyses[row["method"]](), row)
