"""One replicate of a trial: a calendar of events, from the first site that opens to the last datum that comes in."""

from __future__ import annotations

import math
from bisect import bisect_right
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import NDArray

from jaksim.operations.events.altered_course import AlteredCourses, Change
from jaksim.operations.events.arrivals import PASSES, Arrivals
from jaksim.operations.events.calendar import LAST, Calendar, Happening
from jaksim.operations.events.candidates import Candidates, Reading
from jaksim.operations.events.closing import write_log
from jaksim.operations.events.log import FATES, TrialLog
from jaksim.operations.events.looks import Decide, Looks
from jaksim.operations.events.pharmacy import ELSEWHERE, Pharmacy
from jaksim.operations.events.places import PLACE, WITHOUT, Places

if TYPE_CHECKING:
    from jaksim.operations.events.conductor import Conductor

RANDOMISED, FAILED, NO_KIT, NO_KIT_ANYWHERE, CAPPED, PAUSED, TOO_LATE = range(len(FATES))
_NEVER: Final = np.iinfo(np.int64).max


class Taking:
    """A patient who takes drug: since when, until which of her days, the next dispensing by number, and at how many
    she was given kits or missed them."""

    __slots__ = ("arm", "given", "missed", "ready", "site", "turn", "until")

    def __init__(self, site: int, arm: int, ready: float) -> None:
        self.site, self.arm, self.ready = site, arm, ready
        self.turn, self.given, self.missed, self.until = 1, 0, 0, 0


