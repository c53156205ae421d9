"""The `[prediction]` table: one number, one for each kind of effect, and outcomes whose spread is cited."""

from pathlib import Path

import pytest

from jaksim import load_scenario
from jaksim.errors import InputError
from jaksim.evidence.synthesis.answers import synthesise
from jaksim.model.moves import KINDS
from jaksim.scenario.shipped import shipped_scenarios

CITED = Path(__file__).parents[2] / "scenarios" / "between_trials.toml"


@pytest.fixture(scope="module")
def between_trials():
    """Posterior medians of the standard deviation between trials, all treatments."""
    outcomes = ("discharge", "ventilation-or-death")
    return {outcome: synthesise(outcome).spread.posterior.quantile(0.5) for outcome in outcomes}


def read(*changes, name=CITED):
    return load_scenario(name, changes=[f"prediction.{change}" for change in changes]).between_trials


def test_a_number_stands_for_every_kind_of_effect():
    found = read("between_trial_sd=0.2")
    assert {kind: (one.sd, one.endpoint) for kind, one in found.kinds.items()} == dict.fromkeys(KINDS, (0.2, None))
    assert found.differ
    assert not read("between_trial_sd=0").differ
    assert not load_scenario("stroke-alteplase").between_trials.differ


def test_a_table_has_numbers_and_cited_outcomes_by_kind():
    found = read('between_trial_sd={ improvement = 0.1, death = { set = "dead", day = 15, sd = 0.2, source = "A" } }')
    assert (found.kinds["improvement"].sd, found.kinds["improvement"].endpoint) == (0.1, None)
    death = found.kinds["death"]
    assert (death.sd, death.endpoint.name, death.measure) == (0.2, "dead by day 14", "odds_ratio")
    assert "deterioration" not in found.kinds
    assert found.source == "death: A"
    named = read('between_trial_sd={ improvement = { endpoint = "time to recovery", sd = 0.1 } }').kinds["improvement"]
    assert (named.endpoint.kind, named.measure) == ("time_to_event", "hazard_ratio")
    of_set = read('between_trial_sd={ death = { set = "dead", measure = "hazard_ratio", sd = 0.1 } }').kinds["death"]
    assert of_set.endpoint.kind == "time_to_event"


def test_the_words_of_kinds_with_one_source_stand_together():
    found = read("between_trial_sd={ improvement = { sd = 0.1, source = 'A' }, death = { sd = 0.2, source = 'A' } }")
    assert found.source == "improvement and death: A"


@pytest.mark.parametrize("name", [name for name in shipped_scenarios() if load_scenario(name).between_trials.kinds])
def test_what_scenarios_cite_of_the_synthesis_is_what_it_says(name, between_trials):
    found = load_scenario(name).between_trials
    if not found.source:
        return
    for kind, outcome in (("improvement", "discharge"), ("deterioration", "ventilation-or-death")):
        assert found.kinds[kind].sd == pytest.approx(between_trials[outcome], abs=0.015)
        assert f"jaksim evidence synthesise {outcome}" in found.kinds[kind].source


def test_published_values_are_for_comparison_alone():
    found = read("published=[{ set = 'dead', sd = 0.3, source = 'A' }]", "between_trial_sd=0.1")
    (one,) = found.published
    assert (one.sd, one.endpoint.name, one.measure, one.source) == (0.3, "dead by day 28", "odds_ratio", "A")
    assert found.kinds == read("between_trial_sd=0.1").kinds
    for wrong, said in (
        ("{ sd = 0.3, source = 'A' }", "prediction.published.0: no outcome is named"),
        ("{ set = 'dead', sd = 0.3 }", "the key is missing"),
        ("{ set = 'dead', source = 'A' }", "the key is missing"),
        ("{ set = 'dead', sd = -1, source = 'A' }", "out of range"),
    ):
        with pytest.raises(InputError, match=said):
            read(f"published=[{wrong}]")


def test_what_is_compared_with_the_synthesis_is_what_it_says(between_trials):
    published = {one.endpoint.name: one for one in load_scenario("actt4").between_trials.published}
    recovered, composite = published["recovered by day 28"], published["ventilated or dead by day 28"]
    assert recovered.sd == pytest.approx(between_trials["discharge"], abs=0.015)
    assert composite.sd == pytest.approx(between_trials["ventilation-or-death"], abs=0.015)


def test_pooled_is_a_word_of_its_own():
    found = read("between_trial_sd=pooled")
    assert found.pooled
    assert found.differ
    assert not found.kinds


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ("between_trial_sd=much", "wrong kind of value (got 'much'); allowed: a number, \"pooled\", or a table with"),
        ("between_trial_sd={ discharge = 0.1 }", "unknown kind of effect (got 'discharge'); allowed: improvement"),
        ("between_trial_sd={ death = -0.1 }", "prediction.between_trial_sd.death"),
        (
            "between_trial_sd={ death = 'pooled' }",
            'allowed: a number, or a table with sd; "pooled" in place of the whole',
        ),
        (
            "between_trial_sd={ death = 'much' }",
            "wrong kind of value (got 'much'); allowed: a number, or a table with sd",
        ),
        ("between_trial_sd={ death = { sd = 0.1, measure = 'odds_ratio' } }", "none is named"),
        ("between_trial_sd={ death = { sd = 0.1, day = 20 } }", "none is named"),
        ("between_trial_sd={ death = { sd = 0.1, set = 'died' } }", "did you mean 'dead'?"),
        ("between_trial_sd={ death = { sd = 0.1, set = 'dead', day = 40 } }", "outside the follow-up"),
        ("between_trial_sd={ death = { sd = 0.1, endpoint = 'deaths' } }", "did you mean 'death'?"),
        ("between_trial_sd={ death = { sd = 0.1, endpoint = 'death', set = 'dead' } }", "named twice"),
        ("between_trial_sd={ death = { sd = 0.1, endpoint = 'ventilator-free days' } }", "no ratio is known"),
        (
            "between_trial_sd={ death = { sd = 0.1, endpoint = 'death', measure = 'hazard_ratio' } }",
            "is not that of an endpoint of kind 'binary' (got 'hazard_ratio'); allowed: odds_ratio, risk_ratio",
        ),
        ("between_trial_sd={ death = { set = 'dead' } }", "the key is missing"),
        ("between_trial_correlation=-0.6", "out of range (got -0.6); allowed: -0.5 to 1"),
        ("between_trial_correlation=1.1", "out of range"),
    ],
)
def test_what_does_not_go_together_is_refused_in_words(change, said):
    with pytest.raises(InputError) as fault:
        read(change)
    assert said in str(fault.value)
    assert str(fault.value).count("\n") == 0
