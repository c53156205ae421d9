"""Counts of daily transitions: drawn as a chain of counts, counted on simulated patients, and expected exactly."""

import math
from pathlib import Path

import numpy as np
import pytest

from jaksim.design.engine.cells import Cells
from jaksim.design.engine.choosing import make_engine
from jaksim.design.engine.engine import PathEngine, TransitionEngine
from jaksim.design.power import trial_power
from jaksim.design.settings import Settings
from jaksim.errors import InputError
from jaksim.scenario import load_scenario
from jaksim.simulate import simulate_scores

SMALL = Path(__file__).parents[1] / "scenarios" / "small.toml"
WORST_Z = 4.0
DAILY = 'endpoint=[{name="daily",kind="longitudinal"}]'
MODELS = (
    'analysis=[{endpoint="daily",method="markov_proportional_odds"},'
    '{endpoint="daily",method="markov_proportional_odds",name="robust",options={variance="robust",stratified=true}}]'
)
WITH_SCORE = (
    'endpoint=[{name="daily",kind="longitudinal"},{name="score",kind="score_on_day",day=8}]',
    'analysis=[{endpoint="daily",method="markov_proportional_odds"},{endpoint="score",method="proportional_odds"}]',
)


@pytest.fixture(scope="module", params=[300, 20_000], ids=["small cells", "large cells"])
def cells(request):
    changes = (DAILY, MODELS, "population.stratum_sizes=fixed", f"population.patients={request.param}")
    return Cells(load_scenario(SMALL, changes=changes).trial)


def days_in_states(tables, cells):
    """Patient-days (B, C, S) in each state, over all days: their spread needs the days' dependence to be right."""
    counts = cells.trial.endpoints[0].transitions.by_day(tables)
    return counts.sum(axis=(2, 3))


@pytest.mark.parametrize("engine", [TransitionEngine, PathEngine])
def test_mean_counts_are_the_expected_ones(engine, cells):
    replicates = 2000 if cells.trial.population.patients < 1000 else 200
    drawn = engine(cells, 21)
    (tables,) = drawn.tables(0, replicates)
    expected = drawn.sizes(0, 1)[0][:, None] * cells.marginal_laws[0]
    assert (tables[:, expected == 0.0] == 0.0).all()
    spread = tables.std(axis=0, ddof=1) / math.sqrt(replicates)
    often = expected * replicates > 50.0
    z = (tables.mean(axis=0) - expected)[often] / spread[often]
    assert often.sum() > 100
    assert np.abs(z).max() < WORST_Z


def test_spread_of_the_days_in_each_state_is_the_same_by_both_engines(cells):
    replicates = 2000 if cells.trial.population.patients < 1000 else 400
    law, path = (
        days_in_states(one(cells, 22).tables(0, replicates)[0], cells) for one in (TransitionEngine, PathEngine)
    )
    ratio = np.log(law.var(axis=0, ddof=1) / path.var(axis=0, ddof=1))
    assert np.abs(ratio / math.sqrt(4.0 / replicates)).max() < WORST_Z


def test_path_counts_are_those_of_the_patients():
    cells = Cells(load_scenario(SMALL, changes=WITH_SCORE).trial)
    engine = PathEngine(cells, 23)
    daily, score = engine.tables(5, 2)
    sizes = engine.sizes(6, 1)[0]
    paths = simulate_scores(engine.plan, sizes, 23, 6)
    cell = np.repeat(np.arange(len(cells)), sizes)
    for position in range(len(cells)):
        categories = cells.trial.endpoints[0].transitions.categories_of(paths[cell == position].astype(np.int64))
        assert np.array_equal(daily[1, position], np.bincount(categories.ravel(), minlength=daily.shape[2]))
        on_day = cells.trial.endpoints[1].automaton.run(paths[cell == position])
        assert np.array_equal(score[1, position], np.bincount(on_day, minlength=score.shape[2]))


@pytest.mark.parametrize("engine", [TransitionEngine, PathEngine])
def test_a_replicate_can_be_made_again_alone(engine, cells):
    (block,) = engine(cells, 24).tables(0, 6)
    (alone,) = engine(cells, 24).tables(4, 1)
    assert np.array_equal(block[4], alone[0])
    assert not np.array_equal(block[4], block[5])


def test_engine_is_chosen_by_what_the_endpoints_are():
    daily = Cells(load_scenario(SMALL, changes=(DAILY, MODELS)).trial)
    both = Cells(load_scenario(SMALL, changes=WITH_SCORE).trial)
    assert isinstance(make_engine(daily, 1), TransitionEngine)
    assert isinstance(make_engine(daily, 1, "path"), PathEngine)
    assert isinstance(make_engine(both, 1), PathEngine)
    with pytest.raises(InputError, match="longitudinal and other endpoints have no joint law"):
        make_engine(both, 1, "law")


def test_power_agrees_between_engines_and_with_the_large_sample_twin():
    trial = load_scenario(SMALL, changes=(DAILY, MODELS)).trial
    law = trial_power(trial, Settings(replicates=8000, seed=25, engine="law"))
    path = trial_power(trial, Settings(replicates=8000, seed=26, engine="path"))
    for one, other in zip(law.analyses, path.analyses, strict=True):
        assert abs(one.power - other.power) < WORST_Z * math.hypot(one.mc_se, other.mc_se)
        error = math.hypot(one.mean_estimate_mc_se, other.mean_estimate_mc_se)
        assert abs(one.mean_estimate - other.mean_estimate) < WORST_Z * error
        # The twin is of first order: one and a half percentage points are granted on top of the Monte Carlo error.
        assert abs(one.power - one.analytic_power) < WORST_Z * one.mc_se + 0.015
    robust = law.analyses[1]
    assert robust.mean_standard_error == pytest.approx(robust.sd_estimate, rel=0.04)


def test_null_level_is_kept_with_the_robust_error_and_foretold_with_the_model_based_one():
    """The model's odds are not proportional in this disease, so its own standard error is not the spread."""
    trial = load_scenario(SMALL, changes=(DAILY, MODELS, "population.patients=1000")).trial
    model, robust = trial_power(trial, Settings(replicates=20_000, seed=27), null=True).analyses
    assert abs(robust.power - 0.05) < WORST_Z * robust.mc_se
    assert abs(model.power - model.analytic_power) < WORST_Z * model.mc_se
    assert model.analytic_power < 0.045
