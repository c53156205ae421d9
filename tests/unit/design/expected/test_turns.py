"""Shares of patients whose treatment changes, and moves that are counted across a change within a day."""

from pathlib import Path

import numpy as np
import pytest

from jaksim.design.engine.cells import Cells
from jaksim.design.expected.move_counts import move_counts
from jaksim.design.expected.occupation import occupations
from jaksim.design.expected.turns import turn_shares
from jaksim.scenario import load_scenario

RESCUED = Path(__file__).parents[3] / "scenarios" / "rescued.toml"
LATE = "rescue=[{ treatments = ['open'], per_day = 0.4, start = 1.3 }]"
CROSSOVER = 'switch=[{ to = "drug", arms = ["control"], day = 5, probability = 0.5 }]'


def cells(*changes):
    return Cells(load_scenario(RESCUED, changes=["rescue=[]", *changes]).trial)


def test_who_changes_on_a_day_is_the_share_of_those_alive_then():
    found = cells(CROSSOVER)
    (switched,) = turn_shares(found)
    assert (switched.arm, switched.event, switched.treatments) == ("control", "switch", ("drug", "care"))
    alive = [1.0 - one.probability[4][3] for one in occupations(found) if one.arm == "control" and one.baseline is None]
    assert switched.share[:5] == (0.0,) * 5
    # Within the hundredth of a day that it takes, some of those not yet reached die.
    assert switched.share[5] == pytest.approx(0.5 * alive[0], abs=2e-4)
    assert np.ptp(switched.share[5:]) < 1e-12


def test_a_pause_is_told_of_arms_that_give_something_to_miss():
    shares = turn_shares(cells("missed_doses=[{ covered = 0.8, days = 3 }]"))
    assert [one.arm for one in shares] == ["drug"]
    assert shares[0].share[0] == pytest.approx(0.2)
    assert shares[0].what == "in a pause of doses"


@pytest.mark.parametrize("changes", [(), (CROSSOVER,), (LATE,)])
def test_moves_into_a_score_less_those_out_of_it_are_its_change(changes):
    found = cells(*changes)
    counted = {(one.arm, one.move): one.per_patient for one in move_counts(found)}
    for one in occupations(found):
        if one.baseline is not None:
            continue
        dead, well = (one.probability[-1][state] - one.probability[0][state] for state in (3, 0))
        assert counted[one.arm, "3>4"] == pytest.approx(dead, abs=1e-5)
        assert counted[one.arm, "2>1"] - counted[one.arm, "1>2"] == pytest.approx(well, abs=1e-5)
