import numpy as np
import pytest

from jaksim.calibration.joint import stage_one as module
from jaksim.calibration.joint.selection import load_joint_selection
from jaksim.calibration.joint.stage_one import judged, stage_one, stage_one_study, without_prior

EXAMPLE = "docs/examples/intensive-care.toml"


@pytest.fixture(scope="module")
def trials():
    return {trial.study.name: trial for trial in load_joint_selection(EXAMPLE).trials}


@pytest.fixture(scope="module")
def stage(trials):
    return stage_one(trials["cape-covid"], replicates=400)


@pytest.mark.parametrize("effects", [1, 2, 3])
def test_with_independent_figures_it_is_what_they_say_without_the_prior_of_the_effects(effects):
    stream = np.random.default_rng(effects)
    figures, history, prior_sd = stream.standard_normal((9, 5)), 5 - effects, 0.7
    residuals = stream.standard_normal(9)
    precision = np.diag([1.0] * history + [prior_sd**-2.0] * effects)
    covariance = np.linalg.inv(figures.T @ figures + precision)
    mode = -covariance @ figures.T @ residuals
    information, weighted = without_prior(mode[history:], covariance[history:, history:], prior_sd)
    bare = figures.T @ figures + np.diag([1.0] * history + [0.0] * effects)
    across = np.linalg.solve(
        bare[:history, :history], np.column_stack([bare[:history, history:], figures.T[:history] @ residuals])
    )
    expected = bare[history:, history:] - bare[history:, :history] @ across[:, :-1]
    assert information == pytest.approx(expected, abs=1e-9)
    assert weighted == pytest.approx(
        -figures.T[history:] @ residuals + bare[history:, :history] @ across[:, -1], abs=1e-9
    )


def test_a_direction_as_wide_as_its_prior_has_no_information():
    information, weighted = without_prior(np.array([0.3, 0.01, 0.2]), np.diag([0.04, 1.0, 1.1]), 1.0)
    assert information == pytest.approx(np.diag([24.0, 0.0, 0.0]))
    assert weighted == pytest.approx([0.3 / 0.04, 0.0, 0.0])


def test_effects_become_one_parameter_for_each_cell_after_the_natural_history(trials):
    study = stage_one_study(trials["cape-covid"])
    own = ("effect.hydrocortisone.death.not_ventilated", "effect.hydrocortisone.death.ventilated")
    assert study.template.names[-2:] == own
    assert not any(name.startswith("log_hazard_ratio") for name in study.template.names)
    windows = [(effect.window.start, effect.window.end) for effect in study.template.effects]
    assert windows == [(0.0, 28.0)] * 2
    assert study.targets == trials["cape-covid"].study.targets


def test_a_trial_of_ventilated_patients_tells_little_of_others(trials):
    found = stage_one(trials["codex"], replicates=400).effects
    information = np.diag(found.information)
    assert found.cells == ("death.not_ventilated", "death.ventilated")
    assert information[1] > 3.0 * information[0]


def test_what_a_trial_tells_does_not_depend_on_the_prior_of_the_effects(trials, stage, monkeypatch):
    monkeypatch.setattr(module, "PRIOR_SD", 2.0)
    wider = stage_one(trials["cape-covid"], replicates=400).effects
    for prior_sd in (0.3, 0.6):
        (mean, covariance), (other, other_covariance) = stage.effects.under(prior_sd), wider.under(prior_sd)
        spread = np.sqrt(np.diag(covariance))
        assert np.abs(other - mean).max() < 0.25 * spread.max()
        assert np.sqrt(np.diag(other_covariance)) == pytest.approx(spread, rel=0.07)


def test_natural_history_follows_the_effects(stage):
    effects = stage.estimate[-2:]
    assert stage.at(effects)[-2:] == pytest.approx(effects)
    assert stage.at(effects) == pytest.approx(stage.estimate, abs=1e-9)
    higher = stage.at(effects + np.array([0.0, 0.5]))
    deaths = [name.startswith("shift.death_ventilated") for name in stage.study.template.names]
    # A larger hazard ratio of death leaves fewer deaths to the natural history.
    assert (higher - stage.at(effects))[deaths] < 0


def test_normal_approximation_is_judged_where_effects_are_expected(stage):
    found = judged(stage, np.zeros(2), 0.04 * np.eye(2))
    assert -1.0 < found.effects.pareto_k < 0.7
    assert judged(stage, np.zeros(2), 0.04 * np.eye(2)).effects.pareto_k == found.effects.pareto_k


def test_a_fit_is_the_same_again_and_hardly_depends_on_the_seed(trials, stage):
    again, other = (stage_one(trials["cape-covid"], replicates=400, seed=seed) for seed in (1, 2))
    assert np.array_equal(again.effects.information, stage.effects.information)
    assert other.effects.under(1.0)[0] == pytest.approx(stage.effects.under(1.0)[0], abs=0.1)
