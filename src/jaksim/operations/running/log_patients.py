"""The patients of a log: who was screened, with what outcome, and who was randomised."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from jaksim.errors import InputError
from jaksim.operations.running.log import NEVER, PASSED, PENDING, UNKNOWN, ScreenedSoFar, SitesSoFar
from jaksim.operations.running.log_rows import Row, fault
from jaksim.trial.operations.screening import Screening

SCREENING = ("screened", "failed", "randomised")


@dataclass
class Patient:
    """What the log has of one patient, by event, in the order of days."""

    name: str
    rows: dict[str, list[Row]] = field(default_factory=dict)

    def all(self, event: str) -> list[Row]:
        """Her rows of one event."""
        return self.rows.get(event, [])

    def day(self, event: str) -> int:
        """The day of the first of them, `NEVER` without any."""
        found = self.all(event)
        return found[0].day if found else NEVER


def patients_of(rows: Sequence[Row]) -> dict[str, Patient]:
    """All patients, in the order in which they appear in the log."""
    found: dict[str, Patient] = {}
    for row in sorted((r for r in rows if r.patient), key=lambda r: r.number):
        found.setdefault(row.patient, Patient(row.patient)).rows.setdefault(row.event, []).append(row)
    for patient in found.values():
        for of_event in patient.rows.values():
            of_event.sort(key=lambda r: r.day)
    return found


def check_order(
    patients: Mapping[str, Patient], sites: SitesSoFar, places: Mapping[str, int], screening: Screening, where: str
) -> None:
    """`InputError` for what cannot have happened to patients, with the rows that say so."""
    everybody = list(patients.values())
    most = 2 if screening.rescreened > 0.0 else 1
    often = "twice where the plan screens again" if most == 1 else "at most twice, the second time after a failure"
    fault("patients screened too often", _beyond(everybody, "screened", most), where, often)
    fault("patients who fail too often", _failing_too_often(everybody), where, "one row 'failed' for each 'screened'")
    fault("patients randomised twice", _beyond(everybody, "randomised", 1), where, "one row for each patient")
    fault("patients who die twice", _beyond(everybody, "died", 1), where, "one row for each patient")
    unscreened = [p.rows[e][0] for p in everybody for e in ("failed", "randomised") if p.day(e) < p.day("screened")]
    fault("patients without a screening by then", unscreened, where, "a row 'screened' on the same day or before")
    both = [
        p.rows["failed"][-1]
        for p in everybody
        if p.all("randomised") and len(p.all("failed")) == len(p.all("screened"))
    ]
    fault("patients who failed and are randomised", both, where, "one of the two after each screening")
    early = [
        p.all("screened")[1] for p in everybody
        if len(p.all("screened")) > 1 and p.all("screened")[1].day < p.day("failed")
    ]  # fmt: skip
    fault("patients screened twice without a failure between", early, where, "a row 'failed' between the two")
    shown = [r for p in everybody for e in ("score", "died") for r in p.all(e) if r.day < p.day("randomised")]
    fault("scores and deaths of patients not randomised by then", shown, where, "a row 'randomised' before")
    moved = [
        r for p in everybody for of in p.rows.values() for r in of
        if r.site and p.all("screened") and places[r.site] != places[p.all("screened")[0].site]
    ]  # fmt: skip
    fault("patients at another site than where they were screened", moved, where, "the same site, or none")
    closed = [
        r for p in everybody for r in p.all("screened")
        if not sites.opened[places[r.site]] <= r.day
    ]  # fmt: skip
    fault("patients screened at a site that is not activated", closed, where, "a row 'activated' of the site before")
    late = [r for p in everybody for r in p.all("screened")[:1] if r.day > sites.last_day[places[r.site]]]
    fault("patients screened at a site that is closed", late, where, "screenings up to the day of the row 'closed'")


def _beyond(patients: Sequence[Patient], event: str, most: int) -> Iterator[Row]:
    for patient in patients:
        yield from patient.all(event)[most:]


def _failing_too_often(patients: Sequence[Patient]) -> Iterator[Row]:
    for patient in patients:
        if patient.all("screened"):
            yield from patient.all("failed")[len(patient.all("screened")) :]


def screened_so_far(
    patients: Mapping[str, Patient], places: Mapping[str, int], screening: Screening, where: str
) -> ScreenedSoFar:
    """Everybody screened, by day and in the order of the log within a day."""
    everybody = sorted(patients.values(), key=lambda p: p.day("screened"))
    outcomes = [_outcome(patient, screening, where) for patient in everybody]
    return ScreenedSoFar(
        tuple(patient.name for patient in everybody),
        np.array([places[p.all("screened")[0].site] for p in everybody], dtype=np.int64),
        np.array([p.day("screened") for p in everybody], dtype=np.int64),
        np.array([p.all("screened")[-1].day for p in everybody], dtype=np.int64),
        *(np.array([one[k] for one in outcomes], dtype=np.int64) for k in range(3)),
    )


def _outcome(patient: Patient, screening: Screening, where: str) -> tuple[int, int, int]:
    """Outcome of the last screening, the day on which it was known, and why the first failed if there is a second."""
    screened, failed, randomised = (patient.all(event) for event in SCREENING)
    reasons = [_reason(row, screening, where) for row in failed]
    first = reasons[0] if len(screened) > 1 else UNKNOWN
    if randomised:
        return PASSED, randomised[0].day, first
    if len(failed) == len(screened):
        return reasons[-1], failed[-1].day, first
    return PENDING, UNKNOWN, first


def _reason(row: Row, screening: Screening, where: str) -> int:
    """The number of a reason of the plan, that of reasons where the log says none."""
    names = [reason.name for reason in screening.reasons]
    if row.reason and row.reason not in names:
        raise InputError(
            f"row {row.number} has a reason that the plan does not have",
            where=where, allowed=names or "none, or reasons in operations.screening", got=row.reason,
        )  # fmt: skip
    return names.index(row.reason) if row.reason else len(names)
