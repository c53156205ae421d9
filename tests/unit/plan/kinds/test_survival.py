import math
import re

import pytest

import jaksim
from jaksim.errors import InputError
from jaksim.plan.kinds.survival import SurvivalOptions, survival
from jaksim.plan.rule import Rule
from jaksim.plan.times.asked import question_of
from jaksim.plan.times.simulated import simulated_power

USUAL = {"control_median": 12.0, "hazard_ratio": 0.7, "accrual": 24.0, "follow_up": 12.0}
FOLLOWED = {"accrual": 24, "follow_up": 12}


def one(**options):
    (row,) = survival(**options).rows()
    return row


def test_patients_of_the_log_rank_test_by_hand():
    """Schoenfeld's events over the probability of an event, whose integral over a year of entry is in closed form."""
    found = one(**USUAL, power=0.9)
    events = 4.0 * (1.959963984540054 + 1.2815515655446004) ** 2 / math.log(0.7) ** 2
    probability = 0.0
    for hazard in (math.log(2.0) / 12.0, 0.7 * math.log(2.0) / 12.0):
        probability += 0.5 * (1.0 - (math.exp(-hazard * 12.0) - math.exp(-hazard * 36.0)) / (24.0 * hazard))
    assert found["patients_by_formula"] == pytest.approx(events / probability, rel=1e-10)
    assert found["patients"] == 496
    assert found["critical_hazard_ratio"] == pytest.approx(
        math.exp(-1.959963984540054 / math.sqrt(found["events"]) * 2.0)
    )
    assert (found["analysis_time"], found["time_unit"]) == (36.0, "months")


@pytest.mark.parametrize(
    "more",
    [
        {},
        {"formula": "freedman"},
        {"formula": "lachin_foulkes"},
        {"formula": "lakatos"},
        {"test": "gehan"},
        {"test": "fleming_harrington:0:1", "delay": 4.0},
        {"test": "modestly_weighted:6", "strata": [0.3, 0.7], "strata_hazards": [1.0, 2.0]},
        {"test": "rmst:24"},
        {"test": "rmst_ratio:24", "shape": 1.4},
        {"test": "milestone:18"},
        {"test": "max_combo"},
        {"dropout": 0.1, "dropout_by": 12.0, "allocation": "2:1"},
    ],
)
def test_what_is_solved_for_gives_back_what_was_asked(more):
    """Patients, then the power with them, then the effect with that power."""
    sized = one(**USUAL, power=0.8, **more)
    again = one(**USUAL, patients=sized["patients"], **more)
    assert again["power"] == pytest.approx(sized["power"], abs=1e-12)
    assert 0.8 <= again["power"] < 0.81
    without = {name: value for name, value in USUAL.items() if name != "hazard_ratio"}
    effect = one(**without, patients=sized["patients"], power=again["power"], **more)["hazard_ratio"]
    assert effect == pytest.approx(0.7, rel=1e-4 if more.get("test") == "max_combo" else 1e-8)


def test_the_control_may_be_said_in_four_ways():
    hazard = math.log(2.0) / 12.0
    ways = (
        {"control_median": 12.0},
        {"control_hazard": [hazard]},
        {"control_survival": 0.5, "at": 12.0},
        {"control_hazard": [hazard, hazard], "cuts": [7.0]},
    )
    sizes = [one(**way, hazard_ratio=0.7, accrual=24, follow_up=12, power=0.9)["patients_by_formula"] for way in ways]
    assert sizes == pytest.approx([sizes[0]] * 4, rel=1e-9)


def test_the_effect_may_be_said_in_four_ways():
    hazard = 0.7 * math.log(2.0) / 12.0
    ways = (
        {"hazard_ratio": 0.7},
        {"active_median": 12.0 / 0.7},
        {"active_survival": 0.5**0.7, "at": 12.0},
        {"active_hazard": [hazard]},
    )
    rows = [one(control_median=12.0, accrual=24, follow_up=12, power=0.9, **way) for way in ways]
    assert [row["hazard_ratio"] for row in rows] == pytest.approx([0.7] * 4, rel=1e-9)
    assert len({row["patients"] for row in rows}) == 1


