"""Bayesian meta-analysis and meta-regression against R's bayesmeta."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from jaksim.evidence.synthesis import Estimates, HalfCauchy, HalfNormal, NormalPrior, hierarchy, regress

HERE = Path(__file__).parent
EXPECTED = pd.read_csv(HERE / "synthesis_bayes_expected.csv")
DATA = pd.read_csv(HERE / "synthesis_bayes_data.csv")
PRIORS = {"half_normal": HalfNormal, "half_cauchy": HalfCauchy}
FITS = EXPECTED[EXPECTED["case"] != "bcg"].groupby(["case", "prior"]).groups


def estimates(case):
    rows = DATA[DATA["case"] == case]
    return Estimates(tuple(rows["label"]), rows["y"].to_numpy(), rows["se"].to_numpy())


def summary(posterior):
    lower, upper = posterior.interval()
    return {
        "median": posterior.quantile(0.5),
        "mean": posterior.mean,
        "sd": posterior.standard_deviation,
        "95% lower": lower,
        "95% upper": upper,
    }


def compare(found, rows):
    """bayesmeta's own grid is accurate to about 1e-4 posterior standard deviations at the setting used."""
    expected = rows.set_index("quantity")["value"]
    for quantity in expected.index.intersection(list(found)):
        assert abs(found[quantity] - expected[quantity]) < 1.5e-4 * found.get("sd", 1.0), quantity


@pytest.mark.parametrize(("case", "prior"), FITS)
def test_hierarchy(case, prior):
    kind, scale, mean, deviation = prior.split()
    flat = mean == "NA"
    mean_prior = NormalPrior() if flat else NormalPrior(float(mean), float(deviation))
    fit = hierarchy(estimates(case), tau_prior=PRIORS[kind](float(scale)), mean_prior=mean_prior)
    rows = EXPECTED.loc[FITS[case, prior]].groupby("parameter")
    compare(summary(fit.tau), rows.get_group("tau"))
    mean = fit.coefficient("mean")
    compare(summary(mean) | {"below 0": mean.below(0)}, rows.get_group("mean"))
    compare(summary(fit.linear([1.0], new_study=True)), rows.get_group("new study"))
    studies = [name for name in rows.groups if name.startswith("study:")]
    assert len(studies) == 2
    for name in studies:
        compare(summary(fit.studies[name.removeprefix("study:")]), rows.get_group(name))
    if not flat:
        compare({"log evidence": fit.log_evidence}, rows.get_group("all"))


def test_meta_regression():
    slope = DATA.loc[DATA["case"] == "bcg", "x"].to_numpy()
    design = np.column_stack([np.ones_like(slope), slope])
    priors = (NormalPrior(0, 4), NormalPrior(0, 0.1))
    fit = regress(estimates("bcg"), design, ("intercept", "slope"), priors, tau_prior=HalfNormal(0.5))
    rows = EXPECTED[EXPECTED["case"] == "bcg"].groupby("parameter")
    compare(summary(fit.tau), rows.get_group("tau"))
    compare(summary(fit.coefficient("intercept")), rows.get_group("intercept"))
    compare(summary(fit.coefficient("slope")), rows.get_group("slope"))
    compare({"log evidence": fit.log_evidence}, rows.get_group("all"))


def test_eight_schools():
    """Gelman et al., Bayesian Data Analysis (3rd ed.), section 5.5: no school's effect is far from 8."""
    fit = hierarchy(estimates("schools"), tau_prior=HalfCauchy(25))
    effects = [effect.mean for effect in fit.studies.values()]
    assert 7 < fit.coefficient("mean").mean < 9
    assert all(4 < effect < 13 for effect in effects)
    assert max(effects) == fit.studies["A"].mean
