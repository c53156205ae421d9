"""What a calibration writes is what the run path reads."""

import json
from dataclasses import fields

import numpy as np
import pytest

from jaksim.calibration.fit import Calibration, Diagnostics
from jaksim.calibration.parameter_file import parameter_document, parameter_text
from jaksim.calibration.predict import predict
from jaksim.model.parameter_set import load_parameter_set


@pytest.fixture
def calibration(small):
    """A calibration that was not fitted: its numbers are arbitrary."""
    rng = np.random.default_rng(1)
    count = len(small.template.names)
    estimate = small.template.prior_mean + rng.standard_normal(count)
    root = rng.standard_normal((count, count))
    numbers = {item.name: 1 if item.type == "int" else 0.5 for item in fields(Diagnostics)}
    rows = [
        row
        for target, found in zip(small.targets, predict(small, estimate[None]), strict=True)
        for row in target.rows(found[0])
    ]
    return Calibration(
        study=small,
        estimate=estimate,
        covariance=root @ root.T,
        curvature_covariance=np.eye(count),
        draws=estimate + rng.standard_normal((7, count)),
        fitted=tuple(rows),
        diagnostics=Diagnostics(**numbers),
    )


@pytest.fixture
def loaded(calibration, tmp_path):
    path = tmp_path / "own.json"
    path.write_text(parameter_text(parameter_document(calibration)), encoding="utf-8")
    return load_parameter_set(str(path))


def test_round_trip(calibration, loaded):
    study = calibration.study
    assert (loaded.name, loaded.title, loaded.horizon) == (study.name, study.title, study.horizon)
    assert loaded.background == study.background
    assert loaded.template == study.template
    assert tuple(p.name for p in loaded.parameters) == study.template.names
    np.testing.assert_allclose(loaded.estimate, calibration.estimate, rtol=1e-6)
    np.testing.assert_allclose(loaded.covariance, calibration.covariance, rtol=1e-6)
    np.testing.assert_allclose(loaded.draws, calibration.draws, rtol=1e-6)
    errors = [p.standard_error for p in loaded.parameters]
    np.testing.assert_allclose(errors, np.sqrt(np.diag(calibration.covariance)), rtol=1e-6)
    assert loaded.provenance["input_hash"] == study.input_hash
    assert loaded.assumptions[0]["value"] == 0.25
    assert [t["id"] for t in loaded.targets] == [row.id for row in calibration.fitted]
    assert [t["z"] for t in loaded.targets] == pytest.approx([row.z for row in calibration.fitted], rel=1e-6)


def test_the_read_model_is_the_fitted_one(calibration, loaded):
    """Natural history and effects, at the estimate and at a draw, are those of the template."""
    template = calibration.study.template
    expected = template.natural_history(calibration.estimate)
    assert loaded.natural_history.moves == expected.moves
    np.testing.assert_allclose(loaded.natural_history.values, expected.values, rtol=1e-5)
    (first, second) = loaded.treatments["baricitinib"].effects
    position = template.names.index("log_hazard_ratio.baricitinib.improvement")
    assert first.log_hazard_ratio == pytest.approx(calibration.estimate[position], rel=1e-6)
    assert first.standard_error == pytest.approx(np.sqrt(calibration.covariance[position, position]), rel=1e-6)
    assert (first.window.start, first.window.end) == (0, 14)
    assert (second.current_scores, second.baseline_scores) == ((6,), (5, 6))
    history, treatments = loaded.draw(3)
    np.testing.assert_allclose(history.values, template.natural_history(calibration.draws[3]).values, rtol=1e-5)
    drawn = treatments["baricitinib"].effects[0].log_hazard_ratio
    assert drawn == pytest.approx(calibration.draws[3][position], rel=1e-6)


def test_numbers_that_are_not_finite_become_null(calibration):
    late = calibration.fitted[1]
    rows = (calibration.fitted[0], late.__class__(**{**vars(late), "fitted": np.inf, "interval": (4.0, np.inf)}))
    document = parameter_document(Calibration(**{**vars(calibration), "fitted": rows}))
    assert json.loads(parameter_text(document))["targets"][1]["fitted"] is None
    assert document["targets"][1]["ci"] == [4.0, None]


def test_the_text_is_stable_json(calibration):
    text = parameter_text(parameter_document(calibration))
    assert text == parameter_text(parameter_document(calibration))
    document = json.loads(text)
    assert len(document["draws"]) == 7
    assert len(document["covariance"]) == len(document["parameters"])
    assert text.endswith("}\n")
