from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from scipy import stats

from jaksim.design.analyses.evaluation import settle
from jaksim.design.conduct.adaptive.calibration import allowed, calibrated_threshold
from jaksim.design.conduct.adaptive.posterior import NormalPrior, Posterior
from jaksim.design.conduct.designs import make_design
from jaksim.design.conduct.sequential import GroupSequential
from jaksim.design.engine.cells import Cells
from jaksim.design.sums.conducted import REASONS
from jaksim.scenario import load_scenario
from jaksim.trial.interim import Monitoring
from jaksim.trial.monitoring.bounds import boundaries_of
from jaksim.trial.monitoring.plan import MonitoringPlan

BAYESIAN = Path(__file__).parents[4] / "scenarios" / "bayesian.toml"
ADAPTIVE = Path(__file__).parents[4] / "scenarios" / "adaptive.toml"
THREE_ARMS = (
    'adaptation={kind="bayesian-stopping", interims=["complete >= 30 %", "complete >= 60 %"], drop_below=0.1}',
    "randomisation.scheme=permuted blocks",
    "randomisation.block_size=6",
)


def designed(*changes, path=BAYESIAN, seed=7):
    cells = Cells(load_scenario(path, changes=changes).trial)
    return make_design(cells, settle(cells), seed)


@pytest.mark.parametrize("analysis", ["score", "well", "recovery"])
def test_flat_prior_thresholds_are_group_sequential_bounds(analysis):
    design = designed(f'adaptation.analyses=["{analysis}"]')
    bounds = boundaries_of(MonitoringPlan(information=(0.33, 0.67, 1.0)))
    monitoring = Monitoring(analysis=analysis, boundaries=bounds, interims=design.rules.interims)
    classical, _ = GroupSequential(design.engine, design.decides[:1], monitoring).conduct(0, 300)
    thresholds = tuple(stats.norm.cdf(bounds.upper_z))
    bayesian = replace(design, critical=replace(design.rules, superiority=thresholds).critical)
    np.testing.assert_allclose(bayesian.critical, bounds.upper_z, rtol=1e-9)
    found, _ = bayesian.conduct(0, 300)
    assert 50 < found.rejected.sum() < 300
    assert len(set(found.look)) == 3
    for what in ("rejected", "results", "look", "reason", "day", "enrolled"):
        np.testing.assert_array_equal(getattr(found, what), getattr(classical, what))


@pytest.mark.parametrize(
    ("path", "changes"),
    [
        (BAYESIAN, ("adaptation.futility=0.1", "adaptation.predicted_success=0.9", "adaptation.prior_sd=0.5")),
        (BAYESIAN, ("adaptation.equivalence=0.8", "adaptation.margin=1.3", "adaptation.predicted_futility=0.05")),
        (ADAPTIVE, THREE_ARMS),
        (ADAPTIVE, (*THREE_ARMS, 'adaptation.analyses=["well, good", "well, useless"]')),
    ],
)
def test_a_replicate_is_the_same_in_any_block(path, changes):
    design = designed(*changes, path=path)
    together, _ = design.conduct(40, 24)
    for first, n in ((40, 1), (51, 5), (56, 8)):
        apart, _ = design.conduct(first, n)
        rows = slice(first - 40, first - 40 + n)
        assert apart.results.tobytes() == np.ascontiguousarray(together.results[:, rows]).tobytes()
        for what in ("look", "reason", "day", "enrolled", "information"):
            np.testing.assert_array_equal(getattr(apart, what), getattr(together, what)[rows])
        for name, values in apart.extras.items():
            assert values.tobytes() == together.extras[name][rows].tobytes()


def test_each_rule_ends_the_trials_it_should():
    design = designed("adaptation.futility=0.3", "adaptation.prior_sd=0.4")
    paths, _ = design.paths(0, 400)
    found = design.decide(paths, design.critical)
    chance = [
        Posterior.of(one[0], design.decides[0].favourable_sign, NormalPrior(0.0, 0.4)).above() for one in paths.results
    ]
    for b in range(400):
        ends = [("efficacy", k) for k in range(3) if chance[k][b] > 0.99]
        ends += [("futility", k) for k in range(2) if chance[k][b] < 0.3]
        reason, look = min(ends, key=lambda one: one[1]) if ends else ("end", 2)
        assert (REASONS[found.reason[b]], found.look[b]) == (reason, look)
        assert found.rejected[0, b] == (reason == "efficacy")


def test_equivalence_is_no_benefit():
    design = designed("adaptation.equivalence=0.7", "adaptation.margin=1.5", "arm.good.regimen=[]")
    conducted, _ = design.conduct(0, 300)
    equivalent = conducted.extras["equivalence found"] == 1.0
    assert equivalent.sum() > 50
    assert (conducted.reason[equivalent] == REASONS.index("futility")).all()
    assert not conducted.rejected[0, equivalent].any()
    assert design.margin == pytest.approx(np.log(1.5))


def test_predicted_success_ends_accrual_and_waits_for_the_outcomes():
    design = designed("adaptation.predicted_success=0.8", "adaptation.superiority=[0.999, 0.999, 0.975]")
    conducted, cohort = design.conduct(0, 300)
    early = conducted.extras["accrual ended early"] == 1.0
    assert early.sum() > 30
    assert (conducted.look[early] < 2).all()
    size = conducted.enrolled.sum(axis=1)
    for b in np.flatnonzero(early)[:30]:
        assert conducted.day[b] == cohort.day[b, size[b] - 1] + 10
        z = design.decides[0].favourable_sign * conducted.results[0, b, 2]
        assert conducted.rejected[0, b] == (z > design.critical[-1])
    assert 0.7 < conducted.rejected[0, early].mean() < 1.0


def test_dropped_arms_get_no_more_patients_and_are_not_rejected():
    design = designed(*THREE_ARMS, path=ADAPTIVE)
    paths, cohort = design.paths(0, 200)
    assert paths.active[0].all()
    gone = ~paths.active[1:]
    assert gone[0].sum() > 20
    for h, b in zip(*np.nonzero(gone[0]), strict=True):
        arm = design.decides[h].pairs[0][1]
        assert not (cohort.arm[b, paths.entered[b, 0] :] == arm).any()
    found = design.decide(paths, design.critical)
    for h, b in zip(*np.nonzero(gone[0]), strict=True):
        assert not found.rejected[h, b] or found.look[b] == 0


def test_calibration_allows_no_more_rejections_than_it_should():
    def conduct(first, n):
        return np.random.default_rng(first).normal(size=(n, 3))

    def rejects(z, critical):
        return (z > critical).any(axis=1)

    value = calibrated_threshold(conduct, rejects, 4000, 0.05)
    counts = [
        sum(rejects(conduct(2**30 + i, min(256, 4000 - i)), value + d).sum() for i in range(0, 4000, 256))
        for d in (0, -2e-6)
    ]
    assert counts[0] <= allowed(4000, 0.05) <= counts[1]
    assert value == pytest.approx(stats.norm.isf(1 - 0.95 ** (1 / 3)), abs=0.15)


def test_a_calibrated_threshold_is_common_and_reported():
    design = designed("adaptation.calibrate=true", "adaptation.calibration=1000")
    assert len(set(design.critical)) == 1
    assert 1.96 < design.critical[0] < 2.8
    conducted, _ = design.conduct(0, 2)
    assert conducted.extras["calibrated threshold"][0] == pytest.approx(stats.norm.cdf(design.critical[0]))
