from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from jaksim import load_scenario
from jaksim.errors import InputError
from jaksim.model.moves import KINDS
from jaksim.scenario.treatments.courses import days_acted_on, moves_by_score, ratio_averaged
from jaksim.verbs.draws import PHASES, Uncertain, drawn_trials, spread_of

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


def test_phases_are_drawn_and_keep_the_calibrated_effect_on_average():
    scenario = load_scenario("actt2-by-onset")
    uncertain = Uncertain(scenario, spread_of(scenario, 0.0))
    assert PHASES in uncertain.parts
    draws = list(uncertain.draws(64, seed=3))
    phases = np.array([draw.phases for draw in draws])
    assert phases.shape == (64, 2)
    assert abs(phases.mean()) < 0.1
    assert uncertain.covariance(PHASES, PHASES) == pytest.approx(np.eye(2))
    own = scenario.trial.disease.treatments["baricitinib"].effects
    for draw in draws[:4]:
        drawn = uncertain.model(draw, only=(PHASES,)).treatments["baricitinib"].effects
        assert [one.log_hazard_ratio for one in drawn] == [one.log_hazard_ratio for one in own]
        assert all(one.course != other.course for one, other in zip(drawn, own, strict=True))
        for one in drawn:
            assert set(np.round(averages_at_the_reference(scenario, one), 12)) == {
                round(np.exp(one.log_hazard_ratio), 12)
            }
    still = replace(draws[0], phases=(0.0, 0.0))
    assert uncertain.model(still, only=(PHASES,)).treatments["baricitinib"].effects == own
    drawn = uncertain.model(draws[1]).treatments["baricitinib"].effects  # of another size, in step with another phase
    for one, other in zip(drawn, own, strict=True):
        assert one.log_hazard_ratio != other.log_hazard_ratio
        assert set(np.round(averages_at_the_reference(scenario, one), 12)) == {round(np.exp(one.log_hazard_ratio), 12)}
    plain = load_scenario("actt2")
    (draw, _) = Uncertain(plain, spread_of(plain, 0.0)).draws(2, seed=3)
    assert draw.phases == ()


def averages_at_the_reference(scenario, effect):
    acts = scenario.disease.through["baricitinib"]
    return [
        ratio_averaged(effect.course, score, effect.log_hazard_ratio, days_acted_on(effect, acts.reference, made))
        for score, made in moves_by_score(scenario.trial.disease, effect, acts.followed).items()
        if made.sum() > 0.0
    ]
