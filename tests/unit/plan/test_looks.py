"""Interim analyses of every kind of plan."""

import math
from statistics import NormalDist

import pytest

import jaksim
from jaksim import plan
from jaksim.errors import InputError
from jaksim.trial.monitoring.conditional import conditional_power

CONTROL = (0.60, 0.08, 0.08, 0.05, 0.09, 0.10)
ORDINAL = {"control": CONTROL, "odds_ratio": 1.45}


def table(design, title):
    return next(one for one in design.tables if one.title == title)


def test_the_bounds_and_the_inflation_are_those_of_boundaries():
    design = plan.ordinal(**ORDINAL, power=0.8, looks=(0.5, 0.75, 1), futility="hsd:-2").designs[0]
    found = jaksim.boundaries(information=(0.5, 0.75, 1), sides=2, futility="hsd:-2", beta=0.2)
    rows = table(design, "Bounds for efficacy").rows
    assert [row[3] for row in rows] == pytest.approx(found.upper_z.tolist(), abs=1e-9)
    assert [row[5] for row in rows] == pytest.approx(found.alpha_spent.tolist(), abs=1e-9)
    assert [row[1] for row in table(design, "Bounds for futility").rows] == pytest.approx(found.lower_z[:2].tolist())
    one = plan.ordinal(**ORDINAL, power=0.8).designs[0]
    assert design.exact_size == pytest.approx(one.exact_size * found.inflation_factor)
    assert design.facts["inflation_factor"] == pytest.approx(found.inflation_factor, rel=1e-3)
    stopped = {row[0]: row for row in table(design, "Probability of stopping for efficacy").rows}
    assert stopped["all"][3] == design.power
    assert stopped["all"][1] == pytest.approx(stopped["all"][4])
    assert stopped["all"][1] < 0.025


@pytest.mark.parametrize(
    "way",
    [
        {"looks": 3},
        {"looks": (0.4, 1), "spending": "pocock", "sides": 1},
        {"looks": 3, "futility": "cp:0.2", "sides": 1},
        {"looks": 2, "futility": "hsd:-1", "binding": True, "sides": 1},
        {"looks": 2, "hypothesis": "non_inferiority", "margin": 0.8},
        {"looks": 2, "method": "wilcoxon"},
    ],
)
def test_effect_and_size_lead_back_to_each_other(way):
    sized = plan.ordinal(**ORDINAL | way, power=0.85).designs[0]
    assert sized.power >= 0.85 - 1e-9
    found = plan.ordinal(**{"control": CONTROL} | way, patients=sized.size, power=0.85).designs[0]
    assert found.effect == pytest.approx(1.45, rel=0.01)
    assert found.power == pytest.approx(0.85, abs=1e-6)


def test_the_scenario_has_the_same_bounds(tmp_path):
    way = {"looks": (1 / 3, 0.7, 1), "spending": "hsd:-4", "futility": "hsd:-2", "binding": True, "sides": 1}
    design = plan.ordinal(**ORDINAL, power=0.8, **way, write=tmp_path / "trial.toml").designs[0]
    scenario = jaksim.load_scenario(tmp_path / "trial.toml")
    rows = table(design, "Bounds for efficacy").rows
    bounds = scenario.trial.monitoring.boundaries
    assert bounds.upper_z.tolist() == pytest.approx([row[3] for row in rows], abs=1e-9)
    assert bounds.lower_z[:-1].tolist() == pytest.approx(
        [row[1] for row in table(design, "Bounds for futility").rows], abs=1e-9
    )
    assert scenario.trial.population.patients == design.size


