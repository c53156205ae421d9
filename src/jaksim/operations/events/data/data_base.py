"""When outcomes of patients are in the data base."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

import numpy as np

from jaksim.operations.events.calendar import Calendar
from jaksim.operations.events.data.looks import Agenda, Counter, Looks
from jaksim.operations.events.patient import NEVER, Patient


class DataBase:
    """Tells the analyses of outcomes and events that come in, of patients whom the monitored analysis uses."""

    def __init__(self, calendar: Calendar, agenda: Agenda, looks: Looks, horizon: int) -> None:
        self._calendar, self._agenda, self._looks, self._horizon = calendar, agenda, looks, horizon
        self._news: defaultdict[int, list[tuple[Patient, int, Counter]]] = defaultdict(list)
        """By day on which outcomes come in that an analysis waits for: whose, by which version of her course, and what
        counts them."""

    def foresee(self, patient: Patient, since: float = -1.0) -> None:
        """Note when outcome and event of a patient come in, and for later than a time what an analysis waits for."""
        agenda, reading, row = self._agenda, patient.reading, patient.row
        if reading is None or not agenda.watched or (patient.arm, patient.stratum) not in agenda.counts:
            return
        start = patient.day + patient.late
        complete, event = reading.known[agenda.endpoint]
        patient.complete_on = start + complete[row]
        patient.event_on = start + event[row] if event[row] <= self._horizon else NEVER
        if self._looks.watching:
            for name, kind, counter in self._looks.outcomes:
                after = reading.known[name][kind][row]
                if after <= self._horizon and start + after > since:
                    self._come_in(start + after, patient, counter)

    def holds(self, patients: Sequence[Patient], day: int) -> tuple[int, int]:
        """Complete outcomes, and events, of the monitored endpoint that are there by the end of a day."""
        if not self._agenda.watched:
            return len(patients), 0
        complete = np.array([one.complete_on for one in patients])
        event = np.array([one.event_on for one in patients])
        return int((complete <= day).sum()), int((event <= day).sum())

    def _come_in(self, day: int, patient: Patient, counter: Counter) -> None:
        news = self._news[day]
        if not news:
            self._calendar.at(float(day), self._known, day)
        news.append((patient, patient.version, counter))

    def _known(self, event: Any) -> None:
        """All outcomes of a day are in the data."""
        for patient, version, counter in self._news.pop(event._value):
            if patient.version == version:
                counter[0] += 1
        self._looks.check()
