"""Patients who come to need a place in a ward, and what becomes of them when there is none."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from jaksim.operations.events.calendar import Calendar
from jaksim.operations.events.course.changing import Changing
from jaksim.operations.events.patient import Patient
from jaksim.operations.events.plan import Plan
from jaksim.operations.events.wards.places import PLACE, WITHOUT, Places


class Bedside:
    """Follows the daily states of patients into and out of the wards.

    A patient who stays without a place has other intensities until she gets one or needs it no longer.
    """

    def __init__(self, calendar: Calendar, plan: Plan, replicate: int, until: float, changing: Changing) -> None:
        self._calendar, self._changing = calendar, changing
        self.wards = [
            Places(calendar, one, plan.seed, replicate, until, self._place_given(w))
            for w, one in enumerate(plan.others)
        ]

    def begin(self, patient: Patient) -> None:
        """A patient has just been randomised."""
        patient.enter_wards(len(self.wards))
        for w in range(len(self.wards)):
            self._foresee(patient, w)

    def foresee(self, patient: Patient) -> None:
        """What was foreseen of a patient is void, if she is in the wards' sight at all."""
        for w in range(len(patient.turns)):
            self._foresee(patient, w)

    def _foresee(self, patient: Patient, w: int) -> None:
        """Put into the calendar when a patient next comes to need a place or no longer does."""
        reading = patient.reading
        if reading is None or not self.wards[w].has[patient.site]:
            return
        days = reading.needs[w].get(patient.row, ())
        turn = patient.turns[w]
        if turn < len(days):
            time = max(patient.ready + days[turn], self._calendar.now)
            self._calendar.at(time, self._turn, (patient, w, patient.version))

    def _turn(self, event: Any) -> None:
        """The need of a patient begins or ends."""
        patient, w, version = event._value
        if patient.version != version:
            return
        turn = patient.turns[w]
        day = float(patient.reading.needs[w][patient.row][turn])
        patient.turns[w] = turn + 1
        self._foresee(patient, w)
        if turn % 2:
            self._no_need(patient, w, day)
        else:
            self._need(patient, w, day)

    def _need(self, patient: Patient, w: int, day: float) -> None:
        place = self.wards[w]
        how = place.come(patient, patient.site)
        patient.held[w] = how
        if how == PLACE:
            patient.places[w] += 1
            patient.since[w] = day
            return
        patient.turned_away[w] = True
        if how == WITHOUT:
            self._change(patient, w, place.ward.worse, place.ward.better, day)

    def _no_need(self, patient: Patient, w: int, day: float) -> None:
        how, patient.held[w] = patient.held[w], None
        if how == PLACE:
            patient.stayed[w] += day - patient.since[w]
        self.wards[w].go(patient, patient.site, how or "")
        if how == WITHOUT:
            self._change(patient, w, 1.0, 1.0, day)

    def _place_given(self, w: int) -> Callable[[Patient], None]:
        """What happens when a patient who has waited gets a place."""

        def given(patient: Patient) -> None:
            patient.held[w] = PLACE
            patient.places[w] += 1
            patient.since[w] = self._calendar.now - patient.ready
            self._change(patient, w, 1.0, 1.0, patient.since[w])

        return given

    def _change(self, patient: Patient, w: int, worse: float, better: float, since: float) -> None:
        """From a day of hers on the intensities of a patient are other ones; what was foreseen of her is void."""
        patient.factors[w] = (worse, better)
        self._changing.note(patient, since)
