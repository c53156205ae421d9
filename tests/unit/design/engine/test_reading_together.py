"""One automaton in place of several reads the same off every path."""

from dataclasses import replace

import numpy as np
import pytest

from jaksim.design.engine import engine as engines
from jaksim.design.engine import reading_together
from jaksim.design.engine.cells import Cells
from jaksim.design.engine.engine import PathEngine
from jaksim.design.engine.reading_together import read_together
from jaksim.endpoint.product import is_product
from jaksim.scenario import load_scenario
from jaksim.simulate.reached import states_reached


@pytest.fixture(scope="module")
def cells():
    return Cells(load_scenario("scenarios/actt2.toml").trial)


@pytest.fixture(scope="module")
def automata(cells):
    return [endpoint.automaton for endpoint in cells.trial.endpoints]


@pytest.fixture(scope="module")
def possible(cells):
    return states_reached([group.intensities for group in cells.groups])


def test_tables_are_those_of_the_endpoints_by_themselves(cells, monkeypatch):
    together = PathEngine(cells, 5)
    monkeypatch.setattr(engines, "read_together", lambda automata, possible: list(automata))
    apart = PathEngine(cells, 5)
    assert len(together.plan.memories.start) == 1 < len(apart.plan.memories.start)
    for one, other in zip(together.tables(7, 3), apart.tables(7, 3), strict=True):
        np.testing.assert_array_equal(one, other)


def test_a_product_that_reads_one_path_otherwise_is_found(automata, possible):
    (joint,) = read_together(automata, possible)
    assert is_product(joint, automata, possible)
    parts = joint.parts.copy()
    parts[-1, -1] = (parts[-1, -1] + 1) % joint.part_sizes[-1]
    assert not is_product(replace(joint, parts=parts), automata, possible)
    step = joint.step.copy()
    day, memory, state = np.argwhere(step[:1] != np.arange(joint.n_memory)[:, None])[0]
    step[day, memory, state] = memory
    assert not is_product(replace(joint, step=step), automata, possible)
    assert not is_product(joint, automata[::-1], possible)


def test_too_large_a_product_is_not_used(automata, possible, monkeypatch):
    monkeypatch.setattr(reading_together, "MOST_ENTRIES", 10_000)
    reading_together._checked_product.cache_clear()
    assert read_together(automata, possible) == automata
    assert read_together(automata[:1], possible) == automata[:1]
    reading_together._checked_product.cache_clear()
