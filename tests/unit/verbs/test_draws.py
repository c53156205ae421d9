from pathlib import Path

import numpy as np
import pytest

from jaksim import load_scenario
from jaksim.errors import InputError
from jaksim.model.moves import KINDS
from jaksim.verbs.draws import Uncertain, drawn_trials, spread_of

CITED = Path(__file__).parents[2] / "scenarios" / "between_trials.toml"
STROKE = Path(__file__).parents[3] / "scenarios" / "stroke-alteplase.toml"


def benefits(scenario, spread, draws=2048):
    """Benefits (draws, treatments, kinds) of drawn trials."""
    uncertain = Uncertain(scenario, spread)
    return np.array([list(draw.benefits.values()) for draw in uncertain.draws(draws, 5)])


def test_a_new_setting_shifts_the_benefit_and_not_what_a_covariate_does():
    scenario = load_scenario(STROKE)
    for trial in drawn_trials(scenario, draws=5, seed=3, spread=spread_of(scenario, 0.5)):
        treatment = trial.disease.treatments["alteplase"]
        assert set(treatment.shift) <= set(KINDS)
        assert abs(treatment.shift["improvement"]) > 1e-3
        assert treatment.shift["improvement"] != pytest.approx(-treatment.shift["death"])
    for trial in drawn_trials(scenario, draws=5, seed=3, spread=spread_of(scenario, 0.0)):
        assert trial.disease.treatments["alteplase"].shift == {}


@pytest.mark.parametrize("correlation", [0.0, 0.6, 1.0, -0.5])
def test_benefits_have_the_standard_deviations_and_the_correlation_that_are_assumed(correlation):
    scenario = load_scenario(CITED, changes=[f"prediction.between_trial_correlation={correlation}"])
    asked = {"improvement": 0.1, "deterioration": 0.2, "death": 0.3}
    found = benefits(scenario, spread_of(scenario, asked))
    assert found.shape[1:] == (2, 3)
    for position in range(2):
        np.testing.assert_allclose(found[:, position].std(axis=0), list(asked.values()), rtol=0.02)
        between = np.corrcoef(found[:, position].T)[np.triu_indices(3, 1)]
        np.testing.assert_allclose(between, correlation, atol=0.04)
    # Of two treatments they are independent.
    np.testing.assert_allclose(np.corrcoef(found[:, 0].T, found[:, 1].T)[:3, 3:], 0.0, atol=0.06)


def test_a_benefit_helps_patients_whatever_its_kind():
    scenario = load_scenario(CITED, changes=["prediction.between_trial_correlation=1.0"])
    for trial in drawn_trials(scenario, draws=6, seed=3, spread=spread_of(scenario, 0.2)):
        shift = trial.disease.treatments["baricitinib"].shift
        assert shift["improvement"] == pytest.approx(-shift["deterioration"]) == pytest.approx(-shift["death"])


def test_spreads_of_a_pooled_set_need_one():
    scenario = load_scenario(CITED, changes=["prediction.between_trial_sd=pooled"])
    with pytest.raises(InputError, match=r"effects of baricitinib are not those of a pooled parameter set.*\"pooled\""):
        spread_of(scenario, None)
    with pytest.raises(InputError, match=r"between_trial_sd.*\(got 'much'\).*a number, one for each of improvement"):
        spread_of(scenario, "much")
    with pytest.raises(InputError, match=r"unknown kind of effect \(got 'discharge'\)"):
        spread_of(scenario, {"discharge": 0.1})
