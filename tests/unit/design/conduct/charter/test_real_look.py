"""What a design says at a real analysis, against simulated records of trials and the boundaries themselves."""

import math

import pytest

import jaksim
from jaksim import boundaries, interim, simulate_trial
from jaksim.errors import InputError
from jaksim.trial.monitoring.inference import repeated_p_value, stopped_trial

SCENARIO = "actt4-interims"
QUICK = {"draws": 0, "standard_error": 0.024}


@pytest.mark.parametrize(
    ("look", "z", "decision"),
    [
        (1, 4.4, "efficacy"),
        (1, 4.3, "goes on"),
        (2, 0.30, "futility"),
        (2, 0.36, "goes on"),
        (4, 2.02, "efficacy"),
        (4, 2.0, "end"),
    ],
)
def test_decisions_are_those_of_the_bounds(look, z, decision):
    assert interim(SCENARIO, look=look, z=z, **QUICK).decision == decision


def test_the_data_of_a_simulated_trial_decide_as_it_was_decided(tmp_path):
    """Replicate 123457 ended at analysis 3 for futility; its file gives z to the last digit."""
    path = tmp_path / "known.csv"
    made = simulate_trial(SCENARIO, replicate=123457, as_known=True)
    made.write(path)
    found = interim(SCENARIO, look=made.ending.look, data=str(path), missing="drop", draws=0)
    assert found.decision == made.ending.reason == "futility"
    (decided,) = made.ending.decided
    assert found.z == pytest.approx(-decided.z, abs=1e-12)
    assert found.estimate == pytest.approx(decided.estimate, abs=1e-12)
    assert found.standard_error == pytest.approx(decided.standard_error, abs=1e-12)
    assert found.notes == () or "planned" not in found.notes[-1]
    early = interim(SCENARIO, look=1, data=str(path), missing="drop", draws=0)
    assert "--information gives what there was" in early.notes[-1]
    with pytest.raises(InputError, match="already give"):
        interim(SCENARIO, look=3, data=str(path), missing="drop", z=1.0)


def test_z_and_estimate_say_the_same():
    by_z = interim(SCENARIO, look=2, z=1.6, **QUICK)
    by_estimate = interim(SCENARIO, look=2, estimate=-1.6 * 0.024, **QUICK)
    assert by_estimate.z == pytest.approx(1.6)
    assert by_z.estimate == pytest.approx(by_estimate.estimate)


def test_inference_is_that_of_the_boundaries():
    planned = boundaries(looks=4, futility="hsd:-2")
    stopped = interim(SCENARIO, look=2, z=3.1, **QUICK)
    exact = stopped_trial(planned, 2, 3.1)
    assert stopped.final.p_value == pytest.approx(exact.p_value)
    assert stopped.final.median_unbiased == pytest.approx(-exact.median_unbiased * math.sqrt(0.5) * 0.024)
    assert stopped.final.bias_adjusted == pytest.approx(-exact.bias_adjusted * math.sqrt(0.5) * 0.024)
    assert stopped.repeated.p_value == pytest.approx(repeated_p_value(planned, 2, 3.1))
    assert stopped.repeated.interval[1] == pytest.approx(-(3.1 - planned.upper_z[1]) * 0.024)


def test_a_z_that_stops_nothing_has_no_final_inference():
    found = interim(SCENARIO, look=2, z=1.5, **QUICK)
    assert found.final is None
    assert "stops nothing" in found.why_not["final"]
    assert found.repeated is not None


def test_bounds_follow_the_information_that_there_was():
    found = interim(SCENARIO, look=2, z=1.5, information=0.47, earlier=[0.26], **QUICK)
    actual = boundaries(looks=4, futility="hsd:-2", actual=[0.26, 0.47], final=False)
    assert found.bounds["efficacy"] == pytest.approx(actual.upper_z[1])
    assert found.bounds["futility"] == pytest.approx(actual.lower_z[1])
    assert found.information == 0.47


def test_the_bias_is_an_average_over_all_analyses_also_at_other_information():
    """0.47 of the information at the second analysis: an own simulation of all four analyses gave -0.0768."""
    found = interim(SCENARIO, look=2, z=3.4, information=0.47, earlier=[0.26], **QUICK)
    assert found.final.bias_adjusted == pytest.approx(-0.0768, abs=1e-4)


