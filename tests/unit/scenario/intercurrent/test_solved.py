"""Rules that are solved for from the share of patients to whom they happen."""

from pathlib import Path

import numpy as np
import pytest

from jaksim.design.engine.cells import Cells
from jaksim.design.expected.turns import turn_shares
from jaksim.errors import InputError
from jaksim.scenario import load_scenario

RESCUED = Path(__file__).parents[3] / "scenarios" / "rescued.toml"
RESCUE = 'rescue=[{ treatments = ["open"], current_scores = [2, 3], share = 0.4, lasts = 4 }]'


def shares(*changes):
    scenario = load_scenario(RESCUED, changes=["rescue=[]", *changes])
    found = {(one.arm, one.event): one.share[-1] for one in turn_shares(Cells(scenario.trial))}
    return found, {line.about: line.statement for line in scenario.assumptions}


def test_the_share_of_all_arms_together_comes_out():
    found, told = shares(RESCUE)
    assert np.mean([found["drug", "rescue"], found["control", "rescue"]]) == pytest.approx(0.4, abs=1e-9)
    assert found["control", "rescue"] > found["drug", "rescue"]
    assert "solved for 40 % of the patients by the last day" in told["rescue"]


@pytest.mark.parametrize(
    "rule",
    [
        'current_scores = [3], share = 0.1, on_move = "worse"',
        "current_scores = [2, 3], share = 0.3, day = 4",
        "share = 0.5, start = 2",
    ],
)
def test_probabilities_at_moves_and_on_days_are_solved_for_too(rule):
    wanted = float(rule.partition("share = ")[2].partition(",")[0])
    found, _ = shares(f'rescue=[{{ treatments = ["open"], arms = ["control"], {rule} }}]')
    assert found["control", "rescue"] == pytest.approx(wanted, abs=1e-9)


def test_several_shares_hold_together():
    stop = 'treatment_stop=[{ current_scores = [1, 2], share = 0.25, arms = ["drug"] }]'
    two = 'switch=[{ to = "drug", arms = ["control"], share = 0.3, current_scores = [3] }]'
    found, _ = shares(RESCUE, stop, two)
    assert found["drug", "treatment_stop"] == pytest.approx(0.25, abs=1e-9)
    assert found["control", "switch"] == pytest.approx(0.3, abs=1e-9)
    assert np.mean([found["drug", "rescue"], found["control", "rescue"]]) == pytest.approx(0.4, abs=1e-9)


@pytest.mark.parametrize(
    ("rule", "words"),
    [
        ("share = 0.9, current_scores = [3]", "rescue.0.share: no value of the rule gives this share"),
        ("share = 0.2, per_day = 0.1", "from which it follows"),
        ("share = 1.2", "share"),
    ],
)
def test_what_cannot_be_is_refused(rule, words):
    with pytest.raises(InputError, match=words):
        shares(f'rescue=[{{ treatments = ["open"], {rule} }}]')
