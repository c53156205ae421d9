import numpy as np
import pytest

from jaksim import load_scenario
from jaksim.errors import InputError
from jaksim.evidence.catalogue import load_study
from jaksim.model.parameter_set import load_parameter_set
from jaksim.pooling.hierarchy import fit
from jaksim.verbs.draws import Uncertain, spread_of
from jaksim.verbs.pooled.until import telling, with_evidence

POOLED = ["disease.treatments.baricitinib=pooled", "disease.treatments.dexamethasone=pooled"]


@pytest.fixture(scope="module")
def actt4():
    return load_scenario("actt4")


@pytest.fixture(scope="module")
def early(actt4):
    return with_evidence(actt4, "2021-01")


def test_without_a_date_the_shipped_draws_are_used(actt4):
    same, told = with_evidence(actt4, None)
    assert same is actt4
    assert told.until is None
    assert told.left_out == ()
    assert {study for study, _ in told.trials["baricitinib"]} >= {"actt-2", "cov-barrier", "recovery-baricitinib"}


def test_a_date_leaves_out_what_was_published_later(early):
    scenario, told = early
    assert told.trials["baricitinib"] == (("actt-2", "2020-12"),)
    assert {study for study, _ in told.trials["dexamethasone"]} >= {"recovery-dexamethasone", "codex"}
    assert all(published > "2021-01" for _, published, _ in told.left_out)
    pooling = scenario.disease.parameter_sets["pooled"].pooling
    assert telling(pooling) == {t.study for t in pooling.trials if load_study(t.study).published <= "2021-01"}


def test_its_effects_are_those_of_a_fit_to_these_trials_alone(early):
    scenario, _ = early
    whole = load_parameter_set("pooled").pooling
    posterior = fit([t for t in whole.trials if t.published <= "2021-01"], whole.priors, draws=10, seed=4)
    effects = scenario.trial.disease.treatments["baricitinib"].effects
    for effect in effects:
        position = posterior.coordinates.of_drug("baricitinib", effect.label)
        assert effect.log_hazard_ratio == pytest.approx(posterior.mean[position], abs=0.03)
        assert effect.standard_error == pytest.approx(posterior.sd[position], rel=0.06)
    assert scenario.disease.model is scenario.trial.disease
    assert any("2021-01" in one.source for one in scenario.assumptions)


def test_less_evidence_is_less_certain_and_its_draws_say_so(actt4, early):
    sets = [one.disease.parameter_sets["pooled"] for one in (early[0], actt4)]
    names = [p.name for p in sets[0].parameters]
    for name in ("log_hazard_ratio.baricitinib.death", "log_hazard_ratio.baricitinib.deterioration"):
        column = names.index(name)
        before, after = (found.draws[:, column].std() for found in sets)
        assert before > 1.2 * after
        assert sets[0].draws[:, column].mean() == pytest.approx(sets[0].estimate[column], abs=0.05)


def test_before_any_trial_a_drug_is_drawn_from_the_prior(actt4):
    scenario, told = with_evidence(actt4, "2020-06")
    assert told.trials["baricitinib"] == ()
    assert any("no trial of baricitinib" in remark for remark in told.remarks)
    assert any("actt-2, published in 2020-12" in remark for remark in told.remarks)
    drawn = scenario.disease.parameter_sets["pooled"]
    priors = drawn.pooling.priors
    spread = np.hypot(priors.class_sd, priors.between_drugs)
    column = [p.name for p in drawn.parameters].index("log_hazard_ratio.baricitinib.death")
    assert drawn.draws[:, column].std() == pytest.approx(spread, rel=0.08)
    assert next(Uncertain(scenario, spread_of(scenario, None)).draws(2, 1)).rows


def test_what_a_drug_without_trials_rests_on_is_said(actt4):
    _, told = with_evidence(actt4, "2020-08")
    assert told.instead == {"baricitinib": "its prior alone, for there is none of its class either"}
    tofacitinib = load_scenario(
        "actt4",
        changes=["disease.treatments.tofacitinib=pooled", 'arm.baricitinib.regimen=["tofacitinib","remdesivir"]'],
    )
    changed, told = with_evidence(tofacitinib, "2021-01")
    assert told.instead == {"tofacitinib": "the other drugs of its class"}
    assert told.parameter_sets == {"tofacitinib": "pooled", "dexamethasone": "pooled"}
    effects = changed.disease.parameter_sets["pooled"].template.effects
    sources = {effect.treatment: effect.source for effect in effects}
    assert sources["tofacitinib"] == "no trial of the drug, and trials of its class published by 2021-01"
    # IL-6 receptor antagonists have one drug alone, and its class has no other trials.
    assert "class" not in sources["tocilizumab"]
    assert with_evidence(tofacitinib, None)[1].instead == {}


