"""Predictions against what they must be when the uncertainty is known."""

from __future__ import annotations

import math
from pathlib import Path
from statistics import NormalDist

import numpy as np
import pytest

from jaksim.errors import InputError
from jaksim.scenario import load_scenario
from jaksim.verbs.draws import drawn_trials, spread_of
from jaksim.verbs.power import power
from jaksim.verbs.predict import predict

ROOT = Path(__file__).parents[2]

ONE_MOVE = """
title = "Two states and death"

[disease]
scale = "niaid-8"

[disease.natural_history]
assumption = "made up"
[[disease.natural_history.move]]
move = "5>2"
cuts = []
values = [0.05]

[disease.treatments.active]
drug_class = "test"
[[disease.treatments.active.effect]]
moves = "5>2"
hazard_ratio = 1.3
standard_error = {error}

[population]
patients = 2000
assumption = "made up"
[[population.stratum]]
name = "all"
baseline_score = 5
weight = 1.0

[follow_up]
days = 28
day_of_randomisation = 0

[[arm]]
name = "control"
regimen = []
reference = true
[[arm]]
name = "treated"
regimen = ["active"]

[randomisation]
block_size = 2

[[endpoint]]
name = "recovery"
kind = "time_to_event"
set = "recovered"

[[analysis]]
endpoint = "recovery"
method = "cox"
role = "primary"
"""


def written(folder: Path, error: float) -> Path:
    path = folder / "one.toml"
    path.write_text(ONE_MOVE.format(error=error))
    return path


def test_without_uncertainty_the_probability_of_success_is_the_power(tmp_path: Path) -> None:
    scenario = load_scenario(written(tmp_path, 0.0))
    predicted = predict(scenario, draws=100, replicates=100, between_trial_sd=0.0, seed=5)
    (one,) = predicted.predictions
    simulated = power(scenario, replicates=20_000, seed=99).analyses[0]
    error = math.hypot(one.probability_mc_se, simulated.mc_se)
    assert abs(one.probability_of_success - simulated.favourable) < 4 * error
    assert one.parameter_sd < 0.25 * one.sampling_sd
    assert one.sampling_sd == pytest.approx(simulated.sd_estimate, rel=0.04)


def test_parameter_uncertainty_of_a_hazard_ratio_reappears_in_the_predicted_hazard_ratio(tmp_path: Path) -> None:
    # One absorbing move: the Cox estimate is the intensity ratio, so its predictive SD has the effect's error in it.
    scenario = load_scenario(written(tmp_path, 0.2))
    (one,) = predict(scenario, draws=600, replicates=40, between_trial_sd=0.0, seed=6).predictions
    relative_error = 1 / math.sqrt(2 * 600)
    assert abs(one.parameter_sd / 0.2 - 1) < 4 * relative_error + 0.02
    assert one.sd == pytest.approx(math.hypot(one.parameter_sd, one.sampling_sd))
    low, high = one.intervals["95"]
    # Two sample quantiles of 600 draws less what they share with the standard deviation, in units of the width.
    quantile_error = math.sqrt(0.025 * 0.975 / 600) / NormalDist().pdf(1.96)
    width_error = math.sqrt(2 * quantile_error**2 / (2 * 1.96) ** 2 - 1 / (2 * 600))
    assert abs((high - low) / (2 * 1.96 * one.sd) - 1.0) < 4 * width_error
    assert one.mean == pytest.approx(math.log(1.3), abs=4 * 0.2 / math.sqrt(600) + 0.01)


def test_limits_scatter_as_their_standard_errors_say(tmp_path: Path) -> None:
    scenario = load_scenario(written(tmp_path, 0.2))
    found = [
        predict(scenario, draws=96, replicates=20, between_trial_sd=0.3, seed=seed).predictions[0] for seed in range(12)
    ]
    limits = np.array([one.intervals["95"] for one in found])
    claimed = np.sqrt(np.mean(np.square([one.limits_mc_se for one in found]), axis=0))
    assert (np.abs(np.log(limits.std(axis=0, ddof=1) / claimed)) < math.log(2.5)).all()


def test_a_new_trial_adds_the_between_trial_variance(tmp_path: Path) -> None:
    scenario = load_scenario(written(tmp_path, 0.0))
    (one,) = predict(scenario, draws=600, replicates=40, between_trial_sd=0.3, seed=7).predictions
    assert abs(one.parameter_sd / 0.3 - 1) < 4 / math.sqrt(2 * 600) + 0.02


def test_draws_can_be_made_again_and_depend_on_the_seed(tmp_path: Path) -> None:
    scenario = load_scenario(ROOT / "scenarios" / "actt4.toml")

    def ratios(seed: int, draws: int) -> list[float]:
        trials = drawn_trials(scenario, draws=draws, seed=seed, spread=spread_of(scenario, 0.1))
        return [trial.disease.treatments["baricitinib"].effects[0].log_hazard_ratio for trial in trials]

    assert ratios(1, 6)[:4] == ratios(1, 4)
    assert ratios(1, 4) != ratios(2, 4)


def test_parts_of_one_parameter_set_share_their_draw() -> None:
    scenario = load_scenario(ROOT / "scenarios" / "actt2.toml")
    found = scenario.disease.parameter_sets["actt-2"]
    posterior = [found.draw(number) for number in range(len(found.draws))]
    for trial in drawn_trials(scenario, draws=5, seed=3, spread=spread_of(scenario, 0.0)):
        intensities = trial.disease.natural_history.intensities
        (treatments,) = [with_it for history, with_it in posterior if history.intensities == intensities]
        drawn = [effect.log_hazard_ratio for effect in trial.disease.treatments["baricitinib"].effects]
        np.testing.assert_allclose(drawn, [effect.log_hazard_ratio for effect in treatments["baricitinib"].effects])


@pytest.mark.parametrize("wrong", [{"draws": 1}, {"replicates": 0}, {"between_trial_sd": -0.1}, {"seed": -1}])
def test_impossible_settings_are_refused(tmp_path: Path, wrong: dict[str, float]) -> None:
    with pytest.raises(InputError):
        predict(load_scenario(written(tmp_path, 0.0)), **wrong)  # type: ignore[arg-type]
