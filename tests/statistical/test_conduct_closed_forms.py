"""Trials conducted as events, in settings whose long-run behaviour is known in closed form."""

import itertools
import math
from dataclasses import replace

import numpy as np
import pytest
from scipy import stats

from jaksim.exact.transition import stacked_transition_matrices
from jaksim.operations.events import Conductor
from jaksim.operations.events.calendar import Calendar
from jaksim.operations.events.closing import write_log
from jaksim.operations.events.course.altered_course import AlteredCourses
from jaksim.operations.events.replicate import Replicate
from jaksim.operations.events.wards.places import PLACE, Others, Places
from jaksim.operations.pool import Recruiter
from jaksim.trial.operations.data_flow import Board
from jaksim.trial.operations.day_law import NO_DAYS, day_law, fixed
from jaksim.trial.operations.operations import Operations
from jaksim.trial.operations.recruitment import Country, Recruitment, SiteGroup
from jaksim.trial.operations.screening import Screening
from jaksim.trial.operations.supply import Product, Resupply, Supply
from jaksim.trial.operations.wards import Ward
from jaksim.trial.trigger import parse_trigger
from tests.operations_plans import small_trial

LAWS = {
    "fixed": fixed(4),
    "gamma": day_law("gamma", {"mean": 5, "sd": 6}),
    "listed": day_law("listed", {"days": [1, 20], "probabilities": [0.8, 0.2]}),
}


def erlang_b(places, load):
    """Probability that all of some places are taken, by the recursion of Erlang's formula (Erlang 1917)."""
    blocked = 1.0
    for k in range(1, places + 1):
        blocked = load * blocked / (k + load * blocked)
    return blocked


def erlang_c(places, load):
    """Probability of a wait where everybody waits for a place (Erlang 1917; Cooper 1981, Introduction to Queueing
    Theory, section 3.5)."""
    blocked = erlang_b(places, load)
    return blocked / (1.0 - load / places * (1.0 - blocked))


def ratio_z(counts, totals, expected):
    """Standard errors by which the ratio of sums over independent trials lies from its expectation."""
    counts, totals = np.array(counts, dtype=float), np.array(totals, dtype=float)
    rest = counts - expected * totals
    return rest.sum() / math.sqrt((rest**2).sum())


def recruitment(sites, rate, *, shape=math.inf, until=300, opens=NO_DAYS):
    return Recruitment((Country("all", (SiteGroup("all", sites, rate, opens=opens, shape=shape),)),), until)


@pytest.mark.parametrize("stay", LAWS.values(), ids=LAWS)
@pytest.mark.parametrize(("places", "others"), [(3, 0.6), (1, 0.2)])
def test_other_patients_are_turned_away_as_erlang_says(stay, places, others):
    # Erlang B holds for a stay of any distribution (Sevastyanov 1957). One patient of the trial comes at the end.
    ward = Ward("beds", places, (3,), others, stay)
    plan = Operations(recruitment(20, 1.0, opens=fixed(250)), wards=(ward,))
    conductor = Conductor(small_trial(1, plan), 5)
    logs = [conductor.run(replicate).wards[0] for replicate in range(30)]
    expected = erlang_b(places, others * stay.mean)
    z = ratio_z([one.others_turned_away for one in logs], [one.others for one in logs], expected)
    assert abs(z) < 4.0


def kits(resupply, made=100_000):
    product = Product("kit", made)
    return Supply((product,), {"drug": {"kit": 1}, "control": {"kit": 1}}, (0,), resupply, "turned away")


@pytest.mark.parametrize("lead", LAWS.values(), ids=LAWS)
@pytest.mark.parametrize("stock", [2, 4])
def test_base_stock_runs_out_as_erlang_says(lead, stock):
    # One order for each kit used and patients who do not wait: the orders on the way are the busy servers of a loss
    # system, for any distribution of the lead (Karush 1957, Operations Research 5:693).
    rate, burn_in = 0.4, 100.0
    plan = Operations(
        recruitment(20, rate, until=400), supply=kits(Resupply("levels", stock, stock - 1, stock, lead=lead))
    )
    conductor = Conductor(small_trial(3000, plan), 6)
    served, came = [], []
    for replicate in range(10):
        log = conductor.run(replicate)
        served.append((log.patients.ready >= burn_in).sum())
        came.append((log.screened_times >= burn_in).sum())
    assert abs(ratio_z(served, came, 1.0 - erlang_b(stock, rate * lead.mean))) < 4.0


