import numpy as np
import pytest

from jaksim.calibration.joint import stage_one as module
from jaksim.calibration.joint.selection import load_joint_selection
from jaksim.calibration.joint.stage_one import judged, likelihood, stage_one, stage_one_study

EXAMPLE = "docs/examples/intensive-care.toml"


@pytest.fixture(scope="module")
def trials():
    return {trial.study.name: trial for trial in load_joint_selection(EXAMPLE).trials}


@pytest.fixture(scope="module")
def stage(trials):
    return stage_one(trials["cape-covid"], replicates=400)


@pytest.mark.parametrize(("figures", "parameters"), [(9, 4), (4, 4), (3, 4)])
def test_likelihood_is_the_normal_one_of_the_estimating_equations(figures, parameters):
    stream = np.random.default_rng(figures)
    jacobian = stream.standard_normal((figures, parameters))
    residuals, point = stream.standard_normal(figures), stream.standard_normal(parameters)
    root = stream.standard_normal((figures, figures + 2))
    covariance = root @ root.T
    information, weighted = likelihood(jacobian, residuals, point, covariance)
    back = np.linalg.pinv(jacobian)
    sandwich = back @ covariance @ back.T
    assert np.linalg.pinv(information) == pytest.approx(sandwich, rel=1e-6, abs=1e-9)
    # Along what the figures see, the most likely point is that of least squares.
    step = np.linalg.pinv(information) @ (weighted - information @ point)
    assert step == pytest.approx(-back @ residuals, abs=1e-8)


def test_a_parameter_that_no_figure_sees_has_no_information():
    jacobian = np.array([[1.0, 0.0, 2.0], [0.5, 0.0, -1.0], [2.0, 0.0, 0.0]])
    information, weighted = likelihood(jacobian, np.array([0.1, 0.2, 0.3]), np.ones(3), np.eye(3))
    assert information[1] == pytest.approx(np.zeros(3), abs=1e-12)
    assert weighted[1] == pytest.approx(0.0, abs=1e-12)


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
        assert np.sqrt(np.diag(other_covariance)) == pytest.approx(spread, rel=0.15)


def test_natural_history_follows_the_effects(stage):
    effects = stage.estimate[-2:]
    assert stage.at(effects)[-2:] == pytest.approx(effects)
    assert stage.at(effects) == pytest.approx(stage.estimate, abs=0.15)
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
