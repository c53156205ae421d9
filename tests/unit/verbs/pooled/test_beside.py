import json
import math
from importlib.resources import files

import numpy as np
import pytest

import jaksim
from jaksim.evidence.synthesis.selection_file import load_selection
from jaksim.evidence.synthesis.trial_evidence import gather
from jaksim.model.parameter_set import load_parameter_set
from jaksim.pooling.hierarchy import fit, gains_of_one_more
from jaksim.pooling.summaries import TrialEffects
from jaksim.verbs.pooled.indirect import compared_drugs, reference_risk


@pytest.fixture(scope="module")
def predicted():
    return jaksim.predict("actt4", draws=20, replicates=10, seed=1)


@pytest.fixture(scope="module")
def early():
    return jaksim.predict("actt4", draws=20, replicates=10, seed=1, evidence_until="2021-01")


def test_two_single_trials_are_compared_by_hand(early):
    """Bucher et al. (1997): the difference of two log ratios, variances added."""
    one = next(one for one in early.indirect if one.endpoint == "ventilation or death")
    trials = {trial.study: trial for trial in gather(load_selection("ventilation-or-death"))}
    assert (one.active_trials, one.reference_trials) == (("actt-2",), ("recovery-dexamethasone",))
    first, second = trials["actt-2"], trials["recovery-dexamethasone"]
    estimate = first.log_ratio - second.log_ratio
    error = math.hypot(first.standard_error, second.standard_error)
    assert one.estimate == pytest.approx(estimate)
    assert one.interval == pytest.approx((estimate - 1.959964 * error, estimate + 1.959964 * error), rel=1e-5)
    risk = reference_risk(jaksim.load_scenario("actt4"), "ventilation or death", "dexamethasone")
    assert 0.05 < risk < 0.3
    assert one.difference[0] < 0 < one.difference[2]


def test_endpoints_without_an_outcome_have_no_indirect_comparison(predicted):
    assert [one.endpoint for one in predicted.indirect] == ["ventilation or death", "time to recovery", "death"]
    assert all(one.definition and one.active_trials and one.reference_trials for one in predicted.indirect)
    for one in predicted.indirect:
        assert one.interval[0] < one.estimate < one.interval[1]


def test_later_trials_make_the_indirect_comparison_narrower(predicted, early):
    for late, soon in zip(predicted.indirect, early.indirect, strict=True):
        assert late.interval[1] - late.interval[0] < soon.interval[1] - soon.interval[0]


def test_arms_that_differ_by_more_than_a_drug_each_are_not_compared():
    scenario = jaksim.load_scenario("actt4")
    assert compared_drugs(scenario, "baricitinib", "dexamethasone") == ("baricitinib", "dexamethasone")
    assert compared_drugs(jaksim.load_scenario("actt2"), "baricitinib", "placebo") is None


def test_one_more_trial_narrows_the_interval(predicted):
    found = predicted.value_of_information
    assert {one.drug for one in found} == {"baricitinib", "dexamethasone"}
    for one in found:
        assert 0.5 * one.width < one.width_after <= one.width
    primary = predicted.predictions[0]
    low, high = primary.intervals["95"]
    assert all(one.width == high - low for one in found)
    assert all(0.0 < one.narrower_mc_se < 0.02 * one.width for one in found)


def test_expected_covariance_with_one_more_trial_is_that_of_fits_to_what_it_may_find():
    pooling = load_parameter_set("pooled").pooling
    posterior = fit(pooling.trials, pooling.priors, draws=200, points=1024)
    like = next(trial for trial in pooling.trials if trial.study == "actt-2")
    position = posterior.coordinates.of_drug("baricitinib", "deterioration")
    gradient = np.eye(posterior.coordinates.size)[position]
    gains = gains_of_one_more(posterior, like, gradient)
    expected = math.sqrt(posterior.covariance[position, position] - gains.mean())
    stream = np.random.default_rng(1)
    design = posterior.coordinates.design(like)
    found = []
    for draw, tau in zip(posterior.draws[:8], posterior.tau_draws[:8], strict=True):
        effects = design @ draw + tau * stream.standard_normal(3)
        seen = stream.multivariate_normal(effects, np.linalg.inv(like.information))
        new = TrialEffects(**{**vars(like), "study": "new", "weighted": like.information @ seen})
        found.append(fit([*pooling.trials, new], pooling.priors, draws=2, points=512).sd[position])
    assert expected < posterior.sd[position]
    assert expected == pytest.approx(np.sqrt(np.mean(np.square(found))), rel=0.12)


