"""Leave-one-out predictions against other ways to the same numbers."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from scipy import stats

from jaksim.calibration.backtest import backtest, backtest_ids, load_backtest, order_of
from jaksim.calibration.left_out import Spread, predictive
from jaksim.errors import InputError
from jaksim.evidence import load_study
from jaksim.evidence.synthesis.selection_file import load_selection
from jaksim.evidence.synthesis.trial_evidence import TrialEvidence, gather


def trial(study: str, log_ratio: float, error: float, agent: str = "a", treatment_class: str = "c") -> TrialEvidence:
    plan = load_backtest()
    changed = {"agent": agent, "treatment_class": treatment_class, "log_ratio": log_ratio, "standard_error": error}
    return replace(plan.trials[0], study=study, **changed)


FOUR = [
    trial("one", -0.3, 0.10, "a", "c"),
    trial("two", -0.5, 0.20, "b", "c"),
    trial("three", 0.1, 0.15, "d", "e"),
    trial("four", -0.2, 0.30, "a", "c"),
]


def test_without_spread_the_prediction_is_the_fixed_effect_mean():
    found = predictive(FOUR[1:], "a", "c", 0.1, Spread(mean=1e4, classes=0.0, agents=0.0, trials=0.0))
    weights = np.array([one.standard_error**-2 for one in FOUR[1:]])
    values = np.array([one.log_ratio for one in FOUR[1:]])
    assert found.mean == pytest.approx(weights @ values / weights.sum(), rel=1e-6)
    assert found.standard_deviation == pytest.approx(math.sqrt(1 / weights.sum() + 0.1**2), rel=1e-6)


def test_the_prediction_agrees_with_weighted_draws_from_the_hierarchy():
    """Draw every level from its prior, weigh by the likelihood of the other trials: no linear algebra is shared."""
    rng = np.random.default_rng(20)
    n = 1_000_000
    tau_class, tau_agent, tau_trial = (np.abs(rng.normal(0, 0.25, n)) for _ in range(3))
    mu = rng.normal(0, 0.5, n)
    class_c, class_e = (mu + tau_class * rng.normal(size=n) for _ in range(2))
    agent_a = class_c + tau_agent * rng.normal(size=n)
    agent_b = class_c + tau_agent * rng.normal(size=n)
    agent_d = class_e + tau_agent * rng.normal(size=n)
    log_weight = np.zeros(n)
    for one, agent in zip(FOUR[1:], (agent_b, agent_d, agent_a), strict=True):
        log_weight += stats.norm.logpdf(one.log_ratio, agent, np.hypot(tau_trial, one.standard_error))
    weight = np.exp(log_weight - log_weight.max())
    weight /= weight.sum()
    new = agent_a + tau_trial * rng.normal(size=n) + 0.1 * rng.normal(size=n)
    mean = float(weight @ new)
    sd = math.sqrt(weight @ (new - mean) ** 2)
    effective = 1 / float(weight @ weight)
    found = predictive(FOUR[1:], "a", "c", 0.1, Spread(mean=0.5, classes=0.25, agents=0.25, trials=0.25))
    assert abs(found.mean - mean) < 4 * sd / math.sqrt(effective)
    assert abs(found.standard_deviation / sd - 1) < 4 * math.sqrt(1.5 / effective)
    below = float(weight @ (new < -0.3))
    assert abs(found.below(-0.3) - below) < 4 * math.sqrt(0.25 / effective)


def test_scores_intervals_and_baselines_follow_their_definitions():
    result = backtest(FOUR, ["three", "one", "two", "four"])
    assert [one.study for one in result.trials] == ["three", "one", "two", "four"]
    second = result.trials[1]
    assert second.baseline_log_scores["no effect"] == pytest.approx(stats.norm.logpdf(-0.3, 0, 0.1))
    assert second.baseline_log_scores["last effect"] == pytest.approx(
        stats.norm.logpdf(-0.3, 0.1, math.hypot(0.15, 0.1))
    )
    first = result.trials[0].baseline_log_scores
    assert first["last effect"] == first["no effect"]
    for one in result.trials:
        low, high = one.intervals["80"]
        assert (low <= one.reported <= high) == (0.1 <= one.pit <= 0.9)
    assert result.coverage["80"] == np.mean([0.1 <= one.pit <= 0.9 for one in result.trials])
    assert result.log_score["jaksim"] == pytest.approx(np.mean([one.log_score for one in result.trials]))


def test_the_left_out_trial_does_not_enter_its_own_prediction():
    changed = [replace(FOUR[0], log_ratio=2.0), *FOUR[1:]]
    order = [one.study for one in FOUR]
    assert backtest(FOUR, order).trials[0].mean == pytest.approx(backtest(changed, order).trials[0].mean, rel=1e-12)
    assert backtest(FOUR, order).trials[3].mean != backtest(changed, order).trials[3].mean


def test_from_earlier_trials_alone_later_ones_change_nothing():
    order = ["three", "one", "two", "four"]
    found = backtest(FOUR, order, earlier=True).trials
    later = backtest([replace(one, log_ratio=5.0) if one.study == "two" else one for one in FOUR], order, earlier=True)
    assert [one.mean for one in later.trials[:3]] == pytest.approx([one.mean for one in found[:3]], abs=1e-14)
    assert later.trials[3].mean != found[3].mean
    last = backtest(FOUR, order).trials[3]
    assert (found[3].mean, found[3].pit) == pytest.approx((last.mean, last.pit), rel=1e-10)


def test_the_first_trial_is_predicted_from_the_prior():
    """A mean near 0, its variance the prior's own: half-normal squares have mean scale squared."""
    first = backtest(FOUR, ["three", "one", "two", "four"], Spread(0.5, 0.1, 0.2, 0.3), earlier=True).trials[0]
    assert first.mean == pytest.approx(0.0, abs=1e-12)
    assert first.sd**2 == pytest.approx(0.5**2 + 0.1**2 + 0.2**2 + 0.3**2 + 0.15**2, rel=1e-9)


