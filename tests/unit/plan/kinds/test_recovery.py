import math
import re

import numpy as np
import pytest

import jaksim
from jaksim.errors import InputError
from jaksim.plan.kinds.recovery import RecoveryOptions, question_of, recovery
from jaksim.plan.rule import Rule

USUAL = {"control_median": 8.0, "control_mortality": 0.1}


def one(**options):
    (row,) = recovery(**options).rows()
    return row


def test_recoveries_of_schoenfeld_over_the_incidence_by_hand():
    """Deaths censored: the ratio is that of the intensities, and each incidence is in closed form."""
    (design,) = recovery(**USUAL, rate_ratio=1.25, power=0.9, deaths="censored", formula="schoenfeld").designs
    recoveries = 4.0 * (1.959963984540054 + 1.2815515655446004) ** 2 / math.log(1.25) ** 2
    assert design.exact_facts["recoveries"] == pytest.approx(recoveries, rel=1e-10)
    (_, _, _, _, recovered_1, died_1), (_, _, _, median_0, recovered_0, died_0) = design.tables[0].rows
    assert (median_0, died_0) == pytest.approx((8.0, 0.1))
    assert design.exact_size == pytest.approx(2.0 * recoveries / (recovered_0 + recovered_1), rel=1e-10)
    assert died_1 < died_0  # who recovers sooner is at risk of death for less time


@pytest.mark.parametrize(
    "more",
    [
        {},
        {"deaths": "censored"},
        {"formula": "schoenfeld"},
        {"dropout": 0.1, "allocation": "2:1", "death_ratio": 0.8},
        {"hypothesis": "non_inferiority", "margin": 0.8},
    ],
)
def test_what_is_solved_for_gives_back_what_was_asked(more):
    sized = one(**USUAL, rate_ratio=1.25, power=0.8, **more)
    again = one(**USUAL, rate_ratio=1.25, patients=sized["patients"], **more)
    assert again["power"] == pytest.approx(sized["power"], abs=1e-12)
    assert 0.8 <= again["power"] < 0.81
    effect = one(**USUAL, patients=sized["patients"], power=again["power"], **more)["rate_ratio"]
    assert effect == pytest.approx(1.25, rel=1e-8)


