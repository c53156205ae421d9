from pathlib import Path

import numpy as np
import pytest

from jaksim import load_scenario
from jaksim.verbs.draws import drawn_trials

STROKE = Path(__file__).parents[3] / "scenarios" / "stroke-alteplase.toml"


def log_ratios(trial):
    return np.array([effect.log_hazard_ratio for effect in trial.disease.treatments["alteplase"].effects])


def test_a_new_setting_shifts_the_benefit_and_not_what_a_covariate_does():
    scenario = load_scenario(STROKE)
    same = [log_ratios(trial) for trial in drawn_trials(scenario, draws=5, seed=3, between_trial_sd=0.0)]
    other = [log_ratios(trial) for trial in drawn_trials(scenario, draws=5, seed=3, between_trial_sd=0.5)]
    for one, two in zip(same, other, strict=True):
        better, per_hour, death, death_per_hour = two - one
        assert better == pytest.approx(-death)
        assert abs(better) > 1e-3
        assert (per_hour, death_per_hour) == (0.0, 0.0)
