"""Patients who differ: exact laws from nodes against patients who each draw their own characteristics, on models made
at random. A z beyond 4 fails."""

from pathlib import Path

import numpy as np
import pytest
from scipy import stats

from jaksim.design.engine.cells import Cells
from jaksim.design.engine.individual import IndividualEngine
from jaksim.scenario.document import read_document
from jaksim.scenario.scenario import scenario_of

SMALL = Path(__file__).parents[1] / "scenarios" / "small.toml"
WORST_Z = 4.0
MODELS = range(12)
MOVES = ("improvement", "deterioration", "death", "2>1", "3>2", "1>2")
LAWS = (
    {"law": "normal", "mean": 60.0, "sd": 12.0},
    {"median": 80.0, "quartiles": [50.0, 120.0], "high": 400.0},
    {"law": "gamma", "mean": 50.0, "sd": 20.0},
    {"law": "beta", "mean": 60.0, "sd": 15.0, "low": 18.0, "high": 95.0},
    {"law": "uniform", "low": 30.0, "high": 90.0},
    {"law": "normal", "mean": 60.0, "sd": 3.0, "rounded": True},
    {"values": [40.0, 60.0, 75.0], "shares": [0.2, 0.5, 0.3]},
)


def shape_of(stream, moves):
    """An effect of a covariate in one of the shapes, about as strong as the strongest known predictors."""
    kind = stream.choice(["linear", "category", "spline"])
    if kind == "linear":
        return {"moves": moves, "log_hazard_ratio": stream.uniform(-0.5, 0.5), "centre": 60.0, "per": 20.0}
    if kind == "spline":
        return {
            "moves": moves,
            "shape": "spline",
            "cuts": [35.0, 60.0, 90.0],
            "values": stream.uniform(-0.3, 0.3, 3).tolist(),
        }
    cuts = sorted(stream.choice(np.arange(45.0, 90.0, 5.0), 3, replace=False).tolist())
    values = stream.uniform(-0.8, 0.8, 4).tolist()
    return {"moves": moves, "shape": "category", "cuts": cuts, "values": values}


def model_of(number, patients, most=2):
    """A model of a seed: characteristics, correlations, frailty, effects, and an effect of treatment that depends on
    one of them."""
    stream = np.random.default_rng(1000 + number)
    n = int(stream.integers(1, most + 1))
    chosen = stream.choice(len(LAWS), n, replace=False)
    names = [f"x{k}" for k in range(n)]
    population = {
        "patients": patients,
        "characteristic": [{"name": name, **LAWS[law]} for name, law in zip(names, chosen, strict=True)],
        "correlation": [
            {"pair": [names[k - 1], names[k]], "value": float(stream.uniform(-0.7, 0.7)), "of": "latents"}
            for k in range(1, n)
        ],
    }
    if n < most or stream.random() < 0.3:
        law, variance = str(stream.choice(["gamma", "lognormal"])), float(stream.uniform(0.1, 0.8))
        population["frailty"] = [{"law": law, "variance": variance, "moves": str(stream.choice(MOVES[:3]))}]
    effects = [{"covariate": name, **shape_of(stream, str(stream.choice(MOVES)))} for name in names]
    interaction = {"covariate": names[-1], **shape_of(stream, "improvement"), "label": "by covariate"}
    return population, effects, interaction


def trial_of(population, effects, interaction):
    document = dict(read_document(str(SMALL)))
    disease = {name: dict(value) if isinstance(value, dict) else value for name, value in document["disease"].items()}
    drug = dict(disease["treatments"]["drug"])
    drug["effect"] = [*drug["effect"], interaction]
    document["disease"] = {**disease, "treatments": {"drug": drug}, "covariate": effects}
    document["population"] = {**document["population"], **population}
    return scenario_of(document, str(SMALL)).trial


def worst_z(trial, replicates, seed):
    """The largest |z| of numbers of patients in categories, by endpoint and arm, from chi-squared statistics."""
    cells = Cells(trial)
    tables = IndividualEngine(cells, seed).tables(0, replicates)
    found = []
    for law, table in zip(cells.marginal_laws, tables, strict=True):
        counts = table.sum(axis=0)
        expected = law * counts.sum(axis=1, keepdims=True)
        for arm in np.split(np.arange(len(cells)), len(cells.arms)):
            seen, wanted = counts[arm].ravel(), expected[arm].ravel()
            many = wanted > 10.0
            assert seen[~many].sum() < 60.0 + 4.0 * wanted[~many].sum()
            chi2 = ((seen[many] - wanted[many]) ** 2 / wanted[many]).sum()
            degrees = max(int(many.sum()) - len(arm), 1)
            found.append(abs(stats.norm.isf(stats.chi2.sf(chi2, degrees))))
    return max(found)


@pytest.mark.parametrize("number", MODELS)
def test_exact_laws_agree_with_patients_who_draw_their_own(number):
    trial = trial_of(*model_of(number, 2_000))
    assert trial.population.quadrature.error < 1e-6
    assert worst_z(trial, 20, 5 + number) < WORST_Z


@pytest.mark.verify
@pytest.mark.parametrize("number", MODELS)
def test_exact_laws_agree_with_millions_of_patients(number):
    trial = trial_of(*model_of(100 + number, 20_000, most=3))
    assert trial.population.quadrature.error < 1e-6
    assert worst_z(trial, 100, 5 + number) < WORST_Z
