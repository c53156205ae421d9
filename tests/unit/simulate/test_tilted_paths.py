import numpy as np
import pytest

from jaksim.simulate import compile_paths, reference
from jaksim.simulate.paths import simulate_scores
from jaksim.simulate.tilted_paths import tilted_plan, tilted_states
from tests.unit.simulate.conftest import HORIZON

SIZES = [900, 700, 300, 200]
BETTER = np.tril(np.ones((8, 8), dtype=bool), -1)


@pytest.fixture(scope="module")
def walk(processes, automata):
    """Daily states of patients, cell by cell, each with a factor."""
    tables, starts = processes
    plan = tilted_plan(compile_paths(tables, starts, HORIZON, automata), tables, BETTER, n_strata=1)
    cell = np.repeat(np.arange(len(SIZES)), SIZES)
    number = np.concatenate([np.arange(size) for size in SIZES]).astype(np.uint32)

    def walked(factor, seed=11, replicate=5):
        factors = np.broadcast_to(np.asarray(factor, dtype=float), len(cell)).copy()
        nobody = np.zeros(len(cell), dtype=np.int8)
        return tilted_states(plan, seed, replicate, nobody, cell.astype(np.int8), number, factors)

    return walked


def test_with_a_factor_of_one_they_are_the_paths_of_the_cell(walk, processes, automata):
    plan = compile_paths(*processes, HORIZON, automata)
    np.testing.assert_array_equal(walk(1.0), simulate_scores(plan, SIZES, 11, 5))


@pytest.mark.parametrize("factor", [0.2, 0.9, 3.0, 40.0])
def test_they_are_the_paths_of_a_disease_with_that_factor(walk, processes, factor):
    tables = [table.times(np.where(BETTER, factor, 1.0)) for table in processes[0]]
    components = [[(1.0, table, start)] for table, start in zip(tables, processes[1], strict=True)]
    expected = reference.simulate_scores(components, HORIZON, SIZES, 11, 5)
    np.testing.assert_array_equal(walk(factor), expected)
    assert (expected != walk(1.0)).any()


def test_each_patient_has_a_factor_of_her_own(walk):
    slow, fast = walk(0.3), walk(5.0)
    first = np.arange(len(slow)) % 3 == 0
    np.testing.assert_array_equal(walk(np.where(first, 0.3, 5.0)), np.where(first[:, None], slow, fast))


def test_nobody_gets_better_where_nothing_is_left_of_the_factor(walk):
    found = walk(1e-300)
    assert (np.diff(found.astype(int), axis=1) >= 0).all()
