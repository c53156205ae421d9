import math
from dataclasses import replace

import numpy as np
import pytest

from jaksim.operations.events import Conductor
from jaksim.operations.events.supply.stock import Stock
from jaksim.trial.operations.costs import Costs
from jaksim.trial.operations.data_flow import DataFlow
from jaksim.trial.operations.day_law import day_law, fixed
from jaksim.trial.operations.operations import Operations
from jaksim.trial.operations.recruitment import Country, Recruitment, SiteGroup
from jaksim.trial.operations.screening import Reason, Screening
from jaksim.trial.operations.supply import Product, Resupply, Supply
from jaksim.trial.operations.wards import Ward
from tests.operations_plans import small_trial

OPENS = day_law("uniform", {"low": 0, "high": 30})
KITS = {"drug": {"active": 1, "dummy": 2}, "control": {"dummy": 3}}
DAYS = (0, 2, 5, 9)


def conducted(patients=150, seed=4, replicate=0, sites=8, **operations):
    country = Country("all", (SiteGroup("all", sites, 0.4, opens=OPENS, shape=2.0),))
    plan = {"recruitment": Recruitment((country,)), "screening": Screening((Reason("kidney", 0.3),), fixed(1))}
    return Conductor(small_trial(patients, Operations(**{**plan, **operations})), seed).run(replicate)


def supplied(made=10_000, batches=(), shelf=None, window=0, rule="turned away", days=DAYS, **resupply):
    products = tuple(Product(name, made, batches, shelf, window) for name in ("active", "dummy"))
    levels = {"first": 300, "reorder": 200, "up_to": 400, **resupply}
    return Supply(products, KITS, days, Resupply(**levels), rule)


@pytest.fixture(scope="module")
def plain():
    return conducted()


def same_patients(one, other):
    for name in ("site", "number", "ready", "stratum", "arm"):
        np.testing.assert_array_equal(getattr(one.patients, name), getattr(other.patients, name))


def test_kits_are_dispensed_until_death(plain):
    for policy in ("levels", "projection"):
        log = conducted(supply=supplied(policy=policy))
        same_patients(log, plain)
        np.testing.assert_array_equal(log.patients.states, plain.patients.states)
        alive = (log.patients.states != 3)[:, list(DAYS)]
        np.testing.assert_array_equal(log.patients.kits, 3 * alive.sum(axis=1))
        drug = np.array(log.patients.arm == 1)
        assert log.drug.used.tolist() == [alive[drug].sum(), (2 * alive[drug]).sum() + 3 * alive[~drug].sum()]
        assert log.drug.missed.sum() == 0
        assert log.patients.missed.sum() == 0
    assert (log.patients.kits < 12).any()


def test_missed_dispensings_are_of_kits_elsewhere_or_nowhere():
    # All the depot has goes out at once, and nothing is made later.
    log = conducted(sites=3, supply=supplied(made=30, first=10, reorder=5, up_to=10, rule="without drug"))
    assert log.drug.at_depot.tolist() == [0, 0]
    assert (log.drug.missed.sum(axis=1) > 0).all()
    assert log.enrolled == 150
    turned_away = conducted(sites=3, supply=supplied(made=30, first=10, reorder=5, up_to=10))
    assert turned_away.enrolled < 150
    assert turned_away.fates["no kit at the site, but elsewhere"] > 0
    assert conducted(supply=supplied(made=0)).fates["no kit anywhere"] > 0
    assert turned_away.reason == "the last day of recruitment has passed"


def test_a_better_rule_of_resupply_mends_a_stockout():
    poor = conducted(supply=supplied(first=6, reorder=2, up_to=6, lead=fixed(10), days=(0,)))
    good = conducted(supply=supplied(first=60, reorder=45, up_to=80, lead=fixed(10), days=(0,)))
    assert poor.fates["no kit at the site, but elsewhere"] > 10
    assert good.fates["no kit at the site, but elsewhere"] == 0
    assert poor.last_patient_in > good.last_patient_in
    assert poor.drug.at_sites.sum() < good.drug.at_sites.sum()


def test_kits_expire_and_later_batches_help():
    short = conducted(supply=supplied(made=2000, shelf=40, window=5, rule="without drug"))
    assert short.drug.expired.sum() > 0
    assert short.drug.missed[1].sum() > 0
    last = short.patients.ready[short.patients.kits > 0].max()
    assert last <= 35.0
    renewed = conducted(supply=supplied(made=2000, batches=((30, 2000), (60, 2000)), shelf=40, window=5))
    assert renewed.drug.made.tolist() == [6000, 6000]
    assert renewed.patients.missed.sum() < short.patients.missed.sum()


def test_what_expires_first_goes_out_first():
    stock = Stock()
    for last, kits in ((90.0, 5), (30.0, 2), (math.inf, 1), (30.0, 1), (60.0, 4)):
        stock.put(last, kits)
    assert stock.lots == [[30.0, 3], [60.0, 4], [90.0, 5], [math.inf, 1]]
    stock.use(2)
    assert stock.take(3, lasting=60.0) == [(60.0, 3)]
    assert stock.expire(30.0) == 1
    assert stock.take(20) == [(60.0, 1), (90.0, 5), (math.inf, 1)]
    assert (stock.kits, stock.position, stock.lots) == (0, 0, [])


def test_places_for_all_are_taken_as_the_states_say(plain):
    log = conducted(wards=(Ward("beds", 1000, (2, 3)), Ward("ventilators", 1000, (3,))))
    same_patients(log, plain)
    np.testing.assert_array_equal(log.patients.states, plain.patients.states)
    assert not log.patients.turned_away.any()
    for ward, scores in zip(log.wards, ((1, 2), (2,)), strict=True):
        inside = np.isin(log.patients.states, scores)
        assert ward.needed == ward.got == (np.diff(inside, axis=1, prepend=False) & inside).sum()
        # A place is kept until the hour at which the next state is read, so that at midnight those of a day hold it.
        np.testing.assert_array_equal(ward.taken_by_day, plain.in_state[:, list(scores)].sum(axis=1))


