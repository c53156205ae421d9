"""Trials that patients leave: both engines for every strategy, and the level where arms lose patients differently."""

import math
from pathlib import Path

import numpy as np
import pytest

from jaksim.design.engine.cells import Cells
from jaksim.design.engine.engine import PathEngine, TransitionEngine
from jaksim.design.power import trial_power
from jaksim.design.settings import Settings
from jaksim.scenario import load_scenario
from jaksim.verbs.simulate import simulate_trial

LEAVING = Path(__file__).parents[1] / "scenarios" / "leaving.toml"
WORST_Z = 4.0

WITHDRAWAL = ("censor", "hypothetical", "composite", "worst case", "while observed", "carry forward")
STOP = ("treatment policy", "composite", "worst case", "while on treatment")


def changes(**strategies):
    """Changes that give every endpoint these strategies, those of times to an event as named, others as they allow."""
    names = {"censor": "complete case"}
    found = []
    for event, strategy in strategies.items():
        for name in ("recovery", "score", "death", "free days"):
            chosen = strategy if name == "recovery" else names.get(strategy, strategy)
            found.append(f"endpoint.{name}.{event}={chosen}")
    return found


def z_of_laws(trial, seed):
    """Worst z of the path engine's expected counts against the exact laws, over endpoints and cells."""
    cells = Cells(trial)
    engine = PathEngine(cells, seed)
    counts = [table.sum(axis=0) for table in engine.tables(0, 200)]
    worst = 0.0
    for table, laws in zip(counts, cells.marginal_laws, strict=True):
        np.testing.assert_allclose(laws.sum(axis=1), 1.0, atol=1e-12)
        n = table.sum(axis=1, keepdims=True)
        sd = np.sqrt(n * laws * (1.0 - laws))
        assert not table[laws == 0.0].any()
        often = n * laws * (1.0 - laws) > 10.0
        worst = max(worst, np.abs((table - n * laws)[often] / sd[often]).max())
    return worst


@pytest.mark.parametrize("withdrawal", WITHDRAWAL)
def test_paths_follow_the_laws_for_each_strategy_for_withdrawal(withdrawal):
    assert z_of_laws(load_scenario(LEAVING, changes=changes(withdrawal=withdrawal)).trial, 31) < WORST_Z


@pytest.mark.parametrize("stop", STOP)
def test_paths_follow_the_laws_for_each_strategy_for_a_treatment_stop(stop):
    assert z_of_laws(load_scenario(LEAVING, changes=changes(treatment_stop=stop)).trial, 32) < WORST_Z


def test_paths_follow_the_laws_where_one_endpoint_thinks_the_stop_away():
    only = ["endpoint.recovery.treatment_stop=hypothetical", "withdrawal=[]"]
    trial = load_scenario(LEAVING, changes=only).trial
    assert trial.states.thought_away == ("treatment_stop",)
    assert z_of_laws(trial, 33) < WORST_Z
    never = load_scenario(LEAVING, changes=["treatment_stop=[]", "withdrawal=[]"]).trial
    np.testing.assert_allclose(Cells(trial).marginal_laws[0], Cells(never).marginal_laws[0], atol=1e-12)


@pytest.mark.parametrize("strategy", ["carry forward", "composite", "worst case", "hypothetical"])
def test_both_engines_give_one_power(strategy):
    chosen = [*changes(withdrawal=strategy), f"endpoint.score.missed_visit={strategy}"]
    trial = load_scenario(LEAVING, changes=chosen).trial
    law = trial_power(trial, Settings(replicates=4000, seed=34, engine="law"))
    path = trial_power(trial, Settings(replicates=2000, seed=35, engine="path"))
    for one, other in zip(law.analyses, path.analyses, strict=True):
        assert abs(one.power - other.power) < WORST_Z * math.hypot(one.mc_se, other.mc_se), one.name


def under_null(chosen):
    trial = load_scenario(LEAVING, changes=chosen).trial
    result = trial_power(trial, Settings(replicates=10_000, seed=36), null=True)
    return {one.endpoint: one for one in result.analyses}


