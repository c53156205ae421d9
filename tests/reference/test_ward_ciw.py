"""Wards that fill in a wave against Ciw (Palmer and others 2019, Journal of Simulation 13:68), a queueing simulator.

With arrivals that follow a wave a loss system has no closed form; both programs simulate it from the same rates and the
same distribution of the stay.
"""

import ciw
import numpy as np
import pytest

from jaksim.operations.events import Conductor
from jaksim.operations.events.replicate import Replicate
from jaksim.trial.operations.day_law import day_law, fixed
from jaksim.trial.operations.operations import Operations
from jaksim.trial.operations.recruitment import Country, Recruitment, SiteGroup
from jaksim.trial.operations.wards import Ward
from tests.operations_plans import small_trial

SITES, REPLICATES, DAYS = 10, 40, (30, 60, 90, 120)
STAYS = {
    "gamma": day_law("gamma", {"mean": 10, "sd": 8}),
    "fixed": fixed(7),
    "listed": day_law("listed", {"days": [2, 30], "probabilities": [0.7, 0.3]}),
}


def ward(stay, places):
    return Ward("beds", places, (3,), 0.25, stay, ((30, 2.0), (60, 4.0), (90, 0.5)))


def by_events(of):
    """Per replicate (R, 3, D): others who came in each stretch of days, were turned away, and had a place at its end,
    per site. One patient of the trial comes when all is over."""
    late = SiteGroup("all", SITES, 1.0, opens=fixed(DAYS[-1] + 5))
    plan = Operations(Recruitment((Country("all", (late,)),), until=300), wards=(of,))
    conductor = Conductor(small_trial(1, plan), 17)
    found = []
    for replicate in range(REPLICATES):
        trial = Replicate(conductor.plan, replicate)
        place, seen = trial.bedside.wards[0], []
        for day in (0, *DAYS):
            trial.calendar.at(
                float(day),
                lambda event, place=place, seen=seen: seen.append(
                    (place.others_came, place.others_turned_away, SITES * of.places - sum(place.free))
                ),
            )
        trial.conduct()
        seen = np.array(seen, dtype=float).T
        found.append(np.vstack([np.diff(seen[:2], axis=1), seen[2, 1:]]) / SITES)
    return np.array(found)


def by_ciw(of):
    """The same of one ward by itself (R, 3, D), by Ciw."""
    before = 30.0 * (1 + len(of.stay.pmf) // 30)  # to run in, longer than anybody stays
    rates = [of.others * factor for factor in (1.0, *(factor for _, factor in of.wave))]
    ends = [before + day for day in DAYS]
    assert [day for day, _ in of.wave] == list(DAYS[:-1])
    days = [float(day) for day in range(len(of.stay.pmf))]
    edges = np.array([0, *DAYS]) + before
    found = []
    for seed in range(REPLICATES * SITES):
        ciw.seed(seed)
        network = ciw.create_network(  # which draws the times of its arrivals
            arrival_distributions=[ciw.dists.PoissonIntervals(rates, ends, max_sample_date=ends[-1])],
            service_distributions=[ciw.dists.Pmf(days, of.stay.pmf.tolist())],
            number_of_servers=[of.places],
            queue_capacities=[0],
        )
        simulation = ciw.Simulation(network)
        simulation.simulate_until_max_time(ends[-1] + len(days))
        records = simulation.get_all_records(only=["service", "rejection"])
        refused = np.array([one.record_type == "rejection" for one in records])
        came = np.array([one.arrival_date for one in records])
        left = np.array([one.exit_date for one in records])
        taken = [(~refused & (came < end) & (left >= end)).sum() for end in edges[1:]]
        found.append([np.histogram(came, edges)[0], np.histogram(came[refused], edges)[0], taken])
    return np.array(found, dtype=float)


@pytest.mark.parametrize(("stay", "places"), [("gamma", 2), ("fixed", 4), ("listed", 4)])
def test_ward_fills_in_a_wave_as_with_ciw(stay, places):
    of = ward(STAYS[stay], places)
    one, other = by_events(of), by_ciw(of)
    assert one.shape[1:] == other.shape[1:] == (3, len(DAYS))
    error = np.sqrt(one.var(axis=0, ddof=1) / len(one) + other.var(axis=0, ddof=1) / len(other))
    z = (one.mean(axis=0) - other.mean(axis=0)) / error
    assert np.abs(z).max() < 4.0, z
    assert one.mean(axis=0)[1, 2] > 10 * one.mean(axis=0)[1, 3]  # most are turned away at the height of the wave
