"""The trial of non-inferiority keeps its level where baricitinib is worse by exactly the margin."""

import math
from dataclasses import replace
from pathlib import Path

import pytest
from scipy.optimize import brentq

from jaksim.design.analyses.evaluation import settle
from jaksim.design.engine.cells import Cells
from jaksim.design.power import trial_power
from jaksim.design.settings import Settings
from jaksim.design.twin.analytic import analysis_input, large_sample
from jaksim.model.effect import TreatmentEffect
from jaksim.model.regimen import Treatment
from jaksim.scenario import load_scenario

SCENARIO = Path(__file__).parents[2] / "scenarios" / "actt4-non-inferiority.toml"
REPLICATES = 8000
WORST_Z = 4.0
# A fixed trial, stopping without a bound for futility, and another share of ill patients.
NUISANCE = {
    "as planned": (),
    "no futility": ("monitoring.futility=",),
    "more patients at score 6": ("population.stratum.score 6.count=800",),
}


def with_baricitinib_worse(trial, log_ratio):
    """The trial in which baricitinib is dexamethasone with another intensity of getting worse."""
    dexamethasone = trial.disease.treatments["dexamethasone"]
    change = TreatmentEffect(moves=("deterioration", "death"), log_hazard_ratio=log_ratio)
    worse = Treatment("baricitinib", "JAK inhibitor", (*dexamethasone.effects, change))
    treatments = {**trial.disease.treatments, "baricitinib": worse}
    return replace(trial, disease=replace(trial.disease, treatments=treatments))


def difference(trial):
    cells = Cells(trial)
    test = settle(cells)[0]
    return large_sample(analysis_input(cells, test.plan, test.method), 1e6).estimate


def at_the_margin(changes=()):
    trial = load_scenario(SCENARIO, changes=changes).trial
    margin = trial.analyses[0].margin
    trial = replace(trial, analyses=trial.analyses[:1], endpoints=trial.endpoints[:1])
    ratio = brentq(lambda x: difference(with_baricitinib_worse(trial, x)) - margin, 0.0, 0.6, xtol=1e-8)
    return with_baricitinib_worse(trial, ratio)


@pytest.mark.parametrize("kind", NUISANCE)
def test_the_level_holds_at_the_margin(kind):
    trial = at_the_margin(NUISANCE[kind])
    assert difference(trial) == pytest.approx(0.023, abs=1e-6)
    power = trial_power(trial, Settings(replicates=REPLICATES, seed=41)).analyses[0].power
    assert power < 0.025 + WORST_Z * math.sqrt(0.025 * 0.975 / REPLICATES)
    assert power > 0.015


def test_the_margin_keeps_half_of_what_dexamethasone_does():
    without = load_scenario(SCENARIO, changes=['arm.dexamethasone.regimen=["remdesivir"]']).trial
    planned = load_scenario(SCENARIO).trial

    def risk(trial):
        cells = Cells(trial)
        test = settle(cells)[0]
        law = analysis_input(cells, test.plan, test.method)
        return float(law.weights @ law.laws[0][:, test.endpoint.status == 1].sum(axis=1))

    assert risk(planned) == pytest.approx(0.143, abs=1e-3)
    assert planned.analyses[0].margin <= 0.5 * (risk(without) - risk(planned))
    assert planned.analyses[0].margin == pytest.approx(0.5 * (risk(without) - risk(planned)), abs=1e-3)


def test_non_inferiority_needs_fewer_patients_than_superiority():
    found = trial_power(load_scenario(SCENARIO).trial, Settings(replicates=2000, seed=42))
    by_name = {one.name: one for one in found.analyses}
    assert by_name["not inferior"].power > 0.75
    assert by_name["superior"].power < 0.5
    assert abs(found.analyses[0].z) < WORST_Z
