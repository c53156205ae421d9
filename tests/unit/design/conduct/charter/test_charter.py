"""The analyses of a scenario as a charter lists them, against what is expected without simulation."""

import math

import pytest

from jaksim import boundaries, load_scenario
from jaksim.design.conduct.charter.charter import nominal_p
from jaksim.design.conduct.charter.on_scale import Scale
from jaksim.design.prepared import Prepared


@pytest.fixture(scope="module")
def found():
    return boundaries("actt4-interims", replicates=400)


@pytest.fixture(scope="module")
def late():
    return boundaries("delayed-effect", replicates=400)


@pytest.mark.parametrize("name", ["found", "late"])
def test_days_are_those_expected_without_simulation(name, request):
    """Days and information come from the expected numbers of patients and events by day, by no random number."""
    charter = request.getfixturevalue(name)
    design = Prepared(load_scenario(charter.scenario).trial, 1).design
    days = design.twin.expected.days(design.monitoring.triggers)
    for look, day in zip(charter.looks, days, strict=True):
        assert abs(look.expected.numbers["analysis_day"].mean - day) < 1.0
        error = design.twin.expected.statistics(float(day))[1]
        assert look.expected.standard_error == pytest.approx(error, rel=0.03)


def test_the_numbers_are_of_trials_that_nothing_stops(found):
    last = found.looks[-1].expected.numbers
    assert last["enrolled_at_cut"].mean == last["complete_at_cut"].mean == 1500.0
    for look, share in zip(found.looks, (0.25, 0.5, 0.75, 1.0), strict=True):
        complete = look.expected.numbers["complete_at_cut"]
        assert 1500 * share <= complete.mean < 1500 * share + 12
        assert complete.low <= complete.mean <= complete.high


def test_events_called_are_events_seen(late):
    events = [look.expected.numbers["events_at_cut"] for look in late.looks]
    assert [one.low for one in events] == pytest.approx([252, 315])
    assert all(one.mean < 320 for one in events)


def test_the_estimate_at_a_bound_has_that_z(found):
    for look in found.looks:
        for bound in look.bounds.values():
            assert bound.estimate == pytest.approx(-bound.z * look.expected.standard_error)
            assert bound.shown == bound.estimate


def test_ratios_are_shown_as_ratios(late):
    bound = late.looks[0].bounds["efficacy"]
    assert bound.shown == pytest.approx(math.exp(bound.estimate))
    assert 0.7 < bound.shown < 0.8


def test_p_values_of_bounds():
    assert nominal_p(1.959963984540054, 1, "efficacy") == pytest.approx(0.025)
    assert nominal_p(1.959963984540054, 2, "efficacy") == pytest.approx(0.05)
    assert nominal_p(-1.959963984540054, 1, "harm") == pytest.approx(0.025)
    assert nominal_p(-0.5, 1, "futility") > 0.5


def test_margins_are_what_z_is_against():
    trial = load_scenario("actt4-non-inferiority").trial
    test = Prepared(trial, 1).tests[0]
    scale = Scale.of(test)
    assert scale.against == pytest.approx(test.targets[0])
    assert scale.estimate(0.0, 0.1) == pytest.approx(scale.against)


def test_the_same_for_any_number_of_workers(found):
    again = boundaries("actt4-interims", replicates=400, workers=1)
    assert [look.expected for look in again.looks] == [look.expected for look in found.looks]


def test_the_report_has_a_row_for_each_bound(found):
    assert len(found.rows()) == sum(len(look.bounds) for look in found.looks) == 7
    text = found.report()
    assert "2.9631" in text
    assert "Planned effect" in text
    assert found.as_dict()["looks"][0]["bounds"]["efficacy"]["to_come"]["planned"] > 0.999
