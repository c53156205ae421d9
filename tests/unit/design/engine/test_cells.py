from pathlib import Path

import numpy as np
import pytest

from jaksim.design.engine.cells import Cells
from jaksim.scenario import load_scenario

SMALL = Path(__file__).parents[3] / "scenarios" / "small.toml"


@pytest.fixture(scope="module")
def cells():
    return Cells(load_scenario(SMALL).trial)


def test_the_reference_arm_comes_first(cells):
    assert [(cell.arm.name, cell.stratum.name) for cell in cells.cells] == [
        ("control", "ill"),
        ("control", "mixed"),
        ("drug", "ill"),
        ("drug", "mixed"),
    ]
    assert cells.expected_sizes.tolist() == pytest.approx([90, 60, 90, 60])


def test_joint_law_has_the_marginal_laws(cells):
    joint = cells.joint_law(cells.joint_automaton(10**6))
    assert joint.laws.sum(axis=1) == pytest.approx(np.ones(4), abs=1e-12)
    for part, size, marginal in zip(joint.parts, joint.sizes, cells.marginal_laws, strict=True):
        summed = np.array([np.bincount(part, weights=law, minlength=size) for law in joint.laws])
        assert summed == pytest.approx(marginal, abs=1e-12)


def test_a_mixed_stratum_has_the_mixture_of_its_laws():
    pure = [
        Cells(
            load_scenario(
                SMALL,
                changes=[
                    f"population.stratum.mixed.mixture.0.weight={weight}",
                    f"population.stratum.mixed.mixture.1.weight={1 - weight}",
                ],
            ).trial
        ).marginal_laws
        for weight in (0, 1, 0.25)
    ]
    for very_ill, ill, mixed in zip(*pure, strict=True):
        assert mixed[1] == pytest.approx(0.25 * ill[1] + 0.75 * very_ill[1], abs=1e-14)


def test_too_large_a_joint_automaton_is_given_up(cells):
    assert cells.joint_automaton(10) is None
