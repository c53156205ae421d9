"""Platforms: who is enrolled when, with whom arms are compared, and the linear model of periods."""

from pathlib import Path

import numpy as np
import pytest
import statsmodels.api as sm

from jaksim.design.analyses.evaluation import settle
from jaksim.design.conduct.adaptive.period_model import period_adjusted
from jaksim.design.conduct.designs import make_design
from jaksim.design.engine.cells import Cells
from jaksim.design.sums.conducted import REASONS
from jaksim.errors import InputError
from jaksim.scenario import load_scenario

PLATFORM = Path(__file__).parents[4] / "scenarios" / "platform.toml"


def conducted(*changes, first=0, n=100, seed=3, null=False):
    trial = load_scenario(PLATFORM, changes=changes).trial
    cells = Cells(trial.under_null() if null else trial)
    design = make_design(cells, settle(cells), seed)
    return design, *design.conduct(first, n)


@pytest.mark.parametrize("controls", ["concurrent", "adjusted"])
def test_a_replicate_is_the_same_in_any_block(controls):
    _, whole, _ = conducted(f"adaptation.controls={controls}", n=60)
    _, late, _ = conducted(f"adaptation.controls={controls}", first=37, n=23)
    np.testing.assert_allclose(whole.results[:, 37:], late.results, rtol=1e-12)
    np.testing.assert_array_equal(whole.rejected[:, 37:], late.rejected)
    np.testing.assert_array_equal(whole.enrolled[37:], late.enrolled)


def test_arms_and_strata_recruit_in_their_windows_alone():
    _, found, cohort = conducted()
    names = ["control", "low dose", "high dose", "idle"]
    for b in range(20):
        days, arm, stratum = (one[b, : cohort.n[b]] for one in (cohort.day, cohort.arm, cohort.stratum))
        assert (np.diff(days) >= 0).all()
        assert days[arm == names.index("high dose")].min() >= 70
        assert days[arm == names.index("low dose")].max() < 130
        assert days[stratum == 0].max() < 100
        assert days[stratum == 1].min() >= 97
        assert days[arm == names.index("idle")].min() < 20
    assert (found.enrolled.sum(axis=1) == 600).all()


def test_the_linear_model_is_that_of_statsmodels():
    rng = np.random.default_rng(2)
    counts = rng.integers(3, 30, size=(4, 3, 5, 2)).astype(float)
    counts[:, 2, :2] = 0.0
    mine = period_adjusted(counts, np.array([0.0, 1.0]), 2)
    for b in range(4):
        arm, block, y = (one.ravel() for one in np.indices((3, 5, 2)))
        repeat = counts[b].ravel().astype(int)
        arm, block, y = (np.repeat(one, repeat) for one in (arm, block, y))
        design = np.column_stack([arm == 1, arm == 2, *(block == q for q in range(5))]).astype(float)
        fit = sm.OLS(y, design).fit(cov_type="HC1")
        np.testing.assert_allclose(mine[b], [fit.params[1], fit.bse[1], fit.params[1] / fit.bse[1]], rtol=1e-8)


def test_an_arm_that_nothing_links_to_control_is_not_estimable():
    counts = np.zeros((1, 2, 2, 2))
    counts[0, 0, 0] = counts[0, 1, 1] = [5.0, 7.0]
    assert np.isnan(period_adjusted(counts, np.array([0.0, 1.0]), 1)).all()


def test_pooling_controls_over_a_drift_is_biased_and_adjusting_is_not():
    rejected = {}
    bias = {}
    for controls in ("concurrent", "pooled", "adjusted"):
        _, found, _ = conducted(f"adaptation.controls={controls}", n=3000, null=True)
        rejected[controls] = found.rejected[1].mean()
        bias[controls] = np.nanmean(found.results[1, :, 0]) / (np.nanstd(found.results[1, :, 0]) / np.sqrt(3000))
    assert rejected["pooled"] > 0.07
    assert bias["pooled"] < -10
    for controls in ("concurrent", "adjusted"):
        assert rejected[controls] < 0.025 + 4 * np.sqrt(0.025 * 0.975 / 3000)
        assert abs(bias[controls]) < 4


def test_other_arms_help_to_adjust():
    """Without drift, what other arms tell of periods makes adjusting more precise than concurrent controls alone."""
    spread = {}
    for controls in ("concurrent", "adjusted"):
        _, found, _ = conducted(f"adaptation.controls={controls}", "adaptation.strata={}", n=2000, null=True)
        spread[controls] = np.nanstd(found.results[1, :, 0])
    assert spread["adjusted"] < spread["concurrent"]


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ("adaptation.leaves.high dose=60", ["'high dose' leaves before it enters"]),
        ("adaptation.enters.hgh dose=60", ["unknown active arm", "did you mean 'high dose'"]),
        ("adaptation.strata.first wave=[10, 100]", ["no stratum recruits on day 0"]),
        ("adaptation.strata.first wave=100", ["not a window"]),
        ("adaptation.enters.high dose=-1", ["from 0 on"]),
        ("adaptation.enters.high dose=5000", ["'high dose' enters when the trial is expected to be full"]),
        ("adaptation.controls=concurent", ["did you mean 'concurrent'"]),
    ],
)
def test_contradictions_are_refused(change, words):
    with pytest.raises(InputError) as caught:
        conducted(change, n=1)
    for word in words:
        assert word in str(caught.value)


def test_the_linear_model_needs_a_difference():
    with pytest.raises(InputError, match="difference of means"):
        conducted(
            "adaptation.controls=adjusted",
            'adaptation.analyses=["recovered, low dose","recovered, high dose","recovered, idle"]',
        )


def test_a_two_sided_test_of_an_arm_rejects_in_both_directions():
    """Nothing is decided before the end, so an arm is tested like that of a trial analysed once."""
    _, one, _ = conducted(n=300)
    design, two, _ = conducted("analysis.died.sides=2", "analysis.died.alpha=0.3", n=300)
    np.testing.assert_array_equal(one.results, two.results)
    z = np.array([test.favourable_sign for test in design.decides])[:, None] * two.results[..., 2]
    critical = 1.0364333894937898  # 85 % quantile
    np.testing.assert_array_equal(two.rejected, np.abs(z) > critical)
    better, worse = (z > critical).any(axis=0), (z < -critical).any(axis=0)
    assert (worse & ~better).any()
    np.testing.assert_array_equal(two.reason == REASONS.index("efficacy"), better)
    np.testing.assert_array_equal(two.reason == REASONS.index("harm"), worse & ~better)
