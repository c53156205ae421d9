"""Simulation-based calibration of a joint calibration, both stages: truths fall anywhere among the draws.

Four trials of tocilizumab of different sizes, with natural histories drawn close to the fitted ones, effects from
their hierarchy. Source: Talts, Betancourt, Simpson, Vehtari and Gelman (2018).
"""

from __future__ import annotations

import multiprocessing
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from functools import partial

import numpy as np
import pytest
from scipy import stats

from jaksim.calibration.joint.selection import JointSelection, load_joint_selection
from jaksim.calibration.joint.simulation_based import RefittedBody, refitted_bodies
from jaksim.model.parameter_set import load_parameter_set

STUDIES = ("recovery-tocilizumab", "covacta", "remap-cap-tocilizumab", "empacta")
COUNT = 200
CHUNK = 10
PROCESSES = 2
BINS = 8


def selection() -> JointSelection:
    """The four trials, with priors of effects as wide as effects are."""
    whole = load_joint_selection()
    priors = replace(whole.priors, class_sd=0.3, between_drugs=0.15, between_trials=0.2, interaction_sd=0.2)
    return replace(whole, trials=tuple(t for t in whole.trials if t.study.name in STUDIES), priors=priors)


def refitted(numbers: range) -> list[RefittedBody]:
    histories = {study: load_parameter_set(study).estimate for study in STUDIES}
    return refitted_bodies(selection(), numbers, histories=histories, seed=5)


@pytest.mark.verify_long
def test_ranks_of_pooled_effects_are_uniform(measured):
    parts = [range(start, start + CHUNK) for start in range(0, COUNT, CHUNK)]
    with ProcessPoolExecutor(PROCESSES, mp_context=multiprocessing.get_context("spawn")) as pool:
        found = [body for part in pool.map(partial(refitted), parts) for body in part]
    places = np.array([body.places for body in found])
    errors = np.array([body.errors for body in found])
    tau_places = np.array([body.tau_places for body in found])
    names = (*found[0].names, *(f"tau.{kind}" for kind in ("improvement", "deterioration", "death")))
    columns = np.hstack([places, tau_places])
    spread = 12 * np.mean((columns - 0.5) ** 2, axis=0)
    counts = np.array([np.histogram(column, BINS, (0, 1))[0] for column in columns.T])
    deviance = np.sum((counts - COUNT / BINS) ** 2, axis=1) / (COUNT / BINS)
    p_values = stats.chi2.sf(deviance, BINS - 1)
    for name, mean, wide, p_value in zip(names, columns.mean(axis=0), spread, p_values, strict=True):
        headers = ("effect", "mean place", "spread", "p of bins")
        measured("joint-posterior", headers, (f"`{name}`", f"{mean:.2f}", f"{wide:.2f}", f"{p_value:.3f}"))
    overall = float(np.sqrt(np.mean(errors**2)))
    measured("joint-posterior-all", ("bodies", "error in SDs"), (COUNT, f"{overall:.3f}"))
    assert p_values.min() > 0.01 / len(names)
    # Coordinates of one body vary together: as if there were three of them.
    assert abs(overall - 1.0) < 3.0 / np.sqrt(2 * 3 * COUNT)
