import math
from dataclasses import replace

import numpy as np
import pytest

from jaksim.errors import InputError
from jaksim.evidence import load_study
from jaksim.evidence.synthesis.answers import synthesise
from jaksim.evidence.synthesis.plain import as_dict
from jaksim.evidence.synthesis.selection_file import load_selection
from jaksim.evidence.synthesis.trial_evidence import gather


@pytest.fixture(scope="module")
def mortality():
    return synthesise("mortality")


def changed(**of_first_trial):
    selection = load_selection("mortality")
    return replace(selection, trials=(replace(selection.trials[0], **of_first_trial), *selection.trials[1:]))


def test_printed_ratios_are_taken_as_printed(mortality):
    trials = {trial.study: trial for trial in mortality.trials}
    figure = load_study("actt-2")["mortality_hazard_ratio_day28.all"].figure
    assert trials["actt-2"].log_ratio == figure.log_estimate
    assert trials["actt-2"].standard_error == figure.log_standard_error
    assert trials["actt-2"].modifier == pytest.approx(0.22)


def test_counts_become_ratios_of_cumulative_hazards(mortality):
    trials = {trial.study: trial for trial in mortality.trials}
    expected = math.log(math.log1p(-84 / 162) / math.log1p(-33 / 47))
    assert trials["ruxcovid-devent"].log_ratio == pytest.approx(expected)
    assert trials["cao-2020"].log_ratio == pytest.approx(math.log(math.log1p(-0.5 / 21) / math.log1p(-3.5 / 22)))


def test_imbalance_between_arms_is_kept(mortality):
    covacta = next(trial for trial in mortality.trials if trial.study == "covacta")
    assert (covacta.modifier, covacta.imbalance) == (pytest.approx(0.337), pytest.approx(0.337 - 0.521))


def test_fixed_effect_agrees_with_the_published_aggregate_meta_analysis(mortality):
    """RECOVERY's nine trials give 0.80 (0.71-0.89); seven of them with most of the deaths are here."""
    published = load_study("recovery-jak-meta-analysis")["mortality_rate_ratio.all"].figure
    pooled = mortality.classes["jak_inhibitor"].by_method["fixed effect"].mean
    assert abs(pooled.estimate - published.log_estimate) < 0.5 * published.log_standard_error
    assert pooled.standard_error == pytest.approx(published.log_standard_error, rel=0.1)


@pytest.mark.parametrize(("study", "share"), [("cov-barrier", 1204 / 1525), ("ruxcovid", 249 / 432)])
def test_known_shares_on_glucocorticoids_enter_the_interaction(mortality, study, share):
    """Counts of the re-analysis of patients given corticosteroids, and of the individual-patient meta-analysis."""
    trial = next(trial for trial in mortality.trials if trial.study == study)
    assert trial.modifier == pytest.approx(share)
    assert trial in mortality.interaction.used


def test_interaction_comes_out_of_the_prior_less_uncertain(mortality):
    found = mortality.interaction
    assert found.standard_deviation < found.plan.prior.standard_deviation
    assert {trial.study for trial in found.used} >= {"actt-2", "covacta", "remap-cap-tocilizumab"}
    assert all(
        fit.coefficient("interaction").standard_deviation > found.standard_deviation for fit in found.by_class.values()
    )
    ((_, inside),) = found.within
    assert inside.estimate == pytest.approx(math.log(0.768 / 0.6414), abs=1e-3)


def test_interaction_changes_the_effect_by_its_ratio(mortality):
    found = as_dict(mortality)["interaction"]
    for name in ("jak_inhibitor", "il6_blockade"):
        without, on = (found[key][name]["estimate"] for key in ("effect_without_modifier", "effect_with_modifier"))
        assert on - without == pytest.approx(found["estimate"])


def test_class_effect_lies_where_the_pooled_effect_lies(mortality):
    pooled = mortality.classes["jak_inhibitor"].by_method["REML"].mean
    assert abs(mortality.class_effect.mean.mean - pooled.estimate) < pooled.standard_error
    assert mortality.class_effect.new_agent.standard_deviation > mortality.class_effect.mean.standard_deviation


def test_agents_against_control_agree_with_their_own_trials(mortality):
    only = next(trial for trial in mortality.trials if trial.agent == "tofacitinib")
    assert mortality.agents.compare("tofacitinib", "control").estimate == pytest.approx(only.log_ratio)


def test_every_catalogued_study_is_used_or_accounted_for(mortality):
    named = {trial.study for trial in mortality.trials} | {e.study for e in mortality.selection.excluded}
    from jaksim.evidence import study_ids

    assert set(mortality.not_considered) == set(study_ids()) - named


def test_plain_values_are_finite_or_absent(mortality):
    def numbers(value):
        if isinstance(value, dict):
            for item in value.values():
                yield from numbers(item)
        elif isinstance(value, list | tuple):
            for item in value:
                yield from numbers(item)
        elif isinstance(value, float | np.floating):
            yield value

    found = list(numbers(as_dict(mortality)))
    assert len(found) > 300
    assert all(math.isfinite(value) for value in found)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"record": "recovery_rate_ratio.all"}, "a record of another event"),
        ({"record": "deaths_day28.all.baricitinib"}, "a ratio is needed"),
        ({"record": "mortality_hazard_ratio_day28.al"}, "no such record"),
        ({"study": "act-2"}, "did you mean 'actt-2'"),
        ({"study": "cov-barrier"}, "each study once"),
        (
            {"record": None, "counts": (("mortality_day28.all.baricitinib",), ("mortality_day28.all.placebo",))},
            "a count out of",
        ),
        ({"modifier": ("recovery_rate_ratio.all",)}, "a proportion is needed"),
    ],
)
def test_records_that_do_not_fit_are_refused_by_name(change, words):
    with pytest.raises(InputError) as caught:
        gather(changed(**change))
    assert words in str(caught.value)


def test_a_measure_that_is_not_accepted_is_refused():
    selection = replace(load_selection("mortality"), accepts=("rate_ratio",))
    with pytest.raises(InputError, match="this measure is not pooled here"):
        gather(selection)
