"""Phases by days since onset, and effects in step with one, against the formula for the log hazard ratio."""

import math

import numpy as np
import pytest

from jaksim.errors import InputError
from jaksim.model.disease import DiseaseModel, PatientType
from jaksim.model.effect import TreatmentEffect, Window
from jaksim.model.known_phases import known_phases
from jaksim.model.natural_history import NaturalHistory
from jaksim.model.phase import Course, Phase
from jaksim.model.regimen import Regimen, Treatment
from jaksim.scale import niaid_8

HISTORY = NaturalHistory.of(niaid_8(), {"5>4": 0.3, "4>1": 0.5, "5>6": 0.08, "6>8": 0.02})
PHASE = Phase("rise", ((0.0, 0.0), (4.0, 1.0), (12.0, 0.0)))


def model(window=None, scales=(), shift=None):
    course = Course("rise", PHASE.by_day(), scales, 1.5)
    effect = TreatmentEffect(("death",), -0.4, window=window or Window(), course=course)
    drug = Treatment("drug", effects=(effect,), shift=shift or {})
    return DiseaseModel(HISTORY, {"drug": drug})


def log_ratios(disease, patient, times):
    table = disease.intensities(Regimen(("drug",)), patient)
    pieces = np.searchsorted(table.breaks, times, side="right") - 1
    return np.log(table.generators[pieces, 5, 7] / 0.02)


def level(day):
    middle = math.floor(day) + 0.5
    return max(0.0, middle / 4.0 if middle < 4.0 else (12.0 - middle) / 8.0)


@pytest.mark.parametrize("onset", [0.0, 3.0, 7.25, 40.0])
def test_the_log_hazard_ratio_goes_with_the_level_of_the_day_since_onset(onset):
    times = np.array([0.01, 0.9, 1.5, 3.3, 6.6, 9.9, 20.0])
    expected = [-0.4 * 1.5 * level(onset + time) for time in times]
    found = log_ratios(model(), PatientType(6, days_since_onset=onset), times)
    np.testing.assert_allclose(found, expected, atol=1e-13)


def test_the_factor_is_that_of_the_baseline_score_and_the_window_holds():
    disease = model(Window(2, 5), ((6, 2.5),))
    times = np.array([1.5, 2.5, 4.9, 5.1])
    for score, factor in ((6, 2.5), (5, 1.5)):
        found = log_ratios(disease, PatientType(score, days_since_onset=3.0), times)
        inside = (times > 2) & (times < 5)
        expected = [-0.4 * factor * level(3.0 + time) * acts for time, acts in zip(times, inside, strict=True)]
        np.testing.assert_allclose(found, expected, atol=1e-13)


def test_what_differs_between_trials_goes_with_the_phase_as_well():
    times = np.array([0.5, 4.5])
    patient = PatientType(6, days_since_onset=2.0)
    plain, shifted = (log_ratios(model(shift=shift), patient, times) for shift in ({}, {"death": 0.1}))
    np.testing.assert_allclose(shifted - plain, [0.1 * 1.5 * level(2.0 + time) for time in times], atol=1e-13)


def test_patients_need_their_days_since_onset():
    with pytest.raises(InputError, match="acts through the phase 'rise', so patients need days_since_onset"):
        model().intensities(Regimen(("drug",)), PatientType(6))
    model().intensities(Regimen(), PatientType(6))  # nobody asks without the treatment


@pytest.mark.parametrize(
    ("points", "words"),
    [
        (((0.0, 1.0),), "not in order"),
        (((0.0, 1.0), (0.0, 0.5)), "not in order"),
        (((0.0, 1.0), (5.0, -0.1)), "cannot be negative"),
        (((0.0, 0.0), (5.0, 0.0)), "one is above 0"),
    ],
)
def test_a_phase_that_is_none_is_refused(points, words):
    with pytest.raises(InputError, match=words):
        Phase("x", points)


def test_the_phases_that_ship():
    viral, inflammation = known_phases()["viral"], known_phases()["inflammation"]
    assert viral.level(np.array([-1.0, 0.0, 8.5, 17.0, 30.0])).tolist() == [1.0, 1.0, 0.5, 0.0, 0.0]
    assert inflammation.level(np.array([0.0, 5.0, 10.0, 17.0, 24.0])).tolist() == [0.0, 0.5, 1.0, 0.5, 0.0]
    assert viral.by_day()[-1] == inflammation.by_day()[-1] == 0.0


def test_a_day_is_drawn_by_the_limits_of_its_interval_and_stays_in_order():
    phase = Phase("x", ((0.0, 0.0), (10.0, 1.0), (24.0, 0.0)), ((), (8.0, 13.0), (17.0, 31.0)))
    assert phase.uncertain == (1, 2)

    def days(*normals):
        return [day for day, _ in phase.drawn(normals).points]

    assert days(0.0, 0.0) == [0.0, 10.0, 24.0]
    assert days(-1.959963984540054, 1.959963984540054) == pytest.approx([0.0, 8.0, 31.0])
    assert days(1.959963984540054, -1.959963984540054) == pytest.approx([0.0, 13.0, 17.0])
    first, second, third = days(4.0, -5.0)
    assert first < second < third
