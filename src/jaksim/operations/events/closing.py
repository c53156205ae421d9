"""The log of a replicate, once everything has happened."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from jaksim.arrays import Booleans, Floats, Integers
from jaksim.operations.events.costing import Ledger
from jaksim.operations.events.draws import UNIT, block
from jaksim.operations.events.log import FATES, Drug, Patients, TrialLog, WardLog
from jaksim.operations.events.places import Places
from jaksim.rng import Purpose

if TYPE_CHECKING:
    from jaksim.operations.events.pharmacy import Pharmacy
    from jaksim.operations.events.replicate import Replicate, Taking


def write_log(trial: Replicate) -> TrialLog:
    """What happened in a replicate that has ended."""
    plan, operations = trial.plan, trial.plan.operations
    patients = _patients(trial)
    days = trial.complete + 1
    visits = _visits(trial, patients)
    screened = np.array(trial.screened, dtype=np.int64)
    site = np.array(trial.site, dtype=np.int64)[screened]
    time = np.array(trial.time)[screened]
    second = np.array(trial.again)[screened]
    over = trial.over_at if trial.over_at is not None else math.inf
    again = second[second <= over]
    outcome = np.array(trial.outcome, dtype=np.int64)[screened]
    monitored = _monitoring_days(patients, visits.last, operations.data_flow.monitoring)
    last_visit = int(visits.last.max(initial=-1))
    locked = max(last_visit + operations.data_flow.lock, trial.complete) if len(patients.site) else trial.complete
    ledger = Ledger(operations.costs)
    if operations.costs.any:
        opened = trial.arrivals.opened
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
    sites = len(trial.at_site)
    return TrialLog(
        replicate=trial.replicate,
        reason=trial.reason,
        recruitment_ended=over,
        opened=trial.arrivals.opened,
        closed=np.array(trial.closed),
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
        drug=None if trial.pharmacy is None else _drug(trial.pharmacy, trial.taking),
        wards=tuple(_ward(ward, days) for ward in trial.wards),
        costs=ledger.items,
        events=next(trial.calendar._eid),
    )


def _patients(trial: Replicate) -> Patients:
    i = np.array(trial.who, dtype=np.int64)
    c = np.array(trial._candidate, dtype=np.int64)[i]
    site, number = np.array(trial.site, dtype=np.int64)[i], np.array(trial.number, dtype=np.int64)[i]
    stratum = np.array(trial.found.stratum, dtype=np.int64)[c]
    arm = np.array(trial.arm, dtype=np.int64)
    courses = trial.plan.courses
    if trial.reading or not len(i):
        rows = [reading.states[row] for reading, row in trial.reading]
        states = np.array(rows, dtype=np.int8).reshape(len(i), courses.horizon + 1)
    else:
        states = courses.states(trial.replicate, arm, stratum, site, number)
    wards = len(trial.wards)
    turned_away: Booleans = np.zeros((len(i), wards), dtype=np.bool_)
    for patient, w in trial.turned_away:
        turned_away[patient, w] = True
    places = np.zeros((len(i), wards), dtype=np.int64)
    for (patient, w), times in trial.places.items():
        places[patient, w] = times
    return Patients(
        site,
        number,
        np.array(trial.time)[i],
        np.array(trial.ready)[i],
        np.array(trial.entry, dtype=np.int64),
        stratum,
        arm,
        np.array(trial.found.late, dtype=np.int64)[c],
        *_given(trial, arm),
        courses.first_day_in(states, courses.unseen),
        turned_away,
        places,
        states,
    )


def _given(trial: Replicate, arm: Integers) -> tuple[Integers, Integers]:
    """Kits given to each patient (n,), and dispensings that she missed."""
    formulary = trial.plan.formulary
    if formulary is None:
        return np.zeros(len(arm), dtype=np.int64), np.zeros(len(arm), dtype=np.int64)
    once = np.array([sum(kits for _, kits in one) for one in formulary.kits])
    given = np.array([one.given for one in trial.taking], dtype=np.int64)
    missed = np.array([one.missed for one in trial.taking], dtype=np.int64)
    return given * once[arm], missed


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
    words = block(trial.plan.seed, Purpose.VISIT, trial.replicate, patients.site, patients.number) * UNIT
    queried, verified = words[:, 1] < flow.queried, words[:, 3] < flow.verified
    return _Visits(days, last, number[queried].sum(), number[verified].sum())


def _monitoring_days(patients: Patients, last: Integers, every: int) -> Integers:
    """Days of the visits to sites: every so many days from the first patient of a site on, the first that is not before
    the last visit of a patient being the last."""
    found = []
    for site in np.unique(patients.site):
        mine = patients.site == site
        first, end = int(patients.day[mine].min()), int(last[mine].max())
        found.append(np.arange(first + every, end + every, every))
    return np.concatenate(found) if found else np.empty(0, dtype=np.int64)


def _site_ends(trial: Replicate, patients: Patients, last: Integers, over: float) -> Floats:
    """When each site (J,) is closed: when recruitment there is over and the last visit of its patients was."""
    ends: Floats = np.minimum(np.array(trial.closed), over)
    np.maximum.at(ends, patients.site, last.astype(np.float64))
    return ends


def _in_state(patients: Patients, days: int, size: int) -> Integers:
    """Patients (T, S) under follow-up by state at the end of each day."""
    day = patients.day[:, None] + np.arange(patients.states.shape[1])
    place = np.minimum(day, days) * size + patients.states
    found: Integers = np.bincount(place.ravel(), minlength=(days + 1) * size).reshape(-1, size)[:days]
    return found


def _drug(pharmacy: Pharmacy, taking: list[Taking]) -> Drug:
    used = [0] * len(pharmacy.made)
    for one in taking:
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
