"""A treatment that does more in one trial than in another: its shift acts once on each move, score and day."""

import math
from pathlib import Path

import numpy as np
import pytest

from jaksim import load_scenario
from jaksim.design.between_trials import shifted
from jaksim.errors import InputError
from jaksim.model.disease import DiseaseModel, PatientType
from jaksim.model.effect import TreatmentEffect, Window
from jaksim.model.moves import Move
from jaksim.model.natural_history import NaturalHistory
from jaksim.model.regimen import Regimen, Treatment
from jaksim.scale import niaid_8

NIAID = niaid_8()
HISTORY = NaturalHistory.of(NIAID, {"6>5": 0.2, "5>1": 0.1, "5>6": 0.08, "6>8": 0.01, "5>8": 0.02, "1>5": 0.03})
SHIFT = {"improvement": 0.3, "deterioration": -0.2, "death": -0.1}


def log_ratio(effects, move, day, patient=None, shift=SHIFT):
    """Log ratio of the intensity of a move with the shift to that without."""
    tables = [
        DiseaseModel(HISTORY, {"drug": Treatment("drug", "", tuple(effects), shift=one)}).intensities(
            Regimen(("drug",)), patient or PatientType(5)
        )
        for one in (shift, {})
    ]
    origin, destination = (NIAID.index(int(score)) for score in move.split(">"))
    with_it, without = (
        table.generators[np.searchsorted(table.breaks, day, side="right") - 1, origin, destination] for table in tables
    )
    return math.log(with_it / without)


def test_effects_that_overlap_shift_a_move_once():
    effects = [
        TreatmentEffect(("death",), -0.2, current_scores=(5, 6), window=Window(0, 10)),
        TreatmentEffect(("death",), 0.1, current_scores=(6,), window=Window(5, 14)),
        TreatmentEffect((Move(6, 8),), 0.1, window=Window(0, 3)),
    ]
    for day in (0.0, 2.0, 4.0, 7.0, 13.9):
        assert log_ratio(effects, "6>8", day) == pytest.approx(-0.1, abs=1e-12)
    assert log_ratio(effects, "6>8", 14.0) == 0.0
    assert log_ratio(effects, "5>8", 9.9) == pytest.approx(-0.1, abs=1e-12)
    assert log_ratio(effects, "5>8", 10.0) == 0.0
    assert log_ratio(effects, "6>5", 1.0) == 0.0


def test_each_move_has_the_shift_of_its_kind():
    effects = [TreatmentEffect(("improvement", "discharge", "deterioration", "death", "readmission"), 0.0)]
    found = {str(move): log_ratio(effects, str(move), 1.0) for move in HISTORY.moves}
    kinds = {"6>5": 0.3, "5>1": 0.3, "5>6": -0.2, "1>5": -0.2, "6>8": -0.1, "5>8": -0.1}
    assert found == pytest.approx(kinds, abs=1e-12)


def test_patients_and_clocks_decide_as_they_do_for_the_effects():
    by_score = [TreatmentEffect(("improvement",), 0.1, baseline_scores=(6,))]
    assert log_ratio(by_score, "6>5", 1.0, PatientType(5)) == 0.0
    assert log_ratio(by_score, "6>5", 1.0, PatientType(6)) == pytest.approx(0.3, abs=1e-12)
    by_onset = [
        TreatmentEffect(("improvement",), 0.1, window=Window(0, 10, "onset")),
        TreatmentEffect(("improvement",), 0.1, window=Window(0, 4)),
    ]
    late = PatientType(5, days_since_onset=8.0)  # onset ends on day 2, inside the other
    assert log_ratio(by_onset, "6>5", 1.0, late) == pytest.approx(0.3, abs=1e-12)
    assert log_ratio(by_onset, "6>5", 3.9, late) == pytest.approx(0.3, abs=1e-12)
    assert log_ratio(by_onset, "6>5", 4.0, late) == 0.0


def test_an_effect_per_unit_of_a_covariate_is_not_shifted():
    patient = PatientType(5, {"hours": 2.0})
    per_hour = TreatmentEffect(("improvement",), 0.1, covariate="hours")
    assert log_ratio([per_hour], "6>5", 1.0, patient) == 0.0
    both = [per_hour, TreatmentEffect(("improvement",), 0.1, window=Window(0, 2))]
    assert log_ratio(both, "6>5", 1.0, patient) == pytest.approx(0.3, abs=1e-12)
    assert log_ratio(both, "6>5", 2.0, patient) == 0.0


def test_the_death_effect_of_dexamethasone_at_score_6_moves_once():
    model = load_scenario(Path(__file__).parents[2] / "scenarios" / "between_trials.toml").trial.disease
    dexamethasone = model.treatments["dexamethasone"]
    moved = {**model.treatments, "dexamethasone": shifted(dexamethasone, [0.0, 0.0, 0.146])}
    before, after = (
        DiseaseModel(model.natural_history, treatments, (), (), model.background).intensities(
            Regimen(("dexamethasone", "remdesivir")), PatientType(6)
        )
        for treatments in (model.treatments, moved)
    )
    origin, dead = NIAID.index(6), NIAID.index(8)
    ratio = after.generators[:, origin, dead] / before.generators[:, origin, dead]
    acting = before.breaks < 10.0
    np.testing.assert_allclose(np.log(ratio[acting]), -0.146, atol=1e-12)
    np.testing.assert_allclose(ratio[~acting], 1.0, atol=1e-12)


def test_a_shift_of_no_kind_or_beyond_all_numbers_is_refused():
    with pytest.raises(InputError, match=r"shift.*unknown kind of effect \(got 'discharge'\)"):
        Treatment("drug", shift={"discharge": 0.1})
    with pytest.raises(InputError, match="out of range"):
        Treatment("drug", shift={"death": 1e3})
