"""Effects of a trial from other trials, and from the one before it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from jaksim.calibration.mechanistic.effects import last_before, own_effects, predicted_effects
from jaksim.pooling.hierarchy import fit, predictive
from jaksim.pooling.summaries import TrialEffects

CELLS = ("improvement", "deterioration", "death")


def told(study: str, published: str, mean, sd, drug: str = "baricitinib", cells=CELLS) -> TrialEffects:
    return TrialEffects.of(
        np.array(mean, dtype=float),
        np.diag(np.square(np.array(sd, dtype=float))),
        study=study,
        published=published,
        drug=drug,
        treatment_class="jak_inhibitor",
        share=0.5,
        cells=cells,
        windows=((0.0, 14.0),) * len(cells),
    )


TRIALS = [
    told("one", "2020-12", (0.2, -0.3, -0.4), (0.1, 0.2, 0.2)),
    told("two", "2021-06", (0.1, -0.1, -0.2), (0.1, 0.1, 0.1), drug="tofacitinib"),
    told("three", "2021-09", (0.3, -0.2, -0.5), (0.2, 0.2, 0.2)),
]
NAMES = ("a", "b", "c")


def test_the_prediction_is_that_of_the_hierarchy_of_the_others():
    found = predicted_effects(TRIALS[2], TRIALS[:2], NAMES, draws=50, seed=3)
    assert found.parameters == NAMES
    assert list(found.draws) == ["jaksim", "no effect", "last effect"]
    expected = predictive(fit(TRIALS[:2], draws=50, seed=3), TRIALS[2], seed=3)
    assert np.array_equal(found.draws["jaksim"], expected)
    assert not found.draws["no effect"].any()


def test_what_the_trial_itself_found_does_not_enter():
    other = replace(TRIALS[2], weighted=-5.0 * TRIALS[2].weighted, information=3.0 * TRIALS[2].information)
    before = predicted_effects(TRIALS[2], TRIALS[:2], NAMES, draws=50)
    after = predicted_effects(other, TRIALS[:2], NAMES, draws=50)
    for name, drawn in before.draws.items():
        assert np.array_equal(drawn, after.draws[name])


def test_the_last_effect_is_of_the_trial_published_before():
    assert last_before(TRIALS[2], TRIALS[:2]).study == "two"
    assert last_before(TRIALS[0], TRIALS[1:]) is None
    same_month = replace(TRIALS[1], published="2021-09")
    assert last_before(TRIALS[2], [TRIALS[0], same_month]).study == "one"
    assert not predicted_effects(TRIALS[0], TRIALS[1:], NAMES, draws=20).draws["last effect"].any()


def test_own_effects_have_the_mean_and_spread_that_the_trial_found():
    """Standard errors are small against the wide prior, so that it hardly pulls."""
    drawn = own_effects(TRIALS[1], CELLS, 20_000, 1)
    assert drawn.mean(axis=0) == pytest.approx([0.1, -0.1, -0.2], abs=0.01)
    assert drawn.std(axis=0) == pytest.approx([0.1, 0.1, 0.1], rel=0.03)


def test_cells_that_the_trial_lacks_take_those_of_the_kind_else_none():
    split = told("split", "2021-01", (-0.1, -0.6), (0.1, 0.1), cells=("death.45", "death.7"))
    drawn = own_effects(split, ("death.7", "death", "death.6", "improvement"), 20_000, 1)
    assert drawn.mean(axis=0) == pytest.approx([-0.6, -0.35, -0.35, 0.0], abs=0.02)
    assert not drawn[:, 3].any()
    silent = replace(TRIALS[0], information=np.diag([100.0, 0.0, 25.0]), weighted=np.array([20.0, 0.0, -10.0]))
    assert not own_effects(silent, CELLS, 100, 1)[:, 1].any()