def test_the_table_by_day_is_the_incidence_of_three_states():
    (design,) = recovery(**USUAL, rate_ratio=1.25, patients=600, deaths="censored").designs
    recovered, died, still = 0.0, 0.0, 1.0
    question = question_of(RecoveryOptions(**USUAL, rate_ratio=1.25, patients=600, deaths="censored"))
    rates = question.control
    steps = 28 * 5_000
    by_day = {}
    for step in range(1, steps + 1):
        gone = still * -math.expm1(-(rates.recovery + rates.death) * 28.0 / steps)
        recovered += gone * rates.recovery / (rates.recovery + rates.death)
        died += gone * rates.death / (rates.recovery + rates.death)
        still -= gone
        if step * 28 % steps == 0:
            by_day[step * 28 // steps] = (recovered, died)
    for day, _, _, reference, dead in design.tables[1].rows:
        assert (reference, dead) == pytest.approx(by_day[day], abs=6e-5)


def test_medians_may_be_given_for_both_arms():
    found = one(**USUAL, active_median=6.0, active_mortality=0.08, power=0.9)
    (design,) = recovery(**USUAL, active_median=6.0, active_mortality=0.08, power=0.9).designs
    (_, _, _, median, _, died), _ = design.tables[0].rows
    assert (median, died) == pytest.approx((6.0, 0.08))
    assert found["rate_ratio"] < found["rate_ratio_with_deaths_censored"]
    fixed = one(**USUAL, active_median=6.0, patients=500)
    assert fixed["rate_ratio"] == pytest.approx(1.2656, abs=2e-3)
    censored = one(**USUAL, rate_ratio=1.3, active_mortality=0.05, deaths="censored", patients=500)
    assert censored["rate_ratio_with_deaths_kept"] > 1.2


def test_few_recoveries_are_drawn_beside_the_formula():
    (design,) = recovery(control_median=10, rate_ratio=2.2, power=0.8).designs
    (drawn,) = design.beside
    assert drawn.power == pytest.approx(design.power, abs=0.02 + 4.0 * drawn.mc_se)
    assert "fewer than 100 recoveries" in drawn.why
    (design,) = recovery(**USUAL, rate_ratio=1.3, power=0.8, formula="schoenfeld", allocation="3:1").designs
    assert "unequal" in design.beside[0].why


@pytest.mark.parametrize("deaths", ["kept", "censored"])
def test_the_scenario_has_the_power_of_the_plan(tmp_path, deaths):
    question = question_of(RecoveryOptions(**USUAL, rate_ratio=1.25, patients=600, deaths=deaths, death_ratio=0.8))
    file = tmp_path / "trial.toml"
    file.write_text(question.scenario(1.25, 600, Rule()), "utf-8")
    (analysis,) = jaksim.power(file, replicates=4000, seed=1).analyses
    assert analysis.power == pytest.approx(question.power(1.25, 600, Rule()), abs=0.005 + 4.0 * analysis.mc_se)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({}, "control_median: is needed"),
        ({"control_median": 0}, "control_median: out of range"),
        ({"control_median": float("nan")}, "finite number"),
        ({**USUAL, "control_mortality": 0.5}, "control_mortality: out of range"),
        ({**USUAL, "control_mortality": -0.1}, "control_mortality: out of range"),
        ({**USUAL, "day": 0}, "day"),
        ({**USUAL, "day": 5000}, "day: out of range"),
        ({**USUAL, "rate_ratio": 0}, "rate_ratio: out of range"),
        ({**USUAL, "rate_ratio": 1.2, "active_median": 6}, "say the same thing twice"),
        ({**USUAL, "rate_ratio": 1.2, "active_mortality": 0.08}, "goes with its recovery"),
        ({**USUAL, "active_median": 6, "active_mortality": 0.08, "death_ratio": 0.8}, "say the same thing twice"),
        ({**USUAL, "rate_ratio": 1.2, "death_ratio": -1}, "death_ratio: out of range"),
        ({"control_median": 8, "rate_ratio": 1.2, "death_ratio": 0.8}, "nobody dies"),
        ({"control_median": 8, "active_median": 6, "active_mortality": 0.1}, "nobody dies"),
        ({**USUAL, "rate_ratio": 1.2, "deaths": "kep"}, "unknown way with deaths.*did you mean 'kept'"),
        ({**USUAL, "rate_ratio": 1.2, "formula": "lakato"}, "unknown formula.*did you mean 'lakatos'"),
        ({**USUAL, "rate_ratio": 1.2, "dropout": 1.0}, "dropout: out of range"),
        ({**USUAL, "rate_ratio": 0.8, "sides": 1}, "higher is better"),
        ({**USUAL, "rate_ratio": 1.0}, "other than 1"),
        ({**USUAL, "active_median": 0.01}, "in a small part of the follow-up"),
        ({**USUAL, "rate_ratio": 1.2, "death_ratio": 900}, "in a small part of the follow-up"),
        ({**USUAL, "rate_ratio": 1.2, "margin": 1.2, "hypothesis": "non_inferiority"}, "other side of 1"),
        ({**USUAL, "rate_ratio": 1.2, "allocation": "2:0"}, "no allocation"),
        ({**USUAL, "rate_ration": 1.2}, "no such option.*did you mean 'rate_ratio'"),
    ],
)
def test_what_cannot_be_used_is_refused_in_one_message(options, message):
    with pytest.raises(InputError) as error:
        recovery(power=0.9, **options)
    assert "\n" not in str(error.value)
    assert re.search(message, str(error.value)), str(error.value)


def test_nobody_need_die():
    assert one(control_median=8, control_mortality=None, rate_ratio=1.2, power=0.9, looks=2)["patients"] > 1000


def test_a_list_of_medians_makes_a_table():
    rows = recovery(control_median=[6, 8, 10], control_mortality=0.1, rate_ratio=1.3, power=0.9).rows()
    sizes = np.array([row["patients"] for row in rows])
    assert (np.diff(sizes) > 0).all()
