import math
from pathlib import Path

import numpy as np
import pytest
from scipy import integrate, stats

from jaksim.design.engine.cells import Cells
from jaksim.design.expected.alike import patients_in_words, patients_of
from jaksim.design.expected.moves import move_intensities
from jaksim.scenario.document import read_document
from jaksim.scenario.scenario import scenario_of

PLAIN = Path("scenarios/delayed-effect.toml")


def trial_with(population, covariates=(), analysis=None):
    read = read_document(str(PLAIN))
    document = {name: value for name, value in read.items() if name not in ("withdrawal", "monitoring", "accrual")}
    document["population"] = {**document["population"], **population}
    document["disease"] = {**document["disease"], "covariate": list(covariates)}
    if analysis is not None:
        document["analysis"] = [{"endpoint": document["endpoint"][0]["name"], "role": "primary", **analysis}]
    return scenario_of(document, str(PLAIN)).trial


def test_frailty_of_no_variance_is_the_plain_model():
    plain = trial_with({})
    none = trial_with({"frailty": [{"variance": 0.0, "moves": "death"}]})
    assert none.population == plain.population
    assert none.disease.covariate_effects == ()


@pytest.mark.parametrize(("law", "variance"), [("gamma", 0.8), ("lognormal", 0.5)])
def test_survival_under_frailty_is_the_laplace_transform(law, variance):
    """The share alive is the Laplace transform of the frailty at the accumulated hazard, by scipy's integration."""
    plain = trial_with({})
    frail = trial_with({"frailty": [{"law": law, "variance": variance, "moves": "death"}]})
    death = [name.kind for name in plain.endpoints].index("time_to_event")
    status = np.asarray(plain.endpoints[death].status)
    alone, mixed = (Cells(one).marginal_laws[death] for one in (plain, frail))
    for cell in range(len(alone)):
        hazard = -math.log(alone[cell][status != 1].sum())
        if law == "gamma":
            expected = (1.0 + variance * hazard) ** (-1.0 / variance)
        else:
            sd = math.sqrt(variance)
            expected = integrate.quad(
                lambda z, hazard=hazard, sd=sd: math.exp(-hazard * math.exp(sd * z)) * stats.norm.pdf(z), -9, 9
            )[0]
        assert mixed[cell][status != 1].sum() == pytest.approx(expected, abs=5e-7)
    assert frail.population.quadrature.error < 1e-6


def test_the_effect_of_a_normal_covariate_is_that_of_a_lognormal_frailty():
    age = {"name": "age", "law": "normal", "mean": 60.0, "sd": 15.0}
    effect = {"covariate": "age", "moves": "death", "log_hazard_ratio": 0.5, "centre": 60.0, "per": 10.0}
    by_age = trial_with({"characteristic": [age]}, [effect])
    frail = trial_with({"frailty": [{"law": "lognormal", "variance": 0.75**2, "moves": "death"}]})
    for one, other in zip(Cells(by_age).marginal_laws, Cells(frail).marginal_laws, strict=True):
        assert one == pytest.approx(other, abs=1e-10)


def test_what_nothing_depends_on_changes_nothing():
    age = {"name": "age", "law": "normal", "mean": 60.0, "sd": 15.0}
    trial = trial_with({"characteristic": [age]})
    assert trial.population.quadrature is None
    assert [s.patients for s in trial.population.strata] == [s.patients for s in trial_with({}).population.strata]


