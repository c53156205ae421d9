import copy
import json

import numpy as np
import pytest

from jaksim.errors import InputError
from jaksim.model.parameter_set import load_parameter_set
from jaksim.pooling.file import pooling_document, pooling_from
from jaksim.pooling.hierarchy import fit
from jaksim.pooling.priors import PooledPriors
from jaksim.pooling.summaries import TrialEffects, Within
from jaksim.scenario.scenario import load_scenario

CELLS = ("improvement", "deterioration", "death")
ROWS = 40


@pytest.fixture(scope="module")
def posterior():
    stream = np.random.default_rng(1)
    trials = [
        TrialEffects.of(
            0.2 * stream.standard_normal(3),
            np.diag([0.01, 0.04, 0.02]),
            study=f"trial-{number}",
            published=f"2021-0{number + 1}",
            drug="baricitinib",
            treatment_class="JAK inhibitor",
            share=0.2 * number,
            cells=CELLS,
            windows=((0, 14), (0, 14), (0, 28)),
            within=Within(np.diag([3.0, 0.0, 5.0]), np.array([0.3, 0.0, -1.0])) if number == 1 else None,
        )
        for number in range(4)
    ]
    return fit(trials, PooledPriors(reasons={"between_trials": "as the test has it"}), draws=ROWS, points=128)


@pytest.fixture
def document(posterior):
    found = pooling_document(posterior, classes=["JAK inhibitor"], with_class="glucocorticoid")
    return json.loads(json.dumps(found))


@pytest.fixture
def parameter_set(posterior, document, tmp_path):
    """A parameter set of effects only, as a file."""
    at = [posterior.coordinates.of_drug("baricitinib", cell) for cell in CELLS]
    effects = [{"treatment": "baricitinib", "name": cell, "moves": [cell], "window": [0, 14]} for cell in CELLS]
    names = [f"log_hazard_ratio.baricitinib.{cell}" for cell in CELLS]
    content = {
        "format": 1,
        "name": "own",
        "study": "own",
        "title": "Own trials together",
        "horizon": 28,
        "background": [],
        "natural_history_source": "none",
        "model": {
            "scale": "niaid-8",
            "move": [],
            "treatment": {"baricitinib": {"class": "JAK inhibitor"}},
            "effect": effects,
        },
        "parameters": [
            {"name": name, "estimate": posterior.mean[i], "standard_error": posterior.sd[i], "description": name}
            for name, i in zip(names, at, strict=True)
        ],
        "covariance": posterior.covariance[np.ix_(at, at)].tolist(),
        "draws": posterior.draws[:, at].tolist(),
        "targets": [],
        "diagnostics": {},
        "assumptions": [],
        "provenance": {},
        "pooling": document,
    }
    path = tmp_path / "own.json"
    path.write_text(json.dumps(content), "utf-8")
    return path


def test_what_is_written_is_read(posterior, document):
    found = pooling_from(document, ROWS, "own")
    assert found.tau_draws == pytest.approx(posterior.tau_draws, rel=1e-5)
    kinds = [posterior.coordinates.of_interaction("JAK inhibitor", kind) for kind in found.kinds]
    interaction = found.interaction_of(("glucocorticoid", "JAK inhibitor"))
    assert interaction.draws == pytest.approx(posterior.draws[:, kinds], rel=1e-5)
    assert interaction.sd == pytest.approx(posterior.sd[kinds], rel=1e-6)
    assert found.trials[1].within.information == pytest.approx(np.diag([3.0, 0.0, 5.0]))
    assert found.trials[0].within is None
    assert found.priors == posterior.priors
    assert found.tau_prior == {"improvement": 0.2, "deterioration": 0.2, "death": 0.2}
    again = fit(found.trials, found.priors, draws=ROWS, points=128)
    assert again.draws == pytest.approx(posterior.draws, abs=1e-6)


def change(document, path, value):
    changed = copy.deepcopy(document)
    inner = changed
    for key in path[:-1]:
        inner = inner[key]
    inner[path[-1]] = value
    return changed


