"""Models with covariates against R's coxph and polr (make_covariate_models.R), lifelines and statsmodels."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from lifelines import CoxPHFitter
from statsmodels.duration.hazard_regression import PHReg
from statsmodels.miscmodels.ordinal_model import OrderedModel

from jaksim.analysis.ordinal.proportional_odds_covariates import proportional_odds_covariates
from jaksim.analysis.survival.cox_covariates import cox_covariates
from jaksim.errors import InputError
from jaksim.methods import cox

HERE = Path(__file__).parent
DATA = pd.read_csv(HERE / "covariate_models_data.csv")
EXPECTED = pd.read_csv(HERE / "covariate_models_expected.csv")
NAMES = ("arm", "age", "sexmale", "regionEurope", "regionNorth America")


def design(data):
    levels = [data.sex == "male", data.region == "Europe", data.region == "North America"]
    return np.column_stack([data.arm, data.age, *levels]).astype(float)


@pytest.mark.parametrize(("case", "model"), EXPECTED[["case", "model"]].drop_duplicates().values.tolist())
def test_against_r(case, model):
    data = DATA[DATA.case == case]
    expected = EXPECTED[(EXPECTED.case == case) & (EXPECTED.model == model)]
    assert tuple(expected.name) == NAMES
    if model == "polr":
        fit = proportional_odds_covariates(data.score, design(data), names=NAMES, stratum=data.stratum)
    else:
        ties, *kind = model.split()[1:]
        fit = cox_covariates(
            data.time,
            data.status,
            design(data),
            stratum=None if kind == ["cluster"] else data.stratum,
            ties=ties,
            robust=kind == ["robust"],
            cluster=data.site if kind == ["cluster"] else None,
        )
    assert [one.estimate for one in fit.coefficients] == pytest.approx(list(expected.estimate), rel=1e-6, abs=1e-8)
    assert [one.se for one in fit.coefficients] == pytest.approx(list(expected.se), rel=1e-6)


@pytest.mark.parametrize("robust", [False, True])
def test_cox_against_lifelines(robust):
    """Without ties: lifelines' sandwich does not apply Efron's correction to the score residuals, R's does."""
    data = DATA[DATA.case == "moderate"]
    time = data.time.to_numpy() + np.random.default_rng(1).uniform(0, 0.01, len(data))
    table = pd.DataFrame(design(data)[:, :3], columns=NAMES[:3]).assign(time=time, status=data.status.to_numpy())
    fitted = CoxPHFitter().fit(table, "time", "status", robust=robust, fit_options={"precision": 1e-12})
    fit = cox_covariates(table.time, table.status, table[list(NAMES[:3])], robust=robust)
    assert [one.estimate for one in fit.coefficients] == pytest.approx(list(fitted.params_), abs=1e-6)
    assert [one.se for one in fit.coefficients] == pytest.approx(list(fitted.standard_errors_), abs=1e-6)
    assert fit.log_likelihood[1] == pytest.approx(fitted.log_likelihood_, abs=1e-6)


def test_cox_against_statsmodels():
    data = DATA[DATA.case == "ties"]
    fitted = PHReg(data.time, design(data), status=data.status, strata=data.stratum, ties="breslow").fit()
    fit = cox_covariates(data.time, data.status, design(data), stratum=data.stratum, ties="breslow")
    assert [one.estimate for one in fit.coefficients] == pytest.approx(fitted.params, abs=1e-6)
    assert [one.se for one in fit.coefficients] == pytest.approx(fitted.bse, abs=1e-6)


def test_proportional_odds_against_statsmodels():
    data = DATA[DATA.case == "moderate"]
    x = design(data)
    x[:, 1] = (x[:, 1] - 60) / 10
    fitted = OrderedModel(data.score, x, distr="logit").fit(
        method="newton", disp=False, maxiter=100, tol=1e-12, warn_convergence=False
    )
    fit = proportional_odds_covariates(data.score, x)
    assert [-one.estimate for one in fit.coefficients] == pytest.approx(list(fitted.params[:5]), abs=1e-6)
    # statsmodels differentiates the likelihood numerically, which leaves some 1e-5 of the error
    assert [one.se for one in fit.coefficients] == pytest.approx(list(fitted.bse[:5]), rel=2e-5)
    assert fit.log_likelihood[1] == pytest.approx(fitted.llf, abs=1e-6)


@pytest.mark.parametrize("ties", ["efron", "breslow"])
def test_without_covariates_it_is_the_analysis_of_counts(ties):
    data = DATA[DATA.case == "ties"]
    times, category = np.unique(data.time * 2 + data.status, return_inverse=True)
    table = np.zeros((2, 4, len(times)))
    np.add.at(table, (data.arm, data.stratum - 1, category), 1)
    counted = cox(table, times // 2, times % 2, ties=ties)
    (one,) = cox_covariates(data.time, data.status, data.arm, stratum=data.stratum, ties=ties).coefficients
    assert (one.estimate, one.se, one.p_value) == pytest.approx(
        (counted.estimate, counted.se, counted.p_value), abs=1e-9
    )


def test_a_separated_covariate_is_not_estimable_and_leaves_the_others():
    """Nobody with the marker has an event: its coefficient is infinite, the others are those without these patients."""
    data = DATA[DATA.case == "moderate"]
    marker = np.arange(len(data)) % 5 == 0
    status = np.where(marker, 0, data.status)
    fit = cox_covariates(data.time, status, np.column_stack([data.arm, marker]), names=("arm", "marker"))
    alone = cox_covariates(data.time[~marker], status[~marker], data.arm[~marker])
    assert np.isnan(fit.coefficients[1].estimate)
    assert np.isnan(fit.coefficients[1].p_value)
    assert fit.coefficients[0].estimate == pytest.approx(alone.coefficients[0].estimate, abs=1e-6)
    score = np.where(marker, 1, data.score)
    separated = proportional_odds_covariates(score, np.column_stack([data.arm, marker]))
    assert np.isfinite(separated.coefficients[0].estimate)
    assert np.isnan(separated.coefficients[1].estimate)


def test_no_events_give_no_estimate():
    fit = cox_covariates([1, 2, 3, 4], [0, 0, 2, 0], [0, 1, 0, 1])
    assert np.isnan(fit.coefficients[0].estimate)
    assert fit.n_events == 0
    assert np.isnan(proportional_odds_covariates([2, 2, 2], [0, 1, 1]).coefficients[0].estimate)


@pytest.mark.parametrize("model", ["cox", "proportional odds"])
@pytest.mark.parametrize(
    ("columns", "message"),
    [(lambda a: [a, 0 * a + 3], "'b' is constant"), (lambda a: [a, 2 * a + 1], "'b' is a linear combination")],
)
def test_covariates_that_say_nothing_are_refused(model, columns, message):
    rng = np.random.default_rng(3)
    x = np.column_stack(columns(rng.normal(size=40)))
    time = rng.exponential(size=40)
    names = ("a", "b")
    fit = {
        "cox": lambda: cox_covariates(time, np.ones(40), x, names=names),
        "proportional odds": lambda: proportional_odds_covariates(np.arange(40) % 3, x, names=names),
    }
    with pytest.raises(InputError, match=message):
        fit[model]()