def test_events_that_come_at_once_are_all_seen():
    """A median of a millionth of a month: everybody has the event, so that patients are events."""
    found = one(control_median=1e-6, hazard_ratio=0.7, accrual=24, follow_up=12, power=0.9)
    assert found["events"] == pytest.approx(found["patients"], rel=1e-6)


def test_a_trial_by_its_events_is_written(tmp_path):
    file = tmp_path / "trial.toml"
    plan = survival(control_median=12, hazard_ratio=0.6, power=0.8, accrual=12, patients=200, looks=2, write=str(file))
    jaksim.load_scenario(file)
    text = file.read_text("utf-8")
    assert "patients = 200" in text
    assert f'last = "events >= {plan.designs[0].size:.0f}"' in text
    assert text.count("[monitoring]") == 1


def test_a_median_after_a_delay_is_reached():
    found = one(control_median=12.0, active_median=20.0, delay=4.0, accrual=24, follow_up=12, power=0.9)
    hazard = math.log(2.0) / 12.0
    assert hazard * 4.0 + found["hazard_ratio"] * hazard * 16.0 == pytest.approx(math.log(2.0))


def test_a_trial_by_its_events_says_when_they_come():
    found = one(control_median=12.0, hazard_ratio=0.7, accrual=24, patients=500, power=0.9)
    assert found["events"] == 331
    within = one(**{**USUAL, "follow_up": found["follow_up_time"]}, patients=500)
    assert within["events"] == pytest.approx(331.0, rel=1e-9)
    early = one(control_median=12.0, hazard_ratio=0.7, accrual=24, patients=500, events=100)
    assert early["analysis_time"] < 24.0
    assert early["follow_up_time"] == 0.0
    assert early["entered_by_analysis"] == pytest.approx(500.0 * early["analysis_time"] / 24.0)


def test_rates_of_accrual_say_how_long_it_takes():
    found = one(control_median=12.0, hazard_ratio=0.7, accrual_rates=[5, 20], accrual_cuts=[6], follow_up=12, power=0.9)
    assert found["patients"] == pytest.approx(30.0 + 20.0 * (found["accrual_time"] - 6.0), abs=1e-6)
    fixed = one(control_median=12.0, hazard_ratio=0.7, accrual_rates=[20], accrual=25, power=0.9)
    assert fixed["patients"] == pytest.approx(500.0)


def test_events_and_a_calendar_say_how_many_patients():
    found = one(**USUAL, events=300)
    assert one(**USUAL, patients=round(found["patients"]))["events"] == pytest.approx(300.0, rel=2e-3)


def test_a_higher_hazard_may_be_the_better_one():
    good = one(control_median=12.0, hazard_ratio=1.5, better="higher", accrual=24, follow_up=12, power=0.9, sides=1)
    bad = one(control_median=12.0 / 1.5, hazard_ratio=1 / 1.5, accrual=24, follow_up=12, power=0.9, sides=1)
    assert good["patients"] == bad["patients"]
    assert one(**USUAL, patients=400, sides=1)["power"] == pytest.approx(one(**USUAL, patients=400)["power"])


def test_a_margin_moves_the_null():
    found = one(**{**USUAL, "hazard_ratio": 1.0}, hypothesis="non_inferiority", margin=1.3, power=0.9)
    events = 4.0 * (1.959963984540054 + 1.2815515655446004) ** 2 / math.log(1.3) ** 2
    assert found["events"] == pytest.approx(events, rel=5e-3)
    assert found["critical_hazard_ratio"] < 1.3
    curves = one(**{**USUAL, "hazard_ratio": 1.0}, hypothesis="non_inferiority", margin=1.3, power=0.9, test="rmst:24")
    assert 0.5 * found["patients"] < curves["patients"] < 3.0 * found["patients"]
    both = one(**{**USUAL, "hazard_ratio": 1.0}, hypothesis="equivalence", margin=1.3, power=0.9)
    assert both["patients"] > found["patients"]