@pytest.mark.parametrize(
    "design",
    [
        lambda **asked: plan.ordinal(control=(0.3, 0.3, 0.4), active=(0.4, 0.35, 0.25), **asked),
        lambda **asked: plan.wins(control=(0.3, 0.3, 0.4), active=(0.4, 0.35, 0.25), **asked),
        lambda **asked: plan.wins(death_rate=0.3, event_rate=0.7, follow_up=1, hazard_ratio=0.7, **asked),
        lambda **asked: plan.wins(
            death_rate=0.3, event_rate=0.7, follow_up=1, hazard_ratio=0.7, death_hazard_ratio=0.9, **asked
        ),
        lambda **asked: plan.risks(control=0.3, active=0.2, **asked),
        lambda **asked: plan.means(difference=0.4, sd=1, **asked),
    ],
)
def test_without_effect_the_trial_rejects_as_often_as_its_level(design):
    found = design(power=0.8, looks=(0.5, 1)).designs[0]
    chances = table(found, "Probability of stopping for efficacy").rows
    assert chances[-1][1] == pytest.approx(0.025, abs=2e-4)
    assert 0.2 < chances[-1][2] < 0.4 < 0.8 <= chances[-1][3] + 1e-9
    bounds = [row[6] for row in table(found, "Bounds for efficacy").rows]
    assert None not in bounds
    assert abs(math.log(abs(bounds[0] / bounds[1]))) > 0.0


def test_one_analysis_is_no_interim_analysis():
    assert (
        plan.ordinal(**ORDINAL, power=0.8, looks=1).designs[0].size
        == plan.ordinal(**ORDINAL, power=0.8).designs[0].size
    )


def test_where_no_power_is_wanted_futility_follows_the_effect_of_the_design():
    asked = {**ORDINAL, "patients": 1000, "looks": 2, "sides": 1}
    plain, futile = (plan.ordinal(**asked, futility=rule).designs[0] for rule in (None, "cp:0.3"))
    assert futile.power < plain.power
    # Conditional power of 0.3 under the drift of the design itself.
    (look,) = table(futile, "Bounds for futility").rows
    boundaries = jaksim.boundaries(looks=2)
    mean = plan.ordinal(**ORDINAL, patients=1000, sides=1).designs[0]
    assert mean.power > futile.power
    drift = 1.959964 + NormalDist().inv_cdf(mean.power)
    assert conditional_power(boundaries, 1, look[1], [drift]) == pytest.approx([0.3], abs=1e-4)


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        ({"looks": 0}, "looks: is no number of analyses"),
        ({"looks": 2.5}, "looks: is no number of analyses"),
        ({"looks": 50}, "1 to 20"),
        ({"looks": (0.5, 0.9)}, "increase to 1"),
        ({"looks": (0.9, 0.5, 1)}, "looks.*does not increase"),
        ({"looks": (0, 0.5, 1)}, "looks: are no analyses"),
        ({"looks": (50, 75, 100)}, "looks: are no analyses"),
        ({"looks": 2, "spending": "obrien"}, "did you mean 'obrien-fleming'"),
        ({"looks": 2, "spending": "hsd"}, "spending: needs a number"),
        ({"looks": 2, "spending": "user:0.01,0.06"}, "spending: .*0.05"),
        ({"looks": 2, "futility": "cp:2"}, "futility: the conditional power"),
        ({"looks": 2, "futility": "cp:0.2"}, "one side"),
        ({"looks": 2, "binding": True}, "binding: .*with futility"),
        ({"spending": "pocock"}, "spending: is of interim analyses"),
        ({"futility": "hsd:-2"}, "futility: is of interim analyses"),
        ({"binding": True}, "binding: is of interim analyses"),
        ({"looks": 2, "hypothesis": "equivalence", "margin": 0.8}, "equivalence is shown at one analysis"),
    ],
)
def test_bad_looks_are_one_message(asked, message):
    with pytest.raises(InputError, match=message):
        plan.ordinal(**ORDINAL | asked, power=0.8)


@pytest.mark.parametrize(("test", "ends"), [("log_rank", "events >= "), ("rmst:6", "day >= ")])
def test_the_planned_events_end_the_written_trial_where_information_is_in_events(test, ends, tmp_path):
    """The bounds, the expected times and the file are about the same trial."""
    path = tmp_path / "trial.toml"
    plan.survival(
        control_median=12, hazard_ratio=0.6, accrual=12, follow_up=12, power=0.9, test=test, looks=(0.5, 1), write=path
    )
    assert f'last = "{ends}' in path.read_text("utf-8")
