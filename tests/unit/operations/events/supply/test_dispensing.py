"""Patients without drug: what they lose by it, from when and until when."""

from __future__ import annotations

import itertools
from dataclasses import replace

import numpy as np
import pytest

from jaksim.errors import InputError
from jaksim.exact.occupation import state_occupation
from jaksim.exact.transition import transition_matrices
from jaksim.model.intensity import IntensityTable
from jaksim.operations.events import Conductor
from jaksim.operations.events.course.altered_course import AlteredCourses
from jaksim.operations.events.course.courses import Courses
from jaksim.scenario import load_scenario
from jaksim.trial.operations.operations import Operations
from jaksim.trial.operations.recruitment import Country, Recruitment, SiteGroup
from jaksim.trial.operations.supply import Product, Resupply, Supply
from tests.operations_plans import SCENARIOS, small_trial

DAYS = (0, 3, 7)


def supplied(made, *, share=1.0, patients=100, site_sd=0.0, kits=None, batches=(), **more):
    """A trial at five sites, randomised with or without drug."""
    resupply = Resupply(first=0 if made == 0 else 40, reorder=20, up_to=60)
    supply = Supply(
        (Product("active", made, batches), Product("dummy", 100_000)),
        {"drug": {"active": 1}} if kits is None else kits,
        DAYS,
        resupply,
        "without drug",
        share,
        **more,
    )
    operations = Operations(Recruitment((Country("all", (SiteGroup("all", 5, 1.0),)),)), supply=supply, site_sd=site_sd)
    return small_trial(patients, operations)


def without_supply(trial):
    return replace(trial, operations=replace(trial.operations, supply=None))


def states_of(trial, replicate=0):
    return Conductor(trial, 3).run(replicate).patients.states


@pytest.mark.parametrize("site_sd", [0.0, 0.7])
def test_who_never_gets_drug_fares_as_without_it_to_the_last_bit(site_sd):
    trial = supplied(0, site_sd=site_sd)
    log = Conductor(trial, 3).run(0)
    drug = log.patients.arm == 1
    assert (log.patients.missed[drug] > 0).all()
    assert log.patients.missed[~drug].sum() == log.patients.kits.sum() == 0
    untreated, treated = states_of(without_supply(trial).under_null()), states_of(without_supply(trial))
    np.testing.assert_array_equal(log.patients.states, untreated)
    np.testing.assert_array_equal(untreated[~drug], treated[~drug])
    assert (untreated != treated).any()


def test_where_a_missed_dispensing_has_no_effect_she_fares_as_treated():
    trial = supplied(0, share=0.0)
    np.testing.assert_array_equal(states_of(trial), states_of(without_supply(trial)))


def test_who_always_gets_drug_loses_nothing():
    trial = supplied(100_000)
    log = Conductor(trial, 3).run(0)
    assert log.patients.missed.sum() == 0
    np.testing.assert_array_equal(log.patients.states, states_of(without_supply(trial)))


def test_a_control_arm_loses_nothing_with_its_dummy():
    kits = {"drug": {"dummy": 1}, "control": {"active": 1}}
    trial = supplied(0, kits=kits)
    log = Conductor(trial, 3).run(0)
    control = log.patients.arm == 0
    assert (log.patients.missed[control] > 0).all()
    np.testing.assert_array_equal(log.patients.states[control], states_of(without_supply(trial))[control])


def test_kits_that_come_later_bring_the_effect_back():
    """Up to the first kit the path is that without drug, and with the same words it goes on as treated."""
    trial = supplied(0, batches=((8, 500),))
    courses = Courses(trial, 3)
    altered = AlteredCourses(courses)
    log = Conductor(trial, 3).run(0)
    patients, seen = log.patients, 0
    for i in np.flatnonzero((patients.arm == 1) & (patients.missed > 0) & (patients.kits > 0)):
        found = set()
        for missed in itertools.product([True, False], repeat=3):
            changes = [(float(day), 1.0, 1.0, one) for day, one in zip(DAYS, missed, strict=True)]
            who = (int(courses.n_strata + patients.stratum[i]), int(patients.site[i]), int(patients.number[i]), 0)
            if sum(missed) == patients.missed[i]:
                found.add(altered.states(*who, changes).tobytes())
        assert patients.states[i].tobytes() in found
        seen += 1
    assert seen > 3


