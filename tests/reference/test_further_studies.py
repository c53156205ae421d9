"""Parameter sets of the smaller studies against their published counts, typed here a second time.

Counts by respiratory support of tocilizumab: WHO REACT (JAMA 2021;326:499), as in the data of a public re-analysis; of
corticosteroids: WHO REACT (JAMA 2020;324:1330); of baricitinib: the individual-patient meta-analysis of JAK inhibitors.
Fitted values go through the disease model that scenarios use.
"""

from __future__ import annotations

import math
from functools import cache

import numpy as np
import pytest

from jaksim.calibration.predict import predict
from jaksim.calibration.study import load_calibration_study
from jaksim.endpoint.registry import build_endpoint
from jaksim.exact.transition import transition_matrices
from jaksim.model.disease import DiseaseModel, PatientType
from jaksim.model.parameter_set import load_parameter_set
from jaksim.model.regimen import Regimen

ENDPOINTS = {
    "death": {"kind": "event_by_day", "set": "dead", "day": 28},
    "discharge": {"kind": "event_by_day", "set": "discharged", "day": 28},
    "ventilation or death": {"kind": "event_by_day", "scores": [7, 8], "day": 28},
}
# Study, drug, endpoint, weights of scores, events and patients with the drug, and without.
COUNTS = [
    ("covacta", "tocilizumab", "death", {5: 1}, (9, 78), (2, 44)),
    ("covacta", "tocilizumab", "death", {6: 1}, (18, 94), (12, 39)),
    ("covacta", "tocilizumab", "death", {7: 1}, (31, 113), (14, 55)),
    ("covacta", "tocilizumab", "discharge", {5: 1}, (64, 78), (34, 44)),
    ("covacta", "tocilizumab", "discharge", {6: 1}, (54, 94), (17, 39)),
    ("covacta", "tocilizumab", "discharge", {7: 1}, (31, 113), (11, 55)),
    ("empacta", "tocilizumab", "death", {5: 1}, (12, 161), (4, 81)),
    ("empacta", "tocilizumab", "death", {6: 1}, (14, 64), (7, 36)),
    ("empacta", "tocilizumab", "discharge", {5: 1}, (147, 161), (73, 81)),
    ("empacta", "tocilizumab", "discharge", {6: 1}, (46, 64), (23, 36)),
    ("bacc-bay", "tocilizumab", "death", {5: 1}, (9, 133), (3, 61)),
    ("bacc-bay", "tocilizumab", "discharge", {5: 1}, (118, 133), (51, 61)),
    ("remap-cap-tocilizumab", "tocilizumab", "death", {6: 1}, (45, 239), (63, 230)),
    ("remap-cap-tocilizumab", "tocilizumab", "death", {7: 1}, (38, 101), (51, 114)),
    ("remap-cap-tocilizumab", "tocilizumab", "discharge", {6: 1}, (143, 239), (112, 230)),
    ("remap-cap-tocilizumab", "tocilizumab", "discharge", {7: 1}, (33, 101), (33, 114)),
    ("remap-cap-tocilizumab", "tocilizumab", "ventilation or death", {6: 1}, (53, 242), (82, 273)),
    ("remdacta", "tocilizumab", "death", {6: 1}, (49, 336), (34, 175)),
    ("remdacta", "tocilizumab", "death", {7: 1}, (28, 65), (7, 22)),
    ("remdacta", "tocilizumab", "discharge", {6: 1}, (235, 336), (119, 175)),
    ("remdacta", "tocilizumab", "discharge", {7: 1}, (21, 65), (10, 22)),
    ("cape-covid", "hydrocortisone", "death", {7: 1}, (10, 61), (17, 59)),
    ("cape-covid", "hydrocortisone", "death", {5: 0.25, 6: 0.75}, (1, 14), (3, 14)),
    ("codex", "dexamethasone", "death", {7: 1}, (69, 128), (76, 128)),
    ("tactic-r", "baricitinib", "death", {5: 1}, (3, 60), (4, 63)),
    ("tactic-r", "baricitinib", "death", {6: 1}, (14, 68), (13, 65)),
    ("covinib", "baricitinib", "death", {5: 1}, (0, 37), (2, 35)),
    ("covinib", "baricitinib", "ventilation or death", {4: 19 / 55, 5: 36 / 55}, (2, 53), (8, 54)),
]
STUDIES = sorted({row[0] for row in COUNTS})


@cache
def model(name: str) -> DiseaseModel:
    found = load_parameter_set(name)
    return DiseaseModel(natural_history=found.natural_history, treatments=found.treatments, background=found.background)


def probability(study: str, regimen: tuple[str, ...], endpoint: str, scores: dict[int, float]) -> float:
    scale = load_parameter_set(study).scale
    kind = build_endpoint({"name": endpoint, **ENDPOINTS[endpoint]}, scale, 28)
    total = 0.0
    for score, weight in scores.items():
        matrices = transition_matrices(model(study).intensities(Regimen(regimen), PatientType(score)), 28)
        total += weight * float(kind.law(matrices, scale.index(score))[kind.status == 1].sum())
    return total


@pytest.mark.parametrize(("study", "drug", "endpoint", "scores", "treated", "control"), COUNTS)
def test_counts_by_support_are_within_two_standard_errors_of_the_fitted_probability(
    study, drug, endpoint, scores, treated, control
):
    """Standard errors at the fitted probability: a count of none has none of its own."""
    for regimen, (events, patients) in (((drug,), treated), ((), control)):
        p = probability(study, regimen, endpoint, scores)
        assert abs(events / patients - p) < 2.0 * math.sqrt(p * (1 - p) / patients)


def test_ventilator_free_days_of_codex_are_those_published():
    """4.0 days (2.9 to 5.4) and 6.6 (5.0 to 8.2)."""
    scale = load_parameter_set("codex").scale
    spec = {"name": "f", "kind": "free_days", "scores": [7], "day": 28, "death": 0}
    days = build_endpoint(spec, scale, 28)
    for regimen, published, error in (((), 4.0, 2.5 / 3.92), (("dexamethasone",), 6.6, 3.2 / 3.92)):
        matrices = transition_matrices(model("codex").intensities(Regimen(regimen), PatientType(7)), 28)
        law = days.law(matrices, scale.index(7))
        assert abs(float(law @ days.value) - published) < error


@pytest.mark.parametrize("name", STUDIES)
def test_the_fit_looks_like_sampling_noise(name):
    study, stored = load_calibration_study(name), load_parameter_set(name)
    rows = [
        row
        for target, found in zip(study.targets, predict(study, stored.estimate[None]), strict=True)
        for row in target.rows(found[0])
    ]
    z = np.array([row.z for row in rows])
    assert np.mean(z**2) < 1.3
    assert np.abs(z).max() < 2.5
    assert [target["id"] for target in stored.targets] == [row.id for row in rows]
    assert [target["z"] for target in stored.targets] == pytest.approx(z, abs=1e-3)
