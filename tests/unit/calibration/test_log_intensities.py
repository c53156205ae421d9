import numpy as np
import pytest

from jaksim.calibration.log_intensities import LogIntensities
from jaksim.calibration.study import calibrated_studies
from jaksim.model.disease import DiseaseModel, PatientType
from jaksim.model.regimen import Regimen
from jaksim.model.template_file import template_from_mapping


@pytest.mark.parametrize("name", [*calibrated_studies(), "small"])
def test_equals_the_disease_model(name, study_of, scattered):
    study = study_of(name)
    values = scattered(study, 1)
    for arm in study.arms.values():
        for patient in {patient for stratum in study.strata.values() for _, patient in stratum.patients}:
            tables = study.log_intensities.tables(arm.name, patient, values)
            assert len(tables) == len(values)
            for row, table in zip(values, tables, strict=True):
                model = DiseaseModel(
                    natural_history=study.template.natural_history(row),
                    treatments=study.template.treatments(row),
                    background=study.background,
                )
                expected = model.intensities(Regimen(arm.regimen), patient)
                np.testing.assert_array_equal(table.breaks, expected.breaks)
                np.testing.assert_allclose(table.generators, expected.generators, rtol=1e-10, atol=1e-14)


def test_effects_by_baseline_score_are_kept_apart(small, scattered):
    values = scattered(small, 2)[:1]
    six, seven = (
        small.log_intensities.tables("baricitinib", PatientType(score), values)[0].generators for score in (6, 7)
    )
    scale = small.template.scale
    effect = values[0][small.template.names.index("log_hazard_ratio.baricitinib.death")]
    move = (scale.index(6), scale.index(8))
    assert six[0][move] / seven[0][move] == pytest.approx(np.exp(effect))
    key = small.log_intensities.key
    assert key("baricitinib", PatientType(6)) != key("baricitinib", PatientType(7))
    assert key("placebo", PatientType(6)) == key("placebo", PatientType(7))


def test_without_them_baseline_scores_share_one_table():
    document = {"scale": "niaid-8", "move": [{"move": "5>4", "intensity": 0.1}]}
    template = template_from_mapping(document, where="model")
    intensities = LogIntensities(template, {"none": ()}, ())
    assert intensities.key("none", PatientType(5)) == intensities.key("none", PatientType(6))
    (table,) = intensities.tables("none", PatientType(5), np.array([[np.log(0.3)]]))
    assert table.generators[0, 4, 3] == pytest.approx(0.3)
    assert np.count_nonzero(table.generators) == 2


def test_an_effect_by_covariate_is_per_unit():
    document = {
        "scale": "niaid-8",
        "move": [{"move": "5>4", "intensity": 0.1}],
        "treatment": {"drug": {"class": "antiviral"}},
        "effect": [{"treatment": "drug", "name": "by age", "moves": ["improvement"], "covariate": "decades"}],
    }
    template = template_from_mapping(document, where="model")
    intensities = LogIntensities(template, {"none": (), "drug": ("drug",)}, ())
    young, old = (PatientType(5, {"decades": value}) for value in (-1.0, 2.0))
    values = np.array([[np.log(0.3), 0.4], [np.log(0.2), -0.1]])
    for row, (base, effect) in enumerate(values):
        for patient, decades in ((young, -1.0), (old, 2.0)):
            found = intensities.tables("drug", patient, values)[row].generators[0, 4, 3]
            assert found == pytest.approx(np.exp(base + effect * decades))
            assert intensities.tables("none", patient, values)[row].generators[0, 4, 3] == pytest.approx(np.exp(base))
    assert intensities.key("drug", young) != intensities.key("drug", old)