def test_inventory_position_is_uniform_and_orders_come_at_their_rate():
    # (s, S) with demands of one: Hadley and Whitin (1963), Analysis of Inventory Systems, section 4.
    low, high, rate, days = 6, 13, 0.5, 200
    plan = Operations(
        recruitment(25, rate, until=days, opens=fixed(0)),
        supply=kits(Resupply("levels", 9, low, high, lead=day_law("uniform", {"low": 1, "high": 3}))),
    )
    conductor = Conductor(small_trial(2400, plan), 7)
    positions = []
    for replicate in range(20):
        trial = Replicate(conductor.plan, replicate)
        trial.conduct()
        log = write_log(trial)
        positions.extend(stock[0].position for stock in trial.pharmacy.stock)
        demands = np.bincount(log.patients.site, minlength=25)
        # One shipment opens a site, one order is made after 3 demands and then after every 7.
        assert log.drug.shipments == 25 + ((demands + high - 9) // (high - low)).sum()
    counts = np.bincount(positions, minlength=high + 1)
    assert counts[: low + 1].sum() == 0
    assert stats.chisquare(counts[low + 1 :]).pvalue > 6e-5  # |z| < 4


@pytest.mark.parametrize(("shape", "when"), [(0.7, "patients >= 30"), (3.0, "day >= 12")])
def test_overrun_is_negative_binomial(shape, when):
    # A rate that is gamma a priori is gamma after the data (Anisimov and Fedorov 2007, Statistics in Medicine 26:4958),
    # so those who come while the board decides are negative binomial, given those who have come by then.
    rate, delay = 3.0, 9
    plan = Operations(recruitment(1, rate, shape=shape, until=3000), board=Board(fixed(7), fixed(2)))
    trial = small_trial(500, plan, scenario="interims.toml")
    interims = (parse_trigger(when), parse_trigger("patients >= 500"))
    found = replace(trial.monitoring, interims=interims[: len(trial.monitoring.interims)])
    conductor = Conductor(replace(trial, monitoring=found), 8)
    uniform = []
    random = np.random.default_rng(9)
    for replicate in range(250):
        first = conductor.run(replicate).analyses[0]
        seen = shape / rate + first.day + 1.0
        law = stats.nbinom(shape + first.enrolled, seen / (seen + delay))
        below, here = law.cdf(first.overrun - 1), law.pmf(first.overrun)
        uniform.append(below + random.random() * here)
    assert stats.kstest(uniform, "uniform").pvalue > 6e-5


def test_course_without_a_place_follows_its_changed_intensities():
    plan = Operations(recruitment(4, 2.0))
    courses = Conductor(small_trial(100, plan), 11).plan.courses
    changes = [(1.5, 4.0, 0.25, False), (6.25, 1.0, 1.0, False)]
    altered = AlteredCourses(courses)
    n, cell = 4000, 1 * courses.n_strata
    found = np.array([altered.states(cell, site, k, 0, changes) for site in range(4) for k in range(n // 4)])
    table = courses.cells[cell][0].intensities
    expected = np.eye(table.generators.shape[1])[courses.cells[cell][0].start]
    worse = np.triu(np.ones_like(table.generators[0]), 1)
    from scipy.linalg import expm

    steps = sorted({*range(11), 1.5, 6.25, *(float(b) for b in table.breaks if b < 10)})
    for begin, end in itertools.pairwise(steps):
        generator = table.generators[np.searchsorted(table.breaks, begin, side="right") - 1].copy()
        if 1.5 <= begin < 6.25:
            np.fill_diagonal(generator, 0.0)
            generator *= np.where(worse > 0, 4.0, 0.25)
            np.fill_diagonal(generator, -generator.sum(axis=1))
        expected = expected @ expm(generator * (end - begin))
        if end == int(end):
            share = np.bincount(found[:, int(end)], minlength=len(expected)) / n
            error = np.sqrt(np.maximum(expected * (1.0 - expected), 1e-12) / n)
            assert (np.abs(share - expected) / error < 4.5).all()


def occupation(courses, arm, stratum):
    """Probabilities (H + 1, S) of the states of a cell at the end of each day, by the exact door."""
    cell = courses.cells[arm * courses.n_strata + stratum]
    tables = stacked_transition_matrices([one.intensities for one in cell], courses.horizon)
    found = np.zeros((courses.horizon + 1, tables.shape[-1]))
    for one, table in zip(cell, tables, strict=True):
        state = np.eye(tables.shape[-1])[one.start]
        found[0] += one.share * state
        for day, step in enumerate(table):
            state = state @ step
            found[day + 1] += one.share * state
    return found


def test_patients_by_state_are_those_of_infinitely_many_servers():
    # M_t/G/infinity: numbers in each state are Poisson, with the rate of those who came times the chance of being there
    # (Eick, Massey, Whitt 1993, Operations Research 41:731).
    rate, days, replicates = 3.0, 30, 150
    conductor = Conductor(small_trial(300, Operations(recruitment(3, rate / 3))), 12)
    courses, weights = conductor.plan.courses, conductor.plan.trial.population.weights
    law = sum(weights[s] * occupation(courses, arm, s) / 2.0 for arm in (0, 1) for s in range(courses.n_strata))
    expected = rate * np.array([law[: day + 1].sum(axis=0) for day in range(days)])
    logs = [conductor.run(replicate) for replicate in range(replicates)]
    assert min(log.last_patient_in for log in logs) > days
    found = sum(log.in_state[:days] for log in logs)
    z = (found[1:] - replicates * expected[1:]) / np.sqrt(replicates * expected[1:])
    assert np.abs(z).max() < 4.5  # of 116 numbers
    apart = z[[2, 14, 26]]  # days whose patients are others
    assert abs((apart**2).sum() - apart.size) < 4.0 * math.sqrt(2.0 * apart.size)


@pytest.mark.parametrize("places", [1, 3])
def test_who_stays_without_a_place_finds_as_many_there_as_come_to_need_one(places):
    # Where a wait changes nothing, those who need a place are as many as with infinitely many servers: Poisson.
    rate, scores = 0.35, (2, 3)
    ward = Ward("beds", places, scores, rule="stay")
    conductor = Conductor(small_trial(1200, Operations(recruitment(20, rate), wards=(ward,))), 13)
    courses, weights = conductor.plan.courses, conductor.plan.trial.population.weights
    law = sum(weights[s] * occupation(courses, arm, s) / 2.0 for arm in (0, 1) for s in range(courses.n_strata))
    load = rate * law[:, [1, 2]].sum()
    turned_away, all_of_them = [], []
    for replicate in range(8):
        patients = conductor.run(replicate).patients
        inside = np.isin(patients.states, (1, 2))
        once = (np.diff(inside, axis=1, prepend=False) & inside).sum(axis=1) == 1
        settled = once & (patients.ready >= 15.0)
        for site in range(20):
            here = settled & (patients.site == site)
            turned_away.append(patients.turned_away[here, 0].sum())
            all_of_them.append(here.sum())
    assert abs(ratio_z(turned_away, all_of_them, stats.poisson(load).sf(places - 1))) < 4.0


class Waiting:
    """Patients who come at random to one ward, wait for a place in a first-come line and keep it for a random time, by
    the calendar and the places of the events."""

    def __init__(self, places, rate, mean_stay, seed):
        self.random = np.random.default_rng(seed)
        self.calendar, self.rate, self.mean_stay = Calendar(), rate, mean_stay
        others = Others(Ward("beds", places, (3,), rule="stay"), Recruiter(recruitment(1, 1.0), Screening(), 1), 0)
        self.places = Places(self.calendar, others, 1, 0, 0.0, self.given)
        self.here = 0
        self.cycles = []
        """Patients, those who wait, and days of waiting, for each time from an empty ward to the next."""

    def run(self, cycles):
        end = self.calendar.event()
        self.calendar.at(self.random.exponential(1.0 / self.rate), self.come, (cycles, end))
        self.calendar.run_to(end)
        return np.array(self.cycles[:-1])

    def come(self, event):
        if not self.here:
            if len(self.cycles) > event._value[0]:
                event._value[1].succeed()
                return
            self.cycles.append([0, 0, 0.0])
        self.here += 1
        self.cycles[-1][0] += 1
        since = self.calendar.now
        if self.places.come(since, 0) == PLACE:
            self.calendar.at(since + self.random.exponential(self.mean_stay), self.go)
        else:
            self.cycles[-1][1] += 1
        self.calendar.at(since + self.random.exponential(1.0 / self.rate), self.come, event._value)

    def given(self, since):
        self.cycles[-1][2] += self.calendar.now - since
        self.calendar.at(self.calendar.now + self.random.exponential(self.mean_stay), self.go)

    def go(self, event):
        self.here -= 1
        self.places.go(None, 0, PLACE)


@pytest.mark.parametrize(("places", "rate", "mean_stay"), [(1, 0.6, 1.0), (3, 0.4, 5.0), (5, 0.3, 12.0)])
def test_who_waits_for_a_place_waits_as_erlang_says(places, rate, mean_stay):
    # M/M/c: probability of waiting C(c, a) and mean wait C(c, a) / (c / mean_stay - rate) (Cooper 1981, section 3.5).
    # Times from one empty ward to the next are independent, so that their sums tell the Monte Carlo error.
    cycles = Waiting(places, rate, mean_stay, 21).run(20_000 // places**2)
    patients, waited, days = cycles.T
    wait = erlang_c(places, rate * mean_stay)
    assert abs(ratio_z(waited, patients, wait)) < 4.0
    assert abs(ratio_z(days, patients, wait / (places / mean_stay - rate))) < 4.0
    assert patients.sum() > 15_000
