"""Estimates at expected tables of many disease models together are those of each model alone."""

import numpy as np
import pytest

from jaksim import load_scenario
from jaksim.design.expected_estimates import expected_estimates
from jaksim.design.prepared import Prepared
from jaksim.design.twin.analytic import analysis_input, large_sample
from jaksim.verbs.draws import Uncertain, spread_of


@pytest.mark.parametrize("name", ["actt4", "recovery-dexamethasone", "actt2-strategies", "factorial", "slow-sites"])
def test_they_are_those_of_the_large_sample_law(name):
    scenario = load_scenario(name)
    uncertain = Uncertain(scenario, spread_of(scenario, 0.1))
    draws = list(uncertain.draws(3, 1))
    found = expected_estimates(scenario.trial, [uncertain.model(draw) for draw in draws])
    assert found.shape == (3, len(scenario.trial.analyses))
    for row, draw in zip(found, draws, strict=True):
        prepared = Prepared(uncertain.trial(draw), 0)
        patients = scenario.trial.population.patients
        alone = [
            large_sample(analysis_input(prepared.cells, test.plan, test.method), patients).estimate
            for test in prepared.tests
        ]
        np.testing.assert_allclose(row, alone, rtol=1e-9, atol=1e-12)


def test_models_that_share_an_arm_are_told_apart():
    scenario = load_scenario("actt4")
    uncertain = Uncertain(scenario, spread_of(scenario, 0.1))
    draws = list(uncertain.draws(4, 2))
    models = [uncertain.model(draw, only) for draw in draws for only in (("effect of dexamethasone",), (), None)]
    together = expected_estimates(scenario.trial, models)
    for row, model in zip(together, models, strict=True):
        np.testing.assert_allclose(row, expected_estimates(scenario.trial, [model])[0], rtol=1e-12)
    assert len({tuple(row) for row in together[1::3]}) == 1  # nothing drawn