def test_drugs_against_none_are_those_of_the_exact_laws_of_both_arms(predicted):
    """The risk of ventilation or death by day 28 in each stratum, from products of the daily transition matrices."""
    scenario = jaksim.load_scenario("actt4")
    one = next(one for one in predicted.indirect if one.endpoint == "ventilation or death")
    without = jaksim.load_scenario("actt4", changes=['arm.baricitinib.regimen=["remdesivir"]'])
    risks = [reference_risk(each, "ventilation or death", "baricitinib") for each in (scenario, without)]
    assert one.active_expected == pytest.approx(math.log(risks[0] / risks[1]))
    assert one.reference_effect - one.active_effect == pytest.approx(-one.estimate)
    death = next(one for one in predicted.indirect if one.endpoint == "death")
    low = reference_risk(scenario, "death", "dexamethasone")
    changes = ['arm.dexamethasone.regimen=["remdesivir"]']
    high = reference_risk(jaksim.load_scenario("actt4", changes=changes), "death", "dexamethasone")
    assert death.reference_expected == pytest.approx(math.log(low / (1 - low) / (high / (1 - high))))
    assert next(one for one in predicted.indirect if one.endpoint == "time to recovery").active_expected is None


def test_the_report_names_the_parameter_set_and_the_trials_it_has_not(predicted):
    report = " ".join(predicted.report().split())
    assert "EVIDENCE Trials of the parameter set pooled. baricitinib: actt-2 (2020-12)" in report
    used = {study for study, _ in predicted.evidence.trials["baricitinib"]}
    others = {study for one in predicted.indirect for study in one.active_trials} - used
    assert others == {"dastan"}
    assert "not among those of the parameter set pooled: dastan." in report
    assert "No trial of" not in report


def test_the_evidence_of_an_own_set_is_told_as_its_own(tmp_path):
    document = json.loads((files("jaksim.model") / "parameter_data" / "pooled.json").read_text())
    kept = ("actt-2", "cov-barrier", "recovery-dexamethasone")
    document["pooling"]["trials"] = [one for one in document["pooling"]["trials"] if one["study"] in kept]
    own = tmp_path / "own.json"
    own.write_text(json.dumps(document))
    changes = [f"disease.treatments.{drug}={own}" for drug in ("baricitinib", "dexamethasone")]
    found = jaksim.predict("actt4", draws=20, replicates=10, seed=1, changes=changes)
    assert found.evidence.parameter_sets == dict.fromkeys(("baricitinib", "dexamethasone"), str(own))
    assert [study for study, _ in found.evidence.trials["baricitinib"]] == ["actt-2", "cov-barrier"]
    report = " ".join(found.report().split())
    assert "ALL TRIALS" not in report
    beside = report.split("Trials of baricitinib in this comparison that are not among those of the parameter set")[1]
    assert "recovery-baricitinib" in beside.split(".json: ")[1].split(". ")[0]


def test_a_headline_that_rests_on_priors_says_so():
    found = jaksim.predict("actt4", draws=20, replicates=10, seed=1, evidence_until="1999-01")
    headline = " ".join(found.report().split("\n\n")[1].split())
    for drug in ("baricitinib", "dexamethasone"):
        assert f"No trial of {drug} is among the evidence: its effect rests on its prior alone" in headline


def test_a_headline_of_one_drug_without_trials_names_it_alone():
    found = jaksim.predict("actt4", draws=20, replicates=10, seed=1, evidence_until="2020-08")
    headline = " ".join(found.report().split("\n\n")[1].split())
    assert "No trial of baricitinib" in headline
    assert "No trial of dexamethasone" not in headline


def test_report_and_command_tell_of_the_date(early):
    report = early.report()
    for words in ("EVIDENCE UNTIL 2021-01", "INDIRECT COMPARISON", "WHAT ONE MORE TRIAL", "published later"):
        assert words in report
    assert "--evidence-until 2021-01" in early.provenance["command"]
    assert early.as_dict()["evidence"]["trials"]["baricitinib"] == [["actt-2", "2020-12"]]


def test_a_prediction_without_pooled_effects_has_nothing_beside_it():
    found = jaksim.predict("stop-covid", draws=20, replicates=10)
    assert (found.evidence, found.indirect, found.value_of_information) == (None, (), ())