@pytest.mark.parametrize("hierarchies", [100, pytest.param(300, marks=pytest.mark.verify)])
def test_predictions_of_simulated_hierarchies_are_calibrated(hierarchies):
    """Trials drawn from the model itself: the left-out value is uniform on its predictive distribution."""
    rng = np.random.default_rng(3)
    ranks = []
    for _ in range(hierarchies):
        tau = np.abs(rng.normal(0, 0.25, 3))
        mu = rng.normal(0, 1.0)
        classes = {c: mu + tau[0] * rng.normal() for c in "ce"}
        agents = {a: classes[c] + tau[1] * rng.normal() for a, c in (("a", "c"), ("b", "c"), ("d", "e"))}
        drawn = []
        for number, (agent, treatment_class) in enumerate([("a", "c"), ("a", "c"), ("b", "c"), ("d", "e")]):
            error = (0.1, 0.2, 0.3, 0.15)[number]
            value = agents[agent] + tau[2] * rng.normal() + error * rng.normal()
            drawn.append(trial(str(number), value, error, agent, treatment_class))
        ranks.append(predictive(drawn[1:], "a", "c", 0.1, Spread()).below(drawn[0].log_ratio))
    assert stats.kstest(ranks, "uniform").pvalue > 1e-4


@pytest.fixture(scope="module")
def outcomes():
    plans = {name: load_backtest(name) for name in backtest_ids()}
    return {name: backtest(plan.trials, plan.published, plan.spread) for name, plan in plans.items()}


def test_the_intervals_of_the_shipped_backtests_hold_what_they_promise(outcomes):
    trials = [one for found in outcomes.values() for one in found.trials]
    assert len(trials) >= 45
    inside = {
        level: np.mean([low <= one.reported <= high for one in trials for low, high in [one.intervals[level]]])
        for level in ("50", "80", "95")
    }
    # One of 101 lies outside: intervals of large trials are wider than they need be (docs/prediction.md).
    assert 0.88 <= inside["95"] < 0.995
    assert 0.70 <= inside["80"] <= 0.90
    assert 0.35 <= inside["50"] <= 0.65


def test_every_shipped_backtest_beats_both_naive_predictions(outcomes):
    assert {"mortality", "discharge", "ventilation-or-death", "clinical-status"} <= set(outcomes)
    for name, found in outcomes.items():
        scores = found.log_score
        assert scores["jaksim"] > max(scores["no effect"], scores["last effect"]), name


def test_too_few_trials_and_a_forgotten_one_are_refused():
    with pytest.raises(InputError, match="too few"):
        backtest(FOUR[:3], ["one", "two", "three"])
    with pytest.raises(InputError, match="four"):
        backtest(FOUR, ["one", "two", "three"])


def test_the_order_is_that_of_the_months_in_the_catalogue():
    plan = load_backtest("mortality")
    months = [load_study(study).published for study in plan.published]
    assert set(plan.published) == {one.study for one in plan.trials}
    assert months == sorted(months)


def test_a_study_without_a_month_needs_an_order_in_the_file():
    with pytest.raises(InputError, match=r"study cantini-2020: .*published"):
        order_of([replace(FOUR[0], study="cantini-2020")])


@pytest.mark.parametrize("name", backtest_ids())
def test_each_shipped_backtest_is_of_the_synthesis_of_its_name(name):
    assert {one.study for one in load_backtest(name).trials} == {one.study for one in gather(load_selection(name))}


def test_an_unknown_backtest_names_those_there_are():
    with pytest.raises(InputError, match="mortality"):
        load_backtest("mortalty")


@pytest.mark.parametrize("added", ["nonsense = 1", "spread = { nonsense = 1 }", "published = { nonsense = [] }"])
def test_the_documentation_names_every_key_of_a_plan(tmp_path, added):
    path = tmp_path / "plan.toml"
    path.write_text(f'title = "a"\nheadline = "b"\nselection = "clinical-status"\n{added}\n')
    with pytest.raises(InputError, match="unknown key") as fault:
        load_backtest(str(path))
    text = (Path(__file__).parents[3] / "docs" / "prediction.md").read_text("utf-8")
    table = text.partition("The keys of its file:")[2].partition("```")[0]
    assert fault.value.allowed
    assert not [key for key in fault.value.allowed if f"`{key}`" not in table and f"`[{key}]`" not in table]
