"""One replicate of a trial: a calendar of events, from the first site that opens to the last datum that comes in."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from jaksim.operations.data_delays import board_delays
from jaksim.operations.events.calendar import LAST, Calendar, Happening
from jaksim.operations.events.course.changing import Changing
from jaksim.operations.events.data.data_base import DataBase
from jaksim.operations.events.data.looks import Decide, Looks
from jaksim.operations.events.log import FATES
from jaksim.operations.events.patient import Patient
from jaksim.operations.events.plan import Plan
from jaksim.operations.events.recruiting.arrivals import PASSES
from jaksim.operations.events.recruiting.candidates import Candidates
from jaksim.operations.events.recruiting.doors import Doors
from jaksim.operations.events.supply.dispensing import Dispensing
from jaksim.operations.events.supply.pharmacy import ELSEWHERE, Pharmacy
from jaksim.operations.events.wards.bedside import Bedside

RANDOMISED, FAILED, NO_KIT, NO_KIT_ANYWHERE, CAPPED, PAUSED, TOO_LATE = range(len(FATES))


class Replicate:
    """A trial while it runs. What happens to whom follows from the events; what is random, from the addresses of sites,
    patients, orders and the board, never from the order of the events."""

    def __init__(self, plan: Plan, replicate: int, decide: Decide | None = None) -> None:
        operations = plan.operations
        self.plan, self.replicate = plan, replicate
        self.found = Candidates(plan, replicate)
        self.doors = Doors(plan.recruiter)
        # Other patients are in the wards before the trial begins.
        self.calendar = calendar = Calendar(min((one.start for one in plan.others), default=0))
        self.over, self.end = calendar.event(), calendar.event()
        """Recruitment is over, and so is the trial."""
        self._changing = changing = Changing(plan, replicate, self._course_changed)
        self.pharmacy: Pharmacy | None = None
        self._dispensing: Dispensing | None = None
        if plan.formulary is not None:
            opened, until = self.found.arrivals.opened.tolist(), operations.recruitment.until
            self.pharmacy = Pharmacy(calendar, plan.formulary, opened, until, self.doors.shut, plan.seed, replicate)
            self._dispensing = Dispensing(calendar, self.pharmacy, plan.courses.loses, changing)
            self.over.callbacks.append(self.pharmacy.recruitment_over)
        delay = int(board_delays(operations.board, plan.seed, np.array([replicate]))[0])
        self.looks = Looks(calendar, plan.agenda, self, delay, operations.board.pause, decide)
        self._data = DataBase(calendar, plan.agenda, self.looks, plan.trial.horizon)
        follow_up = plan.trial.horizon + operations.data_flow.entry.longest + 2.0
        self.bedside = Bedside(calendar, plan, replicate, self.found.until + follow_up, changing)
        self._asks_first = operations.supply is not None and operations.supply.without_kit == "turned away"
        self._randomiser = plan.randomiser.anew()
        self.screened: list[int] = []
        """Those of the candidates who are screened."""
        self.fates = [0] * len(FATES)
        self.patients: list[Patient] = []
        self.over_at: float | None = None
        self.complete, self.reason = -1, ""
        self._next = self._in_screening = 0
        self._paused = False
        self._screening, self._comes = Happening(calendar, [], None), [self._screen]
        self._becomes_ready = [self._is_ready]

    def conduct(self) -> None:
        """Let everything happen."""
        self._follow()
        self.calendar.run_to(self.end)

    # Screening

    def _follow(self) -> None:
        """Put the next screening into the calendar."""
        found = self.found
        if self._next < len(found.time):
            self.calendar.once_more(found.time[self._next], self._comes, self._screening)
        elif not found.are_all:
            self.calendar.at(found.until, self._draw_more)
        elif not self._in_screening:
            self._out_of_patients()

    def _draw_more(self, _: Any) -> None:
        if self.over_at is None:
            self.found.more()
            self._follow()

    def _screen(self, _: Any) -> None:
        """A patient comes to a site and is screened, unless it takes nobody."""
        if self.over_at is not None:
            return
        i, found = self._next, self.found
        self._next = i + 1
        if not self.doors.shut[found.site[i]]:
            self.screened.append(i)
            if found.outcome[i] != PASSES:
                self.fates[FAILED] += 1
            elif found.ready[i] <= found.time[i]:
                self._randomise(i)
            else:
                self._in_screening += 1
                self.calendar.soon(found.ready[i], self._becomes_ready, i)
        self._follow()

    def _is_ready(self, event: Any) -> None:
        """What the screening of a patient who passes took is over."""
        self._in_screening -= 1
        if self.over_at is not None:
            self.fates[TOO_LATE] += 1
            return
        self._randomise(event._value)
        if not self._in_screening and self._next == len(self.found.time) and self.found.are_all:
            self._out_of_patients()

    # Randomisation

    def _randomise(self, i: int) -> None:
        """A patient who passed screening is randomised, unless something stands against it."""
        found = self.found
        site, place = found.site[i], found.place[i]
        refused = self._refusal(site)
        if refused is not None:
            self.fates[refused] += 1
            return
        arm = self._randomiser.arm(found.stratum[place], site, found.word[place])
        patient = found.patient(i, arm)
        self.fates[RANDOMISED] += 1
        self.patients.append(patient)
        self.doors.enter(site, patient.ready)
        self._data.foresee(patient)
        if self._dispensing is not None:
            self._dispensing.begin(patient)
        if self.bedside.wards:
            self.bedside.begin(patient)
        if len(self.patients) == self.plan.target:
            self.stop("full")
        self.looks.one_more()

    def _refusal(self, site: int) -> int | None:
        """What stands against randomising a patient of a site."""
        if self.doors.shut[site]:
            return CAPPED
        if self._paused:
            return PAUSED
        if self._asks_first and self.pharmacy is not None:
            lacking = self.pharmacy.lacks(site)
            if lacking is not None:
                product, kits = lacking
                return NO_KIT if self.pharmacy.where_else(product, kits) == ELSEWHERE else NO_KIT_ANYWHERE
        return None

    def _course_changed(self, patient: Patient) -> None:
        """What was foreseen of a patient is void."""
        self.bedside.foresee(patient)
        # What is in the data by now stays there: it was read off the days before the change, which are as they were.
        self._data.foresee(patient, self.calendar.now)
        if self._dispensing is not None:
            self._dispensing.foresee(patient)

    # The board

    def pause(self) -> None:
        """Nobody is randomised for now; whoever is ready meanwhile is turned away."""
        self._paused = True

    def resume(self) -> None:
        """Recruitment goes on."""
        self._paused = False

    def in_data(self, day: int) -> tuple[int, int]:
        """Complete outcomes, and events, of the monitored endpoint that are in the data by the end of a day."""
        return self._data.holds(self.patients, day)

    def stop(self, why: str) -> None:
        """Recruitment is over, and the trial when the data of everybody are complete."""
        if self.over_at is not None:
            return
        now = self.calendar.now
        self.over_at, self.reason = now, why
        self.over.succeed(why)
        self.complete = int(now)
        if self.patients:
            self.complete = max(one.day + one.late for one in self.patients) + self.plan.trial.horizon
        self.calendar.at(max(self.complete + 1.0, math.ceil(now)), self._finish, None, LAST)

    # The end

    def _out_of_patients(self) -> None:
        """Nobody else comes, which is known on the last day."""
        self.calendar.at(max(self.found.arrivals.last, self.calendar.now), self._give_up)

    def _give_up(self, _: Any) -> None:
        if not (self.found.arrivals.opened <= self.plan.operations.recruitment.until).any():
            self.stop("no site has opened by the last day of recruitment")
        elif not self.screened:
            self.stop("nobody has come by the last day of recruitment")
        else:
            self.stop("the last day of recruitment has passed")

    def dissolve(self) -> None:
        """Let go of everything, at the very end: its parts know each other, and would live on."""
        wards = self.bedside.wards
        for part in (
            *wards,
            self.bedside,
            self._changing,
            self.pharmacy,
            self._dispensing,
            self.looks,
            self._data,
            self.calendar,
            self,
        ):
            if part is not None:
                vars(part).clear()

    def _finish(self, _: Any) -> None:
        self.fates[TOO_LATE] += self._in_screening
        self.looks.close(self.complete)
        self.end.succeed()
