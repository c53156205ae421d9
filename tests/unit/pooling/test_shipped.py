"""The pooled parameter set that comes with jaksim."""

import json
from importlib.resources import files

import numpy as np
import pytest

from jaksim.model.parameter_set import load_parameter_set
from jaksim.pooling.hierarchy import fit


@pytest.fixture(scope="module")
def shipped():
    return load_parameter_set("pooled")


def test_it_is_whole(shipped):
    assert shipped.pooling is not None
    rows = len(shipped.draws)
    assert rows == 1000
    assert shipped.draws.shape[1] == len(shipped.parameters)
    errors = np.array([p.standard_error for p in shipped.parameters])
    assert np.sqrt(np.diag(shipped.covariance)) == pytest.approx(errors, rel=1e-6)
    # Four errors of a standard deviation from 1,000 draws.
    assert shipped.draws.std(axis=0) == pytest.approx(errors, rel=4 / np.sqrt(2 * rows))
    assert np.abs(shipped.draws.mean(axis=0) - shipped.estimate).max() < 4 * errors.max() / np.sqrt(rows)
    assert {"baricitinib", "tofacitinib", "ruxolitinib", "tocilizumab", "dexamethasone"} <= set(shipped.treatments)


def test_its_trials_give_its_draws_again(shipped):
    pooling = shipped.pooling
    again = fit(pooling.trials, pooling.priors, draws=len(shipped.draws), seed=1)
    assert again.tau_draws == pytest.approx(pooling.tau_draws, abs=1e-3)
    at = [again.names.index(name.removeprefix("log_hazard_ratio.")) for name in shipped.template.names]
    assert again.mean[at] == pytest.approx(shipped.estimate, abs=1e-4)
    assert again.draws[:, at] == pytest.approx(shipped.draws, abs=1e-2)


def test_no_trial_is_of_its_own_future_and_the_predicted_one_is_not_among_them(shipped):
    studies = [trial.study for trial in shipped.pooling.trials]
    assert "actt-4" not in studies
    assert len(studies) == len(set(studies)) >= 28
    assert all("2020-01" <= trial.published <= "2025-12" for trial in shipped.pooling.trials)


def test_every_effect_learned_from_its_trials(shipped):
    prior_sd = np.hypot(shipped.pooling.priors.class_sd, shipped.pooling.priors.between_drugs)
    assert all(parameter.standard_error < 0.5 * prior_sd for parameter in shipped.parameters)


@pytest.fixture(scope="module")
def written():
    return json.loads((files("jaksim.model") / "parameter_data" / "pooled.json").read_text())["pooling"]


def test_steps_from_published_to_pooled_composites_add_up(written):
    apart = []
    for one in written["composites"]:
        assert sum(one["steps"].values()) == pytest.approx(one["distance"], abs=1e-4)
        assert one["distance"] == pytest.approx((one["pooled"] - one["reported"]) / one["standard_error"], abs=1e-4)
        weights = np.array([trial["standard_error"] ** -2 for trial in one["trials"]])
        own = np.array([trial["own"] - trial["reported"] for trial in one["trials"]])
        assert one["steps"]["own estimates"] == pytest.approx(
            weights @ own / weights.sum() / one["standard_error"], abs=1e-4
        )
        assert sum(trial["moved"] for trial in one["trials"]) == pytest.approx(one["steps"]["own estimates"], abs=1e-4)
        apart += [] if one["agrees"] else [one["drug"]]
    assert apart == ["baricitinib", "ruxolitinib", "dexamethasone"]


def test_interactions_are_told_between_and_within_trials(written, shipped):
    told = {one["treatment_class"]: one for one in written["interactions"]}
    assert set(told) == {"JAK inhibitor", "IL-6 receptor antagonist"}
    for name, one in told.items():
        interaction = shipped.pooling.interactions[name]
        assert one["together"] == pytest.approx(interaction.estimate, abs=1e-5)
        # More figures never tell less, and a prior of 0.25 is not exceeded.
        assert all(both <= alone + 1e-9 for both, alone in zip(one["together_sd"], one["within_sd"], strict=True))
        assert max(one["between_sd"]) <= 0.25 + 1e-9
        studies = [t.study for t in shipped.pooling.trials if t.treatment_class == name and t.within is not None]
        assert one["studies"] == studies
        assert 0.0 < one["p_value"] < 1.0
