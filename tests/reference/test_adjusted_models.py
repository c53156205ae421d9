"""Adjusted analyses against R: stats::glm and lm, sandwich::vcovHC, stacked estimating equations of standardised risks
(`make_adjusted_models.R`)."""

from pathlib import Path

import numpy as np
import pytest

import jaksim

pd = pytest.importorskip("pandas")
HERE = Path(__file__).parent
EXPECTED = pd.read_csv(HERE / "adjusted_models_expected.csv")
DATA = pd.read_csv(HERE / "covariate_models_data.csv")
NAMES = {"arm": "arm: 1", "age": "age", "sexmale": "sex: male", "regionEurope": "region: Europe"}
NAMES["regionNorth America"] = "region: North America"


@pytest.fixture(scope="module", params=DATA.case.unique())
def case(request):
    patients = DATA[DATA.case == request.param].copy()
    patients["bad"] = (patients.score >= 4).astype(int)
    patients["days"] = (patients.time / patients.time.max() * 28.0).astype(int)
    return request.param, patients


def analysed(patients, method, outcome, **more):
    return jaksim.analyze(
        patients, methods=[method], arm="arm", stratum="stratum", covariates=["age", "sex", "region"],
        reference="0", **{outcome: "bad" if outcome == "event" else "days"}, **more,
    )  # fmt: skip


def rows_of(case, model):
    return EXPECTED[(EXPECTED.case == case) & (EXPECTED.model == model)]


@pytest.mark.parametrize("robust", [False, True])
@pytest.mark.parametrize(
    ("method", "model", "outcome"), [("odds_ratio", "logistic", "event"), ("mean_difference", "linear", "days")]
)
def test_coefficients_are_those_of_r(case, method, model, outcome, robust):
    name, patients = case
    fit = analysed(patients, method, outcome, robust=robust).analyses[0].fit
    found = {one.name: one for one in fit.coefficients}
    for row in rows_of(name, f"{model} robust" if robust else model).itertuples():
        one = found[NAMES[row.name]]
        assert one.estimate == pytest.approx(row.estimate, rel=1e-9)
        assert one.se == pytest.approx(row.se, rel=1e-7)


@pytest.mark.parametrize("method", ["risk_difference", "risk_ratio"])
def test_standardised_risks_are_those_of_r(case, method):
    name, patients = case
    result = analysed(patients, method, "event").analyses[0].result
    row = rows_of(name, method.replace("_", " ")).iloc[0]
    assert result.estimate == pytest.approx(row.estimate, rel=1e-9)
    assert result.se == pytest.approx(row.se, rel=1e-7)


def test_the_score_is_that_of_r(case):
    name, patients = case
    result = analysed(patients, "odds_ratio", "event", options={"odds_ratio.test": "score"}).analyses[0].result
    assert result.statistic == pytest.approx(rows_of(name, "logistic score").iloc[0].se, rel=1e-8)
    assert np.isfinite(result.se)