def test_the_level_under_differential_withdrawal_depends_on_the_strategy():
    nobody = ["withdrawal=[]", "missed_visit=[]"]
    plain, hypothetical, composite = (
        under_null(chosen) for chosen in (nobody, changes(withdrawal="hypothetical"), changes(withdrawal="composite"))
    )
    for name in ("recovery", "death", "free days"):
        assert hypothetical[name].analytic_power == pytest.approx(plain[name].analytic_power, abs=1e-9), name
        error = math.hypot(hypothetical[name].mc_se, plain[name].mc_se)
        assert abs(hypothetical[name].power - plain[name].power) < WORST_Z * error, name
        assert hypothetical[name].power < 0.055
        # A failure of more patients in one arm is a difference between the arms, and is meant to be one.
        assert composite[name].power > 0.2, name


def test_a_scenario_without_its_events_is_the_plain_one():
    empty = ["withdrawal=[]", "treatment_stop=[]", "missed_visit=[]"]
    silent = [
        "withdrawal.everyone.per_day=0",
        "withdrawal.toxicity.per_day=0",
        "treatment_stop.stop.per_day=0",
        "missed_visit.visit.probability=0",
        "missed_visit.visit of the ill.probability=0",
    ]
    plain, quiet = (Cells(load_scenario(LEAVING, changes=one).trial) for one in (empty, silent))
    assert plain.trial.states.size == 4
    for one, other, before, after in zip(
        plain.marginal_laws, quiet.marginal_laws, plain.trial.endpoints, quiet.trial.endpoints, strict=True
    ):
        place = [after.labels.index(label) for label in before.labels]
        np.testing.assert_allclose(other[:, place], one, atol=1e-12)


def test_simulated_patients_show_what_the_trial_would_know():
    chosen = ["endpoint.recovery.withdrawal=censor", "endpoint.score.withdrawal=carry forward"]
    scenario = load_scenario(LEAVING, changes=chosen)
    frame = simulate_trial(scenario, replicate=3, seed=5).to_pandas()
    days = frame[[f"score_day_{day}" for day in range(2, 12)]].to_numpy(dtype=float, na_value=np.nan)
    gone = frame.withdrawal_day.to_numpy(dtype=float, na_value=np.inf)
    visit = np.zeros(days.shape, dtype=bool)
    visit[:, 6] = True
    unseen = np.arange(1, 11) >= gone[:, None]
    assert np.isnan(days[unseen]).all()
    assert not np.isnan(days[~unseen & ~visit]).any()
    assert np.isnan(days[~unseen & visit]).any()
    recovered = (days == 1).any(axis=1)
    first = (days == 1).argmax(axis=1) + 1
    assert (frame.recovery_status == recovered).all()
    expected = np.where(recovered, first, np.where((days == 4).any(axis=1), 10, np.minimum(gone - 1, 10)))
    # A visit missed on the day of recovery is no news for a time to event, which is read from daily records.
    agree = (frame.recovery_time == expected) | np.isnan(days[:, 6])
    assert agree.all()
    stopped = frame.treatment_stop_day.to_numpy(dtype=float, na_value=np.nan)
    assert 20 < np.isfinite(stopped).sum() < 250
    assert (stopped[np.isfinite(stopped)] < gone[np.isfinite(stopped)]).all()


@pytest.mark.parametrize("engine", [TransitionEngine, PathEngine])
def test_transitions_are_counted_until_a_patient_leaves(engine):
    daily = [
        'endpoint=[{name="daily",kind="longitudinal"}]',
        'analysis=[{endpoint="daily",method="markov_proportional_odds"}]',
    ]
    cells = Cells(load_scenario(LEAVING, changes=daily).trial)
    drawn = engine(cells, 37)
    (tables,) = drawn.tables(0, 400)
    expected = drawn.sizes(0, 1)[0][:, None] * cells.marginal_laws[0]
    assert (tables[:, expected == 0.0] == 0.0).all()
    often = expected * len(tables) > 50.0
    z = (tables.mean(axis=0) - expected)[often] / (tables.std(axis=0, ddof=1)[often] / math.sqrt(len(tables)))
    assert np.abs(z).max() < WORST_Z
    # Everyone is seen on day 0, and fewer in the arm with toxicity later on.
    days = cells.trial.endpoints[0].transitions.by_day(cells.marginal_laws[0]).sum(axis=(2, 3))
    assert (np.diff(days, axis=1) < 0.0).all()
    control, drug = days[:2].mean(axis=0), days[2:].mean(axis=0)
    assert drug[-1] < control[-1] < 1.0
