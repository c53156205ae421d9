"""Survival analyses of counts against R: survfit, survdiff, finegray, coxph, cuminc, crr and pmvnorm.

The data and the expected numbers are written by make_analysis_incidence.R beside this file.
"""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from jaksim.analysis.survival.kaplan_meier import cumulative_incidence, kaplan_meier
from jaksim.analysis.survival.methods.max_combo import WEIGHTS
from jaksim.methods import (
    cox,
    cumulative_incidence_difference,
    fine_gray,
    gray,
    kaplan_meier_difference,
    max_combo,
    modestly_weighted_log_rank,
    rmst_difference,
    rmst_ratio,
    weighted_log_rank,
)

HERE = Path(__file__).parent
ROWS = pd.read_csv(HERE / "analysis_incidence_expected.csv", keep_default_na=False)
CURVES = pd.read_csv(HERE / "analysis_curves_expected.csv")
TABLES = pd.read_csv(HERE / "analysis_incidence_tables.csv")


def counts(case):
    """Counts (2, S, K) of one case and the times and statuses of its categories."""
    data = TABLES.query("case == @case")
    groups = data.groupby(["time", "status"])
    table = np.zeros((2, data["stratum"].max(), groups.ngroups))
    np.add.at(table, (data["arm"], data["stratum"] - 1, groups.ngroup()), data["count"])
    keys = groups.first().index.to_frame()
    return table, keys["time"].to_numpy(dtype=float), keys["status"].to_numpy()


def pooled(table, time, status):
    return table.sum(axis=1), time, status


def check(result, row):
    assert result.estimate == pytest.approx(float(row["estimate"]), rel=1e-7, abs=1e-9)
    if row["se"] != "NA":
        assert result.se == pytest.approx(float(row["se"]), rel=1e-7)
    assert result.statistic == pytest.approx(float(row["statistic"]), rel=1e-7, abs=1e-9)


def rows(*methods):
    chosen = ROWS[ROWS["method"].isin(methods)].to_dict("records")
    return [pytest.param(row, id=f"{row['case']}-{row['method']}-{row['option']}") for row in chosen]


@pytest.mark.parametrize("row", rows("kaplan_meier_difference", "cumulative_incidence_difference"))
def test_difference_at_a_day(row):
    strata, kind, day = row["option"].split(";")
    if row["method"] == "kaplan_meier_difference":
        check(kaplan_meier_difference(*counts(row["case"]), day=float(day), strata=strata, scale=kind), row)
    else:
        check(cumulative_incidence_difference(*counts(row["case"]), day=float(day), strata=strata, variance=kind), row)


@pytest.mark.parametrize("row", rows("weighted_log_rank"))
def test_weighted_log_rank(row):
    weight, rho, gamma = row["option"].split(";")
    check(weighted_log_rank(*counts(row["case"]), rho=float(rho), gamma=float(gamma), weight=weight), row)


@pytest.mark.parametrize("row", rows("modestly_weighted_log_rank"))
def test_modestly_weighted_log_rank(row):
    check(modestly_weighted_log_rank(*counts(row["case"]), s_star=float(row["option"].split(";")[1])), row)


@pytest.mark.parametrize("row", rows("rmst_difference", "rmst_ratio"))
def test_restricted_means(row):
    strata, variance, tau = row["option"].split(";")
    analysis = rmst_difference if row["method"] == "rmst_difference" else rmst_ratio
    check(analysis(*counts(row["case"]), tau=float(tau), strata=strata, variance=variance), row)


@pytest.mark.parametrize("row", rows("gray"))
def test_gray(row):
    strata, rho = row["option"].split(";")
    trial = counts(row["case"]) if strata == "stratified" else pooled(*counts(row["case"]))
    result = gray(*trial, rho=float(rho))
    assert abs(result.statistic) == pytest.approx(float(row["statistic"]), rel=1e-7)


@pytest.mark.parametrize("row", rows("fine_gray"))
def test_fine_gray(row):
    strata, censoring = row["option"].split(";")
    trial = counts(row["case"]) if strata == "stratified" else pooled(*counts(row["case"]))
    result = fine_gray(*trial, censoring=censoring)
    assert result.estimate == pytest.approx(float(row["estimate"]), rel=1e-6, abs=1e-8)
    if row["se"] != "NA":
        assert result.se == pytest.approx(float(row["se"]), rel=1e-6)


@pytest.mark.parametrize("row", rows("max_combo"))
def test_max_combo(row):
    """The p value of pmvnorm is itself good to about 1e-6, with correlations that are singular."""
    result = max_combo(*counts(row["case"]), weights=WEIGHTS[: int(row["option"])])
    assert result.estimate == pytest.approx(float(row["estimate"]), rel=1e-7)
    assert result.p_value == pytest.approx(float(row["statistic"]), rel=1e-5, abs=1e-6)


@pytest.mark.parametrize(("case", "kind"), [key for key, _ in CURVES.groupby(["case", "curve"])])
def test_curves(case, kind):
    expected = CURVES.query("case == @case and curve == @kind")
    function, interval = kind.split(";")
    table, time, status = counts(case)
    analysis = kaplan_meier if function == "survival" else cumulative_incidence
    curve = analysis(table[1].sum(axis=0), time, status, interval=interval)
    at = np.searchsorted(curve.time, expected["time"])
    for name in ("probability", "se", "low", "high"):
        given, known = getattr(curve, name)[at], expected[name].notna()
        np.testing.assert_allclose(given[known], expected[name][known], rtol=1e-9, atol=1e-12, err_msg=name)


@pytest.mark.parametrize("row", rows("cox"))
def test_robust_cox(row):
    check(cox(*counts(row["case"]), ties=row["option"], variance="robust"), row)
