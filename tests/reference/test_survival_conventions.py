"""Medians where a curve stays at a half, and times that differ by rounding, against survival in R.

Written by make_survival_conventions.R beside this file.
"""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import jaksim
from jaksim.analysis.survival.cox_covariates import cox_covariates
from jaksim.methods import log_rank

HERE = Path(__file__).parent
DATA = pd.read_csv(HERE / "survival_conventions_data.csv", float_precision="round_trip")
EXPECTED = pd.read_csv(HERE / "survival_conventions_expected.csv", skipinitialspace=True)
ROWS = pytest.mark.parametrize("row", EXPECTED.to_dict("records"), ids=EXPECTED.case)


def _data(row):
    return DATA[DATA.case == row["case"]].drop(columns="case")


@ROWS
def test_analyze(row):
    found = jaksim.analyze(_data(row), methods=["log_rank", "cox"], reference="a").as_dict()
    medians = [np.nan if arm["median_time"] is None else arm["median_time"] for arm in found["endpoints"][0]["arms"]]
    assert medians == pytest.approx([row["median_a"], row["median_b"]], rel=1e-9, nan_ok=True)
    plain, cox = found["results"]
    assert plain["statistic"] == pytest.approx(row["z"], rel=1e-8)
    assert cox["estimate"] == pytest.approx(row["log_hazard_ratio"], rel=1e-7)


@ROWS
def test_functions_of_arrays(row):
    data = _data(row)
    active = (data.arm == "b").to_numpy()
    table = np.stack([~active, active]).astype(float)
    assert log_rank(table, data.time, data.status).statistic == pytest.approx(row["z"], rel=1e-8)
    fit = cox_covariates(data.time, data.status, active.astype(float))
    assert fit.coefficients[0].estimate == pytest.approx(row["log_hazard_ratio"], rel=1e-7)


@pytest.mark.parametrize("row", [row for row in EXPECTED.to_dict("records") if row["z_margin"] == row["z_margin"]])
def test_log_rank_at_a_margin_is_the_score_test_there(row):
    given = {"method": "log_rank", "reference": "a", "better": "event", "margin": 1.5}
    (found,) = jaksim.analyze(_data(row), **given).as_dict()["results"]
    assert found["margin_statistic"] == pytest.approx(row["z_margin"], rel=1e-8)


def test_a_day_asked_for_is_the_time_it_rounds_to():
    """0.1 + 0.2 is later than 0.3, but an event then has come by day 0.3."""
    data = {"arm": [0, 0, 1, 1, 1], "time": [0.1 + 0.2, 1.0, 0.5, 0.1 + 0.2, 0.7], "status": [1, 1, 1, 1, 1]}
    options = {"kaplan_meier_difference.day": 0.3, "rmst_difference.tau": 0.3}
    found = jaksim.analyze(data, methods=["kaplan_meier_difference", "rmst_difference"], options=options).as_dict()
    assert [arm["probability"] for arm in found["results"][0]["by_arm"]] == pytest.approx([1 / 2, 1 / 3])
    assert found["results"][1]["estimate"] == pytest.approx(0.0, abs=1e-12)
