"""Simulation-based calibration of four studies: true values fall anywhere among the draws of the posterior.

Priors are normal around the shipped estimates, as wide as 1.25 standard errors, because the likelihood keeps the
reported standard errors. Source: Talts, Betancourt, Simpson, Vehtari and Gelman (2018).
"""

from __future__ import annotations

import multiprocessing
from concurrent.futures import ProcessPoolExecutor
from functools import partial

import numpy as np
import pytest
from scipy import stats

from jaksim.calibration.posterior import Sampling
from jaksim.calibration.simulation_based import RefittedTrial, refitted_trials, with_prior
from jaksim.calibration.study import CalibrationStudy, load_calibration_study
from jaksim.model.parameter_set import load_parameter_set

WORST_Z = 4.0
BINS = 8
WIDTH = 1.25
PROCESSES = 2
CHUNK = 8
SHORT = Sampling(chains=32, burn_in=12, steps=20)
LONG = Sampling(chains=64, burn_in=50, steps=50)


def refitted(study: CalibrationStudy, count: int, sampling: Sampling) -> list[RefittedTrial]:
    parts = [range(start, min(start + CHUNK, count)) for start in range(0, count, CHUNK)]
    refit = partial(refitted_trials, study, seed=20, sampling=sampling)
    with ProcessPoolExecutor(PROCESSES, mp_context=multiprocessing.get_context("spawn")) as pool:
        return [trial for part in pool.map(refit, parts) for trial in part]


def rank_tests(places: np.ndarray) -> np.ndarray:
    """z of the mean place, z of its variance and z of the chi-square over bins, shape (3, parameters)."""
    count = len(places)
    mean_z = (places.mean(axis=0) - 0.5) * np.sqrt(12 * count)
    variance_z = (dispersion(places) - 1) * np.sqrt(count / 0.8)
    counts = np.array([np.histogram(column, BINS, (0, 1))[0] for column in places.T])
    deviance = np.sum((counts - count / BINS) ** 2, axis=1) / (count / BINS)
    return np.array([mean_z, variance_z, stats.norm.isf(stats.chi2.sf(deviance, BINS - 1))])


def dispersion(places: np.ndarray) -> np.ndarray:
    """Variance of places about one half over that of a uniform; above 1 the posterior is too narrow."""
    return np.asarray(12 * np.mean((places - 0.5) ** 2, axis=0))


@pytest.mark.parametrize(
    ("name", "count", "sampling"),
    [
        pytest.param("stop-covid", 200, SHORT, marks=pytest.mark.verify),
        pytest.param("ruxcovid", 200, SHORT, marks=pytest.mark.verify_long),
        pytest.param("recovery-tocilizumab", 200, SHORT, marks=pytest.mark.verify_long),
        pytest.param("actt-2", 80, LONG, marks=pytest.mark.verify_long),
    ],
)
def test_ranks_of_the_true_values_are_uniform(name, count, sampling, measured):
    stored = load_parameter_set(name)
    prior_sd = WIDTH * np.sqrt(np.diag(stored.covariance))
    study = with_prior(load_calibration_study(name), stored.estimate, prior_sd)
    found = refitted(study, count, sampling)
    places = np.array([trial.places for trial in found])
    unadjusted = np.array([trial.unadjusted_places for trial in found])
    tests = rank_tests(places)
    names = [p.name for p in study.template.parameters if not p.fixed]
    columns = (places.mean(axis=0), dispersion(unadjusted), dispersion(places), *tests)
    for parameter, mean, before, after, *z in zip(names, *columns, strict=True):
        headers = ("parameter", "mean place", "spread unadjusted", "spread", "z of mean", "z of spread", "z of bins")
        values = (f"{mean:.2f}", f"{before:.2f}", f"{after:.2f}", *(f"{one:+.1f}" for one in z))
        measured(f"posterior-{name}", headers, (f"`{parameter}`", *values))
    left_out = sum(trial.left_out for trial in found)
    spreads = (f"{dispersion(unadjusted).mean():.2f}", f"{dispersion(places).mean():.2f}")
    worst = [f"{np.abs(row).max():.1f}" for row in (rank_tests(unadjusted), tests)]
    measured(
        "posterior",
        (
            "study",
            "trials",
            "parameters",
            "figures left out",
            "mean spread unadjusted",
            "adjusted",
            "worst z unadjusted",
            "adjusted",
        ),
        (name, count, len(names), left_out, *spreads, *worst),
    )
    assert np.abs(tests).max() < WORST_Z
