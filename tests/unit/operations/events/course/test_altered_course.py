from dataclasses import replace

import numpy as np
import pytest

from jaksim.kernel.logarithm import exponential
from jaksim.model.intensity import IntensityTable
from jaksim.operations.events.course.altered_course import AlteredCourses
from jaksim.operations.events.course.courses import Component, Courses
from jaksim.operations.events.draws import exponentials
from jaksim.simulate import reference
from jaksim.trial.operations.operations import Operations
from jaksim.trial.operations.recruitment import Country, Recruitment, SiteGroup
from tests.operations_plans import small_trial

NUMBER = np.tile(np.arange(50), 6)
SITE = np.repeat([0, 3, 4095], 100)


@pytest.fixture(scope="module")
def trial():
    return small_trial(100, Operations(Recruitment((Country("all", (SiteGroup("all", 5, 1.0),)),))))


def _cells(courses):
    """Every cell in turn: arms and strata of the patients."""
    cell = np.arange(len(NUMBER)) % len(courses.cells)
    return cell, cell // courses.n_strata, cell % courses.n_strata


@pytest.mark.parametrize("changes", [[], [(0.0, 1.0, 1.0, False)], [(2.5, 1.0, 1.0, False), (4.0, 1.0, 1.0, False)]])
def test_without_effect_it_is_the_path_to_the_last_bit(trial, changes):
    courses = Courses(trial, 2**33 + 5)
    cell, arm, stratum = _cells(courses)
    expected = courses.states(7, arm, stratum, SITE, NUMBER)
    altered = AlteredCourses(courses)
    found = [
        altered.states(*who, 7, changes) for who in zip(cell.tolist(), SITE.tolist(), NUMBER.tolist(), strict=True)
    ]
    np.testing.assert_array_equal(found, expected)
    assert len(np.unique(expected)) == 4


def test_under_factors_from_the_start_it_is_the_path_of_such_a_disease(trial):
    courses, scaled = Courses(trial, 5), Courses(trial, 5)
    scaled.cells = [[_scaled(one, 3.0, 0.5) for one in cell] for cell in scaled.cells]
    cell, arm, stratum = _cells(courses)
    expected = scaled.states(1, arm, stratum, SITE, NUMBER)
    altered = AlteredCourses(courses)
    who = zip(cell.tolist(), SITE.tolist(), NUMBER.tolist(), strict=True)
    np.testing.assert_array_equal([altered.states(*one, 1, [(0.0, 3.0, 0.5, False)]) for one in who], expected)
    assert (expected != courses.states(1, arm, stratum, SITE, NUMBER)).any()


@pytest.mark.parametrize("changes", [[], [(0.0, 1.0, 1.0, False)], [(2.5, 1.0, 1.0, False), (4.0, 1.0, 1.0, False)]])
def test_at_sites_that_differ_it_is_the_path_to_the_last_bit(trial, changes):
    courses = Courses(replace(trial, operations=replace(trial.operations, site_sd=1.2)), 2**33 + 5)
    site = SITE % 5
    cell, arm, stratum = _cells(courses)
    expected = courses.states(7, arm, stratum, site, NUMBER)
    altered = AlteredCourses(courses)
    who = zip(cell.tolist(), site.tolist(), NUMBER.tolist(), strict=True)
    np.testing.assert_array_equal([altered.states(*one, 7, changes) for one in who], expected)
    assert (expected != Courses(trial, 2**33 + 5).states(7, arm, stratum, site, NUMBER)).any()


def test_at_a_site_that_differs_factors_multiply(trial):
    courses = Courses(replace(trial, operations=replace(trial.operations, site_sd=1.2)), 5)
    scaled = Courses(replace(trial, operations=replace(trial.operations, site_sd=1.2)), 5)
    scaled.cells = [[_scaled(one, 3.0, 0.5) for one in cell] for cell in scaled.cells]
    site = SITE % 5
    cell, arm, stratum = _cells(courses)
    expected = scaled.states(1, arm, stratum, site, NUMBER)
    altered = AlteredCourses(courses)
    who = zip(cell.tolist(), site.tolist(), NUMBER.tolist(), strict=True)
    np.testing.assert_array_equal([altered.states(*one, 1, [(0.0, 3.0, 0.5, False)]) for one in who], expected)


def test_days_before_a_change_stay_as_they_were(trial):
    courses = Courses(trial, 6)
    cell, arm, stratum = _cells(courses)
    before = courses.states(0, arm, stratum, SITE, NUMBER)
    altered = AlteredCourses(courses)
    who = zip(cell.tolist(), SITE.tolist(), NUMBER.tolist(), strict=True)
    found = np.array([altered.states(*one, 0, [(3.5, 20.0, 0.0, False)]) for one in who])
    np.testing.assert_array_equal(found[:, :4], before[:, :4])
    rank = np.diff(found[:, 4:].astype(int), axis=1)
    assert (rank >= 0).all()  # nobody gets better any more


def test_waiting_times_are_those_of_the_kernel_and_of_the_reference():
    words = np.array([0, 1, 2, 3, 2**31 - 1, 2**31, 2**32 - 2, 2**32 - 1, 1_234_567_890], dtype=np.uint32)
    found = exponentials(words)
    assert found.tolist() == [reference.exponential(int(word)) for word in words]
    assert found.tolist() == [float(exponential(word)) for word in words]


def _scaled(one, worse, better):
    size = one.intensities.generators.shape[1]
    factor = np.where(np.triu(np.ones((size, size)), 1) > 0, worse, better)
    moves = one.intensities.generators * factor
    moves[:, np.arange(size), np.arange(size)] = 0.0
    moves[:, np.arange(size), np.arange(size)] = -moves.sum(axis=2)
    return Component(one.share, IntensityTable(one.intensities.breaks, moves), one.start)
