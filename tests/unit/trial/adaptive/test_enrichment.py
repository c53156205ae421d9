"""The rule of enrichment, and what it refuses."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from jaksim.design.conduct.adaptive.enrichment import correlation_of_parts
from jaksim.errors import InputError
from jaksim.scenario import load_scenario
from jaksim.trial.adaptive.enrichment import BOTH, FULL, STOP, SUBGROUP

CHANGES = ("adaptation.kind=enrichment", "adaptation.subgroup=well, severe")
TRIAL = load_scenario(Path(__file__).parents[3] / "scenarios" / "adaptable.toml", changes=CHANGES).trial


def test_the_choice():
    rules = replace(TRIAL.adaptation, full_limit=0.5, subgroup_limit=1.0, complement_limit=-0.5)
    full, part, rest = np.array([[1.0, 1.2, 0.3], [1.0, 0.2, 1.2], [1.0, 1.5, -0.6], [0.4, 0.9, 0.0]]).T
    assert rules.choose(full, part, rest).tolist() == [BOTH, FULL, SUBGROUP, STOP]
    assert rules.choose(*np.full((3, 1), -np.inf)).tolist() == [STOP]


def test_what_cannot_be_is_refused():
    rules = TRIAL.adaptation
    with pytest.raises(InputError, match="unknown analysis"):
        replace(TRIAL, adaptation=replace(rules, subgroup="severe"))
    with pytest.raises(InputError, match="do not differ"):
        replace(rules, subgroup="well")
    with pytest.raises(InputError, match="differ in endpoint"):
        replace(TRIAL, adaptation=replace(rules, subgroup="score"))
    with pytest.raises(InputError, match="one inside the other"):
        replace(TRIAL, adaptation=replace(rules, full="well, severe", subgroup="well"))
    with pytest.raises(InputError, match="unknown test"):
        replace(rules, intersection="dunett")


def test_correlation_of_everyone_with_a_part():
    rng = np.random.default_rng(2)
    draws = rng.normal(size=(200_000, 2)) * [0.5, 2.0]
    for weight in (0.4, 16.0 / 17.0, 0.97):
        everyone = weight * draws[:, 0] + (1.0 - weight) * draws[:, 1]
        exact = np.corrcoef(everyone, draws[:, 0])[0, 1]
        errors = (np.array([np.hypot(weight * 0.5, (1.0 - weight) * 2.0)]), np.array([0.5]), np.array([2.0]))
        assert correlation_of_parts(*errors, weight) == pytest.approx([exact], abs=0.01)
    missing = np.array([np.nan])  # then by the share of patients
    assert correlation_of_parts(np.array([0.5]), missing, np.array([0.6]), 0.5) == pytest.approx([np.sqrt(0.5)])
