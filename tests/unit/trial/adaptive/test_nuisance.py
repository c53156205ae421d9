"""What pooled patients show, and how many it asks for."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from jaksim.analysis import get_method
from jaksim.errors import InputError
from jaksim.formulas.binary_size import two_proportions_power
from jaksim.scenario import load_scenario
from jaksim.trial.adaptive.nuisance import nuisance_of

ROOT = Path(__file__).parents[3]
TRIAL = load_scenario(
    ROOT / "scenarios" / "adaptable.toml",
    changes=("adaptation.kind=blinded-reestimation", "adaptation.assumed=0.5", "adaptation.maximum=1600"),
).trial


def test_rates_deviations_and_ties():
    well, free, score = (TRIAL.endpoint(name) for name in ("well", "free days", "score"))
    counts = np.zeros((1, well.n_categories))
    counts[0, well.status == 1], counts[0, well.status == 0] = 30.0, 70.0
    rate = nuisance_of(get_method("risk_difference"), well)
    assert rate.of(counts, well) == pytest.approx([0.3])
    assert rate.size(np.array(0.3)) / rate.size(np.array(0.5)) == pytest.approx(0.84)
    counts = np.random.default_rng(1).integers(1, 9, (1, free.n_categories)).astype(float)
    values = np.repeat(free.value, counts[0].astype(int))
    deviation = nuisance_of(get_method("mean_difference"), free)
    assert deviation.of(counts, free) == pytest.approx([values.std(ddof=1)])
    counts = np.random.default_rng(1).integers(1, 9, (1, score.n_categories)).astype(float)
    share = counts[0] / counts.sum()
    odds = nuisance_of(get_method("proportional_odds"), score)
    assert odds.of(counts, score) == pytest.approx([1.0 - (share**3).sum()])


@pytest.mark.parametrize(("low", "high"), [(0.2, 0.3), (0.35, 0.5)])
def test_patients_for_a_difference_of_rates_follow_the_pooled_rate(low, high):
    rate = nuisance_of(get_method("risk_difference"), TRIAL.endpoint("well"))
    sizes = [20_000 * float(rate.size(np.array(one))) for one in (low, high)]
    powers = [
        two_proportions_power(one + 0.015, one - 0.015, n, n, alpha=0.05)
        for one, n in zip((low, high), sizes, strict=True)
    ]
    assert 0.7 < powers[0] < 0.99
    assert powers[0] == pytest.approx(powers[1], abs=0.002)


def test_the_planned_effect_is_taken_off_the_variance():
    rules = replace(TRIAL.adaptation, analysis="free days", assumed=4.0, effect=2.0, minimum=400, maximum=5000)
    nuisance = nuisance_of(get_method("mean_difference"), TRIAL.endpoint("free days"))
    # Kieser and Friede (2003): the pooled variance less n / (4 (n - 1)) times the squared difference, 1 to 1.
    pooled = np.sqrt(16.0 + rules.first / (4.0 * (rules.first - 1.0)) * 4.0)
    assert rules.patients(nuisance, np.array([pooled]), (0.5, 0.5)).tolist() == [800]
    unequal = np.sqrt(16.0 + rules.first / (rules.first - 1.0) * 4.0 * 2.0 / 9.0)
    assert rules.patients(nuisance, np.array([unequal]), (1 / 3, 2 / 3)).tolist() == [800]
    assert rules.patients(nuisance, np.array([1.1, 40.0]), (0.5, 0.5)).tolist() == [400, 5000]


def test_what_cannot_be_is_refused():
    with pytest.raises(InputError, match="pooled patients show"):
        nuisance_of(get_method("rmst_difference"), TRIAL.endpoint("recovery"))
    with pytest.raises(InputError, match="not a pooled event rate"):
        replace(TRIAL, adaptation=replace(TRIAL.adaptation, assumed=1.2))
    with pytest.raises(InputError, match="variance of means only"):
        replace(TRIAL, adaptation=replace(TRIAL.adaptation, effect=0.1))
    with pytest.raises(InputError, match="after the smallest trial has ended"):
        replace(TRIAL.adaptation, minimum=300)
