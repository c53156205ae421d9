from pathlib import Path

import numpy as np
import pytest

from jaksim.design.engine.cells import Cells
from jaksim.design.engine.choosing import make_engine
from jaksim.design.engine.executor import blocks
from jaksim.design.patients.simulated import simulate_patients
from jaksim.scenario import load_scenario

SMALL = Path(__file__).parents[3] / "scenarios" / "small.toml"
REPLICATE = 123_456
SEED = 20201201


@pytest.fixture(scope="module")
def cells():
    return Cells(load_scenario(SMALL).trial)


@pytest.mark.parametrize("engine", ["law", "path"])
def test_a_replicate_made_alone_has_the_counts_of_the_one_inside_a_run(cells, engine):
    """The blocks are those of a run of 200,000 replicates, of which the one that holds the replicate is drawn."""
    drawing = make_engine(cells, SEED, engine)
    first, n = next(block for block in blocks(0, 200_000, 512) if block[0] <= REPLICATE < sum(block))
    inside = drawing.tables(first, n)
    alone = make_engine(cells, SEED, engine).tables(REPLICATE, 1)
    neighbour = make_engine(cells, SEED, engine).tables(REPLICATE + 1, 1)
    for many, one in zip(inside, alone, strict=True):
        np.testing.assert_array_equal(many[REPLICATE - first], one[0])
    assert any((one != other).any() for one, other in zip(alone, neighbour, strict=True))
    assert (drawing.sizes(first, n)[REPLICATE - first] == drawing.sizes(REPLICATE, 1)[0]).all()


def test_the_patients_of_a_replicate_are_those_that_the_run_counts(cells):
    inside = make_engine(cells, SEED, "path").tables(REPLICATE - 56, 100)
    patients = simulate_patients(cells.trial, seed=SEED, replicate=REPLICATE)
    cell = patients.arm * cells.n_strata + patients.stratum
    for table, endpoint, categories in zip(inside, cells.trial.endpoints, patients.categories, strict=True):
        counted = np.zeros((len(cells), endpoint.n_categories))
        np.add.at(counted, (cell, categories), 1.0)
        np.testing.assert_array_equal(table[56], counted)
