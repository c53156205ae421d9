"""Trials conducted at their sites: two doors, one answer; power and everything else of the same replicates."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from jaksim.design.conducting import conduct_trials
from jaksim.design.power import trial_power
from jaksim.design.prepared import Prepared
from jaksim.design.settings import Settings
from jaksim.operations.exact.day_full import day_full
from jaksim.operations.exact.enrolment import EnrolmentLaw
from jaksim.operations.observing.fast import _counts
from jaksim.scenario.scenario import load_scenario
from tests.unit.design.operated import operated, plan_for, scenario_trial

SITES = str(Path(__file__).parents[2] / "scenarios" / "sites.toml")
DOORS = ("fast", "events")
PATHS = Settings(replicates=60, seed=3, engine="path", workers=1)
SUPPLY = (
    'operations.supply={ product=[{ name="kit", made=400, shelf_life=60 }], '
    "kits={ drug={ kit=1 }, control={ kit=1 } }, dispensing=[0, 5], first=1, reorder=0, up_to=2, lead=8 }"
)
WARD = 'operations.ward=[{ name="beds", places=3, scores=[3], others=0.2, stay=6, rule="stay", worse=2.0 }]'
# What the fast door takes as planned or expected, and events count: who dies has no visits.
DEATHS = ("site_months", "visits", "monitoring_visits", "cost", "last_visit_day", "lock_day")


def trials(changes=(), settings=PATHS, **more):
    trial = load_scenario(SITES, changes=changes).trial
    return conduct_trials(trial, trial.operations, settings, **more)


@pytest.fixture(scope="module")
def fast():
    return trials()


@pytest.fixture(scope="module")
def events():
    return trials(door="events", unstopped=True)


def test_both_doors_have_the_same_replicates(fast, events):
    compared = 0
    for name, values in fast.observed.numbers.items():
        if name.partition(": ")[0] in DEATHS or name in ("cost_of: visits", "cost_of: monitoring"):
            continue
        if name in ("cost_of: sites by month", "cost_of: days of the project"):
            continue
        np.testing.assert_allclose(events.observed.numbers[name], values, rtol=1e-9, err_msg=name)
        compared += 1
    assert compared > 30
    for name in ("recruited", "randomised", "screened", "sites_recruiting"):
        one, other = fast.observed.curves[name], events.observed.curves[name]
        days = min(one.shape[1], other.shape[1])
        np.testing.assert_array_equal(one[:, :days], other[:, :days], err_msg=name)


@pytest.mark.parametrize(
    ("name", "first"),
    [("sites", "score, proportional_odds"), ("sites", "death, risk_difference"), ("small", "log-rank")],
)
def test_both_doors_have_the_same_outcomes_where_no_board_looks(name, first):
    trial = scenario_trial(f"tests/scenarios/{name}")
    analyses = tuple(sorted(trial.analyses, key=lambda one: one.name != first))
    assert analyses[0].name == first
    trial = replace(trial, monitoring=None, analyses=analyses)
    trial = trial if trial.operations else operated(trial, plan_for(trial.population.patients))
    few = Settings(replicates=6, seed=4, engine="path", workers=1)
    fast, events = (conduct_trials(trial, trial.operations, few, door=door).observed.numbers for door in DOORS)
    assert ("events_at_cut: 1" in fast) == ("events_at_cut: 1" in events) == (first != "score, proportional_odds")
    for kind in ("complete_at_cut: 1", "events_at_cut: 1"):
        if kind in fast:
            assert fast[kind].min() > 0
            np.testing.assert_array_equal(events[kind], fast[kind], err_msg=kind)


def test_what_depends_on_deaths_agrees_in_the_mean(fast, events):
    visits = events.observed.numbers["visits"] - fast.observed.numbers["visits"]
    assert abs(visits.mean()) < 4.0 * visits.std(ddof=1) / np.sqrt(len(visits))
    mine, theirs = fast.observed.curves["in_states: well"], events.observed.curves["in_states: well"]
    day = 40
    apart = theirs[:, day] - mine[:, day]
    assert abs(apart.mean()) < 4.0 * apart.std(ddof=1) / np.sqrt(len(apart))
    for name in ("last_visit_day", "site_months", "monitoring_visits"):
        one, other = (found.observed.numbers[name] for found in (fast, events))
        assert (other <= one + 1e-9).all()


def test_both_doors_have_the_same_power(fast, events):
    for one, other in zip(fast.power.analyses, events.power.analyses, strict=True):
        assert one.power == other.power
        assert one.mean_estimate == pytest.approx(other.mean_estimate)
    assert fast.power.characteristics.patients == events.power.characteristics.patients


def test_power_is_that_of_the_verb_on_the_same_replicates(fast):
    trial = load_scenario(SITES).trial
    alone = trial_power(trial, PATHS)
    assert [one.power for one in alone.analyses] == [one.power for one in fast.power.analyses]
    assert alone.characteristics == fast.power.characteristics
    assert fast.observed.numbers["randomised"].mean() == pytest.approx(alone.characteristics.patients.mean)


@pytest.mark.parametrize("door", ["fast", "events"])
def test_neither_workers_nor_blocks_change_a_byte(door, fast, events):
    settings = Settings(replicates=60, seed=3, engine="path", workers=2, block=7)
    again, before = trials(settings=settings, door=door, unstopped=True), {"fast": fast, "events": events}[door]
    for name, values in before.observed.numbers.items():
        assert again.observed.numbers[name].tobytes() == values.tobytes(), name
    for name, values in before.observed.curves.items():
        assert again.observed.curves[name].tobytes() == values.tobytes(), name
    assert repr(again.power.analyses) == repr(before.power.analyses)


def test_costs_are_prices_times_numbers(fast):
    found = trials(["operations.costs.discount=0"]).observed.numbers
    expected = {
        "opening sites": 1000 * found["sites_opened"],
        "sites by month": 100 * found["site_months"],
        "screening": 50 * (found["screened"] + found["screened_again"]),
        "patients randomised": 200 * found["randomised"],
        "visits": 20 * found["visits"],
        "monitoring": 80 * found["monitoring_visits"],
        "days of the project": 30 * found["lock_day"],
    }
    for item, values in expected.items():
        np.testing.assert_allclose(found[f"cost_of: {item}"], values, err_msg=item)
    np.testing.assert_allclose(found["cost"], sum(expected.values()))
    assert (fast.observed.numbers["cost"] < found["cost"]).all()


def test_screened_are_accounted_for(fast, events):
    for found in (fast.observed.numbers, events.observed.numbers):
        parts = found["randomised"] + found["failed"] + found["too_late"] + found["not_taken"]
        np.testing.assert_array_equal(found["screened"], parts)
        np.testing.assert_array_equal(found["failed"], found["failed_for: too well"] + found["failed_for: no consent"])


def test_analyses_on_the_calendar(fast):
    found = fast.observed.numbers
    np.testing.assert_array_equal(found["overrun: 1"], found["enrolled_at_decision: 1"] - found["enrolled_at_cut: 1"])
    np.testing.assert_array_equal(found["decision_day: 1"], found["analysis_day: 1"] + 4)
    stopped = np.isnan(found["analysis_day: 2"])
    assert 0 < stopped.sum() < len(stopped)
    np.testing.assert_array_equal(found["randomised"][stopped], found["enrolled_at_decision: 1"][stopped])
    assert (found["randomised"][~stopped] == 120).all()
    assert (found["complete_at_cut: 1"] >= 60).all()


def test_the_day_of_the_last_patient_follows_the_exact_law():
    trial = load_scenario(SITES).trial
    found = conduct_trials(trial, trial.operations, Settings(replicates=600, seed=5, workers=1)).observed
    days = found.numbers["full_day"]
    law = day_full(EnrolmentLaw(trial.operations.recruitment, trial.operations.screening), 120)
    assert np.isfinite(days).all()
    assert abs(days.mean() - law.mean) < 4.0 * law.sd / np.sqrt(600)
    for level in (0.2, 0.5, 0.8):
        day = int(law.quantile(level))
        exact = law.by(day)
        assert abs((days <= day).mean() - exact) < 4.0 * np.sqrt(exact * (1.0 - exact) / 600)


def test_kits_are_conserved_and_missing_ones_cost_patients():
    found = trials([SUPPLY, WARD], Settings(replicates=20, seed=3, workers=1), door="events", unstopped=False)
    numbers = found.observed.numbers
    parts = sum(numbers[f"{kind}: kit"] for kind in ("kits_used", "kits_expired", "kits_left"))
    np.testing.assert_array_equal(numbers["kits_made: kit"], parts)
    away = numbers["turned_away_elsewhere"] + numbers["turned_away_nowhere"]
    assert away.sum() > 0
    accounted = numbers["randomised"] + numbers["failed"] + numbers["too_late"] + numbers["not_taken"] + away
    np.testing.assert_array_equal(numbers["screened"], accounted)
    assert numbers["missed_by_patients"].sum() > 0
    assert (numbers["ward_needed: beds"] >= numbers["ward_got: beds"]).all()
    assert (numbers["ward_most: beds"] <= 3).all()
    assert "full_day" not in numbers


def test_a_trial_that_the_sites_never_fill_says_so():
    changes = ["operations.until=60", "operations.country.0.rate=0.36", "operations.country.1.rate=0.36"]
    changes += ["operations.country.0.weekend=1.0"]
    found = trials(changes, Settings(replicates=60, seed=3, workers=1)).observed.numbers
    never = np.isnan(found["full_day"])
    assert 0 < never.sum() < 60
    assert (found["randomised"][never] < 120).all()
    assert (found["last_patient_day"][never] <= 65).all()


def test_patients_are_counted_by_site():
    among = np.array([[True, True, False], [True, False, False]])
    assert _counts(np.array([[0, 2, 1], [1, 1, 1]]), among, 3).tolist() == [[1, 0, 1], [0, 1, 0]]


@pytest.mark.parametrize(
    "changes",
    [
        ["operations.board.pause=true", "operations.country.0.cap=70", "operations.country.1.site_cap=18"],
        ["operations.country.0.closes=45", "operations.until=70", "randomisation.scheme=minimisation"],
        ["monitoring.last=patients >= 80 %", "operations.randomised_within_sites=true"],
        ["operations.country.0.strata=[0.2,0.8]", "operations.country.1.closed=[[20,30]]"],
    ],
    ids=lambda changes: changes[0].split("=")[0].removeprefix("operations."),
)
def test_both_doors_conduct_other_plans_alike(changes):
    settings = Settings(replicates=20, seed=7, engine="path", workers=1)
    one = trials(changes, settings).observed.numbers
    other = trials(changes, settings, door="events", unstopped=True).observed.numbers
    for name in ("full_day", "randomised", "last_patient_day", "screened", "screened_again", "failed", "too_late",
                 "not_taken", "sites_without_patient", "analysis_day: 1", "enrolled_at_decision: 1", "analysis_day: 2",
                 "cost_of: screening", "cost_of: patients randomised"):  # fmt: skip
        np.testing.assert_allclose(other[name], one[name], rtol=1e-9, err_msg=name)


def test_a_size_that_the_sites_never_bring_has_no_twin():
    """The twin asks for the day of a patient whom nobody expects, which would be millions of days away."""
    found = trials(["monitoring.last=patients >= 80 %"], Settings(replicates=5, seed=7, workers=1))
    assert found.power.analyses[0].n_for_power["90"] is None


EVENT_DRIVEN = [
    'endpoint=[{ name="death", kind="time_to_event", set="dead" }]',
    'analysis=[{ endpoint="death", method="log_rank", role="primary" }]',
    'monitoring={ analysis="death, log_rank", spending="pocock", last="events >= 12", '
    'interim=[{ when="events >= 6", information=0.5 }] }',
]
COUNTED = [
    'monitoring={ analysis="score, proportional_odds", spending="pocock", last="complete >= 100", '
    'interim=[{ when="complete >= 40", information=0.4 }] }',
]


@pytest.mark.parametrize(
    ("changes", "targets"), [(EVENT_DRIVEN, (6, 12)), (COUNTED, (40, 100))], ids=["events", "complete"]
)
def test_analyses_are_on_the_day_of_their_last_datum_by_both_doors(changes, targets):
    """Counted patient by patient: an event is in the data after the days that the data of its patient take."""
    trial = load_scenario(SITES, changes=changes).trial
    # The score on study day 8 is that of seven days after randomisation.
    dead, score_day = trial.scale.index(4), 7
    for door in ("fast", "events"):
        design = Prepared(trial, 3, "path", door=door).design
        for replicate in range(8):
            found = design.follow(replicate)
            died = (found.states == dead).any(axis=1)
            death = (found.states == dead).argmax(axis=1)
            day = np.sort((found.entry_day + death + found.late)[died])
            if changes is COUNTED:
                day = np.sort(found.entry_day + score_day + found.late)
            made = found.conducted.look[0] + 1
            # With too few events the last analysis is made when all data are complete.
            all_complete = (found.entry_day + trial.horizon + found.late).max()
            expected = [day[target - 1] if len(day) >= target else all_complete for target in targets[:made]]
            assert found.conducted.cuts[0, :made].tolist() == expected, (door, replicate)
            assert found.conducted.day[0] == expected[-1]
            # Nobody enters after the last analysis, on its own day, or the decision of the one that stops the trial.
            waits = 4 if made < len(targets) else 0
            assert found.entry_day.max() <= expected[-1] + waits