def test_eligibility_leaves_the_law_of_those_who_are_let_in():
    """A normal covariate within bounds, by scipy's integration over the truncated law."""
    age = {"name": "age", "law": "normal", "mean": 60.0, "sd": 15.0}
    effect = {"covariate": "age", "moves": "death", "log_hazard_ratio": 0.5, "centre": 60.0, "per": 10.0}
    read = read_document(str(PLAIN))
    document = {name: value for name, value in read.items() if name not in ("withdrawal", "monitoring", "accrual")}
    document["eligibility"] = [{"characteristic": "age", "at_least": 50.0, "below": 80.0}]
    document["population"] = {**document["population"], "characteristic": [age]}
    document["disease"] = {**document["disease"], "covariate": [effect]}
    trial, plain = scenario_of(document, str(PLAIN)).trial, trial_with({})
    death = [name.kind for name in plain.endpoints].index("time_to_event")
    status = np.asarray(plain.endpoints[death].status)
    law = stats.truncnorm(-2.0 / 3.0, 4.0 / 3.0)
    for alone, found in zip(Cells(plain).marginal_laws[death], Cells(trial).marginal_laws[death], strict=True):
        hazard = -math.log(alone[status != 1].sum())
        expected = law.expect(lambda z, hazard=hazard: np.exp(-hazard * np.exp(0.75 * z)))
        assert found[status != 1].sum() == pytest.approx(expected, abs=5e-7)


def test_correlated_characteristics_are_those_of_scipys_integration():
    """The share alive by two characteristics, one with a linear effect and one by category, integrated by scipy over
    their normal law with the plain hazard."""
    plain = trial_with({})
    age = {"name": "age", "law": "normal", "mean": 60.0, "sd": 12.0}
    marker = {"name": "marker", "law": "lognormal", "median": 80.0, "quartiles": [50.0, 128.0]}
    effects = (
        {"covariate": "age", "moves": "death", "log_hazard_ratio": 0.6, "centre": 60.0, "per": 12.0},
        {
            "covariate": "marker",
            "moves": "death",
            "shape": "category",
            "cuts": [60.0, 150.0],
            "values": [0.0, 0.4, 1.0],
        },
    )
    rho = 0.5
    correlation = [{"pair": ["age", "marker"], "value": rho, "of": "latents"}]
    mixed = trial_with({"characteristic": [age, marker], "correlation": correlation}, effects)
    cuts = [math.log(cut / 80.0) / (math.log(128.0 / 50.0) / (2.0 * stats.norm.ppf(0.75))) for cut in (60.0, 150.0)]
    edges = [-math.inf, *cuts, math.inf]
    for alone, found in zip(Cells(plain).marginal_laws[0], Cells(mixed).marginal_laws[0], strict=True):
        status = np.asarray(plain.endpoints[0].status)
        hazard = -math.log(alone[status != 1].sum())
        expected = sum(
            integrate.quad(
                lambda z, low=low, high=high, effect=effect, hazard=hazard: (
                    stats.norm.pdf(z)
                    * np.diff(stats.norm.cdf((np.array([low, high]) - rho * z) / math.sqrt(1.0 - rho**2)))[0]
                    * math.exp(-hazard * math.exp(0.6 * z + effect))
                ),
                -9.0,
                9.0,
                epsabs=1e-12,
            )[0]
            for low, high, effect in zip(edges, edges[1:], (0.0, 0.4, 1.0), strict=False)
        )
        assert found[status != 1].sum() == pytest.approx(expected, abs=1e-7)
    assert mixed.population.quadrature.error < 1e-6


def test_intensities_are_shown_of_patients_in_the_middle_of_the_law():
    age = {"name": "age", "law": "normal", "mean": 60.0, "sd": 15.0}
    effect = {"covariate": "age", "moves": "death", "log_hazard_ratio": 0.5, "centre": 60.0, "per": 10.0}
    trial, plain = trial_with({"characteristic": [age]}, [effect]), trial_with({})
    (one,) = patients_of(trial)
    assert one.covariates == {"age": 60.0}
    assert patients_in_words([one], trial) == "age 60"
    shown, expected = move_intensities(trial, trial.arms), move_intensities(plain, plain.arms)
    assert [(move.move, move.arms) for move in shown] == [(move.move, move.arms) for move in expected]


def test_a_discrete_characteristic_is_told_apart_where_only_an_analysis_adjusts_for_it():
    sex = {"name": "sex", "share": 0.4}
    trial = trial_with({"characteristic": [sex]}, analysis={"method": "cox", "covariates": ["sex"]})
    shares = {patient.covariates["sex"]: share for share, patient in trial.population.strata[0].patients}
    assert shares == pytest.approx({0.0: 0.6, 1.0: 0.4}, abs=1e-12)