@pytest.mark.parametrize("share", [0.4, 1.0])
def test_occupation_is_that_of_the_intensities_without_drug_for_some_days(share):
    """Without drug from the start until day 3, and from day 7 on: the exact law of such intensities; |z| < 4."""
    trial = supplied(0, share=share)
    courses = Courses(trial, 8)
    altered = AlteredCourses(courses)
    changes = [(0.0, 1.0, 1.0, True), (3.0, 1.0, 1.0, False), (7.0, 1.0, 1.0, True)]
    cell, n = courses.n_strata, 1500  # the treated of the first stratum
    ((component,), (lacking,)) = courses.cells[cell], courses.undosed[cell]
    states = np.array([altered.states(cell, k % 5, k, 0, changes) for k in range(n)])
    exact = state_occupation(transition_matrices(_in_turns(lacking, component.intensities), 10), component.start)
    treated = state_occupation(transition_matrices(component.intensities, 10), component.start)
    assert np.abs(exact - treated).max() > 0.02
    for day in (2, 3, 5, 8, 10):
        for state in range(4):
            p = exact[day, state]
            if n * p > 10:
                z = ((states[:, day] == state).sum() - n * p) / np.sqrt(n * p * (1.0 - p))
                assert abs(z) < 4.0


def test_what_is_lost_is_a_share_of_the_log_hazard_ratio():
    trial = supplied(0, share=0.25)
    courses = Courses(trial, 8)
    (component,), (lacking,), (control,) = courses.cells[2], courses.undosed[2], courses.cells[0]
    for day in (0.0, 5.0, 8.0):
        one, lost, none = (_at(table, day) for table in (component.intensities, lacking, control.intensities))
        moves = (none > 0.0) & ~np.eye(4, dtype=bool)
        np.testing.assert_allclose(lost[moves], one[moves] ** 0.75 * none[moves] ** 0.25, rtol=1e-12)
    assert (_at(lacking, 0.0)[1, 0] / _at(control.intensities, 0.0)[1, 0]) == pytest.approx(1.6**0.75)


def test_treatments_in_the_kits_are_those_named_or_those_that_not_all_arms_have():
    assert supplied(0).treatments_in_kits == ("drug",)
    assert supplied(0, treatments=("drug",)).treatments_in_kits == ("drug",)
    with pytest.raises(InputError, match=r"treatment of an arm.*drug"):
        supplied(0, treatments=("drag",))
    with pytest.raises(InputError, match="0 to 1"):
        supplied(0, share=1.5)


def test_the_assumptions_say_what_a_missed_dispensing_does():
    def words(share):
        supply = (
            f'operations.supply={{ product=[{{ name="kit", made=400 }}], missed_dose_effect={share}, '
            "kits={ drug={ kit=1 }, control={ kit=1 } } }"
        )
        found = load_scenario(SCENARIOS / "sites.toml", changes=[supply]).assumptions
        return next(one.statement for one in found if one.about == "supply")

    assert words(1.0).endswith("from a missed dispensing until the next kit a patient has no effect of the treatment")
    assert "75 % of the effect" in words(0.25)
    assert words(0.0).endswith("leaves the effect of the treatment as it is")


def _at(table, day):
    return table.generators[np.searchsorted(table.breaks, day, side="right") - 1]


def _in_turns(lacking: IntensityTable, treated: IntensityTable) -> IntensityTable:
    """Those without drug until day 3 and from day 7 on."""
    breaks = np.union1d(np.union1d(lacking.breaks, treated.breaks), [3.0, 7.0])
    return IntensityTable(breaks, np.array([_at(treated if 3.0 <= day < 7.0 else lacking, day) for day in breaks]))
