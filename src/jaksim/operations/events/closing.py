"""The log of a replicate, once everything has happened."""

from __future__ import annotations

import math

import numpy as np

from jaksim.arrays import Floats, Integers
from jaksim.operations.addresses import addressed
from jaksim.operations.events.costing import Ledger
from jaksim.operations.events.draws import UNIT, steps_of
from jaksim.operations.events.log import FATES, Drug, Patients, TrialLog, WardLog
from jaksim.operations.events.patient import Patient, column, states_of
from jaksim.operations.events.replicate import Replicate
from jaksim.operations.events.supply.pharmacy import Pharmacy
from jaksim.operations.events.wards.places import PLACE, Places
from jaksim.rng import Purpose


def write_log(trial: Replicate) -> TrialLog:
    """What happened in a replicate that has ended."""
    plan, operations = trial.plan, trial.plan.operations
    patients = _patients(trial)
    days = trial.complete + 1
    visits = _visits(trial, patients)
    screened = np.array(trial.screened, dtype=np.int64)
    site = np.array(trial.found.site, dtype=np.int64)[screened]
    time = np.array(trial.found.time)[screened]
    second = np.array(trial.found.again)[screened]
    over = trial.over_at if trial.over_at is not None else math.inf
    again = second[second <= over]
    outcome = np.array(trial.found.outcome, dtype=np.int64)[screened]
    monitored = _monitoring_days(patients, visits.last, operations.data_flow.monitoring)
    last_visit = int(visits.last.max(initial=-1))
    locked = max(last_visit + operations.data_flow.lock, trial.complete) if len(patients.site) else trial.complete
    ledger = Ledger(operations.costs)
    if operations.costs.any:
        opened = trial.found.arrivals.opened
        ledger.pay_sites(opened[opened <= over], _site_ends(trial, patients, visits.last, over)[opened <= over])
        ledger.pay("patient_screened", np.concatenate([time, again]))
        ledger.pay("patient_randomised", patients.ready)
        ledger.pay("visit", visits.days)
        ledger.pay("monitoring_visit", monitored)
        ledger.pay_per_day("project_day", 0.0, float(locked), 1.0)
        if trial.pharmacy is not None:
            made = np.array(trial.pharmacy.batches).reshape(-1, 2)
            ledger.pay("kit", made[:, 0], made[:, 1])
            ledger.pay("shipment", [one[0] for one in trial.pharmacy.shipped])
    reasons = len(operations.screening.reasons)
    sites = operations.recruitment.n_sites
    return TrialLog(
        replicate=trial.replicate,
        reason=trial.reason,
        recruitment_ended=over,
        opened=trial.found.arrivals.opened,
        closed=_closed(trial),
        screened=np.bincount(site, minlength=sites),
        screened_again=len(again),
        failed=np.bincount(outcome[(outcome >= 0)], minlength=reasons),
        fates=dict(zip(FATES, trial.fates, strict=True)),
        screened_times=time,
        screened_again_times=np.sort(again),
        patients=patients,
        analyses=tuple(trial.looks.analyses),
        last_patient_in=int(patients.day[-1]) if len(patients.day) else -1,
        last_visit=last_visit,
        complete=trial.complete,
        locked=locked,
        enrolled_by_day=np.cumsum(np.bincount(patients.day, minlength=days)[:days]),
        in_state=_in_state(patients, days, plan.trial.states.size),
        visits=len(visits.days),
        queries=int(visits.queried),
        verified=int(visits.verified),
        monitoring_visits=len(monitored),
        drug=None if trial.pharmacy is None else _drug(trial.pharmacy, trial.patients),
        wards=tuple(_ward(ward, days) for ward in trial.bedside.wards),
        costs=ledger.items,
        events=next(trial.calendar._eid),
    )


def _patients(trial: Replicate) -> Patients:
    found, courses, wards = trial.patients, trial.plan.courses, len(trial.plan.others)

    site, number, stratum, arm = (column(found, name) for name in ("site", "number", "stratum", "arm"))
    if trial.plan.reader is None:
        states = courses.states(trial.replicate, arm, stratum, site, number)
    else:
        states = states_of(found, courses.horizon + 1)
    formulary = trial.plan.formulary
    kits = [[]] * len(courses.arms) if formulary is None else formulary.kits
    once = np.array([sum(number for _, number in one) for one in kits], dtype=np.int64)
    return Patients(
        site,
        number,
        np.array([one.screened for one in found]),
        np.array([one.ready for one in found]),
        column(found, "day"),
        stratum,
        arm,
        column(found, "late"),
        column(found, "given") * once[arm],
        column(found, "missed"),
        courses.first_day_in(states, courses.unseen),
        np.array([one.turned_away for one in found] if wards else [], dtype=np.bool_).reshape(len(found), wards),
        np.array([one.places for one in found] if wards else [], dtype=np.int64).reshape(len(found), wards),
        np.array([_stays(one, courses.horizon) for one in found] if wards else []).reshape(len(found), wards),
        states,
    )


