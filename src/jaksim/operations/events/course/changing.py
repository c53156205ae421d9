"""Changes of the intensities of a patient while her trial runs: without a place in a ward, and without drug."""

from __future__ import annotations

import math
from collections.abc import Callable

from jaksim.operations.events.course.altered_course import UNCHANGED
from jaksim.operations.events.patient import Patient
from jaksim.operations.events.plan import Plan


class Changing:
    """Walks the course of a patient again, on the same numbers, when her intensities become other ones, and tells
    `changed`: what was foreseen of her is void then."""

    def __init__(self, plan: Plan, replicate: int, changed: Callable[[Patient], None]) -> None:
        self._plan, self._replicate, self._changed = plan, replicate, changed

    def note(self, patient: Patient, since: float) -> None:
        """Look at what the patient has and lacks from a day of hers on."""
        own = patient.factors.values()
        now = (math.prod(one[0] for one in own), math.prod(one[1] for one in own), patient.undosed)
        before = patient.changes[-1][1:] if patient.changes else UNCHANGED
        if now == before:
            return
        plan = self._plan
        assert plan.reader is not None
        patient.changes = [*patient.changes, (since, *now)]
        cell = patient.arm * plan.courses.n_strata + patient.stratum
        states = plan.altered.states(cell, patient.site, patient.number, self._replicate, patient.changes)
        patient.reading, patient.row = plan.reader.read(states[None]), 0
        patient.version += 1
        self._changed(patient)
