"""Fisher's exact test and the conditional odds ratio against fisher.test in R."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from jaksim.analysis.exact_odds_ratio import exact_odds_ratio

EXPECTED = pd.read_csv(Path(__file__).parent / "analysis_fisher_expected.csv", skipinitialspace=True)


@pytest.mark.parametrize("row", EXPECTED.to_dict("records"), ids=range(len(EXPECTED)))
def test_fisher(row):
    """Written by make_analysis_fisher.R beside this file; fisher.test finds limits, above 1 their inverses, to 1e-4."""
    table = [[row["x_0"], row["n_0"] - row["x_0"]], [row["x_1"], row["n_1"] - row["x_1"]]]
    result = exact_odds_ratio(table, [1, 0], test="minlike")
    assert result.p_value == pytest.approx(row["p_value"], rel=1e-9)
    assert result.ratio == pytest.approx(row["odds_ratio"], rel=1e-8, nan_ok=True)
    for mine, other in zip(result.ratio_ci, (row["low"], row["high"]), strict=True):
        assert (1 / mine if other > 1 else mine) == pytest.approx(1 / other if other > 1 else other, abs=2e-4)
    central, mid = (exact_odds_ratio(table, [1, 0], test=test).p_value for test in ("central", "mid_p"))
    assert mid < central
    assert central >= row["p_value"] - 1e-12


def test_whole_and_nearly_whole_counts_agree():
    whole, near = (exact_odds_ratio(np.array([[12, 48], [25, 45]]) + d, [1, 0]) for d in (0.0, 1e-7))
    assert (whole.estimate, whole.statistic) == pytest.approx((near.estimate, near.statistic), rel=1e-5)