def _stays(patient: Patient, horizon: int) -> list[float]:
    """Days with a place in each ward; who has one at the end has it to the end of her follow-up."""
    held = [one == PLACE for one in patient.held]
    since = zip(held, patient.since, strict=True)
    rest = [max(horizon + 1.0 - day, 0.0) if has else 0.0 for has, day in since]
    return [stayed + more for stayed, more in zip(patient.stayed, rest, strict=True)]


class _Visits:
    """Visits of all patients: their days, the last of each patient (n,), and how many were questioned and verified."""

    def __init__(self, days: Integers, last: Integers, queried: int, verified: int) -> None:
        self.days, self.last, self.queried, self.verified = days, last, queried, verified


def _visits(trial: Replicate, patients: Patients) -> _Visits:
    flow, horizon = trial.plan.operations.data_flow, trial.plan.courses.horizon
    planned = np.array(flow.visits, dtype=np.int64)
    here = planned < patients.left[:, None]
    number = here.sum(axis=1)
    last = patients.day + np.minimum(patients.left, horizon)
    if len(planned):
        last = patients.day + np.where(number > 0, planned[np.maximum(number - 1, 0)], 0)
    days = (patients.day[:, None] + planned)[here]
    if not len(patients.site) or (flow.queried == 0.0 and flow.verified == 0.0):
        return _Visits(days, last, 0, 0)
    words = addressed(trial.plan.seed, Purpose.VISIT, trial.replicate, patients.site, patients.number) * UNIT
    queried, verified = words[:, 1] < flow.queried, words[:, 3] < flow.verified
    return _Visits(days, last, number[queried].sum(), number[verified].sum())


def _monitoring_days(patients: Patients, last: Integers, every: int) -> Integers:
    """Days of the visits to sites: every so many days from the first patient of a site on, the first that is not before
    the last visit of a patient being the last."""
    sites, at = np.unique(patients.site, return_inverse=True)
    first, end = np.full(len(sites), np.iinfo(np.int64).max), np.zeros(len(sites), dtype=np.int64)
    np.minimum.at(first, at, patients.day)
    np.maximum.at(end, at, last)
    site, number = steps_of(-(-(end - first) // every))
    return first[site] + every * (number + 1)


def _closed(trial: Replicate) -> Floats:
    """When each site (J,) takes nobody any more, by its caps or its last day."""
    found: Floats = np.minimum(np.array(trial.doors.closed), trial.plan.operations.recruitment.closing)
    return found


def _site_ends(trial: Replicate, patients: Patients, last: Integers, over: float) -> Floats:
    """When each site (J,) is closed: when recruitment there is over and the last visit of its patients was."""
    ends: Floats = np.minimum(_closed(trial), over)
    np.maximum.at(ends, patients.site, last.astype(np.float64))
    return ends


def _in_state(patients: Patients, days: int, size: int) -> Integers:
    """Patients (T, S) under follow-up by state at the end of each day."""
    day = patients.day[:, None] + np.arange(patients.states.shape[1])
    place = np.minimum(day, days) * size + patients.states
    found: Integers = np.bincount(place.ravel(), minlength=(days + 1) * size).reshape(-1, size)[:days]
    return found


def _drug(pharmacy: Pharmacy, patients: list[Patient]) -> Drug:
    used = [0] * len(pharmacy.made)
    for one in patients:
        for p, kits in pharmacy.formulary.kits[one.arm]:
            used[p] += one.given * kits
    return Drug(
        np.array(pharmacy.made),
        np.array(used),
        np.array(pharmacy.expired),
        np.array([stock.kits for stock in pharmacy.depot]),
        np.array(pharmacy.sites_in_stock),
        np.array(pharmacy.in_transit),
        np.array(pharmacy.missed),
        len(pharmacy.shipped),
        sum(one[2] for one in pharmacy.shipped),
    )


def _ward(places: Places, days: int) -> WardLog:
    ends = np.arange(1, days + 1)
    taken = np.searchsorted(np.array(places.taken), ends) - np.searchsorted(np.array(places.left), ends)
    return WardLog(
        places.ward.name,
        places.others_came,
        places.others_turned_away,
        places.came,
        places.got,
        places.turned_away,
        places.most_taken,
        taken,
    )