def test_a_table_over_lists():
    rows = survival(control_median=12.0, hazard_ratio=[0.6, 0.7], accrual=24, follow_up=12, power=[0.8, 0.9]).rows()
    by = {(row["power"] >= 0.9, row["hazard_ratio"]): row["patients"] for row in rows}
    assert by[False, 0.6] < by[True, 0.6] < by[False, 0.7] < by[True, 0.7]


def test_rates_and_a_length_of_accrual_say_how_many_patients():
    """With the power sought they are the size; with the patients sought the shape of accrual."""
    rates = {"control_median": 12.0, "hazard_ratio": 0.7, "accrual_rates": [10, 20], "accrual_cuts": [6], "accrual": 24}
    found = one(**rates, follow_up=12)
    assert found["patients"] == 420
    sized = one(**rates, follow_up=12, power=0.9)
    assert sized["accrual_rates"] == pytest.approx([rate * sized["patients"] / 420.0 for rate in (10, 20)])
    with pytest.raises(InputError, match="no whole number"):
        one(**{**rates, "accrual": 24.01}, follow_up=12)


def test_looks_come_when_their_events_are_seen():
    """Under the planned effect the trial stops between its analyses' times; the bound holds a hazard ratio."""
    asked = {"control_median": 12.0, "hazard_ratio": 0.7, "accrual": 24.0, "power": 0.9, "looks": 2, "sides": 1}
    (design,) = survival(**asked, follow_up=12).designs
    bounds = design.tables[1]
    assert bounds.headers[:5] == ("Analysis", "Information", "Time", "Enrolled", "Events")
    first, last = bounds.rows
    assert first[4] == pytest.approx(0.5 * last[4])
    assert last[2] == pytest.approx(36.0)
    assert first[2] < design.facts["expected_time_effect"] < last[2]
    assert design.facts["expected_time_no_effect"] < 36.0
    for row in bounds.rows:
        assert row[-1] == pytest.approx(math.exp(-2.0 * row[5] / math.sqrt(row[4])))
    assert design.facts["critical_hazard_ratio"] == last[-1]
    (late,) = survival(**asked, delay=3, follow_up=12).designs
    again = survival(**{**asked, "power": None}, delay=3, follow_up=12, patients=late.size).designs[0]
    assert again.power == pytest.approx(late.power, abs=1e-9)
    by_events = survival(**asked, delay=3, patients=late.size).designs[0]
    assert by_events.size == pytest.approx(late.facts["events"], rel=0.02)


def test_a_power_that_no_follow_up_reaches_is_refused():
    for more in ({"looks": 2}, {}, {"formula": "schoenfeld", "delay": None}):
        with pytest.raises(InputError, match=r"this power|never expected"):
            one(
                **{"control_median": 12.0, "hazard_ratio": 0.7, "accrual": 24.0, "delay": 3, "power": 0.9} | more,
                patients=60,
            )


@pytest.mark.parametrize(
    ("more", "why"),
    [
        ({"hazard_ratio": 0.4}, "far from 1"),
        ({"allocation": "3:1"}, "unequal"),
        ({"hazard_ratio": 0.5, "power": 0.8}, "fewer than 100 events"),
    ],
)
def test_what_the_formula_hides_stands_beside_it(more, why):
    (design,) = survival(**{**USUAL, "power": 0.9, **more}).designs
    law, drawn = design.beside
    assert why in law.why
    assert drawn.power == pytest.approx(law.power, abs=0.01 + 4.0 * drawn.mc_se)


