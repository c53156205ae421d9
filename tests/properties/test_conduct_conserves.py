"""Whatever the plan: nothing is lost and nothing comes from nowhere."""

import numpy as np
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from jaksim.operations.events import Conductor
from jaksim.operations.events.closing import write_log
from jaksim.operations.events.replicate import Replicate
from jaksim.operations.events.supply import pharmacy as pharmacies
from jaksim.operations.events.supply.stock import Stock
from jaksim.operations.events.wards import places as wards
from tests.operations_plans import random_trial

SLOW = [HealthCheck.too_slow, HealthCheck.filter_too_much, HealthCheck.data_too_large]


class Checked(Stock):
    """A stock that looks at itself whenever it changes."""

    __slots__ = ()

    def look(self):
        assert 0 <= self.kits <= self.position
        assert self.on_way >= 0
        assert all(kits > 0 and kits == int(kits) for _, kits in self.lots)
        assert self.kits == sum(kits for _, kits in self.lots)
        assert [last for last, _ in self.lots] == sorted({last for last, _ in self.lots})

    def put(self, last, kits):
        super().put(last, kits)
        self.look()

    def take(self, kits, lasting=-np.inf):
        taken = super().take(kits, lasting)
        self.look()
        assert sum(some for _, some in taken) <= kits
        return taken

    def use(self, kits):
        before = self.kits
        alarm = super().use(kits)
        self.look()
        assert self.kits == before - kits
        return alarm

    def expire(self, now):
        before = self.kits
        gone = super().expire(now)
        self.look()
        assert self.kits == before - gone
        return gone


class CheckedPlaces(wards.Places):
    """Places that look at themselves whenever one is taken or left."""

    def _take(self, site):
        super()._take(site)
        assert 0 <= self.free[site] <= self.ward.places

    def _leave(self, site):
        assert self.free[site] < self.ward.places
        super()._leave(site)
        assert not (self.free[site] and self.waiting[site])


def _holds(trial, seed):
    """Conduct a trial and look at what it left."""
    running = Replicate(Conductor(trial, seed).plan, 1)
    running.conduct()
    log = write_log(running)
    operations, patients = trial.operations, log.patients
    recruitment = operations.recruitment
    assert sum(log.fates.values()) == log.screened.sum()
    assert log.fates["randomised"] == log.enrolled <= trial.population.patients
    assert log.fates["failed screening"] == log.failed.sum()
    assert (log.reason == "full") == (log.enrolled == trial.population.patients)
    assert (np.diff(patients.ready) >= 0.0).all()
    assert len({*zip(patients.site.tolist(), patients.number.tolist(), strict=True)}) == log.enrolled
    _caps_hold(recruitment, patients)
    assert (patients.screened >= log.opened[patients.site]).all()
    assert log.enrolled_by_day[-1] == log.enrolled == log.in_state[log.last_patient_in].sum() + _done(trial, log)
    assert (log.sites_open_by_day >= 0).all()
    assert log.sites_open_by_day.max(initial=0) <= recruitment.n_sites
    assert all(amount >= 0.0 for amount in log.costs.values())
    assert len(log.analyses) >= 1
    assert [one.day for one in log.analyses] == sorted(one.day for one in log.analyses)
    if log.drug is not None:
        drug = log.drug
        np.testing.assert_array_equal(
            drug.made, drug.used + drug.expired + drug.at_depot + drug.at_sites + drug.in_transit
        )
        assert min(drug.at_depot.min(), drug.at_sites.min(), drug.in_transit.min(), drug.expired.min()) >= 0
        assert patients.kits.sum() == drug.used.sum()
        assert drug.missed.sum() == patients.missed.sum()
    for ward, one in zip(operations.wards, log.wards, strict=True):
        assert one.most_taken <= ward.places
        assert one.needed == one.got + one.turned_away
        assert one.taken_by_day.min(initial=0) >= 0
        assert one.taken_by_day.max(initial=0) <= ward.places * recruitment.n_sites
    _needs_are_met(trial, log, running)
    _pauses_hold(trial, log)
    if operations.supply is None and not operations.wards and not operations.board.pause:
        _fast_door_has_the_same(trial, log, running)


