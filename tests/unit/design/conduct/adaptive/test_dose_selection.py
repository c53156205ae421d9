"""A dose chosen half-way: who is enrolled after the choice, and the closed combination test."""

from pathlib import Path

import numpy as np
import pytest

from jaksim.design.analyses.evaluation import settle
from jaksim.design.conduct.designs import make_design
from jaksim.design.engine.cells import Cells
from jaksim.design.power import trial_power
from jaksim.design.settings import Settings
from jaksim.errors import InputError
from jaksim.scenario import load_scenario
from jaksim.trial.adaptive.closed_testing import ClosedTest
from jaksim.trial.monitoring.combination import combined_z, z_of

DOSES = Path(__file__).parents[4] / "scenarios" / "doses.toml"


def conducted(*changes, first=0, n=150, seed=3):
    trial = load_scenario(DOSES, changes=changes).trial
    cells = Cells(trial)
    design = make_design(cells, settle(cells), seed)
    return design, *design.conduct(first, n)


def test_a_replicate_is_the_same_in_any_block():
    _, whole, _ = conducted("adaptation.futility=0.5", n=60)
    _, late, _ = conducted("adaptation.futility=0.5", first=37, n=23)
    np.testing.assert_array_equal(whole.results[:, 37:], late.results)
    np.testing.assert_array_equal(whole.rejected[:, 37:], late.rejected)
    np.testing.assert_array_equal(whole.enrolled[37:], late.enrolled)


def test_the_places_of_the_others_go_to_the_two():
    _, found, _ = conducted()
    sizes = found.enrolled.reshape(150, 4, 2).sum(axis=2)
    assert (sizes.sum(axis=1) == 600).all()
    chosen = np.array([found.extras[f"chosen: {name}"] for name in ("low dose", "high dose", "idle")])
    assert (chosen.sum(axis=0) == 1).all()
    assert chosen[1].mean() > 0.5
    for k in range(3):
        taken = chosen[k] == 1
        assert abs(sizes[taken, k + 1].mean() - 225) < 5
        assert abs(sizes[~taken, k + 1].mean() - 75) < 5
        assert not found.rejected[k, ~taken].any()
        assert np.isnan(found.results[k, ~taken]).all()


def test_futility_ends_the_trial_at_the_choice():
    _, found, _ = conducted("adaptation.futility=1.5")
    ended = found.look == 0
    assert 10 < ended.sum() < 140
    assert (found.reason[ended] == 1).all()
    assert (found.enrolled[ended].sum(axis=1) < 400).all()
    assert not found.rejected[:, ended].any()


def test_the_combination_is_that_of_closed_testing():
    """Against the closed test and the combination of all intersections, which are written independently."""
    design, _, _ = conducted(n=1)
    rng = np.random.default_rng(4)
    first, second = rng.normal(1.0, 1.0, size=(3, 40)), rng.normal(1.5, 1.0, size=40)
    chosen = rng.integers(0, 3, size=40)
    closed = ClosedTest(3)
    late = np.full((40, 3), np.nan)
    late[np.arange(40), chosen] = second
    correlation = 0.5 * (np.eye(3) + 1.0)
    p = np.stack([closed.p_values(first.T, correlation), closed.p_values(late, correlation)], axis=2)
    crossed = combined_z(z_of(p), [design.plan.weight, 1.0 - design.plan.weight])[:, :, 1] > 1.959964
    expected = closed.rejected(crossed)[np.arange(40), chosen]
    mine = design.combined(first, second, chosen) > 1.959964
    assert 5 < expected.sum() < 35
    np.testing.assert_array_equal(mine, expected)


def test_planned_weight_and_words():
    plan = load_scenario(DOSES).trial.adaptation
    assert plan.weight == pytest.approx((0.5 / 4) / (0.5 / 4 + 0.5 / 2))
    assert "best of 3 arms by early score" in plan.describe()[0]


def test_familywise_error_and_power():
    trial = load_scenario(DOSES).trial
    power = trial_power(trial, Settings(replicates=600, seed=5))
    null = trial_power(trial, Settings(replicates=2000, seed=5), null=True)
    assert power.characteristics.any_rejection.share > 0.5
    assert null.characteristics.any_rejection.share < 0.025 + 4 * np.sqrt(0.025 * 0.975 / 2000)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ('adaptation.select_by=["early score, low dose"]', ["select_by", "3 analyses"]),
        (
            'adaptation.select_by=["early score, high dose","early score, low dose","early score, idle"]',
            ["does not compare the arms"],
        ),
        ('adaptation.select_by=["early scores, low dose"]', ["did you mean 'early score, low dose'"]),
        ("adaptation.weight=1.5", ["weight", "between 0 and 1"]),
        ("adaptation.interim=day >= 40", ["weight is missing"]),
        ("adaptation.interim=patients >= 100 %", ["interim", "one side of the choice"]),
        ("analysis.recovered.sides=2", ["one-sided"]),
    ],
)
def test_contradictions_are_refused(change, words):
    with pytest.raises(InputError) as caught:
        conducted(change, n=1)
    for word in words:
        assert word in str(caught.value)
