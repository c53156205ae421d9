"""Predictive power: conditional power averaged over parameters, weighed by the estimate so far."""

import math
from pathlib import Path

import numpy as np
import pytest
from scipy import stats

import jaksim
from jaksim.design.forecast_power import _averaged, _so_far
from jaksim.design.forecasting import Beliefs, RunningTrial
from jaksim.design.prepared import Prepared
from jaksim.errors import InputError
from jaksim.operations.running.log_file import columns_of, read_log
from jaksim.scenario import load_scenario
from tests.running_trials import BackCheck

SITES = Path(__file__).parents[2] / "scenarios" / "sites.toml"


@pytest.mark.parametrize(
    ("prior", "sd", "estimate", "error"), [(0.3, 0.2, 0.5, 0.25), (0.0, 0.5, -0.2, 0.1), (0.4, 0.1, 0.4, 1.0)]
)
def test_with_normal_draws_it_is_the_closed_form(prior, sd, estimate, error):
    """Posterior N(m, v) of the effect, power Phi(a + b effect): its mean is Phi((a + b m) / sqrt(1 + b2 v)).

    Spiegelhalter, Freedman and Blackburn 1986, equation for the predictive probability with a normal prior.
    """
    draws = stats.norm.ppf((np.arange(20_000) + 0.5) / 20_000, prior, sd)
    a, b = -1.0, 4.0
    found = _averaged(np.array([estimate, error]), stats.norm.cdf(a + b * draws), draws)
    precision = 1.0 / sd**2 + 1.0 / error**2
    mean = (prior / sd**2 + estimate / error**2) / precision
    expected = stats.norm.cdf((a + b * mean) / math.sqrt(1.0 + b**2 / precision))
    assert found.power == pytest.approx(expected, abs=1e-4)
    assert 0 < found.effective_draws < 20_000
    assert found.mc_se < 0.01


def test_without_an_estimate_there_is_none():
    found = _averaged(np.array([np.nan, np.nan]), np.array([0.5]), np.array([0.1]))
    assert math.isnan(found.power)


@pytest.fixture(scope="module")
def unblinded():
    return BackCheck(changes=(), unblinded=True)


def test_the_estimate_so_far_is_that_of_the_patients_of_the_log(unblinded):
    """Deaths within the whole follow-up, among the patients who have completed it, counted by hand."""
    log, _ = next(found for number in range(3, 40) if (found := unblinded.log(number)) and found[0].on > 35)
    running = unblinded.running(log, 0)
    (test,) = (one for one in running.prepared.tests if one.plan.endpoint == "death")
    estimate, error = _so_far(running, test)
    people = log.randomised
    done = people.day + unblinded.trial.horizon <= log.on
    died = (people.score == 3).any(axis=1)
    shares = [died[done & (people.arm == arm)].mean() for arm in (0, 1)]
    sizes = [(done & (people.arm == arm)).sum() for arm in (0, 1)]
    assert estimate == pytest.approx(shares[1] - shares[0])
    # Wald's standard error, or one that allows for few deaths: of the same order.
    wald = math.sqrt(sum(p * (1.0 - p) / n for p, n in zip(shares, sizes, strict=True)))
    assert 0.5 * wald < error < 2.0 * max(wald, 0.05)


def test_without_uncertainty_it_is_the_conditional_power(unblinded):
    certain = 'disease.treatments.drug.effect=[{ moves="improvement", hazard_ratio=1.6, window={ end=7 } }]'
    log = jaksim.simulate_log(SITES, on=40, arms=True, seed=9).to_pandas()
    scenario = load_scenario(SITES, changes=[certain])
    found = jaksim.forecast(scenario, log, on=40, replicates=800, draws=40, between_trial_sd=0.0, seed=2)
    for one in found.power:
        assert one.predictive is not None
        assert one.predictive.effective_draws == pytest.approx(40.0)
        error = math.hypot(one.conditional_mc_se, one.predictive.mc_se) + 1e-3
        assert abs(one.predictive.power - one.conditional_power) < 4.0 * error


def test_the_conditional_power_knows_the_data_so_far():
    """The same plan after a log in which all of the drug's patients recover at once, and one in which none does."""
    rows = {name: [] for name in ("event", "day", "site", "patient", "arm", "stratum", "score")}

    def add(event, day, patient="", arm="", stratum="", score=""):
        values = (event, day, "Here 1", patient, arm, stratum, score)
        for name, value in zip(rows, values, strict=True):
            rows[name].append(str(value))

    powers = []
    for recovered in ("drug", "control"):
        for values in rows.values():
            values.clear()
        add("activated", 0)
        for i in range(60):
            arm = ("drug", "control")[i % 2]
            add("screened", 1, f"p{i}")
            add("randomised", 1, f"p{i}", arm, "ill", 2)
            for day in range(2, 12):
                add("score", day, f"p{i}", score=1 if arm == recovered else 2)
        found = jaksim.forecast(SITES, dict(rows), on=15, replicates=200, screening_weight=1e9)
        powers.append(found.power[0].conditional_power)
    assert powers[0] > 0.99
    assert powers[1] < 0.01


@pytest.mark.parametrize(("arms", "scores"), [(False, True), (True, False)])
def test_a_log_without_arms_or_scores_has_no_predictive_power(arms, scores):
    log = jaksim.simulate_log(SITES, on=40, arms=arms, scores=scores, seed=9).to_pandas()
    with pytest.raises(InputError, match="does not have arm and daily scores"):
        jaksim.forecast(SITES, log, on=40, replicates=10, draws=20)


def test_analyses_made_are_not_decided_again():
    """Ends at the first analysis have no chance once the log has it."""
    log = jaksim.simulate_log(SITES, on=40, arms=True, seed=9).to_pandas()
    made = log.to_dict("list")
    for name in made:
        made[name].append({"event": "analysis", "day": 39, "date": "2026-02-13"}.get(name, ""))
    found = jaksim.forecast(SITES, made, on=40, replicates=100)
    assert (found.ends[0].efficacy, found.ends[0].futility) == (0.0, 0.0)
    assert found.numbers["analysis_day: 1"].bands["95"] == (39.0, 39.0)
    assert sum(getattr(found.ends[1], kind) for kind in ("efficacy", "futility", "harm", "end")) == 1.0


def test_other_parameters_keep_who_comes_when():
    trial = load_scenario(SITES).trial
    log = read_log(columns_of(jaksim.simulate_log(SITES, on=30, seed=3).to_pandas()), trial, trial.operations, 30)
    beliefs = Beliefs.of(log, trial.operations, 0.0, math.inf)
    one = RunningTrial(Prepared(trial, 1, "path"), log, beliefs, 1)
    two = one.under(Prepared(load_scenario(SITES, changes=["disease.treatments.drug.effect=[]"]).trial, 1, "path"))
    np.testing.assert_array_equal(one.block(0, 5).numbers["full_day"], two.block(0, 5).numbers["full_day"])