class Replicate:
    """The state of one trial while it runs. What happens to whom follows from the events; what is random, from the
    addresses of sites, patients, orders and the board, never from the order of the events."""

    def __init__(self, plan: Conductor, replicate: int, delay: int, decide: Decide | None) -> None:
        self.plan, self.replicate = plan, replicate
        self.arrivals = Arrivals(plan.recruiter, replicate)
        self.target = plan.trial.population.patients
        until = plan.operations.recruitment.until
        bound = self.arrivals.enough_for(self.target)
        first_other = min((one.start for one in plan.others), default=0)
        self.calendar = Calendar(first_other)
        self.over = self.calendar.event()
        """Recruitment is over; its value says why."""
        self.end = self.calendar.event()
        self.looks = Looks(self.calendar, plan.agenda, self, delay, plan.operations.board.pause, decide)
        self.pharmacy = (
            None
            if plan.formulary is None
            else Pharmacy(self.calendar, plan.formulary, self.arrivals.opened.tolist(), until, plan.seed, replicate)
        )
        if self.pharmacy is not None:
            self.over.callbacks.append(self.pharmacy.recruitment_over)
        follow_up = plan.trial.horizon + plan.operations.data_flow.entry.longest + 2.0
        self.wards = [
            Places(self.calendar, one, plan.seed, replicate, bound + follow_up, self._place_given)
            for one in plan.others
        ]
        self.altered = AlteredCourses(plan.courses) if any(w.ward.rule == "stay" for w in self.wards) else None
        plan.randomiser.restart()
        sites = plan.recruiter.sites
        self._country, self._cap = sites.country.tolist(), sites.cap.tolist()
        self._country_cap = sites.country_cap.tolist()
        self._country_sites = np.bincount(sites.country, minlength=len(self._country_cap)).tolist()
        self.at_site, self._in_country = [0] * len(self._cap), [0] * len(self._country_cap)
        self.closed = [math.inf] * len(self._cap)
        self._shut = [False] * len(self._cap)
        self._asks_first = plan.operations.supply is not None and plan.operations.supply.without_kit == "turned away"
        self._dispensing = () if plan.operations.supply is None else plan.operations.supply.dispensing
        self._last_turn = len(self._dispensing)
        self._on_dispensing, self._on_known, self._on_ready = [self._dispense], [self._known], [self._is_ready]
        self._on_screening, self._screening = [self._screen], Happening(self.calendar, [], None)
        self._horizon = plan.trial.horizon
        self._never = self._horizon + 1

        # Everybody who is drawn, in order of screening; and those of them who are screened at all.
        self.time: list[float] = []
        self.again: list[float] = []
        self.ready: list[float] = []
        self.site: list[int] = []
        self.number: list[int] = []
        self.outcome: list[int] = []
        self._candidate: list[int] = []
        self.screened: list[int] = []
        self.fates = [0] * len(FATES)
        self.found = Candidates()
        self._next = 0
        self._in_screening = 0
        self._pauses = 0
        self.over_at: float | None = None
        self.reason = ""

        # Those who are randomised.
        self.who: list[int] = []
        self.entry: list[int] = []
        self.arm: list[int] = []
        self.taking: list[Taking] = []
        self.reading: list[tuple[Reading, int]] = []
        self.held: list[list[str | None]] = []
        self.changes: list[list[Change]] = []
        self.version: list[int] = []
        self.complete_on: list[int] = []
        self.event_on: list[int] = []
        self.ward_turn: list[list[int]] = []
        self.turned_away: dict[tuple[int, int], bool] = {}
        self.places: dict[tuple[int, int], int] = {}
        self._factors: list[dict[int, tuple[float, float]]] = []
        self._bound = 0.0
        self._draw(bound)

    @property
    def enrolled(self) -> int:
        """Patients randomised so far."""
        return len(self.who)

    def conduct(self) -> TrialLog:
        """Let everything happen."""
        self._follow()
        self.calendar.run_to(self.end)
        return write_log(self)

    # Screening

    def _draw(self, until: float) -> None:
        """Draw who is screened before a day."""
        arrivals, plan = self.arrivals, self.plan
        drawn = arrivals.until(until)
        passes = drawn.outcome == PASSES
        places = np.cumsum(passes) - 1 + len(self.found.stratum)
        self._candidate.extend(places.tolist())
        plan.source.add(self.found, drawn, np.flatnonzero(passes), self.replicate)
        self.time.extend(drawn.time.tolist())
        self.again.extend(drawn.again.tolist())
        self.ready.extend(drawn.ready.tolist())
        self.site.extend(drawn.site.tolist())
        self.number.extend(drawn.number.tolist())
        self.outcome.extend(drawn.outcome.tolist())
        self._bound = until

    def _follow(self) -> None:
        """Put the next screening into the calendar."""
        if self._next < len(self.time):
            self.calendar.once_more(self.time[self._next], self._on_screening, self._screening)
        elif self._bound < self.arrivals.last:
            self.calendar.at(self._bound, self._draw_more)
        elif not self._in_screening:
            self._out_of_patients()

    def _draw_more(self, _: Any) -> None:
        if self.over_at is None:
            self._draw(min(1.3 * self._bound + 30.0, self.arrivals.last))
            self._follow()

    def _screen(self, _: Any) -> None:
        """A patient comes to a site and is screened, unless it takes nobody."""
        if self.over_at is not None:
            return
        i = self._next
        self._next = i + 1
        if not self._shut[self.site[i]] and not self._pauses:
            self.screened.append(i)
            if self.outcome[i] != PASSES:
                self.fates[FAILED] += 1
            elif self.ready[i] <= self.calendar.now:
                self._randomise(i)
            else:
                self._in_screening += 1
                self.calendar.soon(self.ready[i], self._on_ready, i)
        self._follow()

    def _is_ready(self, event: Any) -> None:
        self._in_screening -= 1
        if self.over_at is not None:
            self.fates[TOO_LATE] += 1
            return
        self._randomise(event._value)
        if self._next == len(self.time) and self._bound >= self.arrivals.last and not self._in_screening:
            self._out_of_patients()

    # Randomisation

    def _randomise(self, i: int) -> None:
        """A patient who passed screening is randomised, unless something stands against it."""
        site = self.site[i]
        if self._shut[site]:
            self.fates[CAPPED] += 1
            return
        if self._pauses:
            self.fates[PAUSED] += 1
            return
        pharmacy = self.pharmacy
        if self._asks_first:
            assert pharmacy is not None
            lacking = pharmacy.lacks(site)
            if lacking is not None:
                elsewhere = pharmacy.where_else(site, lacking, 1) == ELSEWHERE
                self.fates[NO_KIT if elsewhere else NO_KIT_ANYWHERE] += 1
                return
        c, now = self._candidate[i], self.ready[i]
        found = self.found
        arm = self.plan.randomiser.arm(found.stratum[c], site, found.word[c])
        patient, day = len(self.who), int(now)
        self.fates[RANDOMISED] += 1
        self.who.append(i)
        self.entry.append(day)
        self.arm.append(arm)
        self._fill(site, now)
        if found.readings:
            self._read(patient, c, arm)
        if pharmacy is not None:
            self._give(patient, site, arm, now)
        for w in range(len(self.wards)):
            self._need(patient, w)
        if patient + 1 == self.target:
            self.stop("full")
        self.looks.one_more()

    def _fill(self, site: int, now: float) -> None:
        """Count a patient, and shut the site or country whose last she is."""
        self.at_site[site] += 1
        country = self._country[site]
        self._in_country[country] += 1
        if self.at_site[site] == self._cap[site]:
            self._shut[site] = True
            self.closed[site] = now
        if self._in_country[country] == self._country_cap[country]:
            for other, its in enumerate(self._country):
                if its == country:
                    self._shut[other] = True
                    self.closed[other] = min(self.closed[other], now)

    def _read(self, patient: int, candidate: int, arm: int) -> None:
        """What is known of the course of a patient, now that her arm is."""
        chunk = bisect_right(self.found.first, candidate) - 1
        row = candidate - self.found.first[chunk]
        self.reading.append((self.found.readings[chunk][arm], row))
        self.version.append(0)
        if self.wards:
            self.held.append([None] * len(self.wards))
            self.ward_turn.append([0] * len(self.wards))
            self.changes.append([])
            self._factors.append({})
        if self.plan.agenda.watched:
            self.complete_on.append(_NEVER)
            self.event_on.append(_NEVER)
            self._note_outcomes(patient, -1.0)

    def _note_outcomes(self, patient: int, since: float) -> None:
        """When outcomes and events of a patient are in the data; those that an analysis waits for go into the calendar,
        later than a time."""
        reading, row = self.reading[patient]
        agenda = self.plan.agenda
        c = self._candidate[self.who[patient]]
        if (self.arm[patient], self.found.stratum[c]) not in agenda.counts:
            return
        start = self.entry[patient] + self.found.late[c]
        complete, event = reading.known[agenda.endpoint]
        self.complete_on[patient] = start + complete[row]
        self.event_on[patient] = start + event[row] if event[row] < self._never else _NEVER
        if self.looks.watching:
            version = self.version[patient]
            for (what, name), counter in self.looks.outcomes:
                after = reading.known[name][what == "events"][row]
                if after < self._never and start + after > since:
                    self.calendar.soon(float(start + after), self._on_known, (patient, version, counter))

    def _known(self, event: Any) -> None:
        patient, version, counter = event._value
        if self.version[patient] == version:
            counter[0] += 1
            self.looks.check()

    # The board

    def pause(self) -> None:
        """Nobody is screened or randomised for now."""
        self._pauses = 1

    def resume(self) -> None:
        """Recruitment goes on."""
        self._pauses = 0

    def stop(self, why: str) -> None:
        """Recruitment is over, and the trial when the data of everybody are complete."""
        if self.over_at is not None:
            return
        self.over_at, self.reason = self.calendar.now, why
        self.over.succeed(why)
        late = self.found.late
        last = max((day + late[self._candidate[i]] for day, i in zip(self.entry, self.who, strict=True)), default=-1)
        self.complete = last + self._horizon if self.who else int(self.calendar.now)
        self.end_at = max(self.complete + 1.0, math.ceil(self.calendar.now) + 0.0)
        self.calendar.at(self.end_at, self._finish, None, LAST)

    def _out_of_patients(self) -> None:
        """Nobody else comes, which is known on the last day."""
        self.calendar.at(max(self.arrivals.last, self.calendar.now), self._give_up)

    def _give_up(self, _: Any) -> None:
        if not (self.arrivals.opened <= self.plan.operations.recruitment.until).any():
            why = "no site has opened by the last day of recruitment"
        elif not self.screened:
            why = "nobody has come by the last day of recruitment"
        else:
            why = "the last day of recruitment has passed"
        self.stop(why)

    def _finish(self, _: Any) -> None:
        self.fates[TOO_LATE] += self._in_screening
        self.looks.close(self.complete)
        self.end.succeed()

    def in_data(self, day: int) -> tuple[int, int]:
        """Complete outcomes, and events, of the monitored endpoint that are in the data by the end of a day."""
        if not self.plan.agenda.watched:
            return len(self.who), 0
        complete, event = np.array(self.complete_on), np.array(self.event_on)
        return int((complete <= day).sum()), int((event <= day).sum())

    # Drug

    def _give(self, patient: int, site: int, arm: int, now: float) -> None:
        """Give a patient who has just been randomised her first kits, and put the next time into the calendar."""
        assert self.pharmacy is not None
        taking = Taking(site, arm, now)
        self.taking.append(taking)
        self.pharmacy.expect(site, arm, now)
        if self.pharmacy.dispense(site, arm, now):
            taking.given = 1
        else:
            taking.missed = 1
        if len(self._dispensing) > 1:
            reading, row = self.reading[patient]
            taking.until = reading.undrugged[row]
            self.calendar.soon(now + self._dispensing[1], self._on_dispensing, taking)
        else:
            self.pharmacy.done(site)

    def _dispense(self, event: Any) -> None:
        """Dispense once more, unless the patient takes no drug any longer."""
        taking, pharmacy, days = event._value, self.pharmacy, self._dispensing
        turn, site = taking.turn, taking.site
        if days[turn] >= taking.until:
            pharmacy.done(site)  # type: ignore[union-attr]
            return
        if pharmacy.dispense(site, taking.arm, taking.ready + days[turn]):  # type: ignore[union-attr]
            taking.given += 1
        else:
            taking.missed += 1
        taking.turn = turn = turn + 1
        if turn < self._last_turn:
            self.calendar.once_more(taking.ready + days[turn], self._on_dispensing, event)
        else:
            pharmacy.done(site)  # type: ignore[union-attr]

    # Wards

    def _need(self, patient: int, w: int) -> None:
        """Put into the calendar when a patient next comes to need a place or no longer does."""
        i = self.who[patient]
        if not self.wards[w].has[self.site[i]]:
            return
        reading, row = self.reading[patient]
        days = reading.needs[w].get(row, ())
        turn = self.ward_turn[patient][w]
        if turn < len(days):
            time = self.ready[i] + days[turn]
            self.calendar.at(max(time, self.calendar.now), self._turn, (patient, w, self.version[patient]))

    def _turn(self, event: Any) -> None:
        patient, w, version = event._value
        if self.version[patient] != version:
            return
        reading, row = self.reading[patient]
        turn = self.ward_turn[patient][w]
        day = float(reading.needs[w][row][turn])
        self.ward_turn[patient][w] = turn + 1
        self._need(patient, w)
        site, ward = self.site[self.who[patient]], self.wards[w]
        if turn % 2:
            how = self.held[patient][w]
            self.held[patient][w] = None
            ward.go(patient, site, how or "")
            if how == WITHOUT:
                self._change(patient, w, 1.0, 1.0, day)
            return
        how = ward.come(patient, site)
        self.held[patient][w] = how
        if how == PLACE:
            self.places[patient, w] = self.places.get((patient, w), 0) + 1
        else:
            self.turned_away[patient, w] = True
            if how == WITHOUT:
                self._change(patient, w, ward.ward.worse, ward.ward.better, day)

    def _place_given(self, patient: int, ward: Places) -> None:
        """A patient who has waited gets a place."""
        w = self.wards.index(ward)
        self.held[patient][w] = PLACE
        self.places[patient, w] = self.places.get((patient, w), 0) + 1
        self._change(patient, w, 1.0, 1.0, self.calendar.now - self.ready[self.who[patient]])

    def _change(self, patient: int, w: int, worse: float, better: float, since: float) -> None:
        """From a day of hers on the intensities of a patient are other ones; what was foreseen of her is void."""
        own = self._factors[patient]
        before = self._product(own)
        own[w] = (worse, better)
        after = self._product(own)
        if after == before:
            return
        assert self.altered is not None
        i = self.who[patient]
        c = self._candidate[i]
        cell = self.arm[patient] * self.plan.courses.n_strata + self.found.stratum[c]
        self.changes[patient].append((since, *after))
        states = self.altered.states(cell, self.site[i], self.number[i], self.replicate, self.changes[patient])
        self._foresee_anew(patient, states)

    @staticmethod
    def _product(own: dict[int, tuple[float, float]]) -> tuple[float, float]:
        return math.prod(one[0] for one in own.values()), math.prod(one[1] for one in own.values())

    def _foresee_anew(self, patient: int, states: NDArray[np.int8]) -> None:
        """Put what is left of a changed course into the calendar."""
        assert self.plan.reader is not None
        self.reading[patient] = self.plan.reader.read(states[None]), 0
        self.version[patient] += 1
        # What was in the data by now stays there: it was read off the days before the change, which are as they were.
        self._note_outcomes(patient, self.calendar.now)
        for w in range(len(self.wards)):
            self._need(patient, w)
        if self.taking:
            reading, row = self.reading[patient]
            if reading.undrugged:
                self.taking[patient].until = reading.undrugged[row]
