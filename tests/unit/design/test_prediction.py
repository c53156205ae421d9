"""Predictions: trials carried out as for their power, and what too few patients can tell."""

import math
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import jaksim
from jaksim.design.conduct.adaptive import bayesian_stopping, response_adaptive
from jaksim.design.prediction import _prediction, predict_trials
from jaksim.design.prepared import Prepared
from jaksim.scenario import load_scenario

SCENARIOS = Path(__file__).parents[2] / "scenarios"
SEED, REPLICATES = 9, 40
CONDUCTED = {
    "interims.toml": (),
    "doses.toml": (),
    "platform.toml": (),
    "adaptable.toml": ("adaptation={kind='promising-zone', analysis='well', maximum=1000, futility=0.05}",),
}


def trial_of(name, *changes):
    return load_scenario(SCENARIOS / name, changes=changes).trial


@pytest.mark.parametrize("name", CONDUCTED)
def test_without_uncertainty_a_prediction_is_the_power_and_the_characteristics(name):
    """Two draws of the same disease are replicates 0 to 79 of jaksim power, whatever the design does in them."""
    trial = trial_of(name, *CONDUCTED[name])
    predictions, conduct = predict_trials(trial, [trial, trial], replicates=REPLICATES, seed=SEED)
    prepared = Prepared(trial, SEED)
    total = prepared.empty()
    for first in (0, REPLICATES):
        total.add(prepared.sums(first, REPLICATES))
    n = 2 * REPLICATES
    assert [one.name for one in predictions] == [plan.name for plan in trial.analyses]
    for one, sums in zip(predictions, total.summary.tallies, strict=True):
        assert one.probability_of_success == pytest.approx(sums.favourable / n, rel=1e-12)
        assert one.mean == pytest.approx(sums.mean_estimate(), rel=1e-9, nan_ok=True)
    found = total.design.characteristics()
    assert conduct.patients.mean == pytest.approx(found.patients.mean, rel=1e-9)
    assert conduct.duration.sd == pytest.approx(found.duration.sd, rel=1e-9)
    for look, expected in zip(conduct.looks, found.looks, strict=True):
        assert look == {reason: share.share for reason, share in expected.stopped.items()}


def test_an_analysis_at_complete_data_has_nothing_to_conduct():
    trial = trial_of("small.toml")
    predictions, conduct = predict_trials(trial, [trial, trial], replicates=REPLICATES, seed=SEED)
    assert conduct is None
    tables = Prepared(trial, SEED).block(0, 2 * REPLICATES)
    for one, favourable in zip(predictions, tables.favourable, strict=True):
        assert one.probability_of_success == pytest.approx(favourable.mean(), rel=1e-12)


@pytest.mark.parametrize(
    ("name", "module", "changes"),
    [
        ("bayesian.toml", bayesian_stopping, ("adaptation.calibrate=true", "adaptation.calibration=1000")),
        ("adaptive.toml", response_adaptive, ("adaptation.calibration=1000",)),
    ],
)
def test_a_critical_value_is_calibrated_once_and_holds_whatever_the_truth(name, module, changes, monkeypatch):
    trial, sought = trial_of(name, *changes), []
    monkeypatch.setattr(module, "_calibrated", lambda *given: sought.append(given) or 2.25)
    other = replace(trial, disease=replace(trial.disease, treatments=dict(trial.disease.treatments)))
    predict_trials(trial, [trial, other, trial], replicates=4, seed=SEED)
    assert len(sought) == 1


FEW = [("small.toml", 2), ("small.toml", 4), ("leaving.toml", 2), ("interims.toml", 6)]


@pytest.mark.parametrize(("name", "patients"), FEW)
def test_too_few_patients_tell_nothing_rather_than_nan(name, patients):
    scenario = load_scenario(SCENARIOS / name, changes=[f"population.patients={patients}", "monitoring={}"])
    found = jaksim.predict(scenario, draws=20, replicates=10, seed=SEED)
    for one in found.predictions:
        assert 0.0 <= one.probability_of_success <= 1.0
        if one.not_estimable == 200:
            assert math.isnan(one.mean)
            assert not np.isfinite(one.intervals["95"]).any()
    text = found.report()
    assert "nan" not in text
    assert "inf" not in text.replace("information", "").replace("infinity", "")


def test_infinite_estimates_count_in_medians_and_intervals():
    """Where most trials have no event in the active arm their median odds ratio is 0, not that of the rest."""
    trial = trial_of("small.toml")
    test = next(one for one in Prepared(trial, SEED).tests if one.method.scale == "log_ratio")
    estimates = np.array([[-np.inf, -np.inf, -np.inf, -1.0, np.nan], [-np.inf, -0.5, -np.inf, 0.0, np.inf]])
    results = np.stack([estimates, np.ones((2, 5)), estimates], axis=-1)
    found = _prediction(test, results, np.zeros((2, 5), dtype=bool))
    assert found.median == -math.inf
    assert found.intervals["95"] == (-math.inf, math.inf)
    assert found.mean == pytest.approx(-0.5)
    assert found.not_estimable == 7
    finite = np.where(np.isfinite(estimates), estimates, 0.3)
    results = np.stack([finite, np.ones((2, 5)), finite], axis=-1)
    found = _prediction(test, results, np.zeros((2, 5), dtype=bool))
    assert found.median == pytest.approx(np.median(finite))
    assert found.intervals["80"] == pytest.approx(tuple(np.quantile(finite, [0.1, 0.9])))


def test_errors_under_other_priors_are_those_of_repeated_draws():
    """A normal estimate whose draws have weights: errors by leaving out sets against the spread of 200 repetitions."""
    from jaksim.design.prediction import _reweighted

    stream = np.random.default_rng(1)
    found = []
    for _ in range(200):
        truth = stream.standard_normal(160)
        estimate = truth[:, None] + 0.5 * stream.standard_normal((160, 8))
        shares = (truth > 0.5).astype(float)
        found.append(_reweighted("narrower", estimate, shares, np.exp(-0.5 * truth**2)))
    lows = np.array([one.interval[0] for one in found])
    chances = np.array([one.probability_of_success for one in found])
    # Four errors of a standard deviation of 200, and what a jackknife over 16 sets is biased by.
    assert np.mean([one.limits_mc_se[0] for one in found]) == pytest.approx(lows.std(), rel=0.25)
    assert np.mean([one.probability_mc_se for one in found]) == pytest.approx(chances.std(), rel=0.2)
