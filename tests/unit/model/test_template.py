import math

import numpy as np
import pytest

from jaksim.errors import InputError
from jaksim.model.moves import Move
from jaksim.model.template import Parameter
from jaksim.model.template_file import template_from_mapping


@pytest.fixture
def document():
    return {
        "scale": "niaid-8",
        "source": "a made-up trial",
        "parameter": {"shift.up": {"prior_mean": 0.2, "prior_sd": 0.3, "reason": "moves up together"}},
        "profile": {"improvement": {"cuts": [3, 7], "prior_mean": [0.1, -0.2], "prior_sd": 0.5}},
        "move": [
            {"move": "6>5", "intensity": 0.2, "profile": "improvement", "shared": ["shift.up"]},
            {"move": "5>2", "intensity": 0.1, "profile": "improvement", "shared": ["shift.up"]},
            {"move": "5>6", "intensity": 0.05, "prior_sd": 0.0},
            {"move": "2>5", "intensity": 0.01, "group": "deterioration"},
        ],
        "treatment": {"drug": {"class": "antiviral"}, "other": {"class": "JAK inhibitor"}},
        "effect": [
            {"treatment": "drug", "name": "up", "moves": ["improvement", "discharge"], "window": [1, 10]},
            {
                "treatment": "drug",
                "name": "worse",
                "moves": ["5>6"],
                "current_scores": [5],
                "baseline_scores": [5, 6],
                "prior_mean": -0.3,
                "prior_sd": 0.1,
                "source": "elsewhere",
                "reason": "known",
            },
        ],
    }


@pytest.fixture
def template(document):
    return template_from_mapping(document, where="model")


def test_parameters_and_their_priors(template):
    found = {p.name: (p.prior_mean, p.prior_sd) for p in template.parameters}
    assert found == {
        "shift.up": (0.2, 0.3),
        "log_profile.improvement.from_day_3": (0.1, 0.5),
        "log_profile.improvement.from_day_7": (-0.2, 0.5),
        "log_intensity.6>5": (pytest.approx(math.log(0.2)), 1.0),
        "log_intensity.5>2": (pytest.approx(math.log(0.1)), 1.0),
        "log_intensity.5>6": (pytest.approx(math.log(0.05)), 0.0),
        "log_intensity.2>5": (pytest.approx(math.log(0.01)), 1.0),
        "log_hazard_ratio.drug.up": (0.0, 3.0),
        "log_hazard_ratio.drug.worse": (-0.3, 0.1),
    }
    assert [p.name for p in template.parameters if p.fixed] == ["log_intensity.5>6"]
    assert template.parameters[0].description == "moves up together"
    np.testing.assert_array_equal(template.prior_sd, [found[n][1] for n in template.names])


def test_natural_history_at_given_values(template):
    values = np.arange(9) / 10.0
    v = dict(zip(template.names, values, strict=True))
    history = template.natural_history(values)
    up = history.intensities[Move(6, 5)]
    base = v["log_intensity.6>5"] + v["shift.up"]
    assert up.cuts == (3, 7)
    assert up.values == pytest.approx(
        [
            math.exp(base),
            math.exp(base + v["log_profile.improvement.from_day_3"]),
            math.exp(base + v["log_profile.improvement.from_day_7"]),
        ]
    )
    assert history.intensities[Move(5, 6)].values == pytest.approx([math.exp(v["log_intensity.5>6"])])
    assert history.groups[Move(5, 2)] == "discharge"
    assert history.groups[Move(2, 5)] == "deterioration"


def test_treatments_at_given_values(template):
    values, errors = np.arange(9) / 10.0, np.arange(9) / 100.0
    treatments = template.treatments(values, errors)
    assert treatments["other"].effects == ()
    assert treatments["drug"].drug_class == "antiviral"
    up, worse = treatments["drug"].effects
    assert (up.log_hazard_ratio, up.standard_error) == (0.7, 0.07)
    assert (up.moves, up.window.start, up.window.end) == (("improvement", "discharge"), 1, 10)
    assert (up.source, worse.source) == ("a made-up trial", "elsewhere")
    assert (worse.moves, worse.current_scores, worse.baseline_scores) == ((Move(5, 6),), (5,), (5, 6))
    assert worse.window.end == math.inf
    assert template.treatments(values)["drug"].effects[0].standard_error is None


def test_values_must_be_one_for_each_parameter(template):
    with pytest.raises(ValueError):
        template.natural_history(np.zeros(3))


REQUIRED = [
    ((), "scale"),
    ((), "move"),
    (("profile", "improvement"), "cuts"),
    (("move", 0), "move"),
    (("move", 0), "intensity"),
    (("treatment", "drug"), "class"),
    (("effect", 0), "treatment"),
    (("effect", 0), "name"),
    (("effect", 0), "moves"),
]


def inner(document, path):
    for step in path:
        document = document[step]
    return document


@pytest.mark.parametrize(("path", "key"), REQUIRED)
def test_a_missing_key_is_named(document, path, key):
    del inner(document, path)[key]
    with pytest.raises(InputError, match=f"the key '{key}' is missing"):
        template_from_mapping(document, where="model")


@pytest.mark.parametrize(
    ("path", "key", "value", "words"),
    [
        ((), "scle", 1, "did you mean 'scale'"),
        ((), "move", [], "at least one move"),
        (("parameter", "shift.up"), "prior_sdd", 1, "did you mean 'prior_sd'"),
        (("parameter", "shift.up"), "prior_sd", -1, "negative"),
        (("parameter",), "unused", {}, "parameter unused: parameter is used by no move"),
        (("profile", "improvement"), "cuts", [7, 3], "cuts must increase"),
        (("profile", "improvement"), "cuts", [0, 3], "later than day 0"),
        (("profile", "improvement"), "cuts", [3], "2 prior values for 1 cuts"),
        (("profile", "improvement"), "prior_sd", ["a", 1], "must be a number"),
        (("move", 1), "move", "6>5", "move 6>5: move defined twice"),
        (("move", 0), "move", "6-5", "not a move"),
        (("move", 0), "move", "9>5", "unknown score"),
        (("move", 0), "move", "8>5", "absorbing"),
        (("move", 0), "intensity", 0, "must be positive"),
        (("move", 0), "intensity", "fast", "must be a number"),
        (("move", 0), "profile", "improvment", "did you mean 'improvement'"),
        (("move", 0), "shared", ["shift.u"], "did you mean 'shift.up'"),
        (("move", 3), "group", "deteriorating", "did you mean 'deterioration'"),
        (("move", 0), "prior_mean", 1.0, "unknown key"),
        (("effect", 0), "treatment", "drugg", "did you mean 'drug'"),
        (("effect", 0), "moves", ["improvment"], "did you mean 'improvement'"),
        (("effect", 0), "window", [10, 1], "end after its start"),
        (("effect", 0), "window", [1, 2, 3], "a start and an end"),
        (("effect", 0), "clock", "onsett", "did you mean 'onset'"),
        (("effect", 0), "curent_scores", [5], "did you mean 'current_scores'"),
        (("effect", 0), "current_scores", [9], "unknown score"),
        (("effect", 0), "current_scores", 5, "must be a list"),
    ],
)
def test_a_slip_gets_one_message(document, path, key, value, words):
    inner(document, path)[key] = value
    with pytest.raises(InputError, match=words):
        template_from_mapping(document, where="model")


def test_a_prior_is_finite():
    for mean, sd in ((math.nan, 1.0), (0.0, math.inf), (math.inf, 1.0), (0.0, -0.1)):
        with pytest.raises(InputError, match="parameter x"):
            Parameter("x", mean, sd)
