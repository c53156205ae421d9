"""What surrounds the kernels: points of a sweep beyond their replicates, calibration, sample size, patients."""

from __future__ import annotations

import tempfile

import numpy as np
import pytest

from benchmarks.work import Work
from jaksim import load_scenario, power, predict, simulate_trial, size, sweep
from jaksim.calibration import predict as calibration
from jaksim.calibration.study import load_calibration_study

ACTT4 = "scenarios/actt4.toml"
# ACTT-4 with an interaction written in the scenario.
WRITTEN = "scenarios/actt4-non-inferiority.toml"
POINTS = 20
VARIED = {
    "patients": "population.patients=1000:2900:20",
    "a level": "analysis.0.alpha=0.01:0.05:20",
    "an interaction": "disease.interaction.0.log_hazard_ratio=-0.2:0.2:20",
}


@pytest.mark.parametrize("varied", VARIED)
def test_points_of_a_sweep(alone, benchmark, varied):
    """Points of one replicate each, with the large-sample twin and the table of results."""
    scenario = WRITTEN if varied == "an interaction" else ACTT4
    values = VARIED[varied] if benchmark.enabled else VARIED[varied].replace(":20", ":2")

    def points(block: int) -> None:
        with tempfile.TemporaryDirectory() as directory:
            sweep(scenario, out=directory, vary=[values], replicates=1, workers=1)

    alone(Work(points, POINTS, "points"))


@pytest.mark.parametrize("varied", ["patients", "a level"])
def test_sweep_of_a_real_trial(alone, benchmark, varied):
    """Points of ten thousand replicates each: what of one point serves the next depends on what is varied."""
    values, replicates = VARIED[varied], 10_000
    if benchmark.disabled:
        values, replicates = values.replace(":20", ":2"), 2

    def points(block: int) -> None:
        with tempfile.TemporaryDirectory() as directory:
            sweep(ACTT4, out=directory, vary=[values], replicates=replicates, seed=block, workers=1)

    alone(Work(points, POINTS, "points"))


def test_reading_a_scenario(alone):
    alone(Work(lambda block: load_scenario(ACTT4), 1, "scenarios"))


@pytest.mark.parametrize("models", [1, 50])
def test_calibration_likelihood(alone, models):
    """All figures of ACTT-2 under several sets of parameters at once, as a step of the fit needs them."""
    study = load_calibration_study("actt-2")
    values = np.tile(study.template.prior_mean, (models, 1))
    alone(Work(lambda block: calibration.predict(study, values, fitted_only=True), models, "models"))


def test_sample_size(alone, benchmark):
    """Patients for a power of 90 %, to the nearest, with the kernels loaded."""
    scenario = load_scenario(ACTT4)
    given = {} if benchmark.enabled else {"replicates": 1000}
    alone(Work(lambda block: size(scenario, seed=block, workers=1, **given), 1, "sizes"))


@pytest.mark.parametrize("variance_reduction", ["none", "control-variates"])
def test_control_variates(alone, benchmark, variance_reduction):
    """Power of ACTT-4 with and without them, set-up included."""
    scenario, n = load_scenario(ACTT4), 20_000 if benchmark.enabled else 500
    settings = {"replicates": n, "workers": 1, "variance_reduction": variance_reduction}
    alone(Work(lambda block: power(scenario, seed=block, **settings), n, "trials"))


def test_prediction(alone, benchmark):
    """Trials predicted with the parameters drawn from their posterior."""
    scenario, n = load_scenario(ACTT4), 100 if benchmark.enabled else 10
    alone(Work(lambda block: predict(scenario, draws=20, replicates=n, seed=block), 20, "draws"))


def test_patients_of_one_trial(alone):
    """One replicate made again alone, as a data frame of its 1,500 patients."""
    scenario = load_scenario(ACTT4)
    alone(Work(lambda block: simulate_trial(scenario, replicate=block).to_pandas(), 1, "trials"))
