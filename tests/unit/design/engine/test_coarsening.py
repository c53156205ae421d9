from pathlib import Path

import numpy as np
import pytest

from jaksim.design.engine.cells import Cells
from jaksim.design.engine.choosing import make_engine
from jaksim.design.engine.coarsening import coarsenings
from jaksim.design.engine.engine import LawEngine
from jaksim.scenario import load_scenario
from jaksim.simulate import draw_tables

ACTT4 = Path(__file__).parents[4] / "scenarios" / "actt4.toml"


def test_an_endpoint_that_another_decides_is_found():
    parts = np.array([[0, 1, 2, 2, 0], [0, 0, 1, 1, 0], [1, 0, 0, 1, 1]], dtype=np.int32)
    found = coarsenings(parts, (3, 2, 2))
    assert set(found) == {1}
    assert found[1].fine == 0
    np.testing.assert_array_equal(found[1].belongs, [[1, 0], [1, 0], [0, 1]])
    np.testing.assert_array_equal(found[1].apply(np.array([[[3.0, 4.0, 5.0]]])), [[[7.0, 5.0]]])


def test_endpoints_of_one_size_do_not_decide_each_other():
    parts = np.array([[0, 1], [1, 0]], dtype=np.int32)
    assert coarsenings(parts, (2, 2)) == {}


def test_chains_lead_to_the_finest():
    parts = np.array([[0, 0, 1, 1], [0, 1, 2, 3], [0, 1, 2, 2]], dtype=np.int32)
    found = coarsenings(parts, (2, 4, 3))
    assert {coarse: one.fine for coarse, one in found.items()} == {0: 1, 2: 1}


def test_tables_are_those_drawn_for_every_endpoint():
    cells = Cells(load_scenario(ACTT4).trial)
    engine = make_engine(cells, 5, "law")
    assert isinstance(engine, LawEngine)
    joint = cells.joint_law(cells.joint_automaton(10**6))
    assert len(coarsenings(joint.parts, joint.sizes)) == 2
    n, widths = 20, np.array(joint.sizes)
    flat = np.empty(n * len(cells) * widths.sum())
    draw_tables(engine._laws, joint.parts, widths, engine.sizes(7, n), 5, 7, flat)
    assert np.concatenate([table.ravel() for table in engine.tables(7, n)]) == pytest.approx(flat, abs=0)
