from pathlib import Path

import pytest

from jaksim.analysis.registry import METHOD_NAMES
from jaksim.design import foreseen as module
from jaksim.design.foreseen import SLOW, foreseen
from jaksim.design.planned_result import planned_result
from jaksim.design.power import prepare
from jaksim.design.settings import Settings
from jaksim.scenario import load_scenario

SMALL = Path(__file__).parents[2] / "scenarios" / "small.toml"


@pytest.fixture(scope="module")
def prepared():
    return prepare(load_scenario(SMALL).trial, Settings(replicates=10, seed=1))


def test_it_is_what_the_compiled_kernels_give(prepared):
    found = dict(foreseen(prepared))
    assert list(found) == [number for number, test in enumerate(prepared.tests, 1) if test.plan.method not in SLOW]
    for number, one in found.items():
        planned = planned_result(prepared, prepared.tests[number - 1])
        assert one.analytic_power == pytest.approx(planned.analytic_power, rel=1e-6)
        assert one.analytic_estimate == pytest.approx(planned.analytic_estimate, rel=1e-6)


def test_none_is_begun_when_patience_is_at_its_end(prepared, monkeypatch):
    monkeypatch.setattr(module, "PATIENCE", 0.0)
    assert list(foreseen(prepared)) == []


def test_the_slow_methods_are_methods():
    assert set(METHOD_NAMES) >= SLOW