@pytest.mark.parametrize(
    ("path", "value", "says"),
    [
        (["kinds"], ["death"], "other kinds"),
        (["tau_draws"], [[0.1, 0.1, 0.1]], "another shape"),
        (["tau_draws", 0, 1], -0.1, "out of range"),
        (["trials", 2, "information", 0], [1.0], "rows of the same length"),
        (["trials", 2, "published"], "2021", "YYYY-MM"),
        (["trials", 2, "share"], 2.0, "0 to 1"),
        (["priors"], {"class_sd": 1.0}, "missing"),
        (["interaction", "estimate", "JAK inhibitor"], [0.0], "another shape"),
        (["interaction", "sd"], {}, "JAK inhibitor"),
        (["interaction_draws"], [[0.0, 0.0, 0.0]] * ROWS, "interaction_draws"),
        (["trials", 1, "within", "weighted"], [0.1], "trial 2, within, weighted: has another shape"),
        (["trials", 1, "within"], {"weighted": [0.1] * 3}, "information"),
        (["trials", 1, "share"], None, "no interaction concerns"),
        (["priors", "interaction_shared"], 1.0, "below 1"),
    ],
)
def test_a_fault_in_the_file_is_named(document, path, value, says):
    with pytest.raises(InputError, match=says):
        pooling_from(change(document, path, value), ROWS, "own, pooling")


def test_a_set_of_effects_has_no_natural_history(parameter_set):
    found = load_parameter_set(str(parameter_set))
    assert found.treatments["baricitinib"].effects[2].log_hazard_ratio == found.estimate[2]
    assert found.drawn_treatments(3)["baricitinib"].effects[1].log_hazard_ratio == found.draws[3, 1]
    for ask in (lambda: found.natural_history, lambda: found.draw(0), lambda: found.drawn_history(0)):
        with pytest.raises(InputError, match="no natural history"):
            ask()


SCENARIO = """
title = "own"
[disease]
natural_history = "{history}"
background = ["remdesivir"]
[disease.treatments]
baricitinib = "own.json"
dexamethasone = "recovery-dexamethasone"
[[disease.interaction]]
pair = ["{first}", "glucocorticoid"]
moves = {moves}
parameter_set = "{chosen}"
{more}
[population]
patients = 100
[[population.stratum]]
name = "score 5"
baseline_score = 5
[[arm]]
name = "control"
regimen = ["remdesivir", "dexamethasone"]
reference = true
[[arm]]
name = "both"
regimen = ["remdesivir", "dexamethasone", "baricitinib"]
[[endpoint]]
name = "death"
kind = "event_by_day"
set = "dead"
day = 28
[[analysis]]
endpoint = "death"
method = "risk_difference_mh"
"""
WRITTEN = {"history": "actt-2", "first": "JAK inhibitor", "moves": '"death"', "chosen": "own.json", "more": ""}


def scenario(parameter_set, **changes):
    path = parameter_set.parent / "own.toml"
    path.write_text(SCENARIO.format(**{**WRITTEN, **changes}), "utf-8")
    return load_scenario(path)


def test_a_scenario_takes_effects_and_the_interaction_from_it(parameter_set, posterior):
    found = scenario(parameter_set).disease
    assert found.interaction_sets == ("own.json",)
    position = posterior.coordinates.of_interaction("JAK inhibitor", "death")
    interaction = found.model.interactions[0]
    assert interaction.log_hazard_ratio == pytest.approx(posterior.mean[position], rel=1e-6)
    assert interaction.prior_sd == pytest.approx(posterior.sd[position], rel=1e-6)
    assert "own.json" in interaction.source


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"history": "own.json"}, "no natural history"),
        ({"first": "remdesivir"}, "no such pair"),
        ({"moves": '["death", "improvement"]'}, "one for each kind"),
        ({"chosen": "actt-2"}, "has no interaction"),
        ({"more": "prior_sd = 0.1"}, "the parameter set says it"),
        ({"more": "log_hazard_ratio = 0.1"}, "the parameter set says it"),
    ],
)
def test_what_it_cannot_give_is_refused(parameter_set, changes, says):
    with pytest.raises(InputError, match=says):
        scenario(parameter_set, **changes)
