"""Doses by kidney function: effects, draws of parameter sets, and what is refused."""

from dataclasses import replace

import numpy as np
import pytest

from jaksim.design.between_trials import changing_treatments
from jaksim.errors import InputError
from jaksim.model.disease import PatientType
from jaksim.model.regimen import Regimen
from jaksim.scenario.document import read_document
from jaksim.scenario.scenario import scenario_of

DOSE = {"treatment": "baricitinib", "characteristic": "egfr", "cuts": [30, 60], "doses": [1, 2, 4]}
GIVEN = Regimen(("baricitinib", "remdesivir"))


def scenario_with(dose=None, name="actt2", **disease):
    document = read_document(name)
    strata = [{**one, "covariates": {"egfr": 90.0}} for one in document["population"]["stratum"]]
    document["population"] = {**document["population"], "stratum": strata}
    document["disease"] = {**document["disease"], **disease}
    return scenario_of({**document, "dose": [dose] if dose else []}, name)


def log_ratios(scenario, egfr):
    """Logarithms of the intensities on the treatment over those without, where they differ."""
    patient = PatientType(5, {"egfr": egfr})
    model = scenario.trial.disease
    one, other = (model.intensities(given, patient).generators for given in (GIVEN, Regimen(("remdesivir",))))
    off = ~np.eye(one.shape[1], dtype=bool)
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.nan_to_num(np.log(one / other)[:, off])


@pytest.mark.parametrize(("egfr", "kept"), [(29.9, 0.25), (30.0, 0.5), (59.0, 0.5), (60.0, 1.0), (110.0, 1.0)])
def test_log_hazard_ratios_are_proportional_to_the_dose(egfr, kept):
    full = log_ratios(scenario_with(), egfr)
    assert np.abs(full).max() > 0.1
    assert log_ratios(scenario_with(DOSE), egfr) == pytest.approx(kept * full, abs=1e-12)


def test_parts_kept_and_the_trial_of_reference():
    """Averages over the patients of the trial are the calibrated log hazard ratios."""
    scenario = scenario_with({**DOSE, "kept": [0, 0.8, 1], "reference": [0, 30, 70]})
    full = log_ratios(scenario_with(), 90.0)
    low, half, high = (log_ratios(scenario, egfr) for egfr in (20.0, 45.0, 90.0))
    assert np.abs(low).max() == 0.0
    assert half == pytest.approx(0.8 * high, abs=1e-12)
    assert 0.3 * half + 0.7 * high == pytest.approx(full, abs=1e-12)


def test_draws_of_a_parameter_set_go_with_the_dose_and_trials_still_differ():
    scenario = scenario_with(DOSE)
    drawn = scenario_with().trial.disease.treatments["baricitinib"]
    drawn = replace(drawn, effects=tuple(replace(one, log_hazard_ratio=-0.7) for one in drawn.effects))
    found = scenario.disease.from_set("baricitinib", drawn)
    assert [one.log_hazard_ratio for one in found.effects] == [-0.7] * len(drawn.effects)
    assert {one.shape.of(45.0) for one in found.effects} == {0.5}
    assert changing_treatments(scenario.trial) == ["baricitinib"]
    assert all(scenario.disease.of_set("baricitinib", number) for number in range(len(found.effects)))


def test_the_effect_of_a_dose_is_a_named_assumption():
    found = {one.about: one for one in scenario_with({**DOSE, "fact": "dosing/baricitinib_renal_steps"}).assumptions}
    given = found["patients: dose of baricitinib"]
    assert given.published
    assert given.statement == "1 below 30, 2 from 30, 4 from 60 of egfr"
    effect = found["patients: dose of baricitinib, effect"]
    assert not effect.published
    assert "proportional to the dose: times 0.25, 0.5, 1" in effect.statement


@pytest.mark.parametrize(
    ("dose", "message"),
    [
        ({**DOSE, "treatment": "bariticinib"}, "treatment"),
        ({**DOSE, "doses": [2, 4]}, "2 cuts need 3 numbers"),
        ({**DOSE, "kept": [1]}, "2 cuts need 3 numbers"),
        ({**DOSE, "reference": [0, 0, 0]}, "2 cuts need 3 numbers"),
        ({**DOSE, "kept": [0, 1, 1], "reference": [1, 0, 0]}, "nobody of the trial had an effect"),
        ({**DOSE, "cuts": [60, 30]}, "must increase"),
        ({**DOSE, "treatment": "remdesivir"}, "inside the natural history"),
    ],
)
def test_doses_that_do_not_fit_are_refused(dose, message):
    with pytest.raises(InputError, match=message):
        scenario_with(dose)


def test_an_effect_that_goes_with_a_covariate_already_is_refused():
    effect = {"moves": "improvement", "hazard_ratio": 1.2, "covariate": "egfr"}
    with pytest.raises(InputError, match="goes with egfr already"):
        scenario_with(DOSE, treatments={"baricitinib": {"effect": [effect]}})


def test_an_effect_that_is_stated_on_an_endpoint_is_refused():
    effect = {"endpoint": "time to recovery", "method": "cox", "value": 1.2}
    with pytest.raises(InputError, match="stated on an endpoint"):
        scenario_with(DOSE, treatments={"baricitinib": {"effect": [effect]}})
