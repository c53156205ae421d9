"""Win ratio, win odds and net benefit against all pairs in R and against published results."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from jaksim.methods import net_benefit, win_odds, win_ratio

HERE = Path(__file__).parent
ANALYSES = {"win_ratio": win_ratio, "win_odds": win_odds, "net_benefit": net_benefit}
EXPECTED = pd.read_csv(HERE / "analysis_wins_expected.csv")


def counts(case):
    data = pd.read_csv(HERE / "analysis_ordinal_tables.csv").query("case == @case")
    stratum, rank = data.groupby("stratum").ngroup(), data.groupby("rank").ngroup()
    table = np.zeros((2, stratum.max() + 1, rank.max() + 1))
    np.add.at(table, (data["arm"], stratum, rank), data["count"])
    return table


@pytest.mark.parametrize("case", EXPECTED["case"].unique())
def test_all_pairs_in_r(case):
    """Written by make_analysis_wins.R beside this file."""
    table = counts(case)
    for row in EXPECTED[EXPECTED["case"] == case].to_dict("records"):
        result = ANALYSES[row["method"]](table, range(table.shape[2]), weighting=row["option"])
        assert result.estimate == pytest.approx(row["estimate"], rel=1e-9, abs=1e-12)
        assert result.se == pytest.approx(row["se"], rel=1e-9)


ACTIVE = [34, 95, 28, 58, 38, 14, 117, 157]
PLACEBO = [58, 121, 24, 60, 33, 8, 102, 115]
BEST_LAST = range(7, -1, -1)


def test_actt_1_day_15():
    """cran/hce 3715993, inst/doc/hce.html: 135,744 wins and 97,143 losses of 281,861; win odds 1.32 (1.15 to 1.51)."""
    table = [PLACEBO, ACTIVE]
    ratio, odds = win_ratio(table, BEST_LAST), win_odds(table, BEST_LAST)
    assert ratio.ratio == pytest.approx(135744 / 97143, rel=1e-12)
    assert ratio.ratio == pytest.approx(1.3973627, abs=5e-8)
    assert odds.ratio == pytest.approx(1.3173641, abs=5e-8)
    assert odds.ratio_ci == pytest.approx((1.15, 1.51), abs=0.005)
    assert net_benefit(table, BEST_LAST).estimate == pytest.approx((135744 - 97143) / 281861, rel=1e-12)