def test_nothing_stands_beside_a_formula_that_holds():
    (design,) = survival(**USUAL, power=0.9).designs
    assert design.beside == ()


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({}, "control_median.*one of these is needed"),
        ({"control_median": 12, "control_hazard": [0.1]}, "say the same thing twice"),
        ({"control_median": -1}, "control_median: out of range"),
        ({"control_survival": 0.5}, "at: survival belongs to a time"),
        ({"control_survival": 1.2, "at": 12}, "control_survival: out of range"),
        ({"control_hazard": [0.1, 0.2]}, "2 values need 1 time"),
        ({"control_hazard": [0.1, 0.2], "cuts": [0]}, "times above 0 that rise"),
        ({"control_hazard": [-0.1]}, "numbers from 0 on"),
        ({"control_hazard": [0.1], "shape": 2}, "belongs to a median"),
        ({"control_median": 12, "cuts": [3]}, "cuts: belong to hazards"),
        ({"control_median": 12, "shape": 0}, "shape: out of range"),
        ({"control_median": 12, "hazard_ratio": 0}, "hazard_ratio: out of range"),
        ({"control_median": 12, "hazard_ratio": 0.7, "active_median": 20}, "say the same thing twice"),
        ({"control_median": 12, "active_median": 3, "delay": 4}, "lies before the effect begins"),
        ({"control_median": 12, "active_survival": 0.99, "at": 6, "delay": 4}, "no hazard ratio gives this"),
        ({"control_median": 12, "delay": -1}, "delay: out of range"),
        ({"control_median": 12, "active_hazard": [0.1], "delay": 2}, "hazards of its own"),
        ({"control_median": 12, "shape": 2, "active_hazard": [0.1]}, "without a shape"),
        ({"control_hazard": [0, 0.1], "cuts": [3], "active_hazard": [0.1], **FOLLOWED}, "where the control has none"),
        ({"control_median": 12, "accrual": -1}, "accrual: out of range"),
        ({"control_median": 12, "follow_up": 12}, "how long patients enter is left out"),
        ({"control_median": 12, "accrual": 0, "follow_up": 0}, "nobody is followed"),
        ({"control_median": 12, "accrual": 12, "follow_up": -1}, "follow_up: out of range"),
        ({"control_median": 12, "accrual_cuts": [3]}, "belong to rates of accrual"),
        ({"control_median": 12, "accrual": 6, "accrual_rates": [1, 2], "accrual_cuts": [8]}, "after accrual has ended"),
        ({"control_median": 12, "dropout": 0.1}, "the share lost belongs to a time"),
        ({"control_median": 12, "dropout": 1.0, "dropout_by": 12}, "dropout: out of range"),
        ({"control_median": 12, "dropout_by": 12}, "belongs to a share"),
        ({"control_median": 12, "dropout_cuts": [12]}, "belong to hazards of being lost"),
        ({"control_median": 12, "dropout": 0.1, "dropout_by": 12, "dropout_hazard": [0.1]}, "the same thing twice"),
        ({"control_median": 12, "strata": [0.5, 0.4]}, "sum to 1"),
        ({"control_median": 12, "strata_hazards": [1, 2]}, "belong to strata"),
        ({"control_median": 12, "strata": [0.5, 0.5], "strata_hazards": [1]}, "2 strata have 2 hazards"),
        ({"control_median": 12, "strata": [0.5, 0.5], "test": "rmst:12"}, "without strata"),
        ({"control_median": 12, "test": "logrank"}, "unknown test.*did you mean 'log_rank'"),
        ({"control_median": 12, "test": "rmst"}, "rmst:TIME, a time above 0"),
        ({"control_median": 12, "test": "rmst:x"}, "what is no number"),
        ({"control_median": 12, "test": "rmst:40", "accrual": 24, "follow_up": 12}, "nobody is followed so long"),
        ({"control_median": 12, "test": "fleming_harrington:1"}, "weights are two powers"),
        ({"control_median": 12, "test": "fleming_harrington:0:-1"}, "weights are two powers"),
        ({"control_median": 12, "test": "max_combo:0:0"}, "2 to 6 different weights"),
        ({"control_median": 12, "test": "max_combo", "hypothesis": "equivalence", "margin": 1.2}, "no equivalence"),
        ({"control_median": 12, "formula": "schonfeld"}, "unknown formula.*did you mean 'schoenfeld'"),
        ({"control_median": 12, "formula": "schoenfeld", "delay": 3}, "never changes"),
        ({"control_median": 12, "formula": "freedman", "test": "gehan"}, "belongs to the log-rank test"),
        ({"control_median": 12, "formula": "freedman", "margin": 1.2}, "no effect under the null"),
        ({"control_median": 12, "formula": "lachin_foulkes", "strata": [0.5, 0.5]}, "for one stratum"),
        ({"control_median": 12, "unit": "month"}, "unknown unit of time.*did you mean 'months'"),
        ({"control_median": 12, "better": "low"}, "unknown direction"),
        ({"control_median": 12, "patients": 300}, "needs a calendar"),
        ({"control_median": 12, "events": 100, "patients": 300}, "how long patients enter is left out"),
        ({"control_median": 12, "events": 100, "patients": 300, "accrual": 12, "follow_up": 3}, "events come when"),
        ({"control_median": 12, "formula": "lakatos"}, "without a calendar"),
        ({"control_median": 12, "accrual": 12}, "part of a calendar"),
        ({"control_median": 12, "events": 400, "patients": 300, "accrual": 12}, "never expected"),
        ({"control_median": 12, "test": "max_combo", "looks": 2}, "has one analysis"),
        ({"control_median": 12, "delay": 50, **FOLLOWED}, "follow_up: no events that differ"),
        ({"control_hazard": [0, 0.1], "cuts": [50], **FOLLOWED}, "follow_up: no events"),
        ({"control_median": 12, "accrual_rates": [5, 0], "accrual_cuts": [3], "follow_up": 3}, "the last rate goes on"),
        ({"control_median": 12, "test": "max_combo:0:0+1:0+0:1+1:1+2:2", **FOLLOWED}, "test: at most three"),
        ({"control_median": 12, "write": "trial.toml"}, "has no calendar"),
        ({"control_median": 12, "test": "rmst:24", "looks": [0.3, 1], **FOLLOWED}, "nobody is followed so long"),
        ({"control_median": 12, "accrual": 12, "follow_up": 3, "sides": 1, "hazard_ratio": 1.4}, "lower is better"),
        ({"control_median": 12, "hazard": 0.7}, "no such option.*did you mean"),
    ],
)
def test_what_cannot_be_used_is_refused_in_one_message(options, message):
    given = dict(options)
    if "hazard_ratio" not in given and not {"active_median", "active_survival", "active_hazard"} & set(given):
        given["hazard_ratio"] = 0.7
    with pytest.raises(InputError) as error:
        survival(**({} if "events" in given else {"power": 0.9}), **given)
    assert "\n" not in str(error.value)
    assert re.search(message, str(error.value)), str(error.value)


