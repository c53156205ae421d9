"""Promising-zone trials, patient by patient: level, power against integration, the same trials whatever the block."""

from pathlib import Path

import numpy as np
import pytest

from jaksim.design.power import trial_power
from jaksim.design.settings import Settings
from jaksim.design.sums.precision import distance
from jaksim.scenario import load_scenario

SCENARIO = Path(__file__).parents[1] / "scenarios" / "adaptable.toml"
ZONE = ("adaptation.kind=promising-zone", "adaptation.maximum=1600")
KINDS = {
    "weighted": (),
    "original": ("adaptation.statistic=original",),
    "early stop": ("adaptation.spending=pocock", "adaptation.futility=0.1", "adaptation.zone=0.2"),
    "slow": ("accrual.rates=[200.0, 200.0]",),
    "increments": ("adaptation.analysis=recovery", "adaptation.events=320"),
    "increments, original": (
        "adaptation.analysis=recovery",
        "adaptation.events=320",
        "adaptation.statistic=original",
    ),
    "times in cohorts": ("adaptation.analysis=recovery", "adaptation.stages=cohorts"),
}


@pytest.mark.parametrize("kind", KINDS)
def test_level(kind, level_z):
    assert level_z((*ZONE, *KINDS[kind]), 6000) < 4.0


@pytest.mark.parametrize("kind", KINDS)
def test_power_is_that_of_the_integral(kind):
    # A large trial with a small effect, for the integral is of the normal limit.
    size = (
        "population.patients=2400",
        "adaptation.maximum=4800",
        "disease.treatments.drug.effect.0.hazard_ratio=1.13",
        "accrual.rates=[60.0, 60.0]",
    )
    changes = [one.replace("events=320", "events=960") for one in KINDS[kind]]
    trial = load_scenario(SCENARIO, changes=(*ZONE, *size, *changes)).trial
    found = trial_power(trial, Settings(replicates=3000, seed=5))
    one = next(one for one in found.analyses if one.name == trial.adaptation.analysis)
    assert 0.3 < one.analytic_power < 0.95
    assert abs(one.z) < 4.0
    for look in found.characteristics.looks:
        for reason, chance in look.analytic.items():
            if chance > 0.002:
                share = look.stopped[reason].share
                assert abs(distance(share, chance, 3000)) < 4.0


@pytest.mark.parametrize("kind", ["weighted", "increments"])
def test_trials_do_not_depend_on_the_block(kind, same_trials):
    same_trials((*ZONE, *KINDS[kind]))


def test_added_patients_enter_after_the_interim_analysis():
    from jaksim.design.analyses.evaluation import settle
    from jaksim.design.conduct.adaptive.promising_zone import design
    from jaksim.design.engine.cells import Cells

    trial = load_scenario(SCENARIO, changes=(*ZONE, *KINDS["slow"])).trial
    cells = Cells(trial)
    conducted, cohort = design(cells, settle(cells), 3, "auto").conduct(0, 200)
    added = cohort.n > 800
    assert 0.02 < added.mean() < 0.6
    interim = cohort.day[:, 399] + 10 + 1
    assert (cohort.day[added, 800] > interim[added]).all()
    assert (np.diff(cohort.day[added][:, :801], axis=1) >= 0).all()
    assert conducted.information[:, 1] == pytest.approx(cohort.n / 800, abs=2e-3)
