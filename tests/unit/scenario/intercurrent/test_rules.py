"""Tables of rescue, switch, stop and missed doses: what is assumed in words, and what is refused."""

from pathlib import Path

import pytest

from jaksim.errors import InputError
from jaksim.scenario import load_scenario

RESCUED = Path(__file__).parents[3] / "scenarios" / "rescued.toml"


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (
            'rescue=[{ treatments = ["open"], probability = 0.5, current_scores = [3], lasts = 5, arms = ["drug"] }]',
            "open added 50 % at each move for the worse into score 3, acting for 5 days on average (coefficient of "
            "variation 50 %), drug",
        ),
        (
            'rescue=[{ treatments = ["open"], per_day = 0.1, start = 2 }]',
            "open added 0.1 per day, from day 2, acting from",
        ),
        (
            'switch=[{ to = "drug", arms = ["control"], day = 4, current_scores = [2] }]',
            "over to drug + care 100 % of those alive in score 2 at the end of day 3, acting from then to the end, "
            "control",
        ),
        (
            'switch=[{ regimen = ["care"], arms = ["drug"], probability = 1.0, on_move = "better" }]',
            "over to care 100 % at each move for the better, acting from then to the end, drug",
        ),
        ("treatment_stop=[{ current_scores = [1], probability = 0.9 }]", "90 % at each move into score 1"),
        ("treatment_stop=[{ per_day = 0.1, end = 4, current_scores = [2] }]", "0.1 per day, days 0-4, score 2"),
        ("missed_doses=[{ covered = 0.9, days = 2 }]", "doses taken on 90 % of the days, pauses of 2 days"),
    ],
)
def test_a_rule_is_told_in_words(change, words):
    event = change.partition("=")[0].replace("_", " ")
    lines = [one for one in load_scenario(RESCUED, changes=["rescue=[]", change]).assumptions if one.about == event]
    assert len(lines) == 1
    assert lines[0].statement.startswith(words)
    assert not lines[0].published


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ('rescue=[{ treatments = ["open"] }]', "when does it happen"),
        ('rescue=[{ treatments = ["open"], per_day = 0.1, probability = 0.1 }]', "when does it happen"),
        ('rescue=[{ treatments = ["open"], per_day = 0.1, day = 3 }]', "a day has a probability"),
        ('rescue=[{ treatments = ["open"], day = 3, start = 2 }]', "no other days"),
        ('rescue=[{ treatments = ["open"], day = 30 }]', "outside the follow-up"),
        ('rescue=[{ treatments = ["open"], per_day = 0.1, on_move = "worse" }]', "moves need a probability"),
        ('rescue=[{ treatments = ["open"], probability = 0.1, on_move = "wors" }]', "did you mean 'worse'"),
        ('rescue=[{ treatments = ["open"], day = 3, on_move = "worse" }]', "on a day, and not at moves"),
        ('rescue=[{ treatments = ["open"], per_day = 0.1, stages = 3 }]', "has no stages"),
        ('rescue=[{ treatments = ["opem"], per_day = 0.1 }]', "did you mean 'open'"),
        ('rescue=[{ treatments = ["drug"], per_day = 0.1 }]', "patients of the arm 'drug' receive it already"),
        ('rescue=[{ treatments = ["care"], per_day = 0.1, arms = [] }]', "receive it already"),
        ("rescue=[{ treatments = [], per_day = 0.1 }]", "a rescue adds something"),
        ('rescue=[{ treatments = ["open"], per_day = 0.1, current_scores = [4] }]', "absorbing"),
        ('rescue=[{ treatments = ["open"], per_day = 0.1, lasts = 3, stages = 30 }]', "stages"),
        ('switch=[{ arms = ["control"], day = 3 }]', "to the regimen of an arm or to one of its own"),
        ('switch=[{ to = "drig", arms = ["control"], day = 3 }]', "did you mean 'drug'"),
        ('switch=[{ to = "drug", day = 3 }]', "which arms go over"),
        ('switch=[{ to = "drug", arms = ["drug"], day = 3 }]', "to itself"),
        ('switch=[{ regimen = ["drug"], arms = ["control"], day = 3 }]', "which everyone behind the natural history"),
        ("missed_doses=[{ covered = 0 }]", "covered"),
        ("missed_doses=[{ covered = 0.001, days = 0.02 }]", "up to 1000 per day"),
        ('rescue=[{ treatments = ["open"], per_day = 1e9 }]', "rescue.0.per_day.*0 to 1000"),
        ("treatment_stop=[{ per_day = 1e4 }]", "treatment_stop.0.per_day.*0 to 1000"),
        ("withdrawal=[{ per_day = 1e9 }]", "withdrawal.0.per_day.*0 to 1000"),
        ('rescue=[{ treatments = ["aspirin"], per_day = 0.1 }]', "rescue.0.treatments: unknown treatment"),
        ('switch=[{ regimen = ["aspirin"], arms = ["control"], day = 3 }]', "switch.0.regimen: unknown treatment"),
        ("missed_doses=[{ covered = 0.9, days = 0 }]", "days"),
        ('missed_doses=[{ covered = 0.9, treatments = ["dug"] }]', "did you mean 'drug'"),
        ('treatment_stop=[{ per_day = 0.1, treatments = ["dug"] }]', "did you mean 'drug'"),
        ('treatment_stop=[{ per_day = 0.1, treatments = ["open"] }]', "nobody is given the treatment"),
        ('missed_doses=[{ covered = 0.9, treatments = ["care"] }]', "inside the natural history"),
    ],
)
def test_what_makes_no_sense_is_refused_in_one_message(change, words):
    with pytest.raises(InputError, match=words):
        load_scenario(RESCUED, changes=["rescue=[]", change])


def test_a_switch_beside_a_supply_of_kits_is_refused():
    switch = 'switch=[{ to = "baricitinib", arms = ["placebo"], day = 8 }]'
    with pytest.raises(InputError, match="kits of patients who go over"):
        load_scenario("supply-stockout", changes=[switch])


def test_endpoints_that_think_away_have_to_think_away_the_same():
    changes = [
        "treatment_stop=[{ per_day = 0.1 }]",
        "endpoint.recovery.rescue=hypothetical",
        "endpoint.death.treatment_stop=hypothetical",
    ]
    with pytest.raises(InputError, match="think away the same"):
        load_scenario(RESCUED, changes=changes)
    with pytest.raises(InputError, match="where patients also withdraw"):
        load_scenario(RESCUED, changes=["withdrawal=[{ per_day = 0.1 }]", changes[1]])


def test_what_every_endpoint_thinks_away_never_happens():
    away = [f"endpoint.{name}.rescue=hypothetical" for name in ("recovery", "score", "death", "free days")]
    trial = load_scenario(RESCUED, changes=away).trial
    assert trial.states.size == trial.scale.n_states
