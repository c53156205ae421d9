"""Partial proportional odds against R's VGAM (make_partial_proportional_odds.R)."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from jaksim.methods import partial_proportional_odds

HERE = Path(__file__).parent
EXPECTED = pd.read_csv(HERE / "partial_odds_expected.csv", dtype={"free": str})
TABLES = pd.read_csv(HERE / "analysis_ordinal_tables.csv")


def table_of(case):
    data = TABLES[TABLES.case == case]
    stratum = data.groupby("stratum").ngroup()
    table = np.zeros((2, stratum.max() + 1, data["rank"].max()))
    np.add.at(table, (data.arm, stratum, data["rank"] - 1), data["count"])
    used = table.sum(axis=(0, 1)) > 0
    return table[..., used], np.arange(used.sum())


@pytest.mark.parametrize(("case", "free"), EXPECTED[["case", "free"]].drop_duplicates().values.tolist())
def test_against_vgam(case, free):
    rows = EXPECTED[(EXPECTED.case == case) & (EXPECTED.free == free)]
    result = partial_proportional_odds(*table_of(case), free=free)
    assert [one.estimate for one in result.cut_points] == pytest.approx(list(rows.estimate), rel=1e-6, abs=1e-8)
    assert [one.se for one in result.cut_points] == pytest.approx(list(rows.se), rel=1e-6)
    assert result.common.estimate == pytest.approx(rows.common.iloc[0], rel=1e-6)
    tests = result.proportionality
    assert tests.likelihood_ratio == pytest.approx(rows.likelihood_ratio.iloc[0], rel=1e-6, abs=1e-8)
    assert tests.score == pytest.approx(rows.score.iloc[0], rel=1e-6)
    assert tests.df == rows.df.iloc[0]
    for number, row in enumerate(rows.itertuples(), start=1):
        alone = partial_proportional_odds(*table_of(case), free=free, cut=number)
        assert (alone.estimate, alone.se) == pytest.approx((row.estimate, row.se), rel=1e-6)
