from pathlib import Path

import numpy as np
import pytest

from jaksim.design.engine.cells import Cells
from jaksim.design.engine.engine import PathEngine
from jaksim.design.engine.individual import IndividualEngine
from jaksim.scenario.document import read_document
from jaksim.scenario.scenario import scenario_of

PLAIN = Path("scenarios/delayed-effect.toml")
AGE = {"name": "age", "law": "normal", "mean": 57.0, "sd": 14.0}
MARKER = {"name": "marker", "median": 80.0, "quartiles": [50.0, 120.0], "high": 400.0}
EFFECTS = (
    {"covariate": "age", "moves": ["death"], "log_hazard_ratio": 0.5, "centre": 57.0, "per": 10.0},
    {"covariate": "marker", "moves": ["improvement"], "log_hazard_ratio": -0.4, "centre": 80.0, "per": 50.0},
)


def trial_with(population, covariates=(), patients=500):
    read = read_document(str(PLAIN))
    document = {name: value for name, value in read.items() if name not in ("withdrawal", "monitoring", "accrual")}
    document["population"] = {**document["population"], **population, "patients": patients}
    document["disease"] = {**document["disease"], "covariate": list(covariates)}
    return scenario_of(document, str(PLAIN)).trial


@pytest.fixture(scope="module")
def cells():
    population = {"characteristic": [AGE, MARKER], "correlation": [{"pair": ["age", "marker"], "value": 0.3}]}
    return Cells(trial_with(population, EFFECTS))


@pytest.fixture(scope="module")
def engine(cells):
    return IndividualEngine(cells, 7)


def test_patients_whose_characteristics_do_nothing_are_those_of_the_plain_engine():
    plain = Cells(trial_with({}))
    idle = Cells(trial_with({"characteristic": [AGE, MARKER]}))
    expected = PathEngine(plain, 5).tables(3, 8)
    for cells in (plain, idle):
        found = IndividualEngine(cells, 5).tables(3, 8)
        assert all(np.array_equal(one, other) for one, other in zip(found, expected, strict=True))


def test_rows_are_the_patients_that_tables_count(cells, engine):
    rows, tables = engine.patients(3, 6), engine.tables(3, 6)
    replicate = np.repeat(np.arange(6), np.diff(rows.starts))
    cell = rows.arm.astype(int) * cells.n_strata + rows.stratum
    for categories, table in zip(rows.category, tables, strict=True):
        counted = np.zeros_like(table)
        np.add.at(counted, (replicate, cell, categories), 1.0)
        assert np.array_equal(counted, table)
    assert rows.names == ("age", "marker")
    assert rows.weight is None


def test_daily_states_are_those_that_tables_count(cells, engine):
    cell, states, brought = engine.follow(4)
    rows = engine.patients(4, 1)
    assert np.array_equal(cell, rows.arm.astype(int) * cells.n_strata + rows.stratum)
    assert np.array_equal(np.stack(list(brought.values()), axis=1), rows.covariates)
    for endpoint, categories in zip(cells.trial.endpoints, rows.category, strict=True):
        assert np.array_equal(endpoint.automaton.run(states), categories)


def test_a_replicate_has_the_same_patients_in_any_block(engine):
    together, alone = engine.patients(0, 5), engine.patients(4, 1)
    last = slice(together.starts[4], together.starts[5])
    assert np.array_equal(together.covariates[last], alone.covariates)
    assert np.array_equal(together.category[:, last], alone.category)


def test_tables_agree_with_the_exact_law(cells, engine):
    tables = engine.tables(0, 300)
    for table, law in zip(tables, cells.marginal_laws, strict=True):
        seen = table.sum(axis=0)
        expected = law * seen.sum(axis=1, keepdims=True)
        enough = expected > 10.0
        z = (seen - expected)[enough] / np.sqrt(expected * (1.0 - law))[enough]
        assert np.abs(z).max() < 4.5


def test_characteristics_have_the_laws_of_the_population(engine):
    values = engine.patients(0, 40).covariates
    age, marker = values.T
    n = len(values)
    assert abs(age.mean() - 57.0) < 4.0 * 14.0 / np.sqrt(n)
    assert abs(age.std() - 14.0) < 4.0 * 14.0 / np.sqrt(2 * n)
    # Of ranks, as the scenario says; half of the patients are below the median, since few are cut off above.
    ranks = [np.argsort(np.argsort(column)) for column in (age, marker)]
    assert abs(np.corrcoef(ranks)[0, 1] - 0.3) < 4.0 / np.sqrt(n)
    assert marker.max() <= 400.0
