"""A study whose treatment effect depends on a covariate: alteplase in stroke, by hours from onset to treatment."""

import math
from pathlib import Path

import numpy as np
import pytest

from jaksim.calibration.predict import predict
from jaksim.calibration.study import load_calibration_study
from jaksim.errors import InputError
from jaksim.model.disease import DiseaseModel
from jaksim.model.regimen import Regimen

STROKE = Path(__file__).parents[3] / "docs" / "examples" / "stroke"


@pytest.fixture(scope="module")
def stroke():
    return load_calibration_study(str(STROKE / "alteplase-study.toml"))


@pytest.fixture
def edited(tmp_path):
    """Load the study after replacements in its text."""
    evidence = "alteplase-evidence.toml"
    (tmp_path / evidence).write_text((STROKE / evidence).read_text("utf-8"), encoding="utf-8")
    text = (STROKE / "alteplase-study.toml").read_text("utf-8")

    def load(old, new):
        assert old in text
        path = tmp_path / "study.toml"
        path.write_text(text.replace(old, new), encoding="utf-8")
        return load_calibration_study(str(path))

    return load


def test_intensities_are_those_of_the_disease_model(stroke, scattered):
    values = scattered(stroke, 3)
    for arm in stroke.arms.values():
        for stratum in stroke.strata.values():
            for _, patient in stratum.patients:
                for row, table in zip(values, stroke.log_intensities.tables(arm.name, patient, values), strict=True):
                    model = DiseaseModel(stroke.template.natural_history(row), stroke.template.treatments(row))
                    expected = model.intensities(Regimen(arm.regimen), patient)
                    np.testing.assert_array_equal(table.breaks, expected.breaks)
                    np.testing.assert_allclose(table.generators, expected.generators, rtol=1e-10, atol=1e-14)


def test_hours_matter_to_those_treated_alone(stroke):
    first, *others = [stratum.patients[0][1] for stratum in stroke.strata.values()]
    key = stroke.log_intensities.key
    assert len({key("alteplase", patient) for patient in (first, *others)}) == 4
    assert {key("placebo", patient) for patient in others} == {key("placebo", first)}


def test_the_odds_ratio_of_a_binary_endpoint_is_that_of_the_tables(stroke, scattered):
    values = scattered(stroke, 4)
    predicted = {target.id: found for target, found in zip(stroke.targets, predict(stroke, values), strict=True)}
    for interval in stroke.strata:
        odds = []
        for arm in ("alteplase", "placebo"):
            table = predicted[f"mrs_month3.{interval}.{arm}"]
            excellent = table[:, 0] + table[:, 1]
            odds.append(excellent / (1 - excellent))
        found = predicted[f"excellent_odds_ratio.{interval}"][:, 0]
        np.testing.assert_allclose(np.exp(found), odds[0] / odds[1], rtol=1e-10)


def test_only_the_fitted_targets_can_be_predicted(stroke, scattered):
    values = scattered(stroke, 5)
    every, fitted = predict(stroke, values), predict(stroke, values, fitted_only=True)
    assert (len(every), len(fitted)) == (12, 8)
    for target, one, other in zip(stroke.targets, every, fitted, strict=False):
        assert target.role == "fit"
        np.testing.assert_array_equal(one, other)


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("{ hours = 2.25 }", "{ hour = 2.25 }", "stratum 91_180, covariates.*needs a value of 'hours'"),
        (", covariates = { hours = 2.25 }", "", "stratum 91_180, covariates.*needs a value of 'hours'"),
        ("{ hours = 2.25 }", '{ hours = "late" }', "stratum 91_180, covariates, hours"),
        ("covariates = { hours = 2.25 }", "covariates = 2.25", "stratum 91_180, covariates"),
        ("covariates = { hours = 2.25 }", "covariate = { hours = 2.25 }", "did you mean 'covariates'"),
        ('covariate = "hours"', "covariate = 4", "covariate"),
        ('statistic = "odds_ratio"', 'statistic = "odd_ratio"', "did you mean 'odds_ratio'"),
        ('endpoint = "excellent"', 'endpoint = "rankin"', "statistic odds_ratio.*endpoints of kind"),
        ('reference = "placebo"\n', "", "a ratio needs the key 'reference'"),
    ],
)
def test_slips_are_named(edited, old, new, words):
    with pytest.raises(InputError, match=words):
        edited(old, new)


def test_estimates_are_on_the_log_scale_per_hour(stroke):
    effects = stroke.template.treatments(stroke.template.prior_mean + 0.25)["alteplase"].effects
    assert [effect.covariate for effect in effects] == ["", "hours", "", "hours"]
    assert all(math.isclose(effect.log_hazard_ratio, 0.25) for effect in effects)
