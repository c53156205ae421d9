"""What a scenario expects by the exact law, held against closed forms and against the endpoints of the same trial."""

import math

import numpy as np
import pytest

from jaksim.design.engine.cells import Cells
from jaksim.design.expected.endpoints import expected_endpoints
from jaksim.design.expected.move_counts import move_counts
from jaksim.design.expected.moves import move_intensities
from jaksim.design.expected.occupation import mean_occupation, occupations
from jaksim.design.expected.windows import window_effects
from jaksim.scenario import load_scenario

NAMES = ("actt4", "stroke-alteplase", "recovery-multi-arm", "actt2-strategies", "actt4-operations")


@pytest.fixture(scope="module")
def all_cells():
    return {name: Cells(load_scenario(name).trial) for name in (*NAMES, "delayed-effect")}


def curve(found, arm, baseline=None):
    (one,) = [one for one in found if (one.arm, one.baseline) == (arm, baseline)]
    return np.array(one.probability)


def test_two_states_follow_the_exponential_law_with_its_window(all_cells):
    # Hazard 0.02666 a day, from day 12 on 0.58 times that in the arm with the drug; 0.00213722 a day withdraw.
    hazard, leaving = 0.0266595069, 0.00213722
    cells = all_cells["delayed-effect"]
    days = np.arange(93)
    survival = {
        "control": np.exp(-hazard * days),
        "drug": np.exp(-hazard * (np.minimum(days, 12) + 0.58 * np.maximum(days - 12, 0))),
    }
    found = occupations(cells)
    for arm, alive in survival.items():
        assert curve(found, arm)[:, 0] == pytest.approx(alive * np.exp(-leaving * days), abs=1e-12)
    (window,) = window_effects(cells.trial, cells.arms)
    assert window.arm == "drug"
    assert window.windows == ("from day 12 on",)
    assert [(one.moves, one.starts, one.ratios) for one in window.ratios] == [("death", (0.0, 12.0), (1.0, 0.58))]
    throughout = np.exp(-(0.58 * hazard + leaving) * days)
    assert np.array(window.throughout)[:, 0] == pytest.approx(throughout, abs=1e-12)
    assert np.array(window.untreated)[:, 0] == pytest.approx(np.exp(-(hazard + leaving) * days), abs=1e-12)


def test_a_patient_dies_at_most_once_and_as_often_as_the_law_of_two_states_says(all_cells):
    hazard, leaving, days = 0.0266595069, 0.00213722, 92
    (control, _) = move_counts(all_cells["delayed-effect"])
    together = hazard + leaving
    assert control.per_patient == pytest.approx(hazard / together * (1 - math.exp(-together * days)), rel=1e-8)
    assert control.per_day == pytest.approx(hazard, rel=1e-8)


@pytest.mark.parametrize("name", NAMES)
def test_states_add_up_and_the_mean_is_that_of_the_baseline_scores(all_cells, name):
    cells = all_cells[name]
    found = occupations(cells)
    for arm in cells.arms:
        whole = curve(found, arm.name)
        assert whole.sum(axis=1) == pytest.approx(np.ones(cells.trial.horizon + 1), abs=1e-12)
        parts = [one for one in found if one.arm == arm.name and one.baseline is not None]
        assert sum(one.share for one in parts) == pytest.approx(1.0)
        assert sum(one.share * np.array(one.probability) for one in parts) == pytest.approx(whole, abs=1e-12)
        assert mean_occupation(cells.trial, arm) == pytest.approx(whole, abs=1e-12)


@pytest.mark.parametrize(("name", "day"), [("actt4", 14), ("stroke-alteplase", 90)])
def test_a_score_on_a_day_is_distributed_as_the_states_on_that_day(all_cells, name, day):
    cells = all_cells[name]
    (endpoint,) = [one for one in expected_endpoints(cells) if one.kind == "ordinal"]
    found = occupations(cells)
    for arm in endpoint.arms:
        states = curve(found, arm.arm)[day]
        assert [arm.summary["probabilities"][label] for label in endpoint.labels] == pytest.approx(states, abs=1e-12)


@pytest.mark.parametrize("name", ["actt4", "recovery-multi-arm", "stroke-alteplase"])
def test_moves_into_a_state_that_is_never_left_are_those_found_in_it(all_cells, name):
    cells = all_cells[name]
    (dead,) = cells.trial.scale.absorbing
    found = occupations(cells)
    for arm in cells.arms:
        died = sum(one.per_patient for one in move_counts(cells) if one.arm == arm.name and one.destination == dead)
        assert died == pytest.approx(curve(found, arm.name)[-1, cells.trial.scale.index(dead)], rel=1e-5)


def test_intensities_are_those_of_the_model_in_every_piece_and_arm(all_cells):
    cells = all_cells["stroke-alteplase"]
    trial = cells.trial
    found = move_intensities(trial, cells.arms)
    assert {one.patients for one in found} == {"hours 2.25", "hours 3.75"}
    patient = trial.population.strata[0].patients[0][1]
    for one in found:
        if one.patients != "hours 2.25":
            continue
        for arm, value in zip(cells.arms, one.arms, strict=True):
            table = trial.intensities(arm, patient)
            for day in np.linspace(one.start, one.end, 7)[:-1]:
                piece = np.searchsorted(table.breaks, day, side="right") - 1
                of_model = table.generators[piece, trial.scale.index(one.origin), trial.scale.index(one.destination)]
                assert value == of_model


EFFECT = "disease.treatments.drug.effect.0."


def test_effects_without_a_window_are_no_windows():
    (window,) = window_effects(*_trial(EFFECT + "window={ start = 0 , end = 50 }"))
    assert window.windows == ("days 0 to 50",)
    assert window_effects(*_trial(EFFECT + "window={ start = 0 }")) == ()
    assert window_effects(*_trial(EFFECT + "hazard_ratio=1.0")) == ()


def _trial(*changes):
    cells = Cells(load_scenario("delayed-effect", changes=changes).trial)
    return cells.trial, cells.arms
