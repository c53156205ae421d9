"""Even numbers go where they tell: along what moves the primary estimate, without another distribution."""

import numpy as np
import pytest
from scipy import stats

from jaksim import load_scenario
from jaksim.design.expected_estimates import expected_estimates
from jaksim.design.leading import Leading, leading_directions
from jaksim.verbs.draws import Uncertain, spread_of


@pytest.mark.parametrize("slopes", [[0.0, 3.0, -1.0, 0.2], [1.0, 0.0], [-2.0, 0.0, 0.0], [0.0, 0.0, 0.0]])
def test_a_rotation_leaves_normal_numbers_as_they_are_and_turns_the_first_along_the_slopes(slopes):
    found = Leading({}, np.array(slopes))
    points = stats.qmc.Sobol(len(slopes), rng=1).random(1024) + 2.0**-32
    values = np.array([found.rotated(point) for point in points])
    np.testing.assert_allclose(np.cov(values.T), np.eye(len(slopes)), atol=0.03)
    np.testing.assert_allclose((values**2).sum(axis=1), (stats.norm.ppf(points) ** 2).sum(axis=1), rtol=1e-9)
    if any(slopes):
        along = values @ found.normals / np.linalg.norm(found.normals)
        np.testing.assert_allclose(along, stats.norm.ppf(points[:, 0]), atol=1e-9)


@pytest.mark.parametrize(
    ("name", "least"),
    [("actt4", 0.95), ("recovery-dexamethasone", 0.95), ("jak-inhibitors", 0.9), ("cov-barrier", 0.9)],
)
def test_posterior_draws_stand_in_order_of_the_primary_estimate(name, least):
    """Uniform numbers that are small give draws with small estimates, of the part that comes from parameter sets."""
    scenario = load_scenario(name)
    uncertain = Uncertain(scenario, spread_of(scenario, 0.0))
    draws = list(uncertain.draws(120, 3))
    set_of = {part: uncertain._columns(part)[0] for part in uncertain.parts}
    primary = next(number for number, plan in enumerate(scenario.trial.analyses) if plan.role == "primary")
    for name_of_set in {found for found in set_of.values() if found}:
        only = tuple(part for part, found in set_of.items() if found == name_of_set)
        estimates = expected_estimates(scenario.trial, [uncertain.model(draw, only) for draw in draws])[:, primary]
        columns = [column for part in only for column in uncertain._columns(part)[1]]
        values = uncertain.section.parameter_sets[name_of_set].draws[[draw.rows[name_of_set] for draw in draws]]
        # As good as any line in the parameters: what its own regression on them explains.
        chosen = values[:, columns] - values[:, columns].mean(axis=0)
        fitted = chosen @ np.linalg.lstsq(chosen, estimates - estimates.mean(), rcond=None)[0]
        steps = uncertain._steps_of_set(name_of_set)
        assert set(steps) == set(columns)
        found = uncertain.section.parameter_sets[name_of_set]
        scores = leading_directions(scenario.trial, [], {name_of_set: (found.draws, steps)}).scores[name_of_set]
        own = scores[[draw.rows[name_of_set] for draw in draws]]
        assert np.corrcoef(own, estimates)[0, 1] > least * np.corrcoef(fitted, estimates)[0, 1]


def test_draws_are_those_of_the_parameter_sets():
    scenario = load_scenario("actt2")
    uncertain = Uncertain(scenario, spread_of(scenario, None))
    rows = np.array([draw.rows["actt-2"] for draw in uncertain.draws(1600, 3)])
    counts = np.bincount(rows * 20 // len(scenario.disease.parameter_sets["actt-2"].draws), minlength=20)
    assert counts.sum() == 1600
    assert abs(counts - 80).max() < 5 * np.sqrt(80)


def test_a_parameter_set_that_the_first_analysis_does_not_see_is_in_the_order_of_another():
    scenario = load_scenario("jak-inhibitors")  # tofacitinib against baricitinib first
    uncertain = Uncertain(scenario, spread_of(scenario, None))
    found = uncertain.section.parameter_sets["ruxcovid"]
    sets = {"ruxcovid": (found.draws, uncertain._steps_of_set("ruxcovid"))}
    assert leading_directions(scenario.trial, [], sets).scores["ruxcovid"].std() > 0.0
