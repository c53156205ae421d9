"""Where the variance of a prediction comes from, and what other priors of the differences between trials make of it."""

from dataclasses import replace

import numpy as np
import pytest

from jaksim import load_scenario
from jaksim.design.expected_estimates import expected_estimates
from jaksim.pooling.hierarchy import fit
from jaksim.verbs import variance
from jaksim.verbs.draws import Uncertain, spread_of
from jaksim.verbs.predict import predict
from jaksim.verbs.variance import variance_parts, weights_of_priors

ONE_MOVE = """
title = "One move"

[disease]
scale = "niaid-8"
natural_history = {{ move = [{{ move = "5>1", values = [0.06] }}] }}

[disease.treatments.drug]
effect = [{{ moves = "discharge", log_hazard_ratio = 0.3, standard_error = {error} }}]

[population]
patients = 400
[[population.stratum]]
weight = 1.0
baseline_score = 5

[[arm]]
name = "control"
regimen = []
reference = true
[[arm]]
name = "active"
regimen = ["drug"]

[prediction]
between_trial_sd = {between}

[[endpoint]]
name = "recovery"
kind = "time_to_event"
set = "recovered"

[[analysis]]
endpoint = "recovery"
method = "cox"
role = "primary"
"""


def one_move(folder, error, between):
    path = folder / "one.toml"
    path.write_text(ONE_MOVE.format(error=error, between=between))
    return path


def split_of(scenario, draws=128, asked=None):
    uncertain = Uncertain(scenario, spread_of(scenario, asked))
    return uncertain, variance_parts(uncertain, list(uncertain.draws(draws, 3)))


def test_each_part_has_the_variance_that_it_has_by_itself(tmp_path):
    # One absorbing move: the Cox estimate is the log hazard ratio, of which both variances are known.
    scenario = load_scenario(one_move(tmp_path, 0.2, 0.3))
    _, (parts,) = split_of(scenario)
    assert set(parts) == {"effect of drug", "differences between trials", "together"}
    assert parts["effect of drug"] == pytest.approx(0.2**2, rel=0.02)
    assert parts["differences between trials"] == pytest.approx(0.3**2, rel=0.02)
    assert abs(parts["together"]) < 0.05 * (0.2**2 + 0.3**2)


def test_shares_sum_to_one_and_follow_the_sizes(tmp_path):
    (one,) = predict(one_move(tmp_path, 0.2, 0.3), draws=120, replicates=30, seed=4).predictions
    assert sum(one.variance.values()) == pytest.approx(1.0)
    sampling = one.sampling_sd**2 / (one.sampling_sd**2 + 0.2**2 + 0.3**2)
    assert one.variance["sampling"] == pytest.approx(sampling, rel=0.04)
    (without,) = predict(one_move(tmp_path, 0.0, 0.0), draws=20, replicates=30, seed=4).predictions
    assert without.variance == {"sampling": 1.0}


def test_a_prediction_without_differences_between_trials_lacks_their_share(tmp_path):
    path = one_move(tmp_path, 0.2, 0.3)
    (with_them,) = predict(path, draws=400, replicates=30, seed=4).predictions
    (without,) = predict(path, draws=400, replicates=30, seed=4, between_trial_sd=0.0).predictions
    lost = 1.0 - without.sd**2 / with_them.sd**2
    assert lost == pytest.approx(with_them.variance["differences between trials"], abs=0.05)


@pytest.mark.parametrize("name", ["actt2", "recovery-dexamethasone", "cov-barrier"])
def test_switching_a_part_off_takes_its_share_from_the_variance(name, monkeypatch):
    scenario = load_scenario(name)
    uncertain, split = split_of(scenario)
    draws = list(uncertain.draws(128, 3))
    models = [uncertain.model(draw) for draw in draws]
    every = expected_estimates(scenario.trial, models).var(axis=0, ddof=1)
    lost = {}
    for part in uncertain.parts:
        others = tuple(one for one in uncertain.parts if one != part)
        models = [uncertain.model(draw, others) for draw in draws]
        without = expected_estimates(scenario.trial, models).var(axis=0, ddof=1)
        lost[part] = every - without
        for found, total, left in zip(split, every, without, strict=True):
            # But for what it does together with others, and the chance correlation with them in 128 draws.
            assert total - left == pytest.approx(found[part], abs=0.25 * total)
            assert found[part] >= 0.0
        assert any(found[part] > 0.0 for found in split)
    for position, found in enumerate(split):
        # The part that is largest by itself is the one whose absence takes most.
        assert max(lost, key=lambda part: lost[part][position]) == max(uncertain.parts, key=found.__getitem__)
    monkeypatch.setattr(variance, "MOST_DRAWS", 20)
    assert all(sum(one.values()) > 0.0 for one in variance_parts(uncertain, draws))


SINGLE = [
    "disease.treatments.baricitinib=actt-2",
    "disease.treatments.dexamethasone=recovery-dexamethasone",
    "prediction.between_trial_sd=0.1",
]


def test_parts_of_one_parameter_set_covary_and_others_do_not():
    scenario = load_scenario("actt4", changes=SINGLE)
    uncertain = Uncertain(scenario, spread_of(scenario, None))
    effect, other, differences, history = uncertain.parts
    assert (effect, other) == ("effect of baricitinib", "effect of dexamethasone")
    assert (differences, history) == ("differences between trials", "natural history")
    found = uncertain.section.parameter_sets["actt-2"]
    draws = list(uncertain.draws(8, 1))
    for draw in draws:
        rows = [*uncertain.numbers(effect, draw), *uncertain.numbers(history, draw)]
        assert sorted(rows) == sorted(found.draws[draw.rows["actt-2"]])
        assert len(uncertain.numbers(differences, draw)) == 6
    assert uncertain.covariance(effect, history).any()
    assert not uncertain.covariance(effect, other).any()
    assert not uncertain.covariance(history, differences).any()
    np.testing.assert_allclose(uncertain.covariance(differences, differences), 0.01 * np.eye(6), atol=1e-15)
    own = uncertain.covariance(effect, effect)
    errors = [parameter.standard_error for parameter in found.parameters if "baricitinib" in parameter.name]
    # Four errors of a standard deviation from the draws of the set.
    np.testing.assert_allclose(np.sqrt(np.diag(own)), errors, rtol=4 / np.sqrt(2 * len(found.draws)))