def test_the_expected_standard_error_stands_in_where_none_is_given():
    found = interim(SCENARIO, look=2, z=1.5, draws=0, replicates=200)
    assert found.standard_error_from == "expected"
    assert found.standard_error == pytest.approx(0.0242, rel=0.02)


def test_the_posterior_lies_between_evidence_and_data():
    found = interim(SCENARIO, look=2, z=1.6, draws=40, standard_error=0.024)
    assert 0.0 < found.posterior.mc_se < 0.1
    assert found.to_come.expected < found.posterior.power < found.to_come.planned
    assert interim("delayed-effect", look=1, z=1.0, standard_error=0.1).why_not["posterior"].endswith("exactly known")


WRONG = [
    ({}, "number of the analysis is missing"),
    ({"look": 5, "z": 1.0}, "no such analysis"),
    ({"look": 0, "z": 1.0}, "no such analysis"),
    ({"look": 2}, "is missing"),
    ({"look": 2, "z": math.nan}, "finite"),
    ({"look": 2, "z": 99.0}, "no trial has such a z"),
    ({"look": 2, "estimate": -0.1}, "is missing"),
    ({"look": 2, "z": 1.0, "estimate": -0.1}, "needs its standard error"),
    ({"look": 2, "z": 1.0, "standard_error": 0.0}, "above 0"),
    ({"look": 2, "z": 1.0, "standard_error": -1.0}, "standard_error"),
    ({"look": 2, "z": 1.0, "information": 0.2}, "has to grow"),
    ({"look": 2, "z": 1.0, "information": 1.2}, "last analysis"),
    ({"look": 2, "z": 1.0, "earlier": [0.1, 0.2]}, "1 before it"),
    ({"look": 2, "z": 1.0, "earlier": [0.6]}, "has to grow"),
    ({"look": 2, "z": 1.0, "number": 100}, "as planned"),
    ({"look": 2, "z": 1.0, "information": 0.5, "number": 100}, "twice"),
    ({"look": 2, "z": 1.0, "estimate": -0.03, "standard_error": 0.02}, "not that of the estimate"),
    ({"look": 2, "z": -1.5, "estimate": -0.03, "standard_error": 0.02}, "positive where the active arm does better"),
    ({"look": 2, "z": 1.0, "missing": "drop"}, "no data to read"),
    ({"look": 2, "data": "nowhere.csv"}, "nowhere.csv"),
    ({"look": 2, "z": "much"}, "number"),
    ({"look": 2, "z": 1.0, "draws": -1}, "draws"),
]


@pytest.mark.parametrize(("given", "said"), WRONG)
def test_what_does_not_fit_is_refused(given, said):
    with pytest.raises(InputError, match=said):
        interim(SCENARIO, **given)


@pytest.mark.parametrize("name", ["actt4", "actt4-enrichment"])
def test_scenarios_without_monitoring_are_refused(name):
    with pytest.raises(InputError, match="monitoring"):
        interim(name, look=1, z=1.0)
    with pytest.raises(InputError, match="monitoring"):
        boundaries(name)


def test_ratios_are_given_as_ratios():
    with pytest.raises(InputError, match="not its logarithm"):
        interim("delayed-effect", look=1, estimate=-0.3, standard_error=0.1)


@pytest.mark.parametrize("given", [{"looks": 3}, {"spending": "pocock"}, {"binding": True}])
def test_a_scenario_gives_its_own_plan(given):
    with pytest.raises(InputError, match="the scenario gives this"):
        boundaries(SCENARIO, **given)


def test_simulated_trials_are_for_a_scenario():
    with pytest.raises(InputError, match="is for a scenario"):
        boundaries(looks=3, replicates=50)


@pytest.mark.parametrize(("look", "z"), [(1, 5.0), (2, 3.4), (3, 2.7)])
def test_the_verb_counts_the_looks_that_were_to_come(look, z):
    """The bias-adjusted estimate is that of the whole design, as `stopped_trial` has it from the same boundaries."""
    answer = jaksim.interim("actt4-interims", look=look, z=z, standard_error=0.024, draws=0)
    design = jaksim.boundaries(information=[0.25, 0.5, 0.75, 1.0], futility="hsd:-2")
    ended = stopped_trial(design, look, z)
    expected = ended.bias_adjusted * 0.024 * design.information[look - 1] ** 0.5
    assert abs(answer.final.bias_adjusted) == pytest.approx(expected, rel=1e-6)