def test_the_scenario_has_the_power_of_the_plan(tmp_path):
    """Delayed effect, 2:1, losses, analysed at its events."""
    found = {"control_median": 12, "hazard_ratio": 0.55, "delay": 3, "accrual": 24, "patients": 300, "events": 150}
    question = question_of(SurvivalOptions(**found, allocation="2:1", dropout=0.1, dropout_by=12))
    power = question.power(0.55, 150, Rule())
    file = tmp_path / "trial.toml"
    file.write_text(question.scenario(0.55, 150, Rule()), "utf-8")
    (analysis,) = jaksim.power(file, replicates=600, seed=1).analyses
    assert analysis.power == pytest.approx(power, abs=0.01 + 4.0 * analysis.mc_se)
    drawn, error = simulated_power(question, 0.55, 150, Rule(), replicates=1000, seed=1)
    assert drawn == pytest.approx(power, abs=0.01 + 4.0 * error)


@pytest.mark.parametrize(
    ("options", "looks", "half", "tolerance"),
    [
        # rpact 3.3.4, getPowerSurvival with maxNumberOfEvents = 336.5514, 504 patients, hazard ratio sqrt(0.7).
        ({**USUAL, "power": 0.9}, (0.5, 0.75, 1.0), (0.03546845, 0.14069424, 0.18935427), 1e-5),
        # By their events alone, 336 of them, all 0.3650.
        ({"control_median": 12, "hazard_ratio": 0.7, "events": 336}, (0.5, 0.75, 1.0), (0.0354, 0.1405, 0.1892), 1e-4),
        # Schoenfeld's drift at half of log(0.4) with 50.335 events.
        (
            {"control_median": 12.0, "hazard_ratio": 0.4, "accrual": 12.0, "follow_up": 3.0, "power": 0.9},
            (0.5, 1.0),
            (0.0349, 0.3325),
            1e-4,
        ),
        # Integrals of the score at the times when the planned events come under half a delayed effect.
        (
            {
                "control_median": 13.0, "hazard_ratio": 0.58, "delay": 6.0, "accrual": 22.0, "dropout": 0.05,
                "dropout_by": 12.0, "follow_up": 18.0, "patients": 446,
            },
            (0.8, 1.0),
            (0.1150, 0.1604),
            1e-4,
        ),
    ],
)  # fmt: skip
def test_under_half_the_effect_analyses_come_with_the_planned_events(options, looks, half, tolerance):
    (design,) = survival(**options, looks=looks).designs
    (table,) = (one for one in design.tables if one.title == "Probability of stopping for efficacy")
    column = table.headers.index("Half effect")
    assert [row[column] for row in table.rows[:-1]] == pytest.approx(half, abs=tolerance)


