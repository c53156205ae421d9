"""Patients drawn one by one beside the exact law over nodes: everything that can depend on them at once."""

from pathlib import Path

import numpy as np
import pytest

from jaksim.design.engine.cells import Cells
from jaksim.design.engine.choosing import make_engine
from jaksim.design.engine.individual import IndividualEngine
from jaksim.design.patients.counterfactual import simulate_worlds
from jaksim.scenario.document import read_document
from jaksim.scenario.scenario import scenario_of

PLAIN = Path("scenarios/delayed-effect.toml")
CHARACTERISTICS = (
    {"name": "days_since_onset", "values": [2, 6, 10], "shares": [0.3, 0.5, 0.2]},
    {"name": "age", "law": "normal", "mean": 57.0, "sd": 14.0},
    {"name": "marker", "median": 80.0, "quartiles": [50.0, 120.0], "high": 400.0},
    {"name": "steroid", "share": 0.4},
)
CORRELATIONS = ({"pair": ["age", "marker"], "value": 0.3},)
ELIGIBILITY = (
    {"characteristic": "age", "at_least": 18.0, "at_most": 85.0},
    {"characteristic": "marker", "above": 30.0},
)
COVARIATES = (
    {"covariate": "age", "moves": ["death"], "log_hazard_ratio": 0.3, "centre": 57.0, "per": 10.0},
    {"covariate": "marker", "moves": ["death"], "shape": "category", "cuts": [60.0, 150.0], "values": [-0.3, 0.0, 0.5]},
)
EFFECTS = (
    {"moves": "death", "hazard_ratio": 0.5, "window": {"start": 5, "end": 30, "clock": "onset"}},
    {"moves": "death", "hazard_ratio": 0.7, "covariate": "steroid", "window": {"start": 3}},
)


def trial_with(**changes):
    read = read_document(str(PLAIN))
    document = {name: value for name, value in read.items() if name not in ("monitoring", "accrual")}
    treatments = {"drug": {**document["disease"]["treatments"]["drug"], "effect": list(EFFECTS)}}
    document["disease"] = {**document["disease"], "covariate": list(COVARIATES), "treatments": treatments}
    document["population"] = {
        **document["population"],
        "characteristic": list(CHARACTERISTICS),
        "correlation": list(CORRELATIONS),
        **changes,
    }
    document["eligibility"] = list(ELIGIBILITY)
    return scenario_of(document, str(PLAIN)).trial


@pytest.fixture(scope="module")
def cells():
    return Cells(trial_with(patients=400))


def test_every_way_to_depend_on_a_patient_agrees_with_the_exact_law(cells):
    engine = make_engine(cells, 21, "path")
    assert isinstance(engine, IndividualEngine)
    for table, law in zip(engine.tables(0, 400), cells.marginal_laws, strict=True):
        seen = table.sum(axis=0)
        expected = law * seen.sum(axis=1, keepdims=True)
        enough = expected > 10.0
        z = (seen - expected)[enough] / np.sqrt(expected * (1.0 - law))[enough]
        assert enough.sum() > 50
        assert np.abs(z).max() < 4.5
        assert 0.7 < np.mean(z**2) < 1.4


def test_nobody_is_drawn_who_is_not_eligible(cells):
    rows = make_engine(cells, 21, "path").patients(0, 20)
    age, marker = (rows.covariates[:, rows.names.index(name)] for name in ("age", "marker"))
    assert 18.0 <= age.min() < 25.0
    assert 80.0 < age.max() <= 85.0
    assert 30.0 < marker.min() < 35.0
    assert marker.max() <= 400.0


def test_a_patient_brings_the_same_along_under_every_regimen(cells):
    worlds = simulate_worlds(cells.trial, seed=5, replicate=1)
    one, other = (patients.brought for patients in worlds.patients)
    assert set(one) == {"days_since_onset", "age", "marker", "steroid"}
    assert all(np.array_equal(one[name], other[name]) for name in one)
    effect = worlds.effects()[0]
    assert effect.exact is not None
    assert abs(effect.z) < 4.0
    assert {"age", "steroid"} <= set(worlds.columns())
