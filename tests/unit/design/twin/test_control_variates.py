from dataclasses import replace
from itertools import product
from math import lgamma
from pathlib import Path

import numpy as np
import pytest

from jaksim.design.analyses.control import Control, End
from jaksim.design.analyses.evaluation import settle
from jaksim.design.engine.cells import Cells
from jaksim.design.engine.choosing import make_engine
from jaksim.design.power import trial_power
from jaksim.design.settings import Settings
from jaksim.design.twin.control_variates import control_variates
from jaksim.errors import InputError
from jaksim.scenario import load_scenario

SCENARIOS = Path(__file__).parents[3] / "scenarios"
SMALL = SCENARIOS / "small.toml"
DRAWN = 'population.stratum_sizes="drawn"'


def outcome(trial, **settings):
    chosen = {"variance_reduction": "control-variates", **settings}
    return replace(trial_power(trial, Settings(**chosen)), elapsed_seconds=0.0)


def fitted(*changes, null=False):
    trial = load_scenario(SMALL, changes=changes).trial
    cells = Cells(trial.under_null() if null else trial)
    tests = settle(cells)
    engine = make_engine(cells, 1)
    return engine, tests, control_variates(cells, tests, engine)


def compositions(n, parts):
    """All tables of n patients in so many categories."""
    if parts == 1:
        return [(n,)]
    return [(first, *rest) for first in range(n + 1) for rest in compositions(n - first, parts - 1)]


def every_table(laws, sizes):
    """All tables (B, C, K) of cells with these laws and sizes, and their probabilities (B,)."""
    by_cell = [np.array(compositions(n, laws.shape[1])) for n in sizes]
    chances = [
        np.exp(
            [lgamma(counts.sum() + 1) - sum(map(lgamma, counts + 1)) + (counts * np.log(law)).sum() for counts in cell]
        )
        for cell, law in zip(by_cell, laws, strict=True)
    ]
    tables = np.array([np.stack(rows) for rows in product(*by_cell)], dtype=float)
    return tables, np.array([np.prod(rows) for rows in product(*chances)])


@pytest.mark.parametrize("sizes", [(4, 3), (3, 3), (5, 0)])
def test_the_control_has_mean_zero_over_all_tables(sizes):
    laws = np.array([[0.2, 0.5, 0.3], [0.45, 0.05, 0.5]])
    weights = np.array([[-0.7, 0.1, 0.9], [0.3, -0.2, -1.1]])
    control = Control.of(weights, laws, End(-0.8, 0.05), End(1.1, 0.3), 14.0)
    tables, chance = every_table(laws, sizes)
    known = control.differences(tables)
    assert chance.sum() == pytest.approx(1.0, abs=1e-13)
    assert np.ptp(known) > 0.5
    assert chance @ known == pytest.approx(0.0, abs=1e-12)


def test_estimate_of_a_small_trial_has_the_exact_power_over_all_tables():
    engine, tests, controls = fitted(
        "population.patients=24",
        'population.stratum=[{name="ill", weight=1.0, baseline_score=2}]',
        'analysis=[{name="death", endpoint="death", method="risk_difference", alpha=0.4}]',
    )
    laws = engine.cells.marginal_laws[tests[0].table]
    sizes = engine.sizes(0, 1)[0].tolist()
    assert len(sizes) == 2
    tables, chance = every_table(laws, sizes)
    rejected = tests[0].decisions(tests[0].results(tables))[0]
    exact = float(chance @ rejected)
    known = controls[0].differences(tables)
    assert 0.1 < exact < 0.9
    assert float(chance @ (rejected - known)) == pytest.approx(exact, abs=1e-12)
    assert chance @ (rejected - known - exact) ** 2 < 0.5 * exact * (1.0 - exact)


@pytest.mark.parametrize("changes", [(), (DRAWN,)])
def test_a_replicate_has_the_same_control_in_any_block(changes):
    engine, tests, controls = fitted(*changes)
    for test, control in zip(tests, controls, strict=True):
        tables = engine.tables(0, 60)[test.table]
        whole = control.differences(tables)
        parts = [control.differences(tables[i : i + 7]) for i in range(0, 60, 7)]
        np.testing.assert_array_equal(np.concatenate(parts), whole)


def test_compiled_steps_and_means_are_those_of_the_formulas():
    engine, tests, controls = fitted(DRAWN)
    control, tables = controls[0], engine.tables(0, 20)[tests[0].table]
    laws, order = engine.cells.marginal_laws[tests[0].table], np.arange(1, len(control.cosines) + 1)
    waves = np.exp(1j * control.frequency * order[:, None, None] * control.weights)
    turns = (laws * waves).sum(axis=2)
    mean = ((control.cosines - 1j * control.sines) * np.prod(turns ** tables.sum(axis=2)[:, None], axis=2)).sum(axis=1)
    expected = control.step((tables * control.weights).sum(axis=(1, 2))) - mean.real
    np.testing.assert_allclose(control.differences(tables), expected, atol=1e-11)


@pytest.mark.parametrize("engine", ["law", "path"])
def test_workers_and_blocks_do_not_change_the_result(engine):
    trial = load_scenario(SMALL, changes=[DRAWN]).trial
    settings = {"replicates": 700, "seed": 5, "engine": engine}
    one = outcome(trial, workers=1, **settings)
    assert outcome(trial, workers=2, block=64, **settings) == one


def test_plain_power_and_factor_are_reported():
    trial = load_scenario(SMALL).trial
    plain = trial_power(trial, Settings(replicates=20_000, seed=5))
    for before, after in zip(plain.analyses, outcome(trial, replicates=20_000, seed=5).analyses, strict=True):
        found = after.variance_reduction
        assert (found.plain_power, found.plain_mc_se) == (before.power, before.mc_se)
        assert found.factor == pytest.approx((before.mc_se / after.mc_se) ** 2, rel=1e-3)
        assert found.factor > 5.0
        assert found.equivalent_replicates == round(20_000 * found.factor)
        assert abs(after.power - before.power) < 4.0 * before.mc_se
        assert after.ci[0] < after.power < after.ci[1]
        assert replace(
            after, power=before.power, mc_se=before.mc_se, ci=before.ci, z=before.z, variance_reduction=None
        ) == replace(before, mean_estimate=after.mean_estimate)


def test_a_run_to_a_precision_needs_fewer_replicates():
    trial = load_scenario(SMALL).trial
    reached = outcome(trial, until_se=0.0012, seed=3)
    assert reached.replicates == 10_000
    assert max(one.mc_se for one in reached.analyses) <= 0.0012
    assert min(one.variance_reduction.plain_mc_se for one in reached.analyses) > 0.0012


def test_an_analysis_that_is_not_smooth_stays_as_it_is():
    changes = ["analysis.0.method=max_combo", "analysis.4.method=win_ratio", "analysis.5.method=exact_odds_ratio"]
    trial = load_scenario(SMALL, changes=[*changes, "analysis.5.sides=2"]).trial
    combo, *_, wins, exact = outcome(trial, replicates=1000).analyses
    assert combo.variance_reduction.factor == pytest.approx(1.0)
    assert combo.power == combo.variance_reduction.plain_power
    assert min(wins.variance_reduction.factor, exact.variance_reduction.factor) > 5.0


def test_a_trial_with_interim_analyses_has_none():
    with pytest.raises(InputError, match="no control variates for a trial with interim analyses"):
        outcome(load_scenario(SCENARIOS / "interims.toml").trial, replicates=10)


def test_the_nearest_spelling_is_offered():
    with pytest.raises(InputError, match="did you mean 'control-variates'"):
        Settings(variance_reduction="control-variate")
