"""The search for a size in trials at sites, which bring only so many patients."""

from dataclasses import replace

import pytest

from jaksim.design.settings import Settings
from jaksim.design.sizing import trial_size
from jaksim.errors import InputError
from tests.unit.design.operated import operated, plan_for, scenario_trial

SETTINGS = Settings(replicates=400, seed=5, engine="law")


def trial_at_sites(most, **more):
    """The small trial at sites that are expected to bring so many patients at most."""
    plan = plan_for(most, days=100)
    recruitment = replace(plan.recruitment, until=1, **more)
    while replace(plan, recruitment=recruitment).expected_patients < most:
        recruitment = replace(recruitment, until=recruitment.until + 1)
    trial = scenario_trial("tests/scenarios/small").with_patients(min(most, 100))
    return operated(trial, replace(plan, recruitment=recruitment))


@pytest.mark.parametrize("target", [0.6, 0.8])
def test_the_size_is_that_of_the_trial_wherever_patients_come_from(target):
    free = trial_size(scenario_trial("tests/scenarios/small"), target, SETTINGS)
    found = trial_size(trial_at_sites(4 * free.n_patients), target, SETTINGS)
    assert found.interval[0] <= free.n_patients <= found.interval[1]


@pytest.mark.parametrize(("most", "target"), [(80, 0.9), (151, 0.8), (201, 0.99)])
def test_a_size_beyond_what_the_sites_bring_is_refused_with_what_they_bring(most, target):
    trial = trial_at_sites(most)
    even = int(trial.operations.most_patients) // 2 * 2
    assert most <= trial.operations.most_patients < most + 10
    with pytest.raises(InputError, match=f"the sites bring no more than {even} patients, with whom the power is"):
        trial_size(trial, target, SETTINGS)


def test_the_search_does_not_leave_what_the_sites_bring_for_a_size_that_they_do():
    # From the power of 4 patients the search foresees eight times as many again and again.
    free = trial_size(scenario_trial("tests/scenarios/small"), 0.8, SETTINGS)
    trial = trial_at_sites(free.interval[1] + 20).with_patients(4)
    found = trial_size(trial, 0.8, SETTINGS)
    assert found.interval[0] <= free.n_patients <= found.interval[1]
    assert max(step.n_patients for step in found.steps) <= trial.operations.most_patients


@pytest.mark.parametrize("cap", [1, 3])
def test_caps_bound_the_size(cap):
    plan = plan_for(400)
    (country,) = plan.recruitment.countries
    capped = replace(country, groups=(replace(country.groups[0], cap=cap),))
    plan = replace(plan, recruitment=replace(plan.recruitment, countries=(capped,)))
    trial = operated(scenario_trial("tests/scenarios/small").with_patients(20), plan)
    assert plan.most_patients == 40 * cap
    with pytest.raises(InputError, match=f"the sites bring no more than {40 * cap} patients, with whom the power is"):
        trial_size(trial, 0.9, SETTINGS)
