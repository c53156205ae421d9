"""When patients are given drug."""

from __future__ import annotations

from typing import Any

from jaksim.operations.events.calendar import Calendar
from jaksim.operations.events.course.changing import Changing
from jaksim.operations.events.patient import Patient
from jaksim.operations.events.supply.pharmacy import Pharmacy


class Dispensing:
    """Gives patients their kits on the planned days since randomisation for as long as they take drug.

    From a missed dispensing until the next kit a patient of an arm that `loses` by it has other intensities.
    """

    def __init__(self, calendar: Calendar, pharmacy: Pharmacy, loses: list[bool], changing: Changing) -> None:
        self._calendar, self._pharmacy, self._loses, self._changing = calendar, pharmacy, loses, changing
        self._days = pharmacy.supply.dispensing
        self._last = len(self._days) - 1
        self._happens = [self._again]

    def begin(self, patient: Patient) -> None:
        """A patient has just been randomised."""
        site, pharmacy = patient.site, self._pharmacy
        patient.takes = pharmacy.takes[site][patient.arm]
        if self._last:
            self.foresee(patient)
        pharmacy.expect(patient)
        if pharmacy.dispense(site, patient.takes):
            patient.given = 1
        else:
            self._miss(patient, 0)
        if self._last:
            self._calendar.soon(patient.ready + self._days[1], self._happens, patient)
        else:
            pharmacy.done(site)

    def _miss(self, patient: Patient, day: int) -> None:
        patient.missed += 1
        if self._loses[patient.arm]:
            patient.undosed = True
            self._changing.note(patient, float(day))

    def foresee(self, patient: Patient) -> None:
        """Until when a patient takes drug follows from her course."""
        reading = patient.reading
        if reading is not None and reading.undrugged:
            patient.until = reading.undrugged[patient.row]

    def _again(self, event: Any) -> None:
        patient: Patient = event._value
        turn = patient.turn
        if self._days[turn] >= patient.until:
            self._pharmacy.done(patient.site)
            return
        if self._pharmacy.dispense(patient.site, patient.takes):
            patient.given += 1
            if patient.undosed:
                patient.undosed = False
                self._changing.note(patient, float(self._days[turn]))
        else:
            self._miss(patient, self._days[turn])
        if turn < self._last:
            patient.turn = turn = turn + 1
            self._calendar.once_more(patient.ready + self._days[turn], self._happens, event)
        else:
            self._pharmacy.done(patient.site)