@pytest.mark.parametrize("changes", [SINGLE, ["prediction.between_trial_correlation=0.5"]])
def test_numbers_have_the_covariance_that_is_known_of_them(changes):
    scenario = load_scenario("factorial", changes=changes)
    uncertain = Uncertain(scenario, spread_of(scenario, None))
    draws = list(uncertain.draws(2000, 5))
    assert "interactions" in uncertain.parts
    for part in uncertain.parts:
        values = np.array([uncertain.numbers(part, draw) for draw in draws])
        known = uncertain.covariance(part, part)
        assert known.shape == (values.shape[1],) * 2
        scale = np.sqrt(np.outer(np.diag(known), np.diag(known)))
        np.testing.assert_allclose(np.cov(values.T).reshape(known.shape) / scale, known / scale, atol=0.15)


@pytest.mark.parametrize("given", [0.0, 0.1, {"death": 0.1}])
def test_the_prior_of_a_pooled_set_is_not_varied_where_the_standard_deviation_is_given(given):
    found = predict(pooled(), draws=20, replicates=10, between_trial_sd=given)
    assert all(one.reweighted == () for one in found.predictions)
    report = " ".join(found.report().split())
    assert "UNDER OTHER PRIORS" not in report
    assert "stays as uncertain as it is" not in report
    assert "differs from others stays as given" in report


def test_without_a_pooled_parameter_set_there_is_no_prior_to_vary():
    scenario = load_scenario("actt4", changes=SINGLE)
    uncertain = Uncertain(scenario, spread_of(scenario, None))
    assert weights_of_priors(uncertain, list(uncertain.draws(20, 1))) == {}


POOLED = [
    "disease.treatments.baricitinib=pooled",
    "disease.treatments.dexamethasone=pooled",
    "prediction.between_trial_sd=pooled",
]


def pooled():
    return load_scenario("actt4", changes=POOLED)


def test_weights_are_the_ratio_of_the_half_normal_priors():
    uncertain = Uncertain(pooled(), spread_of(pooled(), None))
    draws = list(uncertain.draws(64, 1))
    pooling = uncertain.section.parameter_sets["pooled"].pooling
    own = pooling.tau_prior["death"]
    taus = pooling.tau_draws[[draw.rows["pooled"] for draw in draws]]
    first, *others = weights_of_priors(uncertain, draws).values()
    np.testing.assert_array_equal(first, 1.0)
    for scale, weights in zip((0.10, 0.25), others, strict=True):
        density = np.prod(np.exp(-0.5 * (taus / scale) ** 2) / scale, axis=1)
        fitted = np.prod(np.exp(-0.5 * (taus / own) ** 2) / own, axis=1)
        np.testing.assert_allclose(weights, density / fitted, rtol=1e-12)


def test_benefits_of_a_draw_have_the_standard_deviations_of_that_draw():
    uncertain = Uncertain(pooled(), spread_of(pooled(), None))
    pooling = uncertain.section.parameter_sets["pooled"].pooling
    draws = list(uncertain.draws(2000, 1))
    z = np.array([draw.benefits["baricitinib"] / pooling.tau_draws[draw.rows["pooled"]] for draw in draws])
    np.testing.assert_allclose(z.std(axis=0), 1.0, atol=0.05)
    np.testing.assert_allclose(np.corrcoef(z.T)[np.triu_indices(3, 1)], 0.0, atol=0.06)


def test_a_prediction_from_a_pooled_set_is_repeated_under_other_priors():
    (first, *_) = predict(pooled(), draws=64, replicates=20, seed=2).predictions
    names = [one.prior for one in first.reweighted]
    assert names[0].endswith(", as fitted")
    assert names[1:] == ["half-normal 0.10", "half-normal 0.25"]
    fitted, narrow, wide = first.reweighted
    assert fitted.effective_draws == 64
    assert fitted.probability_of_success == pytest.approx(first.probability_of_success)
    assert 1.0 < narrow.effective_draws < 64
    assert 1.0 < wide.effective_draws < 64
    assert narrow.interval[1] - narrow.interval[0] < wide.interval[1] - wide.interval[0]


def test_weights_give_the_posterior_under_the_other_prior():
    """Over all rows of the set the standard deviations between trials have the means of a fit with the other prior."""
    pooling = load_scenario("actt4", changes=POOLED).disease.parameter_sets["pooled"].pooling
    uncertain = Uncertain(pooled(), spread_of(pooled(), None))
    some = next(iter(uncertain.draws(2, 1)))
    rows = [replace(some, rows={**some.rows, "pooled": row}) for row in range(len(pooling.tau_draws))]
    weights = dict(weights_of_priors(uncertain, rows))
    for scale in (0.10, 0.25):
        again = fit(pooling.trials, replace(pooling.priors, between_trials=scale), draws=1000)
        weight = weights[f"half-normal {scale:.2f}"]
        found = weight @ pooling.tau_draws / weight.sum()
        np.testing.assert_allclose(found, again.tau_draws.mean(axis=0), rtol=0.15)