def test_patients_taken_elsewhere_and_without_effect_keep_their_course(plain):
    for rule in ("transfer", "stay"):
        log = conducted(wards=(Ward("beds", 1, (2, 3), 0.3, fixed(5), rule=rule),))
        same_patients(log, plain)
        np.testing.assert_array_equal(log.patients.states, plain.patients.states)
        assert 0 < log.patients.turned_away.sum() < log.enrolled
        assert log.wards[0].turned_away > 0
        assert log.wards[0].most_taken == 1


def test_staying_without_a_place_changes_the_course_of_those_who_do(plain):
    ward = Ward("ventilators", 1, (3,), 0.3, fixed(5), rule="stay", worse=20.0, better=0.0)
    log = conducted(wards=(ward,), supply=supplied())
    same_patients(log, plain)
    turned_away = log.patients.turned_away[:, 0]
    changed = (log.patients.states != plain.patients.states).any(axis=1)
    assert changed.any()
    assert not changed[~turned_away].any()
    first = np.argmax(plain.patients.states == 2, axis=1)
    for patient in np.flatnonzero(changed):
        same = slice(0, first[patient] + 1)
        np.testing.assert_array_equal(log.patients.states[patient, same], plain.patients.states[patient, same])
    deaths = [(one.patients.states[:, -1] == 3).sum() for one in (log, plain)]
    assert deaths[0] > deaths[1]
    alive = (log.patients.states != 3)[:, list(DAYS)]
    np.testing.assert_array_equal(log.patients.kits, 3 * alive.sum(axis=1))


def test_a_wave_fills_a_ward():
    quiet = Ward("beds", 3, (3,), 0.1, fixed(5), wave=((40, 1.0),))
    logs = [conducted(wards=(one,)).wards[0] for one in (quiet, replace(quiet, wave=((0, 1.0), (40, 20.0))))]
    np.testing.assert_array_equal(*(log.taken_by_day[:39] for log in logs))
    assert logs[1].taken_by_day[45:80].mean() > 2.0 * logs[0].taken_by_day[45:80].mean()
    assert logs[1].turned_away > logs[0].turned_away


def test_costs_are_prices_times_numbers():
    prices = dict.fromkeys(("site_opened", "patient_screened", "patient_randomised", "visit", "kit", "shipment"), 3.0)
    flow = DataFlow((0, 3, 8), fixed(2), 0.5, fixed(3), 0.5, 10, 20)
    parts = {"data_flow": flow, "supply": supplied()}
    log = conducted(**parts, costs=Costs(**prices, monitoring_visit=3.0, project_day=3.0, site_month=90.0))
    seen = (log.patients.states != 3)[:, list(flow.visits)]
    opened = log.opened[log.opened <= log.recruitment_ended]
    last = {site: _last_visit(log, seen, flow, site) for site in range(8)}
    open_days = sum(max(log.recruitment_ended, last[s]) - log.opened[s] for s in range(8))
    numbers = {
        "site_opened": len(opened),
        "site_month": open_days,
        "patient_screened": log.screened.sum(),
        "patient_randomised": 150,
        "visit": seen.sum(),
        "kit": 20_000,
        "shipment": log.drug.shipments,
        "monitoring_visit": log.monitoring_visits,
        "project_day": log.locked,
    }
    assert len(opened) == 8
    assert log.visits == seen.sum()
    assert log.last_visit == max(last.values())
    assert log.locked == max(log.last_visit + 20, log.complete)
    assert {name: value / 3.0 for name, value in log.costs.items()} == pytest.approx(numbers)
    cheaper = conducted(**parts, costs=Costs(**prices, monitoring_visit=3.0, project_day=3.0, discount=0.5))
    assert cheaper.cost < log.cost
    halves = 1.5 ** (-log.patients.ready / 365.25)
    assert cheaper.costs["patient_randomised"] == pytest.approx(3.0 * halves.sum())
    first = [log.patients.day[log.patients.site == site].min() for site in range(8)]
    assert log.monitoring_visits == sum(math.ceil((last[s] - first[s]) / 10) for s in range(8))


def _last_visit(log, seen, flow, site):
    mine = log.patients.site == site
    days = np.array(flow.visits)
    return max(day + days[one][-1] for day, one in zip(log.patients.day[mine], seen[mine], strict=True))


def test_a_replicate_does_not_depend_on_those_before():
    plan = Operations(
        Recruitment((Country("all", (SiteGroup("all", 8, 0.4, opens=OPENS),)),)),
        supply=supplied(made=300, first=10),
        wards=(Ward("beds", 1, (2, 3), 0.3, fixed(5), rule="stay", worse=3.0),),
    )
    conductor = Conductor(small_trial(100, plan), 3)
    first = conductor.run(5)
    conductor.run(1)
    again = conductor.run(5)
    for name in ("ready", "arm", "states", "kits", "missed", "places"):
        np.testing.assert_array_equal(getattr(first.patients, name), getattr(again.patients, name))
    assert (first.fates, first.events, first.costs) == (again.fates, again.events, again.costs)


def test_one_more_site_changes_nothing_at_the_others(plain):
    more = conducted(sites=9, patients=200)
    old = more.patients.site < 8
    n = min(old.sum(), 150)
    for name in ("site", "number", "ready", "stratum"):
        np.testing.assert_array_equal(getattr(more.patients, name)[old][:n], getattr(plain.patients, name)[:n])
    assert n > 100
