"""Blinded re-estimation, patient by patient: level, power that holds whatever the rate, the same trials by block."""

from pathlib import Path

import numpy as np
import pytest

from jaksim.design.power import trial_power
from jaksim.design.settings import Settings
from jaksim.scenario import load_scenario

SCENARIO = Path(__file__).parents[1] / "scenarios" / "adaptable.toml"
BLINDED = ("adaptation.kind=blinded-reestimation", "adaptation.minimum=400", "adaptation.maximum=2400")
KINDS = {
    "rate": ("adaptation.assumed=0.35",),
    "events": ("adaptation.analysis=recovery", "adaptation.assumed=0.6"),
    "means": ("adaptation.analysis=free days", "adaptation.assumed=3.5"),
    "ordered": ("adaptation.analysis=score", "adaptation.assumed=0.75"),
    "early, slow": ("adaptation.assumed=0.3", "adaptation.interim=0.2", "accrual.rates=[200.0, 200.0]"),
}


@pytest.mark.parametrize("kind", KINDS)
def test_level(kind, level_z):
    assert level_z((*BLINDED, *KINDS[kind]), 6000) < 4.0


def test_trials_do_not_depend_on_the_block(same_trials):
    same_trials((*BLINDED, *KINDS["rate"]))


def test_the_size_follows_the_rate_and_keeps_the_power():
    # Planned for a pooled deviation of 2; the true one asks for more, as a trial of that size confirms.
    changes = (*BLINDED, "adaptation.analysis=free days", "adaptation.assumed=2.5", "adaptation.maximum=6000")
    trial = load_scenario(SCENARIO, changes=changes).trial
    found = trial_power(trial, Settings(replicates=3000, seed=2))
    extras = found.characteristics.extras
    true = extras["pooled standard deviation"].mean
    size = found.characteristics.patients.mean
    assert size == pytest.approx(800 * (true / 2.5) ** 2, rel=0.01)
    assert abs(size / 800 - 1.0) > 0.15
    fixed = load_scenario(SCENARIO, changes=(f"population.patients={round(size / 4) * 4}",)).trial
    expected = next(one for one in trial_power(fixed, Settings(replicates=100)).analyses if one.name == "free days")
    seen = next(one for one in found.analyses if one.name == "free days")
    assert abs(seen.power - expected.analytic_power) < 4.0 * seen.mc_se + 0.01


def test_the_arms_are_not_told_apart():
    from jaksim.design.analyses.evaluation import settle
    from jaksim.design.conduct.adaptive.blinded_reestimation import design
    from jaksim.design.engine.cells import Cells

    trial = load_scenario(SCENARIO, changes=(*BLINDED, *KINDS["rate"])).trial
    cells = Cells(trial)
    made = design(cells, settle(cells), 3, "auto")
    cohort = made.engine.open_cohort(0, 20, trial.adaptation.most)
    made.engine.enrol(cohort, trial.adaptation.planned)

    def found():
        return made.estimate(made.cuts[0].tables(cohort, last=made.rules.first))

    before = found()
    cohort.arm[:] = 1 - cohort.arm
    np.testing.assert_array_equal(found(), before)
