"""Figures of simulated trials in the place of the reported ones, and the posterior's width on a few of them."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scipy import stats

from jaksim.calibration.information import score_covariance
from jaksim.calibration.posterior import Sampling
from jaksim.calibration.predict import STATISTICS, StudyLaws
from jaksim.calibration.replicates import replicate_study, replicated_statistics
from jaksim.calibration.simulation_based import refitted_trials, with_figures, with_prior
from jaksim.calibration.target import MedianTarget, TableTarget
from jaksim.model.parameter_set import load_parameter_set

WORST_Z = 4.0
SHORT = Sampling(chains=32, burn_in=8, steps=16)


def narrowed(study, width=1.25):
    """The study with priors around its estimates, as wide as `width` standard errors."""
    stored = load_parameter_set(study.name)
    return with_prior(study, stored.estimate, width * np.sqrt(np.diag(stored.covariance)))


def simulated_trials(study, values, count, seed):
    found = replicated_statistics(replicate_study(study, values, count, seed))
    return [[row[trial] for row in found] for trial in range(count)]


@pytest.mark.parametrize("name", ["actt-2", "ruxcovid"])
def test_figures_are_those_of_the_simulated_trial(study_of, name):
    study = study_of(name)
    (found,) = simulated_trials(study, study.template.prior_mean, 1, 3)
    seen = with_figures(study, found)
    kept = [i for i, row in enumerate(found) if np.isfinite(row).all()]
    for i, target, statistic in zip(kept, seen.targets, seen.statistics, strict=True):
        scale = study.targets[i].on_reported_scale(found[i][None])[0]
        # A table of another number of patients than the arms hold is scaled to it, in whole patients.
        rounding = 1 / sum(target.counts) if isinstance(target, TableTarget) else 1e-9
        assert [value for _, value in target.reported_numbers()] == pytest.approx(scale, abs=rounding)
        assert (target.id, statistic.kind) == (study.targets[i].id, study.statistics[i].kind)
        if isinstance(target, TableTarget):
            assert sum(target.counts) == pytest.approx(sum(study.targets[i].counts), abs=2)
        if isinstance(target, MedianTarget):
            assert statistic.time == target.median - 0.5


def test_a_figure_that_cannot_be_estimated_is_left_out(study_of):
    study = study_of("ruxcovid")
    (found,) = simulated_trials(study, study.template.prior_mean, 1, 3)
    found[2] = np.array([np.nan])
    assert with_figures(study, found).targets == tuple(
        t for i, t in enumerate(with_figures(study, [*found[:2], np.array([0.02]), *found[3:]]).targets) if i != 2
    )


@pytest.mark.parametrize("name", ["ruxcovid", "recovery-tocilizumab"])
def test_residuals_of_simulated_figures_vary_together_as_the_adjustment_says(study_of, name):
    """Medians in whole days included: each simulated trial is held against the prediction it was simulated with."""
    study = study_of(name).fitted_only()
    values = load_parameter_set(name).estimate
    laws = StudyLaws(study, values[None])
    count = 250
    residuals = []
    for found in simulated_trials(study, values, count, 8):
        seen = with_figures(study, found)
        if len(seen.targets) == len(study.targets):
            pairs = zip(seen.targets, seen.statistics, strict=True)
            fitted = [t.residuals(STATISTICS[s.kind](laws, s))[0] for t, s in pairs]
            residuals.append(np.concatenate(fitted))
    expected = score_covariance(study, values, 10_000, seed=9)
    root = np.sqrt(np.diag(expected))
    products = np.array(residuals)[:, :, None] * np.array(residuals)[:, None, :]
    spread = products.std(axis=0) / np.sqrt(len(residuals))
    # Deviances of few deaths are not quite normal: a twentieth is granted on top of the Monte Carlo error.
    allowed = WORST_Z * spread + 0.05 * np.outer(root, root)
    assert len(residuals) > 0.9 * count
    assert np.all(np.abs(products.mean(axis=0) - expected) < allowed)


def test_new_priors_leave_held_parameters(study_of):
    study = study_of("ruxcovid")
    count = len(study.template.names)
    narrow = with_prior(study, np.arange(count, dtype=float), np.full(count, 0.3))
    held = study.template.prior_sd == 0
    assert held.any()
    np.testing.assert_array_equal(narrow.template.prior_sd, np.where(held, 0.0, 0.3))
    assert narrow.targets == study.targets


def test_trials_do_not_depend_on_their_neighbours(study_of):
    study = narrowed(study_of("stop-covid"))
    first, second = refitted_trials(study, range(2), seed=4, sampling=SHORT, replicates=100)
    (again,) = refitted_trials(study, range(1, 2), seed=4, sampling=SHORT, replicates=100)
    np.testing.assert_array_equal(again.places, second.places)
    assert np.any(first.places != second.places)


@pytest.mark.parametrize(
    ("name", "trials"), [("ruxcovid", 12), pytest.param("stop-covid", 24, marks=pytest.mark.verify)]
)
def test_true_values_fall_anywhere_among_the_draws(study_of, name, trials):
    """A small version of the comparison in tests/verification, over all parameters at once."""
    found = refitted_trials(narrowed(study_of(name)), range(trials), seed=11, sampling=SHORT)
    places = np.array([trial.places for trial in found])
    counts = [np.histogram(column, 4, (0, 1))[0] for column in places.T]
    deviance = np.sum((np.array(counts) - trials / 4) ** 2 / (trials / 4))
    assert stats.norm.isf(stats.chi2.sf(deviance, 3 * len(counts))) < WORST_Z
    squares = np.mean([trial.errors**2 for trial in found], axis=0)
    assert np.all(np.abs(squares - 1) < WORST_Z * np.sqrt(2 / trials) + 0.2)


def test_a_later_median_goes_with_a_smaller_ratio(study_of):
    """Of the arm in the numerator; the residuals' covariance has the sign that medians counted in days give it."""
    study = study_of("ruxcovid")
    covariance = score_covariance(study, load_parameter_set("ruxcovid").estimate, 4000, seed=2)
    names = [t.id for t in study.targets if t.role == "fit"]
    active, ratio = names.index("median_recovery.all.ruxolitinib"), names.index("recovery_hazard_ratio.all")
    placebo = names.index("median_recovery.all.placebo")
    assert covariance[active, ratio] < -0.2
    assert covariance[placebo, ratio] > 0.2


def test_a_figure_that_no_trial_gives_counts_as_independent(study_of):
    study = study_of("stop-covid")
    never = [replace(arm, patients=dict.fromkeys(arm.patients, 1.0)) for arm in study.arms.values()]
    tiny = replace(study, arms={arm.name: arm for arm in never})
    covariance = score_covariance(tiny, study.template.prior_mean, 300, seed=2)
    assert np.isfinite(covariance).all()
    assert np.linalg.eigvalsh(covariance)[0] > -1e-9
