"""Robust and cluster standard errors of proportional odds against R's rms (make_robust_proportional_odds.R)."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from jaksim.analysis.ordinal.proportional_odds_covariates import proportional_odds_covariates
from jaksim.errors import InputError
from jaksim.methods import proportional_odds
from jaksim.patient_data.analyze import analyze
from jaksim.patient_data.question import Question

HERE = Path(__file__).parent
DATA = pd.read_csv(HERE / "covariate_models_data.csv")
EXPECTED = pd.read_csv(HERE / "robust_odds_expected.csv")


def covariates(data):
    return np.column_stack([data.arm, data.age, data.sex == "male", data.region == "Europe", data.region > "F"])


@pytest.mark.parametrize(("case", "model"), EXPECTED[["case", "model"]].drop_duplicates().values.tolist())
def test_patients_against_rms(case, model):
    data = DATA[DATA.case == case]
    expected = EXPECTED[(EXPECTED.case == case) & (EXPECTED.model == model)]
    x = covariates(data)[:, : len(expected)]
    cluster = data.site if model.endswith("cluster") else None
    fit = proportional_odds_covariates(data.score, x, stratum=data.stratum, robust=True, cluster=cluster)
    assert fit.robust
    assert [one.estimate for one in fit.coefficients] == pytest.approx(list(expected.estimate), rel=1e-6, abs=1e-9)
    assert [one.se for one in fit.coefficients] == pytest.approx(list(expected.se), rel=1e-6)


@pytest.mark.parametrize("case", DATA.case.unique())
def test_counts_against_rms(case):
    data = DATA[DATA.case == case]
    expected = EXPECTED[(EXPECTED.case == case) & (EXPECTED.model == "arm robust")].iloc[0]
    table = np.zeros((2, 4, 6))
    np.add.at(table, (data.arm, data.stratum - 1, data.score - 1), 1)
    result = proportional_odds(table, range(6), variance="robust")
    assert (result.estimate, result.se) == pytest.approx((expected.estimate, expected.se), rel=1e-6, abs=1e-9)
    assert result.statistic == pytest.approx(expected.estimate / expected.se, rel=1e-6, abs=1e-9)


def test_data_of_patients_by_cluster():
    data = DATA[DATA.case == "moderate"]
    expected = EXPECTED[(EXPECTED.case == "moderate") & (EXPECTED.model == "arm cluster")].iloc[0]
    columns = data[["arm", "stratum", "site", "score"]]
    (found,) = analyze(columns, methods=["proportional_odds"], question=Question(cluster="site")).as_dict()["results"]
    assert (found["estimate"], found["se"]) == pytest.approx((expected.estimate, expected.se), rel=1e-6)
    assert found["robust"]
    assert found["estimand"].endswith("robust standard error by site")


def test_a_robust_variance_has_no_score_test():
    with pytest.raises(InputError, match="Wald test alone"):
        proportional_odds([[3, 4], [5, 6]], [0, 1], variance="robust", test="score")
