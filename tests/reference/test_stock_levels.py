"""Stock at sites supplied by levels against stockpyl, and the (s, S) formula: `make_stock_levels.py` made the table."""

import csv
import math
from pathlib import Path

import numpy as np
import pytest
from scipy import stats

from jaksim.operations.events import Conductor
from jaksim.operations.events.replicate import Replicate
from jaksim.trial.operations.day_law import fixed
from jaksim.trial.operations.operations import Operations
from jaksim.trial.operations.recruitment import Country, Recruitment, SiteGroup
from jaksim.trial.operations.supply import Product, Resupply, Supply
from tests.operations_plans import small_trial

SITES, REPLICATES, DAYS, LAST = 40, 6, (60, 90, 120), 150


def policies():
    with open(Path(__file__).with_name("stock_levels_expected.csv")) as file:
        return [{name: float(value) for name, value in row.items()} for row in csv.DictReader(file)]


def stock_of_sites(policy):
    """Kits at each site on some days of some replicates, in the long run, and patients turned away."""
    resupply = Resupply(
        "levels", int(policy["up_to"]), int(policy["reorder"]), int(policy["up_to"]), lead=fixed(int(policy["lead"]))
    )
    kits = {"drug": {"kit": 1}, "control": {"kit": 1}}
    group = SiteGroup("all", SITES, policy["rate"])
    plan = Operations(
        Recruitment((Country("all", (group,)),), until=LAST),
        supply=Supply((Product("kit", 100_000),), kits, (0,), resupply, "turned away"),
    )
    conductor = Conductor(small_trial(int(0.95 * SITES * policy["rate"] * LAST), plan), 15)
    found = []
    for replicate in range(REPLICATES):
        trial = Replicate(conductor.plan, replicate)
        for day in DAYS:
            trial.calendar.at(
                float(day), lambda event, trial=trial: found.append([site[0].kits for site in trial.pharmacy.stock])
            )
        trial.conduct()
    return np.array(found, dtype=float)


@pytest.mark.parametrize("policy", policies(), ids=lambda one: f"({one['reorder']:g}, {one['up_to']:g})")
def test_stock_on_hand_is_that_of_stockpyl(policy):
    stock = stock_of_sites(policy)
    assert stock.shape == (REPLICATES * len(DAYS), SITES)
    error = stock.std(ddof=1) / math.sqrt(stock.size)
    # Patients who find no kit do not wait, which is no more than what would be on back order.
    assert policy["back_ordered"] < 0.1 * error
    assert abs(stock.mean() - policy["on_hand"]) < 4.0 * error + policy["back_ordered"]


@pytest.mark.parametrize("policy", policies(), ids=lambda one: f"({one['reorder']:g}, {one['up_to']:g})")
def test_stockpyl_has_the_stock_of_the_textbook(policy):
    # Hadley and Whitin (1963), section 4-7: position uniform on s + 1..S, less the Poisson demands of one lead time.
    demands = stats.poisson(policy["rate"] * policy["lead"])
    positions = np.arange(policy["reorder"] + 1, policy["up_to"] + 1)
    k = np.arange(int(policy["up_to"]))
    expected = np.mean([np.maximum(position - k, 0.0) @ demands.pmf(k) for position in positions])
    assert policy["on_hand"] == pytest.approx(expected, abs=1e-7)
