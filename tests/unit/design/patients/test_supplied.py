"""What each patient was given of stock and wards, as a table that can be analysed again."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import jaksim
from jaksim.operations.events import Conductor

SITES = str(Path(__file__).parents[3] / "scenarios" / "sites.toml")
SUPPLY = (
    'operations.supply={ product=[{ name="kit", made=400, shelf_life=60 }], kits={ drug={ kit=1 }, '
    'control={ kit=1 } }, dispensing=[0, 5], first=1, reorder=0, up_to=2, lead=8, without_kit="without drug" }'
)
WARD = 'operations.ward=[{{ name="high care", places=2, scores=[3], others=0.2, stay=6, rule="{}", worse={} }}]'
COLUMNS = ["kits_used", "doses_missed", "days_in_high_care", "refused_high_care"]


@pytest.fixture(scope="module", params=[("stay", 2.0), ("transfer", 1.0)], ids=lambda rule: rule[0])
def changes(request):
    return [SUPPLY, WARD.format(*request.param)]


@pytest.fixture(scope="module")
def table(changes):
    return jaksim.simulate_trial(SITES, replicate=2, seed=3, changes=changes).to_pandas()


def test_kits_and_beds_are_those_of_the_log(changes, table):
    trial = jaksim.load_scenario(SITES, changes=changes).trial
    log = Conductor(trial, 3).run(2)
    assert log.reason == "full"
    assert table["kits_used"].sum() == log.drug.used.sum() > 0
    assert table["doses_missed"].sum() == log.drug.missed.sum() > 0
    assert table["refused_high_care"].sum() == log.patients.turned_away.sum() > 0


def test_kits_and_missed_dispensings_are_those_planned_while_a_patient_takes_drug(table):
    dead_by_day_5 = (table[[f"score_day_{day}" for day in range(2, 7)]] == 4).any(axis=1)
    planned = np.where(dead_by_day_5, 1, 2)
    np.testing.assert_array_equal(table["kits_used"] + table["doses_missed"], planned)


def test_who_was_never_refused_has_a_place_on_each_day_of_need(changes, table):
    scores = table[["baseline_score", *(f"score_day_{day}" for day in range(2, 12))]]
    needed = (scores == 3).sum(axis=1)
    never = table["refused_high_care"] == 0
    assert 0 < (~never).sum() < len(table)
    np.testing.assert_array_equal(table["days_in_high_care"][never], needed[never])
    assert (table["days_in_high_care"][~never] <= needed[~never]).all()
    if 'rule="transfer"' in changes[1]:
        assert (table["days_in_high_care"] % 1 == 0).all()
    # Some of those who stay get a place later.
    assert (table["days_in_high_care"][~never] > 0).any() or 'rule="transfer"' in changes[1]


def test_the_table_is_analysed_like_the_trial(changes, tmp_path):
    path = tmp_path / "patients.csv"
    simulated = jaksim.simulate_trial(SITES, replicate=2, seed=3, changes=changes)
    simulated.write(path)
    assert [name for name in pd.read_csv(path).columns if name in COLUMNS] == COLUMNS
    found = jaksim.analyze(path, scenario=SITES)
    decided = simulated.ending.decided[0]
    assert found.analyses[0].result.estimate == pytest.approx(decided.estimate, rel=1e-9)
    by_site = jaksim.analyze(path, endpoint="death", method="risk_difference_mh", stratum="site")
    assert len(by_site.data[0].strata) == 9


def test_what_is_not_known_yet_is_left_out(changes):
    simulated = jaksim.simulate_trial(SITES, replicate=2, seed=3, changes=changes, as_known=True)
    assert not set(COLUMNS) & set(simulated.columns())
    fast = jaksim.simulate_trial(SITES, replicate=2, seed=3, changes=changes, door="fast")
    assert not set(COLUMNS) & set(fast.columns())
    assert "supply and wards are not in these figures" in fast.left_out
