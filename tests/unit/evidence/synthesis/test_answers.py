import math
from dataclasses import replace

import numpy as np
import pytest

from jaksim.errors import InputError
from jaksim.evidence import load_study
from jaksim.evidence.synthesis import Estimates, pool
from jaksim.evidence.synthesis.answers import synthesise
from jaksim.evidence.synthesis.plain import as_dict
from jaksim.evidence.synthesis.selection_file import load_selection
from jaksim.evidence.synthesis.trial_evidence import gather, log_ratio


@pytest.fixture(scope="module")
def mortality():
    return synthesise("mortality")


def changed(**of_actt_2):
    selection = load_selection("mortality")
    return replace(
        selection,
        trials=tuple(replace(one, **of_actt_2) if one.study == "actt-2" else one for one in selection.trials),
    )


def test_printed_ratios_are_taken_as_printed(mortality):
    trials = {trial.study: trial for trial in mortality.trials}
    figure = load_study("actt-2")["ipdma_mortality_odds_ratio_day28.all"].figure
    assert trials["actt-2"].log_ratio == figure.log_estimate
    assert trials["actt-2"].standard_error == figure.log_standard_error
    assert trials["actt-2"].modifier == pytest.approx(0.22)


def test_counts_become_odds_ratios(mortality):
    trials = {trial.study: trial for trial in mortality.trials}
    assert trials["remap-cap-tocilizumab"].log_ratio == pytest.approx(math.log(83 / 258 * 232 / 114))
    assert trials["cao-2020"].log_ratio == pytest.approx(math.log(0.5 / 20.5 * 18.5 / 3.5))


def test_counts_become_ratios_of_cumulative_subdistribution_hazards_over_all_strata():
    """REMDACTA: 28/29, 235/336 and 21/65 against 12/13, 119/175 and 10/22 discharged by support."""
    found = next(trial for trial in gather(load_selection("discharge")) if trial.study == "remdacta")
    assert found.log_ratio == pytest.approx(math.log(math.log1p(-284 / 430) / math.log1p(-141 / 210)))
    assert "284/430 against 141/210" in found.how


def test_a_measure_that_counts_do_not_give_is_refused():
    selection = replace(changed(record=None, counts=(("deaths_day28.all.baricitinib",),) * 2), measure="rate_ratio")
    with pytest.raises(InputError, match="counts do not give this measure"):
        gather(selection)


def test_imbalance_between_arms_is_kept(mortality):
    covacta = next(trial for trial in mortality.trials if trial.study == "covacta")
    assert (covacta.modifier, covacta.imbalance) == (pytest.approx(0.337), pytest.approx(0.337 - 0.521))


def test_fixed_effect_agrees_with_the_published_aggregate_meta_analysis():
    """RECOVERY's nine trials give 0.80 (0.71-0.89); the printed ratios of four of them hold most of the deaths."""
    printed = {
        "actt-2": "mortality_hazard_ratio_day28.all",
        "cov-barrier": "mortality_hazard_ratio_day28.all",
        "recovery-baricitinib": "mortality_rate_ratio_day28.all",
        "stop-covid": "mortality_hazard_ratio_day28.all",
    }
    figures = [log_ratio(load_study(name), load_study(name)[record]) for name, record in printed.items()]
    pooled = pool(Estimates(tuple(printed), *zip(*figures, strict=True)), method="fixed").mean
    published = load_study("recovery-jak-meta-analysis")["mortality_rate_ratio.all"].figure
    assert abs(pooled.estimate - published.log_estimate) < 0.5 * published.log_standard_error
    assert pooled.standard_error == pytest.approx(published.log_standard_error, rel=0.1)


def test_interaction_comes_out_of_the_prior_less_uncertain(mortality):
    found = mortality.interaction
    assert found.standard_deviation < found.plan.prior.standard_deviation
    assert {trial.study for trial in found.used} >= {"actt-2", "covacta", "remap-cap-tocilizumab"}
    assert all(
        fit.coefficient("interaction").standard_deviation > found.standard_deviation for fit in found.by_class.values()
    )
    inside = next(value for entry, value in found.within if entry.study == "cov-barrier")
    assert inside.estimate == pytest.approx(math.log(0.5379 / 0.3813), abs=1e-3)


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
    (only,) = (trial for trial in mortality.trials if trial.agent == "methylprednisolone")
    assert mortality.agents.compare("methylprednisolone", "control").estimate == pytest.approx(only.log_ratio)


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