def _fast_door_has_the_same(trial, log, running):
    """Whom the fast door sees fails, can be randomised or finds a cap reached; the first of them are the trial's."""
    pool = running.plan.recruiter.pool(1, 1, trial.population.patients)
    seen, lined_up = int(pool.n[0]), int(pool.lined_up[0])
    site, number, passes = pool.site[0, :seen], pool.number[0, :seen], pool.outcome[0, :seen] < 0
    order = pool.order[0, :lined_up]
    assert len({*zip(site.tolist(), number.tolist(), strict=True)}) == seen
    assert len({*order.tolist()}) == lined_up <= passes.sum()
    assert passes[order].all()
    if not trial.operations.recruitment.capped and lined_up < trial.population.patients:
        assert lined_up == passes.sum()
    assert log.enrolled == min(lined_up, trial.population.patients)
    np.testing.assert_array_equal(log.patients.site, site[order[: log.enrolled]])
    np.testing.assert_array_equal(log.patients.number, number[order[: log.enrolled]])


def _needs_are_met(trial, log, running):
    """Every need of a place that the courses show, as they came to be, has begun once; who waits is in one queue."""
    for w, (ward, one, place) in enumerate(zip(trial.operations.wards, log.wards, running.bedside.wards, strict=True)):
        inside = np.isin(log.patients.states, [score - 1 for score in ward.scores])
        assert one.needed == (np.diff(inside, axis=1, prepend=False) & inside).sum()
        waiting = [patient for queue in place.waiting for patient in queue]
        assert sorted(map(id, waiting)) == sorted(id(p) for p in running.patients if p.held[w] == "without")
        assert (log.patients.turned_away[:, w] | (log.patients.places[:, w] > 0) | ~inside.any(axis=1)).all()
        for site, free in enumerate(place.free):
            held = sum(p.site == site and p.held[w] == "place" for p in running.patients)
            assert held <= ward.places - free


def _done(trial, log):
    """Patients whose follow-up was over when the last came."""
    return int((log.patients.day < log.last_patient_in - trial.horizon).sum())


def _caps_hold(recruitment, patients):
    at_site = np.bincount(patients.site, minlength=recruitment.n_sites)
    for site, group in enumerate(recruitment.group_of):
        cap = recruitment.groups[group].cap
        assert cap is None or at_site[site] <= cap
    for c, country in enumerate(recruitment.countries):
        inside = at_site[np.array(recruitment.country_of) == c].sum()
        assert country.cap is None or inside <= country.cap


def _pauses_hold(trial, log):
    """Nobody is randomised between a data cut and the decision where recruitment pauses."""
    if trial.operations.board.pause:
        for one in log.analyses:
            assert one.overrun == 0
            assert not ((log.patients.day > one.day) & (log.patients.day <= one.decision)).any()


def _any_plan(data, scenario):
    return random_trial(lambda options: data.draw(st.sampled_from(options)), scenario=scenario)


@pytest.fixture(autouse=True)
def _watch(monkeypatch):
    monkeypatch.setattr(pharmacies, "Stock", Checked)
    monkeypatch.setattr("jaksim.operations.events.wards.bedside.Places", CheckedPlaces)


PLANS = {"deadline": None, "suppress_health_check": [*SLOW, HealthCheck.function_scoped_fixture]}


SCENARIOS = ("small.toml", "interims.toml")


@settings(max_examples=30, **PLANS)
@given(st.data(), st.integers(0, 2**63))
@pytest.mark.parametrize("scenario", SCENARIOS)
def test_any_plan_keeps_what_there_is(scenario, data, seed):
    trial = _any_plan(data, scenario)
    assume(trial is not None)
    _holds(trial, seed)


@pytest.mark.verify_long
@settings(max_examples=10_000, **PLANS)
@given(st.data(), st.sampled_from(SCENARIOS), st.integers(0, 2**63))
def test_ten_thousand_plans_keep_what_there_is(data, scenario, seed):
    trial = _any_plan(data, scenario)
    assume(trial is not None)
    _holds(trial, seed)
