"""Subgroups inside trials, and what they say together with trials compared."""

from dataclasses import replace

import numpy as np
import pytest

from jaksim.errors import InputError
from jaksim.evidence.synthesis.answers import synthesise
from jaksim.evidence.synthesis.interaction import interaction
from jaksim.evidence.synthesis.posterior import NormalMixture
from jaksim.evidence.synthesis.selection_file import load_selection
from jaksim.evidence.synthesis.trial_evidence import gather


@pytest.fixture(scope="module")
def selection():
    return load_selection("mortality")


def crossed(selection, **changes):
    return interaction(selection, replace(selection.interaction, **changes), gather(selection))


def test_a_normal_given_another_is_their_weighted_mean():
    found = NormalMixture(np.array([1.0]), np.array([0.2]), np.array([0.3])).given(-0.1, 0.4)
    weights = np.array([0.3**-2, 0.4**-2])
    assert found.mean == pytest.approx(weights @ [0.2, -0.1] / weights.sum())
    assert found.standard_deviation == pytest.approx(weights.sum() ** -0.5)


def test_a_mixture_given_an_estimate_agrees_with_weighted_draws():
    rng = np.random.default_rng(4)
    mixture = NormalMixture(np.array([0.7, 0.3]), np.array([0.0, 1.0]), np.array([0.5, 0.2]))
    draws = np.where(rng.random(400_000) < 0.7, rng.normal(0.0, 0.5, 400_000), rng.normal(1.0, 0.2, 400_000))
    weights = np.exp(-0.5 * ((0.6 - draws) / 0.4) ** 2)
    mean = np.average(draws, weights=weights)
    found = mixture.given(0.6, 0.4)
    assert found.mean == pytest.approx(mean, abs=0.005)
    assert found.standard_deviation == pytest.approx(np.average((draws - mean) ** 2, weights=weights) ** 0.5, abs=0.005)


def test_together_they_say_more_than_either(selection):
    found = crossed(selection)
    for name, combined in found.combined.items():
        across = found.fit if name == "" else found.by_class[name]
        assert combined.standard_deviation < across.coefficient("interaction").standard_deviation
        assert combined.standard_deviation < found.within_pooled[name].mean.standard_error


def test_counts_of_subgroups_give_the_ratio_of_their_odds_ratios(selection):
    """RECOVERY: 482/1664 against 600/1721 on glucocorticoids, 139/357 against 127/367 without."""
    found = crossed(selection)
    contrast = next(value for entry, value in found.within if entry.study == "recovery-tocilizumab")
    ratio = (482 / 1182 * 1121 / 600) / (139 / 218 * 240 / 127)
    assert contrast.ratio == pytest.approx(ratio)
    cells = [482, 1182, 600, 1121, 139, 218, 127, 240]
    assert contrast.standard_error == pytest.approx(sum(1 / cell for cell in cells) ** 0.5)


def test_arms_that_differ_in_the_modifier_need_its_own_effect(selection):
    with pytest.raises(InputError, match=r"modifier_effect.*corimuno-toci-1"):
        crossed(selection, modifier=None)


def test_without_subgroups_trials_are_compared_alone(selection):
    found = crossed(selection, within=())
    assert not found.combined
    assert not found.within_pooled
    assert found.estimate == synthesise(selection).interaction.estimate