def test_patients_lost_at_once_are_counted_by_the_closed_form():
    """Losses at the rate 50 a month: the probability of an event is the hazard over the sum of both."""
    found = one(**USUAL, power=0.9, dropout_hazard=[50.0])
    events = 4.0 * (1.959963984540054 + 1.2815515655446004) ** 2 / math.log(0.7) ** 2
    rates = (math.log(2.0) / 12.0, 0.7 * math.log(2.0) / 12.0)
    probability = sum(0.5 * rate / (rate + 50.0) for rate in rates)
    assert found["patients_by_formula"] == pytest.approx(events / probability, rel=1e-8)


@pytest.mark.parametrize(
    "test", ["fleming_harrington:0:1", "fleming_harrington:1:0", "gehan", "max_combo", "rmst:6", "rmst_ratio:6"]
)
@pytest.mark.parametrize("hazard", [60, 100, 1000])
def test_once_all_have_the_event_its_unit_of_time_does_not_matter(test, hazard):
    asked = {"hazard_ratio": 0.7, "patients": 400, "accrual": 18, "follow_up": 12, "test": test}
    slow = survival(control_hazard=[10], **asked).designs[0].power
    assert slow > 0.8
    assert survival(control_hazard=[hazard], **asked).designs[0].power == pytest.approx(slow, rel=1e-4)


def test_survival_at_a_time_by_which_all_had_the_event_shows_nothing_or_is_refused():
    asked = {"hazard_ratio": 0.7, "patients": 400, "accrual": 18, "follow_up": 12, "test": "milestone:6"}
    # The difference exp(-420) is nothing beside its standard error, near exp(-210) / sqrt(200).
    assert survival(control_hazard=[100], **asked).designs[0].power == pytest.approx(0.025)
    for hazard in (1000, 1e5):
        with pytest.raises(InputError, match="hardly anybody is left"):
            survival(control_hazard=[hazard], **asked)
