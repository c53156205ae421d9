"""Sample size, assurance and comparison: against the analytic answers, other seeds and independent runs."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from jaksim.design.comparison import compare_trials
from jaksim.design.power import trial_power
from jaksim.design.settings import Settings
from jaksim.design.sizing import trial_size
from jaksim.errors import InputError
from jaksim.scenario import load_scenario
from jaksim.verbs.assurance import assurance
from jaksim.verbs.power import power
from jaksim.verbs.predict import predict

SMALL = Path(__file__).parents[1] / "scenarios" / "small.toml"
ACTT4 = Path(__file__).parents[2] / "scenarios" / "actt4-interims.toml"
DELAYED = ACTT4.with_name("delayed-effect.toml")


def test_sizes_from_different_seeds_agree_within_their_uncertainty() -> None:
    trial = load_scenario(SMALL).trial
    found = [trial_size(trial, 0.9, Settings(replicates=10_000, seed=seed)) for seed in range(6)]
    middle = np.array([one.n_patients for one in found])
    spread = np.array([(one.interval[1] - one.interval[0]) / (2 * 1.96) for one in found])
    z = (middle - middle.mean()) / spread
    assert np.abs(z).max() < 4
    analytic = found[0].analytic_n_patients
    assert analytic is not None
    assert abs(middle.mean() - analytic) < 4 * spread.mean() / np.sqrt(6) + 0.03 * analytic


def test_the_power_of_the_size_found_is_the_one_wanted_on_other_patients() -> None:
    trial = load_scenario(SMALL).trial
    size = trial_size(trial, 0.8, Settings(replicates=20_000, seed=3))
    again = trial_power(trial.with_patients(size.n_patients), Settings(replicates=20_000, seed=99))
    lead = next(one for one in again.analyses if one.name == size.analysis)
    assert abs(lead.power - 0.8) < 4 * np.hypot(lead.mc_se, size.mc_se)


def test_interim_analyses_need_the_patients_that_the_crossing_probabilities_say() -> None:
    trial = load_scenario(ACTT4, changes=["population.patients=3000"]).trial
    lead = trial.analyses[0]
    assert trial.monitoring is not None
    size = trial_size(trial, 0.2, Settings(replicates=10_000), analysis=lead.name)
    assert size.analytic_n_patients is not None
    error = (size.interval[1] - size.interval[0]) / (2 * 1.96)
    assert abs(size.n_patients - size.analytic_n_patients) < 4 * error + 0.02 * size.n_patients


def test_no_size_helps_an_effect_in_the_wrong_direction() -> None:
    trial = load_scenario(SMALL).trial
    with pytest.raises(InputError, match="the effect is absent"):
        trial_size(trial.under_null(), 0.9, Settings(replicates=2_000))


def test_a_trial_compared_with_itself_does_not_differ() -> None:
    trial = load_scenario(SMALL).trial
    found = compare_trials((trial, trial), Settings(replicates=2_000))
    for one in found.analyses:
        assert one.power.difference == one.power.mc_se == one.only_first == one.only_second == 0.0


def test_paired_differences_are_those_of_independent_runs_with_less_error() -> None:
    trial = load_scenario(SMALL).trial
    larger = trial.with_patients(400)
    paired = compare_trials((trial, larger), Settings(replicates=5_000, seed=1))
    apart = [trial_power(one, Settings(replicates=20_000, seed=seed)) for one, seed in ((trial, 7), (larger, 8))]
    for one, first, second in zip(paired.analyses, *(run.analyses for run in apart), strict=True):
        error = np.sqrt(one.power.mc_se**2 + first.mc_se**2 + second.mc_se**2)
        assert abs(one.power.difference - (second.power - first.power)) < 4 * error
        assert one.power.variance_reduction > 1.0


def test_comparisons_do_not_depend_on_workers_or_blocks() -> None:
    trial = load_scenario(SMALL).trial
    runs = [
        compare_trials((trial, trial.with_patients(350)), Settings(replicates=700, workers=workers, block=block))
        for workers, block in ((1, 512), (2, 64))
    ]
    assert replace(runs[0], elapsed_seconds=0.0) == replace(runs[1], elapsed_seconds=0.0)


def test_assurance_is_the_probability_of_success_that_a_prediction_simulates() -> None:
    scenario = load_scenario(SMALL)
    analytic = assurance(scenario, draws=300)
    simulated = {one.name: one for one in predict(scenario, draws=300, replicates=100).predictions}
    for one in analytic.analyses:
        other = simulated[one.analysis]
        sampling = np.sqrt(0.25 / (300 * 100))
        assert abs(one.assurance - other.probability_of_success) < 4 * sampling + 0.01


def test_assurance_of_a_trial_that_ends_at_a_number_of_events() -> None:
    """Its parameters are given without uncertainty, so the average is the power."""
    scenario = load_scenario(DELAYED)
    found = assurance(scenario, draws=20).analyses[0]
    assert found.assurance == pytest.approx(power(scenario, replicates=1).analyses[0].analytic_power, abs=1e-9)
    assert found.limit == pytest.approx(1.0)


def test_an_adaptive_trial_is_sized_for_the_analysis_named_not_for_its_first() -> None:
    trial = load_scenario(SMALL.with_name("arms.toml")).trial
    found = trial_size(trial, 0.8, Settings(replicates=2000, seed=1), analysis="recovered, high dose")
    low, high = found.interval
    assert 700 < low < found.n_patients < high < 1100
    again = trial_power(trial.scaled_to(found.n_patients), Settings(replicates=4000, seed=2))
    power_found = {one.name: one.power for one in again.analyses}
    assert abs(power_found["recovered, high dose"] - 0.8) < 4 * np.sqrt(0.16 * (1 / 2000 + 1 / 4000))
    assert power_found["recovered, low dose"] < 0.2


@pytest.mark.parametrize(
    ("file", "change"),
    [
        ("arms.toml", 'adaptation.interims=["complete >= 60", "complete >= 70 %"]'),
        ("doses.toml", "adaptation.interim=complete >= 60"),
    ],
)
def test_numbers_in_the_triggers_of_several_arms_grow_with_the_trial(file: str, change: str) -> None:
    more = ("adaptation.information=[0.4, 0.7]",) if file == "arms.toml" else ("adaptation.weight=0.4",)
    trial = load_scenario(SMALL.with_name(file), changes=(change, *more)).trial
    twice = trial.scaled_to(2 * trial.population.patients).adaptation
    triggers = twice.interims if file == "arms.toml" else (twice.interim,)  # type: ignore[union-attr]
    assert triggers[0].conditions[0].value == 120
