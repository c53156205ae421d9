"""Illness-death models against the numbers printed by the R package simIDM.

States 0 (initial), 1 (progressed), 2 (dead); overall survival (OS) is not yet having reached 2, progression-free
survival (PFS) is still being in 0. Numbers are those of cran/simIDM at commit 1b5565f, in the file named beside each.
"""

import numpy as np
import pytest
from scipy.integrate import simpson

from jaksim.exact.occupation import first_passage, state_occupation
from jaksim.exact.transition import transition_matrices, transition_probability
from jaksim.model.disease import DiseaseModel, PatientType
from jaksim.model.natural_history import NaturalHistory
from jaksim.model.regimen import Regimen
from jaksim.piecewise import PiecewiseConstant
from jaksim.scale import OrdinalScale

ILLNESS_DEATH = OrdinalScale("illness-death", (0, 1, 2), ("initial", "progressed", "dead"), True, (2,))
TIMES = (0, 0.1, 0.3, 0.7, 1, 5)


def illness_death(h01, h02, h12):
    history = NaturalHistory.of(ILLNESS_DEATH, {"0>1": h01, "0>2": h02, "1>2": h12})
    return DiseaseModel(history).intensities(Regimen(), PatientType(0))


def overall_survival(table, times):
    return [1 - transition_probability(table, 0, time)[0, 2] for time in times]


def progression_free_survival(table, times):
    return [transition_probability(table, 0, time)[0, 0] for time in times]


def test_overall_survival_with_constant_hazards():
    """tests/testthat/test-survivalFunctions.R (ExpSurvOS) and inst/doc/trialplanning.html."""
    np.testing.assert_allclose(
        overall_survival(illness_death(0.7, 0.5, 0.8), (1, 0.5, 3)), [0.5604, 0.7615, 0.1383], rtol=0, atol=5e-5
    )
    expected = [1.0, 0.9610787, 0.8893403, 0.7671856, 0.6912219, 0.2724845]
    np.testing.assert_allclose(overall_survival(illness_death(0.2, 0.4, 0.1), TIMES), expected, rtol=0, atol=5e-8)


def test_overall_survival_with_piecewise_constant_hazards():
    """inst/doc/trialplanning.html: cuts at 4 (0>1), 8 (0>2) and 3 (1>2)."""
    table = illness_death(
        PiecewiseConstant((4,), (0.3, 0.5)), PiecewiseConstant((8,), (0.5, 0.8)), PiecewiseConstant((3,), (0.7, 1.0))
    )
    expected = [1.0, 0.95094877, 0.85849702, 0.69546105, 0.59109798, 0.03945673]
    np.testing.assert_allclose(overall_survival(table, TIMES), expected, rtol=0, atol=5e-9)


def test_progression_free_survival_with_constant_hazards():
    """inst/doc/trialplanning.html."""
    table = illness_death(0.2, 0.4, 0.1)
    expected = [1.0, 0.94176453, 0.83527021, 0.65704682, 0.54881164, 0.04978707]
    np.testing.assert_allclose(progression_free_survival(table, TIMES), expected, rtol=0, atol=5e-9)


def test_progression_free_survival_with_weibull_hazards():
    """inst/doc/trialplanning.html; steps keep the cumulative hazards 0.2 t^1.2 and 0.5 t^0.9 at the printed times."""

    def steps(rate, shape):
        cumulative = rate * np.array(TIMES) ** shape
        values = np.diff(cumulative) / np.diff(TIMES)
        return PiecewiseConstant(TIMES[1:-1], tuple(values))

    table = illness_death(steps(0.2, 1.2), steps(0.5, 0.9), 0.1)
    expected = [1.0, 0.92721907, 0.8054518, 0.61074857, 0.4965853, 0.02995439]
    np.testing.assert_allclose(progression_free_survival(table, TIMES), expected, rtol=0, atol=5e-9)


def test_hazard_of_death():
    """tests/testthat/test-hazardFunctions.R."""
    table = illness_death(0.2, 1.1, 0.8)
    occupation = state_occupation(transition_matrices(table, 3), 0)
    hazard = occupation[1:] @ table.generators[0][:, 2] / (1 - occupation[1:, 2])
    np.testing.assert_allclose(hazard, [1.0381919, 0.9777975, 0.9253826], rtol=0, atol=5e-8)


def test_average_hazard_ratio_of_death():
    """inst/doc/trialplanning.html: average hazard ratio with weight (S0 S1)^0.5; a day is 0.01 unit of time."""
    step, horizon = 0.01, 6000

    def survival_and_hazard(h01, h02, h12):
        table = illness_death(h01 * step, h02 * step, h12 * step)
        occupation = state_occupation(transition_matrices(table, horizon), 0)
        survival = 1 - first_passage(table, 0, (2,), horizon)
        np.testing.assert_allclose(occupation[:, :2].sum(axis=1), survival, rtol=1e-9, atol=1e-12)
        alive = occupation[:, :2]
        return alive.sum(axis=1), alive @ table.generators[0][:2, 2] / step / alive.sum(axis=1)

    treated, treated_hazard = survival_and_hazard(0.3, 0.28, 0.5)
    control, control_hazard = survival_and_hazard(0.5, 0.3, 0.6)
    weight = np.sqrt(treated * control)
    ratio = simpson(weight * treated_hazard, dx=step) / simpson(weight * control_hazard, dx=step)
    assert ratio == pytest.approx(0.8072368, abs=5e-7)


def test_hazard_ratio_of_progression_or_death():
    """inst/doc/trialplanning.html."""
    treated = progression_free_survival(illness_death(0.3, 0.28, 0.5), TIMES[1:])
    control = progression_free_survival(illness_death(0.5, 0.3, 0.6), TIMES[1:])
    np.testing.assert_allclose(np.log(treated) / np.log(control), 0.725, rtol=1e-12)