def test_the_trial_itself_is_never_among_its_evidence():
    scenario = load_scenario("actt2", changes=POOLED[:1])
    changed, told = with_evidence(scenario, None)
    assert told.left_out == (("actt-2", "2020-12", "the trial that is predicted"),)
    assert "actt-2" not in telling(changed.disease.parameter_sets["pooled"].pooling)


def test_other_comparisons_of_the_same_registered_trial_are_evidence():
    scenario = load_scenario("recovery-dexamethasone", changes=POOLED[1:])
    _, told = with_evidence(scenario, None)
    assert [study for study, _, _ in told.left_out] == ["recovery-dexamethasone"]


@pytest.mark.parametrize("until", ["2020", "11-2020", "2020-13", "November"])
def test_what_is_no_month_is_refused(actt4, until):
    with pytest.raises(InputError, match="YYYY-MM"):
        with_evidence(actt4, until)


@pytest.mark.parametrize(
    ("name", "until", "says"),
    [
        ("actt4-interims", "2020-11", "those of actt-2, which was published in 2020-12"),
        ("actt4-interims", "2020-06", "those of"),
        ("actt2", "2021-06", "the trial that is predicted"),
    ],
)
def test_effects_of_a_single_later_trial_are_refused(name, until, says):
    with pytest.raises(InputError, match=says):
        with_evidence(load_scenario(name), until)


def test_effects_of_a_single_earlier_trial_stay(actt4):
    scenario = load_scenario("actt4-interims")
    same, told = with_evidence(scenario, "2020-12")
    assert same is scenario
    assert told.remarks == ()
    assert with_evidence(scenario, None) == (scenario, None)


def test_a_trial_is_left_out_on_request_and_its_natural_history_stays(actt4):
    scenario, told = with_evidence(actt4, None, ("actt-2", "recovery-baricitinib"))
    assert [(study, reason) for study, _, reason in told.left_out] == [
        ("actt-2", "left out as asked"),
        ("recovery-baricitinib", "left out as asked"),
    ]
    assert {study for study, _ in told.trials["baricitinib"]} == {"cov-barrier", "tactic-r", "covinib"}
    whole = load_parameter_set("pooled").pooling
    posterior = fit([t for t in whole.trials if t.study not in ("actt-2", "recovery-baricitinib")], whole.priors)
    (effect,) = (
        one for one in scenario.trial.disease.treatments["baricitinib"].effects if one.label == "deterioration"
    )
    position = posterior.coordinates.of_drug("baricitinib", "deterioration")
    assert effect.log_hazard_ratio == pytest.approx(posterior.mean[position], abs=0.03)
    assert "the natural history is still that of actt-2, whose effects are left out" in told.remarks
    interaction = scenario.trial.disease.interactions[2]
    position = posterior.coordinates.of_interaction("JAK inhibitor", "death")
    assert interaction.log_hazard_ratio == pytest.approx(posterior.mean[position], abs=0.02)


def test_a_trial_that_is_left_out_and_published_later_is_left_out_once(actt4):
    _, told = with_evidence(actt4, "2021-01", ("cov-barrier",))
    studies = [study for study, _, _ in told.left_out]
    assert len(studies) == len(set(studies))


@pytest.mark.parametrize(
    ("changes", "without", "says"),
    [
        (
            [],
            "actt2",
            "no trial of the pooled effects .got actt2.; did you mean 'actt-2'|no trial of the pooled effects",
        ),
        (["disease.treatments.baricitinib=actt-2"], "actt-2", "the effects of baricitinib are those of actt-2"),
        (
            ["disease.treatments.baricitinib=actt-2", "disease.treatments.dexamethasone=recovery-dexamethasone"],
            "codex",
            "no trial of the pooled effects",
        ),
    ],
)
def test_what_cannot_be_left_out_is_refused(changes, without, says):
    if len(changes) == 2:
        changes = [*changes, "disease.interaction=[]"]
    with pytest.raises(InputError, match=says):
        with_evidence(load_scenario("actt4", changes=changes), None, (without,))
