"""The margin of a factorial design: pairs of arms side by side, each with strata of its own."""

from pathlib import Path

import numpy as np
import pytest

from jaksim.analysis import get_method
from jaksim.design.analyses.evaluation import settle
from jaksim.design.engine.cells import Cells
from jaksim.design.engine.choosing import make_engine
from jaksim.design.power import trial_power
from jaksim.design.settings import Settings
from jaksim.scenario import load_scenario

SMALL = Path(__file__).parents[3] / "scenarios" / "small.toml"
ARMS = """arm=[
    {name="b", regimen=["other"], allocation=2},
    {name="neither", regimen=[], reference=true},
    {name="ab", regimen=["drug", "other"], allocation=2},
    {name="a", regimen=["drug"]},
]"""
METHODS = ("log_rank", "cox", "risk_difference_mh")
PAIRS = 'active=["a","ab"], reference=["neither","b"]'


def factorial(*changes):
    analyses = ",".join(f'{{endpoint="recovery", method="{method}", {PAIRS}}}' for method in METHODS)
    second = 'disease.treatments.other={effect=[{moves="improvement",hazard_ratio=2.0}]}'
    return load_scenario(SMALL, changes=(second, ARMS, f"analysis=[{analyses}]", *changes)).trial


def test_every_pair_has_strata_of_its_own():
    cells = Cells(factorial())
    tables = make_engine(cells, 1, "law").tables(0, 5)
    order = {name: cells.arm_position(name) for name in ("neither", "a", "b", "ab")}
    for test, method in zip(settle(cells), METHODS, strict=True):
        by_arm = tables[test.table].reshape(5, 4, 2, -1)
        reference = np.concatenate([by_arm[:, order["neither"]], by_arm[:, order["b"]]], axis=1)
        active = np.concatenate([by_arm[:, order["a"]], by_arm[:, order["ab"]]], axis=1)
        expected = np.empty((5, 3))
        get_method(method).evaluate(
            np.ascontiguousarray(np.stack([reference, active], axis=1)), test.endpoint, test.options, expected
        )
        np.testing.assert_array_equal(test.results(tables[test.table]), expected)


def test_strata_are_chosen_in_every_pair():
    chosen = 'analysis.0.strata=["mixed"]'
    test = settle(Cells(factorial(chosen)))[0]
    tables = np.arange(4.0 * 2 * len(test.endpoint.labels)).reshape(1, 8, -1)
    whole = settle(Cells(factorial()))[0]
    empty = tables.reshape(1, 4, 2, -1).copy()
    empty[:, :, 0] = 0.0
    np.testing.assert_allclose(test.results(tables), whole.results(empty.reshape(tables.shape)))


@pytest.mark.parametrize("sizes", ["drawn", "fixed"])
def test_simulated_power_of_a_margin_agrees_with_the_large_sample_twin(sizes):
    trial = factorial(f"population.stratum_sizes={sizes}", "population.patients=250")
    result = trial_power(trial, Settings(replicates=20_000, seed=2))
    for one in result.analyses:
        assert abs(one.power - one.analytic_power) < 4 * one.mc_se + 0.005, one.name
        assert one.mean_standard_error == pytest.approx(one.sd_estimate, rel=0.05)
        assert 0.2 < one.power < 0.95


def test_without_interaction_the_margin_finds_the_effect_of_the_one_treatment():
    (_, cox, _) = trial_power(factorial("population.patients=20000"), Settings(replicates=500, seed=3)).analyses
    alone = trial_power(
        factorial("population.patients=20000", 'analysis.1={endpoint="recovery",method="cox",active="a"}'),
        Settings(replicates=500, seed=3),
    ).analyses[1]
    assert cox.mean_estimate == pytest.approx(alone.mean_estimate, abs=0.03)
    assert cox.sd_estimate < alone.sd_estimate
