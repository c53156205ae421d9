"""When outcomes of patients are in the data base."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from jaksim.operations.events.calendar import Calendar
from jaksim.operations.events.data.looks import Agenda, Looks
from jaksim.operations.events.patient import NEVER, Patient


class DataBase:
    """Tells the analyses of outcomes and events that come in, of patients whom the monitored analysis uses."""

    def __init__(self, calendar: Calendar, agenda: Agenda, looks: Looks, horizon: int) -> None:
        self._calendar, self._agenda, self._looks, self._horizon = calendar, agenda, looks, horizon
        self._happens = [self._known]

    def foresee(self, patient: Patient, since: float = -1.0) -> None:
        """Note when outcome and event of a patient come in; what an analysis waits for goes into the calendar, later
        than a time."""
        agenda, reading, row = self._agenda, patient.reading, patient.row
        if reading is None or not agenda.watched or (patient.arm, patient.stratum) not in agenda.counts:
            return
        start = patient.day + patient.late
        complete, event = reading.known[agenda.endpoint]
        patient.complete_on = start + complete[row]
        patient.event_on = start + event[row] if event[row] <= self._horizon else NEVER
        if self._looks.watching:
            for (what, name), counter in self._looks.outcomes:
                after = reading.known[name][what == "events"][row]
                if after <= self._horizon and start + after > since:
                    self._calendar.soon(float(start + after), self._happens, (patient, patient.version, counter))

    def holds(self, patients: Sequence[Patient], day: int) -> tuple[int, int]:
        """Complete outcomes, and events, of the monitored endpoint that are there by the end of a day."""
        if not self._agenda.watched:
            return len(patients), 0
        complete = np.array([one.complete_on for one in patients])
        event = np.array([one.event_on for one in patients])
        return int((complete <= day).sum()), int((event <= day).sum())

    def _known(self, event: Any) -> None:
        patient, version, counter = event._value
        if patient.version == version:
            counter[0] += 1
            self._looks.check()
